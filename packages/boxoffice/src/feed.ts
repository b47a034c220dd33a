import {
  accepted,
  finding,
  type Finding,
  formatRatio,
  hasErrors,
  type Outcome,
  refused,
} from '@yinglian/core';
import type { BoxOfficeRecord } from './record.ts';
import {
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  type FieldValues,
  type Level,
  LEVELS,
  readField,
} from './fields.ts';
import { checkRepetition, checkRow } from './row-checks.ts';

/**
 * The documented feed: JSON Lines, UTF-8. The first line is the header
 * `{"format":"yinglian-box-office/1","level":"screening","source":"…"}`; each further line is one
 * record whose keys are the field names of {@link FIELDS}. Money is a decimal string of fen, rates
 * are strings (`"0.43"`, `"43%"`, `"3/103"`), dates `YYYY-MM-DD`. Unknown keys are refused.
 */
export const FEED_FORMAT = 'yinglian-box-office/1';
/** Characters of one line of a feed at most. */
export const FEED_LINE_CHARACTERS_MAX = 64 * 1024;

/** The first line of a feed: the level of its records and who sent them. */
export type FeedHeader = { readonly level: Level; readonly source: string };
/** A feed as it was read: its header and its records. */
export type Feed = { readonly header: FeedHeader; readonly records: readonly BoxOfficeRecord[] };

/** Reads a feed; any faulty line refuses it, for a machine wrote it and can write it again. */
export function readFeed(
  text: string,
  /** The one cinema that the feed comes from: the code of lines that name none. */
  options: { readonly cinemaCode?: string } = {},
): Outcome<Feed> {
  const lines = text.split(/\r?\n/);
  const header = readHeader(lines[0] ?? '');
  if (!header.ok) return header;
  const records: BoxOfficeRecord[] = [];
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  const { cinemaCode } = options;
  const defaults: FieldValues = cinemaCode === undefined ? {} : { cinemaCode };
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!;
    if (line === '') continue;
    const { record, findings: own } = readLine(line, index + 1, header.value.level, defaults);
    findings.push(...own);
    if (record === undefined) continue;
    findings.push(...checkRow(record, own), ...checkRepetition(record, seen));
    records.push(record);
  }
  if (hasErrors(findings)) return refused(...findings);
  return accepted({ header: header.value, records }, findings);
}

function readHeader(line: string): Outcome<FeedHeader> {
  const parsed = parseObject(line);
  const level = parsed?.['level'];
  const source = parsed?.['source'];
  const known = LEVELS.find((each) => each === level);
  if (parsed?.['format'] !== FEED_FORMAT || known === undefined || typeof source !== 'string') {
    return refused(finding('invalid_feed_header', 'error', { at: { row: 1 } }));
  }
  return accepted({ level: known, source });
}

function readLine(
  line: string,
  row: number,
  level: Level,
  defaults: FieldValues,
): { readonly record?: BoxOfficeRecord; readonly findings: Finding[] } {
  const parsed = parseObject(line);
  if (parsed === undefined) {
    return { findings: [finding('invalid_feed_line', 'error', { at: { row } })] };
  }
  const findings: Finding[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    const at = { row, field: key };
    if (!Object.hasOwn(FIELDS, key)) {
      findings.push(finding('unknown_field', 'error', { facts: { field: key }, at }));
      continue;
    }
    const name = key as FieldName;
    const isMoney = FIELDS[name].kind === 'money';
    if (typeof value !== 'string' && (isMoney || typeof value !== 'number')) {
      findings.push(finding('invalid_feed_value', 'error', { facts: { field: key }, at }));
      continue;
    }
    const reading = readField(name, value, { money: 'fen', rate: 'fraction' });
    if (reading.fault !== undefined) {
      const facts = { field: key, text: String(value) };
      findings.push(finding(reading.fault, 'error', { facts, at }));
    } else if (reading.value !== undefined) values[name] = reading.value;
  }
  return { record: { ...defaults, ...values, level, sourceRow: row, raw: [line] }, findings };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (line.length > FEED_LINE_CHARACTERS_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a feed that {@link readFeed} reads back to the same values. */
export function writeFeed(header: FeedHeader, records: Iterable<BoxOfficeRecord>): string {
  const lines = [JSON.stringify({ format: FEED_FORMAT, ...header })];
  for (const record of records) {
    const values: Record<string, string | number> = {};
    for (const name of FIELD_NAMES) {
      const value = record[name];
      if (value === undefined) continue;
      if (typeof value === 'bigint') values[name] = value.toString();
      else values[name] = typeof value === 'object' ? formatRatio(value) : value;
    }
    lines.push(JSON.stringify(values));
  }
  return `${lines.join('\n')}\n`;
}
