// The MQ encoder (ISO/IEC 15444-1 Annex C.2) over a buffer of symbols, and the shortest end of a
// codeword segment at any pass.
import { CONTEXTS, MQ_TABLE } from './tables';

let intervalA: u32 = 0;
let codeC: u32 = 0;
let shiftsCt: u32 = 0;
/** The byte written last; before the first one it points at a spare byte that is never sent. */
let lastByte: usize = 0;
let firstByte: usize = 0;

export function startEncoding(out: usize): void {
  intervalA = 0x8000;
  codeC = 0;
  shiftsCt = 12;
  firstByte = out;
  lastByte = out - 1;
  store<u8>(lastByte, 0);
}

/** Bytes put out so far; a later carry may still raise the last one. */
export function bytesOut(): u32 {
  return <u32>(lastByte + 1 - firstByte);
}

/** Codes `count` symbols, each a byte of context × 2 + decision. */
export function encodeSymbols(from: usize, count: usize): void {
  let a = intervalA;
  let c = codeC;
  let ct = shiftsCt;
  let bp = lastByte;
  const end = from + count;
  for (let p = from; p < end; p++) {
    const symbol = <u32>load<u8>(p);
    const context = CONTEXTS + ((symbol >> 1) << 2);
    const entry = load<u32>(context);
    const qe = entry >> 16;
    a -= qe;
    // C.2.6 and C.2.7 without their branches, which no predictor could guess: the sub-interval of
    // size Qe is taken by the less probable symbol, or by the other one when it is the larger. Even
    // the state that stays is stored again: measured 5 to 10 % faster than a branch around it.
    const less = (entry ^ symbol) & 1;
    const takesQe = less != <u32>(a < qe);
    c += takesQe ? 0 : qe;
    a = takesQe ? qe : a;
    let shifts = clz(a) - 16;
    const next = load<u32>(MQ_TABLE + (((less ? entry >> 8 : entry >> 1) & 0x7f) << 2));
    store<u32>(context, shifts ? next : entry);
    a <<= shifts;
    while (shifts >= ct) {
      c <<= ct;
      shifts -= ct;
      // BYTEOUT, C.2.8.
      let last = <u32>load<u8>(bp);
      if (last != 0xff && (c & 0x8000000) != 0) {
        last++;
        store<u8>(bp, last);
        c &= 0x7ffffff;
      }
      bp++;
      if (last == 0xff) {
        store<u8>(bp, c >> 20);
        c &= 0xfffff;
        ct = 7;
      } else {
        store<u8>(bp, c >> 19);
        c &= 0x7ffff;
        ct = 8;
      }
    }
    c <<= shifts;
    ct -= shifts;
  }
  intervalA = a;
  codeC = c;
  shiftsCt = ct;
  lastByte = bp;
}

/** Keeps what `endSegment` needs: 12 bytes at `record`. */
export function saveState(record: usize): void {
  store<u32>(record, bytesOut());
  store<u32>(record, codeC, 4);
  store<u16>(record, <u16>intervalA, 8);
  store<u8>(record, <u8>shiftsCt, 10);
  store<u8>(record, load<u8>(lastByte), 11);
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
  const high = low + (<u32>load<u16>(record, 8) << ct);
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
