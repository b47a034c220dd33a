import { writeMonthSheet } from '@yinglian/boxoffice';
import { formatYuan, parseRatio, type Ratio, ratio } from '@yinglian/core';
import { writeWorkbook } from '@yinglian/host';
import type { Language } from './derivation.ts';
import type { LineRecord, StatementRecord } from './repository.ts';

const rateOf = (text: string): Ratio => parseRatio(text) ?? ratio(0n);

function sheetOf(statement: StatementRecord, lines: readonly LineRecord[]) {
  return writeMonthSheet(
    statement.counterparty ?? statement.party,
    lines.map((line) => ({
      cinemaName: line.cinemaName ?? '',
      cinemaCode: line.cinemaCode ?? '',
      filmName: line.filmName,
      filmCode: line.filmCode ?? '',
      ...(line.equipment === null ? {} : { equipment: line.equipment as 'owned' | 'leased' }),
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

type Cell = ReturnType<typeof writeMonthSheet>['rows'][number][number];
type Sheet = {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly totals: readonly Cell[];
};

const text = (value: string): Cell => ({ kind: 'text', text: value });
const number = (value: string, decimals = 0): Cell => ({ kind: 'number', text: value, decimals });
const money = (fen: string | null): Cell => number(formatYuan(BigInt(fen ?? '0')), 2);

/** What is stated to date: rental by cinema and week, waterfalls and platforms by their clauses. */
function toDateSheet(
  statement: StatementRecord,
  lines: readonly LineRecord[],
  language: Language,
): Sheet {
  const rental = statement.termsKind === 'rental';
  const words = TO_DATE_WORDS[language];
  const said = (line: LineRecord) =>
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
  const sum = (pick: (line: LineRecord) => string | null) =>
    String(lines.reduce((left, line) => left + BigInt(pick(line) ?? '0'), 0n));
  const blank = rental ? 7 : 3;
  return {
    title: words.title,
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
function accountFacts(statement: StatementRecord, language: Language): [string, string][] {
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
function sidesOf(statement: StatementRecord, language: Language): [string, string | null] {
  const { party, partyName, counterparty } = statement;
  const name = (language === 'zh-CN' ? partyName?.zh : partyName?.en) ?? party;
  return [name, counterparty === partyName?.zh ? null : counterparty];
}

/** Widths of the 17 columns in characters. */
const WIDTHS = [6, 30, 12, 22, 15, 10, 12, 12, 10, 10, 15, 14, 10, 14, 15, 10, 15];

/** The 17 columns as a workbook with real numbers, under a head that says whose and for when. */
export function statementWorkbook(
  statement: StatementRecord,
  lines: readonly LineRecord[],
  language: Language,
): Promise<Uint8Array> {
  if (statement.termsKind !== 'theatrical') {
    const sheet = toDateSheet(statement, lines, language);
    const words = WORDS[language];
    const [party, other] = sidesOf(statement, language);
    const head = [
      [words.party, party],
      ...(other === null ? [] : [[words.counterparty, other]]),
      [words.number, statement.number],
      [words.period, `${statement.from} — ${statement.to}`],
      ...accountFacts(statement, language),
    ];
    return writeWorkbook([
      {
        name: sheet.title,
        widths: sheet.headings.map((_, index) => (index === 0 ? 12 : 22)),
        rows: [
          ...head.map((pair) => pair.map(text)),
          [],
          sheet.headings.map(text),
          ...sheet.rows,
          [...sheet.totals],
        ],
      },
    ]);
  }
  const sheet = sheetOf(statement, lines);
  return writeWorkbook([
    {
      name: sheet.title,
      widths: WIDTHS,
      rows: [
        ...sheet.headerBlock.map((pair) => pair.map(text)),
        [text('结算单号'), text(statement.number)],
        [text('期间'), text(`${statement.from} — ${statement.to}`)],
        [],
        sheet.headings.map(text),
        ...sheet.rows,
        [...sheet.totals],
      ],
    },
  ]);
}

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
  },
} as const;

/** A page that prints on A4 across; it needs nothing from anywhere else. */
export function statementPage(
  statement: StatementRecord,
  lines: readonly LineRecord[],
  language: Language,
): Uint8Array {
  const words = WORDS[language];
  const [party, other] = sidesOf(statement, language);
  const sheet =
    statement.termsKind === 'theatrical'
      ? sheetOf(statement, lines)
      : toDateSheet(statement, lines, language);
  const english = language === 'en' && statement.termsKind === 'theatrical';
  const headings = english ? HEADINGS_EN : sheet.headings;
  const row = (cells: readonly { readonly kind: string; readonly text: string }[], tag = 'td') =>
    `<tr>${cells
      .map((cell) => {
        const number = cell.kind === 'number' || cell.kind === 'percent';
        return `<${tag}${number ? ' class="n"' : ''}>${escape(cellText(cell))}</${tag}>`;
      })
      .join('')}</tr>`;
  const facts = [
    [words.party, party],
    [words.counterparty, other ?? '—'],
    [words.period, `${statement.from} — ${statement.to}`],
    [
      words.state,
      statement.issuedAt === null
        ? words.draft
        : `${words.issued} ${statement.issuedAt.slice(0, 10)}`,
    ],
    [words.total, `¥${formatYuan(BigInt(statement.totalFen), { grouped: true })}`],
    ...accountFacts(statement, language),
  ] as const;
  return new TextEncoder().encode(`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(`${words.title} ${statement.number}`)}</title>
<style>${STYLE}</style></head><body>
<h1>${escape(words.title)} <small>${escape(statement.number)}</small></h1>
<dl>${facts
    .map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`)
    .join('')}</dl>
<table><thead><tr>${headings
    .map((each) => `<th scope="col">${escape(each)}</th>`)
    .join('')}</tr></thead>
<tbody>${sheet.rows.map((cells) => row(cells)).join('\n')}</tbody>
<tfoot>${row(sheet.totals)}</tfoot></table>
<p>${escape(words.note)}</p></body></html>`);
}

const STYLE = `@page{size:A4 landscape;margin:12mm}
body{font:12px/1.5 "Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
color:#1a1a1a;margin:24px;background:#fff}
h1{font-size:20px;margin:0 0 8px}small{font-weight:400;color:#595959}
dl{display:flex;gap:32px;flex-wrap:wrap;margin:0 0 16px}
dt{color:#595959}dd{margin:0;font-weight:600}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:10px}
th,td{border:1px solid #bfbfbf;padding:3px 5px;text-align:left}
.n{text-align:right;white-space:nowrap}
th{background:#f2f2f2}tfoot td{font-weight:700;background:#fafafa}
thead{display:table-header-group}tr{break-inside:avoid}p{color:#595959}`;

function cellText(cell: { readonly kind: string; readonly text: string }): string {
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

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
