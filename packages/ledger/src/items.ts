import { addDays, daysBetween, type Fen, type IsoDate } from '@yinglian/core';
import type { AccountName } from './chart.ts';
import type { Entry } from './journal.ts';

/** A document that is not settled: what was opened, what is left, what of it is in dispute. */
export type OpenItem = {
  readonly item: string;
  readonly side: 'receivable' | 'payable';
  readonly party: string | undefined;
  readonly openedOn: IsoDate;
  readonly dueOn: IsoDate;
  readonly amountFen: Fen;
  /** Left to be paid and not in dispute. */
  readonly openFen: Fen;
  readonly disputedFen: Fen;
};

const SIDES: Partial<Record<AccountName, { side: OpenItem['side']; disputed: boolean }>> = {
  receivable: { side: 'receivable', disputed: false },
  receivable_disputed: { side: 'receivable', disputed: true },
  payable: { side: 'payable', disputed: false },
  payable_disputed: { side: 'payable', disputed: true },
};

type Gathered = { -readonly [Key in keyof OpenItem]: OpenItem[Key] };

/**
 * Documents with something left on a day, from the entries up to that day: what was open then, not
 * what is open now.
 */
export function openItems(entries: readonly Entry[], asOf: IsoDate): OpenItem[] {
  const items = new Map<string, Gathered>();
  for (const entry of entries) {
    if (entry.date > asOf) continue;
    for (const { debit, credit, fen } of entry.transfers) {
      gather(items, entry, debit, fen);
      gather(items, entry, credit, -fen);
    }
  }
  return [...items.values()]
    .filter((each) => each.openFen !== 0n || each.disputedFen !== 0n)
    .sort((a, b) =>
      a.dueOn === b.dueOn ? (a.item < b.item ? -1 : 1) : a.dueOn < b.dueOn ? -1 : 1,
    );
}

function gather(
  items: Map<string, Gathered>,
  entry: Entry,
  ref: Entry['transfers'][number]['debit'],
  debitFen: Fen,
): void {
  const known = SIDES[ref.account];
  if (known === undefined || ref.item === undefined) return;
  const { side, disputed } = known;
  const fen = side === 'receivable' ? debitFen : -debitFen;
  const key = JSON.stringify([side, ref.party ?? null, ref.item]);
  let each = items.get(key);
  if (each === undefined) {
    const opens = entry.opens?.item === ref.item ? entry.opens : undefined;
    each = {
      item: ref.item,
      side,
      party: ref.party,
      openedOn: entry.date,
      dueOn: opens?.dueOn ?? entry.date,
      amountFen: 0n,
      openFen: 0n,
      disputedFen: 0n,
    };
    items.set(key, each);
  }
  if (entry.opens?.item === ref.item && fen > 0n) {
    each.amountFen += fen;
    each.dueOn = entry.opens.dueOn;
  }
  if (disputed) each.disputedFen += fen;
  else each.openFen += fen;
}

/** First days overdue of each bucket; what is not yet due stands before them. */
export const AGE_BOUNDS = Object.freeze([1, 31, 61, 91, 181, 366]);

/** One party's open amounts by how long they are overdue. Amounts are never netted. */
export type AgeLine = {
  readonly party: string | undefined;
  readonly notDueFen: Fen;
  /** One amount per bound. */
  readonly overdueFen: readonly Fen[];
  readonly disputedFen: Fen;
  readonly totalFen: Fen;
};

/** Ageing of one side by party, the greatest total first. */
export function ageItems(
  items: readonly OpenItem[],
  side: OpenItem['side'],
  asOf: IsoDate,
  bounds: readonly number[] = AGE_BOUNDS,
): AgeLine[] {
  type Sums = { notDueFen: Fen; overdueFen: Fen[]; disputedFen: Fen; totalFen: Fen };
  const byParty = new Map<string | undefined, Sums>();
  for (const item of items) {
    if (item.side !== side) continue;
    const sums = byParty.get(item.party) ?? {
      notDueFen: 0n,
      overdueFen: bounds.map(() => 0n),
      disputedFen: 0n,
      totalFen: 0n,
    };
    byParty.set(item.party, sums);
    const days = daysBetween(item.dueOn, asOf);
    const bucket = bounds.findLastIndex((bound) => days >= bound);
    if (bucket === -1) sums.notDueFen += item.openFen;
    else sums.overdueFen[bucket]! += item.openFen;
    sums.disputedFen += item.disputedFen;
    sums.totalFen += item.openFen + item.disputedFen;
  }
  return [...byParty]
    .map(([party, sums]) => ({ party, ...sums }))
    .sort((a, b) => (a.totalFen === b.totalFen ? 0 : a.totalFen > b.totalFen ? -1 : 1));
}

/** Days to pay when a contract says nothing; the trade's own terms differ, so it is a default. */
export const PAYMENT_DAYS_DEFAULT = 30;

/** The day on which a document of a day falls due. */
export function dueDate(date: IsoDate, days: number = PAYMENT_DAYS_DEFAULT): IsoDate {
  return addDays(date, days);
}
