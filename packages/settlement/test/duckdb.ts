import { DuckDBInstance } from '@duckdb/node-api';
import {
  type CinemaRegister,
  type BoxOfficeFact,
  type PlanTable,
  type Dialect,
  DUCKDB,
  quoted,
} from '../src/index.ts';
import { filmCodeKey } from '@yinglian/core';

export type Row = Record<string, unknown>;
export type Database = {
  readonly dialect: Dialect;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<Row[]>;
  load(table: PlanTable): Promise<void>;
};

/** A value as the dialect writes it. */
export const literal = (dialect: Dialect, value: unknown) =>
  value === null || value === undefined
    ? 'NULL'
    : typeof value === 'string'
      ? quoted(dialect, value)
      : String(value);

export async function openDatabase(): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const database: Database = {
    dialect: DUCKDB,
    run: async (sql) => void (await connection.run(sql)),
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjects() as Row[],
    load: async ({ name, columns, rows }) => {
      const shape = columns.map((column) => `${column.name} ${column.type}`).join(', ');
      await connection.run(`CREATE OR REPLACE TABLE ${name} (${shape})`);
      for (let i = 0; i < rows.length; i += 2000) {
        const values = rows
          .slice(i, i + 2000)
          .map((row) => `(${row.map((value) => literal(DUCKDB, value)).join(',')})`);
        await connection.run(`INSERT INTO ${name} VALUES ${values.join(',')}`);
      }
    },
  };
  return database;
}

export async function loadFacts(
  database: Database,
  facts: readonly BoxOfficeFact[],
  register: CinemaRegister,
) {
  const { dialect } = database;
  const text = (name: string) => ({ name, type: dialect.nullableText });
  const key = (name: string) => ({ name, type: dialect.text });
  const whole = (name: string) => ({ name, type: dialect.whole });
  const nullable = dialect.nullableText.replace(dialect.text, dialect.whole);
  await database.load({
    name: 'facts',
    columns: [
      key('film_code'),
      key('cinema_code'),
      text('hall'),
      text('equipment'),
      { name: 'business_date', type: dialect.date },
      whole('screenings'),
      whole('admissions'),
      whole('gross_fen'),
      { name: 'service_fee_fen', type: nullable },
      text('ticket_type'),
    ],
    rows: facts.map((each) => [
      filmCodeKey(each.filmCode),
      each.cinemaCode,
      each.hall ?? null,
      each.equipment ?? null,
      each.date,
      BigInt(each.screenings),
      BigInt(each.admissions),
      each.grossFen,
      each.serviceFeeFen ?? null,
      each.ticketType ?? null,
    ]),
  });
  await database.load({
    name: 'cinemas',
    columns: [
      key('cinema_code'),
      ...['circuit', 'province', 'city', 'taxpayer', 'equipment'].map(text),
    ],
    rows: Object.entries(register).map(([code, each]) => [
      code,
      each.circuit ?? null,
      each.province ?? code.slice(0, 2),
      each.city ?? code.slice(0, 4),
      each.taxpayer ?? 'general',
      each.equipment ?? null,
    ]),
  });
}
