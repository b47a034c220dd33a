import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HandInKind, type Line, LineFault } from './line.ts';
import { safeName } from './publish.ts';

/**
 * A folder that the cinema's systems write into: playback logs, box office and programmes, each in
 * a folder of its own. What was taken goes to `sent`, what the network refused to `refused` with
 * the reason beside it; nothing is deleted.
 */
export const HAND_IN_KINDS: readonly HandInKind[] = ['logs', 'box-office', 'programme'];

/** A file that was written this recently may be written still. */
const SETTLED_MS = 5000;
/** A month of logs of a screen is a tenth of this. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const FILES_A_ROUND = 500;
/** Digests remembered, so that a folder that is copied again and again costs nothing. */
const REMEMBERED_MAX = 10_000;

export type HandInEvent =
  | { readonly kind: 'handed'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string };

export type HandInParts = {
  readonly folder: string;
  readonly line: Pick<Line, 'handIn'>;
  readonly signal: AbortSignal;
  /** Of the box, because it stamps the files too. */
  readonly nowMs: number;
  readonly handedIn: string[];
  /** Called after each file, so that a kill repeats at most one. */
  readonly keep: () => Promise<void>;
  readonly say: (event: HandInEvent) => void;
};

/** Hands in what lies there; gives how many were sent, and how many have to wait. */
export async function handInAll(
  parts: HandInParts,
): Promise<{ readonly sent: number; readonly waiting: number }> {
  let [sent, waiting] = [0, 0];
  for (const kind of HAND_IN_KINDS) {
    const folder = join(parts.folder, kind);
    await mkdir(folder, { recursive: true });
    const names = (await readdir(folder)).filter((each) => !each.startsWith('.')).toSorted();
    for (const name of names.slice(0, FILES_A_ROUND)) {
      parts.signal.throwIfAborted();
      const result = await handInOne(parts, kind, name);
      if (result === 'sent') sent += 1;
      if (result === 'waiting') waiting += 1;
    }
  }
  return { sent, waiting };
}

async function handInOne(
  parts: HandInParts,
  kind: HandInKind,
  name: string,
): Promise<'sent' | 'waiting' | 'none'> {
  const path = join(parts.folder, kind, name);
  const found = await lstat(path).catch(() => undefined);
  // A link could lead to any file of the box.
  if (found?.isFile() !== true) return 'none';
  if (parts.nowMs - found.mtimeMs < SETTLED_MS) return 'waiting';
  if (found.size > FILE_BYTES_MAX) {
    await refuse(parts, kind, name, `more than ${FILE_BYTES_MAX} bytes`);
    return 'none';
  }
  const bytes = await readFile(path);
  const digest = `${kind} ${createHash('sha256').update(bytes).digest('hex')}`;
  if (!parts.handedIn.includes(digest)) {
    try {
      await parts.line.handIn(kind, safeName(name), bytes, parts.signal);
    } catch (fault) {
      parts.signal.throwIfAborted();
      if (!isRefusal(fault)) return 'waiting';
      await refuse(parts, kind, name, (fault as LineFault).message);
      return 'none';
    }
    parts.handedIn.push(digest);
    parts.handedIn.splice(0, parts.handedIn.length - REMEMBERED_MAX);
    await parts.keep();
    parts.say({ kind: 'handed', name: `${kind}/${name}` });
  }
  await moveInto(join(parts.folder, 'sent', kind), path, name, parts.nowMs);
  return 'sent';
}

/** What sending again does not mend: the file itself is wrong. */
function isRefusal(fault: unknown): boolean {
  return fault instanceof LineFault && [400, 409, 413, 415, 422].includes(fault.status);
}

async function refuse(parts: HandInParts, kind: HandInKind, name: string, reason: string) {
  const path = join(parts.folder, kind, name);
  const target = await moveInto(join(parts.folder, 'refused', kind), path, name, parts.nowMs);
  await writeFile(`${target}.reason.txt`, `${reason}\n`);
  parts.say({ kind: 'refused', name: `${kind}/${name}`, reason });
}

/** Under a name that no earlier file has. */
async function moveInto(folder: string, path: string, name: string, nowMs: number) {
  await mkdir(folder, { recursive: true });
  const plain = join(folder, safeName(name));
  const isTaken = (await lstat(plain).catch(() => undefined)) !== undefined;
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, '-');
  const target = isTaken ? join(folder, safeName(`${stamp}_${name}`)) : plain;
  await rename(path, target);
  return target;
}
