import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';

/** A file by its hash, `sha256:` and 64 hexadecimal digits. */
export type Wanted = { readonly digest: string; readonly sizeBytes: number };

const MARKED = 1;

/** The 64 digits of a digest; anything else could be a path and is refused. */
export function hexOf(digest: string): string {
  const match = /^sha256:([0-9a-f]{64})$/.exec(digest);
  if (match === null) throw new Error(`not a digest: ${digest.slice(0, 80)}`);
  return match[1]!;
}

/**
 * What an agent holds: whole files under their hash, and parts of files with a map of the pieces
 * that arrived and were verified. A part survives any kill; only the piece under way is lost.
 */
export type SiteStore = {
  readonly folder: string;
  pathOf(digest: string): string;
  has(wanted: Wanted): Promise<boolean>;
  /** Bytes of a file that are here, whole or in part. */
  heldBytes(wanted: Wanted, pieceBytes: number): Promise<number>;
  openPart(wanted: Wanted, pieceBytes: number): Promise<PartFile>;
  /** Removes what is not of these digests. Gives the bytes freed. */
  keepOnly(digests: ReadonlySet<string>): Promise<number>;
};

/** A file under way. */
export type PartFile = {
  readonly pieces: number;
  isMarked(piece: number): boolean;
  write(bytes: Uint8Array, offset: number): Promise<void>;
  mark(piece: number): Promise<void>;
  /** Forgets all pieces: the whole did not have the hash that it should. */
  clear(): Promise<void>;
  /** Reads the whole back; where its hash is right it becomes a held file. */
  finish(): Promise<boolean>;
  close(): Promise<void>;
};

export async function openStore(folder: string): Promise<SiteStore> {
  const objects = join(folder, 'objects');
  const parts = join(folder, 'parts');
  await mkdir(objects, { recursive: true });
  await mkdir(parts, { recursive: true });
  const pathOf = (digest: string): string => {
    const hex = hexOf(digest);
    return join(objects, hex.slice(0, 2), hex.slice(2));
  };
  const mapOf = (digest: string): string => join(parts, `${hexOf(digest)}.map`);
  const partOf = (digest: string): string => join(parts, `${hexOf(digest)}.part`);
  const sizeOf = async (path: string): Promise<number | undefined> =>
    (await stat(path).catch(() => undefined))?.size;

  return {
    folder,
    pathOf,
    has: async ({ digest, sizeBytes }) => (await sizeOf(pathOf(digest))) === sizeBytes,
    async heldBytes({ digest, sizeBytes }, pieceBytes) {
      if ((await sizeOf(pathOf(digest))) === sizeBytes) return sizeBytes;
      const map = await readFile(mapOf(digest)).catch(() => Buffer.alloc(0));
      const marked = map.reduce((sum, each) => sum + (each === MARKED ? 1 : 0), 0);
      return Math.min(sizeBytes, marked * pieceBytes);
    },
    openPart: (wanted, pieceBytes) =>
      openPart(wanted, pieceBytes, {
        part: partOf(wanted.digest),
        map: mapOf(wanted.digest),
        whole: pathOf(wanted.digest),
      }),
    async keepOnly(digests) {
      const kept = new Set([...digests].map(hexOf));
      let freed = 0;
      const drop = async (path: string) => {
        freed += (await sizeOf(path)) ?? 0;
        await rm(path, { force: true });
      };
      for (const prefix of await readdir(objects)) {
        for (const rest of await readdir(join(objects, prefix))) {
          if (!kept.has(prefix + rest)) await drop(join(objects, prefix, rest));
        }
      }
      for (const name of await readdir(parts)) {
        if (!kept.has(name.replace(/\.(?:part|map)$/, ''))) await drop(join(parts, name));
      }
      return freed;
    },
  };
}

async function openPart(
  { digest, sizeBytes }: Wanted,
  pieceBytes: number,
  paths: { readonly part: string; readonly map: string; readonly whole: string },
): Promise<PartFile> {
  const pieces = Math.ceil(sizeBytes / pieceBytes);
  const data = await openOrMake(paths.part);
  const map = await openOrMake(paths.map);
  const marks = Buffer.alloc(pieces);
  await map.read(marks, 0, pieces, 0);
  // A part that is shorter than its map was cut by a failing disk: its map means nothing.
  const last = marks.lastIndexOf(MARKED);
  const reaches = last < 0 ? 0 : Math.min(sizeBytes, (last + 1) * pieceBytes);
  if ((await data.stat()).size < reaches) marks.fill(0);
  return {
    pieces,
    isMarked: (piece) => marks[piece] === MARKED,
    async write(bytes, offset) {
      let at = 0;
      while (at < bytes.length) {
        at += (await data.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
      }
    },
    async mark(piece) {
      marks[piece] = MARKED;
      await map.write(marks, piece, 1, piece);
    },
    async clear() {
      marks.fill(0);
      await map.truncate(0);
    },
    async finish() {
      // What the disk gives back is what a server will play; a hash of what was sent proves less.
      await data.truncate(sizeBytes);
      await data.sync();
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(paths.part)) hash.update(chunk as Uint8Array);
      if (`sha256:${hash.digest('hex')}` !== digest) return false;
      await mkdir(join(paths.whole, '..'), { recursive: true });
      await rename(paths.part, paths.whole);
      await rm(paths.map, { force: true });
      return true;
    },
    async close() {
      await data.close();
      await map.close();
    },
  };
}

async function openOrMake(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
    return open(path, 'w+');
  }
}
