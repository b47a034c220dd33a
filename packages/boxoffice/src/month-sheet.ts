import {
  type Fen,
  finding,
  type Finding,
  formatRatio,
  formatYuan,
  type Ratio,
  shareFen,
  sumFen,
} from '@yinglian/core';
import type { Equipment, FieldName } from './fields.ts';
import { FIELDS } from './fields.ts';
import type { BoxOfficeRecord } from './record.ts';

/** The 17 columns of 院线月度结算, in order. */
export const MONTH_SHEET_COLUMNS: readonly FieldName[] = Object.freeze([
  'rowNumber',
  'cinemaName',
  'cinemaCode',
  'filmName',
  'filmCode',
  'equipment',
  'from',
  'to',
  'screenings',
  'admissions',
  'grossFen',
  'fundFen',
  'vatRate',
  'taxFen',
  'netFen',
  'shareRate',
  'shareFen',
] as const);

/** One row of the monthly sheet, whoever made it. */
export type MonthSheetRow = {
  readonly cinemaName: string;
  readonly cinemaCode: string;
  readonly filmName: string;
  readonly filmCode: string;
  readonly equipment?: Equipment;
  readonly from: string;
  readonly to: string;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: Fen;
  readonly fundFen: Fen;
  readonly vatRate: Ratio;
  readonly taxFen: Fen;
  readonly netFen: Fen;
  readonly shareRate: Ratio;
  readonly shareFen: Fen;
};

/** A cell to be written: how it shows is the writer's business, what it is stands here. */
export type SheetCell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string; readonly decimals: number }
  | { readonly kind: 'percent'; readonly text: string }
  | { readonly kind: 'date'; readonly text: string };

/** The texts and cells of a month sheet, for whoever writes the file. */
export type SheetData = {
  readonly title: string;
  readonly headerBlock: readonly (readonly [string, string])[];
  readonly headings: readonly string[];
  readonly rows: readonly (readonly SheetCell[])[];
  readonly totals: readonly SheetCell[];
};

const EQUIPMENT_WORDS: Readonly<Record<Equipment, string>> = { owned: '自购', leased: '租赁' };
const text = (value: string): SheetCell => ({ kind: 'text', text: value });
const money = (fen: Fen): SheetCell => ({ kind: 'number', text: formatYuan(fen), decimals: 2 });
const count = (value: number): SheetCell => ({ kind: 'number', text: String(value), decimals: 0 });
const rate = (value: Ratio): SheetCell => ({ kind: 'percent', text: formatRatio(value) });
const date = (value: string): SheetCell => ({ kind: 'date', text: value });

/** The sheet as data; an application makes a workbook or a page of it. */
export function writeMonthSheet(circuit: string, rows: readonly MonthSheetRow[]): SheetData {
  return {
    title: '院线月度结算',
    headerBlock: [
      ['报表', '院线月度结算'],
      ['院线', circuit],
    ],
    headings: MONTH_SHEET_COLUMNS.map((name) => FIELDS[name].synonyms[0]!),
    rows: rows.map((row, index) => [
      count(index + 1),
      text(row.cinemaName),
      text(row.cinemaCode),
      text(row.filmName),
      text(row.filmCode),
      text(row.equipment === undefined ? '' : EQUIPMENT_WORDS[row.equipment]),
      date(row.from),
      date(row.to),
      count(row.screenings),
      count(row.admissions),
      money(row.grossFen),
      money(row.fundFen),
      rate(row.vatRate),
      money(row.taxFen),
      money(row.netFen),
      rate(row.shareRate),
      money(row.shareFen),
    ]),
    totals: totalCells(rows),
  };
}

function totalCells(rows: readonly MonthSheetRow[]): SheetCell[] {
  const total = (pick: (row: MonthSheetRow) => Fen) => money(sumFen(rows.map(pick)));
  const sum = (pick: (row: MonthSheetRow) => number) =>
    count(rows.reduce((left, row) => left + pick(row), 0));
  const none = text('');
  return [
    text('合计'),
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    sum((row) => row.screenings),
    sum((row) => row.admissions),
    total((row) => row.grossFen),
    total((row) => row.fundFen),
    none,
    total((row) => row.taxFen),
    total((row) => row.netFen),
    none,
    total((row) => row.shareFen),
  ];
}

/** How strictly the products of a month sheet are checked. */
export type MonthCheckOptions = {
  /** Fen by which a product may differ before it is a finding; rounding conventions differ. */
  readonly toleranceFen?: Fen;
};

/**
 * The arithmetic of a monthly sheet as its receiver checks it: 15 = 11 − 12 − 14 exactly, and
 * 17 = 15 × 16 rounded half up to the fen.
 */
export function checkMonthSheet(
  records: readonly BoxOfficeRecord[],
  options: MonthCheckOptions = {},
): Finding[] {
  const tolerance = options.toleranceFen ?? 0n;
  return records.flatMap((record) => [...checkNet(record), ...checkShare(record, tolerance)]);
}

function checkNet(record: BoxOfficeRecord): Finding[] {
  const { grossFen, fundFen, taxFen, netFen } = record;
  if (grossFen === undefined || fundFen === undefined) return [];
  if (taxFen === undefined || netFen === undefined) return [];
  const expected = grossFen - fundFen - taxFen;
  if (expected === netFen) return [];
  const facts = { said: formatYuan(netFen), expected: formatYuan(expected) };
  const at = { row: record.sourceRow, field: 'netFen' };
  return [finding('mismatched_net', 'error', { facts, at })];
}

function checkShare(record: BoxOfficeRecord, tolerance: Fen): Finding[] {
  const { netFen, shareRate, shareFen: said } = record;
  if (netFen === undefined || shareRate === undefined || said === undefined) return [];
  const expected = shareFen(netFen, shareRate, 'half_up');
  const difference = said - expected;
  if ((difference < 0n ? -difference : difference) <= tolerance) return [];
  const facts = {
    said: formatYuan(said),
    expected: formatYuan(expected),
    difference: formatYuan(difference),
  };
  const at = { row: record.sourceRow, field: 'shareFen' };
  return [finding('mismatched_share', 'error', { facts, at })];
}
