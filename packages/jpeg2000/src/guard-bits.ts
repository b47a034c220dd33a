import { type Finding, finding } from '@yinglian/core';
import type { Block, Precinct } from './geometry.ts';
import type { ReceivedBlock } from './packet-reader.ts';
import { packetHeader, startPrecinct, type WrittenBlock } from './packet-writer.ts';
import type { PacketPlace } from './progression.ts';

/** Of a block that is in no packet: more planes than any has, so that no minimum is it. */
const NO_PLANES = 0x7fff;

type Packet = PacketPlace<ReceivedBlock> & { readonly header: Uint8Array };
type Told = Block & WrittenBlock;

/**
 * Writes packet headers for another number of guard bits. A band has as many planes as its guard
 * bits and its exponent give (B-26, E-2), and a header tells how many of them are zero from the
 * top: with one guard bit less and one zero plane less, every coefficient is what it was.
 */
export class GuardBitsChange {
  readonly #blocks = new Map<ReceivedBlock, Told>();
  readonly #layers: number;

  constructor(layers: number) {
    this.#layers = layers;
  }

  /** Takes down what a packet adds to its blocks; after each packet, in the order of reading. */
  note({ precinct, layer }: PacketPlace<ReceivedBlock>): void {
    for (const block of precinct.bands.flatMap((part) => part.blocks)) {
      const [segment] = block.segments;
      const told = this.#told(block);
      told.layerPasses[layer] = segment?.passes ?? 0;
      told.layerBytes[layer] = segment?.chunks.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
    }
  }

  #told(block: ReceivedBlock): Told {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const none = () => Array.from({ length: this.#layers }, () => 0);
    const lists = { layerPasses: none(), layerBytes: none() };
    const told: Told = { ...block, ...lists, zeroPlanes: NO_PLANES, lengthBits: 0 };
    this.#blocks.set(block, told);
    return told;
  }

  /**
   * The packets with their headers for `wanted` guard bits; refused where a block uses a plane that
   * would not be there any more.
   *
   * @param foundIn the guard bits of a component as they are
   */
  apply<P extends Packet>(
    packets: readonly P[],
    wanted: number,
    foundIn: (component: number) => number,
  ): P[] | Finding {
    for (const [block, told] of this.#blocks) {
      if (!block.included) continue;
      const found = foundIn(block.component);
      told.zeroPlanes = block.zeroPlanes + wanted - found;
      if (told.zeroPlanes < 0) {
        return finding('mismatched_guard_bits', 'error', { facts: { found, wanted } });
      }
    }
    const started = new Map<Precinct<ReceivedBlock>, Precinct<Told>>();
    const headers = new Map<P, Uint8Array>();
    // The trees of a precinct tell of each layer what the layers before did not.
    for (const packet of packets.toSorted((a, b) => a.layer - b.layer)) {
      const own = started.get(packet.precinct) ?? this.#start(packet.precinct);
      started.set(packet.precinct, own);
      headers.set(packet, packetHeader(own, packet.layer));
    }
    return packets.map((packet) => ({ ...packet, header: headers.get(packet)! }));
  }

  #start(precinct: Precinct<ReceivedBlock>): Precinct<Told> {
    const bands = precinct.bands.map((part) => ({
      ...part,
      blocks: part.blocks.map((block) => this.#told(block)),
    }));
    const own = { ...precinct, bands };
    startPrecinct(own, this.#layers);
    return own;
  }
}
