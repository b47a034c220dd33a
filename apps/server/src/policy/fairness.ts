import { finding } from '@yinglian/core';
import { type FairnessConclusion, type FairnessOpinion, fairnessOf } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { departmentOf, type PolicyParts, todayOf } from './parts.ts';
import { type CallRecord, type ClaimRow, listCalls } from './repository.ts';

/** An opinion as the desk of a department writes it. */
export type FairnessRequest = {
  readonly item: string | null;
  readonly conclusion: FairnessConclusion;
  readonly quote: string;
  readonly reason: string;
};

/** The opinion that stands for a claim: on its item, or else on the whole call. */
export async function fairnessOfClaim(
  database: Queryable,
  claim: Pick<ClaimRow, 'call_id' | 'item'>,
): Promise<FairnessOpinion | null> {
  const [call] = await listCalls(database, { ids: [claim.call_id], limit: 1 });
  return fairnessOf(found(call, { id: claim.call_id }).row.fairness, claim.item);
}

export type FairnessService = ReturnType<typeof createFairnessService>;

/** Opinions of the fair-competition review (A20): added one after the other and never edited. */
export function createFairnessService(parts: PolicyParts) {
  const { database, write, requireAccess } = parts;
  return {
    async record(context: Context, id: string, given: FairnessRequest): Promise<CallRecord> {
      const { organisationId, userId } = await requireAccess(context, 'policy.manage', {
        kind: 'policy_call',
        ids: [id],
      });
      await departmentOf(database, context);
      const call = found((await listCalls(database, { ids: [id], limit: 1 }))[0], { id }).row;
      found(call.departmentId === organisationId || undefined, { id });
      const { item } = given;
      if (item !== null && !call.items.includes(item)) {
        throw invalid(finding('foreign_claim_item', 'error', { facts: { item, items: [item] } }));
      }
      return write(context, async (work) => {
        const { transaction } = work;
        await sql`select 1 from policy.call where id = ${id} for update`.execute(transaction);
        await sql`
          insert into policy.fairness
            (call_id, number, item, conclusion, quote, reason, by_id, by_name, on_date)
          select ${id}, coalesce(max(number), 0) + 1, ${item}, ${given.conclusion}, ${given.quote},
            ${given.reason}, ${userId}, ${context.user?.name ?? ''}, ${todayOf(parts)}
          from policy.fairness where call_id = ${id}
        `.execute(transaction);
        work.audit({
          action: 'policy.fairness_recorded',
          subjectKind: 'policy_call',
          subjectId: id,
          facts: { item, conclusion: given.conclusion },
        });
        work.changed({ kind: 'policy_call', id });
        return found((await listCalls(transaction, { ids: [id], limit: 1 }))[0], { id }).row;
      });
    },
  };
}
