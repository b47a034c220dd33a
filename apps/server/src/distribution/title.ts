import { compositionName, filmTitleField } from '@yinglian/dcp';
import type { FilmRecord } from '../film/face.ts';

export type TitleFacts = {
  readonly film: Pick<FilmRecord, 'title' | 'titleEnglish'>;
  readonly container: 'flat' | 'scope' | 'full';
  readonly resolution: '2k' | '4k';
  readonly standard: 'smpte' | 'interop';
  readonly audioLanguage: string;
  readonly subtitled: boolean;
  readonly territory: string;
  readonly rating: string | undefined;
  readonly channels: number;
  readonly format: string | undefined;
  readonly date: Date;
};

const ASPECT = { flat: 'F', scope: 'S', full: 'C' } as const;
const STUDIO = 'YLN';
const FACILITY = 'YLN';
/** A title that has no Latin letters at all still needs a first field. */
const UNTITLED = 'Film';

/** The composition's name by the naming convention, from what the film's record says. */
export function titleOf(facts: TitleFacts): string {
  const { film, date } = facts;
  const language =
    facts.audioLanguage
      .slice(0, 3)
      .toUpperCase()
      .replace(/[^A-Z]/g, '') || 'XX';
  const threeD = facts.format?.includes('3D') === true;
  return compositionName({
    filmTitle: filmTitleField(film.titleEnglish ?? '') || filmTitleField(film.title) || UNTITLED,
    contentType: 'FTR',
    modifiers: threeD ? ['3D'] : [],
    aspect: ASPECT[facts.container],
    activeAspect: undefined,
    audioLanguage: language,
    subtitleLanguage: facts.subtitled ? language : 'XX',
    captions: undefined,
    territory:
      facts.territory
        .toUpperCase()
        .replace(/[^A-Z]/g, '')
        .slice(0, 4) || 'CN',
    rating: facts.rating,
    audio:
      facts.channels >= 8 ? '71' : facts.channels >= 6 ? '51' : facts.channels === 1 ? '10' : '20',
    audioExtras: [],
    resolution: facts.resolution.toUpperCase(),
    studio: STUDIO,
    date: date.toISOString().slice(0, 10).replaceAll('-', ''),
    facility: FACILITY,
    standard: facts.standard === 'smpte' ? 'SMPTE' : 'IOP',
    stereoscopic: false,
    packageType: 'OV',
  });
}
