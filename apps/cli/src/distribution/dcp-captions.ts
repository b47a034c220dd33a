import type { EssenceSource, ReelPlan } from '@yinglian/dcp';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import type { SourceWork } from './dcp-sources.ts';
import { givenText, type TextReel } from './dcp-text.ts';

/** Texts of a build, by what the composition calls them; each may say its language. */
export type TextOptions = {
  readonly subtitle?: readonly string[];
  readonly openCaption?: readonly string[];
  readonly caption?: readonly string[];
  readonly closedSubtitle?: readonly string[];
  readonly textLanguage: string;
};

const KINDS = ['subtitle', 'openCaption', 'caption', 'closedSubtitle'] as const;

/** One track of the whole film: a file for each reel, or one file for all. */
type TextTrack = { readonly language: string; readonly paths: readonly string[] };

const WITH_LANGUAGE = /^([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)=(.+)$/s;

/** Files by the language that stands before them (`fr=film.srt`), each language one track. */
function tracksOf(paths: readonly string[] | undefined, fallback: string): TextTrack[] {
  const byLanguage = new Map<string, string[]>();
  for (const given of paths ?? []) {
    const [, language = fallback, path = given] = WITH_LANGUAGE.exec(given) ?? [];
    byLanguage.set(language, [...(byLanguage.get(language) ?? []), path]);
  }
  return [...byLanguage].map(([language, own]) => ({ language, paths: own }));
}

/** The files of all texts, without their languages. */
export function textPaths(options: Partial<TextOptions>): string[] {
  return KINDS.flatMap((kind) => tracksOf(options[kind], '').flatMap(({ paths }) => paths));
}

/** Ends the command where texts are asked for that no composition may have. */
export function checkTexts(options: TextOptions, standard: string): void {
  const fault = (text: string): never => {
    throw new CommandFault(text, EXIT.misused);
  };
  if (tracksOf(options.subtitle, '').length > 1) fault('--subtitle: ST 429-7 MainSubtitle');
  const newer = options.openCaption ?? options.closedSubtitle;
  if (standard === 'interop' && newer !== undefined) {
    fault('--standard interop: --open-caption, --closed-subtitle (ST 429-12)');
  }
}

/** Where a reel lies in the film. */
export type ReelPlace = {
  readonly index: number;
  readonly count: number;
  readonly elapsedMs: number;
};

type Put = (name: string, source: EssenceSource) => { readonly source: string };

/** The texts of one reel, ready for its plan. */
export async function textsOfReel(
  work: SourceWork,
  options: TextOptions,
  about: Omit<TextReel, 'language' | 'fromMs'>,
  { index, count, elapsedMs }: ReelPlace,
  put: Put,
): Promise<Pick<ReelPlan, 'subtitle' | 'openCaptions' | 'closedCaptions' | 'closedSubtitles'>> {
  const made = async (kind: (typeof KINDS)[number]) => {
    const tracks = [];
    for (const { language, paths } of tracksOf(options[kind], options.textLanguage)) {
      const whole = count > 1 && isFilmLong(paths);
      const path = whole ? paths[0] : paths[index];
      if (path === undefined) continue;
      const reel = { ...about, language, ...(whole ? { fromMs: elapsedMs } : {}) };
      const source = await givenText(work, path, reel);
      if (source !== undefined) tracks.push({ ...put(`${kind}-${language}-`, source), language });
    }
    return tracks;
  };
  const [subtitle] = await made('subtitle');
  const openCaptions = await made('openCaption');
  const closedCaptions = await made('caption');
  const closedSubtitles = await made('closedSubtitle');
  return {
    ...(subtitle === undefined ? {} : { subtitle }),
    ...(openCaptions.length === 0 ? {} : { openCaptions }),
    ...(closedCaptions.length === 0 ? {} : { closedCaptions }),
    ...(closedSubtitles.length === 0 ? {} : { closedSubtitles }),
  };
}

/** One text for several reels is cut for each; a document of the standard is for one reel. */
function isFilmLong(paths: readonly string[]): boolean {
  return paths.length === 1 && !/\.(?:xml|mxf)$/i.test(paths[0]!);
}
