import type { MediaEngine } from '@yinglian/media';
import { sql } from 'kysely';
import type { LifeSource } from '../film/face.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { productionAccess } from './access.ts';
import { ingestJob } from './media/ingest.ts';
import { openMedia } from './media/module.ts';
import { createMediaService, ingestRepeater, ingestStarter } from './media/service.ts';
import type { RecordDue } from './project/deliverable-service.ts';
import { openProject, type ProjectServices } from './project/module.ts';
import type { SignForOrganisation } from './review/approvals.ts';
import { openReview } from './review/module.ts';
import { productionRoutes } from './routes.ts';
import type { ProductionService } from './services.ts';

export type Production = {
  readonly module: HallModule;
  readonly service: ProductionService;
  readonly project: ProjectServices;
  readonly life: LifeSource;
};

export function openProduction(
  kernel: Kernel,
  engine: MediaEngine,
  sign: SignForOrganisation,
  recordDue: RecordDue,
): Production {
  const job = ingestJob({ ...kernel, engine });
  const review = openReview(kernel, engine, sign);
  const startIngest = ingestStarter(kernel.newId, job);
  const ingestAgain = ingestRepeater(job);
  const media = openMedia({ ...kernel, startIngest, ingestAgain });
  const project = openProject(kernel, recordDue);
  const service = {
    ...createMediaService({ ...kernel, ingestAgain, startIngest }),
    ...review.service,
  };
  return {
    service,
    project: project.service,
    life: productionLife,
    module: {
      name: 'production',
      routes: [productionRoutes(service), ...media.routes, ...review.routes, ...project.routes],
      jobs: [job, ...media.jobs, ...review.jobs],
      routines: review.routines,
      access: productionAccess,
      onChange: project.onChange,
    },
  };
}

const productionLife: LifeSource = async (database, filmId, organisationId) => {
  const result = await sql<{
    assets: bigint;
    ingested: Date | null;
    masters: bigint;
    accepted: Date | null;
    notes: bigint;
    open: bigint;
    noted: Date | null;
  }>`
    select count(*) filter (where asset.state in ('ready', 'accepted')) as assets,
      max(asset.created_at) as ingested,
      count(*) filter (where asset.accepted_at is not null) as masters,
      max(asset.accepted_at) as accepted,
      (select count(*) from production.note join production.asset a on a.id = note.asset_id
        where a.film_id = ${filmId}) as notes,
      (select count(*) from production.note join production.asset a on a.id = note.asset_id
        where a.film_id = ${filmId} and note.state = 'open') as open,
      (select max(note.updated_at) from production.note
        join production.asset a on a.id = note.asset_id where a.film_id = ${filmId}) as noted
    from production.asset
    where asset.film_id = ${filmId} and exists (
      select 1 from kernel.room_member as member
      where member.film_id = ${filmId} and member.organisation_id = ${organisationId}
        and (member.owner or 'production' = any(member.halls)))`.execute(database);
  const row = result.rows[0]!;
  const [assets, masters, notes] = [row.assets, row.masters, row.notes].map(Number);
  if (assets === 0) return [];
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return [
    { stage: 'ingest', state: 'done', at: iso(row.ingested), count: assets!, jobId: null },
    ...(notes === 0
      ? []
      : [
          {
            stage: 'review' as const,
            state: row.open === 0n ? ('done' as const) : ('running' as const),
            at: iso(row.noted),
            count: notes!,
            jobId: null,
          },
        ]),
    ...(masters === 0
      ? []
      : [
          {
            stage: 'master' as const,
            state: 'done' as const,
            at: iso(row.accepted),
            count: masters!,
            jobId: null,
          },
        ]),
  ];
};
