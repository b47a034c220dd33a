import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import {
  type Backend,
  type Control,
  DEFAULT_LIMITS,
  type EngineName,
  type JobProgress,
  type Limits,
  type Session,
} from './backend.ts';
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
import type { Listing } from './messages.ts';
import { nodeAvBackend } from './node-av/session.ts';
import type { Probe } from './probe.ts';
import { probeInput, type VerbContext } from './verbs/context.ts';
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

/** How one job is watched and stopped. */
export type JobOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
  readonly limits?: Partial<Limits>;
};

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

export function createMediaEngine(options: MediaEngineOptions = {}): MediaEngine {
  const backend = chooseBackend(options);
  const base: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  let listing: Promise<Outcome<Listing>> | undefined;
  const list = () => {
    listing ??= backend.list({ limits: base, signal: undefined, onProgress: undefined });
    return listing.then((found) => {
      // A machine that was too busy once may answer the next time.
      if (!found.ok) listing = undefined;
      return found;
    });
  };

  const start = async <Result>(
    job: MediaJobDescription,
    jobOptions: JobOptions,
    body: (context: VerbContext) => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> => {
    const { signal, onProgress } = jobOptions;
    const wrong = checkDescription(job);
    if (wrong !== undefined) return refused(wrong);
    if (signal?.aborted === true) return refused(finding('cancelled_job', 'error'));
    const listed = await list();
    if (!listed.ok) return listed;
    const missing = judgeCapabilities(backend.name, listed.value).verbs[job.verb];
    if (missing.length > 0) {
      const facts = { verb: job.verb, missing: missing.join(', ') };
      return refused(finding('unsupported_verb', 'error', { facts }));
    }
    const total: { pictures?: number; seconds?: number } = {};
    const control: Control = {
      limits: { ...base, ...jobOptions.limits },
      signal,
      onProgress:
        onProgress === undefined
          ? undefined
          : (pictures, seconds) =>
              onProgress({ pictures, seconds, share: share(total, pictures, seconds) }),
    };
    const session = backend.open(control);
    let scratch: string | undefined;
    let written = false;
    const execute: Session['execute'] = (plan, how) => {
      written = true;
      return session.execute(plan, how);
    };
    // What was begun and not finished is taken away; an earlier file is gone by then anyway.
    const leave = async <Value>(outcome: Outcome<Value>): Promise<Outcome<Value>> => {
      if (outcome.ok || !written || !('output' in job)) return outcome;
      const left = await stat(job.output).catch(() => undefined);
      if (left?.isFile() === true) await rm(job.output, { force: true });
      return outcome;
    };
    try {
      const outcome = await body({
        session: { probe: session.probe.bind(session), execute, close: () => session.close() },
        listing: listed.value,
        expect: (known) => Object.assign(total, known),
        scratchFolder: async () =>
          (scratch ??= await mkdtemp(join(options.scratchFolder ?? tmpdir(), 'yinglian-media-'))),
        signal,
      });
      return await leave(outcome);
    } catch (fault) {
      return await leave<Result>(refused(systemFinding(fault)));
    } finally {
      session.close();
      if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
    }
  };

  const engine: MediaEngine = {
    name: backend.name,
    capabilities: async () => {
      const listed = await list();
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

function share(
  total: { readonly pictures?: number; readonly seconds?: number },
  pictures: number,
  seconds: number,
): number | null {
  const { pictures: allPictures, seconds: allSeconds } = total;
  if (allPictures !== undefined && allPictures > 0) return Math.min(1, pictures / allPictures);
  if (allSeconds !== undefined && allSeconds > 0) return Math.min(1, seconds / allSeconds);
  return null;
}

/** The machine's faults (disk, rights) as findings; faults of the programmer go on. */
function systemFinding(fault: unknown) {
  const { code, path, message } = fault as NodeJS.ErrnoException;
  if (!(fault instanceof Error) || code === undefined || !/^E[A-Z]+$/.test(code)) throw fault;
  const facts = { path: path ?? '', reason: message };
  return finding(code === 'ENOSPC' ? 'full_disk' : 'failed_writing', 'error', { facts });
}
