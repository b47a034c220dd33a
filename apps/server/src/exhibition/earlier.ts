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
import { deliveredFirst, type Resolved } from './report-repository.ts';

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

/** Of the days after a file's own only the last counts, by cinema and film. */
const after = sql`select report_row.report_id,
    coalesce(cinema_code, cinema_name, '') as cinema, report_row.film_id, film_code, film_name,
    null::text as hall, null::text as start_time,
    max(report_row.last_date)::text as first_date, max(report_row.last_date)::text as last_date,
    0::bigint as screenings, 0::bigint as admissions, 0::bigint as gross_fen
  from exhibition.report_row join exhibition.report on report.id = report_row.report_id
  where not report_row.quarantined`;

type NewFile = {
  readonly organisationId: string;
  readonly delivery: Delivery;
  readonly resolved: Resolved;
  /** The report that the file is sent to replace. */
  readonly supersedes: string | undefined;
  /** Whether it stands for the one that it tells again as a whole, where none is named. */
  readonly replacesAgain?: boolean;
};

/** A new file beside what its sender told before, and what it changes of what it replaces. */
export type BesideEarlier = Beside & {
  readonly supersedes: string | undefined;
  readonly changed: IsoDate | undefined;
  readonly names: ReadonlyMap<string, string>;
};

/** What a new file tells beside what its sender told before. */
export async function besideEarlier(database: Queryable, file: NewFile): Promise<BesideEarlier> {
  const { delivery, resolved, replacesAgain = false } = file;
  const days = daysOf(delivery, resolved);
  const { names, earlier } = await earlierFiles(database, file, days);
  const { level } = delivery.mapping;
  let beside = compareWithEarlier(days, level, earlier);
  const { supersedes = replacesAgain ? beside.again : undefined } = file;
  if (supersedes === undefined) return { ...beside, supersedes, changed: undefined, names };
  if (file.supersedes === undefined) {
    beside = compareWithEarlier(
      days,
      level,
      earlier.filter((each) => each.id !== supersedes),
    );
  }
  const replaced = await sql<TellingRow>`${telling} and report.id = ${supersedes}
    ${grouped}`.execute(database);
  const before = summed(replaced.rows, resolved).get(supersedes) ?? [];
  return { ...beside, supersedes, changed: earliestChange(before, days), names };
}

/** Earlier reports of a sender that tell of the same films, cinemas and days, in words. */
export const overlapFindings = ({
  overlaps,
  names,
}: Pick<BesideEarlier, 'overlaps' | 'names'>): Finding[] =>
  overlaps.map(({ id, date }) =>
    finding('overlapping_report', 'warning', {
      facts: { report: id, name: names.get(id) ?? id, date },
    }),
  );

/** What the sender told of the cinemas of a file, from the file's first day on. */
async function earlierFiles(
  database: Queryable,
  { organisationId, resolved, supersedes }: NewFile,
  days: readonly ToldDay[],
) {
  const first = days.reduce((least, { from }) => (from < least ? from : least), '9999-12-31');
  const last = days.reduce((most, { to }) => (to > most ? to : most), '0001-01-01');
  const cinemas = [...new Set(days.map((each) => each.cinemaCode))];
  const told = sql`and coalesce(cinema_code, cinema_name, '') = any(${cinemas}::text[])
    and report.state = 'imported' and report.organisation_id = ${organisationId}
    and report.id is distinct from ${supersedes ?? null}::uuid`;
  const rows = await sql<TellingRow>`${telling} ${told}
      and report_row.last_date >= ${first} and report_row.first_date <= ${last} ${grouped}
    union all ${after} ${told} and report_row.first_date > ${last}
    group by 1, 2, 3, 4, 5`.execute(database);
  return filesOf(database, summed(rows.rows, resolved), { first, cinemas });
}

async function filesOf(
  database: Queryable,
  days: ReadonlyMap<string, readonly ToldDay[]>,
  { first, cinemas }: { readonly first: IsoDate; readonly cinemas: readonly string[] },
): Promise<{
  readonly earlier: readonly EarlierFile[];
  readonly names: ReadonlyMap<string, string>;
}> {
  const ids = [...days.keys()];
  const result = await sql<{
    id: string;
    name: string;
    level: Level;
    film_id: string | null;
    is_all: boolean;
  }>`select report.id, file.name, report.level, report.film_id,
      report.first_date >= ${first} and not exists (
        select from exhibition.report_row where report_id = report.id
          and coalesce(cinema_code, cinema_name, '') <> all(${[...cinemas]}::text[])
      ) as is_all
    from exhibition.report join kernel.file on file.id = report.file_id
    where report.id = any(${ids}::uuid[])`.execute(database);
  const delivered = await deliveredFirst(database, ids);
  const earlier = result.rows
    .map((row) => ({
      id: row.id,
      level: row.level,
      deliveredAt: delivered.get(row.id)!,
      film: row.film_id ?? undefined,
      days: days.get(row.id) ?? [],
      isAll: row.is_all,
    }))
    .toSorted((a, b) => a.deliveredAt - b.deliveredAt || (a.id < b.id ? -1 : 1));
  return { earlier, names: new Map(result.rows.map(({ id, name }) => [id, name])) };
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
