import type { Block, Precinct, PrecinctBand } from './geometry.ts';
import { EPH, SOP } from './markers.ts';
import { FIRST_LENGTH_BITS } from './packet-writer.ts';
import type { BitSource } from './tag-tree.ts';

/** Bytes of a tile that belong to a block, and the passes they carry. */
export type Segment = {
  /** Passes told so far, and those of the layers that are wanted. */
  passes: number;
  kept: number;
  readonly passesMax: number;
  readonly chunks: { readonly from: number; readonly bytes: number }[];
  /** Some of it was cut off: what follows is not to be trusted. */
  cut: boolean;
};

/** A block as it gathers from packet to packet. */
export type ReceivedBlock = Block & {
  readonly component: number;
  included: boolean;
  zeroPlanes: number;
  lengthBits: number;
  segments: Segment[];
};

/** What a block has before its first segment; one for all, as most pictures have thousands. */
const NO_SEGMENTS: Segment[] = [];

/** A block of which nothing was received yet. */
export function emptyBlock(block: Block, component: number): ReceivedBlock {
  const segments = NO_SEGMENTS;
  return { ...block, component, included: false, zeroPlanes: 0, lengthBits: 0, segments };
}

/** Makes a block as it was before any packet. */
export function forgetBlock(block: ReceivedBlock): void {
  if (!block.included) return;
  block.included = false;
  block.segments = NO_SEGMENTS;
}

/** The packets cannot be followed any further. */
export class PacketFault extends Error {
  readonly at: number;
  constructor(at: number) {
    super('a packet header cannot be read');
    this.at = at;
  }
}

class HeaderBits implements BitSource {
  bytes = new Uint8Array(0);
  end = 0;
  at = 0;
  #current = 0;
  #left = 0;

  start(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes as Uint8Array<ArrayBuffer>;
    this.at = at;
    this.end = end;
    this.#current = 0;
    this.#left = 0;
  }

  bit(): number {
    if (this.#left === 0) {
      if (this.at >= this.end) throw new PacketFault(this.at);
      this.#left = this.#current === 0xff ? 7 : 8;
      this.#current = this.bytes[this.at++]!;
    }
    this.#left--;
    return (this.#current >> this.#left) & 1;
  }

  number(bits: number): number {
    let value = 0;
    for (let wanted = bits; wanted > 0;) {
      if (this.#left === 0) {
        value = value * 2 + this.bit();
        wanted--;
        continue;
      }
      const now = Math.min(wanted, this.#left);
      this.#left -= now;
      value = value * 2 ** now + ((this.#current >> this.#left) & ((1 << now) - 1));
      wanted -= now;
    }
    return value;
  }

  /** A header that ends with 0xFF has one more byte (B.10.1). */
  finish(): void {
    if (this.#current === 0xff && this.at < this.end) this.at++;
    this.#left = 0;
  }
}

const BYPASS = 1;
const TERMINATE = 4;
const PASSES_MAX = 164;
const FIRST_BYPASS_PASSES = 10;
const LENGTH_BITS_MAX = 32;
/** Planes that a magnitude may have: far beyond any legal Mb. */
const ZERO_PLANES_MAX = 80;

/** Where packets are read from, and how; `end` is the offset in bytes they must not pass. */
export type PacketReading = {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly layer: number;
  /** Whether layer and resolution are wanted; otherwise they are only read over. */
  readonly keep: boolean;
  readonly blockStyle: number;
  /** Where headers are when they are packed (A.7.4, A.7.5); moves on with each packet. */
  readonly headers?: HeaderPlace;
  /** Is told where the pieces of the packet lie. */
  readonly pieces?: PacketPieces;
};

/** Packed packet headers, and the offset of the next one. */
export type HeaderPlace = { readonly bytes: Uint8Array; at: number };

/** Offsets of a packet's header (without SOP and EPH) and of its body; ends are exclusive. */
export type PacketPieces = {
  headerStart: number;
  headerEnd: number;
  bodyStart: number;
  bodyEnd: number;
};

/** Used again for every packet: a frame has thousands. */
const bits = new HeaderBits();
const pendingSegments: Segment[] = [];
const pendingBytes: number[] = [];
/** How many of them are this packet's: shrinking a list costs more than writing over it. */
let pending = 0;
/** Bytes of the packet that belong to nothing wanted. */
let unwantedBytes = 0;

/** Reads one packet at `at`; returns where the next one begins. Throws a {@link PacketFault}. */
export function readPacket(
  precinct: Precinct<ReceivedBlock>,
  at: number,
  reading: PacketReading,
): number {
  const { bytes, end, headers } = reading;
  let from = isMarker(bytes, at, end, SOP) ? at + SOP_BYTES : at;
  const headerStart = headers?.at ?? from;
  const headerBytes = headers?.bytes ?? bytes;
  const headersEnd = headers?.bytes.length ?? end;
  bits.start(headerBytes, headerStart, headersEnd);
  pending = 0;
  unwantedBytes = 0;
  if (bits.bit() === 1) {
    for (const part of precinct.bands) {
      for (const block of part.blocks) {
        readContribution(block, part, reading);
      }
    }
  }
  bits.finish();
  const headerEnd = bits.at;
  const behind = headerEnd + (isMarker(headerBytes, headerEnd, headersEnd, EPH) ? EPH_BYTES : 0);
  if (headers === undefined) from = behind;
  else headers.at = behind;
  const bodyStart = from;
  for (let i = 0; i < pending; i++) {
    const length = pendingBytes[i]!;
    const segment = pendingSegments[i]!;
    if (from + length > end) {
      segment.cut = true;
      throw new PacketFault(from);
    }
    if (length > 0 && reading.keep) segment.chunks.push({ from, bytes: length });
    from += length;
  }
  if (from + unwantedBytes > end) throw new PacketFault(from);
  from += unwantedBytes;
  if (reading.pieces !== undefined) {
    Object.assign(reading.pieces, { headerStart, headerEnd, bodyStart, bodyEnd: from });
  }
  return from;
}

/** A.8.1 and A.8.2. */
const SOP_BYTES = 6;
const EPH_BYTES = 2;

function isMarker(bytes: Uint8Array, at: number, end: number, marker: number): boolean {
  return at + 1 < end && bytes[at] === marker >> 8 && bytes[at + 1] === (marker & 0xff);
}

function readContribution(
  block: ReceivedBlock,
  part: PrecinctBand<ReceivedBlock>,
  reading: PacketReading,
): void {
  if (!block.included) {
    if (!part.inclusion.read(bits, block.gridIndex, reading.layer + 1)) return;
    const planes = part.zeroPlanes.readValue(bits, block.gridIndex, ZERO_PLANES_MAX);
    if (planes > ZERO_PLANES_MAX) throw new PacketFault(bits.at);
    block.included = true;
    block.zeroPlanes = planes;
    block.lengthBits = FIRST_LENGTH_BITS;
  } else if (bits.bit() === 0) return;
  let passes = readPasses();
  while (bits.bit() === 1) {
    if (++block.lengthBits > LENGTH_BITS_MAX) throw new PacketFault(bits.at);
  }
  if (!reading.keep && (reading.blockStyle & (BYPASS | TERMINATE)) === 0) {
    // One segment for all passes, and none of them is wanted: its length alone matters.
    unwantedBytes += bits.number(block.lengthBits + 31 - Math.clz32(passes));
    return;
  }
  if (block.segments === NO_SEGMENTS) block.segments = [];
  while (passes > 0) {
    let segment = block.segments.at(-1);
    if (segment === undefined || segment.passes === segment.passesMax) {
      segment = openSegment(segment, reading.blockStyle);
      block.segments.push(segment);
    }
    const now = Math.min(passes, segment.passesMax - segment.passes);
    const length = bits.number(block.lengthBits + 31 - Math.clz32(now));
    segment.passes += now;
    if (reading.keep) segment.kept += now;
    passes -= now;
    pendingSegments[pending] = segment;
    pendingBytes[pending++] = length;
  }
}

/** Where codeword segments end (D.4, Table D.9). */
function openSegment(before: Segment | undefined, style: number): Segment {
  let passesMax = PASSES_MAX;
  if ((style & TERMINATE) !== 0) passesMax = 1;
  else if ((style & BYPASS) !== 0) {
    if (before === undefined) passesMax = FIRST_BYPASS_PASSES;
    else passesMax = before.passesMax === 2 ? 1 : 2;
  }
  return { passes: 0, kept: 0, passesMax, chunks: [], cut: false };
}

/** Table B.4. */
function readPasses(): number {
  if (bits.bit() === 0) return 1;
  if (bits.bit() === 0) return 2;
  const two = bits.number(2);
  if (two < 3) return 3 + two;
  const five = bits.number(5);
  if (five < 31) return 6 + five;
  return 37 + bits.number(7);
}
