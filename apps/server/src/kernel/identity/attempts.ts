import { finding } from '@yinglian/core';
import { Refusal } from '../refusal.ts';

const ATTEMPTS_MAX = 20;
const ATTEMPTS_WITHIN_MS = 5 * 60 * 1000;
const ATTEMPT_NAMES_MAX = 10_000;

/** Counts attempts per name in a window of five minutes, in this process. */
export function attemptLimiter(now: () => Date) {
  const counts = new Map<string, { count: number; until: number }>();
  return {
    count(name: string): void {
      const time = now().getTime();
      const entry = counts.get(name);
      // A clock that was set back would lock people out for as long.
      const over =
        entry === undefined || entry.until < time || entry.until > time + ATTEMPTS_WITHIN_MS;
      if (over) {
        if (counts.size >= ATTEMPT_NAMES_MAX) {
          for (const [each, { until }] of counts) if (until < time) counts.delete(each);
          // Still full: an attack over many names. Forget the oldest rather than grow.
          const oldest = counts.keys().next().value;
          if (counts.size >= ATTEMPT_NAMES_MAX && oldest !== undefined) counts.delete(oldest);
        }
        counts.set(name, { count: 1, until: time + ATTEMPTS_WITHIN_MS });
        return;
      }
      entry.count += 1;
      if (entry.count <= ATTEMPTS_MAX) return;
      const facts = { seconds: Math.ceil((entry.until - time) / 1000) };
      throw new Refusal('too_many', {
        findings: [finding('excessive_attempts', 'error', { facts })],
      });
    },
    forget: (name: string): void => void counts.delete(name),
  };
}
