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
import type { ChannelLayout } from './channels.ts';
import { readCodestreamHead } from './codestream-head.ts';
import {
  auxiliaryDataDescriptor,
  type AuxiliaryDataDescription,
  type DescriptorSets,
  type Ids,
  PCM_SAMPLE_BYTES,
  pictureDescriptor,
  soundDescriptor,
  timedTextDescriptor,
} from './descriptors.ts';
import { encryptedElementBytes, type TripletEncryptor, tripletEncryptor } from './encryption.ts';
import {
  essenceContainers,
  type HeaderPlan,
  headerSets,
  type TrackFileIdentity,
} from './header.ts';
import { BODY_STREAM_ID, encodeIndex, INDEX_STREAM_ID, type IndexToWrite } from './index-table.ts';
import { berBytes, KEY_BYTES, writeBer } from './klv.ts';
import {
  CODING_ATMOS,
  CONTAINER,
  DATA_DEFINITION,
  ESSENCE_ELEMENT,
  GENERIC_STREAM_ELEMENT,
  type Label,
  operationalPattern,
} from './labels.ts';
import { encodeFill, encodeHeaderMetadata, FILL_BYTES_MIN } from './metadata.ts';
import {
  encodePartition,
  encodeRandomIndex,
  partitionBytes,
  type RandomIndexEntry,
} from './partition.ts';
import type { EssenceKind } from './track-file.ts';
import type { CancelSignal } from '../ports.ts';
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

export type WriterPorts = {
  readonly cryptography: Cryptography;
  /** Instance ids, context id and initialization vectors; a seeded one repeats the file. */
  readonly random: RandomBytes;
};

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

export type Frames = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type PictureOptions = TrackFileOptions & {
  /** Codestreams in order; stereoscopic: left, right, left, right … */
  readonly frames: Frames;
  readonly stereoscopic?: boolean;
};

/** ST 429-4 (mono) or ST 429-10 (stereoscopic) picture. Ready codestreams go in as they are. */
export async function writePictureTrackFile(
  sink: ByteSink,
  ports: WriterPorts,
  options: PictureOptions,
): Promise<Outcome<TrackFileSummary>> {
  const iterator = iterate(options.frames);
  const first = await iterator.next();
  if (first.done === true) return refused(finding('empty_essence', 'error'));
  const head = readCodestreamHead(first.value);
  if (head === undefined) {
    return refused(
      finding('invalid_codestream', 'error', { at: { frame: 0 }, clause: 'ST 429-4:2006 6' }),
    );
  }
  const stereoscopic = options.stereoscopic === true;
  return writeTrackFile(sink, ports, options, {
    elements: resume(first.value, iterator),
    elementsPerFrame: stereoscopic ? 2 : 1,
    elementKey: ESSENCE_ELEMENT.jpeg2000,
    container: CONTAINER.jpeg2000,
    trackName: 'Picture Track',
    dataDefinition: DATA_DEFINITION.picture,
    packageName: stereoscopic
      ? 'File Package: SMPTE 429-10 frame wrapping of stereoscopic JPEG 2000 codestreams'
      : 'File Package: SMPTE 429-4 frame wrapping of JPEG 2000 codestreams',
    constantSize: false,
    randomAccess: true,
    descriptor: (ids, durationFrames) =>
      pictureDescriptor({
        head,
        ids,
        durationFrames,
        editRate: options.editRate,
        stereoscopic,
      }),
  });
}

export type SoundOptions = TrackFileOptions & {
  /** Interleaved 24-bit little-endian PCM in pieces of any size; the last frame is filled up. */
  readonly samples: Frames;
  readonly samplingRateHz: number;
  readonly channelCount: number;
  readonly layout?: ChannelLayout;
  readonly language?: string;
};

/** Samples of one edit unit; undefined when the rates do not divide (ST 429-2:2023 8). */
export function samplesPerFrame(samplingRateHz: number, editRate: Rational): number | undefined {
  const samples = (samplingRateHz * editRate.denominator) / editRate.numerator;
  return Number.isInteger(samples) && samples > 0 ? samples : undefined;
}

/** ST 382 frame wrapped PCM, with ST 377-4 labels in SMPTE files. */
export async function writeSoundTrackFile(
  sink: ByteSink,
  ports: WriterPorts,
  options: SoundOptions,
): Promise<Outcome<TrackFileSummary>> {
  const perFrame = samplesPerFrame(options.samplingRateHz, options.editRate);
  if (perFrame === undefined) {
    return refused(
      finding('mismatched_sampling_rate', 'error', {
        facts: {
          samplingRateHz: options.samplingRateHz,
          editRate: `${options.editRate.numerator}/${options.editRate.denominator}`,
        },
        clause: 'ST 429-2:2023 8',
      }),
    );
  }
  assert(
    options.layout === undefined || options.layout.slots.length === options.channelCount,
    'a channel layout names every channel',
  );
  const frameBytes = perFrame * options.channelCount * PCM_SAMPLE_BYTES;
  return writeTrackFile(sink, ports, options, {
    elements: reframe(options.samples, frameBytes),
    elementsPerFrame: 1,
    elementKey: ESSENCE_ELEMENT.pcm,
    container: CONTAINER.pcm,
    trackName: 'Sound Track',
    dataDefinition: DATA_DEFINITION.sound,
    packageName: 'File Package: SMPTE 382M frame wrapping of wave audio',
    constantSize: true,
    randomAccess: false,
    descriptor: (ids, durationFrames) =>
      soundDescriptor(
        {
          ids,
          durationFrames,
          editRate: options.editRate,
          samplingRateHz: options.samplingRateHz,
          channelCount: options.channelCount,
          ...(options.layout === undefined ? {} : { layout: options.layout }),
          ...(options.language === undefined ? {} : { language: options.language }),
        },
        options.identity.labels,
      ),
  });
}

/** Cuts pieces of any size into frames; what is missing at the end is silence. */
async function* reframe(samples: Frames, frameBytes: number): AsyncGenerator<Uint8Array> {
  let frame = new Uint8Array(frameBytes);
  let filled = 0;
  for await (const piece of samples) {
    let at = 0;
    if (filled === 0) {
      for (; at + frameBytes <= piece.length; at += frameBytes) {
        yield piece.subarray(at, at + frameBytes);
      }
    }
    while (at < piece.length) {
      const part = piece.subarray(at, at + frameBytes - filled);
      frame.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === frameBytes) {
        yield frame;
        frame = new Uint8Array(frameBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield frame;
}

export type TimedTextResource = {
  readonly id: Uuid;
  /** `image/png`, `application/x-font-opentype` … (ST 429-5:2009 9.3). */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
};

export type TimedTextOptions = Omit<TrackFileOptions, 'expected' | 'onFrame'> & {
  readonly document: Uint8Array;
  /** The Id of the document, which differs from the id of the asset. */
  readonly resourceId: Uuid;
  readonly namespaceName: string;
  readonly durationFrames: number;
  readonly resources?: readonly TimedTextResource[];
};

/** Stream ids of resources: clear of the essence (1) and, as other writers do it, from 10 up. */
const FIRST_RESOURCE_STREAM_ID = 10;

/** ST 429-5 timed text with fonts and pictures in generic stream partitions. */
export async function writeTimedTextTrackFile(
  sink: ByteSink,
  ports: WriterPorts,
  options: TimedTextOptions,
): Promise<Outcome<TrackFileSummary>> {
  const resources = (options.resources ?? []).map((resource, index) => ({
    ...resource,
    streamId: FIRST_RESOURCE_STREAM_ID + index,
  }));
  return writeTrackFile(sink, ports, options, {
    elements: [options.document],
    elementsPerFrame: 1,
    elementKey: ESSENCE_ELEMENT.timedText,
    container: CONTAINER.timedText,
    trackName: 'Timed Text Track',
    dataDefinition: DATA_DEFINITION.data,
    packageName: 'File Package: SMPTE 429-5 clip wrapping of D-Cinema Timed Text data',
    constantSize: false,
    randomAccess: false,
    durationFrames: options.durationFrames,
    resources,
    descriptor: (ids, durationFrames) =>
      timedTextDescriptor({
        ids,
        durationFrames,
        editRate: options.editRate,
        resourceId: options.resourceId,
        namespaceName: options.namespaceName,
        resources,
      }),
  });
}

export type AuxiliaryDataOptions = TrackFileOptions & {
  readonly frames: Frames;
  /** Atmos when absent. */
  readonly coding?: Label;
  readonly atmos?: NonNullable<AuxiliaryDataDescription['atmos']>;
};

/** ST 429-14 auxiliary data: one opaque element per edit unit (Atmos, IAB and others). */
export async function writeAuxiliaryDataTrackFile(
  sink: ByteSink,
  ports: WriterPorts,
  options: AuxiliaryDataOptions,
): Promise<Outcome<TrackFileSummary>> {
  return writeTrackFile(sink, ports, options, {
    elements: options.frames,
    elementsPerFrame: 1,
    elementKey: ESSENCE_ELEMENT.auxiliaryData,
    container: CONTAINER.auxiliaryData,
    trackName: options.atmos === undefined ? 'Auxiliary Data Track' : 'Dolby ATMOS Data Track',
    dataDefinition: DATA_DEFINITION.data,
    packageName: 'File Package: SMPTE-GC frame wrapping of D-Cinema Generic data',
    constantSize: false,
    randomAccess: false,
    descriptor: (ids, durationFrames) =>
      auxiliaryDataDescriptor({
        ids,
        durationFrames,
        editRate: options.editRate,
        coding: options.coding ?? CODING_ATMOS,
        ...(options.atmos === undefined ? {} : { atmos: options.atmos }),
      }),
  });
}

/** Whether a kind of essence can be written at all. */
export function writerSupports(essence: EssenceKind): boolean {
  return essence !== 'unknown' && essence !== 'mpeg2';
}

type EssencePlan = {
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

async function writeTrackFile(
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

function iterate(frames: Frames): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  return Symbol.asyncIterator in frames
    ? frames[Symbol.asyncIterator]()
    : frames[Symbol.iterator]();
}

/** The first item that was looked at, then the rest; closes the source when abandoned. */
async function* resume(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array> | Iterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
