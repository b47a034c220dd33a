import { assertNever } from '@yinglian/core';
import { takeFact } from './facts.ts';
import type { Comparison, Condition, FactDefinition, FactValue, GivenFacts } from './model.ts';

/** Kleene's three values: a rule never guesses what nobody said. */
export type Verdict = 'true' | 'false' | 'unknown';

/**
 * How a condition came out, branch by branch: which words of the instrument, which fact, its
 * value, where the value comes from.
 */
export type TraceNode = {
  readonly test: Condition['test'];
  readonly verdict: Verdict;
  readonly fact?: string;
  readonly compare?: Comparison;
  readonly wanted?: FactValue;
  /** The other fact of a comparison of two. */
  readonly than?: string;
  readonly found?: FactValue;
  readonly source?: string;
  readonly date?: string;
  readonly verifier?: string;
  readonly assumed?: true;
  readonly parameter?: string;
  readonly quote?: string;
  readonly label?: { readonly zh: string; readonly en: string };
  readonly parts?: readonly TraceNode[];
};

/** What a condition is decided from. */
export type Ground = {
  readonly definitions: ReadonlyMap<string, FactDefinition>;
  readonly facts: GivenFacts;
  /** The reading in use of each parameter. */
  readonly readings: ReadonlyMap<string, string>;
};

/** Decides a condition and says how. */
export function decide(condition: Condition, ground: Ground): TraceNode {
  switch (condition.test) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => decide(part, ground));
      const label = condition.label === undefined ? {} : { label: condition.label };
      return { test: condition.test, verdict: joined(condition.test, parts), ...label, parts };
    }
    case 'not': {
      const part = decide(condition.of, ground);
      const label = condition.label === undefined ? {} : { label: condition.label };
      return { test: 'not', verdict: opposite(part.verdict), ...label, parts: [part] };
    }
    case 'parameter': {
      const reading = ground.readings.get(condition.parameter);
      return {
        test: 'parameter',
        verdict: reading === condition.value ? 'true' : 'false',
        parameter: condition.parameter,
        wanted: condition.value,
        ...(reading === undefined ? {} : { found: reading }),
      };
    }
    case 'fact':
      return decideFact(condition, ground);
    case 'facts':
      return decideFacts(condition, ground);
    default:
      return assertNever(condition);
  }
}

function joined(test: 'all' | 'any', parts: readonly TraceNode[]): Verdict {
  const strong = test === 'all' ? 'false' : 'true';
  if (parts.some((part) => part.verdict === strong)) return strong;
  if (parts.some((part) => part.verdict === 'unknown')) return 'unknown';
  return test === 'all' ? 'true' : 'false';
}

function opposite(verdict: Verdict): Verdict {
  if (verdict === 'unknown') return 'unknown';
  return verdict === 'true' ? 'false' : 'true';
}

function decideFact(condition: Condition & { test: 'fact' }, ground: Ground): TraceNode {
  const taken = takeFact(ground.definitions, ground.facts, condition.fact);
  const asked = {
    test: 'fact' as const,
    fact: condition.fact,
    compare: condition.compare,
    wanted: condition.value,
    ...(condition.quote === undefined ? {} : { quote: condition.quote }),
  };
  if (taken === undefined) return { ...asked, verdict: 'unknown' };
  const { value, source, date, verifier } = taken.given;
  return {
    ...asked,
    verdict: compareFact(value, condition.compare, condition.value) ? 'true' : 'false',
    found: value,
    ...(source === undefined ? {} : { source }),
    ...(date === undefined ? {} : { date }),
    ...(verifier === undefined ? {} : { verifier }),
    ...(taken.assumed ? { assumed: true as const } : {}),
  };
}

function decideFacts(condition: Condition & { test: 'facts' }, ground: Ground): TraceNode {
  const left = takeFact(ground.definitions, ground.facts, condition.fact)?.given.value;
  const right = takeFact(ground.definitions, ground.facts, condition.than)?.given.value;
  const asked = {
    test: 'facts' as const,
    fact: condition.fact,
    compare: condition.compare,
    than: condition.than,
    ...(left === undefined ? {} : { found: left }),
    ...(right === undefined ? {} : { wanted: right }),
    ...(condition.quote === undefined ? {} : { quote: condition.quote }),
  };
  if (left === undefined || right === undefined) return { ...asked, verdict: 'unknown' };
  return { ...asked, verdict: compareFact(left, condition.compare, right) ? 'true' : 'false' };
}

/** Compares a value with what is wanted; an author's mix of kinds never holds. */
export function compareFact(value: FactValue, compare: Comparison, wanted: FactValue): boolean {
  switch (compare) {
    case 'is':
      return same(value, wanted);
    case 'is_not':
      return !same(value, wanted);
    case 'in':
      return Array.isArray(wanted) && typeof value === 'string' && wanted.includes(value);
    case 'has':
      return Array.isArray(value) && typeof wanted === 'string' && value.includes(wanted);
    case 'at_least':
      return (order(value, wanted) ?? -1) >= 0;
    case 'at_most':
      return (order(value, wanted) ?? 1) <= 0;
    case 'more':
      return (order(value, wanted) ?? 0) > 0;
    case 'less':
      return (order(value, wanted) ?? 0) < 0;
    default:
      return assertNever(compare);
  }
}

function same(a: FactValue, b: FactValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each) => b.includes(each));
  }
  return (order(a, b) ?? (a === b ? 0 : 1)) === 0;
}

const DIGITS = /^\d+$/;

/** The order of two counts, amounts or dates; undefined where they cannot be ordered. */
function order(a: FactValue, b: FactValue): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  if (DIGITS.test(a) && DIGITS.test(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The facts that would decide an undecided condition: those of undecided branches only, in the
 * order of the rule. A branch that is decided already asks nothing.
 */
export function missingFacts(node: TraceNode): string[] {
  const names = new Set<string>();
  collectMissing(node, names);
  return [...names];
}

function collectMissing(node: TraceNode, names: Set<string>): void {
  if (node.verdict !== 'unknown') return;
  if (node.parts !== undefined) {
    for (const part of node.parts) collectMissing(part, names);
    return;
  }
  if (node.fact !== undefined && node.found === undefined) names.add(node.fact);
  if (node.test === 'facts' && node.than !== undefined && node.wanted === undefined) {
    names.add(node.than);
  }
}

/** A leaf that stands in the way, and whether it would have to hold or to fail. */
export type Obstacle = { readonly leaf: TraceNode; readonly mustHold: boolean };

/** Why a condition is false: the leaves that, turned, would let it through. */
export function whyNot(node: TraceNode): Obstacle[] {
  return node.verdict === 'false' ? obstacles(node, true) : [];
}

function obstacles(node: TraceNode, mustHold: boolean): Obstacle[] {
  if (node.parts === undefined) return [{ leaf: node, mustHold }];
  if (node.test === 'not') return obstacles(node.parts[0]!, !mustHold);
  const wrong = node.parts.filter((part) => part.verdict === (mustHold ? 'false' : 'true'));
  // A branch that another reading would open is nothing the applicant can do.
  const own = wrong.filter((part) => !closedByReading(part));
  return (own.length === 0 ? wrong : own).flatMap((part) => obstacles(part, mustHold));
}

function closedByReading(node: TraceNode): boolean {
  if (node.test === 'parameter') return node.verdict === 'false';
  return node.test === 'all' && (node.parts ?? []).some(closedByReading);
}

/** The facts and the parameters a condition asks for. */
export function collectAsked(asked: Condition, names: Set<string>, codes: Set<string>): void {
  switch (asked.test) {
    case 'all':
    case 'any':
      for (const part of asked.of) collectAsked(part, names, codes);
      return;
    case 'not':
      collectAsked(asked.of, names, codes);
      return;
    case 'fact':
      names.add(asked.fact);
      return;
    case 'facts':
      names.add(asked.fact).add(asked.than);
      return;
    case 'parameter':
      codes.add(asked.parameter);
  }
}
