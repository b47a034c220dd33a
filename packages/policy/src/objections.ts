import { addDays, type IsoDate } from '@yinglian/core';
import { endOfWorkingDays, type WorkCalendar, workingDaysBetween } from './workdays.ts';

/** Working days in which an objection is answered where its call sets no other term. */
export const OBJECTION_DAYS = 15;
/** Working days before its end in which the term of an answer is told of. */
export const OBJECTION_NEAR_DAYS = 3;

/**
 * The day by which an objection is answered. Where the holidays of a year are not announced yet
 * the days are counted as they come: the answer is asked for early, never late.
 */
export function objectionTerm(
  madeOn: IsoDate,
  calendar: WorkCalendar,
  days: number = OBJECTION_DAYS,
): IsoDate {
  const end = endOfWorkingDays(madeOn, days, calendar);
  return end.ok ? end.value : addDays(madeOn, days);
}

/** Whether the term of an answer is over or ends within {@link OBJECTION_NEAR_DAYS}. */
export function objectionNears(on: IsoDate, answerBy: IsoDate, calendar: WorkCalendar): boolean {
  if (answerBy <= on) return true;
  const left = workingDaysBetween(on, answerBy, calendar);
  if (left.ok) return left.value <= OBJECTION_NEAR_DAYS;
  return answerBy <= addDays(on, OBJECTION_NEAR_DAYS);
}
