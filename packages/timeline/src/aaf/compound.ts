import { accepted, finding, type Outcome, refused } from '@yinglian/core';

/** A storage or stream of a compound file. */
export type CompoundEntry = {
  readonly name: string;
  readonly kind: 'storage' | 'stream';
  /** The class of the object a storage holds, 16 bytes. */
  readonly classId: Uint8Array;
  readonly children: ReadonlyMap<string, CompoundEntry>;
  /** The bytes of a stream; empty for a storage. Undefined where its chain is broken. */
  read(): Uint8Array | undefined;
};

const SIGNATURE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const HEADER_BYTES = 512;
const ENTRY_BYTES = 128;
const END_OF_CHAIN = 0xfffffffe;
const FREE = 0xffffffff;
/** Sector numbers at and above are marks (MS-CFB 2.1). */
const SECTOR_MAX = 0xfffffffa;
/** Places for sectors of the allocation table in the header. */
const HEADER_DIFAT = 109;
/** Storages and streams of one file; a feature of 5,000 cuts has about a million. */
const ENTRIES_MAX = 4_000_000;
const CLAUSE = 'MS-CFB';

type Refusal = { readonly code: string; readonly facts?: Record<string, string | number> };

/** Reads the directory of a compound file (MS-CFB 3 and 4). Streams are read on demand. */
export function readCompound(bytes: Uint8Array): Outcome<CompoundEntry> {
  const made = new Compound(bytes).open();
  if ('code' in made) {
    const facts = made.facts ?? {};
    return refused(finding(made.code, 'error', { facts, clause: CLAUSE }));
  }
  return accepted(made);
}

type RawEntry = {
  readonly name: string;
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly classId: Uint8Array;
  readonly start: number;
  readonly size: number;
};

class Compound {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #sectorBytes = 512;
  #miniBytes = 64;
  #miniCutoff = 4096;
  #fat: Uint32Array = new Uint32Array(0);
  #miniFat: Uint32Array = new Uint32Array(0);
  #miniStream: Uint8Array = new Uint8Array(0);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  open(): CompoundEntry | Refusal {
    const view = this.#view;
    if (this.#bytes.length < HEADER_BYTES) return { code: 'truncated_compound_file' };
    if (SIGNATURE.some((each, i) => this.#bytes[i] !== each))
      return { code: 'missing_compound_mark' };
    const shift = view.getUint16(30, true);
    const miniShift = view.getUint16(32, true);
    if ((shift !== 9 && shift !== 12) || miniShift < 4 || miniShift >= shift) {
      return { code: 'invalid_sector_size', facts: { shift } };
    }
    this.#sectorBytes = 1 << shift;
    this.#miniBytes = 1 << miniShift;
    this.#miniCutoff = view.getUint32(56, true);
    if (!this.#readTable()) return { code: 'broken_sector_chain', facts: { name: 'FAT' } };
    const directory = this.#chain(view.getUint32(48, true));
    const mini = this.#chain(view.getUint32(60, true));
    if (directory === undefined || mini === undefined) {
      return { code: 'broken_sector_chain', facts: { name: 'directory' } };
    }
    this.#miniFat = words(this.#gather(mini, mini.length * this.#sectorBytes));
    return this.#tree(this.#gather(directory, directory.length * this.#sectorBytes));
  }

  /** The sector table, from the list in the header and its continuation. */
  #readTable(): boolean {
    const view = this.#view;
    const sectors: number[] = [];
    const most = Math.ceil(this.#bytes.length / this.#sectorBytes) + 1;
    for (let i = 0; i < HEADER_DIFAT; i++) sectors.push(view.getUint32(76 + 4 * i, true));
    let next = view.getUint32(68, true);
    for (let i = 0; next < SECTOR_MAX; i++) {
      if (i > most) return false;
      const sector = words(this.#sector(next));
      if (sector.length === 0) return false;
      for (const each of sector.subarray(0, -1)) sectors.push(each);
      next = sector.at(-1)!;
    }
    const used = sectors.filter((each) => each < SECTOR_MAX);
    if (used.length > most) return false;
    const table = new Uint32Array((used.length * this.#sectorBytes) / 4).fill(FREE);
    for (const [index, each] of used.entries()) {
      const sector = words(this.#sector(each));
      table.set(sector, (index * this.#sectorBytes) / 4);
    }
    this.#fat = table;
    return true;
  }

  #sector(number: number): Uint8Array {
    // The header takes the place of the sector before the first, also where sectors are larger.
    const start = (number + 1) * this.#sectorBytes;
    return this.#bytes.subarray(start, start + this.#sectorBytes);
  }

  #chain(first: number): number[] | undefined {
    const made: number[] = [];
    for (let at = first; at !== END_OF_CHAIN; at = this.#fat[at]!) {
      if (at === FREE && made.length === 0) return made;
      if (at >= this.#fat.length || made.length > this.#fat.length) return undefined;
      made.push(at);
    }
    return made;
  }

  #gather(chain: readonly number[], size: number): Uint8Array {
    const made = new Uint8Array(Math.min(size, chain.length * this.#sectorBytes));
    let at = 0;
    for (const each of chain) {
      const part = this.#sector(each);
      const length = Math.min(part.length, made.length - at);
      if (length <= 0) break;
      made.set(part.subarray(0, length), at);
      at += this.#sectorBytes;
    }
    return made;
  }

  #tree(directory: Uint8Array): CompoundEntry | Refusal {
    const count = Math.floor(directory.length / ENTRY_BYTES);
    if (count > ENTRIES_MAX)
      return { code: 'excessive_storage_count', facts: { count, limit: ENTRIES_MAX } };
    const raw: RawEntry[] = [];
    const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
    for (let i = 0; i < count; i++) raw.push(rawEntry(directory, view, i * ENTRY_BYTES));
    const root = raw[0];
    if (root?.type !== 5) return { code: 'missing_root_storage' };
    const mini = this.#chain(root.start);
    if (mini === undefined) return { code: 'broken_sector_chain', facts: { name: 'mini stream' } };
    this.#miniStream = this.#gather(mini, root.size);
    const taken = new Uint8Array(count);
    taken[0] = 1;
    const top = this.#entry(root);
    const open: [RawEntry, Map<string, CompoundEntry>][] = [[root, top.map]];
    while (open.length > 0) {
      const [holder, into] = open.pop()!;
      // Siblings are a binary tree; each entry may be met once, or the file would have no end.
      const beside = [holder.child];
      while (beside.length > 0) {
        const at = beside.pop()!;
        const each = raw[at];
        if (each === undefined || taken[at] === 1) continue;
        taken[at] = 1;
        beside.push(each.left, each.right);
        if (each.type !== 1 && each.type !== 2) continue;
        const made = this.#entry(each);
        into.set(each.name, made.entry);
        if (each.type === 1) open.push([each, made.map]);
      }
    }
    return top.entry;
  }

  #entry(raw: RawEntry): { entry: CompoundEntry; map: Map<string, CompoundEntry> } {
    const map = new Map<string, CompoundEntry>();
    const kind = raw.type === 2 ? 'stream' : 'storage';
    const read = () => (kind === 'stream' ? this.#stream(raw) : new Uint8Array(0));
    return { entry: { name: raw.name, kind, classId: raw.classId, children: map, read }, map };
  }

  #stream(raw: RawEntry): Uint8Array | undefined {
    if (raw.size === 0) return new Uint8Array(0);
    if (raw.size > this.#bytes.length) return undefined;
    if (raw.size >= this.#miniCutoff) {
      const chain = this.#chain(raw.start);
      if (chain === undefined || chain.length * this.#sectorBytes < raw.size) return undefined;
      return this.#gather(chain, raw.size);
    }
    const made = new Uint8Array(raw.size);
    let at = raw.start;
    for (let done = 0; done < raw.size; done += this.#miniBytes) {
      if (at >= this.#miniFat.length) return undefined;
      const start = at * this.#miniBytes;
      const length = Math.min(this.#miniBytes, raw.size - done);
      if (start + length > this.#miniStream.length) return undefined;
      made.set(this.#miniStream.subarray(start, start + length), done);
      at = this.#miniFat[at]!;
    }
    return made;
  }
}

function rawEntry(bytes: Uint8Array, view: DataView, at: number): RawEntry {
  const nameBytes = Math.min(64, view.getUint16(at + 64, true));
  let name = '';
  for (let i = 0; i + 2 < nameBytes; i += 2)
    name += String.fromCharCode(view.getUint16(at + i, true));
  return {
    name,
    type: bytes[at + 66]!,
    left: view.getUint32(at + 68, true),
    right: view.getUint32(at + 72, true),
    child: view.getUint32(at + 76, true),
    classId: bytes.subarray(at + 80, at + 96),
    start: view.getUint32(at + 116, true),
    // Version 3 leaves the upper half undefined; no file here is larger than the lower one tells.
    size: view.getUint32(at + 120, true),
  };
}

function words(bytes: Uint8Array): Uint32Array {
  const made = new Uint32Array(Math.floor(bytes.length / 4));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < made.length; i++) made[i] = view.getUint32(4 * i, true);
  return made;
}
