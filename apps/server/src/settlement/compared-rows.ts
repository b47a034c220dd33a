import type { comparedPartySchema, levelRowSchema } from '@yinglian/contract';
import { filmCodeKey } from '@yinglian/core';
import { type Book, type BookRow, compareLevel, type LevelName } from '@yinglian/reconciliation';
import type { z } from 'zod';
import { asDecided, listRows, type RowRecord } from '../exhibition/face.ts';
import type { Database } from '../kernel/database/database.ts';
import { readRegister } from './repository.ts';

export type ComparedParty = z.output<typeof comparedPartySchema>;
export type LevelRecord = z.output<typeof levelRowSchema>;

const ROWS_A_READ = 5000;
/** How finely rows are told apart: what all senders can say, or each show. */
type Grain = 'days' | 'show';

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
  const sums = new Map<string, BookRow & { rows: string[] }>();
  let after: readonly [string, number] | undefined;
  for (;;) {
    const rows = await listRows(database, { reportIds, filmId, after, limit: ROWS_A_READ });
    for (const row of asDecided(rows.slice(0, ROWS_A_READ), 'keep')) addRow(sums, row, grain);
    const last = rows[ROWS_A_READ - 1];
    if (rows.length <= ROWS_A_READ || last === undefined) break;
    after = [last.reportId, last.line];
  }
  return [...sums.values()].map(({ rows, ...row }) => ({ ...row, row: rows.join(' ') }));
}

function addRow(
  sums: Map<string, BookRow & { rows: string[] }>,
  row: RowRecord,
  grain: Grain,
): void {
  const days = row.to === row.from ? row.from : `${row.from}..${row.to}`;
  const filmCode = filmCodeKey(row.filmCode ?? '');
  const place = grain === 'days' ? [] : [row.hall ?? '', row.start ?? ''];
  const key = [row.cinemaCode ?? '', filmCode, days, ...place].join('/');
  const sum = sums.get(key);
  if (sum !== undefined) sum.rows.push(`${row.reportId}:${row.line}`);
  sums.set(key, {
    row: '',
    rows: sum?.rows ?? [`${row.reportId}:${row.line}`],
    screeningId: key.toUpperCase(),
    date: row.from,
    cinemaCode: row.cinemaCode ?? '',
    filmCode,
    ...(grain === 'show' && row.hall !== null ? { hall: row.hall } : {}),
    admissions: (sum?.admissions ?? 0) + row.admissions,
    grossFen: (sum?.grossFen ?? 0n) + row.grossFen,
  });
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
  for (const { name, reports } of parties) {
    const rows = await readSums(database, { reportIds: reports, filmId, grain });
    books.push({ source: name, rows: await withCircuits(database, rows, level) });
  }
  const whole = parties.filter((each) => each.role !== 'seller').map((each) => each.name);
  return compareLevel(books, level).map(({ key, sums }) => {
    const first = sums[whole[0]!];
    const agrees = whole.every((name) => {
      const sum = sums[name];
      if (sum === undefined || first === undefined) return sum === first;
      const delta = sum.grossFen - first.grossFen;
      const size = delta < 0n ? -delta : delta;
      return sum.admissions === first.admissions && size <= toleranceFen;
    });
    return {
      key,
      agrees,
      sums: parties.map(({ name }) => {
        const sum = sums[name];
        if (sum === undefined) return null;
        return { admissions: sum.admissions, grossFen: String(sum.grossFen) };
      }),
    };
  });
}

async function withCircuits(
  database: Database,
  rows: readonly BookRow[],
  level: LevelName,
): Promise<readonly BookRow[]> {
  if (level !== 'circuit') return rows;
  const codes = [...new Set(rows.map((row) => row.cinemaCode))];
  const register = await readRegister(database, codes);
  const circuits = new Map(register.map((each) => [each.code, each.circuit]));
  return rows.map((row) => {
    const circuit = circuits.get(row.cinemaCode) ?? null;
    return circuit === null ? row : { ...row, circuit };
  });
}
