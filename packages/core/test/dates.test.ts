import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  addToMonth,
  businessDate,
  businessDay,
  type BusinessDayRule,
  CHINA_OFFSET_MINUTES,
  compareDates,
  dateFromDayNumber,
  dayNumber,
  daysBetween,
  daysFromTo,
  daysInMonth,
  firstDayOf,
  formatInstant,
  isIsoDate,
  isIsoMonth,
  isoDate,
  lastDayOf,
  monthOf,
  parseInstant,
  parseIsoDate,
  weekday,
} from '../src/index.ts';

const FIRST = dayNumber('0001-01-01');
const LAST = dayNumber('9999-12-31');
const day = () => fc.integer({ min: FIRST, max: LAST }).map(dateFromDayNumber);
const instant = () => fc.integer({ min: -(2 ** 40), max: 2 ** 42 });
const rule = (): fc.Arbitrary<BusinessDayRule> =>
  fc.record({
    offsetMinutes: fc.integer({ min: -840, max: 840 }),
    dayStartMinutes: fc.integer({ min: 0, max: 1439 }),
  });
const read = (text: string) => {
  const outcome = parseInstant(text);
  if (!outcome.ok) throw new Error(outcome.findings[0]?.code);
  return outcome.value;
};

describe('dates', () => {
  it('[CO42] days and day numbers are inverse, and agree with the platform', () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST, max: LAST }), (number) => {
        const date = dateFromDayNumber(number);
        expect(isIsoDate(date)).toBe(true);
        expect(dayNumber(date)).toBe(number);
        expect(new Date(number * 86_400_000).toISOString().slice(0, 10)).toBe(date);
      }),
      { numRuns: 2000 },
    );
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(() => dateFromDayNumber(LAST + 1)).toThrow('year from 1 to 9999');
    expect(() => dayNumber('2026-02-30')).toThrow('a date exists');
  });

  it.each(['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31', ' 2026-11-22 '])(
    '[CO42] %s exists',
    (text) => {
      expect(parseIsoDate(text)).toMatchObject({ ok: true, value: text.trim() });
    },
  );

  it.each(['2023-02-29', '1900-02-29', '2026-13-01', '2026-00-10', '2026-04-31', '0000-01-01'])(
    '[CO42] %s does not exist',
    (text) => {
      expect(parseIsoDate(text).ok).toBe(false);
    },
  );

  it('[CO42] other spellings are not dates', () => {
    for (const text of [
      '',
      '2026/11/22',
      '20261122',
      '2026-1-1',
      '2026-11-22T00:00',
      '２０２６-11-22',
    ]) {
      expect(parseIsoDate(text).findings.map((each) => each.code)).toEqual(['invalid_date']);
    }
    expect(isoDate(2026, 2, 29)).toBeUndefined();
    expect(isoDate(2026, 2.5, 1)).toBeUndefined();
    expect(isoDate(2028, 2, 29)).toBe('2028-02-29');
    expect(isIsoMonth('2026-12')).toBe(true);
    expect(isIsoMonth('2026-13')).toBe(false);
  });

  it('[CO43] adding and counting days are inverse and ordered', () => {
    fc.assert(
      fc.property(day(), day(), (a, b) => {
        expect(addDays(a, daysBetween(a, b))).toBe(b);
        expect(Math.sign(compareDates(a, b))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect((weekday(b) - weekday(a) - daysBetween(a, b)) % 7).toBeCloseTo(0);
      }),
    );
    expect(weekday('2026-11-22')).toBe(7);
  });

  it('[CO43] adding months keeps the day or gives the last of a shorter month', () => {
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
    expect(addMonths('2026-03-31', -1)).toBe('2026-02-28');
    expect(addMonths('2026-12-15', 1)).toBe('2027-01-15');
    expect(addMonths('2026-01-15', -13)).toBe('2024-12-15');
    fc.assert(
      fc.property(day(), fc.integer({ min: -50, max: 50 }), (date, months) => {
        fc.pre(date > '0010-01-01' && date < '9990-01-01');
        const moved = addMonths(date, months);
        expect(monthOf(moved)).toBe(addToMonth(monthOf(date), months));
        const same = moved.slice(8) === date.slice(8);
        expect(
          same || (moved === lastDayOf(monthOf(moved)) && moved.slice(8) < date.slice(8)),
        ).toBe(true);
      }),
    );
  });

  it('[CO43] a month is its days', () => {
    fc.assert(
      fc.property(day(), (date) => {
        const month = monthOf(date);
        const days = [...daysFromTo(firstDayOf(month), lastDayOf(month))];
        expect(days.length).toBe(daysInMonth(Number(month.slice(0, 4)), Number(month.slice(5))));
        expect(days).toContain(date);
        expect(days.every((each) => monthOf(each) === month)).toBe(true);
      }),
    );
    expect([...daysFromTo('2026-01-02', '2026-01-01')]).toEqual([]);
  });
});

describe('business dates and instants', () => {
  it('[CO44] a late show belongs to the day before the cut-off', () => {
    const six: BusinessDayRule = { offsetMinutes: CHINA_OFFSET_MINUTES, dayStartMinutes: 360 };
    const midnight: BusinessDayRule = { offsetMinutes: CHINA_OFFSET_MINUTES, dayStartMinutes: 0 };
    const late = read('2026-05-02T00:30:00+08:00');
    expect(businessDate(late, six)).toBe('2026-05-01');
    expect(businessDate(late, midnight)).toBe('2026-05-02');
    expect(businessDate(read('2026-05-02T06:00:00+08:00'), six)).toBe('2026-05-02');
    expect(() => businessDate(0, { offsetMinutes: 0, dayStartMinutes: 1440 })).toThrow(
      'within a day',
    );
  });

  it('[CO44] the bounds contain exactly the instants of the date', () => {
    fc.assert(
      fc.property(instant(), rule(), (at, how) => {
        const date = businessDate(at, how);
        const { from, until } = businessDay(date, how);
        expect(from <= at && at < until).toBe(true);
        expect(businessDate(from, how)).toBe(date);
        expect(businessDate(until - 1, how)).toBe(date);
        expect(businessDate(until, how)).toBe(addDays(date, 1));
      }),
    );
  });

  it('[CO45] writing and reading are inverse, and agree with the platform', () => {
    const offset = fc.integer({ min: -840, max: 840 });
    fc.assert(
      fc.property(instant(), offset, (at, minutes) => {
        const text = formatInstant(at, minutes);
        expect(read(text)).toBe(at);
        expect(Date.parse(text)).toBe(at);
      }),
      { numRuns: 500 },
    );
    expect(formatInstant(0)).toBe('1970-01-01T00:00:00+00:00');
    expect(formatInstant(-1, 480)).toBe('1970-01-01T07:59:59.999+08:00');
  });

  it('[CO45] spellings of one instant', () => {
    const at = Date.UTC(2026, 4, 1, 10, 30);
    for (const text of [
      '2026-05-01T10:30:00Z',
      '2026-05-01t10:30:00z',
      '2026-05-01 18:30:00+0800',
      '2026-05-01T18:30:00.000999+08:00',
      '2026-05-01T10:29:60Z',
    ]) {
      expect(read(text), text).toBe(at);
    }
  });

  it('[CO45] without an offset it is refused, not guessed', () => {
    const codes = (text: string) => parseInstant(text).findings.map((each) => each.code);
    expect(codes('2026-05-01T10:30:00')).toEqual(['missing_time_offset']);
    for (const text of [
      '',
      '2026-05-01',
      '2026-02-30T10:30:00Z',
      '2026-05-01T24:00:00Z',
      '2026-05-01T10:60:00Z',
      '2026-05-01T10:30:61Z',
      '2026-05-01T10:30:00+15:00',
      '2026-05-01T10:30:00+08:60',
      '2026-05-01T10:30:00+14:01',
      `2026-05-01T10:30:00.${'1'.repeat(100_000)}Z`,
    ]) {
      expect(codes(text), text.slice(0, 40)).toEqual(['invalid_instant']);
    }
  });
});
