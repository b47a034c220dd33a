import { formatTimecode } from '@yinglian/core';
import type { Change, ChangeKind, ChangeList } from './changes.ts';
import { countChanges } from './changes.ts';
import { CHANGE_WORDS, changeRows, describeChange, type ReportLanguage } from './report.ts';

/** The kind that gives an entry its colour: the one that asks most of somebody. */
const FIRST: readonly ChangeKind[] = [
  ...(['rescan', 'new', 'reinstated', 'omitted', 'replaced', 'retimed', 'extended'] as const),
  ...(['trimmed', 'slipped', 'effect', 'moved', 'disabled', 'enabled', 'renamed'] as const),
];

const COLORS: Readonly<Record<ChangeKind | 'unchanged', string>> = {
  rescan: '#c62828',
  new: '#2e7d32',
  reinstated: '#558b2f',
  omitted: '#6d4c41',
  replaced: '#ad1457',
  retimed: '#6a1b9a',
  extended: '#ef6c00',
  trimmed: '#f9a825',
  slipped: '#0277bd',
  effect: '#00838f',
  moved: '#3949ab',
  disabled: '#757575',
  enabled: '#9e9d24',
  renamed: '#90a4ae',
  unchanged: '#cfd8dc',
};

/** Width of the picture in its own units. */
const WIDTH = 1600;
const LANE = 26;
/** Entries drawn; a longer list is told as a table alone. */
const DRAWN_MAX = 20_000;

/**
 * A change list as one HTML page without scripts or outside files: a picture of both cuts with
 * what went where, and the table. It prints.
 */
export function writeChangePage(of: ChangeList, language: ReportLanguage): string {
  const words = language === 'zh' ? ZH : EN;
  const counts = countChanges(of);
  const summary = Object.entries(counts)
    .map(([kind, count]) => {
      const known = kind as ChangeKind | 'unchanged';
      const word = escape(CHANGE_WORDS[known][language]);
      return `<li><b style="background:${COLORS[known]}"></b>${word} ${count}</li>`;
    })
    .join('');
  const [head, ...rows] = changeRows(of, language);
  const cells = (row: readonly string[], tag: string) =>
    row.map((each) => `<${tag}>${escape(each)}</${tag}>`).join('');
  const body = rows
    .map((row, index) => `<tr class="${leading(of.changes[index]!)}">${cells(row, 'td')}</tr>`)
    .join('\n');
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(words.title)}: ${escape(of.oldTitle)} → ${escape(of.newTitle)}</title>
<style>${STYLE}${KIND_STYLE}</style></head><body>
<h1>${escape(words.title)}</h1>
<p>${escape(of.oldTitle)} → ${escape(of.newTitle)} ·
${of.oldFrames} → ${of.newFrames} ${escape(words.frames)}</p>
<ul class="key">${summary}</ul>
${picture(of, language)}
<div class="scroll"><table><thead><tr>${cells(head!, 'th')}</tr></thead><tbody>
${body}
</tbody></table></div></body></html>
`;
}

const ZH = { title: '剪辑变更单', frames: '帧', old: '旧版', new: '新版' };
const EN = { title: 'Change list', frames: 'frames', old: 'old', new: 'new' };

const STYLE =
  'body{font:14px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:24px;color:#222}' +
  'body{background:#fff}' +
  'h1{font-size:20px;margin:0}.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:12px}' +
  '.key b{display:inline-block;width:12px;height:12px;margin-right:6px;border-radius:2px}' +
  'svg{width:100%;height:auto;border:1px solid #ddd;margin:12px 0}svg text{font-size:11px}' +
  '.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:12px;white-space:nowrap}' +
  'th,td{border-bottom:1px solid #ddd;padding:3px 8px;text-align:left;' +
  'font-variant-numeric:tabular-nums}td:first-child{border-left:6px solid transparent}' +
  '@page{size:A4 landscape;margin:10mm}' +
  '@media print{body{margin:0}svg,tr{break-inside:avoid}thead{display:table-header-group}' +
  'svg{max-height:45mm}.scroll{overflow:visible}table{font-size:7px;width:100%}' +
  'th,td{padding:2px 3px;white-space:normal}td:nth-child(n+6){white-space:nowrap}' +
  'body{-webkit-print-color-adjust:exact;print-color-adjust:exact}}';

const KIND_STYLE = Object.entries(COLORS)
  .map(([kind, color]) => `tr.${kind} td:first-child{border-left-color:${color}}`)
  .join('');

function leading(of: Change): ChangeKind | 'unchanged' {
  return FIRST.find((each) => of.kinds.includes(each)) ?? 'unchanged';
}

/** Both cuts as bars, with a band from where each entry was to where it is. */
function picture(of: ChangeList, language: ReportLanguage): string {
  if (of.changes.length === 0 || of.changes.length > DRAWN_MAX) return '';
  const words = language === 'zh' ? ZH : EN;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const lanes = new Map<string, number>();
  for (const each of of.changes) {
    for (const entry of [each.old, each.new]) {
      if (entry === undefined) continue;
      first = Math.min(first, entry.recordIn);
      last = Math.max(last, entry.recordOut);
      const lane = `${entry.department} ${entry.trackName}`;
      if (!lanes.has(lane)) lanes.set(lane, lanes.size);
    }
  }
  const scale = WIDTH / Math.max(1, last - first);
  const x = (frame: number) => Math.round((frame - first) * scale * 100) / 100;
  const gap = 60;
  const height = lanes.size * LANE * 2 + gap + 40;
  const oldTop = 20;
  const newTop = oldTop + lanes.size * LANE + gap;
  const bands: string[] = [];
  const bars: string[] = [];
  for (const each of of.changes) {
    const color = COLORS[leading(each)];
    const title = escape(`${each.shot || each.name}: ${describeChange(each, language)}`);
    const places = (
      [
        ['old', oldTop],
        ['new', newTop],
      ] as const
    ).map(([side, top]) => {
      const entry = each[side];
      if (entry === undefined) return undefined;
      const y = top + lanes.get(`${entry.department} ${entry.trackName}`)! * LANE;
      const [left, right] = [x(entry.recordIn), x(entry.recordOut)];
      const label = formatTimecode(BigInt(entry.recordIn), of.format);
      const width = Math.max(0.5, Math.round((right - left) * 100) / 100);
      bars.push(
        `<rect x="${left}" y="${y}" width="${width}" height="${LANE - 4}" fill="${color}">` +
          `<title>${title} ${label}</title></rect>`,
      );
      return { left, right, y };
    });
    const [from, to] = places;
    if (from === undefined || to === undefined) continue;
    const under = from.y + LANE - 4;
    bands.push(
      `<path d="M${from.left} ${under}L${from.right} ${under}` +
        `L${to.right} ${to.y}L${to.left} ${to.y}Z"` +
        ` fill="${color}" fill-opacity="0.25"/>`,
    );
  }
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(words.title)}">` +
    `<text x="4" y="14">${escape(words.old)}: ${escape(of.oldTitle)}</text>` +
    `<text x="4" y="${newTop + lanes.size * LANE + 14}">` +
    `${escape(words.new)}: ${escape(of.newTitle)}</text>` +
    `${bands.join('')}${bars.join('')}</svg>`
  );
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
