import { distribution } from './distribution.ts';
import type { EndpointGroup } from './endpoint.ts';
import { exhibition } from './exhibition.ts';
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
import { ledger } from './ledger.ts';
import { policy } from './policy.ts';
import { production } from './production.ts';
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
  distribution,
  exhibition,
  settlement,
  ledger,
  policy,
  releases,
  bookings,
  shows,
  sites,
  site,
  passkeys,
  signInProviders,
} as const satisfies Record<string, EndpointGroup>;
export type Contract = typeof contract;
