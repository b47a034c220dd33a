import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import pg from 'pg';
import { pack, type Pack } from 'tar-stream';
import type { Connection } from '../database/supervisor.ts';
import type { ObjectStore } from '../objects/store.ts';
import { hexOf } from '../objects/store.ts';
import { VERSION } from '../version.ts';
import {
  BUNDLE_FORMAT,
  type BundleEnd,
  type BundleHead,
  type BundleMigration,
  type BundleTable,
  CHUNK_BYTES,
  END_ENTRY,
  HEAD_ENTRY,
  KEY_ENTRY,
} from './bundle.ts';
import { recordSequences, type RecordTable, recordTables } from './tables.ts';

export type ExportOptions = {
  readonly connection: Connection | string;
  readonly dataFolder: string;
  readonly objects: ObjectStore;
  /** False leaves objects where they are: in a bucket that the new network will use as well. */
  readonly withObjects: boolean;
  readonly target: string;
  readonly now: () => Date;
};
export type ExportReport = {
  readonly tables: number;
  readonly rows: number;
  readonly objects: number;
  readonly sizeBytes: number;
};

const ROWS_AT_ONCE = 500;
const compress = promisify(gzip);

/**
 * Writes the whole network into one file, from one moment of the database, while others work.
 * It stands under its name only when it is whole and on the disk.
 */
export async function exportNetwork(options: ExportOptions): Promise<ExportReport> {
  if (existsSync(options.target)) throw new Error(`${options.target} exists already`);
  const half = `${options.target}.half`;
  const tar = pack();
  const written = pipeline(tar, createWriteStream(half, { mode: 0o600 }));
  // A failing disk must end the writing below as well, and is told by it.
  written.catch((thrown: unknown) => tar.destroy(thrown as Error));
  try {
    const counts = await writeBundle(options, bundleWriter(tar));
    tar.finalize();
    await written;
    const file = await open(half, 'r+');
    await file.sync();
    await file.close();
    await rename(half, options.target);
    return { ...counts, sizeBytes: (await stat(options.target)).size };
  } catch (thrown) {
    tar.destroy();
    await written.catch(() => {});
    await rm(half, { force: true });
    throw thrown;
  }
}

type Writer = {
  bytes(path: string, bytes: Uint8Array): Promise<void>;
  stream(path: string, sizeBytes: number, source: AsyncIterable<Uint8Array>): Promise<void>;
  end(): Promise<void>;
};

function bundleWriter(tar: Pack): Writer {
  const entries: BundleEnd['entries'][number][] = [];
  const keep = (path: string, sizeBytes: number, hash: Hash): void =>
    void entries.push({ path, sizeBytes, sha256: hash.digest('hex') });
  const add = (path: string, bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      tar.entry({ name: path, size: bytes.length, mode: 0o600 }, Buffer.from(bytes), (fault) =>
        fault ? reject(fault) : resolve(),
      );
    });
  return {
    async bytes(path, bytes) {
      await add(path, bytes);
      keep(path, bytes.length, createHash('sha256').update(bytes));
    },
    async stream(path, sizeBytes, source) {
      const hash = createHash('sha256');
      const entry = tar.entry({ name: path, size: sizeBytes, mode: 0o600 });
      await pipeline(async function* () {
        for await (const chunk of source) {
          hash.update(chunk);
          yield chunk;
        }
      }, entry);
      keep(path, sizeBytes, hash);
    },
    end: () => add(END_ENTRY, Buffer.from(JSON.stringify({ entries }))),
  };
}

async function writeBundle(options: ExportOptions, writer: Writer) {
  const { connection, objects } = options;
  const client = new pg.Client(
    typeof connection === 'string' ? { connectionString: connection } : { ...connection },
  );
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read, read only');
    await client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
      set local intervalstyle = 'postgres'; set local extra_float_digits = 1;
      set local bytea_output = 'hex'`);
    const tables = await recordTables(client);
    const elsewhere: string[] = [];
    if (!options.withObjects) {
      for await (const { digest } of objects.list()) elsewhere.push(digest);
    }
    const head = await headOf(client, options, tables, elsewhere);
    await writer.bytes(HEAD_ENTRY, Buffer.from(JSON.stringify(head, null, 1)));
    for (const table of tables) await writeTable(client, writer, table);
    await writeUploads(client, options, writer);
    await client.query('commit');
    const secret = await readFile(join(options.dataFolder, 'master.key')).catch(() => undefined);
    if (secret !== undefined) await writer.bytes(KEY_ENTRY, secret);
    let count = 0;
    if (options.withObjects) count = await writeObjects(objects, writer);
    await writer.end();
    const rows = head.tables.reduce((sum, each) => sum + each.rows, 0);
    return { tables: tables.length, rows, objects: count };
  } finally {
    await client.end();
  }
}

async function headOf(
  client: pg.Client,
  options: ExportOptions,
  tables: readonly RecordTable[],
  objectsElsewhere: readonly string[],
): Promise<BundleHead> {
  const version = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const migrations = await client.query<BundleMigration>(
    'select name, hash from kernel.migration order by applied_at, name',
  );
  const counted: BundleTable[] = [];
  for (const { name, columns } of tables) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${name}`);
    counted.push({ name, columns, rows: Number(rows[0]?.count ?? 0) });
  }
  return {
    format: BUNDLE_FORMAT,
    release: VERSION,
    takenAt: options.now().toISOString(),
    databaseVersion: version.rows[0]?.version ?? '',
    migrations: migrations.rows,
    tables: counted,
    sequences: await recordSequences(client),
    objectsElsewhere,
  };
}

async function writeTable(client: pg.Client, writer: Writer, table: RecordTable): Promise<void> {
  const order = table.key.length === 0 ? '' : ` order by ${table.key.join(', ')}`;
  await client.query(
    `declare export no scroll cursor for select t::text as row from ${table.name} as t${order}`,
  );
  let lines: string[] = [];
  let sizeBytes = 0;
  let number = 0;
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    number += 1;
    const path = `tables/${table.name}/${String(number).padStart(6, '0')}.gz`;
    await writer.bytes(path, await compress(Buffer.from(lines.join(''))));
    lines = [];
    sizeBytes = 0;
  };
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`fetch ${ROWS_AT_ONCE} from export`);
    for (const { row } of rows) {
      const line = `${JSON.stringify(row)}\n`;
      lines.push(line);
      sizeBytes += line.length;
      if (sizeBytes >= CHUNK_BYTES) await flush();
    }
    if (rows.length < ROWS_AT_ONCE) break;
  }
  await flush();
  await client.query('close export');
}

/** As much of each upload as its sender was told is safe. */
async function writeUploads(
  client: pg.Client,
  { dataFolder }: ExportOptions,
  writer: Writer,
): Promise<void> {
  const { rows } = await client.query<{ id: string; held: string }>(
    `select id, offset_bytes::text as held from kernel.upload
     where state = 'open' and offset_bytes > 0 order by id`,
  );
  for (const { id, held } of rows) {
    const path = join(dataFolder, 'uploads', `${id}.part`);
    const found = await stat(path).catch(() => undefined);
    // Another server's folder, or a file that went into the store meanwhile: its sender goes on.
    if (found === undefined || found.size < Number(held)) continue;
    const source = createReadStream(path, { end: Number(held) - 1 });
    await writer.stream(`uploads/${id}.part`, Number(held), source);
  }
}

async function writeObjects(objects: ObjectStore, writer: Writer): Promise<number> {
  let count = 0;
  for await (const { digest, sizeBytes } of objects.list()) {
    const hex = hexOf(digest);
    const source = (await objects.stream(digest)) as unknown as AsyncIterable<Uint8Array>;
    await writer.stream(`objects/${hex.slice(0, 2)}/${hex.slice(2)}`, sizeBytes, source);
    count += 1;
  }
  return count;
}
