import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import type { Backend, Control, ExecuteOptions, Session } from '../backend.ts';
import type { Listing, Reply, Request } from '../messages.ts';
import { type Execution, FIRST_TAP, type Plan, type PlanInput, TAPS_MAX } from '../plan.ts';
import type { Probe } from '../probe.ts';
import { feed, pour, raiseTapFault } from '../pipes.ts';
import { childEnvironment, Supervisor } from '../supervisor.ts';

/** The built worker: the same place seen from `src` and from `dist`. */
const WORKER = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));
/** JavaScript keeps little; pictures live outside its heap. */
const HEAP_MEGABYTES = 512;

/** FFmpeg from npm, one process per job. */
export const nodeAvBackend: Backend = {
  name: 'node-av',
  list: async (control) => {
    const session = new NodeAvSession(control);
    try {
      return await session.list();
    } finally {
      session.close();
    }
  },
  open: (control) => new NodeAvSession(control),
};

class NodeAvSession implements Session {
  private readonly child: ChildProcess;
  private readonly supervisor: Supervisor;
  private readonly control: Control;
  private waiting: ((reply: Reply) => void) | undefined;

  constructor(control: Control) {
    this.control = control;
    const taps = Array.from({ length: TAPS_MAX }, () => 'pipe' as const);
    this.child = fork(WORKER, [], {
      stdio: ['pipe', 'ignore', 'pipe', 'ipc', ...taps],
      execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
      env: childEnvironment(),
      serialization: 'json',
    });
    for (let at = 0; at < TAPS_MAX; at++) this.tapStream(at).on('error', () => {});
    this.child.stdin!.on('error', () => {});
    this.supervisor = new Supervisor(this.child, control);
    this.child.on('message', (message) => this.receive(message as Reply));
  }

  async list(): Promise<Outcome<Listing>> {
    const reply = await this.ask({ type: 'list' });
    return reply.ok && reply.value.type === 'listing' ? accepted(reply.value.value) : failed(reply);
  }

  async probe(input: PlanInput, sizeBytes: number, count: boolean): Promise<Outcome<Probe>> {
    const { url, options, format } = input;
    const request = { type: 'probe', url, options, sizeBytes, count } as const;
    // Counting reads the whole file without a word; only the time limit ends it.
    const alive = setInterval(() => this.supervisor.touch(), 1000);
    const reply = await this.ask(format === undefined ? request : { ...request, format });
    clearInterval(alive);
    return reply.ok && reply.value.type === 'probe' ? accepted(reply.value.value) : failed(reply);
  }

  async execute(plan: Plan, options: ExecuteOptions = {}): Promise<Outcome<Execution>> {
    const taps = options.taps ?? [];
    const pours = Promise.allSettled(
      taps.map((tap, at) => pour(this.tapStream(at), tap, this.supervisor)),
    );
    const fed = options.stdin === undefined ? undefined : feed(options.stdin, this.child.stdin!);
    const reply = await this.ask({ type: 'execute', plan });
    if (!reply.ok || reply.value.type !== 'execution') {
      this.close();
      fed?.stop();
      raiseTapFault(await pours);
      return failed(reply);
    }
    const poured = await pours;
    fed?.stop();
    raiseTapFault(poured);
    return accepted(reply.value.value);
  }

  close(): void {
    this.child.removeAllListeners('message');
    this.child.kill('SIGKILL');
  }

  private tapStream(at: number): Readable {
    return this.child.stdio[FIRST_TAP + at] as Readable;
  }

  private receive(reply: Reply): void {
    this.supervisor.touch();
    if (reply.type === 'progress') this.control.onProgress?.(reply.pictures, reply.seconds);
    else if (reply.type !== 'ready') this.waiting?.(reply);
  }

  private async ask(request: Request): Promise<Outcome<Reply>> {
    const answer = new Promise<Outcome<Reply>>((resolve) => {
      this.waiting = (reply) => resolve(accepted(reply));
    });
    const ended = this.supervisor.ended.then((end): Outcome<Reply> =>
      refused(this.supervisor.failure(end)),
    );
    this.child.send(request, () => {});
    const reply = await Promise.race([answer, ended]);
    // A child that was told to stop may still have answered in between.
    return this.supervisor.verdict === undefined ? reply : refused(this.supervisor.verdict);
  }
}

function failed<Value>(reply: Outcome<Reply>): Outcome<Value> {
  if (!reply.ok) return reply;
  if (reply.value.type === 'fault') {
    return refused(finding(reply.value.code, 'error', { facts: reply.value.facts }));
  }
  return refused(finding('failed_engine', 'error', { facts: { reason: reply.value.type } }));
}
