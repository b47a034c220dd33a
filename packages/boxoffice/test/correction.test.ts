import { addDays } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CorrectionApplication,
  freeUntil,
  judgeCorrection,
  reportTimeliness,
} from '../src/index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const lastDate = '2026-05-03';
const offsetMinutes = 480;
const figures = { rows: 2, screenings: 2, admissions: 50, grossFen: 175_000n };
const free = Date.UTC(2026, 4, 11) - 8 * HOUR;

describe('corrections', () => {
  const judge = (at: number, application?: CorrectionApplication, over = {}, when = {}) => {
    const given = { ...figures, ...over };
    const data = { date: lastDate, offsetMinutes, at, deliveredAt: 0, figures: given, ...when };
    const outcome = judgeCorrection(data, application);
    return outcome.ok ? outcome.value : outcome.findings.map((each) => each.code);
  };
  const approved = { state: 'approved' as const, approvedAt: free + 30 * DAY, figures };

  it('[BO30] are free for seven calendar days of the cinema', () => {
    expect(freeUntil(lastDate, offsetMinutes)).toBe(free);
    expect(judge(free - 1)).toBe('free');
    expect(judge(free)).toEqual(['unapproved_correction']);
    expect(judge(free, { ...approved, state: 'applied', approvedAt: undefined })).toEqual([
      'unapproved_correction',
    ]);
  });

  it('[BO30] are free for two days after a late first delivery', () => {
    const deliveredAt = free + 60 * DAY;
    expect(judge(deliveredAt + 48 * HOUR - 1, undefined, {}, { deliveredAt })).toBe('free');
    expect(judge(deliveredAt + 48 * HOUR, undefined, {}, { deliveredAt })).toEqual([
      'unapproved_correction',
    ]);
  });

  it('[BO31] later come within 48 hours of the approval and equal the application', () => {
    const at = approved.approvedAt;
    expect(judge(at + 48 * HOUR, approved)).toBe('approved');
    expect(judge(at + 48 * HOUR + 1, approved)).toEqual(['late_correction']);
    expect(judge(at, approved, { grossFen: 1n, admissions: 1 })).toEqual([
      'mismatched_correction',
      'mismatched_correction',
    ]);
    for (const state of ['rejected', 'fulfilled'] as const) {
      expect(judge(at, { ...approved, state })).toEqual(['closed_correction']);
    }
  });
});

describe('timeliness', () => {
  const period = { from: '2026-05-01', to: '2026-05-31', offsetMinutes };
  const inTime = (date: string, hours = 2) => ({
    date,
    receivedAt: Date.parse(`${date}T00:00:00+08:00`) + DAY + hours * HOUR,
  });
  const month = Array.from({ length: 31 }, (_, index) => addDays(period.from, index));

  it('[BO32] tells who reports every day in time, who late, and who not', () => {
    expect(
      reportTimeliness(
        month.map((date) => inTime(date)),
        period,
      ),
    ).toEqual({
      days: 31,
      reported: 31,
      inTime: 31,
      missedInRow: 0,
      medianHours: 2,
      last: '2026-05-31',
      verdict: 'good',
    });
    expect(
      reportTimeliness(
        month.map((date) => inTime(date, 13)),
        period,
      ),
    ).toMatchObject({
      inTime: 0,
      verdict: 'late',
    });
    const gap = month.filter((_, index) => index !== 10);
    expect(
      reportTimeliness(
        gap.map((date) => inTime(date)),
        period,
      ),
    ).toMatchObject({
      reported: 30,
      missedInRow: 1,
      verdict: 'failing',
    });
    const rules = { ratePercentMin: 50, missedDaysMax: 7, hoursMax: 12 };
    const week = month.slice(7).map((date) => inTime(date));
    expect(reportTimeliness(week, period, rules)).toMatchObject({
      missedInRow: 7,
      verdict: 'failing',
    });
    expect(reportTimeliness([], period)).toMatchObject({ last: undefined, verdict: 'failing' });
  });

  it('[BO33] counts a day once, by what came first, and nothing outside the period', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 80 }), (shifts) => {
        const reported = shifts.map((shift) => inTime(addDays('2026-04-20', shift)));
        const all = reportTimeliness(reported, period);
        const late = reported.map((each) => ({ ...each, receivedAt: each.receivedAt + DAY }));
        expect(reportTimeliness([...late, ...reported], period)).toEqual(all);
        expect(all.reported).toBeLessThanOrEqual(31);
      }),
      { numRuns: 40 },
    );
  });
});
