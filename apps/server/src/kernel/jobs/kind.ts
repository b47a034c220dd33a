import type { z } from 'zod';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/database.ts';

/** `heavy` jobs load the whole machine and run one (or a few) at a time; `light` ones do not. */
export const LANES = ['light', 'heavy'] as const;
export type Lane = (typeof LANES)[number];

/** As much of a job as whoever queues it needs to know. */
export type JobKind<Input> = {
  /** `distribution.build_package`: hall, dot, verb and noun. */
  readonly kind: string;
  readonly lane: Lane;
  readonly input: z.ZodType<Input>;
};

export type EnqueueOptions = {
  readonly filmId?: string | null;
  /** The job begins no earlier. */
  readonly startAfter?: Date;
  /** Whose job it is, where that is not the acting organisation. */
  readonly organisationId?: string;
};

/** The way into the queue, inside the transaction of whoever asks. */
export type Queue = {
  enqueue<Input>(
    transaction: Transaction,
    context: Context,
    job: JobKind<Input>,
    input: Input,
    options: EnqueueOptions,
  ): Promise<string>;
};
