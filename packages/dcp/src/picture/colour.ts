import { assert } from '@yinglian/core';

/** CIE 1931 chromaticity. */
export type Chromaticity = { readonly x: number; readonly y: number };

/** Three primaries and the white that equal amounts of them make. */
export type RgbSpace = {
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
  readonly white: Chromaticity;
};

const D65: Chromaticity = { x: 0.3127, y: 0.329 };
/** SMPTE RP 431-2:2011 7: the calibration white of the reference projector. */
const DCI_WHITE: Chromaticity = { x: 0.314, y: 0.351 };
/** SMPTE RP 431-2:2011 8. */
const P3_PRIMARIES = {
  red: { x: 0.68, y: 0.32 },
  green: { x: 0.265, y: 0.69 },
  blue: { x: 0.15, y: 0.06 },
} as const;
/** ITU-R BT.709-6 item 1.3; IEC 61966-2-1 has the same. */
const REC709_PRIMARIES = {
  red: { x: 0.64, y: 0.33 },
  green: { x: 0.3, y: 0.6 },
  blue: { x: 0.15, y: 0.06 },
} as const;

/** Colour spaces that pictures come in, by name. */
export const RGB_SPACES = {
  rec709: { ...REC709_PRIMARIES, white: D65 },
  srgb: { ...REC709_PRIMARIES, white: D65 },
  p3_dci: { ...P3_PRIMARIES, white: DCI_WHITE },
  p3_d65: { ...P3_PRIMARIES, white: D65 },
  /** ITU-R BT.2020-2 table 3. */
  rec2020: {
    red: { x: 0.708, y: 0.292 },
    green: { x: 0.17, y: 0.797 },
    blue: { x: 0.131, y: 0.046 },
    white: D65,
  },
} as const satisfies Record<string, RgbSpace>;

/** A colour space by name. */
export type RgbSpaceName = keyof typeof RGB_SPACES;

/** Row by row: nine numbers. */
export type Matrix = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** From linear RGB to CIE XYZ with Y of white = 1 (SMPTE RP 177:1993). */
export function rgbToXyzMatrix(space: RgbSpace): Matrix {
  const column = ({ x, y }: Chromaticity) => [x / y, 1, (1 - x - y) / y] as const;
  const [r, g, b] = [column(space.red), column(space.green), column(space.blue)];
  const primaries: Matrix = [r[0], g[0], b[0], 1, 1, 1, r[2], g[2], b[2]];
  const [sr, sg, sb] = apply(invert(primaries), column(space.white));
  return [r[0] * sr, g[0] * sg, b[0] * sb, sr, sg, sb, r[2] * sr, g[2] * sg, b[2] * sb];
}

type Triple = readonly [number, number, number];

function apply(m: Matrix, v: Triple): Triple {
  return [
    m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
    m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
    m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
  ];
}

/** The matrix that does `b` first and then `a`. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const at = (row: number, column: number) =>
    a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}

/** The inverse; asserts that there is one. */
export function invert(m: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, i] = m;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  assert(determinant !== 0, 'a colour matrix can be inverted');
  const s = 1 / determinant;
  return [
    (e * i - f * h) * s,
    (c * h - b * i) * s,
    (b * f - c * e) * s,
    (f * g - d * i) * s,
    (a * i - c * g) * s,
    (c * d - a * f) * s,
    (d * h - e * g) * s,
    (b * g - a * h) * s,
    (a * e - b * d) * s,
  ];
}

/** Bradford's cone response (Lam 1985; ICC.1:2022 Annex E). */
const BRADFORD: Matrix = [
  0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296,
];

/** Moves colours from one white to another in XYZ. */
export function adaptationMatrix(from: Chromaticity, to: Chromaticity): Matrix {
  const white = ({ x, y }: Chromaticity): Triple => [x / y, 1, (1 - x - y) / y];
  const source = apply(BRADFORD, white(from));
  const target = apply(BRADFORD, white(to));
  const scale: Matrix = [
    target[0] / source[0],
    0,
    0,
    0,
    target[1] / source[1],
    0,
    0,
    0,
    target[2] / source[2],
  ];
  return multiply(invert(BRADFORD), multiply(scale, BRADFORD));
}

/**
 * How code values become light, 0 to 1.
 * - `bt1886`: ITU-R BT.1886 with black at zero, the reference display of Rec.709 and Rec.2020.
 * - `srgb`: IEC 61966-2-1.
 * - `gamma_2.2`, `gamma_2.6`: plain powers; 2.6 is the reference projector's (RP 431-2).
 * - `rec709_camera`: the inverse of BT.709's camera curve, for scene-referred pictures.
 */
export type TransferName =
  | 'bt1886'
  | 'srgb'
  | 'gamma_2.2'
  | 'gamma_2.6'
  | 'rec709_camera'
  | 'linear';

/** Light of a code value, both from 0 to 1. */
export function decodeTransfer(name: TransferName, value: number): number {
  switch (name) {
    case 'bt1886':
      return value <= 0 ? 0 : value ** 2.4;
    case 'gamma_2.2':
      return value <= 0 ? 0 : value ** 2.2;
    case 'gamma_2.6':
      return value <= 0 ? 0 : value ** 2.6;
    case 'srgb':
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    case 'rec709_camera':
      return value < 0.081 ? value / 4.5 : ((value + 0.099) / 1.099) ** (1 / 0.45);
    case 'linear':
      return value;
  }
}

/** The transfer that a space is seen through when nothing else is said. */
export const USUAL_TRANSFER: Record<RgbSpaceName, TransferName> = {
  rec709: 'bt1886',
  rec2020: 'bt1886',
  srgb: 'srgb',
  p3_dci: 'gamma_2.6',
  p3_d65: 'gamma_2.6',
};

/** ST 428-1:2019 5.2: the luminance of white and the normalizing constant, in cd/m². */
export const WHITE_LUMINANCE = 48;
/** Luminance that the highest code stands for, in cd/m². */
export const PEAK_LUMINANCE = 52.37;
/** ST 428-1:2019 5.2. */
export const CINEMA_GAMMA = 2.6;
/** Twelve bits. */
export const CODE_MAX = 4095;
