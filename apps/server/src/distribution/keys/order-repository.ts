import type { keyOrderSchema, ORDER_REASONS } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { found } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import type { KeyRequest } from './request.ts';

export type OrderRecord = z.output<typeof keyOrderSchema>;
export type OrderReason = (typeof ORDER_REASONS)[number];
type State = OrderRecord['state'];

export type NewOrder = {
  readonly id: string;
  readonly organisationId: string;
  readonly filmId: string;
  readonly packageId: string;
  readonly request: KeyRequest;
  readonly reason: OrderReason;
  readonly state: State;
  readonly findings: readonly Finding[];
  readonly userId: string | null;
};

export async function insertOrder(transaction: Transaction, order: NewOrder): Promise<void> {
  // A national order names 91,000 screens: they stand in a column of their own, once.
  const { screenIds, ...request } = order.request;
  await sql`
    insert into distribution.key_order (id, organisation_id, film_id, package_id, screen_ids,
      request, reason, state, findings, proposed_by)
    values (${order.id}, ${order.organisationId}, ${order.filmId}, ${order.packageId},
      ${[...screenIds]}::uuid[], ${jsonText(request)}, ${order.reason},
      ${order.state}, ${jsonText(order.findings)}, ${order.userId})
  `.execute(transaction);
}

/** Which job issues what was ordered; proposals have none yet. */
export async function setOrderJobs(
  transaction: Transaction,
  orders: readonly { readonly id: string; readonly jobId: string | null }[],
): Promise<void> {
  const ordered = orders.filter((each) => each.jobId !== null);
  if (ordered.length === 0) return;
  await sql`
    update distribution.key_order set job_id = each.job_id
    from unnest(${ordered.map((each) => each.id)}::uuid[],
      ${ordered.map((each) => each.jobId)}::uuid[]) as each (id, job_id)
    where key_order.id = each.id`.execute(transaction);
}

/** Screens that one person ordered keys for in the last day, without a second one. */
export async function orderedToday(
  database: Queryable,
  organisationId: string,
  userId: string | null,
): Promise<number> {
  if (userId === null) return 0;
  const result = await sql<{ screens: bigint }>`
    select coalesce(sum(cardinality(screen_ids)), 0)::bigint as screens
    from distribution.key_order
    where organisation_id = ${organisationId} and proposed_by = ${userId} and state = 'ordered'
      and decided_by is null and created_at > now() - interval '1 day'`.execute(database);
  return Number(result.rows[0]?.screens ?? 0n);
}

/** The first day of a film's announced run. */
export async function runBegins(
  database: Queryable,
  organisationId: string,
  filmId: string,
): Promise<string | undefined> {
  const result = await sql<{ opens: string | null }>`
    select min(period->>'from') as opens from distribution.release
    join distribution.release_revision as announced
      on announced.release_id = release.id and announced.revision = release.revision
    cross join lateral json_array_elements(announced.plan->'periods') as period
    where release.organisation_id = ${organisationId} and release.film_id = ${filmId}
      and release.state = 'announced'`.execute(database);
  return result.rows[0]?.opens ?? undefined;
}

/** Screens of a package that an open proposal covers already. */
export async function proposedScreens(
  database: Queryable,
  packageId: string,
  window: { readonly notBefore: string; readonly notAfter: string },
): Promise<Set<string>> {
  const result = await sql<{ screen_id: string }>`
    select unnest(screen_ids) as screen_id from distribution.key_order
    where package_id = ${packageId} and state = 'proposed'
      and request->>'notBefore' = ${window.notBefore}
      and request->>'notAfter' = ${window.notAfter}`.execute(database);
  return new Set(result.rows.map((row) => row.screen_id));
}

type Row = {
  id: string;
  created_at: Date;
  film_id: string;
  film_title: string;
  package_id: string;
  package_title: string;
  screens: number;
  cinemas: string[] | null;
  opens: string;
  closes: string;
  reason: OrderReason;
  state: State;
  findings: Finding[];
  proposed_by: string | null;
  proposer: string | null;
  decider: string | null;
  decided_at: Date | null;
  note: string;
  job_id: string | null;
  sort_key: string;
};

export type StoredOrder = {
  readonly record: OrderRecord;
  readonly proposedBy: string | null;
};

/** Names of cinemas that an order shows; the rest is a number. */
const CINEMAS_SHOWN = 5;

export async function listOrders(
  database: Queryable,
  listing: Listing & { readonly state?: State | undefined; readonly userId?: string | null },
): Promise<Listed<StoredOrder>[]> {
  const { state } = listing;
  const result = await sql<Row>`
    select key_order.id, key_order.created_at, key_order.film_id, key_order.package_id,
      cardinality(key_order.screen_ids) as screens, key_order.request->>'notBefore' as opens,
      key_order.request->>'notAfter' as closes, key_order.reason, key_order.state,
      key_order.findings, key_order.proposed_by, key_order.decided_at, key_order.note,
      key_order.job_id, film.title as film_title, package.title as package_title,
      proposer.name as proposer, decider.name as decider, key_order.created_at::text as sort_key,
      (select json_agg(name) from (
        select distinct cinema.name from exhibition.screen
        join exhibition.cinema on cinema.id = screen.cinema_id
        where screen.id = any(key_order.screen_ids[1:200])
        order by cinema.name limit ${CINEMAS_SHOWN}) as shown) as cinemas
    from distribution.key_order
    join film.film on film.id = key_order.film_id
    join distribution.package on package.id = key_order.package_id
    left join identity."user" as proposer on proposer.id = key_order.proposed_by
    left join identity."user" as decider on decider.id = key_order.decided_by
    where key_order.organisation_id = ${listing.organisationId}
      and ${listedBy('key_order', listing)}
      and ${state === undefined ? sql`true` : sql`key_order.state = ${state}`}
    ${newestFirst('key_order', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      proposedBy: row.proposed_by,
      record: recordOf(row, listing.userId ?? null),
    },
  }));
}

function recordOf(row: Row, userId: string | null): OrderRecord {
  return {
    id: row.id,
    createdAt: row.created_at.toISOString(),
    filmId: row.film_id,
    filmTitle: row.film_title,
    packageId: row.package_id,
    packageTitle: row.package_title,
    screens: row.screens,
    cinemas: row.cinemas ?? [],
    notBefore: row.opens,
    notAfter: row.closes,
    reason: row.reason,
    state: row.state,
    findings: row.findings.map(wireFinding),
    proposedBy: row.proposer,
    decidedBy: row.decider,
    decidedAt: row.decided_at?.toISOString() ?? null,
    note: row.note,
    jobId: row.job_id,
    mine: row.state === 'proposed' && row.proposed_by !== userId,
  };
}

/** What an order asks for, whole. */
export async function readRequest(database: Queryable, id: string): Promise<KeyRequest> {
  const result = await sql<{ request: Omit<KeyRequest, 'screenIds'>; screen_ids: string[] }>`
    select request, screen_ids from distribution.key_order where id = ${id}`.execute(database);
  const row = found(result.rows[0], { id });
  return { ...row.request, screenIds: row.screen_ids };
}

/** Decides a proposal that nobody decided before. Gives whether it did. */
export async function decideOrder(
  transaction: Transaction,
  id: string,
  decision: {
    readonly state: Exclude<State, 'proposed'>;
    readonly userId: string;
    readonly now: Date;
    readonly note?: string;
    readonly jobId?: string;
  },
): Promise<boolean> {
  const result = await sql`
    update distribution.key_order set state = ${decision.state}, decided_by = ${decision.userId},
      decided_at = ${decision.now}, note = ${decision.note ?? ''},
      job_id = ${decision.jobId ?? null}
    where id = ${id} and state = 'proposed'`.execute(transaction);
  return result.numAffectedRows === 1n;
}
