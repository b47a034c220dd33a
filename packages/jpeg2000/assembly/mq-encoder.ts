// The MQ encoder (ISO/IEC 15444-1 Annex C.2) over buffers of symbols, and the shortest end of a
// codeword segment at any pass. Two blocks are coded side by side: each symbol waits for the one
// before it, so a second, independent chain fills the time that the first one waits.
import { CONTEXT_BYTES, CONTEXT_STATES, MQ_TABLE } from './tables';

// A coder's C (C.2.1) is 64 bits wide and gives its bytes only when several are due. The bit above
// it says CT: it stands at 28 - CT, so at 28 the first byte is due (C.2.8), and at 44 they are put
// out. A later carry then finds bytes that it still can raise, so a stream may differ from that of
// a coder which puts out each byte at once; it decodes to the same.
const DUE: u64 = 28;
const OVERDUE: u64 = 44;
const START_A: u32 = 0x8000;
const START_C: u64 = 1 << 16;

let firstA: u32 = 0;
let firstC: u64 = 0;
let secondA: u32 = 0;
let secondC: u64 = 0;
/** The byte written last; before the first one it points at a spare byte that is never sent. */
let firstLast: usize = 0;
let secondLast: usize = 0;
let firstStart: usize = 0;
let secondStart: usize = 0;

/** States of the contexts of both coders. */
const STATES: usize = memory.data(2 * 128, 64);
const FIRST_STATES: usize = STATES;
const SECOND_STATES: usize = STATES + 128;

/** Starts one of the two coders. */
export function startEncoding(second: bool, out: usize): void {
  store<u8>(out - 1, 0);
  memory.copy(second ? SECOND_STATES : FIRST_STATES, CONTEXT_STATES, CONTEXT_BYTES);
  if (second) {
    secondA = START_A;
    secondC = START_C;
    secondStart = out;
    secondLast = out - 1;
  } else {
    firstA = START_A;
    firstC = START_C;
    firstStart = out;
    firstLast = out - 1;
  }
}

/** Bytes put out so far; a later carry may still raise the last one. */
export function bytesOut(second: bool): u32 {
  return <u32>(second ? secondLast + 1 - secondStart : firstLast + 1 - firstStart);
}

/** Puts out all bytes that are due (C.2.8); returns what is left of C. */
function putBytes(second: bool, due: u64): u64 {
  let c = due;
  let last = second ? secondLast : firstLast;
  while (c >> DUE) {
    const over = 63 - DUE - clz(c);
    const before = <u32>load<u8>(last);
    const field = <u32>(c >> (over + 19)) & 0x1ff;
    const carry = before == 0xff ? 0 : field >> 8;
    const settled = before + carry;
    store<u8>(last, settled);
    // Behind 0xFF a byte has seven bits of its own and takes the carry as its eighth.
    const stuffed = (settled + 1) >> 8;
    store<u8>(last, (field ^ (carry << 8)) >> stuffed, 1);
    last++;
    const at = 19 + over + <u64>stuffed;
    c = (c & (((<u64>1) << at) - 1)) | ((<u64>2) << at);
  }
  if (second) secondLast = last;
  else firstLast = last;
  return c;
}

/**
 * Codes `count` symbols with each of both coders. C.2.6 and C.2.7 stand here without their
 * branches, which no predictor could guess, and without `select`, which engines compile to a branch:
 * the sub-interval of size Qe is taken by the less probable symbol, or by the other one when it is
 * the larger, and the mask `takes` says so. Even the state that stays is stored again.
 */
export function encodePair(first: usize, second: usize, count: usize): void {
  let a = firstA;
  let c = firstC;
  let b = secondA;
  let d = secondC;
  const distance = second - first;
  const end = first + count;
  for (let p = first; p < end; p++) {
    {
      const symbol = <u32>load<u8>(p);
      const context = <usize>(symbol & 0xfc);
      const entry = load<u32>(context, FIRST_STATES);
      const qe = entry >> 16;
      const rest = a - qe;
      const less = -(<i32>((entry ^ symbol) & 1));
      const excess = rest - qe;
      const takes = <u32>(less ^ (<i32>excess >> 31));
      a = rest - (excess & takes);
      c += <u64>(qe & ~takes);
      const next = load<u32>(<usize>((entry >> (less & 7)) & 0x1fc), MQ_TABLE);
      const top = a << 16;
      const shifts = clz(top);
      store<u32>(context, next ^ ((next ^ entry) & (<i32>top >> 31)), FIRST_STATES);
      a <<= shifts;
      c <<= <u64>shifts;
    }
    {
      const symbol = <u32>load<u8>(p + distance);
      const context = <usize>(symbol & 0xfc);
      const entry = load<u32>(context, SECOND_STATES);
      const qe = entry >> 16;
      const rest = b - qe;
      const less = -(<i32>((entry ^ symbol) & 1));
      const excess = rest - qe;
      const takes = <u32>(less ^ (<i32>excess >> 31));
      b = rest - (excess & takes);
      d += <u64>(qe & ~takes);
      const next = load<u32>(<usize>((entry >> (less & 7)) & 0x1fc), MQ_TABLE);
      const top = b << 16;
      const shifts = clz(top);
      store<u32>(context, next ^ ((next ^ entry) & (<i32>top >> 31)), SECOND_STATES);
      b <<= shifts;
      d <<= <u64>shifts;
    }
    if ((c | d) >> OVERDUE) {
      if (c >> OVERDUE) c = putBytes(false, c);
      if (d >> OVERDUE) d = putBytes(true, d);
    }
  }
  firstA = a;
  firstC = c;
  secondA = b;
  secondC = d;
}

/** Codes `count` symbols with one coder. */
export function encodeAlone(second: bool, from: usize, count: usize): void {
  const states = second ? SECOND_STATES : FIRST_STATES;
  let a = second ? secondA : firstA;
  let c = second ? secondC : firstC;
  const end = from + count;
  for (let p = from; p < end; p++) {
    const symbol = <u32>load<u8>(p);
    const context = <usize>(symbol & 0xfc);
    const entry = load<u32>(states + context);
    const qe = entry >> 16;
    const rest = a - qe;
    const less = -(<i32>((entry ^ symbol) & 1));
    const excess = rest - qe;
    const takes = <u32>(less ^ (<i32>excess >> 31));
    a = rest - (excess & takes);
    c += <u64>(qe & ~takes);
    const next = load<u32>(<usize>((entry >> (less & 7)) & 0x1fc), MQ_TABLE);
    const top = a << 16;
    const shifts = clz(top);
    store<u32>(states + context, next ^ ((next ^ entry) & (<i32>top >> 31)));
    a <<= shifts;
    c <<= <u64>shifts;
    if (c >> OVERDUE) c = putBytes(second, c);
  }
  if (second) {
    secondA = a;
    secondC = c;
  } else {
    firstA = a;
    firstC = c;
  }
}

/** Keeps what `endSegment` needs: 12 bytes at `record`. */
export function saveState(second: bool, record: usize): void {
  const c = putBytes(second, second ? secondC : firstC);
  if (second) secondC = c;
  else firstC = c;
  const mark = 63 - clz(c);
  store<u32>(record, bytesOut(second));
  store<u32>(record, <u32>(c ^ ((<u64>1) << mark)), 4);
  store<u16>(record, <u16>(second ? secondA : firstA), 8);
  store<u8>(record, <u8>(DUE - mark), 10);
  store<u8>(record, load<u8>(second ? secondLast : firstLast), 11);
}

/** Two bits of carry and at most five bytes follow what was put out before. */
const END_BYTES_MAX: i32 = 6;
const END_WITHOUT_CARRY: usize = memory.data(8);
const END_WITH_CARRY: usize = memory.data(8);
const DOMAIN: u32 = 1 << 27;

/**
 * The shortest segment that decodes to the state in `record`, whatever was coded later. A decoder
 * reads ones behind the end of a segment (C.3.4), so any string whose continuation by ones lies
 * inside the interval will do; the shortest one is independent of how deep the block was coded.
 *
 * @param to where the bytes behind the stable ones go, starting with the last byte put out
 * @returns the length of the whole segment
 */
export function endSegment(record: usize, to: usize): u32 {
  const count = load<u32>(record);
  const ct = <u32>load<u8>(record, 10);
  const low = load<u32>(record, 4) << ct;
  const high = low + ((<u32>load<u16>(record, 8)) << ct);
  const last = <u32>load<u8>(record, 11);
  if (last == 0xff) {
    const extra = endInside(low, high, true, END_WITHOUT_CARRY);
    return finish(count, last, END_WITHOUT_CARRY, extra, to);
  }
  let plain = END_BYTES_MAX;
  if (low < DOMAIN) plain = endInside(low, min(high, DOMAIN), false, END_WITHOUT_CARRY);
  if (high <= DOMAIN) return finish(count, last, END_WITHOUT_CARRY, plain, to);
  const from = low > DOMAIN ? low - DOMAIN : 0;
  const carried = endInside(from, high - DOMAIN, last == 0xfe, END_WITH_CARRY);
  if (carried < plain) return finish(count, last + 1, END_WITH_CARRY, carried, to);
  return finish(count, last, END_WITHOUT_CARRY, plain, to);
}

/** Fewest bytes whose continuation by ones lies in [low, high) of a 27-bit domain. */
function endInside(low: u32, high: u32, afterFf: bool, to: usize): i32 {
  let stuffed = afterFf;
  for (let count = 0; count < END_BYTES_MAX; count++) {
    if (low < DOMAIN && high >= DOMAIN) return count;
    const shift: u32 = stuffed ? 20 : 19;
    const ones: u32 = (1 << shift) - 1;
    let byte = (high - 1) >> shift;
    if (((byte << shift) | ones) == high - 1) {
      if (((byte << shift) | ones) >= low) {
        store<u8>(to + count, byte);
        return count + 1;
      }
    } else if (byte > 0 && (((byte - 1) << shift) | ones) >= low) {
      byte--;
      store<u8>(to + count, byte);
      return count + 1;
    }
    store<u8>(to + count, byte);
    const base = byte << shift;
    const next: u32 = stuffed ? 7 : 8;
    low = (low > base ? low - base : 0) << next;
    high = (high - base) << next;
    stuffed = byte == 0xff;
  }
  return END_BYTES_MAX;
}

/**
 * Writes the last stable byte and the end. A segment never ends with 0xFF (a decoder reads ones
 * there anyway), and it is never empty: some decoders take an empty segment for no passes.
 */
function finish(count: u32, last: u32, bytes: usize, extra: i32, to: usize): u32 {
  store<u8>(to, last);
  memory.copy(to + 1, bytes, extra);
  let total = count + extra;
  if (total > 0 && load<u8>(to + extra) == 0xff && (count > 0 || extra > 0)) total--;
  if (total > 0) return total;
  const start: usize = count > 0 ? to : to + 1;
  store<u8>(start, 0xff);
  store<u8>(start, 0x7f, 1);
  return 2;
}
