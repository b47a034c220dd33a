// A generated national release in the real schema, and the board over it through the real server:
// 13,300 cinemas, 91,000 screens, three versions of one film booked everywhere, a key for every
// screen, and the shows of five days of all screens, of which two in five are this film's. All of
// it is generated; none of it is real. The limit of each row is 100 ms. On a machine that does
// other things, the processor's time says more than the clock's: it is printed beside it.
//
//   node bench/network.mjs                      the whole nation
//   node bench/network.mjs --scale=0.1          a tenth of it
//   node bench/network.mjs --asks=200           requests of each kind
import { isMain } from './measure.mjs';
import {
  cpuOf,
  cpuOfBackends,
  idOf,
  insertRows,
  missingServer,
  signIn,
  startNetwork,
  uuid,
} from './support/network.mjs';
import { printTable } from './table.mjs';

export const name = 'the board over a national release';

const argument = (word, otherwise) =>
  Number(
    process.argv.find((each) => each.startsWith(`--${word}=`))?.slice(word.length + 3) ?? otherwise,
  );
const SCALE = argument('scale', process.env['YINGLIAN_BENCH_SCALE'] ?? 1);
const ASKS = argument('asks', 60);
const WARM_UP = 5;
const GOAL_MS = 100;
const CINEMAS = Math.round(13_300 * SCALE);
const SCREENS = Math.round(91_000 * SCALE);
const CIRCUITS = 50;
/** Cinemas that are on the network by themselves, in groups of this many. */
const OWN_EVERY = 5;
const OWN_GROUP = 25;
const FILMS = 10;
const SHOWS_A_DAY = 6;
const DAYS = 5;
const VERSIONS = 3;

export async function run() {
  const reason = missingServer();
  if (reason !== undefined) {
    process.stderr.write(`not measured: ${reason}\n`);
    return [];
  }
  const network = await startNetwork({ YINGLIAN_LOG: 'warn' });
  try {
    const { client, organisationId } = await signIn(network);
    const began = performance.now();
    const people = await seedNation(network.pool, organisationId);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    process.stderr.write(`  ${CINEMAS} cinemas, ${SCREENS} screens loaded in ${seconds} s\n`);
    const serving = () => cpuOf(network.child.pid) + cpuOfBackends(network.databasePid);
    const rows = [
      await ask('smallest request, for comparison', serving, () => client.session.get()),
    ];
    for (const [what, who, query] of await questions(network.pool, people)) {
      await client.session.chooseOrganisation({ body: { organisationId: who } });
      rows.push(await ask(what, serving, () => client.shows.board({ query })));
    }
    rows.push(...(await askWork(network, serving)));
    return rows;
  } finally {
    await network.stop();
  }
}

/** One kind of request, many times: the middle, the 95th and the 99th of a hundred. */
async function ask(what, serving, request) {
  const times = [];
  let cpu = 0;
  let answer;
  for (let n = 0; n < ASKS + WARM_UP; n++) {
    if (n === WARM_UP) cpu = serving();
    const began = performance.now();
    answer = await request();
    if (n >= WARM_UP) times.push(performance.now() - began);
  }
  cpu = serving() - cpu;
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(at);
  const seen =
    answer?.rows === undefined ? '' : `, ${answer.red + answer.amber + answer.green} shows`;
  process.stderr.write(
    `  ${what}${seen}: p50 ${p50.toFixed(1)} p95 ${p95.toFixed(1)} p99 ${p99.toFixed(1)} ms, ` +
      `${((cpu * 1000) / ASKS).toFixed(1)} ms of processor\n`,
  );
  return {
    what: `${what}, p95`,
    unit: 'ms',
    ours: p95,
    limit: GOAL_MS,
    ratio: p95 / GOAL_MS,
    cpuSeconds: cpu,
  };
}

async function seedNation(pool, distributor) {
  const organisations = [
    ...Array.from({ length: CIRCUITS }, (_, n) => ({ id: uuid('c1c0', n), kind: 'circuit' })),
    ...Array.from({ length: Math.ceil(CINEMAS / OWN_EVERY / OWN_GROUP) }, (_, n) => ({
      id: uuid('09a0', n),
      kind: 'cinema',
    })),
    { id: uuid('d157', 0), kind: 'distributor' },
    { id: uuid('4ee9', 0), kind: 'operator' },
  ];
  await insertRows(
    pool,
    'kernel.organisation',
    organisations.map((each) => ({ ...each, name: `${each.kind} ${each.id.slice(-4)}` })),
    { id: 'uuid' },
  );
  // The owner acts for all of them in turn.
  await pool.query(
    `insert into kernel.member (organisation_id, user_id, roles)
     select organisation.id, member.user_id, member.roles from kernel.organisation, kernel.member
     where member.organisation_id = $1 on conflict do nothing`,
    [distributor],
  );
  const connection = await pool.connect();
  try {
    // Rules of single rows are off while a nation is loaded; the sums are made after it at once.
    await connection.query('set session_replication_role = replica');
    await seedPlaces(connection);
    await seedFilms(connection, distributor);
    await seedKeys(connection, distributor);
    await seedShows(connection);
    await connection.query('set session_replication_role = origin');
    await connection.query('select distribution.tally_anew()');
    await connection.query('vacuum analyze');
  } finally {
    connection.release();
  }
  return {
    distributor,
    other: uuid('d157', 0),
    keeper: uuid('4ee9', 0),
    circuit: uuid('c1c0', 0),
    small: uuid('c1c0', CIRCUITS - 1),
    chain: uuid('09a0', 0),
  };
}

/** The first circuits are large, as everywhere; the last two are not on the network. */
async function seedPlaces(connection) {
  await connection.query(`
    insert into exhibition.circuit (id, keeper_id, name, organisation_id)
    select ${idOf('c14c', 'n')}, ${idOf('4ee9', 0)}, 'circuit ' || n,
      case when n < ${CIRCUITS - 2} then ${idOf('c1c0', 'n')} end
    from generate_series(0, ${CIRCUITS - 1}) as n`);
  await connection.query(`
    insert into exhibition.cinema (id, keeper_id, name, code, circuit_id, organisation_id, city)
    select ${idOf('c1e0', 'n')}, ${idOf('4ee9', 0)}, 'cinema ' || n,
      (10000000 + n)::text,
      ${idOf(
        'c14c',
        `floor(${CIRCUITS} * power(((n * 7919) % ${CINEMAS})::float
        / ${CINEMAS}, 2))::int`,
      )},
      case when n % ${OWN_EVERY} = 0
        then ${idOf('09a0', `n / ${OWN_EVERY} / ${OWN_GROUP}`)} end, 'city'
    from generate_series(0, ${CINEMAS - 1}) as n`);
  await connection.query(`
    insert into exhibition.screen (id, cinema_id, name, number, seats, formats)
    select ${idOf('5c4e', 'n')}, ${idOf('c1e0', `n % ${CINEMAS}`)}, (n / ${CINEMAS} + 1)::text,
      n / ${CINEMAS} + 1, 120, '{2D}'
    from generate_series(0, ${SCREENS - 1}) as n`);
  await connection.query(`
    insert into exhibition.device (id, screen_id, kind, serial, thumbprint, not_after)
    select ${idOf('de11', 'n')}, ${idOf('5c4e', 'n')}, 'media_block', n::text, 'thumb-' || n,
      now() + interval '3 years'
    from generate_series(0, ${SCREENS - 1}) as n`);
  await connection.query(`
    insert into distribution.site (id, organisation_id, cinema_id, name, token_hash, last_seen_at)
    select ${idOf('517e', 'n')}, ${idOf('4ee9', 0)}, ${idOf('c1e0', 'n')}, 'box',
      encode(sha256(convert_to('yls_bench-agent-of-cinema-number-' || n, 'UTF8')), 'hex'), now()
    from generate_series(0, ${CINEMAS - 1}) as n`);
}

async function seedFilms(connection, distributor) {
  const types = { id: 'uuid', owner_id: 'uuid', film_id: 'uuid', organisation_id: 'uuid' };
  const films = Array.from({ length: FILMS }, (_, n) => n);
  const owner = (n) => (n === 0 ? distributor : uuid('d157', 0));
  await insertRows(
    connection,
    'film.film',
    films.map((n) => ({ id: uuid('f110', n), owner_id: owner(n), title: `影片 ${n}` })),
    types,
  );
  await insertRows(
    connection,
    'distribution.release',
    films.map((n) => ({
      id: uuid('4e1e', n),
      organisation_id: owner(n),
      film_id: uuid('f110', n),
      revision: 1,
      state: 'announced',
      plan: '{}',
    })),
    { ...types, revision: 'int', plan: 'json' },
  );
  const versions = Array.from({ length: VERSIONS }, (_, n) => n);
  await insertRows(
    connection,
    'film.version',
    versions.map((n) => ({
      id: uuid('4e45', n),
      film_id: uuid('f110', 0),
      ordinal: n,
      format: ['2D', '3D', 'IMAX'][n],
    })),
    { ...types, ordinal: 'int' },
  );
  await insertRows(
    connection,
    'distribution.package',
    versions.map((n) => ({
      id: uuid('9ac4', n),
      organisation_id: distributor,
      film_id: uuid('f110', 0),
      film_version_id: uuid('4e45', n),
      title: `FILM_FTR-${n}`,
      standard: 'smpte',
      state: 'passed',
      encrypted: true,
      options: '{}',
    })),
    { ...types, film_version_id: 'uuid', encrypted: 'boolean', options: 'json' },
  );
  await connection.query(`
    insert into distribution.booking (id, release_id, organisation_id, film_id, film_version_id,
      format, cinema_id, screen_ids, first_day, last_day, state)
    select ${idOf('b001', `n * ${VERSIONS} + v`)}, ${idOf('4e1e', 0)}, '${distributor}',
      ${idOf('f110', 0)}, ${idOf('4e45', 'v')}, '2D', ${idOf('c1e0', 'n')},
      (select array_agg(${idOf('5c4e', 's')})
        from generate_series(n, ${SCREENS - 1}, ${CINEMAS}) as s),
      current_date - 2, current_date + 14, 'confirmed'
    from generate_series(0, ${CINEMAS - 1}) as n, generate_series(0, ${VERSIONS - 1}) as v`);
}

async function seedKeys(connection, distributor) {
  const every = `generate_series(0, ${SCREENS - 1}) as n`;
  await connection.query(`
    insert into kernel.file (id, organisation_id, name, media_type, size_bytes, digest)
    select ${idOf('f11e', 'n')}, '${distributor}', 'kdm.xml', 'application/xml', 5000,
      'sha256:' || encode(sha256(n::text::bytea), 'hex') from ${every}`);
  await connection.query(`
    insert into distribution.key (id, package_id, composition_id, organisation_id, screen_id,
      device_id, device_thumbprint, not_before, not_after, file_id, job_id, issued_by)
    select ${idOf('4e90', 'n')}, ${idOf('9ac4', 0)}, ${idOf('c910', 0)}, '${distributor}',
      ${idOf('5c4e', 'n')}, ${idOf('de11', 'n')}, 'thumb-' || n, now() - interval '3 days',
      now() + interval '14 days', ${idOf('f11e', 'n')}, ${idOf('10b0', 0)}, ${idOf('0000', 0)}
    from ${every}`);
  await connection.query(`
    insert into distribution.site_key (site_id, key_id, received_at)
    select ${idOf('517e', `n % ${CINEMAS}`)}, ${idOf('4e90', 'n')}, now() from ${every}
    where n % 50 <> 0`);
  await connection.query(`
    insert into distribution.site_package (site_id, package_id, state, held_bytes, updated_at)
    select ${idOf('517e', 'n')}, ${idOf('9ac4', 'v')}, 'verified', 1, now()
    from generate_series(0, ${CINEMAS - 1}) as n, generate_series(0, ${VERSIONS - 1}) as v`);
}

/** One show in fifty is amber and one in two hundred red, as on a Thursday night. */
async function seedShows(connection) {
  await connection.query(`
    create temp table seat as select n, actor, circuit_actor, kept
    from generate_series(0, ${SCREENS - 1}) as n
    join (select cinema.id, coalesce(cinema.organisation_id,
          case when circuit.organisation_id is null then cinema.keeper_id end) as actor,
        nullif(circuit.organisation_id, cinema.organisation_id) as circuit_actor,
        cinema.organisation_id is null and circuit.organisation_id is null as kept
      from exhibition.cinema left join exhibition.circuit on circuit.id = cinema.circuit_id
    ) as cinema on cinema.id = ${idOf('c1e0', `n % ${CINEMAS}`)}`);
  const { rows: indexes } = await connection.query(`
    select indexdef, indexname from pg_indexes
    where schemaname = 'distribution' and tablename = 'show' and indexname <> 'show_pkey'`);
  for (const each of indexes) await connection.query(`drop index distribution.${each.indexname}`);
  await connection.query(`
    insert into distribution.show (id, cinema_id, screen_id, film_id, title, starts_at, ends_at,
      package_light, key_light, window_light, worst, findings, actor_id, circuit_actor_id, kept)
    select ${idOf('5807', `n * ${DAYS * SHOWS_A_DAY} + k`)}, ${idOf('c1e0', `n % ${CINEMAS}`)},
      ${idOf('5c4e', 'n')}, film, '', at, at + interval '2 hours', light, light, 0, light,
      case light when 0 then '[]'
        when 1 then '[{"code":"unconfirmed_key","severity":"warning","facts":{}}]'
        else '[{"code":"missing_key","severity":"error","facts":{}}]' end::json,
      actor, circuit_actor, kept
    from seat, generate_series(0, ${DAYS * SHOWS_A_DAY - 1}) as k,
      lateral (select hashint8(n::bigint * 1000 + k) & 2147483647 as dice) as thrown,
      lateral (select case when dice % 5 < 2 then ${idOf('f110', 0)}
          else ${idOf('f110', `1 + dice % ${FILMS - 1}`)} end as film,
        (case when dice / 1000 % 200 = 7 then 2
          when dice / 1000 % 50 = 3 then 1 else 0 end)::smallint as light,
        date_trunc('day', now()) - interval '1 day' + (k / ${SHOWS_A_DAY}) * interval '1 day'
          + interval '2 hours' + (k % ${SHOWS_A_DAY}) * interval '145 minutes'
          + (n % 12) * interval '5 minutes' as at) as made`);
  for (const each of indexes) await connection.query(each.indexdef);
}

async function questions(pool, people) {
  const whole = { hours: 72, limit: 100 };
  const cinemaId = uuid('c1e0', 0);
  const { rows } = await pool.query(`select count(*) as shows from distribution.show`);
  process.stderr.write(`  ${rows[0].shows} shows\n`);
  return [
    ['distributor, whole nation', people.distributor, whole],
    ['distributor, 500 rows', people.distributor, { hours: 72, limit: 500 }],
    ['distributor, red only', people.distributor, { ...whole, worst: 'red' }],
    ['distributor, one cinema', people.distributor, { ...whole, cinemaId }],
    ['distributor of nine films', people.other, whole],
    ['the same, one film', people.other, { ...whole, filmId: uuid('f110', 3) }],
    ['largest circuit', people.circuit, whole],
    ['largest circuit, one film', people.circuit, { ...whole, filmId: uuid('f110', 0) }],
    ['largest circuit, amber', people.circuit, { ...whole, worst: 'amber' }],
    ['chain of 25 cinemas', people.chain, whole],
    ['chain, one cinema', people.chain, { hours: 72, limit: 100, cinemaId }],
    ['keeper of the register', people.keeper, whole],
  ];
}

/**
 * What an agent is told, the oftenest request of all: a different cinema each time. Then the same
 * agents again, of which each knows already what it is told.
 */
async function askWork({ url, pool }, serving) {
  const { rows } = await pool.query('select count(*) as sites from distribution.site');
  const sites = Array.from({ length: ASKS + WARM_UP }, (_, n) => (n * 97) % Number(rows[0].sites));
  const known = new Map();
  const answers = { 200: 0, 304: 0 };
  const work = () => {
    const waiting = [...sites];
    return async () => {
      const site = waiting.shift();
      const headers = {
        authorization: `Site yls_bench-agent-of-cinema-number-${site}`,
        'if-none-match': known.get(site) ?? '""',
      };
      const response = await fetch(`${url}/api/site/work`, { headers });
      if (!(response.status in answers)) throw new Error(`work answered ${response.status}`);
      answers[response.status] += 1;
      known.set(site, response.headers.get('etag'));
      return response.arrayBuffer();
    };
  };
  const told = await ask('work of an agent', serving, work());
  const spared = await ask('work of an agent, nothing new', serving, work());
  // Each is told anew now and then, at a moment of its own.
  if (answers[304] < sites.length / 2) throw new Error(`only ${answers[304]} were spared`);
  return [told, spared];
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
