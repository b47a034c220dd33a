import { TagTree } from './tag-tree.ts';

/** Half-open rectangle: x0 ≤ x < x1. */
export type Area = {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
};

/** Which of the four sub-bands of a decomposition level: LL, HL, LH or HH (B.5). */
export type Orientation = 0 | 1 | 2 | 3;
/** Low-pass in both directions. */
export const LL = 0;
/** Horizontally high-pass, vertically low-pass. */
export const HL = 1;
/** Horizontally low-pass, vertically high-pass. */
export const LH = 2;
/** High-pass in both directions. */
export const HH = 3;

/** Coding of one component of one tile, as COD or COC say it (Table A.15). */
export type ComponentCoding = {
  /** Decomposition levels, 0 to 32. */
  readonly levels: number;
  /** log2 of the nominal code-block, 2 to 10 each, at most 12 together. */
  readonly blockWidthLog2: number;
  readonly blockHeightLog2: number;
  /** Per resolution, lowest first: log2 of the precinct, 0 to 15. */
  readonly precincts: readonly { readonly widthLog2: number; readonly heightLog2: number }[];
  readonly reversible: boolean;
};

/** A sub-band, with where it lies in the plane of its tile-component after the transform. */
export type Band = Area & {
  readonly orientation: Orientation;
  readonly resolution: number;
  /** Decomposition level: 1 is the finest. The lowest band has the number of levels. */
  readonly level: number;
  /** Index in QCD order: LL, then HL, LH, HH of each resolution. */
  readonly index: number;
  readonly column: number;
  readonly row: number;
  readonly rowStep: number;
};

/** A code-block, as its area in the coordinates of its sub-band (B.7). */
export type Block = Area & {
  readonly band: Band;
  /** Position in its precinct's grid of this band, row by row. */
  readonly gridIndex: number;
};

/** The blocks of one sub-band in one precinct, with their two tag trees (B.10.2). */
export type PrecinctBand<B extends Block> = {
  readonly band: Band;
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly blocks: readonly B[];
  readonly inclusion: TagTree;
  readonly zeroPlanes: TagTree;
};

/** A precinct (B.6): what one packet of each layer carries. */
export type Precinct<B extends Block> = {
  readonly component: number;
  readonly resolution: number;
  /** Index within the resolution, row by row. */
  readonly index: number;
  /** Where the position progressions visit it, on the reference grid (B.12.1.3). */
  readonly refX: number;
  readonly refY: number;
  readonly bands: readonly PrecinctBand<B>[];
};

/** A resolution of a tile-component (B.5) with its bands and its precincts (B.6). */
export type Resolution<B extends Block> = Area & {
  readonly resolution: number;
  readonly bands: readonly Band[];
  readonly precinctsWide: number;
  readonly precinctsHigh: number;
  readonly precincts: readonly Precinct<B>[];
};

/** A tile of one component, laid out down to its blocks (B.3 to B.7). */
export type TileComponent<B extends Block> = Area & {
  readonly component: number;
  readonly coding: ComponentCoding;
  readonly resolutions: readonly Resolution<B>[];
  /** Blocks of all resolutions, lowest first, in the order of their precincts. */
  readonly blocks: readonly B[];
};

/** What is needed to lay out one component of one tile. */
export type TileComponentRequest<B extends Block> = {
  readonly component: number;
  /** The tile on the reference grid. */
  readonly tile: Area;
  readonly stepX: number;
  readonly stepY: number;
  readonly coding: ComponentCoding;
  /** Resolutions left out of the plane (not of the packets), for reduced decoding. */
  readonly reduce: number;
  makeBlock(block: Block): B;
};

/** The quotient rounded up, as all coordinates of Annex B are. */
export function ceilDivide(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** The area from (x0, y0) up to, and without, (x1, y1). */
export function areaOf(x0: number, y0: number, x1: number, y1: number): Area {
  return { x0, y0, x1, y1 };
}

/** The area of `of` after `level` halvings (B-14). */
export function halved(of: Area, level: number): Area {
  const scale = 2 ** level;
  return areaOf(
    ceilDivide(of.x0, scale),
    ceilDivide(of.y0, scale),
    ceilDivide(of.x1, scale),
    ceilDivide(of.y1, scale),
  );
}

/** Whether an area holds no point. */
export function isEmpty(area: Area): boolean {
  return area.x1 <= area.x0 || area.y1 <= area.y0;
}

/** A tile in the samples of a component that has one per stepX × stepY points (B-12). */
export function tileComponentArea(tile: Area, stepX: number, stepY: number): Area {
  return areaOf(
    ceilDivide(tile.x0, stepX),
    ceilDivide(tile.y0, stepY),
    ceilDivide(tile.x1, stepX),
    ceilDivide(tile.y1, stepY),
  );
}

/** Everything below a tile-component: resolutions, bands, precincts, blocks (Annex B). */
export function layOutTileComponent<B extends Block>(
  request: TileComponentRequest<B>,
): TileComponent<B> {
  const { tile, stepX, stepY, coding, component } = request;
  const area = tileComponentArea(tile, stepX, stepY);
  const bands = layOutBands(area, coding.levels, request.reduce);
  const resolutions: Resolution<B>[] = [];
  const blocks: B[] = [];
  for (let r = 0; r <= coding.levels; r++) {
    const resolution = layOutResolution(request, area, r, bands);
    for (const precinct of resolution.precincts) {
      for (const part of precinct.bands) blocks.push(...part.blocks);
    }
    resolutions.push(resolution);
  }
  return { ...area, component, coding, resolutions, blocks };
}

/** Bands of all resolutions; those that `reduce` leaves out have no place (row -1). */
function layOutBands(area: Area, levels: number, reduce: number): Band[] {
  const placed: Band[][] = [];
  let base = 0;
  let step = 1;
  for (let level = 1; level <= levels; level++) {
    const outer = halved(area, level - 1);
    const oddY = outer.y0 & 1;
    const inPlane = level > reduce;
    const lowWidth = halved(area, level).x1 - halved(area, level).x0;
    const common = { resolution: levels - level + 1, level, rowStep: step * 2 };
    const place = (column: number, row: number) =>
      inPlane ? { column, row } : { column: 0, row: -1 };
    const first = 3 * (levels - level) + 1;
    const lowRow = base + oddY * step;
    const highRow = base + (1 - oddY) * step;
    placed.unshift([
      {
        ...bandArea(area, level, 1, 0),
        ...common,
        orientation: HL,
        index: first,
        ...place(lowWidth, lowRow),
      },
      {
        ...bandArea(area, level, 0, 1),
        ...common,
        orientation: LH,
        index: first + 1,
        ...place(0, highRow),
      },
      {
        ...bandArea(area, level, 1, 1),
        ...common,
        orientation: HH,
        index: first + 2,
        ...place(lowWidth, highRow),
      },
    ]);
    if (inPlane) {
      base = lowRow;
      step *= 2;
    }
  }
  const lowest: Band = {
    ...halved(area, levels),
    orientation: LL,
    resolution: 0,
    level: levels,
    index: 0,
    column: 0,
    row: base,
    rowStep: step,
  };
  return [lowest, ...placed.flat()];
}

/** B-15. */
function bandArea(area: Area, level: number, xo: number, yo: number): Area {
  const scale = 2 ** level;
  const half = 2 ** (level - 1);
  return areaOf(
    ceilDivide(area.x0 - half * xo, scale),
    ceilDivide(area.y0 - half * yo, scale),
    ceilDivide(area.x1 - half * xo, scale),
    ceilDivide(area.y1 - half * yo, scale),
  );
}

function layOutResolution<B extends Block>(
  request: TileComponentRequest<B>,
  area: Area,
  r: number,
  allBands: readonly Band[],
): Resolution<B> {
  const { coding } = request;
  const level = coding.levels - r;
  const own = halved(area, level);
  const bands = allBands.filter((band) => band.resolution === r);
  const { widthLog2, heightLog2 } = coding.precincts[r]!;
  const [pw, ph] = [2 ** widthLog2, 2 ** heightLog2];
  const firstX = Math.floor(own.x0 / pw);
  const firstY = Math.floor(own.y0 / ph);
  const precinctsWide = own.x1 > own.x0 ? ceilDivide(own.x1, pw) - firstX : 0;
  const precinctsHigh = own.y1 > own.y0 ? ceilDivide(own.y1, ph) - firstY : 0;
  const precincts: Precinct<B>[] = [];
  for (let py = 0; py < precinctsHigh; py++) {
    for (let px = 0; px < precinctsWide; px++) {
      const x = (firstX + px) * pw;
      const y = (firstY + py) * ph;
      precincts.push({
        component: request.component,
        resolution: r,
        index: py * precinctsWide + px,
        refX: Math.max(request.tile.x0, x * 2 ** level * request.stepX),
        refY: Math.max(request.tile.y0, y * 2 ** level * request.stepY),
        bands: bands.map((band) => layOutPrecinctBand(request, band, areaOf(x, y, x + pw, y + ph))),
      });
    }
  }
  return { ...own, resolution: r, bands, precinctsWide, precinctsHigh, precincts };
}

/** The blocks of one band within a precinct, whose area is in samples of the resolution. */
function layOutPrecinctBand<B extends Block>(
  request: TileComponentRequest<B>,
  band: Band,
  precinct: Area,
): PrecinctBand<B> {
  const shrink = band.resolution === 0 ? 1 : 2;
  const x0 = Math.max(band.x0, precinct.x0 / shrink);
  const y0 = Math.max(band.y0, precinct.y0 / shrink);
  const x1 = Math.min(band.x1, precinct.x1 / shrink);
  const y1 = Math.min(band.y1, precinct.y1 / shrink);
  const { blockWidthLog2, blockHeightLog2 } = request.coding;
  // B.7: a block is never larger than its precinct.
  const bw = Math.min(2 ** blockWidthLog2, (precinct.x1 - precinct.x0) / shrink);
  const bh = Math.min(2 ** blockHeightLog2, (precinct.y1 - precinct.y0) / shrink);
  const blocks: B[] = [];
  if (x1 <= x0 || y1 <= y0) {
    return {
      band,
      gridWidth: 0,
      gridHeight: 0,
      blocks,
      inclusion: new TagTree(0, 0),
      zeroPlanes: new TagTree(0, 0),
    };
  }
  const firstX = Math.floor(x0 / bw);
  const firstY = Math.floor(y0 / bh);
  const gridWidth = ceilDivide(x1, bw) - firstX;
  const gridHeight = ceilDivide(y1, bh) - firstY;
  for (let gy = 0; gy < gridHeight; gy++) {
    for (let gx = 0; gx < gridWidth; gx++) {
      const left = (firstX + gx) * bw;
      const upper = (firstY + gy) * bh;
      blocks.push(
        request.makeBlock({
          band,
          gridIndex: gy * gridWidth + gx,
          x0: Math.max(x0, left),
          y0: Math.max(y0, upper),
          x1: Math.min(x1, left + bw),
          y1: Math.min(y1, upper + bh),
        }),
      );
    }
  }
  return {
    band,
    gridWidth,
    gridHeight,
    blocks,
    inclusion: new TagTree(gridWidth, gridHeight),
    zeroPlanes: new TagTree(gridWidth, gridHeight),
  };
}
