import type { approvalRequestSchema, approvalSchema } from '@yinglian/contract';
import type { SignedRecord } from '@yinglian/review';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { jsonText } from '../../kernel/write.ts';

export type ApprovalView = z.output<typeof approvalSchema>;
export type RequestView = z.output<typeof approvalRequestSchema>;

/** Asks once more for nobody: the day is moved. */
export async function insertRequest(
  transaction: Transaction,
  request: {
    readonly id: string;
    readonly assetId: string;
    readonly reviewerId: string;
    readonly organisationId: string;
    readonly requestedBy: string | null;
    readonly dueDate: string | null;
  },
): Promise<void> {
  await sql`
    insert into production.approval_request
      (id, asset_id, reviewer_id, organisation_id, requested_by, due_date)
    values (${request.id}, ${request.assetId}, ${request.reviewerId}, ${request.organisationId},
      ${request.requestedBy}, ${request.dueDate}::date)
    on conflict (asset_id, reviewer_id) do update set due_date = excluded.due_date
  `.execute(transaction);
}

export async function listRequests(database: Queryable, assetId: string): Promise<RequestView[]> {
  const result = await sql<{
    id: string;
    created_at: Date;
    reviewer_id: string;
    reviewer: string | null;
    organisation: string;
    due_date: string | null;
    answered: boolean;
  }>`
    select asked.id, asked.created_at, asked.reviewer_id, person.name as reviewer,
      organisation.name as organisation, asked.due_date::text as due_date,
      exists (select 1 from production.approval where approval.asset_id = asked.asset_id
        and approval.reviewer_id = asked.reviewer_id and replaced_by is null) as answered
    from production.approval_request as asked
    join kernel.organisation on organisation.id = asked.organisation_id
    left join identity."user" as person on person.id = asked.reviewer_id
    where asked.asset_id = ${assetId} order by asked.created_at, asked.id`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at.toISOString(),
    reviewerId: row.reviewer_id,
    reviewer: row.reviewer ?? '',
    organisation: row.organisation,
    dueDate: row.due_date,
    answered: row.answered,
  }));
}

/** The reviewer's word that counts now; held, so that two at once come one after the other. */
export async function readInForce(
  transaction: Transaction,
  assetId: string,
  reviewerId: string,
): Promise<string | undefined> {
  const pair = `${assetId} ${reviewerId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${pair}, 7))`.execute(transaction);
  const result = await sql<{ id: string }>`
    select id from production.approval where asset_id = ${assetId}
      and reviewer_id = ${reviewerId} and replaced_by is null`.execute(transaction);
  return result.rows[0]?.id;
}

export async function insertApproval(
  transaction: Transaction,
  { record, signature, organisationId }: SignedRecord & { readonly organisationId: string },
): Promise<void> {
  const { id, replaces, asset, reviewer } = record;
  const insert = sql`
    insert into production.approval (id, created_at, asset_id, organisation_id, reviewer_id,
      reviewer_name, decision, text, record, signature, replaced_by)
    values (${id}, ${record.decidedAt}, ${asset.id}, ${organisationId}, ${reviewer.id},
      ${reviewer.name}, ${record.decision}, ${record.text}, ${jsonText(record)},
      ${jsonText(signature)}, ${replaces})`;
  // One word of a reviewer is in force at any time: the new one steps in as the old one goes.
  await insert.execute(transaction);
  if (replaces === null) return;
  await sql`update production.approval set replaced_by = ${id} where id = ${replaces}`.execute(
    transaction,
  );
  await sql`update production.approval set replaced_by = null where id = ${id}`.execute(
    transaction,
  );
}

export async function listApprovals(
  database: Queryable,
  where: { readonly assetId: string } | { readonly id: string },
): Promise<ApprovalView[]> {
  const chosen =
    'id' in where ? sql`approval.id = ${where.id}` : sql`approval.asset_id = ${where.assetId}`;
  const result = await sql<{
    id: string;
    created_at: Date;
    reviewer_id: string;
    reviewer_name: string;
    organisation: string;
    decision: ApprovalView['decision'];
    text: string;
    signature: ApprovalView['signature'];
    replaced_by: string | null;
  }>`
    select approval.*, organisation.name as organisation from production.approval
    join kernel.organisation on organisation.id = approval.organisation_id
    where ${chosen} order by approval.created_at desc, approval.id desc`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at.toISOString(),
    reviewer: row.reviewer_name,
    reviewerId: row.reviewer_id,
    organisation: row.organisation,
    decision: row.decision,
    text: row.text,
    replaced: row.replaced_by !== null,
    signature: row.signature,
  }));
}

export async function readSigned(
  database: Queryable,
  id: string,
): Promise<SignedRecord | undefined> {
  const result = await sql<SignedRecord>`
    select record, signature from production.approval where id = ${id}`.execute(database);
  return result.rows[0];
}
