import { clearBlock, codePairs, loadPlace, placeOf, takeRecords } from './block-coding.ts';
import { createEngine, type Engine } from './engine.ts';
import type { CodingFrame, CodingRequest } from './coding-request.ts';
import type { CodedBlock } from './rate-control.ts';

/**
 * Blocks of one picture, for another thread to code. Both buffers may be transferred: nobody here
 * looks at them again.
 */
export type BlockTask = {
  readonly reversible: boolean;
  /** Slope under which no pass is wanted; 0 codes everything. */
  readonly stopSlope: number;
  /** Per block: width, height, orientation, weight, step, largest magnitude. */
  readonly shapes: Float64Array<ArrayBuffer>;
  /** Coefficients, block after block, row by row: floats for 9/7, whole numbers for 5/3. */
  readonly coefficients: Int32Array<ArrayBuffer>;
};

/** What became of a {@link BlockTask}; both buffers may be transferred. */
export type BlockResult = {
  /** Per block: bits of the largest magnitude, energy, passes, bytes of records and code. */
  readonly table: Float64Array<ArrayBuffer>;
  /** Records and coded bytes, block after block. */
  readonly coded: Uint8Array<ArrayBuffer>;
};

/** Someone who codes blocks, usually a worker thread with a {@link BlockCoder} of its own. */
export type BlockHelper = (task: BlockTask) => Promise<BlockResult>;

const SHAPE_NUMBERS = 6;
const TABLE_NUMBERS = 4;
/** Samples in one task: enough to make a message worth sending, few enough to share evenly. */
const TASK_SAMPLES = 2 ** 18;
/** A vector may read this much behind the last row. */
const SLACK_BYTES = 64;

/** Has the blocks of a request coded by helpers; every helper always has one task to do. */
export async function shareRequest(
  request: CodingRequest,
  helpers: readonly BlockHelper[],
): Promise<void> {
  const { frame, blocks } = request;
  const groups = groupBlocks(blocks);
  let next = 0;
  const results: BlockResult[] = [];
  const work = async (helper: BlockHelper) => {
    while (next < groups.length) {
      const index = next++;
      results[index] = await helper(makeTask(request, groups[index]!));
    }
  };
  await Promise.all(helpers.map(work));
  groups.forEach((group, index) => mergeResult(frame, group, results[index]!));
}

function mergeResult(
  frame: CodingFrame,
  blocks: readonly CodedBlock[],
  { table, coded }: BlockResult,
): void {
  let at = 0;
  blocks.forEach((block, i) => {
    const [bits, energy, passes, bytes] = table.subarray(i * TABLE_NUMBERS);
    clearBlock(frame.plan, block, bits!, energy!);
    if (bits === 0) return;
    block.passes = passes!;
    takeRecords(frame, block, bytes!, (to) =>
      frame.engine.bytes.set(coded.subarray(at, at + bytes!), to),
    );
    at += bytes!;
  });
}

function groupBlocks(blocks: readonly CodedBlock[]): CodedBlock[][] {
  const groups: CodedBlock[][] = [];
  let samples = Infinity;
  for (const block of blocks) {
    if (samples >= TASK_SAMPLES) {
      groups.push([]);
      samples = 0;
    }
    groups.at(-1)!.push(block);
    samples += (block.x1 - block.x0) * (block.y1 - block.y0);
  }
  return groups;
}

function makeTask({ frame, stopSlope }: CodingRequest, blocks: readonly CodedBlock[]): BlockTask {
  const { engine, plan, planes } = frame;
  const shapes = new Float64Array(blocks.length * SHAPE_NUMBERS);
  let samples = 0;
  for (const block of blocks) samples += (block.x1 - block.x0) * (block.y1 - block.y0);
  const coefficients = new Int32Array(samples);
  let to = 0;
  blocks.forEach((block, i) => {
    const [w, h] = [block.x1 - block.x0, block.y1 - block.y0];
    const { from, rowBytes, step, largest } = placeOf(plan, planes[block.component]!, block);
    shapes.set([w, h, block.band.orientation, block.weight, step, largest], i * SHAPE_NUMBERS);
    for (let y = 0; y < h; y++, to += w) {
      const at = (from + y * rowBytes) >> 2;
      coefficients.set(engine.words.subarray(at, at + w), to);
    }
  });
  return { reversible: plan.request.coding.reversible, stopSlope, shapes, coefficients };
}

/** Codes tasks on a thread of its own; see {@link BlockHelper}. */
export type BlockCoder = {
  code(task: BlockTask): BlockResult;
  readonly memoryBytes: number;
};

/** A block coder with an engine of its own; rejects where WebAssembly does not exist. */
export async function createBlockCoder(): Promise<BlockCoder> {
  const engine = await createEngine();
  return {
    code: (task) => codeTask(engine, task),
    get memoryBytes() {
      return engine.memoryBytes;
    },
  };
}

const NOTHING: Uint8Array = new Uint8Array(0);

function codeTask(engine: Engine, task: BlockTask): BlockResult {
  const { kernels } = engine;
  const { shapes, coefficients, reversible } = task;
  const count = shapes.length / SHAPE_NUMBERS;
  const table = new Float64Array(count * TABLE_NUMBERS);
  const chunks = Array.from({ length: count }, () => NOTHING);
  engine.reset();
  const base = engine.reserve(coefficients.length * 4 + SLACK_BYTES);
  engine.words.set(coefficients, base >> 2);
  let next = base;
  kernels.setStop(task.stopSlope);
  codePairs(
    kernels,
    count,
    (index, place) => {
      const [w, h, orientation, weight, step, largest] = shapes.subarray(index * SHAPE_NUMBERS);
      const found = { from: next, rowBytes: w! * 4, step: step!, largest: largest! };
      const bits = 32 - Math.clz32(loadPlace(kernels, reversible, found, w!, h!));
      next += w! * h! * 4;
      table.set([bits, kernels.blockEnergy()], index * TABLE_NUMBERS);
      if (bits > 0) kernels.startBlock(place, bits, orientation!, weight!);
      return bits > 0;
    },
    (index, place) => {
      const bytes = kernels.blockBytes(place);
      engine.ensure(bytes);
      const passes = kernels.takeBlock(place, engine.top);
      chunks[index] = engine.bytes.slice(engine.top, engine.top + bytes);
      table.set([passes, bytes], index * TABLE_NUMBERS + 2);
    },
  );
  const coded = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    coded.set(chunk, at);
    at += chunk.length;
  }
  return { table, coded };
}
