import { finding } from '@yinglian/core';
import { invalid } from './refusal.ts';

/** A page asked for: `after` is what `next` of the page before said. */
export type PageQuery = { readonly after?: string | undefined; readonly limit: number };
export type Page<Row> = { readonly rows: Row[]; readonly next: string | null };

/**
 * Makes a page of the rows that a query gave for `limit + 1`: one more than asked shows that
 * there is a next page. `keyOf` gives the sort key of the last row, for `where key < after`.
 */
export function pageOf<Row, Wire>(
  rows: readonly Row[],
  query: PageQuery,
  keyOf: (row: Row) => readonly string[],
  view: (row: Row) => Wire,
): Page<Wire> {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const more = rows.length > query.limit && last !== undefined;
  return { rows: shown.map(view), next: more ? encodeKey(keyOf(last)) : null };
}

/** A page of what a list by creation gave: see `listing.ts`. */
export function pageOfListed<Row extends { readonly id: string }>(
  rows: readonly { readonly row: Row; readonly sortKey: string }[],
  query: PageQuery,
): Page<Row> {
  return pageOf(
    rows,
    query,
    (each) => [each.sortKey, each.row.id],
    (each) => each.row,
  );
}

function encodeKey(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The sort key to go on after, of `length` parts; undefined on the first page. */
export function afterKey(query: PageQuery, length = 1): readonly string[] | undefined {
  if (query.after === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(query.after, 'base64url').toString('utf8'));
    const texts = Array.isArray(key) && key.every((each) => typeof each === 'string');
    if (texts && key.length === length) {
      return key;
    }
  } catch {
    // Falls through to the refusal: whatever it was, it is no key of ours.
  }
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

/** The key of pages that are sorted by id; refuses anything else before it reaches the database. */
export function afterId(query: PageQuery): string | undefined {
  const key = afterKey(query)?.[0];
  if (key === undefined || /^[0-9a-f-]{36}$/.test(key)) return key;
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

/** The key of lists by time: an instant as PostgreSQL writes it, and an id. */
export function afterInstant(query: PageQuery): readonly [instant: string, id: string] | undefined {
  const key = afterKey(query, 2);
  if (key === undefined) return undefined;
  const [instant = '', id = ''] = key;
  if (isInstantText(instant) && isId(id)) return [instant, id];
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

/** The key of lists by name: the name as the list sorts it, and an id. */
export function afterName(query: PageQuery): readonly [name: string, id: string] | undefined {
  const key = afterKey(query, 2);
  if (key === undefined) return undefined;
  const [name = '', id = ''] = key;
  // PostgreSQL has no text with the character zero in it.
  if (isId(id) && !name.includes('\0')) return [name, id];
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

/** The key of lists by two records: their ids. */
export function afterIds(query: PageQuery): readonly [first: string, second: string] | undefined {
  const key = afterKey(query, 2);
  if (key === undefined) return undefined;
  const [first = '', second = ''] = key;
  if (isId(first) && isId(second)) return [first, second];
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

/** The key of lists by a line's number. */
export function afterNumber(query: PageQuery): number | undefined {
  const key = afterKey(query)?.[0];
  if (key === undefined) return undefined;
  if (/^\d{1,9}$/.test(key)) return Number(key);
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** `2026-11-22 23:42:21.123456+00`, as PostgreSQL writes a moment: day, time, zone. */
const INSTANT = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.\d{1,6})?([+-]\d{2})(:\d{2})?$/;

/** Whether a text is written so and names a moment that exists. */
function isInstantText(text: string): boolean {
  const match = INSTANT.exec(text);
  if (match === null) return false;
  return !Number.isNaN(Date.parse(`${match[1]}T${match[2]}${match[3]}${match[4] ?? ':00'}`));
}
