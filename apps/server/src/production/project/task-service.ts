import type { taskQuery, taskSchema } from '@yinglian/contract';
import { type Finding, finding } from '@yinglian/core';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import type { Download } from '../../kernel/http/routes.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { found, invalid, notAllowed } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { jsonText } from '../../kernel/write.ts';
import { applyFields, type FieldChange, recordFields } from './fields.ts';
import { refusedStep } from './flow.ts';
import { codesOf, likeOf, type ProjectRecord } from './repository.ts';
import { dayOf, type ProjectParts, readProject } from './service.ts';
import { SHEET_ROWS_MAX, told } from './shot-service.ts';

export type TaskRecord = z.output<typeof taskSchema>;
export type TaskQuery = z.output<typeof taskQuery>;

const given = (value: unknown, condition: RawBuilder<unknown>) =>
  value === undefined ? sql`true` : condition;

type TaskListing = TaskQuery & {
  readonly project: ProjectRecord;
  readonly reader: string;
  readonly today: string;
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
};

/** Tasks of a project; a company outside the room sees those that are its own. */
async function listTasks(database: Queryable, listing: TaskListing): Promise<Listed<TaskRecord>[]> {
  const { project, reader, today } = listing;
  const done = codesOf(project.settings, 'done');
  const like = likeOf(listing.search);
  const late = sql<boolean>`coalesce(task.due_on < ${today}::date
    and not task.status = any(${done}::text[]), false)`;
  const result = await sql<
    Omit<TaskRecord, 'createdAt' | 'updatedAt'> & {
      created: Date;
      updated: Date;
      sort_key: string;
    }
  >`
    select task.id, task.version, task.created_at as created, task.updated_at as updated,
      task.project_id as "projectId", task.shot_id as "shotId",
      task.sequence_id as "sequenceId",
      coalesce(shot.code, sequence.code, '') as subject,
      (select asset.poster_file_id from production.version
        join production.asset on asset.id = version.asset_id
        where version.subject_kind = 'shot' and version.subject_id = task.shot_id
          and asset.poster_file_id is not null
          and ${project.scope === 'whole' ? sql`true` : sql`version.organisation_id = ${reader}`}
        order by version.created_at desc limit 1) as "thumbnailFileId",
      task.name, task.description, task.organisation_id as "organisationId",
      company.name as "organisationName", task.assignee, task.due_on::text as "dueOn",
      ${late} as late, task.priority, task.status, task.flagged,
      task.created_at::text as sort_key
    from production.task
    left join production.shot on shot.id = task.shot_id
    left join production.sequence on sequence.id = task.sequence_id
    left join kernel.organisation as company on company.id = task.organisation_id
    where task.project_id = ${project.id} and ${listedBy('task', { after: listing.after })}
      and ${project.scope === 'whole' ? sql`true` : sql`task.organisation_id = ${reader}`}
      and ${given(listing.shotId, sql`task.shot_id = ${listing.shotId}`)}
      and ${given(listing.organisationId, sql`task.organisation_id = ${listing.organisationId}`)}
      and ${given(listing.status, sql`task.status = ${listing.status}`)}
      and ${given(listing.late, sql`${late} = ${listing.late === true}`)}
      and ${given(listing.flagged, sql`task.flagged = ${listing.flagged === true}`)}
      and (task.name ilike ${like} or task.assignee ilike ${like} or shot.code ilike ${like}
        or sequence.code ilike ${like})
    ${newestFirst('task', listing.limit)}`.execute(database);
  return result.rows.map(({ created, updated, sort_key: sortKey, ...row }) => ({
    sortKey,
    row: { ...row, createdAt: created.toISOString(), updatedAt: updated.toISOString() },
  }));
}

export type NewTasks = {
  readonly projectId: string;
  readonly names: readonly string[];
  readonly shotIds: readonly string[];
  readonly sequenceIds: readonly string[];
  readonly organisationId: string | null;
  readonly assignee: string;
  readonly dueOn: string | null;
  readonly description: string;
  readonly priority: number;
};

export type TaskChange = {
  readonly projectId: string;
  readonly ids: readonly string[];
  readonly status?: string | undefined;
  readonly organisationId?: string | null | undefined;
  readonly assignee?: string | undefined;
  readonly dueOn?: string | null | undefined;
  readonly priority?: number | undefined;
  readonly seen?: true | undefined;
};

export type TaskService = ReturnType<typeof createTaskService>;

/** Tasks: given to companies for many shots at once, and moved along the show's flow. */
export function createTaskService(parts: ProjectParts) {
  const { database, write, requireAccess, newId, now } = parts;

  const listed = async (context: Context, query: TaskQuery) => {
    const { organisationId } = await requireAccess(context, 'production.read', {
      kind: 'project',
      ids: [query.projectId],
    });
    const project = await readProject(database, organisationId, query.projectId);
    return { ...query, project, reader: organisationId, today: dayOf(now()) };
  };

  return {
    async tasks(context: Context, query: TaskQuery & PageQuery): Promise<Page<TaskRecord>> {
      const listing = await listed(context, query);
      const rows = await listTasks(database, {
        ...listing,
        after: afterInstant(query),
        limit: query.limit,
      });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async taskSheet(
      context: Context,
      query: TaskQuery & { readonly format: 'csv' | 'xlsx' },
    ): Promise<Download> {
      const listing = await listed(context, query);
      const rows = await listTasks(database, { ...listing, limit: SHEET_ROWS_MAX });
      const cells = rows.map(({ row }) => sheetRow(row));
      const name = `${listing.project.code}-tasks`;
      return downloadSheet(name, '任务 Tasks', [[...SHEET_HEAD], ...cells], query.format);
    },

    async createTasks(context: Context, body: NewTasks): Promise<{ added: number; known: number }> {
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'project', ids: [body.projectId] },
        { kind: 'shot', ids: body.shotIds },
        { kind: 'sequence', ids: body.sequenceIds },
      );
      const project = await readProject(database, organisationId, body.projectId);
      await checkCompany(database, project, body.organisationId);
      const subjects = [
        ...body.shotIds.map((id) => ({ shotId: id, sequenceId: null })),
        ...body.sequenceIds.map((id) => ({ shotId: null, sequenceId: id })),
      ];
      if (subjects.length === 0) {
        throw invalid(finding('missing_task_subject', 'error', { at: { field: 'shotIds' } }));
      }
      const rows = subjects.flatMap((subject) =>
        body.names.map((name) => ({ ...subject, id: newId(), name })),
      );
      return write(context, async (work) => {
        const result = await sql<{ id: string }>`
          insert into production.task (id, project_id, shot_id, sequence_id, name, description,
            organisation_id, assignee, due_on, priority, status)
          select each.id, ${project.id}::uuid, each."shotId", each."sequenceId", each.name,
            ${body.description}, ${body.organisationId}::uuid, ${body.assignee},
            ${body.dueOn}::date, ${body.priority}, ${project.settings.taskFlow[0]!.code}
          from json_to_recordset(${jsonText(rows)}::json) as each (id uuid, "shotId" uuid,
            "sequenceId" uuid, name text)
          where not exists (select 1 from production.shot where shot.id = each."shotId"
            and shot.project_id <> ${project.id})
          on conflict do nothing returning id`.execute(work.transaction);
        const added = result.rows.length;
        work.audit({
          action: 'production.tasks_given',
          subjectKind: 'project',
          subjectId: project.id,
          facts: { tasks: added, names: [...body.names], organisation: body.organisationId },
        });
        if (added > 0) {
          work.changed({ kind: 'task', id: result.rows[0]!.id, filmId: project.filmId });
        }
        return { added, known: rows.length - added };
      });
    },

    /** One change of many tasks, which can be taken back as one. */
    async changeTasks(context: Context, body: TaskChange) {
      const { projectId, ids } = body;
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'project_part', ids: [projectId] },
        { kind: 'task', ids },
      );
      const project = await readProject(database, organisationId, projectId);
      const byCompany = project.scope !== 'whole';
      const settled = [body.organisationId, body.dueOn, body.priority];
      // Who does the work, by when and how urgently is the room's to say.
      if (byCompany && settled.some((each) => each !== undefined)) {
        throw notAllowed({ permission: 'production.write' });
      }
      if (body.organisationId !== undefined) {
        await checkCompany(database, project, body.organisationId);
      }
      const id = newId();
      return write(context, async (work) => {
        const { transaction } = work;
        const rows = await sql<StoredTask>`
          select id, name, status, organisation_id, assignee, due_on::text as due_on, priority,
            flagged
          from production.task where project_id = ${projectId} and id = any(${[...ids]}::uuid[])
          for update`.execute(transaction);
        const { changes, findings } = changesOf(rows.rows, body, project, byCompany);
        const applied = await applyFields(transaction, changes);
        await recordFields(transaction, context, { id, projectId }, applied);
        const changed = new Set(applied.map((each) => each.id));
        work.audit({
          action: 'production.tasks_changed',
          subjectKind: 'project',
          subjectId: projectId,
          facts: { change: id, tasks: changed.size, status: body.status ?? null },
        });
        work.changed({
          kind: 'task',
          id: changed.values().next().value ?? id,
          filmId: project.filmId,
        });
        return { changeId: id, changed: changed.size, findings: told(findings) };
      });
    },
  };
}

type StoredTask = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly organisation_id: string | null;
  readonly assignee: string;
  readonly due_on: string | null;
  readonly priority: number;
  readonly flagged: boolean;
};

function changesOf(
  rows: readonly StoredTask[],
  body: TaskChange,
  project: ProjectRecord,
  byCompany: boolean,
) {
  const findings: Finding[] = [];
  const changes: FieldChange[] = [];
  for (const row of rows) {
    const set = (field: string, before: string | null, after: string | null | undefined) => {
      if (after === undefined || before === after) return;
      changes.push({ kind: 'task', id: row.id, field, before, after });
    };
    if (body.status !== undefined && body.status !== row.status) {
      const refused = refusedStep(project.settings.taskFlow, row.status, body.status, byCompany);
      if (refused === undefined) set('status', row.status, body.status);
      else findings.push({ ...refused, facts: { ...refused.facts, subject: row.name } });
    }
    set('organisation_id', row.organisation_id, body.organisationId);
    set('assignee', row.assignee, body.assignee);
    set('due_on', row.due_on, body.dueOn);
    set('priority', String(row.priority), body.priority?.toString());
    if (body.seen === true) set('flagged', String(row.flagged), 'false');
  }
  return { changes, findings };
}

/** A task goes to the house itself or to a company that was asked to take part. */
export async function checkCompany(
  database: Queryable,
  project: ProjectRecord,
  organisationId: string | null,
): Promise<void> {
  if (organisationId === null || organisationId === project.ownerId) return;
  const result = await sql`
    select 1 from production.participant
    where project_id = ${project.id} and organisation_id = ${organisationId} and state <> 'left'
    union all
    select 1 from kernel.room_member as member
    where member.film_id = ${project.filmId} and member.organisation_id = ${organisationId}
      and (member.owner or 'production' = any(member.halls))`.execute(database);
  found(result.rows[0], { kind: 'organisation', id: organisationId });
}

const SHEET_HEAD = [
  '镜头 Shot',
  '任务 Task',
  '单位 Company',
  '承担人 Assignee',
  '期限 Due',
  '逾期 Late',
  '优先 Priority',
  '状态 Status',
  '变更 Flagged',
  '说明 Description',
] as const;

function sheetRow(task: TaskRecord): string[] {
  return [
    task.subject,
    task.name,
    task.organisationName ?? '',
    task.assignee,
    task.dueOn ?? '',
    task.late ? '✓' : '',
    String(task.priority),
    task.status,
    task.flagged ? '✓' : '',
    task.description,
  ];
}
