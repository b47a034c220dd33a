import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkInstrument,
  eligibleCostOf,
  HUNAN_2023_55,
  type Instrument,
  makeReceipt,
  openBook,
  type ParameterDefinition,
  parseAuthored,
  readInstrument,
  receiptText,
  replayReceipt,
  type Rule,
  stackReadings,
} from '../src/index.ts';
import { ask, CRYPTOGRAPHY, decided, facts, IN_FORCE, wan, yuan } from './support.ts';

const here = dirname(fileURLToPath(import.meta.url));
const COURSE = { 'course.joint': true, 'course.in_plan': true, 'course.builder': true };

describe('the proof', () => {
  it('[PO5] every vector of the semantics has a test of its name', () => {
    const tests = readdirSync(here)
      .filter((name) => name.endsWith('.test.ts') && name !== 'vectors.test.ts')
      .map((name) => readFileSync(join(here, name), 'utf8'))
      .join('\n');
    for (let vector = 1; vector <= 21; vector += 1) {
      expect(tests, `T${vector}`).toMatch(new RegExp(`(?:\\] T${vector}:|'T${vector}',)`));
    }
    for (const date of ['2023-12-26', '2023-12-27', '2023-12-28', '2023-12-29']) {
      expect(tests).toContain(`['${date}', '`);
    }
    for (const date of ['2028-12-27', '2028-12-28', '2028-12-29']) {
      expect(tests).toContain(`['${date}', '`);
    }
  });

  it('[PO8] without a version only the decisions that name it are others', () => {
    const day = (month: number) => `2025-${String(month).padStart(2, '0')}-01`;
    const months = fc.uniqueArray(fc.integer({ min: 2, max: 12 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(months, fc.nat(), fc.integer({ min: 1, max: 12 }), (starts, at, month) => {
        const begins = [null, ...starts.toSorted((a, b) => a - b).map(day)];
        const versions = begins.map((from, index): Rule => {
          const rule = HUNAN_2023_55.rules.find(({ item }) => item === 'M8.4')!;
          const next = begins[index + 1] ?? null;
          const to = next === null ? null : lastDayBefore(next);
          return { ...rule, version: index + 1, from, to, bound: fixed(index) };
        });
        const removed = versions[at % versions.length]!;
        const decide = (list: readonly Rule[]) => {
          const rules = HUNAN_2023_55.rules.flatMap((rule) =>
            rule.item === 'M8.4' ? list : [rule],
          );
          const instrument: Instrument = { ...HUNAN_2023_55, rules };
          const found = ask('M8.4', COURSE, { instrument, on: `${day(month).slice(0, 8)}15` });
          const { rule, status, bound, missing, trace, parameters } = found;
          return { rule, status, bound, missing, trace, parameters };
        };
        const before = decide(versions);
        const after = decide(versions.filter((each) => each !== removed));
        if (before.rule === `M8.4@${removed.version}`) expect(after.rule).toBe(null);
        else expect(after).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });
});

function fixed(index: number) {
  return { amount: 'fixed', fen: String(100 + index) } as const;
}

function lastDayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}

/** An unclear place of another province's text, under a number of its own. */
function unclear(code: string, values: readonly string[], chosen = values[0]!) {
  const words = { zh: code, en: code };
  return {
    code,
    title: words,
    quote: '不重复',
    readings: values.map((value) => ({ value, words, supported: true })),
    default: chosen,
    reason: words,
    kind: 'reading',
  } satisfies ParameterDefinition;
}

/** The same rules under other numbers: nothing in the engine knows the numbers of one province. */
const ELSEWHERE: Instrument = {
  ...HUNAN_2023_55,
  code: 'elsewhere-1',
  parameters: [
    ...HUNAN_2023_55.parameters.filter(
      ({ code }) => !['A3', 'A5', 'A6', 'A8', 'A19'].includes(code),
    ),
    unclear('Q1', ['event_and_application', 'event'], 'event'),
    unclear('Q2', ['province', 'all'], 'all'),
    unclear('Q3', ['no_ban', 'ban'], 'ban'),
    unclear('Q4', ['difference', 'none'], 'none'),
    unclear('Q5', ['fen', 'yuan'], 'yuan'),
    unclear('Q6', ['exclusive', 'up_to_highest'], 'up_to_highest'),
  ],
  general: { term: 'Q1', scope: 'Q2', within: 'Q3', topUp: 'Q4', rounding: 'Q5', sameCost: 'Q6' },
  rules: HUNAN_2023_55.rules.map((rule) => ({
    ...rule,
    parameters: rule.parameters.filter((code) => !['A3', 'A5', 'A6', 'A8', 'A19'].includes(code)),
  })),
};

describe('another instrument', () => {
  const book = (instrument: Instrument, decisions: ReturnType<typeof decided>[] = []) =>
    openBook(instrument, { eventDate: IN_FORCE, knownOn: IN_FORCE, decisions });

  it('[PO24] names the readings that the engine asks for by its own numbers', () => {
    expect(checkInstrument(ELSEWHERE)).toEqual([]);
    expect(readInstrument(JSON.parse(JSON.stringify(ELSEWHERE))).ok).toBe(true);
    expect(stackReadings(book(ELSEWHERE))).toEqual({
      scope: 'all',
      within: 'ban',
      topUp: 'none',
      sameCost: 'up_to_highest',
    });
    expect(stackReadings(book(HUNAN_2023_55, [decided('A8', 'none')]))).toEqual({
      scope: 'province',
      within: 'no_ban',
      topUp: 'none',
      sameCost: 'exclusive',
    });
    const base = { 'base.kind': 'base', 'base.cost': yuan('3,333,333.33').toString() };
    expect(ask('M8.5', base, { instrument: ELSEWHERE }).bound).toEqual({
      state: 'known',
      fen: yuan('999,999.00'),
    });
    const late = { instrument: ELSEWHERE, appliedOn: '2030-01-01' };
    expect(ask('M8.4', COURSE, late).status).toBe('eligible');
    const receipt = makeReceipt(CRYPTOGRAPHY, 'bound', {
      instrument: ELSEWHERE,
      decisions: [],
      eventDate: IN_FORCE,
      knownOn: IN_FORCE,
      claim: { item: 'M8.5', appliedOn: '2030-01-01', facts: facts(base) },
    });
    expect(replayReceipt(CRYPTOGRAPHY, receiptText(receipt)).ok).toBe(true);
  });

  it('[PO24] a number that means something else is never taken for a reading', () => {
    const own = unclear('A5', ['seats', 'screens']);
    const strange = { ...ELSEWHERE, parameters: [...ELSEWHERE.parameters, own] };
    const { general: _, ...unnamed } = strange;
    expect(stackReadings(book(unnamed)).scope).toBe('province');
    const codes = (general: Instrument['general']) =>
      checkInstrument({ ...strange, general: general! }).map(({ code }) => code);
    expect(codes({ scope: 'A5' })).toEqual(['uncomputable_reading', 'uncomputable_reading']);
    expect(codes({ scope: 'Q99' })).toEqual(['undefined_parameter']);
  });

  it('[PO24] the example of another province is clean against its text, and is asked', () => {
    const example = (name: string) => readFileSync(join(here, '../../../examples', name), 'utf8');
    const authored = parseAuthored(example('province-digital-image.yaml'));
    const read = authored.ok ? readInstrument(authored.value) : authored;
    if (!read.ok) throw new Error(JSON.stringify(read.findings));
    const text = example('province-digital-image.txt');
    expect(checkInstrument(read.value, [], text)).toEqual([]);
    expect(checkInstrument(read.value, [], text.replace('20%', '25%'))).not.toEqual([]);
    const on = { instrument: read.value, on: '2026-06-01' };
    const film = { 'yl_work.shown': true, 'yl_work.grade': 'first' };
    const asked = (awards: readonly string[]) =>
      ask('P2', { ...film, 'yl_work.awards': awards }, on);
    expect(asked(['listed']).bound).toEqual({ state: 'known', fen: wan(30) });
    expect(asked(['other']).status).toBe('not_eligible');
    expect(ask('P2', film, on).missing).toEqual(['yl_work.awards']);
  });

  it('[PO25] all public money together stays below the cost that is known', () => {
    const opened = book(HUNAN_2023_55);
    const cost = (values: Parameters<typeof facts>[0], item = 'M8.5') =>
      eligibleCostOf(opened, { item, facts: facts(values) });
    expect(cost({ 'base.cost': '900', 'base.construction': '300' })).toBe(600n);
    expect(cost({ 'base.construction': '300' })).toBe(null);
    expect(cost({ 'product.test_fee': String(wan(2)) }, 'M5.2')).toBe(wan(2));
    expect(cost({}, 'M4.2')).toBe(null);
  });
});

describe("more of an author's mistakes", () => {
  const changed = (more: Partial<Instrument>) =>
    checkInstrument({ ...HUNAN_2023_55, ...more }).map(({ code }) => code);
  const ruled = (change: Partial<Rule>) =>
    changed({
      rules: HUNAN_2023_55.rules.map((rule) =>
        rule.item === 'M5.3' ? { ...rule, ...change } : rule,
      ),
    });
  const { validity } = HUNAN_2023_55;

  it('[PO16] versions that no day reaches, and terms that are none', () => {
    expect(ruled({ from: '2029-01-01' })).toEqual(['unreachable_rule_version']);
    expect(ruled({ to: '2023-12-26' })).toEqual(['unreachable_rule_version']);
    expect(ruled({ from: '2028-12-28' })).toEqual([]);
    const to = [{ value: 'inclusive', date: '2022-12-27' }];
    expect(changed({ validity: { ...validity, to } })).toContain('empty_instrument_term');
    const moon = [{ value: 'moon', date: '2028-12-27' }];
    expect(changed({ validity: { ...validity, to: moon } })).toEqual(['unknown_reading']);
    expect(changed({ validity: { ...validity, toParameter: 'A99' } })).toEqual([
      'undefined_parameter',
    ]);
  });

  it('[PO16] measures that are not there, and words that are no rate', () => {
    expect(ruled({ measure: '十一' })).toEqual(['undefined_measure']);
    const of = { amount: 'fixed', fen: '100' } as const;
    expect(ruled({ bound: { amount: 'rate_parameter', of, parameter: 'A9' } })).toEqual([
      'mismatched_parameter',
    ]);
  });

  it('[PO16] branches that others cover; days, sets, texts and pairs that contradict', () => {
    const { facts: known } = HUNAN_2023_55;
    const words = { zh: '问', en: 'asked' };
    const more = [
      { name: 'x.day', kind: 'date', label: words },
      { name: 'x.set', kind: 'choices', label: words, choices: [{ value: 'a', label: words }] },
      { name: 'x.text', kind: 'text', label: words },
    ] as const;
    type Leaf = { readonly test: string };
    const found = (test: 'all' | 'any', ...of: readonly Leaf[]) =>
      changed({
        facts: [...known, ...more],
        rules: HUNAN_2023_55.rules.map((rule) =>
          rule.item === 'M5.3' ? { ...rule, condition: { test, of } as Rule['condition'] } : rule,
        ),
      }).filter((code) => code !== 'unused_fact');
    const leaf = (fact: string, compare: string, value: unknown) => ({
      test: 'fact',
      fact,
      compare,
      value,
    });
    const pair = (fact: string, compare: string, than: string) => ({
      test: 'facts',
      fact,
      compare,
      than,
    });
    const five = leaf('base.trained', 'at_least', 5);
    const ten = leaf('base.trained', 'at_least', 10);
    expect(found('any', five, ten)).toEqual(['idle_branch']);
    expect(found('any', five, leaf('product.on_model', 'is', true))).toEqual([]);
    const bad = ['contradictory_condition'];
    const early = leaf('x.day', 'less', '2025-01-01');
    expect(found('all', early, leaf('x.day', 'more', '2025-01-01'))).toEqual(bad);
    expect(found('all', early, leaf('x.day', 'more', '2024-01-01'))).toEqual([]);
    const has = leaf('x.set', 'has', 'a');
    expect(found('all', has, { test: 'not', of: has } as Leaf)).toEqual(bad);
    expect(found('all', leaf('x.text', 'is', 'p'), leaf('x.text', 'is', 'q'))).toEqual(bad);
    expect(found('all', leaf('x.text', 'is', 'p'), leaf('x.text', 'is_not', 'q'))).toEqual([]);
    const [a, b] = ['orders.this_year', 'orders.last_year'];
    expect(found('all', pair(a, 'more', b), pair(b, 'at_least', a))).toEqual(bad);
    expect(found('all', pair(a, 'at_least', b), pair(b, 'at_least', a))).toEqual([]);
    expect(found('all', pair(a, 'more', a))).toEqual(bad);
  });
});
