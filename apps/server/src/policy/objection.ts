import type { objectionAnswer } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { objectionTerm } from '@yinglian/policy';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { oneTimeToken } from '../kernel/identity/identity.ts';
import { conflict } from '../kernel/refusal.ts';
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

/** Answers an objection; the answer that is there stays. */
export async function answerOnce(
  { now }: Pick<PolicyParts, 'now'>,
  transaction: Transaction,
  given: ObjectionAnswer & {
    readonly table: ObjectionTable;
    readonly id: string;
    readonly by: Context['user'];
  },
): Promise<void> {
  const done = await sql`
    update ${sql.table(given.table)}
    set outcome = ${given.outcome}, answer = ${given.answer},
      answered_by = ${given.by?.id ?? null}, answered_at = ${now()}
    where id = ${given.id} and answered_at is null
  `.execute(transaction);
  if (done.numAffectedRows !== 1n) throw conflict(finding('closed_objection', 'error'));
}

/** What a department must answer soon: a title, and the last day for it. */
export async function listDueObjections(
  database: Queryable,
  departmentId: string,
): Promise<{ id: string; title: string; answerBy: string }[]> {
  const result = await sql<{ id: string; title: string; answerBy: string }>`
    select id, about as title, answer_by as "answerBy" from policy.objection_case
    where department_id = ${departmentId} and answered_at is null and answer_by is not null
    order by answer_by, id
  `.execute(database);
  return result.rows;
}
