import {
  accepted,
  allowsDropFrame,
  clipText,
  type Finding,
  finding,
  FINDINGS_MAX,
  type FrameRate,
  FRAME_RATES,
  type Outcome,
  ratio,
  refused,
} from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  childText,
  placeOf,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import {
  clip,
  type Collection,
  type Composable,
  CUSTOM_TRANSITION,
  DEFAULT_MEDIA,
  DISSOLVE,
  type Effect,
  effect,
  external,
  gap,
  generator,
  type Item,
  marker,
  type Marker,
  type MediaReference,
  missing,
  type Stack,
  stack,
  type Timeline,
  timeline,
  timeWarp,
  type Track,
  track,
  type Transition,
  transition,
} from '../model.ts';
import {
  addTime,
  framesAt,
  type RationalTime,
  range,
  sharedRate,
  time,
  timeOfSeconds,
  secondsOf,
  zeroTime,
} from '../time.ts';
import { readCutXml } from '../xml/input.ts';
import { metadataOf } from '../xml/metadata.ts';

/** Items over all nested sequences, each use counted: a small file can describe a huge cut. */
export const NESTED_ITEMS_MAX = 500_000;

/**
 * Reads a Final Cut Pro 7 document (xmeml 4 and 5, as Premiere and others write it): its sequence
 * as a timeline, several as a collection.
 */
export function readFcp7(bytes: Uint8Array): Outcome<Timeline | Collection> {
  const document = readCutXml(bytes);
  if (!document.ok) return document;
  const { root } = document.value;
  if (root.local !== 'xmeml') {
    const facts = { name: clipText(root.local), expected: 'xmeml' };
    return refused(finding('unexpected_root_element', 'error', { facts, at: placeOf(root) }));
  }
  const reader = new Fcp7Reader(document.findings);
  reader.index(root);
  const sequences = topSequences(root);
  if (sequences.length === 0) {
    return refused(finding('missing_sequence', 'error', { at: placeOf(root), clause: 'xmeml' }));
  }
  const read = sequences.map((each) => reader.timeline(each));
  if (read.length === 1) return accepted(read[0]!, reader.findings);
  const name = attributeValue(root, 'name') ?? childText(root, 'name') ?? '';
  return accepted({ kind: 'collection', name, metadata: {}, children: read }, reader.findings);
}

/** Sequences of the project and its bins, not those inside a clip. */
function topSequences(of: XmlElement): XmlElement[] {
  return childElements(of).flatMap((each) => {
    if (each.local === 'sequence') return [each];
    return ['project', 'children', 'bin', 'clip'].includes(each.local) ? topSequences(each) : [];
  });
}

/** An item of a track with the record frames it stands at. */
type Placed = { readonly start: number; readonly end: number; readonly made: Composable };
type TransitionFrames = {
  readonly start: number;
  readonly end: number;
  readonly cut: number;
  readonly made: Transition;
};

const SEQUENCE_PARTS: ReadonlySet<string> = new Set([
  'name',
  'duration',
  'rate',
  'timecode',
  'media',
  'marker',
]);
const CLIP_PARTS: ReadonlySet<string> = new Set([
  'name',
  'duration',
  'rate',
  'start',
  'end',
  'in',
  'out',
  'enabled',
  'file',
  'sequence',
  'marker',
  'filter',
]);
const FILE_PARTS: ReadonlySet<string> = new Set(['name', 'pathurl', 'duration', 'rate']);
const TRACK_PARTS: ReadonlySet<string> = new Set([
  'clipitem',
  'transitionitem',
  'generatoritem',
  'enabled',
  'name',
]);

class Fcp7Reader {
  readonly findings: Finding[];
  readonly #files = new Map<string, XmlElement>();
  readonly #sequences = new Map<string, XmlElement>();
  readonly #open: XmlElement[] = [];
  readonly #made = new Map<XmlElement, { stack: Stack; weight: number }>();
  #weight = 0;
  /** Whether it was said that there are too many items. */
  #told = false;

  constructor(before: readonly Finding[]) {
    this.findings = [...before];
  }

  #note(code: string, severity: Finding['severity'], at: XmlElement, facts: Finding['facts'] = {}) {
    if (this.findings.length >= FINDINGS_MAX) return;
    this.findings.push(finding(code, severity, { facts, at: placeOf(at), clause: 'xmeml' }));
  }

  /** Files and sequences are told once and meant by their id afterwards. */
  index(of: XmlElement): void {
    for (const child of childElements(of)) {
      const id = attributeValue(child, 'id');
      if (id !== undefined && childElements(child).length > 0) {
        if (child.local === 'file' && !this.#files.has(id)) this.#files.set(id, child);
        if (child.local === 'sequence' && !this.#sequences.has(id)) this.#sequences.set(id, child);
      }
      this.index(child);
    }
  }

  timeline(of: XmlElement): Timeline {
    if (childElement(of, 'rate') === undefined) this.#note('missing_frame_rate', 'warning', of);
    const rate = this.#rate(of, FRAME_RATES['24']);
    const start = this.#timecode(of, rate);
    const name = childText(of, 'name') ?? '';
    const inside = this.#stackOf(of, rate, name);
    const { metadata, ...fields } = inside;
    const tracks = { ...fields, metadata: {} };
    const code = childElement(of, 'timecode');
    const shown = code === undefined ? undefined : childText(code, 'displayformat');
    // Said where every format looks for it.
    const drop = shown === 'DF' && allowsDropFrame(start?.rate ?? rate);
    const counted = drop ? { ...metadata, cmx_3600: { drop_frame: true } } : metadata;
    return { ...timeline([], { name, metadata: counted, globalStart: start }), tracks };
  }

  #rate(of: XmlElement, otherwise: FrameRate): FrameRate {
    const inside = childElement(of, 'rate');
    const base = Number(inside === undefined ? undefined : childText(inside, 'timebase'));
    if (inside === undefined || !Number.isInteger(base) || base <= 0 || base > 10_000) {
      if (inside !== undefined) this.#note('invalid_frame_rate', 'warning', inside);
      return otherwise;
    }
    const ntsc = (childText(inside, 'ntsc') ?? '').toUpperCase() === 'TRUE';
    return sharedRate(ntsc ? ratio(base * 1000, 1001) : ratio(base));
  }

  #timecode(of: XmlElement, otherwise: FrameRate): RationalTime | undefined {
    const code = childElement(of, 'timecode');
    if (code === undefined) return undefined;
    const frame = this.#frames(code, 'frame');
    return frame === undefined ? undefined : time(frame, this.#rate(code, otherwise));
  }

  #frames(of: XmlElement, name: string): number | undefined {
    const child = childElement(of, name);
    const text = child === undefined ? '' : textOf(child);
    if (text === '') return undefined;
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
    this.#note('invalid_frame_count', 'warning', child!, { name, text: clipText(text) });
    return Number.isFinite(value) && Number.isSafeInteger(Math.round(value))
      ? Math.round(value)
      : undefined;
  }

  #stackOf(of: XmlElement, rate: FrameRate, name: string): Stack {
    const media = childElement(of, 'media');
    const tracks: Track[] = [];
    for (const kind of ['video', 'audio'] as const) {
      const side = media === undefined ? undefined : childElement(media, kind);
      if (side === undefined) continue;
      for (const each of childElements(side, 'track')) {
        // Premiere writes each side of a stereo track as a track; the writer divides it again.
        if (Number(attributeValue(each, 'currentExplodedTrackIndex') ?? '0') > 0) {
          this.#note('merged_channel_track', 'note', each, { tracks: tracks.length });
          continue;
        }
        tracks.push(this.#track(each, kind === 'video' ? 'Video' : 'Audio', rate));
      }
    }
    const own = metadataOf(of, SEQUENCE_PARTS);
    const kept: Record<string, JsonValue> = { ...(isJsonObject(own) ? own : {}) };
    const code = childElement(of, 'timecode');
    if (code !== undefined) kept['timecode'] = metadataOf(code);
    const formats = this.#formats(media);
    if (formats !== undefined) kept['media'] = formats;
    return stack({
      name,
      children: tracks,
      markers: this.#markers(of, rate, zeroTime(rate)),
      metadata: { fcp_xml: kept },
    });
  }

  /** All of a sequence's media settings but its tracks. */
  #formats(media: XmlElement | undefined): JsonObject | undefined {
    if (media === undefined) return undefined;
    const made: Record<string, JsonValue> = {};
    for (const side of childElements(media)) made[side.local] = metadataOf(side, TRACKS);
    return made;
  }

  #track(of: XmlElement, trackKind: string, rate: FrameRate): Track {
    const items: Placed[] = [];
    const changes: TransitionFrames[] = [];
    const parts = childElements(of);
    for (const each of parts) {
      if (each.local === 'transitionitem') changes.push(this.#transition(each, rate));
    }
    let change = 0;
    let before: TransitionFrames | undefined;
    for (const each of parts) {
      if (each.local === 'transitionitem') {
        before = changes[change++];
      } else if (each.local === 'clipitem' || each.local === 'generatoritem') {
        const placed = this.#placed(each, rate, before, changes[change], items.at(-1)?.end ?? 0);
        if (placed !== undefined) items.push(placed);
        before = undefined;
      }
    }
    const own = metadataOf(of, TRACK_PARTS);
    const hidden = (childText(of, 'enabled') ?? '').toUpperCase() === 'FALSE';
    return track({
      name: childText(of, 'name') ?? attributeValue(of, 'MZ.TrackName') ?? '',
      trackKind,
      enabled: !hidden,
      children: this.#laid(items, changes, rate, of),
      metadata: { fcp_xml: isJsonObject(own) ? own : {} },
    });
  }

  #laid(
    items: readonly Placed[],
    changes: readonly TransitionFrames[],
    rate: FrameRate,
    of: XmlElement,
  ): Composable[] {
    const made: Composable[] = [];
    const rest = [...changes];
    let at = 0;
    for (const each of items) {
      // A transition stands before the item that begins at its cut, even after a gap.
      while (rest.length > 0 && rest[0]!.cut <= each.start) {
        const next = rest.shift()!;
        if (next.cut > at) made.push(gap(time(next.cut - at, rate)));
        at = Math.max(at, next.cut);
        made.push(next.made);
      }
      if (each.start > at) made.push(gap(time(each.start - at, rate)));
      else if (each.start < at) {
        this.#note('overlapping_item', 'warning', of, { start: each.start, end: at });
      }
      made.push(each.made);
      at = Math.max(at, each.end);
    }
    for (const each of rest) {
      if (each.cut > at) made.push(gap(time(each.cut - at, rate)));
      at = Math.max(at, each.cut);
      made.push(each.made);
    }
    return made;
  }

  #transition(of: XmlElement, rate: FrameRate): TransitionFrames {
    const start = this.#frames(of, 'start') ?? 0;
    const end = Math.max(start, this.#frames(of, 'end') ?? start);
    const alignment = childText(of, 'alignment') ?? 'center';
    const cut = alignment.startsWith('start')
      ? start
      : alignment.startsWith('end')
        ? end
        : start + Math.floor((end - start) / 2);
    const inside = childElement(of, 'effect');
    const name = (inside === undefined ? undefined : childText(inside, 'name')) ?? '';
    const kept = metadataOf(of, new Set(['start', 'end', 'alignment', 'rate']));
    const made = transition(time(cut - start, rate), time(end - cut, rate), {
      name: childText(of, 'name') ?? name,
      transitionType: /dissolve/i.test(name) ? DISSOLVE : CUSTOM_TRANSITION,
      metadata: { fcp_xml: { ...(isJsonObject(kept) ? kept : {}), alignment } },
    });
    return { start, end, cut, made };
  }

  #placed(
    of: XmlElement,
    rate: FrameRate,
    before: TransitionFrames | undefined,
    after: TransitionFrames | undefined,
    previousEnd: number,
  ): Placed | undefined {
    let start = this.#frames(of, 'start') ?? -1;
    let end = this.#frames(of, 'end') ?? -1;
    let lead = 0;
    // Minus one says that a transition covers the edge; the source then begins where that does.
    if (start === -1) {
      start = before?.cut ?? previousEnd;
      lead = before === undefined ? 0 : before.cut - before.start;
    }
    if (end === -1) end = after?.cut ?? start + this.#inOut(of, rate);
    if (end < start) {
      this.#note('negative_duration', 'error', of, { value: String(end - start) });
      return undefined;
    }
    if (++this.#weight > NESTED_ITEMS_MAX) {
      if (!this.#told) {
        this.#told = true;
        this.#note('excessive_item_count', 'error', of, { limit: NESTED_ITEMS_MAX });
      }
      return undefined;
    }
    return { start, end, made: this.#item(of, rate, end - start, lead) };
  }

  #inOut(of: XmlElement, rate: FrameRate): number {
    const own = this.#rate(of, rate);
    const length = (this.#frames(of, 'out') ?? 0) - (this.#frames(of, 'in') ?? 0);
    return Math.max(0, framesAt(time(length, own), rate).frames);
  }

  #item(of: XmlElement, sequenceRate: FrameRate, frames: number, lead: number): Item {
    const rate = this.#rate(of, sequenceRate);
    const media = this.#media(of, rate);
    const effects = this.#effects(of);
    const speed = effects.reduce((product, each) => product * (each.timeScalar ?? 1), 1);
    const length = timeOfSeconds(secondsOf(time(frames, sequenceRate)), rate);
    const leading = timeOfSeconds(secondsOf(time(lead, sequenceRate)), rate);
    const within = addTime(time(this.#frames(of, 'in') ?? 0, rate), leading);
    const mediaStart = media?.availableRange?.start;
    // Whether `in` counts frames of the file or frames as played is told by no specification;
    // systems that relink by it take it for frames of the file.
    if (speed !== 1) this.#note('assumed_retime_origin', 'note', of, { speed: String(speed) });
    const start = mediaStart === undefined ? within : addTime(within, mediaStart);
    this.#doubt(of, sequenceRate, frames, effects);
    const own = metadataOf(of, CLIP_PARTS);
    const fields = {
      name: childText(of, 'name') ?? '',
      enabled: (childText(of, 'enabled') ?? 'TRUE').toUpperCase() !== 'FALSE',
      effects,
      sourceRange: { start, duration: length },
      metadata: { fcp_xml: isJsonObject(own) ? own : {} },
      markers: this.#markers(of, rate, mediaStart ?? zeroTime(rate)),
    };
    const nested = this.#nested(of);
    if (nested !== undefined) {
      const markers = [...fields.markers, ...nested.markers];
      return { ...nested, ...fields, markers, name: fields.name || nested.name };
    }
    const given = of.local === 'generatoritem' ? this.#generator(of) : (media ?? missing());
    const name = fields.name || given.name;
    return clip({ ...fields, name, media: { [DEFAULT_MEDIA]: given } });
  }

  /** What a clip says of its length and its origin that another reader may take otherwise. */
  #doubt(of: XmlElement, rate: FrameRate, frames: number, effects: readonly Effect[]): void {
    const subclip = childElement(of, 'subclipinfo');
    const offset = subclip === undefined ? 0 : (this.#frames(subclip, 'startoffset') ?? 0);
    if (offset > 0) this.#note('assumed_subclip_origin', 'note', of, { frames: offset });
    const edges = ['start', 'end', 'in', 'out'].map((name) => childText(of, name) ?? '');
    const isTold = edges.every((each) => /^\d+$/.test(each));
    if (of.local !== 'clipitem' || !isTold || effects.some(isRetime)) return;
    const played = this.#inOut(of, rate);
    // Lengths at two rates may be rounded apart.
    if (Math.abs(played - frames) <= 1) return;
    this.#note('mismatched_clip_duration', 'warning', of, { source: played, record: frames });
  }

  #nested(of: XmlElement): Stack | undefined {
    const inside = childElement(of, 'sequence');
    if (inside === undefined) return undefined;
    const id = attributeValue(inside, 'id');
    const whole =
      childElements(inside).length > 0
        ? inside
        : id === undefined
          ? inside
          : this.#sequences.get(id);
    if (whole === undefined || this.#open.includes(whole)) {
      const code = whole === undefined ? 'missing_sequence' : 'circular_nesting';
      this.#note(code, 'error', inside, { id: clipText(id ?? '') });
      return stack({ name: '' });
    }
    const known = this.#made.get(whole);
    if (known !== undefined) {
      this.#weight += known.weight;
      return known.stack;
    }
    const before = this.#weight;
    this.#open.push(whole);
    const name = childText(whole, 'name') ?? '';
    const made = this.#stackOf(whole, this.#rate(whole, FRAME_RATES['24']), name);
    this.#open.pop();
    this.#made.set(whole, { stack: made, weight: this.#weight - before });
    return made;
  }

  #media(of: XmlElement, rate: FrameRate): MediaReference | undefined {
    const inside = childElement(of, 'file');
    if (inside === undefined) return undefined;
    const id = attributeValue(inside, 'id');
    const whole =
      childElements(inside).length > 0 || id === undefined ? inside : this.#files.get(id);
    if (whole === undefined) {
      this.#note('missing_media_reference', 'warning', inside, { key: clipText(id ?? '') });
      return missing();
    }
    const fileRate = this.#rate(whole, rate);
    const start = this.#timecode(whole, fileRate) ?? zeroTime(fileRate);
    const duration = this.#frames(whole, 'duration');
    const kept = metadataOf(whole, FILE_PARTS);
    const fields = {
      name: childText(whole, 'name') ?? '',
      metadata: { fcp_xml: isJsonObject(kept) ? kept : {} },
      ...(duration === undefined
        ? {}
        : { availableRange: { start, duration: time(duration, fileRate) } }),
    };
    const url = childText(whole, 'pathurl');
    if (url !== undefined && url !== '') return external(url, fields);
    // Premiere's black, bars and mattes are files without a path, with their kind for a source.
    const source = childText(whole, 'mediaSource');
    return source === undefined ? missing(fields) : generator(source, fields);
  }

  #generator(of: XmlElement): MediaReference {
    const inside = childElement(of, 'effect');
    const kind = inside === undefined ? undefined : childText(inside, 'effectid');
    const kept = inside === undefined ? {} : metadataOf(inside);
    return generator(kind ?? '', { parameters: isJsonObject(kept) ? kept : {} });
  }

  #effects(of: XmlElement): Effect[] {
    return childElements(of, 'filter').flatMap((each) => {
      const inside = childElement(each, 'effect');
      if (inside === undefined) return [];
      const kept = metadataOf(each);
      const name = childText(inside, 'name') ?? '';
      const id = childText(inside, 'effectid') ?? '';
      const enabled = (childText(each, 'enabled') ?? 'TRUE').toUpperCase() !== 'FALSE';
      const metadata = { fcp_xml: isJsonObject(kept) ? kept : {} };
      const speed = id === 'timeremap' ? this.#speed(inside) : undefined;
      if (speed !== undefined) return [timeWarp(speed, { name, metadata, enabled })];
      return [effect(id, { name, metadata, enabled })];
    });
  }

  /** Per cent of normal speed; a variable one stays an effect that is only carried. */
  #speed(of: XmlElement): number | undefined {
    const values = new Map<string, string>();
    for (const each of childElements(of, 'parameter')) {
      const id = childText(each, 'parameterid') ?? '';
      values.set(id, childText(each, 'value') ?? '');
    }
    if ((values.get('variablespeed') ?? '0') !== '0') {
      this.#note('uncarried_speed_curve', 'warning', of);
      return undefined;
    }
    const percent = Number(values.get('speed') ?? '100');
    if (!Number.isFinite(percent)) return undefined;
    return ((values.get('reverse') ?? '').toUpperCase() === 'TRUE' ? -percent : percent) / 100;
  }

  #markers(of: XmlElement, rate: FrameRate, origin: RationalTime): Marker[] {
    return childElements(of, 'marker').map((each) => {
      const start = this.#frames(each, 'in') ?? 0;
      const end = this.#frames(each, 'out') ?? -1;
      const kept = metadataOf(each, new Set(['name', 'comment', 'in', 'out']));
      const length = end === -1 ? 0 : Math.max(0, end - start);
      const marked = range(start, length, rate);
      const shifted =
        origin.value === 0 ? marked : { ...marked, start: addTime(marked.start, origin) };
      return marker(shifted, {
        name: childText(each, 'name') ?? '',
        comment: childText(each, 'comment') ?? '',
        color: 'RED',
        metadata: { fcp_xml: isJsonObject(kept) ? kept : {} },
      });
    });
  }
}

function isRetime(of: Effect): boolean {
  return of.timeScalar !== undefined || of.effectName === 'timeremap';
}

const TRACKS: ReadonlySet<string> = new Set(['track']);
