import { concatBytes, encodeUtf8 } from '@yinglian/core';
import type { KeyPair, Sealing } from './sealing.ts';

/**
 * Hybrid public key encryption in base mode (RFC 9180), single shot, with DHKEM(P-256,
 * HKDF-SHA256) and HKDF-SHA256. A share of a bid's key is encrypted to its opener with it.
 */
export type HybridText = {
  /** The ephemeral public point. */
  readonly enc: Uint8Array;
  readonly cipher: Uint8Array;
};

/** What both sides know: the protocol's name and what the text is bound to. */
export type HybridContext = { readonly info: Uint8Array; readonly aad: Uint8Array };

/** AES-GCM of RFC 9180 section 7.3, by the bytes of its key. */
export type HybridKeyBytes = 16 | 32;

/** KEM 0x0010, KDF 0x0001 (RFC 9180 sections 7.1 and 7.2). */
const KEM_ID = [0x00, 0x10];
const KDF_ID = [0x00, 0x01];
const AEAD_ID: Readonly<Record<HybridKeyBytes, readonly number[]>> = {
  16: [0x00, 0x01],
  32: [0x00, 0x02],
};
const VERSION = encodeUtf8('HPKE-v1');
const KEM_SUITE = new Uint8Array([...encodeUtf8('KEM'), ...KEM_ID]);
const NONCE_BYTES = 12;
const SECRET_BYTES = 32;
const MODE_BASE = new Uint8Array([0]);
const NOTHING = new Uint8Array(0);

/** Encrypts to a public point. The ephemeral pair is made fresh; tests give a known one. */
export async function hybridSeal(
  sealing: Sealing,
  recipient: Uint8Array,
  context: HybridContext & { readonly plain: Uint8Array },
  more: { readonly ephemeral?: KeyPair; readonly keyBytes?: HybridKeyBytes } = {},
): Promise<HybridText | undefined> {
  const ephemeral = more.ephemeral ?? (await sealing.newAgreementKey());
  const agreed = await sealing.agree(ephemeral.privateKey, recipient);
  if (agreed === undefined) return undefined;
  const enc = ephemeral.publicKey;
  const schedule = { agreed, enc, recipient, info: context.info };
  const { key, nonce } = await keySchedule(sealing, schedule, more.keyBytes ?? 32);
  const text = { nonce, aad: context.aad, text: context.plain };
  return { enc, cipher: await sealing.encryptGcm(key, text) };
}

/** Decrypts with a pair; undefined when it was not sealed to it, or not for this context. */
export async function hybridOpen(
  sealing: Sealing,
  recipient: KeyPair,
  context: HybridContext & HybridText,
  keyBytes: HybridKeyBytes = 32,
): Promise<Uint8Array | undefined> {
  const { enc, info, aad, cipher } = context;
  const agreed = await sealing.agree(recipient.privateKey, enc);
  if (agreed === undefined) return undefined;
  const schedule = { agreed, enc, recipient: recipient.publicKey, info };
  const { key, nonce } = await keySchedule(sealing, schedule, keyBytes);
  return sealing.decryptGcm(key, { nonce, aad, text: cipher });
}

type Schedule = {
  readonly agreed: Uint8Array;
  readonly enc: Uint8Array;
  readonly recipient: Uint8Array;
  readonly info: Uint8Array;
};

/** RFC 9180 sections 4.1 (ExtractAndExpand) and 5.1 (KeySchedule). */
async function keySchedule(sealing: Sealing, given: Schedule, keyBytes: HybridKeyBytes) {
  const kem = labelled(sealing, KEM_SUITE);
  const eaePrk = await kem.extract(NOTHING, 'eae_prk', given.agreed);
  const kemContext = concatBytes(given.enc, given.recipient);
  const shared = await kem.expand(eaePrk, 'shared_secret', kemContext, SECRET_BYTES);
  const suite = concatBytes(
    encodeUtf8('HPKE'),
    new Uint8Array([...KEM_ID, ...KDF_ID, ...AEAD_ID[keyBytes]]),
  );
  const { extract, expand } = labelled(sealing, suite);
  const pskHash = await extract(NOTHING, 'psk_id_hash', NOTHING);
  const infoHash = await extract(NOTHING, 'info_hash', given.info);
  const context = concatBytes(MODE_BASE, pskHash, infoHash);
  const secret = await extract(shared, 'secret', NOTHING);
  return {
    key: await expand(secret, 'key', context, keyBytes),
    nonce: await expand(secret, 'base_nonce', context, NONCE_BYTES),
  };
}

/** LabeledExtract and LabeledExpand; nothing asked for here is longer than one hash. */
function labelled(sealing: Sealing, suite: Uint8Array) {
  return {
    extract: (salt: Uint8Array, label: string, material: Uint8Array) =>
      sealing.hmacSha256(salt, concatBytes(VERSION, suite, encodeUtf8(label), material)),
    async expand(secret: Uint8Array, label: string, info: Uint8Array, length: number) {
      const head = new Uint8Array([length >> 8, length & 0xff]);
      const one = new Uint8Array([1]);
      const block = concatBytes(head, VERSION, suite, encodeUtf8(label), info, one);
      return (await sealing.hmacSha256(secret, block)).slice(0, length);
    },
  };
}
