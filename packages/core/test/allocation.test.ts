import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, sumFen, TAIL_RULES, type TailRule } from '../src/index.ts';

const amount = () => fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const weights = () =>
  fc
    .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 12 })
    .filter((list) => list.some((weight) => weight > 0n));
const tail = () => fc.constantFrom(...TAIL_RULES);
const absolute = (value: bigint) => (value < 0n ? -value : value);

describe('allocation', () => {
  it('[CO5] the parts add up to the amount', () => {
    fc.assert(
      fc.property(amount(), weights(), tail(), (whole, list, rule) => {
        const parts = allocate(whole, list, rule);
        expect(parts.length).toBe(list.length);
        expect(sumFen(parts)).toBe(whole);
      }),
    );
  });

  it('[CO6] a part is within one fen of its exact share; weight zero gets nothing', () => {
    fc.assert(
      fc.property(amount(), weights(), tail(), (whole, list, rule) => {
        const total = list.reduce((sum, weight) => sum + weight, 0n);
        const heavy = list.filter((weight) => weight > 0n).length;
        const limit = rule === 'last' ? BigInt(heavy) : 1n;
        allocate(whole, list, rule).forEach((part, index) => {
          expect(absolute(part * total - whole * list[index]!) < limit * total).toBe(true);
          if (list[index] === 0n) expect(part).toBe(0n);
        });
      }),
    );
  });

  it('[CO7] a negative amount is the mirror of the positive one', () => {
    fc.assert(
      fc.property(amount(), weights(), tail(), (whole, list, rule) => {
        const mirrored = allocate(-whole, list, rule).map((part) => -part);
        expect(mirrored).toEqual(allocate(whole, list, rule));
      }),
    );
  });

  const examples: readonly (readonly [bigint, bigint[], TailRule, bigint[]])[] = [
    [100n, [1n, 1n, 1n], 'largest_remainder', [34n, 33n, 33n]],
    [101n, [1n, 1n, 1n], 'first', [34n, 34n, 33n]],
    [10n, [1n, 2n, 4n], 'largest_remainder', [1n, 3n, 6n]],
    [10n, [1n, 2n, 4n], 'first', [2n, 3n, 5n]],
    [10n, [1n, 2n, 4n], 'largest_weight', [1n, 3n, 6n]],
    [10n, [2n, 4n, 4n, 7n], 'largest_weight', [1n, 2n, 2n, 5n]],
    [8n, [3n, 3n, 1n, 0n], 'last', [3n, 3n, 2n, 0n]],
    [11n, [0n, 1n, 1n], 'first', [0n, 6n, 5n]],
    [5n, [1n], 'largest_remainder', [5n]],
    [-5n, [0n, 1n], 'last', [0n, -5n]],
  ];
  it.each(examples)('[CO8] %s fen by %o under %s', (whole, list, rule, expected) => {
    expect(allocate(whole, list, rule)).toEqual(expected);
  });

  it('[CO8] under largest_remainder nobody who lost less gains over one who lost more', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), weights(), (whole, list) => {
        const total = list.reduce((sum, weight) => sum + weight, 0n);
        const parts = allocate(whole, list);
        const lost = list.map((weight) => (whole * weight) % total);
        const gained = parts.map((part, i) => part - (whole * list[i]!) / total);
        const takers = lost.filter((_, i) => gained[i] === 1n);
        const others = lost.filter((_, i) => gained[i] === 0n);
        for (const taker of takers) for (const other of others) expect(taker >= other).toBe(true);
      }),
    );
  });

  it('[CO9] bad weights are faults of the programmer', () => {
    expect(() => allocate(1n, [])).toThrow('at least one weight is positive');
    expect(() => allocate(1n, [0n, 0n])).toThrow('at least one weight is positive');
    expect(() => allocate(1n, [2n, -1n])).toThrow('a weight is not negative');
  });

  it('[CO10] scaling the weights changes nothing', () => {
    const factor = fc.bigInt({ min: 1n, max: 10n ** 6n });
    fc.assert(
      fc.property(amount(), weights(), tail(), factor, (whole, list, rule, by) => {
        const scaled = list.map((weight) => weight * by);
        expect(allocate(whole, scaled, rule)).toEqual(allocate(whole, list, rule));
      }),
    );
  });
});

type Case = {
  readonly id: string;
  readonly amount_minor: string;
  readonly ratios: readonly string[];
  readonly mode: string;
  readonly expected_minor: readonly string[];
  readonly step_minor?: string;
};
const RULES: Readonly<Record<string, TailRule>> = {
  FloorToFirst: 'first',
  FloorToLargestRemainder: 'largest_remainder',
  FloorToLargestRatio: 'largest_weight',
};
const file = new URL('../../../../shared/fixtures/settle/alloc/alloc.json', import.meta.url);
const present = existsSync(file);
if (!present) console.log('skipped: allocation cases of other libraries are not on this machine');

describe.skipIf(!present)('allocation as other money libraries test it', () => {
  const all: Case[] = present ? (JSON.parse(readFileSync(file, 'utf8')) as Case[]) : [];
  const cases = all.filter(
    (each) =>
      RULES[each.mode] !== undefined &&
      each.step_minor === undefined &&
      each.ratios.every((weight) => /^\d+$/.test(weight)),
  );

  it('[CO8] every case of the three shared modes', () => {
    expect(cases.length).toBeGreaterThan(20);
    for (const { id, amount_minor, ratios, mode, expected_minor } of cases) {
      const parts = allocate(BigInt(amount_minor), ratios.map(BigInt), RULES[mode]!);
      expect(parts.map(String), id).toEqual(expected_minor);
    }
  });
});
