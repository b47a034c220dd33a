import { accepted, decodeText, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  elementsWithin,
  readXml,
  XML_NAMESPACE,
  type XmlElement,
} from '@yinglian/xml';
import { type Cue, readCues, trimmedLine } from './convert.ts';
import type { TimedText } from './model.ts';
import { readTimedText } from './read.ts';

const TTML_BYTES_MAX = 64 * 1024 * 1024;
const CUES_MAX = 100_000;

/**
 * Cues of any text the post house may send: SubRip, WebVTT, TTML in its profiles (IMSC 1, EBU-TT-D,
 * SMPTE-TT), ST 428-7 and Interop XML. Italics and the upper edge (not of TTML) are kept; colours
 * are left behind, and so are other places and ruby, which is told. A document whose texts are
 * pictures is refused.
 */
export function readAnyCues(bytes: Uint8Array, file: string): Outcome<readonly Cue[]> {
  const text = textOfBytes(bytes);
  if (text === undefined) {
    return refused(finding('unreadable_timed_text', 'error', { at: { file } }));
  }
  if (!/^\s*</.test(text)) return readCues(text, file);
  return /<(?:\w+:)?tt[\s>]/.test(text.slice(0, 4096))
    ? readTtml(bytes, file)
    : cuesOf(bytes, file);
}

function textOfBytes(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return decodeText(bytes.subarray(2), 'utf-16le');
  if (a === 0xfe && b === 0xff) return decodeText(bytes.subarray(2), 'utf-16be');
  return decodeText(bytes, 'utf-8')?.replace(/^\ufeff/, '');
}

function cuesOf(bytes: Uint8Array, file: string): Outcome<readonly Cue[]> {
  const read = readTimedText(bytes, file);
  if (!read.ok) return read;
  const pictures = read.value.events.reduce((sum, { images }) => sum + images, 0);
  if (pictures > 0) {
    const facts = { count: pictures };
    return refused(finding('unconvertible_text_pictures', 'error', { at: { file }, facts }));
  }
  const { events } = read.value;
  const rubies = events.reduce((sum, event) => sum + event.rubies, 0);
  const displaced = events.filter((event) => event.displaced).length;
  const lost = lostFindings(file, rubies, displaced);
  return accepted(cuesOfTimedText(read.value), [...read.findings, ...lost]);
}

/** What cues cannot carry and a reader of the converted text will miss. */
function lostFindings(file: string, rubies: number, displaced: number): Finding[] {
  const findings: Finding[] = [];
  const at = { file };
  if (rubies > 0) {
    findings.push(finding('lost_ruby', 'warning', { facts: { count: rubies }, at }));
  }
  if (displaced > 0) {
    findings.push(finding('lost_text_place', 'warning', { facts: { count: displaced }, at }));
  }
  return findings;
}

/** The texts of a read document as cues; pictures have none. */
export function cuesOfTimedText(text: TimedText): Cue[] {
  const ms = (ticks: number) => Math.round((ticks * 1000) / text.ticksPerSecond);
  return text.events
    .filter((event) => Number.isFinite(event.startTicks) && Number.isFinite(event.endTicks))
    .map((event) => ({
      startMs: ms(event.startTicks),
      endMs: ms(event.endTicks),
      lines: event.lines.map((line) => line.runs).filter((runs) => runs.length > 0),
      ...(event.lines.every(({ place }) => /^top /i.test(place)) ? { top: true as const } : {}),
    }))
    .filter((cue) => cue.lines.length > 0);
}

/** What times of a document count in (TTML2 8.1, parameters). */
type Clock = { readonly frameRate: number; readonly tickRate: number };

type Walk = {
  readonly file: string;
  readonly clock: Clock;
  readonly italics: ReadonlySet<string>;
  readonly cues: Cue[];
  readonly findings: Finding[];
};

/** Reads TTML 1 and 2 in the profiles of the trade. A cue whose times cannot be read is told. */
export function readTtml(bytes: Uint8Array, file: string): Outcome<readonly Cue[]> {
  const read = readXml(bytes, { bytes: TTML_BYTES_MAX });
  const findings = read.findings.map((each) => ({ ...each, at: { file, ...each.at } }));
  if (!read.ok) return refused(...findings);
  const { root } = read.value;
  const body = root.local === 'tt' ? childElement(root, 'body') : undefined;
  if (body === undefined) {
    const facts = { element: root.local, expected: 'tt' };
    return refused(
      ...findings,
      finding('unexpected_root_element', 'error', { at: { file }, facts }),
    );
  }
  const walk: Walk = {
    file,
    clock: clockOf(root),
    italics: italicStyles(root),
    cues: [],
    findings,
  };
  visit(walk, body, 0, undefined, false);
  walk.cues.sort((a, b) => a.startMs - b.startMs);
  if (walk.cues.length === 0)
    return refused(...findings, finding('empty_text', 'error', { at: { file } }));
  const regions = raisedRegions(root);
  const shown = [...elementsWithin(body)];
  const rubies = shown.filter((each) => parameter(each, 'ruby') === 'text').length;
  const raised = shown.filter((each) => regions.has(attributeValue(each, 'region') ?? '')).length;
  return accepted(walk.cues, [...findings, ...lostFindings(file, rubies, raised)]);
}

/** Parameters stand in a namespace of their own that changed over the years: the name decides. */
function parameter(of: XmlElement, local: string): string | undefined {
  return of.attributes.find((each) => each.local === local && each.prefix !== '')?.value;
}

const FRAME_RATE_DEFAULT = 30;

function clockOf(root: XmlElement): Clock {
  const given = Number(parameter(root, 'frameRate') ?? FRAME_RATE_DEFAULT);
  const [up = 1, down = 1] = (parameter(root, 'frameRateMultiplier') ?? '1 1')
    .split(/[\s:]+/)
    .map(Number);
  const frameRate = given > 0 && up > 0 && down > 0 ? (given * up) / down : FRAME_RATE_DEFAULT;
  const ticks = Number(parameter(root, 'tickRate') ?? 0);
  return { frameRate, tickRate: ticks > 0 ? ticks : parameter(root, 'frameRate') ? frameRate : 1 };
}

/** Ids of regions whose text does not stand at their lower edge (TTML2 10.2.14). */
function raisedRegions(root: XmlElement): Set<string> {
  const head = childElement(root, 'head');
  const regions =
    head === undefined ? [] : [...elementsWithin(head)].filter(({ local }) => local === 'region');
  return new Set(
    regions
      .filter((each) => ['before', 'center'].includes(parameter(each, 'displayAlign') ?? ''))
      .flatMap((each) => attributeValue(each, 'id', XML_NAMESPACE) ?? []),
  );
}

/** Ids of styles that are italic, those they are made of included. */
function italicStyles(root: XmlElement): Set<string> {
  const head = childElement(root, 'head');
  const styles =
    head === undefined ? [] : [...elementsWithin(head)].filter(({ local }) => local === 'style');
  const italics = new Set<string>();
  for (let round = 0; round < 4; round++) {
    for (const style of styles) {
      const id = attributeValue(style, 'id', XML_NAMESPACE);
      if (id !== undefined && italic(style, italics, false)) italics.add(id);
    }
  }
  return italics;
}

function italic(of: XmlElement, italics: ReadonlySet<string>, inherited: boolean): boolean {
  const own = parameter(of, 'fontStyle');
  if (own !== undefined) return own === 'italic' || own === 'oblique';
  const styles = (attributeValue(of, 'style') ?? '').split(/\s+/);
  return styles.some((id) => italics.has(id)) || inherited;
}

/** Times of an element count from those of its parent (TTML2 12.3, timeContainer `par`). */
function visit(
  walk: Walk,
  of: XmlElement,
  fromMs: number,
  untilMs: number | undefined,
  slanted: boolean,
): void {
  const begin = timeOf(walk, of, 'begin');
  const end = timeOf(walk, of, 'end');
  const duration = timeOf(walk, of, 'dur');
  if (begin === 'bad' || end === 'bad' || duration === 'bad') return;
  const startMs = fromMs + (begin ?? 0);
  const limits = [untilMs, end === undefined ? undefined : fromMs + end];
  if (duration !== undefined) limits.push(startMs + duration);
  const known = limits.filter((each) => each !== undefined);
  const endMs = known.length === 0 ? undefined : Math.min(...known);
  const style = italic(of, walk.italics, slanted);
  const timedSpans = of.local === 'p' && childElements(of, 'span').some(isTimed);
  if (of.local === 'p' && !timedSpans) return cueOf(walk, of, startMs, endMs, style);
  if (of.local === 'span' && isTimed(of)) return cueOf(walk, of, startMs, endMs, style);
  for (const child of childElements(of)) visit(walk, child, startMs, endMs, style);
}

const isTimed = (of: XmlElement) => attributeValue(of, 'begin') !== undefined;

function cueOf(
  walk: Walk,
  of: XmlElement,
  startMs: number,
  endMs: number | undefined,
  slanted: boolean,
): void {
  if (endMs === undefined || endMs <= startMs || walk.cues.length >= CUES_MAX) return;
  const lines: { text: string; italic: boolean }[][] = [[]];
  gather(of, walk.italics, slanted, lines);
  const shown = lines
    .map((line) => trimmedLine(line))
    .filter((line) => line.some((run) => run.text.trim() !== ''));
  if (shown.length > 0) walk.cues.push({ startMs, endMs, lines: shown });
}

function gather(
  of: XmlElement,
  italics: ReadonlySet<string>,
  slanted: boolean,
  lines: { text: string; italic: boolean }[][],
): void {
  for (const child of of.children) {
    if (child.kind === 'text') {
      const text = child.text.replace(/[ \t\r\n]+/g, ' ');
      if (text !== '') lines.at(-1)!.push({ text, italic: slanted });
    } else if (child.kind === 'element') {
      const ruby = parameter(child, 'ruby');
      if (child.local === 'br') lines.push([]);
      else if (child.local !== 'metadata' && ruby !== 'text' && ruby !== 'textContainer') {
        gather(child, italics, italic(child, italics, slanted), lines);
      }
    }
  }
}

const CLOCK_TIME = /^(\d{2,3}):(\d{2}):(\d{2})(?:\.(\d+)|:(\d{2,}))?$/;
const OFFSET_TIME = /^(\d+(?:\.\d+)?)(h|ms|m|s|f|t)$/;
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function timeOf(walk: Walk, of: XmlElement, name: string): number | 'bad' | undefined {
  const text = attributeValue(of, name)?.trim();
  if (text === undefined) return undefined;
  const value = milliseconds(text, walk.clock);
  if (value !== undefined) return value;
  const at = { file: walk.file, line: of.line };
  walk.findings.push(
    finding('invalid_text_time', 'error', { facts: { time: text.slice(0, 60) }, at }),
  );
  return 'bad';
}

function milliseconds(text: string, { frameRate, tickRate }: Clock): number | undefined {
  const clock = CLOCK_TIME.exec(text);
  if (clock !== null) {
    const [hours, minutes, seconds] = [clock[1], clock[2], clock[3]].map(Number);
    if (minutes! > 59 || seconds! > 60) return undefined;
    const whole = ((hours! * 60 + minutes!) * 60 + seconds!) * 1000;
    const frames = clock[5] === undefined ? 0 : (Number(clock[5]) * 1000) / frameRate;
    return Math.round(
      whole + (clock[4] === undefined ? 0 : Number(`0.${clock[4]}`) * 1000) + frames,
    );
  }
  const offset = OFFSET_TIME.exec(text);
  if (offset === null) return undefined;
  const [value, unit] = [Number(offset[1]), offset[2]!];
  if (unit === 'f') return Math.round((value * 1000) / frameRate);
  if (unit === 't') return Math.round((value * 1000) / tickRate);
  return Math.round(value * UNIT_MS[unit]!);
}
