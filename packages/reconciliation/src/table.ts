import {
  type Cell,
  type CellResult,
  cellText,
  headingKey,
  type MoneyUnit,
  readCount,
  readDate,
  readMoney,
  readTime,
} from '@yinglian/boxoffice';
import {
  accepted,
  filmCodeKey,
  finding,
  type Finding,
  type Outcome,
  refused,
} from '@yinglian/core';
import type { BookRow } from './model.ts';

/** One line of a table with its number in the file, from 1. */
export type TableLine = { readonly line: number; readonly cells: readonly Cell[] };

const BOOK_FIELDS = {
  screeningId: 'id',
  part: 'text',
  date: 'date',
  cinemaCode: 'text',
  filmCode: 'film',
  circuit: 'text',
  seller: 'text',
  hall: 'text',
  start: 'time',
  admissions: 'count',
  grossFen: 'money',
  onlineAdmissions: 'count',
  onlineGrossFen: 'money',
} as const;
const RECEIPT_FIELDS = {
  id: 'text',
  payer: 'text',
  date: 'date',
  amountFen: 'money',
  memo: 'text',
} as const;
type Kind = 'id' | 'text' | 'film' | 'date' | 'time' | 'count' | 'money';

/** The fields that a column of a book may hold. */
export const BOOK_FIELD_NAMES = Object.keys(BOOK_FIELDS) as (keyof typeof BOOK_FIELDS)[];
/** The fields that a column of receipts may hold. */
export const RECEIPT_FIELD_NAMES = Object.keys(RECEIPT_FIELDS) as (keyof typeof RECEIPT_FIELDS)[];

/** Which heading holds which field, and what the numbers of money count. */
export type TableColumns = {
  readonly columns: { readonly [field: string]: string };
  readonly moneyUnit: MoneyUnit;
};

/** A receipt as it stands in a bank's table. */
export type ReceiptLine = {
  readonly id: string;
  readonly payer: string;
  readonly date: string;
  readonly amountFen: bigint;
  readonly memo: string;
};

/** The rows of one party's table, by named columns; one cell that is not understood refuses it. */
export function readBookTable(
  lines: readonly TableLine[],
  columns: TableColumns,
  file: string,
): Outcome<BookRow[]> {
  const read = readTable(lines, { ...columns, fields: BOOK_FIELDS, file });
  if (!read.ok) return read;
  const rows = read.value.map(({ line, values }) => ({ row: `${file}:${line}`, ...values }));
  return complete(rows, ['date', 'cinemaCode']) as Outcome<BookRow[]>;
}

/** The receipts of a bank's table, by named columns. */
export function readReceiptTable(
  lines: readonly TableLine[],
  columns: TableColumns,
  file: string,
): Outcome<ReceiptLine[]> {
  const read = readTable(lines, { ...columns, fields: RECEIPT_FIELDS, file });
  if (!read.ok) return read;
  const rows = read.value.map(({ line, values }) => ({
    row: `${file}:${line}`,
    id: `${file}:${line}`,
    payer: '',
    memo: '',
    ...values,
  }));
  return complete(rows, ['date', 'amountFen']) as Outcome<unknown> as Outcome<ReceiptLine[]>;
}

type Values = { readonly [field: string]: unknown };

function complete(
  rows: readonly (Values & { readonly row: string })[],
  needed: readonly string[],
): Outcome<readonly Values[]> {
  const findings = rows.flatMap((row) =>
    needed
      .filter((field) => row[field] === undefined)
      .map((field) =>
        finding('missing_field', 'error', { facts: { field }, at: { row: row.row } }),
      ),
  );
  return findings.length > 0 ? refused(...findings.slice(0, FINDINGS_MAX)) : accepted(rows);
}

const FINDINGS_MAX = 100;
/** The heading is looked for below titles. */
const HEADING_LINES_MAX = 30;

type Reading = TableColumns & {
  readonly fields: { readonly [field: string]: Kind };
  readonly file: string;
};

function readTable(
  lines: readonly TableLine[],
  { columns, moneyUnit, fields, file }: Reading,
): Outcome<{ line: number; values: Values }[]> {
  const wanted = Object.entries(columns);
  const placesIn = ({ cells }: TableLine) => {
    const keys = cells.map(headingKey);
    return wanted.map(([, heading]) => keys.indexOf(headingKey(heading)));
  };
  const candidates = lines.slice(0, HEADING_LINES_MAX).map(placesIn);
  const at = candidates.findIndex((places) => places.every((place) => place !== -1));
  if (at === -1) {
    const nearest = candidates.toSorted((a, b) => lacking(a) - lacking(b))[0] ?? [];
    const missing = wanted.filter((_, i) => (nearest[i] ?? -1) === -1);
    return refused(
      ...missing.map(([field, heading]) =>
        finding('missing_table_heading', 'error', { facts: { field, heading }, at: { file } }),
      ),
    );
  }
  const places = candidates[at]!;
  const findings: Finding[] = [];
  const rows = lines.slice(at + 1).flatMap(({ line, cells }) => {
    if (cells.every((cell) => cellText(cell) === '')) return [];
    const values: Record<string, unknown> = {};
    for (const [i, [field]] of wanted.entries()) {
      const cell = cells[places[i]!];
      if (cellText(cell) === '') continue;
      const read = readCell(cell, fields[field]!, moneyUnit);
      if ('value' in read) values[field] = read.value;
      else
        findings.push(
          finding(read.fault, 'error', {
            facts: { text: cellText(cell), field },
            at: { file, row: line },
          }),
        );
    }
    return [{ line, values }];
  });
  return findings.length > 0 ? refused(...findings.slice(0, FINDINGS_MAX)) : accepted(rows);
}

const lacking = (places: readonly number[]) => places.filter((place) => place === -1).length;

function readCell(cell: Cell, kind: Kind, unit: MoneyUnit): CellResult<unknown> {
  switch (kind) {
    // A number written with spaces is a difference that is told, so they stay.
    case 'id':
      return { value: typeof cell === 'string' ? cell : cellText(cell) };
    case 'film':
      return { value: filmCodeKey(cellText(cell)) };
    case 'date':
      return readDate(cell);
    case 'time':
      return readTime(cell);
    case 'count':
      return readCount(cell);
    case 'money':
      return readMoney(cell, unit);
    default:
      return { value: cellText(cell) };
  }
}
