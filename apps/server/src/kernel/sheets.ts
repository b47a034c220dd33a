import { decodeText, readDelimited } from '@yinglian/boxoffice';
import { accepted, type Finding, type Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook, writeWorkbook } from '@yinglian/host';
import { type Download, downloadBytes } from './http/routes.ts';

/** Lists come in and go out as sheets: what people have is Excel, WPS and CSV. */

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** A workbook or delimited text as rows of cells. */
export async function readSheetFile(
  bytes: Uint8Array,
): Promise<Outcome<readonly (readonly unknown[])[]>> {
  if (looksLikeWorkbook(bytes)) return readWorkbook(bytes);
  const text = decodeText(bytes);
  if (!text.ok) return text;
  const rows = readDelimited(text.value.text);
  if (!rows.ok) return rows;
  const findings: readonly Finding[] = rows.findings;
  return accepted(
    rows.value.map((row) => row.cells),
    findings,
  );
}

const BYTE_ORDER_MARK = '\ufeff';

/** RFC 4180, with the mark by which Excel knows UTF-8. A cell never begins a formula. */
export function csvBytes(rows: readonly (readonly string[])[]): Uint8Array {
  const quoted = (cell: string) => {
    const safe = /^[=+\-@\t\r]/.test(cell) && !/^-?[\d.]+$/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const text = rows.map((row) => row.map(quoted).join(',')).join('\r\n');
  return new TextEncoder().encode(`${BYTE_ORDER_MARK}${text}\r\n`);
}

/** A list as a file to download; every cell is text, so that codes keep their zeros. */
export async function downloadSheet(
  name: string,
  title: string,
  rows: readonly (readonly string[])[],
  format: 'csv' | 'xlsx',
): Promise<Download> {
  if (format === 'csv') {
    return downloadBytes(`${name}.csv`, 'text/csv; charset=utf-8', csvBytes(rows));
  }
  const cells = rows.map((row) => row.map((text) => ({ kind: 'text' as const, text })));
  const bytes = await writeWorkbook([{ name: title, rows: cells, headingRows: 1 }]);
  return downloadBytes(`${name}.xlsx`, XLSX_TYPE, bytes);
}
