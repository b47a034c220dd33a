import {
  accepted,
  clipText,
  decodeText,
  finding,
  type FrameRate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { readAaf } from './aaf/read.ts';
import { readAle, writeAle } from './ale/ale.ts';
import { readEdl } from './edl/read.ts';
import { type EdlFamily, writeEdl } from './edl/write.ts';
import { readFcp7 } from './fcp7/read.ts';
import { writeFcp7 } from './fcp7/write.ts';
import { readFcpxml } from './fcpxml/read.ts';
import type { FcpxmlVersion } from './fcpxml/resources.ts';
import { writeFcpxml } from './fcpxml/write.ts';
import { readHls, writeHls } from './hls/hls.ts';
import type { Clip, Collection, Composable, Timeline, TimelineObject } from './model.ts';
import { readOtioz, writeOtioz } from './otio/bundle.ts';
import { readOtio } from './otio/read.ts';
import { writeOtio } from './otio/write.ts';

/** The formats that cuts and logs are read from. */
export const TIMELINE_FORMATS = Object.freeze([
  ...(['otio', 'otioz', 'edl', 'fcp7', 'fcpxml', 'ale', 'aaf', 'hls'] as const),
]);
/** A format by name. */
export type TimelineFormat = (typeof TIMELINE_FORMATS)[number];

/** Formats that are written; AAF is read only. */
export const WRITTEN_FORMATS = Object.freeze([
  ...(['otio', 'otioz', 'edl', 'fcp7', 'fcpxml', 'ale', 'hls'] as const),
]);
/** A format that is written. */
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

/** Characters looked at to tell formats apart. */
const SNIFF_BYTES = 4096;

/** The format of a file by what is in it; undefined where nothing is recognised. */
export function detectFormat(bytes: Uint8Array): TimelineFormat | undefined {
  const start = bytes.subarray(0, SNIFF_BYTES);
  if (start[0] === 0xd0 && start[1] === 0xcf && start[2] === 0x11 && start[3] === 0xe0)
    return 'aaf';
  if (start[0] === 0x50 && start[1] === 0x4b) return 'otioz';
  const text = sniffText(start);
  const head = text.trimStart();
  if (head.startsWith('{')) return 'otio';
  if (head.startsWith('#EXTM3U')) return 'hls';
  if (/<fcpxml[\s>]/.test(text)) return 'fcpxml';
  if (/<xmeml[\s>]/.test(text)) return 'fcp7';
  if (/^heading\b/i.test(head) || /(?:^|[\r\n])column[\r\n]/i.test(text)) return 'ale';
  if (/(?:^|[\r\n])\s*(?:TITLE\s*:|FCM\s*:|\d{3,6}\s+\S+\s)/i.test(text)) return 'edl';
  return undefined;
}

function sniffText(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe)
    return decodeText(start.subarray(0, start.length & ~1), 'utf-16le') ?? '';
  if (start[0] === 0xfe && start[1] === 0xff)
    return decodeText(start.subarray(0, start.length & ~1), 'utf-16be') ?? '';
  // Only ASCII matters here, and a cut in the middle of a character must not.
  let text = '';
  for (const each of start) if (each !== 0) text += String.fromCharCode(each);
  return text.replace(/^\u00ef\u00bb\u00bf/, '');
}

/** What a reader may be told; formats that say it themselves pass it over. */
export type TimelineReading = { readonly format?: TimelineFormat; readonly rate?: FrameRate };

/** Reads a file of any format known here. */
export function readTimeline(
  bytes: Uint8Array,
  reading: TimelineReading = {},
): Outcome<TimelineObject> {
  const format = reading.format ?? detectFormat(bytes);
  const told = reading.rate === undefined ? {} : { rate: reading.rate };
  switch (format) {
    case 'otio':
      return readOtio(bytes);
    case 'otioz': {
      const bundle = readOtioz(bytes);
      return bundle.ok ? accepted(bundle.value.content, bundle.findings) : bundle;
    }
    case 'edl':
      return readEdl(bytes, told);
    case 'fcp7':
      return readFcp7(bytes);
    case 'fcpxml':
      return readFcpxml(bytes);
    case 'ale':
      return readAle(bytes, told);
    case 'aaf':
      return readAaf(bytes);
    case 'hls':
      return readHls(bytes);
    default:
      return refused(finding('unknown_timeline_format', 'error'));
  }
}

/** The timelines in what was read, in order; a lone track or stack becomes one. */
export function timelinesOf(of: TimelineObject): Timeline[] {
  if (of.kind === 'timeline') return [of];
  if (of.kind === 'collection') return of.children.flatMap(timelinesOf);
  if (of.kind === 'track' || of.kind === 'stack') {
    const base = { kind: 'timeline', name: of.name, metadata: {} } as const;
    if (of.kind === 'stack') return [{ ...base, tracks: of }];
    const fields = { name: 'tracks', metadata: {}, effects: [], markers: [], enabled: true };
    return [{ ...base, tracks: { kind: 'stack', ...fields, color: null, children: [of] } }];
  }
  return [];
}

/**
 * One timeline of what was read: by its name or its number from 1, else the first, with a finding
 * where there are others.
 */
export function chooseTimeline(of: TimelineObject, wanted?: string): Outcome<Timeline> {
  const all = timelinesOf(of);
  const named = all.find(({ name }) => name === wanted);
  const numbered = /^\d{1,9}$/.test(wanted ?? '') ? all[Number(wanted) - 1] : undefined;
  const chosen = wanted === undefined ? all[0] : (named ?? numbered);
  if (chosen === undefined) {
    const facts = { kind: of.kind, name: clipText(wanted ?? ''), count: all.length };
    const code = all.length === 0 ? 'missing_sequence' : 'unknown_sequence';
    return refused(finding(code, 'error', { facts }));
  }
  if (wanted !== undefined || all.length === 1) return accepted(chosen);
  const facts = { name: clipText(chosen.name), count: all.length };
  return accepted(chosen, [finding('assumed_sequence', 'warning', { facts })]);
}

/** All clips in what was read, in order, those of nested timelines too; the sum of a log or bin. */
export function clipsOf(of: TimelineObject): Clip[] {
  switch (of.kind) {
    case 'clip':
      return [of];
    case 'timeline':
      return clipsOf(of.tracks);
    case 'collection':
    case 'stack':
    case 'track':
      return (of.children as readonly (TimelineObject | Composable)[]).flatMap(clipsOf);
    default:
      return [];
  }
}

/** How a file is written. */
export type TimelineWriting = {
  readonly rate?: FrameRate;
  readonly family?: EdlFamily;
  readonly version?: FcpxmlVersion;
  /** Of edit lists; as the timeline was read unless given. */
  readonly dropFrame?: boolean;
  /** Of edit lists: indices of the tracks to write. */
  readonly tracks?: readonly number[];
};

/** Writes what was read in a format. A format of one timeline takes the first, with a finding. */
export function writeTimeline(
  of: TimelineObject,
  format: WrittenFormat,
  writing: TimelineWriting = {},
): Outcome<Uint8Array> {
  if (format === 'otio') return accepted(writeOtio(of));
  if (format === 'otioz') return writeOtioz(of);
  if (format === 'ale') {
    const log: Collection =
      of.kind === 'collection' && of.children.every((each) => each.kind === 'clip')
        ? of
        : { kind: 'collection', name: '', metadata: {}, children: clipsOf(of) };
    return writeAle(log, writing.rate === undefined ? {} : { rate: writing.rate });
  }
  const [first, ...others] = timelinesOf(of);
  if (first === undefined) {
    return refused(finding('missing_sequence', 'error', { facts: { kind: of.kind } }));
  }
  const dropped = others.map((each) =>
    finding('uncarried_timeline', 'warning', { facts: { name: clipText(each.name) } }),
  );
  const made = writeOne(first, format, writing);
  return made.ok
    ? accepted(made.value, [...dropped, ...made.findings])
    : refused(...dropped, ...made.findings);
}

function writeOne(
  of: Timeline,
  format: 'edl' | 'fcp7' | 'fcpxml' | 'hls',
  { rate, family, version, dropFrame, tracks }: TimelineWriting,
): Outcome<Uint8Array> {
  const told = rate === undefined ? {} : { rate };
  switch (format) {
    case 'edl':
      return writeEdl(of, {
        ...told,
        ...(family === undefined ? {} : { family }),
        ...(dropFrame === undefined ? {} : { dropFrame }),
        ...(tracks === undefined ? {} : { tracks }),
      });
    case 'fcp7':
      return writeFcp7(of, told);
    case 'fcpxml':
      return writeFcpxml(of, { ...told, ...(version === undefined ? {} : { version }) });
    case 'hls':
      return writeHls(of);
    default:
      return refused(finding('unknown_timeline_format', 'error'));
  }
}
