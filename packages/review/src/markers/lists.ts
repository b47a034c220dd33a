import { encodeUtf8, finding, type Finding } from '@yinglian/core';
import { writeAleTable } from '@yinglian/timeline';
import {
  colourOf,
  frameOfLabel,
  labelOf,
  type MarkerScope,
  mergedByFrame,
  oneLine,
  type ReviewMarker,
} from './model.ts';

/** Markers in the lists of text that editing systems take. */

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** The end of a range as lists write it: the frame after its last one. */
function endLabel(of: ReviewMarker, scope: MarkerScope): string {
  return labelOf(of.frame + of.length, scope);
}

/**
 * "Timeline markers to EDL" of DaVinci Resolve: an event of one frame for each, and under it the
 * note, colour, name and length, parted by bars. Resolve reads one marker for a frame.
 */
export function writeResolveEdl(markers: readonly ReviewMarker[], scope: MarkerScope): Uint8Array {
  const plain = (text: string) => oneLine(text).replaceAll('|', '¦');
  const lines = [
    `TITLE: ${oneLine(scope.title)}`,
    `FCM: ${scope.clock.dropFrame ? 'DROP FRAME' : 'NON-DROP FRAME'}`,
    '',
  ];
  for (const [index, each] of mergedByFrame(markers).entries()) {
    const number = String(index + 1).padStart(3, '0');
    const [from, to] = [labelOf(each.frame, scope), labelOf(each.frame + 1, scope)];
    lines.push(
      `${number}  001      V     C        ${from} ${to} ${from} ${to}  `,
      `${plain(each.text)} |C:ResolveColor${capital(each.colour)} |M:${plain(each.author)}` +
        ` |D:${each.length}`,
      '',
    );
  }
  return encodeUtf8(`${lines.join('\r\n')}\r\n`);
}

const EVENT = /^\s*\d{1,6}\s+\S+\s+\S+\s+\S+(?:\s+\d+)?\s+(\S+)\s+\S+\s+(\S+)\s+\S+\s*$/;
const RESOLVE = /^(.*?)\s*\|C:(\S*)\s*\|M:(.*?)\s*\|D:(\d+)\s*$/;
const LOCATOR = /^\*\s*LOC:\s*(\S+)\s+(\S+)\s*(.*)$/;

/** Markers of a list: Resolve's, and locators as Avid and Premiere write them. */
export function readEdlMarkers(
  text: string,
  scope: MarkerScope,
  findings: Finding[],
): ReviewMarker[] {
  const found: ReviewMarker[] = [];
  let at: string | undefined;
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const event = EVENT.exec(line);
    if (event !== null) {
      at = event[2];
      continue;
    }
    const resolve = RESOLVE.exec(line);
    const locator = resolve === null ? LOCATOR.exec(line.trim()) : null;
    if (resolve === null && locator === null) continue;
    const label = locator?.[1] ?? at;
    const frame = label === undefined ? undefined : frameOfLabel(label, scope);
    if (frame === undefined) {
      const facts = { text: line.slice(0, 80) };
      findings.push(finding('invalid_marker_time', 'warning', { facts, at: { line: index + 1 } }));
      continue;
    }
    found.push(
      locator === null
        ? marker(frame, Number(resolve![4]), resolve![3]!, resolve![1]!, resolve![2]!)
        : marker(frame, 1, '', locator[3]!, locator[2]!),
    );
  }
  return found;
}

function marker(
  frame: number,
  length: number,
  author: string,
  text: string,
  colour: string,
): ReviewMarker {
  return {
    frame,
    author: author.trim(),
    text: text.trim() === '' ? author.trim() : text.trim(),
    id: null,
    colour: colourOf(colour),
    length: Math.max(1, length),
  };
}

/**
 * Avid's marker list: name, timecode, track, colour, comment and length, parted by tabs. Avid
 * refuses a list with anything else in it, so that there is no heading.
 */
export function writeAvidText(markers: readonly ReviewMarker[], scope: MarkerScope): Uint8Array {
  const lines = mergedByFrame(markers).map((each) =>
    [
      oneLine(each.author),
      labelOf(each.frame, scope),
      'V1',
      each.colour,
      oneLine(each.text),
      String(each.length),
    ].join('\t'),
  );
  return encodeUtf8(lines.map((line) => `${line}\r\n`).join(''));
}

/** Reads Avid's marker list. */
export function readAvidText(
  text: string,
  scope: MarkerScope,
  findings: Finding[],
): ReviewMarker[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [author = '', label = '', , colour = '', comment = '', length = '1'] = line.split('\t');
    const frame = frameOfLabel(label, scope);
    if (frame === undefined) {
      const facts = { text: line.slice(0, 80) };
      findings.push(finding('invalid_marker_time', 'warning', { facts, at: { line: index + 1 } }));
      return [];
    }
    return [marker(frame, Number.parseInt(length, 10) || 1, author, comment, colour)];
  });
}

/** An Avid log whose clips are the remarks: subclips of the place each speaks of. */
export function writeMarkerLog(markers: readonly ReviewMarker[], scope: MarkerScope): Uint8Array {
  const { numerator, denominator } = scope.clock.rate;
  const fps = (Number(numerator) / Number(denominator)).toFixed(3).replace(/\.?0+$/, '');
  return writeAleTable({
    heading: [
      ['FIELD_DELIM', 'TABS'],
      ['VIDEO_FORMAT', '1080'],
      ['FPS', fps],
    ],
    columns: ['Name', 'Tracks', 'Start', 'End', 'Color', 'Author', 'Comments'],
    rows: markers.map((each, index) => [
      `${oneLine(scope.title)} ${String(index + 1).padStart(3, '0')}`,
      'V',
      labelOf(each.frame, scope),
      endLabel(each, scope),
      capital(each.colour),
      oneLine(each.author),
      oneLine(each.text),
    ]),
  });
}
