import { assert } from '@yinglian/core';
import type { RoundingPolicy } from '../terms/common.ts';
import { nodeDerivations } from './explain.ts';
import type { Explained, SettlementLine } from './lines.ts';
import {
  leastCommonMultiple,
  type LinearForm,
  nodeForm,
  type PlanNode,
  type Profile,
} from './plan.ts';

/**
 * A line explained in numbers alone: what every step of its plan is worth exactly. Steps, clauses
 * and rates are those of the profile, kept once for all its lines; {@link explainLine} puts the
 * tree together when somebody opens it. The explanation of a national month is thus a list of
 * whole numbers, and still says how each fen came to be.
 */
export type LineOutline = {
  readonly line: SettlementLine;
  readonly plan: OutlinePlan;
  /** Of each step of the plan: its exact amount in fen is this over the step's denominator. */
  readonly exact: readonly bigint[];
};

/** The steps that all lines of a profile share. */
export type OutlinePlan = {
  readonly steps: readonly OutlineStep[];
  /** For each taker of the profile, the index of its step; −1 for what no clause gives away. */
  readonly takers: readonly number[];
};

/** A step of the plan as a form of the base and the admissions over one denominator. */
export type OutlineStep = {
  readonly node: PlanNode;
  readonly perBase: bigint;
  readonly perTicket: bigint;
  readonly denominator: bigint;
};

const NOTHING: OutlinePlan = Object.freeze({ steps: [], takers: [] });

/**
 * The exact amounts of a line's steps. By allocation each part is checked to be within a fen of
 * its exact amount. Lines rounded row by row have their rows for evidence, and no steps.
 */
export function outlineLine(settlement: Explained, line: SettlementLine): LineOutline {
  const { rounding } = settlement.terms;
  const profile = settlement.profiles.get(line.profile);
  if (profile === undefined || rounding.place === 'row') return { line, plan: NOTHING, exact: [] };
  const plan = planOf(profile);
  const { measures } = line.toDate;
  if (rounding.method === 'stepwise')
    return { line, plan, exact: roundedSteps(profile, line, rounding) };
  const { baseFen, admissions } = measures;
  const exact = plan.steps.map(({ perBase, perTicket }) =>
    perTicket === 0n ? baseFen * perBase : baseFen * perBase + admissions * perTicket,
  );
  if (rounding.method === 'allocation' && rounding.tail === 'largest_remainder')
    assertNear(profile, { line, plan, exact });
  return { line, plan, exact };
}

/** Every taker's fen to date is less than one fen from what its step says. */
function assertNear({ terminals }: Profile, { line, plan, exact }: LineOutline): void {
  for (let i = 0; i < terminals.length; i++) {
    const index = plan.takers[i]!;
    const fen = line.toDate.parts[terminals[i]!.node];
    if (index === -1 || fen === undefined) continue;
    const { denominator } = plan.steps[index]!;
    const moved = fen * denominator - exact[index]!;
    assert(
      moved < denominator && -moved < denominator,
      'a part is within a fen of its exact value',
    );
  }
}

/** Rounded step by step no step is linear in the base: each is worked out from the one before. */
function roundedSteps(
  profile: Profile,
  { toDate }: SettlementLine,
  rounding: RoundingPolicy,
): bigint[] {
  const values = nodeDerivations(profile, rounding, toDate.measures);
  return planOf(profile).steps.map(({ node, denominator }) => {
    const { value } = values.get(node.id)!;
    return value.numerator * (denominator / value.denominator);
  });
}

const PLANS = new WeakMap<Profile, OutlinePlan>();

function planOf(profile: Profile): OutlinePlan {
  let plan = PLANS.get(profile);
  if (plan === undefined) {
    const forms = new Map<string, LinearForm>();
    const steps = profile.nodes.map((node) => {
      const form = nodeForm(node, forms);
      forms.set(node.id, form);
      return stepOf(node, form);
    });
    const takers = profile.terminals.map((each) =>
      profile.nodes.findIndex((node) => node.id === each.node),
    );
    plan = { steps, takers };
    PLANS.set(profile, plan);
  }
  return plan;
}

function stepOf(node: PlanNode, { base, tickets }: LinearForm): OutlineStep {
  const denominator = leastCommonMultiple(base.denominator, tickets.denominator);
  return {
    node,
    perBase: base.numerator * (denominator / base.denominator),
    perTicket: tickets.numerator * (denominator / tickets.denominator),
    denominator,
  };
}
