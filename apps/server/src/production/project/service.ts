import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable, Transaction } from '../../kernel/database/database.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import { admitToRoom } from '../../kernel/rooms/rooms.ts';
import type { Write } from '../../kernel/write.ts';
import { applyFields, type ChangeRecord, listChanges, readChange, recordFields } from './fields.ts';
import { checkFlow, type ProjectSettings, USUAL_SETTINGS } from './flow.ts';
import { shareAssetFiles, shareTurnoverFiles } from './reach.ts';
import {
  insertProject,
  leaveRoom,
  listProjects,
  type Overview,
  type ProjectRecord,
  putParticipant,
  readHalls,
  readOverview,
  readParticipant,
  setParticipant,
  turnedAssets,
  updateProject,
} from './repository.ts';
import { shotsTurnedTo } from './scope.ts';

export type ProjectParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type ProjectService = ReturnType<typeof createProjectService>;

/** The project as the organisation sees it; refused like a missing one where it sees nothing. */
export async function readProject(
  queryable: Queryable,
  organisationId: string,
  id: string,
): Promise<ProjectRecord> {
  const rows = await listProjects(queryable, { organisationId, ids: [id], limit: 1 });
  return found(rows[0]?.row, { id });
}

/** The day it is here, for what is late. */
export function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}

function checkSettings(settings: ProjectSettings): ProjectSettings {
  const findings = [
    ...checkFlow(settings.shotFlow, 'settings.shotFlow'),
    ...checkFlow(settings.taskFlow, 'settings.taskFlow'),
  ];
  if (!/\{number(?::\d{1,2})?\}/.test(settings.shotTemplate)) {
    const facts = { template: settings.shotTemplate };
    findings.push(finding('missing_shot_number', 'error', { facts }));
  }
  if (findings.length > 0) throw invalid(...findings);
  return settings;
}

type ProjectBody = {
  readonly name: string;
  readonly code: string;
  readonly frameRate: string;
  readonly dropFrame: boolean;
};
type GivenSettings = {
  readonly [Name in keyof ProjectSettings]?: ProjectSettings[Name] | undefined;
};
type Invitation = { readonly role: string; readonly scope: 'whole' | 'turnover' };

/** Projects, the companies that share them, and what was changed in them. */
export function createProjectService(parts: ProjectParts) {
  return { ...createProjects(parts), ...createCompanies(parts), ...createHistory(parts) };
}

function createProjects({ database, write, requireAccess, newId, now }: ProjectParts) {
  return {
    async projects(
      context: Context,
      query: PageQuery & {
        readonly filmId?: string | undefined;
        readonly search?: string | undefined;
      },
    ): Promise<Page<ProjectRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const after = afterInstant(query);
      const rows = await listProjects(database, { ...query, organisationId, after });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async project(context: Context, id: string): Promise<ProjectRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [id],
      });
      return readProject(database, organisationId, id);
    },

    async createProject(
      context: Context,
      body: ProjectBody & {
        readonly filmId: string;
        readonly settings?: GivenSettings | undefined;
      },
    ): Promise<ProjectRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'film',
        ids: [body.filmId],
      });
      const given = Object.entries(body.settings ?? {}).filter(([, value]) => value !== undefined);
      const settings = checkSettings({ ...USUAL_SETTINGS, ...Object.fromEntries(given) });
      const id = newId();
      return write(context, async (work) => {
        if (!(await insertProject(work.transaction, { ...body, id, organisationId, settings }))) {
          throw conflict(finding('duplicate_code', 'error', { facts: { code: body.code } }));
        }
        work.audit({
          action: 'production.project_created',
          subjectKind: 'project',
          subjectId: id,
          facts: { film: body.filmId, code: body.code },
        });
        work.changed({ kind: 'project', id, filmId: body.filmId });
        return readProject(work.transaction, organisationId, id);
      });
    },

    async updateProject(
      context: Context,
      id: string,
      body: ProjectBody & {
        readonly version: number;
        readonly state: 'open' | 'closed';
        readonly settings: ProjectSettings;
      },
    ): Promise<ProjectRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [id],
      });
      checkSettings(body.settings);
      return write(context, async (work) => {
        const before = await readProject(work.transaction, organisationId, id);
        await refuseTaken(work.transaction, before, body.code);
        if (!(await updateProject(work.transaction, id, body.version, body))) {
          throw versionConflict(before, body);
        }
        work.audit({
          action: 'production.project_changed',
          subjectKind: 'project',
          subjectId: id,
          facts: { name: body.name, state: body.state },
        });
        work.changed({ kind: 'project', id, filmId: before.filmId });
        return readProject(work.transaction, organisationId, id);
      });
    },

    async overview(context: Context, id: string): Promise<Overview> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      return readOverview(database, organisationId, project, dayOf(now()));
    },
  };
}

async function refuseTaken(transaction: Transaction, of: ProjectRecord, code: string) {
  const taken = await sql`select 1 from production.project
    where film_id = ${of.filmId} and code = ${code} and id <> ${of.id}`.execute(transaction);
  if (taken.rows.length > 0) {
    throw conflict(finding('duplicate_code', 'error', { facts: { code } }));
  }
}

function createCompanies({ database, write, requireAccess }: ProjectParts) {
  /** Ends a company's part: its rooms, and the files of what was turned over to it. */
  const end = async (
    transaction: Transaction,
    project: ProjectRecord,
    of: { readonly organisationId: string; readonly userId: string | null },
    scope: 'whole' | 'turnover',
  ) => {
    await setParticipant(transaction, { ...of, projectId: project.id, state: 'left' });
    if (scope === 'whole') await leaveRoom(transaction, project.filmId, of.organisationId);
    const assets = await turnedAssets(transaction, project.id, of.organisationId);
    await shareAssetFiles(transaction, assets);
    await shareTurnoverFiles(transaction, project.id, of.organisationId);
  };

  return {
    async invite(
      context: Context,
      id: string,
      invitedId: string,
      body: Invitation,
    ): Promise<ProjectRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      // The whole of it is a place in the film's room, which the film's owner gives.
      if (body.scope === 'whole') {
        await requireAccess(context, 'film.write', { kind: 'film', ids: [project.filmId] });
      }
      if (invitedId === project.ownerId) throw conflict(finding('unremovable_owner', 'error'));
      return write(context, async (work) => {
        const known = await sql`select 1 from kernel.organisation where id = ${invitedId}`.execute(
          work.transaction,
        );
        found(known.rows[0], { kind: 'organisation', id: invitedId });
        const before = await readParticipant(work.transaction, id, invitedId);
        if (before?.state === 'joined' && before.scope === 'whole' && body.scope === 'turnover') {
          await leaveRoom(work.transaction, project.filmId, invitedId);
        }
        await putParticipant(work.transaction, {
          ...body,
          projectId: id,
          organisationId: invitedId,
          userId,
        });
        work.audit({
          action: 'production.company_invited',
          subjectKind: 'project',
          subjectId: id,
          facts: { organisation: invitedId, role: body.role, scope: body.scope },
        });
        work.changed({ kind: 'project', id, filmId: project.filmId });
        work.changed({ kind: 'project', id, organisationId: invitedId });
        return readProject(work.transaction, organisationId, id);
      });
    },

    async answer(context: Context, id: string, join: boolean): Promise<ProjectRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.write', {
        kind: 'project_invitation',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      return write(context, async (work) => {
        const { transaction } = work;
        const part = found(await readParticipant(transaction, id, organisationId));
        if (part.state === 'left' && join) {
          throw conflict(finding('ended_invitation', 'error'));
        }
        const who = { projectId: id, organisationId, userId };
        if (!join) {
          await end(transaction, project, who, part.scope);
        } else {
          await setParticipant(transaction, { ...who, state: 'joined' });
          if (part.scope === 'whole') {
            const halls = (await readHalls(transaction, project.filmId, organisationId))?.halls;
            const all = [...new Set([...(halls ?? []), 'production'])] as Parameters<
              typeof admitToRoom
            >[3];
            await admitToRoom(transaction, project.filmId, organisationId, all);
          }
          await shareAssetFiles(transaction, await turnedAssets(transaction, id, organisationId));
          await shareTurnoverFiles(transaction, id, organisationId);
        }
        work.audit({
          action: join ? 'production.company_joined' : 'production.company_left',
          subjectKind: 'project',
          subjectId: id,
          facts: { scope: part.scope },
        });
        work.changed({ kind: 'project', id, filmId: project.filmId });
        return readProject(transaction, organisationId, id);
      });
    },

    async dismiss(context: Context, id: string, dismissedId: string): Promise<ProjectRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      return write(context, async (work) => {
        const part = found(await readParticipant(work.transaction, id, dismissedId));
        if (part.scope === 'whole') {
          await requireAccess(context, 'film.write', { kind: 'film', ids: [project.filmId] });
        }
        const who = { organisationId: dismissedId, userId };
        await end(work.transaction, project, who, part.scope);
        work.audit({
          action: 'production.company_dismissed',
          subjectKind: 'project',
          subjectId: id,
          facts: { organisation: dismissedId },
        });
        work.changed({ kind: 'project', id, filmId: project.filmId });
        work.changed({ kind: 'project', id, organisationId: dismissedId });
        return readProject(work.transaction, organisationId, id);
      });
    },
  };
}

function createHistory({ database, write, requireAccess, newId }: ProjectParts) {
  return {
    async history(
      context: Context,
      id: string,
      query: PageQuery & { readonly subjectId?: string | undefined },
    ): Promise<Page<ChangeRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      const scope =
        project.scope === 'whole'
          ? sql<boolean>`true`
          : sql<boolean>`((change.subject_kind = 'shot'
                and change.subject_id in ${shotsTurnedTo(organisationId)})
              or task.organisation_id = ${organisationId})`;
      const after = afterInstant(query);
      const rows = await listChanges(database, { ...query, projectId: id, scope, after });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    /** Puts back what a change changed, where nobody changed it since. */
    async undo(
      context: Context,
      id: string,
      changeId: string,
    ): Promise<{ undone: number; left: number }> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project_part',
        ids: [id],
      });
      const project = await readProject(database, organisationId, id);
      const stored = await readChange(database, id, changeId);
      const own = project.scope === 'whole' || stored.organisationId === organisationId;
      found(stored.changes.length > 0 && own ? stored : undefined, { id: changeId });
      // What was given to another company since is no longer its to change.
      for (const kind of ['shot', 'task'] as const) {
        const ids = stored.changes.filter((each) => each.kind === kind).map((each) => each.id);
        await requireAccess(context, 'production.write', { kind, ids });
      }
      return write(context, async (work) => {
        const { undone } = await readChange(work.transaction, id, changeId);
        if (undone) throw conflict(finding('undone_change', 'error'));
        const back = stored.changes.map((each) => ({
          ...each,
          before: each.after,
          after: each.before,
        }));
        const applied = await applyFields(work.transaction, back);
        const recording = { id: newId(), projectId: id, undoes: changeId };
        await recordFields(work.transaction, context, recording, applied);
        work.audit({
          action: 'production.change_undone',
          subjectKind: 'project',
          subjectId: id,
          facts: { change: changeId, undone: applied.length },
        });
        work.changed({ kind: 'project', id, filmId: project.filmId });
        return { undone: applied.length, left: back.length - applied.length };
      });
    },
  };
}
