import type { differenceSchema, reconciliationSchema } from '@yinglian/contract';
import { daysBetween, filmCodeKey, finding } from '@yinglian/core';
import {
  type BookRow,
  decide,
  type Decision,
  type Difference,
  DIFFERENCE_TEXTS,
  type DifferenceKind,
  type DifferenceState,
  reconcile,
  type WorkItem,
} from '@yinglian/reconciliation';
import { sql } from 'kysely';
import type { z } from 'zod';
import { asDecided, earlierVersions, listRows, type RowRecord } from '../exhibition/face.ts';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { jsonText, type Work, type Write } from '../kernel/write.ts';
import { businessDay } from './policy.ts';

export type DifferenceRecord = z.output<typeof differenceSchema>;
export type ReconciliationRecord = z.output<typeof reconciliationSchema>;

export type DifferenceParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

const ROWS_A_READ = 5000;

type Row = {
  id: string;
  film_id: string;
  reconciliation_id: string;
  key: string;
  kind: DifferenceKind;
  date: string;
  cinema_code: string;
  between_books: string[];
  delta_fen: bigint;
  delta_admissions: bigint;
  evidence: string[];
  since: string;
  cured: boolean;
  decisions:
    | {
        on: string;
        by: string;
        to: DifferenceState;
        comment: string;
        assignee: string | null;
        adjustment: string | null;
        delta: number | string;
      }[]
    | null;
};

type Listing = {
  readonly organisationId: string;
  readonly filmId?: string | undefined;
  readonly open?: boolean | undefined;
  readonly id?: string;
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
};

async function listDifferences(database: Queryable, listing: Listing): Promise<Row[]> {
  const { organisationId, filmId, open, id, after, limit } = listing;
  const result = await sql<Row>`
    select * from (select d.*,
      (select json_agg(json_build_object('on', c.on_date, 'by', c.by_name, 'to', c.state,
          'comment', c.comment, 'assignee', c.assignee, 'adjustment', c.adjustment,
          'delta', c.delta_fen::text) order by c.number)
        from settlement.difference_decision c where c.difference_id = d.id) as decisions,
      coalesce((select c.state from settlement.difference_decision c where c.difference_id = d.id
        order by c.number desc limit 1), 'open') as state
      from settlement.difference d where d.organisation_id = ${organisationId}) d
    where ${filmId === undefined ? sql`true` : sql`d.film_id = ${filmId}`}
      and ${id === undefined ? sql`true` : sql`d.id = ${id}`}
      and ${
        open === undefined
          ? sql`true`
          : sql`(not d.cured and d.state not in ('accepted', 'adjusted')) = ${open}`
      }
      and ${
        after === undefined
          ? sql`true`
          : sql`(d.since, d.id) > (${after[0]}::date, ${after[1]}::uuid)`
      }
    order by d.since, d.id limit ${limit}`.execute(database);
  return result.rows;
}

function itemOf(row: Row): WorkItem {
  const difference: Difference = {
    id: row.key,
    kind: row.kind,
    between: [row.between_books[0] ?? '', row.between_books[1] ?? ''],
    key: row.key,
    date: row.date,
    cinemaCode: row.cinema_code,
    deltaFen: row.delta_fen,
    deltaAdmissions: Number(row.delta_admissions),
    evidence: row.evidence,
  };
  return {
    difference,
    since: row.since,
    decisions: (row.decisions ?? []).map(({ on, by, to, comment, assignee, adjustment }) => ({
      on,
      by,
      to,
      comment,
      ...(assignee === null ? {} : { assignee }),
      ...(adjustment === null ? {} : { adjustment }),
    })),
  };
}

function recordOf(row: Row, today: string): DifferenceRecord {
  const decisions = row.decisions ?? [];
  return {
    id: row.id,
    filmId: row.film_id,
    reconciliationId: row.reconciliation_id,
    key: row.key,
    kind: row.kind,
    kindName: DIFFERENCE_TEXTS[row.kind],
    date: row.date,
    cinemaCode: row.cinema_code,
    between: row.between_books,
    deltaFen: String(row.delta_fen),
    deltaAdmissions: Number(row.delta_admissions),
    evidence: row.evidence.flatMap((text) =>
      text.split(' ').map((place) => {
        const [reportId = '', line = '0'] = place.split(':');
        return { reportId, line: Number(line) };
      }),
    ),
    since: row.since,
    days: Math.max(0, daysBetween(row.since, today)),
    cured: row.cured,
    state: decisions.at(-1)?.to ?? 'open',
    assignee: decisions.findLast((each) => each.assignee !== null)?.assignee ?? null,
    decisions: decisions.map(({ on, by, to, comment, assignee, adjustment }) => ({
      on,
      by,
      to,
      comment,
      assignee,
      adjustment,
    })),
  };
}

/** Differences between senders; a decision covers the amount that it was made on. */
export function createDifferences(parts: DifferenceParts) {
  const { database, write, requireAccess, newId, now } = parts;

  return {
    async reconcile(
      context: Context,
      request: {
        readonly filmId: string;
        readonly reference: string;
        readonly other: string;
        readonly referenceReports: readonly string[];
        readonly otherReports: readonly string[];
        readonly toleranceFen: string;
      },
    ): Promise<ReconciliationRecord> {
      const { filmId, reference, other, referenceReports, otherReports } = request;
      const { organisationId } = await requireAccess(context, 'settlement.write', {
        kind: 'film',
        ids: [filmId],
      });
      const reportIds = [...referenceReports, ...otherReports];
      await requireAccess(context, 'exhibition.read', { kind: 'report', ids: reportIds });
      const both = referenceReports.filter((each) => otherReports.includes(each));
      if (both.length > 0 || reference === other)
        throw invalid(finding('same_source', 'error', { facts: { source: reference } }));
      const [first, second] = await Promise.all(
        [referenceReports, otherReports].map((ids) => readKeys(database, ids, filmId)),
      );
      const outcome = reconcile(
        [
          { source: reference, rows: first! },
          { source: other, rows: second! },
        ],
        { reference, equals: [{ source: other, toleranceFen: BigInt(request.toleranceFen) }] },
      );
      if (!outcome.ok) throw invalid(...outcome.findings);
      const { differences, agreeingRows } = outcome.value;
      const id = newId();
      return write(context, async (work) => {
        await sql`insert into settlement.reconciliation (id, organisation_id, film_id,
            reference_reports, other_reports, reference_name, other_name, tolerance_fen, keys,
            agreeing) values (${id}, ${organisationId}, ${filmId},
            ${[...referenceReports]}::uuid[], ${[...otherReports]}::uuid[], ${reference}, ${other},
            ${BigInt(request.toleranceFen)}, ${first!.length}, ${agreeingRows})`.execute(
          work.transaction,
        );
        const today = businessDay(now());
        for (const each of differences)
          await keep(work, each, { organisationId, filmId, id, today, newId });
        await cure(work, differences, {
          organisationId,
          filmId,
          between: [reference, other],
          reportIds: [...reportIds, ...(await earlierVersions(work.transaction, reportIds))],
          rows: [...first!, ...second!],
        });
        work.audit({
          action: 'settlement.reconciled',
          subjectKind: 'reconciliation',
          subjectId: id,
          facts: { film: filmId, differences: differences.length, keys: first!.length },
        });
        work.changed({ kind: 'difference', id, filmId });
        return {
          id,
          createdAt: now().toISOString(),
          filmId,
          reference,
          other,
          toleranceFen: request.toleranceFen,
          keys: first!.length,
          agreeing: agreeingRows,
          open: differences.length,
        };
      });
    },

    async differences(
      context: Context,
      query: PageQuery & {
        readonly filmId?: string | undefined;
        readonly open?: boolean | undefined;
      },
    ): Promise<Page<DifferenceRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const { filmId, open, limit } = query;
      const after = afterKey(query, 2);
      if (after !== undefined && !/^\d{4}-\d{2}-\d{2} [0-9a-f-]{36}$/.test(after.join(' ')))
        throw invalid(finding('invalid_page', 'error'));
      const listing = { organisationId, filmId, open, after, limit: limit + 1 };
      const rows = await listDifferences(database, listing);
      const today = businessDay(now());
      return pageOf(
        rows,
        query,
        (row) => [row.since, row.id],
        (row) => recordOf(row, today),
      );
    },

    async decide(
      context: Context,
      id: string,
      request: {
        readonly to: DifferenceState;
        readonly comment: string;
        readonly assignee?: string | undefined;
        readonly adjustment?: string | undefined;
      },
    ): Promise<DifferenceRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      return write(context, async (work) => {
        const one = async () =>
          found((await listDifferences(work.transaction, { organisationId, id, limit: 1 }))[0], {
            id,
          });
        await sql`select id from settlement.difference where id = ${id} for update`.execute(
          work.transaction,
        );
        const row = await one();
        const decision: Decision = {
          on: businessDay(now()),
          by: context.user?.name ?? '',
          to: request.to,
          comment: request.comment,
          ...(request.assignee === undefined ? {} : { assignee: request.assignee }),
          ...(request.adjustment === undefined ? {} : { adjustment: request.adjustment }),
        };
        const decided = decide(itemOf(row), decision);
        if (!decided.ok) throw invalid(...decided.findings);
        await insertDecision(work, row, decision);
        work.audit({
          action: 'settlement.difference_decided',
          subjectKind: 'difference',
          subjectId: id,
          facts: { to: request.to, kind: row.kind },
        });
        work.changed({ kind: 'difference', id, filmId: row.film_id });
        return recordOf(await one(), decision.on);
      });
    },
  };
}

/** Rows summed to what both senders can say: film, cinema and the days that a row covers. */
async function readKeys(
  database: Database,
  reportIds: readonly string[],
  filmId: string,
): Promise<BookRow[]> {
  const sums = new Map<string, BookRow & { rows: string[] }>();
  let after: readonly [string, number] | undefined;
  for (;;) {
    const rows = await listRows(database, { reportIds, filmId, after, limit: ROWS_A_READ });
    for (const row of asDecided(rows.slice(0, ROWS_A_READ), 'keep')) addRow(sums, row);
    const last = rows[ROWS_A_READ - 1];
    if (rows.length <= ROWS_A_READ || last === undefined) break;
    after = [last.reportId, last.line];
  }
  return [...sums.values()].map(({ rows, ...row }) => ({ ...row, row: rows.join(' ') }));
}

function addRow(sums: Map<string, BookRow & { rows: string[] }>, row: RowRecord): void {
  const days = row.to === row.from ? row.from : `${row.from}..${row.to}`;
  const filmCode = filmCodeKey(row.filmCode ?? '');
  const key = `${row.cinemaCode ?? ''}/${filmCode}/${days}`;
  const sum = sums.get(key);
  sums.set(key, {
    row: '',
    rows: [...(sum?.rows ?? []), `${row.reportId}:${row.line}`],
    screeningId: key.toUpperCase(),
    date: row.from,
    cinemaCode: row.cinemaCode ?? '',
    filmCode,
    admissions: (sum?.admissions ?? 0) + row.admissions,
    grossFen: (sum?.grossFen ?? 0n) + row.grossFen,
  });
}

type Keeping = {
  readonly organisationId: string;
  readonly filmId: string;
  readonly id: string;
  readonly today: string;
  readonly newId: () => string;
};

/** A difference that was there stays with its decisions; another amount opens it again. */
async function keep(
  work: Work,
  difference: Difference,
  { organisationId, filmId, id, today, newId }: Keeping,
): Promise<void> {
  const { kind, between, date, deltaFen, deltaAdmissions, evidence } = difference;
  const key = difference.id;
  await sql`insert into settlement.difference (id, organisation_id, film_id, reconciliation_id, key,
      kind, date, cinema_code, between_books, delta_fen, delta_admissions, evidence, since)
    values (${newId()}, ${organisationId}, ${filmId}, ${id}, ${key}, ${kind}, ${date},
      ${difference.cinemaCode ?? ''}, ${[...between]}::text[], ${deltaFen},
      ${BigInt(deltaAdmissions)}, ${jsonText(evidence)}, ${today})
    on conflict (organisation_id, film_id, key) do update set
      reconciliation_id = excluded.reconciliation_id, delta_fen = excluded.delta_fen,
      delta_admissions = excluded.delta_admissions, evidence = excluded.evidence,
      cured = false`.execute(work.transaction);
  const listed = await sql<{ id: string; state: string; delta: string }>`
    select d.id, c.state, c.delta_fen::text as delta from settlement.difference d
      join settlement.difference_decision c on c.difference_id = d.id
    where d.organisation_id = ${organisationId} and d.film_id = ${filmId} and d.key = ${key}
    order by c.number desc limit 1`.execute(work.transaction);
  const [last] = listed.rows;
  const closed = last !== undefined && ['accepted', 'adjusted'].includes(last.state);
  if (!closed || BigInt(last.delta) === deltaFen) return;
  await insertDecision(
    work,
    { id: last.id, delta_fen: deltaFen },
    {
      on: today,
      by: '',
      to: 'open',
      comment: 'amount changed',
    },
  );
}

async function insertDecision(
  work: Work,
  row: { readonly id: string; readonly delta_fen: bigint },
  decision: Decision,
): Promise<void> {
  await sql`insert into settlement.difference_decision (difference_id, number, on_date, by_name,
      state, comment, assignee, adjustment, delta_fen)
    select ${row.id}::uuid, coalesce(max(number), 0) + 1, ${decision.on}::date, ${decision.by},
      ${decision.to}, ${decision.comment}, ${decision.assignee ?? null}::text,
      ${decision.adjustment ?? null}::text, ${row.delta_fen}::bigint
    from settlement.difference_decision where difference_id = ${row.id}::uuid`.execute(
    work.transaction,
  );
}

/**
 * What the two senders no longer disagree about was cured by a correction. A run speaks only of the
 * cinemas and days in its reports and of the rows that these reports replaced.
 */
async function cure(
  work: Work,
  differences: readonly Difference[],
  given: {
    readonly organisationId: string;
    readonly filmId: string;
    readonly between: readonly [string, string];
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
