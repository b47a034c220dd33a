import { encodeUtf8 } from '@yinglian/core';

/**
 * Base64 straight into bytes. Ciphers and signatures are most of a message; as strings they would
 * be built by thousands of small joins and then encoded again.
 */

const ALPHABET = encodeUtf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
const LINE_FEED = 0x0a;
/** 48 bytes are a line of 64 characters (RFC 7468). */
const LINE_BYTES = 48;

/** Characters of {@link writeBase64Lines} for that many bytes. */
export function base64LinesLength(bytes: number): number {
  return Math.ceil(bytes / 3) * 4 + Math.max(0, Math.ceil(bytes / LINE_BYTES) - 1);
}

/** Writes base64 in lines at a place of `target`; returns the place after it. */
export function writeBase64Lines(target: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i += 3) {
    if (i > 0 && i % LINE_BYTES === 0) target[at++] = LINE_FEED;
    const left = bytes.length - i;
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    target[at++] = ALPHABET[group >> 18]!;
    target[at++] = ALPHABET[(group >> 12) & 63]!;
    target[at++] = left > 1 ? ALPHABET[(group >> 6) & 63]! : PAD;
    target[at++] = left > 2 ? ALPHABET[group & 63]! : PAD;
  }
  return at;
}
