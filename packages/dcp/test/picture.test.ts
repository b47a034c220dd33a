import fc from 'fast-check';
import { ratio } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  cinemaMatrix,
  cinemaRate,
  CONTAINERS,
  type ContainerName,
  decodeTransfer,
  fromCinemaXyz,
  padPlane,
  placeInContainer,
  RGB_SPACES,
  type RgbSpaceName,
  rgbToXyzMatrix,
  suitableContainer,
  toCinemaXyz,
  USUAL_TRANSFER,
} from '../src/index.ts';

describe('colour', () => {
  it('[DCP20] matrices are those of the standards', () => {
    // ITU-R BT.709 / IEC 61966-2-1 and SMPTE RP 431-2, as published to seven digits.
    const published: [RgbSpaceName, number[]][] = [
      [
        'rec709',
        [
          0.4123908, 0.3575843, 0.1804808, 0.212639, 0.7151687, 0.0721923, 0.0193308, 0.1191948,
          0.9505322,
        ],
      ],
      [
        'p3_dci',
        [0.4451698, 0.2771344, 0.1722827, 0.2094917, 0.7215953, 0.0689131, 0, 0.0470606, 0.9073554],
      ],
      [
        'p3_d65',
        [0.4865709, 0.2656677, 0.1982173, 0.2289746, 0.6917385, 0.0792869, 0, 0.0451134, 1.0439444],
      ],
    ];
    for (const [name, numbers] of published) {
      const matrix = rgbToXyzMatrix(RGB_SPACES[name]);
      numbers.forEach((number, i) => expect(matrix[i]).toBeCloseTo(number, 6));
    }
  });

  it('[DCP21] every sample is the formula of ST 428-1, for every depth and space', () => {
    const formula = (light: number) =>
      Math.min(4095, Math.floor(4095 * Math.max(0, light) ** (1 / 2.6) + 0.5));
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(RGB_SPACES) as RgbSpaceName[])),
        fc.constantFrom(8 as const, 10 as const, 12 as const, 16 as const),
        // Nothing and full light often: pure colours lie on the edge of what XYZ can say.
        fc.array(fc.oneof(fc.nat(65_535), fc.constantFrom(0, 65_535)), {
          minLength: 3,
          maxLength: 300,
        }),
        (space, bits, raw) => {
          const pixels = Math.floor(raw.length / 3);
          const top = 2 ** bits - 1;
          const samples = raw.slice(0, 3 * pixels).map((value) => value & top);
          const rgb = bits === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
          const planes = toCinemaXyz(rgb, pixels, 1, { space, bits });
          const m = cinemaMatrix(space, 'none');
          for (let i = 0; i < pixels; i++) {
            const light = [0, 1, 2].map((c) =>
              decodeTransfer(USUAL_TRANSFER[space], samples[3 * i + c]! / top),
            );
            for (let c = 0; c < 3; c++) {
              const exact =
                m[3 * c]! * light[0]! + m[3 * c + 1]! * light[1]! + m[3 * c + 2]! * light[2]!;
              expect(planes[c]![i]).toBe(formula(exact));
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('[DCP22] white, black and grey land where the standard puts them', () => {
    const one = (space: RgbSpaceName, rgb: number[]) =>
      toCinemaXyz(Uint8Array.from(rgb), 1, 1, { space, bits: 8 }).map((plane) => plane[0]);
    // RP 431-2 Table 2: the white of the reference projector has code values 3794 3960 3890.
    expect(one('p3_dci', [255, 255, 255])).toEqual([3794, 3960, 3890]);
    expect(one('rec709', [0, 0, 0])).toEqual([0, 0, 0]);
    expect(one('rec709', [255, 255, 255])).toEqual([3883, 3960, 4092]);
    const adapted = toCinemaXyz(Uint8Array.of(255, 255, 255), 1, 1, {
      space: 'rec709',
      bits: 8,
      white: 'dci',
    });
    expect(adapted.map((plane) => plane[0])).toEqual([3794, 3960, 3890]);
    const limited = toCinemaXyz(Uint8Array.of(235, 235, 235, 16, 16, 16), 2, 1, {
      space: 'rec709',
      bits: 8,
      range: 'limited',
    });
    expect([limited[1][0], limited[1][1]]).toEqual([3960, 0]);
  });

  it('[DCP23] a preview gives back what went in, within one code', () => {
    const rgb = Uint8Array.from({ length: 3 * 512 }, (_, i) => (i * 37) % 256);
    const back = fromCinemaXyz(
      toCinemaXyz(rgb, 512, 1, { space: 'srgb', bits: 8 }),
      512,
      1,
      'srgb',
    );
    rgb.forEach((value, i) => expect(Math.abs(value - back[i]!)).toBeLessThanOrEqual(1));
  });
});

describe('containers', () => {
  it('[DCP24] pictures of the usual shapes lie where expected', () => {
    expect(placeInContainer({ width: 1920, height: 1080 }, 'flat_2k').active).toEqual({
      left: 38,
      top: 0,
      width: 1920,
      height: 1080,
    });
    expect(placeInContainer({ width: 3840, height: 1600 }, 'scope_2k').active).toEqual({
      left: 0,
      top: 2,
      width: 2048,
      height: 852,
    });
    expect(
      placeInContainer({ width: 1920, height: 1080 }, 'scope_2k', { mode: 'fill' }).crop,
    ).toEqual({ left: 0, top: 138, width: 1920, height: 804 });
    expect(
      placeInContainer({ width: 720, height: 576 }, 'flat_2k', { pixelAspect: ratio(16, 15) })
        .active.width,
    ).toBe(1440);
    expect(suitableContainer({ width: 1920, height: 1080 })).toBe('flat_2k');
    expect(suitableContainer({ width: 4096, height: 1716 }, { fourK: true })).toBe('scope_4k');
  });

  it('[DCP25] crop stays inside the source, the active area inside the container, and even', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9000 }),
        fc.integer({ min: 2, max: 9000 }),
        fc.constantFrom(...(Object.keys(CONTAINERS) as ContainerName[])),
        fc.constantFrom('fit' as const, 'fill' as const, 'none' as const),
        (width, height, container, mode) => {
          const { crop, active, ...outer } = placeInContainer({ width, height }, container, {
            mode,
          });
          expect(crop.left >= 0 && crop.left + crop.width <= width).toBe(true);
          expect(crop.top >= 0 && crop.top + crop.height <= height).toBe(true);
          expect(active.left >= 0 && active.left + active.width <= outer.width).toBe(true);
          expect(active.top >= 0 && active.top + active.height <= outer.height).toBe(true);
          expect(active.left % 2).toBe(0);
          expect(active.top % 2).toBe(0);
        },
      ),
    );
  });

  it('[DCP26] padding puts every line in its place and black elsewhere', () => {
    const placement = placeInContainer({ width: 1920, height: 1080 }, 'flat_2k');
    const padded = padPlane(new Uint16Array(1920 * 1080).fill(7), placement);
    expect(padded.length).toBe(1998 * 1080);
    expect([padded[37], padded[38], padded[38 + 1919], padded[38 + 1920]]).toEqual([0, 7, 7, 0]);
  });

  it('[DCP27] rates next to a D-cinema rate are taken up, others are not guessed', () => {
    expect(cinemaRate(ratio(24_000, 1001), 'bv21')).toEqual({
      editRate: ratio(24),
      speed: ratio(1001, 1000),
    });
    expect(cinemaRate(ratio(25), 'bv21')?.speed).toEqual(ratio(1));
    expect(cinemaRate(ratio(30), 'bv21')).toBeUndefined();
    expect(cinemaRate(ratio(30_000, 1001), 'smpte')?.editRate).toEqual(ratio(30));
    expect(cinemaRate(ratio(25), 'bv21', true)).toBeUndefined();
  });
});
