// Two books of a national year, with faults of named kinds planted in the second. All data here is
// generated from a seed; none of it is real box office.
//
//   node bench/reconciliation.mjs                    one month of the nation and its streaming
//   node bench/reconciliation.mjs --months=12        the whole year
//   node bench/reconciliation.mjs --scale=0.01       a hundredth of the cinemas
//
// The comparison is measured against the same plan written bare, in one run: a checksum per cinema
// and day, then the rows of the days that differ joined by their number and told apart by sight,
// with nothing put right first. Its first half alone is printed beside it. What we find is compared
// with the list of what was planted.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { assert, lastDayOf } from '@yinglian/core';
import { compileTwoBooks } from '@yinglian/reconciliation';
import { isMain } from './measure.mjs';

export const name = 'reconciliation';
const YEAR = 2024;
const MEMORY = '900MB';
const GENERATOR_MEMORY = '4GB';
/** Cinemas and halls as in bench/settlement.mjs. */
const CINEMAS = 13_304;
const FILMS = 600;
const PLATFORMS = 4;
const TITLES = 800;
const TOLERANCE_FEN = 0n;
const SMALL_FEN = 100n;

/** Every planted fault, the chance of a row to have it, and the kind that has to be found. */
export const FAULTS = Object.freeze({
  missing_day: { chance: 0, kind: 'missing_row' },
  missing_show: { chance: 4e-5, kind: 'missing_row' },
  extra_show: { chance: 3e-5, kind: 'unexpected_row' },
  double_report: { chance: 4e-5, kind: 'duplicate_row' },
  wrong_price: { chance: 5e-5, kind: 'gross_differs' },
  rounded_price: { chance: 4e-5, kind: 'gross_differs_small' },
  wrong_code: { chance: 3e-5, kind: 'film_code_swapped' },
  swapped_version: { chance: 3e-5, kind: 'film_code_swapped' },
  shifted_session: { chance: 4e-5, kind: 'business_day_shift' },
  late_refund: { chance: 5e-5, kind: 'admissions_differ' },
  inflated: { chance: 4e-5, kind: 'admissions_differ' },
  noisy_number: { chance: 3e-5, kind: 'id_format_noise' },
});
/** Cinema-days of which nothing was reported. */
const MISSING_DAY_CHANCE = 2e-4;

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

/** A number in [0, 1) that depends on the row and the seed alone. */
const dice = (salt, seed) => `(hash(screening_id, ${seed}, ${salt}) / 18446744073709551616.0)`;

/** The fault of each row: the first whose slice of one throw it falls into. */
function faultCase(seed) {
  let upTo = 0;
  const whens = Object.entries(FAULTS)
    .filter(([, { chance }]) => chance > 0)
    .map(([fault, { chance }]) => {
      upTo += chance;
      return `WHEN ${dice(11, seed)} < ${upTo} THEN '${fault}'`;
    });
  const missing = `hash(cinema_code, business_date, ${seed}, 12) / 18446744073709551616.0`;
  return `CASE WHEN ${missing} < ${MISSING_DAY_CHANCE} THEN 'missing_day'
    ${whens.join('\n    ')} END`;
}

/** The first book: every show of every hall, or every title of every platform by day. */
function firstBook(month, { scale, seed }) {
  const days = `generate_series(DATE '${month}-01', DATE '${lastDayOf(month)}', INTERVAL 1 DAY)`;
  const cinemas = Math.max(3, Math.round(CINEMAS * scale));
  const titles = Math.max(5, Math.round(TITLES * scale));
  return `SELECT * FROM (
    SELECT cinema_code || lpad(hall::VARCHAR, 2, '0') || strftime(day, '%m%d') || slot AS
        screening_id,
      day AS business_date, cinema_code,
      '001' || CASE WHEN (hash(cinema_code, hall, 5) % 17) = 0 THEN '4' ELSE '1' END
        || lpad((hash(cinema_code, hall, day, slot, ${seed}) % ${FILMS})::VARCHAR, 4, '0')
        || '${YEAR}' AS film_code,
      (hash(cinema_code, hall, day, slot, ${seed}, 2) % 160)::BIGINT AS admissions
    FROM (SELECT lpad((11000001 + i * 10)::VARCHAR, 8, '0') AS cinema_code,
        unnest(range(1, (4 + hash(i, 6) % 9)::BIGINT)) AS hall FROM range(${cinemas}) t(i)) h,
      (SELECT unnest(${days})::DATE AS day) d, (SELECT unnest(range(4)) AS slot) s
    UNION ALL
    SELECT 'P' || platform || '-' || lpad(title::VARCHAR, 4, '0') || strftime(day, '%m%d'),
      day, 'STREAM' || lpad(platform::VARCHAR, 2, '0'),
      '001W' || lpad(title::VARCHAR, 4, '0') || '${YEAR}',
      (hash(platform, title, day, ${seed}) % 20000)::BIGINT
    FROM range(${PLATFORMS}) p(platform), range(${titles}) t(title),
      (SELECT unnest(${days})::DATE AS day) d
  )`;
}

/** Writes both books of a month and the list of planted faults. */
async function generate(connection, month, files, { scale, seed }) {
  const priced = `SELECT *, admissions * (2900 + (hash(cinema_code, 7) % 30) * 100)::BIGINT AS
    gross_fen FROM (${firstBook(month, { scale, seed })})`;
  // A session is not shifted over the end of a month: months are compared one by one.
  const fault = `CASE WHEN fault = 'shifted_session' AND day(business_date) > 27 THEN NULL
    WHEN fault IN ('late_refund', 'inflated', 'wrong_price', 'rounded_price') AND admissions < 9
      THEN NULL ELSE fault END`;
  await connection.run(`COPY (SELECT * EXCLUDE (fault), ${fault} AS fault FROM
      (SELECT *, ${faultCase(seed)} AS fault FROM (${priced})) ORDER BY cinema_code, business_date)
    TO '${files.planted}' (FORMAT parquet, COMPRESSION zstd)`);
  const all = `read_parquet('${files.planted}')`;
  await connection.run(`COPY (SELECT * EXCLUDE (fault) FROM ${all}
    WHERE fault IS DISTINCT FROM 'extra_show')
    TO '${files.reference}' (FORMAT parquet, COMPRESSION zstd)`);
  const price = 'gross_fen // admissions';
  await connection.run(`COPY (
    SELECT CASE fault WHEN 'noisy_number' THEN ' ' || lower(screening_id) ELSE screening_id END
        AS screening_id,
      CASE fault WHEN 'shifted_session' THEN business_date + 1 ELSE business_date END::DATE
        AS business_date, cinema_code,
      CASE fault WHEN 'wrong_code' THEN '009' || film_code[4:]
        WHEN 'swapped_version' THEN film_code[:3] || 'Z' || film_code[5:] ELSE film_code END
        AS film_code,
      CASE fault WHEN 'late_refund' THEN admissions - 1 WHEN 'inflated' THEN admissions + 7
        ELSE admissions END AS admissions,
      CASE fault WHEN 'late_refund' THEN gross_fen - ${price}
        WHEN 'inflated' THEN gross_fen + 7 * ${price}
        WHEN 'wrong_price' THEN gross_fen - admissions * 500
        WHEN 'rounded_price' THEN gross_fen + 30 ELSE gross_fen END AS gross_fen
    FROM (SELECT * FROM ${all} UNION ALL SELECT * FROM ${all} WHERE fault = 'double_report')
    WHERE fault IS NULL OR fault NOT IN ('missing_day', 'missing_show')
    ORDER BY cinema_code, business_date
  ) TO '${files.other}' (FORMAT parquet, COMPRESSION zstd)`);
}

/**
 * Writes a month in a process of its own: sorting the nation's rows needs more memory than
 * comparing them may take.
 */
function generateApart(month, { scale, seed, folder }) {
  const options = { generate: month, scale, seed, folder };
  const { status } = spawnSync(
    process.execPath,
    [
      fileURLToPath(import.meta.url),
      ...Object.entries(options).map(([key, value]) => `--${key}=${value}`),
    ],
    { stdio: 'inherit' },
  );
  assert(status === 0, 'the month was written');
}

/** The files of one month: the two books and the list of what was planted. */
function filesOf(month, { scale, seed, folder }) {
  const file = (kind) => join(folder, `books-v1-${seed}-${scale}-${month}-${kind}.parquet`);
  return { reference: file('reference'), other: file('other'), planted: file('planted') };
}

async function open(folder, memory) {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: memory });
  const connection = await instance.connect();
  await connection.run(
    `SET temp_directory = '${join(folder, 'spill')}'; SET preserve_insertion_order = false`,
  );
  return { instance, connection };
}

/** Under other names until all are whole, so that a month cut short is written again. */
async function generateMonth(month, { scale, seed, folder }) {
  const { connection } = await open(folder, GENERATOR_MEMORY);
  const files = filesOf(month, { scale, seed, folder });
  const entries = Object.entries(files);
  const parts = Object.fromEntries(entries.map(([kind, file]) => [kind, `${file}.part`]));
  await generate(connection, month, parts, { scale, seed });
  for (const [kind, file] of entries) renameSync(parts[kind], file);
}

const rowsOf = async (connection, sql) => (await connection.runAndReadAll(sql)).getRows();

/** The checksum of both books by cinema and day: what any comparison must do. */
function bareChecksums(connection, { reference, other }) {
  const sums = (file) => `SELECT cinema_code, business_date, count(*) AS n,
    sum(hash(screening_id, film_code, admissions, gross_fen)::HUGEINT) AS checksum
    FROM read_parquet('${file}') GROUP BY ALL`;
  return timed(() =>
    connection.run(
      `CREATE OR REPLACE TEMP TABLE bare_days AS SELECT cinema_code, business_date
        FROM (${sums(reference)}) a FULL JOIN (${sums(other)}) b
        USING (cinema_code, business_date)
      WHERE a.checksum IS DISTINCT FROM b.checksum OR a.n IS DISTINCT FROM b.n`,
    ),
  );
}

/** The rows of the days that differ, joined and classified as they stand. */
function bareDrill(connection, { reference, other }) {
  const rows = (file) =>
    `SELECT * FROM read_parquet('${file}') SEMI JOIN bare_days USING (cinema_code, business_date)`;
  return timed(() =>
    connection.run(
      `CREATE OR REPLACE TEMP TABLE bare_found AS
      SELECT screening_id, CASE WHEN a.film_code IS NULL THEN 'extra'
          WHEN b.film_code IS NULL THEN 'missing' WHEN a.film_code <> b.film_code THEN 'film'
          WHEN a.admissions <> b.admissions THEN 'admissions' ELSE 'gross' END AS kind
      FROM (${rows(reference)}) a FULL JOIN (${rows(other)}) b USING (screening_id)
      WHERE a.film_code IS DISTINCT FROM b.film_code OR a.admissions IS DISTINCT FROM b.admissions
        OR a.gross_fen IS DISTINCT FROM b.gross_fen`,
    ),
  );
}

/** Compares a month; `missed` and `invented` are differences planted and found by one side only. */
async function compareMonth(connection, files) {
  const plan = compileTwoBooks({
    reference: `read_parquet('${files.reference}')`,
    other: `read_parquet('${files.other}')`,
    toleranceFen: TOLERANCE_FEN,
    smallFen: SMALL_FEN,
  });
  const ours = await timed(async () => {
    await connection.run(plan.checksum);
    await connection.run(`CREATE OR REPLACE TEMP TABLE found AS ${plan.drill}`);
  });
  const kinds = Object.entries(FAULTS)
    .map(([fault, { kind }]) => `WHEN '${fault}' THEN '${kind}'`)
    .join(' ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE planted AS
    SELECT CASE fault ${kinds} END AS kind, upper(screening_id) AS screening_id, fault
    FROM read_parquet('${files.planted}') WHERE fault IS NOT NULL`);
  const [missed, invented] = await Promise.all([
    rowsOf(
      connection,
      'SELECT kind, screening_id FROM planted EXCEPT ALL ' + 'SELECT kind, screening_id FROM found',
    ),
    rowsOf(
      connection,
      'SELECT kind, screening_id FROM found EXCEPT ALL ' + 'SELECT kind, screening_id FROM planted',
    ),
  ]);
  const counts = await rowsOf(connection, 'SELECT fault, count(*) FROM planted GROUP BY 1');
  return { ours, missed, invented, counts };
}

/** Compares months of two generated books; gives what was planted, found, and how long it took. */
export async function nationalReconciliation({
  months,
  scale,
  seed,
  folder,
  keep = true,
  progress,
}) {
  const { instance, connection } = await open(folder, MEMORY);
  const sums = {
    rows: 0n,
    checksum: 0,
    checksumCpu: 0,
    bare: 0,
    bareCpu: 0,
    ours: 0,
    oursCpu: 0,
    planted: 0,
  };
  const byFault = {};
  const [missed, invented] = [[], []];
  for (let i = 1; i <= months; i++) {
    const month = `${YEAR}-${String(i).padStart(2, '0')}`;
    const files = filesOf(month, { scale, seed, folder });
    if (!existsSync(files.other)) generateApart(month, { scale, seed, folder });
    for (const each of [files.reference, files.other])
      sums.rows += (await rowsOf(connection, `SELECT count(*) FROM read_parquet('${each}')`))[0][0];
    const checksum = await bareChecksums(connection, files);
    const drill = await bareDrill(connection, files);
    const bare = { seconds: checksum.seconds + drill.seconds, cpu: checksum.cpu + drill.cpu };
    const compared = await compareMonth(connection, files);
    sums.checksum += checksum.seconds;
    sums.checksumCpu += checksum.cpu;
    sums.bare += bare.seconds;
    sums.bareCpu += bare.cpu;
    sums.ours += compared.ours.seconds;
    sums.oursCpu += compared.ours.cpu;
    missed.push(...compared.missed);
    invented.push(...compared.invented);
    for (const [fault, count] of compared.counts) {
      byFault[fault] = (byFault[fault] ?? 0) + Number(count);
      sums.planted += Number(count);
    }
    if (!keep) for (const each of Object.values(files)) rmSync(each, { force: true });
    progress?.(
      `${month}: checksum ${checksum.seconds.toFixed(2)} s (cpu ${checksum.cpu.toFixed(1)}), ` +
        `bare ${bare.seconds.toFixed(2)} s (cpu ${bare.cpu.toFixed(1)}), compared ` +
        `${compared.ours.seconds.toFixed(2)} s (cpu ${compared.ours.cpu.toFixed(1)}), ` +
        `${sums.planted} planted so far, ${missed.length} missed, ${invented.length} invented`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  const found = sums.planted - missed.length;
  return {
    ...sums,
    byFault,
    missed,
    invented,
    recall: sums.planted === 0 ? 1 : found / sums.planted,
    precision: found + invented.length === 0 ? 1 : found / (found + invented.length),
    ratio: sums.ours / sums.bare,
    cpuRatio: sums.oursCpu / sums.bareCpu,
    checksumRatio: sums.ours / sums.checksum,
    checksumCpuRatio: sums.oursCpu / sums.checksumCpu,
    peakMemoryGb: peakMemoryGb(),
  };
}

const option = (wanted, fallback) =>
  process.argv.find((each) => each.startsWith(`--${wanted}=`))?.split('=')[1] ?? fallback;

/** One row for the table of all benches. */
export async function run() {
  const result = await nationalReconciliation({
    months: Number(option('months', '1')),
    scale: Number(option('scale', '0.1')),
    seed: Number(option('seed', '2024')),
    folder: option('folder', new URL('out/reconciliation', import.meta.url).pathname),
    keep: false,
  });
  assert(result.missed.length + result.invented.length === 0, 'exactly what was planted is found');
  return [
    {
      what: `two books, ${result.rows} rows, ${result.planted} planted differences`,
      ours: result.ours,
      limit: result.bare,
      unit: 's',
      ratio: result.ratio,
      cpuSeconds: result.oursCpu,
    },
  ];
}

const wanted = {
  scale: Number(option('scale', '1')),
  seed: Number(option('seed', '2024')),
  folder: option('folder', new URL('out/reconciliation', import.meta.url).pathname),
};
const month = option('generate', '');
if (isMain(import.meta) && month !== '') await generateMonth(month, wanted);
else if (isMain(import.meta)) {
  const { missed, invented, rows, ...result } = await nationalReconciliation({
    ...wanted,
    months: Number(option('months', '1')),
    keep: !process.argv.includes('--remove'),
    progress: console.log,
  });
  console.log(
    JSON.stringify(
      {
        generated: true,
        rows: String(rows),
        ...result,
        missed: missed.length,
        invented: invented.length,
        examples: [...missed.slice(0, 5), ...invented.slice(0, 5)],
      },
      null,
      2,
    ),
  );
}
