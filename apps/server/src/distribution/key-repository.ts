import type { keySchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { grantFiles } from '../kernel/files/grants.ts';
import { keysReachedBy } from './access.ts';
import type { DistributionTables } from './tables.ts';

export type KeyRecord = z.output<typeof keySchema>;

const tables = (database: Queryable) => database.withTables<DistributionTables>();

export type KeyListing = {
  readonly organisationId: string;
  readonly filmId?: string | undefined;
  readonly packageId?: string | undefined;
  readonly screenId?: string | undefined;
  readonly cinemaId?: string | undefined;
  readonly jobId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Only keys that this organisation issued. */
  readonly issuedBy?: string | undefined;
  /** Neither replaced nor withdrawn, and not over. */
  readonly inUse?: boolean;
  readonly search?: string | undefined;
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
};

type KeyRow = {
  id: string;
  package_id: string;
  composition_id: string;
  screen_id: string;
  cinema_name: string;
  screen_name: string;
  device_thumbprint: string;
  not_before: Date;
  not_after: Date;
  issued_at: Date;
  job_id: string;
  issuer_name: string | null;
  file_id: string;
  file_name: string;
  media_type: string;
  size_bytes: bigint;
  digest: string;
  file_created_at: Date;
  superseded_at: Date | null;
  superseded_by: string | null;
  withdrawn_at: Date | null;
  withdrawn_reason: string | null;
  receipt: KeyRecord['receipt'];
  sort_key: string;
};

/** The surest word of a key's arrival: its agent or a fetched link, then a mail server's. */
const receiptOf = sql<KeyRecord['receipt']>`
  case when exists (select 1 from distribution.site_key where key_id = key.id)
      or exists (select 1 from distribution.key_link_key as held
        join distribution.key_link as link on link.id = held.link_id
        where held.key_id = key.id and link.fetches > 0) then 'received'
    else coalesce((select case when bool_or(mail.state = 'accepted') then 'accepted'
        when bool_or(mail.state = 'waiting') then 'waiting' else 'failed' end
      from distribution.key_mail_key as held
      join distribution.key_mail as mail on mail.id = held.mail_id
      where held.key_id = key.id having count(*) > 0), 'none') end`;

const given = (value: string | undefined, condition: ReturnType<typeof sql<boolean>>) =>
  value === undefined ? sql<boolean>`true` : condition;

export async function listKeys(
  database: Queryable,
  listing: KeyListing,
): Promise<{ readonly row: KeyRecord; readonly sortKey: string }[]> {
  const { organisationId, filmId, packageId, screenId, cinemaId, jobId, search, after } = listing;
  const { ids, issuedBy } = listing;
  const like = `%${(search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const result = await sql<KeyRow>`
    select key.*, cinema.name as cinema_name, screen.name as screen_name,
      person.name as issuer_name, file.name as file_name, file.media_type, file.size_bytes,
      file.digest, file.created_at as file_created_at, key.issued_at::text as sort_key,
      ${receiptOf} as receipt
    from distribution.key
    join distribution.package on package.id = key.package_id
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    left join identity."user" as person on person.id = key.issued_by
    join kernel.file on file.id = key.file_id
    where ${keysReachedBy(organisationId)}
      and ${given(filmId, sql`package.film_id = ${filmId}`)}
      and ${given(packageId, sql`key.package_id = ${packageId}`)}
      and ${given(screenId, sql`key.screen_id = ${screenId}`)}
      and ${given(cinemaId, sql`cinema.id = ${cinemaId}`)}
      and ${given(jobId, sql`key.job_id = ${jobId}`)}
      and ${given(issuedBy, sql`key.organisation_id = ${issuedBy}`)}
      and ${ids === undefined ? sql`true` : sql`key.id = any(${[...ids]}::uuid[])`}
      and ${
        listing.inUse === true
          ? sql`key.superseded_at is null and key.withdrawn_at is null and key.not_after > now()`
          : sql`true`
      }
      and ${given(search, sql`(cinema.name ilike ${like} or screen.name ilike ${like})`)}
      and ${
        after === undefined
          ? sql`true`
          : sql`(key.issued_at, key.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    order by key.issued_at desc, key.id desc limit ${listing.limit + 1}`.execute(database);
  return result.rows.map((row) => ({ sortKey: row.sort_key, row: keyOf(row) }));
}

function keyOf(row: KeyRow): KeyRecord {
  return {
    id: row.id,
    packageId: row.package_id,
    compositionId: row.composition_id,
    screenId: row.screen_id,
    cinemaName: row.cinema_name,
    screenName: row.screen_name,
    deviceThumbprint: row.device_thumbprint,
    notBefore: row.not_before.toISOString(),
    notAfter: row.not_after.toISOString(),
    jobId: row.job_id,
    issuedAt: row.issued_at.toISOString(),
    issuedBy: row.issuer_name ?? '',
    state:
      row.withdrawn_at !== null ? 'withdrawn' : row.superseded_at !== null ? 'superseded' : 'valid',
    supersededBy: row.superseded_by,
    withdrawnReason: row.withdrawn_reason,
    receipt: row.receipt,
    file: {
      id: row.file_id,
      name: row.file_name,
      mediaType: row.media_type,
      sizeBytes: Number(row.size_bytes),
      digest: row.digest,
      createdAt: row.file_created_at.toISOString(),
    },
  };
}

export type NewKey = {
  readonly id: string;
  readonly packageId: string;
  readonly compositionId: string;
  readonly organisationId: string;
  readonly screenId: string;
  readonly deviceId: string;
  readonly thumbprint: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly fileId: string;
  readonly jobId: string;
  readonly issuedBy: string | null;
};

/** Puts keys in; one that an interrupted run of the same job has put in already stays. */
export async function insertKeys(transaction: Transaction, keys: readonly NewKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tables(transaction)
    .insertInto('distribution.key')
    .values(
      keys.map((key) => ({
        id: key.id,
        package_id: key.packageId,
        composition_id: key.compositionId,
        organisation_id: key.organisationId,
        screen_id: key.screenId,
        device_id: key.deviceId,
        device_thumbprint: key.thumbprint,
        not_before: key.notBefore,
        not_after: key.notAfter,
        file_id: key.fileId,
        job_id: key.jobId,
        issued_by: key.issuedBy,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['job_id', 'composition_id', 'screen_id']).doNothing(),
    )
    .execute();
}

/** The organisations that a key's file is for: the cinema of its screen, and that one's circuit. */
export async function grantKeys(transaction: Transaction, keys: readonly NewKey[]): Promise<void> {
  if (keys.length === 0) return;
  const result = await sql<{ screen_id: string; organisation_id: string }>`
    select screen.id as screen_id, reader.organisation_id
    from exhibition.screen
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    cross join lateral (values (cinema.organisation_id), (circuit.organisation_id))
      as reader (organisation_id)
    where screen.id = any(${keys.map((key) => key.screenId)}::uuid[])
      and reader.organisation_id is not null`.execute(transaction);
  const files = new Map(keys.map((key) => [key.screenId, key.fileId]));
  await grantFiles(
    transaction,
    result.rows.map((row) => ({
      fileId: files.get(row.screen_id)!,
      organisationId: row.organisation_id,
    })),
  );
}

/**
 * A new key takes the place of those of the same screen and composition that it makes useless: for
 * another device, within its own window, or named. They are kept, and withheld from now on.
 */
export async function supersedeKeys(
  transaction: Transaction,
  keys: readonly NewKey[],
  replaces: readonly string[],
  now: Date,
): Promise<void> {
  const stale = await staleKeys(transaction, keys, replaces);
  if (stale.length === 0) return;
  const superseded = await sql<{ file_id: string }>`
    update distribution.key set superseded_by = stale.by, superseded_at = ${now}
    from unnest(${stale.map((each) => each.id)}::uuid[], ${stale.map((each) => each.by)}::uuid[])
      as stale (id, by)
    where key.id = stale.id and key.superseded_at is null returning key.file_id`.execute(
    transaction,
  );
  await withholdFiles(
    transaction,
    superseded.rows.map((row) => row.file_id),
  );
}

/**
 * Keys that fresh ones make useless, each with the fresh one. `offset 0` keeps the search on the
 * index of the screen: while a nation's keys are put in, statistics know nothing of them yet, and
 * a plan from these reads the whole table for each batch.
 */
async function staleKeys(
  transaction: Transaction,
  keys: readonly NewKey[],
  replaces: readonly string[],
): Promise<{ readonly id: string; readonly by: string }[]> {
  const ids = keys.map((each) => each.id);
  const result = await sql<{ id: string; by: string }>`
    select distinct on (old.id) old.id, fresh.id as by
    from unnest(${ids}::uuid[]) as given (id)
    cross join lateral (
      select * from distribution.key where key.id = given.id offset 0) as fresh
    cross join lateral (
      select key.id from distribution.key
      where key.screen_id = fresh.screen_id and key.composition_id = fresh.composition_id
        and key.organisation_id = fresh.organisation_id and key.id <> fresh.id
        and key.superseded_at is null and key.withdrawn_at is null
        and (key.device_thumbprint <> fresh.device_thumbprint
          or (key.not_before >= fresh.not_before and key.not_after <= fresh.not_after)
          or key.id = any(${[...replaces]}::uuid[]))
      offset 0) as old
    order by old.id, fresh.id`.execute(transaction);
  const own = new Set(ids);
  return result.rows.filter((row) => !own.has(row.id));
}

/** Nobody but the issuer may fetch a file that is withheld. */
async function withholdFiles(transaction: Transaction, fileIds: readonly string[]): Promise<void> {
  if (fileIds.length === 0) return;
  await sql`delete from kernel.file_grant where file_id = any(${[...fileIds]}::uuid[])`.execute(
    transaction,
  );
}

/** Takes keys out of every delivery. Gives the screens, and how many some cinema has already. */
export async function withdrawKeys(
  transaction: Transaction,
  keyIds: readonly string[],
  withdrawal: { readonly reason: string; readonly now: Date },
): Promise<{
  readonly screenIds: string[];
  readonly withdrawn: number;
  readonly held: number;
  readonly until: string | null;
}> {
  const rows = await sql<{
    id: string;
    screen_id: string;
    file_id: string;
    not_after: Date;
    held: boolean;
  }>`
    update distribution.key set withdrawn_at = ${withdrawal.now},
      withdrawn_reason = ${withdrawal.reason}
    where id = any(${[...keyIds]}::uuid[]) and withdrawn_at is null
    returning id, screen_id, file_id, not_after, ${receiptOf} in ('received', 'accepted') as held
  `.execute(transaction);
  await withholdFiles(
    transaction,
    rows.rows.map((row) => row.file_id),
  );
  const held = rows.rows.filter((row) => row.held && row.not_after > withdrawal.now);
  const last = held.reduce((most, row) => Math.max(most, row.not_after.getTime()), 0);
  return {
    screenIds: [...new Set(rows.rows.map((row) => row.screen_id))],
    withdrawn: rows.rows.length,
    held: held.length,
    until: held.length === 0 ? null : new Date(last).toISOString(),
  };
}

/** Screens that already have their key for a composition from this job. */
export async function screensDone(
  database: Queryable,
  jobId: string,
  compositionId: string,
): Promise<Set<string>> {
  const rows = await tables(database)
    .selectFrom('distribution.key')
    .select('screen_id')
    .where('job_id', '=', jobId)
    .where('composition_id', '=', compositionId)
    .execute();
  return new Set(rows.map((row) => row.screen_id));
}

export type ReadinessRow = {
  readonly screenId: string;
  readonly cinemaName: string;
  readonly screenName: string;
  readonly certificate: 'valid' | 'expired' | 'missing';
  readonly key: 'valid' | 'late' | 'missing';
};

/** Every screen of the register with the state of its certificate and its key on one day. */
export async function readReadiness(
  database: Queryable,
  packageId: string,
  organisationId: string,
  day: { readonly date: string; readonly limit: number },
): Promise<ReadinessRow[]> {
  const result = await sql<{
    screen_id: string;
    cinema_name: string;
    screen_name: string;
    certificate: ReadinessRow['certificate'];
    key: ReadinessRow['key'];
  }>`
    select screen.id as screen_id, cinema.name as cinema_name, screen.name as screen_name,
      case when device.id is null then 'missing'
        when device.not_after < (${day.date}::date + 1)::timestamp at time zone cinema.time_zone
        then 'expired' else 'valid' end as certificate,
      case when best.usable is null then 'missing' when best.usable then 'valid' else 'late' end
        as key
    from exhibition.screen
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.device on device.screen_id = screen.id and device.removed_at is null
      and device.kind = 'media_block'
    left join lateral (
      -- One usable key is enough, whatever others there are for other days or former devices.
      select bool_or(key.device_thumbprint = device.thumbprint
        and key.not_before <= ${day.date}::date::timestamp at time zone cinema.time_zone
        and key.not_after >= (${day.date}::date + 1)::timestamp at time zone cinema.time_zone
          - interval '1 minute') as usable
      from distribution.key
      where key.screen_id = screen.id and key.package_id = ${packageId}
        and key.organisation_id = ${organisationId}
        and key.superseded_at is null and key.withdrawn_at is null
    ) as best on true
    order by (case when best.usable is null then 0 else 1 end), cinema.name, screen.number,
      screen.name
    limit ${day.limit}`.execute(database);
  return result.rows.map((row) => ({
    screenId: row.screen_id,
    cinemaName: row.cinema_name,
    screenName: row.screen_name,
    certificate: row.certificate,
    key: row.key,
  }));
}
