import type { filmWrite } from '@yinglian/contract';
import {
  type Finding,
  finding,
  filmCodeKey,
  parseEidr,
  parseFilmCode,
  parseIsan,
} from '@yinglian/core';
import type { z } from 'zod';

export type FilmWrite = z.output<typeof filmWrite>;

export type Identified = {
  readonly eidr: string | null;
  readonly isan: string | null;
  readonly findings: readonly Finding[];
};

/**
 * Identifiers in their canonical form, and what is wrong or odd about them. An error refuses the
 * write: a wrong check character means that another film is meant, or none.
 */
export function identify(film: FilmWrite): Identified {
  const findings: Finding[] = [];
  let eidr: string | null = null;
  let isan: string | null = null;
  if (film.eidr != null && film.eidr.trim() !== '') {
    const parsed = parseEidr(film.eidr);
    findings.push(...placed(parsed.findings, 'eidr'));
    eidr = parsed.ok ? parsed.value : null;
  }
  if (film.isan != null && film.isan.trim() !== '') {
    const parsed = parseIsan(film.isan);
    findings.push(...placed(parsed.findings, 'isan'));
    isan = parsed.ok ? parsed.value.text : null;
  }
  for (const [index, version] of (film.versions ?? []).entries()) {
    if (version.filmCode === null || version.filmCode.trim() === '') continue;
    findings.push(
      ...placed(parseFilmCode(version.filmCode).findings, `versions.${index}.filmCode`),
    );
  }
  findings.push(...repeatedCodes(film), ...emptyWindows(film));
  return { eidr, isan, findings };
}

function placed(findings: readonly Finding[], field: string): Finding[] {
  return findings.map((each) => ({ ...each, at: { ...each.at, field } }));
}

function repeatedCodes(film: FilmWrite): Finding[] {
  const seen = new Set<string>();
  return (film.versions ?? []).flatMap((version, index) => {
    if (version.filmCode === null || version.filmCode.trim() === '') return [];
    const key = filmCodeKey(version.filmCode);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const at = { field: `versions.${index}.filmCode` };
    return [finding('duplicate_film_code', 'error', { facts: { text: version.filmCode }, at })];
  });
}

function emptyWindows(film: FilmWrite): Finding[] {
  return (film.rights ?? []).flatMap((right, index) =>
    right.to !== null && right.to < right.from
      ? [
          finding('invalid_window', 'error', {
            facts: { from: right.from, to: right.to },
            at: { field: `rights.${index}` },
          }),
        ]
      : [],
  );
}

/** The form under which two titles are taken for the same: width, case and marks do not count. */
export function titleKey(title: string): string {
  return title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{P}\p{S}\s]+/gu, '');
}
