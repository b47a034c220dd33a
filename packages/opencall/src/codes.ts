// Table: the wording of every finding in two languages, one short entry after the other.
import type { FindingTexts } from '@yinglian/core';

/** The wording of every finding of this package. Facts stand in braces. */
export const FINDING_TEXTS = {
  invalid_opencall_document: {
    zh: '文件内容不符合格式：{wanted}',
    en: 'The document has not the expected form: {wanted}',
  },
  // Catalogue and indicators.
  missing_indicators: { zh: '没有技术指标', en: 'There is no indicator' },
  missing_indicator_quantity: {
    zh: '指标 {indicator} 没有写明测什么',
    en: 'Indicator {indicator} does not say what is measured',
  },
  missing_indicator_unit: {
    zh: '指标 {indicator} 没有单位',
    en: 'Indicator {indicator} has no unit',
    remedy: { zh: '无量纲的量请填 1。', en: 'A pure number has the unit 1.' },
  },
  untestable_threshold: {
    zh: '指标 {indicator} 的阈值“{text}”不是数值',
    en: 'The threshold “{text}” of indicator {indicator} is no number',
  },
  reversed_thresholds: {
    zh: '指标 {indicator} 的下限不小于上限',
    en: 'The lower end of indicator {indicator} is not below the upper',
  },
  missing_test_method: {
    zh: '指标 {indicator} 没有检测方法，不能发布',
    en: 'Indicator {indicator} has no test method and cannot be published',
  },
  untestable_method: {
    zh: '指标 {indicator} 的检测方法“{method}”没有说明如何测量',
    en: 'The method “{method}” of indicator {indicator} says not how to measure',
    remedy: {
      zh: '请写明标准、仪器、条件和次数。',
      en: 'Name the standard, the instrument, the conditions and how often.',
    },
  },
  vague_indicator: {
    zh: '指标 {indicator} 用了无法检测的说法“{word}”',
    en: 'Indicator {indicator} says “{word}”, which nothing can measure',
  },
  duplicate_indicator: {
    zh: '指标编号 {indicator} 重复',
    en: 'The indicator {indicator} stands twice',
  },
  contradictory_indicators: {
    zh: '指标 {indicator} 与 {other} 不能同时满足',
    en: 'Indicators {indicator} and {other} exclude each other',
  },
  missing_rights_terms: {
    zh: '任务 {entry} 没有写明知识产权归属和共享',
    en: 'Task {entry} has no terms for rights and sharing',
  },
  empty_catalogue: { zh: '目录中没有任务', en: 'The catalogue has no task' },
  duplicate_entry: { zh: '任务编号 {code} 重复', en: 'The task {code} stands twice' },
  similar_entries: {
    zh: '任务 {code} 与 {other} 内容相近，请核对是否合并',
    en: 'Tasks {code} and {other} are alike; see whether they are one',
  },
  untestable_catalogue: {
    zh: '目录中有不能检测的指标，不能公示或发布',
    en: 'The catalogue has indicators that cannot be tested',
  },
  // Measurements.
  missing_measurement: {
    zh: '指标 {indicator} 没有实测值',
    en: 'Indicator {indicator} was not measured',
  },
  invalid_measurement: {
    zh: '指标 {indicator} 的实测值“{text}”不是数值',
    en: 'The value “{text}” of indicator {indicator} is no number',
  },
  mismatched_measurement_unit: {
    zh: '指标 {indicator} 的单位应为 {wanted}，实测为 {unit}',
    en: 'Indicator {indicator} is in {wanted}, the measurement in {unit}',
  },
  missing_uncertainty: {
    zh: '指标 {indicator} 按区间判定，检测报告须给出不确定度',
    en: 'Indicator {indicator} is judged with its uncertainty, which the report lacks',
  },
  missed_indicator: {
    zh: '指标 {indicator} 未达到要求 {threshold}（{value}）',
    en: 'Indicator {indicator} does not reach {threshold} ({value})',
  },
  dependent_laboratory: {
    zh: '检测单位 {laboratory} 是揭榜单位的成员，其结果不计（指标 {indicator}）',
    en: 'The laboratory {laboratory} belongs to the bidder; its value of {indicator} does not count',
  },
  // Bids.
  mismatched_lead: {
    zh: '联合体须有且只有一个牵头单位，现有 {count} 个',
    en: 'A consortium has one lead, not {count}',
  },
  incomplete_member_shares: {
    zh: '各成员分工比例之和不是 100%',
    en: 'The shares of the members are not the whole',
  },
  incomplete_payment_shares: {
    zh: '各节点拨款比例之和不是 100%',
    en: 'The payment shares of the milestones are not the whole',
  },
  duplicate_milestone: { zh: '节点编号重复', en: 'A milestone stands twice' },
  excessive_exclusions: {
    zh: '申请回避的专家超过 {limit} 名',
    en: 'More than {limit} experts are to be left out',
  },
  late_milestone: {
    zh: '节点 {milestone} 晚于任务期限 {due}',
    en: 'Milestone {milestone} is later than {due}',
  },
  missing_race_step: {
    zh: '赛马到 {checkpoint} 比对，方案在此之前没有任何节点',
    en: 'The race is compared on {checkpoint}, and the plan shows nothing by then',
  },
  invalid_race: {
    zh: '赛马需要至少两个揭榜方，比对日（{checkpoint}）须早于任务期限（{due}）',
    en: 'A race needs two winners at least, and a day ({checkpoint}) before the last one ({due})',
  },
  undecided_race: {
    zh: '本节点在比对日 {checkpoint} 之后：先决定由谁继续',
    en: 'This step is after the checkpoint {checkpoint}: who goes on is decided first',
  },
  unfinished_racer: {
    zh: '{racer} 的赛马节点没有全部通过并拨付，不能继续',
    en: '{racer} has not finished its steps of the race, and cannot go on',
  },
  unsettled_race_step: {
    zh: '{racer} 的节点“{step}”还没有验收或拨付：先了结，再决定',
    en: 'The step “{step}” of {racer} is not judged or not paid yet: settle it first',
  },
  early_race_decision: {
    zh: '比对日 {checkpoint} 未过，且不是所有揭榜方都已到达',
    en: 'The checkpoint {checkpoint} is not over, and not everybody has arrived',
  },
  dominated_racer: {
    zh: '按实测值，{behind} 没有一项比 {racer} 差，至少一项更好：请写明选择理由',
    en: '{behind} is nowhere worse than {racer} by measured values, and better somewhere: say why',
  },
  excessive_request: {
    zh: '申请资金超过榜单限额 {limit} 分',
    en: 'More is asked for than the limit of {limit} fen',
  },
  missing_promise: {
    zh: '没有承诺榜单指标 {indicator}',
    en: 'Indicator {indicator} of the task is not promised',
  },
  weakened_promise: {
    zh: '对指标 {indicator} 的承诺低于榜单要求',
    en: 'Less is promised for {indicator} than the task asks',
  },
  telling_proposal: {
    zh: '匿名部分出现可识别单位或个人的内容“{word}”，已遮盖',
    en: 'The blind part tells who wrote it (“{word}”); it was covered',
  },
  // Seals.
  invalid_threshold: {
    zh: '开封门限 {threshold} 与开封人数 {count} 不合要求：至少两人共同开封',
    en: 'A threshold of {threshold} among {count} openers is not possible; at least two open together',
  },
  duplicate_opener: { zh: '开封人或其公钥重复', en: 'An opener or a key stands twice' },
  invalid_opener_key: {
    zh: '开封人 {opener} 的公钥无效',
    en: 'The public key of opener {opener} is not valid',
  },
  missing_spare_opener: {
    zh: '开封人没有余量：{count} 人中须 {threshold} 人到场，一人缺席即无法开封',
    en: 'No opener is to spare: {threshold} of {count} are needed, and one who stays away keeps bids shut',
  },
  foreign_sealed_bid: {
    zh: '密封件不属于本轮或本单位',
    en: 'It was sealed for another round or bidder',
  },
  mismatched_openers: {
    zh: '密封件的开封人与公告不符',
    en: 'It was sealed to other openers than were announced',
  },
  invalid_sealed_bid: { zh: '密封件已损坏', en: 'The sealed bid is damaged' },
  missing_share: {
    zh: '密封件中没有该开封人的份额',
    en: 'The sealed bid has no share of this opener',
  },
  unreadable_share: {
    zh: '开封人 {opener} 的份额无法解密',
    en: 'The share of opener {opener} cannot be decrypted',
  },
  mismatched_share: {
    zh: '开封人 {opener} 给出的份额与密封时不符',
    en: 'The share of opener {opener} is not the one that was dealt',
  },
  missing_shares: {
    zh: '只有 {count} 份，开封需要 {threshold} 份',
    en: 'There are {count} shares, and {threshold} are needed',
  },
  unopenable_bid: { zh: '投标无法用所给密钥打开', en: 'The bid does not open with this key' },
  altered_bid: {
    zh: '打开的内容与密封时的承诺值不符',
    en: 'What was opened is not what was committed to',
  },
  mismatched_bid_key: { zh: '密钥文件不属于这份投标', en: 'The key file belongs to another bid' },
  // The round.
  unready_round: {
    zh: '榜单、开封人或评分标准尚不完整',
    en: 'Task, openers or rubric are not complete',
  },
  early_bid: { zh: '揭榜尚未开始', en: 'Bidding has not begun' },
  late_bid: { zh: '已过截止时刻', en: 'The hour has struck' },
  closed_bidding: { zh: '本轮不接受投标', en: 'This round takes no bids' },
  early_opening: { zh: '未到开封时刻', en: 'The hour has not struck yet' },
  late_reveal: { zh: '开封已经结束', en: 'The opening is over' },
  late_postponement: {
    zh: '截止时刻已过，不能再改',
    en: 'The hour has struck and cannot be put off',
  },
  advanced_hour: { zh: '截止时刻不得提前', en: 'The hour does not come sooner' },
  unanswered_bids: {
    zh: '还有投标既未打开也未确认无法打开',
    en: 'Some bids are neither opened nor known to be unopenable',
  },
  missing_frozen_pool: {
    zh: '专家库没有在截止前封存',
    en: 'The pool was not frozen before the hour',
  },
  missing_reviewers: { zh: '评审席位尚未补齐', en: 'Not all seats are taken' },
  missing_sheets: { zh: '还有评分表未提交', en: 'Some sheets are missing' },
  missing_winner: { zh: '没有可以公示的中选单位', en: 'Nobody is chosen yet' },
  // Conflicts of interest.
  same_employer: {
    zh: '专家任职于投标方 {organisation}',
    en: 'The expert works for {organisation}',
  },
  same_recommender: {
    zh: '专家与投标由同一单位 {organisation} 推荐',
    en: '{organisation} recommends both the expert and the bid',
  },
  employed_by_recommender: {
    zh: '专家任职于投标的推荐单位 {organisation}',
    en: 'The expert works for {organisation}, which recommends the bid',
  },
  named_in_bid: { zh: '专家 {name} 是投标团队成员', en: 'The expert {name} is one of the bid' },
  former_employer: {
    zh: '专家 {until} 前任职于 {organisation}',
    en: 'The expert worked for {organisation} until {until}',
  },
  shared_work: {
    zh: '专家与 {with} 有共同成果“{title}”',
    en: 'The expert shares “{title}” with {with}',
  },
  kin_in_bid: {
    zh: '专家的亲属与 {organisation} 有关',
    en: 'Kin of the expert are at {organisation}',
  },
  holding_in_bidder: {
    zh: '专家持有 {organisation} 的股份或职务',
    en: 'The expert holds shares or a seat of {organisation}',
  },
  funded_by_bidder: {
    zh: '专家在 {until} 前接受 {organisation} 的资助',
    en: '{organisation} funded the expert until {until}',
  },
  same_mail_domain: {
    zh: '专家与投标团队使用同一邮箱域名 {domain}',
    en: 'Expert and bidder share the mail domain {domain}',
  },
  declared_relation: {
    zh: '投标方声明了与专家的关系：{relation}',
    en: 'The bidder declared a relation: {relation}',
  },
  excluded_by_bidder: {
    zh: '投标方申请该专家回避：{reason}',
    en: 'The bidder asked to leave the expert out: {reason}',
  },
  // The draw.
  excessive_draw: {
    zh: '抽取规模过大：{pairs} 对、{seats} 席',
    en: 'The draw is too large: {pairs} pairs, {seats} seats',
  },
  invalid_draw_code: { zh: '编号 {code} 含有“/”', en: 'The code {code} contains “/”' },
  duplicate_draw_code: { zh: '编号 {code} 重复', en: 'The code {code} stands twice' },
  mismatched_region: {
    zh: '单位 {organisation} 的地区既是 {region} 又是 {other}',
    en: 'The organisation {organisation} is both in {region} and in {other}',
  },
  infeasible_quota: {
    zh: '名额无法满足：缺 {short} 席（{seats}），受限于 {limits}',
    en: 'The quotas cannot be met: {short} short of {seats}, held back by {limits}',
    remedy: {
      zh: '请扩充专家库或放宽所列限制后重新发布规则。',
      en: 'Add experts, or relax the limits named.',
    },
  },
  foreign_recusal: {
    zh: '{candidate} 没有坐在 {panel} 组，无从回避',
    en: '{candidate} does not sit on {panel}',
  },
  mismatched_seed: {
    zh: '公布的种子与事先承诺不符',
    en: 'The seed is not the one that was committed to',
  },
  mismatched_pool: { zh: '专家名单与封存的不符', en: 'The pool is not the one that was frozen' },
  mismatched_seats: {
    zh: '公布的专家与重新抽取的结果不符',
    en: 'The seats are not those that the draw gives',
  },
  // Scores.
  incomplete_rubric: {
    zh: '评分权重之和不是 100%',
    en: 'The weights of the rubric are not the whole',
  },
  duplicate_criterion: { zh: '评分项编号重复', en: 'A criterion stands twice' },
  foreign_criterion: { zh: '没有评分项 {criterion}', en: 'There is no criterion {criterion}' },
  invalid_mark: {
    zh: '评分项 {criterion} 须为 0 至 {max}，现为“{text}”',
    en: 'Criterion {criterion} takes 0 to {max}, not “{text}”',
  },
  divergent_scores: {
    zh: '{proposal} 的评分相差 {spread} 分（{low} 最低，{high} 最高），应当复评',
    en: 'Marks of {proposal} lie {spread} points apart ({low} lowest, {high} highest); read it again',
  },
  insufficient_cases: {
    zh: '评审 {reviewer} 评阅不足 {least} 件，不作标准化',
    en: 'Reviewer {reviewer} saw fewer than {least} cases and is not standardised',
  },
  disconnected_reviews: {
    zh: '评审分成 {groups} 组，互不重叠，分数不能比较',
    en: 'The reviews fall into {groups} groups that share nothing; their figures cannot be compared',
  },
  undecided_score: {
    zh: '{proposal} 没有可比的分数',
    en: '{proposal} has no figure that can be compared',
  },
  tied_decision: {
    zh: '第 {rank} 名并列：{proposals}，须由人决定',
    en: 'Rank {rank} is tied: {proposals}; a person decides',
  },
  mismatched_signature: {
    zh: '评分表的签名不符（{reviewer}，{proposal}）',
    en: 'The sheet of {reviewer} on {proposal} is not signed as it stands',
  },
  // Contracts.
  met_indicators: {
    zh: '指标全部达到，不能判为未达到',
    en: 'All indicators are met; it cannot be found missed',
  },
  stopped_project: { zh: '项目已停止', en: 'The project has stopped' },
  changed_settled_milestone: {
    zh: '节点 {milestone} 已验收，不能再改',
    en: 'Milestone {milestone} is settled and cannot change',
  },
  weakened_indicator: {
    zh: '变更降低了指标 {indicator}（节点 {milestone}）',
    en: 'The change asks less of {indicator} (milestone {milestone})',
  },
  postponed_milestone: {
    zh: '节点 {milestone} 推迟到 {due}',
    en: 'Milestone {milestone} is put off to {due}',
  },
  missing_diligence_proof: {
    zh: '缺少尽职证明：{proofs}',
    en: 'What shows diligence is missing: {proofs}',
  },
  invalid_spending: { zh: '支出金额无效', en: 'The spending is no amount' },
} as const satisfies FindingTexts;
