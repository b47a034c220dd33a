import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { BlockHelper } from '@yinglian/jpeg2000';
import type { Answers, Task } from './messages.ts';

const WORKER = fileURLToPath(new URL('../../dist/j2k/worker.js', import.meta.url));

/** One thread with the task it is at. */
type Member = {
  readonly worker: Worker;
  waiting?: { resolve(value: unknown): void; reject(fault: Error): void };
};

/** Threads that code pictures; each has one task at a time. */
export class Crew {
  readonly #members: Member[];
  readonly #idle: Member[] = [];
  readonly #queue: ((member: Member) => void)[] = [];

  constructor(threads: number) {
    // The parent's own switches of module resolution are not for the built thread.
    this.#members = Array.from({ length: threads }, () => ({
      worker: new Worker(WORKER, { execArgv: [] }),
    }));
    for (const member of this.#members) {
      this.#idle.push(member);
      member.worker.on('message', (answer: { value?: unknown; fault?: string }) => {
        const { waiting } = member;
        delete member.waiting;
        if (answer.fault === undefined) waiting?.resolve(answer.value);
        else waiting?.reject(new Error(answer.fault));
        this.#release(member);
      });
      member.worker.on('error', (fault) => member.waiting?.reject(fault));
    }
  }

  /** Has a task done by the next thread that is free. */
  async perform<T extends Task>(task: T): Promise<Answers[T['kind']]> {
    const member =
      this.#idle.pop() ?? (await new Promise<Member>((take) => this.#queue.push(take)));
    return new Promise((resolve, reject) => {
      member.waiting = { resolve: (value) => resolve(value as Answers[T['kind']]), reject };
      const transfer =
        task.kind === 'blocks' ? [task.task.coefficients.buffer, task.task.shapes.buffer] : [];
      member.worker.postMessage(task, transfer);
    });
  }

  /** A helper for the blocks of one picture per thread. */
  helpers(): BlockHelper[] {
    return this.#members.map(() => (task) => this.perform({ kind: 'blocks', task }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #release(member: Member): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#idle.push(member);
    else next(member);
  }
}

/** As many threads as the machine runs at once, unless told. */
export function threadCount(given: string | undefined): number {
  const count = given === undefined ? availableParallelism() : Number(given);
  return Math.max(1, Math.min(64, Math.floor(count) || 1));
}
