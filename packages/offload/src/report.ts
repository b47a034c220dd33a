import type { Card } from './cards.ts';
import type { TargetOutcome, Verdict } from './verdict.ts';

/** What is known of a clip besides its files: filled where a media engine could look inside. */
export type ClipDetails = {
  readonly startTimecode?: string;
  readonly endTimecode?: string;
  readonly durationSeconds?: number;
  /** Exact, such as `24` or `24000/1001`. */
  readonly frameRate?: string;
  readonly width?: number;
  readonly height?: number;
  readonly codec?: string;
  readonly soundTracks?: number;
  /** A JPEG picture in base 64. */
  readonly thumbnail?: string;
};

/** Everything a report says. */
export type OffloadReport = {
  readonly name: string;
  readonly source: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seconds: number;
  readonly fileCount: number;
  readonly sizeBytes: number;
  readonly formats: readonly string[];
  readonly operator: string;
  readonly location: string;
  readonly comment: string;
  readonly card: Card;
  readonly details: ReadonlyMap<string, ClipDetails>;
  readonly targets: readonly TargetOutcome[];
  readonly verdict: Verdict;
};

/** One line for each file of a copy. */
export type FileLine = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modified: string;
  readonly hashes: readonly { readonly format: string; readonly value: string }[];
};

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Head of the table of files, with the byte order mark that spreadsheets know UTF-8 by. */
export const CSV_HEAD = '\ufeffpath,bytes,modified,format,hash\r\n';

/** The lines of one file. */
export function csvLines(line: FileLine): string {
  return line.hashes
    .map(({ format, value }) =>
      [line.path, String(line.sizeBytes), line.modified, format, value].map(csvCell).join(','),
    )
    .map((each) => `${each}\r\n`)
    .join('');
}

/** A value of an ALE: tabs and line ends would begin another one. */
function aleCell(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').trim();
}

const ALE_COLUMNS = [
  'Name',
  'Tracks',
  'Start',
  'End',
  'Tape',
  'Camroll',
  'Source File',
  'Image Size',
  'FPS',
  'Video Codec',
] as const;

/** Decimals that name a rate of the 1001 family: 23.976, 59.94, 119.88. */
const RATE_DECIMALS = 3;

/** Frames in a second, counted as timecode does, for Avid's heading. */
function aleRate(rate: string | undefined): string {
  const [above, below = '1'] = (rate ?? '24').split('/');
  const value = Number(above) / Number(below);
  return Number.isFinite(value) ? String(Number(value.toFixed(RATE_DECIMALS))) : '24';
}

/** The rate of most clips, which those that nobody could look into are taken to have. */
function usualRate(report: OffloadReport): string | undefined {
  const counts = new Map<string, number>();
  for (const { frameRate } of report.details.values()) {
    if (frameRate !== undefined) counts.set(frameRate, (counts.get(frameRate) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Clips whose timecode nobody could read: no log holds them, as it would have to make one up. */
export function clipsWithoutTimecode({ card, details }: OffloadReport): readonly string[] {
  return card.clips.flatMap(({ name }) => {
    const { startTimecode, endTimecode } = details.get(name) ?? {};
    return startTimecode === undefined || endTimecode === undefined ? [name] : [];
  });
}

/**
 * The clips whose timecode is known as an Avid Log Exchange file. One heading has one rate: clips
 * of another rate are left to a second file, so this answers with one text for each rate, most
 * clips first.
 */
export function writeAles(report: OffloadReport): readonly { rate: string; text: string }[] {
  const byRate = new Map<string, string[]>();
  const usual = usualRate(report);
  const left = new Set(clipsWithoutTimecode(report));
  for (const clip of report.card.clips) {
    if (left.has(clip.name)) continue;
    const about = report.details.get(clip.name) ?? {};
    const rate = aleRate(about.frameRate ?? usual);
    const sound = Array.from({ length: about.soundTracks ?? 0 }, (_, i) => `A${i + 1}`);
    const row: Record<(typeof ALE_COLUMNS)[number], string> = {
      Name: clip.name,
      Tracks: [...(about.codec === undefined && sound.length > 0 ? [] : ['V']), ...sound].join(''),
      Start: about.startTimecode ?? '',
      End: about.endTimecode ?? '',
      Tape: clip.name,
      Camroll: report.card.reel ?? report.name,
      'Source File': clip.firstPath.slice(clip.firstPath.lastIndexOf('/') + 1),
      'Image Size': about.width === undefined ? '' : `${about.width}x${about.height ?? 0}`,
      FPS: rate,
      'Video Codec': about.codec ?? '',
    };
    const rows = byRate.get(rate) ?? [];
    rows.push(ALE_COLUMNS.map((column) => aleCell(row[column])).join('\t'));
    byRate.set(rate, rows);
  }
  const widths = [...report.details.values()].map(({ width }) => width ?? 0);
  const format = widths.every((width) => width <= 1920) ? '1080' : 'CUSTOM';
  return [...byRate]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([rate, rows]) => ({
      rate,
      text: [
        'Heading',
        'FIELD_DELIM\tTABS',
        `VIDEO_FORMAT\t${format}`,
        'AUDIO_FORMAT\t48khz',
        `FPS\t${rate}`,
        '',
        'Column',
        ALE_COLUMNS.join('\t'),
        '',
        'Data',
        ...rows,
        '',
      ].join('\r\n'),
    }));
}
