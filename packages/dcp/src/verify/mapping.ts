import { fromBase64, type Place, type Uuid } from '@yinglian/core';
import type { AssetMap } from '../documents/model.ts';
import { NO_ID } from '../documents/reading.ts';
import type { FindingCollector } from './findings.ts';

/** Where an asset lies in the folder. */
export type MappedFile = { readonly path: string; readonly present: boolean };

/** ST 429-9:2014 Annex A: what a path may be made of. */
const PATH_LENGTH_MAX = 100;
const PATH_PARTS_MAX = 10;

/**
 * A chunk's path within the folder; undefined when it is empty or leads outside. Makers of Interop
 * packages write `file:///` before it.
 */
export function assetPath(base: string, chunkPath: string): string | undefined {
  const path = chunkPath.replace(/^file:\/\/\/?/i, '');
  if (path === '' || path.startsWith('/') || path.includes('\\') || /^[a-z]:/i.test(path))
    return undefined;
  const parts = path.split('/').filter((part) => part !== '.');
  if (parts.some((part) => part === '..' || part === '' || part.includes('\0'))) return undefined;
  return base + parts.join('/');
}

/** Judges the entries of a map; what can be found is returned by id. */
export function checkAssetMap(
  map: AssetMap,
  mapPath: string,
  base: string,
  sizes: ReadonlyMap<string, number>,
  collector: FindingCollector,
): ReadonlyMap<Uuid, MappedFile> {
  const files = new Map<Uuid, MappedFile>();
  const owners = new Map<string, Uuid>();
  for (const asset of map.assets) {
    const place: Place = { file: mapPath, asset: asset.id };
    if (files.has(asset.id)) {
      collector.add('duplicate_asset_id', place);
      continue;
    }
    if (asset.id === map.id && asset.id !== NO_ID) collector.add('duplicate_asset_id', place);
    const chunk = asset.chunks[0];
    if (chunk === undefined) continue;
    if (asset.chunks.length > 1) {
      collector.add('split_asset', place, { chunks: asset.chunks.length });
      continue;
    }
    if (chunk.path === '') {
      collector.add('empty_asset_path', place);
      continue;
    }
    const path = assetPath(base, chunk.path);
    if (path === undefined) {
      collector.add('escaping_asset_path', place, { path: chunk.path.slice(0, 200) });
      continue;
    }
    const parts = chunk.path.split('/');
    if (
      map.standard === 'smpte' &&
      (chunk.path.length > PATH_LENGTH_MAX ||
        parts.length > PATH_PARTS_MAX ||
        parts.includes('.') ||
        !/^[A-Za-z0-9._/-]+$/.test(chunk.path))
    ) {
      collector.add('unconventional_asset_path', place, { path: chunk.path.slice(0, 200) });
    }
    const owner = owners.get(path);
    if (owner !== undefined) collector.add('duplicate_asset_path', place, { path, other: owner });
    owners.set(path, asset.id);
    files.set(asset.id, { path, present: sizes.has(path) });
    checkPresence(path, chunk, map, place, sizes, collector);
  }
  return files;
}

function checkPresence(
  path: string,
  chunk: AssetMap['assets'][number]['chunks'][number],
  map: AssetMap,
  place: Place,
  sizes: ReadonlyMap<string, number>,
  collector: FindingCollector,
): void {
  const size = sizes.get(path);
  if (size === undefined) {
    const elsewhere = map.volumeCount > 1 && chunk.volume > 1;
    collector.add(elsewhere ? 'other_volume_asset' : 'missing_asset_file', place, {
      path,
      volume: chunk.volume,
    });
    return;
  }
  if (chunk.lengthBytes !== undefined && chunk.offsetBytes + chunk.lengthBytes !== size) {
    collector.add('mismatched_chunk_length', place, {
      path,
      bytes: size,
      expected: chunk.offsetBytes + chunk.lengthBytes,
    });
  }
}

/** Whether a text is base64 of exactly 20 bytes, as a SHA-1 has. */
export function isHash(text: string): boolean {
  try {
    return fromBase64(text).length === 20;
  } catch {
    return false;
  }
}
