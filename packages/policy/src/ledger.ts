import {
  accepted,
  assert,
  type Fen,
  finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';

/**
 * The budget of a fund as a double-entry ledger: every entry moves fen from one account to
 * another, so nothing comes from nowhere. Accounts carry their budget year.
 *
 *   treasury → available → reserved → committed → paid → recovered → available
 */
export type LedgerAccount =
  | 'treasury'
  | 'available'
  | 'reserved'
  | 'committed'
  | 'paid'
  | 'recovered';

/** What may happen to money, each a move between two accounts. */
export type LedgerMove =
  | 'appropriate'
  | 'withdraw'
  | 'reserve'
  | 'release'
  | 'commit'
  | 'uncommit'
  | 'pay'
  | 'recover'
  | 'return'
  | 'carry_over';

/** One entry. `claim` is given for every move of a claim's money. */
export type LedgerEntry = {
  readonly move: LedgerMove;
  readonly year: number;
  readonly fen: Fen;
  readonly claim?: string;
  /** With `carry_over`: the year that receives. */
  readonly toYear?: number;
};

type Side = { readonly from: LedgerAccount; readonly to: LedgerAccount; readonly claim: boolean };

/** Which two accounts each move touches, and whether it is of one claim. */
export const LEDGER_MOVES: Readonly<Record<LedgerMove, Side>> = Object.freeze({
  appropriate: { from: 'treasury', to: 'available', claim: false },
  withdraw: { from: 'available', to: 'treasury', claim: false },
  reserve: { from: 'available', to: 'reserved', claim: true },
  release: { from: 'reserved', to: 'available', claim: true },
  commit: { from: 'reserved', to: 'committed', claim: true },
  uncommit: { from: 'committed', to: 'available', claim: true },
  pay: { from: 'committed', to: 'paid', claim: true },
  recover: { from: 'paid', to: 'recovered', claim: true },
  return: { from: 'recovered', to: 'available', claim: true },
  carry_over: { from: 'available', to: 'available', claim: false },
});

/** Balances by account key, `2026/available` or `2026/reserved/<claim>`; absent is zero. */
export type LedgerBalances = ReadonlyMap<string, Fen>;

/** The key of an account. */
export function ledgerKey(account: LedgerAccount, year: number, claim?: string): string {
  const own = account === 'treasury' || account === 'available' ? undefined : claim;
  return own === undefined ? `${year}/${account}` : `${year}/${account}/${own}`;
}

/** The two keys an entry moves between. */
export function ledgerSides(entry: LedgerEntry): { from: string; to: string } {
  const { from, to } = LEDGER_MOVES[entry.move];
  const toYear = entry.move === 'carry_over' ? (entry.toYear ?? entry.year) : entry.year;
  return { from: ledgerKey(from, entry.year, entry.claim), to: ledgerKey(to, toYear, entry.claim) };
}

/** Enters a move. Only the treasury may go below zero: it is where money comes from. */
export function enter(balances: LedgerBalances, entry: LedgerEntry): Outcome<LedgerBalances> {
  const { from, claim } = LEDGER_MOVES[entry.move];
  if (entry.fen <= 0n) return refused(finding('empty_ledger_entry', 'error'));
  if (claim !== (entry.claim !== undefined)) {
    return refused(finding('missing_ledger_claim', 'error', { facts: { move: entry.move } }));
  }
  if (entry.move === 'carry_over' && !(entry.toYear !== undefined && entry.toYear > entry.year)) {
    return refused(finding('invalid_carry_over', 'error', { facts: { year: entry.year } }));
  }
  const sides = ledgerSides(entry);
  const held = balances.get(sides.from) ?? 0n;
  if (from !== 'treasury' && held < entry.fen) {
    const facts = { account: sides.from, held: String(held), wanted: String(entry.fen) };
    return refused(finding('insufficient_balance', 'error', { facts }));
  }
  const next = new Map(balances);
  next.set(sides.from, held - entry.fen);
  next.set(sides.to, (next.get(sides.to) ?? 0n) + entry.fen);
  return accepted(next);
}

/**
 * Where recovered money goes: to what its own year has left, on to the year in which it came back,
 * or to the treasury that it was from.
 */
export type RecoveryWay = 'year' | 'carry_over' | 'treasury';

/** The entries that return what came back of a claim, one after the other. */
export function returnEntries(
  way: RecoveryWay,
  { year, fen, claim }: Pick<LedgerEntry, 'year' | 'fen'> & { readonly claim: string },
  on: IsoDate,
): LedgerEntry[] {
  const back: LedgerEntry = { move: 'return', year, fen, claim };
  const toYear = Number(on.slice(0, 4));
  switch (way) {
    case 'year':
      return [back];
    case 'carry_over':
      return toYear > year ? [back, { move: 'carry_over', year, fen, toYear }] : [back];
    case 'treasury':
      return [back, { move: 'withdraw', year, fen }];
  }
}

/** The sum of all accounts; it is zero in every ledger that was only ever entered. */
export function ledgerSum(balances: LedgerBalances): Fen {
  let sum = 0n;
  for (const fen of balances.values()) sum += fen;
  return sum;
}

/** What a year has in each account, all claims together. */
export function yearTotals(balances: LedgerBalances, year: number): Record<LedgerAccount, Fen> {
  const totals = {
    treasury: 0n,
    available: 0n,
    reserved: 0n,
    committed: 0n,
    paid: 0n,
    recovered: 0n,
  };
  for (const [key, fen] of balances) {
    const [ownYear, account] = key.split('/');
    if (Number(ownYear) !== year) continue;
    assert(Object.hasOwn(totals, account!), 'a key of the ledger names an account');
    totals[account as LedgerAccount] += fen;
  }
  return totals;
}
