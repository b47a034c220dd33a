import type { Finding } from '@yinglian/core';
import { createGeneration, type HashAlgorithm, type MediaTree } from '@yinglian/mhl';
import { isLeftBySystem } from '@yinglian/offload';
import { loadHashing } from '../hashing/algorithms.ts';
import { diskTree } from '../hashing/disk-tree.ts';
import { hashFile } from '../hashing/hash-file.ts';
import { openHashPool } from '../hashing/pool.ts';
import type { OffloadOptions } from './model.ts';

/** What is known of a file that was copied and read back. */
export type Digests = {
  readonly digests: Readonly<Partial<Record<HashAlgorithm, Uint8Array>>>;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
};

/**
 * The generation of a transfer on one target. Its hashes are those of the copying, which were read
 * back from this very copy; a history that came with the card is carried on and held to them.
 */
export async function writeTargetManifest(
  folder: string,
  copied: ReadonlyMap<string, Digests>,
  options: OffloadOptions,
  signal: AbortSignal | undefined,
): Promise<{
  readonly manifest: { readonly path: string; readonly c4: string } | undefined;
  readonly findings: readonly Finding[];
}> {
  const pool = openHashPool(2);
  try {
    const disk = diskTree(folder, {
      parallel: pool.parallel,
      // Manifests are small: no thread is started for them alone.
      hash: (path, algorithms, how = {}) =>
        path.endsWith('.mhl')
          ? hashFile(path, algorithms, { cancelled: () => how.signal?.aborted === true })
          : pool.hash(path, algorithms, how),
    });
    const within = (path: string, name: string) => (path === '' ? name : `${path}/${name}`);
    const ofCard = withFolders(copied.keys());
    const tree: MediaTree = {
      ...disk,
      // What a system left in the copy meanwhile is no part of it.
      entries: async (path) =>
        (await disk.entries(path))?.filter(
          ({ name }) => !isLeftBySystem(name) || ofCard.has(within(path, name)),
        ),
      hash: async (path, algorithms, hashOptions) => {
        const known = copied.get(path);
        const whole = algorithms.every((each) => known?.digests[each] !== undefined);
        return known !== undefined && whole ? known : disk.hash(path, algorithms, hashOptions);
      },
    };
    const made = await createGeneration(tree, await loadHashing(), {
      formats: options.formats,
      creator: options.creator,
      startedAt: options.startedAt,
      now: options.now,
      process: 'transfer',
      ...(signal === undefined ? {} : { signal }),
    });
    const root = made.generations.find((each) => each.folder === '');
    return {
      manifest: root === undefined ? undefined : { path: root.path, c4: root.c4 },
      findings: made.findings,
    };
  } finally {
    await pool.close();
  }
}

/** Paths of files, and of every folder on the way to them. */
export function withFolders(paths: Iterable<string>): ReadonlySet<string> {
  const made = new Set<string>();
  for (const path of paths) {
    let at = path;
    // Once a folder is known, all above it are.
    while (at !== '' && !made.has(at)) {
      made.add(at);
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
    }
  }
  return made;
}
