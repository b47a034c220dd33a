import { compareRatio, parseRatio, ratio, type Ratio, sumRatios } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  additiveModel,
  checkRubric,
  decimalText,
  estimateUncertainty,
  rankProposals,
  type Rating,
  scoreRatings,
  type ScoreSheet,
  sheetPoints,
  signSheet,
  verifySheet,
} from '../src/index.ts';
import { toBase64 } from '@yinglian/core';
import { RUNS, sealing, seeded } from './support.ts';

const rate = (reviewer: string, proposal: string, points: number | string): Rating => ({
  reviewer,
  proposal,
  points: parseRatio(String(points))!,
});
const shown = (value: Ratio | null | undefined) => (value == null ? value : decimalText(value, 4));
const rubric = [
  { code: 'innovation', title: '创新性', weight: '40%', max: 10 },
  { code: 'feasibility', title: '可行性', weight: '3/5', max: 5 },
];

describe('sheets', () => {
  it('[OC19] weighs marks exactly and refuses marks that are none', () => {
    const { points } = sheetPoints(rubric, { innovation: '7.5', feasibility: '4' });
    expect(shown(points)).toBe('78.0000');
    const codes = (marks: Record<string, string>) =>
      sheetPoints(rubric, marks).findings.map((each) => each.code);
    expect(codes({ innovation: '11', feasibility: '5' })).toEqual(['invalid_mark']);
    expect(codes({ innovation: '-1', feasibility: '5' })).toEqual(['invalid_mark']);
    expect(codes({ innovation: '1' })).toEqual(['invalid_mark']);
    expect(codes({ innovation: '1', feasibility: '1', toString: '5' })).toEqual([
      'foreign_criterion',
    ]);
    expect(checkRubric(rubric)).toEqual([]);
    expect(checkRubric(rubric.slice(1)).map((each) => each.code)).toEqual(['incomplete_rubric']);
    const double = rubric.map((each) => ({ ...each, code: 'x' }));
    expect(checkRubric(double).map((each) => each.code)).toEqual(['duplicate_criterion']);
  });

  it('[OC23] counts as it was signed, and by whom', async () => {
    const keys = await sealing.newSigningKey();
    const other = await sealing.newSigningKey();
    const sheet: ScoreSheet = {
      schema: 'yinglian.opencall.sheet/1',
      round: 'r',
      proposal: 'B1',
      reviewer: 'E1',
      marks: { innovation: '7' },
      comment: '可行',
      recognised: false,
    };
    const signature = await signSheet(sealing, keys.privateKey, sheet);
    const publicKey = toBase64(keys.publicKey);
    const good = (over: Partial<Parameters<typeof verifySheet>[1]>) =>
      verifySheet(sealing, { publicKey, sheet, signature, ...over }).then(({ ok }) => ok);
    expect(await good({})).toBe(true);
    expect(await good({ sheet: { ...sheet, marks: { innovation: '8' } } })).toBe(false);
    expect(await good({ sheet: { ...sheet, proposal: 'B2' } })).toBe(false);
    expect(await good({ publicKey: toBase64(other.publicKey) })).toBe(false);
    expect(await good({ signature: '!' })).toBe(false);
    expect(await good({ publicKey: 'AAAA' })).toBe(false);
  });
});

describe('views', () => {
  it('[OC19] trims from five sheets on and standardises from five cases on', () => {
    const five = [10, 50, 60, 70, 100].map((points, at) => rate(`r${at}`, 'p', points));
    const { views } = scoreRatings(five);
    expect(shown(views.mean.get('p'))).toBe('58.0000');
    expect(shown(views.trimmed.get('p'))).toBe('60.0000');
    const four = scoreRatings(five.slice(0, 4)).views;
    expect(shown(four.trimmed.get('p'))).toBe(shown(four.mean.get('p')));
    expect(views.standardised.get('p')).toBeNull();
    // Two reviewers of one opinion on different scales come to the same.
    const scales = ['a', 'b', 'c', 'd', 'e'].flatMap((proposal, at) => [
      rate('wide', proposal, 20 * at),
      rate('narrow', proposal, 50 + 2 * at),
    ]);
    const standard = scoreRatings(scales).views.standardised;
    const alone = scoreRatings(scales.filter((each) => each.reviewer === 'wide')).views
      .standardised;
    const z = (map: typeof standard) => [...map.values()].map((value) => value!);
    const gaps = (list: Ratio[]) =>
      list
        .slice(1)
        .map(
          (each, at) =>
            Number(each.numerator) / Number(each.denominator) -
            Number(list[at]!.numerator) / Number(list[at]!.denominator),
        );
    for (const list of [gaps(z(standard)), gaps(z(alone))]) {
      for (const gap of list) expect(gap).toBeCloseTo(list[0]!, 9);
    }
  });

  const ratings = fc
    .array(
      fc.record({
        reviewer: fc.integer({ min: 0, max: 4 }),
        proposal: fc.integer({ min: 0, max: 5 }),
        points: fc.integer({ min: 0, max: 1000 }),
      }),
      { minLength: 1, maxLength: 24 },
    )
    .map((list) => {
      const seen = new Map(list.map((each) => [`${each.reviewer} ${each.proposal}`, each]));
      return [...seen.values()].map(({ reviewer, proposal, points }): Rating => ({
        reviewer: `r${reviewer}`,
        proposal: `p${proposal}`,
        points: ratio(points, 10),
      }));
    });

  it('[OC19] the order of the sheets does not matter', () => {
    fc.assert(
      fc.property(ratings, fc.integer(), (given, seed) => {
        const random = seeded(seed);
        const keyed = given.map((each) => ({ each, key: random() }));
        const turned = keyed.toSorted((a, b) => a.key - b.key).map(({ each }) => each);
        const text = (table: ReturnType<typeof scoreRatings>) =>
          Object.values(table.views)
            .map((view) => [...view].map(([name, value]) => `${name} ${shown(value)}`))
            .concat([table.findings.map((each) => JSON.stringify(each))]);
        expect(text(scoreRatings(turned))).toEqual(text(scoreRatings(given)));
      }),
      { numRuns: RUNS },
    );
  });

  it('[OC20] finds planted severities exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 6 }),
        fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 2, maxLength: 5 }),
        fc.integer(),
        (truth, severities, seed) => {
          const random = seeded(seed);
          const shift = ratio(
            severities.reduce((sum, each) => sum + each, 0),
            severities.length,
          );
          const given = truth.flatMap((points, p) =>
            severities.flatMap((severity, r): Rating[] => {
              // The first reviewer and the first proposal connect everybody; the rest is sparse.
              if (p > 0 && r > 0 && random() < 0.5) return [];
              return [{ proposal: `p${p}`, reviewer: `r${r}`, points: ratio(points + severity) }];
            }),
          );
          const model = additiveModel(given);
          expect(model.findings).toEqual([]);
          for (const [r, severity] of severities.entries()) {
            const found = model.reviewers.get(`r${r}`)!;
            const wanted = sumRatios([ratio(severity), ratio(-shift.numerator, shift.denominator)]);
            expect(compareRatio(found, wanted)).toBe(0);
          }
          for (const [p, points] of truth.entries()) {
            const wanted = sumRatios([ratio(points), shift]);
            expect(compareRatio(model.proposals.get(`p${p}`)!, wanted)).toBe(0);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('[OC20] is the least of squares: no change of one figure fits better', () => {
    fc.assert(
      fc.property(ratings, fc.integer({ min: -5, max: 5 }), (given, change) => {
        const model = additiveModel(given);
        fc.pre(model.findings.length === 0 && change !== 0);
        const number = (value: Ratio) => Number(value.numerator) / Number(value.denominator);
        const squares = (bump: string) =>
          given.reduce((sum, { proposal, reviewer, points }) => {
            const p =
              number(model.proposals.get(proposal)!) + (bump === proposal ? change / 10 : 0);
            const r =
              number(model.reviewers.get(reviewer)!) + (bump === reviewer ? change / 10 : 0);
            return sum + (number(points) - p - r) ** 2;
          }, 0);
        const least = squares('');
        for (const name of new Set(given.flatMap((each) => [each.proposal, each.reviewer]))) {
          expect(squares(name)).toBeGreaterThan(least);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('[OC20] says that reviews which share nothing cannot be compared', () => {
    const apart = [rate('r1', 'p1', 50), rate('r2', 'p2', 60)];
    const { views, findings } = scoreRatings(apart);
    expect(findings.map((each) => each.code)).toContain('disconnected_reviews');
    expect([...views.additive.values()]).toEqual([null, null]);
    const ranking = rankProposals(views.additive, { awards: 1, passPoints: ratio(0n) });
    expect(ranking.chosen).toEqual([]);
    expect(ranking.findings.map((each) => each.code)).toEqual([
      'undecided_score',
      'undecided_score',
    ]);
  });

  it('[OC22] shows divergent marks and leaves a tie at the last award to people', () => {
    const { findings, views } = scoreRatings([
      rate('r1', 'p1', 50),
      rate('r2', 'p1', 70),
      rate('r1', 'p2', 60),
      rate('r2', 'p2', '79.9'),
    ]);
    const named = findings.filter(({ code }) => code === 'divergent_scores');
    expect(named.map((each) => each.facts['proposal'])).toEqual(['p1']);
    expect(rankProposals(views.mean, { awards: 1, passPoints: ratio(60n) }).chosen).toEqual(['p2']);
    const tie = new Map([
      ['a', ratio(80n)],
      ['b', ratio(80n)],
      ['c', ratio(90n)],
      ['d', ratio(10n)],
    ]);
    const two = rankProposals(tie, { awards: 2, passPoints: ratio(60n) });
    expect(two.chosen).toEqual(['c']);
    expect(two.findings).toMatchObject([
      { code: 'tied_decision', facts: { proposals: ['a', 'b'] } },
    ]);
    expect(two.placings.map(({ rank }) => rank)).toEqual([1, 2, 2, 4]);
    const three = rankProposals(tie, { awards: 3, passPoints: ratio(60n) });
    expect(three.chosen).toEqual(['c', 'a', 'b']);
    expect(three.findings).toEqual([]);
    expect(rankProposals(tie, { awards: 4, passPoints: ratio(60n) }).chosen).toHaveLength(3);
  });
});

describe('uncertainty', () => {
  const simulated = (seed: number) => {
    const random = seeded(seed);
    const normal = () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
    const truth = Array.from({ length: 8 }, () => 70 + 10 * normal());
    const mild = Array.from({ length: 5 }, () => 6 * normal());
    const mean = mild.reduce((sum, each) => sum + each, 0) / mild.length;
    const given = truth.flatMap((points, p) =>
      mild.map((each, r) => rate(`r${r}`, `p${p}`, (points + each + 4 * normal()).toFixed(3))),
    );
    return {
      given,
      truth: truth.map((each) => each + mean),
      mild: mild.map((each) => each - mean),
    };
  };

  // Sampling takes a while; six worlds are enough to see a model that lies.
  it('[OC21] covers what was planted about as often as it says', () => {
    let inside = 0;
    let all = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { given, truth, mild } = simulated(seed);
      const found = estimateUncertainty(given, `${seed}`);
      expect(found.settled).toBe(true);
      for (const [at, { low, high }] of found.proposals.entries()) {
        inside += Number(low <= truth[at]! && truth[at]! <= high);
        all += 1;
      }
      for (const [at, { low, high }] of found.reviewers.entries()) {
        inside += Number(low <= mild[at]! && mild[at]! <= high);
        all += 1;
      }
    }
    expect(all).toBe(78);
    expect(inside / all).toBeGreaterThan(0.9);
    // Intervals that hold everything would be worth nothing.
    expect(inside / all).toBeLessThan(0.995);
  });

  it('[OC21] ranks have probabilities, and one seed one result', () => {
    const { given } = simulated(3);
    const one = estimateUncertainty(given, 's');
    expect(estimateUncertainty(given.toReversed(), 's')).toEqual(one);
    expect(estimateUncertainty(given, 't')).not.toEqual(one);
    for (const { ranks } of one.proposals) {
      expect(ranks.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 2);
    }
    for (let rank = 0; rank < 8; rank++) {
      const total = one.proposals.reduce((sum, { ranks }) => sum + ranks[rank]!, 0);
      expect(total).toBeCloseTo(1, 2);
    }
    expect(estimateUncertainty([], 's').proposals).toEqual([]);
    const clear = [90, 50].flatMap((points, p) =>
      [0, 1, 2].map((r) => rate(`r${r}`, `p${p}`, points + r)),
    );
    expect(estimateUncertainty(clear, 's').proposals[0]!.ranks[0]).toBeGreaterThan(0.99);
    const alike = [70, 70].flatMap((points, p) =>
      [0, 1, 2].map((r) => rate(`r${r}`, `p${p}`, points + r)),
    );
    const [first] = estimateUncertainty(alike, 's').proposals;
    expect(Math.abs(first!.ranks[0]! - 0.5)).toBeLessThan(0.1);
  });
});
