import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';

/** One record of a delimited file with the line it starts on (1-based), kept as evidence. */
export type DelimitedRow = { readonly line: number; readonly cells: readonly string[] };
/** The character between two cells of a row. */
export type Delimiter = ',' | '\t' | ';' | '|';

/** Every delimiter that is tried when the text is examined. */
export const DELIMITERS: readonly Delimiter[] = [',', '\t', ';', '|'];
/** Cells of one row at most. */
export const COLUMNS_MAX = 512;
/** Characters of one cell at most, as in a worksheet. */
export const CELL_CHARACTERS_MAX = 32_767;
/** Rows of one text at most. */
export const ROWS_MAX = 5_000_000;
const SAMPLE_ROWS = 20;

/**
 * RFC 4180 with the liberties that real files take: any line ending, a blank last line, spaces
 * kept, and the delimiter found from the text when it is not given.
 */
export function readDelimited(text: string, delimiter?: Delimiter): Outcome<DelimitedRow[]> {
  const used = delimiter ?? detectDelimiter(text);
  const findings: Finding[] = [];
  const rows: DelimitedRow[] = [];
  for (const row of delimitedRows(text, used, findings)) {
    if (rows.length >= ROWS_MAX) {
      const facts = { limit: ROWS_MAX };
      return refused(finding('excessive_rows', 'error', { facts, at: { row: row.line } }));
    }
    rows.push(row);
  }
  if (findings.length > 0) return refused(...findings);
  return accepted(rows);
}

/**
 * The delimiter whose number per record is the same over the first records and largest; quoted
 * text is skipped. A file of one column reads with a comma.
 */
export function detectDelimiter(text: string): Delimiter {
  let best: Delimiter = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const widths: number[] = [];
    for (const row of delimitedRows(text, delimiter, [])) {
      if (row.cells.length === 1 && row.cells[0] === '') continue;
      widths.push(row.cells.length - 1);
      if (widths.length === SAMPLE_ROWS) break;
    }
    const widest = Math.max(0, ...widths);
    const agreeing = widths.filter((width) => width === widest).length;
    const score = widest * agreeing;
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

type Scan = { at: number; line: number };

/** Yields records lazily; a fault goes to `findings` and ends the reading. */
export function* delimitedRows(
  text: string,
  delimiter: Delimiter,
  findings: Finding[],
): Generator<DelimitedRow> {
  const scan: Scan = { at: 0, line: 1 };
  while (scan.at < text.length) {
    const line = scan.line;
    const cells: string[] = [];
    for (let more = true; more;) {
      const cell = nextCell(text, delimiter, scan, findings);
      if (cell === undefined) return;
      cells.push(cell);
      more = text[scan.at] === delimiter;
      if (more) scan.at++;
      if (cells.length > COLUMNS_MAX) {
        const facts = { limit: COLUMNS_MAX };
        findings.push(finding('excessive_columns', 'error', { facts, at: { row: line } }));
        return;
      }
    }
    endLine(text, scan);
    yield { line, cells };
  }
}

function endLine(text: string, scan: Scan): void {
  if (text[scan.at] === '\r') scan.at++;
  if (text[scan.at] === '\n') scan.at++;
  scan.line++;
}

function nextCell(
  text: string,
  delimiter: Delimiter,
  scan: Scan,
  findings: Finding[],
): string | undefined {
  const cell = text[scan.at] === '"' ? quoted(text, delimiter, scan) : plain(text, delimiter, scan);
  if (cell === undefined) {
    findings.push(
      finding('unclosed_quote', 'error', { at: { row: scan.line }, clause: 'RFC 4180' }),
    );
    return undefined;
  }
  if (cell.length > CELL_CHARACTERS_MAX) {
    const facts = { limit: CELL_CHARACTERS_MAX };
    findings.push(finding('excessive_cell', 'error', { facts, at: { row: scan.line } }));
    return undefined;
  }
  return cell;
}

function plain(text: string, delimiter: Delimiter, scan: Scan): string {
  const start = scan.at;
  while (scan.at < text.length) {
    const char = text[scan.at]!;
    if (char === delimiter || char === '\n' || char === '\r') break;
    scan.at++;
  }
  return text.slice(start, scan.at);
}

function quoted(text: string, delimiter: Delimiter, scan: Scan): string | undefined {
  let cell = '';
  let at = scan.at + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end === -1) return undefined;
    cell += text.slice(at, end);
    if (cell.length > CELL_CHARACTERS_MAX) break;
    if (text[end + 1] !== '"') {
      scan.at = end + 1;
      break;
    }
    cell += '"';
    at = end + 2;
  }
  for (const char of cell) if (char === '\n') scan.line++;
  // Text after the closing quote is kept: spreadsheets write ="0011…" and "12"" by habit.
  return cell + plain(text, delimiter, scan);
}
