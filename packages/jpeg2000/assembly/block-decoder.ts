// The three coding passes (ISO/IEC 15444-1 Annex D), backward, with all code-block styles of Table
// A.19. Magnitudes are kept in half steps, each in the middle of what is known of it.
import {
  FLAGS, LANES, MAGNITUDES, ROWS, RUN_LENGTH, SIGNS, SIGN_CODING, UNIFORM, VISITS, ZERO_CODING,
  resetContexts,
} from './tables';
import { decodeSymbol, rawBit, startDecoding, startRaw } from './mq-decoder';

const BYPASS: i32 = 1;
const RESET: i32 = 2;
const CAUSAL: i32 = 8;
const SEGMENTATION: i32 = 32;

let width: i32 = 0;
let height: i32 = 0;
let stripes: i32 = 0;
let flagPitch: usize = 0;
let zeroCoding: usize = 0;
let lastRows: u32 = 0;
let causal: bool = false;
let raw: bool = false;

/**
 * Decodes a block into the scratch that `storeFloats` and `storeIntegers` read.
 *
 * @param data the segments one behind the other; two bytes behind them are spare
 * @param segments pairs of words: bytes and passes of each segment
 * @param planes bits of the largest magnitude, 1 to 30
 */
export function decodeBlock(
  data: usize, segments: usize, count: i32, w: i32, h: i32, orientation: i32, style: i32,
  planes: i32,
): void {
  width = w;
  height = h;
  stripes = (h + 3) >> 2;
  flagPitch = <usize>(w + 2) << 2;
  lastRows = ROWS & ((1 << (3 * (h - (stripes - 1) * 4) + 3)) - 1);
  causal = (style & CAUSAL) != 0;
  zeroCoding = ZERO_CODING + (<usize>orientation << 9);
  const columns = <usize>(stripes * w);
  memory.fill(FLAGS, 0, <usize>(stripes + 2) * flagPitch);
  memory.fill(VISITS, 0, columns << 2);
  memory.fill(SIGNS, 0, columns << 2);
  memory.fill(MAGNITUDES, 0, columns << 4);
  resetContexts();
  let plane = planes - 1;
  let kind = 2;
  let from = data;
  for (let segment = 0; segment < count && plane >= 0; segment++) {
    const bytes = <usize>load<u32>(segments + (<usize>segment << 3));
    let passes = <i32>load<u32>(segments + (<usize>segment << 3), 4);
    const end = from + bytes;
    const behind = load<u16>(end);
    store<u16>(end, 0xffff);
    raw = (style & BYPASS) != 0 && kind < 2 && plane < planes - 4;
    if (raw) startRaw(from);
    else startDecoding(from);
    for (; passes > 0 && plane >= 0; passes--) {
      if (kind == 0) significancePass(plane);
      else if (kind == 1) refinementPass(plane);
      else {
        cleanupPass(plane);
        if (style & SEGMENTATION) for (let i = 0; i < 4; i++) decodeSymbol(UNIFORM);
      }
      if (style & RESET) resetContexts();
      if (++kind == 3) {
        kind = 0;
        plane--;
      }
    }
    store<u16>(end, behind);
    from = end;
  }
}

@inline
function interleave(left: u32, own: u32, right: u32): u32 {
  return (left & 0xffff) | ((own & 0xffff) << 1) | ((right & 0xffff) << 2);
}

@inline
function neighbourPattern(left: u32, own: u32, right: u32, bit: u32): usize {
  const both = ((left >> bit) & 0x10001)
    | (((right >> bit) & 0x10001) << 1)
    | (((own >> (bit - 3)) & 0x10001) << 2)
    | (((own >> (bit + 3)) & 0x10001) << 3);
  return <usize>((both | (both >> 12)) & 0xff);
}

/** Reads the sign and marks the sample; returns the new own word. */
function becomeSignificant(
  flag: usize, column: usize, left: u32, own: u32, right: u32, bit: u32, plane: i32,
): u32 {
  let negative: u32;
  if (raw) negative = rawBit();
  else {
    const coding = <u32>load<u8>(SIGN_CODING + neighbourPattern(left, own, right, bit));
    negative = decodeSymbol(coding >> 1) ^ (coding & 1);
  }
  const row = ((bit * 11) >> 5) - 1;
  store<u32>(MAGNITUDES + (column << 4) + (<usize>row << 2), 3 << plane);
  if (negative) {
    const signs = SIGNS + (column << 2);
    store<u32>(signs, load<u32>(signs) | (1 << bit));
  }
  const mark: u32 = 1 | (negative << 16);
  if (bit == 3) {
    if (!causal) {
      const above = flag - flagPitch;
      store<u32>(above, load<u32>(above) | (mark << 15));
    }
  } else if (bit == 12) {
    const below = flag + flagPitch;
    store<u32>(below, load<u32>(below) | mark);
  }
  return own | (mark << bit);
}

function significancePass(plane: i32): void {
  const coding = zeroCoding;
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = stripe == stripes - 1 ? lastRows : ROWS;
    let flag = FLAGS + <usize>(stripe + 1) * flagPitch;
    let left = load<u32>(flag);
    let own = load<u32>(flag, 4);
    for (let x = 0; x < width; x++, column++) {
      flag += 4;
      const right = load<u32>(flag, 4);
      const sides = left | right;
      let wanted = (sides | (sides << 3) | (sides >> 3) | (own << 3) | (own >> 3)) & ~own & rows;
      if (wanted != 0) {
        let visits = load<u32>(VISITS + (column << 2));
        let window = interleave(left, own, right);
        do {
          const bit = <u32>ctz(wanted);
          wanted &= wanted - 1;
          visits |= 1 << bit;
          const context = <u32>load<u8>(coding + ((window >> (bit - 3)) & 0x1ff));
          const decision = raw ? rawBit() : decodeSymbol(context);
          if (decision) {
            own = becomeSignificant(flag, column, left, own, right, bit, plane);
            wanted |= (8 << bit) & ~own & rows;
            window |= 2 << bit;
          }
        } while (wanted != 0);
        store<u32>(flag, own);
        store<u32>(VISITS + (column << 2), visits);
      }
      left = own;
      own = right;
    }
  }
}

function refinementPass(plane: i32): void {
  const half = 1 << plane;
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    let flag = FLAGS + <usize>(stripe + 1) * flagPitch + 4;
    for (let x = 0; x < width; x++, column++, flag += 4) {
      const own = load<u32>(flag);
      const visits = load<u32>(VISITS + (column << 2));
      let wanted = own & ~visits & ROWS;
      if (wanted == 0) continue;
      const refined = visits >> 16;
      const window = interleave(load<u32>(flag - 4), own, load<u32>(flag, 4));
      store<u32>(VISITS + (column << 2), visits | (wanted << 16));
      do {
        const bit = <u32>ctz(wanted);
        wanted &= wanted - 1;
        let decision: u32;
        if (raw) decision = rawBit();
        else {
          const context: u32 = (refined >> bit) & 1
            ? 16 : (window >> (bit - 3)) & 0x1ef ? 15 : 14;
          decision = decodeSymbol(context);
        }
        const at = MAGNITUDES + (column << 4) + <usize>((((bit * 11) >> 5) - 1) << 2);
        store<i32>(at, load<i32>(at) + (decision ? half : -half));
      } while (wanted != 0);
    }
  }
}

function cleanupPass(plane: i32): void {
  const coding = zeroCoding;
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = stripe == stripes - 1 ? lastRows : ROWS;
    let flag = FLAGS + <usize>(stripe + 1) * flagPitch;
    let left = load<u32>(flag);
    let own = load<u32>(flag, 4);
    for (let x = 0; x < width; x++, column++) {
      flag += 4;
      const right = load<u32>(flag, 4);
      const at = VISITS + (column << 2);
      const visits = load<u32>(at);
      store<u32>(at, visits & 0xffff0000);
      let wanted = ~own & ~visits & rows;
      if (wanted != 0) {
        if ((left | own | right) == 0 && rows == ROWS) {
          if (decodeSymbol(RUN_LENGTH) == 0) {
            left = own;
            own = right;
            continue;
          }
          const high = decodeSymbol(UNIFORM);
          const run = (high << 1) | decodeSymbol(UNIFORM);
          const bit = 3 * run + 3;
          own = becomeSignificant(flag, column, left, own, right, bit, plane);
          wanted &= ~((2 << bit) - 1);
        }
        let window = interleave(left, own, right);
        while (wanted != 0) {
          const bit = <u32>ctz(wanted);
          wanted &= wanted - 1;
          const context = <u32>load<u8>(coding + ((window >> (bit - 3)) & 0x1ff));
          if (decodeSymbol(context)) {
            own = becomeSignificant(flag, column, left, own, right, bit, plane);
            window |= 2 << bit;
          }
        }
        store<u32>(flag, own);
      }
      left = own;
      own = right;
    }
  }
}

/** Maxshift regions of interest (H.1): what was shifted up comes down again. */
export function unshiftRegion(shift: i32): void {
  const count = <usize>(stripes * width) << 4;
  for (let i: usize = 0; i < count; i += 4) {
    const value = load<u32>(MAGNITUDES + i);
    if (value >> 1 >= <u32>1 << shift) store<u32>(MAGNITUDES + i, value >> shift);
  }
}

/** Four rows of a column with their signs, in half steps. */
@inline
function signedColumn(column: usize): v128 {
  const signs = load<u32>(SIGNS + (column << 2));
  const nibble = <usize>(((signs >> 3) & 1) | ((signs >> 5) & 2)
    | ((signs >> 7) & 4) | ((signs >> 9) & 8));
  const mask = v128.load(LANES + (nibble << 4));
  return i32x4.sub(v128.xor(v128.load(MAGNITUDES + (column << 4)), mask), mask);
}

/** The block decoded last as floats: half steps × `halfStep`. */
export function storeFloats(to: usize, rowBytes: usize, halfStep: f32): void {
  const scale = f32x4.splat(halfStep);
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = min(4, height - stripe * 4);
    const row0 = to + <usize>(stripe * 4) * rowBytes;
    for (let x = 0; x < width; x++, column++) {
      const values = f32x4.mul(f32x4.convert_i32x4_s(signedColumn(column)), scale);
      const at = row0 + (<usize>x << 2);
      v128.store_lane<f32>(at, values, 0);
      if (rows > 1) v128.store_lane<f32>(at + rowBytes, values, 1);
      if (rows > 2) v128.store_lane<f32>(at + 2 * rowBytes, values, 2);
      if (rows > 3) v128.store_lane<f32>(at + 3 * rowBytes, values, 3);
    }
  }
}

/** The block decoded last as whole numbers: half steps, halved toward zero. */
export function storeIntegers(to: usize, rowBytes: usize): void {
  let column: usize = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const rows = min(4, height - stripe * 4);
    for (let x = 0; x < width; x++, column++) {
      const signs = load<u32>(SIGNS + (column << 2));
      for (let row = 0; row < rows; row++) {
        const half = load<i32>(MAGNITUDES + (column << 4) + (<usize>row << 2)) >> 1;
        const negative = (signs >> (3 * row + 3)) & 1;
        store<i32>(to + <usize>(stripe * 4 + row) * rowBytes + (<usize>x << 2),
          negative ? -half : half);
      }
    }
  }
}
