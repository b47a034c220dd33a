import type { FindingTexts } from '@yinglian/core';

// Table: the wording of the findings that the command line itself makes.
export const FINDING_TEXTS = {
  invalid_json_file: {
    zh: '文件不是 JSON（{reason}）',
    en: 'The file is no JSON ({reason})',
    remedy: {
      zh: '请选择下载得到的 .json 文件。',
      en: 'Choose the .json file as it was downloaded.',
    },
  },
  binary_file: {
    zh: '文件不是文字（编码无法识别）',
    en: 'The file is no text (its encoding is not understood)',
    remedy: { zh: '另存为 UTF-8 文字。', en: 'Save it as text in UTF-8.' },
  },
} as const satisfies FindingTexts;
