import type { Readable } from 'node:stream';
import type { Outcome } from '@yinglian/core';
import type { Listing } from './messages.ts';
import type { Execution, Plan, PlanInput } from './plan.ts';
import type { Probe } from './probe.ts';

export type Limits = {
  /** Wall clock of one job. */
  readonly timeSeconds: number;
  /** Longest silence of a child that should be working. */
  readonly stallSeconds: number;
  /** Resident memory of the child. */
  readonly memoryBytes: number;
};

export const DEFAULT_LIMITS: Limits = {
  timeSeconds: 12 * 3600,
  stallSeconds: 120,
  // A 4K picture in 16-bit RGB is 53 MB; decoders, graph and encoder keep a few dozen of them.
  memoryBytes: 3 * 1024 ** 3,
};

export type JobProgress = {
  readonly pictures: number;
  /** Seconds of the film that are done. */
  readonly seconds: number;
  /** Between 0 and 1; null while the length is not known. */
  readonly share: number | null;
};

export type Control = {
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((pictures: number, seconds: number) => void) | undefined;
};

/** Takes the bytes of one data pipe. While its promise is open the child has to wait. */
export type Tap = (chunk: Uint8Array) => void | Promise<void>;

export type ExecuteOptions = {
  readonly taps?: readonly Tap[];
  /** What the child reads as `pipe:0`. */
  readonly stdin?: Readable;
};

/** The children of one job. Killed with the job, whatever happens. */
export type Session = {
  probe(input: PlanInput, sizeBytes: number, count: boolean): Promise<Outcome<Probe>>;
  /** At most once per session: the end of the child is the end of its data. */
  execute(plan: Plan, options?: ExecuteOptions): Promise<Outcome<Execution>>;
  close(): void;
};

export type EngineName = 'node-av' | 'ffmpeg';

export type Backend = {
  readonly name: EngineName;
  list(control: Control): Promise<Outcome<Listing>>;
  open(control: Control): Session;
};
