import { chownSync, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Finding, finding } from '@yinglian/core';
import pg from 'pg';
import { type Account, unprivilegedAccount } from '../database/account.ts';
import { openDatabase, openPool } from '../database/database.ts';
import { choosePlace } from '../database/place.ts';
import { type Connection, startEmbedded } from '../database/supervisor.ts';
import { verifyAudit } from '../audit/audit.ts';
import { writeHashed } from '../objects/disk.ts';
import { hexOf, type ObjectStore } from '../objects/store.ts';
import { VERSION } from '../version.ts';
import {
  copyInto,
  entryOf,
  filesBelow,
  foldersBelow,
  inParallel,
  type Manifest,
  type ManifestFile,
  readManifest,
  writeManifest,
} from './manifest.ts';

/**
 * A base backup without pg_dump, by PostgreSQL's low-level API (manual 25.3.4): start, copy the
 * files while the server works, stop, then the log that makes the copy consistent.
 */

export type BackupOptions = {
  readonly dataFolder: string;
  readonly connection: Connection;
  /** The cluster's own folder. */
  readonly clusterFolder: string;
  readonly target: string;
  /** A bucket with the objects; undefined where they lie in the data folder. */
  readonly bucket?: ObjectStore | undefined;
  /** False leaves the objects in the bucket and writes down which they are. */
  readonly withObjects?: boolean;
  readonly now: () => Date;
};

export type BackupReport = {
  readonly files: number;
  readonly sizeBytes: number;
  readonly objects: number;
};

/** Contents that the manual says to leave out; the folders themselves are kept. */
const LEFT_OUT = new RegExp(
  [
    '^(?:pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)/',
    '^postmaster\\.(?:pid|opts)$',
    '(?:^|/)pgsql_tmp',
    '(?:^|/)pg_internal\\.init',
  ].join('|'),
);
const SEGMENT = /^[0-9A-F]{24}$/;
const CLUSTER = 'cluster';
/** Beside the cluster: the key that opens what is sealed in it, and the database's password. */
const SECRET_FILES = ['master.key', 'database.secret'];

/** Takes a backup of a working data folder. It stands under its name only when it is whole. */
export async function takeBackup(options: BackupOptions): Promise<BackupReport> {
  const half = `${options.target}.half`;
  if (existsSync(options.target)) throw new Error(`${options.target} exists already`);
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o700 });
  const client = new pg.Client({ ...options.connection });
  await client.connect();
  let files: ManifestFile[];
  let databaseVersion: string;
  try {
    const { rows } = await client.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    );
    databaseVersion = rows[0]?.version ?? '';
    files = await copyCluster(client, options.clusterFolder, half);
  } finally {
    await client.end();
  }
  for (const name of SECRET_FILES) {
    const file = await copyInto(join(options.dataFolder, name), half, name);
    if (file !== undefined) files.push(file);
  }
  // After the database: every object that its rows name was stored before the row was.
  let objects = 0;
  for (const folder of ['objects', 'uploads']) {
    for (const path of await filesBelow(join(options.dataFolder, folder))) {
      if (path.startsWith('work/')) continue;
      const from = join(options.dataFolder, folder, path);
      const file = await copyInto(from, half, `${folder}/${path}`);
      if (file === undefined) continue;
      files.push(file);
      if (folder === 'objects') objects += 1;
    }
  }
  const objectsElsewhere: string[] = [];
  if (options.bucket !== undefined) {
    for await (const { digest } of options.bucket.list()) {
      if (options.withObjects === false) objectsElsewhere.push(digest);
      else files.push(await copyObject(options.bucket, digest, half));
    }
    objects = files.filter((each) => each.path.startsWith('objects/')).length;
  }
  const manifest: Manifest = {
    format: 1,
    kind: 'base',
    release: VERSION,
    databaseVersion,
    files,
    takenAt: options.now().toISOString(),
    objectsElsewhere,
    tables: [],
  };
  await writeManifest(half, manifest);
  await rename(half, options.target);
  const sizeBytes = files.reduce((sum, each) => sum + each.sizeBytes, 0);
  return { files: files.length, objects, sizeBytes };
}

async function copyObject(
  bucket: ObjectStore,
  digest: string,
  root: string,
): Promise<ManifestFile> {
  const hex = hexOf(digest);
  const path = `objects/${hex.slice(0, 2)}/${hex.slice(2)}`;
  await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
  const bytes = (await bucket.stream(digest)) as unknown as AsyncIterable<Uint8Array>;
  const stored = await writeHashed(join(root, path), bytes);
  if (stored.digest !== digest) throw new Error(`the bucket gave other bytes than ${digest}`);
  return { path, sizeBytes: stored.sizeBytes, sha256: hex };
}

async function copyCluster(
  client: pg.Client,
  clusterFolder: string,
  root: string,
): Promise<ManifestFile[]> {
  // The slot keeps the log from being recycled while the files are copied; it ends with us.
  await client.query(`select pg_create_physical_replication_slot(
    'yinglian_backup_' || pg_backend_pid(), true, true)`);
  await client.query(`select pg_backup_start('yinglian', true)`);
  const files: ManifestFile[] = [];
  for (const folder of await foldersBelow(clusterFolder)) {
    if (!LEFT_OUT.test(`${folder}/`) || !folder.includes('/')) {
      await mkdir(join(root, CLUSTER, folder), { recursive: true, mode: 0o700 });
    }
  }
  const paths = (await filesBelow(clusterFolder)).filter((path) => !LEFT_OUT.test(path));
  await inParallel(paths, async (path) => {
    const file = await copyInto(join(clusterFolder, path), root, `${CLUSTER}/${path}`);
    if (file !== undefined) files.push(file);
  });
  const { rows } = await client.query<{ label: string; last: string }>(`
    select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(false)`);
  const label = rows[0]?.label ?? '';
  const first = /\(file ([0-9A-F]{24})\)/.exec(label)?.[1] ?? '';
  const last = rows[0]?.last ?? '';
  await writeFile(join(root, CLUSTER, 'backup_label'), label, { mode: 0o600 });
  files.push(await entryOf(root, `${CLUSTER}/backup_label`));
  for (const name of await readdir(join(clusterFolder, 'pg_wal'))) {
    const needed = SEGMENT.test(name) ? name >= first && name <= last : name.endsWith('.history');
    if (!needed) continue;
    const from = join(clusterFolder, 'pg_wal', name);
    const file = await copyInto(from, root, `${CLUSTER}/pg_wal/${name}`);
    if (file !== undefined) files.push(file);
  }
  return files;
}

export type RestoreReport = {
  readonly findings: readonly Finding[];
  readonly auditEntries: number;
  readonly migrations: number;
};

/**
 * Restores a backup into an empty data folder whose lock the caller holds, starts the database
 * once, which plays the log back, and proves the audit chain.
 */
export async function restoreBackup(
  source: string,
  dataFolder: string,
  bucket?: ObjectStore,
): Promise<RestoreReport> {
  const refused = (...findings: Finding[]): RestoreReport => ({
    findings,
    auditEntries: 0,
    migrations: 0,
  });
  const account = unprivilegedAccount();
  const place = choosePlace(dataFolder, account);
  const present = ['database.secret', 'objects', 'master.key', 'database'].filter((name) =>
    existsSync(join(dataFolder, name)),
  );
  if (present.length > 0 || existsSync(place.dataFolder)) {
    return refused(finding('occupied_folder', 'error', { facts: { folder: dataFolder } }));
  }
  const { manifest, findings } = await readManifest(source);
  if (manifest === undefined || findings.length > 0) return refused(...findings);
  if (manifest.kind !== 'base') return refused(finding('invalid_manifest', 'error'));
  await copyBack(source, dataFolder, place.dataFolder, manifest, account, bucket);
  const missing = await missingObjects(manifest, bucket);
  const embedded = await startEmbedded({ folder: dataFolder });
  const pool = openPool(embedded.connection, { connections: 2 });
  try {
    const audit = await verifyAudit(openDatabase(pool));
    const { rows } = await pool.query<{ count: bigint }>('select count(*) from kernel.migration');
    return {
      findings: [...audit.findings, ...missing],
      auditEntries: audit.entries,
      migrations: Number(rows[0]?.count ?? 0),
    };
  } finally {
    await pool.end();
    await embedded.stop();
  }
}

/** Objects that the backup left in their bucket have to be there still. */
async function missingObjects(
  manifest: Manifest,
  bucket: ObjectStore | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const digest of manifest.objectsElsewhere) {
    if ((await bucket?.sizeOf(digest)) !== undefined) continue;
    findings.push(finding('missing_file', 'error', { at: { path: digest } }));
  }
  return findings;
}

async function copyBack(
  source: string,
  dataFolder: string,
  clusterFolder: string,
  manifest: Manifest,
  account: Account | undefined,
  bucket: ObjectStore | undefined,
): Promise<void> {
  const half = `${clusterFolder}.restoring`;
  await rm(half, { recursive: true, force: true });
  const own = (path: string): void => {
    if (account !== undefined) chownSync(path, account.uid, account.gid);
  };
  await mkdir(half, { recursive: true, mode: 0o700 });
  own(dirname(half));
  own(half);
  for (const folder of await foldersBelow(join(source, CLUSTER))) {
    await mkdir(join(half, folder), { recursive: true, mode: 0o700 });
    own(join(half, folder));
  }
  await inParallel(manifest.files, async ({ path }) => {
    if (bucket !== undefined && path.startsWith('objects/')) {
      await bucket.putFile(join(source, path));
      return;
    }
    const inCluster = path.startsWith(`${CLUSTER}/`);
    const to = inCluster ? join(half, path.slice(CLUSTER.length + 1)) : join(dataFolder, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(join(source, path), to);
    if (inCluster) own(to);
  });
  await rename(half, clusterFolder);
}
