import type { Block } from './geometry.ts';

/** A block with what was coded of it and what of that is kept. */
export type CodedBlock = Block & {
  readonly component: number;
  /** Squared picture error of one squared quantisation step. */
  readonly weight: number;
  /** Planes that are zero throughout, counted from the band's highest. */
  zeroPlanes: number;
  /** Where its pass records and then its bytes are, in the memory of the kernels. */
  records: number;
  passes: number;
  /** Squared picture error if nothing of the block is sent. */
  energy: number;
  /** Its truncation points in the {@link HullStore}: the first one, and how many. */
  hullStart: number;
  hullCount: number;
  /** Points kept in the last layer. */
  points: number;
  /** Cumulated over layers. */
  layerPasses: number[];
  layerBytes: number[];
  lengthBits: number;
};

/** Slopes are compared as whole 1/256 octaves: a step changes a 2K frame by about 0.1 %. */
const STEPS_PER_OCTAVE = 256;
const OCTAVE_MIN = -40;
const OCTAVE_MAX = 60;
/** How many slopes there are: 100 octaves in steps of 1/256. */
export const SLOPE_COUNT = (OCTAVE_MAX - OCTAVE_MIN) * STEPS_PER_OCTAVE;

/** The index nearest to a slope, kept within the octaves that are told apart. */
export function slopeIndex(slope: number): number {
  const index = Math.round((Math.log2(slope) - OCTAVE_MIN) * STEPS_PER_OCTAVE);
  return Math.max(0, Math.min(SLOPE_COUNT - 1, index));
}

/** log2 of the slope that an index stands for. */
export function slopeLog2(index: number): number {
  return index / STEPS_PER_OCTAVE + OCTAVE_MIN;
}

/** Bytes of the record that a kernel writes about each coding pass. */
export const RECORD_BYTES = 32;
const FIRST_POINTS = 2 ** 16;

/**
 * Truncation points of all blocks of a frame: those that some slope would choose, per block in
 * order, with falling slopes. Kept in flat arrays, because a frame has tens of thousands of them.
 */
export class HullStore {
  passes = new Uint8Array(FIRST_POINTS);
  bytes = new Int32Array(FIRST_POINTS);
  gains = new Float64Array(FIRST_POINTS);
  /** Slope index from the point before. */
  slopes = new Int32Array(FIRST_POINTS);
  count = 0;
  readonly #exact = new Float64Array(POINTS_MAX);

  reset(): void {
    this.count = 0;
  }

  /**
   * Adds the hull of a block's records (gain f64 at 0, bytes u32 at 8). A point is kept when its
   * slope from the point before it is larger than every later one's.
   */
  add(doubles: Float64Array, words: Int32Array, block: CodedBlock): void {
    if (this.count + POINTS_MAX > this.passes.length) this.#grow();
    const { passes, bytes, gains, slopes } = this;
    const exact = this.#exact;
    const start = this.count;
    let count = 0;
    for (let pass = 0; pass < block.passes; pass++) {
      const at = block.records + pass * RECORD_BYTES;
      const gain = doubles[at >> 3]!;
      const length = words[(at + 8) >> 2]!;
      let slope = 0;
      for (;;) {
        const last = start + count - 1;
        const gained = gain - (count === 0 ? 0 : gains[last]!);
        const spent = length - (count === 0 ? 0 : bytes[last]!);
        slope = gained <= 0 ? 0 : spent <= 0 ? Infinity : gained / spent;
        if (slope === 0 || count === 0 || slope < exact[count - 1]!) break;
        count--;
      }
      if (slope === 0) continue;
      exact[count] = slope;
      passes[start + count] = pass + 1;
      bytes[start + count] = length;
      gains[start + count] = gain;
      count++;
    }
    for (let i = 0; i < count; i++) slopes[start + i] = slopeIndex(exact[i]!);
    // Passes that gain nothing still carry bits: only when everything is kept are they kept too.
    if (block.passes > (count === 0 ? 0 : passes[start + count - 1]!)) {
      const last = start + count;
      passes[last] = block.passes;
      bytes[last] = words[(block.records + (block.passes - 1) * RECORD_BYTES + 8) >> 2]!;
      gains[last] = count === 0 ? 0 : gains[last - 1]!;
      slopes[last] = 0;
      count++;
    }
    block.hullStart = start;
    block.hullCount = count;
    this.count = start + count;
  }

  /** How many points of a block have at least this slope. */
  pointsAt(block: CodedBlock, index: number): number {
    const { slopes } = this;
    const end = block.hullStart + block.hullCount;
    let at = block.hullStart;
    while (at < end && slopes[at]! >= index) at++;
    return at - block.hullStart;
  }

  #grow(): void {
    const size = 2 * this.passes.length;
    const grown = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.passes = grown(this.passes, new Uint8Array(size));
    this.bytes = grown(this.bytes, new Int32Array(size));
    this.gains = grown(this.gains, new Float64Array(size));
    this.slopes = grown(this.slopes, new Int32Array(size));
  }
}

/** More than the passes of any block: three for each of 38 planes. */
const POINTS_MAX = 128;

/**
 * Bytes that a picture takes when nothing under a slope is kept: slopes (log2 of squared error per
 * byte) go up, bytes go down. Under the first slope it takes no more: its limit is reached there.
 */
export type RateCurve = {
  readonly slopesLog2: readonly number[];
  readonly bytes: readonly number[];
};

const CURVE_STEP = STEPS_PER_OCTAVE / 4;

/** Bytes of a curve at a slope; between its points log-linearly. */
export function bytesAtSlope(curve: RateCurve, slopeLog2: number): number {
  const { slopesLog2, bytes } = curve;
  const last = slopesLog2.length - 1;
  if (slopeLog2 <= slopesLog2[0]!) return bytes[0]!;
  if (slopeLog2 >= slopesLog2[last]!) return bytes[last]!;
  const above = slopesLog2.findIndex((each) => each >= slopeLog2);
  const [x0, x1] = [slopesLog2[above - 1]!, slopesLog2[above]!];
  const share = (slopeLog2 - x0) / (x1 - x0);
  return bytes[above - 1]! ** (1 - share) * bytes[above]! ** share;
}

/** Halvings of the interval of slopes in {@link sharedSlope}: to a millionth of an octave. */
const SLOPE_HALVINGS = 27;

/**
 * The slope at which all pictures of a film together take `totalBytes`, for the second of two
 * passes. Where every picture is cut at the same slope, no byte would gain more elsewhere.
 *
 * @returns log2 of squared error per byte, for `slopeLog2Min`; -Infinity when all fit uncut
 */
export function sharedSlope(curves: readonly RateCurve[], totalBytes: number): number {
  const total = (slope: number) =>
    curves.reduce((sum, curve) => sum + bytesAtSlope(curve, slope), 0);
  let low = OCTAVE_MIN;
  let high = OCTAVE_MAX;
  if (total(low) <= totalBytes) return -Infinity;
  for (let i = 0; i < SLOPE_HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (total(middle) <= totalBytes) high = middle;
    else low = middle;
  }
  return high;
}

/** Bytes of bodies over slope index: `bytesAt(i)` is what all points of slope ≥ i take. */
export class SlopeHistogram {
  /** Becomes a sum from above when it is first asked. */
  readonly #added = new Float64Array(SLOPE_COUNT + 1);
  #summed = false;

  /** Bytes that come in at a slope. */
  addBytes(index: number, bytes: number): void {
    this.#added[index]! += bytes;
  }

  /** All points of a block, each counted `factor` times. */
  add(hulls: HullStore, block: CodedBlock, factor = 1): void {
    const added = this.#added;
    const { slopes, bytes } = hulls;
    const end = block.hullStart + block.hullCount;
    let before = 0;
    for (let i = block.hullStart; i < end; i++) {
      const now = bytes[i]!;
      added[slopes[i]!]! += (now - before) * factor;
      before = now;
    }
  }

  bytesAt(index: number): number {
    const added = this.#added;
    if (!this.#summed) {
      let sum = 0;
      for (let i = SLOPE_COUNT - 1; i >= 0; i--) added[i] = sum += added[i]!;
      this.#summed = true;
    }
    return added[Math.max(0, Math.min(SLOPE_COUNT, index))]!;
  }

  /** Bytes at every quarter octave from an index up, through `whole` (bytes of bodies to all). */
  curve(from: number, whole: (body: number) => number): RateCurve {
    const slopesLog2 = [slopeLog2(from)];
    const bytes = [whole(this.bytesAt(from))];
    const first = Math.ceil((from + 1) / CURVE_STEP) * CURVE_STEP;
    for (let index = first; index < SLOPE_COUNT; index += CURVE_STEP) {
      const body = this.bytesAt(index);
      slopesLog2.push(slopeLog2(index));
      bytes.push(whole(body));
      if (body === 0) break;
    }
    return { slopesLog2, bytes };
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

/** Keeps what has at least this slope in a layer; no earlier layer has more than a later one. */
export function keep(hulls: HullStore, block: CodedBlock, layer: number, index: number): void {
  const points = hulls.pointsAt(block, index);
  const passes = points === 0 ? 0 : hulls.passes[block.hullStart + points - 1]!;
  block.points = points;
  block.layerPasses[layer] = passes;
  for (let before = layer - 1; before >= 0; before--) {
    if (block.layerPasses[before]! > passes) block.layerPasses[before] = passes;
  }
}
