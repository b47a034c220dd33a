/** A page that prints: a heading, what is known, and tables. */
export type TablePage = {
  readonly title: string;
  readonly language: 'zh' | 'en';
  readonly facts?: readonly (readonly [label: string, value: string])[];
  readonly tables: readonly {
    readonly heading?: string;
    /** The first row is the heading of the columns. */
    readonly rows: readonly (readonly string[])[];
  }[];
};

const escape = (text: string) => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

const STYLE = `
:root{color-scheme:light dark}
body{font:13px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
margin:24px;max-width:1400px}
h1{font-size:20px;margin:0 0 4px}h2{font-size:15px;margin:20px 0 6px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:12px 0}
dt{opacity:.7}dd{margin:0}
div{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid #8886;padding:4px 8px;text-align:left;vertical-align:top}
th{border-bottom:2px solid #8889;white-space:nowrap}
tr{break-inside:avoid}thead{display:table-header-group}
@media print{body{margin:0;font-size:10px}@page{size:A4 landscape;margin:12mm}}`;

/** One HTML page without scripts or outside files. Everything in it is text. */
export function writeTablePage(of: TablePage): string {
  const facts = (of.facts ?? [])
    .map(([label, value]) => `<dt>${escape(label)}</dt><dd>${escape(value)}</dd>`)
    .join('');
  const tables = of.tables.map(({ heading, rows }) => {
    const [head = [], ...body] = rows;
    const cells = (row: readonly string[], tag: string) =>
      row.map((each) => `<${tag}>${escape(each)}</${tag}>`).join('');
    const lines = body.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
    return `${heading === undefined ? '' : `<h2>${escape(heading)}</h2>`}
<div><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>
${lines}</tbody></table></div>`;
  });
  return `<!doctype html>
<html lang="${of.language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(of.title)}</title><style>${STYLE}</style></head>
<body><h1>${escape(of.title)}</h1>${facts === '' ? '' : `<dl>${facts}</dl>`}
${tables.join('\n')}
</body></html>
`;
}
