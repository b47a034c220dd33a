import type { packageSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../kernel/access/access.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { type FileRecord, readFileRecords } from '../kernel/files/files.ts';
import { endedJob } from '../kernel/jobs/ended.ts';
import { type Listed, listed, type Listing } from '../kernel/listing.ts';
import { found } from '../kernel/refusal.ts';
import { jsonText } from '../kernel/write.ts';
import type { DistributionTables } from './tables.ts';

export type PackageRecord = z.output<typeof packageSchema>;

const tables = (database: Queryable) => database.withTables<DistributionTables>();

export async function listPackages(
  database: Queryable,
  listing: Listing,
): Promise<Listed<PackageRecord>[]> {
  const query = tables(database)
    .selectFrom('distribution.package')
    .selectAll()
    .select(endedJob('distribution.package').as('ended'))
    .where('film_id', 'in', filmsReachedBy(listing.organisationId, 'distribution'));
  const rows = await listed(query, 'distribution.package', listing).execute();
  const files = await readPackageFiles(
    database,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      filmId: row.film_id,
      filmVersionId: row.film_version_id,
      assetId: row.asset_id,
      title: row.title,
      standard: row.standard as PackageRecord['standard'],
      state: stateOf(row.state, row.ended),
      encrypted: row.encrypted,
      compositions: row.compositions as PackageRecord['compositions'],
      files: [...(files.get(row.id) ?? [])],
      sizeBytes: Number(row.size_bytes),
      findings: row.findings as PackageRecord['findings'],
      checked: row.checked as PackageRecord['checked'],
      originalIds: row.original_ids,
      profile: (row.profile as { readonly base: string } | null)?.base ?? null,
      withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
      jobId: row.job_id,
    },
  }));
}

function stateOf(state: string, ended: boolean): PackageRecord['state'] {
  const waits = state === 'building' || state === 'checking';
  return waits && ended ? 'failed' : (state as PackageRecord['state']);
}

export type PackageFile = { readonly path: string; readonly file: FileRecord };

export async function readPackageFiles(
  database: Queryable,
  packageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PackageFile[]>> {
  if (packageIds.length === 0) return new Map();
  const rows = await tables(database)
    .selectFrom('distribution.package_file')
    .selectAll()
    .where('package_id', 'in', packageIds)
    .orderBy('path')
    .execute();
  const records = await readFileRecords(
    database,
    rows.map((row) => row.file_id),
  );
  const byPackage = new Map<string, PackageFile[]>();
  for (const row of rows) {
    const list = byPackage.get(row.package_id) ?? [];
    list.push({ path: row.path, file: found(records.get(row.file_id)) });
    byPackage.set(row.package_id, list);
  }
  return byPackage;
}

export type NewPackage = {
  readonly id: string;
  readonly organisationId: string;
  readonly filmId: string;
  readonly filmVersionId: string | null;
  readonly assetId: string;
  readonly title: string;
  readonly standard: string;
  readonly encrypted: boolean;
  readonly options: unknown;
};

export async function insertPackage(transaction: Transaction, made: NewPackage): Promise<void> {
  await tables(transaction)
    .insertInto('distribution.package')
    .values({
      id: made.id,
      organisation_id: made.organisationId,
      film_id: made.filmId,
      film_version_id: made.filmVersionId,
      asset_id: made.assetId,
      title: made.title,
      standard: made.standard,
      state: 'building',
      encrypted: made.encrypted,
      options: jsonText(made.options),
    })
    .execute();
}

export async function setPackageJob(
  transaction: Transaction,
  id: string,
  jobId: string,
  state: 'building' | 'checking',
): Promise<void> {
  await tables(transaction)
    .updateTable('distribution.package')
    .set({ job_id: jobId, state })
    .where('id', '=', id)
    .execute();
}

export type BuiltRecord = {
  readonly title: string;
  readonly compositions: PackageRecord['compositions'];
  readonly sizeBytes: number;
  readonly files: readonly { readonly path: string; readonly fileId: string }[];
  readonly keys: readonly {
    readonly keyId: string;
    readonly compositionId: string;
    readonly type: string;
    readonly sealed: Uint8Array;
    readonly custodyId: string | null;
  }[];
};

/** The finished package with its files and its sealed keys. */
export async function setBuilt(
  transaction: Transaction,
  id: string,
  built: BuiltRecord,
): Promise<void> {
  const db = tables(transaction);
  await db
    .updateTable('distribution.package')
    .set({
      title: built.title,
      compositions: jsonText(built.compositions),
      size_bytes: BigInt(built.sizeBytes),
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
  await db.deleteFrom('distribution.package_file').where('package_id', '=', id).execute();
  await db
    .insertInto('distribution.package_file')
    .values(
      built.files.map((each) => ({
        package_id: id,
        path: each.path,
        file_id: each.fileId,
      })),
    )
    .execute();
  if (built.keys.length === 0) return;
  await db
    .insertInto('distribution.content_key')
    .values(
      built.keys.map((each) => ({
        package_id: id,
        key_id: each.keyId,
        composition_id: each.compositionId,
        key_type: each.type,
        sealed_key: Buffer.from(each.sealed),
        custody_id: each.custodyId,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function setVerdict(
  transaction: Transaction,
  id: string,
  verdict: {
    readonly state: 'passed' | 'failed';
    readonly findings: readonly Finding[];
    readonly checked: PackageRecord['checked'];
  },
): Promise<void> {
  await tables(transaction)
    .updateTable('distribution.package')
    .set({
      state: verdict.state,
      findings: jsonText(verdict.findings),
      checked: verdict.checked === null ? null : jsonText(verdict.checked),
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
}

/** What the build job works on. */
export async function readPackagePlan(database: Queryable, id: string) {
  const row = await tables(database)
    .selectFrom('distribution.package')
    .select([
      'id',
      'film_id',
      'film_version_id',
      'organisation_id',
      'asset_id',
      'title',
      'standard',
      'encrypted',
      'options',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
  return found(row, { id });
}

export async function readContentKeys(database: Queryable, packageId: string) {
  return tables(database)
    .selectFrom('distribution.content_key')
    .select(['key_id', 'composition_id', 'key_type', 'sealed_key', 'custody_id'])
    .where('package_id', '=', packageId)
    .execute();
}

/** One package as its organisation sees it. */
export async function readPackage(
  database: Queryable,
  organisationId: string,
  id: string,
): Promise<PackageRecord> {
  const listed = await listPackages(database, { organisationId, ids: [id], limit: 1 });
  return found(listed[0]?.row, { id });
}
