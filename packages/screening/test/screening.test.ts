import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Evidence,
  examine,
  FINDING_TEXTS,
  joinSessions,
  RULE_CODES,
  RULES,
  type RuleCode,
  suspicionFinding,
} from '../src/index.ts';
import { honestCinemas, type Honest, OPENING, seeded } from './year.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = OPENING + 19 * HOUR;

const show = { id: 'show', screenId: 's', filmId: 'long', startsAt: at, endsAt: at + 3 * HOUR };
const play = {
  id: 'play',
  screenId: 's',
  filmId: 'long',
  startedAt: at + 15 * MINUTE,
  endedAt: at + 165 * MINUTE,
};
const takings = {
  id: 'till',
  screenId: 's',
  filmId: 'long',
  startsAt: at,
  admissions: 30,
  grossFen: 105_000n,
};
const one = (over: Partial<Evidence> = {}): Evidence => ({
  screens: [{ id: 's', seats: 100, offsetMinutes: 480 }],
  films: [
    { id: 'long', runtimeMs: 150 * MINUTE, encrypted: true },
    { id: 'old', runtimeMs: 88 * MINUTE, encrypted: false },
  ],
  shows: [show],
  plays: [play],
  takings: [takings],
  windows: [{ screenId: 's', filmId: 'long', notBefore: at - HOUR, notAfter: at + 4 * HOUR }],
  loggedScreens: new Set(['s']),
  ...over,
});
const codes = (evidence: Evidence, rules = RULES) =>
  examine(evidence, rules).suspicions.map((each) => each.code);

describe('joining', () => {
  it('[SC1] makes one session of three sources', () => {
    const { sessions, suspicions } = examine(one());
    expect(sessions).toEqual([
      { screenId: 's', filmId: 'long', startsAt: at, show, play, takings },
    ]);
    expect(suspicions).toEqual([]);
  });

  it('[SC1] gives each record to one session, whatever there is', () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const year = honestCinemas(2, 2, seed);
        const sessions = joinSessions(year);
        const ids = (part: 'show' | 'play' | 'takings') =>
          sessions.flatMap((each) => each[part]?.id ?? []).toSorted();
        expect(ids('show')).toEqual(year.shows.map((each) => each.id).toSorted());
        expect(ids('play')).toEqual(year.plays.map((each) => each.id).toSorted());
        expect(ids('takings')).toEqual(year.takings.map((each) => each.id).toSorted());
      }),
      { numRuns: 20 },
    );
  });

  it('[SC2] takes the nearer, in any order', () => {
    const later = { ...takings, id: 'later', startsAt: at + 12 * MINUTE };
    for (const list of [
      [takings, later],
      [later, takings],
    ]) {
      const [first, second] = joinSessions(one({ takings: list }));
      expect([first?.takings?.id, second?.takings?.id]).toEqual(['till', 'later']);
    }
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const year = honestCinemas(2, 2, seed);
        const random = seeded(seed);
        const mixed = <Row>(rows: readonly Row[]) =>
          rows
            .map((row) => ({ row, key: random() }))
            .toSorted((a, b) => a.key - b.key)
            .map((each) => each.row);
        const turned = {
          ...year,
          shows: mixed(year.shows),
          plays: mixed(year.plays),
          takings: mixed(year.takings),
        };
        expect(examine(turned)).toEqual(examine(year));
      }),
      { numRuns: 20 },
    );
  });

  it('[SC3] keeps what one source alone knows', () => {
    const parts = { shows: [], plays: [], takings: [] };
    expect(joinSessions({ ...parts, shows: [show] })).toHaveLength(1);
    expect(joinSessions({ ...parts, plays: [play] })[0]?.play).toEqual(play);
    expect(joinSessions({ ...parts, takings: [takings] })[0]?.show).toBeUndefined();
    const foreign = { ...play, filmId: null };
    expect(joinSessions({ ...parts, shows: [show], plays: [foreign] })).toHaveLength(2);
    const far = { ...play, startedAt: at + 46 * MINUTE, endedAt: at + 190 * MINUTE };
    expect(joinSessions({ ...parts, shows: [show], plays: [far] })).toHaveLength(2);
  });
});

describe('rules', () => {
  it('[SC4] finds a film that played to nobody, not a test', () => {
    expect(codes(one({ takings: [] }))).toEqual(['play_without_tickets']);
    const test = { ...play, endedAt: play.startedAt + 20 * MINUTE };
    expect(codes(one({ takings: [], shows: [], plays: [test] }))).toEqual([]);
  });

  it('[SC5] concludes from silence only where the log is whole', () => {
    const [found] = examine(one({ plays: [] })).suspicions;
    expect(found).toMatchObject({
      code: 'tickets_without_play',
      facts: { admissions: 30, gross: '105000' },
      evidence: [
        { kind: 'show', id: 'show' },
        { kind: 'takings', id: 'till' },
      ],
    });
    expect(codes(one({ plays: [], loggedScreens: new Set() }))).toEqual([]);
    expect(codes(one({ plays: [], takings: [] }))).toEqual(['show_without_play']);
    expect(codes(one({ plays: [], takings: [], loggedScreens: new Set() }))).toEqual([]);
  });

  it('[SC6] finds playbacks outside every window', () => {
    const window = { screenId: 's', filmId: 'long', notBefore: at - HOUR, notAfter: at + 4 * HOUR };
    expect(codes(one({ windows: [] }))).toEqual(['play_outside_key']);
    expect(codes(one({ windows: [{ ...window, notAfter: at + 2 * HOUR }] }))).toEqual([
      'play_outside_key',
    ]);
    expect(codes(one({ windows: [{ ...window, notAfter: play.endedAt - 9 * MINUTE }] }))).toEqual(
      [],
    );
    expect(codes(one({ windows: [{ ...window, screenId: 'other' }] }))).toEqual([
      'play_outside_key',
    ]);
    const open = { filmId: 'old' };
    expect(
      codes(
        one({
          windows: [],
          shows: [{ ...show, ...open }],
          takings: [{ ...takings, ...open }],
          plays: [{ ...play, ...open }],
        }),
      ),
    ).toEqual([]);
  });

  it('[SC7] finds what cannot be', () => {
    expect(codes(one({ takings: [{ ...takings, admissions: 101 }] }))).toEqual([
      'excessive_admissions',
    ]);
    expect(codes(one({ takings: [{ ...takings, admissions: 100 }] }))).toEqual([]);
    const screens = [{ id: 's', seats: null, offsetMinutes: 480 }];
    expect(codes(one({ screens, takings: [{ ...takings, admissions: 999 }] }))).toEqual([]);
    const second = {
      ...play,
      id: 'play 2',
      startedAt: play.endedAt - 4 * MINUTE,
      endedAt: play.endedAt + 146 * MINUTE,
    };
    const found = examine(
      one({ plays: [play, second], windows: [{ ...one().windows[0]!, notAfter: at + 9 * HOUR }] }),
    ).suspicions.find((each) => each.code === 'overlapping_sessions');
    expect(found?.facts).toEqual({ minutes: 4 });
    expect(found?.evidence.filter((each) => each.kind === 'play')).toHaveLength(2);
    const soon = { ...takings, id: 'till 2', startsAt: at + 30 * MINUTE, grossFen: 9n };
    expect(codes(one({ takings: [takings, soon] }))).toContain('impossible_turnaround');
    const later = { ...soon, startsAt: at + 121 * MINUTE };
    expect(codes(one({ takings: [takings, later] }))).not.toContain('impossible_turnaround');
  });

  it('[SC8] warns of what is odd', () => {
    const cut = { ...play, endedAt: play.startedAt + 100 * MINUTE };
    expect(codes(one({ plays: [cut] }))).toEqual(['shortened_play']);
    const night = OPENING + 27 * HOUR;
    const shifted = {
      shows: [{ ...show, startsAt: night, endsAt: night + 3 * HOUR }],
      plays: [{ ...play, startedAt: night, endedAt: night + 150 * MINUTE }],
      windows: [{ ...one().windows[0]!, notAfter: night + 9 * HOUR }],
    };
    const full = { ...takings, startsAt: night, admissions: 95 };
    expect(codes(one({ ...shifted, takings: [full] }))).toEqual(['full_night_house']);
    expect(codes(one({ ...shifted, takings: [{ ...full, admissions: 80 }] }))).toEqual([]);
    const days = [0, 1, 2, 3].map((day) => ({
      ...takings,
      id: `till ${day}`,
      startsAt: at + day * 24 * HOUR,
    }));
    const alike = one({ takings: days, shows: [], plays: [], loggedScreens: new Set() });
    expect(examine(alike).suspicions).toMatchObject([
      { code: 'identical_takings', facts: { sessions: 4, admissions: 30 } },
    ]);
    const apart = days.map((each, index) => ({ ...each, startsAt: at + index * 72 * HOUR }));
    expect(codes({ ...alike, takings: apart })).toEqual([]);
  });

  it('[SC9] does what its thresholds say', () => {
    const none = RULES.map((rule) => ({ ...rule, enabled: false }));
    expect(codes(one({ takings: [], windows: [] }), none)).toEqual([]);
    const strict = RULES.map((rule) =>
      rule.code === 'play_without_tickets'
        ? { ...rule, thresholds: { leastPlayedPercent: 5 } }
        : rule,
    );
    const test = { ...play, endedAt: play.startedAt + 20 * MINUTE };
    expect(codes(one({ takings: [], plays: [test] }), strict)).toEqual(['play_without_tickets']);
  });

  it('[SC11] has a text for every code', () => {
    expect(Object.keys(FINDING_TEXTS).toSorted()).toEqual([...RULE_CODES].toSorted());
    const [found] = examine(one({ plays: [] })).suspicions;
    expect(suspicionFinding(found!)).toMatchObject({
      code: 'tickets_without_play',
      at: { screen: 's' },
    });
  });
});

describe('a month of cinemas', () => {
  const SCREENS = Number(process.env['YINGLIAN_SCREENINGS_SCREENS'] ?? 40);
  const DAYS = 28;

  it('[SC10] accuses no honest cinema', () => {
    const { sessions, suspicions } = examine(honestCinemas(SCREENS, DAYS, 11));
    const rates = new Map<string, number>();
    for (const { code } of suspicions) rates.set(code, (rates.get(code) ?? 0) + 1);
    console.log(
      `false alarms in ${sessions.length} honest sessions:`,
      JSON.stringify(Object.fromEntries(rates)),
    );
    expect(suspicions.filter((each) => each.severity === 'error')).toEqual([]);
    const warnings = suspicions.filter((each) => each.severity === 'warning').length;
    expect(warnings / sessions.length).toBeLessThan(0.001);
  });

  /** One change to an honest month that makes one kind of fault, at a session of the month. */
  const plants: Record<RuleCode, (year: Honest, place: number) => void> = {
    play_without_tickets: (year, place) => void year.takings.splice(place, 1),
    tickets_without_play: (year, place) => removePlay(year, place),
    play_outside_key(year, place) {
      const { screenId } = year.takings.filter((each) => each.filmId !== 'old')[place]!;
      year.windows = year.windows.filter((each) => each.screenId !== screenId);
    },
    show_without_play(year, place) {
      removePlay(year, place);
      year.takings.splice(place, 1);
    },
    excessive_admissions(year, place) {
      year.takings[place] = { ...year.takings[place]!, admissions: 1000 };
    },
    overlapping_sessions(year, place) {
      const first = year.plays.filter((each) => each.id.startsWith('play'))[place]!;
      year.plays.push({
        ...first,
        id: 'twin',
        startedAt: first.startedAt + 60 * MINUTE,
        endedAt: first.endedAt + 60 * MINUTE,
      });
    },
    impossible_turnaround(year, place) {
      const first = year.takings[place]!;
      year.takings.push({ ...first, id: 'ghost', startsAt: first.startsAt + 25 * MINUTE });
    },
    shortened_play(year, place) {
      const index = year.plays.findIndex(
        (each) => each.id === year.takings[place]!.id.replace('till', 'play'),
      );
      const whole = year.plays[index]!;
      year.plays[index] = { ...whole, endedAt: whole.startedAt + 40 * MINUTE };
    },
    full_night_house(year, place) {
      const { screenId, filmId } = year.takings[place]!;
      const { seats } = year.screens.find((each) => each.id === screenId)!;
      year.takings.push({
        id: 'night',
        screenId,
        filmId,
        startsAt: OPENING + 3 * 24 * HOUR + 3 * HOUR,
        admissions: seats!,
        grossFen: 99n,
      });
    },
    identical_takings(year, place) {
      const first = year.takings[place]!;
      const alike = year.takings
        .filter(
          (each) =>
            each.screenId === first.screenId &&
            each.filmId === first.filmId &&
            each.startsAt >= first.startsAt,
        )
        .slice(0, 4);
      for (const each of alike) {
        year.takings[year.takings.indexOf(each)] = { ...each, admissions: 33, grossFen: 115_500n };
      }
    },
  };
  function removePlay(year: Honest, place: number): void {
    const till = year.takings[place]!;
    const id = till.id.replace('till', 'play');
    year.plays = year.plays.filter((each) => each.id !== id);
  }

  it.each(RULE_CODES)('[SC10] finds every planted fault: %s', (code) => {
    const random = seeded(5);
    for (let time = 0; time < 6; time++) {
      const year = honestCinemas(6, 9, 100 + time);
      year.loggedScreens = new Set(year.screens.map((each) => each.id));
      const place = Math.floor(random() * 40);
      plants[code](year, place);
      const found = examine(year).suspicions.map((each) => each.code);
      expect(found, `plant ${time}`).toContain(code);
    }
  });
});
