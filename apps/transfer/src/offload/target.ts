import { writeSync } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  statfs,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Finding, finding, fromHex, toHex } from '@yinglian/core';
import { type HashAlgorithm, HISTORY_FOLDER } from '@yinglian/mhl';
import { isLeftBySystem } from '@yinglian/offload';
import { foldedPath } from '@yinglian/host';
import { identityOf } from './identity.ts';
import type { SourceScan } from './scan.ts';

/** What an earlier run finished, believed only while both files are what they were. */
type Line = {
  readonly path: string;
  readonly source: string;
  readonly copy: string;
  readonly direct: boolean;
  readonly digests: Readonly<Record<string, string>>;
};

/** A file that does not have to be copied again. */
export type FinishedCopy = {
  readonly direct: boolean;
  readonly digests: Readonly<Partial<Record<HashAlgorithm, Uint8Array>>>;
};

/** One target of an offload, locked for it. */
export type OffloadTarget = {
  readonly index: number;
  /** The folder that receives the copy. */
  readonly folder: string;
  readonly partOf: (file: number) => string;
  readonly device: string;
  /** Whether names that differ in case, or in composition, are two files here. */
  readonly keepsNames: boolean;
  /** Why it takes no more files. */
  lost: Finding | undefined;
  /** Files that are not here although they should be. */
  failedCount: number;
  doneCount: number;
  doneBytes: number;
  cachedCount: number;
  finished(path: string, source: string): Promise<FinishedCopy | undefined>;
  note(line: Line): void;
  /** The manifest that an earlier run wrote before it was cut off. */
  readonly manifest: { readonly path: string; readonly c4: string } | undefined;
  noteManifest(path: string, c4: string): void;
  /** Ends the offload here: with `done` nothing of it is left but the copy. */
  release(done: boolean): Promise<void>;
};

/** Room that a disk needs besides the files: folders, manifests, reports. */
const SPARE_BYTES = 16 * 1024 * 1024;

/** A target, or why it cannot be one. */
export async function openTarget(
  parent: string,
  name: string,
  index: number,
): Promise<OffloadTarget | Finding> {
  const given = resolve(parent);
  const unusable = (reason: string) =>
    finding('unusable_target', 'error', { facts: { reason }, at: { folder: given } });
  try {
    await mkdir(given).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const root = await realpath(given);
    const folder = join(root, name);
    const staging = join(root, `.${name}.yinglian-offload`);
    await mkdir(join(staging, 'parts'), { recursive: true });
    const owner = await lock(join(staging, 'lock'));
    if (owner !== undefined) {
      return finding('busy_target', 'error', { facts: { owner }, at: { folder: given } });
    }
    for (const left of await readdir(join(staging, 'parts'))) {
      await rm(join(staging, 'parts', left), { force: true });
    }
    await makeFolder(folder);
    const keepsNames = await probeNames(staging);
    const { dev } = await stat(root, { bigint: true });
    return await withJournal({ index, folder, staging, device: String(dev), keepsNames });
  } catch (error) {
    return unusable((error as NodeJS.ErrnoException).code ?? String(error));
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (!(await lstat(path)).isDirectory()) throw new Error('not a folder');
}

/** Undefined when the lock is ours, else who has it. One of a dead process counts for nothing. */
async function lock(path: string): Promise<string | undefined> {
  const mine = `${process.pid}@${hostname()}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readFile(path, 'utf8').catch(() => '');
    const [pid, host] = owner.split('@');
    if (owner !== '' && owner !== mine && (host !== hostname() || isAlive(Number(pid))))
      return owner;
    await unlink(path).catch(() => undefined);
  }
  return 'unknown';
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tries it out: a disk that ignores case or composes names finds one file under both names. */
async function probeNames(staging: string): Promise<boolean> {
  const made = join(staging, 'probe-\u00e9');
  await writeFile(made, '');
  const others = [join(staging, 'PROBE-\u00c9'), join(staging, 'probe-e\u0301')];
  const found = await Promise.all(others.map((each) => lstat(each).catch(() => undefined)));
  await unlink(made);
  return found.every((each) => each === undefined);
}

type Opened = Pick<OffloadTarget, 'index' | 'folder' | 'device' | 'keepsNames'> & {
  readonly staging: string;
};

async function withJournal(opened: Opened): Promise<OffloadTarget> {
  const { index, folder, staging, device, keepsNames } = opened;
  const path = join(staging, 'journal.jsonl');
  const text = await readFile(path, 'utf8').catch(() => '');
  const known = new Map<string, Line>();
  let manifest: OffloadTarget['manifest'];
  for (const line of text.split('\n')) {
    const read = parse(line);
    if (read === undefined) continue;
    if ('manifest' in read) manifest = { path: read.manifest, c4: read.c4 };
    else known.set(read.path, read);
  }
  const journal: FileHandle = await open(path, 'a');
  if (text !== '' && !text.endsWith('\n')) await journal.write('\n');
  return {
    index,
    folder,
    device,
    keepsNames,
    partOf: (file) => join(staging, 'parts', `${file}.part`),
    lost: undefined,
    failedCount: 0,
    doneCount: 0,
    doneBytes: 0,
    cachedCount: 0,
    manifest,
    finished: async (file, source) => {
      const line = known.get(file);
      if (line === undefined || line.source !== source) return undefined;
      const stats = await lstat(join(folder, file), { bigint: true }).catch(() => undefined);
      if (stats === undefined || identityOf(stats) !== line.copy) return undefined;
      const digests = Object.entries(line.digests).map(([name, hex]) => [name, fromHex(hex)]);
      return { direct: line.direct, digests: Object.fromEntries(digests) };
    },
    note: (line) => void writeSync(journal.fd, `${JSON.stringify(line)}\n`),
    noteManifest: (at, c4) =>
      void writeSync(journal.fd, `${JSON.stringify({ manifest: at, c4 })}\n`),
    release: async (done) => {
      await journal.sync().catch(() => undefined);
      await journal.close().catch(() => undefined);
      if (done) await rm(staging, { recursive: true, force: true });
      else await rm(join(staging, 'lock'), { force: true });
    },
  };
}

function parse(text: string): Line | { manifest: string; c4: string } | undefined {
  if (text === '') return undefined;
  try {
    const read = JSON.parse(text) as Line & { manifest?: string; c4?: string };
    if (typeof read.manifest === 'string' && typeof read.c4 === 'string') {
      return { manifest: read.manifest, c4: read.c4 };
    }
    const hashes = Object.values(read.digests);
    const valid = hashes.every((each) => /^(?:[0-9a-f]{2})+$/.test(each));
    return typeof read.path === 'string' && valid ? read : undefined;
  } catch {
    return undefined;
  }
}

/** A line of the journal for a copy that is whole, verified and named. */
export function journalLine(
  path: string,
  source: string,
  copy: { readonly identity: string; readonly direct: boolean },
  digests: FinishedCopy['digests'],
): Line {
  const hex = Object.entries(digests).map(([name, bytes]) => [name, toHex(bytes)]);
  const { identity, direct } = copy;
  return { path, source, copy: identity, direct, digests: Object.fromEntries(hex) };
}

/** What keeps a target from taking this source: names, foreign files, space. */
export async function examineTarget(
  target: OffloadTarget,
  scan: SourceScan,
  paths: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const at = { folder: target.folder };
  for (const { path, other } of scan.collisions) {
    const severity = target.keepsNames ? 'warning' : 'error';
    findings.push(finding('colliding_names', severity, { facts: { other }, at: { ...at, path } }));
  }
  const { presentBytes, foreign } = await lookInside(target, paths);
  for (const path of foreign) {
    findings.push(finding('unexpected_target_file', 'error', { at: { ...at, path } }));
  }
  const { bavail, bsize } = await statfs(target.folder);
  const needed = Math.max(0, scan.sizeBytes - presentBytes) + SPARE_BYTES;
  const available = bavail * bsize;
  if (available < needed) {
    findings.push(finding('insufficient_space', 'error', { facts: { needed, available }, at }));
  }
  return findings;
}

/** Foreign files that are told; one is enough to refuse a target. */
const FOREIGN_MAX = 10;

async function lookInside(
  { folder: root, keepsNames }: OffloadTarget,
  paths: ReadonlySet<string>,
): Promise<{ readonly presentBytes: number; readonly foreign: readonly string[] }> {
  // Such a disk may give names back in another spelling than they were written in.
  const folded = keepsNames ? undefined : new Set([...paths].map(foldedPath));
  const foreign: string[] = [];
  let presentBytes = 0;
  const pending = [''];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await readdir(join(root, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        pending.push(path);
      } else if (paths.has(path) || folded?.has(foldedPath(path)) === true) {
        presentBytes += (await lstat(join(root, path))).size;
      } else if (!isLeftBySystem(path) && !path.split('/').slice(0, -1).includes(HISTORY_FOLDER)) {
        foreign.push(path);
        if (foreign.length >= FOREIGN_MAX) return { presentBytes, foreign };
      }
    }
  }
  return { presentBytes, foreign };
}

/** Makes the names of a folder durable. Systems that cannot open folders need not. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
