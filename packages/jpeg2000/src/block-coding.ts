import type { Engine } from './engine.ts';
import type { Plan } from './plan.ts';
import { type CodedBlock, type HullStore, RECORD_BYTES } from './rate-control.ts';
import type { Plane } from './tile-transform.ts';

/** Coding passes coded so far, counted over the calls that share it. */
export type BlockCounts = { passesCoded: number };

/** Codes blocks of one transformed tile as deep as the slope wants; 0 codes everything. */
export function codeBlocks(
  engine: Engine,
  plan: Plan,
  planes: readonly Plane[],
  hulls: HullStore,
  blocks: readonly CodedBlock[],
  stopSlope: number,
  counts: BlockCounts,
): void {
  engine.kernels.setStop(stopSlope);
  for (const block of blocks)
    codeBlock(engine, plan, planes[block.component]!, hulls, block, counts);
}

/** Reads a block's coefficients into the coder; returns all magnitudes or-ed together. */
export function loadBlock(engine: Engine, plan: Plan, plane: Plane, block: CodedBlock): number {
  const { kernels } = engine;
  const { band } = block;
  const { size, planes } = plan.bands[band.index]!;
  const row = band.row + (block.y0 - band.y0) * band.rowStep;
  const from = plane.at + row * plane.rowBytes + (band.column + block.x0 - band.x0) * 4;
  const rowBytes = plane.rowBytes * band.rowStep;
  const [w, h] = [block.x1 - block.x0, block.y1 - block.y0];
  const largest = 2 ** Math.min(planes, 30) - 1;
  return plan.request.coding.reversible
    ? kernels.loadIntegers(from, rowBytes, w, h, largest)
    : kernels.loadFloats(from, rowBytes, w, h, 1 / size, largest);
}

function codeBlock(
  engine: Engine,
  plan: Plan,
  plane: Plane,
  hulls: HullStore,
  block: CodedBlock,
  counts: BlockCounts,
): void {
  const { kernels } = engine;
  const all = loadBlock(engine, plan, plane, block);
  const planes = 32 - Math.clz32(all);
  block.zeroPlanes = plan.bands[block.band.index]!.planes - planes;
  block.energy = kernels.blockEnergy() * block.weight;
  block.passes = 0;
  block.hullStart = 0;
  block.hullCount = 0;
  if (planes === 0) return;
  engine.ensure(3 * planes * RECORD_BYTES + BLOCK_BYTES_MAX);
  block.records = engine.top;
  block.passes = kernels.encodeBlock(planes, block.band.orientation, block.weight, block.records);
  counts.passesCoded += block.passes;
  const end = block.records + block.passes * RECORD_BYTES + kernels.codedBytes();
  engine.moveTop((end + 7) & ~7);
  hulls.add(engine.doubles, engine.words, block);
}

/** The scratch of the kernel: 16 bytes a sample of the largest block. */
const BLOCK_BYTES_MAX = 16 * 4096 + 8192;

/** Whether nothing of the block was left uncoded. */
export function isCodedWhole(plan: Plan, block: CodedBlock): boolean {
  const planes = plan.bands[block.band.index]!.planes - block.zeroPlanes;
  return planes === 0 || block.passes === 3 * planes - 2;
}

/** Bytes that surely hold every decision up to a pass, however the segment goes on. */
export function safeLength(engine: Engine, block: CodedBlock, passes: number): number {
  const stable = engine.words[(block.records + (passes - 1) * RECORD_BYTES + 12) >> 2]!;
  return stable + SAFE_BYTES;
}

/** 16 bits of interval, 12 of delay and stuffing (Annex C.2) behind the bytes put out. */
const SAFE_BYTES = 5;
