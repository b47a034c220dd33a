import { sql } from 'kysely';
import { nodeCryptography } from '@yinglian/host';
import type { LifeSource } from '../film/face.ts';
import { storedFileReader } from '../kernel/files/read.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { exhibitionAccess, reportsReachedBy } from './access.ts';
import { createFacilityService, type FacilityService } from './facilities.ts';
import { createCalendarService } from './calendar.ts';
import { examineJob } from './cases/examine.ts';
import { createCaseService } from './cases/service.ts';
import { createCorrectionService } from './evidence/corrections.ts';
import { createLogService } from './evidence/logs.ts';
import { createProgrammeService, type TakeProgramme } from './evidence/programme.ts';
import { createSiteEvidence, type SiteOf } from './evidence/sites.ts';
import { createTimelinessService } from './evidence/timeliness.ts';
import { evidenceRoutes } from './evidence-routes.ts';
import { createFeedService } from './facts/feeds.ts';
import { createFactService } from './facts/service.ts';
import { createTrustedService } from './facts/trusted.ts';
import { createWatchService } from './facts/watch.ts';
import { createReportService, type ReportService } from './reports.ts';
import { exhibitionRoutes } from './routes.ts';

export type Exhibition = {
  readonly module: HallModule;
  readonly facilities: FacilityService;
  readonly reports: ReportService;
  readonly life: LifeSource;
};

/** A certificate that expires at noon is told in the same hour. */
const WATCH_EVERY_MS = 3_600_000;

/** What this hall uses of the hall of distribution, which is opened after it. */
export type OfDistribution = {
  readonly siteOf: SiteOf;
  readonly takeProgramme: TakeProgramme;
};

export function openExhibition(kernel: Kernel, distribution: OfDistribution): Exhibition {
  const readFile = storedFileReader(kernel);
  const facilities = createFacilityService({ ...kernel, cryptography: nodeCryptography });
  const reports = createReportService({ ...kernel, readFile });
  const { requireAccess, now } = kernel;
  const parts = { ...kernel, ...distribution, readFile, reports, cryptography: nodeCryptography };
  const feeds = createFeedService({ ...parts, facilities });
  const watch = createWatchService(parts);
  const job = examineJob(parts);
  const routes = [
    exhibitionRoutes({ facilities, reports, requireAccess, readFile, now }),
    ...evidenceRoutes({
      ...parts,
      feeds,
      watch,
      facts: createFactService(parts),
      trusted: createTrustedService(parts),
      logs: createLogService(parts),
      corrections: createCorrectionService(parts),
      timeliness: createTimelinessService(parts),
      programmes: createProgrammeService(parts),
      sites: createSiteEvidence(parts),
      cases: createCaseService({ ...parts, job }),
      calendar: createCalendarService(parts),
    }),
  ];
  return {
    facilities,
    reports,
    life: exhibitionLife,
    module: {
      name: 'exhibition',
      routes,
      jobs: [feeds.job, watch.job, job],
      access: exhibitionAccess,
      routines: [
        {
          name: 'certificates',
          everyMs: WATCH_EVERY_MS,
          run: async () => void (await watch.look()),
        },
      ],
      duplicates: {
        source_name: 'duplicate_source_name',
        cinema_code: 'duplicate_cinema_code',
        screen_name: 'duplicate_screen_name',
        report_file: 'duplicate_report',
      },
    },
  };
}

const exhibitionLife: LifeSource = async (database, filmId, organisationId) => {
  const result = await sql<{
    reports: bigint;
    shows: bigint | null;
    last: Date | null;
    first: Date | null;
  }>`
    select count(*) as reports, sum(report.screenings) as shows, max(report.created_at) as last,
      min(report.first_date)::timestamptz as first
    from exhibition.report
    where report.film_id = ${filmId} and report.state = 'imported'
      and ${reportsReachedBy(organisationId)}`.execute(database);
  const row = result.rows[0]!;
  const reports = Number(row.reports);
  if (reports === 0) return [];
  return [
    {
      stage: 'show',
      state: 'done',
      at: row.first?.toISOString() ?? null,
      count: Number(row.shows ?? 0n),
      jobId: null,
    },
    {
      stage: 'report',
      state: 'done',
      at: row.last?.toISOString() ?? null,
      count: reports,
      jobId: null,
    },
  ];
};
