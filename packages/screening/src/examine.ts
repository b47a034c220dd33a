import { finding, groupBy } from '@yinglian/core';
import { type ClockShift, clockShifts } from './clock.ts';
import { type CopiedDay, copiedDays } from './copies.ts';
import { JOIN_TOLERANCE, joinSessions, type JoinTolerance } from './join.ts';
import type { Evidence, Film, KeyWindow, LogSpan, Screen, Session } from './model.ts';
import { type Rule, RULES, type RuleCode, type Suspicion } from './rules.ts';

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
const MINUTES_PER_DAY = 1440;

/** The sessions of some screens and what is wrong with them, in the order of screen and time. */
export type Examination = {
  readonly sessions: readonly Session[];
  readonly suspicions: readonly Suspicion[];
};

/**
 * Joins what the sources say and runs the rules over it. The order of the input does not matter.
 */
export function examine(
  evidence: Evidence,
  rules: readonly Rule[] = RULES,
  tolerance: JoinTolerance = JOIN_TOLERANCE,
): Examination {
  const { sessions, shifts } = joinByClock(evidence, rules, tolerance);
  const known: Known = {
    screens: new Map(evidence.screens.map((each) => [each.id, each])),
    films: new Map(evidence.films.map((each) => [each.id, each])),
    windows: groupBy(evidence.windows, (each) => `${each.screenId} ${each.filmId}`),
    logs: groupBy(evidence.logs, (each) => each.screenId),
    reported:
      evidence.reported === undefined
        ? undefined
        : groupBy(evidence.reported, (each) => each.screenId),
    shifts: new Map(shifts.map((each) => [each.screenId, each])),
    copies: groupBy(copiesIn(sessions, evidence, rules), (each) => each.screenId),
    tolerance,
  };
  const byScreen = groupBy(sessions, (each) => each.screenId);
  const suspicions = [...byScreen.values()].flatMap((ofScreen) =>
    rules
      .filter((rule) => rule.enabled)
      .flatMap((rule) => CHECKS[rule.code](ofScreen, rule, known)),
  );
  suspicions.sort(
    (a, b) =>
      (a.screenId < b.screenId ? -1 : a.screenId > b.screenId ? 1 : 0) ||
      a.at - b.at ||
      (a.code < b.code ? -1 : 1),
  );
  return { sessions, suspicions };
}

/**
 * Sessions, joined anew for screens whose clock is wrong: their plays are moved to where they were,
 * so that one wrong clock is one suspicion and not one for each show.
 */
function joinByClock(
  evidence: Evidence,
  rules: readonly Rule[],
  tolerance: JoinTolerance,
): { readonly sessions: Session[]; readonly shifts: readonly ClockShift[] } {
  const sessions = joinSessions(evidence, tolerance);
  const rule = rules.find((each) => each.code === 'shifted_clock');
  const shifts = rule?.enabled === true ? clockShifts(sessions, rule) : [];
  if (shifts.length === 0) return { sessions, shifts };
  const moved = new Map(
    shifts.flatMap((each) => each.plays.map((play) => [play.id, each.shiftMs] as const)),
  );
  const plays = evidence.plays.map((play) => {
    const shift = moved.get(play.id);
    if (shift === undefined) return play;
    return { ...play, startedAt: play.startedAt + shift, endedAt: play.endedAt + shift };
  });
  return { sessions: joinSessions({ ...evidence, plays }, tolerance), shifts };
}

function copiesIn(sessions: readonly Session[], evidence: Evidence, rules: readonly Rule[]) {
  const rule = rules.find((each) => each.code === 'copied_takings');
  return rule?.enabled === true ? copiedDays(sessions, evidence, rule) : [];
}

/** A suspicion as a finding, for a list of cases in people's words. */
export function suspicionFinding(suspicion: Suspicion) {
  const { code, severity, facts, screenId } = suspicion;
  return finding(code, severity, { facts, at: { screen: screenId } });
}

type Known = {
  readonly screens: ReadonlyMap<string, Screen>;
  readonly films: ReadonlyMap<string, Film>;
  readonly windows: ReadonlyMap<string, readonly KeyWindow[]>;
  readonly logs: ReadonlyMap<string, readonly LogSpan[]>;
  readonly reported: ReadonlyMap<string, readonly LogSpan[]> | undefined;
  readonly shifts: ReadonlyMap<string, ClockShift>;
  readonly copies: ReadonlyMap<string, readonly CopiedDay[]>;
  readonly tolerance: JoinTolerance;
};
type Check = (sessions: readonly Session[], rule: Rule, known: Known) => Suspicion[];

/** Whether the log of a session's screen is whole where its play would begin. */
function isLogged({ screenId, startsAt }: Session, { logs, tolerance }: Known): boolean {
  const from = startsAt - tolerance.playBeforeMinutes * MS_PER_MINUTE;
  const until = startsAt + tolerance.playAfterMinutes * MS_PER_MINUTE;
  return (logs.get(screenId) ?? []).some((span) => span.from <= from && until <= span.until);
}

/** Whether a session that was sold would be known: reports come days after the log. */
function isReported({ screenId, startsAt, takings }: Session, { reported }: Known): boolean {
  if (takings !== undefined || reported === undefined) return true;
  const spans = reported.get(screenId) ?? [];
  return spans.some((span) => span.from <= startsAt && startsAt < span.until);
}

const threshold = (rule: Rule, name: string): number => rule.thresholds[name] ?? 0;

/** One rule over each session by itself. */
const each =
  (look: (session: Session, rule: Rule, known: Known) => Suspicion['facts'] | undefined): Check =>
  (sessions, rule, known) =>
    sessions.flatMap((session) => {
      const facts = look(session, rule, known);
      return facts === undefined ? [] : [suspicionOf(rule, [session], facts)];
    });

const CHECKS: Readonly<Record<RuleCode, Check>> = {
  play_without_tickets: each((session, rule, known) => {
    const { play, takings, filmId } = session;
    if (play === undefined || (takings?.admissions ?? 0) > 0) return undefined;
    if (!isReported(session, known)) return undefined;
    const percent = playedPercent(play, filmId, known);
    if (percent === undefined || percent < threshold(rule, 'leastPlayedPercent')) return undefined;
    return { percent };
  }),
  tickets_without_play: each((session, _rule, known) => {
    const { play, takings } = session;
    if (play !== undefined || takings === undefined || takings.admissions <= 0) return undefined;
    if (!isLogged(session, known)) return undefined;
    return { admissions: takings.admissions, gross: String(takings.grossFen) };
  }),
  play_outside_key: each(({ play, filmId, screenId }, rule, known) => {
    if (play === undefined || filmId === null) return undefined;
    if (known.films.get(filmId)?.encrypted !== true) return undefined;
    const grace = threshold(rule, 'graceMinutes') * MS_PER_MINUTE;
    const covered = (known.windows.get(`${screenId} ${filmId}`) ?? []).some(
      (window) =>
        window.notBefore - grace <= play.startedAt && play.endedAt <= window.notAfter + grace,
    );
    return covered ? undefined : {};
  }),
  show_without_play: each((session, _rule, known) => {
    const { show, play, takings } = session;
    if (show === undefined || play !== undefined) return undefined;
    return (takings?.admissions ?? 0) === 0 && isLogged(session, known) ? {} : undefined;
  }),
  excessive_admissions: each(({ takings, screenId }, _rule, known) => {
    const seats = known.screens.get(screenId)?.seats ?? null;
    if (takings === undefined || seats === null || takings.admissions <= seats) return undefined;
    return { admissions: takings.admissions, seats };
  }),
  overlapping_sessions: (sessions, rule) => {
    const grace = threshold(rule, 'graceMinutes') * MS_PER_MINUTE;
    const plays = sessions
      .filter((session) => session.play !== undefined)
      .toSorted((a, b) => a.play!.startedAt - b.play!.startedAt);
    // Not the neighbour but what ends last: a short play within a long one hides no third.
    let last: Session | undefined;
    return plays.flatMap((after) => {
      const before = last;
      if (before === undefined || before.play!.endedAt < after.play!.endedAt) last = after;
      const overlap = (before?.play!.endedAt ?? -Infinity) - after.play!.startedAt;
      if (before === undefined || overlap <= grace) return [];
      return [suspicionOf(rule, [after, before], { minutes: Math.round(overlap / MS_PER_MINUTE) })];
    });
  },
  impossible_turnaround: (sessions, rule, known) => {
    const sold = sessions
      .filter((session) => (session.takings?.admissions ?? 0) > 0)
      .toSorted((a, b) => a.takings!.startsAt - b.takings!.startsAt);
    return neighbours(sold).flatMap(([before, after]) => {
      const runtime = known.films.get(before.filmId ?? '')?.runtimeMs;
      const gap = after.takings!.startsAt - before.takings!.startsAt;
      if (runtime === undefined) return [];
      if (gap * 100 >= runtime * threshold(rule, 'leastRuntimePercent')) return [];
      const facts = {
        minutes: Math.round(gap / MS_PER_MINUTE),
        runtime: Math.round(runtime / MS_PER_MINUTE),
      };
      return [suspicionOf(rule, [after, before], facts)];
    });
  },
  shortened_play: each(({ play, takings, filmId }, rule, known) => {
    if (play === undefined || (takings?.admissions ?? 0) === 0) return undefined;
    const percent = playedPercent(play, filmId, known);
    if (percent === undefined || percent >= threshold(rule, 'leastPlayedPercent')) return undefined;
    return { percent };
  }),
  full_night_house: each(({ takings, screenId }, rule, known) => {
    const screen = known.screens.get(screenId);
    const seats = screen?.seats ?? 0;
    if (takings === undefined || screen === undefined) return undefined;
    if (seats < threshold(rule, 'leastSeats')) return undefined;
    const minute = minuteOfDay(takings.startsAt, screen.offsetMinutes);
    const [from, to] = [threshold(rule, 'fromMinute'), threshold(rule, 'toMinute')];
    const isDeep =
      from < to ? minute >= from && minute < to : minute >= from || minute < to;
    if (!isDeep) return undefined;
    const percent = Math.floor((takings.admissions * 100) / seats);
    return percent < threshold(rule, 'leastOccupancyPercent') ? undefined : { percent };
  }),
  identical_takings: identicalTakings,
  copied_takings: (sessions, rule, { copies }) =>
    (copies.get(sessions[0]!.screenId) ?? []).map(({ sessions: own, alike, others }) =>
      suspicionOf(rule, own.slice(0, EVIDENCE_MAX), { sessions: alike, others }),
    ),
  shifted_clock: (sessions, rule, known) => {
    const shift = known.shifts.get(sessions[0]!.screenId);
    if (shift === undefined) return [];
    const ids = new Set(shift.plays.map((each) => each.id));
    const own = sessions.filter(({ play }) => play !== undefined && ids.has(play.id));
    if (own.length === 0) return [];
    const minutes = Math.round(shift.shiftMs / MS_PER_MINUTE);
    return [suspicionOf(rule, own.slice(0, EVIDENCE_MAX), { minutes, sessions: own.length })];
  },
};

/** Sessions that show one suspicion; more prove no more. */
const EVIDENCE_MAX = 20;

/** The same count and sum in one screen several times within some days. */
function identicalTakings(sessions: readonly Session[], rule: Rule): Suspicion[] {
  const least = threshold(rule, 'leastSessions');
  const within = threshold(rule, 'withinDays') * MS_PER_DAY;
  const large = sessions.filter(
    ({ takings }) => (takings?.admissions ?? 0) >= threshold(rule, 'leastAdmissions'),
  );
  const groups = groupBy(
    large,
    ({ filmId, takings }) => `${filmId} ${takings!.admissions} ${takings!.grossFen}`,
  );
  return [...groups.values()].flatMap((group) => {
    const suspicions: Suspicion[] = [];
    for (let first = 0; first + least <= group.length;) {
      let last = first;
      while (
        last + 1 < group.length &&
        group[last + 1]!.startsAt - group[first]!.startsAt < within
      ) {
        last += 1;
      }
      const count = last - first + 1;
      if (count < least) {
        first += 1;
        continue;
      }
      const { admissions, grossFen } = group[first]!.takings!;
      const facts = { sessions: count, admissions, gross: String(grossFen) };
      suspicions.push(suspicionOf(rule, group.slice(first, last + 1), facts));
      first = last + 1;
    }
    return suspicions;
  });
}

function suspicionOf(
  rule: Rule,
  sessions: readonly Session[],
  facts: Suspicion['facts'],
): Suspicion {
  const [first] = sessions;
  return {
    code: rule.code,
    severity: rule.severity,
    screenId: first!.screenId,
    filmId: first!.filmId,
    at: first!.startsAt,
    facts,
    evidence: sessions.flatMap(({ show, play, takings }) => [
      ...(show === undefined ? [] : [{ kind: 'show' as const, id: show.id }]),
      ...(play === undefined ? [] : [{ kind: 'play' as const, id: play.id }]),
      ...(takings === undefined ? [] : [{ kind: 'takings' as const, id: takings.id }]),
    ]),
  };
}

function playedPercent(
  play: { readonly startedAt: number; readonly endedAt: number },
  filmId: string | null,
  known: Known,
): number | undefined {
  const runtime = known.films.get(filmId ?? '')?.runtimeMs;
  if (runtime === undefined || runtime <= 0) return undefined;
  // A table without ends does not say how long anything was played.
  if (play.endedAt <= play.startedAt) return undefined;
  return Math.round(((play.endedAt - play.startedAt) * 100) / runtime);
}

function minuteOfDay(instantMs: number, offsetMinutes: number): number {
  const minute = Math.floor(instantMs / MS_PER_MINUTE) + offsetMinutes;
  return ((minute % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
}

const neighbours = (sessions: readonly Session[]): (readonly [Session, Session])[] =>
  sessions.slice(1).map((session, index) => [sessions[index]!, session] as const);
