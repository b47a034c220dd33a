import { finding, type Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Download } from '../../kernel/http/routes.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { applyFields, type FieldChange, recordFields } from './fields.ts';
import { refusedStep } from './flow.ts';
import type { ProjectRecord } from './repository.ts';
import { type ProjectParts, readProject } from './service.ts';
import {
  insertSequence,
  insertShots,
  listSequences,
  listShots,
  seeShots,
  type SequenceRecord,
  type SequenceWrite,
  type ShotQuery,
  type ShotRecord,
  type ShotWrite,
  UNCUT,
  updateSequence,
  updateShot,
} from './shot-repository.ts';

/** Rows of one sheet; a series of many episodes has fewer. */
export const SHEET_ROWS_MAX = 50_000;
/** Findings of one bulk change that are told; the rest is their number. */
const TOLD_MAX = 20;
/** Between two shots that are added by hand; a cut sets its own order. */
const ORDINAL_STEP = 10;

export type ShotService = ReturnType<typeof createShotService>;

/** Sequences and shots: found fast, changed many at once, and put back. */
export function createShotService(parts: ProjectParts) {
  return { ...createSequences(parts), ...createShots(parts), ...createShotChanges(parts) };
}

function createSequences({ database, write, requireAccess, newId }: ProjectParts) {
  const checkParent = async (projectId: string, id: string | null, of: SequenceWrite) => {
    if (of.parentId === null) return;
    const parent = (await listSequences(database, { id: of.parentId }))[0];
    const fits = parent?.projectId === projectId && parent.kind === 'episode' && parent.id !== id;
    if (!fits || of.kind === 'episode') {
      throw invalid(finding('unfit_parent', 'error', { at: { field: 'parentId' } }));
    }
  };

  return {
    async sequences(context: Context, projectId: string): Promise<SequenceRecord[]> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [projectId],
      });
      const { scope } = await readProject(database, organisationId, projectId);
      const visibleTo = scope === 'whole' ? undefined : organisationId;
      return listSequences(database, { projectId }, visibleTo);
    },

    async addSequence(
      context: Context,
      body: SequenceWrite & { readonly projectId: string },
    ): Promise<SequenceRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [body.projectId],
      });
      await checkParent(body.projectId, null, body);
      const project = await readProject(database, organisationId, body.projectId);
      const id = newId();
      return write(context, async (work) => {
        if (!(await insertSequence(work.transaction, { ...body, id }))) {
          throw conflict(finding('duplicate_code', 'error', { facts: { code: body.code } }));
        }
        work.audit({
          action: 'production.sequence_added',
          subjectKind: 'project',
          subjectId: project.id,
          facts: { sequence: id, code: body.code },
        });
        work.changed({ kind: 'project', id: project.id, filmId: project.filmId });
        return found((await listSequences(work.transaction, { id }))[0]);
      });
    },

    async changeSequence(
      context: Context,
      id: string,
      body: SequenceWrite & { readonly version: number },
    ): Promise<SequenceRecord> {
      await requireAccess(context, 'production.write', { kind: 'sequence', ids: [id] });
      const before = found((await listSequences(database, { id }))[0], { id });
      await checkParent(before.projectId, id, body);
      return write(context, async (work) => {
        const taken = await sql`select 1 from production.sequence where id <> ${id}
          and project_id = ${before.projectId} and code = ${body.code}
          and parent_id is not distinct from ${body.parentId}::uuid`.execute(work.transaction);
        if (taken.rows.length > 0) {
          throw conflict(finding('duplicate_code', 'error', { facts: { code: body.code } }));
        }
        if (!(await updateSequence(work.transaction, id, body))) {
          throw versionConflict(before, body);
        }
        work.audit({
          action: 'production.sequence_changed',
          subjectKind: 'project',
          subjectId: before.projectId,
          facts: { sequence: id, code: body.code },
        });
        work.changed({ kind: 'project', id: before.projectId });
        return found((await listSequences(work.transaction, { id }))[0]);
      });
    },
  };
}

function createShots({ database, write, requireAccess, newId }: ProjectParts) {
  const listed = async (context: Context, query: ShotQuery) => {
    const { organisationId } = await requireAccess(context, 'production.read', {
      kind: 'project',
      ids: [query.projectId],
    });
    const project = await readProject(database, organisationId, query.projectId);
    return { ...query, reader: organisationId, scope: project.scope, project };
  };
  const one = async (organisationId: string, project: ProjectRecord, id: string) => {
    const rows = await listShots(database, {
      projectId: project.id,
      reader: organisationId,
      scope: project.scope,
      ids: [id],
      limit: 1,
    });
    return found(rows[0]?.row, { id });
  };
  const projectOf = async (organisationId: string, shotId: string) => {
    const result = await sql<{ project_id: string }>`
      select project_id from production.shot where id = ${shotId}`.execute(database);
    const { project_id: projectId } = found(result.rows[0], { id: shotId });
    return readProject(database, organisationId, projectId);
  };
  const checkSequence = async (projectId: string, sequenceId: string | null) => {
    if (sequenceId === null) return;
    const known = (await listSequences(database, { id: sequenceId }))[0];
    found(known?.projectId === projectId ? known : undefined, { id: sequenceId });
  };

  return {
    async shots(context: Context, query: ShotQuery & PageQuery): Promise<Page<ShotRecord>> {
      const listing = await listed(context, query);
      const after = afterShot(query);
      const rows = await listShots(database, { ...listing, after, limit: query.limit });
      return pageOf(
        rows,
        query,
        (each) => JSON.parse(each.sortKey) as string[],
        (each) => each.row,
      );
    },

    async shotSheet(
      context: Context,
      query: ShotQuery & { readonly format: 'csv' | 'xlsx' },
    ): Promise<Download> {
      const listing = await listed(context, query);
      const rows = await listShots(database, { ...listing, limit: SHEET_ROWS_MAX });
      const name = `${listing.project.code}-shots`;
      const cells = rows.map(({ row }) => sheetRow(row));
      return downloadSheet(name, '镜头 Shots', [[...SHEET_HEAD], ...cells], query.format);
    },

    async shot(context: Context, id: string): Promise<ShotRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'shot',
        ids: [id],
      });
      return one(organisationId, await projectOf(organisationId, id), id);
    },

    async createShot(
      context: Context,
      body: Omit<ShotWrite, 'version'> & { readonly projectId: string },
    ): Promise<ShotRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [body.projectId],
      });
      const project = await readProject(database, organisationId, body.projectId);
      await checkSequence(project.id, body.sequenceId);
      const { settings } = project;
      const id = newId();
      await write(context, async (work) => {
        const last = await sql<{ last: number | null }>`
          select max(ordinal) as last from production.shot where project_id = ${project.id}
            and sequence_id is not distinct from ${body.sequenceId}::uuid
        `.execute(work.transaction);
        const added = await insertShots(work.transaction, [
          {
            ...UNCUT,
            id,
            projectId: project.id,
            sequenceId: body.sequenceId,
            code: body.code,
            description: body.description,
            frameCount: body.frameCount,
            status: settings.shotFlow[0]!.code,
            ordinal: (last.rows[0]?.last ?? 0) + ORDINAL_STEP,
            firstFrame: body.firstFrame ?? settings.firstFrame,
            headHandle: body.headHandle ?? settings.headHandle,
            tailHandle: body.tailHandle ?? settings.tailHandle,
          },
        ]);
        if (added.length === 0) {
          throw conflict(finding('duplicate_code', 'error', { facts: { code: body.code } }));
        }
        work.audit({
          action: 'production.shot_added',
          subjectKind: 'shot',
          subjectId: id,
          facts: { project: project.id, code: body.code },
        });
        work.changed({ kind: 'shot', id, filmId: project.filmId });
        return id;
      });
      return one(organisationId, project, id);
    },

    async updateShot(context: Context, id: string, body: ShotWrite): Promise<ShotRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'shot',
        ids: [id],
      });
      const project = await projectOf(organisationId, id);
      await checkSequence(project.id, body.sequenceId);
      const before = await one(organisationId, project, id);
      await write(context, async (work) => {
        const taken = await sql`select 1 from production.shot where id <> ${id}
          and project_id = ${project.id} and code = ${body.code}`.execute(work.transaction);
        if (taken.rows.length > 0) {
          throw conflict(finding('duplicate_code', 'error', { facts: { code: body.code } }));
        }
        if (!(await updateShot(work.transaction, id, body))) throw versionConflict(before, body);
        work.audit({
          action: 'production.shot_changed',
          subjectKind: 'shot',
          subjectId: id,
          facts: { code: body.code },
        });
        work.changed({ kind: 'shot', id, filmId: project.filmId });
        return id;
      });
      return one(organisationId, project, id);
    },
  };
}

function afterShot(query: PageQuery): readonly string[] | undefined {
  const key = afterKey(query, 4);
  if (key === undefined) return undefined;
  const [sequence = '', code = '', ordinal = '', id = ''] = key;
  const isNumber = (text: string) => /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31;
  const isKey = isNumber(sequence) && isNumber(ordinal) && !code.includes('\0');
  if (isKey && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return key;
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

const SHEET_HEAD = [
  '镜头 Shot',
  '场 Sequence',
  '说明 Description',
  '状态 Status',
  '删除 Omitted',
  '帧数 Frames',
  '首帧 First',
  '入帧 Cut in',
  '出帧 Cut out',
  '末帧 Last',
  '素材 Clip',
  '卷号 Reel',
  '变更 Changes',
  '任务 Tasks',
  '最新版本 Latest version',
] as const;

function sheetRow(shot: ShotRecord): string[] {
  const number = (value: number | null) => (value === null ? '' : String(value));
  return [
    shot.code,
    shot.sequence ?? '',
    shot.description,
    shot.status,
    shot.omitted ? '✓' : '',
    number(shot.frameCount),
    number(shot.firstFrame),
    number(shot.cutIn),
    number(shot.cutOut),
    number(shot.lastFrame),
    shot.clip,
    shot.reel,
    shot.changes.map((each) => each.kind).join(' '),
    shot.tasks.map((each) => `${each.name}: ${each.status}`).join('; '),
    shot.latest === null ? '' : versionLabel(shot.latest),
  ];
}

/** `comp v003 approved` */
export function versionLabel(of: { name: string; number: number; state: string }): string {
  return `${of.name} v${String(of.number).padStart(3, '0')} ${of.state}`.trim();
}

/** The first findings of many, and how many there are in all. */
export function told(findings: readonly Finding[]): Finding[] {
  if (findings.length <= TOLD_MAX) return [...findings];
  const facts = { count: findings.length - TOLD_MAX };
  return [...findings.slice(0, TOLD_MAX), finding('further_findings', 'note', { facts })];
}

export type ShotChange = {
  readonly projectId: string;
  readonly ids: readonly string[];
  readonly status?: string | undefined;
  readonly sequenceId?: string | null | undefined;
  readonly omitted?: boolean | undefined;
  readonly seen?: true | undefined;
};

function createShotChanges({ database, write, requireAccess, newId }: ProjectParts) {
  return {
    /** One change of many shots, which can be taken back as one. */
    async changeShots(context: Context, body: ShotChange) {
      const { projectId, ids } = body;
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'project', ids: [projectId] },
        { kind: 'shot', ids },
      );
      const project = await readProject(database, organisationId, projectId);
      if (body.sequenceId !== undefined && body.sequenceId !== null) {
        const known = (await listSequences(database, { id: body.sequenceId }))[0];
        found(known?.projectId === projectId ? known : undefined, { id: body.sequenceId });
      }
      const id = newId();
      return write(context, async (work) => {
        const { transaction } = work;
        const rows = await sql<{
          id: string;
          code: string;
          status: string;
          omitted: boolean;
          sequence_id: string | null;
        }>`
          select id, code, status, omitted, sequence_id from production.shot
          where project_id = ${projectId} and id = any(${[...ids]}::uuid[]) for update
        `.execute(transaction);
        const findings: Finding[] = [];
        const changes: FieldChange[] = [];
        const set = (
          row: { id: string },
          field: string,
          before: string | null,
          after: typeof before,
        ) => {
          if (before !== after) changes.push({ kind: 'shot', id: row.id, field, before, after });
        };
        for (const row of rows.rows) {
          if (body.status !== undefined && body.status !== row.status) {
            const refused = refusedStep(project.settings.shotFlow, row.status, body.status, false);
            if (refused === undefined) set(row, 'status', row.status, body.status);
            else findings.push({ ...refused, facts: { ...refused.facts, subject: row.code } });
          }
          if (body.sequenceId !== undefined) {
            set(row, 'sequence_id', row.sequence_id, body.sequenceId);
          }
          if (body.omitted !== undefined) {
            set(row, 'omitted', String(row.omitted), String(body.omitted));
          }
        }
        const applied = await applyFields(transaction, changes);
        await recordFields(transaction, context, { id, projectId }, applied);
        const seen = body.seen === true ? await seeShots(transaction, projectId, ids) : [];
        const changed = new Set([...applied.map((each) => each.id), ...seen]);
        work.audit({
          action: 'production.shots_changed',
          subjectKind: 'project',
          subjectId: projectId,
          facts: { change: id, shots: changed.size, status: body.status ?? null },
        });
        work.changed({
          kind: 'shot',
          id: changed.values().next().value ?? id,
          filmId: project.filmId,
        });
        return { changeId: id, changed: changed.size, findings: told(findings) };
      });
    },
  };
}
