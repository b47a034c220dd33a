import type { termsSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { type Listed, listed, type Listing } from '../kernel/listing.ts';
import { found } from '../kernel/refusal.ts';
import { jsonText } from '../kernel/write.ts';
import type { SettlementTables } from './tables.ts';

export type TermsRecord = z.output<typeof termsSchema>;

const tables = (database: Queryable) => database.withTables<SettlementTables>();

export async function listTerms(
  database: Queryable,
  listing: Listing,
): Promise<Listed<TermsRecord>[]> {
  const query = tables(database)
    .selectFrom('settlement.terms')
    .selectAll()
    .where('organisation_id', '=', listing.organisationId);
  return (await listed(query, 'settlement.terms', listing).execute()).map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      filmId: row.film_id,
      title: row.title,
      kind: (row.terms as { kind: TermsRecord['kind'] }).kind,
      state: row.state as TermsRecord['state'],
      terms: row.terms,
      digest: row.digest,
      findings: row.findings as TermsRecord['findings'],
    },
  }));
}

export type TermsFields = {
  readonly title: string;
  readonly state: string;
  readonly terms: unknown;
  readonly digest: string;
  readonly findings: readonly Finding[];
};

export async function insertTerms(
  transaction: Transaction,
  made: TermsFields & {
    readonly id: string;
    readonly organisationId: string;
    readonly filmId: string;
  },
): Promise<void> {
  await tables(transaction)
    .insertInto('settlement.terms')
    .values({
      id: made.id,
      organisation_id: made.organisationId,
      film_id: made.filmId,
      ...columns(made),
    })
    .execute();
  await keepVersion(transaction, made.id, 1, made);
}

/** False when another write came first. Every version is kept: a run names the one it used. */
export async function updateTerms(
  transaction: Transaction,
  id: string,
  version: number,
  fields: TermsFields,
): Promise<boolean> {
  const done = await tables(transaction)
    .updateTable('settlement.terms')
    .set({ ...columns(fields), version: version + 1, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  if (done.numUpdatedRows !== 1n) return false;
  await keepVersion(transaction, id, version + 1, fields);
  return true;
}

function columns(fields: TermsFields) {
  return {
    title: fields.title,
    state: fields.state,
    terms: jsonText(fields.terms),
    digest: fields.digest,
    findings: jsonText(fields.findings),
  };
}

async function keepVersion(
  transaction: Transaction,
  id: string,
  version: number,
  fields: TermsFields,
): Promise<void> {
  await tables(transaction)
    .insertInto('settlement.terms_version')
    .values({
      terms_id: id,
      version,
      state: fields.state,
      title: fields.title,
      terms: jsonText(fields.terms),
      digest: fields.digest,
    })
    .execute();
}

export async function readTermsVersion(database: Queryable, id: string, version: number) {
  const row = await tables(database)
    .selectFrom('settlement.terms_version')
    .selectAll()
    .where('terms_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return found(row, { id, version });
}
