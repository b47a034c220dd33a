import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import type { Backend, Control, ExecuteOptions, Session } from '../backend.ts';
import type { Listing } from '../messages.ts';
import { feed, pour, raiseTapFault } from '../pipes.ts';
import { type Execution, FIRST_TAP, type Plan, type PlanInput, TAPS_MAX } from '../plan.ts';
import { mainPicture, type Probe } from '../probe.ts';
import { childEnvironment, Supervisor } from '../supervisor.ts';
import { planArguments, probeArguments } from './argv.ts';
import { asList, asObject, mainPictureIndex, readProbe } from './inspect.ts';

/** ffprobe's answers are small; what is longer is not an answer. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export type FfmpegPaths = { readonly ffmpeg: string; readonly ffprobe: string };

/** The program that the operator installed, by path. */
export function ffmpegBackend(paths: FfmpegPaths): Backend {
  return {
    name: 'ffmpeg',
    list: (control) => listPrograms(paths, control),
    open: (control) => new FfmpegSession(paths, control),
  };
}

type Finished = { readonly outcome: Outcome<string>; readonly stderr: string };

/** Runs a program to its end and gives what it printed. */
async function collect(path: string, args: readonly string[], control: Control): Promise<Finished> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment() });
  const supervisor = new Supervisor(child, control);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const alive = setInterval(() => supervisor.touch(), 1000);
  const poured = pour(
    child.stdout,
    (chunk) => {
      sizeBytes += chunk.length;
      if (sizeBytes > ANSWER_BYTES_MAX) child.kill('SIGKILL');
      else chunks.push(chunk);
    },
    supervisor,
  ).catch(() => {});
  const end = await supervisor.ended;
  clearInterval(alive);
  await poured;
  const stderr = supervisor.stderrTail;
  if (end.code !== 0) return { outcome: refused(supervisor.failure(end)), stderr };
  return { outcome: accepted(Buffer.concat(chunks).toString('utf8')), stderr };
}

async function listPrograms(paths: FfmpegPaths, control: Control): Promise<Outcome<Listing>> {
  const lists: string[] = [];
  for (const what of ['-version', '-encoders', '-decoders', '-filters']) {
    const { outcome } = await collect(paths.ffmpeg, ['-hide_banner', what], control);
    if (!outcome.ok) {
      const reason = String(outcome.findings[0]?.facts['reason'] ?? '');
      return refused(finding('missing_engine', 'error', { facts: { reason } }));
    }
    lists.push(outcome.value);
  }
  const [version, encoders, decoders, filters] = lists as [string, string, string, string];
  const names = (table: string, row: RegExp) =>
    [...table.matchAll(row)].map((match) => match[1]!).sort();
  return accepted({
    version: /version (\S+)/.exec(version)?.[1] ?? 'unknown',
    configuration: /configuration: (.*)/.exec(version)?.[1] ?? '',
    encoders: names(encoders, /^ [VAS][F.][S.][X.][B.][D.] (\S+)/gm),
    decoders: names(decoders, /^ [VAS][F.][S.][X.][B.][D.] (\S+)/gm),
    filters: names(filters, /^ [T.][S.][C.]? (\S+)\s+\S+->/gm),
  });
}

class FfmpegSession implements Session {
  private readonly paths: FfmpegPaths;
  private readonly control: Control;
  private readonly stopped = new AbortController();

  constructor(paths: FfmpegPaths, control: Control) {
    this.paths = paths;
    const signals = control.signal === undefined ? [] : [control.signal];
    this.control = { ...control, signal: AbortSignal.any([...signals, this.stopped.signal]) };
  }

  async probe(input: PlanInput, sizeBytes: number, count: boolean): Promise<Outcome<Probe>> {
    const answer = await this.ask(input, 'streams');
    if (!answer.ok) return answer;
    const main = mainPictureIndex(answer.value);
    const first = main === undefined ? undefined : await this.ask(input, main);
    const picture = first?.ok === true ? asList(first.value['frames'])[0] : undefined;
    const probe = readProbe(answer.value, picture, sizeBytes);
    const film = mainPicture(probe);
    if (!count || film === undefined || film.framesFrom === 'container') return accepted(probe);
    const counted = await this.ask(input, 'packets');
    if (!counted.ok) return counted;
    return accepted(withCounts(probe, asList(counted.value['streams'])));
  }

  private async ask(
    input: PlanInput,
    what: 'streams' | 'packets' | number,
  ): Promise<Outcome<ReturnType<typeof asObject>>> {
    const { ffprobe } = this.paths;
    const { outcome, stderr } = await collect(ffprobe, probeArguments(input, what), this.control);
    if (!outcome.ok) {
      const own = outcome.findings[0]!;
      return refused(own.code === 'failed_engine' ? classify(stderr, input.url) : own);
    }
    return accepted(asObject(JSON.parse(outcome.value)));
  }

  async execute(plan: Plan, options: ExecuteOptions = {}): Promise<Outcome<Execution>> {
    const stdin = options.stdin === undefined ? ('ignore' as const) : ('pipe' as const);
    const taps = Array.from({ length: TAPS_MAX }, () => 'pipe' as const);
    const args = planArguments(plan);
    const child = spawn(this.paths.ffmpeg, args, {
      stdio: [stdin, 'pipe', 'pipe', 'ignore', ...taps],
      env: childEnvironment(),
    });
    const tapStreams = taps.map((_, at) => child.stdio[FIRST_TAP + at] as Readable);
    for (const stream of tapStreams) stream.on('error', () => {});
    let damagedPackets = 0;
    const supervisor = new Supervisor(child, this.control, (text) => {
      damagedPackets += text.match(DAMAGE)?.length ?? 0;
    });
    const report = new ProgressReader(this.control);
    const pours = [
      pour(child.stdout!, (chunk) => report.take(chunk), supervisor),
      ...(options.taps ?? []).map((tap, at) => pour(tapStreams[at]!, tap, supervisor)),
    ];
    const fed = options.stdin === undefined ? undefined : feed(options.stdin, child.stdin!);
    const [end, poured] = await Promise.all([supervisor.ended, Promise.allSettled(pours)]);
    fed?.stop();
    raiseTapFault(poured);
    if (end.code !== 0 || supervisor.verdict !== undefined) {
      if (supervisor.verdict !== undefined) return refused(supervisor.verdict);
      if (end.signal !== null) return refused(supervisor.failure(end));
      return refused(classify(supervisor.stderrTail, plan.inputs[0]?.url ?? ''));
    }
    const hasPictures = plan.outputs.some((each) => each.streams.some((s) => s.kind === 'video'));
    if (damagedPackets > 0 && (hasPictures ? report.pictures === 0 : report.seconds === 0)) {
      return refused(classify(supervisor.stderrTail, plan.inputs[0]?.url ?? ''));
    }
    return accepted({
      pictures: hasPictures ? report.pictures : 0,
      soundSeconds: report.seconds,
      damagedPackets,
    });
  }

  close(): void {
    this.stopped.abort();
  }
}

const DAMAGE = /Error while decoding stream|Error submitting packet to decoder/g;

function withCounts(probe: Probe, counted: ReturnType<typeof asList>): Probe {
  const counts = new Map(counted.map((each) => [Number(each['index']), each['nb_read_packets']]));
  const streams = probe.streams.map((stream) => {
    if (stream.kind !== 'picture' || stream.cover || stream.framesFrom === 'container') {
      return stream;
    }
    const frames = Number(counts.get(stream.index) ?? 0);
    return frames > 0 ? { ...stream, frames, framesFrom: 'counted' as const } : stream;
  });
  return { ...probe, streams };
}

/** The program's own words as one of our codes. */
function classify(stderr: string, url: string): Finding {
  const path = url.replace(/^file:/, '');
  const lines = stderr.trim().split('\n');
  const reason = (lines.at(-1) ?? '').replace(/^.*\] /, '').slice(0, 300);
  const make = (code: string, facts: Record<string, string>) => finding(code, 'error', { facts });
  if (/No space left on device/.test(stderr)) return make('full_disk', { path });
  if (/Unknown encoder|Encoder not found/.test(stderr)) {
    return make('unsupported_codec', { codec: /encoder '([^']+)'/.exec(stderr)?.[1] ?? reason });
  }
  if (/Decoder .*not found|Unknown decoder|no decoder found/i.test(stderr)) {
    return make('unsupported_codec', { codec: reason });
  }
  if (DAMAGE_ONCE.test(stderr)) return make('failed_decoding', { reason });
  if (/Permission denied|Is a directory|No such file|Could not open file/.test(stderr)) {
    return make('failed_writing', { path, reason });
  }
  if (/Error (?:initializing|while opening).*(?:encoder|output)/.test(stderr)) {
    return make('failed_encoding', { reason });
  }
  if (/Invalid data found|moov atom|End of file|could not find|Format not on/i.test(stderr)) {
    return make('unreadable_media', { path, reason });
  }
  return make('failed_decoding', { reason });
}

const DAMAGE_ONCE = /Error while decoding stream|Error submitting packet to decoder/;

/** Reads `-progress`: lines of `key=value`, a block ends with `progress=`. */
class ProgressReader {
  pictures = 0;
  seconds = 0;
  private rest = '';
  private readonly control: Control;

  constructor(control: Control) {
    this.control = control;
  }

  take(chunk: Uint8Array): void {
    const lines = (this.rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      const [key, value] = line.split('=') as [string, string | undefined];
      const found = Number(value);
      if (key === 'frame' && Number.isFinite(found)) this.pictures = found;
      if (key === 'out_time_us' && found > 0) this.seconds = found / 1_000_000;
      if (key === 'progress') this.control.onProgress?.(this.pictures, this.seconds);
    }
  }
}
