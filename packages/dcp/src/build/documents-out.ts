import {
  assert,
  type Cryptography,
  digest,
  type FolderWriter,
  toBase64,
  type Uuid,
} from '@yinglian/core';
import { writeXml, type XmlDocument } from '@yinglian/xml';
import {
  assetMapFileName,
  volumeIndexFileName,
  writeAssetMap,
  writeVolumeIndex,
} from '../documents/asset-map.ts';
import { compositionDocument } from '../documents/composition.ts';
import type { AssetMap, Composition, PackingList } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import { packingListDocument } from '../documents/packing-list.ts';
import { type PackageSigner, signPackageDocument } from '../documents/signing.ts';
import type { BuiltFile } from './assets.ts';

/** Where documents go, and who signs them. */
export type DocumentTarget = {
  readonly folder: FolderWriter;
  readonly cryptography: Cryptography;
  readonly signer?: PackageSigner | undefined;
  readonly standard: Standard;
};

/** What PKL and ASSETMAP say alike. */
export type ListHead = {
  readonly annotation?: string | undefined;
  readonly issueDate: string;
  readonly issuer?: string | undefined;
  readonly creator?: string | undefined;
};

/** Writes a composition, signed where there is a signer. */
export async function writeComposition(
  target: DocumentTarget,
  composition: Composition,
): Promise<BuiltFile> {
  return writeDocument(
    target,
    `cpl_${composition.id}.xml`,
    composition.id,
    compositionDocument(composition),
    target.standard === 'interop' ? 'text/xml;asdcpKind=CPL' : 'text/xml',
  );
}

/** Writes PKL, VOLINDEX and ASSETMAP over files that lie in the folder already. */
export async function writeLists(
  target: DocumentTarget,
  head: ListHead,
  ids: { readonly packingList: Uuid; readonly assetMap: Uuid },
  packed: readonly BuiltFile[],
): Promise<{
  readonly packingList: PackingList;
  readonly assetMap: AssetMap;
  readonly file: BuiltFile;
}> {
  const { standard } = target;
  const packingList: PackingList = {
    ...head,
    standard,
    id: ids.packingList,
    signed: target.signer !== undefined,
    assets: packed.map((file) => ({
      id: file.id,
      hash: file.hash,
      sizeBytes: file.sizeBytes,
      type: file.type,
      originalFileName: file.path.slice(file.path.lastIndexOf('/') + 1),
    })),
  };
  const list = await writeDocument(
    target,
    `pkl_${ids.packingList}.xml`,
    ids.packingList,
    packingListDocument(packingList),
    'text/xml',
  );
  const assetMap: AssetMap = {
    ...head,
    standard,
    id: ids.assetMap,
    volumeCount: 1,
    assets: [list, ...packed].map((file) => ({
      id: file.id,
      packingList: file === list,
      chunks: [{ path: file.path, volume: 1, offsetBytes: 0, lengthBytes: file.sizeBytes }],
    })),
  };
  await writeFile(target.folder, volumeIndexFileName(standard), writeVolumeIndex(standard, 1));
  // The map comes last: a folder without it is not yet a package.
  await writeFile(target.folder, assetMapFileName(standard), writeAssetMap(assetMap));
  return { packingList, assetMap, file: list };
}

async function writeDocument(
  target: DocumentTarget,
  path: string,
  id: Uuid,
  document: XmlDocument,
  type: string,
): Promise<BuiltFile> {
  const { signer, cryptography, standard } = target;
  const final =
    signer === undefined
      ? document
      : await signPackageDocument(document, standard, signer, cryptography);
  const bytes = writeXml(final);
  await writeFile(target.folder, path, bytes);
  const hash = toBase64(digest(cryptography, 'sha1', bytes));
  return { id, path, sizeBytes: bytes.length, hash, type, resumed: false };
}

/** A small file, whole or not at all. */
export async function writeFile(
  folder: FolderWriter,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  assert(bytes.length > 0, 'a document has content');
  const sink = await folder.create(path);
  try {
    await sink.write(bytes);
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
