import { assert } from '@yinglian/core';
import { PCM_SAMPLE_BYTES } from '../mxf/descriptors.ts';
import type { SoundInfo } from '../mxf/track-file.ts';
import { mWeightingDb, TRUE_PEAK_PHASES, TRUE_PEAK_RISE, WeightedEnergy } from './filters.ts';

/** How loud a programme is, in the measures of broadcast and of cinema. */
export type Loudness = {
  /** ITU-R BS.1770-4 integrated, gated; undefined where everything is below -70 LUFS. */
  readonly integratedLufs: number | undefined;
  /** EBU Tech 3342, in LU. */
  readonly rangeLu: number;
  /** Largest of all 400 ms and 3 s windows. */
  readonly momentaryMaxLufs: number;
  readonly shortTermMaxLufs: number;
  /** Four times oversampled (BS.1770-4 annex 2), of each channel. */
  readonly truePeakDbtp: readonly number[];
  readonly samplePeakDbfs: readonly number[];
  /**
   * ISO 21727 (trailers, advertisements): energy of all channels under the M weighting, against
   * 85 dB SPL for pink noise at -20 dBFS RMS in one channel.
   */
  readonly leqM: number | undefined;
  readonly seconds: number;
};

/** What each channel weighs (BS.1770-4 table 3): 1.41 for surround, nothing for LFE and data. */
export type ChannelWeight = 0 | 1 | 1.41;

/** Weights by channel names of ST 428-12; what is no programme channel weighs nothing. */
export function channelWeights(names: readonly (string | undefined)[]): ChannelWeight[] {
  return names.map((name) => {
    if (name === undefined) return 0;
    if (['L', 'R', 'C', 'Lc', 'Rc', 'M'].includes(name)) return 1;
    return ['Ls', 'Rs', 'Lss', 'Rss', 'Lrs', 'Rrs', 'Cs'].includes(name) ? 1.41 : 0;
  });
}

/** Names of the channels of a file: by its labels, and where it has none, in the usual order. */
export function programmeChannels({
  channelCount,
  channels,
}: Pick<SoundInfo, 'channelCount' | 'channels'>): (string | undefined)[] {
  const labelled = Array.from({ length: channelCount }, (_, index) =>
    channels.find(({ channel }) => channel === index + 1)?.symbol.replace(/^ch/, ''),
  );
  return labelled.some((name) => name !== undefined) ? labelled : usualChannels(channelCount);
}

/** Channels of files without labels, in the usual order; one alone is the centre. */
export function usualChannels(count: number): (string | undefined)[] {
  if (count === 1) return ['C'];
  const main = ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'];
  const names = count === 8 ? ['L', 'R', 'C', 'LFE', 'Lrs', 'Rrs', 'Lss', 'Rss'] : main;
  return Array.from({ length: count }, (_, index) => names[index]);
}

const GATE_STEP_SECONDS = 0.1;
const MOMENTARY_STEPS = 4;
const SHORT_TERM_STEPS = 30;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
const RANGE_GATE_LU = -20;
/** BS.1770-4 2.1: so that a sine of 997 Hz at 0 dBFS in one front channel reads -3.01. */
const OFFSET_LUFS = -0.691;
/**
 * 85 dB at -20 dBFS make 105 dB at 0 dBFS; levels in dBFS are those of AES17, where a full scale
 * sine, not a full scale square, has 0 dBFS RMS: 3.01 dB more. Meters of the field agree.
 */
const LEQ_M_FULL_SCALE = 105 + 10 * Math.log10(2);
/** The quietest that is told; digital silence has no logarithm. */
const FLOOR_DB = -200;

const decibels = (power: number) =>
  power > 0 ? Math.max(FLOOR_DB, 10 * Math.log10(power)) : FLOOR_DB;
const lufs = (power: number) => OFFSET_LUFS + decibels(power);

/** One biquad's coefficients, a0 divided out. */
type Biquad = readonly [b0: number, b1: number, b2: number, a1: number, a2: number];

/**
 * The K weighting for any sampling rate: the analogue prototypes behind the coefficients that
 * BS.1770-4 prints for 48 kHz (tables 1 and 2), by the bilinear transform.
 */
export function kWeighting(samplingRateHz: number): readonly [shelf: Biquad, highPass: Biquad] {
  return [shelf(samplingRateHz), highPass(samplingRateHz)];
}

function shelf(rate: number): Biquad {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return [
    (high + (band * k) / q + k * k) / a0,
    (2 * (k * k - high)) / a0,
    (high - (band * k) / q + k * k) / a0,
    (2 * (k * k - 1)) / a0,
    (1 - k / q + k * k) / a0,
  ];
}

function highPass(rate: number): Biquad {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
}

/** What one channel remembers between pieces. */
type ChannelState = {
  readonly weight: number;
  /** Delays of the two biquads, transposed direct form. */
  readonly delays: Float64Array;
  readonly history: Float64Array;
  /** What the next block of the weighting begins with. */
  readonly block: Float64Array;
  at: number;
  peak: number;
  truePeak: number;
  /** Largest sample of the last and the last but one history's length. */
  recent: number;
  before: number;
  stepPower: number;
};

/** Measures PCM as it passes; any piece size gives the same result. */
export class LoudnessMeter {
  readonly #channels: readonly ChannelState[];
  readonly #filters: readonly [Biquad, Biquad];
  readonly #energy: WeightedEnergy;
  readonly #stepSamples: number;
  readonly #rate: number;
  readonly #oversampling: number;
  readonly #steps: number[] = [];
  #inStep = 0;
  #inBlock: number;
  #mEnergy = 0;
  #samples = 0;
  #rest = new Uint8Array(0);

  constructor(samplingRateHz: number, weights: readonly ChannelWeight[]) {
    assert(samplingRateHz >= 8000 && weights.length > 0, 'sound has a rate and channels');
    this.#rate = samplingRateHz;
    this.#filters = kWeighting(samplingRateHz);
    this.#energy = new WeightedEnergy(samplingRateHz, mWeightingDb);
    // The first block begins half a block before the sound, so that every sample is in two.
    this.#inBlock = this.#energy.blockSamples / 2;
    this.#stepSamples = Math.round(samplingRateHz * GATE_STEP_SECONDS);
    // BS.1770-4 annex 2: sampled at 192 kHz or more, whatever it was.
    this.#oversampling = samplingRateHz >= 192_000 ? 1 : samplingRateHz >= 96_000 ? 2 : 4;
    this.#channels = weights.map((weight) => ({
      weight,
      delays: new Float64Array(4),
      history: new Float64Array(HISTORY),
      block: new Float64Array(this.#energy.blockSamples),
      at: 0,
      peak: 0,
      truePeak: 0,
      recent: 0,
      before: 0,
      stepPower: 0,
    }));
  }

  /** Interleaved 24-bit little endian, any number of bytes. */
  add(pcm: Uint8Array): void {
    const frame = this.#channels.length * PCM_SAMPLE_BYTES;
    let bytes = pcm;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + pcm.length);
      bytes.set(this.#rest);
      bytes.set(pcm, this.#rest.length);
    }
    const samples = Math.floor(bytes.length / frame);
    for (let from = 0; from < samples;) {
      const room = this.#energy.blockSamples - this.#inBlock;
      const until = Math.min(samples, from + this.#stepSamples - this.#inStep, from + room);
      for (const [index, channel] of this.#channels.entries()) {
        this.#measure(channel, bytes, from * frame + index * PCM_SAMPLE_BYTES, until - from, frame);
      }
      this.#inStep += until - from;
      this.#inBlock += until - from;
      this.#samples += until - from;
      from = until;
      if (this.#inStep === this.#stepSamples) this.#endStep();
      if (this.#inBlock === this.#energy.blockSamples) this.#endBlock();
    }
    this.#rest = bytes.slice(samples * frame);
  }

  #measure(
    channel: ChannelState,
    bytes: Uint8Array,
    start: number,
    count: number,
    stride: number,
  ): void {
    const { delays, history, weight, block } = channel;
    const inBlock = this.#inBlock;
    const [[b0, b1, b2, a1, a2], [c0, c1, c2, d1, d2]] = this.#filters;
    let [z1, z2, z3, z4] = delays as unknown as [number, number, number, number];
    let { at, peak, truePeak, recent, before } = channel;
    // Going on where the last piece ended: sums in another order would differ in their last digit.
    let power = channel.stepPower;
    for (let i = 0, byte = start; i < count; i++, byte += stride) {
      const x =
        ((bytes[byte]! << 8) | (bytes[byte + 1]! << 16) | (bytes[byte + 2]! << 24)) / 0x8000_0000;
      const size = x < 0 ? -x : x;
      if (size > peak) peak = size;
      at = (at + 1) & HISTORY_MASK;
      history[at] = x;
      if (at === 0) {
        before = recent;
        recent = size;
      } else if (size > recent) recent = size;
      block[inBlock + i] = x;
      if (weight > 0) {
        const y = b0 * x + z1;
        z1 = b1 * x - a1 * y + z2;
        z2 = b2 * x - a2 * y;
        const k = c0 * y + z3;
        z3 = c1 * y - d1 * k + z4;
        z4 = c2 * y - d2 * k;
        power += k * k;
      }
      // Nothing between samples rises above the sum of the taps times the largest of them.
      if ((recent > before ? recent : before) * TRUE_PEAK_RISE > truePeak) {
        const between = this.#between(history, at);
        if (between > truePeak) truePeak = between;
      }
    }
    delays.set([z1, z2, z3, z4]);
    channel.at = at;
    channel.peak = peak;
    channel.recent = recent;
    channel.before = before;
    channel.truePeak = Math.max(truePeak, peak);
    channel.stepPower = power;
  }

  /** The largest of the samples that oversampling puts between the last ones. */
  #between(history: Float64Array, at: number): number {
    let largest = 0;
    const skip = 4 / this.#oversampling;
    if (skip > 2) return 0;
    for (let phase = skip; phase < 4; phase += skip) {
      const taps = TRUE_PEAK_PHASES[phase]!;
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) {
        sum += taps[tap]! * history[(at - tap) & HISTORY_MASK]!;
      }
      if (sum > largest) largest = sum;
      else if (-sum > largest) largest = -sum;
    }
    return largest;
  }

  #endStep(): void {
    let power = 0;
    for (const channel of this.#channels) {
      power += (channel.weight * channel.stepPower) / this.#stepSamples;
      channel.stepPower = 0;
    }
    this.#steps.push(power);
    this.#inStep = 0;
  }

  #endBlock(): void {
    this.#mEnergy += this.#blockEnergy();
    const half = this.#energy.blockSamples / 2;
    for (const { block } of this.#channels) block.copyWithin(0, half);
    this.#inBlock = half;
  }

  #blockEnergy(): number {
    let energy = 0;
    for (let index = 0; index < this.#channels.length; index += 2) {
      energy += this.#energy.of(this.#channels[index]!.block, this.#channels[index + 1]?.block);
    }
    return energy;
  }

  /** What the last, unfinished blocks hold. */
  #remainder(): number {
    const kept = this.#channels.map(({ block }) => block.slice());
    const half = this.#energy.blockSamples / 2;
    for (const { block } of this.#channels) block.fill(0, this.#inBlock);
    let energy = this.#blockEnergy();
    for (const { block } of this.#channels) block.copyWithin(0, half).fill(0, half);
    if (this.#inBlock > half) energy += this.#blockEnergy();
    for (const [index, { block }] of this.#channels.entries()) block.set(kept[index]!);
    return energy;
  }

  /** The result so far. */
  result(): Loudness {
    const momentary = windows(this.#steps, MOMENTARY_STEPS);
    const shortTerm = windows(this.#steps, SHORT_TERM_STEPS);
    const mean = (this.#mEnergy + this.#remainder()) / (this.#samples || 1);
    return {
      integratedLufs: integrated(momentary),
      rangeLu: range(shortTerm),
      momentaryMaxLufs: lufs(Math.max(0, ...spread(momentary))),
      shortTermMaxLufs: lufs(Math.max(0, ...spread(shortTerm))),
      truePeakDbtp: this.#channels.map((each) => decibels(each.truePeak ** 2)),
      samplePeakDbfs: this.#channels.map((each) => decibels(each.peak ** 2)),
      leqM: mean > 0 ? LEQ_M_FULL_SCALE + decibels(mean) : undefined,
      seconds: this.#samples / this.#rate,
    };
  }
}

/** A power of two that holds the interpolation filter. */
const HISTORY = 16;
const HISTORY_MASK = HISTORY - 1;

/** Means over so many steps, every step. */
function windows(steps: readonly number[], length: number): number[] {
  const means: number[] = [];
  for (let end = length; end <= steps.length; end++) {
    let sum = 0;
    for (let i = end - length; i < end; i++) sum += steps[i]!;
    means.push(sum / length);
  }
  return means;
}

/** The largest alone, so that a film's windows are never passed as arguments one by one. */
function spread(powers: readonly number[]): [] | [number] {
  let largest: number | undefined;
  for (const power of powers) if (largest === undefined || power > largest) largest = power;
  return largest === undefined ? [] : [largest];
}

function average(powers: readonly number[]): number {
  return powers.length === 0 ? 0 : powers.reduce((sum, each) => sum + each, 0) / powers.length;
}

function integrated(momentary: readonly number[]): number | undefined {
  const loud = momentary.filter((power) => lufs(power) > ABSOLUTE_GATE_LUFS);
  if (loud.length === 0) return undefined;
  const gate = lufs(average(loud)) + RELATIVE_GATE_LU;
  return lufs(average(loud.filter((power) => lufs(power) > gate)));
}

/** EBU Tech 3342: from the 10th to the 95th percentile of gated short-term values. */
function range(shortTerm: readonly number[]): number {
  const loud = shortTerm.filter((power) => lufs(power) > ABSOLUTE_GATE_LUFS);
  const gate = lufs(average(loud)) + RANGE_GATE_LU;
  const sorted = loud
    .map(lufs)
    .filter((value) => value > gate)
    .sort((a, b) => a - b);
  if (sorted.length === 0) return 0;
  const percentile = (share: number) => sorted[Math.round((sorted.length - 1) * share)]!;
  return percentile(0.95) - percentile(0.1);
}
