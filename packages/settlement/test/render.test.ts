import { describe, expect, it } from 'vitest';
import { parseTerms, parseTermsText, PHRASES, renderedText, renderTerms, termsJsonSchema } from '../src/index.ts';
import { codesOf, domestic, taken, terms } from './support.ts';

const rich = () => terms({
  base: { cityClasses: { a: ['4301', '1100'] }, topUpBy: 'promoter', excludedTicketTypes: ['充值'],
    standards: [{ id: 'a', cityClass: 'a', minimum: '35.00', versions: ['2D'] }] },
  vat: { to: 'tax_office', methods: [
    { id: 'exempt', from: '2020-01-01', to: '2020-12-31', method: 'exempt' },
    { id: 'small', taxpayer: 'small_scale', method: 'small_scale', rate: '1%', surcharge: '6%' },
    { id: 'all', method: 'extracted', rate: '3%', surcharge: '12%' }] },
  splits: [
    { id: 'main', of: 'net', clauses: [
      { id: 'owned', when: { equipment: 'owned' }, shares: [
        { to: 'cinema', share: 'rest' }, { to: 'circuit', share: '7%' },
        { to: 'distributor', ladder: { mode: 'switch_next_day', measure: 'gross', book: 'fund_office',
          tiers: [{ above: '0', share: '43%' }, { above: '300000000', share: '45%' }] } }] },
      { id: 'leased', when: { equipment: 'leased', provinces: ['42'] }, shares: [
        { to: 'digital', share: '1%', cap: '2000000' }, { to: 'producer', perTicket: '0.10' },
        { to: 'distributor', share: '42%' }, { to: 'cinema', share: 'rest' }] }] },
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

  it('[ST26] has every phrase in both languages with the same places', () => {
    const places = (text: string) => [...text.matchAll(/\{[a-z_]+\}/g)].map((match) => match[0]).sort();
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
    expect(parseTerms(domestic({ version: 3 }))).toMatchObject({ ok: true, value: { version: '3' } });
    expect(codesOf(parseTerms(domestic({ surprise: 'x' })).findings)).toEqual(['unexpected_key']);
    expect(codesOf(parseTerms(domestic({ fund: { to: 'x', rates: [{ id: 'a', rate: '5,0%' }] } })).findings)).toEqual(['invalid_terms']);
    const both = domestic({ splits: [{ id: 'm', of: 'net', clauses: [{ id: 'a', shares: [{ to: 'cinema', share: '1', perTicket: '1' }] }] }] });
    expect(parseTerms(both).findings).toMatchObject([{ code: 'invalid_terms', facts: { problem: 'invalid_share' } }]);
    expect(codesOf(parseTermsText('a: [b').findings)).toEqual(['invalid_yaml']);
    expect(codesOf(parseTermsText('a: &a [*a, *a]').findings)[0]).toMatch(/invalid_yaml|excessive_depth|invalid_terms/);
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
