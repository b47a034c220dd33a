// Keys of a national release in one job, through the real server: 13,300 cinemas, 91,000 screens
// with a certificate of their own each, three versions of one film booked everywhere. One request
// orders them all; the server is killed in the middle and goes on where it was. Signing alone,
// RSA-2048 on all cores in the same run, is the limit. All of it is generated.
//
//   node bench/keys-nation.mjs --scale=0.02       a fiftieth of the nation
//   node bench/keys-nation.mjs --scale=1 --kills=2
import { makeCertificate, makeChain, readCertificate, thumbprintOf } from '@yinglian/certificates';
import { planSchema } from '@yinglian/contract';
import { addDays, encodeUtf8 } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, randomBytes } from '@yinglian/host';
import { isMain } from './measure.mjs';
import {
  cpuOf,
  cpuOfFamily,
  idOf,
  insertRows,
  missingServer,
  sealFor,
  signIn,
  startNetwork,
  uuid,
} from './support/network.mjs';
import { printTable } from './table.mjs';

export const name = 'keys of a national release';

const argument = (word, otherwise) =>
  Number(
    process.argv.find((each) => each.startsWith(`--${word}=`))?.slice(word.length + 3) ?? otherwise,
  );
const SCALE = argument('scale', process.env['YINGLIAN_BENCH_SCALE'] ?? 0.02);
const KILLS = argument('kills', 1);
const CINEMAS = Math.max(1, Math.round(13_300 * SCALE));
const SCREENS = Math.max(1, Math.round(91_000 * SCALE));
const VERSIONS = 3;
const SIGNATURES = 2000;
const AHEAD = 16;
const LOOK_MS = 500;
const DAY_MS = 86_400_000;
/** Certificates know whole seconds. */
const inDays = (days) => Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS;

export async function run() {
  const reason = missingServer();
  if (reason !== undefined) {
    process.stderr.write(`not measured: ${reason}\n`);
    return [];
  }
  const network = await startNetwork({ YINGLIAN_LOG: 'warn' });
  try {
    const { client, organisationId } = await signIn(network);
    const releaseId = await seed(network, organisationId);
    const before = await signingLimit();
    const made = await issueAll(network, client, releaseId);
    const after = await signingLimit();
    await judge(network.pool, made);
    return rowsOf(made, before, after);
  } finally {
    await network.stop();
  }
}

/** Milliseconds of clock and of processor for one signature, with all cores at work. */
async function signingLimit() {
  const { privateKey } = await generateRsaKey();
  const text = encodeUtf8('x'.repeat(1500));
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const running = [];
  for (let n = 0; n < SIGNATURES; n++) {
    running.push(nodeCryptography.signRsa('sha256', privateKey, text));
    if (running.length >= AHEAD) await running.shift();
  }
  await Promise.all(running);
  const used = process.cpuUsage(cpu);
  return {
    wall: (performance.now() - began) / SIGNATURES,
    cpu: (used.user + used.system) / 1000 / SIGNATURES,
  };
}

/** One order; the server is killed now and then, and the job is looked at until it ended. */
async function issueAll(network, client, releaseId) {
  const usage = () => ({
    server: cpuOf(network.child.pid),
    database: cpuOfFamily(network.databasePid),
  });
  const cpu = { server: 0, database: 0 };
  let last = usage();
  const count = () => {
    const now = usage();
    cpu.server += Math.max(0, now.server - last.server);
    cpu.database += Math.max(0, now.database - last.database);
    last = now;
  };
  const began = performance.now();
  const { jobIds } = await client.releases.issueKeys({ params: { id: releaseId }, body: {} });
  const orderedMs = performance.now() - began;
  if (jobIds.length !== 1) throw new Error(`${jobIds.length} jobs instead of one`);
  const [id] = jobIds;
  let killed = 0;
  let downMs = 0;
  let peakBytes = 0;
  let shown = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    count();
    peakBytes = Math.max(peakBytes, network.residentBytes());
    const job = await jobOf(client, id);
    if (job === undefined) continue;
    if (job.progress < shown) throw new Error(`progress fell from ${shown} to ${job.progress}`);
    shown = job.progress ?? shown;
    if (job.state === 'failed') throw new Error(JSON.stringify(job.findings?.slice(0, 3)));
    if (job.state === 'done') break;
    if (killed < KILLS && shown > (killed + 1) / (KILLS + 1)) {
      const from = performance.now();
      await network.kill();
      await network.start();
      downMs += performance.now() - from;
      killed += 1;
      last = usage();
    }
  }
  const wall = performance.now() - began - downMs;
  process.stderr.write(
    `  ordered in ${(orderedMs / 1000).toFixed(1)} s, ${killed} kills, most memory ` +
      `${(peakBytes / 2 ** 20).toFixed(0)} MiB; CPU seconds of the server ` +
      `${cpu.server.toFixed(1)}, of the database ${cpu.database.toFixed(1)}\n`,
  );
  return { wall, cpu, keys: SCREENS * VERSIONS, jobId: id };
}

/** Undefined where a machine that is busy elsewhere does not answer in time. */
const jobOf = (client, id) =>
  client.jobs.get({ params: { id } }).catch((thrown) => {
    if (thrown.problem?.status !== 503) throw thrown;
    return undefined;
  });

/** Each screen has one key of each version, whatever was killed. */
async function judge(pool, { jobId, keys }) {
  const { rows } = await pool.query(
    `select count(*)::int as keys, count(distinct (screen_id, composition_id))::int as places,
       count(distinct file_id)::int as files from distribution.key where job_id = $1`,
    [jobId],
  );
  const [{ keys: made, places, files }] = rows;
  if (made !== keys || places !== keys || files !== keys) {
    throw new Error(`${made} keys for ${places} places in ${files} files instead of ${keys}`);
  }
}

function rowsOf({ wall, cpu, keys }, before, after) {
  const limit = { wall: (before.wall + after.wall) / 2, cpu: (before.cpu + after.cpu) / 2 };
  const row = (what, ours, bound) => ({
    what: `${what} ÷ RSA-2048 signature`,
    unit: 'ms each',
    ours,
    limit: bound,
    ratio: ours / bound,
    cpuSeconds: cpu.server + cpu.database,
  });
  const perSecond = (1000 / (wall / keys)).toFixed(0);
  process.stderr.write(`  ${keys} keys in ${(wall / 1000).toFixed(0)} s: ${perSecond} a second\n`);
  return [
    row('key stored, wall', wall / keys, limit.wall),
    row('key stored, CPU of the server', (cpu.server * 1000) / keys, limit.cpu),
    row(
      'key stored, CPU of server and database',
      ((cpu.server + cpu.database) * 1000) / keys,
      limit.cpu,
    ),
  ];
}

async function seed(network, organisationId) {
  const { pool } = network;
  const began = performance.now();
  await pool.query(`
    insert into exhibition.cinema (id, keeper_id, name, code, city)
    select ${idOf('c1e0', 'n')}, '${organisationId}', 'cinema ' || n, (10000000 + n)::text, 'city'
    from generate_series(0, ${CINEMAS - 1}) as n`);
  await pool.query(`
    insert into exhibition.screen (id, cinema_id, name, number, seats, formats)
    select ${idOf('5c4e', 'n')}, ${idOf('c1e0', `n % ${CINEMAS}`)}, (n / ${CINEMAS} + 1)::text,
      n / ${CINEMAS} + 1, 120, '{2D}'
    from generate_series(0, ${SCREENS - 1}) as n`);
  await seedDevices(pool);
  const releaseId = await seedRelease(network, organisationId);
  await pool.query('analyze');
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stderr.write(`  ${CINEMAS} cinemas, ${SCREENS} certified screens in ${seconds} s\n`);
  return releaseId;
}

/** A certificate for each screen, all of one maker; one public key is as good as another here. */
async function seedDevices(pool) {
  const DEVICES_A_ROUND = 1000;
  const [root, intermediate, leaf] = await Promise.all([1, 2, 3].map(() => generateRsaKey()));
  const dates = { notBefore: inDays(-30), notAfter: inDays(3000) };
  const names = { organization: 'maker.example', organizationUnit: 'maker.example' };
  const serials = { root: 1n, intermediate: 2n, leaf: 3n };
  const maker = await makeChain(
    { ...names, ...dates, name: 'maker.model', roles: ['SM', 'MIC'], serials },
    { root, intermediate, leaf },
    nodeCryptography,
  );
  const [, issuer, top] = maker.value;
  const above = [issuer, top].map((each) => Buffer.from(each.der).toString('hex'));
  const deviceOf = async (n) => {
    const request = {
      kind: 'leaf',
      organizationUnit: 'maker.example',
      roles: ['SM', 'MIC'],
      entity: `maker.model.${n}`,
      publicKey: root.publicKey,
      serial: BigInt(100 + n),
      ...dates,
    };
    const by = { privateKey: intermediate.privateKey, certificate: issuer };
    const made = await makeCertificate(request, by, nodeCryptography);
    const { der } = made.value;
    const certificates = [Buffer.from(der).toString('hex'), ...above].map((hex) => `"\\\\x${hex}"`);
    return {
      id: uuid('de11', n),
      screen_id: uuid('5c4e', n),
      kind: 'media_block',
      serial: String(n),
      thumbprint: thumbprintOf(readCertificate(der).value, nodeCryptography),
      certificates: `{${certificates.join()}}`,
      not_before: new Date(dates.notBefore).toISOString(),
      not_after: new Date(dates.notAfter).toISOString(),
    };
  };
  const instant = 'timestamptz';
  const types = { id: 'uuid', screen_id: 'uuid', certificates: 'bytea[]' };
  for (let at = 0; at < SCREENS; at += DEVICES_A_ROUND) {
    const count = Math.min(DEVICES_A_ROUND, SCREENS - at);
    const devices = await Promise.all(Array.from({ length: count }, (_, n) => deviceOf(at + n)));
    const columns = { ...types, not_before: instant, not_after: instant };
    await insertRows(pool, 'exhibition.device', devices, columns);
  }
}

async function seedRelease(network, organisationId) {
  const { pool } = network;
  const film = uuid('f110', 0);
  const releaseId = uuid('4e1e', 0);
  const today = new Date().toISOString().slice(0, 10);
  const plan = JSON.stringify(
    planSchema.parse({
      versions: Array.from({ length: VERSIONS }, (_, n) => ({
        filmVersionId: uuid('4e45', n),
        format: ['2D', '3D', 'IMAX'][n],
        filmCode: `00110001202${n}`,
      })),
      periods: [{ kind: 'run', from: today, to: addDays(today, 20), standards: [] }],
      cityClasses: [],
    }),
  );
  const own = [film, organisationId];
  await pool.query(`insert into film.film (id, owner_id, title) values ($1, $2, '长夜')`, own);
  await pool.query(
    `insert into kernel.room_member (film_id, organisation_id, halls, owner)
     values ($1, $2, '{distribution}', true)`,
    own,
  );
  await pool.query(
    `insert into distribution.release (id, organisation_id, film_id, revision, state, plan)
     values ($1, $2, $3, 1, 'announced', $4)`,
    [releaseId, organisationId, film, plan],
  );
  await pool.query(`insert into distribution.release_revision values ($1, 1, $2, now(), 'bench')`, [
    releaseId,
    plan,
  ]);
  for (let n = 0; n < VERSIONS; n++) await seedPackage(network, own, n);
  await pool.query(
    `insert into distribution.booking (id, release_id, organisation_id, film_id, film_version_id,
       format, cinema_id, screen_ids, first_day, last_day, state)
     select ${idOf('b001', `n * ${VERSIONS} + v`)}, $1, $2, $3, ${idOf('4e45', 'v')}, '2D',
       ${idOf('c1e0', 'n')}, (select array_agg(${idOf('5c4e', 's')})
         from generate_series(n, ${SCREENS - 1}, ${CINEMAS}) as s),
       $4::date, $4::date + 20, 'confirmed'
     from generate_series(0, ${CINEMAS - 1}) as n, generate_series(0, ${VERSIONS - 1}) as v`,
    [releaseId, organisationId, film, today],
  );
  return releaseId;
}

/** A package of one composition, whose two content keys lie under the server's own key. */
async function seedPackage({ pool, folder }, [film, organisationId], n) {
  await pool.query(
    `insert into film.version (id, film_id, ordinal, format) values ($1, $2, $3, $4)`,
    [uuid('4e45', n), film, n, ['2D', '3D', 'IMAX'][n]],
  );
  const title = `ChangYe_FTR-${n}_S_ZH-XX_CN_51_2K_YLN_20261120_YLN_SMPTE_OV`;
  const compositionId = uuid('c910', n);
  const composition = { id: compositionId, title, editRate: '24', durationFrames: 2880, reels: 1 };
  await pool.query(
    `insert into distribution.package (id, organisation_id, film_id, film_version_id, title,
       standard, state, encrypted, options, compositions)
     values ($1, $2, $3, $4, $5, 'smpte', 'passed', true, '{}', $6)`,
    [uuid('9ac4', n), organisationId, film, uuid('4e45', n), title, JSON.stringify([composition])],
  );
  for (const [index, keyType] of ['MDIK', 'MDAK'].entries()) {
    const sealed = await sealFor(folder, 'distribution.content_key', randomBytes(16));
    await pool.query(`insert into distribution.content_key values ($1, $2, $3, $4, $5)`, [
      uuid('9ac4', n),
      uuid('ce11', n * 2 + index),
      compositionId,
      keyType,
      Buffer.from(sealed),
    ]);
  }
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
