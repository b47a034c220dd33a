import { assert, encodeUtf8 } from '@yinglian/core';
import { algorithmOf, decodeHash, encodeHash, type HashFormat } from './formats.ts';
import { compareNames } from './paths.ts';
import type { Hashing } from './ports.ts';

/** Both hashes of a folder in one format. */
export type FolderHash = { readonly content: string; readonly structure: string };

/** Collects the children of one folder, in any order. */
export type FolderHasher = {
  file(name: string, hash: string): void;
  folder(name: string, hash: FolderHash): void;
  /** Undefined when a child has no hash in this format: then the folder has none either. */
  finish(): FolderHash | undefined;
  /** A child without a hash. */
  spoil(): void;
};

/**
 * Folder hashes, ASC MHL 6.5.2 and appendix G. Content: the sorted hashes of the children, folders
 * by their content. Structure: the sorted hashes of each name with the hash of its child, folders
 * by their structure. An empty folder has the hash of nothing.
 */
export function folderHasher(hashing: Hashing, format: HashFormat): FolderHasher {
  const content: string[] = [];
  const structure: string[] = [];
  let spoiled = false;
  const named = (name: string, hash: string) => {
    const digest = decodeHash(format, hash);
    assert(digest !== undefined, 'a hash of a child is one of its format');
    const parts = [encodeUtf8(name), digest!];
    structure.push(encodeHash(format, hashing.digest(algorithmOf(format), parts)));
  };
  return {
    file: (name, hash) => {
      content.push(hash);
      named(name, hash);
    },
    folder: (name, hash) => {
      content.push(hash.content);
      named(name, hash.structure);
    },
    spoil: () => void (spoiled = true),
    finish: () =>
      spoiled
        ? undefined
        : {
            content: hashOfList(hashing, format, content),
            structure: hashOfList(hashing, format, structure),
          },
  };
}

/** Appendix G: the spellings sorted, each decoded, all through one hash. */
export function hashOfList(
  hashing: Hashing,
  format: HashFormat,
  hashes: readonly string[],
): string {
  const digests = hashes.toSorted(compareNames).map((each) => decodeHash(format, each)!);
  return encodeHash(format, hashing.digest(algorithmOf(format), digests));
}
