import { HH, HL, LH, LL, type Orientation } from './geometry.ts';

/** Lifting steps and scales of the two wavelets, as the synthesis runs them (Annex F.3). */
const STEPS_97 = [-0.443506852043971, -0.882911075530934, 0.052980118572961, 1.586134342059924];
const SCALE_97 = 1.230174104914001;
const STEPS_53 = [-0.25, 0.5];

const NORM_LEVELS_MAX = 32;
/** Behind this level a norm doubles with each level to within a millionth. */
const NORM_LEVELS_MEASURED = 8;

type Norms = { readonly low: readonly number[]; readonly high: readonly number[] };

/**
 * L2 norms of the synthesis functions in one dimension: what one unit of a coefficient of level n
 * does to the samples. Measured by synthesising an impulse, so no table can go stale.
 */
function measureNorms(reversible: boolean): Norms {
  const low = [1];
  const high = [0];
  for (let level = 1; level <= NORM_LEVELS_MAX; level++) {
    if (level > NORM_LEVELS_MEASURED) {
      low.push(low[level - 1]! * Math.SQRT2);
      high.push(high[level - 1]! * Math.SQRT2);
      continue;
    }
    low.push(impulseNorm(level, 0, reversible));
    high.push(impulseNorm(level, 1, reversible));
  }
  return { low, high };
}

const IMPULSE_SPREAD = 16;

function impulseNorm(level: number, offset: 0 | 1, reversible: boolean): number {
  let line = new Float64Array(2 * IMPULSE_SPREAD);
  line[IMPULSE_SPREAD + offset] = 1;
  line = synthesise(line, reversible);
  for (let above = level - 1; above > 0; above--) {
    const wider = new Float64Array(2 * line.length);
    line.forEach((value, index) => (wider[2 * index] = value));
    line = synthesise(wider, reversible);
  }
  return Math.sqrt(line.reduce((sum, value) => sum + value * value, 0));
}

/** One level on an interleaved line; its ends are zero, so mirroring does not matter. */
function synthesise(line: Float64Array<ArrayBuffer>, reversible: boolean) {
  const out = line.slice();
  if (!reversible)
    out.forEach((value, i) => (out[i] = i % 2 === 0 ? value * SCALE_97 : value / SCALE_97));
  (reversible ? STEPS_53 : STEPS_97).forEach((factor, step) => {
    for (let i = step % 2; i < out.length; i += 2) {
      out[i]! += factor * ((out[i - 1] ?? 0) + (out[i + 1] ?? 0));
    }
  });
  return out;
}

const NORMS = { irreversible: measureNorms(false), reversible: measureNorms(true) };

/** L2 norm of the synthesis of a band's unit coefficient, in two dimensions. */
export function bandNorm(orientation: Orientation, level: number, reversible: boolean): number {
  const { low, high } = reversible ? NORMS.reversible : NORMS.irreversible;
  const x = orientation === HL || orientation === HH ? high[level]! : low[level]!;
  const y = orientation === LH || orientation === HH ? high[level]! : low[level]!;
  return x * y;
}

/** Bits by which a band's range exceeds the samples' (Table E.1). */
export function bandGainLog2(orientation: Orientation): number {
  return orientation === LL ? 0 : orientation === HH ? 2 : 1;
}

/** How squared errors of transformed components add up in the picture (inverse of G.2, G.3). */
export const ICT_WEIGHTS: readonly number[] = [
  3,
  0.344136 ** 2 + 1.772 ** 2,
  1.402 ** 2 + 0.714136 ** 2,
];
/** The same for the reversible transform (inverse of G.2). */
export const RCT_WEIGHTS: readonly number[] = [3, 0.6875, 0.6875];

/** A step as QCD carries it (E-3): Δ = 2^(range - exponent) × (1 + mantissa / 2048). */
export type Step = { readonly exponent: number; readonly mantissa: number };

const MANTISSA_SCALE = 2048;
const EXPONENT_MAX = 31;

/** The step nearest to `size` for a band whose range is `rangeBits` (bit depth plus gain). */
export function stepOf(size: number, rangeBits: number): Step {
  let power = Math.floor(Math.log2(size));
  let mantissa = Math.round((size / 2 ** power - 1) * MANTISSA_SCALE);
  if (mantissa === MANTISSA_SCALE) {
    mantissa = 0;
    power++;
  }
  const exponent = rangeBits - power;
  if (exponent < 0) return { exponent: 0, mantissa: MANTISSA_SCALE - 1 };
  if (exponent > EXPONENT_MAX) return { exponent: EXPONENT_MAX, mantissa: 0 };
  return { exponent, mantissa };
}

/** Size of a step in sample units (E-3), for a band whose range is `rangeBits`. */
export function stepSize(step: Step, rangeBits: number): number {
  return 2 ** (rangeBits - step.exponent) * (1 + step.mantissa / MANTISSA_SCALE);
}
