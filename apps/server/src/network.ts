import { join } from 'node:path';
import { openHalls } from './halls.ts';
import { createApp } from './kernel/http/app.ts';
import { HTTP_LIMITS } from './kernel/http/limits.ts';
import type { App } from './kernel/http/mount.ts';
import { staticFiles } from './kernel/http/static.ts';
import { makeOwnerLink } from './kernel/identity/session.ts';
import { sourceFolderOfServer } from './kernel/database/migrations.ts';
import {
  type KernelOptions,
  openKernel,
  type OpenHalls,
  type RunningKernel,
} from './kernel/kernel.ts';

/** The server as a whole: the kernel, the spine and the halls, composed by hand. */
export type Network = {
  readonly app: App;
  readonly running: RunningKernel;
  /** The one-time link that makes its opener the owner; undefined once there is one. */
  ownerLink(address: string): Promise<string | undefined>;
  close(): Promise<void>;
};

export async function openNetwork(
  options: KernelOptions,
  open: OpenHalls = openHalls,
): Promise<Network> {
  const running = await openKernel(options);
  try {
    const halls = await open(running.kernel);
    const app = createApp({
      database: running.kernel.database,
      vault: running.kernel.vault,
      callback: running.callback,
      identify: running.identify,
      groups: [...running.routes, ...halls.flatMap((hall) => hall.routes)],
      metrics: running.metrics,
      log: options.log,
      web: staticFiles(join(sourceFolderOfServer(), '..', '..', 'web', 'dist')),
      isReady: running.isReady,
      space: running.space,
      uploads: running.uploads,
      duplicates: Object.assign({}, ...halls.map((hall) => hall.duplicates ?? {})),
      limits: { ...HTTP_LIMITS, ...options.limits },
      secure: options.settings.publicUrl.startsWith('https://'),
    });
    await running.admit(halls);
    return {
      app,
      running,
      ownerLink: (address) => makeOwnerLink(running.kernel.database, address),
      close: () => running.close(),
    };
  } catch (thrown) {
    await running.close();
    throw thrown;
  }
}
