import {
  formatTimecode,
  nominalRate,
  parseRatio,
  parseTimecode,
  type Ratio,
  ratio,
} from '@yinglian/core';
import type { RenderJob } from '../jobs.ts';
import { Canvas } from './canvas.ts';
import {
  drawBars,
  drawLandscape,
  drawOverlay,
  drawShapes,
  drawTitle,
  type Look,
} from './scenes.ts';

/** Seconds between two sync marks: a flash of one picture with a beep. */
export const SYNC_SECONDS = 2;

type Scene = { readonly kind: 'title' | 'landscape' | 'bars' | 'shapes'; readonly shot: number };

/** The order of a film, each with its weight of the whole. */
const FILM: readonly (Scene & { readonly weight: number })[] = [
  { kind: 'title', shot: 0, weight: 4 },
  { kind: 'landscape', shot: 0, weight: 5 },
  { kind: 'landscape', shot: 1, weight: 5 },
  { kind: 'shapes', shot: 0, weight: 4 },
  { kind: 'landscape', shot: 2, weight: 5 },
  { kind: 'landscape', shot: 3, weight: 5 },
  { kind: 'bars', shot: 0, weight: 3 },
];
const FILM_WEIGHT = FILM.reduce((sum, each) => sum + each.weight, 0);

/** First picture of each scene and one beyond the last. */
export function sceneStarts(frames: number): readonly number[] {
  let before = 0;
  const starts = FILM.map((each) => {
    const start = Math.round((frames * before) / FILM_WEIGHT);
    before += each.weight;
    return start;
  });
  return [...starts, frames];
}

export function jobRate(job: RenderJob): Ratio {
  return parseRatio(job.frameRate) ?? ratio(24);
}

/** Samples of sound under a number of pictures: exact, rounded once. */
export function samplesUnder(frames: number, rate: Ratio, sampleRate: number): number {
  const whole = BigInt(frames) * BigInt(sampleRate) * rate.denominator;
  return Number((2n * whole + rate.numerator) / (2n * rate.numerator));
}

/** Draws the pictures of a job, any of them in any order. */
export class FilmPainter {
  readonly canvas: Canvas;
  private readonly job: RenderJob;
  private readonly rate: Ratio;
  private readonly nominal: number;
  private readonly firstTimecode: bigint;
  private readonly look: Look;
  private readonly starts: readonly number[];

  constructor(job: RenderJob) {
    this.job = job;
    this.rate = jobRate(job);
    this.nominal = nominalRate(this.rate);
    this.canvas = new Canvas(job.size.width, job.size.height);
    const format = { rate: this.rate, dropFrame: false };
    const start = parseTimecode(job.startTimecode ?? '01:00:00:00', format);
    this.firstTimecode = start.ok ? start.value : 0n;
    this.look = {
      title: job.title,
      subtitle: job.subtitle ?? '',
      facts: `${job.size.width} X ${job.size.height}  ${job.frameRate} FPS  ${job.frames} FRAMES`,
      seed: job.seed ?? 1,
    };
    this.starts = sceneStarts(job.frames);
  }

  /** The picture stays valid until the next one is drawn. */
  draw(frame: number): Uint8Array {
    const { canvas, job } = this;
    const programme = job.programme ?? 'film';
    const drawn = programme === 'still' ? 0 : frame;
    const seconds =
      Number((1000n * BigInt(drawn) * this.rate.denominator) / this.rate.numerator) / 1000;
    if (programme === 'black') {
      canvas.fill([0, 0, 0]);
      return canvas.bytes;
    }
    if (programme === 'film') this.drawScene(drawn, seconds);
    else if (programme === 'bars') drawBars(canvas, { frame: drawn, seconds, share: 0 });
    else drawShapes(canvas, { frame: drawn, seconds, share: 0 }, this.look);
    drawOverlay(canvas, {
      timecode: formatTimecode(this.firstTimecode + BigInt(drawn), {
        rate: this.rate,
        dropFrame: false,
      }),
      frame: drawn,
      inSecond: (drawn % this.nominal) / this.nominal,
      flash: isSyncFrame(drawn, this.nominal),
    });
    return canvas.bytes;
  }

  private drawScene(frame: number, seconds: number): void {
    let at = FILM.length - 1;
    while (at > 0 && frame < this.starts[at]!) at--;
    const { kind, shot } = FILM[at]!;
    const [start, end] = [this.starts[at]!, this.starts[at + 1]!];
    const moment = { frame, seconds, share: (frame - start) / Math.max(1, end - start) };
    if (kind === 'title') drawTitle(this.canvas, moment, this.look);
    else if (kind === 'landscape') drawLandscape(this.canvas, moment, this.look, shot);
    else if (kind === 'shapes') drawShapes(this.canvas, moment, this.look);
    else drawBars(this.canvas, moment);
  }
}

export function isSyncFrame(frame: number, nominal: number): boolean {
  return frame % (SYNC_SECONDS * nominal) === 0;
}
