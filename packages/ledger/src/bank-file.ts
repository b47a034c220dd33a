import { cellText, headingKey, readDate, readDelimited, readMoney } from '@yinglian/boxoffice';
import {
  accepted,
  type Cryptography,
  digestJson,
  type Fen,
  finding,
  type Finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { matchReceipts, type ReceiptMatching } from '@yinglian/reconciliation';
import type { OpenItem } from './items.ts';

/** One line of an account statement from a bank. */
export type BankLine = {
  /** The bank's serial number, or a digest of the line and its turn among equal ones. */
  readonly id: string;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly date: IsoDate;
  /** Money that came in is above zero. */
  readonly fen: Fen;
  readonly balanceFen: Fen | undefined;
  readonly counterparty: string;
  readonly account: string;
  readonly memo: string;
};

type ColumnName =
  | 'date'
  | 'serial'
  | 'income'
  | 'outgo'
  | 'amount'
  | 'balance'
  | 'counterparty'
  | 'account'
  | 'memo';

/** Headings that Chinese banks and their foreign correspondents write. */
const HEADINGS: Readonly<Record<ColumnName, readonly string[]>> = Object.freeze({
  date: [
    '交易日期',
    '记账日期',
    '入账日期',
    '日期',
    '交易时间',
    'date',
    'value date',
    'booking date',
  ],
  serial: ['交易流水号', '流水号', '交易序号', '凭证号', '核心流水号', 'reference', 'serial', 'id'],
  income: [
    '收入金额',
    '贷方发生额',
    '收入',
    '贷方金额',
    '贷方',
    '转入金额',
    'credit',
    'credit amount',
  ],
  outgo: [
    '支出金额',
    '借方发生额',
    '支出',
    '借方金额',
    '借方',
    '转出金额',
    'debit',
    'debit amount',
  ],
  amount: ['交易金额', '发生额', '金额', 'amount'],
  balance: ['余额', '账户余额', '本次余额', 'balance'],
  counterparty: [
    '对方户名',
    '对方名称',
    '对方账户名称',
    '对方单位',
    'counterparty',
    'payer',
    'name',
  ],
  account: ['对方账号', '对方账户', '对方帐号', 'counterparty account', 'iban'],
  memo: [
    '摘要',
    '用途',
    '附言',
    '备注',
    '交易摘要',
    '附言用途',
    'memo',
    'description',
    'remittance',
  ],
});
const COLUMN_BY_KEY = new Map(
  Object.entries(HEADINGS).flatMap(([name, texts]) =>
    texts.map((text) => [headingKey(text), name as ColumnName] as const),
  ),
);
/** The heading is looked for below titles and account blocks. */
const HEADING_LINES_MAX = 30;

type Columns = { [Name in ColumnName]?: number };

/**
 * Reads the account statement of a bank, whichever of the usual headings it uses. A file with a
 * line that is not understood is refused whole: money is not imported in part.
 */
export function readBankFile(text: string, cryptography: Cryptography): Outcome<BankLine[]> {
  const rows = readDelimited(text);
  if (!rows.ok) return rows;
  const heading = rows.value
    .slice(0, HEADING_LINES_MAX)
    .findIndex((row) => isHeading(columnsOf(row.cells)));
  if (heading === -1) {
    const facts = { heading: HEADINGS.date[0]! };
    return refused(finding('missing_bank_heading', 'error', { facts }));
  }
  const columns = columnsOf(rows.value[heading]!.cells);
  const findings: Finding[] = [];
  const turns = new Map<string, number>();
  const lines: BankLine[] = [];
  for (const { line, cells } of rows.value.slice(heading + 1)) {
    if (cells.every((cell) => cell.trim() === '') || isFoot(cells, columns)) continue;
    const made = readLine({ line, cells }, columns);
    if (!made.ok) findings.push(...made.findings);
    else lines.push({ ...made.value, id: lineId(made.value, { turns, cryptography }) });
  }
  findings.push(...duplicateSerials(lines));
  if (findings.length > 0) return refused(...findings);
  return accepted(lines, checkBalances(lines));
}

function columnsOf(cells: readonly string[]): Columns {
  const columns: Columns = {};
  for (const [index, cell] of cells.entries()) {
    const name = COLUMN_BY_KEY.get(headingKey(cell));
    if (name !== undefined) columns[name] ??= index;
  }
  return columns;
}

const isHeading = (columns: Columns) =>
  columns.date !== undefined && (columns.amount !== undefined || columns.income !== undefined);

/** Banks close their files with sums, which have no date. */
function isFoot(cells: readonly string[], columns: Columns): boolean {
  const dated = 'value' in readDate(cellText(cells[columns.date!]));
  return !dated && cells.some((cell) => /^(?:合计|总计|共计|total)/i.test(cell.trim()));
}

type Read = Omit<BankLine, 'id'> & { readonly serial: string };

function readLine(
  { line, cells }: { line: number; cells: readonly string[] },
  columns: Columns,
): Outcome<Read> {
  const at = { line };
  const findings: Finding[] = [];
  const text = (name: ColumnName) =>
    columns[name] === undefined ? '' : cellText(cells[columns[name]]);
  const money = (name: ColumnName): Fen | undefined => {
    if (text(name) === '' || text(name) === '-') return undefined;
    const read = readMoney(text(name), 'yuan');
    if ('value' in read) return read.value;
    findings.push(finding(read.fault, 'error', { facts: { text: text(name) }, at }));
    return undefined;
  };
  const date = readDate(text('date'));
  if (!('value' in date))
    findings.push(finding(date.fault, 'error', { facts: { text: text('date') }, at }));
  const [income, outgo, amount] = [money('income'), money('outgo'), money('amount')];
  // A line with both columns filled says neither which way the money went.
  const both = (income ?? 0n) !== 0n && (outgo ?? 0n) !== 0n;
  const fen = columns.income === undefined ? amount : (income ?? 0n) - (outgo ?? 0n);
  const balanceFen = money('balance');
  if (findings.length === 0 && (both || fen === undefined || fen === 0n)) {
    findings.push(finding('ambiguous_amount', 'error', { at }));
  }
  if (findings.length > 0 || !('value' in date)) return refused(...findings);
  return accepted({
    serial: text('serial'),
    line,
    date: date.value,
    fen: fen!,
    balanceFen,
    counterparty: text('counterparty'),
    account: text('account'),
    memo: text('memo'),
  });
}

/** The same file twice gives the same ids, so that importing it again adds nothing. */
function lineId(
  read: Read,
  { turns, cryptography }: { turns: Map<string, number>; cryptography: Cryptography },
): string {
  if (read.serial !== '') return read.serial;
  // Where the line stands in the file is no part of what it says.
  const { date, fen, counterparty, account, memo } = read;
  const balanceFen = read.balanceFen ?? null;
  const said = { date, fen, balanceFen, counterparty, account, memo };
  const digest = digestJson(cryptography, said);
  const turn = (turns.get(digest) ?? 0) + 1;
  turns.set(digest, turn);
  return `${digest.slice(0, 24)}-${turn}`;
}

function duplicateSerials(lines: readonly BankLine[]): Finding[] {
  const seen = new Set<string>();
  return lines.flatMap(({ id, line }) => {
    const duplicate = seen.has(id);
    seen.add(id);
    return duplicate
      ? [finding('duplicate_serial', 'error', { facts: { serial: id }, at: { line } })]
      : [];
  });
}

/** Where the bank writes its balance, every line has to lead to it, upwards or downwards. */
function checkBalances(lines: readonly BankLine[]): Finding[] {
  if (lines.length < 2 || lines.some((each) => each.balanceFen === undefined)) return [];
  const breaks = (ordered: readonly BankLine[]) =>
    ordered.filter(
      (each, i) => i > 0 && ordered[i - 1]!.balanceFen! + each.fen !== each.balanceFen,
    );
  const [down, up] = [breaks(lines), breaks(lines.toReversed())];
  const fewer = up.length < down.length ? up : down;
  return fewer.map(({ line, balanceFen }) => {
    const facts = { account: '', amount: String(balanceFen) };
    return finding('mismatched_balance', 'warning', { facts, at: { line } });
  });
}

/** How names on bank lines become parties: exact names, and accounts. */
export type PartyBook = { readonly [nameOrAccount: string]: string };

/** The party that a line speaks of, by its account, then by its name. */
export function partyOf(line: BankLine, parties: PartyBook): string | undefined {
  return parties[line.account] ?? parties[line.counterparty] ?? undefined;
}

/** A document whose number stands in what the payer wrote; the longest one. */
export function referenceIn(memo: string, items: readonly OpenItem[]): string | undefined {
  const text = memo.toUpperCase();
  return items
    .map((each) => each.item)
    .filter((item) => item.length >= REFERENCE_LENGTH_MIN && text.includes(item.toUpperCase()))
    .sort((a, b) => b.length - a.length)[0];
}

/** Shorter numbers occur in other texts by chance. */
const REFERENCE_LENGTH_MIN = 4;

/**
 * Proposes which documents the lines settle, those that came in on the receivable side and those
 * that went out on the payable one: by reference, by exact amount of the same party, one for
 * several and several for one. Nothing is posted here.
 */
export function matchBankLines(
  lines: readonly BankLine[],
  items: readonly OpenItem[],
  parties: PartyBook,
  side: OpenItem['side'] = 'receivable',
): ReceiptMatching {
  const open = items.filter((each) => each.side === side && each.openFen > 0n);
  const sign = side === 'receivable' ? 1n : -1n;
  return matchReceipts(
    open.map((each) => ({
      id: each.item,
      payer: each.party ?? '',
      date: each.dueOn,
      amountFen: each.openFen,
    })),
    lines
      .filter((each) => each.fen * sign > 0n)
      .map((line) => {
        const reference = referenceIn(line.memo, open);
        return {
          id: line.id,
          payer: partyOf(line, parties) ?? line.counterparty,
          valueDate: line.date,
          amountFen: line.fen * sign,
          ...(reference === undefined ? {} : { reference }),
        };
      }),
  );
}
