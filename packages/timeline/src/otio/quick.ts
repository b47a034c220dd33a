import { encodeUtf8 } from '@yinglian/core';
import type { JsonCursor } from '../json/read.ts';
import { isJsonObject, type JsonObject, setMember } from '../json/value.ts';
import type { Clip, Color, ExternalReference, MediaReference, MissingReference } from '../model.ts';
import { type RationalTime, timeOfDoubles, type TimeRange } from '../time.ts';

/**
 * Clips as OpenTimelineIO spells nearly all of them: every member in the order of the schema, times
 * that make sense, no effects or markers. They are read without the JSON between, which is half the
 * work of a large cut. Whatever is not exactly so is left to the reader that understands all: each
 * function here gives undefined, and nothing is lost but the time of trying.
 */

const quoted = (name: string): Uint8Array => encodeUtf8(`"${name}"`);
const spelled = (json: string): Uint8Array => encodeUtf8(json);

const SCHEMA = quoted('OTIO_SCHEMA');
const METADATA = quoted('metadata');
const NAME = quoted('name');
const SOURCE_RANGE = quoted('source_range');
const EFFECTS = quoted('effects');
const MARKERS = quoted('markers');
const ENABLED = quoted('enabled');
const COLOR = quoted('color');
const MEDIA_REFERENCES = quoted('media_references');
const ACTIVE_KEY = quoted('active_media_reference_key');
const AVAILABLE_RANGE = quoted('available_range');
const IMAGE_BOUNDS = quoted('available_image_bounds');
const TARGET_URL = quoted('target_url');
const DURATION = quoted('duration');
const START_TIME = quoted('start_time');
const RATE = quoted('rate');
const VALUE = quoted('value');

const CLIP = quoted('Clip.2');
const EXTERNAL = quoted('ExternalReference.1');
const MISSING = quoted('MissingReference.1');
const TIME_RANGE = quoted('TimeRange.1');
const RATIONAL_TIME = quoted('RationalTime.1');
const NULL = spelled('null');
const TRUE = spelled('true');
const FALSE = spelled('false');
const EMPTY_LIST = spelled('[]');

/** One list for all clips that have nothing in it. */
const NONE: readonly never[] = Object.freeze([]);

/** A clip that is spelled as most are; undefined for any other object. */
export function quickClip(from: JsonCursor): Clip | undefined {
  if (!from.opens() || !from.member(SCHEMA) || !from.is(CLIP)) return undefined;
  const metadata = dictionary(from, METADATA);
  const name = textOf(from, NAME);
  if (metadata === undefined || name === undefined || !from.member(SOURCE_RANGE)) return undefined;
  const sourceRange = rangeOf(from);
  if (sourceRange === undefined) return undefined;
  if (!from.member(EFFECTS) || !from.is(EMPTY_LIST)) return undefined;
  if (!from.member(MARKERS) || !from.is(EMPTY_LIST) || !from.member(ENABLED)) return undefined;
  const enabled = from.is(TRUE);
  if (!enabled && !from.is(FALSE)) return undefined;
  const color = from.member(COLOR) ? colorOf(from) : 'none';
  const media = color === undefined ? undefined : mediaOf(from);
  const activeMedia = media === undefined ? undefined : textOf(from, ACTIVE_KEY);
  if (media === undefined || activeMedia === undefined || !from.closes()) return undefined;
  if (!Object.hasOwn(media, activeMedia)) return undefined;
  return {
    kind: 'clip',
    name,
    metadata,
    sourceRange: sourceRange === null ? undefined : sourceRange,
    effects: NONE,
    markers: NONE,
    enabled,
    color: color === 'none' ? undefined : color,
    media,
    activeMedia,
  };
}

function textOf(from: JsonCursor, name: Uint8Array): string | undefined {
  return from.member(name) ? from.text() : undefined;
}

function dictionary(from: JsonCursor, name: Uint8Array): JsonObject | undefined {
  if (!from.member(name)) return undefined;
  const value = from.json();
  return isJsonObject(value) ? value : undefined;
}

/** Undefined for what is neither an object nor null. */
function colorOf(from: JsonCursor): Color | null | undefined {
  if (from.is(NULL)) return null;
  const value = from.json();
  return isJsonObject(value) ? value : undefined;
}

/** Null for null, undefined for what another reader must look at. */
function rangeOf(from: JsonCursor): TimeRange | null | undefined {
  if (from.is(NULL)) return null;
  if (!from.opens() || !from.member(SCHEMA) || !from.is(TIME_RANGE)) return undefined;
  const duration = timeOf(from, DURATION);
  const start = duration === undefined ? undefined : timeOf(from, START_TIME);
  if (duration === undefined || start === undefined || !from.closes()) return undefined;
  return duration.value < 0 ? undefined : { start, duration };
}

function timeOf(from: JsonCursor, name: Uint8Array): RationalTime | undefined {
  if (!from.member(name) || !from.opens()) return undefined;
  if (!from.member(SCHEMA) || !from.is(RATIONAL_TIME) || !from.member(RATE)) return undefined;
  const rate = from.double();
  if (rate === undefined || !(rate > 0) || !from.member(VALUE)) return undefined;
  const value = from.double();
  if (value === undefined || !Number.isFinite(rate) || !Number.isFinite(value)) return undefined;
  return from.closes() ? timeOfDoubles(value, rate) : undefined;
}

function mediaOf(from: JsonCursor): Record<string, MediaReference> | undefined {
  if (!from.member(MEDIA_REFERENCES) || !from.opens()) return undefined;
  const media: Record<string, MediaReference> = {};
  while (!from.closes()) {
    const key = from.anyMember();
    const reference = key === undefined ? undefined : referenceOf(from);
    if (key === undefined || reference === undefined || Object.hasOwn(media, key)) return undefined;
    setMember(media, key, reference);
  }
  return media;
}

function referenceOf(from: JsonCursor): ExternalReference | MissingReference | undefined {
  if (!from.opens() || !from.member(SCHEMA)) return undefined;
  const isExternal = from.is(EXTERNAL);
  if (!isExternal && !from.is(MISSING)) return undefined;
  const metadata = dictionary(from, METADATA);
  const name = textOf(from, NAME);
  if (metadata === undefined || name === undefined || !from.member(AVAILABLE_RANGE)) {
    return undefined;
  }
  const range = rangeOf(from);
  if (range === undefined || !from.member(IMAGE_BOUNDS)) return undefined;
  const imageBounds = colorOf(from);
  if (imageBounds === undefined) return undefined;
  const availableRange = range === null ? undefined : range;
  const fields = { name, metadata, availableRange, imageBounds };
  if (!isExternal) return from.closes() ? { kind: 'missing', ...fields } : undefined;
  const targetUrl = textOf(from, TARGET_URL);
  if (targetUrl === undefined || !from.closes()) return undefined;
  return { kind: 'external', ...fields, targetUrl };
}
