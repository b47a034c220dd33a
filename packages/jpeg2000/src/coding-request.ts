import type { Engine } from './engine.ts';
import type { Plan } from './plan.ts';
import type { CodedBlock, HullStore } from './rate-control.ts';
import type { Plane } from './tile-transform.ts';

/** Coding passes coded so far, counted over the calls that share it. */
export type BlockCounts = { passesCoded: number };

/** What a codestream may take. Nothing given: everything is kept. */
export type Budget = {
  readonly totalBytes?: number;
  /** Per component: its tile-parts, headers included. Needs a tile-part per component at least. */
  readonly componentBytes?: number;
  /** Cumulated bytes of each quality layer but the last. */
  readonly layerBytes: readonly number[];
  /** Stop at this quality even if bytes are left, in dB. */
  readonly psnrMax?: number;
  /** Keep nothing under this slope even if bytes are left: log2 of squared error per byte. */
  readonly slopeLog2Min?: number;
};

/** What the coding of one frame shares. */
export type CodingFrame = {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly planes: readonly Plane[];
  readonly blocks: readonly CodedBlock[];
  readonly hulls: HullStore;
  readonly budget: Budget;
  readonly counts: BlockCounts & { passesKept: number; blocksRepeated: number };
};

/** Blocks to be coded as deep as a slope wants, by whoever runs the coder of frames. */
export type CodingRequest = {
  readonly frame: CodingFrame;
  readonly blocks: readonly CodedBlock[];
  readonly stopSlope: number;
};
