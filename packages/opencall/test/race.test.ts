import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkBid,
  checkRaceChoice,
  checkRaceTerms,
  type Expert,
  EXCLUDED_MAX,
  expertKeptUntil,
  expertShape,
  findConflicts,
  forgetExpert,
  FORGOTTEN,
  type MilestoneState,
  type Racer,
  raceStandings,
  waitingFaults,
  waitsForRace,
} from '../src/index.ts';
import { indicator, milestone, newBid } from './support.ts';

const CHECKPOINT = '2027-06-30';
const TWO = [
  indicator(),
  indicator({ code: 'I2', name: '功耗', unit: 'W', operator: 'at_most', threshold: '20' }),
];
const TERMS = { checkpoint: CHECKPOINT, indicators: TWO, rule: 'simple' as const };

const measured = (code: string, value: string, unit = 'fps') => ({
  indicator: code,
  value,
  unit,
  uncertainty: null,
  method: 'm',
  laboratory: '国家检验中心',
  evidence: 'a'.repeat(64),
});
const racer = (
  code: string,
  values: readonly [string, string],
  state: MilestoneState = 'paid',
): Racer => ({
  code,
  milestones: [
    {
      code: 'M1',
      title: '样机',
      due: CHECKPOINT,
      state,
      measurements: [measured('I1', values[0]), measured('I2', values[1], 'W')],
    },
    { code: 'M2', title: '产品', due: '2028-06-30', state: 'open', measurements: [] },
  ],
});
const codes = (racers: readonly Racer[], code: string, on = '2027-07-01') =>
  checkRaceChoice(TERMS, raceStandings(TERMS, racers), { code, on }).map((each) => each.code);

describe('a race', () => {
  it('[OC30] has two winners at least and a day before the last one; later steps wait', () => {
    const check = (checkpoint: string | null, awards: number) =>
      checkRaceTerms({ checkpoint, awards, due: '2028-12-31' }).map(({ code }) => code);
    expect(check(null, 1)).toEqual([]);
    expect(check(CHECKPOINT, 2)).toEqual([]);
    expect(check(CHECKPOINT, 1)).toEqual(['invalid_race']);
    expect(check('2028-12-31', 2)).toEqual(['invalid_race']);
    const race = { checkpoint: CHECKPOINT, decided: false };
    expect(waitsForRace({ due: CHECKPOINT }, race)).toBe(false);
    expect(waitsForRace({ due: '2027-07-01' }, race)).toBe(true);
    const faults = (due: string) => waitingFaults({ due }, race).map(({ code }) => code);
    expect([CHECKPOINT, '2027-07-01'].map(faults)).toEqual([[], ['undecided_race']]);
    expect(waitsForRace({ due: '2027-07-01' }, { ...race, decided: true })).toBe(false);
    expect(waitsForRace({ due: '2027-07-01' }, { ...race, checkpoint: null })).toBe(false);
    const task = { indicators: [indicator()], due: '2028-12-31', budgetFen: null };
    const terms = { ...task, excludedMax: EXCLUDED_MAX };
    const late = newBid({ proposal: { milestones: [milestone({ due: '2028-01-01' })] } });
    const found = (checkpoint: string | null) =>
      checkBid(late, { ...terms, checkpoint }).map(({ code }) => code);
    expect(found(null)).toEqual([]);
    expect(found(CHECKPOINT)).toEqual(['missing_race_step']);
  });

  it('[OC30] lets one go on that has arrived, when nothing is left to judge or to pay', () => {
    const [a, b] = [racer('a', ['70', '15']), racer('b', ['65', '18'])];
    expect(codes([a, b], 'a')).toEqual([]);
    // Nowhere worse and somewhere better: people have to say why not.
    expect(codes([a, b], 'b')).toEqual(['dominated_racer']);
    expect(codes([a, racer('b', ['75', '18'])], 'b')).toEqual([]);
    expect(codes([a, racer('b', ['65', '18'], 'missed')], 'b')).toEqual(['unfinished_racer']);
    expect(codes([a, b], 'c')).toEqual(['unfinished_racer']);
    for (const state of ['submitted', 'accepted', 'ordered'] as const) {
      expect(codes([a, racer('b', ['65', '18'], state)], 'a')).toEqual(['unsettled_race_step']);
    }
    const open = racer('b', ['65', '18'], 'open');
    expect(codes([a, open], 'a')).toEqual([]);
    expect(codes([a, open], 'a', CHECKPOINT)).toEqual(['early_race_decision']);
    expect(codes([a, b], 'a', '2027-01-01')).toEqual([]);
  });

  it('[OC30] counts only what was accepted: a value nobody judged is behind every other', () => {
    const own = racer('b', ['999', '1'], 'open');
    const [first, second] = raceStandings(TERMS, [racer('a', ['60', '20']), own]);
    expect(first).toMatchObject({ finished: true, behind: [] });
    expect(second).toMatchObject({ finished: false, behind: ['a'] });
    expect(second!.results.map(({ verdict }) => verdict)).toEqual(['unmeasured', 'unmeasured']);
  });

  it('[OC30] being ahead is strict and no circle, whatever was measured', () => {
    const value = fc.integer({ min: 0, max: 4 }).map(String);
    const field = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(field, (all) => {
        const standings = raceStandings(
          TERMS,
          all.map((values, place) => racer(String(place), values)),
        );
        for (const one of standings) {
          expect(one.behind).not.toContain(one.code);
          for (const other of one.behind) {
            const ahead = standings.find(({ code }) => code === other)!;
            expect(ahead.behind).not.toContain(one.code);
            const [mine, theirs] = [all[Number(one.code)]!, all[Number(other)]!].map((each) =>
              each.map(Number),
            );
            expect(theirs![0]! >= mine![0]! && theirs![1]! <= mine![1]!).toBe(true);
          }
        }
        // Somebody is behind nobody: there is always one to choose without a doubt.
        expect(standings.some(({ behind }) => behind.length === 0)).toBe(true);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

const EXPERT: Expert = {
  name: '周一',
  fields: ['video'],
  region: '湖南',
  employer: { name: '第一研究所', creditCode: null },
  titles: ['研究员'],
  email: 'zhou@one.cn',
  history: [{ name: '旧单位', creditCode: null, to: '2025-01-01' }],
  works: [],
  kin: [{ name: '某某', employer: '别处' }],
  holdings: [],
  funding: [],
};

describe('experts', () => {
  it('[OC13] one body that recommends both keeps them apart, and so does working for it', () => {
    const found = (expert: Partial<Expert>, by: string | null) => {
      const { identity } = newBid();
      const recommendedBy = by === null ? null : { name: by, creditCode: null };
      const bid = { ...identity, recommendedBy };
      return findConflicts({ ...EXPERT, ...expert }, bid, { on: '2026-06-01' }).map(
        ({ code }) => code,
      );
    };
    const city = { recommendedBy: { name: '长沙市 工业和信息化局', creditCode: null } };
    expect(found(city, '长沙市工业和信息化局')).toEqual(['same_recommender']);
    expect(found(city, '株洲市工业和信息化局')).toEqual([]);
    expect(found(city, null)).toEqual([]);
    expect(found({}, '长沙市工业和信息化局')).toEqual([]);
    expect(found({}, '第一研究所')).toEqual(['employed_by_recommender']);
    expect(expertShape.safeParse(EXPERT).success).toBe(true);
    expect(expertShape.safeParse({ ...EXPERT, ...city }).success).toBe(true);
  });

  it('[OC31] are kept as long as a tie can matter, and forgotten to fields and region', () => {
    const until = (leftOn: string, lastSeatOn: string | null) =>
      expertKeptUntil({ leftOn, lastSeatOn });
    expect(until('2026-02-01', null)).toBe('2029-02-01');
    expect(until('2026-02-01', '2025-12-31')).toBe('2029-02-01');
    expect(until('2026-02-01', '2026-05-31')).toBe('2029-05-31');
    expect(expertKeptUntil({ leftOn: '2024-02-29', lastSeatOn: null, years: 1 })).toBe(
      '2025-02-28',
    );
    const left = JSON.stringify(forgetExpert(EXPERT));
    for (const told of ['周一', '第一研究所', '研究员', 'zhou', '旧单位', '某某']) {
      expect(left).not.toContain(told);
    }
    expect(left).toContain(FORGOTTEN);
    expect(expertShape.safeParse(forgetExpert(EXPERT)).success).toBe(true);
  });
});
