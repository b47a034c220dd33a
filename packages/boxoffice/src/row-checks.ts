import { finding, type Finding } from '@yinglian/core';
import type { BoxOfficeRecord } from './record.ts';
import { type FieldName, type Level, REQUIRED } from './fields.ts';

/** What a row must hold and cannot say, whatever the sender; `known` is what its cells gave. */
export function checkRow(record: BoxOfficeRecord, known: readonly Finding[]): Finding[] {
  const findings: Finding[] = [];
  const at = { row: record.sourceRow };
  const faulty = new Set(
    known.filter((each) => each.severity === 'error').map((f) => f.at['field']),
  );
  for (const group of REQUIRED[record.level]) {
    if (group.some((name) => record[name] !== undefined || faulty.has(name))) continue;
    const facts = { fields: [...group] };
    findings.push(finding('missing_value', 'error', { facts, at: { ...at, field: group[0]! } }));
  }
  if (record.from !== undefined && record.to !== undefined && record.from > record.to) {
    const facts = { from: record.from, to: record.to };
    findings.push(finding('reversed_dates', 'error', { facts, at }));
  }
  findings.push(...checkRefund(record));
  const mayBeNegative = record.operation === 'refund' || record.level !== 'ticket';
  for (const name of ['admissions', 'screenings', 'seats'] as const) {
    const count = record[name];
    if (count !== undefined && count < 0 && !(mayBeNegative && name !== 'seats')) {
      findings.push(finding('negative_count', 'error', { facts: { field: name, count }, at }));
    }
  }
  const { seats, admissions } = record;
  const screenings = record.screenings ?? (record.level === 'screening' ? 1 : undefined);
  if (seats !== undefined && admissions !== undefined && screenings !== undefined) {
    if (admissions > seats * Math.max(1, screenings)) {
      findings.push(
        finding('excessive_admissions', 'warning', { facts: { seats, admissions }, at }),
      );
    }
  }
  return findings;
}

/** A ticket's price is positive whatever was done; a refund's sums are expected to be negative. */
function checkRefund(record: BoxOfficeRecord): Finding[] {
  if (record.operation !== 'refund') return [];
  const positive = (record.grossFen ?? 0n) > 0n || (record.admissions ?? 0) > 0;
  return positive ? [finding('positive_refund', 'warning', { at: { row: record.sourceRow } })] : [];
}

/** A row that repeats the key of an earlier one; `seen` takes the others. */
export function checkRepetition(record: BoxOfficeRecord, seen: Map<string, number>): Finding[] {
  const key = recordKey(record);
  const firstRow = seen.get(key);
  if (firstRow === undefined) {
    seen.set(key, record.sourceRow);
    return [];
  }
  const at = { row: record.sourceRow };
  return [finding('duplicate_row', 'error', { facts: { firstRow }, at })];
}

const KEY_FIELDS: Readonly<Record<Level, readonly FieldName[]>> = Object.freeze({
  ticket: ['cinemaCode', 'ticketId', 'operation'],
  screening: [
    'cinemaCode',
    'date',
    'hall',
    'start',
    'screeningId',
    'filmCode',
    'channel',
    'ticketType',
    'operation',
  ],
  day: [
    'cinemaCode',
    'date',
    'filmCode',
    'hall',
    'equipment',
    'channel',
    'ticketType',
    'operation',
  ],
  month: ['cinemaCode', 'filmCode', 'equipment', 'from', 'to', 'hall', 'shareRate', 'operation'],
});

/** What makes two rows the same row in two deliveries, or a duplicate in one. */
export function recordKey(record: BoxOfficeRecord): string {
  const parts = KEY_FIELDS[record.level].map((name) => {
    const value = record[name];
    if (value === undefined) return '';
    return typeof value === 'object' ? `${value.numerator}/${value.denominator}` : String(value);
  });
  return JSON.stringify(parts);
}
