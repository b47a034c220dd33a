import { fromHex, toHex } from '@yinglian/core';
import { klv, readKlvHead } from './klv.ts';
import { type Label, RANDOM_INDEX_PACK, sameLabel } from './labels.ts';
import { decodeUint, encodeUint } from './property-types.ts';

/** What a partition is for. */
export type PartitionKind = 'header' | 'body' | 'generic_stream' | 'footer';

/** A partition pack (ST 377-1:2019 7.1). Offsets count from the header partition. */
export type PartitionPack = {
  readonly kind: PartitionKind;
  readonly closed: boolean;
  readonly complete: boolean;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly gridBytes: number;
  readonly thisOffset: number;
  readonly previousOffset: number;
  readonly footerOffset: number;
  readonly headerBytes: number;
  readonly indexBytes: number;
  readonly indexStreamId: number;
  readonly bodyOffset: number;
  readonly bodyStreamId: number;
  readonly operationalPattern: Label;
  readonly essenceContainers: readonly Label[];
};

const PARTITION = /^060e2b34020501(..)0d01020101(02|03|04)(..)00$/;
const FIXED_BYTES = 88;

/** Whether a key is that of a partition pack, and which. */
export function partitionKind(key: Label): PartitionKind | undefined {
  const match = PARTITION.exec(key);
  if (match === null) return undefined;
  if (match[2] === '02') return 'header';
  if (match[2] === '04') return 'footer';
  return match[3] === '11' ? 'generic_stream' : 'body';
}

/** Undefined when the bytes are too short for what they announce. */
export function parsePartition(key: Label, value: Uint8Array): PartitionPack | undefined {
  const kind = partitionKind(key);
  if (kind === undefined || value.length < FIXED_BYTES) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const long = (at: number) => decodeUint(value.subarray(at, at + 8));
  const count = view.getUint32(80);
  if (view.getUint32(84) !== 16 && count !== 0) return undefined;
  if (FIXED_BYTES + 16 * count > value.length) return undefined;
  const status = Number.parseInt(key.slice(28, 30), 16);
  return {
    kind,
    closed: status === 2 || status === 4 || kind === 'footer' || kind === 'generic_stream',
    complete: status >= 3,
    majorVersion: view.getUint16(0),
    minorVersion: view.getUint16(2),
    gridBytes: view.getUint32(4),
    thisOffset: long(8),
    previousOffset: long(16),
    footerOffset: long(24),
    headerBytes: long(32),
    indexBytes: long(40),
    indexStreamId: view.getUint32(48),
    bodyOffset: long(52),
    bodyStreamId: view.getUint32(60),
    operationalPattern: toHex(value.subarray(64, 80)),
    essenceContainers: Array.from({ length: count }, (_, i) =>
      toHex(value.subarray(FIXED_BYTES + 16 * i, FIXED_BYTES + 16 * i + 16)),
    ),
  };
}

/** Closed and complete, as D-cinema files are (ST 429-3:2006 6.2). */
const PARTITION_KEY: Record<PartitionKind, Label> = {
  header: '060e2b34020501010d01020101020400',
  body: '060e2b34020501010d01020101030400',
  generic_stream: '060e2b34020501010d01020101031100',
  footer: '060e2b34020501010d01020101040400',
};

/** A partition pack to be written; what is left out is zero. */
export type PartitionToWrite = Pick<
  PartitionPack,
  'kind' | 'thisOffset' | 'operationalPattern' | 'essenceContainers'
> &
  Partial<PartitionPack>;

/** A partition pack as KLV. */
export function encodePartition(partition: PartitionToWrite): Uint8Array {
  const value = new Uint8Array(FIXED_BYTES + 16 * partition.essenceContainers.length);
  const view = new DataView(value.buffer);
  const long = (at: number, number: number | undefined) =>
    value.set(encodeUint(number ?? 0, 8), at);
  view.setUint16(0, partition.majorVersion ?? 1);
  view.setUint16(2, partition.minorVersion ?? 2);
  view.setUint32(4, partition.gridBytes ?? 1);
  long(8, partition.thisOffset);
  long(16, partition.previousOffset);
  long(24, partition.footerOffset);
  long(32, partition.headerBytes);
  long(40, partition.indexBytes);
  view.setUint32(48, partition.indexStreamId ?? 0);
  long(52, partition.bodyOffset);
  view.setUint32(60, partition.bodyStreamId ?? 0);
  value.set(fromHex(partition.operationalPattern), 64);
  view.setUint32(80, partition.essenceContainers.length);
  view.setUint32(84, 16);
  partition.essenceContainers.forEach((label, i) =>
    value.set(fromHex(label), FIXED_BYTES + 16 * i),
  );
  return klv(PARTITION_KEY[partition.kind], value);
}

/** Bytes of a partition pack with so many essence container labels. */
export function partitionBytes(labelCount: number): number {
  return 20 + FIXED_BYTES + 16 * labelCount;
}

/** One partition in a random index pack. */
export type RandomIndexEntry = { readonly bodyStreamId: number; readonly offset: number };

/** ST 377-1:2019 12: pairs of stream and offset, then the length of the whole pack. */
export function encodeRandomIndex(entries: readonly RandomIndexEntry[]): Uint8Array {
  const value = new Uint8Array(12 * entries.length + 4);
  const view = new DataView(value.buffer);
  entries.forEach((entry, i) => {
    view.setUint32(12 * i, entry.bodyStreamId);
    value.set(encodeUint(entry.offset, 8), 12 * i + 4);
  });
  view.setUint32(value.length - 4, 20 + value.length);
  return klv(RANDOM_INDEX_PACK, value);
}

/** The entries of a random index pack; undefined when its length does not fit. */
export function parseRandomIndexValue(value: Uint8Array): RandomIndexEntry[] | undefined {
  if (value.length < 4 || (value.length - 4) % 12 !== 0) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return Array.from({ length: (value.length - 4) / 12 }, (_, i) => ({
    bodyStreamId: view.getUint32(12 * i),
    offset: decodeUint(value.subarray(12 * i + 4, 12 * i + 12)),
  }));
}

/** The pack from the last bytes of a file, when it ends with one. */
export function parseRandomIndex(tail: Uint8Array): RandomIndexEntry[] | undefined {
  if (tail.length < 24) return undefined;
  const length = new DataView(tail.buffer, tail.byteOffset + tail.length - 4, 4).getUint32(0);
  if (length > tail.length || length < 24) return undefined;
  const head = readKlvHead(tail, tail.length - length, 0);
  if (head === undefined || typeof head === 'string' || !sameLabel(head.key, RANDOM_INDEX_PACK)) {
    return undefined;
  }
  if (head.headBytes + head.valueBytes !== length) return undefined;
  return parseRandomIndexValue(tail.subarray(tail.length - head.valueBytes));
}
