import { groupBy } from '@yinglian/core';
import { type Rule, type Takings } from '@yinglian/screening';
import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';
import { reportsReachedBy } from '../access.ts';
import { filmsInScope, type Scope, type ScopedCinema, sessionStart } from './evidence.ts';

/** Sessions that may be copies of each other; more would be chance, not evidence. */
const ALIKE_MAX = 200_000;

type AlikeRow = {
  readonly circuit_id: string;
  readonly cinema_id: string;
  readonly hall: string;
  readonly film_id: string;
  readonly first_date: string;
  readonly start_time: string;
  readonly admissions: bigint;
  readonly gross_fen: bigint;
};

/**
 * What the other cinemas of each cinema's circuit sold that agrees with something of a day: all
 * that a comparison across a circuit needs, read once for all cinemas of an examination.
 */
export async function takingsElsewhere(
  database: Queryable,
  scope: Scope,
  cinemas: readonly ScopedCinema[],
  rules: readonly Rule[],
): Promise<(cinemaId: string) => readonly Takings[]> {
  const rule = rules.find((each) => each.code === 'copied_takings');
  if (rule?.enabled !== true || cinemas.length < 2) return () => [];
  const { leastAdmissions = 0, mostScreens = 0 } = rule.thresholds;
  const own = cinemas.flatMap((each) => (each.own ? [each.id] : []));
  const films = filmsInScope(scope.organisationId, scope.filmId);
  const result = await sql<AlikeRow>`
    with sold as (
      select cinema.circuit_id, row.cinema_id, row.hall, row.first_date, row.start_time,
        row.film_id, sum(row.admissions) as admissions, sum(row.gross_fen) as gross_fen
      from exhibition.report_row as row
      join exhibition.report on report.id = row.report_id
      join exhibition.cinema on cinema.id = row.cinema_id
      where row.cinema_id = any(${cinemas.map((each) => each.id)}::uuid[])
        and cinema.circuit_id is not null and report.state = 'imported' and not row.quarantined
        and report.level = 'screening' and row.hall is not null and row.start_time is not null
        and row.first_date = row.last_date
        and row.first_date between ${scope.from}::date and ${scope.to}::date
        and (row.film_id in ${films} or row.cinema_id = any(${own}::uuid[]))
        and row.film_id is not null and ${reportsReachedBy(scope.organisationId)}
      group by 1, 2, 3, 4, 5, 6
    ), alike as (
      select circuit_id, first_date, admissions, gross_fen from sold
      where admissions >= ${leastAdmissions} group by 1, 2, 3, 4
      having count(distinct cinema_id) > 1 and count(*) <= ${mostScreens}
    )
    select sold.circuit_id, cinema_id, hall, film_id, first_date::text, start_time,
      sold.admissions::bigint, sold.gross_fen::bigint
    from sold join alike using (circuit_id, first_date, admissions, gross_fen)
    limit ${ALIKE_MAX}`.execute(database);
  const zones = new Map(cinemas.map((each) => [each.id, each.timeZone]));
  const byCircuit = groupBy(result.rows, (row) => row.circuit_id);
  const circuitOf = new Map(result.rows.map((row) => [row.cinema_id, row.circuit_id]));
  return (cinemaId) =>
    (byCircuit.get(circuitOf.get(cinemaId) ?? '') ?? []).flatMap((row) => {
      if (row.cinema_id === cinemaId) return [];
      const startsAt = sessionStart(row.first_date, row.start_time, zones.get(row.cinema_id)!);
      if (startsAt === undefined) return [];
      const screenId = `${row.cinema_id} ${row.hall}`;
      const { film_id: filmId, gross_fen: grossFen } = row;
      const id = `${screenId} ${startsAt}`;
      return [{ id, screenId, filmId, startsAt, admissions: Number(row.admissions), grossFen }];
    });
}
