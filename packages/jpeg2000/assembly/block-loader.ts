// Coefficients of a block into the memory of its coder: quantised, column by column, four rows of
// a stripe side by side, since that is the order in which Annex D scans them.
import { LANES, MAGNITUDES } from './tables';

/** Of the block that was loaded. */
export let width: i32 = 0;
export let height: i32 = 0;
export let stripes: i32 = 0;
/** Columns of a stripe, padded to whole vectors of four. */
export let paddedWidth: i32 = 0;
/** Bytes from one stripe to the next where each sample has a byte. */
export let pitch: usize = 0;

/**
 * Bytes of one state: a byte a sample, with a border of one column and one stripe. The worst shape
 * is one stripe of 1024 columns: 3 × 1026 columns of four bytes; a vector may read past the end.
 */
export const STATE_BYTES: i32 = 12_352;
/** 1 or -1, the sign of a sample. */
export const DIRECTION: usize = memory.data(12_352, 16);
/** All ones where the block has a sample. */
export const INSIDE: usize = memory.data(12_352, 16);

/** The shape that `INSIDE` holds now. */
let insideWidth: i32 = 0;
let insideHeight: i32 = 0;

/** Squared values of the block that was loaded, in squared quantisation steps. */
let energy: f64 = 0;

export function blockEnergy(): f64 {
  return energy;
}

/** First byte of a stripe in a state. */
@inline
export function stripeAt(stripe: i32): usize {
  return <usize>(stripe + 1) * pitch + 4;
}

function shape(w: i32, h: i32): void {
  width = w;
  height = h;
  stripes = (h + 3) >> 2;
  paddedWidth = (w + 3) & ~3;
  pitch = <usize>(paddedWidth + 2) << 2;
  if (insideWidth == w && insideHeight == h) return;
  insideWidth = w;
  insideHeight = h;
  memory.fill(INSIDE, 0, STATE_BYTES);
  memory.fill(DIRECTION, 0, STATE_BYTES);
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = min(4, h - stripe * 4);
    const word: u32 = 0xffffffff >> (32 - 8 * rows);
    const at = INSIDE + stripeAt(stripe);
    for (let x = 0; x < w; x++) store<u32>(at + (<usize>x << 2), word);
  }
}

/**
 * Reads a block of floats, quantises with a dead zone (E.2) and keeps it column by column.
 * @returns all magnitudes or-ed together
 */
export function loadFloats(
  from: usize, rowBytes: usize, w: i32, h: i32, inverseStep: f32, largest: i32,
): u32 {
  return loadBlock(true, from, rowBytes, w, h, inverseStep, largest);
}

/** The same for whole numbers (5/3). */
export function loadIntegers(from: usize, rowBytes: usize, w: i32, h: i32, largest: i32): u32 {
  return loadBlock(false, from, rowBytes, w, h, 1, largest);
}

/** Magnitudes of four samples; those of floats are scaled to steps first. */
@inline
function magnitudesOf(isFloat: bool, values: v128, scale: v128, limit: v128): v128 {
  if (isFloat) {
    return i32x4.min_u(
      i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.abs(values), scale)), limit);
  }
  return i32x4.min_u(i32x4.abs(values), limit);
}

/** Squares of what is quantised to zero, in squared steps. */
@inline
function lostSquares(values: v128, magnitudes: v128, scale: v128): v128 {
  const scaled = f32x4.mul(values, scale);
  return v128.andnot(f32x4.mul(scaled, scaled), i32x4.gt_s(magnitudes, i32x4.splat(0)));
}

/** m² + m where the value is taken in the middle of its step, m² where it is exact. */
@inline
function keptSquares(isFloat: bool, m: v128, sum: v128): v128 {
  const other = isFloat ? i32x4.add(m, i32x4.splat(1)) : m;
  return i64x2.add(
    i64x2.add(sum, i64x2.extmul_low_i32x4_u(m, other)), i64x2.extmul_high_i32x4_u(m, other));
}

/** How many samples are not zero, subtracted from the lanes of `count`. */
@inline
function lessCoded(count: v128, m: v128): v128 {
  return i32x4.add(count, i32x4.gt_s(m, i32x4.splat(0)));
}

/**
 * The energy takes a value that is coded in the middle of its interval (with the twelfth of a
 * squared step that stays unknown), as the gains of passes do, so that energy less gain is the
 * error that is left: (m + 1/2)² + 1/12 = m² + m + 1/3.
 */
@inline
function loadBlock(
  isFloat: bool, from: usize, rowBytes: usize, w: i32, h: i32, inverseStep: f32, largest: i32,
): u32 {
  shape(w, h);
  const scale = f32x4.splat(inverseStep);
  const limit = i32x4.splat(largest);
  const zero = i32x4.splat(0);
  const ones = i8x16.splat(1);
  let all = zero;
  let coded = zero;
  energy = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = h - stripe * 4;
    let at = from + <usize>(stripe * 4) * rowBytes;
    let to = MAGNITUDES + (<usize>(stripe * paddedWidth) << 4);
    let direction = DIRECTION + stripeAt(stripe);
    for (let x = 0; x < w; x += 4, at += 16, to += 64, direction += 16) {
      let a = v128.load(at);
      let b = rows > 1 ? v128.load(at + rowBytes) : zero;
      let c = rows > 2 ? v128.load(at + 2 * rowBytes) : zero;
      let d = rows > 3 ? v128.load(at + 3 * rowBytes) : zero;
      if (w - x < 4) {
        const mask = v128.load(LANES + <usize>((((1 << (w - x)) - 1) << 4)));
        a = v128.and(a, mask);
        b = v128.and(b, mask);
        c = v128.and(c, mask);
        d = v128.and(d, mask);
      }
      const ma = magnitudesOf(isFloat, a, scale, limit);
      const mb = magnitudesOf(isFloat, b, scale, limit);
      const mc = magnitudesOf(isFloat, c, scale, limit);
      const md = magnitudesOf(isFloat, d, scale, limit);
      const any = v128.or(v128.or(ma, mb), v128.or(mc, md));
      if (isFloat) {
        const squares = f32x4.add(
          f32x4.add(lostSquares(a, ma, scale), lostSquares(b, mb, scale)),
          f32x4.add(lostSquares(c, mc, scale), lostSquares(d, md, scale)));
        energy += <f64>(f32x4.extract_lane(squares, 0) + f32x4.extract_lane(squares, 1)
          + f32x4.extract_lane(squares, 2) + f32x4.extract_lane(squares, 3));
      }
      if (!v128.any_true(any)) {
        v128.store(to, zero);
        v128.store(to, zero, 16);
        v128.store(to, zero, 32);
        v128.store(to, zero, 48);
        continue;
      }
      all = v128.or(all, any);
      coded = lessCoded(lessCoded(lessCoded(lessCoded(coded, ma), mb), mc), md);
      const kept = keptSquares(isFloat, ma, keptSquares(isFloat, mb,
        keptSquares(isFloat, mc, keptSquares(isFloat, md, zero))));
      energy += <f64>i64x2.extract_lane(kept, 0) + <f64>i64x2.extract_lane(kept, 1);
      const ab0 = i32x4.shuffle(ma, mb, 0, 4, 1, 5);
      const ab1 = i32x4.shuffle(ma, mb, 2, 6, 3, 7);
      const cd0 = i32x4.shuffle(mc, md, 0, 4, 1, 5);
      const cd1 = i32x4.shuffle(mc, md, 2, 6, 3, 7);
      v128.store(to, i64x2.shuffle(ab0, cd0, 0, 2));
      v128.store(to, i64x2.shuffle(ab0, cd0, 1, 3), 16);
      v128.store(to, i64x2.shuffle(ab1, cd1, 0, 2), 32);
      v128.store(to, i64x2.shuffle(ab1, cd1, 1, 3), 48);
      const minus = i8x16.narrow_i16x8_s(
        i16x8.narrow_i32x4_s(i32x4.shr_s(a, 31), i32x4.shr_s(b, 31)),
        i16x8.narrow_i32x4_s(i32x4.shr_s(c, 31), i32x4.shr_s(d, 31)));
      v128.store(direction, v128.or(ones,
        i8x16.shuffle(minus, minus, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
    }
  }
  if (isFloat) energy -= <f64>sumLanes(coded) / 3;
  return i32x4.extract_lane(all, 0) | i32x4.extract_lane(all, 1)
    | i32x4.extract_lane(all, 2) | i32x4.extract_lane(all, 3);
}

@inline
export function sumLanes(lanes: v128): i32 {
  return i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1)
    + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
}

/** Adds to 32 words at `to` how many of the loaded magnitudes have their highest bit in a plane. */
export function countPlanes(to: usize): void {
  const end = <usize>(stripes * paddedWidth) << 4;
  for (let i: usize = 0; i < end; i += 4) {
    const magnitude = load<u32>(MAGNITUDES + i);
    if (magnitude == 0) continue;
    const at = to + <usize>((31 - clz(magnitude)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** How many magnitudes are at least `least`. */
export function countAtLeast(least: i32): i32 {
  const below = i32x4.splat(least - 1);
  let count = i32x4.splat(0);
  const end = MAGNITUDES + (<usize>(stripes * paddedWidth) << 4);
  for (let at = MAGNITUDES; at < end; at += 16) {
    count = i32x4.sub(count, i32x4.gt_s(v128.load(at), below));
  }
  return sumLanes(count);
}
