import {
  accepted,
  finding,
  type Finding,
  isIsoDate,
  type Outcome,
  parseRatio,
  parseYuan,
  refused,
} from '@yinglian/core';
import { z } from 'zod';
import type { Engagement, RentalFact } from './rental/settle.ts';
import type { StreamingFact } from './streaming/settle.ts';
import type { BookDay } from './theatrical/facts.ts';
import type { Expense, ExchangeRate, Income } from './waterfall/facts.ts';

/**
 * What is settled besides tickets: money that came in, money spent, a platform's usage, a named
 * source's daily figures, exchange rates, what was agreed with one cinema. Each is one record with
 * a key of its sender, so that the same record sent again is the same record.
 */

const FILM_MAX = 200;
const key = z.string().trim().min(1).max(200);
const day = z.string().refine(isIsoDate);
const fen = z.string().regex(/^-?\d{1,30}$/);
const positive = z.string().regex(/^\d{1,30}$/);
const signedCount = z.string().regex(/^-?\d{1,15}$/);
const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
const rate = z
  .string()
  .max(60)
  .refine((text) => !text.startsWith('-') && parseRatio(text) !== undefined);
const yuan = z
  .string()
  .max(30)
  .refine((text) => !text.startsWith('-') && parseYuan(text) !== undefined);

/** One record of what is settled besides tickets. Amounts are decimal texts of fen. */
export const settlementInputSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('income'),
    key,
    date: day,
    source: z.string().trim().min(1).max(60),
    film: z.string().trim().min(1).max(FILM_MAX),
    amountFen: fen,
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional(),
    grossFen: fen.optional(),
    admissions: signedCount.optional(),
  }),
  z.strictObject({
    kind: z.literal('expense'),
    key,
    date: day,
    account: name,
    amountFen: fen,
  }),
  z.strictObject({
    kind: z.literal('usage'),
    key,
    date: day,
    platform: z.string().trim().min(1).max(60).optional(),
    minutes: positive.optional(),
    views: positive.optional(),
    incomesFen: z.record(name, fen).optional(),
  }),
  z.strictObject({
    kind: z.literal('book'),
    key,
    date: day,
    book: name,
    grossFen: fen.optional(),
    netFen: fen.optional(),
    admissions: signedCount.optional(),
  }),
  z.strictObject({
    kind: z.literal('rate'),
    key,
    date: day,
    source: name,
    currency: z.string().regex(/^[A-Z]{3}$/),
    rate,
  }),
  z.strictObject({
    kind: z.literal('engagement'),
    key,
    cinemaCode: z.string().trim().min(1).max(60),
    start: day.optional(),
    allowance: yuan.optional(),
    agreedRate: rate.optional(),
  }),
]);
/** One record of what is settled besides tickets. */
export type SettlementInput = z.infer<typeof settlementInputSchema>;
/** The kinds of {@link SettlementInput}. */
export type InputKind = SettlementInput['kind'];
/** The kinds by name. */
export const INPUT_KINDS = ['income', 'expense', 'usage', 'book', 'rate', 'engagement'] as const;

/** Rows of tickets as a bundle of rental terms carries them. */
const rowSchema = z.strictObject({
  id: z.string().max(500),
  date: day,
  lastDate: day.optional(),
  start: z.string().max(10).optional(),
  filmCode: z.string().max(60),
  cinemaCode: z.string().max(60),
  circuit: z.string().max(200).optional(),
  screenings: signedCount,
  admissions: signedCount,
  grossFen: fen,
});
/** A row of tickets in text, with the circuit that the register names for its cinema. */
export type InputRow = z.infer<typeof rowSchema>;

/** Everything that one settlement of terms other than theatrical ones was computed from. */
export const settlementInputsSchema = z.strictObject({
  records: z.array(settlementInputSchema).max(200_000),
  rows: z.array(rowSchema).max(1_000_000),
});
/** Everything that one settlement of terms other than theatrical ones was computed from. */
export type SettlementInputs = z.infer<typeof settlementInputsSchema>;

const of = <Kind extends InputKind>(records: readonly SettlementInput[], kind: Kind) =>
  records.filter((each): each is Extract<SettlementInput, { kind: Kind }> => each.kind === kind);

/** The incomes among records. */
export function incomesOf(records: readonly SettlementInput[]): Income[] {
  return of(records, 'income').map((each) => ({
    id: each.key,
    date: each.date,
    source: each.source,
    film: each.film,
    amountFen: BigInt(each.amountFen),
    ...(each.currency === undefined ? {} : { currency: each.currency }),
    ...(each.grossFen === undefined ? {} : { grossFen: BigInt(each.grossFen) }),
    ...(each.admissions === undefined ? {} : { admissions: Number(each.admissions) }),
  }));
}

/** The expenses among records. */
export function expensesOf(records: readonly SettlementInput[]): Expense[] {
  return of(records, 'expense').map(({ key: id, date, account, amountFen }) => ({
    id,
    date,
    account,
    amountFen: BigInt(amountFen),
  }));
}

/** What platforms reported among records. */
export function usageOf(records: readonly SettlementInput[]): StreamingFact[] {
  return of(records, 'usage').map((each) => ({
    id: each.key,
    date: each.date,
    ...(each.platform === undefined ? {} : { platform: each.platform }),
    ...(each.minutes === undefined ? {} : { minutes: BigInt(each.minutes) }),
    ...(each.views === undefined ? {} : { views: BigInt(each.views) }),
    ...(each.incomesFen === undefined
      ? {}
      : {
          incomesFen: Object.fromEntries(
            Object.entries(each.incomesFen).map(([income, amount]) => [income, BigInt(amount)]),
          ),
        }),
  }));
}

/** Daily figures by the name of their source. */
export function booksOf(records: readonly SettlementInput[]): { [name: string]: BookDay[] } {
  const books: { [name: string]: BookDay[] } = {};
  for (const each of of(records, 'book')) {
    (books[each.book] ??= []).push({
      date: each.date,
      ...(each.grossFen === undefined ? {} : { grossFen: BigInt(each.grossFen) }),
      ...(each.netFen === undefined ? {} : { netFen: BigInt(each.netFen) }),
      ...(each.admissions === undefined ? {} : { admissions: Number(each.admissions) }),
    });
  }
  for (const days of Object.values(books)) days.sort((a, b) => (a.date < b.date ? -1 : 1));
  return books;
}

/** Exchange rates by the name of their source. */
export function ratesOf(records: readonly SettlementInput[]): { [source: string]: ExchangeRate[] } {
  const rates: { [source: string]: ExchangeRate[] } = {};
  for (const each of of(records, 'rate')) {
    (rates[each.source] ??= []).push({
      date: each.date,
      currency: each.currency,
      rate: parseRatio(each.rate)!,
    });
  }
  return rates;
}

/** What was agreed with single cinemas; of two records for one cinema the later key counts. */
export function engagementsOf(records: readonly SettlementInput[]): Engagement[] {
  const byCinema = new Map<string, Engagement>();
  const ordered = of(records, 'engagement').sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { cinemaCode, start, allowance, agreedRate } of ordered) {
    byCinema.set(cinemaCode, {
      cinemaCode,
      ...(start === undefined ? {} : { start }),
      ...(allowance === undefined ? {} : { allowance }),
      ...(agreedRate === undefined ? {} : { agreedRate }),
    });
  }
  return [...byCinema.values()];
}

/** Rows in text as the rental settlement reads them. */
export function rentalFactsOf(rows: readonly InputRow[]): RentalFact[] {
  return rows.map((row) => ({
    id: row.id,
    date: row.date,
    ...(row.lastDate === undefined ? {} : { lastDate: row.lastDate }),
    ...(row.start === undefined ? {} : { start: row.start }),
    filmCode: row.filmCode,
    cinemaCode: row.cinemaCode,
    screenings: Number(row.screenings),
    admissions: Number(row.admissions),
    grossFen: BigInt(row.grossFen),
  }));
}

/** Facts of the rental settlement as a bundle carries them. */
export function inputRowOf(fact: RentalFact, circuit: string | undefined): InputRow {
  return {
    id: fact.id,
    date: fact.date,
    ...(fact.lastDate === undefined ? {} : { lastDate: fact.lastDate }),
    ...(fact.start === undefined ? {} : { start: fact.start }),
    filmCode: fact.filmCode,
    cinemaCode: fact.cinemaCode,
    ...(circuit === undefined ? {} : { circuit }),
    screenings: String(fact.screenings),
    admissions: String(fact.admissions),
    grossFen: String(fact.grossFen),
  };
}

/** Records at most in one file. */
export const INPUT_ROWS_MAX = 100_000;
const INPUT_FINDINGS_MAX = 200;

/** What a column holds, by its heading in either language. */
const HEADINGS: Readonly<Record<string, string>> = {
  key: 'key',
  编号: 'key',
  date: 'date',
  日期: 'date',
  platform: 'platform',
  平台: 'platform',
  source: 'source',
  来源: 'source',
  film: 'film',
  影片: 'film',
  amount: 'amountFen',
  金额: 'amountFen',
  currency: 'currency',
  币种: 'currency',
  gross: 'grossFen',
  票房: 'grossFen',
  net: 'netFen',
  净票房: 'netFen',
  admissions: 'admissions',
  人次: 'admissions',
  account: 'account',
  科目: 'account',
  minutes: 'minutes',
  分钟: 'minutes',
  hours: 'hours',
  小时: 'hours',
  views: 'views',
  有效观看: 'views',
  book: 'book',
  账本: 'book',
  rate: 'rate',
  汇率: 'rate',
  cinema: 'cinemaCode',
  影院编码: 'cinemaCode',
  start: 'start',
  开始日期: 'start',
  allowance: 'allowance',
  场地费: 'allowance',
  'agreed rate': 'agreedRate',
  商定比例: 'agreedRate',
};
/** `income:member` or `收入:member`: a platform's net income by its name. */
const INCOME_HEADING = /^(?:income|收入)[:：]\s*([a-z][a-z0-9_]{0,62})$/;
const MONEY = new Set(['amountFen', 'grossFen', 'netFen']);
const COUNTS = new Set(['admissions', 'minutes', 'views']);

/** Names of the column that says which film an income is of. */
const FILM_COLUMN = /^(?:film|影片)$/i;

/**
 * The cells of a sheet as a person reads them: days as days, numbers without an exponent. An
 * income of a table that names no film is of the film that the table is given for.
 */
export function inputCells(
  kind: InputKind,
  sheet: readonly (readonly unknown[])[],
  film?: string,
): readonly (readonly string[])[] {
  const table = sheet.map((row) => row.map(cellWords));
  const named = table[0]?.some((cell) => FILM_COLUMN.test(cell.trim())) ?? true;
  if (kind !== 'income' || named || film === undefined) return table;
  return table.map((row, index) => {
    const empty = row.every((cell) => cell.trim() === '');
    return [...row, index === 0 ? 'film' : empty ? '' : film];
  });
}

function cellWords(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return cell === null || cell === undefined ? '' : String(cell);
}

/**
 * Records of one kind from a table whose first row names the columns, in either language; amounts
 * in yuan. Every cell that is not understood is a finding with its row and column, and then there
 * are no records at all: half a file is no file.
 */
export function readInputTable(
  kind: InputKind,
  table: readonly (readonly string[])[],
): Outcome<SettlementInput[]> {
  const [head, ...rows] = table;
  if (head === undefined || rows.length === 0) return refused(finding('empty_table', 'error'));
  if (rows.length > INPUT_ROWS_MAX) {
    return refused(finding('excessive_rows', 'error', { facts: { limit: INPUT_ROWS_MAX } }));
  }
  const columns = head.map(columnOf);
  const unknown = head.filter((text, i) => columns[i] === undefined && text.trim() !== '');
  const findings: Finding[] = unknown.map((column) =>
    finding('unknown_column', 'error', { facts: { column } }),
  );
  const records: SettlementInput[] = [];
  const seen = new Set<string>();
  for (const [index, cells] of rows.entries()) {
    if (findings.length >= INPUT_FINDINGS_MAX) break;
    if (cells.every((cell) => cell.trim() === '')) continue;
    const row = index + 2;
    const made = recordOf(kind, columns, cells, row);
    const parsed = settlementInputSchema.safeParse(made);
    if (!parsed.success) {
      findings.push(...cellFindings(parsed.error, row));
    } else if (seen.has(parsed.data.key)) {
      const facts = { key: parsed.data.key };
      findings.push(finding('duplicate_record', 'error', { facts, at: { row } }));
    } else {
      seen.add(parsed.data.key);
      records.push(parsed.data);
    }
  }
  return findings.length > 0 ? refused(...findings) : accepted(records);
}

function columnOf(heading: string): string | undefined {
  const text = heading.trim().toLowerCase();
  const income = INCOME_HEADING.exec(text);
  if (income !== null) return `income:${income[1]}`;
  return HEADINGS[text];
}

function recordOf(
  kind: InputKind,
  columns: readonly (string | undefined)[],
  cells: readonly string[],
  row: number,
): Record<string, unknown> {
  const record: Record<string, unknown> = { kind };
  const incomes: Record<string, string> = {};
  for (const [i, column] of columns.entries()) {
    const text = (cells[i] ?? '').trim();
    if (column === undefined || text === '') continue;
    if (column.startsWith('income:')) incomes[column.slice(7)] = fenText(text);
    else if (column === 'hours') record['minutes'] = minutesText(text);
    else if (MONEY.has(column)) record[column] = fenText(text);
    else if (COUNTS.has(column)) record[column] = text.replaceAll(',', '');
    else record[column] = column === 'date' || column === 'start' ? dateText(text) : text;
  }
  if (Object.keys(incomes).length > 0) record['incomesFen'] = incomes;
  record['key'] ??= impliedKey(record, row);
  return record;
}

/** A row that names no key is known by what it speaks of, so that it is found again. */
function impliedKey(record: Readonly<Record<string, unknown>>, row?: number): string {
  const { book, source, account, cinemaCode, platform, currency, kind, date } = record;
  const place = [
    book ?? source ?? account ?? cinemaCode ?? platform,
    kind === 'rate' ? currency : undefined,
  ];
  return [...place.filter((each) => each !== undefined), date ?? row].join('/');
}

/**
 * Money that came or was spent twice on a day must not pass for a correction: a row without a key
 * of its own, where another record has the key that its day and source imply.
 */
export function checkReplacement(record: SettlementInput, before: unknown): Finding[] {
  const isMoney = record.kind === 'income' || record.kind === 'expense';
  if (before === null || before === undefined || !isMoney) return [];
  if (record.key !== impliedKey(record)) return [];
  return [finding('replaced_payment', 'error', { facts: { key: record.key } })];
}

/** Yuan as fen; what is none stays as it is and is found. */
function fenText(text: string): string {
  const plain = text.replaceAll(',', '').replace(/^[¥￥]/, '');
  const negative = plain.startsWith('-');
  const amount = parseYuan(negative ? plain.slice(1) : plain);
  return amount === undefined ? text : String(negative ? -amount : amount);
}

/** Hours with decimals as whole minutes; what leaves a rest is no count of minutes. */
function minutesText(text: string): string {
  const hours = parseRatio(text.replaceAll(',', ''));
  if (hours === undefined || (hours.numerator * 60n) % hours.denominator !== 0n) return text;
  return String((hours.numerator * 60n) / hours.denominator);
}

const dateText = (text: string) => {
  const match = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(text);
  if (match === null) return text;
  return `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`;
};

function cellFindings(error: z.ZodError, row: number): Finding[] {
  const fields = new Set(error.issues.map((issue) => issue.path.map(String).join('.')));
  return [...fields].map((field) =>
    finding('invalid_cell', 'error', { facts: { field }, at: { row } }),
  );
}
