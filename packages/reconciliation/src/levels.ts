import type { Fen } from '@yinglian/core';
import { screeningKey } from './compare.ts';
import { type Book, type BookRow, keyText } from './model.ts';

/** The levels at which books are summed, from the film down to the screening. */
export const LEVEL_NAMES = ['film', 'circuit', 'cinema', 'day', 'hall', 'screening'] as const;
/** One level of the list. */
export type LevelName = (typeof LEVEL_NAMES)[number];
/** What one book says of one item of a level; parts of one show are one row. */
export type LevelSum = { rows: number; admissions: number; grossFen: bigint };
/** The sums of every book for one item of a level. */
export type LevelRow = {
  readonly key: string;
  /** Source → sums. */
  readonly sums: { readonly [source: string]: LevelSum };
  readonly agrees: boolean;
};

/** What must agree at a level. */
export type LevelRules = {
  /** Sources that hold a part only: they stand beside the others and need not agree. */
  readonly partial?: readonly string[];
  /** What the gross of a source may differ from the first one's by. Default 0. */
  readonly toleranceFen?: (source: string) => Fen;
  /** Whether books must have as many shows, not only the same sums. */
  readonly shows?: boolean;
};

/** Sums of all books side by side at a level: where to look before looking at rows. */
export function compareLevel(
  books: readonly Book[],
  level: LevelName,
  rules: LevelRules = {},
): LevelRow[] {
  const circuits = circuitsOf(books);
  const groups = new Map<string, Record<string, LevelSum & { keys: Set<string> }>>();
  for (const { source, rows } of books) {
    for (const row of rows) {
      const key = levelKey(row, level, circuits);
      const group = groups.get(key) ?? {};
      const sum = (group[source] ??= { rows: 0, admissions: 0, grossFen: 0n, keys: new Set() });
      sum.rows = sum.keys.add(screeningKey(row)).size;
      sum.admissions += row.admissions ?? 0;
      sum.grossFen += row.grossFen ?? 0n;
      groups.set(key, group);
    }
  }
  const sources = books.map((book) => book.source);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => {
      const sums = Object.fromEntries(
        Object.entries(group).map(([source, { rows, admissions, grossFen }]) => [
          source,
          { rows, admissions, grossFen },
        ]),
      );
      return { key, sums, agrees: agree(sources, sums, rules) };
    });
}

/** Every book that holds the whole says the same; an item that none of them has is a difference. */
function agree(
  sources: readonly string[],
  sums: LevelRow['sums'],
  { partial = [], toleranceFen = () => 0n, shows = false }: LevelRules,
): boolean {
  const whole = sources.filter((source) => !partial.includes(source));
  const first = sums[whole[0] ?? ''];
  return whole.every((source) => {
    const sum = sums[source];
    if (sum === undefined || first === undefined) return false;
    const delta = sum.grossFen - first.grossFen;
    return (
      sum.admissions === first.admissions &&
      (delta < 0n ? -delta : delta) <= toleranceFen(source) &&
      (!shows || sum.rows === first.rows)
    );
  });
}

/** A cinema's circuit as any of the books knows it: most books do not say it. */
function circuitsOf(books: readonly Book[]): ReadonlyMap<string, string> {
  const circuits = new Map<string, string>();
  for (const { rows } of books) {
    for (const { cinemaCode, circuit } of rows)
      if (circuit !== undefined && !circuits.has(cinemaCode)) circuits.set(cinemaCode, circuit);
  }
  return circuits;
}

function levelKey(row: BookRow, level: LevelName, circuits: ReadonlyMap<string, string>): string {
  const film = keyText(row.filmCode ?? '');
  switch (level) {
    case 'film':
      return film;
    case 'circuit':
      return `${film}/${circuits.get(row.cinemaCode) ?? ''}`;
    case 'cinema':
      return `${film}/${row.cinemaCode}`;
    case 'day':
      return `${film}/${row.cinemaCode}/${row.date}`;
    case 'hall':
      return `${film}/${row.cinemaCode}/${row.date}/${keyText(row.hall ?? '')}`;
    case 'screening':
      return screeningKey(row);
  }
}
