import type { turnoverSchema } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { grantFiles } from '../../kernel/files/grants.ts';
import type { RegisterFile } from '../../kernel/files/files.ts';
import type { Download } from '../../kernel/http/routes.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { jsonText } from '../../kernel/write.ts';
import { shareAssetFiles } from './reach.ts';
import { inRoom } from './scope.ts';
import { type ProjectParts, readProject } from './service.ts';

export type TurnoverRecord = z.output<typeof turnoverSchema>;

type TurnoverRow = Omit<
  TurnoverRecord,
  'createdAt' | 'updatedAt' | 'sentAt' | 'receivedAt' | 'shots' | 'assets'
> & {
  created: Date;
  updated: Date;
  sent: Date | null;
  received: Date | null;
  shots: TurnoverRecord['shots'] | null;
  assets: TurnoverRecord['assets'] | null;
  sort_key: string;
};

/** Turnovers that we made or were sent; what was withdrawn is named, and shows nothing. */
async function listTurnovers(
  database: Queryable,
  where: {
    readonly reader: string;
    readonly projectId?: string | undefined;
    readonly id?: string;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<TurnoverRecord>[]> {
  const { reader, projectId, id } = where;
  const result = await sql<TurnoverRow>`
    select turnover.id, turnover.version, turnover.created_at as created,
      turnover.updated_at as updated, turnover.project_id as "projectId",
      project.name as "projectName", turnover.organisation_id as "organisationId",
      company.name as "organisationName", turnover.number, turnover.name, turnover.note,
      turnover.state, turnover.sent_at as sent, turnover.received_at as received,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received')
        then turnover.manifest_file_id end as "manifestFileId",
      ${inRoom(reader)} as ours, turnover.created_at::text as sort_key,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received') then
        (select json_agg(json_build_object('id', shot.id, 'code', shot.code) order by shot.code)
          from production.turnover_shot as turned
          join production.shot on shot.id = turned.shot_id
          where turned.turnover_id = turnover.id) end as shots,
      case when ${inRoom(reader)} or turnover.state in ('sent', 'received') then
        (select json_agg(json_build_object('assetId', asset.id, 'purpose', turned.purpose,
            'original', turned.original, 'title', asset.title,
            'fileId', case when turned.original or ${inRoom(reader)} then file.id end,
            'fileName', file.name, 'sizeBytes', file.size_bytes, 'digest', file.digest)
            order by asset.title)
          from production.turnover_asset as turned
          join production.asset on asset.id = turned.asset_id
          join kernel.file on file.id = asset.original_file_id
          where turned.turnover_id = turnover.id) end as assets
    from production.turnover
    join production.project on project.id = turnover.project_id
    join kernel.organisation as company on company.id = turnover.organisation_id
    where (${inRoom(reader)} or (turnover.organisation_id = ${reader}
        and turnover.state <> 'draft' and exists (select 1 from production.participant as part
          where part.project_id = project.id and part.organisation_id = ${reader}
            and part.state = 'joined')))
      and ${projectId === undefined ? sql`true` : sql`turnover.project_id = ${projectId}`}
      and ${id === undefined ? sql`true` : sql`turnover.id = ${id}`}
      and ${listedBy('turnover', { after: where.after })}
    ${newestFirst('turnover', where.limit)}`.execute(database);
  return result.rows.map(({ created, updated, sent, received, sort_key: sortKey, ...row }) => ({
    sortKey,
    row: {
      ...row,
      shots: row.shots ?? [],
      assets: row.assets ?? [],
      createdAt: created.toISOString(),
      updatedAt: updated.toISOString(),
      sentAt: sent?.toISOString() ?? null,
      receivedAt: received?.toISOString() ?? null,
    },
  }));
}

export type TurnoverParts = ProjectParts & {
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
};

type TurnoverBody = {
  readonly name: string;
  readonly note: string;
  readonly shotIds: readonly string[];
  readonly assets: readonly {
    readonly assetId: string;
    readonly purpose: string;
    readonly original: boolean;
  }[];
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
    );
    const foreign = await sql<{ id: string }>`
      select shot.id from production.shot
      where shot.id = any(${[...body.shotIds]}::uuid[]) and shot.project_id <> ${projectId}
      union all
      select asset.id from production.asset
      join production.project on project.id = ${projectId}
      where asset.id = any(${body.assets.map((each) => each.assetId)}::uuid[])
        and asset.film_id <> project.film_id`.execute(database);
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
      const manifest =
        body.act === 'send' ? await parts.objects.put(manifestOf(before)) : undefined;
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
          await grantFiles(transaction, [
            { fileId: file.id, organisationId: before.organisationId },
          ]);
          await sql`update production.turnover set sent_at = ${parts.now()}, sent_by = ${userId},
            manifest_file_id = ${file.id} where id = ${id}`.execute(transaction);
        } else if (body.act === 'receive') {
          await sql`update production.turnover set received_at = ${parts.now()},
            received_by = ${userId} where id = ${id}`.execute(transaction);
        } else if (before.manifestFileId !== null) {
          await sql`delete from kernel.file_grant where file_id = ${before.manifestFileId}
            and organisation_id = ${before.organisationId}`.execute(transaction);
        }
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
      ];
      return downloadSheet(`turnover-${of.number}`, '交接清单 Turnover', rows, format);
    },
  };
}

async function putContents(
  transaction: Transaction,
  id: string,
  body: TurnoverBody,
): Promise<void> {
  await sql`delete from production.turnover_shot where turnover_id = ${id}`.execute(transaction);
  await sql`delete from production.turnover_asset where turnover_id = ${id}`.execute(transaction);
  await sql`
    insert into production.turnover_shot (turnover_id, shot_id)
    select ${id}::uuid, each from unnest(${[...body.shotIds]}::uuid[]) as each
    on conflict do nothing`.execute(transaction);
  await sql`
    insert into production.turnover_asset (turnover_id, asset_id, purpose, original)
    select ${id}::uuid, each."assetId", each.purpose, each.original
    from json_to_recordset(${jsonText(body.assets)}::json)
      as each ("assetId" uuid, purpose text, original boolean)
    on conflict do nothing`.execute(transaction);
}

/** What was handed over, so that who receives it can prove it whole. */
async function* manifestOf(of: TurnoverRecord) {
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
  };
  yield new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
}
