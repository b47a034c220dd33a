import { open, stat } from 'node:fs/promises';
import type { Cell, SheetRow } from '@yinglian/boxoffice';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import { CommandFault, EXIT } from './exit-codes.ts';

/** Rows at most: what is read here is held in memory, row by row. */
const PARQUET_ROWS_MAX = 5_000_000;
/** How a Parquet file begins and ends. */
const MAGIC = 'PAR1';

/** Whether a file is Parquet, by its first bytes; standard input never is. */
export async function isParquet(path: string): Promise<boolean> {
  if (path === '-' || !(await stat(path)).isFile()) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return bytesRead === MAGIC.length && buffer.toString('latin1') === MAGIC;
  } finally {
    await file.close();
  }
}

/** A Parquet file as a sheet, names of columns first; DuckDB reads it in this process. */
export async function readParquet(path: string): Promise<Outcome<SheetRow[]>> {
  const { DuckDBInstance } = await duckdb();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const source = `read_parquet('${path.replaceAll("'", "''")}')`;
    const wanted = `SELECT * FROM ${source}`;
    const reader = await connection.runAndReadUntil(wanted, PARQUET_ROWS_MAX + 1);
    if (reader.currentRowCount > PARQUET_ROWS_MAX) {
      const facts = { limit: PARQUET_ROWS_MAX };
      return refused(finding('excessive_parquet', 'error', { facts }));
    }
    const rows = reader.getRowsJson().map((row) => row.map(cellOf));
    return accepted([reader.columnNames(), ...rows]);
  } catch {
    return refused(finding('broken_parquet', 'error', { facts: { path } }));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Texts, numbers and days as they are; whole numbers beyond a double come as their digits. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return JSON.stringify(value);
}

/** Loaded only where a Parquet file is given: it is a large native library. */
async function duckdb() {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new CommandFault(`@duckdb/node-api: ${(error as Error).message}`, EXIT.misused);
  }
}
