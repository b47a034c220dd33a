import {
  accepted,
  type Finding,
  finding,
  FRAME_RATES,
  type FrameRate,
  type Outcome,
  type TimecodeFormat,
} from '@yinglian/core';
import type { Timeline } from '../model.ts';
import { clockFormat, rateOf } from '../place.ts';
import { rateLabel, sameRate } from '../time.ts';
import { type Block, blocksOf } from './blocks.ts';
import { type CutEntry, type Department, entriesOf, type ShotNaming } from './entries.ts';
import { chooseIdentity, matchEntries, type MatchReason, mediaKey, type Pair } from './match.ts';

/** What happened to one use of a medium. Several may hold at once. */
export type ChangeKind =
  | 'new'
  | 'omitted'
  | 'reinstated'
  | 'replaced'
  | 'rescan'
  | 'trimmed'
  | 'extended'
  | 'slipped'
  | 'moved'
  | 'retimed'
  | 'effect'
  | 'disabled'
  | 'enabled'
  | 'renamed';

/** One line of a change list. */
export type Change = {
  readonly department: Department;
  readonly shot: string;
  readonly name: string;
  /** Empty for an entry that is as it was, wherever the programme around it went. */
  readonly kinds: readonly ChangeKind[];
  readonly old: CutEntry | undefined;
  readonly new: CutEntry | undefined;
  readonly matchedBy: MatchReason | undefined;
  /** Frames of source by which its head moved (positive: begins later). */
  readonly headFrames: number;
  /** Frames of source by which its tail moved (positive: ends later). */
  readonly tailFrames: number;
  /** Frames by which its place in the record moved; 0 for new and omitted ones. */
  readonly shiftFrames: number;
  /** Frame numbers as the show counts them, see {@link ChangeOptions}. */
  readonly frames: { readonly cutIn: number; readonly cutOut: number } | undefined;
  readonly oldFrames: { readonly cutIn: number; readonly cutOut: number } | undefined;
  /** Whether the shot is used more than once in either cut. */
  readonly repeated: boolean;
};

/** What a comparison is told. */
export type ChangeOptions = ShotNaming & {
  /** Frames scanned before and after what the old cut used. 8 is the usual handle. */
  readonly handles?: { readonly head: number; readonly tail: number };
  /** The number of the first frame that was scanned, handle included: 1001 in most shows. */
  readonly firstFrame?: number;
  /** Cuts before the old one: what was in them, left and comes back is reinstated. */
  readonly earlier?: readonly Timeline[];
};

/** The difference between two cuts. */
export type ChangeList = {
  readonly format: TimecodeFormat;
  readonly oldTitle: string;
  readonly newTitle: string;
  readonly oldFrames: number;
  readonly newFrames: number;
  /** New and kept ones in the order of the new cut, each omitted one where it would stand. */
  readonly changes: readonly Change[];
  /** Where the old programme's time went, for those who must move sound. */
  readonly blocks: readonly Block[];
};

/** Handles that most shows scan. */
export const HANDLE_FRAMES = 8;
/** The number most shows give to the first frame that was scanned. */
export const FIRST_FRAME = 1001;

/** Compares two cuts. Times of another rate are brought to that of the new cut. */
export function compareCuts(
  before: Timeline,
  after: Timeline,
  options: ChangeOptions = {},
): Outcome<ChangeList> {
  const findings: Finding[] = [];
  const rate = rateOf(after) ?? rateOf(before) ?? FRAME_RATES['24'];
  const oldRate = rateOf(before) ?? rate;
  if (!sameRate(rate, oldRate)) {
    const facts = { old: rateLabel(oldRate), new: rateLabel(rate) };
    findings.push(finding('mismatched_cut_rate', 'warning', { facts }));
  }
  const old = entriesOf(before, rate, findings, options);
  const now = entriesOf(after, rate, findings, options);
  const matching = matchEntries(old, now);
  const moved = movedPairs(matching.pairs);
  const scope = new Scope(old, now, options, rate);
  const changes = [
    ...matching.pairs.map((pair) => scope.kept(pair, moved.has(pair))),
    ...matching.added.map((each) => scope.added(each)),
  ].sort(byNewPlace);
  const list: ChangeList = {
    format: clockFormat(after, rate),
    oldTitle: before.name,
    newTitle: after.name,
    oldFrames: lengthOf(old),
    newFrames: lengthOf(now),
    changes: withOmitted(
      changes,
      matching.omitted.map((each) => scope.omitted(each)),
    ),
    blocks: blocksOf(matching.pairs, old, now),
  };
  return accepted(list, findings);
}

function lengthOf(entries: readonly CutEntry[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const each of entries) {
    if (each.recordIn < first) first = each.recordIn;
    if (each.recordOut > last) last = each.recordOut;
  }
  return entries.length === 0 ? 0 : last - first;
}

function byNewPlace(a: Change, b: Change): number {
  const [left, right] = [a.new!, b.new!];
  return left.track - right.track || left.recordIn - right.recordIn || left.index - right.index;
}

/** Each omitted entry after the one it followed, as an editor reads the two cuts side by side. */
function withOmitted(kept: readonly Change[], omitted: readonly Change[]): Change[] {
  const followers = new Map<string, Change[]>();
  const present = new Map<string, Change[]>();
  for (const each of kept) {
    if (each.old === undefined) continue;
    const track = trackKey(each.old);
    const list = present.get(track);
    if (list === undefined) present.set(track, [each]);
    else list.push(each);
  }
  for (const list of present.values()) list.sort((a, b) => a.old!.index - b.old!.index);
  for (const each of omitted) {
    const before = lastBefore(present.get(trackKey(each.old!)) ?? [], each.old!.index);
    const key = before === undefined ? `start ${trackKey(each.old!)}` : entryKey(before.new!);
    const list = followers.get(key);
    if (list === undefined) followers.set(key, [each]);
    else list.push(each);
  }
  const made: Change[] = [];
  const starts = [...followers].filter(([key]) => key.startsWith('start '));
  for (const [, list] of starts) made.push(...list);
  for (const each of kept) {
    made.push(each);
    made.push(...(followers.get(entryKey(each.new!)) ?? []));
  }
  return made;
}

function lastBefore(sorted: readonly Change[], index: number): Change | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.old!.index < index) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

function trackKey(of: CutEntry): string {
  return `${of.department} ${of.trackName}`;
}

function entryKey(of: CutEntry): string {
  return `${of.track}/${of.index}`;
}

/**
 * Pairs whose place in the order changed: all but the longest run that kept its order. A shot that
 * only lies later because something was put in before it has not moved.
 */
export function movedPairs(pairs: readonly Pair[]): Set<Pair> {
  const moved = new Set<Pair>();
  const tracks = new Map<string, Pair[]>();
  for (const each of pairs) {
    if (each.old.trackName !== each.new.trackName) moved.add(each);
    const list = tracks.get(trackKey(each.new));
    if (list === undefined) tracks.set(trackKey(each.new), [each]);
    else list.push(each);
  }
  for (const list of tracks.values()) {
    const stayed = list.filter((each) => !moved.has(each));
    stayed.sort((a, b) => a.old.recordIn - b.old.recordIn || a.old.index - b.old.index);
    const kept = longestRising(stayed.map((each) => each.new.index));
    for (const [index, each] of stayed.entries()) if (!kept.has(index)) moved.add(each);
  }
  return moved;
}

/** Positions of a longest strictly rising subsequence; n log n. */
export function longestRising(values: readonly number[]): Set<number> {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [index, value] of values.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[tails[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? -1 : tails[low - 1]!);
    tails[low] = index;
  }
  const kept = new Set<number>();
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at]!) kept.add(at);
  return kept;
}

type Range = { readonly first: number; readonly last: number };

/** What is known of shots and media over the whole of both cuts. */
class Scope {
  readonly #scanned = new Map<string, Range>();
  readonly #uses = new Map<string, number>();
  readonly #earlier = new Set<string>();
  readonly #head: number;
  readonly #tail: number;
  readonly #firstFrame: number;
  readonly #key: (each: CutEntry) => string;

  constructor(
    old: readonly CutEntry[],
    now: readonly CutEntry[],
    options: ChangeOptions,
    rate: FrameRate,
  ) {
    this.#head = options.handles?.head ?? HANDLE_FRAMES;
    this.#tail = options.handles?.tail ?? HANDLE_FRAMES;
    this.#firstFrame = options.firstFrame ?? FIRST_FRAME;
    const identity = chooseIdentity(old, now);
    // A scan is of one medium for one shot: another shot of the same reel is another scan.
    this.#key = (each) => `${each.department}\n${mediaKey(each, identity)}\n${each.shot}`;
    for (const each of old) this.#scan(each);
    for (const list of [old, now]) this.#count(list);
    for (const cut of options.earlier ?? []) {
      for (const each of entriesOf(cut, rate, [], options)) this.#earlier.add(this.#shotKey(each));
    }
  }

  #scan(each: CutEntry): void {
    const key = this.#key(each);
    const known = this.#scanned.get(key);
    this.#scanned.set(key, {
      first: Math.min(known?.first ?? each.sourceIn, each.sourceIn),
      last: Math.max(known?.last ?? each.sourceOut, each.sourceOut),
    });
  }

  #count(list: readonly CutEntry[]): void {
    const here = new Map<string, number>();
    for (const each of list) {
      const key = this.#shotKey(each);
      here.set(key, (here.get(key) ?? 0) + 1);
    }
    for (const [key, count] of here) {
      this.#uses.set(key, Math.max(this.#uses.get(key) ?? 0, count));
    }
  }

  #shotKey(each: CutEntry): string {
    return each.shot === '' ? this.#key(each) : `${each.department}\n${each.shot.toLowerCase()}`;
  }

  /** Numbers as the show counts them: the first scanned frame of the old cut has the first one. */
  #frames(of: CutEntry, scan: CutEntry): Change['frames'] {
    const first = this.#scanned.get(this.#key(scan))?.first ?? of.sourceIn;
    const cutIn = this.#firstFrame + this.#head + of.sourceIn - first;
    return { cutIn, cutOut: cutIn + of.sourceOut - of.sourceIn - 1 };
  }

  #repeated(of: CutEntry): boolean {
    return (this.#uses.get(this.#shotKey(of)) ?? 0) > 1;
  }

  added(of: CutEntry): Change {
    const kind: ChangeKind = this.#earlier.has(this.#shotKey(of)) ? 'reinstated' : 'new';
    return {
      ...NOTHING,
      ...named(of),
      kinds: [kind],
      new: of,
      frames: this.#frames(of, of),
      repeated: this.#repeated(of),
    };
  }

  omitted(of: CutEntry): Change {
    return {
      ...NOTHING,
      ...named(of),
      kinds: ['omitted'],
      old: of,
      oldFrames: this.#frames(of, of),
      repeated: this.#repeated(of),
    };
  }

  kept(pair: Pair, moved: boolean): Change {
    const { old, new: now } = pair;
    const replaced = pair.by === 'shot';
    const headFrames = replaced ? 0 : now.sourceIn - old.sourceIn;
    const tailFrames = replaced ? 0 : now.sourceOut - old.sourceOut;
    const kinds: ChangeKind[] = [];
    if (replaced) kinds.push('replaced');
    if (!replaced && this.#needsScan(pair)) kinds.push('rescan');
    if (old.speed !== now.speed) kinds.push('retimed');
    kinds.push(...rangeKinds(old, now, headFrames, tailFrames, replaced));
    if (moved) kinds.push('moved');
    if (old.treatment !== now.treatment) kinds.push('effect');
    if (old.enabled !== now.enabled) kinds.push(now.enabled ? 'enabled' : 'disabled');
    const renumbered = old.shot !== '' && now.shot !== '' && old.shot !== now.shot;
    if ((old.name !== now.name || renumbered) && !replaced) kinds.push('renamed');
    return {
      ...named(now),
      kinds,
      old,
      new: now,
      matchedBy: pair.by,
      headFrames,
      tailFrames,
      shiftFrames: now.recordIn - old.recordIn,
      frames: this.#frames(now, replaced ? now : old),
      oldFrames: this.#frames(old, old),
      repeated: this.#repeated(now),
    };
  }

  /** Beyond what was scanned for the shot, with its handles, in the old cut. */
  #needsScan({ old, new: now }: Pair): boolean {
    const scanned = this.#scanned.get(this.#key(old));
    if (scanned === undefined) return false;
    return now.sourceIn < scanned.first - this.#head || now.sourceOut > scanned.last + this.#tail;
  }
}

const NOTHING = {
  old: undefined,
  new: undefined,
  matchedBy: undefined,
  headFrames: 0,
  tailFrames: 0,
  shiftFrames: 0,
  frames: undefined,
  oldFrames: undefined,
};

function named(of: CutEntry): Pick<Change, 'department' | 'shot' | 'name'> {
  return { department: of.department, shot: of.shot, name: of.name };
}

function rangeKinds(
  old: CutEntry,
  now: CutEntry,
  headFrames: number,
  tailFrames: number,
  replaced: boolean,
): ChangeKind[] {
  if (replaced) {
    const [before, after] = [old.sourceOut - old.sourceIn, now.sourceOut - now.sourceIn];
    return after < before ? ['trimmed'] : after > before ? ['extended'] : [];
  }
  if (headFrames === 0 && tailFrames === 0) return [];
  if (headFrames === tailFrames) return ['slipped'];
  const kinds: ChangeKind[] = [];
  if (headFrames > 0 || tailFrames < 0) kinds.push('trimmed');
  if (headFrames < 0 || tailFrames > 0) kinds.push('extended');
  return kinds;
}

/** Whom a change list is cut down to. */
export const CHANGE_READERS = Object.freeze([...(['picture', 'sound', 'vfx'] as const)]);
/** Picture, sound, or effects: the shots of the picture that have a name. */
export type ChangeReader = (typeof CHANGE_READERS)[number];

/** What of a list concerns one department; the blocks are those of the whole programme. */
export function changesFor(of: ChangeList, reader: ChangeReader): ChangeList {
  const concerns = ({ department, old, new: now }: Change) => {
    if (reader !== 'vfx') return department === reader;
    return department === 'picture' && ((old?.shot ?? '') !== '' || (now?.shot ?? '') !== '');
  };
  return { ...of, changes: of.changes.filter(concerns) };
}

/** How many entries each kind of change has; `unchanged` for the rest. */
export function countChanges(of: ChangeList): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kinds } of of.changes) {
    for (const kind of kinds.length === 0 ? ['unchanged'] : kinds) {
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  return counts;
}
