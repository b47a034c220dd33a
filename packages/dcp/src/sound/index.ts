export { mWeightingDb } from './filters.ts';
export * from './loudness.ts';
export * from './wave.ts';
