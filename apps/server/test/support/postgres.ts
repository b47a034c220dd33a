import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openPool } from '../../src/kernel/database/database.ts';
import { migrate, readMigrations } from '../../src/kernel/database/migrations.ts';
import { type Connection, startEmbedded } from '../../src/kernel/database/supervisor.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: Connection;
  }
}

export const TEMPLATE = 'yinglian_template';

/**
 * One PostgreSQL for the whole run, with one migrated template to copy from: the embedded one, or
 * another of version 15 or newer by `YINGLIAN_TEST_POSTGRES=postgresql://…` (its user must be
 * allowed to create databases).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['YINGLIAN_TEST_POSTGRES'];
  if (url !== undefined && url !== '') {
    const connection = connectionOf(url);
    await execute(connection, `drop database if exists ${TEMPLATE} with (force)`);
    await makeTemplate(connection);
    project.provide('postgres', connection);
    return () => execute(connection, `drop database if exists ${TEMPLATE} with (force)`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-test-'));
  const embedded = await startEmbedded({ folder });
  await makeTemplate(embedded.connection);
  project.provide('postgres', embedded.connection);
  return async () => {
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Makes the migrated template in any PostgreSQL that these parts lead to. */
export async function makeTemplate(connection: Connection): Promise<void> {
  await execute(connection, `create database ${TEMPLATE}`);
  const pool = openPool({ ...connection, database: TEMPLATE });
  await migrate(pool, readMigrations());
  await pool.end();
}

/** A database of its own, copied from the template; about 30 ms. */
export async function newDatabase(connection: Connection): Promise<Connection> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  await execute(connection, `create database ${database} template ${TEMPLATE}`);
  return { ...connection, database };
}

export async function dropDatabase(connection: Connection): Promise<void> {
  await execute(connection, `drop database if exists ${connection.database} with (force)`);
}

function connectionOf(url: string): Connection {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    host: searchParams.get('host') ?? decodeURIComponent(hostname),
    port: Number(port === '' ? 5432 : port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname === '' || pathname === '/' ? 'postgres' : pathname.slice(1),
  };
}

/** The parts as a URL: a socket's folder stands percent-encoded in the place of the host. */
export function urlOf(connection: Connection): string {
  const { user, password, host, port, database } = connection;
  const where = `${encodeURIComponent(host)}:${port}`;
  return `postgresql://${user}:${encodeURIComponent(password)}@${where}/${database}`;
}

async function execute(connection: Connection, statement: string): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
