import type { Engine } from './engine.ts';
import { type Area, halved, isEmpty, type TileComponent, type Block } from './geometry.ts';
import type { Image, Samples } from './model.ts';

/** A plane of 32-bit values in the memory of the kernels. */
export type Plane = {
  readonly at: number;
  readonly rowBytes: number;
};

/**
 * Rows are padded to whole vectors and then by a cache line, so that the rows of a picture whose
 * width is a power of two do not all fall on the same lines of the cache.
 */
const ROW_PADDING_BYTES = 64;

/** Takes memory for a plane of 32-bit values with room for the samples of an area. */
export function reservePlane(engine: Engine, area: Area): Plane {
  const width = Math.max(0, area.x1 - area.x0);
  const height = Math.max(0, area.y1 - area.y0);
  const rowBytes = Math.ceil(width / 4) * 16 + ROW_PADDING_BYTES;
  return { at: engine.reserve(rowBytes * height + ROW_PADDING_BYTES), rowBytes };
}

/** Rows of one picture component that are moved at a time. */
const STAGED_ROWS = 16;

/** Where the rows of each component are staged: addresses, and bytes from row to row. */
export type Staging = { readonly at: readonly number[]; readonly rowBytes: number };

/** Takes memory to stage 16 rows of samples of each component. */
export function reserveStaging(engine: Engine, components: number, width: number): Staging {
  const rowBytes = Math.ceil(width / 4) * 16;
  const at = Array.from({ length: components }, () => engine.reserve(rowBytes * STAGED_ROWS));
  return { at, rowBytes };
}

/** Which wavelet and colour transform a tile goes through. */
export type TransformRequest = {
  readonly reversible: boolean;
  readonly colourTransform: boolean;
  /** Subtracted from every sample: half of the range when unsigned (G.1). */
  readonly shift: number;
};

/** Where a component begins in its plane of samples, and how wide that plane is. */
export type ComponentPlace = { readonly x0: number; readonly y0: number; readonly width: number };

/** Samples of a tile into planes, shifted and colour-transformed; then the wavelet. */
export function transformTile(
  engine: Engine,
  image: Image,
  places: readonly ComponentPlace[],
  components: readonly TileComponent<Block>[],
  planes: readonly Plane[],
  staging: Staging,
  request: TransformRequest,
): void {
  loadTile(engine, image, places, components, planes, staging, request);
  const { kernels } = engine;
  components.forEach((component, index) => {
    const { at, rowBytes } = planes[index]!;
    for (const step of waveletSteps(component, component.coding.levels)) {
      const forward = request.reversible ? kernels.forward53 : kernels.forward97;
      const from = at + step.row * rowBytes;
      forward(from, rowBytes * step.rowStep, step.width, step.height, step.oddX, step.oddY);
    }
  });
}

/** One call of a wavelet kernel: its low band's first row, row distance, size and parity. */
export type WaveletStep = {
  readonly row: number;
  readonly rowStep: number;
  readonly width: number;
  readonly height: number;
  readonly oddX: number;
  readonly oddY: number;
};

/** Levels of an area, finest first. */
export function waveletSteps(area: Area, levels: number): WaveletStep[] {
  const steps: WaveletStep[] = [];
  let row = 0;
  for (let level = 0; level < levels; level++) {
    const own = halved(area, level);
    if (isEmpty(own)) break;
    const oddX = own.x0 & 1;
    const oddY = own.y0 & 1;
    const rowStep = 2 ** level;
    steps.push({ row, rowStep, width: own.x1 - own.x0, height: own.y1 - own.y0, oddX, oddY });
    row += oddY * rowStep;
  }
  return steps;
}

function loadTile(
  engine: Engine,
  image: Image,
  places: readonly ComponentPlace[],
  components: readonly TileComponent<Block>[],
  planes: readonly Plane[],
  staging: Staging,
  request: TransformRequest,
): void {
  const { kernels } = engine;
  const together = request.colourTransform ? 3 : 0;
  const copyRow = (index: number, row: number, slot: number) => {
    const component = components[index]!;
    const place = places[index]!;
    const width = component.x1 - component.x0;
    const from = (component.y0 - place.y0 + row) * place.width + component.x0 - place.x0;
    const samples: Samples = image.components[index]!.subarray(from, from + width);
    const at = staging.at[index]! + slot * staging.rowBytes;
    engine.words.set(samples, at >> 2);
    return at;
  };
  if (together === 3) {
    const { x0, x1, y0, y1 } = components[0]!;
    const load = request.reversible ? kernels.loadRct : kernels.loadIct;
    for (let row = 0; row < y1 - y0; row++) {
      const [a, b, c] = [0, 1, 2].map((index) => copyRow(index, row, row % STAGED_ROWS));
      const [toA, toB, toC] = planes.map((plane) => plane.at + row * plane.rowBytes);
      load(a!, b!, c!, toA!, toB!, toC!, x1 - x0, request.shift);
    }
  }
  const load = request.reversible ? kernels.loadInteger : kernels.loadFloat;
  for (let index = together; index < components.length; index++) {
    const { x0, x1, y0, y1 } = components[index]!;
    const plane = planes[index]!;
    for (let row = 0; row < y1 - y0; row++) {
      const from = copyRow(index, row, row % STAGED_ROWS);
      load(from, plane.at + row * plane.rowBytes, x1 - x0, request.shift);
    }
  }
}
