import { nodeCryptography } from '@yinglian/host';
import type { MediaEngine } from '@yinglian/media';
import { sql } from 'kysely';
import type { LifeSource } from '../film/face.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { distributionAccess, keysReachedBy } from './access.ts';
import { judgeOnChange, judgeShowsOf } from './board/repository.ts';
import { type BoardService, createBoardService } from './board/service.ts';
import { rejudgeOnChange } from './booking/judge.ts';
import { createScreeningsService } from './booking/screenings.ts';
import { type BookingService, createBookingService } from './booking/service.ts';
import { buildJob } from './build.ts';
import { checkJob } from './check.ts';
import { deliveryRoutes } from './delivery/routes.ts';
import { foldRevisions } from './delivery/revision.ts';
import { createDeliveryService, type DeliveryService } from './delivery/service.ts';
import { createIntakeService } from './intake.ts';
import { issueJob } from './issue.ts';
import { openCustody } from './custody/custody.ts';
import { createCustodyService, resealJob } from './custody/service.ts';
import { alarmJob, deskTeller, ringAlarms } from './keys/alarms.ts';
import { followBookings, proposeOnChange } from './keys/follow.ts';
import { createHelpService } from './keys/help.ts';
import { createLinkService } from './keys/links.ts';
import { createMailService, mailJob } from './keys/mails.ts';
import { keyRoutes } from './keys/routes.ts';
import { createKeyService, type KeyService } from './keys/service.ts';
import { createKeySheets } from './keys/sheets.ts';
import { createReleaseKeyService } from './release/key-service.ts';
import { programmingRoutes } from './release/routes.ts';
import { createReleaseService, type ReleaseService } from './release/service.ts';
import { distributionRoutes } from './routes.ts';
import { createDistributionService, type DistributionService } from './service.ts';

/** A show that turned red is known to its house within a minute. */
const ALARMS_EVERY_MS = 60_000;
/** Connections end now and then; what they counted is put together. */
const FOLD_EVERY_MS = 3_600_000;

export type Distribution = {
  readonly module: HallModule;
  readonly service: DistributionService;
  readonly programming: {
    readonly releases: ReleaseService;
    readonly bookings: BookingService;
    readonly board: BoardService;
    readonly keys: KeyService;
  };
  readonly life: LifeSource;
  /** Whose agent calls, by the credential in its headers. */
  readonly siteOf: DeliveryService['siteOf'];
  readonly takeProgramme: BoardService['takeProgramme'];
};

export function openDistribution(kernel: Kernel, engine: MediaEngine): Distribution {
  const custody = openCustody({ ...kernel, keepers: kernel.settings.keepers });
  const parts = { ...kernel, cryptography: nodeCryptography, engine, custody };
  const jobs = {
    buildJob: buildJob(parts),
    checkJob: checkJob(parts),
    issueJob: issueJob(parts),
    resealJob: resealJob(parts),
    mailJob: mailJob(parts),
    alarmJob: alarmJob(parts),
  };
  const service = createDistributionService({ ...parts, ...jobs });
  const keys = createKeyService({ ...parts, ...jobs });
  const programming = {
    releases: createReleaseService(parts),
    releaseKeys: createReleaseKeyService({ ...parts, keys }),
    bookings: createBookingService({
      ...parts,
      judgeShows: judgeShowsOf,
      follow: (work, bookings, reason) =>
        followBookings(work, { ...parts, ...jobs }, bookings, reason),
    }),
    screenings: createScreeningsService(parts),
    board: createBoardService({ ...parts, tellDesks: deskTeller(jobs.alarmJob) }),
  };
  const deliveries = createDeliveryService(parts);
  return {
    service,
    programming: { ...programming, keys },
    life: distributionLife,
    siteOf: deliveries.siteOf,
    takeProgramme: programming.board.takeProgramme,
    module: {
      name: 'distribution',
      routes: [
        distributionRoutes(service, createIntakeService({ ...parts, ...jobs }), kernel.objects),
        ...programmingRoutes(programming),
        ...keyRoutes({
          keys,
          sheets: createKeySheets({ ...parts, keys }),
          links: createLinkService(parts),
          mails: createMailService({ ...parts, ...jobs }),
          help: createHelpService(parts),
          custody: createCustodyService({ ...parts, ...jobs }),
        }),
        ...deliveryRoutes(deliveries),
      ],
      jobs: Object.values(jobs),
      access: distributionAccess,
      onChange: async (transaction, changes) => {
        await rejudgeOnChange(transaction, changes);
        await judgeOnChange(transaction, changes);
        await proposeOnChange(parts)(transaction, changes);
      },
      routines: [
        {
          name: 'alarms',
          everyMs: ALARMS_EVERY_MS,
          run: async () => void (await ringAlarms({ ...parts, ...jobs })),
        },
        {
          name: 'work_revisions',
          everyMs: FOLD_EVERY_MS,
          run: async () => void (await foldRevisions(kernel.database)),
        },
      ],
    },
  };
}

const distributionLife: LifeSource = async (database, filmId, organisationId) => {
  const packages = await sql<{ passed: bigint; failed: bigint; last: Date | null }>`
    select count(*) filter (where package.state = 'passed') as passed,
      count(*) filter (where package.state = 'failed') as failed, max(package.updated_at) as last
    from distribution.package
    where package.film_id = ${filmId} and exists (
      select 1 from kernel.room_member as member
      where member.film_id = ${filmId} and member.organisation_id = ${organisationId}
        and (member.owner or 'distribution' = any(member.halls)))`.execute(database);
  const keys = await sql<{ keys: bigint; last: Date | null }>`
    select count(*) as keys, max(key.issued_at) as last from distribution.key
    join distribution.package on package.id = key.package_id
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where package.film_id = ${filmId} and ${keysReachedBy(organisationId)}`.execute(database);
  const made = packages.rows[0]!;
  const issued = keys.rows[0]!;
  const stages: Awaited<ReturnType<LifeSource>>[number][] = [];
  if (made.passed > 0n || made.failed > 0n) {
    stages.push({
      stage: 'package',
      state: made.passed > 0n ? 'done' : 'failed',
      at: made.last?.toISOString() ?? null,
      count: Number(made.passed),
      jobId: null,
    });
  }
  if (issued.keys > 0n) {
    stages.push({
      stage: 'keys',
      state: 'done',
      at: issued.last?.toISOString() ?? null,
      count: Number(issued.keys),
      jobId: null,
    });
  }
  return stages;
};
