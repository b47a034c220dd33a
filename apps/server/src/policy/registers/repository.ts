import type {
  publishedEntrySchema,
  registerKindSchema,
  registerRoundSchema,
  registerSchema,
} from '@yinglian/contract';
import type { CaseRole } from '@yinglian/policy';
import {
  type EntryRecord,
  type Fields,
  type GradedAssessment,
  type RegisteredEntry,
  type RegisterDefinition,
  registerOf,
} from '@yinglian/register';
import { type Selectable, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable } from '../../kernel/database/database.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import { found } from '../../kernel/refusal.ts';
import { entriesReachedBy } from './access.ts';
import { type DocumentTable, type EntryTable, type RoundTable, registerTables } from './tables.ts';

export type RegisterRecord = z.output<typeof registerSchema>;
export type RoundRecord = z.output<typeof registerRoundSchema>;
export type KindRecord = z.output<typeof registerKindSchema>;
export type PublishedRecord = z.output<typeof publishedEntrySchema>;

/** An entry with what its register and its holder add. */
export type EntryRow = Omit<Selectable<EntryTable>, 'fields'> & {
  readonly fields: Fields;
  readonly kind: string;
  readonly department_id: string;
  readonly department: string;
  readonly notice_days: number;
  readonly holder: string;
};

/** The definition of a kind that is stored, so it exists. */
export function definitionOf(kind: string): RegisterDefinition {
  return found(registerOf(kind), { kind });
}

export async function listRegisters(database: Queryable, id?: string): Promise<RegisterRecord[]> {
  const result = await sql<{
    id: string;
    kind: string;
    department: string;
    departmentId: string;
    noticeDays: number;
    entered: number;
  }>`
    select register.id, register.kind, department.name as department,
      register.department_id as "departmentId", register.notice_days as "noticeDays",
      (select count(*)::integer from policy.register_entry as entry
        where entry.register_id = register.id and entry.registered_on is not null
          and entry.state <> 'forgotten') as entered
    from policy.register as register
    join policy.department as department on department.organisation_id = register.department_id
    where ${id ?? null}::uuid is null or register.id = ${id ?? null}::uuid
    order by department.name, register.kind, register.id
  `.execute(database);
  return result.rows.map((row) => ({ ...row, title: definitionOf(row.kind).title }));
}

export async function readRounds(
  database: Queryable,
  of: { readonly registerId?: string; readonly id?: string },
  locked = false,
): Promise<(RoundRecord & { readonly decision: unknown })[]> {
  const result = await sql<Selectable<RoundTable>>`
    select * from policy.register_round
    where (${of.registerId ?? null}::uuid is null or register_id = ${of.registerId ?? null}::uuid)
      and (${of.id ?? null}::uuid is null or id = ${of.id ?? null}::uuid)
    order by created_at desc, id desc limit 200 ${locked ? sql`for update` : sql``}
  `.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    registerId: row.register_id,
    year: row.year,
    title: row.title,
    opensOn: row.opens_on,
    closesOn: row.closes_on,
    places: row.places as RoundRecord['places'],
    decidedOn: row.decided_on,
    decision: row.decision,
  }));
}

const ENTRY = sql`
  select entry.*, register.kind, register.department_id, register.notice_days,
    department.name as department, holder.name as holder
  from policy.register_entry as entry
  join policy.register as register on register.id = entry.register_id
  join policy.department as department on department.organisation_id = register.department_id
  join kernel.organisation as holder on holder.id = entry.holder_id
`;

/** One entry; with `locked` nobody else changes it until the transaction ends. */
export async function readEntry(
  database: Queryable,
  id: string,
  locked = false,
): Promise<EntryRow | undefined> {
  const result = await sql<EntryRow>`
    ${ENTRY} where entry.id = ${id} ${locked ? sql`for update of entry` : sql``}
  `.execute(database);
  return result.rows[0];
}

export async function listEntries(
  database: Queryable,
  listing: {
    readonly organisationId: string;
    readonly registerId?: string | undefined;
    readonly roundId?: string | undefined;
    readonly state?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<EntryRow>[]> {
  const { organisationId, registerId, roundId, state, after, limit } = listing;
  const result = await sql<EntryRow & { sort_key: string }>`
    select entry.*, entry.created_at::text as sort_key from (${ENTRY}) as entry
    where ${entriesReachedBy(organisationId)}
      and (${registerId ?? null}::uuid is null or entry.register_id = ${registerId ?? null}::uuid)
      and (${roundId ?? null}::uuid is null or entry.round_id = ${roundId ?? null}::uuid)
      and (${state ?? null}::text is null or entry.state = ${state ?? null})
      and ${listedBy('entry', { after })}
    ${newestFirst('entry', limit)}
  `.execute(database);
  return result.rows.map((row) => ({ row, sortKey: row.sort_key }));
}

/** Entries that were ever entered into a register, the latest number first. */
export async function listEntered(
  database: Queryable,
  listing: {
    readonly registerId?: string;
    readonly departmentId?: string;
    readonly search?: string | undefined;
    readonly after?: string | undefined;
    readonly limit?: number;
  },
): Promise<EntryRow[]> {
  const { registerId, departmentId, search, after, limit } = listing;
  const like = search === undefined ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const result = await sql<EntryRow>`
    select entry.* from (${ENTRY}) as entry
    where entry.registered_on is not null and entry.state <> 'forgotten'
      and (${registerId ?? null}::uuid is null or entry.register_id = ${registerId ?? null}::uuid)
      and (${departmentId ?? null}::uuid is null
        or entry.department_id = ${departmentId ?? null}::uuid)
      and (${like}::text is null or entry.number ilike ${like} or entry.identity ilike ${like})
      and (${after ?? null}::text is null or entry.number < ${after ?? null})
    order by entry.number desc ${limit === undefined ? sql`` : sql`limit ${limit}`}
  `.execute(database);
  return result.rows;
}

/** Entries whose notice, or whose notice of a rise, is running. */
export async function listNoticed(database: Queryable): Promise<EntryRow[]> {
  const result = await sql<EntryRow>`
    select entry.* from (${ENTRY}) as entry
    where entry.state in ('on_notice', 'upgrade_notice')
    order by entry.notice_until, entry.id limit 500
  `.execute(database);
  return result.rows;
}

export async function readSteps(database: Queryable, entryId: string) {
  const rows = await registerTables(database)
    .selectFrom('policy.register_step')
    .selectAll()
    .where('entry_id', '=', entryId)
    .orderBy('number')
    .execute();
  return rows.map((row) => ({ ...row, role: row.role as CaseRole }));
}

export async function readDocuments(
  database: Queryable,
  entryId: string,
): Promise<Selectable<DocumentTable>[]> {
  return registerTables(database)
    .selectFrom('policy.register_document')
    .selectAll()
    .where('entry_id', '=', entryId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export async function readAssessments(database: Queryable, entryId: string) {
  return registerTables(database)
    .selectFrom('policy.register_assessment')
    .selectAll()
    .where('entry_id', '=', entryId)
    .orderBy('number')
    .execute();
}

export async function countOpenObjections(database: Queryable, entryId: string): Promise<number> {
  const row = await registerTables(database)
    .selectFrom('policy.register_objection')
    .select(({ fn }) => fn.countAll<bigint>().as('open'))
    .where('entry_id', '=', entryId)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  return Number(row?.open ?? 0n);
}

/** An entry with its steps, as its life sees it. */
export async function recordOf(database: Queryable, row: EntryRow): Promise<EntryRecord> {
  const steps = await readSteps(database, row.id);
  const assessments = await readAssessments(database, row.id);
  const documents = await readDocuments(database, row.id);
  return {
    state: row.state as EntryRecord['state'],
    steps: steps.map((step) => ({
      action: step.action,
      actor: step.actor_id ?? '',
      role: step.role,
      on: step.on_date,
      reason: step.reason,
    })),
    fields: row.fields,
    documents: documents.map(({ code }) => code),
    selected: row.selected,
    correctionUntil: row.correction_until,
    noticeUntil: row.notice_until,
    remedyUntil: row.remedy_until,
    registeredOn: row.registered_on,
    validUntil: row.valid_until,
    endedOn: row.ended_on,
    levelAsked: row.level_asked,
    openObjections: await countOpenObjections(database, row.id),
    assessments: assessments.map((each): GradedAssessment => ({
      on: each.on_date,
      grade: each.grade,
      passes: each.passes,
    })),
  };
}

/** The same with what its provenance says. */
export async function registeredOf(database: Queryable, row: EntryRow): Promise<RegisteredEntry> {
  return {
    ...(await recordOf(database, row)),
    number: row.number ?? '',
    version: row.version,
    holderId: row.holder_id,
    keeper: row.department,
  };
}
