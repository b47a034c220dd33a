import {
  addDays,
  daysFromTo,
  daysBetween,
  finding,
  type Finding,
  type IsoDate,
} from '@yinglian/core';
import type { DateRange, MinimumScreenings, ReleasePlan } from './model.ts';

/** What is known of a film's screenings at a cinema on one of its days. */
export type ScreeningCount = {
  readonly day: IsoDate;
  /** In the programme; undefined where none was sent for the day. */
  readonly planned: number | undefined;
  /** By the logs; undefined where they are not whole. */
  readonly played: number | undefined;
};

/**
 * How a promise of screenings is kept: by the logs, or as the programme says; short by the logs, or
 * going to be by the programme; unknown where neither tells.
 */
export const MINIMUM_STATES = ['kept', 'planned', 'short', 'planned_short', 'unknown'] as const;
/** One of {@link MINIMUM_STATES}. */
export type MinimumState = (typeof MINIMUM_STATES)[number];

/** The days over which a promise is counted: one, a week, or all of its range. */
export type MinimumSpan = DateRange & {
  /** Booked days among them. */
  readonly days: number;
  readonly promised: number;
  /** Undefined where the programme of a day is not known. */
  readonly planned: number | undefined;
  /** Undefined where the log of a day is not whole. */
  readonly played: number | undefined;
  readonly state: MinimumState;
  /** How many are missing where it is short, or going to be. */
  readonly missing: number;
};

/** One promise of the plan at a cinema, span by span. */
export type MinimumVerdict = MinimumScreenings & { readonly spans: readonly MinimumSpan[] };

const DAYS_A_WEEK = 7;

/** Judges what the plan asks of a cinema's booked days; a promise of other days is left out. */
export function judgeMinimums(
  plan: Pick<ReleasePlan, 'minimumScreenings'>,
  booked: readonly DateRange[],
  counts: readonly ScreeningCount[],
): MinimumVerdict[] {
  const days = new Set(booked.flatMap(({ from, to }) => [...daysFromTo(from, to)]));
  const known = new Map(counts.map((each) => [each.day, each]));
  return plan.minimumScreenings.flatMap((minimum) => {
    const spans = spansOf(minimum).flatMap((span) => {
      const own = [...daysFromTo(span.from, span.to)].filter((day) => days.has(day));
      const first = own[0];
      if (first === undefined) return [];
      const range = { from: first, to: own.at(-1)! };
      const told = own.map((day) => known.get(day) ?? NOTHING);
      return [{ ...range, ...judgeSpan(minimum.perDay * own.length, told), days: own.length }];
    });
    return spans.length === 0 ? [] : [{ ...minimum, spans }];
  });
}

const NOTHING = { planned: undefined, played: undefined };

function spansOf({ from, to, counted = 'day' }: MinimumScreenings): DateRange[] {
  if (counted === 'range') return [{ from, to }];
  const step = counted === 'day' ? 1 : DAYS_A_WEEK;
  const spans = Math.ceil((daysBetween(from, to) + 1) / step);
  return Array.from({ length: spans }, (_, index) => {
    const first = addDays(from, index * step);
    const last = addDays(first, step - 1);
    return { from: first, to: last < to ? last : to };
  });
}

function judgeSpan(promised: number, told: readonly Omit<ScreeningCount, 'day'>[]) {
  const planned = sumOf(told.map((each) => each.planned));
  const played = sumOf(told.map((each) => each.played));
  // What was played counts, and for days whose log is not there yet, what is going to be.
  const expected = sumOf(told.map((each) => each.played ?? each.planned));
  const seen = told.reduce((sum, each) => sum + (each.played ?? 0), 0);
  const isTold = told.every((each) => each.played !== undefined);
  const state = ((): MinimumState => {
    if (seen >= promised) return 'kept';
    if (isTold) return 'short';
    if (expected === undefined) return 'unknown';
    return expected < promised ? 'planned_short' : 'planned';
  })();
  const isShort = state === 'short' || state === 'planned_short';
  const missing = isShort ? promised - expected! : 0;
  return { promised, planned, played, state, missing };
}

/** The sum where every part is known. */
function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum += part;
  }
  return sum;
}

/** What is short, in words: one finding for each promise that the logs or the programme break. */
export function minimumFindings(verdicts: readonly MinimumVerdict[]): Finding[] {
  return verdicts.flatMap(({ spans, perDay }) =>
    (['short', 'planned_short'] as const).flatMap((state) => {
      const own = spans.filter((each) => each.state === state);
      const first = own[0];
      if (first === undefined) return [];
      const { from } = first;
      const missing = own.reduce((sum, each) => sum + each.missing, 0);
      const facts = { from, to: own.at(-1)!.to, count: own.length, missing, perDay };
      return state === 'short'
        ? [finding('short_screenings', 'error', { facts })]
        : [finding('short_programme', 'warning', { facts })];
    }),
  );
}
