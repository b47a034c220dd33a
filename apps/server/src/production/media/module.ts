import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { AnyJob } from '../../kernel/jobs/definition.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { sealJob } from './arrival/seal.ts';
import { createArrivalService } from './arrival/service.ts';
import { createMarksService } from './marks.ts';
import type { IngestAgain, IngestStart } from './service.ts';

/** What arrives together, and what is found in it. */
export function openMedia(
  kernel: Kernel & { readonly startIngest: IngestStart; readonly ingestAgain: IngestAgain },
): {
  readonly routes: readonly MountedGroup[];
  readonly jobs: readonly AnyJob[];
} {
  const job = sealJob({ ...kernel, hostName: new URL(kernel.settings.publicUrl).hostname });
  const arrivals = createArrivalService({ ...kernel, sealJob: job });
  const marks = createMarksService(kernel);
  return {
    jobs: [job],
    routes: [
      mountGroup('arrivals', contract.arrivals, {
        list: ({ query }, context) => arrivals.list(context, query),
        create: ({ body }, context) => arrivals.create(context, body),
        one: ({ params }, context) => arrivals.one(context, params.id),
        files: ({ params, query }, context) => arrivals.files(context, params.id, query),
        add: ({ params, body }, context) => arrivals.add(context, params.id, body.files),
        seal: ({ params, body }, context) => arrivals.seal(context, params.id, body),
      }),
      mountGroup('media', contract.media, {
        marks: ({ params }, context) => marks.marks(context, params.id),
        frameTable: ({ params }, context) => marks.frameTable(context, params.id),
      }),
    ],
  };
}
