import type {
  policyFactSchema,
  policyInstrumentSchema,
  policyMatchSchema,
  policyParameterSchema,
} from '@yinglian/contract';
import {
  atMost,
  type Book,
  type Instrument,
  type Match,
  type Rule,
  ruleId,
  whyNot,
  type Words,
} from '@yinglian/policy';
import type { z } from 'zod';
import { found } from '../kernel/refusal.ts';

export type InstrumentView = z.output<typeof policyInstrumentSchema>;
export type MatchView = z.output<typeof policyMatchSchema>;
type ParameterView = z.output<typeof policyParameterSchema>;
type FactView = z.output<typeof policyFactSchema>;

export function instrumentView(book: Book): InstrumentView {
  const { instrument } = book;
  const { validity } = instrument;
  const on = (readings: typeof validity.from, parameter: string): string =>
    (readings.find((each) => each.value === book.readings.get(parameter)) ?? readings[0]!).date;
  const chosen = [...book.chosen.values()].flatMap(({ rule }) =>
    rule === undefined ? [] : [rule],
  );
  return {
    code: instrument.code,
    number: instrument.number,
    registration: instrument.registration,
    title: instrument.title,
    issuer: instrument.issuer,
    from: on(validity.from, validity.fromParameter),
    to: on(validity.to, validity.toParameter),
    items: chosen.map((rule) => itemView(instrument, rule)),
    facts: instrument.facts.map(factView),
    parameters: instrument.parameters.map(({ code }) => parameterView(book, code)),
  };
}

function itemView(instrument: Instrument, rule: Rule): InstrumentView['items'][number] {
  const measure = instrument.measures.find(({ number }) => number === rule.measure);
  return {
    item: rule.item,
    rule: ruleId(rule),
    title: rule.title,
    clause: rule.clause,
    measure: rule.measure,
    heading: measure?.heading ?? '',
    lead: measure?.lead ?? '',
    others: [...(measure?.others ?? [])],
    benefit: rule.benefit,
    beneficiaries: [...rule.beneficiaries],
    object: rule.object,
    speed: rule.speed,
    frequency: rule.frequency,
    evidence: rule.evidence.map(({ code, label, required }) => ({ code, label, required })),
    parameters: [...rule.parameters],
    systems: [...rule.systems],
    publicMoney: rule.publicMoney,
  };
}

function factView(fact: Instrument['facts'][number]): FactView {
  const { name, kind, label, help = null, choices, whenAbsent } = fact;
  const assumed = whenAbsent !== undefined;
  return { name, kind, label, help, choices: [...(choices ?? [])], assumed };
}

export function parameterView(book: Book, code: string): ParameterView {
  const definition = found(
    book.instrument.parameters.find((each) => each.code === code),
    { parameter: code },
  );
  const decided = book.parameters.get(code)?.decided ?? null;
  return {
    code,
    title: definition.title,
    quote: definition.quote,
    law: definition.law ?? null,
    kind: definition.kind,
    readings: [...definition.readings],
    default: definition.default,
    inUse: decided?.value ?? definition.default,
    reason: definition.reason,
    decidedFrom: decided?.from ?? null,
    decidedBy: decided?.issuedBy ?? null,
    items: [...book.own].flatMap(([item, { parameters }]) => {
      const own = parameters.get(code)?.decided ?? null;
      if (own?.item === undefined) return [];
      const { value: inUse, quote = '', reason, from: decidedFrom, issuedBy: decidedBy } = own;
      return [{ item, inUse, quote, reason, decidedFrom, decidedBy }];
    }),
  };
}

export function matchView(
  { instrument, chosen }: Book,
  { item, status, missing, assessment }: Match,
): MatchView {
  const { rule, bound, basis, trace, assumed, validity, findings } = assessment;
  const fen = atMost(bound);
  const title = (chosen.get(item)?.rule ?? instrument.rules.findLast((each) => each.item === item)!)
    .title;
  return {
    instrument: instrument.code,
    item,
    title,
    rule,
    status,
    bound: bound.state,
    atMostFen: fen === null ? null : String(fen),
    basis: basis === null ? null : { label: basis.label, fen: basis.fen?.toString() ?? null },
    missing: [...missing],
    whyNot: (trace === null ? [] : whyNot(trace)).map(({ leaf }) => ({
      fact: leaf.fact ?? null,
      parameter: leaf.parameter ?? null,
      quote: leaf.quote ?? null,
      found: valueOf(leaf.found),
      wanted: valueOf(leaf.wanted),
    })),
    assumed: [...assumed],
    readings: assessment.parameters.map(({ code, value, decided }) => ({
      code,
      value,
      decided: decided !== null,
    })),
    validity: { state: validity.state, from: validity.from, to: validity.to },
    findings,
  };
}

/** A name in both languages, where one sentence has to serve readers of either. */
export function both({ zh, en }: Words): string {
  return `${zh} · ${en}`;
}

type Value = MatchView['whyNot'][number]['found'];

function valueOf(value: NonNullable<Match['assessment']['trace']>['found']): Value {
  if (value === undefined) return null;
  return typeof value === 'object' ? [...value] : value;
}
