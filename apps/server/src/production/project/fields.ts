import type { changeSchema } from '@yinglian/contract';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import type { Listed } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';

/** Fields of shots and tasks that are changed in bulk, with what a text of them is cast to. */
const CASTS = {
  shot: {
    status: 'text',
    sequence_id: 'uuid',
    omitted: 'boolean',
    changes: 'json',
  },
  task: {
    status: 'text',
    organisation_id: 'uuid',
    assignee: 'text',
    due_on: 'date',
    priority: 'integer',
    flagged: 'boolean',
  },
} as const;

export type SubjectKind = keyof typeof CASTS;
export type FieldOf<Kind extends SubjectKind> = keyof (typeof CASTS)[Kind] & string;

/** One field of one record, before and after, as PostgreSQL writes their values. */
export type FieldChange = {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
};

/**
 * Writes fields, many records at once, and gives those that had the value they were changed from:
 * what somebody changed meanwhile stays as it is.
 */
export async function applyFields(
  transaction: Transaction,
  changes: readonly FieldChange[],
): Promise<FieldChange[]> {
  const groups = new Map<string, FieldChange[]>();
  for (const each of changes) {
    const key = `${each.kind}\n${each.field}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  const applied: FieldChange[] = [];
  for (const group of groups.values()) {
    const { kind, field } = group[0]!;
    const cast = (CASTS[kind] as Readonly<Record<string, string>>)[field]!;
    const value = sql`(each->>'after')::${sql.raw(cast)}`;
    const result = await sql<{ id: string }>`
      update ${sql.table(`production.${kind}`)} as record
      set ${sql.ref(field)} = ${value}, version = version + 1, updated_at = now()
      from json_array_elements(${jsonText(group)}::json) as each
      where record.id = (each->>'id')::uuid
        and record.${sql.ref(field)}::text is not distinct from each->>'before'
      returning record.id`.execute(transaction);
    const done = new Set(result.rows.map((row) => row.id));
    applied.push(...group.filter((each) => done.has(each.id)));
  }
  return applied;
}

export type Recording = {
  readonly id: string;
  readonly projectId: string;
  readonly undoes?: string;
};

/** Keeps what was changed, under the id of the change. */
export async function recordFields(
  transaction: Transaction,
  context: Context,
  { id, projectId, undoes }: Recording,
  changes: readonly FieldChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    insert into production.change (id, project_id, subject_kind, subject_id, field, before, after,
      by_id, by_name, organisation_id, undoes)
    select ${id}::uuid, ${projectId}::uuid, each->>'kind', (each->>'id')::uuid, each->>'field',
      each->>'before', each->>'after', ${context.user?.id ?? null}::uuid,
      ${context.user?.name ?? ''}, ${context.organisation?.id ?? null}::uuid,
      ${undoes ?? null}::uuid
    from json_array_elements(${jsonText(changes)}::json) as each`.execute(transaction);
}

/** The fields of one change, whoever made it. */
export async function readChange(
  database: Queryable,
  projectId: string,
  id: string,
): Promise<{ changes: FieldChange[]; organisationId: string | null; undone: boolean }> {
  const result = await sql<FieldChange & { organisationId: string | null }>`
    select subject_kind as kind, subject_id as id, field, before, after,
      organisation_id as "organisationId"
    from production.change where id = ${id} and project_id = ${projectId}`.execute(database);
  const taken = await sql<{ undone: boolean }>`
    select exists (select 1 from production.change where undoes = ${id}) as undone
  `.execute(database);
  return {
    changes: result.rows.map(({ kind, id: subject, field, before, after }) => ({
      kind,
      id: subject,
      field,
      before,
      after,
    })),
    organisationId: result.rows[0]?.organisationId ?? null,
    undone: taken.rows[0]!.undone,
  };
}

export type ChangeRecord = z.output<typeof changeSchema>;

/** Changes as people made them, the newest first: one row for each field of a change. */
export async function listChanges(
  database: Queryable,
  listing: {
    readonly projectId: string;
    readonly subjectId?: string | undefined;
    readonly scope: RawBuilder<boolean>;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<ChangeRecord>[]> {
  const { projectId, subjectId, after } = listing;
  const result = await sql<Omit<ChangeRecord, 'at'> & { at: Date; sort_key: string }>`
    select change.id, max(change.at) as at, max(change.at)::text as sort_key,
      max(change.by_name) as by, max(company.name) as organisation,
      change.subject_kind as "subjectKind", change.field, count(*)::int as count,
      min(coalesce(shot.code, task.name, '')) as subject,
      (array_agg(change.before))[1] as before, (array_agg(change.after))[1] as after,
      exists (select 1 from production.change as later where later.undoes = change.id) as undone,
      (array_agg(change.undoes))[1] as undoes
    from production.change
    left join production.shot on change.subject_kind = 'shot' and shot.id = change.subject_id
    left join production.task on change.subject_kind = 'task' and task.id = change.subject_id
    left join kernel.organisation as company on company.id = change.organisation_id
    where change.project_id = ${projectId} and ${listing.scope}
      and ${subjectId === undefined ? sql`true` : sql`change.subject_id = ${subjectId}`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(change.at, change.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    group by change.id, change.subject_kind, change.field
    order by 2 desc, change.id desc limit ${listing.limit + 1}`.execute(database);
  return result.rows.map(({ sort_key: sortKey, at, ...row }) => ({
    sortKey,
    row: { ...row, at: at.toISOString() },
  }));
}
