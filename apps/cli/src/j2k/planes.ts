import type { Image } from '@yinglian/jpeg2000';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';

/** Samples of all components that a file may claim: twice 4096 × 2160 × 4. */
export const SAMPLES_MAX = 2 ** 26;

/** A file that is not what it says, or says what is not read here. */
export class PictureFault extends CommandFault {
  constructor(reason: string) {
    super(reason, EXIT.misused);
  }
}

/** Room for the samples of a picture, planar; refuses sizes that no picture has. */
export function newPlanes(width: number, height: number, components: number): Uint16Array[] {
  const count = width * height * components;
  if (!(width > 0 && height > 0 && components > 0 && count <= SAMPLES_MAX)) {
    throw new PictureFault(`${width}×${height}×${components}`);
  }
  return Array.from({ length: components }, () => new Uint16Array(width * height));
}

/** Samples of a pixel one after the other, high byte first or last, shifted up to a container. */
export function interleave(
  image: Image,
  containerBits: 8 | 16,
  shift: number,
  bigEndian: boolean,
): Uint8Array {
  const { components, width, height } = image;
  const size = containerBits / 8;
  const out = new Uint8Array(width * height * components.length * size);
  const high = bigEndian ? 0 : 1;
  components.forEach((plane, c) => {
    if (plane.length !== width * height) throw new PictureFault('4:4:4');
    let at = c * size;
    for (let i = 0; i < plane.length; i++, at += components.length * size) {
      const value = plane[i]! << shift;
      if (size === 1) out[at] = value;
      else {
        out[at + high] = value >> 8;
        out[at + 1 - high] = value;
      }
    }
  });
  return out;
}

/** The smallest container a file has for a depth. */
export function containerFor(bitDepth: number): 8 | 16 {
  return bitDepth > 8 ? 16 : 8;
}
