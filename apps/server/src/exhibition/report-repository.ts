import type { reportSchema } from '@yinglian/contract';
import {
  type BoxOfficeRecord,
  type Mapping,
  type Measures,
  measuresOf,
  type QuarantinedRow,
} from '@yinglian/boxoffice';
import { filmCodeKey, formatRatio, type Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../kernel/access/access.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../kernel/listing.ts';
import { jsonText } from '../kernel/write.ts';
import type { RowStanding } from '@yinglian/screening';
import { reportsReachedBy } from './access.ts';
import type { ExhibitionTables, ReportRowTable } from './tables.ts';
import type { Insertable } from 'kysely';

export type ReportRecord = z.output<typeof reportSchema>;
/** Rows put into one statement; PostgreSQL takes 65,535 parameters, a row has 18. */
const INSERT_ROWS = 2000;

const tables = (database: Queryable) => database.withTables<ExhibitionTables>();

type ReportView = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  film_id: string | null;
  sender: string;
  level: string;
  state: string;
  row_count: number;
  quarantined: number;
  first_date: string | null;
  last_date: string | null;
  screenings: bigint;
  admissions: bigint;
  gross_fen: bigint;
  supersedes: string | null;
  findings: unknown;
  mapping: unknown;
  file_id: string;
  file_name: string;
  media_type: string;
  size_bytes: bigint;
  digest: string;
  file_created_at: Date;
  sort_key: string;
};

export async function listReports(
  database: Queryable,
  listing: Listing,
): Promise<Listed<ReportRecord>[]> {
  const result = await sql<ReportView>`
    select report.*, file.name as file_name, file.media_type, file.size_bytes, file.digest,
      file.created_at as file_created_at, report.created_at::text as sort_key
    from exhibition.report
    join kernel.file on file.id = report.file_id
    where ${reportsReachedBy(listing.organisationId)} and ${listedBy('report', listing)}
    ${newestFirst('report', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({ sortKey: row.sort_key, row: reportOf(row) }));
}

function reportOf(row: ReportView): ReportRecord {
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    filmId: row.film_id,
    sender: row.sender,
    level: row.level as ReportRecord['level'],
    state: row.state as ReportRecord['state'],
    rows: row.row_count,
    quarantined: row.quarantined,
    from: row.first_date,
    to: row.last_date,
    screenings: Number(row.screenings),
    admissions: Number(row.admissions),
    grossFen: String(row.gross_fen),
    supersedes: row.supersedes,
    findings: row.findings as ReportRecord['findings'],
    mapping: row.mapping as ReportRecord['mapping'],
    file: {
      id: row.file_id,
      name: row.file_name,
      mediaType: row.media_type,
      sizeBytes: Number(row.size_bytes),
      digest: row.digest,
      createdAt: row.file_created_at.toISOString(),
    },
  };
}

/** Films by code among those the organisation reaches; codes compare without regard to case. */
export async function filmsByCode(
  database: Queryable,
  organisationId: string,
  codes: readonly string[],
): Promise<Map<string, string>> {
  if (codes.length === 0) return new Map();
  const keys = codes.map(filmCodeKey);
  const result = await sql<{ film_id: string; code: string }>`
    select film_id, upper(film_code) as code from film.version
    where upper(film_code) = any(${keys}::text[]) and film_id in ${filmsReachedBy(organisationId)}
  `.execute(database);
  return new Map(result.rows.map((row) => [row.code, row.film_id]));
}

/** An imported report with the same bytes from the same organisation. */
export async function reportOfSameBytes(
  database: Queryable,
  organisationId: string,
  digest: string,
): Promise<string | undefined> {
  const result = await sql<{ id: string }>`
    select report.id from exhibition.report join kernel.file on file.id = report.file_id
    where report.organisation_id = ${organisationId} and file.digest = ${digest}
      and report.state = 'imported'`.execute(database);
  return result.rows[0]?.id;
}

/** The reports that these have replaced, and those that those replaced. */
export async function earlierVersions(
  database: Queryable,
  reportIds: readonly string[],
): Promise<string[]> {
  const result = await sql<{ id: string }>`
    with recursive earlier (id) as (
      select supersedes from exhibition.report where id = any(${[...reportIds]}::uuid[])
      union select r.supersedes from exhibition.report r join earlier using (id)
    ) select id from earlier where id is not null`.execute(database);
  return result.rows.map((row) => row.id);
}

/** Mappings by which the organisation's newest reports were read, each once. */
export async function savedMappings(
  database: Queryable,
  organisationId: string,
  limit: number,
): Promise<Mapping[]> {
  const result = await sql<{ mapping: Mapping }>`
    select mapping::json as mapping from (
      select mapping::text as mapping, max(created_at) as at from exhibition.report
      where organisation_id = ${organisationId} group by 1
    ) m order by at desc limit ${limit}`.execute(database);
  return result.rows
    .map((row) => row.mapping)
    .filter((each) => Object.keys(each.columns).length > 0);
}

/** How the last file of each sender was read, the newest sender first. */
export async function mappingsOfSenders(
  database: Queryable,
  organisationId: string,
  limit: number,
): Promise<{ readonly sender: string; readonly mapping: Mapping }[]> {
  const result = await sql<{ sender: string; mapping: Mapping }>`
    select sender, mapping from (
      select distinct on (sender) sender, mapping, created_at from exhibition.report
      where organisation_id = ${organisationId} and sender <> ''
        and mapping::jsonb -> 'columns' <> '{}'
      order by sender, created_at desc
    ) last order by created_at desc limit ${limit}`.execute(database);
  return result.rows;
}

/** When the figures of each report came first, whatever it has replaced since. */
export async function deliveredFirst(
  database: Queryable,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const result = await sql<{ newest: string; delivered_at: Date }>`
    with recursive chain as (
      select id as newest, supersedes, created_at from exhibition.report
      where id = any(${[...ids]}::uuid[])
      union all
      select chain.newest, report.supersedes, report.created_at
      from exhibition.report join chain on report.id = chain.supersedes
    ) select newest, min(created_at) as delivered_at from chain group by newest`.execute(database);
  return new Map(result.rows.map((row) => [row.newest, row.delivered_at.getTime()]));
}

export type NewReport = {
  readonly id: string;
  readonly organisationId: string;
  readonly filmId: string | null;
  readonly sender: string;
  readonly fileId: string;
  readonly mapping: Mapping;
  readonly totals: {
    readonly screenings: number;
    readonly admissions: number;
    readonly grossFen: bigint;
  };
  readonly from: string | null;
  readonly to: string | null;
  readonly rows: number;
  readonly quarantined: number;
  readonly supersedes: string | null;
  readonly findings: readonly Finding[];
};

export async function insertReport(transaction: Transaction, report: NewReport): Promise<void> {
  const db = tables(transaction);
  if (report.supersedes !== null) {
    await db
      .updateTable('exhibition.report')
      .set({ state: 'superseded', version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
      .where('id', '=', report.supersedes)
      .execute();
  }
  await db
    .insertInto('exhibition.report')
    .values({
      id: report.id,
      organisation_id: report.organisationId,
      film_id: report.filmId,
      sender: report.sender,
      level: report.mapping.level,
      file_id: report.fileId,
      state: 'imported',
      row_count: report.rows,
      quarantined: report.quarantined,
      first_date: report.from,
      last_date: report.to,
      screenings: BigInt(report.totals.screenings),
      admissions: BigInt(report.totals.admissions),
      gross_fen: report.totals.grossFen,
      supersedes: report.supersedes,
      findings: jsonText(report.findings),
      mapping: jsonText(report.mapping),
    })
    .execute();
}

export type Resolved = {
  readonly cinemas: ReadonlyMap<string, string>;
  readonly films: ReadonlyMap<string, string>;
  /** The film that the sender named for the whole file, for rows that name none. */
  readonly filmId?: string | null;
};

export async function insertRows(
  transaction: Transaction,
  reportId: string,
  records: readonly BoxOfficeRecord[],
  resolved: Resolved,
): Promise<void> {
  const measures = measuresOf(records);
  for (let at = 0; at < records.length; at += INSERT_ROWS) {
    const rows = records
      .slice(at, at + INSERT_ROWS)
      .map((record, index) => rowOf(reportId, record, measures[at + index]!, resolved));
    await tables(transaction).insertInto('exhibition.report_row').values(rows).execute();
  }
}

/** Rows that were not understood are kept whole beside the others, so that nothing is lost. */
export async function insertQuarantined(
  transaction: Transaction,
  reportId: string,
  rows: readonly QuarantinedRow[],
  date: string,
): Promise<void> {
  for (let at = 0; at < rows.length; at += INSERT_ROWS) {
    const values = rows.slice(at, at + INSERT_ROWS).map((row) => ({
      report_id: reportId,
      line: row.sourceRow,
      cinema_id: null,
      cinema_code: null,
      cinema_name: null,
      film_id: null,
      film_code: null,
      film_name: null,
      hall: null,
      first_date: date,
      last_date: date,
      equipment: null,
      screenings: 0,
      admissions: 0,
      gross_fen: 0n,
      ticket_type: null,
      price_fen: null,
      start_time: null,
      stated: '{}',
      raw: jsonText(row.raw),
      quarantined: true,
      findings: jsonText(row.findings),
    }));
    await tables(transaction).insertInto('exhibition.report_row').values(values).execute();
  }
}

function rowOf(
  reportId: string,
  record: BoxOfficeRecord,
  measures: Measures,
  resolved: Resolved,
): Insertable<ReportRowTable> {
  return {
    report_id: reportId,
    line: record.sourceRow,
    cinema_id: resolved.cinemas.get(record.cinemaCode ?? '') ?? null,
    cinema_code: record.cinemaCode ?? null,
    cinema_name: record.cinemaName ?? null,
    film_id:
      record.filmCode === undefined
        ? (resolved.filmId ?? null)
        : (resolved.films.get(filmCodeKey(record.filmCode)) ?? null),
    film_code: record.filmCode ?? null,
    film_name: record.filmName ?? null,
    hall: record.hall ?? null,
    first_date: (record.from ?? record.date)!,
    last_date: (record.to ?? record.date)!,
    equipment: record.equipment ?? null,
    screenings: measures.screenings,
    admissions: measures.admissions,
    gross_fen: measures.grossFen,
    service_fee_fen: measures.serviceFeeFen,
    ticket_type: record.ticketType ?? null,
    price_fen: record.priceFen ?? null,
    start_time: record.start ?? null,
    stated: jsonText(statedOf(record)),
    raw: jsonText(record.raw),
  };
}

/** The sender's own results: never used in a computation, always shown beside ours. */
function statedOf(record: BoxOfficeRecord): Record<string, string> {
  const stated: Record<string, string> = {};
  for (const name of ['fundFen', 'taxFen', 'netFen', 'shareFen'] as const) {
    if (record[name] !== undefined) stated[name] = String(record[name]);
  }
  for (const name of ['vatRate', 'shareRate'] as const) {
    if (record[name] !== undefined) stated[name] = formatRatio(record[name]);
  }
  return stated;
}

export type RowRecord = {
  readonly reportId: string;
  readonly line: number;
  readonly cinemaId: string | null;
  readonly cinemaCode: string | null;
  readonly cinemaName: string | null;
  readonly filmId: string | null;
  readonly filmCode: string | null;
  readonly filmName: string | null;
  readonly hall: string | null;
  readonly from: string;
  readonly to: string;
  readonly equipment: 'owned' | 'leased' | null;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: bigint;
  readonly serviceFeeFen: bigint;
  readonly ticketType: string | null;
  readonly priceFen: bigint | null;
  /** `19:30`, where the sender says when the screening began. */
  readonly start: string | null;
  readonly stated: Readonly<Record<string, string>>;
  /** What cases make of the row; null where none ever spoke of it. */
  readonly standing: RowStanding | null;
  /** As an upheld case has it, where the standing is `adjusted`. */
  readonly decided: { readonly admissions: number; readonly grossFen: bigint } | null;
};

export type RowListing = {
  readonly reportIds: readonly string[];
  readonly filmId?: string | undefined;
  readonly after?: readonly [reportId: string, line: number] | undefined;
  readonly limit: number;
};

/** Understood rows of reports, in the order of their files. */
export async function listRows(database: Queryable, listing: RowListing): Promise<RowRecord[]> {
  const { reportIds, filmId, after, limit } = listing;
  let query = tables(database)
    .selectFrom('exhibition.report_row')
    .selectAll()
    .where('report_id', 'in', reportIds)
    .where('quarantined', '=', false)
    .orderBy('report_id')
    .orderBy('line')
    .limit(limit + 1);
  if (filmId !== undefined) query = query.where('film_id', '=', filmId);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(report_id, line) > (${after[0]}::uuid, ${after[1]}::integer)`,
    );
  }
  const rows = await query.execute();
  const standings = await readStandings(database, rows);
  return rows.map((row) => ({
    reportId: row.report_id,
    line: row.line,
    cinemaId: row.cinema_id,
    cinemaCode: row.cinema_code,
    cinemaName: row.cinema_name,
    filmId: row.film_id,
    filmCode: row.film_code,
    filmName: row.film_name,
    hall: row.hall,
    from: row.first_date,
    to: row.last_date,
    equipment: row.equipment as RowRecord['equipment'],
    screenings: row.screenings,
    admissions: row.admissions,
    grossFen: row.gross_fen,
    serviceFeeFen: row.service_fee_fen,
    ticketType: row.ticket_type,
    priceFen: row.price_fen,
    start: row.start_time,
    stated: row.stated as Record<string, string>,
    standing: null,
    decided: null,
    ...standings.get(`${row.report_id} ${row.line}`),
  }));
}

/** Of several cases over one row the one that weighs most: out, held, otherwise, as it stands. */
async function readStandings(
  database: Queryable,
  rows: readonly { readonly report_id: string; readonly line: number }[],
): Promise<ReadonlyMap<string, Pick<RowRecord, 'standing' | 'decided'>>> {
  const first = rows[0];
  if (first === undefined) return new Map();
  const reports = [...new Set(rows.map((row) => row.report_id))];
  const result = await sql<{
    report_id: string;
    line: number;
    standing: RowStanding;
    admissions: number | null;
    gross_fen: bigint | null;
  }>`select distinct on (report_id, line) report_id, line, standing, admissions, gross_fen
    from exhibition.row_standing where report_id = any(${reports}::uuid[])
    order by report_id, line,
      array_position(array['excluded', 'held', 'adjusted', 'confirmed'], standing)`.execute(
    database,
  );
  return new Map(
    result.rows.map((row) => [
      `${row.report_id} ${row.line}`,
      {
        standing: row.standing,
        decided:
          row.standing === 'adjusted' && row.admissions !== null && row.gross_fen !== null
            ? { admissions: row.admissions, grossFen: row.gross_fen }
            : null,
      },
    ]),
  );
}
