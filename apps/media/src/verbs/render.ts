import { fork, type ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  accepted,
  finding,
  type Outcome,
  parseRatio,
  parseTimecode,
  refused,
} from '@yinglian/core';
import type { RenderJob, RenderPreset } from '../jobs.ts';
import { fileUrl, type Options, type Plan, type PlanInput, type PlanStream } from '../plan.ts';
import { SAMPLE_RATE } from '../render/sound.ts';
import { samplesUnder } from '../render/film.ts';
import { childEnvironment } from '../supervisor.ts';
import { escapePattern, requireOutput, sequencePath, type VerbContext } from './context.ts';

export type RenderResult = {
  /** A pattern for picture sequences. */
  readonly path: string;
  readonly frames: number;
  readonly samples: number;
};

type Preset = {
  readonly format: string;
  readonly picture?: {
    readonly codec: string;
    readonly pixelFormat: string;
    readonly options: Options;
  };
  readonly sound?: { readonly codec: string; readonly options: Options; readonly filter: string };
  readonly options?: Options;
  readonly isSequence?: boolean;
};

const S24: Preset['sound'] = { codec: 'pcm_s24le', options: {}, filter: 'aformat=sample_fmts=s32' };
const AAC: Preset['sound'] = {
  codec: 'aac',
  options: { b: '192k' },
  filter: 'aformat=sample_fmts=fltp,asetnsamples=n=1024:p=0',
};

const PRESETS: Readonly<Record<RenderPreset, Preset>> = {
  'h264-mp4': {
    format: 'mp4',
    picture: {
      codec: 'libx264',
      pixelFormat: 'yuv420p',
      options: { preset: 'veryfast', crf: '18', g: '48' },
    },
    sound: AAC,
    options: { movflags: 'faststart' },
  },
  'hevc10-mp4': {
    format: 'mp4',
    picture: {
      codec: 'libx265',
      pixelFormat: 'yuv420p10le',
      options: { preset: 'ultrafast', crf: '20' },
    },
    sound: AAC,
  },
  'prores-mov': {
    format: 'mov',
    picture: { codec: 'prores_ks', pixelFormat: 'yuv422p10le', options: { profile: '3' } },
    sound: S24,
  },
  'mpeg2-mxf': {
    format: 'mxf',
    picture: {
      codec: 'mpeg2video',
      pixelFormat: 'yuv422p',
      options: { b: '50M', maxrate: '60M', bufsize: '8M', g: '12' },
    },
    sound: S24,
  },
  'dnxhd-mxf': {
    format: 'mxf',
    picture: { codec: 'dnxhd', pixelFormat: 'yuv422p', options: { profile: 'dnxhr_sq' } },
    sound: S24,
  },
  'h264-ts': {
    format: 'mpegts',
    picture: {
      codec: 'libx264',
      pixelFormat: 'yuv420p',
      options: { preset: 'veryfast', crf: '20', g: '24' },
    },
    sound: AAC,
  },
  'ffv1-mkv': {
    format: 'matroska',
    picture: { codec: 'ffv1', pixelFormat: 'yuv422p10le', options: { level: '3' } },
    sound: {
      codec: 'flac',
      options: {},
      filter: 'aformat=sample_fmts=s32,asetnsamples=n=4608:p=0',
    },
  },
  wav: { format: 'wav', sound: S24, options: { rf64: 'auto' } },
  dpx: still('dpx', 'rgb48be'),
  tiff: still('tiff', 'rgb48le'),
  png: still('png', 'rgb48be'),
  exr: still('exr', 'gbrpf32le'),
};

function still(codec: string, pixelFormat: string): Preset {
  const picture = { codec, pixelFormat, options: {} };
  return { format: 'image2', picture, options: { start_number: '0' }, isSequence: true };
}

const SIDE_MAX = 8192;
const FRAMES_MAX = 24 * 3600 * 60;

function checkJob(job: RenderJob): string | undefined {
  const { width, height } = job.size;
  const rate = parseRatio(job.frameRate);
  const whole = (value: number) => Number.isInteger(value) && value > 0;
  if (!whole(width) || !whole(height) || width > SIDE_MAX || height > SIDE_MAX) return 'size';
  if (width % 2 !== 0 || height % 2 !== 0) return 'size';
  if (rate === undefined || rate.numerator <= 0n) return 'frameRate';
  if (!whole(job.frames) || job.frames > FRAMES_MAX) return 'frames';
  if (PRESETS[job.preset] === undefined) return 'preset';
  const timecode = job.startTimecode ?? '01:00:00:00';
  if (!parseTimecode(timecode, { rate, dropFrame: false }).ok) return 'startTimecode';
  return undefined;
}

/** Makes a synthetic film: drawn pictures with burnt-in timecode, a chord and sync beeps. */
export async function render(context: VerbContext, job: RenderJob): Promise<Outcome<RenderResult>> {
  const reason = checkJob(job);
  if (reason !== undefined) {
    return refused(finding('invalid_job', 'error', { facts: { reason } }));
  }
  const preset = PRESETS[job.preset];
  const wantsSound = preset.sound !== undefined && (job.channels ?? 2) > 0;
  context.expect({ pictures: job.frames });
  const painters: ChildProcess[] = [];
  const stop = () => painters.forEach((each) => each.kill('SIGKILL'));
  context.signal?.addEventListener('abort', stop, { once: true });
  try {
    const inputs: PlanInput[] = [];
    if (preset.picture !== undefined) inputs.push(rawPictures(job));
    if (wantsSound) {
      const path = join(await context.scratchFolder(), 'sound.wav');
      const writer = paint('sound', job, path);
      painters.push(writer);
      if ((await exitCode(writer)) !== 0) {
        const code = context.signal?.aborted === true ? 'cancelled_job' : 'failed_engine';
        return refused(finding(code, 'error', { facts: { reason: 'sound' } }));
      }
      inputs.push({ url: fileUrl(path), options: {} });
    }
    const drawer = preset.picture === undefined ? undefined : paint('pictures', job);
    if (drawer !== undefined) painters.push(drawer);
    const plan = renderPlan(job, preset, inputs, wantsSound);
    const stdin = drawer?.stdout ?? undefined;
    const done = requireOutput(
      plan,
      await context.session.execute(plan, stdin === undefined ? {} : { stdin }),
    );
    if (!done.ok) return done;
    if (preset.picture !== undefined && done.value.pictures !== job.frames) {
      const facts = { expected: job.frames, found: done.value.pictures };
      return refused(finding('mismatched_frame_count', 'error', { facts }));
    }
    await stat(preset.isSequence === true ? sequencePath(job.output, 0) : job.output);
    const rate = parseRatio(job.frameRate)!;
    const samples = wantsSound ? samplesUnder(job.frames, rate, SAMPLE_RATE) : 0;
    return accepted({ path: job.output, frames: job.frames, samples }, done.findings);
  } finally {
    context.signal?.removeEventListener('abort', stop);
    stop();
  }
}

function rawPictures(job: RenderJob): PlanInput {
  return {
    url: 'pipe:0',
    format: 'rawvideo',
    options: {
      pixel_format: 'rgb0',
      video_size: `${job.size.width}x${job.size.height}`,
      framerate: job.frameRate,
    },
  };
}

const PAINTER = fileURLToPath(new URL('../../dist/painter.js', import.meta.url));

function paint(what: 'pictures' | 'sound', job: RenderJob, path?: string): ChildProcess {
  const args = [what, JSON.stringify(job), ...(path === undefined ? [] : [path])];
  return fork(PAINTER, args, {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    execArgv: [],
    env: childEnvironment(),
  });
}

function exitCode(child: ChildProcess): Promise<number | null> {
  child.stdout?.resume();
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
}

const CHANNEL_LAYOUT: Readonly<Record<number, string>> = {
  1: 'mono',
  2: 'stereo',
  6: '5.1(side)',
  8: '7.1',
};

type Colours = { readonly primaries: string; readonly transfer: string; readonly matrix: string };

function coloursOf(job: RenderJob): Colours {
  if (job.preset !== 'hevc10-mp4' || (job.transfer ?? 'sdr') === 'sdr') {
    return { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' };
  }
  const transfer = job.transfer === 'pq' ? 'smpte2084' : 'arib-std-b67';
  return { primaries: 'bt2020', transfer, matrix: 'bt2020nc' };
}

/** ST 2086 of a P3 monitor with 1000 cd/m², in the units of HEVC's message (0.00002, 0.0001). */
const MASTERING =
  'hdr10=1:repeat-headers=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)' +
  'WP(15635,16450)L(10000000,50):max-cll=1000,400';

function pictureOptions(job: RenderJob, preset: Preset): Options {
  const options: Record<string, string> = { ...preset.picture?.options };
  const colours = coloursOf(job);
  if (preset.isSequence !== true) {
    options['color_primaries'] = colours.primaries;
    options['color_trc'] = colours.transfer;
    options['colorspace'] = colours.matrix;
    options['color_range'] = 'tv';
  }
  if (job.bFrames !== undefined) options['bf'] = String(job.bFrames);
  if (job.preset === 'hevc10-mp4') {
    options['x265-params'] =
      job.transfer === 'pq' ? `log-level=none:${MASTERING}` : 'log-level=none';
  }
  return options;
}

function renderPlan(
  job: RenderJob,
  preset: Preset,
  inputs: readonly PlanInput[],
  wantsSound: boolean,
): Plan {
  const graph: string[] = [];
  const streams: PlanStream[] = [];
  if (preset.picture !== undefined) {
    const { codec, pixelFormat } = preset.picture;
    const isRgb = /^(?:rgb|gbr)/.test(pixelFormat);
    const { primaries, transfer, matrix } = coloursOf(job);
    const zimgMatrix = isRgb ? 'gbr' : matrix === 'bt709' ? '709' : '2020_ncl';
    const range = isRgb ? 'full' : 'limited';
    const planar = pixelFormat.startsWith('rgb48') ? 'gbrp16le' : pixelFormat;
    graph.push(
      `[0:0]format=gbrp,zscale=min=gbr:rin=full:m=${zimgMatrix}:r=${range},format=${planar},` +
        `format=${pixelFormat},setsar=1,setparams=color_primaries=${primaries}:` +
        `color_trc=${transfer}:colorspace=${isRgb ? 'gbr' : matrix}:range=${range}[picture]`,
    );
    streams.push({ label: 'picture', kind: 'video', codec, options: pictureOptions(job, preset) });
  }
  if (preset.sound !== undefined && wantsSound) {
    const { codec, options, filter } = preset.sound;
    const at = preset.picture === undefined ? 0 : 1;
    const layout = CHANNEL_LAYOUT[job.channels ?? 2] ?? 'stereo';
    graph.push(`[${at}:0]aformat=channel_layouts=${layout},${filter}[sound]`);
    streams.push({ label: 'sound', kind: 'audio', codec, options });
  }
  const carriesTimecode = ['mov', 'mp4', 'mxf'].includes(preset.format);
  const metadata: Options = carriesTimecode ? { timecode: job.startTimecode ?? '01:00:00:00' } : {};
  const path = preset.isSequence === true ? job.output : escapePattern(job.output);
  const url = fileUrl(preset.format === 'image2' ? path : job.output);
  return {
    inputs,
    graph: graph.join(';'),
    outputs: [{ url, format: preset.format, options: preset.options ?? {}, metadata, streams }],
  };
}
