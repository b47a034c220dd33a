import { type FrameRate, nominalRate, type Ratio, ratio } from '@yinglian/core';
import { type JsonObject, type JsonValue, setMember } from '../json/value.ts';
import {
  type Composable,
  type Effect,
  type Item,
  marker,
  type Marker,
  type Track,
} from '../model.ts';
import { addTime, type RationalTime, secondsOf, time, type TimeRange } from '../time.ts';
import { type AafObject, CLASS, hex, indirectText, PROPERTY } from './objects.ts';

/** No bytes. */
export const NOTHING = new Uint8Array(0);
/** Mobs by their class. */
export const MOB_NAMES: Readonly<Record<number, string>> = {
  [CLASS.compositionMob]: 'CompositionMob',
  [CLASS.masterMob]: 'MasterMob',
  [CLASS.sourceMob]: 'SourceMob',
};

/** Whether a child takes time. */
export function isItem(of: Composable): of is Item {
  return of.kind !== 'transition' && of.kind !== 'unknown';
}

/** Items with one more effect. */
export function withEffect(children: readonly Composable[], made: Effect): Composable[] {
  return children.map((each) =>
    isItem(each) ? { ...each, effects: [...each.effects, made] } : each,
  );
}

/** What a neighbouring transition covers of an item, on the far side of its cut. */
export function transitionPart(of: AafObject | undefined, side: 'before' | 'after'): number {
  if (of?.classCode !== CLASS.transition) return 0;
  const length = Math.max(0, of.integer(PROPERTY.length) ?? 0);
  const cut = Math.min(length, Math.max(0, of.integer(PROPERTY.cutPoint) ?? 0));
  return side === 'after' ? cut : length - cut;
}

/** An item without what the transitions beside it cover on the far side of their cuts. */
export function trimmed(item: Item, head: number, tail: number, rate: FrameRate): Item {
  if ((head === 0 && tail === 0) || item.sourceRange === undefined) return item;
  const { start, duration } = item.sourceRange;
  const shorter = Math.max(0, duration.value - head - tail);
  return {
    ...item,
    sourceRange: { start: addTime(start, time(head, rate)), duration: time(shorter, rate) },
  };
}

/** Exact seconds in units of a rate, where they are whole. */
export function inRate(seconds: Ratio, rate: FrameRate): RationalTime {
  const units = ratio(seconds.numerator * rate.numerator, seconds.denominator * rate.denominator);
  if (units.denominator === 1n) return time(Number(units.numerator), rate);
  return time(Number(seconds.numerator), ratio(seconds.denominator));
}

/** A timecode's frame in another clock: the same number where both faces count alike. */
export function retimed(of: { start: number; rate: FrameRate }, rate: FrameRate): RationalTime {
  if (nominalRate(of.rate) === nominalRate(rate)) return time(of.start, rate);
  return inRate(secondsOf(time(of.start, of.rate)), rate);
}

/** The rate of the first item of a track. */
export function rateOfTrack(of: Track): FrameRate | undefined {
  for (const each of of.children) {
    if (isItem(each) && each.sourceRange !== undefined) return each.sourceRange.duration.rate;
  }
  return undefined;
}

/** Tracks of nothing but gaps say nothing, unless markers stand on them. */
export function isEmptyTrack(of: Track): boolean {
  return of.children.every((each) => each.kind === 'gap' && each.markers.length === 0);
}

/** Tagged values as metadata. */
export function tags(of: readonly AafObject[]): JsonObject {
  const made: Record<string, JsonValue> = {};
  for (const each of of) {
    const name = each.text(PROPERTY.tagName);
    const value = indirectText(each.data(PROPERTY.tagValue));
    if (name !== undefined && value !== undefined) setMember(made, name, value);
  }
  return made;
}

/** The slots a marker speaks of. */
export function describedSlots(of: AafObject): number[] {
  const bytes = of.data(PROPERTY.describedSlots);
  if (bytes === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) =>
    view.getUint32(4 * i, true),
  );
}

/** A marker of an event. */
export function markerOf(of: AafObject, markedRange: TimeRange): Marker {
  const own = tags([
    ...of.objects(PROPERTY.componentAttributes),
    ...of.objects(PROPERTY.componentComments),
  ]);
  const color = own['_ATN_CRM_COLOR'];
  const comment = of.text(PROPERTY.comment) ?? '';
  const said = own['_ATN_CRM_COM'];
  const user = own['_ATN_CRM_USER'];
  return marker(markedRange, {
    name: comment,
    comment: typeof said === 'string' && said !== comment ? said : '',
    color: typeof color === 'string' ? color.toUpperCase() : '',
    metadata: { AAF: typeof user === 'string' ? { ...own, User: user } : own },
  });
}

/** Items with the markers that stand over them. */
export function marked(
  children: readonly Composable[],
  list: readonly { event: AafObject; position: number; rate: FrameRate }[],
): Composable[] {
  const sorted = [...list].sort((a, b) => a.position - b.position);
  let next = 0;
  let at = 0;
  const last = children.findLastIndex(isItem);
  return children.map((each, index) => {
    if (!isItem(each) || each.sourceRange === undefined) return each;
    const { start, duration } = each.sourceRange;
    const made: Marker[] = [];
    while (
      next < sorted.length &&
      (sorted[next]!.position < at + duration.value || index === last)
    ) {
      const { event, position, rate } = sorted[next++]!;
      made.push(
        markerOf(event, {
          start: addTime(start, time(position - at, rate)),
          duration: time(0, rate),
        }),
      );
    }
    at += duration.value;
    return made.length === 0 ? each : { ...each, markers: [...each.markers, ...made] };
  });
}

/** A mob's identification as SMPTE ST 330 names it. */
export function mobUrn(id: Uint8Array): string {
  if (id.length !== 32) return '';
  const pick = (...places: number[]) => hex(Uint8Array.from(places, (place) => id[place]!));
  const groups = [
    pick(0, 1, 2, 3),
    pick(4, 5, 6, 7),
    pick(8, 9, 10, 11),
    pick(12, 13, 14, 15),
    pick(24, 25, 26, 27),
    pick(28, 29, 30, 31),
    pick(19, 18, 17, 16),
    pick(21, 20, 23, 22),
  ];
  return `urn:smpte:umid:${groups.join('.')}`;
}

/** What a source clip leads to. */
export type Source = {
  /** Moment of the media at the clip's start, from the start of its tape or file. */
  readonly offset: Ratio;
  /** Timecode of the media's start, where a mob of the chain has one. */
  readonly timecode: { readonly start: number; readonly rate: FrameRate } | undefined;
  readonly master: AafObject | undefined;
  readonly masterSlot: AafObject | undefined;
  readonly file: AafObject | undefined;
  readonly fileSlot: AafObject | undefined;
  readonly tape: AafObject | undefined;
  readonly composition: { readonly mob: AafObject; readonly slot: AafObject } | undefined;
};
