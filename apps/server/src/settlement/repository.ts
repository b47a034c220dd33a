import type { runSchema, statementLineSchema, statementSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { endedJob } from '../kernel/jobs/ended.ts';
import { type Listed, listed, listedBy, type Listing, newestFirst } from '../kernel/listing.ts';
import { jsonText } from '../kernel/write.ts';
import { statementsReachedBy } from './access.ts';
import type { SettlementTables } from './tables.ts';
import type { StoredDerivation } from './derivation.ts';

export type RunRecord = z.output<typeof runSchema>;
export type StatementRecord = z.output<typeof statementSchema>;
export type LineRecord = z.output<typeof statementLineSchema>;

const LINES_A_STATEMENT = 500;
const tables = (database: Queryable) => database.withTables<SettlementTables>();

export async function listRuns(
  database: Queryable,
  listing: Listing,
): Promise<Listed<RunRecord>[]> {
  const query = tables(database)
    .selectFrom('settlement.run')
    .selectAll()
    .select(endedJob('settlement.run').as('ended'))
    .where('organisation_id', '=', listing.organisationId);
  return (await listed(query, 'settlement.run', listing).execute()).map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      filmId: row.film_id,
      termsId: row.terms_id,
      kind: row.kind as RunRecord['kind'],
      statementIds: row.statement_ids,
      from: row.first_date,
      to: row.last_date,
      reportIds: row.report_ids,
      state: (row.state === 'running' && row.ended ? 'failed' : row.state) as RunRecord['state'],
      jobId: row.job_id,
      grossFen: String(row.gross_fen),
      parties: row.parties as RunRecord['parties'],
      findings: row.findings as RunRecord['findings'],
    },
  }));
}

export type NewRun = {
  readonly id: string;
  readonly organisationId: string;
  readonly filmId: string;
  readonly termsId: string;
  readonly termsVersion: number;
  readonly kind: RunRecord['kind'];
  readonly from: string;
  readonly to: string;
  readonly reportIds: readonly string[];
};

export async function insertRun(transaction: Transaction, run: NewRun): Promise<void> {
  await tables(transaction)
    .insertInto('settlement.run')
    .values({
      id: run.id,
      organisation_id: run.organisationId,
      film_id: run.filmId,
      terms_id: run.termsId,
      terms_version: run.termsVersion,
      first_date: run.from,
      last_date: run.to,
      report_ids: [...run.reportIds],
      kind: run.kind,
      state: 'running',
    })
    .execute();
}

export async function setRunJob(transaction: Transaction, id: string, jobId: string) {
  await tables(transaction)
    .updateTable('settlement.run')
    .set({ job_id: jobId })
    .where('id', '=', id)
    .execute();
}

export async function setRunResult(
  transaction: Transaction,
  id: string,
  result: {
    readonly state: 'done' | 'failed';
    readonly grossFen: bigint;
    readonly parties: RunRecord['parties'];
    readonly findings: readonly Finding[];
    readonly statementIds?: readonly string[];
  },
): Promise<void> {
  await tables(transaction)
    .updateTable('settlement.run')
    .set({
      state: result.state,
      gross_fen: result.grossFen,
      parties: jsonText(result.parties),
      findings: jsonText(result.findings),
      ...(result.statementIds === undefined ? {} : { statement_ids: [...result.statementIds] }),
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
}

/** What the job works on. */
export async function readRun(database: Queryable, id: string) {
  return tables(database)
    .selectFrom('settlement.run')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
}

export type NewStatement = {
  readonly id: string;
  readonly runId: string;
  readonly organisationId: string;
  readonly filmId: string;
  readonly number: string;
  readonly kind: StatementRecord['kind'];
  readonly termsKind: StatementRecord['termsKind'];
  readonly party: string;
  readonly partyName: StatementRecord['partyName'];
  readonly account: StatementRecord['account'];
  /** Issued statements that this one goes on from. */
  readonly follows: readonly string[];
  readonly supplementary: boolean;
  readonly partyOrganisationId: string | null;
  readonly counterparty: string | null;
  readonly from: string;
  readonly to: string;
  readonly grossFen: string;
  readonly fundFen: string;
  readonly taxFen: string;
  readonly netFen: string;
  readonly totalFen: string;
  readonly termsId: string;
  readonly termsVersion: number;
  readonly findings: readonly Finding[];
  readonly proof: unknown;
  readonly lines: readonly { readonly line: LineRecord; readonly derivation: StoredDerivation }[];
};

export async function insertStatement(transaction: Transaction, made: NewStatement): Promise<void> {
  const db = tables(transaction);
  await db
    .insertInto('settlement.statement')
    .values({
      id: made.id,
      run_id: made.runId,
      organisation_id: made.organisationId,
      film_id: made.filmId,
      number: made.number,
      kind: made.kind,
      party: made.party,
      party_organisation_id: made.partyOrganisationId,
      counterparty: made.counterparty,
      first_date: made.from,
      last_date: made.to,
      state: 'draft',
      line_count: made.lines.length,
      gross_fen: BigInt(made.grossFen),
      fund_fen: BigInt(made.fundFen),
      tax_fen: BigInt(made.taxFen),
      net_fen: BigInt(made.netFen),
      total_fen: BigInt(made.totalFen),
      terms_id: made.termsId,
      terms_version: made.termsVersion,
      findings: jsonText(made.findings),
      proof: jsonText(made.proof),
      terms_kind: made.termsKind,
      follows: [...made.follows],
      supplementary: made.supplementary,
      party_name: made.partyName === null ? null : jsonText(made.partyName),
      account: made.account === null ? null : jsonText(made.account),
    })
    .execute();
  for (let at = 0; at < made.lines.length; at += LINES_A_STATEMENT) {
    const rows = made.lines.slice(at, at + LINES_A_STATEMENT).map(({ line, derivation }) => ({
      statement_id: made.id,
      number: line.number,
      line_id: line.id,
      line: jsonText(line),
      derivation: jsonText(derivation),
    }));
    await db.insertInto('settlement.statement_line').values(rows).execute();
  }
}

type StatementRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  run_id: string;
  film_id: string;
  number: string;
  kind: string;
  party: string;
  counterparty: string | null;
  first_date: string;
  last_date: string;
  state: string;
  line_count: number;
  gross_fen: bigint;
  fund_fen: bigint;
  tax_fen: bigint;
  net_fen: bigint;
  total_fen: bigint;
  terms_id: string;
  terms_version: number;
  issued_at: Date | null;
  findings: unknown;
  organisation_id: string;
  terms_kind: string;
  supplementary: boolean;
  party_name: StatementRecord['partyName'];
  account: StatementRecord['account'];
  invoice_number: string | null;
  invoice_date: string | null;
  invoice_fen: string | null;
  open_fen: string | null;
  sort_key: string;
};

/** What of a document is open in the reader's own book; null where it was never entered there. */
const openIn = (organisationId: string) => sql`(
  select coalesce(sum(abs(b.fen)), 0)::text from settlement.book_entry e
  left join settlement.book_balance b on b.organisation_id = e.organisation_id
    and b.item = statement.number and b.account in
      ('receivable', 'payable', 'receivable_disputed', 'payable_disputed')
  where e.organisation_id = ${organisationId} and e.opens_item = statement.number
  group by e.number)`;

/** How far a statement is in its life: the decisions on it, its invoice, its money. */
function stageOf(row: StatementRow): StatementRecord['stage'] {
  const state = row.state as StatementRecord['state'];
  if (state !== 'accepted' && state !== 'issued') return state;
  if (row.open_fen === '0' && row.total_fen !== 0n) return 'paid';
  return row.invoice_number === null ? state : 'invoiced';
}

export type StatementListing = Listing & { readonly runId?: string | undefined };

export async function listStatements(
  database: Queryable,
  listing: StatementListing,
): Promise<Listed<StatementRecord>[]> {
  const { organisationId, runId, limit } = listing;
  const result = await sql<StatementRow>`
    select statement.*, statement.created_at::text as sort_key,
      invoice.number as invoice_number, invoice.date as invoice_date,
      invoice.amount_fen::text as invoice_fen, ${openIn(organisationId)} as open_fen
    from settlement.statement
    left join settlement.statement_invoice invoice on invoice.statement_id = statement.id
    where ${statementsReachedBy(organisationId)} and ${listedBy('statement', listing)}
      and ${runId === undefined ? sql`true` : sql`statement.run_id = ${runId}`}
    ${newestFirst('statement', limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      runId: row.run_id,
      filmId: row.film_id,
      number: row.number,
      kind: row.kind as StatementRecord['kind'],
      termsKind: row.terms_kind as StatementRecord['termsKind'],
      party: row.party,
      partyName: row.party_name,
      supplementary: row.supplementary,
      account: row.account,
      invoice:
        row.invoice_number === null
          ? null
          : {
              number: row.invoice_number,
              date: row.invoice_date ?? '',
              amountFen: row.invoice_fen ?? '0',
            },
      openFen: row.open_fen,
      stage: stageOf(row),
      counterparty: row.counterparty,
      from: row.first_date,
      to: row.last_date,
      state: row.state as StatementRecord['state'],
      lines: row.line_count,
      grossFen: String(row.gross_fen),
      fundFen: String(row.fund_fen),
      taxFen: String(row.tax_fen),
      netFen: String(row.net_fen),
      totalFen: String(row.total_fen),
      termsId: row.terms_id,
      termsVersion: row.terms_version,
      issuedAt: row.issued_at?.toISOString() ?? null,
      findings: row.findings as StatementRecord['findings'],
      ours: row.organisation_id === organisationId,
    },
  }));
}

export async function listLines(
  database: Queryable,
  statementId: string,
  listing: { readonly after?: number | undefined; readonly limit: number },
): Promise<LineRecord[]> {
  let query = tables(database)
    .selectFrom('settlement.statement_line')
    .select('line')
    .where('statement_id', '=', statementId)
    .orderBy('number')
    .limit(listing.limit);
  if (listing.after !== undefined) query = query.where('number', '>', listing.after);
  return (await query.execute()).map((row) => row.line as LineRecord);
}

export async function readDerivation(
  database: Queryable,
  statementId: string,
  lineId: string,
): Promise<{ readonly line: LineRecord; readonly derivation: StoredDerivation } | undefined> {
  const row = await tables(database)
    .selectFrom('settlement.statement_line')
    .select(['line', 'derivation'])
    .where('statement_id', '=', statementId)
    .where('line_id', '=', lineId)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { line: row.line as LineRecord, derivation: row.derivation as StoredDerivation };
}

export async function readProof(database: Queryable, statementId: string): Promise<unknown> {
  const row = await tables(database)
    .selectFrom('settlement.statement')
    .select('proof')
    .where('id', '=', statementId)
    .executeTakeFirst();
  return row?.proof ?? undefined;
}

/** What the network's register says of cinemas, for the terms to be applied. */
export async function readRegister(database: Queryable, codes: readonly string[]) {
  const result = await sql<{
    code: string;
    name: string;
    circuit: string | null;
    equipment: string | null;
    taxpayer: string | null;
    organisation_id: string | null;
  }>`
    select cinema.code, cinema.name, circuit.name as circuit, cinema.equipment,
      cinema.taxpayer, circuit.organisation_id
    from exhibition.cinema left join exhibition.circuit on circuit.id = cinema.circuit_id
    where cinema.code = any(${[...codes]}::text[])`.execute(database);
  return result.rows;
}
