import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import type { Site } from './repository.ts';

/**
 * What a box is told follows from records, whose changes are counted, and from the time: a key
 * ends, a booking is over, a neighbour falls silent. So it is told anew this often at least.
 */
const TOLD_ANEW_MS = 30 * 60_000;
/** Counted up when the answer itself takes another form. */
const FORM = 1;
/** As an object of its own in locks: only one server folds at a time. */
const FOLD_LOCK = 735_210_083;

/** The state that the answer to a box describes, as an entity tag. */
export async function workTag(database: Queryable, site: Site, now: Date): Promise<string> {
  const { cinemaId, circuitId, forCircuit } = site;
  const cinemas =
    forCircuit && circuitId !== null
      ? sql`(select id from exhibition.cinema where circuit_id = ${circuitId})`
      : sql`(${cinemaId}::uuid)`;
  const result = await sql<{ revision: string }>`
    select coalesce(sum(revision), 0)::text as revision from distribution.work_revision
    where cinema_id in ${cinemas}`.execute(database);
  // Boxes must not all be told anew in the same second.
  const shift = createHash('sha256').update(site.id).digest().readUInt32BE(0) % TOLD_ANEW_MS;
  const time = Math.floor((now.getTime() + shift) / TOLD_ANEW_MS);
  return `"${FORM}-${result.rows[0]!.revision}-${time}"`;
}

/** Adds what ended connections counted to one row of each cinema; the sums stay as they are. */
export async function foldRevisions(database: Database): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const lock = await sql<{ free: boolean }>`
      select pg_try_advisory_xact_lock(${FOLD_LOCK}) as free`.execute(transaction);
    if (lock.rows[0]?.free !== true) return 0;
    const result = await sql`
      with gone as (
        delete from distribution.work_revision where writer <> 0
          and writer not in (select pid from pg_stat_activity where pid is not null)
        returning cinema_id, revision)
      insert into distribution.work_revision as held (cinema_id, writer, revision)
      select cinema_id, 0, sum(revision) from gone group by cinema_id
      on conflict (cinema_id, writer) do update set revision = held.revision + excluded.revision
    `.execute(transaction);
    return Number(result.numAffectedRows ?? 0n);
  });
}
