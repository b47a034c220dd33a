import {
  addRatio,
  compareRatio,
  FRAME_RATES,
  type FrameRate,
  type Ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { type Composable, gap, type ItemFields, type Track } from '../model.ts';
import { rateLabel, secondsOf, subtractTime, type TimeRange, timeOfSeconds } from '../time.ts';
import { metadataOf } from '../xml/metadata.ts';
import { inFrames, parseSeconds } from './time.ts';

/** Items beside the spine, with their place. */
export type Laned = {
  readonly start: Ratio;
  readonly duration: Ratio;
  readonly children: readonly Composable[];
};

/** Items of one lane, by its number and kind. */
export type Lanes = Map<
  string,
  { readonly number: number; readonly kind: string; readonly items: Laned[] }
>;

/** What an item knows of where it stands. */
export type Scope = {
  readonly rate: FrameRate;
  /** Items beside the spine are gathered here, by their lane. */
  readonly lanes: Lanes;
};

/** No names. */
export const NONE: ReadonlySet<string> = new Set();

/** The value if it is an object, else an empty one. */
export function asObject(of: JsonValue): JsonObject {
  return isJsonObject(of) ? of : {};
}

/** Puts items behind a layer, with a gap for what is left out. */
export function fill(
  layer: { children: Composable[]; end: Ratio },
  each: Laned,
  rate: FrameRate,
): void {
  const space = subtractRatio(each.start, layer.end);
  if (space.numerator > 0n) {
    const last = layer.children.at(-1);
    const between = gap(inFrames(space, [rate]));
    // A transition belongs to the cut it stands at, so the gap goes before it.
    if (last?.kind === 'transition') layer.children.splice(-1, 0, between);
    else layer.children.push(between);
    layer.end = each.start;
  }
  layer.children.push(...each.children);
  layer.end = addRatio(layer.end, each.duration);
}

/** Seconds a child lasts; zero for transitions. */
export function lengthOf(of: Composable): Ratio {
  if (of.kind === 'transition' || of.kind === 'unknown') return ZERO;
  return of.sourceRange === undefined ? ZERO : secondsOf(of.sourceRange.duration);
}

/** At least zero, at most the limit. */
export function clampRatio(of: Ratio, limit: Ratio): Ratio {
  if (of.numerator < 0n) return ZERO;
  return compareRatio(of, limit) > 0 ? limit : of;
}

/** The lane a track was read from. */
export function laneOf(of: Track): JsonValue {
  return asObject(of.metadata['fcpx'] ?? null)['lane'] ?? 0n;
}

/** The address of an asset. */
export function sourceOf(asset: XmlElement): string | undefined {
  // Since 1.9 the address stands in a media-rep; before, at the asset.
  const reps = childElements(asset, 'media-rep');
  const original = reps.find((each) => attributeValue(each, 'kind') !== 'proxy-media') ?? reps[0];
  const url = original === undefined ? undefined : attributeValue(original, 'src');
  return url ?? attributeValue(asset, 'src');
}

/** What a generator needs to be named again. */
export function effectParameters(of: XmlElement | undefined): JsonObject {
  return of === undefined || of.local !== 'effect'
    ? {}
    : { effect: asObject(metadataOf(of, NONE)) };
}

/** A compound clip says its times in the timecode inside; the layers of a stack begin at zero. */
export function fromZero<Fields extends ItemFields & { readonly sourceRange: TimeRange }>(
  of: XmlElement,
  inside: XmlElement,
  fields: Fields,
): Fields {
  const origin = parseSeconds(attributeValue(inside, 'tcStart') ?? '0s') ?? ZERO;
  if (origin.numerator === 0n || attributeValue(of, 'start') === undefined) return fields;
  const shifted = (range: TimeRange): TimeRange => ({
    ...range,
    start: subtractTime(range.start, timeOfSeconds(origin, range.start.rate)),
  });
  const markers = fields.markers.map((each) =>
    each.kind === 'marker' ? { ...each, markedRange: shifted(each.markedRange) } : each,
  );
  return { ...fields, markers, sourceRange: shifted(fields.sourceRange) };
}

/** The words of a title. */
export function textsOf(of: XmlElement): string {
  return childElements(of, 'text')
    .flatMap((each) => childElements(each, 'text-style'))
    .map(textOf)
    .join('')
    .trim();
}

/** The colour Final Cut Pro shows a marker in. */
export function markerColor(of: XmlElement): string {
  if (of.local === 'chapter-marker') return 'ORANGE';
  if (of.local !== 'marker') return 'BLUE';
  const completed = attributeValue(of, 'completed');
  return completed === undefined ? 'PURPLE' : completed === '1' ? 'GREEN' : 'RED';
}

/** Old and small formats are told by their name alone: `FFVideoFormat1080p2398`. */
export function rateOfName(of: XmlElement | undefined): FrameRate | undefined {
  const name = of === undefined ? undefined : attributeValue(of, 'name');
  const digits = name === undefined ? undefined : /[pi](\d{2,4})$/.exec(name)?.[1];
  return digits === undefined ? undefined : NAMED_RATES[digits];
}

/** Rates by the digits at the end of a format name. */
export const NAMED_RATES: Readonly<Record<string, FrameRate>> = {
  '2398': FRAME_RATES['23.976'],
  '24': FRAME_RATES['24'],
  '25': FRAME_RATES['25'],
  '2997': FRAME_RATES['29.97'],
  '30': FRAME_RATES['30'],
  '50': FRAME_RATES['50'],
  '5994': FRAME_RATES['59.94'],
  '60': FRAME_RATES['60'],
};

/** Elements that take time in a spine or beside it. */
export const STORY: ReadonlySet<string> = new Set([
  'asset-clip',
  'clip',
  'video',
  'audio',
  'title',
  'gap',
  'ref-clip',
  'sync-clip',
  'mc-clip',
  'audition',
  'caption',
  'live-drawing',
]);
/** Elements that mark a moment or a while. */
export const MARKS: ReadonlySet<string> = new Set([
  'marker',
  'chapter-marker',
  'rating',
  'keyword',
  'analysis-marker',
  'hidden-clip-marker',
]);
/** Told otherwise than as metadata. */
export const TOLD: ReadonlySet<string> = new Set([
  ...STORY,
  ...MARKS,
  'spine',
  'transition',
  'mc-source',
  'sync-source',
  'timeMap',
  'filter-video',
  'filter-audio',
  'filter-video-mask',
]);

/** The newest version whose elements are known here, of format 1. */
const MINOR_VERSION_MAX = 14;

/** Whether a document is of a version whose elements are known. */
export function isKnownVersion(version: string): boolean {
  const minor = /^1\.(\d{1,3})$/.exec(version)?.[1];
  return minor !== undefined && Number(minor) <= MINOR_VERSION_MAX;
}

/** The name of an asset; nothing where there is none. */
export function nameOfAsset(asset: XmlElement | undefined): string {
  return asset === undefined ? '' : (attributeValue(asset, 'name') ?? '');
}

type Doubt = { readonly code: string; readonly facts: Readonly<Record<string, string>> };
type ClipTimes = {
  readonly rate: FrameRate;
  readonly mediaRate: FrameRate | undefined;
  readonly length: Ratio;
};

/** What a clip says that makes no sense, or that a cut has no place for. */
export function clipDoubts(of: XmlElement, { rate, mediaRate, length }: ClipTimes): Doubt[] {
  const found: Doubt[] = [];
  if (length.numerator < 0n) {
    const value = attributeValue(of, 'duration') ?? '';
    found.push({ code: 'negative_duration', facts: { value } });
  }
  const conform = childElement(of, 'conform-rate');
  if (conform === undefined || attributeValue(conform, 'scaleEnabled') === '0') return found;
  const said = attributeValue(conform, 'srcFrameRate') ?? '';
  const source = NAMED_RATES[said.replace('.', '')] ?? mediaRate;
  // Media of another rate are played frame for frame, which is a speed of its own.
  if (source === undefined || compareRatio(source, rate) === 0) return found;
  const facts = { source: said || rateLabel(source), rate: rateLabel(rate) };
  return [...found, { code: 'uncarried_conform_rate', facts }];
}

/** How a multicam clip uses its angles; one that is named for picture and for sound is for all. */
function angleUses(of: XmlElement): Map<string, string> {
  const uses = new Map<string, string>();
  for (const each of childElements(of, 'mc-source')) {
    const id = attributeValue(each, 'angleID') ?? '';
    const use = attributeValue(each, 'srcEnable') ?? 'all';
    const before = uses.get(id) ?? use;
    uses.set(id, before === use ? use : before === 'none' ? use : use === 'none' ? before : 'all');
  }
  return uses;
}

const angleOf = (of: Track): string => String((of.metadata['fcpx'] as JsonObject)['angleID']);

/** Angles that a multicam clip names and its media do not have. */
export function missingAngles(of: XmlElement, children: readonly Composable[]): string[] {
  const known = new Set(children.flatMap((each) => (each.kind === 'track' ? [angleOf(each)] : [])));
  return [...angleUses(of).keys()].filter((id) => !known.has(id));
}

/** Only the angles that a multicam clip uses are on. */
export function usedAngles(of: XmlElement, children: readonly Composable[]): Composable[] {
  const uses = angleUses(of);
  return children.map((each) => {
    if (each.kind !== 'track') return each;
    const use = uses.get(angleOf(each)) ?? 'none';
    const trackKind = use === 'audio' ? 'Audio' : 'Video';
    return { ...each, enabled: use !== 'none', trackKind };
  });
}

/** What Final Cut Pro calls the reel is where lists look for the tape. */
export function reelMetadata(of: XmlElement): JsonObject {
  const inside = childElement(of, 'metadata');
  if (inside === undefined) return {};
  for (const each of childElements(inside, 'md')) {
    if (attributeValue(each, 'key') !== 'com.apple.proapps.studio.reel') continue;
    const reel = attributeValue(each, 'value') ?? '';
    return reel === '' ? {} : { yinglian: { reel } };
  }
  return {};
}

/** The media that a clip's picture, else its sound, comes from. */
export function mainMedia(of: XmlElement): XmlElement | undefined {
  const direct = childElements(of).filter((each) => attributeValue(each, 'lane') === undefined);
  return (
    direct.find((each) => each.local === 'video') ?? direct.find((each) => each.local === 'audio')
  );
}
