import { FINDING_TEXTS as CERTIFICATES } from '@yinglian/certificates';
import type { FindingTexts } from '@yinglian/core';

// Table: the wording of the findings that the command line itself makes.
export const FINDING_TEXTS = {
  missing_certificate: CERTIFICATES.missing_certificate,
  excessive_parquet: {
    zh: 'Parquet 文件超过 {limit} 行',
    en: 'The Parquet file has more than {limit} rows',
  },
  incomparable_terms: {
    zh: '另一份条款的种类是 {kind}，无法对比',
    en: 'The other terms are of kind {kind}, which compares with nothing here',
  },
  broken_parquet: {
    zh: '{path} 不是可读的 Parquet 文件',
    en: '{path} is no Parquet file that can be read',
  },
  invalid_json_file: {
    zh: '文件不是 JSON（{reason}）',
    en: 'The file is no JSON ({reason})',
    remedy: {
      zh: '请选择下载得到的 .json 文件。',
      en: 'Choose the .json file as it was downloaded.',
    },
  },
  missing_receipt: {
    zh: '凭据包里没有凭据：还没有作出可以重算的决定',
    en: 'The bundle holds no receipt: nothing was decided that could be computed again',
  },
  missing_evidence_file: {
    zh: '文件夹里没有证明材料“{name}”（{digest}）',
    en: 'The document “{name}” ({digest}) is not in the folder',
    remedy: { zh: '请向部门索取原件。', en: 'Ask the department for the original.' },
  },
  mismatched_kept_message: {
    zh: '{file} 已经存在，但是另一份密钥（片子、设备、有效期或密钥不同）',
    en: '{file} is there already and is another message (film, device, window or keys differ)',
    remedy: {
      zh: '换一个文件夹，或加 --force 重新制作',
      en: 'Choose another folder, or make it again with --force',
    },
  },
  missing_playback: {
    zh: '{files} 个文件里没有一场放映',
    en: 'There is no playback in {files} files',
  },
  binary_file: {
    zh: '文件不是文字（编码无法识别）',
    en: 'The file is no text (its encoding is not understood)',
    remedy: { zh: '另存为 UTF-8 文字。', en: 'Save it as text in UTF-8.' },
  },
} as const satisfies FindingTexts;
