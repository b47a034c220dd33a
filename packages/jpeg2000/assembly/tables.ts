// Tables of the block coder (ISO/IEC 15444-1 Annexes C and D) and the scratch memory that both
// directions share. All of it is static: nothing is allocated while a block is coded.

/** Samples of a code-block: xcb + ycb is at most 12 (B-19, Table A.18). */
export const BLOCK_SAMPLES_MAX: i32 = 4096;
/** A column is four rows of a stripe. */
const COLUMNS_MAX: i32 = BLOCK_SAMPLES_MAX / 4;

/** Magnitudes, four rows of a column side by side, and spare columns for overruns. */
export const MAGNITUDES: usize = memory.data((BLOCK_SAMPLES_MAX + 16) * 4, 16);
/**
 * One word a column with a border of one column and one stripe: significance of the rows
 * -1 … 4 at bits 0, 3 … 15 and, 16 bits higher, whether the significant sample is negative.
 * A stride of three lets the words of three neighbours interleave into one 3x3 window.
 */
export const FLAGS: usize = memory.data(3328 * 4, 16);
/** Per column at bits 3, 6, 9, 12: visited in this plane; 16 bits higher: refined before. */
export const VISITS: usize = memory.data((COLUMNS_MAX + 4) * 4, 16);
/** Per column at bits 3, 6, 9, 12: sample is negative. */
export const SIGNS: usize = memory.data((COLUMNS_MAX + 4) * 4, 16);

/** Context states: the packed word of the MQ table, see `packStates`. */
export const CONTEXTS: usize = memory.data(32 * 4, 16);
export const CONTEXT_BYTES: usize = 128;
/** The states that every block starts with (Table D.7). */
export const CONTEXT_STATES: usize = memory.data(32 * 4, 16);
export const MQ_TABLE: usize = memory.data(128 * 4, 16);
/** Four orientations of 512 windows; bit 4 (the sample itself) does not matter. */
export const ZERO_CODING: usize = memory.data(4 * 512, 16);
/** Neighbour pattern to context × 2 + flip. */
export const SIGN_CODING: usize = memory.data(256, 16);
/** All ones in the lanes of a nibble. */
export const LANES: usize = memory.data(16 * 16, 16);

export const RUN_LENGTH: u32 = 17;
export const UNIFORM: u32 = 18;
export const ROWS: u32 = 0x1248;

// Table C.2: Qe, next after MPS, next after LPS, switch.
const STATES: StaticArray<u16> = [
  0x5601, 1, 1, 1, 0x3401, 2, 6, 0, 0x1801, 3, 9, 0, 0x0ac1, 4, 12, 0, 0x0521, 5, 29, 0, 0x0221, 38,
  33, 0, 0x5601, 7, 6, 1, 0x5401, 8, 14, 0, 0x4801, 9, 14, 0, 0x3801, 10, 14, 0, 0x3001, 11, 17, 0,
  0x2401, 12, 18, 0, 0x1c01, 13, 20, 0, 0x1601, 29, 21, 0, 0x5601, 15, 14, 1, 0x5401, 16, 14, 0,
  0x5101, 17, 15, 0, 0x4801, 18, 16, 0, 0x3801, 19, 17, 0, 0x3401, 20, 18, 0, 0x3001, 21, 19, 0,
  0x2801, 22, 19, 0, 0x2401, 23, 20, 0, 0x2201, 24, 21, 0, 0x1c01, 25, 22, 0, 0x1801, 26, 23, 0,
  0x1601, 27, 24, 0, 0x1401, 28, 25, 0, 0x1201, 29, 26, 0, 0x1101, 30, 27, 0, 0x0ac1, 31, 28, 0,
  0x09c1, 32, 29, 0, 0x08a1, 33, 30, 0, 0x0521, 34, 31, 0, 0x0441, 35, 32, 0, 0x02a1, 36, 33, 0,
  0x0221, 37, 34, 0, 0x0141, 38, 35, 0, 0x0111, 39, 36, 0, 0x0085, 40, 37, 0, 0x0049, 41, 38, 0,
  0x0025, 42, 39, 0, 0x0015, 43, 40, 0, 0x0009, 44, 41, 0, 0x0005, 45, 42, 0, 0x0001, 45, 43, 0,
  0x5601, 46, 46, 0,
];

/** Called once; fills every table. */
export function fillTables(): void {
  packStates();
  fillContexts();
  for (let orientation = 0; orientation < 4; orientation++) {
    for (let window = 0; window < 512; window++) {
      store<u8>(ZERO_CODING + orientation * 512 + window, zeroContext(orientation, window));
    }
  }
  for (let pattern = 0; pattern < 256; pattern++) {
    store<u8>(SIGN_CODING + pattern, signContext(pattern));
  }
  for (let nibble: u32 = 0; nibble < 16; nibble++) {
    for (let row: u32 = 0; row < 4; row++) {
      store<i32>(LANES + nibble * 16 + row * 4, -(<i32>((nibble >> row) & 1)));
    }
  }
}

/**
 * A word per (state, more probable symbol): Qe in the upper half, the byte offset of the entry that
 * follows a less probable symbol at bits 9 … 15, after a more probable one at bits 2 … 8, the
 * symbol in bit 0. The contexts hold whole words, so that the common path needs one load.
 */
function packStates(): void {
  for (let state: u32 = 0; state < 47; state++) {
    for (let mps: u32 = 0; mps < 2; mps++) {
      const at = state * 4;
      const qe = <u32>STATES[at];
      const more = ((<u32>STATES[at + 1]) << 1) | mps;
      const less = ((<u32>STATES[at + 2]) << 1) | (mps ^ <u32>STATES[at + 3]);
      store<u32>(MQ_TABLE + ((state << 1) | mps) * 4, (qe << 16) | (less << 9) | (more << 2) | mps);
    }
  }
}

function fillContexts(): void {
  for (let context = 0; context < 19; context++) {
    store<u32>(CONTEXT_STATES + context * 4, load<u32>(MQ_TABLE));
  }
  // Table D.7.
  store<u32>(CONTEXT_STATES, load<u32>(MQ_TABLE + 8 * 4));
  store<u32>(CONTEXT_STATES + RUN_LENGTH * 4, load<u32>(MQ_TABLE + 6 * 4));
  store<u32>(CONTEXT_STATES + UNIFORM * 4, load<u32>(MQ_TABLE + 92 * 4));
}

export function resetContexts(): void {
  memory.copy(CONTEXTS, CONTEXT_STATES, CONTEXT_BYTES);
}

/** Table D.1. The window holds the row above at bits 0-2, this row at 3-5, the one below at 6-8. */
function zeroContext(orientation: i32, window: i32): u8 {
  let h = ((window >> 3) & 1) + ((window >> 5) & 1);
  let v = ((window >> 1) & 1) + ((window >> 7) & 1);
  const d = (window & 1) + ((window >> 2) & 1) + ((window >> 6) & 1) + ((window >> 8) & 1);
  if (orientation == 3) {
    const hv = h + v;
    if (d >= 3) return 8;
    if (d == 2) return hv >= 1 ? 7 : 6;
    if (d == 1) return hv >= 2 ? 5 : hv == 1 ? 4 : 3;
    return hv >= 2 ? 2 : <u8>hv;
  }
  if (orientation == 1) {
    const swap = h;
    h = v;
    v = swap;
  }
  if (h == 2) return 8;
  if (h == 1) return v >= 1 ? 7 : d >= 1 ? 6 : 5;
  if (v == 2) return 4;
  if (v == 1) return 3;
  return d >= 2 ? 2 : <u8>d;
}

/**
 * Tables D.2 and D.3. Bits 0-3: left, right, above, below are significant; bits 4-7: and negative.
 */
function signContext(pattern: i32): u8 {
  const h = limit(part(pattern, 0) + part(pattern, 1));
  const v = limit(part(pattern, 2) + part(pattern, 3));
  if (h == 1) return <u8>((12 + v) * 2);
  if (h == -1) return <u8>((12 - v) * 2 + 1);
  if (v == 0) return 9 * 2;
  return <u8>(v == 1 ? 10 * 2 : 10 * 2 + 1);
}

function part(pattern: i32, bit: i32): i32 {
  if (((pattern >> bit) & 1) == 0) return 0;
  return (pattern >> (bit + 4)) & 1 ? -1 : 1;
}

function limit(sum: i32): i32 {
  return sum > 0 ? 1 : sum < 0 ? -1 : 0;
}
