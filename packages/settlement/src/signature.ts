import { encodeUtf8, finding, type Finding, fromBase64 } from '@yinglian/core';
import { z } from 'zod';
import { canonicalText, toJson } from './json.ts';

/** Who signs a statement: whoever draws it up, and whoever accepts it. */
export type SignerRole = 'issuer' | 'acceptor';

const base64 = z.string().max(200).refine(isBase64);

/** RFC 4648 strictly; what is none would throw when it is read. */
function isBase64(text: string): boolean {
  try {
    fromBase64(text);
    return true;
  } catch {
    return false;
  }
}

/** A signature as a bundle carries it; the key is SubjectPublicKeyInfo in base64. */
export const statementSignatureSchema = z.strictObject({
  role: z.enum(['issuer', 'acceptor']),
  algorithm: z.literal('Ed25519'),
  organisation: z.string().max(300),
  publicKey: base64,
  signature: base64,
  signedAt: z.string().max(40),
});
/** One signature on a statement. */
export type StatementSignature = z.infer<typeof statementSignatureSchema>;

/** Verifies Ed25519 (RFC 8032): public key in SubjectPublicKeyInfo, message, signature. */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** The bytes that are signed: the role first, so that no signature stands for another's. */
export function statementSignedBytes(statement: object, role: SignerRole): Uint8Array {
  const text = canonicalText(toJson(statement));
  return encodeUtf8(`yinglian-statement-signature/1\n${role}\n${text}`);
}

/** What the receiver knows of keys from elsewhere. */
export type SignatureOptions = {
  readonly verifyEd25519?: VerifyEd25519;
  /** Keys that the receiver trusts, in base64; without them a key is only shown. */
  readonly trustedKeys?: readonly string[];
};

/** What the signatures of a bundle are worth. */
export function checkSignatures(
  statement: object,
  signatures: readonly StatementSignature[],
  { verifyEd25519, trustedKeys }: SignatureOptions,
): Finding[] {
  return signatures.map((each) => {
    const facts = { organisation: each.organisation, role: each.role, key: each.publicKey };
    if (verifyEd25519 === undefined) return finding('unchecked_signature', 'warning', { facts });
    const [publicKey, signature] = [fromBase64(each.publicKey), fromBase64(each.signature)];
    const message = statementSignedBytes(statement, each.role);
    if (!verifyEd25519(publicKey, message, signature))
      return finding('mismatched_signature', 'error', { facts });
    if (trustedKeys === undefined) return finding('unknown_key', 'note', { facts });
    return trustedKeys.includes(each.publicKey)
      ? finding('matched_signature', 'success', { facts })
      : finding('untrusted_key', 'error', { facts });
  });
}
