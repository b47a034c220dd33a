import { assert } from './assert.ts';
import { accepted, finding, type Outcome, refused } from './findings.ts';
import {
  compareRatio,
  negateRatio,
  parseRatio,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from './ratio.ts';
import { clipText } from './text.ts';

/** Frames per second as an exact ratio: 24000/1001, 25, 60000/1001 … */
export type FrameRate = Ratio;

/** Rates in use, by the name people say. */
export const FRAME_RATES = Object.freeze({
  '16': ratio(16),
  '18': ratio(18),
  '20': ratio(20),
  '22': ratio(22),
  '23.976': ratio(24_000, 1001),
  '24': ratio(24),
  '25': ratio(25),
  '29.97': ratio(30_000, 1001),
  '30': ratio(30),
  '47.952': ratio(48_000, 1001),
  '48': ratio(48),
  '50': ratio(50),
  '59.94': ratio(60_000, 1001),
  '60': ratio(60),
  '72': ratio(72),
  '96': ratio(96),
  '100': ratio(100),
  '119.88': ratio(120_000, 1001),
  '120': ratio(120),
} satisfies Record<string, FrameRate>);

/** The fastest rate whose clock is defined here; ST 12-3 ends at 120. */
const NOMINAL_RATE_MAX = 1000;
/** Shortened decimals name the 1001 rate they stand for when they are this near to it. */
const NEAR = ratio(1, 100);

/**
 * A frame rate as files write it: `25`, `24000/1001`, `24 1` (ST 429-7 EditRate), or a decimal.
 * The decimals people write for the 1001 rates (`23.976`, `23.98`, `29.97`, `59.94` …) mean those
 * exactly. Undefined for zero, negatives, anything else, and rates no clock is defined for.
 */
export function parseFrameRate(text: string): FrameRate | undefined {
  const value = parseRatio(text.trim().replace(/^(\d+) +(\d+)$/, '$1/$2'));
  if (value === undefined || compareRatio(value, ZERO) <= 0) return undefined;
  if (compareRatio(value, ratio(NOMINAL_RATE_MAX)) > 0) return undefined;
  if (!text.includes('.')) return value;
  const near = Object.values(FRAME_RATES).find((rate) => {
    const difference = subtractRatio(value, rate);
    const above = compareRatio(difference, negateRatio(NEAR)) >= 0;
    return rate.denominator === 1001n && above && compareRatio(difference, NEAR) <= 0;
  });
  return near ?? value;
}

/** How timecode counts: nominal frames a second, and whether numbers are dropped (ST 12-1). */
export type TimecodeFormat = { readonly rate: FrameRate; readonly dropFrame: boolean };

/** Whole frames a second on the face of the clock: 30 for 30000/1001. */
export function nominalRate(rate: FrameRate): number {
  assert(rate.numerator > 0n && rate.denominator > 0n, 'a frame rate is positive');
  return Number((rate.numerator + rate.denominator - 1n) / rate.denominator);
}

/** Drop frame exists for 30000/1001 and its multiples only (ST 12-1 and its high-rate use). */
export function allowsDropFrame(rate: FrameRate): boolean {
  return rate.denominator === 1001n && rate.numerator % 30_000n === 0n;
}

/**
 * Numbers skipped at each minute but the tenth: 2 at 29.97, 4 at 59.94, 8 at 119.88; none without
 * drop frame (ST 12-1, and ST 12-3 for the high rates).
 */
function droppedPerMinute(format: TimecodeFormat): number {
  if (!format.dropFrame) return 0;
  assert(allowsDropFrame(format.rate), 'drop frame only at multiples of 30000/1001');
  return nominalRate(format.rate) / 15;
}

/** Frames in 24 hours of the clock, after which timecode begins again at zero. */
export function framesPerDay(format: TimecodeFormat): bigint {
  return BigInt(framesPerTenMinutes(format)) * 144n;
}

function framesPerTenMinutes(format: TimecodeFormat): number {
  return nominalRate(format.rate) * 600 - droppedPerMinute(format) * 9;
}

const TIMECODE = /^(-?)(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,4})$/;
const HOURS_MAX = 24;
/** Time and control code: the time address and its drop-frame compensation. */
const CLAUSE = 'ST 12-1:2014';

/** Digits of the frame field: two up to 100 frames a second, as ST 12-3 needs it three above. */
function frameDigits(nominal: number): number {
  return Math.max(2, String(nominal - 1).length);
}

/**
 * Frames since 00:00:00:00. A number that drop frame skips is refused, not moved. `;` (and `,`)
 * before the frames says drop frame, `:` says none, `.` says nothing, as in edit lists; a mark
 * against the format is a warning, because lists and burnt-in pictures often mark wrongly.
 */
export function parseTimecode(text: string, format: TimecodeFormat): Outcome<bigint> {
  const wrong = (code: string, facts: Record<string, string | number> = {}): Outcome<bigint> =>
    refused(finding(code, 'error', { facts: { text: clipText(text), ...facts }, clause: CLAUSE }));
  const dropped = droppedPerMinute(format);
  const nominal = nominalRate(format.rate);
  const match = TIMECODE.exec(text.trim());
  if (match === null) return wrong('invalid_timecode');
  const number = (group: number) => Number(match[group]);
  const [hours, minutes, seconds, frames] = [number(2), number(3), number(4), number(6)];
  if (hours >= HOURS_MAX || minutes >= 60 || seconds >= 60) return wrong('invalid_timecode');
  if (match[6]!.length > frameDigits(nominal)) return wrong('invalid_timecode');
  if (frames >= nominal) return wrong('excessive_frame_number', { frames, nominal });
  if (minutes % 10 !== 0 && seconds === 0 && frames < dropped) {
    return wrong('dropped_frame_number', { dropped });
  }
  const totalMinutes = hours * 60 + minutes;
  const numbers = (totalMinutes * 60 + seconds) * nominal + frames;
  const skipped = dropped * (totalMinutes - Math.floor(totalMinutes / 10));
  const count = BigInt(numbers - skipped);
  const mark = match[5]!;
  const contradicts = mark !== '.' && (mark !== ':') !== format.dropFrame;
  return accepted(
    match[1] === '-' ? -count : count,
    contradicts
      ? [finding('mismatched_drop_frame_mark', 'warning', { facts: { text }, clause: CLAUSE })]
      : [],
  );
}

/**
 * `01:00:00:00`, with `;` before the frames in drop frame. The clock has 24 hours: one frame
 * before zero is shown as the last one of the day, and the day's end as zero.
 */
export function formatTimecode(frameCount: bigint, format: TimecodeFormat): string {
  const nominal = nominalRate(format.rate);
  const dropped = droppedPerMinute(format);
  const perTenMinutes = framesPerTenMinutes(format);
  const perDay = framesPerDay(format);
  const count = Number(((frameCount % perDay) + perDay) % perDay);
  const tens = Math.floor(count / perTenMinutes);
  const within = count % perTenMinutes;
  const perMinute = nominal * 60 - dropped;
  // The first minute of ten drops nothing, so it is longer than the nine that follow.
  const skippedMinutes =
    within < nominal * 60 ? 0 : 1 + Math.floor((within - nominal * 60) / perMinute);
  const numbers = count + dropped * (tens * 9 + skippedMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  const frames = String(numbers % nominal).padStart(frameDigits(nominal), '0');
  const seconds = Math.floor(numbers / nominal);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${clock.map(two).join(':')}${format.dropFrame ? ';' : ':'}${frames}`;
}

/** The exact moment of a frame, in seconds. */
export function frameTime(frameCount: bigint, rate: FrameRate): Ratio {
  return ratio(frameCount * rate.denominator, rate.numerator);
}

/** The frame on screen at a moment in seconds: the last one that has begun. */
export function frameAt(seconds: Ratio, rate: FrameRate): bigint {
  const numerator = seconds.numerator * rate.numerator;
  const denominator = seconds.denominator * rate.denominator;
  const quotient = numerator / denominator;
  return numerator < 0n && numerator % denominator !== 0n ? quotient - 1n : quotient;
}
