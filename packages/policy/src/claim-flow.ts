// Table: the way of a claim from draft to audit, one action after the other.
import type { CaseFlow, CaseGuard, CaseRole, CaseState } from './flow.ts';
import type { LedgerMove } from './ledger.ts';
import { flowAction } from './walk.ts';

const act = flowAction<CaseState, CaseRole, CaseGuard, { readonly money?: LedgerMove }>;

/** By these a claim comes in: who took them neither recommends nor reviews. */
const FILING = ['submit', 'correct', 'offer', 'confirm'];
const OPEN: readonly CaseState[] = [
  'draft',
  'submitted',
  'correction',
  'checked',
  'recommended',
  'joint_checked',
  'reviewed',
  'defending',
  'defended',
];
const UNDER_CHECK: readonly CaseState[] = ['submitted', 'checked', 'recommended', 'joint_checked'];
/** Decided, and nothing is paid yet. */
const APPROVED: readonly CaseState[] = ['decided', 'funds_ordered'];

/**
 * 草稿 → 提交 → 形式审查（一次补正）→ 实名推荐 → 部门会审 → 专家评审（→ 答辩）→ 拟支持名单 → 公示 →
 * 批复 → 资金下达 → 拨付 → 绩效 → 审计 → 收回.
 * 免申即享: 部门提出 → 企业确认账户并同意 → 形式审查, 其后同路.
 */
export const CLAIM_FLOW: CaseFlow = {
  name: 'claim/1',
  start: 'draft',
  ends: ['closed', 'recovered', 'rejected', 'withdrawn'],
  actions: [
    act('submit', [['draft'], 'submitted', 'applicant'], ['提交', 'Submit']),
    act('ask_correction', [['submitted'], 'correction', 'officer'], ['一次性补正', 'Ask once'], {
      guards: ['correction_unused', 'reason_given'],
    }),
    act('correct', [['correction'], 'submitted', 'applicant'], ['补正', 'Correct'], {
      guards: ['in_time'],
    }),
    act('pass_check', [['submitted'], 'checked', 'officer'], ['形式审查通过', 'Pass the check']),
    act('recommend', [['checked'], 'recommended', 'recommender'], ['实名推荐', 'Recommend'], {
      guards: ['named', 'reason_given', 'four_eyes'],
      apartFrom: FILING,
    }),
    act('decline', [['checked'], 'rejected', 'recommender'], ['不予推荐', 'Decline'], {
      guards: ['named', 'reason_given', 'four_eyes'],
      apartFrom: FILING,
    }),
    act('pass_joint', [['recommended'], 'joint_checked', 'officer'], ['部门会审', 'Joint check']),
    act('review', [['joint_checked'], 'reviewed', 'reviewer'], ['专家评审', 'Expert review'], {
      guards: ['four_eyes'],
      apartFrom: [...FILING, 'recommend'],
    }),
    act('invite_defence', [['reviewed'], 'defending', 'officer'], ['通知答辩', 'Call to defend'], {
      guards: ['reason_given'],
    }),
    act('defend', [['defending'], 'defended', 'reviewer'], ['记录答辩', 'Record the defence'], {
      guards: ['reason_given', 'four_eyes'],
      apartFrom: [...FILING, 'recommend', 'invite_defence'],
    }),
    act(
      'propose',
      [['reviewed', 'defended'], 'proposed', 'officer'],
      ['列入拟支持名单', 'Propose'],
      {
        guards: ['amount_known', 'fairness_recorded', 'defence_held', 'four_eyes'],
        apartFrom: ['review', 'defend'],
        money: 'reserve',
      },
    ),
    act('publish', [['proposed'], 'on_notice', 'officer'], ['公示', 'Publish for notice']),
    act(
      'take_back',
      [['proposed', 'on_notice'], 'reviewed', 'officer'],
      ['撤回名单', 'Take back'],
      {
        guards: ['reason_given'],
        money: 'release',
      },
    ),
    act('decide', [['on_notice'], 'decided', 'approver'], ['批复', 'Decide'], {
      guards: ['notice_over', 'no_open_objection', 'four_eyes'],
      apartFrom: ['propose', 'review', 'publish'],
      money: 'commit',
    }),
    act('refuse_after_notice', [['on_notice'], 'rejected', 'approver'], ['不予支持', 'Refuse'], {
      guards: ['reason_given', 'four_eyes'],
      apartFrom: ['propose'],
      money: 'release',
    }),
    act('order_funds', [['decided'], 'funds_ordered', 'finance'], ['资金下达', 'Order funds'], {
      guards: ['four_eyes'],
      apartFrom: ['propose', 'decide'],
    }),
    act('pay', [['funds_ordered'], 'paid', 'finance'], ['拨付', 'Pay'], {
      guards: ['notice_over', 'amount_known', 'four_eyes'],
      apartFrom: ['propose', 'decide', 'order_funds'],
      money: 'pay',
    }),
    // What comes to light after the approval is stopped, not paid first and recovered then.
    act('revoke', [APPROVED, 'rejected', 'approver'], ['撤销批复', 'Revoke the approval'], {
      guards: ['reason_given', 'four_eyes'],
      apartFrom: ['propose', 'order_funds'],
      money: 'uncommit',
    }),
    act('evaluate', [['paid'], 'evaluated', 'officer'], ['绩效评价', 'Evaluate'], {
      guards: ['reason_given'],
    }),
    act('audit', [['evaluated'], 'closed', 'auditor'], ['审计', 'Audit'], {
      guards: ['four_eyes'],
      apartFrom: ['propose', 'decide', 'pay', 'evaluate'],
    }),
    act('demand', [['paid', 'evaluated', 'closed'], 'recovering', 'auditor'], ['追回', 'Demand'], {
      guards: ['reason_given', 'four_eyes'],
      apartFrom: ['decide', 'pay'],
    }),
    act('recover', [['recovering'], 'recovered', 'finance'], ['已收回', 'Recovered'], {
      money: 'recover',
    }),
    act('recover_part', [['recovering'], 'closed', 'finance'], ['收回结余', 'Recover a part'], {
      guards: ['reason_given'],
      money: 'recover',
    }),
    act('reject', [UNDER_CHECK, 'rejected', 'officer'], ['不予受理', 'Reject'], {
      guards: ['reason_given'],
    }),
    act('reject', [['correction'], 'rejected', 'officer'], ['逾期未补正', 'Reject as overdue'], {
      guards: ['correction_over', 'reason_given'],
    }),
    act(
      'refuse',
      [['reviewed', 'defending', 'defended'], 'rejected', 'approver'],
      ['评审后不予支持', 'Refuse'],
      { guards: ['reason_given', 'four_eyes'], apartFrom: ['review', 'defend'] },
    ),
    act(
      'uphold_appeal',
      [['rejected'], 'submitted', 'approver'],
      ['申诉成立，恢复办理', 'Uphold the appeal'],
      {
        guards: ['appeal_open', 'reason_given', 'four_eyes'],
        apartFrom: ['reject', 'decline', 'refuse', 'refuse_after_notice', 'revoke'],
      },
    ),
    act('withdraw', [OPEN, 'withdrawn', 'applicant'], ['撤回申报', 'Withdraw']),
    act('withdraw_late', [['proposed', 'on_notice'], 'withdrawn', 'applicant'], ['放弃', 'Waive'], {
      guards: ['reason_given'],
      money: 'release',
    }),
    act('withdraw_late', [APPROVED, 'withdrawn', 'applicant'], ['放弃', 'Waive'], {
      guards: ['reason_given'],
      money: 'uncommit',
    }),
    act('reopen', [['withdrawn', 'rejected'], 'draft', 'applicant'], ['重新申报', 'Open again'], {
      guards: ['reason_given'],
    }),
    act('offer', [['draft'], 'offered', 'officer'], ['免申即享', 'Offer'], {
      guards: ['offer_due'],
    }),
    act('confirm', [['offered'], 'submitted', 'applicant'], ['确认账户并同意', 'Confirm'], {
      guards: ['account_confirmed'],
    }),
    act('turn_down', [['offered'], 'withdrawn', 'applicant'], ['谢绝', 'Turn down']),
    act('end_offer', [['offered'], 'withdrawn', 'officer'], ['收回', 'Take the offer back'], {
      guards: ['reason_given'],
    }),
  ],
};
