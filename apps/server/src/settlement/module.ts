import { sql } from 'kysely';
import type { LifeSource } from '../film/face.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { storedFileReader } from '../kernel/files/read.ts';
import type { HallModule } from '../kernel/module.ts';
import { settlementAccess, statementsReachedBy } from './access.ts';
import { createBank } from './bank.ts';
import { createBooks } from './books.ts';
import { createDifferences } from './differences.ts';
import { createReconciling } from './reconciling.ts';
import { createDisputes } from './disputes.ts';
import { ledgerRoutes } from './ledger-routes.ts';
import { createFigures } from './figures.ts';
import { createInputs } from './inputs.ts';
import { createNight } from './night.ts';
import { createProposals } from './proposals.ts';
import { settlementRoutes } from './routes.ts';
import { createSettlementService, type SettlementService } from './service.ts';
import { settleJob } from './settle.ts';

/** How often the hall looks whether a night's check is due. */
const LOOK_EVERY_MS = 3600 * 1000;

export type SettlementHall = {
  readonly module: HallModule;
  readonly service: SettlementService;
  readonly life: LifeSource;
  /** Keeps what an accepted deliverable makes due. */
  readonly recordDue: ReturnType<typeof createInputs>['recordDue'];
};

export function openSettlement(kernel: Kernel): SettlementHall {
  const job = settleJob(kernel);
  const service = createSettlementService({ ...kernel, settleJob: job });
  const readFile = storedFileReader(kernel);
  const night = createNight(kernel);
  const inputs = createInputs({ ...kernel, readFile });
  const figures = createFigures(kernel);
  const ledger = {
    night,
    books: createBooks(kernel),
    proposals: createProposals(kernel),
    disputes: createDisputes(kernel),
    bank: createBank({ ...kernel, readFile }),
    differences: createDifferences(kernel),
    reconciling: createReconciling(kernel),
  };
  return {
    service,
    recordDue: inputs.recordDue,
    life: settlementLife,
    module: {
      name: 'settlement',
      routes: [
        settlementRoutes({ service, inputs, figures, requireAccess: kernel.requireAccess }),
        ledgerRoutes(ledger),
      ],
      jobs: [job],
      routines: [
        { name: 'settlement.night_check', everyMs: LOOK_EVERY_MS, run: () => night.hourly() },
      ],
      access: settlementAccess,
    },
  };
}

const settlementLife: LifeSource = async (database, filmId, organisationId) => {
  const result = await sql<{ statements: bigint; last: Date | null }>`
    select count(*) as statements, max(statement.created_at) as last from settlement.statement
    where statement.film_id = ${filmId} and ${statementsReachedBy(organisationId)}
  `.execute(database);
  const row = result.rows[0]!;
  if (row.statements === 0n) return [];
  return [
    {
      stage: 'settle',
      state: 'done',
      at: row.last?.toISOString() ?? null,
      count: Number(row.statements),
      jobId: null,
    },
  ];
};
