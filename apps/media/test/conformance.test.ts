import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FramesJob,
  mainPicture,
  type MediaEngine,
  type MediaInput,
  type Probe,
  type RenderJob,
  soundStreams,
} from '../src/index.ts';
import { SYNC_SECONDS } from '../src/render/film.ts';
import {
  codes,
  good,
  implementations,
  make,
  readNumber,
  requireFreshBuild,
  scratch,
  SMALL,
} from './media.ts';
import { readWav } from './wav.ts';

const folder = scratch();
const all = implementations();
const maker = all[0]!.engine;

type Sample = { readonly name: string; readonly file: string } & Pick<
  RenderJob,
  'preset' | 'frameRate'
> &
  Partial<RenderJob>;

/** One film per kind of file and per rate that matters. */
const SAMPLES: readonly Sample[] = [
  {
    name: 'H.264 with B-frames at 23.976',
    file: 'a.mp4',
    preset: 'h264-mp4',
    frameRate: '24000/1001',
    bFrames: 3,
  },
  {
    name: 'ProRes at 25 with six channels',
    file: 'b.mov',
    preset: 'prores-mov',
    frameRate: '25',
    channels: 6,
  },
  {
    name: 'MPEG-2 in MXF at 29.97',
    file: 'c.mxf',
    preset: 'mpeg2-mxf',
    frameRate: '30000/1001',
    startTimecode: '00:59:58:00',
  },
  { name: 'DNxHR in MXF at 50', file: 'd.mxf', preset: 'dnxhd-mxf', frameRate: '50' },
  {
    name: 'H.264 in a transport stream at 59.94',
    file: 'e.ts',
    preset: 'h264-ts',
    frameRate: '60000/1001',
    bFrames: 2,
  },
  { name: 'FFV1 in Matroska at 24', file: 'f.mkv', preset: 'ffv1-mkv', frameRate: '24' },
  {
    name: 'HEVC 10 bit PQ at 24',
    file: 'g.mp4',
    preset: 'hevc10-mp4',
    frameRate: '24',
    transfer: 'pq',
  },
];
const FRAMES = 50;

function pathOf(name: string): string {
  return join(folder.path, name);
}

function fileInput(name: string): MediaInput {
  return { kind: 'file', path: pathOf(name) };
}

async function numbersOf(engine: MediaEngine, job: Partial<FramesJob> & { input: MediaInput }) {
  const numbers: number[] = [];
  const labels: number[] = [];
  const outcome = await engine.frames(
    { verb: 'frames', pixelFormat: 'rgb24', size: SMALL, ...job },
    {
      consumer: ({ number, bytes }) => {
        labels.push(number);
        numbers.push(readNumber(bytes, SMALL.width, SMALL.height));
      },
    },
  );
  return { numbers, labels, outcome };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

beforeAll(async () => {
  requireFreshBuild();
  for (const { name: _name, file, ...more } of SAMPLES) await make(maker, pathOf(file), more);
  await make(maker, pathOf('film.mp4'), {
    programme: 'film',
    frames: 140,
    frameRate: '25',
    title: 'Conformance',
  });
}, 240_000);
afterAll(() => folder.remove());

describe.each(all)('media engine on $name', ({ engine }) => {
  describe('probe', () => {
    it.each(SAMPLES)('[ME1] tells exact facts of $name', async (sample) => {
      const probe = good(await engine.probe({ verb: 'probe', input: fileInput(sample.file) }));
      const picture = mainPicture(probe)!;
      expect(picture.frameRate).toBe(sample.frameRate);
      expect([picture.width, picture.height]).toEqual([SMALL.width, SMALL.height]);
      expect(picture.frames).toBe(FRAMES);
      expect(picture.scan).toBe('progressive');
      expect(picture.variableRate).toBe(false);
      expect(soundStreams(probe)[0]).toMatchObject({
        sampleRate: 48_000,
        channels: sample.channels ?? 2,
      });
      if (['mp4', 'mov', 'mxf'].includes(sample.file.slice(2))) {
        expect(probe.startTimecode).toBe(sample.startTimecode ?? '01:00:00:00');
      }
    });

    it('[ME1] tells colour, depth and HDR', async () => {
      const hdr = mainPicture(
        good(await engine.probe({ verb: 'probe', input: fileInput('g.mp4') })),
      )!;
      expect(hdr.colour).toEqual({
        primaries: 'bt2020',
        transfer: 'smpte2084',
        matrix: 'bt2020nc',
        range: 'limited',
      });
      expect(hdr.hdr).toMatchObject({
        kind: 'pq',
        masteringPeak: 1000,
        masteringBlack: 0.005,
        maxContentLight: 1000,
        maxFrameAverageLight: 400,
      });
      expect([hdr.bitDepth, hdr.chroma]).toEqual([10, '4:2:0']);
      const prores = mainPicture(
        good(await engine.probe({ verb: 'probe', input: fileInput('b.mov') })),
      )!;
      expect([prores.codec, prores.bitDepth, prores.chroma]).toEqual(['prores', 10, '4:2:2']);
      expect(prores.hdr.kind).toBe('sdr');
    });
  });

  describe('frames', () => {
    it.each(SAMPLES)('[ME2] gives every picture of $name once, in order', async (sample) => {
      const { numbers, labels, outcome } = await numbersOf(engine, {
        input: fileInput(sample.file),
      });
      expect(good(outcome).frames).toBe(FRAMES);
      expect(numbers).toEqual(range(0, FRAMES));
      expect(labels).toEqual(range(0, FRAMES));
      expect(codes(outcome.findings)).toEqual([]);
    });

    it.each(SAMPLES)('[ME2] begins at exactly the picture asked for in $name', async (sample) => {
      for (const firstFrame of [1, 47]) {
        const count = Math.min(3, FRAMES - firstFrame);
        const input = fileInput(sample.file);
        const { numbers } = await numbersOf(engine, { input, firstFrame, count });
        expect(numbers).toEqual(range(firstFrame, firstFrame + count));
      }
    });

    it('[ME3] keeps colours: 75 % bars come out as 75 % bars', async () => {
      let picture = new Uint16Array(0);
      const outcome = await engine.frames(
        {
          verb: 'frames',
          input: fileInput('f.mkv'),
          pixelFormat: 'rgb48le',
          firstFrame: 1,
          count: 1,
        },
        { consumer: ({ bytes }) => void (picture = new Uint16Array(bytes.slice().buffer)) },
      );
      expect(good(outcome).frameBytes).toBe(SMALL.width * SMALL.height * 6);
      const bars = [
        [1, 1, 1],
        [1, 1, 0],
        [0, 1, 1],
        [0, 1, 0],
        [1, 0, 1],
        [1, 0, 0],
        [0, 0, 1],
      ];
      for (const [at, bar] of bars.entries()) {
        const x = Math.floor(((at + 0.5) * SMALL.width) / bars.length);
        const from = (20 * SMALL.width + x) * 3;
        for (const part of [0, 1, 2]) {
          const found = picture[from + part]! / 65_535;
          expect(Math.abs(found - (bar[part]! * 191) / 255)).toBeLessThan(0.0015);
        }
      }
    });

    it('[ME4] pads with black and centres, or crops', async () => {
      const size = { width: 320, height: 240 };
      const rows = new Map<string, number[]>();
      for (const fit of ['pad', 'crop'] as const) {
        await engine.frames(
          { verb: 'frames', input: fileInput('f.mkv'), pixelFormat: 'rgb24', size, fit, count: 1 },
          {
            consumer: ({ bytes }) => {
              const at = (y: number) => bytes[(y * size.width + 10) * 3]!;
              rows.set(fit, [at(5), at(29), at(33), at(120)]);
            },
          },
        );
      }
      const [top, lastBlack, firstPicture] = rows.get('pad')!;
      expect([top, lastBlack]).toEqual([0, 0]);
      expect(firstPicture).toBeGreaterThan(180);
      expect(rows.get('crop')![0]).toBeGreaterThan(180);
    });

    it('[ME5] waits for a slow consumer and hands over one picture at a time', async () => {
      let [open, most, seen] = [0, 0, 0];
      const outcome = await engine.frames(
        { verb: 'frames', input: fileInput('b.mov'), pixelFormat: 'rgb48le', count: 12 },
        {
          consumer: async () => {
            most = Math.max(most, ++open);
            await new Promise((resolve) => setTimeout(resolve, 10));
            open--;
            seen++;
          },
        },
      );
      expect(good(outcome).frames).toBe(12);
      expect([most, seen]).toEqual([1, 12]);
    });
  });

  describe('proxy', () => {
    it.each(SAMPLES)(
      '[ME6] shows the same picture under the same number: $name',
      async (sample) => {
        const output = pathOf(`proxy-${engine.name}-${sample.file}.mp4`);
        const made = good(
          await engine.proxy({
            verb: 'proxy',
            input: fileInput(sample.file),
            output,
            heightMax: 180,
          }),
        );
        expect(made).toMatchObject({ frames: FRAMES, frameRate: sample.frameRate, hasSound: true });
        const input: MediaInput = { kind: 'file', path: output };
        const probe = good(await maker.probe({ verb: 'probe', input }));
        expect(mainPicture(probe)).toMatchObject({
          codec: 'h264',
          frameRate: sample.frameRate,
          frames: FRAMES,
          pixelFormat: 'yuv420p',
          colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'limited' },
        });
        expect(soundStreams(probe)[0]).toMatchObject({ codec: 'aac', layout: 'stereo' });
        const source = good(await maker.probe({ verb: 'probe', input: fileInput(sample.file) }));
        expect(probe.startTimecode).toBe(source.startTimecode);
        const whole = await numbersOf(maker, { input });
        expect(whole.numbers).toEqual(range(0, FRAMES));
        const bytes = readFileSync(output);
        expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
      },
    );

    it('[ME6] keeps sound and picture together', async () => {
      const output = pathOf(`sync-${engine.name}.mp4`);
      good(await engine.proxy({ verb: 'proxy', input: fileInput('film.mp4'), output }));
      const input: MediaInput = { kind: 'file', path: output };
      const wav = pathOf(`sync-${engine.name}.wav`);
      good(await engine.pcm({ verb: 'pcm', input, output: wav, layout: '2.0' }));
      const flashes: number[] = [];
      const size = { width: 320, height: 180 };
      await engine.frames(
        { verb: 'frames', input, pixelFormat: 'rgb24', size },
        {
          consumer: ({ number, bytes }) => {
            const blueOfMark = bytes[(16 * size.width + 304) * 3 + 2]!;
            if (blueOfMark > 240) flashes.push(number);
          },
        },
      );
      const { channel } = readWav(wav);
      const left = channel(0);
      const beeps: number[] = [];
      const loud = 10 ** (-24 / 20);
      for (let at = 0; at < left.length; at++) {
        if (Math.abs(left[at]!) < loud) continue;
        beeps.push(at / 48_000);
        at += 24_000;
      }
      const expected = [0, SYNC_SECONDS, 2 * SYNC_SECONDS];
      expect(flashes).toEqual(expected.map((seconds) => seconds * 25));
      expect(beeps.length).toBe(3);
      for (const [at, seconds] of beeps.entries()) {
        expect(Math.abs(seconds - expected[at]!)).toBeLessThan(0.01);
      }
    });

    it('[ME7] writes a playlist with segments', async () => {
      const outputFolder = pathOf(`hls-${engine.name}`);
      mkdirSync(outputFolder);
      const made = good(
        await engine.hls({
          verb: 'hls',
          input: fileInput('film.mp4'),
          outputFolder,
          segmentSeconds: 2,
        }),
      );
      const playlist = readFileSync(made.playlistPath, 'utf8');
      expect(playlist.match(/segment-\d{5}\.m4s/g)).toHaveLength(3);
      expect(playlist).toContain('#EXT-X-ENDLIST');
      expect(readFileSync(join(outputFolder, 'init.mp4')).indexOf('moov')).toBeGreaterThan(0);
    });
  });

  describe('stills', () => {
    it('[ME8] takes exactly the picture asked for', async () => {
      const output = pathOf(`still-${engine.name}-%d.png`);
      const input = fileInput('a.mp4');
      good(await engine.thumbnail({ verb: 'thumbnail', input, output, frame: 37 }));
      const { numbers } = await numbersOf(maker, {
        input: { kind: 'file', path: output },
      });
      expect(numbers).toEqual([37]);
      const beyond = await engine.thumbnail({ verb: 'thumbnail', input, output, frame: 50 });
      expect(codes(beyond.findings)).toEqual(['missing_frame']);
    });

    it.each(['jpeg', 'webp'] as const)(
      '[ME9] lays a filmstrip out as its index says, %s',
      async (format) => {
        const outputFolder = pathOf(`strip-${engine.name}-${format}`);
        mkdirSync(outputFolder);
        const strip = good(
          await engine.filmstrip({
            verb: 'filmstrip',
            input: fileInput('a.mp4'),
            outputFolder,
            format,
            everyFrames: 7,
            columns: 3,
            rows: 2,
            tileWidth: 320,
          }),
        );
        expect(strip.sheets).toHaveLength(2);
        expect(strip.tiles.map((each) => each.frame)).toEqual([0, 7, 14, 21, 28, 35, 42, 49]);
        const extension = format === 'webp' ? 'webp' : 'jpg';
        const sheetSize = { width: 3 * strip.tileWidth, height: 2 * strip.tileHeight };
        const sheets: Uint8Array[] = [];
        good(
          await maker.frames(
            {
              verb: 'frames',
              input: {
                kind: 'sequence',
                pattern: join(outputFolder, `sheet-%04d.${extension}`),
                firstNumber: 1,
                count: 2,
                frameRate: '1',
              },
              pixelFormat: 'rgb24',
              size: sheetSize,
            },
            { consumer: ({ bytes }) => void sheets.push(bytes.slice()) },
          ),
        );
        for (const tile of strip.tiles) {
          const cut = new Uint8Array(strip.tileWidth * strip.tileHeight * 3);
          for (let y = 0; y < strip.tileHeight; y++) {
            const from = ((tile.y + y) * sheetSize.width + tile.x) * 3;
            cut.set(
              sheets[tile.sheet]!.subarray(from, from + strip.tileWidth * 3),
              y * strip.tileWidth * 3,
            );
          }
          expect(readNumber(cut, strip.tileWidth, strip.tileHeight)).toBe(tile.frame);
        }
        expect(JSON.parse(readFileSync(join(outputFolder, 'index.json'), 'utf8'))).toEqual(strip);
      },
    );
  });

  describe('picture sequences', () => {
    it.each(['dpx', 'tiff', 'png', 'exr'] as const)(
      '[ME16] reads %s at the rate it is told',
      async (preset) => {
        const pattern = pathOf(`seq-${engine.name}-%05d.${preset}`);
        await make(engine, pattern, { preset, frames: 6 });
        const input: MediaInput = {
          kind: 'sequence',
          pattern,
          firstNumber: 2,
          count: 3,
          frameRate: '24000/1001',
        };
        const probe = good(await engine.probe({ verb: 'probe', input }));
        expect(mainPicture(probe)).toMatchObject({ frames: 3, chroma: 'rgb' });
        const { numbers, outcome } = await numbersOf(engine, { input });
        expect(numbers).toEqual([2, 3, 4]);
        expect(good(outcome).frameRate).toBe('24000/1001');
        const gap = await engine.probe({ verb: 'probe', input: { ...input, count: 9 } });
        expect(codes(gap.findings)).toEqual(['missing_file']);
      },
    );

    it('[ME16] keeps 16-bit samples as they are', async () => {
      const pattern = pathOf(`deep-${engine.name}-%05d.tiff`);
      await make(engine, pattern, { preset: 'tiff', frames: 1 });
      const values = new Set<number>();
      await engine.frames(
        {
          verb: 'frames',
          input: { kind: 'sequence', pattern, firstNumber: 0, count: 1, frameRate: '24' },
          pixelFormat: 'rgb48le',
        },
        {
          consumer: ({ bytes }) => {
            const top = new Uint16Array(bytes.slice(0, SMALL.width * 6).buffer);
            for (const value of top) values.add(value);
          },
        },
      );
      expect([...values].sort((a, b) => a - b)).toEqual([0, 191 * 257]);
    });
  });

  it('[ME35] turns pictures upright as the container says', async () => {
    const bytes = readFileSync(pathOf('a.mp4'));
    // ISO/IEC 14496-12 8.3.2: the matrix begins 40 bytes after the box's name.
    const matrix = bytes.indexOf('tkhd') + 4 + 40;
    for (const [at, value] of [0, 65_536, 0, -65_536, 0, 0].entries()) {
      bytes.writeInt32BE(value, matrix + 4 * at);
    }
    const turned = pathOf(`turned-${engine.name}.mp4`);
    writeFileSync(turned, bytes);
    const input: MediaInput = { kind: 'file', path: turned };
    const probe = good(await engine.probe({ verb: 'probe', input }));
    expect(mainPicture(probe)).toMatchObject({ rotation: 90, width: 320, height: 180 });
    const output = pathOf(`upright-${engine.name}.mp4`);
    const proxy = good(await engine.proxy({ verb: 'proxy', input, output }));
    expect(proxy).toMatchObject({ width: 180, height: 320, frames: FRAMES });
    const size = { width: 180, height: 320 };
    await engine.frames(
      { verb: 'frames', input, pixelFormat: 'rgb24', size, firstFrame: 1, count: 1 },
      {
        consumer: ({ bytes: rgb }) => {
          // Clockwise: the bars' white end, once left, is at the top; the strip of cells is left.
          const at = (x: number, y: number) => rgb[(y * size.width + x) * 3]!;
          expect(at(150, 20)).toBeGreaterThan(180);
          expect(at(150, 300)).toBeLessThan(20);
        },
      },
    );
  });

  it('[ME37] brings PQ down for proxies and stills', async () => {
    const levels = new Map<string, number>();
    for (const toneMap of [false, true]) {
      const input = fileInput('g.mp4');
      await engine.frames(
        { verb: 'frames', input, pixelFormat: 'rgb24', firstFrame: 1, count: 1, toneMap },
        {
          consumer: ({ bytes }) => {
            levels.set(String(toneMap), bytes[(20 * SMALL.width + 22) * 3 + 1]!);
          },
        },
      );
    }
    // The white bar of 75 % of PQ is about 1000 cd/m²: over the white of a screen.
    expect(levels.get('false')).toBeGreaterThan(188);
    expect(levels.get('false')).toBeLessThan(194);
    expect(levels.get('true')).toBeGreaterThan(225);
  });

  it('[ME17] promises only what is there', async () => {
    const capabilities = good(await engine.capabilities());
    expect(capabilities.engine).toBe(engine.name);
    expect(Object.values(capabilities.verbs).every((missing) => missing.length === 0)).toBe(true);
    if (engine.name === 'node-av') expect(capabilities.features['j2k-dci']).toBe(false);
    expect(capabilities.gpl).toBe(true);
  });
});

describe.runIf(all.length === 2)('both implementations', () => {
  /** What may differ: estimated bit rates, and words that only one of them knows. */
  function comparable(probe: Probe) {
    return {
      ...probe,
      metadata: undefined,
      streams: probe.streams.map((each) => ({ ...each, bitRate: undefined, tag: undefined })),
    };
  }

  it.each(SAMPLES)('[ME18] say the same of $name', async (sample) => {
    const [first, second] = await Promise.all(
      all.map(({ engine }) => engine.probe({ verb: 'probe', input: fileInput(sample.file) })),
    );
    expect(comparable(good(first!))).toEqual(comparable(good(second!)));
  });
});
