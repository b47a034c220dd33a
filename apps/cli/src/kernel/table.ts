import { type Cell, decodeText, readDelimited } from '@yinglian/boxoffice';
import { accepted, type Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';

/** A row of a table with the line that it stands on. */
export type TableRow = { readonly line: number; readonly cells: readonly Cell[] };

/** The rows of a CSV or of the first sheet of a workbook, numbered as they stand in it. */
export async function readTable(bytes: Uint8Array): Promise<Outcome<readonly TableRow[]>> {
  if (looksLikeWorkbook(bytes)) {
    const workbook = await readWorkbook(bytes);
    if (!workbook.ok) return workbook;
    return accepted(workbook.value.map((cells, index) => ({ line: index + 1, cells })));
  }
  const decoded = decodeText(bytes);
  return decoded.ok ? readDelimited(decoded.value.text) : decoded;
}
