import { sql } from 'kysely';
import { type AccessRule, type AccessRules, ownedRecords } from '../kernel/access/access.ts';

/**
 * A statement is its issuer's; once issued, its party reads it too. Drafts are nobody else's
 * business, and no party sees another party's statement.
 */
export function statementsReachedBy(organisationId: string) {
  return sql<boolean>`(statement.organisation_id = ${organisationId}
    or (statement.party_organisation_id = ${organisationId}
      and statement.state in ('issued', 'accepted', 'disputed')))`;
}

const statementRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select statement.id, statement.organisation_id = ${organisationId} as own
    from settlement.statement
    where statement.id = any(${[...ids]}::uuid[]) and ${statementsReachedBy(organisationId)}
  `.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

export const settlementAccess: AccessRules = {
  terms: ownedRecords('settlement.terms'),
  run: ownedRecords('settlement.run'),
  settlement_input: ownedRecords('settlement.input'),
  statement: statementRule,
};
