import { type Finding, finding } from '@yinglian/core';

/** What the media engine makes watchable; sound alone and documents stay what they are. */
const PICTURE_NAME = /\.(mov|mp4|m4v|mxf|mkv|webm|avi|mts|m2ts|ts|braw|r3d|ari|mpg|mpeg|3gp)$/i;
/** Cameras that write one take as segments, as RED does. */
const SEGMENT = /^(.+)_\d{3}(\.r3d)$/i;
/** One picture a frame: the number is the last one of the name. */
const FRAME = /^(.*?)(\d{1,10})(\.(?:dpx|exr|tiff?|dng)|(?<=[^\d]\d{4,})\.ari)$/i;
/** Of fewer than this share of its numbers a set of pictures is no film: stills, scans, plates. */
const FILM_SHARE = 0.5;
/** Stretches of missing frames that a finding names. */
const STRETCHES_NAMED = 20;

/** Frames of one take under one name: their numbers, and which of them are not there. */
export type FrameRange = {
  /** The name with `#` for each digit of the number: `A001.####.dpx`. */
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Of each file in turn. */
  readonly numbers: readonly number[];
  /** First and last number of each stretch that is not there. */
  readonly missing: readonly (readonly [number, number])[];
};

/** One take of a roll: its name, and its files, first frame or segment first. */
export type ArrivedClip<File> = {
  readonly title: string;
  readonly files: readonly File[];
  readonly frames?: FrameRange;
};

type Path = { readonly path: string };
type Frame<File> = { readonly file: File; readonly number: number };

/** The takes among the files of a roll, in the order of their first files. */
export function clipsIn<File extends Path>(files: readonly File[]): ArrivedClip<File>[] {
  return takesIn(files).clips;
}

/** What is to be known of the sequences among the files of a roll: gaps, and sets of stills. */
export function sequenceFindings(files: readonly Path[]): Finding[] {
  const { clips, stills } = takesIn(files);
  return [...clips.flatMap(({ frames }) => missingFrames(frames)), ...stills];
}

/** Tells the numbers that are missing between the first and the last frame. */
export function missingFrames(frames: FrameRange | undefined): Finding[] {
  if (frames === undefined || frames.missing.length === 0) return [];
  const { name, first, last, missing } = frames;
  const named = missing
    .slice(0, STRETCHES_NAMED)
    .map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`));
  const more = missing.length > STRETCHES_NAMED ? ['…'] : [];
  const facts = { name, first, last, count: countOf(missing), numbers: [...named, ...more] };
  return [finding('missing_frames', 'warning', { facts })];
}

/** How many frames the stretches have together. */
export function countOf(missing: FrameRange['missing']): number {
  return missing.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

function takesIn<File extends Path>(files: readonly File[]) {
  const groups = new Map<string, File[]>();
  for (const file of files) {
    const key = keyOf(file.path);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  const clips: ArrivedClip<File>[] = [];
  const stills: Finding[] = [];
  for (const group of groups.values()) {
    const byPath = group.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    if (!FRAME.test(byPath[0]!.path)) {
      clips.push({ title: titleOf(byPath[0]!.path), files: byPath });
      continue;
    }
    for (const set of setsOf(byPath)) {
      const frames = rangeOf(set);
      if (set.length === 1) {
        const { file } = set[0]!;
        const title = plainName(file.path);
        if (PICTURE_NAME.test(file.path)) clips.push({ title, files: [file] });
        continue;
      }
      if (set.length < (frames.last - frames.first + 1) * FILM_SHARE) {
        const facts = { name: frames.name, count: set.length, first: frames.first };
        stills.push(
          finding('sparse_sequence', 'note', { facts: { ...facts, last: frames.last } }),
        );
        continue;
      }
      const inOrder = set.map(({ file }) => file);
      clips.push({ title: titleOf(inOrder[0]!.path), files: inOrder, frames });
    }
  }
  return { clips, stills };
}

/** Files of one key are one take; undefined for what is no picture. */
function keyOf(path: string): string | undefined {
  const parts = SEGMENT.exec(path) ?? FRAME.exec(path);
  if (parts !== null) return `${parts[1]}*${parts.at(-1)}`;
  return PICTURE_NAME.test(path) ? path : undefined;
}

/** By number; names of one number in two widths (`9`, `0009`) are two sequences. */
function setsOf<File extends Path>(files: readonly File[]): Frame<File>[][] {
  const frames = files.map((file) => ({ file, number: Number(FRAME.exec(file.path)![2]) }));
  const byNumber = (set: Frame<File>[]) => set.toSorted((a, b) => a.number - b.number);
  if (new Set(frames.map(({ number }) => number)).size === frames.length) return [byNumber(frames)];
  const widths = [...new Set(frames.map(({ file }) => file.path.length))];
  return widths.map((width) => byNumber(frames.filter(({ file }) => file.path.length === width)));
}

function rangeOf(set: readonly Frame<Path>[]): FrameRange {
  const missing: [number, number][] = [];
  for (const [at, { number }] of set.entries()) {
    const before = set[at - 1]?.number ?? number - 1;
    if (number > before + 1) missing.push([before + 1, number - 1]);
  }
  const [, stem, digits, ending] = FRAME.exec(set[0]!.file.path)!;
  const name = `${stem}${'#'.repeat(digits!.length)}${ending}`.split('/').at(-1)!;
  const numbers = set.map(({ number }) => number);
  return { name, first: numbers[0]!, last: numbers.at(-1)!, numbers, missing };
}

/** A number stands behind a mark of its own, an ending behind a point. */
function titleOf(path: string): string {
  const stem = (SEGMENT.exec(path) ?? FRAME.exec(path))?.[1]?.replace(/[._-]+$/, '');
  if (stem === undefined) return plainName(path);
  const name = stem.split('/');
  // `scan/0001.dpx` has no name but that of its folder.
  return (name.at(-1) || name.at(-2) || plainName(path)).slice(0, 200);
}

function plainName(path: string): string {
  return path.replace(/\.[^.]+$/, '').split('/').at(-1)!.slice(0, 200);
}
