// Table: the steps that lives of entries are put together from, one action after the other.
import { type CaseRole, flowAction } from '@yinglian/policy';
import type { EntryAction, EntryEffect, EntryGuard, EntryState } from './model.ts';

const act = flowAction<EntryState, CaseRole, EntryGuard, { readonly effect?: EntryEffect }>;

const FILING: readonly EntryAction[] = [
  act('file', [['draft'], 'filed', 'applicant'], ['提交', 'File'], { guards: ['complete'] }),
  act('ask_correction', [['filed'], 'correction', 'officer'], ['一次性补正', 'Ask once'], {
    guards: ['correction_unused', 'reason_given'],
    effect: 'ask_correction',
  }),
  act('correct', [['correction'], 'filed', 'applicant'], ['补正', 'Correct'], {
    guards: ['in_time', 'complete'],
  }),
  act('reject', [['filed', 'checked'], 'refused', 'officer'], ['不予受理', 'Reject'], {
    guards: ['reason_given'],
    effect: 'end',
  }),
  act('reject', [['correction'], 'refused', 'officer'], ['逾期未补正', 'Reject as overdue'], {
    guards: ['correction_over', 'reason_given'],
    effect: 'end',
  }),
  act(
    'withdraw_filing',
    [['draft', 'filed', 'correction', 'checked', 'proposed', 'on_notice'], 'refused', 'applicant'],
    ['撤回', 'Take back the filing'],
    { effect: 'end' },
  ),
];

const CHECK = act('pass_check', [['filed'], 'checked', 'officer'], ['形式审查通过', 'Pass check']);

/** From the check through the public notice into the register. */
function admission(proposing: readonly EntryGuard[]): readonly EntryAction[] {
  return [
    act('propose', [['checked'], 'proposed', 'officer'], ['拟入库', 'Propose'], {
      guards: [...proposing, 'four_eyes'],
      apartFrom: ['file', 'correct'],
    }),
    act('publish', [['proposed'], 'on_notice', 'officer'], ['公示', 'Publish for notice'], {
      effect: 'begin_notice',
    }),
    act('take_back', [['proposed', 'on_notice'], 'checked', 'officer'], ['撤回', 'Take back'], {
      guards: ['reason_given'],
      effect: 'end_notice',
    }),
    act('enter', [['on_notice'], 'registered', 'approver'], ['入库', 'Enter the register'], {
      guards: ['notice_over', 'no_open_objection', 'four_eyes'],
      apartFrom: ['propose', 'publish'],
      effect: 'register',
    }),
    act('refuse', [['on_notice'], 'refused', 'approver'], ['不予入库', 'Refuse'], {
      guards: ['reason_given', 'four_eyes'],
      apartFrom: ['propose'],
      effect: 'end',
    }),
  ];
}

const STANDING: readonly EntryState[] = ['registered', 'warned'];

const LEAVING: readonly EntryAction[] = [
  act(
    'relinquish',
    [[...STANDING, 'upgrading', 'upgrade_notice'], 'relinquished', 'applicant'],
    ['主动退出', 'Relinquish'],
    { guards: ['reason_given'], effect: 'end' },
  ),
];

/** Out for a fault that assessments do not measure: false papers, a safety breach. */
const REVOKING = act('revoke', [STANDING, 'withdrawn', 'approver'], ['撤销', 'Revoke'], {
  guards: ['reason_given', 'four_eyes'],
  apartFrom: ['enter'],
  effect: 'end',
});

const ASSESSED: readonly EntryAction[] = [
  act('warn', [['registered'], 'warned', 'officer'], ['警告', 'Warn'], {
    guards: ['assessment_failed', 'reason_given'],
    effect: 'warn',
  }),
  act('reinstate', [['warned'], 'registered', 'officer'], ['恢复', 'Reinstate'], {
    guards: ['assessment_passed', 'reason_given'],
  }),
  act('renew', [['registered'], 'registered', 'approver'], ['延续', 'Renew'], {
    guards: ['assessment_passed'],
    effect: 'renew',
  }),
  act('withdraw', [['warned'], 'withdrawn', 'approver'], ['撤销资格', 'Withdraw'], {
    guards: ['remedy_over', 'reason_given', 'four_eyes'],
    apartFrom: ['warn'],
    effect: 'end',
  }),
];

const UPGRADE: readonly EntryAction[] = [
  act('ask_upgrade', [['registered'], 'upgrading', 'applicant'], ['申请升级', 'Ask to rise'], {
    guards: ['higher_level', 'reason_given'],
  }),
  act('publish_upgrade', [['upgrading'], 'upgrade_notice', 'officer'], ['升级公示', 'Publish it'], {
    guards: ['higher_level'],
    effect: 'begin_notice',
  }),
  act('upgrade', [['upgrade_notice'], 'registered', 'approver'], ['升级', 'Raise'], {
    guards: ['notice_over', 'no_open_objection', 'higher_level', 'four_eyes'],
    apartFrom: ['publish_upgrade'],
    effect: 'raise',
  }),
  act(
    'deny_upgrade',
    [['upgrading', 'upgrade_notice'], 'registered', 'officer'],
    ['不予升级', 'Deny'],
    { guards: ['reason_given'], effect: 'end_notice' },
  ),
];

/** Selected in a round, published, entered: a benchmark project stays what it was. */
export const SELECTED_LIFE: readonly EntryAction[] = [
  ...FILING,
  CHECK,
  ...admission(['selected']),
  ...LEAVING,
  REVOKING,
];

/** Examined one by one, entered for a term, renewed while the examination is passed. */
export const EXAMINED_LIFE: readonly EntryAction[] = [
  ...FILING,
  CHECK,
  ...admission(['complete']),
  ...ASSESSED,
  ...LEAVING,
  REVOKING,
];

/** The same with levels to rise to. */
export const LEVELLED_LIFE: readonly EntryAction[] = [...EXAMINED_LIFE, ...UPGRADE];

/**
 * A referral, not a decision: the person agrees, a named official routes the papers to who
 * recommends, and what the programme decided is reported back. In the end the data is erased.
 */
export const REFERRAL_LIFE: readonly EntryAction[] = [
  act('file', [['draft'], 'filed', 'applicant'], ['提交', 'File'], {
    guards: ['complete', 'consented'],
  }),
  ...FILING.filter(({ action }) => action !== 'file'),
  act('route', [['filed'], 'routed', 'officer'], ['转送推荐单位', 'Route'], {
    guards: ['reason_given', 'four_eyes'],
    apartFrom: ['file', 'correct'],
  }),
  act('recommend', [['routed'], 'recommended', 'recommender'], ['推荐申报', 'Recommend'], {
    guards: ['reason_given', 'four_eyes'],
    apartFrom: ['route'],
  }),
  act('return', [['routed'], 'refused', 'recommender'], ['不予推荐', 'Return'], {
    guards: ['reason_given'],
    effect: 'end',
  }),
  act('report_taken', [['recommended'], 'registered', 'officer'], ['已入选', 'Taken'], {
    guards: ['reason_given'],
    effect: 'register',
  }),
  act('report_refused', [['recommended'], 'refused', 'officer'], ['未入选', 'Not taken'], {
    guards: ['reason_given'],
    effect: 'end',
  }),
  ...LEAVING,
  act(
    'forget',
    [['refused', 'relinquished', 'withdrawn'], 'forgotten', 'officer'],
    ['到期删除个人信息', 'Erase personal data'],
    { guards: ['keeping_over'], effect: 'forget' },
  ),
];
