import type { RuleMeasure } from './rules.ts';

/** What `bench/screening.mjs` measured; a test compares it with a smaller year at every run. */
export const MEASURES: readonly RuleMeasure[] = [
  { code: 'play_without_tickets', honest: 126630, falseAlarms: 17, planted: 200, found: 200 },
  { code: 'tickets_without_play', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'play_outside_key', honest: 126630, falseAlarms: 0, planted: 23, found: 23 },
  { code: 'show_without_play', honest: 126630, falseAlarms: 9187, planted: 200, found: 200 },
  { code: 'excessive_admissions', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'overlapping_sessions', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'impossible_turnaround', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'shortened_play', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'full_night_house', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'identical_takings', honest: 126630, falseAlarms: 0, planted: 200, found: 200 },
  { code: 'shifted_clock', honest: 126630, falseAlarms: 0, planted: 20, found: 16 },
];
