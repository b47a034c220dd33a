import {
  accepted,
  addRatio,
  clipText,
  compareRatio,
  type Finding,
  finding,
  FINDINGS_MAX,
  FRAME_RATES,
  type FrameRate,
  type Outcome,
  type Ratio,
  ratio,
  refused,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  elementsWithin,
  placeOf,
  type XmlElement,
} from '@yinglian/xml';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import {
  type Clip,
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
  type Gap,
  generator,
  type Item,
  type ItemFields,
  type Marker,
  marker,
  type MediaReference,
  missing,
  type Stack,
  stack,
  type Timeline,
  timeline,
  timeWarp,
  track,
  type Track,
  transition,
} from '../model.ts';
import { sharedRate, type TimeRange } from '../time.ts';
import { readCutXml } from '../xml/input.ts';
import { metadataOf } from '../xml/metadata.ts';
import { keepElement, keptResources, keptSources } from './kept.ts';
import { laneNumber } from './lane.ts';
import { inFrames, mappedSeconds, parseSeconds, straightSpeed, type TimePoint } from './time.ts';
import {
  asObject,
  clampRatio,
  clipDoubts,
  effectParameters,
  fill,
  fromZero,
  isKnownVersion,
  laneOf,
  lengthOf,
  mainMedia,
  markerColor,
  MARKS,
  missingAngles,
  nameOfAsset,
  NONE,
  rateOfName,
  reelMetadata,
  sourceOf,
  STORY,
  textsOf,
  TOLD,
  usedAngles,
  type Lanes,
  type Scope,
} from './parts.ts';

/** Items over all compound clips, each use counted: a small file can describe a huge cut. */
const NESTED_ITEMS_MAX = 500_000;
/** Layers of one lane; Final Cut Pro allows one. */
const LANE_LAYERS_MAX = 64;

/**
 * Reads an FCPXML document, 1.5 to 1.14: its project as a timeline, several projects and the clips
 * of events as a collection. All times are exact.
 */
export function readFcpxml(bytes: Uint8Array): Outcome<Timeline | Collection> {
  const document = readCutXml(bytes);
  if (!document.ok) return document;
  const { root } = document.value;
  if (root.local !== 'fcpxml') {
    const facts = { name: clipText(root.local), expected: 'fcpxml' };
    return refused(finding('unexpected_root_element', 'error', { facts, at: placeOf(root) }));
  }
  const reader = new FcpxmlReader(root, document.findings);
  const made = reader.document(root);
  const [only] = made.children;
  if (made.children.length === 1 && only?.kind === 'timeline')
    return accepted(only, reader.findings);
  return accepted(made, reader.findings);
}

type RangedFields = ItemFields & { readonly sourceRange: TimeRange };

class FcpxmlReader {
  readonly findings: Finding[];
  readonly #resources = new Map<string, XmlElement>();
  readonly #open: XmlElement[] = [];
  readonly #made = new Map<XmlElement, { stack: Stack; weight: number }>();
  #weight = 0;

  constructor(root: XmlElement, before: readonly Finding[]) {
    this.findings = [...before];
    for (const each of childElements(root, 'resources').flatMap((all) => childElements(all))) {
      const id = attributeValue(each, 'id');
      if (id !== undefined) this.#resources.set(id, each);
    }
  }

  #note(code: string, severity: Finding['severity'], at: XmlElement, facts: Finding['facts'] = {}) {
    if (this.findings.length >= FINDINGS_MAX) return;
    this.findings.push(finding(code, severity, { facts, at: placeOf(at), clause: 'FCPXML' }));
  }

  document(root: XmlElement): Collection {
    const children: (Timeline | Collection | Clip | Stack | Gap)[] = [];
    this.#gather(root, children);
    const version = attributeValue(root, 'version') ?? '';
    if (!isKnownVersion(version)) {
      this.#note('unknown_fcpxml_version', 'note', root, { version: clipText(version) });
    }
    return { kind: 'collection', name: '', metadata: { fcpx: { version } }, children };
  }

  #gather(of: XmlElement, into: Collection['children'][number][]): void {
    for (const each of childElements(of)) {
      if (each.local === 'project') into.push(this.#project(each));
      else if (each.local === 'library' || each.local === 'event') this.#gather(each, into);
      else if (STORY.has(each.local)) into.push(this.#loose(each));
    }
  }

  /** A clip of an event, in no timeline. */
  #loose(of: XmlElement): Item {
    const format = this.#formatRate(attributeValue(of, 'format'), of);
    const asset = this.#resources.get(attributeValue(of, 'ref') ?? '');
    const own = asset === undefined ? undefined : attributeValue(asset, 'format');
    const rate = format ?? this.#formatRate(own, of) ?? FRAME_RATES['24'];
    const lanes: Lanes = new Map();
    const made = this.#item(of, { rate, lanes }, ZERO);
    if (lanes.size === 0) return made;
    const children = [track({ children: [made] }), ...this.#laneTracks(lanes, rate, ZERO)];
    return stack({ name: made.name, children });
  }

  #project(of: XmlElement): Timeline {
    const sequence = childElement(of, 'sequence');
    const name = attributeValue(of, 'name') ?? '';
    const own = metadataOf(of, new Set(['sequence']));
    const kept: Record<string, JsonValue> = { ...(isJsonObject(own) ? own : {}) };
    if (sequence === undefined) {
      this.#note('missing_sequence', 'warning', of);
      return timeline([], { name, metadata: { fcpx: kept } });
    }
    const rate = this.#sequenceRate(sequence);
    const start = this.#seconds(sequence, 'tcStart') ?? ZERO;
    const inside = metadataOf(sequence, new Set(['spine']));
    kept['sequence'] = inside;
    const spine = childElement(sequence, 'spine');
    const tracks = spine === undefined ? [] : this.#tracks(spine, rate, start);
    const dropFrame = attributeValue(sequence, 'tcFormat') === 'DF';
    return timeline(tracks, {
      name,
      globalStart: inFrames(start, [rate]),
      metadata: { fcpx: kept, ...(dropFrame ? { cmx_3600: { drop_frame: true } } : {}) },
    });
  }

  #sequenceRate(of: XmlElement): FrameRate {
    const rate = this.#formatRate(attributeValue(of, 'format'), of);
    if (rate === undefined) this.#note('missing_frame_rate', 'warning', of);
    return rate ?? FRAME_RATES['24'];
  }

  #formatRate(id: string | undefined, at: XmlElement): FrameRate | undefined {
    const format = id === undefined ? undefined : this.#resources.get(id);
    const text = format === undefined ? undefined : attributeValue(format, 'frameDuration');
    if (text === undefined) return rateOfName(format);
    const seconds = parseSeconds(text);
    if (seconds === undefined || seconds.numerator <= 0n) {
      this.#note('invalid_frame_rate', 'warning', format ?? at, { text: clipText(text) });
      return undefined;
    }
    return sharedRate(ratio(seconds.denominator, seconds.numerator));
  }

  #seconds(of: XmlElement, name: string): Ratio | undefined {
    const text = attributeValue(of, name);
    if (text === undefined) return undefined;
    const seconds = parseSeconds(text);
    if (seconds === undefined) {
      this.#note('invalid_time', 'warning', of, { value: clipText(text), rate: name });
    }
    return seconds;
  }

  /** The spine as a track and what is connected to it as tracks by lane, bottom first. */
  #tracks(spine: XmlElement, rate: FrameRate, origin: Ratio): Track[] {
    const lanes: Lanes = new Map();
    const children = this.#spine(spine, { rate, lanes }, origin);
    const beside = this.#laneTracks(lanes, rate, origin);
    const name = spine.local === 'spine' ? (attributeValue(spine, 'name') ?? '') : '';
    const main = track({ name, children });
    const lane = (each: Track) => Number(laneOf(each));
    const under = beside.filter((each) => each.trackKind === 'Video' && lane(each) < 0);
    const over = beside.filter((each) => each.trackKind !== 'Audio' && !under.includes(each));
    const sound = beside.filter((each) => each.trackKind === 'Audio');
    return [...under, main, ...over, ...sound];
  }

  #laneTracks(lanes: Lanes, rate: FrameRate, origin: Ratio): Track[] {
    const sorted = [...lanes.values()].sort((a, b) => a.number - b.number);
    return sorted.flatMap(({ number, kind, items }) => {
      const layers: { children: Composable[]; end: Ratio }[] = [];
      items.sort((a, b) => compareRatio(a.start, b.start));
      for (const each of items) {
        let layer = layers.find(({ end }) => compareRatio(end, each.start) <= 0);
        if (layer === undefined) {
          if (layers.length >= LANE_LAYERS_MAX) {
            const facts = { limit: LANE_LAYERS_MAX };
            this.findings.push(finding('excessive_layer_count', 'error', { facts }));
            continue;
          }
          layer = { children: [], end: origin };
          layers.push(layer);
        }
        fill(layer, each, rate);
      }
      const metadata = { fcpx: { lane: BigInt(number) } };
      const name = `lane ${number}`;
      return layers.map(({ children }) => track({ name, trackKind: kind, children, metadata }));
    });
  }

  /**
   * The items of a spine. `origin` is where the spine's own time begins; each item says its offset
   * in that time, and gaps are what is left out.
   */
  #spine(of: XmlElement, scope: Scope, origin: Ratio): Composable[] {
    const layer = { children: [] as Composable[], end: origin };
    const parts = childElements(of);
    for (const [index, each] of parts.entries()) {
      if (each.local === 'transition') {
        layer.children.push(this.#transition(each, parts[index + 1], layer.end, scope.rate));
        continue;
      }
      if (!STORY.has(each.local)) {
        this.#note('unknown_fcpxml_element', 'note', each, { name: clipText(each.local) });
        continue;
      }
      if (++this.#weight > NESTED_ITEMS_MAX) {
        this.#note('excessive_item_count', 'error', each, { limit: NESTED_ITEMS_MAX });
        break;
      }
      const start = this.#seconds(each, 'offset') ?? layer.end;
      const made = this.#item(each, scope, start);
      if (compareRatio(start, layer.end) < 0) {
        const facts = { start: String(start.numerator), end: String(layer.end.numerator) };
        this.#note('overlapping_item', 'warning', each, facts);
      }
      fill(layer, { start, duration: lengthOf(made), children: [made] }, scope.rate);
    }
    return layer.children;
  }

  /** A transition is over the cut between its neighbours, wherever in it that lies. */
  #transition(of: XmlElement, next: XmlElement | undefined, end: Ratio, rate: FrameRate) {
    const duration = this.#seconds(of, 'duration') ?? ZERO;
    const nextStart = next === undefined ? undefined : this.#seconds(next, 'offset');
    const cut = nextStart ?? end;
    const before = clampRatio(subtractRatio(cut, this.#seconds(of, 'offset') ?? cut), duration);
    const name = attributeValue(of, 'name') ?? '';
    const filter = attributeValue(childElement(of, 'filter-video') ?? of, 'ref') ?? '';
    const effect = effectParameters(this.#resources.get(filter));
    const named = { ...effect, ...keptResources(of, this.#resources) };
    const own = { ...asObject(metadataOf(of, MARKS)), ...named };
    return transition(inFrames(before, [rate]), inFrames(subtractRatio(duration, before), [rate]), {
      name,
      transitionType: /dissolve/i.test(name) ? DISSOLVE : CUSTOM_TRANSITION,
      metadata: { fcpx: own },
    });
  }

  #item(of: XmlElement, scope: Scope, start: Ratio): Item {
    if (of.local === 'audition') return this.#audition(of, scope, start);
    const fields = this.#fields(of, scope);
    this.#connected(of, scope, start);
    switch (of.local) {
      case 'gap': {
        const { sourceRange, ...rest } = fields;
        return gap(sourceRange.duration, { ...rest, sourceRange });
      }
      case 'ref-clip':
        return this.#compound(of, fields, 'sequence');
      case 'mc-clip':
        return this.#compound(of, fields, 'multicam');
      case 'sync-clip':
        return this.#container(of, scope, fields);
      case 'clip':
        return this.#clip(of, scope, fields);
      default:
        return clip({ ...fields, media: { [DEFAULT_MEDIA]: this.#reference(of, scope) } });
    }
  }

  /** The pick of an audition plays; the others are kept beside it. */
  #audition(of: XmlElement, scope: Scope, start: Ratio): Item {
    const [pick, ...others] = childElements(of).filter((each) => STORY.has(each.local));
    if (pick === undefined) {
      this.#note('empty_audition', 'warning', of);
      return gap(inFrames(ZERO, [scope.rate]));
    }
    const made = this.#item(pick, scope, start);
    this.#note('unplayed_audition', 'note', of, {
      name: clipText(made.name),
      count: others.length,
    });
    const kept = others.map((each) => keepElement(each, this.#resources));
    return { ...made, metadata: { ...made.metadata, fcpx_audition: kept } };
  }

  #fields(of: XmlElement, scope: Scope): RangedFields {
    const asset = this.#resources.get(attributeValue(of, 'ref') ?? '');
    const assetRate =
      asset === undefined ? undefined : this.#formatRate(attributeValue(asset, 'format'), asset);
    const rates = [scope.rate, assetRate];
    const assetStart = asset === undefined ? undefined : this.#seconds(asset, 'start');
    const start = this.#seconds(of, 'start') ?? assetStart ?? ZERO;
    const length = this.#seconds(of, 'duration') ?? this.#ownLength(of, asset, start);
    const doubts = clipDoubts(of, { rate: scope.rate, mediaRate: assetRate, length });
    for (const { code, facts } of doubts) this.#note(code, 'warning', of, facts);
    const { effects, points } = this.#effects(of);
    const shift = this.#mediaShift(of);
    const mapped = points.length < 2 ? start : mappedSeconds(points, start);
    const sourceStart = addRatio(mapped, shift);
    const own = asObject(metadataOf(of, TOLD));
    const sources = keptSources(of, this.#resources);
    const kept: Record<string, JsonValue> = { element: of.local, ...own, ...sources };
    // A clip's own clock, where it is not that of its media.
    if (compareRatio(sourceStart, start) !== 0)
      kept['clip_start'] = attributeValue(of, 'start') ?? '0s';
    return {
      name: attributeValue(of, 'name') ?? (of.local === 'gap' ? '' : nameOfAsset(asset)),
      metadata: { fcpx: kept, ...reelMetadata(of) },
      enabled: attributeValue(of, 'enabled') !== '0',
      color: null,
      sourceRange: { start: inFrames(sourceStart, rates), duration: inFrames(length, rates) },
      effects,
      markers: this.#markers(of, rates, shift),
    };
  }

  #ownLength(of: XmlElement, asset: XmlElement | undefined, start: Ratio): Ratio {
    const inside = asset === undefined ? undefined : childElement(asset, 'sequence');
    const holder = inside ?? asset;
    const whole = holder === undefined ? undefined : this.#seconds(holder, 'duration');
    if (whole === undefined) {
      this.#note('missing_duration', 'warning', of, {
        name: clipText(attributeValue(of, 'name') ?? ''),
      });
      return ZERO;
    }
    const assetStart =
      (inside === undefined && holder !== undefined ? this.#seconds(holder, 'start') : undefined) ??
      ZERO;
    const rest = subtractRatio(whole, subtractRatio(start, assetStart));
    return rest.numerator < 0n ? ZERO : rest;
  }

  /**
   * A `clip` has a clock of its own; its media stand in it at an offset. What is added to a moment
   * of that clock gives the moment of the media.
   */
  #mediaShift(of: XmlElement): Ratio {
    if (of.local !== 'clip') return ZERO;
    const inside = mainMedia(of);
    if (inside === undefined) return ZERO;
    const start = this.#seconds(inside, 'start') ?? this.#assetStart(inside) ?? ZERO;
    return subtractRatio(start, this.#seconds(inside, 'offset') ?? ZERO);
  }

  #clip(of: XmlElement, scope: Scope, fields: RangedFields): Item {
    const inside = mainMedia(of);
    if (childElement(of, 'spine') !== undefined && inside === undefined) {
      return this.#container(of, scope, fields);
    }
    const media = inside === undefined ? missing() : this.#reference(inside, scope);
    return clip({ ...fields, media: { [DEFAULT_MEDIA]: media } });
  }

  /** A clip whose inside is a little timeline of its own. */
  #container(of: XmlElement, scope: Scope, fields: RangedFields): Stack {
    const inside = childElements(of).filter((each) => attributeValue(each, 'lane') === undefined);
    const spine = inside.find((each) => each.local === 'spine');
    const holder = spine ?? { ...of, children: inside.filter((each) => STORY.has(each.local)) };
    return { ...stack(fields), children: this.#tracks(holder, scope.rate, ZERO) };
  }

  #compound(of: XmlElement, fields: RangedFields, kind: 'sequence' | 'multicam'): Stack {
    const media = this.#resources.get(attributeValue(of, 'ref') ?? '');
    const inside = media === undefined ? undefined : childElement(media, kind);
    if (media === undefined || inside === undefined || this.#open.includes(media)) {
      const code =
        media !== undefined && inside !== undefined ? 'circular_nesting' : 'missing_sequence';
      this.#note(code, 'error', of, { id: clipText(attributeValue(of, 'ref') ?? '') });
      return stack(fields);
    }
    let known = this.#made.get(media);
    if (known === undefined) {
      const before = this.#weight;
      this.#open.push(media);
      const made = kind === 'sequence' ? this.#sequence(inside) : this.#multicam(inside);
      this.#open.pop();
      known = { stack: made, weight: this.#weight - before };
      this.#made.set(media, known);
    } else {
      this.#weight += known.weight;
    }
    const whole = { ...stack(fromZero(of, inside, fields)), children: known.stack.children };
    if (kind === 'sequence') return whole;
    for (const angle of missingAngles(of, whole.children)) {
      this.#note('missing_angle', 'warning', of, { angle: clipText(angle) });
    }
    return { ...whole, children: usedAngles(of, whole.children) };
  }

  #sequence(of: XmlElement): Stack {
    const rate = this.#sequenceRate(of);
    const start = this.#seconds(of, 'tcStart') ?? ZERO;
    const spine = childElement(of, 'spine');
    return stack({ children: spine === undefined ? [] : this.#tracks(spine, rate, start) });
  }

  #multicam(of: XmlElement): Stack {
    const rate = this.#sequenceRate(of);
    const start = this.#seconds(of, 'tcStart') ?? ZERO;
    const angles = childElements(of, 'mc-angle').map((each): Track => {
      const [main] = this.#tracks(each, rate, start);
      const name = attributeValue(each, 'name') ?? '';
      const metadata = {
        fcpx: { element: 'mc-angle', angleID: attributeValue(each, 'angleID') ?? '' },
      };
      return { ...(main ?? track()), name, metadata };
    });
    return stack({ children: angles });
  }

  /** Clips connected to another, each beside the spine in its lane. */
  #connected(of: XmlElement, scope: Scope, start: Ratio): void {
    const ownStart = this.#seconds(of, 'start') ?? this.#assetStart(of) ?? ZERO;
    for (const each of childElements(of)) {
      const lane = attributeValue(each, 'lane');
      if (lane === undefined || !(each.local === 'spine' || STORY.has(each.local))) continue;
      if (++this.#weight > NESTED_ITEMS_MAX) return;
      const offset = this.#seconds(each, 'offset') ?? ownStart;
      const at = addRatio(start, subtractRatio(offset, ownStart));
      const children =
        each.local === 'spine' ? this.#spine(each, scope, ZERO) : [this.#item(each, scope, at)];
      let duration = ZERO;
      for (const child of children) duration = addRatio(duration, lengthOf(child));
      const number = laneNumber(lane, this.findings);
      const kind = this.#laneKind(each);
      const key = `${kind} ${number}`;
      const found = scope.lanes.get(key) ?? { number, kind, items: [] };
      scope.lanes.set(key, found);
      found.items.push({ start: at, duration, children });
    }
  }

  #assetStart(of: XmlElement): Ratio | undefined {
    const asset = this.#resources.get(attributeValue(of, 'ref') ?? '');
    return asset === undefined ? undefined : this.#seconds(asset, 'start');
  }

  /** Sound, where no picture is in it. */
  #laneKind(of: XmlElement): string {
    if (of.local === 'caption') return 'Caption';
    let sound = false;
    for (const each of elementsWithin(of)) {
      if (each.local === 'audio') sound = true;
      else if (['video', 'title', 'ref-clip', 'mc-clip', 'live-drawing'].includes(each.local))
        return 'Video';
      else if (each.local === 'asset-clip') {
        const asset = this.#resources.get(attributeValue(each, 'ref') ?? '');
        const pictured = asset === undefined || attributeValue(asset, 'hasVideo') === '1';
        if (pictured && attributeValue(each, 'srcEnable') !== 'audio') return 'Video';
        sound = true;
      }
    }
    return sound ? 'Audio' : 'Video';
  }

  #reference(of: XmlElement, scope: Scope): MediaReference {
    const id = attributeValue(of, 'ref');
    const resource = id === undefined ? undefined : this.#resources.get(id);
    if (of.local === 'title' || of.local === 'caption' || of.local === 'live-drawing') {
      return generator(of.local, {
        name: resource === undefined ? '' : (attributeValue(resource, 'name') ?? ''),
        parameters: { text: textsOf(of), ...effectParameters(resource) },
      });
    }
    if (resource === undefined) {
      this.#note('missing_media_reference', 'warning', of, { key: clipText(id ?? '') });
      return missing();
    }
    if (resource.local === 'effect') {
      const name = attributeValue(resource, 'name') ?? '';
      return generator(name, { name, parameters: effectParameters(resource) });
    }
    const rate = this.#formatRate(attributeValue(resource, 'format'), resource);
    const rates = [rate ?? scope.rate];
    const start = this.#seconds(resource, 'start') ?? ZERO;
    const duration = this.#seconds(resource, 'duration');
    const url = sourceOf(resource);
    const fields = {
      name: attributeValue(resource, 'name') ?? '',
      metadata: { fcpx: asObject(metadataOf(resource, NONE)) },
      // A still has no length.
      ...(duration === undefined || duration.numerator === 0n
        ? {}
        : {
            availableRange: { start: inFrames(start, rates), duration: inFrames(duration, rates) },
          }),
    };
    return url === undefined ? missing(fields) : external(url, fields);
  }

  #effects(of: XmlElement): { effects: Effect[]; points: TimePoint[] } {
    const effects: Effect[] = [];
    let points: TimePoint[] = [];
    for (const each of childElements(of)) {
      if (each.local === 'timeMap') {
        points = this.#timePoints(each);
        const speed = straightSpeed(points);
        const metadata = { fcpx: asObject(metadataOf(each, NONE)) };
        if (speed !== undefined) effects.push(timeWarp(speed, { metadata }));
        else {
          this.#note('uncarried_speed_curve', 'warning', each);
          effects.push(effect('timeMap', { schema: 'TimeEffect', metadata }));
        }
      } else if (each.local.startsWith('filter-')) {
        const enabled = attributeValue(each, 'enabled') !== '0';
        const own = asObject(metadataOf(each, NONE));
        const kept = keptResources(each, this.#resources);
        const metadata = { fcpx: { element: each.local, ...own, ...kept } };
        effects.push(effect(attributeValue(each, 'name') ?? each.local, { metadata, enabled }));
      }
    }
    return { effects, points };
  }

  #timePoints(of: XmlElement): TimePoint[] {
    return childElements(of, 'timept').flatMap((each) => {
      const time = this.#seconds(each, 'time');
      const value = this.#seconds(each, 'value');
      return time === undefined || value === undefined ? [] : [{ time, value }];
    });
  }

  #markers(of: XmlElement, rates: readonly (FrameRate | undefined)[], shift: Ratio): Marker[] {
    return childElements(of).flatMap((each) => {
      if (!MARKS.has(each.local)) return [];
      const start = this.#seconds(each, 'start') ?? this.#seconds(of, 'start') ?? ZERO;
      const duration = this.#seconds(each, 'duration') ?? ZERO;
      const kept = { element: each.local, ...asObject(metadataOf(each, NONE)) };
      return [
        marker(
          { start: inFrames(addRatio(start, shift), rates), duration: inFrames(duration, rates) },
          {
            name: attributeValue(each, 'value') ?? attributeValue(each, 'name') ?? '',
            comment: attributeValue(each, 'note') ?? '',
            color: markerColor(each),
            metadata: { fcpx: kept },
          },
        ),
      ];
    });
  }
}
