import {
  accepted,
  clipText,
  decodeText,
  encodeUtf8,
  type Finding,
  finding,
  FINDINGS_MAX,
  type Outcome,
  type Place,
  refused,
} from '@yinglian/core';
import { readJsonBytes } from '../json/read.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  numberMember,
  setMember,
  textMember,
} from '../json/value.ts';
import {
  type Clip,
  type Collection,
  type Composable,
  DEFAULT_MEDIA,
  type Effect,
  type Gap,
  type ItemFields,
  type Marker,
  type MediaFields,
  type MediaReference,
  missing,
  type Named,
  type Stack,
  stack,
  type Timeline,
  type TimelineObject,
  type Track,
  type Transition,
  type UnknownObject,
} from '../model.ts';
import { rateOfDouble, type RationalTime, timeOfDoubles, type TimeRange } from '../time.ts';
import { Made, shaperOf } from './shape.ts';

/** Bytes of one `.otio`; 100,000 clips with full metadata are 170 MB. */
export const OTIO_BYTES_MAX = 512 * 1024 * 1024;

/** Reads an `.otio` document. */
export function readOtio(bytes: Uint8Array): Outcome<TimelineObject> {
  if (bytes.length > OTIO_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: OTIO_BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const wide = WIDE_MARKS[`${bytes[0]} ${bytes[1]}`];
  if (wide === undefined) return otioOfBytes(bytes);
  const text = decodeText(bytes, wide);
  if (text === undefined) {
    return refused(finding('unknown_text_encoding', 'error', { clause: 'RFC 8259 8.1' }));
  }
  return readOtioText(text);
}

/** Byte order marks of documents that are not UTF-8. */
const WIDE_MARKS: Readonly<Record<string, 'utf-16le' | 'utf-16be'>> = {
  '255 254': 'utf-16le',
  '254 255': 'utf-16be',
};

/** Reads an `.otio` document from text. */
export function readOtioText(text: string): Outcome<TimelineObject> {
  return otioOfBytes(encodeUtf8(text));
}

function otioOfBytes(bytes: Uint8Array): Outcome<TimelineObject> {
  const reader = new ObjectReader();
  const json = readJsonBytes(
    bytes,
    shaperOf((each, at) => reader.object(each, at)),
  );
  if (!json.ok) return json;
  return otioOf(reader, json.value, json.findings);
}

/** Makes a timeline of JSON that has been read. */
export function otioObject(
  json: JsonValue,
  before: readonly Finding[] = [],
): Outcome<TimelineObject> {
  return otioOf(new ObjectReader(), json, before);
}

function otioOf(
  reader: ObjectReader,
  json: JsonValue,
  before: readonly Finding[],
): Outcome<TimelineObject> {
  if (!isJsonObject(json) || textMember(json, 'OTIO_SCHEMA') === undefined) {
    return refused(finding('missing_otio_schema', 'error', { at: { element: '/' } }));
  }
  const made = reader.object(json, '') ?? unknown(json);
  return accepted(made, [...before, ...reader.findings].slice(0, FINDINGS_MAX));
}

/**
 * An object of a schema that is known here; undefined for others. For metadata that holds OTIO
 * objects: the writer gives those their own order of members.
 */
export function otioObjectOf(json: JsonObject): TimelineObject | undefined {
  return new ObjectReader().object(json, '');
}

type Fields = {
  readonly fields: JsonObject;
  readonly at: string;
  /** Members of the schema, one set for all objects of it. */
  readonly used: Set<string>;
  /** Members of the schema that do not have its kind of value. */
  wrong: Set<string> | undefined;
};

/** Before the name of a member that could not be understood. */
const WRONG_PREFIX = 'yinglian_invalid_';

const UNKNOWN_PATHS_MAX = 200;

class ObjectReader {
  readonly findings: Finding[] = [];
  readonly #members = new Map<string, Set<string>>();
  #unknown = 0;

  #note(code: string, severity: Finding['severity'], at: string, facts: Finding['facts'] = {}) {
    if (this.findings.length >= FINDINGS_MAX) return;
    const place: Place = { element: at === '' ? '/' : at };
    this.findings.push(finding(code, severity, { facts, at: place, clause: 'OTIO 0.18' }));
  }

  object(json: JsonObject, at: string): TimelineObject | undefined {
    const [schema, version] = schemaOf(json);
    const known = Object.hasOwn(SCHEMAS, schema) ? SCHEMAS[schema] : undefined;
    if (known === undefined || version > known.version) return undefined;
    const of: Fields = { fields: json, at, used: this.#membersOf(json), wrong: undefined };
    return known.read(this, of, schema);
  }

  #membersOf(json: JsonObject): Set<string> {
    // A clip of version 2 without its references is read as one of version 1.
    const form = `${textMember(json, 'OTIO_SCHEMA')}${'media_references' in json ? '' : ' old'}`;
    let known = this.#members.get(form);
    if (known === undefined) this.#members.set(form, (known = new Set(['OTIO_SCHEMA'])));
    return known;
  }

  /** Members read with {@link take} are known; all others are extra. */
  take(of: Fields, name: string): JsonValue | undefined {
    of.used.add(name);
    return member(of.fields, name);
  }

  /** All members that were not taken; call it last. */
  rest(of: Fields): { extra?: JsonObject } {
    let extra: Record<string, JsonValue> | undefined;
    for (const name of Object.keys(of.fields)) {
      const wrong = of.wrong?.has(name) === true;
      if (of.used.has(name) && !wrong) continue;
      // A known member without sense gets a name of its own beside the one that has.
      const kept = wrong ? `${WRONG_PREFIX}${name}` : name;
      setMember((extra ??= {}), kept, of.fields[name]!);
    }
    return extra === undefined ? {} : { extra };
  }

  text(of: Fields, name: string, otherwise = ''): string {
    const value = this.take(of, name);
    if (typeof value === 'string') return value;
    if (value !== undefined && value !== null) this.wrong(of, name, 'text');
    return otherwise;
  }

  double(of: Fields, name: string, otherwise: number): number {
    of.used.add(name);
    const value = numberMember(of.fields, name);
    if (value === undefined && (member(of.fields, name) ?? null) !== null) {
      this.wrong(of, name, 'number');
    }
    return value ?? otherwise;
  }

  integer(of: Fields, name: string, otherwise: bigint): bigint {
    const value = this.take(of, name);
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
    if (value !== undefined && value !== null) this.wrong(of, name, 'integer');
    return otherwise;
  }

  flag(of: Fields, name: string): boolean | undefined {
    const value = this.take(of, name);
    if (typeof value === 'boolean') return value;
    if (value !== undefined && value !== null) this.wrong(of, name, 'boolean');
    return undefined;
  }

  /** Keeps a member that has no sense, and says so. */
  wrong(of: Fields, name: string, expected: string): void {
    // The member stays in `extra`, so that nothing is lost even where it makes no sense.
    (of.wrong ??= new Set()).add(name);
    this.#note('invalid_otio_member', 'warning', `${of.at}/${name}`, { name, expected });
  }

  dictionary(of: Fields, name: string): JsonObject {
    const value = this.take(of, name);
    if (isJsonObject(value)) return value;
    if (value !== undefined && value !== null) this.wrong(of, name, 'object');
    return {};
  }

  named(of: Fields): Named {
    return { name: this.text(of, 'name'), metadata: this.dictionary(of, 'metadata') };
  }

  time(of: Fields, name: string): RationalTime | undefined {
    const value = this.take(of, name);
    if (!isJsonObject(value)) {
      if (value !== undefined && value !== null) this.wrong(of, name, 'RationalTime');
      return undefined;
    }
    return this.#timeOf(value, of, name);
  }

  #timeOf(value: JsonObject, of: Fields, name: string): RationalTime {
    const units = numberMember(value, 'value') ?? 0;
    const double = numberMember(value, 'rate') ?? 1;
    const rate = rateOfDouble(double);
    if (!Number.isFinite(units) || rate.numerator === 0n) {
      this.#note('invalid_time', 'warning', `${of.at}/${name}`, {
        value: String(units),
        rate: String(double),
      });
    }
    return timeOfDoubles(units, double);
  }

  range(of: Fields, name: string): TimeRange | undefined {
    const value = this.take(of, name);
    if (!isJsonObject(value)) {
      if (value !== undefined && value !== null) this.wrong(of, name, 'TimeRange');
      return undefined;
    }
    const start = member(value, 'start_time');
    const duration = member(value, 'duration');
    const length = isJsonObject(duration) ? this.#timeOf(duration, of, name) : NO_TIME;
    if (length.value < 0) {
      this.#note('negative_duration', 'warning', `${of.at}/${name}`, {
        value: String(length.value),
      });
    }
    return {
      start: isJsonObject(start) ? this.#timeOf(start, of, name) : NO_TIME,
      duration: length,
    };
  }

  list<Kind>(
    of: Fields,
    name: string,
    accepts: (made: TimelineObject) => Kind | undefined,
  ): (Kind | UnknownObject)[] {
    const value = this.take(of, name);
    if (!Array.isArray(value)) {
      if (value !== undefined && value !== null) this.wrong(of, name, 'list');
      return [];
    }
    const made: (Kind | UnknownObject)[] = [];
    for (const [index, each] of (value as readonly JsonValue[]).entries()) {
      const at = `${of.at}/${name}/${index}`;
      if (isJsonObject(each)) {
        made.push(this.#accepted(each, at, accepts));
        continue;
      }
      this.#note('invalid_otio_member', 'warning', at, { name, expected: 'object' });
      // Kept under a schema of our own rather than thrown away.
      made.push(unknown({ OTIO_SCHEMA: 'YinglianForeign.1', value: each }));
    }
    return made;
  }

  #accepted<Kind>(
    json: JsonObject,
    at: string,
    accepts: (made: TimelineObject) => Kind | undefined,
  ): Kind | UnknownObject {
    const made = json instanceof Made ? json.object : this.object(json, at);
    const fitting = made === undefined ? undefined : accepts(made);
    if (fitting !== undefined) return fitting;
    this.#unknown++;
    if (this.#unknown <= UNKNOWN_PATHS_MAX) {
      const schema = clipText(textMember(json, 'OTIO_SCHEMA') ?? '');
      this.#note('unknown_otio_schema', 'note', at, { schema });
    }
    return unknown(json);
  }

  media(of: Fields): Pick<Clip, 'media' | 'activeMedia'> {
    const references: Record<string, MediaReference | UnknownObject> = {};
    const [, version] = schemaOf(of.fields);
    if (version < 2 || !('media_references' in of.fields)) {
      const only = this.take(of, 'media_reference');
      const at = `${of.at}/media_reference`;
      references[DEFAULT_MEDIA] = isJsonObject(only)
        ? this.#accepted(only, at, asMedia)
        : missing();
      return { media: references, activeMedia: DEFAULT_MEDIA };
    }
    const all = this.dictionary(of, 'media_references');
    for (const key of Object.keys(all)) {
      const value = all[key];
      const at = `${of.at}/media_references/${key}`;
      const made = isJsonObject(value) ? this.#accepted(value, at, asMedia) : missing();
      setMember(references, key, made);
    }
    const activeMedia = this.text(of, 'active_media_reference_key', DEFAULT_MEDIA);
    if (!Object.hasOwn(references, activeMedia)) {
      this.#note('missing_media_reference', 'warning', of.at, { key: clipText(activeMedia) });
    }
    return { media: references, activeMedia };
  }

  item(of: Fields): ItemFields {
    const color = this.take(of, 'color');
    return {
      name: this.text(of, 'name'),
      metadata: this.dictionary(of, 'metadata'),
      sourceRange: this.range(of, 'source_range'),
      effects: this.list(of, 'effects', (made) => (made.kind === 'effect' ? made : undefined)),
      markers: this.list(of, 'markers', (made) => (made.kind === 'marker' ? made : undefined)),
      enabled: this.flag(of, 'enabled') ?? true,
      color: color === null || isJsonObject(color) ? color : undefined,
    };
  }

  mediaFields(of: Fields): MediaFields {
    const bounds = this.take(of, 'available_image_bounds');
    return {
      name: this.text(of, 'name'),
      metadata: this.dictionary(of, 'metadata'),
      availableRange: this.range(of, 'available_range'),
      imageBounds: bounds === null || isJsonObject(bounds) ? bounds : undefined,
    };
  }
}

const NO_TIME: RationalTime = { value: 0, rate: rateOfDouble(1) };

function unknown(fields: JsonObject): UnknownObject {
  return { kind: 'unknown', name: textMember(fields, 'name') ?? '', fields };
}

/** `Clip.2` divided; version 1 where none is written. */
function schemaOf(json: JsonObject): [schema: string, version: number] {
  const text = textMember(json, 'OTIO_SCHEMA') ?? '';
  const dot = text.lastIndexOf('.');
  if (dot < 0) return [text, 1];
  return [text.slice(0, dot), Number(text.slice(dot + 1)) || 1];
}

function asMedia(made: TimelineObject): MediaReference | undefined {
  switch (made.kind) {
    case 'external':
    case 'images':
    case 'generator':
    case 'missing':
      return made;
    default:
      return undefined;
  }
}

function asComposable(made: TimelineObject): Composable | undefined {
  switch (made.kind) {
    case 'clip':
    case 'gap':
    case 'transition':
    case 'stack':
    case 'track':
      return made;
    default:
      return undefined;
  }
}

type SchemaReader = {
  /** The newest version that is understood; a newer one is carried as unknown. */
  readonly version: number;
  readonly read: (reader: ObjectReader, of: Fields, schema: string) => TimelineObject;
};

function readEffect(reader: ObjectReader, of: Fields, schema: string): Effect {
  const enabled = reader.flag(of, 'enabled');
  const timed = schema === 'LinearTimeWarp' || schema === 'FreezeFrame';
  return {
    kind: 'effect',
    schema: schema as Effect['schema'],
    ...reader.named(of),
    effectName: reader.text(of, 'effect_name'),
    enabled,
    ...(timed
      ? { timeScalar: reader.double(of, 'time_scalar', schema === 'FreezeFrame' ? 0 : 1) }
      : {}),
    ...reader.rest(of),
  };
}

function readMarker(reader: ObjectReader, of: Fields): Marker {
  const color = reader.take(of, 'color');
  return {
    kind: 'marker',
    ...reader.named(of),
    color: typeof color === 'string' || isJsonObject(color) ? color : '',
    markedRange: reader.range(of, 'marked_range') ?? { start: NO_TIME, duration: NO_TIME },
    comment: reader.text(of, 'comment'),
    ...reader.rest(of),
  };
}

function readTransition(reader: ObjectReader, of: Fields): Transition {
  return {
    kind: 'transition',
    ...reader.named(of),
    inOffset: reader.time(of, 'in_offset') ?? NO_TIME,
    outOffset: reader.time(of, 'out_offset') ?? NO_TIME,
    transitionType: reader.text(of, 'transition_type'),
    ...reader.rest(of),
  };
}

/** Most of what a cut holds: its members are named one by one, which is quicker than spreading. */
function readClip(reader: ObjectReader, of: Fields): Clip {
  const item = reader.item(of);
  const { media, activeMedia } = reader.media(of);
  const { extra } = reader.rest(of);
  const made: Clip = {
    kind: 'clip',
    name: item.name,
    metadata: item.metadata,
    sourceRange: item.sourceRange,
    effects: item.effects,
    markers: item.markers,
    enabled: item.enabled,
    color: item.color,
    media,
    activeMedia,
  };
  return extra === undefined ? made : { ...made, extra };
}

function readTimeline(reader: ObjectReader, of: Fields): Timeline {
  const named = reader.named(of);
  const globalStart = reader.time(of, 'global_start_time');
  const inside = reader.take(of, 'tracks');
  const made = isJsonObject(inside) ? reader.object(inside, `${of.at}/tracks`) : undefined;
  if (inside !== undefined && made?.kind !== 'stack') reader.wrong(of, 'tracks', 'Stack');
  const tracks = made?.kind === 'stack' ? made : stack({ name: 'tracks' });
  return { kind: 'timeline', ...named, globalStart, tracks, ...reader.rest(of) };
}

const children = (reader: ObjectReader, of: Fields) => reader.list(of, 'children', asComposable);

const SCHEMAS: Readonly<Record<string, SchemaReader>> = {
  Timeline: { version: 1, read: readTimeline },
  Stack: {
    version: 1,
    read: (reader, of): Stack => ({
      kind: 'stack',
      ...reader.item(of),
      children: children(reader, of),
      ...reader.rest(of),
    }),
  },
  Track: {
    version: 1,
    read: (reader, of): Track => ({
      kind: 'track',
      ...reader.item(of),
      children: children(reader, of),
      trackKind: reader.text(of, 'kind', 'Video'),
      ...reader.rest(of),
    }),
  },
  Clip: {
    version: 2,
    read: readClip,
  },
  Gap: {
    version: 1,
    read: (reader, of): Gap => ({ kind: 'gap', ...reader.item(of), ...reader.rest(of) }),
  },
  Filler: {
    version: 1,
    read: (reader, of): Gap => ({ kind: 'gap', ...reader.item(of), ...reader.rest(of) }),
  },
  Transition: { version: 1, read: readTransition },
  Marker: { version: 3, read: readMarker },
  Effect: { version: 1, read: readEffect },
  TimeEffect: { version: 1, read: readEffect },
  LinearTimeWarp: { version: 1, read: readEffect },
  FreezeFrame: { version: 1, read: readEffect },
  SerializableCollection: {
    version: 1,
    read: (reader, of): Collection => ({
      kind: 'collection',
      ...reader.named(of),
      children: reader.list(of, 'children', (made) => made),
      ...reader.rest(of),
    }),
  },
  MissingReference: {
    version: 1,
    read: (reader, of) => ({ kind: 'missing', ...reader.mediaFields(of), ...reader.rest(of) }),
  },
  ExternalReference: {
    version: 1,
    read: (reader, of) => ({
      kind: 'external',
      ...reader.mediaFields(of),
      targetUrl: reader.text(of, 'target_url'),
      ...reader.rest(of),
    }),
  },
  GeneratorReference: {
    version: 1,
    read: (reader, of) => ({
      kind: 'generator',
      ...reader.mediaFields(of),
      generatorKind: reader.text(of, 'generator_kind'),
      parameters: reader.dictionary(of, 'parameters'),
      ...reader.rest(of),
    }),
  },
  ImageSequenceReference: {
    version: 1,
    read: (reader, of) => ({
      kind: 'images',
      ...reader.mediaFields(of),
      targetUrlBase: reader.text(of, 'target_url_base'),
      namePrefix: reader.text(of, 'name_prefix'),
      nameSuffix: reader.text(of, 'name_suffix'),
      startFrame: reader.integer(of, 'start_frame', 1n),
      frameStep: reader.integer(of, 'frame_step', 1n),
      rate: reader.double(of, 'rate', 1),
      frameZeroPadding: reader.integer(of, 'frame_zero_padding', 0n),
      missingFramePolicy: reader.text(of, 'missing_frame_policy', 'error'),
      ...reader.rest(of),
    }),
  },
};
