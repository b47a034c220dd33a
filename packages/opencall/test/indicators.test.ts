import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRatio, compareRatio } from '@yinglian/core';
import {
  type CatalogueEntry,
  CATALOGUE_FLOW,
  CATALOGUE_UNMET,
  checkEntries,
  checkIndicator,
  checkIndicators,
  compareCatalogues,
  FINDING_TEXTS,
  type Indicator,
  isWeakened,
  judgeMeasurement,
  judgeMilestone,
  MILESTONE_UNMET,
  ROUND_UNMET,
  similarNeeds,
} from '../src/index.ts';
import { FINDING_TEXTS as POLICY_TEXTS } from '@yinglian/policy';
import { indicator, milestone, RUNS } from './support.ts';

const codes = (given: Partial<Indicator>) =>
  checkIndicator(indicator(given)).map((each) => each.code);
const entry = (over: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  code: 'MLS-2026-01',
  title: '超高清解码器',
  need: '面向制作的八千像素实时解码，替代进口设备，需要稳定帧率和低延迟。',
  field: 'equipment',
  programme: 'key_research',
  indicators: [indicator()],
  due: '2028-12-31',
  budgetFen: '500000000',
  rights: '归揭榜方所有，省内单位可免费试用一年',
  proposer: '某企业',
  ...over,
});
const measured = (value: string, over = {}) => ({
  indicator: 'I1',
  value,
  unit: 'fps',
  uncertainty: null,
  method: 'GY/T 307',
  laboratory: '国家广播电视产品质量检验中心',
  evidence: 'a'.repeat(64),
  ...over,
});

describe('indicators', () => {
  it('[OC1] passes what can be tested', () => {
    expect(codes({})).toEqual([]);
    expect(codes({ operator: 'between', threshold: '0.1', upper: '0.3', unit: 'ms' })).toEqual([]);
    expect(codes({ name: '左右声道隔离度', unit: 'dB' })).toEqual([]);
    expect(codes({ method: '由第三方按合约约定的步骤测量三次' })).toEqual([]);
  });

  it.each([
    [{ name: '' }, 'missing_indicator_quantity'],
    [{ unit: ' '.trim() }, 'missing_indicator_unit'],
    [{ threshold: '很快' }, 'untestable_threshold'],
    [{ operator: 'between', upper: null } as const, 'untestable_threshold'],
    [{ operator: 'between', threshold: '5', upper: '5' } as const, 'reversed_thresholds'],
    [{ method: '' }, 'missing_test_method'],
    [{ method: '专家评审。' }, 'untestable_method'],
    [{ method: '自测' }, 'untestable_method'],
    [{ name: '画质达到国际领先水平' }, 'vague_indicator'],
    [{ method: 'measured as far as possible under load' }, 'vague_indicator'],
    [{ name: '延迟约 5 毫秒' }, 'vague_indicator'],
    [{ name: '延迟 5 毫秒左右' }, 'vague_indicator'],
  ])('[OC1] refuses %j as %s', (over, code) => {
    expect(codes(over)).toContain(code);
  });

  it('[OC1] names contradictions and doubles, and nothing that fits together', () => {
    const named = (list: Indicator[]) => checkIndicators(list).map((each) => each.code);
    expect(named([])).toEqual(['missing_indicators']);
    expect(named([indicator(), indicator()])).toEqual(['duplicate_indicator']);
    const other = indicator({ code: 'I2', operator: 'below', threshold: '60' });
    expect(named([indicator(), other])).toEqual(['contradictory_indicators']);
    const fits = indicator({ code: 'I2', operator: 'at_most', threshold: '60' });
    expect(named([indicator(), fits])).toEqual([]);
  });

  it('[OC2] computes the verdict, exact at the threshold', () => {
    const verdict = (value: string, over: Partial<Indicator> = {}) =>
      judgeMeasurement(indicator(over), measured(value)).verdict;
    expect(verdict('60')).toBe('met');
    expect(verdict('59.999999999999999999')).toBe('missed');
    expect(verdict('60', { operator: 'above' })).toBe('missed');
    expect(verdict('60', { operator: 'at_most' })).toBe('met');
    expect(verdict('60', { operator: 'below' })).toBe('missed');
    expect(verdict('180/3', { operator: 'equal' })).toBe('met');
    expect(verdict('61', { operator: 'between', upper: '61' })).toBe('met');
    expect(verdict('快')).toBe('unmeasured');
    const unit = judgeMeasurement(indicator(), measured('60', { unit: 'Hz' }));
    expect(unit.findings.map((each) => each.code)).toEqual(['mismatched_measurement_unit']);
    expect(judgeMeasurement(indicator(), undefined).verdict).toBe('unmeasured');
  });

  it('[OC2] holds the whole interval against the threshold where the round says so', () => {
    const guarded = (value: string, uncertainty: string | null) =>
      judgeMeasurement(indicator(), measured(value, { uncertainty }), 'guarded').verdict;
    expect(guarded('61', '1')).toBe('met');
    expect(guarded('60.9', '1')).toBe('missed');
    expect(guarded('90', null)).toBe('unmeasured');
    expect(guarded('90', '-1')).toBe('unmeasured');
    const simple = judgeMeasurement(indicator(), measured('60.9', { uncertainty: '1' }));
    expect(simple.verdict).toBe('met');
  });

  it('[OC2] does not count what a member of the consortium measured itself', () => {
    const own = [{ name: '湘江大学', creditCode: null }];
    const judged = judgeMilestone(milestone(), [measured('99', { laboratory: '湘江 大学' })], {
      rule: 'simple',
      members: own,
    });
    expect(judged.verdicts.map((each) => each.verdict)).toEqual(['unmeasured']);
    expect(judged.findings[0]?.code).toBe('dependent_laboratory');
    const again = [measured('10'), measured('70')];
    const both = judgeMilestone(milestone(), again, { rule: 'simple', members: own });
    expect(both.verdicts[0]?.verdict).toBe('met');
  });

  it('[OC26] a weakening is exactly a change under which more values pass', () => {
    const decimal = fc.integer({ min: -30, max: 30 }).map(String);
    const operator = fc.constantFrom(
      ...(['at_least', 'at_most', 'above', 'below', 'equal'] as const),
    );
    fc.assert(
      fc.property(decimal, operator, decimal, operator, (t1, o1, t2, o2) => {
        const before = indicator({ threshold: t1, operator: o1 });
        const after = indicator({ threshold: t2, operator: o2 });
        // Halves lie between all thresholds, so nothing escapes the grid.
        const grid = Array.from({ length: 140 }, (_, at) => `${at - 70}/2`);
        const passes = (each: Indicator) =>
          grid.filter((value) => judgeMeasurement(each, measured(value)).verdict === 'met');
        const earlier = new Set(passes(before));
        expect(isWeakened(before, after)).toBe(passes(after).some((each) => !earlier.has(each)));
      }),
      { numRuns: RUNS },
    );
    expect(isWeakened(indicator(), indicator({ method: '另一种测量方法，取平均值' }))).toBe(true);
  });
});

describe('catalogue', () => {
  it('[OC3] refuses what cannot be tested, and shows needs that are alike', () => {
    expect(checkEntries([entry()])).toEqual([]);
    const bad = checkEntries([entry({ indicators: [indicator({ method: '' })], rights: '' })]);
    expect(bad.map((each) => each.code)).toEqual(['missing_test_method', 'missing_rights_terms']);
    const twice = checkEntries([entry(), entry()]);
    expect(twice.map((each) => each.code)).toEqual(['duplicate_entry', 'similar_entries']);
    expect(checkEntries([]).map((each) => each.code)).toEqual(['empty_catalogue']);
    const [pair] = similarNeeds([
      { id: 'a', need: '八千像素实时解码设备' },
      { id: 'b', need: '八千像素实时解码 设备。' },
      { id: 'c', need: '虚拟拍摄的摄像机跟踪' },
    ]);
    expect([pair?.one, pair?.other]).toEqual(['a', 'b']);
    expect(compareRatio(pair!.share, parseRatio('1')!)).toBe(0);
  });

  it('[OC3] reaches publication only through notice, by two people', () => {
    const into = CATALOGUE_FLOW.filter(({ to }) => to === 'published');
    expect(into.map(({ from }) => from)).toEqual([['on_notice']]);
    expect(into[0]?.guards).toEqual(['testable', 'notice_over', 'no_open_objection', 'four_eyes']);
    const notice = CATALOGUE_FLOW.find(({ to }) => to === 'on_notice');
    expect(notice?.guards).toContain('testable');
  });

  it('[OC3] compares versions', () => {
    const same = (a: CatalogueEntry, b: CatalogueEntry) => JSON.stringify(a) === JSON.stringify(b);
    const later = [entry({ title: '解码器' }), entry({ code: 'MLS-2026-02' })];
    expect(compareCatalogues([entry(), entry({ code: 'MLS-2026-03' })], later, same)).toEqual([
      { code: 'MLS-2026-01', change: 'changed' },
      { code: 'MLS-2026-02', change: 'added' },
      { code: 'MLS-2026-03', change: 'removed' },
    ]);
  });
});

describe('wording', () => {
  it('[OC29] every code has its text in both languages', () => {
    const all: Record<string, { zh: string; en: string }> = { ...POLICY_TEXTS, ...FINDING_TEXTS };
    const unmet = [CATALOGUE_UNMET, ROUND_UNMET, MILESTONE_UNMET].flatMap((each) =>
      Object.values(each),
    );
    for (const code of unmet) expect(all[code], code).toBeDefined();
    for (const text of Object.values(FINDING_TEXTS)) {
      expect(text.zh).toMatch(/\p{Script=Han}/u);
      expect(text.en.length).toBeGreaterThan(5);
    }
  });
});
