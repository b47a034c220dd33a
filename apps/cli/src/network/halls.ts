import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { readTerms } from '../settlement/settle.ts';
import { registerDistribution } from './distribution.ts';
import { registerExhibition } from './exhibition.ts';
import { registerFilm } from './film.ts';
import { registerCustody, registerHelpDesk, registerKeyDesk } from './keys.ts';
import { registerLists } from './lists.ts';
import { registerProduction } from './production.ts';
import { registerBoard, registerBookings, registerReleases } from './releases.ts';
import { registerReview } from './review.ts';
import { registerSites } from './sites.ts';
import { registerStatements } from './settlement.ts';

/** Commands that talk to a running network with an API key, one group for each hall. */
export function registerHalls(program: Command, environment: Environment): void {
  registerFilm(program, environment);
  registerProduction(program, environment);
  registerReview(program, environment);
  registerDistribution(program, environment);
  registerReleases(program, environment);
  registerBookings(program, environment);
  registerBoard(program, environment);
  registerKeyDesk(program, environment);
  registerHelpDesk(program, environment);
  registerCustody(program, environment);
  registerSites(program, environment);
  registerExhibition(program, environment);
  registerStatements(program, environment, readTerms);
  registerLists(program, environment);
}
