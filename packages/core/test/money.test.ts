import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  divideRounded,
  formatYuan,
  parseYuan,
  ratio,
  type Rounding,
  ROUNDINGS,
  shareFen,
  sumFen,
} from '../src/index.ts';

const fen = () => fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const rounding = () => fc.constantFrom(...ROUNDINGS);
const absolute = (value: bigint) => (value < 0n ? -value : value);

describe('yuan as text', () => {
  it.each([
    ['720', 72_000n],
    ['720.00', 72_000n],
    ['¥720.5', 72_050n],
    ['￥1,234,567.89', 123_456_789n],
    ['-1,234.56', -123_456n],
    ['-¥3', -300n],
    ['+0.01', 1n],
    ['0.010000', 1n],
    [' 12.30 ', 1230n],
    ['0', 0n],
    ['-0.00', 0n],
  ])('[CO1] %s is read exactly', (text, expected) => {
    expect(parseYuan(text)).toBe(expected);
  });

  it.each([
    '0.001',
    '1,23.45',
    '12,34,567',
    '1.2.3',
    '',
    '.5',
    '5.',
    'abc',
    '1e5',
    '0x10',
    '--1',
    'NaN',
    '１２',
    '9'.repeat(1_000_000),
    `1${',000'.repeat(100_000)}`,
  ])('[CO1] what is not an amount of whole fen is undefined (%#)', (text) => {
    expect(parseYuan(text)).toBeUndefined();
  });

  it('[CO2] writing and reading are inverse', () => {
    fc.assert(
      fc.property(fen(), fc.boolean(), (amount, grouped) => {
        expect(parseYuan(formatYuan(amount, { grouped }))).toBe(amount);
      }),
    );
  });

  it('[CO2] thousands are grouped from the right', () => {
    expect(formatYuan(-123_456_789n, { grouped: true })).toBe('-1,234,567.89');
    expect(formatYuan(99_999n, { grouped: true })).toBe('999.99');
    expect(formatYuan(-5n)).toBe('-0.05');
  });
});

describe('rounding', () => {
  const table: readonly (readonly [bigint, Record<Rounding, bigint>])[] = [
    [25n, rounded(2n, 3n, 2n, 3n, 2n, 3n)],
    [35n, rounded(4n, 4n, 3n, 4n, 3n, 4n)],
    [24n, rounded(2n, 2n, 2n, 3n, 2n, 3n)],
    [26n, rounded(3n, 3n, 2n, 3n, 2n, 3n)],
    [-25n, rounded(-2n, -3n, -2n, -3n, -3n, -2n)],
    [-24n, rounded(-2n, -2n, -2n, -3n, -3n, -2n)],
    [30n, rounded(3n, 3n, 3n, 3n, 3n, 3n)],
  ];

  it.each(table)('[CO3] %s tenths under each rounding', (tenths, expected) => {
    for (const name of ROUNDINGS) expect(divideRounded(tenths, 10n, name)).toBe(expected[name]);
  });

  it('[CO3] the result is within one of the exact quotient, within a half for half_', () => {
    const divisor = fc.bigInt({ min: 1n, max: 10n ** 15n });
    fc.assert(
      fc.property(fen(), divisor, rounding(), (numerator, denominator, name) => {
        const error = absolute(
          divideRounded(numerator, denominator, name) * denominator - numerator,
        );
        expect(error < denominator).toBe(true);
        if (name.startsWith('half_')) expect(error * 2n <= denominator).toBe(true);
      }),
    );
  });

  it('[CO3] a share of an amount is rounded once, in the named way', () => {
    // One hundred million yuan times the exact net factor of the 5 % fund and 3/103 VAT.
    expect(shareFen(10_000_000_001n, ratio(3, 103), 'half_up')).toBe(291_262_136n);
    expect(shareFen(10_000_000_001n, ratio(3, 103), 'floor')).toBe(291_262_135n);
  });

  it('[CO3] a denominator that is not positive is a fault of the programmer', () => {
    for (const denominator of [0n, -3n]) {
      expect(() => divideRounded(1n, denominator, 'floor')).toThrow('positive denominator');
    }
  });

  it('[CO4] four roundings are symmetric about zero, two mirror each other', () => {
    const mirror: Partial<Record<Rounding, Rounding>> = { floor: 'ceiling', ceiling: 'floor' };
    const divisor = fc.bigInt({ min: 1n, max: 1000n });
    const small = fc.bigInt({ min: -5000n, max: 5000n });
    fc.assert(
      fc.property(small, divisor, rounding(), (numerator, denominator, name) => {
        const opposite = divideRounded(-numerator, denominator, mirror[name] ?? name);
        expect(divideRounded(numerator, denominator, name)).toBe(-opposite);
      }),
    );
  });

  it('[CO1] a sum is exact beyond the reach of floats', () => {
    expect(sumFen([2n ** 60n, 1n, -(2n ** 60n)])).toBe(1n);
    expect(sumFen([])).toBe(0n);
  });
});

function rounded(
  half_even: bigint,
  half_up: bigint,
  toward_zero: bigint,
  away_from_zero: bigint,
  floor: bigint,
  ceiling: bigint,
): Record<Rounding, bigint> {
  return { half_even, half_up, toward_zero, away_from_zero, floor, ceiling };
}
