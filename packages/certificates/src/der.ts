import { concatBytes, encodeUtf8, toHex } from '@yinglian/core';

/**
 * The part of DER (ITU-T X.690) that certificates are made of. Reading is strict: definite, minimal
 * lengths and tags below 31 only, because two encodings of one certificate have two thumbprints.
 */

export const TAG = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
});

/** What is no DER; caught where a certificate is read, never seen by callers. */
export class DerFault extends Error {
  override readonly name = 'DerFault';
}

/**
 * One value by its places in the bytes it was read from. Certificates are read by the thousand, and
 * a view for each of their sixty values would cost the collector more than reading them.
 */
export type DerValue = {
  readonly tag: number;
  readonly bytes: Uint8Array;
  /** Of the tag, of the contents, and after them. */
  readonly begin: number;
  readonly from: number;
  readonly end: number;
};

/** The contents as a view. */
export function contentsOf(value: DerValue): Uint8Array {
  return value.bytes.subarray(value.from, value.end);
}

/** Tag, length and contents as a view. */
export function wholeOf(value: DerValue): Uint8Array {
  return value.bytes.subarray(value.begin, value.end);
}

/** One value at `offset`, before `limit`; what follows it is left alone. */
export function readDer(bytes: Uint8Array, offset = 0, limit: number = bytes.length): DerValue {
  if (offset + 2 > limit) throw new DerFault('value is cut short');
  const tag = bytes[offset]!;
  const first = bytes[offset + 1]!;
  if ((tag & 0x1f) === 0x1f) throw new DerFault('tag above 30');
  let length = first;
  let from = offset + 2;
  if (first > 0x7f) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerFault('length is indefinite or too long');
    from += count;
    length = 0;
    for (let at = offset + 2; at < from; at++) {
      length = length * 256 + (at < limit ? bytes[at]! : 0);
    }
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerFault('length is not minimal');
  }
  const end = from + length;
  if (end > limit) throw new DerFault('value is cut short');
  return { tag, bytes, begin: offset, from, end };
}

/** Values one after the other until the end of the bytes. */
export function readAll(bytes: Uint8Array): DerValue[] {
  return readBetween(bytes, 0, bytes.length);
}

function readBetween(bytes: Uint8Array, from: number, end: number): DerValue[] {
  const values: DerValue[] = [];
  for (let at = from; at < end;) {
    const value = readDer(bytes, at, end);
    values.push(value);
    at = value.end;
  }
  return values;
}

/** The one value that begins the contents of another: what an explicit tag wraps. */
export function innerOf(value: DerValue): DerValue {
  return readDer(value.bytes, value.from, value.end);
}

/** The value, if it has that tag; a {@link DerFault} otherwise. */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new DerFault(`tag ${value?.tag} where ${tag} is due`);
  return value;
}

/** The values inside a SEQUENCE (or another constructed tag). */
export function members(value: DerValue | undefined, tag: number = TAG.sequence): DerValue[] {
  const { bytes, from, end } = expectTag(value, tag);
  return readBetween(bytes, from, end);
}

/** An INTEGER of any length, signed. */
export function integerOf(value: DerValue | undefined): bigint {
  const contents = contentsOf(expectTag(value, TAG.integer));
  if (contents.length === 0) throw new DerFault('integer without bytes');
  const magnitude = BigInt(`0x${toHex(contents)}`);
  return contents[0]! < 0x80 ? magnitude : magnitude - (1n << BigInt(contents.length * 8));
}

/** Bits of a positive INTEGER; 0 for any other. A modulus is too long to be worth a bigint. */
export function integerBits(value: DerValue | undefined): number {
  const { bytes, from, end } = expectTag(value, TAG.integer);
  let first = from;
  while (first < end && bytes[first] === 0) first++;
  if (first === end || bytes[from]! >= 0x80) return 0;
  return (end - first - 1) * 8 + (32 - Math.clz32(bytes[first]!));
}

/** A BOOLEAN; any byte but zero is true, as BER writers have it. */
export function booleanOf(value: DerValue | undefined): boolean {
  const { bytes, from, end } = expectTag(value, TAG.boolean);
  if (end - from !== 1) throw new DerFault('boolean is not one byte');
  return bytes[from] !== 0;
}

/** The bytes of a BIT STRING with no unused bits. */
export function bitsOf(value: DerValue | undefined): Uint8Array {
  const { bytes, from, end } = expectTag(value, TAG.bitString);
  if (from === end || bytes[from] !== 0) throw new DerFault('bit string with unused bits');
  return bytes.subarray(from + 1, end);
}

/** An OBJECT IDENTIFIER as dotted text. */
export function oidOf(value: DerValue | undefined): string {
  const { bytes, from, end } = expectTag(value, TAG.oid);
  let text = '';
  let arc = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (arc > 0xffffff) throw new DerFault('object identifier arc is too large');
    arc = arc * 128 + (byte & 0x7f);
    if (byte > 0x7f) {
      if (at === end - 1) throw new DerFault('object identifier is cut short');
      continue;
    }
    // The first number holds two arcs (X.690 8.19.4).
    const root = Math.min(2, Math.floor(arc / 40));
    text += text === '' ? `${root}.${arc - root * 40}` : `.${arc}`;
    arc = 0;
  }
  if (text === '') throw new DerFault('object identifier without arcs');
  return text;
}

/** One value from its tag and contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const size = contents.reduce((sum, part) => sum + part.length, 0);
  const length: number[] = [];
  if (size < 0x80) length.push(size);
  else {
    for (let left = size; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
    length.unshift(0x80 | length.length);
  }
  return concatBytes(Uint8Array.of(tag, ...length), ...contents);
}

/** A SEQUENCE of members that are already encoded. */
export function derSequence(...members: readonly Uint8Array[]): Uint8Array {
  return der(TAG.sequence, ...members);
}

/** A number that is not negative, in as few bytes as it needs. */
export function derInteger(number: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let left = number; left > 0n; left >>= 8n) bytes.unshift(Number(left & 0xffn));
  if (bytes.length === 0 || bytes[0]! > 0x7f) bytes.unshift(0);
  return der(TAG.integer, Uint8Array.from(bytes));
}

/** A BOOLEAN as DER wants it: 0xFF for true. */
export function derBoolean(value: boolean): Uint8Array {
  return der(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** An OBJECT IDENTIFIER from dotted text. */
export function derOid(text: string): Uint8Array {
  const [first, second, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first! * 40 + second!, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) | 0x80);
    }
    bytes.push(...digits);
  }
  return der(TAG.oid, Uint8Array.from(bytes));
}

/** A text under the tag of one of the string or time types. */
export function derText(tag: number, text: string): Uint8Array {
  return der(tag, encodeUtf8(text));
}

/** A BIT STRING; `unusedBits` of its last byte do not count. */
export function derBits(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return der(TAG.bitString, Uint8Array.of(unusedBits), bytes);
}
