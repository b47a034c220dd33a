import type { ByteSource } from '@yinglian/core';
import { assert } from '@yinglian/core';

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = string;
export type StoredObject = { readonly digest: Digest; readonly sizeBytes: number };
/** Both ends included, as in HTTP. */
export type ByteRange = { readonly first: number; readonly last: number };

/**
 * Bytes under their own hash. What `put` has answered is on the disk (or in the bucket) and whole;
 * the same bytes twice are stored once; nothing is ever changed.
 */
export type ObjectStore = {
  put(bytes: AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Many small ones at once, in their order: durable together, which costs far less than alone. */
  putAll(pieces: readonly Uint8Array[]): Promise<StoredObject[]>;
  /** Takes a finished file. With `move` it disappears from its old place (no copy on one disk). */
  putFile(
    path: string,
    options?: { readonly move?: boolean; readonly digest?: Digest },
  ): Promise<StoredObject>;
  /** Size in bytes; undefined when there is no such object. */
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** Random access. Close it after use. Throws {@link MissingObject}. */
  open(digest: Digest): Promise<ByteSource & { close(): Promise<void> }>;
  stream(digest: Digest, range?: ByteRange): Promise<ReadableStream<Uint8Array>>;
  /** A local file with these bytes, read-only, for programs that want a path. */
  pathOf(digest: Digest): Promise<string>;
  /** Where the bytes lie on this machine's disk; undefined where they would be fetched first. */
  localPath(digest: Digest): string | undefined;
  list(): AsyncIterable<StoredObject>;
  /** A folder on the store's own disk for files that will be put with `move`. */
  readonly workFolder: string;
};

export class MissingObject extends Error {
  override readonly name = 'MissingObject';
  readonly digest: Digest;
  constructor(digest: Digest) {
    super(`no object ${digest}`);
    this.digest = digest;
  }
}

/** The 64 digits; refuses anything that could be a path. */
export function hexOf(digest: Digest): string {
  const match = /^sha256:([0-9a-f]{64})$/.exec(digest);
  assert(match !== null, 'a digest is sha256: and 64 hexadecimal digits');
  return match[1]!;
}
