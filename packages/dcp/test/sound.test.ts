import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteSource, memorySource } from '@yinglian/core';
import {
  channelWeights,
  LoudnessMeter,
  mWeightingDb,
  openWave,
  WAVE_HEAD_BYTES,
  waveHead,
  wavePcm,
} from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-sound-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RATE = 48_000;

/** 24-bit interleaved PCM of functions of time, one for each channel. */
function pcmOf(seconds: number, ...channels: ((second: number) => number)[]): Uint8Array {
  const samples = Math.round(seconds * RATE);
  const pcm = new Uint8Array(samples * channels.length * 3);
  let at = 0;
  for (let i = 0; i < samples; i++) {
    for (const channel of channels) {
      const value = Math.round(channel(i / RATE) * 0x7fffff);
      pcm[at++] = value & 0xff;
      pcm[at++] = (value >> 8) & 0xff;
      pcm[at++] = (value >> 16) & 0xff;
    }
  }
  return pcm;
}

const sine = (hz: number, db: number) => (second: number) =>
  10 ** (db / 20) * Math.sin(2 * Math.PI * hz * second);
const silence = () => 0;

function measure(pcm: Uint8Array, names: readonly (string | undefined)[]) {
  const meter = new LoudnessMeter(RATE, channelWeights(names));
  meter.add(pcm);
  return meter.result();
}

/** A WAVE file around bytes of samples. */
function wave(data: Uint8Array, bits: number, channels: number, code = 1): Uint8Array {
  const head = new DataView(new ArrayBuffer(44));
  const put = (at: number, text: string) =>
    [...text].forEach((char, i) => head.setUint8(at + i, char.charCodeAt(0)));
  put(0, 'RIFF');
  head.setUint32(4, 36 + data.length, true);
  put(8, 'WAVE');
  put(12, 'fmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, code, true);
  head.setUint16(22, channels, true);
  head.setUint32(24, RATE, true);
  head.setUint32(28, (RATE * channels * bits) / 8, true);
  head.setUint16(32, (channels * bits) / 8, true);
  head.setUint16(34, bits, true);
  put(36, 'data');
  head.setUint32(40, data.length, true);
  const file = new Uint8Array(44 + data.length);
  file.set(new Uint8Array(head.buffer));
  file.set(data, 44);
  return file;
}

async function samplesOf(file: Uint8Array): Promise<Uint8Array> {
  const opened = await openWave(memorySource(file), 'a.wav');
  if (!opened.ok) throw new Error(opened.findings.map((each) => each.code).join());
  const pieces: Uint8Array[] = [];
  for await (const piece of wavePcm(opened.value)) pieces.push(piece);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

describe('sound files', () => {
  it('[DCP84] 16, 24 and 32 bits and floats become the same 24-bit samples', async () => {
    const values = [0, 1, -1, 0x7fff, -0x8000, 12345];
    const wide = Uint8Array.from(values.flatMap((v) => [0, v & 0xff, (v >> 8) & 0xff]));
    const sixteen = Uint8Array.from(values.flatMap((v) => [v & 0xff, (v >> 8) & 0xff]));
    const thirtyTwo = Uint8Array.from(values.flatMap((v) => [0, 0, v & 0xff, (v >> 8) & 0xff]));
    const floats = new Uint8Array(Float32Array.from(values.map((v) => v / 0x8000)).buffer);
    expect(await samplesOf(wave(wide, 24, 2))).toEqual(wide);
    expect(await samplesOf(wave(sixteen, 16, 2))).toEqual(wide);
    expect(await samplesOf(wave(thirtyTwo, 32, 2))).toEqual(wide);
    expect(await samplesOf(wave(floats, 32, 2, 3))).toEqual(wide);
  });

  it('[DCP84] louder than full scale is clipped; other coders, cut files are told', async () => {
    const loud = new Uint8Array(Float32Array.from([2, -2, Number.NaN]).buffer);
    expect([...(await samplesOf(wave(loud, 32, 1, 3)))]).toEqual([
      0xff, 0xff, 0x7f, 0, 0, 0x80, 0, 0, 0,
    ]);
    const coded = await openWave(memorySource(wave(loud, 16, 1, 0x55)), 'a.wav');
    expect(coded.findings.map((each) => each.code)).toEqual(['unsupported_sound_file']);
    const whole = wave(new Uint8Array(600), 24, 2);
    const cut = await openWave(memorySource(whole.slice(0, 344)), 'a.wav');
    expect(cut.findings.map((each) => each.code)).toEqual(['truncated_sound_file']);
    expect(cut.ok && cut.value.sampleCount).toBe(50);
    const none = await openWave(memorySource(new Uint8Array(100)), 'a.wav');
    expect(none.findings.map((each) => each.code)).toEqual(['invalid_sound_file']);
  });

  it('[DCP84] sizes beyond 4 GiB are written as RF64 and read, ds64 or none', async () => {
    const large = 5 * 2 ** 30;
    const about = { channelCount: 2, samplingRateHz: RATE, bits: 24 };
    const opened = async (head: Uint8Array, dataBytes: number) => {
      const source: ByteSource = {
        sizeBytes: head.length + dataBytes,
        read: (at, length) => Promise.resolve(head.slice(at, at + length)),
      };
      const wave = await openWave(source, 'a.wav');
      if (!wave.ok) throw new Error('refused');
      expect(wave.findings).toEqual([]);
      return { count: wave.value.sampleCount, at: wave.value.dataOffset };
    };
    const head = waveHead({ ...about, dataBytes: large });
    const expected = { count: Math.floor(large / 6), at: WAVE_HEAD_BYTES };
    expect(await opened(head, large)).toEqual(expected);
    const clamped = waveHead({ ...about, dataBytes: 600 });
    expect(await opened(clamped, 600)).toEqual({ ...expected, count: 100 });
    clamped.set([0xff, 0xff, 0xff, 0xff], 76);
    expect(await opened(clamped, large)).toEqual(expected);
  });

  it('[DCP68] a mutated sound file is read or refused', async () => {
    const base = wave(new Uint8Array(300), 24, 2);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const file = base.slice();
          for (const [at, value] of changes) file[at] = value;
          const opened = await openWave(memorySource(file), 'a.wav');
          if (opened.ok) expect(opened.value.sampleCount).toBeLessThanOrEqual(300);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('loudness', () => {
  it('[DCP85] a sine of 997 Hz at full scale reads -3.01 LUFS in one front channel', () => {
    const { integratedLufs, truePeakDbtp } = measure(pcmOf(2, sine(997, 0)), ['C']);
    expect(integratedLufs).toBeCloseTo(-3.01, 1);
    expect(truePeakDbtp[0]).toBeCloseTo(0, 1);
  });

  it('[DCP85] surrounds weigh 1.5 dB more, LFE nothing, silence has no loudness', () => {
    const quiet = { L: silence, R: silence };
    const front = measure(pcmOf(1, sine(997, -23), quiet.R), ['L', 'Ls']).integratedLufs!;
    const behind = measure(pcmOf(1, quiet.L, sine(997, -23)), ['L', 'Ls']).integratedLufs!;
    expect(behind - front).toBeCloseTo(10 * Math.log10(1.41), 2);
    expect(measure(pcmOf(1, sine(50, -3)), ['LFE']).integratedLufs).toBeUndefined();
    expect(measure(pcmOf(1, silence), ['C']).integratedLufs).toBeUndefined();
    expect(measure(pcmOf(1, silence), ['C']).leqM).toBeUndefined();
  });

  it('[DCP85] quiet passages are gated out, and the range tells how far passages differ', () => {
    const steps = (second: number) =>
      sine(997, second < 12 ? -20 : second < 24 ? -35 : -80)(second);
    const { integratedLufs, rangeLu } = measure(pcmOf(36, steps), ['C']);
    expect(integratedLufs).toBeCloseTo(-23.01, 0);
    expect(rangeLu).toBeGreaterThan(14);
    expect(rangeLu).toBeLessThan(16);
  });

  it('[DCP85] peaks between the samples are found', () => {
    // A quarter of the sampling rate, 45° off: every sample lies 3 dB below the crest.
    const between = (second: number) => 0.5 * Math.sin(2 * Math.PI * 12_000 * second + Math.PI / 4);
    const { truePeakDbtp, samplePeakDbfs } = measure(pcmOf(0.5, between), ['C']);
    expect(samplePeakDbfs[0]).toBeCloseTo(-9.03, 1);
    expect(truePeakDbtp[0]).toBeGreaterThan(-6.4);
    expect(truePeakDbtp[0]).toBeLessThan(-5.6);
  });

  it('[DCP86] the M weighting is that of ITU-R BS.468, 5.6 dB lower, at each frequency', () => {
    const table = [
      [31.5, -29.9, 2], [100, -19.8, 1], [400, -7.8, 0.55], [1000, 0, 0.5], [2000, 5.6, 0.5],
      [4000, 10.5, 0.5], [6300, 12.2, 0.1], [8000, 11.4, 0.4], [10_000, 8.1, 0.8],
      [12_500, 0, 1.2], [16_000, -11.7, 1.7], [20_000, -22.2, 2],
    ] as const; // prettier-ignore
    for (const [hz, db, tolerance] of table) {
      expect(Math.abs(mWeightingDb(hz) + 5.6 - db), `${hz} Hz`).toBeLessThanOrEqual(tolerance);
    }
  });

  it('[DCP86] Leq(m) follows the curve, adds channels by energy, ignores piece sizes', () => {
    const at2k = measure(pcmOf(2, sine(2000, -20)), ['C']).leqM!;
    // 85 dB at -20 dBFS, and 0 dB of weighting at 2 kHz.
    expect(at2k).toBeCloseTo(85, 1);
    expect(measure(pcmOf(2, sine(6300, -20)), ['C']).leqM! - at2k).toBeCloseTo(6.6, 1);
    const two = measure(pcmOf(2, sine(2000, -20), sine(2500, -20)), ['L', 'R']).leqM!;
    const other = measure(pcmOf(2, sine(2500, -20)), ['R']).leqM!;
    expect(two).toBeCloseTo(10 * Math.log10(10 ** (at2k / 10) + 10 ** (other / 10)), 2);
    const pcm = pcmOf(0.7, sine(2000, -20), sine(300, -9));
    const meter = new LoudnessMeter(RATE, channelWeights(['L', 'R']));
    for (let at = 0; at < pcm.length; at += 1001) meter.add(pcm.subarray(at, at + 1001));
    expect(meter.result()).toEqual(measure(pcm, ['L', 'R']));
  });

  it('[DCP87] ffmpeg measures the same integrated loudness, range and peaks', () => {
    if (spawnSync('ffmpeg', ['-version']).status !== 0) {
      console.warn('skipped: ffmpeg is not installed');
      return;
    }
    const swell = (second: number) => 0.2 + 0.8 * Math.abs(Math.sin(second / 3));
    let seed = 1;
    const noise = () => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return seed / 0x40000000 - 1;
    };
    const channel = (gain: number) => (second: number) => gain * swell(second) * noise();
    const pcm = pcmOf(15, channel(0.4), channel(0.3), channel(0.2), silence, channel(0.1), silence);
    const file = join(folder, 'a.wav');
    const names = ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'];
    const extensible = wave(pcm, 24, 6);
    writeFileSync(file, extensible);
    const run = spawnSync(
      'ffmpeg',
      [
        '-nostats',
        '-channel_layout',
        '5.1',
        '-i',
        file,
        '-af',
        'ebur128=peak=true+sample',
        '-f',
        'null',
        '-',
      ],
      { encoding: 'utf8' },
    );
    const summary = run.stderr.slice(run.stderr.lastIndexOf('Summary:'));
    const number = (pattern: RegExp) => Number(pattern.exec(summary)?.[1]);
    const own = measure(pcm, names);
    expect(own.integratedLufs).toBeCloseTo(number(/I:\s+(-?[\d.]+) LUFS/), 0);
    expect(Math.abs(own.integratedLufs! - number(/I:\s+(-?[\d.]+) LUFS/))).toBeLessThan(0.11);
    expect(Math.abs(own.rangeLu - number(/LRA:\s+(-?[\d.]+) LU/))).toBeLessThan(0.5);
    const truePeak = Math.max(...own.truePeakDbtp);
    expect(Math.abs(truePeak - number(/True peak:\s+Peak:\s+(-?[\d.]+)/))).toBeLessThan(0.6);
  });
});
