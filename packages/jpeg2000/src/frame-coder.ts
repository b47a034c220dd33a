import { assert } from '@yinglian/core';
import { type BlockCounts, codeBlocks, isCodedWhole, loadBlock, safeLength } from './block-coding.ts';
import {
  fixedBytes, measurePacketHeaders, writeCodestream, type WrittenCodestream,
} from './codestream-writer.ts';
import type { Engine } from './engine.ts';
import { isEmpty, tileComponentArea } from './geometry.ts';
import type { Image } from './model.ts';
import type { Plan, TilePlan } from './plan.ts';
import {
  type CodedBlock, keep, pointsAt, SLOPE_COUNT, SlopeHistogram, slopeIndex, slopeLog2,
} from './rate-control.ts';
import { type Plane, reservePlane, reserveStaging, transformTile } from './tile-transform.ts';

/** What a codestream may take. Nothing given: everything is kept. */
export type Budget = {
  readonly totalBytes?: number;
  /** Per component: its tile-parts, headers included. Needs one tile-part per component at least. */
  readonly componentBytes?: number;
  /** Cumulated bytes of each quality layer but the last. */
  readonly layerBytes: readonly number[];
  /** Stop at this quality even if bytes are left, in dB. */
  readonly psnrMax?: number;
};

export type CodedFrame = WrittenCodestream & {
  readonly slope: number;
  readonly psnr: number;
  readonly componentBytes: readonly number[];
  readonly counts: { passesCoded: number; passesKept: number; blocksRepeated: number };
};

/** One block of this many is coded first, to learn where the slope will be. */
const SAMPLE_ONE_OF = 8;
/** Below this many blocks a sample says too little, and everything is coded at once. */
const SAMPLED_BLOCKS_MIN = 512;
/** The sample is coded this much deeper than the first guess, in octaves of slope. */
const SAMPLE_MARGIN = 2;
/** The rest is coded this much deeper than the sample says. */
const MARGIN = 0.25;
/** What deepens a coding that proved too shallow. */
const RETRY_MARGIN = 1;
/** Share of packet headers in a frame, until they are measured. */
const HEADER_SHARE = 0.03;

/** Codes one picture by a plan. All memory of the engine is used anew. */
export function codeFrame(engine: Engine, image: Image, plan: Plan, budget: Budget): CodedFrame {
  engine.reset();
  const counts = { passesCoded: 0, passesKept: 0, blocksRepeated: 0 };
  const blocks = plan.tiles.flatMap((tile) => tile.components.flatMap((each) => each.blocks));
  const planes = reserveFor(engine, plan);
  const widest = Math.max(...plan.tiles.flatMap((tile) => tile.components.map((c) => c.x1 - c.x0)));
  const staging = reserveStaging(engine, plan.request.steps.length, widest);
  const load = (tile: TilePlan) =>
    transformTile(engine, image, placesOf(plan), tile.components, planes, staging, {
      reversible: plan.request.coding.reversible,
      colourTransform: plan.request.colourTransform,
      shift: plan.request.signed ? 0 : 2 ** (plan.request.bitDepth - 1),
    });
  let slope = 0;
  if (plan.tiles.length === 1 && budget.totalBytes !== undefined) {
    load(plan.tiles[0]!);
    slope = codeWithin(engine, plan, planes, blocks, budget, counts);
  } else {
    for (const tile of plan.tiles) {
      load(tile);
      for (const component of tile.components) {
        codeBlocks(engine, plan, planes, component.blocks, 0, counts);
      }
    }
    slope = chooseLayers(engine, plan, blocks, budget);
  }
  const written = writeCodestream(engine, plan);
  counts.passesKept = blocks.reduce((sum, block) => sum + block.layerPasses.at(-1)!, 0);
  return {
    ...written, slope, counts,
    psnr: psnrOf(plan, blocks),
    componentBytes: componentBytesOf(plan, written),
  };
}

function reserveFor(engine: Engine, plan: Plan): Plane[] {
  return plan.request.steps.map((_, index) => {
    let largest = plan.tiles[0]!.components[index]!;
    const samples = (area: typeof largest) => (area.x1 - area.x0 + 4) * (area.y1 - area.y0);
    let width = 0;
    let height = 0;
    for (const { components } of plan.tiles) {
      const each = components[index]!;
      if (samples(each) > samples(largest)) largest = each;
      width = Math.max(width, each.x1 - each.x0);
      height = Math.max(height, each.y1 - each.y0);
    }
    return reservePlane(engine, { x0: 0, y0: 0, x1: width, y1: height });
  });
}

function placesOf(plan: Plan) {
  return plan.request.steps.map((step) => {
    const area = tileComponentArea(plan.request.area, step.x, step.y);
    return { x0: area.x0, y0: area.y0, width: isEmpty(area) ? 0 : area.x1 - area.x0 };
  });
}

/** Codes a tile to a byte limit: sample, rest, and again where that was not deep enough. */
function codeWithin(
  engine: Engine,
  plan: Plan,
  planes: readonly Plane[],
  blocks: readonly CodedBlock[],
  budget: Budget,
  counts: BlockCounts & { blocksRepeated: number },
): number {
  let stop = 0;
  let rest: readonly CodedBlock[] = blocks;
  if (blocks.length >= SAMPLED_BLOCKS_MIN) {
    const sample = blocks.filter((_, index) => index % SAMPLE_ONE_OF === sampleOffset(index));
    stop = sampledSlope(engine, plan, planes, sample, budget, counts) * 2 ** -MARGIN;
    const sampled = new Set(sample);
    rest = blocks.filter((block) => !sampled.has(block));
  }
  codeBlocks(engine, plan, planes, rest, stop, counts);
  for (;;) {
    const slope = chooseLayers(engine, plan, blocks, budget);
    if (stop === 0 || slope >= stop) return slope;
    stop *= 2 ** -RETRY_MARGIN;
    if (Math.log2(stop) < slopeLog2(0)) stop = 0;
    const again = blocks.filter((block) => !isCodedWhole(plan, block));
    counts.blocksRepeated += again.length;
    codeBlocks(engine, plan, planes, again, stop, counts);
  }
}

/** Moves the sampled column from one row of blocks to the next. */
function sampleOffset(index: number): number {
  return (Math.floor(index / SAMPLE_ONE_OF) * 3) % SAMPLE_ONE_OF;
}

/** The slope at which the whole would fill the budget, judged by a sample; 0 when it never does. */
function sampledSlope(
  engine: Engine,
  plan: Plan,
  planes: readonly Plane[],
  sample: readonly CodedBlock[],
  budget: Budget,
  counts: BlockCounts,
): number {
  const bytes = (budget.totalBytes! - fixedBytes(plan)) * (1 - HEADER_SHARE);
  let stop = guessSlope(engine, plan, planes, sample, bytes) * 2 ** -SAMPLE_MARGIN;
  for (;;) {
    const top = engine.top;
    codeBlocks(engine, plan, planes, sample, stop, counts);
    const histogram = new SlopeHistogram();
    for (const block of sample) histogram.add(block.hull, SAMPLE_ONE_OF);
    const index = histogram.lowestWithin(bytes);
    const slope = index === 0 ? 0 : 2 ** slopeLog2(index);
    if (stop === 0 || slope > stop * 2 ** MARGIN) return slope;
    assert(engine.top >= top, 'coded blocks are kept');
    stop = stop < 2 ** slopeLog2(0) ? 0 : stop * 2 ** -(2 * SAMPLE_MARGIN);
  }
}

/** Bits a significant sample costs on top of one per plane: its sign and where it is. */
const POSITION_BITS = 2.5;
/** Squared steps a byte of refinement gains in plane 0: a quarter step for each of eight bits. */
const REFINEMENT_GAIN = 2;

/** A first guess from how many samples have their highest bit in which plane. */
function guessSlope(
  engine: Engine,
  plan: Plan,
  planes: readonly Plane[],
  sample: readonly CodedBlock[],
  bytes: number,
): number {
  engine.ensure(128);
  const at = engine.top;
  const histogram = new SlopeHistogram();
  for (const block of sample) {
    loadBlock(engine, plan, planes[block.component]!, block);
    engine.bytes.fill(0, at, at + 128);
    engine.kernels.countPlanes(at);
    const hull = { passes: [], bytes: [] as number[], gains: [], slopes: [] as number[] };
    let significant = 0;
    let bits = 0;
    for (let plane = 31; plane >= 0; plane--) {
      const became = engine.words[(at >> 2) + plane]!;
      significant += became;
      if (significant === 0) continue;
      bits += significant + became * POSITION_BITS;
      hull.bytes.push(bits / 8);
      hull.slopes.push(slopeIndex(REFINEMENT_GAIN * 4 ** plane * block.weight));
    }
    histogram.add(hull, SAMPLE_ONE_OF);
  }
  const index = histogram.lowestWithin(bytes);
  return index === 0 ? 0 : 2 ** slopeLog2(index);
}

/**
 * Chooses what is kept in each layer. The last one is filled as far as the limits allow, exactly:
 * packet headers are measured, not estimated.
 * @returns the slope threshold of the last layer; 0 when everything is kept
 */
function chooseLayers(
  engine: Engine,
  plan: Plan,
  blocks: readonly CodedBlock[],
  budget: Budget,
): number {
  const last = plan.request.layers - 1;
  const fixed = fixedBytes(plan);
  const total = new SlopeHistogram();
  for (const block of blocks) total.add(block.hull);
  budget.layerBytes.forEach((bytes, layer) => {
    const index = total.lowestWithin((bytes - fixed) * (1 - HEADER_SHARE));
    for (const block of blocks) keep(block, layer, index);
  });
  const floor = budget.psnrMax === undefined ? 0 : slopeForPsnr(plan, blocks, budget.psnrMax);
  const limits = new LastLayer(engine, plan, blocks, total, floor);
  return limits.fill(budget, fixed, last);
}

/** The highest slope index whose kept passes reach a quality. */
function slopeForPsnr(plan: Plan, blocks: readonly CodedBlock[], psnr: number): number {
  const wanted = samplesOf(plan) * (2 ** plan.request.bitDepth - 1) ** 2 / 10 ** (psnr / 10);
  let low = 0;
  let high = SLOPE_COUNT;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    let error = 0;
    for (const block of blocks) {
      const points = pointsAt(block.hull, middle);
      error += block.energy - (points === 0 ? 0 : block.hull.gains[points - 1]!);
    }
    if (error <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Fills the last layer under a limit of the whole and of each component. */
class LastLayer {
  readonly #engine: Engine;
  readonly #plan: Plan;
  readonly #blocks: readonly CodedBlock[];
  readonly #total: SlopeHistogram;
  readonly #floor: number;

  constructor(
    engine: Engine,
    plan: Plan,
    blocks: readonly CodedBlock[],
    total: SlopeHistogram,
    floor: number,
  ) {
    this.#engine = engine;
    this.#plan = plan;
    this.#blocks = blocks;
    this.#total = total;
    this.#floor = floor;
  }

  fill(budget: Budget, fixed: number, layer: number): number {
    const components = this.#plan.request.steps.length;
    const thresholds = Array.from({ length: components }, () => this.#floor);
    if (budget.totalBytes === undefined) {
      this.#apply(layer, thresholds);
      return thresholds[0] === 0 ? 0 : 2 ** slopeLog2(thresholds[0]!);
    }
    const room = budget.totalBytes - fixed;
    let headers = room * HEADER_SHARE;
    for (let round = 0; ; round++) {
      const index = Math.max(this.#floor, this.#total.lowestWithin(room - headers));
      thresholds.fill(index);
      this.#apply(layer, thresholds);
      const measured = this.#measure(layer);
      if (budget.componentBytes !== undefined) {
        this.#limitComponents(budget.componentBytes, layer, thresholds, measured.components);
      }
      const excess = this.#measure(layer).total - room;
      if (excess <= 0 && (round >= ROUNDS || index === this.#floor)) {
        const lowest = Math.min(...thresholds);
        return lowest === 0 ? 0 : 2 ** slopeLog2(lowest);
      }
      if (excess > 0 && index >= SLOPE_COUNT - 1) throw new ByteLimitFault(budget.totalBytes);
      // Exact headers of this choice; near the end only ever more of them, so that it fits.
      headers = round < ROUNDS ? measured.headers : Math.max(measured.headers, headers + excess);
    }
  }

  #limitComponents(
    limit: number,
    layer: number,
    thresholds: number[],
    bytes: readonly number[],
  ): void {
    bytes.forEach((used, component) => {
      let excess = used - limit;
      if (excess <= 0) return;
      const own = new SlopeHistogram();
      for (const block of this.#blocks) if (block.component === component) own.add(block.hull);
      const headers = used - own.bytesAt(thresholds[component]!);
      let body = limit - headers;
      while (excess > 0) {
        thresholds[component] = own.lowestWithin(body);
        this.#apply(layer, thresholds);
        excess = this.#measure(layer).components[component]! - limit;
        body -= Math.max(0, excess);
      }
    });
  }

  #apply(layer: number, thresholds: readonly number[]): void {
    for (const block of this.#blocks) {
      keep(block, layer, thresholds[block.component]!);
      setLengths(this.#engine, block, layer);
    }
  }

  /** Bytes of packets with the present choice, and of each component with its part headers. */
  #measure(layer: number) {
    const components = this.#plan.request.steps.map(() => 0);
    let headers = 0;
    for (const tile of this.#plan.tiles) {
      measurePacketHeaders(this.#plan, tile).forEach((bytes, part) => {
        headers += bytes;
        const component = tile.parts[part]![0]?.precinct.component;
        if (component !== undefined) components[component]! += bytes + PART_HEADER_BYTES;
      });
    }
    let body = 0;
    for (const block of this.#blocks) {
      const bytes = block.layerBytes[layer]!;
      components[block.component]! += bytes;
      body += bytes;
    }
    return { headers, components, total: headers + body };
  }
}

/** A limit that not even an empty picture keeps. */
export class ByteLimitFault extends Error {
  override readonly name = 'ByteLimitFault';
  constructor(limitBytes: number) {
    super(`${limitBytes} bytes do not hold the headers of the codestream`);
  }
}

/** SOT and SOD. */
const PART_HEADER_BYTES = 14;
/** Rounds in which the threshold may still go down. */
const ROUNDS = 2;

/** Lengths of a block's segment at the end of each layer. */
function setLengths(engine: Engine, block: CodedBlock, last: number): void {
  const passes = block.layerPasses[last]!;
  const point = block.hull.passes.indexOf(passes);
  const whole = passes === 0 ? 0 : block.hull.bytes[point]!;
  block.layerBytes[last] = whole;
  for (let layer = 0; layer < last; layer++) {
    const own = block.layerPasses[layer]!;
    if (own === 0) block.layerBytes[layer] = 0;
    else if (own === passes) block.layerBytes[layer] = whole;
    else block.layerBytes[layer] = Math.min(whole, safeLength(engine, block, own));
  }
}

function samplesOf(plan: Plan): number {
  return plan.tiles.reduce(
    (sum, tile) =>
      sum + tile.components.reduce((own, c) => own + (c.x1 - c.x0) * (c.y1 - c.y0), 0),
    0,
  );
}

function psnrOf(plan: Plan, blocks: readonly CodedBlock[]): number {
  let error = 0;
  for (const block of blocks) {
    const points = block.hull.passes.indexOf(block.layerPasses.at(-1)!);
    error += block.energy - (points < 0 ? 0 : block.hull.gains[points]!);
  }
  if (error <= 0) return Infinity;
  const peak = 2 ** plan.request.bitDepth - 1;
  return 10 * Math.log10((peak * peak * samplesOf(plan)) / error);
}

function componentBytesOf(plan: Plan, written: WrittenCodestream): number[] {
  const bytes = plan.request.steps.map(() => 0);
  let index = 0;
  for (const tile of plan.tiles) {
    for (const part of tile.parts) {
      const component = part[0]?.precinct.component ?? 0;
      bytes[component]! += written.partLengths[index++]!.bytes;
    }
  }
  return bytes;
}
