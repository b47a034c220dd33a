import { describe, expect, it } from 'vitest';
import {
  parseTerms,
  parseTermsText,
  PHRASES,
  renderedText,
  renderTerms,
  termsJsonSchema,
} from '../src/index.ts';
import { codesOf, domestic, PARTIES, taken, terms } from './support.ts';

const rich = () =>
  terms({
    base: {
      cityClasses: { a: ['4301', '1100'] },
      topUpBy: 'promoter',
      excludedTicketTypes: ['充值'],
      standards: [{ id: 'a', cityClass: 'a', minimum: '35.00', versions: ['2D'] }],
    },
    vat: {
      to: 'tax_office',
      methods: [
        { id: 'exempt', from: '2020-01-01', to: '2020-12-31', method: 'exempt' },
        {
          id: 'small',
          taxpayer: 'small_scale',
          method: 'small_scale',
          rate: '1%',
          surcharge: '6%',
        },
        { id: 'all', method: 'extracted', rate: '3%', surcharge: '12%' },
      ],
    },
    splits: [
      {
        id: 'main',
        of: 'net',
        clauses: [
          {
            id: 'owned',
            when: { equipment: 'owned' },
            shares: [
              { to: 'cinema', share: 'rest' },
              { to: 'circuit', share: '7%' },
              {
                to: 'distributor',
                ladder: {
                  mode: 'switch_next_day',
                  measure: 'gross',
                  book: 'fund_office',
                  tiers: [
                    { above: '0', share: '43%' },
                    { above: '300000000', share: '45%' },
                  ],
                },
              },
            ],
          },
          {
            id: 'leased',
            when: { equipment: 'leased', provinces: ['42'] },
            shares: [
              { to: 'digital', share: '1%', cap: '2000000' },
              { to: 'producer', perTicket: '0.10' },
              { to: 'distributor', share: '42%' },
              { to: 'cinema', share: 'rest' },
            ],
          },
        ],
      },
    ],
  });

describe('plain language', () => {
  it('[ST26] says every clause in both languages, with examples computed live', () => {
    const zh = renderedText(renderTerms(rich(), 'zh-CN'));
    expect(zh).toContain('【main:owned】设备自购：');
    expect(zh).toContain('起始 43%、300000000 达到后 45%');
    expect(zh).toContain('全片封顶 2000000 元');
    expect(zh).toContain('含税票房内含 3% 的增值税，另加附加 12%，即票房 × 84/2575');
    expect(zh).toContain('净票房：10,000.00 − 500.00 − 326.21359223… = 9,173.78640776… 元');
    expect(zh).toContain('distributor：9,173.78640776… × 43/100 = 3,944.72815533… → 3,944.73 元');
    const en = renderedText(renderTerms(rich(), 'en'));
    expect(en).toContain('[main:leased] leased equipment, provinces 42:');
    expect(en).toContain('producer gets 0.10 yuan per admission;');
    expect(en).toContain('250 × 0.10 = 25.00 → 25.00 yuan');
    for (const text of [zh, en]) expect(text).not.toMatch(/[{}]|undefined/);
  });

  const base = {
    format: 'yinglian-terms/1',
    version: '1',
    effective: { from: '2026-01-01' },
    recordedOn: '2026-01-01',
    title: { zh: '条款', en: 'Terms' },
    parties: PARTIES,
  };
  const OTHERS: [object, string, string][] = [
    [
      {
        ...base,
        kind: 'waterfall',
        id: 'w',
        films: ['a', 'b'],
        steps: [
          {
            id: 'fee',
            kind: 'fee',
            to: 'distributor',
            rate: '15%',
            cap: '5000',
            after: '100',
            when: { sources: ['theatrical'] },
          },
          { id: 'tickets', kind: 'per_ticket', to: 'producer', amount: '0.10' },
          {
            id: 'mg',
            kind: 'recoup',
            corridor: '50%',
            between: 'ranked',
            takers: [
              {
                to: 'distributor',
                amount: '88000000',
                premium: '110%',
                interest: { rate: '8%', method: 'compound' },
              },
              { to: 'producer', expenses: ['p_and_a'], cap: '100' },
            ],
          },
          { id: 'hold', kind: 'reserve', rate: '10%', releaseOn: '2026-06-01' },
          {
            id: 'first',
            kind: 'split',
            until: { measure: 'paid', of: 'producer', amount: '100' },
            shares: [{ to: 'producer', share: '100%' }],
            when: { reached: { book: 'fund_office', measure: 'gross', amount: '300000000' } },
          },
          {
            id: 'last',
            kind: 'split',
            shares: [
              { to: 'producer', share: '60%' },
              { to: 'distributor', share: '40%' },
            ],
          },
        ],
        obligations: [
          { id: 'g', from: 'distributor', to: 'producer', amount: '88000000', dueOn: '2026-02-10' },
        ],
        withholding: [{ id: 'x', party: 'producer', to: 'tax_office', rate: '10%' }],
        currencies: [{ currency: 'USD', rateSource: 'central_parity' }],
      },
      'distributor回收：88000000 元、按 110% 回收、另计复利年 8%。',
      'Until producer has received 100 yuan',
    ],
    [
      {
        ...base,
        kind: 'rental',
        id: 'r',
        exhibitor: 'cinema',
        distributor: 'distributor',
        start: '2026-03-06',
        tax: '3%',
        film: {
          title: { zh: '片', en: 'film' },
          versions: [{ code: '001100012026', label: '2D' }],
        },
        clauses: [
          {
            id: 'a',
            method: { kind: 'higher_of', weeks: ['70%', '60%'], over: '90%', allowance: '5000' },
            minimum: '100',
          },
          { id: 'b', versions: ['2D'], method: { kind: 'floating', weeks: ['70%'] } },
          { id: 'c', cinemas: ['1'], method: { kind: 'flat_week', amount: '5' } },
          {
            id: 'd',
            circuits: ['x'],
            method: {
              kind: 'national_scale',
              book: 'national',
              tiers: [{ above: '0', rate: '45%' }],
            },
          },
          {
            id: 'e',
            cinemas: ['2'],
            method: { kind: 'over_allowance', over: '90%', allowance: '1' },
          },
          { id: 'f', cinemas: ['3'], method: { kind: 'flat_screening', amount: '1' } },
        ],
      },
      '取高：超出场地费 5000 元部分的 90%，或逐周比例 70%、60%。',
      'Floating 70%: the highest week',
    ],
    [
      {
        ...base,
        kind: 'streaming',
        id: 's',
        platform: 'digital',
        licensor: 'producer',
        release: '2026-02-01',
        windowDays: '180',
        cap: '9',
        components: [
          {
            component: {
              kind: 'income',
              id: 'n',
              incomes: ['member'],
              mode: 'marginal',
              tiers: [{ above: '0', share: '80%' }],
            },
            coefficient: '1.2',
          },
          {
            component: {
              kind: 'hours',
              id: 'h',
              mode: 'whole',
              tiers: [{ above: '0', price: '1' }],
            },
          },
          { component: { kind: 'views', id: 'v', price: '24' }, from: '2026-02-01' },
        ],
      },
      '自 2026-02-01 上线起 180 日内分账。',
      'By net income (member): above 0: 80%',
    ],
  ];
  it('[ST26] says waterfalls, rentals and streaming shares too', () => {
    for (const [data, zh, en] of OTHERS) {
      const used = taken(parseTerms(data));
      const texts = (['zh-CN', 'en'] as const).map((locale) =>
        renderedText(renderTerms(used, locale)),
      );
      expect(texts[0]).toContain(zh);
      expect(texts[1]).toContain(en);
      for (const text of texts) expect(text).not.toMatch(/[{}]|undefined/);
      expect(texts[0]).toContain('算例');
      expect(texts[1]).toMatch(/Worked example/);
    }
  });

  it('[ST26] has every phrase in both languages with the same places', () => {
    const places = (text: string) =>
      [...text.matchAll(/\{[a-z_]+\}/g)].map((match) => match[0]).sort();
    for (const [name, phrase] of Object.entries(PHRASES)) {
      expect(places(phrase['zh-CN']), name).toEqual(places(phrase.en));
    }
  });
});

describe('the language', () => {
  it('[ST27] reads YAML and JSON to the digit and refuses what it does not know', () => {
    const yaml = JSON.stringify(domestic()).replace('"5%"', '0.050');
    const read = taken(parseTermsText(yaml));
    expect(read.kind === 'theatrical' && read.fund!.rates[0]!.rate).toBe('0.050');
    expect(parseTerms(domestic({ version: 3 }))).toMatchObject({
      ok: true,
      value: { version: '3' },
    });
    expect(codesOf(parseTerms(domestic({ surprise: 'x' })).findings)).toEqual(['unexpected_key']);
    expect(
      codesOf(
        parseTerms(domestic({ fund: { to: 'x', rates: [{ id: 'a', rate: '5,0%' }] } })).findings,
      ),
    ).toEqual(['invalid_terms']);
    const both = domestic({
      splits: [
        {
          id: 'm',
          of: 'net',
          clauses: [{ id: 'a', shares: [{ to: 'cinema', share: '1', perTicket: '1' }] }],
        },
      ],
    });
    expect(parseTerms(both).findings).toMatchObject([
      { code: 'invalid_terms', facts: { problem: 'invalid_share' } },
    ]);
    expect(codesOf(parseTermsText('a: [b').findings)).toEqual(['invalid_yaml']);
    for (const text of ['', 'hello world', '[]', '- a'])
      expect(codesOf(parseTermsText(text).findings)).toEqual(['missing_terms']);
    const { film: _, ...filmless } = domestic();
    expect(parseTerms(filmless).findings).toMatchObject([
      { code: 'missing_member', facts: { path: 'film' }, at: { path: 'film' } },
    ]);
    expect(parseTerms({}).findings).toMatchObject([
      { code: 'missing_member', facts: { path: 'kind' } },
    ]);
    expect(parseTerms(domestic({ kind: 'opera' })).findings).toMatchObject([
      {
        code: 'unknown_value',
        facts: { found: 'opera', allowed: expect.stringMatching(/theatrical.*streaming/) },
      },
    ]);
    const king = { id: 'a', role: 'king', name: { zh: '甲', en: 'A' } };
    const wrongRole = domestic({ parties: [king] });
    expect(parseTerms(wrongRole).findings).toMatchObject([
      { code: 'unknown_value', facts: { path: 'parties.0.role', found: 'king' } },
    ]);
    expect(parseTerms(domestic({ title: 'x'.repeat(99) })).findings).toMatchObject([
      { code: 'invalid_terms', facts: { path: 'title', found: `${'x'.repeat(60)}…` } },
    ]);
    expect(codesOf(parseTermsText('a: &a [*a, *a]').findings)[0]).toMatch(
      /invalid_yaml|excessive_depth|invalid_terms/,
    );
    let deep: unknown = 'x';
    for (let i = 0; i < 100; i++) deep = [deep];
    expect(codesOf(parseTerms(deep).findings)).toEqual(['excessive_depth']);
    expect(parseTerms(undefined).ok).toBe(false);
  });

  it('[ST28] publishes a JSON Schema', () => {
    const schema = JSON.stringify(termsJsonSchema());
    expect(schema).toContain('"https://json-schema.org/draft/2020-12/schema"');
    expect(schema).toContain('switch_next_day');
    expect(schema).toContain('"additionalProperties":false');
  });
});
