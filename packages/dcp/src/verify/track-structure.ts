import type { Place } from '@yinglian/core';
import { rationalText } from '../documents/reading.ts';
import {
  CODING_JPEG2000_2K,
  CODING_JPEG2000_4K,
  type Label,
  sameLabel,
  withoutVersion,
} from '../mxf/labels.ts';
import type { MetadataSet } from '../mxf/metadata.ts';
import type { PartitionPack } from '../mxf/partition.ts';
import type { Rational } from '../mxf/property-types.ts';
import type { EssenceKind, TrackFileInfo } from '../mxf/track-file.ts';
import type { FindingCollector } from './findings.ts';

/*
 * What the packs, the index and the header of a track file say twice must be said alike: a player
 * that jumps by one of them and not by the other loses its way.
 */

/** A partition as it was met in the file, with the places of what follows its pack. */
export type MetPartition = {
  readonly offset: number;
  readonly pack: PartitionPack;
  /** Of the header metadata, else of the index; undefined where there is neither. */
  contentOffset: number | undefined;
  /** Of the first element of essence. */
  essenceOffset: number | undefined;
};

type Tell = (field: string, value: number | string, expected: number | string) => void;

/** Partition packs against where they were met and against one another (ST 377-1:2019 7.1). */
export function checkPartitions(
  partitions: readonly MetPartition[],
  endOffset: number,
  metadata: readonly MetadataSet[],
  collector: FindingCollector,
  place: Place,
): void {
  const header = partitions[0];
  if (header === undefined) return;
  // A run-in shifts everything: offsets count from the header partition.
  const base = header.offset;
  const footer = partitions.find(({ pack }) => pack.kind === 'footer');
  const streams = streamsOf(metadata);
  for (const [index, met] of partitions.entries()) {
    const { pack } = met;
    const at = { ...place, offset: met.offset };
    const tell: Tell = (field, value, expected) => {
      if (value !== expected) {
        collector.add('mismatched_partition', at, { partition: pack.kind, field, value, expected });
      }
    };
    const before = index === 0 ? base : partitions[index - 1]!.offset;
    tell('MajorVersion', pack.majorVersion, 1);
    tell('ThisPartition', pack.thisOffset, met.offset - base);
    tell('PreviousPartition', pack.previousOffset, before - base);
    // A pack that was written before the footer was known may leave its place open.
    if (pack.footerOffset !== 0 && footer !== undefined) {
      tell('FooterPartition', pack.footerOffset, footer.offset - base);
    }
    tell('OperationalPattern', pack.operationalPattern, header.pack.operationalPattern);
    tell('EssenceContainers', labels(pack), labels(header.pack));
    checkCounts(met, partitions[index + 1]?.offset ?? endOffset, tell);
    if (pack.kind === 'generic_stream') continue;
    const { body, index: indexes } = streams;
    if (pack.bodyStreamId !== 0 && body.length > 0 && !body.includes(pack.bodyStreamId)) {
      tell('BodySID', pack.bodyStreamId, body[0]!);
    }
    if (pack.indexStreamId !== 0 && indexes.length > 0 && !indexes.includes(pack.indexStreamId)) {
      tell('IndexSID', pack.indexStreamId, indexes[0]!);
    }
  }
}

/** Header metadata and index fill what lies between the pack and the essence or the next pack. */
function checkCounts(met: MetPartition, nextOffset: number, tell: Tell): void {
  const { pack, contentOffset } = met;
  const counted = pack.headerBytes + pack.indexBytes;
  if (contentOffset === undefined) {
    tell('HeaderByteCount + IndexByteCount', counted, 0);
    return;
  }
  tell(
    'HeaderByteCount + IndexByteCount',
    counted,
    (met.essenceOffset ?? nextOffset) - contentOffset,
  );
}

function labels(pack: PartitionPack): string {
  return pack.essenceContainers.map(withoutVersion).sort().join(' ');
}

/** The streams that the header speaks of (EssenceContainerData, ST 377-1:2019 B.4). */
function streamsOf(metadata: readonly MetadataSet[]): { body: number[]; index: number[] } {
  const sets = metadata.filter((set) => set.name === 'essenceContainerData');
  const numbers = (name: 'bodyStreamId' | 'indexStreamId') =>
    sets.flatMap((set) => {
      const value = set.values[name];
      return typeof value === 'number' ? [value] : [];
    });
  return { body: numbers('bodyStreamId'), index: numbers('indexStreamId') };
}

/** Index segments against the track they index (ST 377-1:2019 11.1). */
export function checkSegments(
  segments: readonly MetadataSet[],
  metadata: readonly MetadataSet[],
  info: TrackFileInfo,
  collector: FindingCollector,
  place: Place,
): void {
  const streams = streamsOf(metadata);
  for (const { values } of segments) {
    const tell: Tell = (field, value, expected) =>
      collector.add('mismatched_index_segment', place, { field, value, expected });
    const rate = values.indexEditRate as Rational | undefined;
    if (rate !== undefined && info.editRate !== undefined && !sameRate(rate, info.editRate)) {
      tell('IndexEditRate', rationalText(rate), rationalText(info.editRate));
    }
    const [body, index] = [values.bodyStreamId, values.indexStreamId];
    if (typeof body === 'number' && streams.body.length > 0 && !streams.body.includes(body)) {
      tell('BodySID', body, streams.body[0]!);
    }
    if (typeof index === 'number' && streams.index.length > 0 && !streams.index.includes(index)) {
      tell('IndexSID', index, streams.index[0]!);
    }
    const entries = values.indexEntries;
    const duration = values.indexDuration;
    if (!(entries instanceof Uint8Array) || entries.length < 4 || typeof duration !== 'number') {
      continue;
    }
    const count = new DataView(entries.buffer, entries.byteOffset, 4).getUint32(0);
    // Zero stands for "all of it" (ST 377-1:2019 11.1.3); frames of one size have no entries.
    if (duration !== 0 && count !== 0 && duration !== count) tell('IndexDuration', duration, count);
  }
}

/** Tracks and descriptor against the essence that was met. */
export function checkHeaderValues(
  info: TrackFileInfo,
  frames: number,
  containers: readonly Label[],
  collector: FindingCollector,
  place: Place,
): void {
  const tell: Tell = (field, value, expected) =>
    collector.add('mismatched_descriptor', place, { field, value, expected });
  const { editRate, descriptorRate: rate, trackOrigin, trackDurationFrames } = info;
  if (trackOrigin !== undefined && trackOrigin !== 0) tell('Origin', trackOrigin, 0);
  if (trackDurationFrames !== undefined && info.essence !== 'timed_text') {
    if (trackDurationFrames !== frames) tell('Sequence.Duration', trackDurationFrames, frames);
  }
  if (rate !== undefined && editRate !== undefined) {
    // A stereoscopic file counts both eyes (ST 429-10), a sound file may count its samples.
    const doubled = { numerator: editRate.numerator * 2, denominator: editRate.denominator };
    const allowed = [
      editRate,
      ...(info.essence === 'stereoscopic' ? [doubled] : []),
      ...(info.sound?.samplingRate === undefined ? [] : [info.sound.samplingRate]),
    ];
    if (!allowed.some((each) => sameRate(each, rate))) {
      tell('SampleRate', rationalText(rate), rationalText(editRate));
    }
  }
  const { container, picture } = info;
  if (info.encryption === undefined && container !== undefined && containers.length > 0) {
    if (!containers.some((each) => sameLabel(each, container))) {
      tell('EssenceContainer', container, containers[0]!);
    }
  }
  if (picture === undefined || info.essence === 'mpeg2') return;
  if (picture.frameLayout !== undefined && picture.frameLayout !== 0) {
    tell('FrameLayout', picture.frameLayout, 0);
  }
  const { coding } = picture;
  const expected = picture.widthPixels > WIDTH_2K_MAX ? CODING_JPEG2000_4K : CODING_JPEG2000_2K;
  if (coding !== undefined && !sameLabel(coding, expected)) {
    tell('PictureEssenceCoding', coding, expected);
  }
}

const WIDTH_2K_MAX = 2048;

function sameRate(a: Rational, b: Rational): boolean {
  return a.numerator * b.denominator === b.numerator * a.denominator;
}

/** Item types of essence elements (ST 379-1:2009 7.1). Auxiliary data have keys of their own. */
const ITEM_TYPES: Partial<Record<EssenceKind, readonly string[]>> = {
  jpeg2000: ['05', '15'],
  stereoscopic: ['05', '15'],
  mpeg2: ['05', '15'],
  pcm: ['06', '16'],
  timed_text: ['07', '17'],
};

/** Whether the key of an element is that of an item of this kind. */
export function isItemOf(essence: EssenceKind, key: Label): boolean {
  const types = ITEM_TYPES[essence];
  return types === undefined || types.includes(key.slice(24, 26));
}
