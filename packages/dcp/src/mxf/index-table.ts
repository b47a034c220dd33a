import { concatBytes, type Uuid } from '@yinglian/core';
import { INDEX_SEGMENT } from './labels.ts';
import { encodeSet, type MetadataSet } from './metadata.ts';
import { decodeUint, encodeUint, type Rational } from './property-types.ts';

/** Where edit units lie in the essence container, from the index segments (ST 377-1:2019 11). */
export type IndexTable = {
  readonly editRate: Rational;
  readonly durationFrames: number;
  /** Bytes of every edit unit when constant, otherwise 0. */
  readonly editUnitBytes: number;
  /** Stream offsets per edit unit when the size varies. */
  readonly offsets: readonly number[] | Float64Array;
};

/** Stream id of the index, as D-cinema writers give it. */
export const INDEX_STREAM_ID = 129;
/** Stream id of the essence, as D-cinema writers give it. */
export const BODY_STREAM_ID = 1;
/** Entries of one segment: an item is at most 65535 bytes, 8 of head and 11 each. */
export const SEGMENT_ENTRIES_MAX = 5000;
const ENTRY_BYTES = 11;
/** ST 377-1:2019 11.2.2: one element, no slices, no position table. */
const DELTA_ENTRIES = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0);
/** Longest film that an index may describe: a week at 120 frames a second. */
export const INDEX_ENTRIES_MAX = 120 * 3600 * 24 * 7;

/** An index of frames of one size, or of frames at offsets. */
export type IndexToWrite = {
  readonly editRate: Rational;
  readonly durationFrames: number;
  readonly instanceIds: () => Uuid;
} & (
  | { readonly editUnitBytes: number }
  | { readonly offsets: readonly number[]; readonly randomAccess: boolean }
);

/** Segments as KLV, constant or variable; each variable one holds at most 5000 entries. */
export function encodeIndex(index: IndexToWrite): Uint8Array {
  const common = (start: number, duration: number) => ({
    instanceId: index.instanceIds(),
    indexEditRate: index.editRate,
    indexStart: start,
    indexDuration: duration,
    editUnitBytes: 'editUnitBytes' in index ? index.editUnitBytes : 0,
    indexStreamId: INDEX_STREAM_ID,
    bodyStreamId: BODY_STREAM_ID,
    sliceCount: 0,
    positionTableCount: 0,
  });
  if ('editUnitBytes' in index) {
    return encodeSet(INDEX_SEGMENT, common(0, index.durationFrames));
  }
  const segments: Uint8Array[] = [];
  for (let start = 0; start < index.offsets.length; start += SEGMENT_ENTRIES_MAX) {
    const offsets = index.offsets.slice(start, start + SEGMENT_ENTRIES_MAX);
    segments.push(
      encodeSet(INDEX_SEGMENT, {
        ...common(start, offsets.length),
        deltaEntries: DELTA_ENTRIES,
        indexEntries: encodeEntries(offsets, index.randomAccess),
      }),
    );
  }
  return concatBytes(...segments);
}

/** Flags 0x80: every JPEG 2000 frame can be entered (ST 377-1:2019 11.2.3). */
function encodeEntries(offsets: readonly number[], randomAccess: boolean): Uint8Array {
  const bytes = new Uint8Array(8 + ENTRY_BYTES * offsets.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, offsets.length);
  view.setUint32(4, ENTRY_BYTES);
  offsets.forEach((offset, i) => {
    const at = 8 + ENTRY_BYTES * i;
    bytes[at + 2] = randomAccess ? 0x80 : 0;
    bytes.set(encodeUint(offset, 8), at + 3);
  });
  return bytes;
}

/** Joins the segments of one file; undefined when they leave holes or say nothing usable. */
export function readIndex(segments: readonly MetadataSet[]): IndexTable | undefined {
  const sorted = segments
    .filter((segment) => typeof segment.values.indexDuration === 'number')
    .sort((a, b) => Number(a.values.indexStart ?? 0) - Number(b.values.indexStart ?? 0));
  const first = sorted[0];
  if (first === undefined) return undefined;
  const editRate = (first.values.indexEditRate ?? { numerator: 0, denominator: 1 }) as Rational;
  const editUnitBytes = Number(first.values.editUnitBytes ?? 0);
  if (editUnitBytes > 0) {
    return {
      editRate,
      editUnitBytes,
      offsets: [],
      durationFrames: Number(first.values.indexDuration),
    };
  }
  const offsets: number[] = [];
  for (const segment of sorted) {
    const start = Number(segment.values.indexStart ?? 0);
    // A repeated segment (one per partition) says nothing new.
    if (start < offsets.length) continue;
    if (start > offsets.length) return undefined;
    const entries = decodeEntries(segment.values.indexEntries as Uint8Array | undefined);
    if (entries === undefined || offsets.length + entries.length > INDEX_ENTRIES_MAX) {
      return undefined;
    }
    for (const entry of entries) offsets.push(entry);
  }
  return { editRate, editUnitBytes: 0, offsets, durationFrames: offsets.length };
}

function decodeEntries(bytes: Uint8Array | undefined): number[] | undefined {
  if (bytes === undefined || bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0);
  const size = view.getUint32(4);
  if (count === 0) return [];
  if (size < ENTRY_BYTES || 8 + count * size > bytes.length) return undefined;
  return Array.from({ length: count }, (_, i) => {
    const at = 8 + size * i + 3;
    return decodeUint(bytes.subarray(at, at + 8));
  });
}
