import { addressOf, contract, type OutputOf } from '@yinglian/contract';
import type { Shape } from '@yinglian/review/drawing';
import { applyEvent, frameAt, type RoomAct, type RoomState } from '@yinglian/review/room';
import { useCallback, useEffect, useRef, useState } from 'react';
import { answers, api, ask } from '../kernel/api.ts';
import type { FrameClock } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';

type Told = OutputOf<typeof contract.review.roomEvents.events>;
type People = Extract<Told, { type: 'people' }>['people'];
type Ink = Extract<Told, { type: 'ink' }>['ink'];
type AskedAct = Exclude<RoomAct, { kind: 'note' }>;

export type LiveRoom = {
  readonly id: string;
  readonly state: RoomState | undefined;
  readonly people: People;
  readonly leads: boolean;
  /** Whether the line to the server stands. */
  readonly connected: boolean;
  readonly fault: unknown;
  readonly strokes: readonly Shape[];
  act(...acts: readonly AskedAct[]): void;
  ink(stroke: Shape, frame: number): void;
  /** The server's time, as well as this page knows it. */
  now(): number;
};

/** A stroke of somebody else fades when nothing more comes of it. */
const INK_MS = 4000;
const INK_EVERY_MS = 80;

/** Joins a live room: its state is the sum of its events, here as on the server. */
export function useLiveRoom(id: string | null, userId: string): LiveRoom | null {
  const [state, setState] = useState<RoomState>();
  const [people, setPeople] = useState<People>([]);
  const [connected, setConnected] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [strokes, setStrokes] = useState<readonly (Shape & { until: number })[]>([]);
  const offset = useRef(0);
  const inkAt = useRef(0);
  useEffect(() => {
    if (id === null) return undefined;
    const source = new EventSource(addressOf(contract.review.roomEvents, { params: { id } }));
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    source.onmessage = (message: MessageEvent<string>) => {
      const told = JSON.parse(message.data) as Told;
      if (told.type === 'state') {
        offset.current = told.now - Date.now();
        setState(told.state as RoomState);
        setPeople(told.people);
        void refreshNotes();
      } else if (told.type === 'people') setPeople(told.people);
      else if (told.type === 'ink') {
        if (told.by !== userId) setStrokes((now) => withInk(now, told.ink));
      } else {
        const { event } = told;
        setState((now) => (now === undefined ? now : applyEvent(now, event)));
        const { act } = event;
        if (act.kind === 'note') void takeNote(act.note.id);
        if (act.kind === 'draw') {
          setStrokes((now) => now.filter((each) => each.id !== act.shape.id));
        }
      }
    };
    return () => {
      source.close();
      setConnected(false);
      setState(undefined);
      setPeople([]);
    };
  }, [id, userId]);
  useEffect(() => {
    const timer = setInterval(
      () =>
        setStrokes((now) =>
          now.every((each) => each.until > Date.now())
            ? now
            : now.filter((each) => each.until > Date.now()),
        ),
      1000,
    );
    return () => clearInterval(timer);
  }, []);
  const act = useCallback(
    (...acts: readonly AskedAct[]) => {
      if (id === null) return;
      api.review
        .act({ params: { id }, body: { acts: acts as never } })
        .then(() => setFault(null), setFault);
    },
    [id],
  );
  const ink = useCallback(
    (stroke: Shape, frame: number) => {
      const now = performance.now();
      if (id === null || now - inkAt.current < INK_EVERY_MS) return;
      inkAt.current = now;
      const points = stroke.points.slice(-200).map(([x, y]) => [x, y] as [number, number]);
      const body = { stroke: stroke.id, frame, colour: stroke.colour, width: stroke.width, points };
      api.review.ink({ params: { id }, body }).catch(() => {});
    },
    [id],
  );
  if (id === null) return null;
  return {
    id,
    state,
    people,
    connected,
    fault,
    strokes,
    act,
    ink,
    leads: state?.host === userId,
    now: () => Date.now() + offset.current,
  };
}

function withInk(
  strokes: readonly (Shape & { until: number })[],
  ink: Ink,
): readonly (Shape & { until: number })[] {
  const shape = {
    id: ink.stroke,
    kind: 'pen' as const,
    points: ink.points as Shape['points'],
    colour: ink.colour,
    width: ink.width,
    until: Date.now() + INK_MS,
  };
  return [...strokes.filter((each) => each.id !== shape.id), shape];
}

type NotesAnswer = OutputOf<typeof contract.production.notes.result>;

/** One remark came or changed: it alone is fetched, for there may be hundreds a minute. */
async function takeNote(id: string): Promise<void> {
  const note = await api.review.note({ params: { id } }).catch(() => undefined);
  for (const [key, known] of answers.getQueriesData<NotesAnswer>({
    queryKey: ['production', 'notes'],
  })) {
    if (known === undefined) continue;
    const others = known.rows.filter((each) => each.id !== id);
    const { params } = key[2] as { params?: { id: string } };
    const own = note !== undefined && params?.id === note.assetId;
    answers.setQueryData<NotesAnswer>(key, { rows: own ? [...others, note] : others });
  }
}

async function refreshNotes(): Promise<void> {
  await answers.invalidateQueries({ queryKey: ask('production', 'notes').queryKey.slice(0, 2) });
}

/** Frames by which a follower may be off before it is moved; less is not seen. */
const DRIFT_MAX = 2;
const SEND_EVERY_MS = 120;

/** Keeps player and room together: who leads tells, everybody else follows. */
export function useTogether(live: LiveRoom | null, player: Player, clock: FrameClock): void {
  const { frame, speed } = player;
  const control = live?.state?.control;
  const leads = live?.leads === true;
  const sent = useRef<{ frame: number; speed: number; at: number }>({ frame: -1, speed: 0, at: 0 });
  useEffect(() => {
    if (live === null || !leads || control === undefined) return undefined;
    const tell = () => {
      sent.current = { frame, speed, at: performance.now() };
      live.act({ kind: 'control', frame, speed });
    };
    // While it runs everybody reckons on; only a change of speed is told.
    if (speed !== 0 && speed === sent.current.speed) return undefined;
    if (speed === sent.current.speed && frame === sent.current.frame) return undefined;
    const wait = Math.max(0, SEND_EVERY_MS - (performance.now() - sent.current.at));
    const timer = setTimeout(tell, speed === sent.current.speed ? wait : 0);
    return () => clearTimeout(timer);
  }, [live?.id, leads, frame, speed, control === undefined]);
  const latest = useRef(player);
  latest.current = player;
  useEffect(() => {
    if (live === null || leads || control === undefined) return undefined;
    const follow = () => {
      const own = latest.current;
      const at = frameAt(control, live.now(), clock.framesPerSecond, clock.frames);
      if (control.speed <= 0 || Math.abs(own.frame - at) > DRIFT_MAX) own.show(at);
      if (own.speed !== control.speed) own.run(control.speed);
    };
    follow();
    const timer = setInterval(() => {
      if (control.speed > 0) follow();
    }, 1000);
    return () => clearInterval(timer);
  }, [live?.id, leads, control, clock]);
}
