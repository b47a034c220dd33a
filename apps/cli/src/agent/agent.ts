import { mkdir } from 'node:fs/promises';
import type { SiteWork } from '@yinglian/contract';
import { fetchFile } from './fetch-file.ts';
import { handInAll } from './hand-in.ts';
import { takeKeys } from './keys.ts';
import { type FileSource, type Line, LineFault, openNeighbour } from './line.ts';
import { isCutOff, type Memory, openMemory, rebuildState } from './memory.ts';
import { isOpen, type PlannedFile, planFiles, type Policy, windowTexts } from './plan.ts';
import { isPublished, publish } from './publish.ts';
import type { Throttle } from './rate.ts';
import {
  dropPackages,
  freeBytesOf,
  hasRoom,
  neededDigests,
  PIECE_BYTES,
  type RoomParts,
} from './room.ts';
import { type AgentState, readState, writeState } from './state.ts';
import { openStore, type SiteStore } from './store.ts';

export type AgentOptions = {
  readonly folder: string;
  /** Where theatre servers look for packages; on the same disk, or bytes are copied. */
  readonly ingest: string;
  /** Where the cinema's systems put logs, box office and programmes; none where it is missing. */
  readonly outbox?: string;
  readonly line: Line;
  readonly neighbours: readonly FileSource[];
  /** Whether boxes that the network names are asked too. */
  readonly asksNamed?: boolean;
  /** Where this box gives what it holds, as others on its network reach it. */
  readonly shareUrl?: string;
  readonly throttle: Throttle;
  readonly policy: Policy;
  /** An unwanted package is kept this long: holdovers come late. */
  readonly keepDays: number;
  /** Bytes that are never filled. */
  readonly reserveBytes: number;
  readonly version: string;
  readonly signal: AbortSignal;
  /** While files come, the network is asked this often what has changed. */
  readonly lookMs?: number;
  readonly now?: () => number;
  readonly say: (event: AgentEvent) => void;
};

export type AgentEvent =
  | { readonly kind: 'arriving'; readonly title: string; readonly share: number }
  | { readonly kind: 'published'; readonly title: string; readonly folder: string }
  | { readonly kind: 'removed'; readonly title: string; readonly withdrawn: boolean }
  | { readonly kind: 'key'; readonly screen: string; readonly name: string }
  | {
      readonly kind: 'clock';
      readonly offsetMs: number;
      /** The hours of the line on the cinema's clock, and on this box's. */
      readonly windows: { readonly cinema: string; readonly box: string };
    }
  | {
      readonly kind: 'full';
      readonly title: string;
      readonly neededBytes: number;
      readonly freeBytes: number;
    }
  | { readonly kind: 'offline'; readonly since: string; readonly reason: string }
  | { readonly kind: 'waiting'; readonly files: number }
  | { readonly kind: 'yielding'; readonly title: string; readonly to: string | null }
  | { readonly kind: 'handed'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string }
  | { readonly kind: 'fault'; readonly reason: string };

/** What one round did. */
export type Round = { readonly fetched: number; readonly waiting: number; readonly faults: number };

const CLOCK_WRONG_MS = 5 * 60_000;
/** While a long package comes: a recall, a key or a show of tonight does not wait for its end. */
const LOOK_MS = 60_000;
/** A sign of life, though nothing has changed. */
const TELL_MS = 5 * 60_000;

export type Agent = { round(): Promise<Round>; readonly store: SiteStore };

/** The agent of one cinema. A round asks, fetches, publishes, cleans, hands in and reports. */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  await mkdir(options.folder, { recursive: true });
  await mkdir(options.ingest, { recursive: true });
  const store = await openStore(options.folder);
  const told: Told = { text: '', at: -Infinity, cutOff: false };
  const memory = openMemory(options.folder);
  const line = memory.remembering(options.line);
  return { store, round: () => oneRound(store, told, memory, { ...options, line }) };
}

/** What was reported last: a network of thousands of boxes is spared what it knows. */
type Told = { text: string; at: number; cutOff: boolean };

/** What a round knows; `work` is replaced whenever the network is asked again. */
type RoundParts = {
  work: SiteWork;
  /** The network did not answer when it was asked last: `work` is its last word. */
  cutOff: boolean;
  readonly memory: Memory;
  readonly state: AgentState;
  readonly store: SiteStore;
  readonly told: Told;
  readonly options: AgentOptions;
  readonly now: () => number;
  readonly keep: () => Promise<void>;
  /** Packages that could not be published in this round: one fault each. */
  readonly unpublished: Set<string>;
  faults: number;
};

async function oneRound(
  store: SiteStore,
  told: Told,
  memory: Memory,
  options: AgentOptions,
): Promise<Round> {
  const clock = options.now ?? Date.now;
  const { state, isLost } = await readState(options.folder);
  // A box whose clock is hours off still keeps the cinema's window: the server's time counts.
  const now = () => clock() - state.clockOffsetMs;
  const { work, cutOff } = await hear(memory, told, options);
  if (isLost) await rebuildState(state, work, { ...options, memory });
  const keep = () => writeState(options.folder, state);
  const unpublished = new Set<string>();
  const own = { store, told, memory, options, now, keep, unpublished };
  const round: RoundParts = { ...own, work, cutOff, state, faults: 0 };
  if (!cutOff) readClock(round);
  if (Math.abs(state.clockOffsetMs) > CLOCK_WRONG_MS) {
    const windows = windowTexts(options.policy.windows, state.clockOffsetMs);
    options.say({ kind: 'clock', offsetMs: state.clockOffsetMs, windows });
  }
  await settle(round);
  await handIn(round);
  const result = await fetchAll(round);
  await keep();
  await report(round);
  return { ...result, faults: round.faults };
}

/** What the network wants; while it is away, what it wanted last. */
async function hear(
  memory: Memory,
  told: Told,
  { line, signal, say }: AgentOptions,
): Promise<{ readonly work: SiteWork; readonly cutOff: boolean }> {
  try {
    const work = await line.work(signal);
    await memory.keepWork(work);
    told.cutOff = false;
    return { work, cutOff: false };
  } catch (fault) {
    signal.throwIfAborted();
    const work = isCutOff(fault) ? await memory.lastWork() : undefined;
    if (work === undefined) throw fault;
    // Said once, and not in every round of weeks.
    if (!told.cutOff) say({ kind: 'offline', since: work.now, reason: String(fault) });
    told.cutOff = true;
    return { work, cutOff: true };
  }
}

function readClock({ work, state, options }: RoundParts): void {
  state.clockOffsetMs = (options.now ?? Date.now)() - Date.parse(work.now);
}

function fail({ options }: RoundParts, reason: string): void {
  options.say({ kind: 'fault', reason });
}

/** What follows from the network's word before bytes do: keys, and what has to go. */
async function settle(parts: RoundParts): Promise<void> {
  await keysOf(parts);
  await dropPackages(roomOf(parts));
  await parts.memory.forgetPieces(neededDigests(parts.work, parts.state));
  noteWanted(parts);
  await parts.keep();
}

/** Every package that is wanted has its place in what is remembered. */
function noteWanted({ work, state }: RoundParts): void {
  for (const each of work.packages) {
    const digests = each.files.map((file) => file.digest);
    const sizeBytes = each.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const held = state.packages[each.id];
    state.packages[each.id] = {
      title: held?.title ?? each.title,
      published: held?.published ?? false,
      unwantedSince: null,
      digests,
      sizeBytes,
    };
  }
}

function keysOf(parts: RoundParts): Promise<void> {
  const { options, state, keep } = parts;
  // Without a line no key comes; those that are here stay.
  const { keys } = parts.work;
  const reachable = parts.cutOff ? keys.filter((each) => state.keys[each.id] !== undefined) : keys;
  return takeKeys(reachable, {
    ...options,
    state,
    keep,
    arrived: (screen, name) => options.say({ kind: 'key', screen, name }),
    failed(fault) {
      parts.faults += 1;
      fail(parts, String(fault));
    },
  });
}

function roomOf({ options, store, state, work, now, memory }: RoundParts): RoomParts {
  return {
    ...options,
    store,
    state,
    work,
    nowMs: now(),
    forget: (id) => memory.forgetPublished(id),
    removed: (title, withdrawn) => options.say({ kind: 'removed', title, withdrawn }),
    full: (title, neededBytes, freeBytes) =>
      options.say({ kind: 'full', title, neededBytes, freeBytes }),
  };
}

/** Small, and a settlement waits for it: at any hour. */
async function handIn({ options, state, keep, cutOff }: RoundParts): Promise<void> {
  if (options.outbox === undefined || cutOff) return;
  const nowMs = (options.now ?? Date.now)();
  const { handedIn, looked } = state;
  await handInAll({ ...options, folder: options.outbox, nowMs, handedIn, looked, keep });
}

type Turn = {
  readonly tried: Set<string>;
  readonly blocked: Set<string>;
  /** Files for which only the line is left, outside its hours. */
  readonly shut: Set<string>;
  /** Neighbours that do not answer; each is waited for once. */
  readonly silent: Set<string>;
};

/** Files one after another, always what is needed first; asked anew after each. */
async function fetchAll(parts: RoundParts): Promise<Omit<Round, 'faults'>> {
  const { options } = parts;
  const turn: Turn = {
    tried: new Set(),
    blocked: new Set(),
    shut: new Set(),
    silent: new Set(),
  };
  let fetched = 0;
  let lookedAt = performance.now();
  for (;;) {
    options.signal.throwIfAborted();
    if (performance.now() - lookedAt >= (options.lookMs ?? LOOK_MS)) {
      await look(parts);
      await settle(parts);
      lookedAt = performance.now();
    }
    const file = await nextFile(parts, turn);
    if (file === undefined) break;
    const result = await fetchOne(parts, turn, file);
    if (result === 'held') fetched += 1;
    if (result === 'paused') lookedAt = -Infinity;
    else if (result !== 'shut') turn.tried.add(file.digest);
    await publishWhole(parts, file.packageId);
  }
  // What arrived in the round before, or belongs to two packages.
  for (const each of parts.work.packages) await publishWhole(parts, each.id);
  const waiting = await waitingFiles(parts, turn);
  if (waiting > 0) options.say({ kind: 'waiting', files: waiting });
  return { fetched, waiting };
}

const mayUseLine = ({ work, options, now, cutOff }: RoundParts, file: PlannedFile): boolean =>
  !cutOff && (file.isUrgent || isOpen(options.policy.windows, now(), work.cinema.timeZone));

/** The first file that is missing and may come now. */
async function nextFile(parts: RoundParts, turn: Turn): Promise<PlannedFile | undefined> {
  for (const file of planFiles(parts.work.packages, parts.now(), parts.options.policy)) {
    if (turn.tried.has(file.digest) || turn.blocked.has(file.packageId)) continue;
    if (turn.shut.has(file.digest) || (await parts.store.has(file))) continue;
    if (!mayUseLine(parts, file) && !(await isNear(parts, turn, file))) {
      turn.shut.add(file.digest);
      continue;
    }
    if (await hasRoom(roomOf(parts), file)) return file;
    turn.blocked.add(file.packageId);
  }
  return undefined;
}

/** Whether a box on this network has a file: asked for one byte, which costs nothing there. */
async function isNear(parts: RoundParts, turn: Turn, file: PlannedFile): Promise<boolean> {
  if (file.sizeBytes === 0) return false;
  for (const source of neighboursOf(parts)) {
    if (source.isNear !== true || turn.silent.has(source.name)) continue;
    try {
      const body = await source.open(file.digest, 0, 0, parts.options.signal);
      await body.cancel();
      return true;
    } catch (fault) {
      parts.options.signal.throwIfAborted();
      if (!(fault instanceof LineFault) || fault.status === 0) turn.silent.add(source.name);
    }
  }
  return false;
}

async function waitingFiles(parts: RoundParts, turn: Turn): Promise<number> {
  let waiting = 0;
  for (const file of planFiles(parts.work.packages, parts.now(), parts.options.policy)) {
    if (!turn.tried.has(file.digest) && !(await parts.store.has(file))) waiting += 1;
  }
  return waiting;
}

async function fetchOne(
  parts: RoundParts,
  turn: Turn,
  file: PlannedFile,
): Promise<'held' | 'paused' | 'shut' | 'failed'> {
  const { options, store } = parts;
  const { title } = parts.state.packages[file.packageId]!;
  let heldBytes = await store.heldBytes(file, PIECE_BYTES);
  const watch = watchPlan(parts, turn, file);
  try {
    const result = await fetchFile(file, {
      ...options,
      store,
      neighbours: neighboursOf(parts),
      mayGoOn: () => !watch.mustYield(),
      mayUseLine: () => mayUseLine(parts, file),
      onBytes(bytes) {
        heldBytes += bytes;
        options.say({ kind: 'arriving', title, share: Math.min(1, heldBytes / file.sizeBytes) });
      },
    });
    if (result === 'held' || watch.mustYield()) return result;
    turn.shut.add(file.digest);
    return 'shut';
  } catch (fault) {
    options.signal.throwIfAborted();
    // Taken back while it came: the network does not give it any more, and that is no fault.
    await look(parts);
    if (!parts.work.packages.some((each) => each.id === file.packageId)) return 'paused';
    parts.faults += 1;
    fail(parts, `${title}: ${String(fault)}`);
    return 'failed';
  } finally {
    await watch.end();
  }
}

function neighboursOf({ options, work }: RoundParts): readonly FileSource[] {
  if (options.asksNamed !== true) return options.neighbours;
  const own = new Set([...options.neighbours.map((each) => each.name), options.shareUrl]);
  const named = work.neighbours.filter((each) => !own.has(each)).map(openNeighbour);
  return [...options.neighbours, ...named];
}

/**
 * Asks the network again while a file comes: it gives way to what is needed sooner, and ends when
 * its package is held back or taken back. Keys that came meanwhile are fetched at once.
 */
function watchPlan(parts: RoundParts, turn: Turn, file: PlannedFile) {
  const { options, store } = parts;
  let yields = false;
  let running = Promise.resolve();
  const lookAgain = async (): Promise<void> => {
    await look(parts);
    await keysOf(parts);
    for (const each of planFiles(parts.work.packages, parts.now(), options.policy)) {
      if (each.digest === file.digest) return;
      if (turn.tried.has(each.digest) || turn.blocked.has(each.packageId)) continue;
      if (!mayUseLine(parts, each) || (await store.has(each))) continue;
      yields = true;
      options.say({ kind: 'yielding', title: titleOf(parts, file), to: titleOf(parts, each) });
      return;
    }
    yields = true;
    options.say({ kind: 'yielding', title: titleOf(parts, file), to: null });
  };
  const timer = setInterval(() => {
    running = running.then(lookAgain).catch(() => undefined);
  }, options.lookMs ?? LOOK_MS);
  return {
    mustYield: () => yields,
    async end(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}

const titleOf = ({ work, state }: RoundParts, { packageId }: PlannedFile): string =>
  work.packages.find((each) => each.id === packageId)?.title ??
  state.packages[packageId]?.title ??
  packageId;

/** What the network says now, and what is here now for the network. */
async function look(parts: RoundParts): Promise<void> {
  try {
    parts.work = await parts.options.line.work(parts.options.signal);
    parts.cutOff = false;
    await parts.memory.keepWork(parts.work);
    noteWanted(parts);
    readClock(parts);
    await report(parts);
  } catch (fault) {
    // Cut off: the last word counts until the next.
    parts.options.signal.throwIfAborted();
    parts.cutOff ||= isCutOff(fault);
  }
}

async function publishWhole(parts: RoundParts, id: string): Promise<void> {
  const { work, state, store, options } = parts;
  const wanted = work.packages.find((each) => each.id === id);
  const held = state.packages[id];
  if (wanted === undefined || held === undefined) return;
  if (wanted.files.length === 0 || parts.unpublished.has(id)) return;
  const titled = { ...wanted, title: held.title };
  if (held.published) {
    // A folder that somebody emptied, or a disk that was changed, is filled again.
    if (await isPublished(options.ingest, titled)) return;
    held.published = false;
  }
  for (const file of wanted.files) if (!(await store.has(file))) return;
  try {
    const folder = await publish(store, options.ingest, titled);
    held.published = true;
    await parts.memory.notePublished(id, held);
    await parts.keep();
    options.say({ kind: 'published', title: wanted.title, folder });
  } catch (fault) {
    parts.unpublished.add(id);
    parts.faults += 1;
    fail(parts, String(fault));
  }
}

async function report(parts: RoundParts): Promise<void> {
  const { work, state, store, told, options } = parts;
  if (parts.cutOff) return;
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
  const here = {
    packages: [...packages, ...gone.map((id) => ({ id, state: 'removed' as const, heldBytes: 0 }))],
    keys: Object.keys(state.keys),
    shareUrl: options.shareUrl ?? null,
  };
  const text = JSON.stringify(here);
  if (text === told.text && performance.now() - told.at < TELL_MS) return;
  await options.line.report(
    {
      ...here,
      agentVersion: options.version,
      now: new Date((options.now ?? Date.now)()).toISOString(),
      freeBytes: await freeBytesOf(options.folder),
    },
    options.signal,
  );
  Object.assign(told, { text, at: performance.now() });
}
