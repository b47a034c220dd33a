import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, formatRatio, ratio, sumFen } from '@yinglian/core';
import {
  checkDerivation,
  checkTerms,
  type Income,
  parseTerms,
  renderedText,
  renderTerms,
  settleWaterfall,
  type WaterfallContext,
  type WaterfallFacts,
  type WaterfallSettlement,
  type WaterfallTerms,
} from '../src/index.ts';
import { codesOf, fixture, PARTIES, taken } from './support.ts';

const INVESTORS = ['investor_a', 'investor_b', 'guarantor', 'talent'].map((id) => ({
  id,
  role: 'investor',
  name: { zh: id, en: id },
  account: `account/${id}`,
}));

function waterfall(steps: object[], changes: object = {}): WaterfallTerms {
  const terms = taken(
    parseTerms({
      format: 'yinglian-terms/1',
      kind: 'waterfall',
      id: 'waterfall',
      version: '1',
      effective: { from: '2026-01-01' },
      recordedOn: '2026-01-01',
      title: { zh: '瀑布', en: 'Waterfall' },
      parties: [...PARTIES, ...INVESTORS],
      films: ['film', 'second'],
      steps,
      ...changes,
    }),
  );
  if (terms.kind !== 'waterfall') throw new Error('kind');
  return terms;
}

const yuan = (amount: number) => BigInt(amount) * 100n;
let serial = 0;
const income = (amount: number, changes: Partial<Income> = {}): Income => ({
  id: `i${String(++serial).padStart(4, '0')}`,
  date: '2026-03-01',
  source: 'theatrical',
  film: 'film',
  amountFen: yuan(amount),
  ...changes,
});
const PERIOD: WaterfallContext = { period: { from: '2026-01-01', to: '2026-12-31' } };

function run(
  terms: WaterfallTerms,
  incomes: readonly Income[],
  rest: { expenses?: WaterfallFacts['expenses']; context?: Partial<WaterfallContext> } = {},
): WaterfallSettlement {
  return taken(
    settleWaterfall(
      terms,
      { incomes, expenses: rest.expenses ?? [] },
      { ...PERIOD, ...rest.context },
    ),
  );
}

const due = (settlement: WaterfallSettlement) => {
  const sums: Record<string, number> = {};
  for (const line of settlement.lines) {
    sums[line.party] = (sums[line.party] ?? 0) + Number(line.fen) / 100;
  }
  return sums;
};

const REST = { id: 'rest', kind: 'split', shares: [{ to: 'producer', share: '100%' }] };

describe('waterfall', () => {
  it('[SW1] fee, expenses with a cap, guarantee, overage: the published example', () => {
    const text = fixture('settle/waterfall/literature.json');
    if (text === undefined) return;
    type Case = {
      id: string;
      inputs: { theatrical: number; commission: string; expenses: number; mg: number };
      expect: Record<string, number>;
    };
    const each = (JSON.parse(text) as Case[]).find((one) => one.id === 'lit-ufo-mg')!;
    const terms = waterfall([
      { id: 'commission', kind: 'fee', to: 'distributor', rate: each.inputs.commission },
      { id: 'expenses', kind: 'recoup', takers: [{ to: 'distributor', expenses: ['p_and_a'] }] },
      { id: 'mg', kind: 'recoup', takers: [{ to: 'distributor', amount: String(each.inputs.mg) }] },
      REST,
    ]);
    const expenses = [
      { id: 'e', date: '2026-02-01', account: 'p_and_a', amountFen: yuan(each.inputs.expenses) },
    ];
    const settlement = run(terms, [income(each.inputs.theatrical)], { expenses });
    expect(due(settlement)).toEqual({
      distributor: each.expect['distributor'],
      producer: each.expect['overage_to_producer'],
    });
    const capped = waterfall([
      {
        id: 'expenses',
        kind: 'recoup',
        takers: [{ to: 'distributor', expenses: ['p_and_a'], cap: '1500' }],
      },
      REST,
    ]);
    expect(due(run(capped, [income(10_000)], { expenses }))).toEqual({
      distributor: 1500,
      producer: 8500,
    });
    const short = run(capped, [income(1000)], { expenses });
    expect(
      short.positions.map((each) => [
        each.party,
        formatRatio(each.recouped),
        formatRatio(each.outstanding),
      ]),
    ).toEqual([['distributor', '100000', '50000']]);
  });

  it('[SW2] the open film-waterfall engine’s cases', () => {
    const text = fixture('settle/waterfall/blockframes.json');
    if (text === undefined) return;
    type Case = { id: string; incomes: { amount: string }[]; expect: Record<string, string> };
    const cases = new Map((JSON.parse(text) as Case[]).map((each) => [each.id, each]));
    const revenue = (id: string, name: string) => Number(cases.get(id)!.expect[name]);
    const amount = (id: string) => Number(cases.get(id)!.incomes[0]!.amount);
    const half = (id: string, to: string) => ({
      id,
      kind: 'fee',
      to,
      rate: '50%',
      of: 'remaining',
    });
    const one = due(
      run(waterfall([half('seller', 'distributor'), REST]), [income(amount('bf-orgRevenue'))]),
    );
    expect(one['distributor']).toBe(revenue('bf-orgRevenue', 'orgs.seller.revenue'));
    const chain = waterfall([half('seller_1', 'distributor'), half('seller_2', 'digital'), REST]);
    const two = due(run(chain, [income(amount('bf-pool-regular'))]));
    expect([two['distributor'], two['digital']]).toEqual([
      revenue('bf-pool-regular', 'rights.seller-1.revenue'),
      revenue('bf-pool-regular', 'rights.seller-2.revenue'),
    ]);
    const group = waterfall([
      {
        id: 'group',
        kind: 'split',
        shares: [
          { to: 'distributor', share: '50%' },
          { to: 'digital', share: '25%' },
        ],
      },
    ]);
    const three = due(run(group, [income(amount('bf-pool-horizontal'))]));
    expect(three['distributor']! + three['digital']!).toBe(
      revenue('bf-pool-horizontal', 'pools.seller-1-2.revenue'),
    );
    expect(three['undistributed']).toBe(2500);
    const author = waterfall([
      { id: 'author', kind: 'fee', to: 'talent', rate: '1%', after: '10000' },
      REST,
    ]);
    const id = 'bf-shadow-threshold';
    expect(due(run(author, [income(amount(id))]))['talent']).toBe(
      revenue(id, 'pools.pool-a.revenue'),
    );
  });

  it('[SW3] the guarantee of 西游降魔篇: 88m for a gross of 300m, shared above', () => {
    const terms = waterfall(
      [
        {
          id: 'guaranteed',
          kind: 'split',
          shares: [{ to: 'guarantor', share: '100%' }],
          until: { measure: 'gross', amount: '300000000' },
        },
        {
          id: 'above',
          kind: 'split',
          shares: [
            { to: 'guarantor', share: '70%' },
            { to: 'producer', share: '30%' },
          ],
        },
      ],
      {
        obligations: [
          {
            id: 'guarantee',
            from: 'guarantor',
            to: 'producer',
            amount: '88000000',
            dueOn: '2026-02-10',
          },
        ],
      },
    );
    // A producer side of 40 % of gross, in figures that divide: 200m, then 400m, then 600m.
    const weeks = [200, 400, 600].map((millions, i) =>
      income(millions * 400_000, {
        date: addDays('2026-02-10', 7 * i),
        grossFen: yuan(millions * 1_000_000),
      }),
    );
    const below = run(terms, weeks.slice(0, 1));
    expect(due(below)).toEqual({ guarantor: 80_000_000 });
    expect(below.obligations).toEqual([
      {
        id: 'guarantee',
        from: 'guarantor',
        to: 'producer',
        fen: yuan(88_000_000),
        dueInPeriod: true,
      },
    ]);
    // Of the second income a quarter lies below 300m of gross; everything above is shared 70 : 30.
    const above = (160 * 0.75 + 240) * 1_000_000;
    expect(due(run(terms, weeks))).toEqual({
      guarantor: 480_000_000 - above * 0.3,
      producer: above * 0.3,
    });
    expect(run(terms, weeks).obligations[0]!.fen).toBe(yuan(88_000_000));
  });

  it('[SW4] investors pari passu and ranked, with premium and corridor', () => {
    const takers = [
      { to: 'investor_a', amount: '3000', premium: '120%' },
      { to: 'investor_b', amount: '2400' },
    ];
    const pari = waterfall([{ id: 'equity', kind: 'recoup', takers }, REST]);
    expect(due(run(pari, [income(3000)]))).toEqual({ investor_a: 1800, investor_b: 1200 });
    expect(due(run(pari, [income(3000), income(4000)]))).toEqual({
      investor_a: 3600,
      investor_b: 2400,
      producer: 1000,
    });
    const ranked = waterfall([{ id: 'equity', kind: 'recoup', takers, between: 'ranked' }, REST]);
    expect(due(run(ranked, [income(4000)]))).toEqual({ investor_a: 3600, investor_b: 400 });
    const corridor = waterfall([{ id: 'equity', kind: 'recoup', takers, corridor: '50%' }, REST]);
    expect(due(run(corridor, [income(4000)]))).toEqual({
      investor_a: 1200,
      investor_b: 800,
      producer: 2000,
    });
  });

  it('[SW5] interest, simple and compound, is recouped before principal', () => {
    const loan = (method: string) =>
      waterfall([
        {
          id: 'loan',
          kind: 'recoup',
          takers: [
            {
              to: 'investor_a',
              amount: '36500',
              paidOn: '2026-01-01',
              interest: { rate: '10%', method },
            },
          ],
        },
        REST,
      ]);
    const hundredDays = [income(500, { date: '2026-04-11' })];
    const settlement = run(loan('simple'), hundredDays, {
      context: { period: { from: '2026-01-01', to: '2026-04-11' } },
    });
    // 100 days at 10 yuan a day: 500 paid leave 500 of interest and the whole principal.
    expect(formatRatio(settlement.positions[0]!.outstanding)).toBe(String(yuan(36_500 + 500)));
    const later = { context: { period: { from: '2026-01-01', to: '2028-01-01' } } };
    const simple = run(loan('simple'), [], later).positions[0]!.outstanding;
    expect(formatRatio(simple)).toBe(String(yuan(36_500 + 7_300)));
    const compound = run(loan('compound'), [], later).positions[0]!.outstanding;
    expect(formatRatio(compound)).toBe(String((yuan(36_500) * 121n) / 100n));
  });

  it('[SW6] cross-collateral, bonus at a threshold, amount per ticket, deferral', () => {
    const terms = waterfall([
      { id: 'tickets', kind: 'per_ticket', to: 'talent', amount: '0.10' },
      { id: 'advance', kind: 'recoup', takers: [{ to: 'distributor', amount: '1000' }] },
      { id: 'deferral', kind: 'recoup', takers: [{ to: 'talent', amount: '200' }] },
      {
        id: 'bonus',
        kind: 'recoup',
        when: { reached: { book: 'fund_office', measure: 'gross', amount: '1000000' } },
        takers: [{ to: 'digital', amount: '50' }],
      },
      REST,
    ]);
    const books = { fund_office: [{ date: '2026-03-05', grossFen: yuan(1_000_000) }] };
    const early = [
      income(800, { film: 'second', admissions: 100 }),
      income(700, { date: '2026-03-02' }),
    ];
    expect(due(run(terms, early, { context: { books } }))).toEqual({
      talent: 210,
      distributor: 1000,
      producer: 290,
    });
    const after = [...early, income(100, { date: '2026-03-06' })];
    expect(due(run(terms, after, { context: { books } }))).toEqual({
      talent: 210,
      distributor: 1000,
      producer: 340,
      digital: 50,
    });
  });

  it('[SW7] a reserve is held and released on its day to the steps below', () => {
    const terms = waterfall([
      { id: 'reserve', kind: 'reserve', rate: '10%', releaseOn: '2026-06-01' },
      { id: 'mg', kind: 'recoup', takers: [{ to: 'distributor', amount: '950' }] },
      REST,
    ]);
    const facts = [income(1000, { date: '2026-03-01' })];
    const march = run(terms, facts, {
      context: { period: { from: '2026-03-01', to: '2026-03-31' } },
    });
    expect(due(march)).toEqual({ held: 100, distributor: 900 });
    const june = run(terms, facts, {
      context: { period: { from: '2026-06-01', to: '2026-06-30' } },
    });
    expect(due(june)).toEqual({ held: -100, distributor: 50, producer: 50 });
  });

  it('[SW8] withholding, threshold with carry-forward, foreign currency by a named source', () => {
    const terms = waterfall([REST], {
      withholding: [{ id: 'wht', party: 'producer', to: 'tax_office', rate: '10%' }],
      payment: { threshold: '1000' },
      currencies: [{ currency: 'USD', rateSource: 'central_parity' }],
    });
    const rates = {
      central_parity: [{ date: '2026-03-01', currency: 'USD', rate: ratio(71234n, 10_000n) }],
    };
    const small = run(terms, [income(100)]);
    const account = (settlement: WaterfallSettlement) =>
      settlement.accounts.find((each) => each.party === 'producer')!;
    expect(account(small)).toMatchObject({
      dueToDateFen: 10_000n,
      withheldToDateFen: 1_000n,
      payableFen: 0n,
      carriedForwardFen: 9_000n,
    });
    const dollars = run(terms, [income(1000, { currency: 'USD' })], {
      context: { rates, paid: { producer: 100n } },
    });
    expect(account(dollars)).toMatchObject({
      dueToDateFen: 712_340n,
      payableFen: 641_106n - 100n,
      carriedForwardFen: 0n,
    });
    const rule = { currency: 'USD', rateSource: 'central_parity', lastWithinDays: '3' };
    const last = waterfall([REST], { currencies: [rule] });
    const dated = (date: string) =>
      settleWaterfall(
        last,
        { incomes: [income(1000, { currency: 'USD', date })], expenses: [] },
        { period: { from: '2026-03-01', to: '2026-03-31' }, rates },
      );
    expect(taken(dated('2026-03-04')).lines[0]!.fen).toBe(712_340n);
    expect(codesOf(dated('2026-03-05').findings)).toContain('missing_rate');
    expect(renderedText(renderTerms(last, 'en'))).toContain('the last of the 3 days before');
    const missing = settleWaterfall(
      terms,
      { incomes: [income(1, { currency: 'EUR' })], expenses: [] },
      PERIOD,
    );
    expect(codesOf(missing.findings)).toEqual(['missing_rate']);
  });

  it('[SW9] a reversal gives back what was given out last', () => {
    const terms = waterfall([
      { id: 'mg', kind: 'recoup', takers: [{ to: 'distributor', amount: '600' }] },
      REST,
    ]);
    const facts = [
      income(500),
      income(500, { date: '2026-03-02' }),
      income(-300, { date: '2026-04-05' }),
    ];
    const april = run(terms, facts, {
      context: { period: { from: '2026-04-01', to: '2026-04-30' } },
    });
    expect(due(april)).toEqual({ distributor: 0, producer: -300 });
    const sameDay = [income(-100, { id: 'a' }), income(400, { id: 'b' })];
    expect(due(run(terms, sameDay))).toEqual({ distributor: 300 });
    const more = settleWaterfall(terms, { incomes: [income(-1)], expenses: [] }, PERIOD);
    expect(codesOf(more.findings)).toEqual(['excessive_reversal']);
  });

  it('[SW10] static checks', () => {
    const found = (steps: object[], changes: object = {}) =>
      codesOf(checkTerms(waterfall(steps, changes)));
    expect(found([REST])).toEqual([]);
    expect(found([REST, { ...REST, id: 'late' }])).toContain('unreachable_step');
    expect(found([{ ...REST, shares: [{ to: 'nobody', share: '100%' }] }])).toContain(
      'unknown_party',
    );
    expect(found([{ ...REST, shares: [{ to: 'producer', share: '110%' }] }])).toContain(
      'excessive_shares',
    );
    expect(found([{ id: 'f', kind: 'fee', to: 'producer', rate: '5%' }])).toContain(
      'incomplete_waterfall',
    );
    const twice = ['a', 'b'].map((id) => ({
      id,
      kind: 'recoup',
      takers: [{ to: 'producer', expenses: ['p_and_a'] }],
    }));
    expect(found([...twice, REST])).toContain('circular_recoupment');
    expect(found([{ id: 'a', kind: 'recoup', takers: [{ to: 'producer' }] }, REST])).toContain(
      'empty_target',
    );
    const until = { measure: 'paid', of: 'digital', amount: '5' };
    expect(
      found([
        { ...REST, until },
        { ...REST, id: 'next' },
      ]),
    ).toContain('unreachable_threshold');
    expect(
      found([REST], { withholding: [{ id: 'w', party: 'x', to: 'tax_office', rate: '1%' }] }),
    ).toContain('unknown_party');
  });

  const steps = fc.record({
    fee: fc.integer({ min: 0, max: 3000 }),
    cap: fc.integer({ min: 0, max: 900 }),
    mg: fc.integer({ min: 0, max: 3000 }),
    corridor: fc.integer({ min: 1, max: 10_000 }),
    a: fc.integer({ min: 1, max: 2000 }),
    b: fc.integer({ min: 1, max: 2000 }),
    until: fc.integer({ min: 1, max: 3000 }),
    share: fc.integer({ min: 1, max: 9999 }),
    between: fc.constantFrom('pari_passu', 'ranked'),
  });
  const random = steps.map((each) =>
    waterfall([
      {
        id: 'fee',
        kind: 'fee',
        to: 'distributor',
        rate: `${each.fee}/10000`,
        cap: String(each.cap),
      },
      {
        id: 'mg',
        kind: 'recoup',
        corridor: `${each.corridor}/10000`,
        takers: [{ to: 'guarantor', amount: String(each.mg) }],
      },
      {
        id: 'equity',
        kind: 'recoup',
        between: each.between,
        takers: [
          { to: 'investor_a', amount: String(each.a) },
          { to: 'investor_b', amount: String(each.b) },
        ],
      },
      {
        id: 'first',
        kind: 'split',
        until: { measure: 'paid', of: 'producer', amount: String(each.until) },
        shares: [
          { to: 'producer', share: `${each.share}/10000` },
          { to: 'talent', share: `${10_000 - each.share}/10000` },
        ],
      },
      {
        id: 'last',
        kind: 'split',
        shares: [
          { to: 'producer', share: '50%' },
          { to: 'talent', share: '50%' },
        ],
      },
    ]),
  );
  const amounts = fc.array(
    fc.record({ fen: fc.integer({ min: 1, max: 300_000 }), day: fc.nat({ max: 60 }) }),
    { maxLength: 12 },
  );
  const incomesOf = (list: { fen: number; day: number }[]) =>
    list.map(({ fen, day }, i): Income => ({
      id: `r${String(i).padStart(3, '0')}`,
      source: 'theatrical',
      film: 'film',
      amountFen: BigInt(fen),
      date: addDays('2026-02-01', day),
    }));

  it('[SW11] what is given out is what came in, every derivation holds, months add up', () => {
    fc.assert(
      fc.property(random, amounts, (terms, list) => {
        const incomes = incomesOf(list);
        const settlement = run(terms, incomes);
        expect(sumFen(settlement.lines.map((line) => line.fen))).toBe(
          sumFen(incomes.map((each) => each.amountFen)),
        );
        for (const line of settlement.lines) expect(checkDerivation(line.derivation)).toEqual([]);
        const months = [
          ['2026-02-01', '2026-02-28'],
          ['2026-03-01', '2026-03-31'],
          ['2026-04-01', '2026-12-31'],
        ] as const;
        const sums = new Map<string, bigint>();
        for (const [from, to] of months) {
          for (const line of run(terms, incomes, { context: { period: { from, to } } }).lines) {
            sums.set(line.id, (sums.get(line.id) ?? 0n) + line.fen);
          }
        }
        for (const line of settlement.lines) expect(sums.get(line.id)).toBe(line.fen);
      }),
      { numRuns: 100 },
    );
  });

  it('[SW12] cutting an income in two changes nothing, nor does the order of the list', () => {
    fc.assert(
      fc.property(random, amounts, fc.nat({ max: 100 }), (terms, list, part) => {
        const incomes = incomesOf(list);
        const cut = incomes.flatMap((each) => {
          const amountFen = (each.amountFen * BigInt(part)) / 100n;
          return [
            { ...each, id: `${each.id}a`, amountFen },
            { ...each, id: `${each.id}b`, amountFen: each.amountFen - amountFen },
          ];
        });
        const lines = (some: readonly Income[]) =>
          run(terms, some).lines.map((line) => [line.id, line.fen]);
        expect(lines(cut)).toEqual(lines(incomes));
        expect(lines([...incomes].reverse())).toEqual(lines(incomes));
      }),
      { numRuns: 100 },
    );
  });
});
