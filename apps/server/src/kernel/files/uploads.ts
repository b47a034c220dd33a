import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finding } from '@yinglian/core';
import type { RequireAccess } from '../access/access.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database/database.ts';
import type { DiskSpace } from '../objects/space.ts';
import type { ObjectStore } from '../objects/store.ts';
import { conflict, found, invalid, Refusal } from '../refusal.ts';
import type { Write } from '../write.ts';
import type { RegisterFile } from './files.ts';

/** Uploads that go on where they broke off. What `offsetBytes` says is on the disk. */
export type Uploads = {
  create(context: Context, upload: NewUpload): Promise<UploadView>;
  get(context: Context, id: string): Promise<UploadView>;
  append(
    context: Context,
    id: string,
    offset: number,
    bytes: ReadableStream<Uint8Array>,
    expected?: ChunkHash,
  ): Promise<UploadView>;
  /** Ends an upload and forgets what came of it; a file that is complete stays. */
  remove(context: Context, id: string): Promise<void>;
  /** Removes what nobody has continued for a week. */
  clean(): Promise<void>;
};

/** What the sender says of the bytes of one request; they are kept whole or not at all. */
export type ChunkHash = {
  readonly algorithm: ChunkAlgorithm;
  readonly digest: Uint8Array;
};

/** Hashes that a piece may come with, by the names of the tus protocol. */
export const CHUNK_ALGORITHMS = ['sha256', 'sha1', 'md5'] as const;
export type ChunkAlgorithm = (typeof CHUNK_ALGORITHMS)[number];

export type NewUpload = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly mediaType?: string | undefined;
  readonly digest?: string | undefined;
};

export type UploadView = {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly offsetBytes: number;
  readonly state: 'open' | 'complete';
  readonly fileId: string | null;
  /** When it is forgotten, unless it goes on. */
  readonly expiresAt: string;
};

export type UploadsOptions = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
  readonly space: DiskSpace;
  readonly registerFile: RegisterFile;
  readonly folder: string;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** One file; a camera original of ten hours in the highest rates stays below it. */
export const UPLOAD_BYTES_MAX = 16 * 1024 ** 4;
const WEEK_MS = 7 * 24 * 3600 * 1000;
/** Hashes of uploads under way, so that the whole need not be read again at the end. */
const LIVE_HASHES_MAX = 200;
/** The offset is made durable this often, so that a kill costs little. */
const SYNC_BYTES = 64 * 1024 * 1024;

type LiveHash = { readonly hash: Hash; offset: number };

export async function openUploads(options: UploadsOptions): Promise<Uploads> {
  const { database, objects, requireAccess, write } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const busy = new Set<string>();
  const hashes = new Map<string, LiveHash>();
  const pathFor = (id: string): string => join(options.folder, `${id}.part`);

  async function read(id: string) {
    return found(
      await database
        .selectFrom('kernel.upload')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst(),
      { kind: 'upload', id },
    );
  }
  type Row = Awaited<ReturnType<typeof read>>;

  function hashFrom(id: string, offset: number): LiveHash | undefined {
    const live = hashes.get(id);
    if (live?.offset === offset) return live;
    hashes.delete(id);
    if (offset !== 0 || hashes.size >= LIVE_HASHES_MAX) return undefined;
    const fresh = { hash: createHash('sha256'), offset: 0 };
    hashes.set(id, fresh);
    return fresh;
  }

  async function keepOffset(file: FileHandle, id: string, offset: number): Promise<void> {
    await file.datasync();
    await database
      .updateTable('kernel.upload')
      .set({ offset_bytes: BigInt(offset), updated_at: options.now() })
      .where('id', '=', id)
      .execute();
  }

  /** A part that is shorter than what was acknowledged was lost: the sender begins again. */
  async function openPart(id: string, start: number): Promise<FileHandle> {
    const held = start === 0 ? 0 : ((await stat(pathFor(id)).catch(() => undefined))?.size ?? -1);
    if (held >= start) return open(pathFor(id), start === 0 ? 'w+' : 'r+', 0o600);
    await database
      .updateTable('kernel.upload')
      .set({ offset_bytes: 0n })
      .where('id', '=', id)
      .execute();
    const facts = { expected: 0, found: start };
    throw conflict(finding('mismatched_offset', 'error', { facts }));
  }

  /**
   * Writes what comes. Whatever arrived before a broken line is kept and acknowledged later; bytes
   * that came with a hash count only when all are there and are what the sender had.
   */
  async function receive(
    row: Row,
    bytes: ReadableStream<Uint8Array>,
    expected: ChunkHash | undefined,
  ): Promise<number> {
    const start = Number(row.offset_bytes);
    const size = Number(row.size_bytes);
    const live = hashFrom(row.id, start);
    const before = expected === undefined ? undefined : live?.hash.copy();
    const chunkHash = expected === undefined ? undefined : createHash(expected.algorithm);
    const file = await openPart(row.id, start);
    let offset = start;
    let synced = start;
    let isProven = expected === undefined;
    try {
      // After a kill the file may be longer than what was acknowledged.
      await file.truncate(start);
      for await (const chunk of bytes as unknown as AsyncIterable<Uint8Array>) {
        if (offset + chunk.length > size) {
          throw tooLarge({ sizeBytes: size });
        }
        let at = 0;
        while (at < chunk.length) {
          at += (await file.write(chunk, at, chunk.length - at, offset + at)).bytesWritten;
        }
        chunkHash?.update(chunk);
        live?.hash.update(chunk);
        offset += chunk.length;
        if (live !== undefined) live.offset = offset;
        if (isProven && offset - synced >= SYNC_BYTES) {
          await keepOffset(file, row.id, offset);
          synced = offset;
          await options.space.require(0);
        }
      }
      if (expected !== undefined && chunkHash !== undefined) prove(expected, chunkHash, start);
      isProven = true;
      return offset;
    } finally {
      if (!isProven) {
        offset = start;
        if (before === undefined) hashes.delete(row.id);
        else hashes.set(row.id, { hash: before, offset: start });
      }
      if (offset !== synced || offset === 0) await keepOffset(file, row.id, offset);
      await file.close();
    }
  }

  async function digestOf(id: string, sizeBytes: number): Promise<string> {
    const live = hashes.get(id);
    hashes.delete(id);
    if (live?.offset === sizeBytes) return `sha256:${live.hash.digest('hex')}`;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(pathFor(id))) hash.update(chunk as Uint8Array);
    return `sha256:${hash.digest('hex')}`;
  }

  /** Whether a run that was killed had moved the whole file into the store already. */
  async function wasStored(row: Row): Promise<boolean> {
    if (row.digest === null || row.offset_bytes !== row.size_bytes) return false;
    if ((await stat(pathFor(row.id)).catch(() => undefined)) !== undefined) return false;
    return (await objects.sizeOf(row.digest)) === Number(row.size_bytes);
  }

  async function complete(context: Context, row: Row, isStored: boolean): Promise<UploadView> {
    const sizeBytes = Number(row.size_bytes);
    const digest = isStored ? row.digest! : await digestOf(row.id, sizeBytes);
    if (row.digest !== null && row.digest !== digest) {
      await database
        .updateTable('kernel.upload')
        .set({ offset_bytes: 0n })
        .where('id', '=', row.id)
        .execute();
      const facts = { expected: row.digest, found: digest };
      throw invalid(finding('mismatched_hash', 'error', { facts }));
    }
    // Kept first: killed between the move and the commit, the file is found by its digest.
    await database.updateTable('kernel.upload').set({ digest }).where('id', '=', row.id).execute();
    const stored = isStored
      ? { digest, sizeBytes }
      : await objects.putFile(pathFor(row.id), { digest, move: true });
    return write({ ...context, idempotency: undefined }, async ({ transaction, audit }) => {
      const file = await options.registerFile(transaction, {
        organisationId: row.organisation_id,
        name: row.name,
        mediaType: row.media_type,
        ...stored,
      });
      const done = await transaction
        .updateTable('kernel.upload')
        .set({ state: 'complete', file_id: file.id, updated_at: options.now() })
        .where('id', '=', row.id)
        .returningAll()
        .executeTakeFirstOrThrow();
      audit({
        action: 'file.receive',
        subjectKind: 'file',
        subjectId: file.id,
        facts: { name: row.name, digest, sizeBytes: stored.sizeBytes },
      });
      return uploadView(done);
    });
  }

  return {
    async create(context, upload) {
      const { organisationId, userId } = await requireAccess(context, 'signed_in');
      if (upload.sizeBytes > UPLOAD_BYTES_MAX) {
        throw tooLarge({ limitBytes: UPLOAD_BYTES_MAX });
      }
      await options.space.require(upload.sizeBytes);
      return write(context, async ({ transaction }) => {
        const row = await transaction
          .insertInto('kernel.upload')
          .values({
            id: options.newId(),
            organisation_id: organisationId,
            user_id: userId ?? '',
            name: upload.name,
            media_type: upload.mediaType ?? 'application/octet-stream',
            size_bytes: BigInt(upload.sizeBytes),
            digest: upload.digest ?? null,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return uploadView(row);
      });
    },
    async get(context, id) {
      await requireAccess(context, 'signed_in', { kind: 'upload', ids: [id] });
      return uploadView(await read(id));
    },
    async append(context, id, offset, bytes, expected) {
      await requireAccess(context, 'signed_in', { kind: 'upload', ids: [id] });
      if (busy.has(id)) throw conflict(finding('busy_upload', 'error', { at: { id } }));
      busy.add(id);
      try {
        const row = await read(id);
        const held = Number(row.offset_bytes);
        if (row.state === 'complete') return uploadView(row);
        if (offset !== held) {
          const facts = { expected: held, found: offset };
          throw conflict(finding('mismatched_offset', 'error', { facts }));
        }
        const isStored = await wasStored(row);
        if (!isStored && held < Number(row.size_bytes)) await options.space.require(0);
        const reached = isStored ? held : await receive(row, bytes, expected);
        if (reached < Number(row.size_bytes)) return uploadView(await read(id));
        return await complete(context, row, isStored);
      } finally {
        busy.delete(id);
      }
    },
    async remove(context, id) {
      await requireAccess(context, 'signed_in', { kind: 'upload', ids: [id] });
      if (busy.has(id)) throw conflict(finding('busy_upload', 'error', { at: { id } }));
      const { name } = await read(id);
      await write({ ...context, idempotency: undefined }, async ({ transaction, audit }) => {
        await transaction.deleteFrom('kernel.upload').where('id', '=', id).execute();
        audit({
          action: 'file.upload_ended',
          subjectKind: 'upload',
          subjectId: id,
          facts: { name },
        });
      });
      hashes.delete(id);
      await rm(pathFor(id), { force: true });
    },
    async clean() {
      const stale = await database
        .deleteFrom('kernel.upload')
        .where('updated_at', '<', new Date(options.now().getTime() - WEEK_MS))
        .where('state', '=', 'open')
        .returning('id')
        .execute();
      for (const { id } of stale) await rm(pathFor(id), { force: true });
      for (const name of await readdir(options.folder)) {
        const id = name.replace(/\.part$/, '');
        const known = await database
          .selectFrom('kernel.upload')
          .select('id')
          .where('id', '=', id)
          .where('state', '=', 'open')
          .executeTakeFirst();
        if (known === undefined) await rm(join(options.folder, name), { force: true });
      }
    },
  };
}

/** Both ends must have the same bytes before any of them count. */
function prove({ algorithm, digest }: ChunkHash, hash: Hash, offset: number): void {
  const found = hash.digest();
  if (found.equals(digest)) return;
  const facts = {
    expected: `${algorithm}:${Buffer.from(digest).toString('hex')}`,
    found: `${algorithm}:${found.toString('hex')}`,
  };
  throw conflict(finding('mismatched_hash', 'error', { facts, at: { offset } }));
}

function tooLarge(facts: Record<string, number>): Refusal {
  const findings = [finding('excessive_bytes', 'error', { facts })];
  return new Refusal('too_large', { findings });
}

type UploadRow = {
  readonly id: string;
  readonly name: string;
  readonly size_bytes: bigint;
  readonly offset_bytes: bigint;
  readonly state: string;
  readonly file_id: string | null;
  readonly updated_at: Date;
};

function uploadView(row: UploadRow): UploadView {
  return {
    id: row.id,
    name: row.name,
    sizeBytes: Number(row.size_bytes),
    offsetBytes: Number(row.offset_bytes),
    state: row.state === 'complete' ? 'complete' : 'open',
    fileId: row.file_id,
    expiresAt: new Date(row.updated_at.getTime() + WEEK_MS).toISOString(),
  };
}
