import { assert, type Finding, finding } from '@yinglian/core';

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

export const FILM_TITLE_LENGTH_MAX = 14;
const FIELD_COUNT = 12;

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

/** Takes a name apart. Findings are warnings: the convention binds nobody, but people rely on it. */
export function parseCompositionName(name: string): {
  readonly fields: CompositionNameFields | undefined;
  readonly findings: readonly Finding[];
} {
  const parts = name.split('_');
  const findings: Finding[] = [];
  const warn = (field: string, value: string): void => {
    findings.push(
      finding('invalid_name_field', 'warning', { facts: { field, value }, clause: CLAUSE }),
    );
  };
  if (parts.length !== FIELD_COUNT) {
    findings.push(
      finding('unconventional_name', 'note', {
        facts: { name, fields: parts.length, expected: FIELD_COUNT },
        clause: CLAUSE,
      }),
    );
    return { fields: undefined, findings };
  }
  const [
    title,
    content,
    aspect,
    language,
    territory,
    audio,
    resolution,
    studio,
    date,
    facility,
    standard,
    packageType,
  ] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const [contentType, ...modifiers] = content.split('-');
  const [shape, activeAspect] = aspect.split('-');
  const [audioLanguage, subtitleLanguage, captions] = language.split('-');
  const [country, ...rating] = territory.split('-');
  const [mainAudio, ...audioExtras] = audio.split('-');
  const [family, three] = standard.split('-');
  if (!/^[A-Za-z0-9-]{1,14}$/.test(title)) warn('film_title', title);
  if (!CONTENT_TYPES.includes(contentType!)) warn('content_type', content);
  if (!/^[FSC]$/.test(shape!) || !/^(\d{2,4})?$/.test(activeAspect ?? '')) warn('aspect', aspect);
  if (!/^[A-Za-z]{2,4}$/.test(audioLanguage!) || !/^[A-Za-z]{2,4}$/.test(subtitleLanguage ?? '')) {
    warn('language', language);
  }
  if (!/^[A-Z]{2,4}$/.test(country!)) warn('territory', territory);
  if (!AUDIO_CODES.includes(mainAudio!) || !audioExtras.every((code) => isAudioExtra(code))) {
    warn('audio', audio);
  }
  if (!/^[248]K$/.test(resolution)) warn('resolution', resolution);
  if (!/^[A-Z0-9]{2,4}$/.test(studio)) warn('studio', studio);
  if (!isDate(date)) warn('date', date);
  if (!/^[A-Z0-9]{2,4}$/.test(facility)) warn('facility', facility);
  if (!/^(SMPTE|IOP)$/.test(family!) || (three !== undefined && three !== '3D'))
    warn('standard', standard);
  if (!/^(OV|VF)(-\d{1,3})?$/.test(packageType)) warn('package_type', packageType);
  return {
    findings,
    fields: {
      filmTitle: title,
      contentType: contentType!,
      modifiers,
      aspect: shape!,
      activeAspect,
      audioLanguage: audioLanguage!,
      subtitleLanguage: subtitleLanguage ?? '',
      captions,
      territory: country!,
      rating: rating.length === 0 ? undefined : rating.join('-'),
      audio: mainAudio!,
      audioExtras,
      resolution,
      studio,
      date,
      facility,
      standard: family!,
      stereoscopic: three === '3D',
      packageType,
    },
  };
}

/** Languages may follow the accessible tracks (`VI-EN`); they are words of two or three letters. */
function isAudioExtra(code: string): boolean {
  return AUDIO_EXTRAS.includes(code) || /^[A-Z]{2,4}$/.test(code);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  return (
    match !== null &&
    Number(match[2]) >= 1 &&
    Number(match[2]) <= 12 &&
    Number(match[3]) >= 1 &&
    Number(match[3]) <= 31
  );
}
