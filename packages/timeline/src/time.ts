import {
  addRatio,
  compareRatio,
  divideRatio,
  type FrameRate,
  multiplyRatio,
  nominalRate,
  parseFrameRate,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';

/**
 * A moment or a length: `value` units of 1/`rate` second. Values are whole in every format but
 * OTIO, which allows doubles; the rate is exact. Sums and comparisons go through integers, never
 * through seconds as floats.
 */
export type RationalTime = {
  readonly value: number;
  /** 0/1 when a file said nonsense (zero, NaN); such a time counts as zero in sums. */
  readonly rate: FrameRate;
  /** The double a file wrote for the rate, where it is not the nearest to the exact one. */
  readonly spelled?: number;
};

/** From `start`, `duration` long; the end is outside. */
export type TimeRange = { readonly start: RationalTime; readonly duration: RationalTime };

/** Rates remembered by their double; hostile files name more, which are then made anew. */
const REMEMBERED_RATES_MAX = 1000;
const RATES = new Map<number, FrameRate>();
const NO_RATE: FrameRate = ZERO;

/**
 * The exact rate that a double stands for: whole numbers themselves, the usual decimals of the
 * 1001 family that family, anything else the double exactly. 0/1 for zero, negatives and NaN.
 */
export function rateOfDouble(value: number): FrameRate {
  const known = RATES.get(value);
  if (known !== undefined) return known;
  const rate = exactRate(value);
  if (RATES.size < REMEMBERED_RATES_MAX) RATES.set(value, rate);
  return rate;
}

/** A rate as people write it: `25`, `23.976`, `59.94`. */
export function rateLabel(rate: FrameRate): string {
  return doubleOfRatio(rate).toFixed(3).replace(/\.?0+$/, '');
}

function exactRate(value: number): FrameRate {
  if (!Number.isFinite(value) || value <= 0) return NO_RATE;
  if (Number.isInteger(value)) return ratio(BigInt(value));
  const text = String(value);
  return (text.includes('e') ? undefined : shared(parseFrameRate(text))) ?? ratioOfDouble(value);
}

/** One object for one rate of the 1001 family, so that equal rates are mostly identical. */
function shared(rate: Ratio | undefined): Ratio | undefined {
  if (rate === undefined || rate.denominator !== 1001n) return undefined;
  const double = doubleOfRatio(rate);
  const known = RATES.get(double);
  if (known !== undefined) return known;
  RATES.set(double, rate);
  return rate;
}

/** The one object of a rate, so that times of one file compare quickly. */
export function sharedRate(rate: FrameRate): FrameRate {
  const double = doubleOfRatio(rate);
  const known = RATES.get(double);
  if (known !== undefined && compareRatio(known, rate) === 0) return known;
  if (known === undefined && RATES.size < REMEMBERED_RATES_MAX) RATES.set(double, rate);
  return rate;
}

/** A finite double as the fraction it is exactly. */
export function ratioOfDouble(value: number): Ratio {
  if (!Number.isFinite(value)) return ZERO;
  if (Number.isInteger(value)) return ratio(BigInt(value));
  let shifted = value;
  let denominator = 1n;
  // Doubling a double is exact; 1100 steps bring the smallest one to a whole number.
  for (let i = 0; i < 1100 && !Number.isInteger(shifted); i++) {
    shifted *= 2;
    denominator *= 2n;
  }
  return ratio(BigInt(shifted), denominator);
}

/** Steps of a continued fraction; a double is reached in fewer. */
const FRACTION_STEPS_MAX = 40;

/** The simplest fraction that a double is the nearest one to: 1/3 for 0.333…, 1/2 for 0.5. */
export function simpleRatio(value: number): Ratio {
  if (!Number.isFinite(value) || Number.isInteger(value)) return ratioOfDouble(value);
  const exact = ratioOfDouble(Math.abs(value));
  let [above, below] = [exact.numerator, exact.denominator];
  let [n0, d0, n1, d1] = [0n, 1n, 1n, 0n];
  for (let i = 0; i < FRACTION_STEPS_MAX && below !== 0n; i++) {
    const whole = above / below;
    [n0, d0, n1, d1] = [n1, d1, whole * n1 + n0, whole * d1 + d0];
    [above, below] = [below, above - whole * below];
    if (d1 > 0n && Number(n1) / Number(d1) === Math.abs(value)) break;
  }
  return ratio(value < 0 ? -n1 : n1, d1);
}

/** The double nearest to a fraction, good to the last bit or the one before. */
export function doubleOfRatio(of: Ratio): number {
  const numerator = Number(of.numerator);
  const denominator = Number(of.denominator);
  if (Number.isFinite(numerator) && Number.isFinite(denominator)) return numerator / denominator;
  const scaled = (of.numerator << 64n) / of.denominator;
  return Number(scaled) / 2 ** 64;
}

/** The last rate that was met: the times of one file nearly all have the same. */
let [metDouble, metRate, metAsSpelled] = [Number.NaN, NO_RATE, false];

/** A time as a file spells it, two doubles. */
export function timeOfDoubles(value: number, double: number): RationalTime {
  if (double !== metDouble) {
    metDouble = double;
    metRate = rateOfDouble(double);
    metAsSpelled = Object.is(doubleOfRatio(metRate), double);
  }
  return metAsSpelled ? { value, rate: metRate } : { value, rate: metRate, spelled: double };
}

/** A time of whole units. */
export function time(value: number, rate: FrameRate): RationalTime {
  return { value, rate };
}

/** Zero units at a rate. */
export function zeroTime(rate: FrameRate): RationalTime {
  return { value: 0, rate };
}

/** A range of whole units. */
export function range(start: number, duration: number, rate: FrameRate): TimeRange {
  return { start: time(start, rate), duration: time(duration, rate) };
}

/** Whether a time can be reckoned with: a finite value at a rate above zero. */
export function isSoundTime(of: RationalTime): boolean {
  return Number.isFinite(of.value) && of.rate.numerator > 0n;
}

/** Seconds, exactly; zero for a time that is not sound. */
export function secondsOf(of: RationalTime): Ratio {
  if (!isSoundTime(of)) return ZERO;
  if (of.value === 0) return ZERO;
  if (Number.isInteger(of.value)) {
    return ratio(BigInt(of.value) * of.rate.denominator, of.rate.numerator);
  }
  return divideRatio(ratioOfDouble(of.value), of.rate);
}

/**
 * Exact seconds as a time: in units of `rate` where they are whole there, else in the coarsest
 * clock in which they are whole (value = numerator, rate = denominator).
 */
export function timeOfSeconds(seconds: Ratio, rate: FrameRate): RationalTime {
  const units = multiplyRatio(seconds, rate);
  if (units.denominator === 1n) return time(Number(units.numerator), rate);
  // Beyond the whole numbers a double holds, the nearest double is all there is.
  if (!Number.isSafeInteger(Number(seconds.numerator))) return time(doubleOfRatio(units), rate);
  return time(Number(seconds.numerator), ratio(seconds.denominator));
}

/** The same moment at another rate, see {@link timeOfSeconds}. */
export function atRate(of: RationalTime, rate: FrameRate): RationalTime {
  return sameRate(of.rate, rate) ? of : timeOfSeconds(secondsOf(of), rate);
}

/** Units of a rate as an exact fraction. */
export function unitsAt(of: RationalTime, rate: FrameRate): Ratio {
  if (sameRate(of.rate, rate)) return ratioOfDouble(of.value);
  return multiplyRatio(secondsOf(of), rate);
}

/** Whole units of a rate, the nearest, halves upward; and whether nothing was lost. */
export function framesAt(of: RationalTime, rate: FrameRate): { frames: number; exact: boolean } {
  if (sameRate(of.rate, rate) && Number.isInteger(of.value)) {
    return { frames: of.value, exact: true };
  }
  const units = unitsAt(of, rate);
  return { frames: Number(roundRatio(units)), exact: units.denominator === 1n };
}

/** The nearest whole number, halves upward. */
export function roundRatio(of: Ratio): bigint {
  const doubled = 2n * of.numerator + of.denominator;
  const below = 2n * of.denominator;
  const quotient = doubled / below;
  return doubled < 0n && doubled % below !== 0n ? quotient - 1n : quotient;
}

/** Whether two rates are the same number. */
export function sameRate(a: FrameRate, b: FrameRate): boolean {
  return a === b || (a.numerator === b.numerator && a.denominator === b.denominator);
}

/** The exact sum, at the first one's rate where it is whole there. */
export function addTime(a: RationalTime, b: RationalTime): RationalTime {
  if (sameRate(a.rate, b.rate)) return safeSum(a, b, a.value + b.value, addRatio);
  if (!isSoundTime(b)) return a;
  if (!isSoundTime(a)) return b;
  return timeOfSeconds(addRatio(secondsOf(a), secondsOf(b)), a.rate);
}

/** The exact difference `a − b`, at the first one's rate where it is whole there. */
export function subtractTime(a: RationalTime, b: RationalTime): RationalTime {
  if (sameRate(a.rate, b.rate)) return safeSum(a, b, a.value - b.value, subtractRatio);
  if (!isSoundTime(b)) return a;
  return timeOfSeconds(subtractRatio(secondsOf(a), secondsOf(b)), a.rate);
}

function safeSum(
  a: RationalTime,
  b: RationalTime,
  value: number,
  exactly: (left: Ratio, right: Ratio) => Ratio,
): RationalTime {
  if (Number.isSafeInteger(value) && Number.isInteger(a.value)) return time(value, a.rate);
  if (!isSoundTime(a) || !isSoundTime(b)) return time(Number.isFinite(value) ? value : 0, a.rate);
  return timeOfSeconds(exactly(secondsOf(a), secondsOf(b)), a.rate);
}

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareTime(a: RationalTime, b: RationalTime): number {
  if (sameRate(a.rate, b.rate) && isSoundTime(a) && isSoundTime(b)) return a.value - b.value;
  return compareRatio(secondsOf(a), secondsOf(b));
}

/** The end of a range, which lies outside it. */
export function endOf(of: TimeRange): RationalTime {
  return addTime(of.start, of.duration);
}

/** Decimal digits of frames on the face of the clock, as edit lists count them. */
export function nominalOf(rate: FrameRate): number {
  return rate.numerator > 0n ? nominalRate(rate) : 0;
}
