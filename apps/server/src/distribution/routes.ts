import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import { keyArchive, packageArchive } from './archive.ts';
import type { DistributionService } from './service.ts';

/** Keys in one archive; a national release is fetched cinema by cinema or by feed. */
const ARCHIVE_KEYS_MAX = 20_000;

export function distributionRoutes(
  service: DistributionService,
  objects: ObjectStore,
): MountedGroup {
  return mountGroup('distribution', contract.distribution, {
    packages: ({ query }, context) => service.packages(context, query),
    package: ({ params }, context) => service.package(context, params.id),
    build: ({ body }, context) => service.build(context, body),
    check: async ({ params }, context) => ({ jobId: await service.check(context, params.id) }),
    download: async ({ params }, context) =>
      packageArchive(objects, await service.package(context, params.id)),
    keys: ({ query }, context) => service.keys(context, query),
    issueKeys: async ({ body }, context) => ({ jobId: await service.issueKeys(context, body) }),
    keyArchive: async ({ query }, context) =>
      keyArchive(objects, await service.keysOf(context, query, ARCHIVE_KEYS_MAX), 'keys.zip'),
    readiness: async ({ query }, context) => ({ rows: await service.readiness(context, query) }),
  });
}
