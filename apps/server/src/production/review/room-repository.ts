import type { roomPerson, roomSchema } from '@yinglian/contract';
import type {
  Comparison,
  RoomAct,
  RoomControl,
  RoomEvent,
  RoomShape,
  RoomState,
} from '@yinglian/review';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { notify } from '../../kernel/events/hub.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { assetsReachedBy } from '../project/reach.ts';

export type RoomRecord = z.output<typeof roomSchema>;
export type RoomPerson = z.output<typeof roomPerson>;

/** The topic under which servers tell each other of a room. */
export const ROOM_TOPIC = 'production.review_room';
/** A line that was not renewed for so long belongs to a server that died. */
const PRESENCE_SECONDS = 40;

export async function insertRoom(
  transaction: Transaction,
  room: {
    readonly id: string;
    readonly organisationId: string;
    readonly filmId: string;
    readonly title: string;
    readonly openedBy: string;
    readonly state: RoomState;
  },
): Promise<void> {
  const { state } = room;
  await sql`
    insert into production.review_room (id, organisation_id, film_id, title, asset_id, shown_id,
      host_id, control, opened_by)
    values (${room.id}, ${room.organisationId}, ${room.filmId}, ${room.title}, ${state.assetId},
      ${state.assetId}, ${state.host}, ${jsonText(state.control)}, ${room.openedBy})
  `.execute(transaction);
}

const HERE = sql`seen_at > now() - make_interval(secs => ${PRESENCE_SECONDS})`;

export async function listRooms(
  database: Queryable,
  listing: Listing,
): Promise<Listed<RoomRecord>[]> {
  const result = await sql<{
    id: string;
    created_at: Date;
    film_id: string;
    title: string;
    shown_id: string;
    opened_by: string;
    host_id: string;
    closed_at: Date | null;
    people: bigint;
    sort_key: string;
  }>`
    select room.*, room.created_at::text as sort_key,
      (select count(distinct user_id) from production.review_presence
        where room_id = room.id and ${HERE}) as people
    from production.review_room as room
    where room.asset_id in ${assetsReachedBy(listing.organisationId)}
      and ${listedBy('room', listing)}
    ${newestFirst('room', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      createdAt: row.created_at.toISOString(),
      filmId: row.film_id,
      title: row.title,
      assetId: row.shown_id,
      openedBy: row.opened_by,
      hostId: row.host_id,
      closedAt: row.closed_at?.toISOString() ?? null,
      people: Number(row.people),
    },
  }));
}

/** What judging an act needs: all of the state but the shapes, with the row held for the change. */
export async function holdRoom(transaction: Transaction, id: string) {
  const result = await sql<RoomRow>`
    select * from production.review_room where id = ${id} for update`.execute(transaction);
  return result.rows[0];
}

type RoomRow = {
  film_id: string;
  asset_id: string;
  shown_id: string;
  compare: Comparison | null;
  host_id: string;
  control: RoomControl;
  seq: bigint;
  closed_at: Date | null;
};

/** The state without shapes and remarks. */
export function frameOf(row: RoomRow): RoomState {
  return {
    seq: Number(row.seq),
    open: row.closed_at === null,
    host: row.host_id,
    assetId: row.shown_id,
    compare: row.compare,
    control: row.control,
    shapes: [],
    notes: [],
  };
}

/** The shapes that an act speaks of, for judging it; how many there are for one that draws. */
export async function shapesFor(
  transaction: Transaction,
  roomId: string,
  act: RoomAct,
): Promise<RoomShape[]> {
  if (act.kind !== 'erase' && act.kind !== 'draw') return [];
  const chosen = act.kind === 'erase' ? sql`shape_id = any(${[...act.shapes]}::text[])` : sql`true`;
  // Drawing only counts them: their points are not fetched.
  const columns =
    act.kind === 'erase'
      ? sql`shape, by, asset_id, frame`
      : sql`json_build_object('id', shape_id) as shape, by, asset_id, frame`;
  const result = await sql<ShapeRow>`
    select ${columns} from production.review_shape
    where room_id = ${roomId} and ${chosen}`.execute(transaction);
  return result.rows.map(shapeView);
}

type ShapeRow = { shape: RoomShape['shape']; by: string; asset_id: string; frame: number };
const shapeView = (row: ShapeRow): RoomShape => ({
  shape: row.shape,
  by: row.by,
  assetId: row.asset_id,
  frame: row.frame,
});

/** Keeps an event and what follows from it; `after` is the state with the event in it. */
export async function keepEvent(
  transaction: Transaction,
  roomId: string,
  event: RoomEvent,
  after: RoomState,
): Promise<void> {
  const { act, seq } = event;
  await sql`insert into production.review_event (room_id, seq, at, by, act)
    values (${roomId}, ${seq}, ${event.at}, ${event.by}, ${jsonText(act)})`.execute(transaction);
  await sql`update production.review_room set seq = ${seq}, shown_id = ${after.assetId},
      compare = ${after.compare === null ? null : jsonText(after.compare)}, host_id = ${after.host},
      control = ${jsonText(after.control)},
      closed_at = case when ${after.open} then null else coalesce(closed_at, now()) end
    where id = ${roomId}`.execute(transaction);
  await keepEffect(transaction, roomId, event, after.assetId);
}

async function keepEffect(
  transaction: Transaction,
  roomId: string,
  { act, seq, by }: RoomEvent,
  assetId: string,
): Promise<void> {
  switch (act.kind) {
    case 'draw':
      await sql`insert into production.review_shape
          (room_id, shape_id, seq, by, asset_id, frame, shape)
        values (${roomId}, ${act.shape.id}, ${seq}, ${by}, ${assetId}, ${act.frame},
          ${jsonText(act.shape)}) on conflict do nothing`.execute(transaction);
      return;
    case 'erase':
      await sql`delete from production.review_shape where room_id = ${roomId}
        and shape_id = any(${[...act.shapes]}::text[])`.execute(transaction);
      return;
    case 'clear':
      await sql`delete from production.review_shape where room_id = ${roomId}
        and ${
          act.frame === null ? sql`true` : sql`frame = ${act.frame} and asset_id = ${assetId}`
        }`.execute(transaction);
      return;
    case 'note':
      // The newest remark stands last, as in the sum of the events.
      await sql`insert into production.review_remark (room_id, note_id, seq, version)
        values (${roomId}, ${act.note.id}, ${seq}, ${act.note.version})
        on conflict (room_id, note_id) do update set seq = excluded.seq,
          version = greatest(review_remark.version, excluded.version)`.execute(transaction);
      return;
    default:
  }
}

/** Says to all servers that a room has gone on. */
export async function tellRoom(
  transaction: Queryable,
  id: string,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  await notify(transaction, { type: 'topic', topic: ROOM_TOPIC, id, facts });
}

/** A room's whole state at one moment: in one statement, so that nothing slips in between. */
export async function readState(database: Queryable, id: string): Promise<RoomState | undefined> {
  const result = await sql<
    RoomRow & {
      shapes: ShapeRow[];
      notes: RoomState['notes'];
    }
  >`
    select room.*,
      coalesce((select json_agg(json_build_object('shape', shape, 'by', by, 'asset_id', asset_id,
          'frame', frame) order by seq)
        from production.review_shape where room_id = room.id), '[]'::json) as shapes,
      coalesce((select json_agg(json_build_object('id', note_id, 'version', version) order by seq)
        from production.review_remark where room_id = room.id), '[]'::json) as notes
    from production.review_room as room where room.id = ${id}`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return undefined;
  return { ...frameOf(row), shapes: row.shapes.map(shapeView), notes: row.notes };
}

export async function readEvents(
  database: Queryable,
  id: string,
  after: number,
): Promise<RoomEvent[]> {
  const result = await sql<{ seq: bigint; at: bigint; by: string; act: RoomAct }>`
    select seq, at, by, act from production.review_event
    where room_id = ${id} and seq > ${after} order by seq limit ${EVENTS_AT_ONCE}
  `.execute(database);
  return result.rows.map((row) => ({
    seq: Number(row.seq),
    at: Number(row.at),
    by: row.by,
    act: row.act,
  }));
}
/** Whoever is farther behind reads again. */
export const EVENTS_AT_ONCE = 500;

/** Open rooms that were opened on an asset or show it now. */
export async function openRoomsOn(transaction: Transaction, assetId: string): Promise<string[]> {
  const result = await sql<{ id: string }>`
    select id from production.review_room
    where closed_at is null and (asset_id = ${assetId} or shown_id = ${assetId})
    order by id`.execute(transaction);
  return result.rows.map((row) => row.id);
}

export async function enterPresence(
  database: Queryable,
  line: {
    readonly connectionId: string;
    readonly roomId: string;
    readonly userId: string;
    readonly name: string;
    readonly organisation: string;
  },
): Promise<void> {
  await sql`insert into production.review_presence
      (connection_id, room_id, user_id, name, organisation)
    values (${line.connectionId}, ${line.roomId}, ${line.userId}, ${line.name},
      ${line.organisation})
    on conflict (connection_id) do update set seen_at = now()`.execute(database);
}

export async function leavePresence(database: Queryable, connectionId: string): Promise<void> {
  await sql`delete from production.review_presence where connection_id = ${connectionId}`.execute(
    database,
  );
}

/** Takes away lines of servers that died; gives the rooms they were in. */
export async function clearPresence(database: Queryable): Promise<string[]> {
  const result = await sql<{ room_id: string }>`
    delete from production.review_presence where not (${HERE}) returning room_id`.execute(database);
  return [...new Set(result.rows.map((row) => row.room_id))];
}

/** Who is in a room: a person once, however many windows they have. */
export async function peopleIn(database: Queryable, roomId: string): Promise<RoomPerson[]> {
  const result = await sql<{ user_id: string; name: string; organisation: string; at: Date }>`
    select user_id, min(name) as name, min(organisation) as organisation, min(joined_at) as at
    from production.review_presence where room_id = ${roomId} and ${HERE}
    group by user_id order by min(joined_at), user_id`.execute(database);
  return result.rows.map((row) => ({
    userId: row.user_id,
    name: row.name,
    organisation: row.organisation,
    joinedAt: row.at.toISOString(),
  }));
}

export async function isInRoom(
  database: Queryable,
  roomId: string,
  userId: string,
): Promise<boolean> {
  const result = await sql`select 1 from production.review_presence
    where room_id = ${roomId} and user_id = ${userId} and ${HERE} limit 1`.execute(database);
  return result.rows.length > 0;
}

/** Strokes and moves of rooms long closed serve nobody; what was said stays with the asset. */
export async function clearEvents(database: Queryable, days: number): Promise<void> {
  await sql`delete from production.review_event as event using production.review_room as room
    where room.id = event.room_id and room.closed_at < now() - make_interval(days => ${days})
  `.execute(database);
}
