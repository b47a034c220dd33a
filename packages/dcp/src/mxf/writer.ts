import { assert, type ByteSink, finding, type Outcome, refused, type Uuid } from '@yinglian/core';
import type { ChannelLayout } from './channels.ts';
import { readCodestreamHead } from './codestream-head.ts';
import {
  auxiliaryDataDescriptor,
  type AuxiliaryDataDescription,
  PCM_SAMPLE_BYTES,
  pictureDescriptor,
  soundDescriptor,
  timedTextDescriptor,
} from './descriptors.ts';
import { CODING_ATMOS, CONTAINER, DATA_DEFINITION, ESSENCE_ELEMENT, type Label } from './labels.ts';
import type { Rational } from './property-types.ts';
import type { EssenceKind } from './track-file.ts';
import {
  type Frames,
  type TimedTextResource,
  type TrackFileOptions,
  type TrackFileSummary,
  type WriterPorts,
  writeTrackFile,
} from './track-file-writer.ts';

/** A picture to be wrapped. */
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

/** Sound to be wrapped. */
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

/** Timed text to be wrapped. */
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

/** Auxiliary data to be wrapped. */
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
