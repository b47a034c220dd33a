import { nominalRate } from '@yinglian/core';
import type { RenderJob } from '../jobs.ts';
import { isSyncFrame, jobRate, samplesUnder } from './film.ts';

export const SAMPLE_RATE = 48_000;
const BYTES = 3;
const FULL = 2 ** 23 - 1;
/** The beep at -20 dBFS, reference level of SMPTE RP 155; the chord well under it. */
const BEEP_LEVEL = 10 ** (-20 / 20);
const CHORD_LEVEL = 10 ** (-32 / 20);
const BEEP_HERTZ = 1000;
const CHORD_HERTZ = [110, 164.81, 220, 277.18, 329.63] as const;
const BLOCK_SAMPLES = 48_000;

type Write = (bytes: Uint8Array) => Promise<void>;

/** Writes the sound of a rendered film as 24-bit WAV: a soft chord, a beep at each sync mark. */
export async function writeSound(job: RenderJob, write: Write): Promise<void> {
  const channels = job.channels ?? 2;
  const rate = jobRate(job);
  const total = samplesUnder(job.frames, rate, SAMPLE_RATE);
  await write(wavHeader(channels, total));
  const nominal = nominalRate(rate);
  const isBlack = job.programme === 'black';
  const tones = new Float64Array(CHORD_HERTZ.length);
  let swells = swellsAt(0, channels, job.seed ?? 1);
  for (let first = 0; first < total; first += BLOCK_SAMPLES) {
    const count = Math.min(BLOCK_SAMPLES, total - first);
    const block = new Uint8Array(count * channels * BYTES);
    for (let at = 0; !isBlack && at < count; at++) {
      const sample = first + at;
      const beep = beepAt(sample, nominal, rate);
      if (sample % SWELL_SAMPLES === 0) swells = swellsAt(sample, channels, job.seed ?? 1);
      tonesAt(sample, tones);
      for (let channel = 0; channel < channels; channel++) {
        const own = channel === LOW_CHANNEL ? lowAt(sample) : chordOf(channel, tones, swells);
        const value = Math.round(FULL * (beep + own));
        const place = (at * channels + channel) * BYTES;
        block[place] = value & 255;
        block[place + 1] = (value >> 8) & 255;
        block[place + 2] = (value >> 16) & 255;
      }
    }
    await write(block);
  }
}

/** One picture long, from the first sample of the marked picture. */
function beepAt(sample: number, nominal: number, rate: ReturnType<typeof jobRate>): number {
  const perSecond = Number(rate.numerator) / Number(rate.denominator);
  const frame = Math.floor((sample / SAMPLE_RATE) * perSecond + 1e-9);
  if (!isSyncFrame(frame, nominal)) return 0;
  const inside = sample - samplesUnder(frame, rate, SAMPLE_RATE);
  if (inside < 0) return 0;
  return BEEP_LEVEL * Math.sin((2 * Math.PI * BEEP_HERTZ * inside) / SAMPLE_RATE);
}

/** Swells change slowly: one value serves so many samples. */
const SWELL_SAMPLES = 480;

function swellsAt(sample: number, channels: number, seed: number): Float64Array {
  const seconds = sample / SAMPLE_RATE;
  const swells = new Float64Array(channels * CHORD_HERTZ.length);
  for (let at = 0; at < swells.length; at++) {
    const tone = at % CHORD_HERTZ.length;
    const channel = Math.floor(at / CHORD_HERTZ.length);
    const wave = Math.sin(seconds * (0.31 + 0.07 * tone) + channel * 0.9 + seed);
    swells[at] = (CHORD_LEVEL * (0.6 + 0.4 * wave)) / CHORD_HERTZ.length;
  }
  return swells;
}

/** The tones at a sample; every channel hears the same tones at its own strength. */
function tonesAt(sample: number, tones: Float64Array): void {
  for (let tone = 0; tone < tones.length; tone++) {
    tones[tone] = Math.sin((2 * Math.PI * CHORD_HERTZ[tone]! * sample) / SAMPLE_RATE);
  }
}

function chordOf(channel: number, tones: Float64Array, swells: Float64Array): number {
  let sum = 0;
  for (let tone = 0; tone < tones.length; tone++) {
    sum += tones[tone]! * swells[channel * tones.length + tone]!;
  }
  return sum;
}

/** The low-frequency channel has its own low tone instead of the chord. */
const LOW_CHANNEL = 3;
const LOW_HERTZ = 45;

function lowAt(sample: number): number {
  return CHORD_LEVEL * Math.sin((2 * Math.PI * LOW_HERTZ * sample) / SAMPLE_RATE);
}

/** RIFF header of PCM (WAVE_FORMAT_PCM for up to two channels, extensible above). */
function wavHeader(channels: number, samples: number): Uint8Array {
  const extensible = channels > 2;
  const formatBytes = extensible ? 40 : 16;
  const dataBytes = samples * channels * BYTES;
  const header = new Uint8Array(28 + formatBytes);
  const view = new DataView(header.buffer);
  const tag = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) header[at + i] = text.charCodeAt(i);
  };
  tag(0, 'RIFF');
  view.setUint32(4, Math.min(0xffff_ffff, 20 + formatBytes + dataBytes), true);
  tag(8, 'WAVE');
  tag(12, 'fmt ');
  view.setUint32(16, formatBytes, true);
  view.setUint16(20, extensible ? 0xfffe : 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * channels * BYTES, true);
  view.setUint16(32, channels * BYTES, true);
  view.setUint16(34, 8 * BYTES, true);
  if (extensible) {
    view.setUint16(36, 22, true);
    view.setUint16(38, 8 * BYTES, true);
    // 5.1 with side surrounds; 7.1 with sides and backs (dwChannelMask).
    view.setUint32(40, channels === 6 ? 0x60f : 0x63f, true);
    const guid = [1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
    header.set(guid, 44);
  }
  tag(20 + formatBytes, 'data');
  view.setUint32(24 + formatBytes, Math.min(0xffff_ffff, dataBytes), true);
  return header;
}
