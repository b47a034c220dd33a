import {
  assertNever,
  compareRatio,
  divideRounded,
  type Fen,
  multiplyRatio,
  parseRatio,
  type Ratio,
  ratio,
  subtractRatio,
  sumRatios,
  ZERO,
} from '@yinglian/core';
import type { Ground } from './conditions.ts';
import { takeFact } from './facts.ts';
import type { Amount } from './model.ts';

/**
 * The bound of a claim.
 * - `known`: exactly so much, rounded down.
 * - `unset`: the instrument prints no standard (标准待定).
 * - `unknown`: facts are missing; `ceilingFen` is what it can never exceed, where that is known.
 * - `none`: the item gives no money.
 */
export type Bound =
  | { readonly state: 'known'; readonly fen: Fen }
  | { readonly state: 'unset'; readonly ceilingFen: Fen | null }
  | {
      readonly state: 'unknown';
      readonly missing: readonly string[];
      readonly ceilingFen: Fen | null;
    }
  | { readonly state: 'none' };

/** An amount on the way: exact where it is known, a ceiling where at least that is. */
type Part = {
  readonly exact: Ratio | undefined;
  readonly ceiling: Ratio | undefined;
  readonly missing: readonly string[];
  readonly unset: boolean;
};

/** The smallest unit that is paid: 1 fen, or 100 fen where only whole yuan are (A19). */
export type UnitFen = 1n | 100n;

/** Evaluates an amount exactly and rounds it down once, because 不超过 forbids rounding up. */
export function evaluateAmount(amount: Amount, ground: Ground, unit: UnitFen): Bound {
  const found = partial(amount, ground);
  if (found.exact !== undefined) return { state: 'known', fen: floored(found.exact, unit) };
  const ceilingFen = found.ceiling === undefined ? null : floored(found.ceiling, unit);
  if (found.unset) return { state: 'unset', ceilingFen };
  return { state: 'unknown', missing: [...new Set(found.missing)], ceilingFen };
}

function floored({ numerator, denominator }: Ratio, unit: bigint): Fen {
  return divideRounded(numerator, denominator * unit, 'floor') * unit;
}

function exactly(value: Ratio): Part {
  return { exact: value, ceiling: value, missing: [], unset: false };
}

const UNSET: Part = { exact: undefined, ceiling: undefined, missing: [], unset: true };

function lacking(name: string, ceiling?: Ratio): Part {
  return { exact: undefined, ceiling, missing: [name], unset: false };
}

function partial(amount: Amount, ground: Ground): Part {
  switch (amount.amount) {
    case 'fixed':
      return exactly(ratio(BigInt(amount.fen)));
    case 'fact': {
      const value = figureOf(ground, amount.fact);
      return value === undefined ? lacking(amount.fact) : exactly(ratio(value));
    }
    case 'rate':
      return scaled(partial(amount.of, ground), parseRatio(amount.rate) ?? ZERO);
    case 'rate_parameter': {
      const rate = parseRatio(ground.readings.get(amount.parameter) ?? '');
      return rate === undefined ? UNSET : scaled(partial(amount.of, ground), rate);
    }
    case 'least':
    case 'greatest':
    case 'sum':
      return joined(
        amount.amount,
        amount.of.map((each) => partial(each, ground)),
      );
    case 'difference':
      return lessened(partial(amount.from, ground), partial(amount.less, ground));
    case 'per_unit': {
      const count = figureOf(ground, amount.fact);
      if (count === undefined) return lacking(amount.fact);
      const units = count - BigInt(amount.baseline);
      return exactly(ratio((units > 0n ? units : 0n) * BigInt(amount.fen)));
    }
    case 'by_value':
      return looked(amount, ground);
    case 'unset':
      return UNSET;
    default:
      return assertNever(amount);
  }
}

function factOf(ground: Ground, name: string): string | number | undefined {
  const value = takeFact(ground.definitions, ground.facts, name)?.given.value;
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** Money or a count; undefined for a fact that is no figure, which an author's check refuses. */
function figureOf(ground: Ground, name: string): bigint | undefined {
  const kind = ground.definitions.get(name)?.kind;
  const value = kind === 'money' || kind === 'count' ? factOf(ground, name) : undefined;
  return value === undefined ? undefined : BigInt(value);
}

function scaled(part: Part, rate: Ratio): Part {
  return {
    ...part,
    exact: part.exact === undefined ? undefined : multiplyRatio(part.exact, rate),
    ceiling: part.ceiling === undefined ? undefined : multiplyRatio(part.ceiling, rate),
  };
}

function joined(how: 'least' | 'greatest' | 'sum', parts: readonly Part[]): Part {
  const exacts = parts.map((part) => part.exact).filter((each) => each !== undefined);
  const ceilings = parts.map((part) => part.ceiling).filter((each) => each !== undefined);
  const complete = exacts.length === parts.length;
  // The least of some is a ceiling of the least of all; a sum needs every part of it.
  const bounded = how === 'least' ? ceilings.length > 0 : ceilings.length === parts.length;
  return {
    exact: complete ? combined(how, exacts) : undefined,
    ceiling: bounded ? combined(how, ceilings) : undefined,
    missing: parts.flatMap((part) => part.missing),
    unset: parts.some((part) => part.unset),
  };
}

function combined(how: 'least' | 'greatest' | 'sum', values: readonly Ratio[]): Ratio {
  if (how === 'sum' || values.length === 0) return sumRatios(values);
  const sign = how === 'least' ? 1 : -1;
  return values.reduce((best, each) => (compareRatio(each, best) * sign < 0 ? each : best));
}

function lessened(from: Part, less: Part): Part {
  const positive = (value: Ratio): Ratio => (compareRatio(value, ZERO) < 0 ? ZERO : value);
  const both = from.exact !== undefined && less.exact !== undefined;
  return {
    exact: both ? positive(subtractRatio(from.exact, less.exact)) : undefined,
    ceiling:
      from.ceiling === undefined
        ? undefined
        : positive(subtractRatio(from.ceiling, less.exact ?? ZERO)),
    missing: [...from.missing, ...less.missing],
    unset: from.unset || less.unset,
  };
}

function looked(amount: Amount & { amount: 'by_value' }, ground: Ground): Part {
  const value = factOf(ground, amount.fact);
  if (value === undefined) {
    const parts = amount.table.map((row) => partial(row.gives, ground).ceiling);
    const known = parts.filter((each) => each !== undefined);
    const bounded = known.length === parts.length && known.length > 0;
    return lacking(amount.fact, bounded ? combined('greatest', known) : undefined);
  }
  const row = amount.table.find((each) => String(each.value) === String(value));
  // A grade that the table does not name earns nothing.
  return row === undefined ? exactly(ZERO) : partial(row.gives, ground);
}

/** Whether an amount can ever be known: from facts, and from rates that a department decides. */
export function isComputable(amount: Amount): boolean {
  switch (amount.amount) {
    case 'unset':
      return false;
    case 'rate':
    case 'rate_parameter':
      return isComputable(amount.of);
    case 'least':
    case 'greatest':
    case 'sum':
      return amount.of.every(isComputable);
    case 'difference':
      return isComputable(amount.from) && isComputable(amount.less);
    case 'by_value':
      return amount.table.some(({ gives }) => isComputable(gives));
    default:
      return true;
  }
}

/** The facts an amount is computed from. */
export function collectFacts(amount: Amount, names: Set<string>): void {
  if ('fact' in amount) names.add(amount.fact);
  if (amount.amount === 'difference') {
    collectFacts(amount.from, names);
    collectFacts(amount.less, names);
  } else if (amount.amount === 'by_value') {
    for (const row of amount.table) collectFacts(row.gives, names);
  } else if (amount.amount === 'rate' || amount.amount === 'rate_parameter') {
    collectFacts(amount.of, names);
  } else if ('of' in amount) {
    for (const each of amount.of) collectFacts(each, names);
  }
}
