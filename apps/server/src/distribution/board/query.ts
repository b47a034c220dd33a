import type { Finding } from '@yinglian/core';
import type { Light } from '@yinglian/release';
import { type RawBuilder, sql } from 'kysely';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { LIGHTS, rankOf, type ShowRecord } from './repository.ts';

export type BoardQuery = {
  readonly organisationId: string;
  readonly from: Date;
  readonly until: Date;
  readonly cinemaId?: string | undefined;
  readonly filmId?: string | undefined;
  readonly worst?: Light | undefined;
  readonly limit: number;
};

export type LightCounts = { readonly red: number; readonly amber: number; readonly green: number };

/** Sums of hours that are over serve nobody. */
const TALLY_DAYS = 3;
const TALLY_ROWS_A_SWEEP = 5000;

/**
 * What an organisation sees: shows of the films that it distributes, and shows of the cinemas that
 * it acts for. The films are few and named; the rest stands with each show.
 */
type Scope = { readonly organisationId: string; readonly films: readonly string[] };

/** Reads the board: how many of each light, and the first of the list, red before amber. */
export async function readBoard(
  database: Queryable,
  query: BoardQuery,
): Promise<LightCounts & { readonly rows: ShowRecord[] }> {
  const scope = { organisationId: query.organisationId, films: await ownFilms(database, query) };
  const [counts, rows] = await Promise.all([
    countLights(database, query, scope),
    listShows(database, query, scope),
  ]);
  return { ...counts, rows };
}

async function ownFilms(
  database: Queryable,
  { organisationId, filmId }: BoardQuery,
): Promise<string[]> {
  const result = await sql<{ film_id: string }>`
    select distinct film_id from distribution.release where organisation_id = ${organisationId}
      and ${filmId === undefined ? sql`true` : sql`film_id = ${filmId}`}`.execute(database);
  return result.rows.map((row) => row.film_id);
}

const uuids = (ids: readonly string[]) => sql`${[...ids]}::uuid[]`;
const within = ({ from, until }: Pick<BoardQuery, 'from' | 'until'>) =>
  sql`show.starts_at >= ${from} and show.starts_at < ${until}`;

function inScope({ organisationId, films }: Scope): RawBuilder<boolean> {
  return sql<boolean>`(show.film_id = any(${uuids(films)}) or show.actor_id = ${organisationId}
    or show.circuit_actor_id = ${organisationId})`;
}

async function countLights(
  database: Queryable,
  query: BoardQuery,
  scope: Scope,
): Promise<LightCounts> {
  const counted =
    query.cinemaId === undefined
      ? await countWide(database, query, scope)
      : sql`select show.worst, count(*) as shows from distribution.show
          where show.cinema_id = ${query.cinemaId} and ${within(query)} and ${inScope(scope)}
            and ${query.filmId === undefined ? sql`true` : sql`show.film_id = ${query.filmId}`}
          group by show.worst`;
  const result = await sql<{ worst: number; shows: bigint }>`
    select worst, sum(shows)::bigint as shows from (${counted}) as counted group by worst
  `.execute(database);
  const of = (light: Light) =>
    Number(result.rows.find((row) => row.worst === rankOf(light))?.shows ?? 0n);
  return { red: of('red'), amber: of('amber'), green: of('green') };
}

/** Whole hours from the sums, the rest of the first and last hour from the shows. */
async function countWide(
  database: Queryable,
  query: BoardQuery,
  scope: Scope,
): Promise<RawBuilder<unknown>> {
  const { filmId, organisationId } = query;
  if (filmId !== undefined && scope.films.length === 0) {
    // The film is another's: only what plays in cinemas of one's own.
    return sql`
      ${countBy('actor_id', [organisationId], query, sql`show.film_id = ${filmId}`)} union all
      ${countBy('circuit_actor_id', [organisationId], query, sql`show.film_id = ${filmId}`)}`;
  }
  if (filmId !== undefined) return sumWith('film_id', scope.films, query);
  const own = sql`${sumWith('actor_id', [organisationId], query)} union all
    ${edges('circuit_actor_id', [organisationId], query)}`;
  if (scope.films.length === 0) return own;
  const twice = sql`show.film_id = any(${uuids(scope.films)})`;
  const films = sumWith('film_id', scope.films, query);
  if (!(await actsForAny(database, organisationId))) return sql`${films} union all ${own}`;
  // What is seen by both ways is counted once.
  return sql`${films} union all ${own} union all
    select worst, -shows from (
      ${keptTwice(scope, query)} union all
      ${countBy('actor_id', [organisationId], query, sql`${twice} and not show.kept`)} union all
      ${countBy('circuit_actor_id', [organisationId], query, twice)}) as twice`;
}

type Column = 'film_id' | 'actor_id' | 'circuit_actor_id';

/** Sums of whole hours of some boards, and shows of one column in the rest of the hours. */
function sumWith(column: Column, ids: readonly string[], query: BoardQuery): RawBuilder<unknown> {
  return sql`select tally.worst, tally.shows from distribution.show_tally as tally
      where tally.scope = any(${uuids(ids)}) and ${wholeHours(query)}
    union all ${edges(column, ids, query)}`;
}

function keptTwice({ organisationId, films }: Scope, query: BoardQuery): RawBuilder<unknown> {
  const scopes = sql`select distribution.kept_scope(film, ${organisationId}::uuid)
    from unnest(${uuids(films)}) as film`;
  const kept = sql`show.film_id = any(${uuids(films)}) and show.kept`;
  return sql`select tally.worst, tally.shows from distribution.show_tally as tally
      where tally.scope in (${scopes}) and ${wholeHours(query)}
    union all ${edges('actor_id', [organisationId], query, kept)}`;
}

const HOUR_MS = 3_600_000;

function wholeHours({ from, until }: BoardQuery): RawBuilder<boolean> {
  const first = new Date(Math.ceil(from.getTime() / HOUR_MS) * HOUR_MS);
  const end = new Date(Math.floor(until.getTime() / HOUR_MS) * HOUR_MS);
  return sql<boolean>`tally.hour >= ${first} and tally.hour < ${end}`;
}

function edges(
  column: Column,
  ids: readonly string[],
  query: BoardQuery,
  also: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const { from, until } = query;
  const first = new Date(Math.ceil(from.getTime() / HOUR_MS) * HOUR_MS);
  const end = new Date(Math.floor(until.getTime() / HOUR_MS) * HOUR_MS);
  if (first >= end) return countBy(column, ids, query, also);
  return sql`${countBy(column, ids, { from, until: first }, also)} union all
    ${countBy(column, ids, { from: end, until }, also)}`;
}

/** Counts shows by one column's index, light by light. */
function countBy(
  column: Column,
  ids: readonly string[],
  span: Pick<BoardQuery, 'from' | 'until'>,
  also: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`select light::smallint as worst, counted.shows
    from unnest(${uuids(ids)}) as board, generate_series(0, 2) as light
    cross join lateral (select count(*) as shows from distribution.show
      where show.${sql.ref(column)} = board and show.worst = light::smallint
        and ${within(span)} and ${also}) as counted`;
}

async function actsForAny(database: Queryable, organisationId: string): Promise<boolean> {
  const result = await sql`
    select 1 where exists (select 1 from distribution.show where actor_id = ${organisationId})
      or exists (select 1 from distribution.show where circuit_actor_id = ${organisationId})
  `.execute(database);
  return result.rows.length > 0;
}

/** The first shows of each light on each of the ways to them; then the first of all of these. */
function firstShows(query: BoardQuery, scope: Scope): RawBuilder<unknown> {
  const { cinemaId, filmId, organisationId, limit } = query;
  const lights = query.worst === undefined ? [0, 1, 2] : [rankOf(query.worst)];
  const film = filmId === undefined ? sql`true` : sql`show.film_id = ${filmId}`;
  if (cinemaId !== undefined) {
    return sql`select show.id, show.worst, show.starts_at from distribution.show
      where show.cinema_id = ${cinemaId} and show.worst = any(${lights}::smallint[])
        and ${within(query)} and ${film} and ${inScope(scope)}`;
  }
  const by = (column: Column, ids: readonly string[]) => sql`
    select first.* from unnest(${uuids(ids)}) as board, unnest(${lights}::smallint[]) as light
    cross join lateral (select show.id, show.worst, show.starts_at from distribution.show
      where show.${sql.ref(column)} = board and show.worst = light and ${within(query)} and ${film}
      order by show.starts_at, show.id limit ${limit}) as first`;
  return sql`${by('film_id', scope.films)} union ${by('actor_id', [organisationId])}
    union ${by('circuit_actor_id', [organisationId])}`;
}

type ShowRow = {
  id: string;
  cinema_id: string;
  cinema_name: string;
  screen_id: string;
  screen_name: string;
  film_id: string | null;
  film_title: string;
  starts_at: Date;
  ends_at: Date;
  local_start: string;
  package_light: number;
  key_light: number;
  window_light: number;
  worst: number;
  findings: Finding[];
  help_asked_at: Date | null;
  help_answer: string | null;
  mine: boolean;
};

async function listShows(
  database: Queryable,
  query: BoardQuery,
  scope: Scope,
): Promise<ShowRecord[]> {
  const { organisationId } = scope;
  const result = await sql<ShowRow>`
    with first as (select id from (${firstShows(query, scope)}) as found
      order by worst desc, starts_at, id limit ${query.limit})
    select show.*,
      coalesce(${organisationId} in (show.actor_id, show.circuit_actor_id), false) as mine,
      cinema.name as cinema_name, screen.name as screen_name,
      (select help.answer from distribution.help
        where help.screen_id = show.screen_id and help.starts_at = show.starts_at
        order by help.created_at desc limit 1) as help_answer,
      coalesce(nullif(show.title, ''), film.title, '') as film_title,
      to_char(show.starts_at at time zone cinema.time_zone, 'YYYY-MM-DD"T"HH24:MI') as local_start
    from first
    join distribution.show on show.id = first.id
    join exhibition.cinema on cinema.id = show.cinema_id
    join exhibition.screen on screen.id = show.screen_id
    left join film.film on film.id = show.film_id
    order by show.worst desc, show.starts_at, show.id`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    screenId: row.screen_id,
    screenName: row.screen_name,
    filmId: row.film_id,
    filmTitle: row.film_title,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    localStart: row.local_start,
    package: LIGHTS[row.package_light]!,
    key: LIGHTS[row.key_light]!,
    window: LIGHTS[row.window_light]!,
    worst: LIGHTS[row.worst]!,
    findings: row.findings.map(wireFinding),
    helpAskedAt: row.help_asked_at?.toISOString() ?? null,
    mine: row.mine,
    helpAnswer: row.help_answer,
  }));
}

/** Takes sums of the past away; what another change holds is left for the next time. */
export async function sweepTally(transaction: Transaction, now: Date): Promise<void> {
  const before = new Date(now.getTime() - TALLY_DAYS * 24 * HOUR_MS);
  await sql`
    delete from distribution.show_tally where ctid = any(array(
      select ctid from distribution.show_tally where hour < ${before}
      limit ${TALLY_ROWS_A_SWEEP} for update skip locked))`.execute(transaction);
}
