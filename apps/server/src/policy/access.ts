import { sql } from 'kysely';
import type { AccessRule, AccessRules } from '../kernel/access/access.ts';

/**
 * A claim is its applicant's and, once it was filed, its department's, the recommending body's and
 * that of the departments that check it together. A draft is nobody else's
 * business, save what the department itself offered, until the applicant opens it again.
 * `claim` is the alias of `policy.claim`, `call` that of `policy.call`.
 */
export function claimsReachedBy(organisationId: string) {
  return sql<boolean>`(claim.applicant_id = ${organisationId}
    or ((claim.applied_on is not null
        or (claim.offered_on is not null and claim.state <> 'draft'))
      and (call.department_id = ${organisationId}
      or claim.recommender_id = ${organisationId}
      or call.joint_ids @> array[${organisationId}]::uuid[])))`;
}

const claimRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string }>`
    select claim.id from policy.claim as claim join policy.call as call on call.id = claim.call_id
    where claim.id = any(${[...ids]}::uuid[]) and ${claimsReachedBy(organisationId)}
  `.execute(database);
  const reached = new Set(result.rows.map((row) => row.id));
  return { readable: reached, writable: reached };
};

const callRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select id, department_id = ${organisationId} as own from policy.call
    where id = any(${[...ids]}::uuid[])
  `.execute(database);
  const own = result.rows.filter((row) => row.own).map((row) => row.id);
  return { readable: new Set(result.rows.map((row) => row.id)), writable: new Set(own) };
};

export const policyAccess: AccessRules = { policy_claim: claimRule, policy_call: callRule };
