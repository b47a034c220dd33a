import { algorithmOf, encodeHash, type AnyHashFormat, type HashFormat } from './formats.ts';
import type { KnownFile } from './known.ts';
import { baseName, isInside } from './paths.ts';
import type { FileDigests } from './ports.ts';
import { findKnown, type MissingFile, missingFiles, type Survey } from './survey.ts';

/** Finds out which new files are missing ones under another name (ASC MHL 6.5.3). */
export type Renames = {
  /** What is known of a file that was said to have been renamed. */
  knownAs(path: string): KnownFile | undefined;
  /** The old path of a file or folder that was said to have been renamed. */
  previousPath(path: string): string | undefined;
  /** Formats in which a new file of this size must be hashed to be recognised. */
  formatsOfCandidates(sizeBytes: number): readonly HashFormat[];
  /** The missing file that this one is, taken so that no other can be it. */
  claim(path: string, sizeBytes: number, digests: FileDigests['digests']): MissingFile | undefined;
  /** Missing files that nobody was recognised as. */
  stillMissing(missing: Iterable<MissingFile>): Generator<MissingFile>;
};

/** What {@link createRenames} takes. */
export type RenameOptions = {
  readonly detectRenames?: boolean;
  /** Old path by new path, of files and folders. */
  readonly renamed?: ReadonlyMap<string, string>;
};

/** Prepares the recognition; costs nothing when it was not asked for. */
export function createRenames(survey: Survey, options: RenameOptions): Renames {
  const bySize = new Map<number, MissingFile[]>();
  if (options.detectRenames === true && survey.newFileCount > 0) {
    for (const each of missingFiles(survey)) {
      const size = each.known.sizeBytes;
      if (size === undefined) continue;
      const same = bySize.get(size);
      if (same === undefined) bySize.set(size, [each]);
      else same.push(each);
    }
  }
  const claimed = new Set<string>();
  const previousPath = (path: string): string | undefined => {
    for (const [to, from] of options.renamed ?? []) {
      if (isInside(path, to)) return from + path.slice(to.length);
    }
    return undefined;
  };
  return {
    previousPath,
    knownAs: (path) => {
      const old = previousPath(path);
      const known = old === undefined ? undefined : findKnown(survey.histories, old);
      if (known !== undefined) claimed.add(old!);
      return known;
    },
    formatsOfCandidates: (sizeBytes) =>
      (bySize.get(sizeBytes) ?? []).flatMap(({ known }) =>
        known.hashes.slice(0, 1).map(({ format }) => format as HashFormat),
      ),
    claim: (path, sizeBytes, digests) => {
      const matching = (bySize.get(sizeBytes) ?? []).filter(
        (each) => !claimed.has(each.path) && isSame(each.known, digests),
      );
      const named = matching.find((each) => baseName(each.path) === baseName(path));
      // Every empty file has the same hash: only a name can tell one from another.
      const found = named ?? (sizeBytes === 0 ? undefined : matching[0]);
      if (found !== undefined) claimed.add(found.path);
      return found;
    },
    stillMissing: function* (missing) {
      for (const each of missing) if (!claimed.has(each.path)) yield each;
    },
  };
}

function isSame(known: KnownFile, digests: FileDigests['digests']): boolean {
  let compared = 0;
  for (const { format, value } of known.hashes) {
    const digest = digests[algorithmOf(format as AnyHashFormat)];
    if (digest === undefined) continue;
    if (encodeHash(format, digest) !== value) return false;
    compared += 1;
  }
  return compared > 0;
}
