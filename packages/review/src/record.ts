import { canonicalJson, encodeUtf8 } from '@yinglian/core';

/** What a reviewer may say of a version as a whole. */
export const DECISIONS = Object.freeze(['approved', 'changes', 'rejected'] as const);
/** One of {@link DECISIONS}. */
export type Decision = (typeof DECISIONS)[number];

/**
 * A reviewer's word on exactly one version: its bytes by their digest, not by a name that
 * may be given again. The organisation signs these facts (Ed25519 over {@link recordBytes}).
 */
export type ApprovalRecord = {
  readonly kind: 'yinglian.approval';
  readonly format: 1;
  readonly id: string;
  readonly asset: {
    readonly id: string;
    readonly title: string;
    /** SHA-256 of the delivered original, `sha256:…`. */
    readonly original: string;
    /** Of what was watched; null where it was the original itself. */
    readonly watched: string | null;
    readonly frames: number | null;
    readonly frameRate: string | null;
  };
  readonly decision: Decision;
  readonly text: string;
  readonly reviewer: {
    readonly id: string;
    readonly name: string;
    readonly organisation: string;
  };
  /** ISO 8601, of the server. */
  readonly decidedAt: string;
  /** The record of the same reviewer that this one takes the place of. */
  readonly replaces: string | null;
};

/** A record with the proof that travels beside it. */
export type SignedRecord = {
  readonly record: ApprovalRecord;
  readonly signature: {
    readonly algorithm: 'Ed25519';
    readonly organisation: string;
    /** SubjectPublicKeyInfo in base64. */
    readonly publicKey: string;
    readonly signature: string;
  };
};

/** Keeps a signature of a record from being one of anything else. */
const DOMAIN = 'yinglian.approval.1\n';

/** The bytes that are signed: canonical JSON (RFC 8785) in UTF-8. */
export function recordBytes(record: ApprovalRecord): Uint8Array {
  return encodeUtf8(`${DOMAIN}${canonicalJson(record)}`);
}
