import type { Image } from '@yinglian/jpeg2000';
import { containerFor, interleave, newPlanes, PictureFault } from './planes.ts';

const HEADER_BYTES_MAX = 1024;
const COMPONENTS = { P5: 1, P6: 3 } as const;

/** PGM, PPM (binary) and PAM; the depth follows from the largest value. */
export function readPnm(bytes: Uint8Array): Image {
  const kind = String.fromCharCode(bytes[0]!, bytes[1] ?? 0);
  const header = kind === 'P7' ? readPam(bytes) : readPlain(bytes, kind);
  const { width, height, count, most, at: start } = header;
  const components = newPlanes(width, height, count);
  if (!(most >= 1 && most <= 65_535)) throw new PictureFault(`${kind} ${most}`);
  const size = most > 255 ? 2 : 1;
  if (bytes.length - start < width * height * count * size) throw new PictureFault('truncated');
  let at = start;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < count; c++, at += size) {
      components[c]![i] = size === 1 ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!;
    }
  }
  return { width, height, bitDepth: 32 - Math.clz32(most), components };
}

type Header = { width: number; height: number; count: number; most: number; at: number };

function readPlain(bytes: Uint8Array, kind: string): Header {
  if (kind !== 'P5' && kind !== 'P6') throw new PictureFault(`${kind}: P5 P6 P7`);
  const numbers: number[] = [];
  let at = 2;
  while (numbers.length < 3) {
    const char = String.fromCharCode(bytes[at] ?? 0);
    if (at >= HEADER_BYTES_MAX || at >= bytes.length) throw new PictureFault(kind);
    if (char === '#') while (at < bytes.length && bytes[at] !== 10) at++;
    else if (/\d/.test(char)) {
      let value = 0;
      for (; bytes[at]! >= 48 && bytes[at]! <= 57; at++) value = value * 10 + bytes[at]! - 48;
      numbers.push(value);
    } else if (/\s/.test(char)) at++;
    else throw new PictureFault(kind);
  }
  const [width, height, most] = numbers;
  return { width: width!, height: height!, most: most!, count: COMPONENTS[kind], at: at + 1 };
}

function readPam(bytes: Uint8Array): Header {
  const text = Buffer.from(bytes.subarray(0, HEADER_BYTES_MAX)).toString('latin1');
  const end = text.indexOf('ENDHDR\n');
  if (end < 0) throw new PictureFault('P7');
  const value = (name: string) =>
    Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text.slice(0, end))?.[1]);
  return {
    width: value('WIDTH'),
    height: value('HEIGHT'),
    count: value('DEPTH'),
    most: value('MAXVAL'),
    at: end + 'ENDHDR\n'.length,
  };
}

/** PGM for one component, PPM for three, PAM for others; the samples keep their values. */
export function writePnm(image: Image): Uint8Array {
  const { width, height, bitDepth, components } = image;
  const most = 2 ** bitDepth - 1;
  const count = components.length;
  const plain = count === 1 ? 'P5' : count === 3 ? 'P6' : undefined;
  const header =
    plain === undefined
      ? `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${count}\nMAXVAL ${most}\nENDHDR\n`
      : `${plain}\n${width} ${height}\n${most}\n`;
  return Buffer.concat([
    Buffer.from(header, 'latin1'),
    interleave(image, containerFor(bitDepth), 0, true),
  ]);
}
