import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import { notFound } from '../kernel/refusal.ts';
import { keyArchive, packageArchive } from './archive.ts';
import type { IntakeService } from './intake.ts';
import { type DistributionService, unfinished } from './service.ts';

/** Keys in one archive; a national release is fetched cinema by cinema or by feed. */
const ARCHIVE_KEYS_MAX = 20_000;

export function distributionRoutes(
  service: DistributionService,
  intake: IntakeService,
  objects: ObjectStore,
): MountedGroup {
  return mountGroup('distribution', contract.distribution, {
    packages: ({ query }, context) => service.packages(context, query),
    package: ({ params }, context) => service.package(context, params.id),
    build: ({ body }, context) => service.build(context, body),
    rates: ({ params, query }, context) => service.rates(context, params.id, query),
    check: async ({ params }, context) => ({ jobId: await service.check(context, params.id) }),
    take: ({ body }, context) => intake.take(context, body),
    certificate: async (_request, context) => ({ pem: await intake.certificate(context) }),
    takeDkdm: ({ params, body }, context) => intake.takeDkdm(context, params.id, body.fileId),
    async download({ params }, context) {
      const film = await service.package(context, params.id);
      if (film.files.length === 0) throw unfinished(film.state);
      return packageArchive(objects, film);
    },
    keys: ({ query }, context) => service.keys(context, query),
    async issueKeys({ body }, context) {
      const { id, jobId } = await service.issueKeys(context, body);
      return { jobId, orderId: id };
    },
    async keyArchive({ query }, context) {
      const keys = await service.keysOf(context, query, ARCHIVE_KEYS_MAX);
      if (keys.length === 0) throw notFound({ kind: 'key', package: query.packageId });
      return keyArchive(objects, keys, 'keys.zip');
    },
    readiness: async ({ query }, context) => ({ rows: await service.readiness(context, query) }),
  });
}
