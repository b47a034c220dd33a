export * from './check.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './diff.ts';
export * from './merge.ts';
export * from './model.ts';
export * from './read.ts';
export * from './watch.ts';
export { writeFacilityList } from './write.ts';
