import { describe, expect, it } from 'vitest';
import { addDays, formatYuan, sumFen } from '@yinglian/core';
import { checkDerivation, explain, type Settlement } from '../src/index.ts';
import {
  byParty,
  CINEMA,
  domestic,
  fact,
  FILM,
  fixture,
  PARTIES,
  settled,
  terms,
} from './support.ts';

const YUAN_100M = 10_000_000_000n;
const independent = { method: 'independent', periods: 'each_period' };

const chain = (vat: Record<string, string>, shares: Record<string, string>) =>
  terms({
    vat: { to: 'tax_office', methods: [{ id: 'vat', ...vat }] },
    rounding: independent,
    splits: [
      {
        id: 'main',
        of: 'net',
        total: '100%',
        clauses: [
          { id: 'all', shares: Object.entries(shares).map(([to, share]) => ({ to, share })) },
        ],
      },
    ],
  });

const yuanOf = (settlement: Settlement) =>
  Object.fromEntries(
    Object.entries(byParty(settlement)).map(([k, v]) => [k, formatYuan(v, { grouped: true })]),
  );

type SplitCase = {
  id: string;
  gross_fen?: string;
  digital_rate?: string;
  surcharge?: string;
  expect: Record<string, string>;
};

/** The terms of one case of the published split: by a digital fee, or by VAT with surcharge. */
function splitTerms(each: SplitCase) {
  const split = each.digital_rate !== undefined;
  return terms({
    vat: {
      to: 'tax_office',
      methods: [
        split
          ? { id: 'vat', method: 'customary', rate: '3.3%' }
          : { id: 'vat', method: 'extracted', rate: '3%', surcharge: each.surcharge! },
      ],
    },
    splits: [
      {
        id: 'main',
        of: 'net',
        clauses: [
          {
            id: 'all',
            shares: [
              { to: 'cinema', share: '50%' },
              { to: 'circuit', share: '7%' },
              { to: 'digital', share: split ? each.digital_rate! : '1%' },
              { to: 'producer_side', share: 'rest' },
            ],
          },
        ],
      },
      {
        id: 'side',
        of: 'producer_side',
        clauses: [
          {
            id: 'all',
            shares: [
              { to: 'distributor', share: split ? '10%' : '15%' },
              { to: 'producer', share: 'rest' },
            ],
          },
        ],
      },
    ],
  });
}

describe('golden cases', () => {
  it('[ST1] the row 720.00 / 43 % / 309.60 of August 2020', () => {
    const used = terms({
      film: { title: { zh: '片', en: 'f' }, versions: [{ code: '051400392020', label: 'IMAX' }] },
      fund: {
        to: 'film_fund',
        rates: [
          { id: 'standard', rate: '5%' },
          { id: 'hubei_2020', from: '2020-01-01', to: '2020-12-31', provinces: ['42'], rate: '0%' },
          { id: 'exempt_2020', from: '2020-01-01', to: '2020-08-31', rate: '0%' },
        ],
      },
      vat: {
        to: 'tax_office',
        methods: [
          { id: 'exempt_2020', from: '2020-01-01', to: '2020-12-31', method: 'exempt' },
          { id: 'simplified', method: 'extracted', rate: '3%', surcharge: '12%' },
        ],
      },
    });
    const august = { period: { from: '2020-08-01', to: '2020-08-31' } };
    const row = fact(72_000n, { filmCode: '051400392020', date: '2020-08-15', admissions: 13 });
    const { lines } = settled(used, [row], august);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      from: '2020-08-01',
      to: '2020-08-31',
      equipment: 'owned',
      measures: { grossFen: 72_000n, screenings: 1n, admissions: 13n },
    });
    expect(byParty(settled(used, [row], august))).toEqual({
      film_fund: 0n,
      tax_office: 0n,
      cinema: 36_000n,
      circuit: 5_040n,
      distributor: 30_960n,
    });
    // In September the fund is levied again, but not in Hubei; the tax stays exempt all year.
    const september = { period: { from: '2020-09-01', to: '2020-09-30' } };
    const hunan = fact(100_000n, { filmCode: '051400392020', date: '2020-09-02' });
    const hubei = fact(100_000n, {
      filmCode: '051400392020',
      date: '2020-09-02',
      cinemaCode: '42010101',
    });
    expect(byParty(settled(used, [hunan], september))).toMatchObject({
      film_fund: 5_000n,
      tax_office: 0n,
    });
    expect(byParty(settled(used, [hubei], september))).toMatchObject({
      film_fund: 0n,
      tax_office: 0n,
    });
  });

  const FACTORS = [
    {
      name: '12 %',
      vat: { method: 'extracted', rate: '3%', surcharge: '12%' },
      tax: '3,262,135.92',
      57: '52,290,582.52',
      50: '45,868,932.04',
      7: '6,421,650.49',
      43: '39,447,281.55',
      42: '38,529,902.91',
      1: '917,378.64',
    },
    {
      name: '10 %',
      vat: { method: 'extracted', rate: '3%', surcharge: '10%' },
      tax: '3,203,883.50',
      57: '52,323,786.41',
      50: '45,898,058.25',
      7: '6,425,728.16',
      43: '39,472,330.10',
      42: '38,554,368.93',
      1: '917,961.17',
    },
    {
      name: '6 %',
      vat: { method: 'extracted', rate: '3%', surcharge: '6%' },
      tax: '3,087,378.64',
      57: '52,390,194.17',
      50: '45,956,310.68',
      7: '6,433,883.50',
      43: '39,522,427.18',
      42: '38,603,300.97',
      1: '919,126.21',
    },
    {
      name: '3.3 %',
      vat: { method: 'customary', rate: '3.3%' },
      tax: '3,300,000.00',
      57: '52,269,000.00',
      50: '45,850,000.00',
      7: '6,419,000.00',
      43: '39,431,000.00',
      42: '38,514,000.00',
      1: '917,000.00',
    },
  ] as const;
  for (const factor of FACTORS) {
    it(`[ST2] the check values of 100,000,000.00 at ${factor.name}`, () => {
      const facts = [fact(YUAN_100M)];
      const two = yuanOf(settled(chain(factor.vat, { cinema: '57%', distributor: '43%' }), facts));
      expect(two).toMatchObject({
        film_fund: '5,000,000.00',
        tax_office: factor.tax,
        cinema: factor[57],
        distributor: factor[43],
      });
      const four = yuanOf(
        settled(
          chain(factor.vat, { cinema: '50%', circuit: '7%', digital: '1%', distributor: '42%' }),
          facts,
        ),
      );
      expect(four).toMatchObject({
        cinema: factor[50],
        circuit: factor[7],
        digital: factor[1],
        distributor: factor[42],
      });
    });
  }

  it('[ST2] the rounded constant 0.91737864 is a method of its own', () => {
    const used = chain(
      { method: 'net_factor', rate: '0.91737864' },
      { cinema: '57%', distributor: '43%' },
    );
    const sums = byParty(settled(used, [fact(YUAN_100M)]));
    expect(formatYuan(YUAN_100M - sums['film_fund']! - sums['tax_office']!)).toBe('91737864.00');
  });

  const FEE_TIERS = [
    ['0', '3%'],
    ['50000000', '2%'],
    ['300000000', '1%'],
    ['600000000', '0%'],
  ];
  const feeTerms = (mode: string) =>
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
                {
                  to: 'digital',
                  ladder: {
                    mode,
                    measure: 'net',
                    book: 'facts',
                    tiers: FEE_TIERS.map(([above, share]) => ({ above, share })),
                  },
                },
                { to: 'cinema', share: '57%' },
                { to: 'distributor', share: 'rest' },
              ],
            },
          ],
        },
      ],
      rounding: { method: 'independent' },
    });

  it('[ST4] the digital fee as 1 % of net on leased equipment', () => {
    const used = terms({
      splits: [
        {
          id: 'main',
          of: 'net',
          clauses: [
            {
              id: 'owned',
              when: { equipment: 'owned' },
              shares: [
                { to: 'cinema', share: '50%' },
                { to: 'circuit', share: '7%' },
                { to: 'distributor', share: '43%' },
              ],
            },
            {
              id: 'leased',
              when: { equipment: 'leased' },
              shares: [
                { to: 'cinema', share: '50%' },
                { to: 'circuit', share: '7%' },
                { to: 'digital', share: '1%' },
                { to: 'distributor', share: '42%' },
              ],
            },
          ],
        },
      ],
      rounding: independent,
    });
    const facts = [fact(YUAN_100M), fact(YUAN_100M, { cinemaCode: '42010101' })];
    expect(yuanOf(settled(used, facts))).toMatchObject({
      digital: '917,378.64',
      distributor: formatYuan(3_944_728_155n + 3_852_990_291n, { grouped: true }),
    });
  });

  it('[ST4] the digital fee as 3/2/1/0 % by gross, marginal and whole', () => {
    const text = fixture('settle/cn/split.json');
    if (text === undefined) return;
    type Case = {
      id: string;
      distributable_fen?: string;
      tier_mode?: string;
      expect: { digital_fee?: string };
    };
    const cases = (JSON.parse(text) as Case[]).filter((each) => each.tier_mode !== undefined);
    expect(cases.length).toBeGreaterThan(15);
    for (const each of cases) {
      const used = feeTerms(each.tier_mode === 'marginal' ? 'marginal' : 'retroactive');
      const sums = byParty(settled(used, [fact(BigInt(each.distributable_fen!))]));
      expect(sums['digital'], each.id).toBe(BigInt(each.expect.digital_fee!));
    }
  });

  it('[ST4] the digital fee as 1 % of the producer side, capped at 2,000,000', () => {
    const used = terms({
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
                { to: 'cinema', share: '57%' },
                { to: 'producer_side', share: '43%' },
              ],
            },
          ],
        },
        {
          id: 'side',
          of: 'producer_side',
          clauses: [
            {
              id: 'fee',
              shares: [
                { to: 'digital', share: '1%', cap: '2000000.00' },
                { to: 'distributor', share: 'rest' },
              ],
            },
          ],
        },
      ],
    });
    // 43 % of 1 % reaches two million at a gross of 465.1163 m; three days of 200 m cross it.
    const facts = [1, 2, 3, 4].map((day) => fact(20_000_000_000n, { date: `2026-03-0${day}` }));
    expect(byParty(settled(used, facts.slice(0, 2)))['digital']).toBe(172_000_000n);
    expect(byParty(settled(used, facts.slice(0, 3)))['digital']).toBe(200_000_000n);
    const all = settled(used, facts);
    expect(byParty(all)['digital']).toBe(200_000_000n);
    expect(sumFen(all.totals.map((total) => total.fen))).toBe(80_000_000_000n);
    // A refund that brings the total back under the cap gives its part of the fee back.
    const refunded = settled(used, [
      ...facts.slice(0, 3),
      fact(-20_000_000_000n, { date: '2026-03-05', admissions: -10 }),
    ]);
    expect(byParty(refunded)['digital']).toBe(172_000_000n);
  });

  it('[ST5] rounding tails: every part within a fen, the parts add up, refunds mirror', () => {
    const text = fixture('settle/cn/split.json');
    if (text === undefined) return;
    const cases = (JSON.parse(text) as SplitCase[]).filter((each) => each.gross_fen !== undefined);
    expect(cases.length).toBeGreaterThan(100);
    for (const each of cases) {
      const used = splitTerms(each);
      const { film_fund, vat, cinema, circuit, china_film_digital, distributor_fee, producer } =
        each.expect;
      const expected = {
        film_fund,
        tax_office: vat,
        cinema,
        circuit,
        digital: china_film_digital,
        distributor: distributor_fee,
        producer,
      };
      for (const sign of [1n, -1n]) {
        const sums = byParty(
          settled(used, [fact(sign * BigInt(each.gross_fen!), { admissions: Number(sign) })]),
        );
        for (const [party, fen] of Object.entries(expected)) {
          expect(sums[party], `${each.id} ${party}`).toBe(sign * BigInt(fen!));
        }
      }
    }
  });

  it('[ST6] to-date rounding: the periods add up to the rounded whole', () => {
    const text = fixture('settle/cn/split.json');
    if (text === undefined) return;
    type Case = {
      id: string;
      rate?: string;
      period_gross_fen?: string[];
      expect: { period_due_fen?: string[]; total?: string; naive_sum_of_rounded_periods?: string };
    };
    const cases = (JSON.parse(text) as Case[]).filter(
      (each) => each.period_gross_fen !== undefined,
    );
    expect(cases.length).toBeGreaterThan(5);
    for (const each of cases) {
      const used = (periods: string) =>
        terms({
          fund: undefined,
          vat: undefined,
          rounding: { method: 'independent', periods },
          splits: [
            {
              id: 'main',
              of: 'net',
              clauses: [
                {
                  id: 'all',
                  shares: [
                    { to: 'cinema', share: each.rate! },
                    { to: 'distributor', share: 'rest' },
                  ],
                },
              ],
            },
          ],
        });
      const facts = each.period_gross_fen!.map((fen, i) =>
        fact(BigInt(fen), { date: addDays('2026-01-01', i) }),
      );
      const dues = (periods: string) =>
        facts.map(
          ({ date }) =>
            byParty(settled(used(periods), facts, { period: { from: date, to: date } }))[
              'cinema'
            ] ?? 0n,
        );
      expect(dues('to_date').map(String), each.id).toEqual(each.expect.period_due_fen);
      expect(String(sumFen(dues('to_date')))).toBe(each.expect.total);
      expect(String(sumFen(dues('each_period')))).toBe(each.expect.naive_sum_of_rounded_periods);
    }
  });

  it('[ST7] every part opens to rows and clauses, and its arithmetic holds', () => {
    const settlement = settled(terms(), [fact(72_013n), fact(4_987n)]);
    const parts = explain(settlement, settlement.lines[0]!.id)!;
    expect(parts.map((part) => part.node)).toEqual([
      'fund',
      'tax',
      'main.cinema',
      'main.circuit',
      'main.distributor',
    ]);
    for (const part of parts) {
      expect(checkDerivation(part.derivation)).toEqual([]);
      expect(part.derivation.value).toEqual({ numerator: part.fen, denominator: 1n });
    }
    const cinema = parts[2]!.derivation;
    expect(cinema).toMatchObject({ operation: 'allocate', facts: { tail: 'largest_remainder' } });
    const exact = cinema.inputs[0]!;
    expect(exact).toMatchObject({ operation: 'multiply', clause: 'main:all' });
    expect(exact.inputs[0]).toMatchObject({ name: 'net', operation: 'subtract' });
    expect(exact.inputs[0]!.inputs[2]!.inputs[1]).toMatchObject({
      clause: 'vat:simplified',
      facts: { method: 'extracted', rate: '3%', surcharge: '12%' },
    });
    const forged = {
      ...cinema,
      value: { numerator: cinema.value.numerator + 2n, denominator: 1n },
    };
    expect(checkDerivation(forged).map((each) => each.code)).toEqual(['mismatched_derivation']);
  });

  it('[ST8] the settlement standard: no less than it, the top-up owed by the promoter', () => {
    const used = terms({
      base: {
        cityClasses: { a: ['4301'] },
        otherCities: 'b',
        topUpBy: 'promoter',
        standards: [
          { id: 'a', cityClass: 'a', minimum: '35.00', to: '2026-03-20' },
          { id: 'a_extension', cityClass: 'a', minimum: '25.00', from: '2026-03-21' },
          { id: 'b', cityClass: 'b', minimum: '30.00' },
        ],
      },
      fund: undefined,
      vat: undefined,
    });
    const ticket = (priceFen: bigint, changes = {}) =>
      fact(priceFen, { admissions: 1, priceFen, ...changes });
    const base = (row: ReturnType<typeof fact>) => settled(used, [row]).lines[0]!.measures.baseFen;
    expect(base(ticket(990n))).toBe(3500n);
    expect(base(ticket(8000n))).toBe(8000n);
    expect(base(ticket(990n, { date: '2026-03-25' }))).toBe(2500n);
    expect(base(ticket(990n, { cinemaCode: '31010101' }))).toBe(3000n);
    expect(base(fact(-990n, { admissions: -1 }))).toBe(-3500n);
    const settlement = settled(used, [ticket(990n), ticket(8000n)]);
    expect(settlement.receivables).toEqual([
      { from: 'promoter', cinemaCode: CINEMA, filmCode: FILM, fen: 2510n },
    ]);
    expect(sumFen(settlement.totals.map((total) => total.fen))).toBe(11_500n);
  });

  it('[ST9] the service fee is outside the base', () => {
    const used = terms({ base: { serviceFee: 'in_gross' } });
    const settlement = settled(used, [fact(4300n, { serviceFeeFen: 300n })]);
    expect(settlement.lines[0]!.measures).toMatchObject({ grossFen: 4000n, baseFen: 4000n });
    expect(settlement.receivables).toEqual([]);
    const outside = settled(terms(), [fact(4000n, { serviceFeeFen: 300n })]);
    expect(outside.lines[0]!.measures.baseFen).toBe(4000n);
  });

  it('[ST10] an incomplete share set is reported, never normalised', () => {
    const imported = {
      splits: [
        {
          id: 'main',
          of: 'net',
          clauses: [
            {
              id: 'all',
              shares: [
                { to: 'producer', share: '25%' },
                { to: 'circuit', share: '7%' },
                { to: 'cinema', share: '50%' },
                { to: 'distributor', share: '8.5%' },
                { to: 'digital', share: '8.5%' },
              ],
            },
          ],
        },
      ],
    };
    expect(() => settled(terms(imported), [fact(100n)])).toThrow(
      /incomplete_shares.*"missing":"1%"/,
    );
    const declared = { splits: [{ ...imported.splits[0]!, total: '99%' }] };
    const sums = byParty(settled(terms(declared), [fact(1_000_000n)]));
    expect(sums['undistributed']).toBe(9174n);
    expect(domestic()['parties']).toBe(PARTIES);
  });
});
