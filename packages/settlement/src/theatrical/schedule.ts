import {
  addDays,
  addRatio,
  compareRatio,
  divideRatio,
  type IsoDate,
  multiplyRatio,
  ONE,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import type { Ladder } from '../terms/theatrical.ts';
import type { BookDay } from './facts.ts';

/** A rate from a day on, until the next entry. */
export type DatedRate = { readonly from: IsoDate; readonly rate: Ratio; readonly label: string };

/** What one day adds to the figure that moves a rate. */
export type DayTotal = { readonly date: IsoDate; readonly amount: Ratio };

/** Before every day of trade. */
export const FIRST_DAY: IsoDate = '0001-01-01';

type Tier = { readonly above: Ratio; readonly rate: Ratio };

function tiersOf(ladder: Ladder): Tier[] {
  return ladder.tiers.map((tier) => ({
    above:
      ladder.measure === 'admissions' ? ratio(BigInt(tier.above)) : ratio(parseYuan(tier.above)!),
    rate: parseRatio(tier.share)!,
  }));
}

/**
 * The ladder as dated rates.
 * - `switch_next_day`: the tier reached by the day before.
 * - `marginal`: the day on which a threshold is crossed has the mean of its slices, so that the
 *   run as a whole is divided slice by slice, whatever the order of the rows of that day.
 * - `retroactive`: one rate for the whole run, by the total known so far.
 */
export function ladderSchedule(ladder: Ladder, days: readonly DayTotal[]): DatedRate[] {
  const tiers = tiersOf(ladder);
  const needed =
    (ladder.threshold ?? (ladder.mode === 'switch_next_day' ? 'reached' : 'exceeded')) === 'reached'
      ? 0
      : 1;
  const reached = (total: Ratio) => {
    let index = 0;
    while (index + 1 < tiers.length && compareRatio(total, tiers[index + 1]!.above) >= needed)
      index++;
    return index;
  };
  if (ladder.mode === 'retroactive') {
    const index = reached(days.reduce((left, day) => addRatio(left, day.amount), ZERO));
    return [{ from: FIRST_DAY, rate: tiers[index]!.rate, label: String(index + 1) }];
  }
  const schedule: DatedRate[] = [{ from: FIRST_DAY, rate: tiers[0]!.rate, label: '1' }];
  const push = (from: IsoDate, rate: Ratio, label: string) => {
    if (schedule.at(-1)!.from === from) schedule.pop();
    if (schedule.at(-1)?.label !== label) schedule.push({ from, rate, label });
  };
  let total = ZERO;
  for (const day of days) {
    const before = reached(total);
    const next = addRatio(total, day.amount);
    const after = reached(next);
    if (after !== before && ladder.mode === 'marginal' && day.amount.numerator !== 0n) {
      const rate = meanRate(tiers, total, next);
      const unchanged = compareRatio(rate, tiers[before]!.rate) === 0;
      if (!unchanged) push(day.date, rate, `${before + 1}-${after + 1}@${day.date}`);
    }
    if (after !== before) push(addDays(day.date, 1), tiers[after]!.rate, String(after + 1));
    total = next;
  }
  return schedule;
}

/** The rate that holds on a day, of rates in order of their days. */
export function rateOn(rates: readonly DatedRate[], date: IsoDate): DatedRate {
  let low = 1;
  let high = rates.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rates[middle]!.from <= date) low = middle + 1;
    else high = middle;
  }
  return rates[low - 1]!;
}

/** The marginal charge of the stretch from `a` to `b`, divided by its length; either direction. */
function meanRate(tiers: readonly Tier[], a: Ratio, b: Ratio): Ratio {
  return divideRatio(
    subtractRatio(marginalAmount(tiers, b), marginalAmount(tiers, a)),
    subtractRatio(b, a),
  );
}

/** Each slice at its own rate: 超额累进. Below the first threshold nothing is charged. */
export function marginalAmount(tiers: readonly Tier[], total: Ratio): Ratio {
  let amount = ZERO;
  for (const [index, tier] of tiers.entries()) {
    if (compareRatio(total, tier.above) <= 0) break;
    const end = tiers[index + 1]?.above;
    const top = end === undefined || compareRatio(total, end) < 0 ? total : end;
    amount = addRatio(amount, multiplyRatio(subtractRatio(top, tier.above), tier.rate));
  }
  return amount;
}

/** Factors that keep the cumulative amount at or under its cap; the crossing day takes its part. */
export function capSchedule(cap: Ratio, days: readonly DayTotal[]): DatedRate[] {
  const schedule: DatedRate[] = [{ from: FIRST_DAY, rate: ONE, label: 'open' }];
  const push = (from: IsoDate, rate: Ratio, label: string) => {
    if (schedule.at(-1)!.from === from) schedule.pop();
    if (schedule.at(-1)?.label !== label) schedule.push({ from, rate, label });
  };
  const capped = (amount: Ratio) => (compareRatio(amount, cap) > 0 ? cap : amount);
  let total = ZERO;
  for (const day of days) {
    const next = addRatio(total, day.amount);
    const was = compareRatio(total, cap) >= 0;
    const is = compareRatio(next, cap) >= 0;
    if (was !== is && day.amount.numerator !== 0n) {
      const factor = divideRatio(subtractRatio(capped(next), capped(total)), day.amount);
      push(day.date, factor, `cap@${day.date}`);
    }
    if (was !== is) push(addDays(day.date, 1), is ? ZERO : ONE, is ? 'capped' : 'open');
    total = next;
  }
  return schedule;
}

/** A named source's figures as the days that move a rate. */
export function bookDays(book: readonly BookDay[], measure: Ladder['measure']): DayTotal[] {
  const pick = (day: BookDay): bigint =>
    measure === 'gross'
      ? (day.grossFen ?? 0n)
      : measure === 'net'
        ? (day.netFen ?? 0n)
        : BigInt(day.admissions ?? 0);
  return [...book]
    .sort((a, b) => (a.date < b.date ? -1 : 1))
    .map((day) => ({ date: day.date, amount: ratio(pick(day)) }));
}
