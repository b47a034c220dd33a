import { createPublicKey, verify } from 'node:crypto';

/**
 * Whether an Ed25519 signature (RFC 8032) holds. The key is SubjectPublicKeyInfo; anything that is
 * no such key or no signature does not hold.
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, signature);
  } catch {
    return false;
  }
}
