type Text = { readonly zh: string; readonly en: string };
/** How a finding reads in both languages, and what to do about it. */
export type FindingText = Text & { readonly remedy?: Text };

/** Wording of every finding of this package; `{name}` stands for a fact. */
export const FINDING_TEXTS: Readonly<Record<string, FindingText>> = Object.freeze({
  circular_recoupment: {
    zh: '费用“{account}”已在“{other}”回收，不得重复回收',
    en: 'Expenses of “{account}” are already recouped in “{other}”',
  },
  circular_split: { zh: '“{amount}”的来源成环', en: 'The pool “{amount}” feeds itself' },
  duplicate_city: {
    zh: '城市 {city} 同时属于 {first} 和 {second}',
    en: 'City {city} is in both {first} and {second}',
  },
  duplicate_clause: { zh: '条款编号重复', en: 'The clause id is used twice' },
  duplicate_party: { zh: '参与方“{party}”重复', en: 'Party “{party}” is listed twice' },
  duplicate_rest: { zh: '“其余”只能归一方', en: 'Only one taker can have the rest' },
  duplicate_split: { zh: '“{amount}”被分了两次', en: '“{amount}” is divided twice' },
  early_screening: {
    zh: '{date} 在首周 {start} 之前',
    en: 'A screening on {date} lies before the start {start}',
  },
  empty_terms: { zh: '没有条款', en: 'There are no terms' },
  empty_target: { zh: '{party} 没有可回收的金额', en: 'There is nothing for {party} to recoup' },
  excessive_profiles: {
    zh: '条款“{terms}”的组合过多',
    en: 'The terms “{terms}” have too many combinations of clauses',
  },
  excessive_reversal: {
    zh: '冲销 {income} 超过已有收入 {open} 分',
    en: 'Reversal {income} exceeds its incomes by {open} fen',
  },
  excessive_depth: {
    zh: '条款嵌套超过 {depth} 层或 {nodes} 项',
    en: 'The terms nest deeper than {depth} or hold more than {nodes} values',
  },
  excessive_shares: {
    zh: '比例合计 {shares} 超过 {total}',
    en: 'The shares come to {shares}, more than {total}',
  },
  excessive_terms: {
    zh: '条款文本超过 {limit} 字符',
    en: 'The terms are longer than {limit} characters',
  },
  incompatible_rounding: {
    zh: '按合计取整不能与“累计至今”并用',
    en: 'Rounding on totals cannot be combined with rounding to date',
    remedy: { zh: '改为 periods: each_period', en: 'Use periods: each_period' },
  },
  incomplete_shares: {
    zh: '比例合计 {shares}，不足 {total}，差 {missing}',
    en: 'The shares come to {shares} of {total}; {missing} is given to nobody',
    remedy: { zh: '写明其余归谁，或声明合计', en: 'Say who takes the rest, or declare the total' },
  },
  invalid_share: { zh: '份额须且只须写一种', en: 'A share is stated in exactly one way' },
  invalid_terms: {
    zh: '条款 {path} 写作“{found}”，无效（{problem}）',
    en: 'The terms say “{found}” at {path}, which is invalid ({problem})',
  },
  missing_member: { zh: '条款缺少 {path}', en: 'The terms lack {path}' },
  missing_terms: {
    zh: '这不是条款文件',
    en: 'This is no file of terms',
    remedy: {
      zh: '条款以 YAML 或 JSON 写成，第一行是“format: yinglian-terms/1”',
      en: 'Terms are written in YAML or JSON and begin with “format: yinglian-terms/1”',
    },
  },
  unknown_value: {
    zh: '{path} 写作“{found}”；只能是：{allowed}',
    en: '{path} says “{found}”; it is one of: {allowed}',
  },
  ambiguous_change: {
    zh: '第 {number} 项改动指到 {count} 行，数额只能改一行；可改用倍数',
    en: 'Change {number} means {count} rows; amounts are of one row, or give a multiple',
  },
  invalid_change: { zh: '改动写法有误（{path}）', en: 'The changes are wrong at {path}' },
  unmatched_change: {
    zh: '{list} 第 {number} 项改动没有对应的事实',
    en: 'Change {number} of {list} meets no fact',
  },
  invalid_threshold: { zh: '阶梯门槛“{above}”无效', en: 'The threshold “{above}” is invalid' },
  invalid_yaml: { zh: '不是 YAML 或 JSON：{problem}', en: 'Not YAML or JSON: {problem}' },
  incomplete_waterfall: {
    zh: '末步之后仍有余额无人承接',
    en: 'Something may be left over after the last step',
  },
  invalid_bundle: { zh: '不是结算单证明包（{path}）', en: 'Not a statement bundle (at {path})' },
  matched_root: { zh: '与已公布的期间根一致', en: 'Under the published root of the period' },
  mismatched_amount: {
    zh: '{column} 写为 {said}，重算为 {expected}',
    en: '{column} says {said}; recomputed it is {expected}',
  },
  mismatched_derivation: {
    zh: '推导“{path}”的算式不成立：{operation} 得不出 {value}',
    en: 'The derivation “{path}” does not hold: {operation} does not give {value}',
  },
  duplicate_record: {
    zh: '编号“{key}”在文件中重复',
    en: 'The key “{key}” is used twice in the file',
    remedy: { zh: '为每一行写明不同的编号', en: 'Give every row a key of its own' },
  },
  replaced_payment: {
    zh: '“{key}”已有另一笔记录；本行没有编号，不能断定是更正还是另一笔',
    en: 'There is another record “{key}”; without a key the row may correct it or be one more',
    remedy: {
      zh: '加“编号”列：更正写原编号“{key}”，另一笔写新编号',
      en: 'Add a column “key”: “{key}” to correct that record, a new key for another payment',
    },
  },
  empty_table: { zh: '表中没有数据行', en: 'There are no rows in the table' },
  excessive_rows: { zh: '超过 {limit} 行', en: 'There are more than {limit} rows' },
  invalid_cell: { zh: '“{field}”看不懂', en: '“{field}” is not understood' },
  mismatched_inputs: {
    zh: '所附数据与结算单所记摘要不符',
    en: 'The inputs are not those that the statement names by digest',
  },
  missing_line: { zh: '结算单缺少此行', en: 'The statement lacks this line' },
  unexpected_line: { zh: '重算得不出此行', en: 'Recomputing gives no such line' },
  unknown_column: { zh: '不认识的列“{column}”', en: 'The column “{column}” is not known' },
  mismatched_party: {
    zh: '行内条款不归“{party}”',
    en: 'The clauses of the line do not pay “{party}”',
  },
  mismatched_proof: {
    zh: '路径到不了期间根 {root}',
    en: 'The path does not lead to the root {root}',
  },
  mismatched_rate: {
    zh: '比例写为 {said}，条款为 {expected}',
    en: 'The rate says {said}; the terms say {expected}',
  },
  mismatched_root: {
    zh: '期间根 {root} 与已公布的 {published} 不同',
    en: 'The root {root} is not the published {published}',
  },
  missing_window: { zh: '保底须有窗口期', en: 'A minimum needs a window that ends' },
  excessive_minimum: {
    zh: '保底 {minimum} 元高于封顶 {cap} 元',
    en: 'The minimum of {minimum} yuan is above the cap of {cap}',
  },
  matched_signature: {
    zh: '“{organisation}”的签名有效，密钥可信',
    en: 'The signature of “{organisation}” holds and its key is trusted',
  },
  mismatched_signature: {
    zh: '“{organisation}”的签名与结算单不符',
    en: 'The signature of “{organisation}” does not fit the statement',
  },
  unchecked_signature: {
    zh: '“{organisation}”的签名未经核验',
    en: 'The signature of “{organisation}” was not checked',
  },
  unknown_key: {
    zh: '“{organisation}”的签名有效；请向对方核对其公钥 {key}',
    en: 'The signature of “{organisation}” holds; compare its key {key} with the organisation',
  },
  untrusted_key: {
    zh: '“{organisation}”签名所用的公钥不在可信之列',
    en: 'The key of “{organisation}” is not one of the trusted keys',
  },
  mismatched_schedule: {
    zh: '阶梯或封顶“{key}”重算不符',
    en: 'The ladder or cap “{key}” recomputes differently',
  },
  mismatched_terms: {
    zh: '条款“{terms}”与结算单所依据的不同',
    en: 'The terms “{terms}” are not those of the statement',
  },
  mismatched_total: {
    zh: '{column} 合计写为 {said}，实为 {expected}',
    en: 'The total of {column} says {said}; it is {expected}',
  },
  missing_account: { zh: '参与方“{party}”没有账户', en: 'Party “{party}” has no account' },
  missing_book: {
    zh: '缺少来源“{book}”的累计数',
    en: 'The figures of source “{book}” are missing',
  },
  missing_circuit: {
    zh: '影院 {cinemaCode} 没有登记院线',
    en: 'Cinema {cinemaCode} has no circuit on record',
  },
  missing_first_tier: {
    zh: '第一档应从 0 起，实为 {above}',
    en: 'The first tier starts at {above}, not at 0',
  },
  missing_proof: { zh: '没有期间根的证明', en: 'There is no proof of the period' },
  missing_rate: {
    zh: '缺少 {date} 的 {currency} 汇率',
    en: 'No rate of {currency} for {date}',
    remedy: {
      zh: '补录汇率；或在条款中写明 lastWithinDays，用此前若干日内最近公布的汇率',
      en: 'Record the rate, or let the terms take the last one published (lastWithinDays)',
    },
  },
  missing_rest: {
    zh: '份额随人次或上限变化，须写明其余归谁',
    en: 'Shares here vary with admissions or caps; say who takes the rest',
  },
  missing_segment: {
    zh: '没有条款覆盖 {from}{date} {to}',
    en: 'No clause covers {from}{date} {to}',
  },
  missing_split: { zh: '没有条款分配净票房', en: 'No split divides the net or the gross' },
  other_platforms: {
    zh: '{platforms} 的用量不属本条款，未计入',
    en: 'The usage of {platforms} is not of these terms and does not count',
  },
  overlapping_segments: { zh: '与“{other}”的日期重叠', en: 'Its dates overlap those of “{other}”' },
  reversed_dates: { zh: '起 {from} 晚于止 {to}', en: 'Start {from} is after end {to}' },
  straddling_row: {
    zh: '数据行跨越分段（自 {date} 起）',
    en: 'A row from {date} crosses a change of terms',
    remedy: { zh: '请按分段拆行', en: 'Ask for rows cut at the change' },
  },
  rows_outside_terms: {
    zh: '{rows} 行在条款有效期之外（{from} 至 {to}），仍按本条款结算',
    en: '{rows} rows lie outside the days of the terms ({from} to {to}) and were settled by them',
    remedy: { zh: '请确认应适用的条款版本', en: 'Confirm which version of the terms holds' },
  },
  unexpected_cap: { zh: '“其余”不能封顶（{party}）', en: 'The rest cannot have a cap ({party})' },
  unexpected_floor: {
    zh: '“{party}”的保底不能这样写',
    en: '“{party}” cannot have a floor here',
    remedy: {
      zh: '同一条款只能有一方保底，须有“其余”一方，且各方均按本条款的金额分成（不按人次、不按其他金额）',
      en: 'A floor is for one share of a clause that has a rest and shares its own amount alone',
    },
  },
  unexpected_key: { zh: '{path} 中有未知的键“{key}”', en: 'Unknown key “{key}” at {path}' },
  unfinished_row: {
    zh: '数据行 {date} 至 {lastDate} 超出期末 {to}，留待其结束之期结算',
    en: 'The row of {date} to {lastDate} ends after {to}; it settles with the period it ends in',
  },
  unknown_amount: { zh: '金额“{amount}”未定义', en: 'The amount “{amount}” is not defined' },
  unknown_cinema: { zh: '影院 {cinemaCode} 未登记', en: 'Cinema {cinemaCode} is not on record' },
  unknown_city_class: {
    zh: '城市分类“{cityClass}”未定义',
    en: 'The city class “{cityClass}” is not defined',
  },
  unknown_film: {
    zh: '影片编码 {filmCode} 不在条款内',
    en: 'Film code {filmCode} is not in the terms',
  },
  unknown_party: { zh: '“{party}”不是参与方', en: '“{party}” is not a party' },
  unknown_profile: {
    zh: '按条款推不出本行所列条款',
    en: 'The terms do not lead to the clauses the line names',
  },
  unproved_line: {
    zh: '本行冲回的是按其他条款出具的数额，请与结算单 {statement} 核对',
    en: 'Takes back what other terms gave: compare with statement {statement}',
  },
  unproved_rounding: {
    zh: '取整在“{place}”层，单行不可重算',
    en: 'Rounded at “{place}”: a single line cannot be recomputed',
    remedy: {
      zh: '本行只核对了各列之间的算式；金额须凭全部数据行核对',
      en: 'Only its columns were compared; its amounts need all rows behind them',
    },
  },
  unpublished_root: { zh: '未与公布的期间根核对', en: 'Not compared with a published root' },
  unordered_net: {
    zh: '净收益要扣的“{amount}”排在按其分成者之后',
    en: 'The net deducts “{amount}”, which stands below who participates in it',
  },
  unreachable_step: {
    zh: '此步分尽，其后的“{step}”永远得不到',
    en: 'This step takes everything; “{step}” gets nothing',
  },
  unreachable_threshold: {
    zh: '门槛所依据的“{party}”在此步不分得',
    en: 'The threshold counts “{party}”, who gets nothing here',
  },
  unreachable_tier: {
    zh: '阶梯“{above}”永远到不了',
    en: 'The tier above {above} can never be reached',
  },
  unsupported_rounding: {
    zh: '条款“{terms}”的取整（{place}/{method}）不能编译为查询',
    en: 'The rounding of “{terms}” ({place}, {method}) is not compiled',
  },
  unsettled_rows: {
    zh: '{rows} 行没有结算，见例外清单',
    en: '{rows} rows are not settled; see the exceptions',
  },
});
