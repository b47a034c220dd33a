import { assert, divideRounded, type Fen, formatRatio, ratio } from '@yinglian/core';
import {
  type Derivation,
  derive,
  derivedConstant,
  derivedFacts,
  derivedRound,
} from '../derivation.ts';
import type { RoundingPolicy } from '../terms/common.ts';
import type { Measures, StatedLine } from './facts.ts';
import { type PlanNode, type Profile, UNDISTRIBUTED } from './plan.ts';
import { type Explained, ROUNDING_TAIL, type Settlement, type SettlementLine } from './lines.ts';

/** One part of a line with the derivation of its fen. */
export type ExplainedPart = {
  readonly node: string;
  readonly party: string;
  readonly fen: Fen;
  readonly derivation: Derivation;
};

/** How every part of a line came to be, from the rows and the clauses to the fen. */
export function explain(
  settlement: Settlement,
  lineId: string,
): readonly ExplainedPart[] | undefined {
  const line = settlement.lines.find((each) => each.id === lineId);
  return line === undefined ? undefined : explainLine(settlement, line);
}

/** {@link explain} for a line in hand. */
export function explainLine(settlement: Explained, line: SettlementLine): readonly ExplainedPart[] {
  const profile = profileOf(settlement, line);
  const roots =
    profile === undefined
      ? new Map<string, Derivation>()
      : explainParts(profile, settlement.terms.rounding, line.toDate);
  return line.parts.map((part) => {
    const said = line.prior?.parts[part.node] ?? 0n;
    const before = derivedFacts('stated_before', said);
    const toDate =
      roots.get(part.node) ?? derivedFacts('to_date', line.toDate.parts[part.node] ?? 0n);
    const derivation =
      line.prior === undefined ? toDate : derive(part.node, 'difference', [toDate, before]);
    assert(derivation.value.numerator === part.fen, 'a derivation ends in the stated amount');
    return { node: part.node, party: part.party, fen: part.fen, derivation };
  });
}

/** Undefined for a line that was stated once and is no more: nothing of it is worked out. */
function profileOf(settlement: Explained, { profile, toDate }: SettlementLine) {
  return toDate.measures.baseFen === 0n && isEmpty(toDate)
    ? undefined
    : settlement.profiles.get(profile);
}

const isEmpty = (line: StatedLine) => Object.keys(line.parts).length === 0;

function explainParts(
  profile: Profile,
  policy: RoundingPolicy,
  toDate: StatedLine,
): Map<string, Derivation> {
  const roots = new Map<string, Derivation>();
  if (policy.place === 'row') return rowRoots(profile, policy, toDate);
  const exact = nodeDerivations(profile, policy, toDate.measures);
  for (const terminal of profile.terminals) {
    const derivation =
      exact.get(terminal.node) ?? undistributedDerivation(profile, exact, toDate.measures);
    roots.set(terminal.node, roundedRoot(derivation, terminal.node, policy, toDate));
  }
  const tail = toDate.parts[ROUNDING_TAIL];
  if (tail !== undefined) roots.set(ROUNDING_TAIL, tailRoot(roots, toDate));
  return roots;
}

function roundedRoot(
  exact: Derivation,
  node: string,
  policy: RoundingPolicy,
  toDate: StatedLine,
): Derivation {
  const fen = toDate.parts[node]!;
  if (policy.method === 'allocation') {
    const parts = String(Object.keys(toDate.parts).length);
    return derivedRound(node, 'allocate', exact, fen, { facts: { tail: policy.tail, parts } });
  }
  const plain =
    exact.value.denominator === 1n
      ? exact
      : derivedRound(node, 'round', exact, nearestFen(exact, fen), {
          facts: { mode: policy.mode },
        });
  const difference = fen - plain.value.numerator;
  // The party named for the tail takes what the other roundings left over.
  return difference === 0n
    ? plain
    : derive(node, 'add', [plain, derivedFacts('rounding_tail', difference)]);
}

function nearestFen(exact: Derivation, fen: Fen): Fen {
  const { numerator, denominator } = exact.value;
  const floor =
    numerator / denominator - (numerator < 0n && numerator % denominator !== 0n ? 1n : 0n);
  return fen <= floor ? floor : floor + 1n;
}

function tailRoot(roots: ReadonlyMap<string, Derivation>, toDate: StatedLine): Derivation {
  const base = derivedFacts('base', toDate.measures.baseFen);
  return derive(ROUNDING_TAIL, 'subtract', [base, ...roots.values()]);
}

/** Rounded row by row: the sum is evidence, and its rows are named by the line. */
function rowRoots(
  profile: Profile,
  policy: RoundingPolicy,
  toDate: StatedLine,
): Map<string, Derivation> {
  const facts = { mode: policy.mode, method: policy.method, place: 'row' };
  const nodes = [...profile.terminals.map((each) => each.node), ROUNDING_TAIL];
  return new Map(
    nodes
      .filter((node) => node in toDate.parts)
      .map((node) => [node, derivedFacts(node, toDate.parts[node]!, { facts })]),
  );
}

/** Each node of the plan worked out on the line's figures, step by step. */
export function nodeDerivations(
  profile: Profile,
  policy: RoundingPolicy,
  measures: Measures,
): Map<string, Derivation> {
  const derivations = new Map<string, Derivation>();
  const stepwise = policy.method === 'stepwise';
  for (const node of profile.nodes) {
    const exact = nodeDerivation(node, derivations, measures);
    const rounds = stepwise && (node.op === 'share' || node.op === 'ticket');
    derivations.set(
      node.id,
      rounds && exact.value.denominator !== 1n
        ? derivedRound(node.id, 'round', exact, roundedBy(exact, policy), {
            facts: { mode: policy.mode },
          })
        : exact,
    );
  }
  return derivations;
}

function nodeDerivation(
  node: PlanNode,
  derivations: ReadonlyMap<string, Derivation>,
  measures: Measures,
): Derivation {
  switch (node.op) {
    case 'base': {
      const rows = {
        screenings: String(measures.screenings),
        admissions: String(measures.admissions),
      };
      const sold = derivedFacts('gross', measures.grossFen, { facts: rows });
      const topUp = measures.baseFen - measures.grossFen;
      if (topUp === 0n) return { ...sold, name: 'base' };
      return derive('base', 'add', [sold, derivedFacts('top_up', topUp, { clause: 'base' })]);
    }
    case 'share': {
      const rate = rateConstant(node);
      return derive(node.id, 'multiply', [derivations.get(node.of)!, rate], {
        clause: node.clause,
      });
    }
    case 'ticket': {
      const admissions = derivedFacts('admissions', measures.admissions);
      const each = derivedConstant('per_ticket', node.fen, {
        clause: node.clause,
        facts: { ...node.words },
      });
      return derive(node.id, 'multiply', [admissions, each], { clause: node.clause });
    }
    case 'less': {
      const inputs = [node.of, ...node.minus].map((id) => derivations.get(id)!);
      return derive(node.id, 'subtract', inputs, { clause: node.clause });
    }
  }
}

const RATES = new WeakMap<PlanNode, Derivation>();

/** The rate as the clause writes it: one object for all lines of the profile. */
function rateConstant(node: PlanNode & { op: 'share' }): Derivation {
  let constant = RATES.get(node);
  if (constant === undefined) {
    const facts = { ...node.words, exact: formatRatio(node.rate) };
    constant = derivedConstant('rate', node.rate, { clause: node.clause, facts });
    RATES.set(node, constant);
  }
  return constant;
}

function roundedBy(exact: Derivation, policy: RoundingPolicy): Fen {
  return divideRounded(exact.value.numerator, exact.value.denominator, policy.mode);
}

function undistributedDerivation(
  profile: Profile,
  exact: ReadonlyMap<string, Derivation>,
  measures: Measures,
): Derivation {
  const index = profile.terminals.findIndex((each) => each.node === UNDISTRIBUTED);
  const share = derivedConstant(
    'undistributed_share',
    ratio(profile.baseNumerators[index]!, profile.denominator),
  );
  const ofBase = derive(UNDISTRIBUTED, 'multiply', [exact.get('base')!, share]);
  if (profile.ticketNumerators[index] === 0n) return ofBase;
  const perTicket = derivedConstant(
    'per_ticket',
    ratio(profile.ticketNumerators[index]!, profile.denominator),
  );
  const tickets = derive('tickets', 'multiply', [
    derivedFacts('admissions', measures.admissions),
    perTicket,
  ]);
  return derive(UNDISTRIBUTED, 'add', [ofBase, tickets]);
}
