import { formatYuan, type Locale } from '@yinglian/core';
import { escapeText } from '@yinglian/xml';
import { runOf } from './dates.ts';
import type { ReleasePlan, ReleasePeriod } from './model.ts';

/** What the notice says besides the plan. */
export type NoticeFacts = {
  readonly film: string;
  readonly distributor: string;
  /** From 1; a notice of a later revision says that it takes the place of the one before. */
  readonly revision: number;
  /** `YYYY-MM-DD` on which the revision was announced; null for a draft. */
  readonly announced: string | null;
  /** Names of circuits and cinemas by id, for the zones. */
  readonly names: ReadonlyMap<string, string>;
};

/** A distribution notice (发行通知) as parts, for a page, a print or a sheet. */
export type Notice = {
  readonly title: string;
  readonly lead: readonly string[];
  readonly tables: readonly NoticeTable[];
  readonly notes: readonly string[];
};

/** A table of the notice; every row has the cells of the header. */
export type NoticeTable = {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** Words of the notice in both languages. */
const WORDS = {
  notice: { zh: '发行通知', en: 'Distribution notice' },
  draft: { zh: '草案，尚未发布', en: 'Draft, not announced' },
  revision: { zh: '修订号', en: 'Revision' },
  replaces: { zh: '本通知取代此前各版', en: 'It takes the place of earlier revisions' },
  run: { zh: '放映日期', en: 'Run' },
  versions: { zh: '影片版本', en: 'Versions' },
  format: { zh: '制式', en: 'Format' },
  code: { zh: '影片编码', en: 'Film code' },
  standards: { zh: '票房结算标准（元/人次）', en: 'Settlement standard (yuan per admission)' },
  period: { zh: '时段', en: 'Period' },
  kind: { zh: '性质', en: 'Kind' },
  cityClass: { zh: '城市类别', en: 'City class' },
  amount: { zh: '标准', en: 'Standard' },
  cities: { zh: '城市', en: 'Cities' },
  rest: { zh: '其余城市', en: 'All other cities' },
  zones: { zh: '分区日期', en: 'Dates by zone' },
  zone: { zh: '分区', en: 'Zone' },
  members: { zh: '范围', en: 'Members' },
  minimum: { zh: '每日最低场次', en: 'Minimum screenings a day' },
  counted: { zh: '计算方式', en: 'Counted' },
  day: { zh: '逐日', en: 'on each day' },
  week: { zh: '按周平均', en: 'on the average of each week' },
  range: { zh: '全期平均', en: 'on the average of these days' },
  preview: { zh: '点映', en: 'Preview' },
  extension: { zh: '延长放映', en: 'Extension' },
  standardRule: {
    zh: '每人次按实际售价与结算标准中较高者结算；票价由影院自主确定。',
    en:
      'An admission settles at the price sold or the standard, whichever is higher; ' +
      'cinemas set their own prices.',
  },
} as const;

/** The notice of a plan in one language. */
export function noticeOf(plan: ReleasePlan, facts: NoticeFacts, locale: Locale): Notice {
  const say = (word: keyof typeof WORDS) => WORDS[word][locale === 'zh-CN' ? 'zh' : 'en'];
  const run = runOf(plan);
  const revision = `${say('revision')} ${facts.revision}`;
  const state = facts.announced === null ? say('draft') : facts.announced;
  const lead = [facts.distributor, `${revision} · ${state}`];
  if (facts.revision > 1) lead.push(say('replaces'));
  if (run !== undefined) lead.push(`${say('run')} ${run.from} – ${run.to}`);
  const title =
    locale === 'zh-CN' ? `《${facts.film}》${say('notice')}` : `${facts.film} · ${say('notice')}`;
  const kindOf = (each: ReleasePeriod) => say(each.kind);
  const tables: NoticeTable[] = [
    {
      title: say('versions'),
      header: [say('format'), say('code')],
      rows: plan.versions.map((each) => [each.format, each.filmCode ?? '—']),
    },
    {
      title: say('standards'),
      header: [say('period'), say('kind'), say('format'), say('cityClass'), say('amount')],
      rows: plan.periods.flatMap((each) =>
        each.standards.length === 0
          ? [[`${each.from} – ${each.to}`, kindOf(each), '—', '—', '—']]
          : each.standards.map((standard) => [
              `${each.from} – ${each.to}`,
              kindOf(each),
              standard.format,
              standard.cityClass,
              formatYuan(standard.fen),
            ]),
      ),
    },
    {
      title: say('cityClass'),
      header: [say('cityClass'), say('cities')],
      rows: plan.cityClasses.map((each) => [
        each.name,
        each.cities.length === 0 ? say('rest') : each.cities.join('、'),
      ]),
    },
    {
      title: say('zones'),
      header: [say('zone'), say('run'), say('members')],
      rows: plan.zones.map((each) => [
        each.name,
        `${each.from} – ${each.to}`,
        [
          ...each.provinces,
          ...each.cities,
          ...[...each.circuitIds, ...each.cinemaIds].map((id) => facts.names.get(id) ?? id),
        ].join('、'),
      ]),
    },
    {
      title: say('minimum'),
      header: [say('period'), say('minimum'), say('counted')],
      rows: plan.minimumScreenings.map((each) => [
        `${each.from} – ${each.to}`,
        String(each.perDay),
        say(each.counted ?? 'day'),
      ]),
    },
  ].filter((each) => each.rows.length > 0);
  const notes = plan.periods.some((each) => each.standards.length > 0) ? [say('standardRule')] : [];
  if (plan.note !== '') notes.push(plan.note);
  return { title, lead, tables, notes };
}

const STYLE =
  'body{font:15px/1.6 "Noto Sans CJK SC","PingFang SC",sans-serif;max-width:48rem;' +
  'margin:2rem auto;padding:0 1rem;color:#111;background:#fff}h1{font-size:1.5rem}' +
  'h2{font-size:1.1rem;margin-top:1.5rem}table{border-collapse:collapse;width:100%}' +
  'th,td{border:1px solid #767676;padding:.3rem .6rem;text-align:left;vertical-align:top}' +
  '@media print{body{margin:0}}';

/** The notice as one page that needs nothing else, for a screen or a printer. */
export function noticePage(notice: Notice, locale: Locale): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    row
      .map((each) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escapeText(each)}</${tag}>`)
      .join('');
  const tables = notice.tables.map(
    (table) =>
      `<h2>${escapeText(table.title)}</h2>` +
      `<table><thead><tr>${cells('th', table.header)}</tr></thead>` +
      `<tbody>${table.rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table>`,
  );
  const paragraphs = (texts: readonly string[]) =>
    texts.map((each) => `<p>${escapeText(each)}</p>`).join('');
  return (
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width">` +
    `<title>${escapeText(notice.title)}</title><style>${STYLE}</style></head><body><main>` +
    `<h1>${escapeText(notice.title)}</h1>${paragraphs(notice.lead)}${tables.join('')}` +
    `${paragraphs(notice.notes)}</main></body></html>`
  );
}
