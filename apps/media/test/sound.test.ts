import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type MediaInput } from '../src/index.ts';
import { nodeAvBackend } from '../src/node-av/session.ts';
import { sceneStarts } from '../src/render/film.ts';
import { codes, good, implementations, make, requireFreshBuild, scratch } from './media.ts';
import { readWav, sineWav } from './wav.ts';

const folder = scratch();
const all = implementations();
const maker = all[0]!.engine;

function pathOf(name: string): string {
  return join(folder.path, name);
}

function fileInput(name: string): MediaInput {
  return { kind: 'file', path: pathOf(name) };
}

/** A master as post houses deliver it: each channel of the sound is a stream of its own. */
async function makeMonos(from: string, to: string): Promise<void> {
  const control = { limits: DEFAULT_LIMITS, signal: undefined, onProgress: undefined };
  const session = nodeAvBackend.open(control);
  const labels = [0, 1, 2, 3, 4, 5].map((channel) => `m${channel}`);
  const split = `[0:0]asplit=6${labels.map((label) => `[s${label}]`).join('')}`;
  const monos = labels.map((label, at) => `[s${label}]pan=mono|c0=c${at}[${label}]`);
  const streams = labels.map(
    (label) => ({ label, kind: 'audio', codec: 'pcm_s24le', options: {} }) as const,
  );
  const outcome = await session.execute({
    inputs: [{ url: `file:${from}`, options: {} }],
    graph: [split, ...monos].join(';'),
    outputs: [{ url: `file:${to}`, format: 'mov', options: {}, metadata: {}, streams }],
  });
  session.close();
  good(outcome);
}

beforeAll(async () => {
  requireFreshBuild();
  await make(maker, pathOf('a.mp4'), { frames: 48 });
  await make(maker, pathOf('film.mp4'), { programme: 'film', frames: 140, frameRate: '25' });
  await make(maker, pathOf('black.mp4'), { programme: 'black', frames: 48 });
  await make(maker, pathOf('still.mp4'), { programme: 'still', frames: 48, channels: 0 });
  await make(maker, pathOf('six.wav'), { preset: 'wav', channels: 6, frames: 48 });
  await make(maker, pathOf('eight.wav'), { preset: 'wav', channels: 8, frames: 48 });
  sineWav(pathOf('sine.wav'), { hertz: 997, decibels: -23, seconds: 6, channels: 2 });
  sineWav(pathOf('six-plain.wav'), { hertz: 440, decibels: -20, seconds: 1, channels: 6 });
  sineWav(pathOf('four-plain.wav'), { hertz: 440, decibels: -20, seconds: 1, channels: 4 });
  await makeMonos(pathOf('six.wav'), pathOf('monos.mov'));
}, 120_000);
afterAll(() => folder.remove());

describe.each(all)('sound and finding on $name', ({ engine }) => {
  describe('sound', () => {
    it('[ME10] gives 24-bit sound bit for bit', async () => {
      const output = pathOf(`six-${engine.name}.wav`);
      const made = good(
        await engine.pcm({ verb: 'pcm', input: fileInput('six.wav'), output, layout: '5.1' }),
      );
      expect(made).toMatchObject({ channels: 6, samples: 96_000, sampleRate: 48_000 });
      const [before, after] = [readWav(pathOf('six.wav')), readWav(output)];
      expect(after.bits).toBe(24);
      expect(Buffer.compare(before.data, after.data)).toBe(0);
    });

    it('[ME36] joins channels that are streams of their own', async () => {
      const output = pathOf(`joined-${engine.name}.wav`);
      const input = fileInput('monos.mov');
      good(await engine.pcm({ verb: 'pcm', input, output, layout: '5.1' }));
      const [before, after] = [readWav(pathOf('six.wav')), readWav(output)];
      expect(Buffer.compare(before.data, after.data)).toBe(0);
    });

    it('[ME38] takes numbered channels in the order of cinemas and says so', async () => {
      const output = pathOf(`numbered-${engine.name}.wav`);
      for (const [name, layout] of [
        ['six-plain.wav', '5.1'],
        ['four-plain.wav', '2.0'],
      ] as const) {
        const input = fileInput(name);
        const made = await engine.pcm({ verb: 'pcm', input, output, layout });
        expect(good(made).samples).toBe(48_000);
        expect(codes(made.findings)).toContain('unknown_layout');
        const [before, after] = [readWav(pathOf(name)), readWav(output)];
        for (let at = 0; at < after.channels; at++) {
          expect(after.channel(at)).toEqual(before.channel(at));
        }
        const film = pathOf(`numbered-${engine.name}.mp4`);
        const sound = pathOf(name);
        const pictures = fileInput('still.mp4');
        const proxy = await engine.proxy({ verb: 'proxy', input: pictures, sound, output: film });
        expect(good(proxy)).toMatchObject({ frames: 48, hasSound: true });
        const measured = good(await engine.loudness({ verb: 'loudness', input }));
        expect(measured.integrated).not.toBeNull();
      }
    });

    it('[ME11] puts channels where a cinema has them', async () => {
      const output = pathOf(`eight-${engine.name}.wav`);
      const seven = { verb: 'pcm', input: fileInput('eight.wav'), output, layout: '7.1' } as const;
      good(await engine.pcm(seven));
      const [before, after] = [readWav(pathOf('eight.wav')), readWav(output)];
      // WAVE puts backs before sides; a cinema package sides before backs (ST 428-12).
      for (const [to, from] of [0, 1, 2, 3, 6, 7, 4, 5].entries()) {
        expect(after.channel(to)).toEqual(before.channel(from));
      }
      const stereo = pathOf(`up-${engine.name}.wav`);
      const up = {
        verb: 'pcm',
        input: fileInput('sine.wav'),
        output: stereo,
        layout: '5.1',
      } as const;
      good(await engine.pcm(up));
      const wide = readWav(stereo);
      expect(wide.channel(0)).toEqual(readWav(pathOf('sine.wav')).channel(0));
      for (const silent of [2, 3, 4, 5]) {
        expect(wide.channel(silent).every((each) => each === 0)).toBe(true);
      }
    });

    it('[ME12] follows an explicit map and an exact length', async () => {
      const output = pathOf(`map-${engine.name}.raw`);
      const map = [
        { stream: 0, channel: 3 },
        null,
        { stream: 0, channel: 0 },
        null,
        null,
        { stream: 0, channel: 5 },
      ];
      for (const samples of [90_000, 100_000]) {
        const made = good(
          await engine.pcm({
            verb: 'pcm',
            input: fileInput('six.wav'),
            output,
            layout: '5.1',
            map,
            samples,
            container: 'raw',
          }),
        );
        expect(made.samples).toBe(samples);
        const raw = readFileSync(output);
        expect(raw.length).toBe(samples * 18);
        const six = readWav(pathOf('six.wav'));
        const sample = (at: number, channel: number) =>
          raw.readIntLE((at * 6 + channel) * 3, 3) / 2 ** 23;
        for (const at of [1, 777, 89_999]) {
          expect(sample(at, 0)).toBe(six.channel(3)[at]);
          expect(sample(at, 1)).toBe(0);
          expect(sample(at, 2)).toBe(six.channel(0)[at]);
          expect(sample(at, 5)).toBe(six.channel(5)[at]);
        }
        if (samples > 96_000) expect(sample(samples - 1, 0)).toBe(0);
      }
      const wrong = await engine.pcm({
        verb: 'pcm',
        input: fileInput('six.wav'),
        output,
        layout: '2.0',
        map: [{ stream: 0, channel: 6 }, null],
      });
      expect(codes(wrong.findings)).toEqual(['invalid_job']);
    });

    it('[ME39] plays sound faster with its pitch, exactly as long as was asked', async () => {
      const output = pathOf(`speed-${engine.name}.wav`);
      const faster = { verb: 'pcm', input: fileInput('pitch.wav'), output, layout: '1.0' } as const;
      sineWav(pathOf('pitch.wav'), { hertz: 1000, decibels: -6, seconds: 5, channels: 1 });
      for (const [speed, hertz] of [
        ['1001/1000', 1001],
        ['24/25', 960],
      ] as const) {
        good(await engine.pcm({ ...faster, speed }));
        const samples = readWav(output).channel(0);
        expect(Math.abs(samples.length - 240_000 * (1000 / hertz))).toBeLessThan(4);
        // Upward crossings of zero in the middle, away from the filter's edges.
        const rises = [...samples.keys()].filter(
          (at) => at > 24_000 && at < 216_000 && samples[at - 1]! < 0 && samples[at]! >= 0,
        );
        const periods = (rises.at(-1)! - rises[0]!) / (rises.length - 1);
        expect(48_000 / periods).toBeCloseTo(hertz, 0);
        const loudest = samples.slice(24_000, 216_000).reduce((a, b) => Math.max(a, b), 0);
        expect(2 * loudest).toBeCloseTo(2 * 10 ** (-6 / 20), 2);
      }
      for (const speed of ['3/7', '7', '0']) {
        const refused = await engine.pcm({ ...faster, speed });
        expect(codes(refused.findings)).toEqual(['invalid_job']);
      }
    });

    it('[ME13] measures loudness as EBU Tech 3341 test signal 1 demands', async () => {
      const measured = good(
        await engine.loudness({ verb: 'loudness', input: fileInput('sine.wav') }),
      );
      expect(Math.abs(measured.integrated! + 23)).toBeLessThan(0.1);
      expect(Math.abs(measured.truePeak! + 23)).toBeLessThan(0.2);
      expect(measured.range).toBeLessThan(0.1);
      const silent = good(
        await engine.loudness({ verb: 'loudness', input: fileInput('black.mp4') }),
      );
      expect(silent).toMatchObject({ integrated: null, truePeak: null });
    });

    it('[ME14] draws the waveform of what is there', async () => {
      const output = pathOf(`wave-${engine.name}.json`);
      const made = good(
        await engine.waveform({ verb: 'waveform', input: fileInput('sine.wav'), output }),
      );
      expect(made).toMatchObject({ channels: 2, peaks: 300, seconds: 6 });
      const page = JSON.parse(readFileSync(output, 'utf8'));
      expect(page).toMatchObject({ version: 2, channels: 2, sample_rate: 48_000, length: 300 });
      expect(page.data).toHaveLength(300 * 2 * 2);
      expect(page.overall).toHaveLength(300 * 2);
      const top = 32_768 * 10 ** (-23 / 20);
      for (const [at, value] of page.data.entries()) {
        expect(Math.abs(value - (at % 2 === 0 ? -top : top))).toBeLessThan(20);
      }
    });
  });

  describe('detect', () => {
    it('[ME15] finds the cuts of a film', async () => {
      const found = good(
        await engine.detect({ verb: 'detect', input: fileInput('film.mp4'), kinds: ['scene'] }),
      );
      expect(found.scenes.map((each) => each.frame)).toEqual(sceneStarts(140).slice(1, -1));
    });

    it('[ME15] finds black, silence and frozen pictures to the end', async () => {
      const kinds = ['black', 'silence', 'freeze'] as const;
      const dark = good(
        await engine.detect({ verb: 'detect', input: fileInput('black.mp4'), kinds }),
      );
      expect(dark.black).toEqual([{ startSeconds: 0, endSeconds: 2 }]);
      expect(dark.silence).toHaveLength(1);
      expect(dark.silence[0]!.endSeconds).toBeCloseTo(2, 1);
      const still = good(
        await engine.detect({
          verb: 'detect',
          input: fileInput('still.mp4'),
          kinds: ['black', 'freeze'],
        }),
      );
      expect(still.black).toEqual([]);
      expect(still.freeze).toHaveLength(1);
      const lively = good(
        await engine.detect({ verb: 'detect', input: fileInput('a.mp4'), kinds: [...kinds] }),
      );
      expect([lively.black, lively.silence, lively.freeze]).toEqual([[], [], []]);
    });
  });
});
