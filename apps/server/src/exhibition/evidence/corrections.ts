import {
  CORRECTION_DEFAULTS,
  type CorrectionApplication,
  type CorrectionFigures,
  judgeCorrection,
} from '@yinglian/boxoffice';
import type { evidence } from '@yinglian/contract';
import { finding, type IsoDate } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, versionConflict } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { reportsReachedBy } from '../access.ts';

export type CorrectionRecord = z.output<typeof evidence.applyForCorrection.result>;

export type CorrectionParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** Files of many cinemas are meant in the clock of the country's capital. */
const OFFSET_MINUTES = 480;
const HOUR_MS = 3_600_000;

type Row = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  report_id: string;
  sender: string;
  state: CorrectionRecord['state'];
  reason: string;
  rows: number;
  screenings: bigint;
  admissions: bigint;
  gross_fen: bigint;
  applied_by: string;
  applied_name: string;
  decided_name: string | null;
  decision: string | null;
  approved_at: Date | null;
  fulfilled_by: string | null;
  sort_key: string;
};

async function listCorrections(
  database: Queryable,
  listing: Listing & { readonly userId: string | null },
): Promise<Listed<CorrectionRecord>[]> {
  const result = await sql<Row>`
    select correction.*, report.sender, correction.created_at::text as sort_key
    from exhibition.correction join exhibition.report on report.id = correction.report_id
    where ${reportsReachedBy(listing.organisationId)} and ${listedBy('correction', listing)}
    ${newestFirst('correction', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      reportId: row.report_id,
      sender: row.sender,
      state: row.state,
      reason: row.reason,
      figures: {
        rows: row.rows,
        screenings: Number(row.screenings),
        admissions: Number(row.admissions),
        grossFen: String(row.gross_fen),
      },
      appliedBy: row.applied_name,
      mine: row.applied_by === listing.userId,
      decidedBy: row.decided_name,
      decision: row.decision,
      approvedAt: row.approved_at?.toISOString() ?? null,
      dueAt:
        row.approved_at === null
          ? null
          : new Date(
              row.approved_at.getTime() + CORRECTION_DEFAULTS.dataHours * HOUR_MS,
            ).toISOString(),
      fulfilledBy: row.fulfilled_by,
    },
  }));
}

export type CorrectionService = ReturnType<typeof createCorrectionService>;

/**
 * Late corrections: one person applies with the figures that will come, another one approves, and
 * the data has to arrive in time and be what was applied for.
 */
export function createCorrectionService(parts: CorrectionParts) {
  const { database, write, requireAccess, newId, now } = parts;
  type Actor = { readonly organisationId: string; readonly userId: string | null };
  const one = async (queryable: Queryable, actor: Actor, id: string) =>
    found((await listCorrections(queryable, { ...actor, ids: [id], limit: 1 }))[0]?.row, { id });

  return {
    async corrections(context: Context, query: PageQuery): Promise<Page<CorrectionRecord>> {
      const actor = await requireAccess(context, 'exhibition.read');
      const after = afterInstant(query);
      const rows = await listCorrections(database, { ...actor, after, limit: query.limit });
      return pageOfListed(rows, query);
    },

    async apply(
      context: Context,
      request: {
        readonly reportId: string;
        readonly reason: string;
        readonly figures: CorrectionRecord['figures'];
      },
    ): Promise<CorrectionRecord> {
      const records = { kind: 'report', ids: [request.reportId] };
      const actor = await requireAccess(context, 'exhibition.report', records);
      const { figures, reportId, reason } = request;
      const id = newId();
      return write(context, async (work) => {
        const open = await sql`select 1 from exhibition.correction
          where report_id = ${reportId} and state = 'applied'`.execute(work.transaction);
        if (open.rows.length > 0) throw conflict(finding('doubled_correction', 'error'));
        await sql`insert into exhibition.correction (id, report_id, organisation_id, reason, rows,
            screenings, admissions, gross_fen, applied_by, applied_name)
          values (${id}, ${reportId}, ${actor.organisationId}, ${reason}, ${figures.rows},
            ${figures.screenings}, ${figures.admissions}, ${BigInt(figures.grossFen)},
            ${actor.userId}, ${context.user?.name ?? ''})`.execute(work.transaction);
        work.audit({
          action: 'exhibition.correction_applied',
          subjectKind: 'correction',
          subjectId: id,
          facts: { report: reportId, grossFen: figures.grossFen },
        });
        work.changed({ kind: 'correction', id });
        return one(work.transaction, actor, id);
      });
    },

    async decide(
      context: Context,
      id: string,
      request: { readonly version: number; readonly agree: boolean; readonly decision: string },
    ): Promise<CorrectionRecord> {
      const records = { kind: 'correction', ids: [id] };
      const actor = await requireAccess(context, 'settlement.issue', records);
      return write(context, async (work) => {
        const before = await one(work.transaction, actor, id);
        if (before.mine) throw conflict(finding('same_person', 'error'));
        const state = request.agree ? 'approved' : 'rejected';
        const done = await sql`update exhibition.correction
          set state = ${state}, version = version + 1, updated_at = ${now()},
            decided_by = ${actor.userId}, decided_name = ${context.user?.name ?? ''},
            decision = ${request.decision}, approved_at = ${request.agree ? now() : null}
          where id = ${id} and version = ${request.version} and state = 'applied'`.execute(
          work.transaction,
        );
        if (done.numAffectedRows !== 1n) throw versionConflict(before, request);
        work.audit({
          action: `exhibition.correction_${state}`,
          subjectKind: 'correction',
          subjectId: id,
          facts: { report: before.reportId },
        });
        work.changed({ kind: 'correction', id });
        return one(work.transaction, actor, id);
      });
    },
  };
}

/**
 * Refuses data that corrects too late, without an approval, or otherwise than it was approved.
 * Gives the application that it fulfils: the one that the sender names, or, where the free days
 * are over, the one that was approved last for these reports.
 */
export async function requireCorrection(
  transaction: Transaction,
  correction: {
    /** What is corrected or added to; the first is named where an approval is missing. */
    readonly reportIds: readonly string[];
    readonly date: IsoDate;
    readonly deliveredAt: number;
    readonly correctionId: string | undefined;
    readonly figures: CorrectionFigures;
    readonly at: Date;
  },
): Promise<string | undefined> {
  const { reportIds, date, deliveredAt, correctionId, figures } = correction;
  const at = correction.at.getTime();
  const data = { date, offsetMinutes: OFFSET_MINUTES, at, deliveredAt, figures };
  const isFree = judgeCorrection(data, undefined).ok;
  if (isFree && correctionId === undefined) return undefined;
  const named = sql<boolean>`correction.id = ${correctionId ?? null}::uuid`;
  const applications = await sql<Row>`select * from exhibition.correction
    where report_id = any(${[...reportIds]}::uuid[])
      and ${correctionId === undefined ? sql<boolean>`state = 'approved'` : named}
    order by approved_at desc limit 1 for update`.execute(transaction);
  const row = applications.rows[0];
  if (correctionId !== undefined) found(row, { id: correctionId });
  const judged = judgeCorrection(data, row === undefined ? undefined : applicationOf(row));
  if (judged.ok) return row?.id;
  const first = reportIds[0]!;
  throw conflict(
    ...judged.findings.map((each) => ({ ...each, facts: { ...each.facts, report: first } })),
  );
}

const applicationOf = (row: Row): CorrectionApplication => ({
  state: row.state,
  approvedAt: row.approved_at?.getTime(),
  figures: {
    rows: row.rows,
    screenings: Number(row.screenings),
    admissions: Number(row.admissions),
    grossFen: row.gross_fen,
  },
});

/** The application has had its data and takes no other. */
export async function fulfilCorrection(
  transaction: Transaction,
  id: string,
  reportId: string,
  at: Date,
): Promise<void> {
  await sql`update exhibition.correction set state = 'fulfilled', fulfilled_by = ${reportId},
    version = version + 1, updated_at = ${at} where id = ${id} and state = 'approved'`.execute(
    transaction,
  );
}
