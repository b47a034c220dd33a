import {
  accepted,
  clipText,
  encodeUtf8,
  type Finding,
  finding,
  type FolderReader,
  type FolderWriter,
  isFolderPath,
  type Outcome,
  readWhole,
  refused,
} from '@yinglian/core';
import { unzipSync, type UnzipFileInfo, zipSync } from 'fflate';
import type { TimelineObject } from '../model.ts';
import { OTIO_BYTES_MAX, readOtio } from './read.ts';
import { writeOtio } from './write.ts';

/** The version that bundles of OpenTimelineIO say. */
const BUNDLE_VERSION = '1.0.0';
const CONTENT = 'content.otio';
const VERSION = 'version.txt';
const MEDIA = 'media/';
/** Files of one bundle. */
const FILES_MAX = 1_000_000;
const CLAUSE = 'OTIO file bundles';

/** A timeline with the media that travel with it. */
export type OtioBundle = {
  readonly content: TimelineObject;
  readonly version: string;
  /** Paths below the bundle, `media/…`. */
  readonly media: readonly { readonly path: string; readonly sizeBytes: number }[];
};

/**
 * Reads an `.otioz`. Only the timeline is unpacked; media are listed. Names that would leave the
 * folder they are unpacked to are refused.
 */
export function readOtioz(bytes: Uint8Array): Outcome<OtioBundle> {
  const findings: Finding[] = [];
  const media: { path: string; sizeBytes: number }[] = [];
  let files = 0;
  let excess: Finding | undefined;
  const keep = ({ name, originalSize }: UnzipFileInfo): boolean => {
    if (++files > FILES_MAX) {
      excess = finding('excessive_file_count', 'error', { facts: { limit: FILES_MAX } });
      return false;
    }
    if (name.endsWith('/')) return false;
    if (!isFolderPath(name)) {
      findings.push(
        finding('escaping_path', 'error', { facts: { path: clipText(name) }, clause: CLAUSE }),
      );
      return false;
    }
    if (name.startsWith(MEDIA)) media.push({ path: name, sizeBytes: originalSize });
    if (name !== CONTENT && name !== VERSION) return false;
    if (originalSize <= OTIO_BYTES_MAX) return true;
    const facts = { bytes: originalSize, limit: OTIO_BYTES_MAX };
    excess = finding('excessive_timeline_size', 'error', { facts });
    return false;
  };
  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(bytes, { filter: keep });
  } catch (error) {
    const reason = clipText((error as Error).message);
    return refused(finding('malformed_archive', 'error', { facts: { reason }, clause: CLAUSE }));
  }
  if (excess !== undefined) return refused(excess);
  if (findings.length > 0) return refused(...findings);
  return opened(unpacked[CONTENT], unpacked[VERSION], media);
}

function opened(
  content: Uint8Array | undefined,
  version: Uint8Array | undefined,
  media: OtioBundle['media'],
): Outcome<OtioBundle> {
  if (content === undefined) {
    return refused(
      finding('missing_bundle_content', 'error', { facts: { path: CONTENT }, clause: CLAUSE }),
    );
  }
  const read = readOtio(content);
  if (!read.ok) return read;
  const findings = [...read.findings];
  const said = version === undefined ? '' : latin(version).trim();
  if (said !== BUNDLE_VERSION) {
    const facts = { version: clipText(said), expected: BUNDLE_VERSION };
    findings.push(finding('unexpected_bundle_version', 'note', { facts, clause: CLAUSE }));
  }
  return accepted({ content: read.value, version: said, media }, findings);
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}

/** Packs a timeline and its media; the media are stored as they are. Paths are below `media/`. */
export function writeOtioz(
  content: TimelineObject,
  media: ReadonlyMap<string, Uint8Array> = new Map(),
): Outcome<Uint8Array> {
  const files: Record<string, [Uint8Array, { level: 0 | 6; mtime: number }]> = {
    [CONTENT]: [writeOtio(content), { level: 6, mtime: ZIP_EPOCH_MS }],
    [VERSION]: [encodeUtf8(`${BUNDLE_VERSION}\n`), { level: 6, mtime: ZIP_EPOCH_MS }],
  };
  for (const [path, bytes] of media) {
    if (!isFolderPath(path)) {
      return refused(
        finding('escaping_path', 'error', { facts: { path: clipText(path) }, clause: CLAUSE }),
      );
    }
    files[`${MEDIA}${path}`] = [bytes, { level: 0, mtime: ZIP_EPOCH_MS }];
  }
  return accepted(zipSync(files));
}

/** 1 January 1985: a fixed time makes equal bundles equal bytes. */
const ZIP_EPOCH_MS = 473_385_600_000;

/** Reads an `.otiod`, a bundle that is a folder. */
export async function readOtiod(folder: FolderReader): Promise<Outcome<OtioBundle>> {
  const source = await folder.open(CONTENT);
  if (source === undefined) {
    return refused(
      finding('missing_bundle_content', 'error', { facts: { path: CONTENT }, clause: CLAUSE }),
    );
  }
  if (source.sizeBytes > OTIO_BYTES_MAX) {
    const facts = { bytes: source.sizeBytes, limit: OTIO_BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const versionSource = await folder.open(VERSION);
  const version =
    versionSource === undefined || versionSource.sizeBytes > 1024
      ? undefined
      : await readWhole(versionSource, 1024);
  const media = (await folder.list()).filter(({ path }) => path.startsWith(MEDIA));
  return opened(await readWhole(source, OTIO_BYTES_MAX), version, media);
}

/** Writes the timeline and version of an `.otiod`; media are copied by who has them. */
export async function writeOtiod(content: TimelineObject, folder: FolderWriter): Promise<void> {
  for (const [path, bytes] of [
    [CONTENT, writeOtio(content)],
    [VERSION, encodeUtf8(`${BUNDLE_VERSION}\n`)],
  ] as const) {
    const sink = await folder.create(path);
    await sink.write(bytes);
    await sink.close();
  }
}
