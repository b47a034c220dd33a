import {
  accepted,
  type Fen,
  finding,
  type IsoDate,
  type Outcome,
  refused,
  sumFen,
} from '@yinglian/core';
import { accountKey, type AccountName } from './chart.ts';
import { type BookView, type EntryDraft, type Transfer } from './journal.ts';

/**
 * What happens in the trade as entries of a book. Each recipe reads the balances it needs, so that
 * an amount never ends on the wrong side of a document: what goes beyond it is an advance.
 */

/** Which side of a document this organisation is on. */
export type Role = 'receivable' | 'payable';

/** Who, which document, which day: what every recipe needs. */
export type Occasion = {
  readonly key: string;
  readonly date: IsoDate;
  readonly party: string;
  readonly item: string;
  readonly memo?: string;
};

type Names = {
  readonly open: AccountName;
  readonly disputed: AccountName;
  readonly advance: AccountName;
  readonly result: AccountName;
  /** Where what will never be paid goes. */
  readonly loss: AccountName;
};
const NAMES: Readonly<Record<Role, Names>> = Object.freeze({
  receivable: {
    open: 'receivable',
    disputed: 'receivable_disputed',
    advance: 'received_in_advance',
    result: 'income',
    loss: 'written_off',
  },
  payable: {
    open: 'payable',
    disputed: 'payable_disputed',
    advance: 'paid_in_advance',
    result: 'cost',
    loss: 'written_back',
  },
});

type Side = { readonly account: AccountName; readonly party?: string; readonly item?: string };

/** A transfer towards the organisation; on the payable side it runs the other way. */
function toward(role: Role, to: Side, from: Side, fen: Fen): Transfer[] {
  if (fen === 0n) return [];
  return role === 'receivable'
    ? [{ debit: to, credit: from, fen }]
    : [{ debit: from, credit: to, fen }];
}

/** What is open of a document on an account, as an amount above zero. */
export function openOf(view: BookView, role: Role, account: AccountName, of: Occasion): Fen {
  const key = accountKey({ account, party: of.party, item: of.item });
  const fen = view.balances.get(key)?.fen ?? 0n;
  const side = account === NAMES[role].advance ? -1n : 1n;
  return (role === 'receivable' ? fen : -fen) * side;
}

const memoOf = (of: Occasion) => of.memo ?? '';

/** Part of a statement that is withheld for the tax office before anything is paid. */
export type Withholding = { readonly withheldFen?: Fen };

/**
 * A statement that was issued (receivable) or accepted (payable). A negative total, as a
 * supplementary statement may have, is owed the other way and stands as an advance.
 */
export function statementEntry(
  role: Role,
  of: Occasion & { readonly amountFen: Fen; readonly dueOn: IsoDate } & Withholding,
): EntryDraft {
  const names = NAMES[role];
  const { party, item, amountFen, withheldFen = 0n } = of;
  const result: Side = { account: names.result, party, item };
  const transfers =
    amountFen >= 0n
      ? toward(role, { account: names.open, party, item }, result, amountFen)
      : toward(role, result, { account: names.advance, party, item }, -amountFen);
  const withheld = toward(
    role,
    { account: 'withheld_tax', party, item },
    { account: names.open, party, item },
    withheldFen,
  );
  return {
    key: of.key,
    kind: 'statement',
    date: of.date,
    memo: memoOf(of),
    transfers: [...transfers, ...withheld],
    opens: { item, dueOn: of.dueOn },
  };
}

/**
 * An adjustment of a document after it was issued: upwards it is due with the document, downwards
 * it is a credit note. What was paid already becomes an advance of the party.
 */
export function adjustmentEntry(
  view: BookView,
  role: Role,
  of: Occasion & { readonly changeFen: Fen; readonly restates?: number },
): Outcome<EntryDraft> {
  const names = NAMES[role];
  const { party, item, changeFen } = of;
  if (changeFen === 0n) return refused(finding('empty_entry', 'error', { at: { key: of.key } }));
  const result: Side = { account: names.result, party, item };
  const open: Side = { account: names.open, party, item };
  const shared = {
    key: of.key,
    date: of.date,
    memo: memoOf(of),
    ...(of.restates === undefined ? {} : { restates: of.restates }),
  };
  if (changeFen > 0n) {
    return accepted({
      ...shared,
      kind: 'adjustment',
      transfers: toward(role, open, result, changeFen),
    });
  }
  const whole = -changeFen;
  const left = openOf(view, role, names.open, of);
  const fromOpen = left < whole ? left : whole;
  return accepted({
    ...shared,
    kind: 'credit_note',
    transfers: [
      ...toward(role, result, open, fromOpen),
      ...toward(role, result, { account: names.advance, party, item }, whole - fromOpen),
    ],
  });
}

/** A dispute holds part of a document: it is neither paid nor dunned until the case is decided. */
export function disputeEntry(
  view: BookView,
  role: Role,
  of: Occasion & { readonly amountFen: Fen },
): Outcome<EntryDraft> {
  const names = NAMES[role];
  const { party, item, amountFen } = of;
  const left = openOf(view, role, names.open, of);
  if (amountFen <= 0n || amountFen > left) {
    const facts = { item, amount: String(amountFen), open: String(left) };
    return refused(finding('excessive_dispute', 'error', { facts, at: { key: of.key } }));
  }
  return accepted({
    key: of.key,
    kind: 'dispute_held',
    date: of.date,
    memo: memoOf(of),
    transfers: toward(
      role,
      { account: names.disputed, party, item },
      { account: names.open, party, item },
      amountFen,
    ),
  });
}

/**
 * A case is decided: what is upheld is due again, what is conceded is taken back as a credit note.
 * Together they are all that the case held.
 */
export function decisionEntry(
  view: BookView,
  role: Role,
  of: Occasion & { readonly heldFen: Fen; readonly concededFen: Fen },
): Outcome<EntryDraft> {
  const names = NAMES[role];
  const { party, item, heldFen, concededFen } = of;
  const held = openOf(view, role, names.disputed, of);
  if (heldFen <= 0n || heldFen > held || concededFen < 0n || concededFen > heldFen) {
    const facts = { item, amount: String(concededFen), open: String(held) };
    return refused(finding('excessive_dispute', 'error', { facts, at: { key: of.key } }));
  }
  const disputed: Side = { account: names.disputed, party, item };
  return accepted({
    key: of.key,
    kind: 'dispute_released',
    date: of.date,
    memo: memoOf(of),
    transfers: [
      ...toward(role, { account: names.open, party, item }, disputed, heldFen - concededFen),
      ...toward(role, { account: names.result, party, item }, disputed, concededFen),
    ],
  });
}

/** A part of a payment, and the document it settles. */
export type PaymentPart = { readonly item: string; readonly fen: Fen };

/**
 * Money that came in (receivable) or went out (payable). Parts settle documents; what is beyond
 * what they have open, and what names no document, stands as an advance under the payment's own id.
 */
export function paymentEntry(
  view: BookView,
  role: Role,
  of: Occasion & { readonly amountFen: Fen; readonly parts: readonly PaymentPart[] },
): Outcome<EntryDraft> {
  const names = NAMES[role];
  const { party, item: payment, amountFen, parts } = of;
  const named = sumFen(parts.map((part) => part.fen));
  if (amountFen <= 0n || named > amountFen || parts.some((part) => part.fen <= 0n)) {
    const facts = { amount: String(amountFen), parts: String(named) };
    return refused(finding('mismatched_parts', 'error', { facts, at: { key: of.key } }));
  }
  const bank: Side = { account: 'bank' };
  const taken = new Map<string, Fen>();
  const transfers: Transfer[] = [];
  let rest = amountFen;
  for (const { item, fen } of parts) {
    const left = openOf(view, role, names.open, { ...of, item }) - (taken.get(item) ?? 0n);
    const settled = fen < left ? fen : left;
    if (settled <= 0n) continue;
    taken.set(item, (taken.get(item) ?? 0n) + settled);
    transfers.push(...toward(role, bank, { account: names.open, party, item }, settled));
    rest -= settled;
  }
  transfers.push(...toward(role, bank, { account: names.advance, party, item: payment }, rest));
  return accepted({
    key: of.key,
    kind: role === 'receivable' ? 'receipt' : 'payment',
    date: of.date,
    memo: memoOf(of),
    transfers,
  });
}

/** An advance is used for a document of the same party. */
export function applicationEntry(
  view: BookView,
  role: Role,
  of: Occasion & { readonly advance: string; readonly amountFen: Fen },
): Outcome<EntryDraft> {
  const names = NAMES[role];
  const { party, item, advance, amountFen } = of;
  const there = openOf(view, role, names.advance, { ...of, item: advance });
  const left = openOf(view, role, names.open, of);
  if (amountFen <= 0n || amountFen > there || amountFen > left) {
    const facts = { amount: String(amountFen), advance: String(there), open: String(left) };
    return refused(finding('excessive_application', 'error', { facts, at: { key: of.key } }));
  }
  return accepted({
    key: of.key,
    kind: 'application',
    date: of.date,
    memo: memoOf(of),
    transfers: toward(
      role,
      { account: names.advance, party, item: advance },
      { account: names.open, party, item },
      amountFen,
    ),
  });
}

/** Two persons decide that a rest will never be paid. */
export function writeOffEntry(
  view: BookView,
  role: Role,
  of: Occasion & { readonly amountFen: Fen; readonly by: string; readonly second: string },
): Outcome<EntryDraft> {
  const names = NAMES[role];
  const { party, item, amountFen, by, second } = of;
  if (by === second) return refused(finding('missing_second', 'error', { facts: { by } }));
  const left = openOf(view, role, names.open, of);
  if (amountFen <= 0n || amountFen > left) {
    const facts = { item, amount: String(amountFen), open: String(left) };
    return refused(finding('excessive_write_off', 'error', { facts, at: { key: of.key } }));
  }
  return accepted({
    key: of.key,
    kind: 'write_off',
    date: of.date,
    memo: memoOf(of),
    transfers: toward(
      role,
      { account: names.loss, party, item },
      { account: names.open, party, item },
      amountFen,
    ),
  });
}
