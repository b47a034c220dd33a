import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { clipText, type Finding, finding } from '@yinglian/core';
import { compareNames, isScopedPath } from '@yinglian/mhl';
import { foldedPath } from '@yinglian/host';
import { identityOf } from './identity.ts';
import type { SourceFile } from './model.ts';

/** A source as it is at one moment. */
export type SourceScan = {
  readonly files: readonly SourceFile[];
  /** Folders, outer ones first. */
  readonly folders: readonly string[];
  readonly sizeBytes: number;
  /** Pairs of names that some disk holds for one. */
  readonly collisions: readonly { readonly path: string; readonly other: string }[];
  readonly findings: readonly Finding[];
};

/** Entries looked at before others get their turn. */
const TURN_ENTRIES = 2000;
const DEPTH_MAX = 512;
const COLLISIONS_MAX = 1000;

/** Looks at everything below a folder, following no link, and leaves nothing out in silence. */
export async function scanSource(
  root: string,
  onProgress?: (fileCount: number, path: string) => void,
): Promise<SourceScan> {
  const files: SourceFile[] = [];
  const folders: string[] = [];
  const findings: Finding[] = [];
  const collisions: { path: string; other: string }[] = [];
  const pending: string[] = [''];
  let sizeBytes = 0;
  let entries = 0;
  const fault = (code: string, path: string, facts: Finding['facts']) =>
    findings.push(finding(code, 'error', { facts, at: { path: clipText(path) } }));
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const names = namesIn(join(root, folder), (reason) =>
      fault('unreadable_source', folder === '' ? '.' : folder!, { reason }),
    );
    const folded = new Map<string, string>();
    const inner: string[] = [];
    for (const name of names) {
      if (++entries % TURN_ENTRIES === 0) {
        onProgress?.(files.length, folder);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const path = folder === '' ? name : `${folder}/${name}`;
      const other = folded.get(foldedPath(name));
      if (other !== undefined && collisions.length < COLLISIONS_MAX)
        collisions.push({ path, other });
      folded.set(foldedPath(name), name);
      const stats = statOf(join(root, path));
      if (typeof stats === 'string') {
        const code = name.includes('\ufffd') ? 'unsupported_name' : 'unreadable_source';
        fault(code, path, { reason: stats });
      } else if (!isScopedPath(path)) {
        fault('unsupported_name', path, { reason: 'path' });
      } else if (stats.isDirectory()) {
        if (path.split('/').length > DEPTH_MAX)
          fault('unsupported_name', path, { reason: 'depth' });
        else inner.push(path);
      } else if (stats.isFile()) {
        const size = Number(stats.size);
        sizeBytes += size;
        const modifiedMs = Number(stats.mtimeNs / 1_000_000n);
        files.push({ path, sizeBytes: size, modifiedMs, identity: identityOf(stats) });
      } else {
        fault('uncopied_special_file', path, { kind: kindOf(stats) });
      }
    }
    folders.push(...inner);
    pending.push(...inner.toReversed());
  }
  return { files, folders, sizeBytes, collisions, findings };
}

function namesIn(folder: string, fail: (reason: string) => void): readonly string[] {
  try {
    return readdirSync(folder).sort(compareNames);
  } catch (error) {
    fail((error as NodeJS.ErrnoException).code ?? String(error));
    return [];
  }
}

function statOf(path: string): BigIntStats | string {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'pipe';
  if (stats.isSocket()) return 'socket';
  return 'device';
}
