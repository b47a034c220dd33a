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
  for (let first = 0; first < total; first += BLOCK_SAMPLES) {
    const count = Math.min(BLOCK_SAMPLES, total - first);
    const block = new Uint8Array(count * channels * BYTES);
    for (let at = 0; !isBlack && at < count; at++) {
      const sample = first + at;
      const beep = beepAt(sample, nominal, rate);
      for (let channel = 0; channel < channels; channel++) {
        const value = Math.round(FULL * (beep + chordAt(sample, channel, job.seed ?? 1)));
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

function chordAt(sample: number, channel: number, seed: number): number {
  const seconds = sample / SAMPLE_RATE;
  // The low-frequency channel has its own low tone; the others share the chord, swelling apart.
  if (channel === 3) return CHORD_LEVEL * Math.sin(2 * Math.PI * 45 * seconds);
  let sum = 0;
  for (const [at, hertz] of CHORD_HERTZ.entries()) {
    const swell = 0.6 + 0.4 * Math.sin(seconds * (0.31 + 0.07 * at) + channel * 0.9 + seed);
    sum += swell * Math.sin(2 * Math.PI * hertz * seconds + channel * 0.2 * at);
  }
  return (CHORD_LEVEL * sum) / CHORD_HERTZ.length;
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
