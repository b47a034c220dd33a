import { type FileHandle, lstat, open, readFile, rm } from 'node:fs/promises';
import { fromHex, toHex } from '@yinglian/core';
import type { HashAlgorithm } from '@yinglian/mhl';
import type { HashPool } from './pool.ts';

/** A pool that remembers, so that an interrupted reading of terabytes goes on where it was. */
export type HashJournal = Pick<HashPool, 'hash' | 'parallel'> & {
  /** Files that did not have to be read again. */
  readonly reusedCount: number;
  /** Keeps the journal for the next run, or removes it when the work is done. */
  close(done: boolean): Promise<void>;
};

type Line = {
  readonly path: string;
  readonly identity: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly digests: Readonly<Record<string, string>>;
};

/** Lines below this size cannot be anything but a line of ours. */
const LINE_CHARACTERS_MAX = 20_000;

/**
 * Writes what was hashed to a file, one line for each, and believes a line of an earlier run only
 * while size, times and number of the file on its disk are what they were.
 */
export async function openHashJournal(pool: HashPool, file: string): Promise<HashJournal> {
  const known = new Map<string, Line>();
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const read = parseLine(line);
    if (read !== undefined) known.set(read.path, read);
  }
  const handle: FileHandle = await open(file, 'a');
  // A line that a kill cut off must not swallow the next one.
  if (text !== '' && !text.endsWith('\n')) await handle.write('\n');
  let reusedCount = 0;
  return {
    parallel: pool.parallel,
    get reusedCount() {
      return reusedCount;
    },
    hash: async (path, algorithms, options = {}) => {
      const identity = await identityOf(path);
      const line = known.get(path);
      if (line !== undefined && line.identity === identity) {
        const digests = digestsOf(line, algorithms);
        if (digests !== undefined) {
          reusedCount += 1;
          options.onBytes?.(line.sizeBytes);
          const { sizeBytes, modifiedMs } = line;
          return { digests, sizeBytes, modifiedMs, direct: false };
        }
      }
      const result = await pool.hash(path, algorithms, options);
      if (!('failed' in result) && identity !== undefined) {
        const { sizeBytes, modifiedMs } = result;
        const digests = Object.fromEntries(
          Object.entries(result.digests).map(([name, bytes]) => [name, toHex(bytes)]),
        );
        const made: Line = { path, identity, sizeBytes, modifiedMs, digests };
        await handle.write(`${JSON.stringify(made)}\n`);
      }
      return result;
    },
    close: async (done) => {
      await handle.close();
      if (done) await rm(file, { force: true });
    },
  };
}

async function identityOf(path: string): Promise<string | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return undefined;
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join('-');
}

function parseLine(text: string): Line | undefined {
  if (text === '' || text.length > LINE_CHARACTERS_MAX) return undefined;
  try {
    const line = JSON.parse(text) as Line;
    return typeof line.path === 'string' && typeof line.digests === 'object' ? line : undefined;
  } catch {
    return undefined;
  }
}

function digestsOf(
  line: Line,
  algorithms: readonly HashAlgorithm[],
): Partial<Record<HashAlgorithm, Uint8Array>> | undefined {
  const digests: Partial<Record<HashAlgorithm, Uint8Array>> = {};
  for (const each of algorithms) {
    const hex = line.digests[each];
    if (hex === undefined || !/^(?:[0-9a-f]{2})+$/.test(hex)) return undefined;
    digests[each] = fromHex(hex);
  }
  return digests;
}
