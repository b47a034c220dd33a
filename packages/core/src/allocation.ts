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
  const total = totalOf(weights);
  const negative = amountFen < 0n;
  const magnitude = negative ? -amountFen : amountFen;
  const parts: Fen[] = [];
  const remainders: bigint[] = [];
  let rest = magnitude;
  for (const weight of weights) {
    const product = magnitude * weight;
    const part = product / total;
    parts.push(part);
    remainders.push(product - part * total);
    rest -= part;
  }
  if (rest > 0n) giveRest(parts, rest, takersInOrder(weights, remainders, tail));
  return negative ? parts.map((part) => -part) : parts;
}

function totalOf(weights: readonly bigint[]): bigint {
  let total = 0n;
  for (const weight of weights) {
    assert(weight >= 0n, 'a weight is not negative');
    total += weight;
  }
  assert(total > 0n, 'at least one weight is positive');
  return total;
}

/** One fen each to the first takers; all of it to a single taker. */
function giveRest(parts: Fen[], rest: bigint, takers: readonly number[]): void {
  if (takers.length === 1) {
    parts[takers[0]!]! += rest;
    return;
  }
  // Each part lost less than one fen, so the rest is below the number of takers.
  for (let i = 0; i < Number(rest); i++) parts[takers[i]!]! += 1n;
}

/** Indices of the parts that may take a fen, first taker first. */
function takersInOrder(
  weights: readonly bigint[],
  remainders: readonly bigint[],
  tail: TailRule,
): number[] {
  const takers: number[] = [];
  for (let i = 0; i < weights.length; i++) if (weights[i]! > 0n) takers.push(i);
  // Sorting is stable, so equal keys keep the order of the list.
  const descending = (keys: readonly bigint[]) =>
    takers.sort((a, b) => (keys[a]! > keys[b]! ? -1 : keys[a]! < keys[b]! ? 1 : 0));
  switch (tail) {
    case 'first':
      return takers;
    case 'last':
      return takers.slice(-1);
    case 'largest_weight':
      return descending(weights);
    case 'largest_remainder':
      return descending(remainders);
    default:
      return assertNever(tail);
  }
}
