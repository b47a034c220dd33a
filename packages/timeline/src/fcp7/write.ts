import {
  accepted,
  allowsDropFrame,
  clipText,
  type Finding,
  formatTimecode,
  FRAME_RATES,
  type FrameRate,
  nominalRate,
  type Outcome,
} from '@yinglian/core';
import {
  documentOf,
  element,
  type ElementContent,
  indentElement,
  isXmlText,
  onlyXmlText,
  writeXml,
  type XmlElement,
} from '@yinglian/xml';
import { type JsonObject, member, objectMember, textMember } from '../json/value.ts';
import {
  type Clip,
  type Effect,
  effectLabel,
  type Item,
  type ItemFields,
  type Marker,
  mediaOf,
  type MediaReference,
  type Stack,
  type Timeline,
  type Track,
  type Transition,
  type UnknownObject,
} from '../model.ts';
import { reelOf } from '../edl/write.ts';
import {
  countsDropFrame,
  placeItems,
  type PlacedItem,
  playedRange,
  rateOf,
  tell,
  tellTrackEffects,
  tracksOf,
  wholeFrames,
} from '../place.ts';
import { soundCut } from '../sound.ts';
import {
  addTime,
  atRate,
  framesAt,
  isSoundTime,
  type RationalTime,
  subtractTime,
  type TimeRange,
  zeroTime,
} from '../time.ts';
import { attributesOf, elementsOf } from '../xml/metadata.ts';

/** Sequences inside sequences; deeper than any reader of the format goes. */
const NESTING_MAX = 32;

/** How a document is written. */
export type Fcp7Writing = { readonly rate?: FrameRate };

/**
 * Writes a Final Cut Pro 7 document (xmeml 5). What the format has no place for is a finding; what
 * was read from such a document and not touched goes back.
 */
export function writeFcp7(given: Timeline, writing: Fcp7Writing = {}): Outcome<Uint8Array> {
  const findings: Finding[] = [];
  const of = soundCut(given, findings);
  const rate = writing.rate ?? rateOf(of) ?? FRAME_RATES['24'];
  const writer = new Fcp7Writer(findings);
  const own = objectMember(of.metadata, 'fcp_xml') ?? {};
  const sequence = writer.sequence({
    name: of.name,
    own,
    tracks: tracksOf(of),
    markers: of.tracks.markers,
    rate,
    start: of.globalStart,
    dropFrame: countsDropFrame(of),
    id: 'sequence-1',
    depth: 0,
  });
  const root = element('xmeml', '', { attributes: { version: '5' }, children: [sequence] });
  const bytes = writeXml(documentOf(indentElement(root)));
  return accepted(bytes, findings);
}

type SequenceParts = {
  readonly name: string;
  readonly own: JsonObject;
  readonly tracks: readonly { track: Track; path: string }[];
  readonly markers: Stack['markers'];
  readonly rate: FrameRate;
  readonly start: RationalTime | undefined;
  readonly dropFrame: boolean;
  readonly id: string;
  readonly depth: number;
};

const SEQUENCE_WRITTEN: ReadonlySet<string> = new Set([
  'name',
  'duration',
  'rate',
  'timecode',
  'media',
  'marker',
]);
const CLIP_WRITTEN: ReadonlySet<string> = new Set([
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
  'effect',
]);
const TRACK_WRITTEN: ReadonlySet<string> = new Set(['enabled', 'name']);
const FILE_WRITTEN: ReadonlySet<string> = new Set([
  'name',
  'pathurl',
  'duration',
  'rate',
  'timecode',
]);
const EFFECT_TIMES: ReadonlySet<string> = new Set(['name', 'alignment', 'start', 'end', 'rate']);

function leaf(name: string, value: string | number | boolean): XmlElement {
  const text = typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value);
  const clean = isXmlText(text) ? text : onlyXmlText(text);
  return element(name, '', { children: clean === '' ? [] : [clean] });
}

function rateElement(rate: FrameRate): XmlElement {
  const base = nominalRate(rate);
  return element('rate', '', {
    children: [leaf('timebase', base), leaf('ntsc', rate.denominator === 1001n)],
  });
}

class Fcp7Writer {
  readonly #findings: Finding[];
  readonly #files = new Map<string, string>();
  readonly #taken = new Set<string>();
  #clips = 0;
  #sequences = 1;

  constructor(findings: Finding[]) {
    this.#findings = findings;
  }

  #tell(code: string, path: string, facts: Finding['facts'] = {}): void {
    tell({ findings: this.#findings }, code, 'warning', path, facts);
  }

  sequence(parts: SequenceParts): XmlElement {
    const { rate, own } = parts;
    const placing = { rate, findings: this.#findings };
    const sides = { Video: [] as XmlElement[], Audio: [] as XmlElement[] };
    let frames = 0;
    for (const { track, path } of parts.tracks) {
      if (track.trackKind !== 'Video' && track.trackKind !== 'Audio') {
        const facts = { name: clipText(track.name), kind: clipText(track.trackKind) };
        this.#tell('uncarried_track', path, facts);
        continue;
      }
      const placed = placeItems(track, path, placing);
      const last = placed.at(-1);
      if (last !== undefined) frames = Math.max(frames, last.start + last.duration);
      sides[track.trackKind].push(...this.#track(track, placed, rate, path, parts.depth));
    }
    const media = objectMember(own, 'media') ?? {};
    const side = (name: 'video' | 'audio', tracks: readonly XmlElement[]) =>
      element(name, '', {
        children: [...elementsOf(objectMember(media, name) ?? {}), ...tracks],
      });
    return element('sequence', '', {
      attributes: { ...attributesOf(own), id: parts.id },
      children: [
        ...elementsOf(own, SEQUENCE_WRITTEN),
        leaf('duration', frames),
        rateElement(rate),
        leaf('name', parts.name),
        element('media', '', {
          children: [side('video', sides.Video), side('audio', sides.Audio)],
        }),
        ...this.#timecode(parts.start, objectMember(own, 'timecode'), {
          dropFrame: parts.dropFrame,
        }),
        ...this.#markers(parts.markers, rate, zeroTime(rate), parts.id),
      ],
    });
  }

  #timecode(
    start: RationalTime | undefined,
    own: JsonObject | undefined,
    how: { readonly dropFrame?: boolean; readonly reel?: string | undefined } = {},
  ): XmlElement[] {
    if (start === undefined || !isSoundTime(start)) return [];
    const frame = framesAt(start, start.rate).frames;
    const said = own !== undefined && textMember(own, 'displayformat') === 'DF';
    const drop = said || (how.dropFrame === true && allowsDropFrame(start.rate));
    const dropFrame = drop && allowsDropFrame(start.rate);
    const label = formatTimecode(BigInt(frame), { rate: start.rate, dropFrame });
    const kept = own === undefined ? [] : elementsOf(own, TIMECODE_WRITTEN);
    const same = own !== undefined && textMember(own, 'frame') === String(frame);
    const stated = same ? textMember(own, 'string') : undefined;
    const children = [
      rateElement(start.rate),
      // Some systems write drop-frame labels at rates without them; as they had it, it goes back.
      leaf('string', stated ?? label),
      leaf('frame', frame),
      leaf('displayformat', drop ? 'DF' : 'NDF'),
    ];
    if (how.reel !== undefined && (own === undefined || own['reel'] === undefined)) {
      children.push(element('reel', '', { children: [leaf('name', how.reel)] }));
    }
    return [element('timecode', '', { children: [...children, ...kept] })];
  }

  /** A track; one that stands for the sides of a stereo pair is written once for each. */
  #track(
    track: Track,
    placed: readonly PlacedItem[],
    rate: FrameRate,
    path: string,
    depth: number,
  ): XmlElement[] {
    const own = objectMember(track.metadata, 'fcp_xml') ?? {};
    const sides = Number(textMember(own, '@totalExplodedTrackCount') ?? '1');
    const count = Number.isInteger(sides) && sides > 0 && sides <= 32 ? sides : 1;
    const made: XmlElement[] = [];
    if (track.markers.length > 0) this.#tell('uncarried_marker', path);
    tellTrackEffects(track, path, { findings: this.#findings });
    for (let side = 0; side < count; side++) {
      const items: XmlElement[] = [];
      for (const each of placed) items.push(...this.#placed(each, rate, depth));
      items.push(...this.#trailing(track, placed, rate, path));
      const attributes = attributesOf(own);
      if (count > 1) attributes['currentExplodedTrackIndex'] = String(side);
      made.push(
        element('track', '', {
          attributes,
          children: [
            ...items,
            leaf('enabled', track.enabled),
            ...elementsOf(own, TRACK_WRITTEN),
            ...(track.name === '' ? [] : [leaf('name', track.name)]),
          ],
        }),
      );
    }
    return made;
  }

  /** A transition at the end of a track, into nothing. */
  #trailing(
    track: Track,
    placed: readonly PlacedItem[],
    rate: FrameRate,
    path: string,
  ): XmlElement[] {
    const last = track.children.at(-1);
    if (last?.kind !== 'transition') return [];
    const end = placed.at(-1);
    return [this.#transition(last, end === undefined ? 0 : end.start + end.duration, rate, path)];
  }

  #placed(placed: PlacedItem, rate: FrameRate, depth: number): XmlElement[] {
    const { item, before, path } = placed;
    const made: XmlElement[] = [];
    if (before !== undefined) made.push(this.#transition(before, placed.start, rate, path));
    if (item.kind === 'gap') return made;
    if (item.kind === 'unknown') {
      this.#tell('uncarried_nesting', path, { name: clipText(item.name), kind: 'unknown' });
      return made;
    }
    made.push(this.#item(placed, item, rate, depth));
    return made;
  }

  #transition(of: Transition, cut: number, rate: FrameRate, path: string): XmlElement {
    const placing = { rate, findings: this.#findings };
    const start = cut - wholeFrames(of.inOffset, placing, path);
    const end = cut + wholeFrames(of.outOffset, placing, path);
    const own = objectMember(of.metadata, 'fcp_xml') ?? {};
    const stated = textMember(own, 'alignment');
    const alignment = alignmentOf(start, cut, end);
    const kept = elementsOf(own, EFFECT_TIMES);
    const name = of.transitionType === 'SMPTE_Dissolve' ? 'Cross Dissolve' : of.name;
    if (kept.length === 0 && alignment === undefined) {
      this.#tell('uncarried_transition', path);
    }
    const effect = element('effect', '', {
      children: [
        leaf('name', name || 'Cross Dissolve'),
        leaf('effectid', name || 'Cross Dissolve'),
        leaf('effecttype', 'transition'),
        leaf('mediatype', 'video'),
      ],
    });
    return element('transitionitem', '', {
      children: [
        rateElement(rate),
        leaf('start', start),
        leaf('end', end),
        leaf(
          'alignment',
          stated?.startsWith(alignment ?? '') === true ? stated : (alignment ?? 'center'),
        ),
        ...(of.name === '' || of.name === name ? [] : [leaf('name', of.name)]),
        ...(kept.length === 0 ? [effect] : kept),
      ],
    });
  }

  #item(placed: PlacedItem, item: Item, rate: FrameRate, depth: number): XmlElement {
    const { path } = placed;
    const own = objectMember(item.metadata, 'fcp_xml') ?? {};
    const media = item.kind === 'clip' ? mediaOf(item) : undefined;
    const available =
      media === undefined || media.kind === 'unknown' ? undefined : media.availableRange;
    const played = playedRange(item);
    const clipRate = played?.duration.rate ?? rate;
    const placing = { rate: clipRate, findings: this.#findings };
    const origin = available?.start ?? zeroTime(clipRate);
    const start = subtractTime(atRate(played?.start ?? origin, clipRate), origin);
    const lead = this.#lead(placed.before, clipRate);
    const tail = this.#tail(placed.after, clipRate);
    const first = subtractTime(start, lead);
    const last = addTime(addTime(start, played?.duration ?? zeroTime(clipRate)), tail);
    const generated =
      media?.kind === 'generator' && own['masterclipid'] === undefined && !isFileMade(media);
    const id = this.#clipId(textMember(own, '@id'));
    const children: (XmlElement | undefined)[] = [
      leaf('name', item.name),
      leaf('enabled', item.enabled),
      leaf(
        'duration',
        framesAt(available?.duration ?? played?.duration ?? zeroTime(clipRate), clipRate).frames,
      ),
      rateElement(clipRate),
      leaf('start', placed.before === undefined ? placed.start : -1),
      leaf('end', placed.after === undefined ? placed.start + placed.duration : -1),
      leaf('in', wholeFrames(first, placing, path)),
      leaf('out', wholeFrames(last, placing, path)),
      ...elementsOf(own, CLIP_WRITTEN),
      this.#source(item, media, generated, rate, depth, path),
      ...this.#filters(item, path),
      ...this.#markers(item.markers, clipRate, origin, path),
    ];
    const content: ElementContent = { attributes: { ...attributesOf(own), id }, children };
    return element(generated ? 'generatoritem' : 'clipitem', '', content);
  }

  /** Links name clips by their ids, so those that were read are kept where they are still free. */
  #clipId(stated: string | undefined): string {
    let id = stated;
    while (id === undefined || this.#taken.has(id)) id = `clipitem-new-${++this.#clips}`;
    this.#taken.add(id);
    return id;
  }

  #lead(of: Transition | undefined, rate: FrameRate): RationalTime {
    return of === undefined ? zeroTime(rate) : atRate(of.inOffset, rate);
  }

  #tail(of: Transition | undefined, rate: FrameRate): RationalTime {
    return of === undefined ? zeroTime(rate) : atRate(of.outOffset, rate);
  }

  #source(
    item: Item,
    media: MediaReference | UnknownObject | undefined,
    generated: boolean,
    rate: FrameRate,
    depth: number,
    path: string,
  ): XmlElement | undefined {
    if (item.kind === 'stack' || item.kind === 'track') {
      if (depth >= NESTING_MAX) {
        this.#tell('uncarried_nesting', path, { name: clipText(item.name), kind: item.kind });
        return undefined;
      }
      return this.#nested(item, rate, depth, path);
    }
    if (media === undefined || media.kind === 'unknown') return undefined;
    if (generated && media.kind === 'generator') {
      const kept = elementsOf(media.parameters);
      const made = [
        leaf('name', item.name),
        leaf('effectid', media.generatorKind),
        leaf('effecttype', 'generator'),
      ];
      return element('effect', '', { children: kept.length === 0 ? made : kept });
    }
    return this.#file(media, item as Clip, path);
  }

  #nested(item: Item & { kind: 'stack' | 'track' }, rate: FrameRate, depth: number, path: string) {
    const tracks =
      item.kind === 'track'
        ? [{ track: item, path }]
        : item.children.flatMap((each, index) =>
            each.kind === 'track' ? [{ track: each, path: `${path}/${index}` }] : [],
          );
    if (item.kind === 'stack' && tracks.length < item.children.length) {
      this.#tell('uncarried_nesting', path, { name: clipText(item.name), kind: 'layers' });
    }
    return this.sequence({
      name: item.name,
      own: {},
      tracks,
      markers: [],
      rate: playedRange(item)?.duration.rate ?? rate,
      start: undefined,
      dropFrame: false,
      id: `sequence-${++this.#sequences}`,
      depth: depth + 1,
    });
  }

  #file(media: MediaReference, item: Clip, path: string): XmlElement | undefined {
    const tape = media.kind === 'generator' ? 'AX' : reelOf(item);
    const reel = tape === 'AX' || tape === '' ? undefined : tape;
    const isNameless = media.kind === 'missing' && media.name === '';
    if (isNameless && media.availableRange === undefined && reel === undefined) return undefined;
    if (media.kind === 'images') {
      this.#tell('uncarried_image_sequence', path, { name: clipText(item.name) });
    }
    const url =
      media.kind === 'external'
        ? media.targetUrl
        : media.kind === 'images'
          ? `${media.targetUrlBase}${media.namePrefix}${media.startFrame}${media.nameSuffix}`
          : '';
    const available = media.availableRange;
    const named = url === '' && media.name === '' ? item.name : media.name;
    const key = [url, named, reel ?? '', ...rangeKey(available)].join('\n');
    const known = this.#files.get(key);
    if (known !== undefined) return element('file', '', { attributes: { id: known } });
    const id = `file-${this.#files.size + 1}`;
    this.#files.set(key, id);
    const own = objectMember(media.metadata, 'fcp_xml') ?? {};
    const children = [
      leaf('name', media.name || item.name),
      ...(url === '' ? [] : [leaf('pathurl', url)]),
      ...(available === undefined
        ? [...elementsOf(own, allButTimecode(own)), ...this.#tape(item, own, reel)]
        : [
            rateElement(available.duration.rate),
            leaf('duration', framesAt(available.duration, available.duration.rate).frames),
            ...this.#timecode(available.start, objectMember(own, 'timecode'), { reel }),
          ]),
      ...elementsOf(own, FILE_WRITTEN),
      ...(media.kind === 'generator' && member(own, 'mediaSource') === undefined
        ? [leaf('mediaSource', media.generatorKind)]
        : []),
    ];
    return element('file', '', { attributes: { id }, children });
  }

  /** The name of a tape stands with a timecode; one from zero leaves all counts as they are. */
  #tape(item: Clip, own: JsonObject, reel: string | undefined): XmlElement[] {
    if (reel === undefined || objectMember(own, 'timecode') !== undefined) return [];
    const rate = playedRange(item)?.duration.rate;
    return rate === undefined ? [] : this.#timecode(zeroTime(rate), undefined, { reel });
  }

  #filters(item: ItemFields, path: string): XmlElement[] {
    return item.effects.flatMap((each) => {
      const own = each.kind === 'effect' ? objectMember(each.metadata, 'fcp_xml') : undefined;
      if (each.kind === 'effect' && each.timeScalar !== undefined) return [this.#speed(each)];
      if (own !== undefined) return [element('filter', '', { children: elementsOf(own) })];
      this.#tell('uncarried_effect', path, { name: clipText(effectLabel(each)) });
      return [];
    });
  }

  #speed(of: Effect): XmlElement {
    const scalar = of.timeScalar ?? 1;
    const parameter = (id: string, value: string) =>
      element('parameter', '', {
        children: [leaf('parameterid', id), leaf('name', id), leaf('value', value)],
      });
    const effect = element('effect', '', {
      children: [
        leaf('name', of.name || 'Time Remap'),
        leaf('effectid', 'timeremap'),
        leaf('effectcategory', 'motion'),
        leaf('effecttype', 'motion'),
        leaf('mediatype', 'video'),
        parameter('variablespeed', '0'),
        parameter('speed', String(Math.abs(scalar) * 100)),
        parameter('reverse', scalar < 0 ? 'TRUE' : 'FALSE'),
        parameter('frameblending', 'FALSE'),
      ],
    });
    return element('filter', '', { children: [leaf('enabled', of.enabled ?? true), effect] });
  }

  #markers(
    of: readonly (Marker | UnknownObject)[],
    rate: FrameRate,
    origin: RationalTime,
    path: string,
  ): XmlElement[] {
    const placing = { rate, findings: this.#findings };
    return of.flatMap((each) => {
      if (each.kind !== 'marker') {
        this.#tell('uncarried_marker', path);
        return [];
      }
      const start = wholeFrames(subtractTime(each.markedRange.start, origin), placing, path);
      const length = wholeFrames(each.markedRange.duration, placing, path);
      const own = objectMember(each.metadata, 'fcp_xml') ?? {};
      return [
        element('marker', '', {
          children: [
            leaf('comment', each.comment),
            leaf('name', each.name),
            leaf('in', start),
            leaf('out', length === 0 ? -1 : start + length),
            ...elementsOf(own),
          ],
        }),
      ];
    });
  }
}

const TIMECODE_WRITTEN: ReadonlySet<string> = new Set(['rate', 'string', 'frame', 'displayformat']);

/** All that metadata keeps but the timecode, which is written by itself. */
function allButTimecode(own: JsonObject): ReadonlySet<string> {
  return new Set(Object.keys(own).filter((each) => each !== 'timecode'));
}

/** What tells two files of one address apart: one may be read at another rate. */
function rangeKey(of: TimeRange | undefined): string[] {
  if (of === undefined) return [];
  return [of.start, of.duration].map(
    ({ value, rate }) => `${value}@${rate.numerator}/${rate.denominator}`,
  );
}

/** Premiere's black and bars are files that name a source in place of a path. */
function isFileMade(media: MediaReference): boolean {
  return objectMember(media.metadata, 'fcp_xml')?.['mediaSource'] !== undefined;
}

function alignmentOf(start: number, cut: number, end: number): string | undefined {
  if (cut === start) return 'start';
  if (cut === end) return 'end';
  return cut === start + Math.floor((end - start) / 2) ? 'center' : undefined;
}
