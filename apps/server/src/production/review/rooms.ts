import type { roomAct } from '@yinglian/contract';
import { assert } from '@yinglian/core';
import {
  applyEvent,
  judgeAct,
  openedRoom,
  readShape,
  type RoomAct,
  type RoomEvent,
} from '@yinglian/review';
import type { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Transaction } from '../../kernel/database/database.ts';
import type { Hub } from '../../kernel/events/hub.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { readAsset } from './asset.ts';
import { type LiveRooms, openLiveRooms } from './live-rooms.ts';
import {
  frameOf,
  holdRoom,
  insertRoom,
  isInRoom,
  keepEvent,
  listRooms,
  openRoomsOn,
  peopleIn,
  readState,
  type RoomRecord,
  shapesFor,
  tellRoom,
} from './room-repository.ts';

export type RoomParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly hub: Hub;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type RoomService = ReturnType<typeof createRoomService>;
type AskedAct = z.output<typeof roomAct>;

/** Live rooms: everybody sees the same film at the same frame, with the same lines on it. */
export function createRoomService(parts: RoomParts) {
  const { database, write, requireAccess, newId, now } = parts;
  const live: LiveRooms = openLiveRooms(parts);

  async function readRoom(organisationId: string, id: string): Promise<RoomRecord> {
    const rows = await listRooms(database, { organisationId, ids: [id], limit: 1 });
    return found(rows[0]?.row, { id });
  }

  return {
    live,

    async rooms(
      context: Context,
      query: PageQuery & { readonly filmId?: string | undefined },
    ): Promise<Page<RoomRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const { filmId, limit } = query;
      const after = afterInstant(query);
      const rows = await listRooms(database, { organisationId, filmId, after, limit });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async openRoom(
      context: Context,
      body: { readonly assetId: string; readonly title?: string | undefined },
    ): Promise<RoomRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.review', {
        kind: 'asset',
        ids: [body.assetId],
      });
      const asset = await readAsset(database, organisationId, body.assetId);
      const id = newId();
      return write(context, async (work) => {
        await insertRoom(work.transaction, {
          id,
          organisationId,
          filmId: asset.filmId,
          title: body.title ?? asset.title,
          openedBy: context.user?.name ?? '',
          state: openedRoom(userId ?? '', body.assetId, now().getTime()),
        });
        work.audit({
          action: 'production.room_opened',
          subjectKind: 'review_room',
          subjectId: id,
          facts: { asset: body.assetId },
        });
        work.changed({ kind: 'review_room', id, filmId: asset.filmId });
        const rows = await listRooms(work.transaction, { organisationId, ids: [id], limit: 1 });
        return found(rows[0]?.row);
      });
    },

    async room(context: Context, id: string) {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'review_room',
        ids: [id],
      });
      return {
        room: await readRoom(organisationId, id),
        state: found(await readState(database, id), { id }),
        people: await peopleIn(database, id),
        now: now().getTime(),
      };
    },

    /** Acts one after the other, all or none; what they say is judged again under the lock. */
    async act(context: Context, id: string, acts: readonly AskedAct[]) {
      const { userId } = await requireAccess(context, 'production.review', {
        kind: 'review_room',
        ids: [id],
      });
      const shown = acts.flatMap((each) =>
        each.kind !== 'show'
          ? []
          : [each.assetId, ...(each.compare === null ? [] : [each.compare.assetId])],
      );
      await requireAccess(context, 'production.read', { kind: 'asset', ids: shown });
      const checked = acts.map(checkAct);
      const at = now().getTime();
      return write(context, async (work) => {
        let seq = 0;
        for (const act of checked) seq = await perform(work, id, userId ?? '', act, at);
        const marked = checked.filter((each) => AUDITED.has(each.kind));
        for (const each of marked) {
          work.audit({
            action: `production.room_${each.kind}`,
            subjectKind: 'review_room',
            subjectId: id,
            facts: each.kind === 'hand' ? { to: each.to } : {},
          });
        }
        if (marked.length > 0) work.changed({ kind: 'review_room', id });
        return { seq, now: at };
      });
    },

    /** A stroke while it is drawn: told, and not kept. */
    async ink(context: Context, id: string, ink: Readonly<Record<string, unknown>>) {
      const { userId } = await requireAccess(context, 'production.review', {
        kind: 'review_room',
        ids: [id],
      });
      await tellRoom(database, id, { ink, by: userId ?? '' });
    },

    async roomEvents(context: Context, id: string) {
      const { userId, organisationId } = await requireAccess(context, 'production.read', {
        kind: 'review_room',
        ids: [id],
      });
      assert(userId !== null, 'whoever listens has signed in');
      return live.listen(id, {
        userId,
        name: context.user?.name ?? '',
        organisation: context.organisation?.name ?? organisationId,
        signal: context.signal,
        mayStay: async () => {
          await requireAccess(context, 'production.read', { kind: 'review_room', ids: [id] });
        },
      });
    },

    /** Tells the rooms in which an asset is talked of that a remark came or changed. */
    async remark(
      work: Work,
      note: { readonly id: string; readonly version: number; readonly assetId: string },
      by: string,
    ): Promise<void> {
      const at = now().getTime();
      for (const room of await openRoomsOn(work.transaction, note.assetId)) {
        const act: RoomAct = { kind: 'note', note: { id: note.id, version: note.version } };
        await perform(work, room, by, act, at);
      }
    },
  };
}

/** What people did to a room as such. Strokes and moves are in its own record. */
const AUDITED: ReadonlySet<RoomAct['kind']> = new Set(['hand', 'take', 'close', 'show']);

function checkAct(act: AskedAct): RoomAct {
  if (act.kind !== 'draw') return act;
  const shape = readShape(act.shape);
  if (!shape.ok) throw invalid(...shape.findings);
  return { ...act, shape: shape.value };
}

/** Numbers an act, keeps it with what follows from it, and tells of it. Gives its number. */
async function perform(
  { transaction }: { readonly transaction: Transaction },
  id: string,
  by: string,
  act: RoomAct,
  at: number,
): Promise<number> {
  const row = found(await holdRoom(transaction, id), { id });
  const state = { ...frameOf(row), shapes: await shapesFor(transaction, id, act) };
  const hostIsHere = act.kind === 'take' && (await isInRoom(transaction, id, state.host));
  const refused = judgeAct(state, act, { by, hostIsHere });
  if (refused !== undefined) throw conflict(refused);
  const event: RoomEvent = { seq: state.seq + 1, at, by, act };
  await keepEvent(transaction, id, event, applyEvent(state, event));
  await tellRoom(transaction, id, { seq: event.seq });
  return event.seq;
}
