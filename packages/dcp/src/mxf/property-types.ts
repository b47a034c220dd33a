import { assert, fromHex, toHex, uuidBytes, uuidFromBytes } from '@yinglian/core';
import type { Label } from './labels.ts';

/** How the bytes of a property are read and written (ST 377-1:2019 4.3). */
export type PropertyType =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'rational'
  | 'uuid'
  | 'umid'
  | 'label'
  | 'timestamp'
  | 'text'
  | 'ascii'
  | 'version'
  | 'bytes'
  | 'uuids'
  | 'labels';

/** An MXF rational keeps its parts as written: 24000/1001 and 24/1 are both meant literally. */
export type Rational = { readonly numerator: number; readonly denominator: number };

/** A property as a value of the language. */
export type PropertyValue =
  | number
  | string
  | Rational
  | Uint8Array
  | readonly string[]
  | readonly number[];

const UINT_BYTES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

/** The bytes of a property; the value is of the type that the table says. */
export function encodeProperty(type: PropertyType, value: PropertyValue): Uint8Array {
  switch (type) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 'u64':
      return encodeUint(value as number, UINT_BYTES[type]);
    case 'rational': {
      const { numerator, denominator } = value as Rational;
      const bytes = new Uint8Array(8);
      const view = new DataView(bytes.buffer);
      view.setInt32(0, numerator);
      view.setInt32(4, denominator);
      return bytes;
    }
    case 'uuid':
      return uuidBytes(value as string);
    case 'umid':
    case 'label':
      return fromHex(value as string);
    case 'timestamp':
      return encodeTimestamp(value as string);
    case 'text':
      return encodeText(value as string);
    case 'ascii':
      return Uint8Array.from(value as string, (char) => char.charCodeAt(0) & 0x7f);
    case 'version': {
      const bytes = new Uint8Array(10);
      const view = new DataView(bytes.buffer);
      (value as readonly number[]).forEach((part, index) => view.setUint16(2 * index, part));
      return bytes;
    }
    case 'bytes':
      return value as Uint8Array;
    case 'uuids':
      return encodeBatch((value as readonly string[]).map(uuidBytes));
    case 'labels':
      return encodeBatch((value as readonly string[]).map(fromHex));
  }
}

/** Undefined when the bytes do not have the form of the type. */
export function decodeProperty(type: PropertyType, bytes: Uint8Array): PropertyValue | undefined {
  switch (type) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 'u64':
      return bytes.length === UINT_BYTES[type] ? decodeUint(bytes) : undefined;
    case 'rational': {
      if (bytes.length !== 8) return undefined;
      const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
      return { numerator: view.getInt32(0), denominator: view.getInt32(4) };
    }
    case 'uuid':
      return bytes.length === 16 ? uuidFromBytes(bytes) : undefined;
    case 'label':
      return bytes.length === 16 ? toHex(bytes) : undefined;
    case 'umid':
      return bytes.length === 32 ? toHex(bytes) : undefined;
    case 'timestamp':
      return decodeTimestamp(bytes);
    case 'text':
      return decodeText(bytes);
    case 'ascii':
      return String.fromCharCode(...bytes.subarray(0, ASCII_BYTES_MAX)).replace(/\0.*$/s, '');
    case 'version': {
      if (bytes.length !== 10) return undefined;
      const view = new DataView(bytes.buffer, bytes.byteOffset, 10);
      return [0, 2, 4, 6, 8].map((at) => view.getUint16(at));
    }
    case 'bytes':
      return bytes;
    case 'uuids':
      return decodeBatch(bytes)?.map(uuidFromBytes);
    case 'labels':
      return decodeBatch(bytes)?.map(toHex);
  }
}

/** Language tags and the like; longer ones are cut rather than spread over the stack. */
const ASCII_BYTES_MAX = 4096;

/** A number as big-endian bytes of a given length. */
export function encodeUint(value: number, length: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, 'an unsigned property is a safe integer');
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Above 2^53 the value is only approximate; no such count exists in a file that can be read. */
export function decodeUint(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

function encodeBatch(items: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(8 + 16 * items.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, items.length);
  view.setUint32(4, 16);
  items.forEach((item, index) => bytes.set(item, 8 + 16 * index));
  return bytes;
}

/** Items of 16 bytes; a count that does not fit the bytes present is no batch at all. */
function decodeBatch(bytes: Uint8Array): Uint8Array[] | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0);
  const size = view.getUint32(4);
  if (count === 0) return [];
  if (size !== 16 || 8 + count * 16 > bytes.length) return undefined;
  return Array.from({ length: count }, (_, i) => bytes.subarray(8 + 16 * i, 24 + 16 * i));
}

function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit >> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return bytes;
}

/** UTF-16 big endian; some makers end it with a NUL and leave rubbish after it. */
function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const unit = (bytes[i]! << 8) | bytes[i + 1]!;
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|\+00:00)$/;

/** ST 377-1:2019 4.3: year, month, day, hour, minute, second, quarter milliseconds; in UTC. */
function encodeTimestamp(text: string): Uint8Array {
  const match = TIMESTAMP.exec(text);
  assert(match !== null, 'an MXF timestamp is written from an ISO 8601 time in UTC');
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i]));
  const quarters = Math.floor(Number(match[7] ?? 0) / 4);
  return Uint8Array.of(year! >> 8, year! & 255, month!, day!, hour!, minute!, second!, quarters);
}

function decodeTimestamp(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 8) return undefined;
  const two = (value: number) => String(value).padStart(2, '0');
  const year = String((bytes[0]! << 8) | bytes[1]!).padStart(4, '0');
  const milliseconds = String(bytes[7]! * 4).padStart(3, '0');
  const [month, day, hour, minute, second] = [2, 3, 4, 5, 6].map((i) => two(bytes[i]!));
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
}

/** The material number of a basic UMID (ST 330) is the asset id of a D-cinema track file. */
export function umidOfAsset(assetId: string): Label {
  return UMID_PREFIX + toHex(uuidBytes(assetId));
}

/** The asset id that a UMID carries. */
export function assetOfUmid(umid: Label): string {
  return uuidFromBytes(fromHex(umid.slice(32)));
}

/** ST 429-3:2006 7.2 and ST 330: label, length 0x13, instance number zero, UUID material. */
const UMID_PREFIX = '060a2b340101010501010f2013000000';
/** No package: the end of a chain of references. */
export const UMID_ZERO = '0'.repeat(64);
