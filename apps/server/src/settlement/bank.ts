import { decodeText } from '@yinglian/boxoffice';
import type { bankLineSchema } from '@yinglian/contract';
import { accepted, type Finding, finding } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  type BankLine,
  matchBankLines,
  type OpenItem,
  type PartyBook,
  paymentEntry,
  readBankFile,
} from '@yinglian/ledger';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable, Transaction } from '../kernel/database/database.ts';
import type { ReadStoredFile } from '../kernel/files/read.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid } from '../kernel/refusal.ts';
import { jsonText, type Write } from '../kernel/write.ts';
import { postInBook, readOpenItems } from './book-repository.ts';
import { businessDay } from './policy.ts';

export type BankLineRecord = z.output<typeof bankLineSchema>;
type Suggestion = NonNullable<BankLineRecord['suggestion']>;

/** A year of a busy account is a few megabytes. */
const BANK_FILE_BYTES_MAX = 32 * 1024 * 1024;

export type BankParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly newId: () => string;
  readonly now: () => Date;
};

type Row = {
  id: string;
  serial: string;
  line: number;
  date: string;
  fen: bigint;
  counterparty: string;
  account: string;
  memo: string;
  state: 'open' | 'posted';
  entry_number: bigint | null;
  suggestion: Suggestion | null;
};

const recordOf = (row: Row): BankLineRecord => ({
  id: row.id,
  serial: row.serial,
  line: row.line,
  date: row.date,
  fen: String(row.fen),
  counterparty: row.counterparty,
  account: row.account,
  memo: row.memo,
  state: row.state,
  entry: row.entry_number === null ? null : Number(row.entry_number),
  suggestion: row.suggestion,
});

/** The bank's account statement: imported once however often, matched, posted by a person. */
export function createBank(parts: BankParts) {
  const { database, write, requireAccess, readFile, newId, now } = parts;

  return {
    async importFile(
      context: Context,
      fileId: string,
    ): Promise<{ lines: number; fresh: number; findings: readonly Finding[] }> {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      const file = await readFile(context, fileId, BANK_FILE_BYTES_MAX);
      const text = decodeText(file.bytes);
      if (!text.ok) throw invalid(...text.findings);
      const read = readBankFile(text.value.text, nodeCryptography);
      if (!read.ok) throw invalid(...read.findings);
      const items = await readOpenItems(database, organisationId, businessDay(now()));
      const parties = await readParties(database, organisationId, items);
      const suggested = suggestions(read.value, items, parties);
      return write(context, async (work) => {
        const fresh = await insertLines(work.transaction, read.value, {
          organisationId,
          fileId,
          newId,
          suggested,
        });
        work.audit({
          action: 'settlement.bank_file_imported',
          subjectKind: 'file',
          subjectId: fileId,
          facts: { lines: read.value.length, fresh },
        });
        work.changed({ kind: 'bank', id: organisationId });
        return { lines: read.value.length, fresh, findings: read.findings };
      });
    },

    async lines(
      context: Context,
      query: PageQuery & { readonly state?: 'open' | 'posted' | undefined },
    ): Promise<Page<BankLineRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const { state, limit } = query;
      const after = afterKey(query, 3);
      if (after !== undefined && !/^\d{4}-\d{2}-\d{2} \d{1,9} [0-9a-f-]{36}$/.test(after.join(' ')))
        throw invalid(finding('invalid_page', 'error'));
      const result = await sql<Row>`
        select * from settlement.bank_line where organisation_id = ${organisationId}
          and ${state === undefined ? sql`true` : sql`state = ${state}`}
          and ${
            after === undefined
              ? sql`true`
              : sql`(date, line, id) < (${after[0]}::date, ${after[1]}::integer, ${after[2]}::uuid)`
          }
        order by date desc, line desc, id desc limit ${limit + 1}`.execute(database);
      return pageOf(result.rows, query, (row) => [row.date, String(row.line), row.id], recordOf);
    },

    async post(
      context: Context,
      id: string,
      request: {
        readonly party: string;
        readonly parts: readonly { readonly item: string; readonly fen: string }[];
      },
    ): Promise<BankLineRecord> {
      const { organisationId, userId } = await requireAccess(context, 'settlement.write');
      return write(context, async (work) => {
        const result = await sql<Row>`select * from settlement.bank_line
          where id = ${id} and organisation_id = ${organisationId} for update`.execute(
          work.transaction,
        );
        const row = found(result.rows[0], { id });
        if (row.state !== 'open') throw conflict(finding('posted_line', 'error'));
        const role = row.fen > 0n ? ('receivable' as const) : ('payable' as const);
        const key = `bank/${row.id}`;
        const items = [...request.parts.map((part) => part.item), row.serial];
        const [placed] = await postInBook(
          work.transaction,
          { organisationId, userId, items, keys: [key] },
          (view) => {
            const made = paymentEntry(view, role, {
              key,
              date: row.date,
              party: request.party,
              item: row.serial,
              memo: row.memo,
              amountFen: row.fen < 0n ? -row.fen : row.fen,
              parts: request.parts.map((part) => ({ item: part.item, fen: BigInt(part.fen) })),
            });
            return made.ok ? accepted([made.value]) : made;
          },
        );
        const { number } = placed!.entry;
        await sql`update settlement.bank_line set state = 'posted', entry_number = ${number}
          where id = ${id}`.execute(work.transaction);
        work.audit({
          action: 'settlement.bank_line_posted',
          subjectKind: 'bank_line',
          subjectId: id,
          facts: { serial: row.serial, fen: String(row.fen), entry: number },
        });
        work.changed({ kind: 'bank', id: organisationId });
        return recordOf({ ...row, state: 'posted', entry_number: BigInt(number) });
      });
    },
  };
}

/** Names and accounts of payees, and the names under which documents are open. */
async function readParties(
  database: Queryable,
  organisationId: string,
  items: readonly OpenItem[],
): Promise<PartyBook> {
  const result = await sql<{ party: string; name: string; account: string }>`
    select party, name, account from settlement.payee
    where organisation_id = ${organisationId}`.execute(database);
  return Object.fromEntries([
    ...items.flatMap(({ party }) => (party === undefined ? [] : [[party, party] as const])),
    ...result.rows.flatMap(({ party, name, account }) => [
      [name, party] as const,
      ...(account === '' ? [] : [[account, party] as const]),
    ]),
  ]);
}

/** Proposals for each line: what it settles, and how much of each document. */
function suggestions(
  lines: readonly BankLine[],
  items: readonly OpenItem[],
  parties: PartyBook,
): Map<string, Suggestion> {
  const suggested = new Map<string, Suggestion>();
  const byId = new Map(lines.map((line) => [line.id, line]));
  for (const side of ['receivable', 'payable'] as const) {
    const byItem = new Map(
      items.filter((each) => each.side === side).map((each) => [each.item, each]),
    );
    for (const { expected, receipts, by } of matchBankLines(lines, items, parties, side)
      .allocations) {
      const left = new Map(expected.map((item) => [item, byItem.get(item)!.openFen]));
      for (const id of receipts) {
        let rest = byId.get(id)!.fen;
        if (rest < 0n) rest = -rest;
        const parts = expected.flatMap((item) => {
          const fen = left.get(item)! < rest ? left.get(item)! : rest;
          left.set(item, left.get(item)! - fen);
          rest -= fen;
          return fen === 0n ? [] : [{ item, fen: String(fen) }];
        });
        suggested.set(id, { by, party: byItem.get(expected[0]!)?.party ?? '', parts });
      }
    }
  }
  return suggested;
}

async function insertLines(
  transaction: Transaction,
  lines: readonly BankLine[],
  given: {
    readonly organisationId: string;
    readonly fileId: string;
    readonly newId: () => string;
    readonly suggested: ReadonlyMap<string, Suggestion>;
  },
): Promise<number> {
  const { organisationId, fileId, newId, suggested } = given;
  let fresh = 0;
  for (const each of lines) {
    const suggestion = suggested.get(each.id);
    const made = await sql`insert into settlement.bank_line (id, organisation_id, file_id, serial,
        line, date, fen, counterparty, account, memo, suggestion)
      values (${newId()}, ${organisationId}, ${fileId}, ${each.id}, ${each.line}, ${each.date},
        ${each.fen}, ${each.counterparty}, ${each.account}, ${each.memo},
        ${suggestion === undefined ? null : jsonText(suggestion)})
      on conflict (organisation_id, serial) do nothing`.execute(transaction);
    fresh += Number(made.numAffectedRows ?? 0n);
  }
  return fresh;
}
