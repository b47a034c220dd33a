import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type AssetExaminer, examineAlone } from '@yinglian/dcp';
import { nodeCryptography } from '@yinglian/host';
import { openCrew } from '../hashing/crew.ts';
import type { ExamineRequest, ExamineResult } from './worker.ts';

/** The built worker: the same place seen from `src` and from `dist`. */
const WORKER = fileURLToPath(new URL('../../dist/judging/worker.js', import.meta.url));
/** What is read faster than a worker begins. */
const BYTES_MIN = 256 * 1024 * 1024;
/** A worker that is gone has told nothing of its file, which is then examined here. */
const LOST = 'lost';

/** How a crew of examiners works. */
export type ExaminerCrewOptions = {
  readonly workerCount?: number;
  /** Files below this size are examined by the caller. */
  readonly bytesMin?: number;
};

/** Examines large track files of a package on all cores, each file on one. */
export function openExaminerCrew(
  options: ExaminerCrewOptions = {},
): AssetExaminer & { close(): Promise<void> } {
  const { workerCount = availableParallelism(), bytesMin = BYTES_MIN } = options;
  const crew = openCrew<ExamineRequest, ExamineResult>({
    worker: WORKER,
    workerCount,
    groupMax: 1,
    lost: (reason) => ({ fault: reason, errno: LOST }),
  });
  return {
    parallel: workerCount,
    async examine(source, order, watch) {
      const { filePath, sizeBytes } = source;
      const alone = () => examineAlone(source, order, nodeCryptography, watch);
      if (filePath === undefined || sizeBytes < bytesMin || workerCount < 2) return alone();
      const { signal, onProgress } = watch;
      let done = 0;
      const result = await crew.run({ path: filePath, order }, (bytes) => {
        done += bytes;
        const file = order.file.path;
        onProgress?.({ stage: 'verify', file, done, total: sizeBytes, unit: 'bytes' });
        if (signal?.aborted === true) crew.cancel();
      });
      signal?.throwIfAborted();
      if ('examined' in result) return result.examined;
      if (result.errno === LOST) return alone();
      throw Object.assign(new Error(result.fault), { code: result.errno, path: filePath });
    },
    close: () => crew.close(),
  };
}
