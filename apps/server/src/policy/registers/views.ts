import type { registerEntrySchema } from '@yinglian/contract';
import {
  checkFields,
  missingParts,
  type PublishedEntry,
  publishedEntry,
  publishedFields,
  type RegisterDefinition,
  REGISTERS,
  standingOf,
  stationsOf,
} from '@yinglian/register';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';
import { mayTake } from '../roles.ts';
import {
  countOpenObjections,
  definitionOf,
  type EntryRow,
  type KindRecord,
  readAssessments,
  readDocuments,
  readEntry,
  readSteps,
} from './repository.ts';

export type EntryView = z.output<typeof registerEntrySchema>;

/** The kinds as forms and pages read them. */
export function kindViews(): KindRecord[] {
  return REGISTERS.map((register) => ({
    kind: register.kind,
    title: register.title,
    about: register.about,
    fields: register.fields.map((field) => ({
      name: field.name,
      kind: field.kind,
      label: field.label,
      required: field.required,
      published: field.published,
      personal: field.personal === true,
      choices: field.kind === 'table' ? [] : [...(field.choices ?? [])],
      columns:
        field.kind === 'table'
          ? field.columns.map(({ name, kind, label, required, choices }) => ({
              name,
              kind,
              label,
              required,
              choices: [...(choices ?? [])],
            }))
          : [],
    })),
    documents: [...register.documents],
    headline: register.headline,
    selects: register.selection !== null,
    criteria: criteriaOf(register).map(({ code, label, most, least }) => ({
      code,
      label,
      most,
      least: least ?? null,
    })),
    levels: [...(register.levels?.order ?? [])],
    feeds: register.feeds.map(({ instrument, item }) => ({ instrument, item })),
    categoryField: register.selection?.categoryField ?? null,
    validMonths: register.validMonths,
    assessedEveryMonths: register.assessment?.everyMonths ?? null,
    stations: stationsOf(register),
  }));
}

/** What points are given for: in rounds where the register selects, else in assessments. */
export function criteriaOf({ selection, assessment }: RegisterDefinition) {
  return selection?.criteria ?? assessment?.criteria ?? [];
}

export function headlineOf(row: Pick<EntryRow, 'fields' | 'kind'>): string {
  const { headline } = definitionOf(row.kind);
  return String(row.fields[headline] ?? '—');
}

/** An entry as the caller sees it. */
export async function entryView(
  database: Queryable,
  context: Context,
  id: string,
  today: string,
): Promise<EntryView> {
  const row = found(await readEntry(database, id), { id });
  const register = definitionOf(row.kind);
  const steps = await readSteps(database, id);
  const documents = await readDocuments(database, id);
  const assessments = await readAssessments(database, id);
  const open = register.actions.filter(({ from }) => from.some((each) => each === row.state));
  const side = { applicant_id: row.holder_id, department_id: row.department_id };
  return {
    ...publicDates(row),
    id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    registerId: row.register_id,
    kind: row.kind,
    department: row.department,
    holderId: row.holder_id,
    holder: row.holder,
    headline: headlineOf(row),
    roundId: row.round_id,
    state: row.state as EntryView['state'],
    standing: standingOf(register, plainRecord(row), today),
    correctionUntil: row.correction_until,
    remedyUntil: row.remedy_until,
    levelAsked: row.level_asked,
    fields: row.fields as EntryView['fields'],
    documents: documents.map((each) => ({
      id: each.id,
      code: each.code,
      fileId: each.file_id,
      fileName: each.file_name,
      digest: each.digest,
    })),
    assessments: assessments.map((each) => ({
      on: each.on_date,
      grade: each.grade,
      passes: each.passes,
      score: each.score,
      by: each.by_name,
      remark: each.remark,
    })),
    steps: steps.map(({ action, actor, role, on_date, reason }) => ({
      action,
      actor,
      role,
      on: on_date,
      reason,
    })),
    openObjections: await countOpenObjections(database, id),
    actions: open
      .filter(({ role }) => mayTake(context, role, side))
      .map(({ action, role, label }) => ({ action, role, label })),
    findings: [
      ...checkFields(register, row.fields),
      ...missingParts(
        register,
        row.fields,
        documents.map(({ code }) => code),
      ),
    ],
  };
}

function publicDates(row: EntryRow) {
  return {
    number: row.number,
    registeredOn: row.registered_on,
    validUntil: row.valid_until,
    noticeUntil: row.notice_until,
  };
}

/** The parts of a row that its standing depends on. */
export function plainRecord(row: EntryRow) {
  return {
    state: row.state as EntryView['state'],
    registeredOn: row.registered_on,
    validUntil: row.valid_until,
    fields: row.fields,
    number: row.number ?? '',
  };
}

/** The public view of a row. */
export function publicView(row: EntryRow, today: string): PublishedEntry | undefined {
  return publishedEntry(definitionOf(row.kind), plainRecord(row), today);
}

/** What a notice shows: the published fields, the holder and the days. */
export function noticeView(row: EntryRow) {
  return {
    entryId: row.id,
    kind: row.kind,
    department: row.department,
    holder: row.holder,
    fields: publishedFields(definitionOf(row.kind), row.fields),
    from: row.notice_from ?? row.notice_until ?? '',
    until: row.notice_until ?? '',
  };
}
