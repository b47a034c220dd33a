// Five books of a hundredth of the nation, month by month: ticketing, circuit, fund office, online
// seller and playback log, with faults planted in each. What is found has to be what was planted,
// book by book and kind by kind. All data here is generated from a seed; none of it is real.
//
//   node bench/five-books.mjs                   one month
//   node bench/five-books.mjs --months=12       the whole year
import { assert, lastDayOf } from '@yinglian/core';
import { reconcile } from '@yinglian/reconciliation';
import { isMain } from './measure.mjs';

const YEAR = 2024;
const CINEMAS = 133;
const STARTS = ['10:00', '13:30', '17:00', '20:30'];
const SMALL_FEN = 100n;
/** One show in so many has a fault; it has one alone, so that each has one name. */
const ONE_IN = 500;

/** A whole number below 2 ** 32 that depends on its parts alone (FNV-1a with a last mixing). */
function dice(...parts) {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** What a fault makes of the row in one book; no row, or two. */
const SAME = ['circuit', 'fund'];
const SPOILS = {
  missing_row: () => [],
  duplicate_row: (row) => [row, { ...row, row: `${row.row}b` }],
  gross_differs: (row) => [{ ...row, grossFen: row.grossFen - 500n }],
  gross_differs_small: (row) => [{ ...row, grossFen: row.grossFen + 30n }],
  admissions_differ: (row) => [{ ...row, admissions: row.admissions + 7 }],
  business_day_shift: (row) => [{ ...row, date: dayAfter(row.date) }],
  film_code_swapped: (row) => [{ ...row, filmCode: `009${row.filmCode.slice(3)}` }],
  id_format_noise: (row) => [{ ...row, screeningId: ` ${row.screeningId.toLowerCase()}` }],
};
const KINDS = [
  ...SAME.flatMap((source) =>
    [...Object.keys(SPOILS), 'unexpected_row'].map((kind) => [source, kind]),
  ),
  ['online', 'channel_exceeds'],
  ['playback', 'sold_but_not_played'],
  ['playback', 'played_with_zero_sales'],
  ['playback', 'played_but_unreported'],
];
/** Kinds that one book shows by itself. */
const ALONE = new Set(['duplicate_row', 'id_format_noise']);

const dayAfter = (date) => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);

/** The five books of a month and the names of all faults in them. */
function monthOf(month, seed) {
  const rows = { ticketing: [], circuit: [], fund: [], online: [], playback: [] };
  const planted = [];
  const days = Number(lastDayOf(month).slice(8));
  for (let c = 0; c < CINEMAS; c++) {
    const cinemaCode = String(11_000_001 + c * 10);
    const halls = 4 + (dice(c, 6) % 9);
    for (let hall = 1; hall <= halls; hall++) {
      for (let day = 1; day <= days; day++) {
        STARTS.forEach((start, slot) => {
          const place = { cinemaCode, hall: String(hall), date: `${month}-${pad(day)}`, start };
          addShow(rows, planted, place, dice(c, hall, day, slot, Number(month.slice(5)), seed));
        });
      }
    }
  }
  return { rows, planted };
}

const pad = (number) => String(number).padStart(2, '0');

function addShow(rows, planted, place, chance) {
  const isFaulty = chance % ONE_IN === 0;
  const [source, kind] = isFaulty ? KINDS[dice(chance, 3) % KINDS.length] : [];
  const day = place.date.slice(5).replace('-', '');
  const id = `S${place.cinemaCode}${pad(place.hall)}${day}${place.start.slice(0, 2)}`;
  const isEmpty = kind === 'played_with_zero_sales';
  const admissions = isEmpty ? 0 : 10 + (dice(chance, 1) % 150);
  const price = 2900n + BigInt(dice(chance, 2) % 30) * 100n;
  const row = {
    row: id,
    screeningId: id,
    ...place,
    filmCode: `0011${pad(chance % 90)}01${YEAR}`,
    admissions,
    grossFen: BigInt(admissions) * price,
  };
  const sold = Math.floor(admissions * 0.8);
  const online = { onlineAdmissions: sold, onlineGrossFen: BigInt(sold) * price };
  if (kind === 'unexpected_row') {
    const extra = { ...row, row: `${id}X`, screeningId: `${id}X`, start: '23:55' };
    rows[source].push(extra);
    planted.push(nameOf(kind, source, `${id}X`));
  } else if (kind === 'played_but_unreported') {
    rows.playback.push({ ...row, row: `${id}P`, start: '23:50' });
    planted.push(nameOf(kind, source, `${place.cinemaCode}/${place.hall}/${place.date}/23:50`));
  } else if (kind !== undefined) planted.push(nameOf(kind, source, id));
  rows.ticketing.push({ ...row, ...online });
  for (const each of SAME) {
    const spoil = each === source ? SPOILS[kind] : undefined;
    rows[each].push(...(spoil === undefined ? [row] : spoil(row)));
  }
  const more = kind === 'channel_exceeds' ? 2 : 0;
  if (sold > 0)
    rows.online.push({ ...row, admissions: sold + more, grossFen: BigInt(sold + more) * price });
  if (kind !== 'sold_but_not_played') rows.playback.push(row);
}

const nameOf = (kind, source, key) =>
  `${kind}|${ALONE.has(kind) ? source : 'ticketing'}|${source}|${key}`;

const RULES = {
  reference: 'ticketing',
  equals: SAME.map((source) => ({ source, smallFen: SMALL_FEN })),
  channels: [{ source: 'online' }],
  playback: [{ source: 'playback' }],
};

/** Compares months of five books; gives what was planted, missed and invented, and the time. */
function fiveBooks({ months, seed, progress }) {
  const sums = { rows: 0, planted: 0, missed: [], invented: [], cpu: 0, seconds: 0 };
  for (let m = 1; m <= months; m++) {
    const month = `${YEAR}-${pad(m)}`;
    const { rows, planted } = monthOf(month, seed);
    const books = Object.entries(rows).map(([source, list]) => ({ source, rows: list }));
    const [began, used] = [performance.now(), process.cpuUsage()];
    const outcome = reconcile(books, RULES);
    const { user, system } = process.cpuUsage(used);
    sums.cpu += (user + system) / 1e6;
    sums.seconds += (performance.now() - began) / 1000;
    assert(outcome.ok, 'all five books are there');
    const found = outcome.value.differences.map((each) =>
      [each.kind, ...each.between, each.key].join('|'),
    );
    sums.missed.push(...without(planted, found));
    sums.invented.push(...without(found, planted));
    sums.planted += planted.length;
    sums.rows += books.reduce((sum, book) => sum + book.rows.length, 0);
    progress?.(
      `${month}: ${sums.rows} rows, ${sums.planted} planted, ` +
        `${sums.missed.length} missed, ${sums.invented.length} invented`,
    );
  }
  return sums;
}

/** The members of one list that the other lacks, counted. */
function without(list, others) {
  const counts = new Map();
  for (const each of others) counts.set(each, (counts.get(each) ?? 0) + 1);
  return list.filter((each) => {
    const left = counts.get(each) ?? 0;
    counts.set(each, left - 1);
    return left <= 0;
  });
}

const option = (wanted, fallback) =>
  process.argv.find((each) => each.startsWith(`--${wanted}=`))?.split('=')[1] ?? fallback;

if (isMain(import.meta)) {
  const { missed, invented, ...result } = fiveBooks({
    months: Number(option('months', '1')),
    seed: Number(option('seed', '7')),
    progress: console.log,
  });
  console.log({ ...result, missed: missed.slice(0, 5), invented: invented.slice(0, 5) });
}
