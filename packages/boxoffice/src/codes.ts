type Text = { readonly zh: string; readonly en: string };
/** How a finding reads in both languages, and what to do about it. */
export type FindingText = Text & { readonly remedy?: Text };

/** Wording of every finding of this package; `{name}` stands for a fact. */
export const FINDING_TEXTS: Readonly<Record<string, FindingText>> = Object.freeze({
  broken_sequence: { zh: '票号中断，缺 {missing} 个', en: 'The ticket numbers lack {missing}' },
  changed_screening: {
    zh: '同一场次的{field}不一：{first}、{second}',
    en: 'One screening has two values of {field}: {first}, {second}',
  },
  several_prices: {
    zh: '同一场次的票类“{ticketType}”有两个价格：{first}、{second}',
    en: 'The ticket type “{ticketType}” has two prices in one screening: {first}, {second}',
  },
  excessive_free_admissions: {
    zh: '零价票 {free} / {admissions} 过多',
    en: 'Free admissions {free} of {admissions}',
  },
  excessive_late_entries: {
    zh: '补登 {late} / {all} 过多',
    en: 'Late entries {late} of {all} rows',
  },
  full_night_screening: {
    zh: '深夜 {start} 满座：{admissions} / {seats}',
    en: 'A full house at {start}: {admissions} of {seats}',
  },
  low_reporting_rate: {
    zh: '{expected} 日仅报 {days} 日',
    en: 'Reported on {days} of {expected} days',
  },
  overlapping_screenings: {
    zh: '同厅两场开场相隔 {gapMinutes} 分钟，短于片长 {filmMinutes} 分钟',
    en: 'Starts {gapMinutes} minutes apart in one hall; the film runs {filmMinutes}',
  },
  crowded_screenings: {
    zh: '同厅两场开场仅隔 {gapMinutes} 分钟（片长未登记，以 {filmMinutes} 分钟为最短）',
    en: 'Starts {gapMinutes} minutes apart in one hall; no film is shorter than {filmMinutes}',
  },
  oversold_screening: {
    zh: '售出 {admissions} 超过座位 {seats}',
    en: 'Sold {admissions}, seats {seats}',
  },
  price_below_standard: {
    zh: '均价 {average} 低于结算标准 {standard}',
    en: 'Average {average} is below the standard {standard}',
  },
  refund_after_start: {
    zh: '开场 {minutes} 分钟后退票',
    en: 'Refunded {minutes} minutes after the start',
  },
  repeated_figures: {
    zh: '连续 {shows} 场人次与票房全同',
    en: '{shows} shows in a row with the same figures',
  },
  sale_after_end: { zh: '开场 {minutes} 分钟后售票', en: 'Sold {minutes} minutes after the start' },
  unregistered_film: { zh: '影片 {filmCode} 未登记', en: 'Film {filmCode} is not registered' },
  ambiguous_heading: {
    zh: '两列都像“{field}”：取“{first}”，未用“{second}”',
    en: 'Two columns look like {field}: “{first}” is used, “{second}” is not',
    remedy: { zh: '保存明确的列对应关系', en: 'Save a mapping that names the column' },
  },
  duplicate_row: {
    zh: '与第 {firstRow} 行重复',
    en: 'Repeats row {firstRow}',
    remedy: {
      zh: '删去重复行，或补上区分两行的列',
      en: 'Remove it, or add the column that tells them apart',
    },
  },
  empty_delivery: { zh: '文件没有数据行', en: 'The file has no data rows' },
  excessive_admissions: {
    zh: '人次 {admissions} 超过座位 {seats}',
    en: 'Admissions {admissions} exceed seats {seats}',
  },
  excessive_cell: {
    zh: '单元格超过 {limit} 个字符',
    en: 'A cell has more than {limit} characters',
  },
  excessive_columns: { zh: '超过 {limit} 列', en: 'More than {limit} columns' },
  excessive_file_size: {
    zh: '文件 {sizeBytes} 字节，超过上限 {limitBytes}',
    en: 'The file has {sizeBytes} bytes, above the limit of {limitBytes}',
  },
  excessive_precision: {
    zh: '金额“{text}”精确到分以下',
    en: 'Amount “{text}” is finer than a fen',
    remedy: {
      zh: '请发送方按分取整后重发',
      en: 'Ask the sender to round to the fen and send again',
    },
  },
  excessive_rows: { zh: '超过 {limit} 行', en: 'More than {limit} rows' },
  invalid_amount: { zh: '“{text}”不是金额', en: '“{text}” is not an amount' },
  invalid_cinema_code: {
    zh: '“{text}”不是影院编码（8 位数字）',
    en: '“{text}” is not a cinema code (8 digits)',
  },
  invalid_count: { zh: '“{text}”不是整数', en: '“{text}” is not a whole number' },
  invalid_date: { zh: '“{text}”不是日期', en: '“{text}” is not a date' },
  invalid_encoding: {
    zh: '文字编码无法识别（试过 {tried}）',
    en: 'The text encoding is not understood (tried {tried})',
    remedy: { zh: '另存为 UTF-8 或 GB18030', en: 'Save as UTF-8 or GB18030' },
  },
  invalid_feed_header: {
    zh: '首行不是数据流的文件头',
    en: 'The first line is not the header of a feed',
  },
  invalid_feed_line: { zh: '此行不是 JSON 对象', en: 'The line is not a JSON object' },
  invalid_feed_value: {
    zh: '“{field}”的值类型不对（金额须为分的字符串）',
    en: 'The value of {field} has the wrong type (money is a string of fen)',
  },
  invalid_film_code: {
    zh: '“{text}”不是影片编码（12 位）',
    en: '“{text}” is not a film code (12 characters)',
  },
  excessive_rate: {
    zh: '比例“{text}”大于 100%',
    en: 'The rate “{text}” is above 100 %',
    remedy: {
      zh: '以百分数写的列，表头注明“(%)”，或在列对应中选百分数',
      en: 'Mark the heading of a column of per cents with (%), or say so in the mapping',
    },
  },
  invalid_rate: { zh: '“{text}”不是比例', en: '“{text}” is not a rate' },
  invalid_time: { zh: '“{text}”不是时间', en: '“{text}” is not a time' },
  lost_digits: {
    zh: '编码“{text}”被表格存为数字，末尾数位已丢失',
    en: 'The sheet kept the code “{text}” as a number and lost its last digits',
    remedy: { zh: '请把该列设为文本后重新导出', en: 'Format the column as text and export again' },
  },
  matched_total: {
    zh: '合计 {said} 与各行之和相符',
    en: 'The total {said} is the sum of the rows',
  },
  mismatched_encoding: {
    zh: '声明为 {declared}，实际为 {found}',
    en: 'Declared as {declared}, found to be {found}',
  },
  mismatched_net: {
    zh: '净票房 {said} ≠ 票房 − 专资 − 税金 = {expected}',
    en: 'Net {said} is not gross − fund − tax = {expected}',
  },
  mismatched_share: {
    zh: '分账片款 {said} ≠ 净票房 × 分账比例 = {expected}，差 {difference}',
    en: 'Share {said} is not net × rate = {expected}; difference {difference}',
  },
  mismatched_total: {
    zh: '合计 {said} 与各行之和 {sum} 不符',
    en: 'The total {said} is not the sum of the rows, {sum}',
  },
  missing_column: {
    zh: '缺少列：{fields}（{level} 级数据必需）',
    en: 'Missing column: {fields} (needed at level {level})',
  },
  missing_heading: { zh: '缺少表头“{heading}”', en: 'The heading “{heading}” is missing' },
  missing_value: { zh: '缺少 {fields}', en: 'Missing {fields}' },
  negative_count: { zh: '{field} 为负：{count}', en: '{field} is negative: {count}' },
  positive_refund: {
    zh: '退票行写作正数，已按减少计',
    en: 'The refund is written as a positive figure and was taken as a deduction',
    remedy: { zh: '请与发送方核对正负号', en: 'Confirm the sign with the sender' },
  },
  restored_leading_zeros: {
    zh: '“{text}”补回前导零为 {restored}',
    en: '“{text}” had lost leading zeros: read as {restored}',
    remedy: { zh: '请把影片编码列设为文本', en: 'Format the film code column as text' },
  },
  reversed_dates: { zh: '开始日期 {from} 晚于结束日期 {to}', en: 'Start {from} is after end {to}' },
  unclosed_quote: { zh: '引号没有闭合', en: 'A quotation mark is not closed' },
  unknown_cinema_attribute: {
    zh: '影院属性“{attribute}”未知',
    en: 'Unknown cinema attribute “{attribute}”',
  },
  unknown_equipment: { zh: '设备归属“{text}”未知', en: 'Unknown equipment “{text}”' },
  unknown_field: { zh: '字段“{field}”未知', en: 'Unknown field “{field}”' },
  unknown_film_version: {
    zh: '影片版本字符“{version}”未知',
    en: 'Unknown film version character “{version}”',
  },
  unknown_heading: {
    zh: '没有一行是票房表头；首行是“{found}”',
    en: 'No row is a heading of box office; the first row is “{found}”',
    remedy: {
      zh: '表头须有影院、影片、日期、人次、票房各列（如“影院编码,影片编码,日期,场次,人次,票房”）',
      en: 'A heading names cinema, film, date, admissions and gross, one to a column',
    },
  },
  unknown_operation: { zh: '操作类型“{text}”未知', en: 'Unknown operation “{text}”' },
  unexpected_film_year: {
    zh: '影片编码年份“{year}”可疑',
    en: 'Film code has the doubtful year “{year}”',
  },
  unapproved_correction: {
    zh: '{date} 的 {days} 天自由更正期已过（至 {until}），需先申请并获批准',
    en: 'The {days} free days of {date} are over (until {until}); apply for an approval first',
  },
  closed_correction: {
    zh: '更正申请处于“{state}”，不再接收数据',
    en: 'The application is “{state}” and takes no data',
  },
  late_correction: {
    zh: '批准后 {hours} 小时内须送达数据，期限为 {until}',
    en: 'The data had to come within {hours} hours of the approval, until {until}',
  },
  mismatched_correction: {
    zh: '更正数据与申请不符：{field} 为 {found}，申请为 {applied}',
    en: 'The data is not what was applied for: {field} is {found}, not {applied}',
  },
});
