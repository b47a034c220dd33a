import { type Finding, finding } from '@yinglian/core';
import {
  callChangeKind,
  callChanges,
  type CallTermChange,
  type CallTerms,
  checkCallChange,
  checkCancelledCall,
  type Instrument,
  isComputable,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../kernel/refusal.ts';
import { jsonText, type Work } from '../kernel/write.ts';
import { instrumentOf } from './instruments/store.ts';
import { departmentOf, type PolicyParts, todayOf } from './parts.ts';
import { beginReminding, type RemindJob } from './reminders.ts';
import { type CallRecord, GRANTED_STATES, listCalls, tables } from './repository.ts';

type CallFields = Omit<
  CallRecord,
  | 'id'
  | 'version'
  | 'createdAt'
  | 'updatedAt'
  | 'departmentId'
  | 'department'
  | 'fairness'
  | 'cancelledOn'
  | 'changes'
>;
type CallQuery = PageQuery & {
  readonly year?: number | undefined;
  readonly direction?: string | undefined;
  readonly open?: boolean | undefined;
};
type CallEdit = { readonly version: number; readonly reason: string } & {
  readonly [Term in keyof CallTerms]?: CallTerms[Term] | undefined;
};

export type CallService = ReturnType<typeof createCallService>;

/** Calls: published by a department, then changed, extended or cancelled by versions. */
export function createCallService(parts: PolicyParts & { readonly remind: RemindJob }) {
  const { database, write, requireAccess, newId, now, remind } = parts;

  return {
    async calls(query: CallQuery) {
      const { year, direction, open, limit } = query;
      const rows = await listCalls(database, {
        year,
        direction,
        ...(open === true ? { openOn: todayOf(parts) } : {}),
        after: afterInstant(query),
        limit,
      });
      return pageOf(
        rows,
        query,
        ({ sortKey, row }) => [sortKey, row.id],
        ({ row }) => row,
      );
    },

    /** The years and directions that there are calls for, the latest first. */
    async directions() {
      const result = await sql<{ year: number; direction: string; calls: number }>`
        select year, direction, count(*)::int as calls from policy.call
        group by year, direction order by year desc, direction
      `.execute(database);
      return { rows: result.rows };
    },

    async createCall(context: Context, fields: CallFields): Promise<CallRecord> {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      await refuseTerms(database, fields.instrument, fields);
      await refuseStrangers(database, [...fields.jointIds, ...fields.recommenderIds]);
      const id = newId();
      await write(context, async (work) => {
        await tables(work.transaction)
          .insertInto('policy.call')
          .values({ id, department_id: organisationId, ...columnsOf(fields) })
          .execute();
        work.audit({
          action: 'policy.call_published',
          subjectKind: 'policy_call',
          subjectId: id,
          facts: { year: fields.year, direction: fields.direction, items: fields.items },
        });
        work.changed({ kind: 'policy_call', id });
        await beginReminding(work, remind, now());
        // Whoever may apply is told at once, when the call opens.
        const opens = Date.parse(`${fields.opensOn}T00:00:00+08:00`);
        const startAfter = opens > now().getTime() ? { startAfter: new Date(opens) } : {};
        await work.enqueue(remind, { organisationId: null, daily: false }, startAfter);
      });
      return callOf(database, id);
    },

    async changeCall(context: Context, id: string, edit: CallEdit): Promise<CallRecord> {
      const { version, reason, ...wanted } = edit;
      return rewrite(context, id, version, async (work, call) => {
        const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
        const after = { ...call, ...(Object.fromEntries(given) as Partial<CallTerms>) };
        const claims = await liveClaims(work.transaction, id);
        const faults = checkCallChange(call, after, {
          on: todayOf(parts),
          cancelledOn: call.cancelledOn,
          claimed: claims.map(({ item }) => item),
        });
        if (faults.length > 0) throw conflict(...faults);
        await refuseTerms(work.transaction, call.instrument, after);
        const changes = callChanges(call, after);
        await tables(work.transaction)
          .updateTable('policy.call')
          .set({
            title: after.title,
            direction: after.direction,
            items: [...new Set(after.items)],
            opens_on: after.opensOn,
            closes_on: after.closesOn,
            notice_days: after.noticeDays,
            correction_days: after.correctionDays,
            objection_days: after.objectionDays,
            guide: after.guide,
            version: version + 1,
            updated_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        return { kind: callChangeKind(changes), changes, reason, claims };
      });
    },

    async cancelCall(
      context: Context,
      id: string,
      { version, reason }: { readonly version: number; readonly reason: string },
    ): Promise<CallRecord> {
      return rewrite(context, id, version, async (work, call) => {
        const claims = await liveClaims(work.transaction, id);
        const held = claims.filter(({ state }) =>
          GRANTED_STATES.some((each) => each === state),
        );
        const faults = checkCancelledCall(call.cancelledOn, held.length);
        if (faults.length > 0) throw conflict(...faults);
        await tables(work.transaction)
          .updateTable('policy.call')
          .set({
            cancelled_on: todayOf(parts),
            version: version + 1,
            updated_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        return { kind: 'cancelled', changes: [], reason, claims };
      });
    },
  };

  /** Makes the next version of a call, keeps what it changed, and tells all who rely on it. */
  async function rewrite(
    context: Context,
    id: string,
    version: number,
    make: (work: Work, call: CallRecord) => Promise<Rewritten>,
  ): Promise<CallRecord> {
    const { organisationId, userId } = await requireAccess(context, 'policy.manage', {
      kind: 'policy_call',
      ids: [id],
    });
    await departmentOf(database, context);
    return write(context, async (work) => {
      const { transaction } = work;
      // Two officers make two versions, one after the other.
      await sql`select 1 from policy.call where id = ${id} for update`.execute(transaction);
      const call = await callOf(transaction, id);
      found(call.departmentId === organisationId || undefined, { id });
      if (call.version !== version) throw versionConflict(call, { version });
      const { kind, changes, reason, claims } = await make(work, call);
      await sql`
        insert into policy.call_change
          (call_id, version, kind, terms, reason, by_id, by_name, on_date)
        values (${id}, ${version + 1}, ${kind}, ${jsonText(changes)}, ${reason}, ${userId},
          ${context.user?.name ?? ''}, ${todayOf(parts)})
      `.execute(transaction);
      work.audit({
        action: `policy.call_${kind}`,
        subjectKind: 'policy_call',
        subjectId: id,
        facts: { version: version + 1, terms: changes.map(({ term }) => term), reason },
      });
      work.changed({ kind: 'policy_call', id });
      await beginReminding(work, remind, now());
      for (const applicantId of new Set(claims.map(({ applicant_id: applicant }) => applicant))) {
        work.changed({ kind: 'policy_call', id, organisationId: applicantId });
        await work.enqueue(remind, { organisationId: applicantId, daily: false });
      }
      return callOf(transaction, id);
    });
  }
}

type Rewritten = {
  readonly kind: 'changed' | 'extended' | 'cancelled';
  readonly changes: readonly CallTermChange[];
  readonly reason: string;
  readonly claims: readonly { readonly applicant_id: string }[];
};

async function callOf(database: Queryable, id: string): Promise<CallRecord> {
  return found((await listCalls(database, { ids: [id], limit: 1 }))[0], { id }).row;
}

/** Claims on a call that were not given up or refused, drafts too. */
async function liveClaims(transaction: Transaction, callId: string) {
  return tables(transaction)
    .selectFrom('policy.claim')
    .select(['applicant_id', 'item', 'state'])
    .where('call_id', '=', callId)
    .where('state', 'not in', ['withdrawn', 'rejected'])
    .execute();
}

function columnsOf(fields: CallFields) {
  return {
    instrument: fields.instrument,
    title: fields.title,
    year: fields.year,
    direction: fields.direction,
    items: [...new Set(fields.items)],
    opens_on: fields.opensOn,
    closes_on: fields.closesOn,
    notice_days: fields.noticeDays,
    correction_days: fields.correctionDays,
    objection_days: fields.objectionDays,
    guide: fields.guide,
    fairness_opinion: fields.fairnessOpinion,
    defence: fields.defence,
    history_rules: jsonText(fields.historyRules),
    joint_ids: [...new Set(fields.jointIds)],
    recommender_ids: [...new Set(fields.recommenderIds)],
  };
}

/** Refuses days in reverse, and items that nobody can claim or that could never be paid. */
async function refuseTerms(
  database: Queryable,
  instrument: string,
  { opensOn: from, closesOn: to, items }: Pick<CallTerms, 'opensOn' | 'closesOn' | 'items'>,
): Promise<void> {
  if (from > to) throw invalid(finding('reversed_dates', 'error', { facts: { from, to } }));
  const { rules } = await instrumentOf(database, instrument);
  const unknown = items.filter(
    (item) => !rules.some((rule) => rule.item === item && rule.condition !== null),
  );
  if (unknown.length > 0) {
    const facts = { item: unknown[0]!, items: unknown };
    throw invalid(finding('foreign_claim_item', 'error', { facts }));
  }
  const faults = unpayable(rules, items);
  if (faults.length > 0) throw invalid(...faults);
}

/** What could be reviewed and never proposed is not called for. */
function unpayable(rules: Instrument['rules'], items: readonly string[]): Finding[] {
  const payable = new Set(
    rules.filter(({ bound }) => bound !== null && isComputable(bound)).map(({ item }) => item),
  );
  return [...new Set(items)]
    .filter((item) => !payable.has(item))
    .map((item) => finding('unpayable_item', 'error', { facts: { item } }));
}

/** Only departments check together and recommend. */
async function refuseStrangers(database: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = await tables(database)
    .selectFrom('policy.department')
    .select('organisation_id')
    .where('organisation_id', 'in', [...new Set(ids)])
    .execute();
  const enrolled = new Set(known.map((row) => row.organisation_id));
  const strange = ids.find((id) => !enrolled.has(id));
  if (strange !== undefined) throw found(null, { id: strange });
}
