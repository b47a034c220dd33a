import { parentPort, Worker, workerData } from 'node:worker_threads';

/** What a worker is asked; `id` is the crew's own. */
export type CrewRequest<Request> = { readonly id: number; readonly request: Request };

/** How far a request is, or what came of it. */
type CrewAnswer<Result> = {
  readonly id: number;
  /** Bytes moved since the last answer. */
  readonly bytes: number;
  readonly result?: Result;
};

/** Workers that do one kind of work on files. */
export type Crew<Request, Result> = {
  run(request: Request, onBytes?: (bytes: number) => void): Promise<Result>;
  /** Makes work under way end early; what is asked for later runs again. */
  cancel(): void;
  close(): Promise<void>;
};

/** How a crew works. */
export type CrewOptions<Result> = {
  /** Path of the built worker. */
  readonly worker: string;
  readonly workerCount: number;
  /** Requests that travel together when many wait: a message costs more than a small file. */
  readonly groupMax: number;
  /** The result of work whose worker died. */
  readonly lost: (reason: string) => Result;
};

type Task<Request, Result> = CrewRequest<Request> & {
  readonly onBytes: ((bytes: number) => void) | undefined;
  readonly done: (result: Result) => void;
};

type Member<Request, Result> = {
  readonly worker: Worker;
  readonly running: Map<number, Task<Request, Result>>;
};

/** Opens a crew; workers start with the first work. */
export function openCrew<Request, Result>(options: CrewOptions<Result>): Crew<Request, Result> {
  const members: Member<Request, Result>[] = [];
  const waiting: Task<Request, Result>[] = [];
  /** Raised to cancel: workers look at it between two reads. */
  const cancelled = new Int32Array(new SharedArrayBuffer(4));
  let nextId = 1;
  let closed = false;
  const dispatch = () => {
    while (waiting.length > 0) {
      const free = members.find(({ running }) => running.size === 0) ?? grow();
      if (free === undefined) return;
      const share = Math.ceil(waiting.length / (2 * options.workerCount));
      const group = waiting.splice(0, Math.min(options.groupMax, share));
      for (const task of group) free.running.set(task.id, task);
      const requests = group.map(({ id, request }): CrewRequest<Request> => ({ id, request }));
      free.worker.postMessage(requests);
    }
  };
  const grow = (): Member<Request, Result> | undefined => {
    if (members.length >= options.workerCount || closed) return undefined;
    const worker = new Worker(options.worker, { workerData: cancelled, execArgv: [] });
    const member: Member<Request, Result> = { worker, running: new Map() };
    worker.on('message', (answers: readonly CrewAnswer<Result>[]) => {
      for (const each of answers) receive(member, each);
      if (member.running.size === 0) dispatch();
    });
    worker.on('error', (error) => lose(member, error.message));
    worker.on('exit', () => lose(member, 'the worker ended'));
    members.push(member);
    return member;
  };
  const receive = (member: Member<Request, Result>, answer: CrewAnswer<Result>) => {
    const task = member.running.get(answer.id);
    if (task === undefined) return;
    if (answer.bytes > 0) task.onBytes?.(answer.bytes);
    if (answer.result === undefined) return;
    member.running.delete(answer.id);
    task.done(answer.result);
  };
  const lose = (member: Member<Request, Result>, reason: string) => {
    const at = members.indexOf(member);
    if (at < 0) return;
    members.splice(at, 1);
    for (const task of member.running.values()) task.done(options.lost(reason));
    dispatch();
  };
  return {
    run: (request, onBytes) =>
      new Promise((resolve) => {
        if (closed) return resolve(options.lost('the crew is closed'));
        // Work asked for after a cancellation is other work.
        if (members.every(({ running }) => running.size === 0)) Atomics.store(cancelled, 0, 0);
        waiting.push({ id: nextId++, request, onBytes, done: resolve });
        if (waiting.length === 1) queueMicrotask(dispatch);
        else dispatch();
      }),
    cancel: () => {
      Atomics.store(cancelled, 0, 1);
      for (const task of waiting.splice(0)) task.done(options.lost('cancelled'));
    },
    close: async () => {
      closed = true;
      Atomics.store(cancelled, 0, 1);
      for (const task of waiting.splice(0)) task.done(options.lost('the crew is closed'));
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}

/** A crew of nobody: the work is done in this thread, for what is small. */
export function openInlineCrew<Request, Result>(
  work: (request: Request, crew: CrewWork) => Promise<Result>,
): Crew<Request, Result> {
  let epoch = 0;
  return {
    run: (request, onBytes = () => undefined) => {
      const started = epoch;
      return work(request, { cancelled: () => epoch !== started, onBytes });
    },
    cancel: () => void (epoch += 1),
    close: async () => void (epoch += 1),
  };
}

/** Bytes between two answers of a large file, and time between those of small ones. */
const ANSWER_BYTES = 32 * 1024 * 1024;
const ANSWER_MS = 50;

/** What a worker's work is given besides its request. */
export type CrewWork = {
  readonly cancelled: () => boolean;
  readonly onBytes: (bytes: number) => void;
};

/** The worker's side: answers requests for as long as its crew lives. */
export function serveCrew<Request, Result>(
  work: (request: Request, crew: CrewWork) => Promise<Result>,
  together: boolean,
): void {
  const flag = workerData as Int32Array;
  const cancelled = () => Atomics.load(flag, 0) !== 0;
  // Answers of small files travel together too; those of large ones do not wait for others.
  let outbox: CrewAnswer<Result>[] = [];
  let sentAt = performance.now();
  const send = () => {
    if (outbox.length > 0) parentPort?.postMessage(outbox);
    outbox = [];
    sentAt = performance.now();
  };
  const answer = async ({ id, request }: CrewRequest<Request>) => {
    let unsaid = 0;
    const result = await work(request, {
      cancelled,
      onBytes: (bytes) => {
        unsaid += bytes;
        if (unsaid < ANSWER_BYTES) return;
        outbox.push({ id, bytes: unsaid });
        unsaid = 0;
        send();
      },
    });
    outbox.push({ id, bytes: unsaid, result });
    if (performance.now() - sentAt > ANSWER_MS) send();
  };
  const answerAll = async (requests: readonly CrewRequest<Request>[]) => {
    if (together) await Promise.all(requests.map(answer));
    else for (const each of requests) await answer(each);
    send();
  };
  parentPort?.on(
    'message',
    (requests: readonly CrewRequest<Request>[]) => void answerAll(requests),
  );
}
