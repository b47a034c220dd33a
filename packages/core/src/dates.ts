import { assert } from './assert.ts';
import { accepted, finding, type Outcome, refused } from './findings.ts';
import { clipText } from './text.ts';

/**
 * Dates without a clock and without a table of time zones: days of the proleptic Gregorian
 * calendar (ISO 8601-1), counted exactly. Whoever needs "today" is given it as an argument.
 */

/** A day, `YYYY-MM-DD`, from 0001-01-01 to 9999-12-31. As texts, days sort by time. */
export type IsoDate = string;
/** A month, `YYYY-MM`: the accounting period of the trade. */
export type IsoMonth = string;

const YEAR_MIN = 1;
const YEAR_MAX = 9999;
const DAYS_BEFORE_1970 = 719_468;
/** A period of 400 years, after which the calendar repeats. */
const DAYS_PER_ERA = 146_097;

/** Reads `YYYY-MM-DD`; the day must exist. Other spellings are the business of file readers. */
export function parseIsoDate(text: string): Outcome<IsoDate> {
  const trimmed = text.trim();
  if (isIsoDate(trimmed)) return accepted(trimmed);
  return refused(finding('invalid_date', 'error', { facts: { text: clipText(text) } }));
}

/** Whether a text is a day that exists, in the one form `YYYY-MM-DD`. */
export function isIsoDate(text: string): text is IsoDate {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < YEAR_MIN || month < 1 || month > 12) return false;
  return day >= 1 && day <= daysInMonth(year, month);
}

/** Whether a text is a month in the one form `YYYY-MM`. */
export function isIsoMonth(text: string): text is IsoMonth {
  return /^\d{4}-\d{2}$/.test(text) && isIsoDate(`${text}-01`);
}

/** The day of a calendar year, month (1–12) and day; undefined when there is no such day. */
export function isoDate(year: number, month: number, day: number): IsoDate | undefined {
  if (![year, month, day].every((part) => Number.isInteger(part) && part >= 0)) return undefined;
  const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return isIsoDate(text) ? text : undefined;
}

/** 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Whether the year has a 29th of February. */
export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Days since 1970-01-01, negative before it. */
export function dayNumber(date: IsoDate): number {
  const [year, month, day] = partsOf(date);
  // Years are counted from March, so that the leap day is the last day of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_PER_ERA + yearOfEra * 365 + leapDays + dayOfYear - DAYS_BEFORE_1970;
}

/** The inverse of {@link dayNumber}. */
export function dateFromDayNumber(days: number): IsoDate {
  assert(Number.isInteger(days), 'a day number is whole');
  const shifted = days + DAYS_BEFORE_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - (365 * yearOfEra + leapDays);
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  assert(year >= YEAR_MIN && year <= YEAR_MAX, 'a date has a year from 1 to 9999');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** The day `days` later, or earlier when negative. */
export function addDays(date: IsoDate, days: number): IsoDate {
  return dateFromDayNumber(dayNumber(date) + days);
}

/** Days from the first to the second; 0 for the same day. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return dayNumber(to) - dayNumber(from);
}

/**
 * The same day of a later (or earlier) month; where that month is too short, its last day, as
 * contracts count months (Civil Code of the PRC, article 202).
 */
export function addMonths(date: IsoDate, months: number): IsoDate {
  const [year, month, day] = partsOf(date);
  const [targetYear, targetMonth] = monthAfter(year, month, months);
  return built(targetYear, targetMonth, Math.min(day, daysInMonth(targetYear, targetMonth)));
}

/** The month of a day. */
export function monthOf(date: IsoDate): IsoMonth {
  assert(isIsoDate(date), 'a date exists');
  return date.slice(0, 7);
}

/** The month `months` later, or earlier when negative. */
export function addToMonth(month: IsoMonth, months: number): IsoMonth {
  return monthOf(addMonths(firstDayOf(month), months));
}

/** The first day of a month. */
export function firstDayOf(month: IsoMonth): IsoDate {
  assert(isIsoMonth(month), 'a month exists');
  return `${month}-01`;
}

/** The last day of a month. */
export function lastDayOf(month: IsoMonth): IsoDate {
  const [year, number] = partsOf(firstDayOf(month));
  return built(year, number, daysInMonth(year, number));
}

/** 1 for Monday to 7 for Sunday, as ISO 8601-1 numbers them. */
export function weekday(date: IsoDate): number {
  // 1970-01-01 was a Thursday.
  return ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;
}

/** Negative, zero or positive as `a` is before, the same as or after `b`. */
export function compareDates(a: IsoDate, b: IsoDate): number {
  return dayNumber(a) - dayNumber(b);
}

/** Every day from the first to the last, both included; nothing when they are the other way. */
export function* daysFromTo(first: IsoDate, last: IsoDate): Generator<IsoDate> {
  const end = dayNumber(last);
  for (let day = dayNumber(first); day <= end; day++) yield dateFromDayNumber(day);
}

/** Milliseconds since 1970-01-01T00:00:00Z, without leap seconds, as computers count them. */
export type InstantMs = number;

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
const OFFSET_MINUTES_MAX = 14 * 60;

/** China Standard Time, UTC+08:00 the whole year (no summer time after 1991). */
export const CHINA_OFFSET_MINUTES = 480;

/**
 * How a cinema or a source counts its business days. `dayStartMinutes` is the cut-off: a
 * screening that begins before it belongs to the day before. No source confirms one cut-off for
 * the trade, so there is no default: whoever brings data says which one its days have.
 */
export type BusinessDayRule = {
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
  /** Minutes after local midnight at which the business day begins, 0 to 1439. */
  readonly dayStartMinutes: number;
};

/** The business date of an instant. */
export function businessDate(instant: InstantMs, rule: BusinessDayRule): IsoDate {
  return dateFromDayNumber(Math.floor((instant + shiftOf(rule)) / MS_PER_DAY));
}

/** The instants of a business date: from the first, up to and not including the second. */
export function businessDay(
  date: IsoDate,
  rule: BusinessDayRule,
): { readonly from: InstantMs; readonly until: InstantMs } {
  const from = dayNumber(date) * MS_PER_DAY - shiftOf(rule);
  return { from, until: from + MS_PER_DAY };
}

function shiftOf({ offsetMinutes, dayStartMinutes }: BusinessDayRule): number {
  assert(Math.abs(offsetMinutes) <= OFFSET_MINUTES_MAX, 'an offset is at most 14 hours');
  assert(dayStartMinutes >= 0 && dayStartMinutes < 1440, 'a business day starts within a day');
  return (offsetMinutes - dayStartMinutes) * MS_PER_MINUTE;
}

/** The longest spelling of an instant has 35 characters. */
const INSTANT_LENGTH_MAX = 40;
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * An instant with its offset (RFC 3339; xs:dateTime with a time zone): `2026-05-01T18:30:00+08:00`.
 * What is finer than a millisecond is cut off. Without an offset it is refused, not guessed; a
 * leap second (`:60`) is the first moment of the next minute, as POSIX counts.
 */
export function parseInstant(text: string): Outcome<InstantMs> {
  const wrong = (code: string) =>
    refused<InstantMs>(
      finding(code, 'error', { facts: { text: clipText(text) }, clause: 'RFC 3339 5.6' }),
    );
  const trimmed = text.trim();
  const match = INSTANT.exec(trimmed);
  if (match === null) {
    const bare = trimmed.length <= INSTANT_LENGTH_MAX && INSTANT.test(`${trimmed}Z`);
    return wrong(bare ? 'missing_time_offset' : 'invalid_instant');
  }
  const [hours, minutes, seconds] = [Number(match[2]), Number(match[3]), Number(match[4])];
  const offset = offsetOf(match[6]!);
  const inRange = hours < 24 && minutes < 60 && seconds <= 60 && offset !== undefined;
  if (!inRange || !isIsoDate(match[1]!)) return wrong('invalid_instant');
  const ms = Number((match[5] ?? '').slice(0, 3).padEnd(3, '0'));
  const minuteOfDay = hours * 60 + minutes - offset;
  const days = dayNumber(match[1]!);
  return accepted(days * MS_PER_DAY + minuteOfDay * MS_PER_MINUTE + seconds * 1000 + ms);
}

function offsetOf(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0;
  const digits = text.slice(1).replace(':', '');
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  const total = hours * 60 + minutes;
  if (minutes >= 60 || total > OFFSET_MINUTES_MAX) return undefined;
  return text.startsWith('-') ? -total : total;
}

/**
 * `2026-05-01T18:30:00+08:00`, with milliseconds only where there are any; UTC is written
 * `+00:00`, as key messages write it.
 */
export function formatInstant(instant: InstantMs, offsetMinutes: number = 0): string {
  assert(Number.isSafeInteger(instant), 'an instant is a whole number of milliseconds');
  assert(Math.abs(offsetMinutes) <= OFFSET_MINUTES_MAX, 'an offset is at most 14 hours');
  const local = instant + offsetMinutes * MS_PER_MINUTE;
  const days = Math.floor(local / MS_PER_DAY);
  const ofDay = local - days * MS_PER_DAY;
  const seconds = Math.floor(ofDay / 1000);
  const ms = ofDay % 1000;
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => pad(part, 2))
    .join(':');
  const away = Math.abs(offsetMinutes);
  const offset = `${pad(Math.floor(away / 60), 2)}:${pad(away % 60, 2)}`;
  const fraction = ms === 0 ? '' : `.${pad(ms, 3)}`;
  return `${dateFromDayNumber(days)}T${clock}${fraction}${offsetMinutes < 0 ? '-' : '+'}${offset}`;
}

function partsOf(date: IsoDate): readonly [year: number, month: number, day: number] {
  assert(isIsoDate(date), 'a date exists');
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
}

function monthAfter(year: number, month: number, months: number): readonly [number, number] {
  assert(Number.isInteger(months), 'months are counted whole');
  const total = year * 12 + (month - 1) + months;
  return [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
}

function built(year: number, month: number, day: number): IsoDate {
  const date = isoDate(year, month, day);
  assert(date !== undefined, 'a date has a year from 1 to 9999');
  return date;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
