import type { MediaService } from './media/service.ts';
import type { ReviewService } from './review/service.ts';

/** What the hall can be asked, its media and what is said of them. */
export type ProductionService = MediaService & ReviewService;
