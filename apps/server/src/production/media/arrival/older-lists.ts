import { dirname, join } from 'node:path';
import { type Finding } from '@yinglian/core';
import { knownFilesOf, readManifest1, verifyAgainst } from '@yinglian/mhl';
import { diskTree, type HashPool } from '@yinglian/transfer';

/** More lists than a card of any camera writes. */
const LISTS_MAX = 1000;

/**
 * Holds a folder against the MHL v1 lists that lie in it, each over the folder it lies in. Lists of
 * ASC MHL are histories, which the new generation is held against anyway.
 */
export async function olderLists(
  folder: string,
  pool: HashPool,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const lists = paths.filter((path) => /\.mhl$/i.test(path) && !/(?:^|\/)ascmhl\//i.test(path));
  const findings: Finding[] = [];
  for (const path of lists.slice(0, LISTS_MAX)) {
    signal.throwIfAborted();
    const tree = diskTree(join(folder, dirname(path)), pool);
    const source = await tree.open(path.split('/').at(-1)!);
    if (source === undefined) continue;
    try {
      const { manifest, findings: read } = await readManifest1(source, { file: path });
      findings.push(...read);
      if (manifest === undefined) continue;
      const known = knownFilesOf(manifest);
      const checked = await verifyAgainst(tree, known.files, { listedOnly: true, signal });
      findings.push(...known.findings, ...checked.findings);
    } finally {
      await source.close?.();
    }
  }
  return findings;
}
