import { type Cryptography, digest, fromBase64, type HashName, toBase64 } from '@yinglian/core';
import { canonicalBytes, type CanonicalOptions, type XmlElement } from '@yinglian/xml';

/**
 * How the hash of a header or body is made. ST 430-4 names Canonical XML 1.0; the other readings
 * are met in devices and are told as what they are.
 */
const READINGS: readonly (readonly [name: string, options: CanonicalOptions])[] = [
  ['c14n', {}],
  ['c14n-with-comments', { comments: true }],
  ['exclusive', { exclusive: true }],
];

/** The usual reading, which is written here. */
export const USUAL_READING = 'c14n';

/**
 * The hash of a part of a record within its report. Inclusive canonical form depends on what is
 * declared around the part and on nothing else, so that a tree of three elements stands for a
 * report of any size.
 */
export function partHash(
  root: XmlElement,
  record: XmlElement,
  part: XmlElement,
  cryptography: Cryptography,
  hash: HashName = 'sha1',
): string {
  return toBase64(digest(cryptography, hash, partBytes(root, record, part, {})));
}

function partBytes(
  root: XmlElement,
  record: XmlElement,
  part: XmlElement,
  options: CanonicalOptions,
): Uint8Array {
  const inner = { ...record, children: [part] };
  // A single record is its own root.
  const tree = root === record ? inner : { ...root, children: [inner] };
  return canonicalBytes(tree, part, options);
}

const HASHES: ReadonlyMap<number, HashName> = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
]);

/**
 * The reading under which a part has a hash; undefined where none gives it. Which hash it is, its
 * length tells: SHA-1 in ST 430-4, SHA-256 in later devices.
 */
export function hashReading(
  root: XmlElement,
  record: XmlElement,
  part: XmlElement,
  expected: string,
  cryptography: Cryptography,
): string | undefined {
  const wanted = bytesOf(expected);
  const hash = HASHES.get(wanted?.length ?? 0);
  if (wanted === undefined || hash === undefined) return undefined;
  const text = toBase64(wanted);
  return READINGS.find(
    ([, options]) =>
      toBase64(digest(cryptography, hash, partBytes(root, record, part, options))) === text,
  )?.[0];
}

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}
