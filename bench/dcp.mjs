// Cinema packages against the machine: judging against bare SHA-1 of the same files, on one core
// and on all of them, plain wrapping against copying, encrypting wrapping against AES-128-CBC and
// HMAC-SHA1 of the same bytes.
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  buildPackage,
  channelLayout,
  openTrackFile,
  plainFrames,
  verifyPackage,
  writePictureTrackFile,
} from '@yinglian/dcp';
import {
  createFileSink,
  folderReader,
  nodeCryptography,
  openFile,
  seededRandomBytes,
} from '@yinglian/host';
import { createEncoder } from '@yinglian/jpeg2000';
import { openExaminerCrew, openHashPool } from '@yinglian/transfer';
import { inTurnsBoth, isMain } from './measure.mjs';
import { printTable } from './table.mjs';

export const name = 'cinema packages';

/** Frames of a reel; a reel is a file, and files go to cores. */
const FRAMES = 120;
const REELS = 2;
const WIDTH = 1998;
const HEIGHT = 1080;
const MIB = 1024 * 1024;

/** One frame of noise at the full rate: as large and as hard as frames of the field get. */
async function hardFrame() {
  const encoder = await createEncoder();
  const random = randomBytes(WIDTH * HEIGHT * 2);
  const plane = Uint16Array.from(
    { length: WIDTH * HEIGHT },
    (_, i) => random.readUInt16LE(2 * i) & 4095,
  );
  const image = { width: WIDTH, height: HEIGHT, bitDepth: 12, components: [plane, plane, plane] };
  return encoder.encodeCinema(image, {
    resolution: '2k',
    frameRate: { numerator: 24n, denominator: 1n },
    bitRateMbit: 220,
  }).codestream;
}

const identity = {
  assetId: '12b30dd8-350c-41b1-a8cd-7f3693a0303c',
  labels: 'smpte',
  created: '2026-11-22T20:46:31Z',
  company: 'bench',
  product: 'bench',
  version: '0',
};
const editRate = { numerator: 24, denominator: 1 };

function nullSink() {
  return {
    write: async () => {},
    patch: async () => {},
    close: async () => {},
    abort: async () => {},
  };
}

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-bench-dcp-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A package of full frames; returns the paths of its files. */
async function buildFull(folder, frame, ports) {
  const writer = {
    ...folderReader(folder),
    create: (path) => createFileSink(join(folder, path), { durable: false }),
  };
  const built = await buildPackage(
    {
      title: 'Bench_TST_F_EN-XX_US_51_2K_YL_20261122_YL_SMPTE_OV',
      issueDate: '2026-11-22T20:46:31+00:00',
      issuer: 'bench',
      creator: 'bench',
      contentKind: { value: 'test' },
      editRate,
      reels: Array.from({ length: REELS }, () => ({
        picture: { source: 'picture' },
        sound: { source: 'sound', language: 'en-US' },
      })),
    },
    {
      picture: { kind: 'codestreams', frames: () => Array.from({ length: FRAMES }, () => frame) },
      sound: {
        kind: 'pcm',
        samples: () => Array.from({ length: FRAMES }, () => new Uint8Array(36_000)),
        samplingRateHz: 48_000,
        channelCount: 6,
        layout: channelLayout('51'),
      },
    },
    writer,
    ports,
  );
  if (!built.ok) throw new Error(built.findings[0].code);
  return built.value.files.map((file) => join(folder, file.path));
}

async function measure(folder) {
  const frame = await hardFrame();
  const bytes = frame.length * FRAMES;
  const ports = { cryptography: nodeCryptography, random: seededRandomBytes('bench') };
  const paths = await buildFull(folder, frame, ports);
  const picture = paths.find((path) => path.includes('picture_'));

  const judgeBy = async (more) => {
    const report = await verifyPackage(folderReader(folder), { ...ports, ...more });
    if (
      report.checked.frames !== 2 * REELS * FRAMES ||
      report.findings.some((each) => each.severity === 'error')
    ) {
      throw new Error(
        `the package is not clean: ${report.findings.map((each) => each.code).join()}`,
      );
    }
  };
  const judge = () => judgeBy({});
  const examiner = openExaminerCrew({ bytesMin: MIB });
  const judgeTogether = () => judgeBy({ examiner });
  const pool = openHashPool();
  const hashTogether = () => Promise.all(paths.map((path) => pool.hash(path, ['sha1'])));
  const hash = async () => {
    for (const path of paths) {
      const sha1 = createHash('sha1');
      for await (const piece of createReadStream(path, { highWaterMark: MIB })) sha1.update(piece);
      sha1.digest();
    }
  };
  const source = await openFile(picture);
  const opened = await openTrackFile(source);
  // Both begin without an old file, or one of them alone would pay for fresh memory.
  const wrap = async () => {
    rmSync(join(folder, 'wrapped.tmp'), { force: true });
    const sink = await createFileSink(join(folder, 'wrapped.tmp'), { durable: false });
    await writePictureTrackFile(sink, ports, {
      identity,
      editRate,
      frames: plainFrames(opened.value),
    });
    await sink.close();
  };
  const copy = async () => {
    rmSync(join(folder, 'copied.tmp'), { force: true });
    await pipeline(
      createReadStream(picture, { highWaterMark: MIB }),
      createWriteStream(join(folder, 'copied.tmp'), { highWaterMark: MIB }),
    );
  };
  const key = randomBytes(16);
  const frames = () => Array.from({ length: FRAMES }, () => frame);
  const encrypt = () =>
    writePictureTrackFile(nullSink(), ports, {
      identity,
      editRate,
      frames: frames(),
      encryption: { key, keyId: identity.assetId },
    });
  const cipherAndCode = () => {
    for (const each of frames()) {
      const cipher = createCipheriv('aes-128-cbc', key, key).setAutoPadding(false);
      const whole = each.subarray(0, each.length - (each.length % 16));
      createHmac('sha1', key).update(cipher.update(whole)).digest();
    }
  };
  const [judged, hashed, together, hashedTogether, wrapped, copied, encrypted, limit] =
    await inTurnsBoth(
      [judge, hash, judgeTogether, hashTogether, wrap, copy, encrypt, cipherAndCode],
      5,
    );
  await Promise.all([source.close(), examiner.close(), pool.close()]);
  const rows = (what, size, ours, peer) =>
    ['cpu', 'wall'].map((clock) => ({
      what: clock === 'cpu' ? what : '  … by the wall clock',
      unit: clock === 'cpu' ? 'MiB per CPU s' : 'MiB per s',
      ours: size / MIB / ours[clock],
      limit: size / MIB / peer[clock],
      ratio: ours[clock] / peer[clock],
      cpuSeconds: clock === 'cpu' ? ours.cpu + peer.cpu : undefined,
    }));
  return [
    ...rows('judge a package ÷ SHA-1 of its files (goal ≤ 1.25)', REELS * bytes, judged, hashed),
    ...rows('the same, both on all cores (goal ≤ 1.25)', REELS * bytes, together, hashedTogether),
    ...rows('plain wrap ÷ file copy (goal ≤ 1.25)', bytes, wrapped, copied),
    ...rows('encrypting wrap ÷ AES-CBC + HMAC-SHA1 (goal ≤ 1.43)', bytes, encrypted, limit),
  ];
}

if (isMain(import.meta)) {
  printTable([{ name, rows: await run() }]);
}
