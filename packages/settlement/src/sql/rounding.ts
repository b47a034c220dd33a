import { assertNever, type Rounding } from '@yinglian/core';
import type { RoundingPolicy } from '../terms/common.ts';
import type { Dialect } from './dialect.ts';

/** Numbers of the part columns, from 1. */
const each = (width: number, make: (i: number) => string, glue = ', ') =>
  Array.from({ length: width }, (_, i) => make(i + 1)).join(glue);

const SITE = 'film_code, cinema_code, circuit, equipment';
const MEASURES = 'screenings, admissions, gross_fen, base_fen';
const LINE = `${SITE}, line_hall AS hall, profile, ${MEASURES}`;
const CARRIED = `${SITE}, line_hall, profile, ${MEASURES}`;

/** Which widths of integers the profiles of a plan need. */
export type Arithmetic = { readonly narrow: boolean; readonly wide: boolean };

type Width = {
  /** Suffix of the CTE names. */
  readonly name: 'narrow' | 'wide';
  readonly type: string;
};

/**
 * One allocation per line, unrolled over the takers: floors, remainders, then one fen to each taker
 * whose key is among the greatest. A negative line is the mirror of the positive one. Lines of
 * narrow profiles are worked in 64 bits, the rest in the wide type.
 */
export function allocationColumns(
  policy: RoundingPolicy,
  width: number,
  { dialect, arithmetic }: { dialect: Dialect; arithmetic: Arithmetic },
): string {
  // The wide keys of this tail add an offset that 64 bits do not hold.
  const narrow = arithmetic.narrow && policy.tail !== 'largest_weight';
  const wide = arithmetic.wide || !narrow;
  const widths: Width[] = [
    ...(narrow ? [{ name: 'narrow' as const, type: dialect.whole }] : []),
    ...(wide ? [{ name: 'wide' as const, type: dialect.wide }] : []),
  ];
  const only = widths.length === 1;
  const chains = widths.map((each) => allocationChain(policy, width, { dialect, each, only }));
  const all = widths.map(({ name }) => `SELECT * FROM allocated_${name}`);
  return `${chains.join(',\n')}\n${all.join(' UNION ALL ')}`;
}

function allocationChain(
  policy: RoundingPolicy,
  width: number,
  { dialect, each: { name, type }, only }: { dialect: Dialect; each: Width; only: boolean },
): string {
  const cast = (value: string) => dialect.cast(value, type);
  const where = only ? '' : ` WHERE narrow = ${name === 'narrow' ? 1 : 0}`;
  const take = (i: number) => `whole * base_${i}`;
  const same = (column: string) => `${cast(column)} AS ${column}`;
  const exact = (i: number) =>
    `(mirror * base - whole * denominator) * base_${i} + mirror * sold * ticket_${i}`;
  const quotient = (i: number) => dialect.divide(`exact_${i}`, 'denominator');
  const below = (i: number) => dialect.flag(`exact_${i} < quotient_${i} * denominator`);
  const gain = (i: number) => gainExpression(policy, width, i, { dialect, cast });
  return `signed_${name} AS (
  SELECT ${CARRIED}, takers, ${cast('denominator')} AS denominator,
    CASE WHEN base_fen < 0 OR (base_fen = 0 AND tickets < 0)
      THEN ${cast('-1')} ELSE ${cast('1')} END AS mirror,
    ${cast('base_fen')} AS base, ${cast('tickets')} AS sold,
    ${each(width, (i) => `${same(`base_${i}`)}, ${same(`ticket_${i}`)}`)}
  FROM profiled JOIN settle_profiles USING (profile)${where}
),
divided_${name} AS (
  SELECT *, ${dialect.divide('mirror * base', 'denominator')} AS whole FROM signed_${name}
),
exact_${name} AS (
  SELECT *, ${each(width, (i) => `${exact(i)} AS exact_${i}`)}
  FROM divided_${name}
),
cut_${name} AS (
  SELECT *, ${each(width, (i) => `${quotient(i)} AS quotient_${i}`)} FROM exact_${name}
),
floored_${name} AS (
  SELECT *, ${each(width, (i) => `quotient_${i} - ${below(i)} AS floor_${i}`)} FROM cut_${name}
),
rested_${name} AS (
  SELECT *, mirror * base - (${each(width, (i) => `(${take(i)} + floor_${i})`, ' + ')}) AS rest,
    ${each(width, (i) => `exact_${i} - floor_${i} * denominator AS remainder_${i}`)}
  FROM floored_${name}
),
keyed_${name} AS (
  SELECT *, ${each(width, (i) => `${keyExpression(policy, i, cast)} AS key_${i}`)}
  FROM rested_${name}
),
allocated_${name} AS (
  SELECT ${LINE},
    ${each(width, (i) => `mirror * (${take(i)} + floor_${i} + ${gain(i)}) AS part_${i}`)}
  FROM keyed_${name}
)`;
}

const POSITIONS = 64;

/** Greater keys take first; −1 takes nothing. Ties go to the earlier taker. */
function keyExpression(policy: RoundingPolicy, i: number, cast: (value: string) => string): string {
  const taking = `${i} <= takers AND (remainder_${i} > 0 OR whole * base_${i} + floor_${i} <> 0)`;
  const order = POSITIONS - i;
  switch (policy.tail) {
    case 'largest_remainder':
      // Without a remainder the key is below all that have one, and the rest is used up before.
      return `remainder_${i} * ${POSITIONS} + ${order}`;
    case 'first':
      return `CASE WHEN ${taking} THEN ${cast(String(order))} ELSE ${cast('-1')} END`;
    case 'last':
      return `CASE WHEN ${taking} THEN ${cast(String(i))} ELSE ${cast('-1')} END`;
    case 'largest_weight':
      // Negative parts come after all others; the offset keeps their keys above −1.
      return `CASE WHEN ${taking}
        THEN (whole * base_${i} * denominator + exact_${i} + ${WEIGHT_OFFSET}) * ${POSITIONS}
          + ${order} ELSE ${cast('-1')} END`;
    default:
      return assertNever(policy.tail);
  }
}

/** Above any exact amount of a line: 2^110 leaves the key within 127 bits. */
const WEIGHT_OFFSET = String(2n ** 110n);

/** Each pair of keys is compared once, in one direction, so that the engine shares the result. */
function gainExpression(
  policy: RoundingPolicy,
  width: number,
  i: number,
  { dialect, cast }: { dialect: Dialect; cast: (value: string) => string },
): string {
  const greater = (a: number, b: number) => dialect.flag(`key_${a} > key_${b}`);
  const before = Array.from({ length: width }, (_, j) => j + 1)
    .filter((j) => j !== i)
    .map((j) => (j < i ? greater(j, i) : `(1 - ${greater(i, j)})`))
    .join(' + ');
  const rank = before === '' ? '0' : before;
  if (policy.tail === 'last')
    return `CASE WHEN key_${i} >= 0 AND (${rank}) = 0 THEN rest ELSE ${cast('0')} END`;
  return `CASE WHEN key_${i} >= 0 AND (${rank}) < rest THEN ${cast('1')} ELSE ${cast('0')} END`;
}

/** Every part from its exact value by itself; what is left over is the column `tail`. */
export function independentColumns(
  policy: RoundingPolicy,
  width: number,
  dialect: Dialect,
): string {
  const base = dialect.cast('base_fen', dialect.wide);
  const tickets = dialect.cast('tickets', dialect.wide);
  const quotient = (i: number) => dialect.divide(`exact_${i}`, 'denominator');
  return `exact AS (
  SELECT ${CARRIED}, takers, denominator,
    ${each(width, (i) => `${base} * base_${i} + ${tickets} * ticket_${i} AS exact_${i}`)}
  FROM profiled JOIN settle_profiles USING (profile)
),
cut AS (
  SELECT *, ${each(width, (i) => `${quotient(i)} AS quotient_${i}`)} FROM exact
),
left_over AS (
  SELECT *, ${each(width, (i) => `exact_${i} - quotient_${i} * denominator AS remainder_${i}`)}
  FROM cut
)
SELECT ${LINE},
  ${each(width, (i) => `quotient_${i} + ${roundExpression(policy.mode, i)} AS part_${i}`)}
FROM left_over`;
}

/** What rounding adds to the quotient toward zero; the remainder has the sign of the amount. */
function roundExpression(mode: Rounding, i: number): string {
  const remainder = `remainder_${i}`;
  const away = `CASE WHEN ${remainder} < 0 THEN -1 WHEN ${remainder} > 0 THEN 1 ELSE 0 END`;
  const twice = `2 * abs(${remainder})`;
  switch (mode) {
    case 'toward_zero':
      return '0';
    case 'away_from_zero':
      return away;
    case 'floor':
      return `CASE WHEN ${remainder} < 0 THEN -1 ELSE 0 END`;
    case 'ceiling':
      return `CASE WHEN ${remainder} > 0 THEN 1 ELSE 0 END`;
    case 'half_up':
      return `CASE WHEN ${twice} >= denominator THEN ${away} ELSE 0 END`;
    case 'half_even':
      return `CASE WHEN ${twice} > denominator
        OR (${twice} = denominator AND quotient_${i} % 2 <> 0) THEN ${away} ELSE 0 END`;
    default:
      return assertNever(mode);
  }
}
