import type { FindingTexts } from './render.ts';

/** The wording of every finding of this package. */
export const FINDING_TEXTS = {
  invalid_cinema_code: {
    zh: '“{text}”不是影院编码：应为 8 位数字。',
    en: '“{text}” is not a cinema code: it has 8 digits.',
  },
  unknown_cinema_attribute: {
    zh: '影院编码 {text} 的属性位 {attribute} 没有已知含义。',
    en: 'The attribute {attribute} of cinema code {text} has no known meaning.',
    remedy: {
      zh: '已知属性：0 城市流动放映队，1 城市影院，5 农村放映队，6 农村影院。请核对编码。',
      en: 'Known are 0 urban mobile team, 1 urban cinema, 5 rural team, 6 rural cinema.',
    },
  },
  invalid_film_code: {
    zh: '“{text}”不是影片编码：应为 3 位国别、1 位版本、4 位许可证序号、4 位年份，共 12 位。',
    en: '“{text}” is not a film code: 3 country, 1 version, 4 licence and 4 year characters.',
  },
  unknown_film_version: {
    zh: '影片编码 {text} 的版本位 {version} 没有已知含义。',
    en: 'The version character {version} of film code {text} has no documented meaning.',
  },
  unexpected_film_year: {
    zh: '影片编码 {text} 的年份 {year} 早于第一部中国电影。',
    en: 'The year {year} of film code {text} is before the first Chinese film.',
  },
  invalid_eidr: {
    zh: '“{text}”不是 EIDR 内容标识：应为 10.5240/ 加五组四位十六进制数和一位校验符。',
    en: '“{text}” is not an EIDR content id: 10.5240/, five groups of four and a check character.',
  },
  invalid_isan: {
    zh: '“{text}”不是 ISAN：应为 16 位十六进制数，版本另加 8 位。',
    en: '“{text}” is not an ISAN: 16 hexadecimal digits, and 8 more for a version.',
  },
  mismatched_check_character: {
    zh: '“{text}”的校验符不符：应为 {expected}。',
    en: 'The check character of “{text}” is wrong: it should be {expected}.',
    remedy: {
      zh: '通常是抄写时错了一位或两位互换，请对照原始凭证。',
      en: 'Usually one character was mistyped or two were swapped: compare with the source.',
    },
  },
  invalid_uuid: {
    zh: '“{text}”不是 UUID。',
    en: '“{text}” is not a UUID.',
  },
  invalid_timecode: {
    zh: '“{text}”不是时间码：应为 时:分:秒:帧。',
    en: '“{text}” is not a timecode: hours, minutes, seconds and frames are expected.',
  },
  excessive_frame_number: {
    zh: '时间码 {text} 的帧号 {frames} 太大：每秒只有 {nominal} 帧。',
    en: 'Frame number {frames} of timecode {text} is too large: a second has {nominal}.',
    remedy: {
      zh: '请核对帧率设置是否与来源一致。',
      en: 'Check that the frame rate is that of the source.',
    },
  },
  dropped_frame_number: {
    zh: '时间码 {text} 不存在：丢帧计数在此分钟跳过前 {dropped} 个帧号。',
    en: 'Timecode {text} does not exist: drop frame skips the first {dropped} numbers here.',
    remedy: {
      zh: '来源可能是非丢帧时间码。',
      en: 'The source may be counted without drop frame.',
    },
  },
  mismatched_drop_frame_mark: {
    zh: '时间码 {text} 的分隔符与丢帧设置不一致，按设置计数。',
    en: 'The separator of timecode {text} contradicts the drop-frame setting, which was used.',
  },
  invalid_date: {
    zh: '“{text}”不是存在的日期：应为 年年年年-月月-日日。',
    en: '“{text}” is not an existing date in the form YYYY-MM-DD.',
  },
  invalid_instant: {
    zh: '“{text}”不是带时区偏移的时刻，例如 2026-05-01T18:30:00+08:00。',
    en: '“{text}” is not an instant with an offset, such as 2026-05-01T18:30:00+08:00.',
  },
  missing_time_offset: {
    zh: '时刻“{text}”没有时区偏移，无法确定。',
    en: 'The instant “{text}” has no offset from UTC, so it is not determined.',
    remedy: {
      zh: '北京时间请在末尾加 +08:00。',
      en: 'Add the offset, for example +08:00 for Beijing time.',
    },
  },
} as const satisfies FindingTexts;
