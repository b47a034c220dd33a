import type { arrivalFileSchema, arrivalSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { AccessRule } from '../../../kernel/access/access.ts';
import type { Queryable, Transaction } from '../../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../../kernel/listing.ts';
import { found } from '../../../kernel/refusal.ts';
import { jsonText } from '../../../kernel/write.ts';

export type ArrivalRecord = z.output<typeof arrivalSchema>;
export type ArrivalFileRecord = z.output<typeof arrivalFileSchema>;
export type ArrivalCounts = NonNullable<ArrivalRecord['counts']>;

/** Whoever sent it, and the owner of the film; camera originals are nobody else's business. */
export const arrivalRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select arrival.id, arrival.organisation_id = ${organisationId} as own
    from production.arrival as arrival
    where arrival.id = any(${[...ids]}::uuid[]) and ${reachedBy(organisationId)}
  `.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

function reachedBy(organisationId: string) {
  return sql<boolean>`(arrival.organisation_id = ${organisationId} or exists (
    select 1 from kernel.room_member as member
    where member.film_id = arrival.film_id and member.organisation_id = ${organisationId}
      and member.owner))`;
}

type ArrivalRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  film_id: string;
  name: string;
  organisation: string;
  state: ArrivalRecord['state'];
  files: string;
  size_bytes: string | null;
  duplicates: string;
  counts: ArrivalCounts | null;
  findings: ArrivalRecord['findings'];
  job_id: string | null;
  job_ended: boolean;
  sealed_at: Date | null;
  sort_key: string;
};

export async function listArrivals(
  database: Queryable,
  listing: Listing,
): Promise<Listed<ArrivalRecord>[]> {
  const result = await sql<ArrivalRow>`
    select arrival.*, organisation.name as organisation, arrival.created_at::text as sort_key,
      coalesce(job.state in ('failed', 'cancelled'), false) as job_ended,
      content.files, content.size_bytes, content.duplicates
    from production.arrival as arrival
    join kernel.organisation as organisation on organisation.id = arrival.organisation_id
    left join kernel.job as job on job.id = arrival.job_id
    cross join lateral (
      select count(*) as files, sum(file.size_bytes) as size_bytes,
        count(*) filter (where exists (
          select 1 from production.arrival_file as other
          join production.arrival as owner on owner.id = other.arrival_id
          where other.digest = file.digest and owner.film_id = arrival.film_id
            and owner.organisation_id = arrival.organisation_id
            and other.size_bytes > 0
            and (other.added_at, other.arrival_id, other.path)
              < (file.added_at, file.arrival_id, file.path))) as duplicates
      from production.arrival_file as file where file.arrival_id = arrival.id) as content
    where ${reachedBy(listing.organisationId)} and ${listedBy('arrival', listing)}
    ${newestFirst('arrival', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({ sortKey: row.sort_key, row: recordOf(row) }));
}

function recordOf(row: ArrivalRow): ArrivalRecord {
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    filmId: row.film_id,
    name: row.name,
    organisation: row.organisation,
    // A job that was cancelled or failed leaves the roll as it was: open.
    state: row.state === 'sealing' && row.job_ended ? 'open' : row.state,
    files: Number(row.files),
    sizeBytes: Number(row.size_bytes ?? 0),
    duplicates: Number(row.duplicates),
    counts: row.counts,
    findings: row.findings,
    jobId: row.job_id,
    sealedAt: row.sealed_at?.toISOString() ?? null,
  };
}

export async function insertArrival(
  transaction: Transaction,
  arrival: { id: string; organisationId: string; filmId: string; name: string },
): Promise<void> {
  await sql`insert into production.arrival (id, organisation_id, film_id, name)
    values (${arrival.id}, ${arrival.organisationId}, ${arrival.filmId}, ${arrival.name})
  `.execute(transaction);
}

export type NewArrivalFile = {
  readonly path: string;
  readonly fileId: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly modifiedAt: string | null;
  readonly origin: 'sent' | 'network';
};

/** Puts files in under their paths; a path that is there gets the newer content. */
export async function putFiles(
  transaction: Transaction,
  arrivalId: string,
  files: readonly NewArrivalFile[],
): Promise<void> {
  if (files.length === 0) return;
  const column = (name: keyof NewArrivalFile) => files.map((each) => each[name]);
  await sql`
    insert into production.arrival_file
      (arrival_id, path, file_id, digest, size_bytes, modified_at, origin)
    select ${arrivalId}::uuid, * from unnest(${column('path')}::text[], ${column('fileId')}::uuid[],
      ${column('digest')}::text[], ${column('sizeBytes')}::bigint[],
      ${column('modifiedAt')}::timestamptz[], ${column('origin')}::text[])
    on conflict (arrival_id, path) do update set file_id = excluded.file_id,
      digest = excluded.digest, size_bytes = excluded.size_bytes,
      modified_at = excluded.modified_at, origin = excluded.origin, asset_id = null
  `.execute(transaction);
  // The owner of the film may fetch them; the rest of the room only what becomes an asset.
  await sql`
    update kernel.file set film_id = arrival.film_id from production.arrival as arrival
    where arrival.id = ${arrivalId} and kernel.file.film_id is null
      and kernel.file.id = any(${column('fileId')}::uuid[])`.execute(transaction);
}

/**
 * Which of some files would take the place of others that were proven: those of a roll that was
 * sealed without a fault stay what they are, also after more was put in.
 */
export async function sealedPaths(
  database: Queryable,
  arrivalId: string,
  files: readonly NewArrivalFile[],
): Promise<string[]> {
  const paths = files.map(({ path }) => path);
  const digests = files.map(({ digest }) => digest);
  const result = await sql<{ path: string }>`
    select file.path from production.arrival_file as file
    join production.arrival as arrival on arrival.id = file.arrival_id
    join unnest(${paths}::text[], ${digests}::text[])
      as given (path, digest) on given.path = file.path
    where file.arrival_id = ${arrivalId} and given.digest <> file.digest
      and file.added_at <= arrival.sealed_at
      and not exists (select 1 from json_array_elements(arrival.findings) as each
        where each ->> 'severity' = 'error')
    order by file.path collate "C"`.execute(database);
  return result.rows.map(({ path }) => path);
}

/** The newest file of an organisation with each content; what it may not read it does not find. */
export async function filesByDigest(
  database: Queryable,
  organisationId: string,
  digests: readonly string[],
): Promise<ReadonlyMap<string, { id: string; sizeBytes: number }>> {
  if (digests.length === 0) return new Map();
  const result = await sql<{ id: string; digest: string; size_bytes: bigint }>`
    select distinct on (digest) id, digest, size_bytes from kernel.file
    where organisation_id = ${organisationId} and digest = any(${[...digests]}::text[])
    order by digest, created_at desc`.execute(database);
  return new Map(
    result.rows.map((row) => [row.digest, { id: row.id, sizeBytes: Number(row.size_bytes) }]),
  );
}

type FileRow = {
  path: string;
  file_id: string;
  size_bytes: bigint;
  digest: string;
  modified_at: Date | null;
  origin: 'sent' | 'network';
  asset_id: string | null;
  same: ArrivalFileRecord['same'] | null;
};

/** Files by their paths, byte for byte; with where else in the film the same content lies. */
export async function listFiles(
  database: Queryable,
  asked: {
    readonly arrivalId: string;
    readonly after?: string | undefined;
    readonly limit: number;
    readonly duplicatesOnly: boolean;
  },
): Promise<ArrivalFileRecord[]> {
  const after = asked.after === undefined ? sql`true` : sql`file.path collate "C" > ${asked.after}`;
  const only = asked.duplicatesOnly ? sql`same.places is not null` : sql`true`;
  const result = await sql<FileRow>`
    select file.path, file.file_id, file.size_bytes, file.digest, file.modified_at, file.origin,
      file.asset_id, same.places as same
    from production.arrival_file as file
    join production.arrival as arrival on arrival.id = file.arrival_id
    cross join lateral (
      select json_agg(json_build_object('arrivalId', owner.id, 'arrival', owner.name,
        'path', other.path) order by other.added_at, other.path) as places
      from (select * from production.arrival_file as each
        where each.digest = file.digest and each.size_bytes > 0
          and (each.arrival_id, each.path) <> (file.arrival_id, file.path)
        order by each.added_at limit 20) as other
      join production.arrival as owner on owner.id = other.arrival_id
      where owner.film_id = arrival.film_id
        and owner.organisation_id = arrival.organisation_id) as same
    where file.arrival_id = ${asked.arrivalId} and ${after} and ${only}
    order by file.path collate "C" limit ${asked.limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    path: row.path,
    fileId: row.file_id,
    sizeBytes: Number(row.size_bytes),
    digest: row.digest,
    modifiedAt: row.modified_at?.toISOString() ?? null,
    origin: row.origin,
    assetId: row.asset_id,
    same: row.same ?? [],
  }));
}

export type ArrivalSource = {
  readonly id: string;
  readonly organisationId: string;
  readonly organisation: string;
  readonly filmId: string;
  readonly name: string;
};

/** What the sealing job works on. */
export async function readArrival(database: Queryable, id: string): Promise<ArrivalSource> {
  const result = await sql<{
    id: string;
    organisation_id: string;
    organisation: string;
    film_id: string;
    name: string;
  }>`
    select arrival.id, arrival.organisation_id, organisation.name as organisation,
      arrival.film_id, arrival.name
    from production.arrival as arrival
    join kernel.organisation as organisation on organisation.id = arrival.organisation_id
    where arrival.id = ${id}`.execute(database);
  const row = found(result.rows[0], { id });
  return {
    id: row.id,
    organisationId: row.organisation_id,
    organisation: row.organisation,
    filmId: row.film_id,
    name: row.name,
  };
}

/** False when another write came first. */
export async function beginSealing(
  transaction: Transaction,
  id: string,
  version: number,
  jobId: string,
): Promise<boolean> {
  const result = await sql`
    update production.arrival set state = 'sealing', job_id = ${jobId}, version = version + 1,
      updated_at = now()
    where id = ${id} and version = ${version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

export async function reopen(transaction: Transaction, id: string): Promise<void> {
  await sql`update production.arrival set state = 'open', version = version + 1,
    updated_at = now() where id = ${id}`.execute(transaction);
}

export async function recordSeal(
  transaction: Transaction,
  id: string,
  seal: { state: 'sealed' | 'faulty'; counts: ArrivalCounts; findings: readonly Finding[] },
): Promise<void> {
  await sql`
    update production.arrival set state = ${seal.state}, counts = ${jsonText(seal.counts)}::json,
      findings = ${jsonText(seal.findings)}::json, sealed_at = now(), version = version + 1,
      updated_at = now()
    where id = ${id}`.execute(transaction);
}

/** Says of which asset the files under some paths are. */
export async function setAsset(
  transaction: Transaction,
  arrivalId: string,
  paths: readonly string[],
  assetId: string,
): Promise<void> {
  await sql`update production.arrival_file set asset_id = ${assetId}
    where arrival_id = ${arrivalId} and path = any(${[...paths]}::text[])`.execute(transaction);
}

/** Opens all files of a take to those who have its asset: the film's room, and no held asset. */
export async function shareParts(transaction: Transaction, assetId: string): Promise<void> {
  await sql`
    update kernel.file set film_id = asset.film_id, hall = 'production'
    from production.asset
    join production.arrival_file as part on part.asset_id = asset.id
    where asset.id = ${assetId} and not asset.held and file.id = part.file_id`.execute(transaction);
}
