/** What other halls may use of this one. */
export { type AssetSource, readSource } from './repository.ts';
export type { ProductionService } from './service.ts';
export { mediaInput, openWorkshop, soundPath, type Workshop } from './workshop.ts';
