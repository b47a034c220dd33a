import type { ByteSink, ByteSource } from '@yinglian/core';
import type { HashAlgorithm } from './formats.ts';

/** One child of a folder, as the disk tells it without opening it. */
export type TreeEntry = {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly sizeBytes: number;
  readonly modifiedMs: number;
};

/** What hashing one file gave. */
export type FileDigests = {
  readonly digests: Readonly<Partial<Record<HashAlgorithm, Uint8Array>>>;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
};

/** How a file could not be hashed: gone, not readable, changed while it was read. */
export type HashFailure = {
  readonly failed: 'missing' | 'unreadable' | 'changed';
  readonly reason: string;
};

/** Options of hashing one file. */
export type HashOptions = {
  readonly signal?: AbortSignalLike | undefined;
  /** Bytes read since it was called last. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
};

/** As much of an AbortSignal as is asked of one. */
export type AbortSignalLike = { readonly aborted: boolean };

/**
 * A folder that holds or shall hold a history. Paths are relative with `/`, the folder itself is
 * the empty path; links are told and never followed.
 */
export type MediaTree = {
  /** The name of the folder, which manifests are called after. */
  readonly name: string;
  /** The children of a folder, in any order; undefined when it cannot be read. */
  entries(path: string): Promise<readonly TreeEntry[] | undefined>;
  /** A file for reading; undefined when there is none. */
  open(path: string): Promise<ByteSource | undefined>;
  /** A new file that appears whole on `close`; refuses when there is one of that name. */
  create(path: string): Promise<ByteSink>;
  /** A file that appears whole on `close`, in the place of the one of that name. */
  replace(path: string): Promise<ByteSink>;
  /** Gives a file or folder another name, inside the tree; refuses to overwrite. */
  rename(from: string, to: string): Promise<void>;
  /** One reading of a file through all algorithms. Many may run at once. */
  hash(
    path: string,
    algorithms: readonly HashAlgorithm[],
    options: HashOptions,
  ): Promise<FileDigests | HashFailure>;
  /** How many files are worth hashing at once. */
  readonly parallel: number;
};

/** Hashes of short texts: names and lists of hashes. */
export type Hashing = {
  /** The hash of the parts one after another. */
  digest(algorithm: HashAlgorithm, parts: readonly Uint8Array[]): Uint8Array;
};
