import type { FindingTexts } from '@yinglian/core';

/** Wording of the findings of this workspace. */
export const FINDING_TEXTS: FindingTexts = Object.freeze({
  empty_archive: { zh: '压缩包里没有可用的文件', en: 'The archive holds no file that can be used' },
  escaping_archive_path: {
    zh: '压缩包里的路径 {path} 会落到文件夹之外，已跳过',
    en: 'The path {path} in the archive leads outside its folder; it was left out',
  },
  excessive_archive_size: {
    zh: '压缩包展开后超过上限 {limitBytes} 字节',
    en: 'Unpacked, the archive is above the limit of {limitBytes} bytes',
  },
  invalid_archive: {
    zh: '压缩包损坏或无法读取（{reason}）',
    en: 'The archive is damaged or cannot be read ({reason})',
  },
  excessive_file_size: {
    zh: '展开后 {sizeBytes} 字节，超过上限 {limitBytes}',
    en: 'Unpacked it has {sizeBytes} bytes, above the limit of {limitBytes}',
  },
  invalid_workbook: {
    zh: '不是完整的 XLSX 工作簿',
    en: 'Not a whole XLSX workbook',
    remedy: {
      zh: '用 WPS 或 Excel 打开后另存为 .xlsx 或 .csv',
      en: 'Open it in WPS or Excel and save it as .xlsx or .csv',
    },
  },
});
