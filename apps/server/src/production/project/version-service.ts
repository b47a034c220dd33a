import type { versionSchema } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import type { Work } from '../../kernel/write.ts';
import { applyFields, recordFields } from './fields.ts';
import { firstOf, refusedStep } from './flow.ts';
import { releaseAsset } from './reach.ts';
import type { ProjectRecord } from './repository.ts';
import { inRoom, takesPart } from './scope.ts';
import { type ProjectParts, readProject } from './service.ts';

export type VersionRecord = z.output<typeof versionSchema>;

async function listVersions(
  database: Queryable,
  where: {
    readonly reader: string;
    readonly id?: string;
    readonly projectId?: string | undefined;
    readonly subjectId?: string | undefined;
    readonly assetId?: string | undefined;
    readonly state?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<VersionRecord>[]> {
  const { reader, id, projectId, subjectId, assetId, state } = where;
  const result = await sql<
    Omit<VersionRecord, 'createdAt' | 'updatedAt' | 'decidedAt'> & {
      created: Date;
      updated: Date;
      decided: Date | null;
      sort_key: string;
    }
  >`
    select version.id, version.version, version.created_at as created,
      version.updated_at as updated, version.project_id as "projectId",
      version.organisation_id as "organisationId", company.name as "organisationName",
      version.subject_kind as "subjectKind", version.subject_id as "subjectId",
      coalesce(shot.code, sequence.code, cut.name, film.title, '') as subject,
      version.name, version.number, version.asset_id as "assetId", asset.title as "assetTitle",
      asset.poster_file_id as "posterFileId", version.task_id as "taskId", version.note,
      version.state, version.decided_at as decided, version.created_at::text as sort_key
    from production.version
    join production.project on project.id = version.project_id
    join production.asset on asset.id = version.asset_id
    join kernel.organisation as company on company.id = version.organisation_id
    left join production.shot on version.subject_kind = 'shot' and shot.id = version.subject_id
    left join production.sequence on version.subject_kind = 'sequence'
      and sequence.id = version.subject_id
    left join production.cut on version.subject_kind = 'cut' and cut.id = version.subject_id
    left join film.film on version.subject_kind = 'film' and film.id = version.subject_id
    where (${inRoom(reader)} or (version.organisation_id = ${reader} and ${takesPart(reader)}))
      and ${id === undefined ? sql`true` : sql`version.id = ${id}`}
      and ${projectId === undefined ? sql`true` : sql`version.project_id = ${projectId}`}
      and ${subjectId === undefined ? sql`true` : sql`version.subject_id = ${subjectId}`}
      and ${assetId === undefined ? sql`true` : sql`version.asset_id = ${assetId}`}
      and ${state === undefined ? sql`true` : sql`version.state = ${state}`}
      and ${listedBy('version', { after: where.after })}
    ${newestFirst('version', where.limit)}`.execute(database);
  return result.rows.map(({ created, updated, decided, sort_key: sortKey, ...row }) => ({
    sortKey,
    row: {
      ...row,
      createdAt: created.toISOString(),
      updatedAt: updated.toISOString(),
      decidedAt: decided?.toISOString() ?? null,
    },
  }));
}

type Delivery = {
  readonly projectId: string;
  readonly subjectKind: VersionRecord['subjectKind'];
  readonly subjectId: string;
  readonly name: string;
  readonly number?: number | undefined;
  readonly assetId: string;
  readonly taskId: string | null;
  readonly note: string;
};
type Decision = 'approved' | 'changes' | 'rejected' | 'withdrawn';

export type VersionService = ReturnType<typeof createVersionService>;

/** Versions: what comes back from those who do the work, stacked under what it is of. */
export function createVersionService({ database, write, requireAccess, newId, now }: ProjectParts) {
  const one = async (queryable: Queryable, reader: string, id: string) =>
    found((await listVersions(queryable, { reader, id, limit: 1 }))[0]?.row, { id });

  /** The subject is of the project, and one that the company sees. */
  const checkSubject = async (context: Context, project: ProjectRecord, of: Delivery) => {
    const { subjectKind, subjectId } = of;
    if (subjectKind === 'film') {
      const isOurs = subjectId === project.filmId && project.scope === 'whole';
      found(isOurs ? subjectId : undefined, { id: subjectId });
      return;
    }
    await requireAccess(context, 'production.read', { kind: subjectKind, ids: [subjectId] });
    const known = await sql`select 1 from ${sql.table(`production.${subjectKind}`)}
      where id = ${subjectId} and project_id = ${project.id}`.execute(database);
    found(known.rows[0], { id: subjectId });
  };

  return {
    async versions(
      context: Context,
      query: PageQuery & {
        readonly projectId?: string | undefined;
        readonly subjectId?: string | undefined;
        readonly assetId?: string | undefined;
        readonly state?: string | undefined;
      },
    ): Promise<Page<VersionRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const after = afterInstant(query);
      const rows = await listVersions(database, { ...query, reader: organisationId, after });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async deliver(context: Context, body: Delivery): Promise<VersionRecord> {
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'project_part', ids: [body.projectId] },
        { kind: 'asset', ids: [body.assetId] },
        { kind: 'task', ids: body.taskId === null ? [] : [body.taskId] },
      );
      const project = await readProject(database, organisationId, body.projectId);
      await checkSubject(context, project, body);
      const asset = await sql<{ film_id: string; state: string }>`
        select film_id, state from production.asset where id = ${body.assetId}`.execute(database);
      const { film_id: filmId, state } = found(asset.rows[0]);
      if (filmId !== project.filmId) throw invalid(finding('foreign_turnover_item', 'error'));
      if (state !== 'ready' && state !== 'accepted') {
        throw conflict(finding('unready_asset', 'error', { facts: { state } }));
      }
      const id = newId();
      return write(context, async (work) => {
        const result = await sql<{ number: number }>`
          insert into production.version (id, project_id, organisation_id, subject_kind,
            subject_id, name, number, asset_id, task_id, note)
          select ${id}::uuid, ${project.id}::uuid, ${organisationId}::uuid, ${body.subjectKind},
            ${body.subjectId}::uuid, ${body.name},
            coalesce(${body.number ?? null}::int, coalesce(max(version.number), 0) + 1),
            ${body.assetId}::uuid, ${body.taskId}::uuid, ${body.note}
          from production.version where version.subject_kind = ${body.subjectKind}
            and version.subject_id = ${body.subjectId} and version.name = ${body.name}
          on conflict do nothing returning number`.execute(work.transaction);
        if (result.rows.length === 0) {
          const facts = { code: `${body.name} ${body.number ?? ''}`.trim() };
          throw conflict(finding('duplicate_code', 'error', { facts }));
        }
        await releaseAsset(work.transaction, body.assetId);
        if (body.taskId !== null)
          await moveTask(work, context, project, body.taskId, 'review', newId);
        work.audit({
          action: 'production.version_delivered',
          subjectKind: 'version',
          subjectId: id,
          facts: { project: project.id, subject: body.subjectId, number: result.rows[0]!.number },
        });
        work.changed({ kind: 'version', id, filmId: project.filmId });
        return one(work.transaction, organisationId, id);
      });
    },

    async decide(
      context: Context,
      id: string,
      body: {
        readonly version: number;
        readonly state: Decision;
        readonly note?: string | undefined;
      },
    ): Promise<VersionRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.review', {
        kind: 'version',
        ids: [id],
      });
      const before = await one(database, organisationId, id);
      const project = await readProject(database, organisationId, before.projectId);
      // Who made it may take it back; the room says what becomes of it.
      const isMakers = body.state === 'withdrawn';
      const may = isMakers ? before.organisationId === organisationId : project.scope === 'whole';
      if (!may) throw notAllowed({ permission: 'production.review' });
      if (before.state === 'withdrawn') {
        throw conflict(finding('withdrawn_version', 'error'));
      }
      return write(context, async (work) => {
        const result = await sql`
          update production.version set state = ${body.state}, decided_at = ${now()},
            decided_by = ${userId}, note = coalesce(${body.note ?? null}::text, note),
            version = version + 1, updated_at = now()
          where id = ${id} and version = ${body.version}`.execute(work.transaction);
        if (result.numAffectedRows !== 1n) throw versionConflict(before, body);
        if (before.taskId !== null && body.state !== 'withdrawn') {
          const kind = body.state === 'approved' ? 'done' : 'working';
          await moveTask(work, context, project, before.taskId, kind, newId);
        }
        work.audit({
          action: 'production.version_decided',
          subjectKind: 'version',
          subjectId: id,
          facts: { state: body.state, note: body.note ?? null },
        });
        work.changed({ kind: 'version', id, filmId: project.filmId });
        work.changed({ kind: 'version', id, organisationId: before.organisationId });
        return one(work.transaction, organisationId, id);
      });
    },
  };
}

/**
 * Takes a task along with its version where its flow has a way: review when it is delivered, then
 * done, or back to work by the first status that is the room's to set.
 */
async function moveTask(
  work: Work,
  context: Context,
  project: ProjectRecord,
  taskId: string,
  kind: 'review' | 'done' | 'working',
  newId: () => string,
): Promise<void> {
  const flow = project.settings.taskFlow;
  const asked = flow.find((each) => each.kind === 'working' && !each.company)?.code;
  const to = kind === 'working' ? (asked ?? firstOf(flow, kind)) : firstOf(flow, kind);
  const stored = await sql<{ status: string }>`
    select status from production.task where id = ${taskId} for update`.execute(work.transaction);
  const from = stored.rows[0]?.status;
  if (to === undefined || from === undefined || from === to) return;
  // A delivery straight from waiting is work that nobody noted down; it goes to review.
  if (kind !== 'review' && refusedStep(flow, from, to, false) !== undefined) return;
  const applied = await applyFields(work.transaction, [
    { kind: 'task', id: taskId, field: 'status', before: from, after: to },
  ]);
  await recordFields(work.transaction, context, { id: newId(), projectId: project.id }, applied);
  work.changed({ kind: 'task', id: taskId, filmId: project.filmId });
}
