import { formatDouble, type JsonLayout, JsonWriter, sortedNames } from '../json/write.ts';
import type { JsonObject } from '../json/value.ts';
import type {
  Clip,
  Effect,
  ItemFields,
  Marker,
  MediaFields,
  Named,
  TimelineObject,
} from '../model.ts';
import { doubleOfRatio, type RationalTime, type TimeRange } from '../time.ts';
import { otioObjectOf } from './read.ts';

/** A timeline as OpenTimelineIO 0.18.1 writes it, to the byte where it wrote it itself. */
export function writeOtio(of: TimelineObject, layout: JsonLayout = 'indented'): Uint8Array {
  return written(of, layout).finishBytes();
}

/** {@link writeOtio} as text. */
export function writeOtioText(of: TimelineObject, layout: JsonLayout = 'indented'): string {
  return written(of, layout).finish();
}

function written(of: TimelineObject, layout: JsonLayout): JsonWriter {
  const writer = new JsonWriter(layout, writeKnown);
  writeObject(of, writer);
  return writer;
}

/** Metadata may hold OTIO objects; those have an order of members of their own. */
function writeKnown(value: JsonObject, writer: JsonWriter): boolean {
  const schema = value['OTIO_SCHEMA'];
  if (typeof schema !== 'string') return false;
  const known = otioObjectOf(value);
  if (known !== undefined) writeObject(known, writer);
  else writeForeign(value, writer);
  return true;
}

/** Its schema first, then its members by name, as OpenTimelineIO writes what it does not know. */
function writeForeign(fields: JsonObject, writer: JsonWriter): void {
  writer.beginObject();
  for (const name of ['OTIO_SCHEMA', ...sortedNames(fields)]) {
    if (name === 'OTIO_SCHEMA' && fields[name] === undefined) continue;
    writer.name(name);
    writer.value(fields[name]!);
  }
  writer.endObject();
}

function text(writer: JsonWriter, name: string, value: string): void {
  writer.name(name);
  writer.string(value);
}

function begin(writer: JsonWriter, schema: string, of: Named): void {
  writer.beginObject();
  text(writer, 'OTIO_SCHEMA', schema);
  if (of.extra !== undefined) {
    for (const name of sortedNames(of.extra)) {
      writer.name(name);
      writer.value(of.extra[name]!);
    }
  }
  writer.name('metadata');
  // A dictionary is never taken for an object of its own, whatever members it has.
  writeDictionary(of.metadata, writer);
  text(writer, 'name', of.name);
}

function writeDictionary(of: JsonObject, writer: JsonWriter): void {
  writer.beginObject();
  for (const name of sortedNames(of)) {
    writer.name(name);
    writer.value(of[name]!);
  }
  writer.endObject();
}

function writeTime(of: RationalTime | undefined, writer: JsonWriter): void {
  if (of === undefined) {
    writer.raw('null');
    return;
  }
  writer.object([
    ['OTIO_SCHEMA', '"RationalTime.1"'],
    ['rate', formatDouble(of.spelled ?? doubleOfRatio(of.rate))],
    ['value', formatDouble(of.value)],
  ]);
}

function writeRange(of: TimeRange | undefined, writer: JsonWriter): void {
  if (of === undefined) {
    writer.raw('null');
    return;
  }
  writer.beginObject();
  text(writer, 'OTIO_SCHEMA', 'TimeRange.1');
  writer.name('duration');
  writeTime(of.duration, writer);
  writer.name('start_time');
  writeTime(of.start, writer);
  writer.endObject();
}

function writeList(name: string, of: readonly TimelineObject[], writer: JsonWriter): void {
  writer.name(name);
  writer.beginList();
  for (const each of of) {
    writer.element();
    writeObject(each, writer);
  }
  writer.endList();
}

function writeItem(of: ItemFields, schema: string, writer: JsonWriter): void {
  begin(writer, schema, of);
  writer.name('source_range');
  writeRange(of.sourceRange, writer);
  writeList('effects', of.effects, writer);
  writeList('markers', of.markers, writer);
  writer.name('enabled');
  writer.value(of.enabled);
  if (of.color !== undefined) {
    writer.name('color');
    writer.value(of.color);
  }
}

function writeMedia(of: MediaFields, schema: string, writer: JsonWriter): void {
  begin(writer, schema, of);
  writer.name('available_range');
  writeRange(of.availableRange, writer);
  if (of.imageBounds !== undefined) {
    writer.name('available_image_bounds');
    writer.value(of.imageBounds);
  }
}

function writeClip(of: Clip, writer: JsonWriter): void {
  writeItem(of, 'Clip.2', writer);
  writer.name('media_references');
  writer.beginObject();
  for (const key of Object.keys(of.media).sort()) {
    writer.name(key);
    writeObject(of.media[key]!, writer);
  }
  writer.endObject();
  text(writer, 'active_media_reference_key', of.activeMedia);
}

function writeEffect(of: Effect, writer: JsonWriter): void {
  begin(writer, `${of.schema}.1`, of);
  text(writer, 'effect_name', of.effectName);
  if (of.enabled !== undefined) {
    writer.name('enabled');
    writer.value(of.enabled);
  }
  if (of.timeScalar !== undefined) {
    writer.name('time_scalar');
    writer.double(of.timeScalar);
  }
}

function writeMarker(of: Marker, writer: JsonWriter): void {
  begin(writer, typeof of.color === 'string' ? 'Marker.2' : 'Marker.3', of);
  writer.name('color');
  writer.value(of.color);
  writer.name('marked_range');
  writeRange(of.markedRange, writer);
  text(writer, 'comment', of.comment);
}

function writeObject(of: TimelineObject, writer: JsonWriter): void {
  if (of.kind === 'unknown') {
    writeForeign(of.fields, writer);
    return;
  }
  writeMembers(of, writer);
  writer.endObject();
}

type Known = Exclude<TimelineObject, { kind: 'unknown' }>;

function writeMembers(of: Known, writer: JsonWriter): void {
  switch (of.kind) {
    case 'timeline':
      begin(writer, 'Timeline.1', of);
      writer.name('global_start_time');
      writeTime(of.globalStart, writer);
      writer.name('tracks');
      writeObject(of.tracks, writer);
      break;
    case 'stack':
      writeItem(of, 'Stack.1', writer);
      writeList('children', of.children, writer);
      break;
    case 'track':
      writeItem(of, 'Track.1', writer);
      writeList('children', of.children, writer);
      text(writer, 'kind', of.trackKind);
      break;
    case 'clip':
      writeClip(of, writer);
      break;
    case 'gap':
      writeItem(of, 'Gap.1', writer);
      break;
    case 'transition':
      begin(writer, 'Transition.1', of);
      writer.name('in_offset');
      writeTime(of.inOffset, writer);
      writer.name('out_offset');
      writeTime(of.outOffset, writer);
      text(writer, 'transition_type', of.transitionType);
      break;
    case 'marker':
      writeMarker(of, writer);
      break;
    case 'effect':
      writeEffect(of, writer);
      break;
    case 'collection':
      begin(writer, 'SerializableCollection.1', of);
      writeList('children', of.children, writer);
      break;
    default:
      writeReference(of, writer);
  }
}

type Reference = Extract<
  Known,
  MediaFields & { kind: 'external' | 'images' | 'generator' | 'missing' }
>;

function writeReference(of: Reference, writer: JsonWriter): void {
  if (of.kind === 'missing') {
    writeMedia(of, 'MissingReference.1', writer);
  } else if (of.kind === 'external') {
    writeMedia(of, 'ExternalReference.1', writer);
    text(writer, 'target_url', of.targetUrl);
  } else if (of.kind === 'generator') {
    writeMedia(of, 'GeneratorReference.1', writer);
    text(writer, 'generator_kind', of.generatorKind);
    writer.name('parameters');
    writeDictionary(of.parameters, writer);
  } else {
    writeMedia(of, 'ImageSequenceReference.1', writer);
    text(writer, 'target_url_base', of.targetUrlBase);
    text(writer, 'name_prefix', of.namePrefix);
    text(writer, 'name_suffix', of.nameSuffix);
    writer.name('start_frame');
    writer.value(of.startFrame);
    writer.name('frame_step');
    writer.value(of.frameStep);
    writer.name('rate');
    writer.double(of.rate);
    writer.name('frame_zero_padding');
    writer.value(of.frameZeroPadding);
    text(writer, 'missing_frame_policy', of.missingFramePolicy);
  }
}
