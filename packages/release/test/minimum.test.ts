import { describe, expect, it } from 'vitest';
import { judgeMinimums, type MinimumCounting, minimumFindings } from '../src/index.ts';

const RUN = { from: '2026-05-01', to: '2026-05-10' };
const plan = (counted?: MinimumCounting) => ({
  minimumScreenings: [{ ...RUN, perDay: 2, ...(counted === undefined ? {} : { counted }) }],
});
const day = (number: number) => `2026-05-${String(number).padStart(2, '0')}`;
const count = (number: number, planned?: number, played?: number) => ({
  day: day(number),
  planned,
  played,
});
const states = (...given: Parameters<typeof judgeMinimums>) =>
  judgeMinimums(...given).flatMap(({ spans }) => spans.map((each) => each.state));

describe('minimum screenings', () => {
  it('[RL15] judges each booked day by its log, else by its programme', () => {
    const booked = [{ from: day(1), to: day(5) }];
    const counts = [count(1, 1, 2), count(2, 3, 1), count(3, 2), count(4, 1), count(9, 0, 0)];
    expect(states(plan(), booked, counts)).toEqual([
      'kept',
      'short',
      'planned',
      'planned_short',
      'unknown',
    ]);
    expect(states(plan(), [{ from: '2026-06-01', to: '2026-06-02' }], counts)).toEqual([]);
    expect(states({ minimumScreenings: [] }, booked, counts)).toEqual([]);
  });

  it('[RL15] counts on the average of a week, or of all days', () => {
    const counts = [4, 4, 1, 1, 2, 1, 1, 2, 2].map((played, index) => count(index + 1, 2, played));
    const weekly = judgeMinimums(plan('week'), [RUN], [...counts, count(10, 1)]);
    expect(weekly[0]!.spans).toEqual([
      {
        from: day(1),
        to: day(7),
        days: 7,
        promised: 14,
        planned: 14,
        played: 14,
        state: 'kept',
        missing: 0,
      },
      {
        from: day(8),
        to: day(10),
        days: 3,
        promised: 6,
        planned: 5,
        played: undefined,
        state: 'planned_short',
        missing: 1,
      },
    ]);
    expect(states(plan('range'), [RUN], [...counts, count(10, 2)])).toEqual(['planned']);
    expect(states(plan('range'), [RUN], [...counts, count(10, 2, 2)])).toEqual(['kept']);
    // Two bookings that overlap are the days of both, once.
    const two = [
      { from: day(1), to: day(3) },
      { from: day(2), to: day(4) },
    ];
    expect(judgeMinimums(plan('range'), two, counts)[0]!.spans[0]).toMatchObject({
      days: 4,
      promised: 8,
      played: 10,
    });
  });

  it('[RL16] says how many are missing, and nothing of what is not known', () => {
    const booked = [{ from: day(1), to: day(6) }];
    const counts = [count(1, 2, 1), count(2, 2, 0), count(3, 1), count(4, 5, 5)];
    expect(minimumFindings(judgeMinimums(plan(), booked, counts))).toMatchObject([
      {
        code: 'short_screenings',
        severity: 'error',
        facts: { from: day(1), to: day(2), count: 2, missing: 3, perDay: 2 },
      },
      { code: 'short_programme', severity: 'warning', facts: { from: day(3), missing: 1 } },
    ]);
    expect(minimumFindings(judgeMinimums(plan(), booked, []))).toEqual([]);
  });
});
