import type { Fit, PictureArea, PictureSize } from '../jobs.ts';
import type { PictureStream } from '../probe.ts';

const QUICK_FLAGS = 'bicubic';

export type ChainOptions = {
  readonly frameRate?: string;
  /** Pictures counted off at the beginning, after the rate has been made even. */
  readonly skipFrames?: number;
  readonly size: PictureSize;
  readonly fit?: Fit;
  /** What of the upright picture is taken. */
  readonly crop?: PictureArea;
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

/** A picture of which only a part is taken: upright, with pixels of the same shape. */
export function croppedPicture(picture: PictureStream, crop: PictureSize): PictureStream {
  const lying = picture.rotation === 90 || picture.rotation === 270;
  const [above = '1', below = '1'] = picture.pixelAspect.split('/');
  const pixelAspect = lying ? `${below}/${above}` : picture.pixelAspect;
  return { ...picture, width: crop.width, height: crop.height, rotation: 0, pixelAspect };
}

/** Whether a part lies in the upright picture. */
export function isInside(crop: PictureArea, { width, height, rotation }: PictureStream): boolean {
  const lying = rotation === 90 || rotation === 270;
  const [across, down] = lying ? [height, width] : [width, height];
  return crop.left + crop.width <= across && crop.top + crop.height <= down;
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
  const { matrix, range } = colourOf(picture);
  return [`in_color_matrix=${matrix}`, `in_range=${range}`];
}

/** Matrix and range by the scaler's names; guessed where the file does not say. */
function colourOf(picture: PictureStream): { matrix: string; range: 'pc' | 'tv' } {
  const fallback = picture.height <= STANDARD_DEFINITION_LINES_MAX ? 'bt601' : 'bt709';
  const matrix = SCALER_MATRIX[picture.colour.matrix ?? ''] ?? fallback;
  const fullByName = picture.pixelFormat?.startsWith('yuvj') === true;
  const range = picture.colour.range === 'full' || fullByName ? 'pc' : 'tv';
  return { matrix, range };
}

const TURN: Readonly<Record<PictureStream['rotation'], readonly string[]>> = {
  0: [],
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
};

/** Whether a picture is what a sensor saw, one colour for each pixel. */
export function isRaw({ pixelFormat }: Pick<PictureStream, 'pixelFormat'>): boolean {
  return pixelFormat?.startsWith('bayer_') === true;
}

/** The transfer of screens (ITU-R BT.1886), near enough for what is no grade. */
const SCREEN_GAMMA = 2.4;

/**
 * Raw pictures as one can look at them: what was neutral on the set is made grey, and light, which
 * a sensor counts evenly, is spread as screens show it. The camera's own colours are left as they
 * are.
 */
function developed({ neutral = [1, 1, 1] }: PictureStream): string[] {
  const most = Math.max(...neutral);
  const [red, green, blue] = neutral.map((each) => {
    const gain = (most / each).toFixed(6);
    return `'pow(clip(val*${gain}/maxval,0,1),${(1 / SCREEN_GAMMA).toFixed(6)})*maxval'`;
  });
  return ['format=rgb48le', `lutrgb=r=${red}:g=${green}:b=${blue}`];
}

/** Filters from a decoded picture to an upright, progressive one of the asked size and format. */
export function pictureChain(picture: PictureStream, options: ChainOptions): string {
  const { size, pixelFormat } = options;
  const chain: string[] = [];
  if (picture.scan !== null && picture.scan !== 'progressive') {
    chain.push('bwdif=mode=send_frame:deint=interlaced');
  }
  // The first picture is picture 0, however late it comes; sound is moved to meet it.
  if (options.frameRate !== undefined)
    chain.push('setpts=PTS-STARTPTS', `fps=${options.frameRate}`);
  if (options.skipFrames !== undefined && options.skipFrames > 0) {
    chain.push(`select=gte(n\\,${options.skipFrames})`, 'setpts=PTS-STARTPTS');
  }
  if (isRaw(picture)) chain.push(...developed(picture));
  chain.push(...TURN[picture.rotation]);
  const { crop } = options;
  if (crop !== undefined) {
    chain.push(`crop=${crop.width}:${crop.height}:${crop.left}:${crop.top}:exact=1`);
  }
  const toneMapped = options.toneMap === true && picture.hdr.kind !== 'sdr';
  if (toneMapped) chain.push(...toneMapChain(picture));
  const shown = displaySize(crop === undefined ? picture : croppedPicture(picture, crop));
  const fitted = fitSize(shown, size, options.fit ?? 'stretch');
  const isExact = options.exact === true && pixelFormat !== 'gray';
  chain.push(...(isExact ? exactScale : quickScale)(picture, fitted, pixelFormat, toneMapped));
  if (fitted.width > size.width || fitted.height > size.height) {
    const [width, height] = [
      Math.min(fitted.width, size.width),
      Math.min(fitted.height, size.height),
    ];
    chain.push(`crop=${width}:${height}:exact=1`);
  }
  if (fitted.width < size.width || fitted.height < size.height) {
    chain.push(`pad=${size.width}:${size.height}:-1:-1:black`);
  }
  chain.push('setsar=1');
  return chain.join(',');
}

const TONE_MAPPED = ['in_color_matrix=bt709', 'in_range=tv'];
const RGB = /^(?:rgb|gbr|bgr)/;

function quickScale(
  picture: PictureStream,
  size: PictureSize,
  pixelFormat: string,
  toneMapped: boolean,
): string[] {
  const colour = [
    ...(toneMapped ? TONE_MAPPED : inputColour(picture)),
    ...(RGB.test(pixelFormat) ? ['out_range=pc'] : ['out_color_matrix=bt709', 'out_range=tv']),
  ];
  const scale = `scale=${size.width}:${size.height}:flags=${QUICK_FLAGS}:${colour.join(':')}`;
  return [scale, `format=${pixelFormat}`];
}

const EXACT_MATRIX: Readonly<Record<string, string>> = {
  bt709: '709',
  bt601: '170m',
  smpte240m: '240m',
  fcc: 'fcc',
  bt2020: '2020_ncl',
};

/**
 * zimg computes in floating point and converts depth without a detour; FFmpeg's own scaler takes
 * RGB through YCbCr and comes back a quarter of a percent off.
 */
function exactScale(
  picture: PictureStream,
  size: PictureSize,
  pixelFormat: string,
  toneMapped: boolean,
): string[] {
  const isRgb = picture.chroma === 'rgb' || picture.chroma === 'xyz' || picture.chroma === null;
  const deep = picture.bitDepth === null || picture.bitDepth > 8;
  const planar = picture.pixelFormat?.startsWith('gbrp') === true;
  const before = isRgb && !planar ? [`format=${deep ? 'gbrp16le' : 'gbrp'}`] : [];
  const { matrix, range } = colourOf(picture);
  const input =
    isRgb && !toneMapped
      ? 'min=gbr:rin=full'
      : toneMapped
        ? 'min=709:rin=limited'
        : `min=${EXACT_MATRIX[matrix]}:rin=${range === 'pc' ? 'full' : 'limited'}`;
  const toRgb = RGB.test(pixelFormat);
  const output = toRgb ? 'm=gbr:r=full' : 'm=709:r=limited';
  // Packed RGB is only another order of planar RGB: nothing is computed after zimg.
  const middle = pixelFormat === 'rgb24' ? 'gbrp' : 'gbrp16le';
  return [
    ...before,
    `zscale=w=${size.width}:h=${size.height}:f=lanczos:${input}:${output}`,
    ...(toRgb ? [`format=${middle}`] : []),
    `format=${pixelFormat}`,
  ];
}

/** The size to which the whole picture is scaled before it is padded or cut. */
export function fitSize(from: PictureSize, to: PictureSize, fit: Fit): PictureSize {
  if (fit === 'stretch') return to;
  if (fit === 'none') return from;
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
