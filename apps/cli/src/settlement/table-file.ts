import { decodeText, readDelimited, type SheetRow } from '@yinglian/boxoffice';
import { accepted, type Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';
import type { TableLine } from '@yinglian/reconciliation';
import { readGiven } from '../kernel/files.ts';
import { isParquet, readParquet } from '../kernel/parquet.ts';

/** The lines of a CSV, a Parquet file or the first sheet of a workbook, numbered as they stand. */
export async function readTableFile(path: string): Promise<Outcome<readonly TableLine[]>> {
  if (await isParquet(path)) return numbered(await readParquet(path));
  const bytes = await readGiven(path);
  if (looksLikeWorkbook(bytes)) return numbered(await readWorkbook(bytes));
  const decoded = decodeText(bytes);
  return decoded.ok ? readDelimited(decoded.value.text) : decoded;
}

function numbered(sheet: Outcome<readonly SheetRow[]>): Outcome<readonly TableLine[]> {
  if (!sheet.ok) return sheet;
  return accepted(sheet.value.map((cells, index) => ({ line: index + 1, cells })));
}
