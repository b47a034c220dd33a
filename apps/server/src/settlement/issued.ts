import type { PartyStatement, StatedBefore, Statement } from '@yinglian/settlement';
import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';

/** Whose statements go on from each other: one organisation's, to one party, of one film. */
export type StatementLine = {
  readonly organisationId: string;
  readonly filmId: string;
  readonly termsKind: string;
  readonly kind: string;
  readonly party: string;
  readonly counterparty: string | null;
};

export type IssuedStatement = {
  readonly id: string;
  readonly number: string;
  readonly from: string;
  readonly to: string;
  readonly statement: Statement | PartyStatement;
};

/** What was issued to the same party before, the oldest first. */
export async function issuedBefore(
  database: Queryable,
  line: StatementLine,
): Promise<IssuedStatement[]> {
  const { organisationId, filmId, termsKind, kind, party, counterparty } = line;
  const result = await sql<{
    id: string;
    number: string;
    first_date: string;
    last_date: string;
    statement: Statement | PartyStatement;
  }>`select id, number, first_date, last_date, proof -> 'statement' as statement
    from settlement.statement
    where organisation_id = ${organisationId} and film_id = ${filmId}
      and terms_kind = ${termsKind} and kind = ${kind} and party = ${party}
      and counterparty is not distinct from ${counterparty}
      and state in ('issued', 'accepted', 'disputed')
    order by issued_at, id`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    number: row.number,
    from: row.first_date,
    to: row.last_date,
    statement: row.statement,
  }));
}

type Days = { readonly from: string; readonly to: string };

export const overlaps = (a: Days, b: Days) => a.from <= b.to && a.to >= b.from;
export const lies = (inner: Days, outer: Days) => inner.from >= outer.from && inner.to <= outer.to;

/** What a party of a waterfall, a rental or a platform was told to date. */
export function statedTo(issued: readonly IssuedStatement[]): StatedBefore {
  const lines = new Map<string, bigint>();
  let withheldFen = 0n;
  let paidFen = 0n;
  for (const { statement } of issued) {
    if (statement.format !== 'yinglian-party-statement/1') continue;
    for (const line of statement.lines)
      lines.set(line.id, (lines.get(line.id) ?? 0n) + BigInt(line.fen));
    const { withheldToDateFen, withheldPriorFen, payableFen } = statement.account;
    withheldFen += BigInt(withheldToDateFen) - BigInt(withheldPriorFen);
    paidFen += BigInt(payableFen);
  }
  return { lines, withheldFen, paidFen };
}
