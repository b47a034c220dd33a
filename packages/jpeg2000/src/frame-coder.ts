import { assert } from '@yinglian/core';
import { isCodedWhole, loadBlock, safeLength } from './block-coding.ts';
import type { Budget, CodingFrame, CodingRequest } from './coding-request.ts';
import {
  fixedBytes,
  measurePacketHeaders,
  writeCodestream,
  type WrittenCodestream,
} from './codestream-writer.ts';
import type { Engine } from './engine.ts';
import { isEmpty, tileComponentArea } from './geometry.ts';
import type { EncodeStatistics, Image } from './model.ts';
import type { Plan, TilePlan } from './plan.ts';
import {
  type CodedBlock,
  HullStore,
  keep,
  type RateCurve,
  SLOPE_COUNT,
  SlopeHistogram,
  slopeIndex,
  slopeLog2,
} from './rate-control.ts';
import { type Plane, reservePlane, reserveStaging, transformTile } from './tile-transform.ts';

/** A coded frame: the slope where it was cut, its quality in dB, its bytes per component. */
export type CodedFrame = WrittenCodestream & {
  readonly slope: number;
  readonly psnr: number;
  readonly curve: RateCurve;
  readonly componentBytes: readonly number[];
  readonly counts: EncodeStatistics;
};

/** One block of this many is coded first, to learn where the slope will be. */
const SAMPLE_ONE_OF = 8;
/** Below this many blocks a sample says too little, and everything is coded at once. */
const SAMPLED_BLOCKS_MIN = 512;
/** What is coded first goes this much deeper than the first guess, in octaves of slope. */
const SAMPLE_MARGIN = 1.5;
/** Fewer blocks than this say too little even for a second guess. */
const FEW_BLOCKS_MIN = 64;
/** The sample is coded this much deeper than the few say, in octaves. */
const NEAR_MARGIN = 0.5;
/** The rest is coded so deep that the sample promises this many times the bytes. */
const SPARE = 1.06;
/** A coding that was not deep enough is good enough when it fills this share of the limit. */
const FILLED_SHARE = 0.992;
/** What first deepens a coding that proved too shallow; each further time twice as much. */
const RETRY_MARGIN = 0.5;
/** Share of packet headers in a frame, until they are measured. */
const HEADER_SHARE = 0.03;

/** Deeper than the sample says that a quality needs, in octaves. */
const QUALITY_MARGIN = 0.125;

/** The coding of blocks, asked for one request after the other. */
export type Coding<T> = Generator<CodingRequest, T, undefined>;

/**
 * Codes one picture by a plan. All memory of the engine is used anew. Each request that comes out
 * must be fulfilled before the next one is asked for: here or by helpers, it makes no difference.
 */
export function* codeFrame(
  engine: Engine,
  hulls: HullStore,
  image: Image,
  plan: Plan,
  budget: Budget,
): Coding<CodedFrame> {
  const { frame, load } = openFrame(engine, hulls, image, plan, budget);
  const { blocks, counts } = frame;
  let slope = 0;
  if (isSingle(frame)) {
    load(plan.tiles[0]!);
    slope = yield* codeWithin(frame);
  } else {
    for (const tile of plan.tiles) {
      load(tile);
      for (const component of tile.components) {
        yield { frame, blocks: component.blocks, stopSlope: 0 };
      }
    }
    slope = chooseLayers(frame).slope;
  }
  const written = writeCodestream(engine, plan);
  for (const block of blocks) counts.passesKept += block.layerPasses.at(-1)!;
  return {
    ...written,
    slope,
    counts: { blocks: blocks.length, ...counts },
    psnr: psnrOf(frame),
    curve: curveOf(frame, blocks, 1, slope),
    componentBytes: componentBytesOf(plan, written),
  };
}

/**
 * Bytes over slope of one picture, judged by a sample of its blocks: what a first pass needs, for a
 * part of the time of coding.
 */
export function* measureFrame(
  engine: Engine,
  hulls: HullStore,
  image: Image,
  plan: Plan,
  budget: Budget,
): Coding<RateCurve> {
  const { frame, load } = openFrame(engine, hulls, image, plan, budget);
  assert(isSingle(frame), 'a picture of one tile, with a limit, is measured');
  load(plan.tiles[0]!);
  if (frame.blocks.length < SAMPLED_BLOCKS_MIN) {
    yield { frame, blocks: frame.blocks, stopSlope: 0 };
    return curveOf(frame, frame.blocks, 1, 0);
  }
  const sample = frame.blocks.filter((_, index) => isSampled(index));
  const stop = yield* sampledStop(frame, sample);
  return curveOf(frame, sample, SAMPLE_ONE_OF, stop);
}

function openFrame(engine: Engine, hulls: HullStore, image: Image, plan: Plan, budget: Budget) {
  engine.reset();
  hulls.reset();
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
  const frame: CodingFrame = { engine, plan, planes, blocks, hulls, budget, counts };
  return { frame, load };
}

/** Whether the whole picture is in memory while its limits are met. */
function isSingle({ plan, budget }: CodingFrame): boolean {
  return plan.tiles.length === 1 && (budget.totalBytes !== undefined || floorOf(budget) > 0);
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

/** Codes a tile to its limits: sample, rest, and again where that was not deep enough. */
function* codeWithin(frame: CodingFrame): Coding<number> {
  const { plan, blocks, counts } = frame;
  let stop = slopeOf(floorOf(frame.budget));
  if (blocks.length < SAMPLED_BLOCKS_MIN) yield { frame, blocks, stopSlope: stop };
  else {
    const sample = blocks.filter((_, index) => isSampled(index));
    stop = yield* sampledStop(frame, sample);
    yield { frame, blocks: blocks.filter((_, index) => !isSampled(index)), stopSlope: stop };
  }
  for (let margin = RETRY_MARGIN; ; margin *= 2) {
    const { slope, usedShare } = chooseLayers(frame);
    if (stop === 0 || slope >= stop || usedShare > FILLED_SHARE) return slope;
    stop *= 2 ** -margin;
    if (Math.log2(stop) < slopeLog2(0)) stop = 0;
    const again = blocks.filter((block) => !isCodedWhole(plan, block));
    counts.blocksRepeated += again.length;
    yield { frame, blocks: again, stopSlope: stop };
  }
}

/** Codes the sample; returns how deep the rest is to be coded for the first limit that binds. */
function* sampledStop(frame: CodingFrame, sample: readonly CodedBlock[]): Coding<number> {
  const { budget, plan } = frame;
  const floor = slopeOf(floorOf(budget));
  let stop = 0;
  if (budget.totalBytes === undefined) yield { frame, blocks: sample, stopSlope: floor };
  else {
    // A sample of the sample is coded deep, so that the sample itself need not be.
    const few = sample.filter((_, index) => isSampled(index));
    const bytes = (budget.totalBytes - fixedBytes(plan)) * (1 - HEADER_SHARE) * SPARE;
    const guess = guessSlope(frame, sample, bytes) * 2 ** -SAMPLE_MARGIN;
    const deep = few.length >= FEW_BLOCKS_MIN;
    const near = deep
      ? (yield* sampledSlope(frame, few, SAMPLE_ONE_OF ** 2, bytes, guess)) * 2 ** -NEAR_MARGIN
      : guess;
    stop = yield* sampledSlope(frame, sample, SAMPLE_ONE_OF, bytes, near);
  }
  if (budget.psnrMax !== undefined) {
    const enough = slopeForPsnr(frame, sample, budget.psnrMax, SAMPLE_ONE_OF);
    stop = Math.max(stop, slopeOf(enough) * 2 ** -QUALITY_MARGIN);
  }
  return Math.max(stop, floor);
}

/** Every eighth block, moved from one row of blocks to the next. */
function isSampled(index: number): boolean {
  return index % SAMPLE_ONE_OF === (Math.floor(index / SAMPLE_ONE_OF) * 3) % SAMPLE_ONE_OF;
}

/** The slope at which the whole takes `bytes`, judged by a sample; 0 when it may never do so. */
function* sampledSlope(
  frame: CodingFrame,
  sample: readonly CodedBlock[],
  oneOf: number,
  bytes: number,
  first: number,
): Coding<number> {
  let stop = first;
  for (let margin = SAMPLE_MARGIN; ; margin *= 2) {
    yield { frame, blocks: sample, stopSlope: stop };
    const histogram = new SlopeHistogram();
    for (const block of sample) histogram.add(frame.hulls, block, oneOf);
    const slope = slopeOf(histogram.lowestWithin(bytes));
    if (stop === 0 || slope > stop) return slope;
    stop *= 2 ** -margin;
    if (Math.log2(stop) < slopeLog2(0)) stop = 0;
  }
}

/** The slope index under which a budget wants nothing. */
function floorOf(budget: Budget): number {
  return budget.slopeLog2Min === undefined ? 0 : slopeIndex(2 ** budget.slopeLog2Min);
}

/** What blocks take at each slope down to `slope`, and headers at their usual share. */
function curveOf(
  frame: CodingFrame,
  blocks: readonly CodedBlock[],
  oneOf: number,
  slope: number,
): RateCurve {
  const histogram = new SlopeHistogram();
  for (const block of blocks) histogram.add(frame.hulls, block, oneOf);
  const fixed = fixedBytes(frame.plan);
  return histogram.curve(slope === 0 ? 0 : slopeIndex(slope), (body) =>
    Math.min(frame.budget.totalBytes ?? Infinity, Math.round(fixed + body / (1 - HEADER_SHARE))),
  );
}

/** Bits a significant sample costs on top of one per plane: its sign and where it is. */
const POSITION_BITS = 2.5;
/** Squared steps a byte of refinement gains in plane 0: a quarter step for each of eight bits. */
const REFINEMENT_GAIN = 2;

/** Octaves by which the guess proved low on dense pictures, where it matters. */
const GUESS_BIAS = 1.2;

/** A first guess from how many samples have their highest bit in which plane. */
function guessSlope(frame: CodingFrame, sample: readonly CodedBlock[], bytes: number): number {
  const { engine, plan, planes } = frame;
  engine.ensure(128);
  const at = engine.top;
  const histogram = new SlopeHistogram();
  for (const block of sample) {
    loadBlock(engine, plan, planes[block.component]!, block);
    engine.bytes.fill(0, at, at + 128);
    engine.kernels.countPlanes(at);
    let significant = 0;
    for (let plane = 31; plane >= 0; plane--) {
      const became = engine.words[(at >> 2) + plane]!;
      significant += became;
      if (significant === 0) continue;
      const bits = significant + became * POSITION_BITS;
      const slope = REFINEMENT_GAIN * 4 ** plane * block.weight;
      histogram.addBytes(slopeIndex(slope), (bits / 8) * SAMPLE_ONE_OF);
    }
  }
  const index = histogram.lowestWithin(bytes);
  return index === 0 ? 0 : 2 ** (slopeLog2(index) + GUESS_BIAS);
}

/**
 * Chooses what is kept in each layer. The last one is filled as far as the limits allow, exactly:
 * packet headers are measured, not estimated.
 */
function chooseLayers(frame: CodingFrame): Filling {
  const { plan, blocks, budget, hulls } = frame;
  const last = plan.request.layers - 1;
  const fixed = fixedBytes(plan);
  const total = new SlopeHistogram();
  for (const block of blocks) total.add(hulls, block);
  budget.layerBytes.forEach((bytes, layer) => {
    const index = total.lowestWithin((bytes - fixed) * (1 - HEADER_SHARE));
    for (const block of blocks) keep(hulls, block, layer, index);
  });
  const { psnrMax } = budget;
  const enough = psnrMax === undefined ? 0 : slopeForPsnr(frame, blocks, psnrMax, 1);
  return new LastLayer(frame, total, Math.max(enough, floorOf(budget))).fill(fixed, last);
}

/** The highest slope index whose kept passes reach a quality; blocks may be one of so many. */
function slopeForPsnr(
  frame: CodingFrame,
  blocks: readonly CodedBlock[],
  psnr: number,
  oneOf: number,
): number {
  const { plan, hulls } = frame;
  const peak = 2 ** plan.request.bitDepth - 1;
  const wanted = (samplesOf(plan) * peak ** 2) / 10 ** (psnr / 10) / oneOf;
  let low = 0;
  let high = SLOPE_COUNT - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    let error = 0;
    for (const block of blocks) error += errorOf(hulls, block, hulls.pointsAt(block, middle));
    if (error <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Squared picture error that a block leaves when `points` of its hull are kept. */
function errorOf(hulls: HullStore, block: CodedBlock, points: number): number {
  const gain = points === 0 ? 0 : hulls.gains[block.hullStart + points - 1]!;
  return Math.max(0, block.energy - gain);
}

/** How the last layer was filled. */
type Filling = {
  /** Its slope threshold; 0 when everything is kept. */
  readonly slope: number;
  readonly usedShare: number;
};

/** Fills the last layer under a limit of the whole and of each component. */
class LastLayer {
  readonly #frame: CodingFrame;
  readonly #total: SlopeHistogram;
  readonly #floor: number;

  constructor(frame: CodingFrame, total: SlopeHistogram, floor: number) {
    this.#frame = frame;
    this.#total = total;
    this.#floor = floor;
  }

  fill(fixed: number, layer: number): Filling {
    const { plan, budget } = this.#frame;
    const thresholds = plan.request.steps.map(() => this.#floor);
    if (budget.totalBytes === undefined) {
      this.#apply(layer, thresholds);
      return { slope: slopeOf(this.#floor), usedShare: 1 };
    }
    const room = budget.totalBytes - fixed;
    let total = this.#total;
    let headers = room * HEADER_SHARE;
    const capped = new Map<number, number>();
    for (let round = 0; ; round++) {
      const index = Math.max(this.#floor, total.lowestWithin(room - headers));
      thresholds.fill(index);
      for (const [component, threshold] of capped) {
        thresholds[component] = Math.max(index, threshold);
      }
      this.#apply(layer, thresholds);
      const measured = this.#measure(layer);
      if (this.#capComponents(layer, thresholds, measured.components, capped)) {
        total = this.#uncapped(capped, thresholds);
        continue;
      }
      const excess = measured.total - room;
      const isFull = index === this.#floor || excess > -room * UNUSED_SHARE || round >= ROUNDS;
      if (excess <= 0 && isFull) {
        return { slope: slopeOf(index), usedShare: measured.total / room };
      }
      if (excess > 0 && index >= SLOPE_COUNT - 1) throw new ByteLimitFault(budget.totalBytes);
      // Exact headers of this choice; near the end only ever more of them, so that it fits.
      headers = round < ROUNDS ? measured.headers : Math.max(measured.headers, headers + excess);
    }
  }

  /** Raises the thresholds of components over their limit; true when one was raised. */
  #capComponents(
    layer: number,
    thresholds: number[],
    bytes: readonly number[],
    capped: Map<number, number>,
  ): boolean {
    const { budget, blocks, hulls } = this.#frame;
    const limit = budget.componentBytes ?? Infinity;
    let raised = false;
    bytes.forEach((used, component) => {
      let excess = used - limit;
      if (excess <= 0) return;
      raised = true;
      const own = new SlopeHistogram();
      for (const block of blocks) if (block.component === component) own.add(hulls, block);
      let body = own.bytesAt(thresholds[component]!);
      while (excess > 0) {
        body -= excess;
        thresholds[component] = own.lowestWithin(body);
        if (thresholds[component]! >= SLOPE_COUNT - 1) throw new ByteLimitFault(limit);
        this.#apply(layer, thresholds);
        excess = this.#measure(layer).components[component]! - limit;
      }
      capped.set(component, thresholds[component]!);
    });
    return raised;
  }

  /** The histogram in which capped components keep what they have at most. */
  #uncapped(capped: ReadonlyMap<number, number>, thresholds: readonly number[]): SlopeHistogram {
    const { blocks, hulls } = this.#frame;
    const total = new SlopeHistogram();
    for (const block of blocks) {
      if (!capped.has(block.component)) total.add(hulls, block);
      else {
        const points = hulls.pointsAt(block, thresholds[block.component]!);
        if (points > 0) {
          total.addBytes(SLOPE_COUNT - 1, hulls.bytes[block.hullStart + points - 1]!);
        }
      }
    }
    return total;
  }

  #apply(layer: number, thresholds: readonly number[]): void {
    const { engine, blocks, hulls } = this.#frame;
    for (const block of blocks) {
      keep(hulls, block, layer, thresholds[block.component]!);
      setLengths(engine, hulls, block, layer);
    }
  }

  /** Bytes of packets with the present choice, and of each component with its part headers. */
  #measure(layer: number) {
    const { plan, blocks } = this.#frame;
    const components = plan.request.steps.map(() => 0);
    let headers = 0;
    for (const tile of plan.tiles) {
      measurePacketHeaders(plan, tile).forEach((bytes, part) => {
        headers += bytes;
        const component = tile.parts[part]![0]?.precinct.component;
        if (component !== undefined) components[component]! += bytes + PART_HEADER_BYTES;
      });
    }
    let body = 0;
    for (const block of blocks) {
      const bytes = block.layerBytes[layer]!;
      components[block.component]! += bytes;
      body += bytes;
    }
    return { headers, components, total: headers + body };
  }
}

function slopeOf(index: number): number {
  return index === 0 ? 0 : 2 ** slopeLog2(index);
}

/** Share of the room that may stay unused once the headers are known. */
const UNUSED_SHARE = 0.0005;

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
const ROUNDS = 3;

/** Lengths of a block's segment at the end of each layer. */
function setLengths(engine: Engine, hulls: HullStore, block: CodedBlock, last: number): void {
  const passes = block.layerPasses[last]!;
  const whole = passes === 0 ? 0 : hulls.bytes[block.hullStart + block.points - 1]!;
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
    (sum, tile) => sum + tile.components.reduce((own, c) => own + (c.x1 - c.x0) * (c.y1 - c.y0), 0),
    0,
  );
}

function psnrOf({ plan, blocks, hulls }: CodingFrame): number {
  let error = 0;
  for (const block of blocks) error += errorOf(hulls, block, block.points);
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
