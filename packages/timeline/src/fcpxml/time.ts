import { type FrameRate, multiplyRatio, type Ratio, ratio, subtractRatio } from '@yinglian/core';
import {
  doubleOfRatio,
  isSoundTime,
  type RationalTime,
  secondsOf,
  sharedRate,
  timeOfSeconds,
} from '../time.ts';

const TIME = /^(-?)(\d{1,30})(?:\/(\d{1,20})|\.(\d{1,20}))?s?$/;

/** `1001/24000s`, `3600s` or `1.5s` as exact seconds; undefined for anything else. */
export function parseSeconds(text: string): Ratio | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const sign = match[1] === '-' ? -1n : 1n;
  if (match[4] !== undefined) {
    return ratio(sign * BigInt(match[2]! + match[4]), 10n ** BigInt(match[4].length));
  }
  const denominator = BigInt(match[3] ?? '1');
  return denominator === 0n ? undefined : ratio(sign * BigInt(match[2]!), denominator);
}

/** Exact seconds as the format writes them: `0s`, `5s`, `1001/24000s`. */
export function formatSeconds(of: Ratio): string {
  return of.denominator === 1n ? `${of.numerator}s` : `${of.numerator}/${of.denominator}s`;
}

/** A time as the format writes it, in frames of its own rate (`2002/24000s`, not reduced). */
export function formatTime(of: RationalTime): string {
  if (!isSoundTime(of) || of.value === 0) return '0s';
  const seconds = secondsOf(of);
  if (seconds.denominator === 1n || !Number.isInteger(of.value)) return formatSeconds(seconds);
  return `${BigInt(of.value) * of.rate.denominator}/${of.rate.numerator}s`;
}

/** Seconds in frames of the first of some rates where they are whole, else exactly. */
export function inFrames(seconds: Ratio, rates: readonly (FrameRate | undefined)[]): RationalTime {
  for (const rate of rates) {
    if (rate === undefined) continue;
    const units = multiplyRatio(seconds, rate);
    if (units.denominator === 1n) return { value: Number(units.numerator), rate };
  }
  return timeOfSeconds(seconds, rates[0] ?? sharedRate(ratio(1)));
}

/** Points of a time map: moments as played and the moments of media shown then, in seconds. */
export type TimePoint = { readonly time: Ratio; readonly value: Ratio };

/** The speed of a map that is one straight line; undefined for curves. */
export function straightSpeed(points: readonly TimePoint[]): number | undefined {
  const [first, second] = points;
  if (first === undefined || second === undefined) return undefined;
  const run = subtractRatio(second.time, first.time);
  const rise = subtractRatio(second.value, first.value);
  if (run.numerator === 0n) return undefined;
  for (const point of points.slice(2)) {
    const along = subtractRatio(point.time, first.time);
    const up = subtractRatio(point.value, first.value);
    const left = multiplyRatio(along, rise);
    const right = multiplyRatio(up, run);
    if (left.numerator !== right.numerator || left.denominator !== right.denominator)
      return undefined;
  }
  return doubleOfRatio(ratio(rise.numerator * run.denominator, rise.denominator * run.numerator));
}

/** What a map shows at a moment: between two points in proportion, outside on with the speed 1. */
export function mappedSeconds(points: readonly TimePoint[], at: Ratio): Ratio {
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1]!, points[i]!];
    const last = i === points.length - 1;
    if (compare(at, after.time) > 0 && !last) continue;
    const run = subtractRatio(after.time, before.time);
    if (run.numerator === 0n) continue;
    const rise = subtractRatio(after.value, before.value);
    const share = multiplyRatio(subtractRatio(at, before.time), rise);
    const up = ratio(share.numerator * run.denominator, share.denominator * run.numerator);
    return ratio(
      before.value.numerator * up.denominator + up.numerator * before.value.denominator,
      before.value.denominator * up.denominator,
    );
  }
  return at;
}

function compare(a: Ratio, b: Ratio): bigint {
  return a.numerator * b.denominator - b.numerator * a.denominator;
}
