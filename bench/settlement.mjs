// Settlement benchmarks. All data here is generated from a seed; none of it is real box office.
//
//   node bench/settlement.mjs                       the interpreter, and one month of the nation
//   node bench/settlement.mjs --months=12           the whole year
//   node bench/settlement.mjs --scale=0.1           a tenth of the cinemas
//   node bench/settlement.mjs --remove              months are removed once they are settled
//
// The national query is compared with DuckDB's bare sums over the same Parquet, in one run.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { addDays, allocate, assert, lastDayOf } from '@yinglian/core';
import {
  compileSettlement,
  DUCKDB,
  explainLine,
  makeResolver,
  outlineLine,
  parseTerms,
  settleLines,
  settleTheatrical,
} from '@yinglian/settlement';
import { isMain } from './measure.mjs';

export const name = 'settlement';

const option = (name, fallback) =>
  process.argv.find((each) => each.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const ALONE = isMain(import.meta);
const MONTHS = Number(option('months', '1'));
// The table of all benches affords a tenth of the cinemas.
const SCALE = Number(option('scale', ALONE ? '1' : '0.1'));
const SEED = Number(option('seed', '2024'));
const FOLDER = option('folder', new URL('out/settlement', import.meta.url).pathname);
const YEAR = 2024;
const FILMS = 600;
const CINEMAS = Math.round(13_304 * SCALE);
const MEMORY = '3GB';

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const peakMemoryGb = () =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1e6;
async function timed(work) {
  const [wall, cpu] = [performance.now(), cpuSeconds()];
  const value = await work();
  return { value, seconds: (performance.now() - wall) / 1000, cpu: cpuSeconds() - cpu };
}
const taken = (outcome) => {
  assert(outcome.ok, JSON.stringify(outcome.findings));
  return outcome.value;
};

const party = (id, role) => ({ id, role, name: { zh: id, en: id }, account: id });
const filmCode = (film, version) => `001${version}${String(film).padStart(4, '0')}${YEAR}`;
const CHAIN = (distributor) => [
  { to: 'cinema', share: 'rest' },
  { to: 'circuit', share: '7%' },
  { to: 'side', ...distributor },
];

const PARTY_IDS = [
  'film_fund',
  'tax_office',
  'cinema',
  'circuit',
  'digital',
  'distributor',
  'producer',
];

const FUND = {
  to: 'film_fund',
  rates: [
    { id: 'standard', rate: '5%' },
    {
      id: 'regional',
      from: `${YEAR}-05-01`,
      to: `${YEAR}-05-31`,
      provinces: ['46'],
      rate: '0',
    },
  ],
};

const VAT = {
  to: 'tax_office',
  methods: [
    { id: 'simplified', method: 'extracted', rate: '3%', surcharge: '12%' },
    {
      id: 'small',
      taxpayer: 'small_scale',
      method: 'small_scale',
      rate: '1%',
      surcharge: '6%',
    },
  ],
};

/** 600 films: plain ones, ladders in three modes, capped fees, date segments, regional rates. */
function termsOf(film) {
  return taken(
    parseTerms({
      format: 'yinglian-terms/1',
      kind: 'theatrical',
      id: `film_${film}`,
      version: '1',
      effective: { from: `${YEAR}-01-01` },
      recordedOn: `${YEAR}-01-01`,
      title: { zh: '片', en: 'film' },
      parties: PARTY_IDS.map((id) => party(id, id)),
      film: {
        title: { zh: '片', en: 'film' },
        versions: [
          { code: filmCode(film, 1), label: '2D' },
          { code: filmCode(film, 4), label: 'IMAX' },
        ],
      },
      fund: FUND,
      vat: VAT,
      splits: [mainSplit(film), sideSplit(film)],
      rounding: { periods: 'each_period' },
    }),
  );
}

/** What the distributor's side gets of a film: a ladder for every fourth, a fixed share else. */
function rateOf(film) {
  if (film % 4 !== 0) return { share: film % 4 === 1 ? '42.5%' : '43%' };
  return {
    ladder: {
      mode: ['marginal', 'switch_next_day', 'retroactive'][film % 3],
      measure: 'gross',
      book: 'fund_office',
      tiers: [
        { above: '0', share: '43%' },
        { above: '20000000', share: '45%' },
        { above: '80000000', share: '47%' },
      ],
    },
  };
}

function mainSplit(film) {
  const imax = {
    id: 'imax',
    when: { versions: ['IMAX'], equipment: 'owned' },
    shares: CHAIN({ share: '41%' }),
  };
  return {
    id: 'main',
    of: 'net',
    clauses: [
      { id: 'owned', when: { equipment: 'owned' }, shares: CHAIN(rateOf(film)) },
      {
        id: 'leased',
        when: { equipment: 'leased' },
        shares: [...CHAIN({ share: '42%' }), { to: 'digital', share: '1%' }],
      },
      ...(film % 5 === 0 ? [imax] : []),
    ],
  };
}

function sideSplit(film) {
  const shares = [
    { to: 'distributor', share: film % 2 === 0 ? '12%' : '10%' },
    { to: 'producer', share: 'rest' },
  ];
  return { id: 'side', of: 'side', clauses: [{ id: 'all', shares }] };
}

async function load(connection, table) {
  const typed = table.columns.map((c) => `${c.name} ${c.type}`).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${table.name} (${typed})`);
  // JSON is parsed by the engine much faster than a statement of as many values.
  const file = join(FOLDER, `${table.name}.json`);
  const columns = table.columns.map((c) => `${c.name}: '${c.type}'`).join(', ');
  const named = (row) =>
    JSON.stringify(
      Object.fromEntries(
        row.map((value, i) => [table.columns[i].name, value === null ? null : String(value)]),
      ),
    );
  writeFileSync(file, table.rows.map(named).join('\n'));
  await connection.run(
    `INSERT INTO ${table.name} SELECT * FROM
      read_json('${file}', format = 'newline_delimited', columns = {${columns}})`,
  );
}

/**
 * Shapes of the trade: eleven releases a week of falling weight, runs of up to six weeks,
 * weekends, a spring holiday, refunds; repeatable by seed.
 */
async function generate(connection, month, file) {
  const first = `${month}-01`;
  const dice = (salt) =>
    `(hash(h.cinema, h.hall, d.day, s.slot, ${SEED}, ${salt}) / 18446744073709551616.0)`;
  // Where in the list of a week's releases a show's film stands, and how many weeks it has run.
  const place = 'floor(11 * u1 * u1 * u1 * u1)::INT';
  const weeks = 'least(5, floor(-0.7 * ln(greatest(u4, 1e-9))))::INT';
  const spring = `DATE '${YEAR}-02-10' AND DATE '${YEAR}-02-17'`;
  const days = `generate_series(DATE '${first}', DATE '${lastDayOf(month)}', INTERVAL 1 DAY)`;
  const sold = 'seats - (u3 < 0.003)::BIGINT * least(seats, 2)';
  await connection.run(`COPY (
    WITH shows AS (
      SELECT h.cinema, h.hall, d.day, s.slot,
        ${dice(1)} AS u1, ${dice(2)} AS u2, ${dice(3)} AS u3, ${dice(4)} AS u4,
        CASE WHEN dayofweek(d.day) IN (0, 6) THEN 1.9
          WHEN dayofweek(d.day) = 5 THEN 1.3 ELSE 0.75 END
          * CASE WHEN d.day BETWEEN ${spring} THEN 3.5 ELSE 1 END AS season
      FROM halls h, (SELECT unnest(${days})::DATE AS day) d,
        (SELECT unnest(range(6)) AS slot) s
      WHERE s.slot < 3 + hash(h.cinema, h.hall, d.day, ${SEED}) % 3
        + (hash(h.cinema, d.day, ${SEED}) % 5 = 0)::INT
    ), films AS (
      SELECT *, ${place} + 3 * ${weeks} AS rank,
        ((dayofyear(day) // 7 + 53 - ${weeks}) % 53 * 11 + ${place})::INT % ${FILMS} AS film
      FROM shows
    ), sold AS (
      SELECT *,
        least(180, floor(-ln(greatest(u2, 1e-9)) * season * 22 / (2 + rank)))::BIGINT AS seats,
        (2900 + (hash(cinema, 7) % 30) * 100 + (hash(film, 9) % 5) * 100)::BIGINT AS price
      FROM films
    )
    SELECT '001' || CASE WHEN hash(hall, cinema, 5) % 17 = 0 THEN '4' ELSE '1' END
        || lpad(film::VARCHAR, 4, '0') || '${YEAR}' AS film_code,
      cinema AS cinema_code, hall::VARCHAR AS hall, day AS business_date,
      1::BIGINT AS screenings, ${sold} AS admissions,
      (${sold}) * (price - (u4 < 0.2)::BIGINT * 910) AS gross_fen
    FROM sold ORDER BY cinema, hall, day, slot
  ) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
}

/** The cinemas of the country with what registers say of them, and their halls. */
async function layRegister(connection) {
  await connection.run(`CREATE OR REPLACE TABLE cinemas AS
    SELECT lpad((11000000 + i * 10 + 1)::VARCHAR, 8, '0') AS cinema_code,
      'circuit-' || (hash(i, 3) % 48)::VARCHAR AS circuit,
      lpad((11 + hash(i, 1) % 55)::VARCHAR, 2, '0') AS province,
      lpad((1100 + hash(i, 2) % 300)::VARCHAR, 4, '0') AS city,
      CASE WHEN hash(i, 4) % 5 = 0 THEN 'small_scale' ELSE 'general' END AS taxpayer,
      CASE WHEN hash(i, 5) % 3 = 0 THEN 'leased' ELSE 'owned' END AS equipment, i
    FROM range(${CINEMAS}) t(i)`);
  await connection.run(`CREATE TABLE halls AS SELECT cinema_code AS cinema, hall::INT AS hall
    FROM cinemas, LATERAL (SELECT unnest(range(1, (4 + hash(i, 6) % 9)::BIGINT)) AS hall)`);
}

const firstRow = async (connection, sql) => (await connection.runAndReadAll(sql)).getRows()[0];

/** The engine's own sums over the rows: what every settlement must at least do. */
function bareSums(connection, facts) {
  return timed(() =>
    connection.run(`CREATE OR REPLACE TEMP TABLE bare AS
      SELECT film_code, cinema_code,
        sum(screenings) AS s, sum(admissions) AS a, sum(gross_fen) AS g
      FROM ${facts} GROUP BY 1, 2`),
  );
}

/** Adds a month to the book and names the films that play in it. */
async function addToBook(connection, facts, book) {
  // The fund office's book is a source of its own; here it is taken from the generated rows.
  const days = await connection.runAndReadAll(
    `SELECT substr(film_code, 5, 4) AS film, business_date::VARCHAR AS day,
      sum(gross_fen)::BIGINT AS gross
    FROM ${facts} GROUP BY 1, 2`,
  );
  const playing = new Set();
  for (const [film, date, grossFen] of days.getRows()) {
    const key = Number(film);
    playing.add(key);
    if (!book.has(key)) book.set(key, []);
    book.get(key).push({ date, grossFen });
  }
  return playing;
}

/** Compiles the terms of the films that play and runs the query into the table `settled`. */
async function settleMonth(connection, month, { facts, all, playing, book }) {
  const compile = await timed(async () => {
    const inputs = [...playing]
      .sort((a, b) => a - b)
      .map((film) => {
        const books = { fund_office: book.get(film) };
        return { terms: all[film], schedules: makeResolver(all[film], [], books).schedules };
      });
    return taken(
      compileSettlement(inputs, {
        period: { from: `${month}-01`, to: lastDayOf(month) },
        dialect: DUCKDB,
        facts,
        cinemas: 'cinemas',
        has: {},
      }),
    );
  });
  for (const table of compile.value.tables) await load(connection, table);
  await connection.run(`CREATE OR REPLACE TEMP TABLE settled AS ${compile.value.query}`);
  return { plan: compile.value, compileSeconds: compile.seconds };
}

/** Every line's parts add up and every fen of the rows is in a line; returns how many lines. */
async function checkMonth(connection, plan) {
  const width = new Set(plan.query.match(/\bpart_\d+\b/g)).size;
  const parts = Array.from({ length: width }, (_, i) => `part_${i + 1}`).join(' + ');
  const wide = [...plan.interpreted].join(',') || '-1';
  const [lines, wrong, base] = await firstRow(
    connection,
    `SELECT count(*), count(*) FILTER (WHERE ${parts} <> base_fen AND profile NOT IN (${wide})),
      sum(base_fen)::HUGEINT FROM settled`,
  );
  const [gross] = await firstRow(connection, 'SELECT sum(g)::HUGEINT FROM bare');
  assert(wrong === 0n, 'the parts of every line add up');
  assert(base === gross, 'every fen of the rows is in a line');
  return lines;
}

async function nation() {
  mkdirSync(FOLDER, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: MEMORY });
  const connection = await instance.connect();
  await connection.run(
    `SET temp_directory = '${join(FOLDER, 'spill')}'; SET preserve_insertion_order = false`,
  );
  await layRegister(connection);
  const months = Array.from(
    { length: MONTHS },
    (_, i) => `${YEAR}-${String(i + 1).padStart(2, '0')}`,
  );
  const fileOf = (month) => join(FOLDER, `generated-v3-${SEED}-${SCALE}-${month}.parquet`);
  for (const month of months)
    if (!existsSync(fileOf(month))) await generate(connection, month, fileOf(month));
  const all = Array.from({ length: FILMS }, (_, film) => termsOf(film));
  const totals = {
    bare: 0,
    bareCpu: 0,
    ours: 0,
    oursCpu: 0,
    rows: 0n,
    lines: 0n,
    bytes: 0,
    compile: 0,
  };
  const book = new Map();
  for (const month of months) {
    const facts = `read_parquet('${fileOf(month)}')`;
    totals.bytes += statSync(fileOf(month)).size;
    totals.rows += (await firstRow(connection, `SELECT count(*) FROM ${facts}`))[0];
    const bare = await bareSums(connection, facts);
    const playing = await addToBook(connection, facts, book);
    const ours = await timed(() => settleMonth(connection, month, { facts, all, playing, book }));
    totals.compile += ours.value.compileSeconds;
    const lines = await checkMonth(connection, ours.value.plan);
    totals.bare += bare.seconds;
    totals.bareCpu += bare.cpu;
    totals.ours += ours.seconds;
    totals.oursCpu += ours.cpu;
    totals.lines += lines;
    if (!ALONE || process.argv.includes('--remove')) rmSync(fileOf(month), { force: true });
    if (!ALONE) continue;
    console.log(
      `${month}: bare ${bare.seconds.toFixed(2)} s (cpu ${bare.cpu.toFixed(1)}), ` +
        `settled ${ours.seconds.toFixed(2)} s (cpu ${ours.cpu.toFixed(1)}), ${lines} lines`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  return {
    generated: true,
    months: MONTHS,
    scale: SCALE,
    rows: String(totals.rows),
    bytes: totals.bytes,
    lines: String(totals.lines),
    films: FILMS,
    bareSeconds: totals.bare,
    bareCpuSeconds: totals.bareCpu,
    settledSeconds: totals.ours,
    settledCpuSeconds: totals.oursCpu,
    compileSeconds: totals.compile,
    ratio: totals.ours / totals.bare,
    cpuRatio: totals.oursCpu / totals.bareCpu,
    peakMemoryGb: peakMemoryGb(),
  };
}

/** The exact division of one amount among seven: what a line costs at least. */
const SPLIT_WEIGHTS = [5000n, 700n, 100n, 420n, 1890n, 945n, 945n];

/**
 * Lines a second on one core. Settled: what each party gets. Explained: with the exact amount of
 * every step of the plan, which is all that a derivation says. Opened: with every tree put
 * together. Splits: the bare arithmetic, in the same turns.
 */
async function interpreter() {
  const lines = 40_000;
  const terms = termsOf(1);
  const register = {};
  const facts = Array.from({ length: lines }, (_, i) => {
    const cinemaCode = String(11_000_001 + i * 10);
    register[cinemaCode] = {
      circuit: `circuit-${i % 48}`,
      equipment: i % 3 === 0 ? 'leased' : 'owned',
      taxpayer: i % 5 === 0 ? 'small_scale' : 'general',
    };
    return {
      id: `r${i}`,
      date: addDays(`${YEAR}-03-01`, i % 30),
      filmCode: filmCode(1, 1),
      cinemaCode,
      screenings: 5,
      admissions: 37,
      grossFen: BigInt(150_000 + ((i * 7919) % 100_000)),
    };
  });
  const context = { period: { from: `${YEAR}-03-01`, to: `${YEAR}-03-31` }, register };
  const best = { settle: Infinity, outline: Infinity, open: Infinity, whole: Infinity };
  best.split = Infinity;
  for (let round = 0; round < 5; round++) {
    // Lines are given away as they are made, as a national settlement is worked.
    let parts = 0;
    const settle = await timed(async () =>
      taken(settleLines(terms, facts, context, (line) => void (parts += line.parts.length))),
    );
    const outline = await timed(async () =>
      taken(
        settleLines(terms, facts, context, (line, settled) => {
          parts += outlineLine(settled, line).exact.length;
        }),
      ),
    );
    const split = await timed(async () => {
      for (let i = 0; i < lines; i++) parts += allocate(facts[i].grossFen, SPLIT_WEIGHTS).length;
    });
    const open = await timed(async () =>
      taken(
        settleLines(terms, facts, context, (line, settled) => {
          parts += explainLine(settled, line).length;
        }),
      ),
    );
    const whole = await timed(async () => taken(settleTheatrical(terms, facts, context)));
    assert(parts >= lines * 2 && whole.value.lines.length === lines, 'every line was made');
    best.settle = Math.min(best.settle, settle.cpu);
    best.outline = Math.min(best.outline, outline.cpu);
    best.split = Math.min(best.split, split.cpu);
    best.open = Math.min(best.open, open.cpu);
    best.whole = Math.min(best.whole, whole.cpu);
  }
  const rate = (seconds) => Math.round(lines / seconds);
  return {
    lines,
    settledLinesPerCpuSecond: rate(best.settle),
    explainedLinesPerCpuSecond: rate(best.outline),
    openedLinesPerCpuSecond: rate(best.open),
    keptLinesPerCpuSecond: rate(best.whole),
    splitsPerCpuSecond: rate(best.split),
    explainedCpuSeconds: best.outline,
  };
}

/** Two rows for the table of all benches. */
export async function run() {
  const explained = await interpreter();
  const year = await nation();
  return [
    {
      what: 'explained lines ÷ bare 7-way splits',
      ours: explained.explainedLinesPerCpuSecond,
      limit: explained.splitsPerCpuSecond,
      unit: '1/s',
      ratio: explained.splitsPerCpuSecond / explained.explainedLinesPerCpuSecond,
      cpuSeconds: explained.explainedCpuSeconds,
    },
    {
      what: `national settlement, ${year.rows} rows ÷ bare sums (CPU)`,
      ours: year.settledCpuSeconds,
      limit: year.bareCpuSeconds,
      unit: 's',
      ratio: year.cpuRatio,
      cpuSeconds: year.settledCpuSeconds,
    },
  ];
}

if (ALONE) {
  console.log(JSON.stringify({ interpreter: await interpreter() }, null, 2));
  if (MONTHS > 0) console.log(JSON.stringify(await nation(), null, 2));
}
