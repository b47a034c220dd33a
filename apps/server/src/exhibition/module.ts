import { sql } from 'kysely';
import { nodeCryptography } from '@yinglian/host';
import type { LifeSource } from '../film/face.ts';
import { storedFileReader } from '../kernel/files/read.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { exhibitionAccess, reportsReachedBy } from './access.ts';
import { createFacilityService, type FacilityService } from './facilities.ts';
import { createReportService, type ReportService } from './reports.ts';
import { exhibitionRoutes } from './routes.ts';

export type Exhibition = {
  readonly module: HallModule;
  readonly facilities: FacilityService;
  readonly reports: ReportService;
  readonly life: LifeSource;
};

export function openExhibition(kernel: Kernel): Exhibition {
  const readFile = storedFileReader(kernel);
  const facilities = createFacilityService({ ...kernel, cryptography: nodeCryptography });
  const reports = createReportService({ ...kernel, readFile });
  const { requireAccess, now } = kernel;
  const routes = [exhibitionRoutes({ facilities, reports, requireAccess, readFile, now })];
  return {
    facilities,
    reports,
    life: exhibitionLife,
    module: {
      name: 'exhibition',
      routes,
      access: exhibitionAccess,
      duplicates: {
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
