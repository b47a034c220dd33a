import { useEffect, useRef } from 'react';
import type { FrameClock } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';
import { type Desk, PLAIN, WHOLE } from './desk.ts';
import { TOOLS, zoomBy } from './tools.tsx';

/** Where letters are letters, or keys have another meaning. */
const WRITING = 'textarea, input:not([type=range]):not([type=checkbox]), select, dialog, .menu';

/** Keys count wherever one stands on the page, save where letters are being written. */
export function useKeys(act: (key: string, shift: boolean, command: boolean) => boolean): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const { target } = event;
      const command = event.ctrlKey || event.metaKey;
      if (!(target instanceof HTMLElement) || event.altKey) return;
      if (command && event.key.toLowerCase() !== 'z') return;
      if (target.closest(WRITING) !== null) return;
      // A focused button or link has its own use for the space bar.
      if (target.closest('button, a, summary') !== null && event.key === ' ') return;
      // The slider moves by frames on its own.
      if (target instanceof HTMLInputElement && event.key.startsWith('Arrow')) return;
      if (latest.current(event.key, event.shiftKey, command)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

type Room = {
  readonly player: Player;
  readonly clock: FrameClock;
  readonly desk: Desk;
  readonly help: () => void;
  readonly undo: () => void;
  /** Frames with a remark, in order. */
  readonly stops: readonly number[];
};

const NAMINGS = ['timecode', 'frames', 'show'] as const;

/** What a key does; false when it does nothing here. */
export function press(key: string, shift: boolean, command: boolean, room: Room): boolean {
  const { player, clock, desk } = room;
  const second = Math.round(clock.framesPerSecond);
  if (command) {
    (shift ? desk.redo : room.undo)();
    return true;
  }
  const next = room.stops.find((each) => each > player.frame);
  const before = room.stops.findLast((each) => each < player.frame);
  const acts: Readonly<Record<string, () => void>> = {
    ' ': player.toggle,
    k: player.stop,
    j: player.backwards,
    l: player.faster,
    ArrowRight: () => player.step(shift ? second : 1),
    ArrowLeft: () => player.step(shift ? -second : -1),
    ArrowDown: () => {
      if (next !== undefined) player.step(next - player.frame);
    },
    ArrowUp: () => {
      if (before !== undefined) player.step(before - player.frame);
    },
    Home: () => player.step(-clock.frames),
    End: () => player.step(clock.frames),
    i: player.markIn,
    o: player.markOut,
    x: player.clearMarks,
    '?': room.help,
    n: () => document.getElementById('new-note')?.focus(),
    ...Object.fromEntries(
      TOOLS.map(([kind, letter]) => [letter, () => desk.setTool(desk.tool === kind ? null : kind)]),
    ),
    Escape: () => {
      desk.setTool(null);
      desk.setLook(PLAIN);
      desk.setZoom(WHOLE);
    },
    '+': () => zoomBy(desk, 1.5),
    '=': () => zoomBy(desk, 1.5),
    '-': () => zoomBy(desk, 1 / 1.5),
    '0': () => desk.setZoom(WHOLE),
    f: () => desk.setLook({ ...desk.look, falseColour: !desk.look.falseColour }),
    g: () => desk.setAreas(!desk.areas),
    s: () => desk.setScrub(!desk.scrub),
    m: () => desk.setNaming(NAMINGS[(NAMINGS.indexOf(desk.naming) + 1) % NAMINGS.length]!),
  };
  const act = acts[key.length === 1 ? key.toLowerCase() : key];
  act?.();
  return act !== undefined;
}
