// The MQ decoder (ISO/IEC 15444-1 Annex C.3) and the raw bits of the bypass mode (D.6). Two bytes
// 0xFF stand behind every segment while it is read, so reading never needs a bound: a marker is
// never passed, and ones are read instead.
import { CONTEXTS, MQ_TABLE } from './tables';

let intervalA: u32 = 0;
let codeC: u32 = 0;
let shiftsCt: u32 = 0;
let at: usize = 0;

@inline
function byteIn(): void {
  if (load<u8>(at) == 0xff) {
    const next = <u32>load<u8>(at, 1);
    if (next > 0x8f) {
      codeC += 0xff00;
      shiftsCt = 8;
    } else {
      at++;
      codeC += next << 9;
      shiftsCt = 7;
    }
  } else {
    at++;
    codeC += <u32>load<u8>(at) << 8;
    shiftsCt = 8;
  }
}

export function startDecoding(from: usize): void {
  at = from;
  codeC = <u32>load<u8>(from) << 16;
  byteIn();
  codeC <<= 7;
  shiftsCt -= 7;
  intervalA = 0x8000;
}

function renormalise(): void {
  let a = intervalA;
  do {
    if (shiftsCt == 0) byteIn();
    const shifts = min(<u32>clz(a) - 16, shiftsCt);
    a <<= shifts;
    codeC <<= shifts;
    shiftsCt -= shifts;
  } while ((a & 0x8000) == 0);
  intervalA = a;
}

function exchange(context: usize, entry: u32, a: u32, qe: u32, lower: bool): u32 {
  // In the lower sub-interval the meaning is exchanged when it is the larger one (C.3.2).
  const likely = lower == (a < qe);
  intervalA = lower ? qe : a;
  const next = <usize>((likely ? entry : entry >> 7) & 0x1fc);
  store<u32>(context, load<u32>(MQ_TABLE + next));
  renormalise();
  return likely ? entry & 1 : (entry & 1) ^ 1;
}

@inline
export function decodeSymbol(label: u32): u32 {
  const context = CONTEXTS + (label << 2);
  const entry = load<u32>(context);
  const qe = entry >> 16;
  const a = intervalA - qe;
  if (codeC >> 16 < qe) return exchange(context, entry, a, qe, true);
  codeC -= qe << 16;
  if (a & 0x8000) {
    intervalA = a;
    return entry & 1;
  }
  return exchange(context, entry, a, qe, false);
}

let rawByte: u32 = 0;

export function startRaw(from: usize): void {
  at = from;
  rawByte = 0;
  shiftsCt = 0;
}

/** A byte behind 0xFF has seven bits; at the end of the segment ones are read. */
export function rawBit(): u32 {
  if (shiftsCt == 0) {
    const byte = <u32>load<u8>(at);
    if (rawByte == 0xff) {
      if (byte > 0x8f) {
        shiftsCt = 8;
      } else {
        rawByte = byte;
        at++;
        shiftsCt = 7;
      }
    } else {
      // The guard bytes end with 0xFF, 0xFF: from there on the position stays.
      rawByte = byte;
      at++;
      shiftsCt = 8;
    }
  }
  shiftsCt--;
  return (rawByte >> shiftsCt) & 1;
}
