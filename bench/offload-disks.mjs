// An offload held against `cp`, where disks are the limit: a card and two targets, each a disk of
// its own with a speed of its own. Disks are loop devices in memory, slowed by the block layer, so
// root on Linux is needed (cgroup v1's blkio or none). `node bench/offload-disks.mjs
// [--card MB/s] [--disk MB/s] [--files N] [--mb N]`. It prints its own table and takes all down.
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './measure.mjs';

const GROUPS = '/sys/fs/cgroup/blkio';
const MB = 1_000_000;
const { values } = parseArgs({
  options: {
    card: { type: 'string', default: '120' },
    disk: { type: 'string', default: '250' },
    files: { type: 'string', default: '8' },
    mb: { type: 'string', default: '128' },
    turns: { type: 'string', default: '3' },
  },
});
const [cardSpeed, diskSpeed, files, fileMb, turns] = [
  values.card,
  values.disk,
  values.files,
  values.mb,
  values.turns,
].map(Number);

const sh = (command, ...given) => execFileSync(command, given, { encoding: 'utf8' }).trim();
const place = mkdtempSync('/dev/shm/yinglian-disks-');
const group = join(GROUPS, `yinglian-bench-${process.pid}`);
const disks = [];

function openDisk(name) {
  const image = join(place, `${name}.img`);
  writeFileSync(image, '');
  truncateSync(image, files * fileMb * MB * 1.1 + 64 * MB);
  sh('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', '-m', '0', image);
  const device = sh('losetup', '--find', '--show', image);
  // As readers of cards have it; with less, `cp` waits for every 128 kB of a slowed disk.
  sh('blockdev', '--setra', '8192', device);
  const folder = join(place, name);
  mkdirSync(folder);
  sh('mount', device, folder);
  const disk = { name, device, folder };
  disks.push(disk);
  return disk;
}

/** Everything this process and its children do on the disk from here on goes at this speed. */
function slow(disk, speed) {
  const { rdev } = statSync(disk.device);
  const number = `${(rdev >> 8) & 0xfff}:${rdev & 0xff}`;
  for (const way of ['read', 'write']) {
    writeFileSync(join(group, `blkio.throttle.${way}_bps_device`), `${number} ${speed * MB}`);
  }
}

function takeDown() {
  for (const { device, folder } of disks.reverse()) {
    for (const command of [
      ['umount', folder],
      ['losetup', '-d', device],
    ]) {
      try {
        sh(...command);
      } catch (error) {
        console.error(String(error));
      }
    }
  }
  writeFileSync(join(GROUPS, 'cgroup.procs'), String(process.pid));
  rmSync(place, { recursive: true, force: true });
  sh('rmdir', group);
}

/** Nothing of any disk is left in memory, so that every byte comes from it. */
function forget() {
  sh('sync');
  for (const { folder, device } of disks) {
    sh('umount', folder);
    sh('mount', device, folder);
  }
}

async function timed(work) {
  forget();
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function measure(runOffload) {
  const [card, one, two] = ['CARD', 'ONE', 'TWO'].map(openDisk);
  const content = Buffer.alloc(fileMb * MB);
  for (let i = 0; i < files; i++) {
    randomFillSync(content, 0, MB);
    content.writeUInt32LE(i);
    writeFileSync(join(card.folder, `A001C${String(i).padStart(3, '0')}.mov`), content);
  }
  mkdirSync(group);
  writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  slow(card, cardSpeed);
  for (const each of [one, two]) slow(each, diskSpeed);
  const clean = () => {
    for (const { folder } of [one, two]) sh('sh', '-c', `rm -rf '${folder}'/R '${folder}'/.R*`);
  };
  const seconds = { cp: [], synced: [], ours: [] };
  for (let turn = 0; turn < turns; turn++) {
    clean();
    seconds.cp.push(await timed(() => sh('cp', '-r', card.folder, join(one.folder, 'R'))));
    clean();
    seconds.synced.push(
      await timed(() => {
        sh('cp', '-r', card.folder, join(one.folder, 'R'));
        // File by file, as the writing is then done by this process and slowed like it.
        sh('sh', '-c', `sync '${one.folder}'/R/*.mov`);
      }),
    );
    clean();
    seconds.ours.push(await timed(() => offload(runOffload, card.folder, [one, two])));
  }
  clean();
  return seconds;
}

async function offload(runOffload, source, targets) {
  const result = await runOffload({
    source,
    name: 'R',
    targets: targets.map(({ folder }) => folder),
    formats: ['xxh64'],
    creator: {
      creationDate: '2026-01-01T00:00:00+00:00',
      hostname: 'bench',
      tool: { name: 'yinglian', version: '0.1.0' },
      authors: [],
    },
    startedAt: Date.now(),
    now: Date.now,
  });
  if (!result.verdict.safe) throw new Error(JSON.stringify(result));
  if (result.targets.some(({ readBack }) => readBack !== 'medium')) throw new Error('from a cache');
}

if (process.getuid?.() !== 0 || !existsSync(join(GROUPS, 'blkio.throttle.read_bps_device'))) {
  console.error('needs root and the blkio controller: not measured');
  process.exit(1);
}
// Loaded first: programs come from the disk of the machine, and workers start with the process.
const { runOffload } = await import('../apps/transfer/dist/index.js');
try {
  const seconds = await measure(runOffload);
  const total = files * fileMb;
  const line = (what, times) => {
    const middle = median(times);
    const speed = (total / middle).toFixed(0);
    console.log(`${what.padEnd(58)} ${middle.toFixed(2)} s  ${speed} MB/s of the card`);
    return middle;
  };
  console.log(`card ${cardSpeed} MB/s, targets ${diskSpeed} MB/s, ${files} × ${fileMb} MB`);
  const cp = line('cp to one, not forced to the disk', seconds.cp);
  const synced = line('cp to one, forced to the disk', seconds.synced);
  const ours = line('offload to two, forced, read back from the medium', seconds.ours);
  console.log(`speed against cp: ${(cp / ours).toFixed(2)}; forced: ${(synced / ours).toFixed(2)}`);
} finally {
  takeDown();
}
