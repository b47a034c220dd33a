export * from './case.ts';
export { type ClockShift, clockShifts } from './clock.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './examine.ts';
export * from './generate.ts';
export * from './join.ts';
export { MEASURES } from './measures.ts';
export * from './model.ts';
export * from './rules.ts';
