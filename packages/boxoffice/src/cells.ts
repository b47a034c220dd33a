import { type Fen, isIsoDate, parseRatio, type Ratio, ratio } from '@yinglian/core';

/** What a cell of a sheet may hold: text from CSV, anything of these from a workbook. */
export type Cell = string | number | boolean | Date | null | undefined;
/** The cells of one row, from the first column on. */
export type SheetRow = readonly Cell[];

/** Why a cell could not be read: the code of a finding. */
export type CellFault = { readonly fault: string };
/** What a cell says, or why it says nothing. */
export type CellResult<Value> = { readonly value: Value } | CellFault;

const fault = (code: string): CellFault => ({ fault: code });

/**
 * The text of a cell. A number becomes its shortest decimal: the digits that identify the binary
 * number, which is what the sheet's author typed. `="0011"` (text forced by quotes) loses its
 * shell.
 */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') {
    const trimmed = cell.replaceAll('\u3000', ' ').trim();
    const forced = /^="(.*)"$/.exec(trimmed);
    return forced === null ? trimmed.replace(/^'(?=\d)/, '') : forced[1]!.trim();
  }
  if (typeof cell === 'number') return Number.isFinite(cell) ? plainDecimal(String(cell)) : '';
  if (typeof cell === 'boolean') return cell ? 'true' : 'false';
  return Number.isNaN(cell.getTime()) ? '' : cell.toISOString().slice(0, 19);
}

const EXPONENT = /^([+-]?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/;

/** `1.2e+21` written out; other text unchanged. */
export function plainDecimal(text: string): string {
  const match = EXPONENT.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction = '', exponentText] = match;
  const exponent = Number(exponentText);
  const digits = whole! + fraction;
  const point = whole!.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Digits that a spreadsheet shows and keeps; what lies beyond is noise of its arithmetic. */
const SHEET_DIGITS = 15;

/** The text of a number as its sheet shows it: a formula's 0.30000000000000004 is 0.3. */
function shownText(cell: Cell): string {
  const shown = typeof cell === 'number' ? Number(cell.toPrecision(SHEET_DIGITS)) : cell;
  return toHalfWidth(plainDecimal(cellText(shown)));
}

/** Whether a sheet has kept a long number as a binary one and so lost its last digits. */
export function lostDigits(cell: Cell): boolean {
  return typeof cell === 'number' && plainDecimal(String(cell)).length > SHEET_DIGITS;
}

const AMOUNT = /^([+-]?)[¥￥]?(\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.(\d{0,40}))?元?$/;

/** Yuan (or fen) as written to fen; finer than a fen is a fault, never rounded. */
export function readMoney(cell: Cell, unit: 'yuan' | 'fen'): CellResult<Fen> {
  const text = shownText(cell);
  const accountant = /^\((.*)\)$/.exec(text);
  const match = AMOUNT.exec(accountant === null ? text : `-${accountant[1]}`);
  if (match === null) return fault('invalid_amount');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > (unit === 'yuan' ? 2 : 0)) return fault('excessive_precision');
  const digits = match[2]!.replaceAll(',', '');
  const fen = BigInt(unit === 'yuan' ? digits + fraction.padEnd(2, '0') : digits);
  return { value: match[1] === '-' ? -fen : fen };
}

/** A whole number within what counting needs; `13.0` counts, `13.5` does not. */
export function readCount(cell: Cell): CellResult<number> {
  const text = toHalfWidth(plainDecimal(cellText(cell))).replace(/(?<=\d),(?=\d{3}(?!\d))/g, '');
  const match = /^([+-]?\d{1,15})(?:\.0*)?$/.exec(text);
  return match === null ? fault('invalid_count') : { value: Number(match[1]) + 0 };
}

/** `43%`, `0.43` and, in a column said to hold per cent, `43`; no rate is above the whole. */
export function readRate(cell: Cell, unit: 'fraction' | 'percent'): CellResult<Ratio> {
  const text = shownText(cell);
  const parsed = parseRatio(text);
  if (parsed === undefined) return fault('invalid_rate');
  const percent = unit === 'percent' && !text.endsWith('%');
  const rate = percent ? ratio(parsed.numerator, parsed.denominator * 100n) : parsed;
  return rate.numerator > rate.denominator ? fault('excessive_rate') : { value: rate };
}

/** The day number 1 of spreadsheets is 1900-01-01 with a 29 February 1900 that never was. */
const SPREADSHEET_EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
/** Serial numbers outside 1930–2100 are not dates of a film's run. */
const SERIAL_MIN = 10_959;
const SERIAL_MAX = 73_050;

const DATE = /^(\d{4})(?:[-/.年]?)(\d{1,2})(?:[-/.月]?)(\d{1,2})日?(?:[T ].*)?$/;

/** A business date as `YYYY-MM-DD`. Two-digit years and day-first forms are faults. */
export function readDate(cell: Cell): CellResult<string> {
  if (cell instanceof Date) {
    return Number.isNaN(cell.getTime())
      ? fault('invalid_date')
      : { value: cell.toISOString().slice(0, 10) };
  }
  const text = toHalfWidth(cellText(cell));
  if (/^\d{5}(?:\.\d+)?$/.test(text)) {
    const serial = Math.floor(Number(text));
    if (serial < SERIAL_MIN || serial > SERIAL_MAX) return fault('invalid_date');
    return { value: new Date(SPREADSHEET_EPOCH_MS + serial * DAY_MS).toISOString().slice(0, 10) };
  }
  const match = DATE.exec(text);
  if (match === null || /^\d{5,7}$/.test(text)) return fault('invalid_date');
  const iso = `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`;
  return isIsoDate(iso) ? { value: iso } : fault('invalid_date');
}

const TIME = /^(?:\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?[T ])?(\d{1,2}):(\d{2})(?::(\d{2}))?/;
/** Shows after midnight belong to the day before and are written up to 29:59 in the trade. */
const HOURS_MAX = 30;

/** `19:05` or `19:05:30` as `HH:MM` or `HH:MM:SS`; hours from 24 to 29 belong to the same day. */
export function readTime(cell: Cell): CellResult<string> {
  const serial = serialOf(cell);
  if (serial !== undefined && serial >= 0) {
    const seconds = Math.round((serial < HOURS_MAX / 24 ? serial : serial % 1) * 86_400);
    const two = (value: number) => String(value).padStart(2, '0');
    return {
      value: `${two(Math.floor(seconds / 3600) % HOURS_MAX)}:${two(Math.floor(seconds / 60) % 60)}`,
    };
  }
  const text = toHalfWidth(
    cell instanceof Date ? cellText(cell).replace('T', ' ') : cellText(cell),
  );
  const match = TIME.exec(text);
  if (match === null || Number(match[1]) >= HOURS_MAX || Number(match[2]) > 59) {
    return fault('invalid_time');
  }
  const seconds = match[3] === undefined ? '' : `:${match[3]}`;
  return { value: `${match[1]!.padStart(2, '0')}:${match[2]}${seconds}` };
}

/** A number of days; 25:30 of a sheet is 1.0625, as a number or as the first day there is. */
function serialOf(cell: Cell): number | undefined {
  if (typeof cell === 'number') return cell;
  if (!(cell instanceof Date)) return undefined;
  const serial = (cell.getTime() - SPREADSHEET_EPOCH_MS) / DAY_MS;
  return serial < HOURS_MAX / 24 ? serial : undefined;
}

const FULL_WIDTH_OFFSET = 0xfee0;

/** Full-width digits and marks (０–９，．：％) as typed by Chinese input methods. */
export function toHalfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (char) =>
    String.fromCharCode(char.charCodeAt(0) - FULL_WIDTH_OFFSET),
  );
}
