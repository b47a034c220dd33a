import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  excessive_plan_part: {
    zh: '发行计划的 {part} 有 {count} 项，超过上限 {limit}',
    en: 'The plan has {count} {part}; the limit is {limit}',
  },
  invalid_plan_date: {
    zh: '日期无效：{from} 至 {to}',
    en: 'These are no dates: {from} to {to}',
  },
  reversed_plan_dates: {
    zh: '起止日期颠倒：{from} 至 {to}',
    en: 'The dates are the wrong way round: {from} to {to}',
  },
  excessive_plan_days: {
    zh: '{from} 至 {to} 超过 {limit} 天',
    en: '{from} to {to} is longer than {limit} days',
  },
  missing_release_version: {
    zh: '发行计划没有影片版本',
    en: 'The plan names no version of the film',
    remedy: {
      zh: '先在影片页登记版本，再选入计划',
      en: 'Register a version on the film’s page and choose it here',
    },
  },
  doubled_release_version: {
    zh: '影片版本重复：{version}',
    en: 'A version stands twice: {version}',
  },
  doubled_film_code: {
    zh: '影片编码 {code} 用于两个版本；每个版本应有自己的编码',
    en: 'Two versions share the film code {code}; each needs its own',
  },
  missing_film_code: {
    zh: '{format} 版本还没有影片编码，票房无法归到它名下',
    en: 'The {format} version has no film code; box office cannot be told apart',
  },
  missing_run: { zh: '发行计划没有放映期', en: 'The plan has no run' },
  unexpected_extension: {
    zh: '第一个放映期不能是延期',
    en: 'The first period of a run cannot be an extension',
  },
  overlapping_periods: {
    zh: '时段重叠：前一段到 {before}，后一段从 {from} 起',
    en: 'Periods overlap: one ends on {before}, the next begins on {from}',
  },
  interrupted_run: {
    zh: '放映期中断：前一段到 {before}，后一段从 {from} 起',
    en: 'The run is interrupted between {before} and {from}',
  },
  late_preview: {
    zh: '点映 {from} 不早于公映 {opens}',
    en: 'The preview of {from} is not before the opening on {opens}',
  },
  doubled_city_class: { zh: '城市类别重名：{name}', en: 'Two city classes are named {name}' },
  doubled_city: { zh: '城市 {city} 属于两个类别', en: '{city} is in two city classes' },
  doubled_rest_class: {
    zh: '“其余城市”的类别多于一个',
    en: 'More than one city class holds all other cities',
  },
  missing_rest_class: {
    zh: '没有“其余城市”的类别，未列出的城市没有结算标准',
    en: 'No class holds the other cities; they have no settlement standard',
  },
  doubled_standard: {
    zh: '结算标准重复：{pair}',
    en: 'A settlement standard stands twice: {pair}',
  },
  unknown_standard: {
    zh: '结算标准的制式 {format} 或类别 {cityClass} 不在计划中',
    en: 'The plan has no format {format} or no city class {cityClass}',
  },
  invalid_standard: {
    zh: '结算标准须为正数：{format}，{cityClass}',
    en: 'A settlement standard must be positive: {format}, {cityClass}',
  },
  missing_standard: {
    zh: '没有 {format} 在 {cityClass} 类城市的结算标准',
    en: 'There is no settlement standard for {format} in class {cityClass}',
  },
  doubled_zone: { zh: '分区重名：{name}', en: 'Two zones are named {name}' },
  empty_zone: { zh: '分区没有成员', en: 'The zone has no members' },
  excessive_zone_dates: {
    zh: '分区日期超出放映期 {from} 至 {to}',
    en: 'The zone’s dates leave the run of {from} to {to}',
  },
  ambiguous_zone: { zh: '{member} 属于两个分区', en: '{member} is in two zones' },
  invalid_minimum: {
    zh: '最低场次须为正整数：{perDay}',
    en: 'Minimum screenings must be a positive whole number: {perDay}',
  },
  short_screenings: {
    zh: '{from} 至 {to}：按放映日志少放 {missing} 场（约定每日 {perDay} 场）',
    en: '{from} to {to}: the logs lack {missing} screenings of {perDay} a day promised',
    remedy: { zh: '请影院说明，或补交日志', en: 'Ask the cinema, or for logs that are missing' },
  },
  short_programme: {
    zh: '{from} 至 {to}：排片少 {missing} 场（约定每日 {perDay} 场）',
    en: '{from} to {to}: the programme lacks {missing} screenings of {perDay} a day promised',
    remedy: { zh: '请影院加排场次', en: 'Ask the cinema for more shows' },
  },
  unexpected_action: {
    zh: '订片现为“{state}”，不能执行“{action}”',
    en: 'A booking that is {state} does not allow: {action}',
  },
  foreign_action: {
    zh: '“{action}”不由这一方执行',
    en: 'This side cannot do: {action}',
  },
  foreign_booking_dates: {
    zh: '订片日期 {from} 至 {to} 超出发行日期 {opens} 至 {closes}',
    en: 'The booking of {from} to {to} leaves the release dates {opens} to {closes}',
  },
  missing_booked_screen: {
    zh: '影院没有登记影厅',
    en: 'The cinema has no registered screen',
    remedy: { zh: '先导入该影院的设备清单', en: 'Import the cinema’s facility list first' },
  },
  missing_screen_format: {
    zh: '影厅 {screen} 不支持 {format}',
    en: 'Screen {screen} does not show {format}',
  },
  missing_screen_certificate: {
    zh: '影厅没有设备证书，无法制作密钥',
    en: 'The screen has no device certificate; no key can be made',
    remedy: {
      zh: '请影院提供设备清单或证书文件',
      en: 'Ask the cinema for its facility list or certificate',
    },
  },
  expired_screen_certificate: {
    zh: '影厅的设备证书在放映结束前到期',
    en: 'The screen’s certificate ends before the show or the booking',
  },
  missing_release_package: {
    zh: '还没有 {format} 版本的发行包',
    en: 'There is no package of the {format} version yet',
  },
  unchecked_package: {
    zh: '{format} 版本的发行包尚未通过检查',
    en: 'The package of the {format} version has not passed its check',
  },
  unjudged_show: {
    zh: '网络不认识这部影片，本场不作判断',
    en: 'The network does not know this film; the show is not judged here',
  },
  arriving_package: { zh: '发行包正在传输', en: 'The package is on its way' },
  unknown_package_place: {
    zh: '影院没有接收端，不知道发行包是否在场',
    en: 'The cinema has no site agent; whether the package is there is unknown',
    remedy: { zh: '请影院确认已收到', en: 'Ask the cinema to confirm that it holds it' },
  },
  withdrawn_package: {
    zh: '发行包已撤回，不得放映',
    en: 'The package was withdrawn and must not be shown',
  },
  missing_site_package: {
    zh: '影院没有这个发行包',
    en: 'The package is not at the cinema',
    remedy: { zh: '检查接收端是否在线', en: 'See whether the site agent is on line' },
  },
  missing_key: {
    zh: '没有密钥',
    en: 'There is no key',
    remedy: { zh: '由发行方签发', en: 'The distributor issues it' },
  },
  replaced_device: {
    zh: '密钥是为以前的设备制作的',
    en: 'The keys were made for a former device',
    remedy: { zh: '重新签发', en: 'Issue them anew' },
  },
  early_window_end: {
    zh: '密钥在放映中途到期',
    en: 'The key ends while the show runs',
    remedy: { zh: '延长密钥', en: 'Extend the key' },
  },
  late_window_start: {
    zh: '密钥在开场之后才生效',
    en: 'The key begins after the show does',
  },
  expired_key: {
    zh: '密钥在开场之前已到期',
    en: 'The key ended before the show begins',
    remedy: { zh: '延长密钥', en: 'Extend the key' },
  },
  unconfirmed_key: {
    zh: '影院尚未确认收到密钥',
    en: 'The cinema has not confirmed that it holds the key',
  },
  narrow_window: {
    zh: '密钥在散场后不到半小时到期，晚开场将无法放完',
    en: 'The key ends within half an hour of the show; a late start would not finish',
  },
} as const satisfies FindingTexts;
