import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Evidence,
  examine,
  FINDING_TEXTS,
  GENERATED_OPENING as OPENING,
  honestCinemas,
  joinSessions,
  MEASURES,
  measureRules,
  nextCase,
  type CaseStanding,
  type CaseStep,
  plantFaults,
  rowStanding,
  RULE_CODES,
  RULES,
  seeded,
  suspicionFinding,
} from '../src/index.ts';

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
  logs: [{ screenId: 's', from: at - 24 * HOUR, until: at + 24 * HOUR }],
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

  it('[SC17] concludes from missing tickets only where what was sold is known', () => {
    const silent = one({ takings: [] });
    expect(codes({ ...silent, reported: [] })).toEqual([]);
    const day = { screenId: 's', from: at - 12 * HOUR, until: at + 12 * HOUR };
    expect(codes({ ...silent, reported: [{ ...day, screenId: 'other' }] })).toEqual([]);
    expect(codes({ ...silent, reported: [day] })).toEqual(['play_without_tickets']);
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
    expect(codes(one({ plays: [], logs: [] }))).toEqual([]);
    expect(codes(one({ plays: [], takings: [] }))).toEqual(['show_without_play']);
    expect(codes(one({ plays: [], takings: [], logs: [] }))).toEqual([]);
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
    // A short play within a long one hides no third.
    const [long, short, third] = [0, 10, 100].map((minute, index) => ({
      ...play,
      id: `play ${minute}`,
      startedAt: at + minute * MINUTE,
      endedAt: at + [300, 20, 200][index]! * MINUTE,
    }));
    const three = one({ plays: [long!, short!, third!] });
    expect(codes(three).filter((each) => each === 'overlapping_sessions')).toHaveLength(2);
    const soon = { ...takings, id: 'till 2', startsAt: at + 30 * MINUTE, grossFen: 9n };
    expect(codes(one({ takings: [takings, soon] }))).toContain('impossible_turnaround');
    const later = { ...soon, startsAt: at + 121 * MINUTE };
    expect(codes(one({ takings: [takings, later] }))).not.toContain('impossible_turnaround');
  });

  it('[SC8] warns of what is odd', () => {
    const cut = { ...play, endedAt: play.startedAt + 100 * MINUTE };
    expect(codes(one({ plays: [cut] }))).toEqual(['shortened_play']);
    // A table without a column of ends says nothing of how long it was.
    expect(codes(one({ plays: [{ ...play, endedAt: play.startedAt }] }))).toEqual([]);
    const night = OPENING + 27 * HOUR;
    const shifted = {
      shows: [{ ...show, startsAt: night, endsAt: night + 3 * HOUR }],
      plays: [{ ...play, startedAt: night, endedAt: night + 150 * MINUTE }],
      windows: [{ ...one().windows[0]!, notAfter: night + 9 * HOUR }],
    };
    const full = { ...takings, startsAt: night, admissions: 95 };
    expect(codes(one({ ...shifted, takings: [full] }))).toEqual(['full_night_house']);
    expect(codes(one({ ...shifted, takings: [{ ...full, admissions: 80 }] }))).toEqual([]);
    const overMidnight = RULES.map((rule) =>
      rule.code === 'full_night_house'
        ? { ...rule, thresholds: { ...rule.thresholds, fromMinute: 1410, toMinute: 240 } }
        : rule,
    );
    expect(codes(one({ ...shifted, takings: [full] }), overMidnight)).toEqual(['full_night_house']);
    const days = [0, 1, 2, 3].map((day) => ({
      ...takings,
      id: `till ${day}`,
      startsAt: at + day * 24 * HOUR,
    }));
    const alike = one({ takings: days, shows: [], plays: [], logs: [] });
    expect(examine(alike).suspicions).toMatchObject([
      { code: 'identical_takings', facts: { sessions: 4, admissions: 30 } },
    ]);
    const apart = days.map((each, index) => ({ ...each, startsAt: at + index * 72 * HOUR }));
    expect(codes({ ...alike, takings: apart })).toEqual([]);
  });

  it('[SC18] finds a day that was copied from another screen, in its order', () => {
    const day = (screenId: string, figures: readonly number[], from = 0) =>
      figures.map((admissions, index) => ({
        id: `${screenId} ${index}`,
        screenId,
        filmId: 'long',
        startsAt: OPENING + (10 + from + index * 3) * HOUR,
        admissions,
        grossFen: BigInt(admissions) * 3500n,
      }));
    const screen = { id: 's', seats: 100, offsetMinutes: 480 };
    const screens = ['a', 'b', 'c', 'd'].map((id) => ({ ...screen, id }));
    const rule = RULES.filter((each) => each.code === 'copied_takings');
    const told = (sold: ReturnType<typeof day>, elsewhere: ReturnType<typeof day> = []) =>
      examine(one({ screens, takings: sold, elsewhere, shows: [], plays: [], logs: [] }), rule)
        .suspicions;
    const first = day('a', [20, 31, 44, 57]);
    const copied = told([...first, ...day('b', [90, 20, 31, 44, 57], 1)]);
    expect(copied).toMatchObject([{ screenId: 'b', facts: { sessions: 4, others: 1 } }]);
    expect(copied[0]!.evidence).toHaveLength(8);
    // Another order, or too few, are chance; nor says a figure that every screen has anything.
    expect(told([...first, ...day('b', [57, 44, 31, 20])])).toEqual([]);
    expect(told([...first, ...day('b', [20, 31, 44])])).toEqual([]);
    const two = { ...rule[0]!.thresholds, mostScreens: 2 };
    const rare = rule.map((each) => ({ ...each, thresholds: two }));
    const many = ['a', 'b', 'c'].flatMap((id) => day(id, [20, 31, 44, 57]));
    const all = one({ screens, takings: many, shows: [], plays: [], logs: [] });
    expect(examine(all, rare).suspicions).toEqual([]);
    // Of another cinema of the circuit it says how many screens, and shows nothing.
    const [other] = told(first, day('z', [20, 31, 44, 57]));
    expect(other).toMatchObject({ screenId: 'a', facts: { sessions: 4, others: 1 } });
    expect(other!.evidence.every(({ id }) => id.startsWith('a '))).toBe(true);
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
    const cases = ['invalid_case_step', 'missing_verdict', 'same_decider', 'unheard_cinema'];
    expect(Object.keys(FINDING_TEXTS).toSorted()).toEqual([...RULE_CODES, ...cases].toSorted());
    const [found] = examine(one({ plays: [] })).suspicions;
    expect(suspicionFinding(found!)).toMatchObject({
      code: 'tickets_without_play',
      at: { screen: 's' },
    });
  });
});

describe('a clock that is wrong', () => {
  const days = [0, 1, 2, 3, 4, 5];
  const films = ['long', 'old'] as const;
  const week = (shift: number) => {
    const sessions = days.flatMap((day) =>
      films.map((filmId, slot) => ({ filmId, at: at + day * 24 * HOUR + slot * 4 * HOUR, slot })),
    );
    const id = (each: (typeof sessions)[number]) => `${each.at} ${each.slot}`;
    return one({
      logs: [],
      shows: [],
      windows: [{ ...one().windows[0]!, notAfter: at + 9 * 24 * HOUR }],
      takings: sessions.map((each, index) => ({
        ...takings,
        id: `till ${id(each)}`,
        filmId: each.filmId,
        startsAt: each.at,
        admissions: 20 + index,
      })),
      plays: sessions.map((each) => ({
        ...play,
        id: `play ${id(each)}`,
        filmId: each.filmId,
        startedAt: each.at + 15 * MINUTE + shift,
        endedAt: each.at + (each.filmId === 'long' ? 165 : 103) * MINUTE + shift,
      })),
    });
  };

  it('[SC12] is one suspicion, and the shows fit again', () => {
    expect(codes(week(0))).toEqual([]);
    for (const hours of [-8, -3, 3, 8]) {
      const { sessions, suspicions } = examine(week(hours * HOUR));
      expect(suspicions.map((each) => each.code)).toEqual(['shifted_clock']);
      expect(Math.abs(Number(suspicions[0]!.facts['minutes']) + hours * 60)).toBeLessThan(20);
      expect(sessions.every((each) => each.play !== undefined)).toBe(true);
    }
  });

  it('[SC12] doubts no clock for some lost plays, and none where the rule is off', () => {
    const year = week(0);
    const lost = { ...year, plays: year.plays.filter((_, index) => index % 3 !== 0) };
    expect(codes(lost)).toEqual([]);
    const rules = RULES.map((rule) =>
      rule.code === 'shifted_clock' ? { ...rule, enabled: false } : rule,
    );
    expect(codes(week(3 * HOUR), rules)).not.toContain('shifted_clock');
  });

  it('[SC5] concludes from silence only while the log is whole', () => {
    const span = { screenId: 's', from: at - HOUR, until: at + 44 * MINUTE };
    expect(codes(one({ plays: [], logs: [span] }))).toEqual([]);
    expect(codes(one({ plays: [], logs: [{ ...span, until: at + HOUR }] }))).toEqual([
      'tickets_without_play',
    ]);
  });
});

describe('cases', () => {
  const fresh: CaseStanding = {
    state: 'open',
    askedAt: undefined,
    answeredAt: undefined,
    proposedBy: undefined,
    verdict: undefined,
    amountFen: 0n,
  };
  const DAY = 24 * HOUR;
  const step = (standing: CaseStanding, given: Partial<CaseStep> & Pick<CaseStep, 'action'>) =>
    nextCase(standing, { by: 'a', at: 0, ...given });
  const after = (...steps: (Partial<CaseStep> & Pick<CaseStep, 'action'>)[]) =>
    steps.reduce((standing, given) => {
      const next = step(standing, given);
      if (!next.ok) throw new Error(next.findings[0]!.code);
      return next.value;
    }, fresh);
  const fault = (standing: CaseStanding, given: Parameters<typeof step>[1]) => {
    const next = step(standing, given);
    return next.ok ? undefined : next.findings[0]!.code;
  };

  it('[SC13] finds nobody guilty unheard', () => {
    const upheld = { action: 'propose', verdict: 'upheld' } as const;
    expect(fault(fresh, upheld)).toBe('unheard_cinema');
    const asked = after({ action: 'ask' });
    expect(fault(asked, { ...upheld, at: 7 * DAY - 1 })).toBe('unheard_cinema');
    expect(fault(asked, { ...upheld, at: 7 * DAY })).toBeUndefined();
    expect(fault(after({ action: 'ask' }, { action: 'answer' }), upheld)).toBeUndefined();
    expect(fault(fresh, { action: 'propose', verdict: 'dismissed' })).toBeUndefined();
    expect(fault(fresh, { action: 'propose' })).toBe('missing_verdict');
  });

  it('[SC14] lets another person confirm what moves money, and decides the rest at once', () => {
    const heard = after({ action: 'ask' }, { action: 'answer' });
    const free = step(heard, { action: 'propose', verdict: 'tolerated' });
    expect(free.ok && free.value.state).toBe('decided');
    const dear = after(
      { action: 'ask' },
      { action: 'answer' },
      { action: 'propose', verdict: 'upheld', amountFen: 5n },
    );
    expect(dear.state).toBe('proposed');
    expect(fault(dear, { action: 'confirm' })).toBe('same_decider');
    const confirmed = step(dear, { action: 'confirm', by: 'b' });
    expect(confirmed.ok && confirmed.value).toMatchObject({ state: 'decided', amountFen: 5n });
    const back = step(dear, { action: 'send_back', by: 'b' });
    expect(back.ok && back.value).toMatchObject({ state: 'answered', amountFen: 0n });
    // What nobody answered does not become answered by being sent back.
    const silent = nextCase(after({ action: 'ask' }), {
      action: 'propose',
      verdict: 'upheld',
      amountFen: 5n,
      by: 'a',
      at: 8 * DAY,
    });
    const again = silent.ok ? step(silent.value, { action: 'send_back', by: 'b' }) : undefined;
    expect(again?.ok === true && again.value.state).toBe('asked');
  });

  it('[SC15] goes no way that the table does not have', () => {
    const decided = after({ action: 'propose', verdict: 'dismissed' });
    for (const action of ['ask', 'answer', 'propose', 'confirm', 'send_back', 'clear'] as const) {
      const given = action === 'propose' ? { action, verdict: 'upheld' as const } : { action };
      expect(fault(decided, given)).toBe('invalid_case_step');
    }
    expect(fault(fresh, { action: 'answer' })).toBe('invalid_case_step');
    expect(after({ action: 'clear' }).state).toBe('cleared');
  });

  it('[SC16] holds rows from the question to the verdict', () => {
    const standing = (...steps: Parameters<typeof after>) => rowStanding(after(...steps), false);
    expect(standing()).toBe('confirmed');
    expect(standing({ action: 'ask' })).toBe('held');
    expect(standing({ action: 'ask' }, { action: 'answer' })).toBe('held');
    expect(standing({ action: 'clear' })).toBe('confirmed');
    expect(standing({ action: 'propose', verdict: 'tolerated' })).toBe('confirmed');
    const upheld = after(
      { action: 'ask' },
      { action: 'answer' },
      { action: 'propose', verdict: 'upheld' },
    );
    expect(rowStanding(upheld, false)).toBe('excluded');
    expect(rowStanding(upheld, true)).toBe('adjusted');
  });
});

describe('a year of cinemas', () => {
  const SCREENS = Number(process.env['YINGLIAN_SCREENINGS_SCREENS'] ?? 16);
  const DAYS = 28;

  it('[SC10] accuses honest cinemas no more often than its measures say', () => {
    const plain = { viewing: 0, staleSeats: 0 };
    const quiet = examine(honestCinemas(SCREENS, DAYS, 11, plain));
    expect(quiet.suspicions.filter((each) => each.severity === 'error')).toEqual([]);
    const { sessions, suspicions } = examine(honestCinemas(SCREENS, DAYS, 21));
    for (const code of RULE_CODES) {
      const measure = MEASURES.find((each) => each.code === code)!;
      const rate = measure.falseAlarms / measure.honest;
      const alarms = suspicions.filter((each) => each.code === code).length;
      // A handful more than expected is chance in so small a sample.
      expect(alarms, code).toBeLessThanOrEqual(3 + 2 * rate * sessions.length);
    }
  });

  it('[SC10] finds what is planted as often as its measures say', () => {
    const year = honestCinemas(SCREENS, DAYS, 31);
    const plants = plantFaults(year, 12, 5);
    const { suspicions } = examine(year);
    const honest = { sessions: 1, suspicions: [] };
    for (const { code, planted, found } of measureRules(honest, { plants, suspicions })) {
      const measure = MEASURES.find((each) => each.code === code)!;
      const recall = measure.found / measure.planted;
      expect(planted, code).toBeGreaterThan(0);
      expect(found, code).toBeGreaterThanOrEqual(Math.floor(planted * recall * 0.85));
    }
  });

  it('[SC10] measures every rule', () => {
    expect(MEASURES.map((each) => each.code)).toEqual([...RULE_CODES]);
    for (const { planted, found, honest } of MEASURES) {
      expect(honest).toBeGreaterThan(50_000);
      expect(found / planted).toBeGreaterThan(0.75);
    }
  });
});
