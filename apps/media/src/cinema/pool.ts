import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import type { CinemaAnswer, CinemaTask, CinemaWorkerData } from './messages.ts';

const WORKER = fileURLToPath(new URL('../../dist/cinema-worker.js', import.meta.url));

export class CinemaFault extends Error {
  readonly number: number;
  readonly errno: string | null;
  constructor(number: number, reason: string, errno: string | null) {
    super(reason);
    this.number = number;
    this.errno = errno;
  }
}

type Waiting = {
  readonly number: number;
  readonly done: (answer: Exclude<CinemaAnswer, { fault: string }>) => void;
  readonly fail: (fault: CinemaFault) => void;
};

/** Threads that compress pictures; each has one picture at a time. */
export class CinemaPool {
  private readonly workers: Worker[];
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Waiting>();
  private readonly buffers: ArrayBuffer[] = [];
  private free: (() => void)[] = [];
  private broken: CinemaFault | undefined;

  constructor(count: number, data: CinemaWorkerData) {
    // The parent's own switches of module resolution are not for the built thread.
    const options = { workerData: data, execArgv: [] };
    this.workers = Array.from({ length: count }, () => new Worker(WORKER, options));
    for (const worker of this.workers) {
      this.idle.push(worker);
      worker.on('message', (answer: CinemaAnswer) => this.receive(worker, answer));
      worker.on('error', (fault) => this.break(worker, fault));
    }
  }

  /** Waits until a thread is free; only then may the next picture be brought. */
  async ready(): Promise<void> {
    if (this.broken !== undefined) throw this.broken;
    if (this.idle.length === 0) await new Promise<void>((resolve) => this.free.push(resolve));
    if (this.broken !== undefined) throw this.broken;
  }

  /** A buffer that came back from a thread, or a new one. */
  buffer(sizeBytes: number): ArrayBuffer {
    const used = this.buffers.pop();
    return used !== undefined && used.byteLength === sizeBytes ? used : new ArrayBuffer(sizeBytes);
  }

  compress(task: CinemaTask): Promise<{ hash: string; sizeBytes: number; wasThere: boolean }> {
    const worker = this.idle.pop();
    if (worker === undefined) throw new CinemaFault(task.number, 'no thread is free', null);
    return new Promise((done, fail) => {
      this.busy.set(worker, { number: task.number, done, fail });
      worker.postMessage(task, [task.pixels]);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((each) => each.terminate()));
  }

  private receive(worker: Worker, answer: CinemaAnswer): void {
    const waiting = this.busy.get(worker);
    this.busy.delete(worker);
    this.idle.push(worker);
    if ('fault' in answer) {
      waiting?.fail(new CinemaFault(answer.number, answer.fault, answer.errno));
    } else {
      this.buffers.push(answer.pixels);
      waiting?.done(answer);
    }
    this.free.shift()?.();
  }

  private break(worker: Worker, fault: unknown): void {
    const waiting = this.busy.get(worker);
    this.busy.delete(worker);
    const reason = fault instanceof Error ? fault.message : String(fault);
    this.broken = new CinemaFault(waiting?.number ?? 0, reason, null);
    waiting?.fail(this.broken);
    for (const release of this.free.splice(0)) release();
  }
}
