import { nodeCryptography } from '@yinglian/host';
import type {
  ageLineSchema,
  boardRowSchema,
  bookEntrySchema,
  openItemSchema,
  periodSchema,
  trialLineSchema,
} from '@yinglian/contract';
import { accepted, addToMonth, type Finding, lastDayOf, monthOf } from '@yinglian/core';
import {
  ACCOUNT_NAMES,
  AGE_BOUNDS,
  ageItems,
  applicationEntry,
  bookFrom,
  CHART,
  checkBook,
  closePeriod,
  isClosed,
  type PeriodDecision,
  type Role,
  sealOf,
} from '@yinglian/ledger';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import { afterNumber, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, invalid, versionConflict } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { filmsReachedBy } from '../kernel/access/access.ts';
import {
  insertPeriod,
  listEntries,
  lockBook,
  postInBook,
  readBalances,
  readBook,
  readOpenItems,
  readPeriods,
  readTrialBalance,
  type StoredEntry,
} from './book-repository.ts';
import { businessDay, type Policy, readPolicy, writePolicy } from './policy.ts';

export type BookParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly now: () => Date;
};

export type EntryRecord = z.output<typeof bookEntrySchema>;
export type PeriodRecord = z.output<typeof periodSchema>;
type Side = 'receivable' | 'payable';

export function entryRecord(entry: StoredEntry): EntryRecord {
  const ref = ({ account, party, item }: StoredEntry['transfers'][number]['debit']) => ({
    account,
    party: party ?? null,
    item: item ?? null,
  });
  return {
    number: entry.number,
    key: entry.key,
    kind: entry.kind,
    date: entry.date,
    memo: entry.memo,
    opens: entry.opens ?? null,
    reverses: entry.reverses ?? null,
    restates: entry.restates ?? null,
    transfers: entry.transfers.map(({ debit, credit, fen }) => ({
      debit: ref(debit),
      credit: ref(credit),
      fen: String(fen),
    })),
    hash: entry.hash,
    previous: entry.previous,
    postedAt: entry.postedAt.toISOString(),
  };
}

/** The book of the acting organisation: what it holds, what is open, its periods. */
export function createBooks(parts: BookParts) {
  const { database, write, requireAccess, now } = parts;
  const reading = (context: Context) => requireAccess(context, 'settlement.read');

  return {
    async policy(context: Context): Promise<Policy> {
      const { organisationId } = await reading(context);
      return readPolicy(database, organisationId);
    },

    async setPolicy(context: Context, policy: Policy): Promise<Policy> {
      const { organisationId } = await requireAccess(context, 'settlement.issue');
      return write(context, async (work) => {
        if (!(await writePolicy(work.transaction, organisationId, policy))) {
          throw versionConflict(await readPolicy(work.transaction, organisationId), policy);
        }
        work.audit({
          action: 'settlement.policy_changed',
          subjectKind: 'policy',
          subjectId: organisationId,
          facts: { fourEyes: policy.fourEyes, paymentDays: policy.paymentDays },
        });
        return readPolicy(work.transaction, organisationId);
      });
    },

    async entries(
      context: Context,
      query: PageQuery & { readonly item?: string | undefined },
    ): Promise<Page<EntryRecord>> {
      const { organisationId } = await reading(context);
      const below = afterNumber(query);
      const { item, limit } = query;
      const rows = await listEntries(database, { organisationId, item, below, limit: limit + 1 });
      return pageOf(rows, query, (row) => [String(row.number)], entryRecord);
    },

    async accounts(
      context: Context,
      days: { readonly from?: string | undefined; readonly to?: string | undefined },
    ): Promise<{ rows: z.output<typeof trialLineSchema>[] }> {
      const { organisationId } = await reading(context);
      const sums = await readTrialBalance(database, organisationId, days);
      const byAccount = new Map(sums.map((each) => [each.account, each]));
      return {
        rows: ACCOUNT_NAMES.flatMap((account) => {
          const sum = byAccount.get(account);
          if (sum === undefined) return [];
          const { number, name } = CHART[account];
          const { debitFen, creditFen } = sum;
          return [
            {
              account,
              number,
              name,
              debitFen: String(debitFen),
              creditFen: String(creditFen),
              balanceFen: String(debitFen - creditFen),
            },
          ];
        }),
      };
    },

    async items(
      context: Context,
      query: { readonly side: Side; readonly asOf?: string | undefined },
    ): Promise<{ asOf: string; rows: z.output<typeof openItemSchema>[] }> {
      const { organisationId } = await reading(context);
      const asOf = query.asOf ?? businessDay(now());
      const items = await readOpenItems(database, organisationId, asOf);
      return {
        asOf,
        rows: items
          .filter((each) => each.side === query.side)
          .map((each) => ({
            ...each,
            party: each.party ?? null,
            amountFen: String(each.amountFen),
            openFen: String(each.openFen),
            disputedFen: String(each.disputedFen),
          })),
      };
    },

    async ageing(
      context: Context,
      query: { readonly side: Side; readonly asOf?: string | undefined },
    ): Promise<{ asOf: string; bounds: number[]; rows: z.output<typeof ageLineSchema>[] }> {
      const { organisationId } = await reading(context);
      const asOf = query.asOf ?? businessDay(now());
      const items = await readOpenItems(database, organisationId, asOf);
      return {
        asOf,
        bounds: [...AGE_BOUNDS],
        rows: ageItems(items, query.side, asOf).map((line) => ({
          party: line.party ?? null,
          notDueFen: String(line.notDueFen),
          overdueFen: line.overdueFen.map(String),
          disputedFen: String(line.disputedFen),
          totalFen: String(line.totalFen),
        })),
      };
    },

    /** Recomputes digests, the chain, seals and kept balances from the entries themselves. */
    async check(
      context: Context,
    ): Promise<{ entries: number; head: string; findings: readonly Finding[] }> {
      const { organisationId } = await reading(context);
      const [entries, periods, balances] = await Promise.all([
        readBook(database, organisationId),
        readPeriods(database, organisationId),
        readBalances(database, organisationId),
      ]);
      const book = { ...bookFrom(organisationId, entries, periods), balances };
      return { entries: book.count, head: book.head, findings: checkBook(book, nodeCryptography) };
    },

    async periods(context: Context): Promise<{ rows: PeriodRecord[] }> {
      const { organisationId } = await reading(context);
      const decisions = await readPeriods(database, organisationId);
      const result = await sql<{ month: string; entries: bigint; turnover: string }>`
        select to_char(e.date, 'YYYY-MM') as month, count(distinct e.number) as entries,
          coalesce(sum(t.fen), 0)::text as turnover
        from settlement.book_entry e left join settlement.book_transfer t
          using (organisation_id, number)
        where e.organisation_id = ${organisationId} group by 1`.execute(database);
      const months = new Map(result.rows.map((row) => [row.month, row]));
      const current = monthOf(businessDay(now()));
      const all = new Set([...months.keys(), ...decisions.map((each) => each.month), current]);
      return {
        rows: [...all]
          .toSorted()
          .toReversed()
          .map((month): PeriodRecord => {
            const held = months.get(month);
            const last = decisions.findLast((each) => each.month === month);
            return {
              month,
              state: isClosed(decisions, month) ? 'closed' : 'open',
              entries: Number(held?.entries ?? 0n),
              turnoverFen: held?.turnover ?? '0',
              root: last?.to === 'closed' ? last.root : null,
              by: last?.by ?? null,
              on: last?.on ?? null,
            };
          }),
      };
    },

    async closePeriod(context: Context, month: string): Promise<PeriodRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.issue');
      return write(context, async (work) => {
        await lockBook(work.transaction, organisationId);
        const entries = await readBook(work.transaction, organisationId);
        const periods = await readPeriods(work.transaction, organisationId);
        const book = bookFrom(organisationId, entries, periods);
        const by = context.user?.name ?? '';
        const closed = closePeriod(book, { month, by, on: businessDay(now()) }, nodeCryptography);
        if (!closed.ok) throw conflict(...closed.findings);
        const { seal } = closed.value;
        const decision: PeriodDecision = { to: 'closed', ...seal };
        await insertPeriod(work.transaction, organisationId, decision);
        work.audit({
          action: 'settlement.period_closed',
          subjectKind: 'period',
          subjectId: organisationId,
          facts: { month, entries: seal.entries, root: seal.root },
        });
        return {
          month,
          state: 'closed',
          entries: seal.entries,
          turnoverFen: String(seal.turnoverFen),
          root: sealOf(entries, month, nodeCryptography).root,
          by,
          on: seal.on,
        };
      });
    },

    async apply(
      context: Context,
      request: {
        readonly side: Role;
        readonly party: string;
        readonly item: string;
        readonly advance: string;
        readonly amountFen: string;
        readonly date: string;
      },
    ): Promise<EntryRecord> {
      const { organisationId, userId } = await requireAccess(context, 'settlement.write');
      const { side, party, item, advance, date } = request;
      return write(context, async (work) => {
        const listing = { organisationId, item, limit: 1 };
        const turn = (await listEntries(work.transaction, listing))[0]?.number ?? 0;
        const key = `application/${item}/${advance}/${turn}`;
        const [placed] = await postInBook(
          work.transaction,
          { organisationId, userId, items: [item, advance], keys: [key] },
          (view) => {
            const amountFen = BigInt(request.amountFen);
            const made = applicationEntry(view, side, {
              key,
              date,
              party,
              item,
              advance,
              amountFen,
            });
            return made.ok ? accepted([made.value]) : made;
          },
        );
        work.audit({
          action: 'settlement.advance_applied',
          subjectKind: 'entry',
          subjectId: organisationId,
          facts: { item, advance, amountFen: request.amountFen },
        });
        return entryRecord({ ...placed!.entry, postedAt: now() });
      });
    },

    /** Where a month stands, film by film: what came in, what went out, what is missing. */
    async board(
      context: Context,
      month: string,
    ): Promise<{ month: string; closed: boolean; rows: z.output<typeof boardRowSchema>[] }> {
      const { organisationId } = await reading(context);
      if (month < '1900-01' || month > addToMonth(monthOf(businessDay(now())), 1200))
        throw invalid();
      const decisions = await readPeriods(database, organisationId);
      const rows = await boardRows(database, organisationId, month);
      return { month, closed: isClosed(decisions, month), rows };
    },
  };
}

async function boardRows(
  database: Database,
  organisationId: string,
  month: string,
): Promise<z.output<typeof boardRowSchema>[]> {
  const [first, last] = [`${month}-01`, lastDayOf(month)];
  const result = await sql<{
    id: string;
    title: string;
    reports: bigint;
    runs: bigint;
    gross: string;
    states: Record<string, number> | null;
    due: string;
    open: string;
    disputed: string;
    differences: bigint;
  }>`
    with own as (
      select s.* from settlement.statement s
      where s.organisation_id = ${organisationId}
        and s.first_date <= ${last}::date and s.last_date >= ${first}::date
    )
    select f.id, f.title,
      (select count(*) from exhibition.report r where r.film_id = f.id and r.state = 'imported'
        and r.first_date <= ${last}::date and r.last_date >= ${first}::date) as reports,
      (select count(*) from settlement.run r where r.film_id = f.id
        and r.organisation_id = ${organisationId}
        and r.first_date <= ${last}::date and r.last_date >= ${first}::date) as runs,
      coalesce((select sum(s.gross_fen) from own s where s.film_id = f.id
        and s.kind = 'circuit'), 0)::text as gross,
      (select json_object_agg(state, n) from (select state, count(*) as n from own s
        where s.film_id = f.id group by state) counted) as states,
      coalesce((select sum(s.total_fen) from own s where s.film_id = f.id
        and s.kind not in ('distributor', 'fund', 'tax')), 0)::text as due,
      coalesce((select sum(abs(b.fen)) from settlement.book_balance b
        join own s on s.number = b.item
        where s.film_id = f.id and b.organisation_id = ${organisationId}
          and b.account in ('receivable', 'payable')), 0)::text as open,
      coalesce((select sum(abs(b.fen)) from settlement.book_balance b
        join own s on s.number = b.item
        where s.film_id = f.id and b.organisation_id = ${organisationId}
          and b.account in ('receivable_disputed', 'payable_disputed')), 0)::text as disputed,
      (select count(*) from settlement.difference d where d.film_id = f.id
        and d.organisation_id = ${organisationId} and not d.cured
        and d.date between ${first}::date and ${last}::date
        and coalesce((select c.state from settlement.difference_decision c
          where c.difference_id = d.id order by c.number desc limit 1), 'open')
          not in ('accepted', 'adjusted')) as differences
    from film.film f where f.id in ${filmsReachedBy(organisationId, 'settlement')}
    order by f.title, f.id`.execute(database);
  return result.rows
    .map((row) => ({
      filmId: row.id,
      film: row.title,
      reports: Number(row.reports),
      runs: Number(row.runs),
      grossFen: row.gross,
      statements: {
        draft: row.states?.['draft'] ?? 0,
        checked: row.states?.['checked'] ?? 0,
        issued: row.states?.['issued'] ?? 0,
        accepted: row.states?.['accepted'] ?? 0,
        disputed: row.states?.['disputed'] ?? 0,
      },
      dueFen: row.due,
      openFen: row.open,
      disputedFen: row.disputed,
      differences: Number(row.differences),
    }))
    .filter((row) => row.reports + row.runs + row.differences > 0);
}
