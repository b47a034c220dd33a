import { assert } from './assert.ts';
import type { Cryptography, HashName } from './cryptography.ts';
import { digest } from './cryptography.ts';
import { toHex } from './bytes.ts';
import { encodeUtf8 } from './text.ts';

/** Values inside one another in canonical JSON; records of the trade need fewer than ten. */
export const CANONICAL_DEPTH_MAX = 128;

/**
 * One text for one value, after RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16
 * code units, no white space, numbers and strings as ECMAScript writes them. Two additions, so
 * that a value in memory and the same value received through the contract have one digest: a
 * bigint is written as a decimal *string*, and a member that is undefined is left out.
 *
 * What JSON cannot carry is a fault of the programmer and throws: NaN and infinities, lone
 * surrogates (RFC 8785 section 3.2.2.2), undefined in a list, functions, and objects that are not
 * plain (a Date, a Map or bytes would silently become `{}`).
 */
export function canonicalJson(value: unknown): string {
  return canonicalValue(value, 0);
}

function canonicalValue(value: unknown, depth: number): string {
  assert(depth <= CANONICAL_DEPTH_MAX, 'canonical JSON is not deeper than its limit');
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `"${value}"`;
    case 'number':
      assert(Number.isFinite(value), 'a number in canonical JSON is finite');
      return JSON.stringify(value);
    case 'string':
      return canonicalString(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalList(value, depth) : canonicalObject(value, depth);
    default:
      assert(false, `canonical JSON holds no ${typeof value}`);
  }
}

/** Texts that stand for themselves between quotes: printable ASCII without `"` and `\\`. */
const PLAIN = /^[ !#-[\]-~]*$/;

function canonicalString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  // With the `u` flag a surrogate matches only where it stands alone.
  assert(!/\p{Surrogate}/u.test(text), 'a text in canonical JSON has no lone surrogate');
  return JSON.stringify(text);
}

function canonicalList(list: readonly unknown[], depth: number): string {
  let text = '';
  // By index, because iteration methods would skip holes and leave nothing between commas.
  for (let i = 0; i < list.length; i++) {
    text += (i === 0 ? '' : ',') + canonicalValue(list[i], depth + 1);
  }
  return `[${text}]`;
}

function canonicalObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, 'canonical JSON has plain objects');
  const members = value as { readonly [name: string]: unknown };
  let text = '';
  // Strings are sorted by UTF-16 code units unless told otherwise, as RFC 8785 wants it.
  for (const name of Object.keys(value).sort()) {
    const member = members[name];
    if (member === undefined) continue;
    const comma = text === '' ? '' : ',';
    text += `${comma}${canonicalString(name)}:${canonicalValue(member, depth + 1)}`;
  }
  return `{${text}}`;
}

/** The digest of a value's canonical JSON in UTF-8, in hexadecimal. */
export function digestJson(
  cryptography: Cryptography,
  value: unknown,
  name: HashName = 'sha256',
): string {
  return toHex(digest(cryptography, name, encodeUtf8(canonicalJson(value))));
}
