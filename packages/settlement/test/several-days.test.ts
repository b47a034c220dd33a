import { describe, expect, it } from 'vitest';
import { checkTerms, settleTheatrical } from '../src/index.ts';
import { byParty, codesOf, CONTEXT, fact, settled, taken, terms } from './support.ts';

const MONTH = { date: '2026-03-01', lastDate: '2026-03-31' };
const SHARES = [
  { to: 'cinema', share: '57%' },
  { to: 'distributor', share: '43%' },
];
const split = (clauses: object[]) => [{ id: 'main', of: 'net', clauses }];
const exceptionsOf = (used: ReturnType<typeof terms>, changes: object, context = {}) =>
  settled(used, [fact(100_000n, changes)], context).exceptions.map((each) => each.finding.code);

describe('rows of several days', () => {
  it('[ST41] a change elsewhere does not cut a row', () => {
    const local = { provinces: ['46'], from: '2026-03-10', to: '2026-03-20' };
    const used = terms({
      splits: split([
        { id: 'all', shares: SHARES },
        { id: 'hainan', when: local, shares: SHARES },
      ]),
    });
    expect(exceptionsOf(used, MONTH)).toEqual([]);
    const register = { '46010101': { circuit: 'circuit-a' } };
    const there = { ...MONTH, cinemaCode: '46010101' };
    expect(exceptionsOf(used, there, { register })).toEqual(['straddling_row']);
  });

  it('[ST41] a cap or marginal ladder on the rows themselves takes a month whole', () => {
    const capped = terms({
      splits: split([
        {
          id: 'all',
          shares: [
            { to: 'digital', share: '1%', cap: '20000' },
            { to: 'distributor', share: 'rest' },
          ],
        },
      ]),
    });
    const rows = [
      fact(30_000_000_000n, MONTH),
      fact(20_000_000_000n, { ...MONTH, cinemaCode: '42010101' }),
    ];
    const done = settled(capped, rows);
    expect(done.exceptions).toEqual([]);
    expect(byParty(done)['digital']).toBe(2_000_000n);
    expect(done.lines.map((line) => [line.from, line.to])[0]).toEqual(['2026-03-01', '2026-03-31']);
    const ladder = (mode: string) =>
      terms({
        splits: split([
          {
            id: 'all',
            shares: [
              {
                to: 'distributor',
                ladder: {
                  mode,
                  measure: 'gross',
                  book: 'facts',
                  tiers: [
                    { above: '0', share: '43%' },
                    { above: '1000000', share: '45%' },
                  ],
                },
              },
              { to: 'cinema', share: 'rest' },
            ],
          },
        ]),
      });
    expect(settled(ladder('marginal'), rows).exceptions).toEqual([]);
    // From which day on the other share holds, a month cannot say.
    expect(
      codesOf(settled(ladder('switch_next_day'), rows).exceptions.map((e) => e.finding)),
    ).toEqual(['straddling_row', 'straddling_row']);
  });

  it('[ST41] another standard or price within the row is an exception', () => {
    const standards = [
      { id: 'run', cityClass: 'otherwise', minimum: '35' },
      { id: 'late', cityClass: 'otherwise', minimum: '25', from: '2026-03-30' },
    ];
    const used = terms({ base: { standards } });
    expect(exceptionsOf(used, MONTH)).toEqual(['straddling_row']);
    expect(exceptionsOf(used, { date: '2026-03-01', lastDate: '2026-03-29' })).toEqual([]);
    const price = { id: 'v', types: ['兑换券'], method: 'fixed', amount: '30', to: '2026-03-10' };
    const priced = terms({ base: { ticketPrices: [price] } });
    expect(exceptionsOf(priced, { ...MONTH, ticketType: '兑换券' })).toEqual(['straddling_row']);
    expect(exceptionsOf(priced, MONTH)).toEqual([]);
  });

  it('[ST41] a standard of another class of city, or one not looked at, cuts no row', () => {
    const standards = [
      { id: 'first', cityClass: 'first', minimum: '40' },
      { id: 'first_late', cityClass: 'first', minimum: '30', from: '2026-03-30' },
      { id: 'run', cityClass: 'otherwise', minimum: '35' },
    ];
    const base = { standards, cityClasses: { first: ['4201'] } };
    const used = terms({ base });
    const first = { ...MONTH, cinemaCode: '42010101' };
    expect(exceptionsOf(used, MONTH)).toEqual([]);
    expect(exceptionsOf(used, first)).toEqual(['straddling_row']);
    // The register knows better than the digits of the code.
    const register = { '43014301': { circuit: 'circuit-a', city: '4201' } };
    expect(exceptionsOf(used, MONTH, { register })).toEqual(['straddling_row']);
    const price = { id: 'v', types: ['兑换券'], method: 'fixed', amount: '30' };
    const voucher = { ...first, ticketType: '兑换券' };
    const priced = (changes: object) =>
      terms({ base: { ...base, ticketPrices: [{ ...price, ...changes }] } });
    expect(exceptionsOf(priced({ standard: 'exempt' }), voucher)).toEqual([]);
    expect(exceptionsOf(priced({}), voucher)).toEqual(['straddling_row']);
  });

  it('[ST42] a row belongs to the period in which it ends', () => {
    const used = terms();
    const rows = [fact(100_000n, { date: '2026-03-20', lastDate: '2026-04-10' })];
    const march = settled(used, rows);
    expect(march.lines).toEqual([]);
    expect(march.exceptions.map((each) => each.finding.code)).toEqual(['unfinished_row']);
    const april = settled(used, rows, { period: { from: '2026-04-01', to: '2026-04-30' } });
    expect(april.exceptions).toEqual([]);
    expect(april.lines.map((line) => [line.kind, line.measures.grossFen])).toEqual([
      ['regular', 100_000n],
    ]);
  });

  it('[ST43] the narrower standard holds, whatever the order', () => {
    const run = { id: 'run', cityClass: 'otherwise', minimum: '35' };
    const extension = { ...run, id: 'extension', minimum: '25', from: '2026-03-10' };
    const large = { ...run, id: 'large', minimum: '40', versions: ['2D'] };
    const baseOf = (standards: object[], date: string) =>
      settled(terms({ base: { standards } }), [fact(1_000n, { date })]).lines[0]!.measures.baseFen;
    for (const order of [
      [run, extension],
      [extension, run],
    ]) {
      expect(baseOf(order, '2026-03-09')).toBe(35_000n);
      expect(baseOf(order, '2026-03-10')).toBe(25_000n);
    }
    expect(baseOf([run, large], '2026-03-10')).toBe(40_000n);
    const twice = terms({ base: { standards: [run, { ...run, id: 'again' }] } });
    expect(codesOf(checkTerms(twice))).toEqual(['overlapping_segments']);
  });

  it('[ST29] clauses that meet somewhere on some day are found, whatever their lists', () => {
    const clauses = (first: object, second: object) =>
      codesOf(
        checkTerms(
          terms({
            splits: split([
              { id: 'a', when: first, shares: SHARES },
              { id: 'b', when: second, shares: SHARES },
              { id: 'rest', shares: SHARES },
            ]),
          }),
        ),
      );
    const overlap = ['overlapping_segments'];
    expect(clauses({ circuits: ['A', 'B'] }, { circuits: ['B', 'C'] })).toEqual(overlap);
    expect(clauses({ versions: ['2D', '3D'] }, { versions: ['3D', '2D'] })).toEqual(overlap);
    expect(clauses({ circuits: ['A'] }, { circuits: ['B'] })).toEqual([]);
    expect(clauses({ circuits: ['A'] }, { circuits: ['A'], versions: ['2D'] })).toEqual([]);
    const rates = (...items: object[]) =>
      codesOf(checkTerms(terms({ fund: { to: 'film_fund', rates: items } })));
    const free = { id: 'free', rate: '0', from: '2026-01-01', to: '2026-06-30' };
    expect(rates({ id: 'standard', rate: '5%' }, free)).toEqual([]);
    expect(rates(free, { ...free, id: 'other', from: '2026-06-30', to: '2026-07-31' })).toEqual(
      overlap,
    );
  });

  it('[ST44] says when rows lie outside the days of the terms', () => {
    const used = terms({ effective: { from: '2026-01-01', to: '2026-03-15' } });
    const rows = [fact(1_000n), fact(1_000n, { date: '2026-03-16' })];
    const outcome = settleTheatrical(used, rows, CONTEXT);
    expect(taken(outcome).lines).toHaveLength(1);
    expect(outcome.findings).toMatchObject([{ code: 'rows_outside_terms', facts: { rows: 1 } }]);
  });
});
