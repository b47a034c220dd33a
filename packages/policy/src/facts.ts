import { clipText, type Finding, finding, isIsoDate } from '@yinglian/core';
import type { FactDefinition, FactValue, GivenFact, GivenFacts } from './model.ts';

/** Digits of an amount of money in a fact; a national budget has eighteen. */
const MONEY = /^\d{1,24}$/;
/** Largest count in a fact. */
const COUNT_MAX = 1_000_000_000;
/** Characters of a text fact. */
const TEXT_MAX = 2_000;
/** Facts in one claim; the largest instrument asks for fewer than a hundred. */
export const FACTS_MAX = 500;

/** Whether a value is of the kind and, for choices, one of the choices. */
export function isFactValue(definition: FactDefinition, value: unknown): value is FactValue {
  switch (definition.kind) {
    case 'yes_no':
      return typeof value === 'boolean';
    case 'money':
      return typeof value === 'string' && MONEY.test(value);
    case 'count':
      return (
        typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX
      );
    case 'date':
      return typeof value === 'string' && isIsoDate(value);
    case 'choice':
      return typeof value === 'string' && hasChoice(definition, value);
    case 'choices':
      return (
        Array.isArray(value) &&
        value.length <= (definition.choices?.length ?? 0) &&
        value.every((each) => typeof each === 'string' && hasChoice(definition, each))
      );
    case 'text':
      return typeof value === 'string' && value.length <= TEXT_MAX;
  }
}

function hasChoice(definition: FactDefinition, value: string): boolean {
  return definition.choices?.some((choice) => choice.value === value) ?? false;
}

/**
 * What is wrong with the facts of a claim. A fact that is not of its kind is an error and is taken
 * as not given; a name that no rule asks for is a note.
 */
export function checkFacts(
  definitions: ReadonlyMap<string, FactDefinition>,
  facts: GivenFacts,
): Finding[] {
  const names = Object.keys(facts).sort();
  if (names.length > FACTS_MAX) {
    return [
      finding('excessive_fact_count', 'error', {
        facts: { count: names.length, limit: FACTS_MAX },
      }),
    ];
  }
  return names.flatMap((name) => {
    const definition = definitions.get(name);
    if (definition === undefined) {
      return [finding('unknown_fact', 'note', { facts: { fact: clipText(name) } })];
    }
    if (isFactValue(definition, facts[name]?.value)) return [];
    const wanted = { fact: name, kind: definition.kind };
    return [finding('invalid_fact', 'error', { facts: wanted })];
  });
}

/** A fact as the engine takes it: as given, assumed where the form says so, or absent. */
export type TakenFact = { readonly given: GivenFact; readonly assumed: boolean };

/** The fact of that name, or undefined where nobody answered in a way that can be used. */
export function takeFact(
  definitions: ReadonlyMap<string, FactDefinition>,
  facts: GivenFacts,
  name: string,
): TakenFact | undefined {
  const definition = definitions.get(name);
  if (definition === undefined) return undefined;
  const given = Object.hasOwn(facts, name) ? facts[name] : undefined;
  if (given !== undefined && isFactValue(definition, given.value)) {
    return { given, assumed: false };
  }
  if (definition.whenAbsent === undefined) return undefined;
  return { given: { value: definition.whenAbsent }, assumed: true };
}
