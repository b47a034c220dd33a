import { dateFromDayNumber } from '@yinglian/core';
import type { KdmTime } from './model.ts';

/** Letters that decomposition leaves as they are, by their usual spelling in Latin letters. */
const SPELLINGS: Readonly<Record<string, string>> = Object.freeze({
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  ħ: 'h',
  Ħ: 'H',
  ŋ: 'ng',
  Ŋ: 'Ng',
});

/**
 * A text in letters, digits and hyphens only, as names of key files are: accents are dropped,
 * blanks and other signs vanish. A text in other scripts gives an empty name: whoever names a file
 * passes a Latin title beside the Chinese one.
 */
export function fileNamePart(text: string, characters: number): string {
  const latin = [...text.normalize('NFD')].map((char) => SPELLINGS[char] ?? char).join('');
  return latin.replace(/[^A-Za-z0-9-]/g, '').slice(0, characters);
}

/** The parts of a file name, as people write them; the name takes what it can hold. */
export type KdmNameParts = {
  readonly title: string;
  /** Content type of the naming convention: `FTR`, `TLR`, … */
  readonly contentType: string;
  readonly language: string;
  readonly audio: string;
  /** Serial of the media block, or its name. */
  readonly serial: string;
  readonly opens: KdmTime;
  readonly closes: KdmTime;
  readonly facility: string;
  /** `OV`, `VF`, `VF-2`, … */
  readonly packageType: string;
  readonly territory: string;
};

/** Lengths of the parts (KDM naming convention of 2009). */
const LENGTHS = Object.freeze({ title: 14, part: 20, facility: 3 });

/** `k_TITLE14_TYPE_LANGUAGE_AUDIO_SERIAL20_YYYYMMDD_YYYYMMDD_FACILITY3_PACKAGE_TERRITORY.xml` */
export function kdmFileName(parts: KdmNameParts): string {
  return `${stem(parts, parts.serial)}.xml`;
}

/** The same for the ZIP of one theatre, whose name stands in place of the serial. */
export function kdmZipName(
  parts: Omit<KdmNameParts, 'serial'> & { readonly theatre: string },
): string {
  return `${stem(parts, parts.theatre)}.zip`;
}

/** Subject of the mail that brings a ZIP: the name of the ZIP. */
export function kdmMailSubject(zipName: string): string {
  return zipName.replace(/\.zip$/, '');
}

function stem(parts: Omit<KdmNameParts, 'serial'>, holder: string): string {
  const part = (text: string) => fileNamePart(text, LENGTHS.part);
  return [
    'k',
    fileNamePart(parts.title, LENGTHS.title),
    part(parts.contentType),
    part(parts.language),
    part(parts.audio),
    part(holder),
    localDate(parts.opens),
    localDate(parts.closes),
    fileNamePart(parts.facility, LENGTHS.facility),
    part(parts.packageType),
    part(parts.territory),
  ].join('_');
}

/** The day on the clocks of the cinema. */
function localDate({ instant, offsetMinutes }: KdmTime): string {
  const days = Math.floor((instant + offsetMinutes * 60_000) / 86_400_000);
  return dateFromDayNumber(days).replaceAll('-', '');
}

/**
 * A name by a pattern, as DCP-o-matic has them: `KDM_%f_%c_%s`. `%f` film, `%c` cinema, `%s`
 * screen, `%r` recipient, `%b` and `%e` begin and end as dates, `%%` a percent sign.
 */
export function kdmNameByPattern(
  pattern: string,
  parts: {
    readonly film: string;
    readonly cinema?: string;
    readonly screen?: string;
    readonly recipient?: string;
    readonly opens?: KdmTime;
    readonly closes?: KdmTime;
  },
): string {
  const clean = (text: string | undefined) => fileNamePart((text ?? '').replace(/\s+/g, '-'), 80);
  return pattern.replace(/%([fcsrbe%])/g, (_, letter: string) => {
    if (letter === 'f') return clean(parts.film);
    if (letter === 'c') return clean(parts.cinema);
    if (letter === 's') return clean(parts.screen);
    if (letter === 'r') return clean(parts.recipient);
    if (letter === 'b') return parts.opens === undefined ? '' : localDate(parts.opens);
    if (letter === 'e') return parts.closes === undefined ? '' : localDate(parts.closes);
    return '%';
  });
}
