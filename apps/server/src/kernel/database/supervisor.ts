import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { reasonOf, StartFault } from '../start-fault.ts';
import { type Account, unprivilegedAccount } from './account.ts';
import { type Binaries, prepareBinaries, run } from './binaries.ts';
import { choosePlace, type Place } from './place.ts';
import { commandOf, isAlive, isPostmasterOf, readPidFile } from './postmaster.ts';

/** Our own PostgreSQL: started, adopted after a kill, stopped. */
export type EmbeddedDatabase = {
  readonly connection: Connection;
  readonly version: string;
  readonly pid: number;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly account: Account | undefined;
  /** True when a server left over from a killed process was taken over. */
  readonly adopted: boolean;
  stop(): Promise<void>;
};

export type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

export type SupervisorOptions = {
  /** Yinglian's data folder; the database gets a place in it, or beside it where it must. */
  readonly folder: string;
  readonly account?: Account | undefined;
  readonly packageFolder?: string;
  readonly sharedFolder?: string;
  /** Raise the database again when it dies while we live. */
  readonly watch?: boolean;
  readonly log?: (event: string, facts: Record<string, unknown>) => void;
};

const DATABASE_USER = 'yinglian';
const DATABASE_NAME = 'yinglian';
/** Part of the socket's file name only: nothing listens on the network. */
const SOCKET_PORT = 5432;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
const POLL_MS = 20;
const WATCH_MS = 500;
const RISE_AGAIN_MS = 1000;
const LOG_BYTES_MAX = 8 * 1024 * 1024;

/** Starts the embedded PostgreSQL, or adopts the one that a killed server left running. */
export async function startEmbedded(options: SupervisorOptions): Promise<EmbeddedDatabase> {
  const log = options.log ?? (() => {});
  const account = 'account' in options ? options.account : unprivilegedAccount();
  const place = choosePlace(options.folder, account, options.sharedFolder);
  const binaries = await prepareBinaries({
    account,
    copyFolder: place.binariesFolder,
    ...(options.packageFolder === undefined ? {} : { packageFolder: options.packageFolder }),
  });
  await ensureCluster(place, binaries, account, log);
  checkVersion(place, binaries);
  const connection: Connection = {
    host: place.socketFolder,
    port: SOCKET_PORT,
    user: DATABASE_USER,
    password: readFileSync(place.secretFile, 'utf8').trim(),
    database: DATABASE_NAME,
  };
  const rise = async (): Promise<{ pid: number; adopted: boolean }> => {
    const adopted = await adoptOrClear(place, binaries, connection, log);
    if (adopted === undefined) await launch(place, binaries, account, connection, log);
    const pid = adopted ?? readPidFile(place.dataFolder)?.pid ?? 0;
    return { pid, adopted: adopted !== undefined };
  };
  const first = await rise();
  await ensureDatabase(connection);
  const watch = watchOver(
    first.pid,
    options.watch === true ? place.dataFolder : undefined,
    async () => (await rise()).pid,
    log,
  );
  return {
    connection,
    version: binaries.version,
    get pid() {
      return watch.pid();
    },
    dataFolder: place.dataFolder,
    logFile: place.logFile,
    account,
    adopted: first.adopted,
    async stop() {
      await watch.end();
      await stopPostmaster(watch.pid(), place.dataFolder);
    },
  };
}

/**
 * Raises a database that died under us, by the hand of the system's memory killer for one. It
 * comes back with everything that it acknowledged.
 */
function watchOver(
  first: number,
  dataFolder: string | undefined,
  rise: () => Promise<number>,
  log: NonNullable<SupervisorOptions['log']>,
): { pid(): number; end(): Promise<void> } {
  let pid = first;
  let rising: Promise<void> | undefined;
  let known = false;
  const timer = setInterval(() => {
    if (rising !== undefined || dataFolder === undefined) return;
    if (isPostmasterOf(pid, dataFolder)) return;
    if (!known) log('database_died', { pid });
    // On a full disk it cannot rise, and is tried again quietly until there is room.
    known = true;
    rising = rise()
      .then(
        (risen) => {
          pid = risen;
          known = false;
          log('database_risen', { pid });
        },
        () => pause(RISE_AGAIN_MS),
      )
      .finally(() => void (rising = undefined));
  }, WATCH_MS);
  timer.unref();
  return {
    pid: () => pid,
    async end() {
      clearInterval(timer);
      await rising;
    },
  };
}

/** Makes the cluster under another name first: a killed `initdb` leaves nothing half-made. */
async function ensureCluster(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  log: NonNullable<SupervisorOptions['log']>,
): Promise<void> {
  prepareFolders(place, account);
  if (existsSync(join(place.dataFolder, 'PG_VERSION')) && existsSync(place.secretFile)) return;
  log('database_creating', { folder: place.dataFolder });
  const half = `${place.dataFolder}.half`;
  rmSync(half, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(place.root, 'initdb.secret');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  own(passwordFile, account);
  const result = await run(
    join(binaries.folder, 'bin', 'initdb'),
    [
      `--pgdata=${half}`,
      `--username=${DATABASE_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--data-checksums',
      '--no-instructions',
      // Order by code point: nothing that counts may depend on a version of a collation library.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    account,
  );
  rmSync(passwordFile, { force: true });
  if (result.code !== 0) {
    throw new StartFault('failed_database_start', { reason: result.output.trim(), log: 'initdb' });
  }
  writeFileSync(place.secretFile, password, { mode: 0o600 });
  rmSync(place.dataFolder, { recursive: true, force: true });
  renameSync(half, place.dataFolder);
}

function prepareFolders(place: Place, account: Account | undefined): void {
  for (const folder of [place.root, place.socketFolder]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    own(folder, account);
    chmodSync(folder, 0o700);
    const found = lstatSync(folder);
    const uid = account?.uid ?? process.getuid?.() ?? found.uid;
    if (!found.isDirectory() || found.uid !== uid) {
      const reason = 'it belongs to another user';
      throw new StartFault('unusable_data_folder', { folder, reason });
    }
  }
}

function own(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/** A folder of one major version is never opened by another. */
function checkVersion(place: Place, binaries: Binaries): void {
  const found = readFileSync(join(place.dataFolder, 'PG_VERSION'), 'utf8').trim();
  if (found === String(binaries.major)) return;
  throw new StartFault('mismatched_database_version', { found, expected: binaries.major });
}

/**
 * After a kill the old server may live on. One that is ours, started with the same settings from
 * the same binaries and answering, is adopted; any other is stopped. Gives the pid when adopted.
 */
async function adoptOrClear(
  place: Place,
  binaries: Binaries,
  connection: Connection,
  log: NonNullable<SupervisorOptions['log']>,
): Promise<number | undefined> {
  const file = readPidFile(place.dataFolder);
  if (file === undefined) return undefined;
  if (!isPostmasterOf(file.pid, place.dataFolder)) {
    log('database_pid_stale', { pid: file.pid });
    rmSync(join(place.dataFolder, 'postmaster.pid'), { force: true });
    return undefined;
  }
  const expected = [join(binaries.folder, 'bin', 'postgres'), ...settings(place)].join(' ');
  if (commandOf(file.pid) === expected && (await answers(connection, place.dataFolder))) {
    log('database_adopted', { pid: file.pid });
    return file.pid;
  }
  log('database_orphan_stopping', { pid: file.pid });
  await stopPostmaster(file.pid, place.dataFolder);
  return undefined;
}

/** True when the server on our socket serves this very folder. */
async function answers(connection: Connection, dataFolder: string): Promise<boolean> {
  const client = new pg.Client({
    ...connection,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const result = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    const folder = result.rows[0]?.folder ?? '';
    return statSync(folder).ino === statSync(dataFolder).ino;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Settings for a small machine. They stand on the command line, so that the file in the data
 * folder stays as `initdb` made it and an orphan with other settings is recognised.
 */
function settings(place: Place): string[] {
  const values: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: place.socketFolder,
    unix_socket_permissions: '0700',
    port: String(SOCKET_PORT),
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    wal_level: 'replica',
    shared_buffers: '48MB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    effective_cache_size: '512MB',
    max_connections: '48',
    max_worker_processes: '4',
    max_parallel_workers: '2',
    max_wal_senders: '2',
    max_replication_slots: '2',
    autovacuum_max_workers: '2',
    min_wal_size: '48MB',
    max_wal_size: '512MB',
    // The default keeps three more processes alive, which a small machine does not need.
    io_method: 'sync',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
  };
  const list = Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', place.dataFolder, ...list];
}

async function launch(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  connection: Connection,
  log: NonNullable<SupervisorOptions['log']>,
): Promise<void> {
  shortenLog(place.logFile);
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    // The log is a file and no pipe: a server that outlives us must not die writing to it.
    const logFile = openSync(place.logFile, 'a', 0o600);
    const from = statSync(place.logFile).size;
    const child = spawn(join(binaries.folder, 'bin', 'postgres'), settings(place), {
      cwd: '/',
      stdio: ['ignore', logFile, logFile],
      // A group of its own: Ctrl-C at the terminal reaches us first, and we stop it in order.
      detached: true,
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    closeSync(logFile);
    let ended: string | undefined;
    child.on('error', (error) => void (ended = reasonOf(error)));
    child.on('exit', (code, signal) => void (ended = `exit ${signal ?? code}`));
    child.unref();
    while (ended === undefined && !(await isReady(place, connection))) {
      if (Date.now() > deadline) ended = 'it does not answer';
      await pause(POLL_MS);
    }
    if (ended === undefined) {
      log('database_started', { pid: child.pid });
      return;
    }
    const said = readFileSync(place.logFile).subarray(from).toString().trim();
    // Children of a killed postmaster hold its memory for a moment longer: wait them out.
    if (said.includes('pre-existing shared memory block') && Date.now() < deadline) {
      await pause(200);
      continue;
    }
    if (said.includes('.lock" already exists') && Date.now() < deadline) {
      clearSocket(place);
      await pause(200);
      continue;
    }
    const reason = `${ended}: ${said.split('\n').slice(-3).join(' ')}`;
    throw new StartFault('failed_database_start', { reason, log: place.logFile });
  }
}

/**
 * Removes the socket of a postmaster that is no more. A killed one whose parent has not buried it
 * yet still has a process number, which PostgreSQL takes for life; its folder tells otherwise.
 */
function clearSocket(place: Place): void {
  const lock = join(place.socketFolder, `.s.PGSQL.${SOCKET_PORT}.lock`);
  const pid = Number(existsSync(lock) ? readFileSync(lock, 'utf8').split('\n')[0] : 0);
  if (pid > 0 && isPostmasterOf(pid, place.dataFolder)) return;
  rmSync(lock, { force: true });
  rmSync(join(place.socketFolder, `.s.PGSQL.${SOCKET_PORT}`), { force: true });
}

/** Looks at the socket's file first, since a refused connection costs more than a look. */
async function isReady(place: Place, connection: Connection): Promise<boolean> {
  if (!existsSync(join(place.socketFolder, `.s.PGSQL.${SOCKET_PORT}`))) return false;
  return answers(connection, place.dataFolder);
}

function shortenLog(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX) {
    renameSync(logFile, `${logFile}.1`);
  }
}

async function ensureDatabase(connection: Connection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [
      DATABASE_NAME,
    ]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  } finally {
    await client.end();
  }
}

/** Fast shutdown, then immediate, then the kill that PostgreSQL recovers from. */
export async function stopPostmaster(pid: number, dataFolder: string): Promise<void> {
  const steps: readonly [NodeJS.Signals, number][] = [
    ['SIGINT', STOP_WITHIN_MS],
    ['SIGQUIT', STOP_WITHIN_MS / 4],
    ['SIGKILL', STOP_WITHIN_MS / 4],
  ];
  for (const [signal, withinMs] of steps) {
    if (!isAlive(pid) || !isPostmasterOf(pid, dataFolder)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      if (!isAlive(pid) || !isPostmasterOf(pid, dataFolder)) return;
      await pause(POLL_MS);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
