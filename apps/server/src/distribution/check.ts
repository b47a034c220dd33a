import { type ByteSource, type Cryptography, finding, type FolderReader } from '@yinglian/core';
import { type Profile, type VerificationReport, verifyPackage } from '@yinglian/dcp';
import { openExaminerCrew } from '@yinglian/transfer';
import { z } from 'zod';
import type { Database } from '../kernel/database/database.ts';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import type { Work, Write } from '../kernel/write.ts';
import { openContentKeys } from './content-keys.ts';
import type { Custody } from './custody/custody.ts';
import {
  externalAssets,
  identityOf,
  keepIdentity,
  originalsOf,
  profileOf,
  waitingFor,
} from './intake-repository.ts';
import {
  type PackageFile,
  type PackageRecord,
  readPackageFiles,
  readPackagePlan,
  setPackageJob,
  setVerdict,
} from './repository.ts';

export type CheckParts = {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly custody: Custody;
  readonly cryptography: Cryptography;
  readonly now: () => Date;
};

export const checkInput = z.object({ packageId: z.uuid() });
type CheckInput = z.output<typeof checkInput>;

/** Findings kept with a package; the report of a hopeless one is not read to its end. */
const FINDINGS_KEPT_MAX = 500;

/** Judges a stored package once more, bytes and all. */
export function checkJob(parts: CheckParts): JobDefinition<CheckInput> {
  return defineJob({
    kind: 'distribution.check_package',
    lane: 'heavy',
    input: checkInput,
    run: async (job) => {
      const { packageId } = job.input;
      const plan = await readPackagePlan(parts.database, packageId);
      const judged = await job.step('check', () => judge(parts, job, plan));
      return job.write('record', async (work) => {
        await setVerdict(work.transaction, packageId, judged.verdict);
        await keepIdentity(work.transaction, packageId, judged.identity);
        work.audit({
          action: 'distribution.package_checked',
          subjectKind: 'package',
          subjectId: packageId,
          facts: { state: judged.verdict.state },
        });
        work.changed({ kind: 'package', id: packageId, filmId: job.filmId });
        if (judged.verdict.state === 'passed') {
          await checkWaiting(work, checkJob(parts), plan.film_id, judged.identity.own);
        }
        return { packageId, state: judged.verdict.state };
      });
    },
  });
}

/** Version files that waited for what this package holds are looked at again. */
export async function checkWaiting(
  work: Work,
  job: JobDefinition<CheckInput>,
  filmId: string,
  own: readonly string[],
): Promise<void> {
  for (const packageId of await waitingFor(work.transaction, filmId, own)) {
    const jobId = await work.enqueue(job, { packageId }, { filmId });
    await setPackageJob(work.transaction, packageId, jobId, 'checking');
  }
}

type Plan = Awaited<ReturnType<typeof readPackagePlan>>;

/**
 * A look at the documents first: what a version file lacks is sought in the film's other packages,
 * and then everything is judged together by the profile that the film's release asks for.
 */
async function judge(parts: CheckParts, job: JobRun<CheckInput>, plan: Plan) {
  const folderOf = async (id: string) =>
    storedFolder(parts.objects, (await readPackageFiles(parts.database, [id])).get(id) ?? []);
  const folder = await folderOf(plan.id);
  const first = await verifyPackage(folder, parts, { depth: 'headers', signal: job.signal });
  const lacking = externalAssets(first);
  const originals = await originalsOf(
    parts.database,
    { packageId: plan.id, filmId: plan.film_id },
    lacking,
  );
  const profile = await profileOf(parts.database, {
    filmId: plan.film_id,
    filmVersionId: plan.film_version_id,
  });
  const keys = await keysOf(parts, [plan.id, ...originals]);
  const report = await checkFolder(folder, parts, {
    keys,
    job,
    profile,
    ovFolders: await Promise.all(originals.map(folderOf)),
  });
  const missing = externalAssets(report).filter((id) => lacking.includes(id));
  const taken = (plan.options as { intake?: boolean }).intake === true;
  const own = first.assets.map((each) => each.id);
  return {
    verdict: verdictOf(withoutOriginal(report, missing)),
    identity: {
      ...identityOf(first, own),
      own,
      originals,
      missing,
      profile: profile ?? null,
      taken,
    },
  };
}

/** A version file may be faultless and plays nothing alone: it is released with its original. */
function withoutOriginal(
  report: VerificationReport,
  missing: readonly string[],
): VerificationReport {
  if (missing.length === 0) return report;
  const lack = finding('missing_original', 'error', { facts: { assets: missing.length } });
  return { ...report, findings: [lack, ...report.findings] };
}

async function keysOf(parts: CheckParts, ids: readonly string[]) {
  const keys = await Promise.all(ids.map((id) => openContentKeys(parts, id)));
  return new Map(keys.flat().map((row) => [row.keyId, row.key]));
}

/** The files of a stored package as the folder they are. */
function storedFolder(objects: ObjectStore, files: readonly PackageFile[]): FolderReader {
  const byPath = new Map(files.map((each) => [each.path, each.file]));
  return {
    list: async () => files.map(({ path, file }) => ({ path, sizeBytes: file.sizeBytes })),
    open: async (path): Promise<ByteSource | undefined> => {
      const file = byPath.get(path);
      return file === undefined ? undefined : objects.open(file.digest);
    },
  };
}

export async function checkFolder(
  folder: FolderReader,
  parts: { readonly cryptography: Cryptography; readonly now: () => Date },
  run: {
    readonly keys: ReadonlyMap<string, Uint8Array>;
    readonly profile?: Profile | undefined;
    readonly ovFolders?: readonly FolderReader[];
    readonly job: JobRun<never> | JobRun<CheckInput>;
  },
): Promise<VerificationReport> {
  const total = (await folder.list()).reduce((sum, each) => sum + each.sizeBytes, 0);
  const seen = new Map<string, number>();
  const examiner = openExaminerCrew();
  try {
    return await verifyPackage(
      folder,
      { cryptography: parts.cryptography, examiner },
      {
        keys: run.keys,
        ...(run.profile === undefined ? {} : { profile: run.profile }),
        ...(run.ovFolders === undefined ? {} : { ovFolders: run.ovFolders }),
        at: parts.now().getTime(),
        signal: run.job.signal,
        onProgress: (progress) => {
          if (progress.unit !== 'bytes') return;
          seen.set(progress.file, progress.done);
          const done = [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
          run.job.progress(total === 0 ? null : Math.min(1, done / total));
        },
      },
    );
  } finally {
    await examiner.close();
  }
}

export type Verdict = {
  readonly state: 'passed' | 'failed';
  readonly findings: VerificationReport['findings'];
  readonly checked: PackageRecord['checked'];
};

/** One error fails a package; what was found is kept, the worst first. */
export function verdictOf(report: VerificationReport): Verdict {
  const count = (severity: string) =>
    report.findings.filter((each) => each.severity === severity).length;
  const checked = {
    error: count('error'),
    warning: count('warning'),
    note: count('note'),
    success: count('success'),
  };
  const rank = { error: 0, warning: 1, note: 2, success: 3 } as const;
  const findings = report.findings
    .toSorted((a, b) => rank[a.severity] - rank[b.severity])
    .slice(0, FINDINGS_KEPT_MAX);
  return { state: checked.error === 0 ? 'passed' : 'failed', findings, checked };
}
