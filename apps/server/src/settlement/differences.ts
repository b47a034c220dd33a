import type { differenceSchema } from '@yinglian/contract';
import { daysBetween, finding } from '@yinglian/core';
import {
  decide,
  type Decision,
  type Difference,
  DIFFERENCE_TEXTS,
  type DifferenceKind,
  type DifferenceState,
  type WorkItem,
} from '@yinglian/reconciliation';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found, invalid } from '../kernel/refusal.ts';
import type { Work, Write } from '../kernel/write.ts';
import { businessDay } from './policy.ts';

export type DifferenceRecord = z.output<typeof differenceSchema>;

export type DifferenceParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

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

/** The differences found between senders; a decision covers the amount that it was made on. */
export function createDifferences(parts: DifferenceParts) {
  const { database, write, requireAccess, now } = parts;

  return {
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

/** Adds a decision to a difference, with the amount that it was made on. */
export async function insertDecision(
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
