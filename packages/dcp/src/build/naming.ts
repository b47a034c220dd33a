import { assert, type Finding, finding, isIsoDate } from '@yinglian/core';

/**
 * The fields of a composition name (ISDCF Digital Cinema Naming Convention 9.6), in their order.
 * Codes are as written in the name; the registries of ISDCF list them.
 */
export type CompositionNameFields = {
  readonly filmTitle: string;
  /** `FTR`, `TLR` … then modifiers such as `1`, `3D`, `48`, `RedBand`. */
  readonly contentType: string;
  readonly modifiers: readonly string[];
  /** `F`, `S`, `C`, and the shape of the picture inside it (`178`) where it differs. */
  readonly aspect: string;
  readonly activeAspect: string | undefined;
  /** `EN`, then `XX` without subtitles; a lower-case subtitle language is burnt in. */
  readonly audioLanguage: string;
  readonly subtitleLanguage: string;
  /** `CCAP`, `OCAP`. */
  readonly captions: string | undefined;
  readonly territory: string;
  readonly rating: string | undefined;
  /** `51`, `71`, `20` …, then `HI`, `VI`, `ATMOS` … */
  readonly audio: string;
  readonly audioExtras: readonly string[];
  readonly resolution: string;
  readonly studio: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly facility: string;
  /** `SMPTE` or `IOP`, with `3D` after it for stereoscopic pictures. */
  readonly standard: string;
  readonly stereoscopic: boolean;
  /** `OV`, `VF`, and a number after it. */
  readonly packageType: string;
};

/** ISDCF DCNC 9.6, field 1. */
export const FILM_TITLE_LENGTH_MAX = 14;

/**
 * Turns any title into the first field: letters and digits, each word with a capital, at most 14
 * characters. Titles in other scripts have to be romanized by somebody who knows how.
 */
export function filmTitleField(title: string): string {
  const words = title
    .normalize('NFD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .split(/[^A-Za-z0-9]+/);
  const joined = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return joined.slice(0, FILM_TITLE_LENGTH_MAX);
}

const dashed = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('-');

/** The name; the parts must not hold underscores, which separate the fields. */
export function compositionName(fields: CompositionNameFields): string {
  const parts = [
    fields.filmTitle,
    dashed(fields.contentType, ...fields.modifiers),
    dashed(fields.aspect, fields.activeAspect),
    dashed(fields.audioLanguage, fields.subtitleLanguage, fields.captions),
    dashed(fields.territory, fields.rating),
    dashed(fields.audio, ...fields.audioExtras),
    fields.resolution,
    fields.studio,
    fields.date,
    fields.facility,
    dashed(fields.standard, fields.stereoscopic ? '3D' : undefined),
    fields.packageType,
  ];
  assert(
    parts.every((part) => part !== '' && !part.includes('_')),
    'every field is a word',
  );
  return parts.join('_');
}

const CONTENT_TYPES = [
  'FTR',
  'TLR',
  'TSR',
  'TST',
  'RTG',
  'ADV',
  'SHR',
  'XSN',
  'PSA',
  'POL',
  'CLP',
  'PRO',
  'STR',
  'EPS',
  'HLT',
  'EVT',
];
const AUDIO_CODES = ['51', '71', '61', '10', '20', '21', 'MOS'];
const AUDIO_EXTRAS = ['IAB', 'HI', 'VI', 'SL', 'ATMOS', 'AURO', 'DTSX', 'DBOX', 'Dbox', 'CCAP'];

/** ContentKind of ST 429-7 for each code of the name, from the registry of ISDCF. */
export const CONTENT_KINDS: Readonly<Record<string, string>> = {
  FTR: 'feature',
  TLR: 'trailer',
  TSR: 'teaser',
  TST: 'test',
  RTG: 'rating',
  ADV: 'advertisement',
  SHR: 'short',
  XSN: 'transitional',
  PSA: 'psa',
  POL: 'policy',
  CLP: 'clip',
  PRO: 'promo',
  STR: 'stereocard',
  EPS: 'episode',
  HLT: 'highlights',
  EVT: 'event',
};

const CLAUSE = 'ISDCF DCNC 9.6';

/** The twelve fields in their order, and what their words may be. */
const FIELDS: readonly (readonly [name: string, allows: (words: readonly string[]) => boolean])[] =
  [
    ['film_title', (words) => /^[A-Za-z0-9-]{1,14}$/.test(words.join('-'))],
    ['content_type', ([type]) => CONTENT_TYPES.includes(type!)],
    ['aspect', ([shape, active]) => /^[FSC]$/.test(shape!) && /^(\d{2,4})?$/.test(active ?? '')],
    ['language', ([audio, text]) => isLanguage(audio) && isLanguage(text)],
    ['territory', ([country]) => /^[A-Z]{2,4}$/.test(country!)],
    ['audio', ([main, ...extras]) => AUDIO_CODES.includes(main!) && extras.every(isAudioExtra)],
    ['resolution', (words) => /^[248]K$/.test(words.join('-'))],
    ['studio', (words) => /^[A-Z0-9]{2,4}$/.test(words.join('-'))],
    ['date', (words) => isDate(words.join('-'))],
    ['facility', (words) => /^[A-Z0-9]{2,4}$/.test(words.join('-'))],
    ['standard', ([family, three]) => /^(SMPTE|IOP)$/.test(family!) && /^(3D)?$/.test(three ?? '')],
    ['package_type', (words) => /^(OV|VF)(-\d{1,3})?$/.test(words.join('-'))],
  ];

/** Takes a name apart. Findings are warnings: the convention binds nobody, people rely on it. */
export function parseCompositionName(name: string): {
  readonly fields: CompositionNameFields | undefined;
  readonly findings: readonly Finding[];
} {
  const parts = name.split('_');
  if (parts.length !== FIELDS.length) {
    const facts = { name, fields: parts.length, expected: FIELDS.length };
    const odd = finding('unconventional_name', 'note', { facts, clause: CLAUSE });
    return { fields: undefined, findings: [odd] };
  }
  const words = parts.map((part) => part.split('-'));
  const findings = FIELDS.flatMap(([field, allows], index) => {
    if (allows(words[index]!)) return [];
    const facts = { field, value: parts[index]! };
    return [finding('invalid_name_field', 'warning', { facts, clause: CLAUSE })];
  });
  const word = (field: number, index: number) => words[field]![index];
  const rest = (field: number) => words[field]!.slice(1);
  return {
    findings,
    fields: {
      filmTitle: parts[0]!,
      contentType: word(1, 0)!,
      modifiers: rest(1),
      aspect: word(2, 0)!,
      activeAspect: word(2, 1),
      audioLanguage: word(3, 0)!,
      subtitleLanguage: word(3, 1) ?? '',
      captions: word(3, 2),
      territory: word(4, 0)!,
      rating: rest(4).length === 0 ? undefined : rest(4).join('-'),
      audio: word(5, 0)!,
      audioExtras: rest(5),
      resolution: parts[6]!,
      studio: parts[7]!,
      date: parts[8]!,
      facility: parts[9]!,
      standard: word(10, 0)!,
      stereoscopic: word(10, 1) === '3D',
      packageType: parts[11]!,
    },
  };
}

function isLanguage(code: string | undefined): boolean {
  return /^[A-Za-z]{2,4}$/.test(code ?? '');
}

/** Languages may follow the accessible tracks (`VI-EN`); they are words of two or three letters. */
function isAudioExtra(code: string): boolean {
  return AUDIO_EXTRAS.includes(code) || /^[A-Z]{2,4}$/.test(code);
}

function isDate(text: string): boolean {
  return (
    /^\d{8}$/.test(text) && isIsoDate(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`)
  );
}
