import { addDays, dayNumber, type InstantMs, type IsoDate } from '@yinglian/core';

/** When a cinema's figures of a day came in first; the day itself is the cinema's own. */
export type ReportedDay = { readonly date: IsoDate; readonly receivedAt: InstantMs };

/** How punctually a cinema reports; only the rate is documented, the rest are choices. */
export type TimelinessRules = {
  /** Per cent of days with data; 98 by the authority's meeting with vendors. */
  readonly ratePercentMin: number;
  /** Days in a row without data after which a vendor's sale is suspended; the same meeting. */
  readonly missedDaysMax: number;
  /** Hours after the day's end within which its figures are in time. */
  readonly hoursMax: number;
};

/** The thresholds that hold where nobody has set others. */
export const TIMELINESS_DEFAULTS: TimelinessRules = Object.freeze({
  ratePercentMin: 98,
  missedDaysMax: 7,
  hoursMax: 12,
});

/** A cinema's reporting over a period, both days included. */
export type Timeliness = {
  readonly days: number;
  readonly reported: number;
  readonly inTime: number;
  /** The longest row of days without data. */
  readonly missedInRow: number;
  /** Half of the reported days came sooner; hours after the day's end. Undefined without any. */
  readonly medianHours: number | undefined;
  readonly last: IsoDate | undefined;
  /** `late`: below the rate of days in time, `failing`: below that of days at all, or a gap. */
  readonly verdict: 'good' | 'late' | 'failing';
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Judges one cinema's reporting; `offsetMinutes` are those of its clock, east of UTC. */
export function reportTimeliness(
  reported: readonly ReportedDay[],
  period: { readonly from: IsoDate; readonly to: IsoDate; readonly offsetMinutes: number },
  rules: TimelinessRules = TIMELINESS_DEFAULTS,
): Timeliness {
  const first = new Map<IsoDate, InstantMs>();
  for (const { date, receivedAt } of reported) {
    if (date < period.from || date > period.to) continue;
    first.set(date, Math.min(first.get(date) ?? Infinity, receivedAt));
  }
  const days = Math.max(0, dayNumber(period.to) - dayNumber(period.from) + 1);
  const hours = [...first].map(([date, at]) => {
    const end = (dayNumber(date) + 1) * DAY_MS - period.offsetMinutes * 60_000;
    return Math.max(0, (at - end) / HOUR_MS);
  });
  hours.sort((a, b) => a - b);
  const inTime = hours.filter((each) => each <= rules.hoursMax).length;
  let [missed, missedInRow] = [0, 0];
  for (let index = 0; index < days; index++) {
    missed = first.has(addDays(period.from, index)) ? 0 : missed + 1;
    missedInRow = Math.max(missedInRow, missed);
  }
  const least = days * rules.ratePercentMin;
  const failing = first.size * 100 < least || missedInRow >= rules.missedDaysMax;
  return {
    days,
    reported: first.size,
    inTime,
    missedInRow,
    medianHours: hours[Math.floor((hours.length - 1) / 2)],
    last: [...first.keys()].toSorted().at(-1),
    verdict: failing ? 'failing' : inTime * 100 < least ? 'late' : 'good',
  };
}
