import { type Finding, finding } from '@yinglian/core';
import { type Codestream, type CodingStyle, parseCodestream, type TilePart } from './codestream.ts';
import { createEngine, type Engine, MemoryLimitFault } from './engine.ts';
import {
  type Area,
  areaOf,
  ceilDivide,
  halved,
  isEmpty,
  layOutTileComponent,
  type TileComponent,
  tileComponentArea,
} from './geometry.ts';
import type { Decoded, DecodeOptions } from './model.ts';
import { emptyBlock, forgetBlock, type ReceivedBlock, type Segment } from './packet-reader.ts';
import { orderPackets, type PacketPlace, type ProgressionVolume } from './progression.ts';
import { bandGainLog2, bandNorm, ICT_WEIGHTS, RCT_WEIGHTS, stepSize } from './quantisation.ts';
import {
  codingOf,
  type ComponentParameters,
  COMPONENTS_MAX,
  packetBytes,
  PacketsReader,
  parametersOf,
  partsByTile,
  tileAreaOf,
  volumesOf,
} from './tile-reader.ts';
import { type Plane, reservePlane, waveletSteps } from './tile-transform.ts';

/** A decoder with its own memory, for one thread. */
export type Decoder = {
  /**
   * Decodes a codestream, or that of a JP2 file. What is cut off or broken is left out as far as
   * possible; `findings` says so. A stream that cannot be decoded at all gives an error among the
   * findings and a picture without components (width and height 0).
   */
  decode(codestream: Uint8Array, options?: DecodeOptions): Decoded;
  readonly memoryBytes: number;
};

/** Samples of all components that a stream may ask for: 4096 × 2160 × 4 fit twice. */
export const SAMPLES_MAX = 2 ** 26;
/** Widest tile: the line buffers of the wavelets. */
const SIDE_MAX = 16_384;
const BIT_DEPTH_MAX = 16;
/** Precincts and blocks of a picture, counted tile by tile: a 4K cinema frame has 27,000. */
export const PARTS_MAX = 2 ** 20;
/** Packets of a picture. */
const PACKETS_MAX = 2 ** 21;
/** Planes of a block that fit into 32 bits with sign and half step. */
const PLANES_MAX = 30;

/** A decoder with an engine of its own; rejects where WebAssembly does not exist. */
export async function createDecoder(): Promise<Decoder> {
  return new CodestreamDecoder(await createEngine());
}

/** A refusal, on its way to the face. */
class Refusal extends Error {
  readonly finding: Finding;
  constructor(refusal: Finding) {
    super(refusal.code);
    this.finding = refusal;
  }
}

function refuse(code: string, facts: Record<string, number | string>): never {
  throw new Refusal(finding(code, 'error', { facts }));
}

/** The layout of a tile, kept from picture to picture: frames of a film all have the same. */
type TileLayout = {
  readonly components: readonly TileComponent<ReceivedBlock>[];
  /** Of each component, the blocks of the resolutions that are wanted. */
  readonly wanted: readonly (readonly ReceivedBlock[])[];
  readonly packets: readonly PacketPlace<ReceivedBlock>[];
  /** How many packets the tile has; `packets` ends where its bytes surely do. */
  readonly packetCount: number;
};

type LayoutCache = Map<string, TileLayout>;
/** Layouts kept: a film at two sizes and one to spare. */
const LAYOUTS_MAX = 3;

class CodestreamDecoder implements Decoder {
  readonly #engine: Engine;
  readonly #layouts: LayoutCache = new Map();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get memoryBytes(): number {
    return this.#engine.memoryBytes;
  }

  decode(codestream: Uint8Array, options: DecodeOptions = {}): Decoded {
    const nothing = (findings: readonly Finding[]): Decoded => ({
      width: 0,
      height: 0,
      bitDepth: 0,
      components: [],
      findings,
    });
    const parsed = parseCodestream(codestream);
    if (!parsed.ok) return nothing(parsed.findings);
    const findings = [...parsed.findings];
    try {
      const picture = new Picture(
        this.#engine,
        this.#layouts,
        codestream,
        parsed.value,
        options,
        findings,
      );
      return picture.decode();
    } catch (fault) {
      if (fault instanceof Refusal) return nothing([...findings, fault.finding]);
      if (fault instanceof MemoryLimitFault) {
        return nothing([...findings, finding('excessive_picture', 'error')]);
      }
      throw fault;
    }
  }
}

class Picture {
  readonly #engine: Engine;
  readonly #layouts: LayoutCache;
  readonly #bytes: Uint8Array;
  readonly #stream: Codestream;
  readonly #reduce: number;
  readonly #layers: number;
  readonly #precisionBits: number;
  readonly #findings: Finding[];
  readonly #places: readonly Area[];
  readonly #samples: Int32Array[];
  #partsLeft = PARTS_MAX;
  #packetsLeft = PACKETS_MAX;

  constructor(
    engine: Engine,
    layouts: LayoutCache,
    bytes: Uint8Array,
    stream: Codestream,
    options: DecodeOptions,
    findings: Finding[],
  ) {
    this.#engine = engine;
    this.#layouts = layouts;
    this.#bytes = bytes;
    this.#stream = stream;
    this.#reduce = options.reduce ?? 0;
    this.#layers = options.layers ?? Infinity;
    this.#precisionBits = options.precisionBits ?? Infinity;
    this.#findings = findings;
    const { size } = stream;
    if (size.components.length > COMPONENTS_MAX) {
      refuse('excessive_components', { components: size.components.length });
    }
    if (size.components.some((each) => each.bitDepth > BIT_DEPTH_MAX)) {
      refuse('excessive_bit_depth', {
        bitDepth: Math.max(...size.components.map((c) => c.bitDepth)),
      });
    }
    const whole = areaOf(size.x0, size.y0, size.x1, size.y1);
    this.#places = size.components.map((each) =>
      halved(tileComponentArea(whole, each.stepX, each.stepY), this.#reduce),
    );
    const counts = this.#places.map((place) =>
      isEmpty(place) ? 0 : (place.x1 - place.x0) * (place.y1 - place.y0),
    );
    const samples = counts.reduce((sum, count) => sum + count, 0);
    if (samples > SAMPLES_MAX) refuse('excessive_picture', { samples });
    if (size.tileWidth > SIDE_MAX && size.x1 - size.x0 > SIDE_MAX) {
      refuse('excessive_picture', { samples });
    }
    this.#samples = counts.map((count) => new Int32Array(count));
  }

  decode(): Decoded {
    const { size } = this.#stream;
    const tiles = partsByTile(this.#stream);
    const missing = this.#stream.tilesWide * this.#stream.tilesHigh - tiles.size;
    if (missing > 0)
      this.#findings.push(finding('missing_tiles', 'warning', { facts: { missing } }));
    for (const [index, parts] of tiles) this.#decodeTile(index, parts);
    const first = this.#places[0]!;
    const whole = halved(areaOf(size.x0, size.y0, size.x1, size.y1), this.#reduce);
    const steps = size.components.map((each) => ({ x: each.stepX, y: each.stepY }));
    const isPlain = steps.every((step) => step.x === 1 && step.y === 1);
    return {
      width: isPlain ? first.x1 - first.x0 : whole.x1 - whole.x0,
      height: isPlain ? first.y1 - first.y0 : whole.y1 - whole.y0,
      bitDepth: Math.max(...size.components.map((each) => each.bitDepth)),
      signed: size.components[0]!.signed,
      components: this.#samples,
      ...(isPlain ? {} : { subsampling: steps }),
      findings: this.#findings,
    };
  }

  #decodeTile(index: number, parts: readonly TilePart[]): void {
    const stream = this.#stream;
    const own = stream.size.components.map((_, c) => this.#parametersOf(c, parts));
    const bytes = packetBytes(parts);
    const { layers, colourTransform } = codingOf(stream, parts);
    const volumes = volumesOf(stream, parts);
    const layout = this.#layOut(tileAreaOf(stream, index), own, volumes, layers, bytes);
    const { components } = layout;
    this.#readPackets(index, parts, layout, own);
    this.#engine.reset();
    const planes = components.map((component) =>
      reservePlane(this.#engine, halved(component, this.#reduce)),
    );
    components.forEach((component, c) => {
      const weight = weightOf(own[c]!, colourTransform ? c : undefined);
      this.#decodeComponent(component, layout.wanted[c]!, own[c]!, planes[c]!, weight);
    });
    this.#finishTile(components, own, planes, colourTransform);
  }

  #parametersOf(c: number, parts: readonly TilePart[]): ComponentParameters {
    const own = parametersOf(this.#stream, parts, c);
    const { levels } = own.style;
    if (this.#reduce > levels) refuse('excessive_reduction', { reduce: this.#reduce, levels });
    const { style, steps } = own.quantisation;
    if (style !== 'derived' && steps.length < 3 * levels + 1) {
      refuse('missing_quantisation_steps', { component: c });
    }
    return own;
  }

  #layOut(
    tile: Area,
    own: readonly ComponentParameters[],
    volumes: readonly ProgressionVolume[],
    layers: number,
    bytes: number,
  ): TileLayout {
    const steps = this.#stream.size.components.map(({ stepX, stepY }) => ({ stepX, stepY }));
    const styles = own.map((each) => each.style);
    const key = JSON.stringify([tile, steps, styles, volumes, layers, this.#reduce]);
    const known = this.#layouts.get(key);
    if (known !== undefined && known.packets.length >= Math.min(known.packetCount, bytes)) {
      forget(known);
      return known;
    }
    for (const [c, { style }] of own.entries()) {
      const { stepX, stepY } = steps[c]!;
      this.#partsLeft -= countParts(tileComponentArea(tile, stepX, stepY), style);
      if (this.#partsLeft < 0) refuse('excessive_blocks', { limit: PARTS_MAX });
    }
    const components = own.map(({ style }, component) => {
      return layOutTileComponent<ReceivedBlock>({
        component,
        tile,
        ...steps[component]!,
        coding: style,
        reduce: this.#reduce,
        makeBlock: (block) => emptyBlock(block, component),
      });
    });
    const precincts = components.reduce(
      (sum, each) => sum + each.resolutions.reduce((of, r) => of + r.precincts.length, 0),
      0,
    );
    const packetCount = precincts * layers;
    this.#packetsLeft -= packetCount;
    if (this.#packetsLeft < 0) refuse('excessive_packets', { limit: PACKETS_MAX });
    const limited = volumes.map((volume) => ({
      ...volume,
      layerEnd: Math.min(volume.layerEnd, layers),
    }));
    // A packet takes a byte at least.
    const packets = orderPackets(components, limited, bytes);
    const isAll = packets.length < bytes;
    const wanted = components.map((each) => each.blocks.filter((block) => block.band.row >= 0));
    const count = isAll ? packets.length : packetCount;
    const layout = { components, wanted, packets, packetCount: count };
    if (this.#layouts.size >= LAYOUTS_MAX) {
      this.#layouts.delete(this.#layouts.keys().next().value!);
    }
    this.#layouts.set(key, layout);
    return layout;
  }

  #readPackets(
    tile: number,
    parts: readonly TilePart[],
    { packets, packetCount }: TileLayout,
    own: readonly ComponentParameters[],
  ): void {
    const reader = new PacketsReader(this.#bytes, packets, parts, (place) => {
      const { style } = own[place.precinct.component]!;
      const isWanted = place.precinct.resolution <= style.levels - this.#reduce;
      return { keep: isWanted && place.layer < this.#layers, blockStyle: style.blockStyle };
    });
    const fault = reader.readAll();
    if (reader.count === packetCount) return;
    const facts = { tile, packets: packetCount - reader.count };
    const at = fault === undefined ? {} : { at: { byte: fault.at } };
    this.#findings.push(finding('truncated_packets', 'warning', { facts, ...at }));
  }

  #decodeComponent(
    component: TileComponent<ReceivedBlock>,
    blocks: readonly ReceivedBlock[],
    own: ComponentParameters,
    plane: Plane,
    weight: number,
  ): void {
    const engine = this.#engine;
    const { kernels } = engine;
    const area = halved(component, this.#reduce);
    const height = Math.max(0, area.y1 - area.y0);
    engine.bytes.fill(0, plane.at, plane.at + plane.rowBytes * height);
    let refused = 0;
    for (const block of blocks) {
      if (block.segments.length === 0) continue;
      if (!this.#decodeBlock(block, own, plane, weight)) refused++;
    }
    if (refused > 0) {
      const facts = { component: component.component, blocks: refused };
      this.#findings.push(finding('invalid_blocks', 'warning', { facts }));
    }
    const levels = own.style.levels - this.#reduce;
    const inverse = own.style.reversible ? kernels.inverse53 : kernels.inverse97;
    for (const step of waveletSteps(area, levels).toReversed()) {
      const from = plane.at + step.row * plane.rowBytes;
      inverse(from, plane.rowBytes * step.rowStep, step.width, step.height, step.oddX, step.oddY);
    }
  }

  /** False when the block cannot be what it says. */
  #decodeBlock(
    block: ReceivedBlock,
    own: ComponentParameters,
    plane: Plane,
    weight: number,
  ): boolean {
    const engine = this.#engine;
    const { band } = block;
    const { bitDepth } = this.#stream.size.components[block.component]!;
    const { exponent, size } = bandStep(own, band.index, band.orientation, band.level, bitDepth);
    const planes = own.quantisation.guardBits + exponent - 1 + own.regionShift - block.zeroPlanes;
    if (planes < 1 || planes > PLANES_MAX) return false;
    const norm = bandNorm(band.orientation, band.level - this.#reduce, own.style.reversible);
    const passes = this.#passesWanted(planes, bitDepth, size * norm * weight, own.regionShift);
    if (passes <= 0) return true;
    const segments = usableSegments(block.segments, passes);
    const bytes = segments.reduce((sum, segment) => sum + bytesOf(segment), 0);
    engine.ensure(bytes + segments.length * 8 + 64);
    const table = engine.top;
    const data = table + segments.length * 8;
    let at = data;
    segments.forEach((segment, i) => {
      engine.words[(table >> 2) + 2 * i] = bytesOf(segment);
      engine.words[(table >> 2) + 2 * i + 1] = segment.kept;
      for (const chunk of segment.chunks) {
        engine.bytes.set(this.#bytes.subarray(chunk.from, chunk.from + chunk.bytes), at);
        at += chunk.bytes;
      }
    });
    const [w, h] = [block.x1 - block.x0, block.y1 - block.y0];
    const { kernels } = engine;
    kernels.decodeBlock(
      data,
      table,
      segments.length,
      w,
      h,
      band.orientation,
      own.style.blockStyle,
      planes,
    );
    if (own.regionShift > 0) kernels.unshiftRegion(Math.min(own.regionShift, PLANES_MAX));
    const row = band.row + (block.y0 - band.y0) * band.rowStep;
    const to = plane.at + row * plane.rowBytes + (band.column + block.x0 - band.x0) * 4;
    const rowBytes = plane.rowBytes * band.rowStep;
    if (own.style.reversible) kernels.storeIntegers(to, rowBytes);
    else kernels.storeFloats(to, rowBytes, size / 2);
    return true;
  }

  /**
   * Passes of a block that matter at the precision asked for. Planes down to p leave errors of
   * 2^p × `weightedStep` / √12 in the picture; rounding to b of d bits leaves 2^(d - b) / √12.
   */
  #passesWanted(planes: number, bitDepth: number, weightedStep: number, shift: number): number {
    if (this.#precisionBits >= bitDepth || shift > 0) return Infinity;
    const last = Math.floor(bitDepth - this.#precisionBits - Math.log2(weightedStep));
    return 3 * (planes - Math.max(0, last)) - 2;
  }

  #finishTile(
    components: readonly TileComponent<ReceivedBlock>[],
    own: readonly ComponentParameters[],
    planes: readonly Plane[],
    colourTransform: boolean,
  ): void {
    const engine = this.#engine;
    const { kernels } = engine;
    const areas = components.map((component) => halved(component, this.#reduce));
    const alike =
      areas.length >= 3 &&
      [1, 2].every(
        (c) =>
          equalAreas(areas[0]!, areas[c]!) && own[c]!.style.reversible === own[0]!.style.reversible,
      );
    if (colourTransform && !alike) refuse('mismatched_components', {});
    const widest = Math.max(0, ...areas.map((area) => area.x1 - area.x0));
    const staged = engine.reserve(Math.ceil(widest / 4) * 16);
    const inverse = own[0]!.style.reversible ? kernels.inverseRct : kernels.inverseIct;
    areas.forEach((area, c) => {
      if (isEmpty(area)) return;
      const { bitDepth, signed } = this.#stream.size.components[c]!;
      const shift = signed ? 0 : 2 ** (bitDepth - 1);
      const low = signed ? -(2 ** (bitDepth - 1)) : 0;
      const high = low + 2 ** bitDepth - 1;
      const width = area.x1 - area.x0;
      const place = this.#places[c]!;
      const placeWidth = place.x1 - place.x0;
      const store = own[c]!.style.reversible ? kernels.storeInteger : kernels.storeFloat;
      for (let y = area.y0; y < area.y1; y++) {
        const rows = planes.map((plane) => plane.at + (y - area.y0) * plane.rowBytes);
        if (c === 0 && colourTransform) inverse(rows[0]!, rows[1]!, rows[2]!, width);
        store(rows[c]!, staged, width, shift, low, high);
        const row = engine.words.subarray(staged >> 2, (staged >> 2) + width);
        this.#samples[c]!.set(row, (y - place.y0) * placeWidth + area.x0 - place.x0);
      }
    });
  }
}

/** Makes the blocks of a layout as they were before any packet. */
function forget({ components }: TileLayout): void {
  for (const { resolutions, blocks } of components) {
    blocks.forEach(forgetBlock);
    for (const { precincts } of resolutions) {
      for (const { bands } of precincts) {
        for (const part of bands) {
          part.inclusion.reset();
          part.zeroPlanes.reset();
        }
      }
    }
  }
}

function equalAreas(a: Area, b: Area): boolean {
  return a.x0 === b.x0 && a.y0 === b.y0 && a.x1 === b.x1 && a.y1 === b.y1;
}

/** What a unit of a transformed component does to the samples (root of mean square of three). */
function weightOf({ style }: ComponentParameters, transformed: number | undefined): number {
  if (transformed === undefined) return 1;
  return Math.sqrt((style.reversible ? RCT_WEIGHTS : ICT_WEIGHTS)[transformed] ?? 1);
}

/** Whole segments up to the first that was cut, and no more passes than are wanted. */
function usableSegments(segments: readonly Segment[], passes: number): Segment[] {
  const usable: Segment[] = [];
  let left = passes;
  for (const segment of segments) {
    if (left <= 0) break;
    usable.push(segment.kept <= left ? segment : { ...segment, kept: left });
    left -= segment.kept;
    if (segment.cut) break;
  }
  return usable;
}

function bytesOf(segment: Segment): number {
  return segment.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
}

/** Exponent and step of a band (E.1): derived steps follow from the lowest band's. */
function bandStep(
  own: ComponentParameters,
  index: number,
  orientation: 0 | 1 | 2 | 3,
  level: number,
  bitDepth: number,
) {
  const { quantisation, style } = own;
  const range = bitDepth + bandGainLog2(orientation);
  if (quantisation.style === 'derived') {
    const first = quantisation.steps[0]!;
    const exponent = Math.max(0, first.exponent - (style.levels - level));
    return { exponent, size: stepSize({ exponent, mantissa: first.mantissa }, range) };
  }
  const step = quantisation.steps[index]!;
  return {
    exponent: step.exponent,
    size: quantisation.style === 'none' ? 1 : stepSize(step, range),
  };
}

/** Precincts and blocks that a tile-component has, without making them. */
export function countParts(area: Area, style: CodingStyle): number {
  let parts = 0;
  for (let r = 0; r <= style.levels; r++) {
    const own = halved(area, style.levels - r);
    if (isEmpty(own)) continue;
    const { widthLog2, heightLog2 } = style.precincts[r]!;
    const wide = ceilDivide(own.x1, 2 ** widthLog2) - Math.floor(own.x0 / 2 ** widthLog2);
    const high = ceilDivide(own.y1, 2 ** heightLog2) - Math.floor(own.y0 / 2 ** heightLog2);
    const shrink = r === 0 ? 0 : 1;
    const bw = 2 ** Math.min(style.blockWidthLog2 + shrink, widthLog2);
    const bh = 2 ** Math.min(style.blockHeightLog2 + shrink, heightLog2);
    const blocks =
      (ceilDivide(own.x1 - own.x0, bw) + wide) * (ceilDivide(own.y1 - own.y0, bh) + high);
    parts += wide * high * (r === 0 ? 1 : 3) + blocks * (r === 0 ? 1 : 3);
  }
  return parts;
}
