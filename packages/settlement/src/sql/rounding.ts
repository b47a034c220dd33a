import { assertNever, type Rounding } from '@yinglian/core';
import type { RoundingPolicy } from '../terms/common.ts';
import type { Dialect } from './dialect.ts';
import { type Chain, columnsOf, ORDER_BITS } from './numerators.ts';

/** Numbers of the part columns, from 1. */
const each = (width: number, make: (i: number) => string, glue = ', ') =>
  Array.from({ length: width }, (_, i) => make(i + 1)).join(glue);

const SITE = 'film_code, cinema_code, circuit, equipment';
const MEASURES = 'screenings, admissions, gross_fen, base_fen';
const LINE = `${SITE}, line_hall AS hall, profile, ${MEASURES}`;
const CARRIED = `${SITE}, line_hall, profile, ${MEASURES}`;

type Given = { readonly dialect: Dialect; readonly chains: readonly Chain[] };

/**
 * One allocation per line, unrolled over the takers: floors, remainders, then one fen to each taker
 * whose remainder is among the greatest. A negative line is the mirror of the positive one.
 */
export function allocationColumns(
  policy: RoundingPolicy,
  width: number,
  { dialect, chains }: Given,
): string {
  const all = chains.map(({ name }) => `SELECT * FROM allocated_${name}`);
  const worked = chains.map((chain) => allocationChain(policy, width, { dialect, chain }));
  return `${worked.join(',\n')}\n${all.join(' UNION ALL ')}`;
}

/**
 * The numerators of a profile add up to its denominator and its amounts per ticket to nothing, so
 * that what the floors leave of the base is what they leave of the base's rest by the denominator.
 */
function allocationChain(
  policy: RoundingPolicy,
  width: number,
  { dialect, chain: { name, type, signed, table } }: { dialect: Dialect; chain: Chain },
): string {
  const cast = (value: string) => dialect.cast(value, type);
  const floor = (i: number) => `${signed ? 'floor' : 'quotient'}_${i}`;
  const tickets = (i: number) => (signed ? ` + sold * ticket_${i}` : '');
  const below = (i: number) => dialect.flag(`exact_${i} < quotient_${i} * denominator`);
  const columns = table.columns.filter((each) => each.name !== 'profile').map((each) => each.name);
  const negative = signed ? 'base_fen < 0 OR (base_fen = 0 AND admissions < 0)' : 'base_fen < 0';
  const gains = gainColumns(policy, width, { dialect, cast, floor });
  return `signed_${name} AS (
  SELECT ${CARRIED}, ${columns.join(', ')},
    CASE WHEN ${negative} THEN ${cast('-1')} ELSE ${cast('1')} END AS mirror
  FROM profiled JOIN ${table.name} USING (profile)
),
divided_${name} AS (
  SELECT *, ${signed ? `mirror * ${cast('admissions')} AS sold, ` : ''}
    mirror * ${cast('base_fen')} AS base,
    ${dialect.divide(`mirror * ${cast('base_fen')}`, 'denominator')} AS whole
  FROM signed_${name}
),
left_${name} AS (SELECT *, base - whole * denominator AS left_over FROM divided_${name}),
exact_${name} AS (
  SELECT *, ${each(width, (i) => `left_over * base_${i}${tickets(i)} AS exact_${i}`)}
  FROM left_${name}
),
cut_${name} AS (
  SELECT *, ${each(width, (i) => `${dialect.divide(`exact_${i}`, 'denominator')} AS quotient_${i}`)}
  FROM exact_${name}
),
floored_${name} AS (
  SELECT *${signed ? `, ${each(width, (i) => `quotient_${i} - ${below(i)} AS floor_${i}`)}` : ''}
  FROM cut_${name}
),
rested_${name} AS (
  SELECT *, left_over - (${each(width, floor, ' + ')}) AS rest,
    ${each(width, (i) => `exact_${i} - ${floor(i)} * denominator AS remainder_${i}`)}
  FROM floored_${name}
),
keyed_${name} AS (SELECT *${gains.keys} FROM rested_${name}),
compared_${name} AS (SELECT *${gains.flags} FROM keyed_${name}),
allocated_${name} AS (
  SELECT ${LINE},
    ${each(
      width,
      (i) => `mirror * (whole * base_${i} + ${floor(i)} + ${gains.of(i)}) AS part_${i}`,
    )}
  FROM compared_${name}
)`;
}

const POSITIONS = 2 ** ORDER_BITS;

/**
 * Above any exact amount of a line, so that keys stay above −1. As a text that is cast, since a
 * number beyond 64 bits is a floating one where it stands alone.
 */
const weightOffset = ({ wideBits, wide, cast }: Dialect) =>
  cast(`'${2n ** BigInt(wideBits - ORDER_BITS)}'`, wide);

type Gains = {
  /** Columns `key_i`: greater keys take first, −1 takes nothing. */
  readonly keys: string;
  /** Columns `before_i_j`: 1 where taker i comes before taker j, for i < j. */
  readonly flags: string;
  /** What taker i gets of the rest. */
  of(i: number): string;
};

type Numbers = {
  readonly dialect: Dialect;
  readonly cast: (value: string) => string;
  readonly floor: (i: number) => string;
};

/** Each pair of takers is compared once, in one direction, so that the engine shares the result. */
function gainColumns(policy: RoundingPolicy, width: number, given: Numbers): Gains {
  const { dialect, cast } = given;
  const byRemainder = policy.tail === 'largest_remainder';
  const ordered = byRemainder ? 'remainder' : 'key';
  // Ties go to the earlier taker. Whoever has no remainder comes after all that have one, and the
  // rest is used up before: remainders need no key.
  const flag = (i: number, j: number) =>
    dialect.cast(`${ordered}_${i} >= ${ordered}_${j}`, dialect.count);
  const pairs = columnsOf(width, (i) => i + 1).flatMap((i) =>
    columnsOf(width - i, (k) => `${flag(i, i + k + 1)} AS before_${i}_${i + k + 1}`),
  );
  const key = (i: number) => `${keyExpression(policy, i, given)} AS key_${i}`;
  return {
    keys: byRemainder ? '' : `, ${each(width, key)}`,
    flags: pairs.length === 0 ? '' : `, ${pairs.join(', ')}`,
    of: (i) => {
      // Takers before i: of the later ones those that i does not precede.
      const before = [
        String(width - i),
        ...columnsOf(i - 1, (k) => ` + before_${k + 1}_${i}`),
        ...columnsOf(width - i, (k) => ` - before_${i}_${i + k + 1}`),
      ].join('');
      if (byRemainder) return dialect.flag(`${before} < ${dialect.cast('rest', dialect.count)}`);
      if (policy.tail === 'last')
        return `CASE WHEN key_${i} >= 0 AND ${before} = 0 THEN rest ELSE ${cast('0')} END`;
      return dialect.flag(`key_${i} >= 0 AND ${before} < rest`);
    },
  };
}

function keyExpression(policy: RoundingPolicy, i: number, given: Numbers): string {
  const { dialect, cast, floor } = given;
  const taking = `${i} <= takers AND (remainder_${i} > 0 OR whole * base_${i} + ${floor(i)} <> 0)`;
  const order = POSITIONS - i;
  switch (policy.tail) {
    case 'largest_remainder':
      return `remainder_${i}`;
    case 'first':
      return `CASE WHEN ${taking} THEN ${cast(String(order))} ELSE ${cast('-1')} END`;
    case 'last':
      return `CASE WHEN ${taking} THEN ${cast(String(i))} ELSE ${cast('-1')} END`;
    case 'largest_weight':
      // Negative parts come after all others; the offset keeps their keys above −1.
      return `CASE WHEN ${taking}
        THEN (whole * base_${i} * denominator + exact_${i} + ${weightOffset(dialect)})
          * ${POSITIONS} + ${order} ELSE ${cast('-1')} END`;
    default:
      return assertNever(policy.tail);
  }
}

/** Every part from its exact value by itself; what is left over is the column `tail`. */
export function independentColumns(
  policy: RoundingPolicy,
  width: number,
  { dialect, chains }: Given,
): string {
  const base = dialect.cast('base_fen', dialect.wide);
  const tickets = dialect.cast('admissions', dialect.wide);
  const quotient = (i: number) => dialect.divide(`exact_${i}`, 'denominator');
  return `exact AS (
  SELECT ${CARRIED}, takers, denominator,
    ${each(width, (i) => `${base} * base_${i} + ${tickets} * ticket_${i} AS exact_${i}`)}
  FROM profiled JOIN ${chains[0]!.table.name} USING (profile)
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
