import { setTimeout as pause } from 'node:timers/promises';
import type { Finding } from '@yinglian/core';
import type {
  BoardService,
  BookingService,
  DistributionService,
  KeyService,
  ReleaseService,
} from '../distribution/face.ts';
import type { FacilityService, ReportService } from '../exhibition/face.ts';
import type { FilmService } from '../film/face.ts';
import type { MediaEngine } from '@yinglian/media';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import { callers } from '../kernel/identity/caller.ts';
import type { JobRun } from '../kernel/jobs/definition.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Refusal } from '../kernel/refusal.ts';
import type { ProductionService, ProjectServices } from '../production/face.ts';
import type { SettlementService } from '../settlement/face.ts';
import type { DemonstrationTables } from './tables.ts';

/** The halls as the cast uses them: through the same services as everybody. */
export type Halls = {
  readonly film: FilmService;
  readonly production: ProductionService;
  readonly project: ProjectServices;
  readonly distribution: DistributionService;
  readonly releases: ReleaseService;
  readonly bookings: BookingService;
  readonly board: BoardService;
  readonly keys: KeyService;
  readonly facilities: FacilityService;
  readonly reports: ReportService;
  readonly settlement: SettlementService;
  readonly engine: MediaEngine;
};

export type PerformanceInput = { readonly seconds: number };

/** What every scene is given. */
export type Stage = {
  readonly kernel: Kernel;
  readonly halls: Halls;
  readonly job: JobRun<PerformanceInput>;
  /** Acts as a member of the cast, with that person's own permissions and nothing more. */
  as(part: string): Promise<Context>;
  /** Waits for a job of a hall; its refusal is ours. */
  awaitJob(jobId: string): Promise<void>;
};

const POLL_MS = 250;

export function openStage(kernel: Kernel, halls: Halls, job: JobRun<PerformanceInput>): Stage {
  const { database } = kernel;
  const { ofJob } = callers(database, kernel.identity);
  return {
    kernel,
    halls,
    job,
    async as(part) {
      const person = await database
        .withTables<DemonstrationTables>()
        .selectFrom('demonstration.person')
        .selectAll()
        .where('part', '=', part)
        .executeTakeFirstOrThrow();
      return ofJob(person.user_id, person.organisation_id, job.signal);
    },
    async awaitJob(jobId) {
      for (;;) {
        const row = await jobState(database, jobId);
        if (row.state === 'done') return;
        if (row.state === 'failed' || row.state === 'cancelled') {
          throw new Refusal('invalid', { findings: row.findings as readonly Finding[] });
        }
        if (row.progress !== null) job.progress(row.progress);
        await pause(POLL_MS, undefined, { signal: job.signal });
      }
    },
  };
}

function jobState(database: Database, jobId: string) {
  return database
    .selectFrom('kernel.job')
    .select(['state', 'progress', 'findings'])
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow();
}
