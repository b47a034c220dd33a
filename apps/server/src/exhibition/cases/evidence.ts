import { groupBy, isIsoDate } from '@yinglian/core';
import { localTime } from '@yinglian/kdm';
import {
  type Evidence,
  type Film,
  type KeyWindow,
  type LogSpan,
  type Play,
  type PlannedShow,
  type Takings,
} from '@yinglian/screening';
import { type RawBuilder, sql } from 'kysely';
import { filmsReachedBy } from '../../kernel/access/access.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { reportsReachedBy } from '../access.ts';
import { actsForCinema } from '../acting.ts';
import { logSpansOf } from '../evidence/log-repository.ts';
import { instantOfDay, offsetMinutesAt } from '../local-time.ts';
import { screenFinder } from '../screen-finder.ts';
import type { KeptRecord } from './kept.ts';

/** All that the caller may know of one cinema for some days, and each record in words. */
export type CinemaEvidence = {
  readonly evidence: Evidence;
  readonly kept: ReadonlyMap<string, KeptRecord>;
  /** What tills call halls that the register does not have: their takings join nothing. */
  readonly unplaced: readonly string[];
};

export type Scope = {
  readonly organisationId: string;
  readonly from: string;
  readonly to: string;
  readonly filmId: string | null;
};
export type ScopedCinema = {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  /** Whether the caller acts for it: then it sees all of it, and else its own films. */
  readonly own: boolean;
};

/** Cinemas to look at: one's own, and those that showed, sold or announced one's films. */
export async function cinemasInScope(
  database: Queryable,
  scope: Scope & { readonly circuitId: string | null; readonly cinemaId: string | null },
): Promise<ScopedCinema[]> {
  const { organisationId, from, to, filmId, circuitId, cinemaId } = scope;
  const films = filmsInScope(organisationId, filmId);
  const result = await sql<{ id: string; name: string; time_zone: string; own: boolean }>`
    select cinema.id, cinema.name, cinema.time_zone, ${actsForCinema(organisationId)} as own
    from exhibition.cinema left join exhibition.circuit on circuit.id = cinema.circuit_id
    where ${circuitId === null ? sql`true` : sql`cinema.circuit_id = ${circuitId}`}
      and ${cinemaId === null ? sql`true` : sql`cinema.id = ${cinemaId}`}
      and (${actsForCinema(organisationId)}
        or cinema.id in (select row.cinema_id from exhibition.report_row as row
          where row.film_id in ${films}
            and row.first_date between ${from}::date and ${to}::date)
        or cinema.id in (select playback.cinema_id from exhibition.playback
          where playback.film_id in ${films}
            and playback.started_at between ${from}::date - 1 and ${to}::date + 2)
        or cinema.id in (select show.cinema_id from distribution.show
          where show.film_id in ${films}
            and show.starts_at between ${from}::date - 1 and ${to}::date + 2))
    order by cinema.id`.execute(database);
  return result.rows.map(({ id, name, own, time_zone: timeZone }) => ({ id, name, timeZone, own }));
}

/** Films of one's own as a scope narrows them. */
export function filmsInScope(organisationId: string, filmId: string | null): RawBuilder<unknown> {
  const reached = filmsReachedBy(organisationId, 'settlement');
  return filmId === null
    ? reached
    : sql`(select film.id from film.film where film.id = ${filmId} and film.id in ${reached})`;
}

/** Programme, log, takings and keys of one cinema for the days of the scope. */
export async function readEvidence(
  database: Queryable,
  scope: Scope,
  cinema: ScopedCinema,
  elsewhere: readonly Takings[],
): Promise<CinemaEvidence> {
  const span = {
    from: new Date(instantOfDay(scope.from, cinema.timeZone)),
    until: new Date(instantOfDay(scope.to, cinema.timeZone, 1)),
  };
  const reading = { database, scope, cinema, span, kept: new Map<string, KeptRecord>() };
  const screens = await readScreens(reading);
  const screenOf = screenFinder(screens);
  const takings = await readTakings(reading, screenOf);
  const shows = await readShows(reading);
  const plays = await readPlays(reading);
  const films = await readFilms(reading, [
    ...new Set([...shows, ...plays, ...takings].flatMap((each) => each.filmId ?? [])),
  ]);
  const offsetMinutes = offsetMinutesAt(span.from.getTime(), cinema.timeZone);
  const told = await readReported(reading, screens, screenOf);
  return {
    kept: reading.kept,
    unplaced: told.unplaced,
    evidence: {
      screens: screens.map(({ id, seats }) => ({ id, seats, offsetMinutes })),
      films,
      shows,
      plays,
      takings,
      reported: told.reported,
      elsewhere,
      windows: await readWindows(reading),
      logs: (await logSpansOf(database, { cinemaIds: [cinema.id] })).get(cinema.id) ?? [],
    },
  };
}

type Reading = {
  readonly database: Queryable;
  readonly scope: Scope;
  readonly cinema: ScopedCinema;
  readonly span: { readonly from: Date; readonly until: Date };
  readonly kept: Map<string, KeptRecord>;
};

/** Of one's own cinema every film, of others' one's own films. */
function filmCondition({ scope, cinema }: Reading, column: RawBuilder<unknown>) {
  if (cinema.own && scope.filmId === null) return sql<boolean>`true`;
  if (cinema.own) return sql<boolean>`${column} = ${scope.filmId}`;
  return sql<boolean>`${column} in ${filmsInScope(scope.organisationId, scope.filmId)}`;
}

async function readScreens({ database, cinema }: Reading) {
  const result = await sql<{
    id: string;
    name: string;
    number: number | null;
    seats: number | null;
  }>`select id, name, number, seats from exhibition.screen where cinema_id = ${cinema.id}`.execute(
    database,
  );
  return result.rows;
}

async function readShows(reading: Reading): Promise<PlannedShow[]> {
  const { database, cinema, span, kept } = reading;
  const result = await sql<{
    id: string;
    screen_id: string;
    film_id: string;
    title: string;
    starts_at: Date;
    ends_at: Date;
  }>`select show.id, show.screen_id, show.film_id, show.starts_at, show.ends_at,
      coalesce(nullif(show.title, ''), film.title) as title
    from distribution.show join film.film on film.id = show.film_id
    where show.cinema_id = ${cinema.id} and show.starts_at >= ${span.from}
      and show.starts_at < ${span.until}
      and ${filmCondition(reading, sql`show.film_id`)}`.execute(database);
  return result.rows.map((row) => {
    kept.set(row.id, {
      ...NOTHING,
      kind: 'show',
      id: row.id,
      title: row.title,
      startsAt: row.starts_at.toISOString(),
      endsAt: row.ends_at.toISOString(),
    });
    return {
      id: row.id,
      screenId: row.screen_id,
      filmId: row.film_id,
      startsAt: row.starts_at.getTime(),
      endsAt: row.ends_at.getTime(),
    };
  });
}

const NOTHING = { endsAt: null, admissions: null, grossFen: null, reportId: null, lines: [] };
const HOUR_MS = 3_600_000;
const HOURS_14 = 14 * HOUR_MS;

async function readPlays(reading: Reading): Promise<Play[]> {
  const { database, cinema, span, kept } = reading;
  // A clock that is wrong puts the plays of these days into others.
  const from = new Date(span.from.getTime() - HOURS_14);
  const until = new Date(span.until.getTime() + HOURS_14);
  const result = await sql<{
    id: string;
    screen_id: string;
    film_id: string | null;
    title: string | null;
    film_title: string | null;
    started_at: Date;
    ended_at: Date;
    device: string;
    proven: boolean;
  }>`select playback.id, playback.device, playback.proven, playback.screen_id, playback.film_id,
      playback.title, film.title as film_title, playback.started_at, playback.ended_at
    from exhibition.playback left join film.film on film.id = playback.film_id
    where playback.cinema_id = ${cinema.id} and playback.screen_id is not null
      and playback.started_at >= ${from} and playback.started_at < ${until}
      and ${filmCondition(reading, sql`playback.film_id`)}`.execute(database);
  return toldOnce(result.rows).map((row) => {
    kept.set(row.id, {
      ...NOTHING,
      kind: 'play',
      id: row.id,
      title: row.film_title ?? row.title ?? '',
      startsAt: row.started_at.toISOString(),
      endsAt: row.ended_at.toISOString(),
    });
    return {
      id: row.id,
      screenId: row.screen_id,
      filmId: row.film_id,
      startedAt: row.started_at.getTime(),
      endedAt: row.ended_at.getTime(),
    };
  });
}

/** Two systems that tell of one play differ by seconds. */
const SAME_PLAY_MS = 60_000;

type ToldPlay = {
  readonly screen_id: string;
  readonly film_id: string | null;
  readonly title: string | null;
  readonly device: string;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly proven: boolean;
};

/** A play that a player's log and a management system's table both tell: the better one of them. */
function toldOnce<Told extends ToldPlay>(rows: readonly Told[]): Told[] {
  const kept: Told[] = [];
  const length = (row: Told) => row.ended_at.getTime() - row.started_at.getTime();
  const inOrder = rows.toSorted(
    (a, b) => Number(b.proven) - Number(a.proven) || length(b) - length(a),
  );
  const byPlace = new Map<string, Told[]>();
  for (const row of inOrder) {
    const place = `${row.screen_id} ${row.film_id ?? row.title ?? ''}`;
    const others = byPlace.get(place) ?? [];
    const isTold = others.some(
      (other) =>
        other.device !== row.device &&
        Math.abs(other.started_at.getTime() - row.started_at.getTime()) <= SAME_PLAY_MS,
    );
    if (isTold) continue;
    byPlace.set(place, [...others, row]);
    kept.push(row);
  }
  return kept;
}

type TakingsRow = {
  readonly hall: string;
  readonly first_date: string;
  readonly start_time: string;
  readonly film_id: string;
  readonly title: string;
  readonly report_id: string;
  readonly level: string;
  readonly created_at: Date;
  readonly lines: number[];
  readonly admissions: bigint;
  readonly gross_fen: bigint;
};

/** What was sold for each session. Where several reports speak of one, the finest and newest. */
async function readTakings(
  reading: Reading,
  screenOf: (hall: string) => string | undefined,
): Promise<Takings[]> {
  const { database, scope, cinema, kept } = reading;
  const result = await sql<TakingsRow>`
    select distinct on (hall, first_date, start_time, film_id) * from (
      select row.hall, row.first_date::text, row.start_time, row.film_id, film.title,
        row.report_id, report.level, report.created_at,
        array_agg(row.line order by row.line) as lines, sum(row.admissions) as admissions,
        sum(row.gross_fen) as gross_fen
      from exhibition.report_row as row
      join exhibition.report on report.id = row.report_id
      join film.film on film.id = row.film_id
      where row.cinema_id = ${cinema.id} and report.state = 'imported' and not row.quarantined
        and report.level in ('ticket', 'screening') and row.hall is not null
        and row.start_time is not null and row.first_date = row.last_date
        and row.first_date between ${scope.from}::date and ${scope.to}::date
        and ${filmCondition(reading, sql`row.film_id`)}
        and ${reportsReachedBy(scope.organisationId)}
      group by row.hall, row.first_date, row.start_time, row.film_id, film.title, row.report_id,
        report.level, report.created_at
    ) as sold
    order by hall, first_date, start_time, film_id, level desc, created_at desc`.execute(database);
  // One report says 1 and another 1号厅: they speak of one session, and the better one counts.
  const told = new Set<string>();
  const better = result.rows.toSorted(
    (a, b) =>
      (a.level < b.level ? 1 : a.level > b.level ? -1 : 0) ||
      b.created_at.getTime() - a.created_at.getTime(),
  );
  return better.flatMap((row) => {
    const screenId = screenOf(row.hall);
    const startsAt = sessionStart(row.first_date, row.start_time, cinema.timeZone);
    const session = `${screenId} ${startsAt} ${row.film_id}`;
    if (screenId === undefined || startsAt === undefined || told.has(session)) return [];
    told.add(session);
    const id = `${row.report_id}:${row.lines[0]}`;
    const admissions = Number(row.admissions);
    kept.set(id, {
      kind: 'takings',
      id,
      title: row.title,
      startsAt: new Date(startsAt).toISOString(),
      endsAt: null,
      admissions,
      grossFen: String(row.gross_fen),
      reportId: row.report_id,
      lines: row.lines,
    });
    const { film_id: filmId, gross_fen: grossFen } = row;
    return [{ id, screenId, filmId, startsAt, admissions, grossFen: BigInt(grossFen) }];
  });
}

/** A business day begins at six: what is shown at night was sold with the evening before. */
const DAY_BEGINS_HOURS = 6;

/**
 * Of which screens and days every session that was sold is known. A report by the day tells of no
 * session, nor do rows whose hall or film is not in the register: what was sold may be among them.
 */
async function readReported(
  { database, scope, cinema }: Reading,
  screens: readonly { readonly id: string }[],
  screenOf: (hall: string) => string | undefined,
): Promise<{ readonly reported: LogSpan[]; readonly unplaced: string[] }> {
  const result = await sql<{ day: string; hall: string | null; named: boolean }>`
    select row.first_date::text as day, row.hall, bool_and(row.film_id is not null) as named
    from exhibition.report_row as row join exhibition.report on report.id = row.report_id
    where row.cinema_id = ${cinema.id} and report.state = 'imported'
      and report.level in ('ticket', 'screening')
      and row.first_date between ${scope.from}::date - 1 and ${scope.to}::date
      and ${reportsReachedBy(scope.organisationId)}
    group by row.first_date, row.hall`.execute(database);
  const days = groupBy(result.rows, (row) => row.day);
  const unplaced = result.rows.flatMap(({ hall }) =>
    hall !== null && screenOf(hall) === undefined ? [hall] : [],
  );
  const reported = [...days].flatMap(([day, rows]) => {
    const halls = rows.map((row) => ({ id: screenOf(row.hall ?? ''), named: row.named }));
    const unnamed = new Set(halls.flatMap((each) => (each.named ? [] : [each.id])));
    const isWhole = halls.every((each) => each.id !== undefined);
    const told = new Set(isWhole ? screens.map((each) => each.id) : halls.map((each) => each.id));
    const from = instantOfDay(day, cinema.timeZone) + DAY_BEGINS_HOURS * HOUR_MS;
    const until = instantOfDay(day, cinema.timeZone, 1) + DAY_BEGINS_HOURS * HOUR_MS;
    return [...told].flatMap((screenId) =>
      screenId === undefined || unnamed.has(screenId) ? [] : [{ screenId, from, until }],
    );
  });
  return { reported, unplaced: [...new Set(unplaced)].toSorted() };
}

/** `25:30` of a business day is half past one of the next, as ticketing systems write it. */
export function sessionStart(date: string, start: string, timeZone: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})/.exec(start);
  if (match === null || !isIsoDate(date)) return undefined;
  const hours = Number(match[1]);
  const clock = `${String(hours % 24).padStart(2, '0')}:${match[2]}`;
  const day = new Date(Date.parse(`${date}T00:00:00Z`) + Math.floor(hours / 24) * 86_400_000);
  const time = localTime(`${day.toISOString().slice(0, 10)}T${clock}`, timeZone, 'first');
  return time.ok ? time.value.instant : undefined;
}

async function readFilms({ database }: Reading, ids: readonly string[]): Promise<Film[]> {
  const result = await sql<{ id: string; seconds: number | null; encrypted: boolean | null }>`
    select film.id,
      coalesce((select max(version.runtime_seconds) from film.version
          where version.film_id = film.id),
        (select max((each->>'durationFrames')::numeric
            / nullif(split_part(each->>'editRate', '/', 1)::numeric, 0)
            * coalesce(nullif(split_part(each->>'editRate', '/', 2), '')::numeric, 1))
          from distribution.package, json_array_elements(package.compositions) as each
          where package.film_id = film.id))::double precision as seconds,
      (select bool_and(package.encrypted) from distribution.package
        where package.film_id = film.id and package.state = 'passed') as encrypted
    from film.film where film.id = any(${[...ids]}::uuid[])`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    runtimeMs: Math.round((row.seconds ?? 0) * 1000),
    // A film whose packages went other ways needs no key of this network.
    encrypted: row.encrypted ?? false,
  }));
}

async function readWindows({ database, cinema, span }: Reading): Promise<KeyWindow[]> {
  const result = await sql<{
    screen_id: string;
    film_id: string;
    not_before: Date;
    not_after: Date;
  }>`select key.screen_id, package.film_id, key.not_before, key.not_after
    from distribution.key join distribution.package on package.id = key.package_id
    join exhibition.screen on screen.id = key.screen_id
    where screen.cinema_id = ${cinema.id} and key.not_after >= ${span.from}
      and key.not_before < ${span.until}`.execute(database);
  return result.rows.map((row) => ({
    screenId: row.screen_id,
    filmId: row.film_id,
    notBefore: row.not_before.getTime(),
    notAfter: row.not_after.getTime(),
  }));
}
