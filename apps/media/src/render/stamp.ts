import { writeFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';
import type { PictureSize } from '../jobs.ts';
import { Canvas } from './canvas.ts';
import { GLYPH_ADVANCE, GLYPH_HEIGHT } from './font.ts';

/** How much of the picture a letter and its shadow hide. */
const LETTER = 0.3;
const SHADOW = 0.26;
/** Rows of the stamp over the height; whoever cuts a part away leaves another one. */
const ROWS = 5;
/** Letters' height in parts of the picture's. */
const HEIGHT_SHARE = 1 / 26;
const LETTERS_MIN = 9;

/** The lines all over a picture, as a transparent PNG to be laid on a film. */
export async function writeStamp(
  path: string,
  size: PictureSize,
  lines: readonly string[],
): Promise<void> {
  await writeFile(path, pngOf(size, stampPixels(size, lines)));
}

/** RGBA, white letters with a black shadow. */
export function stampPixels({ width, height }: PictureSize, lines: readonly string[]): Uint8Array {
  const letters = new Canvas(width, height);
  const tall = Math.max(LETTERS_MIN, Math.round(height * HEIGHT_SHARE));
  const cell = (tall / GLYPH_HEIGHT) * GLYPH_ADVANCE;
  const step = Math.max(Math.floor(height / ROWS), tall * (lines.length + 1));
  for (let row = 0, y = Math.round(step / 3); y < height; row++, y += step) {
    for (const [index, line] of lines.entries()) {
      const wide = Math.max(1, (line.length + 4) * cell);
      const from = -((row * wide) / 2) % wide;
      for (let x = from; x < width; x += wide) {
        letters.text(line, x, y + index * tall * 1.4, tall, [255, 255, 255]);
      }
    }
  }
  return shaded(letters, Math.max(1, Math.round(tall / 10)));
}

function shaded({ width, height, pixels }: Canvas, offset: number): Uint8Array {
  const out = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const letter = (pixels[at]! & 255) / 255;
      const above = x >= offset && y >= offset ? at - offset * width - offset : -1;
      const shadow = above < 0 ? 0 : ((pixels[above]! & 255) / 255) * (1 - letter);
      const cover = letter * LETTER + shadow * SHADOW;
      const light = cover === 0 ? 0 : Math.round((255 * letter * LETTER) / cover);
      out.fill(light, 4 * at, 4 * at + 3);
      out[4 * at + 3] = Math.round(255 * cover);
    }
  }
  return out;
}

/** A PNG of eight bits with alpha (ISO/IEC 15948). */
export function pngOf({ width, height }: PictureSize, rgba: Uint8Array): Uint8Array {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y++) {
    // The byte before each row names its filter: none.
    Buffer.from(rgba.buffer, rgba.byteOffset + y * width * 4, width * 4).copy(
      rows,
      y * (1 + width * 4) + 1,
    );
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits, red green blue alpha (table 11.1).
  head.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(name, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
