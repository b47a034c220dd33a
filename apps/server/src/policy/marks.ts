import type { policyMarkSchema } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { departmentOf, type PolicyParts, todayOf } from './parts.ts';
import { tables } from './repository.ts';

export type MarkRecord = z.output<typeof policyMarkSchema>;
export type MarkService = ReturnType<typeof createMarkService>;

/** Marks against applicants who broke the rules: made, ended with a reason, never deleted. */
export function createMarkService(parts: PolicyParts) {
  const { database, write, requireAccess, newId } = parts;
  return {
    async marks(context: Context) {
      await requireAccess(context, 'policy.read');
      await departmentOf(database, context);
      return { rows: await readMarks(database) };
    },

    async mark(
      context: Context,
      given: {
        organisationId: string;
        kind: string;
        fromYear: number;
        toYear: number;
        reason: string;
      },
    ): Promise<void> {
      const { organisationId } = await requireAccess(context, 'policy.audit');
      await departmentOf(database, context);
      if (given.fromYear > given.toYear) {
        const facts = { from: String(given.fromYear), to: String(given.toYear) };
        throw invalid(finding('reversed_dates', 'error', { facts }));
      }
      const known = await database
        .selectFrom('kernel.organisation')
        .select('id')
        .where('id', '=', given.organisationId)
        .executeTakeFirst();
      found(known, { id: given.organisationId });
      await write(context, async (work) => {
        const id = newId();
        await tables(work.transaction)
          .insertInto('policy.mark')
          .values({
            id,
            organisation_id: given.organisationId,
            department_id: organisationId,
            kind: given.kind,
            from_year: given.fromYear,
            to_year: given.toYear,
            reason: given.reason,
          })
          .execute();
        work.audit({
          action: 'policy.applicant_marked',
          subjectKind: 'organisation',
          subjectId: given.organisationId,
          facts: { kind: given.kind, from: given.fromYear, to: given.toYear },
        });
      });
    },

    async endMark(context: Context, id: string, reason: string): Promise<void> {
      const { organisationId, userId } = await requireAccess(context, 'policy.audit');
      await departmentOf(database, context);
      await write(context, async (work) => {
        // A department takes back what it said itself; what others said is theirs to end.
        const done = await sql<{ organisation_id: string }>`
          with ended as (
            insert into policy.mark_end (mark_id, ended_on, reason, by_id, by_name)
            select id, ${todayOf(parts)}, ${reason}, ${userId}, ${context.user?.name ?? ''}
            from policy.mark where id = ${id} and department_id = ${organisationId}
            on conflict do nothing returning mark_id)
          select mark.organisation_id from policy.mark as mark
          join ended on ended.mark_id = mark.id
        `.execute(work.transaction);
        const marked = found(done.rows[0], { id });
        work.audit({
          action: 'policy.mark_ended',
          subjectKind: 'organisation',
          subjectId: marked.organisation_id,
          facts: { mark: id, reason },
        });
      });
    },
  };
}

/** Every mark, the latest first, those that ended too. */
export async function readMarks(database: Queryable): Promise<MarkRecord[]> {
  const result = await sql<MarkRecord>`
    select mark.id, mark.organisation_id as "organisationId", marked.name as organisation,
      department.name as department, mark.kind, mark.from_year as "fromYear",
      mark.to_year as "toYear", mark.reason, ended.ended_on as "endedOn",
      ended.reason as "endReason"
    from policy.mark as mark
    join kernel.organisation as marked on marked.id = mark.organisation_id
    join policy.department as department on department.organisation_id = mark.department_id
    left join policy.mark_end as ended on ended.mark_id = mark.id
    order by mark.created_at desc, mark.id
  `.execute(database);
  return result.rows;
}
