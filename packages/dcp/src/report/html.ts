import { encodeUtf8, type Locale, toBase64 } from '@yinglian/core';
import type { VerificationReport } from '../verify/report.ts';
import {
  reportContent,
  type ReportContent,
  type ReportExtras,
  type ReportTable,
} from './content.ts';
import { pngOf } from './preview.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#666;--line:#ddd;--paper:#fff;
--good:#1a7f37;--bad:#b3261e;--warn:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--soft:#aaa;--line:#444;--paper:#161616;
--good:#4ac26b;--bad:#ff8a80;--warn:#e3b341}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif}
h1{font-size:1.6rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.choice{position:absolute;opacity:0}
label.language{float:right;margin-left:.8rem;cursor:pointer;text-decoration:underline}
#zh:checked~section.en,#en:checked~section.zh{display:none}
#zh:focus-visible~label[for=zh],#en:focus-visible~label[for=en]{outline:2px solid}
.verdict{font-size:1.15rem;font-weight:600;padding:.6rem .9rem;border:2px solid;
border-radius:.4rem;margin:.8rem 0}
.good{color:var(--good)}.bad{color:var(--bad)}
table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{text-align:left;
vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
ol{list-style:none;margin:0;padding:0}li{padding:.5rem 0;border-bottom:1px solid var(--line);
break-inside:avoid}
.mark{font-weight:600;margin-right:.5rem}.error .mark{color:var(--bad)}
.warning .mark{color:var(--warn)}.success .mark{color:var(--good)}
.small{color:var(--soft);font-size:.86rem;overflow-wrap:anywhere}
.pictures{display:flex;flex-wrap:wrap;gap:.8rem}figure{margin:0;max-width:20rem}
figure img{width:100%;height:auto;display:block;background:#000}
@media print{label.language{display:none}body{max-width:none}}
`;

/** Text as it may stand in HTML, between tags and in attributes alike. */
function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * A report as one HTML page that needs nothing else: both languages, pictures inside, no script,
 * nothing fetched, fit for printing. Everything from the package is text, never markup.
 */
export function reportHtml(
  report: VerificationReport,
  extras: ReportExtras,
  locale: Locale = 'zh-CN',
): Uint8Array {
  const [zh, en] = (['zh-CN', 'en'] as const).map((each) => reportContent(report, extras, each));
  const checked = (each: Locale) => (each === locale ? ' checked' : '');
  const page = [
    `<!doctype html>\n<html lang="${locale}">\n<head>\n<meta charset="utf-8">`,
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ' +
      "img-src data:; style-src 'unsafe-inline'\">",
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(extras.subject)} – ${zh!.title} ${en!.title}</title>`,
    `<style>${STYLE}</style>\n</head>\n<body>`,
    `<input class="choice" type="radio" name="language" id="zh"${checked('zh-CN')}>`,
    `<input class="choice" type="radio" name="language" id="en"${checked('en')}>`,
    '<label class="language" for="en" lang="en">English</label>',
    '<label class="language" for="zh" lang="zh-CN">中文</label>',
    section(zh!, extras),
    section(en!, extras),
    '</body>\n</html>\n',
  ];
  return encodeUtf8(page.join('\n'));
}

function section(content: ReportContent, extras: ReportExtras): string {
  const zh = content.locale === 'zh-CN';
  const facts = content.facts.map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  const findings = content.findings.map((each) => {
    const clause = each.clause === undefined ? '' : ` [${escapeHtml(each.clause)}]`;
    const remedy =
      each.remedy === undefined ? '' : `<div class="small">→ ${escapeHtml(each.remedy)}</div>`;
    return (
      `<li class="${each.severity}"><span class="mark">${each.severityText}</span>` +
      `${escapeHtml(each.text)}${clause}<div class="small"><code>${escapeHtml(each.code)}</code>` +
      `${each.place === '' ? '' : ` · ${escapeHtml(each.place)}`}</div>${remedy}</li>`
    );
  });
  return [
    `<section class="${zh ? 'zh' : 'en'}" lang="${content.locale}">`,
    `<h1>${content.title}</h1>`,
    `<p class="verdict ${content.verdict.good ? 'good' : 'bad'}">${content.verdict.text}</p>`,
    `<dl>${facts.join('')}</dl>`,
    pictures(extras, zh),
    ...content.tables.map(table),
    `<h2>${content.findingsTitle}</h2>`,
    findings.length === 0 ? '<p>–</p>' : `<ol>${findings.join('\n')}</ol>`,
    '</section>',
  ].join('\n');
}

function pictures({ pictures: all = [] }: ReportExtras, zh: boolean): string {
  if (all.length === 0) return '';
  const figures = all.map((each) => {
    const caption = `${each.path} · ${zh ? '帧' : 'frame'} ${each.frame}`;
    const data = toBase64(pngOf(each));
    return (
      `<figure><img src="data:image/png;base64,${data}" width="${each.width}" ` +
      `height="${each.height}" alt="${escapeHtml(caption)}">` +
      `<figcaption class="small">${escapeHtml(caption)}</figcaption></figure>`
    );
  });
  return `<h2>${zh ? '画面' : 'Pictures'}</h2><div class="pictures">${figures.join('')}</div>`;
}

function table({ title, head, rows }: ReportTable): string {
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return (
    `<h2>${escapeHtml(title)}</h2><table><thead>${cells(head, 'th')}</thead>` +
    `<tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table>`
  );
}
