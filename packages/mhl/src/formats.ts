import { fromHex, toHex } from '@yinglian/core';

/**
 * Hash formats of ASC MHL, in the order the schema demands of a record. `xxh32` is MHL v1's alone:
 * ASC MHL knows no such element.
 */
export const HASH_FORMATS = ['c4', 'md5', 'sha1', 'xxh128', 'xxh3', 'xxh64'] as const;
/** A hash format of ASC MHL v2. */
export type HashFormat = (typeof HASH_FORMATS)[number];
/** A hash format that a file may be checked by, MHL v1's among them. */
export type AnyHashFormat = HashFormat | 'xxh32';

/** The algorithm that gives the bytes; C4 is a spelling of SHA-512. */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha512' | 'xxh128' | 'xxh3' | 'xxh32' | 'xxh64';

/** Whether a text names a format of ASC MHL v2. */
export function isHashFormat(name: string): name is HashFormat {
  return (HASH_FORMATS as readonly string[]).includes(name);
}

/** The algorithm of a format. */
export function algorithmOf(format: AnyHashFormat): HashAlgorithm {
  return format === 'c4' ? 'sha512' : format;
}

const DIGEST_BYTES: Readonly<Record<HashAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha512: 64,
  xxh128: 16,
  xxh3: 8,
  xxh32: 4,
  xxh64: 8,
};

/** Bytes of a digest. */
export function digestBytes(algorithm: HashAlgorithm): number {
  return DIGEST_BYTES[algorithm];
}

/** Without 0, O, I and l: SMPTE ST 2114. */
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const C4_PREFIX = 'c4';
const C4_DIGITS = 88;
const BASE58_VALUE = new Map([...BASE58].map((digit, value) => [digit, BigInt(value)]));

/** A C4 identifier of a SHA-512 digest: `c4` and 88 digits of base 58 (SMPTE ST 2114). */
export function encodeC4(digest: Uint8Array): string {
  let value = digest.length === 0 ? 0n : BigInt(`0x${toHex(digest)}`);
  let digits = '';
  while (value > 0n) {
    // Nine digits at once: a BigInt division costs the same for a small and a larger divisor.
    let part = Number(value % BASE58_STEP);
    value /= BASE58_STEP;
    for (let i = 0; i < STEP_DIGITS; i++) {
      digits = BASE58[part % 58]! + digits;
      part = Math.floor(part / 58);
    }
  }
  return C4_PREFIX + digits.slice(-C4_DIGITS).padStart(C4_DIGITS, BASE58[0]);
}

/** 58 to the power of 9 stays below 2^53, so that the rest is an exact number. */
const STEP_DIGITS = 9;
const BASE58_STEP = 58n ** BigInt(STEP_DIGITS);

/** The digest of a C4 identifier; undefined when it is none. */
export function decodeC4(text: string): Uint8Array | undefined {
  if (text.length !== C4_PREFIX.length + C4_DIGITS || !text.startsWith(C4_PREFIX)) return undefined;
  let value = 0n;
  for (const digit of text.slice(C4_PREFIX.length)) {
    const digitValue = BASE58_VALUE.get(digit);
    if (digitValue === undefined) return undefined;
    value = value * 58n + digitValue;
  }
  if (value >> 512n !== 0n) return undefined;
  return fromHex(value.toString(16).padStart(2 * DIGEST_BYTES.sha512, '0'));
}

/** A digest as manifests spell it: lower-case hexadecimal, or the C4 identifier. */
export function encodeHash(format: AnyHashFormat, digest: Uint8Array): string {
  return format === 'c4' ? encodeC4(digest) : toHex(digest);
}

/** The digest a spelling stands for; undefined when it is not one of that format. */
export function decodeHash(format: AnyHashFormat, text: string): Uint8Array | undefined {
  if (format === 'c4') return decodeC4(text);
  const digits = DIGEST_BYTES[algorithmOf(format)] * 2;
  return text.length === digits && /^[0-9a-f]+$/i.test(text) ? fromHex(text) : undefined;
}

/** A hash as it was read. */
export type ReadHash = {
  readonly value: string;
  /** Zeros had been lost at its front: a frequent fault of tools that print 64-bit integers. */
  readonly padded: boolean;
};

/**
 * The one spelling of a hash, so that two can be compared as texts: hexadecimal in lower case, with
 * the zeros at its front that some tools lose. Undefined when it is no hash of that format.
 */
export function normaliseHash(format: AnyHashFormat, text: string): ReadHash | undefined {
  if (format === 'c4')
    return decodeC4(text) === undefined ? undefined : { value: text, padded: false };
  const digits = DIGEST_BYTES[algorithmOf(format)] * 2;
  if (text.length === 0 || text.length > digits || !/^[0-9a-f]+$/i.test(text)) return undefined;
  // So many zeros at random are no accident: that is a cut hash, not a lost zero.
  if (digits - text.length > ZEROS_LOST_MAX) return undefined;
  return { value: text.toLowerCase().padStart(digits, '0'), padded: text.length !== digits };
}

/** One hash in 16 million begins with more zeros than this. */
const ZEROS_LOST_MAX = 6;
