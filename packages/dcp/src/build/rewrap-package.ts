import {
  accepted,
  type ByteSource,
  type Finding,
  finding,
  type FolderReader,
  type FolderWriter,
  formatInstant,
  hasErrors,
  type Outcome,
  parseInstant,
  refused,
  toBase64,
  type Uuid,
  uuidFromRandom,
} from '@yinglian/core';
import { isAssetMapPath, readAssetMap } from '../documents/asset-map.ts';
import { isComposition, readComposition } from '../documents/composition.ts';
import type { Composition, PackedAsset, Reel, ReelAsset } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import { readPackingList } from '../documents/packing-list.ts';
import { readDocument } from '../documents/reading.ts';
import { openTrackFile, type TrackFile } from '../mxf/reader.ts';
import { rewrapTrackFile } from '../mxf/rewrap.ts';
import type { EssenceKind, TrackFileInfo } from '../mxf/track-file.ts';
import type { WorkOptions } from '../ports.ts';
import { joinVolumes } from '../volumes.ts';
import { assetPath } from '../verify/mapping.ts';
import type { BuiltFile, ContentKey } from './assets.ts';
import { writeComposition, writeLists } from './documents-out.ts';
import { soundLabelElements } from './metadata.ts';
import type { BuildPorts } from './plan.ts';
import { derivedRandom, hashingSink, hashSource, streamSource } from './sinks.ts';

/** What becomes of the package. */
export type RewrapPackageOptions = WorkOptions & {
  /** `encrypt` gives every track file a new key; `decrypt` leaves them plain. */
  readonly to: 'encrypted' | 'plain';
  /** Keys by key id; needed for what is encrypted now. */
  readonly keys?: ReadonlyMap<Uuid, Uint8Array>;
  /** ISO 8601 with an offset and without a fraction. */
  readonly issueDate: string;
  readonly issuer: string;
  readonly creator: string;
};

/** The new package and its keys. */
export type RewrappedPackage = {
  readonly compositions: readonly Composition[];
  readonly files: readonly BuiltFile[];
  /** Empty for a plain package. In no finding; whoever takes them decides where they are kept. */
  readonly keys: readonly ContentKey[];
};

/**
 * Writes a package anew with every track file encrypted, or plain: new ids for all that changed,
 * CPL, PKL and ASSETMAP to match, signed when there is a signer. The essence stays byte for byte
 * what it was. Assets of an original version that the package does not hold stay as they are named.
 */
export async function rewrapPackage(
  from: FolderReader,
  to: FolderReader & FolderWriter,
  ports: BuildPorts,
  options: RewrapPackageOptions,
): Promise<Outcome<RewrappedPackage>> {
  if (options.to === 'encrypted' && ports.signer === undefined) {
    return refused(finding('missing_signer', 'error', { clause: 'DCSS 1.4.4 5.3.4.7' }));
  }
  const { folder } = await joinVolumes(from);
  const opened = await openPackage(folder);
  if (!opened.ok) return opened;
  const work: Work = { from: folder, to, ports, options, package: opened.value };
  const renewed = new Map<Uuid, Renewed>();
  const files: BuiltFile[] = [];
  const findings: Finding[] = [];
  for (const asset of opened.value.others) {
    options.signal?.throwIfAborted();
    const outcome = await renew(work, asset);
    if (!outcome.ok) return outcome;
    findings.push(...outcome.findings);
    if (outcome.value === undefined) continue;
    renewed.set(asset.id, outcome.value);
    files.push(outcome.value.file);
  }
  const target = {
    folder: to,
    cryptography: ports.cryptography,
    signer: ports.signer,
    standard: opened.value.standard,
  };
  const compositions = opened.value.compositions.map((each) => recompose(work, each, renewed));
  const written: BuiltFile[] = [];
  for (const each of compositions) written.push(await writeComposition(target, each));
  const head = {
    annotation: opened.value.annotation,
    issueDate: options.issueDate,
    issuer: options.issuer,
    creator: options.creator,
  };
  const ids = { packingList: newId(ports), assetMap: newId(ports) };
  const lists = await writeLists(target, head, ids, [...written, ...files]);
  const keys = [...renewed.values()].flatMap(({ key }) => (key === undefined ? [] : [key]));
  return accepted({ compositions, files: [...files, ...written, lists.file], keys }, findings);
}

type Work = {
  readonly from: FolderReader;
  readonly to: FolderReader & FolderWriter;
  readonly ports: BuildPorts;
  readonly options: RewrapPackageOptions;
  readonly package: OpenedPackage;
};

type OpenedPackage = {
  readonly standard: Standard;
  readonly annotation: string | undefined;
  readonly compositions: readonly Composition[];
  readonly others: readonly PackedAsset[];
  readonly paths: ReadonlyMap<Uuid, string>;
};

/** A file of the new package, and what CPLs have to say of it. */
type Renewed = {
  readonly file: BuiltFile;
  readonly key: ContentKey | undefined;
  readonly info: TrackFileInfo | undefined;
};

const newId = (ports: BuildPorts): Uuid => uuidFromRandom(ports.random(16));

async function openPackage(from: FolderReader): Promise<Outcome<OpenedPackage>> {
  const names = (await from.list()).map((each) => each.path);
  const mapPath = names.filter(isAssetMapPath).sort()[0];
  const bytes = mapPath === undefined ? undefined : await readDocument(from, mapPath);
  if (bytes === undefined) return refused(finding('missing_asset_map', 'error'));
  const map = readAssetMap(bytes, mapPath!);
  if (!map.ok) return map;
  const base = mapPath!.slice(0, mapPath!.lastIndexOf('/') + 1);
  const present = new Set(names);
  const paths = new Map<Uuid, string>();
  for (const asset of map.value.assets) {
    const path = assetPath(base, asset.chunks[0]?.path ?? '');
    if (path !== undefined && asset.chunks.length === 1 && present.has(path)) {
      paths.set(asset.id, path);
    }
  }
  const findings: Finding[] = [];
  const others: PackedAsset[] = [];
  const compositions: Composition[] = [];
  let annotation: string | undefined;
  for (const { id } of map.value.assets.filter((each) => each.packingList)) {
    const path = paths.get(id);
    const list = path === undefined ? undefined : await readDocument(from, path);
    const read = list === undefined ? undefined : readPackingList(list, path!);
    if (read?.ok !== true) {
      findings.push(...(read?.findings ?? [missing(id, path)]));
      continue;
    }
    annotation ??= read.value.model.annotation;
    for (const asset of read.value.model.assets) {
      const composition = await compositionOf(from, asset, paths.get(asset.id));
      if (composition?.ok === true) compositions.push(composition.value);
      else if (composition !== undefined) findings.push(...composition.findings);
      else others.push(asset);
    }
  }
  if (hasErrors(findings)) return refused(...findings);
  if (compositions.length === 0) {
    return refused(finding('missing_composition', 'error', { at: { file: mapPath! } }));
  }
  const { standard } = map.value;
  return accepted({ standard, annotation, compositions, others, paths });
}

function missing(asset: Uuid, path: string | undefined): Finding {
  return finding('missing_asset_file', 'error', { at: { asset }, facts: { path: path ?? '' } });
}

/** The asset as a CPL, or undefined when it is something else. */
async function compositionOf(
  from: FolderReader,
  asset: PackedAsset,
  path: string | undefined,
): Promise<Outcome<Composition> | undefined> {
  if (path === undefined || !/xml/i.test(asset.type + path)) return undefined;
  const bytes = await readDocument(from, path);
  if (bytes === undefined || !isComposition(bytes)) return undefined;
  const read = readComposition(bytes, path);
  return read.ok ? accepted(read.value.model, read.findings) : read;
}

/** Undefined for an asset that is listed and not there: it belongs to another volume or package. */
async function renew(work: Work, asset: PackedAsset): Promise<Outcome<Renewed | undefined>> {
  const path = work.package.paths.get(asset.id);
  const source = path === undefined ? undefined : await work.from.open(path);
  if (source === undefined) return refused(missing(asset.id, path));
  try {
    const track = /mxf/i.test(asset.type + path) ? await openTrackFile(source) : undefined;
    if (track === undefined) return accepted(await copy(work, asset, path!, source));
    if (!track.ok) return refused(...placed(track.findings, path!));
    return await renewTrack(work, asset, path!, track.value);
  } finally {
    await source.close?.();
  }
}

function placed(findings: readonly Finding[], file: string): Finding[] {
  return findings.map((each) => ({ ...each, at: { file, ...each.at } }));
}

/** Interop subtitles with fonts and pictures, and whatever else was packed, go as they are. */
async function copy(
  work: Work,
  asset: PackedAsset,
  path: string,
  source: ByteSource,
): Promise<Renewed> {
  const sink = hashingSink(await work.to.create(path), work.ports.cryptography);
  try {
    await streamSource(source, async (piece) => sink.write(piece.slice()));
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const file: BuiltFile = {
    id: asset.id,
    path,
    sizeBytes: source.sizeBytes,
    hash: toBase64(sink.digest()!),
    type: asset.type,
    resumed: false,
  };
  return { file, key: undefined, info: undefined };
}

const KINDS: Partial<Record<EssenceKind, { readonly prefix: string; readonly key: KeyType }>> = {
  jpeg2000: { prefix: 'picture', key: 'MDIK' },
  stereoscopic: { prefix: 'picture', key: 'MDIK' },
  pcm: { prefix: 'sound', key: 'MDAK' },
  timed_text: { prefix: 'text', key: 'MDSK' },
};
type KeyType = ContentKey['type'];
const SALT_BYTES = 32;

async function renewTrack(
  work: Work,
  asset: PackedAsset,
  path: string,
  track: TrackFile,
): Promise<Outcome<Renewed>> {
  const { ports, options } = work;
  const { keyId: oldKeyId } = track.info.encryption ?? {};
  const oldKey = oldKeyId === undefined ? undefined : options.keys?.get(oldKeyId);
  if (track.info.encryption !== undefined && oldKey === undefined) {
    return refused(
      finding('missing_key', 'error', { at: { file: path }, facts: { keyId: oldKeyId ?? '' } }),
    );
  }
  const kind = KINDS[track.info.essence] ?? { prefix: 'data', key: 'MDEK' as const };
  const id = newId(ports);
  const [keyId, key, salt] = [newId(ports), ports.random(16), ports.random(SALT_BYTES)];
  const encrypted = options.to === 'encrypted';
  const target = `${kind.prefix}_${id}.mxf`;
  const sink = hashingSink(await work.to.create(target), ports.cryptography);
  const instant = parseInstant(options.issueDate);
  const identity = {
    assetId: id,
    labels: work.package.standard,
    created: instant.ok ? formatInstant(Math.floor(instant.value / 1000) * 1000) : '',
    company: options.issuer,
    product: options.creator,
    version: '0.1.0',
  };
  const findings: Finding[] = [];
  try {
    const outcome = await rewrapTrackFile(
      track,
      sink,
      { cryptography: ports.cryptography, random: derivedRandom(ports.cryptography, salt) },
      {
        identity,
        ...(oldKey === undefined ? {} : { key: oldKey }),
        ...(encrypted ? { encryption: { key, keyId } } : {}),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        onFrame: (done) =>
          options.onProgress?.({
            stage: 'write',
            file: target,
            done,
            total: track.frameCount,
            unit: 'frames',
          }),
      },
    );
    if (!outcome.ok) {
      await sink.abort();
      return refused(...placed(outcome.findings, path));
    }
    findings.push(...placed(outcome.findings, path));
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const described = await describe(work, target, sink.digest());
  const renewed: Renewed = {
    file: { id, path: target, type: asset.type, resumed: false, ...described.file },
    info: described.info,
    key: encrypted ? { keyId, key, assetId: id, type: kind.key } : undefined,
  };
  return accepted(renewed, findings);
}

async function describe(
  work: Work,
  path: string,
  digest: Uint8Array | undefined,
): Promise<{ file: { sizeBytes: number; hash: string }; info: TrackFileInfo | undefined }> {
  const source = await work.to.open(path);
  try {
    const opened = await openTrackFile(source!);
    const hash = digest ?? (await hashSource(source!, work.ports.cryptography));
    return {
      file: { sizeBytes: source!.sizeBytes, hash: toBase64(hash) },
      info: opened.ok ? opened.value.info : undefined,
    };
  } finally {
    await source?.close?.();
  }
}

/** The same composition under a new id, its assets pointing at the new files. */
function recompose(
  work: Work,
  composition: Composition,
  renewed: ReadonlyMap<Uuid, Renewed>,
): Composition {
  const { ports, options } = work;
  const version = composition.contentVersion;
  return {
    ...composition,
    id: newId(ports),
    issueDate: options.issueDate,
    issuer: options.issuer,
    creator: options.creator,
    ...(version === undefined ? {} : { contentVersion: version }),
    signed: ports.signer !== undefined,
    reels: composition.reels.map((reel) => reelOver(reel, renewed)),
  };
}

function reelOver(reel: Reel, renewed: ReadonlyMap<Uuid, Renewed>): Reel {
  const assets = reel.assets.map((asset): ReelAsset => {
    const now = renewed.get(asset.id);
    if (now === undefined) return asset;
    const { keyId: _old, ...rest } = asset;
    const keyed = now.key === undefined ? {} : { keyId: now.key.keyId };
    return { ...rest, id: now.file.id, hash: now.file.hash, ...keyed };
  });
  const heard = reel.assets.find((asset) => asset.kind === 'sound');
  const sound = heard === undefined ? undefined : renewed.get(heard.id)?.info?.sound;
  const metadata =
    reel.metadata === undefined || sound === undefined || reel.metadata.soundLabels.length === 0
      ? reel.metadata
      : { ...reel.metadata, soundLabels: soundLabelElements(sound) };
  return { ...reel, assets, metadata };
}
