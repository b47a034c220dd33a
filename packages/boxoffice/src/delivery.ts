import {
  accepted,
  type Fen,
  finding,
  type Finding,
  formatYuan,
  hasErrors,
  type Outcome,
  refused,
} from '@yinglian/core';
import { type Cell, cellText, type SheetRow } from './cells.ts';
import { type DecodedText, decodeText, type TextEncoding } from './encoding.ts';
import { type Delimiter, readDelimited } from './delimited.ts';
import { FIELD_NAMES, type FieldName, type FieldValues, readField } from './fields.ts';
import { checkRepetition, checkRow, recordKey } from './row-checks.ts';
import { measuresOf } from './measures.ts';
import type { BoxOfficeRecord } from './record.ts';
import {
  type ColumnPlaces,
  detectMapping,
  HEADING_ROWS_MAX,
  type Mapping,
  missingFields,
  placeColumns,
} from './mapping.ts';

/** A row that was not understood, kept whole so that it can be corrected and sent again. */
export type QuarantinedRow = {
  readonly sourceRow: number;
  readonly raw: readonly string[];
  readonly findings: readonly Finding[];
};

/** What the records of a delivery add up to. */
export type DeliveryTotals = {
  readonly rows: number;
  readonly grossFen: Fen;
  readonly admissions: number;
  readonly screenings: number;
};

/** What was taken from a delivery, and what was set aside. */
export type Delivery = {
  readonly mapping: Mapping;
  /** The heading row as it stands in the file, cell by cell; nothing of a feed. */
  readonly headings: readonly string[];
  readonly records: readonly BoxOfficeRecord[];
  readonly quarantined: readonly QuarantinedRow[];
  /** Findings per cell and of the delivery as a whole. */
  readonly findings: readonly Finding[];
  readonly totals: DeliveryTotals;
};

/** How a delivery is read. */
export type DeliveryOptions = {
  /** Left out, the mapping is detected from the headings. */
  readonly mapping?: Mapping;
  /**
   * - `all_or_nothing` (the default): one row with an error refuses the delivery.
   * - `quarantine`: rows with errors are set aside, the others are taken.
   */
  readonly policy?: 'all_or_nothing' | 'quarantine';
  /** The one cinema that the file comes from: the code of rows that name none. */
  readonly cinemaCode?: string;
  /** Row number of `rows[0]` in the file, 1-based. */
  readonly firstRow?: number;
  /** Row numbers of each row, when they are not consecutive (quoted line breaks). */
  readonly rowNumbers?: readonly number[];
};

/** A CSV delivery from its bytes: encoding, delimiter, headings and mapping are found. */
export function readCsvDelivery(
  bytes: Uint8Array,
  options: DeliveryOptions & { encoding?: TextEncoding; delimiter?: Delimiter } = {},
): Outcome<Delivery & { readonly text: Omit<DecodedText, 'text'> }> {
  const decoded = decodeText(bytes, options.encoding);
  if (!decoded.ok) return decoded;
  const rows = readDelimited(decoded.value.text, options.delimiter);
  if (!rows.ok) return rows;
  const delivery = readDelivery(
    rows.value.map((row) => row.cells),
    { ...options, rowNumbers: rows.value.map((row) => row.line) },
  );
  if (!delivery.ok) return delivery;
  const { encoding, marked } = decoded.value;
  return accepted({ ...delivery.value, text: { encoding, marked } }, [
    ...decoded.findings,
    ...delivery.findings,
  ]);
}

/**
 * Rows of a sheet (a parsed workbook, a CSV) as records. This is also the preview: call it with
 * `policy: 'quarantine'` and show `records`, `quarantined` and `findings`; nothing is stored.
 */
export function readDelivery(
  rows: readonly SheetRow[],
  options: DeliveryOptions = {},
): Outcome<Delivery> {
  const start = startOf(rows, options);
  if (!start.ok) return start;
  const { mapping, headingIndex, places } = start.value;
  const reading = readBody(rows, headingIndex, { mapping, places, options });
  const findings = [...start.findings, ...reading.findings];
  if (reading.records.length === 0 && reading.quarantined.length === 0) {
    return refused(...findings, finding('empty_delivery', 'error'));
  }
  if (hasErrors(findings) && options.policy !== 'quarantine') return refused(...findings);
  return accepted(
    {
      mapping,
      headings: rows[headingIndex]!.map(cellText),
      ...reading,
      findings,
      totals: totalsOf(reading.records),
    },
    findings.filter((each) => each.severity !== 'error'),
  );
}

type Start = { mapping: Mapping; headingIndex: number; places: ColumnPlaces };

function startOf(
  rows: readonly SheetRow[],
  { mapping: saved, cinemaCode }: DeliveryOptions,
): Outcome<Start> {
  const given: readonly FieldName[] = cinemaCode === undefined ? [] : ['cinemaCode'];
  if (saved === undefined) {
    const detected = detectMapping(rows, { given });
    if (!detected.ok) return detected;
    const { mapping, headingIndex } = detected.value;
    const places = placeColumns(mapping, rows[headingIndex]!);
    if (!places.ok) return places;
    return accepted({ mapping, headingIndex, places: places.value }, detected.findings);
  }
  const missing = missingFields(saved, given);
  if (missing.length > 0) return refused(...missing);
  let nearest: Outcome<ColumnPlaces> = refused(finding('empty_delivery', 'error'));
  for (const [headingIndex, row] of rows.slice(0, HEADING_ROWS_MAX).entries()) {
    const places = placeColumns(saved, row);
    if (places.ok) return accepted({ mapping: saved, headingIndex, places: places.value });
    const nearer = nearest.ok || places.findings.length < nearest.findings.length;
    if (nearer || headingIndex === 0) nearest = places;
  }
  return refused(...nearest.findings);
}

type Body = {
  readonly records: BoxOfficeRecord[];
  readonly quarantined: QuarantinedRow[];
  readonly findings: Finding[];
};
type BodyContext = { mapping: Mapping; places: ColumnPlaces; options: DeliveryOptions };

function readBody(rows: readonly SheetRow[], headingIndex: number, context: BodyContext): Body {
  const body: Body = { records: [], quarantined: [], findings: [] };
  const seen = new Map<string, number>();
  for (let index = headingIndex + 1; index < rows.length; index++) {
    const row = rows[index]!;
    const sourceRow =
      context.options.rowNumbers?.[index] ?? (context.options.firstRow ?? 1) + index;
    if (row.every((cell) => cellText(cell) === '')) continue;
    if (isTotalRow(row)) {
      body.findings.push(...checkTotalRow(row, sourceRow, context, body.records));
      continue;
    }
    const { record, findings } = readRow(row, sourceRow, context);
    findings.push(...checkRepetition(record, seen));
    body.findings.push(...findings);
    if (hasErrors(findings)) body.quarantined.push({ sourceRow, raw: record.raw, findings });
    else body.records.push(record);
  }
  return body;
}

function readRow(
  row: SheetRow,
  sourceRow: number,
  { mapping, places, options }: BodyContext,
): { record: BoxOfficeRecord; findings: Finding[] } {
  const findings: Finding[] = [];
  const values: Record<string, unknown> = {};
  const units = { money: mapping.moneyUnit, rate: mapping.rateUnit };
  for (const name of FIELD_NAMES) {
    const place = places[name];
    const written: Cell = place === undefined ? mapping.constants?.[name] : row[place];
    const isLeftOut = name === 'cinemaCode' && cellText(written) === '';
    const cell = isLeftOut ? (options.cinemaCode ?? written) : written;
    if (place === undefined && cell === undefined) continue;
    const reading = readField(name, cell, units);
    const at =
      place === undefined
        ? { row: sourceRow, field: name }
        : { row: sourceRow, column: place + 1, field: name };
    if (reading.fault !== undefined) {
      const facts = { text: cellText(cell), field: name };
      findings.push(finding(reading.fault, 'error', { facts, at }));
    } else if (reading.value !== undefined) values[name] = reading.value;
    for (const warning of reading.warnings) {
      findings.push(finding(warning.code, warning.severity, { facts: warning.facts, at }));
    }
  }
  const record = {
    ...(values as FieldValues),
    level: mapping.level,
    sourceRow,
    raw: row.map(cellText),
  };
  findings.push(...checkRow(record, findings));
  return { record, findings };
}

const TOTAL_WORDS = /^(?:合计|总计|小计|total)[:：]?$/i;

function isTotalRow(row: SheetRow): boolean {
  const filled = row.map(cellText).filter((text) => text !== '');
  return filled.slice(0, 3).some((text) => TOTAL_WORDS.test(text.replace(/\s/g, '')));
}

/** A sheet's own total must be the sum of its rows; a sheet that cannot add is not believed. */
function checkTotalRow(
  row: SheetRow,
  sourceRow: number,
  { mapping, places }: BodyContext,
  records: readonly BoxOfficeRecord[],
): Finding[] {
  const place = places.grossFen;
  if (place === undefined || cellText(row[place]) === '') return [];
  const said = readField('grossFen', row[place], {
    money: mapping.moneyUnit,
    rate: mapping.rateUnit,
  });
  if (typeof said.value !== 'bigint') return [];
  const sum = totalsOf(records).grossFen;
  const facts = { said: formatYuan(said.value), sum: formatYuan(sum) };
  const at = { row: sourceRow, column: place + 1 };
  // A sub-total covers a part of the rows, so only a grand total can be compared with them all.
  const grand = !row.some((cell) => cellText(cell).replace(/\s/g, '').startsWith('小计'));
  if (!grand) return [];
  return said.value === sum
    ? [finding('matched_total', 'success', { facts, at })]
    : [finding('mismatched_total', 'warning', { facts, at })];
}

/** Adds up the records by their {@link measuresOf}. */
export function totalsOf(records: readonly BoxOfficeRecord[]): DeliveryTotals {
  let grossFen = 0n;
  let admissions = 0;
  let screenings = 0;
  for (const measures of measuresOf(records)) {
    grossFen += measures.grossFen;
    admissions += measures.admissions;
    screenings += measures.screenings;
  }
  return { rows: records.length, grossFen, admissions, screenings };
}

/** One record that a correction adds, changes or removes. */
export type DeliveryChange = {
  readonly key: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before?: BoxOfficeRecord;
  readonly after?: BoxOfficeRecord;
  /** Fields that differ, for `changed`. */
  readonly fields: readonly FieldName[];
};

/**
 * What a later delivery of the same source and period says differently. An identical one says
 * nothing, so that importing twice is importing once; a correction becomes a new version.
 */
export function compareDeliveries(
  before: readonly BoxOfficeRecord[],
  after: readonly BoxOfficeRecord[],
): DeliveryChange[] {
  const old = new Map(before.map((record) => [recordKey(record), record]));
  const changes: DeliveryChange[] = [];
  for (const record of after) {
    const key = recordKey(record);
    const previous = old.get(key);
    old.delete(key);
    if (previous === undefined) changes.push({ key, kind: 'added', after: record, fields: [] });
    else {
      const fields = FIELD_NAMES.filter(
        (name) => name !== 'rowNumber' && fieldText(previous, name) !== fieldText(record, name),
      );
      if (fields.length > 0) {
        changes.push({ key, kind: 'changed', before: previous, after: record, fields });
      }
    }
  }
  for (const [key, record] of old)
    changes.push({ key, kind: 'removed', before: record, fields: [] });
  return changes;
}

function fieldText(record: BoxOfficeRecord, name: FieldName): string {
  const value = record[name];
  if (value === undefined) return '';
  return typeof value === 'object' ? `${value.numerator}/${value.denominator}` : String(value);
}
