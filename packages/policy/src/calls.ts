import { type Finding, finding, type IsoDate } from '@yinglian/core';

/** The terms of a call that may change after it was published. */
export type CallTerms = {
  readonly title: string;
  /** What the call is for within its year (方向), empty where it is for all of it. */
  readonly direction: string;
  readonly items: readonly string[];
  readonly opensOn: IsoDate;
  readonly closesOn: IsoDate;
  readonly noticeDays: number;
  readonly correctionDays: number;
  readonly objectionDays: number;
  readonly guide: string;
};

/** What a version of a call does: `extended` where nothing but its end was put off. */
export type CallChangeKind = 'changed' | 'extended' | 'cancelled';

/** One term of a call as it was and as it is from then on, as text. */
export type CallTermChange = {
  readonly term: keyof CallTerms;
  readonly before: string;
  readonly after: string;
};

const TERMS = [
  'title',
  'direction',
  'items',
  'opensOn',
  'closesOn',
  'noticeDays',
  'correctionDays',
  'objectionDays',
  'guide',
] as const satisfies readonly (keyof CallTerms)[];

/** Days that whoever files is promised: they may grow and never shrink. */
const PROMISED_DAYS = ['noticeDays', 'correctionDays', 'objectionDays'] as const;

/** The terms in which two versions of a call differ, in the order in which they are told. */
export function callChanges(before: CallTerms, after: CallTerms): CallTermChange[] {
  return TERMS.flatMap((term) => {
    const [was, is] = [before[term], after[term]].map(textOf);
    return was === is ? [] : [{ term, before: was!, after: is! }];
  });
}

function textOf(value: CallTerms[keyof CallTerms]): string {
  return typeof value === 'object' ? [...new Set(value)].join(' ') : String(value);
}

/** What a new version is called by those who hear of it. */
export function callChangeKind(changes: readonly CallTermChange[]): CallChangeKind {
  return changes.every(({ term }) => term === 'closesOn') ? 'extended' : 'changed';
}

/** Where a published call stands when somebody wants to change it. */
export type CallStanding = {
  readonly on: IsoDate;
  readonly cancelledOn: IsoDate | null;
  /** Items of claims on it that were not given up, drafts too. */
  readonly claimed: readonly string[];
};

/**
 * What stands against a new version: whoever prepares or has filed relies on what was published,
 * so that terms are put off and not cut short, and what is claimed stays called for.
 */
export function checkCallChange(
  before: CallTerms,
  after: CallTerms,
  { on, cancelledOn, claimed }: CallStanding,
): Finding[] {
  if (cancelledOn !== null) return [cancelledCall(cancelledOn)];
  const changes = callChanges(before, after);
  if (changes.length === 0) return [finding('unchanged_call', 'error')];
  const findings: Finding[] = [];
  const opened = before.opensOn <= on;
  const end = changes.find(({ term }) => term === 'closesOn');
  if (end !== undefined && (end.after < end.before || end.after < on)) {
    findings.push(shortened(end));
  }
  const start = changes.find(({ term }) => term === 'opensOn');
  if (start !== undefined && (opened || start.after < on)) {
    const facts = { from: start.before };
    findings.push(finding('opened_call', 'error', { facts, at: { field: 'opensOn' } }));
  }
  for (const term of PROMISED_DAYS) {
    if (after[term] >= before[term]) continue;
    findings.push(
      shortened({ term, before: String(before[term]), after: String(after[term]) }),
    );
  }
  for (const item of new Set(claimed)) {
    if (after.items.includes(item)) continue;
    findings.push(finding('claimed_call_item', 'error', { facts: { item } }));
  }
  return findings;
}

function shortened({ term, before, after }: CallTermChange): Finding {
  return finding('shortened_call', 'error', { facts: { before, after }, at: { field: term } });
}

/** Says that nothing more is drafted, filed or proposed under a call. */
export function cancelledCall(cancelledOn: IsoDate): Finding {
  return finding('cancelled_call', 'error', { facts: { on: cancelledOn } });
}

/** What stands against cancelling: what was proposed on it is public, and money is set aside. */
export function checkCancelledCall(
  cancelledOn: IsoDate | null,
  granted: number,
): Finding[] {
  if (cancelledOn !== null) return [cancelledCall(cancelledOn)];
  if (granted === 0) return [];
  return [finding('granted_call', 'error', { facts: { count: granted } })];
}
