import { assert, assertNever } from './assert.ts';
import type { Fen } from './money.ts';

/**
 * Who gets the fen that are left over when each part was rounded toward zero.
 * - `largest_remainder` (Hamilton): the parts that lost most; ties by list order. The default.
 * - `first`: in list order.
 * - `largest_weight`: the heaviest parts first; ties by list order.
 * - `last`: the last part takes the whole rest.
 */
export type TailRule = 'largest_remainder' | 'first' | 'largest_weight' | 'last';

/** Every tail rule, for menus and for checking a contract's text. */
export const TAIL_RULES: readonly TailRule[] = Object.freeze([
  'largest_remainder',
  'first',
  'largest_weight',
  'last',
] as const);

/**
 * Divides an amount by integer weights so that the parts add up to it exactly. A negative amount
 * is divided as the exact mirror of the positive one. A part of weight zero gets nothing.
 *
 * @param weights not negative, at least one positive; the parts come back in the same order
 */
export function allocate(
  amountFen: Fen,
  weights: readonly bigint[],
  tail: TailRule = 'largest_remainder',
): Fen[] {
  let total = 0n;
  for (const weight of weights) {
    assert(weight >= 0n, 'a weight is not negative');
    total += weight;
  }
  assert(total > 0n, 'at least one weight is positive');
  const negative = amountFen < 0n;
  const magnitude = negative ? -amountFen : amountFen;
  const parts = weights.map((weight) => (magnitude * weight) / total);
  const rest = parts.reduce((left, part) => left - part, magnitude);
  if (rest > 0n) giveRest(parts, rest, tailOrder(magnitude, weights, total, tail));
  return negative ? parts.map((part) => -part) : parts;
}

function giveRest(parts: Fen[], rest: bigint, order: readonly number[]): void {
  if (order.length === 1) {
    parts[order[0]!]! += rest;
    return;
  }
  for (let i = 0; i < Number(rest); i++) parts[order[i]!]! += 1n;
}

/** Indices of the parts that may take a fen, first taker first. The rest is below their number. */
function tailOrder(
  magnitude: bigint,
  weights: readonly bigint[],
  total: bigint,
  tail: TailRule,
): number[] {
  const takers = weights.flatMap((weight, index) => (weight > 0n ? [index] : []));
  const descending = (key: (index: number) => bigint) =>
    takers.sort((a, b) => {
      const ka = key(a);
      const kb = key(b);
      return ka === kb ? a - b : ka > kb ? -1 : 1;
    });
  switch (tail) {
    case 'first':
      return takers;
    case 'last':
      return takers.slice(-1);
    case 'largest_weight':
      return descending((index) => weights[index]!);
    case 'largest_remainder':
      return descending((index) => (magnitude * weights[index]!) % total);
    default:
      return assertNever(tail);
  }
}
