import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { reasonOf, StartFault } from '../start-fault.ts';

/** In the order in which they build upon each other. */
export const MODULES = [
  'kernel',
  'film',
  'production',
  'exhibition',
  'distribution',
  'settlement',
  'policy',
  'demonstration',
] as const;

export type Migration = {
  /** `<module>/NNNN_name`. */
  readonly name: string;
  readonly hash: string;
  readonly sql: string;
};

/** Any number: the same for every server that migrates this database. */
const MIGRATION_LOCK = 735_210_077;
const FILE = /^\d{4}_[a-z0-9_]+\.sql$/;

/**
 * The SQL files of all modules. They are read from `src` in the built server too: the compiler
 * does not copy them, and one place cannot differ from another.
 */
export function readMigrations(sourceFolder = sourceFolderOfServer()): Migration[] {
  const found: Migration[] = [];
  for (const module of MODULES) {
    const folder = join(sourceFolder, module, 'migrations');
    for (const file of listFiles(folder)) {
      const sql = readFileSync(join(folder, file), 'utf8');
      const hash = createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
      found.push({ name: `${module}/${file.slice(0, -'.sql'.length)}`, hash, sql });
    }
  }
  return found;
}

/** `src` beside `src` or `dist`, two folders up from this file's own. */
export function sourceFolderOfServer(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return join(here, '..', '..', '..', 'src');
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => FILE.test(file))
      .toSorted();
  } catch {
    return [];
  }
}

/**
 * Brings the database forward, one transaction per file, under a lock that a second server waits
 * for. Gives the names of what was applied. There is no way back: a backup is.
 */
export async function migrate(
  pool: pg.Pool,
  migrations: readonly Migration[],
  onApplied: (name: string) => void = () => {},
): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    for (const module of MODULES) await client.query(`create schema if not exists ${module}`);
    await client.query(`
      create table if not exists kernel.migration (
        name text primary key,
        hash text not null,
        applied_at timestamptz not null default now()
      )`);
    const applied = await readApplied(client);
    refuseStrangers(applied, migrations);
    const names: string[] = [];
    for (const migration of migrations) {
      if (applied.has(migration.name)) continue;
      await apply(client, migration);
      onApplied(migration.name);
      names.push(migration.name);
    }
    return names;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
    client.release();
  }
}

async function readApplied(client: pg.PoolClient): Promise<Map<string, string>> {
  const result = await client.query<{ name: string; hash: string }>(
    'select name, hash from kernel.migration',
  );
  return new Map(result.rows.map((row) => [row.name, row.hash]));
}

function refuseStrangers(
  applied: ReadonlyMap<string, string>,
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map((each) => [each.name, each.hash]));
  for (const [name, hash] of applied) {
    const expected = known.get(name);
    if (expected === undefined) throw new StartFault('unknown_migration', { migration: name });
    if (expected !== hash) throw new StartFault('changed_migration', { migration: name });
  }
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query('insert into kernel.migration (name, hash) values ($1, $2)', [
      migration.name,
      migration.hash,
    ]);
    await client.query('commit');
  } catch (thrown) {
    await client.query('rollback').catch(() => {});
    const facts = { migration: migration.name, reason: reasonOf(thrown) };
    throw new StartFault('failed_migration', facts, thrown);
  }
}
