import { documentPdf, type PdfBlock } from '@yinglian/dcp';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import type { ProjectRecord } from './repository.ts';
import type { DayRecord, RollRecord, TakeRecord } from './shoot-repository.ts';
import { writeTablePage } from './table-page.ts';

export type ReportQuery = {
  readonly kind: 'camera' | 'sound';
  readonly format: 'html' | 'pdf' | 'csv' | 'xlsx';
  readonly language: 'zh-CN' | 'en';
};

const WORDS = {
  zh: {
    camera: '摄影报告',
    sound: '录音报告',
    day: '拍摄日',
    unit: '摄制组',
    date: '日期',
    place: '地点',
    note: '备注',
    roll: '卷',
    none: '未归卷',
    files: '文件',
    verified: '已校验',
    unverified: '未校验',
    takes: '条次',
    circled: '选用',
    head: ['场', '条', '机位', '素材', '起始时码', '结束时码', '帧数', '帧率', '选用', '备注'],
    length: '时长',
  },
  en: {
    camera: 'Camera report',
    sound: 'Sound report',
    day: 'Shoot day',
    unit: 'Unit',
    date: 'Date',
    place: 'Place',
    note: 'Note',
    roll: 'Roll',
    none: 'No roll',
    files: 'files',
    verified: 'verified',
    unverified: 'not verified',
    takes: 'Takes',
    circled: 'Circled',
    head: [
      'Scene',
      'Take',
      'Camera',
      'Clip',
      'Start',
      'End',
      'Frames',
      'Rate',
      'Circled',
      'Comment',
    ],
    length: 'Length',
  },
} as const;

/** Camera report or sound report of a day: its rolls, and what lies on each. */
export async function shootReport(
  project: ProjectRecord,
  day: DayRecord,
  rolls: readonly RollRecord[],
  takes: readonly TakeRecord[],
  query: ReportQuery,
): Promise<Download> {
  const language = query.language === 'en' ? 'en' : 'zh';
  const words = WORDS[language];
  const own = rolls.filter((each) => each.kind === query.kind);
  const nameOf = (take: TakeRecord) => (query.kind === 'camera' ? take.roll : take.soundRoll);
  const groups = own.map((roll) => ({
    heading: headingOf(roll, words),
    takes: takes.filter((each) => nameOf(each) === roll.name),
  }));
  const loose = takes.filter((each) => nameOf(each) === null);
  // Sound without a roll would be every picture; only a camera report shows what lies on none.
  if (query.kind === 'camera' && loose.length > 0) {
    groups.push({ heading: words.none, takes: loose.filter((each) => each.soundRoll === null) });
  }
  const listed = groups.flatMap((each) => each.takes);
  const title = `${project.name} · ${words[query.kind]} · ${words.day} ${day.number}`;
  const facts: [string, string][] = [
    [words.date, day.date ?? ''],
    [words.unit, day.unit],
    [words.place, day.place],
    [words.takes, String(listed.length)],
    [words.circled, String(listed.filter((each) => each.circled).length)],
    [words.length, lengthText(listed)],
    [words.note, day.note],
  ];
  const shown = facts.filter(([, value]) => value !== '');
  const name = `${project.code}-${query.kind}-day-${day.number}`;
  if (query.format === 'html') {
    const tables = groups.map((each) => ({
      heading: each.heading,
      rows: [words.head, ...each.takes.map(rowOf)],
    }));
    const html = writeTablePage({ title, language, facts: shown, tables });
    const bytes = new TextEncoder().encode(html);
    return { ...downloadBytes(`${name}.html`, 'text/html; charset=utf-8', bytes), inline: 'page' };
  }
  if (query.format === 'pdf') {
    const blocks: PdfBlock[] = [
      ...shown.map(([label, value]) => ({ text: `${label}: ${value}` })),
      ...groups.flatMap((each): PdfBlock[] => [
        { heading: each.heading },
        { text: words.head.join(' · '), soft: true },
        ...each.takes.map((take) => ({
          text: rowOf(take)
            .filter((cell) => cell !== '')
            .join(' · '),
        })),
      ]),
    ];
    return downloadBytes(`${name}.pdf`, 'application/pdf', documentPdf(title, blocks));
  }
  const rows = groups.flatMap((each) => each.takes.map((take) => [each.heading, ...rowOf(take)]));
  return downloadSheet(
    name,
    words[query.kind],
    [[words.roll, ...words.head], ...rows],
    query.format,
  );
}

type Words = (typeof WORDS)['zh'] | (typeof WORDS)['en'];

function headingOf(roll: RollRecord, words: Words): string {
  const parts = [`${words.roll} ${roll.name}`];
  if (roll.device !== '') parts.push(roll.device);
  if (roll.fileCount !== null) parts.push(`${roll.fileCount} ${words.files}`);
  if (roll.sizeBytes !== null) parts.push(`${(roll.sizeBytes / 1e9).toFixed(2)} GB`);
  if (roll.verified !== null) parts.push(roll.verified ? words.verified : words.unverified);
  return parts.join(' · ');
}

function rowOf(take: TakeRecord): string[] {
  return [
    take.scene,
    take.take,
    take.camera,
    take.clip,
    take.startTimecode ?? '',
    take.endTimecode ?? '',
    take.frameCount === null ? '' : String(take.frameCount),
    take.frameRate,
    take.circled ? '✓' : '',
    take.comment,
  ];
}

function lengthText(takes: readonly TakeRecord[]): string {
  let seconds = 0;
  for (const { frameCount, frameRate } of takes) {
    const [above, below = '1'] = frameRate.split('/');
    seconds += ((frameCount ?? 0) * Number(below)) / Number(above);
  }
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
