// Table: a phrase stands on one line in each language, as it is read.
/** Sentences of the plain-language rendering; `{name}` is filled in. */
export type Locale = 'zh-CN' | 'en';

type Phrase = { readonly 'zh-CN': string; readonly en: string };

/** Every phrase in both languages; a `{name}` is a place to fill. */
export const PHRASES = {
  title: { 'zh-CN': '{title}（{id}，第 {version} 版）', en: '{title} ({id}, version {version})' },
  effective_open: { 'zh-CN': '自 {from} 起适用。', en: 'In force from {from}.' },
  effective: { 'zh-CN': '自 {from} 至 {to} 适用。', en: 'In force from {from} to {to}.' },
  film: { 'zh-CN': '影片：{title}；版本 {versions}。', en: 'Film: {title}; versions {versions}.' },
  parties: { 'zh-CN': '参与方', en: 'Parties' },
  party: { 'zh-CN': '{name}（{id}），账户 {account}。', en: '{name} ({id}), account {account}.' },
  party_bare: { 'zh-CN': '{name}（{id}）。', en: '{name} ({id}).' },
  base: { 'zh-CN': '结算基数', en: 'Settlement base' },
  base_gross: {
    'zh-CN': '以每张票实际售价之和为结算票房。',
    en: 'The base is what the tickets were actually sold for.',
  },
  fee_outside: {
    'zh-CN': '服务费不在其内，不提专资、不计税、不分账。',
    en: 'Service fees are outside it: no fund, no tax, no sharing.',
  },
  fee_inside: {
    'zh-CN': '来数含服务费，先行扣除。',
    en: 'The rows include service fees, which are taken out first.',
  },
  standard: {
    'zh-CN':
      '{class}类城市{versions}{dates}每人次不低于 {minimum} 元：低于的按此结算，高于的按实际售价。',
    en: 'In cities of class {class}{versions}{dates} no less than {minimum} yuan per admission: settled at this when sold for less, at the price when sold for more.',
  },
  cities: {
    'zh-CN': '{class}类城市：{cities}；其余为{other}类。',
    en: 'Class {class}: {cities}; all others are class {other}.',
  },
  top_up: { 'zh-CN': '不足部分由{party}补足。', en: 'The shortfall is owed by {party}.' },
  ticket_fixed: {
    'zh-CN': '{types}{versions}{dates}每人次按 {amount} 元结算{standard}。',
    en: 'Tickets of kind {types}{versions}{dates} settle at {amount} yuan each{standard}.',
  },
  ticket_at_least: {
    'zh-CN': '{types}{versions}{dates}按实付结算，每人次不低于 {amount} 元{standard}。',
    en: 'Tickets of kind {types}{versions}{dates} settle at what was paid, at least {amount} yuan{standard}.',
  },
  ticket_exempt: { 'zh-CN': '，不受结算标准约束', en: ', whatever the standard' },
  excluded: {
    'zh-CN': '下列票类不计票房：{types}。',
    en: 'These ticket types are not box office: {types}.',
  },
  deductions: { 'zh-CN': '专项基金与税金', en: 'Film fund and taxes' },
  fund: {
    'zh-CN': '电影专项基金：结算票房的 {rate}{where}{dates}，交{party}。',
    en: 'Film fund: {rate} of the base{where}{dates}, to {party}.',
  },
  vat_extracted: {
    'zh-CN':
      '增值税及附加：含税票房内含 {rate} 的增值税，另加附加 {surcharge}，即票房 × {coefficient}{where}{dates}，交{party}。',
    en: 'VAT and surcharges: {rate} VAT contained in the price, plus surcharges of {surcharge} on it, that is base × {coefficient}{where}{dates}, to {party}.',
  },
  vat_customary: {
    'zh-CN': '税金按惯例为结算票房的 {rate}{where}{dates}，交{party}。',
    en: 'Taxes by custom: {rate} of the base{where}{dates}, to {party}.',
  },
  vat_net_factor: {
    'zh-CN': '净票房为结算票房 × {rate}，税金为其差{where}{dates}，交{party}。',
    en: 'The net is the base × {rate}; taxes are the difference{where}{dates}, to {party}.',
  },
  vat_exempt: { 'zh-CN': '免征增值税{where}{dates}。', en: 'Exempt from VAT{where}{dates}.' },
  net: { 'zh-CN': '净票房 = 结算票房 − 专项基金 − 税金。', en: 'Net = base − film fund − taxes.' },
  split: { 'zh-CN': '{amount}的分配（{id}）', en: 'Division of {amount} ({id})' },
  when_all: { 'zh-CN': '【{id}】各情形：', en: '[{id}] In all cases:' },
  when: { 'zh-CN': '【{id}】{conditions}：', en: '[{id}] {conditions}:' },
  share: { 'zh-CN': '{to}得{of}的 {rate}{cap}；', en: '{to} gets {rate} of {of}{cap};' },
  share_rest: { 'zh-CN': '其余归{to}。', en: 'the rest goes to {to}.' },
  share_ticket: {
    'zh-CN': '{to}按每人次 {yuan} 元{cap}；',
    en: '{to} gets {yuan} yuan per admission{cap};',
  },
  share_ladder: {
    'zh-CN': '{to}得{of}的阶梯比例{cap}：{tiers}；{mode}，累计依据{book}的{measure}；',
    en: '{to} gets a ladder share of {of}{cap}: {tiers}; {mode}, by the cumulative {measure} of {book};',
  },
  tier_first: { 'zh-CN': '起始 {share}', en: '{share} from the start' },
  tier: { 'zh-CN': '{above} {word}后 {share}', en: '{share} once {above} is {word}' },
  floor: {
    'zh-CN': '，全片保底 {floor} 元（不足时先取其余一方所得）',
    en: ', at least {floor} yuan over the run, taken from the rest until it is reached',
  },
  cap: { 'zh-CN': '，全片封顶 {cap} 元', en: ', at most {cap} yuan over the run' },
  mode_switch_next_day: {
    'zh-CN': '达到门槛的次日起按新比例',
    en: 'the new rate holds from the day after the threshold is reached',
  },
  mode_marginal: {
    'zh-CN': '超额累进，各段按各段比例',
    en: 'marginal: each slice at its own rate',
  },
  mode_retroactive: {
    'zh-CN': '全额累进，达到后全部按新比例并补算以前',
    en: 'retroactive: the new rate holds for everything, earlier lines are restated',
  },
  reached: { 'zh-CN': '达到', en: 'reached' },
  exceeded: { 'zh-CN': '超过', en: 'exceeded' },
  book_facts: { 'zh-CN': '本结算数据', en: 'the rows settled here' },
  measure_gross: { 'zh-CN': '票房（元）', en: 'gross (yuan)' },
  measure_net: { 'zh-CN': '净票房（元）', en: 'net (yuan)' },
  measure_admissions: { 'zh-CN': '人次', en: 'admissions' },
  total_declared: { 'zh-CN': '各项合计应为 {total}。', en: 'The shares come to {total}.' },
  owned: { 'zh-CN': '设备自购', en: 'own equipment' },
  leased: { 'zh-CN': '设备租赁', en: 'leased equipment' },
  versions: { 'zh-CN': '版本 {list}', en: 'versions {list}' },
  circuits: { 'zh-CN': '院线 {list}', en: 'circuits {list}' },
  cinemas: { 'zh-CN': '影院 {list}', en: 'cinemas {list}' },
  halls: { 'zh-CN': '影厅 {list}', en: 'halls {list}' },
  provinces: { 'zh-CN': '省份代码 {list}', en: 'provinces {list}' },
  small_scale: { 'zh-CN': '小规模纳税人', en: 'small-scale taxpayers' },
  general: { 'zh-CN': '一般纳税人', en: 'general taxpayers' },
  dates_from: { 'zh-CN': '，自 {from} 起', en: ', from {from}' },
  dates_to: { 'zh-CN': '，至 {to}', en: ', to {to}' },
  dates_between: { 'zh-CN': '，{from} 至 {to}', en: ', from {from} to {to}' },
  in_scope: { 'zh-CN': '（{conditions}）', en: ' ({conditions})' },
  gross_name: { 'zh-CN': '结算票房', en: 'the base' },
  net_name: { 'zh-CN': '净票房', en: 'the net' },
  pool_name: { 'zh-CN': '“{pool}”', en: '“{pool}”' },
  segments_nearest: {
    'zh-CN': '首段之前按首段、末段之后按末段；段间空档作例外，不结算。',
    en: 'Before the first segment the first holds, after the last the last; a gap is an exception and is not settled.',
  },
  segments_exception: {
    'zh-CN': '分段之外一律作例外，不结算。',
    en: 'Outside all segments nothing is settled.',
  },
  rounding: { 'zh-CN': '取整', en: 'Rounding' },
  rounding_place_line: { 'zh-CN': '每行', en: 'per line' },
  rounding_place_row: { 'zh-CN': '每条数据', en: 'per row' },
  rounding_place_total: { 'zh-CN': '每方合计', en: 'on each party’s total' },
  rounding_allocation: {
    'zh-CN': '{place}由结算票房一次分到各方，合计分毫不差；零头按{tail}。',
    en: 'Allocated {place} in one step from the base to all takers, adding up exactly; odd fen by {tail}.',
  },
  rounding_stepwise: {
    'zh-CN': '{place}逐步取整（{mode}），后一步以前一步取整数为准；零头{tail}。',
    en: 'Rounded {place} step by step ({mode}), each step starting from the rounded one before; the odd fen {tail}.',
  },
  rounding_independent: {
    'zh-CN': '{place}各自由精确值取整（{mode}）；零头{tail}。',
    en: 'Each amount rounded {place} from its exact value ({mode}); the odd fen {tail}.',
  },
  tail_largest_remainder: { 'zh-CN': '最大余数法', en: 'largest remainder' },
  tail_first: { 'zh-CN': '所列顺序', en: 'order of listing' },
  tail_largest_weight: { 'zh-CN': '份额大者先得', en: 'largest share first' },
  tail_last: { 'zh-CN': '归最后一方', en: 'all to the last taker' },
  tail_shown: { 'zh-CN': '单列显示', en: 'shown separately' },
  tail_party: { 'zh-CN': '归{party}', en: 'to {party}' },
  mode_half_up: { 'zh-CN': '四舍五入', en: 'half up' },
  mode_half_even: { 'zh-CN': '四舍六入五成双', en: 'half to even' },
  mode_toward_zero: { 'zh-CN': '舍尾', en: 'toward zero' },
  mode_away_from_zero: { 'zh-CN': '进位', en: 'away from zero' },
  mode_floor: { 'zh-CN': '向下', en: 'down' },
  mode_ceiling: { 'zh-CN': '向上', en: 'up' },
  periods_to_date: {
    'zh-CN': '按累计至今取整，本期应付 = 至今应得 − 以前已结。',
    en: 'Rounded to date: due now = entitled to date − stated before.',
  },
  periods_each_period: { 'zh-CN': '各期分别取整。', en: 'Each period is rounded by itself.' },
  example: {
    'zh-CN': '算例：{conditions}，票房 {gross} 元，{admissions} 人次',
    en: 'Worked example: {conditions}, gross {gross} yuan, {admissions} admissions',
  },
  example_line: {
    'zh-CN': '{name}：{formula} = {exact} → {fen} 元',
    en: '{name}: {formula} = {exact} → {fen} yuan',
  },
  example_pool: {
    'zh-CN': '{name}：{formula} = {exact} 元',
    en: '{name}: {formula} = {exact} yuan',
  },
  example_worked: { 'zh-CN': '算例', en: 'Worked examples' },
  example_held: { 'zh-CN': '预留', en: 'Held in reserve' },
  example_income: {
    'zh-CN': '算例：收入 {income} 元',
    en: 'Worked example: an income of {income} yuan',
  },
  example_income_spent: {
    'zh-CN': '算例：收入 {income} 元，费用 {expenses} 元',
    en: 'Worked example: an income of {income} yuan after expenses of {expenses} yuan',
  },
  example_gets: { 'zh-CN': '{party}得 {fen} 元。', en: '{party} gets {fen} yuan.' },
  example_rental: { 'zh-CN': '算例：一家影院三周', en: 'Worked example: three weeks of a cinema' },
  example_week: {
    'zh-CN': '第 {week} 周票房 {gross} 元：片租 {rental} 元。',
    en: 'Week {week}, gross {gross} yuan: rental {rental} yuan.',
  },
  example_net: { 'zh-CN': '净收入 {amount} 元', en: 'net income of {amount} yuan' },
  example_hours: { 'zh-CN': '{amount} 小时', en: '{amount} hours' },
  example_views: { 'zh-CN': '{amount} 次有效观看', en: '{amount} views' },
  example_platform: {
    'zh-CN': '{reported}：{licensor}得 {fen} 元。',
    en: 'For {reported}, {licensor} gets {fen} yuan.',
  },
  rental_base_gross: { 'zh-CN': '以票房为基数。', en: 'The base is the gross.' },
  example_fund: { 'zh-CN': '电影专项基金', en: 'Film fund' },
  example_tax: { 'zh-CN': '税金', en: 'VAT and surcharges' },
  undistributed: { 'zh-CN': '未约定归属', en: 'Given to nobody' },
  step: { 'zh-CN': '第 {number} 步（{id}）', en: 'Step {number} ({id})' },
  films: { 'zh-CN': '共同结算的影片', en: 'Films settled together' },
  payment: { 'zh-CN': '支付', en: 'Payment' },
  only_when: { 'zh-CN': '仅限：{conditions}。', en: 'Only for: {conditions}.' },
  sources: { 'zh-CN': '来源 {list}', en: 'sources {list}' },
  of_films: { 'zh-CN': '影片 {list}', en: 'films {list}' },
  reached_amount: {
    'zh-CN': '“{book}”的{measure}累计达到 {amount}',
    en: 'once the {measure} of {book} reaches {amount}',
  },
  fee_income: { 'zh-CN': '{to}得每笔收入的 {rate}。', en: '{to} gets {rate} of each income.' },
  fee_remaining: { 'zh-CN': '{to}得余额的 {rate}。', en: '{to} gets {rate} of what remains.' },
  nets: { 'zh-CN': '净收益的口径', en: 'Nets as defined' },
  net_less: { 'zh-CN': '减去“{list}”步骤所得', en: 'less what the steps “{list}” take' },
  net_rate: { 'zh-CN': '减去其 {rate}（{id}）', en: 'less {rate} of it ({id})' },
  net_costs: { 'zh-CN': '先承担{what}', en: 'and {what} borne first' },
  net_of_income: { 'zh-CN': '每笔收入', en: 'Each income' },
  net_defined: {
    'zh-CN': '“{name}”：{parts}；不足部分由以后收入补足。',
    en: '“{name}”: {parts}; what is lacking is made good by later incomes.',
  },
  participates: {
    'zh-CN': '{to}得“{net}”累计的 {rate}，本笔收入不足的以后补付。',
    en: '{to} gets {rate} of “{net}” to date; what an income cannot bear is paid later.',
  },
  flat_once: {
    'zh-CN': '{to}得固定金额 {amount} 元，一次。',
    en: '{to} gets a flat sum of {amount} yuan, once.',
  },
  flat_events: {
    'zh-CN': '“{book}”的{measure}累计每满 {every}，{to}得 {amount} 元。',
    en: '{to} gets {amount} yuan each time the {measure} of {book} comes to another {every}.',
  },
  flat_most: { 'zh-CN': '至多 {most} 次。', en: 'No more than {most} times.' },
  at_most: { 'zh-CN': '合计不超过 {cap} 元。', en: 'In all no more than {cap} yuan.' },
  after_advance: {
    'zh-CN': '先抵 {after} 元预付，超出部分才付。',
    en: 'It earns back an advance of {after} yuan first; only what is beyond is paid.',
  },
  each_ticket: {
    'zh-CN': '{to}按每张票 {amount} 元。',
    en: '{to} gets {amount} yuan for each ticket sold.',
  },
  recoups: { 'zh-CN': '{to}回收：{what}。', en: '{to} recoups {what}.' },
  sum_of: { 'zh-CN': '{amount} 元', en: '{amount} yuan' },
  expenses_of: { 'zh-CN': '{list} 账上的费用', en: 'the expenses booked to {list}' },
  expenses_cap: { 'zh-CN': '费用以 {amount} 元为限', en: 'of expenses at most {amount} yuan' },
  premium: { 'zh-CN': '按 {rate} 回收', en: 'at {rate}' },
  interest_simple: { 'zh-CN': '另计单利年 {rate}', en: 'with simple interest of {rate} a year' },
  interest_compound: {
    'zh-CN': '另计复利年 {rate}',
    en: 'with interest of {rate} a year, capitalised yearly',
  },
  pari_passu: {
    'zh-CN': '各方按未回收额比例同时回收。',
    en: 'They recoup side by side, in proportion to what is outstanding.',
  },
  ranked: {
    'zh-CN': '各方依所列次序回收。',
    en: 'They recoup one after the other, in the order listed.',
  },
  corridor: {
    'zh-CN': '每笔收入至多用其余额的 {rate}。',
    en: 'At most {rate} of what remains of each income is used.',
  },
  divide: { 'zh-CN': '余额按 {shares} 分配。', en: 'What remains is divided: {shares}.' },
  until_paid: {
    'zh-CN': '至{of}累计得 {amount} 元为止；跨越的收入在此切开。',
    en: 'Until {of} has received {amount} yuan; an income that crosses it is cut there.',
  },
  until_gross: {
    'zh-CN': '至票房累计 {amount} 元为止；跨越的收入在此切开。{of}',
    en: 'Until the gross comes to {amount} yuan; an income that crosses it is cut there.{of}',
  },
  until_income: {
    'zh-CN': '至收入累计 {amount} 元为止；跨越的收入在此切开。{of}',
    en: 'Until the incomes come to {amount} yuan; an income that crosses it is cut there.{of}',
  },
  reserve: {
    'zh-CN': '留存余额的 {rate}，{date} 释放给其后各步。',
    en: '{rate} of what remains is held, and released on {date} to the steps below.',
  },
  obligation: {
    'zh-CN': '{from}无论收入多少，于 {date} 付{to} {amount} 元。',
    en: '{from} pays {to} {amount} yuan on {date}, whatever comes in.',
  },
  withholding: {
    'zh-CN': '代扣{party}应得的 {rate}，交{to}。',
    en: '{rate} of what is due to {party} is withheld for {to}.',
  },
  currency_last: {
    'zh-CN':
      '{currency} 按“{source}”当日汇率折算；当日未公布的，用此前 {days} 日内最近一次公布的汇率。',
    en: '{currency} is converted at {source}’s rate of the day, or the last of the {days} days before.',
  },
  currency: {
    'zh-CN': '{currency} 按“{source}”当日汇率折算。',
    en: '{currency} is converted at the day’s rate of {source}.',
  },
  payment_threshold: {
    'zh-CN': '应付不足 {amount} 元的结转下期。',
    en: 'What is due below {amount} yuan is carried forward.',
  },
  rental_clause: { 'zh-CN': '片租（{id}）：{where}', en: 'Rental ({id}): {where}' },
  everywhere: { 'zh-CN': '各影院', en: 'all cinemas' },
  rental_base: {
    'zh-CN': '以票房除以（1 + {tax}）为基数。',
    en: 'The base is the gross divided by (1 + {tax}).',
  },
  rental_weeks: {
    'zh-CN': '首周自 {start} {time} 起，每七日一周。',
    en: 'Week 1 begins on {start} at {time}; a week has seven days.',
  },
  rental_rounding: { 'zh-CN': '每周取整一次，{mode}。', en: 'Rounded once a week, {mode}.' },
  window_minimum: {
    'zh-CN': '整个窗口期不少于 {amount} 元，不足部分在最后一天补足。',
    en: 'No less than {amount} yuan over the whole window; what is missing falls due on its last day.',
  },
  weekly_minimum: { 'zh-CN': '每周不少于 {amount} 元。', en: 'No less than {amount} yuan a week.' },
  rental_sliding: {
    'zh-CN': '逐周比例 {weeks}，其后同末周。',
    en: 'By week {weeks}; later weeks as the last.',
  },
  rental_floating: {
    'zh-CN': '浮动比例 {weeks}，票房最高的一周用最高比例。',
    en: 'Floating {weeks}: the highest week takes the highest rate.',
  },
  rental_over: {
    'zh-CN': '超出场地费 {allowance} 元部分的 {over}。',
    en: '{over} of what exceeds the house allowance of {allowance} yuan.',
  },
  rental_higher: {
    'zh-CN': '取高：超出场地费 {allowance} 元部分的 {over}，或逐周比例 {weeks}。',
    en: 'The higher of {over} over the house allowance of {allowance} yuan and, by week, {weeks}.',
  },
  rental_flat_week: { 'zh-CN': '每周 {amount} 元。', en: '{amount} yuan a week.' },
  rental_flat_screening: { 'zh-CN': '每场 {amount} 元。', en: '{amount} yuan a screening.' },
  rental_scale: {
    'zh-CN': '依“{book}”全片总票房：{tiers}；差额补结。',
    en: 'By the total of the run in {book}: {tiers}; differences are restated.',
  },
  scale_tier: { 'zh-CN': '{above} 以上 {rate}', en: 'above {above}: {rate}' },
  streaming_parties: { 'zh-CN': '{platform}付{licensor}。', en: '{platform} pays {licensor}.' },
  window_open: {
    'zh-CN': '自 {release} 上线起分账。',
    en: 'Shared from the release on {release}.',
  },
  window: {
    'zh-CN': '自 {release} 上线起 {days} 日内分账。',
    en: 'Shared for {days} days from the release on {release}.',
  },
  component: { 'zh-CN': '分账项（{id}）', en: 'Component ({id})' },
  per_view: { 'zh-CN': '每次有效观看 {price} 元。', en: '{price} yuan for each valid view.' },
  coefficient: { 'zh-CN': '乘以系数 {rate}。', en: 'Times the coefficient {rate}.' },
  whole_tier: { 'zh-CN': '全部按所达档位', en: 'everything at the tier reached' },
  by_hours: {
    'zh-CN': '按观看小时：{tiers}（元/小时）；{mode}。{incomes}',
    en: 'By hours watched, yuan an hour: {tiers}; {mode}.{incomes}',
  },
  by_income: {
    'zh-CN': '按净收入（{incomes}）：{tiers}；{mode}。',
    en: 'By net income ({incomes}): {tiers}; {mode}.',
  },
  colon: { 'zh-CN': '、', en: ', ' },
} as const satisfies Record<string, Phrase>;

/** The names of all phrases. */
export type PhraseName = keyof typeof PHRASES;

/** A phrase with its places filled. */
export function say(
  locale: Locale,
  name: PhraseName,
  facts: { readonly [name: string]: string } = {},
): string {
  return PHRASES[name][locale].replace(/\{([a-z_]+)\}/g, (_, key: string) => facts[key] ?? '');
}
