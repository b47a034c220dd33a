import { contract } from '@yinglian/contract';
import { createMediaEngine } from '@yinglian/media';
import { FINDING_TEXTS } from './codes.ts';
import { openDemonstration } from './demonstration/module.ts';
import { openDistribution } from './distribution/module.ts';
import { openExhibition } from './exhibition/module.ts';
import type { LifeSource } from './film/face.ts';
import { openFilm } from './film/module.ts';
import { mountGroup } from './kernel/http/routes.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { HallModule } from './kernel/module.ts';
import { openPolicy } from './policy/module.ts';
import { openProduction } from './production/module.ts';
import { signForOrganisation } from './settlement/face.ts';
import { openSettlement } from './settlement/module.ts';

/** Whoever shows findings of this server can ask it for their words. */
const wordings: HallModule = {
  name: 'wordings',
  routes: [
    mountGroup(
      'network',
      { wordings: contract.network.wordings },
      { wordings: async () => FINDING_TEXTS },
    ),
  ],
};

/** The spine and the halls, in the order in which they build upon each other. */
export function openHalls(kernel: Kernel): HallModule[] {
  const lifeSources: LifeSource[] = [];
  const film = openFilm(kernel, lifeSources);
  const engine = createMediaEngine({ scratchFolder: kernel.objects.workFolder });
  const production = openProduction(
    kernel,
    engine,
    (work, organisationId, bytes) => signForOrganisation(work, kernel, organisationId, bytes),
    (...due) => settlement.recordDue(...due),
  );
  // The hall of exhibition is opened first; what it asks of distribution it asks when it is used.
  const exhibition = openExhibition(kernel, {
    siteOf: (headers) => distribution.siteOf(headers),
    takeProgramme: (...given) => distribution.takeProgramme(...given),
  });
  const distribution = openDistribution(kernel, engine);
  const settlement = openSettlement(kernel);
  const halls = [production, exhibition, distribution, settlement];
  lifeSources.push(...halls.map((hall) => hall.life));
  const policy = openPolicy(kernel);
  const demonstration = openDemonstration(kernel, {
    film: film.service,
    production: production.service,
    project: production.project,
    distribution: distribution.service,
    ...distribution.programming,
    facilities: exhibition.facilities,
    reports: exhibition.reports,
    settlement: settlement.service,
    engine,
  });
  return [film.module, ...halls.map((hall) => hall.module), policy.module, demonstration, wordings];
}
