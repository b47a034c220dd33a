import { accepted, finding, type Outcome, parseRatio, refused } from '@yinglian/core';

/** A cell as a workbook holds it: text, a binary number, a truth, a day, or nothing. */
export type WorkbookValue = string | number | boolean | Date | null;
export type WorkbookRows = readonly (readonly WorkbookValue[])[];

/** A cell to be written. Numbers come as exact decimal text and become numbers of the sheet. */
export type WorkbookCell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string; readonly decimals: number }
  /** The text is a ratio, `43/100`. */
  | { readonly kind: 'percent'; readonly text: string }
  /** The text is a day, `2026-11-22`. */
  | { readonly kind: 'date'; readonly text: string };

export type WorkbookSheet = {
  readonly name: string;
  readonly rows: readonly (readonly WorkbookCell[])[];
  /** Rows from the top that stay in sight and are set bold. */
  readonly headingRows?: number;
  /** Width of each column in characters. */
  readonly widths?: readonly number[];
};

/** What a workbook of ours or of any ticketing system stays far below. */
const COMPRESSED_BYTES_MAX = 64 * 1024 * 1024;
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;

/** Whether bytes begin as a ZIP archive does, which every XLSX is. */
export function looksLikeWorkbook(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/** The first sheet of an XLSX as rows. The reader is loaded by the first who has one to read. */
export async function readWorkbook(bytes: Uint8Array): Promise<Outcome<WorkbookRows>> {
  const unpacked = unpackedBytes(bytes);
  if (bytes.length > COMPRESSED_BYTES_MAX || (unpacked ?? 0) > UNPACKED_BYTES_MAX) {
    return refused(
      finding('excessive_file_size', 'error', {
        facts: { sizeBytes: unpacked ?? bytes.length, limitBytes: UNPACKED_BYTES_MAX },
      }),
    );
  }
  if (unpacked === undefined) return refused(finding('invalid_workbook', 'error'));
  try {
    // Day cells come as midnight UTC, so that no time zone moves them.
    const { readSheet } = await import('read-excel-file/node');
    return accepted((await readSheet(Buffer.from(bytes))) as unknown as WorkbookRows);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.slice(0, 200) : '';
    return refused(finding('invalid_workbook', 'error', { facts: { reason } }));
  }
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_RECORD_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;

/** The sum of the sizes that a ZIP's directory declares; undefined if it is no whole ZIP. */
function unpackedBytes(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lowest = Math.max(0, bytes.length - END_RECORD_BYTES - COMMENT_BYTES_MAX);
  for (let end = bytes.length - END_RECORD_BYTES; end >= lowest; end--) {
    if (view.getUint32(end, true) !== END_OF_DIRECTORY) continue;
    let at = view.getUint32(end + 16, true);
    let sum = 0;
    for (let entries = view.getUint16(end + 10, true); entries > 0; entries--) {
      if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY) return undefined;
      sum += view.getUint32(at + 24, true);
      at +=
        46 +
        view.getUint16(at + 28, true) +
        view.getUint16(at + 30, true) +
        view.getUint16(at + 32, true);
    }
    return sum;
  }
  return undefined;
}

/** An XLSX with real numbers, days and percentages, as WPS and Excel calculate with. */
export async function writeWorkbook(sheets: readonly WorkbookSheet[]): Promise<Uint8Array> {
  const made = sheets.map((sheet) => ({
    sheet: sheet.name,
    data: sheet.rows.map((row, index) =>
      row.map((cell) => ({
        ...writtenCell(cell),
        ...(index < (sheet.headingRows ?? 0) ? { fontWeight: 'bold' as const } : {}),
      })),
    ),
    ...(sheet.headingRows === undefined ? {} : { stickyRowsCount: sheet.headingRows }),
    ...(sheet.widths === undefined ? {} : { columns: sheet.widths.map((width) => ({ width })) }),
  }));
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  return new Uint8Array(await writeXlsxFile(made).toBuffer());
}

function writtenCell(cell: WorkbookCell) {
  switch (cell.kind) {
    case 'number':
      return {
        type: Number,
        value: Number(cell.text),
        format: cell.decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(cell.decimals)}`,
      };
    case 'percent': {
      const rate = parseRatio(cell.text);
      if (rate === undefined) return { type: String, value: cell.text };
      return {
        type: Number,
        value: Number(rate.numerator) / Number(rate.denominator),
        format: '0.00%',
      };
    }
    case 'date':
      return { type: Date, value: new Date(`${cell.text}T00:00:00Z`), format: 'yyyy-mm-dd' };
    case 'text':
      return { type: String, value: cell.text };
  }
}
