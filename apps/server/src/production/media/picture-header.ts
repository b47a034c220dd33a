import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { FRAME_RATES, nominalRate, parseFrameRate } from '@yinglian/core';

/** What the header of a picture tells of the film it is a frame of. */
export type PictureHeader = {
  /** An exact rate, `24000/1001`. */
  readonly frameRate: string | null;
  readonly timecode: string | null;
  /** Of raw pictures: what neutral light gives in red, green and blue. */
  readonly neutral?: readonly number[];
  /** The same by the camera's matrix, in daylight. */
  readonly daylight?: readonly number[];
};

/** Headers lie at the beginning; EXR's and DNG's lists of facts rarely pass some kilobytes. */
const HEAD_BYTES = 64 * 1024;
const NOTHING: PictureHeader = { frameRate: null, timecode: null };

/** Rate and timecode of a DPX, EXR or DNG picture, as far as they are there and can be meant. */
export async function readPictureHeader(path: string): Promise<PictureHeader> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return pictureHeader(buffer.subarray(0, bytesRead), extname(path).toLowerCase());
  } finally {
    await file.close();
  }
}

/** The same of bytes; what is cut off or no such picture tells nothing. */
export function pictureHeader(head: Uint8Array, extension: string): PictureHeader {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    if (extension === '.dpx') return dpxHeader(view);
    if (extension === '.exr') return exrHeader(view);
    if (extension === '.dng') return dngHeader(view);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  return NOTHING;
}

/** SMPTE ST 268-1: film header from 1664, television header from 1920; all ones are no value. */
function dpxHeader(view: DataView): PictureHeader {
  const magic = view.getUint32(0);
  if (magic !== 0x53445058 && magic !== 0x58504453) return NOTHING;
  const little = magic === 0x58504453;
  const rate = [1940, 1724].map((at) => knownRate(view.getFloat32(at, little))).find(Boolean);
  const frameRate = rate ?? null;
  return { frameRate, timecode: codedTime(view.getUint32(1920, little), frameRate) };
}

/** OpenEXR: attributes as name, type, size and value after eight bytes. */
function exrHeader(view: DataView): PictureHeader {
  if (view.getUint32(0, true) !== 20_000_630) return NOTHING;
  let frameRate: string | null = null;
  let time: number | undefined;
  for (let at = 8; view.getUint8(at) !== 0; ) {
    const name = wordAt(view, at);
    const type = wordAt(view, at + name.length + 1);
    const value = at + name.length + type.length + 6;
    if (name === 'framesPerSecond' && type === 'rational') {
      const [above, below] = [view.getInt32(value, true), view.getUint32(value + 4, true)];
      frameRate = meantRate(`${above}/${below}`);
    }
    if (name === 'timeCode' && type === 'timecode') time = view.getUint32(value, true);
    at = value + view.getUint32(value - 4, true);
  }
  return { frameRate, timecode: time === undefined ? null : codedTime(time, frameRate) };
}

function wordAt(view: DataView, at: number): string {
  let word = '';
  for (let next = at; view.getUint8(next) !== 0; next++) {
    word += String.fromCharCode(view.getUint8(next));
  }
  return word;
}

/**
 * DNG: AsShotNeutral (50728), ColorMatrix1 and 2 (50721, 50722), of which the later holds;
 * CinemaDNG 1.1: TimeCodes (51043) and FrameRate (51044).
 */
function dngHeader(view: DataView): PictureHeader {
  const little = view.getUint16(0) === 0x4949;
  if (view.getUint16(2, little) !== 42) return NOTHING;
  const list = view.getUint32(4, little);
  let frameRate: string | null = null;
  let time: number | undefined;
  let neutral: readonly number[] | undefined;
  let daylight: readonly number[] | undefined;
  for (let entry = 0; entry < view.getUint16(list, little); entry++) {
    const at = list + 2 + entry * 12;
    const tag = view.getUint16(at, little);
    const value = view.getUint32(at + 8, little);
    // ST 331, frames first.
    if (tag === 51043) time = view.getUint32(value, true);
    if (tag === 50728 && view.getUint32(at + 4, little) === 3) {
      neutral = [0, 1, 2].map((index) => rationalAt(view, value + index * 8, little));
    }
    if ((tag === 50721 || tag === 50722) && view.getUint32(at + 4, little) === 9) {
      const row = (from: number) =>
        D65.map((each, index) => each * rationalAt(view, value + (from + index) * 8, little));
      daylight = [0, 3, 6].map((from) => row(from).reduce((sum, each) => sum + each, 0));
    }
    if (tag === 51044) {
      frameRate = meantRate(`${view.getInt32(value, little)}/${view.getInt32(value + 4, little)}`);
    }
  }
  const timecode = time === undefined ? null : codedTime(time, frameRate);
  return {
    frameRate,
    timecode,
    ...(isLight(neutral) ? { neutral } : {}),
    ...(isLight(daylight) ? { daylight } : {}),
  };
}

/** Daylight as X, Y, Z (CIE D65, 2°). */
const D65 = [0.9505, 1, 1.089];

/** Levels of neutral light are near one; others are no light that was filmed in. */
const NEUTRAL_MAX = 100;

function isLight(levels: readonly number[] | undefined): levels is readonly number[] {
  return levels?.every((each) => each > 0 && each <= NEUTRAL_MAX) === true;
}

/** Signed or not: what is below zero is no level, and is told apart by {@link isLight}. */
function rationalAt(view: DataView, at: number, little: boolean): number {
  return view.getInt32(at, little) / view.getInt32(at + 4, little);
}

/** A float near a rate in use means that rate; any other is no rate of a film. */
function knownRate(value: number): string | undefined {
  if (!(value >= 1)) return undefined;
  const near = Object.values(FRAME_RATES).find(
    ({ numerator, denominator }) =>
      Math.abs(Number(numerator) / Number(denominator) - value) < 0.005,
  );
  return near === undefined ? undefined : rateText(near);
}

function meantRate(text: string): string | null {
  const rate = parseFrameRate(text);
  return rate === undefined
    ? null
    : (knownRate(Number(rate.numerator) / Number(rate.denominator)) ?? rateText(rate));
}

const rateText = ({ numerator, denominator }: (typeof FRAME_RATES)['24']) =>
  denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;

/**
 * The packed time of ST 12-1: hours in the highest byte, frames in the lowest, with flags in bits
 * that digits do not need. All zero with no rate beside it is what writers leave who know no time.
 */
function codedTime(word: number, frameRate: string | null): string | null {
  if (word === 0xffffffff || (word === 0 && frameRate === null)) return null;
  const bytes = [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff);
  const masks = [0x3f, 0x7f, 0x7f, 0x3f];
  const digits = bytes.map((each, at) => each & masks[at]!);
  if (digits.some((each) => (each & 15) > 9)) return null;
  const [hours, minutes, seconds, frames] = digits.map((each) => (each >> 4) * 10 + (each & 15));
  const rate = frameRate === null ? undefined : parseFrameRate(frameRate);
  const framesMax = rate === undefined ? 40 : nominalRate(rate);
  if (hours! > 23 || minutes! > 59 || seconds! > 59 || frames! >= framesMax) return null;
  const drops = (bytes[3]! & 0x40) !== 0 && (rate?.denominator ?? 1001n) === 1001n;
  const two = (value: number | undefined) => String(value).padStart(2, '0');
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${drops ? ';' : ':'}${two(frames)}`;
}
