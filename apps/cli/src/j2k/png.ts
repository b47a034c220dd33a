import { crc32, deflateSync, inflateSync } from 'node:zlib';
import type { Image } from '@yinglian/jpeg2000';
import { containerFor, interleave, newPlanes, PictureFault } from './planes.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Samples of a pixel by colour type (PNG 11.2.2). */
const COMPONENTS = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
const PALETTE = 3;
const CHUNKS_MAX = 100_000;

type Chunks = { header: DataView; palette: Uint8Array; data: Uint8Array };

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let header: DataView | undefined;
  let palette: Uint8Array = new Uint8Array(0);
  let at = SIGNATURE.length;
  for (let count = 0; count < CHUNKS_MAX && at + 12 <= bytes.length; count++) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) break;
    if (type === 'IHDR' && length === 13) {
      header = new DataView(body.buffer, body.byteOffset, body.byteLength);
    } else if (type === 'PLTE') palette = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  if (header === undefined || data.length === 0) throw new PictureFault('PNG');
  return { header, palette, data: Buffer.concat(data) };
}

/** PNG of 8 or 16 bits, not interlaced; a palette is looked up. */
export function readPng(bytes: Uint8Array): Image {
  const { header, palette, data } = readChunks(bytes);
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const [bitDepth, type, interlaced] = [
    header.getUint8(8),
    header.getUint8(9),
    header.getUint8(12),
  ];
  const count = COMPONENTS.get(type);
  if (count === undefined || (bitDepth !== 8 && bitDepth !== 16) || interlaced !== 0) {
    throw new PictureFault(`PNG: 8, 16 bits; ${bitDepth} bits, interlace ${interlaced}`);
  }
  const planes = newPlanes(width, height, count);
  const rowBytes = (width * count * bitDepth) / 8;
  const lines = inflate(data, (rowBytes + 1) * height);
  unfilter(lines, rowBytes, height, (count * bitDepth) / 8);
  const size = bitDepth / 8;
  for (let y = 0; y < height; y++) {
    let at = y * (rowBytes + 1) + 1;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < count; c++, at += size) {
        planes[c]![y * width + x] = size === 1 ? lines[at]! : (lines[at]! << 8) | lines[at + 1]!;
      }
    }
  }
  const components =
    type === PALETTE
      ? [0, 1, 2].map((c) => planes[0]!.map((index) => palette[3 * index + c] ?? 0))
      : planes;
  return { width, height, bitDepth, components };
}

function inflate(data: Uint8Array, bytes: number): Uint8Array {
  try {
    const lines = inflateSync(data, { maxOutputLength: bytes });
    if (lines.length === bytes) return lines;
  } catch (error) {
    throw new PictureFault(`PNG: ${(error as Error).message}`);
  }
  throw new PictureFault('PNG: truncated');
}

/** Undoes the filters of all rows in place (PNG 9). */
function unfilter(lines: Uint8Array, rowBytes: number, height: number, pixel: number): void {
  for (let y = 0; y < height; y++) {
    const row = y * (rowBytes + 1) + 1;
    const filter = lines[row - 1]!;
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= pixel ? lines[row + x - pixel]! : 0;
      const up = y > 0 ? lines[row + x - rowBytes - 1]! : 0;
      const corner = x >= pixel && y > 0 ? lines[row + x - rowBytes - 1 - pixel]! : 0;
      let predicted = 0;
      if (filter === 1) predicted = left;
      else if (filter === 2) predicted = up;
      else if (filter === 3) predicted = (left + up) >> 1;
      else if (filter === 4) predicted = paeth(left, up, corner);
      lines[row + x] = lines[row + x]! + predicted;
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** PNG of 8 or 16 bits; samples of other depths are shifted up to fill them. */
export function writePng(image: Image): Uint8Array {
  const { width, height, bitDepth, components } = image;
  const type = [0, 4, 2, 6][components.length - 1];
  if (type === undefined) throw new PictureFault(`PNG: ${components.length}`);
  const bits = containerFor(bitDepth);
  const samples = interleave(image, bits, bits - bitDepth, true);
  const rowBytes = samples.length / height;
  const lines = new Uint8Array(samples.length + height);
  for (let y = 0; y < height; y++) {
    // Each row less the one above it: cheap, and pictures are smooth.
    lines[y * (rowBytes + 1)] = 2;
    for (let x = 0; x < rowBytes; x++) {
      const above = y === 0 ? 0 : samples[(y - 1) * rowBytes + x]!;
      lines[y * (rowBytes + 1) + 1 + x] = samples[y * rowBytes + x]! - above;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, type], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 3 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const out = Buffer.alloc(named.length + 8);
  out.writeUInt32BE(body.length, 0);
  out.set(named, 4);
  out.writeUInt32BE(crc32(named) >>> 0, named.length + 4);
  return out;
}
