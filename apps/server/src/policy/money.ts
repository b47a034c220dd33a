import {
  enter,
  type LedgerBalances,
  type LedgerEntry,
  ledgerSides,
  yearTotals,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { conflict } from '../kernel/refusal.ts';
import { tables } from './repository.ts';

/** Who enters it, when and with what note. */
export type EntryNote = {
  readonly by: { readonly id: string; readonly name: string } | undefined;
  readonly at: Date;
  readonly note: string;
  /** The claim of the entry is a bid of an open call. */
  readonly opencall?: boolean;
};

/**
 * Enters a move into a department's ledger. The department's row is locked until the transaction
 * ends, so that two who want the last yuan come one after the other.
 */
export async function enterLedger(
  transaction: Transaction,
  departmentId: string,
  entry: LedgerEntry,
  { by, at, note, opencall = false }: EntryNote,
): Promise<void> {
  await lockDepartment(transaction, departmentId);
  const entered = enter(await readBalances(transaction, departmentId), entry);
  if (!entered.ok) throw conflict(...entered.findings);
  for (const account of new Set(Object.values(ledgerSides(entry)))) {
    const fen = entered.value.get(account) ?? 0n;
    await sql`
      insert into policy.balance (department_id, account, fen)
      values (${departmentId}, ${account}, ${fen})
      on conflict (department_id, account) do update set fen = excluded.fen
    `.execute(transaction);
  }
  const last = await tables(transaction)
    .selectFrom('policy.entry')
    .select('number')
    .where('department_id', '=', departmentId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  await tables(transaction)
    .insertInto('policy.entry')
    .values({
      department_id: departmentId,
      number: (last?.number ?? 0) + 1,
      year: entry.year,
      to_year: entry.toYear ?? null,
      move: entry.move,
      fen: entry.fen,
      claim_id: opencall ? null : (entry.claim ?? null),
      opencall_bid_id: opencall ? (entry.claim ?? null) : null,
      by_name: by?.name ?? '',
      by_id: by?.id ?? null,
      at,
      note,
    })
    .execute();
}

/** Until the transaction ends nobody else moves money or proposes for this department. */
export async function lockDepartment(
  transaction: Transaction,
  departmentId: string,
): Promise<void> {
  await sql`
    select 1 from policy.department where organisation_id = ${departmentId} for update
  `.execute(transaction);
}

async function readBalances(database: Queryable, departmentId: string): Promise<LedgerBalances> {
  const rows = await tables(database)
    .selectFrom('policy.balance')
    .select(['account', 'fen'])
    .where('department_id', '=', departmentId)
    .execute();
  return new Map(rows.map(({ account, fen }) => [account, fen]));
}

/** What a year has in each account, as texts of fen. */
export async function readTotals(database: Queryable, departmentId: string, year: number) {
  const totals = yearTotals(await readBalances(database, departmentId), year);
  return {
    treasury: String(totals.treasury),
    available: String(totals.available),
    reserved: String(totals.reserved),
    committed: String(totals.committed),
    paid: String(totals.paid),
    recovered: String(totals.recovered),
  };
}

/** How many entries a year has. */
export async function countEntries(
  database: Queryable,
  departmentId: string,
  year: number,
): Promise<number> {
  const row = await tables(database)
    .selectFrom('policy.entry')
    .select(({ fn }) => fn.countAll<bigint>().as('entries'))
    .where('department_id', '=', departmentId)
    .where((where) => where.or([where('year', '=', year), where('to_year', '=', year)]))
    .executeTakeFirst();
  return Number(row?.entries ?? 0n);
}

/** The entries of a year, the latest first; all of them where no limit is given. */
export async function listEntries(
  database: Queryable,
  departmentId: string,
  year: number,
  limit?: number,
) {
  const entries = tables(database)
    .selectFrom('policy.entry')
    .selectAll()
    .where('department_id', '=', departmentId)
    .where((where) => where.or([where('year', '=', year), where('to_year', '=', year)]))
    .orderBy('number', 'desc');
  const rows = await (limit === undefined ? entries : entries.limit(limit)).execute();
  return rows.map((row) => ({
    number: row.number,
    move: row.move,
    fen: String(row.fen),
    claimId: row.claim_id,
    by: row.by_name,
    at: row.at.toISOString(),
    note: row.note,
  }));
}
