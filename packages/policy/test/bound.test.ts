import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assess,
  type Condition,
  decide,
  HUNAN_2023_55,
  type Instrument,
  openBook,
  type Rule,
  whyNot,
} from '../src/index.ts';
import { ask, decided, facts, IN_FORCE, wan, yuan } from './support.ts';

const BASE = { 'base.kind': 'base' } as const;
const base = (cost: string, construction?: string) =>
  ask('M8.5', {
    ...BASE,
    'base.cost': yuan(cost).toString(),
    ...(construction === undefined ? {} : { 'base.construction': yuan(construction).toString() }),
  });

describe('the bound', () => {
  it.each([
    ['T1', '5,000,000', undefined, '1,500,000'],
    ['T2', '10,000,000', undefined, '2,000,000'],
    ['T3', '6,666,600', undefined, '1,999,980'],
    ['T4', '9,000,000', '3,000,000', '1,800,000'],
    ['T5', '6,666,666.66', undefined, '1,999,999.99'],
    ['T6', '6,666,666.67', undefined, '2,000,000.00'],
    ['T7', '3,333,333.33', undefined, '999,999.99'],
  ])('[PO5] %s: thirty per cent of %s, construction %s', (_, cost, construction, bound) => {
    const answer = base(cost, construction);
    expect(answer.status).toBe('eligible');
    expect(answer.bound).toEqual({ state: 'known', fen: yuan(bound) });
    expect(answer.assumed).toEqual(construction === undefined ? ['base.construction'] : []);
  });

  it('[PO5] T8: a missing cost is unknown and asked for, never zero', () => {
    const answer = ask('M8.5', BASE);
    expect(answer.status).toBe('unknown');
    expect(answer.missing).toEqual(['base.cost']);
    expect(answer.bound).toEqual({
      state: 'unknown',
      missing: ['base.cost'],
      ceilingFen: wan(200),
    });
  });

  it('[PO5] T10: a recommendation above the bound is cut to it', () => {
    const project = { 'project.provider': true, 'project.selected': true };
    const answer = ask('M6.2', project, { review: { recommendedFen: wan(120).toString() } });
    expect(answer.recommendedFen).toBe(wan(120));
    expect(answer.grantableFen).toBe(wan(100));
    expect(answer.findings.map(({ code }) => code)).toEqual(['excessive_recommendation']);
  });

  it('[PO5] a factor of the review stays below the bound (A14)', () => {
    const cost = { ...BASE, 'base.cost': wan(500).toString(), 'base.construction': '0' };
    const reviewed = ask('M8.5', cost, { review: { factor: '2/3' } });
    expect(reviewed.grantableFen).toBe(wan(100));
    const wrong = ask('M8.5', cost, { review: { factor: '3/2' } });
    expect(wrong.grantableFen).toBe(null);
    expect(wrong.findings[0]?.code).toBe('invalid_recommendation');
    const needed = ask('M8.5', cost, { decisions: [decided('A14', 'condition')] });
    expect([needed.status, needed.missing]).toEqual(['unknown', ['base.trained']]);
  });

  it('[PO5] A19 rounds down to the yuan where that is decided', () => {
    const cost = { ...BASE, 'base.cost': yuan('3,333,333.33').toString() };
    const answer = ask('M8.5', cost, { decisions: [decided('A19', 'yuan')] });
    expect(answer.bound).toEqual({ state: 'known', fen: yuan('999,999.00') });
  });

  it('[PO5] thirty per cent is never exceeded and never missed by a fen', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(amount, amount, (cost, construction) => {
        const { bound } = ask('M8.5', {
          ...BASE,
          'base.cost': cost.toString(),
          'base.construction': construction.toString(),
        });
        if (bound.state !== 'known') throw new Error('the bound is known');
        const net = cost > construction ? cost - construction : 0n;
        expect(bound.fen * 10n <= net * 3n && bound.fen <= wan(200)).toBe(true);
        expect(bound.fen === wan(200) || (bound.fen + 1n) * 10n > net * 3n).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  const ORDERS = {
    'applicant.kind': 'enterprise',
    'applicant.leading': true,
    'orders.this_year': wan(1000).toString(),
    'orders.last_year': wan(800).toString(),
  };

  it('[PO6] T21: orders from 800 to 1000 are eligible, the standard open', () => {
    const answer = ask('M4.4', ORDERS);
    expect(answer.status).toBe('eligible');
    expect(answer.basis?.fen).toBe(wan(200));
    expect(answer.bound).toEqual({ state: 'unset', ceilingFen: null });
    expect(answer.findings.map(({ code }) => code)).toEqual(['missing_standard']);
    const fewer = ask('M4.4', { ...ORDERS, 'orders.this_year': wan(800).toString() });
    expect(fewer.status).toBe('not_eligible');
  });

  it('[PO6] a decided rate holds from its day and from when it was known', () => {
    const decisions = [{ ...decided('R4.4', '1/20', '2025-01-01'), recorded: '2025-03-01' }];
    const bound = (on: string, knownOn: string) =>
      ask('M4.4', ORDERS, { decisions, on, knownOn }).bound;
    expect(bound('2025-06-30', '2025-06-30')).toEqual({ state: 'known', fen: wan(10) });
    expect(bound('2024-12-31', '2025-06-30').state).toBe('unset');
    expect(bound('2025-02-01', '2025-02-28').state).toBe('unset');
  });

  it('[PO6] grade tables, unit baselines and least of unset', () => {
    const withBound = (bound: Rule['bound']): Instrument => ({
      ...HUNAN_2023_55,
      rules: HUNAN_2023_55.rules.map((rule) =>
        rule.item === 'M4.2' ? { ...rule, bound, condition: { test: 'all', of: [] } } : rule,
      ),
    });
    const of = (bound: Rule['bound'], values = {}) =>
      ask('M4.2', values, { instrument: withBound(bound) }).bound;
    const fixed = (fen: string) => ({ amount: 'fixed', fen }) as const;
    const table = [
      { value: 'province', gives: fixed('100') },
      { value: 'nation', gives: fixed('300') },
    ];
    const graded = { amount: 'by_value', fact: 'centre.recognised', table } as const;
    expect(of(graded, { 'centre.recognised': 'nation' })).toEqual({ state: 'known', fen: 300n });
    expect(of(graded, { 'centre.recognised': 'city' })).toEqual({ state: 'known', fen: 0n });
    expect(of(graded)).toMatchObject({ state: 'unknown', ceilingFen: 300n });
    const perHead = { amount: 'per_unit', fact: 'base.trained', fen: '7', baseline: 10 } as const;
    expect(of(perHead, { 'base.trained': 12 })).toEqual({ state: 'known', fen: 14n });
    expect(of(perHead, { 'base.trained': 3 })).toEqual({ state: 'known', fen: 0n });
    const least = { amount: 'least', of: [{ amount: 'unset' }, fixed('50')] } as const;
    expect(of(least)).toEqual({ state: 'unset', ceilingFen: 50n });
    const sum = { amount: 'sum', of: [perHead, fixed('50')] } as const;
    expect(of(sum)).toEqual({ state: 'unknown', missing: ['base.trained'], ceilingFen: null });
  });
});

describe('conditions', () => {
  const CENTRE = { 'applicant.kind': 'enterprise', 'centre.invested': true } as const;

  it('[PO3] unknown facts are listed once, in the order of the rule', () => {
    expect(ask('M4.2', {}).missing).toEqual([
      'applicant.kind',
      'centre.invested',
      'centre.recognised',
    ]);
    expect(ask('M4.2', CENTRE).missing).toEqual(['centre.recognised']);
    const refused = ask('M4.2', { 'centre.recognised': 'city' });
    expect([refused.status, refused.missing]).toEqual(['not_eligible', []]);
    expect(ask('M4.2', { ...CENTRE, 'centre.recognised': 'nation' }).status).toBe('eligible');
  });

  it('[PO3] a wrong value is an error and counts as not given', () => {
    const answer = ask('M4.2', { ...CENTRE, 'centre.recognised': 'moon' });
    expect(answer.status).toBe('unknown');
    expect(answer.findings.map(({ code }) => code)).toEqual(['invalid_fact']);
    const named = ask('M4.2', { ...CENTRE, 'no.such': 1, 'centre.recognised': 'province' });
    expect(named.findings.map(({ code }) => code)).toEqual(['unknown_fact']);
    // A name every object inherits is not a fact.
    expect(ask('M4.2', { constructor: true }).missing).toHaveLength(3);
  });

  it('[PO3] Kleene: more facts never turn a decided verdict', () => {
    const names = ['applicant.audio_video', 'applicant.leading', 'applicant.content'];
    const leaf = fc
      .constantFrom(...names)
      .map((fact): Condition => ({ test: 'fact', fact, compare: 'is', value: true }));
    const tree = fc.letrec<{ node: Condition }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({ test: fc.constant('not' as const), of: tie('node') }),
        fc.record({
          test: fc.constantFrom('all' as const, 'any' as const),
          of: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        }),
      ),
    })).node;
    const answers = fc.dictionary(fc.constantFrom(...names), fc.boolean());
    const { definitions, readings } = openBook(HUNAN_2023_55, {
      eventDate: IN_FORCE,
      knownOn: IN_FORCE,
    });
    fc.assert(
      fc.property(tree, answers, answers, (condition, first, more) => {
        const judge = (given: Record<string, boolean>) =>
          decide(condition, { definitions, readings, facts: facts(given) }).verdict;
        const before = judge(first);
        const after = judge({ ...more, ...first });
        expect(before === 'unknown' || before === after).toBe(true);
        const all = Object.fromEntries(names.map((name) => [name, true]));
        expect(judge({ ...all, ...more })).not.toBe('unknown');
      }),
      { numRuns: 150 },
    );
  });

  it('[PO4] why not: the leaves in the way, with words and found values', () => {
    const answer = ask('M4.2', {
      ...CENTRE,
      'centre.invested': false,
      'centre.recognised': 'city',
    });
    const obstacles = whyNot(answer.trace!);
    expect(obstacles.map(({ leaf }) => [leaf.fact, leaf.found, leaf.quote])).toEqual([
      ['centre.invested', false, '鼓励企业投资设立研发中心'],
      ['centre.recognised', 'city', '经省级及以上部门认定'],
    ]);
    const orders = { 'orders.this_year': '2', 'orders.last_year': '1' };
    const supplier = ask('M4.4', {
      ...orders,
      'applicant.kind': 'enterprise',
      'applicant.leading': false,
    });
    // The branch of the other reading of A9 is nothing the firm could do.
    expect(whyNot(supplier.trace!).map(({ leaf }) => leaf.fact)).toEqual(['applicant.leading']);
    const denied = decide(
      { test: 'not', of: { test: 'fact', fact: 'export.active', compare: 'is', value: true } },
      {
        definitions: new Map(HUNAN_2023_55.facts.map((each) => [each.name, each])),
        readings: new Map(),
        facts: facts({ 'export.active': true }),
      },
    );
    expect(whyNot(denied)).toMatchObject([{ mustHold: false, leaf: { fact: 'export.active' } }]);
  });

  it('[PO4] provenance of a fact is kept in the trace', () => {
    const book = openBook(HUNAN_2023_55, { eventDate: IN_FORCE, knownOn: IN_FORCE });
    const given = { value: 'nation', source: '认定文件', date: '2024-05-01', verifier: '李某' };
    const { trace } = assess(book, {
      item: 'M1.3',
      appliedOn: null,
      facts: { 'platform.level': given },
    });
    expect(trace).toMatchObject({ source: '认定文件', date: '2024-05-01', verifier: '李某' });
  });
});

describe('dates', () => {
  const course = { 'course.joint': true, 'course.in_plan': true, 'course.builder': true };
  const state = (on: string) => ask('M8.4', course, { on }).validity.state;
  const status = (on: string, appliedOn: string | null = null, decisions = [] as never[]) =>
    ask('M8.4', course, { on, appliedOn, decisions }).status;

  it.each([
    ['2023-12-26', 'not_yet_in_force', 'not_eligible'],
    ['2023-12-27', 'doubtful', 'to_human'],
    ['2023-12-28', 'doubtful', 'to_human'],
    ['2023-12-29', 'in_force', 'eligible'],
    ['2028-12-27', 'in_force', 'eligible'],
    ['2028-12-28', 'doubtful', 'to_human'],
    ['2028-12-29', 'ended', 'not_eligible'],
  ])('[PO7] an event on %s is %s', (on, expected, answer) => {
    expect(state(on)).toBe(expected);
    expect(status(on)).toBe(answer);
  });

  it('[PO7] the default term is printed, and the doubt names its readings', () => {
    const { validity } = ask('M8.4', course, { on: '2023-12-28' });
    expect([validity.from, validity.to]).toEqual(['2023-12-28', '2028-12-27']);
    expect(validity.doubts).toEqual([{ parameter: 'A1', reading: 'online' }]);
  });

  it('[PO7] the application must lie inside too (A3), unless decided otherwise', () => {
    expect(status('2028-06-01', '2028-12-29')).toBe('not_eligible');
    expect(status('2028-06-01', '2028-12-28')).toBe('to_human');
    expect(status('2028-06-01', '2028-12-27')).toBe('eligible');
    const eventOnly = [decided('A3', 'event')] as never[];
    expect(status('2028-06-01', '2029-02-01', eventOnly)).toBe('eligible');
  });

  it('[PO7] a decision on the reading settles the day', () => {
    const printed = [decided('A1', 'printed', '2023-12-01')] as never[];
    expect(status('2023-12-28', null, printed)).toBe('eligible');
    expect(status('2023-12-27', null, printed)).toBe('not_eligible');
    const civil = [decided('A2', 'civil')] as never[];
    expect(status('2028-12-28', null, civil)).toBe('eligible');
  });

  const versions = (...changes: readonly Partial<Rule>[]): Instrument => ({
    ...HUNAN_2023_55,
    rules: HUNAN_2023_55.rules.flatMap((rule) =>
      rule.item === 'M8.4'
        ? changes.map((change, index) => ({ ...rule, version: index + 1, ...change }))
        : [rule],
    ),
  });
  const validity = (instrument: Instrument, on: string, knownOn = '2027-01-01') =>
    ask('M8.4', course, { instrument, on, knownOn }).validity;

  it('[PO8] a version governs its days, both inclusive', () => {
    const two = versions({ to: '2025-06-30' }, { from: '2025-07-01' });
    expect(validity(two, '2025-06-30').rule).toBe('M8.4@1');
    expect(validity(two, '2025-07-01').rule).toBe('M8.4@2');
    expect(validity(two, '2025-07-01').passedOver).toEqual([{ rule: 'M8.4@1', why: 'ended' }]);
  });

  it('[PO8] there is no falling through: ended, not yet, or not found', () => {
    expect(validity(versions({ to: '2025-06-30' }), '2025-07-01').state).toBe('ended');
    expect(validity(versions({ from: '2025-07-01' }), '2025-06-30').state).toBe('not_yet_in_force');
    const gap = versions({ to: '2025-06-30' }, { from: '2025-09-01' });
    expect(validity(gap, '2025-08-01').state).toBe('not_found');
    expect(ask('M8.4', course, { instrument: gap, on: '2025-08-01' }).status).toBe('not_eligible');
  });

  it('[PO8] a correction counts once it is recorded; overlap is a doubt', () => {
    const corrected = versions({}, { replaces: 1, recorded: '2026-01-01' });
    expect(validity(corrected, '2025-08-01', '2025-12-31').rule).toBe('M8.4@1');
    expect(validity(corrected, '2025-08-01', '2026-01-01').rule).toBe('M8.4@2');
    const overlap = validity(versions({}, { from: '2025-01-01' }), '2025-08-01');
    expect([overlap.state, overlap.rule]).toEqual(['doubtful', null]);
    expect(ask('M9.9', {}).findings[0]?.code).toBe('unknown_item');
  });
});
