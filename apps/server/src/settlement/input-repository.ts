import type { inputSchema } from '@yinglian/contract';
import { type SettlementInput, settlementInputSchema } from '@yinglian/settlement';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { jsonText } from '../kernel/write.ts';

export type InputRecord = z.output<typeof inputSchema>;
export type InputListing = {
  readonly organisationId: string;
  readonly filmId?: string | undefined;
  readonly kind?: string | undefined;
  readonly ids?: readonly string[];
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
};

const LATEST = sql`not exists (select 1 from settlement.input later
  where later.organisation_id = i.organisation_id and later.film_id = i.film_id
    and later.kind = i.kind and later.key = i.key and later.revision > i.revision)`;

/** The newest revision of each record, the newest first; withdrawn ones stay out of lists. */
export async function listInputs(database: Queryable, listing: InputListing) {
  const { organisationId, filmId, kind, ids, after, limit } = listing;
  const result = await sql<{
    id: string;
    film_id: string;
    kind: string;
    key: string;
    revision: number;
    date: string | null;
    created_at: Date;
    by_name: string;
    data: unknown;
    sort_key: string;
  }>`select i.*, i.created_at::text as sort_key from settlement.input i
    where i.organisation_id = ${organisationId} and ${LATEST}
      and ${filmId === undefined ? sql`true` : sql`i.film_id = ${filmId}`}
      and ${kind === undefined ? sql`true` : sql`i.kind = ${kind}`}
      and ${ids === undefined ? sql`i.data is not null` : sql`i.id = any(${[...ids]}::uuid[])`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(i.created_at, i.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    order by i.created_at desc, i.id desc limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      filmId: row.film_id,
      kind: row.kind as InputRecord['kind'],
      key: row.key,
      revision: row.revision,
      date: row.date,
      createdAt: row.created_at.toISOString(),
      by: row.by_name,
      data: row.data,
    } satisfies InputRecord,
  }));
}

export type CurrentInput = {
  readonly filmId: string;
  readonly revision: number;
  readonly record: SettlementInput;
};

/** All records of films that count, in one order whatever order they came in. */
export async function readCurrentInputs(
  database: Queryable,
  organisationId: string,
  filmIds: readonly string[],
): Promise<CurrentInput[]> {
  const result = await sql<{ film_id: string; revision: number; data: unknown }>`
    select i.film_id, i.revision, i.data from settlement.input i
    where i.organisation_id = ${organisationId} and i.film_id = any(${[...filmIds]}::uuid[])
      and i.data is not null and ${LATEST}
    order by i.kind, i.key, i.film_id`.execute(database);
  return result.rows.map((row) => ({
    filmId: row.film_id,
    revision: row.revision,
    record: settlementInputSchema.parse(row.data),
  }));
}

/** Whose records they are, and of which film. */
export type InputOwner = { readonly organisationId: string; readonly filmId: string };

/** Records of one film are written one after the other. */
export async function lockInputs(transaction: Transaction, owner: InputOwner): Promise<void> {
  const key = `settlement input ${owner.organisationId} ${owner.filmId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
}

/** The newest revision of these keys, withdrawn ones too. */
export async function readRevisions(
  database: Queryable,
  owner: InputOwner,
  records: readonly { readonly kind: string; readonly key: string }[],
): Promise<ReadonlyMap<string, { readonly revision: number; readonly data: unknown }>> {
  const result = await sql<{ kind: string; key: string; revision: number; data: unknown }>`
    select i.kind, i.key, i.revision, i.data from settlement.input i
    join unnest(${records.map((each) => each.kind)}::text[],
      ${records.map((each) => each.key)}::text[]) as wanted (kind, key)
      on wanted.kind = i.kind and wanted.key = i.key
    where i.organisation_id = ${owner.organisationId} and i.film_id = ${owner.filmId}
      and ${LATEST}`.execute(database);
  return new Map(
    result.rows.map(({ kind, key, revision, data }) => [`${kind}/${key}`, { revision, data }]),
  );
}

export type NewInput = {
  readonly id: string;
  readonly organisationId: string;
  readonly filmId: string;
  readonly kind: string;
  readonly key: string;
  readonly revision: number;
  readonly date: string | null;
  readonly data: unknown;
  readonly by: string;
};

export async function insertInputs(
  transaction: Transaction,
  inputs: readonly NewInput[],
): Promise<void> {
  if (inputs.length === 0) return;
  const column = <Value>(pick: (input: NewInput) => Value) => inputs.map(pick);
  await sql`insert into settlement.input
      (id, organisation_id, film_id, kind, key, revision, date, data, by_name)
    select * from unnest(${column((each) => each.id)}::uuid[],
      ${column((each) => each.organisationId)}::uuid[],
      ${column((each) => each.filmId)}::uuid[], ${column((each) => each.kind)}::text[],
      ${column((each) => each.key)}::text[], ${column((each) => each.revision)}::integer[],
      ${column((each) => each.date)}::date[],
      ${column((each) => (each.data === null ? null : jsonText(each.data)))}::json[],
      ${column((each) => each.by)}::text[])`.execute(transaction);
}
