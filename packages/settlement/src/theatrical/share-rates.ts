import {
  formatRatio,
  type IsoDate,
  multiplyRatio,
  ONE,
  parseRatio,
  type Ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import type { Share, Split, SplitClause, TheatricalTerms } from '../terms/theatrical.ts';
import { type PlanNode, ticketFen } from './plan.ts';
import { type DatedRate, type DayTotal, FIRST_DAY, rateOn } from './schedule.ts';
import { type LimitDay, limitSchedule } from './share-limits.ts';

/** Moving rates and the daily totals they follow. */
export type Schedule = {
  readonly rates: readonly DatedRate[];
  readonly days: readonly DayTotal[];
};

/** Moving rates by the key of their share: {@link ladderKey}, {@link capKey}, {@link floorKey}. */
export type Schedules = ReadonlyMap<string, Schedule>;

/** One share of the terms, by where it stands. */
export type ShareAddress = {
  readonly split: Split;
  readonly clause: SplitClause;
  readonly share: Share;
  readonly index: number;
};

/** The key of a ladder's rates. */
export const ladderKey = ({ split, clause, index }: ShareAddress) =>
  `${split.id}/${clause.id}/${index}`;
/** The key of a cap's factors on what its share would be. */
export const capKey = (address: ShareAddress) => `${ladderKey(address)}/cap`;
/** The key of the rates, of the pool itself, of a share with a floor: its cap is inside them. */
export const floorKey = (address: ShareAddress) => `${ladderKey(address)}/floor`;

/** The keys of all rates of some terms that move: a statement carries every one of them. */
export function scheduleKeys(terms: TheatricalTerms): string[] {
  return terms.splits.flatMap((split) =>
    split.clauses.flatMap((clause) =>
      clause.shares.flatMap((share, index) => {
        const address = { split, clause, share, index };
        const { cap, floor, ladder } = share;
        const own = ladder === undefined ? [] : [ladderKey(address)];
        if (floor !== undefined) return [...own, floorKey(address)];
        return cap === undefined ? own : [...own, capKey(address)];
      }),
    ),
  );
}

/** Terms read without rows: caps are open, floors are not looked at. */
const OPEN: DatedRate = { from: FIRST_DAY, rate: ONE, label: 'open' };

function scheduled(schedules: Schedules, key: string, date: IsoDate): DatedRate | undefined {
  const rates = schedules.get(key)?.rates;
  return rates === undefined ? undefined : rateOn(rates, date);
}

/** What the share's own words give on a day, before its cap and floor. */
function ownRate(schedules: Schedules, address: ShareAddress, date: IsoDate): DatedRate {
  const { share, ladder } = { ...address, ladder: address.share.ladder };
  const text = ladder === undefined ? share.share! : ladder.tiers[0]!.share;
  // Terms read without rows stand on their first tier.
  const first = { from: FIRST_DAY, rate: parseRatio(text)!, label: '1' };
  return (ladder && scheduled(schedules, ladderKey(address), date)) ?? first;
}

/** What a share without a floor takes of its pool on a day: the same at every site. */
function limitedRate(schedules: Schedules, address: ShareAddress, date: IsoDate): Ratio {
  const { rate } = ownRate(schedules, address, date);
  if (address.share.cap === undefined) return rate;
  return multiplyRatio(rate, (scheduled(schedules, capKey(address), date) ?? OPEN).rate);
}

/**
 * The rates of a share with a floor, from the daily totals of its pool and from the rates of the
 * other shares of its clause, whose ladders and caps are scheduled before.
 */
export function floorRates(
  schedules: Schedules,
  address: ShareAddress,
  days: readonly DayTotal[],
): DatedRate[] {
  const { split, clause, share } = address;
  const others = clause.shares
    .map((each, index): ShareAddress => ({ split, clause, share: each, index }))
    .filter((each) => each.share !== share && each.share.share !== 'rest');
  const total = parseRatio(split.total)!;
  const turns = [address, ...others].flatMap((each) =>
    [ladderKey(each), capKey(each)].flatMap((key) => schedules.get(key)?.rates ?? []),
  );
  const rates = {
    own: (date: IsoDate) => ownRate(schedules, address, date).rate,
    room: (date: IsoDate) =>
      others.reduce((left, each) => subtractRatio(left, limitedRate(schedules, each, date)), total),
  };
  const amounts = new Map(days.map((day) => [day.date, day.amount]));
  const dates = new Set([...amounts.keys(), ...turns.map((each) => each.from)]);
  const limitDays = [...dates].sort().map((date): LimitDay => {
    const pool = amounts.get(date) ?? ZERO;
    return { date, pool, own: rates.own(date), room: rates.room(date) };
  });
  return limitSchedule({ floor: share.floor!, cap: share.cap }, limitDays, rates);
}

/** Where a share stands in the plan of a site, on a day. */
export type ShareContext = {
  readonly address: ShareAddress;
  readonly id: string;
  readonly of: string;
  readonly date: IsoDate;
  /** Before its cap and floor: the amount that these look at. */
  readonly bare: boolean;
  /** The clauses and tiers that hold, to which this share's are added. */
  readonly path: string[];
};

/** The step of the plan that a share is, at the moving rates of the day. */
export function shareNode(schedules: Schedules, context: ShareContext): PlanNode {
  const { address, id, of, date, path } = context;
  const { split, clause, share } = address;
  const reference = `${split.id}:${clause.id}`;
  const words: Record<string, string> = {};
  const limit = context.bare ? undefined : limitOn(schedules, address, date);
  if (limit !== undefined) {
    if (share.cap !== undefined) words['cap'] = share.cap;
    if (share.floor !== undefined) words['floor'] = share.floor;
    words['limit'] = limit.label;
    if (limit.label !== 'open') path.push(`${share.to}@${limit.label}`);
  }
  if (share.perTicket !== undefined) {
    const fen = multiplyRatio(ticketFen(share.perTicket), limit?.rate ?? ONE);
    words['perTicket'] = share.perTicket;
    return { op: 'ticket', id, fen, clause: reference, words };
  }
  const own = ownRate(schedules, address, date);
  if (share.ladder === undefined) words['rate'] = share.share!;
  else {
    words['rate'] = formatRatio(own.rate);
    words['ladder'] = share.ladder.mode;
    words['tier'] = own.label;
    path.push(`${share.to}@${own.label}`);
  }
  if (share.of !== undefined) words['of'] = share.of;
  const rate =
    limit === undefined
      ? own.rate
      : share.floor === undefined
        ? multiplyRatio(own.rate, limit.rate)
        : limit.rate;
  return { op: 'share', id, of, rate, clause: reference, words };
}

/** A factor for a cap alone; the rate of the pool itself for a share with a floor. */
function limitOn(
  schedules: Schedules,
  address: ShareAddress,
  date: IsoDate,
): DatedRate | undefined {
  if (address.share.floor !== undefined) return scheduled(schedules, floorKey(address), date);
  if (address.share.cap === undefined) return undefined;
  return scheduled(schedules, capKey(address), date) ?? OPEN;
}
