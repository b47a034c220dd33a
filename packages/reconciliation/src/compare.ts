import { accepted, finding, type Finding, hasErrors, type Outcome, refused } from '@yinglian/core';
import {
  type Book,
  type BookRow,
  type Difference,
  type DifferenceKind,
  keyText,
  type ReconciliationRules,
} from './model.ts';

/** What the comparison of the books has found. */
export type Reconciliation = {
  readonly differences: readonly Difference[];
  /** Rows of the reference that agree in every book of `equals`. */
  readonly agreeingRows: number;
  readonly rows: { readonly [source: string]: number };
};

/**
 * Compares any number of books with the reference: exact key first, then what is the same show
 * under another day, film or number. Every difference names its rows; none is netted.
 */
export function reconcile(
  books: readonly Book[],
  rules: ReconciliationRules,
): Outcome<Reconciliation> {
  const bySource = new Map(books.map((book) => [book.source, book]));
  const findings = missingBooks(bySource, rules);
  if (hasErrors(findings)) return refused(...findings);
  const reference = indexBook(bySource.get(rules.reference)!);
  const differences: Difference[] = [...reference.differences];
  const disagreeing = new Set<string>();
  const known = new Set<string>();
  for (const rule of rules.equals) {
    const other = indexBook(bySource.get(rule.source)!);
    const found = [...other.differences, ...compareBooks(reference, other, rule, known)];
    for (const each of found) if (each.kind !== 'id_format_noise') disagreeing.add(each.key);
    differences.push(...found);
  }
  const channels = (rules.channels ?? []).map(({ source }) => bySource.get(source)!);
  differences.push(...compareChannels(reference, channels, known));
  for (const { source } of rules.playback ?? []) {
    differences.push(...comparePlayback(reference, bySource.get(source)!, known));
  }
  const agreeingRows = [...reference.rows.keys()].filter((key) => !disagreeing.has(key)).length;
  differences.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const rows = Object.fromEntries(books.map((book) => [book.source, book.rows.length]));
  return accepted({ differences, agreeingRows, rows }, findings);
}

function missingBooks(books: ReadonlyMap<string, Book>, rules: ReconciliationRules): Finding[] {
  const named = [
    rules.reference,
    ...[...rules.equals, ...(rules.channels ?? []), ...(rules.playback ?? [])].map(
      (each) => each.source,
    ),
  ];
  return named
    .filter((source) => !books.has(source))
    .map((source) => finding('missing_book', 'error', { facts: { source } }));
}

type Indexed = {
  readonly source: string;
  readonly rows: Map<string, BookRow>;
  /** The keys of rows by cinema, hall, day and start. */
  readonly places: Map<string, string>;
  readonly differences: Difference[];
};

/** The key of a screening: its number, or cinema, hall, day and start where it has none. */
export function screeningKey(row: BookRow): string {
  return row.screeningId === undefined ? placeKey(row) : keyText(row.screeningId);
}

const placeKey = (row: BookRow) =>
  `${row.cinemaCode}/${keyText(row.hall ?? '')}/${row.date}/${row.start ?? ''}`;

function indexBook(book: Book): Indexed {
  const rows = new Map<string, BookRow>();
  const places = new Map<string, string>();
  const parts = new Map<string, BookRow>();
  const differences: Difference[] = [];
  const between = [book.source, book.source] as const;
  for (const row of book.rows) {
    const key = screeningKey(row);
    const part = `${key}|${row.part ?? ''}`;
    const twin = parts.get(part);
    if (twin !== undefined) {
      differences.push(
        differenceOf('duplicate_row', between, key, {
          row: twin,
          other: row,
          deltaFen: -(row.grossFen ?? 0n),
          deltaAdmissions: -(row.admissions ?? 0),
        }),
      );
      continue;
    }
    parts.set(part, row);
    const first = rows.get(key);
    rows.set(key, first === undefined ? row : together(first, row));
    if (first !== undefined) continue;
    if (hasPlace(row)) places.set(placeKey(row), key);
    if (row.screeningId !== undefined && row.screeningId !== key) {
      differences.push(differenceOf('id_format_noise', between, key, { row }));
    }
  }
  return { source: book.source, rows, places, differences };
}

/** Two parts of one screening; their rows stay the evidence. */
function together(one: BookRow, other: BookRow): BookRow {
  const sum = (a: number | undefined, b: number | undefined) =>
    a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
  const add = (a: bigint | undefined, b: bigint | undefined) =>
    a === undefined && b === undefined ? undefined : (a ?? 0n) + (b ?? 0n);
  const sums = {
    admissions: sum(one.admissions, other.admissions),
    grossFen: add(one.grossFen, other.grossFen),
    onlineAdmissions: sum(one.onlineAdmissions, other.onlineAdmissions),
    onlineGrossFen: add(one.onlineGrossFen, other.onlineGrossFen),
  };
  const known = Object.entries(sums).filter(([, value]) => value !== undefined);
  return { ...one, ...Object.fromEntries(known), row: `${one.row} ${other.row}` };
}

type Detail = { row: BookRow; other?: BookRow; deltaFen?: bigint; deltaAdmissions?: number };

function differenceOf(
  kind: DifferenceKind,
  between: readonly [string, string],
  key: string,
  { row, other, deltaFen = 0n, deltaAdmissions = 0 }: Detail,
): Difference {
  const evidence = other === undefined ? [row.row] : [row.row, other.row];
  // A repeated row is one difference per repetition; all other kinds come once per key.
  const id = [kind, ...between, key, ...(kind === 'duplicate_row' ? [other!.row] : [])].join('|');
  return {
    id,
    kind,
    between,
    key,
    date: row.date,
    cinemaCode: row.cinemaCode,
    ...(row.filmCode === undefined ? {} : { filmCode: keyText(row.filmCode) }),
    deltaFen,
    deltaAdmissions,
    evidence,
  };
}

function compareBooks(
  reference: Indexed,
  other: Indexed,
  rule: ReconciliationRules['equals'][number],
  known: Set<string>,
): Difference[] {
  const between = [reference.source, other.source] as const;
  const differences: Difference[] = [];
  const missing = new Map<string, BookRow>();
  for (const [key, row] of reference.rows) {
    const match = other.rows.get(key);
    if (match === undefined) missing.set(key, row);
    else differences.push(...compareRows(between, key, [row, match], rule));
  }
  const unexpected = new Map([...other.rows].filter(([key]) => !reference.rows.has(key)));
  for (const [key, row] of renumbered(missing, unexpected)) {
    const match = unexpected.get(row)!;
    const first = missing.get(key)!;
    // A book that has no numbers at all spoils none.
    if (first.screeningId !== undefined && match.screeningId !== undefined)
      differences.push(differenceOf('id_format_noise', between, key, { row: first, other: match }));
    differences.push(...compareRows(between, key, [missing.get(key)!, match], rule));
    missing.delete(key);
    unexpected.delete(row);
  }
  for (const [key, row] of missing) {
    differences.push(
      differenceOf('missing_row', between, key, {
        row,
        deltaFen: row.grossFen ?? 0n,
        deltaAdmissions: row.admissions ?? 0,
      }),
    );
  }
  for (const [key, row] of unexpected) {
    known.add(placeKey(row)).add(key);
    differences.push(
      differenceOf('unexpected_row', between, key, {
        row,
        deltaFen: -(row.grossFen ?? 0n),
        deltaAdmissions: -(row.admissions ?? 0),
      }),
    );
  }
  return differences;
}

/** The same place, day and start under two numbers is one show whose number was spoilt. */
function renumbered(
  missing: ReadonlyMap<string, BookRow>,
  unexpected: ReadonlyMap<string, BookRow>,
): [string, string][] {
  const places = new Map<string, string>();
  for (const [key, row] of unexpected) if (hasPlace(row)) places.set(placeKey(row), key);
  return [...missing].flatMap(([key, row]): [string, string][] => {
    const match = hasPlace(row) ? places.get(placeKey(row)) : undefined;
    if (match === undefined) return [];
    places.delete(placeKey(row));
    return [[key, match]];
  });
}

const hasPlace = (row: BookRow) => row.hall !== undefined && row.start !== undefined;

function compareRows(
  between: readonly [string, string],
  key: string,
  [row, match]: readonly [BookRow, BookRow],
  rule: ReconciliationRules['equals'][number],
): Difference[] {
  const differences: Difference[] = [];
  const add = (kind: DifferenceKind, deltaFen = 0n, deltaAdmissions = 0) =>
    differences.push(
      differenceOf(kind, between, key, { row, other: match, deltaFen, deltaAdmissions }),
    );
  if (row.date !== match.date) add('business_day_shift');
  if (
    row.filmCode !== undefined &&
    match.filmCode !== undefined &&
    keyText(row.filmCode) !== keyText(match.filmCode)
  ) {
    add('film_code_swapped');
  }
  const deltaFen = (row.grossFen ?? 0n) - (match.grossFen ?? 0n);
  const deltaAdmissions = (row.admissions ?? 0) - (match.admissions ?? 0);
  const size = deltaFen < 0n ? -deltaFen : deltaFen;
  if (deltaAdmissions !== 0) add('admissions_differ', deltaFen, deltaAdmissions);
  else if (size > (rule.toleranceFen ?? 0n)) {
    add(size <= (rule.smallFen ?? 0n) ? 'gross_differs_small' : 'gross_differs', deltaFen);
  }
  return differences;
}

type ChannelSum = { admissions: number; grossFen: bigint; readonly rows: BookRow[] };

/**
 * What sellers report of one screening cannot exceed what the cinema sold through them: neither one
 * seller alone nor all together. A screening that no other book has is a difference too.
 */
function compareChannels(
  reference: Indexed,
  books: readonly Book[],
  known: ReadonlySet<string>,
): Difference[] {
  const sellers = books.map(({ source, rows }) => ({ source, sums: channelSums(reference, rows) }));
  // What another book reports is already a difference with that book.
  const told = new Set([...known].filter((key) => !reference.rows.has(key)));
  const exceeding = new Set<string>();
  const alone = sellers.flatMap(({ source, sums }) =>
    [...sums].flatMap(([key, sum]) => {
      if (told.has(key)) return [];
      const found = compareChannel(reference, source, key, sum);
      if (found === undefined) return [];
      exceeding.add(key);
      return [found];
    }),
  );
  if (sellers.length < 2) return alone;
  const source = sellers.map((each) => each.source).join('+');
  const all = channelSums(
    reference,
    books.flatMap((book) => book.rows),
  );
  const jointly = [...all].flatMap(([key, sum]) =>
    exceeding.has(key) || !reference.rows.has(key)
      ? []
      : (compareChannel(reference, source, key, sum) ?? []),
  );
  return [...alone, ...jointly];
}

function channelSums(reference: Indexed, rows: readonly BookRow[]): Map<string, ChannelSum> {
  const sums = new Map<string, ChannelSum>();
  for (const row of rows) {
    const own = screeningKey(row);
    const placed = hasPlace(row) ? reference.places.get(placeKey(row)) : undefined;
    const key = reference.rows.has(own) ? own : (placed ?? own);
    const sum = sums.get(key) ?? { admissions: 0, grossFen: 0n, rows: [] };
    sum.admissions += row.admissions ?? 0;
    sum.grossFen += row.grossFen ?? 0n;
    sum.rows.push(row);
    sums.set(key, sum);
  }
  return sums;
}

function compareChannel(
  reference: Indexed,
  source: string,
  key: string,
  sum: ChannelSum,
): Difference | undefined {
  const between = [reference.source, source] as const;
  const row = reference.rows.get(key);
  const first = sum.rows[0]!;
  if (row === undefined) {
    return differenceOf('unexpected_row', between, key, {
      row: { ...first, row: sum.rows.map((each) => each.row).join(' ') },
      deltaFen: -sum.grossFen,
      deltaAdmissions: -sum.admissions,
    });
  }
  const deltaAdmissions = (row.onlineAdmissions ?? row.admissions ?? 0) - sum.admissions;
  const deltaFen = (row.onlineGrossFen ?? row.grossFen ?? 0n) - sum.grossFen;
  if (deltaAdmissions >= 0 && deltaFen >= 0n) return undefined;
  return differenceOf('channel_exceeds', between, key, {
    row,
    other: first,
    deltaFen,
    deltaAdmissions,
  });
}

/** Played but not sold, sold but not played: physical plausibility. */
function comparePlayback(reference: Indexed, log: Book, known: ReadonlySet<string>): Difference[] {
  const between = [reference.source, log.source] as const;
  const played = new Map(log.rows.map((row) => [placeKey(row), row]));
  const differences: Difference[] = [];
  for (const [key, row] of reference.rows) {
    const match = played.get(placeKey(row));
    played.delete(placeKey(row));
    const admissions = row.admissions ?? 0;
    if (match === undefined && admissions > 0) {
      const deltaFen = row.grossFen ?? 0n;
      differences.push(
        differenceOf('sold_but_not_played', between, key, {
          row,
          deltaFen,
          deltaAdmissions: admissions,
        }),
      );
    }
    if (match !== undefined && admissions === 0) {
      differences.push(differenceOf('played_with_zero_sales', between, key, { row, other: match }));
    }
  }
  for (const [place, row] of played) {
    // A row that another book reports is already a difference with that book.
    if (!known.has(place))
      differences.push(differenceOf('played_but_unreported', between, place, { row }));
  }
  return differences;
}
