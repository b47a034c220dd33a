import { storedFileReader } from '../kernel/files/read.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { policyAccess } from './access.ts';
import { createActing } from './act.ts';
import { createBundle } from './bundle.ts';
import { createCallService } from './calls.ts';
import { createClaimsService } from './claims.ts';
import { createControlService } from './control.ts';
import { createDeskService } from './desk.ts';
import { createFairnessService } from './fairness.ts';
import { createHolidayService } from './holidays.ts';
import { createJointService } from './joint.ts';
import { createPublicService } from './public.ts';
import { openInstruments } from './instruments/module.ts';
import { opencallAccess } from './opencall/access.ts';
import { openOpencalls } from './opencall/module.ts';
import { registerAccess } from './registers/access.ts';
import { openRegisters } from './registers/module.ts';
import { createOfferService } from './registers/offers.ts';
import { createObjectionService } from './objections.ts';
import { createReminderService, remindJob } from './reminders.ts';
import { createReportService } from './report.ts';
import { createReturnService } from './returns.ts';
import { policyDeskRoutes, policyRoutes } from './routes.ts';
import { createAppealService } from './appeals.ts';
import { createDeskListService } from './desk-lists.ts';
import { createMarkService } from './marks.ts';

export function openPolicy(kernel: Kernel): { readonly module: HallModule } {
  const remind = remindJob(kernel);
  const calling = createCallService({ ...kernel, remind });
  const marks = createMarkService(kernel);
  const objecting = createObjectionService(kernel);
  const routes = policyRoutes({
    open: createPublicService(kernel),
    claims: createClaimsService({ ...kernel, readFile: storedFileReader(kernel) }),
    calling,
    desk: createDeskService({ ...kernel, remind }),
    bundle: createBundle(kernel),
    act: createActing({ ...kernel, remind }),
    reminders: createReminderService(kernel),
    report: createReportService(kernel),
    joint: createJointService(kernel),
    control: createControlService(kernel),
    holidays: createHolidayService(kernel),
    marks,
    objecting,
  });
  const desk = policyDeskRoutes({
    appeals: createAppealService(kernel),
    lists: createDeskListService(kernel),
    marks,
    calling,
    returning: createReturnService(kernel),
    offering: createOfferService({ ...kernel, remind }),
    fairness: createFairnessService(kernel),
    objecting,
  });
  return {
    module: {
      name: 'policy',
      routes: [
        routes,
        desk,
        openRegisters(kernel),
        openInstruments(kernel),
        openOpencalls({ ...kernel, remind }),
      ],
      jobs: [remind],
      access: { ...policyAccess, ...registerAccess, ...opencallAccess },
    },
  };
}
