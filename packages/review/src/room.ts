import { finding, type Finding } from '@yinglian/core';
import type { Shape } from './drawing.ts';

/**
 * The state of a live room is the sum of its events in the order of their numbers, and of nothing
 * else. Whoever has the same events sees the same room, at once or after a restart; so every act
 * is judged and numbered in one place, and applied by this one function everywhere.
 */

/** Where the film stands: at `frame` at the server's moment `at`, and running since at `speed`. */
export type RoomControl = {
  readonly frame: number;
  /** Times the film's own speed; 0 stands, below zero runs backwards. */
  readonly speed: number;
  /** Milliseconds since 1970, of the server. */
  readonly at: number;
};

/** Ways to look at two versions at once. */
export const COMPARE_MODES = Object.freeze(['side', 'wipe', 'difference', 'onion'] as const);
/** One of {@link COMPARE_MODES}. */
export type CompareMode = (typeof COMPARE_MODES)[number];

/** Another version beside the one that is shown. */
export type Comparison = {
  readonly assetId: string;
  readonly mode: CompareMode;
  /** Frames that the other one is ahead. */
  readonly offset: number;
  /** Where a wipe stands, or how much of the other one is seen, from 0 to 1. */
  readonly share: number;
};

/** A shape on a frame of the asset that was shown. */
export type RoomShape = {
  readonly shape: Shape;
  readonly by: string;
  readonly assetId: string;
  readonly frame: number;
};

/** What everybody in a room sees. People come and go beside it. */
export type RoomState = {
  /** Number of the last event in it. */
  readonly seq: number;
  readonly open: boolean;
  /** The person who leads. */
  readonly host: string;
  readonly assetId: string;
  readonly compare: Comparison | null;
  readonly control: RoomControl;
  readonly shapes: readonly RoomShape[];
  /** Remarks made since the room was opened, the newest version of each last. */
  readonly notes: readonly RoomNote[];
};

/** A remark made or changed meanwhile: enough to know that one has the newest. */
export type RoomNote = { readonly id: string; readonly version: number };

/** What people do in a room. */
export type RoomAct =
  | { readonly kind: 'control'; readonly frame: number; readonly speed: number }
  | { readonly kind: 'show'; readonly assetId: string; readonly compare: Comparison | null }
  | { readonly kind: 'hand'; readonly to: string }
  | { readonly kind: 'take' }
  | { readonly kind: 'draw'; readonly shape: Shape; readonly frame: number }
  | { readonly kind: 'erase'; readonly shapes: readonly string[] }
  | { readonly kind: 'clear'; readonly frame: number | null }
  | { readonly kind: 'note'; readonly note: RoomNote }
  | { readonly kind: 'close' };

/** An act with its number. */
export type RoomEvent = {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly act: RoomAct;
};

/** Shapes on all frames of a room together; then something must be cleared. */
export const ROOM_SHAPES_MAX = 5000;

/** A room as it is opened. */
export function openedRoom(host: string, assetId: string, at: number): RoomState {
  const control = { frame: 0, speed: 0, at };
  return {
    seq: 0,
    open: true,
    host,
    assetId,
    compare: null,
    control,
    shapes: [],
    notes: [],
  };
}

/** The room after one event more; an event that it has already changes nothing. */
export function applyEvent(state: RoomState, event: RoomEvent): RoomState {
  if (event.seq <= state.seq) return state;
  return { ...changed(state, event), seq: event.seq };
}

function changed(state: RoomState, { at, by, act }: RoomEvent): RoomState {
  switch (act.kind) {
    case 'control':
      return { ...state, control: { frame: act.frame, speed: act.speed, at } };
    case 'show': {
      const control =
        act.assetId === state.assetId
          ? state.control
          : { frame: frameAt(state.control, at, null), speed: 0, at };
      return { ...state, assetId: act.assetId, compare: act.compare, control };
    }
    case 'hand':
      return { ...state, host: act.to };
    case 'take':
      return { ...state, host: by };
    case 'draw': {
      if (state.shapes.some((each) => each.shape.id === act.shape.id)) return state;
      const drawn = { shape: act.shape, by, assetId: state.assetId, frame: act.frame };
      return { ...state, shapes: [...state.shapes, drawn] };
    }
    case 'erase': {
      const gone = new Set(act.shapes);
      return { ...state, shapes: state.shapes.filter((each) => !gone.has(each.shape.id)) };
    }
    case 'clear':
      return {
        ...state,
        shapes: state.shapes.filter(
          (each) =>
            act.frame !== null && (each.frame !== act.frame || each.assetId !== state.assetId),
        ),
      };
    case 'note': {
      const others = state.notes.filter((each) => each.id !== act.note.id);
      const known = state.notes.find((each) => each.id === act.note.id);
      const newest = known !== undefined && known.version > act.note.version ? known : act.note;
      return { ...state, notes: [...others, newest] };
    }
    case 'close':
      return { ...state, open: false, control: { ...state.control, speed: 0 } };
    default:
      return act satisfies never;
  }
}

/** Who acts, and what the room is not told by its events. */
export type Acting = {
  readonly by: string;
  /** Whether the one who leads is there. */
  readonly hostIsHere: boolean;
};

const LEADS: ReadonlySet<RoomAct['kind']> = new Set(['control', 'show', 'hand', 'clear', 'close']);

/** Why an act is not to be done; undefined when it may be. */
export function judgeAct(state: RoomState, act: RoomAct, acting: Acting): Finding | undefined {
  if (!state.open && act.kind !== 'note') return finding('closed_room', 'error');
  const leads = acting.by === state.host;
  if (LEADS.has(act.kind) && !leads) return finding('missing_lead', 'error');
  if (act.kind === 'take' && !leads && acting.hostIsHere) {
    return finding('present_host', 'error');
  }
  if (act.kind === 'draw' && state.shapes.length >= ROOM_SHAPES_MAX) {
    return finding('excessive_shapes', 'error', {
      facts: { count: state.shapes.length, limit: ROOM_SHAPES_MAX },
    });
  }
  if (act.kind === 'erase' && !leads) {
    const wanted = new Set(act.shapes);
    const foreign = state.shapes.some((each) => wanted.has(each.shape.id) && each.by !== acting.by);
    if (foreign) return finding('foreign_shape', 'error');
  }
  return undefined;
}

/**
 * The frame at a moment of the server's clock, inside the film where its length is known.
 * `perSecond` is needed where the film runs; null takes the frame where it was set.
 */
export function frameAt(
  control: RoomControl,
  at: number,
  perSecond: number | null,
  frames: number = Number.MAX_SAFE_INTEGER,
): number {
  const run =
    perSecond === null || control.speed === 0
      ? 0
      : Math.floor(((at - control.at) / 1000) * perSecond * control.speed);
  return Math.min(Math.max(0, control.frame + run), frames - 1);
}
