import type {
  Codestream,
  CodingDefault,
  CodingStyle,
  Quantisation,
  TilePart,
} from './codestream.ts';
import { type Area, areaOf } from './geometry.ts';
import { type HeaderPlace, PacketFault, readPacket, type ReceivedBlock } from './packet-reader.ts';
import { joinBytes } from './packed-headers.ts';
import type { PacketPieces } from './packet-reader.ts';
import type { PacketPlace, ProgressionVolume } from './progression.ts';

/** Components of a picture that are read. */
export const COMPONENTS_MAX = 16;
/** One more than the highest resolution there can be (Table A.15). */
const RESOLUTIONS_END = 33;

/** Coding and quantisation of one component in one tile, with what tile headers change. */
export type ComponentParameters = {
  readonly style: CodingStyle;
  readonly quantisation: Quantisation;
  readonly regionShift: number;
};

/** The tile-parts of each tile that has any, in the order of the file. */
export function partsByTile(stream: Codestream): Map<number, TilePart[]> {
  const tiles = new Map<number, TilePart[]>();
  for (const part of stream.tileParts) {
    const parts = tiles.get(part.tile);
    if (parts === undefined) tiles.set(part.tile, [part]);
    else parts.push(part);
  }
  return tiles;
}

/** A tile on the reference grid (B.3). */
export function tileAreaOf({ size, tilesWide }: Codestream, index: number): Area {
  const left = size.tileX0 + (index % tilesWide) * size.tileWidth;
  const upper = size.tileY0 + Math.floor(index / tilesWide) * size.tileHeight;
  return areaOf(
    Math.max(left, size.x0),
    Math.max(upper, size.y0),
    Math.min(left + size.tileWidth, size.x1),
    Math.min(upper + size.tileHeight, size.y1),
  );
}

/** The COD that holds for a tile (A.6.1). */
export function codingOf(stream: Codestream, parts: readonly TilePart[]): CodingDefault {
  const own = parts.find((part) => part.parameters.coding)?.parameters.coding;
  return own ?? stream.parameters.coding!;
}

/** The progression of a tile: its own POC, the main one, or what COD says (A.6.6). */
export function volumesOf(stream: Codestream, parts: readonly TilePart[]): ProgressionVolume[] {
  const own = parts.flatMap((part) => part.parameters.volumes);
  if (own.length > 0) return own;
  if (stream.parameters.volumes.length > 0) return [...stream.parameters.volumes];
  const { progression, layers } = codingOf(stream, parts);
  return [
    {
      progression,
      layerEnd: layers,
      resolutionStart: 0,
      resolutionEnd: RESOLUTIONS_END,
      componentStart: 0,
      componentEnd: COMPONENTS_MAX,
    },
  ];
}

/** A.6: tile COC over tile COD over main COC over main COD; the same for quantisation. */
export function parametersOf(
  stream: Codestream,
  parts: readonly TilePart[],
  component: number,
): ComponentParameters {
  const main = stream.parameters;
  const headers = parts.map((part) => part.parameters);
  const style =
    headers.find((each) => each.componentCoding.has(component))?.componentCoding.get(component) ??
    headers.find((each) => each.coding)?.coding ??
    main.componentCoding.get(component) ??
    main.coding!;
  const quantised = headers.find((each) => each.componentQuantisation.has(component));
  const quantisation =
    quantised?.componentQuantisation.get(component) ??
    headers.find((each) => each.quantisation)?.quantisation ??
    main.componentQuantisation.get(component) ??
    main.quantisation!;
  const regionShift =
    headers.find((each) => each.regionShifts.has(component))?.regionShifts.get(component) ??
    main.regionShifts.get(component) ??
    0;
  return { style, quantisation, regionShift };
}

/** Bytes in which the packets of a tile lie: no tile has more packets than that. */
export function packetBytes(parts: readonly TilePart[]): number {
  return parts.reduce(
    (sum, part) => sum + part.dataEnd - part.dataOffset + (part.packedHeaders?.length ?? 0),
    0,
  );
}

/** How one packet is read: whether it is wanted, and the style of its blocks. */
export type PacketWish = { readonly keep: boolean; readonly blockStyle: number };

/** Reads the packets of a tile through its tile-parts, in order, until one cannot be followed. */
export class PacketsReader {
  /** Packets read so far. */
  count = 0;
  readonly #bytes: Uint8Array;
  readonly #packets: readonly PacketPlace<ReceivedBlock>[];
  readonly #parts: readonly TilePart[];
  /** Packed headers of the whole tile: where PPT puts them in its parts is left open (A.7.5). */
  readonly #headers: HeaderPlace | undefined;
  readonly #wishOf: (place: PacketPlace<ReceivedBlock>) => PacketWish;

  constructor(
    bytes: Uint8Array,
    packets: readonly PacketPlace<ReceivedBlock>[],
    parts: readonly TilePart[],
    wishOf: (place: PacketPlace<ReceivedBlock>) => PacketWish,
  ) {
    this.#bytes = bytes;
    this.#packets = packets;
    this.#parts = parts;
    this.#wishOf = wishOf;
    const packed = parts.flatMap((part) => part.packedHeaders ?? []);
    this.#headers = packed.length === 0 ? undefined : { bytes: joinBytes(packed), at: 0 };
  }

  /**
   * Reads what there is; returns the fault that ended it, if one did.
   *
   * @param told is told the pieces of each packet, and the bytes that its header lies in
   */
  readAll(
    told?: (place: PacketPlace<ReceivedBlock>, pieces: PacketPieces, header: Uint8Array) => void,
  ): PacketFault | undefined {
    try {
      const last = this.#parts.at(-1);
      for (const part of this.#parts) this.#readPart(part, part === last, told);
      return undefined;
    } catch (fault) {
      if (fault instanceof PacketFault) return fault;
      throw fault;
    }
  }

  #readPart(part: TilePart, isLast: boolean, told?: Parameters<PacketsReader['readAll']>[0]): void {
    const headers = this.#headers;
    const pieces = { headerStart: 0, headerEnd: 0, bodyStart: 0, bodyEnd: 0 };
    let at = part.dataOffset;
    // With packed headers a packet may have nothing in the data, so the last part is read until
    // they end; it does not matter in which part an empty packet is read.
    const hasMore = () =>
      headers !== undefined && isLast ? headers.at < headers.bytes.length : at < part.dataEnd;
    while (this.count < this.#packets.length && hasMore()) {
      const place = this.#packets[this.count]!;
      at = readPacket(place.precinct, at, {
        bytes: this.#bytes,
        end: part.dataEnd,
        layer: place.layer,
        ...this.#wishOf(place),
        ...(headers === undefined ? {} : { headers }),
        ...(told === undefined ? {} : { pieces }),
      });
      this.count++;
      told?.(place, pieces, headers?.bytes ?? this.#bytes);
    }
  }
}
