import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import { decodeList, detectFormat } from '@yinglian/timeline';
import { isAvidXml, readAvidXml, writeAvidXml } from './avid-xml.ts';
import {
  readAvidText,
  readEdlMarkers,
  writeAvidText,
  writeMarkerLog,
  writeResolveEdl,
} from './lists.ts';
import { MARKERS_MAX, type MarkerScope, type ReviewMarker } from './model.ts';
import {
  readMarkerLog,
  readMarkerTable,
  tableRows,
  writeMarkerCsv,
  writePremiereCsv,
} from './tables.ts';
import { readMarkerTimeline, writeMarkerTimeline } from './timelines.ts';

/** Formats in which remarks leave for an editing system, and the end of their files' names. */
export const MARKER_FORMATS = Object.freeze({
  'resolve-edl': { extension: 'edl', mediaType: 'text/plain' },
  'premiere-xml': { extension: 'xml', mediaType: 'application/xml' },
  'premiere-csv': { extension: 'csv', mediaType: 'text/csv' },
  'final-cut': { extension: 'fcpxml', mediaType: 'application/xml' },
  'avid-text': { extension: 'txt', mediaType: 'text/plain' },
  'avid-xml': { extension: 'xml', mediaType: 'application/xml' },
  ale: { extension: 'ale', mediaType: 'text/plain' },
  otio: { extension: 'otio', mediaType: 'application/json' },
  csv: { extension: 'csv', mediaType: 'text/csv' },
} as const);
/** One of {@link MARKER_FORMATS}. */
export type MarkerFormat = keyof typeof MARKER_FORMATS;

/** Bytes of a file with markers. */
export const MARKER_FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Writes remarks as markers of an editing system. */
export function writeMarkers(
  markers: readonly ReviewMarker[],
  scope: MarkerScope,
  format: MarkerFormat,
): Outcome<Uint8Array> {
  const sorted = markers.toSorted((a, b) => a.frame - b.frame);
  switch (format) {
    case 'resolve-edl':
      return accepted(writeResolveEdl(sorted, scope));
    case 'premiere-xml':
      return writeMarkerTimeline(sorted, scope, 'fcp7');
    case 'premiere-csv':
      return accepted(writePremiereCsv(sorted, scope));
    case 'final-cut':
      return writeMarkerTimeline(sorted, scope, 'fcpxml');
    case 'avid-text':
      return accepted(writeAvidText(sorted, scope));
    case 'avid-xml':
      return accepted(writeAvidXml(sorted, scope));
    case 'ale':
      return accepted(writeMarkerLog(sorted, scope));
    case 'otio':
      return writeMarkerTimeline(sorted, scope, 'otio');
    case 'csv':
      return accepted(writeMarkerCsv(sorted, scope));
    default:
      return format satisfies never;
  }
}

/**
 * Reads the markers of a file of any kind that editing systems write, whichever it is. Markers
 * outside the film and markers without words are left out, with a finding.
 */
export function readMarkers(bytes: Uint8Array, scope: MarkerScope): Outcome<ReviewMarker[]> {
  if (bytes.length > MARKER_FILE_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: MARKER_FILE_BYTES_MAX };
    return refused(finding('excessive_marker_file', 'error', { facts }));
  }
  const findings: Finding[] = [];
  const found = readAny(bytes, scope, findings);
  if (findings.some((each) => each.severity === 'error')) return refused(...findings);
  if (found.length > MARKERS_MAX) {
    const facts = { count: found.length, limit: MARKERS_MAX };
    return refused(finding('excessive_markers', 'error', { facts }));
  }
  const inside = found.filter((each) => {
    if (each.text === '') return false;
    const held = each.frame >= 0 && each.frame < scope.frames;
    if (!held) {
      const facts = { frame: each.frame, last: scope.frames - 1 };
      findings.push(finding('excluded_marker', 'warning', { facts }));
    }
    return held;
  });
  if (inside.length === 0) return refused(finding('missing_markers', 'error'), ...findings);
  return accepted(
    inside.map((each) => ({
      ...each,
      length: Math.min(each.length, scope.frames - each.frame),
    })),
    findings,
  );
}

const AVID_LINE = /^[^\t\r\n]*\t\s*\d{1,2}[:;.]\d\d[:;.]\d\d[:;.]\d{2,3}\t/m;

function readAny(bytes: Uint8Array, scope: MarkerScope, findings: Finding[]): ReviewMarker[] {
  const format = detectFormat(bytes);
  if (format === 'ale') return readMarkerLog(bytes, scope, findings);
  if (format !== undefined && format !== 'edl' && format !== 'hls') {
    return readMarkerTimeline(bytes, scope, format, findings);
  }
  const { text } = decodeList(bytes);
  if (isAvidXml(text)) return readAvidXml(bytes, scope, findings);
  if (/\|C:\S*\s*\|M:|^\s*\*\s*LOC:/m.test(text)) return readEdlMarkers(text, scope, findings);
  if (format === 'edl') return readMarkerTimeline(bytes, scope, format, findings);
  if (AVID_LINE.test(text) && !/marker name|description/i.test(text.slice(0, 400))) {
    return readAvidText(text, scope, findings);
  }
  const rows = tableRows(text);
  if (rows.length < 2) {
    findings.push(finding('unknown_marker_format', 'error'));
    return [];
  }
  return readMarkerTable(rows, scope, findings);
}
