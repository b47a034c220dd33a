// A real network for benches: an embedded PostgreSQL, the built server as a process of its own
// beside it, and the owner's session. Records that no person would type are written through the
// pool, into the real schema.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract, createClient } from '@yinglian/contract';

const SERVER = join(import.meta.dirname, '..', '..', 'apps', 'server', 'dist');
const READY_WITHIN_MS = 120_000;
/** Of Linux: a tick of the clock in which /proc counts CPU time. */
const TICKS_A_SECOND = 100;

/** Why no server can be started here; undefined when one can. */
export const missingServer = () =>
  existsSync(join(SERVER, 'main.js')) ? undefined : 'the server is not built';

/** Starts database and server in a new folder. `stop()` ends both and removes the folder. */
export async function startNetwork(environment = {}) {
  const { startEmbedded } = await import(join(SERVER, 'kernel', 'database', 'supervisor.js'));
  const { openPool } = await import(join(SERVER, 'kernel', 'database', 'database.js'));
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-bench-'));
  const embedded = await startEmbedded({ folder });
  const { user, password, host, port, database } = embedded.connection;
  const databaseUrl = `postgresql://${user}:${encodeURIComponent(password)}@${encodeURIComponent(
    host,
  )}:${port}/${database}`;
  const pool = openPool(embedded.connection);
  const network = { folder, pool, port: await freePort(), databasePid: embedded.pid };
  const start = async () => {
    const env = {
      ...process.env,
      PORT: String(network.port),
      YINGLIAN_DATA: folder,
      YINGLIAN_DATABASE_URL: databaseUrl,
      ...environment,
    };
    const child = spawn(process.execPath, [join(SERVER, 'main.js')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    network.child = child;
    await ready(child, `http://127.0.0.1:${network.port}`, (token) => (network.token = token));
  };
  const end = async (signal) => {
    const { child } = network;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  await start();
  return Object.assign(network, {
    url: `http://127.0.0.1:${network.port}`,
    start,
    kill: () => end('SIGKILL'),
    /** What the server holds in memory now; 0 where the system does not say. */
    residentBytes: () => residentOf(network.child.pid),
    async stop() {
      await end('SIGTERM');
      await pool.end();
      await embedded.stop();
      // As root the cluster lies beside the data folder, under an account of its own.
      rmSync(join(embedded.dataFolder, '..'), { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

async function ready(child, url, onToken) {
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    const token = /\/owner#([\w-]+)/.exec(output)?.[1];
    if (token !== undefined) onToken(token);
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${output}`);
    const isUp = await fetch(`${url}/health`).then(
      (each) => each.ok,
      () => false,
    );
    if (isUp && output.includes('is ready')) return;
    if (Date.now() > deadline) throw new Error(`the server is not ready: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Somebody at the network: a client that keeps its session, and the session's cookie. */
export function newSession(network) {
  let cookie = '';
  const client = createClient(contract, {
    baseUrl: network.url,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      if (cookie !== '') headers.set('cookie', cookie);
      const response = await fetch(url, { ...init, headers });
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return response;
    },
  });
  return { client, cookie: () => cookie };
}

/** The owner of the network, signed in, with one organisation. */
export async function signIn(network, kind = 'distributor') {
  const { client, cookie } = newSession(network);
  const password = 'correct horse battery';
  await client.session.claimOwnerLink({
    body: { token: network.token, name: 'bench', email: 'bench@example.org', password },
  });
  const organisation = await client.organisations.create({
    body: { name: 'bench', nameEnglish: null, kind, creditCode: null },
  });
  return { client, cookie, organisationId: organisation.id };
}

/** CPU seconds that a process has used so far; 0 where the system does not say. */
export function cpuOf(pid, fieldCount = 2) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    // Its own, in the program and in the kernel; then that of its children which ended.
    const ticks = fields.slice(11, 11 + fieldCount).map(Number);
    return ticks.reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}

function residentOf(pid) {
  try {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** What PostgreSQL does by itself, whoever asks what: the rest serve connections. */
const BY_ITSELF = /checkpointer|background writer|walwriter|autovacuum|logical replication/;

/** CPU seconds of all connections that a database has served, without its own housekeeping. */
export function cpuOfBackends(pid) {
  const housekeepers = childrenOf(pid).filter((each) => BY_ITSELF.test(commandOf(each)));
  return housekeepers.reduce((sum, each) => sum - cpuOf(each), cpuOfFamily(pid));
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** CPU seconds of a process and of all that it started, whether they still run or not. */
export function cpuOfFamily(pid) {
  return childrenOf(pid).reduce((sum, each) => sum + cpuOf(each), cpuOf(pid, 4));
}

function childrenOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean);
  } catch {
    // Ended, or another system.
    return [];
  }
}

/** Rows of objects into a table, by one statement a thousand: columns are the objects' names. */
export async function insertRows(pool, table, rows, types = {}) {
  const ROWS_A_STATEMENT = 5000;
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]);
  const casts = columns.map((each) => `(each->>'${each}')::${types[each] ?? 'text'}`).join(', ');
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) {
    await pool.query(
      `insert into ${table} (${columns.join(', ')})
       select ${casts} from json_array_elements($1::json) as each`,
      [JSON.stringify(rows.slice(at, at + ROWS_A_STATEMENT))],
    );
  }
}

/** An id that says what it is of, made here and in SQL alike. */
export const uuid = (kind, n) => `0199${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
export const idOf = (kind, number) =>
  `('0199${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** Seals as the server of a data folder seals what lies under its own key. */
export async function sealFor(folder, purpose, plain) {
  const { openVault } = await import(join(SERVER, 'kernel', 'vault.js'));
  return openVault(folder, undefined).seal(purpose, plain);
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
