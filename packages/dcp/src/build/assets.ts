import {
  assert,
  type ByteSink,
  type Finding,
  finding,
  type FolderReader,
  type FolderWriter,
  formatInstant,
  type Outcome,
  parseInstant,
  toBase64,
  type Uuid,
  uuidFromRandom,
} from '@yinglian/core';
import type { ReelAsset, ReelAssetKind } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import { CODING_ATMOS } from '../mxf/labels.ts';
import type { Rational } from '../mxf/property-types.ts';
import { openTrackFile } from '../mxf/reader.ts';
import type { TrackFileInfo } from '../mxf/track-file.ts';
import {
  samplesPerFrame,
  writeAuxiliaryDataTrackFile,
  writePictureTrackFile,
  writeSoundTrackFile,
  writeTimedTextTrackFile,
} from '../mxf/writer.ts';
import type { TrackFileOptions } from '../mxf/track-file-writer.ts';
import { PCM_SAMPLE_BYTES } from '../mxf/descriptors.ts';
import type { WorkOptions } from '../ports.ts';
import type { BuildPorts, EssenceSource, PackagePlan } from './plan.ts';
import { derivedRandom, hashingSink, hashSource } from './sinks.ts';

/** A file of the package as it lies in the folder. */
export type BuiltFile = {
  readonly id: Uuid;
  readonly path: string;
  readonly sizeBytes: number;
  /** Base64 of the SHA-1. */
  readonly hash: string;
  /** As the PKL names it. */
  readonly type: string;
  /** Whether it was already there from an earlier run. */
  readonly resumed: boolean;
};

/** One key of the package. Whoever takes it decides where it is kept; it is in no finding. */
export type ContentKey = {
  readonly keyId: Uuid;
  readonly key: Uint8Array;
  readonly assetId: Uuid;
  /** ST 430-1 key types: picture, sound, subtitle, auxiliary data. */
  readonly type: 'MDIK' | 'MDAK' | 'MDSK' | 'MDEK';
};

/** A track of a reel after building: its file, its key, and the entry of the reel. */
export type BuiltTrack = {
  readonly asset: ReelAsset;
  readonly file: BuiltFile;
  /** Fonts and pictures of an Interop subtitle. */
  readonly others: readonly BuiltFile[];
  readonly key: ContentKey | undefined;
  readonly info: TrackFileInfo | undefined;
};

/** What every step of one build needs. */
export type Workshop = {
  readonly plan: PackagePlan;
  readonly standard: Standard;
  readonly folder: FolderReader & FolderWriter;
  readonly ports: BuildPorts;
  readonly options: WorkOptions & { readonly resume?: boolean };
};

/** Everything about a track that comes from chance, drawn before anything is written. */
export type TrackDraw = {
  readonly assetId: Uuid;
  readonly keyId: Uuid;
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
};

const SALT_BYTES = 32;

/** Draws ids, key and salt of one track, always in the same order. */
export function drawTrack(ports: BuildPorts): TrackDraw {
  return {
    assetId: uuidFromRandom(ports.random(16)),
    keyId: uuidFromRandom(ports.random(16)),
    key: ports.random(16),
    salt: ports.random(SALT_BYTES),
  };
}

const KEY_TYPE: Record<EssenceSource['kind'], ContentKey['type']> = {
  codestreams: 'MDIK',
  pcm: 'MDAK',
  timed_text: 'MDSK',
  data: 'MDEK',
};
const FILE_PREFIX: Record<EssenceSource['kind'], string> = {
  codestreams: 'picture',
  pcm: 'sound',
  timed_text: 'text',
  data: 'data',
};
const INTEROP_TYPE: Record<EssenceSource['kind'], string> = {
  codestreams: 'application/x-smpte-mxf;asdcpKind=Picture',
  pcm: 'application/x-smpte-mxf;asdcpKind=Sound',
  timed_text: 'text/xml;asdcpKind=Subtitle',
  data: 'application/x-smpte-mxf',
};

/** Writes one track (or finds it written by an earlier run) and says how a reel refers to it. */
export async function buildTrack(
  shop: Workshop,
  kind: ReelAssetKind,
  source: EssenceSource,
  draw: TrackDraw,
  language?: string,
): Promise<Outcome<BuiltTrack>> {
  if (shop.standard === 'interop' && source.kind === 'timed_text') {
    return buildInteropText(shop, kind, source, language);
  }
  const path = `${FILE_PREFIX[source.kind]}_${draw.assetId}.mxf`;
  const kept =
    shop.options.resume === true ? await findWritten(shop, path, draw.assetId) : undefined;
  const written = kept ?? (await writeTrack(shop, source, draw, path, language));
  if (!written.ok) return written;
  const info = await describe(shop, path);
  if (!info.ok) return info;
  const encrypted = shop.plan.encrypted === true;
  const file: BuiltFile = {
    ...written.value,
    id: draw.assetId,
    path,
    type: shop.standard === 'smpte' ? 'application/mxf' : INTEROP_TYPE[source.kind],
  };
  return {
    ok: true,
    findings: written.findings,
    value: {
      file,
      others: [],
      info: info.value,
      key: encrypted
        ? { keyId: draw.keyId, key: draw.key, assetId: draw.assetId, type: KEY_TYPE[source.kind] }
        : undefined,
      asset: reelAsset(kind, file, info.value, shop, {
        ...(encrypted ? { keyId: draw.keyId } : {}),
        ...(language === undefined ? {} : { language }),
        ...(source.kind === 'data' ? { dataType: labelUrn(source.coding ?? CODING_ATMOS) } : {}),
      }),
    },
  };
}

/** `urn:smpte:ul:060e2b34.04010105.0e090604.00000000` */
export function labelUrn(label: string): string {
  return `urn:smpte:ul:${label.replace(/(.{8})(?=.)/g, '$1.')}`;
}

type Written = Pick<BuiltFile, 'sizeBytes' | 'hash' | 'resumed'>;

/** A whole file with the right id from an earlier run is taken as it is and only hashed. */
async function findWritten(
  shop: Workshop,
  path: string,
  assetId: Uuid,
): Promise<Outcome<Written> | undefined> {
  const source = await shop.folder.open(path);
  if (source === undefined) return undefined;
  try {
    const opened = await openTrackFile(source);
    const whole =
      opened.ok && opened.findings.length === 0 && opened.value.info.assetId === assetId;
    if (!whole) return undefined;
    return { ok: true, findings: [], value: await hashed(shop, path, source, true) };
  } finally {
    await source.close?.();
  }
}

async function hashed(
  shop: Workshop,
  path: string,
  source: { sizeBytes: number } & Parameters<typeof hashSource>[0],
  resumed: boolean,
): Promise<Written> {
  const digest = await hashSource(source, shop.ports.cryptography, (done) => {
    shop.options.signal?.throwIfAborted();
    shop.options.onProgress?.({
      stage: 'hash',
      file: path,
      done,
      total: source.sizeBytes,
      unit: 'bytes',
    });
  });
  return { sizeBytes: source.sizeBytes, hash: toBase64(digest), resumed };
}

async function writeTrack(
  shop: Workshop,
  source: EssenceSource,
  draw: TrackDraw,
  path: string,
  language?: string,
): Promise<Outcome<Written>> {
  const sink = hashingSink(await shop.folder.create(path), shop.ports.cryptography);
  const total = frameTotal(source, shop.plan.editRate);
  try {
    const summary = await writeEssence(shop, source, draw, sink, {
      language,
      onFrame: (done) => {
        shop.options.onProgress?.({ stage: 'write', file: path, done, total, unit: 'frames' });
      },
    });
    if (!summary.ok) {
      await sink.abort();
      return {
        ok: false,
        findings: summary.findings.map((each) => ({ ...each, at: { file: path, ...each.at } })),
      };
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const digest = sink.digest();
  if (digest !== undefined) {
    return {
      ok: true,
      findings: [],
      value: { sizeBytes: sink.sizeBytes(), hash: toBase64(digest), resumed: false },
    };
  }
  const reading = await shop.folder.open(path);
  assert(reading !== undefined, 'a closed sink is a file that can be read');
  try {
    return { ok: true, findings: [], value: await hashed(shop, path, reading, false) };
  } finally {
    await reading.close?.();
  }
}

function frameTotal(source: EssenceSource, editRate: Rational): number | undefined {
  if (source.kind === 'codestreams') {
    return source.frameBytes && source.frameBytes.length / (source.stereoscopic === true ? 2 : 1);
  }
  if (source.kind === 'pcm' && source.sampleCount !== undefined) {
    const perFrame = samplesPerFrame(source.samplingRateHz, editRate);
    return perFrame === undefined ? undefined : Math.ceil(source.sampleCount / perFrame);
  }
  return undefined;
}

/** What all kinds of essence are written with: identity, rate, encryption, watching. */
function commonOptions(
  { plan, standard, options }: Workshop,
  draw: TrackDraw,
  onFrame: (frames: number) => void,
): TrackFileOptions {
  const instant = parseInstant(plan.issueDate);
  assert(instant.ok, 'a plan has a date with an offset');
  return {
    identity: {
      assetId: draw.assetId,
      labels: standard,
      created: formatInstant(Math.floor(instant.value / 1000) * 1000),
      company: plan.issuer,
      product: plan.creator,
      version: BUILDER_VERSION,
    },
    editRate: plan.editRate,
    onFrame,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(plan.encrypted === true ? { encryption: { key: draw.key, keyId: draw.keyId } } : {}),
  };
}

async function writeEssence(
  shop: Workshop,
  source: EssenceSource,
  draw: TrackDraw,
  sink: ByteSink,
  extra: { language: string | undefined; onFrame: (frames: number) => void },
): Promise<Outcome<unknown>> {
  const { cryptography } = shop.ports;
  const ports = { cryptography, random: derivedRandom(cryptography, draw.salt) };
  const common = commonOptions(shop, draw, extra.onFrame);
  switch (source.kind) {
    case 'codestreams':
      return writePictureTrackFile(sink, ports, {
        ...common,
        ...expectation(source, shop.plan.editRate),
        frames: source.frames(),
        stereoscopic: source.stereoscopic === true,
      });
    case 'pcm':
      return writeSoundTrackFile(sink, ports, {
        ...common,
        ...expectation(source, shop.plan.editRate),
        samples: source.samples(),
        samplingRateHz: source.samplingRateHz,
        channelCount: source.channelCount,
        ...(source.layout === undefined ? {} : { layout: source.layout }),
        ...(extra.language === undefined ? {} : { language: extra.language }),
      });
    case 'timed_text':
      return writeTimedTextTrackFile(sink, ports, {
        ...common,
        document: source.document,
        resourceId: source.documentId,
        namespaceName: source.namespaceName ?? TIMED_TEXT_NAMESPACE,
        durationFrames: source.durationFrames,
        ...(source.resources === undefined ? {} : { resources: source.resources }),
      });
    case 'data':
      return writeAuxiliaryDataTrackFile(sink, ports, {
        ...common,
        frames: source.frames(),
        ...(source.coding === undefined ? {} : { coding: source.coding }),
        ...(source.atmos === undefined ? {} : { atmos: source.atmos }),
      });
  }
}

/** What the writer may count on, where the source knows its sizes beforehand. */
function expectation(
  source: EssenceSource,
  editRate: Rational,
): Pick<TrackFileOptions, 'expected'> {
  const durationFrames = frameTotal(source, editRate);
  if (durationFrames === undefined) return {};
  if (source.kind === 'codestreams' && source.frameBytes !== undefined) {
    return { expected: { durationFrames, elementBytes: source.frameBytes } };
  }
  if (source.kind !== 'pcm') return {};
  const perFrame = samplesPerFrame(source.samplingRateHz, editRate)!;
  const elementBytes = perFrame * source.channelCount * PCM_SAMPLE_BYTES;
  return { expected: { durationFrames, elementBytes } };
}

/** ST 428-7:2014, the edition of RDD 52. */
export const TIMED_TEXT_NAMESPACE = 'http://www.smpte-ra.org/schemas/428-7/2014/DCST';
const BUILDER_VERSION = '0.1.0';

async function describe(shop: Workshop, path: string): Promise<Outcome<TrackFileInfo>> {
  const source = await shop.folder.open(path);
  assert(source !== undefined, 'a file that was written can be read');
  try {
    const opened = await openTrackFile(source);
    return opened.ok ? { ok: true, value: opened.value.info, findings: opened.findings } : opened;
  } finally {
    await source.close?.();
  }
}

/** The reel's entry for a track file, from what the file itself says. */
function reelAsset(
  kind: ReelAssetKind,
  file: BuiltFile,
  info: TrackFileInfo,
  shop: Workshop,
  extra: { keyId?: Uuid; language?: string; dataType?: string },
): ReelAsset {
  const { editRate } = shop.plan;
  const picture = info.picture;
  return {
    kind: kind === 'picture' && info.essence === 'stereoscopic' ? 'stereoscopic_picture' : kind,
    id: file.id,
    editRate,
    intrinsicDuration: info.durationFrames ?? 0,
    entryPoint: 0,
    hash: file.hash,
    ...extra,
    ...(picture === undefined
      ? {}
      : {
          frameRate: picture.sampleRate ?? editRate,
          aspectRatio: aspectText(picture.widthPixels, picture.heightPixels, shop.standard),
        }),
  };
}

/** ST 429-7: the two sides in pixels; Interop: their ratio with two digits. */
export function aspectText(width: number, height: number, standard: Standard): string {
  return standard === 'smpte' ? `${width} ${height}` : (width / height).toFixed(2);
}

/** Interop subtitles lie as XML in a folder of their own, fonts and pictures beside them. */
async function buildInteropText(
  shop: Workshop,
  kind: ReelAssetKind,
  source: Extract<EssenceSource, { kind: 'timed_text' }>,
  language?: string,
): Promise<Outcome<BuiltTrack>> {
  const id = source.documentId;
  const write = async (
    fileId: Uuid,
    name: string,
    bytes: Uint8Array,
    type: string,
  ): Promise<BuiltFile> => {
    const path = `${id}/${name}`;
    const sink = hashingSink(await shop.folder.create(path), shop.ports.cryptography);
    await sink.write(bytes);
    await sink.close();
    const digest = sink.digest();
    assert(digest !== undefined, 'nothing is patched here');
    return {
      id: fileId,
      path,
      sizeBytes: bytes.length,
      hash: toBase64(digest),
      type,
      resumed: false,
    };
  };
  const findings: Finding[] = [];
  if (shop.plan.encrypted === true) {
    findings.push(finding('unencrypted_subtitle', 'warning', { at: { file: `${id}/${id}.xml` } }));
  }
  const file = await write(id, `${id}.xml`, source.document, INTEROP_TYPE.timed_text);
  const others: BuiltFile[] = [];
  for (const resource of source.resources ?? []) {
    others.push(
      await write(
        resource.id,
        resource.fileName ?? resource.id,
        resource.bytes,
        resource.mediaType,
      ),
    );
  }
  const asset: ReelAsset = {
    kind,
    id,
    editRate: shop.plan.editRate,
    intrinsicDuration: source.durationFrames,
    entryPoint: 0,
    hash: file.hash,
    ...(language === undefined ? {} : { language }),
  };
  return { ok: true, findings, value: { asset, file, others, key: undefined, info: undefined } };
}
