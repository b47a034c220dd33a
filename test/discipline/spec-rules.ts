import type { Fault, Source } from './sources.ts';

/** One SPEC.md as it stands in the repository. */
export type Spec = { readonly path: string; readonly text: string };

type Rule = { readonly id: string; readonly at: string };

/** A rule is an item of a list or a row of a table that begins with its number. */
const DEFINITION = /^\s*(?:[-*+]|\d+\.|\||#+)?\s*(?:\*\*|`)?\[([A-Z]{2,3}\d+)\]/;
const MENTION = /\[([A-Z]{2,3}\d+)\]/g;
const FENCE = /^\s*(?:```|~~~)/;

/** The rules a SPEC defines, in order; code blocks are left out. */
export function definedRules({ path, text }: Spec): Rule[] {
  const rules: Rule[] = [];
  let fenced = false;
  text.split('\n').forEach((line, index) => {
    if (FENCE.test(line)) fenced = !fenced;
    const match = fenced ? null : DEFINITION.exec(line);
    if (match !== null) rules.push({ id: match[1]!, at: `${path}:${index + 1}` });
  });
  return rules;
}

/** Titles of tests that run: `it.skip`, `it.todo` and `it.fails` prove nothing. */
const TITLED = /^(?:it|test|describe)(?:\.|\(|$)/;
const NOT_RUN = /\.(?:skip|todo|fails)(?:\.|\(|$)/;

/** The rules that the titles of tests name, with the place of the title. */
export function namedRules(source: Source): Rule[] {
  return source.calls
    .filter(({ name }) => TITLED.test(name) && !NOT_RUN.test(name))
    .flatMap(({ firstText, line }) =>
      [...(firstText ?? '').matchAll(MENTION)].map((match) => ({
        id: match[1]!,
        at: `${source.path}:${line}`,
      })),
    );
}

/** Rules without a test, tests of unknown rules, numbers used twice, letters used by two SPECs. */
export function ruleFaults(specs: readonly Spec[], tests: readonly Source[]): Fault[] {
  const rules = specs.flatMap(definedRules);
  const named = tests.flatMap(namedRules);
  const defined = new Map<string, Rule>();
  const faults: Fault[] = [];
  for (const rule of rules) {
    const first = defined.get(rule.id);
    if (first === undefined) defined.set(rule.id, rule);
    else faults.push({ rule: 'rule defined twice', at: rule.at, what: `${rule.id}, ${first.at}` });
  }
  const tested = new Set(named.map((each) => each.id));
  for (const { id, at } of defined.values()) {
    if (!tested.has(id)) faults.push({ rule: 'rule without a test', at, what: id });
  }
  for (const { id, at } of named) {
    if (!defined.has(id)) faults.push({ rule: 'test of an unknown rule', at, what: id });
  }
  return [...faults, ...sharedLetters(specs)];
}

function sharedLetters(specs: readonly Spec[]): Fault[] {
  const owner = new Map<string, string>();
  return specs.flatMap((spec) => {
    const letters = new Set(definedRules(spec).map(({ id }) => id.replace(/\d+$/, '')));
    if (letters.size === 0) {
      return [{ rule: 'SPEC without rules', at: spec.path, what: 'no numbered rule was found' }];
    }
    return [...letters].flatMap((each) => {
      const other = owner.get(each);
      owner.set(each, spec.path);
      return other === undefined
        ? []
        : [{ rule: 'letters of two SPECs', at: spec.path, what: `${each}, also ${other}` }];
    });
  });
}
