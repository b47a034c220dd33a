import { sql } from 'kysely';
import type { AccessRule, AccessRules } from '../../kernel/access/access.ts';

/**
 * An entry is its holder's and, once it was filed, of the department that keeps the register.
 * `entry` is the alias of an entry with its register's `department_id`.
 */
export function entriesReachedBy(organisationId: string) {
  return sql<boolean>`(entry.holder_id = ${organisationId}
    or (entry.department_id = ${organisationId} and entry.filed_on is not null))`;
}

const entryRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string }>`
    select entry.id from (
      select entry.id, entry.holder_id, entry.filed_on, register.department_id
      from policy.register_entry as entry
      join policy.register as register on register.id = entry.register_id
      where entry.id = any(${[...ids]}::uuid[])) as entry
    where ${entriesReachedBy(organisationId)}
  `.execute(database);
  const reached = new Set(result.rows.map((row) => row.id));
  return { readable: reached, writable: reached };
};

const registerRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select id, department_id = ${organisationId} as own from policy.register
    where id = any(${[...ids]}::uuid[])
  `.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

/** A round is its department's; what it decided is told on the public page of the register. */
const roundRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string }>`
    select round.id from policy.register_round as round
    join policy.register as register on register.id = round.register_id
    where round.id = any(${[...ids]}::uuid[]) and register.department_id = ${organisationId}
  `.execute(database);
  const own = new Set(result.rows.map((row) => row.id));
  return { readable: own, writable: own };
};

export const registerAccess: AccessRules = {
  policy_register: registerRule,
  policy_register_round: roundRule,
  policy_register_entry: entryRule,
};
