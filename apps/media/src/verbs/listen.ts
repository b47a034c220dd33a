import { stat, writeFile } from 'node:fs/promises';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import type { ChannelSource, LoudnessJob, PcmJob, SoundLayout, WaveformJob } from '../jobs.ts';
import { fileUrl, type Plan, tapUrl } from '../plan.ts';
import { approximate, type Probe, soundStreams } from '../probe.ts';
import { planInput, probeInput, rateValue, requireOutput, type VerbContext } from './context.ts';
import { LineReader } from './metadata-lines.ts';
import { printTo } from './look.ts';
import { PeakCounter } from './peaks.ts';
import {
  leadFilter,
  type Programme,
  programmeSound,
  TARGET_CHANNELS,
  toStereo,
  toTargetLayout,
} from './sound-chain.ts';

type Sounding = { readonly probe: Probe; readonly programme: Programme };

async function probeSound(
  context: VerbContext,
  input: PcmJob['input'],
): Promise<Outcome<Sounding>> {
  const probed = await probeInput(context, input, false);
  if (!probed.ok) return probed;
  const programme = programmeSound(probed.value);
  if (programme === undefined) {
    return refused(finding('missing_stream', 'error', { facts: { kind: 'sound' } }));
  }
  const duration = soundStreams(probed.value)[0]?.duration ?? probed.value.duration;
  if (duration !== null) context.expect({ seconds: approximate(duration) });
  return accepted({ probe: probed.value, programme }, [...probed.findings, ...programme.findings]);
}

/** Puts the sound on the film's own beginning: silence before it, or its priming cut away. */
const FROM_ZERO = 'first_pts=0';

export type WaveformResult = {
  readonly path: string;
  readonly channels: number;
  readonly peaks: number;
  readonly peaksPerSecond: number;
  readonly seconds: number;
};

const PEAKS_PER_SECOND = 50;
const WAVEFORM_RATE = 48_000;

/** Lowest and highest sample of each short stretch, per channel and of all together. */
export async function waveform(
  context: VerbContext,
  job: WaveformJob,
): Promise<Outcome<WaveformResult>> {
  const peaksPerSecond = job.peaksPerSecond ?? PEAKS_PER_SECOND;
  if (WAVEFORM_RATE % peaksPerSecond !== 0) {
    return refused(finding('invalid_job', 'error', { facts: { reason: 'peaksPerSecond' } }));
  }
  const sounding = await probeSound(context, job.input);
  if (!sounding.ok) return sounding;
  const { channels, graph } = sounding.value.programme;
  const counter = new PeakCounter(channels, WAVEFORM_RATE / peaksPerSecond);
  const plan: Plan = {
    inputs: [planInput(job.input)],
    graph:
      `${graph};[programme]aresample=${WAVEFORM_RATE}:${FROM_ZERO},` +
      'aformat=sample_fmts=s16[sound]',
    outputs: [rawSound('s16le', 'pcm_s16le')],
  };
  const done = requireOutput(
    plan,
    await context.session.execute(plan, { taps: [(chunk) => counter.take(chunk)] }),
  );
  if (!done.ok) return done;
  const { length, perChannel, overall } = counter.finish();
  if (length === 0) return refused(finding('empty_output', 'error'));
  const page = {
    version: 2,
    channels,
    sample_rate: WAVEFORM_RATE,
    samples_per_pixel: WAVEFORM_RATE / peaksPerSecond,
    bits: 16,
    length,
    data: perChannel,
    overall,
  };
  await writeFile(job.output, JSON.stringify(page));
  const seconds = counter.samples / WAVEFORM_RATE;
  return accepted({ path: job.output, channels, peaks: length, peaksPerSecond, seconds }, [
    ...sounding.findings,
    ...done.findings,
  ]);
}

function rawSound(format: string, codec: string): Plan['outputs'][number] {
  return {
    url: tapUrl(0),
    format,
    options: {},
    metadata: {},
    streams: [{ label: 'sound', kind: 'audio', codec, options: {} }],
  };
}

export type PcmResult = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly samples: number;
  readonly layout: SoundLayout;
};

const PCM_BYTES = 3;

/** Half to twice as fast; beyond that it is no conforming any more. */
const SPEED_LEAST = 0.5;
const SPEED_MOST = 2;
/** Taps of the resampling filter; twice FFmpeg's own choice. */
const FILTER_TAPS = 64;

/**
 * Filters to a sampling rate from the film's beginning. For another speed the samples are given to
 * a faster clock and brought back; only where that clock is whole, so that nothing drifts. It
 * stands before the channels are put in order: FFmpeg 5 cannot resample channels without names.
 */
function resampleChain(sampleRate: number, speed: string): string | undefined {
  const value = rateValue(speed);
  const [above, below = '1'] = speed.split('/');
  const exact = (sampleRate * Number(above)) % Number(below) === 0;
  if (!(value >= SPEED_LEAST && value <= SPEED_MOST && exact)) return undefined;
  const plain = `aresample=${sampleRate}:${FROM_ZERO}`;
  const played = Math.round(sampleRate * value);
  if (played === sampleRate) return plain;
  return `${plain},asetrate=${played},aresample=${sampleRate}:filter_size=${FILTER_TAPS}`;
}

/** 24-bit little-endian sound, interleaved in the order of cinema packages. */
export async function pcm(context: VerbContext, job: PcmJob): Promise<Outcome<PcmResult>> {
  const sounding = await probeSound(context, job.input);
  if (!sounding.ok) return sounding;
  const { probe, programme } = sounding.value;
  const sampleRate = job.sampleRate ?? 48_000;
  const channels = TARGET_CHANNELS[job.layout].length;
  const resample = resampleChain(sampleRate, job.speed ?? '1');
  if (resample === undefined) {
    return refused(finding('invalid_job', 'error', { facts: { reason: `speed ${job.speed}` } }));
  }
  const mapped = job.map === undefined ? undefined : mapGraph(probe, job.map, channels, resample);
  if (mapped !== undefined && !mapped.ok) return mapped;
  const graph =
    mapped?.value ??
    `${programme.graph};[programme]${resample},${toTargetLayout(programme, job.layout)}[mapped]`;
  const exact =
    job.samples === undefined
      ? ''
      : `,apad=whole_len=${job.samples},atrim=end_sample=${job.samples}`;
  const isRaw = job.container === 'raw';
  const plan: Plan = {
    inputs: [planInput(job.input)],
    graph: `${graph};[mapped]aformat=sample_fmts=s32${exact}[sound]`,
    outputs: [
      {
        url: fileUrl(job.output),
        format: isRaw ? 's24le' : 'wav',
        // Beyond 4 GiB the file becomes RF64 (EBU Tech 3306).
        options: isRaw ? {} : { rf64: 'auto' },
        metadata: {},
        streams: [{ label: 'sound', kind: 'audio', codec: 'pcm_s24le', options: {} }],
      },
    ],
  };
  const done = requireOutput(plan, await context.session.execute(plan));
  if (!done.ok) return done;
  const { size: sizeBytes } = await stat(job.output);
  const samples = isRaw
    ? sizeBytes / (PCM_BYTES * channels)
    : (job.samples ?? Math.round(done.value.soundSeconds * sampleRate));
  return accepted(
    { path: job.output, sizeBytes, channels, sampleRate, samples, layout: job.layout },
    [...sounding.findings, ...done.findings],
  );
}

/** A graph for an explicit map: each output channel from any channel of any stream, or silence. */
function mapGraph(
  probe: Probe,
  map: readonly ChannelSource[],
  channels: number,
  resample: string,
): Outcome<string> {
  const wrong = (reason: string): Outcome<string> =>
    refused(finding('invalid_job', 'error', { facts: { reason } }));
  if (map.length !== channels) return wrong(`map: ${map.length} of ${channels}`);
  const known = new Map(soundStreams(probe).map((each) => [each.index, each]));
  const firstStream = map.find((each) => each !== null)?.stream ?? [...known.keys()][0];
  if (firstStream === undefined) return wrong('map');
  const uses = new Map<number, string[]>();
  const pieces: string[] = [];
  for (const [at, source] of map.entries()) {
    const stream = source?.stream ?? firstStream;
    const found = known.get(stream);
    if (found === undefined) return wrong(`map: stream ${stream}`);
    if (source !== null && !(source.channel >= 0 && source.channel < found.channels)) {
      return wrong(`map: channel ${source.channel} of ${found.channels}`);
    }
    const labels = uses.get(stream) ?? [];
    labels.push(`m${at}`);
    uses.set(stream, labels);
    pieces.push(`[m${at}]pan=mono|c0=${source === null ? '0*c0' : `c${source.channel}`}[x${at}]`);
  }
  const splits = [...uses].map(
    ([stream, labels]) =>
      `[0:${stream}]${leadFilter(probe)},${resample},asplit=${labels.length}` +
      labels.map((label) => `[${label}]`).join(''),
  );
  const inputs = map.map((_, at) => `[x${at}]`).join('');
  const joined =
    channels === 1 ? `${inputs}anull[mapped]` : `${inputs}amerge=inputs=${channels}[mapped]`;
  return accepted([...splits, ...pieces, joined].join(';'));
}

export type LoudnessResult = {
  /** LUFS, EBU R 128; null when all of it lies below the gate. */
  readonly integrated: number | null;
  /** LU, EBU Tech 3342. */
  readonly range: number | null;
  readonly rangeLow: number | null;
  readonly rangeHigh: number | null;
  /** dBTP, the loudest channel; null for silence. */
  readonly truePeak: number | null;
  readonly momentaryMax: number | null;
  readonly shortTermMax: number | null;
  readonly seconds: number;
};

/** Where the absolute gate of BS.1770 lies; what is below is "no loudness". */
const SILENCE_LUFS = -70;

/** Programme loudness by EBU R 128, with true peak. */
export async function loudness(
  context: VerbContext,
  job: LoudnessJob,
): Promise<Outcome<LoudnessResult>> {
  const sounding = await probeSound(context, job.input);
  if (!sounding.ok) return sounding;
  const { programme } = sounding.value;
  const last = new Map<string, number>();
  let [momentaryMax, shortTermMax] = [SILENCE_LUFS, SILENCE_LUFS];
  const reader = new LineReader((key, value) => {
    const found = Number(value);
    last.set(key, found);
    if (key === 'lavfi.r128.M') momentaryMax = Math.max(momentaryMax, found);
    if (key === 'lavfi.r128.S') shortTermMax = Math.max(shortTermMax, found);
  });
  const layout = programme.layout === null ? `,${toStereo(programme)}` : '';
  const plan: Plan = {
    inputs: [planInput(job.input)],
    graph:
      `${programme.graph};[programme]aresample=48000:${FROM_ZERO}${layout},` +
      `ebur128=peak=true:metadata=1,${printTo('ametadata', 0)}[sound]`,
    outputs: [
      {
        url: '-',
        format: 'null',
        options: {},
        metadata: {},
        streams: [{ label: 'sound', kind: 'audio', codec: 'pcm_f64le', options: {} }],
      },
    ],
  };
  const done = requireOutput(
    plan,
    await context.session.execute(plan, { taps: [(chunk) => reader.take(chunk)] }),
  );
  if (!done.ok) return done;
  reader.finish();
  const told = (key: string) => {
    const value = last.get(`lavfi.r128.${key}`);
    return value === undefined || !Number.isFinite(value) ? null : value;
  };
  const gated = (value: number | null) => (value === null || value <= SILENCE_LUFS ? null : value);
  const integrated = gated(told('I'));
  return accepted(
    {
      integrated,
      range: integrated === null ? null : told('LRA'),
      rangeLow: integrated === null ? null : told('LRA.low'),
      rangeHigh: integrated === null ? null : told('LRA.high'),
      truePeak: truePeak(last),
      momentaryMax: gated(momentaryMax),
      shortTermMax: gated(shortTermMax),
      seconds: done.value.soundSeconds,
    },
    [...sounding.findings, ...done.findings],
  );
}

/** The highest of the channels' peaks. FFmpeg tells them as linear amplitude. */
function truePeak(last: ReadonlyMap<string, number>): number | null {
  let highest = 0;
  for (const [key, value] of last) {
    if (key.startsWith('lavfi.r128.true_peaks_ch')) highest = Math.max(highest, value);
  }
  return highest <= 0 ? null : 20 * Math.log10(highest);
}
