// The three coding passes (ISO/IEC 15444-1 Annex D), forward. Each pass first writes its symbols
// into a buffer and the MQ coder then runs over it: two tight loops beat one that does both,
// because the coder's registers stay in registers.
import {
  BLOCK_SAMPLES_MAX, FLAGS, LANES, MAGNITUDES, PLANE, ROWS, RUN_LENGTH, SIGNS, SIGN_CODING, SPREAD,
  SYMBOLS, UNIFORM,
  VISITS, ZERO_CODING, resetContexts,
} from './tables';
import { bytesOut, encodeSymbols, endSegment, saveState, startEncoding } from './mq-encoder';

let width: i32 = 0;
let height: i32 = 0;
let stripes: i32 = 0;
/** Bytes from one stripe of flags to the next. */
let flagPitch: usize = 0;
let zeroCoding: usize = 0;
/** Rows of the last stripe, as bits. */
let lastRows: u32 = 0;

/** Of the pass just coded: samples that became significant, and the sum of their magnitudes. */
let becameCount: i32 = 0;
let becameSum: i64 = 0;
/** Of the refinement pass: samples refined and the sum of |value - middle| before refining. */
let refinedCount: i32 = 0;
let refinedSum: i64 = 0;

/** Bytes of one pass record: distortion f64, length u32, MQ state of 12 bytes, kind and plane. */
const RECORD_BYTES: usize = 32;
const TAIL: usize = memory.data(16);
/** A block is coded here and then moved behind its records: 16 bytes a sample never run out. */
const CODED_CAPACITY: u32 = 16 * BLOCK_SAMPLES_MAX + 8192;
const CODED: usize = memory.data(8 + 16 * 4096 + 8192, 16) + 8;

/** Squared values of the block that was loaded, in squared quantisation steps. */
let energy: f64 = 0;

export function blockEnergy(): f64 {
  return energy;
}

/** When coding stops, see `shouldStop`. */
let stopLambda: f64 = 0;

/** Most a refinement pass gains, in squared steps a byte at weight 1 in plane 0. */
const REFINEMENT_BOUND: f64 = 3.5;
/** Most any pass gains: 2.17 for a sign bit and little else. */
const PASS_BOUND: f64 = 16;
/** By how much contexts beat the entropy: in the significance pass, and in the cleanup pass. */
const SPREAD_BOUND: f64 = 1.5;
const CLEANUP_BOUND: f64 = 1.25;

/** @param lambda slope (squared picture error a byte) under which no pass is wanted; 0 for none */
export function setStop(lambda: f64): void {
  stopLambda = lambda;
}

/**
 * Reads a block of floats, quantises with a dead zone (E.2) and keeps it column by column.
 * @returns all magnitudes or-ed together
 */
export function loadFloats(
  from: usize, rowBytes: usize, w: i32, h: i32, inverseStep: f32, largest: i32,
): u32 {
  shape(w, h);
  const scale = f32x4.splat(inverseStep);
  const limit = i32x4.splat(largest);
  all = i32x4.splat(0);
  squares = f64x2.splat(0);
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = min(4, h - stripe * 4);
    const row0 = from + <usize>(stripe * 4) * rowBytes;
    const zero = i32x4.splat(0);
    for (let x = 0; x < w; x += 4) {
      const at = row0 + (<usize>x << 2);
      const a = v128.load(at);
      const b = rows > 1 ? v128.load(at + rowBytes) : zero;
      const c = rows > 2 ? v128.load(at + 2 * rowBytes) : zero;
      const d = rows > 3 ? v128.load(at + 3 * rowBytes) : zero;
      const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
      const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
      const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
      const column = stripe * w + x;
      const valid = w - x;
      putFloats(column, i32x4.shuffle(ab0, cd0, 0, 1, 4, 5), scale, limit, valid > 0);
      putFloats(column + 1, i32x4.shuffle(ab0, cd0, 2, 3, 6, 7), scale, limit, valid > 1);
      putFloats(column + 2, i32x4.shuffle(ab1, cd1, 0, 1, 4, 5), scale, limit, valid > 2);
      putFloats(column + 3, i32x4.shuffle(ab1, cd1, 2, 3, 6, 7), scale, limit, valid > 3);
    }
  }
  energy = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
  return fold(all);
}

/** Of the block being loaded: magnitudes or-ed together, and squared values. */
let all: v128 = i32x4.splat(0);
let squares: v128 = f64x2.splat(0);

/**
 * Quantises four rows of a column. The energy takes a value that is coded in the middle of its
 * interval (with the twelfth of a squared step that stays unknown), as the gains of passes do, so
 * that energy less gain is the error that is left.
 */
@inline
function putFloats(column: i32, values: v128, scale: v128, limit: v128, valid: bool): void {
  const scaled = f32x4.mul(f32x4.abs(values), scale);
  const magnitude = i32x4.min_u(i32x4.trunc_sat_f32x4_s(scaled), limit);
  v128.store(MAGNITUDES + (<usize>column << 4), magnitude);
  const signs = <usize>i32x4.bitmask(values);
  store<u32>(SIGNS + (<usize>column << 2), load<u32>(SPREAD + (signs << 2)));
  if (!valid) return;
  all = v128.or(all, magnitude);
  const coded = i32x4.ne(magnitude, i32x4.splat(0));
  const middle = f32x4.add(f32x4.convert_i32x4_u(magnitude), f32x4.splat(0.5));
  const value = v128.bitselect(middle, scaled, coded);
  const low = f64x2.promote_low_f32x4(value);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(value, value, 2, 3, 2, 3));
  const rest = v128.and(coded, f32x4.splat(1.0 / 12));
  squares = f64x2.add(squares, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
  squares = f64x2.add(squares, f64x2.add(f64x2.promote_low_f32x4(rest),
    f64x2.promote_low_f32x4(i32x4.shuffle(rest, rest, 2, 3, 2, 3))));
}

/** The same for whole numbers (5/3). */
export function loadIntegers(from: usize, rowBytes: usize, w: i32, h: i32, largest: i32): u32 {
  shape(w, h);
  energy = 0;
  let all: u32 = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    for (let x = 0; x < w; x++) {
      let signs: u32 = 0;
      const column = stripe * w + x;
      for (let row = 0; row < 4; row++) {
        const y = stripe * 4 + row;
        let magnitude: u32 = 0;
        if (y < h) {
          const value = load<i32>(from + <usize>y * rowBytes + (<usize>x << 2));
          magnitude = min(<u32>(value < 0 ? -value : value), <u32>largest);
          energy += <f64>value * <f64>value;
          if (value < 0) signs |= 8 << (3 * row);
        }
        store<u32>(MAGNITUDES + (<usize>column << 4) + (<usize>row << 2), magnitude);
        all |= magnitude;
      }
      store<u32>(SIGNS + (<usize>column << 2), signs);
    }
  }
  return all;
}

/** Adds to 32 words at `to` how many of the loaded magnitudes have their highest bit in a plane. */
export function countPlanes(to: usize): void {
  const count = stripes * width;
  for (let i: usize = 0; i < <usize>count << 4; i += 4) {
    const magnitude = load<u32>(MAGNITUDES + i);
    if (magnitude == 0) continue;
    const at = to + <usize>((31 - clz(magnitude)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

function fold(lanes: v128): u32 {
  return i32x4.extract_lane(lanes, 0) | i32x4.extract_lane(lanes, 1)
    | i32x4.extract_lane(lanes, 2) | i32x4.extract_lane(lanes, 3);
}

function shape(w: i32, h: i32): void {
  width = w;
  height = h;
  stripes = (h + 3) >> 2;
  flagPitch = <usize>(w + 2) << 2;
  lastRows = ROWS & ((1 << (3 * (h - (stripes - 1) * 4) + 3)) - 1);
}

/**
 * Codes the block that was loaded, from its highest plane down to where `setStop` says.
 *
 * @param planes bits of the largest magnitude, at least 1
 * @param weight squared error that one squared quantisation step stands for
 * @param records 32 bytes a pass: cumulated distortion gain, shortest length, MQ state; the coded
 *   bytes follow the last record
 * @returns number of passes
 */
export function encodeBlock(planes: i32, orientation: i32, weight: f64, records: usize): i32 {
  const passes = encodePasses(planes, orientation, weight, records);
  memory.copy(records + <usize>passes * RECORD_BYTES, CODED, bytesOut());
  return passes;
}

/** Bytes of the block coded last. */
export function codedBytes(): u32 {
  return bytesOut();
}

function encodePasses(planes: i32, orientation: i32, weight: f64, records: usize): i32 {
  memory.fill(FLAGS, 0, <usize>(stripes + 2) * flagPitch);
  memory.fill(VISITS, 0, <usize>(stripes * width) << 2);
  zeroCoding = ZERO_CODING + (<usize>orientation << 9);
  resetContexts();
  startEncoding(CODED);
  const passBytesMax = <u32>(width * height * 4 + 64);
  let gain: f64 = 0;
  let passes = 0;
  significant = brought = 0;
  for (let plane = planes - 1; plane >= 0; plane--) {
    spreadPlane(plane);
    const scale = <f64>(<u64>1 << plane);
    const first = plane == planes - 1 ? 2 : 0;
    for (let kind = first; kind < 3; kind++) {
      becameCount = refinedCount = 0;
      becameSum = refinedSum = 0;
      let symbols: usize;
      if (kind == 0) symbols = significancePass();
      else if (kind == 1) symbols = refinementPass(plane);
      else symbols = cleanupPass();
      encodeSymbols(SYMBOLS, symbols);
      // The values are taken in the middle of their finest interval; a sample that becomes
      // significant is reproduced at 1.5 planes, a refined one half a plane nearer.
      const became = <f64>becameCount;
      const sum = <f64>becameSum + 0.5 * became;
      gain += weight * scale * (3.0 * sum - 2.25 * scale * became);
      gain += weight * scale * (<f64>refinedSum - 0.25 * scale * <f64>refinedCount);
      const record = records + <usize>passes * RECORD_BYTES;
      store<f64>(record, gain);
      saveState(record + 12);
      store<u32>(record, endSegment(record + 12, TAIL), 8);
      store<u32>(record, (<u32>plane << 2) | <u32>kind, 24);
      passes++;
      significant += becameCount;
      brought -= becameCount;
      if (shouldStop(plane, kind, weight)) return passes;
      if (CODED_CAPACITY - bytesOut() < passBytesMax) return passes;
    }
  }
  return passes;
}

/**
 * Whether no further pass can be wanted. Refinement gains about two squared steps a byte at weight
 * 1 in plane 0, four times as much with each plane up. For the two other kinds the block itself says
 * how many samples the plane still brings, and their entropy how many bits that costs at least
 * roughly; contexts do better by the factors allowed here. SPEC says how they were measured.
 */
function shouldStop(plane: i32, kind: i32, weight: f64): bool {
  if (stopLambda <= 0) return false;
  const next = kind == 2 ? plane - 1 : plane;
  if (next < 0) return false;
  const scale = <f64>(<u64>1 << next);
  const unit = scale * scale * weight;
  if (REFINEMENT_BOUND * unit >= stopLambda && kind != 1) return false;
  if (PASS_BOUND * unit < stopLambda) return true;
  if (kind == 2) brought = countAtLeast(1 << next) - significant;
  const rest = <f64>brought;
  if (rest == 0) return true;
  const silent = <f64>(width * height - significant);
  const share = rest / silent;
  const quiet = silent - rest;
  const entropy = -Math.log2(share) * rest - (quiet > 0 ? Math.log2(1 - share) * quiet : 0);
  const slope = SIGNIFICANCE_GAIN * 8 * rest * unit / (rest + entropy);
  return slope * (kind == 2 ? SPREAD_BOUND : CLEANUP_BOUND) < stopLambda;
}

/** Samples of the plane being coded that are not significant yet, as far as `shouldStop` asked. */
let brought: i32 = 0;
/** Samples that are significant. */
let significant: i32 = 0;

/** Mean gain of a sample that becomes significant: 2.25 less what its place in it costs. */
const SIGNIFICANCE_GAIN: f64 = 2.17;

function countAtLeast(least: i32): i32 {
  const below = i32x4.splat(least - 1);
  let count = i32x4.splat(0);
  const end = MAGNITUDES + (<usize>(stripes * width) << 4);
  for (let at = MAGNITUDES; at < end; at += 16) {
    count = i32x4.sub(count, i32x4.gt_s(v128.load(at), below));
  }
  return i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1)
    + i32x4.extract_lane(count, 2) + i32x4.extract_lane(count, 3);
}

function spreadPlane(plane: i32): void {
  const count = stripes * width;
  const shift = 31 - plane;
  for (let column = 0; column < count; column++) {
    const nibble = <usize>i32x4.bitmask(
      i32x4.shl(v128.load(MAGNITUDES + (<usize>column << 4)), shift));
    store<u32>(PLANE + (<usize>column << 2), load<u32>(SPREAD + (nibble << 2)));
  }
}

/** Left, own and right words interleaved: window of row r at bits 3r … 3r + 8. */
@inline
function interleave(left: u32, own: u32, right: u32): u32 {
  return (left & 0xffff) | ((own & 0xffff) << 1) | ((right & 0xffff) << 2);
}

/** Pattern of `signContext` for the row at bit `bit`. */
@inline
function neighbourPattern(left: u32, own: u32, right: u32, bit: u32): usize {
  const both = ((left >> bit) & 0x10001)
    | (((right >> bit) & 0x10001) << 1)
    | (((own >> (bit - 3)) & 0x10001) << 2)
    | (((own >> (bit + 3)) & 0x10001) << 3);
  return <usize>((both | (both >> 12)) & 0xff);
}

/** Codes the sign, marks the sample in the neighbouring stripes; returns the new own word. */
@inline
function becomeSignificant(
  flag: usize, column: usize, left: u32, own: u32, right: u32, bit: u32, out: usize,
): u32 {
  const negative = (load<u32>(SIGNS + (column << 2)) >> bit) & 1;
  const coding = <u32>load<u8>(SIGN_CODING + neighbourPattern(left, own, right, bit));
  store<u8>(out, coding ^ negative);
  const mark: u32 = 1 | (negative << 16);
  if (bit == 3) {
    const above = flag - flagPitch;
    store<u32>(above, load<u32>(above) | (mark << 15));
  } else if (bit == 12) {
    const below = flag + flagPitch;
    store<u32>(below, load<u32>(below) | mark);
  }
  return own | (mark << bit);
}

@inline
function magnitudeAt(column: usize, bit: u32): i64 {
  // bit is 3, 6, 9 or 12: its row is bit / 3 - 1 = (bit × 11 >> 5) - 1.
  return <i64>load<u32>(MAGNITUDES + (column << 4) + <usize>((((bit * 11) >> 5) - 1) << 2));
}

/** Whether four columns from `flag` on, and the one behind them, have nothing significant. */
@inline
function isSilent(flag: usize, x: i32): bool {
  return x + 4 < width && load<u32>(flag, 16) == 0 && !v128.any_true(v128.load(flag));
}

function significancePass(): usize {
  let out = SYMBOLS;
  const coding = zeroCoding;
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = stripe == stripes - 1 ? lastRows : ROWS;
    let flag = FLAGS + <usize>(stripe + 1) * flagPitch;
    let left = load<u32>(flag);
    let own = load<u32>(flag, 4);
    for (let x = 0; x < width; x++, column++) {
      flag += 4;
      let right = load<u32>(flag, 4);
      const sides = left | right;
      let wanted = (sides | (sides << 3) | (sides >> 3) | (own << 3) | (own >> 3)) & ~own & rows;
      if (wanted != 0) {
        const bits = load<u32>(PLANE + (column << 2));
        let visits = load<u32>(VISITS + (column << 2));
        let window = interleave(left, own, right);
        do {
          const bit = ctz(wanted);
          wanted &= wanted - 1;
          const context = <u32>load<u8>(coding + ((window >> (bit - 3)) & 0x1ff));
          const decision = (bits >> bit) & 1;
          store<u8>(out++, (context << 1) | decision);
          visits |= 1 << bit;
          if (decision) {
            own = becomeSignificant(flag, column, left, own, right, bit, out++);
            becameCount++;
            becameSum += magnitudeAt(column, bit);
            wanted |= (8 << bit) & ~own & rows;
            window |= 2 << bit;
          }
        } while (wanted != 0);
        store<u32>(flag, load<u32>(flag) | own);
        store<u32>(VISITS + (column << 2), visits);
      } else if ((left | own | right) == 0 && isSilent(flag, x)) {
        x += 3;
        column += 3;
        flag += 12;
        continue;
      }
      left = own;
      own = right;
    }
  }
  return out - SYMBOLS;
}

function refinementPass(plane: i32): usize {
  let out = SYMBOLS;
  const below = i32x4.splat((2 << plane) - 1);
  const middle = i32x4.splat(1 << plane);
  let distance = i32x4.splat(0);
  let count = 0;
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    let flag = FLAGS + <usize>(stripe + 1) * flagPitch + 4;
    for (let x = 0; x < width; x++, column++, flag += 4) {
      const own = load<u32>(flag);
      const visits = load<u32>(VISITS + (column << 2));
      let wanted = own & ~visits & ROWS;
      if (wanted == 0) {
        if (own == 0 && isSilent(flag, x)) {
          x += 3;
          column += 3;
          flag += 12;
        }
        continue;
      }
      const bits = load<u32>(PLANE + (column << 2));
      const refined = visits >> 16;
      const nibble = <usize>(((wanted >> 3) & 1) | ((wanted >> 5) & 2)
        | ((wanted >> 7) & 4) | ((wanted >> 9) & 8));
      const offset = i32x4.sub(
        v128.and(v128.load(MAGNITUDES + (column << 4)), below), middle);
      distance = i32x4.add(distance,
        v128.and(i32x4.abs(offset), v128.load(LANES + (nibble << 4))));
      // |offset + 0.5| is offset + 0.5 above the middle and -offset - 0.5 below it.
      count += popcnt(wanted & bits) - popcnt(wanted & ~bits);
      refinedCount += popcnt(wanted);
      store<u32>(VISITS + (column << 2), visits | (wanted << 16));
      if ((wanted & ~refined) == 0) {
        do {
          const bit = ctz(wanted);
          wanted &= wanted - 1;
          store<u8>(out++, (16 << 1) | ((bits >> bit) & 1));
        } while (wanted != 0);
      } else {
        const window = interleave(load<u32>(flag - 4), own, load<u32>(flag, 4));
        do {
          const bit = ctz(wanted);
          wanted &= wanted - 1;
          const context: u32 = (refined >> bit) & 1
            ? 16 : (window >> (bit - 3)) & 0x1ef ? 15 : 14;
          store<u8>(out++, (context << 1) | ((bits >> bit) & 1));
        } while (wanted != 0);
      }
    }
  }
  refinedSum = <i64>i32x4.extract_lane(distance, 0) + <i64>i32x4.extract_lane(distance, 1)
    + <i64>i32x4.extract_lane(distance, 2) + <i64>i32x4.extract_lane(distance, 3)
    + <i64>(count >> 1);
  return out - SYMBOLS;
}

function cleanupPass(): usize {
  let out = SYMBOLS;
  const coding = zeroCoding;
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = stripe == stripes - 1 ? lastRows : ROWS;
    let flag = FLAGS + <usize>(stripe + 1) * flagPitch;
    let left = load<u32>(flag);
    let own = load<u32>(flag, 4);
    for (let x = 0; x < width; x++, column++) {
      flag += 4;
      let right = load<u32>(flag, 4);
      const at = VISITS + (column << 2);
      const visits = load<u32>(at);
      store<u32>(at, visits & 0xffff0000);
      let wanted = ~own & ~visits & rows;
      if (wanted != 0) {
        const bits = load<u32>(PLANE + (column << 2));
        if ((left | own | right) == 0 && rows == ROWS) {
          // D.3.4: a whole column without any significant neighbour is run-length coded.
          if (bits == 0) {
            if (isSilent(flag, x) && !v128.any_true(v128.load(PLANE + (column << 2)))) {
              store<u32>(out, (RUN_LENGTH << 1) * 0x1010101);
              out += 4;
              x += 3;
              column += 3;
              flag += 12;
              continue;
            }
            store<u8>(out++, RUN_LENGTH << 1);
            left = own;
            own = right;
            continue;
          }
          const bit = ctz(bits);
          const run = ((bit * 11) >> 5) - 1;
          store<u8>(out, (RUN_LENGTH << 1) | 1);
          store<u8>(out, (UNIFORM << 1) | (run >> 1), 1);
          store<u8>(out, (UNIFORM << 1) | (run & 1), 2);
          own = becomeSignificant(flag, column, left, own, right, bit, out + 3);
          out += 4;
          becameCount++;
          becameSum += magnitudeAt(column, bit);
          wanted &= ~((2 << bit) - 1);
        }
        let window = interleave(left, own, right);
        while (wanted != 0) {
          const bit = ctz(wanted);
          wanted &= wanted - 1;
          const context = <u32>load<u8>(coding + ((window >> (bit - 3)) & 0x1ff));
          const decision = (bits >> bit) & 1;
          store<u8>(out++, (context << 1) | decision);
          if (decision) {
            own = becomeSignificant(flag, column, left, own, right, bit, out++);
            becameCount++;
            becameSum += magnitudeAt(column, bit);
            window |= 2 << bit;
          }
        }
        store<u32>(flag, load<u32>(flag) | own);
      }
      left = own;
      own = right;
    }
  }
  return out - SYMBOLS;
}

/**
 * The shortest segment up to a pass, at `to` (which needs 8 spare bytes).
 * @param out what `encodeBlock` wrote
 * @returns its length
 */
export function copySegment(out: usize, record: usize, to: usize): u32 {
  const stable = load<u32>(record, 12);
  const length = endSegment(record + 12, TAIL);
  if (stable > 0) {
    memory.copy(to, out, stable - 1);
    memory.copy(to + stable - 1, TAIL, length - stable + 1);
  } else memory.copy(to, TAIL + 1, length);
  return length;
}
