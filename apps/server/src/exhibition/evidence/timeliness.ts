import { reportTimeliness, type Timeliness } from '@yinglian/boxoffice';
import type { evidence } from '@yinglian/contract';
import { daysBetween, finding, isIsoDate } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { afterName, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { invalid } from '../../kernel/refusal.ts';
import { reportsReachedBy } from '../access.ts';
import { instantOfDay, offsetMinutesAt } from '../local-time.ts';

export type TimelinessRecord = z.output<typeof evidence.timeliness.result>['rows'][number];

type Filter = {
  readonly from: string;
  readonly to: string;
  readonly circuitId?: string | undefined;
  readonly verdict?: Timeliness['verdict'] | undefined;
};

const DAYS_MAX = 400;
const CINEMAS_A_READ = 500;
const EXPORT_MAX = 50_000;
/** Pages of cinemas looked through for one page of a verdict. */
const READS_MAX = 40;

export type TimelinessService = ReturnType<typeof createTimelinessService>;

/** How punctually the cinemas report whose figures the caller may see. */
export function createTimelinessService({
  database,
  requireAccess,
}: {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
}) {
  const judge = async (
    organisationId: string,
    filter: Filter,
    after: readonly [string, string] | undefined,
    limit: number,
  ) => {
    const { from, to } = filter;
    if (!isIsoDate(from) || !isIsoDate(to) || from > to) {
      throw invalid(finding('reversed_dates', 'error', { facts: { from, to } }));
    }
    if (daysBetween(from, to) > DAYS_MAX) {
      throw invalid(finding('excessive_period', 'error', { facts: { days: DAYS_MAX } }));
    }
    const rows: TimelinessRecord[] = [];
    let next = after;
    for (let reads = 0; reads < READS_MAX && rows.length <= limit; reads++) {
      const cinemas = await readCinemas(database, organisationId, filter, next);
      for (const cinema of cinemas) {
        const record = recordOf(cinema, from, to);
        if (filter.verdict === undefined || record.verdict === filter.verdict) rows.push(record);
      }
      const last = cinemas.at(-1);
      if (last === undefined || cinemas.length < CINEMAS_A_READ) break;
      next = [last.name, last.id];
    }
    return rows;
  };

  return {
    async timeliness(context: Context, query: PageQuery & Filter): Promise<Page<TimelinessRecord>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const rows = await judge(organisationId, query, afterName(query), query.limit);
      return pageOf(
        rows,
        query,
        (each) => [each.cinemaName, each.cinemaId],
        (each) => each,
      );
    },

    async all(context: Context, filter: Filter): Promise<TimelinessRecord[]> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      return judge(organisationId, filter, undefined, EXPORT_MAX);
    },
  };
}

type CinemaRow = {
  readonly id: string;
  readonly name: string;
  readonly code: string | null;
  readonly circuit: string | null;
  readonly time_zone: string;
  readonly days: readonly { readonly date: string; readonly at: string }[] | null;
};

function recordOf(row: CinemaRow, from: string, to: string): TimelinessRecord {
  const offsetMinutes = offsetMinutesAt(instantOfDay(from, row.time_zone), row.time_zone);
  const reported = (row.days ?? []).map((day) => ({
    date: day.date,
    receivedAt: Date.parse(day.at),
  }));
  const { medianHours, last, ...judged } = reportTimeliness(reported, { from, to, offsetMinutes });
  return {
    cinemaId: row.id,
    cinemaName: row.name,
    cinemaCode: row.code,
    circuitName: row.circuit,
    ...judged,
    medianHours: medianHours === undefined ? null : Math.round(medianHours * 10) / 10,
    last: last ?? null,
  };
}

/**
 * Cinemas with the days of which figures came, and when first. Expected to report are those of
 * whom anything ever came, and those of the circuit that is asked for.
 */
async function readCinemas(
  database: Queryable,
  organisationId: string,
  { from, to, circuitId }: Filter,
  after: readonly [string, string] | undefined,
): Promise<CinemaRow[]> {
  const result = await sql<CinemaRow>`
    with reported as (
      select row.cinema_id, row.first_date as date, min(report.created_at) as at
      from exhibition.report_row as row
      join exhibition.report on report.id = row.report_id
      where row.cinema_id is not null and row.first_date = row.last_date and not row.quarantined
        and ${reportsReachedBy(organisationId)}
      group by row.cinema_id, row.first_date
    )
    select cinema.id, cinema.name, cinema.code, circuit.name as circuit, cinema.time_zone,
      (select json_agg(json_build_object('date', reported.date, 'at', reported.at))
        from reported where reported.cinema_id = cinema.id
          and reported.date between ${from}::date and ${to}::date) as days
    from exhibition.cinema
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where ${
      circuitId === undefined
        ? sql`cinema.id in (select cinema_id from reported)`
        : sql`cinema.circuit_id = ${circuitId} and (circuit.organisation_id = ${organisationId}
            or cinema.id in (select cinema_id from reported))`
    }
      and ${
        after === undefined
          ? sql`true`
          : sql`(cinema.name, cinema.id) > (${after[0]}, ${after[1]}::uuid)`
      }
    order by cinema.name, cinema.id limit ${CINEMAS_A_READ}`.execute(database);
  return result.rows;
}
