import type { EndpointShape } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { z } from 'zod';
import { invalid } from '../refusal.ts';
import { downloadSheet } from '../sheets.ts';
import { headingOf } from './list-words.ts';
import type { Download } from './routes.ts';

/** The name of the query by which any list comes as a sheet: `?sheet=csv`, `?sheet=xlsx`. */
export const SHEET_QUERY = 'sheet';
const formats = z.enum(['csv', 'xlsx']);
/** Excel takes a million rows; a sheet is made in memory, and so must end sooner. */
const ROWS_MAX = 100_000;
/** From the longest pages that lists of the contract allow to the shortest. */
const PAGE_ROWS = [50_000, 10_000, 2000, 500, 200, 100, 50];
/** Below this, what a cell holds is written as JSON: nobody reads a table nested deeper. */
const DEPTH_MAX = 2;

export type SheetFormat = z.output<typeof formats>;

/** Which sheet is asked for of a list; undefined where none is, or where the answer is no list. */
export function sheetAsked(
  shape: EndpointShape,
  asked: string | undefined,
): SheetFormat | undefined {
  if (asked === undefined || shape.method !== 'GET' || rowShape(shape) === undefined) {
    return undefined;
  }
  const format = formats.safeParse(asked);
  if (format.success) return format.data;
  throw invalid(finding('invalid_sheet_format', 'error', { facts: { found: asked.slice(0, 20) } }));
}

/** What a row is, where the answer is a list of rows. */
function rowShape(shape: EndpointShape): z.ZodType | undefined {
  const result: unknown = shape.result;
  if (!(result instanceof z.ZodObject)) return undefined;
  const rows: unknown = (result.shape as Record<string, unknown>)['rows'];
  return rows instanceof z.ZodArray ? (rows.element as z.ZodType) : undefined;
}

type Row = Readonly<Record<string, unknown>>;
type Page = { readonly rows: readonly Row[]; readonly next?: string | null };

/**
 * All rows of a list, page by page as its endpoint gives them: who asks sees what they would see
 * on the page, and no more. Each page goes through the contract's own schema first.
 */
export async function listSheet(
  shape: EndpointShape,
  format: SheetFormat,
  query: Readonly<Record<string, string>>,
  load: (query: unknown) => Promise<unknown>,
): Promise<Download> {
  const limit = longestPage(shape, query);
  const rows: Row[] = [];
  let after: string | null | undefined;
  do {
    const next = { ...query, ...limit, ...(after == null ? {} : { after }) };
    const asked = parsed(shape.query as z.ZodType | undefined, next);
    const page = (shape.result as unknown as z.ZodType).parse(await load(asked)) as Page;
    rows.push(...page.rows);
    if (rows.length > ROWS_MAX) {
      throw invalid(finding('excessive_rows', 'error', { facts: { limit: ROWS_MAX } }));
    }
    after = page.next;
  } while (after != null);
  return downloadSheet(nameOf(shape), 'list', cellsOf(shape, rows), format);
}

const parsed = (schema: z.ZodType | undefined, value: unknown): unknown =>
  schema === undefined ? undefined : schema.parse(value);

/** The longest page that this list allows; lists without pages give all they have. */
function longestPage(
  shape: EndpointShape,
  query: Readonly<Record<string, string>>,
): { readonly limit?: string } {
  const schema: unknown = shape.query;
  if (!(schema instanceof z.ZodObject) || !('limit' in schema.shape)) return {};
  const fitting = PAGE_ROWS.find(
    (rows) => schema.safeParse({ ...query, limit: String(rows) }).success,
  );
  return fitting === undefined ? {} : { limit: String(fitting) };
}

/** `/api/distribution/releases/:id/bookings` is "releases-bookings". */
function nameOf(shape: EndpointShape): string {
  const parts = shape.path.split('/').filter((each) => each !== '' && !each.startsWith(':'));
  return parts.slice(2).join('-') || 'list';
}

/** A heading for each field that any row has, in the order of the contract; then the rows. */
function cellsOf(shape: EndpointShape, rows: readonly Row[]): string[][] {
  const element = rowShape(shape);
  const named = element instanceof z.ZodObject ? Object.keys(element.shape) : [];
  const flat = rows.map((row) => flattened(row));
  const fields = new Set<string>();
  for (const row of flat) for (const field of row.keys()) fields.add(field);
  const places = new Map(named.map((field, index) => [field, index]));
  const placeOf = (field: string) => places.get(field.split('.')[0]!) ?? named.length;
  const columns = (fields.size === 0 ? [...named] : [...fields]).toSorted(
    (a, b) => placeOf(a) - placeOf(b),
  );
  return [
    columns.map((field) => headingOf(field)),
    ...flat.map((row) => columns.map((field) => row.get(field) ?? '')),
  ];
}

function flattened(value: Row, under = '', into = new Map<string, string>(), depth = 0) {
  for (const [field, held] of Object.entries(value)) {
    const path = under === '' ? field : `${under}.${field}`;
    const isRecord = typeof held === 'object' && held !== null && !Array.isArray(held);
    if (isRecord && depth < DEPTH_MAX) flattened(held as Row, path, into, depth + 1);
    else into.set(path, textOf(held));
  }
  return into;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((each) => inList(each)).join('; ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number);
}

/** Of a finding its code says what it is; the page and the reference have its words. */
function inList(value: unknown): string {
  const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : value;
  return textOf(code);
}
