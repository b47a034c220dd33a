/** What other halls may use of this one. */
export type { SettlementService } from './service.ts';
export { templates } from './templates.ts';
export { signForOrganisation } from './signing.ts';
