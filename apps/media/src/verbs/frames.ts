import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import type { FramesJob, PictureSize, RawPixelFormat, ThumbnailJob } from '../jobs.ts';
import { Slicer } from '../pipes.ts';
import { fileUrl, type Plan, type PlanInput, type PlanStream, tapUrl } from '../plan.ts';
import { approximate, pictureLead } from '../probe.ts';
import {
  type Film,
  planInput,
  probeFilm,
  rateValue,
  requireOutput,
  type VerbContext,
} from './context.ts';
import {
  croppedPicture,
  displaySize,
  isInside,
  pictureChain,
  sizeWithin,
} from './picture-chain.ts';

export type RawFrame = {
  /** Counted from the first picture of the film. */
  readonly number: number;
  /** Valid until the consumer's promise is settled; the next picture overwrites it. */
  readonly bytes: Uint8Array;
};

/** Takes pictures one by one. The decoder waits while the promise is open. */
export type FrameConsumer = (frame: RawFrame) => void | Promise<void>;

export type FramesResult = {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: RawPixelFormat;
  readonly frameRate: string;
  readonly frames: number;
  readonly frameBytes: number;
};

/** Samples per pixel and bytes per sample, planes together. */
const BYTES_PER_PIXEL: Readonly<Record<RawPixelFormat, number>> = {
  rgb48le: 6,
  rgb24: 3,
  gray: 1,
  yuv420p: 1.5,
  yuv422p10le: 4,
  yuv444p16le: 6,
};

export function frameBytesOf(format: RawPixelFormat, size: PictureSize): number {
  return size.width * size.height * BYTES_PER_PIXEL[format];
}

/** Containers whose index leads to the very picture; in others a jump may land anywhere. */
const EXACT_SEEK = /^(?:mov,mp4|matroska|mxf$|image2$|nut$)/;

type Start = { readonly input: PlanInput; readonly skipFrames: number };

/**
 * Where reading begins for a picture: by a jump a quarter of a picture early, so that rounding of
 * time cannot lose it, or from the beginning with the pictures before it counted off.
 */
export function startAt(input: PlanInput, frame: number, film: Film): Start {
  if (frame <= 0) return { input, skipFrames: 0 };
  const exact = EXACT_SEEK.test(film.probe.container) && !film.picture.variableRate;
  if (!exact) return { input, skipFrames: frame };
  const seconds = pictureLead(film.probe) + (frame - 0.25) / rateValue(film.rate);
  return { input: { ...input, seekSeconds: seconds.toFixed(6) }, skipFrames: 0 };
}

/** Decodes pictures to raw samples, for the consumer or into a folder. */
export async function frames(
  context: VerbContext,
  job: FramesJob,
  consumer: FrameConsumer | undefined,
): Promise<Outcome<FramesResult>> {
  const film = await probeFilm(context, job.input, true);
  if (!film.ok) return film;
  const { picture, rate } = film.value;
  const { crop } = job;
  if (crop !== undefined && !isInside(crop, picture)) {
    const reason = `crop ${picture.width}x${picture.height}`;
    return refused(finding('invalid_job', 'error', { facts: { reason } }));
  }
  const size =
    job.size ?? displaySize(crop === undefined ? picture : croppedPicture(picture, crop));
  if (/42[02]/.test(job.pixelFormat) && (size.width % 2 !== 0 || size.height % 2 !== 0)) {
    const reason = `${size.width}x${size.height} ${job.pixelFormat}`;
    return refused(finding('invalid_job', 'error', { facts: { reason } }));
  }
  const take = consumer ?? (await folderConsumer(job.outputFolder));
  if (take === undefined) {
    return refused(finding('invalid_job', 'error', { facts: { reason: 'outputFolder' } }));
  }
  const first = job.firstFrame ?? 0;
  const conformed = job.frameRate !== undefined && job.frameRate !== rate;
  const expected = conformed ? job.count : expectedFrames(film.value, first, job.count);
  if (expected !== undefined) context.expect({ pictures: expected });
  const frameBytes = frameBytesOf(job.pixelFormat, size);
  let number = first;
  const slicer = new Slicer(frameBytes, (bytes) => take({ number: number++, bytes }));
  const plan = framesPlan(film.value, job, size);
  const done = requireOutput(
    plan,
    await context.session.execute(plan, { taps: [(chunk) => slicer.take(chunk)] }),
  );
  if (!done.ok) return done;
  const given = number - first;
  if (given === 0 || slicer.rest.length > 0) return refused(finding('empty_output', 'error'));
  const notes = [...film.findings, ...done.findings];
  if (!conformed && expected !== undefined && given !== expected) {
    const facts = { expected, found: given };
    notes.push(finding('mismatched_frame_count', 'warning', { facts }));
  }
  const { pixelFormat } = job;
  const frameRate = job.frameRate ?? rate;
  return accepted({ ...size, pixelFormat, frameRate, frames: given, frameBytes }, notes);
}

function expectedFrames(film: Film, first: number, count: number | undefined): number | undefined {
  const { frames: whole, variableRate } = film.picture;
  if (whole === null || variableRate) return count;
  return Math.max(0, Math.min(count ?? whole - first, whole - first));
}

function framesPlan(film: Film, job: FramesJob, size: PictureSize): Plan {
  const first = job.firstFrame ?? 0;
  const rate = job.frameRate ?? film.rate;
  const input = planInput(job.input);
  // Pictures of another rate have no place in the index: they are counted off from the beginning.
  const start = rate === film.rate ? startAt(input, first, film) : { input, skipFrames: first };
  const chain = pictureChain(film.picture, {
    frameRate: rate,
    skipFrames: start.skipFrames,
    size,
    fit: job.fit ?? 'pad',
    ...(job.crop === undefined ? {} : { crop: job.crop }),
    pixelFormat: job.pixelFormat,
    exact: true,
    toneMap: job.toneMap === true,
  });
  const whole =
    job.input.kind === 'sequence'
      ? Math.round((job.input.count * rateValue(rate)) / rateValue(film.rate))
      : undefined;
  const count = job.count ?? (whole === undefined ? undefined : whole - first);
  const stream: PlanStream = {
    label: 'picture',
    kind: 'video',
    codec: 'rawvideo',
    options: {},
    ...(count === undefined ? {} : { frameLimit: count }),
  };
  return {
    inputs: [start.input],
    graph: `[0:${film.picture.index}]${chain}[picture]`,
    outputs: [{ url: tapUrl(0), format: 'rawvideo', options: {}, metadata: {}, streams: [stream] }],
  };
}

async function folderConsumer(folder: string | undefined): Promise<FrameConsumer | undefined> {
  const found = folder === undefined ? undefined : await stat(folder).catch(() => undefined);
  if (folder === undefined || found?.isDirectory() !== true) return undefined;
  return async (frame) => {
    const name = `frame-${String(frame.number).padStart(8, '0')}.raw`;
    const file = await open(join(folder, name), 'w');
    try {
      await file.writeFile(frame.bytes);
    } finally {
      await file.close();
    }
  };
}

export type ThumbnailResult = {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly frame: number;
};

const THUMBNAIL_WIDTH_MAX = 640;
const STILL_ENCODERS: Readonly<Record<string, { codec: string; deep: string; flat: string }>> = {
  jpg: { codec: 'mjpeg', deep: 'yuvj420p', flat: 'yuvj420p' },
  jpeg: { codec: 'mjpeg', deep: 'yuvj420p', flat: 'yuvj420p' },
  png: { codec: 'png', deep: 'rgb48be', flat: 'rgb24' },
  tif: { codec: 'tiff', deep: 'rgb48le', flat: 'rgb24' },
  tiff: { codec: 'tiff', deep: 'rgb48le', flat: 'rgb24' },
  webp: { codec: 'libwebp', deep: 'yuv420p', flat: 'yuv420p' },
};

/** One picture of the film as a still. */
export async function thumbnail(
  context: VerbContext,
  job: ThumbnailJob,
): Promise<Outcome<ThumbnailResult>> {
  const encoder = STILL_ENCODERS[/\.([^./]+)$/.exec(job.output)?.[1]?.toLowerCase() ?? ''];
  if (encoder === undefined) {
    return refused(finding('invalid_job', 'error', { facts: { reason: job.output } }));
  }
  const film = await probeFilm(context, job.input);
  if (!film.ok) return film;
  const { picture, rate, probe } = film.value;
  const length = picture.frames ?? approximate(probe.duration ?? '0') * rateValue(rate);
  const frame = job.frame ?? Math.floor(length / 10);
  const size = sizeWithin(displaySize(picture), job.widthMax ?? THUMBNAIL_WIDTH_MAX, 65_500);
  const deep = (picture.bitDepth ?? 8) > 8;
  const pixelFormat = deep ? encoder.deep : encoder.flat;
  const { input, skipFrames } = startAt(planInput(job.input), frame, film.value);
  const chain = stillChain(picture, { size, pixelFormat, frameRate: rate, skipFrames });
  const stream: PlanStream = {
    label: 'picture',
    kind: 'video',
    codec: encoder.codec,
    options: stillOptions(encoder.codec),
    frameLimit: 1,
  };
  const plan: Plan = {
    inputs: [input],
    graph: `[0:${picture.index}]${chain}[picture]`,
    outputs: [
      {
        url: fileUrl(job.output),
        format: 'image2',
        options: { update: '1' },
        metadata: {},
        streams: [stream],
      },
    ],
  };
  const done = requireOutput(plan, await context.session.execute(plan));
  if (!done.ok) {
    const beyond = done.findings.some((each) => each.code === 'empty_output') || frame >= length;
    return beyond ? refused(finding('missing_frame', 'error', { facts: { frame } })) : done;
  }
  return accepted({ path: job.output, ...size, frame }, done.findings);
}

/** JPEG's range is full (JFIF 1.02); the scaler is told so, or whites come out grey. */
export function stillChain(
  picture: Film['picture'],
  options: { size: PictureSize; pixelFormat: string; frameRate: string; skipFrames?: number },
): string {
  const jpeg = options.pixelFormat === 'yuvj420p';
  const chain = pictureChain(picture, {
    ...options,
    pixelFormat: jpeg ? 'yuv420p' : options.pixelFormat,
    toneMap: true,
  });
  if (!jpeg) return chain;
  return `${chain},scale=in_color_matrix=bt709:in_range=tv:out_color_matrix=bt601:out_range=pc,format=yuvj420p`;
}

/** One step of mjpeg's quality scale in FFmpeg's units (FF_QP2LAMBDA). */
const LAMBDA_PER_STEP = 118;
const JPEG_STEP = 3;

export function stillOptions(codec: string): Record<string, string> {
  if (codec === 'mjpeg') {
    return { flags: '+qscale', global_quality: String(JPEG_STEP * LAMBDA_PER_STEP) };
  }
  return codec === 'libwebp' ? { quality: '85' } : {};
}
