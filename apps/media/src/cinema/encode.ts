import { stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import {
  CONTAINERS,
  type ContainerName,
  is4k,
  type TransferName,
  USUAL_TRANSFER,
} from '@yinglian/dcp';
import type { MediaEngine } from '../engine.ts';
import type { JobOptions } from '../job-runner.ts';
import type { MediaInput, PictureArea } from '../jobs.ts';
import type { PictureStream } from '../probe.ts';
import type { RawFrame } from '../verbs/frames.ts';
import { displaySize, fitSize } from '../verbs/picture-chain.ts';
import { type CinemaSettings, type CinemaSpace, codestreamName } from './messages.ts';
import { CinemaFault, CinemaPool } from './pool.ts';
import { type CinemaEncoderName, findCinemaEncoder } from './programs.ts';

/** How a picture of another shape is laid into its container. */
export type CinemaMode = 'fit' | 'fill' | 'none';

export type CinemaJob = {
  readonly input: MediaInput;
  /** A folder that exists. Codestreams are named by the hash of picture and settings. */
  readonly folder: string;
  readonly container: ContainerName;
  /**
   * `fit`: the whole picture with black around it; `fill`: cut to the container's shape; `none`:
   * every pixel as it is, cut and padded about the centre.
   */
  readonly mode?: CinemaMode;
  /** What of the upright picture is taken, in pixels of the file. */
  readonly crop?: PictureArea;
  /** The package's edit rate, for example `24`. Pictures are taken one to one … */
  readonly editRate: string;
  /** … or, when asked, time is kept and pictures are repeated or left out to meet the rate. */
  readonly repeat?: boolean;
  readonly bitRateMbit?: number;
  /** One eye of a stereoscopic picture: both share the rate. */
  readonly stereo?: boolean;
  readonly space?: CinemaSpace;
  readonly transfer?: TransferName;
  readonly white?: 'none' | 'dci';
  /** Stop spending bytes at this quality, dB. */
  readonly psnrMax?: number;
  /** What compresses; `own` unless told. */
  readonly encoder?: CinemaEncoderName;
  /** The program of a foreign encoder, where it is not found by its usual name. */
  readonly encoderProgram?: string;
  readonly firstFrame?: number;
  readonly count?: number;
  /** Threads; default one per core. The codestreams do not depend on it. */
  readonly workers?: number;
};

export type CinemaFrameEntry = {
  /** Counted from the first picture of the film. */
  readonly number: number;
  /** SHA-256 of the picture and the settings; the name of the file. */
  readonly hash: string;
  readonly path: string;
  readonly sizeBytes: number;
};

export type CinemaFramesResult = {
  readonly width: number;
  readonly height: number;
  readonly editRate: string;
  readonly frames: readonly CinemaFrameEntry[];
  /** Codestreams that were made now. */
  readonly encoded: number;
  /** Found in the folder from an earlier run. */
  readonly reused: number;
  /** The same picture as the one before. */
  readonly repeated: number;
  /** Made again with fewer bytes, since a foreign encoder was over the caps. */
  readonly lowered: number;
};

export type CinemaOptions = JobOptions & {
  /** Called in the order of the film, each picture once it and all before it are there. */
  readonly onFrame?: (frame: CinemaFrameEntry) => void;
};

/** What of its container a picture fills, as {@link encodeCinemaFrames} lays it in. */
export function cinemaActiveArea(
  picture: PictureStream,
  container: ContainerName,
  mode: CinemaMode = 'fit',
): { readonly width: number; readonly height: number } {
  const { width, height } = CONTAINERS[container];
  const fitted = fitSize(displaySize(picture), { width, height }, FITS[mode]);
  return { width: Math.min(fitted.width, width), height: Math.min(fitted.height, height) };
}

const FITS = { fit: 'pad', fill: 'crop', none: 'none' } as const;

const BIT_RATE_MBIT = 250;
const WORKERS_MAX = 64;

/**
 * Decodes a film, brings it into a cinema container and into X'Y'Z', and compresses it by the
 * digital cinema profile on all cores. What already lies in the folder is not made again.
 */
export async function encodeCinemaFrames(
  engine: MediaEngine,
  job: CinemaJob,
  options: CinemaOptions = {},
): Promise<Outcome<CinemaFramesResult>> {
  const found = await stat(job.folder).catch(() => undefined);
  if (found?.isDirectory() !== true || CONTAINERS[job.container] === undefined) {
    return refused(finding('invalid_job', 'error', { facts: { reason: 'folder or container' } }));
  }
  if (job.psnrMax !== undefined && (job.encoder ?? 'own') !== 'own') {
    return refused(finding('invalid_job', 'error', { facts: { reason: 'psnrMax' } }));
  }
  const program = await findCinemaEncoder(job.encoder ?? 'own', job.encoderProgram);
  if (!program.ok) return program;
  const settings = settingsOf(job, program.value.version);
  const count = Math.max(1, Math.min(WORKERS_MAX, job.workers ?? availableParallelism()));
  const pool = new CinemaPool(count, {
    folder: job.folder,
    settings,
    program: program.value.program,
  });
  const order = new Order(pool, job.folder, options.onFrame);
  // A thread's fault stops the decoder at once instead of at its next picture.
  const stop = new AbortController();
  order.onFault = () => stop.abort();
  const cancel = () => pool.cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  const signal =
    options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  try {
    const decoded = await engine.frames(
      {
        verb: 'frames',
        input: job.input,
        pixelFormat: 'rgb48le',
        size: { width: settings.width, height: settings.height },
        fit: FITS[job.mode ?? 'fit'],
        ...(job.crop === undefined ? {} : { crop: job.crop }),
        toneMap: settings.space !== 'xyz',
        ...(job.repeat === true ? { frameRate: job.editRate } : {}),
        ...(job.firstFrame === undefined ? {} : { firstFrame: job.firstFrame }),
        ...(job.count === undefined ? {} : { count: job.count }),
      },
      { ...options, signal, consumer: (frame) => order.take(frame) },
    );
    const fault = order.fault;
    if (fault !== undefined && options.signal?.aborted !== true)
      return refused(...faultFindings(fault));
    if (!decoded.ok) return decoded;
    const frames = await order.finish();
    // A short film is decoded before the first picture is ready: a cancel still counts.
    if (options.signal?.aborted === true) return refused(finding('cancelled_job', 'error'));
    const { encoded, reused, repeated, lowered } = order;
    const { width, height } = settings;
    const counts = { encoded, reused, repeated, lowered };
    const result = { width, height, editRate: job.editRate, frames, ...counts };
    await writeFile(join(job.folder, 'frames.json'), manifest(settings, frames));
    return accepted(result, [...decoded.findings, ...loweredFindings(settings, lowered)]);
  } catch (fault) {
    if (options.signal?.aborted === true) return refused(finding('cancelled_job', 'error'));
    if (fault instanceof CinemaFault) return refused(...faultFindings(fault));
    throw fault;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    await pool.close();
  }
}

function settingsOf(job: CinemaJob, encoderVersion: string): CinemaSettings {
  const { width, height } = CONTAINERS[job.container];
  const space = job.space ?? 'rec709';
  return {
    width,
    height,
    resolution: is4k(job.container) ? '4k' : '2k',
    editRate: job.editRate,
    bitRateMbit: job.bitRateMbit ?? BIT_RATE_MBIT,
    space,
    transfer: job.transfer ?? (space === 'xyz' ? 'gamma_2.6' : USUAL_TRANSFER[space]),
    white: job.white ?? 'none',
    psnrMax: job.psnrMax ?? null,
    encoder: job.encoder ?? 'own',
    encoderVersion,
    ...(job.stereo === true ? { stereo: true as const } : {}),
  };
}

/** Hashes in the order of the film: what a package is built from. */
function manifest(settings: CinemaSettings, frames: readonly CinemaFrameEntry[]): string {
  return JSON.stringify({ settings, frames: frames.map((each) => [each.hash, each.sizeBytes]) });
}

function faultFindings(fault: CinemaFault): Finding[] {
  if (fault.errno === 'ENOSPC') return [finding('full_disk', 'error')];
  const frame = fault.number;
  if (fault.findings.length > 0) {
    return fault.findings.map((each) => ({ ...each, at: { ...each.at, frame } }));
  }
  const facts = { frame, reason: fault.message };
  return [finding('failed_compression', 'error', { facts })];
}

function loweredFindings({ encoder }: CinemaSettings, frames: number): Finding[] {
  if (frames === 0) return [];
  return [finding('lowered_bit_rate', 'note', { facts: { encoder, frames } })];
}

type Made = {
  readonly hash: string;
  readonly sizeBytes: number;
  readonly wasThere: boolean;
  readonly lowered: boolean;
};

/** Gives pictures to threads as they come and results on in the film's order. */
class Order {
  encoded = 0;
  reused = 0;
  repeated = 0;
  lowered = 0;
  fault: CinemaFault | undefined;
  onFault: () => void = () => {};
  private readonly entries: CinemaFrameEntry[] = [];
  private readonly pool: CinemaPool;
  private readonly folder: string;
  private readonly onFrame: ((frame: CinemaFrameEntry) => void) | undefined;
  private readonly ahead: { number: number; made: Promise<Made> }[] = [];
  private previous: { bytes: Uint8Array; made: Promise<Made> } | undefined;
  private handing: Promise<void> = Promise.resolve();

  constructor(
    pool: CinemaPool,
    folder: string,
    onFrame: ((frame: CinemaFrameEntry) => void) | undefined,
  ) {
    this.pool = pool;
    this.folder = folder;
    this.onFrame = onFrame;
  }

  async take({ number, bytes }: RawFrame): Promise<void> {
    const { previous } = this;
    if (previous !== undefined && Buffer.compare(previous.bytes, bytes) === 0) {
      this.repeated++;
      this.enqueue(number, previous.made);
      return;
    }
    await this.pool.ready();
    const pixels = this.pool.buffer(bytes.length);
    new Uint8Array(pixels).set(bytes);
    const made = this.pool.compress({ number, pixels });
    const kept = previous?.bytes ?? new Uint8Array(bytes.length);
    kept.set(bytes);
    this.previous = { bytes: kept, made };
    made.then(
      (done) => {
        if (done.wasThere) this.reused++;
        else this.encoded++;
        if (done.lowered) this.lowered++;
      },
      (fault: CinemaFault) => {
        this.fault ??= fault;
        this.onFault();
      },
    );
    this.enqueue(number, made);
  }

  private enqueue(number: number, made: Promise<Made>): void {
    this.ahead.push({ number, made });
    this.handing = this.handing.then(() => this.handOn());
    // The fault is told by `fault`; here it must only not go unheard.
    this.handing.catch(() => {});
  }

  private async handOn(): Promise<void> {
    const next = this.ahead.shift()!;
    const { hash, sizeBytes } = await next.made;
    const path = join(this.folder, codestreamName(hash));
    const entry = { number: next.number, hash, path, sizeBytes };
    this.entries.push(entry);
    this.onFrame?.(entry);
  }

  async finish(): Promise<readonly CinemaFrameEntry[]> {
    await this.handing;
    return this.entries;
  }
}
