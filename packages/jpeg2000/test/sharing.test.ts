import { ratio } from '@yinglian/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BlockHelper,
  bytesAtSlope,
  createBlockCoder,
  createDecoder,
  createEncoder,
  type Decoder,
  type Encoder,
  parseCodestream,
  sharedSlope,
  type TilePartKey,
} from '../src/index.ts';
import { largestDifference, type Material, picture } from './pictures.ts';

let encoder: Encoder;
let decoder: Decoder;
let helpers: BlockHelper[];

beforeAll(async () => {
  encoder = await createEncoder();
  decoder = await createDecoder();
  const coders = await Promise.all([createBlockCoder(), createBlockCoder(), createBlockCoder()]);
  // Answers come late and out of order, as from threads.
  helpers = coders.map((coder, index) => async (task) => {
    for (let turn = 0; turn < index * 3; turn++) await Promise.resolve();
    return coder.code(task);
  });
});

const at24 = { resolution: '2k', frameRate: ratio(24), bitRateMbit: 40 } as const;

function frame(material: Material, width = 800, height = 450, seed = 1) {
  return picture({ width, height, components: 3, bitDepth: 12, material, seed });
}

describe('sharing the blocks of one picture', () => {
  it('[JK21] helpers give the same bytes, however many there are', async () => {
    for (const material of ['grain', 'edges'] as const) {
      const image = frame(material);
      const alone = encoder.encodeCinema(image, at24);
      for (const count of [1, 2, 3]) {
        const shared = await encoder.encodeCinemaShared(image, at24, helpers.slice(0, count));
        expect(Buffer.compare(shared.codestream, alone.codestream)).toBe(0);
        expect({ ...shared, codestream: 0 }).toEqual({ ...alone, codestream: 0 });
      }
    }
    const small = picture({
      width: 90,
      height: 70,
      components: 4,
      bitDepth: 16,
      material: 'grain',
    });
    for (const options of [
      { tileWidth: 40, tileHeight: 30 },
      { reversible: false, bytesMax: 5000, layerBytes: [1000] },
    ]) {
      const shared = await encoder.encodeShared(small, options, helpers);
      expect(Buffer.compare(shared, encoder.encode(small, options))).toBe(0);
    }
  });

  it('[JK21] a helper that fails ends the call, and the encoder goes on', async () => {
    const image = frame('grain', 200, 100);
    const broken: BlockHelper = () => Promise.reject(new Error('the thread is gone'));
    await expect(encoder.encodeCinemaShared(image, at24, [broken])).rejects.toThrow(/is gone/);
    const alone = encoder.encodeCinema(image, at24);
    const shared = encoder.encodeCinemaShared(image, at24, helpers);
    expect(() => encoder.encode(image)).toThrow(/one picture at a time/);
    expect(Buffer.compare((await shared).codestream, alone.codestream)).toBe(0);
  });
});

describe('rates over a film', () => {
  it('[JK22] one slope for all frames meets the bytes of the whole', () => {
    const film = [frame('noise', 700, 400), frame('grain', 700, 400), frame('waves', 700, 400)];
    const curves = film.map((image) => encoder.measureCinema(image, at24));
    const wanted = 300_000;
    const slopeLog2Min = sharedSlope(curves, wanted);
    const coded = film.map((image) => encoder.encodeCinema(image, { ...at24, slopeLog2Min }));
    const bytes = coded.reduce((sum, each) => sum + each.codestream.length, 0);
    expect(Math.abs(bytes - wanted)).toBeLessThan(wanted * 0.05);
    // No frame keeps less than the slope, unless its own limit binds.
    for (const each of coded) {
      expect(each.codestream.length).toBeLessThanOrEqual(Math.floor(40e6 / 8 / 24));
      expect(each.state.slopeLog2).toBeGreaterThanOrEqual(slopeLog2Min - 1 / 256);
    }
    // Where a frame cannot use its share, the others get it.
    expect(coded[0]!.codestream.length).toBeGreaterThan(wanted / 3);
    expect(coded[2]!.codestream.length).toBeLessThan(wanted / 3);
  });

  it('[JK22] the curve of a coded frame tells what other slopes would take', () => {
    const image = frame('grain', 700, 400);
    const { curve, codestream } = encoder.encodeCinema(image, at24);
    expect(Math.abs(curve.bytes[0]! - codestream.length)).toBeLessThan(codestream.length * 0.02);
    for (let i = 1; i < curve.bytes.length; i++) {
      expect(curve.slopesLog2[i]).toBeGreaterThan(curve.slopesLog2[i - 1]!);
      expect(curve.bytes[i]).toBeLessThanOrEqual(curve.bytes[i - 1]!);
    }
    const slopeLog2Min = curve.slopesLog2[12]!;
    const told = bytesAtSlope(curve, slopeLog2Min);
    const found = encoder.encodeCinema(image, { ...at24, slopeLog2Min }).codestream.length;
    expect(Math.abs(found - told)).toBeLessThan(told * 0.03);
    expect(sharedSlope([curve], codestream.length * 2)).toBe(-Infinity);
  });

  it('[JK16] a constant quality is not coded deeper than it needs', () => {
    const image = frame('grain', 999, 540);
    const full = encoder.encodeCinema(image, { ...at24, bitRateMbit: 150 });
    const enough = encoder.encodeCinema(image, { ...at24, bitRateMbit: 150, psnrMax: 42 });
    expect(full.psnr).toBeGreaterThan(46);
    expect(enough.psnr).toBeGreaterThanOrEqual(42);
    expect(enough.psnr).toBeLessThan(42.1);
    expect(enough.statistics.passesCoded).toBeLessThan(enough.statistics.passesKept * 1.3);
  });

  it('[JK16] a quality ends any codestream, tiled ones too', () => {
    const image = picture({
      width: 300,
      height: 200,
      components: 3,
      bitDepth: 8,
      material: 'grain',
    });
    const ends = [30, 40, 50].map((psnrMax) =>
      [{}, { tileWidth: 128, tileHeight: 128 }].map(
        (tiles) => encoder.encode(image, { reversible: false, psnrMax, ...tiles }).length,
      ),
    );
    expect(ends[0]![0]).toBeLessThan(ends[1]![0]!);
    expect(ends[1]![1]).toBeLessThan(ends[2]![1]!);
  });
});

describe('tile-parts', () => {
  it('[JK23] a tile is cut where resolution, component or layer changes', () => {
    const image = picture({
      width: 120,
      height: 80,
      components: 3,
      bitDepth: 10,
      material: 'waves',
    });
    const cases: readonly [TilePartKey, 'RPCL' | 'CPRL' | 'LRCP', number][] = [
      ['one', 'RPCL', 1],
      ['resolution', 'RPCL', 4],
      ['component', 'CPRL', 3],
      ['layer', 'LRCP', 3],
    ];
    for (const [tileParts, progression, count] of cases) {
      const stream = encoder.encode(image, {
        levels: 3,
        progression,
        tileParts,
        layerBytes: [2000, 4000],
        tileWidth: 70,
        tileHeight: 80,
      });
      const parsed = parseCodestream(stream);
      if (!parsed.ok) throw new Error('refused');
      const parts = parsed.value.tileParts;
      expect(parts).toHaveLength(2 * count);
      expect(parts.every((part) => part.parts === count)).toBe(true);
      expect(parsed.value.partLengths.map((each) => each.bytes)).toEqual(
        parts.map((part) => part.statedBytes),
      );
      const decoded = decoder.decode(stream);
      expect(decoded.findings).toEqual([]);
      expect(largestDifference(image.components, decoded.components)).toBe(0);
    }
  });
});
