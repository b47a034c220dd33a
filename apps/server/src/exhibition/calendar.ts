import type { calendar } from '@yinglian/contract';
import { addDays, finding, isIsoDate } from '@yinglian/core';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../kernel/access/access.ts';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import { afterName, type Page, pageOf } from '../kernel/pages.ts';
import { invalid } from '../kernel/refusal.ts';
import { wireFinding } from '../kernel/http/problems.ts';
import { actsForCinema } from './acting.ts';

export type CalendarRow = z.output<typeof calendar.days.result>['rows'][number];
type CalendarDay = CalendarRow['days'][number];
export type MapAnswer = z.output<typeof calendar.map.result>;
type Light = 'green' | 'amber' | 'red';

const LIGHTS: readonly Light[] = ['green', 'amber', 'red'];
const CINEMAS_OF_A_PROVINCE = 3000;

type CalendarQuery = {
  readonly from: string;
  readonly days: number;
  readonly cinemaId?: string | undefined;
  readonly circuitId?: string | undefined;
  readonly filmId?: string | undefined;
  readonly worst?: Light | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
};

/**
 * Shows of films that one distributes, and all of the cinemas that one acts for. Whoever is in a
 * film's room to exhibit it sees its own shows, never those of another circuit.
 */
const showsReachedBy = (organisationId: string): RawBuilder<boolean> => sql<boolean>`
  (show.film_id in (select film_id from distribution.release
      where organisation_id = ${organisationId})
    or show.film_id in ${filmsReachedBy(organisationId, 'distribution')}
    or ${actsForCinema(organisationId)})`;

const given = (value: unknown, condition: RawBuilder<unknown>) =>
  value === undefined ? sql`true` : condition;

export type CalendarService = ReturnType<typeof createCalendarService>;

/** Bookings and programme by screen and day, and the country at a glance. */
export function createCalendarService({
  database,
  requireAccess,
  now,
}: {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
  readonly now: () => Date;
}) {
  return {
    async days(context: Context, query: CalendarQuery): Promise<Page<CalendarRow>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      if (!isIsoDate(query.from)) {
        throw invalid(finding('invalid_value', 'error', { at: { field: 'from' } }));
      }
      const rows = await readScreens(database, organisationId, query);
      const shown = rows.slice(0, query.limit).map((row) => row.screen_id);
      const days = await readDays(database, organisationId, query, shown);
      return pageOf(
        rows,
        query,
        (row) => [row.sort_key, row.screen_id],
        (row) => ({
          screenId: row.screen_id,
          screenName: row.screen_name,
          cinemaId: row.cinema_id,
          cinemaName: row.cinema_name,
          days: days(row.screen_id),
        }),
      );
    },

    async map(
      context: Context,
      query: {
        readonly hours: number;
        readonly filmId?: string | undefined;
        readonly circuitId?: string | undefined;
        readonly province?: string | undefined;
      },
    ): Promise<MapAnswer> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const until = new Date(now().getTime() + query.hours * 3_600_000);
      const asked = { ...query, organisationId, from: now(), until };
      return {
        provinces: await readProvinces(database, asked),
        cinemas: query.province === undefined ? [] : await readCinemas(database, asked),
      };
    },
  };
}

type ScreenRow = {
  readonly screen_id: string;
  readonly screen_name: string;
  readonly cinema_id: string;
  readonly cinema_name: string;
  readonly sort_key: string;
};

/** Screens with anything on these days; of a cinema or circuit that is asked for, all. */
async function readScreens(
  database: Database,
  organisationId: string,
  query: CalendarQuery,
): Promise<ScreenRow[]> {
  const { from, cinemaId, circuitId, filmId, worst, limit } = query;
  const to = addDays(from, query.days - 1);
  const after = afterName(query);
  const local = sql`(show.starts_at at time zone cinema.time_zone)::date`;
  const busy = sql`(exists (select 1 from distribution.show where show.screen_id = screen.id
        and show.starts_at between ${from}::date - 1 and ${to}::date + 2
        and ${local} between ${from}::date and ${to}::date
        and ${showsReachedBy(organisationId)}
        and ${given(filmId, sql`show.film_id = ${filmId}`)}
        and ${given(worst, sql`show.worst = ${LIGHTS.indexOf(worst ?? 'red')}`)})
      or (${worst === undefined} and exists (select 1 from distribution.booking
        where screen.id = any(booking.screen_ids) and booking.state in ${BOOKED}
          and booking.first_day <= ${to}::date and booking.last_day >= ${from}::date
          and (booking.organisation_id = ${organisationId} or ${actsForCinema(organisationId)})
          and ${given(filmId, sql`booking.film_id = ${filmId}`)})))`;
  const isAsked = (cinemaId ?? circuitId) !== undefined && (filmId ?? worst) === undefined;
  const result = await sql<ScreenRow>`
    select * from (
      select screen.id as screen_id, screen.name as screen_name, cinema.id as cinema_id,
        cinema.name as cinema_name,
        cinema.name || ' ' || lpad(coalesce(screen.number, 9999)::text, 4, '0') || ' '
          || screen.name as sort_key
      from exhibition.screen join exhibition.cinema on cinema.id = screen.cinema_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      where ${given(cinemaId, sql`cinema.id = ${cinemaId}`)}
        and ${given(circuitId, sql`cinema.circuit_id = ${circuitId}`)}
        and (${busy} or (${isAsked} and ${actsForCinema(organisationId)}))
    ) as listed
    where ${
      after === undefined
        ? sql`true`
        : sql`(sort_key, screen_id) > (${after[0]}, ${after[1]}::uuid)`
    }
    order by sort_key, screen_id limit ${limit + 1}`.execute(database);
  return result.rows;
}

const BOOKED = sql`('offered', 'accepted', 'confirmed')`;

async function readDays(
  database: Database,
  organisationId: string,
  { from, days, filmId }: CalendarQuery,
  screenIds: readonly string[],
): Promise<(screenId: string) => CalendarDay[]> {
  const to = addDays(from, days - 1);
  const ids = [...screenIds];
  const shows = await sql<{
    id: string;
    screen_id: string;
    date: string;
    start: string;
    minutes: number;
    title: string;
    /** Null: nothing is known of the film here, and no light says so. */
    worst: number | null;
    findings: Parameters<typeof wireFinding>[0][];
  }>`select show.id, show.screen_id, show.findings,
      case when show.film_id is not null then show.worst end as worst,
      (show.starts_at at time zone cinema.time_zone)::date::text as date,
      to_char(show.starts_at at time zone cinema.time_zone, 'HH24:MI') as start,
      round(extract(epoch from show.ends_at - show.starts_at) / 60)::integer as minutes,
      coalesce(nullif(show.title, ''), film.title, '') as title
    from distribution.show
    join exhibition.cinema on cinema.id = show.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    left join film.film on film.id = show.film_id
    where show.screen_id = any(${ids}::uuid[])
      and show.starts_at between ${from}::date - 1 and ${to}::date + 2
      and ${showsReachedBy(organisationId)}
      and ${given(filmId, sql`show.film_id = ${filmId}`)}
    order by show.starts_at`.execute(database);
  const bookings = await sql<{
    id: string;
    screen_id: string;
    first_day: string;
    last_day: string;
    state: string;
    title: string;
  }>`select booking.id, screen.id as screen_id, booking.first_day::text, booking.last_day::text,
      booking.state, film.title
    from distribution.booking
    join exhibition.screen on screen.id = any(booking.screen_ids)
    join exhibition.cinema on cinema.id = booking.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    join film.film on film.id = booking.film_id
    where screen.id = any(${ids}::uuid[]) and booking.state in ${BOOKED}
      and booking.first_day <= ${to}::date and booking.last_day >= ${from}::date
      and (booking.organisation_id = ${organisationId} or ${actsForCinema(organisationId)})
      and ${given(filmId, sql`booking.film_id = ${filmId}`)}
    order by booking.first_day, film.title`.execute(database);
  return (screenId) =>
    Array.from({ length: days }, (_, index): CalendarDay => {
      const date = addDays(from, index);
      const own = shows.rows.filter((row) => row.screen_id === screenId && row.date === date);
      const worst = own.reduce((most, row) => Math.max(most, row.worst ?? -1), -1);
      return {
        date,
        worst: LIGHTS[worst] ?? null,
        shows: own.map((row) => ({
          id: row.id,
          start: row.start,
          minutes: row.minutes,
          filmTitle: row.title,
          light: row.worst === null ? null : LIGHTS[row.worst]!,
          findings: row.findings.map(wireFinding),
        })),
        bookings: bookings.rows
          .filter(
            (row) => row.screen_id === screenId && row.first_day <= date && row.last_day >= date,
          )
          .map((row) => ({ id: row.id, filmTitle: row.title, state: row.state })),
      };
    });
}

type MapQuery = {
  readonly organisationId: string;
  readonly from: Date;
  readonly until: Date;
  readonly filmId?: string | undefined;
  readonly circuitId?: string | undefined;
  readonly province?: string | undefined;
};

/**
 * A province's name without what kind of region it is; where the record names none, the first two
 * digits of the cinema code do (GB/T 2260).
 */
const PROVINCE = sql<string>`coalesce(
  nullif(regexp_replace(cinema.province,
    '(壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$', ''), ''),
  (select place.name from (values ('11', '北京'), ('12', '天津'), ('13', '河北'), ('14', '山西'),
    ('15', '内蒙古'), ('21', '辽宁'), ('22', '吉林'), ('23', '黑龙江'), ('31', '上海'),
    ('32', '江苏'), ('33', '浙江'), ('34', '安徽'), ('35', '福建'), ('36', '江西'), ('37', '山东'),
    ('41', '河南'), ('42', '湖北'), ('43', '湖南'), ('44', '广东'), ('45', '广西'), ('46', '海南'),
    ('50', '重庆'), ('51', '四川'), ('52', '贵州'), ('53', '云南'), ('54', '西藏'), ('61', '陕西'),
    ('62', '甘肃'), ('63', '青海'), ('64', '宁夏'), ('65', '新疆')) as place (code, name)
    where place.code = left(cinema.code, 2)), '')`;

/** Shows of the time, by their cinema; one scan of the index by time. */
const showsOf = ({ organisationId, from, until, filmId }: MapQuery): RawBuilder<unknown> => sql`
  select show.cinema_id, count(*) as shows, count(*) filter (where show.worst = 2) as red,
    count(*) filter (where show.worst = 1) as amber,
    count(*) filter (where show.worst = 0 and show.film_id is not null) as green,
    max(show.worst) filter (where show.film_id is not null) as worst
  from distribution.show
  join exhibition.cinema on cinema.id = show.cinema_id
  left join exhibition.circuit on circuit.id = cinema.circuit_id
  where show.starts_at >= ${from} and show.starts_at < ${until}
    and ${showsReachedBy(organisationId)}
    and ${given(filmId, sql`show.film_id = ${filmId}`)}
  group by show.cinema_id`;

async function readProvinces(database: Database, query: MapQuery): Promise<MapAnswer['provinces']> {
  const { organisationId, circuitId, filmId } = query;
  const result = await sql<Record<string, bigint> & { province: string }>`
    with shown as (${showsOf(query)}), booked as (
      select distinct booking.cinema_id from distribution.booking
      join exhibition.cinema on cinema.id = booking.cinema_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      where booking.state = 'confirmed' and booking.last_day >= current_date
        and (booking.organisation_id = ${organisationId} or ${actsForCinema(organisationId)})
        and ${given(filmId, sql`booking.film_id = ${filmId}`)}
    ), rooms as (select cinema_id, count(*) as screens from exhibition.screen group by cinema_id)
    select ${PROVINCE} as province, count(*) as cinemas,
      coalesce(sum(rooms.screens), 0)::bigint as screens,
      coalesce(sum(shown.shows), 0)::bigint as shows, coalesce(sum(shown.red), 0)::bigint as red,
      coalesce(sum(shown.amber), 0)::bigint as amber,
      coalesce(sum(shown.green), 0)::bigint as green, count(booked.cinema_id) as booked
    from exhibition.cinema
    left join rooms on rooms.cinema_id = cinema.id
    left join shown on shown.cinema_id = cinema.id
    left join booked on booked.cinema_id = cinema.id
    where ${given(circuitId, sql`cinema.circuit_id = ${circuitId}`)}
    group by 1 order by 1`.execute(database);
  return result.rows.map((row) => ({
    province: row.province,
    cinemas: Number(row['cinemas']),
    screens: Number(row['screens']),
    shows: Number(row['shows']),
    red: Number(row['red']),
    amber: Number(row['amber']),
    green: Number(row['green']),
    booked: Number(row['booked']),
  }));
}

async function readCinemas(database: Database, query: MapQuery): Promise<MapAnswer['cinemas']> {
  const { circuitId, province } = query;
  const result = await sql<{
    id: string;
    name: string;
    city: string | null;
    latitude: number | null;
    longitude: number | null;
    shows: bigint | null;
    worst: number | null;
  }>`with shown as (${showsOf(query)})
    select cinema.id, cinema.name, cinema.city, cinema.latitude, cinema.longitude, shown.shows,
      shown.worst
    from exhibition.cinema left join shown on shown.cinema_id = cinema.id
    where ${PROVINCE} = ${province} and ${given(circuitId, sql`cinema.circuit_id = ${circuitId}`)}
    order by shown.worst desc nulls last, cinema.city, cinema.name
    limit ${CINEMAS_OF_A_PROVINCE}`.execute(database);
  return result.rows.map((row) => ({
    ...row,
    shows: Number(row.shows ?? 0n),
    worst: row.worst === null ? null : LIGHTS[row.worst]!,
  }));
}
