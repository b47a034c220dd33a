import { accepted, allocate, type Fen, finding, type Outcome, refused } from '@yinglian/core';

/** Stage 3: the budget of a year, across applicants. An administrative step, never mixed in. */

/** A claim with what it may be granted. */
export type BudgetClaim = {
  readonly id: string;
  readonly amountFen: Fen;
  /** As decimal text, for example `87.5`; only `rank` reads it. */
  readonly score?: string;
  /** When it was filed, as an instant text that sorts: RFC 3339 in one offset. */
  readonly appliedAt: string;
};

/**
 * - `full`: everybody, or nobody where the money does not suffice.
 * - `rank`: by score until it is spent; what happens at the first that does not fit is a choice.
 * - `pro_rata`: in proportion, largest remainder, exactly the budget.
 * - `first_come`: in the order of application; the first that does not fit ends it.
 */
export type BudgetMode = 'full' | 'rank' | 'pro_rata' | 'first_come';

/** With `rank`: nobody after it is paid; it alone is passed over; it gets the rest. */
export type FitRule = 'stop' | 'skip' | 'cut';

/** What each claim gets of the budget. */
export type BudgetResult = {
  readonly grants: readonly { readonly id: string; readonly fen: Fen; readonly why: BudgetWhy }[];
  readonly grantedFen: Fen;
  readonly restFen: Fen;
};

/** Why a claim gets what it gets. */
export type BudgetWhy = 'whole' | 'share' | 'cut' | 'skipped' | 'after_the_end' | 'nothing_due';

/** Divides a budget. The order of the claims in the list never changes the result. */
export function divideBudget(
  claims: readonly BudgetClaim[],
  budgetFen: Fen,
  how: { readonly mode: BudgetMode; readonly fit?: FitRule },
): Outcome<BudgetResult> {
  if (budgetFen < 0n) return refused(finding('negative_amount', 'error', { facts: { claim: '' } }));
  const faults = claims.flatMap(({ id, amountFen, score }) => {
    if (amountFen < 0n) return [finding('negative_amount', 'error', { facts: { claim: id } })];
    if (how.mode === 'rank' && scoreOf(score) === undefined) {
      return [finding('missing_score', 'error', { facts: { claim: id } })];
    }
    return [];
  });
  if (faults.length > 0) return refused(...faults);
  const ordered = claims.toSorted((a, b) => (how.mode === 'rank' ? byScore(a, b) : byTime(a, b)));
  const wanted = ordered.reduce((sum, { amountFen }) => sum + amountFen, 0n);
  switch (how.mode) {
    case 'full':
      if (wanted > budgetFen) {
        const facts = { wanted: String(wanted), budget: String(budgetFen) };
        return refused(finding('insufficient_budget', 'error', { facts }));
      }
      return accepted(inTurn(ordered, budgetFen, 'stop'));
    case 'pro_rata':
      return accepted(inProportion(ordered, wanted, budgetFen));
    case 'first_come':
      return accepted(inTurn(ordered, budgetFen, 'stop'));
    case 'rank':
      return accepted(inTurn(ordered, budgetFen, how.fit ?? 'stop'));
  }
}

const SCORE = /^\d{1,9}(?:\.\d{1,9})?$/;

function scoreOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !SCORE.test(text)) return undefined;
  const [whole, part = ''] = text.split('.');
  return BigInt(whole! + part.padEnd(9, '0'));
}

function byScore(a: BudgetClaim, b: BudgetClaim): number {
  const [left, right] = [scoreOf(a.score)!, scoreOf(b.score)!];
  if (left !== right) return left > right ? -1 : 1;
  return byTime(a, b);
}

function byTime(a: BudgetClaim, b: BudgetClaim): number {
  if (a.appliedAt !== b.appliedAt) return a.appliedAt < b.appliedAt ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function inTurn(claims: readonly BudgetClaim[], budgetFen: Fen, fit: FitRule): BudgetResult {
  let restFen = budgetFen;
  let ended = false;
  const grants = claims.map(({ id, amountFen }) => {
    if (amountFen === 0n) return { id, fen: 0n, why: 'nothing_due' as const };
    if (ended) return { id, fen: 0n, why: 'after_the_end' as const };
    if (amountFen <= restFen) {
      restFen -= amountFen;
      return { id, fen: amountFen, why: 'whole' as const };
    }
    if (fit === 'skip') return { id, fen: 0n, why: 'skipped' as const };
    ended = true;
    if (fit === 'stop') return { id, fen: 0n, why: 'after_the_end' as const };
    const fen = restFen;
    restFen = 0n;
    return { id, fen, why: 'cut' as const };
  });
  return { grants, grantedFen: budgetFen - restFen, restFen };
}

function inProportion(claims: readonly BudgetClaim[], wanted: Fen, budgetFen: Fen): BudgetResult {
  if (wanted <= budgetFen) return inTurn(claims, budgetFen, 'stop');
  const parts = allocate(
    budgetFen,
    claims.map(({ amountFen }) => amountFen),
  );
  const grants = claims.map(({ id, amountFen }, index) => ({
    id,
    fen: parts[index]!,
    why: amountFen === 0n ? ('nothing_due' as const) : ('share' as const),
  }));
  return { grants, grantedFen: budgetFen, restFen: 0n };
}
