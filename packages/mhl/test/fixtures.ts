import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diskTree, hashFile, loadHashing } from '@yinglian/transfer';
import type { CreateOptions, MediaTree } from '../src/index.ts';

/** Shared fixtures, beside the repository; tests that need them skip where they are absent. */
export const COLLAB = fileURLToPath(new URL('../../../../shared/fixtures/collab', import.meta.url));
export const hasFixtures = existsSync(COLLAB);
if (!hasFixtures) process.stderr.write(`skipped: no fixtures at ${COLLAB}\n`);

export const hashing = await loadHashing();

/** Hashes in this thread: tests have small files. */
export const inline = {
  parallel: 4,
  hash: (path: string, algorithms: Parameters<typeof hashFile>[1]) =>
    hashFile(path, algorithms, { cancelled: () => false }),
};

const folders: string[] = [];

/** A folder of its own for one test, removed by {@link removeFolders}. */
export function newFolder(name = 'CARD'): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'yinglian-mhl-')), name);
  mkdirSync(folder);
  folders.push(dirname(folder));
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A copy of a fixture folder, so that nothing is ever written into the fixtures. */
export function copyOf(...parts: readonly string[]): string {
  const source = join(COLLAB, ...parts);
  const folder = newFolder(parts.at(-1));
  cpSync(source, folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

/** Files below a folder, by relative path. */
export function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export const treeOf = (folder: string): MediaTree => diskTree(folder, inline);

/** 2026-01-01T00:00:00Z, and a second more at each call. */
let seconds = 0;
export const START = Date.UTC(2026, 0, 1);
export function createOptions(more: Partial<CreateOptions> = {}): CreateOptions {
  const startedAt = START + 1000 * seconds++;
  return {
    formats: ['xxh64'],
    creator: {
      creationDate: new Date(startedAt).toISOString().replace('.000Z', '+00:00'),
      hostname: 'test',
      tool: { name: 'yinglian', version: '0.1.0' },
      authors: [],
    },
    startedAt,
    now: () => startedAt,
    ...more,
  };
}
