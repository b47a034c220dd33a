import type { disputeSchema } from '@yinglian/contract';
import { accepted, finding } from '@yinglian/core';
import { decisionEntry, disputeEntry, type EntryDraft, type Role } from '@yinglian/ledger';
import type { Outcome } from '@yinglian/core';
import type { BookView, Occasion } from '@yinglian/ledger';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../kernel/refusal.ts';
import type { Work, Write } from '../kernel/write.ts';
import { statementsReachedBy } from './access.ts';
import { postInBook } from './book-repository.ts';
import { issuerRole, opposite, otherParty, readSides, type Sides } from './issuing.ts';
import { businessDay } from './policy.ts';
import { listStatements, type StatementRecord } from './repository.ts';

export type DisputeRecord = z.output<typeof disputeSchema>;

export type DisputeParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

type Listing = {
  readonly organisationId: string;
  readonly statementId?: string | undefined;
  readonly ids?: readonly string[];
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
};

async function listDisputes(database: Queryable, listing: Listing) {
  const { organisationId, statementId, ids, after, limit } = listing;
  const result = await sql<{
    id: string;
    version: number;
    created_at: Date;
    updated_at: Date;
    statement_id: string;
    number: string;
    film_id: string;
    line_id: string | null;
    raised_by: string;
    state: string;
    amount_fen: bigint;
    conceded_fen: bigint;
    reason: string;
    messages: { at: string; organisation: string; person: string; text: string }[] | null;
    sort_key: string;
  }>`select d.*, statement.number, statement.film_id, d.created_at::text as sort_key,
      (select json_agg(json_build_object('at', m.at, 'organisation', m.organisation_name,
          'person', m.user_name, 'text', m.text) order by m.number)
        from settlement.dispute_message m where m.dispute_id = d.id) as messages
    from settlement.dispute d join settlement.statement on statement.id = d.statement_id
    where ${statementsReachedBy(organisationId)}
      and ${statementId === undefined ? sql`true` : sql`d.statement_id = ${statementId}`}
      and ${ids === undefined ? sql`true` : sql`d.id = any(${[...ids]}::uuid[])`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(d.created_at, d.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    order by d.created_at desc, d.id desc limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      statementId: row.statement_id,
      statementNumber: row.number,
      filmId: row.film_id,
      lineId: row.line_id,
      raisedByUs: row.raised_by === organisationId,
      state: row.state as DisputeRecord['state'],
      amountFen: String(row.amount_fen),
      concededFen: String(row.conceded_fen),
      reason: row.reason,
      messages: (row.messages ?? []).map((each) => ({
        ...each,
        at: new Date(each.at).toISOString(),
      })),
    } satisfies DisputeRecord,
  }));
}

/**
 * Disputes between the two sides of a statement. What is disputed is held in both books; a decision
 * concedes part of it and makes the rest due again.
 */
export function createDisputes(parts: DisputeParts) {
  const { database, write, requireAccess, newId, now } = parts;
  const one = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listDisputes(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });
  const statementOf = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listStatements(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, {
      id,
    });

  return {
    async disputes(
      context: Context,
      query: PageQuery & { readonly statementId?: string | undefined },
    ): Promise<Page<DisputeRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const { statementId, limit } = query;
      const after = afterInstant(query);
      const rows = await listDisputes(database, { organisationId, statementId, after, limit });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async raise(
      context: Context,
      request: {
        readonly statementId: string;
        readonly lineId: string | null;
        readonly amountFen: string;
        readonly reason: string;
      },
    ): Promise<DisputeRecord> {
      const { organisationId, userId } = await requireAccess(context, 'settlement.write');
      const { statementId, lineId, amountFen, reason } = request;
      await requireAccess(context, 'settlement.read', { kind: 'statement', ids: [statementId] });
      const id = newId();
      return write(context, async (work) => {
        const statement = await statementOf(work.transaction, organisationId, statementId);
        const sides = await readSides(work.transaction, statementId);
        if (sides.partyOrganisationId !== organisationId)
          throw notAllowed({ kind: 'statement', id: statementId });
        if (!['issued', 'accepted', 'disputed'].includes(statement.state))
          throw conflict(finding('unissued_statement', 'error'));
        if (lineId !== null) await requireLine(work, statementId, lineId);
        await sql`insert into settlement.dispute (id, statement_id, line_id, raised_by, amount_fen,
            reason) values (${id}, ${statementId}, ${lineId}, ${organisationId},
            ${BigInt(amountFen)}, ${reason})`.execute(work.transaction);
        await say(work, context, id, reason);
        await inBooks(work, { statement, sides, userId, key: `dispute/${id}` }, (view, role, of) =>
          disputeEntry(view, role, { ...of, amountFen: BigInt(amountFen) }),
        );
        await setState(work, statementId, 'disputed');
        note(work, 'dispute_raised', { id, statement, amountFen });
        return one(work.transaction, organisationId, id);
      });
    },

    async answer(context: Context, id: string, text: string): Promise<DisputeRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      await one(database, organisationId, id);
      return write(context, async (work) => {
        await say(work, context, id, text);
        const stored = await one(work.transaction, organisationId, id);
        work.audit({
          action: 'settlement.dispute_answered',
          subjectKind: 'dispute',
          subjectId: id,
          facts: { statement: stored.statementNumber },
        });
        work.changed({ kind: 'dispute', id, filmId: stored.filmId });
        return stored;
      });
    },

    /** The issuer decides; the party's own book follows where the party has accepted. */
    async decide(
      context: Context,
      id: string,
      request: { readonly version: number; readonly concededFen: string; readonly text: string },
    ): Promise<DisputeRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.issue');
      const dispute = await one(database, organisationId, id);
      const sides = await readSides(database, dispute.statementId);
      if (sides.issuerId !== organisationId) throw notAllowed({ kind: 'dispute', id });
      return end(context, id, { ...request, state: 'decided' });
    },

    async withdraw(context: Context, id: string, version: number): Promise<DisputeRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      const dispute = await one(database, organisationId, id);
      if (!dispute.raisedByUs) throw notAllowed({ kind: 'dispute', id });
      return end(context, id, { version, concededFen: '0', text: '', state: 'withdrawn' });
    },
  };

  async function end(
    context: Context,
    id: string,
    request: {
      readonly version: number;
      readonly concededFen: string;
      readonly text: string;
      readonly state: 'decided' | 'withdrawn';
    },
  ): Promise<DisputeRecord> {
    const { organisationId, userId } = await requireAccess(context, 'settlement.write');
    return write(context, async (work) => {
      const before = await one(work.transaction, organisationId, id);
      const heldFen = BigInt(before.amountFen);
      const concededFen = BigInt(request.concededFen);
      if (concededFen > heldFen) {
        const facts = {
          item: before.statementNumber,
          amount: String(concededFen),
          open: before.amountFen,
        };
        throw invalid(finding('excessive_concession', 'error', { facts }));
      }
      const moved = await sql`update settlement.dispute set state = ${request.state},
          conceded_fen = ${concededFen}, version = version + 1, updated_at = now()
        where id = ${id} and version = ${request.version} and state = 'open'`.execute(
        work.transaction,
      );
      if (moved.numAffectedRows !== 1n) throw versionConflict(before, request);
      if (request.text !== '') await say(work, context, id, request.text);
      const { statementId } = before;
      const statement = await statementOf(work.transaction, organisationId, statementId);
      const sides = await readSides(work.transaction, statementId);
      await inBooks(work, { statement, sides, userId, key: `decision/${id}` }, (view, role, of) =>
        decisionEntry(view, role, { ...of, heldFen, concededFen }),
      );
      await settleState(work, statementId);
      note(work, `dispute_${request.state}`, { id, statement, amountFen: request.concededFen });
      return one(work.transaction, organisationId, id);
    });
  }

  type Booking = {
    readonly statement: StatementRecord;
    readonly sides: Sides;
    readonly userId: string | null;
    readonly key: string;
  };

  /** The issuer's book, and the party's where the document is in it. */
  async function inBooks(
    work: Work,
    { statement, sides, userId, key }: Booking,
    make: (view: BookView, role: Role, of: Occasion) => Outcome<EntryDraft>,
  ): Promise<void> {
    const role = issuerRole(statement.kind);
    if (role === undefined) throw conflict(finding('unbooked_statement', 'error'));
    const date = businessDay(now());
    const { number: item } = statement;
    const party = sides.partyOrganisationId;
    const books: { organisationId: string; role: Role; party: string; own: boolean }[] = [
      { organisationId: sides.issuerId, role, party: otherParty(statement), own: true },
      ...(party === null
        ? []
        : [{ organisationId: party, role: opposite(role), party: sides.issuerName, own: false }]),
    ];
    // In the order of their ids, so that two writers of the same two books never wait in a circle.
    books.sort((a, b) => (a.organisationId < b.organisationId ? -1 : 1));
    for (const book of books) {
      const posting = { organisationId: book.organisationId, userId, items: [item], keys: [key] };
      await postInBook(work.transaction, posting, (view) => {
        if (!book.own && !view.opened.has(item)) return accepted([]);
        const made = make(view, book.role, { key, date, party: book.party, item });
        return made.ok ? accepted([made.value]) : made;
      });
    }
  }
}

async function requireLine(work: Work, statementId: string, lineId: string): Promise<void> {
  const result = await sql<{ line_id: string }>`select line_id from settlement.statement_line
    where statement_id = ${statementId} and line_id = ${lineId}`.execute(work.transaction);
  found(result.rows[0], { line: lineId });
}

async function say(work: Work, context: Context, id: string, text: string): Promise<void> {
  await sql`insert into settlement.dispute_message
      (dispute_id, number, organisation_id, organisation_name, user_name, text)
    select ${id}::uuid, coalesce(max(number), 0) + 1, ${context.organisation?.id ?? null}::uuid,
      ${context.organisation?.name ?? ''}, ${context.user?.name ?? ''}, ${text}
    from settlement.dispute_message where dispute_id = ${id}::uuid`.execute(work.transaction);
}

async function setState(work: Work, statementId: string, state: string): Promise<void> {
  await sql`update settlement.statement set state = ${state}, version = version + 1,
    updated_at = now() where id = ${statementId}`.execute(work.transaction);
}

/** With the last dispute ended the statement is what it was: accepted, or issued. */
async function settleState(work: Work, statementId: string): Promise<void> {
  await sql`update settlement.statement s set version = version + 1, updated_at = now(),
      state = case
        when exists (select 1 from settlement.dispute d
          where d.statement_id = s.id and d.state = 'open') then 'disputed'
        when exists (select 1 from settlement.statement_signature g
          where g.statement_id = s.id and g.role = 'acceptor') then 'accepted'
        else 'issued' end
    where s.id = ${statementId}`.execute(work.transaction);
}

function note(
  work: Work,
  action: string,
  { id, statement, amountFen }: { id: string; statement: StatementRecord; amountFen: string },
): void {
  work.audit({
    action: `settlement.${action}`,
    subjectKind: 'dispute',
    subjectId: id,
    facts: { statement: statement.number, amountFen },
  });
  work.changed({ kind: 'dispute', id, filmId: statement.filmId });
  work.changed({ kind: 'statement', id: statement.id, filmId: statement.filmId });
}
