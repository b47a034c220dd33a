import { finding, type Finding } from '@yinglian/core';
import {
  booksOf,
  type LocalText,
  partiesDue,
  type PartySettlement,
  type PartyTerms,
  settleInputs,
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

/** Who gains and who loses when a run's terms are others of the same kind. */
export async function whatIfOf(
  database: Database,
  runId: string,
  changed: unknown,
): Promise<WhatIfAnswer> {
  const run = found(await readRun(database, runId), { id: runId });
  const version = await readTermsVersion(database, run.terms_id, run.terms_version);
  const [terms, others] = [termsOf(version.terms), termsOf(changed)];
  if (terms.kind !== others.kind) {
    throw invalid(finding('unsuitable_terms', 'error', { facts: { kind: others.kind } }));
  }
  return terms.kind === 'theatrical' || others.kind === 'theatrical'
    ? sheetsChanged(database, run, terms as TheatricalTerms, others as TheatricalTerms)
    : partiesChanged(database, run, terms, others);
}

const nameIn = (terms: Terms, others: Terms, party: string) =>
  nameOfTaker(others, party) ?? nameOfTaker(terms, party);

async function sheetsChanged(
  database: Database,
  run: Run,
  terms: TheatricalTerms,
  others: TheatricalTerms,
): Promise<WhatIfAnswer> {
  const rows = await readAllRows(database, run.report_ids, run.film_id);
  const register = registerOf(await registerFor(database, rows));
  const inputs = await readCurrentInputs(database, run.organisation_id, [run.film_id]);
  const books = booksOf(inputs.map((each) => each.record));
  const context = { period: { from: run.first_date, to: run.last_date }, register, books };
  const compared = whatIf({ terms, facts: rows.map(factOf), context }, { terms: others });
  if (!compared.ok) throw invalid(...compared.findings);
  return {
    findings: compared.findings,
    changes: compared.value.changes.map((each) => {
      const name = nameIn(terms, others, each.party);
      return {
        party: name?.zh ?? each.party,
        name,
        holder: each.holder ?? null,
        beforeFen: String(each.beforeFen),
        afterFen: String(each.afterFen),
        differenceFen: String(each.differenceFen),
      };
    }),
  };
}

async function partiesChanged(
  database: Database,
  run: Run,
  terms: PartyTerms,
  others: PartyTerms,
): Promise<WhatIfAnswer> {
  const { inputs } = await gatherInputs({ database }, run, terms);
  const period = { from: run.first_date, to: run.last_date };
  const [before, after] = [
    settleInputs(terms, inputs, period),
    settleInputs(others, inputs, period),
  ];
  if (!before.ok) throw invalid(...before.findings);
  if (!after.ok) throw invalid(...after.findings);
  const [was, is] = [dueToDate(before.value), dueToDate(after.value)];
  const changes = [...new Set([...was.keys(), ...is.keys()])].map((party): Change => {
    const [beforeFen, afterFen] = [was.get(party) ?? 0n, is.get(party) ?? 0n];
    const name = nameIn(terms, others, party);
    return {
      party: name?.zh ?? party,
      name,
      holder: null,
      beforeFen: String(beforeFen),
      afterFen: String(afterFen),
      differenceFen: String(afterFen - beforeFen),
    };
  });
  const size = ({ differenceFen }: Change) => BigInt(differenceFen.replace('-', ''));
  changes.sort((a, b) => (size(a) > size(b) ? -1 : size(a) < size(b) ? 1 : 0));
  return { findings: after.findings, changes };
}

/** What each party is due to date. */
function dueToDate(settlement: PartySettlement): Map<string, bigint> {
  switch (settlement.kind) {
    case 'waterfall': {
      const sums = new Map(partiesDue(settlement).map((party) => [party, 0n]));
      for (const line of settlement.lines)
        sums.set(line.party, (sums.get(line.party) ?? 0n) + line.toDateFen);
      for (const each of settlement.obligations)
        sums.set(each.to, (sums.get(each.to) ?? 0n) + each.fen);
      return sums;
    }
    case 'rental':
      return new Map([[settlement.terms.distributor, settlement.rentalFen]]);
    case 'streaming':
      return new Map([[settlement.terms.licensor, settlement.toDateFen]]);
  }
}
