import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import { CINEMA_PARTS, CINEMA_SIZES, cinemaVolumes } from './cinema.ts';
import {
  type Codestream,
  type MarkerSegment,
  parseCodestream,
  type TilePart,
} from './codestream.ts';
import {
  partHeader,
  type PartLength,
  writeComment,
  writePartLengths,
  writeVolumes,
} from './codestream-writer.ts';
import { PARTS_MAX, countParts } from './decoder.ts';
import { GuardBitsChange } from './guard-bits.ts';
import {
  type Block,
  layOutTileComponent,
  type TileComponent,
  tileComponentArea,
} from './geometry.ts';
import {
  COC,
  COD,
  COM,
  CRG,
  EOC,
  EPH,
  MarkerWriter,
  PPM,
  PPT,
  QCC,
  QCD,
  RGN,
  SIZ,
  SOC,
  SOP,
} from './markers.ts';
import { type Progression, PROGRESSIONS, type TilePartKey } from './model.ts';
import { emptyBlock, type ReceivedBlock } from './packet-reader.ts';
import { joinBytes, packedSegments, segmentCount, withLength } from './packed-headers.ts';
import {
  cutParts,
  orderPackets,
  type PacketPlace,
  type PartKey,
  type ProgressionVolume,
  TILE_PARTS_MAX,
} from './progression.ts';
import {
  codingOf,
  COMPONENTS_MAX,
  packetBytes,
  PacketsReader,
  parametersOf,
  partsByTile,
  tileAreaOf,
  volumesOf,
} from './tile-reader.ts';

/** What of a codestream is to be written anew; nothing given: only what must be. */
export type TranscodeOptions = {
  /** Order, tile-parts and profile of digital cinema, without packet markers. */
  readonly cinema?: '2k' | '4k';
  /** Rsiz (Table A.10); by default what it was. */
  readonly profile?: number;
  /** The order of the packets; by default as they are. */
  readonly progression?: Progression;
  readonly tileParts?: TilePartKey;
  /** SOP and EPH around packet headers; by default none. */
  readonly packetMarkers?: boolean;
  /** Packet headers into the main header (PPM) or the tile-parts' (PPT); not with markers. */
  readonly packHeaders?: 'main' | 'part';
  /**
   * Guard bits of every component: exact, as the zero planes of the blocks change with them. Not
   * for blocks that are coded with bypass or terminated passes.
   */
  readonly guardBits?: number;
  /** Instead of the comments that are there; an empty one leaves none. */
  readonly comment?: string;
};

/** A packet with the bytes of its header and of its body. */
type FoundPacket = PacketPlace<ReceivedBlock> & {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
};

type Tile = {
  readonly index: number;
  readonly parts: readonly TilePart[];
  readonly packets: readonly FoundPacket[];
  readonly components: readonly TileComponent<ReceivedBlock>[];
};

/**
 * Writes the headers of a codestream anew and its packets in another order, without touching what
 * is coded: the picture stays the same to the bit. Gives a plain codestream (a JP2 file is opened,
 * packed headers are put back into their packets) with TLM. Step sizes, precincts and blocks are
 * part of what is coded and stay as they are. A stream that is cut off or broken is
 * refused.
 */
export function transcodeHeaders(
  bytes: Uint8Array,
  options: TranscodeOptions = {},
): Outcome<Uint8Array<ArrayBuffer>> {
  const parsed = parseCodestream(bytes);
  if (!parsed.ok) return parsed;
  const stream = parsed.value;
  if (parsed.findings.length > 0) return refused(asError(parsed.findings[0]!));
  const count = stream.size.components.length;
  if (count > COMPONENTS_MAX) {
    return refused(finding('excessive_components', 'error', { facts: { components: count } }));
  }
  const tiles: Tile[] = [];
  for (const [index, parts] of partsByTile(stream)) {
    const tile = readTile(bytes, stream, index, parts, options.guardBits);
    if ('code' in tile) return refused(tile);
    tiles.push(tile);
  }
  const missing = stream.tilesWide * stream.tilesHigh - tiles.length;
  if (missing > 0) return refused(finding('missing_tiles', 'error', { facts: { missing } }));
  const order = chosenVolumes(stream, layersOf(stream, tiles), options);
  const key: PartKey =
    options.tileParts ?? (options.cinema === undefined ? 'one' : CINEMA_PARTS[options.cinema]);
  const cut = tiles.map((tile) => {
    const packets = reorder(tile, order);
    // Without an order of its own a tile keeps the one it had.
    const parts = cutParts(packets, order ?? volumesOf(stream, tile.parts), key);
    return { tile, parts, isWhole: packets.length === tile.packets.length };
  });
  if (cut.some((each) => !each.isWhole)) {
    const { levels } = stream.parameters.coding!;
    const facts = { found: levelsOf(stream, tiles), wanted: levels };
    return refused(finding('mismatched_levels', 'error', { facts }));
  }
  if (cut.some((each) => each.parts.length > TILE_PARTS_MAX)) {
    return refused(finding('excessive_tile_parts', 'error'));
  }
  return accepted(write(bytes, stream, cut, order, options));
}

function layersOf(stream: Codestream, tiles: readonly Tile[]): number {
  return Math.max(...tiles.map((tile) => codingOf(stream, tile.parts).layers));
}

/** The most levels that any component of any tile has. */
function levelsOf(stream: Codestream, tiles: readonly Tile[]): number {
  return Math.max(
    ...tiles.flatMap(({ parts }) =>
      stream.size.components.map((_, c) => parametersOf(stream, parts, c).style.levels),
    ),
  );
}

function asError(found: Finding): Finding {
  return { ...found, severity: 'error' };
}

function readTile(
  bytes: Uint8Array,
  stream: Codestream,
  index: number,
  parts: readonly TilePart[],
  guardBits: number | undefined,
): Tile | Finding {
  const tile = tileAreaOf(stream, index);
  const styles = stream.size.components.map((_, c) => parametersOf(stream, parts, c).style);
  let size = 0;
  stream.size.components.forEach(({ stepX, stepY }, c) => {
    size += countParts(tileComponentArea(tile, stepX, stepY), styles[c]!);
  });
  if (size > PARTS_MAX) {
    return finding('excessive_blocks', 'error', { facts: { limit: PARTS_MAX } });
  }
  const components = stream.size.components.map(({ stepX, stepY }, component) =>
    layOutTileComponent<ReceivedBlock>({
      component,
      tile,
      stepX,
      stepY,
      coding: styles[component]!,
      reduce: 0,
      makeBlock: (block: Block) => emptyBlock(block, component),
    }),
  );
  const { layers } = codingOf(stream, parts);
  const volumes = volumesOf(stream, parts).map((volume) => ({
    ...volume,
    layerEnd: Math.min(volume.layerEnd, layers),
  }));
  const ordered = orderPackets(components, volumes, packetBytes(parts) + 1);
  const packets: FoundPacket[] = [];
  const change = guardBits === undefined ? undefined : new GuardBitsChange(layers);
  const style = styles.find(({ blockStyle }) => (blockStyle & SEVERAL_SEGMENTS) !== 0)?.blockStyle;
  if (change !== undefined && style !== undefined) {
    return finding('unexpected_block_style', 'error', { facts: { found: style, wanted: 0 } });
  }
  const reader = new PacketsReader(bytes, ordered, parts, ({ precinct }) => ({
    keep: change !== undefined,
    blockStyle: styles[precinct.component]!.blockStyle,
  }));
  reader.readAll((place, pieces, from) => {
    change?.note(place);
    packets.push({
      ...place,
      header: from.subarray(pieces.headerStart, pieces.headerEnd),
      body: bytes.subarray(pieces.bodyStart, pieces.bodyEnd),
    });
  });
  const left = ordered.length - packets.length;
  if (left > 0) {
    return finding('truncated_packets', 'error', { facts: { tile: index, packets: left } });
  }
  const foundIn = (c: number) => parametersOf(stream, parts, c).quantisation.guardBits;
  const changed = change?.apply(packets, guardBits!, foundIn) ?? packets;
  return 'code' in changed ? changed : { index, parts, packets: changed, components };
}

/** Styles whose blocks have more than one segment (Table A.19): bypass and termination. */
const SEVERAL_SEGMENTS = 5;

/** A tile with its packets in their new order, cut into tile-parts. */
type CutTile = { readonly tile: Tile; readonly parts: readonly (readonly FoundPacket[])[] };

function write(
  bytes: Uint8Array,
  stream: Codestream,
  tiles: readonly CutTile[],
  order: readonly ProgressionVolume[] | undefined,
  options: TranscodeOptions,
): Uint8Array<ArrayBuffer> {
  const { packHeaders } = options;
  const marked = isMarked(options);
  const pieces: Uint8Array[] = [];
  const lengths: PartLength[] = [];
  const packed: Uint8Array[] = [];
  for (const { tile, parts } of tiles) {
    let sequence = 0;
    let segments = 0;
    parts.forEach((part, index) => {
      const headers = joinBytes(part.map((packet) => packet.header));
      if (packHeaders === 'main') packed.push(withLength(headers));
      const extra = joinBytes([
        index === 0 ? keptSegments(bytes, tile.parts, order, options) : NOTHING,
        packHeaders === 'part' ? packedSegments(PPT, headers, segments) : NOTHING,
      ]);
      segments += segmentCount(headers);
      const body = part.flatMap((packet) =>
        packHeaders === undefined
          ? packetPieces(packet, marked ? sequence++ : undefined)
          : [packet.body],
      );
      const told = { tile: tile.index, bytes: 0, index, count: parts.length };
      const header = partHeader(told, extra).length;
      const size = body.reduce((sum, piece) => sum + piece.length, header);
      lengths.push({ tile: tile.index, bytes: size });
      pieces.push(partHeader({ ...told, bytes: size }, extra), ...body);
    });
  }
  const main = [mainHeader(bytes, stream, order, lengths, options)];
  if (packHeaders === 'main') main.push(packedSegments(PPM, joinBytes(packed)));
  return joinBytes([...main, ...pieces, Uint8Array.of(EOC >> 8, EOC & 0xff)]);
}

/** Whether SOP and EPH go around packet headers, which packed ones do not have. */
function isMarked({ packetMarkers, packHeaders }: TranscodeOptions): boolean {
  return packHeaders === undefined && packetMarkers === true;
}

const NOTHING = new Uint8Array(0);

/** The order that was asked for, and undefined where the present one stays. */
function chosenVolumes(
  stream: Codestream,
  layers: number,
  { cinema, progression }: TranscodeOptions,
): ProgressionVolume[] | undefined {
  const { levels } = stream.parameters.coding!;
  if (cinema !== undefined) {
    return cinemaVolumes(cinema, levels).map((volume) => ({
      ...volume,
      componentEnd: stream.size.components.length,
      layerEnd: layers,
    }));
  }
  if (progression === undefined) return undefined;
  const everything = { resolutionStart: 0, resolutionEnd: 33, componentStart: 0 };
  const componentEnd = stream.size.components.length;
  return [{ progression, ...everything, componentEnd, layerEnd: layers }];
}

function reorder(tile: Tile, volumes: readonly ProgressionVolume[] | undefined): FoundPacket[] {
  if (volumes === undefined) return [...tile.packets];
  const found = new Map<object, FoundPacket[]>();
  for (const packet of tile.packets) {
    const own = found.get(packet.precinct);
    if (own === undefined) found.set(packet.precinct, [packet]);
    else own[packet.layer] = packet;
  }
  return orderPackets(tile.components, volumes).flatMap(
    ({ precinct, layer }) => found.get(precinct)?.[layer] ?? [],
  );
}

function packetPieces(packet: FoundPacket, sequence: number | undefined): Uint8Array[] {
  if (sequence === undefined) return [packet.header, packet.body];
  const start = new MarkerWriter()
    .u16(SOP)
    .u16(4)
    .u16(sequence & 0xffff);
  const end = new MarkerWriter().u16(EPH);
  return [start.take(), packet.header, end.take(), packet.body];
}

/** Segments whose meaning does not change. */
const KEPT_MARKERS = [COD, COC, QCD, QCC, RGN, CRG];

/** Bytes of a segment; the order of packets, their markers and guard bits are renewed. */
function segmentBytes(
  bytes: Uint8Array,
  segment: MarkerSegment,
  volumes: readonly ProgressionVolume[] | undefined,
  options: TranscodeOptions,
): Uint8Array {
  const copy = bytes.slice(segment.offset, segment.offset + segment.bytes);
  const { guardBits } = options;
  // Sqcd and Sqcc (A.6.4, A.6.5); the number of a component takes one byte.
  const quantised = segment.marker === QCD ? 4 : segment.marker === QCC ? 5 : undefined;
  if (quantised !== undefined && guardBits !== undefined) {
    copy[quantised] = (copy[quantised]! & 31) | (guardBits << 5);
  }
  if (segment.marker !== COD) return copy;
  // Scod (Table A.13) and the progression order (Table A.16).
  copy[4] = (copy[4]! & 1) | (isMarked(options) ? 6 : 0);
  if (volumes !== undefined) copy[5] = PROGRESSIONS.indexOf(volumes[0]!.progression);
  return copy;
}

function keptSegments(
  bytes: Uint8Array,
  parts: readonly TilePart[],
  volumes: readonly ProgressionVolume[] | undefined,
  options: TranscodeOptions,
): Uint8Array {
  const kept = parts
    .flatMap((part) => part.segments)
    .filter(({ marker }) => KEPT_MARKERS.includes(marker))
    .map((segment) => segmentBytes(bytes, segment, volumes, options));
  const own = parts.flatMap((part) => part.parameters.volumes);
  if (volumes === undefined && own.length > 0) {
    const writer = new MarkerWriter();
    writeVolumes(writer, own, COMPONENTS_MAX);
    kept.push(writer.take());
  }
  return joinBytes(kept);
}

function mainHeader(
  bytes: Uint8Array,
  stream: Codestream,
  chosen: readonly ProgressionVolume[] | undefined,
  lengths: readonly PartLength[],
  options: TranscodeOptions,
): Uint8Array {
  const { size, segments } = stream;
  const cinema = options.cinema === undefined ? undefined : CINEMA_SIZES[options.cinema].profile;
  const sizing = segments.find(({ marker }) => marker === SIZ)!;
  const head = bytes.slice(sizing.offset, sizing.offset + sizing.bytes);
  // Rsiz is the first number of SIZ (A.5.1).
  new DataView(head.buffer).setUint16(4, options.profile ?? cinema ?? size.profile);
  const kept = segments
    .filter(({ marker }) => KEPT_MARKERS.includes(marker))
    .map((segment) => segmentBytes(bytes, segment, chosen, options));
  const rest = new MarkerWriter();
  writePartLengths(rest, lengths, stream.tilesWide * stream.tilesHigh);
  const volumes = chosen ?? stream.parameters.volumes;
  const isOrdered = chosen === undefined ? volumes.length > 0 : volumes.length > 1;
  if (isOrdered) writeVolumes(rest, volumes, size.components.length);
  if (options.comment !== undefined && options.comment !== '') writeComment(rest, options.comment);
  const comments = segments
    .filter(({ marker }) => marker === COM && options.comment === undefined)
    .map(({ offset, bytes: length }) => bytes.slice(offset, offset + length));
  const start = Uint8Array.of(SOC >> 8, SOC & 0xff);
  return joinBytes([start, head, ...kept, rest.take(), ...comments]);
}
