import { sql } from 'kysely';
import type { AccessRule } from '../access/access.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import type { FileTable } from '../database/tables.ts';
import type { Download } from '../http/routes.ts';
import type { ObjectStore } from '../objects/store.ts';

/** A stored object with a name and an owner. Halls keep the id; the bytes lie in the store. */
export type NewFile = {
  readonly organisationId: string;
  /** With a film and a hall, those in the film's room who share the hall may read it. */
  readonly filmId?: string | null;
  readonly hall?: 'film' | 'production' | 'distribution' | 'exhibition' | 'settlement' | null;
  readonly name: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
};

export type FileRecord = {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly digest: string;
  readonly createdAt: string;
};

/** Registers an object under a name, inside the transaction of whoever made it. */
export type RegisterFile = (transaction: Transaction, file: NewFile) => Promise<FileRecord>;

export function fileRegistrar(newId: () => string): RegisterFile {
  return async (transaction, file) => {
    const row = await transaction
      .insertInto('kernel.file')
      .values(fileRow(newId(), file))
      .returningAll()
      .executeTakeFirstOrThrow();
    return fileView(row);
  };
}

/** Registers many objects at once under ids that their maker chose. */
export async function registerFiles(
  transaction: Transaction,
  files: readonly (NewFile & { readonly id: string })[],
): Promise<void> {
  if (files.length === 0) return;
  await transaction
    .insertInto('kernel.file')
    .values(files.map((each) => fileRow(each.id, each)))
    .execute();
}

function fileRow(id: string, file: NewFile) {
  return {
    id,
    organisation_id: file.organisationId,
    film_id: file.filmId ?? null,
    hall: file.hall ?? null,
    name: file.name,
    media_type: file.mediaType,
    size_bytes: BigInt(file.sizeBytes),
    digest: file.digest,
  };
}

/** The records of files by their ids; access is the caller's business. */
export async function readFileRecords(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FileRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('kernel.file')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, fileView(row)]));
}

/** Puts a file into a film's room: an upload belongs to its sender until a hall takes it in. */
export async function shareFile(
  transaction: Transaction,
  fileId: string,
  filmId: string,
  hall: NonNullable<NewFile['hall']>,
): Promise<void> {
  await transaction
    .updateTable('kernel.file')
    .set({ film_id: filmId, hall })
    .where('id', '=', fileId)
    .execute();
}

/** The owner, whom it was made for, and through the film's room whoever shares its hall. */
export const fileRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select file.id, file.organisation_id = ${organisationId} as own
    from kernel.file as file
    where file.id = any(${[...ids]}::uuid[]) and (
      file.organisation_id = ${organisationId} or exists (
        select 1 from kernel.file_grant as given
        where given.file_id = file.id and given.organisation_id = ${organisationId}) or exists (
        select 1 from kernel.room_member as member
        where member.film_id = file.film_id and member.organisation_id = ${organisationId}
          and (member.owner or file.hall = 'film' or file.hall = any(member.halls))))
  `.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

/** A stored file as an answer, with ranges and its digest as the entity tag. */
export function downloadFile(
  objects: ObjectStore,
  file: FileRecord,
  options: { readonly inline?: boolean } = {},
): Download {
  return {
    name: file.name,
    mediaType: file.mediaType,
    sizeBytes: file.sizeBytes,
    etag: `"${file.digest}"`,
    inline: options.inline === true,
    path: objects.localPath(file.digest),
    body: (range) => objects.stream(file.digest, range),
  };
}

type FileRow = Omit<{ [Name in keyof FileTable]: FileTable[Name] }, 'created_at'> & {
  readonly created_at: Date;
};

function fileView(row: FileRow): FileRecord {
  return {
    id: row.id,
    name: row.name,
    mediaType: row.media_type,
    sizeBytes: Number(row.size_bytes),
    digest: row.digest,
    createdAt: row.created_at.toISOString(),
  };
}
