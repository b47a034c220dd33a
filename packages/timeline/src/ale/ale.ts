import {
  accepted,
  clipText,
  encodeUtf8,
  type Finding,
  finding,
  FINDINGS_MAX,
  type FrameRate,
  formatTimecode,
  FRAME_RATES,
  type Outcome,
  parseFrameRate,
  refused,
} from '@yinglian/core';
import { clockOf } from '../edl/clock.ts';
import {
  type JsonObject,
  type JsonValue,
  objectMember,
  setMember,
  textMember,
} from '../json/value.ts';
import { formatDouble } from '../json/write.ts';
import {
  type Clip,
  clip,
  type Collection,
  DEFAULT_MEDIA,
  external,
  mediaOf,
  missing,
} from '../model.ts';
import { playedRange } from '../place.ts';
import { decodeList, type ListEncoding } from '../text.ts';
import { soundCut } from '../sound.ts';
import { framesAt, range, rateLabel } from '../time.ts';

/** A log as it stands: headings, columns and rows, in their order. */
export type AleTable = {
  readonly heading: readonly (readonly [name: string, value: string])[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** Bytes of one log; 100,000 clips of 90 columns are 80 MB. */
const ALE_BYTES_MAX = 256 * 1024 * 1024;
/** Columns of a log; Avid shows a few hundred. */
const COLUMNS_MAX = 4096;
const CLAUSE = 'Avid Log Exchange';

/** How a log is read. */
export type AleReading = { readonly rate?: FrameRate; readonly encoding?: ListEncoding };

/** Reads an Avid log as its table. Fields beyond the columns are kept, with a finding. */
export function readAleTable(bytes: Uint8Array, encoding?: ListEncoding): Outcome<AleTable> {
  if (bytes.length > ALE_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: ALE_BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const decoded = decodeList(bytes, encoding);
  const findings = [...decoded.findings];
  const lines = decoded.text.split(/\r\n|\r|\n/);
  const heading: [string, string][] = [];
  const rows: string[][] = [];
  let columns: string[] = [];
  let section = '';
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const word = line.trim().toLowerCase();
    const opens = /^(heading|column|data)\b/.exec(word)?.[1];
    if (
      opens !== undefined &&
      (opens !== section || word === opens) &&
      isSection(line, opens, section)
    ) {
      section = opens;
      // Some logs have their whole heading on the line of that word.
      if (opens === 'heading') heading.push(...pairs(line.trim().slice(7)));
      continue;
    }
    if (section === 'heading') heading.push(...pairs(line));
    else if (section === 'column') columns = columnsOf(line);
    else if (section === 'data') {
      rows.push(cells(line, columns.length, index + 1, findings));
    } else {
      note(findings, 'unknown_ale_line', index + 1, { text: clipText(line.trim()) });
    }
  }
  if (columns.length === 0) {
    return refused(...findings, finding('missing_ale_columns', 'error', { clause: CLAUSE }));
  }
  if (columns.length > COLUMNS_MAX) {
    const facts = { count: columns.length, limit: COLUMNS_MAX };
    return refused(finding('excessive_column_count', 'error', { facts, clause: CLAUSE }));
  }
  if (section !== 'data') findings.push(finding('missing_ale_data', 'warning', { clause: CLAUSE }));
  const delimiter = heading.find(([name]) => name.toUpperCase() === 'FIELD_DELIM')?.[1] ?? 'TABS';
  if (delimiter.toUpperCase() !== 'TABS') {
    const facts = { delimiter: clipText(delimiter) };
    findings.push(finding('unexpected_ale_delimiter', 'warning', { facts, clause: CLAUSE }));
  }
  return accepted({ heading, columns, rows }, findings);
}

function isSection(line: string, word: string, section: string): boolean {
  if (line.trim().toLowerCase() === word) return true;
  return word === 'heading' && section === '';
}

function columnsOf(line: string): string[] {
  const columns = line.split('\t').map((each) => each.trim());
  while (columns.at(-1) === '') columns.pop();
  return columns;
}

/** `FIELD_DELIM  TABS`: by tabs, several pairs where a line has them. */
function pairs(line: string): [string, string][] {
  const parts = line
    .split('\t')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (parts.length === 1) {
    const [name = '', ...rest] = parts[0]!.split(/\s+/);
    return [[name, rest.join(' ')]];
  }
  const made: [string, string][] = [];
  for (let i = 0; i < parts.length; i += 2) made.push([parts[i]!, parts[i + 1] ?? '']);
  return made;
}

function cells(line: string, count: number, at: number, findings: Finding[]): string[] {
  const made = line.split('\t').map((each) => each.trim());
  // Every row ends in a tab in many logs.
  while (made.length > count && made.at(-1) === '') made.pop();
  if (made.length > count) {
    note(findings, 'excessive_field_count', at, { fields: made.length, columns: count }, 'warning');
  }
  while (made.length < count) made.push('');
  return made;
}

function note(
  findings: Finding[],
  code: string,
  line: number,
  facts: Finding['facts'],
  severity: Finding['severity'] = 'note',
): void {
  if (findings.length >= FINDINGS_MAX) return;
  findings.push(finding(code, severity, { facts, at: { line }, clause: CLAUSE }));
}

/** Reads an Avid log as clips with their tape, times and columns (`metadata.ALE`). */
export function readAle(bytes: Uint8Array, reading: AleReading = {}): Outcome<Collection> {
  const table = readAleTable(bytes, reading.encoding);
  if (!table.ok) return table;
  const findings = [...table.findings];
  const { heading, columns, rows } = table.value;
  const stated = heading.find(([name]) => name.toUpperCase() === 'FPS')?.[1];
  const known = stated === undefined ? undefined : parseFrameRate(stated);
  const rate = reading.rate ?? known ?? FRAME_RATES['24'];
  if (reading.rate === undefined && known === undefined) {
    const facts = { rate: '24' };
    findings.push(finding('assumed_frame_rate', 'note', { facts, clause: CLAUSE }));
  }
  const children = rows.map((row, index) => clipOf(columns, row, rate, index, findings));
  const header: Record<string, JsonValue> = {};
  for (const [name, value] of heading) setMember(header, name, value);
  const metadata = { ALE: { header, columns } };
  return accepted({ kind: 'collection', name: '', metadata, children }, findings);
}

const DROP_MARK = /[;,.]\d+$/;

function clipOf(
  columns: readonly string[],
  row: readonly string[],
  listRate: FrameRate,
  index: number,
  findings: Finding[],
): Clip {
  const values: Record<string, JsonValue> = {};
  for (const [column, name] of columns.entries()) {
    // A second list of columns in one file makes the rows before it short.
    const text = row[column] ?? '';
    if (text !== '') setMember(values, name, text);
  }
  const extra = row.slice(columns.length);
  const own: JsonObject = extra.length > 0 ? { ...values, '#fields': extra } : values;
  const field = (name: string) => {
    const found = columns.findIndex((each) => each.toLowerCase() === name);
    return found < 0 ? '' : (row[found] ?? '');
  };
  const perClip = parseFrameRate(field('fps'));
  const rate = perClip ?? listRate;
  const metadata: Record<string, JsonValue> = { ALE: own };
  const grade = gradeIn(field);
  if (grade !== undefined) metadata['cdl'] = grade;
  const reel = field('tape') || field('reel_name') || field('tapeid');
  if (reel !== '') metadata['yinglian'] = { reel };
  const source = field('source file') || field('source path');
  const span = spanOf(field, rate, index, findings);
  const available = span === undefined ? {} : { availableRange: span };
  const media = source === '' ? missing(available) : external(source, available);
  return clip({
    name: field('name'),
    metadata,
    ...(span === undefined ? {} : { sourceRange: span }),
    media: { [DEFAULT_MEDIA]: media },
  });
}

function spanOf(
  field: (name: string) => string,
  rate: FrameRate,
  index: number,
  findings: Finding[],
) {
  const [start, end, duration] = [field('start'), field('end'), field('duration')];
  if (start === '') return undefined;
  const clock = clockOf(rate, DROP_MARK.test(start));
  const first = clock.frames(start);
  const last = clock.frames(end);
  const length = clock.frames(duration);
  const wrong = Number.isNaN(first) || (Number.isNaN(last) && Number.isNaN(length));
  if (wrong) {
    const facts = { start: clipText(start), end: clipText(end || duration) };
    const at = { row: index + 1 };
    findings.push(finding('invalid_ale_time', 'warning', { facts, at, clause: CLAUSE }));
    return undefined;
  }
  if (Number.isNaN(last)) return range(first, length, rate);
  const spanned = last >= first ? last - first : last - first + clock.framesPerDay;
  // A take passes midnight; it does not last half a day.
  if (last < first && spanned > clock.framesPerDay / 2) {
    const facts = { start: clipText(start), end: clipText(end) };
    const at = { row: index + 1 };
    findings.push(finding('invalid_ale_time', 'warning', { facts, at, clause: CLAUSE }));
    return undefined;
  }
  if (!Number.isNaN(length) && length !== spanned) {
    const facts = { stated: length, counted: spanned };
    const at = { row: index + 1 };
    findings.push(finding('mismatched_ale_duration', 'warning', { facts, at, clause: CLAUSE }));
  }
  return range(first, spanned, rate);
}

function gradeIn(field: (name: string) => string): JsonObject | undefined {
  const numbers = [...field('asc_sop').matchAll(/[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?/g)].map(Number);
  const saturation = Number.parseFloat(field('asc_sat'));
  const made: Record<string, JsonValue> = {};
  if (numbers.length === 9) {
    const [slope, offset, power] = [numbers.slice(0, 3), numbers.slice(3, 6), numbers.slice(6)];
    made['asc_sop'] = { slope, offset, power };
  }
  if (Number.isFinite(saturation)) made['asc_sat'] = saturation;
  return Object.keys(made).length === 0 ? undefined : made;
}

/** The table as bytes, with CRLF line ends as Avid writes them. Tabs in values become blanks. */
export function writeAleTable(table: AleTable): Uint8Array {
  const cell = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  const lines = ['Heading'];
  for (const [name, value] of table.heading) lines.push(`${cell(name)}\t${cell(value)}`);
  lines.push('', 'Column', table.columns.map(cell).join('\t'), '', 'Data');
  for (const row of table.rows) lines.push(row.map(cell).join('\t'));
  return encodeUtf8(`${lines.join('\r\n')}\r\n`);
}

/** How clips are written as a log. */
export type AleWriting = {
  readonly rate?: FrameRate;
  readonly dropFrame?: boolean;
  /** `1080` for 1920 by 1080, `CUSTOM` above; what was read unless given. */
  readonly videoFormat?: string;
};

/** What Avid needs to make clips, and what relinks them. */
const BASE_COLUMNS = ['Name', 'Tracks', 'Start', 'End', 'Duration', 'Tape', 'Source File'];

/** Writes clips as an Avid log. Columns that were read come back in their order. */
export function writeAle(given: Collection, writing: AleWriting = {}): Outcome<Uint8Array> {
  const findings: Finding[] = [];
  const of = soundCut(given, findings);
  const clips: Clip[] = [];
  for (const [index, each] of of.children.entries()) {
    if (each.kind === 'clip') clips.push(each);
    else note(findings, 'uncarried_item', index + 1, { kind: each.kind }, 'warning');
  }
  const own = objectMember(of.metadata, 'ALE') ?? {};
  const stated = own['columns'];
  const columns = Array.isArray(stated) ? stated.map(String) : [...BASE_COLUMNS];
  for (const each of clips) {
    for (const name of Object.keys(objectMember(each.metadata, 'ALE') ?? {})) {
      if (!columns.includes(name) && !name.startsWith('#') && columns.length < COLUMNS_MAX)
        columns.push(name);
    }
  }
  const rate =
    writing.rate ?? headingRate(own) ?? clips[0]?.sourceRange?.duration.rate ?? FRAME_RATES['24'];
  const heading = headingOf(own, rate, writing);
  const rows = clips.map((each) => rowOf(each, columns, rate, writing, findings));
  return accepted(writeAleTable({ heading, columns, rows }), findings);
}

function headingRate(own: JsonObject): FrameRate | undefined {
  const fps = textMember(objectMember(own, 'header') ?? {}, 'FPS');
  return fps === undefined ? undefined : parseFrameRate(fps);
}

function headingOf(own: JsonObject, rate: FrameRate, writing: AleWriting): [string, string][] {
  const header = objectMember(own, 'header');
  const known =
    header === undefined
      ? []
      : Object.entries(header).map(([name, value]): [string, string] => [
          name,
          String(value as string),
        ]);
  const defaults: [string, string][] = [
    ['FIELD_DELIM', 'TABS'],
    ['VIDEO_FORMAT', '1080'],
    ['AUDIO_FORMAT', '48khz'],
    ['FPS', rateLabel(rate)],
  ];
  const made = known.length === 0 ? defaults : known;
  return made.map(([name, value]) =>
    name === 'VIDEO_FORMAT' && writing.videoFormat !== undefined
      ? [name, writing.videoFormat]
      : [name, value],
  );
}

function rowOf(
  of: Clip,
  columns: readonly string[],
  rate: FrameRate,
  writing: AleWriting,
  findings: Finding[],
): string[] {
  const own = objectMember(of.metadata, 'ALE') ?? {};
  const played = playedRange(of);
  const media = mediaOf(of);
  const perClip = parseFrameRate(textMember(own, 'FPS') ?? '') ?? rate;
  const stated = textMember(own, 'Start') ?? '';
  const drop = writing.dropFrame ?? DROP_MARK.test(stated);
  const { format } = clockOf(perClip, drop);
  const label = (frames: number) => formatTimecode(BigInt(frames), format);
  const start = played === undefined ? undefined : framesAt(played.start, perClip);
  const length = played === undefined ? undefined : framesAt(played.duration, perClip);
  if (start?.exact === false || length?.exact === false) {
    note(findings, 'uneven_time', 0, { value: clipText(of.name), frames: start?.frames ?? 0 });
  }
  return columns.map((name): string => {
    const text = textMember(own, name);
    switch (name) {
      case 'Name':
        return of.name;
      case 'Tracks':
        return text ?? 'V';
      case 'Start':
        return start === undefined
          ? (text ?? '')
          : (sameLabel(text, start.frames, format.rate, drop) ?? label(start.frames));
      case 'End': {
        if (start === undefined || length === undefined) return text ?? '';
        const end = start.frames + length.frames;
        return sameLabel(text, end, format.rate, drop) ?? label(end);
      }
      case 'Duration':
        if (text === undefined && own !== undefined && Object.keys(own).length > 0) return '';
        return length === undefined
          ? (text ?? '')
          : (sameLabel(text, length.frames, format.rate, drop) ?? label(length.frames));
      case 'Tape':
        return text ?? textMember(objectMember(of.metadata, 'yinglian') ?? {}, 'reel') ?? '';
      case 'Source File':
        return text ?? (media?.kind === 'external' ? media.targetUrl : '');
      case 'ASC_SOP':
        return text ?? sopText(of);
      case 'ASC_SAT':
        return text ?? satText(of);
      default:
        return text ?? '';
    }
  });
}

/** The label as it was written, where it says the same frame. */
function sameLabel(
  text: string | undefined,
  frames: number,
  rate: FrameRate,
  drop: boolean,
): string | undefined {
  if (text === undefined || text === '') return undefined;
  return clockOf(rate, drop).frames(text) === frames ? text : undefined;
}

function sopText(of: Clip): string {
  const sop = objectMember(objectMember(of.metadata, 'cdl') ?? {}, 'asc_sop');
  if (sop === undefined) return '';
  const triples = ['slope', 'offset', 'power'].map((each) => {
    const values = sop[each];
    return Array.isArray(values)
      ? `(${values.map((value) => formatDouble(Number(value))).join(' ')})`
      : '';
  });
  return triples.join('');
}

function satText(of: Clip): string {
  const value = (objectMember(of.metadata, 'cdl') ?? {})['asc_sat'];
  return typeof value === 'number' || typeof value === 'bigint' ? formatDouble(Number(value)) : '';
}
