import type { Fen, IsoDate } from '@yinglian/core';
import type { Difference, DifferenceKind } from './model.ts';

/** What should come into the account: one seller's day, one statement. */
export type ExpectedReceipt = {
  readonly id: string;
  readonly payer: string;
  readonly date: IsoDate;
  readonly amountFen: Fen;
};

/** What came. `reference` is the id that the payer wrote, when one can be read in its text. */
export type Receipt = {
  readonly id: string;
  readonly payer: string;
  readonly valueDate: IsoDate;
  readonly amountFen: Fen;
  readonly reference?: string;
};

/** Expected payments and the receipts that settle them, and how they were matched. */
export type Allocation = {
  readonly expected: readonly string[];
  readonly receipts: readonly string[];
  readonly by: 'reference' | 'amount' | 'several_receipts' | 'one_for_several';
};

/** The matched receipts, and what is left over as differences. */
export type ReceiptMatching = {
  readonly allocations: readonly Allocation[];
  readonly differences: readonly Difference[];
};

/** Sums of more items than this are not searched for. */
export const COMBINED_ITEMS_MAX = 4;
/** Steps of the search for one sum; beyond it the receipt stays on the list. */
const SEARCH_STEPS_MAX = 200_000;

/**
 * Bank receipts against what was expected: by the written reference first (whole, in parts, short),
 * then by exact amount of the same payer, then one receipt for several days and several for one:
 * runs of days first, then any few items.
 */
export function matchReceipts(
  expected: readonly ExpectedReceipt[],
  receipts: readonly Receipt[],
): ReceiptMatching {
  const state: State = {
    open: new Map(expected.map((each) => [each.id, each])),
    left: new Map(receipts.map((each) => [each.id, each])),
    allocations: [],
    differences: [],
  };
  byReference(state);
  byAmount(state);
  oneForSeveral(state);
  severalForOne(state);
  for (const item of state.open.values())
    state.differences.push(difference('missing_receipt', [item], [], item.amountFen));
  for (const receipt of state.left.values()) {
    state.differences.push(difference('unexpected_receipt', [], [receipt], -receipt.amountFen));
  }
  state.differences.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { allocations: state.allocations, differences: state.differences };
}

type State = {
  readonly open: Map<string, ExpectedReceipt>;
  readonly left: Map<string, Receipt>;
  readonly allocations: Allocation[];
  readonly differences: Difference[];
};

const total = (items: readonly { readonly amountFen: Fen }[]) =>
  items.reduce((left, each) => left + each.amountFen, 0n);

function settle(
  state: State,
  items: readonly ExpectedReceipt[],
  receipts: readonly Receipt[],
  by: Allocation['by'],
): void {
  for (const item of items) state.open.delete(item.id);
  for (const receipt of receipts) state.left.delete(receipt.id);
  state.allocations.push({
    expected: items.map((each) => each.id),
    receipts: receipts.map((each) => each.id),
    by,
  });
}

function difference(
  kind: DifferenceKind,
  items: readonly ExpectedReceipt[],
  receipts: readonly Receipt[],
  deltaFen: Fen,
): Difference {
  const key = (items[0] ?? receipts[0])!.id;
  return {
    id: [kind, 'expected', 'bank', key].join('|'),
    kind,
    between: ['expected', 'bank'],
    key,
    date: items[0]?.date ?? receipts[0]!.valueDate,
    deltaFen,
    deltaAdmissions: 0,
    evidence: [...items, ...receipts].map((each) => each.id),
  };
}

function byReference(state: State): void {
  const groups = new Map<string, Receipt[]>();
  for (const receipt of state.left.values()) {
    if (receipt.reference === undefined) continue;
    const item = state.open.get(receipt.reference);
    if (item === undefined || item.payer !== receipt.payer) continue;
    groups.set(item.id, [...(groups.get(item.id) ?? []), receipt]);
  }
  for (const [id, group] of groups) {
    const item = state.open.get(id)!;
    const delta = item.amountFen - total(group);
    if (delta === 0n && group.length > 1)
      state.differences.push(difference('split_receipt', [item], group, 0n));
    // A wrong amount may belong to another day of the payer: the exact amount decides below.
    if (delta !== 0n && hasExactPartner(state, item, group)) continue;
    if (delta > 0n) state.differences.push(difference('short_receipt', [item], group, delta));
    if (delta < 0n) state.differences.push(difference('excess_receipt', [item], group, delta));
    settle(state, [item], group, 'reference');
  }
}

function hasExactPartner(state: State, item: ExpectedReceipt, group: readonly Receipt[]): boolean {
  if (group.length !== 1) return false;
  const receipt = group[0]!;
  return [...state.open.values()].some(
    (each) =>
      each.id !== item.id && each.payer === receipt.payer && each.amountFen === receipt.amountFen,
  );
}

function byAmount(state: State): void {
  for (const receipt of state.left.values()) {
    const item = [...state.open.values()].find(
      (each) => each.payer === receipt.payer && each.amountFen === receipt.amountFen,
    );
    if (item === undefined) continue;
    if (receipt.reference !== undefined)
      state.differences.push(difference('wrong_reference', [item], [receipt], 0n));
    settle(state, [item], [receipt], 'amount');
  }
}

function oneForSeveral(state: State): void {
  for (const receipt of state.left.values()) {
    const candidates = [...state.open.values()].filter((each) => each.payer === receipt.payer);
    const items =
      consecutiveSum(candidates, receipt.amountFen, (each) => each.date) ??
      exactSum(candidates, receipt.amountFen);
    if (items === undefined) continue;
    state.differences.push(difference('combined_receipt', items, [receipt], 0n));
    settle(state, items, [receipt], 'one_for_several');
  }
}

function severalForOne(state: State): void {
  for (const item of state.open.values()) {
    const candidates = [...state.left.values()].filter((each) => each.payer === item.payer);
    const receipts =
      consecutiveSum(candidates, item.amountFen, (each) => each.valueDate) ??
      exactSum(candidates, item.amountFen);
    if (receipts === undefined) continue;
    state.differences.push(difference('split_receipt', [item], receipts, 0n));
    settle(state, [item], receipts, 'several_receipts');
  }
}

/** A run of any length in the order of the days whose sum is exact: a week, a month, everything. */
function consecutiveSum<Item extends { readonly amountFen: Fen }>(
  items: readonly Item[],
  wanted: Fen,
  dateOf: (item: Item) => IsoDate,
): Item[] | undefined {
  const ordered = items.toSorted((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1));
  const starts = new Map<Fen, number>([[0n, 0]]);
  let sum = 0n;
  for (const [index, item] of ordered.entries()) {
    sum += item.amountFen;
    const start = starts.get(sum - wanted);
    if (start !== undefined && start < index) return ordered.slice(start, index + 1);
    if (!starts.has(sum)) starts.set(sum, index + 1);
  }
  return undefined;
}

/** Two to four items whose sum is exact; the first in the order given, never a guess by size. */
export function exactSum<Item extends { readonly amountFen: Fen }>(
  items: readonly Item[],
  wanted: Fen,
): Item[] | undefined {
  let steps = 0;
  const search = (start: number, left: Fen, depth: number): Item[] | undefined => {
    for (let i = start; i < items.length; i++) {
      if (++steps > SEARCH_STEPS_MAX) return undefined;
      const rest = left - items[i]!.amountFen;
      if (rest === 0n && depth >= 1) return [items[i]!];
      if (depth + 1 < COMBINED_ITEMS_MAX && rest !== 0n) {
        const found = search(i + 1, rest, depth + 1);
        if (found !== undefined) return [items[i]!, ...found];
      }
    }
    return undefined;
  };
  return search(0, wanted, 0);
}
