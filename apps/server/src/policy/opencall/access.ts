import { sql } from 'kysely';
import { type AccessRule, type AccessRules, reachOf } from '../../kernel/access/access.ts';

/** What a department leads: others read what is published elsewhere, and change nothing. */
function ledBy(table: string): AccessRule {
  return async (database, { organisationId, ids }) => {
    const result = await sql<{ id: string; writable: boolean }>`
      select id, true as writable from ${sql.table(table)}
      where id = any(${[...ids]}::uuid[]) and department_id = ${organisationId}
    `.execute(database);
    return reachOf(result.rows);
  };
}

/** A project is its department's and its bidder's. */
const projectRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select id, true as writable from policy.opencall_project
    where id = any(${[...ids]}::uuid[])
      and ${organisationId} in (department_id, applicant_id)
  `.execute(database);
  return reachOf(result.rows);
};

export const opencallAccess: AccessRules = {
  opencall_catalogue: ledBy('policy.opencall_catalogue'),
  opencall_round: ledBy('policy.opencall_round'),
  opencall_project: projectRule,
};
