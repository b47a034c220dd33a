import {
  accepted,
  finding,
  type Finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { rentalTerms, type RentalTerms } from './rental.ts';
import { streamingTerms, type StreamingTerms } from './streaming.ts';
import { theatricalTerms, type TheatricalTerms } from './theatrical.ts';
import { waterfallTerms, type WaterfallTerms } from './waterfall.ts';

/** Every kind of terms this package settles. */
export type Terms = TheatricalTerms | WaterfallTerms | RentalTerms | StreamingTerms;

const anyTerms = z.discriminatedUnion('kind', [
  theatricalTerms,
  waterfallTerms,
  rentalTerms,
  streamingTerms,
]);

const KINDS = ['theatrical', 'waterfall', 'rental', 'streaming'];

/** Characters of a text of terms at most. */
export const TERMS_CHARACTERS_MAX = 2_000_000;
const TERMS_DEPTH_MAX = 40;
const TERMS_NODES_MAX = 500_000;
const TERMS_FINDINGS_MAX = 100;

/**
 * Terms from data (parsed JSON or YAML). Numbers are taken as their shortest decimal text; a key
 * that the language does not know refuses the terms.
 */
export function parseTerms(data: unknown): Outcome<Terms> {
  const texts = textsOnly(data, 0, { nodes: TERMS_NODES_MAX });
  if (texts === TOO_DEEP) {
    const facts = { depth: TERMS_DEPTH_MAX, nodes: TERMS_NODES_MAX };
    return refused(finding('excessive_depth', 'error', { facts }));
  }
  if (texts === null || typeof texts !== 'object' || Array.isArray(texts)) {
    return refused(finding('missing_terms', 'error'));
  }
  const parsed = anyTerms.safeParse(texts);
  if (parsed.success) return accepted(parsed.data);
  const issues = onePerPath(parsed.error.issues).slice(0, TERMS_FINDINGS_MAX);
  return refused(...issues.flatMap((issue) => issueFindings(issue, texts)));
}

/** Terms from YAML or JSON text. Scalars are never guessed: `0.30` stays `0.30`. */
export function parseTermsText(text: string): Outcome<Terms> {
  const read = readYaml(text);
  return read.ok ? parseTerms(read.value) : read;
}

/** YAML or JSON as plain data in which every scalar is the text that was written. */
export function readYaml(text: string): Outcome<unknown> {
  if (text.length > TERMS_CHARACTERS_MAX) {
    const facts = { limit: TERMS_CHARACTERS_MAX };
    return refused(finding('excessive_terms', 'error', { facts }));
  }
  try {
    return accepted(parseYaml(text, { schema: 'failsafe', maxAliasCount: 50, logLevel: 'error' }));
  } catch (error) {
    const facts = { problem: error instanceof Error ? error.message.split('\n')[0]! : '' };
    return refused(finding('invalid_yaml', 'error', { facts }));
  }
}

/** The published JSON Schema (2020-12) of the terms language. */
export function termsJsonSchema(): object {
  return z.toJSONSchema(anyTerms, { io: 'input' });
}

const TOO_DEEP = Symbol('too deep');
type Budget = { nodes: number };

/** Aliases of YAML can make a small text a huge or endless tree: depth and nodes are bounded. */
function textsOnly(data: unknown, depth: number, budget: Budget): unknown {
  budget.nodes -= 1;
  if (depth > TERMS_DEPTH_MAX || budget.nodes < 0) return TOO_DEEP;
  if (typeof data === 'number' || typeof data === 'bigint') return String(data);
  if (Array.isArray(data)) {
    const items: unknown[] = [];
    for (const item of data) {
      const text = textsOnly(item, depth + 1, budget);
      if (text === TOO_DEEP) return TOO_DEEP;
      items.push(text);
    }
    return items;
  }
  if (typeof data !== 'object' || data === null) return data;
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(data)) {
    const text = textsOnly(value, depth + 1, budget);
    if (text === TOO_DEEP) return TOO_DEEP;
    entries.push([key, text]);
  }
  return Object.fromEntries(entries);
}

/** A value that fails its pattern fails its meaning too; one finding says it. */
function onePerPath(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return [
    ...new Map(issues.map((issue) => [issue.path.join('.'), issue] as const).reverse()).values(),
  ].reverse();
}

/** One or several findings for what the schema says, with what it wants where it can be said. */
function issueFindings(issue: z.core.$ZodIssue, data: object): Finding[] {
  const path = issue.path.map(String).join('.');
  const at = { path };
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      finding('unexpected_key', 'error', { facts: { key, path }, at: { path } }),
    );
  }
  const found = valueAt(data, issue.path);
  if (found === undefined) return [finding('missing_member', 'error', { facts: { path }, at })];
  const allowed = allowedValues(issue);
  if (allowed !== undefined) {
    const facts = { path, found: shown(found), allowed };
    return [finding('unknown_value', 'error', { facts, at })];
  }
  const problem = issue.code === 'custom' ? issue.message : issue.code;
  const facts = { path, problem, found: shown(found) };
  return [finding('invalid_terms', 'error', { facts, at })];
}

/** The texts of which one is wanted: of a list, or of the member that tells kinds apart. */
function allowedValues(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return undefined;
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : KINDS;
  return options.map(String).join(', ');
}

function valueAt(data: object, path: readonly PropertyKey[]): unknown {
  let value: unknown = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return value;
}

/** Characters of a wrong value that a finding repeats. */
const SHOWN_MAX = 60;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/**
 * The version in force: of the versions known by `knownOn`, the one whose effect covers the
 * business date; of several the latest version number. Undefined when there is none.
 */
export function termsInForce<Version extends Terms>(
  versions: readonly Version[],
  businessDate: IsoDate,
  knownOn: IsoDate,
): Version | undefined {
  return versions
    .filter((each) => each.recordedOn <= knownOn)
    .filter(
      ({ effective: { from, to } }) =>
        from <= businessDate && (to === undefined || businessDate <= to),
    )
    .sort((a, b) => Number(b.version) - Number(a.version))[0];
}
