import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import type { RegisterFile } from '../../kernel/files/files.ts';
import type { Download } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { shareAssetFiles, shareTurnoverFiles } from './reach.ts';
import { type ProjectParts, readProject } from './service.ts';
import { keepLists, makeLists, type TurnoverLists } from './turnover-lists.ts';
import {
  listTurnovers,
  putContents,
  type TurnoverBody,
  type TurnoverRecord,
} from './turnover-repository.ts';

export type TurnoverParts = ProjectParts & {
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
};

type Act = 'send' | 'receive' | 'withdraw';

export type TurnoverService = ReturnType<typeof createTurnoverService>;

/** What goes to a vendor: nothing else of the project does. */
export function createTurnoverService(parts: TurnoverParts) {
  const { database, write, requireAccess, newId } = parts;

  const one = async (queryable: Queryable, reader: string, id: string) =>
    found((await listTurnovers(queryable, { reader, id, limit: 1 }))[0]?.row, { id });

  /** Shots and media of the project, none of them somebody's own work in progress. */
  const checkContents = async (context: Context, projectId: string, body: TurnoverBody) => {
    await requireAccess(
      context,
      'production.write',
      { kind: 'shot', ids: body.shotIds },
      { kind: 'asset', ids: body.assets.map((each) => each.assetId) },
      { kind: 'cut', ids: body.cut === null ? [] : [body.cut.cutId] },
    );
    const foreign = await sql<{ id: string }>`
      select shot.id from production.shot
      where shot.id = any(${[...body.shotIds]}::uuid[]) and shot.project_id <> ${projectId}
      union all
      select asset.id from production.asset
      join production.project on project.id = ${projectId}
      where asset.id = any(${body.assets.map((each) => each.assetId)}::uuid[])
        and asset.film_id <> project.film_id
      union all
      select cut.id from production.cut
      where cut.id = ${body.cut?.cutId ?? null}::uuid
        and cut.project_id <> ${projectId}`.execute(database);
    if (foreign.rows.length > 0) {
      throw invalid(finding('foreign_turnover_item', 'error'));
    }
  };

  return {
    async turnovers(
      context: Context,
      query: PageQuery & { readonly projectId?: string | undefined },
    ): Promise<Page<TurnoverRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const after = afterInstant(query);
      const rows = await listTurnovers(database, { ...query, reader: organisationId, after });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async turnover(context: Context, id: string): Promise<TurnoverRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'turnover',
        ids: [id],
      });
      return one(database, organisationId, id);
    },

    async createTurnover(
      context: Context,
      body: TurnoverBody & { readonly projectId: string; readonly organisationId: string },
    ): Promise<TurnoverRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [body.projectId],
      });
      const project = await readProject(database, organisationId, body.projectId);
      const part = project.participants.find(
        (each) => each.organisationId === body.organisationId && each.state !== 'left',
      );
      found(part, { kind: 'organisation', id: body.organisationId });
      await checkContents(context, project.id, body);
      const id = newId();
      return write(context, async (work) => {
        await sql`
          insert into production.turnover (id, project_id, organisation_id, number, name, note)
          select ${id}::uuid, ${project.id}::uuid, ${body.organisationId}::uuid,
            coalesce(max(turnover.number), 0) + 1, ${body.name}, ${body.note}
          from production.turnover where turnover.project_id = ${project.id}
            and turnover.organisation_id = ${body.organisationId}`.execute(work.transaction);
        await putContents(work.transaction, id, body);
        work.audit({
          action: 'production.turnover_prepared',
          subjectKind: 'turnover',
          subjectId: id,
          facts: { project: project.id, organisation: body.organisationId },
        });
        work.changed({ kind: 'turnover', id, filmId: project.filmId });
        return one(work.transaction, organisationId, id);
      });
    },

    async updateTurnover(
      context: Context,
      id: string,
      body: TurnoverBody & { readonly version: number },
    ): Promise<TurnoverRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'turnover',
        ids: [id],
      });
      const before = await one(database, organisationId, id);
      if (!before.ours) throw notAllowed({ permission: 'production.write' });
      if (before.state !== 'draft') {
        throw conflict(finding('sent_turnover', 'error', { facts: { state: before.state } }));
      }
      await checkContents(context, before.projectId, body);
      return write(context, async (work) => {
        const result = await sql`
          update production.turnover set name = ${body.name}, note = ${body.note},
            version = version + 1, updated_at = now()
          where id = ${id} and version = ${body.version} and state = 'draft'
        `.execute(work.transaction);
        if (result.numAffectedRows !== 1n) throw versionConflict(before, body);
        await putContents(work.transaction, id, body);
        work.audit({
          action: 'production.turnover_changed',
          subjectKind: 'turnover',
          subjectId: id,
          facts: { shots: body.shotIds.length, assets: body.assets.length },
        });
        work.changed({ kind: 'turnover', id });
        return one(work.transaction, organisationId, id);
      });
    },

    /** Sends, with a manifest of every file; takes receipt; or takes all of it back. */
    async actOnTurnover(
      context: Context,
      id: string,
      body: { readonly version: number; readonly act: Act },
    ): Promise<TurnoverRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.write', {
        kind: 'turnover',
        ids: [id],
      });
      const before = await one(database, organisationId, id);
      const isReceivers = body.act === 'receive';
      if (isReceivers ? before.organisationId !== organisationId : !before.ours) {
        throw notAllowed({ permission: 'production.write' });
      }
      const from = { send: ['draft'], receive: ['sent'], withdraw: ['sent', 'received'] }[body.act];
      const to = { send: 'sent', receive: 'received', withdraw: 'withdrawn' }[body.act];
      if (!from.includes(before.state)) {
        throw conflict(finding('sent_turnover', 'error', { facts: { state: before.state } }));
      }
      if (body.act === 'send' && before.shots.length + before.assets.length === 0) {
        throw conflict(finding('empty_turnover', 'error'));
      }
      const project = await readProject(database, organisationId, before.projectId);
      const isSent = body.act === 'send';
      const lists = isSent ? await makeLists(parts, project, before) : undefined;
      const manifest = isSent ? await parts.objects.put(manifestOf(before, lists!)) : undefined;
      return write(context, async (work) => {
        const { transaction } = work;
        const result = await sql`
          update production.turnover set state = ${to}, version = version + 1, updated_at = now()
          where id = ${id} and version = ${body.version}
            and state = any(${from}::text[])`.execute(transaction);
        if (result.numAffectedRows !== 1n) throw versionConflict(before, body);
        if (body.act === 'send') {
          const file = await parts.registerFile(transaction, {
            organisationId,
            filmId: project.filmId,
            hall: 'production',
            name: `${project.code}-turnover-${before.number}.json`,
            mediaType: 'application/json',
            ...manifest!,
          });
          await sql`update production.turnover set sent_at = ${parts.now()}, sent_by = ${userId},
            manifest_file_id = ${file.id} where id = ${id}`.execute(transaction);
          const { filmId } = project;
          const kept = { turnoverId: id, organisationId, filmId, lists: lists! };
          await keepLists(transaction, parts.newId, kept);
        } else if (body.act === 'receive') {
          await sql`update production.turnover set received_at = ${parts.now()},
            received_by = ${userId} where id = ${id}`.execute(transaction);
        }
        await shareTurnoverFiles(transaction, before.projectId, before.organisationId);
        await shareAssetFiles(
          transaction,
          before.assets.map((each) => each.assetId),
        );
        work.audit({
          action: `production.turnover_${to}`,
          subjectKind: 'turnover',
          subjectId: id,
          facts: { shots: before.shots.length, assets: before.assets.length },
        });
        work.changed({ kind: 'turnover', id, filmId: project.filmId });
        work.changed({ kind: 'turnover', id, organisationId: before.organisationId });
        return one(transaction, organisationId, id);
      });
    },

    async turnoverSheet(context: Context, id: string, format: 'csv' | 'xlsx'): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'turnover',
        ids: [id],
      });
      const of = await one(database, organisationId, id);
      const rows = [
        ['类别 Kind', '名称 Name', '文件 File', '用途 Purpose', '字节 Bytes', '校验值 SHA-256'],
        ...of.shots.map((each) => ['镜头 Shot', each.code, '', '', '', '']),
        ...of.assets.map((each) => [
          '素材 Media',
          each.title,
          each.fileName,
          each.purpose,
          String(each.sizeBytes),
          each.digest,
        ]),
        ...of.files.map((each) => [
          '清单 List',
          each.path,
          each.path,
          of.cut?.department ?? '',
          String(each.sizeBytes),
          each.digest,
        ]),
      ];
      return downloadSheet(`turnover-${of.number}`, '交接清单 Turnover', rows, format);
    },
  };
}

/** What was handed over, so that who receives it can prove it whole. */
async function* manifestOf(of: TurnoverRecord, lists: TurnoverLists) {
  const manifest = {
    project: of.projectName,
    turnover: of.number,
    name: of.name,
    note: of.note,
    to: of.organisationName,
    shots: of.shots.map((each) => each.code),
    files: of.assets.map((each) => ({
      title: each.title,
      name: each.fileName,
      purpose: each.purpose,
      original: each.original,
      sizeBytes: each.sizeBytes,
      digest: each.digest,
    })),
    lists: lists.files.map(({ path, sizeBytes, digest }) => ({ path, sizeBytes, digest })),
  };
  yield new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
}
