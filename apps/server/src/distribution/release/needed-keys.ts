import type { neededKeySchema } from '@yinglian/contract';
import { keyWindowFor } from '@yinglian/release';
import { sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../../kernel/access/access.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { jsonText } from '../../kernel/write.ts';
import { planOf, type WirePlan } from './plan.ts';

export type NeededKey = z.output<typeof neededKeySchema>;

/** What issuing can mend; a missing package or certificate needs somebody else first. */
export const ISSUABLE: ReadonlySet<NeededKey['reason']> = new Set([
  'missing_key',
  'replaced_device',
  'short_window',
]);

/** Of the distributor's bookings: all of them, or those of a release, a circuit, a cinema … */
export type NeedScope = {
  readonly organisationId: string;
  readonly releaseId?: string | undefined;
  readonly filmId?: string | undefined;
  readonly circuitId?: string | undefined;
  readonly cinemaId?: string | undefined;
  readonly bookingIds?: readonly string[] | undefined;
  readonly screenIds?: readonly string[] | undefined;
};

/** Conditions over the alias `booking`; what has ended needs no key. */
function bookingsOf(scope: NeedScope) {
  const { releaseId, filmId, circuitId, cinemaId, bookingIds, screenIds } = scope;
  const conditions = [
    sql`booking.organisation_id = ${scope.organisationId}`,
    sql`booking.state = 'confirmed'`,
    sql`booking.last_day >= (now() - interval '1 day')::date`,
    ...(releaseId === undefined ? [] : [sql`booking.release_id = ${releaseId}`]),
    ...(filmId === undefined ? [] : [sql`booking.film_id = ${filmId}`]),
    ...(cinemaId === undefined ? [] : [sql`booking.cinema_id = ${cinemaId}`]),
    ...(circuitId === undefined
      ? []
      : [
          sql`booking.cinema_id in (
          select id from exhibition.cinema where circuit_id = ${circuitId})`,
        ]),
    ...(bookingIds === undefined ? [] : [sql`booking.id = any(${[...bookingIds]}::uuid[])`]),
    ...(screenIds === undefined ? [] : [sql`booking.screen_ids && ${[...screenIds]}::uuid[]`]),
  ];
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

/** The days that are booked, with the windows that the announced plans give them. */
async function windowsOf(database: Queryable, scope: NeedScope) {
  const days = await sql<{ release_id: string; from: string; to: string; plan: WirePlan }>`
    select days.*, announced.plan from (
      select distinct release_id, first_day::text as from, last_day::text as to
      from distribution.booking where ${bookingsOf(scope)}) as days
    join distribution.release on release.id = days.release_id
    join distribution.release_revision as announced
      on announced.release_id = release.id and announced.revision = release.revision
  `.execute(database);
  return days.rows.map(({ release_id: releaseId, from, to, plan }) => ({
    releaseId,
    from,
    to,
    ...keyWindowFor(planOf(plan), { from, to }),
  }));
}

type Row = {
  release_id: string;
  booking_id: string;
  package_id: string | null;
  film_title: string;
  screen_id: string;
  cinema_id: string;
  cinema_name: string;
  screen_name: string;
  circuit_name: string | null;
  opens: string;
  closes: string;
  reason: NeededKey['reason'];
  next_show: Date | null;
  shows: bigint;
  total: bigint;
};

/**
 * Screens of confirmed bookings that have no key for their days: nobody types an identifier, the
 * bookings say what is needed. The soonest show comes first. Packages that are not encrypted need
 * none.
 */
export async function neededPage(
  database: Queryable,
  scope: NeedScope,
  limit: number,
): Promise<{ readonly total: number; readonly rows: NeededKey[] }> {
  const windows = await windowsOf(database, scope);
  if (windows.length === 0) return { total: 0, rows: [] };
  const own =
    scope.screenIds === undefined
      ? sql`true`
      : sql`screen.id = any(${[...scope.screenIds]}::uuid[])`;
  const result = await sql<Row>`
    select judged.*, coming.next_show, coalesce(coming.shows, 0) as shows,
      count(*) over () as total from (
      select booking.release_id, booking.id as booking_id, film.id as package_id,
        title.title as film_title, booking.film_id, screen.id as screen_id,
        cinema.id as cinema_id, cinema.name as cinema_name, screen.name as screen_name,
        circuit.name as circuit_name, span.opens, span.closes, booking.last_day,
        case when film.id is null then 'missing_package'
          when not film.encrypted then null
          when device.thumbprint is null then 'missing_certificate'
          when held.keys = 0 then 'missing_key'
          when held.fitting = 0 then 'replaced_device'
          when held.covering = 0 then 'short_window' end as reason
      from distribution.booking
      join film.film as title on title.id = booking.film_id
      join exhibition.cinema on cinema.id = booking.cinema_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      join exhibition.screen on screen.id = any(booking.screen_ids) and ${own}
      join (select (each->>'releaseId')::uuid as release_id, (each->>'from')::date as first_day,
          (each->>'to')::date as last_day, each->>'opens' as opens, each->>'closes' as closes
        from json_array_elements(${jsonText(windows)}::json) as each) as span
        on span.release_id = booking.release_id and span.first_day = booking.first_day
          and span.last_day = booking.last_day
      left join lateral (
        select package.id, package.encrypted from distribution.package
        where package.film_version_id = booking.film_version_id and package.state = 'passed'
          and package.withdrawn_at is null
          and (package.organisation_id = ${scope.organisationId}
            or package.film_id in ${filmsReachedBy(scope.organisationId, 'distribution')})
        order by package.created_at desc limit 1) as film on true
      left join exhibition.device on device.screen_id = screen.id and device.removed_at is null
        and device.kind = 'media_block'
      left join lateral (
        select count(*) as keys,
          count(*) filter (where key.device_thumbprint = device.thumbprint) as fitting,
          count(*) filter (where key.device_thumbprint = device.thumbprint
            and key.not_before <= span.opens::timestamp at time zone cinema.time_zone
            and key.not_after >= span.closes::timestamp at time zone cinema.time_zone) as covering
        from distribution.key
        where key.screen_id = screen.id and key.package_id = film.id
          and key.withdrawn_at is null
          and (key.superseded_at is null or key.device_thumbprint <> device.thumbprint)
      ) as held on true
      where ${bookingsOf(scope)}
    ) as judged
    left join lateral (
      select min(show.starts_at) as next_show, count(*) as shows from distribution.show
      where show.screen_id = judged.screen_id and show.film_id = judged.film_id
        and show.ends_at > now() and show.starts_at < judged.last_day + 2) as coming on true
    where reason is not null
    order by coming.next_show nulls last, cinema_name, screen_name, screen_id limit ${limit}
  `.execute(database);
  return { total: Number(result.rows[0]?.total ?? 0n), rows: result.rows.map(neededOf) };
}

/** The same without its number. */
export async function neededKeys(
  database: Queryable,
  scope: NeedScope,
  limit: number,
): Promise<NeededKey[]> {
  return (await neededPage(database, scope, limit)).rows;
}

function neededOf(row: Row): NeededKey {
  return {
    releaseId: row.release_id,
    bookingId: row.booking_id,
    packageId: row.package_id,
    filmTitle: row.film_title,
    screenId: row.screen_id,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    screenName: row.screen_name,
    circuitName: row.circuit_name,
    opens: row.opens,
    closes: row.closes,
    reason: row.reason,
    nextShow: row.next_show?.toISOString() ?? null,
    shows: Number(row.shows),
  };
}

/** The same package and window are one order, whatever the number of its screens. */
export function keyOrders(needed: readonly NeededKey[]): {
  readonly packageId: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly screenIds: string[];
}[] {
  const orders = new Map<string, ReturnType<typeof keyOrders>[number]>();
  const seen = new Map<string, Set<string>>();
  for (const { packageId, opens, closes, screenId, reason } of needed) {
    if (packageId === null || !ISSUABLE.has(reason)) continue;
    const name = `${packageId} ${opens} ${closes}`;
    const order = orders.get(name) ?? {
      packageId,
      notBefore: opens,
      notAfter: closes,
      screenIds: [],
    };
    orders.set(name, order);
    const there = seen.get(name) ?? new Set();
    seen.set(name, there);
    if (there.has(screenId)) continue;
    there.add(screenId);
    order.screenIds.push(screenId);
  }
  return [...orders.values()];
}
