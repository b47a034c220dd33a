/** A record as a case keeps it: whatever is sent later, this is what the rule saw. */
export type KeptRecord = {
  readonly kind: 'show' | 'play' | 'takings';
  readonly id: string;
  readonly title: string;
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly admissions: number | null;
  readonly grossFen: string | null;
  readonly reportId: string | null;
  readonly lines: readonly number[];
};
