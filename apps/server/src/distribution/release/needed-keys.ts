import type { releases } from '@yinglian/contract';
import { keyWindowFor, type ReleasePlan } from '@yinglian/release';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable } from '../../kernel/database/database.ts';
import { jsonText } from '../../kernel/write.ts';

export type MissingKey = z.output<typeof releases.missingKeys.result>['rows'][number];

/** What issuing can mend; a missing package or certificate needs somebody else first. */
export const ISSUABLE: ReadonlySet<MissingKey['reason']> = new Set([
  'missing_key',
  'replaced_device',
  'short_window',
]);

/**
 * Screens of confirmed bookings that have no key for their days: nobody types an identifier, the
 * bookings say what is needed. Packages that are not encrypted need none.
 */
export async function missingKeys(
  database: Queryable,
  release: { readonly id: string; readonly plan: ReleasePlan; readonly organisationId: string },
  limit: number,
): Promise<MissingKey[]> {
  const days = await sql<{ from: string; to: string }>`
    select distinct first_day::text as from, last_day::text as to from distribution.booking
    where release_id = ${release.id} and state = 'confirmed'`.execute(database);
  const windows = days.rows.map((each) => ({ ...each, ...keyWindowFor(release.plan, each) }));
  const result = await sql<{
    booking_id: string;
    package_id: string | null;
    screen_id: string;
    cinema_name: string;
    screen_name: string;
    opens: string;
    closes: string;
    reason: MissingKey['reason'];
  }>`
    select * from (
      select booking.id as booking_id, film.id as package_id, screen.id as screen_id,
        cinema.name as cinema_name, screen.name as screen_name, span.opens, span.closes,
        case when film.id is null then 'missing_package'
          when not film.encrypted then null
          when device.thumbprint is null then 'missing_certificate'
          when held.keys = 0 then 'missing_key'
          when held.fitting = 0 then 'replaced_device'
          when held.covering = 0 then 'short_window' end as reason
      from distribution.booking
      join exhibition.cinema on cinema.id = booking.cinema_id
      join exhibition.screen on screen.id = any(booking.screen_ids)
      join (select each->>'from' as first_day, each->>'to' as last_day, each->>'opens' as opens,
          each->>'closes' as closes
        from json_array_elements(${jsonText(windows)}::json) as each) as span
        on span.first_day::date = booking.first_day and span.last_day::date = booking.last_day
      left join lateral (
        select package.id, package.encrypted from distribution.package
        where package.film_version_id = booking.film_version_id and package.state = 'passed'
          and package.withdrawn_at is null and package.organisation_id = ${release.organisationId}
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
        where key.screen_id = screen.id and key.package_id = film.id) as held on true
      where booking.release_id = ${release.id} and booking.state = 'confirmed'
    ) as judged where reason is not null
    order by cinema_name, screen_name, screen_id limit ${limit}`.execute(database);
  return result.rows.map((row) => ({
    bookingId: row.booking_id,
    packageId: row.package_id,
    screenId: row.screen_id,
    cinemaName: row.cinema_name,
    screenName: row.screen_name,
    opens: row.opens,
    closes: row.closes,
    reason: row.reason,
  }));
}

/** The same package and window are one order, whatever the number of its screens. */
export function keyOrders(missing: readonly MissingKey[]): {
  readonly packageId: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly screenIds: string[];
}[] {
  const orders = new Map<string, ReturnType<typeof keyOrders>[number]>();
  for (const { packageId, opens, closes, screenId, reason } of missing) {
    if (packageId === null || !ISSUABLE.has(reason)) continue;
    const name = `${packageId} ${opens} ${closes}`;
    const order = orders.get(name) ?? {
      packageId,
      notBefore: opens,
      notAfter: closes,
      screenIds: [],
    };
    if (!order.screenIds.includes(screenId)) order.screenIds.push(screenId);
    orders.set(name, order);
  }
  return [...orders.values()];
}
