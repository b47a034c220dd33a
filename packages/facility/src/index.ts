export * from './check.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './diff.ts';
export * from './model.ts';
export * from './read.ts';
export { writeFacilityList } from './write.ts';
