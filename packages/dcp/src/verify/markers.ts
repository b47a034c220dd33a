import type { Place } from '@yinglian/core';
import { type Composition, reelFrames } from '../documents/model.ts';
import type { FindingCollector } from './findings.ts';

/** ST 429-7:2006 table 5. */
const LABELS: readonly string[] = [
  'FFOC',
  'LFOC',
  'FFTC',
  'LFTC',
  'FFOI',
  'LFOI',
  'FFEC',
  'LFEC',
  'FFMC',
  'LFMC',
  'FFOB',
  'LFOB',
];

/** Labels, places and what Bv2.1 asks of the first and last frame of content. */
export function checkMarkers(
  composition: Composition,
  collector: FindingCollector,
  place: Place,
): void {
  if (composition.standard === 'interop') return;
  const all = new Set<string>();
  for (const [index, reel] of composition.reels.entries()) {
    const at = { ...place, reel: index + 1 };
    const seen = new Map<string, number>();
    for (const { label, offset } of reel.markers?.markers ?? []) {
      if (!LABELS.includes(label)) collector.add('unknown_marker', at, { label });
      if (seen.has(label)) collector.add('duplicate_marker', at, { label });
      const limit = reel.markers!.intrinsicDuration;
      if (offset >= limit) collector.add('excessive_marker_offset', at, { label, offset, limit });
      seen.set(label, offset);
      all.add(label);
    }
    for (const pair of ['OC', 'TC', 'OI', 'EC', 'MC', 'OB']) {
      const [first, last] = [seen.get(`FF${pair}`), seen.get(`LF${pair}`)];
      if (first !== undefined && last !== undefined && first > last) {
        collector.add('misordered_markers', at, { first: `FF${pair}`, last: `LF${pair}` });
      }
    }
  }
  checkPairs(all, collector, place);
  checkContent(composition, collector, place);
  if (composition.contentKind.value === 'feature') {
    for (const label of ['FFEC', 'FFMC']) {
      if (!all.has(label)) collector.add('missing_credits_marker', place, { label });
    }
  }
}

/**
 * A last frame has a first one, be it in another reel, and an intermission ends. A first frame of
 * credits may stand alone: RDD 52 8.6 asks for no more. Content is judged by itself.
 */
function checkPairs(labels: ReadonlySet<string>, collector: FindingCollector, place: Place): void {
  const tell = (label: string, missing: string) => {
    if (!labels.has(label) || labels.has(missing)) return;
    collector.add('unpaired_marker', place, { label, missing });
  };
  for (const pair of ['TC', 'OI', 'EC', 'MC', 'OB']) tell(`LF${pair}`, `FF${pair}`);
  tell('FFOI', 'LFOI');
}

function checkContent(composition: Composition, collector: FindingCollector, place: Place): void {
  const [first, last] = [composition.reels[0], composition.reels.at(-1)];
  if (first === undefined || last === undefined) return;
  const offset = (reel: typeof first, label: string) =>
    reel.markers?.markers.find((marker) => marker.label === label)?.offset;
  const start = offset(first, 'FFOC');
  const at = { ...place, reel: 1 };
  if (start === undefined) collector.add('missing_first_frame_marker', at);
  else if (start !== 1)
    collector.add('unexpected_first_frame_marker', at, { offset: start, expected: 1 });
  const end = offset(last, 'LFOC');
  const expected = reelFrames(last) - 1;
  const ending = { ...place, reel: composition.reels.length };
  if (end === undefined) collector.add('missing_last_frame_marker', ending);
  else if (end !== expected)
    collector.add('unexpected_last_frame_marker', ending, { offset: end, expected });
}
