// Cuts of 10,000 and 100,000 events: reading, writing, comparing. Limits are the bars of the
// project: what a list, a document and a comparison may cost in CPU seconds.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clip,
  compareCuts,
  external,
  range,
  rateOfDouble,
  readEdlText,
  timeline,
  track,
  writeEdlText,
  writeOtio,
} from '@yinglian/timeline';

export const name = 'timelines';

const RATE = rateOfDouble(24);

/** A cut of so many uses of some media; `seed` moves some of them. */
function cutOf(count, seed) {
  const children = [];
  for (let i = 0; i < count; i++) {
    const changed = seed > 0 && i % 50 === 0;
    const reel = `A${String(i % 97).padStart(3, '0')}C${String(i % 31).padStart(3, '0')}`;
    children.push(
      clip({
        name: `${reel}_take`,
        sourceRange: range(
          1000 + ((i * 1009) % 80_000) + (changed ? seed : 0),
          10 + (i % 70),
          RATE,
        ),
        metadata: { yinglian: { reel } },
        media: { DEFAULT_MEDIA: external(`file:///media/${reel}.mov`) },
      }),
    );
  }
  return timeline([track({ name: 'V', children })], { name: `CUT_${seed}` });
}

function cpuSeconds(work) {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, seconds: (user + system) / 1e6 };
}

function row(what, limit, seconds) {
  return { what, ours: seconds, limit, unit: 's', ratio: seconds / limit, cpuSeconds: seconds };
}

/** A process that does nothing but open a document: CPU seconds and what it comes to hold. */
const OPENING = `
import { readFileSync } from 'node:fs';
import { readOtio } from '@yinglian/timeline';
const before = process.cpuUsage();
const read = readOtio(readFileSync(process.argv[1]));
const { user, system } = process.cpuUsage(before);
if (!read.ok) throw new Error('not read');
console.log((user + system) / 1e6, process.resourceUsage().maxRSS / 1024);
`;

function openingRows(document) {
  const place = mkdtempSync(join(tmpdir(), 'yinglian-bench-otio-'));
  try {
    const file = join(place, 'cut.otio');
    writeFileSync(file, document);
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', OPENING, file], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    const [seconds, memory] = said.split(' ').map(Number);
    const what = `.otio of 100,000 clips (${Math.round(document.length / 1e6)} MB)`;
    const limit = 400;
    return [
      row(`${what}, read`, 1.5, seconds),
      { what: `${what}, memory`, ours: memory, limit, unit: 'MB', ratio: memory / limit },
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** One row for each thing done. */
export async function run() {
  const many = cutOf(100_000, 0);
  const list = cpuSeconds(() => writeEdlText(many));
  const read = cpuSeconds(() => readEdlText(list.value.value, { rate: RATE }));
  const written = cpuSeconds(() => writeOtio(many));
  const [before, after] = [cutOf(10_000, 0), cutOf(10_000, 5)];
  const compared = cpuSeconds(() => compareCuts(before, after));
  return [
    row('edit list of 100,000 events, read', 3, read.seconds),
    row('edit list of 100,000 events, written', 3, list.seconds),
    ...openingRows(written.value),
    row(`.otio of 100,000 clips, written`, 3, written.seconds),
    row('two cuts of 10,000 events, compared', 1, compared.seconds),
  ];
}
