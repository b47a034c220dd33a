import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import {
  archiveBytes,
  type ArchiveMember,
  archivePieces,
  type ArchivePiece,
  FRAME_NAME,
} from '@yinglian/contract';
import { CommandFault, EXIT } from './exit-codes.ts';

/** Bytes that can be sent from any place of them on. */
export type Source = {
  readonly name: string;
  readonly sizeBytes: number;
  /** A folder of frames, sent as one archive. */
  readonly isSequence: boolean;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
};

/** A file, or a folder of frames as one archive that is never written to this disk. */
export async function openSource(path: string): Promise<Source> {
  return (await stat(path)).isDirectory() ? openFolder(path) : openFile(path);
}

async function openFile(path: string): Promise<Source> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  return {
    name: basename(path),
    sizeBytes: size,
    isSequence: /\.(?:zip|tar)$/i.test(path),
    async read(offset, length) {
      const buffer = Buffer.alloc(Math.min(length, size - offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

async function openFolder(folder: string): Promise<Source> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((each) => each.isFile() && FRAME_NAME.test(each.name) && !each.name.startsWith('.'))
    .map((each) => each.name)
    .toSorted();
  if (names.length === 0) {
    throw new CommandFault(`${folder}: no frames (DPX, TIFF, PNG, EXR, JPEG)`, EXIT.misused);
  }
  const members: ArchiveMember[] = [];
  for (const name of names) {
    members.push({ name, sizeBytes: (await stat(join(folder, name))).size });
  }
  const pieces = archivePieces(members);
  const starts = startsOf(pieces, members);
  const sizeBytes = archiveBytes(pieces, members);
  return {
    name: `${basename(resolve(folder))}.tar`,
    sizeBytes,
    isSequence: true,
    async read(offset, length) {
      const wanted = Buffer.alloc(Math.min(length, sizeBytes - offset));
      let filled = 0;
      for (let index = pieceAt(starts, offset); filled < wanted.length; index++) {
        const piece = pieces[index]!;
        const from = Math.max(0, offset + filled - starts[index]!);
        const rest = wanted.subarray(filled);
        if (piece.kind === 'bytes') {
          const bytes = piece.bytes.subarray(from, from + rest.length);
          rest.set(bytes);
          filled += bytes.length;
        } else {
          const member = members[piece.member]!;
          filled += await readInto(join(folder, member.name), from, rest, member);
        }
      }
      return wanted;
    },
    close: () => Promise.resolve(),
  };
}

async function readInto(
  path: string,
  from: number,
  into: Buffer,
  { sizeBytes }: ArchiveMember,
): Promise<number> {
  const length = Math.min(into.length, sizeBytes - from);
  if (length <= 0) return 0;
  const file = await open(path, 'r');
  try {
    const { bytesRead } = await file.read(into, 0, length, from);
    // What was told in the header must come, or all after it would be out of place.
    if (bytesRead < length)
      throw new CommandFault(`${path}: changed while it was sent`, EXIT.misused);
    return length;
  } finally {
    await file.close();
  }
}

function startsOf(pieces: readonly ArchivePiece[], members: readonly ArchiveMember[]): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const piece of pieces) {
    starts.push(at);
    at += piece.kind === 'bytes' ? piece.bytes.length : members[piece.member]!.sizeBytes;
  }
  return starts;
}

/** The piece in which an offset lies, by halving. */
function pieceAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
