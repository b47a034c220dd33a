import type { Engine, Flag, Kernels } from './engine.ts';
import type { CodingFrame, CodingRequest } from './coding-request.ts';
import type { Plan } from './plan.ts';
import { type CodedBlock, RECORD_BYTES } from './rate-control.ts';
import type { Plane } from './tile-transform.ts';

/**
 * Codes blocks by their index. The kernels code two side by side: when one is done, the next one
 * takes its place.
 *
 * @param start loads a block and makes its symbols; false when it is zero throughout
 * @param done takes a block that is coded
 */
export function codePairs(
  kernels: Kernels,
  count: number,
  start: (index: number, place: Flag) => boolean,
  done: (index: number, place: Flag) => void,
): void {
  const coding = [-1, -1];
  const finish = (place: Flag) => {
    done(coding[place]!, place);
    coding[place] = -1;
  };
  let free: Flag = 0;
  for (let index = 0; index < count; index++) {
    if (!start(index, free)) continue;
    coding[free] = index;
    if (coding[0] === -1 || coding[1] === -1) free = free === 0 ? 1 : 0;
    else {
      free = kernels.encodeBoth();
      finish(free);
    }
  }
  const last = free === 0 ? 1 : 0;
  if (coding[last] === -1) return;
  kernels.encodeRest(last);
  finish(last);
}

/** Codes blocks of one transformed tile as deep as the slope wants; 0 codes everything. */
export function codeBlocks({ frame, blocks, stopSlope }: CodingRequest): void {
  const { engine, plan, planes } = frame;
  const { kernels } = engine;
  kernels.setStop(stopSlope);
  codePairs(
    kernels,
    blocks.length,
    (index, place) => {
      const block = blocks[index]!;
      const all = loadBlock(engine, plan, planes[block.component]!, block);
      const bits = 32 - Math.clz32(all);
      clearBlock(plan, block, bits, kernels.blockEnergy());
      if (bits > 0) kernels.startBlock(place, bits, block.band.orientation, block.weight);
      return bits > 0;
    },
    (index, place) => {
      const block = blocks[index]!;
      takeRecords(frame, block, kernels.blockBytes(place), (to) => {
        block.passes = kernels.takeBlock(place, to);
      });
    },
  );
}

/** Makes a block one of which nothing is coded yet. */
export function clearBlock(plan: Plan, block: CodedBlock, bits: number, energy: number): void {
  block.zeroPlanes = plan.bands[block.band.index]!.planes - bits;
  block.energy = energy * block.weight;
  block.passes = 0;
  block.hullStart = 0;
  block.hullCount = 0;
}

/** Keeps the records and bytes of a coded block, which `put` writes to an address. */
export function takeRecords(
  { engine, hulls, counts }: CodingFrame,
  block: CodedBlock,
  bytes: number,
  put: (to: number) => void,
): void {
  engine.ensure(bytes + 8);
  block.records = engine.top;
  put(block.records);
  engine.moveTop((block.records + bytes + 7) & ~7);
  hulls.add(engine.doubles, engine.words, block);
  counts.passesCoded += block.passes;
}

/** Where a block's coefficients lie, and how they become magnitudes. */
export type BlockPlace = {
  readonly from: number;
  readonly rowBytes: number;
  /** Size of the quantisation step; of no meaning for 5/3. */
  readonly step: number;
  readonly largest: number;
};

/** Finds a block in the plane of its component. */
export function placeOf(plan: Plan, plane: Plane, block: CodedBlock): BlockPlace {
  const { band } = block;
  const { size, planes } = plan.bands[band.index]!;
  const row = band.row + (block.y0 - band.y0) * band.rowStep;
  return {
    from: plane.at + row * plane.rowBytes + (band.column + block.x0 - band.x0) * 4,
    rowBytes: plane.rowBytes * band.rowStep,
    step: size,
    largest: 2 ** Math.min(planes, 30) - 1,
  };
}

/** Reads a block's coefficients into the coder; returns all magnitudes or-ed together. */
export function loadBlock(engine: Engine, plan: Plan, plane: Plane, block: CodedBlock): number {
  const place = placeOf(plan, plane, block);
  const [w, h] = [block.x1 - block.x0, block.y1 - block.y0];
  return loadPlace(engine.kernels, plan.request.coding.reversible, place, w, h);
}

/** Reads coefficients from where they lie; returns all magnitudes or-ed together. */
export function loadPlace(
  kernels: Kernels,
  reversible: boolean,
  { from, rowBytes, step, largest }: BlockPlace,
  w: number,
  h: number,
): number {
  return reversible
    ? kernels.loadIntegers(from, rowBytes, w, h, largest)
    : kernels.loadFloats(from, rowBytes, w, h, 1 / step, largest);
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
