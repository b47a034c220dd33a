/** What other halls may use of this one. */
export type { DistributionService } from './service.ts';
