import { assert } from '@yinglian/core';
import {
  type Area,
  areaOf,
  type Block,
  ceilDivide,
  type ComponentCoding,
  layOutTileComponent,
  type TileComponent,
} from './geometry.ts';
import {
  cutParts,
  orderPackets,
  type PacketPlace,
  type PartKey,
  type ProgressionVolume,
  TILE_PARTS_MAX,
} from './progression.ts';
import {
  bandGainLog2,
  bandNorm,
  ICT_WEIGHTS,
  RCT_WEIGHTS,
  type Step,
  stepOf,
  stepSize,
} from './quantisation.ts';
import type { CodedBlock } from './rate-control.ts';

/** Everything about a codestream that does not depend on the samples. */
export type PlanRequest = {
  /** The picture on the reference grid. */
  readonly area: Area;
  readonly tileOrigin: { readonly x: number; readonly y: number };
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly bitDepth: number;
  readonly signed: boolean;
  readonly steps: readonly { readonly x: number; readonly y: number }[];
  readonly coding: ComponentCoding;
  readonly colourTransform: boolean;
  readonly guardBits: number;
  readonly baseStep: number;
  readonly layers: number;
  readonly volumes: readonly ProgressionVolume[];
  /** How the packets of a tile are cut into tile-parts. */
  readonly partOf: PartKey;
  /** Rsiz, Table A.10: 0 none, 3 and 4 digital cinema. */
  readonly profile: number;
  readonly packetMarkers: boolean;
};

/** Quantisation of one band: the same for all components, since QCC is not used. */
export type BandQuantisation = {
  readonly step: Step;
  /** Step in sample units; 1 when reversible. */
  readonly size: number;
  /** Mb of equation E-2: planes that can be told. */
  readonly planes: number;
};

/** One tile: its components, and its packets in order, cut into tile-parts. */
export type TilePlan = {
  readonly index: number;
  readonly components: readonly TileComponent<CodedBlock>[];
  readonly parts: readonly (readonly PacketPlace<CodedBlock>[])[];
};

/** A codestream as laid out before coding: its bands, its tiles and their packets. */
export type Plan = {
  readonly request: PlanRequest;
  readonly bands: readonly BandQuantisation[];
  readonly tilesWide: number;
  readonly tilesHigh: number;
  readonly tiles: readonly TilePlan[];
};

const TILES_MAX = 65_535;

/** Lays out all tiles of a picture; more than 65,535 are an error of the caller (B.3). */
export function makePlan(request: PlanRequest): Plan {
  const { area, tileOrigin, tileWidth, tileHeight } = request;
  const tilesWide = ceilDivide(area.x1 - tileOrigin.x, tileWidth);
  const tilesHigh = ceilDivide(area.y1 - tileOrigin.y, tileHeight);
  assert(tilesWide * tilesHigh <= TILES_MAX, 'a codestream has at most 65535 tiles (B.3)');
  const bands = planBands(request);
  const tiles: TilePlan[] = [];
  for (let index = 0; index < tilesWide * tilesHigh; index++) {
    const left = tileOrigin.x + (index % tilesWide) * tileWidth;
    const upper = tileOrigin.y + Math.floor(index / tilesWide) * tileHeight;
    const tile = areaOf(
      Math.max(left, area.x0),
      Math.max(upper, area.y0),
      Math.min(left + tileWidth, area.x1),
      Math.min(upper + tileHeight, area.y1),
    );
    tiles.push(planTile(request, bands, index, tile));
  }
  return { request, bands, tilesWide, tilesHigh, tiles };
}

function planBands(request: PlanRequest): BandQuantisation[] {
  const { coding, bitDepth, guardBits, baseStep } = request;
  const bands: BandQuantisation[] = [];
  for (let index = 0; index < 3 * coding.levels + 1; index++) {
    const orientation = index === 0 ? 0 : ((((index - 1) % 3) + 1) as 1 | 2 | 3);
    const level = coding.levels - (index === 0 ? 0 : Math.floor((index - 1) / 3));
    const range = bitDepth + bandGainLog2(orientation);
    const step = coding.reversible
      ? { exponent: range, mantissa: 0 }
      : stepOf(baseStep / bandNorm(orientation, level, false), range);
    bands.push({
      step,
      size: coding.reversible ? 1 : stepSize(step, range),
      planes: guardBits + step.exponent - 1,
    });
  }
  return bands;
}

function planTile(
  request: PlanRequest,
  bands: readonly BandQuantisation[],
  index: number,
  tile: Area,
): TilePlan {
  const { coding } = request;
  const weights = coding.reversible ? RCT_WEIGHTS : ICT_WEIGHTS;
  const components = request.steps.map((step, component) => {
    const transformed = request.colourTransform && component < 3;
    const makeBlock = (block: Block): CodedBlock => {
      const { orientation, level, index: bandIndex } = block.band;
      const norm = bandNorm(orientation, level, coding.reversible) * bands[bandIndex]!.size;
      return {
        ...block,
        component,
        weight: norm * norm * (transformed ? weights[component]! : 1),
        zeroPlanes: 0,
        records: 0,
        passes: 0,
        energy: 0,
        hullStart: 0,
        hullCount: 0,
        points: 0,
        layerPasses: Array.from({ length: request.layers }, () => 0),
        layerBytes: Array.from({ length: request.layers }, () => 0),
        lengthBits: 0,
      };
    };
    return layOutTileComponent<CodedBlock>({
      component,
      tile,
      stepX: step.x,
      stepY: step.y,
      coding,
      reduce: 0,
      makeBlock,
    });
  });
  const packets = orderPackets(components, request.volumes);
  const parts = cutParts(packets, request.volumes, request.partOf);
  assert(parts.length <= TILE_PARTS_MAX, 'a tile has at most 255 tile-parts (A.4.2)');
  return { index, components, parts };
}
