import {
  accepted,
  addRatio,
  clipText,
  decodeUtf8,
  encodeUtf8,
  type Finding,
  finding,
  FINDINGS_MAX,
  multiplyRatio,
  type Outcome,
  parseRatio,
  type Ratio,
  ratio,
  refused,
  ZERO,
} from '@yinglian/core';
import {
  type JsonObject,
  type JsonValue,
  objectMember,
  setMember,
  textMember,
} from '../json/value.ts';
import {
  clip,
  DEFAULT_MEDIA,
  external,
  mediaOf,
  type Timeline,
  timeline,
  track,
} from '../model.ts';
import { playedRange, tell, tracksOf } from '../place.ts';
import { soundCut } from '../sound.ts';
import { doubleOfRatio, type RationalTime, secondsOf, timeOfSeconds } from '../time.ts';

/** Bytes of one playlist; a day of two-second segments is 5 MB. */
const HLS_BYTES_MAX = 64 * 1024 * 1024;
const CLAUSE = 'RFC 8216';
/** Clock of MPEG transport streams: moments that are whole in milliseconds are whole in it. */
const TICKS = ratio(90_000);

/** Reads a media playlist (RFC 8216) as a timeline of its segments, with exact times. */
export function readHls(bytes: Uint8Array): Outcome<Timeline> {
  if (bytes.length > HLS_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: HLS_BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, '');
  if (text === undefined) {
    return refused(finding('unknown_text_encoding', 'error', { clause: 'RFC 8216 4' }));
  }
  const lines = text.split(/\r\n|\r|\n/);
  if (lines[0]?.trim() !== '#EXTM3U') {
    return refused(
      finding('missing_playlist_mark', 'error', { at: { line: 1 }, clause: 'RFC 8216 4.3.1.1' }),
    );
  }
  if (lines.some((each) => each.startsWith('#EXT-X-STREAM-INF'))) {
    return refused(finding('unexpected_master_playlist', 'error', { clause: 'RFC 8216 4.3.4' }));
  }
  return new HlsReader().read(lines);
}

class HlsReader {
  readonly #findings: Finding[] = [];
  readonly #header: Record<string, JsonValue> = {};
  #at: Ratio = ZERO;
  #sequence = 0n;
  #segment: { duration: Ratio; title: string } | undefined;
  #tags: Record<string, JsonValue> = {};
  #range: { length: number; start: number } | undefined;
  #rangeEnd = new Map<string, number>();
  #map: JsonObject | undefined;

  read(lines: readonly string[]): Outcome<Timeline> {
    const children = [];
    for (const [index, raw] of lines.entries()) {
      const line = raw.trim();
      if (line === '') continue;
      if (line.startsWith('#EXT')) this.#tag(line, index + 1);
      else if (!line.startsWith('#')) {
        const made = this.#uri(line, index + 1);
        if (made !== undefined) children.push(made);
      }
    }
    const made = track({ name: 'segments', children, metadata: { HLS: this.#header } });
    return accepted(timeline([made], { metadata: { HLS: this.#header } }), this.#findings);
  }

  #note(code: string, severity: Finding['severity'], line: number, facts: Finding['facts']): void {
    if (this.#findings.length >= FINDINGS_MAX) return;
    this.#findings.push(finding(code, severity, { facts, at: { line }, clause: CLAUSE }));
  }

  #tag(line: string, at: number): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line.slice(1) : line.slice(1, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).trim();
    switch (name) {
      case 'EXTM3U':
      case 'EXT-X-ENDLIST':
        if (name === 'EXT-X-ENDLIST') this.#header['EXT-X-ENDLIST'] = '';
        return;
      case 'EXTINF':
        this.#info(value, at);
        return;
      case 'EXT-X-BYTERANGE': {
        const match = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(value);
        if (match === null)
          this.#note('invalid_byte_range', 'warning', at, { text: clipText(value) });
        else
          this.#range = {
            length: Number(match[1]),
            start: match[2] === undefined ? -1 : Number(match[2]),
          };
        return;
      }
      case 'EXT-X-MEDIA-SEQUENCE':
        if (/^\d{1,18}$/.test(value)) this.#sequence = BigInt(value);
        this.#header[name] = value;
        return;
      case 'EXT-X-MAP':
        this.#map = attributes(value);
        setMember(this.#tags, name, value);
        return;
      case 'EXT-X-VERSION':
      case 'EXT-X-TARGETDURATION':
      case 'EXT-X-PLAYLIST-TYPE':
      case 'EXT-X-I-FRAMES-ONLY':
      case 'EXT-X-INDEPENDENT-SEGMENTS':
      case 'EXT-X-START':
      case 'EXT-X-DISCONTINUITY-SEQUENCE':
        this.#header[name] = value;
        return;
      default:
        // Keys, discontinuities, dates and what nobody knows stand before the segment they concern.
        setMember(this.#tags, name, value);
    }
  }

  #info(value: string, at: number): void {
    const comma = value.indexOf(',');
    const number = comma < 0 ? value : value.slice(0, comma);
    const duration = parseRatio(number);
    if (duration === undefined || duration.numerator < 0n) {
      this.#note('invalid_segment_duration', 'warning', at, { text: clipText(number) });
      return;
    }
    this.#segment = { duration, title: comma < 0 ? '' : value.slice(comma + 1) };
  }

  #uri(uri: string, at: number) {
    const segment = this.#segment;
    const tags = this.#tags;
    const bytes = this.#range;
    [this.#segment, this.#tags, this.#range] = [undefined, {}, undefined];
    if (segment === undefined) {
      this.#note('missing_segment_duration', 'warning', at, { uri: clipText(uri) });
      return undefined;
    }
    const own: Record<string, JsonValue> = {
      sequence: this.#sequence++,
      duration: durationText(segment.duration),
      ...tags,
    };
    if (this.#map !== undefined) own['map'] = this.#map;
    if (segment.title !== '') own['title'] = segment.title;
    if (bytes !== undefined) {
      const start = bytes.start >= 0 ? bytes.start : (this.#rangeEnd.get(uri) ?? 0);
      this.#rangeEnd.set(uri, start + bytes.length);
      own['byte_offset'] = BigInt(start);
      own['byte_count'] = BigInt(bytes.length);
    }
    const start = inTicks(this.#at);
    const duration = inTicks(segment.duration);
    this.#at = addRatio(this.#at, segment.duration);
    const availableRange = { start, duration };
    return clip({
      name: segment.title,
      sourceRange: availableRange,
      media: { [DEFAULT_MEDIA]: external(uri, { availableRange, metadata: { HLS: own } }) },
    });
  }
}

/** Exact decimal of a duration that came from one. */
function durationText(of: Ratio): string {
  let digits = 0;
  let scaled = of;
  while (scaled.denominator !== 1n && digits < 40) {
    scaled = multiplyRatio(scaled, ratio(10));
    digits++;
  }
  if (scaled.denominator !== 1n) return doubleOfRatio(of).toFixed(6);
  const text = scaled.numerator.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function inTicks(seconds: Ratio): RationalTime {
  return timeOfSeconds(seconds, TICKS);
}

function attributes(text: string): JsonObject {
  const made: Record<string, JsonValue> = {};
  for (const [, name, quoted, plain] of text.matchAll(
    /([A-Z0-9-]{1,100})=(?:"([^"]*)"|([^,"]*))/g,
  )) {
    setMember(made, name!, quoted ?? plain ?? '');
  }
  return made;
}

/** Tags that stand once at the head of a playlist. */
const HEADER = [
  'EXT-X-VERSION',
  'EXT-X-INDEPENDENT-SEGMENTS',
  'EXT-X-START',
  'EXT-X-TARGETDURATION',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-DISCONTINUITY-SEQUENCE',
  'EXT-X-PLAYLIST-TYPE',
  'EXT-X-I-FRAMES-ONLY',
];
const OWN = new Set(['sequence', 'duration', 'map', 'title', 'byte_offset', 'byte_count']);

/** Writes the first track of a timeline as a media playlist; every clip needs an address. */
export function writeHls(given: Timeline): Outcome<Uint8Array> {
  const findings: Finding[] = [];
  const of = soundCut(given, findings);
  const [first, ...others] = tracksOf(of);
  for (const each of others) {
    const facts = { name: clipText(each.track.name), kind: clipText(each.track.trackKind) };
    tell({ findings }, 'uncarried_track', 'warning', each.path, facts);
  }
  const header = objectMember(first?.track.metadata ?? {}, 'HLS') ?? {};
  const segments: string[] = [];
  let longest = ZERO;
  for (const [index, each] of (first?.track.children ?? []).entries()) {
    const path = `${first!.path}/${index}`;
    const media = each.kind === 'clip' ? mediaOf(each) : undefined;
    const played = each.kind === 'clip' ? playedRange(each) : undefined;
    if (each.kind !== 'clip' || media?.kind !== 'external' || played === undefined) {
      tell({ findings }, 'uncarried_item', 'warning', path, { kind: each.kind });
      continue;
    }
    const own = objectMember(media.metadata, 'HLS') ?? {};
    const seconds = secondsOf(played.duration);
    if (seconds.numerator * longest.denominator > longest.numerator * seconds.denominator)
      longest = seconds;
    for (const [name, value] of Object.entries(own)) {
      if (!OWN.has(name))
        segments.push(`#${name}${value === '' ? '' : `:${oneLine(String(value as string))}`}`);
    }
    segments.push(
      `#EXTINF:${durationText(seconds)},${oneLine(textMember(own, 'title') ?? each.name)}`,
    );
    if (typeof own['byte_count'] === 'bigint') {
      segments.push(
        `#EXT-X-BYTERANGE:${own['byte_count']}@${String(own['byte_offset'] as bigint)}`,
      );
    }
    segments.push(oneLine(media.targetUrl));
  }
  const lines = ['#EXTM3U', ...headerLines(header, longest), ...segments];
  if (header['EXT-X-ENDLIST'] !== undefined || Object.keys(header).length === 0)
    lines.push('#EXT-X-ENDLIST');
  return accepted(encodeUtf8(`${lines.join('\n')}\n`), findings);
}

function headerLines(header: JsonObject, longest: Ratio): string[] {
  const target = String(Math.round(doubleOfRatio(longest)));
  const all: JsonObject = { 'EXT-X-VERSION': '4', 'EXT-X-TARGETDURATION': target, ...header };
  return HEADER.flatMap((name) => {
    const value = all[name];
    if (typeof value !== 'string') return [];
    return [value === '' ? `#${name}` : `#${name}:${oneLine(value)}`];
  });
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
