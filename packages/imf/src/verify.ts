import {
  type Cryptography,
  digest,
  type Finding,
  finding,
  type FolderReader,
  type InstantMs,
  type Outcome,
  readWhole,
  toBase64,
  type Uuid,
} from '@yinglian/core';
import { type Certificate, checkSigner } from '@yinglian/certificates';
import {
  type AssetMap,
  assetPath,
  type CancelSignal,
  joinVolumes,
  openTrackFile,
  readAssetMap,
  RULES,
  streamSource,
  type TrackFileInfo,
} from '@yinglian/dcp';
import { childElement, type XmlDocument } from '@yinglian/xml';
import { checkImfComposition, compositionUnits, virtualTracks } from './composition.ts';
import type { ImfAsset, ImfComposition, ImfPackingList, OutputProfile, Resource } from './model.ts';
import { checkOutputProfile } from './profile.ts';
import { readImfComposition, readImfPackingList, readOutputProfile } from './read.ts';

/** How a package is judged. */
export type ImfOptions = {
  /** Packages whose assets a supplemental package names. */
  readonly others?: readonly FolderReader[];
  /** `headers` reads documents and headers of track files only: no hash. */
  readonly depth?: 'full' | 'headers';
  /** The moment at which certificates should be valid; left out, time is not judged. */
  readonly at?: InstantMs;
  readonly trusted?: readonly Certificate[];
  readonly signal?: CancelSignal;
  readonly onProgress?: (file: string, doneBytes: number, totalBytes: number) => void;
};

/** What was found out about a folder. It is data, and can be stored and sent. */
export type ImfReport = {
  readonly packages: readonly { readonly path: string; readonly list: ImfPackingList }[];
  readonly compositions: readonly ImfCompositionReport[];
  readonly profiles: readonly { readonly path: string; readonly profile: OutputProfile }[];
  readonly assets: readonly ImfAssetReport[];
  readonly findings: readonly Finding[];
  readonly checked: { readonly files: number; readonly bytes: number; readonly hashes: number };
};

/** One composition in a few words. */
export type ImfCompositionReport = {
  readonly path: string;
  readonly id: Uuid | undefined;
  readonly title: string;
  readonly edition: string;
  readonly core: string | undefined;
  readonly applications: readonly string[];
  /** In edit units of the composition, as decimal text. */
  readonly duration: string | undefined;
  readonly editRate: string | undefined;
  readonly tracks: readonly { readonly kind: string; readonly resources: number }[];
  /** Track files that are not in the folder: a supplemental package, or something is missing. */
  readonly externalAssets: readonly Uuid[];
};

/** One file of the package. */
export type ImfAssetReport = {
  readonly id: Uuid;
  readonly path: string;
  readonly sizeBytes: number;
  readonly type: string;
  readonly hash: string | undefined;
};

const MAP_NAME = /^(.*\/)?ASSETMAP(\.xml)?$/i;
const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;
const FINDINGS_MAX = 5000;

/**
 * Judges every master package in a folder: asset map, packing lists, hashes and sizes, composition
 * playlists of all editions with their applications, output profiles, and track files against what
 * compositions say of them. Hostile or broken input becomes findings.
 */
export async function verifyImf(
  folder: FolderReader,
  cryptography: Cryptography,
  options: ImfOptions = {},
): Promise<ImfReport> {
  return new ImfVerification(folder, cryptography, options).run();
}

type Track = { readonly path: string; readonly info: TrackFileInfo };

/** Where the standards say it; a document alone where the exact clause could not be confirmed. */
const CLAUSES = {
  missing_asset_map: RULES.missing_asset_map.clause,
  missing_volume_index: RULES.missing_volume_index.clause,
  missing_packing_list: RULES.missing_packing_list.clause,
  duplicate_asset_id: RULES.duplicate_asset_id.clause,
  invalid_asset_path: RULES.escaping_asset_path.clause,
  missing_asset_file: RULES.missing_asset_file.clause,
  mismatched_document_id: RULES.mismatched_document_id.clause,
  unreadable_document: RULES.unreadable_document.clause,
  missing_mapped_asset: RULES.missing_mapped_asset.clause,
  unpacked_asset: RULES.unpacked_asset.clause,
  mismatched_hash: RULES.mismatched_hash.clause,
  mismatched_size: RULES.mismatched_size.clause,
  mismatched_asset_type: RULES.unexpected_asset_type.clause,
  invalid_track_file: 'ST 2067-5',
  mismatched_track_file_id: 'ST 2067-5',
  external_asset: 'ST 2067-2',
  mismatched_resource_hash: 'ST 2067-3',
  mismatched_intrinsic_duration: 'ST 2067-3',
} as const;

class ImfVerification {
  #folder: FolderReader;
  readonly #cryptography: Cryptography;
  readonly #options: ImfOptions;
  readonly #findings: Finding[] = [];
  readonly #sizes = new Map<string, number>();
  readonly #paths = new Map<Uuid, string>();
  readonly #packed = new Map<Uuid, ImfAsset>();
  /** Of files that their packing list names another hash of. */
  readonly #sha1s = new Map<Uuid, string>();
  readonly #elsewhere = new Map<Uuid, TrackFileInfo | undefined>();
  readonly #tracks = new Map<Uuid, Track>();
  readonly #packages: { path: string; list: ImfPackingList }[] = [];
  readonly #compositions: { path: string; model: ImfComposition }[] = [];
  readonly #profiles: { path: string; profile: OutputProfile }[] = [];
  readonly #assets: ImfAssetReport[] = [];
  readonly #checked = { files: 0, bytes: 0, hashes: 0 };

  constructor(folder: FolderReader, cryptography: Cryptography, options: ImfOptions) {
    this.#folder = folder;
    this.#cryptography = cryptography;
    this.#options = options;
  }

  async run(): Promise<ImfReport> {
    const joined = await joinVolumes(this.#folder);
    this.#folder = joined.folder;
    this.#take(joined.findings);
    for (const { path, sizeBytes } of await this.#folder.list()) this.#sizes.set(path, sizeBytes);
    for (const other of this.#options.others ?? []) await this.#takeOther(other);
    const maps = [...this.#sizes.keys()].filter((path) => MAP_NAME.test(path)).sort();
    if (maps.length === 0) this.#add('missing_asset_map');
    for (const path of maps) await this.#verifyMap(path);
    for (const { path, model } of this.#compositions) {
      this.#take(checkImfComposition(model, path));
      this.#checkAgainstFiles(model, path);
    }
    for (const { path, profile } of this.#profiles) {
      this.#take(
        checkOutputProfile(
          profile,
          this.#compositions.map(({ model }) => model),
          path,
        ),
      );
    }
    return {
      packages: this.#packages,
      compositions: this.#compositions.map(({ path, model }) => this.#describe(path, model)),
      profiles: this.#profiles,
      assets: this.#assets,
      findings: this.#findings,
      checked: this.#checked,
    };
  }

  #add(
    code: keyof typeof CLAUSES,
    at: Finding['at'] = {},
    facts: Finding['facts'] = {},
    severity: Finding['severity'] = 'error',
  ): void {
    if (this.#findings.length < FINDINGS_MAX)
      this.#findings.push(finding(code, severity, { at, facts, clause: CLAUSES[code] }));
  }

  #take(findings: readonly Finding[], at: Finding['at'] = {}): void {
    for (const each of findings) {
      if (this.#findings.length < FINDINGS_MAX) {
        this.#findings.push({ ...each, at: { ...at, ...each.at } });
      }
    }
  }

  /** Assets of other packages are only looked up. */
  async #takeOther(folder: FolderReader): Promise<void> {
    for (const { path } of (await folder.list()).filter((each) => MAP_NAME.test(each.path))) {
      const bytes = await readSmall(folder, path);
      const map = bytes === undefined ? undefined : readAssetMap(bytes, path);
      for (const asset of map?.ok === true ? map.value.assets : []) {
        const at = assetPath(path.slice(0, path.lastIndexOf('/') + 1), asset.chunks[0]?.path ?? '');
        const info = at === undefined ? undefined : await trackInfo(folder, at);
        this.#elsewhere.set(asset.id, info);
      }
    }
  }

  async #verifyMap(path: string): Promise<void> {
    const bytes = await readSmall(this.#folder, path);
    const read = bytes === undefined ? undefined : readAssetMap(bytes, path);
    if (read === undefined) {
      this.#add('unreadable_document', { file: path });
      return;
    }
    this.#count(bytes!.length);
    this.#take(read.findings, { file: path });
    if (!read.ok) return;
    this.#mapPaths(read.value, path);
    const base = path.slice(0, path.lastIndexOf('/') + 1);
    if (!this.#sizes.has(`${base}VOLINDEX.xml`)) {
      this.#add('missing_volume_index', { file: `${base}VOLINDEX.xml` }, {}, 'warning');
    }
    const lists = read.value.assets.filter((each) => each.packingList);
    if (lists.length === 0) this.#add('missing_packing_list', { file: path });
    for (const { id } of lists) await this.#verifyList(id);
    for (const { id, packingList } of read.value.assets) {
      if (!packingList && !this.#packed.has(id)) {
        this.#add('unpacked_asset', { file: path, asset: id }, {}, 'warning');
      }
    }
  }

  #mapPaths(map: AssetMap, mapPath: string): void {
    const base = mapPath.slice(0, mapPath.lastIndexOf('/') + 1);
    for (const { id, chunks } of map.assets) {
      const at = { file: mapPath, asset: id };
      if (this.#paths.has(id)) this.#add('duplicate_asset_id', at);
      const path = assetPath(base, chunks[0]?.path ?? '');
      if (path === undefined || chunks.length !== 1) {
        this.#add('invalid_asset_path', at, { path: (chunks[0]?.path ?? '').slice(0, 200) });
        continue;
      }
      this.#paths.set(id, path);
      if (!this.#sizes.has(path)) this.#add('missing_asset_file', at, { path });
    }
  }

  async #verifyList(id: Uuid): Promise<void> {
    const path = this.#paths.get(id);
    const bytes = path === undefined ? undefined : await readSmall(this.#folder, path);
    if (path === undefined || bytes === undefined) return;
    this.#count(bytes.length);
    const read = readImfPackingList(bytes, path);
    this.#take(read.findings);
    if (!read.ok) return;
    const { model: list, document } = read.value;
    this.#packages.push({ path, list });
    if (list.id !== id)
      this.#add('mismatched_document_id', { file: path }, { id: list.id ?? '', expected: id });
    this.#checkSigner(document, path);
    for (const asset of list.assets) {
      this.#options.signal?.throwIfAborted();
      if (asset.id === undefined) continue;
      if (this.#packed.has(asset.id))
        this.#add('duplicate_asset_id', { file: path, asset: asset.id });
      this.#packed.set(asset.id, asset);
      await this.#verifyAsset(asset.id, asset, path);
    }
  }

  #checkSigner(document: XmlDocument, file: string): void {
    if (childElement(document.root, 'Signature') === undefined) return;
    const { at, trusted } = this.#options;
    const { findings } = checkSigner(
      document,
      [{ kind: 'document' }],
      { ...(at === undefined ? {} : { at }), ...(trusted === undefined ? {} : { trusted }) },
      this.#cryptography,
    );
    this.#take(findings, { file });
  }

  async #verifyAsset(id: Uuid, asset: ImfAsset, listPath: string): Promise<void> {
    const path = this.#paths.get(id);
    const at = { file: listPath, asset: id };
    if (path === undefined) {
      this.#add('missing_mapped_asset', at);
      return;
    }
    const size = this.#sizes.get(path);
    if (size === undefined) return;
    if (asset.sizeBytes !== undefined && asset.sizeBytes !== size) {
      this.#add(
        'mismatched_size',
        { ...at, file: path },
        { bytes: size, expected: asset.sizeBytes },
      );
    }
    const xml = /xml/i.test(asset.type) || /\.xml$/i.test(path);
    const hash = xml
      ? await this.#verifyDocument(id, path, asset)
      : await this.#verifyTrack(id, path, asset);
    if (hash !== undefined) {
      this.#checked.hashes++;
      if (hash !== asset.hash) {
        this.#add('mismatched_hash', { file: path, asset: id }, { hash, expected: asset.hash });
      }
    }
    this.#assets.push({ id, path, sizeBytes: size, type: asset.type, hash });
  }

  async #verifyDocument(id: Uuid, path: string, asset: ImfAsset): Promise<string | undefined> {
    const bytes = await readSmall(this.#folder, path);
    if (bytes === undefined) {
      this.#add('unreadable_document', { file: path });
      return undefined;
    }
    this.#count(bytes.length);
    if (!/xml/i.test(asset.type)) {
      this.#add(
        'mismatched_asset_type',
        { file: path, asset: id },
        { type: asset.type },
        'warning',
      );
    }
    const head = String.fromCharCode(...bytes.subarray(0, 4096));
    if (/<(\w+:)?CompositionPlaylist[\s>]/.test(head)) this.#takeComposition(id, path, bytes);
    else if (/<(\w+:)?OutputProfileList[\s>]/.test(head)) {
      const read = readOutputProfile(bytes, path);
      this.#take(read.findings);
      if (read.ok) {
        this.#checkId(read.value.model.id, id, path);
        this.#profiles.push({ path, profile: read.value.model });
      }
    } else {
      // Sidecars are any XML; a document that is none at all is a fault.
      const read: Outcome<unknown> = readImfPackingList(bytes, path);
      this.#take(read.findings.filter(({ code }) => !EXPECTED_OF_SIDECARS.includes(code)));
    }
    return toBase64(digest(this.#cryptography, asset.hashName, bytes));
  }

  #takeComposition(id: Uuid, path: string, bytes: Uint8Array): void {
    const read = readImfComposition(bytes, path);
    this.#take(read.findings);
    if (!read.ok) return;
    const { model, document } = read.value;
    this.#checkId(model.id, id, path);
    this.#checkSigner(document, path);
    this.#compositions.push({ path, model });
  }

  #checkId(found: Uuid | undefined, expected: Uuid, file: string): void {
    if (found === expected) return;
    this.#add('mismatched_document_id', { file }, { id: found ?? '', expected });
  }

  async #verifyTrack(id: Uuid, path: string, asset: ImfAsset): Promise<string | undefined> {
    const info = /mxf/i.test(asset.type + path) ? await trackInfo(this.#folder, path) : undefined;
    if (info === undefined) {
      if (/mxf/i.test(asset.type)) this.#add('invalid_track_file', { file: path, asset: id });
    } else {
      this.#tracks.set(id, { path, info });
      if (info.assetId !== undefined && info.assetId !== id) {
        this.#add('mismatched_track_file_id', { file: path, asset: id }, { id: info.assetId });
      }
    }
    if (this.#options.depth === 'headers') return undefined;
    const source = await this.#folder.open(path);
    if (source === undefined) return undefined;
    try {
      const hash = this.#cryptography.hash(asset.hashName);
      // Compositions know files by SHA-1, whatever their packing list counts with.
      const sha1 = asset.hashName === 'sha1' ? undefined : this.#cryptography.hash('sha1');
      await streamSource(source, (piece, offset) => {
        this.#options.signal?.throwIfAborted();
        hash.update(piece);
        sha1?.update(piece);
        this.#options.onProgress?.(path, offset + piece.length, source.sizeBytes);
      });
      this.#count(source.sizeBytes);
      if (sha1 !== undefined) this.#sha1s.set(id, toBase64(sha1.digest()));
      return toBase64(hash.digest());
    } finally {
      await source.close?.();
    }
  }

  /** What a composition says of a file against what the lists and the file itself say. */
  #checkAgainstFiles(composition: ImfComposition, path: string): void {
    const seen = new Set<Uuid>();
    for (const track of virtualTracks(composition)) {
      for (const resource of track.resources) {
        const id = resource.trackFileId;
        if (id === undefined || seen.has(id)) continue;
        seen.add(id);
        this.#checkResource(resource, id, path);
      }
    }
  }

  #checkResource(resource: Resource, id: Uuid, path: string): void {
    const at = { file: path, asset: id };
    const packed = this.#packed.get(id);
    const expected = packed?.hashName === 'sha1' ? packed.hash : this.#sha1s.get(id);
    if (resource.hash !== undefined && expected !== undefined && expected !== resource.hash) {
      this.#add('mismatched_resource_hash', at, { hash: resource.hash, expected });
    }
    const info = this.#tracks.get(id)?.info ?? this.#elsewhere.get(id);
    if (packed === undefined && !this.#elsewhere.has(id)) {
      this.#add('external_asset', at, {}, 'note');
    }
    const frames = info?.durationFrames ?? info?.trackDurationFrames;
    if (frames === undefined || resource.intrinsicDuration === undefined) return;
    if (frames === resource.intrinsicDuration) return;
    const facts = { duration: resource.intrinsicDuration, frames };
    this.#add('mismatched_intrinsic_duration', at, facts);
  }

  #describe(path: string, model: ImfComposition): ImfCompositionReport {
    const tracks = virtualTracks(model);
    const ids = tracks.flatMap(({ resources }) =>
      resources.flatMap((each) => each.trackFileId ?? []),
    );
    const rate = model.editRate;
    return {
      path,
      id: model.id,
      title: model.title,
      edition: model.edition,
      core: model.core,
      applications: model.applications,
      duration: compositionUnits(model)?.toString(),
      editRate: rate === undefined ? undefined : `${rate.numerator}/${rate.denominator}`,
      tracks: tracks.map(({ kind, resources }) => ({ kind, resources: resources.length })),
      externalAssets: [...new Set(ids)].filter((id) => !this.#packed.has(id)),
    };
  }

  #count(bytes: number): void {
    this.#checked.files++;
    this.#checked.bytes += bytes;
  }
}

const EXPECTED_OF_SIDECARS: readonly string[] = [
  'unexpected_root_element',
  'unknown_namespace',
  'missing_element',
];

/** Undefined for a file that is absent, too large for a document, or not whole. */
async function readSmall(folder: FolderReader, path: string): Promise<Uint8Array | undefined> {
  const source = await folder.open(path).catch(() => undefined);
  if (source === undefined) return undefined;
  try {
    return source.sizeBytes > DOCUMENT_BYTES_MAX
      ? undefined
      : await readWhole(source, DOCUMENT_BYTES_MAX);
  } finally {
    await source.close?.();
  }
}

/** Undefined for a file that is no track file, or is not there. */
async function trackInfo(folder: FolderReader, path: string): Promise<TrackFileInfo | undefined> {
  const source = await folder.open(path).catch(() => undefined);
  if (source === undefined) return undefined;
  try {
    const opened = await openTrackFile(source);
    return opened.ok ? opened.value.info : undefined;
  } finally {
    await source.close?.();
  }
}
