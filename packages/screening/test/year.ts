import type { Evidence, KeyWindow, Play, PlannedShow, Takings } from '../src/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Numbers that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Honest = { -readonly [Part in keyof Evidence]: Evidence[Part] } & {
  shows: PlannedShow[];
  plays: Play[];
  takings: Takings[];
  windows: KeyWindow[];
};

export const FILMS = [
  { id: 'long', runtimeMs: 150 * MINUTE, encrypted: true },
  { id: 'short', runtimeMs: 95 * MINUTE, encrypted: true },
  { id: 'old', runtimeMs: 88 * MINUTE, encrypted: false },
];
export const OPENING = Date.UTC(2026, 4, 1) - 8 * HOUR;

/**
 * Cinemas as they are when nobody cheats: late starts, empty sessions that are not played, tests in
 * the morning, a crowded first night, refunds that leave a session without visitors.
 */
export function honestCinemas(screens: number, days: number, seed: number): Honest {
  const random = seeded(seed);
  const year: Honest = {
    screens: [],
    films: FILMS,
    shows: [],
    plays: [],
    takings: [],
    windows: [],
    loggedScreens: new Set(),
  };
  const logged = new Set<string>();
  const all: { id: string; seats: number; offsetMinutes: number }[] = [];
  for (let number = 0; number < screens; number++) {
    const screen = {
      id: `s${number}`,
      seats: 60 + Math.floor(random() * 200),
      offsetMinutes: 480,
    };
    all.push(screen);
    if (random() < 0.9) logged.add(screen.id);
    for (const film of FILMS.filter((each) => each.encrypted)) {
      year.windows.push({
        screenId: screen.id,
        filmId: film.id,
        notBefore: OPENING - 12 * HOUR,
        notAfter: OPENING + days * DAY + 6 * HOUR,
      });
    }
    for (let day = 0; day < days; day++) fillDay(year, random, { ...screen, number, day });
  }
  year.screens = all;
  year.loggedScreens = logged;
  return year;
}

function fillDay(
  year: Honest,
  random: () => number,
  { id, seats, day, number }: { id: string; seats: number; day: number; number: number },
): void {
  const begin = OPENING + day * DAY;
  if (random() < 0.3) {
    // A test of picture and sound before the house opens.
    const at = begin + 9 * HOUR;
    year.plays.push({
      id: `test ${number} ${day}`,
      screenId: id,
      filmId: 'long',
      startedAt: at,
      endedAt: at + Math.floor(5 + random() * 20) * MINUTE,
    });
  }
  let at = begin + 10 * HOUR + Math.floor(random() * 30) * MINUTE;
  // The first night begins at midnight and is full.
  if (day === 0) session(year, random, { id, seats, number, at: begin + 5 * MINUTE, share: 1 });
  while (at < begin + 22.5 * HOUR) {
    const length = session(year, random, { id, seats, number, at, share: random() ** 2 });
    at += length + Math.floor(15 + random() * 20) * MINUTE;
  }
}

function session(
  year: Honest,
  random: () => number,
  {
    id,
    seats,
    number,
    at,
    share,
  }: { id: string; seats: number; number: number; at: number; share: number },
): number {
  const film = FILMS[Math.floor(random() * FILMS.length)]!;
  const name = `${number} ${at}`;
  const before = Math.floor(8 + random() * 10) * MINUTE;
  const length = before + film.runtimeMs;
  const admissions = Math.floor(share * seats);
  year.shows.push({
    id: `show ${name}`,
    screenId: id,
    filmId: film.id,
    startsAt: at,
    endsAt: at + length,
  });
  if (admissions > 0) {
    const price = 2500n + BigInt(Math.floor(random() * 40)) * 50n;
    year.takings.push({
      id: `till ${name}`,
      screenId: id,
      filmId: film.id,
      startsAt: at + Math.floor(random() * 5 - 2) * MINUTE,
      admissions,
      grossFen: BigInt(admissions) * price + BigInt(Math.floor(random() * 900)),
    });
  }
  if (admissions > 0) {
    const startedAt = at + before + Math.floor(random() * 4) * MINUTE;
    year.plays.push({
      id: `play ${name}`,
      screenId: id,
      filmId: film.id,
      startedAt,
      endedAt: startedAt + film.runtimeMs - Math.floor(random() * 3) * MINUTE,
    });
  }
  return length;
}
