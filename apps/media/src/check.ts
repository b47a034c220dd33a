import { isAbsolute, resolve } from 'node:path';
import { type Finding, finding } from '@yinglian/core';
import { type MediaInput, type MediaJobDescription, VERBS } from './jobs.ts';

/**
 * Descriptions come back from queues and from the network. Numbers and names go into filter graphs,
 * where a crafted text could open other files, so nothing of the wrong kind gets past this point.
 */
type Rule = (value: unknown) => boolean;

const NUMBER_MAX = 1e9;

function within(least: number, most: number): Rule {
  return (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

const count = within(0, NUMBER_MAX);
const positive = within(1, NUMBER_MAX);
const side = within(2, 16_384);
const text: Rule = (value) => typeof value === 'string' && value.length <= 1000;
const real: Rule = (value) => Number.isFinite(value) && Math.abs(value as number) <= NUMBER_MAX;
const flag: Rule = (value) => typeof value === 'boolean';
const path: Rule = (value) =>
  text(value) && isAbsolute(value as string) && !/\0/.test(value as string);
const rate: Rule = (value) =>
  typeof value === 'string' && /^\d{1,9}(?:\/[1-9]\d{0,8})?$/.test(value);

function oneOf(...choices: readonly unknown[]): Rule {
  return (value) => choices.includes(value);
}

function listOf(rule: Rule, most: number): Rule {
  return (value) => Array.isArray(value) && value.length <= most && value.every(rule);
}

const light: Rule = (value) =>
  Array.isArray(value) && value.length === 3 && value.every((each) => real(each) && each > 0);

type Shape = { readonly [field: string]: { readonly rule: Rule; readonly optional?: true } };

function must(rule: Rule): Shape[string] {
  return { rule };
}

function may(rule: Rule): Shape[string] {
  return { rule, optional: true };
}

function shaped(shape: Shape): Rule {
  return (value) =>
    typeof value === 'object' && value !== null && faultOf(value, shape) === undefined;
}

/** The first field that is missing, of the wrong kind or unknown. */
function faultOf(value: object, shape: Shape): string | undefined {
  const fields = value as Readonly<Record<string, unknown>>;
  for (const [name, { rule, optional }] of Object.entries(shape)) {
    const given = fields[name];
    if (given === undefined ? optional !== true : !rule(given)) return name;
  }
  return Object.keys(fields).find((name) => shape[name] === undefined);
}

const size = shaped({ width: must(side), height: must(side) });
const area = shaped({
  width: must(side),
  height: must(side),
  left: must(count),
  top: must(count),
});
const input: Rule = (value) => {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (kind === 'file') return shaped({ kind: must(text), path: must(path) })(value);
  return shaped({
    kind: must(oneOf('sequence')),
    pattern: must(path),
    firstNumber: must(count),
    count: must(positive),
    frameRate: must(rate),
    startTimecode: may(text),
    neutral: may(light),
    daylight: may(light),
  })(value);
};

const verb = must(text);
const source = must(input);
const encoding: Shape = { heightMax: may(side), quality: may(within(0, 51)) };

const SHAPES: Readonly<Record<MediaJobDescription['verb'], Shape>> = {
  probe: { verb, input: source, count: may(flag) },
  proxy: {
    verb,
    input: source,
    output: must(path),
    sound: may(path),
    groupFrames: may(within(1, 1000)),
    container: may(oneOf('mp4', 'fmp4')),
    stamp: may(listOf(text, 8)),
    ...encoding,
  },
  hls: {
    verb,
    input: source,
    outputFolder: must(path),
    segmentSeconds: may(within(1, 60)),
    ...encoding,
  },
  filmstrip: {
    verb,
    input: source,
    outputFolder: must(path),
    format: may(oneOf('jpeg', 'webp')),
    tileWidth: may(side),
    columns: may(within(1, 100)),
    rows: may(within(1, 100)),
    everyFrames: may(positive),
  },
  waveform: { verb, input: source, output: must(path), peaksPerSecond: may(within(1, 1000)) },
  thumbnail: {
    verb,
    input: source,
    output: must(path),
    frame: may(count),
    widthMax: may(side),
  },
  frames: {
    verb,
    input: source,
    pixelFormat: must(oneOf('rgb48le', 'rgb24', 'gray', 'yuv420p', 'yuv422p10le', 'yuv444p16le')),
    size: may(size),
    fit: may(oneOf('pad', 'crop', 'stretch', 'none')),
    crop: may(area),
    firstFrame: may(count),
    count: may(positive),
    toneMap: may(flag),
    frameRate: may(rate),
    outputFolder: may(path),
  },
  pcm: {
    verb,
    input: source,
    output: must(path),
    container: may(oneOf('wav', 'raw')),
    layout: must(oneOf('1.0', '2.0', '5.1', '7.1')),
    map: may(
      listOf(
        (each) => each === null || shaped({ stream: must(count), channel: must(count) })(each),
        16,
      ),
    ),
    sampleRate: may(oneOf(48_000, 96_000)),
    speed: may(rate),
    samples: may(within(1, Number.MAX_SAFE_INTEGER)),
  },
  loudness: { verb, input: source },
  detect: {
    verb,
    input: source,
    kinds: must(listOf(oneOf('scene', 'black', 'freeze', 'silence'), 4)),
    sceneThreshold: may(real),
    silenceDecibels: may(real),
    leastSeconds: may(real),
  },
  render: {
    verb,
    output: must(path),
    preset: must(text),
    size: must(size),
    frameRate: must(rate),
    frames: must(positive),
    title: must(text),
    subtitle: may(text),
    startTimecode: may(text),
    channels: may(oneOf(0, 1, 2, 6, 8)),
    programme: may(oneOf('film', 'bars', 'black', 'still')),
    bFrames: may(within(0, 16)),
    transfer: may(oneOf('sdr', 'pq', 'hlg')),
    seed: may(real),
  },
};

/** What is wrong with a description; undefined when it may be carried out. */
export function checkDescription(job: MediaJobDescription): Finding | undefined {
  const wrong = (reason: string) => finding('invalid_job', 'error', { facts: { reason } });
  if (!VERBS.includes(job.verb)) return wrong(`verb ${String(job.verb)}`);
  const fault = faultOf(job, SHAPES[job.verb]);
  if (fault !== undefined) return wrong(fault);
  const written = 'output' in job ? resolve(job.output) : undefined;
  const read = 'input' in job ? inputPath(job.input) : undefined;
  // FFmpeg opens what it writes before it has read: the source would be lost.
  if (written !== undefined && written === read) return wrong('output is input');
  if ('sound' in job && job.sound !== undefined && resolve(job.sound) === written) {
    return wrong('output is input');
  }
  return undefined;
}

function inputPath(from: MediaInput): string | undefined {
  return from.kind === 'file' ? resolve(from.path) : undefined;
}
