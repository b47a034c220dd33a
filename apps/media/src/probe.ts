import { formatRatio, ratio, type Ratio } from '@yinglian/core';

/** What is inside a file. Rates, time bases and durations are exact fractions as text. */
export type Probe = {
  readonly sizeBytes: number;
  /** FFmpeg's names of the demuxer: `mov,mp4,m4a,3gp,3g2,mj2`, `mxf`, `wav` … */
  readonly container: string;
  /** The longest of the streams, else what the container says; seconds. */
  readonly duration: string | null;
  /** Where the file's own clock begins, seconds; everything is counted from there. */
  readonly start: string;
  readonly startTimecode: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly streams: readonly ProbeStream[];
};

export type ProbeStream = PictureStream | SoundStream | OtherStream;

export type StreamBase = {
  /** Position in the file, the number a plan names. */
  readonly index: number;
  readonly codec: string;
  readonly tag: string | null;
  readonly timeBase: string;
  readonly duration: string | null;
  /** Seconds from the beginning of the file to the first sample of this stream. */
  readonly start: string | null;
  readonly language: string | null;
  readonly timecode: string | null;
  readonly bitRate: number | null;
};

export type PictureStream = StreamBase & {
  readonly kind: 'picture';
  readonly profile: string | null;
  readonly width: number;
  readonly height: number;
  /** `24000/1001`; null when the file does not say. */
  readonly frameRate: string | null;
  /** Pictures do not come evenly: average and base rate differ. */
  readonly variableRate: boolean;
  readonly frames: number | null;
  /** `container`: as written in it; `counted`: its packets were counted. */
  readonly framesFrom: 'container' | 'counted' | null;
  /** Of raw pictures, where it is known: what neutral light gives in red, green and blue. */
  readonly neutral?: readonly number[];
  readonly pixelFormat: string | null;
  readonly bitDepth: number | null;
  readonly chroma: '4:2:0' | '4:2:2' | '4:4:4' | '4:1:1' | '4:4:0' | 'rgb' | 'gray' | 'xyz' | null;
  readonly alpha: boolean;
  readonly colour: {
    readonly primaries: string | null;
    readonly transfer: string | null;
    readonly matrix: string | null;
    readonly range: 'limited' | 'full' | null;
  };
  readonly hdr: HdrInfo;
  readonly pixelAspect: string;
  /** Clockwise degrees by which a player turns the picture. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly scan: 'progressive' | 'top-first' | 'bottom-first' | null;
  /** A cover picture of a sound file, not a film. */
  readonly cover: boolean;
};

export type HdrInfo = {
  readonly kind: 'sdr' | 'pq' | 'hlg';
  /** What dynamic metadata the first picture carries. */
  readonly dynamic: readonly ('hdr10+' | 'dolby-vision' | 'hdr-vivid')[];
  /** cd/m², ST 2086. */
  readonly masteringPeak: number | null;
  readonly masteringBlack: number | null;
  readonly maxContentLight: number | null;
  readonly maxFrameAverageLight: number | null;
};

export type SoundStream = StreamBase & {
  readonly kind: 'sound';
  readonly sampleRate: number;
  readonly channels: number;
  /** `stereo`, `5.1`, `5.1(side)`, `7.1`; null when the file does not say. */
  readonly layout: string | null;
  readonly sampleFormat: string | null;
  readonly bitDepth: number | null;
};

export type OtherStream = StreamBase & { readonly kind: 'subtitle' | 'data' | 'other' };

/** The film in a file: the first picture stream that is no cover. */
export function mainPicture(probe: Probe): PictureStream | undefined {
  return probe.streams.find(
    (each): each is PictureStream => each.kind === 'picture' && !each.cover,
  );
}

export function soundStreams(probe: Probe): readonly SoundStream[] {
  return probe.streams.filter((each): each is SoundStream => each.kind === 'sound');
}

/** `num/den` as FFmpeg writes it, in lowest terms; null for `0/0`, `0/1` and other nothings. */
export function exactRate(text: string | null | undefined): string | null {
  const value = parseFraction(text);
  return value === undefined || value.numerator <= 0n ? null : formatRatio(value);
}

export function parseFraction(text: string | null | undefined): Ratio | undefined {
  const match = /^(-?\d{1,18})[/:](-?\d{1,18})$/.exec(text ?? '');
  if (match === null || BigInt(match[2]!) === 0n) return undefined;
  return ratio(BigInt(match[1]!), BigInt(match[2]!));
}

/** Ticks of a time base in seconds, exact; null when the ticks are unknown. */
export function exactSeconds(ticks: bigint | null, timeBase: string): string | null {
  const base = parseFraction(timeBase);
  if (ticks === null || base === undefined) return null;
  return formatRatio(ratio(ticks * base.numerator, base.denominator));
}

/** Seconds of an exact fraction; only for waiting, showing and choosing, never for counting. */
export function approximate(fraction: string): number {
  const [above, below] = fraction.split('/');
  return Number(above) / Number(below ?? '1');
}

/** Nearest rate in use when a container keeps time in milliseconds and the rate came out odd. */
const RATES_IN_USE = [
  [24_000, 1001],
  [30_000, 1001],
  [48_000, 1001],
  [60_000, 1001],
  [120_000, 1001],
] as const;
const ODD_RATE_TOLERANCE = 1e-5;

export function settleRate(rate: string | null): string | null {
  if (rate === null) return null;
  const value = approximate(rate);
  for (const [above, below] of RATES_IN_USE) {
    if (Math.abs(value / (above / below) - 1) < ODD_RATE_TOLERANCE) return `${above}/${below}`;
  }
  const whole = Math.round(value);
  return whole > 0 && Math.abs(value / whole - 1) < ODD_RATE_TOLERANCE ? String(whole) : rate;
}

type PixelFacts = Pick<PictureStream, 'bitDepth' | 'chroma' | 'alpha'>;

const PACKED: Readonly<Record<string, PixelFacts>> = {
  nv12: { bitDepth: 8, chroma: '4:2:0', alpha: false },
  p010le: { bitDepth: 10, chroma: '4:2:0', alpha: false },
  uyvy422: { bitDepth: 8, chroma: '4:2:2', alpha: false },
  yuyv422: { bitDepth: 8, chroma: '4:2:2', alpha: false },
  y210le: { bitDepth: 10, chroma: '4:2:2', alpha: false },
  pal8: { bitDepth: 8, chroma: 'rgb', alpha: false },
  rgb24: { bitDepth: 8, chroma: 'rgb', alpha: false },
  bgr24: { bitDepth: 8, chroma: 'rgb', alpha: false },
};

/** Depth and sampling by the name of a pixel format, for example `yuv422p10le`, `gbrpf32le`. */
export function pixelFacts(name: string | null): PixelFacts {
  const unknown: PixelFacts = { bitDepth: null, chroma: null, alpha: false };
  if (name === null) return unknown;
  const packed = PACKED[name];
  if (packed !== undefined) return packed;
  const planar = /^yuv(a?)j?(420|422|444|411|440)p(\d*)(?:le|be)?$/.exec(name);
  if (planar !== null) {
    const chroma = `${planar[2]![0]}:${planar[2]![1]}:${planar[2]![2]}` as PixelFacts['chroma'];
    return { bitDepth: Number(planar[3] || 8), chroma, alpha: planar[1] === 'a' };
  }
  const yuvj = /^yuvj(420|422|444|411|440)p$/.exec(name);
  if (yuvj !== null) {
    const chroma = `${yuvj[1]![0]}:${yuvj[1]![1]}:${yuvj[1]![2]}` as PixelFacts['chroma'];
    return { bitDepth: 8, chroma, alpha: false };
  }
  const gbr = /^gbr(a?)pf?(\d*)(?:le|be)?$/.exec(name);
  if (gbr !== null) return { bitDepth: Number(gbr[2] || 8), chroma: 'rgb', alpha: gbr[1] === 'a' };
  const gray = /^(?:gray|ya)f?(\d*)(?:le|be)?$/.exec(name);
  if (gray !== null) {
    return { bitDepth: Number(gray[1] || 8), chroma: 'gray', alpha: name.startsWith('ya') };
  }
  if (name.startsWith('xyz12')) return { bitDepth: 12, chroma: 'xyz', alpha: false };
  const rgb = /^(?:rgb|bgr)(a?)f?(48|64|96|128)(?:le|be)?$/.exec(name);
  if (rgb !== null) {
    const parts = rgb[1] === 'a' ? 4 : 3;
    return { bitDepth: Number(rgb[2]) / parts, chroma: 'rgb', alpha: parts === 4 };
  }
  if (/^(?:rgba|bgra|argb|abgr)$/.test(name)) return { bitDepth: 8, chroma: 'rgb', alpha: true };
  if (/^(?:rgb0|bgr0|0rgb|0bgr)$/.test(name)) return { bitDepth: 8, chroma: 'rgb', alpha: false };
  return unknown;
}

/** Whole turns of a display matrix (nine 32-bit numbers, the first four are 16.16), clockwise. */
export function matrixRotation(matrix: readonly number[]): PictureStream['rotation'] {
  const [a, b] = [matrix[0] ?? 0, matrix[1] ?? 0];
  if (Math.abs(a) >= Math.abs(b)) return a < 0 ? 180 : 0;
  return b > 0 ? 90 : 270;
}

/** `6 channels` and `1 channels (FL)` are FFmpeg's words for "no usual layout". */
export function layoutName(described: string | null): string | null {
  return described === null || /^\d+ channels/.test(described) ? null : described;
}

/** Four printable characters, or nothing: `[0][0][0][0]` says that there is no tag. */
export function tagText(tag: string | null): string | null {
  return tag === null || !/^[\x20-\x7e]{4}$/.test(tag) || tag.startsWith('[') ? null : tag;
}

const UNEVEN_SHARE = 0.001;

/** Average and base rate differ by more than one part in a thousand. */
export function isVariable(average: string | null, base: string | null): boolean {
  if (average === null || base === null) return false;
  const share = approximate(average) / approximate(base);
  // Of interlaced pictures the field rate is told as base rate: half of it is not "variable".
  return Math.abs(share - 1) > UNEVEN_SHARE && Math.abs(share * 2 - 1) > UNEVEN_SHARE;
}

/** Lossless sound has a depth; of a lossy codec engines tell different things. */
export function soundDepth(codec: string, bits: number): number | null {
  const isLossless = /^(?:pcm_|flac|alac|wavpack|truehd|mlp|tta|ape|s302m)/.test(codec);
  return isLossless && bits > 0 ? bits : null;
}

/** Seconds from the file's beginning to its first picture, by which sound has to be moved. */
export function pictureLead(probe: Probe): number {
  const start = mainPicture(probe)?.start ?? null;
  return start === null ? 0 : approximate(start) - approximate(probe.start);
}
