import { tmpdir } from 'node:os';
import { accepted, type Outcome, refused } from '@yinglian/core';
import { type Backend, DEFAULT_LIMITS, type EngineName, type Limits } from './backend.ts';
import { type Capabilities, judgeCapabilities } from './capabilities.ts';
import { checkDescription } from './check.ts';
import { type FfmpegPaths, ffmpegBackend } from './ffmpeg/session.ts';
import type {
  DetectJob,
  FilmstripJob,
  FramesJob,
  HlsJob,
  LoudnessJob,
  MediaJobDescription,
  PcmJob,
  ProbeJob,
  ProxyJob,
  RenderJob,
  ThumbnailJob,
  WaveformJob,
} from './jobs.ts';
import { type JobOptions, JobRunner } from './job-runner.ts';
import { nodeAvBackend } from './node-av/session.ts';
import type { Probe } from './probe.ts';
import { probeInput } from './verbs/context.ts';
import {
  type FrameConsumer,
  frames,
  type FramesResult,
  thumbnail,
  type ThumbnailResult,
} from './verbs/frames.ts';
import {
  loudness,
  type LoudnessResult,
  pcm,
  type PcmResult,
  waveform,
  type WaveformResult,
} from './verbs/listen.ts';
import { detect, type DetectResult, filmstrip, type FilmstripResult } from './verbs/look.ts';
import { hls, type HlsResult, proxy, type ProxyResult } from './verbs/proxy.ts';
import { render, type RenderResult } from './verbs/render.ts';

/**
 * Sound and pictures. Every job runs in processes of its own; a hostile file kills one of them and
 * becomes a finding. Nothing here throws for what is in a file.
 */
export type MediaEngine = {
  readonly name: EngineName;
  capabilities(): Promise<Outcome<Capabilities>>;
  probe(job: ProbeJob, options?: JobOptions): Promise<Outcome<Probe>>;
  proxy(job: ProxyJob, options?: JobOptions): Promise<Outcome<ProxyResult>>;
  hls(job: HlsJob, options?: JobOptions): Promise<Outcome<HlsResult>>;
  filmstrip(job: FilmstripJob, options?: JobOptions): Promise<Outcome<FilmstripResult>>;
  waveform(job: WaveformJob, options?: JobOptions): Promise<Outcome<WaveformResult>>;
  thumbnail(job: ThumbnailJob, options?: JobOptions): Promise<Outcome<ThumbnailResult>>;
  /** Without a consumer the job must name a folder. */
  frames(
    job: FramesJob,
    options?: JobOptions & { readonly consumer?: FrameConsumer },
  ): Promise<Outcome<FramesResult>>;
  pcm(job: PcmJob, options?: JobOptions): Promise<Outcome<PcmResult>>;
  loudness(job: LoudnessJob, options?: JobOptions): Promise<Outcome<LoudnessResult>>;
  detect(job: DetectJob, options?: JobOptions): Promise<Outcome<DetectResult>>;
  render(job: RenderJob, options?: JobOptions): Promise<Outcome<RenderResult>>;
  /** Any description from a queue; the result is that of its verb. */
  run(job: MediaJobDescription, options?: JobOptions): Promise<Outcome<unknown>>;
};

export type MediaEngineOptions = {
  /** Default `node-av`; `ffmpeg` needs `ffmpegPath`. */
  readonly engine?: EngineName;
  readonly ffmpegPath?: string;
  /** Default: `ffprobe` beside `ffmpeg`. */
  readonly ffprobePath?: string;
  readonly limits?: Partial<Limits>;
  /** Where passing files lie; default the system's folder for such. */
  readonly scratchFolder?: string;
};

/** The default takes FFmpeg from npm; nothing is started before the first job. */
export function createMediaEngine(options: MediaEngineOptions = {}): MediaEngine {
  const backend = chooseBackend(options);
  const runner = new JobRunner(backend, {
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    scratchFolder: options.scratchFolder ?? tmpdir(),
  });
  const start: JobRunner['start'] = (job, how, body) => runner.start(job, how, body);
  const engine: MediaEngine = {
    name: backend.name,
    capabilities: async () => {
      const listed = await runner.list();
      return listed.ok ? accepted(judgeCapabilities(backend.name, listed.value)) : listed;
    },
    probe: (job, o = {}) => start(job, o, (c) => probeInput(c, job.input, job.count ?? true)),
    proxy: (job, o = {}) => start(job, o, (c) => proxy(c, job)),
    hls: (job, o = {}) => start(job, o, (c) => hls(c, job)),
    filmstrip: (job, o = {}) => start(job, o, (c) => filmstrip(c, job)),
    waveform: (job, o = {}) => start(job, o, (c) => waveform(c, job)),
    thumbnail: (job, o = {}) => start(job, o, (c) => thumbnail(c, job)),
    frames: (job, o = {}) => start(job, o, (c) => frames(c, job, o.consumer)),
    pcm: (job, o = {}) => start(job, o, (c) => pcm(c, job)),
    loudness: (job, o = {}) => start(job, o, (c) => loudness(c, job)),
    detect: (job, o = {}) => start(job, o, (c) => detect(c, job)),
    render: (job, o = {}) => start(job, o, (c) => render(c, job)),
    run: (job, o = {}) => {
      const wrong = checkDescription(job);
      if (wrong !== undefined) return Promise.resolve(refused(wrong));
      const verb = engine[job.verb] as (
        job: MediaJobDescription,
        options: JobOptions,
      ) => Promise<Outcome<unknown>>;
      return verb(job, o);
    },
  };
  return engine;
}

function chooseBackend(options: MediaEngineOptions): Backend {
  if (options.engine !== 'ffmpeg') return nodeAvBackend;
  const ffmpeg = options.ffmpegPath ?? 'ffmpeg';
  const paths: FfmpegPaths = {
    ffmpeg,
    ffprobe: options.ffprobePath ?? ffmpeg.replace(/ffmpeg(?=[^/\\]*$)/, 'ffprobe'),
  };
  return ffmpegBackend(paths);
}
