import type { policyAppealSchema } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { type Appeal, appealDays, appealFaults, refusalOf } from '@yinglian/policy';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found } from '../kernel/refusal.ts';
import { bookOf, type PolicyParts, todayOf } from './parts.ts';
import { readClaim, readSteps, upTo } from './repository.ts';

type AppealRecord = z.output<typeof policyAppealSchema>;
type AppealRow = {
  readonly id: string;
  readonly claim_id: string;
  readonly object: string;
  readonly applicant: string;
  readonly department_id: string;
  readonly state: string;
  readonly by_name: string;
  readonly text: string;
  readonly step: number;
  readonly made_on: string;
  readonly upheld: boolean | null;
  readonly answer: string | null;
  readonly answered_name: string | null;
  readonly answered_on: string | null;
  readonly sort_key: string;
};

/** The appeals that stand on a claim, in their order. */
export async function readAppeals(database: Queryable, claimId: string): Promise<Appeal[]> {
  const result = await sql<{ step: number; made_on: string; upheld: boolean | null }>`
    select step, made_on, upheld from policy.appeal where claim_id = ${claimId} order by step
  `.execute(database);
  return result.rows.map(({ step, made_on: madeOn, upheld }) => ({ step, madeOn, upheld }));
}

/** Closes the appeal that waits on a claim; false where none does. */
export async function answerOpenAppeal(
  transaction: Transaction,
  given: {
    readonly claimId: string;
    readonly upheld: boolean;
    readonly answer: string;
    readonly by: Context['user'];
    readonly on: string;
  },
): Promise<boolean> {
  const done = await sql`
    update policy.appeal set upheld = ${given.upheld}, answer = ${given.answer},
      answered_by = ${given.by?.id ?? null}, answered_name = ${given.by?.name ?? ''},
      answered_on = ${given.on}
    where claim_id = ${given.claimId} and upheld is null
  `.execute(transaction);
  return done.numAffectedRows === 1n;
}

export type AppealService = ReturnType<typeof createAppealService>;

/** What an applicant says against a refusal, and what another person answers. */
export function createAppealService(parts: PolicyParts) {
  const { database, write, requireAccess, newId } = parts;

  const record = async (queryable: Queryable, id: string): Promise<AppealRecord> => {
    const rows = await listAppeals(queryable, { id, limit: 1 });
    return found(rows[0] === undefined ? undefined : appealRecord(rows[0]), { id });
  };

  return {
    async appeals(context: Context, query: PageQuery & { claimId?: string | undefined }) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const { claimId, limit } = query;
      const after = afterInstant(query);
      const rows = await listAppeals(database, { organisationId, claimId, after, limit });
      return pageOf(rows, query, (row) => [row.sort_key, row.id], appealRecord);
    },

    async appeal(context: Context, claimId: string, text: string): Promise<AppealRecord> {
      const { organisationId, userId } = await requireAccess(context, 'policy.apply', {
        kind: 'policy_claim',
        ids: [claimId],
      });
      return write(context, async (work) => {
        const { transaction } = work;
        const claim = found(await readClaim(transaction, claimId, true), { id: claimId });
        found(claim.applicant_id === organisationId || undefined, { id: claimId });
        const steps = (await readSteps(transaction, claimId)).map((step) => ({
          action: step.action,
          on: step.on_date,
        }));
        const today = todayOf(parts);
        const appeals = await readAppeals(transaction, claimId);
        const book = await bookOf(transaction, claim.instrument, {
          eventDate: claim.event_date,
          knownOn: today,
        });
        const days = appealDays(book, claim.item);
        const faults = appealFaults({ state: claim.state, steps, appeals }, today, days);
        if (faults.length > 0) throw conflict(...faults);
        const id = newId();
        await sql`
          insert into policy.appeal (id, claim_id, step, text, by_id, by_name, made_on)
          values (${id}, ${claimId}, ${refusalOf(steps)}, ${text}, ${userId},
            ${context.user?.name ?? ''}, ${today})
        `.execute(transaction);
        work.audit({
          action: 'policy.appeal_made',
          subjectKind: 'policy_claim',
          subjectId: claimId,
          facts: { appeal: id },
        });
        const { department_id: departmentId } = claim;
        work.changed({ kind: 'policy_claim', id: claimId });
        work.changed({ kind: 'policy_claim', id: claimId, organisationId: departmentId });
        return record(transaction, id);
      });
    },

    async dismiss(context: Context, id: string, answer: string): Promise<AppealRecord> {
      const { organisationId } = await requireAccess(context, 'policy.decide');
      return write(context, async (work) => {
        const { transaction } = work;
        const row = found((await listAppeals(transaction, { id, limit: 1 }))[0], { id });
        found(row.department_id === organisationId || undefined, { id });
        await readClaim(transaction, row.claim_id, true);
        const steps = await readSteps(transaction, row.claim_id);
        // Whoever refused does not judge what is said against the refusal.
        if (steps[row.step - 1]?.actor_id === context.user?.id) {
          const facts = { action: 'dismiss_appeal', guard: 'four_eyes', until: '' };
          throw conflict(finding('missing_second_person', 'error', { facts }));
        }
        const given = { claimId: row.claim_id, upheld: false, answer };
        const on = todayOf(parts);
        if (!(await answerOpenAppeal(transaction, { ...given, by: context.user, on }))) {
          throw conflict(finding('missing_appeal', 'error'));
        }
        work.audit({
          action: 'policy.appeal_dismissed',
          subjectKind: 'policy_claim',
          subjectId: row.claim_id,
          facts: { appeal: id },
        });
        work.changed({ kind: 'policy_claim', id: row.claim_id });
        const claim = found(await readClaim(transaction, row.claim_id), { id: row.claim_id });
        const { applicant_id: applicantId } = claim;
        work.changed({ kind: 'policy_claim', id: row.claim_id, organisationId: applicantId });
        return record(transaction, id);
      });
    },
  };
}

/** Appeals of an applicant, or those against a department's refusals; the latest first. */
export async function listAppeals(
  database: Queryable,
  listing: {
    readonly id?: string;
    readonly organisationId?: string;
    readonly claimId?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit?: number;
  },
): Promise<AppealRow[]> {
  const { id = null, organisationId = null, claimId = null, after, limit } = listing;
  const result = await sql<AppealRow>`
    select appeal.*, appeal.made_at::text as sort_key, claim.object, claim.state,
      applicant.name as applicant, call.department_id
    from policy.appeal as appeal
    join policy.claim as claim on claim.id = appeal.claim_id
    join policy.call as call on call.id = claim.call_id
    join kernel.organisation as applicant on applicant.id = claim.applicant_id
    where (${id}::uuid is null or appeal.id = ${id}::uuid)
      and (${organisationId}::uuid is null or claim.applicant_id = ${organisationId}::uuid
        or call.department_id = ${organisationId}::uuid)
      and (${claimId}::uuid is null or appeal.claim_id = ${claimId}::uuid)
      and (${after?.[0] ?? null}::text is null or (appeal.made_at, appeal.id)
        < (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))
    order by appeal.made_at desc, appeal.id desc ${upTo(limit)}
  `.execute(database);
  return result.rows;
}

function appealRecord(row: AppealRow): AppealRecord {
  return {
    id: row.id,
    claimId: row.claim_id,
    object: row.object,
    applicant: row.applicant,
    state: row.state as AppealRecord['state'],
    by: row.by_name,
    text: row.text,
    step: row.step,
    madeOn: row.made_on,
    upheld: row.upheld,
    answer: row.answer,
    answeredBy: row.answered_name,
    answeredOn: row.answered_on,
  };
}
