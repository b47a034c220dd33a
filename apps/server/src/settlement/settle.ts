import { z } from 'zod';
import { standingFindings } from '../exhibition/face.ts';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import { found, Refusal } from '../kernel/refusal.ts';
import { drawParties } from './draw-parties.ts';
import { drawSheets } from './draw-sheets.ts';
import { type SettleParts, termsOf } from './facts.ts';
import { insertStatement, readRun, setRunResult } from './repository.ts';
import { readTermsVersion } from './terms-repository.ts';

export const settleInput = z.object({ runId: z.uuid() });
type SettleInput = z.output<typeof settleInput>;

const FINDINGS_MAX = 500;

/** Applies one version of terms to what is reported and draws up every party's statement. */
export function settleJob(parts: SettleParts): JobDefinition<SettleInput> {
  return defineJob({
    kind: 'settlement.settle',
    lane: 'heavy',
    input: settleInput,
    run: async (job) => {
      try {
        return await settleRun(parts, job);
      } catch (thrown) {
        if (thrown instanceof Refusal) {
          await parts.write(job.context, async (work) => {
            await setRunResult(work.transaction, job.input.runId, {
              state: 'failed',
              grossFen: 0n,
              parties: [],
              findings: thrown.findings,
            });
            work.audit({
              action: 'settlement.run_failed',
              subjectKind: 'run',
              subjectId: job.input.runId,
            });
            work.changed({ kind: 'run', id: job.input.runId, filmId: job.filmId });
          });
        }
        throw thrown;
      }
    },
  });
}

async function settleRun(parts: SettleParts, job: JobRun<SettleInput>) {
  const run = found(await readRun(parts.database, job.input.runId));
  const version = await readTermsVersion(parts.database, run.terms_id, run.terms_version);
  const terms = termsOf(version.terms);
  const drawn =
    terms.kind === 'theatrical'
      ? await drawSheets(parts, run, terms)
      : await drawParties(parts, run, terms);
  const standing = await standingFindings(parts.database, run.report_ids, run.film_id);
  return job.write('record', async (work) => {
    for (const made of drawn.statements) await insertStatement(work.transaction, made);
    await setRunResult(work.transaction, run.id, {
      state: 'done',
      findings: [...standing, ...drawn.findings].slice(0, FINDINGS_MAX),
      grossFen: drawn.grossFen,
      parties: drawn.parties,
      ...(drawn.statementIds === undefined ? {} : { statementIds: drawn.statementIds }),
    });
    const { length: statements } = drawn.statements;
    work.audit({
      action: 'settlement.run_settled',
      subjectKind: 'run',
      subjectId: run.id,
      facts: { root: drawn.root, statements, terms: version.digest },
    });
    work.changed({ kind: 'run', id: run.id, filmId: run.film_id });
    return { runId: run.id, statements, root: drawn.root };
  });
}
