import { type Finding, finding, FINDINGS_MAX } from '@yinglian/core';
import type { RequireAccess } from '../../../kernel/access/access.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Database, Queryable } from '../../../kernel/database/database.ts';
import { readFileRecords } from '../../../kernel/files/files.ts';
import type { JobDefinition } from '../../../kernel/jobs/definition.ts';
import {
  afterInstant,
  afterKey,
  type Page,
  pageOf,
  type PageQuery,
} from '../../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../../kernel/refusal.ts';
import type { Write } from '../../../kernel/write.ts';
import {
  type ArrivalFileRecord,
  type ArrivalRecord,
  beginSealing,
  filesByDigest,
  insertArrival,
  listArrivals,
  listFiles,
  type NewArrivalFile,
  putFiles,
  reopen,
  sealedPaths,
} from './repository.ts';
import { isMediaPath, type SealInput, wrongPath } from './seal.ts';

export type ArrivalParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly sealJob: JobDefinition<SealInput>;
};

export type ArrivalEntry = {
  readonly path: string;
  readonly fileId?: string | undefined;
  readonly digest?: string | undefined;
  readonly modifiedAt?: string | undefined;
};

export type ArrivalService = ReturnType<typeof createArrivalService>;

/** Rolls and folders: put together file by file, then proven as a whole. */
export function createArrivalService(parts: ArrivalParts) {
  const { database, write, requireAccess, newId } = parts;

  const readOne = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listArrivals(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });

  return {
    async list(
      context: Context,
      query: PageQuery & { readonly filmId?: string | undefined },
    ): Promise<Page<ArrivalRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const after = afterInstant(query);
      const { filmId, limit } = query;
      const rows = await listArrivals(database, { organisationId, filmId, after, limit });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async one(context: Context, id: string): Promise<ArrivalRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'arrival',
        ids: [id],
      });
      return readOne(database, organisationId, id);
    },

    async create(
      context: Context,
      { filmId, name }: { readonly filmId: string; readonly name: string },
    ): Promise<ArrivalRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'workplace',
        ids: [filmId],
      });
      const id = newId();
      return write(context, async (work) => {
        await insertArrival(work.transaction, { id, organisationId, filmId, name });
        work.audit({
          action: 'production.arrival_begun',
          subjectKind: 'arrival',
          subjectId: id,
          facts: { film: filmId, name },
        });
        work.changed({ kind: 'arrival', id, filmId });
        return readOne(work.transaction, organisationId, id);
      });
    },

    async files(
      context: Context,
      id: string,
      query: PageQuery & { readonly duplicates?: '1' | undefined },
    ): Promise<Page<ArrivalFileRecord>> {
      await requireAccess(context, 'production.read', { kind: 'arrival', ids: [id] });
      const rows = await listFiles(database, {
        arrivalId: id,
        after: afterKey(query)?.[0],
        limit: query.limit,
        duplicatesOnly: query.duplicates === '1',
      });
      return pageOf(
        rows,
        query,
        (each) => [each.path],
        (each) => each,
      );
    },

    async add(
      context: Context,
      id: string,
      entries: readonly ArrivalEntry[],
    ): Promise<{ added: number; unknown: string[] }> {
      const fileIds = entries.flatMap(({ fileId }) => (fileId === undefined ? [] : [fileId]));
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'arrival', ids: [id] },
        { kind: 'file', ids: fileIds },
      );
      const wrong = entries.filter(({ path }) => !isMediaPath(path));
      if (wrong.length > 0) throw invalid(...wrong.map(({ path }) => wrongPath(path)));
      const { filmId, state } = await readOne(database, organisationId, id);
      if (state === 'sealing') throw conflict(finding('sealing_arrival', 'error', { at: { id } }));
      const { files, unknown } = await lookUp(database, organisationId, entries);
      if (files.length === 0) return { added: 0, unknown };
      return write(context, async (work) => {
        const sealed = await sealedPaths(work.transaction, id, files);
        if (sealed.length > 0) throw conflict(...sealed.slice(0, FINDINGS_MAX).map(sealedPath));
        await putFiles(work.transaction, id, files);
        // What was proven is no longer all that is there.
        await reopen(work.transaction, id);
        work.audit({
          action: 'production.arrival_filled',
          subjectKind: 'arrival',
          subjectId: id,
          facts: { files: files.length },
        });
        work.changed({ kind: 'arrival', id, filmId });
        return { added: files.length, unknown };
      });
    },

    async seal(
      context: Context,
      id: string,
      asked: {
        readonly version: number;
        readonly ingest: boolean;
        readonly sequenceFrameRate?: string | undefined;
      },
    ): Promise<{ jobId: string }> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'arrival',
        ids: [id],
      });
      const arrival = await readOne(database, organisationId, id);
      if (arrival.files === 0) throw invalid(finding('empty_arrival', 'error', { at: { id } }));
      if (arrival.state === 'sealing') {
        throw conflict(finding('sealing_arrival', 'error', { at: { id } }));
      }
      const { version, ...wanted } = asked;
      return write(context, async (work) => {
        const { filmId } = arrival;
        const jobId = await work.enqueue(parts.sealJob, { arrivalId: id, ...wanted }, { filmId });
        if (!(await beginSealing(work.transaction, id, version, jobId))) {
          throw versionConflict(arrival, asked);
        }
        work.audit({
          action: 'production.arrival_sealing',
          subjectKind: 'arrival',
          subjectId: id,
          facts: { ingest: asked.ingest },
        });
        work.changed({ kind: 'arrival', id, filmId });
        return { jobId };
      });
    },
  };
}

function sealedPath(path: string): Finding {
  return finding('sealed_media', 'error', { facts: { path: path.slice(0, 200) } });
}

/** Uploaded files by their ids, known content by its hash; what is neither is still to be sent. */
async function lookUp(
  database: Database,
  organisationId: string,
  entries: readonly ArrivalEntry[],
): Promise<{ readonly files: NewArrivalFile[]; readonly unknown: string[] }> {
  const ids = entries.flatMap(({ fileId }) => (fileId === undefined ? [] : [fileId]));
  const records = await readFileRecords(database, ids);
  const known = await filesByDigest(
    database,
    organisationId,
    entries.flatMap((each) =>
      each.fileId === undefined && each.digest !== undefined ? [each.digest] : [],
    ),
  );
  const files = new Map<string, NewArrivalFile>();
  const unknown: string[] = [];
  for (const { path, fileId, digest, modifiedAt = null } of entries) {
    const sent = fileId === undefined ? undefined : records.get(fileId);
    const held = digest === undefined ? undefined : known.get(digest);
    const at = { path, modifiedAt, origin: 'sent' as const };
    if (sent !== undefined) {
      files.set(path, {
        ...at,
        fileId: sent.id,
        digest: sent.digest,
        sizeBytes: sent.sizeBytes,
      });
    } else if (held !== undefined && digest !== undefined) {
      files.set(path, { ...at, fileId: held.id, digest, sizeBytes: held.sizeBytes });
    } else {
      unknown.push(path);
    }
  }
  return { files: [...files.values()], unknown };
}
