import type { nightCheckSchema } from '@yinglian/contract';
import { type Finding, finding, hasErrors } from '@yinglian/core';
import { nodeCryptography, verifyEd25519 } from '@yinglian/host';
import { bookFrom, checkBook } from '@yinglian/ledger';
import {
  leafHash,
  merkleRoot,
  type PartyStatement,
  type Statement,
  statementBytes,
  verifyBundle,
} from '@yinglian/settlement';
import { toHex } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import { verifyAudit } from '../kernel/audit/audit.ts';
import { type Context, systemContext } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import type { Log } from '../kernel/log.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { jsonText, type Write } from '../kernel/write.ts';
import { readBalances, readBook, readPeriods } from './book-repository.ts';
import { businessDay } from './policy.ts';
import { readSignatures } from './signing.ts';

export type NightCheck = z.output<typeof nightCheckSchema>;
export type NightParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly log: Log;
  readonly now: () => Date;
};

/** Cinemas have closed their day and nobody posts. */
const NIGHT_HOUR = 2;
const CHINA_HOURS = 8;
const FINDINGS_MAX = 200;

type Found = { entries: number; statements: number; root: string | null; findings: Finding[] };

/** Every night each book, its sealed months and its issued statements are recomputed. */
export function createNight({ database, write, requireAccess, log, now }: NightParts) {
  const keep = async (context: Context, organisationId: string, found: Found) =>
    write(context, async (work) => {
      const date = businessDay(now());
      const failed = hasErrors(found.findings);
      const made = await sql<{ number: number; at: Date }>`
        insert into settlement.night_check
          (organisation_id, date, number, entries, statements, root, findings)
        select ${organisationId}::uuid, ${date}::date, coalesce(max(number), 0) + 1,
          ${found.entries}::bigint, ${found.statements}::bigint, ${found.root}::text,
          ${jsonText(found.findings.slice(0, FINDINGS_MAX))}::json
        from settlement.night_check
        where organisation_id = ${organisationId}::uuid and date = ${date}::date
        returning number, at`.execute(work.transaction);
      const { number, at } = made.rows[0]!;
      work.audit({
        action: failed ? 'settlement.night_check_failed' : 'settlement.night_check_passed',
        subjectKind: 'book',
        subjectId: organisationId,
        organisationId,
        facts: { date, entries: found.entries, statements: found.statements, root: found.root },
      });
      if (failed) work.changed({ kind: 'night_check', id: organisationId, organisationId });
      const { entries, statements, root, findings } = found;
      return { date, number, at: at.toISOString(), entries, statements, root, findings };
    });

  return {
    async nightChecks(context: Context, query: PageQuery): Promise<Page<NightCheck>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const [date, number] = afterKey(query, 2) ?? [];
      const valid = /^\d{4}-\d{2}-\d{2}$/.test(date ?? '') && /^\d{1,9}$/.test(number ?? '');
      const result = await sql<{
        date: string;
        number: number;
        at: Date;
        entries: bigint;
        statements: bigint;
        root: string | null;
        findings: Finding[];
      }>`select * from settlement.night_check where organisation_id = ${organisationId}
          and ${valid ? sql`(date, number) < (${date}::date, ${number}::integer)` : sql`true`}
        order by date desc, number desc limit ${query.limit + 1}`.execute(database);
      return pageOf(
        result.rows,
        query,
        (row) => [row.date, String(row.number)],
        (row) => ({
          date: row.date,
          number: row.number,
          at: row.at.toISOString(),
          entries: Number(row.entries),
          statements: Number(row.statements),
          root: row.root,
          findings: row.findings,
        }),
      );
    },

    async runNightCheck(context: Context): Promise<NightCheck> {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      return keep(context, organisationId, await recompute(database, organisationId, []));
    },

    /** Called every hour; does its work once a night. A fault is an alarm, never silence. */
    async hourly(): Promise<void> {
      const hour = (now().getUTCHours() + CHINA_HOURS) % 24;
      if (hour < NIGHT_HOUR) return;
      const due = await sql<{ organisation_id: string }>`
        select organisation_id from settlement.book b where not exists (
          select 1 from settlement.night_check c where c.organisation_id = b.organisation_id
            and c.date = ${businessDay(now())}::date)`.execute(database);
      if (due.rows.length === 0) return;
      const audit = await verifyAudit(database);
      for (const { organisation_id: organisationId } of due.rows) {
        const found = await recompute(database, organisationId, audit.findings);
        const kept = await keep(systemContext(), organisationId, found);
        if (hasErrors(kept.findings)) {
          const codes = kept.findings.map((each) => each.code);
          log.warn('night_check_failed', { organisation: organisationId, codes });
        }
      }
    },
  };
}

/** The whole of one organisation's books as they stand at one moment. */
async function recompute(
  database: Database,
  organisationId: string,
  others: readonly Finding[],
): Promise<Found> {
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (moment) => {
      const entries = await readBook(moment, organisationId);
      const periods = await readPeriods(moment, organisationId);
      const balances = await readBalances(moment, organisationId);
      const book = { ...bookFrom(organisationId, entries, periods), balances };
      const findings = [...others, ...checkBook(book, nodeCryptography)];
      const statements = await checkStatements(moment, organisationId, findings);
      return { entries: book.count, ...statements, findings };
    });
}

/** Each issued statement from its own bundle, one at a time: they may be large. */
async function checkStatements(
  database: Queryable,
  organisationId: string,
  findings: Finding[],
): Promise<{ statements: number; root: string | null }> {
  const ids = await sql<{ id: string }>`select id from settlement.statement
    where organisation_id = ${organisationId} and state in ('issued', 'accepted', 'disputed')
    order by issued_at, id`.execute(database);
  const leaves: Uint8Array[] = [];
  for (const { id } of ids.rows) {
    const result = await sql<{
      number: string;
      total_fen: bigint;
      proof: { statement: Statement | PartyStatement };
    }>`select number, total_fen, proof from settlement.statement where id = ${id}`.execute(
      database,
    );
    const { number, total_fen: totalFen, proof } = result.rows[0]!;
    leaves.push(leafHash(nodeCryptography, statementBytes(proof.statement)));
    const signatures = await readSignatures(database, id);
    const verdict = verifyBundle({ ...proof, signatures }, nodeCryptography, { verifyEd25519 });
    const at = { statement: number };
    if (!verdict.ok) {
      const codes = [...new Set(verdict.findings.map((each) => each.code))];
      findings.push(finding('failed_statement', 'error', { facts: { number, codes }, at }));
    }
    const { statement } = proof;
    const said =
      statement.format === 'yinglian-statement/1' ? statement.totals.shareFen : statement.totalFen;
    if (BigInt(said) !== totalFen)
      findings.push(finding('failed_statement', 'error', { facts: { number, codes: [] }, at }));
  }
  const root = leaves.length === 0 ? null : toHex(merkleRoot(nodeCryptography, leaves));
  return { statements: leaves.length, root };
}
