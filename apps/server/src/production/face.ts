/** What other halls may use of this one. */
export { type AssetSource, readParts, readSource } from './media/repository.ts';
export { mediaInput, openWorkshop, soundPath, type Workshop } from './media/workshop.ts';
export type { ProductionService } from './services.ts';
export type { ProjectServices } from './project/module.ts';
export { assetsReachedBy, roomOf, type RoomParty, shareAssetFiles } from './project/reach.ts';
export { type StackedVersion, stackOf } from './project/stack.ts';
