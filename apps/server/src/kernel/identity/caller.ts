import { type Permission, permissionsOf, type Role, ROLES } from '@yinglian/contract';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Database } from '../database/database.ts';
import type { Identity } from './face.ts';

/** Finds out who asks, and what their roles in the acting organisation permit. */
export function callers(database: Database, identity: Identity) {
  return {
    async ofRequest(headers: Headers, requestId: string, signal: AbortSignal): Promise<Context> {
      const recognised = await identity.recognise(headers);
      const { userId, organisationId } = recognised ?? { userId: null, organisationId: null };
      const context = await load(database, userId, organisationId);
      return { ...context, requestId, signal, idempotency: undefined };
    },
    /** For a job: the same person with the roles they hold now. */
    async ofJob(
      userId: string | null,
      organisationId: string | null,
      signal: AbortSignal,
    ): Promise<Context> {
      const context = await load(database, userId, organisationId);
      return { ...context, requestId: 'job', signal, idempotency: undefined };
    },
  };
}

type Who = Pick<Context, 'user' | 'organisation' | 'permissions'>;

const NOBODY: Who = { user: undefined, organisation: undefined, permissions: new Set() };

async function load(
  database: Database,
  userId: string | null,
  organisationId: string | null,
): Promise<Who> {
  if (userId === null) return NOBODY;
  const result = await sql<{
    name: string;
    email: string;
    operator: boolean;
    organisation_id: string | null;
    organisation_name: string;
    kind: string;
    roles: string[];
  }>`
    select "user"."name", "user"."email",
      exists (select 1 from kernel.operator where user_id = "user"."id") as operator,
      organisation.id as organisation_id, organisation.name as organisation_name,
      organisation.kind, member.roles
    from identity."user" as "user"
    left join kernel.member as member
      on member.user_id = "user"."id" and member.organisation_id = ${organisationId}::uuid
    left join kernel.organisation as organisation on organisation.id = member.organisation_id
    where "user"."id" = ${userId}::uuid
  `.execute(database);
  const row = result.rows[0];
  if (row === undefined) return NOBODY;
  const user = { id: userId, name: row.name, email: row.email, operator: row.operator };
  const roles = knownRoles(row.roles ?? []);
  const permissions = new Set<Permission>(permissionsOf(roles));
  if (row.operator) permissions.add('network.administer');
  const organisation =
    row.organisation_id === null
      ? undefined
      : { id: row.organisation_id, name: row.organisation_name, kind: row.kind, roles };
  return { user, organisation, permissions };
}

/** A role that a later release named and this one does not know permits nothing. */
export function knownRoles(names: readonly string[]): Role[] {
  return names.filter((name): name is Role => Object.hasOwn(ROLES, name));
}
