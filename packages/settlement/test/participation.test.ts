import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumFen } from '@yinglian/core';
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
  type WaterfallTerms,
} from '../src/index.ts';
import { codesOf, PARTIES, taken } from './support.ts';

const NET = {
  id: 'producers_net',
  name: { zh: '制片方净收益', en: 'Producer’s net' },
  rates: [{ id: 'overhead', rate: '10%' }],
  less: ['commission'],
  costs: { amount: '1000', expenses: ['p_and_a'] },
};
const STEPS = [
  { id: 'commission', kind: 'fee', to: 'distributor', rate: '15%' },
  { id: 'writer', kind: 'participation', to: 'talent', rate: '5%', of: 'producers_net' },
  { id: 'rest', kind: 'split', shares: [{ to: 'producer', share: '100%' }] },
];

function termsOf(steps: readonly object[], changes: object = {}): WaterfallTerms {
  const talent = { id: 'talent', role: 'talent', name: { zh: '编剧', en: 'Writer' }, account: 'a' };
  const terms = taken(
    parseTerms({
      format: 'yinglian-terms/1',
      kind: 'waterfall',
      id: 'waterfall',
      version: '1',
      effective: { from: '2026-01-01' },
      recordedOn: '2026-01-01',
      title: { zh: '瀑布', en: 'Waterfall' },
      parties: [...PARTIES, talent],
      films: ['film'],
      steps,
      nets: [NET],
      ...changes,
    }),
  );
  if (terms.kind !== 'waterfall') throw new Error('kind');
  return terms;
}

const yuan = (amount: number) => BigInt(amount) * 100n;
const income = (id: string, amount: number, date = '2026-03-01'): Income => ({
  id,
  date,
  source: 'theatrical',
  film: 'film',
  amountFen: yuan(amount),
});

function settled(
  terms: WaterfallTerms,
  incomes: readonly Income[],
  expenses: WaterfallFacts['expenses'] = [],
  context: Partial<WaterfallContext> = {},
) {
  const period = { from: '2026-01-01', to: '2026-12-31' };
  return taken(settleWaterfall(terms, { incomes, expenses }, { period, ...context }));
}
const due = (lines: readonly { readonly step: string; readonly fen: bigint }[], step: string) =>
  sumFen(lines.filter((each) => each.step === step).map((each) => each.fen));

describe('participations on a defined net, and flat sums', () => {
  it('[SW13] a net deducts parts, what steps took, and costs, whoever gets them', () => {
    const terms = termsOf(STEPS);
    // 2000 − 10 % − 15 % = 1500, less 1000 and 300 of costs: 200 net, of which 5 %.
    const spent = [{ id: 'e', date: '2026-02-01', account: 'p_and_a', amountFen: yuan(300) }];
    const first = settled(terms, [income('a', 2000)], spent);
    expect(due(first.lines, 'writer')).toBe(yuan(10));
    // The costs are borne: of 1000 more, 750 are net.
    const second = settled(terms, [income('a', 2000), income('b', 1000, '2026-04-01')], spent);
    expect(due(second.lines, 'writer')).toBe(4750n);
    for (const { derivation } of second.lines) expect(checkDerivation(derivation)).toEqual([]);
    // Costs do not come out of what others get: what is left goes to the producer.
    expect(due(second.lines, 'rest')).toBe(yuan(3000) - yuan(450) - 4750n);
  });

  it('[SW13] what an income cannot bear is paid by the next, up to the cap', () => {
    const all = { id: 'all', kind: 'split', when: { sources: ['x'] } };
    const steps = [
      { ...all, shares: [{ to: 'producer', share: '100%' }] },
      { id: 'writer', kind: 'participation', to: 'talent', rate: '5%', of: 'whole', cap: '60' },
      { id: 'rest', kind: 'split', shares: [{ to: 'producer', share: '100%' }] },
    ];
    const nets = [{ id: 'whole', name: NET.name }];
    const terms = termsOf(steps, { nets });
    const dry = { ...income('a', 1000), source: 'x' };
    expect(due(settled(terms, [dry]).lines, 'writer')).toBe(0n);
    const more = [dry, income('b', 20, '2026-03-02'), income('c', 100, '2026-03-03')];
    const { lines } = settled(terms, more);
    // 5 % of 1120 are 56: twenty from b, the rest from c.
    expect(due(lines, 'writer')).toBe(yuan(56));
    const capped = settled(terms, [...more, income('d', 1000, '2026-03-04')]);
    expect(due(capped.lines, 'writer')).toBe(yuan(60));
  });

  it('[SW13] what a reserve gives back is no second income', () => {
    const reserve = { id: 'hold', kind: 'reserve', rate: '50%', releaseOn: '2026-06-01' };
    const nets = [{ ...NET, costs: undefined, rates: undefined, less: ['hold'] }];
    const held = termsOf([STEPS[0]!, reserve, ...STEPS.slice(1)], { nets });
    const before = { period: { from: '2026-01-01', to: '2026-05-31' } };
    // 1000 less the 425 held are 575 net; all of it once the reserve is released.
    const early = settled(held, [income('a', 1000)], [], before);
    expect(due(early.lines, 'writer')).toBe(2875n);
    expect(due(settled(held, [income('a', 1000)]).lines, 'writer')).toBe(yuan(50));
  });

  it('[SW14] flat sums are paid once, or each time a figure is reached again', () => {
    const per = { book: 'fund', measure: 'gross', every: '1000', most: '3' };
    const steps = [
      { id: 'once', kind: 'flat', to: 'distributor', amount: '30' },
      { id: 'bonus', kind: 'flat', to: 'talent', amount: '50', per },
      STEPS[2]!,
    ];
    const terms = termsOf(steps, { nets: undefined });
    const book = (...grosses: readonly [string, number][]) => ({
      books: { fund: grosses.map(([date, gross]) => ({ date, grossFen: yuan(gross) })) },
    });
    const twice = [income('a', 100), income('b', 200, '2026-04-01')];
    const paid = (...grosses: readonly [string, number][]) => {
      const { lines } = settled(terms, twice, [], book(...grosses));
      return [due(lines, 'once'), due(lines, 'bonus')];
    };
    expect(paid(['2026-02-01', 999])).toEqual([yuan(30), 0n]);
    expect(paid(['2026-02-01', 1000], ['2026-03-15', 1500])).toEqual([yuan(30), yuan(100)]);
    // Two bonuses at once want a hundred, of which the first income bears seventy.
    expect(paid(['2026-02-01', 9000])).toEqual([yuan(30), yuan(150)]);
    const missing = settleWaterfall(
      terms,
      { incomes: twice, expenses: [] },
      { period: { from: '2026-01-01', to: '2026-12-31' } },
    );
    expect(codesOf(missing.findings)).toEqual(['missing_book']);
  });

  it('[SW13] is found faulty before use', () => {
    const found = (steps: readonly object[], nets: readonly object[]) =>
      checkTerms(termsOf(steps, { nets }))
        .filter((each) => each.severity === 'error')
        .map((each) => each.code);
    expect(found(STEPS, [NET])).toEqual([]);
    expect(found(STEPS, [{ ...NET, id: 'other' }])).toEqual(['unknown_amount']);
    expect(found(STEPS, [{ ...NET, less: ['rest'] }])).toEqual(['unordered_net']);
    expect(found(STEPS, [{ ...NET, less: ['nobody'] }])).toEqual(['unknown_amount']);
    expect(found(STEPS, [NET, NET])).toEqual(['duplicate_clause']);
    expect(found(STEPS, [{ ...NET, costs: {} }])).toEqual(['empty_target']);
    const per = { book: 'fund', measure: 'admissions', every: '0' };
    const flat = { id: 'bonus', kind: 'flat', to: 'talent', amount: '50', per };
    expect(found([flat, ...STEPS], [NET])).toEqual(['invalid_threshold']);
  });

  it('[ST26] is said in both languages, with an example', () => {
    const per = { book: 'fund', measure: 'gross', every: '100000000', most: '3' };
    const flat = { id: 'bonus', kind: 'flat', to: 'talent', amount: '50', per };
    const terms = termsOf([STEPS[0]!, STEPS[1]!, flat, STEPS[2]!]);
    const chinese = renderedText(renderTerms(terms, 'zh-CN'));
    expect(chinese).toContain('编剧得“制片方净收益”累计的 5%');
    expect(chinese).toContain('减去其 10%（overhead）');
    expect(chinese).toContain('“fund”的票房（元）累计每满 100000000，编剧得 50 元');
    const english = renderedText(renderTerms(terms, 'en'));
    expect(english).toContain('Writer gets 5% of “Producer’s net” to date');
    expect(english).toContain('No more than 3 times.');
    expect(english).not.toMatch(/undefined|\{/);
  });

  it('[SW12] cutting an income in two changes nothing', () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 99 }), (list, part) => {
        const terms = termsOf(STEPS);
        const incomes = list.map((each, i) => income(`i${i}`, each, `2026-03-0${i + 1}`));
        const cut = incomes.flatMap((each) => {
          const amountFen = (each.amountFen * BigInt(part)) / 100n;
          return [
            { ...each, id: `${each.id}a`, amountFen },
            { ...each, id: `${each.id}b`, amountFen: each.amountFen - amountFen },
          ];
        });
        const told = (some: readonly Income[]) =>
          settled(terms, some).lines.map((line) => [line.id, line.fen]);
        expect(told(cut)).toEqual(told(incomes));
        const { lines } = settled(terms, incomes);
        expect(sumFen(lines.map((line) => line.fen))).toBe(
          sumFen(incomes.map((each) => each.amountFen)),
        );
      }),
      { numRuns: 60 },
    );
  });
});
