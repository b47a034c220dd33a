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

/** A file that is the same at two looks so far apart is not written any more. */
const SETTLED_MS = 5000;
/** One that rests so long is not either, at the first look: an upload that stalls is given up. */
const RESTED_MS = 60_000;
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
  /** What lay there at the look before; written anew by each. */
  readonly looked: Record<string, Looked>;
  /** Called after each file, so that a kill repeats at most one. */
  readonly keep: () => Promise<void>;
  readonly say: (event: HandInEvent) => void;
};

/** A file as it was seen, and since when it has been so. */
type Looked = { readonly sizeBytes: number; readonly changedMs: number; readonly sinceMs: number };

/** Hands in what lies there; gives how many were sent, and how many have to wait. */
export async function handInAll(
  parts: HandInParts,
): Promise<{ readonly sent: number; readonly waiting: number }> {
  let [sent, waiting] = [0, 0];
  const before = { ...parts.looked };
  for (const place of Object.keys(parts.looked)) delete parts.looked[place];
  for (const kind of HAND_IN_KINDS) {
    const folder = join(parts.folder, kind);
    await mkdir(folder, { recursive: true });
    const names = (await readdir(folder)).filter((each) => !each.startsWith('.')).toSorted();
    for (const name of names.slice(0, FILES_A_ROUND)) {
      parts.signal.throwIfAborted();
      const result = await handInOne(parts, before, kind, name);
      if (result === 'sent') sent += 1;
      if (result === 'waiting') waiting += 1;
    }
  }
  return { sent, waiting };
}

async function handInOne(
  parts: HandInParts,
  before: Readonly<Record<string, Looked>>,
  kind: HandInKind,
  name: string,
): Promise<'sent' | 'waiting' | 'none'> {
  const path = join(parts.folder, kind, name);
  const place = `${kind}/${name}`;
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    // Told once, and not in every round.
    if (before[place] === undefined) {
      const reason = 'a folder: only files that lie here themselves are handed in';
      parts.say({ kind: 'refused', name: place, reason });
    }
    parts.looked[place] = { sizeBytes: 0, changedMs: 0, sinceMs: parts.nowMs };
    return 'none';
  }
  // A link could lead to any file of the box.
  if (found?.isFile() !== true) return 'none';
  const seen = lookAt(found, before[place], parts.nowMs);
  if (!isSettled(seen, parts.nowMs)) {
    parts.looked[place] = seen;
    return 'waiting';
  }
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

function lookAt(
  { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
  before: Looked | undefined,
  nowMs: number,
): Looked {
  const isSame = before?.sizeBytes === size && before.changedMs === mtimeMs;
  const sinceMs = isSame && before.sinceMs <= nowMs ? before.sinceMs : nowMs;
  return { sizeBytes: size, changedMs: mtimeMs, sinceMs };
}

/** A clock ahead may have stamped the file: what two looks saw counts for more than its time. */
const isSettled = ({ changedMs, sinceMs }: Looked, nowMs: number): boolean =>
  nowMs - sinceMs >= SETTLED_MS || nowMs - changedMs >= RESTED_MS;

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
