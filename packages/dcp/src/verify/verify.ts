import {
  type Cryptography,
  digest,
  type FolderReader,
  type InstantMs,
  type Place,
  toBase64,
  type Uuid,
} from '@yinglian/core';
import { type Certificate, checkSigner } from '@yinglian/certificates';
import { childElement, type XmlDocument } from '@yinglian/xml';
import {
  assetMapFileName,
  isAssetMapPath,
  readAssetMap,
  readVolumeIndex,
  volumeIndexFileName,
} from '../documents/asset-map.ts';
import { isComposition, readComposition } from '../documents/composition.ts';
import type { AssetMap, Composition, PackedAsset, PackingList } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import { readPackingList } from '../documents/packing-list.ts';
import { readDocument } from '../documents/reading.ts';
import type { WorkOptions } from '../ports.ts';
import { type JoinedVolumes, joinVolumes } from '../volumes.ts';
import {
  type AssetFile,
  bareReport,
  fileKind,
  glanceAtAsset,
  type KnownAsset,
  originalAsset,
} from './assets.ts';
import { checkComposition } from './composition.ts';
import {
  type AssetExaminer,
  examineAlone,
  type ExaminedAsset,
  inTheirOrder,
  noneChecked,
} from './examination.ts';
import { checkAnnotation, checkIssueDate, checkStandard, checkType } from './listed.ts';
import { FindingCollector } from './findings.ts';
import { assetPath, checkAssetMap, isHash, type MappedFile } from './mapping.ts';
import { claimsBv21 } from './metadata.ts';
import { DEFAULT_PROFILE, type Profile, type ProfileName } from './profile.ts';
import type {
  AssetReport,
  Checked,
  CompositionReport,
  PackageReport,
  VerificationReport,
} from './report.ts';

/** How a package is judged, and what is known beside it. */
export type VerifyOptions = WorkOptions & {
  /** A name, or a house profile. `auto` unless told. */
  readonly profile?: ProfileName | Profile;
  /**
   * How deep to look. `full` (the default) reads every byte; `headers` reads documents and the
   * headers of track files only: no hash, no frame, done in a moment.
   */
  readonly depth?: 'full' | 'headers';
  /** Content keys by key id: encrypted frames are opened and authenticated with them. */
  readonly keys?: ReadonlyMap<Uuid, Uint8Array>;
  /** Folders of original versions whose assets a version file names. */
  readonly ovFolders?: readonly FolderReader[];
  /** Assets from a stored report of an original version that is not at hand. */
  readonly knownAssets?: readonly AssetReport[];
  /** The moment at which certificates should be valid; left out, time is not judged. */
  readonly at?: InstantMs;
  /** Roots that signers must come from; left out, any complete chain will do. */
  readonly trusted?: readonly Certificate[];
};

/** The machine of a verification: reading and hashing, no chance. */
export type VerifyPorts = {
  readonly cryptography: Cryptography;
  /** Examines track files on several cores; the report is the same to the byte without it. */
  readonly examiner?: AssetExaminer;
};

/**
 * Judges every package in a folder: structure, documents, signatures, hashes, track files frame by
 * frame, compositions, timed text, names. Every file is read once. Hostile or broken input becomes
 * findings; only cancelling and a failing disk throw.
 */
export async function verifyPackage(
  folder: FolderReader,
  ports: VerifyPorts,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  const joined = await joinVolumes(folder);
  return new Verification(joined, ports, options).run();
}

/** A document of a package, read. */
type OpenedList = {
  readonly path: string;
  readonly list: PackingList;
  readonly document: XmlDocument;
};
type OpenedComposition = {
  readonly path: string;
  readonly composition: Composition;
  readonly document: XmlDocument;
};

function sharesAsset(a: OpenedComposition, b: OpenedComposition): boolean {
  const idsOf = ({ composition }: OpenedComposition) =>
    composition.reels.flatMap((reel) => reel.assets.map((asset) => asset.id));
  const ids = new Set(idsOf(a));
  return idsOf(b).some((id) => ids.has(id));
}

/** The part of a map's judgement that waits until the files of all maps are known. */
type Settling = () => void;

class Verification {
  readonly #folder: FolderReader;
  readonly #ports: VerifyPorts;
  readonly #options: VerifyOptions;
  readonly #profile: Profile;
  readonly #collector: FindingCollector;
  readonly #sizes = new Map<string, number>();
  readonly #assets = new Map<Uuid, KnownAsset>();
  readonly #packages: PackageReport[] = [];
  readonly #compositions: CompositionReport[] = [];
  readonly #checked = noneChecked();

  constructor(joined: JoinedVolumes, ports: VerifyPorts, options: VerifyOptions) {
    this.#folder = joined.folder;
    this.#ports = ports;
    this.#options = options;
    this.#profile =
      typeof options.profile === 'string'
        ? { base: options.profile }
        : (options.profile ?? DEFAULT_PROFILE);
    this.#collector = new FindingCollector(this.#profile);
    this.#collector.take(joined.findings);
  }

  async run(): Promise<VerificationReport> {
    for (const entry of await this.#folder.list()) this.#sizes.set(entry.path, entry.sizeBytes);
    await this.#takeOriginals();
    const maps = [...this.#sizes.keys()].filter((path) => isAssetMapPath(path)).sort();
    if (maps.length === 0) this.#collector.add('missing_asset_map', {});
    // A version may lie before its original: compositions are judged when every asset is known.
    const settle: Settling[] = [];
    for (const path of maps) settle.push(...(await this.#verifyMap(path)));
    for (const each of settle) each();
    return {
      packages: this.#packages,
      compositions: this.#compositions,
      assets: [...this.#assets.values()].map((asset) => asset.report),
      findings: this.#collector.all(),
      droppedFindings: this.#collector.dropped,
      profile: this.#profileText(),
      checked: this.#checked,
    };
  }

  #profileText(): string {
    const { base, name } = this.#profile;
    const told = base !== 'auto' ? base : this.#collector.bv21 ? 'bv21' : 'standard';
    return name === undefined ? told : `${name} (${told})`;
  }

  /** Originals are only looked up: their own verification is another run. */
  async #takeOriginals(): Promise<void> {
    for (const report of this.#options.knownAssets ?? []) {
      this.#assets.set(report.id, { report, info: undefined, text: undefined });
    }
    for (const given of this.#options.ovFolders ?? []) {
      const { folder } = await joinVolumes(given);
      const maps = (await folder.list()).filter(({ path }) => isAssetMapPath(path));
      for (const { path } of maps) {
        const bytes = await readDocument(folder, path);
        const map = bytes === undefined ? undefined : readAssetMap(bytes, path);
        if (map?.ok !== true) continue;
        const base = path.slice(0, path.lastIndexOf('/') + 1);
        for (const asset of map.value.assets)
          await this.#takeOriginal(folder, base, asset.id, asset.chunks[0]?.path);
      }
    }
  }

  async #takeOriginal(
    folder: FolderReader,
    base: string,
    id: Uuid,
    path: string | undefined,
  ): Promise<void> {
    const at = assetPath(base, path ?? '');
    const source = at === undefined ? undefined : await folder.open(at);
    if (source === undefined) return;
    try {
      const asset = await originalAsset(source, { id, path: at! });
      if (asset !== undefined) this.#assets.set(id, asset);
    } finally {
      await source.close?.();
    }
  }

  async #verifyMap(path: string): Promise<Settling[]> {
    const bytes = await readDocument(this.#folder, path);
    if (bytes === undefined) {
      this.#collector.add('unreadable_document', { file: path });
      return [];
    }
    this.#count(bytes.length);
    const outcome = readAssetMap(bytes, path);
    this.#collector.take(outcome.findings, { file: path });
    if (!outcome.ok) return [];
    const map = outcome.value;
    const base = path.slice(0, path.lastIndexOf('/') + 1);
    if (path !== base + assetMapFileName(map.standard)) {
      this.#collector.add(
        'misnamed_asset_map',
        { file: path },
        { expected: assetMapFileName(map.standard) },
      );
    }
    checkStandard(map.standard, this.#profile, { file: path }, this.#collector);
    await this.#verifyVolumeIndex(base, map);
    const files = checkAssetMap(map, path, base, this.#sizes, this.#collector);
    const settle = await this.#verifyPackages(map, path, files);
    this.#checkForeign(base, path, files);
    return [settle];
  }

  async #verifyVolumeIndex(base: string, map: AssetMap): Promise<void> {
    const names = [volumeIndexFileName(map.standard), 'VOLINDEX', 'VOLINDEX.xml'];
    const path = names.map((name) => base + name).find((each) => this.#sizes.has(each));
    const bytes = path === undefined ? undefined : await readDocument(this.#folder, path);
    if (bytes === undefined) {
      this.#collector.add('missing_volume_index', { file: base + names[0] });
      return;
    }
    this.#count(bytes.length);
    const read = readVolumeIndex(bytes, path!);
    this.#collector.take(read.findings, { file: path! });
    // Of more than one volume, who joins them judges the number.
    if (read.ok && map.volumeCount === 1 && read.value > 1) {
      const facts = { volume: read.value, volumes: map.volumeCount };
      this.#collector.add('excessive_volume_index', { file: path! }, facts);
    }
  }

  async #verifyPackages(
    map: AssetMap,
    mapPath: string,
    files: ReadonlyMap<Uuid, MappedFile>,
  ): Promise<Settling> {
    const lists: OpenedList[] = [];
    for (const asset of map.assets) {
      if (!asset.packingList) continue;
      const file = files.get(asset.id);
      if (file?.present === true) lists.push(...(await this.#openList(asset.id, file.path)));
    }
    if (lists.length === 0 && !map.assets.some((asset) => asset.packingList)) {
      this.#collector.add('missing_packing_list', { file: mapPath });
    }
    const compositions: OpenedComposition[] = [];
    for (const { list, path } of lists) {
      this.#checkList(list, path, map);
      compositions.push(...(await this.#openCompositions(list, path, files)));
    }
    // The profile is settled before any essence is read, since frames are judged as they pass.
    this.#settleProfile(compositions);
    for (const opened of lists) {
      await this.#verifyAssets(opened, files, compositions);
      this.#packages.push(this.#packageReport(opened));
      checkAnnotation(opened, compositions, this.#collector);
    }
    const packed = new Set(lists.flatMap(({ list }) => list.assets.map((asset) => asset.id)));
    for (const asset of map.assets) {
      if (!packed.has(asset.id) && !asset.packingList) {
        this.#collector.add('unpacked_asset', { file: mapPath, asset: asset.id });
      }
    }
    return () => {
      this.#settleProfile(compositions);
      for (const opened of compositions) {
        const others = compositions.filter((each) => each !== opened);
        this.#verifyComposition(opened, packed, !others.some((each) => sharesAsset(each, opened)));
      }
      this.#checkEncryptedLists(lists, compositions);
    };
  }

  #settleProfile(compositions: readonly OpenedComposition[]): void {
    if (this.#profile.base !== 'auto') return;
    this.#collector.bv21 = compositions.some(({ composition }) => claimsBv21(composition));
  }

  async #openList(id: Uuid, path: string): Promise<OpenedList[]> {
    const bytes = await readDocument(this.#folder, path);
    if (bytes === undefined) {
      this.#collector.add('unreadable_document', { file: path });
      return [];
    }
    this.#count(bytes.length);
    const outcome = readPackingList(bytes, path);
    this.#collector.take(outcome.findings, { file: path });
    if (!outcome.ok) return [];
    const { model, document } = outcome.value;
    this.#checkListed(model, id, model.standard, path);
    return [{ path, list: model, document }];
  }

  /** Whether a document is the one that was listed, and of the standard of its package. */
  #checkListed(
    { id, standard, issueDate }: Pick<PackingList, 'id' | 'standard' | 'issueDate'>,
    listed: Uuid,
    expected: Standard,
    file: string,
  ): void {
    if (id !== listed) {
      this.#collector.add('mismatched_document_id', { file }, { id, expected: listed });
    }
    if (standard !== expected) {
      this.#collector.add('mismatched_document_standard', { file }, { standard, expected });
    }
    checkIssueDate(issueDate, this.#options.at, { file }, this.#collector);
  }

  #checkList(list: PackingList, path: string, map: AssetMap): void {
    const place: Place = { file: path };
    if (list.standard !== map.standard) {
      this.#collector.add('mismatched_document_standard', place, {
        standard: list.standard,
        expected: map.standard,
      });
    }
    const seen = new Set<Uuid>();
    for (const asset of list.assets) {
      if (seen.has(asset.id))
        this.#collector.add('duplicate_asset_id', { ...place, asset: asset.id });
      seen.add(asset.id);
      if (!isHash(asset.hash)) {
        this.#collector.add(
          'invalid_hash',
          { ...place, asset: asset.id },
          { hash: asset.hash.slice(0, 60) },
        );
      }
    }
  }

  /** CPLs are told by their root element, whatever the PKL calls them. */
  async #openCompositions(
    list: PackingList,
    listPath: string,
    files: ReadonlyMap<Uuid, MappedFile>,
  ): Promise<OpenedComposition[]> {
    const opened: OpenedComposition[] = [];
    for (const asset of list.assets) {
      const file = files.get(asset.id);
      if (file?.present !== true || !/xml/i.test(asset.type + file.path)) continue;
      const bytes = await readDocument(this.#folder, file.path);
      if (bytes === undefined) continue;
      if (!isComposition(bytes) && !/asdcpKind=CPL/i.test(asset.type)) continue;
      const outcome = readComposition(bytes, file.path);
      this.#collector.take(outcome.findings, { file: file.path });
      const own: AssetFile = { id: asset.id, path: file.path, standard: list.standard };
      const hash = toBase64(digest(this.#ports.cryptography, 'sha1', bytes));
      this.#checkFile(asset, file.path, bytes.length, hash);
      this.#count(bytes.length);
      const report = bareReport(own, bytes.length, hash, 'composition', undefined);
      checkType(asset, report, list.standard, this.#collector);
      this.#assets.set(asset.id, { report, info: undefined, text: undefined });
      if (!outcome.ok) continue;
      const { model, document } = outcome.value;
      this.#checkListed(model, asset.id, list.standard, file.path);
      opened.push({ path: file.path, composition: model, document });
    }
    if (
      opened.length === 0 &&
      !list.assets.some((asset) => this.#assets.get(asset.id)?.report.kind === 'composition')
    ) {
      this.#collector.add('missing_composition', { file: listPath });
    }
    return opened;
  }

  async #verifyAssets(
    { list, path }: OpenedList,
    files: ReadonlyMap<Uuid, MappedFile>,
    compositions: readonly OpenedComposition[],
  ): Promise<void> {
    const documents = new Set(compositions.map((each) => each.composition.id));
    const begun = new Set<string>();
    const isNew = (id: Uuid, file: MappedFile) => {
      const known = this.#assets.get(id)?.report.path === file.path;
      return file.present && !documents.has(id) && !known && !begun.has(`${id} ${file.path}`);
    };
    await inTheirOrder(
      list.assets,
      this.#ports.examiner?.parallel ?? 1,
      async ({ id }) => {
        this.#options.signal?.throwIfAborted();
        const file = files.get(id);
        if (file === undefined || !isNew(id, file)) return undefined;
        begun.add(`${id} ${file.path}`);
        return this.#examine({ id, path: file.path, standard: list.standard });
      },
      (asset, examined) => {
        if (!files.has(asset.id) && !this.#assets.has(asset.id)) {
          this.#collector.add('missing_mapped_asset', { file: path, asset: asset.id });
        }
        if (examined !== undefined) this.#takeExamined(asset, examined, list.standard);
      },
    );
  }

  /** Undefined for a file that cannot be opened. */
  async #examine(file: AssetFile): Promise<ExaminedAsset | undefined> {
    const source = await this.#folder.open(file.path);
    if (source === undefined) return undefined;
    const { keys, depth, signal, onProgress } = this.#options;
    const order = { file, profile: this.#profile, bv21: this.#collector.bv21, keys };
    const watch: WorkOptions = {
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    };
    const { cryptography, examiner } = this.#ports;
    try {
      if (depth === 'headers') {
        return await examineAlone(source, order, cryptography, { ...watch, look: glanceAtAsset });
      }
      // Texts and pictures are small, and a text may ask for the files beside it.
      if (examiner !== undefined && (await fileKind(source)) === 'mxf') {
        return await examiner.examine(source, order, watch);
      }
      const sizeOf = (path: string) => this.#sizes.get(path);
      return await examineAlone(source, order, cryptography, { ...watch, sizeOf });
    } finally {
      await source.close?.();
    }
  }

  #takeExamined(asset: PackedAsset, examined: ExaminedAsset, standard: Standard): void {
    const { known, checked } = examined;
    this.#collector.adopt(examined.findings, examined.droppedFindings);
    for (const name of Object.keys(checked) as (keyof Checked)[]) {
      this.#checked[name] += checked[name];
    }
    this.#assets.set(asset.id, known);
    this.#checkFile(asset, known.report.path, known.report.sizeBytes, known.report.hash);
    checkType(asset, known.report, standard, this.#collector);
  }

  #checkFile(asset: PackedAsset, path: string, sizeBytes: number, hash?: string): void {
    const place: Place = { file: path, asset: asset.id };
    if (asset.sizeBytes !== sizeBytes) {
      this.#collector.add('mismatched_size', place, {
        bytes: sizeBytes,
        expected: asset.sizeBytes,
      });
    }
    if (hash !== undefined && isHash(asset.hash) && asset.hash !== hash) {
      this.#collector.add('mismatched_hash', place, { hash, expected: asset.hash });
    }
  }

  #verifyComposition(
    { path, composition, document }: OpenedComposition,
    packed: ReadonlySet<Uuid>,
    alone: boolean,
  ): void {
    if (this.#compositions.some((each) => each.id === composition.id && each.path !== path)) {
      this.#collector.add('duplicate_composition_id', { file: path }, { id: composition.id });
    }
    const facts = checkComposition(composition, {
      collector: this.#collector,
      path,
      packed,
      alone,
      limits: this.#profile.limits,
      find: (id) => this.#assets.get(id),
    });
    const signer = this.#verifySignature(document, path, composition, facts.encrypted);
    const rate = composition.reels[0]?.assets[0]?.editRate;
    this.#compositions.push({
      id: composition.id,
      path,
      composition,
      signer,
      encrypted: facts.encrypted,
      durationFrames: facts.durationFrames,
      editRate: rate,
      externalAssets: facts.external,
      bv21: claimsBv21(composition),
    });
  }

  /** The name of the signer; what is wrong with the signature goes to the findings. */
  #verifySignature(
    document: XmlDocument,
    path: string,
    { signed, standard }: Pick<PackingList, 'signed' | 'standard'>,
    encrypted: boolean,
  ): string | undefined {
    const place: Place = { file: path };
    if (!signed) {
      if (encrypted) this.#collector.add('unsigned_encrypted_document', place);
      else if (this.#profile.limits?.signature === 'required') {
        this.#collector.add('unsigned_document', place);
      }
      return undefined;
    }
    this.#checked.signatures++;
    if (childElement(document.root, 'Signer') === undefined) {
      this.#collector.add('missing_signer_element', place);
    }
    const { at, trusted } = this.#options;
    const report = checkSigner(
      document,
      [{ kind: 'document' }],
      {
        // ST 430-2 5.3.4: compositions and lists are signed in the role of a content signer.
        roles: ['CS'],
        ...(at === undefined ? {} : { at }),
        ...(trusted === undefined ? {} : { trusted }),
      },
      this.#ports.cryptography,
    );
    // Certificates of Interop times were signed with SHA-1 and are still in the field.
    this.#collector.take(
      standard === 'smpte'
        ? report.findings
        : report.findings.map((each) =>
            each.code === 'unexpected_certificate_hash' ? { ...each, severity: 'warning' } : each,
          ),
      place,
    );
    return report.chain[0]?.subject.text;
  }

  readonly #signers = new Map<string, string | undefined>();

  #checkEncryptedLists(
    lists: readonly OpenedList[],
    compositions: readonly OpenedComposition[],
  ): void {
    for (const { path, list, document } of lists) {
      const ids = new Set(list.assets.map((asset) => asset.id));
      const encrypted = compositions.some(
        ({ composition }) =>
          ids.has(composition.id) &&
          this.#compositions.find((each) => each.id === composition.id)?.encrypted === true,
      );
      this.#signers.set(path, this.#verifySignature(document, path, list, encrypted));
    }
    for (const [index, report] of this.#packages.entries()) {
      const signer = this.#signers.get(report.path);
      if (signer !== undefined) this.#packages[index] = { ...report, signer };
    }
  }

  #packageReport({ path, list }: OpenedList): PackageReport {
    return {
      id: list.id,
      path,
      standard: list.standard,
      annotation: list.annotation,
      issuer: list.issuer,
      creator: list.creator,
      issueDate: list.issueDate,
      signed: list.signed,
      signer: undefined,
      assets: list.assets,
    };
  }

  #checkForeign(base: string, mapPath: string, files: ReadonlyMap<Uuid, MappedFile>): void {
    const known = new Set([...files.values()].map((file) => file.path));
    // Another package below this one speaks for its own files.
    const below = [...this.#sizes.keys()]
      .filter((path) => path !== mapPath && isAssetMapPath(path))
      .map((path) => path.slice(0, path.lastIndexOf('/') + 1))
      .filter((folder) => folder.length > base.length && folder.startsWith(base));
    for (const path of this.#sizes.keys()) {
      if (!path.startsWith(base) || known.has(path) || path === mapPath) continue;
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (/^VOLINDEX(\.xml)?$/i.test(name) || isAssetMapPath(path)) continue;
      const nested = below.some((folder) => path.startsWith(folder));
      if (!nested) this.#collector.add('unexpected_file', { file: path });
    }
  }

  #count(bytes: number): void {
    this.#checked.files++;
    this.#checked.bytes += bytes;
  }
}
