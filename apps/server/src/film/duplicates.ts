import { filmCodeKey, finding, type Finding } from '@yinglian/core';
import { identify, titleKey } from './rules.ts';
import type { SheetFilm } from './sheet.ts';

export type Named = {
  readonly id: string;
  readonly title: string;
  readonly year: number | null;
  readonly eidr: string | null;
  readonly isan: string | null;
  readonly codes: readonly string[];
};
export type DuplicateGroup = {
  readonly reason: 'same_eidr' | 'same_isan' | 'same_film_code' | 'same_title';
  readonly films: { readonly id: string; readonly title: string }[];
};

/**
 * Films that seem to be the same, by the surest reason first. A pair is named once, under that
 * reason. Two films of one title in different years are two films.
 */
export function duplicateGroups(films: readonly Named[]): DuplicateGroup[] {
  const told = new Set<string>();
  const groups: DuplicateGroup[] = [];
  const tell = (reason: DuplicateGroup['reason'], keysOf: (film: Named) => readonly string[]) => {
    const byKey = new Map<string, Map<string, Named>>();
    for (const film of films) {
      for (const key of keysOf(film)) {
        const same = byKey.get(key) ?? new Map<string, Named>();
        byKey.set(key, same.set(film.id, film));
      }
    }
    for (const same of byKey.values()) {
      if (same.size < 2) continue;
      const ids = [...same.keys()].toSorted().join(' ');
      if (told.has(ids)) continue;
      told.add(ids);
      groups.push({ reason, films: [...same.values()].map(({ id, title }) => ({ id, title })) });
    }
  };
  tell('same_eidr', (film) => (film.eidr === null ? [] : [film.eidr]));
  tell('same_isan', (film) => (film.isan === null ? [] : [film.isan]));
  tell('same_film_code', (film) => film.codes.map(filmCodeKey));
  tell('same_title', (film) => {
    const key = titleKey(film.title);
    return key === '' ? [] : [`${key} ${film.year ?? ''}`];
  });
  return groups;
}

/**
 * Parts the films of a sheet into those that nobody here knows and a note on each known one, so
 * that a sheet brought in twice adds its films once.
 */
export function siftKnown(
  films: readonly SheetFilm[],
  known: readonly Named[],
): { readonly fresh: SheetFilm[]; readonly findings: Finding[] } {
  const keys = new Map(known.flatMap((film) => keysOf(film).map((key) => [key, film] as const)));
  const fresh: SheetFilm[] = [];
  const findings: Finding[] = [];
  for (const each of films) {
    const { film } = each;
    const { eidr, isan } = identify(film);
    const codes = (film.versions ?? []).flatMap(({ filmCode }) => filmCode ?? []);
    const named = { title: film.title, year: film.year ?? null, eidr, isan, codes };
    const same = keysOf(named)
      .map((key) => keys.get(key))
      .find((found) => found !== undefined);
    if (same === undefined) {
      fresh.push(each);
      continue;
    }
    const facts = { title: film.title, film: same.id };
    findings.push(finding('known_film', 'note', { facts, at: { row: each.row } }));
  }
  return { fresh, findings };
}

function keysOf(film: Omit<Named, 'id'>): string[] {
  return [
    ...(film.eidr === null ? [] : [`eidr ${film.eidr}`]),
    ...(film.isan === null ? [] : [`isan ${film.isan}`]),
    ...film.codes.map((code) => `code ${filmCodeKey(code)}`),
    ...(titleKey(film.title) === '' ? [] : [`title ${titleKey(film.title)} ${film.year ?? ''}`]),
  ];
}
