import type { Certificate } from '@yinglian/certificates';
import type { PrivateKeyBytes, Uuid } from '@yinglian/core';
import type { CertificateMemory } from './memory.ts';
import type { ContentKey, ForensicMarking, Formulation, KdmTime, KdmWindow } from './model.ts';

/** Who signs messages. */
export type KdmSigner = {
  /** Leaf first, up to the root. */
  readonly chain: readonly Certificate[];
  readonly privateKey: PrivateKeyBytes;
};

/** What all messages of one batch share: a composition, its keys, a signer. */
export type KdmBatch = {
  readonly cplId: Uuid;
  readonly contentTitle: string;
  /** `interop` writes blocks of 134 bytes and allows no DCI formulation. */
  readonly standard: 'smpte' | 'interop';
  readonly keys: readonly ContentKey[];
  /** Key ids of the composition, where it is at hand: none may be missing or foreign. */
  readonly cplKeyIds?: readonly Uuid[];
  readonly signer: KdmSigner;
  readonly issueDate: KdmTime;
  /** Chain of the CPL's signer, where the composition is at hand and signed. */
  readonly cplSigner?: readonly Certificate[];
  readonly forensic?: ForensicMarking;
  /**
   * Thumbprint of a certificate in the chain of the CPL's signer, for the DCI formulations.
   * Left out, that of the CPL's signer; where that is not known, of the KDM's signer, as issuers do
   * who also signed the composition.
   */
  readonly contentAuthenticator?: string;
  /**
   * `chain`: a recipient comes with its certificates up to a root. `leaf`: the leaf alone will do,
   * with a warning: cinemas often have nothing else to send.
   */
  readonly recipientTrust?: 'chain' | 'leaf';
  /** Roots that recipients' chains must end in; left out, any. */
  readonly trustedRoots?: readonly Certificate[];
  /** Shared by batches that go to the same screens; see {@link CertificateMemory}. */
  readonly memory?: CertificateMemory;
};

/** One message: who may play, when, on what. */
export type KdmRecipient = {
  /** Leaf first: the media block's certificate for keys, and those above it. */
  readonly chain: readonly Certificate[];
  readonly window: KdmWindow;
  readonly formulation: Formulation;
  /** Devices of the suite beside the recipient, for the formulations that list them. */
  readonly trustedDevices?: readonly (Certificate | string)[];
  /** Remote secure blocks of the suite; with several, a formulation that lists them is due. */
  readonly remoteDevices?: number;
  readonly annotation?: string;
  readonly deviceListDescription?: string;
  /** Fresh ones unless given. */
  readonly messageId?: Uuid;
  readonly deviceListId?: Uuid;
};
