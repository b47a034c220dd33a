import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

/**
 * Reads ZIP archives by their central directory (PKWARE APPNOTE 6.3.10), with ZIP64, from a file of
 * any size. Names are only told, never followed; what a file says of itself is not believed.
 */
export type ZipEntry = {
  readonly name: string;
  readonly compression: 'stored' | 'deflated';
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly crc: number;
  readonly localOffset: number;
};

/** The archive is broken, or of a kind that is not read; `code` is the finding's. */
export class ZipFault extends Error {
  override readonly name = 'ZipFault';
  readonly code: 'truncated_archive' | 'unsupported_archive' | 'excessive_archive';
  constructor(code: ZipFault['code'], reason: string) {
    super(reason);
    this.code = code;
  }
}

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const LOCATOR64_SIGNATURE = 0x07064b50;
const END_BYTES = 22;
const LOCATOR64_BYTES = 20;
const END64_BYTES = 56;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** APPNOTE 4.4.12: the comment at the end has at most 65,535 bytes. */
const COMMENT_BYTES_MAX = 0xffff;
const IN_ZIP64_32 = 0xffff_ffff;
const IN_ZIP64_16 = 0xffff;
const ZIP64_EXTRA = 0x0001;
const FLAG_ENCRYPTED = 0x0001;
/** A directory of 1.3 million long names; more is no sequence of pictures. */
const DIRECTORY_BYTES_MAX = 512 * 1024 * 1024;

/** Whether bytes begin as a ZIP archive does; an empty one has no entries. */
export function looksLikeZip(head: Uint8Array): boolean {
  const [a, b, c, d] = head;
  return a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6));
}

/** The entries in the order of the directory. */
export async function readZipDirectory(
  file: FileHandle,
  entriesMax: number,
): Promise<readonly ZipEntry[]> {
  const { size } = await file.stat();
  const { offset, bytes, entries } = await findDirectory(file, size);
  if (entries > entriesMax || bytes > DIRECTORY_BYTES_MAX) {
    throw new ZipFault('excessive_archive', `${entries} entries`);
  }
  if (offset + bytes > size) throw new ZipFault('truncated_archive', 'directory');
  const directory = await readExactly(file, offset, bytes);
  const found: ZipEntry[] = [];
  let at = 0;
  while (found.length < entries) {
    if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
      throw new ZipFault('truncated_archive', `entry ${found.length}`);
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const next = at + CENTRAL_BYTES + nameBytes + extraBytes + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw new ZipFault('truncated_archive', 'directory');
    found.push(entryOf(directory, at, nameBytes, extraBytes));
    at = next;
  }
  return found;
}

function entryOf(directory: Buffer, at: number, nameBytes: number, extraBytes: number): ZipEntry {
  const flags = directory.readUInt16LE(at + 8);
  const method = directory.readUInt16LE(at + 10);
  const nameAt = at + CENTRAL_BYTES;
  const name = directory.toString('utf8', nameAt, nameAt + nameBytes);
  const extra = directory.subarray(nameAt + nameBytes, nameAt + nameBytes + extraBytes);
  const wide = zip64Of(extra, [
    directory.readUInt32LE(at + 24),
    directory.readUInt32LE(at + 20),
    directory.readUInt32LE(at + 42),
  ]);
  const isFolder = name.endsWith('/');
  if (!isFolder && (flags & FLAG_ENCRYPTED) !== 0) {
    throw new ZipFault('unsupported_archive', 'encryption');
  }
  if (!isFolder && method !== 0 && method !== 8) {
    throw new ZipFault('unsupported_archive', `compression method ${method}`);
  }
  return {
    name,
    compression: method === 8 ? 'deflated' : 'stored',
    sizeBytes: wide[0],
    compressedBytes: wide[1],
    localOffset: wide[2],
    crc: directory.readUInt32LE(at + 16),
  };
}

/** APPNOTE 4.5.3: those of the three that are all ones stand in the extra field, in this order. */
function zip64Of(extra: Buffer, narrow: readonly [number, number, number]) {
  const values: [number, number, number] = [...narrow];
  for (let at = 0; at + 4 <= extra.length;) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === ZIP64_EXTRA) {
      let field = at + 4;
      for (let index = 0; index < values.length; index++) {
        if (values[index] !== IN_ZIP64_32) continue;
        if (field + 8 > Math.min(at + 4 + bytes, extra.length)) break;
        values[index] = Number(extra.readBigUInt64LE(field));
        field += 8;
      }
    }
    at += 4 + bytes;
  }
  if (!values.every(Number.isSafeInteger)) throw new ZipFault('truncated_archive', 'sizes');
  return values;
}

async function findDirectory(file: FileHandle, size: number) {
  const length = Math.min(size, END_BYTES + COMMENT_BYTES_MAX);
  const tail = await readExactly(file, size - length, length);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const entries = tail.readUInt16LE(at + 10);
    const bytes = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    const isWide = entries === IN_ZIP64_16 || bytes === IN_ZIP64_32 || offset === IN_ZIP64_32;
    const wide = isWide ? await findDirectory64(file, size - length + at) : undefined;
    return wide ?? { entries, bytes, offset };
  }
  throw new ZipFault('truncated_archive', 'no end of directory');
}

async function findDirectory64(file: FileHandle, endAt: number) {
  if (endAt < LOCATOR64_BYTES) return undefined;
  const locator = await readExactly(file, endAt - LOCATOR64_BYTES, LOCATOR64_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR64_SIGNATURE) return undefined;
  const at = Number(locator.readBigUInt64LE(8));
  if (at + END64_BYTES > endAt) throw new ZipFault('truncated_archive', 'ZIP64 end');
  const end = await readExactly(file, at, END64_BYTES);
  if (end.readUInt32LE(0) !== END64_SIGNATURE) {
    throw new ZipFault('truncated_archive', 'ZIP64 end');
  }
  const [entries, bytes, offset] = [32, 40, 48].map((from) => Number(end.readBigUInt64LE(from)));
  return { entries: entries!, bytes: bytes!, offset: offset! };
}

/** The bytes of an entry, unpacked; never more than it announced. */
export async function* zipEntryBytes(
  file: FileHandle,
  entry: ZipEntry,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const local = await readExactly(file, entry.localOffset, LOCAL_BYTES);
  if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw new ZipFault('truncated_archive', 'local header');
  }
  const start = entry.localOffset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = pieces(file, start, entry.compressedBytes);
  const source = entry.compression === 'stored' ? packed : inflated(packed, signal);
  let given = 0;
  let crc = 0;
  for await (const piece of source) {
    signal.throwIfAborted();
    given += piece.length;
    if (given > entry.sizeBytes) throw new ZipFault('excessive_archive', 'more than announced');
    crc = crc32(piece, crc);
    yield piece;
  }
  if (given !== entry.sizeBytes || crc !== entry.crc) {
    throw new ZipFault('truncated_archive', 'not what was announced');
  }
}

const PIECE_BYTES = 1 << 20;

async function* pieces(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    yield await readExactly(file, start + at, Math.min(PIECE_BYTES, length - at));
  }
}

async function* inflated(
  packed: AsyncIterable<Buffer>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw();
  const feeding = (async () => {
    for await (const piece of packed) {
      if (signal.aborted || inflate.destroyed) return;
      if (!inflate.write(piece)) await drained(inflate);
    }
    inflate.end();
  })();
  feeding.catch((fault: unknown) => inflate.destroy(fault as Error));
  try {
    for await (const piece of inflate) yield piece as Buffer;
    await feeding;
  } finally {
    inflate.destroy();
  }
}

/** Resolves when more may be written, or when nothing ever can. */
function drained(stream: Readable & NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
  });
}

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, offset + read);
    if (bytesRead === 0) throw new ZipFault('truncated_archive', `byte ${offset + read}`);
    read += bytesRead;
  }
  return buffer;
}

/** Opens an archive, and closes it whatever happens. */
export async function withZip<Value>(
  path: string,
  use: (file: FileHandle) => Promise<Value>,
): Promise<Value> {
  const file = await open(path, 'r');
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
