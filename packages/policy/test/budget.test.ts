import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BudgetClaim,
  type BudgetMode,
  type BudgetResult,
  divideBudget,
  enter,
  type FitRule,
  LEDGER_MOVES,
  type LedgerBalances,
  type LedgerEntry,
  ledgerSum,
  type RecoveryWay,
  returnEntries,
  type LedgerMove,
  yearTotals,
} from '../src/index.ts';
import { wan } from './support.ts';

function divide(
  claims: readonly BudgetClaim[],
  budget: bigint,
  mode: BudgetMode,
  fit?: FitRule,
): BudgetResult {
  const found = divideBudget(claims, budget, { mode, ...(fit === undefined ? {} : { fit }) });
  if (!found.ok) throw new Error(found.findings[0]!.code);
  return found.value;
}

const claim = (id: string, amountFen: bigint, score = '0', at = 1): BudgetClaim => ({
  id,
  amountFen,
  score,
  appliedAt: `2025-03-0${at}T09:00:00+08:00`,
});
const given = (result: BudgetResult) =>
  Object.fromEntries(result.grants.map(({ id, fen }) => [id, fen]));

describe('the budget', () => {
  it('[PO13] T20: three of 100 from 200 in proportion', () => {
    const three = ['a', 'b', 'c'].map((id) => claim(id, wan(100)));
    const result = divide(three, wan(200), 'pro_rata');
    expect(given(result)).toEqual({ a: 66_666_667n, b: 66_666_667n, c: 66_666_666n });
    expect(result.restFen).toBe(0n);
  });

  it('[PO13] by rank: stop, skip and cut at the first that does not fit', () => {
    const list = [claim('a', 60n, '90'), claim('b', 50n, '80.5'), claim('c', 30n, '80.4')];
    expect(given(divide(list, 100n, 'rank'))).toEqual({ a: 60n, b: 0n, c: 0n });
    expect(given(divide(list, 100n, 'rank', 'skip'))).toEqual({ a: 60n, b: 0n, c: 30n });
    expect(given(divide(list, 100n, 'rank', 'cut'))).toEqual({ a: 60n, b: 40n, c: 0n });
    const tie = [claim('late', 60n, '90', 2), claim('early', 60n, '90', 1)];
    expect(given(divide(tie, 60n, 'rank'))).toEqual({ early: 60n, late: 0n });
    const unscored = divideBudget([{ ...claim('a', 1n), score: 'good' }], 5n, { mode: 'rank' });
    expect(unscored.ok).toBe(false);
  });

  it('[PO13] in full or not at all; first come', () => {
    const two = [claim('b', 60n, '0', 2), claim('a', 50n, '0', 1)];
    expect(given(divide(two, 110n, 'full'))).toEqual({ a: 50n, b: 60n });
    expect(divideBudget(two, 109n, { mode: 'full' }).ok).toBe(false);
    expect(given(divide(two, 100n, 'first_come'))).toEqual({ a: 50n, b: 0n });
  });

  const list = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 3 }),
      amountFen: fc.bigInt({ min: 0n, max: 1_000n }),
      score: fc.constantFrom('70', '80.5', '90'),
      at: fc.integer({ min: 1, max: 3 }),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  );
  const modes = fc.constantFrom<readonly [BudgetMode, FitRule]>(
    ['rank', 'stop'],
    ['rank', 'skip'],
    ['rank', 'cut'],
    ['pro_rata', 'stop'],
    ['first_come', 'stop'],
  );
  const money = fc.bigInt({ min: 0n, max: 4_000n });

  it('[PO13] parts stay below claims and budget, whatever the order of the list', () => {
    fc.assert(
      fc.property(list, money, modes, (drawn, budget, [mode, fit]) => {
        const claims = drawn.map(({ id, amountFen, score, at }) => claim(id, amountFen, score, at));
        const result = divide(claims, budget, mode, fit);
        const sum = result.grants.reduce((total, { fen }) => total + fen, 0n);
        expect(sum).toBe(result.grantedFen);
        expect(sum + result.restFen).toBe(budget);
        for (const { id, fen } of result.grants) {
          expect(fen >= 0n && fen <= claims.find((each) => each.id === id)!.amountFen).toBe(true);
        }
        expect(divide(claims.toReversed(), budget, mode, fit)).toEqual(result);
        const wanted = claims.reduce((total, { amountFen }) => total + amountFen, 0n);
        if (mode === 'pro_rata') expect(sum).toBe(wanted < budget ? wanted : budget);
      }),
      { numRuns: 150 },
    );
  });

  it('[PO13] more budget lowers nobody, in proportion by one fen at most', () => {
    fc.assert(
      fc.property(list, money, money, modes, (drawn, budget, more, [mode, fit]) => {
        if (fit === 'skip') return;
        const claims = drawn.map(({ id, amountFen, score, at }) => claim(id, amountFen, score, at));
        const before = given(divide(claims, budget, mode, fit));
        const after = given(divide(claims, budget + more, mode, fit));
        const slack = mode === 'pro_rata' ? 1n : 0n;
        for (const { id } of claims) expect(after[id]! + slack >= before[id]!).toBe(true);
      }),
      { numRuns: 150 },
    );
    // Skipping is not monotone: more money lets a large one in that shuts out a small one.
    const two = [claim('large', 100n, '90'), claim('small', 40n, '80')];
    expect(given(divide(two, 50n, 'rank', 'skip'))).toEqual({ large: 0n, small: 40n });
    expect(given(divide(two, 100n, 'rank', 'skip'))).toEqual({ large: 100n, small: 0n });
  });
});

describe('the ledger', () => {
  const post = (balances: LedgerBalances, entry: LedgerEntry): LedgerBalances => {
    const found = enter(balances, entry);
    if (!found.ok) throw new Error(found.findings[0]!.code);
    return found.value;
  };
  const refusal = (balances: LedgerBalances, entry: LedgerEntry) => {
    const found = enter(balances, entry);
    return found.ok ? 'accepted' : found.findings[0]!.code;
  };

  it('[PO14] walks from the treasury to the claim and back', () => {
    let balances: LedgerBalances = new Map();
    const walk: [LedgerMove, bigint][] = [
      ['appropriate', 1_000n],
      ['reserve', 600n],
      ['commit', 500n],
      ['release', 100n],
      ['pay', 500n],
      ['recover', 200n],
      ['return', 200n],
    ];
    for (const [move, fen] of walk) {
      const claimed = LEDGER_MOVES[move].claim ? { claim: 'c' } : {};
      balances = post(balances, { move, fen, year: 2026, ...claimed });
      expect(ledgerSum(balances)).toBe(0n);
    }
    balances = post(balances, { move: 'carry_over', fen: 150n, year: 2026, toYear: 2027 });
    expect(yearTotals(balances, 2026)).toEqual({
      treasury: -1_000n,
      available: 550n,
      reserved: 0n,
      committed: 0n,
      paid: 300n,
      recovered: 0n,
    });
    expect(yearTotals(balances, 2027).available).toBe(150n);
  });

  it('[PO34] returns what came back by each of its ways', () => {
    let start: LedgerBalances = new Map();
    for (const move of ['appropriate', 'reserve', 'commit', 'pay', 'recover'] as const) {
      const claimed = LEDGER_MOVES[move].claim ? { claim: 'c' } : {};
      start = post(start, { move, fen: 100n, year: 2026, ...claimed });
    }
    const back = { year: 2026, fen: 100n, claim: 'c' };
    const after = (way: RecoveryWay, on: string) => {
      const balances = returnEntries(way, back, on).reduce(post, start);
      expect(ledgerSum(balances)).toBe(0n);
      const { available, treasury, recovered } = yearTotals(balances, 2026);
      return [treasury, recovered, available, yearTotals(balances, 2028).available];
    };
    expect(after('year', '2028-03-01')).toEqual([-100n, 0n, 100n, 0n]);
    expect(after('carry_over', '2028-03-01')).toEqual([-100n, 0n, 0n, 100n]);
    expect(after('carry_over', '2026-12-01')).toEqual([-100n, 0n, 100n, 0n]);
    expect(after('treasury', '2028-03-01')).toEqual([0n, 0n, 0n, 0n]);
  });

  it('[PO14] refuses the last yuan to the second who wants it', () => {
    const start = post(new Map(), { move: 'appropriate', year: 2026, fen: 100n });
    const first = post(start, { move: 'reserve', year: 2026, fen: 100n, claim: 'a' });
    const again = { move: 'reserve', year: 2026, fen: 1n, claim: 'b' } as const;
    expect(refusal(first, again)).toBe('insufficient_balance');
    // Money reserved for one claim is not there for another.
    const commit = { move: 'commit', year: 2026, fen: 100n, claim: 'b' } as const;
    expect(refusal(first, commit)).toBe('insufficient_balance');
    expect(refusal(start, { ...again, fen: 0n })).toBe('empty_ledger_entry');
    expect(refusal(start, { move: 'reserve', year: 2026, fen: 1n })).toBe('missing_ledger_claim');
    expect(refusal(start, { move: 'carry_over', year: 2026, fen: 1n })).toBe('invalid_carry_over');
  });

  it('[PO14] conserves under any entries, and nothing but the treasury goes below zero', () => {
    const entry = fc.record({
      move: fc.constantFrom(...(Object.keys(LEDGER_MOVES) as LedgerMove[])),
      year: fc.constantFrom(2026, 2027),
      fen: fc.bigInt({ min: 0n, max: 50n }),
      claim: fc.constantFrom('a', 'b', undefined),
      toYear: fc.constantFrom(2027, 2028),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        let balances: LedgerBalances = new Map();
        for (const { claim: named, ...each } of entries) {
          const found = enter(balances, {
            ...each,
            ...(named === undefined ? {} : { claim: named }),
          });
          if (found.ok) balances = found.value;
          expect(ledgerSum(balances)).toBe(0n);
          for (const [key, fen] of balances) {
            expect(key.endsWith('/treasury') || fen >= 0n, key).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
