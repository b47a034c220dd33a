import type { LocalText, Terms } from '@yinglian/settlement';
import { sql } from 'kysely';
import type { Queryable, Transaction } from '../kernel/database/database.ts';

/** Takers that are nobody's organisation, by the names that the settlement package gives them. */
const NOBODY: Readonly<Record<string, LocalText>> = {
  undistributed: { zh: '未约定归属', en: 'Given to nobody' },
  rounding_tail: { zh: '尾差', en: 'Rounding tail' },
  held: { zh: '预留', en: 'Held in reserve' },
};

/** A taker of money in both languages; null where the terms do not know it. */
export function nameOfTaker(terms: Pick<Terms, 'parties'>, party: string): LocalText | null {
  return terms.parties.find((each) => each.id === party)?.name ?? NOBODY[party] ?? null;
}

export type Link = { readonly id: string; readonly name: string };

/** Which organisation of the network stands behind a party of the terms. */
export async function readLinks(
  database: Queryable,
  termsId: string,
): Promise<ReadonlyMap<string, Link>> {
  const result = await sql<{ party: string; id: string; name: string }>`
    select p.party, o.id, o.name from settlement.terms_party p
    join kernel.organisation o on o.id = p.organisation_id
    where p.terms_id = ${termsId}`.execute(database);
  return new Map(result.rows.map(({ party, id, name }) => [party, { id, name }]));
}

export async function setLink(
  transaction: Transaction,
  termsId: string,
  party: string,
  organisationId: string | null,
): Promise<void> {
  if (organisationId === null) {
    await sql`delete from settlement.terms_party
      where terms_id = ${termsId} and party = ${party}`.execute(transaction);
    return;
  }
  await sql`insert into settlement.terms_party (terms_id, party, organisation_id)
    values (${termsId}, ${party}, ${organisationId})
    on conflict (terms_id, party) do update
      set organisation_id = excluded.organisation_id`.execute(transaction);
}

/** Of these organisations, those that work on the film with its owner. */
export async function organisationsInRoom(
  database: Queryable,
  filmId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const result = await sql<{ organisation_id: string }>`
    select organisation_id from kernel.room_member
    where film_id = ${filmId} and organisation_id = any(${[...ids]}::uuid[])`.execute(database);
  return new Set(result.rows.map((row) => row.organisation_id));
}
