import { assert, assertNever } from './assert.ts';
import type { Ratio } from './ratio.ts';

/** Money is a whole number of fen (1/100 yuan), signed. No float ever touches it. */
export type Fen = bigint;

/**
 * How a fraction of a fen becomes whole fen. All are symmetric about zero except `floor` and
 * `ceiling`, so that a refund is the exact opposite of its sale.
 */
export type Rounding =
  | 'half_up'
  | 'half_even'
  | 'toward_zero'
  | 'away_from_zero'
  | 'floor'
  | 'ceiling';

/** Every rounding, for menus and for checking a contract's text. */
export const ROUNDINGS: readonly Rounding[] = Object.freeze([
  'half_up',
  'half_even',
  'toward_zero',
  'away_from_zero',
  'floor',
  'ceiling',
] as const);

/** `amount × share`, rounded once, by name. */
export function shareFen(amountFen: Fen, share: Ratio, rounding: Rounding): Fen {
  return divideRounded(amountFen * share.numerator, share.denominator, rounding);
}

/** An exact division with a named rounding; `denominator` is positive. */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  assert(denominator > 0n, 'a rounded division has a positive denominator');
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  const away = numerator < 0n ? -1n : 1n;
  const twice = (remainder < 0n ? -remainder : remainder) * 2n;
  switch (rounding) {
    case 'toward_zero':
      return quotient;
    case 'away_from_zero':
      return quotient + away;
    case 'floor':
      return numerator < 0n ? quotient - 1n : quotient;
    case 'ceiling':
      return numerator < 0n ? quotient : quotient + 1n;
    case 'half_up':
      return twice >= denominator ? quotient + away : quotient;
    case 'half_even':
      if (twice !== denominator) return twice > denominator ? quotient + away : quotient;
      return quotient % 2n === 0n ? quotient : quotient + away;
    default:
      return assertNever(rounding);
  }
}

const YUAN = /^([+-]?)[¥￥]?(\d{1,3}(?:,\d{3}){1,10}|\d{1,30})(?:\.(\d{1,30}))?$/;
/** Longer than any amount that {@link YUAN} accepts: sign, mark, 43 and 31 characters. */
const YUAN_LENGTH_MAX = 80;

/**
 * Yuan as written (`1,234.56`, `¥720.00`, `-¥3`) to fen. Undefined when it is not an amount or is
 * finer than a fen: nothing is rounded in reading.
 */
export function parseYuan(text: string): Fen | undefined {
  if (text.length > YUAN_LENGTH_MAX) return undefined;
  const match = YUAN.exec(text.trim());
  if (match === null) return undefined;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > 2) return undefined;
  const fen = BigInt(match[2]!.replaceAll(',', '') + fraction.padEnd(2, '0'));
  return match[1] === '-' ? -fen : fen;
}

/** `720.00`; with `grouped`, `1,234,567.89`. */
export function formatYuan(fen: Fen, options: { grouped?: boolean } = {}): string {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  const whole = digits.slice(0, -2);
  const shown = options.grouped === true ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return `${fen < 0n ? '-' : ''}${shown}.${digits.slice(-2)}`;
}

/** The exact sum; zero of nothing. */
export function sumFen(amounts: Iterable<Fen>): Fen {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}
