import {
  accepted,
  addRatio,
  compareRatio,
  type Finding,
  finding,
  type IsoDate,
  type Outcome,
  ratio,
  type Ratio,
  refused,
  ZERO,
} from '@yinglian/core';
import type { AssessmentPlan, Criterion, SelectionPlan } from './model.ts';

/** Who may be selected in a round. */
export type Candidate = {
  readonly id: string;
  readonly filedOn: IsoDate;
  /** The value of the category field, or empty. */
  readonly category: string;
};

/** The points of one reviewer for one candidate, by criterion. */
export type Score = {
  readonly candidate: string;
  readonly reviewer: string;
  readonly points: Readonly<Record<string, number>>;
};

/** How many may be selected: in all, and at most so many of a category. */
export type Places = {
  readonly total: number;
  readonly byCategory: Readonly<Record<string, number>>;
};

/** Why a candidate is selected or is not. */
export type SelectionWhy =
  | 'selected'
  | 'too_few_scores'
  | 'below_criterion'
  | 'below_least'
  | 'category_full'
  | 'no_place';

/** One line of the ranking. `score` is of a hundred, as an exact fraction. */
export type Ranked = {
  readonly id: string;
  readonly rank: number;
  readonly score: string | null;
  /** Rounded down to two places, to be read. */
  readonly shown: string | null;
  readonly scores: number;
  readonly trimmed: boolean;
  readonly why: SelectionWhy;
};

/** A round decided: the ranking, and ties that only the order of filing broke. */
export type Selection = { readonly ranked: readonly Ranked[]; readonly findings: Finding[] };

/** Points of a score that are not whole, out of bounds, missing or of no criterion. */
export function checkPoints(
  criteria: readonly Criterion[],
  points: Readonly<Record<string, number>>,
): Finding[] {
  const known = new Set(criteria.map(({ code }) => code));
  const strange = Object.keys(points)
    .filter((code) => !known.has(code))
    .map((code) => finding('unknown_criterion', 'error', { facts: { code: code.slice(0, 60) } }));
  const wrong = criteria
    .filter(({ code, most }) => {
      const given = Object.hasOwn(points, code) ? points[code] : undefined;
      return given === undefined || !Number.isInteger(given) || given < 0 || given > most;
    })
    .map(({ code, most }) => finding('invalid_points', 'error', { facts: { code, most } }));
  return [...strange, ...wrong];
}

/** Points of a hundred, exact. */
export function hundredOf(
  criteria: readonly Criterion[],
  points: Readonly<Record<string, number>>,
): Ratio {
  const most = criteria.reduce((sum, each) => sum + each.most, 0);
  const given = criteria.reduce((sum, { code }) => sum + (points[code] ?? 0), 0);
  return most === 0 ? ZERO : ratio(given * 100, most);
}

/**
 * Decides a round: the mean of the scores, trimmed where there are many, ranked; then places from
 * the top, in all and by category. Ties go by the criteria in their order, then by filing, then by
 * id, so that the order of the lists never changes the result.
 */
export function selectRound(
  plan: SelectionPlan,
  places: Places,
  candidates: readonly Candidate[],
  scores: readonly Score[],
): Outcome<Selection> {
  const faults = scoreFaults(plan, candidates, scores);
  if (faults.length > 0) return refused(...faults);
  const judged = candidates.map((candidate) => judge(plan, candidate, scores)).sort(byMerit);
  const taken = new Map<string, number>();
  let left = places.total;
  const ranked = judged.map((each, index): Ranked => {
    const { candidate, mean, why } = each;
    const decided = why ?? placeFor(candidate, { places, taken, left });
    if (decided === 'selected') {
      left -= 1;
      taken.set(candidate.category, (taken.get(candidate.category) ?? 0) + 1);
    }
    return {
      id: candidate.id,
      rank: index + 1,
      score: mean === null ? null : fraction(mean),
      shown: mean === null ? null : twoPlaces(mean),
      scores: each.scores,
      trimmed: each.trimmed,
      why: decided,
    };
  });
  return accepted({ ranked, findings: tiesOf(judged, ranked) });
}

type Judged = {
  readonly candidate: Candidate;
  readonly mean: Ratio | null;
  readonly means: readonly Ratio[];
  readonly scores: number;
  readonly trimmed: boolean;
  readonly why: SelectionWhy | undefined;
};

function scoreFaults(
  plan: SelectionPlan,
  candidates: readonly Candidate[],
  scores: readonly Score[],
): Finding[] {
  const known = new Set(candidates.map(({ id }) => id));
  const pairs = new Set<string>();
  return scores.flatMap(({ candidate, reviewer, points }) => {
    const pair = JSON.stringify([candidate, reviewer]);
    const twice = pairs.has(pair);
    pairs.add(pair);
    const facts = { candidate, reviewer };
    return [
      ...(known.has(candidate) ? [] : [finding('unknown_candidate', 'error', { facts })]),
      ...(twice ? [finding('duplicate_score', 'error', { facts })] : []),
      ...checkPoints(plan.criteria, points),
    ];
  });
}

function judge(plan: SelectionPlan, candidate: Candidate, scores: readonly Score[]): Judged {
  const own = scores
    .filter((each) => each.candidate === candidate.id)
    .map(({ points, reviewer }) => ({ points, reviewer, sum: hundredOf(plan.criteria, points) }))
    .sort((a, b) => compareRatio(a.sum, b.sum) || (a.reviewer < b.reviewer ? -1 : 1));
  const base = { candidate, scores: own.length };
  if (own.length < plan.reviewers || own.length === 0) {
    return { ...base, mean: null, means: [], trimmed: false, why: 'too_few_scores' };
  }
  const trimmed = own.length >= plan.trimFrom && own.length > 2;
  const counted = trimmed ? own.slice(1, -1) : own;
  const mean = meanOf(counted.map(({ sum }) => sum));
  const means = plan.criteria.map(({ code }) =>
    meanOf(counted.map(({ points }) => ratio(points[code]!))),
  );
  const below = plan.criteria.some(
    ({ least }, index) => least !== undefined && compareRatio(means[index]!, ratio(least)) < 0,
  );
  const why = below
    ? 'below_criterion'
    : compareRatio(mean, ratio(plan.least)) < 0
      ? 'below_least'
      : undefined;
  return { ...base, mean, means, trimmed, why };
}

function meanOf(values: readonly Ratio[]): Ratio {
  const sum = values.reduce(addRatio, ZERO);
  return ratio(sum.numerator, sum.denominator * BigInt(values.length));
}

function byMerit(a: Judged, b: Judged): number {
  return byScores(a, b) || byFiling(a.candidate, b.candidate);
}

/** Zero where only the order of filing is left. */
function byScores(a: Judged, b: Judged): number {
  if (a.mean === null || b.mean === null) return Number(a.mean === null) - Number(b.mean === null);
  const whole = compareRatio(b.mean, a.mean);
  if (whole !== 0) return whole;
  for (const [index, mean] of a.means.entries()) {
    const part = compareRatio(b.means[index]!, mean);
    if (part !== 0) return part;
  }
  return 0;
}

function byFiling(a: Candidate, b: Candidate): number {
  if (a.filedOn !== b.filedOn) return a.filedOn < b.filedOn ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function placeFor(
  { category }: Candidate,
  at: { places: Places; taken: ReadonlyMap<string, number>; left: number },
): SelectionWhy {
  if (at.left <= 0) return 'no_place';
  const most = Object.hasOwn(at.places.byCategory, category)
    ? at.places.byCategory[category]!
    : Number.POSITIVE_INFINITY;
  return (at.taken.get(category) ?? 0) < most ? 'selected' : 'category_full';
}

/** Equal in every score, and one of them is in while the other is out: people should know. */
function tiesOf(judged: readonly Judged[], ranked: readonly Ranked[]): Finding[] {
  return judged.slice(1).flatMap((each, index) => {
    const [before, after] = [ranked[index]!, ranked[index + 1]!];
    const apart = before.why === 'selected' && after.why !== 'selected';
    if (each.mean === null || !apart || byScores(judged[index]!, each) !== 0) return [];
    const facts = { first: before.id, second: after.id };
    return [finding('tied_selection', 'warning', { facts })];
  });
}

function fraction({ numerator, denominator }: Ratio): string {
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}

/** An exact figure with two decimals, rounded down. */
export function twoPlaces({ numerator, denominator }: Ratio): string {
  const hundredths = (numerator * 100n) / denominator;
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`;
}

/** The grade of an assessment: the first, from the highest, whose points are reached. */
export function gradeOf(
  plan: AssessmentPlan,
  points: Readonly<Record<string, number>>,
): Outcome<{ grade: string; passes: boolean; score: string }> {
  const faults = checkPoints(plan.criteria, points);
  if (faults.length > 0) return refused(...faults);
  const score = hundredOf(plan.criteria, points);
  const grades = plan.grades.toSorted((a, b) => b.from - a.from);
  const reached =
    grades.find(({ from }) => compareRatio(score, ratio(from)) >= 0) ?? grades.at(-1)!;
  return accepted({ grade: reached.grade, passes: reached.passes, score: twoPlaces(score) });
}
