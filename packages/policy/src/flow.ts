import { accepted, type Fen, type IsoDate, type Outcome } from '@yinglian/core';
import type { LedgerMove } from './ledger.ts';
import type { Words } from './model.ts';
import { type FlowAction, type FlowStep, isAnotherPerson, walk } from './walk.ts';

/** The way of a claim as data: states, and actions between them with who, when and what for. */

/** Where a claim can be. */
export type CaseState =
  | 'draft'
  /** Begun by the department from what it holds; the applicant has not answered. */
  | 'offered'
  | 'submitted'
  | 'correction'
  | 'checked'
  | 'recommended'
  | 'joint_checked'
  | 'reviewed'
  | 'defending'
  | 'defended'
  | 'proposed'
  | 'on_notice'
  | 'decided'
  | 'funds_ordered'
  | 'paid'
  | 'evaluated'
  | 'closed'
  | 'recovering'
  | 'recovered'
  | 'rejected'
  | 'withdrawn';

/** Who may act. One person may hold several roles; four eyes look at persons, not at roles. */
export const CASE_ROLES = [
  'applicant',
  'officer',
  'recommender',
  'reviewer',
  'approver',
  'finance',
  'auditor',
] as const;
/** One of {@link CASE_ROLES}. */
export type CaseRole = (typeof CASE_ROLES)[number];

/** What must hold before an action, beyond the state. */
export type CaseGuard =
  /** The list of corrections is given once. */
  | 'correction_unused'
  /** The corrections came within their term. */
  | 'in_time'
  /** The term for corrections ran out without any. */
  | 'correction_over'
  /** A person signs with a name: 实名推荐. */
  | 'named'
  /** Not the person of the named earlier action. */
  | 'four_eyes'
  /** A grantable amount is known. */
  | 'amount_known'
  /** The notice has run its working days; its last day is over. */
  | 'notice_over'
  | 'no_open_objection'
  /** The opinion of the fair-competition review is recorded for the item and passes (A20). */
  | 'fairness_recorded'
  /** Where the call asks for it, the applicant has answered questions since the last review. */
  | 'defence_held'
  /** The applicant has appealed against the refusal, and nobody has answered. */
  | 'appeal_open'
  /** The item is given without application (免申即享), and everything is known. */
  | 'offer_due'
  /** The applicant names its account and agrees. */
  | 'account_confirmed'
  /** It says why. */
  | 'reason_given';

/** One action of the flow. */
export type CaseAction = FlowAction<CaseState, CaseRole, CaseGuard> & {
  /** What it does to the money of the claim. */
  readonly money?: LedgerMove;
  readonly label: Words;
};

/** A whole flow. */
export type CaseFlow = {
  readonly name: string;
  readonly start: CaseState;
  readonly ends: readonly CaseState[];
  readonly actions: readonly CaseAction[];
};

/** One step that was taken; the history of a case is the list of them. */
export type CaseStep = FlowStep<CaseRole>;

/** A case as the flow sees it. */
export type CaseRecord = {
  readonly state: CaseState;
  readonly steps: readonly CaseStep[];
  /** Last day on which corrections may come; null before they were asked for. */
  readonly correctionUntil: IsoDate | null;
  /** Last day of the public notice. */
  readonly noticeUntil: IsoDate | null;
  readonly openObjections: number;
  readonly grantFen: Fen | null;
  readonly fairnessRecorded: boolean;
  /** Whether the terms of the call have a defence (答辩) after the expert review. */
  readonly defenceWanted: boolean;
  /** Whether an appeal of the applicant waits for its answer. */
  readonly appealOpen: boolean;
};

/** What somebody wants to do. */
export type CaseStepRequest = CaseStep & {
  /** With the action that asks for corrections, or that begins the notice. */
  readonly until?: IsoDate;
  /** With the action that proposes an amount. */
  readonly grantFen?: Fen;
  /** With an offer: what the department holds carries it. */
  readonly offerDue?: boolean;
  /** With the answer to an offer: account and consent are there. */
  readonly accountConfirmed?: boolean;
};

/** A case that nobody has touched. */
export const NEW_CASE: CaseRecord = Object.freeze({
  state: 'draft',
  steps: [],
  correctionUntil: null,
  noticeUntil: null,
  openObjections: 0,
  grantFen: null,
  fairnessRecorded: false,
  defenceWanted: false,
  appealOpen: false,
});

/** What is missing when a guard does not hold. */
const UNMET: Readonly<Record<CaseGuard, string>> = {
  correction_unused: 'repeated_correction',
  in_time: 'late_correction',
  correction_over: 'unfinished_correction',
  named: 'missing_recommender',
  four_eyes: 'missing_second_person',
  amount_known: 'missing_grant_amount',
  notice_over: 'unfinished_notice',
  no_open_objection: 'open_objection',
  fairness_recorded: 'missing_fairness_opinion',
  defence_held: 'missing_defence',
  appeal_open: 'missing_appeal',
  offer_due: 'undue_offer',
  account_confirmed: 'missing_account',
  reason_given: 'missing_case_reason',
};

/** Takes one step, or says why it may not be taken. */
export function takeStep(
  flow: CaseFlow,
  record: CaseRecord,
  step: CaseStepRequest,
): Outcome<{ record: CaseRecord; action: CaseAction }> {
  const taken = walk<CaseState, CaseRole, CaseGuard, CaseAction>(flow.actions, record, step, {
    holds: (guard, action) => holds(guard, action, record, step),
    unmet: UNMET,
    facts: { until: record.noticeUntil ?? '', corrections: record.correctionUntil ?? '' },
  });
  if (!taken.ok) return taken;
  const action = taken.value;
  const { action: name, actor, role, on, reason } = step;
  const steps = [...record.steps, { action: name, actor, role, on, reason }];
  const next = { ...record, state: action.to, steps };
  return accepted({ record: withTerms(next, action, step), action });
}

function withTerms(record: CaseRecord, action: CaseAction, step: CaseStepRequest): CaseRecord {
  const until = step.until ?? null;
  if (action.action === 'ask_correction') return { ...record, correctionUntil: until };
  if (action.action === 'publish') return { ...record, noticeUntil: until };
  // A list that is taken back must run its whole notice again.
  if (action.action === 'take_back') return { ...record, noticeUntil: null };
  if (action.action === 'reopen' || action.action === 'uphold_appeal') {
    const nothing = { noticeUntil: null, correctionUntil: null, grantFen: null };
    return { ...record, ...nothing, appealOpen: false };
  }
  return step.grantFen === undefined ? record : { ...record, grantFen: step.grantFen };
}

function holds(
  guard: CaseGuard,
  action: CaseAction,
  record: CaseRecord,
  step: CaseStepRequest,
): boolean {
  switch (guard) {
    case 'correction_unused':
      return !record.steps.some((each) => each.action === 'ask_correction');
    case 'in_time':
      return record.correctionUntil !== null && step.on <= record.correctionUntil;
    case 'correction_over':
      return record.correctionUntil !== null && step.on > record.correctionUntil;
    case 'named':
      return step.actor.trim() !== '';
    case 'four_eyes':
      return isAnotherPerson(action, record.steps, step.actor);
    case 'amount_known': {
      const fen = step.grantFen ?? record.grantFen;
      return fen !== null && fen > 0n;
    }
    case 'notice_over':
      return record.noticeUntil !== null && step.on > record.noticeUntil;
    case 'no_open_objection':
      return record.openObjections === 0;
    case 'fairness_recorded':
      return record.fairnessRecorded;
    case 'defence_held':
      return !record.defenceWanted || isDefended(record.steps);
    case 'appeal_open':
      return record.appealOpen;
    case 'offer_due':
      return step.offerDue === true;
    case 'account_confirmed':
      return step.accountConfirmed === true;
    case 'reason_given':
      return step.reason.trim() !== '';
  }
}

/** Answers to questions count for the review that they followed, and for no later one. */
function isDefended(steps: readonly CaseStep[]): boolean {
  const last = (name: string) => steps.findLastIndex(({ action }) => action === name);
  return last('defend') > last('review');
}

/** The actions that could be taken now, whoever acts; guards are looked at when one is. */
export function openActions(flow: CaseFlow, state: CaseState): readonly CaseAction[] {
  return flow.actions.filter((each) => each.from.includes(state));
}
