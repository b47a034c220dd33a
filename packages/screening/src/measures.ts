import type { RuleMeasure } from './rules.ts';

/** What `bench/screening.mjs` measured; a test compares it with a smaller year at every run. */
export const MEASURES: readonly RuleMeasure[] = [
  { code: 'play_without_tickets', honest: 253137, falseAlarms: 30, planted: 200, found: 200 },
  { code: 'tickets_without_play', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'play_outside_key', honest: 253137, falseAlarms: 0, planted: 33, found: 33 },
  { code: 'show_without_play', honest: 253137, falseAlarms: 17608, planted: 200, found: 200 },
  { code: 'excessive_admissions', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'overlapping_sessions', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'impossible_turnaround', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'shortened_play', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'full_night_house', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'identical_takings', honest: 253137, falseAlarms: 5, planted: 200, found: 200 },
  { code: 'copied_takings', honest: 253137, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'shifted_clock', honest: 253137, falseAlarms: 0, planted: 20, found: 17 },
];
