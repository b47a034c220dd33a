import { screeningKey } from './compare.ts';
import { type Book, type BookRow, keyText } from './model.ts';

/** The levels at which books are summed, from the film down to the screening. */
export const LEVEL_NAMES = ['film', 'circuit', 'cinema', 'day', 'hall', 'screening'] as const;
/** One level of the list. */
export type LevelName = (typeof LEVEL_NAMES)[number];
/** What one book says of one item of a level. */
export type LevelSum = { rows: number; admissions: number; grossFen: bigint };
/** The sums of every book for one item of a level. */
export type LevelRow = {
  readonly key: string;
  /** Source → sums. */
  readonly sums: { readonly [source: string]: LevelSum };
  readonly agrees: boolean;
};

/** Sums of all books side by side at a level: where to look before looking at rows. */
export function compareLevel(books: readonly Book[], level: LevelName): LevelRow[] {
  const circuits = circuitsOf(books);
  const groups = new Map<string, Record<string, LevelSum>>();
  for (const { source, rows } of books) {
    for (const row of rows) {
      const key = levelKey(row, level, circuits);
      const group = groups.get(key) ?? {};
      const sum = (group[source] ??= { rows: 0, admissions: 0, grossFen: 0n });
      sum.rows += 1;
      sum.admissions += row.admissions ?? 0;
      sum.grossFen += row.grossFen ?? 0n;
      groups.set(key, group);
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, sums]) => {
      const all = books.map((book) => sums[book.source]);
      const agrees = all.every(
        (each) =>
          each !== undefined &&
          each.admissions === all[0]!.admissions &&
          each.grossFen === all[0]!.grossFen &&
          each.rows === all[0]!.rows,
      );
      return { key, sums, agrees };
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
