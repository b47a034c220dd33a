import { groupBy } from '@yinglian/core';
import type { Film, KeyWindow, LogSpan, Play, PlannedShow, Screen, Takings } from './model.ts';
import { RULE_CODES, type RuleCode, type RuleMeasure, type Suspicion } from './rules.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SIX = 6 * HOUR;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Evidence that was made up and may still be changed. */
export type GeneratedYear = {
  screens: Screen[];
  films: readonly Film[];
  shows: PlannedShow[];
  plays: Play[];
  takings: Takings[];
  windows: KeyWindow[];
  logs: LogSpan[];
};

/** The films of a generated year: two that need keys, one that does not. */
export const GENERATED_FILMS: readonly Film[] = [
  { id: 'long', runtimeMs: 150 * MINUTE, encrypted: true },
  { id: 'short', runtimeMs: 95 * MINUTE, encrypted: true },
  { id: 'old', runtimeMs: 88 * MINUTE, encrypted: false },
];
/** Midnight in China of its first day. */
export const GENERATED_OPENING = Date.UTC(2026, 4, 1) - 8 * HOUR;

/** What honest cinemas do that looks bad, as chances. */
export type Honesty = {
  /** Of a screen to be played a whole film for censors, guests or engineers on a day. */
  readonly viewing: number;
  /** Of a screen to have more seats than the register knows. */
  readonly staleSeats: number;
};

/** Guesses; they make the false alarms that a rule cannot avoid. */
export const HONESTY: Honesty = { viewing: 1 / 1500, staleSeats: 1 / 300 };

type Scene = {
  readonly year: GeneratedYear;
  readonly random: () => number;
  readonly honesty: Honesty;
};

/**
 * Cinemas as they are when nobody cheats: late starts, empty sessions that are not played, tests in
 * the morning, a crowded first night, refunds that leave a session without visitors.
 */
export function honestCinemas(
  screens: number,
  days: number,
  seed: number,
  honesty: Honesty = HONESTY,
): GeneratedYear {
  const random = seeded(seed);
  const year: GeneratedYear = {
    screens: [],
    films: GENERATED_FILMS,
    shows: [],
    plays: [],
    takings: [],
    windows: [],
    logs: [],
  };
  const scene = { year, random, honesty };
  for (let number = 0; number < screens; number++) {
    const id = `s${number}`;
    const seats = 60 + Math.floor(random() * 200);
    const known = random() < honesty.staleSeats ? Math.floor(seats * 0.9) : seats;
    year.screens.push({ id, seats: known, offsetMinutes: 480 });
    const until = GENERATED_OPENING + days * DAY;
    if (random() < 0.9) {
      year.logs.push({ screenId: id, from: GENERATED_OPENING - DAY, until: until + DAY });
    }
    for (const film of GENERATED_FILMS.filter((each) => each.encrypted)) {
      const window = { notBefore: GENERATED_OPENING - 12 * HOUR, notAfter: until + 6 * HOUR };
      year.windows.push({ screenId: id, filmId: film.id, ...window });
    }
    for (let day = 0; day < days; day++) fillDay(scene, { id, seats, number, day });
  }
  return year;
}

type Place = { readonly id: string; readonly seats: number; readonly number: number };

function fillDay(scene: Scene, { day, ...place }: Place & { readonly day: number }): void {
  const { year, random, honesty } = scene;
  const begin = GENERATED_OPENING + day * DAY;
  const test = (name: string, length: number, hour: number) =>
    year.plays.push({
      id: `${name} ${place.number} ${day}`,
      screenId: place.id,
      filmId: 'long',
      startedAt: begin + hour * HOUR,
      endedAt: begin + hour * HOUR + length,
    });
  // A test of picture and sound before the house opens.
  if (random() < 0.3) test('test', Math.floor(5 + random() * 20) * MINUTE, 9);
  if (random() < honesty.viewing) test('viewing', 150 * MINUTE, 6);
  let at = begin + 10 * HOUR + Math.floor(random() * 30) * MINUTE;
  // The first night begins at midnight and is full.
  if (day === 0) addSession(scene, { ...place, at: begin + 5 * MINUTE, share: 1 });
  while (at < begin + 22.5 * HOUR) {
    const length = addSession(scene, { ...place, at, share: random() ** 2 });
    at += length + Math.floor(15 + random() * 20) * MINUTE;
  }
}

function addSession(
  { year, random }: Scene,
  { id, seats, number, at, share }: Place & { readonly at: number; readonly share: number },
): number {
  const film = GENERATED_FILMS[Math.floor(random() * GENERATED_FILMS.length)]!;
  const name = `${number} ${at}`;
  const before = Math.floor(8 + random() * 10) * MINUTE;
  const length = before + film.runtimeMs;
  const admissions = Math.floor(share * seats);
  const record = { screenId: id, filmId: film.id };
  year.shows.push({ id: `show ${name}`, ...record, startsAt: at, endsAt: at + length });
  if (admissions === 0) return length;
  const mixed = 2500n + BigInt(Math.floor(random() * 40)) * 50n;
  const rest = BigInt(Math.floor(random() * 900));
  // Every fourth screen sells at one price, so that equal houses have equal takings.
  const isPlain = number % 4 === 0;
  year.takings.push({
    id: `till ${name}`,
    ...record,
    startsAt: at + Math.floor(random() * 5 - 2) * MINUTE,
    admissions,
    grossFen: isPlain ? BigInt(admissions) * 3500n : BigInt(admissions) * mixed + rest,
  });
  const startedAt = at + before + Math.floor(random() * 4) * MINUTE;
  const endedAt = startedAt + film.runtimeMs - Math.floor(random() * 3) * MINUTE;
  year.plays.push({ id: `play ${name}`, ...record, startedAt, endedAt });
  return length;
}

/** A fault that was planted, with the records that have to show it. */
export type Plant = { readonly code: RuleCode; readonly records: ReadonlySet<string> };

/**
 * Plants so many faults of each kind into an honest year, each in sessions of its own. Kinds whose
 * traces only a whole log shows are planted where it is.
 */
export function plantFaults(year: GeneratedYear, each: number, seed: number): Plant[] {
  const random = seeded(seed);
  const field: Field = {
    year,
    playsOn: groupBy(year.plays, (play) => play.screenId),
    seats: new Map(year.screens.map((screen) => [screen.id, screen.seats ?? 0])),
    logged: new Set(year.logs.map((span) => span.screenId)),
    playOf: new Map(year.plays.map((play) => [play.id, play])),
    gone: new Set(),
    used: new Set(),
  };
  const plants: Plant[] = [];
  // Whole screens first: a wrong clock moves sessions in which nothing else may be planted.
  const codes = RULE_CODES.toSorted((a) => (a === 'shifted_clock' ? -1 : 0));
  const count = year.takings.length;
  for (const code of codes) {
    let left = code === 'shifted_clock' ? Math.ceil(each / 10) : each;
    for (let tries = 0; left > 0 && tries < each * 200; tries++) {
      const place = Math.floor(random() * count);
      const till = year.takings[place]!;
      if (field.used.has(till.id) || !field.logged.has(till.screenId)) continue;
      const records = PLANTERS[code](field, place, random);
      if (records === undefined) continue;
      for (const id of records) field.used.add(id);
      field.used.add(till.id);
      plants.push({ code, records: new Set(records) });
      left -= 1;
    }
  }
  year.plays = [...field.playOf.values()].filter((play) => !field.gone.has(play.id));
  year.takings = year.takings.filter((till) => !field.gone.has(till.id));
  return plants;
}

type Field = {
  readonly year: GeneratedYear;
  readonly logged: ReadonlySet<string>;
  readonly playsOn: ReadonlyMap<string, readonly Play[]>;
  readonly seats: ReadonlyMap<string, number>;
  readonly playOf: Map<string, Play>;
  readonly gone: Set<string>;
  readonly used: Set<string>;
};
/** Changes the year at a session; gives the records that show it, or nothing where it cannot. */
type Planter = (field: Field, place: number, random: () => number) => string[] | undefined;

const playName = (till: Takings) => till.id.replace('till', 'play');
const showName = (till: Takings) => till.id.replace('till', 'show');

const PLANTERS: Readonly<Record<RuleCode, Planter>> = {
  play_without_tickets({ year, gone }, place) {
    const till = year.takings[place]!;
    gone.add(till.id);
    return [playName(till)];
  },
  tickets_without_play({ year, gone }, place) {
    const till = year.takings[place]!;
    gone.add(playName(till));
    return [till.id];
  },
  play_outside_key({ year, playOf, playsOn }, place) {
    const till = year.takings[place]!;
    const play = playOf.get(playName(till));
    const index = year.windows.findIndex(
      (each) => each.screenId === till.screenId && each.filmId === till.filmId,
    );
    const window = year.windows[index];
    // The window ends while the last show of it runs.
    if (play === undefined || window === undefined) return undefined;
    const later = playsOn
      .get(till.screenId)!
      .some((each) => each.filmId === till.filmId && each.startedAt > play.startedAt);
    if (later) return undefined;
    year.windows[index] = { ...window, notAfter: play.endedAt - 40 * MINUTE };
    return [play.id];
  },
  show_without_play({ year, gone }, place) {
    const till = year.takings[place]!;
    gone.add(playName(till));
    gone.add(till.id);
    return [showName(till)];
  },
  excessive_admissions({ year, seats: all }, place, random) {
    const till = year.takings[place]!;
    const seats = all.get(till.screenId) ?? 0;
    const admissions = seats + 5 + Math.floor(random() * 100);
    year.takings[place] = { ...till, admissions };
    return [till.id];
  },
  overlapping_sessions({ year, playOf }, place, random) {
    const till = year.takings[place]!;
    const first = playOf.get(playName(till));
    if (first === undefined) return undefined;
    const twin = `twin ${first.id}`;
    const shift = Math.floor(20 + random() * 40) * MINUTE;
    const { startedAt, endedAt } = first;
    const moved = { startedAt: startedAt + shift, endedAt: endedAt + shift };
    playOf.set(twin, { ...first, id: twin, ...moved });
    return [twin];
  },
  impossible_turnaround({ year }, place, random) {
    const till = year.takings[place]!;
    const id = `again ${till.id}`;
    const startsAt = till.startsAt + Math.floor(25 + random() * 20) * MINUTE;
    year.takings.push({ ...till, id, startsAt, grossFen: till.grossFen + 7n });
    return [id];
  },
  shortened_play({ year, playOf }, place, random) {
    const till = year.takings[place]!;
    const play = playOf.get(playName(till));
    if (play === undefined) return undefined;
    const part = 0.3 + random() * 0.5;
    const endedAt = play.startedAt + (play.endedAt - play.startedAt) * part;
    playOf.set(play.id, { ...play, endedAt });
    return [play.id];
  },
  full_night_house({ year, seats }, place, random) {
    const till = year.takings[place]!;
    const day = Math.floor((till.startsAt - GENERATED_OPENING) / DAY);
    const startsAt = GENERATED_OPENING + day * DAY + Math.floor((1.5 + random() * 3) * HOUR);
    const id = `night ${till.id}`;
    const admissions = Math.ceil((seats.get(till.screenId) ?? 0) * 0.95);
    year.takings.push({ ...till, id, startsAt, admissions });
    return [id];
  },
  identical_takings({ year, used }, place) {
    const first = year.takings[place]!;
    const alike: number[] = [];
    for (let at = place; at < year.takings.length && alike.length < 5; at++) {
      const each = year.takings[at]!;
      if (each.screenId !== first.screenId) break;
      if (each.filmId === first.filmId && !used.has(each.id)) alike.push(at);
    }
    if (alike.length < 5) return undefined;
    for (const at of alike) {
      year.takings[at] = { ...year.takings[at]!, admissions: 33, grossFen: 115_500n };
    }
    return alike.map((at) => year.takings[at]!.id);
  },
  copied_takings({ year, used }, place) {
    const first = year.takings[place]!;
    const dayOf = ({ startsAt }: Takings) => Math.floor((startsAt - SIX - GENERATED_OPENING) / DAY);
    const day = dayOf(first);
    const isSold = (at: number) => {
      const till = year.takings[at];
      return till !== undefined && !used.has(till.id) && dayOf(till) === day ? till : undefined;
    };
    const places = year.takings
      .flatMap((_, at) => (isSold(at) === undefined ? [] : [at]))
      .toSorted((a, b) => year.takings[a]!.startsAt - year.takings[b]!.startsAt);
    const own = places.filter((at) => year.takings[at]!.screenId === first.screenId);
    const other = places.filter((at) => year.takings[at]!.screenId > first.screenId);
    const theirs = other.filter(
      (at) => year.takings[at]!.screenId === year.takings[other[0]!]!.screenId,
    );
    if (own.length < 4 || theirs.length < 4) return undefined;
    return [0, 1, 2, 3].flatMap((index) => {
      const [from, to] = [own[index]!, theirs[index]!];
      const figures = { admissions: 21 + index, grossFen: 77_700n + BigInt(index) * 3700n };
      year.takings[from] = { ...year.takings[from]!, ...figures };
      year.takings[to] = { ...year.takings[to]!, ...figures };
      return [year.takings[from]!.id, year.takings[to]!.id];
    });
  },
  shifted_clock({ year, playOf, playsOn, used }, place, random) {
    const { screenId, startsAt: from } = year.takings[place]!;
    // Ten days, until somebody notices; hours as of a wrong zone, to either side.
    const shift = (random() < 0.5 ? -1 : 1) * Math.floor(1 + random() * 8) * HOUR;
    const own = playsOn
      .get(screenId)!
      .filter((play) => play.startedAt >= from && play.startedAt < from + 10 * DAY);
    if (own.some((play) => used.has(play.id))) return undefined;
    for (const play of own) {
      const { startedAt, endedAt } = play;
      playOf.set(play.id, { ...play, startedAt: startedAt + shift, endedAt: endedAt + shift });
    }
    return own.flatMap((play) => [play.id, play.id.replace('play', 'till')]);
  },
};

/** What the rules did with an honest year and with a planted one. */
export function measureRules(
  honest: { readonly sessions: number; readonly suspicions: readonly Suspicion[] },
  planted: { readonly plants: readonly Plant[]; readonly suspicions: readonly Suspicion[] },
): RuleMeasure[] {
  const shown = new Map<RuleCode, Set<string>>();
  for (const { code, evidence } of planted.suspicions) {
    const ids = shown.get(code) ?? new Set();
    for (const { id } of evidence) ids.add(id);
    shown.set(code, ids);
  }
  return RULE_CODES.map((code) => {
    const plants = planted.plants.filter((plant) => plant.code === code);
    const ids = shown.get(code) ?? new Set<string>();
    return {
      code,
      honest: honest.sessions,
      falseAlarms: honest.suspicions.filter((each) => each.code === code).length,
      planted: plants.length,
      found: plants.filter((plant) => [...plant.records].some((id) => ids.has(id))).length,
    };
  });
}
