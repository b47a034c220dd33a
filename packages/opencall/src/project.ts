import {
  accepted,
  allocate,
  canonicalJson,
  compareRatio,
  type Fen,
  type Finding,
  finding,
  type IsoDate,
  ONE,
  type Outcome,
  parseRatio,
  refused,
  sumRatios,
} from '@yinglian/core';
import { type FlowAction, type FlowStep, isAnotherPerson, walk } from '@yinglian/policy';
import type { Milestone } from './bid.ts';
import { isSame, type NamedOrganisation } from './conflicts.ts';
import {
  type AcceptanceRule,
  type IndicatorVerdict,
  isWeakened,
  judgeMeasurement,
  type Measurement,
} from './indicators.ts';

/** The contract of a chosen bid: its steps, each with what it must measure and what it is paid. */
export type ProjectContract = {
  readonly grantFen: Fen;
  readonly milestones: readonly (Milestone & { readonly amountFen: Fen })[];
};

/** Divides the grant among the milestones by their shares; not a fen is left over. */
export function writeContract(
  grantFen: Fen,
  milestones: readonly Milestone[],
): Outcome<ProjectContract> {
  const shares = milestones.map(({ share }) => parseRatio(share));
  const good = shares.every((each) => each !== undefined && each.numerator > 0n);
  if (!good || compareRatio(sumRatios(shares.map((each) => each!)), ONE) !== 0) {
    return refused(finding('incomplete_payment_shares', 'error'));
  }
  const whole = shares.reduce((all, each) => all * each!.denominator, 1n);
  const weights = shares.map((each) => (each!.numerator * whole) / each!.denominator);
  const amounts = allocate(grantFen, weights);
  return accepted({
    grantFen,
    milestones: milestones.map((each, at) => ({ ...each, amountFen: amounts[at]! })),
  });
}

/** Where a milestone can be. */
export type MilestoneState = 'open' | 'submitted' | 'accepted' | 'missed' | 'ordered' | 'paid';
/** Who acts on a milestone. */
export type ProjectRole = 'applicant' | 'officer' | 'approver' | 'finance';
/** What must hold before an action on a milestone. */
export type MilestoneGuard = 'measured' | 'all_met' | 'not_met' | 'running' | 'four_eyes';
/** One action on a milestone. */
export type MilestoneAction = FlowAction<MilestoneState, ProjectRole, MilestoneGuard>;

/** Submitting, the computed verdict, and money by four eyes: nothing is paid before acceptance. */
export const MILESTONE_FLOW: readonly MilestoneAction[] = Object.freeze([
  {
    action: 'submit',
    from: ['open', 'missed'],
    to: 'submitted',
    role: 'applicant',
    guards: ['running', 'measured'],
  },
  {
    action: 'accept',
    from: ['submitted'],
    to: 'accepted',
    role: 'officer',
    guards: ['running', 'all_met'],
  },
  {
    action: 'find_missed',
    from: ['submitted'],
    to: 'missed',
    role: 'officer',
    guards: ['not_met'],
  },
  {
    action: 'order_funds',
    from: ['accepted'],
    to: 'ordered',
    role: 'finance',
    guards: ['running', 'all_met', 'four_eyes'],
    apartFrom: ['accept'],
  },
  {
    action: 'pay',
    from: ['ordered'],
    to: 'paid',
    role: 'finance',
    guards: ['running', 'all_met', 'four_eyes'],
    apartFrom: ['accept', 'order_funds'],
  },
] as const);

/** The finding for each guard that does not hold. */
export const MILESTONE_UNMET: Readonly<Record<MilestoneGuard, string>> = Object.freeze({
  measured: 'missing_measurement',
  all_met: 'missed_indicator',
  not_met: 'met_indicators',
  running: 'stopped_project',
  four_eyes: 'missing_second_person',
});

/** A milestone as its flow sees it. */
export type MilestoneRecord = {
  readonly state: MilestoneState;
  readonly steps: readonly FlowStep<ProjectRole>[];
  readonly running: boolean;
  readonly verdicts: readonly IndicatorVerdict[];
};

/** Takes a step of a milestone, or says why not. */
export function takeMilestoneStep(
  record: MilestoneRecord,
  step: FlowStep<ProjectRole>,
): Outcome<MilestoneAction> {
  const { verdicts } = record;
  const all = verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === 'met');
  const measured = verdicts.length > 0 && verdicts.every(({ verdict }) => verdict !== 'unmeasured');
  const holds: Record<MilestoneGuard, (action: MilestoneAction) => boolean> = {
    measured: () => measured,
    all_met: () => all,
    not_met: () => !all,
    running: () => record.running,
    four_eyes: (action) => isAnotherPerson(action, record.steps, step.actor),
  };
  const missing = verdicts.find(({ verdict }) => verdict !== 'met');
  return walk<MilestoneState, ProjectRole, MilestoneGuard, MilestoneAction>(
    MILESTONE_FLOW,
    record,
    step,
    {
      holds: (guard, action) => holds[guard](action),
      unmet: MILESTONE_UNMET,
      facts: { indicator: missing?.indicator ?? '', value: '', threshold: '' },
    },
  );
}

/**
 * Holds measured values against the indicators of a milestone. A laboratory that belongs to the
 * bidder measures nothing that counts.
 */
export function judgeMilestone(
  milestone: Milestone,
  measurements: readonly Measurement[],
  more: { readonly rule: AcceptanceRule; readonly members: readonly NamedOrganisation[] },
): { readonly verdicts: readonly IndicatorVerdict[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const independent = measurements.filter(({ laboratory, indicator }) => {
    const named = { name: laboratory, creditCode: null };
    const own = more.members.some(({ name }) => isSame({ name, creditCode: null }, named));
    if (own) {
      findings.push(finding('dependent_laboratory', 'error', { facts: { laboratory, indicator } }));
    }
    return !own;
  });
  const verdicts = milestone.indicators.map((each) => {
    // The latest value stands: a second measurement takes the place of the first.
    const own = independent.findLast(({ indicator }) => indicator === each.code);
    return judgeMeasurement(each, own, more.rule);
  });
  return { verdicts, findings: [...findings, ...verdicts.flatMap((each) => each.findings)] };
}

/** Whether a change of a contract may be put to an approver, and what the approver must see. */
export function checkChange(
  contract: ProjectContract,
  wanted: readonly Milestone[],
  settled: ReadonlySet<string>,
): Finding[] {
  const found: Finding[] = [];
  const written = writeContract(contract.grantFen, wanted);
  if (!written.ok) return [...written.findings];
  const next = new Map(wanted.map((each) => [each.code, each]));
  if (next.size < wanted.length) found.push(finding('duplicate_milestone', 'error'));
  for (const { amountFen, ...milestone } of contract.milestones) {
    const facts = { milestone: milestone.code };
    const now = next.get(milestone.code);
    const paid = settled.has(milestone.code);
    const after = written.value.milestones.find(({ code }) => code === milestone.code);
    const same = now !== undefined && canonicalJson(now) === canonicalJson(milestone);
    if (paid && (!same || after?.amountFen !== amountFen)) {
      found.push(finding('changed_settled_milestone', 'error', { facts }));
    }
    for (const indicator of milestone.indicators) {
      // Moving an indicator to another step keeps it; only less than before is a weakening.
      const later = wanted
        .flatMap(({ indicators }) => indicators)
        .find(({ code }) => code === indicator.code);
      if (later !== undefined && !isWeakened(indicator, later)) continue;
      const more = { ...facts, indicator: indicator.code };
      found.push(finding('weakened_indicator', 'warning', { facts: more }));
    }
    if (now !== undefined && now.due > milestone.due) {
      found.push(finding('postponed_milestone', 'note', { facts: { ...facts, due: now.due } }));
    }
  }
  return found;
}

/** Why a project ends before its last milestone. */
export const TERMINATION_KINDS = ['diligent', 'force_majeure', 'agreed', 'fault'] as const;
/** One of {@link TERMINATION_KINDS}; `diligent` is 尽职免责. */
export type TerminationKind = (typeof TERMINATION_KINDS)[number];

/** What shows that somebody did what could be done, though it did not come out. */
export const DILIGENCE_PROOFS = [
  'work_record',
  'expense_record',
  'cause',
  'expert_opinion',
] as const;
/** One of {@link DILIGENCE_PROOFS}. */
export type DiligenceProof = (typeof DILIGENCE_PROOFS)[number];

/** What a termination is judged by. */
export type Termination = {
  readonly kind: TerminationKind;
  readonly on: IsoDate;
  readonly paidFen: Fen;
  /** Spent on the task by records that were examined. */
  readonly spentFen: Fen;
  readonly proofs: readonly DiligenceProof[];
};

/** What a termination comes to. */
export type TerminationResult = {
  /** What goes back: never more than was paid, never less than nothing. */
  readonly repayFen: Fen;
  /** Whether the department may mark the bidder; a diligent failure never is. */
  readonly blame: boolean;
};

/**
 * Who failed in spite of diligence keeps what was spent on the task and gives back the rest,
 * without a mark; who is at fault gives back everything. Diligence is shown, not claimed.
 */
export function judgeTermination(given: Termination): Outcome<TerminationResult> {
  if (given.spentFen < 0n || given.paidFen < 0n) {
    return refused(finding('invalid_spending', 'error'));
  }
  if (given.kind === 'fault') return accepted({ repayFen: given.paidFen, blame: true });
  const wanted: readonly DiligenceProof[] =
    given.kind === 'diligent' ? DILIGENCE_PROOFS : ['expense_record', 'cause'];
  const missing = wanted.filter((each) => !given.proofs.includes(each));
  if (missing.length > 0) {
    return refused(finding('missing_diligence_proof', 'error', { facts: { proofs: missing } }));
  }
  const left = given.paidFen - given.spentFen;
  return accepted({ repayFen: left > 0n ? left : 0n, blame: false });
}
