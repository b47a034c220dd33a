import { addDays, finding, type Finding, type IsoDate } from '@yinglian/core';
import { type Book, bookOfItem } from './assess.ts';
import { appealCode } from './general.ts';

/** One appeal of an applicant against a refusal. */
export type Appeal = {
  /** The step that it is against, counted from one. */
  readonly step: number;
  readonly madeOn: IsoDate;
  readonly upheld: boolean | null;
};

/**
 * Days in which a refusal may be appealed where an instrument has no parameter for it: those of an
 * administrative reconsideration (行政复议法 2023, article 20), so that nobody loses here what the
 * law leaves open.
 */
export const APPEAL_DAYS = 60;

/** The days in use for an item, the day of the refusal not counted. */
export function appealDays(book: Book, item: string): number {
  const value = bookOfItem(book, item).readings.get(appealCode(book.instrument));
  return value === undefined ? APPEAL_DAYS : Number(value);
}

/** The steps by which a department refuses a claim. */
export const REFUSALS: ReadonlySet<string> = new Set(['reject', 'refuse', 'refuse_after_notice']);

/** The last step that refused a claim, counted from one; null where nothing was refused. */
export function refusalOf(steps: readonly { readonly action: string }[]): number | null {
  const at = steps.findLastIndex(({ action }) => REFUSALS.has(action));
  return at === -1 ? null : at + 1;
}

/** Why an appeal may not be made today; empty when it may. */
export function appealFaults(
  claim: {
    readonly state: string;
    readonly steps: readonly { readonly action: string; readonly on: IsoDate }[];
    readonly appeals: readonly Appeal[];
  },
  on: IsoDate,
  days: number = APPEAL_DAYS,
): Finding[] {
  const step = refusalOf(claim.steps);
  if (claim.state !== 'rejected' || step === null) {
    return [finding('unexpected_appeal', 'error', { facts: { state: claim.state } })];
  }
  if (claim.appeals.some((each) => each.step === step)) {
    return [finding('repeated_appeal', 'error')];
  }
  const until = addDays(claim.steps[step - 1]!.on, days);
  if (on <= until) return [];
  return [finding('late_appeal', 'error', { facts: { until, days } })];
}
