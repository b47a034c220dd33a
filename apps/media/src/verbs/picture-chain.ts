import type { Fit, PictureSize } from '../jobs.ts';
import type { PictureStream } from '../probe.ts';

/** FFmpeg's scaler at its most exact: rounding, full chroma, Lanczos. */
const EXACT_FLAGS = 'lanczos+accurate_rnd+full_chroma_int+full_chroma_inp';
const QUICK_FLAGS = 'bicubic';

export type ChainOptions = {
  readonly frameRate?: string;
  readonly size: PictureSize;
  readonly fit?: Fit;
  readonly pixelFormat: string;
  /** What comes out: matrix and range of YCbCr, or full-range RGB. */
  readonly exact?: boolean;
  /** PQ and HLG are brought down to what any screen shows. */
  readonly toneMap?: boolean;
};

/** Size on a screen: square pixels, turned upright. */
export function displaySize(picture: PictureStream): PictureSize {
  const [above, below] = picture.pixelAspect.split('/').map(Number);
  const aspect = (above ?? 1) / (below ?? 1);
  const width = aspect > 1 ? Math.round(picture.width * aspect) : picture.width;
  const height = aspect < 1 ? Math.round(picture.height / aspect) : picture.height;
  const lying = picture.rotation === 90 || picture.rotation === 270;
  return lying ? { width: height, height: width } : { width, height };
}

/** The largest size of the same shape inside the limits; even, and at least two pixels. */
export function sizeWithin(size: PictureSize, widthMax: number, heightMax: number): PictureSize {
  const scale = Math.min(1, widthMax / size.width, heightMax / size.height);
  const even = (value: number) => Math.max(2, 2 * Math.round((value * scale) / 2));
  return { width: even(size.width), height: even(size.height) };
}

const SCALER_MATRIX: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'bt601',
  bt470bg: 'bt601',
  smpte240m: 'smpte240m',
  fcc: 'fcc',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};
/** Where a file does not say its matrix: BT.601 was for standard definition (BT.709 above). */
const STANDARD_DEFINITION_LINES_MAX = 576;

function inputColour(picture: PictureStream): string[] {
  if (picture.chroma === 'rgb' || picture.chroma === 'xyz' || picture.chroma === null) return [];
  const fallback = picture.height <= STANDARD_DEFINITION_LINES_MAX ? 'bt601' : 'bt709';
  const matrix = SCALER_MATRIX[picture.colour.matrix ?? ''] ?? fallback;
  const fullByName = picture.pixelFormat?.startsWith('yuvj') === true;
  const range = picture.colour.range === 'full' || fullByName ? 'pc' : 'tv';
  return [`in_color_matrix=${matrix}`, `in_range=${range}`];
}

const TURN: Readonly<Record<PictureStream['rotation'], readonly string[]>> = {
  0: [],
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
};

/** Filters from a decoded picture to an upright, progressive one of the asked size and format. */
export function pictureChain(picture: PictureStream, options: ChainOptions): string {
  const { size, pixelFormat } = options;
  const chain: string[] = [];
  if (picture.scan !== null && picture.scan !== 'progressive') {
    chain.push('bwdif=mode=send_frame:deint=interlaced');
  }
  if (options.frameRate !== undefined) chain.push(`fps=${options.frameRate}:start_time=0`);
  chain.push(...TURN[picture.rotation]);
  const toneMapped = options.toneMap === true && picture.hdr.kind !== 'sdr';
  if (toneMapped) chain.push(...toneMapChain(picture));
  const isRgb = /^(?:rgb|gbr|bgr)/.test(pixelFormat);
  const colour = [
    ...(toneMapped ? ['in_color_matrix=bt709', 'in_range=tv'] : inputColour(picture)),
    ...(isRgb ? ['out_range=pc'] : ['out_color_matrix=bt709', 'out_range=tv']),
  ];
  const flags = options.exact === true ? EXACT_FLAGS : QUICK_FLAGS;
  const fitted = fitSize(displaySize(picture), size, options.fit ?? 'stretch');
  chain.push(`scale=${fitted.width}:${fitted.height}:flags=${flags}:${colour.join(':')}`);
  chain.push(`format=${pixelFormat}`);
  if (fitted.width > size.width || fitted.height > size.height) {
    chain.push(`crop=${size.width}:${size.height}:exact=1`);
  }
  if (fitted.width < size.width || fitted.height < size.height) {
    chain.push(`pad=${size.width}:${size.height}:-1:-1:black`);
  }
  chain.push('setsar=1');
  return chain.join(',');
}

/** The size to which the whole picture is scaled before it is padded or cut. */
export function fitSize(from: PictureSize, to: PictureSize, fit: Fit): PictureSize {
  if (fit === 'stretch') return to;
  const [across, down] = [to.width / from.width, to.height / from.height];
  const scale = fit === 'pad' ? Math.min(across, down) : Math.max(across, down);
  const near = (value: number, target: number) => {
    const scaled = value * scale;
    // One or two lines of black from rounding help nobody: what nearly fits, fits.
    if (Math.abs(scaled - target) < 1) return target;
    return Math.max(2, 2 * Math.round(scaled / 2));
  };
  return { width: near(from.width, to.width), height: near(from.height, to.height) };
}

/** PQ or HLG to BT.709 by FFmpeg's `tonemap`; a preview, not a grade. */
function toneMapChain(picture: PictureStream): string[] {
  const transfer = picture.hdr.kind === 'pq' ? 'smpte2084' : 'arib-std-b67';
  const given = picture.chroma === 'rgb' ? '' : ':min=2020_ncl:rin=tv';
  return [
    `zscale=tin=${transfer}:pin=2020${given}:t=linear:npl=203`,
    'format=gbrpf32le',
    'zscale=p=709',
    'tonemap=mobius:desat=0',
    'zscale=t=709:m=709:r=tv',
    'format=yuv444p10le',
  ];
}
