import { describe, expect, it } from 'vitest';
import { formatYuan } from '@yinglian/core';
import { byParty, fact, settled, terms } from './support.ts';

describe('golden cases of ladders', () => {
  const LADDER = (mode: string, tiers: [string, string][], book = 'facts') =>
    terms({
      fund: undefined,
      vat: undefined,
      splits: [
        {
          id: 'main',
          of: 'net',
          clauses: [
            {
              id: 'all',
              shares: [
                { to: 'cinema', share: 'rest' },
                {
                  to: 'distributor',
                  ladder: {
                    mode,
                    measure: 'gross',
                    book,
                    tiers: tiers.map(([above, share]) => ({ above, share })),
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  const DAYS = [200n, 150n, 100n].map((millions, i) =>
    fact(millions * 100_000_000n, { date: `2026-03-0${i + 1}` }),
  );

  it('[ST3] the ladder illustration in three modes: 195.5 / 196.5 / 202.5', () => {
    const tiers: [string, string][] = [
      ['0', '43%'],
      ['300000000', '45%'],
    ];
    const share = (mode: string) =>
      formatYuan(byParty(settled(LADDER(mode, tiers), DAYS))['distributor']!);
    expect(share('switch_next_day')).toBe('195500000.00');
    expect(share('marginal')).toBe('196500000.00');
    expect(share('retroactive')).toBe('202500000.00');
  });

  it('[ST3] the ladder of 2012 (43/45/47 at 300m and 800m) in three modes, by a book', () => {
    const tiers: [string, string][] = [
      ['0', '43%'],
      ['300000000', '45%'],
      ['800000000', '47%'],
    ];
    const amounts = [250n, 100n, 400n, 100n, 50n];
    const days = amounts.map((millions, i) =>
      fact(millions * 100_000_000n, { date: `2026-03-0${i + 1}` }),
    );
    const books = { fund_office: days.map(({ date, grossFen }) => ({ date, grossFen })) };
    const share = (mode: string) =>
      byParty(settled(LADDER(mode, tiers, 'fund_office'), days, { books }))['distributor']! /
      1_000_000n;
    // By hand, in ten thousand yuan × 1: 350 at 43, 500 at 45 (800m is reached on day 4), 50 at 47.
    expect(share('switch_next_day')).toBe(350n * 43n + 500n * 45n + 50n * 47n);
    // Slices: 300 at 43, 500 at 45, 100 at 47.
    expect(share('marginal')).toBe(300n * 43n + 500n * 45n + 100n * 47n);
    expect(share('retroactive')).toBe(900n * 47n);
  });

  it('[ST3] a retroactive ladder restates earlier months by supplementary lines', () => {
    const tiers: [string, string][] = [
      ['0', '43%'],
      ['300000000', '45%'],
    ];
    const used = LADDER('retroactive', tiers);
    const facts = [
      fact(20_000_000_000n, { date: '2026-03-10' }),
      fact(15_000_000_000n, { date: '2026-04-10' }),
    ];
    const march = settled(used, facts);
    expect(byParty(march)['distributor']).toBe(8_600_000_000n);
    const april = settled(used, facts, { period: { from: '2026-04-01', to: '2026-04-30' } });
    expect(byParty(april)['distributor']).toBe((35_000_000_000n * 45n) / 100n - 8_600_000_000n);
    expect(april.lines.map((line) => line.kind).sort()).toEqual(['mixed', 'supplementary']);
  });
});
