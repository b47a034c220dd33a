import {
  accepted,
  canonicalJson,
  type Finding,
  finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { parse as parseYaml } from 'yaml';
import type { FactDefinition, Instrument } from './model.ts';
import { ruleId } from './model.ts';
import { DOCUMENT_CHARACTERS_MAX, parseDocument } from './read.ts';

/** Places where a document of YAML may use one value again; more are a bomb. */
const ALIASES_MAX = 50;

/** Text of JSON or YAML to a value, as authors of rules write either. */
export function parseAuthored(document: string): Outcome<unknown> {
  if (/^\s*[{[]/.test(document)) return parseDocument(document);
  if (document.length > DOCUMENT_CHARACTERS_MAX) {
    const facts = { limit: DOCUMENT_CHARACTERS_MAX };
    return refused(finding('excessive_document', 'error', { facts }));
  }
  try {
    const value: unknown = parseYaml(document, {
      schema: 'core',
      maxAliasCount: ALIASES_MAX,
      logLevel: 'error',
    });
    return accepted(value);
  } catch {
    return refused(finding('malformed_document', 'error'));
  }
}

/**
 * Whether an instrument may take the place of what was published of it. What was decided under it
 * must stay computable: versions of rules are added and never edited or taken away, facts keep
 * their meaning, and nothing is recorded for a day on which it was not known.
 */
export function checkRevision(before: Instrument, after: Instrument, on: IsoDate): Finding[] {
  const known = new Map(before.rules.map((rule) => [ruleId(rule), rule]));
  const given = new Map(after.rules.map((rule) => [ruleId(rule), rule]));
  const rules = [...known].flatMap(([name, rule]) => {
    const now = given.get(name);
    if (now === undefined) return [finding('missing_published_rule', 'error', at(name))];
    const same = canonicalJson(now) === canonicalJson(rule);
    return same ? [] : [finding('changed_published_rule', 'error', at(name))];
  });
  const backdated = after.rules
    .filter((rule) => !known.has(ruleId(rule)) && rule.recorded < on)
    .map((rule) =>
      finding('backdated_rule', 'error', {
        facts: { rule: ruleId(rule), recorded: rule.recorded, on },
        at: { rule: ruleId(rule) },
      }),
    );
  const facts = before.facts
    .filter((fact) => {
      const now = after.facts.find(({ name }) => name === fact.name);
      return now === undefined || !isSameQuestion(fact, now);
    })
    .map(({ name }) => finding('changed_published_fact', 'error', { facts: { fact: name } }));
  const parameters = before.parameters
    .filter(({ code, default: value, kind }) => {
      const now = after.parameters.find((each) => each.code === code);
      return now === undefined || now.default !== value || now.kind !== kind;
    })
    .map(({ code }) =>
      finding('changed_published_parameter', 'error', { facts: { parameter: code } }),
    );
  const validity =
    canonicalJson(before.validity) === canonicalJson(after.validity)
      ? []
      : [finding('changed_published_validity', 'error')];
  return [...rules, ...backdated, ...facts, ...parameters, ...validity];
}

function at(rule: string) {
  return { facts: { rule }, at: { rule } };
}

/** New choices may come, old ones stay: an answer that was given keeps its meaning. */
function isSameQuestion(before: FactDefinition, now: FactDefinition): boolean {
  if (before.kind !== now.kind || before.whenAbsent !== now.whenAbsent) return false;
  const choices = new Set(now.choices?.map(({ value }) => value));
  return (before.choices ?? []).every(({ value }) => choices.has(value));
}

/**
 * Questions that two instruments ask under one name and mean otherwise. A company answers once for
 * all of them, so one name has one kind, and an answer to one is an answer to the other.
 */
export function conflictingFacts(instrument: Instrument, others: readonly Instrument[]): Finding[] {
  return others.flatMap((other) =>
    instrument.facts.flatMap((fact) => {
      const there = other.facts.find(({ name }) => name === fact.name);
      if (there === undefined || there.kind === fact.kind) return [];
      const facts = { fact: fact.name, instrument: other.code };
      return [finding('conflicting_fact', 'error', { facts })];
    }),
  );
}
