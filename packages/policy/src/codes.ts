import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  unexpected_appeal: {
    zh: '状态为“{state}”的申报没有可申诉的决定',
    en: 'A claim that is “{state}” has nothing to appeal against',
  },
  repeated_appeal: {
    zh: '对这一决定已经申诉过',
    en: 'This refusal was appealed against before',
  },
  late_appeal: {
    zh: '申诉期限为 {days} 日，已于 {until} 届满',
    en: 'The term for an appeal, {days} days, ended on {until}',
  },
  missing_appeal: {
    zh: '没有待答复的申诉',
    en: 'No appeal waits for an answer',
  },
  undue_offer: {
    zh: '只有免申即享条目、且部门所掌握的事实已经齐全时，才由部门提出',
    en: 'A department offers only what is given without application, once all facts are known',
  },
  missing_account: {
    zh: '确认免申即享须填写收款账户并表示同意',
    en: 'An offer is confirmed with the account to be paid and the consent',
    remedy: {
      zh: '请填写户名、开户行和账号，并勾选同意。',
      en: 'Name the holder, the bank and the number of the account, and agree.',
    },
  },
  unclear_free_item: {
    zh: '{rule} 标为免申即享，但没有条件或可计算的标准',
    en: '{rule} is given without application, but has no condition or no computable amount',
    remedy: {
      zh: '请写明条件和标准，或改为按规定程序。',
      en: 'State condition and amount, or let it be applied for.',
    },
  },
  uncomputable_reading: {
    zh: '参数 {parameter} 的读法“{value}”引擎不能计算；可用：{known}',
    en: 'The engine cannot compute the reading “{value}” of {parameter}; it knows {known}',
    remedy: {
      zh: '改用列出的读法，或标明 supported: false。',
      en: 'Use one of those, or say supported: false.',
    },
  },
  empty_instrument_term: {
    zh: '文件的施行日 {from} 晚于失效日 {to}',
    en: 'The instrument begins on {from}, after its end on {to}',
  },
  unreachable_rule_version: {
    zh: '规则 {rule} 没有一天落在文件有效期 {from} 至 {to} 内',
    en: 'No day of {rule} lies in the term of the instrument, {from} to {to}',
  },
  undefined_measure: {
    zh: '规则 {rule} 所属的措施“{measure}”没有定义',
    en: '{rule} belongs to the measure “{measure}”, which is not defined',
  },
  mismatched_parameter: {
    zh: '规则 {rule} 把 {parameter} 当作比例，但它不是比例',
    en: '{rule} takes {parameter} for a rate, which it is not',
  },
  idle_branch: {
    zh: '规则 {rule} 的第 {branch} 个分支已被其他分支涵盖，多余',
    en: 'Branch {branch} of {rule} is covered by the others and decides nothing',
  },
  invalid_fact: {
    zh: '“{fact}”的值不合要求（{kind}），按未填处理',
    en: 'The value of “{fact}” is not of kind {kind}; it is taken as not given',
    remedy: {
      zh: '是非题（yes_no）写 true 或 false；金额（money）写以分计的整数文字，如 "900000000"；选择（choice）写选项代码；日期（date）写 2026-06-01。',
      en: 'yes_no is true or false; money is fen as digits, "900000000"; a choice is one of its values; a date is 2026-06-01.',
    },
  },
  unknown_fact: { zh: '没有规则用到“{fact}”', en: 'No rule asks for “{fact}”' },
  assumed_fact: {
    zh: '未填“{fact}”，按默认值计算',
    en: '“{fact}” was not given; its default was used',
    remedy: { zh: '请填写实际数值。', en: 'Give the real value.' },
  },
  excessive_fact_count: {
    zh: '事实有 {count} 项，超过上限 {limit}',
    en: 'There are {count} facts; the limit is {limit}',
  },
  missing_published_rule: {
    zh: '已发布的规则 {rule} 不见了：规则只能增加新版本，不能删除',
    en: 'The published rule {rule} is gone: versions are added, never taken away',
  },
  changed_published_rule: {
    zh: '已发布的规则 {rule} 被改动',
    en: 'The published rule {rule} was edited',
    remedy: {
      zh: '请增加新版本，并用 replaces 指明更正哪一版。',
      en: 'Add a version, and say with “replaces” which one it corrects.',
    },
  },
  backdated_rule: {
    zh: '新规则 {rule} 的登记日期 {recorded} 早于今天 {on}',
    en: 'The new rule {rule} says it was recorded on {recorded}, before today, {on}',
  },
  changed_published_fact: {
    zh: '已发布的问题“{fact}”被删除或改了含义',
    en: 'The published question “{fact}” was removed or means something else',
  },
  changed_published_parameter: {
    zh: '已发布的参数“{parameter}”被删除或改了默认值',
    en: 'The published parameter “{parameter}” was removed or has another default',
  },
  changed_published_validity: {
    zh: '已发布的施行日期或有效期被改动',
    en: 'The published begin or end of force was changed',
  },
  conflicting_fact: {
    zh: '“{fact}”在 {instrument} 中是另一种问题',
    en: '“{fact}” is another kind of question in {instrument}',
  },
  assumed_holiday_year: {
    zh: '{year} 年放假安排：{source}；公布后以公布为准',
    en: 'The holidays of {year} are assumed ({source}) until they are announced',
    remedy: { zh: '请录入国务院办公厅的通知。', en: 'Enter the announcement when it is out.' },
  },
  invalid_holiday: {
    zh: '放假安排里有不存在的日期“{date}”，或没有日期、日期过多（{count}，上限 {limit}）',
    en: 'The list names no day, a wrong day “{date}”, or too many ({count}, limit {limit})',
  },
  mixed_holiday_years: {
    zh: '一个文件只能是一年的放假安排，这里有 {years}',
    en: 'A file holds the holidays of one year; this one has {years}',
  },
  duplicate_holiday: { zh: '{date} 出现两次', en: '{date} stands there twice' },
  unknown_item: { zh: '没有条目“{item}”', en: 'There is no item “{item}”' },
  doubtful_date: {
    zh: '{date} 在条文的不同读法之间（{readings}），须由人工判断',
    en: '{date} lies between readings of the text ({readings}); a person decides',
  },
  missing_standard: {
    zh: '{item} 的条文没有印出标准：标准待定',
    en: 'The text prints no standard for {item}: it is still to be set',
  },
  invalid_recommendation: {
    zh: '{item} 的评审意见不是金额，也不是零到一的系数',
    en: 'The review of {item} is neither an amount nor a factor from 0 to 1',
  },
  excessive_recommendation: {
    zh: '建议金额 {recommended} 分超过上限 {bound} 分，按上限计',
    en: 'The recommended {recommended} fen exceed the bound of {bound} fen, which is used',
  },
  excessive_claim_count: {
    zh: '申报有 {count} 项，超过上限 {limit}',
    en: 'There are {count} claims; the limit is {limit}',
  },
  duplicate_claim: { zh: '申报“{claim}”出现多次', en: 'The claim “{claim}” occurs more than once' },
  negative_amount: { zh: '金额为负：{claim}', en: 'An amount is negative: {claim}' },
  exhausted_cap: { zh: '上限组已用尽：{group}', en: 'A ceiling is used up: {group}' },
  undecided_stacking: {
    zh: '{count} 项申报互相牵连过多，无法精确求解，请分组或由人工判断',
    en: '{count} claims are too entangled for an exact answer; part them or let a person decide',
  },
  insufficient_budget: {
    zh: '预算 {budget} 分不足以支付全部 {wanted} 分',
    en: 'The budget of {budget} fen does not suffice for all {wanted} fen',
  },
  missing_score: { zh: '申报“{claim}”没有评分', en: 'The claim “{claim}” has no score' },
  empty_ledger_entry: { zh: '账目金额不是正数', en: 'An entry of the ledger moves nothing' },
  missing_ledger_claim: {
    zh: '账目“{move}”与申报的对应关系不符',
    en: 'The entry “{move}” names a claim where it must not, or none where it must',
  },
  invalid_carry_over: {
    zh: '{year} 年的结转没有指向以后的年度',
    en: 'The carry-over of {year} does not name a later year',
  },
  insufficient_balance: {
    zh: '账户 {account} 只有 {held} 分，不足 {wanted} 分',
    en: 'The account {account} holds {held} fen, less than {wanted}',
  },
  barred_claim: {
    zh: '不得申报：{quote}（{years}）',
    en: 'The claim is barred: {quote} ({years})',
  },
  duplicate_evidence: {
    zh: '同一凭证用于多项申报：{claims}（{evidence}）',
    en: 'The same evidence is brought with several claims: {claims} ({evidence})',
  },
  missing_holiday_year: {
    zh: '{year} 年的放假安排尚未录入，无法计算工作日',
    en: 'The holidays of {year} are not entered, so working days cannot be counted',
    remedy: {
      zh: '请按国务院办公厅的通知录入该年。',
      en: 'Enter the year as the State Council announced it.',
    },
  },
  excessive_working_days: {
    zh: '{count} 个工作日超过上限 {limit}',
    en: '{count} working days exceed the limit of {limit}',
  },
  unexpected_case_action: {
    zh: '当前状态“{state}”不能“{action}”',
    en: 'The action “{action}” is not open in the state “{state}”',
  },
  mismatched_case_role: {
    zh: '“{action}”须由“{role}”办理',
    en: 'The action “{action}” is for the role “{role}”',
  },
  backward_case_step: {
    zh: '办理日期 {on} 早于上一步 {last}',
    en: 'The day {on} is before that of the last step, {last}',
  },
  repeated_correction: {
    zh: '补正只能要求一次',
    en: 'Corrections are asked once',
  },
  unfinished_correction: {
    zh: '补正期限未过（至 {corrections}）',
    en: 'The term for corrections is not over (until {corrections})',
  },
  invalid_name: {
    zh: '名称“{name}”无法被查询：须符合 {wanted}',
    en: '“{name}” cannot be asked for by name: it should fit {wanted}',
  },
  unjudged_condition: {
    zh: '{rule} 的条件组合超过 {limit} 种，未检查是否自相矛盾',
    en: 'The condition of {rule} has more than {limit} ways; contradictions were not looked for',
  },
  late_correction: { zh: '补正期限已过', en: 'The term for corrections is over' },
  missing_recommender: { zh: '推荐须实名', en: 'A recommendation carries a name' },
  missing_second_person: {
    zh: '须由另一人办理：同一项申报的经手人不能再办这一步',
    en: 'Another person does this: whoever took an earlier step of the claim may not',
    remedy: { zh: '请换一位有此权限的同事。', en: 'Ask a colleague who holds this permission.' },
  },
  missing_grant_amount: { zh: '还没有可支持的金额', en: 'There is no amount to grant yet' },
  unfinished_notice: {
    zh: '公示尚未结束（至 {until}）',
    en: 'The public notice is not over (until {until})',
  },
  open_objection: {
    zh: '还有异议没有答复',
    en: 'An objection is not answered yet',
  },
  missing_fairness_opinion: {
    zh: '这个条目没有通过公平竞争审查的意见',
    en: 'No opinion of the fair-competition review lets this item pass',
    remedy: {
      zh: '请在申报通知页登记对该条目或整批的审查意见。',
      en: 'Record the opinion on the item or the whole call, on the page of the call.',
    },
  },
  missing_defence: {
    zh: '通知要求答辩，评审之后还没有答辩记录',
    en: 'The call asks for a defence, and none is recorded since the review',
    remedy: {
      zh: '请先通知答辩并记录结果。',
      en: 'Call the applicant, and record what came of it.',
    },
  },
  missing_case_reason: { zh: '请写明理由', en: 'Say why' },
  invalid_document: {
    zh: '文件此处应为 {wanted}',
    en: 'The document should have {wanted} here',
  },
  missing_document_member: {
    zh: '文件缺少这一项',
    en: 'The document lacks this member',
  },
  unknown_document_member: {
    zh: '文件有不认识的一项',
    en: 'The document has a member that is not known here',
    remedy: { zh: '请核对名称，或删去。', en: 'Check its name, or leave it out.' },
  },
  excessive_document: {
    zh: '文件超过 {limit} 字符',
    en: 'The document is longer than {limit} characters',
  },
  malformed_document: { zh: '不是 JSON', en: 'This is not JSON' },
  missing_validity: {
    zh: '没有施行日期或有效期',
    en: 'There is no first or last day in force',
  },
  unknown_engine: {
    zh: '凭据用第 {engine} 版语义计算，本程序只懂第 {known} 版',
    en: 'The receipt was made with semantics {engine}; this program knows {known}',
  },
  mismatched_receipt_digest: {
    zh: '凭据被改动过：摘要 {digest} 不符',
    en: 'The receipt was altered: its digest {digest} does not fit',
  },
  mismatched_receipt_result: {
    zh: '凭据 {digest} 的结果不能由其输入得出',
    en: 'The result of receipt {digest} does not follow from its input',
  },
  mismatched_bundle_digest: {
    zh: '凭据包被改动过：摘要 {digest} 不符',
    en: 'The bundle was altered: its digest {digest} does not fit',
  },
  mismatched_bundle_state: {
    zh: '步骤走到“{reached}”，凭据包却称“{state}”',
    en: 'The steps lead to “{reached}”; the bundle says “{state}”',
  },
  mismatched_bundle_grant: {
    zh: '金额 {granted} 分不能由凭据得出，应为 {computed} 分',
    en: 'The grant of {granted} fen does not follow from the receipts, which leave {computed}',
  },
  mismatched_bundle_division: {
    zh: '分配额 {fen} 分与分配凭据的 {left} 分不符',
    en: 'The share of {fen} fen is not the {left} fen of the receipt of the division',
  },
  repeated_award: {
    zh: '条目 {item} 在 {year} 年已支持过同一对象，不再重复支持（{frequency}）',
    en: 'The item {item} supported this in {year} and does not again ({frequency})',
  },
  unchanged_call: {
    zh: '通知没有任何改动',
    en: 'Nothing of the call is changed',
  },
  shortened_call: {
    zh: '已发布的期限只能延长，不能由 {before} 改为 {after}',
    en: 'A published term is put off and never cut short, so not from {before} to {after}',
  },
  opened_call: {
    zh: '通知的开始日期 {from} 只能在开始之前改，并且不能改到过去',
    en: 'The first day of the call, {from}, moves only while it is to come, and to a day to come',
  },
  claimed_call_item: {
    zh: '条目 {item} 已有单位起草或申报，不能从通知中去掉',
    en: 'The item {item} is drafted or filed for, so it stays in the call',
  },
  cancelled_call: {
    zh: '通知已于 {on} 取消',
    en: 'The call was cancelled on {on}',
  },
  granted_call: {
    zh: '通知已有 {count} 项拟支持，不能取消；请先逐项撤销',
    en: 'The call has {count} claims proposed or granted; revoke those before it is cancelled',
  },
  duplicate_definition: { zh: '“{name}”定义了两次', en: '“{name}” is defined twice' },
  unknown_reading: {
    zh: '参数 {parameter} 没有读法“{value}”',
    en: 'The parameter {parameter} has no reading “{value}”',
  },
  unsupported_reading: {
    zh: '参数 {parameter} 的读法“{value}”尚不能计算',
    en: 'The reading “{value}” of parameter {parameter} cannot be computed',
  },
  unknown_rule_version: {
    zh: '{rule} 所更正的第 {version} 版不存在',
    en: '{rule} corrects version {version}, which does not exist',
  },
  empty_rule_term: { zh: '{rule} 的止期早于起期', en: '{rule} ends before it begins' },
  overlapping_rule_version: {
    zh: '{rule} 与 {other} 的期间重叠',
    en: 'The terms of {rule} and {other} overlap',
  },
  missing_rule_version: {
    zh: '{rule} 之后，{from} 至 {to} 没有规则',
    en: 'After {rule} there is no rule from {from} to {to}',
  },
  undefined_fact: {
    zh: '{rule} 用到未定义的事实“{fact}”',
    en: '{rule} asks for “{fact}”, undefined',
  },
  undefined_parameter: {
    zh: '{rule} 用到未定义的参数 {parameter}',
    en: '{rule} uses the parameter {parameter}, which is not defined',
  },
  contradictory_condition: {
    zh: '{rule} 的条件自相矛盾，谁也不能满足',
    en: 'Nobody can meet the condition of {rule}: it contradicts itself',
  },
  idle_condition: {
    zh: '{rule} 的条件永远成立，等于没有条件',
    en: 'The condition of {rule} always holds, so it asks nothing',
  },
  unreachable_branch: {
    zh: '{rule} 的第 {branch} 个分支永远不会成立',
    en: 'Branch {branch} of {rule} can never hold',
  },
  empty_condition: { zh: '{rule} 有空的条件组', en: '{rule} has a group of no conditions' },
  empty_amount: { zh: '{rule} 的金额没有内容', en: '{rule} has an amount of nothing' },
  mismatched_comparison: {
    zh: '{rule} 对“{fact}”的比较与其类型不符',
    en: '{rule} compares “{fact}” in a way its kind does not have',
  },
  excessive_rate: {
    zh: '{rule} 的比例 {rate} 超过一',
    en: 'The rate {rate} of {rule} is above one',
  },
  unreachable_grade: {
    zh: '{rule} 的档次“{value}”重复，后者无效',
    en: 'The grade “{value}” of {rule} stands twice; the second never counts',
  },
  missing_grade: {
    zh: '{rule} 没有为这些档次定额：{values}',
    en: '{rule} names no amount for the grades {values}',
  },
  empty_cap: {
    zh: '{rule} 的上限 {cap} 没有计量单位',
    en: 'The ceiling {cap} of {rule} is per nothing',
  },
  unreachable_bound: {
    zh: '{rule} 的单项上限高于总上限 {cap}，永远达不到',
    en: 'The bound of {rule} is above its ceiling {cap} and can never be reached',
  },
  unused_fact: { zh: '没有规则用到“{fact}”', en: 'No rule uses “{fact}”' },
  mismatched_quote: {
    zh: '“{name}”的引文与原文不符',
    en: 'The quote of “{name}” is not what the text says there',
  },
} as const satisfies FindingTexts;
