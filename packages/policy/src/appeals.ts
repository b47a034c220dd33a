import { addDays, finding, type Finding, type IsoDate } from '@yinglian/core';

/** One appeal of an applicant against a refusal. */
export type Appeal = {
  /** The step that it is against, counted from one. */
  readonly step: number;
  readonly madeOn: IsoDate;
  readonly upheld: boolean | null;
};

/**
 * Days in which a refusal may be appealed, the day it was made not counted. The instrument prints
 * none; sixty are those of an administrative reconsideration (行政复议法, as amended in 2023, has
 * 六十日), so that nobody loses here what the law leaves open.
 */
export const APPEAL_DAYS = 60;

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
): Finding[] {
  const step = refusalOf(claim.steps);
  if (claim.state !== 'rejected' || step === null) {
    return [finding('unexpected_appeal', 'error', { facts: { state: claim.state } })];
  }
  if (claim.appeals.some((each) => each.step === step)) {
    return [finding('repeated_appeal', 'error')];
  }
  const until = addDays(claim.steps[step - 1]!.on, APPEAL_DAYS);
  if (on <= until) return [];
  return [finding('late_appeal', 'error', { facts: { until, days: APPEAL_DAYS } })];
}
