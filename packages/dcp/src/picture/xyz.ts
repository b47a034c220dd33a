import { assert } from '@yinglian/core';
import {
  adaptationMatrix,
  CINEMA_GAMMA,
  CODE_MAX,
  decodeTransfer,
  invert,
  type Matrix,
  multiply,
  PEAK_LUMINANCE,
  RGB_SPACES,
  type RgbSpaceName,
  rgbToXyzMatrix,
  type TransferName,
  USUAL_TRANSFER,
  WHITE_LUMINANCE,
} from './colour.ts';

/** Bits of one RGB sample. */
export type RgbBits = 8 | 10 | 12 | 16;

/** What the RGB samples are. */
export type CinemaXyzOptions = {
  readonly space: RgbSpaceName;
  readonly bits: RgbBits;
  /** The usual transfer of the space unless told. */
  readonly transfer?: TransferName;
  /** Limited (video) range: 16 to 235 of 8 bits; full is the default for RGB. */
  readonly range?: 'full' | 'limited';
  /**
   * `none` keeps the picture's own white (D65 stays D65, as nearly every DCP of video is made);
   * `dci` adapts it to the projector's white by Bradford.
   */
  readonly white?: 'none' | 'dci';
};

/** X', Y', Z' code values of 12 bits, plane by plane. */
export type XyzPlanes = readonly [Uint16Array, Uint16Array, Uint16Array];

/** Interleaved RGB: bytes for 8 bits, words for more. */
export type RgbPixels = Uint8Array | Uint16Array;

/**
 * Interleaved RGB to the 12-bit X'Y'Z' of ST 428-1:
 * `CV = INT(4095 × (L × XYZ / 52.37)^(1/2.6))`, L = 48, INT rounding half up. The result is that
 * formula's for every sample, not an approximation: tables only find the place faster.
 *
 * @param into planes to reuse; each holds at least width × height
 */
export function toCinemaXyz(
  rgb: RgbPixels,
  width: number,
  height: number,
  options: CinemaXyzOptions,
  into?: XyzPlanes,
): XyzPlanes {
  const pixels = width * height;
  assert(rgb.length === pixels * 3, 'three samples for each pixel');
  assert(
    options.bits === 8 ? rgb instanceof Uint8Array : rgb instanceof Uint16Array,
    '8 bits come as bytes, more as words',
  );
  const converter = converterFor(options);
  const planes = into ?? [
    new Uint16Array(pixels),
    new Uint16Array(pixels),
    new Uint16Array(pixels),
  ];
  convert(rgb, pixels, converter, planes);
  return planes;
}

type Converter = { readonly light: Float64Array; readonly matrix: Matrix; readonly mask: number };

const converters = new Map<string, Converter>();

function converterFor(options: CinemaXyzOptions): Converter {
  const transfer = options.transfer ?? USUAL_TRANSFER[options.space];
  const range = options.range ?? 'full';
  const name = [options.space, options.bits, transfer, range, options.white ?? 'none'].join();
  const known = converters.get(name);
  if (known !== undefined) return known;
  const converter = {
    light: lightTable(options.bits, transfer, range),
    matrix: cinemaMatrix(options.space, options.white ?? 'none'),
    mask: 2 ** options.bits - 1,
  };
  converters.set(name, converter);
  return converter;
}

/** From linear RGB to XYZ as a part of the projector's peak: the factor 48 / 52.37 is inside. */
export function cinemaMatrix(space: RgbSpaceName, white: 'none' | 'dci'): Matrix {
  const own = rgbToXyzMatrix(RGB_SPACES[space]);
  const adapted =
    white === 'dci'
      ? multiply(adaptationMatrix(RGB_SPACES[space].white, RGB_SPACES.p3_dci.white), own)
      : own;
  const factor = WHITE_LUMINANCE / PEAK_LUMINANCE;
  return adapted.map((entry) => entry * factor) as unknown as Matrix;
}

function lightTable(
  bits: RgbBits,
  transfer: TransferName,
  range: 'full' | 'limited',
): Float64Array {
  const codes = 2 ** bits;
  // ITU-R BT.709-6 item 5.3: black 16 and white 235, scaled to the bit depth.
  const [black, white] =
    range === 'full' ? [0, codes - 1] : [16 * 2 ** (bits - 8), 235 * 2 ** (bits - 8)];
  return Float64Array.from({ length: codes }, (_, code) => {
    const value = Math.min(1, Math.max(0, (code - black) / (white - black)));
    return decodeTransfer(transfer, value);
  });
}

/**
 * Light at which each code begins: the code is the last one whose beginning is not above the
 * light. Half a code below its own value, because INT rounds.
 */
const BEGINNINGS = Float64Array.from({ length: CODE_MAX + 2 }, (_, code) =>
  code === 0 ? -Infinity : code > CODE_MAX ? Infinity : ((code - 0.5) / CODE_MAX) ** CINEMA_GAMMA,
);

/**
 * A first guess by exponent and leading mantissa bits of the light as a 32-bit float, never above
 * the true code: logarithmic, so that it is as fine near black as near white.
 */
const GUESS_SHIFT = 11;
const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Uint32Array(FLOAT.buffer);
const GUESSES = makeGuesses();

function makeGuesses(): Uint16Array {
  FLOAT[0] = 1;
  const guesses = new Uint16Array((FLOAT_BITS[0]! >>> GUESS_SHIFT) + 1);
  let code = 0;
  for (let i = 0; i < guesses.length; i++) {
    // The float before the first of this cell, as a light may round up into it.
    FLOAT_BITS[0] = i === 0 ? 0 : (i << GUESS_SHIFT) - 1;
    while (FLOAT[0]! >= BEGINNINGS[code + 1]!) code++;
    guesses[i] = code;
  }
  return guesses;
}

function convert(
  rgb: RgbPixels,
  pixels: number,
  converter: Converter,
  [xs, ys, zs]: XyzPlanes,
): void {
  const { light, mask } = converter;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = converter.matrix;
  const lights = new Float32Array(3);
  const bits = new Uint32Array(lights.buffer);
  const last = GUESSES.length - 1;
  for (let i = 0, at = 0; i < pixels; i++, at += 3) {
    const r = light[rgb[at]! & mask]!;
    const g = light[rgb[at + 1]! & mask]!;
    const b = light[rgb[at + 2]! & mask]!;
    const x = m0 * r + m1 * g + m2 * b;
    const y = m3 * r + m4 * g + m5 * b;
    const z = m6 * r + m7 * g + m8 * b;
    // Below nothing, be it by a hair of arithmetic, is black; its sign bit would be a bright cell.
    lights[0] = x > 0 ? x : 0;
    lights[1] = y > 0 ? y : 0;
    lights[2] = z > 0 ? z : 0;
    let cell = bits[0]! >>> GUESS_SHIFT;
    let code = GUESSES[cell > last ? last : cell]!;
    while (x >= BEGINNINGS[code + 1]!) code++;
    xs[i] = code;
    cell = bits[1]! >>> GUESS_SHIFT;
    code = GUESSES[cell > last ? last : cell]!;
    while (y >= BEGINNINGS[code + 1]!) code++;
    ys[i] = code;
    cell = bits[2]! >>> GUESS_SHIFT;
    code = GUESSES[cell > last ? last : cell]!;
    while (z >= BEGINNINGS[code + 1]!) code++;
    zs[i] = code;
  }
}

/** X'Y'Z' back to interleaved 8-bit RGB for previews; colours outside the space are clipped. */
export function fromCinemaXyz(
  [xs, ys, zs]: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  width: number,
  height: number,
  space: 'rec709' | 'srgb' = 'srgb',
): Uint8Array {
  const pixels = width * height;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = invert(cinemaMatrix(space, 'none'));
  const rgb = new Uint8Array(pixels * 3);
  const encode = previewTable(space);
  const code = (light: number) =>
    encode[
      light <= 0 ? 0 : light >= 1 ? PREVIEW_STEPS : Math.round(Math.sqrt(light) * PREVIEW_STEPS)
    ]!;
  for (let i = 0; i < pixels; i++) {
    const x = CINEMA_LIGHT[xs[i]! & CODE_MAX]!;
    const y = CINEMA_LIGHT[ys[i]! & CODE_MAX]!;
    const z = CINEMA_LIGHT[zs[i]! & CODE_MAX]!;
    rgb[3 * i] = code(m0 * x + m1 * y + m2 * z);
    rgb[3 * i + 1] = code(m3 * x + m4 * y + m5 * z);
    rgb[3 * i + 2] = code(m6 * x + m7 * y + m8 * z);
  }
  return rgb;
}

const CINEMA_LIGHT = Float64Array.from(
  { length: CODE_MAX + 1 },
  (_, code) => (code / CODE_MAX) ** CINEMA_GAMMA,
);
const PREVIEW_STEPS = 4096;
const previewTables = new Map<string, Uint8Array>();

/** By the square root of light, so that steps near black are as small as the eye needs. */
function previewTable(space: 'rec709' | 'srgb'): Uint8Array {
  const known = previewTables.get(space);
  if (known !== undefined) return known;
  const table = Uint8Array.from({ length: PREVIEW_STEPS + 1 }, (_, step) => {
    const light = (step / PREVIEW_STEPS) ** 2;
    const value =
      space === 'srgb'
        ? light <= 0.0031308
          ? 12.92 * light
          : 1.055 * light ** (1 / 2.4) - 0.055
        : light ** (1 / 2.4);
    return Math.round(255 * value);
  });
  previewTables.set(space, table);
  return table;
}
