import { ratio } from '@yinglian/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkCinema,
  cinemaLimits,
  createDecoder,
  createEncoder,
  type Decoder,
  type Encoder,
  parseCodestream,
} from '../src/index.ts';
import { largestDifference, type Material, picture, psnr } from './pictures.ts';

let encoder: Encoder;
let decoder: Decoder;

beforeAll(async () => {
  encoder = await createEncoder();
  decoder = await createDecoder();
});

const at24 = { resolution: '2k', frameRate: ratio(24) } as const;

function frame(material: Material, width = 480, height = 270, seed = 1) {
  return picture({ width, height, components: 3, bitDepth: 12, material, seed });
}

describe('cinema', () => {
  it('[JK10] limits in bytes are those of DCI, rounded down', () => {
    const limits = (rate: number, stereo = false) =>
      Object.values(cinemaLimits({ resolution: '2k', frameRate: ratio(rate), stereo }));
    expect(limits(24)).toEqual([1_302_083, 1_041_666]);
    expect(limits(48)).toEqual([651_041, 520_833]);
    expect(limits(24, true)).toEqual([651_041, 520_833]);
    expect(limits(25)).toEqual([1_250_000, 1_000_000]);
    expect(limits(60)).toEqual([520_833, 416_666]);
    expect(cinemaLimits({ ...at24, frameRate: ratio(24_000, 1001) }).frameBytes).toBe(1_303_385);
    expect(cinemaLimits({ ...at24, bitRateMbit: 125 }).frameBytes).toBe(651_041);
    expect(() => cinemaLimits({ ...at24, bitRateMbit: 251 })).toThrow(/at most 250/);
  });

  it('[JK11] a 2K frame has exactly the parameters of the profile', () => {
    const { codestream, componentBytes } = encoder.encodeCinema(frame('grain', 1998, 1080), at24);
    expect(checkCinema(codestream, at24).filter((each) => each.severity !== 'note')).toEqual([]);
    const parsed = parseCodestream(codestream);
    if (!parsed.ok) throw new Error('refused');
    const { size, parameters, segments, tileParts, ended } = parsed.value;
    expect(size.profile).toBe(3);
    expect(segments.map((each) => each.name)).toEqual(['SIZ', 'COD', 'QCD', 'TLM', 'COM']);
    expect(parameters.coding).toMatchObject({
      progression: 'CPRL',
      layers: 1,
      levels: 5,
      blockWidthLog2: 5,
      blockHeightLog2: 5,
      blockStyle: 0,
      reversible: false,
      colourTransform: true,
      packetStarts: false,
      headerEnds: false,
    });
    expect(parameters.coding!.precincts.map((each) => each.widthLog2)).toEqual([7, 8, 8, 8, 8, 8]);
    expect(parameters.quantisation!.guardBits).toBe(1);
    expect(tileParts.map((part) => [part.part, part.parts])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    expect(tileParts.map((part) => part.statedBytes)).toEqual(componentBytes);
    expect(ended).toBe(true);
    expect(codestream.length).toBeLessThanOrEqual(1_302_083);
  });

  it('[JK12] a 4K frame gives its 2K part first, under one POC', () => {
    const at4k = { resolution: '4k', frameRate: ratio(24), bitRateMbit: 20 } as const;
    const image = frame('grain', 500, 270);
    const { codestream } = encoder.encodeCinema(image, at4k);
    expect(checkCinema(codestream, at4k).map((each) => each.code)).toEqual([
      'unexpected_picture_size',
    ]);
    const parsed = parseCodestream(codestream);
    if (!parsed.ok) throw new Error('refused');
    const { size, parameters, tileParts } = parsed.value;
    expect(size.profile).toBe(4);
    expect(parameters.quantisation!.guardBits).toBe(2);
    expect(parameters.volumes.map((each) => [each.resolutionStart, each.resolutionEnd])).toEqual([
      [0, 6],
      [6, 7],
    ]);
    expect(tileParts).toHaveLength(6);
    // A 2K player stops before the fourth part and still has the whole 2K picture.
    const cut = codestream.slice(0, tileParts[3]!.offset);
    const half = decoder.decode(codestream, { reduce: 1 });
    const early = decoder.decode(cut, { reduce: 1 });
    expect([half.width, half.height]).toEqual([250, 135]);
    expect(largestDifference(early.components, half.components)).toBe(0);
    expect(early.findings.map((each) => each.code)).toContain('truncated_packets');
  });

  it('[JK13] no frame exceeds its limits, whatever the material and the rate', () => {
    for (const material of ['noise', 'grain', 'waves', 'edges', 'flat'] as const) {
      for (const [rate, bitRateMbit, stereo] of [
        [24, 20, false],
        [48, 12, false],
        [24, 30, true],
        [60, 3, false],
      ] as const) {
        const options = { resolution: '2k', frameRate: ratio(rate), bitRateMbit, stereo } as const;
        const limits = cinemaLimits(options);
        const { codestream, componentBytes } = encoder.encodeCinema(frame(material), options);
        expect(codestream.length).toBeLessThanOrEqual(limits.frameBytes);
        expect(Math.max(...componentBytes)).toBeLessThanOrEqual(limits.componentBytes);
      }
    }
  });

  it('[JK14] one component alone is cut at its own limit, and the others get what is left', () => {
    // Grey noise puts nearly everything into the first component.
    const luma = frame('noise', 512, 270).components[0]!;
    const calm = frame('grain', 512, 270).components;
    const image = {
      width: 512,
      height: 270,
      bitDepth: 12,
      components: [0, 1, 2].map((c) =>
        luma.map((value, i) => Math.min(4095, (value * 7 + calm[c]![i]!) >> 3)),
      ),
    };
    // At 400 frames a second the limit of a component is 62,500 bytes of 78,125.
    const options = { resolution: '2k', frameRate: ratio(400) } as const;
    const limits = cinemaLimits(options);
    const { componentBytes, codestream } = encoder.encodeCinema(image, options);
    expect(componentBytes[0]).toBeLessThanOrEqual(limits.componentBytes);
    expect(componentBytes[0]).toBeGreaterThan(limits.componentBytes * 0.97);
    expect(codestream.length).toBeLessThanOrEqual(limits.frameBytes);
    expect(codestream.length).toBeGreaterThan(limits.frameBytes * 0.97);
  });

  it('[JK15] the quality reported is the quality decoded', () => {
    for (const [material, bitRateMbit] of [
      ['grain', 30],
      ['grain', 12],
      ['grain', 5],
      ['waves', 0.5],
    ] as const) {
      const image = frame(material);
      const { codestream, psnr: told } = encoder.encodeCinema(image, { ...at24, bitRateMbit });
      const found = psnr(image.components, decoder.decode(codestream).components, 12);
      expect(Math.abs(told - found)).toBeLessThan(1);
    }
  });

  it('[JK16] a quality that is enough leaves bytes unused', () => {
    const image = frame('grain');
    const full = encoder.encodeCinema(image, { ...at24, bitRateMbit: 60 });
    const enough = encoder.encodeCinema(image, { ...at24, bitRateMbit: 60, psnrMax: 42 });
    expect(full.psnr).toBeGreaterThan(45);
    expect(enough.psnr).toBeGreaterThanOrEqual(42);
    expect(enough.psnr).toBeLessThan(42.2);
    expect(enough.codestream.length).toBeLessThan(full.codestream.length * 0.8);
  });

  it('[JK17] what is not a cinema picture is refused', () => {
    const eight = picture({ width: 64, height: 64, components: 3, bitDepth: 8, material: 'flat' });
    expect(() => encoder.encodeCinema(eight, at24)).toThrow(/12 bits/);
    expect(() => encoder.encodeCinema(frame('flat', 2050, 16), at24)).toThrow(/fits the container/);
    const grey = picture({ width: 64, height: 64, components: 1, bitDepth: 12, material: 'flat' });
    expect(() => encoder.encodeCinema(grey, at24)).toThrow(/three components/);
  });

  it('[JK18] few passes are coded that are not kept', () => {
    const { statistics } = encoder.encodeCinema(frame('grain', 999, 540), {
      ...at24,
      bitRateMbit: 60,
    });
    expect(statistics.blocksRepeated).toBe(0);
    expect(statistics.passesCoded).toBeLessThan(statistics.passesKept * 1.45);
  });
});
