import { finding, type Finding } from '@yinglian/core';
import { parseTerms, type TheatricalTerms, whatIf } from '@yinglian/settlement';
import type { Database } from '../kernel/database/database.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { readRegister, readRun } from './repository.ts';
import { factOf, readAllRows, registerOf } from './settle.ts';
import { readTermsVersion } from './terms-repository.ts';

export type WhatIfAnswer = {
  readonly findings: readonly Finding[];
  readonly changes: {
    party: string;
    holder: string | null;
    beforeFen: string;
    afterFen: string;
    differenceFen: string;
  }[];
};

/** Who gains and who loses when a run's terms are others. */
export async function whatIfOf(
  database: Database,
  runId: string,
  changed: unknown,
): Promise<WhatIfAnswer> {
  const run = found(await readRun(database, runId), { id: runId });
  const version = await readTermsVersion(database, run.terms_id, run.terms_version);
  const [terms, others] = [theatrical(version.terms), theatrical(changed)];
  const rows = await readAllRows(database, run.report_ids, run.film_id);
  const codes = [...new Set(rows.flatMap((row) => row.cinemaCode ?? []))];
  const register = registerOf(await readRegister(database, codes));
  const context = { period: { from: run.first_date, to: run.last_date }, register };
  const compared = whatIf({ terms, facts: rows.map(factOf), context }, { terms: others });
  if (!compared.ok) throw invalid(...compared.findings);
  const names = new Map(
    [...terms.parties, ...others.parties].map((each) => [each.id, each.name.zh]),
  );
  return {
    findings: compared.findings,
    changes: compared.value.changes.map((each) => ({
      party: names.get(each.party) ?? each.party,
      holder: each.holder ?? null,
      beforeFen: String(each.beforeFen),
      afterFen: String(each.afterFen),
      differenceFen: String(each.differenceFen),
    })),
  };
}

function theatrical(data: unknown): TheatricalTerms {
  const parsed = parseTerms(data);
  if (!parsed.ok) throw invalid(...parsed.findings);
  const terms = parsed.value;
  if (terms.kind !== 'theatrical') {
    throw invalid(finding('unsuitable_terms', 'error', { facts: { kind: terms.kind } }));
  }
  return terms;
}
