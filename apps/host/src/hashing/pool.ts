import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { HashAlgorithm, HashFailure, HashOptions } from '@yinglian/mhl';
import type { HashedFile } from './hash-file.ts';
import type { HashAnswer, HashRequest } from './worker.ts';

/** The built worker: the same place seen from `src` and from `dist`. */
const WORKER = fileURLToPath(new URL('../../dist/hashing/worker.js', import.meta.url));
/** Small files travel in groups: a message costs more than hashing one of them. */
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

type Task = HashRequest & {
  readonly onBytes: ((bytes: number) => void) | undefined;
  readonly signal: HashOptions['signal'];
  readonly done: (result: HashedFile | HashFailure) => void;
};

type Member = {
  readonly worker: Worker;
  readonly running: Map<number, Task>;
  broken: boolean;
};

/** Opens a pool; workers start with the first file. */
export function openHashPool(workerCount: number = availableParallelism()): HashPool {
  const members: Member[] = [];
  const waiting: Task[] = [];
  /** Set once somebody cancelled: workers look at it between two reads. */
  const cancelled = new Int32Array(new SharedArrayBuffer(4));
  let nextId = 1;
  let closed = false;
  const dispatch = () => {
    while (waiting.length > 0) {
      const free = members.find(({ running }) => running.size === 0) ?? grow();
      if (free === undefined) return;
      const share = Math.ceil(waiting.length / (2 * workerCount));
      const group = waiting.splice(0, Math.min(GROUP_MAX, share));
      for (const task of group) free.running.set(task.id, task);
      const requests: HashRequest[] = group.map(({ id, path, algorithms, direct }) => ({
        id,
        path,
        algorithms,
        direct,
      }));
      free.worker.postMessage(requests);
    }
  };
  const grow = (): Member | undefined => {
    if (members.length >= workerCount || closed) return undefined;
    const worker = new Worker(WORKER, { workerData: cancelled });
    const member: Member = { worker, running: new Map(), broken: false };
    worker.on('message', (answer: HashAnswer) => receive(member, answer));
    worker.on('error', (error) => lose(member, error.message));
    worker.on('exit', () => lose(member, 'worker ended'));
    members.push(member);
    return member;
  };
  const receive = (member: Member, answer: HashAnswer) => {
    const task = member.running.get(answer.id);
    if (task === undefined) return;
    if (answer.bytes > 0) task.onBytes?.(answer.bytes);
    if (task.signal?.aborted === true) Atomics.store(cancelled, 0, 1);
    if (answer.result === undefined) return;
    member.running.delete(answer.id);
    task.done(answer.result);
    if (member.running.size === 0) dispatch();
  };
  const lose = (member: Member, reason: string) => {
    if (member.broken) return;
    member.broken = true;
    members.splice(members.indexOf(member), 1);
    for (const task of member.running.values()) task.done({ failed: 'unreadable', reason });
    dispatch();
  };
  return {
    parallel: workerCount,
    hash: (path, algorithms, options = {}) =>
      new Promise((resolve) => {
        if (closed || options.signal?.aborted === true) {
          return resolve({ failed: 'unreadable', reason: 'cancelled' });
        }
        // A cancelled pool may be used again for something else.
        Atomics.store(cancelled, 0, 0);
        waiting.push({
          id: nextId++,
          path,
          algorithms,
          direct: options.direct === true,
          onBytes: options.onBytes,
          signal: options.signal,
          done: resolve,
        });
        if (waiting.length === 1) queueMicrotask(dispatch);
        else dispatch();
      }),
    close: async () => {
      closed = true;
      Atomics.store(cancelled, 0, 1);
      for (const task of waiting.splice(0)) task.done({ failed: 'unreadable', reason: 'closed' });
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}
