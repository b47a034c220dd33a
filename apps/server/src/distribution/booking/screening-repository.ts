import { type IsoDate } from '@yinglian/core';
import type { DateRange } from '@yinglian/release';
import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';
import type { WirePlan } from '../release/plan.ts';
import { bookingsReachedBy } from './repository.ts';

/** A cinema that is booked under a release which asks for a number of screenings. */
export type PromisingCinema = {
  readonly releaseId: string;
  readonly filmId: string;
  readonly filmTitle: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
  readonly circuitName: string | null;
  readonly city: string | null;
  readonly timeZone: string;
  readonly bookings: readonly (DateRange & { readonly screenIds: readonly string[] })[];
  readonly minimums: WirePlan['minimumScreenings'];
};

export type PromiseListing = {
  readonly organisationId: string;
  readonly releaseId?: string | undefined;
  readonly cinemaId?: string | undefined;
  readonly filmId?: string | undefined;
  readonly search?: string | undefined;
  /** The ids of the cinema and of the release of the row before. */
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
};

/** Confirmed bookings by release and cinema, by the cinema's name, where the notice asks. */
export async function listPromises(
  database: Queryable,
  listing: PromiseListing,
): Promise<PromisingCinema[]> {
  const { organisationId, releaseId, cinemaId, filmId, after, limit } = listing;
  const like = `%${(listing.search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const wanted = (value: unknown, column: string) =>
    value === undefined ? sql`true` : sql`${sql.ref(column)} = ${value}`;
  const result = await sql<PromisingCinema>`
    with promising as (
      select booking.release_id, booking.cinema_id, cinema.name,
        json_agg(json_build_object('from', booking.first_day::text, 'to', booking.last_day::text,
          'screenIds', booking.screen_ids) order by booking.first_day, booking.id) as bookings
      from distribution.booking
      join distribution.release on release.id = booking.release_id
      join distribution.release_revision as revision
        on revision.release_id = release.id and revision.revision = release.revision
      join exhibition.cinema on cinema.id = booking.cinema_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      where booking.state = 'confirmed' and ${bookingsReachedBy(organisationId)}
        and json_array_length(revision.plan->'minimumScreenings') > 0
        and ${wanted(releaseId, 'booking.release_id')}
        and ${wanted(cinemaId, 'booking.cinema_id')} and ${wanted(filmId, 'booking.film_id')}
        and ${listing.search === undefined ? sql`true` : sql`cinema.name ilike ${like}`}
      group by booking.release_id, booking.cinema_id, cinema.name
    )
    select promising.release_id as "releaseId", release.film_id as "filmId",
      film.title as "filmTitle", cinema.id as "cinemaId", cinema.name as "cinemaName",
      circuit.name as "circuitName", cinema.city, cinema.time_zone as "timeZone",
      promising.bookings, revision.plan->'minimumScreenings' as minimums
    from promising
    join distribution.release on release.id = promising.release_id
    join distribution.release_revision as revision
      on revision.release_id = release.id and revision.revision = release.revision
    join film.film on film.id = release.film_id
    join exhibition.cinema on cinema.id = promising.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where ${
      after === undefined
        ? sql`true`
        : sql`(cinema.name, cinema.id, release.id)
          > ((select name from exhibition.cinema where id = ${after[0]}::uuid),
            ${after[0]}::uuid, ${after[1]}::uuid)`
    }
    order by cinema.name, cinema.id, release.id limit ${limit}`.execute(database);
  return result.rows;
}

/** Screenings that begin on a day of the calendar, those before dawn apart. */
export type DayCount = {
  readonly cinemaId: string;
  readonly filmId: string | null;
  readonly date: IsoDate;
  readonly dawn: boolean;
  readonly count: number;
};

/** A business day begins at six: what is shown before belongs to the evening before. */
const DAWN_HOUR = 6;

/** Which cinemas and films are counted, and from when until when. */
export type CountScope = {
  readonly cinemaIds: readonly string[];
  readonly filmIds: readonly string[];
  readonly from: Date;
  readonly until: Date;
};

const byDay = (column: 'show.starts_at' | 'played.started_at') => {
  const local = sql`(${sql.ref(column)} at time zone cinema.time_zone)`;
  return sql`cinema.id as "cinemaId", ${sql.ref(`${column.split('.')[0]!}.film_id`)} as "filmId",
    ${local}::date::text as date, extract(hour from ${local}) < ${DAWN_HOUR} as dawn,
    count(*)::int as count`;
};

/** Shows of the programmes: of all films, for a day without any is not known. */
export async function countShows(database: Queryable, scope: CountScope): Promise<DayCount[]> {
  const result = await sql<DayCount>`select ${byDay('show.starts_at')}
    from distribution.show join exhibition.cinema on cinema.id = show.cinema_id
    where show.cinema_id = any(${[...scope.cinemaIds]}::uuid[])
      and show.starts_at >= ${scope.from} and show.starts_at < ${scope.until}
    group by 1, 2, 3, 4`.execute(database);
  return result.rows;
}

/**
 * Plays of most of a film by the logs. Two systems that tell of one play differ by seconds, and a
 * screen does not begin a film twice within minutes.
 */
export async function countPlays(database: Queryable, scope: CountScope): Promise<DayCount[]> {
  const result = await sql<DayCount>`
    with runtime as (
      select film_id, max(runtime_seconds) as seconds from film.version
      where film_id = any(${[...scope.filmIds]}::uuid[]) group by film_id
    ), played as (
      select playback.cinema_id, playback.film_id, playback.started_at,
        lag(playback.started_at) over (partition by playback.cinema_id, playback.screen_id,
          playback.film_id order by playback.started_at) as before
      from exhibition.playback left join runtime on runtime.film_id = playback.film_id
      where playback.cinema_id = any(${[...scope.cinemaIds]}::uuid[])
        and playback.film_id = any(${[...scope.filmIds]}::uuid[])
        and playback.started_at >= ${scope.from} and playback.started_at < ${scope.until}
        and (runtime.seconds is null or playback.ended_at = playback.started_at
          or extract(epoch from playback.ended_at - playback.started_at) * 2 >= runtime.seconds)
    )
    select ${byDay('played.started_at')}
    from played join exhibition.cinema on cinema.id = played.cinema_id
    where played.before is null or played.started_at - played.before > interval '10 minutes'
    group by 1, 2, 3, 4`.execute(database);
  return result.rows;
}
