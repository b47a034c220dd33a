import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, formatYuan } from '@yinglian/core';
import {
  checkDerivation,
  checkTerms,
  parseTerms,
  type RentalContext,
  type RentalFact,
  type RentalTerms,
  settle,
  type StreamingFact,
  type StreamingTerms,
} from '../src/index.ts';
import { CINEMA, codesOf, CONTEXT, fact, FILM, fixture, PARTIES, taken } from './support.ts';

const HEAD = {
  format: 'yinglian-terms/1',
  version: '1',
  effective: { from: '2020-01-01' },
  recordedOn: '2020-01-01',
  title: { zh: '条款', en: 'Terms' },
  parties: [
    ...PARTIES,
    { id: 'platform', role: 'platform', name: { zh: '平台', en: 'Platform' }, account: 'p' },
  ],
};

function rental(method: object, changes: object = {}): RentalTerms {
  const terms = taken(
    parseTerms({
      ...HEAD,
      kind: 'rental',
      id: 'rental',
      exhibitor: 'cinema',
      distributor: 'distributor',
      start: '2026-03-06',
      film: {
        title: { zh: '片', en: 'film' },
        versions: [
          { code: FILM, label: '2D' },
          { code: '001300012026', label: 'IMAX' },
        ],
      },
      clauses: [{ id: 'all', method }],
      ...changes,
    }),
  );
  if (terms.kind !== 'rental') throw new Error('kind');
  return terms;
}

const yuan = (amount: number) => BigInt(amount) * 100n;
const week = (number: number, amount: number, changes: Partial<RentalFact> = {}): RentalFact =>
  fact(yuan(amount), { date: addDays('2026-03-06', 7 * (number - 1)), ...changes });
const rent = (
  terms: RentalTerms,
  facts: readonly RentalFact[],
  context: Partial<RentalContext> = {},
) =>
  taken(
    settle(terms, facts, {
      period: { from: '2026-03-01', to: '2026-12-31' },
      register: CONTEXT.register,
      ...context,
    }),
  );

describe('cinema rental', () => {
  it('[SR1] sliding 70/60/50 by week, the last rate for all later weeks', () => {
    const terms = rental({ kind: 'sliding', weeks: ['70%', '60%', '50%'] });
    const settlement = rent(terms, [week(1, 1000), week(2, 1000), week(3, 1000), week(5, 1000)]);
    expect(settlement.lines.map((line) => [line.week, formatYuan(line.rentalFen)])).toEqual([
      [1, '700.00'],
      [2, '600.00'],
      [3, '500.00'],
      [5, '500.00'],
    ]);
    for (const line of settlement.lines) expect(checkDerivation(line.derivation)).toEqual([]);
  });

  it('[SR2] weeks turn at the contract’s own day and time', () => {
    const terms = rental({ kind: 'sliding', weeks: ['70%', '60%'] }, { startTime: '18:00' });
    const rows = [
      fact(yuan(100), { date: '2026-03-13', start: '17:59' } as Partial<RentalFact>),
      fact(yuan(100), { date: '2026-03-13', start: '18:00' } as Partial<RentalFact>),
      fact(yuan(100), { date: '2026-03-06', start: '10:00' } as Partial<RentalFact>),
    ];
    const settlement = rent(terms, rows);
    expect(settlement.lines.map((line) => line.week)).toEqual([1, 2]);
    expect(settlement.exceptions.map((each) => each.finding.code)).toEqual(['early_screening']);
    // A row of several days has one week, which has ended by the end of the period.
    const days = (date: string, lastDate: string) =>
      rent(terms, [fact(yuan(100), { date, lastDate })], {
        period: { from: '2026-03-01', to: '2026-03-15' },
      });
    expect(days('2026-03-06', '2026-03-12').exceptions).toEqual([]);
    const codes = (first: string, last: string) =>
      days(first, last).exceptions.map((each) => each.finding.code);
    expect(codes('2026-03-06', '2026-03-31')).toEqual(['straddling_row']);
    expect(codes('2026-03-13', '2026-03-16')).toEqual(['unfinished_row']);
    const own = rent(terms, [week(1, 100)], {
      engagements: [{ cinemaCode: CINEMA, start: '2026-02-27' }],
    });
    expect(own.lines[0]!.week).toBe(2);
  });

  it('[SR3] 90/10 over the house allowance and higher-of: the published cases', () => {
    const text = fixture('settle/waterfall/literature.json');
    if (text === undefined) return;
    type Case = {
      id: string;
      inputs: { gross: number; house_expense: number; over: string; floor: string };
      expect: { distributor: number };
    };
    const cases = (JSON.parse(text) as Case[]).filter((each) => each.id.startsWith('lit-9010'));
    expect(cases.length).toBeGreaterThan(3);
    for (const { id, inputs, expect: wanted } of cases) {
      const terms = rental({
        kind: 'higher_of',
        weeks: [inputs.floor],
        over: inputs.over,
        allowance: String(inputs.house_expense),
      });
      expect(rent(terms, [week(1, inputs.gross)]).rentalFen, id).toBe(yuan(wanted.distributor));
    }
    const plain = rental({ kind: 'over_allowance', over: '90%', allowance: '5000' });
    expect(rent(plain, [week(1, 4000)]).rentalFen).toBe(0n);
    const agreed = { engagements: [{ cinemaCode: CINEMA, allowance: '3000' }] };
    expect(rent(plain, [week(1, 4000)], agreed).rentalFen).toBe(yuan(900));
  });

  it('[SR4] floating, flat, minimum, tax inside, format override', () => {
    const floating = rental({ kind: 'floating', weeks: ['70%', '50%'] });
    expect(
      rent(floating, [week(1, 1000), week(2, 4000)]).lines.map((line) => line.rentalFen),
    ).toEqual([yuan(500), yuan(2800)]);
    expect(rent(rental({ kind: 'flat_week', amount: '800' }), [week(1, 1)]).rentalFen).toBe(
      yuan(800),
    );
    expect(
      rent(rental({ kind: 'flat_screening', amount: '80' }), [week(1, 1, { screenings: 3 })])
        .rentalFen,
    ).toBe(yuan(240));
    const sliding = { kind: 'sliding', weeks: ['50%'] };
    const minimum = rental(sliding, { clauses: [{ id: 'all', method: sliding, minimum: '600' }] });
    expect(rent(minimum, [week(1, 1000)]).rentalFen).toBe(yuan(600));
    expect(rent(rental(sliding, { tax: '3%' }), [week(1, 1030)]).rentalFen).toBe(yuan(500));
    const override = rental(sliding, {
      clauses: [
        { id: 'all', method: sliding },
        { id: 'imax', versions: ['IMAX'], method: { kind: 'sliding', weeks: ['60%'] } },
      ],
    });
    const both = rent(override, [week(1, 1000), week(1, 1000, { filmCode: '001300012026' })]);
    expect(both.lines.map((line) => [line.clause, line.rentalFen])).toEqual([
      ['all', yuan(500)],
      ['imax', yuan(600)],
    ]);
  });

  it('[SR5] a national scale and a rate agreed after the run restate by difference', () => {
    const terms = rental({
      kind: 'national_scale',
      book: 'national',
      tiers: [
        { above: '0', rate: '45%' },
        { above: '1000000', rate: '50%' },
      ],
    });
    const small = { national: [{ date: '2026-03-06', grossFen: yuan(500_000) }] };
    const first = rent(terms, [week(1, 1000)], { books: small });
    expect(first.rentalFen).toBe(yuan(450));
    const large = { national: [{ date: '2026-03-06', grossFen: yuan(1_500_000) }] };
    const stated = first.lines.map((line) => ({ id: line.id, fen: line.rentalToDateFen }));
    expect(rent(terms, [week(1, 1000)], { books: large, stated }).rentalFen).toBe(yuan(50));
    const agreed = rent(terms, [week(1, 1000)], {
      books: large,
      stated,
      engagements: [{ cinemaCode: CINEMA, agreedRate: '47%' }],
    });
    expect(agreed.rentalFen).toBe(yuan(20));
    expect(rent(terms, [], { books: large, stated }).rentalFen).toBe(-yuan(450));
  });

  it('[SR6] static checks', () => {
    const found = (method: object, changes: object = {}) =>
      codesOf(checkTerms(rental(method, changes)));
    const sliding = { kind: 'sliding', weeks: ['50%'] };
    expect(found(sliding)).toEqual([]);
    expect(found({ kind: 'sliding', weeks: ['150%'] })).toContain('excessive_shares');
    expect(found(sliding, { exhibitor: 'nobody' })).toContain('unknown_party');
    expect(
      found(sliding, {
        clauses: [
          { id: 'a', method: sliding },
          { id: 'b', method: sliding },
        ],
      }),
    ).toContain('overlapping_segments');
    const scale = (tiers: object[]) => ({ kind: 'national_scale', book: 'b', tiers });
    expect(found(scale([{ above: '5', rate: '1%' }]))).toContain('missing_first_tier');
    expect(
      found(
        scale([
          { above: '0', rate: '1%' },
          { above: '0', rate: '2%' },
        ]),
      ),
    ).toContain('unreachable_tier');
  });
});

function streaming(components: object[], changes: object = {}): StreamingTerms {
  const terms = taken(
    parseTerms({
      ...HEAD,
      kind: 'streaming',
      id: 'streaming',
      platform: 'platform',
      licensor: 'producer',
      release: '2026-02-01',
      components,
      ...changes,
    }),
  );
  if (terms.kind !== 'streaming') throw new Error('kind');
  return terms;
}

const stream = (
  terms: StreamingTerms,
  facts: readonly StreamingFact[],
  period = { from: '2026-01-01', to: '2026-12-31' },
  statedFen?: bigint,
) => taken(settle(terms, facts, { period, ...(statedFen === undefined ? {} : { statedFen }) }));
const EXCLUSIVE_2026 = {
  component: {
    kind: 'income',
    id: 'net',
    incomes: ['member', 'ads'],
    mode: 'marginal',
    tiers: [
      { above: '0', share: '80%' },
      { above: '1000000', share: '100%' },
      { above: '5000000', share: '120%' },
    ],
  },
};

describe('streaming share', () => {
  it('[SS1] the 2026 爱奇艺 marginal tiers, exclusive and not', () => {
    const facts = [
      { id: 'a', date: '2026-02-05', incomesFen: { member: yuan(6_000_000) } },
      { id: 'b', date: '2026-03-05', incomesFen: { ads: yuan(2_000_000) } },
    ];
    const settlement = stream(streaming([EXCLUSIVE_2026], { windowDays: '180' }), facts);
    expect(formatYuan(settlement.fen)).toBe('8400000.00');
    expect(checkDerivation(settlement.derivation)).toEqual([]);
    const flat = {
      component: { ...EXCLUSIVE_2026.component, tiers: [{ above: '0', share: '80%' }] },
    };
    expect(formatYuan(stream(streaming([flat]), facts).fen)).toBe('6400000.00');
  });

  it('[SS7] of the usage of several platforms only that of the terms counts', () => {
    const views = { component: { kind: 'views', id: 'views', price: '24' } };
    const one = (platform: string | undefined, id: string) => ({
      id,
      date: '2026-02-05',
      views: 10n,
      ...(platform === undefined ? {} : { platform }),
    });
    const facts = [one(undefined, 'a'), one('platform', 'b'), one('平台', 'c'), one('别家', 'd')];
    const period = { from: '2026-02-01', to: '2026-12-31' };
    const outcome = settle(streaming([views]), facts, { period });
    expect(formatYuan(taken(outcome).fen)).toBe('720.00');
    expect(outcome.findings).toMatchObject([
      { code: 'other_platforms', facts: { platforms: ['别家'] } },
    ]);
  });

  it('[SS2] hours by marginal and whole tiers: 7m hours of 2024 are 13,000,000', () => {
    const tiers = [
      { above: '0', price: '1' },
      { above: '2000000', price: '2' },
      { above: '6000000', price: '3' },
    ];
    const hours = (mode: string) =>
      streaming([{ component: { kind: 'hours', id: 'hours', mode, tiers } }]);
    const facts = [{ id: 'a', date: '2026-02-05', minutes: 7_000_000n * 60n }];
    expect(formatYuan(stream(hours('marginal'), facts).fen)).toBe('13000000.00');
    expect(formatYuan(stream(hours('whole'), facts).fen)).toBe('21000000.00');
  });

  it('[SS3] window, coefficient, views, cap', () => {
    const views = { component: { kind: 'views', id: 'views', price: '24' }, coefficient: '1.2' };
    const terms = streaming([views], { windowDays: '28' });
    const facts = [
      { id: 'a', date: '2026-01-31', views: 5n },
      { id: 'b', date: '2026-02-28', views: 10n },
      { id: 'c', date: '2026-03-01', views: 100n },
    ];
    expect(formatYuan(stream(terms, facts).fen)).toBe('288.00');
    expect(formatYuan(stream(streaming([views], { cap: '250' }), facts).fen)).toBe('250.00');
  });

  it('[SS6] a minimum of the window falls due on its last day, and is not paid twice', () => {
    const views = { component: { kind: 'views', id: 'views', price: '24' } };
    const terms = streaming([views], { windowDays: '28', minimum: '500' });
    const facts = [{ id: 'a', date: '2026-02-10', views: 10n }];
    const month = (from: string, to: string) => stream(terms, facts, { from, to });
    expect(formatYuan(month('2026-02-01', '2026-02-27').fen)).toBe('240.00');
    const last = month('2026-02-28', '2026-02-28');
    expect(formatYuan(last.fen)).toBe('260.00');
    expect(checkDerivation(last.derivation)).toEqual([]);
    expect(month('2026-03-01', '2026-03-31').fen).toBe(0n);
    const more = [{ id: 'a', date: '2026-02-10', views: 30n }];
    expect(formatYuan(stream(terms, more).fen)).toBe('720.00');
    const codes = (change: object) =>
      checkTerms(streaming([views], { minimum: '500', ...change })).map((each) => each.code);
    expect(codes({})).toEqual(['missing_window']);
    expect(codes({ windowDays: '28', cap: '400' })).toEqual(['excessive_minimum']);
    expect(codes({ windowDays: '28', cap: '500' })).toEqual([]);
  });

  it('[SS4] months add up to the run, and what was stated is taken off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9_000_000 }), { minLength: 1, maxLength: 6 }),
        (months) => {
          const facts = months.map((amount, i) => ({
            id: `m${i}`,
            date: `2026-0${i + 2}-15`,
            incomesFen: { member: BigInt(amount) * 7n },
          }));
          const terms = streaming([EXCLUSIVE_2026]);
          let sum = 0n;
          for (const [i] of months.entries()) {
            sum += stream(terms, facts, {
              from: `2026-0${i + 2}-01`,
              to: addDays(`2026-0${i + 3}-01`, -1),
            }).fen;
          }
          const whole = stream(terms, facts);
          expect(sum).toBe(whole.fen);
          expect(
            stream(terms, facts, { from: '2026-12-01', to: '2026-12-31' }, whole.fen).fen,
          ).toBe(0n);
        },
      ),
    );
  });

  it('[SS5] static checks', () => {
    expect(codesOf(checkTerms(streaming([EXCLUSIVE_2026])))).toEqual([]);
    expect(codesOf(checkTerms(streaming([EXCLUSIVE_2026], { platform: 'x' })))).toEqual([
      'unknown_party',
    ]);
    const bad = (tiers: object[]) =>
      codesOf(checkTerms(streaming([{ component: { ...EXCLUSIVE_2026.component, tiers } }])));
    expect(bad([{ above: '1', share: '1' }])).toEqual(['missing_first_tier']);
    expect(
      bad([
        { above: '0', share: '1' },
        { above: '0', share: '1' },
      ]),
    ).toEqual(['unreachable_tier']);
    expect(
      codesOf(checkTerms(streaming([{ ...EXCLUSIVE_2026, from: '2026-02-02', to: '2026-02-01' }]))),
    ).toEqual(['reversed_dates']);
  });
});
