// Changed inputs against readers of a format: no exception, no hang and no growth of memory.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from './pictures.mjs';

/** CPU time of one input. */
const SLOWEST_MS = 2000;
/** Resident memory that a run may come to hold over what it held when it was warm. */
const GROWTH_BYTES = 600 * 1024 * 1024;
/** Inputs after which code and heap are as they stay. */
const WARM_AFTER = 5000;
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
function mutate(seed, other, next) {
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

/**
 * Reads `count` changed inputs. `read` takes the bytes, the seed they come from and how many were
 * before; it answers whether something was read, or throws.
 *
 * @returns how many were tried and read, and faults by the place where they arise, each with the
 *   first input that led there
 */
export async function tryMutations({ name, seeds, read, count, seconds = Infinity, seed, log }) {
  const faults = new Map();
  const next = random(seed);
  const pick = () => seeds[Math.floor(next() * seeds.length)];
  const until = performance.now() + seconds * 1000;
  let [accepted, slowest, warm, done] = [0, 0, 0, 0];
  for (; done < count && performance.now() < until; done++) {
    const one = pick();
    const bytes = mutate(one.bytes, pick().bytes, next);
    const note = (place) => {
      if (!faults.has(place)) faults.set(place, { name: one.name, bytes });
    };
    const before = process.cpuUsage();
    try {
      const isRead = read(bytes, one, done);
      if (typeof isRead === 'boolean' ? isRead : await isRead) accepted += 1;
    } catch (thrown) {
      note(String(thrown.stack).split('\n').slice(0, 3).join(' '));
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    slowest = Math.max(slowest, ms);
    if (ms > SLOWEST_MS) note(`hang of ${name}`);
    if (done === WARM_AFTER) warm = process.memoryUsage().rss;
    if (done % 20_000 === 0 && warm > 0 && process.memoryUsage().rss - warm > GROWTH_BYTES) {
      throw new Error(`${name} ${done}: memory grows without end`);
    }
    if (done % 100_000 === 99_999) log?.(`${name} ${done + 1}, ${accepted} read`);
  }
  return { name, done, read: accepted, slowestMs: Math.round(slowest), faults };
}

/** Prints what a run saw; inputs that led to a fault are kept in the folder for such files. */
export function tellMutations(seen, seed) {
  console.log(JSON.stringify({ ...seen, faults: seen.faults.size }));
  for (const [place, { name, bytes }] of seen.faults) {
    const file = join(tmpdir(), `mutated-${seen.name}-${seed}-${bytes.length}`);
    writeFileSync(file, bytes);
    console.log(`${place}\n  of ${name}, kept as ${file}`);
    process.exitCode = 1;
  }
}

/** Options that all these runs take. */
export const MUTATION_OPTIONS = {
  count: { type: 'string', default: '10000' },
  seconds: { type: 'string', default: 'Infinity' },
  seed: { type: 'string', default: '1' },
};

/** What {@link MUTATION_OPTIONS} were given as. */
export const mutationNumbers = ({ count, seconds, seed }) => ({
  count: Number(count),
  seconds: Number(seconds),
  seed: Number(seed),
});
