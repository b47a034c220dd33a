import { parentPort, workerData } from 'node:worker_threads';
import type { HashAlgorithm, HashFailure } from '@yinglian/mhl';
import { type HashedFile, hashFile } from './hash-file.ts';

/** A file to be hashed. */
export type HashRequest = {
  readonly id: number;
  readonly path: string;
  readonly algorithms: readonly HashAlgorithm[];
  readonly direct: boolean;
};

/** How far a file is, or what came of it. */
export type HashAnswer = {
  readonly id: number;
  /** Read since the last answer. */
  readonly bytes: number;
  readonly result?: HashedFile | HashFailure;
};

/** Bytes between two answers of a large file. */
const ANSWER_BYTES = 64 * 1024 * 1024;

const cancelFlag = workerData as Int32Array;
const cancelled = () => Atomics.load(cancelFlag, 0) !== 0;

async function serve(requests: readonly HashRequest[]): Promise<void> {
  for (const { id, path, algorithms, direct } of requests) {
    let unsaid = 0;
    const result = await hashFile(path, algorithms, {
      direct,
      cancelled,
      onBytes: (bytes) => {
        unsaid += bytes;
        if (unsaid < ANSWER_BYTES) return;
        parentPort?.postMessage({ id, bytes: unsaid } satisfies HashAnswer);
        unsaid = 0;
      },
    });
    parentPort?.postMessage({ id, bytes: unsaid, result } satisfies HashAnswer);
  }
}

parentPort?.on('message', (requests: readonly HashRequest[]) => void serve(requests));
