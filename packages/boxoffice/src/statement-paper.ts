import { formatYuan, type Locale, parseRatio, type Ratio, ratio } from '@yinglian/core';
import type { Equipment } from './fields.ts';
import { type SheetCell, type SheetData, writeMonthSheet } from './month-sheet.ts';

type Words = { readonly zh: string; readonly en: string };

/** A statement as far as it stands above its table; amounts are decimal strings of fen. */
export type PaperStatement = {
  readonly termsKind: string;
  readonly number: string;
  readonly party: string;
  readonly partyName: Words | null;
  readonly counterparty: string | null;
  readonly from: string;
  readonly to: string;
  readonly issuedAt: string | null;
  readonly totalFen: string;
  readonly account: {
    readonly withheldFen: string;
    readonly payableFen: string;
    readonly carriedForwardFen: string;
  } | null;
};

/** One line of a statement as the network and a proof both have it. */
export type PaperLine = {
  readonly number: number;
  readonly cinemaName: string | null;
  readonly cinemaCode: string | null;
  readonly filmName: string;
  readonly filmCode: string | null;
  readonly equipment: string | null;
  readonly from: string;
  readonly to: string;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: string;
  readonly fundFen: string;
  readonly vatMethod: string;
  readonly taxFen: string;
  readonly netFen: string;
  readonly share: string;
  readonly shareFen: string;
  readonly title: Words | null;
  readonly toDateFen: string | null;
  readonly priorFen: string | null;
};

/** The table of a statement: the 17 columns, or what is stated to date by its clauses. */
export function statementSheet(
  statement: PaperStatement,
  lines: readonly PaperLine[],
  language: Locale,
): SheetData {
  return statement.termsKind === 'theatrical'
    ? monthSheet(statement, lines)
    : toDateSheet(statement, lines, language);
}

const rateOf = (text: string): Ratio => parseRatio(text) ?? ratio(0n);

function monthSheet(statement: PaperStatement, lines: readonly PaperLine[]): SheetData {
  return writeMonthSheet(
    statement.counterparty ?? statement.party,
    lines.map((line) => ({
      cinemaName: line.cinemaName ?? '',
      cinemaCode: line.cinemaCode ?? '',
      filmName: line.filmName,
      filmCode: line.filmCode ?? '',
      ...(line.equipment === null ? {} : { equipment: line.equipment as Equipment }),
      from: line.from,
      to: line.to,
      screenings: line.screenings,
      admissions: line.admissions,
      grossFen: BigInt(line.grossFen),
      fundFen: BigInt(line.fundFen),
      vatRate: rateOf(line.vatMethod),
      taxFen: BigInt(line.taxFen),
      netFen: BigInt(line.netFen),
      shareRate: rateOf(line.share),
      shareFen: BigInt(line.shareFen),
    })),
  );
}

const text = (value: string): SheetCell => ({ kind: 'text', text: value });
const number = (value: string, decimals = 0): SheetCell => ({
  kind: 'number',
  text: value,
  decimals,
});
const money = (fen: string | null): SheetCell => number(formatYuan(BigInt(fen ?? '0')), 2);

/** What is stated to date: rental by cinema and week, waterfalls and platforms by their clauses. */
function toDateSheet(
  statement: PaperStatement,
  lines: readonly PaperLine[],
  language: Locale,
): SheetData {
  const rental = statement.termsKind === 'rental';
  const words = TO_DATE_WORDS[language];
  const said = (line: PaperLine) =>
    (language === 'zh-CN' ? line.title?.zh : line.title?.en) ?? line.filmName;
  const rows = lines.map((line) => [
    number(String(line.number)),
    ...(rental ? [text(line.cinemaName ?? ''), text(line.cinemaCode ?? '')] : []),
    text(said(line)),
    text(line.from),
    text(line.to),
    ...(rental
      ? [number(String(line.screenings)), number(String(line.admissions)), money(line.grossFen)]
      : []),
    money(line.toDateFen),
    money(line.priorFen),
    money(line.shareFen),
  ]);
  const sum = (pick: (line: PaperLine) => string | null) =>
    String(lines.reduce((left, line) => left + BigInt(pick(line) ?? '0'), 0n));
  const blank = rental ? 7 : 3;
  return {
    title: words.title,
    headerBlock: headOf(statement, language),
    headings: [
      words.number,
      ...(rental ? [words.cinema, words.code] : []),
      words.what,
      words.from,
      words.to,
      ...(rental ? [words.shows, words.admissions, words.gross] : []),
      words.toDate,
      words.before,
      words.now,
    ],
    rows,
    totals: [
      text(words.total),
      ...Array.from({ length: blank }, () => text('')),
      ...(rental ? [money(sum((line) => line.grossFen))] : []),
      money(sum((line) => line.toDateFen)),
      money(sum((line) => line.priorFen)),
      money(sum((line) => line.shareFen)),
    ],
  };
}

const TO_DATE_WORDS = {
  'zh-CN': {
    title: '结算单',
    number: '序号',
    cinema: '影院名称',
    code: '影院编码',
    what: '事项',
    from: '开始日期',
    to: '结束日期',
    shows: '场次',
    admissions: '人次',
    gross: '票房',
    toDate: '累计',
    before: '以前已列',
    now: '本期',
    total: '合计',
  },
  en: {
    title: 'Statement',
    number: 'No.',
    cinema: 'Cinema',
    code: 'Code',
    what: 'For',
    from: 'From',
    to: 'To',
    shows: 'Shows',
    admissions: 'Admissions',
    gross: 'Gross',
    toDate: 'To date',
    before: 'Stated before',
    now: 'This statement',
    total: 'Total',
  },
} as const;

/** What a waterfall withholds, pays now and carries forward, in the order in which it is read. */
function accountFacts(statement: PaperStatement, language: Locale): [string, string][] {
  const { account } = statement;
  if (account === null) return [];
  const yuan = (fen: string) => formatYuan(BigInt(fen), { grouped: true });
  const [withheld, payable, carried] =
    language === 'zh-CN'
      ? ['代扣税款', '本期应付', '结转下期']
      : ['Tax withheld', 'Payable now', 'Carried forward'];
  return [
    [withheld, `¥${yuan(account.withheldFen)}`],
    [payable, `¥${yuan(account.payableFen)}`],
    [carried, `¥${yuan(account.carriedForwardFen)}`],
  ];
}

/** The party as the terms call it, and the other side where it is another name. */
function sidesOf(statement: PaperStatement, language: Locale): [string, string | null] {
  const { party, partyName, counterparty } = statement;
  const name = (language === 'zh-CN' ? partyName?.zh : partyName?.en) ?? party;
  return [name, counterparty === partyName?.zh ? null : counterparty];
}

/** A statement as it stands on paper, in one language. */
export type StatementPaper = {
  readonly title: string;
  readonly number: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly headings: readonly string[];
  readonly rows: readonly (readonly SheetCell[])[];
  readonly totals: readonly SheetCell[];
  readonly note: string;
  /** Who signs, with the lines to be filled in. */
  readonly signatures: readonly (readonly string[])[];
};

/** Head, table, note and places to sign of a statement. */
export function statementPaper(
  statement: PaperStatement,
  lines: readonly PaperLine[],
  language: Locale,
): StatementPaper {
  const words = WORDS[language];
  const [party, other] = sidesOf(statement, language);
  const sheet = statementSheet(statement, lines, language);
  const english = language === 'en' && statement.termsKind === 'theatrical';
  const { issuedAt } = statement;
  return {
    title: words.title,
    number: statement.number,
    facts: [
      [words.party, party],
      [words.counterparty, other ?? '—'],
      [words.period, `${statement.from} — ${statement.to}`],
      [words.state, issuedAt === null ? words.draft : `${words.issued} ${issuedAt.slice(0, 10)}`],
      [words.total, `¥${formatYuan(BigInt(statement.totalFen), { grouped: true })}`],
      ...accountFacts(statement, language),
    ],
    headings: english ? HEADINGS_EN : sheet.headings,
    rows: english ? sheet.rows.map((row) => row.map(inEnglish)) : sheet.rows,
    totals: english ? sheet.totals.map(inEnglish) : sheet.totals,
    note: words.note,
    signatures: words.signatures,
  };
}

/** Words of the 17 columns' own that are no name. */
const CELLS_EN: Readonly<Record<string, string>> = { 自购: 'owned', 租赁: 'leased', 合计: 'Total' };
const inEnglish = (cell: SheetCell): SheetCell =>
  cell.kind === 'text' ? text(CELLS_EN[cell.text] ?? cell.text) : cell;

/** The pairs above the table of a workbook. */
function headOf(statement: PaperStatement, language: Locale): [string, string][] {
  const words = WORDS[language];
  const [party, other] = sidesOf(statement, language);
  return [
    [words.party, party],
    ...(other === null ? [] : [[words.counterparty, other] as [string, string]]),
    [words.number, statement.number],
    [words.period, `${statement.from} — ${statement.to}`],
    ...accountFacts(statement, language),
  ];
}

/** What pages of any kind print: a head, a table whose figures stand right, places to sign. */
export function paperBlocks(paper: StatementPaper) {
  const columns = paper.headings.map((heading, index) => {
    const kinds = paper.rows.map((row) => row[index]?.kind);
    const figure = kinds.some((kind) => kind === 'number' || kind === 'percent');
    const code = kinds.includes('date') || paper.rows.every((row) => isCode(row[index]));
    return { heading, figure, words: !figure && !code };
  });
  return [
    { beside: paper.facts.map(([name, value]) => [name, value]) },
    { space: 10 },
    {
      table: {
        columns,
        rows: paper.rows.map((row) => row.map(cellWords)),
        totals: paper.totals.map(cellWords),
      },
    },
    { space: 6 },
    { text: paper.note, soft: true },
    { space: 14 },
    { beside: paper.signatures },
  ];
}

const isCode = (cell: SheetCell | undefined) => /^[\w-]{0,16}$/.test(cell?.text ?? '');

/** The 17 columns in English. */
const HEADINGS_EN = [
  'No.',
  'Cinema',
  'Code',
  'Film',
  'Film code',
  'Equipment',
  'From',
  'To',
  'Shows',
  'Admissions',
  'Gross',
  'Film fund',
  'VAT rate',
  'Tax',
  'Net',
  'Share',
  'Amount',
];

const WORDS = {
  'zh-CN': {
    title: '结算单',
    number: '结算单号',
    party: '收款方',
    counterparty: '对方',
    period: '期间',
    state: '状态',
    issued: '已出具',
    draft: '草稿',
    total: '应付合计',
    note: '金额单位：元。每一数字的由来可在系统中逐层展开，或用 yinglian statement verify 离线复核。',
    signatures: [
      ['出具方（盖章）：', '经办：____________', '日期：____________'],
      ['收款方（盖章）：', '经办：____________', '日期：____________'],
    ],
  },
  en: {
    title: 'Statement',
    number: 'Statement',
    party: 'Payee',
    counterparty: 'Other side',
    period: 'Period',
    state: 'State',
    issued: 'issued',
    draft: 'draft',
    total: 'Total due',
    note:
      'Amounts in yuan. Every figure opens down to its rows in the system, and can be ' +
      'recomputed offline with yinglian statement verify.',
    signatures: [
      ['For the issuer (seal):', 'Name: ____________', 'Date: ____________'],
      ['For the payee (seal):', 'Name: ____________', 'Date: ____________'],
    ],
  },
} as const;

/** A cell as it reads on paper: figures in groups, rates in per cent. */
export function cellWords(cell: SheetCell): string {
  if (cell.kind === 'percent') return percentText(cell.text);
  if (cell.kind !== 'number') return cell.text;
  const [whole, fraction] = cell.text.split('.');
  const grouped = (whole ?? '').replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `43/100` as `43 %`; a rate that does not end in two places stays a fraction. */
function percentText(text: string): string {
  const rate = parseRatio(text);
  if (rate === undefined) return text;
  const scaled = rate.numerator * 10_000n;
  if (scaled % rate.denominator !== 0n) return text;
  const points = scaled / rate.denominator;
  const fraction = points % 100n;
  return `${points / 100n}${fraction === 0n ? '' : `.${String(fraction).padStart(2, '0')}`}%`;
}
