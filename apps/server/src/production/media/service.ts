import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { readFileRecords, shareFile } from '../../kernel/files/files.ts';
import type { JobDefinition } from '../../kernel/jobs/definition.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { holdAsset, isOutsideRoom } from '../project/reach.ts';
import { acceptAsset, type AssetRecord, insertAsset, listAssets, setJob } from './repository.ts';

export type MediaParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly startIngest: IngestStart;
  readonly ingestAgain: IngestAgain;
};

export type IngestRequest = {
  readonly filmId: string;
  readonly fileId: string;
  readonly title?: string | undefined;
  readonly soundFileId?: string | undefined;
  readonly sequenceFrameRate?: string | undefined;
};

/** Makes an asset of a file and begins its ingest, inside a change of somebody else. */
export type IngestStart = (
  work: Work,
  asset: {
    readonly organisationId: string;
    readonly filmId: string;
    readonly fileId: string;
    readonly title: string;
    readonly soundFileId?: string | null;
    readonly sequenceFrameRate?: string | null;
  },
) => Promise<string>;

/** Processes an asset again, inside a change of somebody else; gives the job. */
export type IngestAgain = (work: Work, assetId: string, filmId: string) => Promise<string>;

export function ingestRepeater(job: JobDefinition<{ assetId: string }>): IngestAgain {
  return async (work, assetId, filmId) => {
    const jobId = await work.enqueue(job, { assetId }, { filmId });
    await setJob(work.transaction, assetId, jobId);
    work.audit({ action: 'production.ingest_repeated', subjectKind: 'asset', subjectId: assetId });
    work.changed({ kind: 'asset', id: assetId, filmId });
    return jobId;
  };
}

export function ingestStarter(
  newId: () => string,
  job: JobDefinition<{ assetId: string }>,
): IngestStart {
  return async (work, asset) => {
    const id = newId();
    const { filmId, organisationId, fileId, title } = asset;
    const soundFileId = asset.soundFileId ?? null;
    await insertAsset(work.transaction, {
      id,
      organisationId,
      filmId,
      title,
      originalFileId: fileId,
      soundFileId,
      sequenceFrameRate: asset.sequenceFrameRate ?? null,
    });
    if (await isOutsideRoom(work.transaction, filmId, organisationId)) {
      await holdAsset(work.transaction, id);
    } else {
      for (const each of [fileId, soundFileId]) {
        if (each !== null) await shareFile(work.transaction, each, filmId, 'production');
      }
    }
    await setJob(work.transaction, id, await work.enqueue(job, { assetId: id }, { filmId }));
    work.audit({
      action: 'production.asset_received',
      subjectKind: 'asset',
      subjectId: id,
      facts: { film: filmId, file: fileId, name: title },
    });
    work.changed({ kind: 'asset', id, filmId });
    return id;
  };
}

export type MediaService = ReturnType<typeof createMediaService>;

/** Media comes in, is made watchable, and becomes the accepted master. */
export function createMediaService(parts: MediaParts) {
  const { database, write, requireAccess } = parts;

  const readOne = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listAssets(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });

  return {
    async assets(
      context: Context,
      query: PageQuery & { readonly filmId?: string | undefined },
    ): Promise<Page<AssetRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const after = afterInstant(query);
      const { filmId, limit } = query;
      const rows = await listAssets(database, { organisationId, filmId, after, limit });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async asset(context: Context, id: string): Promise<AssetRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids: [id],
      });
      return readOne(database, organisationId, id);
    },

    async ingest(context: Context, request: IngestRequest): Promise<AssetRecord> {
      const { filmId, fileId, soundFileId } = request;
      const fileIds = soundFileId === undefined ? [fileId] : [fileId, soundFileId];
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'workplace', ids: [filmId] },
        { kind: 'file', ids: fileIds },
      );
      const file = found((await readFileRecords(database, [fileId])).get(fileId));
      if (file.sizeBytes === 0) {
        throw invalid(finding('empty_file', 'error', { facts: { file: file.name } }));
      }
      return write(context, async (work) => {
        const id = await parts.startIngest(work, {
          organisationId,
          filmId,
          fileId,
          title: request.title ?? file.name,
          soundFileId: soundFileId ?? null,
          sequenceFrameRate: request.sequenceFrameRate ?? null,
        });
        return readOne(work.transaction, organisationId, id);
      });
    },

    async processAgain(context: Context, id: string): Promise<string> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'asset',
        ids: [id],
      });
      const { filmId } = await readOne(database, organisationId, id);
      return write(context, (work) => parts.ingestAgain(work, id, filmId));
    },

    async accept(context: Context, id: string, version: number): Promise<AssetRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.accept', {
        kind: 'asset',
        ids: [id],
      });
      return write(context, async (work) => {
        if (!(await acceptAsset(work.transaction, id, version, userId))) {
          const stored = await readOne(work.transaction, organisationId, id);
          if (stored.version !== version) throw versionConflict(stored, { version });
          throw conflict(finding('unready_asset', 'error', { facts: { state: stored.state } }));
        }
        const stored = await readOne(work.transaction, organisationId, id);
        work.audit({
          action: 'production.master_accepted',
          subjectKind: 'asset',
          subjectId: id,
          facts: { original: stored.original.digest },
        });
        work.changed({ kind: 'asset', id, filmId: stored.filmId });
        return stored;
      });
    },
  };
}
