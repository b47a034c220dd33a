import { addDays, type IsoDate } from '@yinglian/core';
import type {
  FundRate,
  Scope,
  Split,
  SplitClause,
  TheatricalTerms,
  VatMethod,
} from '../terms/theatrical.ts';
import { covers, dated, nearestFirst, SCOPE_WEIGHTS } from '../theatrical/choose.ts';
import { isUnresolved, orderedSplits, type Resolver } from '../theatrical/resolver.ts';
import type { Profile } from '../theatrical/plan.ts';
import { type Dialect, quoted } from './dialect.ts';

/**
 * One kind of choice (the fund's rate, the VAT method, a split's clause) as a list of candidates
 * and a CASE expression that gives the number of the one that holds, from 1; 0 is none.
 */
type Choice = {
  readonly candidates: readonly unknown[];
  readonly expression: string;
  /** Some candidate always holds, so that the number is never 0. */
  readonly certain: boolean;
};

/** A stretch of days of one film version in which the terms do not change. */
export type CompiledStretch = {
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** SQL that gives the choice number, one whole number for all choices together. */
  readonly expression: string;
  /** Choice number → profile; numbers without a profile settle nothing. */
  readonly profiles: ReadonlyMap<number, Profile>;
};

/** More combinations of clauses than this in one stretch are not compiled. */
export const COMBINATIONS_MAX = 20_000;

/** All stretches of a film version between two days; undefined when there are too many profiles. */
export function compileStretches(
  terms: TheatricalTerms,
  resolver: Resolver,
  version: string,
  period: { from: IsoDate; to: IsoDate },
  dialect: Dialect,
): CompiledStretch[] | undefined {
  const stretches: CompiledStretch[] = [];
  for (let from = period.from; from <= period.to;) {
    const stretch = resolver.stretchAt(from);
    const to = stretch.to === undefined || stretch.to > period.to ? period.to : stretch.to;
    const compiled = compileStretch(terms, resolver, { version, from, to }, dialect);
    if (compiled === undefined) return undefined;
    stretches.push(compiled);
    from = addDays(to, 1);
  }
  return stretches;
}

function compileStretch(
  terms: TheatricalTerms,
  resolver: Resolver,
  { version, from, to }: { version: string; from: IsoDate; to: IsoDate },
  dialect: Dialect,
): CompiledStretch | undefined {
  const splits = orderedSplits(terms.splits);
  const choices: Choice[] = [
    rateChoice(terms.fund?.rates ?? [], from, fundConditions(dialect)),
    rateChoice(terms.vat?.methods ?? [], from, vatConditions(dialect)),
    ...splits.map((split) => splitChoice(terms, split, { version, date: from }, dialect)),
  ];
  const combinations = choices.reduce((left, choice) => left * (choice.candidates.length + 1), 1);
  if (combinations > COMBINATIONS_MAX) return undefined;
  const profiles = new Map<number, Profile>();
  for (let number = 0; number < combinations; number++) {
    const chosen = unpack(choices, number);
    if (choices.some(({ certain }, i) => certain && chosen[i] === undefined)) continue;
    const profile = resolver.profileOf(
      {
        fund: () => chosen[0] as FundRate | undefined,
        vat: () => chosen[1] as VatMethod | undefined,
        clause: (split) => chosen[2 + splits.indexOf(split)] as SplitClause | undefined,
      },
      from,
    );
    if (!isUnresolved(profile)) profiles.set(number, profile);
  }
  return { from, to, expression: pack(choices), profiles };
}

/** Mixed radix: the first choice is the lowest digit. */
function pack(choices: readonly Choice[]): string {
  let factor = 1;
  const digits = choices.map((choice) => {
    const digit = factor === 1 ? `(${choice.expression})` : `${factor} * (${choice.expression})`;
    factor *= choice.candidates.length + 1;
    return digit;
  });
  return digits.join(' + ');
}

function unpack(choices: readonly Choice[], number: number): unknown[] {
  let left = number;
  return choices.map((choice) => {
    const radix = choice.candidates.length + 1;
    const digit = left % radix;
    left = Math.floor(left / radix);
    return digit === 0 ? undefined : choice.candidates[digit - 1];
  });
}

type Ranked<Item> = { item: Item; conditions: string[]; weight: number };

/** The first true condition wins; an item without conditions always holds. */
function caseOf<Item>(ranked: readonly Ranked<Item>[], candidates: readonly Item[]): string {
  const whens: string[] = [];
  for (const { item, conditions } of ranked) {
    const number = candidates.indexOf(item) + 1;
    if (conditions.length === 0) {
      return whens.length === 0 ? String(number) : `CASE ${whens.join(' ')} ELSE ${number} END`;
    }
    whens.push(`WHEN ${conditions.join(' AND ')} THEN ${number}`);
  }
  return whens.length === 0 ? '0' : `CASE ${whens.join(' ')} ELSE 0 END`;
}

const heaviestFirst = <Item>(items: readonly Ranked<Item>[]) =>
  [...items].sort((a, b) => b.weight - a.weight);

type Rated = { from?: string | undefined; to?: string | undefined };

function rateChoice<Item extends Rated>(
  items: readonly Item[],
  date: IsoDate,
  conditionsOf: (item: Item) => { conditions: string[]; weight: number },
): Choice {
  const candidates = items.filter((item) => covers(item, date));
  const ranked = heaviestFirst(candidates.map((item) => ({ item, ...conditionsOf(item) })));
  return { candidates, expression: caseOf(ranked, candidates), certain: ranked.some(always) };
}

/** Whether a candidate holds whatever the site. */
const always = ({ conditions }: { conditions: readonly string[] }) => conditions.length === 0;

const isIn = (dialect: Dialect, column: string, values: readonly string[]) =>
  `${column} IN (${values.map((value) => quoted(dialect, value)).join(', ')})`;

function fundConditions(dialect: Dialect) {
  return (item: FundRate) => ({
    conditions: item.provinces === undefined ? [] : [isIn(dialect, 'province', item.provinces)],
    weight: (item.provinces === undefined ? 0 : 2) + dated(item),
  });
}

function vatConditions(dialect: Dialect) {
  return (item: VatMethod) => {
    const { conditions, weight } = fundConditions(dialect)({ ...item, rate: item.rate });
    if (item.taxpayer !== undefined) conditions.push(isIn(dialect, 'taxpayer', [item.taxpayer]));
    if (item.cinemas !== undefined) conditions.push(isIn(dialect, 'cinema_code', item.cinemas));
    return {
      conditions,
      weight: weight + (item.taxpayer === undefined ? 0 : 4) + (item.cinemas === undefined ? 0 : 8),
    };
  };
}

function splitChoice(
  terms: TheatricalTerms,
  split: Split,
  { version, date }: { version: string; date: IsoDate },
  dialect: Dialect,
): Choice {
  const candidates = split.clauses.filter(
    ({ when }) => when.versions === undefined || when.versions.includes(version),
  );
  const rank = (clauses: readonly SplitClause[]) =>
    clauses.map((item) => ({ item, ...scopeConditions(item.when, dialect) }));
  const current = heaviestFirst(rank(candidates.filter(({ when }) => covers(when, date))));
  const certain = current.some(always);
  if (terms.segments.outside === 'exception') {
    return { candidates, expression: caseOf(current, candidates), certain };
  }
  const gone = candidates.filter(({ when }) => when.to !== undefined && when.to < date);
  const upcoming = candidates.filter(({ when }) => when.from !== undefined && when.from > date);
  const outside = outsideExpression(
    rank(nearestFirst(gone, false)),
    rank(nearestFirst(upcoming, true)),
    candidates,
  );
  const inside = caseOf(current, candidates);
  if (outside === '0' || certain) return { candidates, expression: inside, certain };
  return {
    candidates,
    certain: false,
    expression: `CASE WHEN (${inside}) > 0 THEN (${inside}) ELSE ${outside} END`,
  };
}

/** Before the first segment the first, after the last the last; between two nothing holds. */
function outsideExpression(
  gone: readonly Ranked<SplitClause>[],
  upcoming: readonly Ranked<SplitClause>[],
  candidates: readonly SplitClause[],
): string {
  if (gone.length === 0) return caseOf(upcoming, candidates);
  if (upcoming.length === 0) return caseOf(gone, candidates);
  const earlier = caseOf(gone, candidates);
  const later = caseOf(upcoming, candidates);
  return `CASE WHEN (${earlier}) > 0 AND (${later}) > 0 THEN 0
    WHEN (${earlier}) > 0 THEN (${earlier}) ELSE (${later}) END`;
}

function scopeConditions(when: Scope, dialect: Dialect): { conditions: string[]; weight: number } {
  const conditions: string[] = [];
  let weight = 0;
  const add = (
    column: string,
    values: readonly string[] | undefined,
    name: keyof typeof SCOPE_WEIGHTS,
  ) => {
    if (values === undefined) return;
    conditions.push(isIn(dialect, column, values));
    weight += SCOPE_WEIGHTS[name];
  };
  add('equipment', when.equipment === undefined ? undefined : [when.equipment], 'equipment');
  add('province', when.provinces, 'provinces');
  add('circuit', when.circuits, 'circuits');
  add('cinema_code', when.cinemas, 'cinemas');
  add('hall', when.halls, 'halls');
  // Versions were decided when the film code was, but they still make a clause narrower.
  if (when.versions !== undefined) weight += SCOPE_WEIGHTS.versions;
  return { conditions, weight };
}
