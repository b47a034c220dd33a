export { FINDING_TEXTS } from './codes.ts';
export * from './examine.ts';
export * from './join.ts';
export * from './model.ts';
export * from './rules.ts';
