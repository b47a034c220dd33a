import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import type { Image } from '@yinglian/jpeg2000';
import { registerJ2k } from '../src/j2k/j2k.ts';
import { readPicture, writePicture } from '../src/j2k/picture-files.ts';
import { createTerminal } from '../src/kernel/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-j2k-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** Runs `yinglian j2k …`; gives its JSON answer and its exit code. */
async function j2k(...words: string[]) {
  let out = '';
  let exit = 0;
  const program = new Command('yinglian').exitOverride();
  const terminal = createTerminal({
    locale: 'en',
    json: true,
    signal: new AbortController().signal,
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => undefined },
  });
  registerJ2k(program, {
    terminal: () => terminal,
    server: () => {
      throw new Error('no server is needed');
    },
    texts: () => Promise.reject(new Error('no server is needed')),
    exit: (code) => (exit = code),
  });
  await program.parseAsync(['j2k', ...words], { from: 'user' });
  return { answer: JSON.parse(out) as Record<string, never>, exit };
}

function made(width: number, height: number, count: number, bitDepth: number, seed = 1): Image {
  let state = seed;
  const components = Array.from({ length: count }, (_, c) =>
    Uint16Array.from({ length: width * height }, (__, i) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const wave = 0.5 + 0.3 * Math.sin((i % width) / (9 + c)) + (state / 2 ** 32 - 0.5) / 8;
      return Math.round(wave * (2 ** bitDepth - 1));
    }),
  );
  return { width, height, bitDepth, components };
}

const samplesOf = (image: Image) => image.components.map((plane) => [...plane]);

describe('picture files', () => {
  it('give back what was written', () => {
    const cases: [string, number, number][] = [
      ['a.pgm', 1, 12],
      ['a.ppm', 3, 8],
      ['b.ppm', 3, 16],
      ['a.pam', 4, 10],
      ['a.png', 1, 8],
      ['b.png', 3, 16],
      ['c.png', 4, 8],
      ['a.tif', 3, 16],
      ['b.tif', 1, 8],
      ['c.tif', 4, 16],
    ];
    for (const [name, count, bits] of cases) {
      const image = made(37, 23, count, bits);
      const read = readPicture(name, writePicture(name, image));
      expect([name, read.width, read.height, read.bitDepth]).toEqual([name, 37, 23, bits]);
      expect(samplesOf(read)).toEqual(samplesOf(image));
    }
    const raw = made(11, 7, 3, 12);
    const shape = { width: 11, height: 7, components: 3, bitDepth: 12 };
    expect(samplesOf(readPicture('a.raw', writePicture('a.raw', raw), shape))).toEqual(
      samplesOf(raw),
    );
  });

  it('fill their bits: twelve become the upper ones of sixteen', () => {
    const image = made(9, 5, 3, 12);
    for (const name of ['a.png', 'a.tif']) {
      const read = readPicture(name, writePicture(name, image));
      expect(read.bitDepth).toBe(16);
      expect(read.components[1]![7]).toBe(image.components[1]![7]! << 4);
    }
  });

  it.skipIf(spawnSync('ffmpeg', ['-h']).error !== undefined)(
    'of other programs are read, and they read ours',
    () => {
      const image = made(40, 30, 3, 8);
      writeFileSync(at('ours.png'), writePicture('x.png', image));
      for (const [name, ...options] of [
        ['theirs.png'],
        ['theirs.tif', '-compression_algo', 'raw'],
        ['packed.tif', '-compression_algo', 'deflate'],
        ['theirs.ppm'],
        ['wide.png', '-pix_fmt', 'rgb48be'],
      ] as [string, ...string[]][]) {
        const run = spawnSync(
          'ffmpeg',
          ['-y', '-loglevel', 'error', '-i', at('ours.png'), ...options, at(name)],
          { encoding: 'utf8' },
        );
        expect(run.stderr).toBe('');
        const read = readPicture(name, new Uint8Array(readFileSync(at(name))));
        // FFmpeg widens eight bits by a table of its own, which is off by one here and there.
        const [scale, most] = read.bitDepth === 16 ? [257, 1] : [1, 0];
        const largest = Math.max(
          ...read.components.flatMap((plane, c) =>
            Array.from(plane, (v, i) => Math.abs(Math.round(v / scale) - image.components[c]![i]!)),
          ),
        );
        expect([name, largest <= most]).toEqual([name, true]);
      }
    },
  );

  it('that are broken or of other kinds are refused with a reason', () => {
    const png = writePicture('a.png', made(20, 20, 3, 8));
    const tiff = writePicture('a.tif', made(20, 20, 3, 8));
    const ppm = writePicture('a.ppm', made(20, 20, 3, 8));
    const huge = Uint8Array.from(png);
    huge.set([0x7f, 0xff, 0xff, 0xff], 16);
    for (const bytes of [
      png.slice(0, 60),
      tiff.slice(0, 300),
      ppm.slice(0, 100),
      huge,
      Uint8Array.of(1, 2, 3),
      deflateSync('x'),
    ]) {
      expect(() => readPicture('x', bytes)).toThrow(expect.objectContaining({ exitCode: 2 }));
    }
    let state = 5;
    for (let run = 0; run < 600; run++) {
      const bytes = Uint8Array.from([png, tiff, ppm][run % 3]!);
      for (let i = 0; i < 3; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        bytes[(state >>> 8) % Math.min(bytes.length, 200)] = state >>> 24;
      }
      try {
        readPicture('x', bytes);
      } catch (error) {
        expect(error).toHaveProperty('exitCode', 2);
      }
    }
  });
});

// The threads are built ones, as in the program.
const isBuilt = existsSync(new URL('../dist/j2k/worker.js', import.meta.url));
if (!isBuilt) console.log('skipped: apps/cli is not built');

describe.skipIf(!isBuilt)('yinglian j2k', () => {
  it('encodes a picture without loss, explains it, and decodes it again', async () => {
    const image = made(150, 90, 3, 10);
    writeFileSync(at('in.ppm'), writePicture('in.ppm', image));
    const { answer } = await j2k('encode', at('in.ppm'), '-o', at('out.j2k'), '--threads', '2');
    expect(answer).toMatchObject({ coded: [{ out: at('out.j2k') }] });
    const told = await j2k('explain', at('out.j2k'));
    expect(told).toMatchObject({
      exit: 0,
      answer: { codestream: { size: { x1: 150, y1: 90 }, parameters: { coding: { levels: 5 } } } },
    });
    await j2k('decode', at('out.j2k'), '-o', at('back.ppm'));
    expect(await j2k('compare', at('in.ppm'), at('back.ppm'))).toMatchObject({
      answer: { equal: true, psnr: null, largest: 0 },
    });
    await j2k('decode', at('out.j2k'), '-o', at('half.png'), '--reduce', '1');
    const half = readPicture('half.png', new Uint8Array(readFileSync(at('half.png'))));
    expect([half.width, half.height]).toEqual([75, 45]);
  });

  it('encodes a sequence within its bytes, in one and in two passes', async () => {
    const files = [1, 2, 3, 4].map((seed) => {
      const name = at(`frame${seed}.tif`);
      writeFileSync(name, writePicture(name, made(400, 200, 3, 16, seed)));
      return name;
    });
    const cinema = ['--cinema', '2k', '--threads', '2', '--mbit', '20'];
    await j2k('encode', ...files, '-o', at('one'), ...cinema);
    const sizes = readdirSync(at('one')).map((name) => readFileSync(join(at('one'), name)).length);
    expect(sizes).toHaveLength(4);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.floor(20e6 / 8 / 24));
    const streams = readdirSync(at('one')).map((name) => join(at('one'), name));
    const checked = await j2k('check', ...streams);
    expect(checked.exit).toBe(0);
    const two = await j2k(
      'encode',
      ...files,
      '-o',
      at('two'),
      ...cinema,
      '--total-bytes',
      '160000',
    );
    const total = (two.answer['coded'] as unknown as { bytes: number }[]).reduce(
      (sum, c) => sum + c.bytes,
      0,
    );
    expect(Math.abs(total - 160_000)).toBeLessThan(8000);
    // One picture shares its blocks among the threads, and its bytes are the same.
    await j2k('encode', files[2]!, '-o', at('alone.j2c'), ...cinema);
    const alone = readFileSync(at('alone.j2c'));
    expect(alone.equals(readFileSync(join(at('one'), 'frame3.j2c')))).toBe(true);
  });

  it('takes folders as sequences, in the order of their numbers', async () => {
    mkdirSync(at('reel/again'), { recursive: true });
    for (const number of [10, 2, 1]) {
      const name = at(`reel/shot${number}.png`);
      writeFileSync(name, writePicture(name, made(40 + number, 24, 3, 8, number)));
    }
    writeFileSync(at('reel/notes.txt'), 'not a picture');
    await j2k('encode', at('reel'), '-o', at('coded'), '--threads', '2');
    const back = await j2k('decode', at('coded'), '-o', at('decoded'), '--threads', '2');
    const pictures = back.answer['pictures'] as unknown as { out: string; width: number }[];
    expect(pictures.map(({ width }) => width)).toEqual([41, 42, 50]);
    for (const number of [1, 2, 10]) {
      const [before, after] = ['reel', 'decoded'].map((each) => at(`${each}/shot${number}.png`));
      expect((await j2k('compare', before!, after!)).answer).toMatchObject({ equal: true });
    }
    writeFileSync(at('reel/again/shot1.png'), readFileSync(at('reel/shot1.png')));
    const twice = [at('reel/shot1.png'), at('reel/again/shot1.png')];
    await expect(j2k('encode', ...twice, '-o', at('lost'))).rejects.toThrow('shot1.j2k');
    await expect(j2k('check', at('reel/again'))).rejects.toThrow('no file of');
  });

  it('rewrites headers, and judges streams that are none', async () => {
    const image = made(300, 200, 3, 12);
    writeFileSync(at('t.ppm'), writePicture('t.ppm', image));
    const coding = ['--lossy', '--levels', '5', '--block', '32x32', '--precincts', '7,8'];
    await j2k('encode', at('t.ppm'), '-o', at('t.j2k'), ...coding, '--threads', '1');
    expect((await j2k('check', at('t.j2k'), '--cinema', '2k')).exit).toBe(1);
    await j2k('transcode', at('t.j2k'), '-o', at('t.j2c'), '--cinema', '2k');
    expect((await j2k('check', at('t.j2c'))).exit).toBe(0);
    expect((await j2k('compare', at('t.j2k'), at('t.j2c'))).answer).toMatchObject({ equal: true });
    writeFileSync(at('none.j2c'), 'not a codestream');
    expect((await j2k('explain', at('none.j2c'))).exit).toBe(1);
    expect((await j2k('decode', at('none.j2c'), '-o', at('none.png'))).exit).toBe(1);
    expect(existsSync(at('none.png'))).toBe(false);
  });

  it('converts colours to X′Y′Z′', async () => {
    const white: Image = {
      width: 64,
      height: 32,
      bitDepth: 8,
      components: [0, 1, 2].map(() => new Uint16Array(64 * 32).fill(255)),
    };
    writeFileSync(at('white.png'), writePicture('white.png', white));
    const cinema = ['--cinema', '2k', '--from', 'rec709', '--threads', '1'];
    await j2k('encode', at('white.png'), '-o', at('white.j2c'), ...cinema);
    await j2k('decode', at('white.j2c'), '-o', at('white.ppm'));
    const xyz = readPicture('white.ppm', new Uint8Array(readFileSync(at('white.ppm'))));
    // Peak white of D65 at 48 cd/m²: 4095 × (48 / 52.37 × XYZ)^(1 / 2.6).
    const wanted = [0.9505, 1, 1.0891].map((value) =>
      Math.round(4095 * ((48 / 52.37) * value) ** (1 / 2.6)),
    );
    wanted.forEach((value, c) => {
      expect(Math.abs(xyz.components[c]![500]! - value)).toBeLessThanOrEqual(2);
    });
  });
});
