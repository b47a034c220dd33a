import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { DeliveryService } from './service.ts';

/** What people see of sites, and what the agents themselves call. */
export function deliveryRoutes(service: DeliveryService): MountedGroup[] {
  return [
    mountGroup('sites', contract.sites, {
      list: ({ query }, context) => service.list(context, query),
      create: ({ body }, context) => service.create(context, body),
      revoke: ({ params }, context) => service.revoke(context, params.id),
      deliveries: ({ query }, context) => service.deliveries(context, query),
      recalls: ({ query }, context) => service.recalls(context, query),
      steer: ({ body }, context) => service.steer(context, body),
      steerArrival: ({ body }, context) => service.steerArrival(context, body),
      withdrawPackage: ({ params }, context) => service.withdrawPackage(context, params.id),
    }),
    mountGroup('site', contract.site, {
      work: async (_request, _context, http) =>
        // What is known already is not sent, whatever stands here.
        (await service.work(http.headers, http.isKnown)) ?? (undefined as never),
      file: ({ params }, _context, http) => service.file(http.headers, params.digest),
      pieces: ({ params, query }, _context, http) =>
        service.pieces(http.headers, params.digest, query.block),
      report: ({ body }, _context, http) => service.report(http.headers, body),
    }),
  ];
}
