import type { Evidence, Play, PlannedShow, Session, Takings } from './model.ts';

/** How far sources may differ and still speak of one session. */
export type JoinTolerance = {
  /** A till's and a programme's start. Tills are set from the programme; clocks differ. */
  readonly ticketMinutes: number;
  /** The film after the announced time: advertisements and trailers stand before it. */
  readonly playBeforeMinutes: number;
  readonly playAfterMinutes: number;
};

/** No document fixes them: half an hour of advertisements and a quarter of an hour of delay. */
export const JOIN_TOLERANCE: JoinTolerance = {
  ticketMinutes: 20,
  playBeforeMinutes: 10,
  playAfterMinutes: 45,
};

const MS_PER_MINUTE = 60_000;

/**
 * Joins programme, logs and takings by screen, film and time. Each record is of one session only;
 * of two that fit, the nearer in time is taken, so that the order of the input does not matter.
 */
export function joinSessions(
  evidence: Pick<Evidence, 'shows' | 'plays' | 'takings'>,
  tolerance: JoinTolerance = JOIN_TOLERANCE,
): Session[] {
  const takings = new Map<string, Takings>();
  const ticketReach = {
    before: tolerance.ticketMinutes * MS_PER_MINUTE,
    after: tolerance.ticketMinutes * MS_PER_MINUTE,
  };
  const shows = pairUp(evidence.shows, evidence.takings, ticketReach);
  for (const [show, taking] of shows) takings.set(show.id, taking);
  const used = new Set([...takings.values()].map((each) => each.id));
  const anchors: Anchor[] = [
    ...evidence.shows.map((show) => anchorOf(show, show.startsAt, show, takings.get(show.id))),
    ...evidence.takings
      .filter((each) => !used.has(each.id))
      .map((each) => anchorOf(each, each.startsAt, undefined, each)),
  ];
  const playReach = {
    before: tolerance.playBeforeMinutes * MS_PER_MINUTE,
    after: tolerance.playAfterMinutes * MS_PER_MINUTE,
  };
  const plays = evidence.plays.map((each) => ({ ...each, startsAt: each.startedAt, of: each }));
  const played = pairUp(anchors, plays, playReach);
  const taken = new Set([...played.values()].map((each) => each.id));
  const sessions = anchors.map((each): Session => ({
    screenId: each.screenId,
    filmId: each.filmId,
    startsAt: each.startsAt,
    show: each.show,
    play: played.get(each)?.of,
    takings: each.takings,
  }));
  const rest = evidence.plays.filter((each) => !taken.has(each.id)).map(alone);
  return [...sessions, ...rest].sort(inOrder);
}

type Anchor = Timed & {
  readonly show: PlannedShow | undefined;
  readonly takings: Takings | undefined;
};

function anchorOf(
  of: { readonly id: string; readonly screenId: string; readonly filmId: string },
  startsAt: number,
  show: PlannedShow | undefined,
  takings: Takings | undefined,
): Anchor {
  return { id: of.id, screenId: of.screenId, filmId: of.filmId, startsAt, show, takings };
}

function alone(play: Play): Session {
  const { screenId, filmId, startedAt: startsAt } = play;
  return { screenId, filmId, startsAt, show: undefined, play, takings: undefined };
}

type Timed = {
  readonly id: string;
  readonly screenId: string;
  readonly filmId: string | null;
  readonly startsAt: number;
};

/**
 * Pairs of one screen and film whose second begins within reach of the first; the nearest pairs are
 * made first. Within a screen's day there are a dozen of each, so all pairs are looked at.
 */
function pairUp<First extends Timed, Second extends Timed>(
  firsts: readonly First[],
  seconds: readonly Second[],
  reach: { readonly before: number; readonly after: number },
): Map<First, Second> {
  const bySlot = new Map<string, Second[]>();
  const width = reach.before + reach.after + 1;
  const slotOf = (each: Timed, shift = 0) =>
    `${each.screenId} ${each.filmId ?? ''} ${Math.floor(each.startsAt / width) + shift}`;
  for (const each of seconds) {
    const slot = slotOf(each);
    const known = bySlot.get(slot);
    if (known === undefined) bySlot.set(slot, [each]);
    else known.push(each);
  }
  const pairs: { first: First; second: Second; distance: number }[] = [];
  for (const first of firsts) {
    for (const shift of [-1, 0, 1]) {
      for (const second of bySlot.get(slotOf(first, shift)) ?? []) {
        const delta = second.startsAt - first.startsAt;
        if (delta < -reach.before || delta > reach.after) continue;
        pairs.push({ first, second, distance: Math.abs(delta) });
      }
    }
  }
  pairs.sort(
    (a, b) => a.distance - b.distance || byId(a.first, b.first) || byId(a.second, b.second),
  );
  const made = new Map<First, Second>();
  const taken = new Set<Second>();
  for (const { first, second } of pairs) {
    if (made.has(first) || taken.has(second)) continue;
    made.set(first, second);
    taken.add(second);
  }
  return made;
}

const byId = (a: Timed, b: Timed) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function inOrder(a: Session, b: Session): number {
  if (a.screenId !== b.screenId) return a.screenId < b.screenId ? -1 : 1;
  return a.startsAt - b.startsAt || idOf(a).localeCompare(idOf(b));
}

const idOf = (each: Session) => each.show?.id ?? each.takings?.id ?? each.play?.id ?? '';
