import type { Block } from './geometry.ts';

/** A block with what was coded of it and what of that is kept. */
export type CodedBlock = Block & {
  readonly component: number;
  /** log2-free weight: squared picture error of one squared quantisation step. */
  readonly weight: number;
  /** Planes that are zero throughout, counted from the band's highest. */
  zeroPlanes: number;
  /** Where its pass records and then its bytes are, in the memory of the kernels. */
  records: number;
  passes: number;
  /** Squared picture error if nothing of the block is sent. */
  energy: number;
  /** Convex hull of its truncation points: passes, bytes, gain and slope index at each. */
  hull: Hull;
  /** Cumulated over layers. */
  layerPasses: number[];
  layerBytes: number[];
  lengthBits: number;
};

/** Truncation points that some slope would choose, in order; slopes fall strictly. */
export type Hull = {
  readonly passes: readonly number[];
  readonly bytes: readonly number[];
  readonly gains: readonly number[];
  readonly slopes: readonly number[];
};

export const EMPTY_HULL: Hull = { passes: [], bytes: [], gains: [], slopes: [] };

/** Slopes are compared as whole 1/256 octaves: a step changes a 2K frame by about 0.1 %. */
const STEPS_PER_OCTAVE = 256;
const OCTAVE_MIN = -40;
const OCTAVE_MAX = 60;
export const SLOPE_COUNT = (OCTAVE_MAX - OCTAVE_MIN) * STEPS_PER_OCTAVE;

export function slopeIndex(slope: number): number {
  const index = Math.round((Math.log2(slope) - OCTAVE_MIN) * STEPS_PER_OCTAVE);
  return Math.max(0, Math.min(SLOPE_COUNT - 1, index));
}

/** log2 of the slope that an index stands for. */
export function slopeLog2(index: number): number {
  return index / STEPS_PER_OCTAVE + OCTAVE_MIN;
}

export const RECORD_BYTES = 32;

/**
 * The hull of a block's records (gain f64 at 0, bytes u32 at 8). A point is kept when its slope from
 * the point before it is larger than every later one's; equal bytes keep the larger gain.
 */
export function hullOf(
  doubles: Float64Array,
  words: Int32Array,
  records: number,
  passes: number,
): Hull {
  const hull = { passes: [] as number[], bytes: [] as number[], gains: [] as number[] };
  const indexes: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const at = records + pass * RECORD_BYTES;
    const gain = doubles[at >> 3]!;
    const bytes = words[(at + 8) >> 2]!;
    let slope = 0;
    for (;;) {
      const last = hull.passes.length - 1;
      const gained = gain - (last < 0 ? 0 : hull.gains[last]!);
      const spent = bytes - (last < 0 ? 0 : hull.bytes[last]!);
      if (gained <= 0) {
        slope = 0;
        break;
      }
      slope = spent <= 0 ? Infinity : gained / spent;
      if (last < 0 || slope < slopes[last]!) break;
      hull.passes.pop();
      hull.bytes.pop();
      hull.gains.pop();
      indexes.pop();
    }
    if (slope <= 0) continue;
    const count = hull.passes.push(pass + 1);
    hull.bytes.push(bytes);
    hull.gains.push(gain);
    slopes[count - 1] = slope;
    indexes.push(slopeIndex(slope));
  }
  // Passes that gain nothing still carry bits: only when everything is kept are they kept as well.
  if (passes > (hull.passes.at(-1) ?? 0)) {
    hull.passes.push(passes);
    hull.bytes.push(words[(records + (passes - 1) * RECORD_BYTES + 8) >> 2]!);
    hull.gains.push(hull.gains.at(-1) ?? 0);
    indexes.push(0);
  }
  return { ...hull, slopes: indexes };
}

/** Scratch of `hullOf`: exact slopes of the points kept. */
const slopes = new Float64Array(128);

/** How many points of the hull have at least this slope. */
export function pointsAt(hull: Hull, index: number): number {
  let count = 0;
  while (count < hull.slopes.length && hull.slopes[count]! >= index) count++;
  return count;
}

/** Bytes of bodies over slope index: `bytesAt(i)` is what all points of slope ≥ i take. */
export class SlopeHistogram {
  readonly #added = new Float64Array(SLOPE_COUNT + 1);
  #summed = false;

  add(hull: Hull, factor = 1): void {
    let before = 0;
    for (let i = 0; i < hull.slopes.length; i++) {
      this.#added[hull.slopes[i]!]! += (hull.bytes[i]! - before) * factor;
      before = hull.bytes[i]!;
    }
    this.#summed = false;
  }

  bytesAt(index: number): number {
    if (!this.#summed) {
      for (let i = SLOPE_COUNT - 1; i >= 0; i--) this.#added[i]! += this.#added[i + 1]!;
      this.#summed = true;
    }
    return this.#added[Math.max(0, Math.min(SLOPE_COUNT, index))]!;
  }

  /** The lowest slope index whose bytes do not exceed `bytes`. */
  lowestWithin(bytes: number): number {
    let low = 0;
    let high = SLOPE_COUNT;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.bytesAt(middle) <= bytes) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Keeps what has at least this slope in a layer; an earlier layer never has more than a later one. */
export function keep(block: CodedBlock, layer: number, index: number): void {
  const points = pointsAt(block.hull, index);
  const passes = points === 0 ? 0 : block.hull.passes[points - 1]!;
  block.layerPasses[layer] = passes;
  for (let before = layer - 1; before >= 0; before--) {
    if (block.layerPasses[before]! > passes) block.layerPasses[before] = passes;
  }
}
