import { Kysely, PostgresDialect, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import { reasonOf, StartFault } from '../start-fault.ts';
import type { Connection } from './supervisor.ts';
import type { KernelTables } from './tables.ts';

/** The records database as services see it: kysely over the kernel's tables. */
export type Database = Kysely<KernelTables>;
/** An open transaction. What belongs together takes it as an argument. */
export type Transaction = KyselyTransaction<KernelTables>;
/** Either: for reads that may stand inside a transaction or alone. */
export type Queryable = Database | Transaction;

export const LEAST_DATABASE_MAJOR = 15;
const POOL_CONNECTIONS_MAX = 12;
const CONNECT_WITHIN_MS = 10_000;

/** Type numbers from pg_type.dat; they are fixed for ever. */
const INT8 = 20;
const NUMERIC = 1700;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

/**
 * int8 → bigint; numeric → bigint where it is whole (sums of fen are), else its exact text;
 * date → `YYYY-MM-DD`; timestamptz → `Date`.
 */
const types = {
  getTypeParser(oid: number, format?: string) {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    if (oid === INT8) return (text: string) => BigInt(text);
    if (oid === NUMERIC) return (text: string) => (/^-?\d+$/.test(text) ? BigInt(text) : text);
    if (oid === DATE) return (text: string) => text;
    if (oid === TIMESTAMPTZ) return pg.types.getTypeParser(TIMESTAMPTZ, 'text');
    return pg.types.getTypeParser(oid, 'text');
  },
};

export type PoolOptions = {
  readonly connections?: number;
  /** PostgreSQL's own number and date forms, for libraries that expect them. */
  readonly plainTypes?: boolean;
  readonly searchPath?: string;
};

/** Opens a pool of connections to the embedded (parts) or an external (URL) database. */
export function openPool(target: Connection | string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    ...(typeof target === 'string' ? { connectionString: target } : target),
    max: options.connections ?? POOL_CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    idleTimeoutMillis: 30_000,
    application_name: 'yinglian',
    ...(options.plainTypes === true ? {} : { types: types as pg.CustomTypesConfig }),
    options: [
      '-c timezone=UTC',
      ...(options.searchPath === undefined ? [] : [`-c search_path=${options.searchPath}`]),
    ].join(' '),
  });
  // An idle connection that breaks must not end the process; the next query reports the fault.
  pool.on('error', () => {});
  // Nor one that breaks between two statements of a transaction.
  pool.on('connect', (client) => void client.on('error', () => {}));
  return pool;
}

/** Kysely over a pool. Halls add their tables with `database.withTables<Tables>()`. */
export function openDatabase(pool: pg.Pool): Database {
  return new Kysely<KernelTables>({ dialect: new PostgresDialect({ pool }) });
}

/** Connects once and refuses a database that is too old. Gives the version in full. */
export async function checkDatabase(pool: pg.Pool, address: string): Promise<string> {
  let version: string;
  try {
    const result = await pool.query<{ version: string; number: string }>(
      `select current_setting('server_version') as version,
         current_setting('server_version_num') as number`,
    );
    version = result.rows[0]?.version ?? '';
    if (Number(result.rows[0]?.number ?? 0) < LEAST_DATABASE_MAJOR * 10_000) {
      throw new StartFault('unsupported_database_version', {
        found: version,
        needed: LEAST_DATABASE_MAJOR,
      });
    }
  } catch (thrown) {
    if (thrown instanceof StartFault) throw thrown;
    throw new StartFault('unreachable_database', { address, reason: reasonOf(thrown) }, thrown);
  }
  return version;
}
