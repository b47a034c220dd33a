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

/** One value as views into the bytes it was read from. */
export type DerValue = {
  readonly tag: number;
  readonly contents: Uint8Array;
  /** Tag, length and contents. */
  readonly whole: Uint8Array;
};

/** One value at `offset`; what follows it is left alone. */
export function readDer(bytes: Uint8Array, offset = 0): DerValue {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw new DerFault('value is cut short');
  if ((tag & 0x1f) === 0x1f) throw new DerFault('tag above 30');
  let length = first;
  let header = 2;
  if (first > 0x7f) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerFault('length is indefinite or too long');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[offset + 2 + i] ?? 0);
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerFault('length is not minimal');
    header += count;
  }
  const end = offset + header + length;
  if (end > bytes.length) throw new DerFault('value is cut short');
  return {
    tag,
    contents: bytes.subarray(offset + header, end),
    whole: bytes.subarray(offset, end),
  };
}

/** Values one after the other until the end of the bytes. */
export function readAll(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readDer(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** The value, if it has that tag; a {@link DerFault} otherwise. */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new DerFault(`tag ${value?.tag} where ${tag} is due`);
  return value;
}

/** The values inside a SEQUENCE (or another constructed tag). */
export function members(value: DerValue | undefined, tag: number = TAG.sequence): DerValue[] {
  return readAll(expectTag(value, tag).contents);
}

/** An INTEGER of any length, signed. */
export function integerOf(value: DerValue | undefined): bigint {
  const { contents } = expectTag(value, TAG.integer);
  if (contents.length === 0) throw new DerFault('integer without bytes');
  const magnitude = BigInt(`0x${toHex(contents)}`);
  return contents[0]! < 0x80 ? magnitude : magnitude - (1n << BigInt(contents.length * 8));
}

/** Bits of a positive INTEGER; 0 for any other. A modulus is too long to be worth a bigint. */
export function integerBits(value: DerValue | undefined): number {
  const { contents } = expectTag(value, TAG.integer);
  const first = contents.findIndex((byte) => byte !== 0);
  if (first < 0 || contents[0]! >= 0x80) return 0;
  return (contents.length - first - 1) * 8 + (32 - Math.clz32(contents[first]!));
}

/** A BOOLEAN; any byte but zero is true, as BER writers have it. */
export function booleanOf(value: DerValue | undefined): boolean {
  const { contents } = expectTag(value, TAG.boolean);
  if (contents.length !== 1) throw new DerFault('boolean is not one byte');
  return contents[0] !== 0;
}

/** The bytes of a BIT STRING with no unused bits. */
export function bitsOf(value: DerValue | undefined): Uint8Array {
  const { contents } = expectTag(value, TAG.bitString);
  if (contents[0] !== 0) throw new DerFault('bit string with unused bits');
  return contents.subarray(1);
}

/** An OBJECT IDENTIFIER as dotted text. */
export function oidOf(value: DerValue | undefined): string {
  const { contents } = expectTag(value, TAG.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const [index, byte] of contents.entries()) {
    if (arc > 0xffffff) throw new DerFault('object identifier arc is too large');
    arc = arc * 128 + (byte & 0x7f);
    if (byte > 0x7f) {
      if (index === contents.length - 1) throw new DerFault('object identifier is cut short');
      continue;
    }
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)));
    arcs.push(arcs.length === 1 ? arc - arcs[0]! * 40 : arc);
    arc = 0;
  }
  if (arcs.length < 2) throw new DerFault('object identifier without arcs');
  return arcs.join('.');
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
