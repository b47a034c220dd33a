import type { policyClaimSchema } from '@yinglian/contract';
import { type Finding, finding } from '@yinglian/core';
import {
  assumptionsOf,
  cancelledCall,
  CLAIM_FLOW,
  type GivenFacts,
  matchItems,
  objectKey,
  openActions,
  ownFacts,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import type { ReadStoredFile } from '../kernel/files/read.ts';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../kernel/refusal.ts';
import { jsonText } from '../kernel/write.ts';
import { readAppeals } from './appeals.ts';
import { applicantGroup } from './control.ts';
import { EVIDENCE_BYTES_MAX, refuseUnsafe } from './evidence.ts';
import { type Invoice, readInvoice } from './invoice.ts';
import { bookOf, calendarOf, type PolicyParts, todayOf } from './parts.ts';
import {
  type CallRecord,
  type ClaimListing,
  type ClaimRow,
  countOpenObjections,
  listCalls,
  listClaims,
  type OtherBenefit,
  readClaim,
  readEvidence,
  readOpinions,
  readSteps,
  tables,
} from './repository.ts';
import { mayTake } from './roles.ts';
import { evidenceOf, sharedEvidence, sharedObject } from './shared.ts';
import { both, matchView } from './views.ts';

export type ClaimRecord = z.output<typeof policyClaimSchema>;
export type ClaimFields = {
  readonly item: string;
  readonly object: string;
  readonly label: string;
  readonly eventDate: string;
  readonly facts: GivenFacts;
  readonly others: readonly OtherBenefit[];
  readonly recommenderId: string | null;
};

/** Pieces of evidence of one claim. */
const EVIDENCE_MAX = 200;

export type ClaimsService = ReturnType<typeof createClaimsService>;

/** What a company does with its claims, and how anybody who reaches one sees it. */
export function createClaimsService(parts: PolicyParts & { readonly readFile: ReadStoredFile }) {
  const { database, write, requireAccess, newId } = parts;
  const view = (queryable: Queryable, context: Context, id: string) =>
    claimView(parts, queryable, context, id);

  return {
    async claims(
      context: Context,
      query: PageQuery & Pick<ClaimListing, 'state' | 'callId' | 'direction'>,
    ) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const { state, callId, direction, limit } = query;
      const after = afterInstant(query);
      const wanted = { organisationId, state, callId, direction, after, limit };
      const rows = await listClaims(database, wanted);
      const seen = pageOf(
        rows,
        query,
        (row) => [row.sort_key, row.id],
        ({ id }) => id,
      );
      const shown: ClaimRecord[] = [];
      for (const id of seen.rows) shown.push(await view(database, context, id));
      return { rows: shown, next: seen.next };
    },

    async claim(context: Context, id: string): Promise<ClaimRecord> {
      await requireAccess(context, 'policy.read', { kind: 'policy_claim', ids: [id] });
      return view(database, context, id);
    },

    async create(context: Context, callId: string, fields: ClaimFields): Promise<ClaimRecord> {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      const calls = await listCalls(database, { ids: [callId], limit: 1 });
      refuseOutside(found(calls[0]?.row, { id: callId }), fields, todayOf(parts));
      const id = newId();
      // Facts of the profile keep their source and their day.
      const kept = await profileFacts(database, organisationId);
      return write(context, async (work) => {
        const place = { callId, applicantId: organisationId };
        await refuseTaken(work.transaction, place, fields);
        await tables(work.transaction)
          .insertInto('policy.claim')
          .values({
            id,
            call_id: callId,
            applicant_id: organisationId,
            state: CLAIM_FLOW.start,
            ...columns({ ...fields, facts: ownFacts(fields.facts, kept, todayOf(parts)) }),
          })
          .execute();
        const facts = { call: callId, item: fields.item };
        work.audit({
          action: 'policy.claim_drafted',
          subjectKind: 'policy_claim',
          subjectId: id,
          facts,
        });
        work.changed({ kind: 'policy_claim', id });
        return view(work.transaction, context, id);
      });
    },

    async update(context: Context, id: string, fields: ClaimFields & { version: number }) {
      await requireAccess(context, 'policy.apply', { kind: 'policy_claim', ids: [id] });
      return write(context, async (work) => {
        const claim = await ownOpenClaim(work.transaction, context, id);
        if (claim.version !== fields.version) {
          throw versionConflict(await view(work.transaction, context, id), fields);
        }
        if (claim.item !== fields.item) {
          throw invalid(finding('changed_claim_item', 'error', { facts: { item: claim.item } }));
        }
        refuseRecommender(claim.recommender_ids, fields);
        await refuseTaken(work.transaction, placeOf(claim), fields, id);
        await tables(work.transaction)
          .updateTable('policy.claim')
          .set({
            ...columns({ ...fields, facts: ownFacts(fields.facts, claim.facts, todayOf(parts)) }),
            // What an entry gave holds for the thing, the part and the day that it gave.
            ...(isMoved(claim, fields) ? { source_entry_id: null, source_share: '' } : {}),
            version: claim.version + 1,
            updated_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        work.audit({
          action: 'policy.claim_changed',
          subjectKind: 'policy_claim',
          subjectId: id,
          facts: { version: claim.version + 1 },
        });
        work.changed({ kind: 'policy_claim', id });
        return view(work.transaction, context, id);
      });
    },

    async addEvidence(
      context: Context,
      id: string,
      given: { fileId: string; code: string; number: string | null },
    ): Promise<ClaimRecord> {
      await requireAccess(context, 'policy.apply', { kind: 'policy_claim', ids: [id] });
      const file = await parts.readFile(context, given.fileId, EVIDENCE_BYTES_MAX);
      refuseUnsafe(file);
      const invoice = readInvoice(file.bytes);
      const number = numberOf(given.number, invoice);
      return write(context, async (work) => {
        const claim = await ownOpenClaim(work.transaction, context, id);
        const known = await readEvidence(work.transaction, [id]);
        if (known.length >= EVIDENCE_MAX) {
          const facts = { maximum: EVIDENCE_MAX };
          throw invalid(finding('excessive_value', 'error', { facts }));
        }
        await tables(work.transaction)
          .insertInto('policy.evidence')
          .values({
            id: newId(),
            claim_id: claim.id,
            code: given.code,
            number,
            invoice: invoice === undefined ? null : jsonText(invoice),
            file_id: file.id,
            file_name: file.name,
            digest: file.digest,
          })
          .execute();
        work.audit({
          action: 'policy.evidence_added',
          subjectKind: 'policy_claim',
          subjectId: id,
          facts: { code: given.code, digest: file.digest },
        });
        work.changed({ kind: 'policy_claim', id });
        return view(work.transaction, context, id);
      });
    },

    /** A wrong document leaves while the claim may still be written. */
    async removeEvidence(context: Context, id: string, evidenceId: string): Promise<ClaimRecord> {
      await requireAccess(context, 'policy.apply', { kind: 'policy_claim', ids: [id] });
      return write(context, async (work) => {
        await ownOpenClaim(work.transaction, context, id);
        const known = await readEvidence(work.transaction, [id]);
        const { code, digest } = found(
          known.find((each) => each.id === evidenceId),
          { id: evidenceId },
        );
        await tables(work.transaction)
          .deleteFrom('policy.evidence')
          .where('id', '=', evidenceId)
          .execute();
        work.audit({
          action: 'policy.evidence_removed',
          subjectKind: 'policy_claim',
          subjectId: id,
          facts: { code, digest },
        });
        work.changed({ kind: 'policy_claim', id });
        return view(work.transaction, context, id);
      });
    },
  };
}

/** The number of a document: of an invoice what it says itself, which nobody types otherwise. */
function numberOf(typed: string | null, invoice: Invoice | undefined): string | null {
  if (invoice === undefined) return typed;
  const plain = typed?.replace(/[\s-]/g, '') ?? '';
  if (plain === '' || plain === invoice.number) return invoice.number;
  const facts = { typed: plain, number: invoice.number };
  throw invalid(finding('mismatched_invoice_number', 'error', { facts, at: { field: 'number' } }));
}

/** Invoices that somebody else paid, by name: for the department to look at. */
function foreignInvoices(
  claim: ClaimRow,
  evidence: Awaited<ReturnType<typeof readEvidence>>,
): readonly Finding[] {
  return evidence.flatMap(({ invoice }) => {
    const { number, buyer } = (invoice ?? {}) as Partial<Invoice>;
    if (number === undefined || buyer === undefined) return [];
    if (objectKey(buyer.name) === objectKey(claim.applicant)) return [];
    const facts = { number, buyer: buyer.name };
    return [finding('foreign_invoice_buyer', 'warning', { facts })];
  });
}

/** The last day of a running term, where it rests on holidays that are not announced yet. */
async function assumedTerm(database: Queryable, claim: ClaimRow): Promise<readonly Finding[]> {
  const running = { correction: claim.correction_until, on_notice: claim.notice_until };
  const until = running[claim.state as keyof typeof running] ?? null;
  return until === null ? [] : assumptionsOf(until, until, await calendarOf(database));
}

async function profileFacts(database: Queryable, organisationId: string): Promise<GivenFacts> {
  const row = await tables(database)
    .selectFrom('policy.profile')
    .select('facts')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst();
  return (row?.facts ?? {}) as GivenFacts;
}

function columns(fields: ClaimFields) {
  return {
    item: fields.item,
    object: fields.object,
    object_key: objectKey(fields.object),
    label: fields.label,
    event_date: fields.eventDate,
    facts: jsonText(fields.facts),
    others: jsonText(fields.others),
    recommender_id: fields.recommenderId,
  };
}

function refuseOutside(call: CallRecord, fields: ClaimFields, today: string): void {
  const { item } = fields;
  refuseRecommender(call.recommenderIds, fields);
  if (!call.items.includes(item)) {
    throw invalid(finding('foreign_claim_item', 'error', { facts: { item, items: call.items } }));
  }
  if (call.cancelledOn !== null) throw conflict(cancelledCall(call.cancelledOn));
  if (today < call.opensOn || today > call.closesOn) {
    const facts = { from: call.opensOn, to: call.closesOn };
    throw conflict(finding('closed_call', 'error', { facts }));
  }
}

/** Where a call names city bodies, a claim names the one that recommends it. */
function refuseRecommender(
  recommenderIds: readonly string[],
  { recommenderId }: Pick<ClaimFields, 'recommenderId'>,
): void {
  const wanted = recommenderIds.length > 0;
  const known = recommenderId !== null && recommenderIds.includes(recommenderId);
  if (wanted === known && (known || recommenderId === null)) return;
  throw invalid(finding('foreign_recommender', 'error', { at: { field: 'recommenderId' } }));
}

function isMoved(claim: ClaimRow, { object, label, eventDate }: ClaimFields): boolean {
  return object !== claim.object || label !== claim.label || eventDate !== claim.event_date;
}

/** Where a claim stands: the call and whose it is. */
export function placeOf(claim: Pick<ClaimRow, 'call_id' | 'applicant_id'>) {
  return { callId: claim.call_id, applicantId: claim.applicant_id };
}

/** The same object is claimed once in a call by an applicant and its affiliates. */
export async function refuseTaken(...asked: Parameters<typeof takenFault>): Promise<void> {
  const taken = await takenFault(...asked);
  if (taken !== undefined) throw conflict(taken);
}

/** That the object is claimed already in a call; undefined where it is not. */
export async function takenFault(
  database: Queryable,
  place: { readonly callId: string; readonly applicantId: string },
  fields: Pick<ClaimFields, 'item' | 'object' | 'label'>,
  exceptId?: string,
): Promise<Finding | undefined> {
  const rows = await tables(database)
    .selectFrom('policy.claim')
    .select('id')
    .where('call_id', '=', place.callId)
    .where('applicant_id', 'in', await applicantGroup(database, place.applicantId))
    .where('item', '=', fields.item)
    .where('object_key', '=', objectKey(fields.object))
    .where('label', '=', fields.label)
    .where('state', 'not in', ['withdrawn', 'rejected'])
    .execute();
  if (rows.every(({ id }) => id === exceptId)) return undefined;
  return finding('duplicate_object', 'error', { facts: { object: fields.object } });
}

/** The applicant's own claim, locked, while it may still be written: a draft or a correction. */
export async function ownOpenClaim(
  database: Queryable,
  context: Context,
  id: string,
): Promise<ClaimRow> {
  const claim = found(await readClaim(database, id, true), { id });
  if (claim.applicant_id !== context.organisation?.id)
    throw conflict(finding('foreign_claim', 'error'));
  if (claim.state !== 'draft' && claim.state !== 'correction') {
    throw conflict(finding('closed_claim', 'error', { facts: { state: claim.state } }));
  }
  return claim;
}

/** Opinions are for the departments that check together, not for the applicant. */
async function opinionsFor(
  database: Queryable,
  context: Context,
  claim: ClaimRow,
): Promise<ClaimRecord['opinions']> {
  const reader = context.organisation?.id ?? '';
  if (reader !== claim.department_id && !claim.joint_ids.includes(reader)) return [];
  return (await readOpinions(database, claim.id)).map((each) => ({
    department: each.department,
    agrees: each.agrees,
    reason: each.reason,
    by: each.by_name,
    on: each.on_date,
  }));
}

/** The entry of a register that the claim rests on. */
function sourceView(claim: ClaimRow): ClaimRecord['source'] {
  const { source_entry_id: entryId, source_number: number, source_share: share } = claim;
  return entryId === null ? null : { entryId, number: number ?? '', share };
}

function stepView(step: Awaited<ReturnType<typeof readSteps>>[number]) {
  return {
    action: step.action,
    actor: step.actor,
    role: step.role,
    on: step.on_date,
    reason: step.reason,
    rule: step.rule,
  };
}

function evidenceView(of: Awaited<ReturnType<typeof readEvidence>>[number]) {
  return {
    id: of.id,
    code: of.code,
    number: of.number,
    invoice: of.invoice as Invoice | null,
    fileId: of.file_id,
    fileName: of.file_name,
    digest: of.digest,
  };
}

/** What the caller could do now; offers are made from the registers, not from a draft. */
function actionsFor(context: Context, claim: ClaimRow, appealOpen: boolean) {
  return openActions(CLAIM_FLOW, claim.state as ClaimRecord['state'])
    .filter((action) => mayTake(context, action.role, claim))
    .filter(({ guards }) => appealOpen || !guards.includes('appeal_open'))
    .filter(({ guards }) => !guards.includes('offer_due'))
    .map(({ action, role, label }) => ({ action, role, label }));
}

/** A claim as the caller sees it. */
export async function claimView(
  parts: PolicyParts,
  database: Queryable,
  context: Context,
  id: string,
): Promise<ClaimRecord> {
  const claim = found(await readClaim(database, id), { id });
  const knownOn = todayOf(parts);
  const book = await bookOf(database, claim.instrument, { eventDate: claim.event_date, knownOn });
  const match = matchItems(book, claim.facts).find(({ item }) => item === claim.item)!;
  const steps = await readSteps(database, id);
  const evidence = await readEvidence(database, [id]);
  const state = claim.state as ClaimRecord['state'];
  // Whose other claims they are is for the department to see, not for the applicant.
  const official = context.organisation?.id === claim.department_id;
  const own = context.organisation?.id === claim.applicant_id;
  const shared = official
    ? [...(await sharedEvidence(database, claim)), ...(await sharedObject(database, claim))]
    : [];
  const wanted = evidenceOf(book.instrument, claim.item);
  const appealOpen = (await readAppeals(database, id)).some(({ upheld }) => upheld === null);
  const required = wanted.filter(
    (each) => each.required && !evidence.some(({ code }) => code === each.code),
  );
  return {
    id: claim.id,
    version: claim.version,
    createdAt: claim.created_at.toISOString(),
    updatedAt: claim.updated_at.toISOString(),
    callId: claim.call_id,
    callTitle: claim.call_title,
    direction: claim.direction,
    applicantId: claim.applicant_id,
    applicant: claim.applicant,
    item: claim.item,
    object: claim.object,
    label: claim.label,
    eventDate: claim.event_date,
    facts: claim.facts,
    others: [...claim.others],
    state,
    match: matchView(book, match),
    recommenderId: claim.recommender_id,
    recommender: claim.recommender,
    score: claim.score,
    // What a division left for it is told with the proposal, not before.
    dividedFen: official ? (claim.divided_fen?.toString() ?? null) : null,
    opinions: await opinionsFor(database, context, claim),
    recommendedFen: claim.recommended_fen?.toString() ?? null,
    grantFen: claim.grant_fen?.toString() ?? null,
    correctionUntil: claim.correction_until,
    noticeUntil: claim.notice_until,
    openObjections: await countOpenObjections(database, id),
    evidence: evidence.map(evidenceView),
    offeredOn: claim.offered_on,
    // Who may pay it reads it; nobody else does.
    account: official || own ? claim.account : null,
    source: sourceView(claim),
    steps: steps.map(stepView),
    actions: actionsFor(context, claim, appealOpen),
    findings: [
      ...required.map(({ code, label }) =>
        finding('missing_evidence', 'warning', {
          facts: { code, label: both(label) },
        }),
      ),
      ...foreignInvoices(claim, evidence),
      ...shared,
      ...(await assumedTerm(database, claim)),
    ],
  };
}
