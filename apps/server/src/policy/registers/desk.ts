import { finding } from '@yinglian/core';
import {
  checkPoints,
  dueOf,
  gradeOf,
  type Places,
  type Ranked,
  type Selection,
  selectRound,
} from '@yinglian/register';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { conflict, found, invalid, notAllowed } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { departmentOf, type PolicyParts, todayOf } from '../parts.ts';
import {
  definitionOf,
  type EntryRow,
  listEntered,
  listRegisters,
  readEntry,
  readRounds,
  registeredOf,
  type RoundRecord,
} from './repository.ts';
import { answerOnce, type ObjectionAnswer, objectionOf, refuseAfterNotice } from '../objection.ts';
import { type KeptObjection, objectionView, UNANSWERED } from '../objection-view.ts';
import { type RegisterObjectionTable, registerTables } from './tables.ts';
import { entryView, headlineOf } from './views.ts';

export type RegisterDesk = ReturnType<typeof createRegisterDesk>;
type Points = Readonly<Record<string, number>>;

/** What departments do with their registers besides the steps of entries. */
export function createRegisterDesk(parts: PolicyParts) {
  const { database, write, requireAccess, newId } = parts;

  return {
    async open(context: Context, given: { kind: string; noticeDays: number }) {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      definitionOf(given.kind);
      const id = newId();
      await write(context, async (work) => {
        const tables = registerTables(work.transaction);
        const known = await tables
          .selectFrom('policy.register')
          .select('id')
          .where('department_id', '=', organisationId)
          .where('kind', '=', given.kind)
          .executeTakeFirst();
        if (known !== undefined) {
          throw conflict(finding('duplicate_register', 'error', { facts: { kind: given.kind } }));
        }
        await tables
          .insertInto('policy.register')
          .values({
            id,
            department_id: organisationId,
            kind: given.kind,
            notice_days: given.noticeDays,
          })
          .execute();
        work.audit({
          action: 'policy.register_opened',
          subjectKind: 'policy_register',
          subjectId: id,
          facts: { kind: given.kind },
        });
        work.changed({ kind: 'policy_register', id });
      });
      return found((await listRegisters(database, id))[0], { id });
    },

    async openRound(
      context: Context,
      registerId: string,
      given: Omit<RoundRecord, 'id' | 'registerId' | 'decidedOn'>,
    ): Promise<RoundRecord> {
      await requireAccess(context, 'policy.manage', { kind: 'policy_register', ids: [registerId] });
      const register = found((await listRegisters(database, registerId))[0], { id: registerId });
      if (definitionOf(register.kind).selection === null) {
        throw invalid(finding('unselected_register', 'error', { facts: { kind: register.kind } }));
      }
      if (given.opensOn > given.closesOn) {
        const facts = { from: given.opensOn, to: given.closesOn };
        throw invalid(finding('reversed_dates', 'error', { facts }));
      }
      const id = newId();
      await write(context, async (work) => {
        await registerTables(work.transaction)
          .insertInto('policy.register_round')
          .values({
            id,
            register_id: registerId,
            year: given.year,
            title: given.title,
            opens_on: given.opensOn,
            closes_on: given.closesOn,
            places: jsonText(given.places),
          })
          .execute();
        work.audit({
          action: 'policy.register_round_opened',
          subjectKind: 'policy_register',
          subjectId: registerId,
          facts: { round: id, year: given.year, places: given.places.total },
        });
        work.changed({ kind: 'policy_register', id: registerId });
      });
      const { decision: _, ...round } = found((await readRounds(database, { id }))[0], { id });
      return round;
    },

    async ranking(context: Context, id: string) {
      await requireAccess(context, 'policy.manage', { kind: 'policy_register_round', ids: [id] });
      return rankingOf(database, id);
    },

    async decideRound(context: Context, id: string, reason: string) {
      await requireAccess(context, 'policy.manage', { kind: 'policy_register_round', ids: [id] });
      return write(context, async (work) => {
        const { transaction } = work;
        const round = found((await readRounds(transaction, { id }, true))[0], { id });
        const today = todayOf(parts);
        if (round.decidedOn !== null) throw conflict(finding('decided_round', 'error'));
        if (today <= round.closesOn) {
          throw conflict(finding('open_round', 'error', { facts: { until: round.closesOn } }));
        }
        const ranking = await rankingOf(transaction, id);
        const selected = ranking.rows.filter(({ why }) => why === 'selected');
        await registerTables(transaction)
          .updateTable('policy.register_round')
          .set({ decided_on: today, decision: jsonText({ reason, rows: ranking.rows }) })
          .where('id', '=', id)
          .execute();
        if (selected.length > 0) {
          await registerTables(transaction)
            .updateTable('policy.register_entry')
            .set({ selected: true, updated_at: sql<Date>`now()` })
            .where(
              'id',
              'in',
              selected.map(({ entryId }) => entryId),
            )
            .execute();
        }
        work.audit({
          action: 'policy.register_round_decided',
          subjectKind: 'policy_register',
          subjectId: round.registerId,
          facts: { round: id, selected: selected.map(({ entryId }) => entryId), reason },
        });
        work.changed({ kind: 'policy_register', id: round.registerId });
        return { ...ranking, round: { ...ranking.round, decidedOn: today } };
      });
    },

    async score(context: Context, id: string, given: { points: Points; remark: string }) {
      await requireAccess(context, 'policy.review', { kind: 'policy_register_entry', ids: [id] });
      await write(context, async (work) => {
        const row = await ownDepartments(work.transaction, context, id);
        const plan = definitionOf(row.kind).selection;
        if (plan === null || row.state !== 'checked' || row.round_id === null) {
          throw conflict(finding('closed_claim', 'error', { facts: { state: row.state } }));
        }
        const round = (await readRounds(work.transaction, { id: row.round_id }, true))[0];
        if (round?.decidedOn !== null) throw conflict(finding('decided_round', 'error'));
        const faults = checkPoints(plan.criteria, given.points);
        if (faults.length > 0) throw invalid(...faults);
        const reviewerId = context.user?.id ?? '';
        const tables = registerTables(work.transaction);
        const known = await tables
          .selectFrom('policy.register_score')
          .select('entry_id')
          .where('entry_id', '=', id)
          .where('reviewer_id', '=', reviewerId)
          .executeTakeFirst();
        if (known !== undefined) throw conflict(finding('duplicate_score', 'error'));
        await tables
          .insertInto('policy.register_score')
          .values({
            entry_id: id,
            reviewer_id: reviewerId,
            reviewer: context.user?.name ?? '',
            points: jsonText(given.points),
            remark: given.remark,
          })
          .execute();
        work.audit({
          action: 'policy.entry_scored',
          subjectKind: 'policy_register_entry',
          subjectId: id,
          facts: { points: given.points },
        });
        work.changed({ kind: 'policy_register_entry', id });
      });
    },

    async assess(context: Context, id: string, given: { points: Points; remark: string }) {
      await requireAccess(context, 'policy.review', { kind: 'policy_register_entry', ids: [id] });
      return write(context, async (work) => {
        const { transaction } = work;
        const row = await ownDepartments(transaction, context, id);
        const plan = definitionOf(row.kind).assessment;
        if (plan === null || (row.state !== 'registered' && row.state !== 'warned')) {
          throw conflict(finding('closed_claim', 'error', { facts: { state: row.state } }));
        }
        const graded = gradeOf(plan, given.points);
        if (!graded.ok) throw invalid(...graded.findings);
        const { grade, passes, score } = graded.value;
        const today = todayOf(parts);
        await sql`
          insert into policy.register_assessment (entry_id, number, on_date, grade, passes, score,
            points, by_id, by_name, remark)
          select ${id}, coalesce(max(number), 0) + 1, ${today}, ${grade}, ${passes}, ${score},
            ${jsonText(given.points)}, ${context.user?.id ?? null}, ${context.user?.name ?? ''},
            ${given.remark}
          from policy.register_assessment where entry_id = ${id}
        `.execute(transaction);
        await registerTables(transaction)
          .updateTable('policy.register_entry')
          .set({ version: row.version + 1, updated_at: sql<Date>`now()` })
          .where('id', '=', id)
          .execute();
        work.audit({
          action: 'policy.entry_assessed',
          subjectKind: 'policy_register_entry',
          subjectId: id,
          facts: { grade, score },
        });
        work.changed({ kind: 'policy_register_entry', id });
        return entryView(transaction, context, id, today);
      });
    },

    async due(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      const today = todayOf(parts);
      const rows = await listEntered(database, { departmentId: organisationId });
      const due = [];
      for (const row of rows) {
        const entry = await registeredOf(database, row);
        for (const each of dueOf(definitionOf(row.kind), entry, today)) {
          due.push({ ...each, entryId: row.id, headline: headlineOf(row) });
        }
      }
      return { rows: due.toSorted((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0)) };
    },

    async object(context: Context, id: string, text: string) {
      await requireAccess(context, 'signed_in');
      return write(context, async (work) => {
        // On notice an entry is public; before and after there is nothing here to object to.
        const row = found(await readEntry(work.transaction, id, true), { id });
        const open = row.state === 'on_notice' || row.state === 'upgrade_notice';
        if (!open) throw found(undefined, { id });
        refuseAfterNotice(parts, row.notice_until);
        const about = `${row.department} · ${row.holder} · ${row.number ?? row.kind}`;
        const objection = await objectionOf(parts, work.transaction, context, { text, about });
        const made = { entry_id: id, ...objection.row };
        await registerTables(work.transaction)
          .insertInto('policy.register_objection')
          .values(made)
          .execute();
        work.audit({
          action: 'policy.entry_objected',
          subjectKind: 'policy_register_entry',
          subjectId: id,
          facts: { objection: made.id },
        });
        work.changed({
          kind: 'policy_register_entry',
          id,
          organisationId: row.department_id,
        });
        return { ...entryObjection({ ...made, ...UNANSWERED }), token: objection.token };
      });
    },

    async objections(context: Context, id: string) {
      await requireAccess(context, 'policy.manage', { kind: 'policy_register_entry', ids: [id] });
      await ownDepartments(database, context, id);
      const rows = await registerTables(database)
        .selectFrom('policy.register_objection')
        .selectAll()
        .where('entry_id', '=', id)
        .orderBy('at')
        .execute();
      return { rows: rows.map(entryObjection) };
    },

    async answerObjection(context: Context, id: string, said: ObjectionAnswer) {
      await requireAccess(context, 'policy.manage');
      const row = await registerTables(database)
        .selectFrom('policy.register_objection')
        .select('entry_id')
        .where('id', '=', id)
        .executeTakeFirst();
      const entryId = found(row, { id }).entry_id;
      await requireAccess(context, 'policy.manage', {
        kind: 'policy_register_entry',
        ids: [entryId],
      });
      return write(context, async (work) => {
        await ownDepartments(work.transaction, context, entryId);
        const by = context.user;
        const given = { ...said, table: 'policy.register_objection', id, by } as const;
        const done = await answerOnce<Kept>(parts, work.transaction, given);
        work.audit({
          action: 'policy.entry_objection_answered',
          subjectKind: 'policy_register_entry',
          subjectId: entryId,
          facts: { objection: id, outcome: said.outcome },
        });
        work.changed({ kind: 'policy_register_entry', id: entryId });
        return entryObjection(done);
      });
    },
  };
}

/** The entry, locked, for people of its department; its holder's own officers are not. */
async function ownDepartments(
  database: Queryable,
  context: Context,
  id: string,
): Promise<EntryRow> {
  const row = found(await readEntry(database, id), { id });
  if (row.department_id !== context.organisation?.id) throw notAllowed({ reason: 'holder' });
  // Who profits does not judge: the holder's organisation may be a department as well.
  if (row.holder_id === context.organisation.id) throw notAllowed({ reason: 'holder' });
  return row;
}

type RankedRow = Omit<Ranked, 'id'> & { readonly entryId: string; readonly headline: string };

async function rankingOf(database: Queryable | Transaction, id: string) {
  const { decision, ...round } = found((await readRounds(database, { id }))[0], { id });
  // What was decided stays as it was decided, whatever became of the entries since.
  if (decision !== null) {
    return { round, rows: (decision as { rows: RankedRow[] }).rows, findings: [] };
  }
  const result = await sql<EntryRow & { points: Points | null; reviewer_id: string | null }>`
    select entry.id, entry.fields, entry.filed_on, register.kind, score.points, score.reviewer_id
    from policy.register_entry as entry
    join policy.register as register on register.id = entry.register_id
    left join policy.register_score as score on score.entry_id = entry.id
    where entry.round_id = ${id} and entry.filed_on is not null
      and entry.state not in ('refused', 'filed', 'correction')
    order by entry.id
  `.execute(database);
  const rows = new Map(result.rows.map((row) => [row.id, row]));
  const kind = result.rows[0]?.kind;
  if (kind === undefined) return { round, rows: [], findings: [] };
  const plan = found(definitionOf(kind).selection, { kind });
  const decided = selectRound(
    plan,
    round.places as Places,
    [...rows.values()].map((row) => ({
      id: row.id,
      filedOn: row.filed_on ?? '',
      category: String(row.fields[plan.categoryField ?? ''] ?? ''),
    })),
    result.rows.flatMap(({ id: candidate, points, reviewer_id: reviewer }) =>
      points === null || reviewer === null ? [] : [{ candidate, reviewer, points }],
    ),
  );
  if (!decided.ok) throw conflict(...decided.findings);
  const selection: Selection = decided.value;
  return {
    round,
    rows: selection.ranked.map(({ id: entryId, ...ranked }) => ({
      entryId,
      headline: headlineOf(rows.get(entryId)!),
      ...ranked,
    })),
    findings: selection.findings,
  };
}

type Kept = KeptObjection & Pick<RegisterObjectionTable, 'entry_id'>;

function entryObjection(row: Kept) {
  return { ...objectionView(row), entryId: row.entry_id };
}
