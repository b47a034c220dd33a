import {
  accepted,
  assert,
  type ByteSink,
  concatBytes,
  type Cryptography,
  finding,
  fromHex,
  type Outcome,
  type RandomBytes,
  refused,
  type Uuid,
  uuidFromRandom,
} from '@yinglian/core';
import type { CancelSignal } from '../ports.ts';
import type { DescriptorSets, Ids } from './descriptors.ts';
import { encryptedElementBytes, type TripletEncryptor, tripletEncryptor } from './encryption.ts';
import {
  essenceContainers,
  type HeaderPlan,
  headerSets,
  type TrackFileIdentity,
} from './header.ts';
import { BODY_STREAM_ID, encodeIndex, INDEX_STREAM_ID, type IndexToWrite } from './index-table.ts';
import { berBytes, KEY_BYTES, writeBer } from './klv.ts';
import { GENERIC_STREAM_ELEMENT, type Label, operationalPattern } from './labels.ts';
import { encodeFill, encodeHeaderMetadata, FILL_BYTES_MIN } from './metadata.ts';
import {
  encodePartition,
  encodeRandomIndex,
  partitionBytes,
  type RandomIndexEntry,
} from './partition.ts';
import type { Rational } from './property-types.ts';

/** Room for the header, as every known D-cinema writer leaves it; larger when it must be. */
export const HEADER_BYTES = 16_384;

/** Secrets of one track file. Without `integrity: false` each frame carries a MIC. */
export type EncryptionToWrite = {
  readonly key: Uint8Array;
  readonly keyId: Uuid;
  readonly integrity?: boolean;
  /** Bytes at the head of each frame left readable; none by default. */
  readonly plaintextOffset?: number;
};

/** The machine of a writer. */
export type WriterPorts = {
  readonly cryptography: Cryptography;
  /** Instance ids, context id and initialization vectors; a seeded one repeats the file. */
  readonly random: RandomBytes;
};

/** What all kinds of track file have in common. */
export type TrackFileOptions = {
  readonly identity: TrackFileIdentity;
  readonly editRate: Rational;
  readonly encryption?: EncryptionToWrite;
  /**
   * What the essence will be, when it is known beforehand: the header is then final at once and
   * the sink is never patched, so that the file can be hashed while it is written.
   */
  readonly expected?: {
    readonly durationFrames: number;
    readonly elementBytes: readonly number[] | number;
  };
  readonly signal?: CancelSignal;
  readonly onFrame?: (frames: number) => void;
};

/** What was written. */
export type TrackFileSummary = {
  readonly assetId: Uuid;
  readonly durationFrames: number;
  readonly sizeBytes: number;
  readonly largestFrameBytes: number;
};

/** Essence in order, made in advance or on the way. */
export type Frames = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A font or picture of a timed text. */
export type TimedTextResource = {
  readonly id: Uuid;
  /** `image/png`, `application/x-font-opentype` … (ST 429-5:2009 9.3). */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
};

/** The essence of one file, whatever its kind. */
export type EssencePlan = {
  readonly elements: Frames;
  readonly elementsPerFrame: number;
  readonly elementKey: Label;
  readonly container: Label;
  readonly trackName: string;
  readonly dataDefinition: Label;
  readonly packageName: string;
  readonly constantSize: boolean;
  readonly randomAccess: boolean;
  /** Timed text: one element stands for the whole duration. */
  readonly durationFrames?: number;
  readonly resources?: readonly (TimedTextResource & { streamId: number })[];
  readonly descriptor: (ids: Ids, durationFrames: number) => DescriptorSets;
};

/**
 * Writes one track file: header, essence as it comes, resources, footer. Refused: essence that is
 * empty or half a pair of eyes; the sink is then to be aborted.
 */
export async function writeTrackFile(
  sink: ByteSink,
  ports: WriterPorts,
  options: TrackFileOptions,
  plan: EssencePlan,
): Promise<Outcome<TrackFileSummary>> {
  const writer = new TrackFileWriter(sink, ports, options, plan);
  return writer.run();
}

/** One file being written: the place in the sink, the offsets of frames, the partitions. */
class TrackFileWriter {
  readonly #sink: ByteSink;
  readonly #options: TrackFileOptions;
  readonly #plan: EssencePlan;
  readonly #ids: Ids;
  readonly #encrypt: TripletEncryptor | undefined;
  readonly #contextId: Uuid | undefined;
  readonly #containers: readonly Label[];
  readonly #pattern: Label;
  readonly #offsets: number[] = [];
  readonly #partitions: RandomIndexEntry[] = [];
  #position = 0;
  #streamBytes = 0;
  #sequence = 0;
  #largest = 0;

  constructor(sink: ByteSink, ports: WriterPorts, options: TrackFileOptions, plan: EssencePlan) {
    const { identity, encryption } = options;
    this.#sink = sink;
    this.#options = options;
    this.#plan = plan;
    const known = new Map<string, Uuid>();
    this.#ids = (name) => {
      const id = known.get(name) ?? uuidFromRandom(ports.random(16));
      known.set(name, id);
      return id;
    };
    this.#contextId = encryption === undefined ? undefined : this.#ids('context');
    this.#encrypt =
      encryption === undefined
        ? undefined
        : tripletEncryptor(
            ports.cryptography,
            {
              key: encryption.key,
              keyId: encryption.keyId,
              contextId: this.#contextId!,
              assetId: identity.assetId,
              labels: identity.labels,
              integrity: encryption.integrity !== false,
              plaintextOffset: encryption.plaintextOffset ?? 0,
            },
            ports.random,
          );
    this.#containers = essenceContainers(this.#headerPlan(0));
    this.#pattern = operationalPattern(identity.labels);
  }

  async run(): Promise<Outcome<TrackFileSummary>> {
    const expected = this.#expectation();
    await this.#write(this.#head(expected?.durationFrames ?? 0, expected?.footerOffset ?? 0));
    const headBytes = this.#position;
    const { identity } = this.#options;
    this.#partitions.push({ bodyStreamId: identity.labels === 'interop' ? 1 : 0, offset: 0 });
    if (identity.labels === 'smpte') {
      this.#partitions.push({ bodyStreamId: BODY_STREAM_ID, offset: this.#bodyOffset() });
    }
    const count = await this.#writeElements();
    if (count % this.#plan.elementsPerFrame !== 0)
      return refused(
        finding('missing_eye', 'error', {
          facts: { codestreams: count },
          clause: 'ST 429-10:2008 6.2',
        }),
      );
    const durationFrames = this.#plan.durationFrames ?? count / this.#plan.elementsPerFrame;
    if (count === 0) return refused(finding('empty_essence', 'error'));
    for (const resource of this.#plan.resources ?? []) await this.#writeResource(resource);
    const footerOffset = this.#position;
    await this.#writeFooter(durationFrames);
    if (expected === undefined) {
      const head = this.#head(durationFrames, footerOffset);
      assert(head.length === headBytes, 'the final header is as long as the first one');
      await this.#sink.patch(0, head);
    } else {
      assert(
        expected.footerOffset === footerOffset && expected.durationFrames === durationFrames,
        'the essence is what was announced',
      );
    }
    return accepted({
      assetId: identity.assetId,
      durationFrames,
      sizeBytes: this.#position,
      largestFrameBytes: this.#largest,
    });
  }

  #headerPlan(durationFrames: number): HeaderPlan {
    const { identity, editRate, encryption } = this.#options;
    const plan = this.#plan;
    return {
      identity,
      editRate,
      durationFrames,
      ids: this.#ids,
      descriptor: plan.descriptor(this.#ids, durationFrames),
      container: plan.container,
      trackName: plan.trackName,
      trackNumber: Number.parseInt(plan.elementKey.slice(24), 16),
      dataDefinition: plan.dataDefinition,
      packageName: plan.packageName,
      ...(encryption === undefined
        ? {}
        : {
            encryption: {
              keyId: encryption.keyId,
              contextId: this.#contextId!,
              integrity: encryption.integrity !== false,
            },
          }),
    };
  }

  /** Header partition and, in SMPTE files, the pack of the body partition after it. */
  #head(durationFrames: number, footerOffset: number): Uint8Array {
    const { labels } = this.#options.identity;
    const sets = encodeHeaderMetadata(headerSets(this.#headerPlan(durationFrames)), labels);
    const packBytes = partitionBytes(this.#containers.length);
    const needed = packBytes + sets.length + FILL_BYTES_MIN;
    const total = Math.max(HEADER_BYTES, needed);
    const header = encodePartition({
      kind: 'header',
      thisOffset: 0,
      footerOffset,
      headerBytes: total - packBytes,
      operationalPattern: this.#pattern,
      essenceContainers: this.#containers,
      bodyStreamId: labels === 'interop' ? BODY_STREAM_ID : 0,
    });
    const parts = [header, sets, encodeFill(total - packBytes - sets.length)];
    if (labels === 'smpte') {
      parts.push(
        encodePartition({
          kind: 'body',
          thisOffset: total,
          previousOffset: 0,
          footerOffset,
          bodyStreamId: BODY_STREAM_ID,
          operationalPattern: this.#pattern,
          essenceContainers: this.#containers,
        }),
      );
    }
    return concatBytes(...parts);
  }

  /** Where the body partition begins: right after the header, whatever its size became. */
  #bodyOffset(): number {
    return this.#position - partitionBytes(this.#containers.length);
  }

  #expectation(): { durationFrames: number; footerOffset: number } | undefined {
    const { expected, encryption } = this.#options;
    if (expected === undefined) return undefined;
    const size = (bytes: number) =>
      encryption === undefined
        ? KEY_BYTES + berBytes(bytes) + bytes
        : encryptedElementBytes(bytes, {
            integrity: encryption.integrity !== false,
            plaintextOffset: encryption.plaintextOffset ?? 0,
          });
    const elements = expected.durationFrames * this.#plan.elementsPerFrame;
    const essence =
      typeof expected.elementBytes === 'number'
        ? elements * size(expected.elementBytes)
        : expected.elementBytes.reduce((sum, bytes) => sum + size(bytes), 0);
    const head = this.#head(expected.durationFrames, 0).length;
    return { durationFrames: expected.durationFrames, footerOffset: head + essence };
  }

  async #writeElements(): Promise<number> {
    const { elementKey, elementsPerFrame } = this.#plan;
    const key = fromHex(elementKey);
    let count = 0;
    for await (const element of this.#plan.elements) {
      this.#options.signal?.throwIfAborted();
      if (count % elementsPerFrame === 0) this.#offsets.push(this.#streamBytes);
      const before = this.#position;
      if (this.#encrypt === undefined) {
        await this.#write(elementHead(key, element.length));
        await this.#write(element);
      } else {
        const parts = this.#encrypt(elementKey, element, ++this.#sequence);
        for (const part of parts) await this.#write(part);
      }
      this.#streamBytes += this.#position - before;
      this.#largest = Math.max(this.#largest, element.length);
      count++;
      if (count % elementsPerFrame === 0) this.#options.onFrame?.(count / elementsPerFrame);
    }
    return count;
  }

  async #writeResource(resource: TimedTextResource & { streamId: number }): Promise<void> {
    const previous = this.#partitions.at(-1)!;
    const offset = this.#position;
    this.#partitions.push({ bodyStreamId: resource.streamId, offset });
    await this.#write(
      encodePartition({
        kind: 'generic_stream',
        thisOffset: offset,
        previousOffset: previous.offset,
        bodyStreamId: resource.streamId,
        operationalPattern: this.#pattern,
        essenceContainers: this.#containers,
      }),
    );
    if (this.#encrypt !== undefined) {
      const parts = this.#encrypt(GENERIC_STREAM_ELEMENT, resource.bytes, ++this.#sequence);
      for (const part of parts) await this.#write(part);
      return;
    }
    await this.#write(elementHead(fromHex(GENERIC_STREAM_ELEMENT), resource.bytes.length));
    await this.#write(resource.bytes);
  }

  async #writeFooter(durationFrames: number): Promise<void> {
    let segment = 0;
    const common = {
      editRate: this.#options.editRate,
      instanceIds: () => this.#ids(`index-${segment++}`),
    };
    const index: IndexToWrite = this.#plan.constantSize
      ? { ...common, durationFrames, editUnitBytes: this.#streamBytes / this.#offsets.length }
      : {
          ...common,
          durationFrames,
          offsets: this.#offsets,
          randomAccess: this.#plan.randomAccess,
        };
    const segments = encodeIndex(index);
    const offset = this.#position;
    const previous = this.#partitions.at(-1)!;
    this.#partitions.push({ bodyStreamId: 0, offset });
    await this.#write(
      encodePartition({
        kind: 'footer',
        thisOffset: offset,
        previousOffset: previous.offset,
        footerOffset: offset,
        indexBytes: segments.length,
        indexStreamId: INDEX_STREAM_ID,
        operationalPattern: this.#pattern,
        essenceContainers: this.#containers,
      }),
    );
    await this.#write(segments);
    await this.#write(encodeRandomIndex(this.#partitions));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.#position += bytes.length;
  }
}

function elementHead(key: Uint8Array, valueBytes: number): Uint8Array {
  const head = new Uint8Array(KEY_BYTES + berBytes(valueBytes));
  head.set(key);
  writeBer(head, KEY_BYTES, valueBytes);
  return head;
}
