import { addRatio, type FrameRate, nominalRate, type Ratio, ratio, ZERO } from '@yinglian/core';
import { element, isXmlText, onlyXmlText, type XmlElement } from '@yinglian/xml';
import { type JsonObject, member, objectMember, textMember } from '../json/value.ts';
import type { Composable, Item, Marker, Track } from '../model.ts';
import { playedRange } from '../place.ts';
import { type RationalTime, secondsOf, simpleRatio } from '../time.ts';
import { attributesOf } from '../xml/metadata.ts';
import { formatSeconds, formatTime } from './time.ts';

/** A marker as the element it was read from, or a plain one. */
export function markerElement(of: Marker, rate: FrameRate): XmlElement {
  const own = objectMember(of.metadata, 'fcpx') ?? {};
  const stated = textMember(own, 'element') ?? 'marker';
  const { start, duration } = of.markedRange;
  // The format wants a length; one frame is what its own markers have.
  const frame = { value: 1, rate };
  const attributes: Record<string, string> = {
    start: formatTime(start),
    duration: formatTime(duration.value === 0 ? frame : duration),
  };
  if (stated !== 'rating' && stated !== 'analysis-marker') attributes['value'] = clean(of.name);
  else attributes['name'] = clean(of.name);
  if (of.comment !== '') attributes['note'] = clean(of.comment);
  return element(stated, '', {
    attributes: { ...attributes, ...keepAttributes(own, ['completed', 'posterOffset']) },
  });
}

/** What of its own attributes an element read from this format gets back. */
export function keepAttributes(own: JsonObject, names: readonly string[]): Record<string, string> {
  const all = attributesOf(own);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** Two points of a constant speed. */
export function timeMap(source: Ratio, duration: Ratio, speed: number): XmlElement {
  const factor = simpleRatio(speed);
  const rise = ratio(
    duration.numerator * factor.numerator,
    duration.denominator * factor.denominator,
  );
  const point = (time: Ratio, value: Ratio) =>
    element('timept', '', {
      attributes: { time: formatSeconds(time), value: formatSeconds(value), interp: 'linear' },
    });
  const end = addRatio(source, duration);
  return element('timeMap', '', {
    children: [point(source, source), point(end, addRatio(source, rise))],
  });
}

/** Seconds as a time of their own clock. */
export function secondsTime(of: Ratio): RationalTime {
  return { value: Number(of.numerator), rate: ratio(of.denominator) };
}

/** Where the own time of an item begins. */
export function holderStart(of: Item): Ratio {
  const played = playedRange(of);
  return played === undefined ? ZERO : secondsOf(played.start);
}

/** Whether a track is the spine. */
export function isMain(of: Track): boolean {
  return of.trackKind === 'Video' && laneOf(of) === undefined;
}

/** The lane a track was read from, if it was. */
export function laneOf(of: Track): number | undefined {
  const own = objectMember(of.metadata, 'fcpx');
  const lane = own === undefined ? undefined : member(own, 'lane');
  return typeof lane === 'bigint' && lane !== 0n ? Number(lane) : undefined;
}

/** A track around anything that is none. */
export function asTrack(of: Composable): Track {
  if (of.kind === 'track') return of;
  return {
    kind: 'track',
    name: '',
    metadata: {},
    effects: [],
    markers: [],
    enabled: true,
    trackKind: 'Video',
    children: [of],
  };
}

/** The name Final Cut Pro gives a format. */
export function formatName(rate: FrameRate, width: number, height: number): string {
  const names: Readonly<Record<string, string>> = { '24': '2398', '30': '2997', '60': '5994' };
  const nominal = String(nominalRate(rate));
  const digits = rate.denominator === 1001n ? (names[nominal] ?? nominal) : nominal;
  return width === 1920 && height === 1080
    ? `FFVideoFormat1080p${digits}`
    : `FFVideoFormat${width}x${height}p${digits}`;
}

/** Text that can stand in XML. */
export function clean(text: string): string {
  return isXmlText(text) ? text : onlyXmlText(text);
}

/** Text without lone surrogates. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
