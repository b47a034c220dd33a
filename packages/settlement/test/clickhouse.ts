import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLICKHOUSE } from '../src/index.ts';
import { type Database, literal, type Row } from './duckdb.ts';

/** A folder in which `npm install chdb` was run: 543 MB, so no dependency of the project. */
export const CHDB_FOLDER = process.env['YINGLIAN_CHDB'];

type Session = { query(sql: string, format?: string): string; cleanup(): void };

/** ClickHouse in this process, with what ends it. */
export function openClickHouse(folder: string): Database & { close(): void } {
  const chdb = createRequire(join(folder, 'package.json'))('chdb') as {
    Session: new (path: string) => Session;
  };
  const path = mkdtempSync(join(tmpdir(), 'yinglian-chdb-'));
  const session = new chdb.Session(path);
  session.query('SET output_format_json_quote_64bit_integers = 1');
  return {
    dialect: CLICKHOUSE,
    run: async (sql) => void session.query(sql),
    rows: async (sql) =>
      session
        .query(sql, 'JSONEachRow')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Row),
    load: async ({ name, columns, rows }) => {
      const shape = columns.map((column) => `${column.name} ${column.type}`).join(', ');
      session.query(`DROP TABLE IF EXISTS ${name}`);
      session.query(`CREATE TABLE ${name} (${shape}) ENGINE = Memory`);
      for (let i = 0; i < rows.length; i += 2000) {
        const values = rows
          .slice(i, i + 2000)
          .map((row) => `(${row.map((value) => literal(CLICKHOUSE, value)).join(',')})`);
        session.query(`INSERT INTO ${name} VALUES ${values.join(',')}`);
      }
    },
    close: () => {
      session.cleanup();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
