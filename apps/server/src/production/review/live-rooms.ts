import type { roomPerson } from '@yinglian/contract';
import type { RoomEvent, RoomState } from '@yinglian/review';
import type { z } from 'zod';
import type { Database } from '../../kernel/database/database.ts';
import type { Hub } from '../../kernel/events/hub.ts';
import { found, Refusal } from '../../kernel/refusal.ts';
import {
  enterPresence,
  EVENTS_AT_ONCE,
  leavePresence,
  peopleIn,
  readEvents,
  readState,
  ROOM_TOPIC,
  tellRoom,
} from './room-repository.ts';

type Person = z.output<typeof roomPerson>;
type Ink = {
  stroke: string;
  frame: number;
  colour: string;
  width: number;
  points: [number, number][];
};

/** What one line of a room is told. */
export type RoomMessage =
  | { type: 'state'; state: RoomState; people: Person[]; now: number }
  | { type: 'event'; event: RoomEvent }
  | { type: 'people'; people: Person[] }
  | { type: 'ink'; by: string; ink: Ink };

/** Somebody who listens. */
export type RoomListener = {
  readonly userId: string;
  readonly name: string;
  readonly organisation: string;
  readonly signal: AbortSignal;
  /** Throws a refusal once they may not. */
  readonly mayStay: () => Promise<void>;
};

export type LiveRooms = {
  listen(roomId: string, listener: RoomListener): AsyncGenerator<RoomMessage>;
};

export type LiveParts = {
  readonly database: Database;
  readonly hub: Hub;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** One line: what waits for its reader. */
type Line = {
  readonly waiting: RoomMessage[];
  /** The reader is so far behind that it gets the whole state instead. */
  behind: boolean;
  wake: () => void;
};

/** A room with at least one line on this server. Its events are read once for all lines. */
type Room = {
  readonly lines: Set<Line>;
  seq: number;
  reading: Promise<void> | undefined;
  again: boolean;
};

/** Messages that may wait for a slow reader. */
const WAITING_MAX = 1000;
const RENEW_MS = 15_000;

/** Brings what happens in rooms, on whichever server, to the lines that are open on this one. */
export function openLiveRooms({ database, hub, newId, now }: LiveParts): LiveRooms {
  const rooms = new Map<string, Room>();
  hub.listen((signal) => {
    if (signal.type !== 'topic' || signal.topic !== ROOM_TOPIC) return;
    const room = rooms.get(signal.id);
    if (room === undefined) return;
    const { ink, by, people } = signal.facts;
    if (ink !== undefined) send(room, { type: 'ink', by: String(by), ink: ink as Ink });
    else if (people === true) void tellPeople(signal.id, room);
    else void readOn(signal.id, room);
  });

  async function tellPeople(id: string, room: Room): Promise<void> {
    const people = await peopleIn(database, id).catch(() => undefined);
    if (people !== undefined) send(room, { type: 'people', people });
  }

  /** One reader at a time; what is told meanwhile makes it look once more. */
  async function readOn(id: string, room: Room): Promise<void> {
    room.again = true;
    room.reading ??= (async () => {
      while (room.again) {
        room.again = false;
        const events = await readEvents(database, id, room.seq);
        for (const event of events) {
          room.seq = event.seq;
          send(room, { type: 'event', event });
        }
        if (events.length === EVENTS_AT_ONCE) room.again = true;
      }
    })()
      .catch(() => {
        // The database is away: everybody takes the state anew when it is back.
        for (const line of room.lines) {
          line.behind = true;
          line.wake();
        }
      })
      .finally(() => {
        room.reading = undefined;
      });
    await room.reading;
  }

  async function* listen(roomId: string, listener: RoomListener): AsyncGenerator<RoomMessage> {
    const line: Line = { waiting: [], behind: true, wake: () => {} };
    const room = rooms.get(roomId) ?? {
      lines: new Set(),
      seq: 0,
      reading: undefined,
      again: false,
    };
    rooms.set(roomId, room);
    room.lines.add(line);
    const connectionId = newId();
    const stop = (): void => line.wake();
    listener.signal.addEventListener('abort', stop);
    const place = { connectionId, roomId, ...plainOf(listener) };
    let gone = false;
    const renew = setInterval(() => {
      listener
        .mayStay()
        .then(() => enterPresence(database, place))
        .catch((thrown: unknown) => {
          // Only a refusal ends the line; a database that is away comes back.
          if (!(thrown instanceof Refusal) || thrown.code === 'unavailable') return;
          gone = true;
          line.wake();
        });
    }, RENEW_MS);
    renew.unref();
    try {
      await enterPresence(database, place);
      await tellRoom(database, roomId, { people: true });
      let seq = -1;
      while (!listener.signal.aborted && !gone) {
        if (line.behind) {
          const whole = await wholeState(roomId, line);
          seq = whole.state.seq;
          room.seq = Math.max(room.seq, room.lines.size === 1 ? seq : room.seq);
          yield whole;
          continue;
        }
        const next = line.waiting.shift();
        if (next === undefined) {
          await new Promise<void>((resolve) => void (line.wake = resolve));
        } else if (next.type !== 'event') yield next;
        else if (next.event.seq > seq) {
          // A gap would be a lost event: better the whole state than a wrong one.
          if (next.event.seq !== seq + 1) line.behind = true;
          else {
            seq = next.event.seq;
            yield next;
          }
        }
      }
    } finally {
      clearInterval(renew);
      listener.signal.removeEventListener('abort', stop);
      room.lines.delete(line);
      if (room.lines.size === 0) rooms.delete(roomId);
      await leavePresence(database, connectionId).catch(() => {});
      await tellRoom(database, roomId, { people: true }).catch(() => {});
    }
  }

  async function wholeState(id: string, line: Line): Promise<RoomMessage & { type: 'state' }> {
    // What arrives from here on waits; what the state has already is passed over by its number.
    line.behind = false;
    line.waiting.length = 0;
    const state = found(await readState(database, id), { id });
    return { type: 'state', state, people: await peopleIn(database, id), now: now().getTime() };
  }

  return { listen };
}

function plainOf({ userId, name, organisation }: RoomListener) {
  return { userId, name, organisation };
}

function send(room: Room, message: RoomMessage): void {
  for (const line of room.lines) {
    if (line.behind) {
      line.wake();
      continue;
    }
    if (line.waiting.length >= WAITING_MAX) line.behind = true;
    else line.waiting.push(message);
    line.wake();
  }
}
