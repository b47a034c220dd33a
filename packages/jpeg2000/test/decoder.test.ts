import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createDecoder,
  createEncoder,
  type Decoder,
  type Encoder,
  parseCodestream,
} from '../src/index.ts';
import { largestDifference, picture, psnr, random } from './pictures.ts';

let encoder: Encoder;
let decoder: Decoder;

beforeAll(async () => {
  encoder = await createEncoder();
  decoder = await createDecoder();
});

const meanSquare = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]) => {
  const squares = a.flatMap((plane, c) =>
    Array.from(plane, (value, i) => (value - b[c]![i]!) ** 2),
  );
  return squares.reduce((sum, each) => sum + each, 0) / squares.length;
};

const codes = (findings: readonly { readonly code: string }[]) => findings.map((each) => each.code);

describe('decoder', () => {
  it('[JD1] reduced sizes are the resolutions of the stream, rounded up', () => {
    const image = picture({
      width: 101,
      height: 67,
      components: 3,
      bitDepth: 12,
      material: 'waves',
    });
    const stream = encoder.encode(image, { reversible: false, levels: 4 });
    const sizes = [0, 1, 2, 3, 4].map((reduce) => {
      const { width, height, components, findings } = decoder.decode(stream, { reduce });
      expect(findings).toEqual([]);
      expect(components.map((each) => each.length)).toEqual([1, 2, 3].map(() => width * height));
      return [width, height];
    });
    expect(sizes).toEqual([
      [101, 67],
      [51, 34],
      [26, 17],
      [13, 9],
      [7, 5],
    ]);
  });

  it('[JD1] a reduced picture looks like the picture', () => {
    const image = picture({
      width: 128,
      height: 96,
      components: 1,
      bitDepth: 8,
      material: 'waves',
    });
    const half = decoder.decode(encoder.encode(image), { reduce: 1 });
    const subsampled = Int32Array.from(
      { length: 64 * 48 },
      (_, i) => image.components[0]![2 * Math.floor(i / 64) * 128 + 2 * (i % 64)]!,
    );
    expect(psnr(half.components, [subsampled], 8)).toBeGreaterThan(30);
  });

  it('[JD10] precision leaves out less than rounding to so many bits would', () => {
    for (const reversible of [false, true]) {
      const size = { width: 160, height: 120, components: 3, bitDepth: 12 };
      const image = picture({ ...size, material: 'noise' });
      const stream = encoder.encode(image, { reversible, levels: 4 });
      for (const reduce of [0, 1, 2]) {
        const whole = decoder.decode(stream, { reduce });
        const same = decoder.decode(stream, { reduce, precisionBits: 12 });
        expect(same.components).toEqual(whole.components);
        let before = 0;
        for (const precisionBits of [10, 8, 6]) {
          const rough = decoder.decode(stream, { reduce, precisionBits });
          const error = meanSquare(whole.components, rough.components);
          expect(error).toBeGreaterThan(before);
          expect(error).toBeLessThan(1.2 * (4 ** (12 - precisionBits) / 12) + 0.5);
          before = error;
        }
      }
    }
  });

  it('[JD2] leaving out more levels than there are is refused', () => {
    const image = picture({ width: 20, height: 20, components: 1, bitDepth: 8, material: 'waves' });
    const { findings, components } = decoder.decode(encoder.encode(image, { levels: 2 }), {
      reduce: 3,
    });
    expect(codes(findings)).toEqual(['excessive_reduction']);
    expect(components).toEqual([]);
  });

  it('[JD3] a stream cut anywhere still gives a picture, and a longer piece a better one', () => {
    const image = picture({
      width: 120,
      height: 90,
      components: 3,
      bitDepth: 12,
      material: 'grain',
    });
    const stream = encoder.encode(image, { reversible: false, layerBytes: [800, 3000, 9000] });
    const parsed = parseCodestream(stream);
    if (!parsed.ok) throw new Error('refused');
    const { dataOffset } = parsed.value.tileParts[0]!;
    let before = 0;
    for (const share of [0.05, 0.15, 0.4, 0.7, 0.999]) {
      const cut = stream.slice(0, Math.round(dataOffset + (stream.length - dataOffset) * share));
      const { components, findings } = decoder.decode(cut);
      expect(codes(findings)).toContain('truncated_packets');
      const quality = psnr(image.components, components, 12);
      expect(quality).toBeGreaterThanOrEqual(before - 0.01);
      before = quality;
    }
    expect(before).toBeGreaterThan(45);
  });

  it('[JD4] the codestream of a JP2 file is found', () => {
    const image = picture({ width: 30, height: 20, components: 3, bitDepth: 8, material: 'grain' });
    const stream = encoder.encode(image);
    const box = (type: string, body: Uint8Array) => {
      const head = new DataView(new ArrayBuffer(8));
      head.setUint32(0, body.length + 8);
      [...type].forEach((char, i) => head.setUint8(4 + i, char.charCodeAt(0)));
      return [...new Uint8Array(head.buffer), ...body];
    };
    const file = Uint8Array.from([
      ...box('jP  ', Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a)),
      ...box('ftyp', new Uint8Array(12)),
      ...box('jp2c', stream),
    ]);
    expect(largestDifference(decoder.decode(file).components, image.components)).toBe(0);
    expect(codes(decoder.decode(file.slice(0, 36)).findings)).toEqual(['missing_codestream']);
  });

  it('[JD5] what no picture can be is refused, not attempted', () => {
    const image = picture({ width: 20, height: 20, components: 1, bitDepth: 8, material: 'flat' });
    const stream = encoder.encode(image);
    const patched = (offset: number, bytes: readonly number[]) => {
      const copy = stream.slice();
      copy.set(bytes, offset);
      return codes(decoder.decode(copy).findings);
    };
    const SIZ_WIDTH = 8;
    const SIZ_TILE_WIDTH = 24;
    const SIZ_DEPTH = 42;
    expect(patched(SIZ_WIDTH, [0x7f, 0xff, 0xff, 0xff])).toEqual(['excessive_tiles']);
    expect(patched(SIZ_TILE_WIDTH, [0, 0, 0, 0])).toEqual(['invalid_picture_size']);
    expect(patched(SIZ_DEPTH, [30])).toEqual(['excessive_bit_depth']);
    expect(patched(0, [0xff, 0xd8])).toEqual(['missing_start_marker']);
    const wide = stream.slice();
    wide.set([0, 0, 0x80, 0, 0, 0, 0x80, 0], SIZ_WIDTH);
    wide.set([0, 0, 0x80, 0, 0, 0, 0x80, 0], SIZ_TILE_WIDTH);
    expect(codes(decoder.decode(wide).findings)).toEqual(['excessive_picture']);
    expect(codes(decoder.decode(new Uint8Array(0)).findings)).toEqual(['missing_start_marker']);
  });

  it(
    '[JD6] any mutation of a stream gives a picture or findings, in bounded time',
    { timeout: 86_400_000 },
    () => {
      const image = picture({
        width: 33,
        height: 27,
        components: 3,
        bitDepth: 8,
        material: 'grain',
      });
      const streams = [
        encoder.encode(image, { layerBytes: [300], progression: 'RPCL' }),
        encoder.encode(image, {
          reversible: false,
          tileWidth: 20,
          tileHeight: 20,
          packetMarkers: true,
        }),
        encoder.encode(image, { levels: 2, blockWidth: 4, blockHeight: 8, precinctsLog2: [3, 4] }),
      ];
      const next = random(42);
      for (let run = 0; run < MUTATIONS; run++) {
        const bytes = streams[run % streams.length]!.slice();
        const changes = 1 + Math.floor(next() * 8);
        for (let i = 0; i < changes; i++) {
          // Headers are a small part of a stream, so half of the changes go there.
          const reach = next() < 0.5 ? Math.min(200, bytes.length) : bytes.length;
          bytes[Math.floor(next() * reach)] = Math.floor(next() * 256);
        }
        const cut = next() < 0.2 ? bytes.slice(0, Math.floor(next() * bytes.length)) : bytes;
        const { width, height, components, findings } = decoder.decode(cut);
        if (components.length === 0) expect(findings.length).toBeGreaterThan(0);
        else expect(width * height).toBeGreaterThanOrEqual(0);
      }
    },
  );

  it('[JD7] random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const framed = Uint8Array.from([0xff, 0x4f, ...bytes]);
        expect(decoder.decode(framed).components).toEqual([]);
        expect(parseCodestream(framed).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

/** A short walk in every run; set JPEG2000_MUTATIONS for a long one. */
const MUTATIONS = Number(process.env['JPEG2000_MUTATIONS'] ?? 800);
