// Mutated cuts and logs against every reader of the timeline package: no exception, no hang and no
// growth of memory. Seeds are cuts of our own in every format, and whatever files are given.
// `node bench/timeline-mutations.mjs [--count N] [--seconds S] [--seed N] [--format F] [FILE …]`.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  clip,
  detectFormat,
  external,
  marker,
  range,
  rateOfDouble,
  readTimeline,
  TIMELINE_FORMATS,
  time,
  timeline,
  timeWarp,
  track,
  transition,
  writeTimeline,
  WRITTEN_FORMATS,
} from '../packages/timeline/dist/index.js';
import { isMain } from './measure.mjs';
import { random } from './support/pictures.mjs';

/** CPU time of one input. */
const SLOWEST_MS = 2000;
/** Resident memory that a run may come to hold over what it held when it was warm. */
const GROWTH_BYTES = 600 * 1024 * 1024;
/** Files longer than this would make a run of the same length see far fewer mutations. */
const SEED_BYTES_MAX = 400_000;
const WORDS = [
  '00:00:00:00',
  '01:00:00;02',
  '-1',
  '99999999999999999999',
  '1e309',
  'NaN',
  '0/0',
  '1001/24000s',
  '<',
  '/>',
  '&#x0;',
  '&a;',
  ']]>',
  '<!--',
  '{',
  '[',
  '"',
  '\\u0000',
  'null',
  '* FROM CLIP NAME:',
  'M2',
  'TITLE:',
  '#EXTINF:',
  '\t',
  '\r',
  '\n\n',
  '\u0000',
  '影',
].map((word) => new TextEncoder().encode(word));

const NUMBERS = [
  '0',
  '-1',
  '1',
  '24',
  '23.976',
  '1e309',
  '-9223372036854775808',
  '18446744073709551616',
  '0.1',
  '1001',
  '86400',
  '2147483648',
  '1e-320',
].map((word) => new TextEncoder().encode(word));
const isDigit = (byte) => byte >= 0x30 && byte <= 0x39;

function ownSeeds() {
  const rate = rateOfDouble(30_000 / 1001);
  const clips = [0, 1, 2, 3].map((i) =>
    clip({
      name: `A00${i}_take`,
      sourceRange: range(1000 + i * 100, 24 + i, rate),
      effects: i === 2 ? [timeWarp(2)] : [],
      markers: i === 1 ? [marker(range(1104, 0, rate), { name: 'look', color: 'RED' })] : [],
      metadata: { yinglian: { reel: `A00${i}C001` } },
      media: { DEFAULT_MEDIA: external(`file:///m/A00${i}.mov`) },
    }),
  );
  const children = [clips[0], transition(time(0, rate), time(6, rate)), ...clips.slice(1)];
  const cut = timeline([track({ name: 'V', children })], { name: 'CUT' });
  return WRITTEN_FORMATS.flatMap((format) => {
    const made = writeTimeline(cut, format);
    return made.ok ? [{ format, bytes: made.value, name: `own ${format}` }] : [];
  });
}

function fileSeeds(paths) {
  return paths.flatMap((name) => {
    const bytes = new Uint8Array(readFileSync(name));
    const format = detectFormat(bytes);
    if (format === undefined || bytes.length > SEED_BYTES_MAX) return [];
    return [{ format, bytes, name }];
  });
}

/** What keeps brackets and tags whole, so that a change is seen behind the syntax. */
function gentle(bytes, at, next, splice) {
  const pick = (from) => from[Math.floor(next() * from.length)];
  let place = at;
  if (next() < 0.5) {
    while (place < bytes.length && !isDigit(bytes[place])) place += 1;
    let end = place;
    while (end < bytes.length && isDigit(bytes[end])) end += 1;
    if (end > place) splice(place, end - place, pick(NUMBERS));
    return;
  }
  while (place < bytes.length && bytes[place] !== 0x22) place += 1;
  let end = place + 1;
  while (end < bytes.length && bytes[end] !== 0x22) end += 1;
  if (end >= bytes.length) return;
  const word = pick(WORDS).filter((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x3c);
  splice(place + 1, end - place - 1, Uint8Array.from(word));
}

/** One to six changes: bytes, digits, words of the formats, parts cut, repeated or moved. */
export function mutate(seed, other, next) {
  let bytes = seed.slice();
  const below = (bound) => Math.floor(next() * bound);
  const splice = (at, gone, put) => {
    const made = new Uint8Array(bytes.length - gone + put.length);
    made.set(bytes.subarray(0, at));
    made.set(put, at);
    made.set(bytes.subarray(at + gone), at + put.length);
    bytes = made;
  };
  const isGentle = next() < 0.6;
  for (let change = 1 + below(6); change > 0; change--) {
    const at = below(bytes.length + 1);
    if (isGentle) {
      gentle(bytes, at, next, splice);
      continue;
    }
    const gone = Math.min(below(64), bytes.length - at);
    const kind = below(8);
    if (kind === 0 && at < bytes.length) bytes[at] = below(256);
    else if (kind === 1 && at < bytes.length) bytes[at] ^= 1 << below(8);
    else if (kind === 2 && at < bytes.length) bytes[at] = 0x30 + below(10);
    else if (kind === 3) splice(at, gone >> 3, WORDS[below(WORDS.length)]);
    else if (kind === 4) splice(at, gone, new Uint8Array(0));
    else if (kind === 5) splice(at, 0, bytes.slice(at, at + below(400)));
    else if (kind === 6) {
      const from = below(other.length);
      splice(at, gone, other.subarray(from, from + below(200)));
    } else if (below(12) === 0) bytes = bytes.slice(0, at);
    else if (at < bytes.length) bytes[at] = [0, 0xff, 0x7f, 0x80][below(4)];
  }
  return bytes;
}

/** Faults by the place where they arise, each with the first input that led there. */
export function mutations({ format, seeds, count, seconds, seed, log }) {
  const faults = new Map();
  const note = (thrown, bytes, name) => {
    const place = String(thrown.stack).split('\n').slice(0, 3).join(' ');
    if (!faults.has(place)) faults.set(place, { name, bytes });
  };
  const next = random(seed);
  const until = performance.now() + seconds * 1000;
  let [refused, slowest, warm, done] = [0, 0, 0, 0];
  for (; done < count && performance.now() < until; done++) {
    const one = seeds[Math.floor(next() * seeds.length)];
    const other = seeds[Math.floor(next() * seeds.length)];
    const bytes = mutate(one.bytes, other.bytes, next);
    const before = process.cpuUsage();
    let outcome;
    try {
      outcome = readTimeline(bytes, { format });
      // What was read can be written, whatever it is; every tenth keeps the run quick.
      if (outcome.ok && done % 10 === 0) {
        for (const each of WRITTEN_FORMATS) writeTimeline(outcome.value, each);
      }
    } catch (thrown) {
      note(thrown, bytes, one.name);
      continue;
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    slowest = Math.max(slowest, ms);
    if (ms > SLOWEST_MS) note(new Error(`hang of ${format}`), bytes, one.name);
    if (!outcome.ok) refused += 1;
    if (!Array.isArray(outcome.findings)) throw new Error(`${format} ${done}: no findings`);
    if (done === 5000) warm = process.memoryUsage().rss;
    if (done % 20_000 === 0 && warm > 0 && process.memoryUsage().rss - warm > GROWTH_BYTES) {
      throw new Error(`${format} ${done}: memory grows without end`);
    }
    if (done % 100_000 === 99_999) log?.(`${format} ${done + 1}, ${refused} refused`);
  }
  return { format, done, refused, slowestMs: Math.round(slowest), faults };
}

if (isMain(import.meta)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '1e9' },
      seed: { type: 'string', default: '1' },
      format: { type: 'string' },
    },
  });
  const seeds = [...ownSeeds(), ...fileSeeds(positionals)];
  for (const format of TIMELINE_FORMATS.filter((each) =>
    [undefined, each].includes(values.format),
  )) {
    const fitting = seeds.filter((each) => each.format === format);
    if (fitting.length === 0) {
      console.log(`${format}: no seeds`);
      continue;
    }
    const [count, seconds, seed] = [values.count, values.seconds, values.seed].map(Number);
    const log = (line) => console.log(line);
    const seen = mutations({ format, seeds: fitting, count, seconds, seed, log });
    console.log(JSON.stringify({ ...seen, faults: seen.faults.size }));
    for (const [place, { name, bytes }] of seen.faults) {
      const file = join(tmpdir(), `mutated-${format}-${seed}-${bytes.length}`);
      writeFileSync(file, bytes);
      console.log(`${place}\n  of ${name}, kept as ${file}`);
      process.exitCode = 1;
    }
  }
}
