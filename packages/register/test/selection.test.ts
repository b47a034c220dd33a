import { compareRatio, parseRatio, ratio } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  gradeOf,
  type Score,
  type SelectionPlan,
  selectRound,
} from '../src/index.ts';
import { codes, register, taken } from './support.ts';

const RUNS = Number(process.env['YINGLIAN_REGISTER_RUNS'] ?? 200);
const PLAN: SelectionPlan = {
  criteria: [
    { code: 'a', label: { zh: '甲', en: 'a' }, most: 40, least: 10 },
    { code: 'b', label: { zh: '乙', en: 'b' }, most: 60 },
  ],
  least: 50,
  reviewers: 2,
  trimFrom: 5,
  categoryField: 'category',
};
const candidate = (id: string, category = 'x', filedOn = '2026-01-01'): Candidate => ({
  id,
  category,
  filedOn,
});
const scores = (id: string, ...points: readonly (readonly [a: number, b: number])[]): Score[] =>
  points.map(([a, b], index) => ({ candidate: id, reviewer: `r${index}`, points: { a, b } }));
const PLACES = { total: 10, byCategory: {} };

describe('selection', () => {
  it('[RG4] ranks by the mean of a hundred, with least points and places', () => {
    const candidates = ['p', 'q', 'r', 's', 't', 'u'].map((id) =>
      candidate(id, id === 'u' ? 'y' : 'x'),
    );
    const given = [
      ...scores('p', [40, 50], [30, 40]),
      ...scores('q', [40, 60], [40, 60]),
      ...scores('r', [9, 60], [10, 60]),
      ...scores('s', [20, 20], [20, 30]),
      ...scores('t', [40, 60]),
      ...scores('u', [30, 30], [30, 31]),
    ];
    const places = { total: 3, byCategory: { x: 1 } };
    const { ranked } = taken(selectRound(PLAN, places, candidates, given));
    expect(ranked.map(({ id, shown, why }) => [id, shown, why])).toEqual([
      ['q', '100.00', 'selected'],
      ['p', '80.00', 'category_full'],
      ['r', '69.50', 'below_criterion'],
      ['u', '60.50', 'selected'],
      ['s', '45.00', 'below_least'],
      ['t', null, 'too_few_scores'],
    ]);
  });

  it('[RG4] leaves out one highest and one lowest from five scores on', () => {
    const given = scores('p', [10, 0], [40, 60], [30, 30], [30, 30], [30, 33]);
    const { ranked } = taken(selectRound(PLAN, PLACES, [candidate('p')], given));
    expect(ranked[0]).toMatchObject({ score: '61', trimmed: true, scores: 5 });
  });

  it('[RG4] equals a slow reference and does not depend on the order of lists', () => {
    const point = fc.record({
      a: fc.integer({ min: 0, max: 40 }),
      b: fc.integer({ min: 0, max: 60 }),
    });
    const person = fc.record({
      category: fc.constantFrom('x', 'y'),
      filedOn: fc.constantFrom('2026-01-01', '2026-01-02'),
      points: fc.array(point, { maxLength: 7 }),
    });
    fc.assert(
      fc.property(
        fc.array(person, { maxLength: 8 }),
        fc.record({ total: fc.nat(6), x: fc.nat(3) }),
        fc.integer(),
        (people, { total, x }, seed) => {
          const candidates = people.map((each, index) =>
            candidate(`c${index}`, each.category, each.filedOn),
          );
          const given = people.flatMap(({ points }, index) =>
            points.map((each, reviewer) => ({
              candidate: `c${index}`,
              reviewer: `r${reviewer}`,
              points: each,
            })),
          );
          const places = { total, byCategory: { x } };
          const found = taken(selectRound(PLAN, places, candidates, given)).ranked;
          const shuffled = taken(
            selectRound(PLAN, places, shuffle(candidates, seed), shuffle(given, seed + 1)),
          ).ranked;
          expect(shuffled).toEqual(found);
          expect(found.map(({ id, why }) => [id, why])).toEqual(
            slow(candidates, given, { total, x }),
          );
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('[RG5] a tie that only filing broke at the last place is told', () => {
    const candidates = [candidate('b', 'x', '2026-01-02'), candidate('a', 'x', '2026-01-03')];
    const given = [...scores('a', [30, 30], [30, 30]), ...scores('b', [30, 30], [30, 30])];
    const one = taken(selectRound(PLAN, { total: 1, byCategory: {} }, candidates, given));
    expect(one.ranked.map(({ id, why }) => [id, why])).toEqual([
      ['b', 'selected'],
      ['a', 'no_place'],
    ]);
    expect(one.findings.map(({ code }) => code)).toEqual(['tied_selection']);
    const both = taken(selectRound(PLAN, PLACES, candidates, given));
    expect(both.findings).toEqual([]);
  });

  it('[RG4] refuses points that are none, and scores given twice', () => {
    const one = [candidate('p')];
    const bad = (points: Record<string, number>) =>
      codes(selectRound(PLAN, PLACES, one, [{ candidate: 'p', reviewer: 'r', points }]));
    expect(bad({ a: 41, b: 0 })).toEqual(['invalid_points']);
    expect(bad({ a: 1.5, b: 0 })).toEqual(['invalid_points']);
    expect(bad({ a: 1 })).toEqual(['invalid_points']);
    expect(bad({ a: 1, b: 1, c: 1 })).toEqual(['unknown_criterion']);
    const twice = [...scores('p', [1, 1]), ...scores('p', [2, 2])];
    expect(codes(selectRound(PLAN, PLACES, one, twice))).toEqual(['duplicate_score']);
    const strange = scores('z', [1, 1]);
    expect(codes(selectRound(PLAN, PLACES, one, strange))).toEqual(['unknown_candidate']);
  });

  it('[RG7] an assessment takes the first grade whose points it reaches', () => {
    const plan = register('platform').assessment!;
    const grade = (research: number) =>
      taken(gradeOf(plan, { research, service: 30, open: 15, people: 15 }));
    expect(grade(40)).toEqual({ grade: 'excellent', passes: true, score: '100.00' });
    expect(grade(0)).toMatchObject({ grade: 'passed', passes: true });
    const failed = taken(gradeOf(plan, { research: 0, service: 29, open: 15, people: 15 }));
    expect(failed).toEqual({ grade: 'failed', passes: false, score: '59.00' });
    expect(codes(gradeOf(plan, { research: 1 }))).toHaveLength(3);
  });
});

function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  return items
    .map((item, index) => ({ item, key: Math.imul(index + 1, 2_654_435_761) ^ (seed * 40_503) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** The same by other means: cross-multiplied sums, one place after the other. */
function slow(
  candidates: readonly Candidate[],
  given: readonly Score[],
  places: { total: number; x: number },
): [id: string, why: string][] {
  const rows = candidates.map((each) => {
    const own = given
      .filter(({ candidate: id }) => id === each.id)
      .sort(
        (p, q) =>
          p.points['a']! + p.points['b']! - (q.points['a']! + q.points['b']!) ||
          (p.reviewer < q.reviewer ? -1 : 1),
      );
    const counted = own.length >= 5 ? own.slice(1, own.length - 1) : own;
    const sum = (code: string) => counted.reduce((total, { points }) => total + points[code]!, 0);
    return { each, n: own.length < 2 ? 0 : counted.length, a: sum('a'), b: sum('b') };
  });
  rows.sort((p, q) => {
    if (p.n === 0 || q.n === 0) return Number(p.n === 0) - Number(q.n === 0) || late(p, q);
    const whole = (q.a + q.b) * p.n - (p.a + p.b) * q.n;
    return whole || q.a * p.n - p.a * q.n || late(p, q);
  });
  let left = places.total;
  let x = places.x;
  return rows.map(({ each, n, a, b }) => {
    if (n === 0) return [each.id, 'too_few_scores'];
    if (a < 10 * n) return [each.id, 'below_criterion'];
    if (a + b < 50 * n) return [each.id, 'below_least'];
    if (left === 0) return [each.id, 'no_place'];
    if (each.category === 'x' && x === 0) return [each.id, 'category_full'];
    left -= 1;
    if (each.category === 'x') x -= 1;
    return [each.id, 'selected'];
  });
}

function late(p: { each: Candidate }, q: { each: Candidate }): number {
  const [one, other] = [p.each.filedOn + p.each.id, q.each.filedOn + q.each.id];
  return one < other ? -1 : 1;
}

describe('the score that is shown', () => {
  it('[RG4] never says more than the exact one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 25, max: 40 }), { minLength: 2, maxLength: 9 }),
        (a) => {
          const given = scores('p', ...a.map((each) => [each, 30] as const));
          const [row] = taken(selectRound(PLAN, PLACES, [candidate('p')], given)).ranked;
          const exact = parseRatio(row!.score!)!;
          const shown = ratio(BigInt(row!.shown!.replace('.', '')), 100n);
          expect(compareRatio(shown, exact)).toBeLessThanOrEqual(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});
