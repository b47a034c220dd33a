import { setTimeout as pause } from 'node:timers/promises';

/** Bytes that may pass at once after a pause: a burst of a quarter of a second. */
const BURST_SECONDS = 0.25;

/** Lets bytes through at a rate; without one, at once. */
export type Throttle = { take(bytes: number, signal: AbortSignal): Promise<void> };

export function createThrottle(bytesPerSecond: number | undefined): Throttle {
  if (bytesPerSecond === undefined) return { take: async () => undefined };
  const burst = bytesPerSecond * BURST_SECONDS;
  let tokens = burst;
  let at = performance.now();
  return {
    async take(bytes, signal) {
      const now = performance.now();
      tokens = Math.min(burst, tokens + ((now - at) / 1000) * bytesPerSecond) - bytes;
      at = now;
      // Debt is paid by waiting, so that chunks of any size keep the rate on average.
      if (tokens < 0) await pause((-tokens / bytesPerSecond) * 1000, undefined, { signal });
    },
  };
}
