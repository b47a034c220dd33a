import { stat } from 'node:fs/promises';
import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import type { Session } from '../backend.ts';
import type { MediaInput } from '../jobs.ts';
import type { Listing } from '../messages.ts';
import { type Execution, fileUrl, type Plan, type PlanInput } from '../plan.ts';
import { mainPicture, type PictureStream, type Probe } from '../probe.ts';

/** What a verb works with. */
export type VerbContext = {
  readonly session: Session;
  readonly listing: Listing;
  /** Pictures or seconds that the whole job has, once it is known, for the share of progress. */
  readonly expect: (total: { readonly pictures?: number; readonly seconds?: number }) => void;
  /** A folder for passing files; removed with the job. */
  readonly scratchFolder: () => Promise<string>;
  readonly signal: AbortSignal | undefined;
};

/** `%` starts a number in the names of FFmpeg's picture files. */
export function escapePattern(path: string): string {
  return path.replaceAll('%', '%%');
}

const STILL_DEMUXERS: Readonly<Record<string, string>> = {
  png: 'png_pipe',
  jpg: 'jpeg_pipe',
  jpeg: 'jpeg_pipe',
  tif: 'tiff_pipe',
  tiff: 'tiff_pipe',
  webp: 'webp_pipe',
  dpx: 'dpx_pipe',
  exr: 'exr_pipe',
  bmp: 'bmp_pipe',
  j2c: 'j2k_pipe',
  j2k: 'j2k_pipe',
  jp2: 'j2k_pipe',
};

export function planInput(input: MediaInput): PlanInput {
  if (input.kind === 'file') {
    const extension = /\.([^./]+)$/.exec(input.path)?.[1]?.toLowerCase() ?? '';
    const still = STILL_DEMUXERS[extension];
    const url = fileUrl(input.path);
    // Some letters in a still's name would make FFmpeg look for a whole row of files.
    return still !== undefined && /[%*?{]/.test(input.path)
      ? { url, format: still, options: {} }
      : { url, options: {} };
  }
  return {
    url: fileUrl(input.pattern),
    format: 'image2',
    options: { framerate: input.frameRate, start_number: String(input.firstNumber) },
  };
}

/** The path of one picture of a sequence. */
export function sequencePath(pattern: string, number: number): string {
  return pattern.replace(/%(?:0(\d+))?d(?=[^/]*$)/, (_, width: string | undefined) =>
    String(number).padStart(Number(width ?? 1), '0'),
  );
}

const NUMBER_MARK = /%(?:0\d{1,2})?d/g;

/** Looks at the files before any child is started; gives their size together. */
export async function checkInput(input: MediaInput): Promise<Outcome<number>> {
  if (input.kind === 'file') return checkFile(input.path);
  const marks = input.pattern.match(NUMBER_MARK)?.length ?? 0;
  if (marks !== 1 || input.pattern.replace(NUMBER_MARK, '').includes('%')) {
    return refused(finding('invalid_job', 'error', { facts: { reason: input.pattern } }));
  }
  let sizeBytes = 0;
  for (let at = 0; at < input.count; at++) {
    const checked = await checkFile(sequencePath(input.pattern, input.firstNumber + at));
    if (!checked.ok) return checked;
    sizeBytes += checked.value;
  }
  return accepted(sizeBytes);
}

async function checkFile(path: string): Promise<Outcome<number>> {
  const facts = { path };
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    return refused(finding('missing_file', 'error', { facts }));
  }
  if (found.size === 0) return refused(finding('empty_file', 'error', { facts }));
  return accepted(found.size);
}

/** Checks and probes an input; a picture sequence's own count and rate win. */
export async function probeInput(
  context: VerbContext,
  input: MediaInput,
  count: boolean,
): Promise<Outcome<Probe>> {
  const checked = await checkInput(input);
  if (!checked.ok) return checked;
  const isSequence = input.kind === 'sequence';
  const probed = await context.session.probe(planInput(input), checked.value, count && !isSequence);
  if (!probed.ok || !isSequence) return probed;
  const streams = probed.value.streams.map((each) =>
    each.kind === 'picture'
      ? {
          ...each,
          frames: input.count,
          framesFrom: 'counted' as const,
          timecode: input.startTimecode ?? each.timecode,
          ...neutralLeft(input, context.listing.version),
        }
      : each,
  );
  return accepted({ ...probed.value, streams });
}

/** Since then FFmpeg's decoder balances raw pictures for daylight, where a matrix says how. */
const BALANCING_MAJOR = 6;

/** What neutral light gives in a picture once the decoder has done what it does by itself. */
function neutralLeft(
  { neutral, daylight }: MediaInput & { readonly kind: 'sequence' },
  version: string,
): { readonly neutral?: readonly number[] } {
  if (neutral === undefined) return {};
  // A build without a number is newer than any with one.
  const isBalanced = !(Number.parseInt(version, 10) < BALANCING_MAJOR);
  if (!isBalanced || daylight === undefined) return { neutral };
  return { neutral: neutral.map((each, index) => each / daylight[index]!) };
}

/** A rate nobody can believe: time bases of broken headers come out like this. */
const RATE_MAX = 1000;

export type Film = {
  readonly probe: Probe;
  readonly picture: PictureStream;
  readonly rate: string;
};

/** Probes an input that must have pictures with a rate. */
export async function probeFilm(
  context: VerbContext,
  input: MediaInput,
  count = false,
): Promise<Outcome<Film>> {
  const probed = await probeInput(context, input, count);
  if (!probed.ok) return probed;
  const picture = mainPicture(probed.value);
  if (picture === undefined || picture.width <= 0 || picture.height <= 0) {
    return refused(finding('missing_stream', 'error', { facts: { kind: 'picture' } }));
  }
  const rate = input.kind === 'sequence' ? input.frameRate : picture.frameRate;
  const value = rate === null ? Number.NaN : rateValue(rate);
  if (rate === null || !(value > 0 && value <= RATE_MAX)) {
    return refused(finding('missing_frame_rate', 'error', { facts: { found: rate } }));
  }
  return accepted({ probe: probed.value, picture, rate }, probed.findings);
}

export function rateValue(rate: string): number {
  const [above, below] = rate.split('/');
  return Number(above) / Number(below ?? '1');
}

/** Runs a plan's outcome through the rule that something must have come out. */
export function requireOutput(plan: Plan, done: Outcome<Execution>): Outcome<Execution> {
  if (!done.ok) return done;
  const kinds = new Set(plan.outputs.flatMap((each) => each.streams.map((s) => s.kind)));
  const { pictures, soundSeconds, damagedPackets } = done.value;
  if ((kinds.has('video') && pictures === 0) || (!kinds.has('video') && soundSeconds <= 0)) {
    return refused(finding('empty_output', 'error'));
  }
  const notes: Finding[] = [...done.findings];
  if (damagedPackets > 0) {
    notes.push(finding('damaged_media', 'warning', { facts: { packets: damagedPackets } }));
  }
  return accepted(done.value, notes);
}
