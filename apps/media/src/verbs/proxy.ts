import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { accepted, type Finding, finding, type Outcome } from '@yinglian/core';
import type { HlsJob, ProxyJob } from '../jobs.ts';
import { fileUrl, type Options, type Plan, type PlanOutput } from '../plan.ts';
import { approximate, type Probe, type SoundStream, soundStreams } from '../probe.ts';
import {
  escapePattern,
  type Film,
  planInput,
  probeFilm,
  probeInput,
  rateValue,
  requireOutput,
  type VerbContext,
} from './context.ts';
import { displaySize, isRaw, pictureChain, sizeWithin } from './picture-chain.ts';
import { programmeSound, toStereo } from './sound-chain.ts';
import { stampChain } from './stamp-chain.ts';

const HEIGHT_MAX = 540;
const QUALITY = 23;
/** A seek then decodes three frames in the middle; half as many groups save 7 % of the bytes. */
const GROUPS_PER_SECOND = 4;
const WIDTH_MAX = 4096;
/** Samples in a frame of AAC-LC; its encoder wants them so (ISO/IEC 14496-3). */
const AAC_SAMPLES = 1024;

export type ProxyResult = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: string;
  readonly frames: number;
  readonly hasSound: boolean;
};

/** Pictures carry their colours, so that encoder and container say the same. */
const REC709 = 'setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=limited';

type Wanted = {
  readonly heightMax?: number;
  readonly quality?: number;
  readonly groupFrames?: number;
};

/** What the film's proxy looks like, without saying where it goes. */
async function planProxy(
  context: VerbContext,
  job: Wanted & Pick<ProxyJob, 'input' | 'sound' | 'stamp'>,
  destination: (
    streams: PlanOutput['streams'],
    group: number,
    rate: string,
    start: Options,
  ) => PlanOutput,
): Promise<Outcome<{ plan: Plan; film: Film; size: { width: number; height: number } }>> {
  const film = await probeFilm(context, job.input);
  if (!film.ok) return film;
  const { picture, rate, probe } = film.value;
  let soundProbe: Probe = probe;
  if (job.sound !== undefined) {
    const probed = await probeInput(context, { kind: 'file', path: job.sound }, false);
    if (!probed.ok) return probed;
    soundProbe = probed.value;
  }
  const size = sizeWithin(displaySize(picture), WIDTH_MAX, job.heightMax ?? HEIGHT_MAX);
  const chain = pictureChain(picture, {
    frameRate: rate,
    size,
    pixelFormat: 'yuv420p',
    toneMap: true,
  });
  const programme = programmeSound(soundProbe, job.sound === undefined ? 0 : 1);
  const inputs = [planInput(job.input)];
  if (job.sound !== undefined) inputs.push(planInput({ kind: 'file', path: job.sound }));
  const graph = [`[0:${picture.index}]${chain},${REC709}[picture]`];
  const stamp = await stampChain(context, size, job.stamp ?? []);
  if (stamp.filters !== undefined) {
    graph[0] = `[0:${picture.index}]${chain},${REC709},${stamp.filters}[picture]`;
  }
  if (stamp.still !== undefined) {
    graph[0] =
      `[0:${picture.index}]${chain},${REC709}[plain];[${inputs.length}:0]format=yuva420p` +
      `[stamp];[plain][stamp]overlay=format=yuv420:shortest=0:eof_action=repeat,${REC709}[picture]`;
    inputs.push(planInput({ kind: 'file', path: stamp.still }));
  }
  if (programme !== undefined) {
    graph.push(
      programme.graph,
      `[programme]aresample=48000:async=1:first_pts=0,` +
        `${toStereo(programme)},aformat=sample_fmts=fltp,` +
        `asetnsamples=n=${AAC_SAMPLES}:p=0[sound]`,
    );
  }
  const group = job.groupFrames ?? Math.max(1, Math.round(rateValue(rate) / GROUPS_PER_SECOND));
  const streams: PlanOutput['streams'] = [
    { label: 'picture', kind: 'video', codec: 'libx264', options: x264Options(job, group) },
    ...(programme === undefined
      ? []
      : [{ label: 'sound', kind: 'audio', codec: 'aac', options: { b: '128k' } } as const]),
  ];
  context.expect(expectation(film.value, soundStreams(soundProbe)[0]));
  const outputs = [destination(streams, group, rate, startOf(film.value))];
  const plan = { inputs, graph: graph.join(';'), outputs };
  const raw = isRaw(picture) ? [finding('simplified_development', 'note')] : [];
  const findings = [...film.findings, ...stamp.findings, ...raw];
  return accepted({ plan, film: film.value, size }, findings);
}

function expectation(film: Film, sound: SoundStream | undefined) {
  const duration = film.probe.duration ?? sound?.duration ?? null;
  const frames = film.picture.frames;
  if (frames !== null) return { pictures: frames };
  return duration === null ? {} : { seconds: approximate(duration) };
}

function x264Options(job: Wanted, group: number): Options {
  return {
    preset: 'veryfast',
    profile: 'high',
    crf: String(job.quality ?? QUALITY),
    // Without B-frames the order of pictures is that of their packets, and a seek is exact.
    bf: '0',
    g: String(group),
    keyint_min: String(group),
    sc_threshold: '0',
    color_primaries: 'bt709',
    color_trc: 'bt709',
    colorspace: 'bt709',
    color_range: 'tv',
  };
}

/** Rates that a timecode track can count; FFmpeg refuses to write the others (timecode.c). */
const COUNTED_RATES: ReadonlySet<number> = new Set([24, 25, 30, 48, 50, 60]);

/** The first timecode goes along: a note on a proxy names the frame of the original. */
function startOf({ picture, probe, rate }: Film): Options {
  const timecode = picture.timecode ?? probe.startTimecode ?? '';
  const isDrop = timecode.includes(';');
  const counts =
    COUNTED_RATES.has(Math.round(rateValue(rate))) &&
    (!isDrop || rate === '30000/1001' || rate === '60000/1001');
  return counts && /^\d\d:\d\d:\d\d[:;]\d\d$/.test(timecode) ? { timecode } : {};
}

/** Ticks a second in the file: the numerator of the rate, so that no moment is rounded. */
function timescale(rate: string): string {
  const numerator = Number(rate.split('/')[0]);
  return String(numerator < 1000 ? numerator * 1000 : numerator);
}

/** H.264 and AAC that every browser plays and can jump in to the picture. */
export async function proxy(context: VerbContext, job: ProxyJob): Promise<Outcome<ProxyResult>> {
  const planned = await planProxy(context, job, (streams, _group, rate, start) => ({
    url: fileUrl(job.output),
    format: 'mp4',
    options: {
      movflags:
        job.container === 'fmp4' ? 'frag_keyframe+empty_moov+default_base_moof' : 'faststart',
      video_track_timescale: timescale(rate),
    },
    metadata: start,
    streams,
  }));
  if (!planned.ok) return planned;
  const { plan, film, size } = planned.value;
  const done = requireOutput(plan, await context.session.execute(plan));
  if (!done.ok) return done;
  const { size: sizeBytes } = await stat(job.output);
  const short = countFinding(film, done.value.pictures);
  return accepted(
    {
      path: job.output,
      sizeBytes,
      ...size,
      frameRate: film.rate,
      frames: done.value.pictures,
      hasSound: plan.outputs[0]!.streams.length > 1,
    },
    [...planned.findings, ...done.findings, ...short],
  );
}

/** A proxy has one picture for each of its source, where the container counts them. */
function countFinding(film: Film, found: number): readonly Finding[] {
  const { frames: expected, framesFrom, variableRate } = film.picture;
  if (framesFrom !== 'container' || variableRate || expected === found) return [];
  return [finding('mismatched_frame_count', 'warning', { facts: { expected, found } })];
}

export type HlsResult = {
  readonly playlistPath: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
};

const SEGMENT_SECONDS = 4;

/** The proxy in fragments with a playlist (RFC 8216), CMAF segments. */
export async function hls(context: VerbContext, job: HlsJob): Promise<Outcome<HlsResult>> {
  const folder = escapePattern(job.outputFolder);
  const playlistPath = join(job.outputFolder, 'index.m3u8');
  const planned = await planProxy(context, job, (streams) => ({
    url: fileUrl(playlistPath),
    format: 'hls',
    options: {
      hls_time: String(job.segmentSeconds ?? SEGMENT_SECONDS),
      hls_playlist_type: 'vod',
      hls_segment_type: 'fmp4',
      hls_flags: 'independent_segments',
      hls_segment_filename: join(folder, 'segment-%05d.m4s'),
      hls_fmp4_init_filename: 'init.mp4',
    },
    metadata: {},
    streams,
  }));
  if (!planned.ok) return planned;
  const { plan, size } = planned.value;
  const done = requireOutput(plan, await context.session.execute(plan));
  if (!done.ok) return done;
  return accepted({ playlistPath, frames: done.value.pictures, ...size }, done.findings);
}
