import { finding, type Finding, hasErrors } from '@yinglian/core';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found, invalid, versionConflict } from '../kernel/refusal.ts';
import type { Work, Write } from '../kernel/write.ts';
import { duplicateGroups, type DuplicateGroup, type Named, siftKnown } from './duplicates.ts';
import {
  type FilmFields,
  filmOfEidr,
  type FilmRecord,
  insertFilm,
  listFilmIds,
  listFilmNames,
  readFilms,
  replaceLists,
  setPoster,
  updateFilm,
} from './repository.ts';
import { type FilmWrite, identify, type Identified } from './rules.ts';
import type { SheetFilm } from './sheet.ts';

export type FilmServiceParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
};

export type FilmQuery = PageQuery & { readonly search?: string | undefined };

export type FilmService = ReturnType<typeof createFilmService>;

/** The rules of the spine. Every method asks permission on its first line. */
export function createFilmService(parts: FilmServiceParts) {
  const { database, write, requireAccess, newId } = parts;

  const readOne = async (id: string) => found((await readFilms(database, [id])).get(id), { id });
  const namesOf = async (organisationId: string): Promise<Named[]> => {
    const { films, versions } = await listFilmNames(database, organisationId);
    const codes = new Map(films.map((film): [string, string[]] => [film.id, []]));
    for (const each of versions) codes.get(each.film_id)?.push(each.film_code!);
    return films.map((film) => ({ ...film, codes: codes.get(film.id)! }));
  };

  return {
    async list(context: Context, query: FilmQuery): Promise<Page<FilmRecord>> {
      const { organisationId } = await requireAccess(context, 'film.read');
      const after = afterInstant(query);
      const { search, limit } = query;
      const ids = await listFilmIds(database, { organisationId, search, after, limit });
      const films = await readFilms(
        database,
        ids.map((each) => each.id),
      );
      const listed = ids.map((each) => ({ ...each, film: found(films.get(each.id)) }));
      return pageOf(
        listed,
        query,
        (row) => [row.sortKey, row.id],
        (row) => row.film,
      );
    },

    async get(context: Context, id: string): Promise<FilmRecord> {
      await requireAccess(context, 'film.read', { kind: 'film', ids: [id] });
      return readOne(id);
    },

    async create(context: Context, film: FilmWrite): Promise<FilmRecord> {
      const { organisationId } = await requireAccess(context, 'film.write');
      const identified = checked(film);
      const id = newId();
      return write(context, (work) =>
        addFilm(work, { id, organisationId, film, identified, newId }),
      );
    },

    async update(
      context: Context,
      id: string,
      film: FilmWrite & { readonly version: number },
    ): Promise<FilmRecord> {
      await requireAccess(context, 'film.write', { kind: 'film', ids: [id] });
      const stored = await readOne(id);
      const { version, ...fields } = film;
      // What the writer left out stays as it is.
      const whole: FilmWrite = { ...writeOf(stored), ...fields };
      const identified = checked(whole);
      return write(context, async (work) => {
        await refuseTakenEidr(work, stored.ownerId, id, identified.eidr);
        const taken = await updateFilm(work.transaction, id, version, fieldsOf(whole, identified));
        if (!taken) throw versionConflict((await readFilms(work.transaction, [id])).get(id), film);
        await replaceLists(work.transaction, id, listsOf(fields, newId));
        work.audit({
          action: 'film.updated',
          subjectKind: 'film',
          subjectId: id,
          facts: { version: version + 1, fields: Object.keys(fields) },
        });
        work.changed({ kind: 'film', id, filmId: id });
        return found((await readFilms(work.transaction, [id])).get(id));
      });
    },

    async duplicates(context: Context): Promise<DuplicateGroup[]> {
      const { organisationId } = await requireAccess(context, 'film.read');
      return duplicateGroups(await namesOf(organisationId));
    },

    /** Films of a sheet that the organisation does not know yet, and a note on each other one. */
    async sift(
      context: Context,
      films: readonly SheetFilm[],
    ): Promise<{
      readonly fresh: readonly SheetFilm[];
      readonly findings: readonly Finding[];
    }> {
      const { organisationId } = await requireAccess(context, 'film.write');
      return siftKnown(films, await namesOf(organisationId));
    },

    /** Adds many films in one transaction: all or none. */
    async addAll(context: Context, films: readonly FilmWrite[]): Promise<number> {
      const { organisationId } = await requireAccess(context, 'film.write');
      const all = films.map((film) => ({ film, identified: checked(film) }));
      await write(context, async (work) => {
        for (const { film, identified } of all) {
          await addFilm(work, { id: newId(), organisationId, film, identified, newId });
        }
      });
      return films.length;
    },
  };
}

type NewFilm = {
  readonly id: string;
  readonly organisationId: string;
  readonly film: FilmWrite;
  readonly identified: Identified;
  readonly newId: () => string;
};

async function addFilm(work: Work, added: NewFilm): Promise<FilmRecord> {
  const { id, organisationId, film, identified } = added;
  const fields = fieldsOf(film, identified);
  await refuseTakenEidr(work, organisationId, id, identified.eidr);
  await insertFilm(work.transaction, { id, ownerId: organisationId, ...fields });
  await replaceLists(work.transaction, id, listsOf(film, added.newId));
  work.audit({
    action: 'film.created',
    subjectKind: 'film',
    subjectId: id,
    facts: { title: film.title },
  });
  work.changed({ kind: 'film', id, filmId: id });
  return found((await readFilms(work.transaction, [id])).get(id));
}

/** One EIDR names one film: a second record of the same owner would split its life in two. */
async function refuseTakenEidr(
  work: Work,
  ownerId: string,
  ownId: string,
  eidr: string | null,
): Promise<void> {
  if (eidr === null) return;
  const holder = await filmOfEidr(work.transaction, ownerId, eidr, ownId);
  if (holder === undefined) return;
  const facts = { text: eidr, film: holder };
  throw invalid(finding('duplicate_eidr', 'error', { facts, at: { field: 'eidr' } }));
}

/** The first picture of a film becomes its poster; called by whoever made the picture. */
export async function offerPoster(work: Work, filmId: string, fileId: string): Promise<void> {
  await setPoster(work.transaction, filmId, fileId);
}

function checked(film: FilmWrite): Identified {
  const identified = identify(film);
  if (hasErrors(identified.findings)) throw invalid(...identified.findings);
  return identified;
}

function fieldsOf(film: FilmWrite, identified: Identified): FilmFields {
  return {
    title: film.title,
    titleEnglish: film.titleEnglish ?? null,
    year: film.year ?? null,
    country: film.country ?? null,
    synopsis: film.synopsis ?? null,
    licenceNumber: film.licenceNumber ?? null,
    eidr: identified.eidr,
    isan: identified.isan,
    findings: [...identified.findings, ...missingFacts(film)],
  };
}

/** What later halls will ask for; said early, while somebody still knows. */
function missingFacts(film: FilmWrite): Finding[] {
  const coded = (film.versions ?? []).some((each) => (each.filmCode ?? '').trim() !== '');
  return coded ? [] : [finding('missing_film_code', 'note', { at: { field: 'versions' } })];
}

function listsOf(film: Partial<FilmWrite>, newId: () => string) {
  return {
    ...(film.versions === undefined
      ? {}
      : {
          versions: film.versions.map((each) => ({ ...each, id: each.id ?? newId() })),
        }),
    ...(film.parties === undefined ? {} : { parties: film.parties }),
    ...(film.rights === undefined ? {} : { rights: film.rights }),
  };
}

function writeOf(stored: FilmRecord): FilmWrite {
  const {
    title,
    titleEnglish,
    year,
    country,
    synopsis,
    eidr,
    isan,
    licenceNumber,
    versions,
    parties,
    rights,
  } = stored;
  return {
    title,
    titleEnglish,
    year,
    country,
    synopsis,
    eidr,
    isan,
    licenceNumber,
    versions,
    parties,
    rights,
  };
}
