import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';

/** The time zone of each cinema: windows are meant on the clocks of the cinema. */
export async function cinemaClocks(
  database: Queryable,
  cinemaIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await sql<{ id: string; time_zone: string }>`
    select id, time_zone from exhibition.cinema where id = any(${[...new Set(cinemaIds)]}::uuid[])
  `.execute(database);
  return new Map(result.rows.map((row) => [row.id, row.time_zone]));
}
