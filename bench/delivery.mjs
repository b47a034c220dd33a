// Two hundred agents at once against one server on loopback, each fetching a package that all of
// them want and one that only few want; then the same agents fetch the same files from nginx, in
// the same run and in turns. The agents are the real ones: they verify every piece, write it to
// the disk, read it back and publish. Wall and CPU of all that takes part are counted.
//
//   node bench/delivery.mjs --agents=200 --mib=8 --turns=2
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain } from './measure.mjs';
import {
  cpuOf,
  freePort,
  insertRows,
  missingServer,
  signIn,
  startNetwork,
  uuid,
} from './support/network.mjs';
import { printTable } from './table.mjs';

export const name = 'delivery to 200 agents, against nginx';

const argument = (word, otherwise) =>
  Number(
    process.argv.find((each) => each.startsWith(`--${word}=`))?.slice(word.length + 3) ?? otherwise,
  );
const AGENTS = argument('agents', 200);
const FILE_MIB = argument('mib', 8);
const TURNS = argument('turns', 2);
/** Agents that share a package besides the common one. */
const AGENTS_A_PACKAGE = 10;
const CLIENTS = 2;
const MIB = 1024 * 1024;
/** Long answers for the bare transport: what one request of an agent for a long file asks. */
const BARE_MIB = 64;
const BARE_CONNECTIONS = 200;

export async function run() {
  const reason = missingServer() ?? missingNginx();
  if (reason !== undefined) {
    process.stderr.write(`not measured: ${reason}\n`);
    return [];
  }
  const network = await startNetwork({ YINGLIAN_LOG: 'warn' });
  const nginx = await startNginx(join(network.folder, 'objects'));
  try {
    const { organisationId } = await signIn(network);
    const bare = await seed(network, organisationId);
    return [...(await measureAgents(network, nginx)), ...(await measureBare(network, nginx, bare))];
  } finally {
    await nginx.stop();
    await network.stop();
  }
}

const missingNginx = () =>
  spawnSync('nginx', ['-v']).error === undefined
    ? undefined
    : 'nginx is not installed (Debian: nginx-light)';

async function startNginx(objects) {
  const folder = join(objects, '..', 'nginx');
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const configuration = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
    worker_processes auto; user root;
    events { worker_connections 4096; }
    http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
      client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
      uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
      server { listen 127.0.0.1:${port}; root ${objects}; } }`;
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const child = spawn(
    'nginx',
    ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  if (child.exitCode !== null) throw new Error('nginx did not start');
  const children = () =>
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  return {
    url: `http://127.0.0.1:${port}`,
    cpu: () => [child.pid, ...children()].reduce((sum, pid) => sum + cpuOf(pid), 0),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const tokenOf = (n) => `yls_bench-agent-of-cinema-number-${n}`;

/** Cinemas with their boxes, packages with their files, and bookings between them. */
async function seed({ pool, folder }, organisationId) {
  const film = uuid('f110', 1);
  const now = new Date().toISOString();
  const today = now.slice(0, 10);
  await insertRows(pool, 'film.film', [{ id: film, owner_id: organisationId, title: '远路' }], {
    id: 'uuid',
    owner_id: 'uuid',
  });
  const release = {
    id: uuid('4e1e', 1),
    organisation_id: organisationId,
    film_id: film,
    revision: 1,
    state: 'announced',
    plan: '{}',
  };
  await insertRows(pool, 'distribution.release', [release], {
    id: 'uuid',
    organisation_id: 'uuid',
    film_id: 'uuid',
    revision: 'int',
    plan: 'json',
  });
  const own = Math.ceil(AGENTS / AGENTS_A_PACKAGE);
  for (let n = 0; n <= own; n++) {
    const bytes = randomBytes(FILE_MIB * MIB);
    await insertRows(
      pool,
      'film.version',
      [{ id: uuid('4e45', n), film_id: film, ordinal: n, format: '2D' }],
      { id: 'uuid', film_id: 'uuid', ordinal: 'int' },
    );
    await insertRows(
      pool,
      'distribution.package',
      [
        {
          id: uuid('9ac4', n),
          organisation_id: organisationId,
          film_id: film,
          film_version_id: uuid('4e45', n),
          title: `FILM-${n}_FTR`,
          standard: 'smpte',
          state: 'passed',
          encrypted: false,
          options: '{}',
          size_bytes: bytes.length,
        },
      ],
      {
        id: 'uuid',
        organisation_id: 'uuid',
        film_id: 'uuid',
        film_version_id: 'uuid',
        encrypted: 'boolean',
        options: 'json',
        size_bytes: 'bigint',
      },
    );
    await putFile(pool, folder, organisationId, { n, bytes });
  }
  const bare = randomBytes(BARE_MIB * MIB);
  const digest = await putFile(pool, folder, organisationId, { n: own, bytes: bare, path: 'bare' });
  await seedCinemas(pool, { film, release: release.id, organisationId, today, own });
  await pool.query('analyze');
  return digest;
}

async function putFile(pool, folder, organisationId, { n, bytes, path = 'picture.mxf' }) {
  const hex = createHash('sha256').update(bytes).digest('hex');
  mkdirSync(join(folder, 'objects', hex.slice(0, 2)), { recursive: true });
  writeFileSync(join(folder, 'objects', hex.slice(0, 2), hex.slice(2)), bytes);
  const id = uuid(path === 'bare' ? 'ba4e' : 'f11e', n);
  // The long file belongs to a package that nobody fetches.
  const owner = path === 'bare' ? n + 1 : n;
  await insertRows(
    pool,
    'kernel.file',
    [
      {
        id,
        organisation_id: organisationId,
        name: path,
        media_type: 'application/mxf',
        size_bytes: bytes.length,
        digest: `sha256:${hex}`,
      },
    ],
    { id: 'uuid', organisation_id: 'uuid', size_bytes: 'bigint' },
  );
  if (owner === n) {
    await insertRows(
      pool,
      'distribution.package_file',
      [{ package_id: uuid('9ac4', n), path, file_id: id }],
      { package_id: 'uuid', file_id: 'uuid' },
    );
  }
  return `sha256:${hex}`;
}

async function seedCinemas(pool, { film, release, organisationId, today, own }) {
  const all = Array.from({ length: AGENTS }, (_, n) => n);
  await insertRows(
    pool,
    'exhibition.cinema',
    all.map((n) => ({
      id: uuid('c1e0', n),
      keeper_id: organisationId,
      name: `cinema ${n}`,
    })),
    { id: 'uuid', keeper_id: 'uuid' },
  );
  await insertRows(
    pool,
    'distribution.site',
    all.map((n) => ({
      id: uuid('517e', n),
      organisation_id: organisationId,
      cinema_id: uuid('c1e0', n),
      name: 'box',
      token_hash: createHash('sha256').update(tokenOf(n)).digest('hex'),
    })),
    { id: 'uuid', organisation_id: 'uuid', cinema_id: 'uuid' },
  );
  const bookings = all.flatMap((n) =>
    [0, 1 + (n % own)].map((which, k) => ({
      id: uuid(`b00${k}`, n),
      release_id: release,
      organisation_id: organisationId,
      film_id: film,
      film_version_id: uuid('4e45', which),
      format: '2D',
      cinema_id: uuid('c1e0', n),
      screen_ids: '{}',
      first_day: today,
      last_day: today,
      state: 'confirmed',
    })),
  );
  await insertRows(pool, 'distribution.booking', bookings, {
    id: 'uuid',
    release_id: 'uuid',
    organisation_id: 'uuid',
    film_id: 'uuid',
    film_version_id: 'uuid',
    cinema_id: 'uuid',
    screen_ids: 'uuid[]',
    first_day: 'date',
    last_day: 'date',
  });
}

async function measureAgents(network, nginx) {
  const ours = { wall: 0, cpu: 0, server: 0, bytes: 0 };
  const theirs = { wall: 0, cpu: 0, server: 0, bytes: 0 };
  // The first turn reads the hashes of pieces and warms up both.
  await turn(network, nginx, 'ours', { wall: 0, cpu: 0, server: 0, bytes: 0 });
  for (let n = 0; n < TURNS; n++) {
    await turn(network, nginx, 'ours', ours);
    await turn(network, nginx, 'nginx', theirs);
  }
  const rate = (sum) => sum.bytes / MIB / sum.wall;
  process.stderr.write(
    `  throughput ${rate(ours).toFixed(0)} and ${rate(theirs).toFixed(0)} MiB/s: ` +
      `${(rate(ours) / rate(theirs)).toFixed(2)} of nginx; the serving alone took ` +
      `${ours.server.toFixed(1)} and ${theirs.server.toFixed(1)} CPU seconds\n`,
  );
  const row = (what, unit, a, b) => ({
    what,
    unit,
    ours: a,
    limit: b,
    ratio: a / b,
    cpuSeconds: ours.cpu,
  });
  return [
    row(`${AGENTS} agents at once, wall`, 's', ours.wall, theirs.wall),
    row(`${AGENTS} agents at once, CPU of all`, 's', ours.cpu, theirs.cpu),
  ];
}

/** All agents begin at once and fetch everything into empty folders. */
async function turn(network, nginx, who, sum) {
  const folder = join(tmpdir(), `yinglian-bench-sites-${process.pid}`);
  const children = Array.from({ length: CLIENTS }, (_, n) =>
    spawn(process.execPath, [join(import.meta.dirname, 'support', 'agents.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        BENCH_AGENTS: JSON.stringify({
          server: network.url,
          nginx: who === 'nginx' ? nginx.url : null,
          folder: join(folder, String(n)),
          tokens: Array.from({ length: AGENTS }, (_, i) => tokenOf(i)).filter(
            (_, i) => i % CLIENTS === n,
          ),
        }),
      },
    }),
  );
  try {
    await Promise.all(children.map((child) => lineOf(child, 'ready')));
    const serving = () => (who === 'nginx' ? nginx.cpu() : cpuOf(network.child.pid));
    const before = serving();
    const began = performance.now();
    for (const child of children) child.stdin.end('go\n');
    const done = await Promise.all(children.map((child) => lineOf(child, 'done')));
    sum.wall += (performance.now() - began) / 1000;
    const server = serving() - before;
    sum.server += server;
    sum.cpu += server + done.reduce((all, each) => all + each.cpu, 0);
    sum.bytes += AGENTS * 2 * FILE_MIB * MIB;
    if (done.some((each) => each.faults > 0 || each.whole !== each.agents)) {
      throw new Error(`not every package arrived: ${JSON.stringify(done)}`);
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function lineOf(child, word) {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk) => {
      text += chunk;
      const line = text.split('\n').find((each) => each.startsWith(word));
      if (line === undefined || !text.includes('\n')) return;
      child.stdout.off('data', onData);
      resolve(line === word ? undefined : JSON.parse(line.slice(word.length)));
    };
    child.stdout.on('data', onData);
    child.once('exit', (code) => reject(new Error(`agents ended with ${code}`)));
  });
}

/** Bare transport: long ranges into nothing, over as many kept connections. */
async function measureBare(network, nginx, digest) {
  const hex = digest.slice(7);
  const targets = {
    ours: {
      url: new URL(`${network.url}/api/site/files/${digest}`),
      cpu: () => cpuOf(network.child.pid),
    },
    nginx: { url: new URL(`${nginx.url}/${hex.slice(0, 2)}/${hex.slice(2)}`), cpu: nginx.cpu },
  };
  await network.pool.query(`insert into distribution.package_file values ($1, 'bare', $2)`, [
    uuid('9ac4', 0),
    uuid('ba4e', Math.ceil(AGENTS / AGENTS_A_PACKAGE)),
  ]);
  const sums = { ours: { wall: 0, server: 0 }, nginx: { wall: 0, server: 0 } };
  for (let n = 0; n <= TURNS; n++) {
    for (const [who, { url, cpu }] of Object.entries(targets)) {
      const [began, before] = [performance.now(), cpu()];
      await Promise.all(Array.from({ length: BARE_CONNECTIONS }, (_, i) => swallow(url, i)));
      if (n === 0) continue;
      sums[who].wall += (performance.now() - began) / 1000;
      sums[who].server += cpu() - before;
    }
  }
  const gib = (TURNS * BARE_CONNECTIONS * BARE_MIB) / 1024;
  const row = (what, unit, ours, limit) => ({
    what,
    unit,
    ours,
    limit,
    ratio: ours / limit,
    cpuSeconds: sums.ours.server,
  });
  return [
    row(`${BARE_CONNECTIONS} bare readers, wall`, 's', sums.ours.wall, sums.nginx.wall),
    row('CPU of the serving', 's/GiB', sums.ours.server / gib, sums.nginx.server / gib),
  ];
}

/** Reads one answer to its end into one small buffer, without looking at it. */
function swallow(url, n) {
  return new Promise((resolve, reject) => {
    const wanted = BARE_MIB * MIB;
    let seen = 0;
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      onread: {
        buffer: Buffer.alloc(256 * 1024),
        callback(length) {
          seen += length;
          if (seen >= wanted) socket.destroy();
          return true;
        },
      },
    });
    socket.on('connect', () => {
      socket.write(
        `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n` +
          `Authorization: Site ${tokenOf(n % AGENTS)}\r\nRange: bytes=0-${wanted - 1}\r\n\r\n`,
      );
    });
    socket.on('error', reject);
    socket.on('close', () =>
      seen >= wanted ? resolve() : reject(new Error(`${seen} bytes of ${wanted}`)),
    );
  });
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
