import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { HashAlgorithm, HashFailure, HashOptions } from '@yinglian/mhl';
import { openCrew } from './crew.ts';
import type { HashedFile } from './hash-file.ts';
import type { HashRequest } from './worker.ts';

/** The built worker: the same place seen from `src` and from `dist`. */
const WORKER = fileURLToPath(new URL('../../dist/hashing/worker.js', import.meta.url));
const GROUP_MAX = 32;

/** Hashes files on all cores, each file on one. */
export type HashPool = {
  readonly parallel: number;
  hash(
    path: string,
    algorithms: readonly HashAlgorithm[],
    options?: HashOptions & { readonly direct?: boolean },
  ): Promise<HashedFile | HashFailure>;
  close(): Promise<void>;
};

/** Opens a pool; workers start with the first file. */
export function openHashPool(workerCount: number = availableParallelism()): HashPool {
  const crew = openCrew<HashRequest, HashedFile | HashFailure>({
    worker: WORKER,
    workerCount,
    groupMax: GROUP_MAX,
    lost: (reason) => ({ failed: 'unreadable', reason }),
  });
  return {
    parallel: workerCount,
    hash: async (path, algorithms, options = {}) => {
      const { signal, direct = false, onBytes } = options;
      if (signal?.aborted === true) return { failed: 'unreadable', reason: 'cancelled' };
      return crew.run({ path, algorithms, direct }, (bytes) => {
        onBytes?.(bytes);
        if (signal?.aborted === true) crew.cancel();
      });
    },
    close: () => crew.close(),
  };
}
