import { addDays, finding, type Finding, isIsoDate } from '@yinglian/core';
import { localTime } from '@yinglian/kdm';
import type { Light } from '@yinglian/release';
import { cinemaClocks, listScreens, screenFinder } from '../../exhibition/face.ts';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { found, invalid } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { insertHelp } from '../keys/help-repository.ts';
import { readBoard, sweepTally } from './query.ts';
import { filmsByCode, judgeShowsOf, markHelp, type NewShow, replaceShows } from './repository.ts';

export type BoardParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
  /** Wakes the desks of the film's distributors. */
  readonly tellDesks: (work: Work, helpId: string) => Promise<void>;
};

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

const HOUR_MS = 3_600_000;
/** A show that began this recently stands on the board still: it may not have started. */
const LATE_MS = HOUR_MS / 2;
const SCREENS_OF_A_CINEMA = 500;

export type BoardService = ReturnType<typeof createBoardService>;

/** The programme of cinemas, and what of it will not start: red first, then what comes sooner. */
export function createBoardService(parts: BoardParts) {
  const { database, write, requireAccess, newId, now } = parts;

  return {
    async board(
      context: Context,
      query: {
        readonly hours: number;
        readonly limit: number;
        readonly worst?: Light | undefined;
        readonly cinemaId?: string | undefined;
        readonly filmId?: string | undefined;
      },
    ) {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const from = new Date(now().getTime() - LATE_MS);
      const until = new Date(now().getTime() + query.hours * HOUR_MS);
      const asked = { ...query, organisationId, from, until };
      const board = await readBoard(database, asked);
      return { from: from.toISOString(), until: until.toISOString(), ...board };
    },

    async takeProgramme(context: Context, cinemaId: string, programme: Programme) {
      await requireAccess(context, 'exhibition.report', { kind: 'cinema', ids: [cinemaId] });
      const { from, to } = programme;
      if (!isIsoDate(from) || !isIsoDate(to) || from > to) {
        throw invalid(finding('reversed_dates', 'error', { facts: { from, to } }));
      }
      const timeZone = found((await cinemaClocks(database, [cinemaId])).get(cinemaId));
      const screens = await listScreens(database, { cinemaId, limit: SCREENS_OF_A_CINEMA });
      const codes = programme.shows.flatMap((each) => each.filmCode ?? []);
      const known = {
        timeZone,
        programme,
        screenOf: screenFinder(screens.map(({ row }) => row)),
        films: await filmsByCode(database, codes),
      };
      const findings: Finding[] = [];
      const shows = programme.shows.flatMap(
        (_, index) => readShow(known, index, newId(), findings) ?? [],
      );
      if (findings.some((each) => each.severity === 'error')) throw invalid(...findings);
      findings.push(...overlaps(shows));
      const asked = programme.span ?? { from: `${from}T00:00`, until: `${addDays(to, 1)}T00:00` };
      const span = {
        from: instantOf(asked.from, timeZone),
        until: instantOf(asked.until, timeZone),
      };
      return write(context, async (work) => {
        await replaceShows(work.transaction, cinemaId, span, shows);
        await sweepTally(work.transaction, now());
        await judgeShowsOf(work.transaction, [...new Set(shows.map((each) => each.screenId))]);
        work.audit({
          action: 'distribution.programme_taken',
          subjectKind: 'cinema',
          subjectId: cinemaId,
          facts: { from, to, shows: shows.length },
        });
        work.changed({ kind: 'programme', id: cinemaId });
        return { taken: shows.length, findings: findings.map(wireFinding) };
      });
    },

    async askHelp(context: Context, id: string, note: string | undefined): Promise<void> {
      const { userId } = await requireAccess(context, 'exhibition.report', {
        kind: 'show',
        ids: [id],
      });
      await write(context, async (work) => {
        const marked = found(await markHelp(work.transaction, id, now()), { id });
        const helpId = newId();
        await insertHelp(work.transaction, { id: helpId, showId: id, userId: userId!, note });
        await parts.tellDesks(work, helpId);
        work.audit({
          action: 'distribution.help_asked',
          subjectKind: 'show',
          subjectId: id,
          facts: note === undefined ? {} : { note },
        });
        work.changed({ kind: 'help', id, filmId: marked.filmId });
      });
    },
  };
}

type Known = {
  readonly timeZone: string;
  readonly programme: Programme;
  readonly screenOf: (text: string) => string | undefined;
  readonly films: ReadonlyMap<string, string>;
};

/** One show of a programme in the register's words; what it cannot name is found with its line. */
function readShow(
  known: Known,
  index: number,
  id: string,
  findings: Finding[],
): NewShow | undefined {
  const show = known.programme.shows[index]!;
  const at = { line: index + 1 };
  const screenId = known.screenOf(show.screen);
  const start = localTime(show.start, known.timeZone, 'first');
  const day = show.start.slice(0, 10);
  if (screenId === undefined) {
    findings.push(finding('unknown_screen', 'error', { facts: { screen: show.screen }, at }));
  }
  if (!start.ok) findings.push(...start.findings.map((each) => ({ ...each, at })));
  if (day < known.programme.from || day > known.programme.to) {
    const facts = { day, from: known.programme.from, to: known.programme.to };
    findings.push(finding('foreign_show_day', 'error', { facts, at }));
  }
  const filmId = known.films.get((show.filmCode ?? '').toUpperCase()) ?? null;
  if (filmId === null) {
    const facts = { code: show.filmCode ?? '', title: show.title };
    findings.push(finding('unknown_film', 'warning', { facts, at }));
  }
  if (screenId === undefined || !start.ok) return undefined;
  return {
    id,
    screenId,
    filmId,
    title: show.title,
    startsAt: new Date(start.value.instant).toISOString(),
    endsAt: new Date(start.value.instant + show.minutes * 60_000).toISOString(),
  };
}

/** Two shows in one screen at one time: one of them will not start. */
function overlaps(shows: readonly NewShow[]): Finding[] {
  const ordered = shows.toSorted((a, b) =>
    a.screenId < b.screenId ? -1 : a.screenId > b.screenId ? 1 : a.startsAt < b.startsAt ? -1 : 1,
  );
  // Not the neighbour but what ends last: a short show within a long one hides no third.
  let last: NewShow | undefined;
  return ordered.flatMap((show) => {
    const before = last;
    const isOther = before?.screenId !== show.screenId;
    if (isOther || before.endsAt < show.endsAt) last = show;
    if (isOther || before.endsAt <= show.startsAt) return [];
    const facts = { before: before.startsAt, start: show.startsAt };
    return [finding('overlapping_shows', 'warning', { facts })];
  });
}

function instantOf(local: string, timeZone: string): string {
  // Where clocks skip midnight, the day begins at one.
  for (const text of [local, `${local.slice(0, 10)}T01:00`]) {
    const time = localTime(text, timeZone, 'first');
    if (time.ok) return new Date(time.value.instant).toISOString();
  }
  return `${local}:00Z`;
}
