import { nodeCryptography } from '@yinglian/host';
import { type Fen, type IsoDate, type IsoMonth, type Outcome } from '@yinglian/core';
import {
  accountKey,
  type AccountName,
  type AccountRef,
  type Balance,
  type BookView,
  type Entry,
  type EntryDraft,
  type EntryKind,
  type OpenItem,
  type PeriodDecision,
  place,
  type Placed,
  type Transfer,
} from '@yinglian/ledger';
import { type RawBuilder, sql } from 'kysely';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { invalid } from '../kernel/refusal.ts';

/** Entries read at once; each has a few transfers. */
const ENTRIES_A_READ = 2000;

export type StoredEntry = Entry & { readonly postedAt: Date };

type BalanceRow = { account: string; party: string; item: string; fen: string };

type EntryRow = {
  number: bigint;
  key: string;
  kind: string;
  date: string;
  memo: string;
  opens_item: string | null;
  due_on: string | null;
  reverses: bigint | null;
  restates: bigint | null;
  digest: string;
  previous: string;
  hash: string;
  posted_at: Date;
  transfers: [string, string, string, string, string, string, string][];
};

const ENTRY_COLUMNS = sql`e.number, e.key, e.kind, e.date, e.memo, e.opens_item, e.due_on,
  e.reverses, e.restates, e.digest, e.previous, e.hash, e.posted_at,
  (select json_agg(json_build_array(t.debit_account, t.debit_party, t.debit_item,
      t.credit_account, t.credit_party, t.credit_item, t.fen::text) order by t.line)
    from settlement.book_transfer t
    where t.organisation_id = e.organisation_id and t.number = e.number) as transfers`;

const refOf = (account: string, party: string, item: string): AccountRef => ({
  account: account as AccountName,
  ...(party === '' ? {} : { party }),
  ...(item === '' ? {} : { item }),
});

function entryOf(row: EntryRow): StoredEntry {
  return {
    key: row.key,
    kind: row.kind as EntryKind,
    date: row.date,
    memo: row.memo,
    transfers: row.transfers.map(([da, dp, di, ca, cp, ci, fen]) => ({
      debit: refOf(da, dp, di),
      credit: refOf(ca, cp, ci),
      fen: BigInt(fen),
    })),
    ...(row.opens_item === null ? {} : { opens: { item: row.opens_item, dueOn: row.due_on! } }),
    ...(row.reverses === null ? {} : { reverses: Number(row.reverses) }),
    ...(row.restates === null ? {} : { restates: Number(row.restates) }),
    number: Number(row.number),
    digest: row.digest,
    previous: row.previous,
    hash: row.hash,
    postedAt: row.posted_at,
  };
}

export type EntryListing = {
  readonly organisationId: string;
  readonly item?: string | undefined;
  /** Newest first, below this number. */
  readonly below?: number | undefined;
  readonly limit: number;
};

export async function listEntries(
  database: Queryable,
  { organisationId, item, below, limit }: EntryListing,
): Promise<StoredEntry[]> {
  const result = await sql<EntryRow>`
    select ${ENTRY_COLUMNS} from settlement.book_entry e
    where e.organisation_id = ${organisationId}
      and ${below === undefined ? sql`true` : sql`e.number < ${below}`}
      and ${
        item === undefined
          ? sql`true`
          : sql`exists (select 1 from settlement.book_transfer t
              where t.organisation_id = e.organisation_id and t.number = e.number
                and ${item} in (t.debit_item, t.credit_item))`
      }
    order by e.number desc limit ${limit}`.execute(database);
  return result.rows.map(entryOf);
}

/** All entries in their order, for whoever recomputes the book. */
export async function readBook(database: Queryable, organisationId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const after = entries.length;
    const result = await sql<EntryRow>`
      select ${ENTRY_COLUMNS} from settlement.book_entry e
      where e.organisation_id = ${organisationId} and e.number > ${after}
      order by e.number limit ${ENTRIES_A_READ}`.execute(database);
    for (const row of result.rows) {
      const { postedAt: _, ...entry } = entryOf(row);
      entries.push(entry);
    }
    if (result.rows.length < ENTRIES_A_READ) return entries;
  }
}

export async function readPeriods(
  database: Queryable,
  organisationId: string,
): Promise<PeriodDecision[]> {
  const result = await sql<{
    month: string;
    state: string;
    decided_by: string;
    second: string | null;
    reason: string | null;
    decided_on: string;
    entries: bigint | null;
    turnover_fen: string | null;
    root: string | null;
  }>`select month, state, decided_by, second, reason, decided_on, entries,
      turnover_fen::text as turnover_fen, root
    from settlement.book_period where organisation_id = ${organisationId}
    order by sequence`.execute(database);
  return result.rows.map((row) =>
    row.state === 'closed'
      ? {
          to: 'closed',
          month: row.month,
          by: row.decided_by,
          on: row.decided_on,
          entries: Number(row.entries),
          turnoverFen: BigInt(row.turnover_fen ?? '0'),
          root: row.root ?? '',
        }
      : {
          to: 'open',
          month: row.month,
          by: row.decided_by,
          on: row.decided_on,
          second: row.second ?? '',
          reason: row.reason ?? '',
        },
  );
}

export async function insertPeriod(
  transaction: Transaction,
  organisationId: string,
  decision: PeriodDecision,
): Promise<void> {
  const seal = decision.to === 'closed' ? decision : undefined;
  const opened = decision.to === 'open' ? decision : undefined;
  await sql`insert into settlement.book_period (organisation_id, sequence, month, state, decided_by,
      second, reason, decided_on, entries, turnover_fen, root)
    select ${organisationId}::uuid, coalesce(max(sequence), 0) + 1, ${decision.month},
      ${decision.to}, ${decision.by}, ${opened?.second ?? null}, ${opened?.reason ?? null},
      ${decision.on}::date, ${seal?.entries ?? null}::bigint,
      ${seal === undefined ? null : String(seal.turnoverFen)}::numeric, ${seal?.root ?? null}
    from settlement.book_period where organisation_id = ${organisationId}::uuid`.execute(
    transaction,
  );
}

/** Locks the book until the commit: one poster at a time, so that numbers have no gaps. */
export async function lockBook(
  transaction: Transaction,
  organisationId: string,
): Promise<{ readonly count: number; readonly head: string }> {
  const lock = sql<{ entry_count: bigint; head: string }>`
    select entry_count, head from settlement.book where organisation_id = ${organisationId}
    for update`;
  let [row] = (await lock.execute(transaction)).rows;
  if (row === undefined) {
    await sql`insert into settlement.book (organisation_id) values (${organisationId})
      on conflict do nothing`.execute(transaction);
    [row] = (await lock.execute(transaction)).rows;
  }
  return { count: Number(row!.entry_count), head: row!.head };
}

export type Touched = {
  readonly items: readonly string[];
  readonly keys: readonly string[];
  /** Numbers of entries that may be reversed. */
  readonly reverses?: readonly number[];
};

/** The part of the book that these documents and keys touch; what is not asked is not read. */
export async function readView(
  database: Queryable,
  organisationId: string,
  state: { readonly count: number; readonly head: string },
  { items, keys, reverses = [] }: Touched,
): Promise<BookView> {
  const rowsOf = async <Row>(asked: readonly unknown[], query: RawBuilder<Row>): Promise<Row[]> =>
    asked.length === 0 ? [] : (await query.execute(database)).rows;
  const balances = await rowsOf(
    items,
    sql<BalanceRow>`select account, party, item, fen::text as fen
    from settlement.book_balance
    where organisation_id = ${organisationId} and item = any(${[...items]}::text[])
      and fen <> 0`,
  );
  const entries = await rowsOf(
    keys,
    sql<EntryRow>`select ${ENTRY_COLUMNS} from settlement.book_entry e
    where e.organisation_id = ${organisationId} and e.key = any(${[...keys]}::text[])`,
  );
  const opened = await rowsOf(
    items,
    sql<{ item: string }>`select opens_item as item from settlement.book_entry
    where organisation_id = ${organisationId} and opens_item = any(${[...items]}::text[])`,
  );
  const reversed = await rowsOf(
    reverses,
    sql<{ reverses: bigint; number: bigint }>`select reverses, number from settlement.book_entry
    where organisation_id = ${organisationId} and reverses = any(${[...reverses]}::bigint[])`,
  );
  const closed = await sql<{ month: string }>`
    select month from (select distinct on (month) month, state from settlement.book_period
      where organisation_id = ${organisationId} order by month, sequence desc) latest
    where state = 'closed'`.execute(database);
  return {
    ...state,
    closed: new Set<IsoMonth>(closed.rows.map((row) => row.month)),
    balances: new Map(
      balances.map((row): [string, Balance] => {
        const ref = refOf(row.account, row.party, row.item);
        return [accountKey(ref), { ref, fen: BigInt(row.fen) }];
      }),
    ),
    byKey: new Map(
      entries.map((row): [string, Entry] => {
        const { postedAt: _, ...entry } = entryOf(row);
        return [entry.key, entry];
      }),
    ),
    opened: new Set(opened.map((row) => row.item)),
    reversed: new Map(
      reversed.map((row): [number, number] => [Number(row.reverses), Number(row.number)]),
    ),
  };
}

export type Posting = {
  readonly organisationId: string;
  readonly userId: string | null;
} & Touched;

/**
 * Posts what `make` draws up from the book as it is now. The whole of it happens under the book's
 * lock and in the caller's transaction, so that a document and its entry are one change.
 */
export async function postInBook(
  transaction: Transaction,
  posting: Posting,
  make: (view: BookView) => Outcome<readonly EntryDraft[]>,
): Promise<readonly Placed[]> {
  const { organisationId, userId } = posting;
  const state = await lockBook(transaction, organisationId);
  const view = await readView(transaction, organisationId, state, posting);
  const drafts = make(view);
  if (!drafts.ok) throw invalid(...drafts.findings);
  const placed = place(view, drafts.value, nodeCryptography);
  if (!placed.ok) throw invalid(...placed.findings);
  const fresh = placed.value.flatMap(({ entry, repeated }) => (repeated ? [] : [entry]));
  if (fresh.length > 0) await insertEntries(transaction, { organisationId, userId }, fresh);
  return placed.value;
}

/**
 * PostgreSQL's text of an array. The driver's own makes two passes with regular expressions over
 * each of the tens of thousands of values of a batch, most of which need no escape.
 */
function arrayText(values: readonly (string | number | null)[]): string {
  let text = '';
  for (const value of values) {
    const element = typeof value === 'string' ? quoted(value) : String(value);
    text += text === '' ? element : `,${element}`;
  }
  return `{${text}}`;
}

const ESCAPED = /["\\]/g;
const quoted = (text: string): string =>
  text.includes('"') || text.includes('\\') ? `"${text.replace(ESCAPED, '\\$&')}"` : `"${text}"`;

/** Entries and their transfers in two statements, however many they are. */
export async function insertEntries(
  transaction: Transaction,
  { organisationId, userId }: { readonly organisationId: string; readonly userId: string | null },
  entries: readonly Entry[],
): Promise<void> {
  const column = (pick: (entry: Entry) => string | number | null) => arrayText(entries.map(pick));
  // The columns of the transfers are written while the database takes the entries.
  const taken =
    sql`insert into settlement.book_entry (organisation_id, number, key, kind, date, memo,
      opens_item, due_on, reverses, restates, digest, previous, hash, posted_by)
    select ${organisationId}::uuid, entry.*, ${userId}::uuid from unnest(
      ${column((e) => e.number)}::bigint[], ${column((e) => e.key)}::text[],
      ${column((e) => e.kind)}::text[], ${column((e) => e.date)}::date[],
      ${column((e) => e.memo)}::text[], ${column((e) => e.opens?.item ?? null)}::text[],
      ${column((e) => e.opens?.dueOn ?? null)}::date[],
      ${column((e) => e.reverses ?? null)}::bigint[],
      ${column((e) => e.restates ?? null)}::bigint[],
      ${column((e) => e.digest)}::text[], ${column((e) => e.previous)}::text[],
      ${column((e) => e.hash)}::text[]) as entry`.execute(transaction);
  const numbers = entries.flatMap((entry) => entry.transfers.map(() => entry.number));
  const lines = entries.flatMap((entry) => entry.transfers.map((_, index) => index + 1));
  const transfers = entries.flatMap((entry) => entry.transfers);
  const part = (pick: (transfer: Transfer) => string) => arrayText(transfers.map(pick));
  const last = entries.at(-1)!;
  const moved = sql`with moved as (insert into settlement.book_transfer
    select ${organisationId}::uuid, line.* from unnest(
      ${arrayText(numbers)}::bigint[], ${arrayText(lines)}::integer[],
      ${part((t) => t.debit.account)}::text[], ${part((t) => t.debit.party ?? '')}::text[],
      ${part((t) => t.debit.item ?? '')}::text[],
      ${part((t) => t.credit.account)}::text[], ${part((t) => t.credit.party ?? '')}::text[],
      ${part((t) => t.credit.item ?? '')}::text[],
      ${part((t) => String(t.fen))}::bigint[]) as line)
    update settlement.book set entry_count = ${last.number}, head = ${last.hash}
    where organisation_id = ${organisationId}`;
  await taken;
  await moved.execute(transaction);
}

/** Documents with something left on a day, summed by the database. */
export async function readOpenItems(
  database: Queryable,
  organisationId: string,
  asOf: IsoDate,
): Promise<OpenItem[]> {
  const result = await sql<{
    side: 'receivable' | 'payable';
    party: string;
    item: string;
    opened_on: string;
    due_on: string;
    amount: string;
    open: string;
    disputed: string;
  }>`
    with sides as (
      select e.date, e.opens_item, e.due_on, t.debit_account as account, t.debit_party as party,
        t.debit_item as item, t.fen
      from settlement.book_transfer t join settlement.book_entry e using (organisation_id, number)
      where t.organisation_id = ${organisationId} and e.date <= ${asOf}::date
      union all
      select e.date, e.opens_item, e.due_on, t.credit_account, t.credit_party, t.credit_item, -t.fen
      from settlement.book_transfer t join settlement.book_entry e using (organisation_id, number)
      where t.organisation_id = ${organisationId} and e.date <= ${asOf}::date
    ), signed as (
      select *, left(account, 7) = 'payable' as owed,
        case when left(account, 7) = 'payable' then -fen else fen end as due from sides
      where account in ('receivable', 'receivable_disputed', 'payable', 'payable_disputed')
    ), items as (
      select case when owed then 'payable' else 'receivable' end as side, party, item,
        min(date) as opened_on,
        coalesce(max(due_on) filter (where opens_item = item), min(date)) as due_on,
        coalesce(sum(due) filter (where opens_item = item and due > 0), 0) as amount,
        coalesce(sum(due) filter (where right(account, 8) <> 'disputed'), 0) as open,
        coalesce(sum(due) filter (where right(account, 8) = 'disputed'), 0) as disputed
      from signed group by owed, party, item
    )
    select side, party, item, opened_on, due_on, amount::text, open::text, disputed::text
    from items where open <> 0 or disputed <> 0 order by due_on, item`.execute(database);
  return result.rows.map((row) => ({
    item: row.item,
    side: row.side,
    party: row.party === '' ? undefined : row.party,
    openedOn: row.opened_on,
    dueOn: row.due_on,
    amountFen: BigInt(row.amount),
    openFen: BigInt(row.open),
    disputedFen: BigInt(row.disputed),
  }));
}

/** Debits and credits by account over days, summed by the database. */
export async function readTrialBalance(
  database: Queryable,
  organisationId: string,
  days: { readonly from?: IsoDate | undefined; readonly to?: IsoDate | undefined },
): Promise<{ account: AccountName; debitFen: Fen; creditFen: Fen }[]> {
  const inDays = sql`e.organisation_id = ${organisationId}
    and ${days.from === undefined ? sql`true` : sql`e.date >= ${days.from}::date`}
    and ${days.to === undefined ? sql`true` : sql`e.date <= ${days.to}::date`}`;
  const result = await sql<{ account: string; debit: string; credit: string }>`
    select account, sum(debit)::text as debit, sum(credit)::text as credit from (
      select t.debit_account as account, t.fen as debit, 0 as credit
      from settlement.book_transfer t join settlement.book_entry e using (organisation_id, number)
      where ${inDays}
      union all
      select t.credit_account, 0, t.fen
      from settlement.book_transfer t join settlement.book_entry e using (organisation_id, number)
      where ${inDays}
    ) sides group by account`.execute(database);
  return result.rows.map((row) => ({
    account: row.account as AccountName,
    debitFen: BigInt(row.debit),
    creditFen: BigInt(row.credit),
  }));
}

/** The kept balances, for whoever compares them with the sums of the entries. */
export async function readBalances(
  database: Queryable,
  organisationId: string,
): Promise<Map<string, Balance>> {
  const result = await sql<BalanceRow>`
    select account, party, item, fen::text as fen from settlement.book_balance
    where organisation_id = ${organisationId} and fen <> 0`.execute(database);
  return new Map(
    result.rows.map((row): [string, Balance] => {
      const ref = refOf(row.account, row.party, row.item);
      return [accountKey(ref), { ref, fen: BigInt(row.fen) }];
    }),
  );
}
