import {
  type Fen,
  type Finding,
  finding,
  type IsoDate,
  parseRatio,
  shareFen,
} from '@yinglian/core';
import { type Bound, collectFacts, evaluateAmount, type UnitFen } from './amounts.ts';
import { decide, type Ground, missingFacts, type TraceNode } from './conditions.ts';
import { checkFacts, takeFact } from './facts.ts';
import { generalReading } from './general.ts';
import type {
  FactDefinition,
  GivenFacts,
  Instrument,
  ParameterDecision,
  Rule,
  Words,
} from './model.ts';
import {
  instrumentOn,
  type ParameterInUse,
  parametersInUse,
  ruleOn,
  type Validity,
} from './validity.ts';

/** An instrument opened at a day of events, as it was known on another day. */
export type Book = {
  readonly instrument: Instrument;
  readonly eventDate: IsoDate;
  readonly knownOn: IsoDate;
  readonly parameters: ReadonlyMap<string, ParameterInUse>;
  readonly readings: ReadonlyMap<string, string>;
  readonly definitions: ReadonlyMap<string, FactDefinition>;
  readonly chosen: ReadonlyMap<string, { rule: Rule | undefined; validity: Validity }>;
  /** What is in use for items that something was decided for alone. */
  readonly own: ReadonlyMap<string, Pick<Book, 'parameters' | 'readings'>>;
};

/** What the review said: an amount, or a factor of the bound from 0 to 1 (A14). */
export type Review =
  | { readonly recommendedFen: string; readonly factor?: never }
  | { readonly factor: string; readonly recommendedFen?: never };

/** One claim on one item. */
export type Claim = {
  readonly item: string;
  /** Null in a calculation nobody has filed. */
  readonly appliedOn: IsoDate | null;
  readonly facts: GivenFacts;
  readonly review?: Review;
};

/**
 * - `unknown`: facts are missing; they are listed.
 * - `to_human`: readings of the text differ for these dates.
 * - `no_claim`: the item is a task or a general clause; nobody applies for it.
 */
export type ClaimStatus = 'eligible' | 'not_eligible' | 'unknown' | 'to_human' | 'no_claim';

/** The answer to one claim, in its four parts: status, bound, recommended, grantable. */
export type Assessment = {
  readonly item: string;
  readonly rule: string | null;
  readonly status: ClaimStatus;
  readonly missing: readonly string[];
  readonly bound: Bound;
  readonly basis: { readonly label: Words; readonly fen: Fen | null } | null;
  readonly recommendedFen: Fen | null;
  /** The lesser of recommended and bound: G₀ of the first stage. */
  readonly grantableFen: Fen | null;
  readonly validity: Validity;
  readonly applied: Pick<Validity, 'state' | 'doubts'> | null;
  readonly parameters: readonly ParameterInUse[];
  readonly trace: TraceNode | null;
  readonly assumed: readonly string[];
  readonly findings: readonly Finding[];
};

/** Opens an instrument; one book answers any number of claims. */
export function openBook(
  instrument: Instrument,
  at: {
    readonly eventDate: IsoDate;
    readonly knownOn: IsoDate;
    readonly decisions?: readonly ParameterDecision[];
  },
): Book {
  const { eventDate, knownOn } = at;
  const decisions = at.decisions ?? [];
  const inUse = (item?: string) => {
    const parameters = parametersInUse(instrument, decisions, eventDate, knownOn, item);
    const readings = new Map([...parameters].map(([code, { value }]) => [code, value]));
    return { parameters, readings };
  };
  const whole = inUse();
  const own = new Map<string, Pick<Book, 'parameters' | 'readings'>>();
  for (const { item } of decisions) if (item !== undefined) own.set(item, inUse(item));
  const versions = new Map<string, Rule[]>();
  for (const rule of instrument.rules) {
    const list = versions.get(rule.item);
    if (list === undefined) versions.set(rule.item, [rule]);
    else list.push(rule);
  }
  const chosen = new Map<string, { rule: Rule | undefined; validity: Validity }>();
  for (const [item, rules] of versions) {
    const { parameters } = own.get(item) ?? whole;
    chosen.set(item, ruleOn(instrument, rules, parameters, eventDate, knownOn));
  }
  return {
    instrument,
    eventDate,
    knownOn,
    ...whole,
    definitions: new Map(instrument.facts.map((each) => [each.name, each])),
    chosen,
    own,
  };
}

/** The book as one item reads it: with what was decided for that item alone. */
export function bookOfItem(book: Book, item: string): Book {
  const own = book.own.get(item);
  return own === undefined ? book : { ...book, ...own };
}

/** Answers one claim: stage 1, the bound. Nothing here looks at other claims or at the budget. */
export function assess(book: Book, claim: Claim): Assessment {
  return judge(book, claim, checkFacts(book.definitions, claim.facts));
}

/** The same where the facts were looked at already, because they serve several items. */
export function judge(whole: Book, claim: Claim, seen: readonly Finding[]): Assessment {
  const book = bookOfItem(whole, claim.item);
  const found = book.chosen.get(claim.item);
  if (found === undefined) return unfound(book, claim);
  const { rule, validity } = found;
  const ground: Ground = {
    definitions: book.definitions,
    facts: claim.facts,
    readings: book.readings,
  };
  const findings = [...seen];
  const applied = appliedState(book, claim.appliedOn);
  if (rule === undefined) return { ...unfound(book, claim), validity, applied, findings };
  const trace = rule.condition === null ? null : decide(rule.condition, ground);
  const bound = boundOf(rule, ground, unitOf(book));
  const status = statusOf(book, rule, { validity, applied, trace, bound });
  const missing = status === 'not_eligible' ? [] : missingOf(trace, bound);
  const money = reviewed(rule, bound, claim.review, findings);
  const assumed = assumedFacts(rule, ground);
  for (const fact of assumed) findings.push(finding('assumed_fact', 'note', { facts: { fact } }));
  if (validity.state === 'doubtful' || applied?.state === 'doubtful') {
    findings.push(doubt(validity, applied));
  }
  return {
    item: claim.item,
    rule: validity.rule,
    status,
    missing,
    bound,
    basis: basisOf(rule, ground, unitOf(book)),
    ...money,
    validity,
    applied,
    parameters: rule.parameters.flatMap((code) => book.parameters.get(code) ?? []),
    trace,
    assumed,
    findings,
  };
}

function unfound(book: Book, claim: Claim): Assessment {
  return {
    item: claim.item,
    rule: null,
    status: 'not_eligible',
    missing: [],
    bound: { state: 'none' },
    basis: null,
    recommendedFen: null,
    grantableFen: null,
    validity: {
      state: 'not_found',
      date: book.eventDate,
      from: null,
      to: null,
      rule: null,
      passedOver: [],
      doubts: [],
    },
    applied: null,
    parameters: [],
    trace: null,
    assumed: [],
    findings: [finding('unknown_item', 'error', { facts: { item: claim.item.slice(0, 40) } })],
  };
}

function appliedState(book: Book, appliedOn: IsoDate | null): Assessment['applied'] {
  if (appliedOn === null) return null;
  const { state, doubts } = instrumentOn(book.instrument, book.parameters, appliedOn);
  return { state, doubts };
}

function unitOf(book: Book): UnitFen {
  return generalReading(book, 'rounding') === 'yuan' ? 100n : 1n;
}

function boundOf(rule: Rule, ground: Ground, unit: UnitFen): Bound {
  return rule.bound === null ? { state: 'none' } : evaluateAmount(rule.bound, ground, unit);
}

/**
 * What all public money together may not exceed for a claim (A5), rounded down; null where the
 * rule names no cost or its facts are missing.
 */
export function eligibleCostOf(whole: Book, claim: Pick<Claim, 'item' | 'facts'>): Fen | null {
  const book = bookOfItem(whole, claim.item);
  const cost = book.chosen.get(claim.item)?.rule?.eligibleCost;
  if (cost === undefined) return null;
  const { definitions, readings } = book;
  const value = evaluateAmount(cost, { definitions, readings, facts: claim.facts }, unitOf(book));
  return value.state === 'known' ? value.fen : null;
}

function basisOf(rule: Rule, ground: Ground, unit: UnitFen): Assessment['basis'] {
  if (rule.basis === undefined) return null;
  const value = evaluateAmount(rule.basis.of, ground, unit);
  return { label: rule.basis.label, fen: value.state === 'known' ? value.fen : null };
}

function statusOf(
  book: Book,
  rule: Rule,
  found: {
    validity: Validity;
    applied: Assessment['applied'];
    trace: TraceNode | null;
    bound: Bound;
  },
): ClaimStatus {
  const reading = generalReading(book, 'term');
  const states = [
    ...(reading === 'application' ? [] : [found.validity.state]),
    ...(reading === 'event' || found.applied === null ? [] : [found.applied.state]),
  ];
  if (states.some((state) => state !== 'in_force' && state !== 'doubtful')) return 'not_eligible';
  if (rule.condition === null) return 'no_claim';
  if (found.trace?.verdict === 'false') return 'not_eligible';
  if (states.includes('doubtful')) return 'to_human';
  if (found.trace?.verdict === 'unknown') return 'unknown';
  return found.bound.state === 'unknown' ? 'unknown' : 'eligible';
}

function missingOf(trace: TraceNode | null, bound: Bound): string[] {
  const fromCondition = trace === null ? [] : missingFacts(trace);
  return [...new Set([...fromCondition, ...(bound.state === 'unknown' ? bound.missing : [])])];
}

function reviewed(
  rule: Rule,
  bound: Bound,
  review: Review | undefined,
  findings: Finding[],
): Pick<Assessment, 'recommendedFen' | 'grantableFen'> {
  const nothing = { recommendedFen: null, grantableFen: null };
  if (bound.state === 'unset') {
    findings.push(finding('missing_standard', 'note', { facts: { item: rule.item } }));
  }
  if (review === undefined) return nothing;
  const recommendedFen = recommendationOf(review, bound);
  if (recommendedFen === null) {
    findings.push(finding('invalid_recommendation', 'error', { facts: { item: rule.item } }));
    return nothing;
  }
  if (bound.state !== 'known') return { recommendedFen, grantableFen: null };
  if (recommendedFen > bound.fen) {
    const facts = { recommended: String(recommendedFen), bound: String(bound.fen) };
    findings.push(finding('excessive_recommendation', 'warning', { facts }));
  }
  return { recommendedFen, grantableFen: recommendedFen < bound.fen ? recommendedFen : bound.fen };
}

const MONEY = /^\d{1,24}$/;

function recommendationOf(review: Review, bound: Bound): Fen | null {
  if (review.recommendedFen !== undefined) {
    return MONEY.test(review.recommendedFen) ? BigInt(review.recommendedFen) : null;
  }
  const factor = parseRatio(review.factor);
  if (factor === undefined || factor.numerator < 0n || factor.numerator > factor.denominator) {
    return null;
  }
  return bound.state === 'known' ? shareFen(bound.fen, factor, 'floor') : null;
}

/** Facts of the bound and the basis that were taken for granted. */
function assumedFacts(rule: Rule, ground: Ground): string[] {
  const names = new Set<string>();
  if (rule.bound !== null) collectFacts(rule.bound, names);
  return [...names].filter(
    (name) => takeFact(ground.definitions, ground.facts, name)?.assumed === true,
  );
}

function doubt(validity: Validity, applied: Assessment['applied']): Finding {
  const doubts = [...validity.doubts, ...(applied?.doubts ?? [])];
  return finding('doubtful_date', 'warning', {
    facts: {
      date: validity.date,
      readings: [...new Set(doubts.map((each) => `${each.parameter} ${each.reading}`))],
    },
  });
}
