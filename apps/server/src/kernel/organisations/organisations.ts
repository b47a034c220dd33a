import { contract, ORGANISATION_KINDS, type Role } from '@yinglian/contract';
import { sql } from 'kysely';
import { type RequireAccess, requirePermission } from '../access/access.ts';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database/database.ts';
import { type Handlers, mountGroup, type MountedGroup } from '../http/routes.ts';
import { knownRoles } from '../identity/caller.ts';
import type { Identity } from '../identity/face.ts';
import { oneTimeToken, tokenHash } from '../identity/identity.ts';
import { requirePerson, type Sessions } from '../identity/session.ts';
import { afterKey, pageOf } from '../pages.ts';
import { conflict, found, notAllowed, notFound, versionConflict } from '../refusal.ts';
import { finding } from '@yinglian/core';
import type { Write } from '../write.ts';

export type OrganisationsOptions = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly identity: Identity;
  readonly sessions: Sessions;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly publicUrl: string;
};

const INVITATION_DAYS = 14;
const DAY_MS = 24 * 3600 * 1000;

export function organisationRoutes(options: OrganisationsOptions): MountedGroup {
  return mountGroup('organisations', contract.organisations, {
    ...directory(options),
    ...membership(options),
  });
}

type Group = typeof contract.organisations;
type Some<Names extends keyof Group> = Pick<Handlers<Group>, Names>;

function directory(options: OrganisationsOptions): Some<'list' | 'create' | 'get' | 'update'> {
  const { database, write, requireAccess } = options;
  return {
    async list({ query }, context) {
      await requireAccess(context, 'organisation.read');
      const after = afterKey(query, 2);
      let rows = database
        .selectFrom('kernel.organisation')
        .selectAll()
        .orderBy('name')
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.kind !== undefined) rows = rows.where('kind', '=', query.kind);
      if (query.search !== undefined) {
        const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`;
        rows = rows.where((where) =>
          where.or([where('name', 'ilike', pattern), where('name_english', 'ilike', pattern)]),
        );
      }
      if (after !== undefined) {
        rows = rows.where(sql<boolean>`(name, id::text) > (${after[0]}, ${after[1]})`);
      }
      return pageOf(await rows.execute(), query, (row) => [row.name, row.id], organisationView);
    },
    async create({ body }, context, http) {
      const person = requirePerson(context);
      const made = await write(context, async ({ transaction, audit }) => {
        const id = options.newId();
        const row = await transaction
          .insertInto('kernel.organisation')
          .values({
            id,
            name: body.name,
            name_english: body.nameEnglish,
            kind: body.kind,
            credit_code: body.creditCode,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await transaction
          .insertInto('kernel.member')
          .values({ organisation_id: id, user_id: person.id, roles: ['owner'] })
          .execute();
        audit({
          action: 'organisation.create',
          subjectKind: 'organisation',
          subjectId: id,
          facts: { name: body.name, kind: body.kind },
          organisationId: id,
        });
        return organisationView(row);
      });
      await options.sessions.actFor(http.headers, made.id);
      return made;
    },
    async get({ params }, context) {
      await requireAccess(context, 'organisation.read');
      return organisationView(found(await organisation(database, params.id), { id: params.id }));
    },
    async update({ params, body }, context) {
      await requireOwn(options, context, params.id, 'organisation.administer');
      return write(context, async ({ transaction, audit, changed }) => {
        const row = await transaction
          .updateTable('kernel.organisation')
          .set({
            name: body.name,
            name_english: body.nameEnglish,
            kind: body.kind,
            credit_code: body.creditCode,
            updated_at: options.now(),
            version: sql<number>`version + 1`,
          })
          .where('id', '=', params.id)
          .where('version', '=', body.version)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) {
          const stored = found(await organisation(transaction, params.id));
          throw versionConflict(organisationView(stored), body);
        }
        audit({
          action: 'organisation.update',
          subjectKind: 'organisation',
          subjectId: params.id,
          facts: { name: body.name, kind: body.kind, version: row.version },
        });
        changed({ kind: 'organisation', id: params.id });
        return organisationView(row);
      });
    },
  };
}

function membership(
  options: OrganisationsOptions,
): Some<'members' | 'setRoles' | 'invite' | 'acceptInvitation'> {
  const { database, write } = options;
  return {
    async members({ params }, context) {
      await requireOwn(options, context, params.id, 'organisation.read');
      return { rows: await members(database, params.id) };
    },
    async setRoles({ params, body }, context) {
      await requireOwn(options, context, params.id, 'organisation.administer');
      refuseHigherRoles(context, body.roles);
      return write(context, async ({ transaction, audit }) => {
        // The row of the organisation is the lock under which its owners are counted.
        await transaction
          .selectFrom('kernel.organisation')
          .select('id')
          .where('id', '=', params.id)
          .forUpdate()
          .execute();
        const before = found(
          await transaction
            .selectFrom('kernel.member')
            .select('roles')
            .where('organisation_id', '=', params.id)
            .where('user_id', '=', params.userId)
            .executeTakeFirst(),
          { id: params.userId },
        );
        refuseHigherRoles(context, knownRoles(before.roles));
        await transaction
          .updateTable('kernel.member')
          .set({ roles: body.roles })
          .where('organisation_id', '=', params.id)
          .where('user_id', '=', params.userId)
          .execute();
        const all = await members(transaction, params.id);
        if (!all.some((member) => member.roles.includes('owner'))) {
          throw conflict(finding('missing_owner', 'error'));
        }
        audit({
          action: 'organisation.set_roles',
          subjectKind: 'person',
          subjectId: params.userId,
          facts: { before: before.roles, roles: body.roles },
        });
        return found(all.find((member) => member.userId === params.userId));
      });
    },
    async invite({ params, body }, context) {
      const actor = await requireOwn(options, context, params.id, 'organisation.administer');
      refuseHigherRoles(context, body.roles);
      return write(context, async ({ transaction, audit }) => {
        const { token, hash } = oneTimeToken();
        const invitation = {
          id: options.newId(),
          email: body.email.toLowerCase(),
          expires_at: new Date(options.now().getTime() + INVITATION_DAYS * DAY_MS),
        };
        await transaction
          .insertInto('kernel.invitation')
          .values({
            ...invitation,
            organisation_id: params.id,
            roles: body.roles,
            token_hash: hash,
            created_by: actor.userId,
          })
          .execute();
        audit({
          action: 'organisation.invite',
          subjectKind: 'invitation',
          subjectId: invitation.id,
          facts: { email: invitation.email, roles: body.roles },
        });
        return {
          id: invitation.id,
          email: invitation.email,
          link: `${options.publicUrl}/invitation#${token}`,
          expiresAt: invitation.expires_at.toISOString(),
        };
      });
    },
    async acceptInvitation({ body }, context, http) {
      const invitation = await database
        .selectFrom('kernel.invitation')
        .selectAll()
        .where('token_hash', '=', tokenHash(body.token))
        .where('accepted_at', 'is', null)
        .where('expires_at', '>', options.now())
        .executeTakeFirst();
      if (invitation === undefined) throw notAllowed({ reason: 'unusable_invitation' });
      const known = await options.identity.findPerson(invitation.email);
      if (known !== undefined) {
        // An account exists: its owner proves it with its password, an invitation opens no door.
        const proven = await options.identity.checkPassword(invitation.email, body.password);
        if (proven !== known) throw notAllowed({ reason: 'wrong_password' });
      }
      const userId =
        known ??
        (await options.identity.createPerson({
          name: body.name,
          email: invitation.email,
          password: body.password,
        }));
      await write({ ...context, idempotency: undefined }, async ({ transaction, audit }) => {
        const taken = await transaction
          .updateTable('kernel.invitation')
          .set({ accepted_at: options.now() })
          .where('id', '=', invitation.id)
          .where('accepted_at', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (taken === undefined) throw notAllowed({ reason: 'unusable_invitation' });
        await transaction
          .insertInto('kernel.member')
          .values({
            organisation_id: invitation.organisation_id,
            user_id: userId,
            roles: invitation.roles,
          })
          .onConflict((on) =>
            on.columns(['organisation_id', 'user_id']).doUpdateSet({
              // A second invitation adds roles; it never takes one away.
              roles: sql<string[]>`(select array_agg(distinct role)
            from unnest(kernel.member.roles || excluded.roles) as role)`,
            }),
          )
          .execute();
        audit({
          action: 'organisation.join',
          subjectKind: 'person',
          subjectId: userId,
          facts: { invitation: invitation.id, roles: invitation.roles },
          organisationId: invitation.organisation_id,
        });
      });
      return options.sessions.open(http, userId, invitation.organisation_id);
    },
  };
}

/** Only an owner makes or unmakes owners. */
function refuseHigherRoles(context: Context, roles: readonly Role[]): void {
  if (!roles.includes('owner')) return;
  if (context.organisation?.roles.includes('owner') !== true) throw notAllowed({ role: 'owner' });
}

/** The directory shows every organisation, so another one's inside is refused, not hidden. */
async function requireOwn(
  options: OrganisationsOptions,
  context: Context,
  id: string,
  permission: 'organisation.read' | 'organisation.administer',
) {
  const actor = requirePermission(context, permission);
  if (actor.organisationId === id) return actor;
  if ((await organisation(options.database, id)) === undefined) throw notFound({ id });
  throw notAllowed({ id, permission });
}

function organisation(database: Queryable, id: string) {
  return database
    .selectFrom('kernel.organisation')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
}

type OrganisationRow = NonNullable<Awaited<ReturnType<typeof organisation>>>;

function organisationView(row: OrganisationRow) {
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    name: row.name,
    nameEnglish: row.name_english,
    kind: ORGANISATION_KINDS.find((kind) => kind === row.kind) ?? 'other',
    creditCode: row.credit_code,
  };
}

async function members(database: Queryable, organisationId: string) {
  const rows = await database
    .selectFrom('kernel.member as member')
    .innerJoin('identity.user as person', 'person.id', 'member.user_id')
    .select(['person.id', 'person.name', 'person.email', 'member.roles'])
    .where('member.organisation_id', '=', organisationId)
    .orderBy('person.name')
    .orderBy('person.id')
    .execute();
  return rows.map((row) => ({
    userId: row.id,
    name: row.name,
    email: row.email,
    roles: knownRoles(row.roles),
  }));
}
