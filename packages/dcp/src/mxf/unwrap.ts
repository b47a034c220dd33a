import {
  accepted,
  type ByteSink,
  type Cryptography,
  type Finding,
  finding,
  type Outcome,
  refused,
} from '@yinglian/core';
import type { CancelSignal } from '../ports.ts';
import { parseTriplet, tripletOpener } from './encryption.ts';
import { sequentialReader, type TrackFile } from './reader.ts';

/** Which frames are read, and with which key. */
export type FrameReading = {
  readonly cryptography?: Cryptography;
  readonly key?: Uint8Array;
  /** First frame and number of frames; all unless told. */
  readonly from?: number;
  readonly count?: number;
  readonly signal?: CancelSignal;
};

/** A fault met while frames are read in a row. */
export class FrameFault extends Error {
  override readonly name = 'FrameFault';
  readonly finding: Finding;
  constructor(because: Finding) {
    super(because.code);
    this.finding = because;
  }
}

/**
 * The plain elements of a track file in order: one per frame, two of a stereoscopic one. Each is
 * valid until the next is asked for. Throws a {@link FrameFault} at the first frame that cannot be
 * had; its finding says why.
 */
export async function* plainFrames(
  file: TrackFile,
  reading: FrameReading = {},
): AsyncGenerator<Uint8Array> {
  const from = reading.from ?? 0;
  const until = Math.min(file.frameCount, from + (reading.count ?? file.frameCount));
  const opener =
    reading.key === undefined || reading.cryptography === undefined
      ? undefined
      : tripletOpener(reading.cryptography, reading.key, file.info.labels ?? 'smpte');
  const facts = { keyId: file.info.encryption?.keyId ?? '' };
  const fault = (code: string, frame: number): never => {
    throw new FrameFault(finding(code, 'error', { at: { frame }, facts }));
  };
  const elementsOf = sequentialReader(file);
  for (let frame = from; frame < until; frame++) {
    reading.signal?.throwIfAborted();
    const elements = (await elementsOf(frame)) ?? fault('missing_frame', frame);
    for (const element of elements) {
      if (!element.encrypted) {
        yield element.value;
        continue;
      }
      if (opener === undefined) fault('missing_key', frame);
      const triplet = parseTriplet(element.value) ?? fault('invalid_encrypted_frame', frame);
      const plain = opener!.open(triplet) ?? fault('mismatched_key', frame);
      if (file.info.encryption?.integrity !== false && !opener!.authentic(triplet)) {
        fault('mismatched_integrity_code', frame);
      }
      yield plain;
    }
  }
}

/** How the frames of a track file become files: one file each, or all in one. */
export type UnwrapTarget =
  | { readonly kind: 'frames'; readonly create: (name: string) => Promise<ByteSink> }
  | { readonly kind: 'stream'; readonly sink: ByteSink };

const EXTENSION: Partial<Record<TrackFile['info']['essence'], string>> = {
  jpeg2000: 'j2c',
  stereoscopic: 'j2c',
  pcm: 'pcm',
  timed_text: 'xml',
  atmos: 'atmos',
  mpeg2: 'm2v',
};

/**
 * Takes the essence out of its wrapping, decrypted where a key is given. Frames are named by their
 * number (`000000.j2c`), eyes by `L` and `R`.
 */
export async function unwrapTrackFile(
  file: TrackFile,
  target: UnwrapTarget,
  reading: FrameReading = {},
): Promise<Outcome<{ readonly elements: number }>> {
  const stereoscopic = file.info.essence === 'stereoscopic';
  const extension = EXTENSION[file.info.essence] ?? 'bin';
  let elements = 0;
  try {
    for await (const element of plainFrames(file, reading)) {
      if (target.kind === 'stream') await target.sink.write(element);
      else {
        const frame = (reading.from ?? 0) + (stereoscopic ? elements >> 1 : elements);
        const eye = stereoscopic ? (elements % 2 === 0 ? 'L' : 'R') : '';
        const sink = await target.create(`${String(frame).padStart(6, '0')}${eye}.${extension}`);
        await sink.write(element);
        await sink.close();
      }
      elements++;
    }
  } catch (error) {
    if (error instanceof FrameFault) return refused(error.finding);
    throw error;
  }
  return accepted({ elements });
}
