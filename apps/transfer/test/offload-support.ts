import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { verifyTree } from '@yinglian/mhl';
import { diskTree, hashFile, loadHashing, type OffloadOptions, runOffload } from '../src/index.ts';

const folders: string[] = [];

/** A place of its own with a card and two targets, removed by {@link removePlaces}. */
export function newPlace(files: Readonly<Record<string, string | Uint8Array>> = CARD) {
  const place = mkdtempSync(join(tmpdir(), 'yinglian-offload-'));
  folders.push(place);
  const source = join(place, 'A001R1AB');
  put(source, files);
  const targets = [join(place, 'T1'), join(place, 'T2')];
  for (const each of targets) mkdirSync(each);
  return { place, source, targets };
}

export const CARD: Readonly<Record<string, string>> = {
  'Clips/A001C001_260101_R1AB.mov': 'first clip '.repeat(50_000),
  'Clips/A001C002_260101_R1AB.mov': 'second clip '.repeat(30_000),
  'Audio/A001T01.wav': 'sound',
  'Sidecar.txt': 'about',
  'Empty/.keep': '',
  '影片/第一场.mov': 'scene',
};

export function put(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export function removePlaces(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Everything below a folder, files with their bytes. */
export function contentOf(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile())
      found.set(path.slice(folder.length + 1), readFileSync(path).toString('base64'));
  }
  return found;
}

/** The same without what an offload adds. */
export function copiedContent(folder: string): ReadonlyMap<string, string> {
  return new Map([...contentOf(folder)].filter(([path]) => !path.startsWith('ascmhl/')));
}

let seconds = 0;
export function offload(
  place: { readonly source: string; readonly targets: readonly string[] },
  more: Partial<OffloadOptions> = {},
) {
  const startedAt = Date.UTC(2026, 0, 1) + 1000 * seconds++;
  return runOffload({
    source: place.source,
    targets: place.targets,
    formats: ['xxh64'],
    creator: {
      creationDate: new Date(startedAt).toISOString().replace('.000Z', '+00:00'),
      hostname: 'test',
      tool: { name: 'yinglian', version: '0.1.0' },
      authors: [],
    },
    startedAt,
    now: Date.now,
    workerCount: 0,
    ...more,
  });
}

const inline = {
  parallel: 2,
  hash: (path: string, algorithms: Parameters<typeof hashFile>[1]) =>
    hashFile(path, algorithms, { cancelled: () => false }),
};

/** Codes that a verification of the copy's own history gives. */
export async function verifyCopy(folder: string): Promise<readonly string[]> {
  const hashing = await loadHashing();
  const { findings } = await verifyTree(diskTree(folder, inline), hashing, { folders: true });
  return findings.map(({ code }) => code);
}

export const codesOf = (findings: readonly { readonly code: string }[]) =>
  [...new Set(findings.map(({ code }) => code))].sort();

/** Copies a folder aside so that it can be compared with later. */
export function keep(folder: string, name: string): string {
  const target = join(dirname(folder), name);
  cpSync(folder, target, { recursive: true });
  return target;
}
