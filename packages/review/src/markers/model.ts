import { formatTimecode, parseTimecode, type TimecodeFormat } from '@yinglian/core';

/** Colours that all editing systems have for markers. */
export const MARKER_COLOURS = Object.freeze([
  'red',
  'yellow',
  'green',
  'blue',
  'cyan',
  'magenta',
] as const);
/** One of {@link MARKER_COLOURS}. */
export type MarkerColour = (typeof MARKER_COLOURS)[number];

/** The colour that a word names (`ResolveColorRed`, `Red`); blue where there is none like it. */
export function colourOf(word: string): MarkerColour {
  const lower = word.toLowerCase();
  return MARKER_COLOURS.find((each) => lower.endsWith(each)) ?? 'blue';
}

/** A remark as editing systems carry it. */
export type ReviewMarker = {
  /** Counted from 0, the first frame of what was watched. */
  readonly frame: number;
  /** In frames, 1 for a single one. */
  readonly length: number;
  readonly author: string;
  readonly text: string;
  readonly colour: MarkerColour;
  /** Of the remark, in formats that can hold it. */
  readonly id: string | null;
};

/** What the markers stand on. */
export type MarkerScope = {
  readonly title: string;
  readonly clock: TimecodeFormat;
  /** The timecode of frame 0, as frames since midnight. */
  readonly first: bigint;
  readonly frames: number;
};

/** The longest list that is read; a film has some hundreds of remarks. */
export const MARKERS_MAX = 20_000;

/** `01:00:02:11` of a frame. */
export function labelOf(frame: number, scope: MarkerScope): string {
  return formatTimecode(scope.first + BigInt(frame), scope.clock);
}

/** The frame that a timecode names; undefined for one that is none at this rate. */
export function frameOfLabel(label: string, scope: MarkerScope): number | undefined {
  const [head, tail] = [label.trim().slice(0, -3), label.trim().slice(-3)];
  // Lists write the mark of drop frame where they like; the scope says how it is counted.
  const read = parseTimecode(
    `${head.replace(/[;.,]/g, ':')}${tail.replace(/^[;.,]/, ':')}`,
    scope.clock,
  );
  return read.ok ? Number(read.value - scope.first) : undefined;
}

/** A text of one line, for formats that have no more. */
export function oneLine(text: string): string {
  return text
    .trim()
    .replace(/\s*[\r\n]+\s*/g, ' / ')
    .replace(/[\t ]+/g, ' ');
}

/**
 * One marker for each frame: of several on a frame Resolve keeps one and drops the others, and
 * Avid shows them over each other. What each said stays, with its name.
 */
export function mergedByFrame(markers: readonly ReviewMarker[]): ReviewMarker[] {
  const frames = new Map<number, ReviewMarker[]>();
  for (const each of markers) {
    const known = frames.get(each.frame);
    if (known === undefined) frames.set(each.frame, [each]);
    else known.push(each);
  }
  return [...frames.values()].map(merged).toSorted((a, b) => a.frame - b.frame);
}

function merged(markers: readonly ReviewMarker[]): ReviewMarker {
  const [first] = markers;
  if (markers.length === 1) return first!;
  return {
    ...first!,
    length: Math.max(...markers.map((each) => each.length)),
    text: markers.map((each) => `${each.author}: ${each.text}`).join('\n'),
    id: null,
  };
}

/** Of markers that come back: those that were there before, and those that are new. */
export type MarkerMatch = {
  readonly known: readonly ReviewMarker[];
  readonly added: readonly ReviewMarker[];
};

/**
 * Tells what an editor added from what was sent out: by the id where the format carried it, else
 * by frame and words. What was sent merged is known when it comes back merged.
 */
export function matchMarkers(
  sent: readonly ReviewMarker[],
  returned: readonly ReviewMarker[],
): MarkerMatch {
  const ids = new Set(sent.flatMap((each) => (each.id === null ? [] : [each.id])));
  const said = new Set([...sent, ...mergedByFrame(sent)].map(keyOf));
  const known: ReviewMarker[] = [];
  const added: ReviewMarker[] = [];
  for (const each of returned) {
    const key = keyOf(each);
    const old = (each.id !== null && ids.has(each.id)) || said.has(key);
    (old ? known : added).push(each);
    said.add(key);
  }
  return { known, added };
}

function keyOf(of: ReviewMarker): string {
  // Formats of one line lose some signs on the way: only letters and digits are compared.
  return `${of.frame} ${of.text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')}`;
}
