import { lstatSync, readdirSync } from 'node:fs';
import { lstat, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ByteSink, ByteSource } from '@yinglian/core';
import { isScopedPath, type MediaTree, type TreeEntry } from '@yinglian/mhl';
import { createFileSink, openFile, UnsafePathError } from '@yinglian/host';
import type { HashPool } from './pool.ts';

/** Children asked for before others get their turn: waiting for each would take longer. */
const TURN_ENTRIES = 512;

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
    const entries: TreeEntry[] = [];
    for (const [index, name] of readdirSync(path).entries()) {
      if (index % TURN_ENTRIES === TURN_ENTRIES - 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const entry = readEntry(path, name);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  } catch {
    return undefined;
  }
}

/** A name that vanished in between is left out; one that is no UTF-8 is told, not lost. */
function readEntry(folder: string, name: string): TreeEntry | undefined {
  const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
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
