import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { found } from '../../kernel/refusal.ts';
import { answerOnce, type ObjectionAnswer, objectionOf, refuseAfterNotice } from '../objection.ts';
import { type KeptObjection, objectionView } from '../objection-view.ts';
import { departmentOf } from '../parts.ts';
import type { OpencallParts } from './parts.ts';
import { listCatalogues, listRounds } from './store.ts';

type Row = KeptObjection & {
  readonly kind: 'catalogue' | 'round';
  readonly subject_id: string;
};

const view = (row: Row) => ({
  ...objectionView(row),
  kind: row.kind,
  subjectId: row.subject_id,
});

/** Objections against what is on notice; each stops its own decision until it is answered. */
export function createObjections(parts: OpencallParts) {
  const { database, write, requireAccess } = parts;
  return {
    async object(
      context: Context,
      given: { kind: 'catalogue' | 'round'; id: string; text: string },
    ) {
      await requireAccess(context, 'signed_in');
      return write(context, async (work) => {
        const which = { ids: [given.id], lock: true };
        const [row] =
          given.kind === 'round'
            ? await listRounds(work.transaction, which)
            : await listCatalogues(work.transaction, which);
        const subject = found(row, { id: given.id });
        refuseAfterNotice(parts, subject.state === 'on_notice' ? subject.notice_until : null);
        const title = 'title' in subject ? subject.title : subject.entry.need;
        const about = `${subject.department} · ${title}`;
        const words = { text: given.text, about };
        const objection = await objectionOf(parts, work.transaction, context, words);
        const kept = objection.row;
        const result = await sql<Row>`
          insert into policy.opencall_objection
            (id, kind, subject_id, department_id, user_id, by_name, text, at, about, answer_by,
              token_hash)
          values (${kept.id}, ${given.kind}, ${given.id}, ${subject.department_id},
            ${kept.user_id}, ${kept.by_name}, ${kept.text}, ${kept.at}, ${kept.about},
            ${kept.answer_by}, ${kept.token_hash})
          returning *
        `.execute(work.transaction);
        const made = view(result.rows[0]!);
        work.audit({
          action: 'opencall.objection_made',
          subjectKind: `opencall_${given.kind}`,
          subjectId: given.id,
          facts: { objection: made.id },
        });
        return { ...made, token: objection.token };
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

    async answer(context: Context, id: string, said: ObjectionAnswer) {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      return write(context, async (work) => {
        const known = await sql<Row>`
          select * from policy.opencall_objection
          where id = ${id} and department_id = ${organisationId} for update
        `.execute(work.transaction);
        const row = found(known.rows[0], { id });
        const by = context.user;
        const given = { ...said, table: 'policy.opencall_objection', id, by } as const;
        const done = await answerOnce<Row>(parts, work.transaction, given);
        work.audit({
          action: 'opencall.objection_answered',
          subjectKind: `opencall_${row.kind}`,
          subjectId: row.subject_id,
          facts: { objection: id, outcome: said.outcome },
        });
        return view(done);
      });
    },
  };
}

/** Objections in one list. */
const OBJECTIONS_MAX = 500;
