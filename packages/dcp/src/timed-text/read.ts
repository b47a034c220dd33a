import { accepted, finding, type Outcome, parseUuid, refused } from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  childText,
  elementsWithin,
  readXml,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import { parseRational, textIn, uuidIn } from '../documents/reading.ts';
import { checkTextForm } from './form.ts';
import { type CueRun, trimmedLine } from './convert.ts';
import type { TextEvent, TimedText } from './model.ts';

/** Editions of ST 428-7 by namespace. */
export const TIMED_TEXT_NAMESPACES: readonly string[] = [
  'http://www.smpte-ra.org/schemas/428-7/2007/DCST',
  'http://www.smpte-ra.org/schemas/428-7/2010/DCST',
  'http://www.smpte-ra.org/schemas/428-7/2014/DCST',
];
/** Interop times count in units of 4 ms. */
const INTEROP_TICKS_PER_SECOND = 250;
const TIMED_TEXT_BYTES_MAX = 64 * 1024 * 1024;

/** Reads ST 428-7 of any edition, or an Interop DCSubtitle. */
export function readTimedText(bytes: Uint8Array, file: string): Outcome<TimedText> {
  const read = readXml(bytes, { bytes: TIMED_TEXT_BYTES_MAX });
  const findings = read.findings.map((each) => ({ ...each, at: { file, ...each.at } }));
  if (!read.ok) return refused(...findings);
  const { root } = read.value;
  if (root.local === 'DCSubtitle') {
    return accepted({ ...readInterop(root), form: checkTextForm(root, 'interop', file) }, findings);
  }
  if (root.local === 'SubtitleReel') {
    return accepted({ ...readSmpte(root), form: checkTextForm(root, 'smpte', file) }, findings);
  }
  return refused(
    ...findings,
    finding('unexpected_root_element', 'error', {
      facts: { element: root.local, expected: 'SubtitleReel' },
      at: { file },
    }),
  );
}

function readSmpte(root: XmlElement): Omit<TimedText, 'form'> {
  const ticksPerSecond = Number(childText(root, 'TimeCodeRate') ?? 24) || 24;
  const badTimes: { text: string; line: number }[] = [];
  const list = childElement(root, 'SubtitleList');
  const within = list === undefined ? [] : [...elementsWithin(list)];
  return {
    standard: 'smpte',
    namespaceName: root.namespace,
    ticksPerSecond,
    badTimes,
    id: uuidIn(root, 'Id'),
    title: textIn(root, 'ContentTitleText'),
    language: textIn(root, 'Language'),
    issueDate: textIn(root, 'IssueDate'),
    reelNumber: numberIn(root, 'ReelNumber'),
    editRate: parseRational(childText(root, 'EditRate')),
    startTime: textIn(root, 'StartTime'),
    fonts: childElements(root, 'LoadFont').map((font) => ({
      id: attributeValue(font, 'ID') ?? '',
      target: uuidText(textOf(font)),
      line: font.line,
    })),
    usedFonts: used(within, 'ID'),
    images: within
      .filter((each) => each.local === 'Image')
      .map((image) => ({
        target: uuidText(textOf(image)),
        line: image.line,
      })),
    events: spotsWithin(list).map((spot) =>
      readEvent(spot, (text) => smpteTicks(text, ticksPerSecond), 'Vposition', 'Valign', badTimes),
    ),
  };
}

function readInterop(root: XmlElement): Omit<TimedText, 'form'> {
  const badTimes: { text: string; line: number }[] = [];
  const within = [...elementsWithin(root)];
  return {
    standard: 'interop',
    namespaceName: root.namespace,
    badTimes,
    ticksPerSecond: INTEROP_TICKS_PER_SECOND,
    id: uuidFromText(childText(root, 'SubtitleID')),
    title: textIn(root, 'MovieTitle'),
    language: textIn(root, 'Language'),
    issueDate: undefined,
    reelNumber: numberIn(root, 'ReelNumber'),
    editRate: undefined,
    startTime: undefined,
    fonts: childElements(root, 'LoadFont').map((font) => ({
      id: attributeValue(font, 'Id') ?? '',
      target: attributeValue(font, 'URI') ?? '',
      line: font.line,
    })),
    usedFonts: used(within, 'Id'),
    images: within
      .filter((each) => each.local === 'Image')
      .map((image) => ({
        target: textOf(image),
        line: image.line,
      })),
    events: spotsWithin(root).map((spot) =>
      readEvent(spot, interopTicks, 'VPosition', 'VAlign', badTimes),
    ),
  };
}

function numberIn(root: XmlElement, name: string): number | undefined {
  const text = childText(root, name);
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function uuidFromText(text: string | undefined): string | undefined {
  const outcome = parseUuid(text ?? '');
  return outcome.ok ? outcome.value : undefined;
}

function uuidText(text: string): string {
  return uuidFromText(text) ?? text;
}

function used(elements: readonly XmlElement[], attribute: string): string[] {
  const ids = elements
    .filter((each) => each.local === 'Font')
    .flatMap((font) => attributeValue(font, attribute) ?? []);
  return [...new Set(ids)];
}

/** A Subtitle, and whether a Font around it is italic. */
type Spot = { readonly of: XmlElement; readonly italic: boolean };

function slanted(of: XmlElement, inherited: boolean): boolean {
  const own = of.local === 'Font' ? attributeValue(of, 'Italic') : undefined;
  return own === undefined ? inherited : own.trim().toLowerCase() === 'yes';
}

/** In the order of the document; a document that is read is no deeper than its reader allows. */
function spotsWithin(of: XmlElement | undefined, inherited = false): Spot[] {
  if (of === undefined) return [];
  const italic = slanted(of, inherited);
  if (of.local === 'Subtitle') return [{ of, italic }];
  return childElements(of).flatMap((child) => spotsWithin(child, italic));
}

function readEvent(
  { of, italic }: Spot,
  ticks: (text: string) => number | undefined,
  placeName: string,
  alignName: string,
  badTimes: { text: string; line: number }[],
): TextEvent {
  const time = (name: string): number => {
    const text = attributeValue(of, name) ?? '';
    const value = ticks(text);
    if (value === undefined) badTimes.push({ text: text.slice(0, 40), line: of.line });
    return value ?? Number.NaN;
  };
  const lines = new Map<string, CueRun[]>();
  let images = 0;
  let rubies = 0;
  const edges = new Set<string>();
  let displaced = false;
  const visit = (each: XmlElement, inherited: boolean): void => {
    const leaning = slanted(each, inherited);
    if (each.local === 'Image') images++;
    if (each.local === 'Text') {
      const align = attributeValue(each, alignName) ?? '';
      edges.add(align.trim().toLowerCase());
      displaced ||= isAside(each);
      rubies += [...elementsWithin(each)].filter(({ local }) => local === 'Rt').length;
      const place = `${align} ${attributeValue(each, placeName) ?? ''}`;
      const line = lines.get(place) ?? [];
      lines.set(place, line);
      gatherShown(each, leaning, line);
    } else for (const child of childElements(each)) visit(child, leaning);
  };
  visit(of, italic);
  return {
    startTicks: time('TimeIn'),
    endTicks: time('TimeOut'),
    images,
    rubies,
    displaced: displaced || edges.size > 1 || !['', 'bottom', 'top'].includes([...edges][0] ?? ''),
    line: of.line,
    lines: [...lines].map(([place, line]) => ({
      place,
      text: textOfRuns(line).trim(),
      runs: trimmedLine(line),
    })),
  };
}

/** Left, right or moved from there, whatever of the two spellings a document has. */
function isAside(of: XmlElement): boolean {
  const given = (name: string) =>
    of.attributes
      .find(({ local }) => local.toLowerCase() === name)
      ?.value.trim()
      .toLowerCase();
  const align = given('halign') ?? 'center';
  return align !== 'center' || Number(given('hposition') ?? 0) !== 0;
}

const textOfRuns = (line: readonly CueRun[]) => line.map((run) => run.text).join('');

/** All characters that are shown; the ruby above them is not part of the line. */
function gatherShown(of: XmlElement, italic: boolean, line: CueRun[]): void {
  for (const child of of.children) {
    if (child.kind === 'element' && child.local !== 'Rt') {
      gatherShown(child, slanted(child, italic), line);
    }
    if (child.kind !== 'text') continue;
    const last = line.at(-1);
    if (last?.italic === italic) line[line.length - 1] = { text: last.text + child.text, italic };
    else line.push({ text: child.text, italic });
  }
}

/** `00:00:05:12`; the last part counts frames of TimeCodeRate (ST 428-7:2014 6). */
function smpteTicks(text: string, rate: number): number | undefined {
  const match = /^(\d{2}):(\d{2}):(\d{2}):(\d{2,3})$/.exec(text.trim());
  if (match === null) return undefined;
  const [hours, minutes, seconds, frames] = [1, 2, 3, 4].map((i) => Number(match[i]));
  if (minutes! > 59 || seconds! > 59 || frames! >= rate) return undefined;
  return ((hours! * 60 + minutes!) * 60 + seconds!) * rate + frames!;
}

/** `00:00:05:125` in units of 4 ms, or `00:00:05.500`. */
function interopTicks(text: string): number | undefined {
  const match = /^(\d{2}):(\d{2}):(\d{2})(?:([:.])(\d{1,3}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [1, 2, 3].map((i) => Number(match[i]));
  const whole = ((hours! * 60 + minutes!) * 60 + seconds!) * INTEROP_TICKS_PER_SECOND;
  if (match[4] === undefined) return whole;
  const rest = Number(match[5]);
  if (match[4] === ':') return rest < INTEROP_TICKS_PER_SECOND ? whole + rest : undefined;
  return whole + (Number(match[5]!.padEnd(3, '0')) * INTEROP_TICKS_PER_SECOND) / 1000;
}
