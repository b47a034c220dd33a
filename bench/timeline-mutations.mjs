// Mutated cuts and logs against every reader of the timeline package: no exception, no hang and no
// growth of memory. Seeds are cuts of our own in every format, and whatever files are given.
// `node bench/timeline-mutations.mjs [--count N] [--seconds S] [--seed N] [--format F] [FILE …]`.
import { readFileSync } from 'node:fs';
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
import {
  MUTATION_OPTIONS,
  mutationNumbers,
  tellMutations,
  tryMutations,
} from './support/mutations.mjs';

/** Files longer than this would make a run of the same length see far fewer mutations. */
const SEED_BYTES_MAX = 400_000;

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

/** What was read can be written, whatever it is; every tenth keeps the run quick. */
const WRITTEN_EVERY = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...MUTATION_OPTIONS, format: { type: 'string' } },
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
  const read = (bytes, _seed, done) => {
    const outcome = readTimeline(bytes, { format });
    if (!Array.isArray(outcome.findings)) throw new Error(`${format} ${done}: no findings`);
    if (outcome.ok && done % WRITTEN_EVERY === 0) {
      for (const each of WRITTEN_FORMATS) writeTimeline(outcome.value, each);
    }
    return outcome.ok;
  };
  const numbers = mutationNumbers(values);
  const log = (line) => console.log(line);
  const seen = await tryMutations({ name: format, seeds: fitting, read, log, ...numbers });
  tellMutations(seen, numbers.seed);
}
