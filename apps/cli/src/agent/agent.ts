import { createHash } from 'node:crypto';
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SiteWork } from '@yinglian/contract';
import { fetchFile } from './fetch-file.ts';
import { awake, type FileSource, type Line } from './line.ts';
import { isOpen, planFiles, type Policy } from './plan.ts';
import { publish, safeName, unpublish } from './publish.ts';
import type { Throttle } from './rate.ts';
import { type AgentState, readState, writeState } from './state.ts';
import { openStore, type SiteStore } from './store.ts';

export type AgentOptions = {
  readonly folder: string;
  /** Where theatre servers look for packages; on the same disk, or bytes are copied. */
  readonly ingest: string;
  readonly line: Line;
  readonly neighbours: readonly FileSource[];
  readonly throttle: Throttle;
  readonly policy: Policy;
  /** An unwanted package is kept this long: holdovers come late. */
  readonly keepDays: number;
  /** Bytes that are never filled. */
  readonly reserveBytes: number;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly now?: () => number;
  readonly say: (event: AgentEvent) => void;
};

export type AgentEvent =
  | { readonly kind: 'arriving'; readonly title: string; readonly share: number }
  | { readonly kind: 'published'; readonly title: string; readonly folder: string }
  | { readonly kind: 'removed'; readonly title: string; readonly withdrawn: boolean }
  | { readonly kind: 'key'; readonly screen: string; readonly name: string }
  | { readonly kind: 'clock'; readonly offsetMs: number }
  | {
      readonly kind: 'full';
      readonly title: string;
      readonly neededBytes: number;
      readonly freeBytes: number;
    }
  | { readonly kind: 'waiting'; readonly files: number }
  | { readonly kind: 'fault'; readonly reason: string };

/** What one round did. */
export type Round = { readonly fetched: number; readonly waiting: number; readonly faults: number };

const CLOCK_WRONG_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** Assumed for what is held before the server said how long its pieces are. */
const PIECE_BYTES = 4 * 1024 * 1024;
const KEY_BYTES_MAX = 4 * 1024 * 1024;
/** A report on the way: the board moves while a long package comes. */
const REPORT_EVERY_MS = 30_000;

export type Agent = { round(): Promise<Round>; readonly store: SiteStore };

/** The agent of one cinema. A round asks, fetches, publishes, cleans and reports. */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  await mkdir(options.folder, { recursive: true });
  await mkdir(options.ingest, { recursive: true });
  const store = await openStore(options.folder);
  return { store, round: () => oneRound(store, options) };
}

async function oneRound(store: SiteStore, options: AgentOptions): Promise<Round> {
  const { line, signal } = options;
  const clock = options.now ?? Date.now;
  const state = await readState(options.folder);
  const work = await line.work(signal);
  state.clockOffsetMs = clock() - Date.parse(work.now);
  // A box whose clock is hours off still keeps the cinema's window: the server's time counts.
  const now = () => clock() - state.clockOffsetMs;
  if (Math.abs(state.clockOffsetMs) > CLOCK_WRONG_MS) {
    options.say({ kind: 'clock', offsetMs: state.clockOffsetMs });
  }
  const round = { work, state, store, options, now };
  let faults = await takeKeys(round);
  await dropPackages(round);
  const result = await fetchAll(round);
  faults += result.faults;
  await writeState(options.folder, state);
  await report(round);
  return { ...result, faults };
}

type RoundParts = {
  readonly work: SiteWork;
  readonly state: AgentState;
  readonly store: SiteStore;
  readonly options: AgentOptions;
  readonly now: () => number;
};

/** Keys come at any hour: they are small, and a show may wait for one. */
async function takeKeys({ work, state, options }: RoundParts): Promise<number> {
  const { line, signal, folder } = options;
  let faults = 0;
  for (const key of work.keys) {
    if (state.keys[key.id] !== undefined || key.sizeBytes > KEY_BYTES_MAX) continue;
    try {
      const stream = await line.open(key.digest, 0, key.sizeBytes - 1, signal);
      const chunks: Uint8Array[] = [];
      for await (const chunk of awake(stream, signal)) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      if (found !== key.digest) throw new Error(`key ${key.name} arrived damaged`);
      const path = join(folder, 'keys', safeName(key.screenName), safeName(key.name));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, bytes);
      await rename(`${path}.new`, path);
      state.keys[key.id] = path;
      await writeState(folder, state);
      options.say({ kind: 'key', screen: key.screenName, name: key.name });
    } catch (fault) {
      signal.throwIfAborted();
      faults += 1;
      options.say({ kind: 'fault', reason: String(fault) });
    }
  }
  const wanted = new Set(work.keys.map((each) => each.id));
  // A key that took another one's place may bear its name: the file is the new key's by now.
  const inUse = new Set(work.keys.flatMap((each) => state.keys[each.id] ?? []));
  for (const [id, path] of Object.entries(state.keys)) {
    if (wanted.has(id)) continue;
    if (!inUse.has(path)) await rm(path, { force: true });
    delete state.keys[id];
  }
  return faults;
}

/** A withdrawn package goes at once; one that is only not wanted any more, after a while. */
async function dropPackages({ work, state, options, store, now }: RoundParts): Promise<void> {
  const wanted = new Set(work.packages.map((each) => each.id));
  const withdrawn = new Set(work.withdrawn);
  for (const [id, held] of Object.entries(state.packages)) {
    if (wanted.has(id)) {
      held.unwantedSince = null;
      continue;
    }
    held.unwantedSince ??= new Date(now()).toISOString();
    const age = now() - Date.parse(held.unwantedSince);
    if (!withdrawn.has(id) && age < options.keepDays * DAY_MS) continue;
    await unpublish(options.ingest, { id, title: held.title });
    delete state.packages[id];
    options.say({ kind: 'removed', title: held.title, withdrawn: withdrawn.has(id) });
  }
  await store.keepOnly(neededDigests(work, state));
}

/** Files of what is wanted, and of what is kept though nobody wants it any more. */
function neededDigests(work: SiteWork, state: AgentState): ReadonlySet<string> {
  return new Set([
    ...work.packages.flatMap((each) => each.files.map((file) => file.digest)),
    ...Object.values(state.packages).flatMap((each) => each.digests),
  ]);
}

async function fetchAll(parts: RoundParts): Promise<Round> {
  const { work, state, store, options, now } = parts;
  const { timeZone } = work.cinema;
  for (const each of work.packages) {
    state.packages[each.id] ??= {
      title: each.title,
      digests: each.files.map((file) => file.digest),
      sizeBytes: each.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      published: false,
      unwantedSince: null,
    };
  }
  await writeState(options.folder, state);
  const counts = { fetched: 0, waiting: 0, faults: 0 };
  let reportedAt = performance.now();
  const blocked = new Set<string>();
  for (const file of planFiles(work.packages, now(), options.policy)) {
    options.signal.throwIfAborted();
    const { title } = state.packages[file.packageId]!;
    if (await store.has(file)) continue;
    const mayGoOn = () => file.isUrgent || isOpen(options.policy.windows, now(), timeZone);
    if (!mayGoOn() || blocked.has(file.packageId)) {
      counts.waiting += 1;
      continue;
    }
    if (!(await hasRoom(parts, file))) {
      blocked.add(file.packageId);
      counts.waiting += 1;
      continue;
    }
    let heldBytes = await store.heldBytes(file, PIECE_BYTES);
    try {
      const result = await fetchFile(file, {
        ...options,
        store,
        mayGoOn,
        onBytes(bytes) {
          heldBytes += bytes;
          const share = Math.min(1, heldBytes / file.sizeBytes);
          options.say({ kind: 'arriving', title, share });
          if (performance.now() - reportedAt < REPORT_EVERY_MS) return;
          reportedAt = performance.now();
          void report(parts).catch(() => undefined);
        },
      });
      if (result === 'held') counts.fetched += 1;
      else counts.waiting += 1;
    } catch (fault) {
      options.signal.throwIfAborted();
      counts.faults += 1;
      options.say({ kind: 'fault', reason: `${title}: ${String(fault)}` });
    }
    await publishWhole(parts, file.packageId);
  }
  // What arrived in the round before, or belongs to two packages.
  for (const each of work.packages) await publishWhole(parts, each.id);
  if (counts.waiting > 0) options.say({ kind: 'waiting', files: counts.waiting });
  return counts;
}

async function publishWhole({ work, state, store, options }: RoundParts, id: string) {
  const wanted = work.packages.find((each) => each.id === id)!;
  const held = state.packages[id]!;
  if (held.published || wanted.files.length === 0) return;
  for (const file of wanted.files) if (!(await store.has(file))) return;
  try {
    const folder = await publish(store, options.ingest, wanted);
    held.published = true;
    await writeState(options.folder, state);
    options.say({ kind: 'published', title: wanted.title, folder });
  } catch (fault) {
    options.say({ kind: 'fault', reason: String(fault) });
  }
}

/** Room for a file; packages that nobody wants any more give way first, the oldest first. */
async function hasRoom(
  { work, state, store, options }: RoundParts,
  file: { readonly sizeBytes: number; readonly packageId: string; readonly digest: string },
): Promise<boolean> {
  const held = await store.heldBytes(file, PIECE_BYTES);
  const neededBytes = file.sizeBytes - held + options.reserveBytes;
  const unwanted = Object.entries(state.packages)
    .filter(([, each]) => each.unwantedSince !== null)
    .toSorted(([, a], [, b]) => (a.unwantedSince! < b.unwantedSince! ? -1 : 1));
  for (;;) {
    const free = await freeBytesOf(options.folder);
    if (free >= neededBytes) return true;
    const [id, old] = unwanted.shift() ?? [];
    if (id === undefined || old === undefined) {
      const { title } = state.packages[file.packageId]!;
      options.say({ kind: 'full', title, neededBytes, freeBytes: free });
      return false;
    }
    await unpublish(options.ingest, { id, title: old.title });
    delete state.packages[id];
    options.say({ kind: 'removed', title: old.title, withdrawn: false });
    await store.keepOnly(neededDigests(work, state));
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function report({ work, state, store, options }: RoundParts): Promise<void> {
  const packages: { id: string; state: 'arriving' | 'verified' | 'wanted'; heldBytes: number }[] =
    [];
  for (const each of work.packages) {
    let heldBytes = 0;
    for (const file of each.files) heldBytes += await store.heldBytes(file, PIECE_BYTES);
    const isPublished = state.packages[each.id]?.published === true;
    packages.push({
      id: each.id,
      heldBytes,
      state: isPublished ? 'verified' : heldBytes > 0 ? 'arriving' : 'wanted',
    });
  }
  const gone = work.withdrawn.filter((id) => state.packages[id] === undefined);
  await options.line.report(
    {
      agentVersion: options.version,
      now: new Date((options.now ?? Date.now)()).toISOString(),
      freeBytes: await freeBytesOf(options.folder),
      packages: [
        ...packages,
        ...gone.map((id) => ({ id, state: 'removed' as const, heldBytes: 0 })),
      ],
      keys: Object.keys(state.keys),
    },
    options.signal,
  );
}
