import { lstat, readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { isLeftBySystem } from '@yinglian/offload';

/** What is still being copied into the folder. */
const UNFINISHED = /\.part$/i;
/** A file that was written this recently may be written still. */
const SETTLED_MS = 10_000;

/** A file as it lay on the disk. */
export type FoundFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
};

/** The files of a folder, and what in it is not sent: links and what systems leave behind. */
export type FoundFolder = {
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly string[];
};

/** One file as a roll of its own. */
export async function fileAt(path: string): Promise<FoundFolder> {
  const { size, mtimeMs } = await lstat(path);
  const file = { path: basename(path), sizeBytes: size, modifiedMs: Math.floor(mtimeMs) };
  return { files: [file], leftOut: [] };
}

/** All files below a folder by their paths with `/`; links are left alone, as a roll has none. */
export async function filesBelow(root: string): Promise<FoundFolder> {
  const files: FoundFile[] = [];
  const leftOut: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const each of await readdir(folder, { withFileTypes: true })) {
      const place = join(folder, each.name);
      const path = relative(root, place).split(sep).join('/');
      const isLeft = isLeftBySystem(each.name) || UNFINISHED.test(each.name);
      if (isLeft || !(each.isDirectory() || each.isFile())) {
        leftOut.push(path);
        continue;
      }
      if (each.isDirectory()) {
        waiting.push(place);
        continue;
      }
      const stats = await lstat(place).catch(() => undefined);
      if (stats === undefined) continue;
      files.push({ path, sizeBytes: stats.size, modifiedMs: Math.floor(stats.mtimeMs) });
    }
  }
  const byPath = (a: FoundFile, b: FoundFile) => (a.path < b.path ? -1 : 1);
  return { files: files.toSorted(byPath), leftOut: leftOut.toSorted() };
}

/**
 * Tells files that are written no more. A time of the file that lies ahead (a camera's clock) says
 * nothing, so such a file is settled once it has stayed the same while it was watched.
 */
export function settling(): (file: FoundFile, nowMs: number) => boolean {
  const seen = new Map<string, { sizeBytes: number; modifiedMs: number; sinceMs: number }>();
  return ({ path, sizeBytes, modifiedMs }, nowMs) => {
    if (modifiedMs <= nowMs) return nowMs - modifiedMs >= SETTLED_MS;
    const before = seen.get(path);
    if (before?.sizeBytes === sizeBytes && before.modifiedMs === modifiedMs) {
      return nowMs - before.sinceMs >= SETTLED_MS;
    }
    seen.set(path, { sizeBytes, modifiedMs, sinceMs: nowMs });
    return false;
  };
}

/**
 * Whether a folder is another one than was sent from this place before: cards are mounted in turn
 * under one name. It is another when nothing that was sent is there as it was; an emptied watch
 * folder, of whose files none is there at all, is still the same.
 */
export function isOtherFolder(
  sent: Readonly<Record<string, Omit<FoundFile, 'path'>>>,
  found: readonly FoundFile[],
  watching: boolean,
): boolean {
  if (Object.keys(sent).length === 0 || found.length === 0) return false;
  const there = found.filter(({ path }) => Object.hasOwn(sent, path));
  if (there.length === 0) return !watching;
  return there.every(({ path, sizeBytes, modifiedMs }) => {
    const before = sent[path]!;
    return before.sizeBytes !== sizeBytes || before.modifiedMs !== modifiedMs;
  });
}
