import { assert } from '@yinglian/core';
import { areaOf } from './geometry.ts';
import type { CinemaOptions, Image } from './model.ts';
import type { PlanRequest } from './plan.ts';
import type { ProgressionVolume } from './progression.ts';

/** DCI DCSS 4.4: 250 Mbit/s for the picture, 200 Mbit/s for one colour component. */
export const CINEMA_MBIT_MAX = 250;
/** Mbit/s of one colour component at most (DCI DCSS 4.4). */
export const COMPONENT_MBIT_MAX = 200;
/** Bits of a cinema sample. */
export const CINEMA_BIT_DEPTH = 12;
/** Colour components of a cinema picture: X', Y' and Z'. */
export const CINEMA_COMPONENTS = 3;
/** ISO/IEC 15444-1 Table A.45 (amendment 1): largest pictures of the two profiles. */
export const CINEMA_SIZES = {
  '2k': { width: 2048, height: 1080, levels: 5, profile: 3, guardBits: 1 },
  '4k': { width: 4096, height: 2160, levels: 6, profile: 4, guardBits: 2 },
} as const;
/** 32 × 32 blocks; precincts 128 for the lowest resolution and 256 for the others. */
export const CINEMA_BLOCK_LOG2 = 5;
/** log2 of the precinct sides of the lowest resolution: 128. */
export const CINEMA_PRECINCT_LOWEST_LOG2 = 7;
/** log2 of the precinct sides of every other resolution: 256. */
export const CINEMA_PRECINCT_LOG2 = 8;
/** One sample step: finer ones are never worth their bytes at 250 Mbit/s. */
const CINEMA_BASE_STEP = 1;

/** The most bytes that one frame, and one component of it, may take (DCI DCSS 4.4). */
export type CinemaLimits = {
  /** Bytes of the whole codestream of one picture (one eye of a stereo pair). */
  readonly frameBytes: number;
  /** Bytes of one colour component: its tile-parts with their headers. */
  readonly componentBytes: number;
};

/** Limits in whole bytes, rounded down, computed exactly: 1,302,083 and 1,041,666 at 24 Hz. */
export function cinemaLimits(options: CinemaOptions): CinemaLimits {
  const mbit = options.bitRateMbit ?? CINEMA_MBIT_MAX;
  assert(mbit > 0 && mbit <= CINEMA_MBIT_MAX, 'a cinema bit rate is at most 250 Mbit/s');
  const { numerator, denominator } = options.frameRate;
  assert(numerator > 0n, 'a frame rate is positive');
  const eyes = options.stereo === true ? 2n : 1n;
  const perFrame = (bits: number) =>
    Number((BigInt(Math.floor(bits)) * denominator) / (8n * numerator * eyes));
  return {
    frameBytes: perFrame(mbit * 1e6),
    componentBytes: perFrame(Math.min(mbit, COMPONENT_MBIT_MAX) * 1e6),
  };
}

/** What the tile-parts of a cinema picture hold: a component, in 4K one of each volume. */
export const CINEMA_PARTS = { '2k': 'component', '4k': 'volume_and_component' } as const;

/** A 4K stream gives its 2K part first, so that a 2K player can stop reading there. */
export function cinemaVolumes(resolution: '2k' | '4k', levels: number): ProgressionVolume[] {
  const volume = (resolutionStart: number, resolutionEnd: number) => ({
    progression: 'CPRL' as const,
    resolutionStart,
    resolutionEnd,
    componentStart: 0,
    componentEnd: CINEMA_COMPONENTS,
    layerEnd: 1,
  });
  return resolution === '4k'
    ? [volume(0, levels), volume(levels, levels + 1)]
    : [volume(0, levels + 1)];
}

/** The digital cinema profile of a picture; asserts that the picture can have it. */
export function cinemaPlanRequest(image: Image, options: CinemaOptions): PlanRequest {
  const profile = CINEMA_SIZES[options.resolution];
  const { width, height } = image;
  assert(width <= profile.width && height <= profile.height, 'the picture fits the container');
  assert(image.bitDepth === CINEMA_BIT_DEPTH && image.signed !== true, '12 bits, unsigned');
  assert(image.components.length === CINEMA_COMPONENTS, 'three components X′Y′Z′');
  assert(image.subsampling === undefined, '4:4:4');
  const { levels } = profile;
  return {
    area: areaOf(0, 0, width, height),
    tileOrigin: { x: 0, y: 0 },
    tileWidth: width,
    tileHeight: height,
    bitDepth: CINEMA_BIT_DEPTH,
    signed: false,
    steps: Array.from({ length: CINEMA_COMPONENTS }, () => ({ x: 1, y: 1 })),
    coding: {
      levels,
      reversible: false,
      blockWidthLog2: CINEMA_BLOCK_LOG2,
      blockHeightLog2: CINEMA_BLOCK_LOG2,
      precincts: Array.from({ length: levels + 1 }, (_, r) => {
        const log2 = r === 0 ? CINEMA_PRECINCT_LOWEST_LOG2 : CINEMA_PRECINCT_LOG2;
        return { widthLog2: log2, heightLog2: log2 };
      }),
    },
    colourTransform: true,
    guardBits: options.guardBits ?? profile.guardBits,
    baseStep: CINEMA_BASE_STEP,
    layers: 1,
    volumes: cinemaVolumes(options.resolution, levels),
    partOf: CINEMA_PARTS[options.resolution],
    profile: profile.profile,
    packetMarkers: false,
  };
}
