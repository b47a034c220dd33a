import { type Finding, formatTimecode, FRAME_RATES, type TimecodeFormat } from '@yinglian/core';
import { FIRST_FRAME, HANDLE_FRAMES } from '../changes/changes.ts';
import { type CutEntry, entriesOf, type ShotNaming } from '../changes/entries.ts';
import type { ReportLanguage } from '../changes/report.ts';
import type { Timeline } from '../model.ts';
import { clockFormat, rateOf } from '../place.ts';
import { framesAt, rateLabel, time } from '../time.ts';
import { availableFrames, type PullList } from './pull.ts';

/** One line of a count sheet: a shot of the picture in the order of the cut. */
export type CountLine = {
  readonly number: number;
  readonly shot: string;
  readonly entry: CutEntry;
  /** Frames in the cut. */
  readonly frames: number;
  /** Numbers as the show counts them, handle included at the head. */
  readonly cutIn: number;
  readonly cutOut: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
};

/** What a count sheet is told. */
export type CountOptions = ShotNaming & {
  readonly handles?: { readonly head: number; readonly tail: number };
  readonly firstFrame?: number;
};

/** The shots of a cut with their counts; picture tracks, the lowest first. */
export function countSheet(
  of: Timeline,
  options: CountOptions = {},
): {
  readonly format: TimecodeFormat;
  readonly lines: readonly CountLine[];
  readonly findings: readonly Finding[];
} {
  const findings: Finding[] = [];
  const rate = rateOf(of) ?? FRAME_RATES['24'];
  const head = options.handles?.head ?? HANDLE_FRAMES;
  const tail = options.handles?.tail ?? HANDLE_FRAMES;
  const first = options.firstFrame ?? FIRST_FRAME;
  const entries = entriesOf(of, rate, findings, options).filter(
    (each) => each.department === 'picture',
  );
  const lines = entries.map((entry, index): CountLine => {
    const used = entry.sourceOut - entry.sourceIn;
    const cutIn = first + head;
    return {
      number: index + 1,
      shot: entry.shot || entry.name,
      entry,
      frames: entry.recordOut - entry.recordIn,
      cutIn,
      cutOut: cutIn + used - 1,
      firstFrame: first,
      lastFrame: cutIn + used - 1 + tail,
    };
  });
  return { format: clockFormat(of, rate), lines, findings };
}

/** A count sheet as rows of text. */
export function countRows(
  sheet: ReturnType<typeof countSheet>,
  language: ReportLanguage,
): string[][] {
  const label = (frames: number) => formatTimecode(BigInt(frames), sheet.format);
  const head = {
    zh: [
      '序号',
      '镜头',
      '素材',
      '卷号',
      '记录入',
      '记录出',
      '帧数',
      '素材入',
      '素材出',
      '速度',
      '首帧',
      '入帧',
      '出帧',
      '末帧',
    ],
    en: [
      'No.',
      'Shot',
      'Clip',
      'Reel',
      'Record in',
      'Record out',
      'Frames',
      'Source in',
      'Source out',
      'Speed',
      'First',
      'Cut in',
      'Cut out',
      'Last',
    ],
  };
  const rows = sheet.lines.map(
    ({ number, shot, entry, frames, cutIn, cutOut, firstFrame, lastFrame }) => [
      String(number),
      shot,
      entry.name,
      entry.reel,
      label(entry.recordIn),
      label(entry.recordOut),
      String(frames),
      label(entry.sourceIn),
      label(entry.sourceOut),
      `${Math.round(entry.speed * 10_000) / 100}%`,
      ...[firstFrame, cutIn, cutOut, lastFrame].map(String),
    ],
  );
  return [head[language], ...rows];
}

/** A pull list as rows of text; each medium is counted as itself counts. */
export function pullRows(of: PullList, language: ReportLanguage): string[][] {
  const head = {
    zh: [
      '素材',
      '名称',
      '卷号',
      '文件',
      '帧率',
      '入点',
      '出点',
      '帧数',
      '片头余量',
      '片尾余量',
      '镜头',
    ],
    en: [
      'Media',
      'Name',
      'Reel',
      'File',
      'Rate',
      'In',
      'Out',
      'Frames',
      'Head handle',
      'Tail handle',
      'Shots',
    ],
  };
  const rows = of.pulls.map((each) => {
    const inSource = (frames: number) => framesAt(time(frames, of.rate), each.format.rate).frames;
    const label = (frames: number) => formatTimecode(BigInt(frames), each.format);
    const [first, end] = [inSource(each.first), inSource(each.end)];
    return [
      each.media,
      each.name,
      each.reel,
      each.url,
      rateLabel(each.format.rate),
      label(first),
      label(end),
      ...[end - first, inSource(each.headHandle), inSource(each.tailHandle)].map(String),
      [...new Set(each.uses.map(({ entry }) => entry.shot || entry.name))].join(' '),
    ];
  });
  return [head[language], ...rows];
}

/** A medium that is at hand: by file name, tape or clip name, with its frames where known. */
export type AvailableMedia = {
  readonly name: string;
  readonly first?: number;
  readonly end?: number;
};

/** A use of a medium that is not at hand, or not as far as it is used. */
export type MissingMedia = {
  readonly entry: CutEntry;
  readonly reason: 'absent' | 'short';
  /** Frames of the use that are not there. */
  readonly frames: number;
};

/** Uses whose media are not among those at hand. Names are compared without case and ending. */
export function missingMedia(of: Timeline, available: readonly AvailableMedia[]): MissingMedia[] {
  const rate = rateOf(of) ?? FRAME_RATES['24'];
  const known = new Map<string, AvailableMedia[]>();
  for (const each of available) {
    const key = bareName(each.name);
    const list = known.get(key);
    if (list === undefined) known.set(key, [each]);
    else list.push(each);
  }
  return entriesOf(of, rate, []).flatMap((entry): MissingMedia[] => {
    const names = [entry.reel, entry.url, entry.name]
      .map(bareName)
      .filter((each) => each !== '' && each !== 'ax');
    const found = names.flatMap((name) => known.get(name) ?? []);
    const used = entry.sourceOut - entry.sourceIn;
    if (found.length === 0) return [{ entry, reason: 'absent', frames: used }];
    const own = availableFrames(entry, rate);
    const least = Math.min(
      ...found.map((each) => {
        const first = each.first ?? own?.first ?? entry.sourceIn;
        const end = each.end ?? own?.end ?? entry.sourceOut;
        const covered = Math.min(entry.sourceOut, end) - Math.max(entry.sourceIn, first);
        return used - Math.max(0, covered);
      }),
    );
    return least > 0 ? [{ entry, reason: 'short', frames: least }] : [];
  });
}

function bareName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.replace(/\.[A-Za-z0-9]{1,5}$/, '').toLowerCase();
}
