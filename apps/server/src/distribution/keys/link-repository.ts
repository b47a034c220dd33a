import type { keyLinkSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { type KeyRecord, listKeys } from '../key-repository.ts';

export type LinkRecord = z.output<typeof keyLinkSchema>;

/** A link as it is found by its token. */
export type StoredLink = {
  readonly id: string;
  readonly organisationId: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
  readonly timeZone: string;
  readonly signedIn: boolean;
  readonly expiresAt: Date;
  readonly fetches: number;
  readonly fetchesMax: number;
  readonly revoked: boolean;
};

/** Keys of one cinema in one archive or mail. */
const KEYS_MAX = 2000;

/** The keys in use that an organisation issued for a cinema, and that are not over. */
export async function cinemaKeys(
  database: Queryable,
  scope: {
    readonly organisationId: string;
    readonly cinemaId: string;
    readonly packageId?: string | undefined;
    readonly jobId?: string | undefined;
  },
): Promise<KeyRecord[]> {
  const { organisationId, cinemaId, packageId, jobId } = scope;
  const rows = await listKeys(database, {
    organisationId,
    cinemaId,
    packageId,
    jobId,
    issuedBy: organisationId,
    inUse: true,
    limit: KEYS_MAX,
  });
  return rows.map((each) => each.row);
}

export async function insertLink(
  transaction: Transaction,
  link: {
    readonly id: string;
    readonly organisationId: string;
    readonly cinemaId: string;
    readonly tokenHash: string;
    readonly signedIn: boolean;
    readonly expiresAt: Date;
    readonly fetchesMax: number;
    readonly userId: string;
    readonly keyIds: readonly string[];
  },
): Promise<void> {
  await sql`
    insert into distribution.key_link (id, organisation_id, cinema_id, token_hash, signed_in,
      expires_at, fetches_max, created_by)
    values (${link.id}, ${link.organisationId}, ${link.cinemaId}, ${link.tokenHash},
      ${link.signedIn}, ${link.expiresAt}, ${link.fetchesMax}, ${link.userId})
  `.execute(transaction);
  await sql`insert into distribution.key_link_key (link_id, key_id)
    select ${link.id}::uuid, unnest(${[...link.keyIds]}::uuid[])`.execute(transaction);
}

export async function findLink(
  database: Queryable,
  tokenHash: string,
): Promise<StoredLink | undefined> {
  const result = await sql<{
    id: string;
    organisation_id: string;
    cinema_id: string;
    cinema_name: string;
    time_zone: string;
    signed_in: boolean;
    expires_at: Date;
    fetches: number;
    fetches_max: number;
    revoked_at: Date | null;
  }>`
    select link.*, cinema.name as cinema_name, cinema.time_zone
    from distribution.key_link as link
    join exhibition.cinema on cinema.id = link.cinema_id
    where link.token_hash = ${tokenHash}`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    organisationId: row.organisation_id,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    timeZone: row.time_zone,
    signedIn: row.signed_in,
    expiresAt: row.expires_at,
    fetches: row.fetches,
    fetchesMax: row.fetches_max,
    revoked: row.revoked_at !== null,
  };
}

/** Whether an organisation is the link's cinema, or that one's circuit. */
export async function mayOpen(
  database: Queryable,
  linkId: string,
  organisationId: string,
): Promise<boolean> {
  const result = await sql`
    select 1 from distribution.key_link as link
    join exhibition.cinema on cinema.id = link.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where link.id = ${linkId} and (cinema.organisation_id = ${organisationId}
      or circuit.organisation_id = ${organisationId})`.execute(database);
  return result.rows.length > 0;
}

/** What a link still gives: keys that were replaced or withdrawn meanwhile fall out. */
export async function linkKeys(
  database: Queryable,
  linkId: string,
): Promise<{ readonly filmTitle: string; readonly key: KeyRecord }[]> {
  const result = await sql<{ key_id: string; organisation_id: string; title: string }>`
    select held.key_id, link.organisation_id, film.title from distribution.key_link_key as held
    join distribution.key_link as link on link.id = held.link_id
    join distribution.key on key.id = held.key_id
    join distribution.package on package.id = key.package_id
    join film.film on film.id = package.film_id
    where held.link_id = ${linkId}`.execute(database);
  const [first] = result.rows;
  if (first === undefined) return [];
  const titles = new Map(result.rows.map((row) => [row.key_id, row.title]));
  const rows = await listKeys(database, {
    organisationId: first.organisation_id,
    ids: [...titles.keys()],
    inUse: true,
    limit: KEYS_MAX,
  });
  return rows.map(({ row }) => ({ filmTitle: titles.get(row.id) ?? '', key: row }));
}

/** Counts a fetch; false where others used it up first. */
export async function countFetch(
  transaction: Transaction,
  id: string,
  now: Date,
): Promise<boolean> {
  const result = await sql`
    update distribution.key_link set fetches = fetches + 1, last_fetched_at = ${now}
    where id = ${id} and fetches < fetches_max and revoked_at is null and expires_at > ${now}
  `.execute(transaction);
  return result.numAffectedRows === 1n;
}

export async function revokeLink(transaction: Transaction, id: string, now: Date): Promise<void> {
  await sql`update distribution.key_link set revoked_at = coalesce(revoked_at, ${now})
    where id = ${id}`.execute(transaction);
}

export async function listLinks(
  database: Queryable,
  listing: Listing & { readonly cinemaId?: string | undefined; search?: string | undefined },
  now: Date,
): Promise<Listed<LinkRecord>[]> {
  const { cinemaId } = listing;
  const result = await sql<{
    id: string;
    created_at: Date;
    cinema_id: string;
    cinema_name: string;
    keys: bigint;
    signed_in: boolean;
    expires_at: Date;
    fetches: number;
    fetches_max: number;
    last_fetched_at: Date | null;
    revoked_at: Date | null;
    creator: string | null;
    sort_key: string;
  }>`
    select link.*, cinema.name as cinema_name, person.name as creator,
      link.created_at::text as sort_key,
      (select count(*) from distribution.key_link_key where link_id = link.id) as keys
    from distribution.key_link as link
    join exhibition.cinema on cinema.id = link.cinema_id
    left join identity."user" as person on person.id = link.created_by
    where link.organisation_id = ${listing.organisationId} and ${listedBy('link', listing)}
      and ${cinemaId === undefined ? sql`true` : sql`link.cinema_id = ${cinemaId}`}
    ${newestFirst('link', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      createdAt: row.created_at.toISOString(),
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      keys: Number(row.keys),
      signedIn: row.signed_in,
      expiresAt: row.expires_at.toISOString(),
      fetches: row.fetches,
      fetchesMax: row.fetches_max,
      lastFetchedAt: row.last_fetched_at?.toISOString() ?? null,
      state:
        row.revoked_at !== null
          ? 'revoked'
          : row.fetches >= row.fetches_max
            ? 'used'
            : row.expires_at <= now
              ? 'expired'
              : 'open',
      createdBy: row.creator ?? '',
    },
  }));
}
