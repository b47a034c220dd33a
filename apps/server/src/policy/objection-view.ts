import type { policyObjectionCaseSchema } from '@yinglian/contract';
import type { z } from 'zod';

type ObjectionCase = z.output<typeof policyObjectionCaseSchema>;
/**
 * What objections against claims, entries of registers and open calls have in common: they are
 * made while a notice runs, by whoever is signed in, and answered once.
 */
export type KeptObjection = {
  readonly id: string;
  readonly by_name: string;
  readonly text: string;
  readonly at: Date;
  readonly answer_by: string | null;
  readonly outcome: string | null;
  readonly answer: string | null;
  readonly answered_at: Date | null;
};
/** What nobody has said yet of a new objection. */
export const UNANSWERED = { outcome: null, answer: null, answered_at: null };

/** What everybody who may read an objection reads of it. */
export function objectionView(row: KeptObjection) {
  return { ...stateOf(row), by: row.by_name };
}

function stateOf(row: Omit<KeptObjection, 'by_name'>) {
  return {
    id: row.id,
    text: row.text,
    at: row.at.toISOString(),
    answerBy: row.answer_by,
    outcome: row.outcome as ObjectionCase['outcome'],
    answer: row.answer,
    answeredAt: row.answered_at?.toISOString() ?? null,
  };
}

export type CaseRow = Omit<KeptObjection, 'by_name'> & {
  readonly kind: ObjectionCase['kind'];
  readonly subject_id: string;
  readonly about: string;
};

/** An objection as whoever made it reads it. */
export function caseView(row: CaseRow): ObjectionCase {
  return { ...stateOf(row), kind: row.kind, subjectId: row.subject_id, about: row.about };
}
