import type { Finding, Ratio } from '@yinglian/core';
import type { RateCurve } from './rate-control.ts';

/**
 * A picture as samples. Component planes are row by row without padding. A component that is
 * subsampled has `subsampling`; all others have the full width and height.
 */
export type Image = {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample, 8 to 16 (1 to 16 are coded). */
  readonly bitDepth: number;
  readonly signed?: boolean;
  readonly components: readonly Samples[];
  /** Per component: reference grid points per sample; absent means 1 × 1. */
  readonly subsampling?: readonly { readonly x: number; readonly y: number }[];
};

/** Samples of one component, row by row. */
export type Samples = Int32Array | Uint16Array | Int16Array | Uint8Array;

/** What digital cinema leaves open. All else is fixed by the profile (DCI DCSS 4, RDD 52). */
export type CinemaOptions = {
  readonly resolution: '2k' | '4k';
  /** Frames a second of one eye. */
  readonly frameRate: Ratio;
  /** For both eyes together; 250 by default, which is also the most DCI allows. */
  readonly bitRateMbit?: number;
  /** One of two eyes: half of the bytes of a frame. */
  readonly stereo?: boolean;
  /**
   * Guard bits; by default 1 for 2K and 2 for 4K as RDD 52 wants. Other software writes 2 for both.
   */
  readonly guardBits?: number;
  /** Stop at this quality even if bytes are left: peak signal-to-noise ratio in dB. */
  readonly psnrMax?: number;
  /**
   * Keep nothing that gains less, even if bytes are left: log2 of squared error per byte. The same
   * slope for all frames, from `sharedSlope`, spends the bytes of a film where they gain most.
   */
  readonly slopeLog2Min?: number;
};

/**
 * Where a frame was cut. A series of them shows whether quality is steady. The encoder accepts the
 * one of an earlier frame and does not need it: a sample of the frame's own blocks predicts the
 * slope to a fiftieth of an octave, and so a codestream depends on its picture and options alone,
 * whatever was coded before and on however many threads.
 */
export type RateState = {
  /** Slope threshold of the frame, log2 of weighted squared error per byte. */
  readonly slopeLog2: number;
};

/** One frame as it goes into a picture track, with what its coding cost and kept. */
export type CinemaFrame = {
  readonly codestream: Uint8Array<ArrayBuffer>;
  readonly state: RateState;
  /** Peak signal-to-noise ratio over all components in dB, from the coefficients. */
  readonly psnr: number;
  /** What the frame would have taken at higher slopes. */
  readonly curve: RateCurve;
  /** Bytes of each component: headers of its tile-parts and its packets. */
  readonly componentBytes: readonly number[];
  readonly statistics: EncodeStatistics;
};

/** How many blocks a frame has, and how many coding passes were made and kept. */
export type EncodeStatistics = {
  readonly blocks: number;
  readonly passesCoded: number;
  readonly passesKept: number;
  /** Blocks coded a second time because the estimate was too coarse. */
  readonly blocksRepeated: number;
};

/** Order of the packets: layer, resolution, component and position (B.12.1). */
export type Progression = 'LRCP' | 'RLCP' | 'RPCL' | 'PCRL' | 'CPRL';
/** The progressions, each at its code in COD (Table A.16). */
export const PROGRESSIONS: readonly Progression[] = ['LRCP', 'RLCP', 'RPCL', 'PCRL', 'CPRL'];

/** What each tile-part holds: a new one begins where it changes in the order of the packets. */
export type TilePartKey = 'one' | 'resolution' | 'component' | 'layer';

/** The general face of the encoder; every field has a default. */
export type EncodeOptions = {
  /** 5/3 and reversible colour: bit-exact unless `bytesMax` cuts it. Default true. */
  readonly reversible?: boolean;
  /** Decomposition levels, 0 to 32; default 5, fewer for tiny pictures. */
  readonly levels?: number;
  /** Powers of two, 4 to 1024 each, at most 4096 samples; default 64 × 64. */
  readonly blockWidth?: number;
  readonly blockHeight?: number;
  /** log2 of precinct sides, lowest resolution first; the last one repeats. Default 15. */
  readonly precinctsLog2?: readonly number[];
  readonly progression?: Progression;
  readonly tileWidth?: number;
  readonly tileHeight?: number;
  /** Where the picture and the tiles begin on the reference grid (B.3). */
  readonly origin?: { readonly x: number; readonly y: number };
  readonly tileOrigin?: { readonly x: number; readonly y: number };
  /** Cumulated bytes of each quality layer but the last; the last has everything. */
  readonly layerBytes?: readonly number[];
  /** Bytes of the whole codestream, never exceeded. */
  readonly bytesMax?: number;
  /** Stop at this quality even if bytes are left: peak signal-to-noise ratio in dB. */
  readonly psnrMax?: number;
  /** Transform the first three components together; default when there are three alike. */
  readonly colourTransform?: boolean;
  readonly guardBits?: number;
  /** 9/7: quantisation step of a band of unit weight, in sample steps; default 1/2. */
  readonly baseStep?: number;
  /** How a tile is cut into tile-parts, of which it has 255 at most; by default it is one. */
  readonly tileParts?: TilePartKey;
  /** SOP and EPH markers around packet headers. */
  readonly packetMarkers?: boolean;
};

/** How much of a codestream to decode; everything by default. */
export type DecodeOptions = {
  /** Resolutions to leave out: 1 is half size, 2 a quarter. */
  readonly reduce?: number;
  /** Quality layers to use; all by default. */
  readonly layers?: number;
  /**
   * Bits a sample that the result shall be good to: finer bit-planes are not decoded, which is
   * what takes the time. Samples keep their depth; what is left out is about as loud as rounding
   * to so many bits. For pictures on a screen 8 are enough.
   */
  readonly precisionBits?: number;
};

/** A decoded picture, with whatever was found wrong on the way. */
export type Decoded = Image & { readonly findings: readonly Finding[] };
