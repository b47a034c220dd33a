import type { SiteWork, siteSchema } from '@yinglian/contract';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { actsForCinema } from '../booking/repository.ts';

export type SiteRecord = z.output<typeof siteSchema>;
/** Who calls: the agent of one cinema. */
export type Site = {
  readonly id: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
  readonly timeZone: string;
  readonly circuitId: string | null;
  /** Holds what any cinema of its circuit booked. */
  readonly forCircuit: boolean;
};

export async function findSite(database: Queryable, tokenHash: string): Promise<Site | undefined> {
  const result = await sql<{
    id: string;
    cinema_id: string;
    cinema_name: string;
    time_zone: string;
    circuit_id: string | null;
    for_circuit: boolean;
  }>`
    select site.id, site.cinema_id, cinema.name as cinema_name, cinema.time_zone,
      cinema.circuit_id, site.for_circuit
    from distribution.site join exhibition.cinema on cinema.id = site.cinema_id
    where site.token_hash = ${tokenHash} and site.revoked_at is null`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    timeZone: row.time_zone,
    circuitId: row.circuit_id,
    forCircuit: row.for_circuit,
  };
}

/** Bookings whose packages a site holds. */
function bookedFor({ cinemaId, circuitId, forCircuit }: Site): RawBuilder<unknown> {
  return forCircuit && circuitId !== null
    ? sql`booking.cinema_id in (select id from exhibition.cinema where circuit_id = ${circuitId})`
    : sql`booking.cinema_id = ${cinemaId}`;
}

/** Whether a booking brings a package: its version's own, or an original that one of them plays. */
export const bringsPackage: RawBuilder<unknown> = sql`
  (booking.film_version_id = package.film_version_id or exists (
    select 1 from distribution.package as version
    where version.film_version_id = booking.film_version_id
      and package.id = any(version.original_ids)))`;

/** A package stays at a site this long after its last booked day: holdovers come late. */
const KEPT_DAYS = 2;

/**
 * The packages that a cinema should hold: of each confirmed booking the newest that passed.
 * `needed_at` is the next show, or where the programme is not known yet the first booked day on the
 * cinema's clock.
 */
export function wantedPackages(cinemaId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select film.id, film.title, film.size_bytes, booking.cinema_id, booking.release_id,
      min(booking.first_day) as first_day, max(booking.last_day) as last_day,
      coalesce(min((select min(show.starts_at) from distribution.show
          where show.cinema_id = booking.cinema_id and show.film_id = booking.film_id
            and show.ends_at > now())),
        min(booking.first_day::timestamp at time zone place.time_zone)) as needed_at
    from distribution.booking
    join exhibition.cinema as place on place.id = booking.cinema_id
    join lateral (
      select package.id, package.original_ids from distribution.package
      where package.film_version_id = booking.film_version_id and package.state = 'passed'
        and package.withdrawn_at is null
        and (package.organisation_id = booking.organisation_id or exists (
          select 1 from kernel.room_member as member
          where member.film_id = package.film_id
            and member.organisation_id = booking.organisation_id
            and (member.owner or 'distribution' = any(member.halls))))
      order by package.created_at desc limit 1) as chosen on true
    -- A version file plays assets of its originals: they go along.
    join distribution.package as film
      on film.id = chosen.id or film.id = any(chosen.original_ids)
    where booking.state = 'confirmed' and ${cinemaId}
      and booking.last_day >= (now() - interval '1 day' * ${KEPT_DAYS})::date
    group by film.id, film.title, film.size_bytes, booking.cinema_id, booking.release_id`;
}

export async function readWork(
  database: Queryable,
  site: Site,
): Promise<Pick<SiteWork, 'packages' | 'withdrawn' | 'keys' | 'neighbours'>> {
  const packages = await sql<{
    id: string;
    title: string;
    needed_at: Date;
    paused: boolean | null;
    first: boolean | null;
    files: { path: string; digest: string; sizeBytes: number }[] | null;
  }>`
    select wanted.id, wanted.title, min(wanted.needed_at) as needed_at,
      bool_or(steer.paused) as paused, bool_or(steer.first) as first,
      (select json_agg(json_build_object('path', package_file.path, 'digest', file.digest,
          'sizeBytes', file.size_bytes) order by package_file.path)
        from distribution.package_file join kernel.file on file.id = package_file.file_id
        where package_file.package_id = wanted.id) as files
    from (${wantedPackages(bookedFor(site))}) as wanted
    left join distribution.delivery_steer as steer
      on steer.cinema_id = ${site.cinemaId} and steer.package_id = wanted.id
    group by wanted.id, wanted.title order by needed_at, wanted.id`.execute(database);
  const withdrawn = await sql<{ id: string }>`
    select package.id from distribution.site_package
    join distribution.package on package.id = site_package.package_id
    where site_package.site_id = ${site.id} and package.withdrawn_at is not null
      and site_package.state <> 'removed'
  `.execute(database);
  const keys = await sql<{
    id: string;
    package_id: string;
    name: string;
    screen_name: string;
    digest: string;
    size_bytes: bigint;
    not_before: Date;
    not_after: Date;
  }>`
    select key.id, key.package_id, file.name, screen.name as screen_name, file.digest,
      file.size_bytes, key.not_before, key.not_after
    from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    join distribution.package on package.id = key.package_id
    join kernel.file on file.id = key.file_id
    where screen.cinema_id = ${site.cinemaId} and key.not_after > now()
      and package.withdrawn_at is null
      and key.superseded_at is null and key.withdrawn_at is null
    order by key.not_before, key.id`.execute(database);
  return {
    packages: packages.rows.map((row) => ({
      id: row.id,
      title: row.title,
      neededAt: row.needed_at.toISOString(),
      files: row.files ?? [],
      paused: row.paused ?? false,
      first: row.first ?? false,
    })),
    neighbours: await neighboursOf(database, site),
    withdrawn: withdrawn.rows.map((row) => row.id),
    keys: keys.rows.map((row) => ({
      id: row.id,
      packageId: row.package_id,
      name: row.name,
      screenName: row.screen_name,
      digest: row.digest,
      sizeBytes: Number(row.size_bytes),
      notBefore: row.not_before.toISOString(),
      notAfter: row.not_after.toISOString(),
    })),
  };
}

const NEIGHBOURS_MAX = 8;
/** A box that has been silent this long is not worth a try. */
const NEIGHBOUR_HOURS = 2;

/** Boxes of the same cinema, and those that hold everything of its circuit. */
async function neighboursOf(database: Queryable, site: Site): Promise<string[]> {
  const result = await sql<{ share_url: string }>`
    select other.share_url from distribution.site as other
    join exhibition.cinema on cinema.id = other.cinema_id
    where other.id <> ${site.id} and other.share_url is not null and other.revoked_at is null
      and other.last_seen_at > now() - interval '1 hour' * ${NEIGHBOUR_HOURS}
      and (other.cinema_id = ${site.cinemaId}
        or other.for_circuit and cinema.circuit_id = ${site.circuitId}::uuid)
    order by (other.cinema_id = ${site.cinemaId}) desc, other.last_seen_at desc
    limit ${NEIGHBOURS_MAX}`.execute(database);
  return result.rows.map((row) => row.share_url);
}

/** Whether a digest is of a file that the site may fetch: of its packages, or of its keys. */
export async function siteMayRead(
  database: Queryable,
  site: Site,
  digest: string,
): Promise<boolean> {
  const result = await sql`
    select 1 from (${wantedPackages(bookedFor(site))}) as wanted
    join distribution.package_file on package_file.package_id = wanted.id
    join kernel.file on file.id = package_file.file_id where file.digest = ${digest}
    union all
    select 1 from distribution.key join exhibition.screen on screen.id = key.screen_id
    join kernel.file on file.id = key.file_id
    where screen.cinema_id = ${site.cinemaId} and file.digest = ${digest} and key.not_after > now()
      and key.superseded_at is null and key.withdrawn_at is null
    limit 1`.execute(database);
  return result.rows.length > 0;
}

export type SiteReport = {
  readonly agentVersion: string;
  readonly clockOffsetMs: number;
  readonly freeBytes: number;
  readonly packages: readonly {
    readonly id: string;
    readonly state: string;
    readonly heldBytes: number;
  }[];
  readonly keys: readonly string[];
  readonly shareUrl?: string | null | undefined;
};

/** Takes what an agent says of itself. Gives whether anything of it changes the board. */
export async function storeReport(
  transaction: Transaction,
  site: Site,
  report: SiteReport,
  now: Date,
): Promise<boolean> {
  await sql`
    update distribution.site set last_seen_at = ${now}, agent_version = ${report.agentVersion},
      clock_offset_ms = ${report.clockOffsetMs}, free_bytes = ${report.freeBytes},
      share_url = ${report.shareUrl ?? null}
    where id = ${site.id}`.execute(transaction);
  // A package or key that is none, or of another cinema, falls out in the joins.
  const packages = await sql`
    insert into distribution.site_package (site_id, package_id, state, held_bytes, updated_at)
    select ${site.id}::uuid, package.id, each->>'state', (each->>'heldBytes')::bigint, ${now}
    from json_array_elements(${jsonText(report.packages)}::json) as each
    join distribution.package on package.id = (each->>'id')::uuid
    where exists (select 1 from distribution.booking where ${bookedFor(site)}
      and ${bringsPackage})
    on conflict (site_id, package_id) do update
      set state = excluded.state, held_bytes = excluded.held_bytes, updated_at = excluded.updated_at
      where (site_package.state, site_package.held_bytes)
        is distinct from (excluded.state, excluded.held_bytes)`.execute(transaction);
  const keys = await sql`
    insert into distribution.site_key (site_id, key_id, received_at)
    select ${site.id}::uuid, key.id, ${now} from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    where key.id = any(${[...report.keys]}::uuid[]) and screen.cinema_id = ${site.cinemaId}
    on conflict do nothing`.execute(transaction);
  return (packages.numAffectedRows ?? 0n) > 0n || (keys.numAffectedRows ?? 0n) > 0n;
}

/** The screens of a cinema: what a report of its agent may light. */
export async function screensOf(database: Queryable, cinemaId: string): Promise<string[]> {
  const result = await sql<{ id: string }>`
    select id from exhibition.screen where cinema_id = ${cinemaId}`.execute(database);
  return result.rows.map((row) => row.id);
}

export async function insertSite(
  transaction: Transaction,
  site: {
    readonly id: string;
    readonly organisationId: string;
    readonly cinemaId: string;
    readonly name: string;
    readonly tokenHash: string;
    readonly forCircuit: boolean;
  },
): Promise<void> {
  const { id, organisationId, cinemaId, name, tokenHash, forCircuit } = site;
  await sql`
    insert into distribution.site (id, organisation_id, cinema_id, name, token_hash, for_circuit)
    values (${id}, ${organisationId}, ${cinemaId}, ${name}, ${tokenHash}, ${forCircuit})
  `.execute(transaction);
}

export async function revokeSite(transaction: Transaction, id: string, now: Date): Promise<void> {
  await sql`update distribution.site set revoked_at = ${now} where id = ${id}`.execute(transaction);
}

export async function listSites(
  database: Queryable,
  listing: Omit<Listing, 'filmId'> & {
    readonly cinemaId?: string | undefined;
    readonly search?: string | undefined;
  },
): Promise<Listed<SiteRecord>[]> {
  const { organisationId, ids, cinemaId, search, after } = listing;
  const like = `%${(search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const result = await sql<{
    id: string;
    cinema_id: string;
    cinema_name: string;
    name: string;
    created_at: Date;
    last_seen_at: Date | null;
    agent_version: string | null;
    clock_offset_ms: bigint | null;
    free_bytes: bigint | null;
    for_circuit: boolean;
    share_url: string | null;
    verified: bigint;
    arriving: bigint;
    keys: bigint;
    sort_key: string;
  }>`
    select site.*, cinema.name as cinema_name, site.created_at::text as sort_key,
      (select count(*) from distribution.site_package as held
        where held.site_id = site.id and held.state = 'verified') as verified,
      (select count(*) from distribution.site_package as held
        where held.site_id = site.id and held.state = 'arriving') as arriving,
      (select count(*) from distribution.site_key where site_id = site.id) as keys
    from distribution.site
    join exhibition.cinema on cinema.id = site.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where site.revoked_at is null and ${actsForCinema(organisationId)}
      and ${listedBy('site', { ids, after })}
      and ${cinemaId === undefined ? sql`true` : sql`site.cinema_id = ${cinemaId}`}
      and ${search === undefined ? sql`true` : sql`cinema.name ilike ${like}`}
    ${newestFirst('site', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      name: row.name,
      createdAt: row.created_at.toISOString(),
      lastSeenAt: row.last_seen_at?.toISOString() ?? null,
      agentVersion: row.agent_version,
      clockOffsetMs: row.clock_offset_ms === null ? null : Number(row.clock_offset_ms),
      freeBytes: row.free_bytes === null ? null : Number(row.free_bytes),
      packages: { verified: Number(row.verified), arriving: Number(row.arriving) },
      keysReceived: Number(row.keys),
      forCircuit: row.for_circuit,
      shareUrl: row.share_url,
    },
  }));
}

export type WithdrawnPackage = {
  readonly id: string;
  readonly title: string;
  readonly filmId: string;
};

/**
 * Marks a package as withdrawn, and with it every version file that does not play without it,
 * through as many steps as they build on each other. An original stays when its version goes. The
 * first of those given is the one asked for; nothing is given where it was withdrawn before.
 */
export async function withdrawPackage(
  transaction: Transaction,
  id: string,
  now: Date,
): Promise<WithdrawnPackage[]> {
  const result = await sql<{ id: string; title: string; film_id: string }>`
    with recursive gone as (
      select package.id from distribution.package
      where package.id = ${id} and package.withdrawn_at is null
      union
      select package.id from distribution.package
      join gone on gone.id = any(package.original_ids) where package.withdrawn_at is null)
    update distribution.package set withdrawn_at = ${now}, version = version + 1
    from gone where package.id = gone.id
    returning package.id, package.title, package.film_id`.execute(transaction);
  return result.rows
    .map((row) => ({ id: row.id, title: row.title, filmId: row.film_id }))
    .toSorted((a, b) => Number(b.id === id) - Number(a.id === id));
}
