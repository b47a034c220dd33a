import { clipText, type Finding, FRAME_RATES } from '@yinglian/core';
import {
  type Clip,
  type Collection,
  type Composable,
  type Effect,
  effectLabel,
  type ItemFields,
  type Marker,
  type MediaReference,
  type Timeline,
  type TimelineObject,
  type Transition,
  type UnknownObject,
} from './model.ts';
import { tell } from './place.ts';
import { type RationalTime, type TimeRange, zeroTime } from './time.ts';

/** At a greater speed the frames of a day are more than a number tells apart. */
const SPEED_MAX = 1_000_000;
/** Units per second: a picture a day, and the finest fraction that exact times are told in. */
const RATE_MIN = 1 / 86_400;
const RATE_MAX = Number.MAX_SAFE_INTEGER;

/**
 * A cut as it can be reckoned with: OTIO holds any double as a value, a rate or a speed, so what
 * says no time is left out, with a finding at its place. What is sound stays the same object.
 */
export function soundCut<Of extends Timeline | Collection>(of: Of, findings: Finding[]): Of {
  return new Sounding(findings).object(of, '') as Of;
}

class Sounding {
  readonly #findings: Finding[];

  constructor(findings: Finding[]) {
    this.#findings = findings;
  }

  object(of: TimelineObject, path: string): TimelineObject {
    if (of.kind === 'timeline') return this.#timeline(of);
    if (of.kind === 'collection') {
      const children = kept(of.children, (each, index) => this.object(each, String(index)));
      return children === of.children ? of : { ...of, children };
    }
    const isComposed = of.kind !== 'marker' && of.kind !== 'effect' && !isMedia(of);
    return isComposed ? this.#composable(of, path) : of;
  }

  #timeline(of: Timeline): Timeline {
    const globalStart = this.#time(of.globalStart, '');
    const tracks = this.#composable(of.tracks, 'tracks') as Timeline['tracks'];
    const isSame = globalStart === of.globalStart && tracks === of.tracks;
    return isSame ? of : { ...of, globalStart, tracks };
  }

  #composable(of: Composable, path: string): Composable {
    if (of.kind === 'unknown') return of;
    if (of.kind === 'transition') return this.#transition(of, path);
    const item = this.#item(of, path);
    if (item.kind === 'clip') return this.#clip(item, path);
    if (item.kind === 'gap') return item;
    const children = kept(item.children, (each, at) => this.#composable(each, `${path}/${at}`));
    return children === item.children ? item : { ...item, children };
  }

  #item<Of extends ItemFields>(of: Of, path: string): Of {
    const sourceRange = this.#range(of.sourceRange, path);
    const markers = of.markers.filter((each) => this.#hasTime(each, path));
    const effects = of.effects.filter((each) => this.#isPlayable(each, path));
    const isSame =
      sourceRange === of.sourceRange &&
      markers.length === of.markers.length &&
      effects.length === of.effects.length;
    return isSame ? of : { ...of, sourceRange, markers, effects };
  }

  #clip(of: Clip, path: string): Clip {
    let { media } = of;
    for (const [key, each] of Object.entries(of.media)) {
      if (each.kind === 'unknown') continue;
      const availableRange = this.#range(each.availableRange, path);
      if (availableRange === each.availableRange) continue;
      media = { ...media, [key]: { ...each, availableRange } };
    }
    return media === of.media ? of : { ...of, media };
  }

  #transition(of: Transition, path: string): Transition {
    const inOffset = this.#time(of.inOffset, path);
    const outOffset = this.#time(of.outOffset, path);
    if (inOffset === of.inOffset && outOffset === of.outOffset) return of;
    const none = zeroTime((inOffset ?? outOffset)?.rate ?? FRAME_RATES['24']);
    return { ...of, inOffset: inOffset ?? none, outOffset: outOffset ?? none };
  }

  #hasTime(of: Marker | UnknownObject, path: string): boolean {
    return of.kind === 'unknown' || this.#range(of.markedRange, path) !== undefined;
  }

  #isPlayable(of: Effect | UnknownObject, path: string): boolean {
    if (of.kind === 'unknown' || of.timeScalar === undefined) return true;
    if (Math.abs(of.timeScalar) <= SPEED_MAX) return true;
    const facts = { name: clipText(effectLabel(of)) };
    tell({ findings: this.#findings }, 'uncarried_effect', 'warning', path, facts);
    return false;
  }

  #range(of: TimeRange | undefined, path: string): TimeRange | undefined {
    if (of === undefined) return undefined;
    const isSound = [of.start, of.duration].every((each) => this.#time(each, path) === each);
    return isSound ? of : undefined;
  }

  #time(of: RationalTime | undefined, path: string): RationalTime | undefined {
    if (of === undefined) return undefined;
    const rate = Number(of.rate.numerator) / Number(of.rate.denominator);
    const isCounted = Math.abs(of.value) <= Number.MAX_SAFE_INTEGER;
    if (isCounted && rate >= RATE_MIN && rate <= RATE_MAX) return of;
    const facts = { value: String(of.value), rate: String(rate) };
    tell({ findings: this.#findings }, 'invalid_time', 'warning', path, facts);
    return undefined;
  }
}

const isMedia = (of: TimelineObject): of is MediaReference =>
  ['external', 'images', 'generator', 'missing'].includes(of.kind);

/** The list itself where nothing in it became another. */
function kept<Of>(of: readonly Of[], made: (each: Of, index: number) => Of): readonly Of[] {
  let changed: Of[] | undefined;
  for (const [index, each] of of.entries()) {
    const one = made(each, index);
    if (one === each) continue;
    changed ??= of.slice();
    changed[index] = one;
  }
  return changed ?? of;
}
