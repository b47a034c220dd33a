import { type Finding, FRAME_RATES, type FrameRate, type Outcome, refused } from '@yinglian/core';
import { accepted } from '@yinglian/core';
import {
  type Change,
  type ChangeList,
  clip,
  compareCuts,
  type CutEntry,
  entriesOf,
  nameShots,
  range,
  rateOf,
  stack,
  type Timeline,
  track,
} from '@yinglian/timeline';

/** A shot as the hall knows it before a new cut is read. */
export type KnownShot = {
  readonly id: string;
  readonly code: string;
  readonly clip: string;
  readonly reel: string;
  readonly sourceIn: number | null;
  readonly sourceOut: number | null;
  readonly scannedIn: number | null;
  readonly scannedOut: number | null;
  readonly headHandle: number;
  readonly tailHandle: number;
  readonly omitted: boolean;
  /** Whether the line of cuts that is read now has it. */
  readonly ofLine: boolean;
};

export type CutPlanOptions = {
  readonly template: string;
  readonly step: number;
  readonly firstFrame: number;
  readonly headHandle: number;
  readonly tailHandle: number;
  /** What `{sequence}` stands for. */
  readonly sequence: string;
};

/** What becomes of one shot by the new cut. */
export type ShotPlan = {
  readonly code: string;
  /** Undefined for a new one. */
  readonly known: KnownShot | undefined;
  readonly kinds: readonly PlannedKind[];
  readonly entry: CutEntry;
  readonly recordIn: number;
  readonly frameCount: number;
  readonly sourceIn: number;
  readonly sourceOut: number;
};
export type PlannedKind = { readonly kind: string; readonly frames: number | null };

export type CutPlan = {
  readonly named: Timeline;
  readonly rate: FrameRate;
  readonly frames: number;
  /** In the order of the cut. */
  readonly shots: readonly ShotPlan[];
  readonly omitted: readonly KnownShot[];
  readonly list: ChangeList;
};

/** Changes that ask nothing of whoever works on a shot. */
const QUIET: ReadonlySet<string> = new Set(['moved', 'renamed', 'new']);

/** Whether tasks of the shot are to be looked at again. */
export function asksForWork(kinds: readonly PlannedKind[]): boolean {
  return kinds.some((each) => !QUIET.has(each.kind));
}

/**
 * What a cut makes of the shots: it is named as the one before, then compared with it. A shot that
 * left comes back under its own name, and its name is given to no other.
 */
export function planCut(
  after: Timeline,
  before: Timeline | undefined,
  known: readonly KnownShot[],
  options: CutPlanOptions,
): Outcome<CutPlan> {
  const rate = rateOf(after) ?? FRAME_RATES['24'];
  const left = known.filter((each) => each.omitted);
  const gone = timelineOf(left, rate);
  const earlier = before === undefined ? gone : withTracks(before, gone);
  const named = nameShots(after, {
    template: options.template,
    step: options.step,
    sequence: options.sequence,
    earlier,
    reserved: known.map((each) => each.code),
  });
  if (!named.ok) return refused(...named.findings);
  const compared = compareCuts(before ?? stacked([]), named.value, {
    handles: { head: options.headHandle, tail: options.tailHandle },
    firstFrame: options.firstFrame,
    earlier: [gone],
  });
  if (!compared.ok) return refused(...compared.findings);
  const findings: Finding[] = [...named.findings, ...compared.findings];
  const plans = plansOf(named.value, rate, compared.value, known);
  const present = new Set(plans.map((each) => each.code));
  return accepted(
    {
      named: named.value,
      rate,
      frames: compared.value.newFrames,
      shots: plans,
      omitted: known.filter((each) => each.ofLine && !each.omitted && !present.has(each.code)),
      list: compared.value,
    },
    findings,
  );
}

function stacked(children: readonly ReturnType<typeof track>[]): Timeline {
  return { kind: 'timeline', name: '', metadata: {}, tracks: stack({ children }) };
}

/** Shots that left the cut, as a cut of their own to be compared with. */
function timelineOf(shots: readonly KnownShot[], rate: FrameRate): Timeline {
  const children = shots.flatMap((each) =>
    each.sourceIn === null || each.sourceOut === null
      ? []
      : [
          clip({
            name: each.clip,
            metadata: { yinglian: { shot: each.code, reel: each.reel } },
            sourceRange: range(each.sourceIn, each.sourceOut - each.sourceIn, rate),
          }),
        ],
  );
  return stacked([track({ children })]);
}

function withTracks(of: Timeline, more: Timeline): Timeline {
  const children = [...of.tracks.children, ...more.tracks.children];
  return { ...of, tracks: { ...of.tracks, children } };
}

function plansOf(
  named: Timeline,
  rate: FrameRate,
  list: ChangeList,
  known: readonly KnownShot[],
): ShotPlan[] {
  const byCode = new Map(known.map((each) => [each.code, each]));
  const changes = new Map<string, Change[]>();
  for (const each of list.changes) {
    if (each.department !== 'picture' || each.shot === '' || each.new === undefined) continue;
    const own = changes.get(each.shot);
    if (own === undefined) changes.set(each.shot, [each]);
    else own.push(each);
  }
  const uses = new Map<string, CutEntry[]>();
  const entries = entriesOf(named, rate, [])
    .filter((each) => each.department === 'picture' && each.shot !== '')
    .sort((a, b) => a.recordIn - b.recordIn || a.track - b.track);
  for (const each of entries) {
    const own = uses.get(each.shot);
    if (own === undefined) uses.set(each.shot, [each]);
    else own.push(each);
  }
  return [...uses].map(([code, own]) => planOf(code, own, changes.get(code) ?? [], byCode));
}

/** A shot that is used more than once is worked on from its first frame used to its last. */
function planOf(
  code: string,
  uses: readonly CutEntry[],
  changes: readonly Change[],
  byCode: ReadonlyMap<string, KnownShot>,
): ShotPlan {
  const [entry] = uses as readonly [CutEntry, ...CutEntry[]];
  const same = uses.filter((each) => each.reel === entry.reel && each.name === entry.name);
  const sourceIn = Math.min(...same.map((each) => each.sourceIn));
  const sourceOut = Math.max(...same.map((each) => each.sourceOut));
  const known = byCode.get(code);
  return {
    code,
    known,
    kinds: kindsOf(known, changes, { sourceIn, sourceOut }),
    entry,
    recordIn: entry.recordIn,
    frameCount: entry.recordOut - entry.recordIn,
    sourceIn,
    sourceOut,
  };
}

function kindsOf(
  known: KnownShot | undefined,
  changes: readonly Change[],
  used: { readonly sourceIn: number; readonly sourceOut: number },
): PlannedKind[] {
  if (known === undefined) return [{ kind: 'new', frames: null }];
  const kinds = new Map<string, number | null>();
  if (known.omitted) kinds.set('reinstated', null);
  for (const change of changes) {
    for (const kind of change.kinds) {
      // What was given out decides on a rescan, not what the last cut happened to use.
      if (kind === 'rescan' || kind === 'new' || kind === 'omitted') continue;
      if (!kinds.has(kind)) kinds.set(kind, framesOf(kind, change));
    }
  }
  const short =
    known.scannedIn === null || known.scannedOut === null
      ? 0
      : Math.max(0, known.scannedIn - used.sourceIn) +
        Math.max(0, used.sourceOut - known.scannedOut);
  if (short > 0 && !kinds.has('replaced')) kinds.set('rescan', short);
  return [...kinds].map(([kind, frames]) => ({ kind, frames }));
}

function framesOf(kind: string, change: Change): number | null {
  if (kind === 'moved') return change.shiftFrames;
  if (kind === 'slipped') return change.headFrames;
  if (kind === 'trimmed' || kind === 'extended') return change.tailFrames - change.headFrames;
  return null;
}

/** Frames of source that are given out for a shot, and the number that the first of them has. */
export function scanOf(
  plan: Pick<ShotPlan, 'known' | 'kinds' | 'sourceIn' | 'sourceOut'>,
  options: Pick<CutPlanOptions, 'headHandle' | 'tailHandle'>,
): { readonly scannedIn: number; readonly scannedOut: number } {
  const { known } = plan;
  const isFresh =
    known?.scannedIn == null ||
    known.scannedOut === null ||
    plan.kinds.some((each) => each.kind === 'replaced');
  return isFresh
    ? {
        scannedIn: plan.sourceIn - (known?.headHandle ?? options.headHandle),
        scannedOut: plan.sourceOut + (known?.tailHandle ?? options.tailHandle),
      }
    : { scannedIn: known.scannedIn, scannedOut: known.scannedOut! };
}
