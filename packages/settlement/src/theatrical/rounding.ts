import {
  divideRounded,
  type Fen,
  type Ratio,
  ratio,
  type Rounding,
  type TailRule,
} from '@yinglian/core';
import type { RoundingPolicy } from '../terms/common.ts';
import { leastCommonMultiple, type PlanNode, type Profile, UNDISTRIBUTED } from './plan.ts';

/** Parts of a line in the order of the profile's terminals, then what rounding left over. */
export type RoundedParts = { readonly fen: readonly Fen[]; readonly tailFen: Fen };

/** What the parts of one line come to, by the policy named in the terms. */
export function roundParts(
  profile: Profile,
  baseFen: Fen,
  admissions: bigint,
  policy: RoundingPolicy,
): RoundedParts {
  if (policy.method === 'allocation') {
    return { fen: allocateParts(profile, baseFen, admissions, policy.tail), tailFen: 0n };
  }
  const fen =
    policy.method === 'independent'
      ? independentParts(profile, baseFen, admissions, policy.mode)
      : stepwiseParts(profile, baseFen, admissions, policy.mode);
  const tailFen = fen.reduce((left, part) => left - part, baseFen);
  if (tailFen === 0n || policy.tailParty === undefined) return { fen, tailFen };
  const taker = profile.terminals.findIndex((each) => each.party === policy.tailParty);
  if (taker === -1) return { fen, tailFen };
  return { fen: fen.map((part, i) => (i === taker ? part + tailFen : part)), tailFen: 0n };
}

/** Exact parts of the base that add up to it, each within one fen of its exact value. */
export function allocateParts(
  profile: Profile,
  baseFen: Fen,
  admissions: bigint,
  tail: TailRule,
): Fen[] {
  const negative = baseFen < 0n || (baseFen === 0n && admissions < 0n);
  const base = negative ? -baseFen : baseFen;
  const tickets = negative ? -admissions : admissions;
  const { baseNumerators, ticketNumerators, denominator, perTicket } = profile;
  const small = smallOf(profile);
  if (small !== undefined && base <= small.baseMax) {
    const parts = allocateSmall(small, Number(base), tail);
    return negative ? parts.map((part) => -part) : parts;
  }
  const count = baseNumerators.length;
  const parts: Fen[] = [];
  const remainders: bigint[] = [];
  let rest = base;
  for (let i = 0; i < count; i++) {
    const ofBase = base * baseNumerators[i]!;
    const exact = perTicket ? ofBase + tickets * ticketNumerators[i]! : ofBase;
    let part = exact / denominator;
    let remainder = exact - part * denominator;
    if (remainder < 0n) {
      part -= 1n;
      remainder += denominator;
    }
    parts.push(part);
    remainders.push(remainder);
    rest -= part;
  }
  giveRest(parts, remainders, Number(rest), tail);
  return negative ? parts.map((part) => -part) : parts;
}

/** A profile in machine numbers, and the greatest base whose products they hold exactly. */
type SmallProfile = {
  readonly numerators: readonly number[];
  readonly denominator: number;
  readonly baseMax: bigint;
};

const SMALL = new WeakMap<Profile, SmallProfile | { readonly numerators: undefined }>();

/** Undefined where tickets count too, or where the rates alone are beyond machine numbers. */
function smallOf(profile: Profile): SmallProfile | undefined {
  let small = SMALL.get(profile);
  if (small === undefined) {
    const { baseNumerators, denominator, perTicket } = profile;
    const greatest = baseNumerators.reduce(
      (most, each) => (each > most ? each : most),
      denominator,
    );
    const limit = BigInt(Number.MAX_SAFE_INTEGER);
    const fits = !perTicket && greatest <= limit && baseNumerators.every((each) => each >= 0n);
    small = fits
      ? {
          numerators: baseNumerators.map(Number),
          denominator: Number(denominator),
          baseMax: limit / greatest - 1n,
        }
      : { numerators: undefined };
    SMALL.set(profile, small);
  }
  return small.numerators === undefined ? undefined : small;
}

/**
 * {@link allocateParts} for what a cinema takes: the same division in machine numbers. Products
 * stay below 2⁵³, so they and the remainders are exact; a quotient may come out one too high.
 */
function allocateSmall(
  { numerators, denominator }: SmallProfile,
  base: number,
  tail: TailRule,
): Fen[] {
  const count = numerators.length;
  const parts: Fen[] = [];
  const remainders: number[] = [];
  let rest = base;
  for (let i = 0; i < count; i++) {
    const product = base * numerators[i]!;
    let part = Math.floor(product / denominator);
    let remainder = product - part * denominator;
    if (remainder < 0) {
      part -= 1;
      remainder += denominator;
    }
    parts.push(BigInt(part));
    remainders.push(remainder);
    rest -= part;
  }
  giveRest(parts, remainders, rest, tail);
  return parts;
}

/** The rest is smaller than the number of parts that have a remainder. */
function giveRest(
  parts: Fen[],
  remainders: readonly (bigint | number)[],
  rest: number,
  tail: TailRule,
): void {
  if (rest === 0) return;
  const takers: number[] = [];
  for (let i = 0; i < parts.length; i++) if (remainders[i]! > 0n || parts[i] !== 0n) takers.push(i);
  if (tail === 'last') {
    parts[takers.at(-1)!]! += BigInt(rest);
    return;
  }
  const keys =
    tail === 'largest_remainder' ? remainders : tail === 'largest_weight' ? [...parts] : [];
  if (tail !== 'first') {
    takers.sort((a, b) => {
      const [left, right] = [keys[a]!, keys[b]!];
      if (left !== right) return left > right ? -1 : 1;
      if (tail === 'largest_weight' && remainders[a] !== remainders[b]) {
        return remainders[a]! > remainders[b]! ? -1 : 1;
      }
      return a - b;
    });
  }
  for (let i = 0; i < rest; i++) parts[takers[i]!]! += 1n;
}

function independentParts(
  profile: Profile,
  baseFen: Fen,
  admissions: bigint,
  mode: Rounding,
): Fen[] {
  return profile.baseNumerators.map((numerator, i) =>
    divideRounded(
      baseFen * numerator + admissions * profile.ticketNumerators[i]!,
      profile.denominator,
      mode,
    ),
  );
}

/** Every step rounds, and the next step starts from what was rounded, as paper sheets do. */
export function stepwiseAmounts(
  nodes: readonly PlanNode[],
  baseFen: Fen,
  admissions: bigint,
  mode: Rounding,
): Map<string, Fen> {
  const amounts = new Map<string, Fen>();
  for (const node of nodes)
    amounts.set(node.id, stepwiseAmount(node, amounts, baseFen, admissions, mode));
  return amounts;
}

function stepwiseAmount(
  node: PlanNode,
  amounts: ReadonlyMap<string, Fen>,
  baseFen: Fen,
  admissions: bigint,
  mode: Rounding,
): Fen {
  switch (node.op) {
    case 'base':
      return baseFen;
    case 'share':
      return timesRounded(amounts.get(node.of)!, node.rate, mode);
    case 'ticket':
      return timesRounded(admissions, node.fen, mode);
    case 'less':
      return node.minus.reduce((left, id) => left - amounts.get(id)!, amounts.get(node.of)!);
  }
}

function timesRounded(amount: bigint, rate: Ratio, mode: Rounding): Fen {
  return divideRounded(amount * rate.numerator, rate.denominator, mode);
}

function stepwiseParts(profile: Profile, baseFen: Fen, admissions: bigint, mode: Rounding): Fen[] {
  const amounts = stepwiseAmounts(profile.nodes, baseFen, admissions, mode);
  return profile.terminals.map((terminal, i) => {
    if (terminal.node !== UNDISTRIBUTED) return amounts.get(terminal.node)!;
    // What nobody was promised is rounded from its exact value, so that it is not mistaken for
    // the tail that rounding leaves.
    const exact = ratio(
      baseFen * profile.baseNumerators[i]! + admissions * profile.ticketNumerators[i]!,
      profile.denominator,
    );
    return divideRounded(exact.numerator, exact.denominator, mode);
  });
}

/** Whole parts of exact amounts that add up to `total`, which their sum comes to. */
export function allocateExact(exact: readonly Ratio[], total: Fen, tail: TailRule): Fen[] {
  let denominator = 1n;
  for (const each of exact) denominator = leastCommonMultiple(denominator, each.denominator);
  const parts: Fen[] = [];
  const remainders: bigint[] = [];
  for (const each of exact) {
    const numerator = each.numerator * (denominator / each.denominator);
    const part = divideRounded(numerator, denominator, 'floor');
    parts.push(part);
    remainders.push(numerator - part * denominator);
  }
  const rest = parts.reduce((left, part) => left - part, total);
  giveRest(parts, remainders, Number(rest), tail);
  return parts;
}
