import { assert } from './assert.ts';
import { type Finding, finding, type Outcome, accepted, refused } from './findings.ts';
import { type Ratio, ratio } from './ratio.ts';

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

/** How timecode counts: nominal frames a second, and whether numbers are dropped (ST 12-1). */
export type TimecodeFormat = { readonly rate: FrameRate; readonly dropFrame: boolean };

/** Whole frames a second on the face of the clock: 30 for 30000/1001. */
export function nominalRate(rate: FrameRate): number {
  return Number((rate.numerator + rate.denominator - 1n) / rate.denominator);
}

/** Drop frame exists for 30000/1001 and its multiples only (ST 12-1 and its high-rate use). */
export function allowsDropFrame(rate: FrameRate): boolean {
  return rate.denominator === 1001n && rate.numerator % 30_000n === 0n;
}

/** Numbers skipped at each minute but the tenth: 2 at 29.97, 4 at 59.94, 8 at 119.88. */
function droppedPerMinute(rate: FrameRate): number {
  return nominalRate(rate) / 15;
}

const TIMECODE = /^(-?)(\d{2}):(\d{2}):(\d{2})([:;.])(\d{2,3})$/;
const HOURS_MAX = 24;

/** Frames since 00:00:00:00. A number that drop frame skips is refused, not moved. */
export function parseTimecode(text: string, format: TimecodeFormat): Outcome<bigint> {
  const wrong = (code: string, facts: Record<string, string | number> = {}): Outcome<bigint> =>
    refused(finding(code, 'error', { facts: { text, ...facts }, clause: 'ST 12-1:2014' }));
  const match = TIMECODE.exec(text.trim());
  if (match === null) return wrong('invalid_timecode');
  const [hours, minutes, seconds, frames] = [2, 3, 4, 6].map((group) => Number(match[group]));
  const nominal = nominalRate(format.rate);
  if (hours! >= HOURS_MAX || minutes! >= 60 || seconds! >= 60) return wrong('invalid_timecode');
  if (frames! >= nominal) return wrong('excessive_frame_number', { nominal });
  const notes: Finding[] = [];
  if ((match[5] === ';') !== format.dropFrame && match[5] !== '.') {
    notes.push(finding('mismatched_drop_frame_mark', 'warning', { facts: { text } }));
  }
  if (format.dropFrame) {
    assert(allowsDropFrame(format.rate), 'drop frame only at multiples of 30000/1001');
    const dropped = droppedPerMinute(format.rate);
    if (minutes! % 10 !== 0 && seconds === 0 && frames! < dropped) {
      return wrong('dropped_frame_number', { dropped });
    }
  }
  const count = framesFromParts([hours!, minutes!, seconds!, frames!], format);
  return accepted(match[1] === '-' ? -count : count, notes);
}

type ClockParts = readonly [hours: number, minutes: number, seconds: number, frames: number];

function framesFromParts([hours, minutes, seconds, frames]: ClockParts, format: TimecodeFormat) {
  const totalMinutes = hours * 60 + minutes;
  const numbers = (totalMinutes * 60 + seconds) * nominalRate(format.rate) + frames;
  if (!format.dropFrame) return BigInt(numbers);
  const skipped = droppedPerMinute(format.rate) * (totalMinutes - Math.floor(totalMinutes / 10));
  return BigInt(numbers - skipped);
}

/** `01:00:00:00`, with `;` before the frames in drop frame; wraps at 24 hours. */
export function formatTimecode(frameCount: bigint, format: TimecodeFormat): string {
  const nominal = nominalRate(format.rate);
  const dropped = format.dropFrame ? droppedPerMinute(format.rate) : 0;
  const perTenMinutes = nominal * 600 - dropped * 9;
  const perDay = BigInt(perTenMinutes) * 144n;
  const count = Number(((frameCount % perDay) + perDay) % perDay);
  const tens = Math.floor(count / perTenMinutes);
  const within = count % perTenMinutes;
  const perMinute = nominal * 60 - dropped;
  const skippedMinutes =
    within < nominal * 60 ? 0 : 1 + Math.floor((within - nominal * 60) / perMinute);
  const numbers = count + dropped * (tens * 9 + skippedMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  const frames = String(numbers % nominal).padStart(nominal > 100 ? 3 : 2, '0');
  const seconds = Math.floor(numbers / nominal);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${clock.map(two).join(':')}${format.dropFrame ? ';' : ':'}${frames}`;
}

/** The exact moment of a frame, in seconds. */
export function frameTime(frameCount: bigint, rate: FrameRate): Ratio {
  return ratio(frameCount * rate.denominator, rate.numerator);
}

/** The frame on screen at a moment: the last one that has begun. */
export function frameAt(seconds: Ratio, rate: FrameRate): bigint {
  const numerator = seconds.numerator * rate.numerator;
  const denominator = seconds.denominator * rate.denominator;
  const quotient = numerator / denominator;
  return numerator < 0n && numerator % denominator !== 0n ? quotient - 1n : quotient;
}
