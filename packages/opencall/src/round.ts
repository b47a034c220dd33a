import {
  accepted,
  type Finding,
  finding,
  type InstantMs,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { type FlowAction, type FlowStep, isAnotherPerson, walk } from '@yinglian/policy';

/** Where the round of one task can be. Bids come in while it is `announced`, by the clock. */
export type RoundState =
  | 'draft'
  | 'announced'
  | 'opening'
  | 'opened'
  | 'drawn'
  | 'scored'
  | 'on_notice'
  | 'decided'
  | 'void';
/** Who leads a round. */
export type RoundRole = 'officer' | 'approver';
/** What must hold before a step of a round. */
export type RoundGuard =
  | 'ready'
  | 'hour_struck'
  | 'all_answered'
  | 'pool_frozen'
  | 'seats_filled'
  | 'sheets_complete'
  | 'winner_known'
  | 'notice_over'
  | 'no_open_objection'
  | 'four_eyes'
  | 'reason_given';
/** One action of a round. */
export type RoundAction = FlowAction<RoundState, RoundRole, RoundGuard> & {
  readonly label: { readonly zh: string; readonly en: string };
};

const LIVE: readonly RoundState[] = [
  'draft',
  'announced',
  'opening',
  'opened',
  'drawn',
  'scored',
  'on_notice',
];

/** The round as data: 发榜 → 揭榜 → 开封 → 抽取专家 → 盲评 → 公示 → 决定. */
export const ROUND_FLOW: readonly RoundAction[] = Object.freeze([
  {
    action: 'announce',
    from: ['draft'],
    to: 'announced',
    role: 'officer',
    guards: ['ready'],
    label: { zh: '发榜', en: 'Announce' },
  },
  {
    action: 'open',
    from: ['announced'],
    to: 'opening',
    role: 'officer',
    guards: ['hour_struck'],
    label: { zh: '开始开封', en: 'Begin the opening' },
  },
  {
    action: 'finish_opening',
    from: ['opening'],
    to: 'opened',
    role: 'officer',
    guards: ['all_answered'],
    label: { zh: '开封结束', en: 'End the opening' },
  },
  {
    action: 'draw',
    from: ['opened'],
    to: 'drawn',
    role: 'officer',
    guards: ['pool_frozen'],
    label: { zh: '抽取专家', en: 'Draw the experts' },
  },
  {
    action: 'score',
    from: ['drawn'],
    to: 'scored',
    role: 'officer',
    guards: ['seats_filled', 'sheets_complete'],
    label: { zh: '汇总评分', en: 'Add up the sheets' },
  },
  {
    action: 'reread',
    from: ['scored', 'on_notice'],
    to: 'drawn',
    role: 'officer',
    guards: ['reason_given'],
    label: { zh: '退回复评', en: 'Send back for reading' },
  },
  {
    action: 'publish',
    from: ['scored'],
    to: 'on_notice',
    role: 'officer',
    guards: ['winner_known', 'reason_given'],
    label: { zh: '公示', en: 'Publish for notice' },
  },
  {
    action: 'decide',
    from: ['on_notice'],
    to: 'decided',
    role: 'approver',
    guards: ['notice_over', 'no_open_objection', 'four_eyes'],
    apartFrom: ['draw', 'score', 'publish'],
    label: { zh: '批准立项', en: 'Decide' },
  },
  {
    action: 'void',
    from: LIVE,
    to: 'void',
    role: 'approver',
    guards: ['reason_given'],
    label: { zh: '终止本轮', en: 'Void the round' },
  },
] as const);

/** The finding for each guard that does not hold. */
export const ROUND_UNMET: Readonly<Record<RoundGuard, string>> = Object.freeze({
  ready: 'unready_round',
  hour_struck: 'early_opening',
  all_answered: 'unanswered_bids',
  pool_frozen: 'missing_frozen_pool',
  seats_filled: 'missing_reviewers',
  sheets_complete: 'missing_sheets',
  winner_known: 'missing_winner',
  notice_over: 'unfinished_notice',
  no_open_objection: 'open_objection',
  four_eyes: 'missing_second_person',
  reason_given: 'missing_case_reason',
});

/** A round as its flow sees it. */
export type RoundRecord = {
  readonly state: RoundState;
  readonly steps: readonly FlowStep<RoundRole>[];
  readonly ready: boolean;
  /** The later of the clock and everything the network ever did; see {@link steadyNow}. */
  readonly now: InstantMs;
  readonly closesAt: InstantMs;
  /** Until when bids may still be opened. */
  readonly revealUntil: InstantMs;
  /** Bids that are neither opened nor found to be unopenable. */
  readonly unanswered: number;
  readonly poolFrozen: boolean;
  readonly openSeats: number;
  readonly missingSheets: number;
  readonly winners: number;
  readonly noticeUntil: IsoDate | null;
  readonly openObjections: number;
};

/** Takes a step of a round, or says why not. */
export function takeRoundStep(
  record: RoundRecord,
  step: FlowStep<RoundRole>,
): Outcome<RoundAction> {
  return walk<RoundState, RoundRole, RoundGuard, RoundAction>(ROUND_FLOW, record, step, {
    holds: (guard, action) => roundHolds(guard, action, record, step),
    unmet: ROUND_UNMET,
    facts: { until: record.noticeUntil ?? '' },
  });
}

function roundHolds(
  guard: RoundGuard,
  action: RoundAction,
  record: RoundRecord,
  step: FlowStep<RoundRole>,
): boolean {
  switch (guard) {
    case 'ready':
      return record.ready;
    case 'hour_struck':
      return record.now >= record.closesAt;
    case 'all_answered':
      return record.unanswered === 0 || record.now >= record.revealUntil;
    case 'pool_frozen':
      return record.poolFrozen;
    case 'seats_filled':
      return record.openSeats === 0;
    case 'sheets_complete':
      return record.missingSheets === 0;
    case 'winner_known':
      return record.winners > 0;
    case 'notice_over':
      return record.noticeUntil !== null && step.on > record.noticeUntil;
    case 'no_open_objection':
      return record.openObjections === 0;
    case 'four_eyes':
      return isAnotherPerson(action, record.steps, step.actor);
    case 'reason_given':
      return step.reason.trim() !== '';
  }
}

/**
 * The time that seals go by: the clock, but never before anything that was already recorded. A
 * clock that is set back opens nothing again.
 */
export function steadyNow(clock: InstantMs, recorded: readonly InstantMs[]): InstantMs {
  return recorded.reduce((latest, each) => Math.max(latest, each), clock);
}

/** Whether a bid may be handed in, replaced or withdrawn now; bids are for the window alone. */
export function checkWindow(given: {
  readonly state: RoundState;
  readonly now: InstantMs;
  readonly opensAt: InstantMs;
  readonly closesAt: InstantMs;
}): Outcome<void> {
  if (given.state !== 'announced') {
    return refused(finding('closed_bidding', 'error', { facts: { state: given.state } }));
  }
  if (given.now < given.opensAt) return refused(finding('early_bid', 'error'));
  // The hour itself is too late: what is open may not be sealed at the same moment.
  if (given.now >= given.closesAt) return refused(finding('late_bid', 'error'));
  return accepted(undefined);
}

/** Whether keys and shares may be handed in now. */
export function checkReveal(given: {
  readonly state: RoundState;
  readonly now: InstantMs;
  readonly closesAt: InstantMs;
  readonly revealUntil: InstantMs;
}): Outcome<void> {
  if (given.now < given.closesAt || given.state === 'announced' || given.state === 'draft') {
    return refused(finding('early_opening', 'error'));
  }
  if (given.state !== 'opening') {
    return refused(finding('late_reveal', 'error', { facts: { state: given.state } }));
  }
  if (given.now >= given.revealUntil) return refused(finding('late_reveal', 'error'));
  return accepted(undefined);
}

/** The hour may be put off before it strikes; it never comes sooner and never comes back. */
export function checkPutOff(given: {
  readonly now: InstantMs;
  readonly closesAt: InstantMs;
  readonly wanted: InstantMs;
}): Finding[] {
  const found: Finding[] = [];
  if (given.now >= given.closesAt) found.push(finding('late_postponement', 'error'));
  if (given.wanted < given.closesAt) found.push(finding('advanced_hour', 'error'));
  return found;
}
