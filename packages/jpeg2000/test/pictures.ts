import type { Image, Samples } from '../src/index.ts';

/** Numbers in [0, 1) that are the same in every run. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export type Material = 'noise' | 'waves' | 'flat' | 'edges' | 'grain';

export type PictureRequest = {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bitDepth: number;
  readonly signed?: boolean;
  readonly material: Material;
  readonly seed?: number;
};

export function picture(request: PictureRequest): Image {
  const { width, height, bitDepth, material } = request;
  const next = random(request.seed ?? 1);
  const peak = 2 ** bitDepth - 1;
  const low = request.signed === true ? -(2 ** (bitDepth - 1)) : 0;
  const wave = (x: number, y: number, c: number) =>
    0.5 + 0.25 * Math.sin(x / (9 + c)) + 0.2 * Math.cos(y / 13);
  const value = {
    noise: () => next(),
    waves: wave,
    flat: (_x: number, _y: number, c: number) => 0.3 + c / 10,
    edges: (x: number, y: number) => (((x >> 3) + (y >> 4)) % 3) / 2,
    grain: (x: number, y: number, c: number) => wave(x, y, c) + (next() - 0.5) / 20,
  }[material];
  const components = Array.from({ length: request.components }, (_, c) => {
    const samples = new Int32Array(width * height);
    for (let i = 0; i < samples.length; i++) {
      const share = value(i % width, Math.floor(i / width), c);
      samples[i] = low + Math.max(0, Math.min(peak, Math.round(share * peak)));
    }
    return samples;
  });
  return {
    width,
    height,
    bitDepth,
    components,
    ...(request.signed === true ? { signed: true } : {}),
  };
}

export function largestDifference(a: readonly Samples[], b: readonly Samples[]): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  a.forEach((samples, c) => {
    const other = b[c]!;
    if (samples.length !== other.length) largest = Infinity;
    for (let i = 0; i < samples.length; i++) {
      largest = Math.max(largest, Math.abs(samples[i]! - other[i]!));
    }
  });
  return largest;
}

export function psnr(a: readonly Samples[], b: readonly Samples[], bitDepth: number): number {
  let sum = 0;
  let count = 0;
  a.forEach((samples, c) => {
    count += samples.length;
    for (let i = 0; i < samples.length; i++) sum += (samples[i]! - b[c]![i]!) ** 2;
  });
  return sum === 0 ? Infinity : 10 * Math.log10(((2 ** bitDepth - 1) ** 2 * count) / sum);
}
