import type { AnyHashFormat } from './formats.ts';
import type { FileRecord, HashAction } from './model.ts';
import { composedPath } from './paths.ts';

/** The hash that a format of a file is held against: the first that did not fail. */
export type KnownHash = {
  readonly format: AnyHashFormat;
  readonly value: string;
  readonly generation: number;
  readonly action: HashAction;
  readonly hashDate?: string;
};

/** A file as the generations before know it. */
export type KnownFile = {
  readonly path: string;
  readonly previousPath?: string;
  readonly sizeBytes?: number;
  readonly modificationDate?: string;
  readonly creationDate?: string;
  readonly hashes: readonly KnownHash[];
  /** The last generation that names it. */
  readonly generation: number;
  /** Generations in which it did not have the hash it should have. */
  readonly failedIn: readonly number[];
};

/** Why a record does not fit what is known. */
export type KnownConflict = 'duplicated_path' | 'contradicting_hash';

type Entry = { file: KnownFile; seen: boolean };

const NEVER: readonly number[] = Object.freeze([]);

/**
 * Everything that the generations of one history say of its files, by path: later records verify,
 * rename and add to earlier ones. Made for millions of files: one small object each.
 */
export class KnownFiles {
  readonly #byPath = new Map<string, Entry>();
  /** Old paths of renamed files and where they are now. */
  readonly #renamed = new Map<string, string>();
  #composed: Map<string, string | undefined> | undefined;

  get size(): number {
    return this.#byPath.size;
  }

  /** Adds what one record of a generation says; answers with what does not fit. */
  add(record: FileRecord, generation: number): KnownConflict | undefined {
    const moved = record.previousPath;
    const before = this.#takeBefore(record.path, moved);
    if (before?.generation === generation) return 'duplicated_path';
    const hashes: KnownHash[] = before === undefined ? [] : [...before.hashes];
    let failed = false;
    let conflict: KnownConflict | undefined;
    for (const { format, value, action = 'original', hashDate } of record.hashes) {
      const held = hashes.find((each) => each.format === format);
      if (action === 'failed') {
        failed = true;
      } else if (held === undefined) {
        const dated = hashDate === undefined ? {} : { hashDate };
        hashes.push({ format, value, generation, action, ...dated });
      } else if (held.value !== value) {
        conflict = 'contradicting_hash';
      }
    }
    const { sizeBytes, modificationDate, creationDate } = before ?? record;
    const previousPath = moved ?? before?.previousPath;
    this.#put({
      path: record.path,
      ...(previousPath === undefined ? {} : { previousPath }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...(modificationDate === undefined ? {} : { modificationDate }),
      ...(creationDate === undefined ? {} : { creationDate }),
      hashes,
      generation,
      failedIn: failed ? [...(before?.failedIn ?? []), generation] : (before?.failedIn ?? NEVER),
    });
    return conflict;
  }

  #takeBefore(path: string, moved: string | undefined): KnownFile | undefined {
    if (moved === undefined || moved === path) return this.#byPath.get(path)?.file;
    const before = this.#byPath.get(moved)?.file;
    this.#byPath.delete(moved);
    this.#renamed.set(moved, path);
    return before;
  }

  #put(file: KnownFile): void {
    this.#byPath.set(file.path, { file, seen: false });
    this.#renamed.delete(file.path);
    this.#composed = undefined;
  }

  /** The file of a path; names that differ only in Unicode composition are one name. */
  find(path: string): KnownFile | undefined {
    return this.#entry(path)?.file;
  }

  /** Notes that the file is there. */
  see(path: string): boolean {
    const entry = this.#entry(path);
    if (entry !== undefined) entry.seen = true;
    return entry !== undefined;
  }

  /** Whether the files know that what had this path has another one now. */
  wasRenamed(path: string): boolean {
    return this.#renamed.has(path);
  }

  /** Every file, in the order in which the generations named them first. */
  *all(): Generator<KnownFile> {
    for (const { file } of this.#byPath.values()) yield file;
  }

  /** Begins a new look: nothing has been seen. */
  unsee(): void {
    for (const entry of this.#byPath.values()) entry.seen = false;
  }

  /** Files that nobody has seen. */
  *unseen(): Generator<KnownFile> {
    for (const { file, seen } of this.#byPath.values()) if (!seen) yield file;
  }

  #entry(path: string): Entry | undefined {
    const exact = this.#byPath.get(path);
    if (exact !== undefined || !/[^\x00-\x7f]/.test(path)) return exact;
    const spelled = this.#composedNames().get(composedPath(path));
    return spelled === undefined ? undefined : this.#byPath.get(spelled);
  }

  /** Composed names; those that two spellings share stand for neither. */
  #composedNames(): ReadonlyMap<string, string | undefined> {
    if (this.#composed !== undefined) return this.#composed;
    const names = new Map<string, string | undefined>();
    for (const path of this.#byPath.keys()) {
      if (!/[^\x00-\x7f]/.test(path)) continue;
      const composed = composedPath(path);
      names.set(composed, names.has(composed) ? undefined : path);
    }
    this.#composed = names;
    return names;
  }
}
