// OpenJPEG and FFmpeg as judges, where they are installed (Debian: libopenjp2-tools, ffmpeg).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ratio } from '@yinglian/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkCinema,
  createDecoder,
  createEncoder,
  type Decoder,
  type EncodeOptions,
  type Encoder,
  type Image,
  PROGRESSIONS,
} from '../src/index.ts';
import { largestDifference, type Material, picture, psnr, random } from './pictures.ts';

const has = (tool: string) => spawnSync(tool, ['-h']).error === undefined;
const hasOpenJpeg = has('opj_decompress') && has('opj_compress');
const hasFfmpeg = has('ffmpeg');
const fixtures = join(dirname(fileURLToPath(import.meta.url)), '../../../../shared/fixtures/dcp');
const hasFixtures = existsSync(fixtures);
if (!hasOpenJpeg) console.log('skipped: opj_compress and opj_decompress are not installed');
if (!hasFfmpeg) console.log('skipped: ffmpeg is not installed');
if (!hasFixtures) console.log('skipped: the shared fixtures are absent');

let encoder: Encoder;
let decoder: Decoder;
let folder: string;

beforeAll(async () => {
  encoder = await createEncoder();
  decoder = await createDecoder();
  folder = mkdtempSync(join(tmpdir(), 'jpeg2000-judges-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readRaw(file: string, image: Image): Int32Array[] {
  const bytes = readFileSync(file);
  const count = image.width * image.height;
  return image.components.map((_, c) =>
    Int32Array.from({ length: count }, (_, i) =>
      image.bitDepth > 8 ? bytes.readUInt16LE(2 * (c * count + i)) : bytes[c * count + i]!,
    ),
  );
}

function openJpegDecodes(stream: Uint8Array, image: Image): Int32Array[] {
  const file = join(folder, 'ours.j2k');
  const raw = join(folder, 'ours.rawl');
  writeFileSync(file, stream);
  const told = execFileSync('opj_decompress', ['-i', file, '-o', raw], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  expect(told).not.toMatch(/WARN|ERR/);
  return readRaw(raw, image);
}

/** Child processes are slow on a busy machine. */
const PATIENCE = { timeout: 240_000 };

const MATERIALS: readonly Material[] = ['noise', 'waves', 'flat', 'edges', 'grain'];

describe('judges', () => {
  it.skipIf(!hasOpenJpeg)('[JD8] OpenJPEG decodes what we write as we do', PATIENCE, () => {
    const next = random(7);
    const between = (a: number, b: number) => a + Math.floor(next() * (b - a + 1));
    const one = <T>(of: readonly T[]): T => of[between(0, of.length - 1)]!;
    for (let run = 0; run < 60; run++) {
      const image = picture({
        width: between(1, 80),
        height: between(1, 80),
        components: one([1, 3, 4]),
        bitDepth: between(8, 13),
        material: one(MATERIALS),
        seed: run,
      });
      const reversible = next() < 0.5;
      const options: EncodeOptions = {
        reversible,
        levels: between(0, 6),
        blockWidth: 2 ** between(2, 6),
        blockHeight: 2 ** between(2, 6),
        progression: one(PROGRESSIONS),
        precinctsLog2: [between(2, 7), between(2, 7)],
        origin: { x: between(0, 9), y: between(0, 9) },
        packetMarkers: next() < 0.3,
        ...(next() < 0.4 ? { tileWidth: between(20, 90), tileHeight: between(20, 90) } : {}),
        ...(next() < 0.4 ? { layerBytes: [400, 1500] } : {}),
        ...(next() < 0.3 ? { bytesMax: 12_000 } : {}),
      };
      const stream = encoder.encode(image, options);
      const ours = decoder.decode(stream);
      expect(ours.findings).toEqual([]);
      const theirs = openJpegDecodes(stream, image);
      expect(largestDifference(ours.components, theirs)).toBeLessThanOrEqual(reversible ? 0 : 1);
    }
  });

  it.skipIf(!hasOpenJpeg)('[JD8] a single odd row or column is halved alike', PATIENCE, () => {
    // F.3.6 leaves the rounding open where bits were cut off.
    for (const [width, height] of [
      [1, 60],
      [60, 1],
    ] as const) {
      const image = picture({ width, height, components: 3, bitDepth: 12, material: 'noise' });
      const options = { origin: { x: 1, y: 1 }, levels: 3, bytesMax: 260 };
      const stream = encoder.encode(image, options);
      const ours = decoder.decode(stream).components;
      expect(largestDifference(image.components, ours)).toBeGreaterThan(0);
      expect(largestDifference(ours, openJpegDecodes(stream, image))).toBe(0);
    }
  });

  it.skipIf(!hasOpenJpeg)('[JD9] we decode what OpenJPEG writes as it does', PATIENCE, () => {
    const next = random(3);
    const between = (a: number, b: number) => a + Math.floor(next() * (b - a + 1));
    let judged = 0;
    for (let run = 0; run < 40; run++) {
      const image = picture({
        width: between(40, 90),
        height: between(40, 90),
        components: next() < 0.5 ? 1 : 3,
        bitDepth: 12,
        material: run % 2 === 0 ? 'grain' : 'waves',
        seed: run,
      });
      const raw = join(folder, 'in.rawl');
      const file = join(folder, 'theirs.j2k');
      writeFileSync(
        raw,
        Buffer.concat(image.components.map((each) => Buffer.from(Uint16Array.from(each).buffer))),
      );
      const isReversible = next() < 0.5;
      const written = spawnSync(
        'opj_compress',
        [
          '-i',
          raw,
          '-F',
          `${image.width},${image.height},${image.components.length},12,u`,
          '-o',
          file,
          '-M',
          String(between(0, 63)),
          '-n',
          String(between(1, 5)),
          '-p',
          PROGRESSIONS[between(0, 4)]!,
          '-b',
          ['64,64', '32,32', '16,64', '4,4'][between(0, 3)]!,
          ...(isReversible ? [] : ['-I']),
          ...(next() < 0.4 ? ['-r', '20,8,1'] : []),
          ...(next() < 0.3 ? ['-SOP', '-EPH'] : []),
          ...(next() < 0.3 ? ['-c', '[64,64],[32,32]'] : []),
        ],
        { stdio: 'pipe' },
      );
      // It refuses some combinations itself, for example many small blocks in small precincts.
      if (written.status !== 0) continue;
      judged++;
      const ours = decoder.decode(readFileSync(file));
      expect(ours.findings).toEqual([]);
      execFileSync('opj_decompress', ['-i', file, '-o', raw], { stdio: 'pipe' });
      const theirs = readRaw(raw, image);
      expect(largestDifference(ours.components, theirs)).toBeLessThanOrEqual(isReversible ? 0 : 1);
    }
    expect(judged).toBeGreaterThan(25);
  });

  it.skipIf(!hasOpenJpeg)(
    '[JK19] a cinema frame is as good as OpenJPEG’s at the same bytes',
    PATIENCE,
    () => {
      const image = picture({
        width: 1000,
        height: 540,
        components: 3,
        bitDepth: 12,
        material: 'grain',
      });
      const raw = join(folder, 'cinema.rawl');
      const file = join(folder, 'cinema.j2c');
      writeFileSync(
        raw,
        Buffer.concat(image.components.map((each) => Buffer.from(Uint16Array.from(each).buffer))),
      );
      execFileSync(
        'opj_compress',
        ['-cinema2K', '24', '-r', '12', '-i', raw, '-F', '1000,540,3,12,u', '-o', file],
        { stdio: 'pipe' },
      );
      const theirs = readFileSync(file);
      const bitRateMbit = Math.min(250, ((theirs.length + 0.5) * 8 * 24) / 1e6);
      const options = { resolution: '2k', frameRate: ratio(24), bitRateMbit } as const;
      const ours = encoder.encodeCinema(image, options).codestream;
      expect(ours.length).toBeLessThanOrEqual(theirs.length);
      const decodedOurs = openJpegDecodes(ours, image);
      const decodedTheirs = openJpegDecodes(theirs, image);
      const difference =
        psnr(image.components, decodedOurs, 12) - psnr(image.components, decodedTheirs, 12);
      expect(difference).toBeGreaterThan(-0.1);
    },
  );

  it.skipIf(!hasFfmpeg)('[JK20] FFmpeg recognises and decodes a cinema frame', PATIENCE, () => {
    const image = picture({
      width: 500,
      height: 270,
      components: 3,
      bitDepth: 12,
      material: 'grain',
    });
    const options = { resolution: '2k', frameRate: ratio(24), bitRateMbit: 20 } as const;
    const file = join(folder, 'frame.j2c');
    const raw = join(folder, 'frame.raw');
    const { codestream } = encoder.encodeCinema(image, options);
    writeFileSync(file, codestream);
    execFileSync('ffmpeg', [
      '-y',
      '-loglevel',
      'error',
      '-i',
      file,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'xyz12le',
      raw,
    ]);
    const bytes = readFileSync(raw);
    const count = 500 * 270;
    const theirs = [0, 1, 2].map((c) =>
      Int32Array.from({ length: count }, (_, i) => bytes.readUInt16LE(2 * (3 * i + c)) >> 4),
    );
    const ours = decoder.decode(codestream).components;
    // FFmpeg rounds in other places; both are the same picture.
    expect(largestDifference(ours, theirs)).toBeLessThanOrEqual(3);
  });

  it.skipIf(!hasFixtures)(
    '[JC5] frames of other encoders are judged as their makers’ graders do',
    () => {
      const at24 = { resolution: '2k', frameRate: ratio(24) } as const;
      const codes = (path: string) =>
        checkCinema(readFileSync(join(fixtures, path)), at24).map((each) => each.code);
      expect(codes('generated/j2k/1998x1080-cinema2k-gb1.j2c')).toEqual([]);
      expect(codes('generated/j2k/2048x1080-250mbps-gb2-ffmpeg.j2c')).toEqual([
        'unexpected_picture_size',
        'mismatched_guard_bits',
        'high_bit_rate',
      ]);
      for (const name of readdirSync(join(fixtures, 'clairmeta-data/J2K'))) {
        expect(codes(`clairmeta-data/J2K/${name}`)).toEqual(['mismatched_guard_bits']);
      }
    },
  );
});
