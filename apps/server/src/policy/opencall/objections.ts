import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { conflict, found } from '../../kernel/refusal.ts';
import { departmentOf, todayOf } from '../parts.ts';
import type { OpencallParts } from './parts.ts';
import { listCatalogues, listRounds } from './store.ts';

type Row = {
  readonly id: string;
  readonly kind: 'catalogue' | 'round';
  readonly subject_id: string;
  readonly by_name: string;
  readonly text: string;
  readonly at: Date;
  readonly answer: string | null;
};

const view = (row: Row) => ({
  id: row.id,
  kind: row.kind,
  subjectId: row.subject_id,
  by: row.by_name,
  text: row.text,
  at: row.at.toISOString(),
  answer: row.answer,
});

/** Objections against what is on notice; each stops its own decision until it is answered. */
export function createObjections(parts: OpencallParts) {
  const { database, write, requireAccess, newId, now } = parts;
  return {
    async object(
      context: Context,
      given: { kind: 'catalogue' | 'round'; id: string; text: string },
    ) {
      const { userId } = await requireAccess(context, 'signed_in');
      return write(context, async (work) => {
        const which = { ids: [given.id], lock: true };
        const [row] =
          given.kind === 'round'
            ? await listRounds(work.transaction, which)
            : await listCatalogues(work.transaction, which);
        const subject = found(row, { id: given.id });
        const open = subject.state === 'on_notice' && todayOf(parts) <= subject.notice_until!;
        if (!open) throw conflict(finding('closed_notice', 'error'));
        const result = await sql<Row>`
          insert into policy.opencall_objection
            (id, kind, subject_id, department_id, user_id, by_name, text, at)
          values (${newId()}, ${given.kind}, ${given.id}, ${subject.department_id}, ${userId},
            ${context.user?.name ?? ''}, ${given.text}, ${now()})
          returning *
        `.execute(work.transaction);
        const made = view(result.rows[0]!);
        work.audit({
          action: 'opencall.objection_made',
          subjectKind: `opencall_${given.kind}`,
          subjectId: given.id,
          facts: { objection: made.id },
        });
        return made;
      });
    },

    /** What the caller objected to, with the answers. */
    async own(context: Context) {
      const { userId } = await requireAccess(context, 'signed_in');
      const result = await sql<Row>`
        select * from policy.opencall_objection where user_id = ${userId}
        order by at desc limit ${OBJECTIONS_MAX}
      `.execute(database);
      return { rows: result.rows.map(view) };
    },

    async list(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      const result = await sql<Row>`
        select * from policy.opencall_objection where department_id = ${organisationId}
        order by at desc limit ${OBJECTIONS_MAX}
      `.execute(database);
      return { rows: result.rows.map(view) };
    },

    async answer(context: Context, id: string, answer: string) {
      const { organisationId, userId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      return write(context, async (work) => {
        const known = await sql<Row>`
          select * from policy.opencall_objection
          where id = ${id} and department_id = ${organisationId} for update
        `.execute(work.transaction);
        const row = found(known.rows[0], { id });
        if (row.answer !== null) throw conflict(finding('closed_objection', 'error'));
        await sql`
          update policy.opencall_objection
          set answer = ${answer}, answered_by = ${userId}, answered_at = ${now()} where id = ${id}
        `.execute(work.transaction);
        work.audit({
          action: 'opencall.objection_answered',
          subjectKind: `opencall_${row.kind}`,
          subjectId: row.subject_id,
          facts: { objection: id },
        });
        return view({ ...row, answer });
      });
    },
  };
}

/** Objections in one list. */
const OBJECTIONS_MAX = 500;
