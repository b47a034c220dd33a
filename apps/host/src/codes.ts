import type { FindingTexts } from '@yinglian/core';

/** Wording of the findings of this workspace. */
export const FINDING_TEXTS: FindingTexts = Object.freeze({
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
