import {
  addRatio,
  compareRatio,
  divideRatio,
  type Finding,
  finding,
  greatestCommonDivisor,
  multiplyRatio,
  negateRatio,
  ONE,
  parseRatio,
  ratio,
  type Ratio,
  subtractRatio,
  sumRatios,
  ZERO,
} from '@yinglian/core';
import { z } from 'zod';

/** What reviewers judge by, each criterion with its part of the whole and its highest mark. */
export const rubricShape = z
  .array(
    z.object({
      code: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$/),
      title: z.string().trim().min(1).max(200),
      /** `3/10` or `30%`; all together are the whole. */
      weight: z.string().max(40),
      /** Marks from 0 to this. */
      max: z.number().int().min(1).max(1_000),
    }),
  )
  .min(1)
  .max(30);
/** A rubric. */
export type Rubric = z.infer<typeof rubricShape>;

/** One reviewer's marks for one proposal. */
export type Sheet = {
  readonly reviewer: string;
  readonly proposal: string;
  /** Marks by criterion, decimals as written. */
  readonly marks: Readonly<Record<string, string>>;
};

/** The ways in which sheets are made into one figure; which one decides is fixed beforehand. */
export const SCORE_VIEWS = ['mean', 'trimmed', 'standardised', 'additive'] as const;
/** One of {@link SCORE_VIEWS}. */
export type ScoreView = (typeof SCORE_VIEWS)[number];

/** The whole, in points. */
const POINTS = ratio(100n);
/** The highest and the lowest are left out from this number of sheets on (reference 5.6). */
export const TRIM_FROM = 5;
/** Fewer cases say too little about a reviewer's scale to divide by it (reference 5.6). */
export const STANDARD_CASES_MIN = 5;
/** Points between two sheets of one proposal from which on it is read again. */
export const DIVERGENCE_POINTS: Ratio = ratio(20n);

/** Whether a rubric's weights are the whole, each positive. */
export function checkRubric(rubric: Rubric): Finding[] {
  const weights = rubric.map(({ weight }) => parseRatio(weight));
  const good = weights.every((each) => each !== undefined && each.numerator > 0n);
  const whole = good && compareRatio(sumRatios(weights.map((each) => each!)), ONE) === 0;
  const codes = new Set(rubric.map(({ code }) => code));
  return [
    ...(whole ? [] : [finding('incomplete_rubric', 'error')]),
    ...(codes.size === rubric.length ? [] : [finding('duplicate_criterion', 'error')]),
  ];
}

/** Points of one sheet, 0 to 100, exact; what is wrong with its marks is a finding. */
export function sheetPoints(
  rubric: Rubric,
  marks: Readonly<Record<string, string>>,
): { readonly points: Ratio; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const known = new Set(rubric.map(({ code }) => code));
  for (const code of Object.keys(marks).filter((each) => !known.has(each))) {
    findings.push(finding('foreign_criterion', 'error', { facts: { criterion: code } }));
  }
  const parts = rubric.map(({ code, weight, max }) => {
    const mark = Object.hasOwn(marks, code) ? parseRatio(marks[code]!) : undefined;
    if (mark === undefined || mark.numerator < 0n || compareRatio(mark, ratio(max)) > 0) {
      const facts = { criterion: code, max, text: (marks[code] ?? '').slice(0, 40) };
      findings.push(finding('invalid_mark', 'error', { facts }));
      return ZERO;
    }
    const share = multiplyRatio(parseRatio(weight) ?? ZERO, POINTS);
    return multiplyRatio(share, divideRatio(mark, ratio(max)));
  });
  return { points: sumRatios(parts), findings };
}

/** One reviewer's points for one proposal. */
export type Rating = {
  readonly reviewer: string;
  readonly proposal: string;
  readonly points: Ratio;
};

/** What a view makes of a proposal; null where the view cannot say anything exact. */
export type ViewScores = ReadonlyMap<string, Ratio | null>;

/** All views of one set of ratings. */
export type ScoreTable = {
  readonly views: Readonly<Record<ScoreView, ViewScores>>;
  /** How much milder than the others each reviewer marks, by the additive model. */
  readonly leniency: ReadonlyMap<string, Ratio>;
  readonly findings: readonly Finding[];
};

/** Computes every view. The order of the ratings does not matter. */
export function scoreRatings(given: readonly Rating[]): ScoreTable {
  const key = ({ proposal, reviewer }: Rating) => `${proposal}\n${reviewer}`;
  const ratings = given.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const findings: Finding[] = [];
  const proposals = [...new Set(ratings.map((each) => each.proposal))];
  const own = (proposal: string) => ratings.filter((each) => each.proposal === proposal);
  const views = (compute: (points: readonly Ratio[]) => Ratio | null) =>
    new Map(proposals.map((each) => [each, compute(own(each).map(({ points }) => points))]));
  const additive = additiveModel(ratings);
  findings.push(...additive.findings, ...divergences(proposals, own));
  return {
    views: {
      mean: views(meanOf),
      trimmed: views(trimmedMean),
      standardised: standardised(ratings, proposals, findings),
      additive: additive.proposals,
    },
    leniency: additive.reviewers,
    findings,
  };
}

function meanOf(points: readonly Ratio[]): Ratio {
  return divideRatio(sumRatios(points), ratio(points.length));
}

/** Without one highest and one lowest when there are enough. */
function trimmedMean(points: readonly Ratio[]): Ratio {
  if (points.length < TRIM_FROM) return meanOf(points);
  return meanOf(points.toSorted(compareRatio).slice(1, -1));
}

function divergences(
  proposals: readonly string[],
  own: (proposal: string) => readonly Rating[],
): Finding[] {
  return proposals.flatMap((proposal) => {
    const sorted = own(proposal).toSorted((a, b) => compareRatio(a.points, b.points));
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    const spread = subtractRatio(high.points, low.points);
    if (compareRatio(spread, DIVERGENCE_POINTS) < 0) return [];
    const facts = {
      proposal,
      spread: decimalText(spread, 2),
      low: low.reviewer,
      high: high.reviewer,
    };
    return [finding('divergent_scores', 'warning', { facts })];
  });
}

/** Fixed places of square roots: far beyond any difference that marks can make. */
const ROOT_SCALE = 10n ** 18n;

/** The mean of z-scores, on the scale of all points; null where a reviewer saw too few cases. */
function standardised(
  ratings: readonly Rating[],
  proposals: readonly string[],
  findings: Finding[],
): ViewScores {
  const scores = new Map<string, Ratio[]>();
  const few = new Set<string>();
  for (const reviewer of new Set(ratings.map((each) => each.reviewer))) {
    const own = ratings.filter((each) => each.reviewer === reviewer);
    const mean = meanOf(own.map(({ points }) => points));
    const deviation = rootOf(variance(own.map(({ points }) => points)));
    if (own.length < STANDARD_CASES_MIN || deviation.numerator === 0n) {
      few.add(reviewer);
      continue;
    }
    for (const { proposal, points } of own) {
      const z = divideRatio(subtractRatio(points, mean), deviation);
      scores.set(proposal, [...(scores.get(proposal) ?? []), z]);
    }
  }
  for (const reviewer of [...few].toSorted()) {
    const facts = { reviewer, least: STANDARD_CASES_MIN };
    findings.push(finding('insufficient_cases', 'note', { facts }));
  }
  const all = ratings.map(({ points }) => points);
  const [centre, scale] = all.length === 0 ? [ZERO, ZERO] : [meanOf(all), rootOf(variance(all))];
  return new Map(
    proposals.map((proposal) => {
      const own = scores.get(proposal) ?? [];
      const complete = ratings.every(
        (each) => each.proposal !== proposal || !few.has(each.reviewer),
      );
      if (!complete || own.length === 0) return [proposal, null];
      return [proposal, addRatio(centre, multiplyRatio(scale, meanOf(own)))];
    }),
  );
}

function variance(points: readonly Ratio[]): Ratio {
  if (points.length < 2) return ZERO;
  const mean = meanOf(points);
  const squares = points.map((each) => {
    const difference = subtractRatio(each, mean);
    return multiplyRatio(difference, difference);
  });
  return divideRatio(sumRatios(squares), ratio(points.length - 1));
}

/** The root to 18 places, rounded down: the same on every machine. */
function rootOf(value: Ratio): Ratio {
  const scaled = (value.numerator * ROOT_SCALE * ROOT_SCALE) / value.denominator;
  return ratio(integerRoot(scaled), ROOT_SCALE);
}

function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << (BigInt(value.toString(2).length + 1) / 2n);
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** What the additive model says. */
export type AdditiveModel = {
  readonly proposals: ViewScores;
  readonly reviewers: ReadonlyMap<string, Ratio>;
  readonly findings: readonly Finding[];
};

/**
 * y = p + r by least squares, exact, with the reviewers' effects adding up to zero. Where the
 * reviewers fall into groups that share no proposal, figures of different groups cannot be
 * compared: it says so and gives none.
 */
export function additiveModel(ratings: readonly Rating[]): AdditiveModel {
  const proposals = [...new Set(ratings.map((each) => each.proposal))].toSorted();
  const reviewers = [...new Set(ratings.map((each) => each.reviewer))].toSorted();
  const groups = countGroups(ratings);
  if (groups !== 1) {
    const none = new Map(proposals.map((each) => [each, null]));
    const found = finding('disconnected_reviews', 'warning', { facts: { groups } });
    return { proposals: none, reviewers: new Map(), findings: groups === 0 ? [] : [found] };
  }
  const place = new Map(reviewers.map((each, index) => [each, index]));
  const size = reviewers.length;
  // Σ r = 0 is added to every row: the sum is zero in the solution and the matrix is regular.
  const matrix = reviewers.map(() => Array.from({ length: size }, () => ONE));
  const right = reviewers.map(() => ZERO);
  const byProposal = new Map<string, Rating[]>();
  for (const each of ratings) {
    byProposal.set(each.proposal, [...(byProposal.get(each.proposal) ?? []), each]);
  }
  for (const own of byProposal.values()) {
    const mean = meanOf(own.map(({ points }) => points));
    const part = ratio(1n, own.length);
    for (const each of own) {
      const row = place.get(each.reviewer)!;
      matrix[row]![row] = addRatio(matrix[row]![row]!, ONE);
      right[row] = addRatio(right[row]!, subtractRatio(each.points, mean));
      for (const other of own) {
        const column = place.get(other.reviewer)!;
        matrix[row]![column] = subtractRatio(matrix[row]![column]!, part);
      }
    }
  }
  const effects = solve(matrix, right);
  const leniency = new Map(reviewers.map((each, index) => [each, effects[index]!]));
  const scores = new Map(
    proposals.map((each) => {
      const own = byProposal.get(each)!;
      const cleaned = own.map(({ points, reviewer }) =>
        subtractRatio(points, leniency.get(reviewer)!),
      );
      return [each, meanOf(cleaned)];
    }),
  );
  return { proposals: scores, reviewers: leniency, findings: [] };
}

/** Groups of the graph of proposals and reviewers. */
function countGroups(ratings: readonly Rating[]): number {
  const parent = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    while ((parent.get(at) ?? at) !== at) at = parent.get(at)!;
    return at;
  };
  for (const { proposal, reviewer } of ratings) {
    const [one, other] = [`p\n${proposal}`, `r\n${reviewer}`];
    for (const each of [one, other]) if (!parent.has(each)) parent.set(each, each);
    parent.set(root(one), root(other));
  }
  return [...parent.keys()].filter((each) => root(each) === each).length;
}

/** Fraction-free elimination (Bareiss) on whole numbers: exact, and its numbers stay small. */
function solve(matrix: readonly (readonly Ratio[])[], right: readonly Ratio[]): Ratio[] {
  const size = right.length;
  const rows = matrix.map((row, index) => wholeRow([...row, right[index]!]));
  let divisor = 1n;
  for (let step = 0; step < size; step++) {
    const pivot = rows.findIndex((row, index) => index >= step && row[step] !== 0n);
    [rows[step], rows[pivot]] = [rows[pivot]!, rows[step]!];
    const top = rows[step]!;
    for (let index = 0; index < size; index++) {
      if (index === step) continue;
      const row = rows[index]!;
      const factor = row[step]!;
      for (let column = 0; column <= size; column++) {
        row[column] = (row[column]! * top[step]! - factor * top[column]!) / divisor;
      }
    }
    divisor = top[step]!;
  }
  return rows.map((row, index) => ratio(row[size]!, row[index]!));
}

function wholeRow(row: readonly Ratio[]): bigint[] {
  const common = row.reduce(
    (all, { denominator }) => (all / greatestCommonDivisor(all, denominator)) * denominator,
    1n,
  );
  return row.map(({ numerator, denominator }) => numerator * (common / denominator));
}

/** A proposal's place; equal figures share one. */
export type Placing = {
  readonly proposal: string;
  readonly rank: number;
  readonly points: Ratio;
};

/** Who is chosen, and what keeps a choice from being made by figures alone. */
export type Ranking = {
  readonly placings: readonly Placing[];
  readonly chosen: readonly string[];
  readonly findings: readonly Finding[];
};

/**
 * Ranks by exact figures and takes the first `awards` that reach `passPoints`. A tie at the last
 * award is nobody's to break by chance: it is left to a person, with a finding.
 */
export function rankProposals(
  scores: ViewScores,
  { awards, passPoints }: { readonly awards: number; readonly passPoints: Ratio },
): Ranking {
  const findings: Finding[] = [];
  const known = [...scores].flatMap(([proposal, points]) =>
    points === null ? [] : [{ proposal, points }],
  );
  for (const [proposal, points] of scores) {
    if (points !== null) continue;
    findings.push(finding('undecided_score', 'error', { facts: { proposal } }));
  }
  const sorted = known.toSorted(
    (a, b) => -compareRatio(a.points, b.points) || (a.proposal < b.proposal ? -1 : 1),
  );
  const placings = sorted.map(({ proposal, points }) => ({
    proposal,
    points,
    rank: 1 + sorted.filter((each) => compareRatio(each.points, points) > 0).length,
  }));
  if (findings.length > 0) return { placings, chosen: [], findings };
  const passed = placings.filter(({ points }) => compareRatio(points, passPoints) >= 0);
  const last = passed[awards - 1];
  const next = passed[awards];
  const tied = last !== undefined && next !== undefined && last.rank === next.rank;
  const chosen = passed
    .slice(0, awards)
    .filter(({ rank }) => !tied || rank < last.rank)
    .map(({ proposal }) => proposal);
  if (tied) {
    const names = passed.filter(({ rank }) => rank === last.rank).map(({ proposal }) => proposal);
    const facts = { rank: last.rank, proposals: names };
    findings.push(finding('tied_decision', 'warning', { facts }));
  }
  return { placings, chosen, findings };
}

/** An exact figure rounded half away from zero to so many places, for people. */
export function decimalText(value: Ratio, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const absolute = value.numerator < 0n ? negateRatio(value) : value;
  const doubled = 2n * absolute.numerator * scale + absolute.denominator;
  const whole = doubled / (2n * absolute.denominator);
  const text = String(whole).padStart(digits + 1, '0');
  const sign = value.numerator < 0n && whole > 0n ? '-' : '';
  const head = text.slice(0, text.length - digits);
  return digits === 0 ? sign + head : `${sign}${head}.${text.slice(-digits)}`;
}
