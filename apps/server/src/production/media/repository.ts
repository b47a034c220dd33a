import type { assetSchema, mediaFacts } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { readFileRecords } from '../../kernel/files/files.ts';
import { endedJob } from '../../kernel/jobs/ended.ts';
import { type Listed, listed, type Listing } from '../../kernel/listing.ts';
import { found } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { assetsReachedBy } from '../project/reach.ts';
import type { ProductionTables } from '../tables.ts';

export type AssetRecord = z.output<typeof assetSchema>;
export type MediaFacts = z.output<typeof mediaFacts>;

const tables = (database: Queryable) => database.withTables<ProductionTables>();

export async function listAssets(
  database: Queryable,
  listing: Listing,
): Promise<Listed<AssetRecord>[]> {
  const query = tables(database)
    .selectFrom('production.asset')
    .selectAll()
    .select(endedJob('production.asset').as('ended'))
    .where('id', 'in', assetsReachedBy(listing.organisationId));
  const rows = await listed(query, 'production.asset', listing).execute();
  const fileIds = rows
    .flatMap((row) => [row.original_file_id, row.sound_file_id])
    .filter((id) => id !== null);
  const files = await readFileRecords(database, fileIds);
  const names = await namesOf(
    database,
    rows.map((row) => row.accepted_by),
  );
  return rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      filmId: row.film_id,
      title: row.title,
      state: (row.state === 'ingesting' && row.ended
        ? 'failed'
        : row.state) as AssetRecord['state'],
      original: found(files.get(row.original_file_id)),
      sound: row.sound_file_id === null ? null : found(files.get(row.sound_file_id)),
      media: row.media as AssetRecord['media'],
      proxyFileId: row.proxy_file_id,
      filmstripFileId: row.filmstrip_file_id,
      filmstrip: row.filmstrip as AssetRecord['filmstrip'],
      waveformFileId: row.waveform_file_id,
      posterFileId: row.poster_file_id,
      loudness: row.loudness as AssetRecord['loudness'],
      findings: row.findings as AssetRecord['findings'],
      jobId: row.job_id,
      acceptedAt: row.accepted_at?.toISOString() ?? null,
      acceptedBy: row.accepted_by === null ? null : (names.get(row.accepted_by) ?? ''),
    },
  }));
}

async function namesOf(database: Queryable, ids: readonly (string | null)[]) {
  const known = ids.filter((id) => id !== null);
  if (known.length === 0) return new Map<string, string>();
  const rows = await database
    .selectFrom('identity.user')
    .select(['id', 'name'])
    .where('id', 'in', known)
    .execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}

export async function insertAsset(
  transaction: Transaction,
  asset: {
    readonly id: string;
    readonly organisationId: string;
    readonly filmId: string;
    readonly title: string;
    readonly originalFileId: string;
    readonly soundFileId: string | null;
    readonly sequenceFrameRate: string | null;
  },
): Promise<void> {
  await tables(transaction)
    .insertInto('production.asset')
    .values({
      id: asset.id,
      organisation_id: asset.organisationId,
      film_id: asset.filmId,
      title: asset.title,
      state: 'ingesting',
      original_file_id: asset.originalFileId,
      sound_file_id: asset.soundFileId,
      sequence_frame_rate: asset.sequenceFrameRate,
    })
    .execute();
}

export async function setJob(transaction: Transaction, id: string, jobId: string): Promise<void> {
  await tables(transaction)
    .updateTable('production.asset')
    .set({ job_id: jobId, state: 'ingesting' })
    .where('id', '=', id)
    .execute();
}

/** What the ingest job works on, and what of it a package is made. */
export async function readSource(database: Queryable, id: string) {
  const row = await tables(database)
    .selectFrom('production.asset')
    .select([
      'id',
      'film_id',
      'organisation_id',
      'title',
      'state',
      'media',
      'original_file_id',
      'sound_file_id',
      'sequence_frame_rate',
      'held',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
  const asset = found(row, { id });
  const ids = [asset.original_file_id, asset.sound_file_id].filter((each) => each !== null);
  const files = await readFileRecords(database, ids);
  return {
    id: asset.id,
    filmId: asset.film_id,
    organisationId: asset.organisation_id,
    title: asset.title,
    state: asset.state,
    media: asset.media as MediaFacts | null,
    sequenceFrameRate: asset.sequence_frame_rate,
    /** Kept to the company that brought it in. */
    held: asset.held,
    original: found(files.get(asset.original_file_id)),
    sound: asset.sound_file_id === null ? null : found(files.get(asset.sound_file_id)),
  };
}
export type AssetSource = Awaited<ReturnType<typeof readSource>>;

/** A file of a take, under the path it had in its roll. */
export type AssetPart = { readonly path: string; readonly digest: string };

/** The files that arrived as the one take that an asset is made of: of many frames, many. */
export async function readParts(database: Queryable, assetId: string): Promise<AssetPart[]> {
  const parts = await sql<AssetPart>`
    select path, digest from production.arrival_file where asset_id = ${assetId}
    order by arrival_id, path collate "C"`.execute(database);
  return parts.rows;
}

/** What the file is, as soon as it is known: a browser that plays it need not wait for a proxy. */
export async function setMedia(
  transaction: Transaction,
  id: string,
  media: MediaFacts,
): Promise<void> {
  await tables(transaction)
    .updateTable('production.asset')
    .set({ media: jsonText(media), updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

export type Derived = {
  readonly media: MediaFacts;
  readonly proxyFileId: string | null;
  readonly filmstripFileId: string | null;
  readonly filmstrip: AssetRecord['filmstrip'];
  readonly waveformFileId: string | null;
  readonly posterFileId: string | null;
  readonly loudness: AssetRecord['loudness'];
  readonly findings: readonly Finding[];
};

export async function setDerived(
  transaction: Transaction,
  id: string,
  derived: Derived,
): Promise<void> {
  await tables(transaction)
    .updateTable('production.asset')
    .set({
      // An accepted master that is processed again stays accepted.
      state: sql<string>`case when accepted_at is null then 'ready' else 'accepted' end`,
      media: jsonText(derived.media),
      proxy_file_id: derived.proxyFileId,
      filmstrip_file_id: derived.filmstripFileId,
      filmstrip: derived.filmstrip === null ? null : jsonText(derived.filmstrip),
      waveform_file_id: derived.waveformFileId,
      poster_file_id: derived.posterFileId,
      loudness: derived.loudness === null ? null : jsonText(derived.loudness),
      findings: jsonText(derived.findings),
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
}

export async function setFailed(
  transaction: Transaction,
  id: string,
  findings: readonly Finding[],
): Promise<void> {
  await tables(transaction)
    .updateTable('production.asset')
    .set({
      state: 'failed',
      findings: jsonText(findings),
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
}

/** False when another write came first, or the asset is not ready. */
export async function acceptAsset(
  transaction: Transaction,
  id: string,
  version: number,
  userId: string | null,
): Promise<boolean> {
  const done = await tables(transaction)
    .updateTable('production.asset')
    .set({
      state: 'accepted',
      accepted_at: sql<Date>`now()`,
      accepted_by: userId,
      version: version + 1,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('state', '=', 'ready')
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}
