import { cellWords, paperBlocks, statementPaper, statementSheet } from '@yinglian/boxoffice';
import { documentPdf } from '@yinglian/dcp';
import { writeWorkbook } from '@yinglian/host';
import type { Language } from './derivation.ts';
import type { LineRecord, StatementRecord } from './repository.ts';

const text = (value: string) => ({ kind: 'text', text: value }) as const;

/** Widths of the 17 columns in characters. */
const WIDTHS = [6, 30, 12, 22, 15, 10, 12, 12, 10, 10, 15, 14, 10, 14, 15, 10, 15];

/** The 17 columns as a workbook with real numbers, under a head that says whose and for when. */
export function statementWorkbook(
  statement: StatementRecord,
  lines: readonly LineRecord[],
  language: Language,
): Promise<Uint8Array> {
  const sheet = statementSheet(statement, lines, language);
  if (statement.termsKind !== 'theatrical') {
    return writeWorkbook([
      {
        name: sheet.title,
        widths: sheet.headings.map((_, index) => (index === 0 ? 12 : 22)),
        rows: [
          ...sheet.headerBlock.map((pair) => pair.map(text)),
          [],
          sheet.headings.map(text),
          ...sheet.rows,
          [...sheet.totals],
        ],
      },
    ]);
  }
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

/** A page that prints on A4 across; it needs nothing from anywhere else. */
export function statementPage(
  statement: StatementRecord,
  lines: readonly LineRecord[],
  language: Language,
): Uint8Array {
  const paper = statementPaper(statement, lines, language);
  const row = (cells: typeof paper.totals) =>
    `<tr>${cells
      .map((cell) => {
        const number = cell.kind === 'number' || cell.kind === 'percent';
        return `<td${number ? ' class="n"' : ''}>${escape(cellWords(cell))}</td>`;
      })
      .join('')}</tr>`;
  return new TextEncoder().encode(`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(`${paper.title} ${paper.number}`)}</title>
<style>${STYLE}</style></head><body>
<h1>${escape(paper.title)} <small>${escape(paper.number)}</small></h1>
<dl>${paper.facts
    .map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`)
    .join('')}</dl>
<table><thead><tr>${paper.headings
    .map((each) => `<th scope="col">${escape(each)}</th>`)
    .join('')}</tr></thead>
<tbody>${paper.rows.map((cells) => row(cells)).join('\n')}</tbody>
<tfoot>${row(paper.totals)}</tfoot></table>
<p>${escape(paper.note)}</p>
<div class="sign">${paper.signatures
    .map((lines) => `<p>${lines.map(escape).join('<br>')}</p>`)
    .join('')}</div></body></html>`);
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
thead{display:table-header-group}tr{break-inside:avoid}p{color:#595959}
.sign{display:flex;gap:64px;break-inside:avoid}.sign p{flex:1;line-height:2.2;color:inherit}`;

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The same page as PDF: A4 across, the head on every page, and which page it is. */
export function statementPdf(
  statement: StatementRecord,
  lines: readonly LineRecord[],
  language: Language,
): Uint8Array {
  const paper = statementPaper(statement, lines, language);
  const { title, number } = paper;
  return documentPdf(`${title} ${number}`, paperBlocks(paper), {
    across: true,
    foot: (page, pages) => `${number} · ${page} / ${pages}`,
  });
}
