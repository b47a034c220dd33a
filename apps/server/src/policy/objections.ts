import { finding } from '@yinglian/core';
import { type Selectable, sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { tokenHash } from '../kernel/identity/identity.ts';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found } from '../kernel/refusal.ts';
import { answerOnce, type ObjectionAnswer, objectionOf, refuseAfterNotice } from './objection.ts';
import { type CaseRow, caseView, UNANSWERED } from './objection-view.ts';
import type { PolicyParts } from './parts.ts';
import { objectionRecord, readClaim, readObjections, readSteps, tables } from './repository.ts';
import type { ObjectionTable } from './tables.ts';

type ObjectionRow = Selectable<ObjectionTable>;
export type ObjectionService = ReturnType<typeof createObjectionService>;

/** Objections to proposals, and every objection as whoever made it follows it. */
export function createObjectionService(parts: PolicyParts) {
  const { database, write, requireAccess } = parts;

  return {
    async object(context: Context, id: string, text: string) {
      await requireAccess(context, 'signed_in');
      return write(context, async (work) => {
        // On notice a claim is public; before and after there is nothing here to object to.
        const claim = found(await readClaim(work.transaction, id, true), { id });
        refuseAfterNotice(parts, claim.state === 'on_notice' ? claim.notice_until : null);
        const { call_title: call, applicant, item, objection_days: days } = claim;
        const given = { text, about: `${call} · ${applicant} · ${item}`, days };
        const made = await objectionOf(parts, work.transaction, context, given);
        const row = { claim_id: id, ...made.row };
        await tables(work.transaction).insertInto('policy.objection').values(row).execute();
        work.audit({
          action: 'policy.objection_made',
          subjectKind: 'policy_claim',
          subjectId: id,
          facts: { objection: row.id },
        });
        work.changed({ kind: 'policy_claim', id });
        return { ...objectionRecord({ ...row, ...UNANSWERED }), token: made.token };
      });
    },

    async objections(context: Context, id: string) {
      await requireAccess(context, 'policy.manage', { kind: 'policy_claim', ids: [id] });
      await refuseApplicant(context, id);
      return { rows: await readObjections(database, id) };
    },

    async answerObjection(context: Context, id: string, given: ObjectionAnswer) {
      await requireAccess(context, 'policy.manage');
      const row = await tables(database)
        .selectFrom('policy.objection')
        .select('claim_id')
        .where('id', '=', id)
        .executeTakeFirst();
      const claimId = found(row, { id }).claim_id;
      await requireAccess(context, 'policy.manage', { kind: 'policy_claim', ids: [claimId] });
      await refuseApplicant(context, claimId);
      return write(context, async (work) => {
        const { transaction } = work;
        await readClaim(transaction, claimId, true);
        await refuseHandler(transaction, context, claimId);
        const answered = { ...given, table: 'policy.objection', id, by: context.user } as const;
        const done = await answerOnce<ObjectionRow>(parts, transaction, answered);
        work.audit({
          action: 'policy.objection_answered',
          subjectKind: 'policy_claim',
          subjectId: claimId,
          facts: { objection: id, outcome: given.outcome },
        });
        work.changed({ kind: 'policy_claim', id: claimId });
        return objectionRecord(done);
      });
    },

    /** What the caller objected to anywhere, with the answers; the latest first. */
    async own(context: Context, query: PageQuery) {
      const { userId } = await requireAccess(context, 'signed_in');
      const after = afterInstant(query);
      const result = await sql<CaseRow & { sort_key: string }>`
        select *, at::text as sort_key from policy.objection_case
        where user_id = ${userId}
          and (${after?.[0] ?? null}::text is null or (at, id)
            < (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))
        order by at desc, id desc limit ${query.limit + 1}
      `.execute(database);
      return pageOf(result.rows, query, (row) => [row.sort_key, row.id], caseView);
    },

    /** Whoever holds the receipt of an objection reads it, signed in or not. */
    async find(token: string) {
      const result = await sql<CaseRow>`
        select * from policy.objection_case where token_hash = ${tokenHash(token)}
      `.execute(database);
      return caseView(found(result.rows[0], {}));
    },
  };

  /** Objections are the department's to read; the applicant's own officers may not. */
  async function refuseApplicant(context: Context, claimId: string): Promise<void> {
    const claim = await readClaim(database, claimId);
    if (claim?.department_id === context.organisation?.id) return;
    found(undefined, { id: claimId });
  }
}

/** Whoever took a step of a claim does not judge what is said against it. */
async function refuseHandler(
  database: Queryable,
  context: Context,
  claimId: string,
): Promise<void> {
  const steps = await readSteps(database, claimId);
  if (steps.every((step) => step.actor_id !== context.user?.id)) return;
  const facts = { action: 'answer_objection', guard: 'four_eyes', until: '' };
  throw conflict(finding('missing_second_person', 'error', { facts }));
}
