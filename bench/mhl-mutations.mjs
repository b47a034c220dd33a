// Mutated hash lists against every reader of them: no exception, no hang and no growth of memory.
// Seeds are whatever manifests, chains and lists of version 1 are given, and two of our own.
// `node bench/mhl-mutations.mjs [--count N] [--seed N] [FILE …]`.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { memorySource } from '../packages/core/dist/index.js';
import { readChain, readManifest1, readWholeManifest } from '../packages/mhl/dist/index.js';
import { isMain } from './measure.mjs';
import { random } from './support/pictures.mjs';
import { mutate } from './timeline-mutations.mjs';

/** CPU time of one input. */
const SLOWEST_MS = 2000;
/** Resident memory that a run may come to hold over what it held when it was warm. */
const GROWTH_BYTES = 600 * 1024 * 1024;
const SEED_BYTES_MAX = 40_000;
const READERS = { readWholeManifest, readManifest1, readChain };
const OWN = [
  '<hashlist version="1.1"><hash><file>a</file><size>1</size><md5>00</md5></hash></hashlist>',
  '<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1">' +
    '<path>a.mhl</path><c4>c41</c4></hashlist></ascmhldirectory>',
].map((text) => ({ name: 'own', bytes: new TextEncoder().encode(text) }));

/** Faults by the place where they arise, each with the first input that led there. */
export async function mutations({ seeds, count, seed, log }) {
  const faults = new Map();
  const next = random(seed);
  const pick = () => seeds[Math.floor(next() * seeds.length)];
  let [read, slowest, warm] = [0, 0, 0];
  for (let done = 0; done < count; done++) {
    const one = pick();
    const bytes = mutate(one.bytes, pick().bytes, next);
    const before = process.cpuUsage();
    for (const [name, reader] of Object.entries(READERS)) {
      try {
        const { findings } = await reader(memorySource(bytes));
        if (!Array.isArray(findings)) throw new Error('no findings');
        if (findings.every(({ severity }) => severity !== 'error')) read += 1;
      } catch (thrown) {
        const place = `${name} ${String(thrown.stack).split('\n').slice(0, 3).join(' ')}`;
        if (!faults.has(place)) faults.set(place, { name: one.name, bytes });
      }
    }
    const { user, system } = process.cpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1000);
    if ((user + system) / 1000 > SLOWEST_MS) faults.set(`hang ${done}`, { name: one.name, bytes });
    if (done === 5000) warm = process.memoryUsage().rss;
    if (done % 20_000 === 0 && warm > 0 && process.memoryUsage().rss - warm > GROWTH_BYTES) {
      throw new Error(`${done}: memory grows without end`);
    }
    if (done % 100_000 === 99_999) log?.(`mhl ${done + 1}, ${read} read without an error`);
  }
  return { done: count, read, slowestMs: Math.round(slowest), faults };
}

if (isMain(import.meta)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const given = positionals.map((name) => ({ name, bytes: new Uint8Array(readFileSync(name)) }));
  const seeds = [...OWN, ...given.filter(({ bytes }) => bytes.length <= SEED_BYTES_MAX)];
  const [count, seed] = [values.count, values.seed].map(Number);
  const seen = await mutations({ seeds, count, seed, log: (line) => console.log(line) });
  console.log(JSON.stringify({ ...seen, faults: seen.faults.size }));
  for (const [place, { name, bytes }] of seen.faults) {
    const file = join(tmpdir(), `mutated-mhl-${seed}-${bytes.length}`);
    writeFileSync(file, bytes);
    console.log(`${place}\n  of ${name}, kept as ${file}`);
    process.exitCode = 1;
  }
}
