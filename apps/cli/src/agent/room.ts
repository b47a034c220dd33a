import { statfs } from 'node:fs/promises';
import type { SiteWork } from '@yinglian/contract';
import { folderName, unpublish, unpublishUntitled } from './publish.ts';
import type { AgentState } from './state.ts';
import type { SiteStore, Wanted } from './store.ts';

/** The disk of a box: what is kept on it, what goes, and whether there is room for more. */
export type RoomParts = {
  readonly folder: string;
  readonly ingest: string;
  readonly keepDays: number;
  readonly reserveBytes: number;
  readonly store: SiteStore;
  readonly state: AgentState;
  readonly work: SiteWork;
  readonly nowMs: number;
  /** What was noted of a package that goes. */
  readonly forget: (id: string) => Promise<void>;
  readonly removed: (title: string, withdrawn: boolean) => void;
  readonly full: (title: string, neededBytes: number, freeBytes: number) => void;
};

const DAY_MS = 86_400_000;
/** Assumed for what is held before the server said how long its pieces are. */
export const PIECE_BYTES = 4 * 1024 * 1024;

/** A withdrawn package goes at once; one that is only not wanted any more, after a while. */
export async function dropPackages(parts: RoomParts): Promise<void> {
  const { work, state, nowMs } = parts;
  const wanted = new Set(work.packages.map((each) => each.id));
  const withdrawn = new Set(work.withdrawn);
  for (const [id, held] of Object.entries(state.packages)) {
    if (wanted.has(id)) {
      held.unwantedSince = null;
      continue;
    }
    held.unwantedSince ??= new Date(nowMs).toISOString();
    const age = nowMs - Date.parse(held.unwantedSince);
    if (!withdrawn.has(id) && age < parts.keepDays * DAY_MS) continue;
    await drop(parts, id, withdrawn.has(id));
  }
  await dropForgotten(parts);
  await parts.store.keepOnly(neededDigests(work, state));
}

/** What a box put into the ingest folder before it lost its memory goes when it is taken back. */
async function dropForgotten({ work, state, ingest }: RoomParts): Promise<void> {
  const forgotten = work.withdrawn.filter((id) => state.packages[id] === undefined);
  if (forgotten.length === 0) return;
  const kept = new Set([
    ...work.packages.map(folderName),
    ...Object.entries(state.packages).map(([id, { title }]) => folderName({ id, title })),
  ]);
  for (const id of forgotten) await unpublishUntitled(ingest, id, kept);
}

async function drop(parts: RoomParts, id: string, isWithdrawn: boolean): Promise<void> {
  const { title } = parts.state.packages[id]!;
  await unpublish(parts.ingest, { id, title });
  delete parts.state.packages[id];
  await parts.forget(id);
  parts.removed(title, isWithdrawn);
}

/** Files of what is wanted, and of what is kept though nobody wants it any more. */
export function neededDigests(work: SiteWork, state: AgentState): ReadonlySet<string> {
  return new Set([
    ...work.packages.flatMap((each) => each.files.map((file) => file.digest)),
    ...Object.values(state.packages).flatMap((each) => each.digests),
  ]);
}

/** Room for a file; packages that nobody wants any more give way first, the oldest first. */
export async function hasRoom(
  parts: RoomParts,
  file: Wanted & { readonly packageId: string },
): Promise<boolean> {
  const { state, store } = parts;
  const held = await store.heldBytes(file, PIECE_BYTES);
  const neededBytes = file.sizeBytes - held + parts.reserveBytes;
  const unwanted = Object.entries(state.packages)
    .filter(([, each]) => each.unwantedSince !== null)
    .toSorted(([, a], [, b]) => (a.unwantedSince! < b.unwantedSince! ? -1 : 1));
  for (;;) {
    const free = await freeBytesOf(parts.folder);
    if (free >= neededBytes) return true;
    const [id] = unwanted.shift() ?? [];
    if (id === undefined) {
      parts.full(state.packages[file.packageId]!.title, neededBytes, free);
      return false;
    }
    await drop(parts, id, false);
    await store.keepOnly(neededDigests(parts.work, state));
  }
}

/** Bytes that an ordinary user may still write on the disk of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
