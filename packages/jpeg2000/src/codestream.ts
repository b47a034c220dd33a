import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import {
  CAP,
  COC,
  COD,
  COM,
  CRG,
  EOC,
  MARKER_NAMES,
  PLM,
  PLT,
  POC,
  PPM,
  PPT,
  QCC,
  QCD,
  RGN,
  SIZ,
  SOC,
  SOD,
  SOT,
  TLM,
} from './markers.ts';
import { PROGRESSIONS, type Progression } from './model.ts';
import { joinPacked, type PackedSegment, splitPacked } from './packed-headers.ts';
import type { ProgressionVolume } from './progression.ts';
import type { Step } from './quantisation.ts';

/** SIZ (A.5.1). */
export type CodestreamSize = {
  /** Rsiz: 0 none, 1 and 2 the profiles of part 1, 3 cinema 2K, 4 cinema 4K. */
  readonly profile: number;
  readonly x1: number;
  readonly y1: number;
  readonly x0: number;
  readonly y0: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly tileX0: number;
  readonly tileY0: number;
  readonly components: readonly ComponentSize[];
};

/** A component as SIZ tells it (A.5.1): sample depth in bits, and grid points per sample. */
export type ComponentSize = {
  readonly bitDepth: number;
  readonly signed: boolean;
  readonly stepX: number;
  readonly stepY: number;
};

/** The part of COD that COC may change (Table A.15). */
export type CodingStyle = {
  readonly levels: number;
  readonly blockWidthLog2: number;
  readonly blockHeightLog2: number;
  /** Table A.19: 1 bypass, 2 reset, 4 terminate, 8 causal, 16 predictable, 32 segmentation. */
  readonly blockStyle: number;
  readonly reversible: boolean;
  readonly precincts: readonly { readonly widthLog2: number; readonly heightLog2: number }[];
  readonly explicitPrecincts: boolean;
};

/** COD (A.6.1). */
export type CodingDefault = CodingStyle & {
  readonly progression: Progression;
  readonly layers: number;
  readonly colourTransform: boolean;
  readonly packetStarts: boolean;
  readonly headerEnds: boolean;
};

/** QCD and QCC (A.6.4). */
export type Quantisation = {
  readonly style: 'none' | 'derived' | 'expounded';
  readonly guardBits: number;
  readonly steps: readonly Step[];
};

/** What the markers of a header say; of a tile-part only what differs. */
export type HeaderParameters = {
  coding?: CodingDefault;
  readonly componentCoding: Map<number, CodingStyle>;
  quantisation?: Quantisation;
  readonly componentQuantisation: Map<number, Quantisation>;
  readonly regionShifts: Map<number, number>;
  readonly volumes: ProgressionVolume[];
  /** Number of POC segments. */
  volumeSegments: number;
};

/** Where a marker segment lies in the codestream; offset and length are in bytes. */
export type MarkerSegment = {
  readonly marker: number;
  /** `SIZ`, `COD` … or `0xFFxx`. */
  readonly name: string;
  readonly offset: number;
  /** Bytes with the marker. */
  readonly bytes: number;
};

/** A tile-part as SOT tells it (A.4.2) and as it was found; offsets and lengths are in bytes. */
export type TilePart = {
  readonly tile: number;
  readonly part: number;
  /** TNsot: how many parts the tile has, 0 when it is not said here. */
  readonly parts: number;
  readonly offset: number;
  /** Psot as found; 0 means up to the end. */
  readonly statedBytes: number;
  readonly dataOffset: number;
  readonly dataEnd: number;
  readonly segments: readonly MarkerSegment[];
  readonly parameters: HeaderParameters;
  /** The part's packet headers, when they are packed into PPM or PPT (A.7.4, A.7.5). */
  readonly packedHeaders?: Uint8Array;
};

/** Everything that the headers of a codestream say; the packets are not read yet. */
export type Codestream = {
  readonly size: CodestreamSize;
  readonly parameters: HeaderParameters;
  readonly segments: readonly MarkerSegment[];
  /** TLM: tile and bytes of each tile-part, in order; empty when there is none. */
  readonly partLengths: readonly { readonly tile: number; readonly bytes: number }[];
  readonly comments: readonly string[];
  readonly tileParts: readonly TilePart[];
  readonly tilesWide: number;
  readonly tilesHigh: number;
  /** Whether EOC stands where the last tile-part ends. */
  readonly ended: boolean;
  /** First and last byte of the codestream within what was given (a JP2 file wraps it). */
  readonly start: number;
  readonly end: number;
};

const COMPONENTS_MAX = 16_384;
const TILES_MAX = 65_535;
const TILE_PARTS_MAX = 65_535 * 4;
const LEVELS_MAX = 32;
const MARKER_SEGMENTS_MAX = 4096;
const SUBSAMPLING_MAX = 255;

/** A fault of the input, inside the parser; becomes a finding at its face. */
class CodestreamFault extends Error {
  readonly finding: Finding;
  constructor(code: string, at: number, facts: Record<string, string | number> = {}, clause = '') {
    super(code);
    this.finding = finding(code, 'error', {
      facts,
      at: { byte: at },
      ...(clause === '' ? {} : { clause: `ISO/IEC 15444-1 ${clause}` }),
    });
  }
}

/** Big-endian numbers within bounds; reading past the end is a fault of the input. */
class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    if (this.at >= this.end) throw new CodestreamFault('truncated_codestream', this.at);
    return this.bytes[this.at++]!;
  }

  u16(): number {
    return this.u8() * 256 + this.u8();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }
}

/**
 * Reads the main header and the tile-part headers of a codestream, or of the codestream in a JP2
 * file. Packets are not read. What is cut off behind the main header is a warning.
 */
export function parseCodestream(bytes: Uint8Array): Outcome<Codestream> {
  try {
    const { start, end } = findCodestream(bytes);
    const findings: Finding[] = [];
    return accepted(parse(new Reader(bytes, start, end), findings), findings);
  } catch (fault) {
    if (fault instanceof CodestreamFault) return refused(fault.finding);
    throw fault;
  }
}

const JP2_SIGNATURE = 0x6a502020;
const JP2_CODESTREAM = 0x6a703263;
const BOXES_MAX = 1000;

/** The codestream within a JP2 file (Annex I), or the whole when it begins with SOC. */
function findCodestream(bytes: Uint8Array): { start: number; end: number } {
  const whole = { start: 0, end: bytes.length };
  const reader = new Reader(bytes, 0, bytes.length);
  if (bytes.length < 12 || reader.u32() !== 12 || reader.u32() !== JP2_SIGNATURE) return whole;
  let at = 0;
  for (let box = 0; box < BOXES_MAX && at + 8 <= bytes.length; box++) {
    const head = new Reader(bytes, at, bytes.length);
    let length = head.u32();
    const type = head.u32();
    if (length === 1) length = head.u32() * 2 ** 32 + head.u32();
    if (length === 0) length = bytes.length - at;
    if (type === JP2_CODESTREAM) {
      return { start: head.at, end: Math.min(bytes.length, at + length) };
    }
    if (length < head.at - at) break;
    at += length;
  }
  throw new CodestreamFault('missing_codestream', at, {}, 'I.5.4');
}

function emptyParameters(): HeaderParameters {
  return {
    componentCoding: new Map(),
    componentQuantisation: new Map(),
    regionShifts: new Map(),
    volumes: [],
    volumeSegments: 0,
  };
}

type MainHeader = {
  readonly parameters: HeaderParameters;
  readonly segments: MarkerSegment[];
  readonly partLengths: { tile: number; bytes: number }[];
  readonly comments: string[];
  readonly packed: PackedSegment[];
  size?: CodestreamSize;
};

function parse(reader: Reader, findings: Finding[]): Codestream {
  const start = reader.at;
  if (reader.left < 2 || reader.u16() !== SOC) {
    throw new CodestreamFault('missing_start_marker', start, {}, 'A.4.1');
  }
  const main: MainHeader = {
    parameters: emptyParameters(),
    segments: [],
    partLengths: [],
    comments: [],
    packed: [],
  };
  readSegments(reader, main, SOT, 'main');
  const { size } = main;
  if (size === undefined) throw new CodestreamFault('missing_size_marker', start, {}, 'A.5.1');
  if (main.parameters.coding === undefined) {
    throw new CodestreamFault('missing_coding_marker', start, {}, 'A.6.1');
  }
  if (main.parameters.quantisation === undefined) {
    throw new CodestreamFault('missing_quantisation_marker', start, {}, 'A.6.4');
  }
  const tilesWide = Math.ceil((size.x1 - size.tileX0) / size.tileWidth);
  const tilesHigh = Math.ceil((size.y1 - size.tileY0) / size.tileHeight);
  if (tilesWide * tilesHigh > TILES_MAX) {
    throw new CodestreamFault('excessive_tiles', start, { tiles: tilesWide * tilesHigh }, 'B.3');
  }
  const tileParts: TilePart[] = [];
  let ended = false;
  try {
    ended = readTileParts(reader, main, tilesWide * tilesHigh, tileParts);
  } catch (fault) {
    if (!(fault instanceof CodestreamFault)) throw fault;
    findings.push({ ...fault.finding, severity: 'warning' });
  }
  return {
    size,
    parameters: main.parameters,
    segments: main.segments,
    partLengths: main.partLengths,
    comments: main.comments,
    tileParts,
    tilesWide,
    tilesHigh,
    ended,
    start,
    end: reader.end,
  };
}

/** Tile-parts up to EOC; true when it was found. */
function readTileParts(reader: Reader, main: MainHeader, tiles: number, into: TilePart[]): boolean {
  const packed = main.packed.length === 0 ? undefined : splitPacked(joinPacked(main.packed));
  while (into.length < TILE_PARTS_MAX) {
    const offset = reader.at;
    const marker = reader.u16();
    if (marker === EOC) return true;
    if (marker !== SOT) {
      throw new CodestreamFault('unexpected_marker', offset, { marker: nameOf(marker) }, 'A.4.2');
    }
    if (reader.u16() !== 10) throw new CodestreamFault('invalid_tile_part', offset, {}, 'A.4.2');
    const tile = reader.u16();
    const statedBytes = reader.u32();
    const part = reader.u8();
    const parts = reader.u8();
    if (tile >= tiles) throw new CodestreamFault('invalid_tile_index', offset, { tile }, 'A.4.2');
    const own: MainHeader = {
      parameters: emptyParameters(),
      segments: [],
      partLengths: [],
      comments: [],
      packed: [],
      size: main.size!,
    };
    readSegments(reader, own, SOD, 'tile');
    reader.u16();
    const dataOffset = reader.at;
    const end = statedBytes === 0 ? openEnd(reader) : offset + statedBytes;
    if (end < dataOffset) throw new CodestreamFault('invalid_tile_part', offset, {}, 'A.4.2');
    const dataEnd = Math.min(end, reader.end);
    const headers = own.packed.length > 0 ? joinPacked(own.packed) : packed?.[into.length];
    into.push({
      tile,
      part,
      parts,
      offset,
      statedBytes,
      dataOffset,
      dataEnd,
      segments: own.segments,
      parameters: own.parameters,
      ...(headers === undefined ? {} : { packedHeaders: headers }),
    });
    if (end > reader.end) throw new CodestreamFault('truncated_codestream', reader.end, { tile });
    reader.at = end;
  }
  throw new CodestreamFault('excessive_tile_parts', reader.at);
}

/** The last tile-part may leave its length open: it ends before EOC. */
function openEnd(reader: Reader): number {
  const { bytes, end } = reader;
  const closed = end >= 2 && bytes[end - 2] === EOC >> 8 && bytes[end - 1] === (EOC & 0xff);
  return closed ? Math.max(reader.at, end - 2) : end;
}

function nameOf(marker: number): string {
  return MARKER_NAMES.get(marker) ?? `0x${marker.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Marker segments until `stop`, which is left unread. */
function readSegments(
  reader: Reader,
  header: MainHeader,
  stop: number,
  where: 'main' | 'tile',
): void {
  for (let count = 0; count < MARKER_SEGMENTS_MAX; count++) {
    const offset = reader.at;
    const marker = reader.u16();
    if (marker === stop) {
      reader.at = offset;
      return;
    }
    if (marker < 0xff00 || marker === SOC || marker === SOD || marker === EOC || marker === SOT) {
      throw new CodestreamFault('unexpected_marker', offset, { marker: nameOf(marker) }, 'A.2');
    }
    const length = reader.u16();
    if (length < 2) throw new CodestreamFault('invalid_marker_length', offset, {}, 'A.1');
    const end = offset + 2 + length;
    if (end > reader.end) throw new CodestreamFault('truncated_codestream', reader.end);
    header.segments.push({ marker, name: nameOf(marker), offset, bytes: length + 2 });
    readSegment(new Reader(reader.bytes, reader.at, end), marker, header, where);
    reader.at = end;
  }
  throw new CodestreamFault('excessive_markers', reader.at);
}

function readSegment(
  body: Reader,
  marker: number,
  header: MainHeader,
  where: 'main' | 'tile',
): void {
  const { parameters } = header;
  if (marker === SIZ) {
    if (where === 'main') header.size ??= readSize(body);
    return;
  }
  const components = header.size?.components.length ?? 0;
  const index = () => {
    const component = components > 256 ? body.u16() : body.u8();
    if (component < components) return component;
    throw new CodestreamFault('invalid_component_index', body.at, { component }, 'A.6.2');
  };
  switch (marker) {
    case COD:
      parameters.coding = readCoding(body);
      break;
    case COC:
      parameters.componentCoding.set(index(), readStyle(body, (body.u8() & 1) !== 0));
      break;
    case QCD:
      parameters.quantisation = readQuantisation(body);
      break;
    case QCC:
      parameters.componentQuantisation.set(index(), readQuantisation(body));
      break;
    case RGN: {
      const component = index();
      body.u8();
      parameters.regionShifts.set(component, body.u8());
      break;
    }
    case POC:
      parameters.volumeSegments++;
      readVolumes(body, components, parameters.volumes);
      break;
    case TLM:
      readPartLengths(body, header.partLengths);
      break;
    case COM:
      header.comments.push(readComment(body));
      break;
    case PPM:
    case PPT:
      header.packed.push({ index: body.u8(), bytes: body.bytes.subarray(body.at, body.end) });
      break;
    case CAP:
    case CRG:
    case PLM:
    case PLT:
    default:
      break;
  }
}

function readSize(body: Reader): CodestreamSize {
  const at = body.at;
  const profile = body.u16();
  const [x1, y1, x0, y0] = [body.u32(), body.u32(), body.u32(), body.u32()];
  const [tileWidth, tileHeight, tileX0, tileY0] = [body.u32(), body.u32(), body.u32(), body.u32()];
  const count = body.u16();
  const isPlaced =
    x0 < x1 &&
    y0 < y1 &&
    tileWidth > 0 &&
    tileHeight > 0 &&
    tileX0 <= x0 &&
    tileY0 <= y0 &&
    tileX0 + tileWidth > x0 &&
    tileY0 + tileHeight > y0;
  if (!isPlaced) throw new CodestreamFault('invalid_picture_size', at, {}, 'B.3');
  if (count < 1 || count > COMPONENTS_MAX || body.left < 3 * count) {
    throw new CodestreamFault('invalid_component_count', at, { components: count }, 'A.5.1');
  }
  const components: ComponentSize[] = [];
  for (let i = 0; i < count; i++) {
    const depth = body.u8();
    const [stepX, stepY] = [body.u8(), body.u8()];
    if (stepX < 1 || stepY < 1 || stepX > SUBSAMPLING_MAX || (depth & 0x7f) > 37) {
      throw new CodestreamFault('invalid_component', at, { component: i }, 'A.5.1');
    }
    components.push({ bitDepth: (depth & 0x7f) + 1, signed: (depth & 0x80) !== 0, stepX, stepY });
  }
  return { profile, x1, y1, x0, y0, tileWidth, tileHeight, tileX0, tileY0, components };
}

function readCoding(body: Reader): CodingDefault {
  const at = body.at;
  const style = body.u8();
  const order = body.u8();
  const layers = body.u16();
  const transform = body.u8();
  const progression = PROGRESSIONS[order];
  if (progression === undefined || layers === 0 || transform > 1) {
    throw new CodestreamFault('invalid_coding_style', at, { order, layers, transform }, 'A.6.1');
  }
  return {
    ...readStyle(body, (style & 1) !== 0),
    progression,
    layers,
    colourTransform: transform === 1,
    packetStarts: (style & 2) !== 0,
    headerEnds: (style & 4) !== 0,
  };
}

const PRECINCT_DEFAULT = { widthLog2: 15, heightLog2: 15 };

function readStyle(body: Reader, explicitPrecincts: boolean): CodingStyle {
  const at = body.at;
  const levels = body.u8();
  const blockWidthLog2 = (body.u8() & 15) + 2;
  const blockHeightLog2 = (body.u8() & 15) + 2;
  const blockStyle = body.u8();
  const wavelet = body.u8();
  const isBlock =
    blockWidthLog2 <= 10 && blockHeightLog2 <= 10 && blockWidthLog2 + blockHeightLog2 <= 12;
  if (levels > LEVELS_MAX || !isBlock || wavelet > 1 || blockStyle > 63) {
    const facts = { levels, blockStyle, wavelet };
    throw new CodestreamFault('invalid_coding_style', at, facts, 'A.6.1');
  }
  const precincts = Array.from({ length: levels + 1 }, (_, resolution) => {
    if (!explicitPrecincts) return PRECINCT_DEFAULT;
    const byte = body.u8();
    const size = { widthLog2: byte & 15, heightLog2: byte >> 4 };
    if (resolution > 0 && (size.widthLog2 === 0 || size.heightLog2 === 0)) {
      throw new CodestreamFault('invalid_precinct_size', body.at, { resolution }, 'B.6');
    }
    return size;
  });
  const reversible = wavelet === 1;
  return {
    levels,
    blockWidthLog2,
    blockHeightLog2,
    blockStyle,
    reversible,
    precincts,
    explicitPrecincts,
  };
}

const QUANTISATION_STYLES = ['none', 'derived', 'expounded'] as const;

function readQuantisation(body: Reader): Quantisation {
  const at = body.at;
  const byte = body.u8();
  const style = QUANTISATION_STYLES[byte & 31];
  if (style === undefined) throw new CodestreamFault('invalid_quantisation', at, {}, 'A.6.4');
  const steps: Step[] = [];
  while (body.left >= (style === 'none' ? 1 : 2)) {
    if (style === 'none') steps.push({ exponent: body.u8() >> 3, mantissa: 0 });
    else {
      const value = body.u16();
      steps.push({ exponent: value >> 11, mantissa: value & 0x7ff });
    }
  }
  if (steps.length === 0) throw new CodestreamFault('invalid_quantisation', at, {}, 'A.6.4');
  return { style, guardBits: byte >> 5, steps };
}

function readVolumes(body: Reader, components: number, into: ProgressionVolume[]): void {
  const wide = components > 256;
  const bytes = wide ? 9 : 7;
  while (body.left >= bytes) {
    const at = body.at;
    const resolutionStart = body.u8();
    const componentStart = wide ? body.u16() : body.u8();
    const layerEnd = body.u16();
    const resolutionEnd = body.u8();
    const componentEnd = wide ? body.u16() : body.u8();
    const progression = PROGRESSIONS[body.u8()];
    if (progression === undefined || into.length > 255) {
      throw new CodestreamFault('invalid_progression', at, {}, 'A.6.6');
    }
    into.push({
      progression,
      resolutionStart,
      resolutionEnd,
      componentStart,
      // In eight bits, 0 stands for 256.
      componentEnd: componentEnd === 0 ? 256 : componentEnd,
      layerEnd,
    });
  }
}

function readPartLengths(body: Reader, into: { tile: number; bytes: number }[]): void {
  body.u8();
  const style = body.u8();
  const tileBytes = (style >> 4) & 3;
  const wide = ((style >> 6) & 1) === 1;
  while (body.left >= tileBytes + (wide ? 4 : 2)) {
    const tile = tileBytes === 0 ? into.length : tileBytes === 1 ? body.u8() : body.u16();
    into.push({ tile, bytes: wide ? body.u32() : body.u16() });
  }
}

/** Latin-1 text; binary comments are only counted. */
function readComment(body: Reader): string {
  if (body.left < 2 || body.u16() !== 1) return `(${body.left} bytes)`;
  let text = '';
  while (body.left > 0) text += String.fromCharCode(body.u8());
  return text;
}
