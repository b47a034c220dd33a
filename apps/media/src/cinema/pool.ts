import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import type { Finding } from '@yinglian/core';
import {
  type CinemaAnswer,
  type CinemaFaultAnswer,
  type CinemaTask,
  type CinemaWorkerData,
  STOP,
} from './messages.ts';

const WORKER = fileURLToPath(new URL('../../dist/cinema-worker.js', import.meta.url));

export class CinemaFault extends Error {
  readonly number: number;
  readonly errno: string | null;
  readonly findings: readonly Finding[];
  constructor({ number, fault, errno, findings }: CinemaFaultAnswer) {
    super(fault);
    this.number = number;
    this.errno = errno;
    this.findings = findings;
  }
}

/** A thread's child is killed and its files are taken away within this, or the thread is ended. */
const STOP_TIMEOUT_MS = 5000;

type Done = Exclude<CinemaAnswer, CinemaFaultAnswer>;

type Waiting = {
  readonly number: number;
  readonly done: (answer: Done) => void;
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
  private readonly isForeign: boolean;

  constructor(count: number, data: CinemaWorkerData) {
    this.isForeign = data.settings.encoder !== 'own';
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

  compress(task: CinemaTask): Promise<Done> {
    const worker = this.idle.pop();
    if (worker === undefined) throw faultAt(task.number, 'no thread is free');
    return new Promise((done, fail) => {
      this.busy.set(worker, { number: task.number, done, fail });
      worker.postMessage(task, [task.pixels]);
    });
  }

  /** Lets go of every picture that is waited for; a foreign program may take long over one. */
  cancel(): void {
    this.broken ??= faultAt(0, 'cancelled');
    for (const waiting of this.busy.values()) waiting.fail(this.broken);
    this.busy.clear();
    for (const release of this.free.splice(0)) release();
  }

  async close(): Promise<void> {
    if (this.isForeign) await Promise.all(this.workers.map(askToStop));
    await Promise.all(this.workers.map((each) => each.terminate()));
  }

  private receive(worker: Worker, answer: CinemaAnswer): void {
    const waiting = this.busy.get(worker);
    this.busy.delete(worker);
    this.idle.push(worker);
    if ('fault' in answer) {
      waiting?.fail(new CinemaFault(answer));
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
    this.broken = faultAt(waiting?.number ?? 0, reason);
    waiting?.fail(this.broken);
    for (const release of this.free.splice(0)) release();
  }
}

function faultAt(number: number, fault: string): CinemaFault {
  return new CinemaFault({ number, fault, errno: null, findings: [] });
}

/** A thread that is ended outright would leave its child running. */
async function askToStop(worker: Worker): Promise<void> {
  if (worker.threadId < 0) return;
  const ended = once(worker, 'exit').catch(() => {});
  worker.postMessage(STOP);
  const late = new AbortController();
  const timeout = after(STOP_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => {});
  await Promise.race([ended, timeout]);
  late.abort();
}
