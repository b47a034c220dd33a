import {
  accepted,
  daysBetween,
  type Fen,
  finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import type { Difference } from './model.ts';

/**
 * open → explained → accepted, adjusted or disputed. A disputed one can be adjusted or accepted; a
 * closed one opens again only by a decision that says so.
 */
export type DifferenceState = 'open' | 'explained' | 'accepted' | 'adjusted' | 'disputed';

/** One step of a difference: who moved it to which state, and when. */
export type Decision = {
  readonly on: IsoDate;
  readonly by: string;
  readonly to: DifferenceState;
  readonly comment: string;
  readonly assignee?: string;
  /** The posting that adjusts it; needed for `adjusted`. */
  readonly adjustment?: string;
};

/** A difference with what was decided about it, in order; nothing is rewritten. */
export type WorkItem = {
  readonly difference: Difference;
  readonly since: IsoDate;
  readonly decisions: readonly Decision[];
};

const NEXT: Readonly<Record<DifferenceState, readonly DifferenceState[]>> = Object.freeze({
  open: ['open', 'explained', 'accepted', 'adjusted', 'disputed'],
  explained: ['explained', 'accepted', 'adjusted', 'disputed', 'open'],
  disputed: ['disputed', 'explained', 'accepted', 'adjusted', 'open'],
  accepted: ['open'],
  adjusted: ['open'],
});

/** The state of the last decision; `open` before any. */
export function stateOf(item: WorkItem): DifferenceState {
  return item.decisions.at(-1)?.to ?? 'open';
}

/** Who was last put in charge, if anybody was. */
export function assigneeOf(item: WorkItem): string | undefined {
  return item.decisions.findLast((each) => each.assignee !== undefined)?.assignee;
}

/** Adds a decision; a step that the states do not allow is refused. */
export function decide(item: WorkItem, decision: Decision): Outcome<WorkItem> {
  const from = stateOf(item);
  const facts = { from, to: decision.to };
  if (!NEXT[from].includes(decision.to))
    return refused(finding('invalid_transition', 'error', { facts }));
  if (decision.comment.trim() === '')
    return refused(finding('missing_comment', 'error', { facts }));
  if (decision.to === 'adjusted' && decision.adjustment === undefined) {
    return refused(finding('missing_adjustment', 'error', { facts }));
  }
  return accepted({ ...item, decisions: [...item.decisions, decision] });
}

/**
 * The list after a new run: known differences keep their decisions and their age, new ones open,
 * and those that no longer exist are handed back as cured.
 */
export function carryForward(
  items: readonly WorkItem[],
  differences: readonly Difference[],
  on: IsoDate,
): { readonly items: readonly WorkItem[]; readonly cured: readonly WorkItem[] } {
  const known = new Map(items.map((item) => [item.difference.id, item]));
  const next = differences.map((difference): WorkItem => {
    const before = known.get(difference.id);
    known.delete(difference.id);
    if (before === undefined) return { difference, since: on, decisions: [] };
    const moved = before.difference.deltaFen !== difference.deltaFen;
    const closed = stateOf(before) === 'accepted' || stateOf(before) === 'adjusted';
    if (!moved || !closed) return { ...before, difference };
    // What was accepted was another amount: the decision does not cover the new one.
    const reopened: Decision = { on, by: 'run', to: 'open', comment: 'amount changed' };
    return { ...before, difference, decisions: [...before.decisions, reopened] };
  });
  return { items: next, cured: [...known.values()] };
}

/** Open differences that are at least so many days old and younger than the next bucket. */
export type AgeBucket = {
  readonly fromDays: number;
  readonly items: number;
  readonly amountFen: Fen;
};

/** Open work by age: amounts are absolute, so that two differences never hide each other. */
export function ageing(
  items: readonly WorkItem[],
  on: IsoDate,
  bounds: readonly number[] = [0, 8, 31, 91, 181],
): AgeBucket[] {
  const open = items.filter((item) => !['accepted', 'adjusted'].includes(stateOf(item)));
  return bounds.map((fromDays, i) => {
    const to = bounds[i + 1] ?? Number.POSITIVE_INFINITY;
    const inside = open.filter((item) => {
      const age = daysBetween(item.since, on);
      return age >= fromDays && age < to;
    });
    const amountFen = inside.reduce(
      (left, { difference: { deltaFen } }) => left + (deltaFen < 0n ? -deltaFen : deltaFen),
      0n,
    );
    return { fromDays, items: inside.length, amountFen };
  });
}
