import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addRatio,
  basisPoints,
  compareRatio,
  divideRatio,
  formatRatio,
  greatestCommonDivisor,
  multiplyRatio,
  negateRatio,
  ONE,
  parseRatio,
  ratio,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../src/index.ts';

const whole = () => fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
const any = () =>
  fc
    .tuple(
      whole(),
      whole().filter((value) => value !== 0n),
    )
    .map(([numerator, denominator]) => ratio(numerator, denominator));

describe('ratio', () => {
  it('[CO11] has one form', () => {
    const factor = whole().filter((value) => value !== 0n);
    fc.assert(
      fc.property(any(), factor, (value, by) => {
        const { numerator, denominator } = value;
        expect(denominator > 0n).toBe(true);
        expect(greatestCommonDivisor(numerator, denominator)).toBe(1n);
        expect(ratio(numerator * by, denominator * by)).toEqual(value);
        expect(Object.isFrozen(value)).toBe(true);
      }),
    );
    expect(() => ratio(1, 0)).toThrow('denominator other than zero');
    expect(() => ratio(0.5)).toThrow(RangeError);
    expect(ratio(0, -7)).toEqual({ numerator: 0n, denominator: 1n });
  });

  it('[CO11] the greatest common divisor is positive, also of negatives and of zeros', () => {
    expect(greatestCommonDivisor(-12n, 18n)).toBe(6n);
    expect(greatestCommonDivisor(0n, -5n)).toBe(5n);
    expect(greatestCommonDivisor(0n, 0n)).toBe(1n);
  });

  it('[CO12] the laws of arithmetic hold exactly', () => {
    fc.assert(
      fc.property(any(), any(), any(), (a, b, c) => {
        expect(addRatio(a, b)).toEqual(addRatio(b, a));
        expect(multiplyRatio(a, b)).toEqual(multiplyRatio(b, a));
        expect(addRatio(addRatio(a, b), c)).toEqual(addRatio(a, addRatio(b, c)));
        expect(multiplyRatio(multiplyRatio(a, b), c)).toEqual(
          multiplyRatio(a, multiplyRatio(b, c)),
        );
        const sumOfProducts = addRatio(multiplyRatio(a, b), multiplyRatio(a, c));
        expect(multiplyRatio(a, addRatio(b, c))).toEqual(sumOfProducts);
        expect(subtractRatio(addRatio(a, b), b)).toEqual(a);
        expect(sumRatios([a, b, negateRatio(a)])).toEqual(b);
        if (b.numerator !== 0n) expect(divideRatio(multiplyRatio(a, b), b)).toEqual(a);
        expect(multiplyRatio(a, ONE)).toEqual(addRatio(a, ZERO));
      }),
    );
    expect(() => divideRatio(ONE, ZERO)).toThrow('denominator other than zero');
  });

  it.each([
    ['0.05', ratio(1, 20)],
    ['5%', ratio(1, 20)],
    ['5 %', ratio(1, 20)],
    ['3.3%', ratio(33, 1000)],
    ['3/103', ratio(3, 103)],
    ['-1/2', ratio(-1, 2)],
    ['0.5/2', ratio(1, 4)],
    ['50%/2', ratio(1, 4)],
    ['43', ratio(43)],
    [' 0.91737864 ', ratio(91_737_864, 100_000_000)],
  ])('[CO13] %s is read exactly', (text, expected) => {
    expect(parseRatio(text)).toEqual(expected);
  });

  it.each(['', '1/0', '1/2/3', 'a', '1e3', '.5', '%', '/', '1/', 'NaN', '9'.repeat(100_000)])(
    '[CO13] what is not a ratio is undefined (%#)',
    (text) => {
      expect(parseRatio(text)).toBeUndefined();
    },
  );

  it('[CO13] writing and reading are inverse', () => {
    fc.assert(
      fc.property(any(), (a) => {
        expect(parseRatio(formatRatio(a))).toEqual(a);
      }),
    );
    expect(formatRatio(basisPoints(4300))).toBe('43/100');
  });

  it('[CO14] comparison agrees with subtraction and is transitive', () => {
    fc.assert(
      fc.property(any(), any(), any(), (a, b, c) => {
        const sign = subtractRatio(a, b).numerator;
        expect(compareRatio(a, b)).toBe(sign < 0n ? -1 : sign > 0n ? 1 : 0);
        expect(compareRatio(a, b) + compareRatio(b, a)).toBe(0);
        expect(compareRatio(a, a)).toBe(0);
        const [low, middle, high] = [a, b, c].sort(compareRatio);
        expect(compareRatio(low!, high!)).toBeLessThanOrEqual(0);
        expect(compareRatio(low!, middle!)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
