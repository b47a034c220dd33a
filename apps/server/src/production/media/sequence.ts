import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import type { MediaInput } from '@yinglian/media';
import { extract } from 'tar-stream';
import { layFile } from './lay-file.ts';
import {
  looksLikeZip,
  readZipDirectory,
  withZip,
  type ZipEntry,
  zipEntryBytes,
  ZipFault,
} from './zip.ts';

/** Three hours at 120 frames a second; a longer take is delivered in parts. */
const FRAMES_MAX = 1_300_000;
/** Entries that are no pictures (folders, sidecars) come on top of them. */
const ENTRIES_MAX = 2 * FRAMES_MAX;
const PICTURE = /\.(dpx|tiff?|png|exr|jpe?g|j2c|j2k|jp2)$/i;
/** Room that is left on the disk for everything else while pictures are unpacked. */
const SPARE_BYTES = 512 * 1024 * 1024;

/** Whether bytes begin as a TAR archive does (POSIX ustar, GNU). */
function looksLikeTar(head: Uint8Array): boolean {
  return head.length >= 263 && Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar';
}

export type ArchiveKind = 'tar' | 'zip';

/** Which archive bytes begin with, if any. */
export function archiveKind(head: Uint8Array): ArchiveKind | undefined {
  return looksLikeZip(head) ? 'zip' : looksLikeTar(head) ? 'tar' : undefined;
}

/**
 * Unpacks the pictures of an archive into a folder under numbers of our own: no name of the archive
 * ever becomes a path. The order is that of the numbers at the end of their names.
 */
export async function unpackSequence(
  archive: { readonly path: string; readonly kind: ArchiveKind },
  folder: string,
  frameRate: string,
  signal: AbortSignal,
): Promise<Outcome<MediaInput>> {
  await mkdir(folder, { recursive: true });
  const pictures = new Pictures(folder);
  try {
    if (archive.kind === 'tar') await unpackTar(archive.path, pictures, signal);
    else await unpackZip(archive.path, pictures, signal);
    return accepted(await pictures.sequence(frameRate));
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof SequenceFault) return refused(thrown.finding);
    if (thrown instanceof ZipFault) {
      return refused(finding(thrown.code, 'error', { facts: { reason: thrown.message } }));
    }
    // A full disk is no fault of the archive.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOSPC') throw thrown;
    return refused(finding('truncated_archive', 'error'));
  }
}

/** A frame in the store, with its number in the take. */
export type StoredFrame = { readonly number: number; readonly name: string; readonly path: string };

/**
 * Lays frames out as the media engine takes them. Where a number is missing the frame before it
 * stands again, so that every later frame keeps its place and its timecode.
 */
export async function layOutFrames(
  frames: readonly StoredFrame[],
  folder: string,
  frameRate: string,
  signal: AbortSignal,
): Promise<Outcome<MediaInput>> {
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) {
    return refused(finding('missing_pictures', 'error'));
  }
  const count = last.number - first.number + 1;
  if (count > FRAMES_MAX) {
    return refused(finding('excessive_frame_count', 'error', { facts: { limit: FRAMES_MAX } }));
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const kind = extname(first.name).toLowerCase();
  let shown = 0;
  for (let index = 0; index < count; index++) {
    signal.throwIfAborted();
    if (frames[shown + 1]?.number === first.number + index) shown += 1;
    const target = join(folder, `frame.${String(index).padStart(8, '0')}${kind}`);
    await layFile(frames[shown]!.path, target);
  }
  const pattern = join(folder, `frame.%08d${kind}`);
  return accepted({ kind: 'sequence', pattern, firstNumber: 0, count, frameRate });
}

/** What an archive holds is no sequence of pictures. */
class SequenceFault extends Error {
  override readonly name = 'SequenceFault';
  readonly finding: Finding;
  constructor(cause: Finding) {
    super(cause.code);
    this.finding = cause;
  }
}

type Picture = { readonly name: string; readonly number: number; readonly temporary: string };

/** Pictures as they come out of an archive, one kind of them, in any order. */
class Pictures {
  private readonly folder: string;
  private readonly taken: Picture[] = [];
  private kind: string | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where the next picture goes; undefined for what is no picture. */
  place(name: string): string | undefined {
    const match = PICTURE.exec(name);
    // Finder's `._` twins and other hidden files; `./` before a name is only a way to write it.
    const hidden = /(?:^|\/)(?:\.[^/]*|__MACOSX\/.*)$/.test(name);
    if (match === null || hidden) return undefined;
    const extension = match[1]!.toLowerCase();
    this.kind ??= extension;
    if (extension !== this.kind) {
      const facts = { first: this.kind, second: extension };
      throw new SequenceFault(finding('mixed_picture_kinds', 'error', { facts }));
    }
    if (this.taken.length >= FRAMES_MAX) {
      const facts = { limit: FRAMES_MAX };
      throw new SequenceFault(finding('excessive_frame_count', 'error', { facts }));
    }
    const number = Number(/(\d{1,12})\D*$/.exec(name)?.[1] ?? this.taken.length);
    const temporary = `in-${String(this.taken.length).padStart(8, '0')}`;
    this.taken.push({ name, number, temporary });
    return join(this.folder, temporary);
  }

  /** Refuses more than the disk has room for, before anything of it is written. */
  async requireRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder);
    const room = bavail * bsize - SPARE_BYTES;
    if (bytes <= room) return;
    const facts = { bytes, room: Math.max(0, room) };
    throw new SequenceFault(finding('excessive_archive', 'error', { facts }));
  }

  /** Numbers them through, without gaps. */
  async sequence(frameRate: string): Promise<MediaInput> {
    const { folder, kind } = this;
    if (kind === undefined) throw new SequenceFault(finding('missing_pictures', 'error'));
    const ordered = this.taken.toSorted(
      (a, b) => a.number - b.number || (a.name < b.name ? -1 : 1),
    );
    for (const [index, each] of ordered.entries()) {
      const numbered = `frame.${String(index).padStart(8, '0')}.${kind}`;
      await rename(join(folder, each.temporary), join(folder, numbered));
    }
    return {
      kind: 'sequence',
      pattern: join(folder, `frame.%08d.${kind}`),
      firstNumber: 0,
      count: ordered.length,
      frameRate,
    };
  }
}

async function unpackTar(path: string, pictures: Pictures, signal: AbortSignal): Promise<void> {
  const archive = extract();
  const reading = pipeline(createReadStream(path), archive, { signal });
  // What breaks it breaks the loop below too; nobody else listens until the end.
  reading.catch(() => undefined);
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      const place = type === 'file' ? pictures.place(name) : undefined;
      if (place === undefined) entry.resume();
      else await pipeline(entry, createWriteStream(place), { signal });
    }
  } catch (thrown) {
    archive.destroy();
    await reading.catch(() => undefined);
    throw thrown;
  }
  await reading;
}

async function unpackZip(path: string, pictures: Pictures, signal: AbortSignal): Promise<void> {
  await withZip(path, async (file) => {
    const entries = await readZipDirectory(file, ENTRIES_MAX);
    const placed = entries.flatMap((entry): { entry: ZipEntry; place: string }[] => {
      const place = pictures.place(entry.name);
      return place === undefined ? [] : [{ entry, place }];
    });
    await pictures.requireRoom(placed.reduce((sum, { entry }) => sum + entry.sizeBytes, 0));
    for (const { entry, place } of placed) {
      signal.throwIfAborted();
      const bytes = Readable.from(zipEntryBytes(file, entry, signal));
      await pipeline(bytes, createWriteStream(place), { signal });
    }
  });
}
