import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  unknown_field: { zh: '登记簿没有“{field}”这一项', en: 'The register has no field “{field}”' },
  invalid_field: { zh: '“{field}”的值不是{kind}', en: 'The value of “{field}” is not of {kind}' },
  excessive_rows: {
    zh: '“{field}”有 {count} 行，超过上限 {limit}',
    en: '“{field}” has {count} rows; the limit is {limit}',
  },
  missing_field: { zh: '还缺“{label}”', en: '“{label}” is missing' },
  missing_document: { zh: '还缺材料“{label}”', en: 'The document “{label}” is missing' },
  duplicate_beneficiary: {
    zh: '同一单位在提供商中出现两次',
    en: 'One organisation stands twice among the providers',
  },
  mismatched_shares: {
    zh: '各提供商份额合计 {sum}，应为 1',
    en: 'The shares of the providers add up to {sum}, not to 1',
  },
  incomplete_entry: {
    zh: '登记内容不完整',
    en: 'The entry is not complete',
    remedy: { zh: '请按列出的各项补全。', en: 'Complete what is listed.' },
  },
  unselected_entry: {
    zh: '遴选尚未结束，或该项目未入选',
    en: 'The round is not decided, or this entry was not selected',
  },
  missing_failed_assessment: {
    zh: '最近一次评估没有不合格，不能警告',
    en: 'The last assessment was not failed; there is nothing to warn of',
  },
  missing_passed_assessment: {
    zh: '没有合格的评估，不能恢复或延续',
    en: 'No assessment since was passed',
    remedy: { zh: '请先评估。', en: 'Assess it first.' },
  },
  unfinished_remedy: {
    zh: '整改期至 {until}，未满不能撤销',
    en: 'The time to mend runs until {until}; it may not be withdrawn before',
  },
  invalid_level: { zh: '申请的级别不高于现有级别', en: 'The level asked for is not above' },
  missing_consent: {
    zh: '没有本人同意，不能使用其信息',
    en: 'The person has not agreed to this use of their data',
  },
  unfinished_keeping: { zh: '保存期未满', en: 'The term of keeping is not over' },
  unknown_criterion: { zh: '没有评分项“{code}”', en: 'There is no criterion “{code}”' },
  invalid_points: {
    zh: '“{code}”的分数应为 0 至 {most} 的整数',
    en: 'The points for “{code}” are whole numbers from 0 to {most}',
  },
  unknown_candidate: {
    zh: '评分对象 {candidate} 不在本轮',
    en: 'The candidate {candidate} is not of this round',
  },
  duplicate_score: {
    zh: '同一评审对同一对象评了两次',
    en: 'One reviewer scored one candidate twice',
  },
  tied_selection: {
    zh: '{first} 与 {second} 各项分数相同，按提交先后取舍',
    en: '{first} and {second} are equal in every score; the order of filing decided',
    remedy: { zh: '请复核。', en: 'Have a person look at it.' },
  },
  ended_entry: {
    zh: '登记在 {on} 不在有效状态（{standing}），不能作为申报依据',
    en: 'On {on} the entry does not stand ({standing}); no claim can rest on it',
  },
  foreign_beneficiary: {
    zh: '申报单位不是 {number} 的受益单位',
    en: 'The claimant is no beneficiary of {number}',
    remedy: {
      zh: '示范标杆项目的奖励对象是登记的解决方案提供商。',
      en: 'The award of a benchmark project is for the providers that are entered.',
    },
  },
  unfed_item: {
    zh: '{number} 不能作为 {item} 的依据',
    en: '{number} is no evidence for {item}',
  },
  undefined_field: { zh: '引用了未定义的“{field}”', en: '“{field}” is used and not defined' },
  undefined_item: {
    zh: '政策文件 {instrument} 没有条目 {item}',
    en: 'The instrument {instrument} has no item {item}',
  },
  mismatched_feed: {
    zh: '给 {item} 的事实或材料与条目要求不符',
    en: 'What is given to {item} is not what the item asks for',
  },
  unreachable_action: { zh: '没有途径走到“{action}”', en: 'No way leads to “{action}”' },
  missing_keeping_term: {
    zh: '有个人信息而没有保存期',
    en: 'There is data of persons and no term after which it is erased',
  },
} as const satisfies FindingTexts;
