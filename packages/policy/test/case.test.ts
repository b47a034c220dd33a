import fc from 'fast-check';
import { addDays } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  CASE_ROLES,
  type CaseRecord,
  type CaseStepRequest,
  CHINA_HOLIDAYS,
  CLAIM_FLOW,
  duplicateEvidence,
  endOfWorkingDays,
  historyBars,
  type HistoryQuestion,
  type HistoryRule,
  HUNAN_2023_55,
  isWorkingDay,
  matchItems,
  NEW_CASE,
  nextQuestion,
  compareMatches,
  openActions,
  openBook,
  readHolidayFile,
  takeStep,
  workCalendar,
  workingDaysBetween,
} from '../src/index.ts';
import { facts, IN_FORCE, wan } from './support.ts';

const calendar = workCalendar(CHINA_HOLIDAYS);

describe('working days', () => {
  const end = (from: string, days: number) => {
    const found = endOfWorkingDays(from, days, calendar);
    return found.ok ? found.value : found.findings[0]!.code;
  };

  it('[PO18] weekends, holidays and days made up', () => {
    const days = ['2026-02-13', '2026-02-14', '2026-02-16', '2026-02-28', '2026-03-01'];
    expect(days.map((day) => isWorkingDay(day, calendar))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(end('2026-11-20', 1)).toBe('2026-11-23');
    expect(end('2026-11-20', 5)).toBe('2026-11-27');
    // Friday 13 February 2026: Saturday is worked, then the Spring Festival until the 23rd.
    expect(end('2026-02-13', 2)).toBe('2026-02-24');
    expect(end('2026-09-30', 1)).toBe('2026-10-08');
    expect(end('2026-05-05', 0)).toBe('2026-05-05');
  });

  it('[PO18] refuses years nobody has announced, and terms without an end', () => {
    expect(isWorkingDay('2028-01-04', calendar)).toBe(undefined);
    expect(end('2027-12-30', 5)).toBe('missing_holiday_year');
    expect(end('2026-01-05', 1_001)).toBe('excessive_working_days');
    const more = workCalendar([
      ...CHINA_HOLIDAYS,
      { year: 2027, source: 'test', free: '01-01', worked: '' },
    ]);
    const entered = endOfWorkingDays('2026-12-30', 5, more);
    expect(entered).toMatchObject({ value: '2027-01-07', findings: [] });
  });

  it('[PO18] an assumed year is named, and ends no term earlier than the law would', () => {
    const found = endOfWorkingDays('2027-01-28', 5, calendar);
    expect(found.findings.map(({ code, facts: { year } }) => [code, year])).toEqual([
      ['assumed_holiday_year', 2027],
    ]);
    expect(endOfWorkingDays('2026-11-20', 5, calendar).findings).toEqual([]);
    // The days of the law alone: New Year's eve to the third day, made up on the weekdays after.
    const law = '01-01 02-05 02-08 02-09 04-05 05-03 05-04 06-09 09-15 10-01 10-04 10-05';
    const least = workCalendar([{ year: 2027, source: 'law', free: law, worked: '' }]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 20 }), (n, days) => {
        const from = addDays('2027-01-01', n);
        const [long, short] = [calendar, least].map((each) => endOfWorkingDays(from, days, each));
        if (long!.ok && short!.ok) expect(long!.value >= short!.value).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('[PO18] files of announcements read in two forms, and hostile ones are findings', () => {
    const days = [
      ['2027-01-01', true],
      ['2027-02-06', true],
      ['2027-02-08', true],
      ['2027-02-14', false],
    ] as const;
    const json = JSON.stringify({
      year: 2027,
      papers: ['国办发明电〔2026〕某号'],
      days: days.map(([date, isOffDay]) => ({ name: '', date, isOffDay })),
    });
    const lines = days.map(([date, off]) => `${date},${off ? '休' : '班'}`).join('\r\n');
    const wanted = { year: 2027, free: '01-01 02-08', worked: '02-14' };
    expect(readHolidayFile(json, '')).toMatchObject({
      value: { ...wanted, source: '国办发明电〔2026〕某号' },
    });
    expect(readHolidayFile(lines, '通知')).toMatchObject({ value: { ...wanted, source: '通知' } });
    const code = (text: string) => readHolidayFile(text, 'x').findings[0]?.code;
    expect(code('')).toBe('malformed_document');
    expect(code('{"days":[{"date":1}]}')).toBe('malformed_document');
    expect(code('2027-02-30,休')).toBe('invalid_holiday');
    expect(code('2027-01-01,休\n2028-01-01,休')).toBe('mixed_holiday_years');
    expect(code('2027-01-01,休\n2027-01-01,班')).toBe('duplicate_holiday');
    expect(code('2027-01-01,maybe')).toBe('malformed_document');
    expect(code('x'.repeat(200_001))).toBe('excessive_document');
    fc.assert(
      fc.property(fc.string(), (text) => {
        readHolidayFile(text, text);
      }),
      { numRuns: 200 },
    );
  });

  it('[PO18] counting back agrees with counting on', () => {
    const day = fc.integer({ min: 0, max: 1_000 }).map((n) => addDays('2023-02-01', n));
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 30 }), (from, days) => {
        const last = end(from, days);
        expect(workingDaysBetween(from, last, calendar)).toMatchObject({ value: days });
        if (days > 0) expect(isWorkingDay(last, calendar)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });
});

type Done = { record: CaseRecord; refused?: readonly string[] };

function walk(steps: readonly (Partial<CaseStepRequest> & { action: string })[], start = NEW_CASE) {
  let done: Done = { record: start };
  for (const step of steps) {
    const action = CLAIM_FLOW.actions.find((each) => each.action === step.action)!;
    const defaults = { actor: step.action, role: action.role, on: '2026-03-02', reason: 'because' };
    const taken = takeStep(CLAIM_FLOW, done.record, { ...defaults, ...step });
    if (!taken.ok) {
      const guards = taken.findings.map(({ code, facts: { guard } }) => String(guard ?? code));
      return { ...done, refused: guards };
    }
    done = { record: taken.value.record };
  }
  return done;
}

const FORWARD = new Set([
  ...'submit correct pass_check recommend pass_joint review'.split(' '),
  ...'propose publish decide order_funds pay'.split(' '),
]);
const TO_REVIEW = ['submit', 'pass_check', 'recommend', 'pass_joint', 'review'].map((action) => ({
  action,
}));
const FAIR: CaseRecord = { ...NEW_CASE, fairnessRecorded: true };
const TO_NOTICE = [
  ...TO_REVIEW,
  { action: 'propose', grantFen: wan(100) },
  { action: 'publish', until: '2026-03-09' },
];

describe('the way of a claim', () => {
  it('[PO19] from draft to audit', () => {
    const after = ['decide', 'order_funds', 'pay', 'evaluate', 'audit'].map((action) => ({
      action,
      on: '2026-03-10',
    }));
    const { record, refused } = walk([...TO_NOTICE, ...after], FAIR);
    expect(refused).toBe(undefined);
    expect(record.state).toBe('closed');
    expect(record.steps).toHaveLength(12);
  });

  it('[PO19] nothing is decided before the notice is over, or with an objection', () => {
    const decide = (on: string, start = FAIR) =>
      walk([...TO_NOTICE, { action: 'decide', on }], start).refused;
    expect(decide('2026-03-09')).toEqual(['notice_over']);
    expect(decide('2026-03-10')).toBe(undefined);
    expect(decide('2026-03-10', { ...FAIR, openObjections: 1 })).toEqual(['no_open_objection']);
  });

  it('[PO19] four eyes look at persons, whatever their roles', () => {
    const same = walk(
      [...TO_NOTICE, { action: 'decide', on: '2026-03-10', actor: 'propose' }],
      FAIR,
    );
    expect(same.refused).toEqual(['four_eyes']);
    const paid = walk(
      [
        ...TO_NOTICE,
        { action: 'decide', on: '2026-03-10' },
        { action: 'order_funds', on: '2026-03-10', actor: 'x' },
        { action: 'pay', on: '2026-03-10', actor: 'x' },
      ],
      FAIR,
    );
    expect(paid.refused).toEqual(['four_eyes']);
  });

  it('[PO19] what comes to light after the approval stops the payment', () => {
    const on = '2026-03-10';
    const approved = [...TO_NOTICE, { action: 'decide', on }];
    for (const before of [approved, [...approved, { action: 'order_funds', on }]]) {
      const revoked = walk([...before, { action: 'revoke', on }], FAIR);
      expect([revoked.refused, revoked.record.state]).toEqual([undefined, 'rejected']);
      expect(walk([...before, { action: 'revoke', on, reason: ' ' }], FAIR).refused).toEqual([
        'reason_given',
      ]);
      expect(walk([...before, { action: 'withdraw_late', on }], FAIR).record.state).toBe(
        'withdrawn',
      );
    }
    const moneyOf = (state: CaseRecord['state'], name: string) =>
      openActions(CLAIM_FLOW, state).find(({ action }) => action === name)?.money;
    expect(moneyOf('proposed', 'withdraw_late')).toBe('release');
    expect(moneyOf('decided', 'withdraw_late')).toBe('uncommit');
    expect(moneyOf('funds_ordered', 'revoke')).toBe('uncommit');
  });

  it('[PO19] what is left over comes back in part, and the claim can be looked at again', () => {
    const on = '2026-03-10';
    const way = ['decide', 'order_funds', 'pay', 'demand', 'recover_part', 'demand', 'recover'];
    const steps = way.map((action) => ({ action, on }));
    const { record, refused } = walk([...TO_NOTICE, ...steps], FAIR);
    expect([refused, record.state]).toEqual([undefined, 'recovered']);
  });

  it('[PO19] who recommends may decline, with a reason', () => {
    const checked = TO_REVIEW.slice(0, 2);
    expect(walk([...checked, { action: 'decline' }]).record.state).toBe('rejected');
    expect(walk([...checked, { action: 'decline', reason: '' }]).refused).toEqual(['reason_given']);
  });

  it('[PO35] what is offered comes in by consent, and goes the usual way by other eyes', () => {
    const offer = { action: 'offer', actor: 'off', offerDue: true };
    const confirm = { action: 'confirm', accountConfirmed: true };
    expect(walk([{ ...offer, offerDue: false }]).refused).toEqual(['offer_due']);
    expect(walk([offer, { action: 'confirm' }]).refused).toEqual(['account_confirmed']);
    expect(walk([offer, { ...confirm, role: 'officer' }]).refused).toEqual([
      'mismatched_case_role',
    ]);
    const usual = [...TO_REVIEW.slice(1), { action: 'propose', grantFen: wan(100) }];
    const { record, refused } = walk([offer, confirm, ...usual], FAIR);
    expect([refused, record.state]).toEqual([undefined, 'proposed']);
    for (const action of ['recommend', 'review']) {
      const way = [offer, confirm, ...usual].map((each) =>
        each.action === action ? { ...each, actor: 'off' } : each,
      );
      expect(walk(way, FAIR).refused).toEqual(['four_eyes']);
    }
    for (const end of ['turn_down', 'end_offer']) {
      expect(walk([offer, { action: end }]).record.state).toBe('withdrawn');
    }
    expect(walk([{ action: 'submit' }, offer]).refused).toEqual(['unexpected_case_action']);
  });

  it('[PO19] corrections come once and in time; proposals need review and fairness', () => {
    const asked = { action: 'ask_correction', until: '2026-03-05' };
    expect(
      walk([{ action: 'submit' }, asked, { action: 'correct', on: '2026-03-06' }]).refused,
    ).toEqual(['in_time']);
    expect(walk([{ action: 'submit' }, asked, { action: 'correct' }, asked]).refused).toEqual([
      'correction_unused',
    ]);
    const overdue = (on: string) => walk([{ action: 'submit' }, asked, { action: 'reject', on }]);
    expect(overdue('2026-03-05').refused).toEqual(['correction_over']);
    expect(overdue('2026-03-06').record.state).toBe('rejected');
    expect(walk([...TO_REVIEW, { action: 'propose', grantFen: 1n }]).refused).toEqual([
      'fairness_recorded',
    ]);
    expect(walk([...TO_REVIEW, { action: 'propose' }], FAIR).refused).toEqual(['amount_known']);
    expect(walk([{ action: 'submit', role: 'officer' }]).refused).toEqual(['mismatched_case_role']);
    expect(walk([{ action: 'pay' }]).refused).toEqual(['unexpected_case_action']);
    const back = { action: 'pass_check', on: '2026-03-01' };
    expect(walk([{ action: 'submit' }, back]).refused).toEqual(['backward_case_step']);
  });

  it('[PO19] every state is reached and every state but the ends can be left', () => {
    const reached = new Set<string>([CLAIM_FLOW.start]);
    for (let again = true; again;) {
      again = false;
      for (const { from, to } of CLAIM_FLOW.actions) {
        if (reached.has(to) || !from.some((state) => reached.has(state))) continue;
        reached.add(to);
        again = true;
      }
    }
    const states = new Set(CLAIM_FLOW.actions.flatMap(({ from, to }) => [...from, to]));
    expect([...states].filter((state) => !reached.has(state))).toEqual([]);
    for (const state of states) {
      const stuck = openActions(CLAIM_FLOW, state).length === 0;
      expect(!stuck || CLAIM_FLOW.ends.includes(state), state).toBe(true);
    }
  });

  it('[PO19] on no random path is money paid early, alone, or more than once', () => {
    const actions = [...new Set(CLAIM_FLOW.actions.map(({ action }) => action))];
    const step = fc.record({
      action: fc.constantFrom(...actions),
      actor: fc.constantFrom('ann', 'bo', 'cy', 'di', 'ed'),
      role: fc.constantFrom(...CASE_ROLES),
      steer: fc.integer({ min: 0, max: 9 }),
      later: fc.integer({ min: 0, max: 4 }),
      until: fc.integer({ min: 0, max: 6 }),
      objections: fc.constantFrom(0, 0, 0, 1),
    });
    let paidPaths = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 90 }), (steps) => {
        let record: CaseRecord = FAIR;
        let on = '2026-03-02';
        for (const { action, actor, role, steer, later, until, objections } of steps) {
          // Most steps are steered along the flow, so that paths get as far as the money.
          const open = openActions(CLAIM_FLOW, record.state);
          const forward = open.find((each) => FORWARD.has(each.action)) ?? open[0];
          const chosen = steer < 8 ? forward : open[later % Math.max(1, open.length)];
          const name = steer < 9 ? (chosen?.action ?? action) : action;
          const defined = CLAIM_FLOW.actions.find((each) => each.action === name)!;
          on = addDays(on, later);
          const before: CaseRecord = { ...record, openObjections: objections };
          const taken = takeStep(CLAIM_FLOW, before, {
            action: name,
            actor,
            role: steer < 9 ? defined.role : role,
            on,
            reason: 'r',
            until: addDays(on, until),
            grantFen: 1n,
          });
          if (!taken.ok) continue;
          record = taken.value.record;
          if (name === 'decide') expect(before.openObjections).toBe(0);
          if (name !== 'pay') continue;
          paidPaths += 1;
          expect(before.noticeUntil !== null && on > before.noticeUntil).toBe(true);
          const names = before.steps.map((each) => each.action);
          const since = before.steps.slice(names.lastIndexOf('publish'));
          expect(since.map((each) => each.action)).toContain('decide');
          const money = before.steps.filter((each) =>
            ['propose', 'decide', 'order_funds'].includes(each.action),
          );
          expect(money.some((each) => each.actor === actor)).toBe(false);
        }
        const paid = record.steps.filter((each) => each.action === 'pay').length;
        expect(paid).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100, seed: 55 },
    );
    expect(paidPaths).toBeGreaterThan(0);
  });
});

describe('history and evidence', () => {
  const asked = (more: Partial<HistoryQuestion>): HistoryQuestion => ({
    year: 2026,
    item: 'M6.2',
    benefit: 'reward',
    object: 'p',
    projectType: 't',
    past: [],
    marks: [],
    ...more,
  });
  const award = (year: number, more = {}) => ({
    year,
    item: 'M8.5',
    benefit: 'subsidy' as const,
    object: 'o',
    projectType: 'u',
    granted: true,
    ...more,
  });
  const barred = (rule: HistoryRule, more: Partial<HistoryQuestion>) =>
    historyBars([rule], asked(more)).length > 0;

  it('[PO17] no second fund in a year, rewards excepted', () => {
    const rule: HistoryRule = { bar: 'same_year', exempt: ['reward'], quote: '奖励类除外' };
    const past = [award(2026, { granted: false })];
    expect(barred(rule, { benefit: 'subsidy', past })).toBe(true);
    expect(barred(rule, { benefit: 'reward', past })).toBe(false);
    expect(barred(rule, { benefit: 'subsidy', past: [award(2025)] })).toBe(false);
    const reward = [award(2026, { benefit: 'reward' })];
    expect(barred(rule, { benefit: 'subsidy', past: reward })).toBe(false);
  });

  it('[PO17] none after years in a row, none twice, none with a standing mark', () => {
    const row: HistoryRule = { bar: 'years_in_a_row', years: 2, exempt: [], quote: 'q' };
    expect(barred(row, { past: [award(2025), award(2024)] })).toBe(true);
    expect(barred(row, { past: [award(2025), award(2023)] })).toBe(false);
    const refused = [award(2025), award(2024, { granted: false })];
    expect(barred(row, { past: refused })).toBe(false);
    const object: HistoryRule = { bar: 'same_object', quote: 'q' };
    const same = award(2020, { item: 'M6.2', object: 'p' });
    expect(barred(object, { past: [same] })).toBe(true);
    expect(barred(object, { past: [{ ...same, granted: false }] })).toBe(false);
    expect(
      barred({ bar: 'same_type', quote: 'q' }, { past: [award(1, { projectType: 't' })] }),
    ).toBe(true);
    const mark: HistoryRule = { bar: 'mark', marks: ['fraud'], quote: 'q' };
    const marked = (toYear: number) => [{ kind: 'fraud', fromYear: 2024, toYear }];
    expect(barred(mark, { marks: marked(2026) })).toBe(true);
    expect(barred(mark, { marks: marked(2025) })).toBe(false);
  });

  it('[PO17] one piece of evidence serves one claim', () => {
    const brought = [
      { claim: 'a', digest: '1', number: 'NO 2025-001' },
      { claim: 'b', digest: '2', number: 'no2025001' },
      { claim: 'b', digest: '3' },
      { claim: 'c', digest: '3' },
      { claim: 'a', digest: '1', number: ' ' },
      { claim: 'c', digest: '4', number: '' },
    ];
    const found = duplicateEvidence(brought).map(({ facts: { claims } }) => claims);
    expect(found).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    const severities = (...shared: readonly boolean[]) =>
      duplicateEvidence([
        ...shared.map((each) => ({ claim: 'a', digest: '1', shared: each })),
        { claim: 'b', digest: '1' },
      ]).map(({ severity }) => severity);
    // A public list serves several claims; brought as an invoice too, it serves one.
    expect([severities(true), severities(false), severities(true, false)]).toEqual([
      ['warning'],
      ['error'],
      ['error'],
    ]);
  });
});

describe('matching', () => {
  const book = openBook(HUNAN_2023_55, { eventDate: IN_FORCE, knownOn: IN_FORCE });

  it('[PO21] answers every item, the promising first, and asks what decides most', () => {
    const matches = matchItems(
      book,
      facts({ 'centre.invested': true, 'centre.recognised': 'nation', 'applicant.kind': 'park' }),
    );
    expect(matches).toHaveLength(37);
    const firm = matchItems(
      book,
      facts({
        'centre.invested': true,
        'centre.recognised': 'nation',
        'applicant.kind': 'enterprise',
      }),
    );
    expect(firm[0]).toMatchObject({ item: 'M4.2', status: 'eligible', atMostFen: wan(500) });
    expect(firm.find(({ item }) => item === 'M8.5')?.atMostFen).toBe(wan(200));
    expect(nextQuestion(matchItems(book, {}))).toBe('applicant.kind');
    expect(nextQuestion([])).toBe(null);
    const later = openBook(HUNAN_2023_55, { eventDate: '2029-01-01', knownOn: '2029-01-01' });
    const changed = compareMatches(firm, matchItems(later, {}));
    expect(changed.find(({ item }) => item === 'M4.2')?.after?.status).toBe('not_eligible');
    expect(compareMatches(firm, firm)).toEqual([]);
  });

  it('[PO21] forty companies, every answer complete', () => {
    for (let n = 0; n < 40; n++) {
      const given = facts({
        'applicant.kind': n % 2 === 0 ? 'enterprise' : 'university',
        'applicant.audio_video': n % 3 === 0,
        'centre.invested': n % 5 !== 0,
        'base.kind': 'base',
        'base.cost': String(n * 1_000_003),
      });
      for (const { status, missing, assessment } of matchItems(book, given)) {
        expect(missing.length > 0).toBe(status === 'unknown');
        expect(assessment.validity.state).toBe('in_force');
      }
    }
  });
});
