import {
  type Beside,
  compareWithEarlier,
  type Delivery,
  earliestChange,
  type EarlierFile,
  type Level,
  measuresOf,
  type ToldDay,
} from '@yinglian/boxoffice';
import { filmCodeKey, finding, type Finding, type IsoDate } from '@yinglian/core';
import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';
import type { Resolved } from './report-repository.ts';

type TellingRow = {
  report_id: string;
  cinema: string;
  film_id: string | null;
  film_code: string | null;
  film_name: string | null;
  hall: string | null;
  start_time: string | null;
  first_date: string;
  last_date: string;
  screenings: bigint;
  admissions: bigint;
  gross_fen: bigint;
};

/** Sums of reports by film, cinema and days; of those cinemas and days, or of a whole report. */
const telling = sql`select report_row.report_id,
    coalesce(cinema_code, cinema_name, '') as cinema, report_row.film_id, film_code, film_name,
    hall, start_time,
    report_row.first_date::text as first_date, report_row.last_date::text as last_date,
    sum(report_row.screenings)::bigint as screenings,
    sum(report_row.admissions)::bigint as admissions,
    sum(report_row.gross_fen)::bigint as gross_fen
  from exhibition.report_row join exhibition.report on report.id = report_row.report_id
  where not report_row.quarantined`;
const grouped = sql`group by 1, 2, 3, 4, 5, 6, 7, 8, 9`;

/** What a new file tells beside what its sender told before. */
export async function besideEarlier(
  database: Queryable,
  file: {
    readonly organisationId: string;
    readonly delivery: Delivery;
    readonly resolved: Resolved;
    /** The report that the file is sent to replace. */
    readonly supersedes: string | undefined;
  },
): Promise<Beside & { readonly changed: IsoDate | undefined }> {
  const { organisationId, delivery, resolved, supersedes } = file;
  const days = daysOf(delivery, resolved);
  const first = days.reduce((least, { from }) => (from < least ? from : least), '9999-12-31');
  const cinemas = [...new Set(days.map((each) => each.cinemaCode))];
  const rows = await sql<TellingRow>`${telling}
    and coalesce(cinema_code, cinema_name, '') = any(${cinemas}::text[])
    and report_row.last_date >= ${first} and report.state = 'imported'
    and report.organisation_id = ${organisationId}
    and report.id is distinct from ${supersedes ?? null}::uuid ${grouped}`.execute(database);
  const earlier = await filesOf(database, summed(rows.rows, resolved), { first, cinemas });
  const beside = compareWithEarlier(days, delivery.mapping.level, earlier);
  if (supersedes === undefined) return { ...beside, changed: undefined };
  const replaced = await sql<TellingRow>`${telling} and report.id = ${supersedes}
    ${grouped}`.execute(database);
  const before = summed(replaced.rows, resolved).get(supersedes) ?? [];
  return { ...beside, changed: earliestChange(before, days) };
}

/** Earlier reports of a sender that tell of the same films, cinemas and days, in words. */
export const overlapFindings = ({ overlaps }: Pick<Beside, 'overlaps'>): Finding[] =>
  overlaps.map(({ id, date }) =>
    finding('overlapping_report', 'warning', { facts: { report: id, date } }),
  );

async function filesOf(
  database: Queryable,
  days: ReadonlyMap<string, readonly ToldDay[]>,
  { first, cinemas }: { readonly first: IsoDate; readonly cinemas: readonly string[] },
): Promise<EarlierFile[]> {
  const result = await sql<{
    id: string;
    level: Level;
    film_id: string | null;
    delivered_at: Date;
    is_all: boolean;
  }>`with recursive chain as (
      select id, id as newest, supersedes, created_at from exhibition.report
      where id = any(${[...days.keys()]}::uuid[])
      union all
      select report.id, chain.newest, report.supersedes, report.created_at
      from exhibition.report join chain on report.id = chain.supersedes
    )
    select report.id, report.level, report.film_id, delivered.delivered_at,
      report.first_date >= ${first} and not exists (
        select from exhibition.report_row where report_id = report.id
          and coalesce(cinema_code, cinema_name, '') <> all(${[...cinemas]}::text[])
      ) as is_all
    from exhibition.report join (
      select newest, min(created_at) as delivered_at from chain group by newest
    ) delivered on delivered.newest = report.id
    order by delivered.delivered_at, report.id`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    level: row.level,
    deliveredAt: row.delivered_at.getTime(),
    film: row.film_id ?? undefined,
    days: days.get(row.id) ?? [],
    isAll: row.is_all,
  }));
}

/** A film by its record where it has one, as codes of its versions are of one film. */
function filmKey(
  resolved: Resolved,
  row: { readonly id: string | null; readonly code: string | null; readonly name: string | null },
): string {
  const code = row.code === null ? undefined : filmCodeKey(row.code);
  const known = row.id ?? (code === undefined ? undefined : resolved.films.get(code));
  return known ?? code ?? row.name ?? '';
}

/** A hall and a start; empty where neither is told. */
const showKey = (hall: string | null | undefined, start: string | null | undefined): string =>
  [hall ?? '', start ?? ''].join(' ').trim();

function daysOf({ records }: Delivery, resolved: Resolved): ToldDay[] {
  const measures = measuresOf(records);
  return sumDays(
    records.map((record, index) => ({
      cinemaCode: record.cinemaCode ?? record.cinemaName ?? '',
      film: filmKey(resolved, {
        id: record.filmCode === undefined ? (resolved.filmId ?? null) : null,
        code: record.filmCode ?? null,
        name: record.filmName ?? null,
      }),
      show: showKey(record.hall, record.start),
      from: (record.from ?? record.date)!,
      to: (record.to ?? record.date)!,
      screenings: measures[index]!.screenings,
      admissions: measures[index]!.admissions,
      grossFen: measures[index]!.grossFen,
    })),
  );
}

function summed(rows: readonly TellingRow[], resolved: Resolved): Map<string, ToldDay[]> {
  const days = new Map<string, ToldDay[]>();
  for (const row of rows) {
    const own = days.get(row.report_id) ?? [];
    days.set(row.report_id, own);
    own.push({
      cinemaCode: row.cinema,
      film: filmKey(resolved, { id: row.film_id, code: row.film_code, name: row.film_name }),
      show: showKey(row.hall, row.start_time),
      from: row.first_date,
      to: row.last_date,
      screenings: Number(row.screenings),
      admissions: Number(row.admissions),
      grossFen: row.gross_fen,
    });
  }
  return new Map([...days].map(([id, own]) => [id, sumDays(own)]));
}

function sumDays(days: readonly ToldDay[]): ToldDay[] {
  const sums = new Map<string, ToldDay>();
  for (const day of days) {
    const place = JSON.stringify([day.cinemaCode, day.film, day.show, day.from, day.to]);
    const known = sums.get(place);
    sums.set(place, {
      ...day,
      screenings: day.screenings + (known?.screenings ?? 0),
      admissions: day.admissions + (known?.admissions ?? 0),
      grossFen: day.grossFen + (known?.grossFen ?? 0n),
    });
  }
  return [...sums.values()];
}
