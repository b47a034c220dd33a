import { sql } from 'kysely';
import { type AccessRule, type AccessRules, filmRecords } from '../kernel/access/access.ts';

/**
 * A key is seen by who issued it, by the cinema it is for, and by that cinema's circuit; nobody
 * learns from it where else a film plays.
 */
export function keysReachedBy(organisationId: string) {
  return sql<boolean>`(key.organisation_id = ${organisationId}
    or cinema.organisation_id = ${organisationId} or circuit.organisation_id = ${organisationId})`;
}

const keyRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select key.id, key.organisation_id = ${organisationId} as own
    from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where key.id = any(${[...ids]}::uuid[]) and ${keysReachedBy(organisationId)}
  `.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

export const distributionAccess: AccessRules = {
  package: filmRecords('distribution.package'),
  key: keyRule,
};
