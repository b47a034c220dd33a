import type { filmSchema } from '@yinglian/contract';
import { type Finding, finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../kernel/access/access.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { listed } from '../kernel/listing.ts';
import { invalid } from '../kernel/refusal.ts';
import { openRoom } from '../kernel/rooms/rooms.ts';
import { jsonText } from '../kernel/write.ts';
import type { FilmWrite } from './rules.ts';
import type { FilmTables } from './tables.ts';

export type FilmRecord = z.output<typeof filmSchema>;
/** What is stored of a film beside its lists. */
export type FilmFields = {
  readonly title: string;
  readonly titleEnglish: string | null;
  readonly year: number | null;
  readonly country: string | null;
  readonly synopsis: string | null;
  readonly eidr: string | null;
  readonly isan: string | null;
  readonly licenceNumber: string | null;
  readonly findings: readonly Finding[];
};

const tables = (database: Queryable) => database.withTables<FilmTables>();

/** Films by id, with their lists, in no order. */
export async function readFilms(
  database: Queryable,
  ids: readonly string[],
): Promise<Map<string, FilmRecord>> {
  if (ids.length === 0) return new Map();
  const db = tables(database);
  const [films, versions, parties, rights] = await Promise.all([
    db.selectFrom('film.film').selectAll().where('id', 'in', ids).execute(),
    db
      .selectFrom('film.version')
      .selectAll()
      .where('film_id', 'in', ids)
      .orderBy('ordinal')
      .execute(),
    db
      .selectFrom('film.party')
      .selectAll()
      .where('film_id', 'in', ids)
      .orderBy('ordinal')
      .execute(),
    db
      .selectFrom('film.rights_window')
      .selectAll()
      .where('film_id', 'in', ids)
      .orderBy('ordinal')
      .execute(),
  ]);
  return new Map(
    films.map((row) => [
      row.id,
      {
        id: row.id,
        version: row.version,
        createdAt: row.created_at.toISOString(),
        updatedAt: row.updated_at.toISOString(),
        ownerId: row.owner_id,
        title: row.title,
        titleEnglish: row.title_english,
        year: row.year,
        country: row.country,
        synopsis: row.synopsis,
        eidr: row.eidr,
        isan: row.isan,
        licenceNumber: row.licence_number,
        posterFileId: row.poster_file_id,
        findings: row.findings as FilmRecord['findings'],
        versions: versions
          .filter((each) => each.film_id === row.id)
          .map((each) => ({
            id: each.id,
            format: each.format as FilmRecord['versions'][number]['format'],
            filmCode: each.film_code,
            audioLanguage: each.audio_language,
            subtitleLanguages: each.subtitle_languages,
            runtimeSeconds: each.runtime_seconds,
          })),
        parties: parties
          .filter((each) => each.film_id === row.id)
          .map((each) => ({
            organisationId: each.organisation_id,
            name: each.name,
            role: each.role as FilmRecord['parties'][number]['role'],
          })),
        rights: rights
          .filter((each) => each.film_id === row.id)
          .map((each) => ({
            holder: each.holder,
            territories: each.territories,
            media: each.media as FilmRecord['rights'][number]['media'],
            from: each.valid_from,
            to: each.valid_to,
            exclusive: each.exclusive,
          })),
      },
    ]),
  );
}

export type ListOptions = {
  readonly organisationId: string;
  readonly search?: string | undefined;
  /** The last row of the page before: its sort key and id. */
  readonly after?: readonly [createdAt: string, id: string] | undefined;
  readonly limit: number;
};
export type ListedId = { readonly id: string; readonly sortKey: string };

/** Ids of the films an organisation reaches, the newest first; one more than `limit` if any. */
export async function listFilmIds(database: Queryable, options: ListOptions): Promise<ListedId[]> {
  const { organisationId, search, after, limit } = options;
  let query = tables(database)
    .selectFrom('film.film')
    .select('id')
    .where('id', 'in', filmsReachedBy(organisationId));
  if (search !== undefined && search.trim() !== '') {
    const like = `%${search.trim().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((where) =>
      where.or([
        where('title', 'ilike', like),
        where('title_english', 'ilike', like),
        where.exists(
          where
            .selectFrom('film.version')
            .select('film.version.id')
            .whereRef('film.version.film_id', '=', 'film.film.id')
            .where('film_code', 'ilike', like),
        ),
      ]),
    );
  }
  const rows = await listed(query, 'film.film', { after, limit }).execute();
  return rows.map((row) => ({ id: row.id, sortKey: row.sort_key }));
}

/** Titles and codes of all films an organisation reaches, for finding the same film twice. */
export async function listFilmNames(database: Queryable, organisationId: string) {
  const db = tables(database);
  const [films, versions] = await Promise.all([
    db
      .selectFrom('film.film')
      .select(['id', 'title', 'year', 'eidr', 'isan'])
      .where('id', 'in', filmsReachedBy(organisationId))
      .orderBy('created_at')
      .execute(),
    db
      .selectFrom('film.version')
      .select(['film_id', 'film_code'])
      .where('film_id', 'in', filmsReachedBy(organisationId))
      .where('film_code', 'is not', null)
      .execute(),
  ]);
  return { films, versions };
}

/** The film of this owner that bears an EIDR already, if it is another one. */
export async function filmOfEidr(
  transaction: Transaction,
  ownerId: string,
  eidr: string,
  ownId: string,
): Promise<string | undefined> {
  const row = await tables(transaction)
    .selectFrom('film.film')
    .select('id')
    .where('owner_id', '=', ownerId)
    .where('eidr', '=', eidr)
    .where('id', '!=', ownId)
    .executeTakeFirst();
  return row?.id;
}

export async function insertFilm(
  transaction: Transaction,
  film: { readonly id: string; readonly ownerId: string } & FilmFields,
): Promise<void> {
  await tables(transaction)
    .insertInto('film.film')
    .values({ id: film.id, owner_id: film.ownerId, ...columns(film) })
    .execute();
  await openRoom(transaction, film.id, film.ownerId);
}

/** False when another write came first. */
export async function updateFilm(
  transaction: Transaction,
  id: string,
  version: number,
  film: FilmFields,
): Promise<boolean> {
  const updated = await tables(transaction)
    .updateTable('film.film')
    .set({ ...columns(film), version: version + 1, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

function columns(film: FilmFields) {
  return {
    title: film.title,
    title_english: film.titleEnglish,
    year: film.year,
    country: film.country,
    synopsis: film.synopsis,
    eidr: film.eidr,
    isan: film.isan,
    licence_number: film.licenceNumber,
    findings: jsonText(film.findings),
  };
}

/** Replaces the lists of a film. Versions keep their ids: packages and tickets hang on them. */
export async function replaceLists(
  transaction: Transaction,
  filmId: string,
  lists: Pick<FilmWrite, 'parties' | 'rights'> & {
    versions?: (NonNullable<FilmWrite['versions']>[number] & { id: string })[];
  },
): Promise<void> {
  const db = tables(transaction);
  if (lists.versions !== undefined) await replaceVersions(transaction, filmId, lists.versions);
  if (lists.parties !== undefined) {
    await db.deleteFrom('film.party').where('film_id', '=', filmId).execute();
    const rows = lists.parties.map((each, ordinal) => ({
      film_id: filmId,
      ordinal,
      organisation_id: each.organisationId,
      name: each.name,
      role: each.role,
    }));
    if (rows.length > 0) await db.insertInto('film.party').values(rows).execute();
  }
  if (lists.rights !== undefined) {
    await db.deleteFrom('film.rights_window').where('film_id', '=', filmId).execute();
    const rows = lists.rights.map((each, ordinal) => ({
      film_id: filmId,
      ordinal,
      holder: each.holder,
      territories: each.territories,
      media: each.media,
      valid_from: each.from,
      valid_to: each.to,
      exclusive: each.exclusive,
    }));
    if (rows.length > 0) await db.insertInto('film.rights_window').values(rows).execute();
  }
}

async function replaceVersions(
  transaction: Transaction,
  filmId: string,
  versions: readonly (NonNullable<FilmWrite['versions']>[number] & { id: string })[],
): Promise<void> {
  const db = tables(transaction);
  const kept = versions.map((each) => each.id);
  let gone = db.deleteFrom('film.version').where('film_id', '=', filmId);
  if (kept.length > 0) gone = gone.where('id', 'not in', kept);
  await gone.execute();
  for (const [ordinal, each] of versions.entries()) {
    const row = {
      ordinal,
      format: each.format,
      film_code: each.filmCode,
      audio_language: each.audioLanguage,
      subtitle_languages: each.subtitleLanguages,
      runtime_seconds: each.runtimeSeconds,
    };
    const stored = await db
      .insertInto('film.version')
      .values({ id: each.id, film_id: filmId, ...row })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(row).where('film.version.film_id', '=', filmId),
      )
      .returning('id')
      .executeTakeFirst();
    if (stored === undefined) {
      const at = { field: `versions.${ordinal}.id` };
      throw invalid(finding('foreign_version', 'error', { facts: { version: each.id }, at }));
    }
  }
}

export async function setPoster(
  transaction: Transaction,
  filmId: string,
  fileId: string,
): Promise<void> {
  await tables(transaction)
    .updateTable('film.film')
    .set({ poster_file_id: fileId })
    .where('id', '=', filmId)
    .where('poster_file_id', 'is', null)
    .execute();
}
