import { clipText } from '@yinglian/core';
import { type JsonObject, objectMember, textMember } from './json/value.ts';
import {
  type Clip,
  effectLabel,
  type Gap,
  type Marker,
  speedOf,
  type Stack,
  type Track,
} from './model.ts';
import {
  placeItems,
  type PlacedItem,
  playedRange,
  type Placing,
  tell,
  wholeFrames,
} from './place.ts';
import { addTime, framesAt, range, time } from './time.ts';

/** Compound clips inside one another; deeper than any cut. */
const NESTING_MAX = 32;

/**
 * Places the items of a track as they play: a compound, multicam or synchronised clip is replaced
 * by what is played of its main layer, cut to the length it has in the track, so that lists see
 * the media inside. What cannot be unfolded (played at another speed, without a layer of the
 * track's kind) stays as it is; other layers of a compound clip are told.
 */
export function placePlayed(of: Track, path: string, placing: Placing, depth = 0): PlacedItem[] {
  return placeItems(of, path, placing).flatMap((placed): PlacedItem[] => {
    const { item } = placed;
    if ((item.kind !== 'stack' && item.kind !== 'track') || depth >= NESTING_MAX) return [placed];
    const main = mainLayer(item, of.trackKind);
    const played = playedRange(item);
    if (main === undefined || played === undefined || speedOf(item) !== 1) return [placed];
    const first = wholeFrames(played.start, placing, placed.path);
    const inside = placePlayed(main, placed.path, placing, depth + 1);
    tellLost(item, main, placed.path, placing);
    const pieces = cutOut(inside, { first, placed, placing });
    return withMarkers(pieces, item, { first, placed, placing });
  });
}

/** The layer that plays: the lowest of its kind that is on, spines before what hangs on them. */
function mainLayer(of: Stack | Track, kind: string): Track | undefined {
  if (of.kind === 'track') return of;
  const playing = playingLayers(of, kind);
  return playing.find((each) => !hangs(each)) ?? playing[0];
}

/** The layers of a kind that are on and hold something to play. */
function playingLayers(of: Stack | Track, kind: string): Track[] {
  const layers = of.kind === 'track' ? [] : of.children;
  return layers.flatMap((each) =>
    each.kind === 'track' &&
    each.enabled &&
    each.trackKind === kind &&
    each.children.some(isMedium)
      ? [each]
      : [],
  );
}

function isMedium({ kind }: { readonly kind: string }): boolean {
  return kind === 'clip' || kind === 'stack' || kind === 'track';
}

/** Whether a layer was connected to the spine of its storyline. */
function hangs({ metadata }: Track): boolean {
  return objectMember(metadata, 'fcpx')?.['lane'] !== undefined;
}

function tellLost(of: Stack | Track, main: Track, path: string, placing: Placing): void {
  const others = playingLayers(of, main.trackKind).filter((each) => each !== main);
  if (others.length > 0) {
    const facts = { name: clipText(of.name), count: others.length };
    tell(placing, 'merged_nesting', 'warning', path, facts);
  }
  for (const each of of.effects) {
    tell(placing, 'uncarried_effect', 'warning', path, { name: clipText(effectLabel(each)) });
  }
}

type Window = {
  /** The first frame inside that is played. */
  readonly first: number;
  /** The compound clip in its track. */
  readonly placed: PlacedItem;
  readonly placing: Placing;
};

/** The items that play in a window of their layer, each cut to it; nothing is a gap. */
function cutOut(inside: readonly PlacedItem[], { first, placed, placing }: Window): PlacedItem[] {
  const end = first + placed.duration;
  const made: PlacedItem[] = [];
  let at = first;
  for (const each of inside) {
    const from = Math.max(first, each.start);
    const until = Math.min(end, each.start + each.duration);
    if (until <= from || each.item.kind === 'unknown') continue;
    if (from > at) made.push(emptiness(at, from, { first, placed, placing }));
    const [head, tail] = [from - each.start, each.start + each.duration - until];
    made.push({
      item: shortened(each.item, head, until - from, tail, placing),
      start: placed.start + from - first,
      duration: until - from,
      before: head === 0 && from > first ? each.before : undefined,
      after: tail === 0 && until < end ? each.after : undefined,
      path: placed.path,
      holder: placed.item,
    });
    at = until;
  }
  if (at < end) made.push(emptiness(at, end, { first, placed, placing }));
  const last = made.length - 1;
  return made.map((each, index) => ({
    ...each,
    before: index === 0 ? placed.before : each.before,
    after: index === last ? placed.after : each.after,
  }));
}

function emptiness(from: number, until: number, { first, placed, placing }: Window): PlacedItem {
  const base = { name: '', metadata: {}, effects: [], markers: [], enabled: true } as const;
  const item: Gap = { kind: 'gap', ...base, sourceRange: range(0, until - from, placing.rate) };
  const place = { start: placed.start + from - first, duration: until - from };
  const cuts = { before: undefined, after: undefined };
  return { item, ...place, ...cuts, path: placed.path, holder: placed.item };
}

function shortened<Kept extends PlacedItem['item']>(
  item: Kept,
  head: number,
  length: number,
  tail: number,
  { rate }: Placing,
): Kept {
  if ((head === 0 && tail === 0) || item.kind === 'unknown') return item;
  const played = playedRange(item);
  if (played === undefined) return item;
  const skipped = time(Math.round(head * speedOf(item)), rate);
  const sourceRange = { start: addTime(played.start, skipped), duration: time(length, rate) };
  return { ...item, sourceRange };
}

/** What was said of the compound clip is said of its pieces: shot, markers, whether it is on. */
function withMarkers(
  pieces: readonly PlacedItem[],
  of: Stack | Track,
  { first, placed, placing }: Window,
): PlacedItem[] {
  const shot = textMember(objectMember(of.metadata, 'yinglian') ?? {}, 'shot') ?? '';
  const told = of.markers.flatMap((each) => {
    if (each.kind !== 'marker') return [];
    const frame = framesAt(each.markedRange.start, placing.rate).frames - first;
    return [{ marker: each, at: placed.start + frame }];
  });
  return pieces.map((piece) => {
    const { item } = piece;
    if (item.kind !== 'clip') return piece;
    const end = piece.start + piece.duration;
    const inside = told.filter(({ at }) => at >= piece.start && at < end);
    const isPlain = shot === '' && inside.length === 0 && of.enabled;
    if (isPlain) return piece;
    const markers = [...item.markers, ...inside.map((each) => moved(each, piece, item, placing))];
    const enabled = item.enabled && of.enabled;
    return { ...piece, item: { ...item, enabled, markers, metadata: named(item.metadata, shot) } };
  });
}

function named(metadata: JsonObject, shot: string): JsonObject {
  const own = objectMember(metadata, 'yinglian') ?? {};
  if (shot === '' || own['shot'] !== undefined) return metadata;
  return { ...metadata, yinglian: { ...own, shot } };
}

function moved(
  { marker, at }: { readonly marker: Marker; readonly at: number },
  piece: PlacedItem,
  item: Clip,
  { rate }: Placing,
): Marker {
  const start = playedRange(item)?.start;
  if (start === undefined) return marker;
  const from = addTime(start, time(at - piece.start, rate));
  return { ...marker, markedRange: { ...marker.markedRange, start: from } };
}
