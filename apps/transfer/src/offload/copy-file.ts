import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { equalBytes, toHex } from '@yinglian/core';
import type { HashAlgorithm } from '@yinglian/mhl';
import { openHash } from '../hashing/algorithms.ts';
import { hashFile, readThrough, releaseBuffers, takeBuffers } from '../hashing/hash-file.ts';
import { identityOf } from './identity.ts';

/** One file, to be read once and written to several places. */
export type CopyRequest = {
  readonly source: string;
  /** What the file was when the source was scanned. */
  readonly identity: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly algorithms: readonly HashAlgorithm[];
  readonly places: readonly CopyPlace[];
};

/** Where one copy goes. */
export type CopyPlace = {
  /** The number of its target. */
  readonly target: number;
  /** Where it is written; on the same disk as `path`. */
  readonly part: string;
  /** Its name, which appears only when the copy is whole and verified. */
  readonly path: string;
};

/** What became of one copy. */
export type PlaceResult =
  | {
      readonly target: number;
      readonly copied: boolean;
      readonly direct: boolean;
      readonly identity: string;
    }
  | {
      readonly target: number;
      /** Code of the finding. */
      readonly failed: string;
      readonly reason: string;
      readonly facts?: Readonly<Record<string, string>>;
    };

/** What became of one file. */
export type CopyResult =
  | {
      readonly digests: Readonly<Partial<Record<HashAlgorithm, Uint8Array>>>;
      readonly places: readonly PlaceResult[];
    }
  | { readonly failed: 'changed' | 'unreadable' | 'cancelled'; readonly reason: string };

/** Opens files: a seam for tests that make disks fail. */
export type OpenFile = (path: string, flags: string | number) => Promise<FileHandle>;

/** What a copy is watched by. */
export type CopyOptions = {
  readonly cancelled: () => boolean;
  readonly onBytes?: (bytes: number) => void;
  readonly openFile?: OpenFile;
};

type Writer = { readonly place: CopyPlace; readonly handle: FileHandle; lost: unknown };

/**
 * Reads a file once, hashing it on the way, and writes it to every place that does not have it;
 * forces it to the disks, reads it back, and only then gives it its name. A place that has a file
 * of that name keeps it: it is held against the hash, never written.
 */
export async function copyFile(request: CopyRequest, options: CopyOptions): Promise<CopyResult> {
  const results: PlaceResult[] = [];
  const writers: Writer[] = [];
  let source: FileHandle | undefined;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
    source = await (options.openFile ?? open)(request.source, flags);
    if ((await identity(source)) !== request.identity) return changed('before it was read');
    const present = await Promise.all(request.places.map(({ path }) => isThere(path)));
    const absent = request.places.filter((_, i) => present[i] === false);
    for (const place of absent) await openPart(place, writers, results, options);
    const hashes = await Promise.all(request.algorithms.map(openHash));
    const read = await pour(source, request, writers, hashes, options);
    if (options.cancelled()) return { failed: 'cancelled', reason: '' };
    if (read !== request.sizeBytes || (await identity(source)) !== request.identity) {
      return changed('while it was read');
    }
    const digests: Partial<Record<HashAlgorithm, Uint8Array>> = {};
    request.algorithms.forEach((each, i) => (digests[each] = hashes[i]!.digest()));
    const kept = request.places.filter((_, i) => present[i] === true);
    const finished = await Promise.all([
      ...writers.map((writer) => finish(writer, request, digests, options)),
      ...kept.map((place) => holdAgainst(place, request, digests, options)),
    ]);
    return { digests, places: [...results, ...finished] };
  } catch (error) {
    return { failed: 'unreadable', reason: reasonOf(error) };
  } finally {
    await source?.close().catch(() => undefined);
    for (const { handle, place } of writers) {
      await handle.close().catch(() => undefined);
      await unlink(place.part).catch(() => undefined);
    }
  }
}

function changed(reason: string): CopyResult {
  return { failed: 'changed', reason };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

async function identity(handle: FileHandle): Promise<string> {
  return identityOf(await handle.stat({ bigint: true }));
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function openPart(
  place: CopyPlace,
  writers: Writer[],
  results: PlaceResult[],
  options: CopyOptions,
): Promise<void> {
  try {
    await unlink(place.part).catch(() => undefined);
    const handle = await (options.openFile ?? open)(place.part, 'wx');
    writers.push({ place, handle, lost: undefined });
  } catch (error) {
    results.push({ target: place.target, failed: 'failed_copy', reason: reasonOf(error) });
  }
}

/** Disks write while the hash is computed and the next piece is read. */
async function pour(
  source: FileHandle,
  { sizeBytes }: CopyRequest,
  writers: readonly Writer[],
  hashes: readonly { update(bytes: Uint8Array): void }[],
  options: CopyOptions,
): Promise<number> {
  const buffers = takeBuffers(sizeBytes);
  try {
    return await readThrough(source, buffers, {
      sizeBytes,
      cancelled: options.cancelled,
      take: async (bytes, offset) => {
        const writing = writers.map(async (writer) => {
          if (writer.lost !== undefined) return;
          try {
            await writeAll(writer.handle, bytes, offset);
          } catch (error) {
            writer.lost = error;
          }
        });
        for (const hash of hashes) hash.update(bytes);
        await Promise.all(writing);
        options.onBytes?.(bytes.length);
      },
    });
  } finally {
    releaseBuffers(buffers);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    if (bytesWritten === 0) throw new Error('nothing was written');
    done += bytesWritten;
  }
}

type Digests = Partial<Record<HashAlgorithm, Uint8Array>>;

async function finish(
  writer: Writer,
  request: CopyRequest,
  digests: Digests,
  options: CopyOptions,
): Promise<PlaceResult> {
  const { place, handle } = writer;
  const { target } = place;
  try {
    if (writer.lost !== undefined) throw writer.lost;
    const seconds = request.modifiedMs / 1000;
    await handle.utimes(seconds, seconds);
    await handle.sync();
    await handle.close();
    const checked = await readBack(place.part, target, request, digests, options);
    if ('failed' in checked) return checked;
    const shown = await show(place);
    if (!shown) return { target, failed: 'existing_different_file', reason: 'EEXIST' };
    const stats = await lstat(place.path, { bigint: true });
    return { target, copied: true, direct: checked.direct, identity: identityOf(stats) };
  } catch (error) {
    return { target, failed: 'failed_copy', reason: reasonOf(error) };
  }
}

/** A file that was there already is good when it is the same file. */
async function holdAgainst(
  { path, target }: CopyPlace,
  request: CopyRequest,
  digests: Digests,
  options: CopyOptions,
): Promise<PlaceResult> {
  const checked = await readBack(path, target, request, digests, options);
  if ('failed' in checked) {
    const { failed } = checked;
    const other = failed === 'mismatched_copy';
    return other ? { target, failed: 'existing_different_file', reason: path } : checked;
  }
  const stats = await lstat(path, { bigint: true });
  return { target, copied: false, direct: checked.direct, identity: identityOf(stats) };
}

/** Reads a copy again, past the cache where the system can, and compares. */
async function readBack(
  path: string,
  target: number,
  request: CopyRequest,
  digests: Digests,
  options: CopyOptions,
): Promise<{ readonly direct: boolean } | Extract<PlaceResult, { failed: string }>> {
  const hashed = await hashFile(path, request.algorithms, {
    direct: true,
    cancelled: options.cancelled,
  });
  if ('failed' in hashed) return { target, failed: 'failed_copy', reason: hashed.reason };
  for (const each of request.algorithms) {
    const [expected, found] = [digests[each]!, hashed.digests[each]!];
    if (hashed.sizeBytes === request.sizeBytes && equalBytes(expected, found)) continue;
    const facts = { format: each, expected: toHex(expected), found: toHex(found) };
    return { target, failed: 'mismatched_copy', reason: '', facts };
  }
  return { direct: hashed.direct };
}

/**
 * Gives the copy its name, which must be free: a second name is made and the first removed, as a
 * renaming would overwrite. Disks without second names (exFAT) are asked first instead.
 */
async function show({ part, path }: CopyPlace): Promise<boolean> {
  try {
    await link(part, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT' || code === 'ENOSPC' || code === 'EROFS' || code === 'EIO') throw error;
    if (await isThere(path)) return false;
    await rename(part, path);
    return true;
  }
  await unlink(part);
  return true;
}
