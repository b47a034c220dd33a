import {
  accepted,
  addRatio,
  clipText,
  compareRatio,
  type Finding,
  FRAME_RATES,
  type FrameRate,
  type Outcome,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import {
  attributeValue,
  childElements,
  documentOf,
  element,
  indentElement,
  writeXml,
  type XmlElement,
} from '@yinglian/xml';
import { reelOf } from '../edl/write.ts';
import { type JsonObject, objectMember, textMember } from '../json/value.ts';
import {
  type Clip,
  type Effect,
  effectLabel,
  type Item,
  mediaOf,
  type MediaReference,
  type Stack,
  type Timeline,
  type Track,
  type Transition,
} from '../model.ts';
import { clockFormat, playedRange, rateOf, tell, tellTrackEffects, tracksOf } from '../place.ts';
import { soundCut } from '../sound.ts';
import { isSoundTime, secondsOf } from '../time.ts';
import { attributesOf, elementsOf } from '../xml/metadata.ts';
import { formatSeconds, formatTime } from './time.ts';
import {
  markerElement,
  keepAttributes,
  timeMap,
  secondsTime,
  holderStart,
  isMain,
  laneOf,
  asTrack,
  clean,
} from './elements.ts';
import type { PlaceResource } from './kept.ts';
import {
  angleId,
  anglesOf,
  angleSources,
  auditionElement,
  clipMargins,
  filterElement,
  keptParts,
  nestingOf,
  otherChoices,
  plainAngle,
  sameAngles,
  soundOf,
} from './nested.ts';
import { type FcpxmlVersion, type FcpxmlWriting, Resources } from './resources.ts';

/** Compound clips inside one another; deeper than any cut. */
const NESTING_MAX = 32;
/** Under which the format keeps the name of a tape. */
const REEL_KEY = 'com.apple.proapps.studio.reel';
const DISSOLVE_UID = 'FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265';

/** Writes a timeline as a project of Final Cut Pro, with exact times. */
export function writeFcpxml(given: Timeline, writing: FcpxmlWriting = {}): Outcome<Uint8Array> {
  const findings: Finding[] = [];
  const of = soundCut(given, findings);
  const rate = writing.rate ?? rateOf(of) ?? FRAME_RATES['24'];
  const root = new FcpxmlWriter(rate, writing, findings).document(of);
  return accepted(writeXml(documentOf(indentElement(root))), findings);
}

/** An item in the time of its story, with what hangs on it. */
type Told = {
  readonly item: Item;
  readonly start: Ratio;
  readonly duration: Ratio;
  readonly path: string;
  readonly before: Transition | undefined;
  readonly hanging: XmlElement[];
  /** Whether only its sound plays. */
  readonly sound: boolean;
  /** Whether its track plays; the format has no tracks, so each of their items says it. */
  readonly enabled: boolean;
};

type Parts = {
  readonly timing: readonly XmlElement[];
  readonly inside: readonly XmlElement[];
  readonly filters: readonly XmlElement[];
};

/** The layers of anything that has a cut of its own, each as a track. */
function tracksWithin(of: Stack | Track, path: string): { track: Track; path: string }[] {
  if (of.kind === 'track') return [{ track: of, path }];
  return of.children.map((each, index) => ({ track: asTrack(each), path: `${path}/${index}` }));
}

function isReel(of: XmlElement): boolean {
  return attributeValue(of, 'key') === REEL_KEY;
}

class FcpxmlWriter {
  readonly #rate: FrameRate;
  readonly #findings: Finding[];
  readonly #version: FcpxmlVersion;
  readonly #resources: Resources;
  readonly #compounds = new Map<Item, string>();
  readonly #multicams: { readonly angles: readonly Track[]; readonly id: string }[] = [];
  readonly #place: PlaceResource = (key, make) => this.#resources.place(key, make);

  constructor(rate: FrameRate, writing: FcpxmlWriting, findings: Finding[]) {
    this.#rate = rate;
    this.#findings = findings;
    this.#version = writing.version ?? '1.11';
    this.#resources = new Resources(writing, this.#version, (...told) => this.#tell(...told));
  }

  #tell(code: string, path: string, facts: Finding['facts'] = {}): void {
    tell({ findings: this.#findings }, code, 'warning', path, facts);
  }

  document(of: Timeline): XmlElement {
    const start = of.globalStart === undefined ? ZERO : secondsOf(of.globalStart);
    const { dropFrame } = clockFormat(of, this.#rate);
    const sequence = this.#sequence(tracksOf(of), this.#rate, start, dropFrame, 0);
    for (const each of of.tracks.markers) {
      this.#tell('uncarried_marker', 'tracks', { name: clipText(each.name) });
    }
    const project = element('project', '', {
      attributes: { name: clean(of.name) },
      children: [sequence],
    });
    const event = element('event', '', {
      attributes: { name: clean(of.name) },
      children: [project],
    });
    const resources = element('resources', '', { children: this.#resources.list });
    return element('fcpxml', '', {
      attributes: { version: this.#version },
      children: [resources, element('library', '', { children: [event] })],
    });
  }

  #sequence(
    tracks: readonly { track: Track; path: string }[],
    rate: FrameRate,
    start: Ratio,
    dropFrame: boolean,
    depth: number,
  ): XmlElement {
    const format = this.#resources.format(rate);
    const { children, duration } = this.#spine(tracks, start, depth);
    return element('sequence', '', {
      attributes: {
        format,
        duration: formatSeconds(duration),
        tcStart: formatSeconds(start),
        tcFormat: dropFrame ? 'DF' : 'NDF',
      },
      children: [element('spine', '', { children })],
    });
  }

  /** What plays in a spine, with all that hangs on it. */
  #spine(
    tracks: readonly { track: Track; path: string }[],
    start: Ratio,
    depth: number,
  ): { children: XmlElement[]; duration: Ratio } {
    const main = tracks.findIndex(({ track }) => isMain(track));
    const spine = main < 0 ? [] : this.#told(tracks[main]!, start);
    let over = 0;
    let under = 0;
    for (const [index, each] of tracks.entries()) {
      if (index === main) continue;
      const kind = each.track.trackKind;
      if (kind !== 'Video' && kind !== 'Audio' && kind !== 'Caption') {
        const facts = { name: clipText(each.track.name), kind: clipText(kind) };
        this.#tell('uncarried_track', each.path, facts);
        continue;
      }
      const stated = laneOf(each.track);
      const lane = stated ?? (kind === 'Audio' || index < main ? --under : ++over);
      if (stated !== undefined && stated > 0) over = Math.max(over, stated);
      if (stated !== undefined && stated < 0) under = Math.min(under, stated);
      this.#hang(each, spine, start, lane, depth);
    }
    const children = spine.flatMap((each) => this.#story(each, each.start, undefined, depth));
    children.push(...this.#lastTransition(tracks[main], spine));
    const end = spine.at(-1);
    const duration =
      end === undefined ? ZERO : subtractRatio(addRatio(end.start, end.duration), start);
    return { children, duration };
  }

  #lastTransition(main: { track: Track; path: string } | undefined, told: readonly Told[]) {
    const last = main?.track.children.at(-1);
    const end = told.at(-1);
    if (last?.kind !== 'transition' || end === undefined) return [];
    return [this.#transition(last, addRatio(end.start, end.duration))];
  }

  /** The items of a track with their places. */
  #told(of: { track: Track; path: string }, start: Ratio): Told[] {
    const told: Told[] = [];
    const sound = of.track.trackKind === 'Audio';
    let at = start;
    let before: Transition | undefined;
    if (of.track.markers.length > 0) this.#tell('uncarried_marker', of.path);
    tellTrackEffects(of.track, of.path, { findings: this.#findings });
    const { enabled } = of.track;
    for (const [index, each] of of.track.children.entries()) {
      const path = `${of.path}/${index}`;
      if (each.kind === 'transition') {
        before = each;
        continue;
      }
      if (each.kind === 'unknown') {
        this.#tell('uncarried_nesting', path, { name: clipText(each.name), kind: 'unknown' });
        continue;
      }
      const played = playedRange(each);
      if (played === undefined || !isSoundTime(played.duration) || played.duration.value < 0) {
        this.#tell('missing_duration', path, { name: clipText(each.name) });
        continue;
      }
      const duration = secondsOf(played.duration);
      told.push({ item: each, start: at, duration, path, before, hanging: [], sound, enabled });
      at = addRatio(at, duration);
      before = undefined;
    }
    if (before !== undefined && !isMain(of.track)) this.#tell('uncarried_transition', of.path);
    return told;
  }

  /** Hangs the items of a track on the spine; runs joined by transitions as one storyline. */
  #hang(
    of: { track: Track; path: string },
    spine: Told[],
    start: Ratio,
    lane: number,
    depth: number,
  ): void {
    const told = this.#told(of, start);
    let at = 0;
    while (at < told.length) {
      let end = at + 1;
      while (end < told.length && told[end]!.before !== undefined) end++;
      const run = told.slice(at, end);
      at = end;
      const [first] = run;
      if (first === undefined) continue;
      if (run.length === 1 && (first.item.kind === 'gap' || first.duration.numerator === 0n))
        continue;
      const holder = this.#holder(spine, first.start, start);
      const offset = addRatio(holderStart(holder.item), subtractRatio(first.start, holder.start));
      if (run.length === 1 && first.before === undefined) {
        holder.hanging.push(...this.#story(first, offset, lane, depth));
        continue;
      }
      const children = run.flatMap((each) =>
        this.#story(each, subtractRatio(each.start, first.start), undefined, depth, first.start),
      );
      holder.hanging.push(
        element('spine', '', {
          attributes: { lane: String(lane), offset: formatSeconds(offset) },
          children,
        }),
      );
    }
  }

  /** The item of the spine that plays at a moment; beyond its end a gap is put for it. */
  #holder(spine: Told[], at: Ratio, start: Ratio): Told {
    let low = 0;
    let high = spine.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareRatio(spine[middle]!.start, at) <= 0) low = middle + 1;
      else high = middle;
    }
    const found = spine[low - 1];
    const end = found === undefined ? start : addRatio(found.start, found.duration);
    if (found !== undefined && (compareRatio(at, end) < 0 || low < spine.length)) return found;
    const oneFrame = ratio(this.#rate.denominator, this.#rate.numerator);
    const length = addRatio(subtractRatio(at, end), oneFrame);
    const item: Item = {
      kind: 'gap',
      name: '',
      metadata: {},
      effects: [],
      markers: [],
      enabled: true,
      sourceRange: {
        start: {
          value: 0,
          rate: this.#rate,
        },
        duration: secondsTime(length),
      },
    };
    const made = { item, start: end, duration: length, path: '', before: undefined };
    const told = { ...made, hanging: [], sound: false, enabled: true };
    spine.push(told);
    return told;
  }

  #story(
    of: Told,
    offset: Ratio,
    lane: number | undefined,
    depth: number,
    origin: Ratio = ZERO,
  ): XmlElement[] {
    const made: XmlElement[] = [];
    if (of.before !== undefined)
      made.push(this.#transition(of.before, subtractRatio(of.start, origin)));
    if (of.duration.numerator === 0n) return made;
    made.push(this.#item(of, offset, lane, depth));
    return made;
  }

  #transition(of: Transition, cut: Ratio): XmlElement {
    const before = secondsOf(of.inOffset);
    const own = objectMember(of.metadata, 'fcpx');
    const name = clean(of.name || 'Cross Dissolve');
    const made = this.#transitionEffect(of, own);
    return element('transition', '', {
      attributes: {
        name,
        offset: formatSeconds(subtractRatio(cut, before)),
        duration: formatSeconds(addRatio(before, secondsOf(of.outOffset))),
      },
      children: made,
    });
  }

  /** What a transition does: as it was read, else a dissolve. */
  #transitionEffect(of: Transition, own: JsonObject | undefined): XmlElement[] {
    const effect = own === undefined ? undefined : objectMember(own, 'effect');
    const stated = effect === undefined ? undefined : textMember(effect, '@uid');
    const isDissolve = of.transitionType === 'SMPTE_Dissolve';
    const uid = stated ?? DISSOLVE_UID;
    const named = effect === undefined ? undefined : textMember(effect, '@name');
    const name = stated === undefined ? 'Cross Dissolve' : clean(named ?? of.name);
    if (stated === undefined && !isDissolve) {
      this.#tell('replaced_transition', '', { name: clipText(of.name || of.transitionType) });
    }
    const ref = this.#resources.effect(name, uid);
    const filter = own === undefined ? undefined : objectMember(own, 'filter-video');
    const kept = stated === undefined || filter === undefined ? {} : filter;
    const attributes = { name, ...attributesOf(kept), ref };
    const sound = own === undefined ? [] : soundOf(own, this.#place);
    return [element('filter-video', '', { attributes, children: elementsOf(kept) }), ...sound];
  }

  #item(of: Told, offset: Ratio, lane: number | undefined, depth: number): XmlElement {
    const { item, path } = of;
    const played = playedRange(item)!;
    const speed = item.effects.find(
      (each): each is Effect => each.kind === 'effect' && each.timeScalar !== undefined,
    );
    const scalar = speed?.timeScalar ?? 1;
    const source = secondsOf(played.start);
    // As played, a retimed clip begins where its map shows the source's start.
    const common = {
      name: clean(item.name),
      offset: formatSeconds(offset),
      ...(lane === undefined ? {} : { lane: String(lane) }),
      start: formatTime(played.start),
      duration: formatTime(played.duration),
      ...(item.enabled && (of.enabled || item.kind === 'gap') ? {} : { enabled: '0' }),
      ...(of.sound && item.kind === 'clip' ? { srcEnable: 'audio' } : {}),
    };
    const timing = speed === undefined ? [] : [timeMap(source, of.duration, scalar)];
    const filters = this.#filters(item, speed, path);
    const inside = [...of.hanging, ...this.#markers(item, path)];
    if (item.kind === 'gap') {
      const { offset: at, name, ...rest } = common;
      const gapStart = { name: name || 'Gap', offset: at, ...rest };
      return element('gap', '', { attributes: gapStart, children: inside });
    }
    const made =
      item.kind === 'clip'
        ? this.#clip(item, common, timing, inside, filters, path)
        : this.#nested(item, common, { timing, inside, filters }, depth, path);
    const others = otherChoices(item, this.#place);
    if (others === undefined) {
      const kept = item.metadata['fcpx_audition'];
      const count = Array.isArray(kept) ? kept.length : 0;
      this.#tell('uncarried_audition', path, { name: clipText(item.name), count });
    }
    return others === undefined || others.length === 0 ? made : auditionElement(made, others);
  }

  #filters(item: Item, speed: Effect | undefined, path: string): XmlElement[] {
    return item.effects.flatMap((each) => {
      if (each === speed) return [];
      const made = each.kind === 'effect' ? filterElement(each, this.#place) : undefined;
      if (made !== undefined) return [made];
      this.#tell('uncarried_effect', path, { name: clipText(effectLabel(each)) });
      return [];
    });
  }

  /** A clip with a cut of its own: multicam and synchronised as they were read, else compound. */
  #nested(
    item: Stack | Track,
    common: Readonly<Record<string, string>>,
    { timing, inside, filters }: Parts,
    depth: number,
    path: string,
  ): XmlElement {
    const kind = nestingOf(item);
    const { attributes: own, notes, metadata } = clipMargins(item);
    const angles = kind === 'mc-clip' && item.kind === 'stack' ? anglesOf(item) : undefined;
    const deep = depth >= NESTING_MAX;
    if (item.kind === 'stack' && angles !== undefined && !deep) {
      const ref = this.#multicam(item.name, angles, depth, path);
      const sources = angleSources(item, this.#place);
      return element('mc-clip', '', {
        attributes: { ref, ...own, ...common },
        children: [...notes, ...timing, ...sources, ...inside, ...filters, ...metadata],
      });
    }
    if (item.kind === 'stack' && kind === 'sync-clip' && !deep) {
      const { children } = this.#spine(tracksWithin(item, path), ZERO, depth + 1);
      const spine = element('spine', '', { children });
      const sources = keptParts(item, this.#place);
      return element('sync-clip', '', {
        attributes: { ...own, ...common },
        children: [...notes, ...timing, spine, ...inside, ...sources, ...filters, ...metadata],
      });
    }
    if (kind === 'mc-clip') {
      this.#tell('replaced_nesting', path, { name: clipText(item.name), kind });
    }
    const ref = this.#compound(item, depth, path);
    if (ref === undefined) return element('gap', '', { attributes: common, children: inside });
    return element('ref-clip', '', {
      attributes: { ref, ...common },
      children: [...timing, ...inside, ...filters],
    });
  }

  /** The media of a multicam clip; clips that choose from the same angles share them. */
  #multicam(name: string, angles: readonly Track[], depth: number, path: string): string {
    const known = this.#multicams.find((each) => sameAngles(each.angles, angles));
    if (known !== undefined) return known.id;
    const rate = playedRange(angles[0]!)?.duration.rate;
    const id = this.#resources.place(`multicam ${this.#multicams.length} ${path}`, (made) =>
      element('media', '', {
        attributes: { id: made, name: clean(name) },
        children: [
          element('multicam', '', {
            attributes: { format: this.#resources.format(rate ?? this.#rate), tcStart: '0s' },
            children: angles.map((each, index) => {
              const at = [{ track: plainAngle(each), path: `${path}/${index}` }];
              const angleID = clean(angleId(each) ?? '');
              return element('mc-angle', '', {
                attributes: { name: clean(each.name), angleID },
                children: this.#spine(at, ZERO, depth + 1).children,
              });
            }),
          }),
        ],
      }),
    );
    this.#multicams.push({ angles, id });
    return id;
  }

  #clip(
    item: Clip,
    common: Readonly<Record<string, string>>,
    timing: readonly XmlElement[],
    within: readonly XmlElement[],
    filters: readonly XmlElement[],
    path: string,
  ): XmlElement {
    const inside = [...within, ...filters];
    const media = mediaOf(item);
    if (media?.kind === 'generator' && ['title', 'caption'].includes(media.generatorKind)) {
      return this.#title(item, media, common, inside);
    }
    if (media?.kind === 'generator') {
      const own = objectMember(media.parameters, 'effect') ?? {};
      const name = media.generatorKind || 'Custom';
      const uid =
        textMember(own, '@uid') ??
        '.../Generators.localized/Solids.localized/Custom.localized/Custom.motn';
      const ref = this.#resources.effect(name, uid);
      return element('video', '', {
        attributes: { ref, ...common },
        children: [...timing, ...inside],
      });
    }
    const ref = this.#resources.asset(item, media?.kind === 'unknown' ? undefined : media, path);
    const own = objectMember(item.metadata, 'fcpx') ?? {};
    const kept = keepAttributes(own, ['audioRole', 'videoRole', 'tcFormat']);
    // Last, so that a clip that says it stands as one whose track says it.
    const { srcEnable, ...placed } = { ...keepAttributes(own, ['srcEnable']), ...common };
    const notes = elementsOf(own).filter((each) => each.local === 'note');
    const metadata = this.#metadata(item, own);
    const after = elementsOf(own).filter((each) => each.local === 'audio-channel-source');
    return element('asset-clip', '', {
      attributes: { ref, ...kept, ...placed, srcEnable },
      children: [...notes, ...timing, ...within, ...after, ...filters, ...metadata],
    });
  }

  /** What is told of a clip beside it, the name of its tape among that. */
  #metadata(item: Clip, own: JsonObject): XmlElement[] {
    const kept = elementsOf(own).find((each) => each.local === 'metadata');
    const reel = reelOf(item);
    const isTold = kept !== undefined && childElements(kept, 'md').some(isReel);
    if (isTold || reel === '' || reel === 'AX') return kept === undefined ? [] : [kept];
    const told = element('md', '', { attributes: { key: REEL_KEY, value: clean(reel) } });
    return [element('metadata', '', { children: [...(kept?.children ?? []), told] })];
  }

  #title(
    item: Clip,
    media: MediaReference & { kind: 'generator' },
    common: Readonly<Record<string, string>>,
    inside: readonly XmlElement[],
  ): XmlElement {
    const text = textMember(media.parameters, 'text') ?? '';
    const words = element('text', '', {
      children: [element('text-style', '', { children: text === '' ? [] : [clean(text)] })],
    });
    if (media.generatorKind === 'caption') {
      const own = objectMember(item.metadata, 'fcpx') ?? {};
      const role = textMember(own, '@role') ?? 'iTT?captionFormat=ITT.en';
      return element('caption', '', {
        attributes: { ...common, role },
        children: [words, ...inside],
      });
    }
    const own = objectMember(media.parameters, 'effect') ?? {};
    const uid =
      textMember(own, '@uid') ??
      '.../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti';
    const name = media.name || 'Basic Title';
    const ref = this.#resources.effect(name, uid);
    return element('title', '', { attributes: { ref, ...common }, children: [words, ...inside] });
  }

  #compound(of: Stack | Track, depth: number, path: string): string | undefined {
    const known = this.#compounds.get(of);
    if (known !== undefined) return known;
    if (depth >= NESTING_MAX) {
      this.#tell('uncarried_nesting', path, { name: clipText(of.name), kind: of.kind });
      return undefined;
    }
    const tracks = tracksWithin(of, path);
    const rate = playedRange(of)?.duration.rate ?? this.#rate;
    const id = this.#resources.place(`compound ${this.#compounds.size} ${path}`, (made) =>
      element('media', '', {
        attributes: { id: made, name: clean(of.name) },
        children: [this.#sequence(tracks, rate, ZERO, false, depth + 1)],
      }),
    );
    this.#compounds.set(of, id);
    return id;
  }

  #markers(of: Item, path: string): XmlElement[] {
    return of.markers.flatMap((each) => {
      if (each.kind !== 'marker') {
        this.#tell('uncarried_marker', path, { name: clipText(each.name) });
        return [];
      }
      return [markerElement(each, this.#rate)];
    });
  }
}
