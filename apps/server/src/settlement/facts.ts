import { filmCodeKey, type Finding, finding } from '@yinglian/core';
import {
  type BoxOfficeFact,
  type CinemaRegister,
  parseTerms,
  type Terms,
} from '@yinglian/settlement';
import { sql } from 'kysely';
import { asDecided, listRows, reportsReachedBy, type RowRecord } from '../exhibition/face.ts';
import type { Database } from '../kernel/database/database.ts';
import { Refusal } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { type NewStatement, readRegister, type readRun, type RunRecord } from './repository.ts';

export type SettleParts = {
  readonly database: Database;
  readonly write: Write;
  readonly newId: () => string;
};

/** The run as it was ordered. */
export type Run = NonNullable<Awaited<ReturnType<typeof readRun>>>;

/** What a settlement gives: statements to be kept, and where the money went. */
export type Drawing = {
  readonly statements: readonly NewStatement[];
  readonly root: string;
  readonly grossFen: bigint;
  readonly parties: RunRecord['parties'];
  readonly findings: readonly Finding[];
  readonly statementIds?: readonly string[];
};

const ROWS_A_READ = 5000;

/** Stored terms as the settlement package reads them. */
export function termsOf(data: unknown): Terms {
  const terms = parseTerms(data);
  if (!terms.ok) throw new Refusal('invalid', { findings: terms.findings });
  return terms.value;
}

/** All rows of reports that speak of a film. */
export async function readAllRows(
  database: Database,
  reportIds: readonly string[],
  filmId: string,
): Promise<RowRecord[]> {
  if (reportIds.length === 0) return [];
  const all: RowRecord[] = [];
  let after: readonly [string, number] | undefined;
  for (;;) {
    const rows = await listRows(database, { reportIds, filmId, after, limit: ROWS_A_READ });
    const shown = rows.slice(0, ROWS_A_READ);
    all.push(...asDecided(shown, 'leave'));
    const last = shown.at(-1);
    if (rows.length <= ROWS_A_READ || last === undefined) return all;
    after = [last.reportId, last.line];
  }
}

/** The id says where the row stands, so that a figure on a statement opens down to it. */
export function factOf(row: RowRecord): BoxOfficeFact & { readonly start?: string } {
  return {
    id: `${row.reportId}:${row.line}`,
    date: row.from,
    ...(row.to === row.from ? {} : { lastDate: row.to }),
    ...(row.start === null ? {} : { start: row.start }),
    filmCode: filmCodeKey(row.filmCode ?? ''),
    cinemaCode: row.cinemaCode ?? '',
    ...(row.hall === null ? {} : { hall: row.hall }),
    ...(row.equipment === null ? {} : { equipment: row.equipment }),
    screenings: row.screenings,
    admissions: row.admissions,
    grossFen: row.grossFen,
    serviceFeeFen: row.serviceFeeFen,
    ...(row.priceFen === null ? {} : { priceFen: row.priceFen }),
    ...(row.ticketType === null ? {} : { ticketType: row.ticketType }),
  };
}

/** What registers say of the cinemas of rows. */
export function registerFor(database: Database, rows: readonly RowRecord[]) {
  return readRegister(database, [...new Set(rows.flatMap((row) => row.cinemaCode ?? []))]);
}

/** What registers say, as the terms read it. */
export function registerOf(rows: Awaited<ReturnType<typeof readRegister>>): CinemaRegister {
  return Object.fromEntries(
    rows.map((row) => [
      row.code,
      {
        name: row.name,
        ...(row.circuit === null ? {} : { circuit: row.circuit }),
        ...(row.equipment === null ? {} : { equipment: row.equipment as 'owned' | 'leased' }),
        ...(row.taxpayer === null ? {} : { taxpayer: row.taxpayer as 'general' | 'small_scale' }),
      },
    ]),
  );
}

/** Rows of the reports that speak of the film but came into no line and no exception. */
export function emptyRun(rows: readonly RowRecord[], lines: readonly unknown[]): Finding[] {
  if (rows.length > 0 || lines.length > 0) return [];
  return [finding('missing_rows', 'error')];
}

/**
 * Earlier reports of the same senders that a run leaves out: ladders, caps and rounding to date
 * look back to the first day, and start anew without them.
 */
export async function omittedReports(database: Database, run: Run): Promise<Finding[]> {
  const result = await sql<{ count: string }>`
    select count(*)::text as count from exhibition.report
    where report.state = 'imported' and report.first_date < ${run.first_date}::date
      and report.id <> all(${run.report_ids}::uuid[])
      and report.sender in (select chosen.sender from exhibition.report chosen
        where chosen.id = any(${run.report_ids}::uuid[]))
      and exists (select 1 from exhibition.report_row row
        where row.report_id = report.id and row.film_id = ${run.film_id} and not row.quarantined)
      and ${reportsReachedBy(run.organisation_id)}`.execute(database);
  const count = Number(result.rows[0]?.count ?? '0');
  if (count === 0) return [];
  return [finding('omitted_reports', 'warning', { facts: { count, from: run.first_date } })];
}
