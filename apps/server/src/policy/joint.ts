import { finding, type IsoDate } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { type BudgetInput, divideBudget, makeReceipt } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { conflict, found, notAllowed } from '../kernel/refusal.ts';
import { jsonText } from '../kernel/write.ts';
import { type ClaimRecord, claimView } from './claims.ts';
import { applicantGroup } from './control.ts';
import { lockDepartment } from './money.ts';
import { departmentOf, type PolicyParts, storableFen, todayOf } from './parts.ts';
import { judge, type Judged, weigh } from './proposal.ts';
import { type ClaimRow, readClaim, readReviewedOf, tables } from './repository.ts';

type DivisionRequest = {
  readonly mode: BudgetInput['mode'];
  readonly fit: BudgetInput['fit'];
  readonly budgetFen: string;
};

export type JointService = ReturnType<typeof createJointService>;

/** What departments do together on a call: opinions of the joint check, division of the budget. */
export function createJointService(parts: PolicyParts) {
  const { database, write, requireAccess, newId } = parts;

  return {
    async giveOpinion(
      context: Context,
      id: string,
      given: { agrees: boolean; reason: string },
    ): Promise<ClaimRecord> {
      const { organisationId, userId } = await requireAccess(context, 'policy.manage', {
        kind: 'policy_claim',
        ids: [id],
      });
      await departmentOf(database, context);
      return write(context, async (work) => {
        const claim = found(await readClaim(work.transaction, id, true), { id });
        if (!claim.joint_ids.includes(organisationId)) throw notAllowed({ reason: 'not_joint' });
        if (claim.state !== 'recommended') {
          throw conflict(finding('closed_claim', 'error', { facts: { state: claim.state } }));
        }
        await sql`
          insert into policy.opinion (claim_id, number, department_id, agrees, reason, by_id,
            by_name, on_date)
          select ${id}, coalesce(max(number), 0) + 1, ${organisationId}, ${given.agrees},
            ${given.reason}, ${userId}, ${context.user?.name ?? ''}, ${todayOf(parts)}
          from policy.opinion where claim_id = ${id}
        `.execute(work.transaction);
        work.audit({
          action: 'policy.opinion_given',
          subjectKind: 'policy_claim',
          subjectId: id,
          facts: { agrees: given.agrees },
        });
        work.changed({ kind: 'policy_claim', id, organisationId: claim.department_id });
        return claimView(parts, work.transaction, context, id);
      });
    },

    async divide(context: Context, callId: string, request: DivisionRequest) {
      const { userId } = await requireAccess(context, 'policy.decide', {
        kind: 'policy_call',
        ids: [callId],
      });
      const departmentName = await departmentOf(database, context);
      const budget = storableFen(request.budgetFen);
      if (typeof budget !== 'bigint') throw conflict(budget);
      return write(context, async (work) => {
        const { transaction } = work;
        await lockDepartment(transaction, context.organisation!.id);
        const claims = await readReviewedOf(transaction, callId);
        const input = await inputOf(claims, request, todayOf(parts));
        const divided = divideBudget(
          input.claims.map((each) => ({ ...each, amountFen: BigInt(each.amountFen) })),
          budget,
          request,
        );
        if (!divided.ok) throw conflict(...divided.findings);
        const { grants, grantedFen, restFen } = divided.value;
        for (const { id, fen } of grants) {
          await tables(transaction)
            .updateTable('policy.claim')
            .set({ divided_fen: fen, updated_at: sql<Date>`now()` })
            .where('id', '=', id)
            .execute();
        }
        const receipt = makeReceipt(nodeCryptography, 'budget', input);
        await sql`
          insert into policy.division (id, call_id, receipt, by_id, by_name)
          values (${newId()}, ${callId}, ${jsonText(receipt)}, ${userId},
            ${context.user?.name ?? ''})
        `.execute(transaction);
        work.audit({
          action: 'policy.budget_divided',
          subjectKind: 'policy_call',
          subjectId: callId,
          facts: { mode: request.mode, budget: request.budgetFen, by: departmentName },
        });
        work.changed({ kind: 'policy_call', id: callId });
        const wanted = new Map(input.claims.map((each) => [each.id, each.amountFen]));
        return {
          grants: grants.map(({ id, fen, why }) => ({
            claimId: id,
            applicant: claims.find((each) => each.id === id)!.applicant,
            wantedFen: wanted.get(id) ?? '0',
            fen: String(fen),
            why,
          })),
          grantedFen: String(grantedFen),
          restFen: String(restFen),
          receipt: receipt as unknown,
        };

        async function inputOf(
          rows: readonly ClaimRow[],
          { mode, fit }: DivisionRequest,
          today: IsoDate,
        ): Promise<BudgetInput> {
          const asked = [];
          const filed = await submittedAt(
            transaction,
            rows.map(({ id }) => id),
          );
          // Claims of one firm stand beside each other: each is judged once.
          const judged = new Map<string, Judged>();
          for (const claim of rows) {
            const group = await applicantGroup(transaction, claim.applicant_id);
            const own = judged.get(claim.id) ?? (await judge(transaction, claim, today, group));
            judged.set(claim.id, own);
            // What ceilings and other support leave: nobody is cut for what nobody will get.
            const { stackedFen } = await weigh(transaction, claim, { own, group, today, judged });
            asked.push({
              id: claim.id,
              amountFen: String(own.assessment.grantableFen === null ? 0n : stackedFen),
              appliedAt: filed.get(claim.id) ?? claim.applied_on ?? today,
              ...(claim.score === null ? {} : { score: claim.score }),
            });
          }
          return { claims: asked, budgetFen: String(budget), mode, fit };
        }
      });
    },
  };
}

/** The moment each claim was first filed: whoever came first on one day came first. */
async function submittedAt(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await sql<{ id: string; at: Date }>`
    select claim_id as id, min(created_at) as at from policy.step
    where action in ('submit', 'confirm') and claim_id = any(${[...ids]}::uuid[]) group by claim_id
  `.execute(database);
  return new Map(result.rows.map(({ id, at }) => [id, at.toISOString()]));
}
