import { type payeeSchema, proposalSchema, proposalSubjectSchema } from '@yinglian/contract';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import {
  adjustmentEntry,
  type BookView,
  bookFrom,
  type EntryDraft,
  type PaymentOrder,
  reopenPeriod,
  writeOffEntry,
  writePaymentFile,
} from '@yinglian/ledger';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../kernel/refusal.ts';
import { jsonText, type Work, type Write } from '../kernel/write.ts';
import {
  insertPeriod,
  lockBook,
  postInBook,
  readBook,
  readOpenItems,
  readPeriods,
} from './book-repository.ts';
import { businessDay } from './policy.ts';

export type ProposalRecord = z.output<typeof proposalSchema>;
export type ProposalSubject = z.output<typeof proposalSubjectSchema>;
export type PayeeRecord = z.output<typeof payeeSchema>;

export type ProposalParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

type Row = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  state: string;
  subject: unknown;
  reason: string;
  proposed_by: string;
  proposed_name: string;
  decided_name: string | null;
  decision: string | null;
  sort_key: string;
};

type Listing = {
  readonly organisationId: string;
  readonly userId: string | null;
  readonly ids?: readonly string[];
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
};

async function listProposals(database: Queryable, listing: Listing) {
  const { organisationId, userId, ids, after, limit } = listing;
  const result = await sql<Row>`
    select p.*, p.created_at::text as sort_key from settlement.proposal p
    where p.organisation_id = ${organisationId}
      and ${ids === undefined ? sql`true` : sql`p.id = any(${[...ids]}::uuid[])`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(p.created_at, p.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    order by p.created_at desc, p.id desc limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      state: row.state as ProposalRecord['state'],
      subject: proposalSubjectSchema.parse(row.subject),
      reason: row.reason,
      proposedBy: row.proposed_name,
      decidedBy: row.decided_name,
      decision: row.decision,
      mine: row.proposed_by === userId,
    } satisfies ProposalRecord,
  }));
}

/** What moves money by somebody's word: one person proposes, another agrees, then it is posted. */
export function createProposals(parts: ProposalParts) {
  const { database, write, requireAccess, newId, now } = parts;
  const one = async (queryable: Queryable, actor: Actor, id: string) =>
    found((await listProposals(queryable, { ...actor, ids: [id], limit: 1 }))[0]?.row, { id });

  return {
    async proposals(context: Context, query: PageQuery): Promise<Page<ProposalRecord>> {
      const actor = await requireAccess(context, 'settlement.read');
      const after = afterInstant(query);
      const rows = await listProposals(database, { ...actor, after, limit: query.limit });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async propose(
      context: Context,
      { subject, reason }: { readonly subject: ProposalSubject; readonly reason: string },
    ): Promise<ProposalRecord> {
      const actor = await requireAccess(context, 'settlement.write');
      const id = newId();
      return write(context, async (work) => {
        await sql`insert into settlement.proposal
            (id, organisation_id, kind, subject, reason, proposed_by, proposed_name)
          values (${id}, ${actor.organisationId}, ${subject.kind}, ${jsonText(subject)}, ${reason},
            ${actor.userId}, ${context.user?.name ?? ''})`.execute(work.transaction);
        if (subject.kind === 'payment') await paymentOrders(work.transaction, actor, subject);
        work.audit({
          action: 'settlement.proposed',
          subjectKind: 'proposal',
          subjectId: id,
          facts: { kind: subject.kind },
        });
        work.changed({ kind: 'proposal', id });
        return one(work.transaction, actor, id);
      });
    },

    async decide(
      context: Context,
      id: string,
      request: { readonly version: number; readonly agree: boolean; readonly decision: string },
    ): Promise<ProposalRecord> {
      const actor = await requireAccess(context, 'settlement.issue');
      return write(context, async (work) => {
        const before = await one(work.transaction, actor, id);
        if (before.mine) throw conflict(finding('same_person', 'error'));
        const state = request.agree ? 'approved' : 'rejected';
        const moved = await sql`update settlement.proposal set state = ${state},
            decided_by = ${actor.userId}, decided_name = ${context.user?.name ?? ''},
            decision = ${request.decision}, version = version + 1, updated_at = now()
          where id = ${id} and version = ${request.version} and state = 'open'`.execute(
          work.transaction,
        );
        if (moved.numAffectedRows !== 1n) throw versionConflict(before, request);
        if (request.agree) await carryOut(work, actor, before, context.user?.name ?? '');
        work.audit({
          action: `settlement.proposal_${state}`,
          subjectKind: 'proposal',
          subjectId: id,
          facts: { kind: before.subject.kind },
        });
        work.changed({ kind: 'proposal', id });
        return one(work.transaction, actor, id);
      });
    },

    /** Only an agreed payment has a file; it is posted when the bank says that it was made. */
    async paymentFile(context: Context, id: string): Promise<{ name: string; text: string }> {
      const actor = await requireAccess(context, 'settlement.read');
      const { state, subject } = await one(database, actor, id);
      if (subject.kind !== 'payment' || state !== 'approved')
        throw conflict(finding('invalid_state', 'error'));
      const written = writePaymentFile(await paymentOrders(database, actor, subject, false));
      if (!written.ok) throw invalid(...written.findings);
      return { name: `payments-${subject.date}.csv`, text: written.value };
    },

    async payees(context: Context): Promise<{ rows: PayeeRecord[] }> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      return { rows: [...(await readPayees(database, organisationId)).values()] };
    },

    async setPayee(context: Context, payee: PayeeRecord): Promise<PayeeRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.issue');
      return write(context, async (work) => {
        await sql`insert into settlement.payee (organisation_id, party, name, account, bank)
          values (${organisationId}, ${payee.party}, ${payee.name}, ${payee.account}, ${payee.bank})
          on conflict (organisation_id, party) do update set name = excluded.name,
            account = excluded.account, bank = excluded.bank`.execute(work.transaction);
        work.audit({
          action: 'settlement.payee_registered',
          subjectKind: 'payee',
          subjectId: organisationId,
          facts: { party: payee.party },
        });
        return payee;
      });
    },
  };

  async function carryOut(
    work: Work,
    { organisationId, userId }: Actor,
    proposal: ProposalRecord,
    second: string,
  ): Promise<void> {
    const { subject, id } = proposal;
    if (subject.kind === 'payment') return;
    if (subject.kind === 'reopen') {
      await lockBook(work.transaction, organisationId);
      const entries = await readBook(work.transaction, organisationId);
      const periods = await readPeriods(work.transaction, organisationId);
      const opened = reopenPeriod(bookFrom(organisationId, entries, periods), {
        month: subject.month,
        on: businessDay(now()),
        by: proposal.proposedBy,
        // Two people of one name are two people: their accounts were compared before.
        second: second === proposal.proposedBy ? `${second} (2)` : second,
        reason: proposal.reason,
      });
      if (!opened.ok) throw conflict(...opened.findings);
      await insertPeriod(work.transaction, organisationId, opened.value.periods.at(-1)!);
      return;
    }
    const key = `proposal/${id}`;
    const touched = { items: [subject.item], keys: [key] };
    await postInBook(work.transaction, { organisationId, userId, ...touched }, (view) => {
      const made = draftOf(view, subject, { key, memo: proposal.reason, id });
      return made.ok ? accepted([made.value]) : made;
    });
  }
}

type Actor = { readonly organisationId: string; readonly userId: string | null };

function draftOf(
  view: BookView,
  subject: ProposalSubject & { kind: 'adjustment' | 'write_off' },
  { key, memo, id }: { readonly key: string; readonly memo: string; readonly id: string },
): Outcome<EntryDraft> {
  const { date, party, item } = subject;
  const of = { key, date, party, item, memo };
  if (subject.kind === 'write_off') {
    const amountFen = BigInt(subject.amountFen);
    // The proposal's own rule has compared the two accounts; the entry names the decision.
    return writeOffEntry(view, subject.side, { ...of, amountFen, by: id, second: `agreed ${id}` });
  }
  if (!view.opened.has(item))
    return refused(finding('missing_document', 'error', { facts: { item } }));
  const { restates } = subject;
  return adjustmentEntry(view, subject.side, {
    ...of,
    changeFen: BigInt(subject.changeFen),
    ...(restates === undefined ? {} : { restates }),
  });
}

async function readPayees(database: Queryable, organisationId: string) {
  const result = await sql<PayeeRecord>`select party, name, account, bank from settlement.payee
    where organisation_id = ${organisationId} order by party`.execute(database);
  return new Map(result.rows.map((row) => [row.party, row]));
}

/** Orders of a payment; each names a payee with an account and no more than is open. */
async function paymentOrders(
  database: Queryable,
  { organisationId }: Actor,
  subject: ProposalSubject & { kind: 'payment' },
  checkOpen = true,
): Promise<PaymentOrder[]> {
  const payees = await readPayees(database, organisationId);
  const open = checkOpen ? await readOpenItems(database, organisationId, subject.date) : [];
  return subject.orders.map(({ party, item, amountFen }) => {
    const payee = payees.get(party);
    if (payee === undefined)
      throw invalid(finding('missing_payee_account', 'error', { facts: { party } }));
    const left =
      open.find((each) => each.side === 'payable' && each.item === item && each.party === party)
        ?.openFen ?? 0n;
    if (checkOpen && BigInt(amountFen) > left) {
      const facts = { item, amount: amountFen, open: String(left) };
      throw invalid(finding('excessive_payment', 'error', { facts }));
    }
    const { name, account, bank } = payee;
    return {
      payee: name,
      account,
      bank,
      amountFen: BigInt(amountFen),
      purpose: '分账款',
      reference: item,
    };
  });
}
