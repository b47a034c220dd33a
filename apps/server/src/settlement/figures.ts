import type { partyBalanceSchema, rootSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import { reportsReachedBy } from '../exhibition/face.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';

type Root = z.output<typeof rootSchema>;
type Balance = z.output<typeof partyBalanceSchema>;
export type CurveDay = { date: string; grossFen: string; admissions: number; totalFen: string };

const OPEN = sql`('receivable', 'payable')`;
const DISPUTED = sql`('receivable_disputed', 'payable_disputed')`;

/** What comes of settlements: published roots, balances with each party, the run of a film. */
export function createFigures(parts: {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
}) {
  const { database, requireAccess } = parts;

  return {
    /** A root names no party and no figure: whoever holds a statement compares it. */
    async roots(context: Context, query: PageQuery): Promise<Page<Root>> {
      await requireAccess(context, 'signed_in');
      const after = afterInstant(query);
      const result = await sql<{
        id: string;
        organisation: string;
        root: string;
        first_date: string;
        last_date: string;
        statements: bigint;
        created_at: Date;
        sort_key: string;
      }>`select r.id, o.name as organisation, s.root, r.first_date, r.last_date, s.statements,
          r.created_at, r.created_at::text as sort_key
        from settlement.run r join kernel.organisation o on o.id = r.organisation_id
        join lateral (select min(proof -> 'proof' ->> 'root') as root, count(*) as statements
          from settlement.statement where run_id = r.id
            and state in ('issued', 'accepted', 'disputed')) s on s.statements > 0
        where ${
          after === undefined
            ? sql`true`
            : sql`(r.created_at, r.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
        }
        order by r.created_at desc, r.id desc limit ${query.limit + 1}`.execute(database);
      return pageOf(
        result.rows,
        query,
        (row) => [row.sort_key, row.id],
        (row) => ({
          organisation: row.organisation,
          root: row.root,
          from: row.first_date,
          to: row.last_date,
          statements: Number(row.statements),
          settledAt: row.created_at.toISOString(),
        }),
      );
    },

    /** What was stated to each party of a film, and what of it is still open in our book. */
    async balances(context: Context, filmId: string): Promise<{ rows: Balance[] }> {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'film',
        ids: [filmId],
      });
      const result = await sql<{
        party: string;
        name: Balance['name'];
        side: Balance['side'];
        statements: bigint;
        stated: string;
        open: string;
        disputed: string;
      }>`
        with own as (
          select s.number, coalesce(s.counterparty, s.party) as party, s.party_name,
            s.counterparty, s.total_fen
          from settlement.statement s
          where s.organisation_id = ${organisationId} and s.film_id = ${filmId}
            and s.state in ('issued', 'accepted', 'disputed')
            and exists (select 1 from settlement.book_entry e
              where e.organisation_id = s.organisation_id and e.opens_item = s.number)
        ), held as (
          select own.number,
            coalesce(sum(abs(b.fen)) filter (where b.account in ${OPEN}), 0) as open,
            coalesce(sum(abs(b.fen)) filter (where b.account in ${DISPUTED}), 0) as disputed,
            (select case when t.debit_account = 'receivable'
                or t.credit_account = 'received_in_advance' then 'receivable' else 'payable' end
              from settlement.book_entry e join settlement.book_transfer t
                using (organisation_id, number)
              where e.organisation_id = ${organisationId} and e.opens_item = own.number
              order by e.number, t.line limit 1) as side
          from own left join settlement.book_balance b
            on b.organisation_id = ${organisationId} and b.item = own.number
          group by own.number
        )
        select own.party, held.side, count(*) as statements,
          (array_agg(case when coalesce(own.counterparty, own.party_name ->> 'zh')
              = own.party_name ->> 'zh' then own.party_name::text end))[1]::json
            as name,
          sum(own.total_fen)::text as stated, sum(held.open)::text as open,
          sum(held.disputed)::text as disputed
        from own join held using (number) group by own.party, held.side
        order by own.party, held.side`.execute(database);
      return {
        rows: result.rows.map((row) => ({
          party: row.party,
          name: row.name,
          side: row.side,
          statements: Number(row.statements),
          statedFen: row.stated,
          openFen: row.open,
          disputedFen: row.disputed,
          settledFen: String(BigInt(row.stated) - BigInt(row.open) - BigInt(row.disputed)),
        })),
      };
    },

    /**
     * The box office of a film day by day, as its imported reports say: of a cinema's day that
     * several of them tell, the newest counts.
     */
    async curve(context: Context, filmId: string): Promise<{ rows: CurveDay[] }> {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'film',
        ids: [filmId],
      });
      const result = await sql<{ date: string; gross: string; admissions: bigint; total: string }>`
        select day as date, gross::text, admissions,
          sum(gross) over (order by day)::text as total
        from (
          select day, sum(gross_fen) as gross, sum(admissions) as admissions from (
            select row.first_date as day, row.gross_fen, row.admissions,
              rank() over (partition by row.cinema_code, upper(row.film_code), row.first_date
                order by report.created_at desc, report.id desc) as place
            from exhibition.report_row row join exhibition.report on report.id = row.report_id
            where row.film_id = ${filmId} and not row.quarantined and report.state = 'imported'
              and row.first_date = row.last_date and ${reportsReachedBy(organisationId)}
          ) told where place = 1 group by 1
        ) days order by 1 limit ${CURVE_DAYS_MAX}`.execute(database);
      return {
        rows: result.rows.map((row) => ({
          date: row.date,
          grossFen: row.gross,
          admissions: Math.max(0, Number(row.admissions)),
          totalFen: row.total,
        })),
      };
    },
  };
}

/** Ten years; no run is longer. */
const CURVE_DAYS_MAX = 3660;
