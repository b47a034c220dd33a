import {
  accepted,
  addDays,
  compareRatio,
  divideRounded,
  type Fen,
  finding,
  type Finding,
  hasErrors,
  type IsoDate,
  type Outcome,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  refused,
} from '@yinglian/core';
import {
  type Derivation,
  derive,
  derivedConstant,
  derivedFacts,
  derivedRound,
} from '../derivation.ts';
import type { StreamingComponent, StreamingTerms } from '../terms/streaming.ts';
import type { Period } from '../theatrical/facts.ts';

/** One day (or month) of a platform's report. Minutes, so that an hour's parts stay whole. */
export type StreamingFact = {
  readonly id: string;
  readonly date: IsoDate;
  /** Whose usage it is, by the party's id or name; left out, that of the terms' own platform. */
  readonly platform?: string;
  readonly minutes?: bigint;
  readonly views?: bigint;
  /** Net incomes by name: member, ads, single pay. */
  readonly incomesFen?: { readonly [name: string]: Fen };
};

/** The period to settle and the fen that were stated before it. */
export type StreamingContext = { readonly period: Period; readonly statedFen?: Fen };

/** What a platform owes for a period. */
export type StreamingSettlement = {
  readonly kind: 'streaming';
  readonly terms: StreamingTerms;
  readonly period: Period;
  readonly toDateFen: Fen;
  readonly priorFen: Fen;
  readonly fen: Fen;
  readonly derivation: Derivation;
};

/** The licensor's share to date of a title's run on a platform, less what was stated before. */
export function settleStreaming(
  terms: StreamingTerms,
  usage: readonly StreamingFact[],
  context: StreamingContext,
): Outcome<StreamingSettlement> {
  const findings = checkStreaming(terms);
  if (hasErrors(findings)) return refused(...findings);
  const names = platformNames(terms);
  const isOwn = ({ platform }: StreamingFact) => platform === undefined || names.has(platform);
  const facts = usage.filter(isOwn);
  const others = new Set(usage.filter((each) => !isOwn(each)).map((each) => each.platform!));
  if (others.size > 0)
    findings.push(finding('other_platforms', 'note', { facts: { platforms: [...others].sort() } }));
  const now = entitlement(terms, facts, context.period.to);
  const prior = entitlement(terms, facts, addDays(context.period.from, -1));
  const priorFen = context.statedFen ?? prior.fen;
  const toDate = derivedRound('to_date', 'round', now.exact, now.fen, {
    facts: { mode: terms.rounding.mode },
  });
  return accepted(
    {
      kind: 'streaming',
      terms,
      period: context.period,
      toDateFen: now.fen,
      priorFen,
      fen: now.fen - priorFen,
      derivation: derive('due', 'difference', [toDate, derivedFacts('stated_before', priorFen)]),
    },
    findings,
  );
}

function platformNames({ platform, parties }: StreamingTerms): Set<string> {
  const party = parties.find((each) => each.id === platform);
  return new Set([platform, ...Object.values(party?.name ?? {})]);
}

/** What is wrong with streaming terms before use. */
export function checkStreaming(terms: StreamingTerms): Finding[] {
  const parties = new Set(terms.parties.map((each) => each.id));
  const findings: Finding[] = [];
  for (const party of [terms.platform, terms.licensor]) {
    if (!parties.has(party))
      findings.push(finding('unknown_party', 'error', { facts: { party }, clause: 'parties' }));
  }
  findings.push(...checkLimits(terms));
  for (const { component, from, to } of terms.components) {
    if (from !== undefined && to !== undefined && to < from) {
      findings.push(
        finding('reversed_dates', 'error', { facts: { from, to }, clause: component.id }),
      );
    }
    if (component.kind === 'views') continue;
    let last: bigint | undefined;
    for (const { above } of component.tiers) {
      const at = component.kind === 'hours' ? BigInt(above) : parseYuan(above)!;
      const code =
        last === undefined
          ? at === 0n
            ? undefined
            : 'missing_first_tier'
          : at <= last
            ? 'unreachable_tier'
            : undefined;
      if (code !== undefined)
        findings.push(finding(code, 'error', { facts: { above }, clause: component.id }));
      last = at;
    }
  }
  return findings;
}

/** A minimum needs a window that ends, and room under the cap. */
function checkLimits({ minimum, cap, windowDays }: StreamingTerms): Finding[] {
  if (minimum === undefined) return [];
  if (windowDays === undefined) return [finding('missing_window', 'error', { clause: 'minimum' })];
  if (cap === undefined || parseYuan(minimum)! <= parseYuan(cap)!) return [];
  return [finding('excessive_minimum', 'error', { facts: { minimum, cap }, clause: 'minimum' })];
}

function entitlement(
  terms: StreamingTerms,
  facts: readonly StreamingFact[],
  asOf: IsoDate,
): { exact: Derivation; fen: Fen } {
  const last =
    terms.windowDays === undefined
      ? undefined
      : addDays(terms.release, Number(terms.windowDays) - 1);
  const inWindow = facts.filter(
    (each) =>
      each.date >= terms.release && each.date <= asOf && (last === undefined || each.date <= last),
  );
  const parts = terms.components.map((each) => componentAmount(each, inWindow));
  const sum = parts.length === 1 ? parts[0]! : derive('sum', 'add', parts);
  const capped =
    terms.cap === undefined
      ? sum
      : derive('capped', 'lesser', [
          sum,
          derivedConstant('cap', ratio(parseYuan(terms.cap)!), { clause: 'cap' }),
        ]);
  // A minimum is of the whole window: before its last day nobody knows what is missing.
  const over = last !== undefined && asOf >= last;
  const exact =
    terms.minimum === undefined || !over
      ? capped
      : derive('with_minimum', 'greater', [
          capped,
          derivedConstant('minimum', ratio(parseYuan(terms.minimum)!), { clause: 'minimum' }),
        ]);
  return {
    exact,
    fen: divideRounded(exact.value.numerator, exact.value.denominator, terms.rounding.mode),
  };
}

function componentAmount(item: StreamingComponent, facts: readonly StreamingFact[]): Derivation {
  const { component, coefficient, from, to } = item;
  const counted = facts.filter(
    (each) => (from === undefined || each.date >= from) && (to === undefined || each.date <= to),
  );
  const amount = grossAmount(component, counted);
  if (compareRatio(parseRatio(coefficient)!, ratio(1n)) === 0) return amount;
  const factor = derivedConstant('coefficient', parseRatio(coefficient)!, {
    clause: component.id,
    facts: { rate: coefficient },
  });
  return derive(component.id, 'multiply', [amount, factor], { clause: component.id });
}

function grossAmount(
  component: StreamingComponent['component'],
  facts: readonly StreamingFact[],
): Derivation {
  const sum = (pick: (fact: StreamingFact) => bigint) =>
    facts.reduce((left, each) => left + pick(each), 0n);
  switch (component.kind) {
    case 'views': {
      const views = derivedFacts(
        'views',
        sum((each) => each.views ?? 0n),
      );
      const price = derivedConstant('price', ratio(parseYuan(component.price)!), {
        clause: component.id,
      });
      return derive(component.id, 'multiply', [views, price], { clause: component.id });
    }
    case 'hours': {
      const minutes = derivedFacts(
        'minutes',
        sum((each) => each.minutes ?? 0n),
      );
      const hours = derive('hours', 'multiply', [minutes, derivedConstant('hour', ratio(1n, 60n))]);
      const tiers = component.tiers.map((tier) => ({
        above: ratio(BigInt(tier.above)),
        rate: ratio(parseYuan(tier.price)!),
        words: tier.price,
      }));
      return tiered(component.id, component.mode, hours, tiers);
    }
    case 'income': {
      const income = derivedFacts(
        'net_income',
        sum((each) =>
          component.incomes.reduce((left, name) => left + (each.incomesFen?.[name] ?? 0n), 0n),
        ),
      );
      const tiers = component.tiers.map((tier) => ({
        above: ratio(parseYuan(tier.above)!),
        rate: parseRatio(tier.share)!,
        words: tier.share,
      }));
      return tiered(component.id, component.mode, income, tiers);
    }
  }
}

type Tier = { readonly above: Ratio; readonly rate: Ratio; readonly words: string };

/** Each slice opens to its own multiplication, so that a reader sees every tier at work. */
function tiered(
  clause: string,
  mode: 'marginal' | 'whole',
  total: Derivation,
  tiers: readonly Tier[],
): Derivation {
  const rateOf = (tier: Tier) =>
    derivedConstant('rate', tier.rate, { clause, facts: { rate: tier.words } });
  if (mode === 'whole') {
    const tier = tiers.findLast((each, i) => i === 0 || compareRatio(total.value, each.above) > 0)!;
    return derive(clause, 'multiply', [total, rateOf(tier)], { clause });
  }
  const slices = tiers.flatMap((tier, index) => {
    if (index > 0 && compareRatio(total.value, tier.above) <= 0) return [];
    const next = tiers[index + 1];
    const top =
      next === undefined
        ? total
        : derive('top', 'lesser', [total, derivedConstant('until', next.above, { clause })]);
    const slice = derive('slice', 'subtract', [
      top,
      derivedConstant('above', tier.above, { clause }),
    ]);
    return [derive('tier', 'multiply', [slice, rateOf(tier)], { clause })];
  });
  return slices.length === 1 ? slices[0]! : derive(clause, 'add', slices, { clause });
}
