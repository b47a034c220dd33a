import { lstat, opendir, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ByteSink, ByteSource } from '@yinglian/core';
import { isScopedPath, type MediaTree, type TreeEntry } from '@yinglian/mhl';
import { createFileSink, openFile, UnsafePathError } from '@yinglian/host';
import type { HashPool } from './pool.ts';

/** Children asked for at once: each costs a call to the disk. */
const STAT_GROUP = 64;

/**
 * A folder of this machine as hash lists see it. Names are kept byte for byte; links are told and
 * never followed.
 */
export function diskTree(folder: string, pool: Pick<HashPool, 'hash' | 'parallel'>): MediaTree {
  const root = resolve(folder);
  const inside = (path: string): string => {
    if (path !== '' && !isScopedPath(path)) throw new UnsafePathError('path leaves its folder');
    return join(root, path);
  };
  return {
    name: basename(root),
    parallel: pool.parallel,
    entries: (path) => readFolder(inside(path), path === ''),
    open: (path) => openExisting(inside(path)),
    create: async (path): Promise<ByteSink> => {
      const target = inside(path);
      const existing = await lstat(target).catch(() => undefined);
      if (existing !== undefined) throw new UnsafePathError('there is a file of that name');
      return createFileSink(target);
    },
    replace: (path) => createFileSink(inside(path)),
    rename: async (from, to) => {
      const existing = await lstat(inside(to)).catch(() => undefined);
      if (existing !== undefined) throw new UnsafePathError('there is a file of that name');
      await rename(inside(from), inside(to));
    },
    hash: (path, algorithms, options) => pool.hash(inside(path), algorithms, options),
  };
}

async function openExisting(path: string): Promise<ByteSource | undefined> {
  try {
    return await openFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function readFolder(
  path: string,
  isRoot: boolean,
): Promise<readonly TreeEntry[] | undefined> {
  try {
    // The root may be reached through a link, as volumes often are; nothing below it may.
    if (!isRoot && (await lstat(path)).isSymbolicLink()) return undefined;
    const names: string[] = [];
    for await (const { name } of await opendir(path, { bufferSize: STAT_GROUP })) names.push(name);
    const entries: TreeEntry[] = [];
    for (let at = 0; at < names.length; at += STAT_GROUP) {
      const group = names.slice(at, at + STAT_GROUP).map((name) => readEntry(path, name));
      for (const entry of await Promise.all(group)) if (entry !== undefined) entries.push(entry);
    }
    return entries;
  } catch {
    return undefined;
  }
}

/** A name that vanished in between is left out; one that is no UTF-8 is told, not lost. */
async function readEntry(folder: string, name: string): Promise<TreeEntry | undefined> {
  const stats = await lstat(join(folder, name)).catch(() => undefined);
  if (stats === undefined) {
    return name.includes('\ufffd')
      ? { name, kind: 'other', sizeBytes: 0, modifiedMs: 0 }
      : undefined;
  }
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'folder'
      : stats.isSymbolicLink()
        ? 'link'
        : 'other';
  return { name, kind, sizeBytes: stats.size, modifiedMs: Math.floor(stats.mtimeMs) };
}
