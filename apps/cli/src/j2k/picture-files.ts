import { extname } from 'node:path';
import type { Image } from '@yinglian/jpeg2000';
import { newPlanes, PictureFault } from './planes.ts';
import { readPng, writePng } from './png.ts';
import { readPnm, writePnm } from './pnm.ts';
import { readTiff, writeTiff } from './tiff.ts';

/** How a file without a header is to be read: planes one after the other, little-endian. */
export type RawShape = {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bitDepth: number;
};

/** `2048x1080x3x12` as a shape. */
export function parseShape(text: string): RawShape {
  const numbers = text.split('x').map(Number);
  const [width, height, components, bitDepth] = numbers;
  const isWhole = numbers.length === 4 && numbers.every((each) => Number.isInteger(each));
  if (!isWhole || !(bitDepth! >= 1 && bitDepth! <= 16)) {
    throw new PictureFault(`${text}: 2048x1080x3x12`);
  }
  return { width: width!, height: height!, components: components!, bitDepth: bitDepth! };
}

/** A picture from the bytes of a PNM, PAM, PNG or TIFF file, or of a raw one of a given shape. */
export function readPicture(name: string, bytes: Uint8Array, shape?: RawShape): Image {
  if (shape !== undefined) return readRaw(bytes, shape);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return readPng(bytes);
  if (bytes[0] === 0x50) return readPnm(bytes);
  const order = String.fromCharCode(bytes[0] ?? 0, bytes[1] ?? 0);
  if (order === 'II' || order === 'MM') return readTiff(bytes);
  throw new PictureFault(`${name}: .ppm .pgm .pam .png .tif, --raw`);
}

/** A picture as the file that its name asks for. */
export function writePicture(name: string, image: Image): Uint8Array {
  switch (extname(name).toLowerCase()) {
    case '.png':
      return writePng(image);
    case '.ppm':
    case '.pgm':
    case '.pam':
    case '.pnm':
      return writePnm(image);
    case '.tif':
    case '.tiff':
      return writeTiff(image);
    case '.raw':
    case '.rawl':
      return writeRaw(image);
    default:
      throw new PictureFault(`${name}: .ppm .pgm .pam .png .tif .raw`);
  }
}

function readRaw(bytes: Uint8Array, shape: RawShape): Image {
  const { width, height, components: count, bitDepth } = shape;
  const components = newPlanes(width, height, count);
  const size = bitDepth > 8 ? 2 : 1;
  if (bytes.length < width * height * count * size) throw new PictureFault(`${bytes.length} bytes`);
  let at = 0;
  for (const plane of components) {
    for (let i = 0; i < plane.length; i++, at += size) {
      plane[i] = size === 1 ? bytes[at]! : bytes[at]! | (bytes[at + 1]! << 8);
    }
  }
  return { width, height, bitDepth, components };
}

function writeRaw({ components, bitDepth }: Image): Uint8Array {
  const size = bitDepth > 8 ? 2 : 1;
  const out = new Uint8Array(components.reduce((sum, each) => sum + each.length, 0) * size);
  let at = 0;
  for (const plane of components) {
    for (const value of plane) {
      out[at] = value;
      if (size === 2) out[at + 1] = value >> 8;
      at += size;
    }
  }
  return out;
}
