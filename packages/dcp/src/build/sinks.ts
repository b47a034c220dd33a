import type { ByteSink, ByteSource, Cryptography, RandomBytes } from '@yinglian/core';

/** A sink that hashes what passes, as long as nobody goes back to patch it. */
export type HashingSink = ByteSink & {
  readonly sizeBytes: () => number;
  /** The SHA-1 of what was written; undefined once something was patched. */
  readonly digest: () => Uint8Array | undefined;
};

/** Hashing runs while the write is on its way to the disk. */
export function hashingSink(sink: ByteSink, cryptography: Cryptography): HashingSink {
  const hash = cryptography.hash('sha1');
  let sizeBytes = 0;
  let patched = false;
  return {
    write: async (bytes) => {
      const written = sink.write(bytes);
      hash.update(bytes);
      sizeBytes += bytes.length;
      await written;
    },
    patch: async (offset, bytes) => {
      patched = true;
      await sink.patch(offset, bytes);
    },
    close: () => sink.close(),
    abort: () => sink.abort(),
    sizeBytes: () => sizeBytes,
    digest: () => (patched ? undefined : hash.digest()),
  };
}

/** Bytes asked from a source at a time when it is read through. */
export const PIECE_BYTES = 4 * 1024 * 1024;
/** One piece is worked on while the next is read. */
const BUFFERS = 2;

/**
 * Reads a source from end to end, the next piece being read while the last one is worked on.
 * Pieces come in order; each is valid until its handler returns.
 */
export async function streamSource(
  source: ByteSource,
  handle: (piece: Uint8Array, offset: number) => void | Promise<void>,
  pieceBytes: number = PIECE_BYTES,
): Promise<void> {
  const buffers: Uint8Array[] = [];
  let turn = 0;
  const read = async (offset: number): Promise<Uint8Array> => {
    if (source.readInto === undefined) return source.read(offset, pieceBytes);
    const index = turn++ % BUFFERS;
    const buffer = (buffers[index] ??= new Uint8Array(Math.min(pieceBytes, source.sizeBytes)));
    const length = await source.readInto(offset, buffer);
    return buffer.subarray(0, length);
  };
  let offset = 0;
  let next: Promise<Uint8Array> | undefined = source.sizeBytes > 0 ? read(0) : undefined;
  while (next !== undefined) {
    const piece = await next;
    if (piece.length === 0) throw new RangeError('a source is shorter than it said');
    const from = offset;
    offset += piece.length;
    next = offset < source.sizeBytes ? read(offset) : undefined;
    // A refused read must not become an unhandled rejection while a piece is worked on.
    next?.catch(() => undefined);
    const work = handle(piece, from);
    if (work !== undefined) await work;
  }
}

/** SHA-1 of a whole source. */
export async function hashSource(
  source: ByteSource,
  cryptography: Cryptography,
  onBytes?: (done: number) => void,
): Promise<Uint8Array> {
  const hash = cryptography.hash('sha1');
  await streamSource(source, (piece, offset) => {
    hash.update(piece);
    onBytes?.(offset + piece.length);
  });
  return hash.digest();
}

/**
 * Random bytes that depend on a salt alone (SHA-256 over salt and counter), so that each asset has
 * its own stream, whatever was written before it or skipped on resuming.
 */
export function derivedRandom(cryptography: Cryptography, salt: Uint8Array): RandomBytes {
  let counter = 0;
  let block = new Uint8Array(0);
  return (length) => {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (block.length === 0) {
        const hash = cryptography.hash('sha256');
        hash.update(salt);
        hash.update(Uint8Array.of(counter >>> 24, counter >>> 16, counter >>> 8, counter));
        counter++;
        block = hash.digest() as Uint8Array<ArrayBuffer>;
      }
      const part = block.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      block = block.subarray(part.length);
    }
    return bytes;
  };
}
