import { base64Lines } from '@yinglian/xml';

/** PEM (RFC 7468): `CERTIFICATE`, `PRIVATE KEY` (PKCS#8), `PUBLIC KEY` (SubjectPublicKeyInfo). */
export function writePem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${base64Lines(der)}\n-----END ${label}-----\n`;
}

/** A chain as one PEM text, leaf first. */
export function writePemChain(chain: readonly { readonly der: Uint8Array }[]): string {
  return chain.map(({ der }) => writePem('CERTIFICATE', der)).join('');
}
