// One block after the other: its passes become symbols, and the MQ coder turns those of two blocks
// at a time into bytes. Which passes are made does not depend on the bytes, so that all symbols of
// a block exist before its first byte.
import { BLOCK_SAMPLES_MAX } from './tables';
import { countAtLeast, height, width } from './block-loader';
import {
  becameCount, becameSum, cleanupPass, refinedCount, refinedSum, refinementPass, significancePass,
  startPasses, startPlane,
} from './block-passes';
import {
  bytesOut, encodeAlone, encodePair, endSegment, saveState, startEncoding,
} from './mq-encoder';

/**
 * Bytes of one pass record: distortion gain f64, length u32, MQ state of 12 bytes, kind and plane,
 * and where the symbols of the pass end.
 */
const RECORD_BYTES: usize = 32;
const PASSES_MAX: usize = 3 * 31;
const RECORDS_BYTES: usize = 2976;
const TAIL: usize = memory.data(16);
/** A block is coded here and then moved behind its records: 16 bytes a sample never run out. */
const CODED_CAPACITY: u32 = 16 * BLOCK_SAMPLES_MAX + 8192;
const CODED_BYTES: usize = 73_744;
/** Symbols of all passes: one a sample and three a column in each of 31 planes, and each sign. */
const SYMBOLS_BYTES: usize = 31 * (4096 + 3 * 1024) + 4096 + 64;

// Two blocks at a time, each with its records, symbols and bytes.
const RECORDS: usize = memory.data(2 * 2976, 16);
const SYMBOLS: usize = memory.data(2 * (31 * (4096 + 3 * 1024) + 4096 + 64), 16);
const CODED: usize = memory.data(2 * 73_744, 16) + 8;
/** Passes whose symbols exist, passes coded, the next symbol and spare bytes that a pass needs. */
let passesA: i32 = 0;
let passesB: i32 = 0;
let doneA: i32 = 0;
let doneB: i32 = 0;
let nextA: usize = 0;
let nextB: usize = 0;
let spareA: u32 = 0;
let spareB: u32 = 0;

/** When coding stops, see `shouldStop`. */
let stopLambda: f64 = 0;
/** Samples of the plane being coded that are not significant yet, as far as `shouldStop` asked. */
let brought: i32 = 0;
/** Samples that are significant. */
let significant: i32 = 0;

/** Most a refinement pass gains, in squared steps a byte at weight 1 in plane 0. */
const REFINEMENT_BOUND: f64 = 3.5;
/** Most any pass gains: 2.17 for a sign bit and little else. */
const PASS_BOUND: f64 = 16;
/** By how much contexts beat the entropy: in the significance pass, and in the cleanup pass. */
const SPREAD_BOUND: f64 = 1.5;
const CLEANUP_BOUND: f64 = 1.25;
/** Mean gain of a sample that becomes significant: 2.25 less what its place in it costs. */
const SIGNIFICANCE_GAIN: f64 = 2.17;

/** @param lambda slope (squared picture error a byte) under which no pass is wanted; 0 for none */
export function setStop(lambda: f64): void {
  stopLambda = lambda;
}

/**
 * Makes the symbols of the block that was loaded, from its highest plane down to where `setStop`
 * says, for one of the two coders.
 *
 * @param planes bits of the largest magnitude, at least 1
 * @param weight squared error that one squared quantisation step stands for
 */
export function startBlock(second: bool, planes: i32, orientation: i32, weight: f64): void {
  const records = RECORDS + (second ? RECORDS_BYTES : 0);
  const symbols = SYMBOLS + (second ? SYMBOLS_BYTES : 0);
  const passes = makePasses(planes, orientation, weight, records, symbols);
  startEncoding(second, CODED + (second ? CODED_BYTES : 0));
  const spare = <u32>(width * height * 4 + 64);
  if (second) {
    passesB = passes;
    doneB = 0;
    nextB = symbols;
    spareB = spare;
  } else {
    passesA = passes;
    doneA = 0;
    nextA = symbols;
    spareA = spare;
  }
}

function makePasses(
  planes: i32, orientation: i32, weight: f64, records: usize, symbols: usize,
): i32 {
  startPasses(orientation);
  let gain: f64 = 0;
  let record = records;
  let out = symbols;
  significant = brought = 0;
  for (let plane = planes - 1; plane >= 0; plane--) {
    startPlane(plane, plane == planes - 1);
    const scale = <f64>(<u64>1 << plane);
    for (let kind = plane == planes - 1 ? 2 : 0; kind < 3; kind++) {
      // The values are taken in the middle of their finest interval; a sample that becomes
      // significant is reproduced at 1.5 planes, a refined one half a plane nearer.
      if (kind == 1) {
        out = refinementPass(plane, out);
        gain += weight * scale * (refinedSum - 0.25 * scale * <f64>refinedCount);
      } else {
        out = kind == 0 ? significancePass(out) : cleanupPass(out);
        const became = <f64>becameCount;
        const sum = becameSum + 0.5 * became;
        gain += weight * scale * (3.0 * sum - 2.25 * scale * became);
        significant += becameCount;
        brought -= becameCount;
      }
      store<f64>(record, gain);
      store<u32>(record, (<u32>plane << 2) | <u32>kind, 24);
      store<u32>(record, <u32>out, 28);
      record += RECORD_BYTES;
      if (shouldStop(plane, kind, weight)) return <i32>((record - records) / RECORD_BYTES);
    }
  }
  return <i32>((record - records) / RECORD_BYTES);
}

/** Where the pass being coded ends. */
@inline
function passEnd(second: bool): usize {
  return load<u32>(RECORDS + (second ? RECORDS_BYTES + <usize>doneB * RECORD_BYTES
    : <usize>doneA * RECORD_BYTES), 28);
}

/** Closes a pass when its symbols are coded. @returns whether the block is done */
function closePass(second: bool): bool {
  const next = second ? nextB : nextA;
  while (passEnd(second) == next) {
    const record = second ? RECORDS + RECORDS_BYTES + <usize>doneB * RECORD_BYTES
      : RECORDS + <usize>doneA * RECORD_BYTES;
    saveState(second, record + 12);
    store<u32>(record, endSegment(record + 12, TAIL), 8);
    const isFull = CODED_CAPACITY - bytesOut(second) < (second ? spareB : spareA);
    if (second) {
      doneB++;
      if (doneB >= passesB || isFull) return true;
    } else {
      doneA++;
      if (doneA >= passesA || isFull) return true;
    }
  }
  return false;
}

/** Codes both blocks side by side until one is done. @returns whether it is the second */
export function encodeBoth(): bool {
  while (true) {
    const count = min(passEnd(false) - nextA, passEnd(true) - nextB);
    encodePair(nextA, nextB, count);
    nextA += count;
    nextB += count;
    if (closePass(false)) return false;
    if (closePass(true)) return true;
  }
}

/** Codes what is left of one block. */
export function encodeRest(second: bool): void {
  do {
    const end = passEnd(second);
    const next = second ? nextB : nextA;
    encodeAlone(second, next, end - next);
    if (second) nextB = end;
    else nextA = end;
  } while (!closePass(second));
}

/** Bytes that a block which is done takes with its records. */
export function blockBytes(second: bool): u32 {
  return <u32>((second ? doneB : doneA) * <i32>RECORD_BYTES) + bytesOut(second);
}

/**
 * Moves a block that is done: 32 bytes a pass (cumulated distortion gain, shortest length, MQ
 * state), then the coded bytes.
 * @returns number of passes
 */
export function takeBlock(second: bool, to: usize): i32 {
  const passes = second ? doneB : doneA;
  const bytes = <usize>passes * RECORD_BYTES;
  memory.copy(to, RECORDS + (second ? RECORDS_BYTES : 0), bytes);
  memory.copy(to + bytes, CODED + (second ? CODED_BYTES : 0), bytesOut(second));
  return passes;
}

/**
 * Whether no further pass can be wanted. Refinement gains about two squared steps a byte at weight
 * 1 in plane 0, four times as much with each plane up. For the two other kinds the block itself
 * says how many samples the plane still brings, and their entropy how many bits that costs at least
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
