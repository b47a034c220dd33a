import type { FieldValues, Level } from './fields.ts';

/** One understood row with its evidence: where it stood and what stood there. */
export type BoxOfficeRecord = FieldValues & {
  readonly level: Level;
  /** Row of the file, 1-based, as the sender's own program shows it. */
  readonly sourceRow: number;
  readonly raw: readonly string[];
};
