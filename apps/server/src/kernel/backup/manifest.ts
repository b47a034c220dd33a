import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { finding, type Finding } from '@yinglian/core';

/** What a backup holds, with the hash of each file: a restore believes nothing else. */
export type Manifest = {
  readonly format: 1;
  readonly kind: 'base' | 'logical';
  readonly release: string;
  readonly databaseVersion: string;
  readonly takenAt: string;
  readonly files: readonly ManifestFile[];
  /** Objects that stay in their bucket; empty where they are among the files. */
  readonly objectsElsewhere: readonly string[];
  /** Of a logical export: the rows of each table, in the order of their import. */
  readonly tables: readonly ManifestTable[];
};
export type ManifestFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};
export type ManifestTable = { readonly name: string; readonly rows: number; readonly path: string };

const MANIFEST_FILE = 'manifest.json';

/** Copies one file and gives its entry; undefined when the file went away meanwhile. */
export async function copyInto(
  from: string,
  root: string,
  path: string,
): Promise<ManifestFile | undefined> {
  const to = join(root, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  try {
    await copyFile(from, to);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  return entryOf(root, path);
}

/** The entry of a file that stands in the backup already; its bytes are made durable. */
export async function entryOf(root: string, path: string): Promise<ManifestFile> {
  const entry = await hashed(root, path);
  const file = await open(join(root, path), 'r');
  await file.sync();
  await file.close();
  return entry;
}

async function hashed(root: string, path: string): Promise<ManifestFile> {
  const full = join(root, path);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(full, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Uint8Array);
    sizeBytes += (chunk as Uint8Array).length;
  }
  return { path, sizeBytes, sha256: hash.digest('hex') };
}

export async function writeManifest(root: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  await writeFile(join(root, MANIFEST_FILE), text, { mode: 0o600, flush: true });
}

/** Reads the manifest and compares every file with it. */
export async function readManifest(
  root: string,
): Promise<{ readonly manifest: Manifest | undefined; readonly findings: readonly Finding[] }> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(root, MANIFEST_FILE), 'utf8')) as Manifest;
  } catch {
    return { manifest: undefined, findings: [finding('missing_manifest', 'error')] };
  }
  if (manifest.format !== 1 || !Array.isArray(manifest.files)) {
    return { manifest: undefined, findings: [finding('invalid_manifest', 'error')] };
  }
  const findings: Finding[] = [];
  await inParallel(manifest.files, async (each) => {
    const at = { path: each.path };
    if (each.path.split('/').includes('..') || each.path.startsWith('/')) {
      findings.push(finding('invalid_path', 'error', { at }));
      return;
    }
    const found = await hashed(root, each.path).catch(() => undefined);
    if (found === undefined) findings.push(finding('missing_file', 'error', { at }));
    else if (found.sha256 !== each.sha256) {
      findings.push(finding('mismatched_hash', 'error', { at }));
    }
  });
  return { manifest, findings };
}

/** All files below a folder, as relative paths with `/`, folders that vanish left out. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (at: string): Promise<void> => {
    const names = await readdir(at).catch(() => [] as string[]);
    for (const name of names.toSorted()) {
      const path = join(at, name);
      const each = await lstat(path).catch(() => undefined);
      if (each?.isDirectory() === true) await visit(path);
      else if (each?.isFile() === true) found.push(relative(folder, path).split(sep).join('/'));
    }
  };
  await visit(folder);
  return found;
}

/** All folders below a folder: PostgreSQL needs its empty ones too. */
export async function foldersBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory()) continue;
      const path = join(at, entry.name);
      found.push(relative(folder, path).split(sep).join('/'));
      await visit(path);
    }
  };
  await visit(folder);
  return found;
}

const PARALLEL_FILES = 16;

/** Small files wait for the disk most of the time, so several go at once. */
export async function inParallel<Item>(
  items: readonly Item[],
  action: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await action(item);
  };
  await Promise.all(Array.from({ length: PARALLEL_FILES }, worker));
}
