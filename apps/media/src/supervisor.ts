import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type Finding, finding } from '@yinglian/core';
import type { Control } from './backend.ts';

const LOOK_MS = 200;
const STDERR_BYTES_MAX = 16 * 1024;

/** Watches one child: its time, its silence, its memory and the wish to stop it. */
export class Supervisor {
  /** Why the child was killed; undefined when it was not. */
  verdict: Finding | undefined;
  stderrTail = '';
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  private readonly child: ChildProcess;
  private readonly control: Control;
  private readonly timer: NodeJS.Timeout;
  private readonly startedAt = performance.now();
  private activeAt = performance.now();
  private looking = false;
  private readonly onAbort = () => this.kill(finding('cancelled_job', 'error'));

  constructor(child: ChildProcess, control: Control, onStderr?: (text: string) => void) {
    this.child = child;
    this.control = control;
    this.ended = new Promise((resolve) => {
      child.once('error', (fault) => {
        this.stderrTail += fault.message;
        this.stop();
        resolve({ code: null, signal: null });
      });
      child.once('exit', (code, signal) => {
        this.stop();
        resolve({ code, signal });
      });
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      onStderr?.(text);
      this.stderrTail = (this.stderrTail + text).slice(-STDERR_BYTES_MAX);
    });
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
    if (control.signal?.aborted === true) this.onAbort();
    else control.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** The child, or somebody it waits for, has done something. */
  touch(): void {
    this.activeAt = performance.now();
  }

  kill(verdict: Finding): void {
    this.verdict ??= verdict;
    this.child.kill('SIGKILL');
  }

  /** What a child's end means when it gave no answer. */
  failure(end: { readonly code: number | null; readonly signal: string | null }): Finding {
    if (this.verdict !== undefined) return this.verdict;
    const lastLine = this.stderrTail.trim().split('\n').at(-1) ?? '';
    const reason = end.signal ?? (lastLine || `exit ${end.code}`);
    return finding('failed_engine', 'error', { facts: { reason } });
  }

  private stop(): void {
    clearInterval(this.timer);
    this.control.signal?.removeEventListener('abort', this.onAbort);
  }

  private async look(): Promise<void> {
    const { timeSeconds, stallSeconds, memoryBytes } = this.control.limits;
    const now = performance.now();
    if (now - this.startedAt > timeSeconds * 1000) {
      this.kill(finding('exceeded_time', 'error', { facts: { limitSeconds: timeSeconds } }));
    } else if (now - this.activeAt > stallSeconds * 1000) {
      this.kill(finding('stalled_job', 'error', { facts: { limitSeconds: stallSeconds } }));
    }
    if (this.looking || this.child.pid === undefined) return;
    this.looking = true;
    const usedBytes = await residentBytes(this.child.pid);
    this.looking = false;
    if (usedBytes !== undefined && usedBytes > memoryBytes) {
      const facts = { usedBytes, limitBytes: memoryBytes };
      this.kill(finding('exceeded_memory', 'error', { facts }));
    }
  }
}

/** Resident memory of a process; undefined when it has gone or the system does not tell. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const match = /^VmRSS:\s+(\d+) kB/m.exec(status);
    return match === null ? undefined : Number(match[1]) * 1024;
  }
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (fault, stdout) => {
      const kilobytes = Number.parseInt(stdout, 10);
      resolve(fault !== null || Number.isNaN(kilobytes) ? undefined : kilobytes * 1024);
    });
  });
}

/** Children get what they need to start, not the server's secrets. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = { LC_ALL: 'C' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'SystemRoot']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return kept;
}
