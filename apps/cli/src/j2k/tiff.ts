import { inflateSync } from 'node:zlib';
import type { Image } from '@yinglian/jpeg2000';
import { containerFor, interleave, newPlanes, PictureFault } from './planes.ts';

/** Tags of TIFF 6.0 that are read. */
const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  offsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  lengths: 279,
  planar: 284,
  predictor: 317,
  tileWidth: 322,
  format: 339,
} as const;
/** Bytes of the field types that are read: BYTE, SHORT, LONG. */
const TYPE_BYTES = new Map([
  [1, 1],
  [3, 2],
  [4, 4],
]);
const VALUES_MAX = 2 ** 16;
const UNCOMPRESSED = 1;
const DEFLATE = [8, 32_946];

type Directory = ReadonlyMap<number, readonly number[]>;

/** A TIFF of 8 or 16 bits in strips, plain or deflated: what frames of a DCDM come as. */
export function readTiff(bytes: Uint8Array): Image {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const directory = readDirectory(view, little);
  const one = (tag: number, fallback: number) => directory.get(tag)?.[0] ?? fallback;
  const [width, height] = [one(TAG.width, 0), one(TAG.height, 0)];
  const bits = one(TAG.bits, 1);
  const count = one(TAG.samples, 1);
  const isRead =
    (bits === 8 || bits === 16) &&
    one(TAG.format, 1) === 1 &&
    one(TAG.photometric, 2) <= 2 &&
    directory.get(TAG.tileWidth) === undefined &&
    (directory.get(TAG.bits) ?? []).every((each) => each === bits);
  if (!isRead) throw new PictureFault(`TIFF: ${bits} bits`);
  const planes = newPlanes(width, height, count);
  const separate = one(TAG.planar, 1) === 2;
  const perPixel = separate ? 1 : count;
  const rows = Math.max(1, Math.min(one(TAG.rowsPerStrip, height), height));
  const strips = Math.ceil(height / rows);
  for (let plane = 0; plane < (separate ? count : 1); plane++) {
    for (let strip = 0; strip < strips; strip++) {
      const first = strip * rows;
      const own = Math.min(rows, height - first);
      const index = plane * strips + strip;
      const data = readStrip(bytes, directory, index, (own * width * perPixel * bits) / 8);
      const sampleAt = samplesOf(data, bits, little);
      if (one(TAG.predictor, 1) === 2) unpredict(data, bits, little, width, perPixel);
      let at = 0;
      for (let i = first * width; i < (first + own) * width; i++) {
        for (let c = 0; c < perPixel; c++) planes[plane + c]![i] = sampleAt(at++);
      }
    }
  }
  // WhiteIsZero counts from the other end.
  if (one(TAG.photometric, 2) === 0) {
    for (const plane of planes)
      for (let i = 0; i < plane.length; i++) plane[i] = 2 ** bits - 1 - plane[i]!;
  }
  return { width, height, bitDepth: bits, components: planes };
}

function readDirectory(view: DataView, little: boolean): Directory {
  const directory = new Map<number, number[]>();
  try {
    if (view.getUint16(2, little) !== 42) throw new PictureFault('TIFF');
    const at = view.getUint32(4, little);
    const entries = view.getUint16(at, little);
    for (let i = 0; i < entries; i++) {
      const entry = at + 2 + 12 * i;
      const size = TYPE_BYTES.get(view.getUint16(entry + 2, little));
      const count = view.getUint32(entry + 4, little);
      if (size === undefined || count > VALUES_MAX) continue;
      const from = size * count <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
      const values = Array.from({ length: count }, (_, k) => {
        const place = from + k * size;
        if (size === 1) return view.getUint8(place);
        return size === 2 ? view.getUint16(place, little) : view.getUint32(place, little);
      });
      directory.set(view.getUint16(entry, little), values);
    }
  } catch (error) {
    if (error instanceof RangeError) throw new PictureFault('TIFF: truncated');
    throw error;
  }
  return directory;
}

function readStrip(
  bytes: Uint8Array,
  directory: Directory,
  index: number,
  wanted: number,
): Uint8Array {
  const offset = directory.get(TAG.offsets)?.[index];
  const length = directory.get(TAG.lengths)?.[index];
  if (offset === undefined || length === undefined) throw new PictureFault('TIFF: strips');
  const stored = bytes.subarray(offset, offset + length);
  const compression = directory.get(TAG.compression)?.[0] ?? UNCOMPRESSED;
  let data: Uint8Array;
  if (compression === UNCOMPRESSED) data = stored.slice(0, wanted);
  else if (DEFLATE.includes(compression)) {
    try {
      data = inflateSync(stored, { maxOutputLength: Math.max(1, wanted) });
    } catch (error) {
      throw new PictureFault(`TIFF: ${(error as Error).message}`);
    }
  } else throw new PictureFault(`TIFF: compression ${compression}`);
  if (data.length < wanted) throw new PictureFault('TIFF: truncated');
  return data;
}

function samplesOf(data: Uint8Array, bits: number, little: boolean): (index: number) => number {
  if (bits === 8) return (index) => data[index]!;
  const [low, high] = little ? [0, 1] : [1, 0];
  return (index) => data[2 * index + low]! | (data[2 * index + high]! << 8);
}

/** Predictor 2: each sample is told as the difference from the one before it in its row. */
function unpredict(
  data: Uint8Array,
  bits: number,
  little: boolean,
  width: number,
  perPixel: number,
): void {
  const sampleAt = samplesOf(data, bits, little);
  const row = width * perPixel;
  for (let at = 0; at < (data.length * 8) / bits; at++) {
    if (at % row < perPixel) continue;
    const value = sampleAt(at) + sampleAt(at - perPixel);
    if (bits === 8) data[at] = value;
    else {
      data[2 * at + (little ? 0 : 1)] = value;
      data[2 * at + (little ? 1 : 0)] = value >> 8;
    }
  }
}

/** An uncompressed TIFF in one strip; samples of other depths are shifted up to 8 or 16 bits. */
export function writeTiff(image: Image): Uint8Array {
  const { width, height, bitDepth, components } = image;
  const count = components.length;
  const bits = containerFor(bitDepth);
  const samples = interleave(image, bits, bits - bitDepth, false);
  const SHORT = 3;
  const LONG = 4;
  const entries: [number, number, number[]][] = [
    [TAG.width, LONG, [width]],
    [TAG.height, LONG, [height]],
    [TAG.bits, SHORT, components.map(() => bits)],
    [TAG.compression, SHORT, [UNCOMPRESSED]],
    [TAG.photometric, SHORT, [count >= 3 ? 2 : 1]],
    [TAG.offsets, LONG, [0]],
    [TAG.samples, SHORT, [count]],
    [TAG.rowsPerStrip, LONG, [height]],
    [TAG.lengths, LONG, [samples.length]],
    [TAG.planar, SHORT, [1]],
  ];
  const directoryBytes = 2 + 12 * entries.length + 4;
  const extra = 8 + directoryBytes;
  const start = extra + 2 * count;
  const out = Buffer.alloc(start + samples.length);
  out.write('II', 0, 'latin1');
  out.writeUInt16LE(42, 2);
  out.writeUInt32LE(8, 4);
  out.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, type, values], i) => {
    const at = 10 + 12 * i;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(values.length, at + 4);
    const isOutside = type === SHORT && values.length > 2;
    if (isOutside) out.writeUInt32LE(extra, at + 8);
    const to = isOutside ? extra : at + 8;
    values.forEach((value, k) => {
      const told = tag === TAG.offsets ? start : value;
      if (type === SHORT) out.writeUInt16LE(told, to + 2 * k);
      else out.writeUInt32LE(told, to + 4 * k);
    });
  });
  out.set(samples, start);
  return out;
}
