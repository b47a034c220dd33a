import { contract } from '@yinglian/contract';
import { hasErrors } from '@yinglian/core';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import type { ReadStoredFile } from '../kernel/files/read.ts';
import { mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import { invalid } from '../kernel/refusal.ts';
import { downloadSheet, readSheetFile } from '../kernel/sheets.ts';
import { type LifeSource, readLife } from './life.ts';
import type { FilmRecord } from './repository.ts';
import type { FilmService } from './service.ts';
import { readFilmRows, writeFilmRows } from './sheet.ts';

export type FilmRouteParts = {
  readonly service: FilmService;
  readonly database: Database;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly lifeSources: readonly LifeSource[];
};

const SHEET_BYTES_MAX = 32 * 1024 * 1024;
const EXPORT_PAGE = 500;

export function filmRoutes(parts: FilmRouteParts): MountedGroup {
  const { service, database, requireAccess, readFile, lifeSources } = parts;
  return mountGroup('film', contract.film, {
    list: ({ query }, context) => service.list(context, query),
    create: ({ body }, context) => service.create(context, body),
    get: ({ params }, context) => service.get(context, params.id),
    update: ({ params, body }, context) => service.update(context, params.id, body),
    duplicates: async (_, context) => ({ groups: await service.duplicates(context) }),
    async life({ params }, context) {
      const { organisationId } = await requireAccess(context, 'film.read', {
        kind: 'film',
        ids: [params.id],
      });
      return readLife(database, lifeSources, params.id, organisationId);
    },
    async importFile({ body }, context) {
      await requireAccess(context, 'film.write', { kind: 'file', ids: [body.fileId] });
      const file = await readFile(context, body.fileId, SHEET_BYTES_MAX);
      const rows = await readSheetFile(file.bytes);
      if (!rows.ok) throw invalid(...rows.findings);
      const read = readFilmRows(rows.value);
      const { fresh, findings: known } = await service.sift(context, read.films);
      const findings = [...read.findings, ...known];
      if (!body.commit) return { added: fresh.length, changed: 0, findings };
      if (hasErrors(findings)) throw invalid(...findings);
      const added = await service.addAll(
        context,
        fresh.map((each) => each.film),
      );
      return { added, changed: 0, findings };
    },
    async exportFile({ query }, context) {
      const rows = writeFilmRows(await allFilms(service, context), 'zh');
      return downloadSheet('films', '影片', rows, query.format);
    },
  });
}

async function allFilms(service: FilmService, context: Context): Promise<FilmRecord[]> {
  const films: FilmRecord[] = [];
  let after: string | undefined;
  do {
    const page = await service.list(context, { after, limit: EXPORT_PAGE });
    films.push(...page.rows);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return films;
}
