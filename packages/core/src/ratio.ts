import { assert } from './assert.ts';

/** An exact fraction in lowest terms; the denominator is positive. */
export type Ratio = { readonly numerator: bigint; readonly denominator: bigint };

/**
 * A fraction brought to its one form: lowest terms, positive denominator, frozen. A number that is
 * not whole throws a RangeError, because a float has already lost what an exact ratio is for.
 */
export function ratio(numerator: bigint | number, denominator: bigint | number = 1n): Ratio {
  let n = BigInt(numerator);
  let d = BigInt(denominator);
  assert(d !== 0n, 'a ratio has a denominator other than zero');
  if (d < 0n) {
    n = -n;
    d = -d;
  }
  const divisor = greatestCommonDivisor(n, d);
  return Object.freeze({ numerator: n / divisor, denominator: d / divisor });
}

/** 0, the neutral element of addition. */
export const ZERO: Ratio = ratio(0n);
/** 1, the neutral element of multiplication: the whole of something. */
export const ONE: Ratio = ratio(1n);

/** Basis points: 4300 is 43 %. */
export function basisPoints(points: bigint | number): Ratio {
  return ratio(points, 10_000n);
}

const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/;

/** Longer than any ratio with a meaning in the trade; keeps hostile text cheap. */
const RATIO_LENGTH_MAX = 200;

/**
 * A decimal (`0.05`), a percentage (`5%`) or a fraction (`3/103`) as written; never a float.
 * Undefined for anything else, and for a fraction over zero.
 */
export function parseRatio(text: string): Ratio | undefined {
  if (text.length > RATIO_LENGTH_MAX) return undefined;
  const trimmed = text.trim();
  const slash = trimmed.split('/');
  if (slash.length === 2) {
    const above = parseRatio(slash[0]!);
    const below = parseRatio(slash[1]!);
    if (above === undefined || below === undefined || below.numerator === 0n) return undefined;
    return divideRatio(above, below);
  }
  const percent = trimmed.endsWith('%');
  const match = DECIMAL.exec(percent ? trimmed.slice(0, -1).trim() : trimmed);
  if (match === null) return undefined;
  const fraction = match[3] ?? '';
  const magnitude = BigInt(match[2]! + fraction);
  const scale = 10n ** BigInt(fraction.length) * (percent ? 100n : 1n);
  return ratio(match[1] === '-' ? -magnitude : magnitude, scale);
}

/** The exact sum. */
export function addRatio(a: Ratio, b: Ratio): Ratio {
  return ratio(
    a.numerator * b.denominator + b.numerator * a.denominator,
    a.denominator * b.denominator,
  );
}

/** The exact difference `a − b`. */
export function subtractRatio(a: Ratio, b: Ratio): Ratio {
  return addRatio(a, negateRatio(b));
}

/** The opposite: `−a`. */
export function negateRatio(a: Ratio): Ratio {
  return ratio(-a.numerator, a.denominator);
}

/** The exact product. */
export function multiplyRatio(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** The exact quotient; dividing by zero is a fault of the programmer. */
export function divideRatio(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.denominator, a.denominator * b.numerator);
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareRatio(a: Ratio, b: Ratio): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The exact sum of a list; zero of nothing. */
export function sumRatios(ratios: readonly Ratio[]): Ratio {
  return ratios.reduce(addRatio, ZERO);
}

/** `3/103`, or `43` for a whole number. */
export function formatRatio(a: Ratio): string {
  return a.denominator === 1n ? String(a.numerator) : `${a.numerator}/${a.denominator}`;
}

/** Positive for every pair, also of negatives; 1 for two zeros, so that it can be divided by. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let left = a < 0n ? -a : a;
  let right = b < 0n ? -b : b;
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 0n ? 1n : left;
}
