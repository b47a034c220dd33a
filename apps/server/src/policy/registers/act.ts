import { finding, type IsoDate } from '@yinglian/core';
import { endOfWorkingDays } from '@yinglian/policy';
import {
  type EntryAction,
  type EntryRecord,
  entryNumber,
  identityOf,
  moveEntry,
  NEW_ENTRY,
  type RegisterDefinition,
} from '@yinglian/register';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/database/database.ts';
import { grantFiles } from '../../kernel/files/grants.ts';
import { conflict, found, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { calendarOf, type PolicyParts, todayOf } from '../parts.ts';
import { mayTake } from '../roles.ts';
import {
  definitionOf,
  type EntryRow,
  readDocuments,
  readEntry,
  readRounds,
  recordOf,
} from './repository.ts';
import { registerTables } from './tables.ts';
import { entryView, type EntryView } from './views.ts';

export type EntryActRequest = {
  readonly version: number;
  readonly action: string;
  readonly reason: string;
  readonly level?: string;
};

/** Working days of the one correction. */
const CORRECTION_DAYS = 5;

/** Takes one step of an entry's life: who may, what must hold, which number it gets. */
export function createEntryActing(parts: PolicyParts) {
  const { write, requireAccess } = parts;
  return async (context: Context, id: string, request: EntryActRequest): Promise<EntryView> => {
    await requireAccess(context, 'policy.read', { kind: 'policy_register_entry', ids: [id] });
    return write(context, async (work) => {
      const { transaction } = work;
      const row = found(await readEntry(transaction, id, true), { id });
      const today = todayOf(parts);
      if (row.version !== request.version) {
        throw versionConflict(await entryView(transaction, context, id, today), request);
      }
      const register = definitionOf(row.kind);
      const action = actionOf(register, context, row, request);
      const until = await untilOf(transaction, register, row, { action, today });
      const moved = moveEntry(register, await recordOf(transaction, row), {
        action: action.action,
        actor: context.user?.id ?? '',
        role: action.role,
        on: today,
        reason: request.reason,
        ...(until === undefined ? {} : { until }),
        ...(request.level === undefined ? {} : { level: request.level }),
      });
      if (!moved.ok) throw conflict(...moved.findings);
      const { entry } = moved.value;
      const number = await numberOf(transaction, register, row, { action, today });
      await keep(transaction, row, { entry, action, number, today, register });
      await addStep(transaction, context, row, { entry, action, request, today });
      work.audit({
        action: `policy.entry_${action.action}`,
        subjectKind: 'policy_register_entry',
        subjectId: id,
        facts: { state: entry.state, kind: row.kind, number },
      });
      work.changed({ kind: 'policy_register_entry', id });
      work.changed({
        kind: 'policy_register_entry',
        id,
        organisationId:
          context.organisation?.id === row.holder_id ? row.department_id : row.holder_id,
      });
      return entryView(transaction, context, id, today);
    });
  };
}

function actionOf(
  register: RegisterDefinition,
  context: Context,
  row: EntryRow,
  { action: name }: EntryActRequest,
): EntryAction {
  const state = row.state as EntryRecord['state'];
  const action = register.actions.find((each) => each.action === name && each.from.includes(state));
  if (action === undefined) {
    const step = { action: name, actor: '', role: 'applicant', on: '', reason: '' } as const;
    throw conflict(...moveEntry(register, { ...NEW_ENTRY, state }, step).findings);
  }
  const side = { applicant_id: row.holder_id, department_id: row.department_id };
  if (!mayTake(context, action.role, side)) throw notAllowed({ role: action.role });
  return action;
}

/** The last day of the term that an action begins. */
async function untilOf(
  transaction: Transaction,
  register: RegisterDefinition,
  row: EntryRow,
  { action, today }: { action: EntryAction; today: IsoDate },
): Promise<IsoDate | undefined> {
  const days = {
    ask_correction: CORRECTION_DAYS,
    begin_notice: row.notice_days,
    warn: register.assessment?.remedyWorkingDays ?? 0,
  };
  const { effect } = action;
  if (effect !== 'ask_correction' && effect !== 'begin_notice' && effect !== 'warn') {
    return undefined;
  }
  const end = endOfWorkingDays(today, days[effect], await calendarOf(transaction));
  if (!end.ok) throw conflict(...end.findings);
  return end.value;
}

/** A number when it is entered, and never twice: the register's row is locked until the end. */
async function numberOf(
  transaction: Transaction,
  register: RegisterDefinition,
  row: EntryRow,
  { action, today }: { action: EntryAction; today: IsoDate },
): Promise<string | null> {
  if (action.effect !== 'register' || row.number !== null) return row.number;
  const year = today.slice(0, 4);
  const kept = await registerTables(transaction)
    .selectFrom('policy.register')
    .select('numbers')
    .where('id', '=', row.register_id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const numbers = kept.numbers as Readonly<Record<string, number>>;
  const place = (numbers[year] ?? 0) + 1;
  await registerTables(transaction)
    .updateTable('policy.register')
    .set({ numbers: jsonText({ ...numbers, [year]: place }) })
    .where('id', '=', row.register_id)
    .execute();
  return entryNumber(register, Number(year), place);
}

async function keep(
  transaction: Transaction,
  row: EntryRow,
  moved: {
    readonly entry: EntryRecord;
    readonly action: EntryAction;
    readonly number: string | null;
    readonly today: IsoDate;
    readonly register: RegisterDefinition;
  },
): Promise<void> {
  const { entry, action, number, today, register } = moved;
  if (action.action === 'file' || action.action === 'correct') {
    if (action.action === 'file') await refuseLate(transaction, row, today);
    await refuseTaken(transaction, register, row, entry);
    const documents = await readDocuments(transaction, row.id);
    await grantFiles(
      transaction,
      documents.map((each) => ({ fileId: each.file_id, organisationId: row.department_id })),
    );
  }
  if (action.effect === 'forget') await forgetDocuments(transaction, row);
  await registerTables(transaction)
    .updateTable('policy.register_entry')
    .set({
      state: entry.state,
      fields: jsonText(entry.fields),
      number,
      version: row.version + 1,
      updated_at: sql<Date>`now()`,
      correction_until: entry.correctionUntil,
      notice_until: entry.noticeUntil,
      remedy_until: entry.remedyUntil,
      registered_on: entry.registeredOn,
      valid_until: entry.validUntil,
      ended_on: entry.endedOn,
      level_asked: entry.levelAsked,
      ...(action.effect === 'begin_notice' ? { notice_from: today } : {}),
      ...(action.action === 'file' && row.filed_on === null ? { filed_on: today } : {}),
      ...(action.effect === 'forget' ? { identity: null } : {}),
    })
    .where('id', '=', row.id)
    .execute();
}

/** What is selected is filed while its round is open. */
async function refuseLate(transaction: Transaction, row: EntryRow, today: IsoDate): Promise<void> {
  if (row.round_id === null) return;
  const { opensOn, closesOn } = (await readRounds(transaction, { id: row.round_id }))[0]!;
  if (today >= opensOn && today <= closesOn) return;
  const facts = { from: opensOn, to: closesOn };
  throw conflict(finding('closed_call', 'error', { facts }));
}

/** Documents hold data of persons too: the rows are taken away with the fields. */
async function forgetDocuments(transaction: Transaction, row: EntryRow): Promise<void> {
  await registerTables(transaction)
    .deleteFrom('policy.register_document')
    .where('entry_id', '=', row.id)
    .execute();
}

/** The same thing in the same register under another entry. */
async function refuseTaken(
  transaction: Transaction,
  register: RegisterDefinition,
  row: EntryRow,
  entry: EntryRecord,
): Promise<void> {
  const identity = identityOf(register, entry.fields);
  if (identity === undefined) return;
  const other = await registerTables(transaction)
    .selectFrom('policy.register_entry')
    .select('id')
    .where('register_id', '=', row.register_id)
    .where('identity', '=', identity)
    .where('id', '<>', row.id)
    .where('state', 'not in', ['draft', 'refused', 'relinquished', 'withdrawn', 'forgotten'])
    .executeTakeFirst();
  if (other === undefined) return;
  const object = String(entry.fields[register.headline] ?? '');
  throw conflict(finding('duplicate_entry', 'error', { facts: { object } }));
}

async function addStep(
  transaction: Transaction,
  context: Context,
  row: EntryRow,
  {
    entry,
    action,
    request,
    today,
  }: { entry: EntryRecord; action: EntryAction; request: EntryActRequest; today: IsoDate },
): Promise<void> {
  await registerTables(transaction)
    .insertInto('policy.register_step')
    .values({
      entry_id: row.id,
      number: entry.steps.length,
      action: action.action,
      actor_id: context.user?.id ?? null,
      actor: context.user?.name ?? '',
      role: action.role,
      on_date: today,
      reason: request.reason,
    })
    .execute();
}
