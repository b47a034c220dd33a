import {
  type ByteSource,
  concatBytes,
  finding,
  type Finding,
  type FolderEntry,
  type FolderReader,
  memorySource,
} from '@yinglian/core';
import {
  isAssetMapPath,
  readAssetMap,
  readVolumeIndex,
  writeAssetMap,
} from './documents/asset-map.ts';
import type { AssetMap, Chunk, MappedAsset } from './documents/model.ts';
import { NO_ID, readDocument } from './documents/reading.ts';
import { assetPath } from './verify/mapping.ts';

/**
 * Packages on several volumes (ST 429-9:2014 7.3, 8): every disk has its VOLINDEX, files lie on one
 * of them or are cut into chunks on several. Read as if all of it lay in one folder.
 */

const INDEX_NAME = /^(.*\/)?VOLINDEX(\.xml)?$/i;
const CLAUSE = 'ST 429-9:2014 8';

/** A folder in which every set of volumes is one package. */
export type JoinedVolumes = {
  readonly folder: FolderReader;
  /** What is wrong with the sets: volumes that are missing, doubled or do not fit. */
  readonly findings: readonly Finding[];
};

/** Folders side by side in one, below `volume-1/`, `volume-2/` and so on. */
export function mountVolumes(folders: readonly FolderReader[]): FolderReader {
  if (folders.length === 1) return folders[0]!;
  const names = folders.map((_, index) => `volume-${index + 1}/`);
  return {
    list: async () => {
      const entries: FolderEntry[] = [];
      for (const [index, folder] of folders.entries()) {
        for (const { path, sizeBytes } of await folder.list()) {
          entries.push({ path: names[index]! + path, sizeBytes });
        }
      }
      return entries;
    },
    open: async (path) => {
      const index = names.findIndex((name) => path.startsWith(name));
      return index < 0 ? undefined : folders[index]!.open(path.slice(names[index]!.length));
    },
  };
}

/** A map of the folder, as it was read. */
type FoundMap = {
  readonly path: string;
  readonly base: string;
  readonly map: AssetMap;
  readonly findings: readonly Finding[];
};

/** One root of a set; `index` is what its VOLINDEX says. */
type Root = { readonly base: string; readonly index: number | undefined };

/** What a joined folder shows in place of what is there. */
type View = {
  /** Documents that are written anew, by path. */
  readonly written: Map<string, Uint8Array>;
  /** Files in pieces or under another name: where their bytes are. */
  readonly moved: Map<string, readonly string[]>;
  readonly hidden: Set<string>;
  readonly findings: Finding[];
};

/**
 * Joins the volumes of a folder. Volumes belong together by the id of their asset map; one without
 * a map of its own belongs to the set whose files it has. A folder without any set, which is nearly
 * every folder, comes back as it is.
 */
export async function joinVolumes(folder: FolderReader): Promise<JoinedVolumes> {
  const sizes = new Map<string, number>();
  for (const { path, sizeBytes } of await folder.list()) sizes.set(path, sizeBytes);
  const maps = await readMaps(folder, sizes);
  const sets = new Map<string, FoundMap[]>();
  for (const found of maps) {
    const { map, path } = found;
    const divided = map.volumeCount > 1 && map.id !== NO_ID;
    if (divided) sets.set(map.id, [...(sets.get(map.id) ?? []), found]);
    else if (map.assets.some((asset) => asset.chunks.length > 1)) sets.set(path, [found]);
  }
  if (sets.size === 0) return { folder, findings: [] };
  const indexes = await readIndexes(folder, sizes);
  const view: View = { written: new Map(), moved: new Map(), hidden: new Set(), findings: [] };
  for (const set of sets.values()) joinSet(set, maps, indexes, sizes, view);
  return { folder: viewOf(folder, sizes, view), findings: view.findings };
}

async function readMaps(
  folder: FolderReader,
  sizes: ReadonlyMap<string, number>,
): Promise<FoundMap[]> {
  const maps: FoundMap[] = [];
  for (const path of [...sizes.keys()].filter((each) => isAssetMapPath(each)).sort()) {
    const bytes = await readDocument(folder, path);
    const read = bytes === undefined ? undefined : readAssetMap(bytes, path);
    if (read?.ok !== true) continue;
    maps.push({ path, base: folderOf(path), map: read.value, findings: read.findings });
  }
  return maps;
}

/** VOLINDEX files by the folder they lie in. */
async function readIndexes(
  folder: FolderReader,
  sizes: ReadonlyMap<string, number>,
): Promise<Map<string, { readonly path: string; readonly index: number }>> {
  const indexes = new Map<string, { path: string; index: number }>();
  for (const path of [...sizes.keys()].filter((each) => INDEX_NAME.test(each)).sort()) {
    const bytes = await readDocument(folder, path);
    const read = bytes === undefined ? undefined : readVolumeIndex(bytes, path);
    if (read?.ok === true) indexes.set(folderOf(path), { path, index: read.value });
  }
  return indexes;
}

type Indexes = Awaited<ReturnType<typeof readIndexes>>;

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function joinSet(
  set: readonly FoundMap[],
  maps: readonly FoundMap[],
  indexes: Indexes,
  sizes: ReadonlyMap<string, number>,
  view: View,
): void {
  const roots = rootsOf(set, maps, indexes, sizes);
  // The map of the first volume speaks for all; each volume should carry the same one.
  const first = set.find(({ base }) => indexes.get(base)?.index === 1) ?? set[0]!;
  const { map } = first;
  const parent = commonFolder(roots.map((root) => root.base));
  view.findings.push(
    ...first.findings.map((each) => ({ ...each, at: { file: first.path, ...each.at } })),
    ...checkRoots(first, set, roots),
  );
  const missing = new Set<number>();
  const assets = map.assets.map((asset) =>
    joinAsset(asset, first, { roots, parent, sizes, view, missing }),
  );
  for (const volume of [...missing].sort((a, b) => a - b)) {
    const facts = { volume, volumes: map.volumeCount };
    const at = { file: first.path };
    view.findings.push(finding('missing_volume', 'error', { facts, at, clause: CLAUSE }));
  }
  for (const { path } of set) view.hidden.add(path);
  for (const { base } of roots) {
    const index = indexes.get(base);
    if (index !== undefined) view.hidden.add(index.path);
  }
  view.written.set(parent + first.path.slice(first.base.length), writeAssetMap({ ...map, assets }));
  const index = indexes.get(first.base) ?? indexes.get(roots[0]!.base);
  if (index !== undefined) {
    view.moved.set(parent + index.path.slice(folderOf(index.path).length), [index.path]);
  }
}

/** Roots of a set: those with its map, and those with a VOLINDEX alone that hold its files. */
function rootsOf(
  set: readonly FoundMap[],
  maps: readonly FoundMap[],
  indexes: Indexes,
  sizes: ReadonlyMap<string, number>,
): Root[] {
  const roots: Root[] = set.map(({ base }) => ({ base, index: indexes.get(base)?.index }));
  const { map } = set[0]!;
  const taken = new Set(maps.map((each) => each.base));
  const chunks = map.assets.flatMap((asset) => asset.chunks);
  for (const [base, { index }] of map.volumeCount > 1 ? indexes : []) {
    if (taken.has(base)) continue;
    const holds = chunks.some((chunk) => {
      const path = chunk.volume === index ? assetPath(base, chunk.path) : undefined;
      return path !== undefined && sizes.has(path);
    });
    if (holds) roots.push({ base, index });
  }
  return roots;
}

function commonFolder(bases: readonly string[]): string {
  const [first = '', ...rest] = bases.map((base) => base.split('/').slice(0, -1));
  const parts: string[] = [];
  for (const [index, part] of [...first].entries()) {
    if (!rest.every((each) => each[index] === part)) break;
    parts.push(part);
  }
  return parts.map((part) => `${part}/`).join('');
}

/** Whether the roots are the volumes of one set, each once. */
function checkRoots(first: FoundMap, set: readonly FoundMap[], roots: readonly Root[]): Finding[] {
  const findings: Finding[] = [];
  const { volumeCount } = first.map;
  const seen = new Set<number>();
  for (const { base, index } of roots) {
    if (index === undefined) continue;
    const at = { file: `${base}VOLINDEX` };
    const facts = { volume: index, volumes: volumeCount };
    if (seen.has(index)) {
      findings.push(finding('duplicate_volume', 'error', { facts, at, clause: CLAUSE }));
    }
    if (index > volumeCount) {
      findings.push(finding('excessive_volume_index', 'error', { facts, at, clause: CLAUSE }));
    }
    seen.add(index);
  }
  const told = JSON.stringify(first.map.assets);
  for (const { path, map } of set) {
    if (JSON.stringify(map.assets) === told) continue;
    const facts = { other: first.path };
    const at = { file: path };
    const clause = 'ST 429-9:2014 7';
    findings.push(finding('mismatched_volume_map', 'error', { facts, at, clause }));
  }
  return findings;
}

type Joining = {
  readonly roots: readonly Root[];
  readonly parent: string;
  readonly sizes: ReadonlyMap<string, number>;
  readonly view: View;
  /** Volumes that hold something that is nowhere to be found. */
  readonly missing: Set<number>;
};

/** The asset with one chunk that the joined folder has, or as it is where it cannot be joined. */
function joinAsset(asset: MappedAsset, { path: file }: FoundMap, joining: Joining): MappedAsset {
  const { parent, sizes, view, roots, missing } = joining;
  const chunks = asset.chunks.toSorted((a, b) => a.offsetBytes - b.offsetBytes);
  const found: string[] = [];
  for (const chunk of chunks) {
    if (assetPath('', chunk.path) === undefined) return asset;
    const path = locate(chunk, roots, sizes);
    if (path !== undefined) found.push(path);
    else if (!roots.some((root) => root.index === chunk.volume)) missing.add(chunk.volume);
  }
  const first = chunks[0];
  if (first === undefined || found.length < chunks.length) return asset;
  let at = 0;
  for (const [index, chunk] of chunks.entries()) {
    const bytes = sizes.get(found[index]!)!;
    if (chunks.length > 1 && (chunk.offsetBytes !== at || (chunk.lengthBytes ?? bytes) !== bytes)) {
      const facts = { path: chunk.path.slice(0, 200), bytes: at, expected: chunk.offsetBytes };
      const place = { file, asset: asset.id };
      const clause = 'ST 429-9:2014 7.3';
      view.findings.push(finding('discontinuous_chunks', 'error', { facts, at: place, clause }));
      return asset;
    }
    at += bytes;
  }
  if (chunks.length > 1) {
    const facts = { chunks: chunks.length };
    const place = { file, asset: asset.id };
    const clause = 'ST 429-9:2014 7.3';
    view.findings.push(finding('split_asset', 'warning', { facts, at: place, clause }));
  }
  const path = exposed(first, found, joining);
  // A length is what the map says of a whole file; of pieces it was proved above.
  const lengthBytes = chunks.length > 1 ? at : first.lengthBytes;
  const chunk = { ...first, path: path.slice(parent.length), lengthBytes };
  return { ...asset, chunks: [chunk] };
}

function locate(
  chunk: Chunk,
  roots: readonly Root[],
  sizes: ReadonlyMap<string, number>,
): string | undefined {
  const own = roots.filter((root) => root.index === chunk.volume);
  // Volumes are often copied together into the folder of one of them.
  for (const { base } of [...own, ...roots]) {
    const path = assetPath(base, chunk.path);
    if (path !== undefined && sizes.has(path)) return path;
  }
  return undefined;
}

/** The path under which the joined folder has an asset: its own where that is free. */
function exposed(chunk: Chunk, found: readonly string[], joining: Joining): string {
  const { parent, sizes, view } = joining;
  const own = assetPath(parent, chunk.path)!;
  if (found.length === 1 && found[0] === own) return own;
  const free = (path: string) =>
    !view.moved.has(path) && (found.includes(path) || !sizes.has(path));
  let path = own;
  for (let n = chunk.volume; !free(path); n++)
    path = assetPath(`${parent}volume-${n}/`, chunk.path)!;
  for (const each of found) view.hidden.add(each);
  view.moved.set(path, found);
  return path;
}

function viewOf(
  folder: FolderReader,
  sizes: ReadonlyMap<string, number>,
  view: View,
): FolderReader {
  const { written, moved, hidden } = view;
  return {
    list: async () => [
      ...[...sizes]
        .filter(([path]) => !hidden.has(path) && !written.has(path) && !moved.has(path))
        .map(([path, sizeBytes]) => ({ path, sizeBytes })),
      ...[...written].map(([path, bytes]) => ({ path, sizeBytes: bytes.length })),
      ...[...moved].map(([path, parts]) => ({
        path,
        sizeBytes: parts.reduce((sum, part) => sum + (sizes.get(part) ?? 0), 0),
      })),
    ],
    open: async (path) => {
      const bytes = written.get(path);
      if (bytes !== undefined) return memorySource(bytes);
      const parts = moved.get(path);
      if (parts !== undefined) return openParts(folder, parts);
      return hidden.has(path) ? undefined : folder.open(path);
    },
  };
}

async function openParts(
  folder: FolderReader,
  paths: readonly string[],
): Promise<ByteSource | undefined> {
  const parts: ByteSource[] = [];
  for (const path of paths) {
    const source = await folder.open(path);
    if (source === undefined) {
      for (const part of parts) await part.close?.();
      return undefined;
    }
    parts.push(source);
  }
  return parts.length === 1 ? parts[0] : joinedSource(parts);
}

/** Sources one after the other as one. */
export function joinedSource(parts: readonly ByteSource[]): ByteSource {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    read: async (offset, length) => {
      if (offset < 0 || length < 0) throw new RangeError('a read has no negative offset or length');
      const pieces: Uint8Array[] = [];
      let begin = 0;
      for (const part of parts) {
        const from = Math.max(offset, begin) - begin;
        const until = Math.min(offset + length, begin + part.sizeBytes) - begin;
        begin += part.sizeBytes;
        // A piece may be a view that the next read overwrites, so that it is kept as a copy.
        if (until > from) pieces.push((await part.read(from, until - from)).slice());
      }
      return pieces.length === 1 ? pieces[0]! : concatBytes(...pieces);
    },
    close: async () => {
      for (const part of parts) await part.close?.();
    },
  };
}
