import type { comparedPartySchema, levelRowSchema } from '@yinglian/contract';
import {
  type Book,
  type BookRow,
  compareLevel,
  type Grain,
  type LevelName,
  summing,
} from '@yinglian/reconciliation';
import type { z } from 'zod';
import { asDecided, listRows } from '../exhibition/face.ts';
import type { Database } from '../kernel/database/database.ts';
import { readRegister } from './repository.ts';

export type ComparedParty = z.output<typeof comparedPartySchema>;
export type LevelRecord = z.output<typeof levelRowSchema>;

const ROWS_A_READ = 5000;

/** Rows summed to what all senders can say: film, cinema and the days that a row covers. */
export function readDays(
  database: Database,
  reportIds: readonly string[],
  filmId: string,
): Promise<BookRow[]> {
  return readSums(database, { reportIds, filmId, grain: 'days' });
}

type Reading = {
  readonly reportIds: readonly string[];
  readonly filmId: string;
  readonly grain: Grain;
};

async function readSums(
  database: Database,
  { reportIds, filmId, grain }: Reading,
): Promise<BookRow[]> {
  const sums = summing(grain);
  let after: readonly [string, number] | undefined;
  for (;;) {
    const rows = await listRows(database, { reportIds, filmId, after, limit: ROWS_A_READ });
    for (const row of asDecided(rows.slice(0, ROWS_A_READ), 'keep'))
      sums.add({ ...row, place: `${row.reportId}:${row.line}` });
    const last = rows[ROWS_A_READ - 1];
    if (rows.length <= ROWS_A_READ || last === undefined) return sums.rows();
    after = [last.reportId, last.line];
  }
}

type LevelReading = {
  readonly filmId: string;
  readonly parties: readonly ComparedParty[];
  readonly level: LevelName;
  readonly toleranceFen: bigint;
};

/** Every item of a level with the sums of each party; sellers hold a part and stand beside. */
export async function levelRows(
  database: Database,
  { filmId, parties, level, toleranceFen }: LevelReading,
): Promise<LevelRecord[]> {
  const grain = level === 'hall' || level === 'screening' ? 'show' : 'days';
  const books: Book[] = [];
  for (const { name: source, reports: reportIds } of parties)
    books.push({ source, rows: await readSums(database, { reportIds, filmId, grain }) });
  const rules = {
    partial: parties.filter((each) => each.role === 'seller').map((each) => each.name),
    toleranceFen: () => toleranceFen,
  };
  const known = level === 'circuit' ? await withCircuits(database, books) : books;
  return compareLevel(known, level, rules).map(({ key, sums, agrees }) => ({
    key,
    agrees,
    sums: parties.map(({ name }) => {
      const sum = sums[name];
      if (sum === undefined) return null;
      return { admissions: sum.admissions, grossFen: String(sum.grossFen) };
    }),
  }));
}

/** The circuit of every cinema as the register knows it, read once for all books. */
async function withCircuits(database: Database, books: readonly Book[]): Promise<Book[]> {
  const codes = new Set(books.flatMap(({ rows }) => rows.map((row) => row.cinemaCode)));
  const register = await readRegister(database, [...codes]);
  const circuits = new Map(register.map((each) => [each.code, each.circuit]));
  const placed = (row: BookRow): BookRow => {
    const circuit = circuits.get(row.cinemaCode) ?? null;
    return circuit === null ? row : { ...row, circuit };
  };
  return books.map(({ source, rows }) => ({ source, rows: rows.map(placed) }));
}
