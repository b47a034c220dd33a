import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bidShape,
  checkChange,
  checkPutOff,
  checkReveal,
  checkWindow,
  drawFileShape,
  judgeMeasurement,
  judgeTermination,
  MILESTONE_FLOW,
  type MilestoneRecord,
  readDocument,
  ROUND_FLOW,
  type RoundRecord,
  scoreSheetShape,
  sealedBidShape,
  steadyNow,
  takeMilestoneStep,
  takeRoundStep,
  writeContract,
} from '../src/index.ts';
import { indicator, milestone, RUNS } from './support.ts';

const HOUR = 3_600_000;
const CLOSES = 100 * HOUR;
const day = (now: number) =>
  `2026-06-${String(1 + Math.floor(now / (24 * HOUR))).padStart(2, '0')}`;

describe('the hour', () => {
  const window = (now: number, state: RoundRecord['state'] = 'announced') =>
    checkWindow({ state, now, opensAt: HOUR, closesAt: CLOSES }).findings.map((each) => each.code);

  it('[OC10] bids are for the window, and the hour itself is too late', () => {
    expect(window(HOUR - 1)).toEqual(['early_bid']);
    expect(window(HOUR)).toEqual([]);
    expect(window(CLOSES - 1)).toEqual([]);
    expect(window(CLOSES)).toEqual(['late_bid']);
    expect(window(HOUR, 'draft')).toEqual(['closed_bidding']);
    expect(window(HOUR, 'opening')).toEqual(['closed_bidding']);
  });

  it('[OC10] a clock that is set back opens nothing again and reveals nothing early', () => {
    const recorded = [CLOSES - 5, CLOSES + 5];
    expect(window(steadyNow(CLOSES - 50, recorded))).toEqual(['late_bid']);
    const reveal = (now: number, state: RoundRecord['state']) =>
      checkReveal({ state, now, closesAt: CLOSES, revealUntil: CLOSES + HOUR }).findings.map(
        (each) => each.code,
      );
    expect(reveal(CLOSES - 1, 'opening')).toEqual(['early_opening']);
    expect(reveal(CLOSES, 'announced')).toEqual(['early_opening']);
    expect(reveal(CLOSES, 'opening')).toEqual([]);
    expect(reveal(CLOSES + HOUR, 'opening')).toEqual(['late_reveal']);
    expect(reveal(CLOSES + 1, 'opened')).toEqual(['late_reveal']);
  });

  it('[OC10] is put off before it strikes, or not at all', () => {
    const codes = (now: number, wanted: number) =>
      checkPutOff({ now, closesAt: CLOSES, wanted }).map((each) => each.code);
    expect(codes(HOUR, CLOSES + HOUR)).toEqual([]);
    expect(codes(HOUR, CLOSES - 1)).toEqual(['advanced_hour']);
    expect(codes(CLOSES, CLOSES + HOUR)).toEqual(['late_postponement']);
  });
});

/** What a round went through, kept beside it by words of their own. */
type World = { record: RoundRecord; hours: number; published: { on: string; by: string } | null };

describe('the life of a round', () => {
  it('[OC25] on no path a bid opens before the hour, nothing is decided on notice or alone', () => {
    const reached = new Set<string>();
    const move = fc.record({
      action: fc.constantFrom(...ROUND_FLOW.map(({ action }) => action)),
      role: fc.constantFrom('officer' as const, 'approver' as const),
      actor: fc.constantFrom('a', 'b'),
      reason: fc.constantFrom('', '理由'),
      clock: fc.integer({ min: -80, max: 120 }),
      unanswered: fc.integer({ min: 0, max: 1 }),
      objections: fc.constantFrom(0, 0, 1),
      sheets: fc.constantFrom(0, 0, 1),
      forward: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(move, { minLength: 8, maxLength: 40 }), (moves) => {
        let world: World = {
          record: {
            state: 'draft',
            steps: [],
            ready: true,
            now: 0,
            closesAt: CLOSES,
            revealUntil: CLOSES + 24 * HOUR,
            unanswered: 0,
            poolFrozen: true,
            openSeats: 0,
            missingSheets: 0,
            winners: 1,
            noticeUntil: null,
            openObjections: 0,
          },
          hours: 0,
          published: null,
        };
        for (const each of moves) world = step(world, each);
        reached.add(world.record.state);
      }),
      { numRuns: RUNS * 8 },
    );
    for (const state of ['decided', 'on_notice', 'void'] as const) expect(reached).toContain(state);

    function step(
      world: World,
      each: typeof move extends fc.Arbitrary<infer Value> ? Value : never,
    ): World {
      const hours = Math.max(0, world.hours + each.clock);
      const now = steadyNow(hours * HOUR, [world.record.now]);
      const seen: RoundRecord = {
        ...world.record,
        now,
        unanswered: each.unanswered,
        openObjections: each.objections,
        missingSheets: each.sheets,
      };
      // Half of the moves take the way on, so that its end is reached often enough.
      const onward = ROUND_FLOW.find(
        ({ from, action }) => from.includes(seen.state) && !['void', 'reread'].includes(action),
      );
      const action = each.forward && onward !== undefined ? onward.action : each.action;
      const role = each.forward && onward !== undefined ? onward.role : each.role;
      const { actor, reason } = each;
      const on = day(now);
      const taken = takeRoundStep(seen, { action, actor, role, on, reason });
      if (!taken.ok) return { ...world, record: { ...world.record, now }, hours };
      const { to } = taken.value;
      if (['opening', 'opened', 'drawn', 'scored', 'on_notice', 'decided'].includes(to)) {
        expect(now).toBeGreaterThanOrEqual(CLOSES);
      }
      if (to === 'decided') {
        expect(on > world.published!.on).toBe(true);
        expect(actor).not.toBe(world.published!.by);
        expect(each.objections).toBe(0);
      }
      if (to === 'scored') expect(each.sheets).toBe(0);
      const noticeUntil = to === 'on_notice' ? on : to === 'drawn' ? null : seen.noticeUntil;
      const published = to === 'on_notice' ? { on, by: actor } : world.published;
      const steps = [...seen.steps, { action, actor, role, on, reason }];
      return { record: { ...seen, state: to, steps, noticeUntil }, hours, published };
    }
  });

  it('[OC24] on no path a milestone is paid unmet, or by one pair of eyes', () => {
    let paid = 0;
    const verdicts = fc.constantFrom('met', 'missed', 'unmeasured');
    const move = fc.record({
      at: fc.nat(),
      actor: fc.constantFrom('a', 'b', 'c'),
      verdicts: fc.array(verdicts, { minLength: 0, maxLength: 2 }),
      running: fc.constantFrom(true, true, false),
    });
    fc.assert(
      fc.property(fc.array(move, { minLength: 4, maxLength: 25 }), (moves) => {
        let record: MilestoneRecord = { state: 'open', steps: [], running: true, verdicts: [] };
        let measured = record.verdicts;
        for (const each of moves) {
          if (each.verdicts.length > 0 && ['open', 'missed'].includes(record.state)) {
            measured = each.verdicts.map((verdict) => ({
              indicator: 'I',
              verdict,
              findings: [],
            })) as unknown as typeof measured;
          }
          record = { ...record, verdicts: measured, running: each.running };
          const { action, role } = MILESTONE_FLOW[each.at % MILESTONE_FLOW.length]!;
          const given = { action, role, actor: each.actor, on: '2026-06-01', reason: '' };
          const taken = takeMilestoneStep(record, given);
          if (!taken.ok) continue;
          record = { ...record, state: taken.value.to, steps: [...record.steps, given] };
          if (record.state !== 'paid') continue;
          paid += 1;
          const last = (name: string) => record.steps.findLast((one) => one.action === name)!.actor;
          expect(measured.length).toBeGreaterThan(0);
          expect(measured.every(({ verdict }) => verdict === 'met')).toBe(true);
          expect(new Set([last('accept'), last('order_funds'), last('pay')]).size).toBe(3);
          expect(record.running).toBe(true);
        }
      }),
      { numRuns: RUNS * 8 },
    );
    expect(paid).toBeGreaterThan(0);
  });
});

describe('contracts', () => {
  const two = [
    milestone({ code: 'M1', share: '1/3' }),
    milestone({
      code: 'M2',
      share: '2/3',
      indicators: [indicator({ code: 'I2', threshold: '90' })],
    }),
  ];

  it('[OC26] divides the grant to the fen', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
        (grant, weights) => {
          const sum = weights.reduce((all, each) => all + each, 0);
          const given = weights.map((each, at) =>
            milestone({ code: `M${at}`, share: `${each}/${sum}` }),
          );
          const written = writeContract(grant, given);
          if (!written.ok) throw new Error('the shares are the whole');
          const parts = written.value.milestones.map(({ amountFen }) => amountFen);
          expect(parts.reduce((all, each) => all + each, 0n)).toBe(grant);
          for (const [at, part] of parts.entries()) {
            const exact = (Number(grant) * weights[at]!) / sum;
            expect(Math.abs(Number(part) - exact)).toBeLessThan(1.5);
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(writeContract(100n, [milestone({ share: '1/2' })]).ok).toBe(false);
    expect(writeContract(100n, [milestone({ share: '-1' }), milestone({ share: '2' })]).ok).toBe(
      false,
    );
  });

  it('[OC26] a change leaves settled steps alone and shows what it weakens', () => {
    const written = writeContract(900n, two);
    if (!written.ok) throw new Error('the contract is whole');
    const codes = (wanted: typeof two, settled: string[] = []) =>
      checkChange(written.value, wanted, new Set(settled)).map((each) => each.code);
    expect(codes(two, ['M1'])).toEqual([]);
    expect(codes([{ ...two[0]!, due: '2028-01-01' }, two[1]!])).toEqual(['postponed_milestone']);
    expect(codes([{ ...two[0]!, due: '2028-01-01' }, two[1]!], ['M1'])).toEqual([
      'changed_settled_milestone',
      'postponed_milestone',
    ]);
    const weaker = { ...two[1]!, indicators: [indicator({ code: 'I2', threshold: '80' })] };
    expect(codes([two[0]!, weaker])).toEqual(['weakened_indicator']);
    const halves = [
      { ...two[0]!, share: '1/2' },
      { ...two[1]!, share: '1/2' },
    ];
    expect(codes(halves)).toEqual([]);
    expect(codes(halves, ['M1'])).toEqual(['changed_settled_milestone']);
    expect(codes([two[0]!])).toEqual(['incomplete_payment_shares']);
    const moved = [
      { ...two[0]!, share: '1', indicators: two.flatMap(({ indicators }) => indicators) },
    ];
    expect(codes(moved)).toEqual([]);
  });

  it('[OC27] a diligent failure keeps what it spent; fault returns everything', () => {
    const proofs = ['work_record', 'expense_record', 'cause', 'expert_opinion'] as const;
    const base = { on: '2026-06-01', paidFen: 1000n, spentFen: 700n, proofs };
    const judge = (over: object) => {
      const judged = judgeTermination({ kind: 'diligent', ...base, ...over });
      return judged.ok
        ? judged.value
        : judged.findings.map(({ code, facts }) => [code, facts['proofs']]);
    };
    expect(judge({})).toEqual({ repayFen: 300n, blame: false });
    expect(judge({ spentFen: 5000n })).toEqual({ repayFen: 0n, blame: false });
    expect(judge({ kind: 'fault', proofs: [] })).toEqual({ repayFen: 1000n, blame: true });
    expect(judge({ proofs: ['cause'] })).toEqual([
      ['missing_diligence_proof', ['work_record', 'expense_record', 'expert_opinion']],
    ]);
    expect(judge({ kind: 'force_majeure', proofs: ['expense_record', 'cause'] })).toEqual({
      repayFen: 300n,
      blame: false,
    });
    expect(judge({ spentFen: -1n })).toEqual([['invalid_spending', undefined]]);
  });
});

describe('documents from anywhere', () => {
  it('[OC28] are read with findings', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const shape of [bidShape, sealedBidShape, drawFileShape, scoreSheetShape]) {
          const read = readDocument(shape as typeof bidShape, value);
          expect(read.ok).toBe(false);
          expect(read.findings[0]?.code).toBe('invalid_opencall_document');
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('[OC28] hostile numbers are findings, not faults', () => {
    const huge = '9'.repeat(60);
    for (const value of [huge, '1/0', 'NaN', '1e9', '', '-', '0x1', `${huge}/${huge}`]) {
      const given = {
        indicator: 'I1',
        value,
        unit: 'fps',
        uncertainty: null,
        method: '',
        laboratory: 'x',
        evidence: '',
      };
      expect(() => judgeMeasurement(indicator(), given)).not.toThrow();
    }
  });
});
