import {
  type ByteSource,
  type Cryptography,
  parseUuid,
  type Place,
  toBase64,
  type Uuid,
} from '@yinglian/core';
import { streamSource } from '../build/sinks.ts';
import type { Standard } from '../documents/namespaces.ts';
import { type IndexTable, readIndex } from '../mxf/index-table.ts';
import { OPERATIONAL_PATTERN_SMPTE, sameLabel } from '../mxf/labels.ts';
import type { MetadataSet } from '../mxf/metadata.ts';
import type { RandomIndexEntry } from '../mxf/partition.ts';
import { type ScanEvent, TrackFileScanner } from '../mxf/scanner.ts';
import { describeTrackFile, type TrackFileInfo } from '../mxf/track-file.ts';
import type { WorkOptions } from '../ports.ts';
import type { Loudness } from '../sound/loudness.ts';
import type { MetResource } from './content-kind.ts';
import type { FindingCollector } from './findings.ts';
import { FrameJudge } from './frames.ts';
import {
  checkHeaderValues,
  checkPartitions,
  checkSegments,
  type MetPartition,
} from './track-structure.ts';

/** What one pass over a track file needs. */
export type PassOptions = WorkOptions & {
  readonly cryptography: Cryptography;
  readonly collector: FindingCollector;
  readonly file: string;
  readonly assetId: Uuid | undefined;
  readonly standard: Standard;
  readonly keys: ReadonlyMap<Uuid, Uint8Array> | undefined;
  /** Whether sound is measured as it passes. */
  readonly measure: boolean;
};

/** What one pass over a track file found out. */
export type PassResult = {
  readonly hash: string;
  readonly info: TrackFileInfo | undefined;
  readonly frames: number;
  readonly largestFrameBytes: number;
  readonly integrityCodes: number;
  readonly text: Uint8Array | undefined;
  readonly loudness: Loudness | undefined;
  /** Each resource by its stream id. */
  readonly resources: ReadonlyMap<number, MetResource>;
};

/** Reads a track file once, from end to end: its hash, its structure, every frame. */
export async function passTrackFile(source: ByteSource, options: PassOptions): Promise<PassResult> {
  const pass = new TrackFilePass(options);
  const hash = options.cryptography.hash('sha1');
  await streamSource(source, (piece, offset) => {
    options.signal?.throwIfAborted();
    hash.update(piece);
    pass.push(piece);
    options.onProgress?.({
      stage: 'verify',
      file: options.file,
      done: offset + piece.length,
      total: source.sizeBytes,
      unit: 'bytes',
    });
  });
  return pass.finish(toBase64(hash.digest()));
}

/** Offsets kept for the comparison with the index: two days at 24 frames a second. */
const OFFSETS_MAX = 24 * 3600 * 48;

class TrackFilePass {
  readonly #options: PassOptions;
  readonly #place: Place;
  readonly #scanner: TrackFileScanner;
  readonly #partitions: MetPartition[] = [];
  #metadata: readonly MetadataSet[] = [];
  #bytes = 0;
  readonly #segments: MetadataSet[] = [];
  readonly #offsets: number[] = [];
  #info: TrackFileInfo | undefined;
  #judge: FrameJudge | undefined;
  #randomIndex: readonly RandomIndexEntry[] | undefined;
  #randomIndexOffset: number | undefined;
  #firstElement: number | undefined;
  #elements = 0;
  #broken = false;

  constructor(options: PassOptions) {
    this.#options = options;
    const { file, assetId } = options;
    this.#place = assetId === undefined ? { file } : { file, asset: assetId };
    this.#scanner = new TrackFileScanner((event) => this.#take(event));
  }

  push(piece: Uint8Array): void {
    this.#bytes += piece.length;
    this.#scanner.push(piece);
  }

  finish(hash: string): PassResult {
    this.#scanner.finish();
    const { collector } = this.#options;
    const info = this.#info;
    if (info === undefined) {
      if (!this.#broken) collector.add('unreadable_track_file', this.#place);
    } else {
      this.#checkHeader(info);
      this.#checkStructure(info);
    }
    const totals = this.#judge?.totals;
    collector.endFile();
    const perUnit = info?.essence === 'stereoscopic' ? 2 : 1;
    return {
      hash,
      info,
      frames: Math.floor(this.#elements / perUnit),
      largestFrameBytes: totals?.largestBytes ?? 0,
      integrityCodes: totals?.integrityCodes ?? 0,
      text: totals?.text,
      loudness: this.#elements > 0 ? totals?.meter?.result() : undefined,
      resources: totals?.resources ?? new Map(),
    };
  }

  #take(event: ScanEvent): void {
    const { collector } = this.#options;
    switch (event.kind) {
      case 'partition':
        this.#partitions.push({
          offset: event.offset,
          pack: event.pack,
          contentOffset: undefined,
          essenceOffset: undefined,
        });
        break;
      case 'header':
        for (const fault of event.metadata.faults) {
          collector.add('invalid_header_metadata', this.#place, { fault });
        }
        if (this.#info === undefined) this.#metadata = event.metadata.sets;
        this.#meet(event.offset);
        this.#info ??= describeTrackFile(event.metadata, this.#partitions[0]?.pack ?? event.pack);
        break;
      case 'index':
        this.#segments.push(event.segment);
        this.#meet(event.offset);
        break;
      case 'random_index':
        this.#randomIndex = event.entries;
        this.#randomIndexOffset = event.offset;
        break;
      case 'fault':
        this.#broken = true;
        collector.add(event.offset === 0 ? 'unreadable_track_file' : 'invalid_klv', this.#place, {
          fault: event.fault,
          offset: event.offset,
        });
        break;
      case 'element':
        this.#takeElement(event);
        break;
    }
  }

  /** Where the part after the last pack begins. */
  #meet(offset: number): void {
    const last = this.#partitions.at(-1);
    if (last !== undefined) last.contentOffset ??= offset;
  }

  #takeElement(event: Extract<ScanEvent, { kind: 'element' }>): void {
    const info = this.#info;
    const last = this.#partitions.at(-1);
    if (last !== undefined) last.essenceOffset ??= event.offset;
    if (info === undefined) return;
    this.#judge ??= new FrameJudge({
      collector: this.#options.collector,
      place: this.#place,
      info,
      cryptography: this.#options.cryptography,
      measure: this.#options.measure,
      key:
        info.encryption?.keyId === undefined
          ? undefined
          : this.#options.keys?.get(info.encryption.keyId),
    });
    if (!event.generic) {
      this.#firstElement ??= event.offset;
      const perUnit = info.essence === 'stereoscopic' ? 2 : 1;
      if (this.#elements % perUnit === 0 && this.#offsets.length < OFFSETS_MAX) {
        this.#offsets.push(event.offset - this.#firstElement);
      }
      this.#elements++;
    }
    this.#judge.take(event.key, event.value, event.valueBytes, event.streamId, event.generic);
  }

  #checkHeader(info: TrackFileInfo): void {
    const { collector, assetId, standard } = this.#options;
    const header = this.#partitions[0]?.pack;
    if (header !== undefined && (!header.closed || !header.complete)) {
      collector.add('incomplete_header', this.#place);
    }
    if (!sameLabel(info.operationalPattern, OPERATIONAL_PATTERN_SMPTE)) {
      collector.add('unexpected_operational_pattern', this.#place, {
        label: info.operationalPattern,
      });
    } else if (info.labels !== undefined && info.labels !== standard) {
      collector.add('mismatched_label_set', this.#place, {
        labels: info.labels,
        expected: standard,
      });
    }
    if (assetId !== undefined && info.assetId !== undefined && info.assetId !== assetId) {
      const read = parseUuid(info.assetId);
      collector.add('mismatched_asset_id', this.#place, {
        id: read.ok ? read.value : info.assetId,
        expected: assetId,
      });
    }
    if (info.essence === 'unknown') {
      collector.add('unexpected_essence', this.#place, { container: info.container ?? '' });
    }
    if (info.encryption !== undefined && !info.encryption.knownCipher) {
      collector.add('unknown_cipher', this.#place);
    }
  }

  /** Counts, index and random index pack against what was met in the file. */
  #checkStructure(info: TrackFileInfo): void {
    const { collector } = this.#options;
    const frames = Math.floor(this.#elements / (info.essence === 'stereoscopic' ? 2 : 1));
    const declared = info.durationFrames;
    if (
      info.essence !== 'timed_text' &&
      !this.#broken &&
      declared !== undefined &&
      declared !== frames
    ) {
      collector.add('mismatched_frame_count', this.#place, { frames, declared });
    }
    if (this.#broken) return;
    const end = this.#randomIndexOffset ?? this.#bytes;
    checkPartitions(this.#partitions, end, this.#metadata, collector, this.#place);
    checkSegments(this.#segments, this.#metadata, info, collector, this.#place);
    const containers = this.#partitions[0]?.pack.essenceContainers ?? [];
    checkHeaderValues(info, frames, containers, collector, this.#place);
    if (this.#segments.length === 0) collector.add('missing_index', this.#place);
    else this.#checkIndex(readIndex(this.#segments), frames);
    if (this.#randomIndex === undefined) {
      collector.add('missing_random_index', this.#place);
      return;
    }
    const found = this.#partitions.map(({ offset }) => offset);
    const listed = this.#randomIndex.map(({ offset }) => offset);
    if (found.length !== listed.length || found.some((offset, i) => offset !== listed[i])) {
      collector.add('mismatched_random_index', this.#place, {
        partitions: found.length,
        entries: listed.length,
      });
    }
  }

  #checkIndex(index: IndexTable | undefined, frames: number): void {
    const { collector } = this.#options;
    if (index === undefined) {
      collector.add('mismatched_index', this.#place, { frames, indexed: 0 });
      return;
    }
    const indexed =
      index.editUnitBytes > 0 && index.durationFrames === 0 ? frames : index.durationFrames;
    let wrong = indexed === frames ? -1 : Math.min(indexed, frames);
    for (let i = 0; wrong < 0 && i < this.#offsets.length; i++) {
      const expected = index.editUnitBytes > 0 ? index.editUnitBytes * i : index.offsets[i];
      if (expected !== this.#offsets[i]) wrong = i;
    }
    if (wrong >= 0)
      collector.add('mismatched_index', { ...this.#place, frame: wrong }, { frames, indexed });
  }
}
