import { link, mkdir, open, rm, symlink } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { MediaInput } from '@yinglian/media';
import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import { JOB_FOLDER } from '../../kernel/objects/disk.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { clipsIn, countOf, type FrameRange, missingFrames } from './arrival/clips.ts';
import { readPictureHeader } from './picture-header.ts';
import type { AssetPart, AssetSource, MediaFacts } from './repository.ts';
import { archiveKind, layOutFrames, unpackSequence } from './sequence.ts';

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

/** What an original is to the media engine, and what is known of it besides. */
export type Opened = {
  readonly input: MediaInput;
  /** The frames of a sequence, as they were sent. */
  readonly frames: MediaFacts['frames'];
  readonly findings: readonly Finding[];
};

/** An asset with the files of its take. */
export type WholeSource = AssetSource & { readonly parts: readonly AssetPart[] };

type FramesTake = { readonly files: readonly AssetPart[]; readonly frames: FrameRange };

/** Where neither the sender nor the pictures say a rate, films of cinemas run at this one. */
const USUAL_RATE = '24';

/** The original as the media engine takes it: one file under its own extension, or pictures. */
export async function mediaInput(
  objects: ObjectStore,
  workshop: Workshop,
  source: WholeSource,
  signal: AbortSignal,
): Promise<Outcome<Opened>> {
  for (const { files, frames } of clipsIn(source.parts)) {
    if (frames === undefined) continue;
    return framesInput(objects, workshop, source, { files, frames }, signal);
  }
  const stored = await objects.pathOf(source.original.digest);
  const kind = archiveKind(await headOf(stored));
  if (kind !== undefined) {
    const rate = source.sequenceFrameRate;
    if (rate === null) return refused(finding('missing_sequence_rate', 'error'));
    const folder = workshop.path('pictures');
    const unpacked = await unpackSequence({ path: stored, kind }, folder, rate, signal);
    return unpacked.ok ? accepted(withoutFrames(unpacked.value)) : unpacked;
  }
  const path = await named(stored, workshop, 'original', source.original.name);
  return accepted(withoutFrames({ kind: 'file', path }));
}

const withoutFrames = (input: MediaInput): Opened => ({ input, frames: null, findings: [] });

/** Frames that were sent one by one; rate and timecode are those of the first one's header. */
async function framesInput(
  objects: ObjectStore,
  workshop: Workshop,
  source: AssetSource,
  { files, frames }: FramesTake,
  signal: AbortSignal,
): Promise<Outcome<Opened>> {
  const stored = [];
  for (const [at, { path, digest }] of files.entries()) {
    const number = frames.numbers[at]!;
    stored.push({ number, name: path, path: await objects.pathOf(digest) });
  }
  const head = await named(stored[0]!.path, workshop, 'first', files[0]!.path);
  const header = await readPictureHeader(head);
  const rate = source.sequenceFrameRate ?? header.frameRate;
  const findings = [...missingFrames(frames)];
  if (rate === null) {
    const facts = { name: frames.name, rate: USUAL_RATE };
    findings.push(finding('assumed_sequence_rate', 'warning', { facts }));
  }
  const folder = workshop.path('pictures');
  const laid = await layOutFrames(stored, folder, rate ?? USUAL_RATE, signal);
  if (!laid.ok) return laid;
  const { name, first, last } = frames;
  const startTimecode = header.timecode === null ? {} : { startTimecode: header.timecode };
  const { neutral, daylight } = header;
  const light = {
    ...(neutral === undefined ? {} : { neutral }),
    ...(daylight === undefined ? {} : { daylight }),
  };
  return accepted({
    input: { ...laid.value, ...startTimecode, ...light },
    frames: { name, first, last, missing: countOf(frames.missing) },
    findings,
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
