import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { RunningHash } from '@yinglian/core';
import type { FileDigests, HashAlgorithm, HashFailure } from '@yinglian/mhl';
import { alignedBuffer } from './aligned.ts';
import { openHash } from './algorithms.ts';

/** Two of them are in turn: one is read into while the other is hashed. */
export const READ_BYTES = 4 * 1024 * 1024;
/** A piece that stays in the cache of a core from being read to being hashed. */
const IN_TURN_BYTES = 512 * 1024;
/** Files up to this size are read at once, in a small buffer. */
const SMALL_BYTES = 256 * 1024;

/** How a file is read. */
export type HashFileOptions = {
  /** Past the cache, from the medium, where the system can. */
  readonly direct?: boolean;
  /** Nothing else happens in this thread: it may wait for the disk itself. */
  readonly alone?: boolean;
  readonly cancelled: () => boolean;
  readonly onBytes?: (bytes: number) => void;
};

/** What came of it; `direct` says whether the bytes really came past the cache. */
export type HashedFile = FileDigests & { readonly direct: boolean };

/** Two buffers of one size. */
export type Buffers = readonly [Uint8Array, Uint8Array];

/** Buffers that nobody reads into at the moment, by their size. */
const idle = new Map<number, Buffers[]>();

/** Buffers for a file of this size; give them back with {@link releaseBuffers}. */
export function takeBuffers(sizeBytes: number): Buffers {
  const length = sizeBytes <= SMALL_BYTES ? SMALL_BYTES : READ_BYTES;
  return idle.get(length)?.pop() ?? [alignedBuffer(length), alignedBuffer(length)];
}

/** Gives buffers to the next file. */
export function releaseBuffers(buffers: Buffers): void {
  const { length } = buffers[0];
  const others = idle.get(length);
  if (others === undefined) idle.set(length, [buffers]);
  else others.push(buffers);
}

/** One reading of a file through all algorithms; links are refused, a change on the way is told. */
export async function hashFile(
  path: string,
  algorithms: readonly HashAlgorithm[],
  options: HashFileOptions,
): Promise<HashedFile | HashFailure> {
  let handle: FileHandle | undefined;
  try {
    if (statSync(path).size <= SMALL_BYTES) return await hashSmall(path, algorithms, options);
    const opened = await openForReading(path, options.direct === true);
    handle = opened.handle;
    const before = await handle.stat();
    if (!before.isFile()) return { failed: 'unreadable', reason: 'not a file' };
    const hashes = await Promise.all(algorithms.map(openHash));
    // Through the cache the system reads ahead by itself, and bytes that another thread has read
    // have to travel between two cores.
    const isInTurn = options.alone === true && !opened.direct;
    const read = isInTurn
      ? feedInTurn(handle.fd, before.size, hashes, options)
      : await feed(handle, before.size, hashes, options);
    if (options.cancelled()) return { failed: 'unreadable', reason: 'cancelled' };
    const after = await handle.stat();
    if (read !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      return { failed: 'changed', reason: `${before.size} bytes, then ${after.size}` };
    }
    const digests: Partial<Record<HashAlgorithm, Uint8Array>> = {};
    algorithms.forEach((each, i) => (digests[each] = hashes[i]!.digest()));
    const modifiedMs = Math.floor(before.mtimeMs);
    return { digests, sizeBytes: before.size, modifiedMs, direct: opened.direct };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { failed: code === 'ENOENT' ? 'missing' : 'unreadable', reason: code ?? message };
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/**
 * The same for a small file, without waiting for anybody: handing it to another thread and back
 * costs ten times what reading it does.
 */
async function hashSmall(
  path: string,
  algorithms: readonly HashAlgorithm[],
  { direct = false, onBytes }: HashFileOptions,
): Promise<HashedFile | HashFailure> {
  const hashes = await Promise.all(algorithms.map(openHash));
  const buffers = takeBuffers(0);
  const opened = openSmall(path, direct, buffers[0]);
  try {
    const before = fstatSync(opened.descriptor);
    if (!before.isFile()) return { failed: 'unreadable', reason: 'not a file' };
    const read = readAllSync(opened.descriptor, buffers[0], before.size);
    const bytes = buffers[0].subarray(0, read);
    for (const hash of hashes) hash.update(bytes);
    onBytes?.(read);
    const after = fstatSync(opened.descriptor);
    if (read !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      return { failed: 'changed', reason: `${before.size} bytes, then ${after.size}` };
    }
    const digests: Partial<Record<HashAlgorithm, Uint8Array>> = {};
    algorithms.forEach((each, i) => (digests[each] = hashes[i]!.digest()));
    const modifiedMs = Math.floor(before.mtimeMs);
    return { digests, sizeBytes: before.size, modifiedMs, direct: opened.direct };
  } finally {
    closeSync(opened.descriptor);
    releaseBuffers(buffers);
  }
}

/** Network disks may give less than asked for; past the cache only the end does. */
function readAllSync(descriptor: number, buffer: Uint8Array, sizeBytes: number): number {
  let filled = 0;
  while (filled < sizeBytes) {
    const read = readSync(descriptor, buffer, filled, SMALL_BYTES - filled, filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

function openSmall(path: string, direct: boolean, buffer: Uint8Array) {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  if (direct && constants.O_DIRECT !== undefined) {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, flags | constants.O_DIRECT);
      readSync(descriptor, buffer, 0, SMALL_BYTES, 0);
      return { descriptor, direct: true };
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EINVAL' && code !== 'EOPNOTSUPP') throw error;
    }
  }
  return { descriptor: openSync(path, flags), direct: false };
}

/** A handle that reads past the cache where that was asked for and the system can. */
export async function openForReading(
  path: string,
  direct: boolean,
): Promise<{ readonly handle: FileHandle; readonly direct: boolean }> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  const past = constants.O_DIRECT;
  if (direct && past !== undefined) {
    const handle = await open(path, flags | past).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EINVAL' || error.code === 'EOPNOTSUPP') return undefined;
      throw error;
    });
    if (handle !== undefined) {
      // Some file systems open so and refuse to read so: ask before it matters.
      const buffers = takeBuffers(0);
      const works = await handle.read(buffers[0], 0, SMALL_BYTES, 0).catch(() => undefined);
      releaseBuffers(buffers);
      if (works !== undefined) return { handle, direct: true };
      await handle.close();
    }
  }
  return { handle: await open(path, flags), direct: false };
}

/** Reads a piece, hashes it while it is in the cache of the core, and goes on. */
function feedInTurn(
  descriptor: number,
  sizeBytes: number,
  hashes: readonly RunningHash[],
  options: HashFileOptions,
): number {
  const buffers = takeBuffers(sizeBytes);
  try {
    let offset = 0;
    while (offset < sizeBytes && !options.cancelled()) {
      const read = readSync(descriptor, buffers[0], 0, IN_TURN_BYTES, offset);
      if (read === 0) break;
      const bytes = buffers[0].subarray(0, read);
      for (const hash of hashes) hash.update(bytes);
      options.onBytes?.(read);
      offset += read;
    }
    return offset;
  } finally {
    releaseBuffers(buffers);
  }
}

async function feed(
  handle: FileHandle,
  sizeBytes: number,
  hashes: readonly RunningHash[],
  options: HashFileOptions,
): Promise<number> {
  const buffers = takeBuffers(sizeBytes);
  try {
    return await readThrough(handle, buffers, {
      sizeBytes,
      cancelled: options.cancelled,
      take: (bytes) => {
        for (const hash of hashes) hash.update(bytes);
        options.onBytes?.(bytes.length);
      },
    });
  } finally {
    releaseBuffers(buffers);
  }
}

/** What {@link readThrough} does with what it reads. */
export type ReadThroughOptions = {
  readonly sizeBytes: number;
  readonly cancelled: () => boolean;
  /** Bytes in order; they may be overwritten as soon as what it returned is done. */
  readonly take: (bytes: Uint8Array, offset: number) => void | Promise<void>;
};

/**
 * A file from its beginning to its end, the next piece being read while one is worked on. Answers
 * with the bytes it got, which are fewer than were told when the file shrank.
 */
export async function readThrough(
  handle: FileHandle,
  buffers: Buffers,
  options: ReadThroughOptions,
): Promise<number> {
  const { sizeBytes } = options;
  const { length } = buffers[0];
  const start = (index: number, offset: number) => {
    const reading = fill(handle, buffers[index]!, length, offset);
    reading.catch(() => undefined);
    return reading;
  };
  let offset = 0;
  let current = 0;
  let next = start(0, 0);
  while (offset < sizeBytes) {
    const filled = await next;
    if (filled === 0) return offset;
    const end = offset + filled >= sizeBytes;
    if (!end) next = start(1 - current, offset + filled);
    try {
      await options.take(buffers[current]!.subarray(0, filled), offset);
    } catch (error) {
      if (!end) await next.catch(() => undefined);
      throw error;
    }
    offset += filled;
    if (!end && options.cancelled()) {
      await next.catch(() => undefined);
      return offset;
    }
    current = 1 - current;
  }
  await next;
  return offset;
}

/** Reads until the buffer is full or the file ends, before which no read stops at an odd place. */
async function fill(
  handle: FileHandle,
  buffer: Uint8Array,
  length: number,
  offset: number,
): Promise<number> {
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    filled += bytesRead;
    if (bytesRead === 0 || bytesRead % SECTOR_BYTES !== 0) break;
  }
  return filled;
}

/** Reading past the cache goes by these; a read that ends elsewhere has met the end of the file. */
const SECTOR_BYTES = 512;
