import { accepted, type Outcome, shareFen } from '@yinglian/core';
import { type Reconciliation, reconcile } from './compare.ts';
import { compareLevel, type LevelName, type LevelRow, type LevelRules } from './levels.ts';
import type { Book, BookRow, Difference } from './model.ts';
import type { PlanParty, ReconciliationPlan } from './plan.ts';
import { type Allocation, type ExpectedReceipt, matchReceipts } from './receipts.ts';
import type { ReceiptLine } from './table.ts';

/** What the parties of a plan handed in, by their names. */
export type PlanBooks = {
  readonly books: ReadonlyMap<string, readonly BookRow[]>;
  readonly receipts: ReadonlyMap<string, readonly ReceiptLine[]>;
};

/** What was found of a plan: differences of rows and of receipts, and sums side by side. */
export type PlanResult = Reconciliation & {
  readonly allocations: readonly Allocation[];
  readonly levels: { readonly [level in LevelName]?: readonly LevelRow[] };
};

/** Runs a plan: every party by its role, receipts against what its seller's days come to. */
export function runPlan(plan: ReconciliationPlan, given: PlanBooks): Outcome<PlanResult> {
  const ofRole = (...roles: readonly string[]) =>
    plan.parties.filter((each) => roles.includes(each.role) && each.name !== plan.reference);
  const books = [...given.books].map(([source, rows]): Book => ({ source, rows }));
  const equal = ofRole('ticketing', 'circuit', 'equipment', 'fund');
  const outcome = reconcile(books, {
    reference: plan.reference,
    equals: equal.map(({ name, tolerance, small }) => ({
      source: name,
      ...(tolerance === undefined ? {} : { toleranceFen: tolerance }),
      ...(small === undefined ? {} : { smallFen: small }),
    })),
    channels: ofRole('seller').map((each) => ({ source: each.name })),
    playback: ofRole('playback').map((each) => ({ source: each.name })),
  });
  if (!outcome.ok) return outcome;
  const differences: Difference[] = [...outcome.value.differences];
  const allocations: Allocation[] = [];
  const rows: Record<string, number> = { ...outcome.value.rows };
  for (const bank of ofRole('bank')) {
    const lines = given.receipts.get(bank.name) ?? [];
    rows[bank.name] = lines.length;
    const matched = matchBank(bank, given.books.get(bank.pays!.party) ?? [], lines);
    differences.push(...matched.differences);
    allocations.push(...matched.allocations);
  }
  const sums = books.filter(
    ({ source }) => source === plan.reference || equal.some((each) => each.name === source),
  );
  const tolerances = new Map(equal.map(({ name, tolerance }) => [name, tolerance]));
  const rules: LevelRules = {
    toleranceFen: (source) => tolerances.get(source) ?? 0n,
    shows: plan.rows === 'screening',
  };
  const levels = Object.fromEntries(
    plan.levels.map((level) => [level, compareLevel(sums, level, rules)]),
  );
  const { agreeingRows } = outcome.value;
  return accepted({ differences, agreeingRows, rows, allocations, levels }, outcome.findings);
}

function matchBank(bank: PlanParty, sold: readonly BookRow[], lines: readonly ReceiptLine[]) {
  const expected = expectedOf(bank, sold);
  const ids = expected.map((each) => each.id).toSorted((a, b) => b.length - a.length);
  const received = lines
    .filter((each) => each.amountFen > 0n)
    .map(({ id, payer, date, amountFen, memo }) => {
      const reference = ids.find((each) => memo.includes(each));
      const by = bank.payers[payer] ?? payer;
      const written = reference === undefined ? {} : { reference };
      return { id, payer: by, valueDate: date, amountFen, ...written };
    });
  const matched = matchReceipts(expected, received);
  const between = [bank.pays!.party, bank.name] as const;
  const differences = matched.differences.map((each) => ({
    ...each,
    between,
    id: [each.kind, ...between, each.key].join('|'),
  }));
  return { differences, allocations: matched.allocations };
}

/** One receipt for each seller's day: what was sold less the seller's part, rounded once. */
function expectedOf(bank: PlanParty, sold: readonly BookRow[]): ExpectedReceipt[] {
  const { party, fee, from, to } = bank.pays!;
  const days = new Map<string, { payer: string; date: string; grossFen: bigint }>();
  for (const { seller = party, date, grossFen = 0n } of sold) {
    if ((from !== undefined && date < from) || (to !== undefined && date > to)) continue;
    const id = `${seller} ${date}`;
    const known = days.get(id)?.grossFen ?? 0n;
    days.set(id, { payer: seller, date, grossFen: known + grossFen });
  }
  return [...days].map(([id, { payer, date, grossFen }]) => ({
    id,
    payer,
    date,
    amountFen: grossFen - shareFen(grossFen, fee, 'half_up'),
  }));
}
