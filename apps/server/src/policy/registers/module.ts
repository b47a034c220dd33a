import { storedFileReader } from '../../kernel/files/read.ts';
import type { MountedGroup } from '../../kernel/http/routes.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { createEntryActing } from './act.ts';
import { createRegisterDesk } from './desk.ts';
import { createEntriesService } from './entries.ts';
import { createFillService } from './fill.ts';
import { createRegisterPublic } from './public.ts';
import { registerRoutes } from './routes.ts';

/** The registers as a part of the policy hall. */
export function openRegisters(kernel: Kernel): MountedGroup {
  return registerRoutes({
    open: createRegisterPublic(kernel),
    entries: createEntriesService({ ...kernel, readFile: storedFileReader(kernel) }),
    desk: createRegisterDesk(kernel),
    act: createEntryActing(kernel),
    fill: createFillService(kernel),
  });
}
