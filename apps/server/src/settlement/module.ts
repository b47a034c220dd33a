import { sql } from 'kysely';
import type { LifeSource } from '../film/face.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { storedFileReader } from '../kernel/files/read.ts';
import type { HallModule } from '../kernel/module.ts';
import { settlementAccess, statementsReachedBy } from './access.ts';
import { createBank } from './bank.ts';
import { createBooks } from './books.ts';
import { createDifferences } from './differences.ts';
import { createDisputes } from './disputes.ts';
import { ledgerRoutes } from './ledger-routes.ts';
import { createProposals } from './proposals.ts';
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
  const ledger = {
    books: createBooks(kernel),
    proposals: createProposals(kernel),
    disputes: createDisputes(kernel),
    bank: createBank({ ...kernel, readFile: storedFileReader(kernel) }),
    differences: createDifferences(kernel),
  };
  return {
    service,
    life: settlementLife,
    module: {
      name: 'settlement',
      routes: [settlementRoutes(service, kernel.requireAccess), ledgerRoutes(ledger)],
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
