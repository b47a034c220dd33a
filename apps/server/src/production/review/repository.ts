import type { noteSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import type { ProductionTables } from '../tables.ts';

export type NoteRecord = z.output<typeof noteSchema>;

const tables = (database: Queryable) => database.withTables<ProductionTables>();

export async function listNotes(
  database: Queryable,
  where: { readonly assetId: string } | { readonly id: string },
): Promise<NoteRecord[]> {
  let query = tables(database)
    .selectFrom('production.note')
    .innerJoin('kernel.organisation', 'kernel.organisation.id', 'production.note.organisation_id')
    .selectAll('production.note')
    .select('kernel.organisation.name as organisation_name')
    .orderBy('frame')
    .orderBy('production.note.created_at')
    .orderBy('production.note.id');
  query =
    'assetId' in where
      ? query.where('asset_id', '=', where.assetId)
      : query.where('production.note.id', '=', where.id);
  return (await query.execute()).map((row) => ({
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    assetId: row.asset_id,
    author: row.author_name,
    organisation: row.organisation_name,
    frame: row.frame,
    toFrame: row.to_frame,
    text: row.text,
    state: row.state as NoteRecord['state'],
  }));
}

export async function insertNote(
  transaction: Transaction,
  note: {
    readonly id: string;
    readonly assetId: string;
    readonly organisationId: string;
    readonly authorId: string;
    readonly authorName: string;
    readonly frame: number;
    readonly toFrame: number | null;
    readonly text: string;
  },
): Promise<void> {
  await tables(transaction)
    .insertInto('production.note')
    .values({
      id: note.id,
      asset_id: note.assetId,
      organisation_id: note.organisationId,
      author_id: note.authorId,
      author_name: note.authorName,
      frame: note.frame,
      to_frame: note.toFrame,
      text: note.text,
    })
    .execute();
}

/** False when another write came first. */
export async function updateNote(
  transaction: Transaction,
  id: string,
  version: number,
  note: { readonly text: string; readonly state: string },
): Promise<boolean> {
  const done = await tables(transaction)
    .updateTable('production.note')
    .set({ ...note, version: version + 1, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}
