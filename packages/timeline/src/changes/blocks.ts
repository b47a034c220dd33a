import type { CutEntry } from './entries.ts';
import type { Pair } from './match.ts';

/**
 * A stretch of programme that sound moves as one: kept (from old to new time), removed (old time
 * only) or inserted (new time only). Frames of the timeline's timecode; the end is outside.
 */
export type Block = {
  readonly kind: 'kept' | 'removed' | 'inserted';
  readonly oldIn: number | undefined;
  readonly oldOut: number | undefined;
  readonly newIn: number | undefined;
  readonly newOut: number | undefined;
  /** New minus old time of a kept block. */
  readonly shiftFrames: number;
};

type Stretch = { readonly oldIn: number; readonly newIn: number; readonly length: number };

/**
 * Where the programme's time went: by the picture, or by the sound of a cut that has no picture.
 * The lowest track with material decides what is kept at each moment.
 */
export function blocksOf(
  pairs: readonly Pair[],
  old: readonly CutEntry[],
  now: readonly CutEntry[],
): Block[] {
  const pictured = [...old, ...now].some((each) => each.department === 'picture');
  const leads = (each: CutEntry) => (each.department === 'picture') === pictured;
  const stretches = pairs
    .filter((pair) => leads(pair.new) && pair.by !== 'shot')
    .sort((a, b) => a.new.track - b.new.track || a.new.recordIn - b.new.recordIn)
    .flatMap(stretchOf);
  const kept = joined(withoutOverlaps(stretches));
  const blocks: Block[] = kept.map(({ oldIn, newIn, length }) => ({
    kind: 'kept',
    oldIn,
    oldOut: oldIn + length,
    newIn,
    newOut: newIn + length,
    shiftFrames: newIn - oldIn,
  }));
  const oldHoles = holes(
    old.filter(leads),
    kept.map(({ oldIn, length }) => [oldIn, oldIn + length]),
  );
  for (const [oldIn, oldOut] of oldHoles) {
    const none = { newIn: undefined, newOut: undefined, shiftFrames: 0 };
    blocks.push({ kind: 'removed', oldIn, oldOut, ...none });
  }
  const newHoles = holes(
    now.filter(leads),
    kept.map(({ newIn, length }) => [newIn, newIn + length]),
  );
  for (const [newIn, newOut] of newHoles) {
    const none = { oldIn: undefined, oldOut: undefined, shiftFrames: 0 };
    blocks.push({ kind: 'inserted', newIn, newOut, ...none });
  }
  return blocks.sort(
    (a, b) => (a.newIn ?? a.oldIn!) - (b.newIn ?? b.oldIn!) || a.kind.localeCompare(b.kind),
  );
}

/** The part of a pair whose source both cuts play at one speed. */
function stretchOf({ old, new: now }: Pair): Stretch[] {
  if (old.speed !== now.speed || old.speed <= 0) {
    // A retime keeps no moment but, played alike, the whole of it.
    const same = old.sourceIn === now.sourceIn && old.sourceOut === now.sourceOut;
    if (old.speed !== now.speed || !same) return [];
    const length = Math.min(old.recordOut - old.recordIn, now.recordOut - now.recordIn);
    return [{ oldIn: old.recordIn, newIn: now.recordIn, length }];
  }
  const from = Math.max(old.sourceIn, now.sourceIn);
  const until = Math.min(old.sourceOut, now.sourceOut);
  if (until <= from) return [];
  const oldIn = old.recordIn + Math.round((from - old.sourceIn) / old.speed);
  const newIn = now.recordIn + Math.round((from - now.sourceIn) / now.speed);
  const length = Math.min(
    Math.round((until - from) / old.speed),
    old.recordOut - oldIn,
    now.recordOut - newIn,
  );
  return length > 0 ? [{ oldIn, newIn, length }] : [];
}

/** Upper tracks say nothing about moments that a lower one has settled. */
function withoutOverlaps(stretches: readonly Stretch[]): Stretch[] {
  const byNew = [...stretches.entries()].sort(([i, a], [j, b]) => a.newIn - b.newIn || i - j);
  const made: Stretch[] = [];
  let newEnd = Number.NEGATIVE_INFINITY;
  for (const [, each] of byNew) {
    const skip = Math.max(0, newEnd - each.newIn);
    if (skip >= each.length) continue;
    made.push({ oldIn: each.oldIn + skip, newIn: each.newIn + skip, length: each.length - skip });
    newEnd = each.newIn + each.length;
  }
  return made;
}

/** Neighbours with one shift are one block. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const made: Stretch[] = [];
  for (const each of stretches) {
    const last = made.at(-1);
    const touches =
      last !== undefined &&
      last.newIn + last.length === each.newIn &&
      last.oldIn + last.length === each.oldIn;
    if (touches) made[made.length - 1] = { ...last, length: last.length + each.length };
    else made.push(each);
  }
  return made;
}

type Span = readonly [first: number, end: number];

/** What the entries cover and the kept stretches do not. */
function holes(entries: readonly CutEntry[], kept: readonly Span[]): Span[] {
  const covered = union(entries.map((each): Span => [each.recordIn, each.recordOut]));
  const taken = union(kept);
  const made: Span[] = [];
  let index = 0;
  for (const [first, end] of covered) {
    let at = first;
    while (index < taken.length && taken[index]![1] <= at) index++;
    for (let i = index; i < taken.length && taken[i]![0] < end; i++) {
      if (taken[i]![0] > at) made.push([at, taken[i]![0]]);
      at = Math.max(at, taken[i]![1]);
    }
    if (at < end) made.push([at, end]);
  }
  return made;
}

function union(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(([first, end]) => end > first).sort((a, b) => a[0] - b[0]);
  const made: [number, number][] = [];
  for (const [first, end] of sorted) {
    const last = made.at(-1);
    if (last !== undefined && first <= last[1]) last[1] = Math.max(last[1], end);
    else made.push([first, end]);
  }
  return made;
}
