import { contract, JOB_STATES } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { RequireAccess } from '../access/access.ts';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database/database.ts';
import type { Hub, Signal } from '../events/hub.ts';
import { type Handlers, mountGroup, type MountedGroup } from '../http/routes.ts';
import { afterId, pageOf } from '../pages.ts';
import { conflict, found } from '../refusal.ts';
import type { Write } from '../write.ts';
import type { Jobs } from './jobs.ts';

export type JobRoutesOptions = {
  readonly database: Database;
  readonly hub: Hub;
  readonly jobs: Jobs;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
};

type JobsGroup = Handlers<typeof contract.jobs>;
export type JobView = Awaited<ReturnType<JobsGroup['get']>>;

export function jobRoutes(options: JobRoutesOptions): MountedGroup {
  return mountGroup('jobs', contract.jobs, { ...reading(options), ...steering(options) });
}

function reading(options: JobRoutesOptions): Pick<JobsGroup, 'list' | 'get' | 'events'> {
  const { database, requireAccess } = options;
  return {
    async list({ query }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.read');
      let rows = database
        .selectFrom('kernel.job')
        .select('id')
        .where('organisation_id', '=', organisationId)
        .orderBy('id', 'desc')
        .limit(query.limit + 1);
      const after = afterId(query);
      if (after !== undefined) rows = rows.where('id', '<', after);
      if (query.filmId !== undefined) rows = rows.where('film_id', '=', query.filmId);
      if (query.state !== undefined) rows = rows.where('state', '=', query.state);
      if (query.search !== undefined) rows = rows.where('kind', 'like', `%${query.search}%`);
      const ids = (await rows.execute()).map((row) => row.id);
      const views = await readJobs(database, ids);
      return pageOf(
        ids,
        query,
        (id) => [id],
        (id) => found(views.get(id)),
      );
    },
    async get({ params }, context) {
      await requireAccess(context, 'organisation.read', { kind: 'job', ids: [params.id] });
      return readJob(database, params.id);
    },
    async events(_request, context) {
      const { organisationId } = await requireAccess(context, 'organisation.read');
      return liveEvents(options, organisationId, context.signal);
    },
  };
}

function steering(options: JobRoutesOptions): Pick<JobsGroup, 'cancel' | 'retry'> {
  const { database, jobs, requireAccess, write } = options;
  const steer = async (action: 'cancel' | 'retry', context: Context, id: string) => {
    await requireAccess(context, 'organisation.read', { kind: 'job', ids: [id] });
    await write(context, async ({ transaction, audit }) => {
      const steered = await jobs[action](transaction, id);
      if (!steered) throw conflict(finding('invalid_state', 'error', { at: { id } }));
      audit({ action: `job.${action}`, subjectKind: 'job', subjectId: id });
    });
    return readJob(database, id);
  };
  return {
    cancel: ({ params }, context) => steer('cancel', context, params.id),
    retry: ({ params }, context) => steer('retry', context, params.id),
  };
}

/** One job as the contract shows it. */
export async function readJob(database: Queryable, id: string): Promise<JobView> {
  return found((await readJobs(database, [id])).get(id), { kind: 'job', id });
}

/** Jobs with their steps, by id, in two queries. */
export async function readJobs(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JobView>> {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('kernel.job')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute();
  const steps = await database
    .selectFrom('kernel.job_step')
    .select(['job_id', 'code', 'state', 'facts', 'started_at', 'finished_at'])
    .where('job_id', 'in', [...ids])
    .orderBy('ordinal')
    .execute();
  return new Map(
    rows.map((row): [string, JobView] => [
      row.id,
      {
        id: row.id,
        kind: row.kind,
        state: JOB_STATES.find((state) => state === row.state) ?? 'failed',
        filmId: row.film_id,
        progress: row.progress,
        step: row.step,
        steps: steps
          .filter((step) => step.job_id === row.id)
          .map((step) => ({
            code: step.code,
            state: step.state === 'done' ? 'done' : step.state === 'failed' ? 'failed' : 'running',
            startedAt: step.started_at.toISOString(),
            finishedAt: step.finished_at?.toISOString() ?? null,
            ...(step.facts === null ? {} : { facts: step.facts as Record<string, unknown> }),
          })),
        findings: row.findings as JobView['findings'],
        result: row.result ?? null,
        createdAt: row.created_at.toISOString(),
        startedAt: row.started_at?.toISOString() ?? null,
        finishedAt: row.finished_at?.toISOString() ?? null,
      },
    ]),
  );
}

/** More than this many unread signals: a slow reader gets the newest and loses the oldest. */
const BACKLOG_MAX = 500;

/** Signals that concern the organisation, each job once however often it changed meanwhile. */
async function* liveEvents(
  options: JobRoutesOptions,
  organisationId: string,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  const waiting = new Map<string, Signal>();
  let wake = (): void => {};
  const unlisten = options.hub.listen((each) => {
    if (each.type !== 'job' && each.type !== 'changed') return;
    if (each.type === 'job' && each.organisationId !== organisationId) return;
    waiting.set(`${each.type} ${each.type === 'changed' ? each.kind : ''} ${each.id}`, each);
    const oldest = waiting.keys().next().value;
    if (waiting.size > BACKLOG_MAX && oldest !== undefined) waiting.delete(oldest);
    wake();
  });
  const stop = (): void => wake();
  signal.addEventListener('abort', stop);
  try {
    while (!signal.aborted) {
      const [key, next] = waiting.entries().next().value ?? [];
      if (key === undefined || next === undefined) {
        await new Promise<void>((resolve) => void (wake = resolve));
        continue;
      }
      waiting.delete(key);
      const event = await eventOf(options.database, next, organisationId);
      if (event !== undefined) yield event;
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', stop);
  }
}

type LiveEvent =
  | { type: 'job'; job: JobView }
  | { type: 'changed'; kind: string; id: string; filmId: string | null };

async function eventOf(
  database: Database,
  signal: Signal,
  organisationId: string,
): Promise<LiveEvent | undefined> {
  if (signal.type === 'job') {
    const job = (await readJobs(database, [signal.id])).get(signal.id);
    return job === undefined ? undefined : { type: 'job', job };
  }
  if (signal.type !== 'changed') return undefined;
  const { kind, id, filmId } = signal;
  if (signal.organisationId !== organisationId) {
    if (filmId === null) return undefined;
    const member = await sql`
      select 1 from kernel.room_member
      where film_id = ${filmId} and organisation_id = ${organisationId}
    `.execute(database);
    if (member.rows.length === 0) return undefined;
  }
  return { type: 'changed', kind, id, filmId };
}
