import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { afterInstant, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { found } from '../../kernel/refusal.ts';
import { answerOnce, type ObjectionAnswer, objectionOf, refuseAfterNotice } from '../objection.ts';
import { type KeptObjection, objectionView } from '../objection-view.ts';
import { departmentOf } from '../parts.ts';
import { upTo } from '../repository.ts';
import type { OpencallParts } from './parts.ts';
import { listCatalogues, listRounds } from './store.ts';

type Row = KeptObjection & {
  readonly kind: 'catalogue' | 'round';
  readonly subject_id: string;
};

type ObjectionQuery = PageQuery & { readonly subjectId?: string | undefined };

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
    async own(context: Context, query: ObjectionQuery) {
      const { userId } = await requireAccess(context, 'signed_in');
      return listed(sql`user_id = ${userId}`, query);
    },

    async list(context: Context, query: ObjectionQuery) {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      return listed(sql`department_id = ${organisationId}`, query);
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

  /** A page of objections, the latest first; those against one thing where it is named. */
  async function listed(whose: ReturnType<typeof sql>, query: ObjectionQuery) {
    const after = afterInstant(query);
    const result = await sql<Row & { readonly sort_key: string }>`
      select *, at::text as sort_key from policy.opencall_objection
      where ${whose}
        and (${query.subjectId ?? null}::uuid is null
          or subject_id = ${query.subjectId ?? null}::uuid)
        and (${after?.[0] ?? null}::text is null or (at, id)
          < (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))
      order by at desc, id desc ${upTo(query.limit)}
    `.execute(database);
    return pageOf(result.rows, query, (row) => [row.sort_key, row.id], view);
  }
}
