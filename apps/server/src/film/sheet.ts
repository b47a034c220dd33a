import type { filmSchema } from '@yinglian/contract';
import { VERSION_FORMATS } from '@yinglian/contract';
import { type Finding, finding } from '@yinglian/core';
import type { z } from 'zod';
import { type FilmWrite, identify } from './rules.ts';

/** Films as rows of a sheet: one row a version; rows of one title and year are one film. */
export const FILM_COLUMNS = [
  { key: 'title', zh: '片名', en: 'title' },
  { key: 'titleEnglish', zh: '英文片名', en: 'english title' },
  { key: 'year', zh: '年份', en: 'year' },
  { key: 'country', zh: '国家', en: 'country' },
  { key: 'licenceNumber', zh: '公映许可证号', en: 'licence number' },
  { key: 'eidr', zh: 'EIDR', en: 'eidr' },
  { key: 'isan', zh: 'ISAN', en: 'isan' },
  { key: 'format', zh: '版本', en: 'format' },
  { key: 'filmCode', zh: '影片编码', en: 'film code' },
  { key: 'audioLanguage', zh: '对白语言', en: 'audio language' },
  { key: 'runtimeMinutes', zh: '片长（分钟）', en: 'runtime (minutes)' },
] as const;
type Key = (typeof FILM_COLUMNS)[number]['key'];

/** A film of a sheet and the row where it begins. */
export type SheetFilm = { readonly film: FilmWrite; readonly row: number };
export type SheetFilms = {
  readonly films: readonly SheetFilm[];
  readonly findings: readonly Finding[];
};

const ROWS_MAX = 20_000;

/** Reads rows whose first holds headings in either language, in any order. */
export function readFilmRows(rows: readonly (readonly unknown[])[]): SheetFilms {
  const findings: Finding[] = [];
  const headings = (rows[0] ?? []).map((cell) => headingOf(String(cell ?? '')));
  if (!headings.includes('title')) {
    findings.push(finding('missing_heading', 'error', { facts: { heading: '片名 / title' } }));
    return { films: [], findings };
  }
  if (rows.length > ROWS_MAX) {
    findings.push(finding('excessive_rows', 'error', { facts: { limit: ROWS_MAX } }));
    return { films: [], findings };
  }
  const films = new Map<string, SheetFilm>();
  for (const [index, row] of rows.slice(1).entries()) {
    const at = { row: index + 2 };
    const cells = new Map(headings.map((key, column) => [key, String(row[column] ?? '').trim()]));
    const text = (key: Key) => cells.get(key) || null;
    const title = text('title');
    if (title === null) {
      if ([...cells.values()].some((cell) => cell !== '')) {
        findings.push(finding('missing_title', 'error', { at }));
      }
      continue;
    }
    const film = readFilm(title, text, at, findings);
    const key = `${title} ${film.year ?? ''}`;
    const earlier = films.get(key);
    films.set(
      key,
      earlier === undefined
        ? { film, row: at.row }
        : { ...earlier, film: withVersions(earlier.film, film.versions ?? []) },
    );
    findings.push(
      ...identify(film).findings.map((each) => ({ ...each, at: { ...each.at, ...at } })),
    );
  }
  return { films: [...films.values()], findings };
}

function withVersions(film: FilmWrite, more: NonNullable<FilmWrite['versions']>): FilmWrite {
  return { ...film, versions: [...(film.versions ?? []), ...more] };
}

function readFilm(
  title: string,
  text: (key: Key) => string | null,
  at: { readonly row: number },
  findings: Finding[],
): FilmWrite {
  const whole = (key: 'year' | 'runtimeMinutes') => {
    const cell = text(key);
    if (cell === null) return null;
    if (/^\d{1,4}$/.test(cell)) return Number(cell);
    findings.push(
      finding('invalid_count', 'error', { facts: { text: cell }, at: { ...at, field: key } }),
    );
    return null;
  };
  const minutes = whole('runtimeMinutes');
  const format = VERSION_FORMATS.find((each) => each === text('format')?.toUpperCase());
  if (format === undefined && text('format') !== null) {
    const facts = { text: text('format')!, known: [...VERSION_FORMATS] };
    findings.push(finding('unknown_film_format', 'warning', { facts, at }));
  }
  const describesVersion = (
    ['format', 'filmCode', 'audioLanguage', 'runtimeMinutes'] as const
  ).some((key) => text(key) !== null);
  return {
    title,
    titleEnglish: text('titleEnglish'),
    year: whole('year'),
    country: text('country'),
    licenceNumber: text('licenceNumber'),
    eidr: text('eidr'),
    isan: text('isan'),
    versions: describesVersion
      ? [
          {
            format: format ?? (text('format') === null ? '2D' : 'OTHER'),
            filmCode: text('filmCode'),
            audioLanguage: text('audioLanguage'),
            subtitleLanguages: [],
            runtimeSeconds: minutes === null || minutes === 0 ? null : minutes * 60,
          },
        ]
      : [],
  };
}

/** Rows for a sheet, headings first, in the given language. */
export function writeFilmRows(
  films: readonly z.output<typeof filmSchema>[],
  language: 'zh' | 'en',
): string[][] {
  const rows = films.flatMap((film) => {
    const versions = film.versions.length === 0 ? [undefined] : film.versions;
    return versions.map((version) => [
      film.title,
      film.titleEnglish ?? '',
      film.year === null ? '' : String(film.year),
      film.country ?? '',
      film.licenceNumber ?? '',
      film.eidr ?? '',
      film.isan ?? '',
      version?.format ?? '',
      version?.filmCode ?? '',
      version?.audioLanguage ?? '',
      version?.runtimeSeconds == null ? '' : String(Math.round(version.runtimeSeconds / 60)),
    ]);
  });
  return [FILM_COLUMNS.map((column) => column[language]), ...rows];
}

function headingOf(text: string): Key | undefined {
  const key = text.normalize('NFKC').trim().toLowerCase();
  return FILM_COLUMNS.find(
    (column) =>
      key === column.zh.normalize('NFKC').toLowerCase() || key === column.en || key === column.key,
  )?.key;
}
