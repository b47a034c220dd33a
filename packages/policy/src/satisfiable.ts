import { isIsoDate } from '@yinglian/core';
import type { Condition, FactDefinition, FactValue } from './model.ts';

/** One leaf with its sign; a conjunction of them is a way to satisfy a condition. */
type Literal = { readonly leaf: Leaf; readonly holds: boolean };
type Leaf = Condition & { readonly test: 'fact' | 'facts' | 'parameter' };

/** Ways that are spelled out; a condition with more is not judged. */
export const WAYS_MAX = 4_096;

/**
 * Whether some facts satisfy a condition. `undefined` when it has too many ways to be spelled
 * out. Comparisons of two facts are looked at by pairs, so "false" is always right and "true" may
 * err.
 */
export function isSatisfiable(
  condition: Condition,
  definitions: ReadonlyMap<string, FactDefinition>,
  holds = true,
): boolean | undefined {
  const ways = waysOf(condition, holds);
  if (ways === undefined) return undefined;
  return ways.some((way) => isConsistent(way, definitions));
}

/** Disjunctive normal form of a condition, or of its opposite. */
function waysOf(condition: Condition, holds: boolean): Literal[][] | undefined {
  switch (condition.test) {
    case 'fact':
    case 'facts':
    case 'parameter':
      return [[{ leaf: condition, holds }]];
    case 'not':
      return waysOf(condition.of, !holds);
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => waysOf(part, holds));
      const together = (condition.test === 'all') === holds;
      let ways: Literal[][] = together ? [[]] : [];
      for (const part of parts) {
        if (part === undefined) return undefined;
        if (together && ways.length * part.length > WAYS_MAX) return undefined;
        ways = together
          ? ways.flatMap((way) => part.map((more) => [...way, ...more]))
          : [...ways, ...part];
        if (ways.length > WAYS_MAX) return undefined;
      }
      return ways;
    }
  }
}

function isConsistent(
  way: readonly Literal[],
  definitions: ReadonlyMap<string, FactDefinition>,
): boolean {
  const byFact = new Map<string, Literal[]>();
  const byParameter = new Map<string, Literal[]>();
  for (const literal of way) {
    const { leaf } = literal;
    if (leaf.test === 'facts') continue;
    const [map, name] =
      leaf.test === 'fact' ? [byFact, leaf.fact] : ([byParameter, leaf.parameter] as const);
    map.set(name, [...(map.get(name) ?? []), literal]);
  }
  for (const literals of byParameter.values()) {
    const wanted = new Set(literals.filter(({ holds }) => holds).map(({ leaf }) => valueOf(leaf)));
    if (wanted.size > 1) return false;
    if (literals.some(({ leaf, holds }) => !holds && wanted.has(valueOf(leaf)))) return false;
  }
  if (!pairsAgree(way)) return false;
  return [...byFact].every(([name, literals]) => {
    const definition = definitions.get(name);
    return definition === undefined || hasValue(definition, literals);
  });
}

type Order = 'less' | 'is' | 'more';
const ORDERS: readonly Order[] = ['less', 'is', 'more'];
const ALLOWED: Readonly<Record<string, readonly Order[]>> = {
  more: ['more'],
  at_least: ['more', 'is'],
  is: ['is'],
};

/** Whether two facts can stand to each other as all comparisons of the pair want it. */
function pairsAgree(way: readonly Literal[]): boolean {
  const pairs = new Map<string, readonly Order[]>();
  for (const { leaf, holds } of way) {
    if (leaf.test !== 'facts') continue;
    const { fact, than } = leaf;
    const named = ALLOWED[leaf.compare] ?? ORDERS;
    const allowed = ORDERS.filter((order) => named.includes(order) === holds);
    const turned = fact <= than ? allowed : allowed.map(turn);
    const key = JSON.stringify([fact, than].toSorted());
    const known = pairs.get(key) ?? (fact === than ? ['is'] : ORDERS);
    pairs.set(
      key,
      known.filter((order) => turned.includes(order)),
    );
  }
  return [...pairs.values()].every((orders) => orders.length > 0);
}

function turn(order: Order): Order {
  return order === 'is' ? 'is' : order === 'more' ? 'less' : 'more';
}

function valueOf(leaf: Leaf): string {
  return leaf.test === 'parameter' ? leaf.value : '';
}

function hasValue(definition: FactDefinition, literals: readonly Literal[]): boolean {
  switch (definition.kind) {
    case 'yes_no':
      return [true, false].some((value) => fits(value, literals));
    case 'choice':
      return (definition.choices ?? []).some(({ value }) => fits(value, literals));
    case 'money':
    case 'count':
    case 'date':
      return hasNumber(literals);
    case 'choices':
    case 'text':
      return !literals.some(
        ({ leaf, holds }) => holds && literals.some((other) => clash(leaf, other)),
      );
  }
}

/** The same thing asked for and denied, or a text that is two things. */
function clash(leaf: Leaf, other: Literal): boolean {
  if (leaf.test !== 'fact' || other.leaf.test !== 'fact') return false;
  const same = JSON.stringify(leaf.value) === JSON.stringify(other.leaf.value);
  if (leaf.compare === other.leaf.compare && same) return !other.holds;
  if (leaf.compare !== 'is') return false;
  if (other.leaf.compare === 'is') return other.holds;
  return other.leaf.compare === 'is_not' && same && other.holds;
}

function fits(value: string | boolean, literals: readonly Literal[]): boolean {
  return literals.every(({ leaf, holds }) => {
    if (leaf.test !== 'fact') return true;
    switch (leaf.compare) {
      case 'is':
        return (leaf.value === value) === holds;
      case 'is_not':
        return (leaf.value !== value) === holds;
      case 'in':
        return (Array.isArray(leaf.value) && leaf.value.includes(value)) === holds;
      default:
        return true;
    }
  });
}

/** Whether a whole number from zero fits all of the bounds. */
function hasNumber(literals: readonly Literal[]): boolean {
  let least = 0n;
  let most: bigint | undefined;
  const forbidden = new Set<bigint>();
  const atMost = (value: bigint): void => {
    if (most === undefined || value < most) most = value;
  };
  const atLeast = (value: bigint): void => {
    if (value > least) least = value;
  };
  for (const { leaf, holds } of literals) {
    const value = leaf.test === 'fact' ? wholeOf(leaf.value) : undefined;
    if (leaf.test !== 'fact' || value === undefined) continue;
    const compare = holds ? leaf.compare : OPPOSITE[leaf.compare];
    if (compare === 'at_least') atLeast(value);
    else if (compare === 'more') atLeast(value + 1n);
    else if (compare === 'at_most') atMost(value);
    else if (compare === 'less') atMost(value - 1n);
    else if (compare === 'is_not') forbidden.add(value);
    else if (compare === 'is') {
      atLeast(value);
      atMost(value);
    }
  }
  while (forbidden.has(least)) least += 1n;
  return most === undefined || least <= most;
}

const OPPOSITE = {
  is: 'is_not',
  is_not: 'is',
  at_least: 'less',
  less: 'at_least',
  at_most: 'more',
  more: 'at_most',
  in: 'in',
  has: 'has',
} as const;

function wholeOf(value: FactValue): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  // Days as their digits: in the same order, if not one after the other.
  const digits = isIsoDate(value) ? value.replaceAll('-', '') : value;
  return /^\d{1,24}$/.test(digits) ? BigInt(digits) : undefined;
}
