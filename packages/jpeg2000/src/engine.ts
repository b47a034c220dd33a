import { assert, fromBase64 } from '@yinglian/core';
import { KERNELS_BASE64 } from './generated/kernels.ts';

/** Addresses are byte offsets into the memory of the kernels. */
type Address = number;

/** What assembly/index.ts exports; the meaning of each stands there. */
export type Kernels = {
  readonly memory: KernelMemory;
  heapStart(): Address;
  forward97(from: Address, stride: number, w: number, h: number, ox: number, oy: number): void;
  inverse97(from: Address, stride: number, w: number, h: number, ox: number, oy: number): void;
  forward53(from: Address, stride: number, w: number, h: number, ox: number, oy: number): void;
  inverse53(from: Address, stride: number, w: number, h: number, ox: number, oy: number): void;
  loadFloat(from: Address, to: Address, count: number, shift: number): void;
  loadInteger(from: Address, to: Address, count: number, shift: number): void;
  loadIct: LoadThree;
  loadRct: LoadThree;
  storeFloat: StoreOne;
  storeInteger: StoreOne;
  inverseIct(a: Address, b: Address, c: Address, count: number): void;
  inverseRct(a: Address, b: Address, c: Address, count: number): void;
  setStop(lambda: number): void;
  loadFloats(
    from: Address,
    rowBytes: number,
    w: number,
    h: number,
    inverseStep: number,
    largest: number,
  ): number;
  loadIntegers(from: Address, rowBytes: number, w: number, h: number, largest: number): number;
  blockEnergy(): number;
  countPlanes(to: Address): void;
  startBlock(second: Flag, planes: number, orientation: number, weight: number): void;
  encodeBoth(): Flag;
  encodeRest(second: Flag): void;
  blockBytes(second: Flag): number;
  takeBlock(second: Flag, to: Address): number;
  decodeBlock(
    data: Address,
    segments: Address,
    count: number,
    w: number,
    h: number,
    orientation: number,
    style: number,
    planes: number,
  ): void;
  unshiftRegion(shift: number): void;
  storeFloats(to: Address, rowBytes: number, halfStep: number): void;
  storeIntegers(to: Address, rowBytes: number): void;
  copySegment(out: Address, record: Address, to: Address): number;
};

/** A truth value as the kernels take and give it: 0 or 1. */
export type Flag = 0 | 1;

type LoadThree = (
  a: Address,
  b: Address,
  c: Address,
  toA: Address,
  toB: Address,
  toC: Address,
  count: number,
  shift: number,
) => void;
type StoreOne = (
  from: Address,
  to: Address,
  count: number,
  shift: number,
  low: number,
  high: number,
) => void;

type KernelMemory = { readonly buffer: ArrayBuffer; grow(pages: number): number };

/** The part of the WebAssembly interface that is used; the language's library does not name it. */
type WebAssemblyFace = {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: unknown } }>;
};

/** What the host gives; a host without it has no such name at all. */
declare const WebAssembly: WebAssemblyFace;

const PAGE_BYTES = 65_536;
/** Memory is asked for in steps, since each growth renews the views. */
const GROWTH_BYTES = 16 * 1024 * 1024;
/** An instance never grows beyond this: a 4K frame needs a quarter of it. */
export const MEMORY_BYTES_MAX = 2 ** 31;

/**
 * One instance of the kernels with its memory, which is handed out from the bottom up and given
 * back all at once. Not shared between threads: each worker has its own.
 */
export class Engine {
  readonly kernels: Kernels;
  bytes: Uint8Array<ArrayBuffer>;
  words: Int32Array<ArrayBuffer>;
  doubles: Float64Array<ArrayBuffer>;
  #top: number;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.#top = kernels.heapStart();
    this.bytes = new Uint8Array(kernels.memory.buffer);
    this.words = new Int32Array(kernels.memory.buffer);
    this.doubles = new Float64Array(kernels.memory.buffer);
  }

  /** First free byte, aligned to 64. */
  get top(): Address {
    return this.#top;
  }

  get memoryBytes(): number {
    return this.bytes.length;
  }

  /** Forgets everything that was reserved. */
  reset(): void {
    this.#top = this.kernels.heapStart();
  }

  /** Takes `size` bytes; their contents are whatever was there. Views may be renewed. */
  reserve(size: number): Address {
    const at = this.#top;
    this.ensure(size);
    this.#top = (at + size + 63) & ~63;
    return at;
  }

  /** Makes sure that `size` bytes behind the top exist, without taking them. */
  ensure(size: number): void {
    const needed = this.#top + size + 64;
    if (needed <= this.bytes.length) return;
    if (needed > MEMORY_BYTES_MAX) throw new MemoryLimitFault(needed);
    const target = Math.min(MEMORY_BYTES_MAX, needed + GROWTH_BYTES);
    this.kernels.memory.grow(Math.ceil((target - this.bytes.length) / PAGE_BYTES));
    const { buffer } = this.kernels.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }

  /** Moves the top to an address within what `ensure` promised; it must be a multiple of 8. */
  moveTop(to: Address): void {
    assert(to >= this.#top && to % 8 === 0 && to <= this.bytes.length, 'the top moves up, aligned');
    this.#top = to;
  }
}

/** A picture that would need more memory than an instance may have. */
export class MemoryLimitFault extends Error {
  override readonly name = 'MemoryLimitFault';
  constructor(neededBytes: number) {
    super(`the picture needs ${neededBytes} bytes of memory`);
  }
}

let kernelBytes: Uint8Array | undefined;

/** A new instance of the kernels; rejects where WebAssembly does not exist. */
export async function createEngine(): Promise<Engine> {
  kernelBytes ??= fromBase64(KERNELS_BASE64);
  assert(typeof WebAssembly !== 'undefined', 'WebAssembly exists where pictures are coded');
  const abort = () => {
    throw new Error('a kernel gave up');
  };
  const { instance } = await WebAssembly.instantiate(kernelBytes, { env: { abort } });
  return new Engine(instance.exports as Kernels);
}
