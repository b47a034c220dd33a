import type { objectionAnswer } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { objectionTerm } from '@yinglian/policy';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { oneTimeToken } from '../kernel/identity/identity.ts';
import { conflict } from '../kernel/refusal.ts';
import type { CaseRow, KeptObjection } from './objection-view.ts';
import { calendarOf, type PolicyParts, todayOf } from './parts.ts';

export type ObjectionAnswer = z.output<typeof objectionAnswer>;
type ObjectionTable =
  | 'policy.objection'
  | 'policy.register_objection'
  | 'policy.opencall_objection';

/** Refuses an objection after the last day of the notice, or where there is no notice. */
export function refuseAfterNotice(
  parts: Pick<PolicyParts, 'now'>,
  until: string | null | undefined,
): void {
  if (until === null || until === undefined || todayOf(parts) > until) {
    throw conflict(finding('closed_notice', 'error'));
  }
}

/** A new objection, as its table keeps it besides what it is against, and its receipt. */
export async function objectionOf(
  parts: Pick<PolicyParts, 'newId' | 'now'>,
  transaction: Transaction,
  context: Context,
  given: { readonly text: string; readonly about: string; readonly days?: number },
) {
  const { user } = context;
  const { token, hash } = oneTimeToken();
  const answerBy = objectionTerm(todayOf(parts), await calendarOf(transaction), given.days);
  const row = {
    id: parts.newId(),
    user_id: user?.id ?? '',
    by_name: user?.name ?? '',
    text: given.text,
    at: parts.now(),
    about: given.about,
    answer_by: answerBy,
    token_hash: hash,
  };
  return { row, token };
}

/** Answers an objection, and tells it as it then is; the answer that is there stays. */
export async function answerOnce<Row extends KeptObjection>(
  { now }: Pick<PolicyParts, 'now'>,
  transaction: Transaction,
  given: ObjectionAnswer & {
    readonly table: ObjectionTable;
    readonly id: string;
    readonly by: Context['user'];
  },
): Promise<Row> {
  const done = await sql<Row>`
    update ${sql.table(given.table)}
    set outcome = ${given.outcome}, answer = ${given.answer},
      answered_by = ${given.by?.id ?? null}, answered_at = ${now()}
    where id = ${given.id} and answered_at is null
    returning *
  `.execute(transaction);
  const [row] = done.rows;
  if (row === undefined) throw conflict(finding('closed_objection', 'error'));
  return row;
}

type DueObjection = {
  readonly id: string;
  readonly title: string;
  readonly answerBy: string;
  readonly kind: CaseRow['kind'];
  readonly subjectId: string;
};

/** What a department must answer soon: a title, and the last day for it. */
export async function listDueObjections(
  database: Queryable,
  departmentId: string,
): Promise<DueObjection[]> {
  const result = await sql<DueObjection>`
    select id, about as title, answer_by as "answerBy", kind, subject_id as "subjectId"
    from policy.objection_case
    where department_id = ${departmentId} and answered_at is null and answer_by is not null
    order by answer_by, id
  `.execute(database);
  return result.rows;
}
