import { finding } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { CLAIM_FLOW, makeReceipt, NEW_CASE, objectKey, takeStep } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/database/database.ts';
import { conflict, found, invalid } from '../../kernel/refusal.ts';
import { jsonText, type Work } from '../../kernel/write.ts';
import { addStep } from '../act.ts';
import { instrumentOf } from '../instruments/store.ts';
import { departmentOf, todayOf } from '../parts.ts';
import type { RemindJob } from '../reminders.ts';
import { type CallRecord, listCalls, readDecisions, tables } from '../repository.ts';
import { type Candidate, candidatesOf, candidateView } from './candidates.ts';
import { type FillParts, storeExtract, type StoredExtract, takeDocuments } from './fill.ts';

export type OfferService = ReturnType<typeof createOfferService>;

/** What a department gives without application (免申即享): whom, and the claims it begins. */
export function createOfferService(parts: FillParts & { readonly remind: RemindJob }) {
  const { database, write, requireAccess, remind } = parts;

  return {
    async candidates(context: Context, callId: string, item: string) {
      const call = await ownCall(context, callId, item);
      const candidates = await candidatesOf(parts, database, { call, item });
      return { rows: candidates.map(candidateView) };
    },

    async offer(
      context: Context,
      callId: string,
      given: { readonly item: string; readonly entryIds: string[]; readonly reason: string },
    ) {
      const call = await ownCall(context, callId, given.item);
      const wanted = new Set(given.entryIds);
      const before = await candidatesOf(parts, database, { call, item: given.item });
      // Extracts are stored before the change: bytes that nobody names are swept away.
      const extracts = new Map<string, StoredExtract>();
      const use = { item: given.item, year: call.year, on: todayOf(parts) };
      for (const { row } of before) {
        if (!wanted.has(row.id) || extracts.has(row.id)) continue;
        extracts.set(row.id, await storeExtract(parts, row, use));
      }
      const strange = given.entryIds.find((id) => !extracts.has(id));
      if (strange !== undefined) throw found(null, { id: strange });
      return write(context, async (work) => {
        const { transaction } = work;
        // Two officers offer one after the other: nothing is offered twice.
        await sql`select 1 from policy.call where id = ${callId} for update`.execute(transaction);
        const all = await candidatesOf(parts, transaction, { call, item: given.item });
        const chosen = all.filter(({ row }) => wanted.has(row.id));
        const faults = chosen.flatMap(({ findings }) => findings);
        if (faults.length > 0) throw conflict(...faults);
        const rows = [];
        for (const candidate of chosen) {
          const extract = found(extracts.get(candidate.row.id), { id: candidate.row.id });
          await begin(work, context, candidate, { call, extract, reason: given.reason });
          rows.push({ claimId: candidate.filing.id, applicant: candidate.claimant.name });
        }
        return { rows };
      });
    },
  };

  async function ownCall(context: Context, id: string, item: string): Promise<CallRecord> {
    const { organisationId } = await requireAccess(context, 'policy.manage', {
      kind: 'policy_call',
      ids: [id],
    });
    await departmentOf(database, context);
    const call = found((await listCalls(database, { ids: [id], limit: 1 }))[0], { id }).row;
    found(call.departmentId === organisationId || undefined, { id });
    if (!call.items.includes(item)) {
      const facts = { item, items: call.items };
      throw invalid(finding('foreign_claim_item', 'error', { facts }));
    }
    const { rules } = await instrumentOf(database, call.instrument);
    const free = rules.some((each) => each.item === item && each.speed === 'without_application');
    if (!free) throw invalid(finding('applied_for_item', 'error', { facts: { item } }));
    return call;
  }

  /** The claim as the department begins it; from here the company answers. */
  async function begin(
    work: Work,
    context: Context,
    candidate: Candidate,
    given: {
      readonly call: CallRecord;
      readonly extract: StoredExtract;
      readonly reason: string;
    },
  ): Promise<void> {
    const { transaction } = work;
    const { filing, row, fed } = candidate;
    const today = todayOf(parts);
    const taken = takeStep(CLAIM_FLOW, NEW_CASE, {
      action: 'offer',
      actor: context.user?.id ?? '',
      role: 'officer',
      on: today,
      reason: given.reason,
      offerDue: true,
    });
    if (!taken.ok) throw conflict(...taken.findings);
    const { record, action } = taken.value;
    await insertClaim(transaction, given.call, { filing, state: record.state, today });
    const claim = { id: filing.id, applicant_id: filing.applicant_id };
    await takeDocuments(parts, transaction, { claim, row, fed, extract: given.extract });
    await addStep(transaction, context, {
      claimId: filing.id,
      number: 1,
      action,
      on: today,
      reason: given.reason,
      rule: candidate.match.assessment.rule,
      receipts: [await receiptOf(transaction, candidate, today)],
    });
    work.audit({
      action: 'policy.offer',
      subjectKind: 'policy_claim',
      subjectId: filing.id,
      facts: { item: filing.item, entry: row.number, version: row.version },
    });
    work.changed({ kind: 'policy_claim', id: filing.id });
    const organisationId = filing.applicant_id;
    work.changed({ kind: 'policy_claim', id: filing.id, organisationId });
    await work.enqueue(remind, { organisationId, daily: false });
  }
}

async function insertClaim(
  transaction: Transaction,
  call: CallRecord,
  given: { readonly filing: Candidate['filing']; readonly state: string; readonly today: string },
): Promise<void> {
  const { filing, state, today } = given;
  await tables(transaction)
    .insertInto('policy.claim')
    .values({
      id: filing.id,
      call_id: call.id,
      applicant_id: filing.applicant_id,
      state,
      item: filing.item,
      object: filing.object,
      object_key: objectKey(filing.object),
      label: filing.label,
      event_date: filing.event_date,
      facts: jsonText(filing.facts),
      others: jsonText([]),
      source_entry_id: filing.source_entry_id,
      source_share: filing.source_share,
      offered_on: today,
    })
    .execute();
}

/** What the engine said of it when it was offered, to be computed again. */
async function receiptOf(transaction: Transaction, { filing }: Candidate, knownOn: string) {
  return makeReceipt(nodeCryptography, 'bound', {
    instrument: await instrumentOf(transaction, filing.instrument),
    decisions: await readDecisions(transaction, filing.instrument),
    eventDate: filing.event_date,
    knownOn,
    claim: { item: filing.item, appliedOn: null, facts: filing.facts },
  });
}
