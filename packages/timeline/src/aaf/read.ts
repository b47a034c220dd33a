import {
  accepted,
  addRatio,
  clipText,
  type Finding,
  finding,
  FINDINGS_MAX,
  FRAME_RATES,
  type FrameRate,
  nominalRate,
  type Outcome,
  ratio,
  refused,
  ZERO,
} from '@yinglian/core';
import { type JsonObject, type JsonValue } from '../json/value.ts';
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
  type Item,
  type Marker,
  type MediaReference,
  missing,
  stack,
  type Timeline,
  timeline,
  timeWarp,
  track,
  type Track,
  transition,
} from '../model.ts';
import { addTime, range, secondsOf, sharedRate, time, type TimeRange } from '../time.ts';
import { readCompound } from './compound.ts';
import { AafObject, CLASS, hex, PROPERTY } from './objects.ts';
import { trackKindOf } from './kinds.ts';
import { speedOfGroup } from './speed.ts';
import {
  type Source,
  NOTHING,
  MOB_NAMES,
  isItem,
  withEffect,
  transitionPart,
  trimmed,
  inRate,
  retimed,
  rateOfTrack,
  isEmptyTrack,
  tags,
  describedSlots,
  markerOf,
  marked,
  mobUrn,
} from './parts.ts';

/** Bytes of one file; media may be inside. */
const AAF_BYTES_MAX = 1024 * 1024 * 1024;
/** Items over all nested compositions, each use counted. */
const NESTED_ITEMS_MAX = 500_000;
/** Segments inside one another, and mobs behind one another. */
const DEPTH_MAX = 100;
const CLAUSE = 'AAF Object Specification 1.1';
/** 0d010102-0101-0700-060e-2b34-0401-0101. */
const TOP_LEVEL = '0201010d01010007060e2b3404010101';

/**
 * Reads an AAF file: its top-level compositions, one as a timeline, several as a collection. Clips
 * are followed through their mobs down to the timecode of the tape.
 */
export function readAaf(bytes: Uint8Array): Outcome<Timeline | Collection> {
  if (bytes.length > AAF_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: AAF_BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const compound = readCompound(bytes);
  if (!compound.ok) return compound;
  const header = new AafObject(compound.value).object(PROPERTY.header);
  const content = header?.object(PROPERTY.content);
  if (header === undefined || content === undefined) {
    return refused(finding('missing_aaf_content', 'error', { clause: CLAUSE }));
  }
  const reader = new AafReader(header, content.objects(PROPERTY.mobs));
  const compositions = reader.compositions();
  if (compositions.length === 0) {
    return refused(...reader.findings, finding('missing_sequence', 'error', { clause: CLAUSE }));
  }
  const made = compositions.map((each) => reader.timeline(each));
  if (made.length === 1) return accepted(made[0]!, reader.findings);
  return accepted({ kind: 'collection', name: '', metadata: {}, children: made }, reader.findings);
}

/** Where a segment stands: the edit rate of its slot and how deep it is nested. */
type Context = { readonly rate: FrameRate; readonly depth: number };

class AafReader {
  readonly findings: Finding[] = [];
  readonly #mobs = new Map<string, AafObject>();
  readonly #operations = new Map<string, string>();
  readonly #header: AafObject;
  readonly #open = new Set<AafObject>();
  #items = 0;

  constructor(header: AafObject, mobs: readonly AafObject[]) {
    this.#header = header;
    for (const each of mobs) {
      const id = each.data(PROPERTY.mobId);
      if (id !== undefined) this.#mobs.set(hex(id), each);
    }
    const dictionary = header.object(PROPERTY.dictionary);
    for (const each of dictionary?.objects(PROPERTY.operationDefinitions) ?? []) {
      const id = each.data(PROPERTY.identification);
      if (id !== undefined) this.#operations.set(hex(id), each.text(PROPERTY.definitionName) ?? '');
    }
  }

  #note(code: string, severity: Finding['severity'], at: AafObject, facts: Finding['facts'] = {}) {
    if (this.findings.length >= FINDINGS_MAX) return;
    const place = { element: clipText(at.place) };
    this.findings.push(finding(code, severity, { facts, at: place, clause: CLAUSE }));
  }

  /** Those meant for people; where none is marked so, all that nothing else refers to. */
  compositions(): AafObject[] {
    const all = [...this.#mobs.values()].filter((each) => each.classCode === CLASS.compositionMob);
    const top = all.filter((each) => hex(each.data(PROPERTY.usageCode) ?? NOTHING) === TOP_LEVEL);
    return top.length > 0 ? top : all;
  }

  timeline(mob: AafObject): Timeline {
    const tracks: Track[] = [];
    const bySlot = new Map<number, Track[]>();
    const marks: AafObject[] = [];
    this.#open.add(mob);
    for (const slot of mob.objects(PROPERTY.slots)) {
      if (slot.classCode === CLASS.eventSlot) {
        marks.push(slot);
        continue;
      }
      const made = this.#slotTracks(slot);
      tracks.push(...made);
      bySlot.set(slot.integer(PROPERTY.slotId) ?? 0, made);
    }
    this.#open.delete(mob);
    const start = this.timecodeOf(
      mob,
      tracks[0] === undefined ? undefined : rateOfTrack(tracks[0]),
    );
    const marked = this.#marked(tracks, bySlot, marks);
    const kept = marked.filter((each) => !isEmptyTrack(each));
    const drop = start?.drop === true ? { cmx_3600: { drop_frame: true } } : {};
    return timeline(kept, {
      name: mob.text(PROPERTY.mobName) ?? '',
      globalStart: start === undefined ? undefined : time(start.start, start.rate),
      metadata: { AAF: this.#mobMetadata(mob), ...drop },
    });
  }

  /** A timecode of a mob; of several the one at the rate asked for, else the first. */
  timecodeOf(mob: AafObject, rate: FrameRate | undefined) {
    let first: { start: number; rate: FrameRate; drop: boolean } | undefined;
    for (const slot of mob.objects(PROPERTY.slots)) {
      const found = this.#timecodeIn(slot.object(PROPERTY.segment), 0);
      const perSecond = found?.integer(PROPERTY.timecodeRate) ?? 0;
      const start = found?.integer(PROPERTY.timecodeStart);
      if (start === undefined || perSecond <= 0) continue;
      const own = this.#rate(slot);
      // The face counts whole frames; the slot says how long they are.
      const exact = nominalRate(own) === perSecond ? own : sharedRate(ratio(perSecond));
      const made = { start, rate: exact, drop: found?.integer(PROPERTY.timecodeDrop) === 1 };
      if (rate === undefined || nominalRate(rate) === perSecond) return made;
      first ??= made;
    }
    return first;
  }

  #timecodeIn(segment: AafObject | undefined, depth: number): AafObject | undefined {
    if (segment === undefined || depth > 4) return undefined;
    if (segment.classCode === CLASS.timecode) return segment;
    // A timecode behind a pulldown counts other frames than the slot does.
    if (segment.classCode !== CLASS.sequence) return undefined;
    return this.#timecodeIn(segment.objects(PROPERTY.components)[0], depth + 1);
  }

  #rate(slot: AafObject): FrameRate {
    const [numerator, denominator] = slot.rational(PROPERTY.editRate) ??
      slot.rational(PROPERTY.eventEditRate) ?? [0, 1];
    if (numerator <= 0 || denominator <= 0) return FRAME_RATES['24'];
    return sharedRate(ratio(numerator, denominator));
  }

  #slotTracks(slot: AafObject): Track[] {
    const segment = slot.object(PROPERTY.segment);
    if (segment === undefined) return [];
    const kind = trackKindOf(segment.weak(PROPERTY.dataDefinition));
    if (kind === undefined) return [];
    if (slot.classCode === CLASS.staticSlot) {
      this.#note('uncarried_track', 'note', slot, {
        name: slot.text(PROPERTY.slotName) ?? '',
        kind,
      });
      return [];
    }
    const context = { rate: this.#rate(slot), depth: 0 };
    const name = slot.text(PROPERTY.slotName) ?? '';
    const own: Record<string, JsonValue> = { SlotID: BigInt(slot.integer(PROPERTY.slotId) ?? 0) };
    const number = slot.integer(PROPERTY.physicalTrack);
    if (number !== undefined) own['PhysicalTrackNumber'] = BigInt(number);
    return this.#tracksOf(segment, context).map((each) => ({
      ...each,
      name,
      trackKind: kind,
      metadata: { AAF: own },
    }));
  }

  /** A segment that fills a slot: a scope gives a track for each of its slots. */
  #tracksOf(segment: AafObject, context: Context): Track[] {
    if (context.depth > DEPTH_MAX) return [];
    const inside = { ...context, depth: context.depth + 1 };
    if (segment.classCode === CLASS.nestedScope) {
      return segment.objects(PROPERTY.scopeSlots).flatMap((each) => this.#tracksOf(each, inside));
    }
    const inputs = segment.objects(PROPERTY.inputs);
    if (segment.classCode === CLASS.operationGroup && inputs.length === 1) {
      const one = this.#tracksOf(inputs[0]!, inside);
      const [only] = one;
      if (one.length === 1 && only !== undefined) {
        const made = this.#effect(segment);
        if (only.children.length === 1)
          return [{ ...only, children: withEffect(only.children, made) }];
        return [{ ...only, effects: [...only.effects, made] }];
      }
    }
    return [track({ children: this.#components(segment, inside) })];
  }

  /** The items of a sequence; neighbours of a transition give up what it covers of them. */
  #components(segment: AafObject, context: Context): Composable[] {
    const parts =
      segment.classCode === CLASS.sequence ? segment.objects(PROPERTY.components) : [segment];
    const made: Composable[] = [];
    for (const [index, each] of parts.entries()) {
      if (++this.#items > NESTED_ITEMS_MAX) {
        if (this.#items === NESTED_ITEMS_MAX + 1) {
          this.#note('excessive_item_count', 'error', each, { limit: NESTED_ITEMS_MAX });
        }
        break;
      }
      if (each.classCode === CLASS.transition) {
        made.push(this.#transition(each, context));
        continue;
      }
      const head = transitionPart(parts[index - 1], 'after');
      const tail = transitionPart(parts[index + 1], 'before');
      made.push(
        ...this.#item(each, context).map((item) => trimmed(item, head, tail, context.rate)),
      );
    }
    return made;
  }

  #transition(of: AafObject, context: Context): Composable {
    const length = Math.max(0, of.integer(PROPERTY.length) ?? 0);
    const cut = Math.min(length, Math.max(0, of.integer(PROPERTY.cutPoint) ?? 0));
    const group = of.object(PROPERTY.transitionGroup);
    const operation = group === undefined ? '' : this.#operationName(group);
    // Which of these is a dissolve is a name; dips and fades are dissolves with black.
    const dissolve = /dissolve|fade|dip/i.test(operation) || operation === '';
    return transition(time(cut, context.rate), time(length - cut, context.rate), {
      name: 'Transition',
      transitionType: dissolve ? DISSOLVE : CUSTOM_TRANSITION,
      metadata: { AAF: { OperationGroup: { Operation: operation }, CutPoint: BigInt(cut) } },
    });
  }

  #operationName(group: AafObject): string {
    const id = group.weak(PROPERTY.operation) ?? '';
    return this.#operations.get(id) ?? id;
  }

  #item(of: AafObject, context: Context): Item[] {
    const length = of.integer(PROPERTY.length) ?? 0;
    const inside = { ...context, depth: context.depth + 1 };
    if (context.depth > DEPTH_MAX) {
      this.#note('excessive_nesting', 'error', of, { limit: DEPTH_MAX });
      return [];
    }
    if (length < 0) {
      this.#note('negative_duration', 'error', of, { value: String(length) });
      return [];
    }
    switch (of.classCode) {
      case CLASS.filler:
        return [gap(time(length, context.rate), { name: 'Filler' })];
      case CLASS.scopeReference:
        return [gap(time(length, context.rate), { name: 'ScopeReference' })];
      case CLASS.sourceClip:
        return [this.#sourceClip(of, length, inside)];
      case CLASS.operationGroup:
        return [this.#group(of, length, inside)];
      case CLASS.selector: {
        const alternates = of.objects(PROPERTY.alternates).length;
        if (alternates > 0) this.#note('unplayed_alternate', 'note', of, { count: alternates });
        const selected = of.object(PROPERTY.selected);
        return selected === undefined ? [] : this.#item(selected, inside);
      }
      case CLASS.essenceGroup: {
        const choice = of.objects(PROPERTY.choices)[0];
        return choice === undefined ? [] : this.#item(choice, inside);
      }
      case CLASS.pulldown: {
        const input = of.object(PROPERTY.pulldownInput);
        return input === undefined ? [] : this.#item(input, inside);
      }
      case CLASS.nestedScope:
      case CLASS.sequence:
        return [this.#nested(of, length, inside)];
      default:
        this.#note('unknown_aaf_segment', 'warning', of, { code: of.classCode, length });
        return [gap(time(length, context.rate), { name: 'unknown' })];
    }
  }

  #nested(of: AafObject, length: number, context: Context): Item {
    const children = this.#tracksOf(of, context);
    const sole = children.length === 1 ? children[0]!.children : [];
    const [only] = sole;
    // A sequence of one item is that item.
    if (
      sole.length === 1 &&
      only !== undefined &&
      isItem(only) &&
      children[0]!.effects.length === 0
    ) {
      if (only.sourceRange?.duration.value === length) return only;
    }
    return stack({ children, sourceRange: range(0, length, context.rate) });
  }

  #group(of: AafObject, length: number, context: Context): Item {
    const inputs = of.objects(PROPERTY.inputs);
    const made = this.#effect(of);
    const tracks = inputs.map((each) => this.#components(each, context));
    const [only] = tracks;
    const [sole] = only ?? [];
    const name = this.#operationName(of);
    if (tracks.length === 1 && only?.length === 1 && sole !== undefined && isItem(sole)) {
      // A speed has its own length: what it plays of its input is the input's affair.
      const sourceRange =
        sole.sourceRange === undefined
          ? range(0, length, context.rate)
          : { start: sole.sourceRange.start, duration: time(length, context.rate) };
      return { ...sole, sourceRange, effects: [...sole.effects, made] };
    }
    const children = tracks.map((each) => track({ children: each }));
    const sourceRange = range(0, length, context.rate);
    return stack({ name, children, sourceRange, effects: [made] });
  }

  #effect(of: AafObject): Effect {
    const name = this.#operationName(of);
    const metadata = { AAF: { Operation: name } };
    const speed = speedOfGroup(of, this.#header);
    if (typeof speed === 'number') return timeWarp(speed, { name, metadata });
    if (speed === 'curve') {
      this.#note('uncarried_speed_curve', 'warning', of);
      return effect(name, { schema: 'TimeEffect', name, metadata });
    }
    return effect(name, { name, metadata });
  }

  #sourceClip(of: AafObject, length: number, context: Context): Item {
    const source = this.#follow(of, context.rate);
    if (source.composition !== undefined) return this.#composition(of, length, source, context);
    const own = source.master ?? source.file ?? source.tape;
    const name = own?.text(PROPERTY.mobName) ?? '';
    const mediaStart = source.timecode;
    const start = inRate(source.offset, context.rate);
    const shifted =
      mediaStart === undefined ? start : addTime(start, retimed(mediaStart, context.rate));
    const metadata: Record<string, JsonValue> = {};
    if (own !== undefined) metadata['AAF'] = this.#mobMetadata(own);
    const reel = source.tape?.text(PROPERTY.mobName);
    if (reel !== undefined && reel !== '') metadata['yinglian'] = { reel };
    return clip({
      name,
      metadata,
      sourceRange: { start: shifted, duration: time(length, context.rate) },
      media: { [DEFAULT_MEDIA]: this.#media(source, context.rate) },
      markers: this.#mediaMarkers(source, context.rate),
    });
  }

  /** A clip of another composition: the slot it plays, with all that is in it. */
  #composition(of: AafObject, length: number, source: Source, context: Context): Item {
    const { mob, slot } = source.composition!;
    const start = inRate(source.offset, context.rate);
    const sourceRange: TimeRange = { start, duration: time(length, context.rate) };
    const name = mob.text(PROPERTY.mobName) ?? '';
    const metadata = { AAF: this.#mobMetadata(mob) };
    if (this.#open.has(mob)) {
      this.#note('circular_nesting', 'error', of, { id: clipText(name) });
      return stack({ name, sourceRange, metadata });
    }
    this.#open.add(mob);
    const segment = slot.object(PROPERTY.segment);
    const inside = { rate: this.#rate(slot), depth: context.depth + 1 };
    const children = segment === undefined ? [] : this.#tracksOf(segment, inside);
    this.#open.delete(mob);
    const kind = trackKindOf(segment?.weak(PROPERTY.dataDefinition)) ?? 'Video';
    return stack({
      name,
      sourceRange,
      metadata,
      children: children.map((each) => ({ ...each, trackKind: kind })),
    });
  }

  /** Through the mobs behind a source clip, adding up where it begins. */
  #follow(of: AafObject, rate: FrameRate): Source {
    const found: { -readonly [part in keyof Source]: Source[part] } = {
      offset: ZERO,
      timecode: undefined,
      master: undefined,
      masterSlot: undefined,
      file: undefined,
      fileSlot: undefined,
      tape: undefined,
      composition: undefined,
    };
    const seen = new Set<AafObject>();
    let at: AafObject | undefined = of;
    let atRate = rate;
    while (at !== undefined && !seen.has(at) && seen.size < DEPTH_MAX) {
      seen.add(at);
      const start = at.integer(PROPERTY.startTime) ?? 0;
      const id = at.data(PROPERTY.sourceId);
      const mob: AafObject | undefined = id === undefined ? undefined : this.#mobs.get(hex(id));
      if (mob === undefined) {
        const ends = id === undefined || id.every((each) => each === 0);
        if (!ends) this.#note('missing_media_reference', 'warning', at, { key: clipText(hex(id)) });
        break;
      }
      const slotId = at.integer(PROPERTY.sourceSlot);
      const slot: AafObject | undefined = mob
        .objects(PROPERTY.slots)
        .find((each) => each.integer(PROPERTY.slotId) === slotId);
      found.offset = addRatio(found.offset, secondsOf(time(start, atRate)));
      if (mob.classCode === CLASS.compositionMob && slot !== undefined) {
        found.composition = { mob, slot };
        break;
      }
      this.#learn(found, mob, slot, rate);
      if (slot === undefined) {
        this.#note('missing_media_slot', 'warning', at, { slot: slotId ?? 0 });
        break;
      }
      atRate = this.#rate(slot);
      at = this.#firstSource(slot.object(PROPERTY.segment), 0);
    }
    return found;
  }

  #learn(
    found: { -readonly [part in keyof Source]: Source[part] },
    mob: AafObject,
    slot: AafObject | undefined,
    rate: FrameRate,
  ): void {
    if (mob.classCode === CLASS.masterMob) {
      found.master ??= mob;
      found.masterSlot ??= slot;
      // Some systems keep the timecode here; what lies behind it knows better.
      const own = this.timecodeOf(mob, rate);
      if (own !== undefined) found.timecode = own;
      return;
    }
    const description = mob.object(PROPERTY.essenceDescription);
    const located = (description?.objects(PROPERTY.locators).length ?? 0) > 0;
    if (description?.classCode === CLASS.tapeDescriptor) found.tape ??= mob;
    else if (located && found.file === undefined) {
      found.file = mob;
      found.fileSlot = slot;
    }
    const code = this.timecodeOf(mob, rate);
    if (code !== undefined) found.timecode = code;
  }

  /** The source clip at the start of what fills a slot of media. */
  #firstSource(segment: AafObject | undefined, depth: number): AafObject | undefined {
    if (segment === undefined || depth > DEPTH_MAX) return undefined;
    if (segment.classCode === CLASS.sourceClip) return segment;
    const [first] = [
      ...segment.objects(PROPERTY.components),
      ...segment.objects(PROPERTY.inputs),
      ...segment.objects(PROPERTY.choices),
    ];
    const next =
      first ?? segment.object(PROPERTY.selected) ?? segment.object(PROPERTY.pulldownInput);
    return this.#firstSource(next, depth + 1);
  }

  #media(source: Source, rate: FrameRate): MediaReference {
    const { file, fileSlot, timecode, master } = source;
    const slot = fileSlot ?? source.masterSlot;
    const length = slot?.object(PROPERTY.segment)?.integer(PROPERTY.length);
    const slotRate = slot === undefined ? rate : this.#rate(slot);
    const start = timecode === undefined ? time(0, slotRate) : retimed(timecode, slotRate);
    const fields = {
      name: (file ?? master)?.text(PROPERTY.mobName) ?? '',
      metadata: file === undefined ? {} : { AAF: this.#mobMetadata(file) },
      ...(length === undefined || length < 0
        ? {}
        : { availableRange: { start, duration: time(length, slotRate) } }),
    };
    const url = file
      ?.object(PROPERTY.essenceDescription)
      ?.objects(PROPERTY.locators)
      .map((each) => each.text(PROPERTY.url))
      .find((each) => each !== undefined && each !== '');
    return url === undefined ? missing(fields) : external(url, fields);
  }

  #mobMetadata(mob: AafObject): JsonObject {
    const made: Record<string, JsonValue> = {
      ClassName: MOB_NAMES[mob.classCode] ?? 'Mob',
      MobID: mobUrn(mob.data(PROPERTY.mobId) ?? NOTHING),
      Name: mob.text(PROPERTY.mobName) ?? '',
    };
    const comments = tags(mob.objects(PROPERTY.mobComments));
    if (Object.keys(comments).length > 0) made['UserComments'] = comments;
    const attributes = tags(mob.objects(PROPERTY.mobAttributes));
    if (Object.keys(attributes).length > 0) made['Attributes'] = attributes;
    return made;
  }

  #mediaMarkers(source: Source, rate: FrameRate): Marker[] {
    const start = source.timecode === undefined ? time(0, rate) : retimed(source.timecode, rate);
    const slots = source.master?.objects(PROPERTY.slots) ?? [];
    return slots
      .filter((each) => each.classCode === CLASS.eventSlot)
      .flatMap((slot) =>
        this.#events(slot).flatMap(({ event, position }) => {
          const described = describedSlots(event);
          const own = source.masterSlot?.integer(PROPERTY.slotId);
          if (described.length > 0 && own !== undefined && !described.includes(own)) return [];
          const at = addTime(start, inRate(secondsOf(time(position, this.#rate(slot))), rate));
          return [markerOf(event, { start: at, duration: time(0, rate) })];
        }),
      );
  }

  #events(slot: AafObject): { event: AafObject; position: number }[] {
    const segment = slot.object(PROPERTY.segment);
    if (segment === undefined) return [];
    const parts =
      segment.classCode === CLASS.sequence ? segment.objects(PROPERTY.components) : [segment];
    return parts.flatMap((event) => {
      const marks = [
        CLASS.descriptiveMarker,
        CLASS.commentMarker,
        CLASS.event,
      ] as readonly number[];
      if (!marks.includes(event.classCode)) return [];
      return [{ event, position: event.integer(PROPERTY.position) ?? 0 }];
    });
  }

  /** Markers of the composition, each on the item it stands over. */
  #marked(
    tracks: readonly Track[],
    bySlot: ReadonlyMap<number, readonly Track[]>,
    slots: readonly AafObject[],
  ): Track[] {
    const additions = new Map<Track, { event: AafObject; position: number; rate: FrameRate }[]>();
    for (const slot of slots) {
      for (const each of this.#events(slot)) {
        const described = describedSlots(each.event);
        const known = described.flatMap((id) => bySlot.get(id) ?? []);
        const target = known[0] ?? tracks.find((one) => one.trackKind === 'Video') ?? tracks[0];
        if (target === undefined) continue;
        const list = additions.get(target) ?? [];
        list.push({ ...each, rate: rateOfTrack(target) ?? this.#rate(slot) });
        additions.set(target, list);
      }
    }
    return tracks.map((each) => {
      const list = additions.get(each);
      return list === undefined ? each : { ...each, children: marked(each.children, list) };
    });
  }
}
