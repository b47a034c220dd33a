import { assertNever, type Rounding } from '@yinglian/core';
import type { RoundingPolicy } from '../terms/common.ts';
import type { Dialect } from './dialect.ts';

/** Numbers of the part columns, from 1. */
const each = (width: number, make: (i: number) => string, glue = ', ') =>
  Array.from({ length: width }, (_, i) => make(i + 1)).join(glue);

const LINE = 'film_code, cinema_code, circuit, equipment, line_hall AS hall, profile, screenings, admissions, gross_fen, base_fen';
const CARRIED = 'film_code, cinema_code, circuit, equipment, line_hall, profile, screenings, admissions, gross_fen, base_fen';

/**
 * One allocation per line, unrolled over the takers: floors, remainders, then one fen to each taker
 * whose key is among the greatest. A negative line is the mirror of the positive one.
 */
export function allocationColumns(policy: RoundingPolicy, width: number, dialect: Dialect): string {
  const { wide } = dialect;
  const zero = dialect.cast('0', wide);
  const one = dialect.cast('1', wide);
  return `exact AS (
  SELECT ${CARRIED}, takers, denominator, mirror, ${each(width, (i) => `mirror * (base_fen * base_${i} + tickets * ticket_${i}) AS exact_${i}`)}
  FROM (
    SELECT *, CASE WHEN base_fen < 0 OR (base_fen = 0 AND tickets < 0) THEN -${one} ELSE ${one} END AS mirror
    FROM profiled JOIN settle_profiles USING (profile)
  )
),
cut AS (
  SELECT *, ${each(width, (i) => `${dialect.divide(`exact_${i}`, 'denominator')} AS quotient_${i}`)} FROM exact
),
floored AS (
  SELECT ${CARRIED}, takers, denominator, mirror, ${each(width, (i) =>
    `CASE WHEN exact_${i} - quotient_${i} * denominator < 0 THEN quotient_${i} - 1 ELSE quotient_${i} END AS floor_${i}`)},
    ${each(width, (i) => `exact_${i}`)}
  FROM cut
),
rested AS (
  SELECT *, mirror * base_fen - (${each(width, (i) => `floor_${i}`, ' + ')}) AS rest,
    ${each(width, (i) => `exact_${i} - floor_${i} * denominator AS remainder_${i}`)}
  FROM floored
),
keyed AS (
  SELECT *, ${each(width, (i) => `${keyExpression(policy, i, dialect)} AS key_${i}`)} FROM rested
)
SELECT ${LINE}, ${each(width, (i) => `mirror * (floor_${i} + CASE WHEN rest > 0 AND key_${i} >= 0 THEN ${gainExpression(policy, width, i, { zero, one })} ELSE ${zero} END) AS part_${i}`)}
FROM keyed`;
}

const POSITIONS = 64;

/** Greater keys take first; −1 takes nothing. Ties go to the earlier taker. */
function keyExpression(policy: RoundingPolicy, i: number, dialect: Dialect): string {
  const taking = `${i} <= takers AND (remainder_${i} > 0 OR floor_${i} <> 0)`;
  const order = POSITIONS - i;
  const wide = (value: string) => dialect.cast(value, dialect.wide);
  switch (policy.tail) {
    case 'largest_remainder':
      return `CASE WHEN ${taking} THEN remainder_${i} * ${POSITIONS} + ${order} ELSE ${wide('-1')} END`;
    case 'first':
      return `CASE WHEN ${taking} THEN ${wide(String(order))} ELSE ${wide('-1')} END`;
    case 'last':
      return `CASE WHEN ${taking} THEN ${wide(String(i))} ELSE ${wide('-1')} END`;
    case 'largest_weight':
      // Negative parts come after all others; the offset keeps their keys above −1.
      return `CASE WHEN ${taking} THEN (exact_${i} + ${WEIGHT_OFFSET}) * ${POSITIONS} + ${order} ELSE ${wide('-1')} END`;
    default:
      return assertNever(policy.tail);
  }
}

/** Above any exact amount of a line: 2^110 leaves the key within 127 bits. */
const WEIGHT_OFFSET = String(2n ** 110n);

function gainExpression(
  policy: RoundingPolicy,
  width: number,
  i: number,
  { zero, one }: { zero: string; one: string },
): string {
  const before = each(width, (j) => (j === i ? '0' : `CASE WHEN key_${j} > key_${i} THEN 1 ELSE 0 END`), ' + ');
  if (policy.tail === 'last') return `CASE WHEN (${before}) = 0 THEN rest ELSE ${zero} END`;
  return `CASE WHEN (${before}) < rest THEN ${one} ELSE ${zero} END`;
}

/** Every part from its exact value by itself; what is left over is the column `tail`. */
export function independentColumns(policy: RoundingPolicy, width: number, dialect: Dialect): string {
  return `exact AS (
  SELECT ${CARRIED}, takers, denominator, ${each(width, (i) => `base_fen * base_${i} + tickets * ticket_${i} AS exact_${i}`)}
  FROM profiled JOIN settle_profiles USING (profile)
),
cut AS (
  SELECT *, ${each(width, (i) => `${dialect.divide(`exact_${i}`, 'denominator')} AS quotient_${i}`)} FROM exact
),
left_over AS (
  SELECT *, ${each(width, (i) => `exact_${i} - quotient_${i} * denominator AS remainder_${i}`)} FROM cut
)
SELECT ${LINE}, ${each(width, (i) => `quotient_${i} + ${roundExpression(policy.mode, i)} AS part_${i}`)}
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
      return `CASE WHEN ${twice} > denominator OR (${twice} = denominator AND quotient_${i} % 2 <> 0) THEN ${away} ELSE 0 END`;
    default:
      return assertNever(mode);
  }
}
