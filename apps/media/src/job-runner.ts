import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, finding, type Outcome, refused } from '@yinglian/core';
import type { Backend, Control, JobProgress, Limits, Session } from './backend.ts';
import { judgeCapabilities } from './capabilities.ts';
import { checkDescription } from './check.ts';
import type { MediaJobDescription } from './jobs.ts';
import type { Listing } from './messages.ts';
import type { VerbContext } from './verbs/context.ts';

/** How one job is watched and stopped. */
export type JobOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
  readonly limits?: Partial<Limits>;
};

type Total = { pictures?: number; seconds?: number };
type Body<Result> = (context: VerbContext) => Promise<Outcome<Result>>;

/** Checks a job, gives it children and a passing folder, and tidies up behind it. */
export class JobRunner {
  private readonly backend: Backend;
  private readonly limits: Limits;
  private readonly scratchRoot: string;
  private listing: Promise<Outcome<Listing>> | undefined;

  constructor(
    backend: Backend,
    options: { readonly limits: Limits; readonly scratchFolder: string },
  ) {
    this.backend = backend;
    this.limits = options.limits;
    this.scratchRoot = options.scratchFolder;
  }

  /** What the engine can do; asked once. */
  async list(): Promise<Outcome<Listing>> {
    const { limits } = this;
    this.listing ??= this.backend.list({ limits, signal: undefined, onProgress: undefined });
    const found = await this.listing;
    // A machine that was too busy once may answer the next time.
    if (!found.ok) this.listing = undefined;
    return found;
  }

  async start<Result>(
    job: MediaJobDescription,
    options: JobOptions,
    body: Body<Result>,
  ): Promise<Outcome<Result>> {
    const wrong = checkDescription(job);
    if (wrong !== undefined) return refused(wrong);
    if (options.signal?.aborted === true) return refused(finding('cancelled_job', 'error'));
    const listed = await this.list();
    if (!listed.ok) return listed;
    const missing = judgeCapabilities(this.backend.name, listed.value).verbs[job.verb];
    if (missing.length > 0) {
      const facts = { verb: job.verb, missing: missing.join(', ') };
      return refused(finding('unsupported_verb', 'error', { facts }));
    }
    return this.run(job, options, listed.value, body);
  }

  private async run<Result>(
    job: MediaJobDescription,
    options: JobOptions,
    listing: Listing,
    body: Body<Result>,
  ): Promise<Outcome<Result>> {
    const total: Total = {};
    const session = this.backend.open(this.controlOf(options, total));
    let scratch: string | undefined;
    let written = false;
    const execute: Session['execute'] = (plan, how) => {
      written = true;
      return session.execute(plan, how);
    };
    try {
      const outcome = await body({
        session: { probe: session.probe.bind(session), execute, close: () => session.close() },
        listing,
        expect: (known) => Object.assign(total, known),
        scratchFolder: async () =>
          (scratch ??= await mkdtemp(join(this.scratchRoot, 'yinglian-media-'))),
        signal: options.signal,
      });
      if (!outcome.ok && written) await removeOutput(job);
      return outcome;
    } catch (fault) {
      if (written) await removeOutput(job);
      return refused(systemFinding(fault));
    } finally {
      session.close();
      if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
    }
  }

  private controlOf(options: JobOptions, total: Total): Control {
    const { signal, onProgress } = options;
    return {
      limits: { ...this.limits, ...options.limits },
      signal,
      onProgress:
        onProgress === undefined
          ? undefined
          : (pictures, seconds) =>
              onProgress({ pictures, seconds, share: share(total, pictures, seconds) }),
    };
  }
}

/** What was begun and not finished is taken away; an earlier file is gone by then anyway. */
async function removeOutput(job: MediaJobDescription): Promise<void> {
  if (!('output' in job)) return;
  const left = await stat(job.output).catch(() => undefined);
  if (left?.isFile() === true) await rm(job.output, { force: true });
}

function share(total: Total, pictures: number, seconds: number): number | null {
  const { pictures: allPictures, seconds: allSeconds } = total;
  if (allPictures !== undefined && allPictures > 0) return Math.min(1, pictures / allPictures);
  if (allSeconds !== undefined && allSeconds > 0) return Math.min(1, seconds / allSeconds);
  return null;
}

/** The machine's faults (disk, rights) as findings; faults of the programmer go on. */
function systemFinding(fault: unknown): Finding {
  const { code, path, message } = fault as NodeJS.ErrnoException;
  if (!(fault instanceof Error) || code === undefined || !/^E[A-Z]+$/.test(code)) throw fault;
  const facts = { path: path ?? '', reason: message };
  return finding(code === 'ENOSPC' ? 'full_disk' : 'failed_writing', 'error', { facts });
}
