import { accepted, type Fen, type Outcome } from '@yinglian/core';
import type { TheatricalTerms } from './terms/theatrical.ts';
import type { BoxOfficeFact, SettleContext } from './theatrical/facts.ts';
import type { PartyTotal, Settlement } from './theatrical/lines.ts';
import { settleTheatrical } from './theatrical/settle.ts';

/** Terms, rows and context that are settled as one case. */
export type Case = {
  readonly terms: TheatricalTerms;
  readonly facts: readonly BoxOfficeFact[];
  readonly context: SettleContext;
};

/** What a party gets in either case, and the change. */
export type PartyChange = {
  readonly party: string;
  readonly holder: string | undefined;
  readonly beforeFen: Fen;
  readonly afterFen: Fen;
  readonly differenceFen: Fen;
};

/** Two cases settled side by side, and what changes for whom. */
export type WhatIf = {
  readonly before: Settlement;
  readonly after: Settlement;
  /** Every party, the greatest change first. */
  readonly changes: readonly PartyChange[];
};

/** Who gains and who loses when a term, a row or a register entry is another. Nothing is saved. */
export function whatIf(current: Case, change: Partial<Case>): Outcome<WhatIf> {
  const settle = (each: Case) => settleTheatrical(each.terms, each.facts, each.context);
  const before = settle(current);
  if (!before.ok) return before;
  const after = settle({ ...current, ...change });
  if (!after.ok) return after;
  return accepted(
    {
      before: before.value,
      after: after.value,
      changes: compareTotals(before.value.totals, after.value.totals),
    },
    after.findings,
  );
}

/** Party totals side by side. */
export function compareTotals(
  before: readonly PartyTotal[],
  after: readonly PartyTotal[],
): PartyChange[] {
  const keyOf = ({ party, holder }: PartyTotal) => JSON.stringify([party, holder ?? null]);
  const old = new Map(before.map((total) => [keyOf(total), total]));
  const fresh = new Map(after.map((total) => [keyOf(total), total]));
  const changes = [...new Set([...old.keys(), ...fresh.keys()])].map((key): PartyChange => {
    const { party, holder } = (fresh.get(key) ?? old.get(key))!;
    const beforeFen = old.get(key)?.fen ?? 0n;
    const afterFen = fresh.get(key)?.fen ?? 0n;
    return {
      party,
      holder,
      beforeFen,
      afterFen,
      differenceFen: afterFen - beforeFen,
    };
  });
  return greatestFirst(changes);
}

/** The greatest change first, then by party. */
export function greatestFirst(changes: PartyChange[]): PartyChange[] {
  const size = (value: Fen) => (value < 0n ? -value : value);
  return changes.sort((a, b) => {
    const [left, right] = [size(a.differenceFen), size(b.differenceFen)];
    return left === right ? (a.party < b.party ? -1 : 1) : left > right ? -1 : 1;
  });
}
