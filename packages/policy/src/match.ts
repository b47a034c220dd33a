import type { Fen } from '@yinglian/core';
import { type Assessment, type Book, judge } from './assess.ts';
import { checkFacts } from './facts.ts';
import type { GivenFacts } from './model.ts';

/** What an instrument holds for one company, item by item. */
export type Match = {
  readonly item: string;
  readonly status: Assessment['status'];
  readonly missing: readonly string[];
  /** "At most": the bound, or the ceiling where facts are missing; null where none is printed. */
  readonly atMostFen: Fen | null;
  readonly assessment: Assessment;
};

const RANK: Readonly<Record<Assessment['status'], number>> = {
  eligible: 0,
  to_human: 1,
  unknown: 2,
  not_eligible: 3,
  no_claim: 4,
};

/** Answers every item for one set of facts, the most promising first, then in printed order. */
export function matchItems(book: Book, facts: GivenFacts): Match[] {
  const seen = checkFacts(book.definitions, facts);
  const matches = [...book.chosen.keys()].map((item) => {
    const assessment = judge(book, { item, appliedOn: null, facts }, seen);
    const { status, missing, bound } = assessment;
    return { item, status, missing, atMostFen: atMost(bound), assessment };
  });
  return matches.sort(byPromise);
}

/** The most promising first; equal ones stay as they are. */
export function byPromise(a: Pick<Match, 'status'>, b: Pick<Match, 'status'>): number {
  return RANK[a.status] - RANK[b.status];
}

/** The number behind "最高…", where there is one. It is never a promise. */
export function atMost(bound: Assessment['bound']): Fen | null {
  if (bound.state === 'known') return bound.fen;
  return bound.state === 'none' ? null : bound.ceilingFen;
}

/** The question that would decide most items, counting those still undecided; null when none. */
export function nextQuestion(matches: readonly Match[]): string | null {
  const asked = new Map<string, number>();
  for (const { status, missing } of matches) {
    if (status !== 'unknown') continue;
    for (const name of missing) asked.set(name, (asked.get(name) ?? 0) + 1);
  }
  let best: string | null = null;
  for (const [name, count] of asked) if (count > (asked.get(best ?? '') ?? 0)) best = name;
  return best;
}

/** What changed between two states of an instrument for the same facts: the report of a change. */
export function compareMatches(
  before: readonly Match[],
  after: readonly Match[],
): { readonly item: string; readonly before: Match | null; readonly after: Match | null }[] {
  const items = [...new Set([...before, ...after].map(({ item }) => item))];
  const find = (list: readonly Match[], item: string): Match | null =>
    list.find((each) => each.item === item) ?? null;
  return items
    .map((item) => ({ item, before: find(before, item), after: find(after, item) }))
    .filter(
      ({ before: a, after: b }) =>
        a?.status !== b?.status ||
        a?.atMostFen !== b?.atMostFen ||
        a?.assessment.rule !== b?.assessment.rule,
    );
}
