import { constants, type Stats } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  assert,
  type ByteSink,
  type ByteSource,
  type FolderEntry,
  type FolderReader,
  type FolderWriter,
} from '@yinglian/core';
import { foldedPath, nativePath, pathParts } from './paths.ts';

/** A path that leads outside its folder, through a link, or to something that is not a file. */
export class UnsafePathError extends Error {
  override readonly name = 'UnsafePathError';
}

/** Files one folder may list; a package has hundreds, a cinema's store some ten thousands. */
const ENTRIES_MAX = 200_000;
const DEPTH_MAX = 32;

/**
 * A file opened for reading at any place. Links at the end of the path are refused.
 * Each read returns its own array.
 */
export async function openFile(path: string): Promise<ByteSource> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ELOOP') throw new UnsafePathError('path is a link');
      throw error;
    },
  );
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw new UnsafePathError('path is not a file');
  }
  return {
    sizeBytes: stats.size,
    filePath: resolve(path),
    read: (offset, length) => readAt(handle, offset, Math.min(length, stats.size - offset)),
    readInto: (offset, target) => fillFrom(handle, offset, target),
    close: () => handle.close(),
  };
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  assert(Number.isSafeInteger(offset) && offset >= 0, 'an offset is a whole number, not negative');
  if (length <= 0) return new Uint8Array(0);
  // Filled before it is handed out, so the memory need not be cleared first.
  const buffer = Buffer.allocUnsafeSlow(length);
  const filled = await fillFrom(handle, offset, buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, filled);
}

/** Bytes read into `target`: all of it, or what is left of the file. */
async function fillFrom(handle: FileHandle, offset: number, target: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const left = target.length - filled;
    const { bytesRead } = await handle.read(target, filled, left, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Writes below this size are gathered: headers are written in many small pieces. */
const GATHER_BYTES = 256 * 1024;

export type FileSinkOptions = {
  /** Whether the bytes are forced to the disk before the name appears; true unless told. */
  readonly durable?: boolean;
};

/**
 * A file that appears under its name only when it is whole: written beside it under a temporary
 * name, forced to disk, then renamed over what was there. `abort` leaves nothing behind.
 */
export async function createFileSink(
  path: string,
  options: FileSinkOptions = {},
): Promise<ByteSink> {
  const folder = dirname(resolve(path));
  await mkdir(folder, { recursive: true });
  const temporary = join(
    folder,
    `.${basename(path).slice(0, 64)}.${randomBytes(6).toString('hex')}.part`,
  );
  const handle = await open(temporary, 'wx');
  return new FileSink({ handle, temporary, path, durable: options.durable ?? true });
}

type SinkFile = {
  readonly handle: FileHandle;
  readonly temporary: string;
  readonly path: string;
  readonly durable: boolean;
};

class FileSink implements ByteSink {
  readonly #file: SinkFile;
  #gathered = Buffer.allocUnsafeSlow(GATHER_BYTES);
  #gatheredBytes = 0;
  #writtenBytes = 0;
  #open = true;

  constructor(file: SinkFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(this.#open, 'a closed sink takes no bytes');
    if (this.#gatheredBytes + bytes.length > GATHER_BYTES) await this.#flush();
    if (bytes.length >= GATHER_BYTES) {
      await writeAll(this.#file.handle, bytes, this.#writtenBytes);
      this.#writtenBytes += bytes.length;
      return;
    }
    this.#gathered.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes += bytes.length;
  }

  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    assert(this.#open, 'a closed sink takes no bytes');
    await this.#flush();
    if (offset < 0 || offset + bytes.length > this.#writtenBytes) {
      throw new RangeError('patch beyond what was written');
    }
    await writeAll(this.#file.handle, bytes, offset);
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    const { handle, temporary, path, durable } = this.#file;
    try {
      await this.#flush();
      if (durable) await handle.sync();
      this.#open = false;
      await handle.close();
      await rename(temporary, path);
      if (durable) await syncFolder(dirname(resolve(path)));
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      await this.#file.handle.close();
    }
    await rm(this.#file.temporary, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    const bytes = this.#gathered.subarray(0, this.#gatheredBytes);
    await writeAll(this.#file.handle, bytes, this.#writtenBytes);
    this.#writtenBytes += bytes.length;
    this.#gatheredBytes = 0;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

/** A rename is durable only when its folder is; Windows cannot open folders and need not. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * A folder read by relative paths. Links are not followed anywhere below the folder: they are left
 * out of the list and refused on opening. A name that differs only in Unicode composition (as disks
 * that compose names return it) is still found.
 */
export function folderReader(folder: string): FolderReader {
  return {
    list: async () => {
      const entries: FolderEntry[] = [];
      await listInto(entries, resolve(folder), [], 0);
      return entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    },
    open: async (path) => {
      const parts = pathParts(path);
      if (parts === undefined) throw new UnsafePathError('path leads outside its folder');
      const found = await resolveInside(resolve(folder), parts);
      return found === undefined ? undefined : openFile(found);
    },
  };
}

async function listInto(
  entries: FolderEntry[],
  folder: string,
  parts: readonly string[],
  depth: number,
): Promise<void> {
  if (depth > DEPTH_MAX) throw new RangeError(`folders are nested deeper than ${DEPTH_MAX}`);
  for (const entry of await readdir(join(folder, nativePath(parts)), { withFileTypes: true })) {
    const inside = [...parts, entry.name];
    if (entry.isDirectory()) {
      await listInto(entries, folder, inside, depth + 1);
    } else if (entry.isFile()) {
      if (entries.length >= ENTRIES_MAX) throw new RangeError(`more than ${ENTRIES_MAX} files`);
      const { size } = await lstat(join(folder, nativePath(inside)));
      entries.push({ path: inside.join('/'), sizeBytes: size });
    }
  }
}

/** Walks part by part, so that no link on the way is followed. */
async function resolveInside(
  folder: string,
  parts: readonly string[],
): Promise<string | undefined> {
  let at = folder;
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const name = await nameInside(at, part);
    if (name === undefined) return undefined;
    at = join(at, name);
    const stats: Stats = await lstat(at);
    if (stats.isSymbolicLink()) throw new UnsafePathError('path leads through a link');
    if (last ? !stats.isFile() : !stats.isDirectory()) return undefined;
  }
  return at;
}

async function nameInside(folder: string, part: string): Promise<string | undefined> {
  const exists = await lstat(join(folder, part)).catch(() => undefined);
  if (exists !== undefined) return part;
  const wanted = part.normalize('NFC');
  if (wanted === part && !/[^\x00-\x7f]/.test(part)) return undefined;
  const names = await readdir(folder).catch(() => []);
  return names.find((name) => name.normalize('NFC') === wanted);
}

/**
 * A folder written by relative paths, made when it is missing. Two names that are one file on some
 * disk (case, composition) are refused, so that a package never depends on the disk it was made on.
 */
export function folderWriter(folder: string, options: FileSinkOptions = {}): FolderWriter {
  const spellings = new Map<string, string>();
  return {
    create: async (path) => {
      const parts = pathParts(path);
      if (parts === undefined) throw new UnsafePathError('path leads outside its folder');
      const known = spellings.get(foldedPath(path));
      if (known !== undefined && known !== path) {
        throw new UnsafePathError('two paths differ only in case or composition');
      }
      spellings.set(foldedPath(path), path);
      const root = resolve(folder);
      await mkdir(root, { recursive: true });
      await makeFolders(root, parts.slice(0, -1));
      const target = join(root, nativePath(parts));
      const existing = await lstat(target).catch(() => undefined);
      if (existing !== undefined && !existing.isFile()) {
        throw new UnsafePathError('path is a link or a folder');
      }
      return createFileSink(target, options);
    },
  };
}

async function makeFolders(root: string, parts: readonly string[]): Promise<void> {
  // The folder itself may be reached through a link, as temporary folders often are.
  let at = await realpath(root);
  for (const part of parts) {
    at = join(at, part);
    await mkdir(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(at)).isDirectory()) throw new UnsafePathError('path leads through a link');
  }
}
