import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Transaction } from '../kernel/database/database.ts';
import { conflict } from '../kernel/refusal.ts';
import { type PolicyParts, todayOf } from './parts.ts';

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

/** A new objection, as its table keeps it besides what it is against. */
export function objectionOf(
  { newId, now }: Pick<PolicyParts, 'newId' | 'now'>,
  context: Context,
  text: string,
) {
  const { user } = context;
  return { id: newId(), user_id: user?.id ?? '', by_name: user?.name ?? '', text, at: now() };
}

/** Answers an objection; the answer that is there stays. */
export async function answerOnce(
  { now }: Pick<PolicyParts, 'now'>,
  transaction: Transaction,
  given: {
    readonly table: ObjectionTable;
    readonly id: string;
    readonly answer: string;
    readonly by: Context['user'];
  },
): Promise<void> {
  const done = await sql`
    update ${sql.table(given.table)}
    set answer = ${given.answer}, answered_by = ${given.by?.id ?? null}, answered_at = ${now()}
    where id = ${given.id} and answered_at is null
  `.execute(transaction);
  if (done.numAffectedRows !== 1n) throw conflict(finding('closed_objection', 'error'));
}
