import { encodeUtf8, finding, type Finding } from '@yinglian/core';
import { readAleTable } from '@yinglian/timeline';
import {
  frameOfLabel,
  labelOf,
  MARKER_COLOURS,
  type MarkerScope,
  type ReviewMarker,
} from './model.ts';

/** Markers as tables: our own with everything, Premiere's, and whatever has a timecode. */

const OWN = ['id', 'frame', 'frames', 'in', 'out', 'author', 'colour', 'text'] as const;
const PREMIERE = ['Marker Name', 'Description', 'In', 'Out', 'Duration', 'Marker Type'] as const;

function quoted(cell: string, mark: ',' | '\t'): string {
  // A cell never begins a formula where the table is opened by a spreadsheet.
  const safe = /^[=+\-@]/.test(cell) && !/^-?[\d.]+$/.test(cell) ? `'${cell}` : cell;
  const wants = safe.includes(mark) || /["\r\n]/.test(safe);
  return wants ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function table(rows: readonly (readonly string[])[], mark: ',' | '\t'): Uint8Array {
  const lines = rows.map((row) => row.map((cell) => quoted(cell, mark)).join(mark));
  // By its mark spreadsheets know UTF-8.
  return encodeUtf8(`\ufeff${lines.join('\r\n')}\r\n`);
}

/** Everything, as comma-separated values (RFC 4180). */
export function writeMarkerCsv(markers: readonly ReviewMarker[], scope: MarkerScope): Uint8Array {
  const rows = markers.map((each) => [
    each.id ?? '',
    String(each.frame),
    String(each.length),
    labelOf(each.frame, scope),
    labelOf(each.frame + each.length - 1, scope),
    each.author,
    each.colour,
    each.text,
  ]);
  return table([OWN, ...rows], ',');
}

/** The table that Premiere writes for its markers, parted by tabs. */
export function writePremiereCsv(markers: readonly ReviewMarker[], scope: MarkerScope): Uint8Array {
  const zero = { ...scope, first: 0n };
  const rows = markers.map((each) => [
    each.author,
    each.text,
    labelOf(each.frame, scope),
    labelOf(each.frame + each.length - 1, scope),
    labelOf(each.length, zero),
    'Comment',
  ]);
  return table([PREMIERE, ...rows], '\t');
}

/** Rows of a table parted by commas, semicolons or tabs, whichever its first line has most of. */
export function tableRows(text: string): string[][] {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const mark = [',', '\t', ';'].toSorted((a, b) => head.split(b).length - head.split(a).length)[0]!;
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (inside) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') cell += text[i++]!;
      else inside = false;
    } else if (sign === '"' && cell === '') inside = true;
    else if (sign === mark) {
      row.push(cell);
      cell = '';
    } else if (sign === '\n' || sign === '\r') {
      if (sign === '\r' && text[i + 1] === '\n') i++;
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
    } else cell += sign;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows.filter((each) => each.some((value) => value.trim() !== ''));
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  id: ['id', 'note id'],
  frame: ['frame'],
  frames: ['frames', 'length', 'duration frames'],
  label: ['in', 'timecode', 'start', 'tc in', '时间码', '入点'],
  end: ['out', 'end', 'tc out', '出点'],
  author: ['author', 'marker name', 'name', 'user', '作者', '名称'],
  colour: ['colour', 'color', '颜色'],
  text: ['text', 'description', 'comments', 'comment', 'note', 'notes', '意见', '备注', '描述'],
};

/** Reads a table whose headings say what its columns are. */
export function readMarkerTable(
  rows: readonly (readonly string[])[],
  scope: MarkerScope,
  findings: Finding[],
): ReviewMarker[] {
  const head = (rows[0] ?? []).map((each) => each.trim().toLowerCase());
  const columns = new Map(
    Object.entries(NAMES).map(([name, words]) => [
      name,
      words.map((word) => head.indexOf(word)).find((at) => at >= 0) ?? -1,
    ]),
  );
  if (columns.get('label') === -1 && columns.get('frame') === -1) {
    findings.push(finding('missing_marker_column', 'error', { facts: { columns: 'in, frame' } }));
    return [];
  }
  return rows.slice(1).flatMap((row, index) => {
    const cell = (name: string): string => row[columns.get(name) ?? -1] ?? '';
    const made = rowMarker(cell, scope);
    if (made !== undefined) return [made];
    const facts = { text: row.join(' ').slice(0, 80) };
    findings.push(finding('invalid_marker_time', 'warning', { facts, at: { line: index + 2 } }));
    return [];
  });
}

function rowMarker(cell: (name: string) => string, scope: MarkerScope): ReviewMarker | undefined {
  const counted = /^\d{1,9}$/.test(cell('frame').trim()) ? Number(cell('frame')) : undefined;
  const frame = counted ?? frameOfLabel(cell('label'), scope);
  if (frame === undefined) return undefined;
  const last = cell('end') === '' ? undefined : frameOfLabel(cell('end'), scope);
  const frames = Number.parseInt(cell('frames'), 10);
  const length = frames > 0 ? frames : last === undefined ? 1 : last - frame + 1;
  const unmarked = (text: string): string => text.replace(/^'(?=[=+\-@])/, '').trim();
  const colour = cell('colour').toLowerCase();
  return {
    frame,
    length: Math.max(1, length),
    id: cell('id').trim() || null,
    author: unmarked(cell('author')),
    text: unmarked(cell('text')) || unmarked(cell('author')),
    colour: MARKER_COLOURS.find((each) => each === colour) ?? 'blue',
  };
}

/** Reads a log whose clips are remarks. */
export function readMarkerLog(
  bytes: Uint8Array,
  scope: MarkerScope,
  findings: Finding[],
): ReviewMarker[] {
  const log = readAleTable(bytes);
  findings.push(...log.findings);
  if (!log.ok) return [];
  const { columns, rows } = log.value;
  const end = columns.findIndex((each) => each.toLowerCase() === 'end');
  // A log ends its clips with the frame after the last one.
  const inclusive = rows.map((row) =>
    row.map((cell, index) => {
      const after = index === end ? frameOfLabel(cell, scope) : undefined;
      return after === undefined ? cell : labelOf(after - 1, scope);
    }),
  );
  const named = columns.map((each) => (each.toLowerCase() === 'name' ? 'clip' : each));
  return readMarkerTable([named, ...inclusive], scope, findings);
}
