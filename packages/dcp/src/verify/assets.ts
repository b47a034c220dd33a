import type { ByteSource, Place, Uuid } from '@yinglian/core';
import { clipText, readWhole, toBase64 } from '@yinglian/core';
import { hashSource } from '../build/sinks.ts';
import type { Standard } from '../documents/namespaces.ts';
import { openTrackFile } from '../mxf/reader.ts';
import type { TrackFileInfo } from '../mxf/track-file.ts';
import type { Loudness } from '../sound/loudness.ts';
import type { TimedText } from '../timed-text/model.ts';
import { readTimedText } from '../timed-text/read.ts';
import {
  type ContentKind,
  contentKind,
  kindOfMediaType,
  type MetResource,
} from './content-kind.ts';
import { checkEssence } from './essence.ts';
import type { FindingCollector } from './findings.ts';
import type { AssetReport, Checked } from './report.ts';
import { TEXT_LIMITS } from './timed-text.ts';
import { passTrackFile, type PassOptions } from './track-file-pass.ts';

/** An asset as verification knows it: the report, and what only this run needs. */
export type KnownAsset = {
  readonly report: AssetReport;
  readonly info: TrackFileInfo | undefined;
  readonly text: TimedText | undefined;
};

/** Where an asset lies and in which kind of package. */
export type AssetFile = {
  readonly id: Uuid;
  readonly path: string;
  readonly standard: Standard;
};

/** What the examination of an asset needs. */
export type AssetContext = Omit<PassOptions, 'file' | 'assetId' | 'standard'> & {
  readonly checked: Checked;
  /** Files beside an Interop subtitle, to find its fonts and pictures. */
  readonly sizeOf: (path: string) => number | undefined;
};

const SMALL_XML_BYTES_MAX = 64 * 1024 * 1024;

/** What a file is by its first bytes. */
export async function fileKind(source: ByteSource): Promise<ContentKind> {
  return contentKind(await source.read(0, 64));
}

/** Judges one file that is no CPL, PKL or map: a track file, a subtitle, a font, a picture. */
export async function examineAsset(
  source: ByteSource,
  file: AssetFile,
  context: AssetContext,
): Promise<KnownAsset> {
  const kind = await fileKind(source);
  const { collector, checked } = context;
  const place: Place = { file: file.path, asset: file.id };
  checked.files++;
  checked.bytes += source.sizeBytes;
  checked.hashes++;
  if (kind === 'mxf') return examineTrackFile(source, file, place, context);
  if (kind === 'xml') {
    const bytes = await readWhole(source, SMALL_XML_BYTES_MAX);
    const hash = context.cryptography.hash('sha1');
    hash.update(bytes);
    const text = readText(bytes, file.path, collector, place);
    if (text !== undefined) {
      checked.timedTexts++;
      checkInteropText(text, file, place, context);
    }
    return {
      info: undefined,
      text,
      report: bareReport(
        file,
        source.sizeBytes,
        toBase64(hash.digest()),
        text === undefined ? 'other' : 'subtitle',
        text,
      ),
    };
  }
  const hash = toBase64(await hashSource(source, context.cryptography));
  const reportKind = kind === 'png' ? 'image' : kind === 'font' ? 'font' : 'other';
  return {
    info: undefined,
    text: undefined,
    report: bareReport(file, source.sizeBytes, hash, reportKind, undefined),
  };
}

/** An asset of an original, looked up and not judged: a track file, or a text of Interop. */
export async function originalAsset(
  source: ByteSource,
  file: Pick<AssetFile, 'id' | 'path'>,
): Promise<KnownAsset | undefined> {
  const size = source.sizeBytes;
  if ((await fileKind(source)) === 'xml') {
    if (size > SMALL_XML_BYTES_MAX) return undefined;
    const read = readTimedText(await readWhole(source, SMALL_XML_BYTES_MAX), file.path);
    if (!read.ok) return undefined;
    const own: AssetFile = { ...file, standard: read.value.standard };
    const report = bareReport(own, size, undefined, 'subtitle', read.value);
    return { report, info: undefined, text: undefined };
  }
  const opened = await openTrackFile(source);
  if (!opened.ok) return undefined;
  const { info } = opened.value;
  return { report: trackReport(file, size, undefined, info, 0, undefined), info, text: undefined };
}

/** What the header of a track file says, without a look at its essence. */
export async function glanceAtAsset(
  source: ByteSource,
  file: AssetFile,
  context: AssetContext,
): Promise<KnownAsset> {
  const kind = await fileKind(source);
  const place: Place = { file: file.path, asset: file.id };
  if (kind !== 'mxf') {
    const named = kind === 'png' ? 'image' : kind === 'font' ? 'font' : 'other';
    const report = bareReport(file, source.sizeBytes, undefined, named, undefined);
    return { info: undefined, text: undefined, report };
  }
  context.checked.files++;
  const opened = await openTrackFile(source);
  context.collector.take(opened.findings, place);
  const info = opened.ok ? opened.value.info : undefined;
  if (info !== undefined) checkEssence(info, context.collector, place);
  const report = trackReport(file, source.sizeBytes, undefined, info, 0, undefined);
  return { info, text: undefined, report };
}

function readText(
  bytes: Uint8Array,
  file: string,
  collector: FindingCollector,
  place: Place,
): TimedText | undefined {
  const outcome = readTimedText(bytes, file);
  if (outcome.ok) {
    collector.take(outcome.value.form, place);
    return outcome.value;
  }
  collector.take(outcome.findings, place);
  collector.add('unreadable_timed_text', place);
  return undefined;
}

async function examineTrackFile(
  source: ByteSource,
  file: AssetFile,
  place: Place,
  context: AssetContext,
): Promise<KnownAsset> {
  const { collector, checked } = context;
  const pass = await passTrackFile(source, {
    ...context,
    file: file.path,
    assetId: file.id,
    standard: file.standard,
  });
  checked.frames += pass.frames;
  checked.integrityCodes += pass.integrityCodes;
  const { info } = pass;
  if (info !== undefined) checkEssence(info, collector, place);
  const secret = info?.encryption !== undefined;
  if (
    secret &&
    info.encryption?.keyId !== undefined &&
    context.keys?.has(info.encryption.keyId) !== true
  ) {
    collector.add('missing_key', place, { keyId: info.encryption.keyId });
  }
  let text: TimedText | undefined;
  if (info?.essence === 'timed_text' && pass.text !== undefined) {
    checked.timedTexts++;
    text = readText(pass.text, file.path, collector, place);
    if (text !== undefined)
      checkPackedText(text, info, pass.text.length, pass.resources, collector, place);
  }
  return {
    info,
    text,
    report: withLoudness(
      trackReport(file, source.sizeBytes, pass.hash, info, pass.largestFrameBytes, text),
      pass.loudness,
    ),
  };
}

/** Encrypted sound without its key passes and is not measured. */
function withLoudness(report: AssetReport, loudness: Loudness | undefined): AssetReport {
  if (report.sound === undefined || loudness === undefined || loudness.seconds === 0) return report;
  return { ...report, sound: { ...report.sound, loudness } };
}

/** ST 429-5: the header of the file against its document and the resources that are in it. */
function checkPackedText(
  text: TimedText,
  info: TrackFileInfo,
  bytes: number,
  resources: ReadonlyMap<number, MetResource>,
  collector: FindingCollector,
  place: Place,
): void {
  const header = info.timedText!;
  if (text.id !== undefined && header.resourceId !== undefined && text.id !== header.resourceId) {
    collector.add('mismatched_timed_text_id', place, { id: header.resourceId, expected: text.id });
  }
  if (text.id !== undefined && text.id === info.assetId) {
    collector.add('equal_timed_text_ids', place, { id: text.id });
  }
  if (header.namespaceName !== undefined && header.namespaceName !== text.namespaceName) {
    collector.add('mismatched_timed_text_namespace', place, {
      namespace: header.namespaceName,
      expected: text.namespaceName,
    });
  }
  if (header.encoding !== undefined && !/^UTF-?8$/i.test(header.encoding)) {
    const facts = { field: 'UCSEncoding', value: header.encoding, expected: 'UTF-8' };
    collector.add('mismatched_descriptor', place, facts);
  }
  const wanted = new Set([...text.fonts, ...text.images].map((each) => each.target));
  const listed = new Set(header.resources.map((each) => each.id));
  for (const target of wanted) {
    if (!listed.has(target))
      collector.add('missing_timed_text_resource', place, { resource: target });
  }
  let total = bytes;
  for (const resource of header.resources) {
    const met = resources.get(resource.streamId);
    if (met === undefined) {
      collector.add('missing_timed_text_resource', place, {
        resource: resource.id ?? String(resource.streamId),
      });
      continue;
    }
    total += met.bytes;
    checkMediaType(resource, met, collector, place);
    if (resource.id !== undefined && !wanted.has(resource.id)) {
      collector.add('unexpected_timed_text_resource', place, { resource: resource.id });
    }
    const font = met.kind === 'font' || kindOfMediaType(resource.mediaType ?? '') === 'font';
    if (font && met.bytes > TEXT_LIMITS.fontBytes) {
      const facts = { bytes: met.bytes, limit: TEXT_LIMITS.fontBytes };
      collector.add('excessive_font_size', place, facts);
    }
  }
  if (total > TEXT_LIMITS.assetBytes) {
    collector.add('excessive_timed_text_size', place, {
      bytes: total,
      limit: TEXT_LIMITS.assetBytes,
    });
  }
}

/** A player chooses by the media type what reads a resource. */
function checkMediaType(
  resource: { readonly id: Uuid | undefined; readonly mediaType: string | undefined },
  met: MetResource,
  collector: FindingCollector,
  place: Place,
): void {
  const type = resource.mediaType ?? '';
  const expected = kindOfMediaType(type);
  if (expected === met.kind) return;
  const facts = { resource: resource.id ?? '', type: clipText(type), kind: met.kind };
  collector.add('mismatched_resource_type', place, facts);
}

/** Fonts and pictures of an Interop subtitle lie beside it under the names it gives. */
function checkInteropText(
  text: TimedText,
  file: AssetFile,
  place: Place,
  context: AssetContext,
): void {
  if (text.standard !== 'interop') return;
  const { collector } = context;
  if (text.id !== undefined && text.id !== file.id) {
    collector.add('mismatched_timed_text_id', place, { id: text.id, expected: file.id });
  }
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
  for (const { target, line } of [...text.fonts, ...text.images]) {
    // An image may be named by its asset id alone; makers agree only on the file's beginning.
    const size = context.sizeOf(`${folder}${target}`) ?? context.sizeOf(`${folder}${target}.png`);
    if (target !== '' && size === undefined) {
      collector.add('missing_timed_text_resource', { ...place, line }, { resource: target });
    }
  }
  for (const { target, line } of text.fonts) {
    const bytes = context.sizeOf(`${folder}${target}`) ?? 0;
    if (bytes <= TEXT_LIMITS.interopFontBytes) continue;
    const facts = { bytes, limit: TEXT_LIMITS.interopFontBytes };
    collector.add('large_interop_font', { ...place, line }, facts);
  }
}

/** The report of a file that is no track file. */
export function bareReport(
  file: AssetFile,
  sizeBytes: number,
  hash: string | undefined,
  kind: AssetReport['kind'],
  text: TimedText | undefined,
): AssetReport {
  return {
    id: file.id,
    path: file.path,
    sizeBytes,
    hash,
    kind,
    essence: text === undefined ? undefined : 'timed_text',
    standard: text?.standard,
    editRate: undefined,
    durationFrames: undefined,
    encryption: undefined,
    picture: undefined,
    sound: undefined,
    maker: undefined,
    text: text === undefined ? undefined : { language: text.language, documentId: text.id },
  };
}

/** The report of a track file from its header; also of files of an original, not read through. */
export function trackReport(
  file: Pick<AssetFile, 'id' | 'path'>,
  sizeBytes: number,
  hash: string | undefined,
  info: TrackFileInfo | undefined,
  largestFrameBytes: number,
  text: TimedText | undefined,
): AssetReport {
  const { picture, sound } = info ?? {};
  const rate = sound?.samplingRate;
  return {
    id: file.id,
    path: file.path,
    sizeBytes,
    hash,
    kind: 'track_file',
    essence: info?.essence,
    standard: info?.labels,
    editRate: info?.editRate,
    durationFrames: info?.durationFrames,
    encryption: info?.encryption,
    maker: info?.maker,
    picture: picture && {
      width: picture.widthPixels,
      height: picture.heightPixels,
      largestFrameBytes,
    },
    sound: sound && {
      samplingRateHz: rate === undefined ? 0 : rate.numerator / rate.denominator,
      channelCount: sound.channelCount,
      soundfield: sound.soundfields[0]?.symbol,
      labels: sound.channels.map((each) => each.symbol),
      language: sound.soundfields[0]?.language ?? sound.channels[0]?.language,
    },
    text: text === undefined ? undefined : { language: text.language, documentId: text.id },
  };
}
