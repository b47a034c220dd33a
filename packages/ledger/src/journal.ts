import {
  accepted,
  type Cryptography,
  digestJson,
  type Fen,
  finding,
  type Finding,
  fromHex,
  type IsoDate,
  type IsoMonth,
  isIsoDate,
  merkleLeafHash,
  merkleRoot,
  monthOf,
  type Outcome,
  refused,
  toHex,
} from '@yinglian/core';
import { ACCOUNT_NAMES, accountKey, type AccountName, type AccountRef, CHART } from './chart.ts';

/**
 * An amount that leaves one account and arrives in another. A journal of transfers is balanced by
 * construction: there is no way to write one side alone.
 */
export type Transfer = {
  readonly debit: AccountRef;
  readonly credit: AccountRef;
  /** Above zero. */
  readonly fen: Fen;
};

/** Why an entry was made. The list is closed. */
export const ENTRY_KINDS = [
  'statement',
  'adjustment',
  'credit_note',
  'dispute_held',
  'dispute_released',
  'receipt',
  'payment',
  'application',
  'write_off',
  'reversal',
] as const;
/** One kind of the closed list. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** What is to be posted. */
export type EntryDraft = {
  /** The same key posts once; with other contents it is refused. */
  readonly key: string;
  readonly kind: EntryKind;
  readonly date: IsoDate;
  readonly memo: string;
  readonly transfers: readonly Transfer[];
  /** The document that this entry opens, and when it falls due. */
  readonly opens?: { readonly item: string; readonly dueOn: IsoDate };
  /** Number of the entry that this one reverses. */
  readonly reverses?: number;
  /** Number of the entry of a closed period that this one corrects. */
  readonly restates?: number;
};

/** A posted entry. It is never changed; its hash covers it and all before it. */
export type Entry = EntryDraft & {
  /** From 1, without gaps. */
  readonly number: number;
  /** SHA-256 of the draft's canonical JSON, in hex. */
  readonly digest: string;
  /** The hash of the entry before; 64 zeros for the first. */
  readonly previous: string;
  readonly hash: string;
};

/** A month that was closed, and what it held. */
export type PeriodSeal = {
  readonly month: IsoMonth;
  readonly by: string;
  readonly on: IsoDate;
  readonly entries: number;
  readonly turnoverFen: Fen;
  /** Root of the RFC 6962 tree over the hashes of the month's entries. */
  readonly root: string;
};

/** A decision about a period, kept for good. */
export type PeriodDecision =
  | ({ readonly to: 'closed' } & PeriodSeal)
  | {
      readonly to: 'open';
      readonly month: IsoMonth;
      readonly on: IsoDate;
      /** Two persons: who asks, and who agrees. */
      readonly by: string;
      readonly second: string;
      readonly reason: string;
    };

/**
 * What posting needs to know of a book. A server loads only what its drafts touch; a book in memory
 * has all of it.
 */
export type BookView = {
  /** Entries posted so far, and the hash of the last. */
  readonly count: number;
  readonly head: string;
  readonly closed: ReadonlySet<IsoMonth>;
  /** Balances by account, party and document; debits are positive. */
  readonly balances: ReadonlyMap<string, Balance>;
  /** Entries by their key, of the keys that are to be posted. */
  readonly byKey: ReadonlyMap<string, Entry>;
  /** Documents that an entry has opened. */
  readonly opened: ReadonlySet<string>;
  /** Number of an entry → number of the one that reversed it. */
  readonly reversed: ReadonlyMap<number, number>;
};
/** What stands on an account for one party and document. */
export type Balance = { readonly ref: AccountRef; readonly fen: Fen };

/** The book of one organisation, whole. */
export type Book = BookView & {
  readonly organisation: string;
  readonly entries: readonly Entry[];
  readonly periods: readonly PeriodDecision[];
};

/** Transfers of one entry at most. */
export const TRANSFERS_MAX = 10_000;
/** Fen of one transfer at most: what the database's integers hold. */
export const TRANSFER_FEN_MAX = 2n ** 62n;
/** The hash before the first entry. */
export const FIRST_HASH = '0'.repeat(64);

/** A book without entries. */
export function newBook(organisation: string): Book {
  return {
    organisation,
    entries: [],
    periods: [],
    count: 0,
    head: FIRST_HASH,
    closed: new Set(),
    balances: new Map(),
    byKey: new Map(),
    opened: new Set(),
    reversed: new Map(),
  };
}

/** Entries in the order of their drafts; those that were there before are marked. */
export type Placed = { readonly entry: Entry; readonly repeated: boolean };

/** Turns drafts into entries on top of a book: all of them or none. */
export function place(
  view: BookView,
  drafts: readonly EntryDraft[],
  cryptography: Cryptography,
): Outcome<readonly Placed[]> {
  const working = workingOn(view);
  const placed: Placed[] = [];
  for (const draft of drafts) {
    const digest = digestJson(cryptography, draft);
    const known = working.byKey.get(draft.key);
    if (known !== undefined) {
      if (known.digest !== digest) {
        return refused(finding('mismatched_key', 'error', { facts: { key: draft.key } }));
      }
      placed.push({ entry: known, repeated: true });
      continue;
    }
    const guarded = guardedAfter(working, draft);
    const findings = [...checkDraft(draft), ...checkAgainst(working, draft, guarded)];
    if (findings.length > 0) return refused(...findings);
    const number = working.count + 1;
    const previous = working.head;
    const hash = entryHash(cryptography, { number, digest, previous });
    const entry: Entry = { ...draft, number, digest, previous, hash };
    remember(working, entry);
    // Of accounts without a guard no draft after this one asks.
    for (const [account, balance] of guarded) working.balances.set(account, balance);
    placed.push({ entry, repeated: false });
  }
  return accepted(placed);
}

type Working = {
  count: number;
  head: string;
  readonly closed: ReadonlySet<IsoMonth>;
  readonly balances: Map<string, Balance>;
  readonly byKey: Map<string, Entry>;
  readonly opened: Set<string>;
  readonly reversed: Map<number, number>;
};

function workingOn(view: BookView): Working {
  return {
    count: view.count,
    head: view.head,
    closed: view.closed,
    balances: new Map(view.balances),
    byKey: new Map(view.byKey),
    opened: new Set(view.opened),
    reversed: new Map(view.reversed),
  };
}

function remember(working: Working, entry: Entry): void {
  working.count = entry.number;
  working.head = entry.hash;
  working.byKey.set(entry.key, entry);
  if (entry.opens !== undefined) working.opened.add(entry.opens.item);
  if (entry.reverses !== undefined) working.reversed.set(entry.reverses, entry.number);
}

/** Posts entries one after the other, all or none; the book before stays as it was. */
export function postAll(
  book: Book,
  drafts: readonly EntryDraft[],
  cryptography: Cryptography,
): Outcome<{ readonly book: Book; readonly placed: readonly Placed[] }> {
  const outcome = place(book, drafts, cryptography);
  if (!outcome.ok) return outcome;
  const fresh = outcome.value.flatMap(({ entry, repeated }) => (repeated ? [] : [entry]));
  return accepted({ book: withEntries(book, fresh), placed: outcome.value });
}

/** Posts one entry. */
export function post(
  book: Book,
  draft: EntryDraft,
  cryptography: Cryptography,
): Outcome<Placed & { readonly book: Book }> {
  const outcome = postAll(book, [draft], cryptography);
  if (!outcome.ok) return outcome;
  return accepted({ ...outcome.value.placed[0]!, book: outcome.value.book });
}

/** A book from entries and decisions that were kept elsewhere; {@link checkBook} judges it. */
export function bookFrom(
  organisation: string,
  entries: readonly Entry[],
  periods: readonly PeriodDecision[],
): Book {
  return withPeriods(withEntries(newBook(organisation), entries), periods);
}

function withEntries(book: Book, fresh: readonly Entry[]): Book {
  const working = workingOn(book);
  for (const entry of fresh) {
    remember(working, entry);
    applyTransfers(working.balances, entry.transfers);
  }
  return { ...book, ...working, entries: [...book.entries, ...fresh] };
}

function withPeriods(book: Book, periods: readonly PeriodDecision[]): Book {
  const months = new Set(periods.map((each) => each.month));
  const closed = new Set([...months].filter((month) => isClosed(periods, month)));
  return { ...book, periods, closed };
}

/** The hash of an entry: over its number, the digest of its contents and the hash before. */
export function entryHash(
  cryptography: Cryptography,
  { number, digest, previous }: Pick<Entry, 'number' | 'digest' | 'previous'>,
): string {
  return digestJson(cryptography, { number, digest, previous });
}

/** What is wrong with a draft by itself. */
export function checkDraft(draft: EntryDraft): Finding[] {
  const findings: Finding[] = [];
  const at = { key: draft.key };
  const add = (code: string, facts = {}) => findings.push(finding(code, 'error', { facts, at }));
  if (draft.key === '' || draft.key.length > 300) add('invalid_key', { key: draft.key });
  if (!isIsoDate(draft.date)) add('invalid_date', { text: draft.date });
  if (draft.transfers.length === 0) add('empty_entry');
  if (draft.transfers.length > TRANSFERS_MAX) add('excessive_transfers', { limit: TRANSFERS_MAX });
  for (const { debit, credit, fen } of draft.transfers) {
    if (fen <= 0n || fen > TRANSFER_FEN_MAX) add('invalid_amount', { amount: String(fen) });
    if (!isAccount(debit.account)) add('unknown_account', { account: debit.account });
    if (!isAccount(credit.account)) add('unknown_account', { account: credit.account });
    if (sameAccount(debit, credit)) add('circular_transfer', { account: debit.account });
  }
  return findings;
}

const KNOWN_ACCOUNTS: ReadonlySet<string> = new Set(ACCOUNT_NAMES);
const isAccount = (name: string): boolean => KNOWN_ACCOUNTS.has(name);

function sameAccount(a: AccountRef, b: AccountRef): boolean {
  return a.account === b.account && a.party === b.party && a.item === b.item;
}

function checkAgainst(
  view: BookView,
  draft: EntryDraft,
  guarded: ReadonlyMap<string, Balance>,
): Finding[] {
  if (!isIsoDate(draft.date)) return [];
  const at = { key: draft.key };
  const month = monthOf(draft.date);
  if (view.closed.has(month)) {
    return [finding('closed_period', 'error', { facts: { month }, at })];
  }
  const findings: Finding[] = [];
  const { reverses, restates, opens } = draft;
  for (const number of [reverses, restates]) {
    if (number !== undefined && !(number >= 1 && number <= view.count)) {
      findings.push(finding('missing_entry', 'error', { facts: { number }, at }));
    }
  }
  const other = reverses === undefined ? undefined : view.reversed.get(reverses);
  if (other !== undefined) {
    const facts = { number: reverses!, other };
    findings.push(finding('duplicate_reversal', 'error', { facts, at }));
  }
  if (opens !== undefined && view.opened.has(opens.item)) {
    findings.push(finding('duplicate_item', 'error', { facts: { item: opens.item }, at }));
  }
  return [...findings, ...overdrawn(guarded, draft.key)];
}

/** What stands on the guarded accounts that a draft touches, once it is posted. */
function guardedAfter(view: BookView, { transfers }: EntryDraft): Map<string, Balance> {
  const after = new Map<string, Balance>();
  const touch = (ref: AccountRef, fen: Fen) => {
    if (CHART[ref.account]?.guarded !== true) return;
    const key = accountKey(ref);
    const before = after.get(key)?.fen ?? view.balances.get(key)?.fen ?? 0n;
    after.set(key, { ref, fen: before + fen });
  };
  for (const { debit, credit, fen } of transfers) {
    touch(debit, fen);
    touch(credit, -fen);
  }
  return after;
}

/** A guarded document never turns to the other side: an overpayment is an advance. */
function overdrawn(guarded: ReadonlyMap<string, Balance>, draftKey: string): Finding[] {
  const findings: Finding[] = [];
  for (const { ref, fen } of guarded.values()) {
    if (CHART[ref.account].side === 'debit' ? fen >= 0n : fen <= 0n) continue;
    const facts = {
      account: ref.account,
      party: ref.party ?? null,
      item: ref.item ?? null,
      amount: String(fen < 0n ? -fen : fen),
    };
    findings.push(finding('overdrawn_account', 'error', { facts, at: { key: draftKey } }));
  }
  return findings;
}

function applyTransfers(balances: Map<string, Balance>, transfers: readonly Transfer[]): void {
  const add = (ref: AccountRef, fen: Fen) => {
    const key = accountKey(ref);
    const sum = (balances.get(key)?.fen ?? 0n) + fen;
    if (sum === 0n) balances.delete(key);
    else balances.set(key, { ref, fen: sum });
  };
  for (const { debit, credit, fen } of transfers) {
    add(debit, fen);
    add(credit, -fen);
  }
}

/** The opposite of an entry, in an open period; what it opened is closed with it. */
export function reversalOf(
  entry: Entry,
  on: { key: string; date: IsoDate; memo: string },
): EntryDraft {
  return {
    ...on,
    kind: 'reversal',
    transfers: entry.transfers.map(({ debit, credit, fen }) => ({
      debit: credit,
      credit: debit,
      fen,
    })),
    reverses: entry.number,
  };
}

/** What stands on an account, summed over parties and documents that are not named. */
export function balanceOf(book: Book, wanted: Partial<AccountRef>): Fen {
  let sum = 0n;
  for (const { ref, fen } of book.balances.values()) {
    if (wanted.account !== undefined && ref.account !== wanted.account) continue;
    if (wanted.party !== undefined && ref.party !== wanted.party) continue;
    if (wanted.item !== undefined && ref.item !== wanted.item) continue;
    sum += fen;
  }
  return sum;
}

/** One account of a trial balance. */
export type TrialLine = {
  readonly account: AccountName;
  readonly debitFen: Fen;
  readonly creditFen: Fen;
  readonly balanceFen: Fen;
};

/** Debits and credits of every account over days, from the entries themselves. */
export function trialBalance(
  entries: readonly Entry[],
  days: { from?: IsoDate; to?: IsoDate } = {},
): TrialLine[] {
  const sums = new Map<AccountName, { debit: Fen; credit: Fen }>();
  for (const entry of entries) {
    if (days.from !== undefined && entry.date < days.from) continue;
    if (days.to !== undefined && entry.date > days.to) continue;
    for (const { debit, credit, fen } of entry.transfers) {
      for (const [side, { account }] of [
        ['debit', debit],
        ['credit', credit],
      ] as const) {
        const sum = sums.get(account) ?? { debit: 0n, credit: 0n };
        sum[side] += fen;
        sums.set(account, sum);
      }
    }
  }
  return ACCOUNT_NAMES.flatMap((account) => {
    const sum = sums.get(account);
    if (sum === undefined) return [];
    const { debit, credit } = sum;
    return [{ account, debitFen: debit, creditFen: credit, balanceFen: debit - credit }];
  });
}

/** Whether a month is closed by the decisions so far. */
export function isClosed(periods: readonly PeriodDecision[], month: IsoMonth): boolean {
  return periods.findLast((each) => each.month === month)?.to === 'closed';
}

/** Closes a month for good, or until two persons open it again. */
export function closePeriod(
  book: Book,
  { month, by, on }: { month: IsoMonth; by: string; on: IsoDate },
  cryptography: Cryptography,
): Outcome<{ readonly book: Book; readonly seal: PeriodSeal }> {
  if (isClosed(book.periods, month)) {
    return refused(finding('closed_period', 'error', { facts: { month } }));
  }
  if (monthOf(on) <= month) {
    return refused(finding('unfinished_period', 'error', { facts: { month, on } }));
  }
  const earlier = book.entries.find(
    (each) => monthOf(each.date) < month && !isClosed(book.periods, monthOf(each.date)),
  );
  if (earlier !== undefined) {
    const facts = { month, earlier: monthOf(earlier.date) };
    return refused(finding('unclosed_period', 'error', { facts }));
  }
  const seal = { ...sealOf(book.entries, month, cryptography), by, on };
  const periods = [...book.periods, { to: 'closed' as const, ...seal }];
  return accepted({ book: withPeriods(book, periods), seal });
}

/** What a month holds, as its seal says it. */
export function sealOf(
  entries: readonly Entry[],
  month: IsoMonth,
  cryptography: Cryptography,
): Omit<PeriodSeal, 'by' | 'on'> {
  const inside = entries.filter((each) => monthOf(each.date) === month);
  const leaves = inside.map((each) => merkleLeafHash(cryptography, fromHex(each.hash)));
  const turnoverFen = inside.reduce(
    (left, each) => left + each.transfers.reduce((sum, { fen }) => sum + fen, 0n),
    0n,
  );
  const root = toHex(merkleRoot(cryptography, leaves));
  return { month, entries: inside.length, turnoverFen, root };
}

/** Opens a closed month again. Later closed months keep it shut: they are opened first. */
export function reopenPeriod(
  book: Book,
  decision: { month: IsoMonth; on: IsoDate; by: string; second: string; reason: string },
): Outcome<Book> {
  const { month, by, second, reason } = decision;
  if (!isClosed(book.periods, month))
    return refused(finding('open_period', 'error', { facts: { month } }));
  if (reason.trim() === '') return refused(finding('missing_reason', 'error'));
  if (by === second) return refused(finding('missing_second', 'error', { facts: { by } }));
  const later = book.periods.find(
    (each) => each.month > month && isClosed(book.periods, each.month),
  );
  if (later !== undefined) {
    const facts = { month, later: later.month };
    return refused(finding('later_period_closed', 'error', { facts }));
  }
  return accepted(withPeriods(book, [...book.periods, { to: 'open', ...decision }]));
}

/**
 * Recomputes a book from its entries: digests, the chain, balances, seals. Whoever holds the
 * entries can do this; an empty list means that nothing was changed, removed or put between.
 */
export function checkBook(book: Book, cryptography: Cryptography): Finding[] {
  const findings: Finding[] = [];
  let previous = FIRST_HASH;
  const balances = new Map<string, Balance>();
  for (const [index, entry] of book.entries.entries()) {
    const { number, digest, previous: before, hash, ...draft } = entry;
    const at = { entry: index + 1 };
    if (number !== index + 1)
      findings.push(finding('missing_entry', 'error', { at, facts: { number } }));
    const same =
      digestJson(cryptography, draft) === digest &&
      before === previous &&
      entryHash(cryptography, { number, digest, previous: before }) === hash;
    if (!same) findings.push(finding('mismatched_chain', 'error', { at, facts: { number } }));
    findings.push(...checkDraft(draft));
    previous = hash;
    applyTransfers(balances, entry.transfers);
  }
  for (const [key, { fen }] of balances) {
    if (book.balances.get(key)?.fen !== fen) {
      findings.push(
        finding('mismatched_balance', 'error', { facts: { account: key, amount: String(fen) } }),
      );
    }
  }
  if (balances.size !== book.balances.size) {
    findings.push(finding('mismatched_balance', 'error', { facts: { account: '', amount: '' } }));
  }
  return [...findings, ...checkSeals(book, cryptography)];
}

function checkSeals(book: Book, cryptography: Cryptography): Finding[] {
  return book.periods.flatMap((decision, index) => {
    // A month that was opened again later may hold more than its first seal says.
    const last = book.periods.findLastIndex((each) => each.month === decision.month);
    if (decision.to !== 'closed' || last !== index) return [];
    const found = sealOf(book.entries, decision.month, cryptography);
    return found.root === decision.root && found.turnoverFen === decision.turnoverFen
      ? []
      : [finding('mismatched_seal', 'error', { facts: { month: decision.month } })];
  });
}
