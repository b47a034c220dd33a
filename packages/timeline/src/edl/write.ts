import {
  accepted,
  clipText,
  encodeUtf8,
  type Finding,
  finding,
  formatTimecode,
  FRAME_RATES,
  type FrameRate,
  nominalRate,
  type Outcome,
  refused,
} from '@yinglian/core';
import {
  type JsonObject,
  type JsonValue,
  member,
  numberMember,
  objectMember,
  textMember,
} from '../json/value.ts';
import { formatDouble } from '../json/write.ts';
import {
  type Clip,
  clip,
  DEFAULT_MEDIA,
  effectLabel,
  generator,
  type Marker,
  mediaOf,
  speedOf,
  type Timeline,
  type Transition,
} from '../model.ts';
import {
  countsDropFrame,
  type PlacedItem,
  rateOf,
  sourceFrames,
  tell,
  tellTrackEffects,
  tracksOf,
} from '../place.ts';
import { soundCut } from '../sound.ts';
import { framesAt, range } from '../time.ts';
import { placePlayed } from '../played.ts';
import { clockOf } from './clock.ts';
import { isGenerated } from './events.ts';
import { ClipFacts, oneLine } from './facts.ts';
import { channelsOf, readStatements } from './statements.ts';

/** The families of edit lists by the length of their reel names. */
export const EDL_FAMILIES = Object.freeze({
  /** Eight characters, three digits: what every reader knows. */
  cmx3600: { reel: 8, digits: 3 },
  file16: { reel: 16, digits: 6 },
  file32: { reel: 32, digits: 6 },
  file128: { reel: 128, digits: 6 },
} as const);
/** A family by name. */
export type EdlFamily = keyof typeof EDL_FAMILIES;

/** How a list is written. */
export type EdlWriting = {
  readonly family?: EdlFamily;
  /** That of the timeline unless given. */
  readonly rate?: FrameRate;
  /** As the timeline was read, else no drop frame. */
  readonly dropFrame?: boolean;
  readonly title?: string;
  /** Indices of the tracks to write; all of picture and sound unless given. */
  readonly tracks?: readonly number[];
  /** Line ends; editing systems take both. */
  readonly lineEnd?: '\n' | '\r\n';
};

type Cut = {
  readonly placed: PlacedItem;
  readonly clip: Clip;
  readonly channels: string;
  readonly own: JsonObject;
};

type Line = { readonly order: number; readonly track: number; readonly cut: Cut };

/**
 * Writes a cut list. What a list cannot carry (nested timelines, effects, disabled clips, times
 * between frames) is a finding with its place; lines that were read and still hold come back as
 * they were written.
 */
export function writeEdl(of: Timeline, writing: EdlWriting = {}): Outcome<Uint8Array> {
  const text = writeEdlText(of, writing);
  return text.ok ? accepted(encodeUtf8(text.value), text.findings) : text;
}

/** {@link writeEdl} as text. */
export function writeEdlText(given: Timeline, writing: EdlWriting = {}): Outcome<string> {
  const findings: Finding[] = [];
  const of = soundCut(given, findings);
  const rate = writing.rate ?? rateOf(of) ?? FRAME_RATES['24'];
  if (nominalRate(rate) > 120) {
    const facts = { rate: String(Number(rate.numerator) / Number(rate.denominator)) };
    return refused(finding('excessive_list_rate', 'error', { facts, clause: 'CMX 3600' }));
  }
  return accepted(new ListWriter(of, rate, writing, findings).write(), findings);
}

class ListWriter {
  readonly #timeline: Timeline;
  readonly #rate: FrameRate;
  readonly #writing: EdlWriting;
  readonly #findings: Finding[];
  readonly #drop: boolean;
  readonly #origin: number;
  readonly #lines: string[] = [];
  readonly #family: (typeof EDL_FAMILIES)[EdlFamily];
  readonly #reels = new Map<string, string>();
  readonly #takenReels = new Set<string>();
  #digits: number;

  constructor(of: Timeline, rate: FrameRate, writing: EdlWriting, findings: Finding[]) {
    this.#timeline = of;
    this.#rate = rate;
    this.#writing = writing;
    this.#findings = findings;
    this.#drop = clockOf(rate, writing.dropFrame ?? countsDropFrame(of)).format.dropFrame;
    this.#origin = of.globalStart === undefined ? 0 : framesAt(of.globalStart, rate).frames;
    const reels = this.#reelNames();
    const longest = Math.max(0, ...reels.map((each) => each.length));
    this.#family = EDL_FAMILIES[writing.family ?? (longest > 8 ? 'file128' : 'cmx3600')];
    this.#digits = this.#family.digits;
    // What fits as it is keeps its name, so that no shortened one takes it.
    for (const name of reels) {
      const whole = oneWord(name);
      if (whole.length <= this.#family.reel) this.#takenReels.add(whole);
    }
  }

  #reelNames(): string[] {
    const placing = { rate: this.#rate, findings: [] };
    const placed = tracksOf(this.#timeline).flatMap(({ track, path }) =>
      placePlayed(track, path, placing),
    );
    const names = placed.flatMap(({ item }) => (item.kind === 'clip' ? [reelOf(item)] : []));
    return [...new Set(names)];
  }

  write(): string {
    const end = this.#writing.lineEnd ?? '\n';
    const own = objectMember(this.#timeline.metadata, 'cmx_3600');
    const title = oneLine(this.#writing.title ?? this.#timeline.name);
    this.#lines.push(`TITLE: ${title}`, `FCM: ${this.#drop ? '' : 'NON-'}DROP FRAME`);
    const header = own === undefined ? undefined : member(own, 'header');
    if (Array.isArray(header)) {
      for (const each of header) if (typeof each === 'string') this.#lines.push(oneLine(each));
    }
    const cuts = merged(this.#cuts());
    if (cuts.length > 999 && this.#digits < 4) this.#digits = cuts.length > 9999 ? 6 : 4;
    const numbers = this.#numbers(cuts);
    const locators = this.#locators(cuts);
    for (const [index, cut] of cuts.entries()) {
      this.#event(cut, numbers[index]!);
      this.#lines.push(...(locators.get(index) ?? []));
    }
    return this.#lines.join(end) + end;
  }

  /** Markers of the whole timeline, each below the first event that plays where it stands. */
  #locators(cuts: readonly Cut[]): ReadonlyMap<number, string[]> {
    const made = new Map<number, string[]>();
    for (const each of this.#timeline.tracks.markers) {
      const at =
        each.kind === 'marker' ? framesAt(each.markedRange.start, this.#rate).frames : Number.NaN;
      const index = cuts.findIndex(
        ({ placed }) => placed.start <= at && at < placed.start + placed.duration,
      );
      if (each.kind !== 'marker' || index < 0) {
        tell({ findings: this.#findings }, 'uncarried_marker', 'warning', 'tracks');
        continue;
      }
      const line = `* LOC: ${this.#label(this.#origin + at)} ${oneLine(markerText(each))}`;
      made.set(index, [...(made.get(index) ?? []), line.trimEnd()]);
    }
    return made;
  }

  /** The numbers that were read where all have one, else new ones that keep pairs together. */
  #numbers(cuts: readonly Cut[]): string[] {
    const stated = cuts.map(({ own }) => textMember(own, 'event'));
    if (stated.every((each) => each !== undefined)) return stated;
    let number = 0;
    return cuts.map(({ placed }, index) => {
      const pairs = placed.before !== undefined && isPaired(placed.before);
      const same = stated[index] !== undefined && stated[index] === stated[index - 1];
      if (!(pairs && same)) number++;
      return String(number).padStart(this.#digits, '0');
    });
  }

  #cuts(): Line[] {
    const lines: Line[] = [];
    const placing = { rate: this.#rate, findings: this.#findings };
    const counts = { Video: 0, Audio: 0 };
    for (const [index, { track, path }] of tracksOf(this.#timeline).entries()) {
      const kind = track.trackKind === 'Audio' ? 'Audio' : 'Video';
      const layer = objectMember(track.metadata, 'cmx_3600');
      const repeats = layer !== undefined && member(layer, 'layer') !== undefined;
      if (!repeats) counts[kind]++;
      if (this.#writing.tracks !== undefined && !this.#writing.tracks.includes(index)) continue;
      if (track.trackKind !== 'Video' && track.trackKind !== 'Audio') {
        const facts = { name: clipText(track.name), kind: clipText(track.trackKind) };
        tell(placing, 'uncarried_track', 'warning', path, facts);
        continue;
      }
      if (!track.enabled && this.#writing.tracks === undefined) {
        // What does not play is in no list; asked for by its number it is written all the same.
        const facts = { name: clipText(track.name || path) };
        tell(placing, 'uncarried_disabled_track', 'warning', path, facts);
        continue;
      }
      const channel = channelName(track.name, kind, Math.max(1, counts[kind]));
      if (track.markers.length > 0) tell(placing, 'uncarried_marker', 'warning', path);
      tellTrackEffects(track, path, placing);
      for (const placed of placePlayed(track, path, placing)) {
        const cut = this.#cut(placed, channel);
        if (cut !== undefined) lines.push({ order: lines.length, track: index, cut });
      }
    }
    // Record order across tracks; at one moment as the tracks stand.
    return lines.sort((a, b) => a.cut.placed.start - b.cut.placed.start || a.order - b.order);
  }

  #cut(placed: PlacedItem, channels: string): Cut | undefined {
    const { item, path } = placed;
    const placing = { findings: this.#findings };
    if (item.kind === 'gap') return this.#black(placed, channels);
    if (item.kind !== 'clip') {
      const facts = { name: clipText(item.name), kind: item.kind };
      tell(placing, 'uncarried_nesting', 'warning', path, facts);
      return undefined;
    }
    if (!item.enabled) {
      tell(placing, 'uncarried_disabling', 'warning', path, { name: clipText(item.name) });
    }
    for (const each of item.effects) {
      if (each.kind === 'effect' && each.timeScalar !== undefined) continue;
      const facts = { name: clipText(effectLabel(each)) };
      tell(placing, 'uncarried_effect', 'warning', path, facts);
    }
    const own = objectMember(item.metadata, 'cmx_3600') ?? {};
    // `A` and `A1` are one track: as it was written, where it was.
    const stated = textMember(own, 'channels') ?? '';
    const sole = statedTracks(own);
    const spelled = sole.length === 1 && sole[0] === channels ? stated : channels;
    return { placed, clip: item, channels: spelled, own };
  }

  /** A gap is nothing in a list, unless something dissolves into it. */
  #black(placed: PlacedItem, channels: string): Cut | undefined {
    const { before, path } = placed;
    if (before === undefined || placed.duration === 0) {
      if (before !== undefined)
        tell({ findings: this.#findings }, 'uncarried_transition', 'warning', path);
      return undefined;
    }
    const sourceRange = range(0, placed.duration, this.#rate);
    const media = { [DEFAULT_MEDIA]: generator('black') };
    return { placed, clip: clip({ sourceRange, media }), channels, own: {} };
  }

  #label(frames: number): string {
    return formatTimecode(BigInt(frames), { rate: this.#rate, dropFrame: this.#drop });
  }

  #reel(name: string, path: string): string {
    const known = this.#reels.get(name);
    if (known !== undefined) return known;
    const short = oneWord(name);
    if (short.length <= this.#family.reel) {
      this.#reels.set(name, short);
      if (name.trim() !== '' && short !== name.trim()) {
        const facts = { reel: clipText(name), made: short };
        tell({ findings: this.#findings }, 'replaced_reel', 'warning', path, facts);
      }
      return short;
    }
    let made = short.slice(0, this.#family.reel);
    for (let i = 1; this.#takenReels.has(made); i++) {
      made = `${short.slice(0, this.#family.reel - String(i).length)}${i}`;
    }
    this.#takenReels.add(made);
    this.#reels.set(name, made);
    tell({ findings: this.#findings }, 'shortened_reel', 'warning', path, { reel: short, made });
    return made;
  }

  #event({ placed, clip, channels, own }: Cut, event: string): void {
    const { path, before } = placed;
    const source = sourceFrames(clip, { rate: this.#rate, findings: this.#findings }, path);
    const speed = speedOf(clip);
    const lead = before === undefined ? 0 : framesAt(before.inOffset, this.#rate).frames;
    const tail =
      placed.after === undefined ? 0 : framesAt(placed.after.inOffset, this.#rate).frames;
    // A list's transition begins where the new clip does, so a centred one moves the cut forward.
    const recordIn = placed.start - lead;
    const duration = Math.max(0, placed.duration + lead - tail);
    const sourceIn = (source?.start ?? 0) - Math.round(lead * speed);
    const equal = member(own, 'm2_equal_durations') === true;
    const used = sourceSpan(speed, duration, equal);
    const reel = this.#reel(reelOf(clip), path);
    const head = (reelName: string, kind: string, frames: string) =>
      [
        `${event}  ${reelName.padEnd(this.#family.reel)}`,
        channels.padEnd(5),
        kind.padEnd(4),
        `${frames.padEnd(3)} `,
      ].join(' ');
    for (const each of linesOf(own)) if (isSplit(each)) this.#lines.push(each);
    if (before !== undefined) this.#outgoing(before, placed, channels, head, recordIn);
    const [kind, frames] = transitionField(before, own, this.#rate);
    const from = this.#label(sourceIn);
    const until = this.#label(sourceIn + used);
    const begins = this.#label(this.#origin + recordIn);
    const record = `${begins} ${this.#label(this.#origin + recordIn + duration)}`;
    this.#lines.push(`${head(reel, kind, frames)}${from} ${until} ${record}`);
    this.#previous.set(channels, { reel, out: until, end: recordIn + duration });
    const unmarked = member(own, 'unmarked_speed') === true && used !== duration;
    if (speed !== 1 && !unmarked) this.#speed(speed, reel, sourceIn, own);
    this.#remarks(clip, before, source?.start ?? 0, placed.start, own, path);
  }

  /** The zero-length line that says what a transition comes from. */
  #outgoing(
    before: Transition,
    placed: PlacedItem,
    channels: string,
    head: (reel: string, kind: string, frames: string) => string,
    recordIn: number,
  ): void {
    const own = objectMember(before.metadata, 'cmx_3600');
    const from = own === undefined ? undefined : objectMember(own, 'from');
    const reel = from === undefined ? undefined : textMember(from, 'reel');
    const stated = from === undefined ? undefined : textMember(from, 'source_in');
    if (isPaired(before)) return;
    const at = this.#label(this.#origin + recordIn);
    const previous = this.#previous.get(channels);
    const touches = previous !== undefined && previous.end === recordIn;
    const source = stated ?? (touches ? previous.out : this.#label(0));
    const name = this.#reel(reel ?? (touches ? previous.reel : 'BL'), placed.path);
    this.#lines.push(`${head(name, 'C', '')}${source} ${source} ${at} ${at}`);
  }

  /** The last event of each channel, which a following transition comes from. */
  readonly #previous = new Map<string, { reel: string; out: string; end: number }>();

  #speed(speed: number, reel: string, sourceIn: number, own: JsonObject): void {
    const nominal = nominalRate(this.#rate);
    const stated = textMember(own, 'm2');
    const read = stated === undefined ? undefined : readStatements(stated)[0];
    const number = read?.kind === 'speed' ? Number(read.framesPerSecond) : Number.NaN;
    const exact = Number(this.#rate.numerator) / Number(this.#rate.denominator);
    // The line as it was read, where it still says the speed the clip has.
    if (stated !== undefined && (number / nominal === speed || number / exact === speed)) {
      this.#lines.push(stated);
      return;
    }
    const perSecond = speed * nominal;
    const text = Math.abs(perSecond).toFixed(1).padStart(5, '0');
    const signed = `${perSecond < 0 ? '-' : ''}${text}`;
    if (Math.abs(Number(signed) - perSecond) > 1e-9) {
      const facts = { speed: formatDouble(speed), written: signed };
      tell({ findings: this.#findings }, 'rounded_speed', 'note', '', facts);
    }
    this.#lines.push(
      `M2   ${reel.padEnd(8)} ${signed.padStart(9)}                ${this.#label(sourceIn)}`,
    );
  }

  #remarks(
    clip: Clip,
    before: Transition | undefined,
    sourceStart: number,
    recordStart: number,
    own: JsonObject,
    path: string,
  ): void {
    const facts = this.#factsOf(clip, before, sourceStart, recordStart, path);
    for (const line of linesOf(own)) {
      if (isSplit(line)) continue;
      const [statement] = readStatements(line);
      if (statement?.kind !== 'remark' || facts.keeps(statement)) this.#lines.push(line);
    }
    this.#lines.push(...facts.unsaid());
  }

  #factsOf(
    clip: Clip,
    before: Transition | undefined,
    sourceStart: number,
    recordStart: number,
    path: string,
  ): ClipFacts {
    const frozen = speedOf(clip) === 0;
    const fromOwn = before === undefined ? undefined : objectMember(before.metadata, 'cmx_3600');
    const from = fromOwn === undefined ? undefined : objectMember(fromOwn, 'from');
    const markers = clip.markers.flatMap((each): [string, string][] => {
      if (each.kind !== 'marker') return [];
      const placing = { rate: this.#rate, findings: this.#findings };
      const start = framesAt(each.markedRange.start, this.#rate).frames;
      if (each.markedRange.duration.value !== 0) {
        tell(placing, 'uncarried_marker_length', 'note', path, { name: clipText(each.name) });
      }
      const label = this.#label(this.#origin + recordStart + start - sourceStart);
      return [[label, markerText(each)]];
    });
    const own = objectMember(clip.metadata, 'cmx_3600') ?? {};
    const reel = reelOf(clip);
    return new ClipFacts({
      name: clip.name,
      frozen,
      covering: before !== undefined || textMember(own, 'key') !== undefined,
      fromName: from === undefined ? '' : (textMember(from, 'name') ?? ''),
      file: fileOf(clip),
      grade: objectMember(clip.metadata, 'cdl'),
      markers,
      implied: [textMember(own, 'event') ?? '', isGenerated(reel) ? reel : ''],
    });
  }
}

/** A reel as one word of a line. */
function oneWord(name: string): string {
  return name.trim() === '' ? 'AX' : oneLine(name).trim().replace(/\s+/g, '_');
}

function markerText(of: Marker): string {
  const own = objectMember(of.metadata, 'cmx_3600');
  const stated = own === undefined ? undefined : textMember(own, 'color');
  const color = typeof of.color === 'string' ? of.color : '';
  const same = stated !== undefined && stated.toUpperCase() === color;
  const said = of.comment !== '' && of.name === '' ? of.comment : of.name;
  const shown = same ? stated : color === '' && said !== '' ? 'GREEN' : color;
  return `${shown} ${said}`.trim();
}

function fileOf(of: Clip): string | undefined {
  const media = mediaOf(of);
  return media?.kind === 'external' && media.targetUrl !== '' ? media.targetUrl : undefined;
}

/** The reel of a clip: as a list gave it, else the name other formats know a tape by. */
export function reelOf(of: Clip): string {
  const own = objectMember(of.metadata, 'cmx_3600');
  const stated = own === undefined ? undefined : textMember(own, 'reel');
  if (stated !== undefined) return stated;
  const media = mediaOf(of);
  if (media === undefined || media.kind === 'unknown') return 'AX';
  if (media.kind === 'generator') {
    return /bars/i.test(media.generatorKind)
      ? 'BARS'
      : /black/i.test(media.generatorKind)
        ? 'BL'
        : 'AX';
  }
  for (const each of [of.metadata, media.metadata]) {
    const found = reelIn(each);
    if (found !== undefined) return found;
  }
  return 'AX';
}

/** Where formats keep the name of a tape. */
const REEL_PLACES: readonly (readonly [string, string])[] = [
  ['yinglian', 'reel'],
  ['ALE', 'Tape'],
  ['ALE', 'Reel_Name'],
  ['AAF', 'TapeID'],
];

function reelIn(metadata: JsonObject): string | undefined {
  for (const [space, name] of REEL_PLACES) {
    const inside = objectMember(metadata, space);
    const found = inside === undefined ? undefined : textMember(inside, name);
    if (found !== undefined && found.trim() !== '') return found.trim();
  }
  return tapeOfFile(metadata);
}

/** Final Cut Pro 7 keeps it with the timecode of a file. */
function tapeOfFile(metadata: JsonObject): string | undefined {
  const file = objectMember(metadata, 'fcp_xml');
  const code = file === undefined ? undefined : objectMember(file, 'timecode');
  const reel = code === undefined ? undefined : objectMember(code, 'reel');
  const name = reel === undefined ? '' : (textMember(reel, 'name') ?? '').trim();
  return name === '' ? undefined : name;
}

/** Whether a list gave the outgoing side as an event of its own, which stands before this one. */
function isPaired(before: Transition): boolean {
  const own = objectMember(before.metadata, 'cmx_3600');
  return own !== undefined && objectMember(own, 'from') === undefined;
}

function transitionField(
  before: Transition | undefined,
  own: JsonObject,
  rate: FrameRate,
): [kind: string, frames: string] {
  const key = textMember(own, 'key');
  if (key !== undefined) {
    if (key === 'KB' || key === 'KO') return [`K ${key.charAt(1)}`, ''];
    const faded = numberMember(own, 'key_duration') ?? 0;
    return ['K', String(faded).padStart(3, '0')];
  }
  if (before === undefined) return ['C', ''];
  const stated = objectMember(before.metadata, 'cmx_3600');
  const kind = stated === undefined ? undefined : textMember(stated, 'transition');
  const frames = framesAt(before.inOffset, rate).frames + framesAt(before.outOffset, rate).frames;
  const wipe = /wipe/i.test(before.transitionType) ? 'W001' : 'D';
  return [kind ?? wipe, String(frames).padStart(3, '0')];
}

function sourceSpan(speed: number, duration: number, equal: boolean): number {
  if (equal) return duration;
  if (speed === 0) return Math.min(1, duration);
  return Math.round(Math.abs(speed) * duration);
}

function channelName(name: string, kind: 'Video' | 'Audio', number: number): string {
  if (name === 'NONE') return name;
  const known = channelsOf(name.toUpperCase());
  if (/^(?:V\d*|A\d+)$/i.test(name) && known.length === 1) return known[0]!;
  if (kind === 'Video') return number === 1 ? 'V' : `V${number}`;
  return `A${number}`;
}

/** Copies of one event on several tracks become one line again. */
function merged(lines: readonly Line[]): Cut[] {
  const made: Cut[] = [];
  const open = new Map<string, number>();
  for (const { cut } of lines) {
    const { own, placed } = cut;
    const event = textMember(own, 'event');
    const channels = textMember(own, 'channels');
    const names = statedTracks(own);
    // Only what one line of a list said belongs to one line again.
    if (event === undefined || names.length < 2 || !names.includes(cut.channels)) {
      made.push(cut);
      continue;
    }
    const range = cut.clip.sourceRange;
    const key = [event, channels, reelOf(cut.clip), placed.start, placed.duration]
      .concat([range?.start.value ?? '', speedOf(cut.clip)].map(String))
      .join('\n');
    const index = open.get(key);
    if (index === undefined) {
      open.set(key, made.length);
      made.push(cut);
    } else {
      const lead = made[index]!;
      const found = channelsOf(lead.channels).concat(channelsOf(cut.channels));
      const whole = names.every((name) => found.includes(name));
      made[index] = { ...lead, channels: whole ? channels! : joinChannels(found) };
    }
  }
  return made;
}

/** The tracks that the line of a clip was for, with those of its AUD line. */
function statedTracks(own: JsonObject): string[] {
  const tracks = textMember(own, 'tracks');
  return tracks === undefined ? channelsOf(textMember(own, 'channels') ?? '') : tracks.split(' ');
}

function joinChannels(names: readonly string[]): string {
  return names.join('/');
}

/** The lines that were read below the one of a clip. */
function linesOf(own: JsonObject): string[] {
  const lines = member(own, 'lines');
  if (!Array.isArray(lines)) return [];
  const texts = lines as readonly JsonValue[];
  return texts.flatMap((each) => (typeof each === 'string' ? [oneLine(each)] : []));
}

/** It speaks of the lines after it. */
function isSplit(line: string): boolean {
  return /^\s*SPLIT\b/i.test(line);
}
