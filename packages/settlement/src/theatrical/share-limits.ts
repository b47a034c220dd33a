import {
  addDays,
  addRatio,
  compareRatio,
  divideRatio,
  type IsoDate,
  multiplyRatio,
  parseYuan,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import { type DatedRate, FIRST_DAY } from './schedule.ts';

/**
 * One day of a share with a floor: what its pool took in, what the share's own words give of it,
 * and the most it may take, which is what the other shares of the clause leave.
 */
export type LimitDay = {
  readonly date: IsoDate;
  readonly pool: Ratio;
  readonly own: Ratio;
  readonly room: Ratio;
};

/** The own rate and the room on any day, for the stretches between the days. */
export type LimitRates = {
  readonly own: (date: IsoDate) => Ratio;
  readonly room: (date: IsoDate) => Ratio;
};

type Limits = { readonly floor: Ratio; readonly cap: Ratio | undefined };
/** What the share, and what the room for it, came to so far. */
type Sums = { readonly own: Ratio; readonly room: Ratio };

/** Yuan of the terms as fen. */
const fenOf = (yuan: string): Ratio => ratio(parseYuan(yuan)!);

/** To date: the greater of share and floor, as far as there is room, and never above the cap. */
function entitled({ floor, cap }: Limits, { own, room }: Sums): Ratio {
  const raised = compareRatio(room, floor) < 0 ? room : floor;
  const greater = compareRatio(own, raised) > 0 ? own : raised;
  return cap !== undefined && compareRatio(greater, cap) > 0 ? cap : greater;
}

/** What holds after these sums: until something is crossed the day's rate is that phase's. */
function phaseOf({ floor, cap }: Limits, { own, room }: Sums): Phase {
  if (cap !== undefined && compareRatio(entitled({ floor, cap }, { own, room }), cap) >= 0)
    return 'capped';
  if (compareRatio(own, floor) >= 0) return 'open';
  return compareRatio(room, floor) >= 0 ? 'floor_met' : 'below_floor';
}

/**
 * below_floor: the share has all that the others leave; floor_met: nothing until its own share has
 * caught up; open: its own share; capped: nothing more.
 */
type Phase = 'below_floor' | 'floor_met' | 'open' | 'capped';

function phaseRate(phase: Phase, { own, room }: { own: Ratio; room: Ratio }): Ratio {
  return phase === 'open' ? own : phase === 'below_floor' ? room : ZERO;
}

/**
 * Rates of the pool for a share with a floor, with or without a ladder and a cap: over the run it
 * comes to the greater of its own share and the floor, and at most to the cap. The floor is filled
 * as fast as the pool allows. A day on which something is crossed has the mean rate of that day,
 * so that the order of its rows cannot matter. `days` are in order and hold every day on which the
 * own rate or the room changes. `floor` and `cap` are yuan.
 */
export function limitSchedule(
  { floor, cap }: { readonly floor: string; readonly cap: string | undefined },
  days: readonly LimitDay[],
  rates: LimitRates,
): DatedRate[] {
  const limits = { floor: fenOf(floor), cap: cap === undefined ? undefined : fenOf(cap) };
  const at = (phase: Phase, date: IsoDate): DatedRate => {
    const rate = phaseRate(phase, { own: rates.own(date), room: rates.room(date) });
    return { from: date, rate, label: phase };
  };
  let sums: Sums = { own: ZERO, room: ZERO };
  const schedule: DatedRate[] = [at(phaseOf(limits, sums), FIRST_DAY)];
  const push = (entry: DatedRate) => {
    if (schedule.at(-1)!.from === entry.from) schedule.pop();
    const last = schedule.at(-1);
    const same = last?.label === entry.label && compareRatio(last.rate, entry.rate) === 0;
    if (!same) schedule.push(entry);
  };
  for (const day of days) {
    const phase = phaseOf(limits, sums);
    const next = {
      own: addRatio(sums.own, multiplyRatio(day.pool, day.own)),
      room: addRatio(sums.room, multiplyRatio(day.pool, day.room)),
    };
    const nominal = at(phase, day.date);
    push(nominal);
    if (day.pool.numerator !== 0n) {
      const gained = subtractRatio(entitled(limits, next), entitled(limits, sums));
      const rate = divideRatio(gained, day.pool);
      const crossed = compareRatio(rate, nominal.rate) !== 0;
      if (crossed) push({ from: day.date, rate, label: `floor@${day.date}` });
    }
    sums = next;
    push(at(phaseOf(limits, sums), addDays(day.date, 1)));
  }
  return schedule;
}
