import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Finding, finding } from '@yinglian/core';
import type pg from 'pg';
import { extract } from 'tar-stream';
import { verifyAudit } from '../audit/audit.ts';
import { openDatabase, openPool } from '../database/database.ts';
import { migrate, type Migration, readMigrations } from '../database/migrations.ts';
import type { Connection } from '../database/supervisor.ts';
import { writeHashed } from '../objects/disk.ts';
import type { ObjectStore } from '../objects/store.ts';
import {
  BUNDLE_FORMAT,
  type BundleEnd,
  type BundleHead,
  CHUNK_BYTES_MAX,
  END_ENTRY,
  HEAD_ENTRY,
  JSON_BYTES_MAX,
  KEY_ENTRY,
  OBJECT_ENTRY,
  TABLE_ENTRY,
  UPLOAD_ENTRY,
} from './bundle.ts';
import { RECORD_SCHEMAS, recordTables } from './tables.ts';

export type ImportOptions = {
  readonly source: string;
  readonly connection: Connection | string;
  readonly dataFolder: string;
  readonly objects: ObjectStore;
  /** The key comes from the environment: the one of the export is not written down. */
  readonly masterKeyGiven: boolean;
  readonly migrations?: readonly Migration[];
};
export type ImportReport = {
  readonly findings: readonly Finding[];
  readonly rows: number;
  readonly objects: number;
  readonly auditEntries: number;
};

const unpack = promisify(gunzip);

/** Stops the import; whatever was written to the database is undone. */
class RefusedImport extends Error {
  override readonly name = 'RefusedImport';
  readonly findings: readonly Finding[];
  constructor(...findings: readonly Finding[]) {
    super(findings[0]?.code ?? '');
    this.findings = findings;
  }
}

/**
 * Brings an exported network into an empty one. The tables are made by the migrations of the
 * export, filled, and only then brought forward, so that a newer program takes an older export. All
 * rows come in one transaction that is committed when every hash was right.
 */
export async function importNetwork(options: ImportOptions): Promise<ImportReport> {
  const pool = openPool(options.connection, { connections: 2 });
  try {
    const known = options.migrations ?? readMigrations();
    const head = await readHead(options.source);
    const wanted = migrationsOf(head, known);
    await refuseOccupied(pool, options);
    await migrate(pool, wanted);
    const counts = await loadBundle(pool, options, head);
    await migrate(pool, known);
    const audit = await verifyAudit(openDatabase(pool));
    const missing = await missingObjects(head, options.objects);
    return {
      ...counts,
      auditEntries: audit.entries,
      findings: [...audit.findings, ...missing],
    };
  } catch (thrown) {
    if (!(thrown instanceof RefusedImport)) throw thrown;
    return { findings: thrown.findings, rows: 0, objects: 0, auditEntries: 0 };
  } finally {
    await pool.end();
  }
}

type Entry = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** The entries of the TAR in their order; each is read to its end before the next. */
async function* entriesOf(source: string): AsyncGenerator<Entry> {
  const tar = extract();
  const file = createReadStream(source, { highWaterMark: 1024 * 1024 });
  file.on('error', (fault) => tar.destroy(fault));
  file.pipe(tar);
  try {
    for await (const entry of tar) {
      const { name: path, size: sizeBytes, type } = entry.header;
      if (type !== 'file') throw unreadable(path);
      yield { path, sizeBytes: sizeBytes ?? 0, bytes: bytesOf(path, entry as never) };
      entry.resume();
    }
  } catch (thrown) {
    throw faultOf('', thrown);
  } finally {
    file.destroy();
    tar.destroy();
  }
}

/** An archive that is cut off says so to whoever reads the entry, and not to the list. */
async function* bytesOf(
  path: string,
  entry: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* entry;
  } catch (thrown) {
    throw faultOf(path, thrown);
  }
}

/** Faults of the system keep their code; what the reader of archives throws has none. */
function faultOf(path: string, thrown: unknown): unknown {
  if (thrown instanceof RefusedImport) return thrown;
  return (thrown as NodeJS.ErrnoException).code === undefined ? unreadable(path) : thrown;
}

function unreadable(path: string): RefusedImport {
  return new RefusedImport(finding('invalid_manifest', 'error', { at: { path } }));
}

async function readAll({ path, bytes, sizeBytes }: Entry, most: number): Promise<Buffer> {
  if (sizeBytes > most) throw unreadable(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readHead(source: string): Promise<BundleHead> {
  for await (const entry of entriesOf(source)) {
    if (entry.path !== HEAD_ENTRY) break;
    const head = parseJson(await readAll(entry, JSON_BYTES_MAX), entry.path) as BundleHead;
    if (
      head.format !== BUNDLE_FORMAT ||
      !Array.isArray(head.migrations) ||
      !Array.isArray(head.tables) ||
      !Array.isArray(head.sequences) ||
      !Array.isArray(head.objectsElsewhere)
    )
      break;
    return head;
  }
  throw new RefusedImport(finding('missing_manifest', 'error'));
}

function parseJson(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw unreadable(path);
  }
}

/** The migrations that made the export, as this program has them. */
function migrationsOf(head: BundleHead, known: readonly Migration[]): Migration[] {
  const hashes = new Map(head.migrations.map((each) => [each.name, each.hash]));
  for (const [name, hash] of hashes) {
    const own = known.find((each) => each.name === name);
    if (own?.hash === hash) continue;
    const facts = { migration: name, release: head.release };
    throw new RefusedImport(
      finding(own === undefined ? 'unknown_migration' : 'mismatched_migration', 'error', { facts }),
    );
  }
  return known.filter((each) => hashes.has(each.name));
}

/** Only a network without any record is imported into; its empty tables make room. */
async function refuseOccupied(pool: pg.Pool, { dataFolder }: ImportOptions): Promise<void> {
  const client = await pool.connect();
  try {
    for (const { name } of await recordTables(client)) {
      if (name === 'kernel.migration') continue;
      const { rowCount } = await client.query(`select 1 from ${name} limit 1`);
      // The link that a first start printed is no record of anybody.
      if ((rowCount ?? 0) > 0 && name !== 'kernel.owner_link') {
        throw new RefusedImport(finding('occupied_network', 'error', { facts: { table: name } }));
      }
    }
    for (const schema of [...RECORD_SCHEMAS, 'queue']) {
      await client.query(`drop schema if exists ${schema} cascade`);
    }
  } finally {
    client.release();
  }
  await rm(join(dataFolder, 'uploads'), { recursive: true, force: true });
}

async function loadBundle(
  pool: pg.Pool,
  options: ImportOptions,
  head: BundleHead,
): Promise<{ rows: number; objects: number }> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await beginLoading(client);
    const loaded = await loadEntries(client, options, head);
    for (const { name, value, called } of head.sequences) {
      await client.query('select setval($1::regclass, $2::bigint, $3)', [name, value, called]);
    }
    // Messages of the queue were left behind: whoever takes these jobs up queues them anew.
    await client.query(`update kernel.job set state = 'running', instance = null, message_id = null
      where state in ('queued', 'running', 'retrying')`);
    await endLoading(client);
    await client.query('commit');
    return loaded;
  } catch (thrown) {
    await client.query('rollback').catch(() => {});
    throw thrown;
  } finally {
    client.release();
  }
}

/**
 * Rules that judge a change have judged these rows already; and some of them would write more.
 * The owner of the database may also put off the foreign keys; for anybody else the order does.
 */
async function beginLoading(client: pg.PoolClient): Promise<void> {
  const tables = await recordTables(client);
  for (const { name } of tables) await client.query(`alter table ${name} disable trigger user`);
  // Rows that the migrations themselves made come with the export as it has them now.
  for (const { name } of tables.toReversed()) {
    if (name !== 'kernel.migration') await client.query(`delete from ${name}`);
  }
  await client.query('savepoint put_off');
  await client
    .query('set local session_replication_role = replica')
    .catch(() => client.query('rollback to savepoint put_off'));
}

async function endLoading(client: pg.PoolClient): Promise<void> {
  await client.query('set local session_replication_role = origin').catch(() => {});
  for (const { name } of await recordTables(client)) {
    await client.query(`alter table ${name} enable trigger user`);
  }
}

async function loadEntries(
  client: pg.PoolClient,
  options: ImportOptions,
  head: BundleHead,
): Promise<{ rows: number; objects: number }> {
  const tables = new Map((await recordTables(client)).map((each) => [each.name, each]));
  const hashes = new Map<string, string>();
  const counts = new Map<string, number>();
  let objects = 0;
  let end: BundleEnd | undefined;
  for await (const entry of entriesOf(options.source)) {
    const { path } = entry;
    if (end !== undefined || hashes.has(path)) throw unreadable(path);
    if (path === END_ENTRY) {
      end = parseJson(await readAll(entry, JSON_BYTES_MAX), path) as BundleEnd;
      continue;
    }
    const object = OBJECT_ENTRY.exec(path);
    if (object !== null) {
      const { digest } = await options.objects.put(entry.bytes);
      hashes.set(path, digest.slice('sha256:'.length));
      objects += 1;
      continue;
    }
    const upload = UPLOAD_ENTRY.exec(path)?.[1];
    if (upload !== undefined) {
      hashes.set(path, await keepUpload(options.dataFolder, upload, entry));
      continue;
    }
    const bytes = await readAll(entry, CHUNK_BYTES_MAX);
    hashes.set(path, createHash('sha256').update(bytes).digest('hex'));
    if (path === KEY_ENTRY) await keepKey(options, bytes);
    else if (path !== HEAD_ENTRY) {
      const table = tables.get(TABLE_ENTRY.exec(path)?.[1] ?? '');
      if (table === undefined) throw unreadable(path);
      const rows = await loadRows(client, table, bytes, path);
      counts.set(table.name, (counts.get(table.name) ?? 0) + rows);
    }
  }
  compareEnd(end, hashes);
  if (!hashes.has(KEY_ENTRY) && !options.masterKeyGiven) {
    throw new RefusedImport(finding('missing_master_key', 'error'));
  }
  for (const { name, rows } of head.tables) {
    if ((counts.get(name) ?? 0) !== rows && name !== 'kernel.migration') throw unreadable(name);
  }
  return { objects, rows: [...counts.values()].reduce((sum, each) => sum + each, 0) };
}

/** Every entry that the end names was there with its hash, and no other. */
function compareEnd(end: BundleEnd | undefined, hashes: ReadonlyMap<string, string>): void {
  if (end === undefined || !Array.isArray(end.entries)) {
    throw new RefusedImport(finding('truncated_archive', 'error'));
  }
  const findings = end.entries.flatMap(({ path, sha256 }) => {
    const found = hashes.get(path);
    if (found === sha256) return [];
    const code = found === undefined ? 'missing_file' : 'mismatched_hash';
    return [finding(code, 'error', { at: { path } })];
  });
  if (findings.length === 0 && end.entries.length !== hashes.size) {
    findings.push(finding('invalid_manifest', 'error'));
  }
  if (findings.length > 0) throw new RefusedImport(...findings);
}

async function loadRows(
  client: pg.PoolClient,
  table: { readonly name: string; readonly columns: readonly string[] },
  bytes: Buffer,
  path: string,
): Promise<number> {
  let rows: string[];
  try {
    const text = await unpack(bytes, { maxOutputLength: CHUNK_BYTES_MAX });
    rows = text
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string);
  } catch {
    throw unreadable(path);
  }
  // What this program itself wrote down about migrations stays.
  if (table.name === 'kernel.migration') return rows.length;
  const columns = table.columns.join(', ');
  const values = table.columns.map((column) => `(t).${column}`).join(', ');
  await client.query(
    `insert into ${table.name} (${columns}) overriding system value
     select ${values} from (
       select row::${table.name} as t
       from unnest($1::text[]) with ordinality as given (row, at) order by at) as each`,
    [rows],
  );
  return rows.length;
}

async function keepUpload(dataFolder: string, name: string, entry: Entry): Promise<string> {
  const path = join(dataFolder, 'uploads', name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  return (await writeHashed(path, entry.bytes)).digest.slice('sha256:'.length);
}

async function keepKey({ dataFolder, masterKeyGiven }: ImportOptions, key: Buffer): Promise<void> {
  if (masterKeyGiven) return;
  const path = join(dataFolder, 'master.key');
  const present = await readFile(path).catch(() => undefined);
  if (present !== undefined && !present.equals(key)) {
    throw new RefusedImport(finding('occupied_folder', 'error', { facts: { folder: dataFolder } }));
  }
  if (present === undefined) await writeFile(path, key, { mode: 0o600, flush: true });
}

async function missingObjects(head: BundleHead, objects: ObjectStore): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const digest of head.objectsElsewhere) {
    if ((await objects.sizeOf(digest)) !== undefined) continue;
    findings.push(finding('missing_file', 'error', { at: { path: digest } }));
  }
  return findings;
}
