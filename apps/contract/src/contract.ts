import { custody } from './custody.ts';
import { distribution } from './distribution.ts';
import type { EndpointGroup } from './endpoint.ts';
import { calendar } from './calendar.ts';
import { cases, evidence, siteEvidence } from './evidence.ts';
import { exhibition } from './exhibition.ts';
import { facilities } from './exhibition-facts.ts';
import { film } from './film.ts';
import { passkeys, signInProviders } from './identity.ts';
import {
  audit,
  files,
  jobs,
  network,
  organisations,
  rooms,
  session,
  settings,
  webhooks,
} from './network.ts';
import { help, keyLink, keys } from './keys.ts';
import { ledger } from './ledger.ts';
import { opencall } from './opencall.ts';
import { policy } from './policy.ts';
import { policyDesk } from './policy-desk.ts';
import { instruments } from './policy-instruments.ts';
import { registers } from './policy-registers.ts';
import { production } from './production.ts';
import { arrivals, media } from './production-media.ts';
import { deliverables, turnovers, versions } from './production-delivery.ts';
import { projects, shots, tasks } from './production-project.ts';
import { review } from './production-review.ts';
import { reviewLink } from './production-review-link.ts';
import { shoot } from './production-shoot.ts';
import { bookings, releases, shows } from './release.ts';
import { settlement } from './settlement.ts';
import { site, sites } from './site.ts';

/** The whole API: kernel groups, the film spine, then one group per hall. */
export const contract = {
  network,
  session,
  organisations,
  rooms,
  jobs,
  files,
  audit,
  webhooks,
  settings,
  film,
  production,
  arrivals,
  media,
  projects,
  shots,
  tasks,
  shoot,
  turnovers,
  versions,
  deliverables,
  review,
  reviewLink,
  distribution,
  exhibition,
  facilities,
  evidence,
  siteEvidence,
  cases,
  calendar,
  settlement,
  ledger,
  policy,
  policyDesk,
  opencall,
  instruments,
  registers,
  releases,
  bookings,
  shows,
  keys,
  keyLink,
  help,
  custody,
  sites,
  site,
  passkeys,
  signInProviders,
} as const satisfies Record<string, EndpointGroup>;
export type Contract = typeof contract;
