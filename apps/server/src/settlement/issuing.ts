import { accepted, finding, type Finding } from '@yinglian/core';
import { adjustmentEntry, dueDate, type Role, statementEntry } from '@yinglian/ledger';
import type { PartyStatement, Statement } from '@yinglian/settlement';
import { sql } from 'kysely';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { conflict, found, notAllowed, versionConflict } from '../kernel/refusal.ts';
import type { Work, Write } from '../kernel/write.ts';
import { postInBook } from './book-repository.ts';
import { issuedBefore, lies, overlaps } from './issued.ts';
import { businessDay, readPolicy } from './policy.ts';
import { listStatements, readProof, type StatementRecord } from './repository.ts';
import { type SigningParts, signStatement } from './signing.ts';
import { readTermsVersion } from './terms-repository.ts';

export type IssuingParts = SigningParts & {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly now: () => Date;
};

/** What the two sides of a statement are to each other, beyond what its record shows. */
export type Sides = {
  readonly issuerId: string;
  readonly issuerName: string;
  readonly partyOrganisationId: string | null;
  readonly checkedBy: string | null;
};

export async function readSides(database: Queryable, id: string): Promise<Sides> {
  const result = await sql<{
    organisation_id: string;
    name: string;
    party_organisation_id: string | null;
    checked_by: string | null;
  }>`select s.organisation_id, o.name, s.party_organisation_id, s.checked_by
    from settlement.statement s join kernel.organisation o on o.id = s.organisation_id
    where s.id = ${id}`.execute(database);
  const row = found(result.rows[0], { id });
  return {
    issuerId: row.organisation_id,
    issuerName: row.name,
    partyOrganisationId: row.party_organisation_id,
    checkedBy: row.checked_by,
  };
}

/**
 * On which side of a statement its issuer stands; nothing where it moves no money of the issuer:
 * the distributor's statement of all circuits repeats theirs, and fund and taxes of the tickets
 * are the cinemas' to pay. Taxes withheld are booked with the statement they are withheld from.
 */
export function issuerRole(kind: StatementRecord['kind']): Role | undefined {
  switch (kind) {
    case 'circuit':
    case 'exhibitor':
    case 'platform':
      return 'receivable';
    case 'producer':
    case 'investor':
    case 'party':
      return 'payable';
    default:
      return undefined;
  }
}

export const opposite = (role: Role): Role => (role === 'receivable' ? 'payable' : 'receivable');
export const otherParty = (statement: StatementRecord): string =>
  statement.counterparty ?? statement.party;

/** Checked by one person, issued by another, accepted by the party; each signs and books. */
export function createIssuing(parts: IssuingParts) {
  const { write, requireAccess, now } = parts;
  const one = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listStatements(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, {
      id,
    });

  return {
    async check(context: Context, id: string, version: number): Promise<StatementRecord> {
      const { organisationId, userId } = await requireAccess(context, 'settlement.write', {
        kind: 'statement',
        ids: [id],
      });
      return write(context, async (work) => {
        const moved = await sql`update settlement.statement set state = 'checked',
            checked_by = ${userId}, version = version + 1, updated_at = now()
          where id = ${id} and version = ${version} and state = 'draft'`.execute(work.transaction);
        const stored = await one(work.transaction, organisationId, id);
        if (moved.numAffectedRows !== 1n) throw refusal(stored, version);
        work.audit({
          action: 'settlement.statement_checked',
          subjectKind: 'statement',
          subjectId: id,
          facts: { number: stored.number },
        });
        work.changed({ kind: 'statement', id, filmId: stored.filmId });
        return stored;
      });
    },

    async issue(context: Context, id: string, version: number): Promise<StatementRecord> {
      const { organisationId, userId } = await requireAccess(context, 'settlement.issue', {
        kind: 'statement',
        ids: [id],
      });
      return write(context, async (work) => {
        const { fourEyes } = await readPolicy(work.transaction, organisationId);
        const sides = await readSides(work.transaction, id);
        const before = await one(work.transaction, organisationId, id);
        const isDraft = before.state === 'draft' || before.state === 'checked';
        if (before.version !== version || !isDraft) throw refusal(before, version);
        const lacking = fourEyes ? fourEyesFinding(before, sides, userId) : undefined;
        if (lacking !== undefined) throw conflict(lacking);
        await refuseDraftTerms(work, before);
        await refuseOutdated(work, organisationId, before);
        const moved = await sql`update settlement.statement set state = 'issued',
            issued_at = now(), issued_by = ${userId}, version = version + 1, updated_at = now()
          where id = ${id} and version = ${version} and state in ('draft', 'checked')`.execute(
          work.transaction,
        );
        if (moved.numAffectedRows !== 1n) throw refusal(before, version);
        await signBy(work, id, 'issuer', { id: organisationId, name: sides.issuerName });
        const role = issuerRole(before.kind);
        if (role !== undefined) await book(work, { organisationId, userId, role }, before);
        work.audit({
          action: 'settlement.statement_issued',
          subjectKind: 'statement',
          subjectId: id,
          facts: { number: before.number, totalFen: before.totalFen },
        });
        work.changed({ kind: 'statement', id, filmId: before.filmId });
        return one(work.transaction, organisationId, id);
      });
    },

    /** Whoever is owed invoices what was accepted; the number is the invoice's own. */
    async invoice(
      context: Context,
      id: string,
      invoice: { readonly version: number; readonly number: string; readonly date: string },
    ): Promise<StatementRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      await requireAccess(context, 'settlement.read', { kind: 'statement', ids: [id] });
      return write(context, async (work) => {
        const before = await one(work.transaction, organisationId, id);
        const lacking = invoiceFinding(before, invoice.version);
        if (lacking !== undefined) throw lacking;
        const { number, date } = invoice;
        const made = await sql`insert into settlement.statement_invoice
            (statement_id, organisation_id, number, date, amount_fen, by_name)
          values (${id}, ${organisationId}, ${number}, ${date}, ${before.totalFen},
            ${context.user?.name ?? ''})
          on conflict do nothing`.execute(work.transaction);
        if (made.numAffectedRows !== 1n) throw refusal(before, invoice.version);
        await sql`update settlement.statement set version = version + 1, updated_at = now()
          where id = ${id}`.execute(work.transaction);
        work.audit({
          action: 'settlement.statement_invoiced',
          subjectKind: 'statement',
          subjectId: id,
          facts: { number: before.number, invoice: number, date },
        });
        work.changed({ kind: 'statement', id, filmId: before.filmId });
        return one(work.transaction, organisationId, id);
      });
    },

    /** The party takes the statement as it is: signed, and in its own book. */
    async accept(context: Context, id: string, version: number): Promise<StatementRecord> {
      const { organisationId, userId } = await requireAccess(context, 'settlement.issue');
      await requireAccess(context, 'settlement.read', { kind: 'statement', ids: [id] });
      return write(context, async (work) => {
        const sides = await readSides(work.transaction, id);
        if (sides.partyOrganisationId !== organisationId)
          throw notAllowed({ kind: 'statement', id });
        const moved = await sql`update settlement.statement set state = 'accepted',
            version = version + 1, updated_at = now()
          where id = ${id} and version = ${version} and state = 'issued'`.execute(work.transaction);
        const stored = await one(work.transaction, organisationId, id);
        if (moved.numAffectedRows !== 1n) throw refusal(stored, version);
        await signBy(work, id, 'acceptor', {
          id: organisationId,
          name: context.organisation?.name ?? '',
        });
        const role = issuerRole(stored.kind);
        if (role !== undefined) {
          const posting = { organisationId, userId, role: opposite(role) };
          await book(work, posting, stored, sides.issuerName);
          await bookConceded(work, posting, stored, sides.issuerName);
        }
        work.audit({
          action: 'settlement.statement_accepted',
          subjectKind: 'statement',
          subjectId: id,
          facts: { number: stored.number, totalFen: stored.totalFen },
        });
        work.changed({ kind: 'statement', id, filmId: stored.filmId });
        return one(work.transaction, organisationId, id);
      });
    },
  };

  async function signBy(
    work: Work,
    id: string,
    role: 'issuer' | 'acceptor',
    organisation: { readonly id: string; readonly name: string },
  ): Promise<void> {
    const proof = found(await readProof(work.transaction, id)) as {
      statement: Statement | PartyStatement;
    };
    const { statement } = proof;
    await signStatement(work, parts, { statementId: id, statement, role, organisation });
  }

  type Booking = {
    readonly organisationId: string;
    readonly userId: string | null;
    readonly role: Role;
  };

  async function book(
    work: Work,
    { organisationId, userId, role }: Booking,
    statement: StatementRecord,
    party = otherParty(statement),
  ): Promise<void> {
    const { paymentDays } = await readPolicy(work.transaction, organisationId);
    const date = businessDay(now());
    const { number: item } = statement;
    const key = `statement/${statement.id}`;
    const totalFen = BigInt(statement.totalFen);
    if (totalFen === 0n) return;
    const taxFen = BigInt(statement.account?.withheldFen ?? '0');
    // What goes back goes back as it was paid: without the tax that was withheld from it.
    const both = totalFen > 0n && taxFen >= 0n;
    const amountFen = both ? totalFen : totalFen - taxFen;
    const draft = statementEntry(role, {
      key,
      date,
      party,
      item,
      amountFen,
      ...(both && taxFen > 0n ? { withheldFen: taxFen } : {}),
      dueOn: dueDate(date, paymentDays),
      memo: `${statement.from}/${statement.to}`,
    });
    await postInBook(work.transaction, { organisationId, userId, items: [item], keys: [key] }, () =>
      accepted([draft]),
    );
  }

  /** What the issuer conceded before the party accepted is no debt of the party. */
  async function bookConceded(
    work: Work,
    { organisationId, userId, role }: Booking,
    statement: StatementRecord,
    party: string,
  ): Promise<void> {
    const result = await sql<{ conceded: string }>`
      select coalesce(sum(conceded_fen), 0)::text as conceded from settlement.dispute
      where statement_id = ${statement.id}`.execute(work.transaction);
    const conceded = BigInt(result.rows[0]?.conceded ?? '0');
    if (conceded === 0n) return;
    const { number: item } = statement;
    const key = `conceded/${statement.id}`;
    await postInBook(
      work.transaction,
      { organisationId, userId, items: [item], keys: [key] },
      (view) => {
        const date = businessDay(now());
        const change = { key, date, party, item, changeFen: -conceded };
        const made = adjustmentEntry(view, role, change);
        return made.ok ? accepted([made.value]) : made;
      },
    );
  }
}

function refusal(stored: StatementRecord, version: number) {
  if (stored.version !== version) return versionConflict(stored, { version });
  return conflict(finding('issued_statement', 'error', { facts: { state: stored.state } }));
}

/** Only what both sides agree on is invoiced, and by the side that is owed. */
function invoiceFinding(statement: StatementRecord, version: number) {
  if (statement.version !== version) return versionConflict(statement, { version });
  if (statement.state !== 'accepted') {
    const facts = { state: statement.state };
    return conflict(finding('unaccepted_statement', 'error', { facts }));
  }
  const role = issuerRole(statement.kind);
  if (role === undefined || (role === 'receivable') !== statement.ours) {
    return conflict(finding('unowed_statement', 'error'));
  }
  return statement.invoice === null
    ? undefined
    : conflict(
        finding('invoiced_statement', 'error', { facts: { number: statement.invoice.number } }),
      );
}

/** Whoever tries terms out may settle by them; what binds stands on terms that were agreed. */
async function refuseDraftTerms(work: Work, statement: StatementRecord): Promise<void> {
  const { termsId, termsVersion } = statement;
  const { state } = await readTermsVersion(work.transaction, termsId, termsVersion);
  if (state === 'agreed') return;
  throw conflict(finding('draft_terms', 'error', { facts: { version: termsVersion } }));
}

/**
 * What is owed is owed once. A statement goes on from those that were issued when it was drawn up;
 * where others went out meanwhile, or its days only partly cover theirs, it says the wrong sum.
 */
async function refuseOutdated(
  work: Work,
  organisationId: string,
  statement: StatementRecord,
): Promise<void> {
  const { id, filmId, termsKind, kind, party, counterparty } = statement;
  const line = { organisationId, filmId, termsKind, kind, party, counterparty };
  // Two clerks who issue two drafts of one party at once are one after the other.
  await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(line)}, 0))`.execute(
    work.transaction,
  );
  const all = await issuedBefore(work.transaction, line);
  const sheets = termsKind === 'theatrical';
  const issued = sheets ? all.filter((each) => overlaps(each, statement)) : all;
  const repeated = sheets
    ? issued.find((each) => !lies(each, statement))
    : issued.find((each) => each.to > statement.to);
  if (repeated !== undefined) {
    throw conflict(finding('repeated_statement', 'error', { facts: { number: repeated.number } }));
  }
  const result = await sql<{ follows: string[] }>`
    select follows from settlement.statement where id = ${id}`.execute(work.transaction);
  const known = new Set(result.rows[0]?.follows ?? []);
  const other = issued.find((each) => !known.has(each.id));
  if (other === undefined) return;
  throw conflict(finding('outdated_statement', 'error', { facts: { number: other.number } }));
}

/** Where an organisation wants four eyes, somebody else has checked the statement. */
function fourEyesFinding(
  statement: StatementRecord,
  { checkedBy }: Sides,
  userId: string | null,
): Finding | undefined {
  if (statement.state === 'draft') return finding('unchecked_statement', 'error');
  if (statement.state !== 'checked' || checkedBy !== userId) return undefined;
  return finding('same_person', 'error');
}
