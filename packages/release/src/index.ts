export * from './board.ts';
export * from './booking.ts';
export * from './check.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './compare.ts';
export * from './dates.ts';
export * from './minimum.ts';
export * from './model.ts';
export * from './notice.ts';
