import { filmCodeKey } from '@yinglian/core';
import { titleKey } from './rules.ts';

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
