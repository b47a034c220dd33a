/**
 * What objections against claims, entries of registers and open calls have in common: they are
 * made while a notice runs, by whoever is signed in, and answered once.
 */
export type KeptObjection = {
  readonly id: string;
  readonly by_name: string;
  readonly text: string;
  readonly at: Date;
  readonly answer: string | null;
  readonly answered_at: Date | null;
};
/** What everybody who may read an objection reads of it. */
export function objectionView(row: KeptObjection) {
  return {
    id: row.id,
    by: row.by_name,
    text: row.text,
    at: row.at.toISOString(),
    answer: row.answer,
    answeredAt: row.answered_at?.toISOString() ?? null,
  };
}
