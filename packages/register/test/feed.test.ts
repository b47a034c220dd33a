import { HUNAN_2023_55, matchItems, openBook } from '@yinglian/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkFields,
  type Claimant,
  checkRegister,
  entryNumber,
  extractText,
  feedClaim,
  type Fields,
  FINDING_TEXTS,
  identityOf,
  missingParts,
  type RegisteredEntry,
  type RegisterDefinition,
  REGISTERS,
} from '../src/index.ts';
import { codes, COMPLETE, keptOf, register, taken } from './support.ts';

const ON = '2026-07-01';
const holder: Claimant = { id: 'holder', code: null, name: '持有单位' };
const feed = (kind: string, item: string, claimant = holder, entry = keptOf(kind)) =>
  feedClaim(register(kind), entry, { instrument: 'hunan-2023-55', item, claimant, on: ON });

function matchOf(item: string, facts: object, more: object = {}) {
  const book = openBook(HUNAN_2023_55, { eventDate: '2026-06-10', knownOn: ON });
  const given = { ...facts, ...more } as Parameters<typeof matchItems>[1];
  return matchItems(book, given).find((each) => each.item === item)!;
}

describe('what a register proves', () => {
  it('[RG10] every fact carries number, version, day and keeper', () => {
    const fed = taken(feed('course', 'M8.4'));
    expect(fed.object).toBe('X-2026-0001');
    expect(fed.facts['course.in_plan']).toEqual({
      value: true,
      source: 'register:X-2026-0001@7',
      date: '2026-06-10',
      verifier: '省工业和信息化厅',
    });
  });

  it('[RG11] the facts are what the measure computes with', () => {
    const bound = (item: string, facts: object, more: object = {}) => {
      const { status, atMostFen } = matchOf(item, facts, more);
      return [status, atMostFen];
    };
    const enterprise = { 'applicant.kind': { value: 'enterprise' } };
    expect(bound('M8.4', taken(feed('course', 'M8.4')).facts)).toEqual(['eligible', 100_000_000n]);
    // 900 万元, of which 300 are construction: 30 % of 600 (T4 of the reference).
    const base = taken(feed('training_body', 'M8.5')).facts;
    expect(base['base.cost']?.value).toBe('900000000');
    expect(base['base.construction']?.value).toBe('300000000');
    expect(base['base.trained']?.value).toBe(100);
    expect(bound('M8.5', base)).toEqual(['eligible', 180_000_000n]);
    const provider = { id: 'other', code: '91430100ma4l000001', name: '甲科技公司' };
    const selected = taken(feed('benchmark', 'M6.2', provider)).facts;
    expect(bound('M6.2', selected)).toEqual(['eligible', 100_000_000n]);
    expect(bound('M4.2', taken(feed('platform', 'M4.2')).facts, enterprise)).toEqual([
      'eligible',
      500_000_000n,
    ]);
    const tested = taken(feed('first_of_kind', 'M5.2'));
    expect(tested.facts['product.test_fee']?.value).toBe('6500000');
    expect(bound('M5.2', tested.facts, enterprise)).toEqual(['eligible', null]);
    const preferred = taken(feed('first_of_kind', 'M5.1')).facts;
    expect(matchOf('M5.1', preferred).missing).toEqual(['product.single_source']);
    expect(bound('M8.2', taken(feed('talent', 'M8.2')).facts)).toEqual(['eligible', null]);
  });

  it('[RG10] the award of a benchmark project is the provider’s, by its share', () => {
    expect(codes(feed('benchmark', 'M6.2'))).toEqual(['foreign_beneficiary']);
    const two: Fields = {
      ...COMPLETE['benchmark'],
      providers: [
        { name: '甲科技', code: '91430100MA4L000001', share: '2/3' },
        { name: '乙软件', share: '1/3' },
      ],
    };
    const entry = keptOf('benchmark', { fields: two });
    const share = (code: string | null, name: string) => {
      const fed = feed('benchmark', 'M6.2', { id: 'x', code, name }, entry);
      return fed.ok ? fed.value.share : codes(fed);
    };
    expect(share('91430100MA4L000001', '改了名')).toBe('2/3');
    expect(share(null, '乙软件')).toBe('1/3');
    // Another firm of the same name with another code is another firm.
    expect(share('91430100MA4L999999', '甲科技')).toEqual(['foreign_beneficiary']);
    expect(share(null, '湖南广播影视集团')).toEqual(['foreign_beneficiary']);
  });

  it('[RG10] what does not stand, or says nothing for an item, proves nothing', () => {
    const lapsed = keptOf('course', { validUntil: '2026-06-30' });
    expect(codes(feed('course', 'M8.4', holder, lapsed))).toEqual(['ended_entry']);
    const withdrawn = keptOf('course', { state: 'withdrawn' });
    expect(codes(feed('course', 'M8.4', holder, withdrawn))).toEqual(['ended_entry']);
    const draft = keptOf('course', { registeredOn: null, state: 'checked' });
    expect(codes(feed('course', 'M8.4', holder, draft))).toEqual(['ended_entry']);
    expect(codes(feed('course', 'M8.5'))).toEqual(['unfed_item']);
    const own = keptOf('first_of_kind', {
      fields: { ...COMPLETE['first_of_kind'], made_to_order: true },
    });
    expect(codes(feed('first_of_kind', 'M5.1', holder, own))).toEqual(['unfed_item']);
    const city = keptOf('platform', { fields: { ...COMPLETE['platform'], level: 'city' } });
    expect(codes(feed('platform', 'M4.2', holder, city))).toEqual(['unfed_item']);
  });

  it('[RG13] an extract is the same bytes for one record, item and year, without persons', () => {
    const kept = keptOf('platform');
    const use = { item: 'M4.2', year: 2026, on: ON };
    const extract = extractText(register('platform'), kept, use);
    expect(extractText(register('platform'), structuredClone(kept), use)).toBe(extract);
    expect(extract).toContain('登记编号：X-2026-0001（第 7 版）');
    expect(extract).toContain('级别：省级');
    expect(extract).not.toContain('李某');
    const other = extractText(register('platform'), { ...kept, version: 8 }, use);
    expect(other).not.toBe(extract);
    const assets = extractText(register('training_body'), keptOf('training_body'), use);
    expect(assets).toContain('3. 资产 房屋；类别 基建；金额 3000000.00 元');
  });
});

describe('what an entry says', () => {
  it('[RG2] complete entries have no fault, and no hostile value throws', () => {
    for (const definition of REGISTERS) {
      const fields = COMPLETE[definition.kind]!;
      expect(checkFields(definition, fields)).toEqual([]);
      const documents = definition.documents.map(({ code }) => code);
      expect(missingParts(definition, fields, documents)).toEqual([]);
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...REGISTERS),
        fc.dictionary(fc.string(), fc.anything()),
        fc.nat(),
        fc.anything(),
        (definition, strange, place, value) => {
          const { name } = definition.fields[place % definition.fields.length]!;
          const hostile = { ...strange, [name]: value } as Fields;
          expect(Array.isArray(checkFields(definition, hostile))).toBe(true);
          identityOf(definition, hostile);
          missingParts(definition, hostile, []);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('[RG2] shares add up to the whole, each once', () => {
    const shares = (...values: readonly (readonly [code: string, share: string])[]) =>
      checkFields(register('benchmark'), {
        ...COMPLETE['benchmark'],
        providers: values.map(([code, share]) => ({ name: code, code, share })),
      }).map(({ code }) => code);
    expect(shares(['a', '1/3'], ['b', '1/3'], ['c', '1/3'])).toEqual([]);
    expect(shares(['a', '1/3'], ['b', '1/3'])).toEqual(['mismatched_shares']);
    expect(shares(['a', '0.5'], ['b', '0.5'])).toEqual([]);
    expect(shares(['a', '-1'], ['b', '2'])).toEqual(['invalid_field']);
    expect(shares(['a', '1/2'], ['a', '1/2'])).toEqual(['duplicate_beneficiary']);
    const uncoded = (...names: readonly string[]) =>
      checkFields(register('benchmark'), {
        ...COMPLETE['benchmark'],
        providers: names.map((name) => ({ name, code: '', share: '1/2' })),
      }).map(({ code }) => code);
    expect(uncoded('甲', '乙')).toEqual([]);
    expect(uncoded('甲', '甲')).toEqual(['duplicate_beneficiary']);
    const rows = Array.from({ length: 501 }, () => ({ name: 'x', kind: 'hardware', fen: '1' }));
    const many = checkFields(register('training_body'), { assets: rows });
    expect(many.map(({ code }) => code)).toEqual(['excessive_rows']);
  });

  it('[RG3] one thing has one identity', () => {
    const name = (project: string, owner = '湖南台') =>
      identityOf(register('benchmark'), { project, owner });
    expect(name('4K 制播平台')).toBe(name('４Ｋ制播·平台'));
    expect(name('4k制播平台')).toBe(name('4K 制播平台'));
    expect(name('8K 制播平台')).not.toBe(name('4K 制播平台'));
    expect(name('4K', '甲')).not.toBe(name('4K', '乙'));
    expect(name(' ')).toBeUndefined();
  });
});

describe('the registers themselves', () => {
  it('[RG1] name only what exists, and give what the items ask for', () => {
    for (const definition of REGISTERS) {
      expect([definition.kind, checkRegister(definition, [HUNAN_2023_55])]).toEqual([
        definition.kind,
        [],
      ]);
    }
    const fed = new Set(REGISTERS.flatMap(({ feeds }) => feeds.map(({ item }) => item)));
    expect([...fed].sort()).toEqual([
      'M1.3',
      'M4.2',
      'M5.1',
      'M5.2',
      'M6.1',
      'M6.2',
      'M8.1',
      'M8.2',
      'M8.4',
      'M8.5',
    ]);
    expect(entryNumber(register('benchmark'), 2026, 7)).toBe('SFBG-2026-0007');
  });

  it('[RG1] an author’s mistake is a finding', () => {
    const course = register('course');
    const found = (more: Partial<RegisterDefinition>) =>
      checkRegister({ ...course, ...more }, [HUNAN_2023_55]).map(({ code }) => code);
    const [first] = course.feeds;
    expect(found({ identity: ['nothing'] })).toEqual(['undefined_field']);
    expect(found({ feeds: [{ ...first!, item: 'M99' }] })).toEqual(['undefined_item']);
    const wrong = [{ fact: 'course.in_plan', from: { take: 'field', field: 'credits' } }] as const;
    expect(found({ feeds: [{ ...first!, facts: wrong }] })).toEqual(['mismatched_feed']);
    const strange = [{ code: 'nothing', from: 'extract' }];
    expect(found({ feeds: [{ ...first!, evidence: strange }] })).toEqual(['mismatched_feed']);
    const actions = course.actions.filter(({ action }) => action !== 'publish');
    expect(new Set(found({ actions }))).toEqual(new Set(['unreachable_action']));
    const personal = course.fields.map((each) => ({ ...each, personal: true }));
    expect(found({ fields: personal, keepingMonths: null })).toEqual(['missing_keeping_term']);
  });

  it('[RG16] every code has its text in both languages', () => {
    for (const [code, text] of Object.entries(FINDING_TEXTS)) {
      expect([code, text.zh.length > 0, text.en.length > 0]).toEqual([code, true, true]);
    }
  });

  it('[RG12] nothing personal but a name is published, and unit is the other', () => {
    const open = REGISTERS.flatMap(({ kind, fields }) =>
      fields
        .filter(({ personal, published }) => personal === true && published)
        .map(({ name }) => `${kind}.${name}`),
    );
    expect(open).toEqual(['talent.name']);
    const talent = register('talent').fields.filter(({ published }) => published);
    expect(talent.map(({ name }) => name)).toEqual(['name', 'unit']);
    const gone: RegisteredEntry = keptOf('talent', { state: 'forgotten' });
    expect(
      JSON.stringify(extractText(register('talent'), gone, { item: 'M8.1', year: 2026, on: ON })),
    ).not.toContain('张某');
  });
});
