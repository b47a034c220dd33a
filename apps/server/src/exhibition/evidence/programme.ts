import { readTime } from '@yinglian/boxoffice';
import { addDays, finding, type Finding, hasErrors, isIsoDate } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { invalid, Refusal } from '../../kernel/refusal.ts';
import { readSheetFile } from '../../kernel/sheets.ts';
import { cinemasByCode } from '../repository.ts';

/** What the board takes: a span of days and the shows that stand in it. */
export type Programme = {
  readonly from: string;
  readonly to: string;
  /** What the shows take the place of, on the cinema's clock; without it the days are whole. */
  readonly span?: { readonly from: string; readonly until: string } | undefined;
  readonly shows: readonly {
    readonly screen: string;
    readonly filmCode?: string | undefined;
    readonly title: string;
    readonly start: string;
    readonly minutes: number;
  }[];
};
/** The board's own way in; it belongs to another hall. */
export type TakeProgramme = (
  context: Context,
  cinemaId: string,
  programme: Programme,
) => Promise<{ readonly taken: number; readonly findings: readonly unknown[] }>;

export type ProgrammeParts = {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly takeProgramme: TakeProgramme;
};

const SHEET_BYTES_MAX = 32 * 1024 * 1024;
const SHOWS_MAX = 100_000;
const FINDINGS_MAX = 200;
const MINUTES_DEFAULT = 120;

/** Headings in either language; ticketing systems call the same things by several names. */
const COLUMNS = {
  cinemaCode: ['影院编码', '影院代码', '专资编码', 'cinema code', 'cinemacode'],
  screen: ['影厅', '影厅名称', '厅名', '厅号', 'screen', 'hall', 'auditorium'],
  filmCode: ['影片编码', '排次号', 'film code', 'filmcode'],
  title: ['影片', '影片名称', '片名', 'film', 'title'],
  date: ['放映日期', '日期', 'date'],
  start: ['开场时间', '放映时间', '开始时间', '场次时间', 'start', 'start time'],
  end: ['散场时间', '结束时间', 'end', 'end time'],
  minutes: ['时长', '片长', '分钟', 'minutes', 'duration'],
} as const;
type Column = keyof typeof COLUMNS;

export type ProgrammeService = ReturnType<typeof createProgrammeService>;

/** Programmes from sheets, as ticketing systems export them. */
export function createProgrammeService(parts: ProgrammeParts) {
  const { database, requireAccess, readFile, takeProgramme } = parts;

  return {
    async import(
      context: Context,
      request: {
        readonly fileId: string;
        readonly cinemaId?: string | undefined;
        readonly commit: boolean;
      },
    ) {
      const { fileId, cinemaId, commit } = request;
      await requireAccess(context, 'exhibition.report', { kind: 'file', ids: [fileId] });
      const file = await readFile(context, fileId, SHEET_BYTES_MAX);
      const read = await readProgramme(file.bytes);
      const codes = [...read.cinemas.keys()].filter((code) => code !== '');
      const known = await cinemasByCode(database, codes);
      const findings = [...read.findings, ...unknownCinemas(read.cinemas, known, cinemaId)];
      const shows = [...read.cinemas.values()].reduce((sum, own) => sum + own.length, 0);
      const counts = { cinemas: read.cinemas.size, shows };
      if (hasErrors(findings)) {
        if (commit) throw invalid(...findings);
        return { ...counts, findings: findings.slice(0, FINDINGS_MAX).map(wireFinding) };
      }
      const ids = [...read.cinemas.keys()].map((code) => known.get(code) ?? cinemaId!);
      await requireAccess(context, 'exhibition.report', { kind: 'cinema', ids });
      if (!commit) return { ...counts, findings: findings.map(wireFinding) };
      const told: unknown[] = findings.map(wireFinding);
      for (const [code, own] of read.cinemas) {
        const programme = programmeOf(own);
        try {
          const id = known.get(code) ?? cinemaId!;
          told.push(...(await takeProgramme(context, id, programme)).findings);
        } catch (thrown) {
          // A fault is told with its cinema: a circuit's sheet has hundreds.
          if (!(thrown instanceof Refusal) || read.cinemas.size === 1) throw thrown;
          told.push(...thrown.findings.map((each) => wireFinding(ofCinema(each, code))));
        }
      }
      return { ...counts, findings: told.slice(0, FINDINGS_MAX) as typeof findings };
    },

    /** For a site's agent: its own cinema, whatever the sheet calls it. */
    readProgramme,
  };
}

const ofCinema = (each: Finding, cinema: string): Finding => ({
  ...each,
  at: { ...each.at, cinema },
});

function unknownCinemas(
  cinemas: ReadonlyMap<string, unknown>,
  known: ReadonlyMap<string, string>,
  cinemaId: string | undefined,
): Finding[] {
  return [...cinemas.keys()].flatMap((code) => {
    if (known.has(code) || (code === '' && cinemaId !== undefined)) return [];
    const facts = { text: code };
    return [
      finding(code === '' ? 'missing_cinema_code' : 'unknown_cinema_code', 'error', { facts }),
    ];
  });
}

type Show = Programme['shows'][number];

/** The first minute of a cinema's day: what begins before it is of the evening before. */
const DAY_BEGINS = '06:00';

/**
 * The shows of a sheet with what they take the place of: its days, and of the night hours at their
 * edges only those in which the sheet itself has shows. Some sheets list a night with the evening
 * before it and others by the calendar; neither may wipe the other's.
 */
export function programmeOf(shows: readonly Show[]): Programme {
  const starts = shows.map((show) => show.start).toSorted();
  const dayOf = (start: string) => start.slice(0, 10);
  const isNight = (start: string) => start.slice(11, 16) < DAY_BEGINS;
  const [from, to] = [dayOf(starts[0]!), dayOf(starts.at(-1)!)];
  const lastDay = starts.findLast((start) => !isNight(start));
  const endsAtNight = lastDay === undefined || dayOf(lastDay) < to;
  const span = {
    from: `${from}T${isNight(starts[0]!) ? '00:00' : DAY_BEGINS}`,
    until: endsAtNight ? `${to}T${DAY_BEGINS}` : `${addDays(to, 1)}T00:00`,
  };
  return { from, to, span, shows };
}

/** The shows of a sheet by the codes of their cinemas; '' where the sheet names none. */
export async function readProgramme(bytes: Uint8Array): Promise<{
  readonly cinemas: ReadonlyMap<string, readonly Show[]>;
  readonly findings: readonly Finding[];
}> {
  const cinemas = new Map<string, Show[]>();
  const sheet = await readSheetFile(bytes);
  if (!sheet.ok) return { cinemas, findings: sheet.findings };
  const places = new Map<Column, number>();
  const rows = sheet.value;
  const headAt = rows.slice(0, 20).findIndex((row) => placeColumns(row, places));
  if (headAt < 0) {
    const facts = { heading: `${COLUMNS.screen[0]} / ${COLUMNS.start[0]}` };
    return { cinemas, findings: [finding('missing_heading', 'error', { facts })] };
  }
  const findings: Finding[] = [];
  for (const [index, row] of rows.slice(headAt + 1, headAt + 1 + SHOWS_MAX).entries()) {
    const cell = (name: Column) => {
      const place = places.get(name);
      return place === undefined ? '' : cellText(row[place]);
    };
    if (row.every((each) => cellText(each) === '')) continue;
    const start = showStart(row[places.get('date') ?? -1], row[places.get('start')!]);
    const screen = cell('screen');
    if (start === undefined || screen === '') {
      const facts = { text: `${cell('date')} ${cell('start')}`.trim() };
      const at = { row: headAt + index + 2 };
      findings.push(finding('invalid_show_row', 'error', { facts, at }));
      continue;
    }
    const code = cell('cinemaCode');
    const shows = cinemas.get(code) ?? [];
    const filmCode = cell('filmCode');
    shows.push({
      screen,
      ...(filmCode === '' ? {} : { filmCode }),
      title: cell('title'),
      start,
      minutes: minutesOf(start, cell('end'), cell('minutes')),
    });
    cinemas.set(code, shows);
  }
  if (cinemas.size === 0 && findings.length === 0) {
    findings.push(finding('empty_programme', 'error'));
  }
  return { cinemas, findings };
}

/** True where a row holds the headings that a programme needs; then their places are set. */
function placeColumns(row: readonly unknown[], places: Map<Column, number>): boolean {
  places.clear();
  for (const [index, cell] of row.entries()) {
    const heading = cellText(cell).toLowerCase();
    for (const name of Object.keys(COLUMNS) as Column[]) {
      const isOne = (COLUMNS[name] as readonly string[]).includes(heading);
      if (isOne && !places.has(name)) places.set(name, index);
    }
  }
  return places.has('screen') && places.has('start');
}

function cellText(cell: unknown): string {
  if (cell instanceof Date) return momentText(cell);
  if (typeof cell === 'string') return cell.normalize('NFKC').trim();
  return typeof cell === 'number' ? String(cell) : '';
}

/** A workbook's time without a day lies on its first days. */
const SHEET_TIMES_UNTIL = Date.UTC(1900, 0, 2);

/** A day with its time; of a time alone `19:30`, or `25:30` where it goes beyond midnight. */
function momentText(cell: Date): string {
  if (cell.getTime() >= SHEET_TIMES_UNTIL) {
    return cell.toISOString().slice(0, 16).replace('T', ' ');
  }
  const time = readTime(cell);
  return 'value' in time ? time.value : '';
}

/** Hours of a business day go on after midnight: `25:30` is half past one of the next day. */
const HOUR_LAST = 29;

/** `2026-05-01` and `19:30`, or both in one cell; on the cinema's clock. */
export function showStart(dateCell: unknown, startCell: unknown): string | undefined {
  const [date, start] = [cellText(dateCell), cellText(startCell)];
  const match =
    /^(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*)?(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(
      start,
    );
  if (match === null) return undefined;
  const own = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?/.exec(date);
  const parts = match[1] === undefined ? own?.slice(1, 4) : match.slice(1, 4);
  const [hour, minute] = [Number(match[4]), match[5]!];
  if (parts === undefined || hour > HOUR_LAST) return undefined;
  const two = (text: string | number) => String(text).padStart(2, '0');
  const day = `${parts[0]}-${two(parts[1]!)}-${two(parts[2]!)}`;
  if (!isIsoDate(day)) return undefined;
  return `${hour > 23 ? addDays(day, 1) : day}T${two(hour % 24)}:${minute}`;
}

const MINUTES_MAX = 600;

function minutesOf(start: string, end: string, minutes: string): number {
  const given = Number(/^(\d{1,3})/.exec(minutes)?.[1] ?? 0);
  if (given > 0) return Math.min(given, MINUTES_MAX);
  const match = /(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(end);
  if (match === null) return MINUTES_DEFAULT;
  const began = Number(start.slice(11, 13)) * 60 + Number(start.slice(14, 16));
  const ended = Number(match[1]) * 60 + Number(match[2]);
  // A show that ends after midnight ends on the next day.
  return Math.min((ended - began + 1440) % 1440 || MINUTES_DEFAULT, MINUTES_MAX);
}
