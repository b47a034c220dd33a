import {
  accepted,
  addDays,
  assert,
  type Finding,
  finding,
  type IsoDate,
  type Outcome,
  refused,
  weekday,
} from '@yinglian/core';

/** One year of holidays: weekdays that are free, weekend days that are worked, as `MM-DD`. */
export type HolidayYear = {
  readonly year: number;
  /** The notice it is taken from. */
  readonly source: string;
  readonly free: string;
  readonly worked: string;
  /** Not announced yet: what is taken until it is, never shorter than what the law gives. */
  readonly assumed?: boolean;
};

/** Working days of the years that have been announced. */
export type WorkCalendar = {
  readonly free: ReadonlySet<IsoDate>;
  readonly worked: ReadonlySet<IsoDate>;
  readonly years: ReadonlySet<number>;
  /** Years that are assumed, with what the assumption is. */
  readonly assumed: ReadonlyMap<number, string>;
};

/** Working days counted in one go; procedures of the administration take a few hundred at most. */
export const WORKING_DAYS_MAX = 1_000;

/** Puts announced years together. A later entry of one year takes the place of an earlier. */
export function workCalendar(years: readonly HolidayYear[]): WorkCalendar {
  const byYear = new Map(years.map((each) => [each.year, each]));
  const dates = (part: 'free' | 'worked'): Set<IsoDate> =>
    new Set(
      [...byYear.values()].flatMap((each) =>
        each[part].split(/\s+/).flatMap((day) => (day === '' ? [] : [`${each.year}-${day}`])),
      ),
    );
  const assumed = new Map(
    [...byYear.values()]
      .filter((each) => each.assumed === true)
      .map(({ year, source }) => [year, source]),
  );
  return { free: dates('free'), worked: dates('worked'), years: new Set(byYear.keys()), assumed };
}

/** Whether people work that day; undefined in a year that was not announced. */
export function isWorkingDay(date: IsoDate, calendar: WorkCalendar): boolean | undefined {
  if (!calendar.years.has(Number(date.slice(0, 4)))) return undefined;
  if (calendar.free.has(date)) return false;
  if (calendar.worked.has(date)) return true;
  // Monday is 1 and Sunday 7.
  return weekday(date) <= 5;
}

/**
 * The last day of a term of working days. The day it begins is not counted (Civil Code 201), so
 * one working day from a Friday ends on Monday. A year without an announcement refuses: counting
 * its holidays as work would end a term too early. A year whose holidays are assumed is named.
 */
export function endOfWorkingDays(
  from: IsoDate,
  days: number,
  calendar: WorkCalendar,
): Outcome<IsoDate> {
  assert(Number.isInteger(days) && days >= 0, 'working days are counted whole');
  if (days > WORKING_DAYS_MAX) {
    const facts = { count: days, limit: WORKING_DAYS_MAX };
    return refused(finding('excessive_working_days', 'error', { facts }));
  }
  let date = from;
  let left = days;
  while (left > 0) {
    date = addDays(date, 1);
    const worked = isWorkingDay(date, calendar);
    if (worked === undefined) {
      const facts = { year: Number(date.slice(0, 4)) };
      return refused(finding('missing_holiday_year', 'error', { facts }));
    }
    if (worked) left -= 1;
  }
  return accepted(date, assumptionsOf(from, date, calendar));
}

/** A note for every assumed year that a term touches: the date may come earlier, never later. */
export function assumptionsOf(from: IsoDate, to: IsoDate, calendar: WorkCalendar): Finding[] {
  const years = [...calendar.assumed].filter(
    ([year]) => String(year) >= from.slice(0, 4) && String(year) <= to.slice(0, 4),
  );
  return years.map(([year, source]) =>
    finding('assumed_holiday_year', 'note', { facts: { year, source } }),
  );
}

/** How many working days lie after `from` up to and with `to`; negative order counts none. */
export function workingDaysBetween(
  from: IsoDate,
  to: IsoDate,
  calendar: WorkCalendar,
): Outcome<number> {
  let count = 0;
  let steps = 0;
  for (let date = addDays(from, 1); date <= to; date = addDays(date, 1)) {
    steps += 1;
    const worked = isWorkingDay(date, calendar);
    if (worked === undefined) {
      const facts = { year: Number(date.slice(0, 4)) };
      return refused(finding('missing_holiday_year', 'error', { facts }));
    }
    if (worked) count += 1;
    if (steps > WORKING_DAYS_MAX * 2) break;
  }
  return accepted(count);
}
