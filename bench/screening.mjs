// The rules over a generated year of screens: what they accuse wrongly, what they find of what was
// planted, and how fast. All data is generated from a seed; no cinema of it exists.
//
//   node bench/screening.mjs                 120 screens, a year
//   node bench/screening.mjs --screens=400
//
// The limit is the plainest program that could do it: the same records sorted once by screen and
// time, without looking at what they say.
import { examine, honestCinemas, measureRules, plantFaults } from '@yinglian/screening';
import { isMain } from './measure.mjs';

export const name = 'screening';
const DAYS = 365;
const PLANTS = 200;

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Measures of every rule, and the time of the examination beside that of a bare sort. */
export function measureYear(screens, days = DAYS, plants = PLANTS) {
  const quiet = honestCinemas(screens, days, 11);
  const cpu = cpuSeconds();
  const begun = performance.now();
  const honest = examine(quiet);
  const seconds = (performance.now() - begun) / 1000;
  const used = cpuSeconds() - cpu;
  const sorting = performance.now();
  const all = [
    ...quiet.shows.map((each) => ({ screenId: each.screenId, at: each.startsAt })),
    ...quiet.plays.map((each) => ({ screenId: each.screenId, at: each.startedAt })),
    ...quiet.takings.map((each) => ({ screenId: each.screenId, at: each.startsAt })),
  ];
  all.sort((a, b) => (a.screenId < b.screenId ? -1 : a.screenId > b.screenId ? 1 : a.at - b.at));
  const limit = (performance.now() - sorting) / 1000;
  const year = honestCinemas(screens, days, 12);
  const planted = plantFaults(year, plants, 13);
  const found = examine(year);
  const measures = measureRules(
    { sessions: honest.sessions.length, suspicions: honest.suspicions },
    { plants: planted, suspicions: found.suspicions },
  );
  return { measures, sessions: honest.sessions.length, seconds, limit, cpuSeconds: used };
}

/** One row for the table of all benches. */
export async function run() {
  const year = measureYear(120);
  printMeasures(year, process.stderr);
  return [
    {
      what: 'sessions of a year joined and examined',
      ours: year.sessions / year.seconds,
      limit: year.sessions / year.limit,
      unit: 'sessions/s',
      ratio: year.limit / year.seconds,
      cpuSeconds: year.cpuSeconds,
    },
  ];
}

function printMeasures({ measures }, out) {
  for (const { code, honest, falseAlarms, planted, found } of measures) {
    const rate = ((falseAlarms / honest) * 1e6).toFixed(1);
    const recall = ((found / planted) * 100).toFixed(1);
    out.write(`${code.padEnd(24)} recall ${recall.padStart(5)} % of ${planted}, `);
    out.write(`false alarms ${rate} per million (${falseAlarms} of ${honest})\n`);
  }
}

if (isMain(import.meta)) {
  const option = process.argv.find((each) => each.startsWith('--screens='));
  const year = measureYear(Number(option?.slice('--screens='.length) ?? 120));
  printMeasures(year, process.stdout);
  console.log(`${year.sessions} sessions in ${year.seconds.toFixed(2)} s`);
  if (process.argv.includes('--data')) console.log(JSON.stringify(year.measures, null, 2));
}
