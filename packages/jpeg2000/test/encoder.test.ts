import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { ratio } from '@yinglian/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createDecoder,
  createEncoder,
  type Decoder,
  type EncodeOptions,
  type Encoder,
  type Image,
  parseCodestream,
  PROGRESSIONS,
} from '../src/index.ts';
import { largestDifference, type Material, picture, psnr } from './pictures.ts';

let encoder: Encoder;
let decoder: Decoder;

beforeAll(async () => {
  encoder = await createEncoder();
  decoder = await createDecoder();
});

const MATERIALS: readonly Material[] = ['noise', 'waves', 'flat', 'edges', 'grain'];

/** Small pictures with any legal combination of options. */
const request = fc.record({
  width: fc.integer({ min: 1, max: 64 }),
  height: fc.integer({ min: 1, max: 64 }),
  components: fc.constantFrom(1, 2, 3, 4),
  bitDepth: fc.integer({ min: 8, max: 16 }),
  signed: fc.boolean(),
  material: fc.constantFrom(...MATERIALS),
  seed: fc.nat(),
});

const options = fc.record({
  levels: fc.integer({ min: 0, max: 7 }),
  blockWidth: fc.constantFrom(4, 8, 16, 32, 64),
  blockHeight: fc.constantFrom(4, 8, 16, 32, 64),
  progression: fc.constantFrom(...PROGRESSIONS),
  precinctsLog2: fc.array(fc.integer({ min: 2, max: 8 }), { minLength: 1, maxLength: 3 }),
  origin: fc.record({ x: fc.nat(19), y: fc.nat(19) }),
  tile: fc.option(
    fc.record({
      width: fc.integer({ min: 25, max: 90 }),
      height: fc.integer({ min: 25, max: 90 }),
    }),
  ),
  layerBytes: fc.constantFrom<readonly number[]>([], [300], [200, 900]),
  packetMarkers: fc.boolean(),
  guardBits: fc.constantFrom(2, 3, 4),
});

function toOptions(given: typeof options extends fc.Arbitrary<infer T> ? T : never): EncodeOptions {
  const { tile, ...rest } = given;
  return { ...rest, ...(tile === null ? {} : { tileWidth: tile.width, tileHeight: tile.height }) };
}

describe('encoder', () => {
  it('[JK1] the reversible path gives back every sample, whatever the parameters', () => {
    fc.assert(
      fc.property(request, options, (asked, given) => {
        const image = picture(asked);
        const decoded = decoder.decode(encoder.encode(image, toOptions(given)));
        expect(decoded.findings).toEqual([]);
        expect([decoded.width, decoded.height]).toEqual([image.width, image.height]);
        expect(decoded.signed).toBe(asked.signed);
        expect(largestDifference(image.components, decoded.components)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('[JK2] the irreversible path stays within the step that was asked for', () => {
    fc.assert(
      fc.property(request, options, (asked, given) => {
        const image = picture({ ...asked, bitDepth: 12 });
        const stream = encoder.encode(image, {
          ...toOptions(given),
          reversible: false,
          baseStep: 1 / 4,
        });
        const decoded = decoder.decode(stream);
        expect(decoded.findings).toEqual([]);
        expect(psnr(image.components, decoded.components, 12)).toBeGreaterThan(75);
      }),
      { numRuns: 25 },
    );
  });

  it('[JK3] a limit of bytes is never exceeded, and more bytes are never worse', () => {
    const image = picture({
      width: 200,
      height: 150,
      components: 3,
      bitDepth: 12,
      material: 'grain',
    });
    let before = 0;
    for (const bytesMax of [900, 2000, 5000, 12_000, 30_000, 70_000]) {
      const stream = encoder.encode(image, { reversible: false, baseStep: 1, bytesMax });
      expect(stream.length).toBeLessThanOrEqual(bytesMax);
      expect(stream.length).toBeGreaterThan(bytesMax * 0.9);
      const quality = psnr(image.components, decoder.decode(stream).components, 12);
      expect(quality).toBeGreaterThan(before);
      before = quality;
    }
  });

  it('[JK3] a limit that cannot even hold the headers is refused', () => {
    const image = picture({ width: 60, height: 60, components: 3, bitDepth: 8, material: 'noise' });
    expect(() => encoder.encode(image, { bytesMax: 100 })).toThrow(/do not hold the headers/);
  });

  it('[JK4] each quality layer improves on the one before it', () => {
    const image = picture({
      width: 160,
      height: 120,
      components: 3,
      bitDepth: 10,
      material: 'grain',
    });
    const stream = encoder.encode(image, { layerBytes: [1500, 6000, 20_000] });
    const qualities = [1, 2, 3, 4].map((layers) =>
      psnr(image.components, decoder.decode(stream, { layers }).components, 10),
    );
    expect([...qualities].sort((a, b) => a - b)).toEqual(qualities);
    expect(qualities[0]).toBeGreaterThan(20);
    expect(qualities[3]).toBe(Infinity);
  });

  it('[JK5] the same picture gives the same bytes in any instance, after any other', async () => {
    const one = picture({
      width: 352,
      height: 288,
      components: 3,
      bitDepth: 12,
      material: 'grain',
    });
    const other = picture({
      width: 352,
      height: 288,
      components: 3,
      bitDepth: 12,
      material: 'noise',
    });
    const cinema = { resolution: '2k', frameRate: ratio(24), bitRateMbit: 6 } as const;
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const fresh = await createEncoder();
    const alone = digest(fresh.encodeCinema(one, cinema).codestream);
    const { state } = encoder.encodeCinema(other, cinema);
    encoder.encode(other);
    expect(digest(encoder.encodeCinema(one, cinema, state).codestream)).toBe(alone);
    expect(digest(encoder.encodeCinema(one, cinema).codestream)).toBe(alone);
  });

  it('[JK5] narrow sample arrays give what 32-bit ones give', () => {
    const wide = picture({ width: 70, height: 50, components: 3, bitDepth: 12, material: 'grain' });
    const narrow: Image = {
      ...wide,
      components: wide.components.map((each) => Uint16Array.from(each)),
    };
    expect(encoder.encode(narrow)).toEqual(encoder.encode(wide));
  });

  it('[JK6] subsampled components keep their own size', () => {
    const luma = picture({ width: 61, height: 47, components: 1, bitDepth: 8, material: 'grain' });
    const chroma = picture({
      width: 31,
      height: 24,
      components: 2,
      bitDepth: 8,
      material: 'waves',
    });
    const image: Image = {
      width: 61,
      height: 47,
      bitDepth: 8,
      components: [...luma.components, ...chroma.components],
      subsampling: [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
        { x: 2, y: 2 },
      ],
    };
    const decoded = decoder.decode(encoder.encode(image));
    expect(decoded.findings).toEqual([]);
    expect(decoded.subsampling).toEqual(image.subsampling);
    expect(largestDifference(image.components, decoded.components)).toBe(0);
  });

  it('[JK7] what cannot be coded is refused before any work', () => {
    const image = picture({ width: 8, height: 8, components: 1, bitDepth: 8, material: 'flat' });
    expect(() => encoder.encode({ ...image, bitDepth: 17 })).toThrow(/1 to 16 bits/);
    expect(() => encoder.encode({ ...image, width: 9 })).toThrow(/one sample for each place/);
    expect(() => encoder.encode({ ...image, components: [] })).toThrow(/1 to 4 components/);
  });

  it('[JK8] the parser reads back what the encoder was told', () => {
    const image = picture({
      width: 90,
      height: 70,
      components: 3,
      bitDepth: 10,
      material: 'waves',
    });
    const parsed = parseCodestream(
      encoder.encode(image, {
        reversible: false,
        levels: 3,
        blockWidth: 16,
        blockHeight: 32,
        progression: 'RPCL',
        tileWidth: 50,
        tileHeight: 40,
        precinctsLog2: [5, 6],
        guardBits: 3,
      }),
    );
    if (!parsed.ok) throw new Error('refused');
    const { size, parameters, tileParts, tilesWide, tilesHigh, partLengths } = parsed.value;
    expect(size).toMatchObject({ profile: 0, x1: 90, y1: 70, tileWidth: 50, tileHeight: 40 });
    expect([tilesWide, tilesHigh, tileParts.length]).toEqual([2, 2, 4]);
    expect(partLengths.map((each) => each.bytes)).toEqual(
      tileParts.map((part) => part.statedBytes),
    );
    expect(parameters.coding).toMatchObject({
      levels: 3,
      progression: 'RPCL',
      blockWidthLog2: 4,
      blockHeightLog2: 5,
      colourTransform: true,
    });
    expect(parameters.quantisation).toMatchObject({ guardBits: 3, style: 'expounded' });
    expect(parameters.quantisation?.steps).toHaveLength(10);
  });
});
