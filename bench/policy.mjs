// Policy: matching of companies with every item, against the target of five CPU seconds for ten
// thousand companies; and the exact choice under "not both" at forty entangled claims.
import { HUNAN_2023_55, matchItems, openBook, stackClaims } from '@yinglian/policy';
import { isMain } from './measure.mjs';
import { printTable } from './table.mjs';

export const name = 'policy measures';

const COMPANIES = 10_000;
const TARGET_CPU_SECONDS = 5;
const STACKS = 200;
/** Each of the 40 may need a solution of its own for its alternative: 40 × 200 at 0.5 ms. */
const TARGET_STACK_SECONDS = 4;

export async function run() {
  const book = openBook(HUNAN_2023_55, { eventDate: '2025-06-30', knownOn: '2025-06-30' });
  const kinds = ['enterprise', 'state_enterprise', 'university', 'association', 'park'];
  let answered = 0;
  let eligible = 0;
  const matching = cpuSeconds(() => {
    for (let n = 0; n < COMPANIES; n++) {
      const facts = {
        'applicant.kind': { value: kinds[n % kinds.length] },
        'applicant.audio_video': { value: n % 3 !== 0 },
        'applicant.leading': { value: n % 7 === 0 },
        'centre.invested': { value: n % 2 === 0 },
        'centre.recognised': { value: ['none', 'city', 'province', 'nation'][n % 4] },
        'orders.this_year': { value: String(n * 1_003) },
        'orders.last_year': { value: String(n * 977) },
        'base.kind': { value: ['none', 'base', 'college'][n % 3] },
        'base.cost': { value: String(n * 100_003) },
      };
      for (const { status } of matchItems(book, facts)) {
        answered += 1;
        if (status === 'eligible') eligible += 1;
      }
    }
  });
  if (answered !== COMPANIES * 37 || eligible < COMPANIES) throw new Error('not all was answered');
  const stacking = cpuSeconds(() => {
    for (let n = 0; n < STACKS; n++) {
      const found = stackClaims(tangle(n));
      if (!found.ok || found.value.totalFen === 0n) throw new Error('not decided');
    }
  });
  return [
    row('10,000 companies × 37 items', matching, TARGET_CPU_SECONDS),
    row(`${STACKS} × 40 claims, not both, with every alternative`, stacking, TARGET_STACK_SECONDS),
  ];
}

function row(what, ours, limit) {
  return { what, ours, limit, unit: 'CPU s', ratio: ours / limit, cpuSeconds: ours };
}

/** Forty claims of five instruments over eight objects, two objects each. */
function tangle(seed) {
  return Array.from({ length: 40 }, (_, index) => ({
    id: String(index),
    instrument: `i${index % 5}`,
    jurisdiction: 'province',
    own: index % 5 === 0,
    item: 'x',
    kinds: ['k'],
    objects: [`o${index % 8}`, `o${(index * 3 + seed) % 8}`],
    costs: [],
    appliedOn: '2025-03-01',
    amountFen: BigInt(1 + ((index * 7919 + seed * 31) % 97)),
    caps: [],
  }));
}

function cpuSeconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
