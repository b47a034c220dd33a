import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { type FrameClock, frameOf, secondsOf } from './clock.ts';
import type { PlayedMedia } from './decoded-media.ts';

/** -8 … 8; below zero the film runs backwards, 0 stands. */
const SPEEDS = [-8, -4, -2, -1, 0, 1, 2, 4, 8];

export type Player = ReturnType<typeof usePlayer>;

/** Drives a video element, or what stands in for one, by frames instead of seconds. */
export function usePlayer(video: RefObject<PlayedMedia | null>, clock: FrameClock) {
  const [frame, setFrame] = useState(0);
  const [speed, setSpeed] = useState(0);
  const [attachments, setAttachments] = useState(0);
  const attached = useCallback(() => setAttachments((count) => count + 1), []);
  const [marks, setMarks] = useState<{ from: number | null; to: number | null }>({
    from: null,
    to: null,
  });
  const wanted = useRef<number | null>(null);
  const show = useCallback(
    (target: number) => {
      const bounded = Math.min(Math.max(0, Math.round(target)), clock.frames - 1);
      wanted.current = bounded;
      setFrame(bounded);
      if (video.current !== null) video.current.currentTime = secondsOf(bounded, clock);
    },
    [video, clock],
  );
  const run = useCallback(
    (next: number) => {
      setSpeed(next);
      const element = video.current;
      if (element === null) return;
      if (next <= 0) {
        element.pause();
        return;
      }
      wanted.current = null;
      element.playbackRate = next;
      element.play().catch(() => setSpeed(0));
    },
    [video],
  );
  useShownFrame(video, clock, attachments, (shown) => {
    if (wanted.current === null) setFrame(shown);
  });
  useBackwards(speed, frame, show, clock);
  useLoop(marks, frame, speed, (from) => {
    show(from);
    // The film goes on from there, so the frames it shows are the ones that count again.
    wanted.current = null;
  });
  useEffect(() => {
    const element = video.current;
    const stop = () => setSpeed((now) => (now > 0 ? 0 : now));
    element?.addEventListener('ended', stop);
    return () => element?.removeEventListener('ended', stop);
  }, [video, attachments]);
  return {
    frame,
    speed,
    marks,
    show,
    run,
    /** To be called when something else is put behind `video`. */
    attached,
    step: (by: number) => {
      run(0);
      show((wanted.current ?? frame) + by);
    },
    toggle: () => run(speed === 0 ? 1 : 0),
    faster: () => run(SPEEDS[Math.min(SPEEDS.indexOf(Math.max(speed, 0)) + 1, SPEEDS.length - 1)]!),
    backwards: () => run(SPEEDS[Math.max(SPEEDS.indexOf(Math.min(speed, 0)) - 1, 0)]!),
    stop: () => run(0),
    markIn: () =>
      setMarks((now) => ({ from: frame, to: now.to !== null && now.to > frame ? now.to : null })),
    markOut: () =>
      setMarks((now) => ({
        to: frame,
        from: now.from !== null && now.from < frame ? now.from : null,
      })),
    clearMarks: () => setMarks({ from: null, to: null }),
  };
}

/** Tells the frame that is really on screen, frame by frame where the browser says so. */
function useShownFrame(
  video: RefObject<PlayedMedia | null>,
  clock: FrameClock,
  attachments: number,
  tell: (frame: number) => void,
): void {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    let handle = 0;
    const listen = (_now: number, shown: VideoFrameCallbackMetadata) => {
      latest.current(frameOf(shown.mediaTime, clock));
      handle = element.requestVideoFrameCallback(listen);
    };
    handle = element.requestVideoFrameCallback(listen);
    return () => element.cancelVideoFrameCallback(handle);
  }, [video, clock, attachments]);
}

/** Browsers cannot play backwards: frames are asked for one after the other instead. */
function useBackwards(
  speed: number,
  frame: number,
  show: (frame: number) => void,
  clock: FrameClock,
): void {
  const at = useRef(frame);
  at.current = frame;
  useEffect(() => {
    if (speed >= 0) return undefined;
    const began = performance.now();
    const from = at.current;
    const timer = setInterval(() => {
      const passed = (performance.now() - began) / 1000;
      show(from + Math.floor(passed * clock.framesPerSecond * speed));
    }, 1000 / clock.framesPerSecond);
    return () => clearInterval(timer);
  }, [speed, show, clock]);
}

function useLoop(
  marks: { from: number | null; to: number | null },
  frame: number,
  speed: number,
  show: (frame: number) => void,
): void {
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (speed <= 0 || marks.from === null || marks.to === null) return;
    if (frame >= marks.to) latest.current(marks.from);
  }, [marks, frame, speed]);
}
