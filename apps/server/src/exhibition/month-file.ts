import { type MonthSheetRow, writeMonthSheet } from '@yinglian/boxoffice';
import { writeWorkbook } from '@yinglian/host';
import { csvBytes, XLSX_TYPE } from '../kernel/sheets.ts';

export type MonthFile = { readonly bytes: Uint8Array; readonly mediaType: string };

/** A circuit's monthly sheet of 17 columns as the file circuits send: a workbook, or text. */
export async function monthFile(
  circuit: string,
  rows: readonly MonthSheetRow[],
  format: 'xlsx' | 'csv',
): Promise<MonthFile> {
  const sheet = writeMonthSheet(circuit, rows);
  if (format === 'csv') {
    const lines = sheet.rows.map((row) => row.map((cell) => cell.text));
    return { bytes: csvBytes([sheet.headings, ...lines]), mediaType: 'text/csv' };
  }
  const text = (value: string) => ({ kind: 'text' as const, text: value });
  const head = [...sheet.headerBlock.map((pair) => pair.map(text)), sheet.headings.map(text)];
  const bytes = await writeWorkbook([
    { name: sheet.title, rows: [...head, ...sheet.rows, [...sheet.totals]] },
  ]);
  return { bytes, mediaType: XLSX_TYPE };
}
