import { type RawBuilder, sql } from 'kysely';

/**
 * Whether the job that a record waits for ended without it: cancelled, or failed for a reason of
 * its own. The record says so at once, and a job that is tried again takes it back.
 */
export function endedJob(table: string): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from kernel.job as ended
    where ended.id = ${sql.ref(`${table}.job_id`)} and ended.state in ('failed', 'cancelled'))`;
}
