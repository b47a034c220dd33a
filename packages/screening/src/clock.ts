import { groupBy } from '@yinglian/core';
import type { Play, Session } from './model.ts';
import type { Rule } from './rules.ts';

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;

/** A screen whose player's clock was wrong: its plays lie the same time from their sessions. */
export type ClockShift = {
  readonly screenId: string;
  /** What has to be added to the log's times. */
  readonly shiftMs: number;
  readonly plays: readonly Play[];
};

/**
 * Screens and days on which most sold sessions have no play at their time, and most have one when
 * the plays are moved by one time. Days whose sessions fit are never doubted.
 */
export function clockShifts(sessions: readonly Session[], rule: Rule): ClockShift[] {
  const byScreen = groupBy(sessions, (session) => session.screenId);
  return [...byScreen].flatMap(([screenId, own]) => shiftsOf(screenId, own, rule));
}

type Day = { readonly sold: Session[]; readonly plays: Play[]; readonly at: number };
type Limits = {
  readonly spread: number;
  readonly least: number;
  readonly most: number;
  readonly percent: number;
};

function shiftsOf(screenId: string, sessions: readonly Session[], rule: Rule): ClockShift[] {
  const limit = (name: string) => (rule.thresholds[name] ?? 0) * MS_PER_MINUTE;
  const limits: Limits = {
    spread: limit('spreadMinutes'),
    least: limit('leastMinutes'),
    most: limit('mostMinutes'),
    percent: rule.thresholds['leastPercent'] ?? 100,
  };
  const days = daysOf(sessions);
  const votes = days.flatMap((day) => {
    const misfits = day.sold.filter((each) => each.play === undefined).length;
    // A third may fit by chance: programmes repeat, and a film is long.
    if (misfits * 3 < day.sold.length) return [];
    const shift = densest(differences(day, limits), limits.spread);
    return shift !== undefined && fits(day, shift, limits) ? [shift] : [];
  });
  const found: ClockShift[] = [];
  for (let left = votes; left.length > 0;) {
    const shift = densest(left, limits.spread)!;
    left = left.filter((vote) => Math.abs(vote - shift) > 2 * limits.spread);
    const plays = days.filter((day) => fits(day, shift, limits)).flatMap((day) => day.plays);
    const own = [...new Set(plays)].filter((play) => hasSession(play, days, shift, limits));
    if (own.length < (rule.thresholds['leastSessions'] ?? Infinity)) continue;
    found.push({ screenId, shiftMs: shift + delayOf(sessions), plays: own });
  }
  return found;
}

/** By days of UTC; with each day the plays of the time around that a wrong clock may tell. */
function daysOf(sessions: readonly Session[]): Day[] {
  const days = new Map<number, Day>();
  const dayOf = (time: number) => Math.floor(time / MS_PER_DAY);
  const dayAt = (at: number) => {
    const known = days.get(at) ?? { sold: [], plays: [], at };
    days.set(at, known);
    return known;
  };
  for (const session of sessions) {
    if ((session.takings?.admissions ?? 0) > 0) dayAt(dayOf(session.startsAt)).sold.push(session);
  }
  for (const { play } of sessions) {
    if (play === undefined) continue;
    for (const near of [-1, 0, 1]) days.get(dayOf(play.startedAt) + near)?.plays.push(play);
  }
  return [...days.values()].toSorted((a, b) => a.at - b.at);
}

/** What would have to be added to each play to stand at each session of its film. */
function differences({ sold, plays }: Day, { least, most }: Limits): number[] {
  return plays.flatMap((play) =>
    sold.flatMap((session) => {
      const shift = session.startsAt - play.startedAt;
      const wide = Math.abs(shift);
      return session.filmId === play.filmId && wide >= least && wide <= most ? [shift] : [];
    }),
  );
}

const near = (session: Session, play: Play, shift: number, { spread }: Limits) =>
  session.filmId === play.filmId && Math.abs(session.startsAt - play.startedAt - shift) <= spread;

/** Whether enough sold sessions of a day have a play when its clock is put right. */
function fits({ sold, plays }: Day, shift: number, limits: Limits): boolean {
  const fitting = sold.filter((each) => plays.some((play) => near(each, play, shift, limits)));
  const usual = sold.filter((each) => each.play !== undefined).length;
  return fitting.length * 100 >= sold.length * limits.percent && fitting.length > usual;
}

const hasSession = (play: Play, days: readonly Day[], shift: number, limits: Limits) =>
  days.some(
    (day) =>
      Math.abs(day.at - Math.floor((play.startedAt + shift) / MS_PER_DAY)) <= 1 &&
      day.sold.some((session) => near(session, play, shift, limits)),
  );

/** How long after its announced time a film usually begins here; an hour's quarter unless told. */
function delayOf(sessions: readonly Session[]): number {
  const delays = sessions
    .flatMap(({ play, startsAt }) => (play === undefined ? [] : [play.startedAt - startsAt]))
    .filter((delay) => delay > 0)
    .toSorted((a, b) => a - b);
  return delays[Math.floor(delays.length / 2)] ?? USUAL_DELAY_MS;
}

const USUAL_DELAY_MS = 15 * MS_PER_MINUTE;

/** The middle of the stretch of twice this width that holds most of the values. */
function densest(values: readonly number[], width: number): number | undefined {
  const ordered = values.toSorted((a, b) => a - b);
  let best: { readonly count: number; readonly middle: number } | undefined;
  let last = 0;
  for (let first = 0; first < ordered.length; first++) {
    while (last < ordered.length && ordered[last]! - ordered[first]! <= 2 * width) last += 1;
    const count = last - first;
    if (count > (best?.count ?? 0)) {
      best = { count, middle: ordered[first + Math.floor(count / 2)]! };
    }
  }
  return best?.middle;
}
