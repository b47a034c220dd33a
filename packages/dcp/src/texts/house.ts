import type { FindingTexts } from '@yinglian/core';

/** Texts of what a house asks beyond the standards. */
export const HOUSE_TEXTS = {
  invalid_house_profile: {
    zh: '校验规范文件无效：{path} {problem}',
    en: 'The house profile is not valid: {path} {problem}',
    remedy: {
      zh: '对照文档 docs/guides/post-house.md 修改',
      en: 'Mend it by docs/guides/post-house.md',
    },
  },
  excessive_bit_rate: {
    zh: '画面最高码率 {mbit} Mbit/s，内部上限为 {limit}',
    en: 'The picture reaches {mbit} Mbit/s; the house allows {limit}',
  },
  excessive_average_bit_rate: {
    zh: '画面平均码率 {mbit} Mbit/s，内部上限为 {limit}',
    en: 'The picture has {mbit} Mbit/s on average; the house allows {limit}',
  },
  forbidden_picture_size: {
    zh: '画面尺寸 {size} 不在内部允许之列：{allowed}',
    en: 'The picture is {size}; the house takes {allowed}',
  },
  forbidden_frame_rate: {
    zh: '帧率 {rate} 不在内部允许之列：{allowed}',
    en: 'The frame rate is {rate}; the house takes {allowed}',
  },
  forbidden_soundfield: {
    zh: '声场 {soundfield} 不在内部允许之列：{allowed}',
    en: 'The soundfield is {soundfield}; the house takes {allowed}',
  },
  excessive_measure: {
    zh: '{measure} 为 {value}，内部上限为 {limit}',
    en: 'It has {value} {measure}; the house allows {limit}',
  },
  insufficient_measure: {
    zh: '{measure} 为 {value}，内部下限为 {limit}',
    en: 'It has {value} {measure}; the house wants at least {limit}',
  },
  unmeasured_loudness: {
    zh: '声音响度未能测量（加密：{encrypted}）',
    en: 'The sound could not be measured (encrypted: {encrypted})',
    remedy: { zh: '提供打开声音的密钥', en: 'Give the key that opens the sound' },
  },
  missing_encryption: {
    zh: '文件没有加密，内部要求加密',
    en: 'The file is not encrypted; the house wants encryption',
  },
  unexpected_encryption: {
    zh: '文件已加密，内部不接受加密',
    en: 'The file is encrypted; the house takes plain files',
  },
  unsigned_document: {
    zh: '文档没有签名，内部要求签名',
    en: 'The document is not signed; the house wants a signature',
  },
  missing_marker: {
    zh: '没有内部要求的标记 {label}',
    en: 'There is no marker {label}, which the house wants',
  },
  missing_language_track: {
    zh: '没有内部要求的语言 {language}（{track}）',
    en: 'There is no track of the language {language} ({track}), which the house wants',
  },
} as const satisfies FindingTexts;
