import { type FrameClock, timecodeOf } from '../production/media/clock.ts';
import type { Desk } from './desk.ts';

/** A frame as this person calls it: by timecode, by number, or by the show's own number. */
export function nameOf(
  frame: number,
  clock: FrameClock,
  desk: Pick<Desk, 'naming' | 'first'>,
): string {
  if (desk.naming === 'timecode') return timecodeOf(frame, clock);
  return String(desk.naming === 'frames' ? frame : frame + desk.first);
}
