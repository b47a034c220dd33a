import type { Engine, Flag } from './engine.ts';
import type { Plan } from './plan.ts';
import { type CodedBlock, type HullStore, RECORD_BYTES } from './rate-control.ts';
import type { Plane } from './tile-transform.ts';

/** Coding passes coded so far, counted over the calls that share it. */
export type BlockCounts = { passesCoded: number };

/**
 * Codes blocks of one transformed tile as deep as the slope wants; 0 codes everything. The kernels
 * code two blocks side by side: when one is done, the next one takes its place.
 */
export function codeBlocks(
  engine: Engine,
  plan: Plan,
  planes: readonly Plane[],
  hulls: HullStore,
  blocks: readonly CodedBlock[],
  stopSlope: number,
  counts: BlockCounts,
): void {
  const { kernels } = engine;
  kernels.setStop(stopSlope);
  const coded: (CodedBlock | undefined)[] = [undefined, undefined];
  const take = (place: Flag) => {
    const block = coded[place]!;
    coded[place] = undefined;
    const bytes = kernels.blockBytes(place);
    engine.ensure(bytes + 8);
    block.records = engine.top;
    block.passes = kernels.takeBlock(place, block.records);
    counts.passesCoded += block.passes;
    engine.moveTop((block.records + bytes + 7) & ~7);
    hulls.add(engine.doubles, engine.words, block);
  };
  let free: Flag = 0;
  for (const block of blocks) {
    if (!startBlock(engine, plan, planes[block.component]!, block, free)) continue;
    coded[free] = block;
    if (coded[0] === undefined || coded[1] === undefined) free = free === 0 ? 1 : 0;
    else {
      free = kernels.encodeBoth();
      take(free);
    }
  }
  const last = free === 0 ? 1 : 0;
  if (coded[last] === undefined) return;
  kernels.encodeRest(last);
  take(last);
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

/** Loads a block and makes its symbols; false when it is zero throughout. */
function startBlock(
  engine: Engine,
  plan: Plan,
  plane: Plane,
  block: CodedBlock,
  place: Flag,
): boolean {
  const { kernels } = engine;
  const all = loadBlock(engine, plan, plane, block);
  const planes = 32 - Math.clz32(all);
  block.zeroPlanes = plan.bands[block.band.index]!.planes - planes;
  block.energy = kernels.blockEnergy() * block.weight;
  block.passes = 0;
  block.hullStart = 0;
  block.hullCount = 0;
  if (planes === 0) return false;
  kernels.startBlock(place, planes, block.band.orientation, block.weight);
  return true;
}

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
