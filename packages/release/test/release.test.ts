import { addDays, type Finding } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOKING_ACTIONS,
  BOOKING_STATES,
  BOOKING_TRANSITIONS,
  bookingActions,
  bookingConflicts,
  type BookingFacts,
  boardOrder,
  checkPlan,
  cityClassOf,
  comparePlans,
  datesFor,
  FINDING_TEXTS,
  judgeShow,
  KEY_MARGINS_DEFAULT,
  keyWindowFor,
  nextBookingState,
  noticeOf,
  noticePage,
  periodOf,
  PLAN_LIMITS,
  type ReleasePlan,
  runOf,
  type ShowFacts,
  standardFor,
} from '../src/index.ts';

const codes = (findings: readonly Finding[]) => findings.map((each) => each.code);

const standards = (a: bigint, b: bigint) => [
  { format: '2D', cityClass: 'A', fen: a },
  { format: '2D', cityClass: 'B', fen: b },
];
const plan: ReleasePlan = {
  versions: [{ filmVersionId: 'v2d', format: '2D', filmCode: '001100292015' }],
  territory: 'CN',
  periods: [
    { kind: 'preview', from: '2019-09-25', to: '2019-09-26', standards: standards(4000n, 3500n) },
    { kind: 'run', from: '2019-09-30', to: '2019-10-29', standards: standards(3500n, 3000n) },
    { kind: 'extension', from: '2019-10-30', to: '2019-11-30', standards: standards(2500n, 2000n) },
  ],
  cityClasses: [
    { name: 'A', cities: ['北京', '上海', '广州', '深圳'] },
    { name: 'B', cities: [] },
  ],
  zones: [
    {
      name: '西北',
      provinces: ['甘肃', '青海'],
      cities: [],
      circuitIds: [],
      cinemaIds: [],
      from: '2019-10-07',
      to: '2019-11-30',
    },
    {
      name: '院线',
      provinces: [],
      cities: [],
      circuitIds: ['c1'],
      cinemaIds: [],
      from: '2019-10-01',
      to: '2019-11-10',
    },
    {
      name: '兰州',
      provinces: [],
      cities: ['兰州'],
      circuitIds: [],
      cinemaIds: [],
      from: '2019-10-03',
      to: '2019-11-30',
    },
    {
      name: '一家',
      provinces: [],
      cities: [],
      circuitIds: [],
      cinemaIds: ['k1'],
      from: '2019-10-05',
      to: '2019-10-05',
    },
  ],
  minimumScreenings: [{ from: '2019-09-30', to: '2019-10-06', perDay: 4 }],
  keyMargins: KEY_MARGINS_DEFAULT,
  termsId: null,
  note: '',
};
const cinema = (over: Partial<Parameters<typeof datesFor>[1]>) => ({
  id: 'k9',
  circuitId: null,
  province: '甘肃',
  city: '兰州',
  ...over,
});

describe('dates of a release', () => {
  it('[RL1] takes the narrowest zone', () => {
    expect(datesFor(plan, cinema({ id: 'k1', circuitId: 'c1' }))?.from).toBe('2019-10-05');
    expect(datesFor(plan, cinema({ circuitId: 'c1' }))?.to).toBe('2019-11-10');
    expect(datesFor(plan, cinema({}))?.from).toBe('2019-10-03');
    expect(datesFor(plan, cinema({ city: '天水' }))?.from).toBe('2019-10-07');
    expect(datesFor(plan, cinema({ province: '湖南', city: '长沙' }))).toEqual({
      from: '2019-09-30',
      to: '2019-11-30',
    });
  });

  it('[RL2] runs from the opening to the last extension', () => {
    expect(runOf(plan)).toEqual({ from: '2019-09-30', to: '2019-11-30' });
    expect(runOf({ ...plan, periods: [] })).toBeUndefined();
    const late = { ...plan.periods[0]!, from: '2019-10-01', to: '2019-10-02' };
    expect(codes(checkPlan({ ...plan, periods: [late, ...plan.periods.slice(1)] }))).toContain(
      'late_preview',
    );
  });

  it('[RL3] finds the standard by day, format and class', () => {
    const fen = (city: string | null, day: string) =>
      standardFor(plan, { format: '2D', city, day });
    expect(fen('上海', '2019-10-01')).toBe(3500n);
    expect(fen('长沙', '2019-10-29')).toBe(3000n);
    expect(fen('长沙', '2019-10-30')).toBe(2000n);
    expect(fen(null, '2019-11-30')).toBe(2000n);
    expect(fen('上海', '2019-09-26')).toBe(4000n);
    expect(fen('上海', '2019-12-01')).toBeUndefined();
    expect(standardFor(plan, { format: 'IMAX', city: '上海', day: '2019-10-01' })).toBeUndefined();
    expect(cityClassOf({ ...plan, cityClasses: [plan.cityClasses[0]!] }, '长沙')).toBeUndefined();
  });

  it('[RL3] gives every day of a run one period', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 61 }), (days) => {
        const day = addDays('2019-09-30', days);
        const period = periodOf(plan, day)!;
        expect(period.from <= day && day <= period.to).toBe(true);
      }),
    );
  });

  it('[RL4] reaches beyond the days by the margins', () => {
    const days = { from: '2019-12-31', to: '2020-02-28' };
    expect(keyWindowFor(plan, days)).toEqual({
      opens: '2019-12-30T12:00',
      closes: '2020-02-29T06:00',
    });
    const none = { ...plan, keyMargins: { beforeMinutes: 0, afterMinutes: 0 } };
    expect(keyWindowFor(none, days)).toEqual({
      opens: '2019-12-31T00:00',
      closes: '2020-02-29T00:00',
    });
    const long = { ...plan, keyMargins: { beforeMinutes: 1441, afterMinutes: 1501 } };
    expect(keyWindowFor(long, days)).toEqual({
      opens: '2019-12-29T23:59',
      closes: '2020-03-01T01:01',
    });
  });
});

describe('a plan', () => {
  it('[RL5] is accepted when it is whole', () => {
    expect(checkPlan(plan)).toEqual([]);
  });

  it.each<[string, Partial<ReleasePlan>]>([
    ['missing_release_version', { versions: [] }],
    ['doubled_release_version', { versions: [plan.versions[0]!, plan.versions[0]!] }],
    [
      'doubled_film_code',
      { versions: [plan.versions[0]!, { ...plan.versions[0]!, filmVersionId: 'other' }] },
    ],
    ['missing_run', { periods: [], zones: [] }],
    ['unexpected_extension', { periods: [plan.periods[2]!], zones: [] }],
    [
      'overlapping_periods',
      { periods: [plan.periods[1]!, { ...plan.periods[2]!, from: '2019-10-29' }] },
    ],
    ['reversed_plan_dates', { periods: [{ ...plan.periods[1]!, to: '2019-09-29' }] }],
    ['invalid_plan_date', { periods: [{ ...plan.periods[1]!, to: '2019-02-29' }] }],
    ['excessive_plan_days', { periods: [{ ...plan.periods[1]!, to: '2029-09-29' }] }],
    ['doubled_city_class', { cityClasses: [plan.cityClasses[0]!, { name: 'A', cities: [] }] }],
    ['doubled_city', { cityClasses: [...plan.cityClasses, { name: 'C', cities: ['北京'] }] }],
    ['doubled_rest_class', { cityClasses: [...plan.cityClasses, { name: 'C', cities: [] }] }],
    [
      'doubled_standard',
      {
        periods: [{ ...plan.periods[1]!, standards: [...standards(1n, 2n), ...standards(1n, 2n)] }],
        zones: [],
      },
    ],
    [
      'unknown_standard',
      {
        periods: [
          {
            ...plan.periods[1]!,
            standards: [...standards(1n, 2n), { format: '3D', cityClass: 'A', fen: 1n }],
          },
        ],
        zones: [],
      },
    ],
    [
      'invalid_standard',
      { periods: [{ ...plan.periods[1]!, standards: standards(0n, 2n) }], zones: [] },
    ],
    ['doubled_zone', { zones: [plan.zones[0]!, { ...plan.zones[1]!, name: '西北' }] }],
    ['empty_zone', { zones: [{ ...plan.zones[0]!, provinces: [] }] }],
    ['excessive_zone_dates', { zones: [{ ...plan.zones[0]!, to: '2019-12-01' }] }],
    ['ambiguous_zone', { zones: [plan.zones[0]!, { ...plan.zones[1]!, provinces: ['青海'] }] }],
    ['invalid_minimum', { minimumScreenings: [{ ...plan.minimumScreenings[0]!, perDay: 1.5 }] }],
    [
      'excessive_plan_part',
      {
        cityClasses: [
          { name: 'A', cities: Array.from({ length: PLAN_LIMITS.citiesInClass + 1 }, String) },
        ],
      },
    ],
  ])('[RL5] is refused: %s', (code, change) => {
    const findings = checkPlan({ ...plan, ...change });
    expect(codes(findings)).toContain(code);
    expect(findings.some((each) => each.severity === 'error')).toBe(true);
  });

  it('[RL6] warns of gaps', () => {
    const periods = [
      plan.periods[1]!,
      { ...plan.periods[2]!, from: '2019-11-02', standards: plan.periods[2]!.standards.slice(1) },
    ];
    const versions = [{ ...plan.versions[0]!, filmCode: null }];
    const findings = checkPlan({
      ...plan,
      periods,
      versions,
      cityClasses: [plan.cityClasses[0]!, { name: 'B', cities: ['长沙'] }],
    });
    expect(codes(findings).toSorted()).toEqual([
      'interrupted_run',
      'missing_film_code',
      'missing_rest_class',
      'missing_standard',
    ]);
    expect(findings.every((each) => each.severity === 'warning')).toBe(true);
  });

  it('[RL7] compares revisions by name', () => {
    const shuffled = {
      ...plan,
      zones: plan.zones.toReversed(),
      cityClasses: [
        plan.cityClasses[1]!,
        { name: 'A', cities: plan.cityClasses[0]!.cities.toReversed() },
      ],
    };
    expect(comparePlans(plan, shuffled)).toEqual([]);
    const extended = {
      ...plan,
      periods: [
        ...plan.periods,
        { kind: 'extension' as const, from: '2019-12-01', to: '2019-12-31', standards: [] },
      ],
      zones: plan.zones.slice(1),
      termsId: 't',
    };
    expect(comparePlans(plan, extended)).toEqual([
      { path: ['termsId'], before: null, after: 't' },
      { path: ['periods', 'extension 2', 'from'], before: null, after: '2019-12-01' },
      { path: ['periods', 'extension 2', 'to'], before: null, after: '2019-12-31' },
      { path: ['zones', '西北', 'from'], before: '2019-10-07', after: null },
      { path: ['zones', '西北', 'to'], before: '2019-11-30', after: null },
      { path: ['zones', '西北', 'provinces'], before: '甘肃 青海', after: null },
    ]);
    const turned = (changes: ReturnType<typeof comparePlans>) =>
      changes.map((each) => ({ path: each.path, before: each.after, after: each.before }));
    const byPath = (changes: ReturnType<typeof comparePlans>) =>
      changes.toSorted((a, b) => (JSON.stringify(a.path) < JSON.stringify(b.path) ? -1 : 1));
    expect(byPath(comparePlans(extended, plan))).toEqual(
      byPath(turned(comparePlans(plan, extended))),
    );
  });
});

describe('a booking', () => {
  it('[RL8] goes only the ways of its table', () => {
    const walked = BOOKING_STATES.map((state) => [
      state,
      bookingActions(state, 'distributor').join(' '),
      bookingActions(state, 'cinema').join(' '),
    ]);
    expect(walked).toEqual([
      ['offered', 'withdraw', 'accept decline'],
      ['accepted', 'confirm withdraw move', 'move'],
      ['declined', '', ''],
      ['confirmed', 'cancel hold_over move', 'cancel move'],
      ['withdrawn', '', ''],
      ['cancelled', '', ''],
    ]);
    const refusal = nextBookingState('offered', 'confirm', 'distributor');
    expect(codes(refusal.findings)).toEqual(['unexpected_action']);
    expect(codes(nextBookingState('offered', 'accept', 'distributor').findings)).toEqual([
      'foreign_action',
    ]);
    for (const action of BOOKING_ACTIONS) {
      for (const state of BOOKING_TRANSITIONS[action].from) {
        const { by, to } = BOOKING_TRANSITIONS[action];
        const next = nextBookingState(state, action, by[0]!);
        expect(next.ok && next.value).toBe(to ?? state);
      }
    }
  });

  const facts: BookingFacts = {
    cinema: cinema({}),
    days: { from: '2019-10-03', to: '2019-10-20' },
    format: '2D',
    screens: [{ name: '1', formats: [], certificateUntil: '2019-12-31' }],
    package: 'ready',
    encrypted: true,
  };
  it('[RL9] is free of conflicts when all is there', () => {
    expect(bookingConflicts(plan, facts)).toEqual([]);
    // The plan's own previews are booked too; the days between them and the run are not.
    const preview = { from: '2019-09-25', to: '2019-09-26' };
    expect(bookingConflicts(plan, { ...facts, days: preview })).toEqual([]);
    const between = { from: '2019-09-26', to: '2019-09-28' };
    expect(codes(bookingConflicts(plan, { ...facts, days: between }))).toEqual([
      'foreign_booking_dates',
    ]);
  });
  it.each<[string, Partial<BookingFacts>]>([
    ['foreign_booking_dates', { days: { from: '2019-10-02', to: '2019-10-20' } }],
    ['foreign_booking_dates', { days: { from: '2019-10-03', to: '2019-12-01' } }],
    ['missing_booked_screen', { screens: [] }],
    [
      'missing_screen_format',
      {
        format: 'IMAX',
        screens: [{ name: '1', formats: ['2D', '3D'], certificateUntil: '2030-01-01' }],
      },
    ],
    ['missing_screen_certificate', { screens: [{ ...facts.screens[0]!, certificateUntil: null }] }],
    [
      'expired_screen_certificate',
      { screens: [{ ...facts.screens[0]!, certificateUntil: '2019-10-19' }] },
    ],
  ])('[RL9] is prevented: %s', (code, change) => {
    const found = bookingConflicts(plan, { ...facts, ...change });
    expect(found.map((each) => [each.code, each.severity])).toEqual([[code, 'error']]);
  });
  it('[RL9] may stand before its package; open pictures need no certificate', () => {
    expect(
      bookingConflicts(plan, { ...facts, package: 'missing' }).map((each) => each.severity),
    ).toEqual(['warning']);
    expect(codes(bookingConflicts(plan, { ...facts, package: 'unchecked' }))).toEqual([
      'unchecked_package',
    ]);
    const bare = [{ ...facts.screens[0]!, certificateUntil: null }];
    expect(bookingConflicts(plan, { ...facts, encrypted: false, screens: bare })).toEqual([]);
  });
});

describe('a show', () => {
  const hour = 3_600_000;
  const key = { thumbprint: 'a', notBefore: 0, notAfter: 100 * hour, received: true };
  const show: ShowFacts = {
    startsAt: 10 * hour,
    endsAt: 12 * hour,
    package: 'verified',
    encrypted: true,
    device: { thumbprint: 'a', certificateUntil: 1000 * hour },
    keys: [key],
  };
  it('[RL10] is green when package, key and window are there', () => {
    expect(judgeShow(show)).toEqual({
      package: 'green',
      key: 'green',
      window: 'green',
      worst: 'green',
      findings: [],
    });
  });
  it.each<[string, string, Partial<ShowFacts>]>([
    ['amber', 'arriving_package', { package: 'arriving' }],
    ['amber', 'unknown_package_place', { package: 'unknown' }],
    ['green', 'unjudged_show', { package: 'foreign', device: null, keys: [] }],
    ['red', 'withdrawn_package', { package: 'withdrawn' }],
    ['red', 'missing_site_package', { package: 'missing' }],
    ['red', 'missing_screen_certificate', { device: null }],
    ['red', 'missing_key', { keys: [] }],
    ['red', 'replaced_device', { keys: [{ ...key, thumbprint: 'former' }] }],
    ['red', 'early_window_end', { keys: [{ ...key, notAfter: 11 * hour }] }],
    ['red', 'expired_key', { keys: [{ ...key, notAfter: 10 * hour }] }],
    ['red', 'late_window_start', { keys: [{ ...key, notBefore: 10 * hour + 1 }] }],
    ['amber', 'unconfirmed_key', { keys: [{ ...key, received: false }] }],
    ['amber', 'narrow_window', { keys: [{ ...key, notAfter: 12 * hour + 60_000 }] }],
  ])('[RL10] is %s: %s', (light, code, change) => {
    const judged = judgeShow({ ...show, ...change });
    expect([judged.worst, codes(judged.findings)]).toEqual([light, [code]]);
  });
  it('[RL10] needs one good key, whatever others there are', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            thumbprint: fc.constantFrom('a', 'b'),
            notBefore: fc.integer({ min: 0, max: 20 * hour }),
            notAfter: fc.integer({ min: 0, max: 20 * hour }),
            received: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
        fc.nat(),
        (others, place) => {
          const keys: ShowFacts['keys'][number][] = [...others];
          keys.splice(place % (keys.length + 1), 0, key);
          expect(judgeShow({ ...show, keys }).worst).toBe('green');
        },
      ),
    );
  });
  it('[RL11] needs no key when it is not encrypted', () => {
    expect(judgeShow({ ...show, encrypted: false, keys: [], device: null }).worst).toBe('green');
  });
  it('[RL12] comes red first, then sooner first', () => {
    const rows = [
      { id: 1, worst: 'green', startsAt: 1 },
      { id: 2, worst: 'red', startsAt: 9 },
      { id: 3, worst: 'amber', startsAt: 2 },
      { id: 4, worst: 'red', startsAt: 3 },
    ] as const;
    expect(boardOrder(rows).map((each) => each.id)).toEqual([4, 2, 3, 1]);
  });
});

describe('a notice', () => {
  const facts = {
    film: '中国机长',
    distributor: '发行公司',
    revision: 2,
    announced: '2019-10-28',
    names: new Map([['c1', '一条院线']]),
  };
  it('[RL13] says what the plan says, in both languages', () => {
    const zh = noticeOf(plan, facts, 'zh-CN');
    expect(zh.title).toBe('《中国机长》发行通知');
    const rows = zh.tables.flatMap((table) => table.rows.map((row) => row.join('|')));
    expect(rows).toContain('2019-10-30 – 2019-11-30|延长放映|2D|B|20.00');
    expect(rows).toContain('院线|2019-10-01 – 2019-11-10|一条院线');
    expect(rows).toContain('B|其余城市');
    expect(zh.lead).toContain('本通知取代此前各版');
    const en = noticeOf({ ...plan, note: 'Late shows' }, { ...facts, revision: 1 }, 'en');
    expect(en.title).toBe('中国机长 · Distribution notice');
    expect(en.notes.at(-1)).toBe('Late shows');
    expect(en.lead.join()).not.toContain('earlier');
  });
  it('[RL13] lets no text become markup', () => {
    fc.assert(
      fc.property(fc.string(), (note) => {
        const evil = `<script>${note}`;
        const page = noticePage(
          noticeOf({ ...plan, note: evil }, { ...facts, film: evil, distributor: evil }, 'en'),
          'en',
        );
        expect(page).not.toContain('<script');
      }),
    );
  });
  it('[RL14] has a text in both languages for every code', () => {
    for (const [code, text] of Object.entries(FINDING_TEXTS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(text.zh && text.en).toBeTruthy();
    }
  });
});
