import type { Block, Precinct } from './geometry.ts';
import { EPH, SOP } from './markers.ts';
import type { CodedBlock } from './rate-control.ts';
import type { BitSink } from './tag-tree.ts';

/** Bits of packet headers, with a zero bit stuffed behind each 0xFF (B.10.1). */
class HeaderBits implements BitSink {
  bytes = new Uint8Array(4096);
  length = 0;
  #current = 0;
  #free = 8;

  start(): void {
    this.length = 0;
    this.#current = 0;
    this.#free = 8;
  }

  bit(value: number): void {
    this.#free--;
    this.#current |= value << this.#free;
    if (this.#free === 0) this.#push();
  }

  number(value: number, bits: number): void {
    let left = bits;
    while (left >= this.#free) {
      left -= this.#free;
      this.#current |= (value >>> left) & ((1 << this.#free) - 1);
      this.#push();
    }
    if (left > 0) {
      this.#free -= left;
      this.#current |= (value & ((1 << left) - 1)) << this.#free;
    }
  }

  /** Fills the last byte with zeros; it may not be 0xFF. */
  finish(): void {
    const full = this.length > 0 && this.bytes[this.length - 1] === 0xff ? 7 : 8;
    if (this.#free < full || full === 7) this.#push();
  }

  #push(): void {
    if (this.length === this.bytes.length) {
      const grown = new Uint8Array(2 * this.bytes.length);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[this.length++] = this.#current;
    this.#free = this.#current === 0xff ? 7 : 8;
    this.#current = 0;
  }
}

/** Bits that the length of a segment starts with (B.10.7.1). */
export const FIRST_LENGTH_BITS = 3;

const bits = new HeaderBits();

/** What headers tell of a block. */
export type WrittenBlock = Pick<
  CodedBlock,
  'layerPasses' | 'layerBytes' | 'zeroPlanes' | 'lengthBits'
>;

/** Sets up the tag trees of a precinct; before its first layer is written. */
export function startPrecinct(precinct: Precinct<Block & WrittenBlock>, layers: number): void {
  for (const part of precinct.bands) {
    part.inclusion.reset();
    part.zeroPlanes.reset();
    for (const block of part.blocks) {
      let first = 0;
      while (first < layers && block.layerPasses[first] === 0) first++;
      part.inclusion.set(block.gridIndex, first);
      part.zeroPlanes.set(block.gridIndex, block.zeroPlanes);
      block.lengthBits = FIRST_LENGTH_BITS;
    }
  }
}

/** The number of the packet for SOP (A.8.1); without it there is neither SOP nor EPH. */
export type PacketOptions = { readonly sequence?: number };

/**
 * Header and body of one packet (B.10), given to `put` piece by piece; with `sequence`, SOP and EPH
 * go around the header.
 */
export function writePacket(
  precinct: Precinct<CodedBlock>,
  layer: number,
  options: PacketOptions,
  put: (bytes: Uint8Array) => void,
  bodyOf: (block: CodedBlock, from: number, bytes: number) => Uint8Array,
): void {
  const marked = options.sequence !== undefined;
  if (marked) {
    const number = options.sequence! & 0xffff;
    put(Uint8Array.of(SOP >> 8, SOP & 0xff, 0, 4, number >> 8, number & 0xff));
  }
  writeHeader(precinct, layer);
  put(bits.bytes.subarray(0, bits.length));
  if (marked) put(Uint8Array.of(EPH >> 8, EPH & 0xff));
  for (const part of precinct.bands) {
    for (const block of part.blocks) {
      const before = layer === 0 ? 0 : block.layerBytes[layer - 1]!;
      const bytes = block.layerBytes[layer]! - before;
      if (bytes > 0) put(bodyOf(block, before, bytes));
    }
  }
}

/** Bytes that the header of a packet takes; has the same effect on the trees as writing it. */
export function measureHeader(precinct: Precinct<CodedBlock>, layer: number): number {
  writeHeader(precinct, layer);
  return bits.length;
}

function adds(precinct: Precinct<Block & WrittenBlock>, layer: number): boolean {
  for (const part of precinct.bands) {
    for (const block of part.blocks) {
      const before = layer === 0 ? 0 : block.layerPasses[layer - 1]!;
      if (block.layerPasses[layer]! > before) return true;
    }
  }
  return false;
}

/** The header of a packet, without markers. */
export function packetHeader(precinct: Precinct<Block & WrittenBlock>, layer: number): Uint8Array {
  writeHeader(precinct, layer);
  return bits.bytes.slice(0, bits.length);
}

function writeHeader(precinct: Precinct<Block & WrittenBlock>, layer: number): void {
  bits.start();
  const any = adds(precinct, layer);
  bits.bit(any ? 1 : 0);
  if (any) {
    for (const part of precinct.bands) {
      for (const block of part.blocks) {
        const before = layer === 0 ? 0 : block.layerPasses[layer - 1]!;
        const bytesBefore = layer === 0 ? 0 : block.layerBytes[layer - 1]!;
        const passes = block.layerPasses[layer]! - before;
        if (before === 0) part.inclusion.write(bits, block.gridIndex, layer + 1);
        else bits.bit(passes > 0 ? 1 : 0);
        if (passes === 0) continue;
        if (before === 0) part.zeroPlanes.write(bits, block.gridIndex, block.zeroPlanes + 1);
        writePasses(passes);
        writeLength(block, passes, block.layerBytes[layer]! - bytesBefore);
      }
    }
  }
  bits.finish();
}

/** Table B.4. */
function writePasses(passes: number): void {
  if (passes === 1) bits.number(0, 1);
  else if (passes === 2) bits.number(2, 2);
  else if (passes <= 5) bits.number(0xc | (passes - 3), 4);
  else if (passes <= 36) bits.number(0x1e0 | (passes - 6), 9);
  else bits.number(0xff80 | (passes - 37), 16);
}

function floorLog2(value: number): number {
  return 31 - Math.clz32(value);
}

function writeLength(block: WrittenBlock, passes: number, bytes: number): void {
  const more = floorLog2(passes);
  const wanted = bytes === 0 ? 1 : floorLog2(bytes) + 1;
  while (block.lengthBits + more < wanted) {
    bits.bit(1);
    block.lengthBits++;
  }
  bits.bit(0);
  bits.number(bytes, block.lengthBits + more);
}
