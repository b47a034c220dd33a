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

/** A screen with its names, and the clock of its cinema. */
export type ScreenPlace = {
  readonly id: string;
  readonly name: string;
  readonly cinemaName: string;
  readonly timeZone: string;
};

/** Where screens are: what a key's file and its window need of them. */
export async function screenPlaces(
  database: Queryable,
  screenIds: readonly string[],
): Promise<ScreenPlace[]> {
  const result = await sql<ScreenPlace>`
    select screen.id, screen.name, cinema.name as "cinemaName", cinema.time_zone as "timeZone"
    from exhibition.screen join exhibition.cinema on cinema.id = screen.cinema_id
    where screen.id = any(${[...screenIds]}::uuid[])
    order by cinema.name, screen.number, screen.id`.execute(database);
  return result.rows;
}
