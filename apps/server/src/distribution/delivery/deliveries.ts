import type { sites } from '@yinglian/contract';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { actsForCinema } from '../booking/repository.ts';
import { bringsPackage, wantedPackages } from './repository.ts';

export type Deliveries = z.output<typeof sites.deliveries.result>;
type DeliveryRecord = Deliveries['rows'][number];

export type DeliveryQuery = {
  readonly organisationId: string;
  readonly releaseId?: string | undefined;
  readonly cinemaId?: string | undefined;
  readonly packageId?: string | undefined;
  readonly state?: DeliveryRecord['state'] | undefined;
  readonly search?: string | undefined;
  readonly limit: number;
};

type DeliveryRow = {
  cinema_id: string;
  cinema_name: string;
  site_id: string | null;
  id: string;
  title: string;
  state: DeliveryRecord['state'];
  held_bytes: bigint;
  size_bytes: bigint;
  updated_at: Date | null;
  first_day: string;
  last_day: string;
  needed_at: Date;
  paused: boolean;
  first: boolean;
  is_sender: boolean;
  total: bigint;
  complete: bigint;
};

const given = (value: unknown, condition: RawBuilder<unknown>) =>
  value === undefined ? sql`true` : condition;

/** What should be where, and what is; for both sides of the bookings. */
export async function listDeliveries(
  database: Queryable,
  query: DeliveryQuery,
): Promise<Deliveries> {
  const { organisationId, releaseId, cinemaId, packageId, state } = query;
  const like = `%${(query.search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const mine = sql`
    (booking.organisation_id = ${organisationId} or booking.cinema_id in (
      select cinema.id from exhibition.cinema
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      where ${actsForCinema(organisationId)}))
    and ${given(releaseId, sql`booking.release_id = ${releaseId}`)}
    and ${given(cinemaId, sql`booking.cinema_id = ${cinemaId}`)}`;
  const result = await sql<DeliveryRow>`
    with listed as (
      select wanted.id, wanted.title, wanted.size_bytes, wanted.cinema_id, wanted.needed_at,
        cinema.name as cinema_name, held.site_id, coalesce(held.state, 'wanted') as state,
        coalesce(held.held_bytes, 0) as held_bytes, held.updated_at,
        wanted.first_day::text, wanted.last_day::text, coalesce(steer.paused, false) as paused,
        coalesce(steer.first, false) as first, package.organisation_id = ${organisationId}
          as is_sender
      from (${wantedPackages(mine)}) as wanted
      join exhibition.cinema on cinema.id = wanted.cinema_id
      join distribution.package on package.id = wanted.id
      left join distribution.delivery_steer as steer
        on steer.cinema_id = wanted.cinema_id and steer.package_id = wanted.id
      left join lateral (
        select site_package.* from distribution.site_package
        join distribution.site on site.id = site_package.site_id and site.revoked_at is null
        where site.cinema_id = wanted.cinema_id and site_package.package_id = wanted.id
        order by site_package.held_bytes desc limit 1) as held on true
      where ${given(packageId, sql`wanted.id = ${packageId}`)}
        and ${given(query.search, sql`cinema.name ilike ${like}`)})
    select *, count(*) over () as total,
      count(*) filter (where state = 'verified') over () as complete
    from listed where ${given(state, sql`state = ${state}`)}
    order by (state = 'verified'), needed_at, cinema_name, id limit ${query.limit}`.execute(
    database,
  );
  const [head] = result.rows;
  return {
    total: Number(head?.total ?? 0n),
    complete: Number(head?.complete ?? 0n),
    rows: result.rows.map((row) => ({
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      siteId: row.site_id,
      packageId: row.id,
      title: row.title,
      state: row.state,
      heldBytes: Number(row.held_bytes),
      sizeBytes: Number(row.size_bytes),
      updatedAt: row.updated_at?.toISOString() ?? null,
      from: row.first_day,
      to: row.last_day,
      neededAt: row.needed_at.toISOString(),
      paused: row.paused,
      first: row.first,
      mine: row.is_sender ? ('sender' as const) : ('cinema' as const),
    })),
  };
}

/** Holds deliveries back or puts them first; gives how many there are now. */
export async function steerDeliveries(
  transaction: Transaction,
  wish: {
    readonly packageId: string;
    readonly cinemaIds: readonly string[];
    readonly paused?: boolean | undefined;
    readonly first?: boolean | undefined;
  },
  now: Date,
): Promise<number> {
  const { packageId, cinemaIds, paused, first } = wish;
  const result = await sql`
    insert into distribution.delivery_steer as steer
      (cinema_id, package_id, paused, first, changed_at)
    select distinct booking.cinema_id, package.id, ${paused ?? false}::boolean,
      ${first ?? false}::boolean, ${now}::timestamptz
    from distribution.package join distribution.booking
      on ${bringsPackage} and booking.state = 'confirmed'
    where package.id = ${packageId} and booking.cinema_id = any(${[...cinemaIds]}::uuid[])
    on conflict (cinema_id, package_id) do update set
      paused = coalesce(${paused ?? null}::boolean, steer.paused),
      first = coalesce(${first ?? null}::boolean, steer.first), changed_at = excluded.changed_at
  `.execute(transaction);
  return Number(result.numAffectedRows ?? 0n);
}

/** Whether an organisation is the circuit of a cinema. */
export async function isCircuitOf(
  database: Queryable,
  organisationId: string,
  cinemaId: string,
): Promise<boolean> {
  const result = await sql`
    select 1 from exhibition.cinema join exhibition.circuit on circuit.id = cinema.circuit_id
    where cinema.id = ${cinemaId} and circuit.organisation_id = ${organisationId}`.execute(
    database,
  );
  return result.rows.length > 0;
}
