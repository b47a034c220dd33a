/** What other halls may use of this one. */
export type { BoardService } from './board/service.ts';
export type { BookingService } from './booking/service.ts';
export type { KeyService } from './keys/service.ts';
export type { ReleaseService } from './release/service.ts';
export type { DistributionService } from './service.ts';
