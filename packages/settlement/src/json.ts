import { formatRatio, type Ratio } from '@yinglian/core';

/** Data as it is stored, hashed and sent: whole numbers are decimal strings. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A value of this package as JSON: bigint → decimal string, exact ratio → `n/d`, map → object. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return toJson(Object.fromEntries(value));
  if (typeof value !== 'object') throw new TypeError('a function is not data');
  if (isRatio(value)) return formatRatio(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, toJson(item)]));
}

function isRatio(value: object): value is Ratio {
  const { numerator, denominator } = value as Partial<Ratio>;
  return typeof numerator === 'bigint' && typeof denominator === 'bigint';
}

/**
 * One text for one value: keys sorted by code unit, no white space, as RFC 8785 writes it. Numbers
 * here are whole and small; amounts are strings.
 */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = value as { readonly [key: string]: Json };
  const keys = Object.keys(members).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(members[key]!)}`).join(',')}}`;
}
