import { finding, type Finding } from '@yinglian/core';
import {
  booksOf,
  changedCase,
  changedInputs,
  changesOfParties,
  type FactChanges,
  type LocalText,
  parseFactChanges,
  type PartyChange,
  type PartyTerms,
  type Terms,
  type TheatricalTerms,
  whatIf,
} from '@yinglian/settlement';
import type { Database } from '../kernel/database/database.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { gatherInputs } from './draw-parties.ts';
import { readCurrentInputs } from './input-repository.ts';
import { nameOfTaker } from './parties.ts';
import { readRun } from './repository.ts';
import { factOf, readAllRows, registerFor, registerOf, type Run, termsOf } from './facts.ts';
import { readTermsVersion } from './terms-repository.ts';

type Change = {
  party: string;
  name: LocalText | null;
  holder: string | null;
  beforeFen: string;
  afterFen: string;
  differenceFen: string;
};
export type WhatIfAnswer = { readonly findings: readonly Finding[]; readonly changes: Change[] };

/** What is thought otherwise: the terms, the facts, or both. */
export type Thought = {
  readonly terms?: unknown;
  readonly changes?: unknown;
};

/** Who gains and who loses when a run's terms are others of the same kind, or its facts are. */
export async function whatIfOf(
  database: Database,
  runId: string,
  thought: Thought,
): Promise<WhatIfAnswer> {
  const run = found(await readRun(database, runId), { id: runId });
  const version = await readTermsVersion(database, run.terms_id, run.terms_version);
  const terms = termsOf(version.terms);
  const others = thought.terms === undefined ? terms : termsOf(thought.terms);
  const changes = parseFactChanges(thought.changes ?? {});
  if (!changes.ok) throw invalid(...changes.findings);
  if (terms.kind !== others.kind) {
    throw invalid(finding('unsuitable_terms', 'error', { facts: { kind: others.kind } }));
  }
  return terms.kind === 'theatrical' || others.kind === 'theatrical'
    ? sheetsChanged(database, run, terms as TheatricalTerms, {
        terms: others as TheatricalTerms,
        changes: changes.value,
      })
    : partiesChanged(database, run, terms, { terms: others, changes: changes.value });
}

const nameIn = (terms: Terms, others: Terms, party: string) =>
  nameOfTaker(others, party) ?? nameOfTaker(terms, party);

async function sheetsChanged(
  database: Database,
  run: Run,
  terms: TheatricalTerms,
  { terms: others, changes }: { terms: TheatricalTerms; changes: FactChanges },
): Promise<WhatIfAnswer> {
  const rows = await readAllRows(database, run.report_ids, run.film_id);
  const register = registerOf(await registerFor(database, rows));
  const inputs = await readCurrentInputs(database, run.organisation_id, [run.film_id]);
  const books = booksOf(inputs.map((each) => each.record));
  const context = { period: { from: run.first_date, to: run.last_date }, register, books };
  const facts = rows.map(factOf);
  const changed = changedCase({ terms: others, facts, context }, changes);
  if (!changed.ok) throw invalid(...changed.findings);
  const compared = whatIf({ terms, facts, context }, changed.value);
  if (!compared.ok) throw invalid(...compared.findings);
  const { changes: told } = compared.value;
  return { findings: compared.findings, changes: shown(told, terms, others) };
}

async function partiesChanged(
  database: Database,
  run: Run,
  terms: PartyTerms,
  { terms: others, changes: factChanges }: { terms: PartyTerms; changes: FactChanges },
): Promise<WhatIfAnswer> {
  const { inputs } = await gatherInputs({ database }, run, terms);
  const changed = changedInputs(inputs, factChanges);
  if (!changed.ok) throw invalid(...changed.findings);
  const period = { from: run.first_date, to: run.last_date };
  const before = { terms, inputs };
  const compared = changesOfParties(before, { terms: others, inputs: changed.value }, period);
  if (!compared.ok) throw invalid(...compared.findings);
  return { findings: compared.findings, changes: shown(compared.value, terms, others) };
}

/** Changes with the names of their parties. */
function shown(changes: readonly PartyChange[], terms: Terms, others: Terms): Change[] {
  return changes.map(({ party, holder, beforeFen, afterFen, differenceFen }) => {
    const name = nameIn(terms, others, party);
    return {
      party: name?.zh ?? party,
      name,
      holder: holder ?? null,
      beforeFen: String(beforeFen),
      afterFen: String(afterFen),
      differenceFen: String(differenceFen),
    };
  });
}
