import {
  accepted,
  clipText,
  type Finding,
  finding,
  type FrameRate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { type JsonObject, type JsonValue } from '../json/value.ts';
import {
  type Clip,
  clip,
  type Composable,
  DEFAULT_MEDIA,
  DISSOLVE,
  external,
  gap,
  generator,
  type Marker,
  marker,
  type MediaReference,
  missing,
  type Timeline,
  timeline,
  timeWarp,
  type Track,
  track,
  transition,
} from '../model.ts';
import { decodeList, type ListEncoding } from '../text.ts';
import { doubleOfRatio, range, time } from '../time.ts';
import { assumeRate } from './assume.ts';
import { type Clock } from './clock.ts';
import { type EdlEvent, type EdlEvents, gatherEvents, isGenerated, report } from './events.ts';
import { channelsOf, type EdlRemark, readStatements } from './statements.ts';

/** Bytes of one list; 100,000 events are 10 MB. */
export const EDL_BYTES_MAX = 256 * 1024 * 1024;
/** Layers that overlapping events of one channel are put upon; more is no cut. */
export const EDL_LAYERS_MAX = 64;

/** How a list is to be read; what is not given is found out and said. */
export type EdlReading = {
  /** Lists do not say it. Without it the rate that fits best is assumed, with a note. */
  readonly rate?: FrameRate;
  readonly encoding?: ListEncoding;
};

/** Reads a CMX 3600 list or one of its family as a timeline. */
export function readEdl(bytes: Uint8Array, reading: EdlReading = {}): Outcome<Timeline> {
  if (bytes.length > EDL_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: EDL_BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const decoded = decodeList(bytes, reading.encoding);
  return readEdlText(decoded.text, reading, decoded.findings);
}

/** {@link readEdl} of text. */
export function readEdlText(
  text: string,
  reading: EdlReading = {},
  before: readonly Finding[] = [],
): Outcome<Timeline> {
  const findings = [...before];
  const statements = readStatements(text);
  const hasEvent = statements.some((each) => each.kind === 'event');
  if (!hasEvent) {
    const titled = statements.some((each) => each.kind === 'title');
    // A list of nothing is a list; a text without title and events is something else.
    if (!titled) return refused(...findings, finding('missing_edl_event', 'error'));
    findings.push(finding('empty_event_list', 'warning'));
  }
  const rate = reading.rate ?? assumeRate(statements, findings);
  const gathered = gatherEvents(statements, rate, findings);
  return accepted(layOut(gathered, findings), findings);
}

/** A layer of one channel while it is filled. */
type Layer = { readonly items: Composable[]; end: number };
type Channel = { readonly name: string; readonly layers: Layer[] };

function layOut(list: EdlEvents, findings: Finding[]): Timeline {
  const { events, clock } = list;
  const rate = clock.format.rate;
  const ordered = inRecordOrder(events, findings);
  const origin = ordered[0]?.recordIn ?? 0;
  const channels = new Map<string, Channel>();
  const leading = new Set(events.map((each) => each.from));
  for (const event of ordered) {
    if (isOnlyOutgoing(event)) {
      if (!leading.has(event)) {
        report(findings, 'empty_event', 'warning', event.line.line, { event: event.line.number });
      }
      continue;
    }
    const made = clipOf(event, list, findings);
    let first = true;
    for (const name of channelNames(event)) {
      let channel = channels.get(name);
      if (channel === undefined) channels.set(name, (channel = { name, layers: [] }));
      // The lines of an event are told once; its other channels repeat only what is played.
      put(channel, event, first ? made : copyOf(made), origin, clock, findings);
      first = false;
    }
  }
  const metadata: Record<string, JsonValue> = {};
  if (list.header.length > 0 || clock.format.dropFrame) {
    metadata['cmx_3600'] = {
      ...(list.header.length > 0 ? { header: list.header } : {}),
      ...(clock.format.dropFrame ? { drop_frame: true } : {}),
    };
  }
  return timeline(tracksOf(channels), {
    name: list.title,
    metadata,
    globalStart: events.length === 0 ? undefined : time(ofDay(origin, clock), rate),
  });
}

/** The frame of its day. */
function ofDay(frame: number, { framesPerDay }: Clock): number {
  return ((frame % framesPerDay) + framesPerDay) % framesPerDay;
}

/** Lists may be sorted by source (C mode); tracks are in the order of the record. */
function inRecordOrder(events: readonly EdlEvent[], findings: Finding[]): readonly EdlEvent[] {
  const late = events.find((each, i) => i > 0 && each.recordIn < events[i - 1]!.recordIn);
  if (late === undefined) return events;
  report(findings, 'unexpected_event_order', 'note', late.line.line, { event: late.line.number });
  return events
    .map((event, index) => ({ event, index }))
    .sort((a, b) => a.event.recordIn - b.event.recordIn || a.index - b.index)
    .map(({ event }) => event);
}

/** A line of no length whose only purpose is to say what the next one comes from. */
function isOnlyOutgoing(event: EdlEvent): boolean {
  return event.duration === 0 && event.line.transition === 'C';
}

function channelNames(event: EdlEvent): string[] {
  const names = channelsOf(event.line.channels);
  for (const remark of event.remarks) {
    if (remark.about !== 'audio') continue;
    for (const digits of remark.value.match(/\d+/g) ?? []) names.push(`A${Number(digits)}`);
  }
  if (names.length === 0) names.push('NONE');
  return [...new Set(names)];
}

function copyOf(made: Clip): Clip {
  const own = made.metadata['cmx_3600'] as JsonObject;
  const { lines: _, comments: __, ...rest } = own;
  return { ...made, markers: [], metadata: { ...made.metadata, cmx_3600: rest } };
}

function put(
  channel: Channel,
  event: EdlEvent,
  made: Clip,
  origin: number,
  clock: Clock,
  findings: Finding[],
): void {
  const rate = clock.format.rate;
  const start = event.recordIn - origin;
  let layer = channel.layers.find((each) => each.end <= start);
  if (layer === undefined) {
    if (channel.layers.length >= EDL_LAYERS_MAX) {
      const facts = { event: event.line.number, limit: EDL_LAYERS_MAX };
      report(findings, 'excessive_layer_count', 'error', event.line.line, facts);
      return;
    }
    if (channel.layers.length > 0 && event.line.transition !== 'K') {
      const facts = { event: event.line.number, channel: channel.name };
      report(findings, 'overlapping_event', 'warning', event.line.line, facts);
    }
    layer = { items: [], end: 0 };
    channel.layers.push(layer);
  }
  if (start > layer.end) layer.items.push(gap(time(start - layer.end, rate)));
  if (isCovering(event)) putTransition(layer, event, made, rate);
  layer.items.push(made);
  layer.end = start + event.duration;
}

function isCovering(event: EdlEvent): boolean {
  return /^[DW]/.test(event.line.transition);
}

function putTransition(layer: Layer, event: EdlEvent, made: Clip, rate: FrameRate): void {
  const { line, from } = event;
  const previous = layer.items.at(-1);
  const fromBlack = from !== undefined && isGenerated(from.line.reel);
  // Black before the dissolve, where the item before it is something else and plays on no more.
  if (fromBlack && previous !== undefined && previous.kind !== 'gap' && from.duration === 0) {
    layer.items.push(gap(time(0, rate)));
  }
  const fromName = nameOf(event.remarks, 'fromName') ?? '';
  const dissolve = line.transition === 'D';
  const kind = dissolve ? DISSOLVE : 'SMPTE_Wipe';
  const metadata: Record<string, JsonValue> = {
    transition: line.transition,
    transition_duration: line.durationFrames,
  };
  if (from !== undefined && from.duration === 0) {
    metadata['from'] = {
      reel: from.line.reel,
      channels: from.line.channels,
      source_in: from.line.sourceIn,
      name: fromName,
    };
  }
  const between = fromName === '' ? '' : `from ${fromName} `;
  layer.items.push(
    transition(time(0, rate), time(line.durationFrames, rate), {
      name: `${kind} ${between}to ${made.name}`,
      transitionType: kind,
      metadata: { cmx_3600: metadata },
    }),
  );
}

function tracksOf(channels: ReadonlyMap<string, Channel>): Track[] {
  const order = [...channels.values()].sort((a, b) => rank(a.name) - rank(b.name));
  return order.flatMap(({ name, layers }) =>
    layers.map(({ items }, index) => {
      const layered = index === 0 ? {} : { metadata: { cmx_3600: { layer: BigInt(index) } } };
      const trackKind = name.startsWith('A') ? 'Audio' : 'Video';
      return track({ name, trackKind, children: items, ...layered });
    }),
  );
}

function rank(name: string): number {
  const number = Number(/\d+$/.exec(name)?.[0] ?? 1);
  return (name.startsWith('V') ? 0 : name.startsWith('A') ? 10_000 : 20_000) + number;
}

function nameOf(remarks: readonly EdlRemark[], about: EdlRemark['about']): string | undefined {
  const found = remarks.find((each) => each.about === about);
  return found === undefined || found.value === '' ? undefined : found.value;
}

/** Its own name: of a line that comes in over another, the one after `TO`. */
function clipName(event: EdlEvent): string {
  const { remarks, line, from } = event;
  const keyed = line.transition === 'K' ? nameOf(remarks, 'keyName') : undefined;
  const to = nameOf(remarks, 'toName');
  const named = nameOf(remarks, 'fromName');
  if (keyed !== undefined) return keyed;
  if (isCovering(event) && to !== undefined) return to;
  const own = isCovering(event) && from !== undefined && from.line.reel !== line.reel;
  if (own && isGenerated(line.reel)) return line.reel;
  return named ?? to ?? line.number;
}

function clipOf(event: EdlEvent, list: EdlEvents, findings: Finding[]): Clip {
  const { duration, speed, remarks } = event;
  const rate = list.clock.format.rate;
  const frozen = speed === 0 || remarks.some((each) => each.about === 'freeze');
  const scalar = frozen ? 0 : speed;
  let name = clipName(event);
  // Editing systems add the two letters to the name of a frozen clip.
  if (frozen) name = name.replace(/\s+FF$/, '');
  const metadata: Record<string, JsonValue> = {};
  const grade = gradeOf(remarks);
  if (grade !== undefined) metadata['cdl'] = grade;
  metadata['cmx_3600'] = ownMetadata(event, findings);
  return clip({
    name,
    metadata,
    sourceRange: range(event.sourceIn, duration, rate),
    effects: scalar === undefined || scalar === 1 ? [] : [timeWarp(scalar)],
    markers: markersOf(event, list, findings),
    media: { [DEFAULT_MEDIA]: mediaFor(event, rate) },
  });
}

function ownMetadata(event: EdlEvent, findings: Finding[]): JsonObject {
  const { line, speedLine, remarks, from } = event;
  // What was said of a line of no length is said of the one it leads to.
  const lead = from?.duration === 0 ? [...speedText(from), ...from.following] : [];
  const following = [...lead, ...event.following];
  const own: Record<string, JsonValue> = {
    event: line.number,
    reel: line.reel,
    channels: line.channels,
  };
  const tracks = channelNames(event);
  if (tracks.length > channelsOf(line.channels).length) own['tracks'] = tracks.join(' ');
  if (line.transition.startsWith('K')) {
    own['key'] = line.transition;
    own['key_duration'] = BigInt(line.durationFrames);
    if (event.duration === 0) {
      report(findings, 'empty_key_event', 'warning', line.line, { event: line.number });
    }
  }
  if (speedLine !== undefined) {
    own['m2'] = speedLine.text;
    if (event.sourceDuration === event.duration) own['m2_equal_durations'] = true;
  }
  if (event.speed !== undefined && speedLine === undefined) own['unmarked_speed'] = true;
  const comments = remarks.filter((each) => each.about === 'comment').map((each) => each.value);
  if (comments.length > 0) own['comments'] = comments;
  if (following.length > 0) own['lines'] = following;
  return own;
}

function speedText(of: EdlEvent): string[] {
  return of.speedLine === undefined ? [] : [of.speedLine.text];
}

const TRIPLE = /\(([^()]*)\)/g;

/** The grade of ASC CDL comments, with as many numbers as make sense. */
export function gradeOf(remarks: readonly EdlRemark[]): JsonObject | undefined {
  const grade: Record<string, JsonValue> = {};
  for (const { about, value } of remarks) {
    if (about === 'saturation') {
      const saturation = Number.parseFloat(value);
      if (Number.isFinite(saturation)) grade['asc_sat'] = saturation;
    }
    if (about !== 'slopeOffsetPower') continue;
    const triples = [...value.matchAll(TRIPLE)].map((match) =>
      match[1]!
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    );
    const sound = triples.every((each) => each.length === 3 && each.every(Number.isFinite));
    if (triples.length !== 3 || !sound) continue;
    const [slope, offset, power] = triples as [number[], number[], number[]];
    grade['asc_sop'] = { slope, offset, power };
  }
  return Object.keys(grade).length === 0 ? undefined : grade;
}

const LOCATOR = /^(\d{1,2}[:;.,]\d\d[:;.,]\d\d[:;.,]\d{2,3})\s*(\S*)\s*(.*)$/;

function markersOf(event: EdlEvent, list: EdlEvents, findings: Finding[]): Marker[] {
  const rate = list.clock.format.rate;
  return event.remarks.flatMap((remark) => {
    if (remark.about !== 'locator') return [];
    const match = LOCATOR.exec(remark.value);
    const at = match === null ? Number.NaN : list.clock.frames(match[1]!);
    if (match === null || Number.isNaN(at)) {
      const facts = { text: clipText(remark.value) };
      report(findings, 'invalid_locator', 'warning', remark.line, facts);
      return [];
    }
    // The list gives the record's timecode; a marker stands in the time of its clip.
    const day = list.clock.framesPerDay;
    const after = ofDay(at - event.recordIn, list.clock);
    const start = event.sourceIn + (after > day / 2 ? after - day : after);
    const color = match[2]!.toUpperCase();
    return [
      marker(range(start, 0, rate), {
        name: match[3]!.trim(),
        color,
        metadata: { cmx_3600: { color: match[2]! } },
      }),
    ];
  });
}

const BRACKETS = /^(.*?)\[(\d+)-(\d+)\](\.[A-Za-z0-9]+)$/;

function mediaFor(event: EdlEvent, rate: FrameRate): MediaReference {
  const { line, remarks } = event;
  if (/^(?:BL|BLACK|BLK)$/i.test(line.reel)) return generator('black');
  if (/^BARS?$/i.test(line.reel)) return generator('SMPTEBars');
  const path = nameOf(remarks, 'file');
  if (path === undefined || !/[/\\]/.test(path)) return missing();
  const images = BRACKETS.exec(path);
  if (images === null) return external(path);
  const slash = Math.max(images[1]!.lastIndexOf('/'), images[1]!.lastIndexOf('\\')) + 1;
  return {
    kind: 'images',
    name: '',
    metadata: {},
    imageBounds: null,
    targetUrlBase: images[1]!.slice(0, slash),
    namePrefix: images[1]!.slice(slash),
    nameSuffix: images[4]!,
    startFrame: BigInt(images[2]!),
    frameStep: 1n,
    rate: doubleOfRatio(rate),
    frameZeroPadding: BigInt(images[2]!.length),
    missingFramePolicy: 'error',
    availableRange: range(
      Number(images[2]),
      Math.max(0, Number(images[3]) - Number(images[2]) + 1),
      rate,
    ),
  };
}
