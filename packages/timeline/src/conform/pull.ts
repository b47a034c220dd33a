import {
  allowsDropFrame,
  type Finding,
  FRAME_RATES,
  type FrameRate,
  type TimecodeFormat,
} from '@yinglian/core';
import { type CutEntry, entriesOf, type ShotNaming } from '../changes/entries.ts';
import { chooseIdentity, type MediaIdentity, mediaKey } from '../changes/match.ts';
import { objectMember, textMember } from '../json/value.ts';
import { mediaOf, type Timeline } from '../model.ts';
import { clockFormat, rateOf, tell } from '../place.ts';
import { framesAt, sameRate, sharedRate } from '../time.ts';

/** What a pull is told. */
export type PullOptions = ShotNaming & {
  /** Frames before and after what is used; 8 each unless given. */
  readonly handles?: { readonly head: number; readonly tail: number };
  /** Ranges of one medium that lie no further apart than this are pulled as one; 0 unless given. */
  readonly joinFrames?: number;
  /** How media are told apart; what most of the cuts share unless given. */
  readonly identity?: MediaIdentity;
};

/** A stretch of one medium to be scanned, transcoded or copied. */
export type Pull = {
  readonly media: string;
  readonly name: string;
  readonly reel: string;
  readonly url: string;
  /** How the medium counts its own frames. */
  readonly format: TimecodeFormat;
  /** In frames of the cut. With handles, as far as the medium goes. */
  readonly first: number;
  /** The frame after the last. */
  readonly end: number;
  /** Handles that could be given where the medium is long enough; fewer where it is not. */
  readonly headHandle: number;
  readonly tailHandle: number;
  readonly uses: readonly { readonly cut: number; readonly entry: CutEntry }[];
};

/** What has to be pulled for some cuts. */
export type PullList = {
  readonly rate: FrameRate;
  readonly pulls: readonly Pull[];
  /** Frames to be pulled, handles included. */
  readonly frames: number;
  readonly findings: readonly Finding[];
};

const HANDLE_FRAMES = 8;

/**
 * What to pull for one or several cuts: the ranges of each medium, with handles, merged where they
 * meet, in the order of media and time. A handle that the medium has no frames for is cut short,
 * with a finding.
 */
export function pullList(cuts: readonly Timeline[], options: PullOptions = {}): PullList {
  const findings: Finding[] = [];
  const rates = cuts.flatMap((each) => rateOf(each) ?? []);
  const rate = rates[0] ?? FRAME_RATES['24'];
  const uses = cuts.flatMap((each, cut): Use[] => {
    const format = clockFormat(each, rate);
    return entriesOf(each, rate, findings, options).map((entry) => ({ cut, entry, format }));
  });
  const entries = uses.map((each) => each.entry);
  const identity = options.identity ?? chooseIdentity(entries, entries);
  const groups = new Map<string, Use[]>();
  for (const each of uses) {
    const key = `${each.entry.department}\n${mediaKey(each.entry, identity)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  const pulls = [...groups.values()].flatMap((group) => merged(group, options, rate, findings));
  pulls.sort(
    (a, b) => compareText(a.media, b.media) || a.first - b.first || compareText(a.name, b.name),
  );
  const frames = pulls.reduce((sum, each) => sum + each.end - each.first, 0);
  return { rate, pulls, frames, findings };
}

type Use = { readonly cut: number; readonly entry: CutEntry; readonly format: TimecodeFormat };

function merged(group: Use[], options: PullOptions, rate: FrameRate, findings: Finding[]): Pull[] {
  const head = options.handles?.head ?? HANDLE_FRAMES;
  const tail = options.handles?.tail ?? HANDLE_FRAMES;
  const join = options.joinFrames ?? 0;
  const sorted = [...group].sort((a, b) => a.entry.sourceIn - b.entry.sourceIn);
  const runs: { first: number; end: number; uses: Use[] }[] = [];
  for (const use of sorted) {
    const first = use.entry.sourceIn - head;
    const end = use.entry.sourceOut + tail;
    const last = runs.at(-1);
    if (last !== undefined && first <= last.end + join) {
      last.end = Math.max(last.end, end);
      last.uses.push(use);
    } else {
      runs.push({ first, end, uses: [use] });
    }
  }
  return runs.map((run) => limited(run, { head, tail }, rate, findings));
}

/** A run within what there is of its medium. */
function limited(
  run: { first: number; end: number; uses: readonly Use[] },
  wanted: { head: number; tail: number },
  rate: FrameRate,
  findings: Finding[],
): Pull {
  const { entry, format } = run.uses[0]!;
  const limit = availableFrames(entry, rate);
  const usedFirst = run.first + wanted.head;
  const usedEnd = run.end - wanted.tail;
  const first =
    limit === undefined ? run.first : Math.min(usedFirst, Math.max(run.first, limit.first));
  const end = limit === undefined ? run.end : Math.max(usedEnd, Math.min(run.end, limit.end));
  const name = entry.name;
  const short = { findings };
  if (usedFirst - first < wanted.head || end - usedEnd < wanted.tail) {
    const facts = { name, head: usedFirst - first, tail: end - usedEnd };
    tell(short, 'shortened_handle', 'warning', entry.trackName, facts);
  }
  if (limit !== undefined && (usedFirst < limit.first || usedEnd > limit.end)) {
    const facts = { name, first: usedFirst, last: usedEnd - 1 };
    tell(short, 'missing_media_frames', 'error', entry.trackName, facts);
  }
  return {
    media: entry.reel === 'AX' || entry.reel === '' ? entry.url || name : entry.reel,
    name,
    reel: entry.reel,
    url: entry.url,
    format: sourceFormat(entry, format),
    first,
    end,
    headHandle: usedFirst - first,
    tailHandle: end - usedEnd,
    uses: run.uses,
  };
}

/** How a medium counts: as it says itself, else as the cut does whose list names it. */
function sourceFormat({ clip }: CutEntry, cut: TimecodeFormat): TimecodeFormat {
  const media = mediaOf(clip);
  if (media === undefined || media.kind === 'unknown') return cut;
  const rate = sharedRate(media.availableRange?.start.rate ?? cut.rate);
  const file = objectMember(media.metadata, 'fcp_xml');
  const code = file === undefined ? undefined : objectMember(file, 'timecode');
  const stated = code === undefined ? undefined : textMember(code, 'displayformat');
  const ofCut = sameRate(rate, cut.rate) && cut.dropFrame;
  const dropFrame = stated === undefined ? ofCut : stated === 'DF';
  return { rate, dropFrame: dropFrame && allowsDropFrame(rate) };
}

/** The frames a medium has, where something says so. */
export function availableFrames(
  of: CutEntry,
  rate: FrameRate,
): { readonly first: number; readonly end: number } | undefined {
  const media = mediaOf(of.clip);
  if (media === undefined || media.kind === 'unknown') return undefined;
  const range = media.availableRange;
  if (range === undefined || range.duration.value <= 0) return undefined;
  const first = framesAt(range.start, rate).frames;
  return { first, end: first + framesAt(range.duration, rate).frames };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
