/** Whatever writes and reads the bits of packet headers. */
export type BitSink = { bit(value: number): void };
/** Where the bits of a packet header come from, one a call. */
export type BitSource = { bit(): number };

const UNKNOWN = 0x7fffffff;
/** Levels of the largest tree: a grid of 2³⁰ leaves a side. */
const LEVELS_MAX = 31;
/** Nodes from a leaf up to the root; used again by every call, as packets have thousands. */
const path = new Int32Array(LEVELS_MAX);

/**
 * A tag tree (ISO/IEC 15444-1 B.10.2): the minima of a grid of numbers, level by level, told only
 * as far as they are asked for. One tree serves the writer and the reader; `reset` starts it anew.
 */
export class TagTree {
  readonly #parents: Int32Array;
  readonly #values: Int32Array;
  readonly #lows: Int32Array;
  readonly #known: Uint8Array;
  readonly leaves: number;

  constructor(width: number, height: number) {
    this.leaves = width * height;
    const levels: { width: number; height: number; first: number }[] = [];
    let count = 0;
    for (let w = width, h = height; w * h > 0; w = (w + 1) >> 1, h = (h + 1) >> 1) {
      levels.push({ width: w, height: h, first: count });
      count += w * h;
      if (w * h === 1) break;
    }
    this.#parents = new Int32Array(count).fill(-1);
    this.#values = new Int32Array(count);
    this.#lows = new Int32Array(count);
    this.#known = new Uint8Array(count);
    levels.forEach((level, index) => {
      const above = levels[index + 1];
      if (above === undefined) return;
      for (let y = 0; y < level.height; y++) {
        for (let x = 0; x < level.width; x++) {
          const parent = above.first + (y >> 1) * above.width + (x >> 1);
          this.#parents[level.first + y * level.width + x] = parent;
        }
      }
    });
    this.reset();
  }

  /** Forgets values and what was told. */
  reset(): void {
    this.#values.fill(UNKNOWN);
    this.#lows.fill(0);
    this.#known.fill(0);
  }

  /** For the writer: the value of a leaf; each ancestor keeps the least. All before `write`. */
  set(leaf: number, value: number): void {
    let node = leaf;
    while (node >= 0 && this.#values[node]! > value) {
      this.#values[node] = value;
      node = this.#parents[node]!;
    }
  }

  /** Tells whether the leaf's value is below `threshold`, in as few bits as are still needed. */
  write(sink: BitSink, leaf: number, threshold: number): void {
    let low = 0;
    for (let i = this.#climb(leaf) - 1; i >= 0; i--) {
      const node = path[i]!;
      if (low > this.#lows[node]!) this.#lows[node] = low;
      else low = this.#lows[node]!;
      while (low < threshold) {
        if (low >= this.#values[node]!) {
          if (this.#known[node] === 0) {
            sink.bit(1);
            this.#known[node] = 1;
          }
          break;
        }
        sink.bit(0);
        low++;
      }
      this.#lows[node] = low;
    }
  }

  /** Reads what `write` told: whether the leaf's value is below `threshold`. */
  read(source: BitSource, leaf: number, threshold: number): boolean {
    let low = 0;
    for (let i = this.#climb(leaf) - 1; i >= 0; i--) {
      const node = path[i]!;
      if (low > this.#lows[node]!) this.#lows[node] = low;
      else low = this.#lows[node]!;
      while (low < threshold && low < this.#values[node]!) {
        if (source.bit() === 1) this.#values[node] = low;
        else low++;
      }
      this.#lows[node] = low;
    }
    return this.#values[leaf]! < threshold;
  }

  /**
   * Reads a leaf's value whole: the bits are those of `read` at one threshold after the other,
   * since no node is asked about before its parent is settled. Values above `most` end the
   * reading and give `most + 1`.
   */
  readValue(source: BitSource, leaf: number, most: number): number {
    let low = 0;
    for (let i = this.#climb(leaf) - 1; i >= 0; i--) {
      const node = path[i]!;
      if (low < this.#lows[node]!) low = this.#lows[node]!;
      while (low < this.#values[node]!) {
        if (low > most) return low;
        if (source.bit() === 1) this.#values[node] = low;
        else low++;
      }
      this.#lows[node] = low;
    }
    return low;
  }

  /** Puts leaf to root into `path`; returns how many nodes that are. */
  #climb(leaf: number): number {
    let count = 0;
    for (let node = leaf; node >= 0; node = this.#parents[node]!) path[count++] = node;
    return count;
  }
}
