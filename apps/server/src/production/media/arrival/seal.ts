import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Finding, finding, FINDINGS_MAX, hasErrors } from '@yinglian/core';
import {
  createGeneration,
  type CreateResult,
  type FileDigests,
  type HashFailure,
  type HashFormat,
  isScopedPath,
  manifestDate,
  type MediaTree,
} from '@yinglian/mhl';
import { diskTree, loadHashing, openHashPool } from '@yinglian/transfer';
import { z } from 'zod';
import type { Database } from '../../../kernel/database/database.ts';
import type { RegisterFile } from '../../../kernel/files/files.ts';
import { defineJob, type JobDefinition, type JobRun } from '../../../kernel/jobs/definition.ts';
import type { ObjectStore, StoredObject } from '../../../kernel/objects/store.ts';
import { VERSION } from '../../../kernel/version.ts';
import type { Work } from '../../../kernel/write.ts';
import { layFile } from '../lay-file.ts';
import type { IngestAgain, IngestStart } from '../service.ts';
import { openWorkshop, type Workshop } from '../workshop.ts';
import { type ArrivedClip, clipsIn, sequenceFindings } from './clips.ts';
import { olderLists } from './older-lists.ts';
import {
  type ArrivalCounts,
  type ArrivalFileRecord,
  type ArrivalSource,
  listFiles,
  putFiles,
  readArrival,
  recordSeal,
  setAsset,
  shareParts,
} from './repository.ts';

export type SealParts = {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
  readonly startIngest: IngestStart;
  readonly ingestAgain: IngestAgain;
  readonly now: () => Date;
  /** Where manifests say that they were made. */
  readonly hostName: string;
};

export const sealInput = z.object({
  arrivalId: z.uuid(),
  ingest: z.boolean(),
  sequenceFrameRate: z.string().optional(),
});
export type SealInput = z.output<typeof sealInput>;

/** Rows read at once; a card has tens of thousands of files. */
const PAGE = 2000;
/** Besides the one that a history brings along, to which its files are held (6.5.1). */
const FORMATS: readonly HashFormat[] = ['xxh128'];

type Written = StoredObject & { readonly path: string };
type Sealed = {
  readonly written: readonly Written[];
  readonly counts: ArrivalCounts;
  readonly findings: readonly Finding[];
};

/** Every file is read again and held against the lists it came with; a new generation says so. */
export function sealJob(parts: SealParts): JobDefinition<SealInput> {
  return defineJob({
    kind: 'production.seal_arrival',
    lane: 'heavy',
    input: sealInput,
    run: async (job) => {
      const arrival = await readArrival(parts.database, job.input.arrivalId);
      const files = await allFiles(parts.database, arrival.id);
      const workshop = await openWorkshop(parts.objects, job.id);
      try {
        const sealed = await job.step('prove', () => prove(parts, job, arrival, files, workshop));
        return await record(parts, job, { arrival, files, sealed });
      } finally {
        if (!job.signal.aborted) await workshop.clear();
      }
    },
  });
}

async function allFiles(database: Database, arrivalId: string): Promise<ArrivalFileRecord[]> {
  const files: ArrivalFileRecord[] = [];
  for (let after: string | undefined; ;) {
    const rows = await listFiles(database, {
      arrivalId,
      after,
      limit: PAGE,
      duplicatesOnly: false,
    });
    files.push(...rows.slice(0, PAGE));
    if (rows.length <= PAGE) return files;
    after = files.at(-1)?.path;
  }
}

async function prove(
  parts: SealParts,
  job: JobRun<SealInput>,
  arrival: ArrivalSource,
  files: readonly ArrivalFileRecord[],
  workshop: Workshop,
): Promise<Sealed> {
  await workshop.clear();
  const folder = workshop.path(folderName(arrival.name));
  await layOut(parts.objects, folder, files, job.signal);
  const pool = openHashPool();
  try {
    const tree = withTimes(diskTree(folder, pool), files);
    const older = await olderLists(
      folder,
      pool,
      files.map((each) => each.path),
      job.signal,
    );
    const result = await extend(parts, job, arrival, tree);
    const written: Written[] = [];
    for (const path of manifestsOf(result)) {
      written.push({ path, ...(await parts.objects.putFile(join(folder, path), { move: true })) });
    }
    const { original, verified, failed, renamed, missing } = result.counts;
    return {
      written,
      counts: { original, verified, failed, renamed, missing },
      findings: [...older, ...result.findings, ...sequenceFindings(files)].slice(0, FINDINGS_MAX),
    };
  } finally {
    await pool.close();
  }
}

async function extend(
  parts: SealParts,
  job: JobRun<SealInput>,
  arrival: ArrivalSource,
  tree: MediaTree,
): Promise<CreateResult> {
  const startedAt = parts.now().getTime();
  const result = await createGeneration(tree, await loadHashing(), {
    formats: FORMATS,
    creator: {
      creationDate: manifestDate(startedAt),
      hostname: parts.hostName,
      tool: { name: 'Yinglian', version: VERSION },
      authors: [{ name: arrival.organisation }],
      comment: arrival.name,
    },
    startedAt,
    now: () => parts.now().getTime(),
    process: 'transfer',
    detectRenames: true,
    signal: job.signal,
    onProgress: ({ bytes, byteCount }) => job.progress(byteCount === 0 ? null : bytes / byteCount),
  });
  job.signal.throwIfAborted();
  return result;
}

/** The folder as it was sent, made of links into the store, or of copies where it has none. */
async function layOut(
  objects: ObjectStore,
  folder: string,
  files: readonly ArrivalFileRecord[],
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, digest } of files) {
    signal.throwIfAborted();
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    const stored = await objects.pathOf(digest);
    await layFile(stored, target);
  }
}

/** Times are those that the sender's disk told, not those of the store. */
function withTimes(tree: MediaTree, files: readonly ArrivalFileRecord[]): MediaTree {
  const times = new Map(
    files.flatMap(({ path, modifiedAt }) =>
      modifiedAt === null ? [] : [[path, Date.parse(modifiedAt)] as const],
    ),
  );
  const within = (path: string, name: string) => (path === '' ? name : `${path}/${name}`);
  return {
    ...tree,
    entries: async (path) =>
      (await tree.entries(path))?.map((each) => ({
        ...each,
        modifiedMs: times.get(within(path, each.name)) ?? each.modifiedMs,
      })),
    hash: async (path, algorithms, options): Promise<FileDigests | HashFailure> => {
      const hashed = await tree.hash(path, algorithms, options);
      if ('failed' in hashed) return hashed;
      return { ...hashed, modifiedMs: times.get(path) ?? hashed.modifiedMs };
    },
  };
}

/** The new manifests and the chains that name them. */
function manifestsOf(result: CreateResult): string[] {
  return result.generations.flatMap(({ path }) => [path, `${dirname(path)}/ascmhl_chain.xml`]);
}

async function record(
  parts: SealParts,
  job: JobRun<SealInput>,
  {
    arrival,
    files,
    sealed,
  }: {
    arrival: ArrivalSource;
    files: readonly ArrivalFileRecord[];
    sealed: Sealed;
  },
) {
  return job.write('record', async (work) => {
    const { organisationId, filmId } = arrival;
    const registered = [];
    for (const each of sealed.written) {
      const name = each.path.split('/').at(-1)!;
      const file = await parts.registerFile(work.transaction, {
        organisationId,
        filmId,
        name,
        mediaType: 'application/xml',
        ...each,
      });
      registered.push({
        path: each.path,
        fileId: file.id,
        digest: file.digest,
        sizeBytes: file.sizeBytes,
        modifiedAt: null,
        origin: 'network' as const,
      });
    }
    await putFiles(work.transaction, arrival.id, registered);
    const state = hasErrors(sealed.findings) ? ('faulty' as const) : ('sealed' as const);
    await recordSeal(work.transaction, arrival.id, { state, ...sealed });
    let assets = 0;
    if (state === 'sealed' && job.input.ingest) {
      for (const clip of clipsIn(files)) {
        assets += await ingestClip(parts, work, job, arrival, clip);
      }
    }
    work.audit({
      action: 'production.arrival_sealed',
      subjectKind: 'arrival',
      subjectId: arrival.id,
      facts: { state, files: files.length, manifests: registered.length, assets },
    });
    work.changed({ kind: 'arrival', id: arrival.id, filmId });
    return { arrivalId: arrival.id, state, assets };
  });
}

/** Makes one asset of a take, or makes it anew where files came to it; gives how many are new. */
async function ingestClip(
  parts: SealParts,
  work: Work,
  job: JobRun<SealInput>,
  { id, organisationId, filmId }: ArrivalSource,
  { title, files, frames }: ArrivedClip<ArrivalFileRecord>,
): Promise<number> {
  const known = files.find((each) => each.assetId !== null)?.assetId ?? undefined;
  const isNew = known === undefined;
  const { fileId } = files[0]!;
  const sequenceFrameRate = frames === undefined ? null : (job.input.sequenceFrameRate ?? null);
  const given = { organisationId, filmId, fileId, title, sequenceFrameRate };
  const assetId = known ?? (await parts.startIngest(work, given));
  const added = files.filter((each) => each.assetId !== assetId).map(({ path }) => path);
  if (added.length > 0) await setAsset(work.transaction, id, added, assetId);
  if (files.length > 1 && added.length > 0) {
    await shareParts(work.transaction, assetId);
    if (!isNew) await parts.ingestAgain(work, assetId, filmId);
  }
  return isNew ? 1 : 0;
}

/** Manifests are called after the folder, so it has the roll's name as far as disks allow. */
function folderName(name: string): string {
  const safe = name
    .replace(/[\\/:*?"<>|\u0000-\u001f]/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 80);
  return safe === '' ? 'roll' : safe;
}

/** Whether a path can lie in a folder of any system, and inside of it. */
export function isMediaPath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return isScopedPath(path) && !/[\u0000-\u001f\\]/.test(path) && path === path.trim();
}

/** What is wrong with a path, for the answer. */
export function wrongPath(path: string): Finding {
  return finding('invalid_media_path', 'error', { facts: { path: path.slice(0, 200) } });
}
