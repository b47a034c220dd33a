import { link, mkdir, open, rm, symlink } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { MediaInput } from '@yinglian/media';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import { JOB_FOLDER } from '../../kernel/objects/disk.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { archiveKind, unpackSequence } from './sequence.ts';
import type { AssetSource } from './repository.ts';

/** A folder of one job, on the store's own disk; what is made there is moved into the store. */
export type Workshop = {
  readonly folder: string;
  path(name: string): string;
  clear(): Promise<void>;
};

export async function openWorkshop(objects: ObjectStore, jobId: string): Promise<Workshop> {
  const folder = join(objects.workFolder, `${JOB_FOLDER}${jobId}`);
  await mkdir(folder, { recursive: true });
  return {
    folder,
    path: (name) => join(folder, name),
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Extensions that FFmpeg's demuxers may need to see; anything else is found by content. */
const SAFE_EXTENSION = /^\.[a-z0-9]{1,8}$/i;

/** The original as the media engine takes it: one file under its own extension, or pictures. */
export async function mediaInput(
  objects: ObjectStore,
  workshop: Workshop,
  source: AssetSource,
  signal: AbortSignal,
): Promise<Outcome<MediaInput>> {
  const stored = await objects.pathOf(source.original.digest);
  const kind = archiveKind(await headOf(stored));
  if (kind !== undefined) {
    const rate = source.sequenceFrameRate;
    if (rate === null) return refused(finding('missing_sequence_rate', 'error'));
    return unpackSequence({ path: stored, kind }, workshop.path('pictures'), rate, signal);
  }
  return accepted({
    kind: 'file',
    path: await named(stored, workshop, 'original', source.original.name),
  });
}

export async function soundPath(
  objects: ObjectStore,
  workshop: Workshop,
  source: AssetSource,
): Promise<string | undefined> {
  if (source.sound === null) return undefined;
  return named(await objects.pathOf(source.sound.digest), workshop, 'sound', source.sound.name);
}

/** The stored file under a name with its extension; the store's own names have none. */
async function named(stored: string, workshop: Workshop, stem: string, original: string) {
  const extension = extname(original);
  const path = workshop.path(`${stem}${SAFE_EXTENSION.test(extension) ? extension : ''}`);
  await rm(path, { force: true });
  await link(stored, path).catch(() => symlink(stored, path));
  return path;
}

const HEAD_BYTES = 512;

async function headOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
