import type { lifeSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable } from '../kernel/database/database.ts';

export type Life = z.input<typeof lifeSchema>;
type Stage = Life['stages'][number];

/**
 * What one hall contributes to a film's life. Halls register theirs; the spine does not know them.
 * The query sees the film with the eyes of the organisation that asks.
 */
export type LifeSource = (
  database: Queryable,
  filmId: string,
  organisationId: string,
) => Promise<readonly Stage[]>;

const ORDER: readonly Stage['stage'][] = [
  'shoot',
  'ingest',
  'review',
  'master',
  'package',
  'keys',
  'show',
  'report',
  'settle',
];

/** The stages in the order of a film's life; those nobody speaks of are empty. */
export async function readLife(
  database: Queryable,
  sources: readonly LifeSource[],
  filmId: string,
  organisationId: string,
): Promise<Life> {
  const told = (
    await Promise.all(sources.map((source) => source(database, filmId, organisationId)))
  ).flat();
  const running = await runningJobs(database, filmId);
  const stages = ORDER.map((stage): Stage => {
    const known = told.find((each) => each.stage === stage);
    const base = known ?? { stage, state: 'empty', at: null, count: 0, jobId: null };
    const job = running.get(stage);
    if (job === undefined) return base;
    return { ...base, state: job.failed ? 'failed' : 'running', jobId: job.id };
  });
  return { filmId, stages };
}

/** Which stage a kind of job works on. */
const STAGE_OF_JOB: Readonly<Record<string, Stage['stage']>> = {
  'production.ingest': 'ingest',
  'distribution.build_package': 'package',
  'distribution.check_package': 'package',
  'distribution.issue_keys': 'keys',
  'settlement.settle': 'settle',
};

/** Jobs under way, and the last one of a stage if it failed. */
async function runningJobs(database: Queryable, filmId: string) {
  const result = await sql<{ id: string; kind: string; state: string }>`
    select distinct on (kind) id, kind, state from kernel.job
    where film_id = ${filmId} and kind = any(${Object.keys(STAGE_OF_JOB)}::text[])
    order by kind, created_at desc`.execute(database);
  const jobs = new Map<Stage['stage'], { readonly id: string; readonly failed: boolean }>();
  for (const row of result.rows) {
    if (row.state === 'done' || row.state === 'cancelled') continue;
    jobs.set(STAGE_OF_JOB[row.kind]!, { id: row.id, failed: row.state === 'failed' });
  }
  return jobs;
}
