// The three coding passes (ISO/IEC 15444-1 Annex D), forward, sixteen samples at a time. An encoder
// knows all decisions beforehand, so the state that a scan would have reached at any sample is
// known too: what was scanned before is taken as it is after the pass, what comes later as it is
// before it. Only which samples a significance pass reaches has to be found one column after the
// other.
import { MAGNITUDES, RUN_LENGTH, UNIFORM } from './tables';
import {
  DIRECTION, INSIDE, STATE_BYTES, paddedWidth, pitch, stripeAt, stripes,
} from './block-loader';

// A byte a sample, all ones when true, in the order of the scan: four rows of a column, then the
// next column. Significance before the plane before, before this plane, and after its passes.
const STATES: usize = memory.data(4 * 12_352, 16);
let sigOlder: usize = 0;
let sigBefore: usize = 0;
let sigSpread: usize = 0;
let sigAfter: usize = 0;
const BITS: usize = memory.data(12_352, 16);
const VISITED: usize = memory.data(12_352, 16);

/** Of the pass just made: samples that became significant, and the sum of their magnitudes. */
export let becameCount: i32 = 0;
export let becameSum: f64 = 0;
/** Of the refinement pass: samples refined and the sum of |value - middle| before refining. */
export let refinedCount: i32 = 0;
export let refinedSum: f64 = 0;

/** A symbol is its context × 4 + decision. */
const RUN_SYMBOL: u8 = <u8>(RUN_LENGTH << 2);
const UNIFORM_SYMBOL: u8 = <u8>(UNIFORM << 2);
/** Which of eight bytes to keep, for each mask; then the same for the upper half of a vector. */
const KEPT: usize = memory.data(256 * 8, 16);
const KEPT_UPPER: usize = memory.data(256 * 8, 16);
/**
 * Table D.1 as base[i] + min(j, most[i]): i is 3 h + v and j is d, or, in the diagonal band, i is d
 * and j is h + v. Lookups take negative counts, as sums of masks are, so the tables run backwards.
 */
let base: v128 = i8x16.splat(0);
let most: v128 = i8x16.splat(0);
let orientation: i32 = 0;
/** Sums of 1024 magnitudes per lane stay below 2^32 when these low bits are left out. */
let coarse: i32 = 0;
const COARSE_FROM: i32 = 20;

/** Called once. */
export function fillPassTables(): void {
  for (let mask: u32 = 0; mask < 256; mask++) {
    let count: usize = 0;
    for (let bit: u32 = 0; bit < 8; bit++) {
      if (((mask >> bit) & 1) == 0) continue;
      store<u8>(KEPT + (<usize>mask << 3) + count, bit);
      store<u8>(KEPT_UPPER + (<usize>mask << 3) + count, bit + 8);
      count++;
    }
  }
}

/** Forgets the block before. */
export function startPasses(bandOrientation: i32): void {
  orientation = bandOrientation;
  if (orientation == 3) {
    base = i8x16(0, 3, 6, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    most = i8x16(2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  } else {
    base = i8x16(0, 3, 4, 5, 7, 7, 8, 8, 8, 0, 0, 0, 0, 0, 0, 0);
    most = i8x16(2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
  const used = <usize>(stripes + 2) * pitch + 16;
  sigOlder = STATES;
  sigBefore = STATES + STATE_BYTES;
  sigSpread = sigBefore + STATE_BYTES;
  sigAfter = sigSpread + STATE_BYTES;
  memory.fill(sigOlder, 0, used);
  memory.fill(sigBefore, 0, used);
  memory.fill(sigSpread, 0, used);
  memory.fill(sigAfter, 0, used);
  memory.fill(VISITED, 0, used);
}

/** Makes the bits of a plane, and what is significant behind it; the plane before it is done. */
export function startPlane(plane: i32, isFirst: bool): void {
  if (!isFirst) {
    const free = sigOlder;
    sigOlder = sigBefore;
    sigBefore = sigAfter;
    sigAfter = free;
  }
  coarse = max(0, plane - COARSE_FROM);
  const left = 31 - plane;
  let from = MAGNITUDES;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const row = stripeAt(stripe);
    for (let at = row; at < row + (<usize>paddedWidth << 2); at += 16, from += 64) {
      const a = i32x4.shr_s(i32x4.shl(v128.load(from), left), 31);
      const b = i32x4.shr_s(i32x4.shl(v128.load(from, 16), left), 31);
      const c = i32x4.shr_s(i32x4.shl(v128.load(from, 32), left), 31);
      const d = i32x4.shr_s(i32x4.shl(v128.load(from, 48), left), 31);
      const bits = i8x16.narrow_i16x8_s(
        i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
      v128.store(BITS + at, bits);
      const before = v128.load(sigBefore + at);
      v128.store(sigAfter + at, v128.or(before, bits));
      // Where no significance pass comes before the cleanup, nothing is spread.
      if (isFirst) v128.store(sigSpread + at, before);
    }
  }
}

@inline
function down(state: v128): v128 {
  return i32x4.shl(state, 8);
}

@inline
function up(state: v128): v128 {
  return i32x4.shr_u(state, 8);
}

/** The last row of the stripe above, as the row above the first one. */
@inline
function fromAbove(state: v128): v128 {
  return i32x4.shr_u(state, 24);
}

@inline
function fromBelow(state: v128): v128 {
  return i32x4.shl(state, 24);
}

@inline
function three(at: usize): v128 {
  return v128.or(v128.or(v128.load(at - 4), v128.load(at)), v128.load(at, 4));
}

/** What becomes significant in a column, given what its left neighbour brought. */
@inline
function reach(seeds: u32, open: u32, before: u32): u32 {
  let became = (seeds | before | (before << 8) | (before >> 8)) & open;
  became |= (became << 8) & open;
  return became | ((became << 16) & open & (open << 8));
}

/** Which samples become significant in the significance pass (D.3.1): into `sigSpread`. */
function spread(): void {
  for (let stripe = 0; stripe < stripes; stripe++) {
    const row = stripeAt(stripe);
    let last: u32 = 0;
    for (let at = row; at < row + (<usize>paddedWidth << 2); at += 16) {
      const own = v128.load(sigBefore + at);
      const open = v128.andnot(v128.load(BITS + at), own);
      const near = three(sigBefore + at);
      const seeds = v128.or(
        v128.or(near, v128.or(down(near), up(near))),
        v128.or(fromAbove(three(sigSpread + at - pitch)), fromBelow(three(sigBefore + at + pitch))),
      );
      if (!v128.any_true(v128.and(seeds, open)) && last == 0) {
        v128.store(sigSpread + at, own);
        continue;
      }
      const first = reach(i32x4.extract_lane(seeds, 0), i32x4.extract_lane(open, 0), last);
      const second = reach(i32x4.extract_lane(seeds, 1), i32x4.extract_lane(open, 1), first);
      const third = reach(i32x4.extract_lane(seeds, 2), i32x4.extract_lane(open, 2), second);
      last = reach(i32x4.extract_lane(seeds, 3), i32x4.extract_lane(open, 3), third);
      let became = i32x4.splat(first);
      became = i32x4.replace_lane(became, 1, second);
      became = i32x4.replace_lane(became, 2, third);
      became = i32x4.replace_lane(became, 3, last);
      v128.store(sigSpread + at, v128.or(own, became));
    }
  }
}

/** Contexts of D.3.1 from minus the counts of neighbours. */
@inline
function contextsOf(h: v128, v: v128, d: v128): v128 {
  let i = d;
  let j = d;
  if (orientation == 3) j = i8x16.add(h, v);
  else if (orientation == 1) i = i8x16.add(i8x16.add(v, v), i8x16.add(v, h));
  else i = i8x16.add(i8x16.add(h, h), i8x16.add(h, v));
  const zero = i8x16.splat(0);
  const index = i8x16.sub(zero, i);
  const more = i8x16.min_u(i8x16.sub(zero, j), i8x16.swizzle(most, index));
  return i8x16.add(i8x16.swizzle(base, index), more);
}

/** Tables D.2 and D.3 over 3 × horizontal + vertical + 4: context × 4 + flip. */
@inline
function signTable(): v128 {
  return i8x16(53, 49, 45, 41, 36, 40, 44, 48, 52, 0, 0, 0, 0, 0, 0, 0);
}

@inline
function limited(sum: v128): v128 {
  return i8x16.min_s(i8x16.max_s(sum, i8x16.splat(-1)), i8x16.splat(1));
}

/** Symbols of the signs, from directions of the four neighbours. */
@inline
function signsOf(horizontal: v128, vertical: v128, own: v128): v128 {
  const h = limited(horizontal);
  const index = i8x16.add(
    i8x16.add(i8x16.add(h, h), i8x16.add(h, i8x16.splat(4))), limited(vertical));
  const negative = v128.and(i8x16.lt_s(own, i8x16.splat(0)), i8x16.splat(1));
  return v128.xor(i8x16.swizzle(signTable(), index), negative);
}

@inline
function interleaveLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function interleaveHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Writes the bytes of half a vector that a mask keeps; up to eight bytes behind are touched. */
@inline
function put(out: usize, bytes: v128, mask: u32, table: usize): void {
  v128.store_lane<u64>(
    out, i8x16.swizzle(bytes, v128.load_zero<u64>(table + (<usize>mask << 3))), 0);
}

/** Magnitudes of four columns where a mask is set, added up in four lanes. */
@inline
function addMagnitudes(sum: v128, mask: v128, from: usize, shift: i32): v128 {
  const low = i16x8.extend_low_i8x16_s(mask);
  const high = i16x8.extend_high_i8x16_s(mask);
  const a = v128.and(i32x4.extend_low_i16x8_s(low), v128.load(from));
  const b = v128.and(i32x4.extend_high_i16x8_s(low), v128.load(from, 16));
  const c = v128.and(i32x4.extend_low_i16x8_s(high), v128.load(from, 32));
  const d = v128.and(i32x4.extend_high_i16x8_s(high), v128.load(from, 48));
  return i32x4.add(sum, i32x4.add(
    i32x4.add(i32x4.shr_u(a, shift), i32x4.shr_u(b, shift)),
    i32x4.add(i32x4.shr_u(c, shift), i32x4.shr_u(d, shift))));
}

/** Unsigned sum of lanes from which `coarse` bits were left out. */
function sumOf(lanes: v128): f64 {
  const sum = <u64><u32>i32x4.extract_lane(lanes, 0) + <u64><u32>i32x4.extract_lane(lanes, 1)
    + <u64><u32>i32x4.extract_lane(lanes, 2) + <u64><u32>i32x4.extract_lane(lanes, 3);
  return <f64>(sum << coarse);
}

/** D.3.1. @returns behind the last symbol */
export function significancePass(out: usize): usize {
  spread();
  return scan(false, out, sigSpread, sigBefore);
}

/** D.3.4. @returns behind the last symbol */
export function cleanupPass(out: usize): usize {
  return scan(true, out, sigAfter, sigSpread);
}

/**
 * A significance or a cleanup pass.
 * @param done what is significant behind the pass: the state of all that was scanned before
 * @param open what is significant in front of it: the state of all that comes later
 */
@inline
function scan(isCleanup: bool, start: usize, done: usize, open: usize): usize {
  let out = start;
  let magnitudes = MAGNITUDES;
  let sum = i32x4.splat(0);
  let became = 0;
  const zero = i32x4.splat(0);
  for (let stripe = 0; stripe < stripes; stripe++) {
    const row = stripeAt(stripe);
    for (let at = row; at < row + (<usize>paddedWidth << 2); at += 16, magnitudes += 64) {
      const left = v128.load(done + at - 4);
      const right = v128.load(open + at + 4);
      const own = v128.load(open + at);
      const above = v128.load(done + at - pitch);
      const below = v128.load(open + at + pitch);
      const h = i8x16.add(left, right);
      const aboveSides = i8x16.add(
        v128.load(done + at - pitch - 4), v128.load(done + at - pitch + 4));
      const belowSides = i8x16.add(
        v128.load(open + at + pitch - 4), v128.load(open + at + pitch + 4));
      const bits = v128.load(BITS + at);
      let member = v128.andnot(v128.load(INSIDE + at), own);
      let quiet = zero;
      let runs = zero;
      if (isCleanup) {
        member = v128.andnot(member, v128.load(VISITED + at));
        // D.3.4: a whole column without any significant neighbour is run-length coded.
        const around = v128.or(v128.or(h, own), v128.or(
          fromAbove(v128.or(aboveSides, above)), fromBelow(v128.or(belowSides, below))));
        runs = v128.and(i32x4.eq(around, zero), i32x4.eq(member, i32x4.splat(-1)));
        quiet = v128.and(runs, i32x4.eq(bits, zero));
        if (i32x4.all_true(quiet)) {
          store<u32>(out, <u32>RUN_SYMBOL * 0x1010101);
          out += 4;
          continue;
        }
        if (!v128.any_true(member)) continue;
      }
      const after = v128.load(done + at);
      const d = i8x16.add(i8x16.add(down(h), up(h)),
        i8x16.add(fromAbove(aboveSides), fromBelow(belowSides)));
      const v = i8x16.add(v128.or(down(after), fromAbove(above)),
        v128.or(up(own), fromBelow(below)));
      if (!isCleanup) {
        member = v128.and(member, i8x16.ne(v128.or(v128.or(h, v), d), zero));
        v128.store(VISITED + at, member);
        if (!v128.any_true(member)) continue;
      }
      const fresh = v128.and(member, bits);
      const direction = v128.load(DIRECTION + at);
      const contexts = contextsOf(h, v, d);
      const twice = i8x16.add(contexts, contexts);
      let coding = i8x16.sub(i8x16.add(twice, twice), bits);
      const signs = signsOf(
        i8x16.add(v128.and(left, v128.load(DIRECTION + at - 4)),
          v128.and(right, v128.load(DIRECTION + at + 4))),
        i8x16.add(
          v128.or(down(v128.and(after, direction)),
            fromAbove(v128.and(above, v128.load(DIRECTION + at - pitch)))),
          v128.or(up(v128.and(own, direction)),
            fromBelow(v128.and(below, v128.load(DIRECTION + at + pitch))))),
        direction);
      if (v128.any_true(fresh)) {
        became += popcnt(i8x16.bitmask(fresh));
        sum = addMagnitudes(sum, fresh, magnitudes, coarse);
      }
      if (isCleanup) {
        coding = v128.bitselect(i32x4.splat(<i32>RUN_SYMBOL), coding, quiet);
        member = v128.bitselect(i32x4.splat(0xff), member, quiet);
      }
      const low = interleaveLow(coding, signs);
      const high = interleaveHigh(coding, signs);
      const masks = <u32>i8x16.bitmask(interleaveLow(member, fresh))
        | (<u32>i8x16.bitmask(interleaveHigh(member, fresh)) << 16);
      if (isCleanup) {
        const broken = <u32>i32x4.bitmask(v128.andnot(runs, quiet));
        if (broken != 0) {
          out = putRuns(out, low, high, masks, broken);
          continue;
        }
      }
      put(out, low, masks & 0xff, KEPT);
      out += popcnt(masks & 0xff);
      put(out, low, (masks >> 8) & 0xff, KEPT_UPPER);
      out += popcnt((masks >> 8) & 0xff);
      put(out, high, (masks >> 16) & 0xff, KEPT);
      out += popcnt((masks >> 16) & 0xff);
      put(out, high, masks >> 24, KEPT_UPPER);
      out += popcnt(masks >> 24);
    }
  }
  becameCount = became;
  becameSum = sumOf(sum);
  return out;
}

/** Four columns of which some are runs that a significant sample breaks (D.3.4). */
function putRuns(start: usize, low: v128, high: v128, masks: u32, broken: u32): usize {
  let out = start;
  for (let column: u32 = 0; column < 4; column++) {
    let mask = (masks >> (column << 3)) & 0xff;
    if ((broken >> column) & 1) {
      // A sign is kept behind each sample that becomes significant, at the odd bits.
      const run = ctz(mask & 0xaa) >> 1;
      store<u8>(out, RUN_SYMBOL | 1);
      store<u8>(out, UNIFORM_SYMBOL | <u8>(run >> 1), 1);
      store<u8>(out, UNIFORM_SYMBOL | <u8>(run & 1), 2);
      out += 3;
      mask &= 0xff << ((run << 1) + 1);
    }
    put(out, column < 2 ? low : high, mask, column & 1 ? KEPT_UPPER : KEPT);
    out += popcnt(mask);
  }
  return out;
}

/** D.3.3. @returns behind the last symbol */
export function refinementPass(plane: i32, start: usize): usize {
  let out = start;
  let from = MAGNITUDES;
  const under = i32x4.splat((2 << plane) - 1);
  const middle = i32x4.splat(1 << plane);
  let distance = i32x4.splat(0);
  let count = 0;
  let above = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const row = stripeAt(stripe);
    for (let at = row; at < row + (<usize>paddedWidth << 2); at += 16, from += 64) {
      const member = v128.load(sigBefore + at);
      if (!v128.any_true(member)) continue;
      const bits = v128.load(BITS + at);
      const refined = v128.load(sigOlder + at);
      let symbols = i8x16.splat(16 << 2);
      if (v128.any_true(v128.andnot(member, refined))) {
        const sides = v128.or(
          v128.load(sigSpread + at - 4), v128.load(sigSpread + at + 4));
        const own = v128.load(sigSpread + at);
        const near = v128.or(v128.or(sides, v128.or(
          down(v128.or(sides, own)), up(v128.or(sides, own)))), v128.or(
          fromAbove(three(sigSpread + at - pitch)), fromBelow(three(sigSpread + at + pitch))));
        const first = v128.bitselect(i8x16.splat(15 << 2), i8x16.splat(14 << 2), near);
        symbols = v128.bitselect(symbols, first, refined);
      }
      symbols = i8x16.sub(symbols, bits);
      const masks = <u32>i8x16.bitmask(member);
      put(out, symbols, masks & 0xff, KEPT);
      out += popcnt(masks & 0xff);
      put(out, symbols, masks >> 8, KEPT_UPPER);
      out += popcnt(masks >> 8);
      count += popcnt(masks);
      above += popcnt(<u32>i8x16.bitmask(v128.and(member, bits)));
      const low = i16x8.extend_low_i8x16_s(member);
      const high = i16x8.extend_high_i8x16_s(member);
      distance = i32x4.add(distance, i32x4.add(
        i32x4.add(
          away(v128.load(from), i32x4.extend_low_i16x8_s(low), under, middle),
          away(v128.load(from, 16), i32x4.extend_high_i16x8_s(low), under, middle)),
        i32x4.add(
          away(v128.load(from, 32), i32x4.extend_low_i16x8_s(high), under, middle),
          away(v128.load(from, 48), i32x4.extend_high_i16x8_s(high), under, middle))));
    }
  }
  refinedCount = count;
  // |offset + 0.5| is offset + 0.5 above the middle and -offset - 0.5 below it.
  refinedSum = sumOf(distance) + <f64>(2 * above - count) * 0.5;
  return out;
}

/** |value modulo two planes - middle| where the mask is set. */
@inline
function away(value: v128, mask: v128, under: v128, middle: v128): v128 {
  return i32x4.shr_u(
    v128.and(i32x4.abs(i32x4.sub(v128.and(value, under), middle)), mask), coarse);
}
