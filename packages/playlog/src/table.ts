import {
  accepted,
  clipText,
  decodeUtf8,
  type Finding,
  finding,
  formatInstant,
  type InstantMs,
  type Outcome,
  parseInstant,
  refused,
} from '@yinglian/core';
import { isWhole, type Playback } from './playback.ts';
import { uuidOf } from './read.ts';

/** Columns of a table of playbacks by the headings that theatre systems export. */
const HEADINGS = {
  device: [
    'device',
    'device serial',
    'serial',
    'server serial',
    'player',
    'screen server',
    '设备',
    '设备序列号',
    '播放服务器',
  ],
  screen: ['screen', 'screen name', 'auditorium', 'hall', '影厅', '影厅名称', '厅号', '厅名'],
  compositionId: [
    'cpl id',
    'cpl uuid',
    'cpl',
    'composition id',
    'uuid',
    'content id',
    '播放列表标识',
    '节目标识',
  ],
  title: [
    'title',
    'cpl title',
    'content title',
    'content',
    'name',
    'annotation',
    '影片',
    '影片名称',
    '节目',
    '片名',
  ],
  startedAt: [
    'start',
    'start time',
    'started',
    'started at',
    'play start',
    'begin',
    '开始',
    '开始时间',
    '放映开始',
    '开始放映时间',
  ],
  endedAt: [
    'end',
    'end time',
    'ended',
    'ended at',
    'play end',
    'stop',
    '结束',
    '结束时间',
    '放映结束',
    '结束放映时间',
  ],
  ended: ['complete', 'completed', 'status', 'result', '完整', '状态', '结果'],
} as const;
type Column = keyof typeof HEADINGS;

const TABLE_BYTES_MAX = 64 * 1024 * 1024;
const ROWS_MAX = 500_000;

/** How times of a table are meant. */
export type TableClock = {
  /** Minutes east of UTC of times that bring no offset. */
  readonly offsetMinutes: number;
};

/**
 * Reads playbacks out of a CSV or TSV that a theatre or projector management system exports. Such a
 * table proves nothing: its playbacks are never `proven`.
 */
export function readPlaybackTable(
  bytes: Uint8Array,
  file: string,
  clock: TableClock,
): Outcome<readonly Playback[]> {
  const text =
    bytes.length > TABLE_BYTES_MAX ? undefined : decodeUtf8(bytes)?.replace(/^\ufeff/, '');
  if (text === undefined)
    return refused(finding('unreadable_playback_table', 'error', { at: { file } }));
  return readPlaybackRows(cells(text), file, clock);
}

/** Reads playbacks out of a table's cells as text: of a workbook, or of another encoding. */
export function readPlaybackRows(
  rows: readonly (readonly string[])[],
  file: string,
  clock: TableClock,
): Outcome<readonly Playback[]> {
  const headAt = rows.findIndex((row) => columnsOf(row).startedAt !== undefined);
  if (headAt < 0) {
    return refused(
      finding('missing_playback_column', 'error', { at: { file }, facts: { column: 'start' } }),
    );
  }
  const columns = columnsOf(rows[headAt]!);
  const dayFirst = dayFirstOf(rows.map((row) => row[columns.startedAt!] ?? ''));
  const playbacks: Playback[] = [];
  const findings: Finding[] = [];
  for (let index = headAt + 1; index < rows.length && playbacks.length < ROWS_MAX; index++) {
    const row = rows[index]!;
    if (row.every((each) => each === '')) continue;
    const cell = (name: Column) => (columns[name] === undefined ? '' : (row[columns[name]!] ?? ''));
    const startedAt = localInstant(cell('startedAt'), clock, dayFirst);
    if (startedAt === undefined) {
      const facts = { text: clipText(cell('startedAt')) };
      findings.push(
        finding('invalid_playback_time', 'error', { at: { file, row: index + 1 }, facts }),
      );
      continue;
    }
    const endedAt = localInstant(cell('endedAt'), clock, dayFirst);
    const status = cell('ended');
    const title = cell('title');
    playbacks.push({
      // Two screens may start one composition in the same second.
      device: cell('device') || cell('screen'),
      compositionId: uuidOf(cell('compositionId')),
      ...(title === '' ? {} : { title }),
      startedAt,
      endedAt: endedAt ?? startedAt,
      offsetMinutes: clock.offsetMinutes,
      ended: status === '' ? endedAt !== undefined : COMPLETE.test(status),
      frames: [],
      exceptions: [],
      proven: false,
      records: [index + 1],
    });
  }
  if (playbacks.length === 0) findings.push(finding('empty_log', 'warning', { at: { file } }));
  return accepted(playbacks, findings);
}

const COMPLETE =
  /^(?:y|yes|true|1|ok|done|complete[d]?|finished|success(?:ful)?|完成|完整|正常|是)$/i;

function columnsOf(row: readonly string[]): { readonly [Name in Column]?: number } {
  const found: { [Name in Column]?: number } = {};
  for (const [index, cell] of row.entries()) {
    const heading = cell
      .toLowerCase()
      .replace(/[_\s]+/g, ' ')
      .trim();
    for (const name of Object.keys(HEADINGS) as Column[]) {
      if (found[name] === undefined && (HEADINGS[name] as readonly string[]).includes(heading)) {
        found[name] = index;
      }
    }
  }
  return found;
}

/** Whether days stand before months in dates whose year comes last; undefined where it is open. */
type DayFirst = boolean | undefined;

const YEAR_LAST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?=[ T])/;

/** One number above twelve shows what all dates of a table are; two that disagree show nothing. */
function dayFirstOf(times: readonly string[]): DayFirst {
  const dates = times.flatMap((text) => {
    const match = YEAR_LAST.exec(text);
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
  });
  const [day, month] = [dates.some(([first]) => first > 12), dates.some(([, next]) => next > 12)];
  return day === month ? undefined : day;
}

/** `2026-12-01 19:30`, `2026/12/1 19:30:05`, `31/12/2026 19:30`, or an instant with its offset. */
function localInstant(given: string, clock: TableClock, dayFirst: DayFirst): InstantMs | undefined {
  const instant = parseInstant(given);
  if (instant.ok) return instant.value;
  const order = dayFirst === true ? '$3-$2-$1' : '$3-$1-$2';
  const text = dayFirst === undefined ? given : given.replace(YEAR_LAST, order);
  const match = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?/.exec(
    text,
  );
  if (match === null) return undefined;
  const two = (part: string | number) => String(part).padStart(2, '0');
  const pad = (index: number) => two(match[index] ?? '0');
  const hour = two(hourOf(Number(match[4]), /([ap])\.?m\.?$/i.exec(text.trim())?.[1]));
  const read = parseInstant(`${match[1]}-${pad(2)}-${pad(3)}T${hour}:${pad(5)}:${pad(6)}Z`);
  return read.ok ? read.value - clock.offsetMinutes * 60_000 : undefined;
}

/** The hour of the day where the table counts twelve of them twice. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined || hour < 1 || hour > 12) return hour;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** RFC 4180 with commas, semicolons or tabs, whichever the first line has most of. */
function cells(text: string): string[][] {
  const first = text.slice(0, 4096).split('\n', 1)[0] ?? '';
  const counts = [',', ';', '\t'].map((mark) => [mark, first.split(mark).length] as const);
  const mark = counts.sort((a, b) => b[1] - a[1])[0]![0];
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (char === mark || char === '\n') {
      rows.at(-1)!.push(cell.trim());
      cell = '';
      if (char === '\n') rows.push([]);
    } else cell += char;
  }
  rows.at(-1)!.push(cell.trim());
  return rows;
}

/** Columns of {@link writePlaybackTable}. */
export const PLAYBACK_COLUMNS = [
  'device',
  'composition_id',
  'title',
  'started_at',
  'ended_at',
  'seconds',
  'whole',
  'proven',
  'exceptions',
] as const;

/** Playbacks as CSV for joining with box office: one line each, times with their offset. */
export function writePlaybackTable(
  playbacks: readonly Playback[],
  titles: ReadonlyMap<string, string> = new Map(),
): string {
  const rows = playbacks.map((each) => [
    each.device,
    each.compositionId ?? '',
    each.title ?? titles.get(each.compositionId ?? '') ?? '',
    formatInstant(each.startedAt, each.offsetMinutes),
    formatInstant(each.endedAt, each.offsetMinutes),
    String(Math.round((each.endedAt - each.startedAt) / 1000)),
    String(isWhole(each)),
    String(each.proven),
    each.exceptions.join(' '),
  ]);
  return [PLAYBACK_COLUMNS, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** A cell that begins like a formula would be one in a spreadsheet: an apostrophe keeps it text. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
