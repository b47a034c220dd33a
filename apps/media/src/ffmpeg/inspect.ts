import { knownName, transferKind } from '../colour-names.ts';
import {
  exactRate,
  exactSeconds,
  type HdrInfo,
  isVariable,
  layoutName,
  parseFraction,
  type PictureStream,
  pixelFacts,
  type Probe,
  type ProbeStream,
  settleRate,
  soundDepth,
  type SoundStream,
  type StreamBase,
  tagText,
} from '../probe.ts';

/** What `ffprobe -of json` prints; every value may be missing. */
type Json = { readonly [key: string]: Json | readonly Json[] | string | number | undefined };

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export function asList(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | null {
  const found = typeof value === 'number' ? value : Number.parseFloat(text(value) ?? '');
  return Number.isFinite(found) ? found : null;
}

function tags(value: unknown): Record<string, string> {
  const pairs = Object.entries(asObject(value)).filter(([, each]) => typeof each === 'string');
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** Index of the film's stream in ffprobe's answer. */
export function mainPictureIndex(answer: Json): number | undefined {
  const main = asList(answer['streams']).find(
    (each) => each['codec_type'] === 'video' && !isCover(each),
  );
  return main === undefined ? undefined : (number(main['index']) ?? undefined);
}

function isCover(stream: Json): boolean {
  return asObject(stream['disposition'])['attached_pic'] === 1;
}

/** The same facts as the worker tells, from ffprobe's answers. */
export function readProbe(answer: Json, firstPicture: Json | undefined, sizeBytes: number): Probe {
  const main = mainPictureIndex(answer);
  const streams = asList(answer['streams']).map((each) =>
    readStream(each, number(each['index']) === main ? firstPicture : undefined),
  );
  const format = asObject(answer['format']);
  const metadata = tags(format['tags']);
  const whole = number(format['duration']);
  const toMicros = (seconds: number) => BigInt(Math.round(seconds * 1_000_000));
  const micros = whole === null ? null : toMicros(whole);
  return {
    sizeBytes,
    container: text(format['format_name']) ?? 'unknown',
    duration:
      streams.find((each) => each.kind === 'picture')?.duration ??
      (micros === null ? null : exactSeconds(micros, '1/1000000')),
    start: exactSeconds(toMicros(number(format['start_time']) ?? 0), '1/1000000')!,
    startTimecode:
      metadata['timecode'] ?? streams.find((each) => each.timecode !== null)?.timecode ?? null,
    metadata,
    streams,
  };
}

function readStream(stream: Json, first: Json | undefined): ProbeStream {
  const timeBase = text(stream['time_base']) ?? '0/1';
  const ticks = (value: unknown) => {
    const found = number(value);
    return found === null ? null : BigInt(found);
  };
  const metadata = tags(stream['tags']);
  const duration = ticks(stream['duration_ts']);
  const language = metadata['language'];
  const base: StreamBase = {
    index: number(stream['index']) ?? 0,
    codec: text(stream['codec_name']) ?? 'unknown',
    tag: tagText(text(stream['codec_tag_string']) ?? null),
    timeBase,
    duration: duration === null || duration <= 0n ? null : exactSeconds(duration, timeBase),
    start: exactSeconds(ticks(stream['start_pts']), timeBase),
    language: language === undefined || language === 'und' ? null : language,
    timecode: metadata['timecode'] ?? null,
    bitRate: number(stream['bit_rate']),
  };
  const kind = stream['codec_type'];
  if (kind === 'video') return { ...base, ...readPicture(stream, first) };
  if (kind === 'audio') return { ...base, ...readSound(stream) };
  return { ...base, kind: kind === 'subtitle' ? 'subtitle' : kind === 'data' ? 'data' : 'other' };
}

function readSound(stream: Json): Omit<SoundStream, keyof StreamBase> {
  const bits = number(stream['bits_per_raw_sample']) || number(stream['bits_per_sample']) || 0;
  return {
    kind: 'sound',
    sampleRate: number(stream['sample_rate']) ?? 0,
    channels: number(stream['channels']) ?? 0,
    layout: layoutName(text(stream['channel_layout']) ?? null),
    sampleFormat: text(stream['sample_fmt']) ?? null,
    bitDepth: soundDepth(text(stream['codec_name']) ?? '', bits),
  };
}

function readPicture(stream: Json, first: Json | undefined): Omit<PictureStream, keyof StreamBase> {
  const average = exactRate(text(stream['avg_frame_rate']));
  const base = exactRate(text(stream['r_frame_rate']));
  const pixelFormat = text(stream['pix_fmt']) ?? null;
  const said = (name: string) => knownName(text(first?.[name])) ?? knownName(text(stream[name]));
  const transfer = said('color_transfer');
  const range = said('color_range');
  const aspect = parseFraction(text(stream['sample_aspect_ratio']));
  const frames = number(stream['nb_frames']) ?? 0;
  return {
    kind: 'picture',
    profile: knownName(text(stream['profile'])),
    width: number(stream['width']) ?? 0,
    height: number(stream['height']) ?? 0,
    frameRate: settleRate(average ?? base),
    variableRate: isVariable(average, base),
    frames: frames > 0 ? frames : null,
    framesFrom: frames > 0 ? 'container' : null,
    pixelFormat,
    ...pixelFacts(pixelFormat),
    colour: {
      primaries: said('color_primaries'),
      transfer,
      matrix: said('color_space'),
      range: range === 'tv' ? 'limited' : range === 'pc' ? 'full' : null,
    },
    hdr: readHdr(stream, first, transferKind(transfer)),
    pixelAspect:
      aspect === undefined || aspect.numerator <= 0n
        ? '1/1'
        : `${aspect.numerator}/${aspect.denominator}`,
    rotation: readRotation(stream),
    scan: readScan(first),
    cover: isCover(stream),
  };
}

function readScan(first: Json | undefined): PictureStream['scan'] {
  if (first === undefined) return null;
  if (first['interlaced_frame'] !== 1) return 'progressive';
  return first['top_field_first'] === 1 ? 'top-first' : 'bottom-first';
}

function readRotation(stream: Json): PictureStream['rotation'] {
  for (const side of asList(stream['side_data_list'])) {
    const anticlockwise = number(side['rotation']);
    if (anticlockwise === null) continue;
    const clockwise = (((Math.round(-anticlockwise / 90) * 90) % 360) + 360) % 360;
    return clockwise as PictureStream['rotation'];
  }
  return 0;
}

function readHdr(stream: Json, first: Json | undefined, kind: HdrInfo['kind']): HdrInfo {
  const sides = [...asList(first?.['side_data_list']), ...asList(stream['side_data_list'])];
  const find = (part: string) =>
    sides.find((each) => (text(each['side_data_type']) ?? '').includes(part));
  const mastering = find('Mastering display');
  const light = find('Content light');
  const luminance = (name: string) => {
    const fraction = parseFraction(text(mastering?.[name]));
    return fraction === undefined
      ? null
      : Number(fraction.numerator) / Number(fraction.denominator);
  };
  const dynamic: HdrInfo['dynamic'][number][] = [];
  if (find('HDR10+') ?? find('SMPTE2094-40')) dynamic.push('hdr10+');
  if (find('DOVI') ?? find('Dolby Vision')) dynamic.push('dolby-vision');
  if (find('Vivid')) dynamic.push('hdr-vivid');
  return {
    kind,
    dynamic,
    masteringPeak: luminance('max_luminance'),
    masteringBlack: luminance('min_luminance'),
    maxContentLight: light === undefined ? null : number(light['max_content']),
    maxFrameAverageLight: light === undefined ? null : number(light['max_average']),
  };
}
