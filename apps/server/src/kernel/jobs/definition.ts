import type { Finding } from '@yinglian/core';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import type { Work } from '../write.ts';
import type { JobKind, Lane } from './kind.ts';

/** A kind of job as data. `run` may be begun again at any time: work goes into steps. */
export type JobDefinition<Input = never> = JobKind<Input> & {
  /** How often a fault of the job itself is tried again; a killed server does not count. */
  readonly retries: number;
  /** Seconds to wait after so many failures; a doubling delay where it is left out. */
  readonly delaySeconds?: (failures: number) => number;
  readonly run: (job: JobRun<Input>) => Promise<unknown>;
};
/** For lists of definitions with different inputs. */
export type AnyJob = JobDefinition<any>; // oxlint-disable-line no-explicit-any

export type JobRun<Input> = {
  readonly id: string;
  readonly input: Input;
  readonly filmId: string | null;
  /** The person and organisation that asked for the job, with their roles of now. */
  readonly context: Context;
  /** Ends on cancel and when the server stops. Hand it to whatever waits. */
  readonly signal: AbortSignal;
  /** From 0 to 1, or null where the length is unknown. Cheap: call it as often as you like. */
  progress(fraction: number | null): void;
  /**
   * Runs the function once: after a kill the stored result of a finished step is given instead.
   * A step that was cut off runs again, so what it does to files must bear repetition. The result
   * is JSON, and is read back from JSON the first time too.
   */
  step<Result>(
    code: string,
    action: () => Promise<Result>,
    facts?: Record<string, unknown>,
  ): Promise<Result>;
  /** A step whose database changes are committed together with its result: exactly once. */
  write<Result>(code: string, change: (work: Work) => Promise<Result>): Promise<Result>;
  /** Adds findings to the job, for its page. */
  report(...findings: readonly Finding[]): Promise<void>;
};

export type JobOptions<Input> = {
  readonly kind: string;
  readonly lane?: Lane;
  readonly input: z.ZodType<Input>;
  readonly retries?: number;
  readonly delaySeconds?: (failures: number) => number;
  readonly run: (job: JobRun<Input>) => Promise<unknown>;
};

const RETRIES_DEFAULT = 2;

export function defineJob<Input>(options: JobOptions<Input>): JobDefinition<Input> {
  return { lane: 'light', retries: RETRIES_DEFAULT, ...options };
}
