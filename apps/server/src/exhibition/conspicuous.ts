import { type Delivery, examinePlausibility, hallKey } from '@yinglian/boxoffice';
import { filmCodeKey, type Finding, groupBy } from '@yinglian/core';
import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';
import type { Resolved } from './report-repository.ts';
import { screenFinder } from './screen-finder.ts';

/** A file that breaks a rule everywhere has one fault, repeated. */
const CONSPICUOUS_MAX = 100;
const SECONDS_PER_MINUTE = 60;

/**
 * What honest box office does not contain, before the file is sent: seats come from the register of
 * screens, lengths from the films. Nothing here refuses a file.
 */
export async function conspicuousRows(
  database: Queryable,
  { records }: Delivery,
  resolved: Resolved,
): Promise<Finding[]> {
  const shows = records.filter((each) => each.level === 'screening' || each.level === 'ticket');
  if (shows.length === 0) return examinePlausibility(records).slice(0, CONSPICUOUS_MAX);
  const seatsIn = await readSeats(database, [...resolved.cinemas.values()]);
  const seats: Record<string, number> = {};
  for (const record of shows) {
    const cinemaId = resolved.cinemas.get(record.cinemaCode ?? '');
    const found = cinemaId === undefined ? undefined : seatsIn.get(cinemaId)?.(record.hall ?? '');
    if (found !== undefined) seats[hallKey(record)] = found;
  }
  const minutes = await readMinutes(database, shows, resolved.films);
  return examinePlausibility(records, { seats, minutes }).slice(0, CONSPICUOUS_MAX);
}

type ScreenRow = {
  cinema_id: string;
  id: string;
  name: string;
  number: number | null;
  seats: number;
};

/** For each cinema, the seats of a hall by what the file calls it. */
async function readSeats(
  database: Queryable,
  cinemaIds: readonly string[],
): Promise<ReadonlyMap<string, (hall: string) => number | undefined>> {
  const result = await sql<ScreenRow>`select cinema_id, id, name, number, seats
    from exhibition.screen
    where cinema_id = any(${[...cinemaIds]}::uuid[]) and seats is not null`.execute(database);
  return new Map(
    [...groupBy(result.rows, (row) => row.cinema_id)].map(([cinemaId, screens]) => {
      const screenOf = screenFinder(screens);
      const byId = new Map(screens.map((each) => [each.id, each.seats]));
      return [cinemaId, (hall: string) => byId.get(screenOf(hall) ?? '')];
    }),
  );
}

/** Whole minutes of the films that the sender knows, by their codes as the file writes them. */
async function readMinutes(
  database: Queryable,
  shows: readonly { readonly filmCode?: string }[],
  films: Resolved['films'],
): Promise<Record<string, number>> {
  const result = await sql<{ film_id: string; seconds: number }>`
    select film_id, max(runtime_seconds) as seconds from film.version
    where film_id = any(${[...films.values()]}::uuid[]) and runtime_seconds is not null
    group by film_id`.execute(database);
  const seconds = new Map(result.rows.map((row) => [row.film_id, row.seconds]));
  const minutes: Record<string, number> = {};
  for (const { filmCode = '' } of shows) {
    const length = seconds.get(films.get(filmCodeKey(filmCode)) ?? '');
    if (length !== undefined) minutes[filmCode] = Math.floor(length / SECONDS_PER_MINUTE);
  }
  return minutes;
}
