import type { ByteSource, Cryptography, FolderReader } from '@yinglian/core';
import { type VerificationReport, verifyPackage } from '@yinglian/dcp';
import { z } from 'zod';
import type { Database } from '../kernel/database/database.ts';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import type { Write } from '../kernel/write.ts';
import { openContentKeys } from './content-keys.ts';
import type { Custody } from './custody/custody.ts';
import {
  type PackageFile,
  type PackageRecord,
  readPackageFiles,
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
      const files = (await readPackageFiles(parts.database, [packageId])).get(packageId) ?? [];
      const verdict = await job.step('check', async () => {
        const keys = new Map(
          (await openContentKeys(parts, packageId)).map((row) => [row.keyId, row.key]),
        );
        return verdictOf(
          await checkFolder(storedFolder(parts.objects, files), parts, { keys, job }),
        );
      });
      return job.write('record', async (work) => {
        await setVerdict(work.transaction, packageId, verdict);
        work.audit({
          action: 'distribution.package_checked',
          subjectKind: 'package',
          subjectId: packageId,
          facts: { state: verdict.state },
        });
        work.changed({ kind: 'package', id: packageId, filmId: job.filmId });
        return { packageId, state: verdict.state };
      });
    },
  });
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
    readonly job: JobRun<never> | JobRun<CheckInput>;
  },
): Promise<VerificationReport> {
  const total = (await folder.list()).reduce((sum, each) => sum + each.sizeBytes, 0);
  const seen = new Map<string, number>();
  return verifyPackage(
    folder,
    { cryptography: parts.cryptography },
    {
      keys: run.keys,
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
