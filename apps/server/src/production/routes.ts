import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import type { ProductionService } from './services.ts';

export function productionRoutes(service: ProductionService): MountedGroup {
  return mountGroup('production', contract.production, {
    assets: ({ query }, context) => service.assets(context, query),
    asset: ({ params }, context) => service.asset(context, params.id),
    ingest: ({ body }, context) => service.ingest(context, body),
    accept: ({ params, body }, context) => service.accept(context, params.id, body.version),
    notes: async ({ params }, context) => ({ rows: await service.notes(context, params.id) }),
    addNote: ({ params, body }, context) => service.addNote(context, params.id, body),
    changeNote: ({ params, body }, context) => service.changeNote(context, params.id, body),
    retry: async ({ params }, context) => ({
      jobId: await service.processAgain(context, params.id),
    }),
  });
}
