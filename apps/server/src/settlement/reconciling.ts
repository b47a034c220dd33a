import type { contract, RequestOf, reconciliationSchema } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import {
  type Book,
  type BookRow,
  type Difference,
  type LevelName,
  reconcile,
  type Reconciliation,
} from '@yinglian/reconciliation';
import { sql } from 'kysely';
import type { z } from 'zod';
import { earlierVersions } from '../exhibition/face.ts';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { jsonText, type Work } from '../kernel/write.ts';
import { type ComparedParty, type LevelRecord, levelRows, readDays } from './compared-rows.ts';
import { type DifferenceParts, insertDecision } from './differences.ts';
import { businessDay } from './policy.ts';

export type ReconciliationRecord = z.output<typeof reconciliationSchema>;
type Order = RequestOf<typeof contract.ledger.reconcile>['body'];

type Kept = {
  id: string;
  created_at: Date;
  film_id: string;
  parties: ComparedParty[];
  tolerance_fen: bigint;
  keys: number;
  agreeing: number;
};

const DIFFERENCES_A_WRITE = 2000;

/** Reports of several senders held against the first one's, and their sums side by side. */
export function createReconciling(parts: DifferenceParts) {
  const { database, write, requireAccess, newId, now } = parts;

  async function read(organisationId: string, id: string): Promise<Kept> {
    const result = await sql<Kept>`select r.* from settlement.reconciliation r
      where r.id = ${id} and r.organisation_id = ${organisationId}`.execute(database);
    return found(result.rows[0], { id });
  }

  return {
    async reconcile(context: Context, order: Order): Promise<ReconciliationRecord> {
      const { filmId, parties, toleranceFen } = order;
      const { organisationId } = await requireAccess(context, 'settlement.write', {
        kind: 'film',
        ids: [filmId],
      });
      const reportIds = parties.flatMap((each) => each.reports);
      await requireAccess(context, 'exhibition.read', { kind: 'report', ids: reportIds });
      refuseRepeated(parties);
      const books = await Promise.all(
        parties.map(async ({ name, reports }): Promise<Book> => {
          return { source: name, rows: await readDays(database, reports, filmId) };
        }),
      );
      const { differences, agreeingRows } = compare(books, order);
      const id = newId();
      const keys = books[0]!.rows.length;
      return write(context, async (work) => {
        await sql`insert into settlement.reconciliation (id, organisation_id, film_id, parties,
            tolerance_fen, keys, agreeing) values (${id}, ${organisationId}, ${filmId},
            ${jsonText(parties)}, ${BigInt(toleranceFen)}, ${keys},
            ${agreeingRows})`.execute(work.transaction);
        const today = businessDay(now());
        await keep(work, differences, { organisationId, filmId, id, today, newId });
        await cure(work, differences, {
          organisationId,
          filmId,
          between: namesOf(parties),
          reportIds: [...reportIds, ...(await earlierVersions(work.transaction, reportIds))],
          rows: books.flatMap((each) => each.rows),
        });
        work.audit({
          action: 'settlement.reconciled',
          subjectKind: 'reconciliation',
          subjectId: id,
          facts: { film: filmId, differences: differences.length, keys, parties: parties.length },
        });
        work.changed({ kind: 'difference', id, filmId });
        return {
          id,
          createdAt: now().toISOString(),
          filmId,
          parties,
          toleranceFen,
          keys,
          agreeing: agreeingRows,
          open: await countOpen(work.transaction, id),
        };
      });
    },

    async reconciliation(context: Context, id: string): Promise<ReconciliationRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const row = await read(organisationId, id);
      return {
        id,
        createdAt: row.created_at.toISOString(),
        filmId: row.film_id,
        parties: row.parties,
        toleranceFen: String(row.tolerance_fen),
        keys: row.keys,
        agreeing: row.agreeing,
        open: await countOpen(database, id),
      };
    },

    /** Sums of all parties for each item of a level, those that differ or all of them. */
    async levels(
      context: Context,
      id: string,
      query: PageQuery & { readonly level: LevelName; readonly differing: boolean },
    ): Promise<Page<LevelRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const {
        film_id: filmId,
        parties,
        tolerance_fen: toleranceFen,
      } = await read(organisationId, id);
      const ids = parties.flatMap((each) => each.reports);
      await requireAccess(context, 'exhibition.read', { kind: 'report', ids });
      const { level, differing, limit } = query;
      const rows = await levelRows(database, { filmId, parties, level, toleranceFen });
      const after = afterKey(query)?.[0] ?? '';
      const shown = rows
        .filter((each) => (after === '' || each.key > after) && !(differing && each.agrees))
        .slice(0, limit + 1);
      return pageOf(
        shown,
        query,
        (each) => [each.key],
        (each) => each,
      );
    },
  };
}

/** A name or a report that stands twice would be compared with itself. */
function refuseRepeated(parties: readonly ComparedParty[]): void {
  const seen = new Set<string>();
  for (const { name, reports } of parties) {
    for (const each of [`name ${name}`, ...reports]) {
      if (seen.has(each))
        throw invalid(finding('same_source', 'error', { facts: { source: name } }));
      seen.add(each);
    }
  }
  if (parties[0]!.role === 'seller')
    throw invalid(finding('partial_reference', 'error', { facts: { source: parties[0]!.name } }));
}

function compare(books: readonly Book[], { parties, toleranceFen }: Order): Reconciliation {
  const [reference, ...others] = parties;
  const outcome = reconcile(books, {
    reference: reference!.name,
    equals: others
      .filter((each) => each.role !== 'seller')
      .map(({ name }) => ({ source: name, toleranceFen: BigInt(toleranceFen) })),
    channels: others.filter((each) => each.role === 'seller').map(({ name }) => ({ source: name })),
  });
  if (!outcome.ok) throw invalid(...outcome.findings);
  return outcome.value;
}

/** The names that differences of these parties carry: of sellers also that of all together. */
function namesOf(parties: readonly ComparedParty[]): string[] {
  const sellers = parties.filter((each) => each.role === 'seller').map((each) => each.name);
  return [...parties.map((each) => each.name), sellers.join('+')];
}

type Keeping = {
  readonly organisationId: string;
  readonly filmId: string;
  readonly id: string;
  readonly today: string;
  readonly newId: () => string;
};

/** Differences that were there stay with their decisions; another amount opens one again. */
async function keep(
  work: Work,
  differences: readonly Difference[],
  { organisationId, filmId, id, today, newId }: Keeping,
): Promise<void> {
  const byKey = new Map(differences.map((each) => [each.id, each]));
  const rows = [...byKey].map(([key, difference]) => ({
    id: newId(),
    key,
    kind: difference.kind,
    date: difference.date,
    cinema_code: difference.cinemaCode ?? '',
    between_books: difference.between,
    delta_fen: String(difference.deltaFen),
    delta_admissions: difference.deltaAdmissions,
    evidence: difference.evidence,
  }));
  for (let at = 0; at < rows.length; at += DIFFERENCES_A_WRITE) {
    const some = rows.slice(at, at + DIFFERENCES_A_WRITE);
    await sql`insert into settlement.difference (id, organisation_id, film_id, reconciliation_id,
        key, kind, date, cinema_code, between_books, delta_fen, delta_admissions, evidence, since)
      select d.id, ${organisationId}, ${filmId}, ${id}, d.key, d.kind, d.date, d.cinema_code,
        d.between_books, d.delta_fen, d.delta_admissions, d.evidence, ${today}
      from json_to_recordset(${jsonText(some)}::json) as d (id uuid, key text, kind text, date date,
        cinema_code text, between_books text[], delta_fen bigint, delta_admissions bigint,
        evidence json)
      on conflict (organisation_id, film_id, key) do update set
        reconciliation_id = excluded.reconciliation_id, delta_fen = excluded.delta_fen,
        delta_admissions = excluded.delta_admissions, evidence = excluded.evidence,
        cured = false`.execute(work.transaction);
  }
  const changed = await sql<{ id: string; delta_fen: bigint }>`
    select d.id, d.delta_fen from settlement.difference d
      join lateral (select c.state, c.delta_fen from settlement.difference_decision c
        where c.difference_id = d.id order by c.number desc limit 1) last on true
    where d.reconciliation_id = ${id} and last.state in ('accepted', 'adjusted')
      and last.delta_fen <> d.delta_fen
    order by d.key`.execute(work.transaction);
  for (const each of changed.rows) {
    const decision = { on: today, by: '', to: 'open', comment: 'amount changed' } as const;
    await insertDecision(work, each, decision);
  }
}

/** Differences of a run that somebody still has to decide about, as the list of them shows. */
async function countOpen(database: Queryable, id: string): Promise<number> {
  const result = await sql<{ open: number }>`select count(*)::integer as open
    from settlement.difference d where d.reconciliation_id = ${id} and not d.cured
      and coalesce((select c.state from settlement.difference_decision c
        where c.difference_id = d.id order by c.number desc limit 1), 'open')
        not in ('accepted', 'adjusted')`.execute(database);
  return result.rows[0]!.open;
}

/**
 * What the senders no longer disagree about was cured by a correction. A run speaks only of the
 * cinemas and days in its reports and of the rows that these reports replaced.
 */
async function cure(
  work: Work,
  differences: readonly Difference[],
  given: {
    readonly organisationId: string;
    readonly filmId: string;
    readonly between: readonly string[];
    readonly reportIds: readonly string[];
    readonly rows: readonly BookRow[];
  },
): Promise<void> {
  const { organisationId, filmId, between, reportIds, rows } = given;
  const places = [...new Set(rows.map((row) => `${row.cinemaCode}/${row.date}`))];
  await sql`update settlement.difference d set cured = true
    where organisation_id = ${organisationId} and film_id = ${filmId} and not cured
      and between_books <@ ${[...between]}::text[]
      and key <> all(${differences.map((each) => each.id)}::text[])
      and (cinema_code || '/' || date::text = any(${places}::text[])
        or exists (select 1 from json_array_elements_text(d.evidence) as row (places),
            unnest(string_to_array(row.places, ' ')) as place
          where split_part(place, ':', 1) = any(${reportIds.map(String)}::text[])))`.execute(
    work.transaction,
  );
}
