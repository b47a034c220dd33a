import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import type { MediaInput } from '@yinglian/media';
import { extract } from 'tar-stream';

/** Three hours at 120 frames a second; a longer take is delivered in parts. */
const FRAMES_MAX = 1_300_000;
const PICTURE = /\.(dpx|tiff?|png|exr|jpe?g|j2c|j2k|jp2)$/i;

/** Whether bytes begin as a TAR archive does (POSIX ustar, GNU). */
export function looksLikeTar(head: Uint8Array): boolean {
  return head.length >= 263 && Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar';
}

/**
 * Unpacks the pictures of a TAR into a folder under numbers of our own: no name of the archive
 * ever becomes a path. The order is that of the numbers at the end of their names.
 */
export async function unpackSequence(
  archivePath: string,
  folder: string,
  frameRate: string,
  signal: AbortSignal,
): Promise<Outcome<MediaInput>> {
  await mkdir(folder, { recursive: true });
  try {
    return await unpack(archivePath, folder, frameRate, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    // A full disk is no fault of the archive.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOSPC') throw thrown;
    return refused(finding('truncated_archive', 'error'));
  }
}

async function unpack(
  archivePath: string,
  folder: string,
  frameRate: string,
  signal: AbortSignal,
): Promise<Outcome<MediaInput>> {
  const names: { readonly name: string; readonly number: number; readonly temporary: string }[] =
    [];
  const archive = extract();
  let kind: string | undefined;
  const reading = pipeline(createReadStream(archivePath), archive, { signal });
  // What breaks it breaks the loop below too; nobody else listens until the end.
  reading.catch(() => undefined);
  for await (const entry of archive) {
    const { name, type } = entry.header;
    const match = PICTURE.exec(name);
    // Finder's `._` twins and other hidden files; `./` before a name is only a way to write it.
    const hidden = /(?:^|\/)\.[^/]*$/.test(name);
    if (type !== 'file' || match === null || hidden) {
      entry.resume();
      continue;
    }
    const extension = match[1]!.toLowerCase();
    kind ??= extension;
    if (extension !== kind) {
      archive.destroy();
      await reading.catch(() => undefined);
      return refused(
        finding('mixed_picture_kinds', 'error', { facts: { first: kind, second: extension } }),
      );
    }
    if (names.length >= FRAMES_MAX) {
      archive.destroy();
      await reading.catch(() => undefined);
      return refused(finding('excessive_frame_count', 'error', { facts: { limit: FRAMES_MAX } }));
    }
    const number = Number(/(\d{1,12})\D*$/.exec(name)?.[1] ?? names.length);
    const temporary = `in-${String(names.length).padStart(8, '0')}`;
    await pipeline(entry, createWriteStream(join(folder, temporary)), { signal });
    names.push({ name, number, temporary });
  }
  await reading;
  if (kind === undefined) return refused(finding('missing_pictures', 'error'));
  return accepted(await renumber(folder, names, kind, frameRate));
}

async function renumber(
  folder: string,
  names: readonly { readonly name: string; readonly number: number; readonly temporary: string }[],
  kind: string,
  frameRate: string,
): Promise<MediaInput> {
  const ordered = names.toSorted((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
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
