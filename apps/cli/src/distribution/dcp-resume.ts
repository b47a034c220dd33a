import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatInstant, toHex } from '@yinglian/core';
import { randomBytes } from '@yinglian/host';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { writeSecret } from './given.ts';

/** What a run that was cut leaves for the next one: nothing of it is in the package. */
export type Begun = {
  readonly seed: string;
  readonly issueDate: string;
  /** Of the options and the sources that track files were made of. */
  readonly essence: string;
};

const SEED_BYTES = 32;

/** A package that is whole is never built over: its map would be lost and its files be nobody's. */
export async function refuseFinished(terminal: Terminal, folder: string, workFolder: string) {
  const names = await readdir(folder).catch(() => []);
  if (!names.some((name) => /^ASSETMAP(?:\.xml)?$/i.test(name)) || existsSync(workFolder)) return;
  throw new CommandFault(
    terminal.words(
      `${folder} 里已经有一个发行包，请另选文件夹`,
      `there is a package in ${folder} already; choose another folder`,
    ),
    EXIT.misused,
  );
}

/** A note that was cut while it was written is as good as none. */
function keptBegin(text: string): Begun | undefined {
  try {
    return JSON.parse(text) as Begun;
  } catch {
    return undefined;
  }
}

/**
 * Where a run begins: with the seed and the date of the one that was cut before it. Track files of
 * that run are kept only where options and sources are what they were.
 */
export async function beginning(
  folders: { readonly folder: string; readonly workFolder: string },
  options: { readonly seed?: string; readonly date?: string },
  essence: string,
): Promise<Begun> {
  const path = join(folders.workFolder, 'begun.json');
  const before = await readFile(path, 'utf8').catch(() => undefined);
  const kept = before === undefined ? undefined : keptBegin(before);
  if (before !== undefined && kept?.essence !== essence) await dropTracks(folders.folder);
  const now = formatInstant(Math.floor(Date.now() / 1000) * 1000).replace(/Z$/, '+00:00');
  const begun: Begun = {
    seed: options.seed ?? kept?.seed ?? toHex(randomBytes(SEED_BYTES)),
    issueDate: options.date ?? kept?.issueDate ?? now,
    essence,
  };
  // The seed decides the keys, so it lies where only its owner can read it.
  await writeSecret(path, JSON.stringify(begun));
  return begun;
}

/** Names that builds give to track files: what they are, and their id. */
const TRACK_NAME = /^[a-z]+_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.mxf$/;

async function dropTracks(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (TRACK_NAME.test(name)) await rm(join(folder, name));
  }
}

/** A mark of what track files are made of: options, and sizes and times of the files given. */
export async function essenceMark(options: object, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const path of paths) {
    for (const file of await filesAt(path)) {
      const { size, mtimeMs } = await stat(file);
      hash.update(JSON.stringify([file, size, mtimeMs]));
    }
  }
  return hash.digest('hex');
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  return names.sort().map((name) => join(path, name));
}
