type Text = { readonly zh: string; readonly en: string };
export type FindingText = Text & { readonly remedy?: Text };

/** Wording of every finding of this package; `{name}` stands for a fact. */
export const FINDING_TEXTS: Readonly<Record<string, FindingText>> = Object.freeze({
  circular_split: { zh: '“{amount}”的来源成环', en: 'The pool “{amount}” feeds itself' },
  duplicate_city: {
    zh: '城市 {city} 同时属于 {first} 和 {second}',
    en: 'City {city} is in both {first} and {second}',
  },
  duplicate_clause: { zh: '条款编号重复', en: 'The clause id is used twice' },
  duplicate_party: { zh: '参与方“{party}”重复', en: 'Party “{party}” is listed twice' },
  duplicate_rest: { zh: '“其余”只能归一方', en: 'Only one taker can have the rest' },
  duplicate_split: { zh: '“{amount}”被分了两次', en: '“{amount}” is divided twice' },
  excessive_depth: { zh: '条款嵌套超过 {limit} 层', en: 'The terms nest deeper than {limit}' },
  excessive_shares: {
    zh: '比例合计 {shares} 超过 {total}',
    en: 'The shares come to {shares}, more than {total}',
  },
  excessive_terms: { zh: '条款文本超过 {limit} 字符', en: 'The terms are longer than {limit} characters' },
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
  invalid_terms: { zh: '条款 {path} 无效（{problem}）', en: 'The terms are invalid at {path} ({problem})' },
  invalid_threshold: { zh: '阶梯门槛“{above}”无效', en: 'The threshold “{above}” is invalid' },
  invalid_yaml: { zh: '不是 YAML 或 JSON：{problem}', en: 'Not YAML or JSON: {problem}' },
  mismatched_derivation: {
    zh: '推导“{path}”的算式不成立：{operation} 得不出 {value}',
    en: 'The derivation “{path}” does not hold: {operation} does not give {value}',
  },
  missing_account: { zh: '参与方“{party}”没有账户', en: 'Party “{party}” has no account' },
  missing_book: { zh: '缺少来源“{book}”的累计数', en: 'The figures of source “{book}” are missing' },
  missing_circuit: { zh: '影院 {cinemaCode} 没有登记院线', en: 'Cinema {cinemaCode} has no circuit on record' },
  missing_first_tier: { zh: '第一档应从 0 起，实为 {above}', en: 'The first tier starts at {above}, not at 0' },
  missing_rest: {
    zh: '份额随人次或上限变化，须写明其余归谁',
    en: 'Shares here vary with admissions or caps; say who takes the rest',
  },
  missing_segment: { zh: '没有条款覆盖 {from}{date} {to}', en: 'No clause covers {from}{date} {to}' },
  missing_split: { zh: '没有条款分配净票房', en: 'No split divides the net or the gross' },
  overlapping_segments: { zh: '与“{other}”的日期重叠', en: 'Its dates overlap those of “{other}”' },
  reversed_dates: { zh: '起 {from} 晚于止 {to}', en: 'Start {from} is after end {to}' },
  straddling_row: {
    zh: '数据行跨越分段（自 {date} 起）',
    en: 'A row from {date} crosses a change of terms',
    remedy: { zh: '请按分段拆行', en: 'Ask for rows cut at the change' },
  },
  unexpected_cap: { zh: '“其余”不能封顶（{party}）', en: 'The rest cannot have a cap ({party})' },
  unexpected_key: { zh: '{path} 中有未知的键“{key}”', en: 'Unknown key “{key}” at {path}' },
  unknown_amount: { zh: '金额“{amount}”未定义', en: 'The amount “{amount}” is not defined' },
  unknown_cinema: { zh: '影院 {cinemaCode} 未登记', en: 'Cinema {cinemaCode} is not on record' },
  unknown_city_class: { zh: '城市分类“{cityClass}”未定义', en: 'The city class “{cityClass}” is not defined' },
  unknown_film: { zh: '影片编码 {filmCode} 不在条款内', en: 'Film code {filmCode} is not in the terms' },
  unknown_party: { zh: '“{party}”不是参与方', en: '“{party}” is not a party' },
  unreachable_tier: { zh: '阶梯“{above}”永远到不了', en: 'The tier above {above} can never be reached' },
  unsettled_rows: { zh: '{rows} 行没有结算，见例外清单', en: '{rows} rows are not settled; see the exceptions' },
});
