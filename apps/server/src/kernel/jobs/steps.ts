import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database/database.ts';
import { notify } from '../events/hub.ts';
import { jsonText, type Write } from '../write.ts';
import type { JobRun } from './definition.ts';

/** A job's row as its worker took it. */
export type ClaimedJob = {
  readonly id: string;
  readonly kind: string;
  readonly lane: string;
  readonly organisation_id: string | null;
  readonly user_id: string | null;
  readonly film_id: string | null;
  readonly input: unknown;
  readonly failures: number;
};

/** Progress is written at most this often. */
const PROGRESS_MS = 250;

export type StepsOptions = {
  readonly job: ClaimedJob;
  readonly input: unknown;
  readonly context: Context;
  readonly database: Database;
  readonly write: Write;
  readonly abort: AbortController;
};

/** The face that a running job sees. `settle` waits until its progress is written. */
export function runSteps(options: StepsOptions): {
  readonly face: JobRun<unknown>;
  settle(): Promise<void>;
} {
  const { job, database, abort } = options;
  const progress = progressWriter(database, job);

  async function done(code: string): Promise<{ output: unknown } | undefined> {
    const row = await database
      .selectFrom('kernel.job_step')
      .select('output')
      .where('job_id', '=', job.id)
      .where('code', '=', code)
      .where('state', '=', 'done')
      .executeTakeFirst();
    return row;
  }

  async function begin(code: string, facts?: Record<string, unknown>): Promise<void> {
    abort.signal.throwIfAborted();
    await database.transaction().execute(async (transaction) => {
      await sql`
        insert into kernel.job_step (job_id, ordinal, code, state, facts)
        values (${job.id}, (select count(*) from kernel.job_step where job_id = ${job.id}),
          ${code}, 'running', ${facts === undefined ? null : jsonText(facts)})
        on conflict (job_id, code) do update
          set state = 'running', started_at = now(), finished_at = null, facts = excluded.facts
      `.execute(transaction);
      await transaction
        .updateTable('kernel.job')
        .set({ step: code, progress: null })
        .where('id', '=', job.id)
        .execute();
      await notify(transaction, signalOf(job));
    });
  }

  async function finish(query: Queryable, code: string, output: string): Promise<void> {
    await query
      .updateTable('kernel.job_step')
      .set({ state: 'done', output, finished_at: new Date() })
      .where('job_id', '=', job.id)
      .where('code', '=', code)
      .execute();
  }

  async function fail(code: string): Promise<void> {
    await database
      .updateTable('kernel.job_step')
      .set({ state: 'failed', finished_at: new Date() })
      .where('job_id', '=', job.id)
      .where('code', '=', code)
      .where('state', '=', 'running')
      .execute();
  }

  const face: JobRun<unknown> = {
    id: job.id,
    input: options.input,
    filmId: job.film_id,
    context: options.context,
    signal: abort.signal,
    progress: (fraction) => progress.set(fraction),
    async step(code, action, facts) {
      const before = await done(code);
      if (before !== undefined) return before.output as never;
      await begin(code, facts);
      try {
        const output = jsonText((await action()) ?? null);
        await progress.settle();
        await finish(database, code, output);
        return JSON.parse(output) as never;
      } catch (thrown) {
        await fail(code).catch(() => {});
        throw thrown;
      }
    },
    async write(code, change) {
      const before = await done(code);
      if (before !== undefined) return before.output as never;
      await begin(code);
      try {
        const output = await options.write(options.context, async (work) => {
          const text = jsonText((await change(work)) ?? null);
          await finish(work.transaction, code, text);
          return text;
        });
        return JSON.parse(output) as never;
      } catch (thrown) {
        await fail(code).catch(() => {});
        throw thrown;
      }
    },
    report: (...findings) => addFindings(database, job.id, findings),
  };
  return { face, settle: () => progress.settle() };
}

function signalOf(job: ClaimedJob) {
  return { type: 'job', id: job.id, organisationId: job.organisation_id } as const;
}

/** Writes the newest value at most every `PROGRESS_MS`; values in between are dropped. */
function progressWriter(database: Database, job: ClaimedJob) {
  let wanted: number | null | undefined;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    timer = undefined;
    if (wanted === undefined || writing !== undefined) return;
    const value = wanted;
    wanted = undefined;
    writing = store(value)
      .catch(() => {})
      .finally(() => {
        writing = undefined;
        if (wanted !== undefined) timer ??= setTimeout(start, PROGRESS_MS);
      });
  }

  async function store(value: number | null): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('kernel.job')
        .set({ progress: value })
        .where('id', '=', job.id)
        .execute();
      await notify(transaction, signalOf(job));
    });
  }

  return {
    set(fraction: number | null): void {
      wanted = fraction === null ? null : Math.min(1, Math.max(0, fraction));
      timer ??= setTimeout(start, PROGRESS_MS);
    },
    async settle(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      wanted = undefined;
      await writing;
    },
  };
}

/** Appends to the job's findings; more than the limit of one examination are not kept. */
export async function addFindings(
  database: Queryable,
  jobId: string,
  findings: readonly Finding[],
): Promise<void> {
  if (findings.length === 0) return;
  await sql`
    update kernel.job set findings = (findings::jsonb || ${jsonText(findings)}::jsonb)::json
    where id = ${jobId}
  `.execute(database);
}
