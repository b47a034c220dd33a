import type { Facts, Severity } from '@yinglian/core';

/**
 * The rules as data: what each looks for, its thresholds with their reasons, and how grave it is.
 * Whoever runs a network may change thresholds or leave rules out; the code stays the same.
 */
export type Rule = {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly thresholds: Readonly<Record<string, number>>;
};

/** What a rule found, with the records that show it. */
export type Suspicion = {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly screenId: string;
  readonly filmId: string | null;
  /** When it was, or began. */
  readonly at: number;
  readonly facts: Facts;
  /** Ids of the records that show it, with their kind. */
  readonly evidence: readonly { readonly kind: 'show' | 'play' | 'takings'; readonly id: string }[];
};

/** What the rules find, one code each. */
export const RULE_CODES = [
  'play_without_tickets',
  'tickets_without_play',
  'play_outside_key',
  'show_without_play',
  'excessive_admissions',
  'overlapping_sessions',
  'impossible_turnaround',
  'shortened_play',
  'full_night_house',
  'identical_takings',
  'copied_takings',
  'shifted_clock',
] as const;
/** One of {@link RULE_CODES}. */
export type RuleCode = (typeof RULE_CODES)[number];

/** Which edition of the rules this is; a case names the one that opened it. */
export const RULES_EDITION = '2026.3';

/** Only the law of arithmetic is certain; every other threshold is a choice and says why. */
export const RULES: readonly Rule[] = [
  {
    code: 'play_without_tickets',
    severity: 'error',
    enabled: true,
    // A test of picture and sound rarely plays half a film.
    thresholds: { leastPlayedPercent: 50 },
  },
  { code: 'tickets_without_play', severity: 'error', enabled: true, thresholds: {} },
  {
    code: 'play_outside_key',
    severity: 'error',
    enabled: true,
    // The end of credits after the window is a matter of minutes, not of a show.
    thresholds: { graceMinutes: 10 },
  },
  // A session without visitors is often not played; it is worth knowing, no more.
  { code: 'show_without_play', severity: 'note', enabled: true, thresholds: {} },
  { code: 'excessive_admissions', severity: 'error', enabled: true, thresholds: {} },
  {
    code: 'overlapping_sessions',
    severity: 'error',
    enabled: true,
    // Clocks of two devices differ by minutes.
    thresholds: { graceMinutes: 3 },
  },
  {
    code: 'impossible_turnaround',
    severity: 'error',
    enabled: true,
    // Starts nearer to each other than the film is long, as the till tells them: two hours of film
    // every half an hour. The percent leaves room for a wrongly registered running time.
    thresholds: { leastRuntimePercent: 80 },
  },
  {
    code: 'shortened_play',
    severity: 'warning',
    enabled: true,
    thresholds: { leastPlayedPercent: 85 },
  },
  {
    code: 'full_night_house',
    severity: 'warning',
    enabled: true,
    // A first-night screening at midnight may be full; hardly one that begins at one o'clock.
    thresholds: { fromMinute: 60, toMinute: 420, leastOccupancyPercent: 90, leastSeats: 20 },
  },
  {
    code: 'identical_takings',
    severity: 'warning',
    enabled: true,
    // The same number of visitors and the same sum, not small, in one screen again and again.
    thresholds: { leastSessions: 4, leastAdmissions: 15, withinDays: 7 },
  },
  {
    code: 'copied_takings',
    severity: 'warning',
    enabled: true,
    // A day of one screen is a day of another, session by session, in a cinema or a circuit. Where
    // all sell at one price, single figures agree by chance; four in one order hardly do.
    thresholds: { leastSessions: 4, leastAdmissions: 15, mostScreens: 20 },
  },
  {
    code: 'shifted_clock',
    severity: 'warning',
    enabled: true,
    // A zone or a summer time set wrongly is half an hour at least; a dozen hours are half a day.
    // Programmes repeat day by day, so that most of a screen's shows have to agree on one shift.
    thresholds: {
      leastMinutes: 50,
      mostMinutes: 840,
      spreadMinutes: 12,
      leastSessions: 4,
      leastPercent: 70,
    },
  },
];

/** How a rule did on a generated year: what it accused wrongly, what it found of the planted. */
export type RuleMeasure = {
  readonly code: RuleCode;
  /** Sessions of honest cinemas that were looked at. */
  readonly honest: number;
  readonly falseAlarms: number;
  readonly planted: number;
  readonly found: number;
};
