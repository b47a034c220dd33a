import { setTimeout as pause } from 'node:timers/promises';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type pg from 'pg';
import PgBoss from 'pg-boss';
import type { Context } from '../context.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type Hub, INSTANCE_LOCK, notify } from '../events/hub.ts';
import { refusalOf } from '../http/faults.ts';
import { Refusal } from '../refusal.ts';
import { jsonText, type Write } from '../write.ts';
import type { AnyJob, JobRun } from './definition.ts';
import { type EnqueueOptions, type JobKind, type Lane, LANES, type Queue } from './kind.ts';
import { addFindings, type ClaimedJob, runSteps } from './steps.ts';

/** The queue and its workers. The row in `kernel.job` is the truth; pg-boss carries the message. */
export type Jobs = Queue & {
  /** Starts the workers; jobs cut off by a kill are queued again first. */
  start(work: JobsWork): Promise<void>;
  /** Cancels a job that is queued or running. False when it has ended already. */
  cancel(transaction: Transaction, jobId: string): Promise<boolean>;
  /** Queues a failed or cancelled job again; its finished steps stay done. */
  retry(transaction: Transaction, jobId: string): Promise<boolean>;
  /** Stops taking jobs, asks running ones to stop, and puts them back into the queue. */
  stop(): Promise<void>;
};

/** What the workers need and what does not exist yet when the queue is opened. */
export type JobsWork = {
  readonly definitions: readonly AnyJob[];
  readonly write: Write;
  readonly contextOf: (
    userId: string | null,
    organisationId: string | null,
    signal: AbortSignal,
  ) => Promise<Context>;
  readonly log: (event: string, facts: Record<string, unknown>) => void;
};

export type JobsOptions = {
  readonly database: Database;
  readonly pool: pg.Pool;
  readonly hub: Hub;
  readonly newId: () => string;
  readonly slots: Readonly<Record<Lane, number>>;
  /** Whether the disk has no room left; what fails meanwhile waits for it. */
  readonly isDiskFull: () => Promise<boolean>;
};

/** A look at the queue even when no signal came: another server may have died. */
const POLL_MS = 5_000;
/** The database's clock and ours are read at different moments. */
const LATE_MS = 20;
const RECOVER_MS = 15_000;
const RETRY_FIRST_SECONDS = 2;
/** No retry waits longer; the delay doubles from the first up to here. */
const RETRY_MOST_SECONDS = 12 * 3600;
/** Two clocks may differ a little. */
const QUEUED_SKEW_SECONDS = 5;
const STOP_WITHIN_MS = 10_000;
/** A job that the full disk or the lost database stopped looks again after this long. */
const WAIT_FOR_SPACE_SECONDS = 60;
const WAIT_FOR_DATABASE_SECONDS = 3;
const ERROR_TEXT_MAX = 4_000;

type Running = { readonly abort: AbortController; readonly ended: Promise<void> };

export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { database, hub } = options;
  const boss = new PgBoss({
    db: { executeSql: (text, values) => executePlain(options.pool, text, values) },
    schema: 'queue',
    schedule: false,
  });
  boss.on('error', () => {});
  await boss.start();
  for (const lane of LANES) await boss.createQueue(lane, { name: lane, retryLimit: 0 });

  const running = new Map<string, Running>();
  const waitingForSpace = new Set<string>();
  let work: JobsWork | undefined;
  let stopping = false;
  let unlisten = (): void => {};

  /** One message per attempt; the row keeps its number so that an old message can be told. */
  async function send(
    transaction: Transaction,
    jobId: string,
    lane: string,
    startAfter?: Date,
  ): Promise<void> {
    const message = await boss.send(
      lane,
      { jobId },
      {
        db: executorOf(transaction),
        ...(startAfter === undefined ? {} : { startAfter }),
      },
    );
    await transaction
      .updateTable('kernel.job')
      .set({ message_id: message })
      .where('id', '=', jobId)
      .execute();
    if (startAfter === undefined) await notify(transaction, { type: 'wake', lane });
  }

  async function enqueue<Input>(
    transaction: Transaction,
    context: Context,
    job: JobKind<Input>,
    input: Input,
    enqueueOptions: EnqueueOptions,
  ): Promise<string> {
    const checked = job.input.parse(input);
    const id = options.newId();
    const organisationId = enqueueOptions.organisationId ?? context.organisation?.id ?? null;
    await transaction
      .insertInto('kernel.job')
      .values({
        id,
        kind: job.kind,
        lane: job.lane,
        organisation_id: organisationId,
        user_id: context.user?.id ?? null,
        film_id: enqueueOptions.filmId ?? null,
        input: jsonText(checked),
        not_before: enqueueOptions.startAfter ?? null,
      })
      .execute();
    await send(transaction, id, job.lane, enqueueOptions.startAfter);
    await notify(transaction, { type: 'job', id, organisationId });
    return id;
  }

  /** Takes one message and its job in one transaction: a kill in between leaves both queued. */
  async function claim(lane: Lane): Promise<{ empty: boolean; job?: ClaimedJob | undefined }> {
    return database.transaction().execute(async (transaction) => {
      const db = executorOf(transaction);
      const [message] = await boss.fetch<{ jobId: string }>(lane, { batchSize: 1, db });
      if (message === undefined) return { empty: true };
      await boss.complete(lane, message.id, { db });
      const job = await transaction
        .updateTable('kernel.job')
        .set({
          state: 'running',
          instance: hub.instance,
          started_at: sql<Date>`coalesce(started_at, now())`,
          finished_at: null,
          error: null,
        })
        .where('id', '=', message.data.jobId)
        .where('message_id', '=', message.id)
        .where('state', 'in', ['queued', 'retrying'])
        .returning([
          'id',
          'kind',
          'lane',
          'organisation_id',
          'user_id',
          'film_id',
          'input',
          'failures',
        ])
        .executeTakeFirst();
      if (job !== undefined) {
        await notify(transaction, { type: 'job', id: job.id, organisationId: job.organisation_id });
      }
      return { empty: false, job };
    });
  }

  const filling = new Map<Lane, Promise<void>>();
  function fill(lane: Lane): void {
    const before = filling.get(lane) ?? Promise.resolve();
    const next = before
      .then(() => fillNow(lane))
      .catch((thrown: unknown) => {
        work?.log('job_claim_failed', { lane, reason: String(thrown) });
      });
    filling.set(lane, next);
  }
  const busy: Record<Lane, number> = { light: 0, heavy: 0 };
  async function fillNow(lane: Lane): Promise<void> {
    while (!stopping && work !== undefined && busy[lane] < options.slots[lane]) {
      const { empty, job } = await claim(lane);
      if (empty) return;
      if (job === undefined) continue;
      busy[lane] += 1;
      const abort = new AbortController();
      const ended = attempt(job, abort).finally(() => {
        running.delete(job.id);
        busy[lane] -= 1;
        if (!stopping) fill(lane);
      });
      running.set(job.id, { abort, ended });
    }
  }

  async function wakeWaiting(): Promise<void> {
    await wakeEarlyRisers(database);
    if (waitingForSpace.size === 0 || (await options.isDiskFull())) return;
    const ids = [...waitingForSpace];
    waitingForSpace.clear();
    await wakeJobs(database, ids);
  }

  async function attempt(job: ClaimedJob, abort: AbortController): Promise<void> {
    const current = work!;
    const definition = current.definitions.find((each) => each.kind === job.kind);
    let outcome: Outcome;
    try {
      if (definition === undefined) throw new Error(`no job of kind ${job.kind} is known`);
      const context = await current.contextOf(job.user_id, job.organisation_id, abort.signal);
      const input: unknown = definition.input.parse(job.input);
      const run = runSteps({ job, input, context, database, write: current.write, abort });
      const result = await definition.run(run.face as JobRun<never>);
      await run.settle();
      outcome = { state: 'done', result };
    } catch (thrown) {
      outcome = outcomeOf(await faultOf(thrown, options), job, definition, abort.signal, stopping);
      if (outcome.state === 'retrying' && (outcome.findings?.length ?? 0) > 0) {
        waitingForSpace.add(job.id);
      }
      const facts = { job: job.id, kind: job.kind, state: outcome.state };
      current.log('job_ended', { ...facts, error: errorText(thrown) });
    }
    await finishWithin(job, outcome);
  }

  /** The end of a job is written even through a failure of the database. */
  async function finishWithin(job: ClaimedJob, outcome: Outcome): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await database.transaction().execute((transaction) => finish(transaction, job, outcome));
        return;
      } catch (thrown) {
        // Nobody else would ever end it while this server lives, so it is tried for as long.
        if (tries % 10 === 1) {
          work?.log('job_end_unwritten', { job: job.id, reason: String(thrown) });
        }
        if (stopping) return;
        await pause(Math.min(200 * tries, POLL_MS));
      }
    }
  }

  /** A short delay ends on time, not at the next look at the queue. */
  function lookLater(lane: Lane, delayMs: number): void {
    if (delayMs > POLL_MS) return;
    setTimeout(() => {
      if (!stopping) fill(lane);
    }, delayMs + LATE_MS).unref();
  }

  async function finish(
    transaction: Transaction,
    job: ClaimedJob,
    outcome: Outcome,
  ): Promise<void> {
    const again = outcome.state === 'queued' || outcome.state === 'retrying';
    await transaction
      .updateTable('kernel.job')
      .set({
        state: outcome.state,
        instance: null,
        failures: job.failures + (isFailure(outcome) ? 1 : 0),
        ...(again ? {} : { finished_at: new Date(), step: null }),
        ...(outcome.state === 'done'
          ? { result: jsonText(outcome.result ?? null), progress: 1, findings: withoutWaiting }
          : {}),
        ...('error' in outcome ? { error: outcome.error } : {}),
      })
      .where('id', '=', job.id)
      .execute();
    if ('findings' in outcome) await addNew(transaction, job.id, outcome.findings ?? []);
    if (again) {
      const startAfter =
        outcome.state === 'retrying'
          ? new Date(Date.now() + 1000 * outcome.delaySeconds)
          : undefined;
      await send(transaction, job.id, job.lane, startAfter);
      if (outcome.state === 'retrying') lookLater(job.lane as Lane, outcome.delaySeconds * 1000);
    }
    await notify(transaction, { type: 'job', id: job.id, organisationId: job.organisation_id });
  }

  /** Queues again what a dead server was running: its session lock is free. */
  async function recover(): Promise<void> {
    const cut = await database
      .selectFrom('kernel.job')
      .select(['id', 'lane', 'instance'])
      .where('state', '=', 'running')
      .execute();
    for (const instance of new Set(cut.map((job) => job.instance ?? 0))) {
      if (instance === hub.instance) continue;
      await database.transaction().execute(async (transaction) => {
        const lock = await sql<{ free: boolean }>`
          select pg_try_advisory_xact_lock(${INSTANCE_LOCK}, ${instance}) as free
        `.execute(transaction);
        if (lock.rows[0]?.free !== true) return;
        for (const job of cut.filter((each) => (each.instance ?? 0) === instance)) {
          const taken = await transaction
            .updateTable('kernel.job')
            .set({ state: 'queued', instance: null })
            .where('id', '=', job.id)
            .where('state', '=', 'running')
            .where(sql<boolean>`instance is not distinct from ${job.instance}`)
            .returning('id')
            .executeTakeFirst();
          if (taken !== undefined) await send(transaction, job.id, job.lane);
        }
      });
    }
  }

  let pollTimer: NodeJS.Timeout | undefined;
  let recoverTimer: NodeJS.Timeout | undefined;
  return {
    enqueue,
    async start(given) {
      work = given;
      unlisten = hub.listen((signal) => {
        if (signal.type === 'wake') fill(signal.lane as Lane);
        if (signal.type === 'cancel') running.get(signal.id)?.abort.abort(new CancelledJob());
      });
      await recover();
      const recoverQuietly = (): void =>
        void recover().catch((thrown: unknown) =>
          given.log('job_recovery_failed', { reason: String(thrown) }),
        );
      const look = (): void =>
        void wakeWaiting()
          .catch((thrown: unknown) => given.log('job_wake_failed', { reason: String(thrown) }))
          .then(() => LANES.forEach(fill));
      pollTimer = setInterval(look, POLL_MS);
      recoverTimer = setInterval(recoverQuietly, RECOVER_MS);
      LANES.forEach(fill);
    },
    async cancel(transaction, jobId) {
      const job = await transaction
        .updateTable('kernel.job')
        .set({
          cancel_requested: sql<boolean>`state = 'running'`,
          finished_at: sql<Date | null>`case when state = 'running' then null else now() end`,
          state: sql<string>`case when state = 'running' then state else 'cancelled' end`,
        })
        .where('id', '=', jobId)
        .where('state', 'in', ['queued', 'retrying', 'running'])
        .returning(['id', 'organisation_id'])
        .executeTakeFirst();
      if (job === undefined) return false;
      await notify(transaction, { type: 'cancel', id: jobId });
      await notify(transaction, { type: 'job', id: jobId, organisationId: job.organisation_id });
      return true;
    },
    async retry(transaction, jobId) {
      const job = await transaction
        .updateTable('kernel.job')
        .set({
          state: 'queued',
          failures: 0,
          cancel_requested: false,
          error: null,
          findings: '[]',
          finished_at: null,
        })
        .where('id', '=', jobId)
        .where('state', 'in', ['failed', 'cancelled'])
        .returning(['id', 'lane', 'organisation_id'])
        .executeTakeFirst();
      if (job === undefined) return false;
      await send(transaction, job.id, job.lane);
      await notify(transaction, { type: 'job', id: jobId, organisationId: job.organisation_id });
      return true;
    },
    async stop() {
      stopping = true;
      clearInterval(pollTimer);
      clearInterval(recoverTimer);
      unlisten();
      await Promise.allSettled(filling.values());
      for (const { abort } of running.values()) abort.abort(new StoppedServer());
      const ended = Promise.allSettled([...running.values()].map((each) => each.ended));
      await Promise.race([ended, pause(STOP_WITHIN_MS, undefined, { ref: false })]);
      await boss.stop({ graceful: false, wait: false }).catch(() => {});
    },
  };
}

/** A wall clock that was set back must not keep waiting what was due already. */
async function wakeEarlyRisers(database: Database): Promise<void> {
  await sql`
    update queue.job as message set start_after = now()
    from kernel.job as job
    where message.id = job.message_id and message.state < 'active' and (
      (job.state = 'queued' and job.not_before is null
        and message.start_after > now() + ${`${QUEUED_SKEW_SECONDS} s`}::interval)
      or (job.state = 'retrying'
        and message.start_after > now() + ${`${RETRY_MOST_SECONDS} s`}::interval))
  `.execute(database);
}

/** What waited for room on the disk goes on as soon as there is some. */
async function wakeJobs(database: Database, ids: readonly string[]): Promise<void> {
  await sql`
    update queue.job as message set start_after = now()
    from kernel.job as job
    where message.id = job.message_id and job.id = any(${[...ids]}::uuid[])
      and job.state = 'retrying'`.execute(database);
}

/** A program that a full disk stopped tells it in words of its own, or not at all. */
async function faultOf(
  thrown: unknown,
  { isDiskFull }: Pick<JobsOptions, 'isDiskFull'>,
): Promise<unknown> {
  if (thrown instanceof Refusal || !(await isDiskFull().catch(() => false))) return thrown;
  return Object.assign(new Error(errorText(thrown), { cause: thrown }), { code: 'ENOSPC' });
}

/** The reason of a job's signal when somebody cancelled it. */
export class CancelledJob extends Error {
  override readonly name = 'CancelledJob';
}
/** The reason of a job's signal when the server goes down; the job continues at the next start. */
export class StoppedServer extends Error {
  override readonly name = 'StoppedServer';
}

type Outcome =
  | { readonly state: 'done'; readonly result: unknown }
  | { readonly state: 'queued' | 'cancelled' }
  | {
      readonly state: 'retrying';
      readonly error: string;
      readonly delaySeconds: number;
      /** It waits for what is missing: that is no fault of the job, and does not count. */
      readonly waiting?: true;
      readonly findings?: readonly Finding[];
    }
  | { readonly state: 'failed'; readonly error: string; readonly findings: readonly Finding[] };

function outcomeOf(
  thrown: unknown,
  job: ClaimedJob,
  definition: AnyJob | undefined,
  signal: AbortSignal,
  stopping: boolean,
): Outcome {
  if (signal.aborted && signal.reason instanceof CancelledJob) return { state: 'cancelled' };
  if (stopping || (signal.aborted && signal.reason instanceof StoppedServer)) {
    return { state: 'queued' };
  }
  const error = errorText(thrown);
  const refusal = refusalOf(thrown);
  if (refusal?.code === 'unavailable') {
    const full = refusal.findings.some((each) => each.code === 'insufficient_space');
    const delaySeconds = full ? WAIT_FOR_SPACE_SECONDS : WAIT_FOR_DATABASE_SECONDS;
    const findings = full ? refusal.findings : [];
    return { state: 'retrying', error, delaySeconds, waiting: true, findings };
  }
  // A refusal is an answer: asking again would give the same one.
  if (thrown instanceof Refusal) return { state: 'failed', error, findings: thrown.findings };
  if (definition !== undefined && job.failures < definition.retries) {
    const delaySeconds = definition.delaySeconds?.(job.failures) ?? retryDelay(job.failures);
    return { state: 'retrying', error, delaySeconds };
  }
  return { state: 'failed', error, findings: [] };
}

/** What a job waited for is no finding of its result. */
const withoutWaiting = sql<string>`coalesce((
  select jsonb_agg(each) from jsonb_array_elements(findings::jsonb) as each
  where each ->> 'code' <> 'insufficient_space'), '[]')::json`;

function retryDelay(failures: number): number {
  return Math.min(RETRY_FIRST_SECONDS * 2 ** failures, RETRY_MOST_SECONDS);
}

function isFailure(outcome: Outcome): boolean {
  return (
    outcome.state === 'failed' || (outcome.state === 'retrying' && outcome.waiting === undefined)
  );
}

/** What waits for an hour says so once. */
async function addNew(
  transaction: Transaction,
  jobId: string,
  findings: readonly Finding[],
): Promise<void> {
  if (findings.length === 0) return;
  const row = await transaction
    .selectFrom('kernel.job')
    .select('findings')
    .where('id', '=', jobId)
    .executeTakeFirst();
  const known = new Set((row?.findings as readonly Finding[] | undefined)?.map(({ code }) => code));
  await addFindings(
    transaction,
    jobId,
    findings.filter(({ code }) => !known.has(code)),
  );
}

function errorText(thrown: unknown): string {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return text.slice(0, ERROR_TEXT_MAX);
}

/** pg-boss expects PostgreSQL's plain types, not ours. */
async function executePlain(pool: pg.Pool, text: string, values: unknown[]) {
  const { default: driver } = await import('pg');
  const query = { text, values, types: driver.types };
  return pool.query(query as pg.QueryConfig);
}

/** Lets pg-boss work inside an open transaction. */
function executorOf(transaction: Transaction): PgBoss.Db {
  return {
    async executeSql(text, values) {
      const { rows } = await transaction.executeQuery<Record<string, unknown>>({
        sql: text,
        parameters: values ?? [],
        query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
        queryId: { queryId: 'queue' },
      });
      return { rows: rows as unknown[] };
    },
  };
}
