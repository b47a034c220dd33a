import { finding } from '@yinglian/core';
import type { Measurement } from '@yinglian/opencall';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { grantFiles } from '../../kernel/files/grants.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { invalid } from '../../kernel/refusal.ts';
import { EVIDENCE_BYTES_MAX, refuseUnsafe } from '../evidence.ts';
import type { ProjectRow } from './store.ts';

type Report = { readonly fileId: string; readonly fileName: string; readonly digest: string };
type ReportRow = {
  readonly milestone: string;
  readonly file_id: string;
  readonly file_name: string;
  readonly digest: string;
};

/** Files that the caller reads and a measured value names by digest; others are refused. */
export async function reportsOf(
  readFile: ReadStoredFile,
  context: Context,
  ids: readonly string[],
  values: readonly Measurement[],
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const id of ids) {
    const { name, digest, mediaType, bytes } = await readFile(context, id, EVIDENCE_BYTES_MAX);
    const hex = digest.replace(/^sha256:/, '');
    if (!values.some(({ evidence }) => evidence === hex)) {
      throw invalid(finding('unnamed_report', 'error', { facts: { file: name } }));
    }
    refuseUnsafe({ name, mediaType, bytes });
    reports.push({ fileId: id, fileName: name, digest: hex });
  }
  return reports;
}

/** Writes down the reports of a milestone, and lets its department read them. */
export async function keepReports(
  transaction: Transaction,
  project: ProjectRow,
  milestone: string,
  reports: readonly Report[],
): Promise<void> {
  for (const { fileId, fileName, digest } of reports) {
    await sql`
      insert into policy.opencall_report (project_id, milestone, file_id, file_name, digest)
      values (${project.id}, ${milestone}, ${fileId}, ${fileName}, ${digest})
      on conflict do nothing
    `.execute(transaction);
  }
  await grantFiles(
    transaction,
    reports.map(({ fileId }) => ({ fileId, organisationId: project.department_id })),
  );
}

/** The reports of a project, by milestone. */
export async function readReports(
  database: Queryable,
  projectId: string,
): Promise<ReadonlyMap<string, readonly ReportRow[]>> {
  const result = await sql<ReportRow>`
    select milestone, file_id, file_name, digest from policy.opencall_report
    where project_id = ${projectId} order by at, file_id
  `.execute(database);
  const byMilestone = new Map<string, ReportRow[]>();
  for (const row of result.rows) {
    byMilestone.set(row.milestone, [...(byMilestone.get(row.milestone) ?? []), row]);
  }
  return byMilestone;
}
