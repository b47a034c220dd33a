import { sql } from 'kysely';
import type { LifeSource } from '../film/face.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { settlementAccess, statementsReachedBy } from './access.ts';
import { settlementRoutes } from './routes.ts';
import { createSettlementService, type SettlementService } from './service.ts';
import { settleJob } from './settle.ts';

export type SettlementHall = {
  readonly module: HallModule;
  readonly service: SettlementService;
  readonly life: LifeSource;
};

export function openSettlement(kernel: Kernel): SettlementHall {
  const job = settleJob(kernel);
  const service = createSettlementService({ ...kernel, settleJob: job });
  return {
    service,
    life: settlementLife,
    module: {
      name: 'settlement',
      routes: [settlementRoutes(service, kernel.requireAccess)],
      jobs: [job],
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
