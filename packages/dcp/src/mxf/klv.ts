import { assert, fromHex, toHex } from '@yinglian/core';
import type { Label } from './labels.ts';

/** Key and length of one KLV triplet (ST 336), with its place in the file. */
export type KlvHead = {
  readonly key: Label;
  /** Bytes of key plus length field: where the value begins, relative to `offset`. */
  readonly headBytes: number;
  readonly valueBytes: number;
  readonly offset: number;
};

/** Bytes of a universal label. */
export const KEY_BYTES = 16;
/** Longest BER length taken: one count byte and eight length bytes (ST 336, 5.2). */
export const HEAD_BYTES_MAX = KEY_BYTES + 9;
/** AS-DCP writes four-byte lengths (0x83) wherever the value is below 16 MiB. */
export const SHORT_LENGTH_MAX = 0xff_ffff;

/** Why bytes are no KLV. */
export type KlvFault = 'not_a_key' | 'indefinite_length' | 'excessive_length';

/**
 * Reads key and BER length at `at`. Undefined when more bytes are needed.
 * A key must begin with 06 0E 2B 34: anything else means that the reader is off the grid.
 */
export function readKlvHead(
  bytes: Uint8Array,
  at: number,
  offset: number,
): KlvHead | KlvFault | undefined {
  if (at + KEY_BYTES + 1 > bytes.length) return undefined;
  if (
    bytes[at] !== 0x06 ||
    bytes[at + 1] !== 0x0e ||
    bytes[at + 2] !== 0x2b ||
    bytes[at + 3] !== 0x34
  ) {
    return 'not_a_key';
  }
  const length = readBer(bytes, at + KEY_BYTES);
  if (length === undefined || typeof length === 'string') return length;
  return {
    key: toHex(bytes.subarray(at, at + KEY_BYTES)),
    headBytes: KEY_BYTES + length.bytes,
    valueBytes: length.value,
    offset,
  };
}

/** One BER length (ST 336, 5.2): its value and how many bytes it took. */
export function readBer(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly bytes: number } | KlvFault | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, bytes: 1 };
  const count = first & 0x7f;
  if (count === 0) return 'indefinite_length';
  if (count > 8) return 'excessive_length';
  if (at + 1 + count > bytes.length) return undefined;
  let value = 0;
  for (let i = 1; i <= count; i++) value = value * 256 + bytes[at + i]!;
  return Number.isSafeInteger(value) ? { value, bytes: 1 + count } : 'excessive_length';
}

/** Four bytes up to 16 MiB, nine above, as every D-cinema writer does. */
export function berLength(value: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, 'a KLV length is a safe integer');
  const bytes = new Uint8Array(value <= SHORT_LENGTH_MAX ? 4 : 9);
  writeBer(bytes, 0, value);
  return bytes;
}

/** How many bytes the length field of such a value takes. */
export function berBytes(value: number): number {
  return value <= SHORT_LENGTH_MAX ? 4 : 9;
}

/** Writes a length at `at` and returns the position after it. */
export function writeBer(target: Uint8Array, at: number, value: number): number {
  const count = value <= SHORT_LENGTH_MAX ? 3 : 8;
  target[at] = 0x80 | count;
  let rest = value;
  for (let i = count; i >= 1; i--) {
    target[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + 1 + count;
}

/** A whole KLV triplet. */
export function klv(key: Label, value: Uint8Array): Uint8Array {
  const head = KEY_BYTES + berBytes(value.length);
  const bytes = new Uint8Array(head + value.length);
  bytes.set(fromHex(key), 0);
  writeBer(bytes, KEY_BYTES, value.length);
  bytes.set(value, head);
  return bytes;
}
