// Hash lists against the bare loop that reads and hashes the same files with the same machinery, in
// CPU seconds; and offloads against what the disk itself can do, in seconds of the wall, as copying
// waits for disks. Files are in the cache for the first, and forced to the disk for the second.
import { createHash, randomFillSync } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createGeneration } from '../packages/mhl/dist/index.js';
import {
  diskTree,
  loadHashing,
  openHash,
  openHashPool,
  runOffload,
} from '../apps/transfer/dist/index.js';
import { inTurns, median } from './measure.mjs';

export const name = 'hash lists, CPU seconds against the bare loop; offload, seconds against disks';

const LARGE_FILES = 8;
const LARGE_BYTES = 64 * 1024 * 1024;
/** A roll of 4.3 GB, of holes: from the cache they are read like any other bytes. */
const ROLL_FILES = 8;
const ROLL_BYTES = 512 * 1024 * 1024;
const SMALL_FILES = 5000;
const SMALL_BYTES = 16 * 1024;
const READ_BYTES = 4 * 1024 * 1024;

const creator = {
  creationDate: '2026-01-01T00:00:00+00:00',
  hostname: 'bench',
  tool: { name: 'yinglian', version: '0.1.0' },
  authors: [],
};

export async function run() {
  const place = mkdtempSync(join(tmpdir(), 'yinglian-bench-mhl-'));
  try {
    const large = fill(join(place, 'LARGE'), LARGE_FILES, LARGE_BYTES);
    const roll = join(place, 'ROLL');
    mkdirSync(roll);
    for (let i = 0; i < ROLL_FILES; i++) {
      const file = join(roll, `clip${i}.mov`);
      writeFileSync(file, '');
      truncateSync(file, ROLL_BYTES);
    }
    const small = fill(join(place, 'SMALL'), SMALL_FILES, SMALL_BYTES);
    return [
      await hashing('8 × 64 MB, xxh128', large, 'xxh128'),
      await hashing('8 × 64 MB, md5', large, 'md5'),
      await bothCores('8 × 512 MB, xxh128, two cores', roll, 'xxh128'),
      await bothCores('8 × 512 MB, md5, two cores', roll, 'md5'),
      await hashing('5,000 × 16 kB, xxh64', small, 'xxh64'),
      ...(await offloading(place, large)),
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function fill(folder, count, bytes) {
  mkdirSync(folder);
  const content = Buffer.alloc(bytes);
  randomFillSync(content);
  for (let i = 0; i < count; i++) {
    content.writeUInt32LE(i);
    writeFileSync(join(folder, `clip${String(i).padStart(5, '0')}.mov`), content);
  }
  return folder;
}

const hashers = new Map();
async function hasher(format) {
  if (format === 'md5') return createHash('md5');
  // Opened once before it counts, as ours reuses its instances too.
  if (!hashers.has(format)) hashers.set(format, (await openHash(format)).digest());
  return openHash(format);
}

/** What anybody would write: read, hash, next. */
async function bareLoop(folder, format, half) {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const files = readdirSync(folder).filter((file) => file.endsWith('.mov'));
  for (const [index, file] of files.entries()) {
    if (half !== undefined && index % 2 !== half) continue;
    const hash = await hasher(format);
    const descriptor = openSync(join(folder, file), 'r');
    for (;;) {
      const read = readSync(descriptor, buffer, 0, READ_BYTES, null);
      if (read === 0) break;
      hash.update(buffer.subarray(0, read));
    }
    closeSync(descriptor);
    hash.digest();
  }
}

let generations = 0;
const smallHashes = await loadHashing();
async function createOne(what, folder, format, pool) {
  const startedAt = Date.UTC(2026, 0, 1) + 1000 * generations++;
  const made = await createGeneration(diskTree(folder, pool), smallHashes, {
    formats: [format],
    creator,
    startedAt,
    now: () => startedAt,
  });
  if (made.generations.length !== 1 || made.findings.length > 0) throw new Error(what);
  rmSync(join(folder, 'ascmhl'), { recursive: true });
}

async function hashing(what, folder, format) {
  const pool = openHashPool(2);
  const ours = () => createOne(what, folder, format, pool);
  try {
    const [mine, limit] = await inTurns([ours, () => bareLoop(folder, format)], 5);
    return { what, ours: mine, limit, unit: 's', ratio: mine / limit, cpuSeconds: mine };
  } finally {
    await pool.close();
  }
}

/** Whoever hashes with all cores divides the files among two loops: seconds of the wall of both. */
async function bothCores(what, folder, format) {
  const pool = openHashPool(2);
  const loops = [0, 1].map((half) => new Worker(new URL(import.meta.url), { workerData: half }));
  const done = (loop) => new Promise((resolve) => loop.once('message', resolve));
  const bare = () => {
    const all = Promise.all(loops.map(done));
    for (const loop of loops) loop.postMessage({ folder, format });
    return all;
  };
  try {
    await createOne(what, folder, format, pool);
    await bare();
    const seconds = { mine: [], limit: [] };
    for (let turn = 0; turn < 5; turn++) {
      const began = performance.now();
      await createOne(what, folder, format, pool);
      const between = performance.now();
      await bare();
      seconds.mine.push((between - began) / 1000);
      seconds.limit.push((performance.now() - between) / 1000);
    }
    const [mine, limit] = [median(seconds.mine), median(seconds.limit)];
    return { what, ours: mine, limit, unit: 's wall', ratio: mine / limit };
  } finally {
    await Promise.all([pool.close(), ...loops.map((loop) => loop.terminate())]);
  }
}

if (!isMainThread) {
  parentPort.on('message', ({ folder, format }) => {
    void bareLoop(folder, format, workerData).then(() => parentPort.postMessage('done'));
  });
}

async function wall(work) {
  execFileSync('sync');
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Two verified copies, against one bare copy and against the least that two verified ones take. */
async function offloading(place, source) {
  const folders = ['T1', 'T2'].map((each) => join(place, each));
  const clean = () => {
    for (const each of folders) {
      rmSync(each, { recursive: true, force: true });
      mkdirSync(each);
    }
  };
  const copy = (to) => execFileSync('cp', ['-r', source, to]);
  const readPastCache = (folder) => {
    for (const file of readdirSync(join(folder, 'LARGE'))) {
      const input = `if=${join(folder, 'LARGE', file)}`;
      execFileSync('dd', [input, 'of=/dev/null', 'bs=4M', 'iflag=direct'], { stdio: 'ignore' });
    }
  };
  const seconds = { ours: [], one: [], least: [] };
  for (let turn = 0; turn < 3; turn++) {
    clean();
    seconds.one.push(await wall(() => (copy(folders[0]), execFileSync('sync'))));
    clean();
    seconds.least.push(
      await wall(() => {
        folders.forEach(copy);
        execFileSync('sync');
        folders.forEach(readPastCache);
      }),
    );
    clean();
    seconds.ours.push(await wall(() => offload(source, folders)));
  }
  const [ours, one, least] = [seconds.ours, seconds.one, seconds.least].map(median);
  const row = (what, limit) => ({ what, ours, limit, unit: 's wall', ratio: ours / limit });
  return [
    row('offload to two, verified, against cp ×2 + sync + reading both past the cache', least),
    row('offload to two, verified, against cp to one + sync, not verified', one),
  ];
}

async function offload(source, targets) {
  const result = await runOffload({
    source,
    targets,
    formats: ['xxh64'],
    creator,
    startedAt: Date.now(),
    now: Date.now,
  });
  if (!result.verdict.safe) throw new Error(JSON.stringify(result.verdict.reasons));
}
