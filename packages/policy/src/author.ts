import { addDays, type Finding, finding, type FindingOptions, parseRatio } from '@yinglian/core';
import { collectFacts, isComputable } from './amounts.ts';
import { collectAsked } from './conditions.ts';
import { GENERAL_READINGS } from './general.ts';
import { isFactValue } from './facts.ts';
import type {
  Amount,
  Condition,
  FactDefinition,
  GeneralPart,
  Instrument,
  ParameterDecision,
  Rule,
} from './model.ts';
import { ruleId } from './model.ts';
import { isSatisfiable, WAYS_MAX } from './satisfiable.ts';

/**
 * What an author of rules did wrong: versions that overlap or leave a gap, conditions that nobody
 * can meet or that ask nothing, branches that never matter, names that nothing defines, quotes
 * that are not in the text. `text` is the raw text of the instrument where it is at hand.
 */
export function checkInstrument(
  instrument: Instrument,
  decisions: readonly ParameterDecision[] = [],
  text?: string,
): Finding[] {
  const definitions = new Map(instrument.facts.map((each) => [each.name, each]));
  const used = new Set<string>();
  const findings = [
    ...definitionFaults(instrument),
    ...nameFaults(instrument),
    ...generalFaults(instrument),
    ...termFaults(instrument),
    ...versionFaults(instrument.rules),
    ...unreachableVersions(instrument),
    ...instrument.rules.flatMap((rule) => ruleFaults(rule, { instrument, definitions, used })),
    ...decisions.flatMap((each) => decisionFaults(instrument, each)),
  ];
  for (const { name } of instrument.facts) {
    if (!used.has(name)) findings.push(finding('unused_fact', 'note', { facts: { fact: name } }));
  }
  return text === undefined ? findings : [...findings, ...quoteFaults(instrument, text)];
}

function fault(code: string, rule: Rule, facts: FindingOptions['facts'] = {}): Finding {
  return finding(code, 'error', {
    facts: { rule: ruleId(rule), ...facts },
    at: { rule: ruleId(rule) },
  });
}

function definitionFaults(instrument: Instrument): Finding[] {
  const doubled = [
    ...doubles(instrument.facts.map(({ name }) => name)),
    ...doubles(instrument.parameters.map(({ code }) => code)),
    ...doubles(instrument.rules.map(ruleId)),
  ].map((name) => finding('duplicate_definition', 'error', { facts: { name } }));
  const wrong = instrument.facts
    .filter((each) => each.whenAbsent !== undefined && !isFactValue(each, each.whenAbsent))
    .map(({ name, kind }) => finding('invalid_fact', 'error', { facts: { fact: name, kind } }));
  const readings = instrument.parameters
    .filter((each) => !isValue(instrument, each.code, each.default))
    .map(({ code, default: value }) =>
      finding('unknown_reading', 'error', { facts: { parameter: code, value } }),
    );
  return [...doubled, ...wrong, ...readings];
}

/** Names stand in paths and in facts of the API, so that they can be asked for. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;
const FACT_NAME = /^[a-z][a-z0-9_.]{0,99}$/;

function nameFaults({ facts, parameters, rules }: Instrument): Finding[] {
  const wrong = (names: readonly string[], wanted: RegExp) =>
    [...new Set(names)]
      .filter((name) => !wanted.test(name))
      .map((name) =>
        finding('invalid_name', 'error', {
          facts: { name: name.slice(0, 60), wanted: wanted.source },
        }),
      );
  return [
    ...wrong([...rules.map(({ item }) => item), ...parameters.map(({ code }) => code)], NAME),
    ...wrong(facts.map(({ name }) => name), FACT_NAME),
  ];
}

/** The parts that the engine asks for: named parameters, with readings that it can compute. */
function generalFaults(instrument: Instrument): Finding[] {
  return Object.entries(instrument.general ?? {}).flatMap(([part, code]) => {
    const parameter = instrument.parameters.find((each) => each.code === code);
    if (parameter === undefined) {
      return [finding('undefined_parameter', 'error', { facts: { rule: part, parameter: code } })];
    }
    if (part === 'appeal') {
      const good = parameter.kind === 'days';
      const facts = { parameter: code, value: parameter.kind, known: ['days'] };
      return good ? [] : [finding('uncomputable_reading', 'error', { facts })];
    }
    const known: readonly string[] = GENERAL_READINGS[part as GeneralPart];
    return parameter.readings
      .filter(({ value, supported }) => supported && !known.includes(value))
      .map(({ value }) =>
        finding('uncomputable_reading', 'error', { facts: { parameter: code, value, known } }),
      );
  });
}

/** The days of the instrument itself, by readings that its parameters have. */
function termFaults(instrument: Instrument): Finding[] {
  const { validity } = instrument;
  const sides = [
    [validity.fromParameter, validity.from],
    [validity.toParameter, validity.to],
  ] as const;
  const faults = sides.flatMap(([code, readings]) => {
    if (!instrument.parameters.some((each) => each.code === code)) {
      const facts = { rule: instrument.code, parameter: code };
      return [finding('undefined_parameter', 'error', { facts })];
    }
    return readings
      .filter(({ value }) => !isValue(instrument, code, value))
      .map(({ value }) =>
        finding('unknown_reading', 'error', { facts: { parameter: code, value } }),
      );
  });
  const { from, to } = widestTerm(instrument);
  if (from <= to) return faults;
  return [...faults, finding('empty_instrument_term', 'error', { facts: { from, to } })];
}

function widestTerm({ validity }: Instrument): { readonly from: string; readonly to: string } {
  const days = ({ date }: { readonly date: string }) => date;
  return {
    from: validity.from.map(days).toSorted()[0]!,
    to: validity.to.map(days).toSorted().at(-1)!,
  };
}

/** Versions none of whose days lies in the term of the instrument. */
function unreachableVersions(instrument: Instrument): Finding[] {
  const { from, to } = widestTerm(instrument);
  return instrument.rules
    .filter((rule) => (rule.from ?? from) > to || (rule.to ?? to) < from)
    .map((rule) => fault('unreachable_rule_version', rule, { from, to }));
}

function doubles(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function isValue(instrument: Instrument, code: string, value: string): boolean {
  const parameter = instrument.parameters.find((each) => each.code === code);
  if (parameter === undefined) return false;
  if (parameter.kind === 'rate') return value === '' || isPart(value);
  if (parameter.kind === 'days') return /^[1-9]\d{0,3}$/.test(value);
  return parameter.readings.some((each) => each.value === value);
}

/** An exact part of a whole, from nothing to all of it. */
function isPart(text: string): boolean {
  const rate = parseRatio(text);
  return rate !== undefined && rate.numerator >= 0n && rate.numerator <= rate.denominator;
}

/** Overlaps and gaps between the versions of one item, and corrections of nothing. */
function versionFaults(rules: readonly Rule[]): Finding[] {
  const items = [...new Set(rules.map(({ item }) => item))];
  return items.flatMap((item) => {
    const own = rules.filter((each) => each.item === item);
    const replaced = new Set(own.map(({ replaces }) => replaces));
    const faults = own
      .filter(
        ({ replaces, version }) =>
          replaces !== undefined &&
          (replaces >= version || !own.some((each) => each.version === replaces)),
      )
      .map((rule) => fault('unknown_rule_version', rule, { version: rule.replaces! }));
    const standing = own
      .filter(({ version }) => !replaced.has(version))
      .toSorted((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1));
    for (const [index, rule] of standing.entries()) {
      if (rule.from !== null && rule.to !== null && rule.from > rule.to) {
        faults.push(fault('empty_rule_term', rule));
      }
      const next = standing[index + 1];
      if (next === undefined) continue;
      if (rule.to === null || next.from === null || next.from <= rule.to) {
        faults.push(fault('overlapping_rule_version', rule, { other: ruleId(next) }));
      } else if (addDays(rule.to, 1) < next.from) {
        const facts = { from: addDays(rule.to, 1), to: addDays(next.from, -1) };
        faults.push(fault('missing_rule_version', rule, facts));
      }
    }
    return faults;
  });
}

type Ground = {
  readonly instrument: Instrument;
  readonly definitions: ReadonlyMap<string, FactDefinition>;
  readonly used: Set<string>;
};

function ruleFaults(rule: Rule, ground: Ground): Finding[] {
  const names = new Set<string>();
  const codes = new Set(rule.parameters);
  if (rule.condition !== null) collectAsked(rule.condition, names, codes);
  if (rule.bound !== null) collectFacts(rule.bound, names);
  if (rule.basis !== undefined) collectFacts(rule.basis.of, names);
  if (rule.eligibleCost !== undefined) collectFacts(rule.eligibleCost, names);
  for (const each of rule.caps) if (each.when !== undefined) codes.add(each.when.parameter);
  for (const name of names) ground.used.add(name);
  const known = new Set(ground.instrument.parameters.map(({ code }) => code));
  const { measures } = ground.instrument;
  return [
    ...(rule.measure === '' || measures.some(({ number }) => number === rule.measure)
      ? []
      : [fault('undefined_measure', rule, { measure: rule.measure })]),
    ...[...names]
      .filter((name) => !ground.definitions.has(name))
      .map((name) => fault('undefined_fact', rule, { fact: name })),
    ...[...codes]
      .filter((code) => !known.has(code))
      .map((code) => fault('undefined_parameter', rule, { parameter: code })),
    ...(rule.condition === null ? [] : conditionFaults(rule, rule.condition, ground)),
    ...amountsOf(rule).flatMap((amount) => amountFaults(rule, amount, ground)),
    ...capFaults(rule, ground.instrument),
    ...speedFaults(rule),
  ];
}

/** What is given without application must be known from facts alone: 范围明确、标准清晰. */
function speedFaults(rule: Rule): Finding[] {
  const { speed, condition, bound } = rule;
  if (speed !== 'without_application') return [];
  const clear = condition !== null && bound !== null && isComputable(bound);
  return clear ? [] : [fault('unclear_free_item', rule)];
}

/** Every amount that a rule computes: what it gives, what it shows and what it may not exceed. */
function amountsOf({ bound, basis, eligibleCost }: Rule): readonly Amount[] {
  return [bound ?? [], basis?.of ?? [], eligibleCost ?? []].flat();
}

function conditionFaults(rule: Rule, condition: Condition, ground: Ground): Finding[] {
  const faults = leafFaults(rule, condition, ground);
  const judged = isSatisfiable(condition, ground.definitions);
  if (judged === undefined) {
    const facts = { rule: ruleId(rule), limit: WAYS_MAX };
    faults.push(finding('unjudged_condition', 'note', { facts, at: { rule: ruleId(rule) } }));
  }
  if (judged === false) {
    faults.push(fault('contradictory_condition', rule));
    return faults;
  }
  if (isSatisfiable(condition, ground.definitions, false) === false) {
    faults.push(fault('idle_condition', rule));
  }
  return [...faults, ...branchFaults(rule, condition, ground, [])];
}

/** Branches of an `any` that cannot come true beside what must hold around them. */
function branchFaults(
  rule: Rule,
  condition: Condition,
  ground: Ground,
  around: readonly Condition[],
): Finding[] {
  if (condition.test === 'all') {
    return condition.of.flatMap((part) => {
      const beside = condition.of.filter((each) => each !== part);
      return branchFaults(rule, part, ground, [...around, ...beside]);
    });
  }
  if (condition.test !== 'any') return [];
  return condition.of.flatMap((part, index) => {
    const whole: Condition = { test: 'all', of: [...around, part] };
    if (isSatisfiable(whole, ground.definitions) === false) {
      return [fault('unreachable_branch', rule, { branch: index + 1 })];
    }
    // A branch that others cover asks a question that decides nothing.
    const others = condition.of.filter((_, at) => at !== index);
    const alone: Condition = {
      test: 'all',
      of: [...around, part, { test: 'not', of: { test: 'any', of: others } }],
    };
    if (others.length > 0 && isSatisfiable(alone, ground.definitions) === false) {
      const facts = { rule: ruleId(rule), branch: index + 1 };
      return [finding('idle_branch', 'note', { facts, at: { rule: ruleId(rule) } })];
    }
    return branchFaults(rule, part, ground, around);
  });
}

function leafFaults(rule: Rule, condition: Condition, ground: Ground): Finding[] {
  switch (condition.test) {
    case 'all':
    case 'any':
      if (condition.of.length === 0) return [fault('empty_condition', rule)];
      return condition.of.flatMap((part) => leafFaults(rule, part, ground));
    case 'not':
      return leafFaults(rule, condition.of, ground);
    case 'parameter':
      return isValue(ground.instrument, condition.parameter, condition.value)
        ? []
        : [fault('unknown_reading', rule, { ...condition })];
    case 'facts': {
      const kinds = [condition.fact, condition.than].map(
        (name) => ground.definitions.get(name)?.kind,
      );
      return kinds[0] === kinds[1]
        ? []
        : [fault('mismatched_comparison', rule, { fact: condition.fact })];
    }
    case 'fact': {
      const definition = ground.definitions.get(condition.fact);
      if (definition === undefined || comparable(definition, condition)) return [];
      return [fault('mismatched_comparison', rule, { fact: condition.fact })];
    }
  }
}

function comparable(definition: FactDefinition, leaf: Condition & { test: 'fact' }): boolean {
  const { compare, value } = leaf;
  const ordered = ['money', 'count', 'date'].includes(definition.kind);
  if (compare === 'in') {
    return (
      Array.isArray(value) &&
      value.length > 0 &&
      definition.kind === 'choice' &&
      value.every((each: string) => isFactValue(definition, each))
    );
  }
  if (compare === 'has') return definition.kind === 'choices' && isFactValue(definition, [value]);
  if (!ordered && compare !== 'is' && compare !== 'is_not') return false;
  return isFactValue(definition, value);
}

function amountFaults(rule: Rule, whole: Amount, ground: Ground): Finding[] {
  const faults: Finding[] = [];
  const visit = (amount: Amount): void => {
    if ('of' in amount && Array.isArray(amount.of) && amount.of.length === 0) {
      faults.push(fault('empty_amount', rule));
    }
    if (amount.amount === 'rate') {
      if (!isPart(amount.rate)) {
        faults.push(fault('excessive_rate', rule, { rate: amount.rate }));
      }
    }
    if (amount.amount === 'rate_parameter') {
      const { parameter: code } = amount;
      const parameter = ground.instrument.parameters.find((each) => each.code === code);
      if (parameter !== undefined && parameter.kind !== 'rate') {
        faults.push(fault('mismatched_parameter', rule, { parameter: code }));
      }
    }
    if (amount.amount === 'by_value') faults.push(...tableFaults(rule, amount, ground));
    if ('fact' in amount && !fits(amount, ground.definitions.get(amount.fact)?.kind)) {
      faults.push(fault('mismatched_comparison', rule, { fact: amount.fact }));
    }
    for (const part of partsOf(amount)) visit(part);
  };
  visit(whole);
  return faults;
}

/** Only figures are counted with; a table is looked up by a choice as well. */
function fits({ amount }: Amount, kind: FactDefinition['kind'] | undefined): boolean {
  const looked = amount === 'by_value' && kind === 'choice';
  return kind === undefined || kind === 'money' || kind === 'count' || looked;
}

function partsOf(amount: Amount): readonly Amount[] {
  if (amount.amount === 'difference') return [amount.from, amount.less];
  if (amount.amount === 'by_value') return amount.table.map((row) => row.gives);
  if (!('of' in amount)) return [];
  return Array.isArray(amount.of) ? (amount.of as readonly Amount[]) : [amount.of as Amount];
}

/** Grades that stand twice (unreachable) and choices that no grade names (a gap). */
function tableFaults(
  rule: Rule,
  amount: Amount & { amount: 'by_value' },
  ground: Ground,
): Finding[] {
  const values = amount.table.map(({ value }) => String(value));
  const twice = doubles(values).map((value) => fault('unreachable_grade', rule, { value }));
  const choices = ground.definitions.get(amount.fact)?.choices ?? [];
  const left = choices.filter(({ value }) => !values.includes(value)).map(({ value }) => value);
  return left.length === 0
    ? twice
    : [
        ...twice,
        finding('missing_grade', 'note', {
          facts: { rule: ruleId(rule), values: left },
          at: { rule: ruleId(rule) },
        }),
      ];
}

function capFaults(rule: Rule, instrument: Instrument): Finding[] {
  return rule.caps.flatMap((cap) => {
    const faults: Finding[] = [];
    const { when } = cap;
    if (when !== undefined && !isValue(instrument, when.parameter, when.value)) {
      faults.push(fault('unknown_reading', rule, { ...when }));
    }
    if (cap.per.length === 0) faults.push(fault('empty_cap', rule, { cap: cap.code }));
    // A ceiling below what one claim may get makes the printed bound unreachable.
    if (rule.bound?.amount === 'fixed' && BigInt(cap.limitFen) < BigInt(rule.bound.fen)) {
      faults.push(fault('unreachable_bound', rule, { cap: cap.code }));
    }
    return faults;
  });
}

function decisionFaults(instrument: Instrument, decision: ParameterDecision): Finding[] {
  const { parameter: code, value, item, quote } = decision;
  const facts = { parameter: code, value };
  const parameter = instrument.parameters.find((each) => each.code === code);
  if (parameter === undefined || !isValue(instrument, code, value)) {
    return [finding('unknown_reading', 'error', { facts })];
  }
  const supported =
    parameter.kind !== 'reading' ||
    parameter.readings.some((each) => each.value === value && each.supported);
  if (!supported) return [finding('unsupported_reading', 'error', { facts })];
  if (item === undefined) return [];
  const clauses = instrument.rules.filter((each) => each.item === item).map(({ clause }) => clause);
  if (clauses.length === 0) return [finding('unknown_item', 'error', { facts: { item } })];
  const words = quote ?? '';
  const stands = clauses.some((clause) => clause.quote.replaceAll('\n', '').includes(words));
  // What is read for one item alone is read from the words of that item.
  if (words !== '' && stands) return [];
  return [finding('mismatched_quote', 'error', { facts: { name: words === '' ? item : words } })];
}

/** Every quote stands at its place, and conditions quote words of their own clause. */
function quoteFaults(instrument: Instrument, text: string): Finding[] {
  const faults: Finding[] = [];
  const clauses = [
    ...instrument.rules.map((rule) => ({ name: ruleId(rule), clause: rule.clause })),
    ...instrument.measures.map(({ number, departments }) => ({
      name: number,
      clause: departments,
    })),
  ];
  for (const { name, clause } of clauses) {
    if (text.slice(clause.start, clause.end) === clause.quote) continue;
    faults.push(finding('mismatched_quote', 'error', { facts: { name } }));
  }
  const recovered = instrument.recoveries?.quote;
  if (recovered !== undefined && !text.replaceAll('\n', '').includes(recovered)) {
    faults.push(finding('mismatched_quote', 'error', { facts: { name: recovered } }));
  }
  for (const { code, quote, law } of instrument.parameters) {
    // Words of another law stand in that law.
    if (law !== undefined) continue;
    if (text.replaceAll('\n', '').includes(quote)) continue;
    faults.push(finding('mismatched_quote', 'error', { facts: { name: code } }));
  }
  for (const rule of instrument.rules) {
    const plain = rule.clause.quote.replaceAll('\n', '');
    for (const quote of rule.condition === null ? [] : quotesOf(rule.condition)) {
      if (plain.includes(quote)) continue;
      faults.push(fault('mismatched_quote', rule, { name: quote }));
    }
  }
  return faults;
}

function quotesOf(condition: Condition): string[] {
  switch (condition.test) {
    case 'all':
    case 'any':
      return condition.of.flatMap(quotesOf);
    case 'not':
      return quotesOf(condition.of);
    case 'parameter':
      return [];
    default:
      return condition.quote === undefined ? [] : [condition.quote];
  }
}
