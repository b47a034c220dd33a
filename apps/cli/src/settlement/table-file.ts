import { decodeText, readDelimited } from '@yinglian/boxoffice';
import { accepted, type Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';
import type { TableLine } from '@yinglian/reconciliation';
import { readGiven } from '../kernel/files.ts';

/** The lines of a CSV or of the first sheet of a workbook, numbered as they stand in it. */
export async function readTableFile(path: string): Promise<Outcome<readonly TableLine[]>> {
  const bytes = await readGiven(path);
  if (looksLikeWorkbook(bytes)) {
    const workbook = await readWorkbook(bytes);
    if (!workbook.ok) return workbook;
    return accepted(workbook.value.map((cells, index) => ({ line: index + 1, cells })));
  }
  const decoded = decodeText(bytes);
  return decoded.ok ? readDelimited(decoded.value.text) : decoded;
}
