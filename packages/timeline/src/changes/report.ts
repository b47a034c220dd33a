import { formatTimecode, type TimecodeFormat } from '@yinglian/core';
import type { Block } from './blocks.ts';
import type { Change, ChangeKind, ChangeList } from './changes.ts';
import type { CutEntry } from './entries.ts';

/** The languages a report is written in. */
export type ReportLanguage = 'zh' | 'en';

/** What each kind of change is called. */
export const CHANGE_WORDS: Readonly<Record<ChangeKind | 'unchanged', { zh: string; en: string }>> =
  Object.freeze({
    new: { zh: '新增', en: 'New' },
    omitted: { zh: '删除', en: 'Omitted' },
    reinstated: { zh: '恢复', en: 'Reinstated' },
    replaced: { zh: '换素材', en: 'Replaced' },
    rescan: { zh: '超出余量，须补扫', en: 'Rescan needed' },
    trimmed: { zh: '剪短', en: 'Trimmed' },
    extended: { zh: '接长', en: 'Extended' },
    slipped: { zh: '滑移', en: 'Slipped' },
    moved: { zh: '换位', en: 'Moved' },
    retimed: { zh: '变速', en: 'Retimed' },
    effect: { zh: '效果变化', en: 'Effect changed' },
    disabled: { zh: '停用', en: 'Disabled' },
    enabled: { zh: '启用', en: 'Enabled' },
    renamed: { zh: '改名', en: 'Renamed' },
    unchanged: { zh: '无变化', en: 'No change' },
  });

/** Says in words what happened, with the frames it took. */
export function describeChange(of: Change, language: ReportLanguage): string {
  if (of.kinds.length === 0) return CHANGE_WORDS.unchanged[language];
  const parts = of.kinds.map((kind) => CHANGE_WORDS[kind][language]);
  const details: string[] = [];
  const signed = (frames: number) => `${frames > 0 ? '+' : ''}${frames}`;
  if (of.kinds.includes('slipped')) {
    details.push(
      language === 'zh'
        ? `滑移 ${signed(of.headFrames)} 帧`
        : `slip ${signed(of.headFrames)} frames`,
    );
  } else {
    // A head that begins later makes the shot shorter, so its sign is turned for the reader.
    const head = -of.headFrames;
    if (head !== 0)
      details.push(language === 'zh' ? `片头 ${signed(head)} 帧` : `head ${signed(head)} frames`);
    if (of.tailFrames !== 0) {
      details.push(
        language === 'zh'
          ? `片尾 ${signed(of.tailFrames)} 帧`
          : `tail ${signed(of.tailFrames)} frames`,
      );
    }
  }
  if (of.kinds.includes('retimed') && of.old !== undefined && of.new !== undefined) {
    details.push(`${percent(of.old.speed)} → ${percent(of.new.speed)}`);
  }
  if (of.old !== undefined && of.new !== undefined && of.old.shot !== of.new.shot) {
    if (of.kinds.includes('renamed')) details.push(`${of.old.shot} → ${of.new.shot}`);
  }
  const words = parts.join(language === 'zh' ? '、' : ', ');
  if (details.length === 0) return words;
  return language === 'zh'
    ? `${words}（${details.join('，')}）`
    : `${words} (${details.join(', ')})`;
}

function percent(speed: number): string {
  return `${Math.round(speed * 10_000) / 100}%`;
}

const HEAD: Readonly<Record<ReportLanguage, readonly string[]>> = {
  zh: [
    '部门',
    '轨道',
    '镜头',
    '素材',
    '变化',
    '新入点',
    '新出点',
    '旧入点',
    '旧出点',
    '片头帧',
    '片尾帧',
    '移动帧',
    '新起始帧号',
    '新结束帧号',
    '旧起始帧号',
    '旧结束帧号',
    '新素材入',
    '新素材出',
    '旧素材入',
    '旧素材出',
    '卷号',
    '重复使用',
  ],
  en: [
    'Department',
    'Track',
    'Shot',
    'Clip',
    'Change',
    'New in',
    'New out',
    'Old in',
    'Old out',
    'Head',
    'Tail',
    'Shift',
    'Cut in',
    'Cut out',
    'Old cut in',
    'Old cut out',
    'New source in',
    'New source out',
    'Old source in',
    'Old source out',
    'Reel',
    'Repeated',
  ],
};

const DEPARTMENT_WORDS = {
  picture: { zh: '画面', en: 'picture' },
  sound: { zh: '声音', en: 'sound' },
};

/** The list as rows of text, its heading first. Unchanged entries are part of it. */
export function changeRows(of: ChangeList, language: ReportLanguage): string[][] {
  const label = (frames: number | undefined) =>
    frames === undefined ? '' : formatTimecode(BigInt(frames), of.format);
  const number = (value: number | undefined) => (value === undefined ? '' : String(value));
  const rows = of.changes.map((each) => {
    const { old, new: now, frames, oldFrames } = each;
    const either = (now ?? old)!;
    return [
      DEPARTMENT_WORDS[each.department][language],
      either.trackName,
      each.shot,
      each.name,
      describeChange(each, language),
      label(now?.recordIn),
      label(now?.recordOut),
      label(old?.recordIn),
      label(old?.recordOut),
      number(each.headFrames),
      number(each.tailFrames),
      number(each.shiftFrames),
      number(frames?.cutIn),
      number(frames?.cutOut),
      number(oldFrames?.cutIn),
      number(oldFrames?.cutOut),
      label(now?.sourceIn),
      label(now?.sourceOut),
      label(old?.sourceIn),
      label(old?.sourceOut),
      either.reel,
      each.repeated ? (language === 'zh' ? '是' : 'yes') : '',
    ];
  });
  return [[...HEAD[language]], ...rows];
}

/** The blocks of programme time as rows: for sound editors, and the machines that move tracks. */
export function blockRows(of: ChangeList, language: ReportLanguage): string[][] {
  const label = (frames: number | undefined) =>
    frames === undefined ? '' : formatTimecode(BigInt(frames), of.format);
  const words = {
    kept: { zh: '保留', en: 'kept' },
    removed: { zh: '删去', en: 'removed' },
    inserted: { zh: '插入', en: 'inserted' },
  };
  const head = {
    zh: ['类别', '旧入点', '旧出点', '新入点', '新出点', '移动帧', '长度'],
    en: ['Kind', 'Old in', 'Old out', 'New in', 'New out', 'Shift', 'Length'],
  };
  const rows = of.blocks.map((each) => [
    words[each.kind][language],
    label(each.oldIn),
    label(each.oldOut),
    label(each.newIn),
    label(each.newOut),
    String(each.shiftFrames),
    String(lengthOf(each)),
  ]);
  return [head[language], ...rows];
}

function lengthOf(of: Block): number {
  return of.newIn === undefined ? of.oldOut! - of.oldIn! : of.newOut! - of.newIn;
}

/**
 * Rows as CSV, RFC 4180, with a byte order mark so that spreadsheets read Chinese. A cell that a
 * spreadsheet would run as a formula is made text.
 */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = /^[=+@\t\r]|^-(?!\d+$)/.test(text) && !/^\+\d+$/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** Two lists that stand for a change list where only edit lists are read. */
export type ChangePair = {
  /** What changed, as it stood in the old cut. */
  readonly old: string;
  /** What changed, as it stands in the new one. */
  readonly new: string;
  /** Old time as source, new time as record: what moves sound and mixed tracks. */
  readonly moves: string;
};

/** The changed entries as a pair of edit lists with one number each, and the moves of time. */
export function writeChangePair(of: ChangeList): ChangePair {
  const changed = of.changes.filter((each) => each.kinds.length > 0);
  const digits = changed.length > 999 ? 6 : 3;
  const head = (title: string) => [
    `TITLE: ${oneLine(title)}`,
    `FCM: ${of.format.dropFrame ? '' : 'NON-'}DROP FRAME`,
  ];
  const lists = { old: head(`${of.oldTitle} CHANGED`), new: head(`${of.newTitle} CHANGED`) };
  for (const [index, each] of changed.entries()) {
    const number = String(index + 1).padStart(digits, '0');
    for (const side of ['old', 'new'] as const) {
      const entry = each[side];
      if (entry === undefined) continue;
      lists[side].push(...eventLines(entry, number, describeChange(each, 'en'), of.format));
    }
  }
  return {
    old: `${lists.old.join('\n')}\n`,
    new: `${lists.new.join('\n')}\n`,
    moves: moveList(of, head(`${of.newTitle} MOVES`)),
  };
}

function eventLines(of: CutEntry, number: string, said: string, format: TimecodeFormat): string[] {
  const label = (frames: number) => formatTimecode(BigInt(frames), format);
  const reel = oneLine(of.reel).trim().replace(/\s+/g, '_') || 'AX';
  const channel = of.department === 'sound' ? (/^A\d+$/.exec(of.trackName)?.[0] ?? 'A1') : 'V';
  const times = [of.sourceIn, of.sourceOut, of.recordIn, of.recordOut].map(label).join(' ');
  const lines = [`${number}  ${reel.padEnd(8)} ${channel.padEnd(5)} C        ${times}`];
  if (of.speed !== 1) {
    const perSecond =
      of.speed * Math.ceil(Number(format.rate.numerator) / Number(format.rate.denominator));
    const text = `${perSecond < 0 ? '-' : ''}${Math.abs(perSecond).toFixed(1).padStart(5, '0')}`;
    lines.push(`M2   ${reel.padEnd(8)} ${text.padStart(9)}                ${label(of.sourceIn)}`);
  }
  if (of.name !== '') lines.push(`* FROM CLIP NAME: ${oneLine(of.name)}`);
  if (of.shot !== '') lines.push(`* COMMENT: ${oneLine(of.shot)}`);
  lines.push(`* CHANGE: ${said}`);
  return lines;
}

function moveList(of: ChangeList, head: readonly string[]): string {
  const label = (frames: number) => formatTimecode(BigInt(frames), of.format);
  const kept = of.blocks.filter((each) => each.kind === 'kept');
  const lines = kept.flatMap((each, index) => {
    const number = String(index + 1).padStart(kept.length > 999 ? 6 : 3, '0');
    const times = [each.oldIn!, each.oldOut!, each.newIn!, each.newOut!].map(label).join(' ');
    return [`${number}  OLDCUT   V     C        ${times}`, `* SHIFT: ${each.shiftFrames}`];
  });
  return `${[...head, ...lines].join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\u0085\u2028\u2029]+/g, ' ');
}
