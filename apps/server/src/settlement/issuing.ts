import { accepted, finding, type Finding } from '@yinglian/core';
import { adjustmentEntry, dueDate, type Role, statementEntry } from '@yinglian/ledger';
import type { Statement } from '@yinglian/settlement';
import { sql } from 'kysely';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { conflict, found, notAllowed, versionConflict } from '../kernel/refusal.ts';
import type { Work, Write } from '../kernel/write.ts';
import { postInBook } from './book-repository.ts';
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
 * the distributor's statement of all circuits repeats theirs, and the fund is the cinemas' to pay.
 */
export function issuerRole(kind: StatementRecord['kind']): Role | undefined {
  if (kind === 'circuit') return 'receivable';
  return kind === 'producer' || kind === 'investor' ? 'payable' : undefined;
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
        const lacking = fourEyes ? fourEyesFinding(before, sides, userId) : undefined;
        if (lacking !== undefined) throw conflict(lacking);
        await refuseDraftTerms(work, before);
        await refuseTwice(work, organisationId, before);
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
        return stored;
      });
    },
  };

  async function signBy(
    work: Work,
    id: string,
    role: 'issuer' | 'acceptor',
    organisation: { readonly id: string; readonly name: string },
  ): Promise<void> {
    const proof = found(await readProof(work.transaction, id)) as { statement: Statement };
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
    const amountFen = BigInt(statement.totalFen);
    if (amountFen === 0n) return;
    const draft = statementEntry(role, {
      key,
      date,
      party,
      item,
      amountFen,
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

/** Whoever tries terms out may settle by them; what binds stands on terms that were agreed. */
async function refuseDraftTerms(work: Work, statement: StatementRecord): Promise<void> {
  const { termsId, termsVersion } = statement;
  const { state } = await readTermsVersion(work.transaction, termsId, termsVersion);
  if (state === 'agreed') return;
  throw conflict(finding('draft_terms', 'error', { facts: { version: termsVersion } }));
}

/**
 * The same days of a film are owed once. What changes later is an adjustment of the document that
 * was issued, agreed by two persons, and never a second one beside it.
 */
async function refuseTwice(
  work: Work,
  organisationId: string,
  statement: StatementRecord,
): Promise<void> {
  const { id, filmId, kind, party, counterparty, from, to } = statement;
  const result = await sql<{ number: string }>`
    select number from settlement.statement
    where organisation_id = ${organisationId} and film_id = ${filmId} and kind = ${kind}
      and party = ${party} and counterparty is not distinct from ${counterparty} and id <> ${id}
      and state in ('issued', 'accepted', 'disputed')
      and first_date <= ${to}::date and last_date >= ${from}::date
    limit 1`.execute(work.transaction);
  const [other] = result.rows;
  if (other === undefined) return;
  throw conflict(finding('repeated_statement', 'error', { facts: { number: other.number } }));
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
