import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appealDays,
  appealFaults,
  type Cap,
  CHINA_HOLIDAYS,
  type CaseRecord,
  CLAIM_FLOW,
  checkInstrument,
  fairnessOf,
  type Frequency,
  HUNAN_2023_55,
  isFair,
  makeReceipt,
  NEW_CASE,
  objectionNears,
  objectionTerm,
  openBook,
  type ParameterDecision,
  readDecisions,
  readInstrument,
  receiptText,
  remindersOf,
  replayReceipt,
  stackReadings,
  bookOfItem,
  repeatedAward,
  takeStep,
  workCalendar,
} from '../src/index.ts';
import { ask, CRYPTOGRAPHY, decided, facts, IN_FORCE, policyText, wan } from './support.ts';

const ORDERS = {
  'applicant.kind': 'enterprise',
  'applicant.leading': true,
  'orders.this_year': '1000000000',
  'orders.last_year': '800000000',
};
const forItem = (item: string, quote: string, given: ParameterDecision): ParameterDecision => ({
  ...given,
  item,
  quote,
});

describe('what is decided for one item', () => {
  const COST = { 'base.kind': 'base', 'base.cost': '33333333' };
  const yuan = decided('A19', 'yuan');
  const own = forItem('M8.5', '不超过每个基地', yuan);

  it('[PO26] holds for that item, and outranks what holds for all, whenever that was said', () => {
    expect(ask('M8.5', COST).bound).toMatchObject({ fen: 9_999_999n });
    expect(ask('M8.5', COST, { decisions: [own] }).bound).toMatchObject({ fen: 9_999_900n });
    // The reading of M8.5 leaves every other item alone.
    const rate = decided('R4.4', '1/3');
    const orders = { ...ORDERS, 'orders.this_year': '800000200' };
    const plain = ask('M4.4', orders, { decisions: [rate, own] });
    expect(plain.bound).toMatchObject({ fen: 66n });
    const later = decided('A19', 'fen', '2025-01-01');
    for (const decisions of [
      [own, later],
      [later, own],
    ]) {
      expect(ask('M8.5', COST, { decisions }).bound).toMatchObject({ fen: 9_999_900n });
    }
    const before = { decisions: [own], on: '2023-12-31' };
    expect(ask('M8.5', COST, before).bound).toMatchObject({ fen: 9_999_999n });
  });

  it('[PO26] quotes words of the item, with a reading that the engine can compute', () => {
    const codes = (decision: ParameterDecision) =>
      checkInstrument(HUNAN_2023_55, [decision])
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
    expect(codes(own)).toEqual([]);
    expect(codes({ ...own, quote: '每家' })).toEqual(['mismatched_quote']);
    expect(codes({ ...yuan, item: 'M8.5' })).toEqual(['mismatched_quote']);
    expect(codes({ ...own, item: 'M99' })).toEqual(['unknown_item']);
    expect(
      codes(forItem('M4.1', '按招商引资有关政策奖励', decided('A20', 'not_recorded'))),
    ).toEqual(['unsupported_reading']);
    expect(codes(forItem('M4.1', '按招商引资有关政策奖励', decided('A20', 'recorded')))).toEqual(
      [],
    );
    expect(readDecisions([own]).ok).toBe(true);
    expect(readDecisions([{ ...own, item: 7 }]).ok).toBe(false);
  });

  it('[PO26] stands in the receipt of that item alone, which replays to the same bytes', () => {
    const receiptOf = (item: string) =>
      makeReceipt(CRYPTOGRAPHY, 'bound', {
        instrument: HUNAN_2023_55,
        decisions: [own],
        eventDate: IN_FORCE,
        knownOn: IN_FORCE,
        claim: { item, appliedOn: null, facts: facts(COST) },
      });
    const text = receiptText(receiptOf('M8.5'));
    expect(text).toContain('不超过每个基地');
    const replayed = replayReceipt(CRYPTOGRAPHY, text);
    expect(replayed.ok && receiptText(replayed.value.receipt)).toBe(text);
    expect(receiptText(receiptOf('M8.4'))).not.toContain('不超过每个基地');
  });

  it('[PO26] reaches the second stage too', () => {
    const decisions = [forItem('M6.2', '不超过100万元奖励', decided('A8', 'none'))];
    const book = openBook(HUNAN_2023_55, { eventDate: IN_FORCE, knownOn: IN_FORCE, decisions });
    expect(stackReadings(bookOfItem(book, 'M6.2')).topUp).toBe('none');
    expect(stackReadings(bookOfItem(book, 'M8.5')).topUp).toBe('difference');
    expect(stackReadings(book).topUp).toBe('difference');
  });
});

describe('the opinion of the fair-competition review', () => {
  const opinion = (item: string | null, conclusion: 'passes' | 'exception' | 'fails') => ({
    item,
    conclusion,
    quote: 'q',
    reason: 'r',
    by: 'b',
    on: IN_FORCE,
  });

  it('[PO27] is the last one on the item, or else the last on the whole call', () => {
    const whole = opinion(null, 'passes');
    const bad = opinion('M4.1', 'fails');
    expect(fairnessOf([], 'M4.1')).toBeNull();
    expect(isFair(fairnessOf([], 'M4.1'))).toBe(false);
    expect(isFair(fairnessOf([whole], 'M4.1'))).toBe(true);
    // What was said of the item stands, whatever is said later of the whole.
    expect(isFair(fairnessOf([bad, whole], 'M4.1'))).toBe(false);
    expect(isFair(fairnessOf([bad, whole], 'M4.2'))).toBe(true);
    expect(isFair(fairnessOf([bad, opinion('M4.1', 'exception')], 'M4.1'))).toBe(true);
    expect(isFair(fairnessOf([opinion('M4.2', 'passes')], 'M4.1'))).toBe(false);
  });
});

describe('a defence where the call has one', () => {
  const start: CaseRecord = { ...NEW_CASE, state: 'joint_checked', defenceWanted: true };
  const take = (record: CaseRecord, action: string, actor: string, reason = 'r') => {
    const { role } = CLAIM_FLOW.actions.find((each) => each.action === action)!;
    const more = { grantFen: 1n, until: '2026-06-30' };
    return takeStep(CLAIM_FLOW, record, { action, actor, role, on: '2026-06-01', reason, ...more });
  };
  const run = (record: CaseRecord, ...steps: readonly (readonly [string, string])[]) => {
    let at = { ...record, fairnessRecorded: true };
    for (const [action, actor] of steps) {
      const taken = take(at, action, actor);
      if (!taken.ok) return taken.findings.map(({ code }) => code);
      at = { ...taken.value.record, fairnessRecorded: true };
    }
    return at.state;
  };

  it('[PO28] comes between review and list, is recorded by another, and is asked once more', () => {
    const reviewed = [['review', 'expert']] as const;
    expect(run(start, ...reviewed, ['propose', 'officer'])).toEqual(['missing_defence']);
    const called = [...reviewed, ['invite_defence', 'officer']] as const;
    expect(run(start, ...called)).toBe('defending');
    expect(run(start, ...called, ['propose', 'other'])).toEqual(['unexpected_case_action']);
    expect(run(start, ...called, ['defend', 'officer'])).toEqual(['missing_second_person']);
    const defended = [...called, ['defend', 'expert']] as const;
    expect(run(start, ...defended, ['propose', 'officer'])).toBe('proposed');
    expect(run(start, ...defended, ['propose', 'expert'])).toEqual(['missing_second_person']);
    expect(run(start, ...defended, ['refuse', 'approver'])).toBe('rejected');
    // Without such a term nobody has to, and whoever wants to may.
    const free = { ...start, defenceWanted: false };
    expect(run(free, ...reviewed, ['propose', 'officer'])).toBe('proposed');
    expect(run(free, ...defended, ['propose', 'officer'])).toBe('proposed');
  });

  it('[PO28] on no path is a claim proposed without it', () => {
    const names = [
      'review',
      'invite_defence',
      'defend',
      'propose',
      'take_back',
      'publish',
      'submit',
    ];
    const steps = fc.array(
      fc.tuple(fc.constantFrom(...names), fc.constantFrom('a', 'b', 'c', 'd')),
      { minLength: 20, maxLength: 40 },
    );
    let proposed = 0;
    const path = fc.tuple(steps, steps);
    fc.assert(
      fc.property(path, ([one, two]) => {
        let at: CaseRecord = { ...start, fairnessRecorded: true };
        for (const [action, actor] of [...one, ...two]) {
          const taken = take(at, action, actor);
          if (!taken.ok) continue;
          if (action === 'propose') {
            proposed += 1;
            const before = at.steps.map((each) => each.action);
            expect(before.lastIndexOf('defend')).toBeGreaterThan(before.lastIndexOf('review'));
          }
          at = taken.value.record;
        }
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(proposed).toBeGreaterThan(50);
  });
});

describe('the term of an appeal', () => {
  const refused = {
    state: 'rejected',
    steps: [{ action: 'reject', on: '2026-01-01' }],
    appeals: [],
  };
  const bookWith = (decisions: readonly ParameterDecision[]) =>
    openBook(HUNAN_2023_55, { eventDate: IN_FORCE, knownOn: '2026-06-01', decisions });

  it('[PO29] is a parameter with the words of the law, sixty days where nothing is decided', () => {
    const parameter = HUNAN_2023_55.parameters.find(({ code }) => code === 'L1')!;
    expect(parameter.quote).toContain('六十日内');
    expect(parameter.law).toContain('行政复议法');
    expect(appealDays(bookWith([]), 'M8.4')).toBe(60);
    expect(appealFaults(refused, '2026-03-02', 60)).toEqual([]);
    const late = appealFaults(refused, '2026-03-03', 60).map(({ code }) => code);
    expect(late).toEqual(['late_appeal']);
    const ninety = bookWith([decided('L1', '90')]);
    expect(appealFaults(refused, '2026-03-03', appealDays(ninety, 'M8.4'))).toEqual([]);
    const instrument = { ...HUNAN_2023_55, parameters: [] };
    const silent = openBook(instrument, { eventDate: IN_FORCE, knownOn: IN_FORCE });
    expect(appealDays(silent, 'M8.4')).toBe(60);
  });

  it('[PO29] is whole days; another instrument names its own; the text is not asked for it', () => {
    const codes = (value: string) =>
      checkInstrument(HUNAN_2023_55, [decided('L1', value)])
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
    expect(['30', '0', '-1', '1.5', '', '99999'].map(codes)).toEqual([
      [],
      ...Array.from({ length: 5 }, () => ['unknown_reading']),
    ]);
    const named = { ...HUNAN_2023_55, general: { appeal: 'A19' } };
    const faults = checkInstrument(named).filter(({ severity }) => severity === 'error');
    expect(faults.map(({ code }) => code)).toEqual(['uncomputable_reading']);
    expect(readInstrument(JSON.parse(JSON.stringify(HUNAN_2023_55))).ok).toBe(true);
    const text = policyText();
    if (text === undefined) return;
    const quoted = checkInstrument(HUNAN_2023_55, [], text);
    expect(quoted.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('[PO30] an objection is answered in working days, and told of before its term ends', () => {
    const calendar = workCalendar(CHINA_HOLIDAYS);
    // Over the National Day of 2026: fifteen working days, the first day not counted.
    expect(objectionTerm('2026-09-24', calendar)).toBe('2026-10-22');
    expect(objectionTerm('2026-06-01', calendar, 5)).toBe('2026-06-08');
    expect(objectionTerm('2033-06-01', calendar, 5)).toBe('2033-06-06');
    const near = (on: string) => objectionNears(on, '2026-06-08', calendar);
    expect(['2026-06-02', '2026-06-03', '2026-06-08', '2026-07-01'].map(near)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(objectionNears('2033-06-02', '2033-06-06', calendar)).toBe(false);
    const told = remindersOf({
      on: '2026-06-05',
      facts: {},
      calls: [],
      claims: [],
      objections: [
        { id: 'o1', title: '通知', answerBy: '2026-06-08', kind: 'entry', subjectId: 'e1' },
      ],
    });
    const against = { kind: 'entry', id: 'e1' };
    expect(told).toMatchObject([
      { kind: 'objection_due', subject: 'o1', by: '2026-06-08', against },
    ]);
  });

  it('[PO26] a bound stays below its ceiling whatever is decided for one item', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: wan(5_000) }), fc.boolean(), (cost, single) => {
        const given = decided('A19', 'yuan');
        const decision = single ? forItem('M8.5', '不超过每个基地', given) : given;
        const { bound } = ask(
          'M8.5',
          { 'base.kind': 'base', 'base.cost': String(cost) },
          { decisions: [decision] },
        );
        expect(bound.state).toBe('known');
        if (bound.state !== 'known') return;
        expect(bound.fen <= wan(200) && bound.fen * 10n <= cost * 3n).toBe(true);
        expect(bound.fen % 100n).toBe(0n);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('[PO33] an item pays an object as often as it says, and no more', () => {
    const past = [
      {
        year: 2025,
        instrument: 'x',
        item: 'M5.2',
        benefit: 'subsidy',
        object: 'codec',
        label: '',
        projectType: 'M5.2',
        granted: true,
      },
    ] as const;
    const asked = { year: 2026, instrument: 'x', item: 'M5.2', object: 'codec', label: '', past };
    const codes = (frequency: Frequency, more: object = {}, caps: readonly Cap[] = []) =>
      repeatedAward({ frequency, caps }, new Map([['A1', 'a']]), { ...asked, ...more }).map(
        ({ code }) => code,
      );
    expect(codes('once_per_object')).toEqual(['repeated_award']);
    expect(codes('yearly_round')).toEqual([]);
    expect(codes('yearly_round', { year: 2025 })).toEqual(['repeated_award']);
    expect(codes('standing', { year: 2025 })).toEqual([]);
    for (const other of [
      { instrument: 'y' },
      { item: 'M4.2' },
      { object: 'decoder' },
      { label: 'part' },
      { past: past.map((each) => ({ ...each, granted: false })) },
    ]) {
      expect(codes('once_per_object', other)).toEqual([]);
    }
    // A ceiling per object is given once; one of another reading, or of a year, holds nothing.
    const cap = { code: 'c', limitFen: '1', per: ['object'] } as const;
    expect(codes('once_per_object', {}, [cap])).toEqual([]);
    const other = { ...cap, when: { parameter: 'A1', value: 'b' } };
    expect(codes('once_per_object', {}, [other])).toEqual(['repeated_award']);
    const yearly = { ...cap, per: ['object', 'round'] } as const;
    expect(codes('once_per_object', {}, [yearly])).toEqual(['repeated_award']);
    expect(codes('yearly_round', { year: 2025 }, [yearly])).toEqual([]);
  });
});
