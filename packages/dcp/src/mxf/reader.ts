import {
  accepted,
  type ByteSource,
  type Cryptography,
  type Finding,
  finding,
  type Outcome,
  refused,
} from '@yinglian/core';
import { parseTriplet, tripletOpener } from './encryption.ts';
import { BODY_STREAM_ID, INDEX_ENTRIES_MAX, type IndexTable, readIndex } from './index-table.ts';
import { HEAD_BYTES_MAX, type KlvHead, readKlvHead } from './klv.ts';
import {
  ENCRYPTED_TRIPLET_SMPTE,
  FILL_ITEM,
  type Label,
  PRIMER_PACK,
  sameLabel,
} from './labels.ts';
import {
  type HeaderMetadata,
  isLocalSet,
  type MetadataSet,
  parseHeaderMetadata,
  parseSet,
} from './metadata.ts';
import {
  type PartitionPack,
  parsePartition,
  parseRandomIndex,
  partitionKind,
  type RandomIndexEntry,
} from './partition.ts';
import { ELEMENT_BYTES_MAX } from './scanner.ts';
import { describeTrackFile, type TrackFileInfo } from './track-file.ts';

/** A partition with its place in the file. */
export type PlacedPartition = {
  readonly offset: number;
  readonly pack: PartitionPack;
  /** Where header metadata begins, if there is any; the index follows it. */
  readonly metadataOffset: number;
  /** Where the essence of this partition begins. */
  readonly essenceOffset: number;
};

/** A track file opened for random access. */
export type TrackFile = {
  readonly source: ByteSource;
  readonly info: TrackFileInfo;
  readonly metadata: HeaderMetadata;
  readonly partitions: readonly PlacedPartition[];
  readonly randomIndex: readonly RandomIndexEntry[] | undefined;
  /** From the file, or made by a scan where the file has none. */
  readonly index: IndexTable;
  readonly indexed: 'file' | 'scan';
  readonly frameCount: number;
};

/** Run-in that some makers put before the header (ST 377-1:2019 6.5). */
const RUN_IN_BYTES_MAX = 65_536;
const HEADER_BYTES_MAX = 64 * 1024 * 1024;
const TAIL_BYTES = 65_536;
const PARTITIONS_MAX = 100_000;
const PACK_BYTES_MAX = 64 * 1024;

/**
 * Opens a track file of any maker. A missing or damaged index or random index pack is replaced by
 * a scan of the KLV heads and reported; only a file without a readable header is refused.
 */
export async function openTrackFile(source: ByteSource): Promise<Outcome<TrackFile>> {
  const findings: Finding[] = [];
  const start = await source.read(0, RUN_IN_BYTES_MAX);
  const runIn = findHeader(start);
  if (runIn === undefined) {
    return refused(finding('invalid_track_file', 'error', { clause: 'ST 377-1:2019 6.5' }));
  }
  const header = await partitionAt(source, runIn);
  if (header === undefined || header.pack.kind !== 'header') {
    return refused(finding('invalid_track_file', 'error', { clause: 'ST 377-1:2019 7' }));
  }
  const randomIndex = parseRandomIndex(await tail(source));
  if (randomIndex === undefined) {
    findings.push(finding('missing_random_index', 'warning', { clause: 'ST 377-1:2019 12' }));
  }
  const partitions = await collectPartitions(source, header, randomIndex, runIn);
  const metadata = await headerMetadata(source, partitions);
  if (metadata === undefined) {
    return refused(finding('missing_header_metadata', 'error', { clause: 'ST 429-3:2006 6.2' }));
  }
  for (const fault of metadata.faults) {
    findings.push(finding('invalid_header_metadata', 'error', { facts: { fault } }));
  }
  const info = describeTrackFile(metadata, header.pack);
  const fromFile = readIndex(await indexSegments(source, partitions));
  let index = fromFile;
  if (index === undefined) {
    findings.push(finding('missing_index', 'warning', { clause: 'ST 429-3:2006 6.4' }));
    index = await scanIndex(source, partitions, info);
  }
  const frameCount = info.essence === 'timed_text' ? 1 : frameCountOf(index, info);
  return accepted(
    {
      source,
      info,
      metadata,
      partitions,
      randomIndex,
      index,
      indexed: fromFile === undefined ? 'scan' : 'file',
      frameCount,
    },
    findings,
  );
}

function frameCountOf(index: IndexTable, info: TrackFileInfo): number {
  // A constant table may leave its duration at zero, meaning "all" (ST 377-1:2019 11.2.1).
  if (index.editUnitBytes > 0 && index.durationFrames === 0) return info.durationFrames ?? 0;
  return index.durationFrames;
}

function findHeader(start: Uint8Array): number | undefined {
  for (let at = 0; at + 16 <= start.length; at++) {
    if (start[at] !== 0x06 || start[at + 1] !== 0x0e) continue;
    const head = readKlvHead(start, at, at);
    if (head !== undefined && typeof head !== 'string' && partitionKind(head.key) === 'header')
      return at;
  }
  return undefined;
}

async function tail(source: ByteSource): Promise<Uint8Array> {
  const from = Math.max(0, source.sizeBytes - TAIL_BYTES);
  return source.read(from, source.sizeBytes - from);
}

/** Offsets come out of sums of numbers that a file claims: they may be anything. */
function isInside(source: ByteSource, offset: number, bytes: number): boolean {
  return Number.isSafeInteger(offset) && offset >= 0 && offset + bytes <= source.sizeBytes;
}

async function headAt(source: ByteSource, offset: number): Promise<KlvHead | undefined> {
  if (!isInside(source, offset, 1)) return undefined;
  const head = readKlvHead(await source.read(offset, HEAD_BYTES_MAX), 0, offset);
  return typeof head === 'string' ? undefined : head;
}

async function partitionAt(
  source: ByteSource,
  offset: number,
): Promise<PlacedPartition | undefined> {
  const head = await headAt(source, offset);
  if (head === undefined || head.valueBytes > PACK_BYTES_MAX) return undefined;
  const value = await source.read(offset + head.headBytes, head.valueBytes);
  const pack = parsePartition(head.key, value);
  if (pack === undefined) return undefined;
  const packEnd = offset + head.headBytes + head.valueBytes;
  const metadataOffset = await afterFill(source, packEnd);
  const essenceOffset = metadataOffset + pack.headerBytes + pack.indexBytes;
  return { offset, pack, metadataOffset, essenceOffset };
}

/** Filler right after a pack belongs to the pack and not to the bytes that the pack counts. */
async function afterFill(source: ByteSource, offset: number): Promise<number> {
  const head = await headAt(source, offset);
  if (head === undefined || !sameLabel(head.key, FILL_ITEM)) return offset;
  return offset + head.headBytes + head.valueBytes;
}

/** By the random index pack, else by the chain from the footer back to the header. */
async function collectPartitions(
  source: ByteSource,
  header: PlacedPartition,
  randomIndex: readonly RandomIndexEntry[] | undefined,
  runIn: number,
): Promise<PlacedPartition[]> {
  const found = new Map<number, PlacedPartition>([[header.offset, header]]);
  for (const entry of randomIndex?.slice(0, PARTITIONS_MAX) ?? []) {
    const offset = entry.offset + runIn;
    if (found.has(offset)) continue;
    const partition = await partitionAt(source, offset);
    if (partition !== undefined) found.set(offset, partition);
  }
  let next = header.pack.footerOffset + runIn;
  while (next > runIn && !found.has(next) && found.size < PARTITIONS_MAX) {
    const partition = await partitionAt(source, next);
    if (partition === undefined) break;
    found.set(next, partition);
    next = partition.pack.previousOffset + runIn;
  }
  if (![...found.values()].some(({ pack }) => pack.bodyStreamId === BODY_STREAM_ID)) {
    // Nothing says where the essence is: the partition right after the header is the usual place.
    const partition = await partitionAt(source, header.essenceOffset);
    if (partition !== undefined) found.set(partition.offset, partition);
  }
  return [...found.values()].sort((a, b) => a.offset - b.offset);
}

/** The most complete copy: the header's own unless it is open, else the last one in the file. */
async function headerMetadata(
  source: ByteSource,
  partitions: readonly PlacedPartition[],
): Promise<HeaderMetadata | undefined> {
  const withMetadata = partitions.filter(
    ({ pack }) => pack.headerBytes > 0 && pack.headerBytes <= HEADER_BYTES_MAX,
  );
  const chosen = withMetadata[0]?.pack.closed === true ? withMetadata[0] : withMetadata.at(-1);
  if (chosen === undefined) return undefined;
  const bytes = await source.read(chosen.metadataOffset, chosen.pack.headerBytes);
  const metadata = parseHeaderMetadata(bytes);
  return metadata.sets.length === 0 ? undefined : metadata;
}

async function indexSegments(
  source: ByteSource,
  partitions: readonly PlacedPartition[],
): Promise<MetadataSet[]> {
  const segments: MetadataSet[] = [];
  for (const { pack, metadataOffset } of partitions) {
    if (pack.indexBytes === 0 || pack.indexBytes > HEADER_BYTES_MAX * 4) continue;
    const indexOffset = metadataOffset + pack.headerBytes;
    if (!isInside(source, indexOffset, 1)) continue;
    const bytes = await source.read(indexOffset, pack.indexBytes);
    let at = 0;
    while (at < bytes.length) {
      const head = readKlvHead(bytes, at, at);
      if (head === undefined || typeof head === 'string') break;
      const value = bytes.subarray(at + head.headBytes, at + head.headBytes + head.valueBytes);
      if (value.length < head.valueBytes) break;
      if (isLocalSet(head.key)) segments.push(parseSet(head.key, value, new Map()));
      at += head.headBytes + head.valueBytes;
    }
  }
  return segments;
}

/** Offsets of the edit units, by stepping from KLV head to KLV head through the essence. */
async function scanIndex(
  source: ByteSource,
  partitions: readonly PlacedPartition[],
  info: TrackFileInfo,
): Promise<IndexTable> {
  const offsets: number[] = [];
  const perUnit = info.essence === 'stereoscopic' ? 2 : 1;
  let element = 0;
  let stream = 0;
  for (const [i, partition] of partitions.entries()) {
    if (partition.pack.bodyStreamId !== BODY_STREAM_ID) continue;
    const end = partitions[i + 1]?.offset ?? source.sizeBytes;
    let at = partition.essenceOffset;
    while (at < end && offsets.length < INDEX_ENTRIES_MAX) {
      const head = await headAt(source, at);
      if (head === undefined || partitionKind(head.key) !== undefined) break;
      const bytes = head.headBytes + head.valueBytes;
      if (isEssence(head.key) && element++ % perUnit === 0) offsets.push(stream);
      at += bytes;
      stream += bytes;
    }
  }
  return {
    editRate: info.editRate ?? { numerator: 0, denominator: 1 },
    durationFrames: offsets.length,
    editUnitBytes: 0,
    offsets,
  };
}

function isEssence(key: Label): boolean {
  return !sameLabel(key, FILL_ITEM) && !sameLabel(key, PRIMER_PACK) && !isLocalSet(key);
}

/** One essence element as it stands in the file. */
export type Element = {
  readonly key: Label;
  readonly offset: number;
  readonly encrypted: boolean;
  readonly value: Uint8Array;
};

/**
 * The elements of one edit unit: one, or two (left, right) of a stereoscopic file.
 * Undefined when the file does not hold them where the index says.
 */
export async function readElements(
  file: TrackFile,
  frame: number,
): Promise<readonly Element[] | undefined> {
  if (!Number.isInteger(frame) || frame < 0 || frame >= file.frameCount) return undefined;
  const stream =
    file.index.editUnitBytes > 0 ? file.index.editUnitBytes * frame : file.index.offsets[frame];
  if (stream === undefined) return undefined;
  let at = placeOf(file, stream);
  const wanted = file.info.essence === 'stereoscopic' ? 2 : 1;
  const elements: Element[] = [];
  while (at !== undefined && elements.length < wanted) {
    const head = await headAt(file.source, at);
    if (head === undefined || head.valueBytes > ELEMENT_BYTES_MAX) return undefined;
    const next: number = at + head.headBytes + head.valueBytes;
    if (isEssence(head.key)) {
      const value = await file.source.read(at + head.headBytes, head.valueBytes);
      if (value.length < head.valueBytes) return undefined;
      elements.push({
        key: head.key,
        offset: at,
        value,
        encrypted: sameLabel(head.key, ENCRYPTED_TRIPLET_SMPTE),
      });
    }
    at = next;
  }
  return elements.length === wanted ? elements : undefined;
}

/**
 * Reads frames one after another with one read each, into memory that is used again: elements are
 * valid until the next call. For copying, comparing and unwrapping whole files.
 */
export function sequentialReader(
  file: TrackFile,
): (frame: number) => Promise<readonly Element[] | undefined> {
  const { source, index } = file;
  let buffer = new Uint8Array(0);
  const wanted = file.info.essence === 'stereoscopic' ? 2 : 1;
  return async (frame) => {
    const span = frameSpan(file, frame);
    if (span === undefined || source.readInto === undefined || index.offsets.length === 1) {
      return readElements(file, frame);
    }
    if (buffer.length < span.bytes) buffer = new Uint8Array(Math.ceil(span.bytes * GROWTH));
    const bytes = buffer.subarray(0, span.bytes);
    if ((await source.readInto(span.offset, bytes)) < span.bytes) return readElements(file, frame);
    const elements: Element[] = [];
    for (let at = 0; at < bytes.length && elements.length < wanted;) {
      const head = readKlvHead(bytes, at, span.offset + at);
      if (head === undefined || typeof head === 'string') break;
      const begin = at + head.headBytes;
      at = begin + head.valueBytes;
      if (at > bytes.length) break;
      if (!isEssence(head.key)) continue;
      const encrypted = sameLabel(head.key, ENCRYPTED_TRIPLET_SMPTE);
      elements.push({
        key: head.key,
        offset: head.offset,
        encrypted,
        value: bytes.subarray(begin, at),
      });
    }
    // What the index says of the size is only a hint; the careful way decides.
    return elements.length === wanted ? elements : readElements(file, frame);
  };
}

/** Frames of a film differ in size; room for the next ones saves growing again. */
const GROWTH = 1.25;

/** Where a frame lies, up to the next one; undefined for the last one of a variable table. */
function frameSpan(file: TrackFile, frame: number): { offset: number; bytes: number } | undefined {
  const { index } = file;
  if (!Number.isInteger(frame) || frame < 0 || frame >= file.frameCount) return undefined;
  const constant = index.editUnitBytes > 0;
  const start = constant ? index.editUnitBytes * frame : index.offsets[frame];
  const end = constant ? index.editUnitBytes * (frame + 1) : index.offsets[frame + 1];
  if (start === undefined || end === undefined || end <= start) return undefined;
  const offset = placeOf(file, start);
  if (offset === undefined || end - start > 2 * ELEMENT_BYTES_MAX) return undefined;
  if (!isInside(file.source, offset, end - start)) return undefined;
  // Two frames of different partitions are not neighbours.
  return placeOf(file, end) === offset + end - start ? { offset, bytes: end - start } : undefined;
}

function placeOf(file: TrackFile, stream: number): number | undefined {
  let found: PlacedPartition | undefined;
  for (const partition of file.partitions) {
    if (partition.pack.bodyStreamId !== BODY_STREAM_ID) continue;
    if (partition.pack.bodyOffset <= stream) found = partition;
  }
  return found === undefined ? undefined : found.essenceOffset + stream - found.pack.bodyOffset;
}

/** A key for encrypted frames, and whether their integrity is judged. */
export type FrameKey = {
  readonly cryptography: Cryptography;
  readonly key: Uint8Array;
  /** Refuse frames whose code is wrong or absent; true unless told. */
  readonly authenticate?: boolean;
};

/**
 * The plain essence of one edit unit. Refused: no such frame, no key for an encrypted one, the
 * wrong key (check value), a wrong or missing integrity code.
 */
export async function readFrame(
  file: TrackFile,
  frame: number,
  frameKey?: FrameKey,
): Promise<Outcome<readonly Uint8Array[]>> {
  const no = (code: string, clause?: string): Outcome<readonly Uint8Array[]> =>
    refused(finding(code, 'error', { at: { frame }, ...(clause === undefined ? {} : { clause }) }));
  const elements = await readElements(file, frame);
  if (elements === undefined) return no('missing_frame', 'ST 377-1:2019 11');
  const plain: Uint8Array[] = [];
  for (const element of elements) {
    if (!element.encrypted) {
      plain.push(element.value);
      continue;
    }
    if (frameKey === undefined) return no('missing_key');
    const triplet = parseTriplet(element.value);
    if (triplet === undefined) return no('invalid_encrypted_frame', 'ST 429-6:2006 6');
    const opener = tripletOpener(frameKey.cryptography, frameKey.key, file.info.labels ?? 'smpte');
    const opened = opener.open(triplet);
    if (opened === undefined) return no('mismatched_key', 'ST 429-6:2006 6.9');
    if (
      frameKey.authenticate !== false &&
      file.info.encryption?.integrity !== false &&
      !opener.authentic(triplet)
    ) {
      return no('mismatched_integrity_code', 'ST 429-6:2006 6.10');
    }
    plain.push(opened);
  }
  return accepted(plain);
}

/** A font or picture of a timed text file, by the stream id of its sub-descriptor. */
export async function readResource(
  file: TrackFile,
  streamId: number,
): Promise<Element | undefined> {
  const partition = file.partitions.find(
    ({ pack }) =>
      pack.bodyStreamId === streamId && pack.kind !== 'header' && streamId !== BODY_STREAM_ID,
  );
  if (partition === undefined) return undefined;
  let at = partition.essenceOffset;
  for (let steps = 0; steps < 8; steps++) {
    const head = await headAt(file.source, at);
    if (head === undefined || head.valueBytes > RESOURCE_BYTES_MAX) return undefined;
    if (isEssence(head.key)) {
      const value = await file.source.read(at + head.headBytes, head.valueBytes);
      return value.length < head.valueBytes
        ? undefined
        : {
            key: head.key,
            offset: at,
            value,
            encrypted: sameLabel(head.key, ENCRYPTED_TRIPLET_SMPTE),
          };
    }
    at += head.headBytes + head.valueBytes;
  }
  return undefined;
}

/** RDD 52: the resources of one file are at most 115 MB together. */
const RESOURCE_BYTES_MAX = 256 * 1024 * 1024;
