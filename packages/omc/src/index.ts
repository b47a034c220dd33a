export { FINDING_TEXTS } from './codes.ts';
export * from './from-cut.ts';
export * from './graph.ts';
export * from './to-cut.ts';
export * from './vocabulary.ts';
export * from './write.ts';
