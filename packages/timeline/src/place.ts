import {
  allowsDropFrame,
  clipText,
  type Finding,
  finding,
  FINDINGS_MAX,
  type FrameRate,
  type TimecodeFormat,
} from '@yinglian/core';
import { member, objectMember } from './json/value.ts';
import {
  type Clip,
  type Composable,
  effectLabel,
  type Item,
  mediaOf,
  type Stack,
  type Timeline,
  type Track,
  type Transition,
  type UnknownObject,
} from './model.ts';
import {
  addTime,
  compareTime,
  framesAt,
  isSoundTime,
  type RationalTime,
  sameRate,
  type TimeRange,
  zeroTime,
} from './time.ts';

/** An item of a track with its place in the record, in whole frames of one rate. */
export type PlacedItem = {
  readonly item: Item | UnknownObject;
  /** Frames from the start of the timeline. */
  readonly start: number;
  readonly duration: number;
  /** The transition it comes in by, and the one it goes out by. */
  readonly before: Transition | undefined;
  readonly after: Transition | undefined;
  /** `tracks/0/3`, for findings. */
  readonly path: string;
  /** The compound clip of the track that it is a piece of; undefined where it is its own. */
  readonly holder?: Item | UnknownObject;
};

/** Nesting that lengths are looked up through; deeper is no cut. */
const NESTING_MAX = 64;

/**
 * The range of an item that is played: its source range, or all that it holds. Undefined where
 * nothing says how long it is (a clip of unknown media without a range).
 */
export function playedRange(of: Item, depth = 0): TimeRange | undefined {
  if (of.sourceRange !== undefined) return of.sourceRange;
  if (depth > NESTING_MAX) return undefined;
  if (of.kind === 'clip') {
    const media = mediaOf(of);
    return media === undefined || media.kind === 'unknown' ? undefined : media.availableRange;
  }
  if (of.kind === 'gap') return undefined;
  const duration = of.kind === 'track' ? trackLength(of, depth) : stackLength(of, depth);
  return duration === undefined ? undefined : { start: zeroTime(duration.rate), duration };
}

function trackLength(of: Track, depth: number): RationalTime | undefined {
  let sum: RationalTime | undefined;
  for (const each of of.children) {
    const length = lengthOf(each, depth + 1);
    if (length !== undefined) sum = sum === undefined ? length : addTime(sum, length);
  }
  return sum;
}

function stackLength(of: Stack, depth: number): RationalTime | undefined {
  let longest: RationalTime | undefined;
  for (const each of of.children) {
    const length = lengthOf(each, depth + 1);
    if (length === undefined) continue;
    if (longest === undefined || compareTime(length, longest) > 0) longest = length;
  }
  return longest;
}

/** How long a child lasts; undefined for transitions, unknown objects and unknown lengths. */
function lengthOf(of: Composable, depth: number): RationalTime | undefined {
  if (of.kind === 'transition' || of.kind === 'unknown') return undefined;
  return playedRange(of, depth)?.duration;
}

/**
 * The rate a timeline is cut at: that of its start, else of the first clip of picture, else of the
 * first item with a length. Undefined for an empty one.
 */
export function rateOf(of: Timeline): FrameRate | undefined {
  const start = of.globalStart;
  if (start !== undefined && isSoundTime(start)) return start.rate;
  const tracks = tracksOf(of);
  const ordered = [
    ...tracks.filter(({ track }) => track.trackKind === 'Video'),
    ...tracks.filter(({ track }) => track.trackKind !== 'Video'),
  ];
  for (const wanted of ['clip', 'any'] as const) {
    for (const { track } of ordered) {
      for (const each of track.children) {
        if (wanted === 'clip' && each.kind !== 'clip') continue;
        const length = lengthOf(each, 0);
        if (length !== undefined && isSoundTime(length)) return length.rate;
      }
    }
  }
  return undefined;
}

/** Whether a timeline's labels drop numbers, as its list, project or sequence said. */
export function countsDropFrame(of: Timeline): boolean {
  const list = objectMember(of.metadata, 'cmx_3600');
  return list !== undefined && member(list, 'drop_frame') === true;
}

/** The counting of a timeline's own labels; drop frame only where the rate has it. */
export function clockFormat(of: Timeline, rate: FrameRate): TimecodeFormat {
  return { rate, dropFrame: countsDropFrame(of) && allowsDropFrame(rate) };
}

/** The tracks of a timeline; anything else at its top is taken as a track of its own. */
export function tracksOf(of: Timeline): { track: Track; path: string }[] {
  return of.tracks.children.map((each, index) => {
    const path = `tracks/${index}`;
    if (each.kind === 'track') return { track: each, path };
    const sole: Track = {
      kind: 'track',
      name: each.name,
      metadata: {},
      effects: [],
      markers: [],
      enabled: true,
      trackKind: 'Video',
      children: [each],
    };
    return { track: sole, path };
  });
}

/** What a placement needs to know and where it says what was lost. */
export type Placing = {
  readonly rate: FrameRate;
  readonly findings: Finding[];
};

/** Places the items of a track. A time between two frames is rounded, with a finding. */
export function placeItems(of: Track, path: string, placing: Placing): PlacedItem[] {
  const placed: PlacedItem[] = [];
  let at: RationalTime = zeroTime(placing.rate);
  let before: Transition | undefined;
  for (const [index, each] of of.children.entries()) {
    const here = `${path}/${index}`;
    if (each.kind === 'transition') {
      before = each;
      const last = placed.at(-1);
      if (last !== undefined) placed[placed.length - 1] = { ...last, after: each };
      continue;
    }
    const length = each.kind === 'unknown' ? undefined : soundLength(each, here, placing);
    const start = wholeFrames(at, placing, here);
    if (length !== undefined) at = addTime(at, length);
    const duration = length === undefined ? 0 : wholeFrames(at, placing, here) - start;
    placed.push({ item: each, start, duration, before, after: undefined, path: here });
    before = undefined;
  }
  return placed;
}

function soundLength(of: Item, path: string, placing: Placing): RationalTime | undefined {
  const length = playedRange(of)?.duration;
  if (length !== undefined && isSoundTime(length) && length.value >= 0) return length;
  tell(placing, length === undefined ? 'missing_duration' : 'invalid_time', 'warning', path, {
    name: clipText(of.name),
    value: String(length?.value ?? ''),
    rate: '',
  });
  return undefined;
}

/** Whole frames of the placing's rate; rounding is told once for each place. */
export function wholeFrames(of: RationalTime, placing: Placing, path: string): number {
  if (sameRate(of.rate, placing.rate) && Number.isInteger(of.value)) return of.value;
  const { frames, exact } = framesAt(of, placing.rate);
  if (!exact) tell(placing, 'uneven_time', 'note', path, { value: String(of.value), frames });
  return frames;
}

/** Adds a finding about an element of the timeline. */
export function tell(
  { findings }: Pick<Placing, 'findings'>,
  code: string,
  severity: Finding['severity'],
  path: string,
  facts: Finding['facts'] = {},
): void {
  if (findings.length >= FINDINGS_MAX) return;
  findings.push(finding(code, severity, { facts, at: { element: path } }));
}

/** Effects on a whole track, which no format but the model has a place for. */
export function tellTrackEffects(
  of: Track,
  path: string,
  placing: Pick<Placing, 'findings'>,
): void {
  for (const each of of.effects) {
    tell(placing, 'uncarried_effect', 'warning', path, { name: clipText(effectLabel(each)) });
  }
}

/** The source of a placed clip in whole frames; undefined where it has no range. */
export function sourceFrames(
  of: Clip,
  placing: Placing,
  path: string,
): { start: number; duration: number } | undefined {
  const played = playedRange(of);
  if (played === undefined || !isSoundTime(played.start)) return undefined;
  return {
    start: wholeFrames(played.start, placing, path),
    duration: wholeFrames(played.duration, placing, path),
  };
}
