import type { Rating } from './scores.ts';

/**
 * How sure a ranking is. A Bayesian model with two facets, y = p + r + e, is sampled: proposals
 * spread about a common mean, reviewers are milder or stricter, and the rest is chance. It gives
 * intervals and the probability of each rank; it decides nothing, and money hangs on exact
 * figures alone. The same seed gives the same figures.
 */
export type Uncertainty = {
  readonly proposals: readonly ProposalUncertainty[];
  readonly reviewers: readonly ReviewerUncertainty[];
  /** Agreement of the chains: near 1 when they tell the same (Gelman and Rubin). */
  readonly agreement: number;
  /** Whether {@link agreement} is below {@link AGREEMENT_MAX}. */
  readonly settled: boolean;
};

/** What may be said of one proposal. */
export type ProposalUncertainty = {
  readonly proposal: string;
  readonly mean: number;
  /** 95 % of the samples lie between. */
  readonly low: number;
  readonly high: number;
  /** Probability of rank 1, 2 … */
  readonly ranks: readonly number[];
};

/** How much milder a reviewer marks than the others. */
export type ReviewerUncertainty = {
  readonly reviewer: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
};

/** Chains, and samples kept of each after as many again were let go. */
const CHAINS = 2;
const SAMPLES = 1_500;
/** Chains that differ more than this have not settled. */
export const AGREEMENT_MAX = 1.05;
const TAIL = 0.025;
/**
 * Inverse-gamma priors of the variances, in squared points: shape 2, and a scale that makes 10
 * points between proposals and 5 between reviewers and in a mark the expected deviation. Marks of
 * a handful of reviewers cannot say more by themselves.
 */
const PRIOR_SHAPE = 2;
const PRIOR_SCALE = { proposals: 100, reviewers: 25, marks: 25 } as const;

type Sample = { readonly p: Float64Array; readonly r: Float64Array };

/** Samples the model. `seed` is any text; the ratings may come in any order. */
export function estimateUncertainty(given: readonly Rating[], seed: string): Uncertainty {
  const key = ({ proposal, reviewer }: Rating) => `${proposal}\n${reviewer}`;
  const ratings = given.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const proposals = [...new Set(ratings.map((each) => each.proposal))].toSorted();
  const reviewers = [...new Set(ratings.map((each) => each.reviewer))].toSorted();
  const data: Data = {
    proposals: proposals.length,
    reviewers: reviewers.length,
    p: ratings.map((each) => proposals.indexOf(each.proposal)),
    r: ratings.map((each) => reviewers.indexOf(each.reviewer)),
    y: ratings.map(({ points }) => toNumber(points.numerator, points.denominator)),
  };
  if (ratings.length === 0) return { proposals: [], reviewers: [], agreement: 1, settled: true };
  const chains = Array.from({ length: CHAINS }, (_, chain) =>
    sampleChain(data, randomNumbers(`${seed}\n${chain}`)),
  );
  const samples = chains.flat();
  const agreement = agreementOf(chains, proposals.length);
  return {
    proposals: proposals.map((proposal, index) => ({
      proposal,
      ...summary(samples.map(({ p }) => p[index]!)),
      ranks: rankShares(samples, index, proposals.length),
    })),
    reviewers: reviewers.map((reviewer, index) => ({
      reviewer,
      ...summary(samples.map(({ r }) => r[index]!)),
    })),
    agreement,
    settled: agreement < AGREEMENT_MAX,
  };
}

/** The nearest number; 64 bits of the quotient are more than a number holds. */
function toNumber(numerator: bigint, denominator: bigint): number {
  const scale = 1n << 64n;
  return Number((numerator * scale) / denominator) / Number(scale);
}

type Data = {
  readonly proposals: number;
  readonly reviewers: number;
  readonly p: readonly number[];
  readonly r: readonly number[];
  readonly y: readonly number[];
};

/** Gibbs sampling: every part is drawn given all others. */
function sampleChain(data: Data, random: () => number): Sample[] {
  const { y } = data;
  const normal = normalNumbers(random);
  const mean = y.reduce((sum, each) => sum + each, 0) / y.length;
  let p = new Float64Array(data.proposals).fill(mean);
  let r = new Float64Array(data.reviewers);
  let centre = mean;
  let spread: Record<keyof typeof PRIOR_SCALE, number> = { ...PRIOR_SCALE };
  const kept: Sample[] = [];
  for (let round = 0; round < 2 * SAMPLES; round++) {
    const noise = spread.marks;
    p = effects(data.p, p.length, (at) => y[at]! - r[data.r[at]!]!, {
      noise,
      prior: spread.proposals,
      centre,
      normal,
    });
    r = effects(data.r, r.length, (at) => y[at]! - p[data.p[at]!]!, {
      noise,
      prior: spread.reviewers,
      centre: 0,
      normal,
    });
    const average = p.reduce((sum, each) => sum + each, 0) / p.length;
    centre = average + normal() * Math.sqrt(spread.proposals / p.length);
    spread = {
      proposals: drawVariance(
        'proposals',
        [...p].map((each) => each - centre),
        random,
        normal,
      ),
      reviewers: drawVariance('reviewers', [...r], random, normal),
      marks: drawVariance(
        'marks',
        y.map((each, at) => each - p[data.p[at]!]! - r[data.r[at]!]!),
        random,
        normal,
      ),
    };
    if (round >= SAMPLES) kept.push(centred(p, r));
  }
  return kept;
}

/** Mildness is told against the average reviewer, so that p is what an average one would give. */
function centred(p: Float64Array, r: Float64Array): Sample {
  const shift = r.reduce((sum, each) => sum + each, 0) / r.length;
  return { p: p.map((each) => each + shift), r: r.map((each) => each - shift) };
}

function effects(
  places: readonly number[],
  count: number,
  rest: (at: number) => number,
  given: {
    readonly noise: number;
    readonly prior: number;
    readonly centre: number;
    readonly normal: () => number;
  },
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  for (const [at, place] of places.entries()) {
    sums[place]! += rest(at);
    counts[place]! += 1;
  }
  return sums.map((sum, place) => {
    const precision = counts[place]! / given.noise + 1 / given.prior;
    const mean = (sum / given.noise + given.centre / given.prior) / precision;
    return mean + given.normal() / Math.sqrt(precision);
  });
}

function drawVariance(
  kind: keyof typeof PRIOR_SCALE,
  deviations: readonly number[],
  random: () => number,
  normal: () => number,
): number {
  const squares = deviations.reduce((sum, each) => sum + each * each, 0);
  const shape = PRIOR_SHAPE + deviations.length / 2;
  return (PRIOR_SCALE[kind] + squares / 2) / gammaNumber(shape, random, normal);
}

/** Marsaglia and Tsang (2000), for shapes of at least 1. */
function gammaNumber(shape: number, random: () => number, normal: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Marsaglia's polar method. */
function normalNumbers(random: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * random() - 1;
      const v = 2 * random() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}

/** xoshiro128** (Blackman and Vigna), seeded with FNV-1a of the text; in (0, 1). */
function randomNumbers(seed: string): () => number {
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) {
    let hash = (0x811c9dc5 ^ word) >>> 0;
    for (let at = 0; at < seed.length; at++) {
      hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193) >>> 0;
    }
    state[word] = hash | 1;
  }
  const turn = (value: number, by: number) => ((value << by) | (value >>> (32 - by))) >>> 0;
  const next = (): number => {
    const result = Math.imul(turn(Math.imul(state[1]!, 5) >>> 0, 7), 9) >>> 0;
    const shifted = (state[1]! << 9) >>> 0;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = turn(state[3]!, 11);
    return (result + 0.5) / 0x1_0000_0000;
  };
  for (let warm = 0; warm < 20; warm++) next();
  return next;
}

function summary(values: readonly number[]): { mean: number; low: number; high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return { mean: shown(mean), low: shown(at(TAIL)), high: shown(at(1 - TAIL)) };
}

/** Places that are worth showing. */
function shown(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function rankShares(samples: readonly Sample[], index: number, count: number): number[] {
  const counts = Array.from({ length: count }, () => 0);
  for (const { p } of samples) {
    let better = 0;
    for (const each of p) if (each > p[index]!) better += 1;
    counts[better]! += 1;
  }
  return counts.map((each) => shown(each / samples.length));
}

/** The worst of the proposals' potential scale reductions. */
function agreementOf(chains: readonly (readonly Sample[])[], count: number): number {
  let worst = 1;
  for (let index = 0; index < count; index++) {
    const values = chains.map((chain) => chain.map(({ p }) => p[index]!));
    const means = values.map((each) => each.reduce((sum, one) => sum + one, 0) / each.length);
    const whole = means.reduce((sum, each) => sum + each, 0) / means.length;
    const within =
      values.reduce(
        (sum, each, at) => sum + each.reduce((all, one) => all + (one - means[at]!) ** 2, 0),
        0,
      ) /
      (chains.length * (SAMPLES - 1));
    const between = means.reduce((sum, each) => sum + (each - whole) ** 2, 0) / (chains.length - 1);
    worst = Math.max(worst, Math.sqrt((SAMPLES - 1) / SAMPLES + between / within));
  }
  return shown(worst);
}
