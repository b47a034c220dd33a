import { contract } from '@yinglian/contract';
import { sql } from 'kysely';
import type { RequireAccess } from '../access/access.ts';
import type { Database, Queryable, Transaction } from '../database/database.ts';
import { mountGroup, type MountedGroup } from '../http/routes.ts';
import { conflict, found, notFound } from '../refusal.ts';
import { finding } from '@yinglian/core';
import type { Write } from '../write.ts';

type RoomHall = 'production' | 'distribution' | 'exhibition' | 'settlement';
const HALLS: readonly RoomHall[] = ['production', 'distribution', 'exhibition', 'settlement'];

/** Opens the room of a new film with its owner in it. Call it where the film is inserted. */
export async function openRoom(
  transaction: Transaction,
  filmId: string,
  ownerId: string,
): Promise<void> {
  await transaction
    .insertInto('kernel.room_member')
    .values({ film_id: filmId, organisation_id: ownerId, halls: [...HALLS], owner: true })
    .execute();
}

/** Lets an organisation into a room, or changes the halls it sees. */
export async function admitToRoom(
  transaction: Transaction,
  filmId: string,
  organisationId: string,
  halls: readonly RoomHall[],
): Promise<void> {
  await transaction
    .insertInto('kernel.room_member')
    .values({ film_id: filmId, organisation_id: organisationId, halls: [...halls] })
    .onConflict((on) =>
      on.columns(['film_id', 'organisation_id']).doUpdateSet({
        // The owner keeps all halls.
        halls: sql<string[]>`case when room_member.owner then room_member.halls
        else excluded.halls end`,
      }),
    )
    .execute();
}

export type RoomsOptions = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
};

export function roomRoutes(options: RoomsOptions): MountedGroup {
  const { database, write, requireAccess } = options;
  return mountGroup('rooms', contract.rooms, {
    async get({ params }, context) {
      await requireAccess(context, 'film.read', { kind: 'film', ids: [params.id] });
      return { filmId: params.id, members: await members(database, params.id) };
    },
    async admit({ params, body }, context) {
      const film = { kind: 'film', ids: [params.id] };
      await requireAccess(context, 'film.write', film);
      return write(context, async ({ transaction, audit, changed }) => {
        const known = await transaction
          .selectFrom('kernel.organisation')
          .select('id')
          .where('id', '=', params.organisationId)
          .executeTakeFirst();
        found(known, { kind: 'organisation', id: params.organisationId });
        await admitToRoom(transaction, params.id, params.organisationId, body.halls);
        audit({
          action: 'room.admit',
          subjectKind: 'film',
          subjectId: params.id,
          facts: { organisationId: params.organisationId, halls: body.halls },
        });
        changed({ kind: 'room', id: params.id, filmId: params.id });
        const all = await members(transaction, params.id);
        return found(all.find((each) => each.organisationId === params.organisationId));
      });
    },
    async dismiss({ params }, context) {
      await requireAccess(context, 'film.write', { kind: 'film', ids: [params.id] });
      await write(context, async ({ transaction, audit, changed }) => {
        const member = await transaction
          .selectFrom('kernel.room_member')
          .select('owner')
          .where('film_id', '=', params.id)
          .where('organisation_id', '=', params.organisationId)
          .executeTakeFirst();
        if (member === undefined) throw notFound({ id: params.organisationId });
        if (member.owner) throw conflict(finding('unremovable_owner', 'error'));
        await transaction
          .deleteFrom('kernel.room_member')
          .where('film_id', '=', params.id)
          .where('organisation_id', '=', params.organisationId)
          .execute();
        audit({
          action: 'room.dismiss',
          subjectKind: 'film',
          subjectId: params.id,
          facts: { organisationId: params.organisationId },
        });
        changed({ kind: 'room', id: params.id, filmId: params.id });
      });
    },
  });
}

async function members(database: Queryable, filmId: string) {
  const rows = await database
    .selectFrom('kernel.room_member as member')
    .innerJoin('kernel.organisation as organisation', 'organisation.id', 'member.organisation_id')
    .select(['organisation.id', 'organisation.name', 'organisation.kind', 'member.halls'])
    .where('member.film_id', '=', filmId)
    .orderBy('member.owner', 'desc')
    .orderBy('organisation.name')
    .execute();
  return rows.map((row) => ({
    organisationId: row.id,
    organisationName: row.name,
    kind: row.kind,
    halls: HALLS.filter((hall) => row.halls.includes(hall)),
  }));
}
