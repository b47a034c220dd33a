import { useEffect, useRef } from 'react';
import { type FrameClock, secondsOf } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';

/** Long enough to be heard, short enough to be of this frame. */
const HEARD_MS = 90;

/** Lets the sound of each frame be heard that one steps to; an element of its own plays it. */
export function useScrub(
  fileId: string | null,
  player: Player,
  clock: FrameClock,
  on: boolean,
): void {
  const sound = useRef<HTMLAudioElement | null>(null);
  const { frame, speed } = player;
  useEffect(() => {
    if (!on || fileId === null) return undefined;
    const element = new Audio(`/api/files/${fileId}?inline=1`);
    element.preload = 'auto';
    sound.current = element;
    return () => {
      element.pause();
      element.removeAttribute('src');
      sound.current = null;
    };
  }, [on, fileId]);
  useEffect(() => {
    const element = sound.current;
    if (element === null || speed !== 0) return undefined;
    element.currentTime = secondsOf(frame, clock) - 0.5 / clock.framesPerSecond;
    element.play().catch(() => {});
    const timer = setTimeout(() => element.pause(), HEARD_MS);
    return () => clearTimeout(timer);
  }, [frame, speed, clock]);
}
