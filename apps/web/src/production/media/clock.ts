import {
  allowsDropFrame,
  formatTimecode,
  FRAME_RATES,
  parseRatio,
  parseTimecode,
  type Ratio,
  type TimecodeFormat,
} from '@yinglian/core';

/** How the frames of an asset are counted and named. */
export type FrameClock = {
  readonly format: TimecodeFormat;
  readonly first: bigint;
  readonly frames: number;
  /** Only for the player, whose times are floats anyway. */
  readonly framesPerSecond: number;
};

type Media = {
  frameCount: number | null;
  durationSeconds: string | null;
  video: { frameRate: string; timecode: string | null } | null;
};

/** The clock of a media file; its own first timecode where it has one, else 00:00:00:00. */
export function clockOf(media: Media | null): FrameClock {
  const rate: Ratio = parseRatio(media?.video?.frameRate ?? '24') ?? FRAME_RATES['24'];
  const start = media?.video?.timecode ?? null;
  const dropFrame = start?.includes(';') === true && allowsDropFrame(rate);
  const format = { rate, dropFrame };
  const parsed = start === null ? undefined : parseTimecode(start, format);
  const framesPerSecond = Number(rate.numerator) / Number(rate.denominator);
  const duration = parseRatio(media?.durationSeconds ?? '0');
  const counted =
    duration === undefined
      ? 0
      : Number((duration.numerator * rate.numerator) / (duration.denominator * rate.denominator));
  return {
    format,
    framesPerSecond,
    first: parsed?.ok === true ? parsed.value : 0n,
    frames: Math.max(1, media?.frameCount ?? counted),
  };
}

/** `01:00:02:11` for a frame counted from 0. */
export function timecodeOf(frame: number, clock: FrameClock): string {
  return formatTimecode(clock.first + BigInt(frame), clock.format);
}

/** A moment inside the frame, half a frame past its beginning, where no rounding can miss it. */
export function secondsOf(frame: number, clock: FrameClock): number {
  return (frame + 0.5) / clock.framesPerSecond;
}

/** The frame on screen at a moment told by the player. */
export function frameOf(seconds: number, clock: FrameClock): number {
  // Players tell the beginning of a frame, often a hair before it: a tenth of a frame of grace.
  const frame = Math.floor(seconds * clock.framesPerSecond + 0.1);
  return Math.min(Math.max(0, frame), clock.frames - 1);
}
