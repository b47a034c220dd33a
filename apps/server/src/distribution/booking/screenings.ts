import { addDays, daysFromTo, groupBy, type IsoDate } from '@yinglian/core';
import {
  judgeMinimums,
  minimumFindings,
  type MinimumSpan,
  type MinimumState,
  type ScreeningCount,
} from '@yinglian/release';
import type { bookings } from '@yinglian/contract';
import type { z } from 'zod';
import { dayBegins, logSpansOf } from '../../exhibition/face.ts';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { afterIds, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import {
  countPlays,
  countShows,
  type DayCount,
  listPromises,
  type PromiseListing,
  type PromisingCinema,
} from './screening-repository.ts';

type ScreeningsRow = z.output<typeof bookings.screenings.result>['rows'][number];
type Query = PageQuery &
  Pick<PromiseListing, 'releaseId' | 'cinemaId' | 'filmId' | 'search'> & {
    readonly only?: 'short' | undefined;
  };

/** Cinemas judged at once: their shows and plays of some weeks are counted together. */
const CINEMAS_AT_ONCE = 200;
/** Short days that a row repeats; its findings say how many there are. */
const SHORT_MAX = 40;

export type ScreeningsService = ReturnType<typeof createScreeningsService>;

/** How cinemas keep the screenings that a release's notice asks for. */
export function createScreeningsService(parts: {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
}) {
  const { database, requireAccess } = parts;
  return {
    async screenings(context: Context, query: Query): Promise<Page<ScreeningsRow>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const rows: ScreeningsRow[] = [];
      let after = afterIds(query);
      do {
        const listing = { ...query, organisationId, after, limit: CINEMAS_AT_ONCE };
        const found = await listPromises(database, listing);
        const judged = await judgeCinemas(database, found);
        rows.push(...judged.filter(({ state }) => query.only === undefined || isShort(state)));
        const last = found.length < CINEMAS_AT_ONCE ? undefined : found.at(-1);
        after = last === undefined ? undefined : [last.cinemaId, last.releaseId];
      } while (after !== undefined && rows.length <= query.limit);
      return pageOf(rows, query, keyOf, (row) => row);
    },
  };
}

const keyOf = ({ cinemaId, releaseId }: ScreeningsRow): [string, string] => [cinemaId, releaseId];

const isShort = (state: MinimumState) => state === 'short' || state === 'planned_short';

async function judgeCinemas(
  database: Queryable,
  promising: readonly PromisingCinema[],
): Promise<ScreeningsRow[]> {
  if (promising.length === 0) return [];
  const days = promising.flatMap(({ bookings }) => bookings);
  const first = days.reduce((least, { from }) => (from < least ? from : least), days[0]!.from);
  const last = days.reduce((most, { to }) => (to > most ? to : most), days[0]!.to);
  const scope = {
    cinemaIds: [...new Set(promising.map((each) => each.cinemaId))],
    filmIds: [...new Set(promising.map((each) => each.filmId))],
    // Wide enough for every clock of the world.
    from: new Date(Date.parse(`${first}T00:00:00Z`) - DAY_MS),
    until: new Date(Date.parse(`${last}T00:00:00Z`) + 3 * DAY_MS),
  };
  const known: Known = {
    shows: groupBy(await countShows(database, scope), (each) => each.cinemaId),
    plays: groupBy(await countPlays(database, scope), (each) => each.cinemaId),
    logs: await logSpansOf(database, scope),
  };
  return promising.flatMap((each) => rowOf(each, known));
}

type Known = {
  readonly shows: ReadonlyMap<string, readonly DayCount[]>;
  readonly plays: ReadonlyMap<string, readonly DayCount[]>;
  readonly logs: Awaited<ReturnType<typeof logSpansOf>>;
};

function rowOf(cinema: PromisingCinema, known: Known): ScreeningsRow[] {
  const verdicts = judgeMinimums(
    { minimumScreenings: cinema.minimums },
    cinema.bookings,
    countsOf(cinema, known),
  );
  const spans = verdicts.flatMap((each) => each.spans);
  if (spans.length === 0) return [];
  const { minimums: _minimums, bookings, timeZone: _timeZone, ...named } = cinema;
  const sum = (valueOf: (span: MinimumSpan) => number | undefined) => {
    const told = spans.flatMap((span) => valueOf(span) ?? []);
    return told.length === 0 ? null : told.reduce((all, each) => all + each, 0);
  };
  const row: ScreeningsRow = {
    ...named,
    from: spans.reduce((least, { from }) => (from < least ? from : least), spans[0]!.from),
    to: spans.reduce((most, { to }) => (to > most ? to : most), spans[0]!.to),
    promised: sum((span) => span.promised)!,
    planned: sum((span) => span.planned),
    played: sum((span) => span.played),
    missing: sum((span) => span.missing)!,
    state: WORST_FIRST.find((state) => spans.some((span) => span.state === state))!,
    findings: minimumFindings(verdicts).map(wireFinding),
    short: spans
      .filter(({ state }) => isShort(state))
      .slice(0, SHORT_MAX)
      .map(({ planned = null, played = null, days: _days, missing: _missing, ...span }) => ({
        ...span,
        planned,
        played,
      })),
  };
  return bookings.length === 0 ? [] : [row];
}

const WORST_FIRST: readonly MinimumState[] = [
  'short',
  'planned_short',
  'unknown',
  'planned',
  'kept',
];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours of a day in which a log has to be whole for the day to be known from it. */
const LOGGED = { from: 12, until: 21 };

/** What is known of each booked day: programmes by the cinema's day, plays where logs are whole. */
function countsOf(cinema: PromisingCinema, known: Known): ScreeningCount[] {
  const { cinemaId, filmId, timeZone, bookings } = cinema;
  const booked = new Set(bookings.flatMap(({ from, to }) => [...daysFromTo(from, to)]));
  const shows = known.shows.get(cinemaId) ?? [];
  const programmed = new Set(shows.flatMap((each) => (each.dawn ? [] : [each.date])));
  const planned = countByDay(shows, filmId, booked);
  const played = countByDay(known.plays.get(cinemaId) ?? [], filmId, booked);
  const logs = known.logs.get(cinemaId) ?? [];
  return [...booked].map((day): ScreeningCount => {
    const begins = dayBegins(day, timeZone);
    const screens = new Set(
      bookings.flatMap(({ from, to, screenIds }) => (from <= day && day <= to ? screenIds : [])),
    );
    const isLogged = [...screens].every((screenId) =>
      logs.some(
        (span) =>
          span.screenId === screenId &&
          span.from <= begins + LOGGED.from * HOUR_MS &&
          span.until >= begins + LOGGED.until * HOUR_MS,
      ),
    );
    return {
      day,
      planned: programmed.has(day) ? (planned.get(day) ?? 0) : undefined,
      played: isLogged ? (played.get(day) ?? 0) : undefined,
    };
  });
}

/** Of one film by business day; before dawn of the first booked day it is of that day. */
function countByDay(
  counts: readonly DayCount[],
  filmId: string,
  booked: ReadonlySet<IsoDate>,
): Map<IsoDate, number> {
  const days = new Map<IsoDate, number>();
  for (const { filmId: film, date, dawn, count } of counts) {
    if (film !== filmId) continue;
    const before = addDays(date, -1);
    const day = dawn && booked.has(before) ? before : date;
    days.set(day, (days.get(day) ?? 0) + count);
  }
  return days;
}
