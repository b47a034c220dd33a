import type { CutEntry } from './entries.ts';

/** An entry of the old cut and what became of it in the new one. */
export type Pair = { readonly old: CutEntry; readonly new: CutEntry; readonly by: MatchReason };
/** What two entries have in common: all, part of the source, or only the shot. */
export type MatchReason = 'same' | 'overlap' | 'source' | 'shot';

/** What the matching found; what is in no pair was omitted or is new. */
export type Matching = {
  readonly pairs: readonly Pair[];
  readonly omitted: readonly CutEntry[];
  readonly added: readonly CutEntry[];
};

/** How media are told apart: by reel, by file, or by name. */
export type MediaIdentity = 'reel' | 'url' | 'name';

/** Neighbours in source order that an entry is weighed against; keeps repeats in bounds. */
const NEIGHBOURS_MAX = 16;

/**
 * Pairs the entries of two cuts. Uses that are the same come first, in order, so that a shot used
 * five times keeps its five uses; then those that share most of their source; then those of one
 * shot whose medium changed. n log n for any input.
 */
export function matchEntries(before: readonly CutEntry[], after: readonly CutEntry[]): Matching {
  const identity = chooseIdentity(before, after);
  const key = (each: CutEntry) => mediaKey(each, identity);
  const open = new Matcher(before, after);
  const exact = (each: CutEntry) =>
    [each.department, key(each), each.sourceIn, each.sourceOut, each.speed].join('\n');
  // First within the shot and the track it had, then anywhere.
  open.takeEqual((each) => `${exact(each)}\n${each.shot}\n${each.trackName}`, 'same');
  open.takeEqual((each) => `${exact(each)}\n${each.shot}`, 'same');
  open.takeEqual(exact, 'same');
  open.takeNearest((each) => `${each.department}\n${key(each)}\n${each.shot}`, 'overlap', true);
  open.takeNearest((each) => `${each.department}\n${key(each)}`, 'overlap', true);
  open.takeNearest(
    (each) => (each.shot === '' ? '' : `${each.department}\n${key(each)}\n${each.shot}`),
    'source',
    false,
  );
  open.takeEqual((each) => {
    const shot = each.shot === '' ? versionless(each.name) : each.shot.toLowerCase();
    return shot === '' ? '' : `${each.department}\n${shot}`;
  }, 'shot');
  return open.finish();
}

/** The way of telling media apart under which the two cuts have most in common. */
export function chooseIdentity(
  before: readonly CutEntry[],
  after: readonly CutEntry[],
): MediaIdentity {
  let best: MediaIdentity = 'name';
  let most = 0;
  for (const identity of ['reel', 'url', 'name'] as const) {
    const known = new Set(before.map((each) => identify(each, identity)));
    known.delete('');
    const shared = after.filter((each) => known.has(identify(each, identity))).length;
    if (shared > most) [best, most] = [identity, shared];
  }
  return best;
}

/** Reels that name no tape. */
const NO_REEL = /^(?:AX|UNKNOWN|NONE|)$/i;

function identify(of: CutEntry, identity: MediaIdentity): string {
  if (identity === 'reel') return NO_REEL.test(of.reel) ? '' : of.reel.toLowerCase();
  if (identity === 'url') return fileName(of.url).toLowerCase();
  return of.name.toLowerCase();
}

/** The medium of an entry: by the chosen identity, else by what else it has. */
export function mediaKey(of: CutEntry, identity: MediaIdentity): string {
  return identify(of, identity) || `~${fileName(of.url).toLowerCase() || of.name.toLowerCase()}`;
}

function fileName(url: string): string {
  return url.slice(Math.max(url.lastIndexOf('/'), url.lastIndexOf('\\')) + 1);
}

/** A name without its version and ending: versions of one shot are one shot. */
export function versionless(name: string): string {
  return name
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replace(/[ ._-]*(?:v|ver|version)[ ._-]?\d{1,6}$/i, '')
    .toLowerCase();
}

class Matcher {
  #before: CutEntry[];
  #after: CutEntry[];
  readonly #pairs: Pair[] = [];

  constructor(before: readonly CutEntry[], after: readonly CutEntry[]) {
    this.#before = [...before];
    this.#after = [...after];
  }

  /** Pairs entries with one key in the order of both; an empty key matches nothing. */
  takeEqual(key: (each: CutEntry) => string, by: MatchReason): void {
    const queues = new Map<string, CutEntry[]>();
    for (const each of this.#before) pushTo(queues, key(each), each);
    const heads = new Map<string, number>();
    const taken = new Set<CutEntry>();
    for (const each of this.#after) {
      const name = key(each);
      if (name === '') continue;
      const head = heads.get(name) ?? 0;
      const found = queues.get(name)?.[head];
      if (found === undefined) continue;
      heads.set(name, head + 1);
      this.#pairs.push({ old: found, new: each, by });
      taken.add(found).add(each);
    }
    this.#drop(taken);
  }

  /** Pairs entries of one group that share most source, or (not overlapping) lie nearest. */
  takeNearest(key: (each: CutEntry) => string, by: MatchReason, overlapping: boolean): void {
    const groups = new Map<string, CutEntry[]>();
    for (const each of this.#before) pushTo(groups, key(each), each);
    for (const group of groups.values()) group.sort((a, b) => a.sourceIn - b.sourceIn);
    const candidates: { old: CutEntry; new: CutEntry; weight: number; order: number }[] = [];
    for (const each of this.#after) {
      const name = key(each);
      const group = name === '' ? undefined : groups.get(name);
      if (group === undefined) continue;
      for (const old of neighbours(group, each)) {
        const weight = sharedFrames(old, each);
        if (overlapping && weight <= 0) continue;
        candidates.push({ old, new: each, weight, order: candidates.length });
      }
    }
    candidates.sort((a, b) => b.weight - a.weight || a.order - b.order);
    const taken = new Set<CutEntry>();
    for (const each of candidates) {
      if (taken.has(each.old) || taken.has(each.new)) continue;
      this.#pairs.push({ old: each.old, new: each.new, by });
      taken.add(each.old).add(each.new);
    }
    this.#drop(taken);
  }

  #drop(taken: ReadonlySet<CutEntry>): void {
    if (taken.size === 0) return;
    this.#before = this.#before.filter((each) => !taken.has(each));
    this.#after = this.#after.filter((each) => !taken.has(each));
  }

  finish(): Matching {
    return { pairs: this.#pairs, omitted: this.#before, added: this.#after };
  }
}

function pushTo(groups: Map<string, CutEntry[]>, key: string, entry: CutEntry): void {
  if (key === '') return;
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [entry]);
  else group.push(entry);
}

/** Entries around the place of another in source order. */
function neighbours(sorted: readonly CutEntry[], of: CutEntry): readonly CutEntry[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.sourceIn < of.sourceIn) low = middle + 1;
    else high = middle;
  }
  const half = NEIGHBOURS_MAX / 2;
  return sorted.slice(Math.max(0, low - half), low + half);
}

/** Frames of source both use; negative is the distance between them. */
export function sharedFrames(a: CutEntry, b: CutEntry): number {
  return Math.min(a.sourceOut, b.sourceOut) - Math.max(a.sourceIn, b.sourceIn);
}
