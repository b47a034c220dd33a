// The price of exactness: one amount divided among seven parties so that nothing is lost, against
// the bare arithmetic that any exact division needs (seven BigInt products and quotients).
import { allocate, basisPoints, canonicalJson, formatTimecode, FRAME_RATES } from '@yinglian/core';
import { parseTimecode, shareFen } from '@yinglian/core';
import { inTurns, isMain } from './measure.mjs';
import { printTable } from './table.mjs';

export const name = 'money and time';

const SPLITS = 200_000;
const WEIGHTS = [5000n, 700n, 100n, 420n, 1890n, 945n, 945n];
const TOTAL = WEIGHTS.reduce((sum, weight) => sum + weight, 0n);
/** Kept so that nothing measured can be optimised away. */
let sink = 0n;

function split() {
  for (let i = 0; i < SPLITS; i++) {
    for (const part of allocate(6_426_600_000n + BigInt(i), WEIGHTS)) sink ^= part;
  }
}

function bareSplit() {
  for (let i = 0; i < SPLITS; i++) {
    const amount = 6_426_600_000n + BigInt(i);
    const parts = [];
    for (const weight of WEIGHTS) parts.push((amount * weight) / TOTAL);
    for (const part of parts) sink ^= part;
  }
}

function share() {
  const ratio = basisPoints(4300n);
  for (let i = 0; i < SPLITS; i++) sink ^= shareFen(6_426_600_000n + BigInt(i), ratio, 'half_up');
}

function bareShare() {
  for (let i = 0; i < SPLITS; i++) {
    const product = (6_426_600_000n + BigInt(i)) * 4300n;
    sink ^= product / 10_000n + (product % 10_000n);
  }
}

const DROP = { rate: FRAME_RATES['29.97'], dropFrame: true };

function timecode() {
  for (let i = 0; i < SPLITS; i++) {
    const read = parseTimecode(formatTimecode(BigInt(i * 12), DROP), DROP);
    sink ^= read.value;
  }
}

/** The least that text needs: four numbers written, padded, joined, cut and read again. */
function bareTimecode() {
  for (let i = 0; i < SPLITS; i++) {
    const parts = [i % 24, i % 60, i % 59, i % 30].map((part) => String(part).padStart(2, '0'));
    sink ^= BigInt(
      parts
        .join(':')
        .split(':')
        .reduce((sum, part) => sum * 60 + Number(part), 0),
    );
  }
}

const RECORD = {
  film: '001200292015',
  cinema: '43014301',
  dates: ['2026-11-22', '2026-11-23'],
  amounts: { grossFen: '6426600000', fundFen: '321330000', shares: [5000, 700, 4300] },
};

function canonical() {
  for (let i = 0; i < SPLITS; i++) sink ^= BigInt(canonicalJson(RECORD).length);
}

function bareJson() {
  for (let i = 0; i < SPLITS; i++) sink ^= BigInt(JSON.stringify(RECORD).length);
}

const CASES = [
  ['7-way exact split ÷ bare BigInt', split, bareSplit],
  ['rounded share ÷ bare BigInt', share, bareShare],
  ['drop-frame timecode ÷ bare text', timecode, bareTimecode],
  ['canonical JSON ÷ JSON.stringify', canonical, bareJson],
];

export async function run() {
  const rows = [];
  for (const [what, work, bare] of CASES) {
    const [ours, limit] = await inTurns([work, bare]);
    rows.push({
      what,
      ours: SPLITS / ours,
      limit: SPLITS / limit,
      unit: '1/s',
      ratio: ours / limit,
      cpuSeconds: ours,
    });
  }
  if (sink === -1n) throw new Error('nothing was measured');
  return rows;
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
