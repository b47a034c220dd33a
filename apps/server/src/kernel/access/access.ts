import type { Permission } from '@yinglian/contract';
import { assert } from '@yinglian/core';
import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database/database.ts';
import { notAllowed, notFound, notSignedIn } from '../refusal.ts';

/** Which of the asked-for ids the organisation may see, and which it may change. */
export type Reach = {
  readonly readable: ReadonlySet<string>;
  readonly writable: ReadonlySet<string>;
};

export type AccessQuestion = {
  readonly organisationId: string;
  readonly permission: Permission;
  readonly ids: readonly string[];
};

/** Answers for one kind of record, in one query for all ids. */
export type AccessRule = (database: Queryable, question: AccessQuestion) => Promise<Reach>;
export type AccessRules = { readonly [kind: string]: AccessRule };

export type Records = { readonly kind: string; readonly ids: readonly string[] };
/** Who acts, once it is certain that they may. */
export type Actor = { readonly userId: string | null; readonly organisationId: string };

export type RequireAccess = (
  context: Context,
  permission: Permission,
  ...records: readonly Records[]
) => Promise<Actor>;

/**
 * The first line of each service. Refuses with `not_signed_in`, with `not_allowed` when the roles
 * do not permit it (or the records are only readable), and with `not_found` when a record is
 * hidden from the organisation: its existence is not given away.
 */
export function accessOver(database: Database, rules: AccessRules): RequireAccess {
  return async (context, permission, ...records) => {
    const actor = requirePermission(context, permission);
    for (const { kind, ids } of records) {
      const rule = rules[kind];
      assert(rule !== undefined, `an access rule is registered for ${kind}`);
      if (ids.length === 0) continue;
      const unique = [...new Set(ids)];
      const question = { organisationId: actor.organisationId, permission, ids: unique };
      const reach = await rule(database, question);
      const hidden = unique.find((id) => !reach.readable.has(id) && !reach.writable.has(id));
      if (hidden !== undefined) throw notFound({ kind, id: hidden });
      if (isRead(permission)) continue;
      const locked = unique.find((id) => !reach.writable.has(id));
      if (locked !== undefined) throw notAllowed({ kind, id: locked, permission });
    }
    return actor;
  };
}

/** The part that needs no database: the caller's roles. */
export function requirePermission(context: Context, permission: Permission): Actor {
  const { user, organisation } = context;
  if (user === undefined) throw notSignedIn();
  if (permission === 'network.administer') {
    if (!user.operator) throw notAllowed({ permission });
    return { userId: user.id, organisationId: organisation?.id ?? '' };
  }
  if (organisation === undefined) throw notAllowed({ permission, reason: 'no_organisation' });
  if (permission !== 'signed_in' && !context.permissions.has(permission)) {
    throw notAllowed({ permission });
  }
  return { userId: user.id, organisationId: organisation.id };
}

export function isRead(permission: Permission): boolean {
  return permission.endsWith('.read') || permission === 'signed_in';
}

/** `distribution.issue_keys` → `distribution` */
export function hallOf(permission: Permission): string {
  return permission.slice(0, permission.indexOf('.'));
}

/** Records that belong to one organisation, which alone sees and changes them. */
export function ownedRecords(table: string, column = 'organisation_id'): AccessRule {
  return async (database, { organisationId, ids }) => {
    const result = await sql<{ id: string }>`
      select id from ${sql.table(table)}
      where id = any(${[...ids]}::uuid[]) and ${sql.ref(column)} = ${organisationId}
    `.execute(database);
    const own = new Set(result.rows.map((row) => row.id));
    return { readable: own, writable: own };
  };
}

/**
 * Records that hang on a film: whoever is in the film's room with this hall reaches them. The
 * hall is that of the permission asked for.
 */
export function filmRecords(table: string, column = 'film_id'): AccessRule {
  return async (database, { organisationId, permission, ids }) => {
    const hall = hallOf(permission);
    const result = await sql<{ id: string; writable: boolean }>`
      select record.id, ${writableInRoom(hall)} as writable
      from ${sql.table(table)} as record
      join kernel.room_member as member on member.film_id = record.${sql.ref(column)}
      where record.id = any(${[...ids]}::uuid[]) and member.organisation_id = ${organisationId}
        and ${readableInRoom(hall)}
    `.execute(database);
    return reachOf(result.rows);
  };
}

/** Films themselves: every member of the room sees the film, its owner changes it. */
export const filmRule: AccessRule = async (database, { organisationId, permission, ids }) => {
  const hall = hallOf(permission);
  const result = await sql<{ id: string; writable: boolean }>`
    select member.film_id as id, ${writableInRoom(hall)} as writable
    from kernel.room_member as member
    where member.film_id = any(${[...ids]}::uuid[])
      and member.organisation_id = ${organisationId} and ${readableInRoom(hall)}
  `.execute(database);
  return reachOf(result.rows);
};

/** Conditions over the alias `member`: halls that are not of a room see the film itself only. */
function readableInRoom(hall: string): RawBuilder<boolean> {
  return hall === 'film' || hall === 'organisation' || hall === 'signed_in'
    ? sql<boolean>`true`
    : sql<boolean>`(member.owner or ${hall} = any(member.halls))`;
}

function writableInRoom(hall: string): RawBuilder<boolean> {
  return hall === 'film'
    ? sql<boolean>`member.owner`
    : sql<boolean>`(member.owner or ${hall} = any(member.halls))`;
}

/** What a rule's query gave: every row may be read, those marked may be changed. */
export function reachOf(
  rows: readonly { readonly id: string; readonly writable: boolean }[],
): Reach {
  return {
    readable: new Set(rows.map((row) => row.id)),
    writable: new Set(rows.filter((row) => row.writable).map((row) => row.id)),
  };
}

/**
 * For lists: the ids of all films that the organisation reaches in this hall, as a subquery for
 * `where film_id in …`. A list asks in SQL; it never filters afterwards.
 */
export function filmsReachedBy(organisationId: string, hall = 'film'): RawBuilder<string> {
  return sql<string>`(
    select member.film_id from kernel.room_member as member
    where member.organisation_id = ${organisationId} and ${readableInRoom(hall)}
  )`;
}
