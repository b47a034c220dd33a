import {
  type Finding,
  type FindingTexts,
  type Locale,
  renderFinding,
  renderPlace,
} from '@yinglian/core';
import type { CardClip } from './cards.ts';
import type { ClipDetails, OffloadReport } from './report.ts';

/** Clips drawn in full; a page with more is no longer read. */
const CLIPS_SHOWN_MAX = 2000;
const REASONS_SHOWN_MAX = 200;

const STYLE = `
:root{--ink:#1b1d21;--soft:#5d636e;--line:#dfe2e7;--good:#0b7a3e;--bad:#b3261e}
*{box-sizing:border-box}
body{font:14px/1.55 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
color:var(--ink);margin:0 auto;max-width:1080px;padding:32px 24px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 8px}
p{margin:0}.soft{color:var(--soft)}
.verdict{margin:20px 0;padding:16px 20px;border:2px solid;border-radius:8px;font-size:20px;
font-weight:650}
.verdict.safe{color:var(--good);border-color:var(--good)}
.verdict.unsafe{color:var(--bad);border-color:var(--bad)}
.verdict ul{font-size:14px;font-weight:400;margin:8px 0 0;padding-left:20px;color:var(--ink)}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500}td.number{text-align:right;font-variant-numeric:tabular-nums}
code{font:12px ui-monospace,monospace;word-break:break-all}
img{display:block;width:160px;height:auto;border-radius:3px;background:#000}
tr{break-inside:avoid}
@media print{body{max-width:none;padding:0}@page{size:A4;margin:14mm}}
`;

/** The report as one page that needs nothing else: pictures and style are inside. */
export function writeHtml(report: OffloadReport, locale: Locale, texts: FindingTexts): string {
  const zh = locale === 'zh-CN';
  const word = (chinese: string, english: string) => (zh ? chinese : english);
  const { card, verdict } = report;
  const title = `${report.name} · ${word('拷贝报告', 'Offload report')}`;
  const facts: readonly (readonly [string, string])[] = [
    [word('来源', 'Source'), report.source],
    [word('卡种', 'Card'), [card.name, card.reel ?? ''].filter(Boolean).join(' · ')],
    [word('文件', 'Files'), String(report.fileCount)],
    [word('数据量', 'Size'), sizeText(report.sizeBytes)],
    [word('校验', 'Checksums'), report.formats.join(', ')],
    [word('开始', 'Begun'), report.startedAt],
    [word('完成', 'Finished'), report.finishedAt],
    [word('操作人', 'By'), report.operator],
    [word('地点', 'At'), report.location],
    [word('备注', 'Remark'), report.comment],
  ];
  const body = [
    `<h1>${escape(title)}</h1>`,
    `<div class="verdict ${verdict.safe ? 'safe' : 'unsafe'}">`,
    verdictText(report, word),
    reasonList(verdict.reasons, locale, texts),
    '</div>',
    `<table>${facts
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`)
      .join('')}</table>`,
    `<h2>${word('拷贝', 'Copies')}</h2>`,
    targetTable(report, word),
    `<h2>${word('素材', 'Clips')} (${card.clips.length})</h2>`,
    clipTable(report, word),
  ];
  return (
    `<!doctype html>\n<html lang="${locale}"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${escape(title)}</title><style>${STYLE}</style></head>\n` +
    `<body>${body.join('\n')}</body></html>\n`
  );
}

type Word = (chinese: string, english: string) => string;

function verdictText(report: OffloadReport, word: Word): string {
  return report.verdict.safe
    ? word('可以格式化原卡', 'Safe to format the card')
    : word('不可格式化原卡', 'NOT safe to format the card');
}

function reasonList(reasons: readonly Finding[], locale: Locale, texts: FindingTexts): string {
  if (reasons.length === 0) return '';
  const items = reasons.slice(0, REASONS_SHOWN_MAX).map((each) => {
    const place = renderPlace(each.at, locale);
    const text = escape(renderFinding(each, texts, locale));
    return `<li>${text} <span class="soft">${escape(place)}</span></li>`;
  });
  const more = reasons.length - items.length;
  return `<ul>${items.join('')}${more > 0 ? `<li>+ ${more}</li>` : ''}</ul>`;
}

function targetTable(report: OffloadReport, word: Word): string {
  const rows = report.targets.map((each) => {
    const state = each.complete
      ? word('完整，已回读校验', 'complete, read back and verified')
      : word('不完整', 'incomplete');
    const from =
      each.readBack === 'medium'
        ? word('从介质读取', 'from the medium')
        : each.readBack === 'cache'
          ? word('可能来自缓存', 'perhaps from the cache')
          : word('未回读', 'not read back');
    const code = each.manifestC4 === undefined ? '' : `<code>${escape(each.manifestC4)}</code>`;
    return (
      `<tr><td>${escape(each.folder)}</td><td class="number">${each.fileCount}</td>` +
      `<td>${escape(state)}</td><td>${escape(from)}</td><td>${code}</td></tr>`
    );
  });
  const head = [
    word('文件夹', 'Folder'),
    word('文件', 'Files'),
    word('状态', 'State'),
    word('回读', 'Read back'),
    'MHL C4',
  ];
  return table(head, rows);
}

function clipTable(report: OffloadReport, word: Word): string {
  const rows = report.card.clips
    .slice(0, CLIPS_SHOWN_MAX)
    .map((clip) => clipRow(clip, report.details.get(clip.name) ?? {}));
  const head = [
    '',
    word('名称', 'Name'),
    word('时间码', 'Timecode'),
    word('格式', 'Format'),
    word('文件', 'Files'),
    word('大小', 'Size'),
  ];
  return table(head, rows);
}

function clipRow(clip: CardClip, about: ClipDetails): string {
  const picture =
    about.thumbnail === undefined
      ? ''
      : `<img alt="" src="data:image/jpeg;base64,${about.thumbnail}">`;
  const format = [
    about.width === undefined ? '' : `${about.width}×${about.height ?? 0}`,
    about.frameRate ?? '',
    about.codec ?? '',
  ];
  const { durationSeconds } = about;
  const length = durationSeconds === undefined ? '' : `${durationSeconds.toFixed(2)} s`;
  const time = [about.startTimecode ?? '', length];
  return (
    `<tr><td>${picture}</td><td>${escape(clip.name)}</td>` +
    `<td>${escape(time.filter(Boolean).join(' · '))}</td>` +
    `<td>${escape(format.filter(Boolean).join(' · '))}</td>` +
    `<td class="number">${clip.fileCount}</td>` +
    `<td class="number">${sizeText(clip.sizeBytes)}</td></tr>`
  );
}

function table(head: readonly string[], rows: readonly string[]): string {
  const titles = head.map((each) => `<th>${escape(each)}</th>`).join('');
  return `<table><tr>${titles}</tr>${rows.join('')}</table>`;
}

/** Bytes in decimal units, as media are sold. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]!}`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
